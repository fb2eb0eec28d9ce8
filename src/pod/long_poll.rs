//! Reads that wait for events: each is woken when its own feed gains one, and no other is.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Pod;
use super::watchers::{News, Watchers};
use crate::domain::{AckId, Event, FeedId, Refusal, UserId, World};

/// The world, locked. Dropping it wakes the reads whose feed has gained events, so calls that change
/// the world need not do that themselves.
pub struct LockedWorld<'a> {
    // Fields drop in this order: the world is unlocked before the reads wake and lock it.
    world: MutexGuard<'a, World>,
    wake: Wake<'a>,
    watchers: &'a Watchers,
    revision: &'a AtomicU64,
    /// How often presences had changed when it was locked.
    presences: u64,
}

/// Whom to wake, which happens when this is dropped.
struct Wake<'a> {
    waiting: &'a Waiting,
    gained: Vec<FeedId>,
    everybody: bool,
}

/// Who waits for which feed. A feed for which nobody waits has no entry.
#[derive(Default)]
pub(super) struct Waiting(Mutex<HashMap<FeedId, Arc<Notify>>>);

/// A read that waits. Dropping it deregisters the read, however it ends: clients hang up at any time.
struct Read<'a> {
    pod: &'a Pod,
    feed: &'a FeedId,
    ack: AckId,
    /// How often the pod had been restored when it began.
    restored: u64,
    woken: Arc<Notify>,
}

impl Pod {
    /// Reads a feed: acknowledges what the client has, and answers with up to `limit` further
    /// events as soon as there are any, or with none when the setting's time is over. Gives with
    /// them the id that acknowledges them.
    ///
    /// Where it `updates_presence`, the reader shows signs of life.
    ///
    /// A feed that is deleted or expires meanwhile is refused at once. When the pod is restored
    /// meanwhile, the read takes nothing and ends: the client comes again, with a session and to a
    /// feed of that pod, or learns that they are gone. The same goes for a read whose request came
    /// when reads had been ended less often than now: it was on its way to those that were.
    pub async fn read_feed(
        &self,
        feed: &FeedId,
        acknowledged: Option<AckId>,
        limit: usize,
        updates_presence: bool,
        reads_ended: u64,
    ) -> Result<(Vec<Arc<Event>>, AckId), Refusal> {
        // Before the read is told of: whoever waited for it may move the clock at once.
        let until = self.clock.now().plus(self.world().settings.datafeed_long_poll);
        let read = self.begin_read(feed, acknowledged, updates_presence)?;
        if self.reads_ended() != reads_ended || self.closing.load(Ordering::SeqCst) {
            return Ok((Vec::new(), read.ack));
        }
        loop {
            // Registers before it checks the feed, so that no event is missed in between.
            let mut woken = pin!(read.woken.notified());
            woken.as_mut().enable();
            let now = self.clock.now();
            let (batch, answer) = {
                let mut world = self.world();
                if self.restored.load(Ordering::Relaxed) != read.restored {
                    return world.check_feed(feed).map(|()| (Vec::new(), read.ack));
                }
                (world.take_events(feed, read.ack, limit, now)?, world.answers.next_due())
            };
            if batch.ends || now >= until {
                return Ok((batch.events, read.ack));
            }
            let sooner = batch.returns.into_iter().chain(answer).min();
            let look_again = sooner.map_or(until, |sooner| sooner.min(until));
            tokio::select! {
                () = woken => {}
                () = self.clock.sleep_until(look_again) => {}
            }
        }
    }

    /// Waits until a user reads a feed, not `other_than`. Gives the feed's id, or none when the pod ends before.
    pub async fn reads_of(&self, username: &str, other_than: Option<&str>) -> Option<String> {
        loop {
            let mut begun = pin!(self.read_begun.notified());
            begun.as_mut().enable();
            {
                let world = self.world();
                let owner = world.user_called(username);
                let read = owner.and_then(|owner| world.feed_being_read(owner, other_than));
                if let Some(feed) = read {
                    return Some(feed.name.to_string());
                }
            }
            if self.closing.load(Ordering::SeqCst) {
                return None;
            }
            begun.await;
        }
    }

    /// How often the reads that waited were ended so far.
    pub fn reads_ended(&self) -> u64 {
        self.reads_ended.load(Ordering::SeqCst)
    }

    /// Ends the reads that wait, and those that came and do not wait yet; those of one user, or of
    /// all. Each ends as if its time were over.
    pub fn end_reads(&self, owner: Option<UserId>) {
        // Before the world is locked: a read begins either before that, and is ended with those
        // that wait, or after it, and sees that it was on its way.
        self.reads_ended.fetch_add(1, Ordering::SeqCst);
        self.world().end_waiting_reads(owner);
    }

    /// Ends the reads that wait, and lets none wait from now on, nor anybody for a read.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.end_reads(None);
        self.read_begun.notify_waiters();
        self.dismiss_watchers();
    }

    fn begin_read<'a>(
        &'a self,
        feed: &'a FeedId,
        acknowledged: Option<AckId>,
        updates_presence: bool,
    ) -> Result<Read<'a>, Refusal> {
        let mut world = self.world();
        let now = self.clock.now();
        let ack = world.begin_read(feed, acknowledged, updates_presence, now)?;
        let restored = self.restored.load(Ordering::Relaxed);
        let woken = self.waiting.join(feed);
        self.read_begun.notify_waiters();
        Ok(Read { pod: self, feed, ack, restored, woken })
    }
}

impl Drop for Read<'_> {
    fn drop(&mut self) {
        self.pod.world().end_read(self.feed, self.pod.clock.now());
        self.pod.waiting.leave(self.feed);
    }
}

impl Waiting {
    fn join(&self, feed: &FeedId) -> Arc<Notify> {
        Arc::clone(self.lock().entry(feed.clone()).or_default())
    }

    fn leave(&self, feed: &FeedId) {
        let mut waiting = self.lock();
        // The entry's own and the leaver's: nobody else waits.
        if waiting.get(feed).is_some_and(|woken| Arc::strong_count(woken) == 2) {
            waiting.remove(feed);
        }
    }

    fn wake(&self, feeds: &[FeedId]) {
        let waiting = self.lock();
        for woken in feeds.iter().filter_map(|feed| waiting.get(feed)) {
            woken.notify_waiters();
        }
    }

    /// Wakes the reads that wait; those that find nothing wait on.
    fn wake_all(&self) {
        for woken in self.lock().values() {
            woken.notify_waiters();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FeedId, Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> LockedWorld<'a> {
    pub(super) fn new(
        mut world: MutexGuard<'a, World>,
        revision: &'a AtomicU64,
        waiting: &'a Waiting,
        watchers: &'a Watchers,
    ) -> Self {
        world.witness.watch(watchers.are_there());
        let presences = world.presences.changes();
        let wake = Wake { waiting, gained: Vec::new(), everybody: false };
        Self { world, wake, watchers, revision, presences }
    }

    /// A number that is another one whenever the world may have changed since.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Relaxed)
    }
}

impl Deref for LockedWorld<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for LockedWorld<'_> {
    fn deref_mut(&mut self) -> &mut World {
        self.revision.fetch_add(1, Ordering::Relaxed);
        &mut self.world
    }
}

impl Drop for LockedWorld<'_> {
    fn drop(&mut self) {
        // What was looked at only has not changed: not by `DerefMut`, which says it has.
        let queued = self.world.answers.take_queued();
        if let Some(now) = queued {
            // What people answer at once comes with what they answer.
            self.answer_due(now);
        }
        // Reads have to end when the others answer.
        self.wake.everybody = queued.is_some();
        self.wake.gained = self.world.feeds.take_gained();
        // While it is locked: watchers hear in the order in which it happened.
        for happening in self.world.witness.take() {
            self.watchers.tell(News::Happened(happening));
        }
        if self.world.presences.changes() != self.presences {
            self.watchers.tell(News::Presence);
        }
    }
}

impl Drop for Wake<'_> {
    fn drop(&mut self) {
        if self.everybody {
            self.waiting.wake_all();
        }
        if !self.gained.is_empty() {
            self.waiting.wake(&self.gained);
        }
    }
}
