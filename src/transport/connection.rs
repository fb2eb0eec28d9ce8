use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

use super::TlsStream;

/// A client's connection, which the server may end in the middle.
pub struct BreakableStream {
    stream: TlsStream,
    breaker: Breaker,
}

/// Ends a connection from elsewhere.
#[derive(Debug, Clone)]
pub struct Breaker(Arc<watch::Sender<Option<Break>>>);

/// How a connection is ended in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The socket is closed, without a word of TLS.
    Close,
    /// TCP resets the connection.
    Reset,
}

impl BreakableStream {
    pub fn new(stream: TlsStream, breaker: Breaker) -> Self {
        Self { stream, breaker }
    }
}

impl Breaker {
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    pub fn end(&self, how: Break) {
        self.0.send_replace(Some(how));
    }

    /// Returns when the connection is to end: whoever has the [`BreakableStream`] drops it then.
    pub async fn ended(&self) {
        let mut ending = self.0.subscribe();
        // Cannot fail: the sender is part of `self`.
        drop(ending.wait_for(Option::is_some).await);
    }
}

impl Drop for BreakableStream {
    fn drop(&mut self) {
        if *self.breaker.0.borrow() == Some(Break::Reset) {
            // A socket that closes without time to linger resets its connection. If the client
            // is gone already there is nothing to reset.
            drop(self.stream.get_ref().0.set_zero_linger());
        }
    }
}

impl AsyncRead for BreakableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for BreakableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
