//! `/_mock/connections/close`: the end of the connections of a pod on which nothing is under way.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Json;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::extract::CurrentTenant;
use super::pods::Tenant;

/// The connections to the TLS ports over which requests came to a pod.
#[derive(Debug)]
pub struct OpenConnections {
    /// No other pod's, be it gone.
    id: u64,
    open: Mutex<Vec<Ask>>,
}

/// A connection, for the pods that it carries requests to.
#[derive(Debug)]
pub struct Connection {
    ask: Ask,
    /// The pods that know of it.
    known_to: Mutex<BTreeSet<u64>>,
    /// The one that was told last: of most connections the only one.
    last: AtomicU64,
}

/// Asks a connection to end if it is idle. It sends something back when it has ended, and drops
/// what it was sent where it goes on.
pub type EndIfIdle = oneshot::Sender<()>;

type Ask = mpsc::UnboundedSender<EndIfIdle>;

impl Default for OpenConnections {
    fn default() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self { id: LAST.fetch_add(1, Ordering::Relaxed) + 1, open: Mutex::default() }
    }
}

impl OpenConnections {
    /// Ends those on which no request is under way. Gives how many there were, when they are gone.
    pub async fn end_idle(&self) -> usize {
        let answers: Vec<_> = {
            let mut open = locked(&self.open);
            open.retain(|connection| !connection.is_closed());
            open.iter()
                .filter_map(|connection| {
                    let (end, ended) = oneshot::channel();
                    connection.send(end).ok().map(|()| ended)
                })
                .collect()
        };
        let mut count = 0;
        for answer in answers {
            count += usize::from(answer.await.is_ok());
        }
        count
    }
}

impl Connection {
    /// One that is new, and what it is asked.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<EndIfIdle>) {
        let (ask, asked) = mpsc::unbounded_channel();
        (Self { ask, known_to: Mutex::default(), last: AtomicU64::new(0) }, asked)
    }

    /// Notes that a request to this pod came over it.
    pub fn carries_to(&self, tenant: &Tenant) {
        let OpenConnections { id, open } = &tenant.connections;
        if self.last.swap(*id, Ordering::Relaxed) == *id || !locked(&self.known_to).insert(*id) {
            return;
        }
        let mut open = locked(open);
        // Before it would grow: to look through all for each new one is dear among thousands.
        if open.len() == open.capacity() {
            open.retain(|connection| !connection.is_closed());
        }
        open.push(self.ask.clone());
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends what is kept alive and does nothing, as load balancers and agents do after a while: a client
/// that takes such a connection out of its pool finds it dead.
pub async fn close(tenant: CurrentTenant) -> Json<Value> {
    Json(json!({ "closed": tenant.connections.end_idle().await }))
}
