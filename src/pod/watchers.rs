//! Those who watch a pod: each is told what happens, and how much it missed where it is too slow.

use std::sync::OnceLock;

use tokio::sync::broadcast;

use crate::domain::Happening;

/// Something that happened to a pod.
#[derive(Debug, Clone)]
pub enum News {
    Happened(Happening),
    /// Somebody's presence changed.
    Presence,
    /// The pod is another one from now on: what was known of it is void.
    Restored,
    /// The pod is gone, or the server stops.
    Over,
}

/// How many news wait for a watcher. One that is slower is told how many it missed.
const WAITING: usize = 1_024;

/// Made with the first watcher, for most pods have none.
#[derive(Debug, Default)]
pub(super) struct Watchers(OnceLock<broadcast::Sender<News>>);

impl Watchers {
    pub fn join(&self) -> broadcast::Receiver<News> {
        self.0.get_or_init(|| broadcast::Sender::new(WAITING)).subscribe()
    }

    pub fn are_there(&self) -> bool {
        self.0.get().is_some_and(|watchers| watchers.receiver_count() > 0)
    }

    /// Never waits, however slow they are.
    pub fn tell(&self, news: News) {
        if let Some(watchers) = self.0.get() {
            // An error means that nobody is there any more.
            drop(watchers.send(news));
        }
    }
}
