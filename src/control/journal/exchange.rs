//! A request on its way: what of it is copied while it passes. Nothing is held up and nothing is
//! put into words here; that is for whoever reads the journal.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, Version};
use axum::response::Response;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, SizeHint};

use super::head::Head;
use super::{Entry, Event, Journal, Tunnel, log};
use crate::clock::{Clock, Stopwatch};
use crate::domain::{Refusal, Timestamp};
use crate::transport::{ClientCertificate, ListenerId};

/// What is known of a request when it comes.
pub struct Arrival {
    /// The listener of its connection.
    pub listener: ListenerId,
    /// The client certificate of its connection.
    pub certificate: Option<Arc<ClientCertificate>>,
    /// The place of its operation in the catalogue.
    pub operation: Option<u16>,
    /// The tunnel through the forward proxy that its connection came through.
    pub tunnel: Option<Arc<Tunnel>>,
}

/// A request that is under way. However it ends, its dropping writes it into the journal.
pub struct Exchange(Option<Open>);

struct Open {
    journal: Arc<Journal>,
    clock: Arc<Clock>,
    at: Timestamp,
    stopwatch: Stopwatch,
    arrival: Arrival,
    method: Method,
    version: Version,
    head: Head,
    request: Option<Arc<Mutex<Captured>>>,
    answer: Option<Answer>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub refusal: Option<Box<Refusal>>,
    pub body: Captured,
}

/// A body, or its beginning.
#[derive(Debug, Default)]
pub struct Captured {
    /// What came first, where it could be kept as it was.
    shared: Bytes,
    copied: Vec<u8>,
    /// How many bytes passed.
    pub length: u64,
    /// Whether they were all.
    pub ended: bool,
}

impl Exchange {
    /// Begins with a request, whose body is copied as it is read.
    pub fn begin(
        journal: &Arc<Journal>,
        clock: &Arc<Clock>,
        arrival: Arrival,
        request: &mut Request<Body>,
    ) -> Self {
        let mut open = Open {
            journal: Arc::clone(journal),
            clock: Arc::clone(clock),
            at: clock.now(),
            stopwatch: Stopwatch::start(),
            arrival,
            method: request.method().clone(),
            version: request.version(),
            head: Head::default(),
            request: None,
            answer: None,
        };
        journal.opened();
        // Without a journal too: the log tells of it.
        open.head = Head::of_request(request.uri(), request.headers());
        if journal.is_on() && !request.body().is_end_stream() {
            let captured = Arc::<Mutex<Captured>>::default();
            open.request = Some(Arc::clone(&captured));
            let inner = std::mem::take(request.body_mut());
            let most = journal.longest_body();
            *request.body_mut() = Body::new(Listening { inner, captured, most });
        }
        Self(Some(open))
    }

    /// Ends with an answer. It is in the journal before the client has the whole of it.
    pub fn end(mut self, response: Response) -> Response {
        let Some(open) = &mut self.0 else {
            return response;
        };
        let refusal = response.extensions().get::<Refusal>().cloned().map(Box::new);
        let body = Captured { ended: response.body().is_end_stream(), ..Captured::default() };
        let over = body.ended || !open.journal.is_on();
        open.answer = Some(Answer { status: response.status(), refusal, body });
        if open.journal.is_on() {
            open.head.answered(response.headers());
        }
        if over {
            return response;
        }
        let (parts, inner) = response.into_parts();
        let mut answering = Answering { inner, ahead: None, exchange: self };
        // Almost every body is one piece that is there already. It is written down at once; and
        // listening to it would take more memory than it does.
        if answering.inner.size_hint().exact().is_some()
            && let Some(frame) = answering.frame().now_or_never()
        {
            match frame {
                Some(Ok(frame)) if answering.exchange.0.is_none() && frame.is_data() => {
                    let whole = frame.into_data().unwrap_or_default();
                    return Response::from_parts(parts, Body::from(whole));
                }
                frame => answering.ahead = Some(frame),
            }
        }
        Response::from_parts(parts, Body::new(answering))
    }

    fn close(&mut self) {
        if let Some(open) = self.0.take() {
            open.close();
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.close();
    }
}

impl Open {
    fn close(self) {
        let request = match self.request {
            None => Captured::whole(),
            Some(body) => std::mem::take(&mut *body.lock().unwrap_or_else(PoisonError::into_inner)),
        };
        let Arrival { listener, certificate, operation, tunnel } = self.arrival;
        let entry = Entry {
            at: self.at,
            micros: u64::try_from(self.stopwatch.elapsed().as_micros()).unwrap_or(u64::MAX),
            listener,
            certificate,
            tunnel,
            proxy: None,
            event: Event::Request {
                method: self.method,
                version: self.version,
                operation,
                head: self.head,
                body: request,
                answer: self.answer,
            },
        };
        log::ended(&entry, &self.journal, &self.clock);
        self.journal.closed(entry);
    }
}

impl Captured {
    /// A body of which there is nothing.
    pub fn whole() -> Self {
        Self { ended: true, ..Self::default() }
    }

    /// The bytes that were kept, in one piece.
    pub fn bytes(&self) -> std::borrow::Cow<'_, [u8]> {
        match (self.shared.is_empty(), self.copied.is_empty()) {
            (_, true) => (&*self.shared).into(),
            (true, false) => (&*self.copied).into(),
            (false, false) => [&self.shared, &self.copied[..]].concat().into(),
        }
    }

    pub fn is_truncated(&self) -> bool {
        self.kept() < self.length
    }

    /// How much memory it takes.
    pub fn size(&self) -> usize {
        self.shared.len() + self.copied.capacity()
    }

    fn kept(&self) -> u64 {
        (self.shared.len() + self.copied.len()) as u64
    }

    /// Keeps up to `most` bytes of what passes, as it is where nothing larger would be kept alive
    /// by it. A small piece is copied: sharing it takes as much, and keeps the room that whoever
    /// wrote it had left.
    fn share(&mut self, passing: &Bytes, most: usize) {
        const SMALL: usize = 1 << 9;
        if self.length == 0 && (SMALL..=most).contains(&passing.len()) {
            self.shared = passing.clone();
            self.length = passing.len() as u64;
        } else {
            self.copy(passing, most);
        }
    }

    fn copy(&mut self, passing: &[u8], most: usize) {
        // Once something was left out there is a gap, and nothing can follow.
        if !self.is_truncated() {
            let left = most.saturating_sub(self.shared.len() + self.copied.len());
            self.copied.extend_from_slice(&passing[..passing.len().min(left)]);
        }
        self.length += passing.len() as u64;
    }
}

/// A request's body, listened to.
struct Listening {
    inner: Body,
    captured: Arc<Mutex<Captured>>,
    most: usize,
}

/// The body of an answer, listened to.
struct Answering {
    inner: Body,
    /// What it was asked for before its time.
    ahead: Option<Option<Result<Frame<Bytes>, axum::Error>>>,
    exchange: Exchange,
}

impl hyper::body::Body for Listening {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        let mut captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    captured.copy(data, self.most);
                }
                captured.ended = self.inner.is_end_stream();
            }
            None => captured.ended = true,
            Some(Err(_)) => {}
        }
        drop(captured);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl hyper::body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(ahead) = self.ahead.take() {
            return Poll::Ready(ahead);
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        let ended = frame.is_none() || self.inner.is_end_stream();
        if let Some(open) = &mut self.exchange.0
            && let Some(answer) = &mut open.answer
        {
            if let Some(Ok(frame)) = &frame
                && let Some(data) = frame.data_ref()
            {
                answer.body.share(data, open.journal.longest_body());
            }
            answer.body.ended = ended;
        }
        if ended {
            // Before the last of it leaves: whoever has the answer finds it in the journal.
            self.exchange.close();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ahead.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.ahead {
            None => self.inner.size_hint(),
            Some(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_up_to_its_limit_and_counted_beyond_it() {
        let mut captured = Captured::default();
        captured.share(&Bytes::from_static(b"abc"), 5);
        captured.share(&Bytes::from_static(b"defg"), 5);
        captured.share(&Bytes::from_static(b"h"), 5);
        assert_eq!(&*captured.bytes(), b"abcde");
        assert_eq!(captured.length, 8);
        assert!(captured.is_truncated());

        let mut long = Captured::default();
        long.share(&Bytes::from(vec![b'x'; 100]), 5);
        assert_eq!(&*long.bytes(), b"xxxxx");
        assert!(long.size() < 100, "the whole is not kept alive");
        assert!(!Captured::default().is_truncated());
    }
}
