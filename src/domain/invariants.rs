//! What must hold of streams, feeds and copies of a world whatever people do: random histories,
//! checked against a plain account of who was told what.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::sample;
use super::streams::Member;
use super::{
    AccountType, AckId, FeedId, Identity, MessageId, Payload, PodId, PresenceCategory,
    PresenceChange, RoomRequest, SeededRng, Settings, StreamId, Submission, Timestamp, UserId,
    World,
};

const POD: PodId = PodId(1);
/// The first of them is in every room from the beginning and stays.
const USERS: usize = 4;
const ROOMS: usize = 2;

/// Something that somebody does. Users, rooms and feeds are meant modulo how many there are.
#[derive(Debug, Clone)]
enum Deed {
    Join {
        user: usize,
        room: usize,
    },
    Leave {
        user: usize,
        room: usize,
    },
    Send {
        user: usize,
        room: usize,
    },
    Open {
        user: usize,
    },
    /// Reads a feed, and acknowledges the batch that one of the last reads of it gave.
    Read {
        feed: usize,
        limit: usize,
        acknowledge: Option<usize>,
    },
    Wait {
        seconds: u64,
    },
    /// Reads a message that was sent.
    Mark {
        user: usize,
        message: usize,
    },
    /// Takes a message back.
    Suppress {
        message: usize,
    },
    /// Shows up or goes away.
    Appear {
        user: usize,
        category: usize,
    },
}

/// What a feed should have carried, and what it did.
#[derive(Clone)]
struct Account {
    id: FeedId,
    owner: UserId,
    /// Numbers of the messages sent while its owner was a member, in the order of their sending.
    due: Vec<usize>,
    /// In the order in which they came first.
    heard: Vec<usize>,
    /// Every batch that was given, until it is acknowledged or goes back.
    batches: Vec<(AckId, Vec<usize>, Timestamp)>,
    acknowledged: BTreeSet<usize>,
}

#[derive(Clone)]
struct History {
    world: World,
    rooms: Vec<StreamId>,
    accounts: Vec<Account>,
    now: Timestamp,
    /// With their authors.
    sent: Vec<(MessageId, UserId)>,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_listens_hears_everything_in_order_and_nothing_that_is_not_his(
        deeds in prop::collection::vec(deed(), 1..120),
    ) {
        let mut history = History::new();
        for deed in deeds {
            history.happen(deed);
        }
        history.hear_the_rest();
        for account in &history.accounts {
            prop_assert_eq!(&account.heard, &account.due);
        }
    }

}

proptest! {
    // Each compares the whole world several times over.
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_copy_sees_nothing_of_what_happens_later_and_goes_on_as_the_original_did(
        before in prop::collection::vec(deed(), 0..60),
        after in prop::collection::vec(deed(), 1..60),
    ) {
        let mut original = History::new();
        for deed in before {
            original.happen(deed);
        }
        let then = original.everything();
        let mut copy = original.clone();
        for deed in after.clone() {
            original.happen(deed);
        }
        prop_assert_eq!(difference(&copy.everything(), &then), None);
        let later = original.everything();
        for deed in after {
            copy.happen(deed);
        }
        prop_assert_eq!(difference(&copy.everything(), &later), None);
        prop_assert_eq!(difference(&original.everything(), &later), None);
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => (1..USERS, 0..ROOMS).prop_map(|(user, room)| Deed::Join { user, room }),
        1 => (1..USERS, 0..ROOMS).prop_map(|(user, room)| Deed::Leave { user, room }),
        6 => (0..USERS, 0..ROOMS).prop_map(|(user, room)| Deed::Send { user, room }),
        1 => (0..USERS).prop_map(|user| Deed::Open { user }),
        5 => (0..8_usize, 1..6_usize, prop::option::of(0..3_usize))
            .prop_map(|(feed, limit, acknowledge)| Deed::Read { feed, limit, acknowledge }),
        2 => (0..40_u64).prop_map(|seconds| Deed::Wait { seconds }),
        1 => (0..USERS, 0..50_usize).prop_map(|(user, message)| Deed::Mark { user, message }),
        1 => (0..50_usize).prop_map(|message| Deed::Suppress { message }),
        1 => (0..USERS, 0..10_usize).prop_map(|(user, category)| Deed::Appear { user, category }),
    ]
}

impl History {
    fn new() -> Self {
        let identity = Identity {
            id: POD,
            name: String::new(),
            company: String::new(),
            agent_version: String::new(),
            pod_version: String::new(),
            foreign_pods: Default::default(),
        };
        // Feeds that expire are another story.
        let settings = Settings { datafeed_ttl: Duration::MAX, ..Settings::default() };
        let mut world = World::new(identity, settings, SeededRng::from_seed(1));
        for n in 0..USERS {
            let account = sample::user(user(n), &format!("user{n}"), AccountType::System);
            world.users.insert(account).unwrap();
        }
        let now = Timestamp::from_millis(1_750_000_000_000);
        let rooms = (0..ROOMS)
            .map(|n| {
                let wish =
                    RoomRequest { name: Some(format!("Room {n}")), ..RoomRequest::default() };
                world.create_room(user(0), &wish, &[], now).unwrap()
            })
            .collect();
        Self { world, rooms, accounts: Vec::new(), now, sent: Vec::new() }
    }

    fn happen(&mut self, deed: Deed) {
        match deed {
            Deed::Join { user: who, room } => {
                let member = Member { user: user(who), owner: false, joined: self.now };
                let operation = self.world.event_id();
                self.world.seat(operation, self.rooms[room], user(0), member);
            }
            Deed::Leave { user: who, room } => {
                // Refused for somebody who is not in it.
                drop(self.world.remove_member(user(0), self.rooms[room], user(who), self.now));
            }
            Deed::Send { user: who, room } => self.send(user(who), self.rooms[room]),
            Deed::Open { user: who } => self.open(user(who)),
            Deed::Read { feed, limit, acknowledge } => {
                if !self.accounts.is_empty() {
                    self.read(feed % self.accounts.len(), limit, acknowledge);
                }
            }
            Deed::Wait { seconds } => self.now = self.now.plus(Duration::from_secs(seconds)),
            Deed::Mark { user: who, message } => {
                if !self.sent.is_empty() {
                    let (id, _) = self.sent[message % self.sent.len()];
                    // Refused for somebody who is not in the room.
                    drop(self.world.mark_read(user(who), id, self.now));
                }
            }
            Deed::Suppress { message } => {
                if !self.sent.is_empty() {
                    let (id, author) = self.sent[message % self.sent.len()];
                    self.world.suppress_message(author, id, self.now).unwrap();
                }
            }
            Deed::Appear { user: who, category } => {
                let (who, (category, _)) = (user(who), PresenceCategory::NAMES[category]);
                let how = PresenceChange::Hard;
                self.world.set_presence(who, who, category, how, self.now).unwrap();
            }
        }
        // As the pod does after every call.
        drop(self.world.feeds.take_gained());
    }

    /// A message, if its sender is in the room.
    fn send(&mut self, author: UserId, room: StreamId) {
        let stream = self.world.streams.by_id(room).unwrap();
        if !stream.has_member(author) {
            return;
        }
        for account in &mut self.accounts {
            if stream.has_member(account.owner) {
                account.due.push(self.sent.len());
            }
        }
        let message = format!("<messageML>{}</messageML>", self.sent.len());
        let submission = Submission { message, ..Submission::default() };
        let sent = self.world.send_message(author, room, submission, self.now).unwrap();
        self.sent.push((sent.id, author));
    }

    fn open(&mut self, owner: UserId) {
        // Refused for the 21st.
        if let Ok(feed) = self.world.open_datafeed(owner, None, false, self.now) {
            self.accounts.push(Account {
                id: feed.id.clone(),
                owner,
                due: Vec::new(),
                heard: Vec::new(),
                batches: Vec::new(),
                acknowledged: BTreeSet::new(),
            });
        }
    }

    /// Reads once, and checks what came. Gives how many events came.
    fn read(&mut self, place: usize, limit: usize, acknowledge: Option<usize>) -> usize {
        let (now, account) = (self.now, &mut self.accounts[place]);
        let batch = acknowledge.and_then(|back| {
            let batch = account.batches.len().checked_sub(back + 1)?;
            Some(account.batches.remove(batch))
        });
        if let Some((_, messages, _)) = &batch {
            account.acknowledged.extend(messages);
        }
        let acknowledged = batch.map(|(ack, ..)| ack);
        let ack = self.world.begin_read(&account.id, acknowledged, false, now).unwrap();
        let taken = self.world.take_events(&account.id, ack, limit, now).unwrap();
        self.world.end_read(&account.id, now);

        account.batches.retain(|(_, _, returns)| *returns > now);
        let messages: Vec<usize> = taken
            .events
            .iter()
            .filter_map(|event| match &event.payload {
                Payload::MessageSent { message, .. } => message.plain_text.parse().ok(),
                _ => None,
            })
            .collect();
        for message in &messages {
            assert!(!account.acknowledged.contains(message), "{message} was acknowledged");
            let again = account.heard.contains(message);
            let current = account.batches.iter().any(|(_, given, _)| given.contains(message));
            assert!(!current, "{message} comes again before its time");
            if !again {
                account.heard.push(*message);
            }
        }
        if !taken.events.is_empty() {
            let returns = now.plus(self.world.settings.datafeed_visibility);
            account.batches.push((ack, messages, returns));
        }
        taken.events.len()
    }

    /// Everything the world knows, with what its chance would give next.
    fn everything(&self) -> String {
        format!("{:#?}\n{:?}", self.world, self.world.rng.clone().bytes::<16>())
    }

    /// Lets every client catch up, acknowledging everything.
    fn hear_the_rest(&mut self) {
        self.now = self.now.plus(self.world.settings.datafeed_visibility);
        for place in 0..self.accounts.len() {
            while self.read(place, 7, Some(0)) > 0 {}
        }
    }
}

/// The first lines in which two texts differ, for the sake of a report that can be read.
fn difference(one: &str, other: &str) -> Option<String> {
    let differing = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    let report = differing.map(|(one, other)| format!("{one} is not {other}"));
    report.or_else(|| (one.len() != other.len()).then(|| "one goes on after the other".into()))
}

fn user(n: usize) -> UserId {
    UserId::new(POD, n as u64 + 1)
}

#[test]
fn an_event_costs_the_members_who_listen_and_no_other() {
    let mut history = History::new();
    let room = history.rooms[0];
    history.happen(Deed::Join { user: 1, room: 0 });
    history.happen(Deed::Join { user: 2, room: 0 });
    history.open(user(1));
    // Listens, and is not in the room.
    history.open(user(3));
    let listeners = |history: &History| -> Vec<_> {
        history.world.streams.by_id(room).unwrap().listeners().collect()
    };
    assert_eq!(listeners(&history), [user(1)]);
    drop(history.world.feeds.take_gained());
    history.send(user(0), room);
    let gained: BTreeMap<_, _> =
        history.world.feeds.take_gained().into_iter().map(|id| (id.owner, id.name)).collect();
    assert_eq!(gained.keys().copied().collect::<Vec<_>>(), [user(1)]);

    let feed = history.accounts[0].id.clone();
    history.world.close_feed(&feed);
    assert_eq!(listeners(&history), []);
}

#[test]
fn a_feed_that_nobody_reads_expires_and_its_owner_listens_no_more() {
    let mut history = History::new();
    history.world.settings.datafeed_ttl = Duration::from_secs(30 * 60);
    let room = history.rooms[0];
    history.open(user(0));
    history.happen(Deed::Wait { seconds: 30 * 60 });
    history.send(user(0), room);
    assert_eq!(history.world.streams.by_id(room).unwrap().listeners().count(), 0);
    assert_eq!(history.world.feeds_of(user(0), history.now).count(), 0);
    let feed = history.accounts[0].id.clone();
    assert!(history.world.begin_read(&feed, None, false, history.now).is_err());
}
