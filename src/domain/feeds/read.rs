//! Reads of a feed, and what they are given.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::super::{Event, NotAnId, Refusal, Timestamp, UserId, World};
use super::{Feed, FeedId, FeedKind, Feeds};

/// Names a batch of events, for the client to say that it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckId(u128);

/// A batch of events that a read has handed out.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    ack: AckId,
    pub(super) events: Vec<Arc<Event>>,
    /// When they are handed out again unless somebody acknowledged them.
    returns: Timestamp,
}

/// What one look into a feed gives.
#[derive(Debug, Clone)]
pub struct Batch {
    pub events: Vec<Arc<Event>>,
    /// When the feed gains something by itself: the next redelivery, or the end of a time in which
    /// its events are kept back.
    pub returns: Option<Timestamp>,
    /// The read is over, whether it found something or not.
    pub ends: bool,
}

/// What keeps a feed's events back while it goes on gaining them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Reads find nothing before this moment.
    Until(Timestamp),
    /// So many reads are answered at once, and find nothing.
    Reads(u32),
}

impl World {
    /// Begins a read: notes the acknowledgement that it brings, that the feed is in use, and, where
    /// the read `updates_presence`, that its owner is there. Gives the id under which the read hands
    /// out what it finds, however often it looks.
    ///
    /// A read that began ends with [`end_read`](World::end_read), however it ends.
    pub fn begin_read(
        &mut self,
        id: &FeedId,
        acknowledged: Option<AckId>,
        updates_presence: bool,
        now: Timestamp,
    ) -> Result<AckId, Refusal> {
        self.expire_feeds(id.owner, now);
        self.feeds.expire_datahoses(now, self.settings.datafeed_ttl);
        let feed = self.feeds.by_id_mut(id).ok_or_else(|| id.unknown())?;
        feed.last_read = now;
        // What has gone back to the queue already comes again, under another id.
        feed.deliveries.retain(|delivery| Some(delivery.ack) != acknowledged);
        *self.feeds.readers.entry(id.clone()).or_default() += 1;
        if updates_presence {
            self.note_presence(id.owner, now);
        }
        Ok(AckId(u128::from_be_bytes(self.rng.bytes())))
    }

    /// That a feed is there.
    pub fn check_feed(&self, id: &FeedId) -> Result<(), Refusal> {
        self.feeds.by_id(id).map(drop).ok_or_else(|| id.unknown())
    }

    /// Takes what a feed has, up to `limit` events, under the id that the read was given. With
    /// nothing there, the batch is empty.
    pub fn take_events(
        &mut self,
        id: &FeedId,
        ack: AckId,
        limit: usize,
        now: Timestamp,
    ) -> Result<Batch, Refusal> {
        let returns = now.plus(self.settings.datafeed_visibility);
        self.check_feed(id)?;
        if let Some(nothing) = self.feeds.withhold(id, now) {
            return Ok(nothing);
        }
        let feed = self.feeds.by_id_mut(id).ok_or_else(|| id.unknown())?;
        feed.requeue(now);
        let events: Vec<_> = std::iter::from_fn(|| feed.queue.pop_front()).take(limit).collect();
        if !events.is_empty() && feed.kind != FeedKind::Legacy {
            feed.deliveries.push(Delivery { ack, events: events.clone(), returns });
        }
        let returns = feed.deliveries.iter().map(|delivery| delivery.returns).min();
        // What is left is for another reader of the feed, if one waits.
        if !feed.queue.is_empty() {
            self.feeds.gained.push(id.clone());
        }
        let ends = !events.is_empty();
        Ok(Batch { events, returns, ends })
    }

    /// Keeps the events of a feed back. What kept them back before no longer counts.
    pub fn withhold_events(&mut self, id: &FeedId, withheld: Withheld) {
        if self.feeds.by_id(id).is_some() {
            self.feeds.withheld.insert(id.clone(), withheld);
        }
    }

    /// Hands out again what was kept back, at once to those who wait for it.
    pub fn release_events(&mut self, id: &FeedId) {
        if self.feeds.withheld.remove(id).is_some() {
            self.feeds.gained.push(id.clone());
        }
    }

    /// Ends the reads that wait at this moment, as if their time were over; those of one user, or
    /// of all.
    pub fn end_waiting_reads(&mut self, owner: Option<UserId>) {
        let Feeds { readers, withheld, gained, .. } = &mut self.feeds;
        for (feed, count) in readers {
            let meant = owner.is_none_or(|owner| feed.owner == owner);
            if meant && !withheld.contains_key(feed) {
                withheld.insert(feed.clone(), Withheld::Reads(*count));
                gained.push(feed.clone());
            }
        }
    }

    /// The feed that a user reads at this moment, other than one. A read that is being ended is over.
    pub fn feed_being_read(&self, owner: UserId, other_than: Option<&str>) -> Option<&FeedId> {
        let Feeds { readers, withheld, .. } = &self.feeds;
        readers.keys().find(|feed| {
            feed.owner == owner
                && other_than != Some(&*feed.name)
                && !matches!(withheld.get(*feed), Some(Withheld::Reads(_)))
                && self.feeds.by_id(feed).is_some()
        })
    }

    /// Ends a read.
    pub fn end_read(&mut self, id: &FeedId, now: Timestamp) {
        self.feeds.forget_reader(id);
        if let Some(feed) = self.feeds.by_id_mut(id) {
            feed.last_read = now;
        }
    }
}

impl Feed {
    /// Puts what nobody acknowledged in time back to the front, in the order it had.
    fn requeue(&mut self, now: Timestamp) {
        let late = self.deliveries.extract_if(.., |delivery| delivery.returns <= now);
        let late: Vec<_> = late.flat_map(|delivery| delivery.events).collect();
        for event in late.into_iter().rev() {
            self.queue.push_front(event);
        }
    }
}

impl Feeds {
    /// What a read finds while the feed's events are kept back; none when they are not.
    fn withhold(&mut self, id: &FeedId, now: Timestamp) -> Option<Batch> {
        let nothing = Batch { events: Vec::new(), returns: None, ends: false };
        match *self.withheld.get(id)? {
            Withheld::Until(end) if now < end => Some(Batch { returns: Some(end), ..nothing }),
            Withheld::Until(_) | Withheld::Reads(0) => {
                self.withheld.remove(id);
                None
            }
            Withheld::Reads(left) => {
                if left == 1 {
                    self.withheld.remove(id);
                } else {
                    self.withheld.insert(id.clone(), Withheld::Reads(left - 1));
                }
                Some(Batch { ends: true, ..nothing })
            }
        }
    }

    fn forget_reader(&mut self, id: &FeedId) {
        if let Some(readers) = self.readers.get_mut(id) {
            *readers -= 1;
            if *readers == 0 {
                self.readers.remove(id);
            }
        }
    }
}

impl FromStr for AckId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let hex = text.len() == 32 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let ack = u128::from_str_radix(text, 16).map_err(|_| NotAnId)?;
        hex.then_some(Self(ack)).ok_or(NotAnId)
    }
}

impl fmt::Display for AckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
