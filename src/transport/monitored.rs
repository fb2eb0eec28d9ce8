//! Adds two things to a connection that hyper lacks: a time limit for the head of a request, and an
//! answer with a body where hyper itself refuses a request with a bare status line.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// A connection with a time limit for the head of each request.
pub struct MonitoredStream<S> {
    stream: S,
    http_errors: HttpErrors,
    progress: Progress,
    /// How many requests had begun at the last read.
    begun: u64,
    /// Whether part of a request's head has been read.
    heard: bool,
    /// When the head that is on its way must be there. None between requests: an idle connection
    /// costs little, and clients keep theirs.
    deadline: Option<Pin<Box<Sleep>>>,
    /// What is to be written before anything else.
    pending: Vec<u8>,
    written: usize,
}

/// The type of a TLS record that begins a handshake (RFC 8446, 5.1): no request of HTTP does.
pub(super) const TLS_HANDSHAKE: u8 = 22;

/// How a port answers what hyper cannot read as a request.
#[derive(Clone, Copy)]
pub struct HttpErrors {
    /// Header lines, each with its end.
    pub headers: &'static str,
    /// JSON that says so.
    pub body: fn(u16, &str) -> String,
    /// How long the head of a request may take. It is about resources, not about the pod's time.
    pub patience: Duration,
    /// Whether the connection speaks HTTP/2, where no more can be told than whether there was a
    /// request at all.
    pub h2: bool,
}

/// State that a connection shares with its requests.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// Requests whose head was read.
    begun: AtomicU64,
    /// Requests that are not answered yet, or whose body is not read to the end.
    open: AtomicUsize,
    /// The status of what could not be read as a request; 0 as long as there is none.
    unreadable: AtomicU16,
    /// Whether the client began with a TLS handshake where HTTP was expected.
    tls: AtomicBool,
}

/// A request, until it is dropped.
#[derive(Debug)]
pub struct Open(Progress);

impl Progress {
    /// The head of a request was read.
    pub fn begin(&self) -> Open {
        self.0.begun.fetch_add(1, Ordering::AcqRel);
        self.0.open.fetch_add(1, Ordering::AcqRel);
        Open(self.clone())
    }

    /// Whether no request is under way.
    pub fn is_idle(&self) -> bool {
        self.0.open.load(Ordering::Acquire) == 0
    }

    /// How the connection ended if not in order: a status, and what it means.
    pub fn unreadable(&self) -> Option<(u16, &'static str)> {
        match self.0.unreadable.load(Ordering::Acquire) {
            0 => None,
            status => Some((status, self.meaning(status))),
        }
    }
}

impl Progress {
    fn meaning(&self, status: u16) -> &'static str {
        match self.0.tls.load(Ordering::Acquire) {
            true => {
                "This port speaks plain HTTP, and TLS came: the pod's API is on --port (8443 \
                 unless told otherwise), the control port is http://"
            }
            false => meaning(status),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

fn meaning(status: u16) -> &'static str {
    match status {
        408 => "The head of the request took too long",
        414 => "The URI is too long",
        431 => "The headers of the request are too large",
        _ => "The request cannot be read as HTTP",
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> MonitoredStream<S> {
    /// The client has `http_errors.patience` from now on for its first request.
    pub fn new(stream: S, http_errors: HttpErrors, progress: Progress) -> Self {
        Self {
            stream,
            http_errors,
            progress,
            begun: 0,
            heard: false,
            deadline: Some(sleep(http_errors.patience)),
            pending: Vec::new(),
            written: 0,
        }
    }

    /// Answers in hyper's stead.
    fn say(&mut self, status: u16) {
        let body = (self.http_errors.body)(status, self.progress.meaning(status));
        let line = axum::http::StatusCode::from_u16(status).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {line}\r\nContent-Type: application/json\r\n{}Connection: close\r\n\
             Content-Length: {}\r\n\r\n",
            self.http_errors.headers,
            body.len()
        );
        self.pending.extend_from_slice(head.as_bytes());
        self.pending.extend_from_slice(body.as_bytes());
        self.progress.0.unreadable.store(status, Ordering::Release);
    }

    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.pending.len() {
            let left = &self.pending[self.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(cx, left))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written += written,
            }
        }
        self.pending.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    fn give_up(&mut self, cx: &mut Context<'_>) -> io::Error {
        self.progress.0.unreadable.store(408, Ordering::Release);
        // A client that sent nothing gets no answer: it could take it for the answer to its next request.
        if self.heard && !self.http_errors.h2 {
            self.say(408);
            // Not waited for: a client that does not read must not hold the connection.
            if self.poll_pending(cx).is_ready() {
                let _ = Pin::new(&mut self.stream).poll_flush(cx);
            }
        }
        io::ErrorKind::TimedOut.into()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for MonitoredStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let begun = this.progress.0.begun.load(Ordering::Acquire);
        if begun != this.begun {
            (this.begun, this.heard, this.deadline) = (begun, false, None);
        }
        if let Some(deadline) = &mut this.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(this.give_up(cx)));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        if begun == 0 && !this.heard && buffer.filled().get(before) == Some(&TLS_HANDSHAKE) {
            this.progress.0.tls.store(true, Ordering::Release);
        }
        let between_requests = this.progress.0.open.load(Ordering::Acquire) == 0;
        if buffer.filled().len() > before && between_requests {
            this.heard = true;
            if this.deadline.is_none() && !this.http_errors.h2 {
                this.deadline = Some(sleep(this.http_errors.patience));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for MonitoredStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(cx))?;
        let Some((before, status)) = bare_refusal(bytes) else {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        };
        self.pending.extend_from_slice(&bytes[..before]);
        self.say(status);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(cx))?;
        match slices.iter().rfind(|slice| !slice.is_empty()) {
            Some(last) if bare_refusal(last).is_some() => {
                let bytes: Vec<u8> =
                    slices.iter().flat_map(|slice| slice.iter().copied()).collect();
                self.poll_write(cx, &bytes)
            }
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Finds the answer that hyper itself writes to what it cannot read (`Server::on_error` of its
/// `proto/h1/role.rs`): its offset and its status. hyper offers no way to add headers or a body to it.
fn bare_refusal(bytes: &[u8]) -> Option<(usize, u16)> {
    const LINE: &[u8] = b"HTTP/1.1 4";
    /// Longer than any.
    const LONGEST: usize = 200;
    let tail = &bytes[bytes.len().saturating_sub(LONGEST)..];
    if !tail.ends_with(b"\r\n\r\n") {
        return None;
    }
    let begin = tail.windows(LINE.len()).rposition(|window| window == LINE)?;
    let head = std::str::from_utf8(&tail[begin..]).ok()?;
    let (line, headers) = head.split_once("\r\n")?;
    let own = |header: &str| {
        ["", "connection: close", "content-length: 0"].contains(&header)
            || header.starts_with("date: ")
    };
    let status = line.get(9..12)?.parse().ok()?;
    headers.split("\r\n").all(own).then_some((bytes.len() - head.len(), status))
}

#[allow(clippy::disallowed_methods, reason = "about the machine's resources, not the pod's time")]
fn sleep(duration: Duration) -> Pin<Box<Sleep>> {
    Box::pin(tokio::time::sleep(duration))
}
