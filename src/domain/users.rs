use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::similarity::nearest;
use super::{
    AccountType, Avatar, DocumentId, Features, KeyRing, PodId, Profile, Refusal, Timestamp, UserId,
    World,
};

/// Somebody with an account: a person, or a bot's service user.
#[derive(Debug, Clone)]
pub struct User {
    pub id: UserId,
    /// Unique on its pod; what a client certificate's Common Name must equal, letter case included.
    pub username: String,
    pub account_type: AccountType,
    pub status: AccountStatus,
    pub display_name: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub company: String,
    pub title: Option<String>,
    pub department: Option<String>,
    pub location: Option<String>,
    /// Role ids as a pod spells them, `USER_PROVISIONING` for one, in the order they were given.
    pub roles: Vec<String>,
    pub features: Features,
    /// Whether this account may log in with a client certificate at all.
    pub certificate_login: bool,
    /// The RSA keys of its JWT logins.
    pub keys: KeyRing,
    pub suspension: Option<Suspension>,
    pub profile: Profile,
    /// The picture that it was given.
    pub avatar: Option<Avatar>,
    /// Who may act for him in Symphony's clients, in the order in which they were named.
    pub delegates: Vec<UserId>,
    /// The disclaimer that he was given; whoever was given none has the pod's default.
    pub disclaimer: Option<DocumentId>,
    /// What a bot says of its commands: the text of a JSON document.
    pub manifest: Option<String>,
    pub history: AccountHistory,
}

/// When what happened to an account. What is absent never happened, or nobody knows when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountHistory {
    pub created: Option<Timestamp>,
    /// The administrator who opened it; none for a seeded one.
    pub created_by: Option<UserId>,
    pub updated: Option<Timestamp>,
    pub last_login: Option<Timestamp>,
    pub deactivated: Option<Timestamp>,
}

/// An account out of use for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Logins are good again from here on; never, where there is none.
    pub until: Option<SuspensionEnd>,
    pub reason: Option<String>,
}

/// The end of a suspension, as the administrator's client wrote it.
///
/// The API file's example counts seconds and both BDKs send milliseconds. A number that would be
/// later than the year 5000 in seconds is taken for milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspensionEnd(pub u64);

impl SuspensionEnd {
    pub fn at(self) -> Timestamp {
        const MILLIS_FROM: u64 = 100_000_000_000;
        match self.0 {
            seconds @ ..MILLIS_FROM => Timestamp::from_millis(seconds * 1_000),
            millis => Timestamp::from_millis(millis),
        }
    }
}

/// Whether the account is in use, spelt as the API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AccountStatus {
    Enabled,
    Disabled,
}

impl AccountStatus {
    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }
}

/// All users the pod knows, its own and those of foreign pods.
#[derive(Debug, Clone, Default)]
pub struct Users {
    by_id: OrdMap<UserId, Arc<User>>,
    /// Usernames are unique per pod, not across pods: two banks may both have an `alice`.
    by_name: OrdMap<(PodId, Arc<str>), UserId>,
}

impl User {
    /// A group's account, with which nobody does anything.
    pub fn is_group(&self) -> bool {
        self.account_type == AccountType::Sdl
    }

    pub fn is_service_user(&self) -> bool {
        self.account_type == AccountType::System
    }

    /// A login ends a suspension whose time is over; until then it is shown as it was.
    pub(super) fn note_login(&mut self, now: Timestamp) {
        if self.is_active(now) {
            self.suspension = None;
            self.history.last_login = Some(now);
        }
    }

    /// Whether the user has a role, by its id as a pod spells it: `USER_PROVISIONING` for one.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }

    /// Whether the account may log in and act at `now`: it is enabled, and not suspended.
    pub fn is_active(&self, now: Timestamp) -> bool {
        let suspended = self
            .suspension
            .as_ref()
            .is_some_and(|suspension| suspension.until.is_none_or(|until| now < until.at()));
        self.status == AccountStatus::Enabled && !suspended
    }
}

impl World {
    /// Whoever is called so on the own pod, else on any other; or who has this id.
    pub fn user_called(&self, username: &str) -> Option<UserId> {
        let own = self.users.by_username(self.identity.id, username).map(|user| user.id);
        let foreign = || {
            let pods = self.identity.foreign_pods.keys();
            pods.filter_map(|pod| self.users.by_username(*pod, username)).map(|user| user.id).next()
        };
        let by_id = || {
            let id = UserId::from_wire(username.parse().ok()?);
            self.users.by_id(id).map(|user| user.id)
        };
        own.or_else(foreign).or_else(by_id)
    }

    /// The picture that an account was given.
    pub fn avatar_of(&self, account: UserId) -> Option<&Avatar> {
        self.users.by_id(account)?.avatar.as_ref()
    }

    /// Whether the user has a role that a call needs.
    pub fn check_role(&self, user: UserId, role: &'static str) -> Result<(), Refusal> {
        match self.users.by_id(user).is_some_and(|user| user.has_role(role)) {
            true => Ok(()),
            false => Err(Refusal::RoleMissing { role }),
        }
    }
}

impl Users {
    /// Adds `user`, or gives it back when its id or its name is taken.
    pub fn insert(&mut self, user: User) -> Result<(), Box<User>> {
        let name = (user.id.pod(), Arc::from(user.username.as_str()));
        if self.by_id.contains_key(&user.id) || self.by_name.contains_key(&name) {
            return Err(Box::new(user));
        }
        self.by_name.insert(name, user.id);
        self.by_id.insert(user.id, Arc::new(user));
        Ok(())
    }

    pub fn by_id(&self, id: UserId) -> Option<&User> {
        self.by_id.get(&id).map(Arc::as_ref)
    }

    /// Somebody with an account, of whichever pod: a person or a service user, and no group.
    pub fn person(&self, id: UserId) -> Option<&User> {
        self.by_id(id).filter(|user| !user.is_group())
    }

    pub fn by_id_mut(&mut self, id: UserId) -> Option<&mut User> {
        self.by_id.get_mut(&id).map(Arc::make_mut)
    }

    /// The user of `pod` with exactly this username.
    pub fn by_username(&self, pod: PodId, username: &str) -> Option<&User> {
        // The key is owned because a borrowed pair cannot look up one that owns its text.
        let id = self.by_name.get(&(pod, Arc::from(username)))?;
        self.by_id(*id)
    }

    /// Calls a user something else. The name must be free.
    pub(super) fn rename(&mut self, id: UserId, username: &str) {
        if let Some(user) = self.by_id.get_mut(&id).map(Arc::make_mut) {
            self.by_name.remove(&(id.pod(), Arc::from(user.username.as_str())));
            self.by_name.insert((id.pod(), Arc::from(username)), id);
            user.username = username.to_owned();
        }
    }

    pub(super) fn remove(&mut self, id: UserId) {
        if let Some(user) = self.by_id.remove(&id) {
            self.by_name.remove(&(id.pod(), Arc::from(user.username.as_str())));
        }
    }

    /// The id of the next user of `pod`: one above the highest there is.
    pub(super) fn next_id(&self, pod: PodId) -> UserId {
        let of_pod = UserId::new(pod, 0)..=UserId::new(pod, u64::MAX);
        let last = self.by_id.range(of_pod).next_back();
        UserId::new(pod, last.map_or(0, |(id, _)| id.number()) + 1)
    }

    /// Changes the users that `which` is true of. The others stay shared with older states of the pod.
    pub(super) fn change_those(
        &mut self,
        which: impl Fn(&User) -> bool,
        mut change: impl FnMut(&mut User),
    ) {
        let ids: Vec<_> = self.iter().filter(|user| which(user)).map(|user| user.id).collect();
        for id in ids {
            if let Some(user) = self.by_id_mut(id) {
                change(user);
            }
        }
    }

    /// The users in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.by_id.values().map(Arc::as_ref)
    }

    /// The users from this id on, in the order of their ids.
    pub fn from(&self, first: UserId) -> impl Iterator<Item = &User> {
        self.by_id.range(first..).map(|(_, user)| user.as_ref())
    }

    /// The username of `pod` most like `name`, for the sake of a helpful refusal.
    pub fn nearest_username(&self, pod: PodId, name: &str) -> Option<&str> {
        let of_pod = self.by_id.values().filter(|user| user.id.pod() == pod);
        nearest(of_pod.map(|user| user.username.as_str()), name)
    }
}
