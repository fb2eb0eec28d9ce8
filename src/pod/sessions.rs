use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashmap::DashMap;
use foldhash::quality::FixedState;

use crate::domain::{Principal, Session, Timestamp, TokenFault, UserId};

/// The sessions of one token space.
///
/// Looking one up takes the same time however many there are. A token is some 700 characters
/// long and the store does not keep it: 128 bits of hash are key enough.
#[derive(Debug)]
pub struct Sessions {
    live: DashMap<Key, Session, FixedState>,
    /// Sessions by their account, so that an account's sessions can be listed and ended without a search.
    /// May name sessions that have ended. Lock order: this one before `live`, never after.
    of: DashMap<Owner, Vec<Key>, FixedState>,
    /// The sessions that ended last, so that a refusal can say which call ended a token.
    ended: Mutex<VecDeque<Ended>>,
}

/// Whose account a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The user's own sessions, and those of apps on his behalf.
    User(UserId),
    /// The app's own sessions.
    App(Arc<str>),
}

type Key = (u64, u64);

#[derive(Debug, Clone, Copy)]
struct Ended {
    key: Key,
    by: &'static str,
    at: Timestamp,
}

/// How many ended sessions are remembered.
const REMEMBERED: usize = 1_000;

/// Parts of a map that are locked apart. By default there are four for each of the machine's
/// processors, and the maps of a pod would take 200 KB on a large one: too much where every test
/// has a pod of its own. Callers meet at the world's one lock anyway.
const SHARDS: usize = 4;

impl Default for Sessions {
    fn default() -> Self {
        Self {
            live: DashMap::with_hasher_and_shard_amount(FixedState::default(), SHARDS),
            of: DashMap::with_hasher_and_shard_amount(FixedState::default(), SHARDS),
            ended: Mutex::default(),
        }
    }
}

impl Sessions {
    pub fn open(&self, token: &str, session: Session) {
        let (key, owner) = (key(token), Owner::of(&session.principal));
        self.live.insert(key, session);
        let mut keys = self.of.entry(owner).or_default();
        // When the list is full, ended sessions are removed, and it doubles if most are live: a bot that
        // logs in and out all day takes no more room, and a login costs amortised constant time.
        if keys.len() == keys.capacity() {
            keys.retain(|key| self.live.contains_key(key));
            let room = keys.capacity();
            if keys.len() > room / 2 {
                keys.reserve(room);
            }
        }
        keys.push(key);
    }

    /// The session behind `token`, if it is good at `now`. Expiry is judged here, on use: nothing
    /// sweeps the store.
    pub fn find(&self, token: &str, now: Timestamp) -> Result<Session, TokenFault> {
        let key = key(token);
        match self.live.get(&key) {
            Some(session) if now < session.expires => Ok(session.clone()),
            Some(session) => Err(TokenFault::Expired { at: session.expires }),
            None => Err(self.fault(key)),
        }
    }

    /// Ends the session behind `token`. `by` names the call that ends it.
    pub fn end(&self, token: &str, now: Timestamp, by: &'static str) -> Result<(), TokenFault> {
        let key = key(token);
        match self.remove(key, now, by) {
            true => Ok(()),
            false => Err(self.fault(key)),
        }
    }

    /// Ends those of an account's sessions that `which` picks. Gives how many there were.
    pub fn end_of(
        &self,
        owner: &Owner,
        now: Timestamp,
        by: &'static str,
        which: impl Fn(&Session) -> bool,
    ) -> usize {
        let keys: Vec<Key> = self.keys_of(owner);
        let picked = |key: &Key| self.live.get(key).is_some_and(|session| which(&session));
        keys.into_iter().filter(picked).filter(|key| self.remove(*key, now, by)).count()
    }

    /// An account's sessions that are good at `now`, the oldest first.
    pub fn list_of(&self, owner: &Owner, now: Timestamp) -> Vec<Session> {
        let mut sessions: Vec<_> = self
            .keys_of(owner)
            .iter()
            .filter_map(|key| self.live.get(key).map(|session| session.clone()))
            .filter(|session| now < session.expires)
            .collect();
        sessions.sort_by_key(|session| (session.created, session.serial));
        sessions
    }

    /// How many sessions are good at `now`.
    pub fn count(&self, now: Timestamp) -> usize {
        self.live.iter().filter(|session| now < session.expires).count()
    }

    /// A store of its own with the sessions that this one has now.
    pub fn fork(&self) -> Self {
        let fork = Self::default();
        fork.fill_from(self);
        *fork.ended() = self.ended().clone();
        fork
    }

    /// Takes over the sessions of `then`. Others end; `by` names what ends them.
    pub fn restore(&self, then: &Self, now: Timestamp, by: &'static str) {
        let since: Vec<Key> = self.live.iter().map(|session| *session.key()).collect();
        let mut ended = then.ended().clone();
        for key in since.into_iter().filter(|key| !then.live.contains_key(key)) {
            note(&mut ended, Ended { key, by, at: now });
        }
        self.live.clear();
        self.of.clear();
        self.fill_from(then);
        *self.ended() = ended;
    }

    fn fill_from(&self, other: &Self) {
        for session in &other.live {
            self.live.insert(*session.key(), session.clone());
        }
        for keys in &other.of {
            self.of.insert(keys.key().clone(), keys.clone());
        }
    }

    fn ended(&self) -> MutexGuard<'_, VecDeque<Ended>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys_of(&self, owner: &Owner) -> Vec<Key> {
        self.of.get(owner).map(|keys| keys.clone()).unwrap_or_default()
    }

    /// Of two calls that end a session at the same time, one is told that it did.
    fn remove(&self, key: Key, now: Timestamp, by: &'static str) -> bool {
        if self.live.remove(&key).is_none() {
            return false;
        }
        note(&mut self.ended(), Ended { key, by, at: now });
        true
    }

    fn fault(&self, key: Key) -> TokenFault {
        match self.ended().iter().rev().find(|ended| ended.key == key) {
            Some(Ended { by, at, .. }) => TokenFault::Ended { by, at: *at },
            None => TokenFault::Unknown,
        }
    }
}

fn note(remembered: &mut VecDeque<Ended>, ended: Ended) {
    if remembered.len() == REMEMBERED {
        remembered.pop_front();
    }
    remembered.push_back(ended);
}

impl Owner {
    fn of(principal: &Principal) -> Self {
        match principal {
            Principal::User(user) | Principal::OnBehalfOf { user, .. } => Self::User(*user),
            Principal::App(app) => Self::App(Arc::clone(app)),
        }
    }
}

/// A hash is enough, no digest is needed: a collision gains nobody anything, and SHA-256 took as long
/// as making the token.
fn key(token: &str) -> Key {
    let half = |seed| FixedState::with_seed(seed).hash_one(token);
    (half(0), half(1))
}
