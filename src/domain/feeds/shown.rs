//! What feeds hold, as a test sees it that looks from outside.

use super::super::{MessageId, Payload, Timestamp, World, unknown_name};
use super::{Event, Feed, FeedId};

/// How far an event has come in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has read it yet.
    Waiting,
    /// A read handed it out, and nobody acknowledged it yet.
    HandedOut,
}

impl World {
    /// All feeds that are alive, those of each user in the order of their creation.
    pub fn all_feeds(&self, now: Timestamp) -> impl Iterator<Item = &Feed> {
        let ttl = self.settings.datafeed_ttl;
        let feeds = self.feeds.datafeeds.values().flat_map(|feeds| feeds.iter());
        let all = feeds.chain(&self.feeds.datahoses);
        all.filter(move |feed| feed.is_alive(&self.feeds.readers, now, ttl))
    }

    /// The feed that has this name, if it is alive.
    ///
    /// # Errors
    /// It is not; in words, with the nearest name.
    pub fn feed_called(&self, name: &str, now: Timestamp) -> Result<FeedId, String> {
        let found = self.all_feeds(now).find(|feed| *feed.id.name == *name);
        found.map(|feed| feed.id.clone()).ok_or_else(|| {
            let known: Vec<_> = self.all_feeds(now).map(|feed| &*feed.id.name).collect();
            unknown_name("feed", name, known)
        })
    }

    /// Whether a read waits for a feed at this moment.
    pub fn is_being_read(&self, id: &FeedId) -> bool {
        self.feeds.readers.contains_key(id)
    }
}

impl Feed {
    /// How many events nobody has read yet.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// How many events were handed out and not acknowledged.
    pub fn unacknowledged(&self) -> usize {
        self.deliveries.iter().map(|delivery| delivery.events.len()).sum()
    }

    /// When it was last read.
    pub fn last_read(&self) -> Timestamp {
        self.last_read
    }

    /// How far the event that tells of a message has come; none where it is not in the feed (any
    /// more).
    pub fn standing_of(&self, message: MessageId) -> Option<Standing> {
        let tells = |event: &Event| match &event.payload {
            Payload::MessageSent { message: told, .. }
            | Payload::SharedPost { message: told, .. } => told.id == message,
            _ => false,
        };
        let handed_out = self.deliveries.iter().flat_map(|delivery| &delivery.events);
        if handed_out.into_iter().any(|event| tells(event)) {
            return Some(Standing::HandedOut);
        }
        self.queue.iter().any(|event| tells(event)).then_some(Standing::Waiting)
    }
}
