//! Who follows whom.

use imbl::OrdMap;

use super::audit::Action;
use super::{Refusal, Timestamp, UserId, World};

/// Who follows whom, in the order in which they began to.
#[derive(Debug, Clone, Default)]
pub struct Following {
    /// Since which of all followings somebody (the second) follows somebody.
    since: OrdMap<(UserId, UserId), u64>,
    followers: OrdMap<(UserId, u64), UserId>,
    followed: OrdMap<(UserId, u64), UserId>,
    counted: u64,
}

/// The two directions of following.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Those who follow a user.
    Followers,
    /// Those whom he follows.
    Followed,
}

/// Which of the users in a list are asked for. Ranks count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// Those of higher ranks.
    After(usize),
    /// Those up to this rank, as many as fit in front of it.
    Before(usize),
    /// Those of higher ranks than one and up to the other.
    Between { after: usize, before: usize },
}

impl Following {
    /// Lets somebody follow a user. Nobody follows himself.
    /// Gives whether that is new.
    pub fn add(&mut self, followed: UserId, follower: UserId) -> bool {
        if followed == follower || self.since.contains_key(&(followed, follower)) {
            return false;
        }
        let place = self.counted;
        self.counted += 1;
        self.since.insert((followed, follower), place);
        self.followers.insert((followed, place), follower);
        self.followed.insert((follower, place), followed);
        true
    }

    fn remove(&mut self, followed: UserId, follower: UserId) -> bool {
        let Some(place) = self.since.remove(&(followed, follower)) else { return false };
        self.followers.remove(&(followed, place));
        self.followed.remove(&(follower, place));
        true
    }

    /// Who is followed by whom, in the order in which it began.
    pub fn in_order(&self) -> Vec<(UserId, UserId)> {
        let mut all: Vec<_> = self.since.iter().map(|(pair, place)| (*place, *pair)).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, pair)| pair).collect()
    }

    /// In the order in which the following began.
    pub fn list(&self, user: UserId, direction: Direction) -> impl Iterator<Item = UserId> + '_ {
        let list = match direction {
            Direction::Followers => &self.followers,
            Direction::Followed => &self.followed,
        };
        list.range((user, 0)..=(user, u64::MAX)).map(|(_, other)| *other)
    }
}

impl Cursor {
    /// The places in a list of `count` users that a page of `limit` has.
    pub fn page(self, count: usize, limit: usize) -> std::ops::Range<usize> {
        match self {
            Self::After(rank) => {
                let from = rank.min(count);
                from..from.saturating_add(limit).min(count)
            }
            Self::Before(rank) => {
                let to = rank.min(count);
                to.saturating_sub(limit)..to
            }
            Self::Between { after, before } => {
                let to = before.min(count);
                let from = after.min(to);
                from..from.saturating_add(limit).min(to)
            }
        }
    }
}

impl World {
    /// Makes users follow a user, or follow him no longer. Whoever is none of the pod's own users
    /// is left out, and given. What changes by the role of `by`, if it takes one, is recorded.
    ///
    /// That the others are done all the same is documented ("Follow User"), and that oneself is
    /// passed over.
    pub fn set_following(
        &mut self,
        followed: UserId,
        followers: &[UserId],
        on: bool,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Vec<UserId>, Refusal> {
        if self.users.person(followed).is_none() {
            return Err(Refusal::UserUnknown { id: followed.as_u64() });
        }
        let (mut unknown, mut changed) = (Vec::new(), false);
        for &follower in followers {
            match self.own_user(follower) {
                Ok(_) => changed |= self.follow(follower, followed, on),
                Err(_) => unknown.push(follower),
            }
        }
        if let Some(by) = by.filter(|_| changed) {
            let action = if on { Action::FollowersAdded } else { Action::FollowersRemoved };
            self.record_deed(by, action.deed().to(followed), now);
        }
        Ok(unknown)
    }

    /// Makes somebody follow somebody, or follow him no longer, of whichever pods they are. Gives
    /// whether that changed anything.
    pub fn follow(&mut self, follower: UserId, followed: UserId, on: bool) -> bool {
        match on {
            true => self.following.add(followed, follower),
            false => self.following.remove(followed, follower),
        }
    }

    /// One of the pod's own users' followers, or those whom he follows: users of other pods are
    /// never listed.
    pub fn following_of(&self, user: UserId, direction: Direction) -> Result<Vec<UserId>, Refusal> {
        self.own_user(user)?;
        let own = self.identity.id;
        let listed = self.following.list(user, direction);
        Ok(listed.filter(|other| other.pod() == own).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_at_the_cursor_that_it_is_before_and_begins_after_the_other() {
        for (cursor, count, limit, page) in [
            (Cursor::After(0), 5, 2, 0..2),
            (Cursor::After(4), 5, 2, 4..5),
            (Cursor::After(9), 5, 2, 5..5),
            (Cursor::Before(4), 5, 2, 2..4),
            (Cursor::Before(1), 5, 2, 0..1),
            (Cursor::Before(0), 5, 2, 0..0),
            (Cursor::Before(9), 5, 2, 3..5),
            (Cursor::After(usize::MAX), 0, usize::MAX, 0..0),
            (Cursor::Between { after: 1, before: 4 }, 5, 9, 1..4),
            (Cursor::Between { after: 1, before: 4 }, 5, 2, 1..3),
            (Cursor::Between { after: 0, before: 9 }, 5, usize::MAX, 0..5),
            (Cursor::Between { after: 3, before: 1 }, 5, 2, 1..1),
        ] {
            assert_eq!(cursor.page(count, limit), page, "{cursor:?}");
        }
    }
}
