use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many TLS connections may be open at once: not so many that the control port, and whatever
/// else the process has open, goes without files. Those beyond wait to be accepted.
#[derive(Debug, Clone)]
pub(super) struct ConnectionLimit {
    places: Arc<Semaphore>,
    /// Whether it was told that there was none left.
    told: Arc<AtomicBool>,
}

/// Files that TLS connections leave to others.
const RESERVE: u64 = 64;

impl ConnectionLimit {
    /// As the process may open files now.
    pub fn of_process() -> Self {
        // With a limit so low that nothing is left, few connections are better than none.
        let connections = open_files().saturating_sub(RESERVE).max(RESERVE / 4);
        let most = Semaphore::MAX_PERMITS;
        let connections = usize::try_from(connections).unwrap_or(most).min(most);
        Self { places: Arc::new(Semaphore::new(connections)), told: Arc::default() }
    }

    /// A place for one connection, which waits until there is one.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "the process may open no more files: further TLS connections wait until others end \
                 (ulimit -n)"
            );
        }
        Arc::clone(&self.places).acquire_owned().await.ok()
    }
}

#[cfg(unix)]
fn open_files() -> u64 {
    rlimit::getrlimit(rlimit::Resource::NOFILE).map_or(u64::MAX, |(soft, _)| soft)
}

#[cfg(not(unix))]
fn open_files() -> u64 {
    u64::MAX
}
