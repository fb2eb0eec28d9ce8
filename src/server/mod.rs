//! The one place that puts the floors together: a pod that listens.

mod answer;
mod bot;
mod builder;
mod connection_limit;
mod connections;
mod drain;
mod error;
mod form_input;
mod handle;
mod inject;
mod interests;
mod person;
mod proxy;
mod service;
mod sessions;
mod states;
mod wording;

use std::ops::Deref;
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

pub use answer::Answer;
pub use bot::Bot;
pub use builder::{Builder, StartError};
pub use error::Error;
pub use form_input::FormInput;
pub use handle::PodHandle;
use handle::Server;
pub use person::{ChatMessage, Person};
pub use wording::Wording;

/// A running server with its main pod, whose verbs are those of [`PodHandle`].
///
/// It has a thread and a runtime of its own, so it works in any test, on any runtime or none.
/// Dropping it stops it without waiting; [`stop`](MockPod::stop) waits.
#[derive(Debug)]
#[must_use = "the pod stops when this value is dropped"]
pub struct MockPod {
    main: PodHandle,
    stop: watch::Sender<Stop>,
    stopped: Option<oneshot::Receiver<()>>,
    /// Kept so that the thread has an owner; nobody joins it, for a drop must not wait.
    _thread: JoinHandle<()>,
}

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    No,
    /// No new connections; requests under way may finish.
    Orderly,
    /// At once.
    Now,
}

impl MockPod {
    /// Starts the embedded default pod on free ports of the loopback interface.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Starts from something else than the defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Stops: no new connections, a moment for the requests under way, then the end.
    pub async fn stop(mut self) {
        self.stop.send_replace(Stop::Orderly);
        if let Some(stopped) = self.stopped.take() {
            // The sender is dropped with the thread: either way it is over.
            drop(stopped.await);
        }
    }
}

/// The value owns the server as a guard owns what it guards.
impl Deref for MockPod {
    type Target = PodHandle;

    fn deref(&self) -> &PodHandle {
        &self.main
    }
}

impl Drop for MockPod {
    fn drop(&mut self) {
        // Never waits: on a current-thread test runtime the client could not move while this blocks.
        self.stop.send_if_modified(|stop| std::mem::replace(stop, Stop::Now) != Stop::Now);
    }
}
