mod read;
mod shown;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use imbl::{OrdMap, Vector};

use super::{Event, EventType, Feature, Refusal, Timestamp, UserId, World};
use read::Delivery;
pub use read::{AckId, Withheld};
pub use shown::Standing;

/// What of the world's events a client has yet to hear.
///
/// Events wait in `queue`. A read takes a batch of them into a [`Delivery`], whose acknowledgement
/// a later read brings; what nobody acknowledges in time goes back to the front of the queue. So
/// every event is heard at least once, and in order until one has to come again.
#[derive(Debug, Clone)]
pub struct Feed {
    pub id: FeedId,
    pub kind: FeedKind,
    last_read: Timestamp,
    queue: Vector<Arc<Event>>,
    deliveries: Vec<Delivery>,
}

/// A feed's name together with whose it is: nobody reads another's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FeedId {
    pub owner: UserId,
    pub service: FeedService,
    pub name: Arc<str>,
}

/// By which paths a feed is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedService {
    /// Datafeed 1.
    One,
    /// Datafeed 2, and the datahose, whose reads work alike.
    Two,
}

/// What a feed carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedKind {
    /// Datafeed 2.
    Fanout {
        tag: Option<String>,
        /// Whether it carries what happens in invisible rooms, since agent 26.2.1
        /// (finos/symphony-bdk-java#890).
        invisible: bool,
    },
    /// Datafeed 1: nothing is acknowledged, and it expires when too much waits in it.
    Legacy,
    /// All events of the pod that pass the filter.
    Datahose { tag: String, filter: DatahoseFilter },
}

/// Which events a datahose carries. What is not named restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatahoseFilter {
    pub types: BTreeSet<EventType>,
    /// In which streams it happens.
    pub scopes: BTreeSet<DatahoseScope>,
}

/// How far a stream reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DatahoseScope {
    Internal,
    /// To other pods.
    External,
    /// To other networks such as WhatsApp, since agent 25.10. This pod has no such streams.
    Federation,
}

/// All feeds of the pod.
///
/// A copy has no readers: those who wait for a feed wait for the original's.
#[derive(Debug, Default)]
pub struct Feeds {
    /// Each user's datafeeds, 2 and 1, in the order of their creation. No user has none.
    datafeeds: OrdMap<UserId, Arc<Vec<Feed>>>,
    /// They hear of everything, whoever is in it.
    datahoses: Vec<Feed>,
    /// How many reads wait for a feed at this moment: while one does, it does not expire.
    readers: HashMap<FeedId, u32>,
    /// The feeds whose events are kept back, for the sake of a test.
    withheld: HashMap<FeedId, Withheld>,
    /// The feeds that gained something, or ended, since the pod last asked.
    gained: Vec<FeedId>,
}

impl World {
    /// Opens a datafeed 2. With a tag, it is the same for all who ask with that tag.
    ///
    /// A tag is the feed's name: the Java BDK, where a tag is configured, takes up only a listed
    /// feed whose id equals it (`DatafeedLoopV2.isMatchingFeed`). Other names are those of real
    /// pods, 32 hexadecimal digits and `_f`, which is what both BDKs look for.
    pub fn open_datafeed(
        &mut self,
        owner: UserId,
        tag: Option<&str>,
        invisible: bool,
        now: Timestamp,
    ) -> Result<&Feed, Refusal> {
        const LONGEST_TAG: usize = 100;
        if tag.is_some_and(|tag| tag.chars().count() > LONGEST_TAG) {
            let what = format!("The tag of a datafeed has at most {LONGEST_TAG} characters");
            return Err(Refusal::Malformed { what });
        }
        self.expire_feeds(owner, now);
        let kind = FeedKind::Fanout { tag: tag.map(str::to_owned), invisible };
        let is_fanout = |feed: &Feed| matches!(feed.kind, FeedKind::Fanout { .. });
        let known = |feed: &Feed| tag.is_some() && is_fanout(feed) && feed.kind.tag() == tag;
        if let Some(place) = self.feeds.of(owner).iter().position(known) {
            return Ok(&self.feeds.of(owner)[place]);
        }
        let limit = self.settings.datafeed_limit;
        if self.feeds.of(owner).iter().filter(|feed| is_fanout(feed)).count() >= limit as usize {
            return Err(Refusal::TooManyFeeds { limit });
        }
        let name = match tag {
            Some(tag) => Arc::from(tag),
            None => Arc::from(format!("{}_f", self.rng.hex::<16>())),
        };
        Ok(self.open(Feed::new(FeedId { owner, service: FeedService::Two, name }, kind, now)))
    }

    /// Opens a datafeed 1.
    pub fn open_legacy_datafeed(
        &mut self,
        owner: UserId,
        now: Timestamp,
    ) -> Result<&Feed, Refusal> {
        self.expire_feeds(owner, now);
        let limit = self.settings.datafeed1_limit;
        let is_legacy = |feed: &&Feed| feed.kind == FeedKind::Legacy;
        if self.feeds.of(owner).iter().filter(is_legacy).count() >= limit as usize {
            return Err(Refusal::TooManyLegacyFeeds { limit });
        }
        let name = Arc::from(self.rng.uuid());
        Ok(self.open(Feed::new(
            FeedId { owner, service: FeedService::One, name },
            FeedKind::Legacy,
            now,
        )))
    }

    /// The datahose of a user with this tag and this filter, opened where there is none.
    ///
    /// The instances of one bot share a datahose by naming the same tag and the same filter.
    pub fn datahose(
        &mut self,
        owner: UserId,
        tag: &str,
        filter: DatahoseFilter,
        now: Timestamp,
    ) -> Result<FeedId, Refusal> {
        const LONGEST_TAG: usize = 80;
        if tag.is_empty() || tag.chars().count() > LONGEST_TAG {
            let what = format!("The tag of a datahose has from 1 to {LONGEST_TAG} characters");
            return Err(Refusal::Malformed { what });
        }
        self.check_feature(owner, Feature::ReadDatahose)?;
        self.feeds.expire_datahoses(now, self.settings.datafeed_ttl);
        let kind = FeedKind::Datahose { tag: tag.to_owned(), filter };
        let known = |feed: &&Feed| feed.id.owner == owner && feed.kind == kind;
        if let Some(feed) = self.feeds.datahoses.iter().find(known) {
            return Ok(feed.id.clone());
        }
        self.check_feature(owner, Feature::CreateDatahose)?;
        let id = FeedId {
            owner,
            service: FeedService::Two,
            name: Arc::from(format!("{}_p", self.rng.hex::<16>())),
        };
        self.feeds.datahoses.push(Feed::new(id.clone(), kind, now));
        Ok(id)
    }

    /// A user's feeds that are alive, but for datafeeds 1, in the order of their creation.
    pub fn feeds_of(&mut self, owner: UserId, now: Timestamp) -> impl Iterator<Item = &Feed> {
        self.expire_feeds(owner, now);
        self.feeds.expire_datahoses(now, self.settings.datafeed_ttl);
        let datahoses = self.feeds.datahoses.iter().filter(move |feed| feed.id.owner == owner);
        let datafeeds = self.feeds.of(owner).iter().filter(|feed| feed.kind != FeedKind::Legacy);
        datafeeds.chain(datahoses)
    }

    /// The datahoses of a user.
    pub fn datahoses_of(&self, owner: UserId) -> Vec<FeedId> {
        let own = |feed: &&Feed| feed.id.owner == owner;
        self.feeds.datahoses.iter().filter(own).map(|feed| feed.id.clone()).collect()
    }

    /// Ends a feed. One that is not there counts as ended: both BDKs delete a
    /// feed that a read was told does not exist, and some die of a refusal then.
    pub fn close_feed(&mut self, id: &FeedId) {
        self.feeds.close(id);
        if !self.feeds.listens(id.owner) {
            self.streams.stop_listening(id.owner);
        }
    }

    /// Opens a datafeed. The first one of a user makes his streams tell him.
    fn open(&mut self, feed: Feed) -> &Feed {
        let owner = feed.id.owner;
        if !self.feeds.listens(owner) {
            self.streams.start_listening(owner);
        }
        let feeds = Arc::make_mut(self.feeds.datafeeds.entry(owner).or_default());
        feeds.push(feed);
        &feeds[feeds.len() - 1]
    }

    fn expire_feeds(&mut self, owner: UserId, now: Timestamp) {
        if self.feeds.listens(owner) && !self.feeds.expire(owner, now, self.settings.datafeed_ttl) {
            self.streams.stop_listening(owner);
        }
    }
}

impl FeedId {
    fn unknown(&self) -> Refusal {
        match self.service {
            FeedService::One => Refusal::LegacyFeedUnknown,
            FeedService::Two => Refusal::FeedUnknown,
        }
    }
}

impl FeedKind {
    pub fn tag(&self) -> Option<&str> {
        match self {
            Self::Fanout { tag, .. } => tag.as_deref(),
            Self::Datahose { tag, .. } => Some(tag),
            Self::Legacy => None,
        }
    }
}

impl Feed {
    fn new(id: FeedId, kind: FeedKind, now: Timestamp) -> Self {
        Self { id, kind, last_read: now, queue: Vector::new(), deliveries: Vec::new() }
    }

    fn is_alive(&self, readers: &HashMap<FeedId, u32>, now: Timestamp, ttl: Duration) -> bool {
        now.since(self.last_read) < ttl || readers.contains_key(&self.id)
    }
}

impl Clone for Feeds {
    fn clone(&self) -> Self {
        Self {
            datafeeds: self.datafeeds.clone(),
            datahoses: self.datahoses.clone(),
            readers: HashMap::new(),
            withheld: HashMap::new(),
            gained: Vec::new(),
        }
    }
}

impl Feeds {
    /// Takes over those who wait for a feed of `others`, whose place these feeds take. They are to
    /// look again.
    pub fn take_over_readers(&mut self, others: &mut Self) {
        self.readers = std::mem::take(&mut others.readers);
        self.withheld = std::mem::take(&mut others.withheld);
        self.gained.extend(self.readers.keys().cloned());
    }

    /// The feeds that gained something or ended since the last call: whoever waits for one of them
    /// looks again.
    pub fn take_gained(&mut self) -> Vec<FeedId> {
        std::mem::take(&mut self.gained)
    }

    /// How many feeds are alive at `now`.
    pub fn alive(&self, now: Timestamp, ttl: Duration) -> usize {
        let all = self.datafeeds.values().flat_map(|feeds| feeds.iter()).chain(&self.datahoses);
        all.filter(|feed| feed.is_alive(&self.readers, now, ttl)).count()
    }

    /// Whether a user has a datafeed open. A datahose is none: it hears everything anyway.
    pub fn listens(&self, user: UserId) -> bool {
        self.datafeeds.contains_key(&user)
    }

    /// Puts an event into all datafeeds of a user. False if he has none (any more).
    pub(super) fn deliver(
        &mut self,
        user: UserId,
        event: &Arc<Event>,
        is_invisible: bool,
        ttl: Duration,
        legacy_capacity: usize,
    ) -> bool {
        self.expire(user, event.timestamp, ttl);
        let Some(feeds) = self.datafeeds.get_mut(&user) else { return false };
        Arc::make_mut(feeds).retain_mut(|feed| {
            if is_invisible && !matches!(feed.kind, FeedKind::Fanout { invisible: true, .. }) {
                return true;
            }
            self.gained.push(feed.id.clone());
            let full = feed.kind == FeedKind::Legacy && feed.queue.len() >= legacy_capacity;
            if !full {
                feed.queue.push_back(Arc::clone(event));
            }
            !full
        });
        self.forget_if_deaf(user)
    }

    /// Puts an event into all datahoses that want it.
    pub(super) fn deliver_to_datahoses(&mut self, event: &Arc<Event>, ttl: Duration) {
        self.expire_datahoses(event.timestamp, ttl);
        for feed in &mut self.datahoses {
            if let FeedKind::Datahose { filter, .. } = &feed.kind
                && filter.admits(event)
            {
                feed.queue.push_back(Arc::clone(event));
                self.gained.push(feed.id.clone());
            }
        }
    }

    fn of(&self, owner: UserId) -> &[Feed] {
        self.datafeeds.get(&owner).map_or(&[], |feeds| feeds.as_slice())
    }

    fn by_id(&self, id: &FeedId) -> Option<&Feed> {
        self.of(id.owner).iter().chain(&self.datahoses).find(|feed| feed.id == *id)
    }

    fn by_id_mut(&mut self, id: &FeedId) -> Option<&mut Feed> {
        let datafeeds = self.datafeeds.get_mut(&id.owner).map(Arc::make_mut);
        datafeeds.into_iter().flatten().chain(&mut self.datahoses).find(|feed| feed.id == *id)
    }

    fn close(&mut self, id: &FeedId) {
        self.datahoses.retain(|feed| feed.id != *id);
        self.withheld.remove(id);
        if let Some(feeds) = self.datafeeds.get_mut(&id.owner) {
            Arc::make_mut(feeds).retain(|feed| feed.id != *id);
        }
        self.forget_if_deaf(id.owner);
        self.gained.push(id.clone());
    }

    /// Drops the datafeeds of a user that nobody has read for too long. False if he has none left.
    fn expire(&mut self, owner: UserId, now: Timestamp, ttl: Duration) -> bool {
        let alive = |feed: &Feed| feed.is_alive(&self.readers, now, ttl);
        if !self.of(owner).iter().all(alive)
            && let Some(feeds) = self.datafeeds.get_mut(&owner)
        {
            Arc::make_mut(feeds).retain(alive);
        }
        self.forget_if_deaf(owner)
    }

    fn expire_datahoses(&mut self, now: Timestamp, ttl: Duration) {
        self.datahoses.retain(|feed| feed.is_alive(&self.readers, now, ttl));
    }

    /// Forgets a user who has no datafeed. True if he has one.
    fn forget_if_deaf(&mut self, user: UserId) -> bool {
        if self.of(user).is_empty() {
            self.datafeeds.remove(&user);
        }
        self.listens(user)
    }
}

impl DatahoseFilter {
    fn admits(&self, event: &Event) -> bool {
        let scope = match event.stream().is_some_and(|stream| stream.external) {
            true => DatahoseScope::External,
            false => DatahoseScope::Internal,
        };
        (self.types.is_empty() || self.types.contains(&event.event_type()))
            && (self.scopes.is_empty() || self.scopes.contains(&scope))
    }
}
