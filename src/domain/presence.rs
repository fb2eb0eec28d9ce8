use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use serde::{Deserialize, Serialize};

use super::audit::Action;
use super::{Refusal, Timestamp, UserId, World};

/// Who is there, who looks on, and who was told what.
#[derive(Debug, Clone, Default)]
pub struct Presences {
    of: OrdMap<UserId, Standing>,
    /// The users in the order in which their presence last changed.
    by_change: OrdMap<Change, UserId>,
    last_change: Change,
    feeds: OrdMap<Arc<str>, PresenceFeed>,
    /// Who wants to know of whom on other pods.
    interests: OrdSet<(UserId, UserId)>,
}

/// What somebody's presence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    pub user: UserId,
    pub category: PresenceCategory,
    /// When it became so; none for those of whom nothing was ever heard.
    pub since: Option<Timestamp>,
}

/// The categories of presence, as the second version of the API knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PresenceCategory {
    Available,
    Busy,
    DoNotDisturb,
    OnThePhone,
    BeRightBack,
    InAMeeting,
    Away,
    OutOfOffice,
    OffWork,
    Offline,
}

/// How a presence is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresenceChange {
    /// Whatever it was before.
    Hard,
    /// With regard to what it was: who is offline stays so, and the new presence shows once he
    /// comes online.
    Soft,
}

/// Counts the changes of presence on the pod.
type Change = u64;

#[derive(Debug, Clone, Copy)]
struct Standing {
    category: PresenceCategory,
    since: Timestamp,
    change: Change,
    /// What shows once the user comes online.
    upcoming: Option<PresenceCategory>,
}

#[derive(Debug, Clone, Copy)]
struct PresenceFeed {
    owner: UserId,
    /// The last change it told.
    told: Change,
}

impl PresenceCategory {
    /// All of them, with their names on the wire.
    pub const NAMES: [(Self, &str); 10] = [
        (Self::Available, "AVAILABLE"),
        (Self::Busy, "BUSY"),
        (Self::DoNotDisturb, "DO_NOT_DISTURB"),
        (Self::OnThePhone, "ON_THE_PHONE"),
        (Self::BeRightBack, "BE_RIGHT_BACK"),
        (Self::InAMeeting, "IN_A_MEETING"),
        (Self::Away, "AWAY"),
        (Self::OutOfOffice, "OUT_OF_OFFICE"),
        (Self::OffWork, "OFF_WORK"),
        (Self::Offline, "OFFLINE"),
    ];

    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(named, _)| *named == self);
        named.map_or("UNDEFINED", |(_, name)| name)
    }
}

impl Presences {
    /// What is known of a user's presence; nothing where nothing was ever heard of him.
    pub fn known(&self, user: UserId) -> Option<Presence> {
        Some(self.of(user)).filter(|presence| presence.since.is_some())
    }

    /// Counts the changes of presence so far.
    pub fn changes(&self) -> u64 {
        self.last_change
    }

    /// Says what a user's presence is, and since when. Feeds that are open tell of it.
    pub fn seed(&mut self, user: UserId, category: PresenceCategory, since: Timestamp) {
        self.set(user, category, since);
    }

    /// Records a presence. Setting what is there already is no change to tell, but a fresh time.
    fn set(&mut self, user: UserId, category: PresenceCategory, now: Timestamp) {
        let before = self.of.get(&user);
        if let Some(before) = before {
            self.by_change.remove(&before.change);
        }
        let change = match before {
            Some(before) if before.category == category => before.change,
            _ => {
                self.last_change += 1;
                self.last_change
            }
        };
        self.by_change.insert(change, user);
        self.of.insert(user, Standing { category, since: now, change, upcoming: None });
    }

    fn of(&self, user: UserId) -> Presence {
        match self.of.get(&user) {
            Some(standing) => {
                Presence { user, category: standing.category, since: Some(standing.since) }
            }
            None => Presence { user, category: PresenceCategory::Offline, since: None },
        }
    }

    fn feed_of(&mut self, id: &str, owner: UserId) -> Result<&mut PresenceFeed, Refusal> {
        let feed = self.feeds.get_mut(id).filter(|feed| feed.owner == owner);
        feed.ok_or_else(|| Refusal::PresenceFeedUnknown { id: id.to_owned() })
    }
}

impl World {
    /// The presence of `user` as `me` may see it: that of a foreign user only when connected to,
    /// and once an interest in him was registered. All others look offline.
    pub fn presence(&self, me: UserId, user: UserId, local: bool) -> Result<Presence, Refusal> {
        if self.users.person(user).is_none() {
            return Err(Refusal::UserNotFound { id: user.as_u64() });
        }
        let told = user.pod() == me.pod() || {
            let interested = self.presences.interests.contains(&(me, user));
            !local && interested && self.are_connected(me, user)
        };
        if told {
            return Ok(self.presences.of(user));
        }
        Ok(Presence { user, category: PresenceCategory::Offline, since: None })
    }

    /// `me` sets the presence of `user`: his own, or, with the privilege, that of another user of
    /// the pod. Answers with what is stored.
    pub fn set_presence(
        &mut self,
        me: UserId,
        user: UserId,
        category: PresenceCategory,
        how: PresenceChange,
        now: Timestamp,
    ) -> Result<Presence, Refusal> {
        if me != user && !self.provisions_users(me) {
            return Err(Refusal::NotEntitled { needs: "the role USER_PROVISIONING" });
        }
        let unknown = |_| Refusal::UserNotFound { id: user.as_u64() };
        self.own_user(user).map_err(unknown)?;
        let before = self.presences.known(user);
        let offline = self.presences.of(user).category == PresenceCategory::Offline;
        if how == PresenceChange::Soft && offline {
            if self.presences.of(user).since.is_none() {
                self.presences.set(user, PresenceCategory::Offline, now);
            }
            if let Some(standing) = self.presences.of.get_mut(&user) {
                standing.upcoming = Some(category);
            }
        } else {
            self.presences.set(user, category, now);
        }
        let after = self.presences.of(user);
        let was = before.map_or(PresenceCategory::Offline, |before| before.category);
        if me != user && was != after.category {
            let deed = Action::PresenceUpdated.deed().to(user);
            let deed =
                deed.with("oldValue", was.as_str()).with("newValue", after.category.as_str());
            self.record_deed(me, deed, now);
        }
        Ok(after)
    }

    /// `user` shows signs of life, as a bot does that reads its feed: who is offline or away
    /// becomes available, or what was set softly in the meantime.
    pub fn note_presence(&mut self, user: UserId, now: Timestamp) {
        let upcoming = self.presences.of.get(&user).and_then(|standing| standing.upcoming);
        let category = self.presences.of(user).category;
        if matches!(category, PresenceCategory::Offline | PresenceCategory::Away) {
            let category = upcoming.unwrap_or(PresenceCategory::Available);
            self.presences.set(user, category, now);
        }
    }

    /// The presences of the pod's own active users from `first` on, by id, at most `limit`.
    pub fn pod_presences(
        &self,
        first: Option<UserId>,
        limit: usize,
        now: Timestamp,
    ) -> Vec<Presence> {
        let own = self.identity.id;
        self.users
            .from(first.unwrap_or(UserId::new(own, 0)))
            .skip_while(|user| user.id.pod() < own)
            .take_while(|user| user.id.pod() == own)
            .filter(|user| user.is_active(now) && !user.is_group())
            .take(limit)
            .map(|user| self.presences.of(user.id))
            .collect()
    }

    /// `me` wants to know of the presence of these users, who may be on other pods.
    pub fn register_presence_interest(
        &mut self,
        me: UserId,
        users: &[UserId],
    ) -> Result<(), Refusal> {
        if let Some(&user) = users.iter().find(|user| self.users.person(**user).is_none()) {
            return Err(Refusal::UserNotFound { id: user.as_u64() });
        }
        self.presences.interests.extend(users.iter().map(|user| (me, *user)));
        Ok(())
    }

    /// Opens a feed of the changes from now on. Answers with its id.
    pub fn open_presence_feed(&mut self, me: UserId) -> String {
        let id = self.rng.uuid();
        let feed = PresenceFeed { owner: me, told: self.presences.last_change };
        self.presences.feeds.insert(Arc::from(id.as_str()), feed);
        id
    }

    /// The users of the pod whose presence changed since the last read, each once, in the order of
    /// their changes.
    pub fn read_presence_feed(&mut self, me: UserId, id: &str) -> Result<Vec<Presence>, Refusal> {
        const BATCH: usize = 500;
        let told = self.presences.feed_of(id, me)?.told;
        let changed: Vec<_> =
            self.presences.by_change.range(told + 1..).take(BATCH).map(|(n, u)| (*n, *u)).collect();
        if let Some(&(last, _)) = changed.last() {
            self.presences.feed_of(id, me)?.told = last;
        }
        Ok(changed.into_iter().map(|(_, user)| self.presences.of(user)).collect())
    }

    pub fn close_presence_feed(&mut self, me: UserId, id: &str) -> Result<(), Refusal> {
        self.presences.feed_of(id, me)?;
        self.presences.feeds.remove(id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{AT, LATER, Sample};

    #[test]
    fn a_soft_presence_shows_only_once_the_user_comes_online() {
        let Sample { mut world, bot, .. } = Sample::new();
        let busy = PresenceCategory::Busy;
        let set = world.set_presence(bot, bot, busy, PresenceChange::Soft, AT).unwrap();
        assert_eq!(set.category, PresenceCategory::Offline);
        world.note_presence(bot, LATER);
        let now = world.presence(bot, bot, true).unwrap();
        assert_eq!((now.category, now.since), (busy, Some(LATER)));
        world.note_presence(bot, LATER);
        assert_eq!(world.presence(bot, bot, true).unwrap().category, busy);
    }

    #[test]
    fn a_feed_tells_each_change_once_and_the_latest_of_several() {
        let Sample { mut world, bot, alice, .. } = Sample::new();
        world.note_presence(alice, AT);
        let feed = world.open_presence_feed(bot);
        assert_eq!(world.read_presence_feed(bot, &feed).unwrap(), []);
        for category in [PresenceCategory::Busy, PresenceCategory::Away, PresenceCategory::Away] {
            world.set_presence(bot, bot, category, PresenceChange::Hard, LATER).unwrap();
        }
        let told = world.read_presence_feed(bot, &feed).unwrap();
        let away = PresenceCategory::Away;
        assert_eq!(told, [Presence { user: bot, category: away, since: Some(LATER) }]);
        assert_eq!(world.read_presence_feed(bot, &feed).unwrap(), []);
        assert!(world.read_presence_feed(alice, &feed).is_err());
        world.close_presence_feed(bot, &feed).unwrap();
        assert!(world.close_presence_feed(bot, &feed).is_err());
    }

    #[test]
    fn a_foreign_user_shows_to_whom_he_is_connected_and_who_asked() {
        let Sample { mut world, bot, carol, .. } = Sample::new();
        world.presences.set(carol, PresenceCategory::Busy, AT);
        let seen = |world: &World, local| world.presence(bot, carol, local).unwrap().category;
        world.register_presence_interest(bot, &[carol]).unwrap();
        assert_eq!(seen(&world, false), PresenceCategory::Offline);
        world.request_connection(bot, carol, AT).unwrap();
        world.accept_connection(carol, bot, AT).unwrap();
        assert_eq!(seen(&world, false), PresenceCategory::Busy);
        assert_eq!(seen(&world, true), PresenceCategory::Offline);
    }
}
