//! Information barriers: groups of users, and policies that keep those of two groups apart.
//!
//! That barriers hold in rooms is documented (SymphonyPlatformSolutions/symphony-developers-documentation,
//! ai/ai-agent/README.md); how the REST API refuses is not, but for groups of the profile manager and
//! subscriptions to signals. They act on who is together: whoever is with others since before a policy
//! stays in a room until he is taken out, and hears and speaks there.

use imbl::{OrdSet, Vector};
use serde::{Deserialize, Serialize};

use super::audit::Action;
use super::{DocumentId, Refusal, Stream, StreamId, Timestamp, UserId, World};

/// Users whom policies are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarrierGroup {
    pub id: DocumentId,
    /// Unique on the pod.
    pub name: String,
    pub active: bool,
    /// Of the pod itself.
    pub members: OrdSet<UserId>,
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// What is between two groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarrierPolicy {
    pub id: DocumentId,
    pub kind: BarrierPolicyType,
    pub active: bool,
    pub groups: [DocumentId; 2],
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// What a policy does with those of its two groups.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum BarrierPolicyType {
    /// They are in no conversation and room together.
    #[default]
    Block,
    /// They may be, as they may without it: what it is for is not documented.
    Allow,
}

/// All groups and policies in the order of their creation. Nothing of the public API creates any.
#[derive(Debug, Clone, Default)]
pub struct Barriers {
    groups: Vector<BarrierGroup>,
    policies: Vector<BarrierPolicy>,
}

/// Why somebody was not put into a group, or taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarrierMembershipFault {
    UserNotFound,
    AlreadyMember,
    NotMember,
}

/// Two who are kept apart, and by what.
struct Barred<'a> {
    one: UserId,
    other: UserId,
    policy: &'a BarrierPolicy,
    groups: [&'a BarrierGroup; 2],
}

impl BarrierMembershipFault {
    /// What an administrator is told. Real pods' texts are not published.
    pub fn message(self) -> &'static str {
        match self {
            Self::UserNotFound => "User not found",
            Self::AlreadyMember => "User is already a member",
            Self::NotMember => "User is not a member",
        }
    }
}

impl Barriers {
    pub fn groups(&self) -> impl Iterator<Item = &BarrierGroup> {
        self.groups.iter()
    }

    pub fn policies(&self) -> impl Iterator<Item = &BarrierPolicy> {
        self.policies.iter()
    }

    /// The policies that a group is part of.
    pub fn policies_of(&self, group: DocumentId) -> impl Iterator<Item = &BarrierPolicy> {
        self.policies().filter(move |policy| policy.groups.contains(&group))
    }

    pub fn group(&self, id: DocumentId) -> Option<&BarrierGroup> {
        self.groups().find(|group| group.id == id)
    }

    pub fn group_called(&self, name: &str) -> Option<&BarrierGroup> {
        self.groups().find(|group| group.name == name)
    }

    /// The policy of this kind between two groups, in whichever order they are given.
    pub fn policy_between(
        &self,
        kind: BarrierPolicyType,
        groups: [DocumentId; 2],
    ) -> Option<&BarrierPolicy> {
        let [one, other] = groups;
        self.policies().find(|policy| {
            policy.kind == kind && (policy.groups == groups || policy.groups == [other, one])
        })
    }

    /// Adds a group, or puts it in the place of the one that has its id.
    pub fn put_group(&mut self, group: BarrierGroup) {
        match self.groups.iter().position(|known| known.id == group.id) {
            Some(place) => self.groups[place] = group,
            None => self.groups.push_back(group),
        }
    }

    /// Adds a policy, or puts it in the place of the one that has its id.
    pub fn put_policy(&mut self, policy: BarrierPolicy) {
        match self.policies.iter().position(|known| known.id == policy.id) {
            Some(place) => self.policies[place] = policy,
            None => self.policies.push_back(policy),
        }
    }

    /// Whether two users are kept apart.
    pub fn between(&self, one: UserId, other: UserId) -> bool {
        self.from(one, [other]).is_some()
    }

    /// The policies that keep somebody apart, each with its groups in both orders. A policy does so
    /// while it is active, and both of its groups are.
    fn walls(&self) -> impl Iterator<Item = (&BarrierPolicy, [&BarrierGroup; 2])> {
        let blocks = |it: &&BarrierPolicy| it.active && it.kind == BarrierPolicyType::Block;
        self.policies().filter(blocks).flat_map(|policy| {
            let group = |id| self.group(id).filter(|group| group.active);
            let [one, other] = policy.groups.map(group);
            let both = one.zip(other);
            both.into_iter()
                .flat_map(move |(one, other)| [(policy, [one, other]), (policy, [other, one])])
        })
    }

    /// The first of these whom a user is kept apart from.
    fn from(
        &self,
        one: UserId,
        others: impl IntoIterator<Item = UserId> + Clone,
    ) -> Option<Barred<'_>> {
        self.walls().filter(|(_, [here, _])| here.members.contains(&one)).find_map(
            |(policy, groups)| {
                let mut others = others.clone().into_iter();
                let is_there = |it: &UserId| *it != one && groups[1].members.contains(it);
                others.find(is_there).map(|other| Barred { one, other, policy, groups })
            },
        )
    }
}

impl World {
    /// That nobody of these is kept apart from another of them.
    pub(super) fn check_barriers_among(&self, users: &[UserId]) -> Result<(), Refusal> {
        if self.barriers.policies.is_empty() {
            return Ok(());
        }
        let barred = users.iter().find_map(|one| self.barriers.from(*one, users.iter().copied()));
        barred.map_or(Ok(()), |barred| Err(barred.refusal()))
    }

    /// That a user is kept apart from none of those in a stream.
    pub(super) fn check_barriers_in(&self, user: UserId, stream: &Stream) -> Result<(), Refusal> {
        if self.barriers.policies.is_empty() {
            return Ok(());
        }
        let members: Vec<_> = stream.members().map(|member| member.user).collect();
        let barred = self.barriers.from(user, members.iter().copied());
        barred.map_or(Ok(()), |barred| Err(barred.refusal()))
    }

    /// A group that an administrator names.
    pub fn barrier_group(&self, id: &str) -> Result<&BarrierGroup, Refusal> {
        let known = id.trim().parse().ok().and_then(|id| self.barriers.group(id));
        known.ok_or_else(|| Refusal::BarrierGroupUnknown { id: id.to_owned(), listed: false })
    }

    /// Puts users into a group, and takes each out of the rooms in which somebody is whom he is
    /// now kept apart from. Tells of each what hindered it; the others are done.
    ///
    /// # Errors
    /// There is no such group.
    pub fn add_to_barrier_group(
        &mut self,
        by: UserId,
        id: &str,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Option<BarrierMembershipFault>>, Refusal> {
        let id = self.barrier_group(id)?.id;
        let outcomes = users.iter().map(|user| {
            if self.own_user(*user).is_err() {
                return Some(BarrierMembershipFault::UserNotFound);
            }
            let added =
                self.change_barrier_group(id, now, |members| members.insert(*user).is_none());
            if !added {
                return Some(BarrierMembershipFault::AlreadyMember);
            }
            self.record_barrier(by, Action::BarrierMemberAdded, id, *user, now);
            self.take_out_of_rooms(by, *user, now);
            None
        });
        Ok(outcomes.collect())
    }

    /// Takes users out of a group. Tells of each what hindered it; the others are done.
    ///
    /// # Errors
    /// There is no such group.
    pub fn remove_from_barrier_group(
        &mut self,
        by: UserId,
        id: &str,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Option<BarrierMembershipFault>>, Refusal> {
        let id = self.barrier_group(id)?.id;
        let outcomes = users.iter().map(|user| {
            if self.own_user(*user).is_err() {
                return Some(BarrierMembershipFault::UserNotFound);
            }
            let removed =
                self.change_barrier_group(id, now, |members| members.remove(user).is_some());
            if !removed {
                return Some(BarrierMembershipFault::NotMember);
            }
            self.record_barrier(by, Action::BarrierMemberRemoved, id, *user, now);
            None
        });
        Ok(outcomes.collect())
    }

    /// Gives whether anything changed.
    fn change_barrier_group(
        &mut self,
        id: DocumentId,
        now: Timestamp,
        change: impl FnOnce(&mut OrdSet<UserId>) -> bool,
    ) -> bool {
        let Some(group) = self.barriers.groups.iter_mut().find(|group| group.id == id) else {
            return false;
        };
        let changed = change(&mut group.members);
        if changed {
            group.modified = now;
        }
        changed
    }

    fn record_barrier(
        &mut self,
        by: UserId,
        action: Action,
        group: DocumentId,
        user: UserId,
        now: Timestamp,
    ) {
        let name = self.barriers.group(group).map(|group| group.name.clone());
        let deed = action.deed().to(user).with("informationBarrierGroup", name.unwrap_or_default());
        self.record_deed(by, deed, now);
    }

    /// Closed rooms stay as they are: their membership is locked.
    fn take_out_of_rooms(&mut self, by: UserId, user: UserId, now: Timestamp) {
        let rooms = self.streams.of_user(user).filter(|it| it.room().is_some() && it.active);
        let barred = rooms.filter(|room| self.check_barriers_in(user, room).is_err());
        let barred: Vec<StreamId> = barred.map(|room| room.id).collect();
        for room in barred {
            self.unseat_for_barrier(by, room, user, now);
        }
    }
}

impl Barred<'_> {
    fn refusal(&self) -> Refusal {
        Refusal::InformationBarrier {
            one: self.one,
            other: self.other,
            policy: self.policy.id,
            groups: self.groups.map(|group| group.name.clone()),
        }
    }
}
