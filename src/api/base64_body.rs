//! A file's content as base64, encoded while it is sent: what a download takes is not the file.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::body::{Frame, SizeHint};

use crate::transport::Streamed;

pub struct Base64Body(Bytes);

/// How much is encoded at once: a multiple of three, so that no piece but the last is padded.
const PIECE: usize = 48 << 10;

impl Base64Body {
    pub fn of(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl IntoResponse for Base64Body {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::new(self));
        response.extensions_mut().insert(Streamed);
        response
    }
}

impl hyper::body::Body for Base64Body {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let piece = self.0.len().min(PIECE);
        let piece = self.0.split_to(piece);
        Poll::Ready(Some(Ok(Frame::data(STANDARD.encode(piece).into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len().div_ceil(3) as u64 * 4)
    }
}
