use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet, Vector};
use ring::digest::{SHA256, digest};

use crate::domain::{Principal, Session, Timestamp, TokenFault, UserId};

/// The sessions of one token space.
///
/// What looking one up costs hardly grows with how many there are. A token is some 700 characters
/// long and the store does not keep it: half of its SHA-256 is key enough.
///
/// One lock, which readers share: whoever wants a session wants the world next, and that has one
/// lock too. Copies share what neither of them has changed since, as those of the world do.
#[derive(Debug, Default)]
pub struct Sessions(RwLock<Table>);

#[derive(Debug, Clone, Default)]
struct Table {
    live: OrdMap<Key, Session>,
    /// Whose they are, so that an account's sessions can be listed and ended without a search.
    of: OrdSet<(Owner, Key)>,
    /// The sessions that ended last, so that a refusal can say which call ended a token.
    ended: Vector<Ended>,
}

/// Whose account a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The user's own sessions, and those of apps on his behalf.
    User(UserId),
    /// The app's own sessions.
    App(Arc<str>),
}

/// Bytes of a token's digest that tell it apart.
const KEY: usize = 16;

type Key = [u8; KEY];

#[derive(Debug, Clone, Copy)]
struct Ended {
    key: Key,
    by: &'static str,
    at: Timestamp,
}

/// How many ended sessions are remembered.
const REMEMBERED: usize = 1_000;

impl Sessions {
    pub fn open(&self, token: &str, session: Session) {
        self.write().insert(key(token), session);
    }

    /// The session behind `token`, if it is good at `now`. Expiry is judged here, on use: nothing
    /// sweeps the store.
    pub fn find(&self, token: &str, now: Timestamp) -> Result<Session, TokenFault> {
        let key = key(token);
        let table = self.read();
        match table.live.get(&key) {
            Some(session) if now < session.expires => Ok(session.clone()),
            Some(session) => Err(TokenFault::Expired { at: session.expires }),
            None => Err(table.fault(key)),
        }
    }

    /// Ends the session behind `token`. `by` names the call that ends it. Of two who end a session
    /// at the same time, one is told that it was he.
    pub fn end(&self, token: &str, now: Timestamp, by: &'static str) -> Result<(), TokenFault> {
        let key = key(token);
        let mut table = self.write();
        match table.remove(key) {
            true => {
                table.note(Ended { key, by, at: now });
                Ok(())
            }
            false => Err(table.fault(key)),
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
        let mut table = self.write();
        let picked: Vec<Key> =
            table.of(owner).filter(|(_, session)| which(session)).map(|(key, _)| key).collect();
        for &key in &picked {
            table.remove(key);
            table.note(Ended { key, by, at: now });
        }
        picked.len()
    }

    /// An account's sessions that are good at `now`, the oldest first.
    pub fn list_of(&self, owner: &Owner, now: Timestamp) -> Vec<Session> {
        let table = self.read();
        let good = table.of(owner).filter(|(_, session)| now < session.expires);
        let mut sessions: Vec<_> = good.map(|(_, session)| session.clone()).collect();
        sessions.sort_by_key(|session| (session.created, session.serial));
        sessions
    }

    /// A store of its own with the sessions that this one has now.
    pub fn fork(&self) -> Self {
        Self(RwLock::new(self.read().clone()))
    }

    /// Becomes what `then` is. Sessions that `then` does not have end; `by` names what ends them.
    pub fn restore(&self, then: &Self, now: Timestamp, by: &'static str) {
        let mut restored = then.read().clone();
        let mut table = self.write();
        for difference in then.read().live.diff(&table.live) {
            if let DiffItem::Add(&key, _) = difference {
                restored.note(Ended { key, by, at: now });
            }
        }
        *table = restored;
    }

    // A panic between two changes of a table is a bug, and costs at most a session.
    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn insert(&mut self, key: Key, session: Session) {
        self.of.insert((Owner::of(&session.principal), key));
        self.live.insert(key, session);
    }

    fn remove(&mut self, key: Key) -> bool {
        let removed = self.live.remove(&key);
        if let Some(session) = &removed {
            self.of.remove(&(Owner::of(&session.principal), key));
        }
        removed.is_some()
    }

    fn of(&self, owner: &Owner) -> impl Iterator<Item = (Key, &Session)> {
        let (first, last) = ((owner.clone(), Key::default()), (owner.clone(), [u8::MAX; KEY]));
        let keys = self.of.range(first..=last);
        keys.filter_map(|(_, key)| Some((*key, self.live.get(key)?)))
    }

    fn note(&mut self, ended: Ended) {
        if self.ended.len() == REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back(ended);
    }

    fn fault(&self, key: Key) -> TokenFault {
        match self.ended.iter().rev().find(|ended| ended.key == key) {
            Some(Ended { by, at, .. }) => TokenFault::Ended { by, at: *at },
            None => TokenFault::Unknown,
        }
    }
}

impl Owner {
    fn of(principal: &Principal) -> Self {
        match principal {
            Principal::User(user) | Principal::OnBehalfOf { user, .. } => Self::User(*user),
            Principal::App(app) => Self::App(Arc::clone(app)),
        }
    }
}

fn key(token: &str) -> Key {
    let digest = digest(&SHA256, token.as_bytes());
    let mut key = Key::default();
    key.copy_from_slice(&digest.as_ref()[..KEY]);
    key
}
