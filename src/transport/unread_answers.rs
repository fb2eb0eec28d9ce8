//! Large answers that clients have not read yet: how much memory they may hold, and for how long.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::patience;

/// Limits the memory that all large answers of a server hold together. Smaller ones are not counted:
/// the first write usually sends them whole.
#[derive(Debug, Clone)]
pub struct UnreadAnswers(Arc<Semaphore>);

/// Marks an answer that is produced while it is sent and so holds no memory to be counted.
#[derive(Debug, Clone, Copy)]
pub struct Streamed;

/// The limit is reached: there is no room for another large answer until clients have read others.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} MiB of large answers wait for their clients to read them, and there is no room for more: \
     read them, or close their connections, and ask again",
    ROOM >> 20
)]
pub struct Full;

/// In bytes.
const ROOM: usize = 128 << 20;
/// From how many bytes on an answer is large.
const LARGE: usize = 256 << 10;
/// Bytes per permit of the semaphore.
const UNIT: usize = 1 << 10;
/// How much is handed over at once.
const PIECE: usize = 64 << 10;
/// How long a client may stop in the middle of a large answer. It is about the machine's memory, not
/// about the pod's time.
const STALL: Duration = Duration::from_secs(60);

/// A large answer's body.
struct Large(Arc<Mutex<Waiting>>);

struct Waiting {
    /// With the room it takes; none once it was dropped because the client stopped reading.
    left: Option<(Bytes, OwnedSemaphorePermit)>,
    /// How often the connection asked for more.
    asked: u64,
}

impl Default for UnreadAnswers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM / UNIT)))
    }
}

impl UnreadAnswers {
    /// The same answer, which is counted as long as it waits to be read if it is large.
    ///
    /// # Errors
    /// It is one too many.
    pub fn admit(&self, response: Response<Body>) -> Result<Response<Body>, Full> {
        let length = hyper::body::Body::size_hint(response.body()).exact();
        let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else {
            return Ok(response);
        };
        if length < LARGE || response.extensions().get::<Streamed>().is_some() {
            return Ok(response);
        }
        // An answer larger than the whole limit may be sent if it is the only one.
        let units = (length / UNIT).min(ROOM / UNIT);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.0).try_acquire_many_owned(units).map_err(|_| Full)?;
        let (parts, mut body) = response.into_parts();
        // It is in one piece and there already.
        let whole = match body.frame().now_or_never() {
            Some(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            _ => Bytes::new(),
        };
        if whole.len() != length {
            return Err(Full);
        }
        let waiting = Waiting { left: Some((whole, room)), asked: 0 };
        let waiting = Arc::new(Mutex::new(waiting));
        tokio::spawn(give_up_when_stalled(Arc::downgrade(&waiting)));
        Ok(Response::from_parts(parts, Body::new(Large(waiting))))
    }
}

/// Drops a body that the client has stopped reading. A client that reads on finds it cut short.
async fn give_up_when_stalled(waiting: Weak<Mutex<Waiting>>) {
    let mut asked = None;
    loop {
        patience(STALL, std::future::pending::<()>()).await;
        let Some(waiting) = waiting.upgrade() else { return };
        let mut waiting = lock(&waiting);
        if asked.replace(waiting.asked) == Some(waiting.asked) {
            waiting.left = None;
            return;
        }
    }
}

fn lock(waiting: &Mutex<Waiting>) -> std::sync::MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

impl hyper::body::Body for Large {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let mut waiting = lock(&self.0);
        waiting.asked += 1;
        Poll::Ready(match &mut waiting.left {
            None => Some(Err(std::io::Error::other("the client stopped reading the answer"))),
            Some((left, _)) if left.is_empty() => None,
            Some((left, _)) => {
                // A copy: a slice would keep all of it alive in the connection's buffers.
                let piece = left.split_to(left.len().min(PIECE));
                Some(Ok(Frame::data(Bytes::copy_from_slice(&piece))))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.0).left.as_ref().is_some_and(|(left, _)| left.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        let left = lock(&self.0).left.as_ref().map_or(0, |(left, _)| left.len());
        SizeHint::with_exact(left as u64)
    }
}
