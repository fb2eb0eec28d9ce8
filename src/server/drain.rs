use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::Bytes;
use axum::http::{HeaderValue, Request, Version, header};
use axum::response::Response;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::transport::{Open, Progress};

/// A request's body, of which what nobody has read is read after all.
///
/// A refusal is out before the body is in, and the last chunk of a body is of interest to no
/// parser. With something left unread hyper closes the connection without a word, and a client
/// that took it for alive sends its next request into a broken pipe: the Java BDK comes in chunks
/// with every body, and dies of a broken pipe at a login.
pub(super) struct ReadToTheEnd {
    body: Option<Incoming>,
    /// Whether the client was told to send it; one that does not ask sends as it is.
    invited: Arc<AtomicBool>,
    open: Option<Arc<Open>>,
}

/// How many bytes are worth the connection: more than any upload that a pod takes.
const WORTHWHILE: usize = 256 << 20;

/// What is to be said about the connection with the answer to a request.
pub(super) struct Farewell {
    invited: Arc<AtomicBool>,
    /// Whether the body is longer than what is read of one that nobody wants.
    is_endless: bool,
    version: Version,
    _open: Arc<Open>,
}

impl Farewell {
    /// A client that asked whether it should send (`Expect: 100-continue`) and was refused sends its
    /// body or the next request, and nobody could tell which (RFC 9110, 10.1.1): the connection ends,
    /// and the answer says so. So it does where there is more to come than is worth the connection.
    pub fn say(self, response: &mut Response) {
        let is_over = self.is_endless || !self.invited.load(Ordering::Acquire);
        if is_over && self.version < Version::HTTP_2 {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

impl ReadToTheEnd {
    /// Takes up a request of a connection.
    pub fn of(
        request: Request<Incoming>,
        progress: &Progress,
    ) -> (Request<axum::body::Body>, Farewell) {
        let open = Arc::new(progress.begin());
        let is_whole = request.body().is_end_stream();
        let is_endless = request.body().size_hint().lower() > WORTHWHILE as u64;
        let asks = request.headers().contains_key(header::EXPECT);
        let invited = Arc::new(AtomicBool::new(is_whole || !asks));
        let version = request.version();
        let farewell = Farewell {
            invited: Arc::clone(&invited),
            is_endless,
            version,
            _open: Arc::clone(&open),
        };
        if is_whole {
            return (request.map(|_| axum::body::Body::empty()), farewell);
        }
        let body =
            |body| axum::body::Body::new(Self { body: Some(body), invited, open: Some(open) });
        (request.map(body), farewell)
    }
}

impl Body for ReadToTheEnd {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // hyper invites a client whose body it is asked for.
        self.invited.store(true, Ordering::Release);
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for ReadToTheEnd {
    fn drop(&mut self) {
        let rest = self.body.take().filter(|body| !body.is_end_stream());
        // Who asks before he sends does not send after a refusal.
        let is_coming = self.invited.load(Ordering::Acquire);
        let open = self.open.take();
        if let Some(rest) = rest.filter(|_| is_coming) {
            // Beside the response, which need not wait. Ends with the connection at the latest.
            tokio::spawn(async move {
                let mut rest = Limited::new(rest, WORTHWHILE);
                while let Some(Ok(_)) = rest.frame().await {}
                drop(open);
            });
        }
    }
}
