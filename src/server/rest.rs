use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use axum::http::{Request, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};

/// A request's body, of which what nobody has read is read after all.
///
/// A refusal is out before the body is in, and the last chunk of a body is of interest to no
/// parser. With something left unread hyper closes the connection without a word, and a client
/// that took it for alive sends its next request into a broken pipe: the Java BDK comes in chunks
/// with every body, and dies of a broken pipe at a login.
pub(super) struct ReadToTheEnd(Option<Incoming>);

/// How many bytes are worth the connection.
const WORTHWHILE: usize = 32 << 20;

impl ReadToTheEnd {
    pub fn of(request: Request<Incoming>) -> Request<axum::body::Body> {
        if request.body().is_end_stream() {
            return request.map(|_| axum::body::Body::empty());
        }
        // Who asks before he sends does not send after a refusal.
        let asks = request.headers().contains_key(header::EXPECT);
        match asks {
            true => request.map(axum::body::Body::new),
            false => request.map(|body| axum::body::Body::new(Self(Some(body)))),
        }
    }
}

impl Body for ReadToTheEnd {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.0 {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for ReadToTheEnd {
    fn drop(&mut self) {
        let rest = self.0.take().filter(|body| !body.is_end_stream());
        if let Some(rest) = rest {
            // Beside the response, which need not wait. Ends with the connection at the latest.
            tokio::spawn(async move {
                let mut rest = Limited::new(rest, WORTHWHILE);
                while let Some(Ok(_)) = rest.frame().await {}
            });
        }
    }
}
