use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use ring::digest::{SHA256, digest};

use crate::domain::{Session, Timestamp, TokenFault};

/// The sessions of one token space.
///
/// Looking one up takes the same time however many there are. A token is some 700 characters
/// long and the store does not keep it: half of its SHA-256 is key enough.
#[derive(Debug, Default)]
pub struct Sessions {
    live: DashMap<Key, Session>,
    /// The sessions that ended last, so that a refusal can say which call ended a token.
    ended: Mutex<VecDeque<Ended>>,
}

type Key = [u8; 16];

#[derive(Debug)]
struct Ended {
    key: Key,
    by: &'static str,
    at: Timestamp,
}

/// How many ended sessions are remembered.
const REMEMBERED: usize = 1_000;

impl Sessions {
    pub fn open(&self, token: &str, session: Session) {
        self.live.insert(key(token), session);
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
        match self.live.entry(key) {
            Entry::Occupied(entry) => drop(entry.remove()),
            Entry::Vacant(_) => return Err(self.fault(key)),
        }
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.len() == REMEMBERED {
            ended.pop_front();
        }
        ended.push_back(Ended { key, by, at: now });
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.live.len()
    }

    fn fault(&self, key: Key) -> TokenFault {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        match ended.iter().rev().find(|ended| ended.key == key) {
            Some(Ended { by, at, .. }) => TokenFault::Ended { by, at: *at },
            None => TokenFault::Unknown,
        }
    }
}

fn key(token: &str) -> Key {
    let digest = digest(&SHA256, token.as_bytes());
    let mut key = Key::default();
    key.copy_from_slice(&digest.as_ref()[..size_of::<Key>()]);
    key
}
