//! Information barriers: groups of users, and policies that keep those of two groups apart.
//!
//! That barriers hold in rooms is documented (SymphonyPlatformSolutions/symphony-developers-documentation,
//! ai/ai-agent/README.md); how the REST API refuses is not, but for groups of the profile manager and
//! subscriptions to signals. They act on who is together: whoever is with others since before a policy
//! stays in a room until he is taken out, and hears and speaks there.

use std::collections::BTreeMap;

use imbl::OrdSet;
use serde::{Deserialize, Serialize};

use super::audit::Action;
use super::register::{Register, Registered};
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
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
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
    groups: Register<BarrierGroup>,
    policies: Register<BarrierPolicy>,
    /// Users, each with the groups that he is in.
    memberships: OrdSet<(UserId, DocumentId)>,
    /// Groups, each with the places of the policies that it is part of.
    parts: OrdSet<(DocumentId, usize)>,
}

/// A policy by its place, and which of its groups somebody is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wall {
    place: usize,
    side: usize,
}

/// Why somebody was not put into a group, or taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarrierMembershipFault {
    UserNotFound,
    AlreadyMember,
    NotMember,
}

/// What an administrator does with users and a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarrierMembershipChange {
    Add,
    Remove,
}

/// Two who are kept apart, and by what.
struct Barred<'a> {
    one: UserId,
    other: UserId,
    policy: &'a BarrierPolicy,
    groups: [&'a BarrierGroup; 2],
}

impl Registered for BarrierGroup {
    type Id = DocumentId;
    type Name = String;

    fn id(&self) -> DocumentId {
        self.id
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Registered for BarrierPolicy {
    type Id = DocumentId;
    /// What it does, and the groups in the order of their ids.
    type Name = (BarrierPolicyType, [DocumentId; 2]);

    fn id(&self) -> DocumentId {
        self.id
    }

    fn name(&self) -> Self::Name {
        (self.kind, in_order(self.groups))
    }
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
        self.places_of(group).filter_map(|place| self.policies.at(place))
    }

    fn places_of(&self, group: DocumentId) -> impl Iterator<Item = usize> {
        self.parts.range((group, 0)..=(group, usize::MAX)).map(|(_, place)| *place)
    }

    /// The groups that a user is in, in the order of their ids.
    fn groups_of(&self, user: UserId) -> impl Iterator<Item = DocumentId> {
        let of_user = (user, DocumentId::MIN)..=(user, DocumentId::MAX);
        self.memberships.range(of_user).map(|(_, group)| *group)
    }

    pub fn group(&self, id: DocumentId) -> Option<&BarrierGroup> {
        self.groups.by_id(&id)
    }

    pub fn group_called(&self, name: &str) -> Option<&BarrierGroup> {
        self.groups.called(name)
    }

    /// The policy of this kind between two groups, in whichever order they are given.
    pub fn policy_between(
        &self,
        kind: BarrierPolicyType,
        groups: [DocumentId; 2],
    ) -> Option<&BarrierPolicy> {
        self.policies.called(&(kind, in_order(groups)))
    }

    /// Adds a group, or puts it in the place of the one that has its id.
    pub fn put_group(&mut self, group: BarrierGroup) {
        let (id, members) = (group.id, group.members.clone());
        if let Some(before) = self.groups.put(group) {
            for user in before.members {
                self.memberships.remove(&(user, id));
            }
        }
        self.memberships.extend(members.into_iter().map(|user| (user, id)));
    }

    /// Adds a policy, or puts it in the place of the one that has its id.
    pub fn put_policy(&mut self, policy: BarrierPolicy) {
        let (id, groups) = (policy.id, policy.groups);
        let before = self.policies.put(policy);
        let Some(place) = self.policies.place(&id) else { return };
        for group in before.into_iter().flat_map(|before| before.groups) {
            self.parts.remove(&(group, place));
        }
        self.parts.extend(groups.map(|group| (group, place)));
    }

    /// Puts a user into a group, or takes him out. Gives whether he was not as he is now.
    fn set_member(
        &mut self,
        group: DocumentId,
        user: UserId,
        is_member: bool,
        now: Timestamp,
    ) -> bool {
        if self.memberships.contains(&(user, group)) == is_member {
            return false;
        }
        let changed = self.groups.change(&group, |group| {
            match is_member {
                true => group.members.insert(user),
                false => group.members.remove(&user),
            };
            group.modified = now;
        });
        if changed {
            match is_member {
                true => self.memberships.insert((user, group)),
                false => self.memberships.remove(&(user, group)),
            };
        }
        changed
    }

    /// Whether two users are kept apart.
    pub fn between(&self, one: UserId, other: UserId) -> bool {
        self.from(one, [other]).is_some()
    }

    /// Those groups from whose members a user is kept apart, each with the first policy that does so
    /// and the group of his that it is about. A policy does so while it is active, and both of its
    /// groups are.
    fn walls(&self, user: UserId) -> BTreeMap<DocumentId, Wall> {
        let mut walls = BTreeMap::<_, Wall>::new();
        let active = |id: &DocumentId| self.group(*id).is_some_and(|group| group.active);
        for here in self.groups_of(user).filter(active) {
            for place in self.places_of(here) {
                let blocks = |it: &&BarrierPolicy| it.active && it.kind == BarrierPolicyType::Block;
                let Some(policy) = self.policies.at(place).filter(blocks) else { continue };
                for (side, there) in [(0, policy.groups[1]), (1, policy.groups[0])] {
                    let wall = Wall { place, side };
                    if policy.groups[side] == here
                        && active(&there)
                        && walls.get(&there).is_none_or(|first| wall < *first)
                    {
                        walls.insert(there, wall);
                    }
                }
            }
        }
        walls
    }

    /// The first of these whom the first policy keeps a user apart from.
    fn from(&self, one: UserId, others: impl IntoIterator<Item = UserId>) -> Option<Barred<'_>> {
        let walls = self.walls(one);
        if walls.is_empty() {
            return None;
        }
        let others = others.into_iter().filter(|other| *other != one);
        let first = others.filter_map(|other| {
            let walls = self.groups_of(other).filter_map(|group| walls.get(&group));
            walls.min().map(|wall| (*wall, other))
        });
        // Of several equal ones `min_by_key` gives the first.
        let (Wall { place, side }, other) = first.min_by_key(|(wall, _)| *wall)?;
        let policy = self.policies.at(place)?;
        let [here, there] = [policy.groups[side], policy.groups[1 - side]];
        Some(Barred { one, other, policy, groups: [self.group(here)?, self.group(there)?] })
    }
}

impl World {
    /// That nobody of these is kept apart from another of them.
    pub(super) fn check_barriers_among(&self, users: &[UserId]) -> Result<(), Refusal> {
        let barred = users.iter().find_map(|one| self.barriers.from(*one, users.iter().copied()));
        barred.map_or(Ok(()), |barred| Err(barred.refusal()))
    }

    /// That a user is kept apart from none of those in a stream.
    pub(super) fn check_barriers_in(&self, user: UserId, stream: &Stream) -> Result<(), Refusal> {
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
    /// now kept apart from; or takes users out of a group. Tells of each what hindered it; the others
    /// are done.
    ///
    /// # Errors
    /// There is no such group.
    pub fn change_barrier_members(
        &mut self,
        by: UserId,
        id: &str,
        change: BarrierMembershipChange,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Option<BarrierMembershipFault>>, Refusal> {
        let id = self.barrier_group(id)?.id;
        let done = users.iter().map(|user| self.change_barrier_member(by, id, change, *user, now));
        Ok(done.map(Result::err).collect())
    }

    fn change_barrier_member(
        &mut self,
        by: UserId,
        group: DocumentId,
        change: BarrierMembershipChange,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), BarrierMembershipFault> {
        let (added, action, hindrance) = match change {
            BarrierMembershipChange::Add => {
                (true, Action::BarrierMemberAdded, BarrierMembershipFault::AlreadyMember)
            }
            BarrierMembershipChange::Remove => {
                (false, Action::BarrierMemberRemoved, BarrierMembershipFault::NotMember)
            }
        };
        self.own_user(user).map_err(|_| BarrierMembershipFault::UserNotFound)?;
        if !self.barriers.set_member(group, user, added, now) {
            return Err(hindrance);
        }
        self.record_barrier(by, action, group, user, now);
        if added {
            self.take_out_of_rooms(by, user, now);
        }
        Ok(())
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

fn in_order([one, other]: [DocumentId; 2]) -> [DocumentId; 2] {
    if one <= other { [one, other] } else { [other, one] }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PodId, SeededRng};

    const NOW: Timestamp = Timestamp::from_millis(0);

    fn user(number: u64) -> UserId {
        UserId::new(PodId(1), number)
    }

    struct Stage {
        barriers: Barriers,
        rng: SeededRng,
    }

    impl Stage {
        fn new() -> Self {
            Self { barriers: Barriers::default(), rng: SeededRng::from_seed(1) }
        }

        fn group(&mut self, members: &[u64]) -> DocumentId {
            let id = DocumentId::new(NOW, &mut self.rng);
            self.put(id, members, true);
            id
        }

        fn put(&mut self, id: DocumentId, members: &[u64], active: bool) {
            self.barriers.put_group(BarrierGroup {
                id,
                name: id.to_string(),
                active,
                members: members.iter().map(|number| user(*number)).collect(),
                created: NOW,
                modified: NOW,
            });
        }

        fn policy(&mut self, groups: [DocumentId; 2]) -> BarrierPolicy {
            let policy = BarrierPolicy {
                id: DocumentId::new(NOW, &mut self.rng),
                kind: BarrierPolicyType::Block,
                active: true,
                groups,
                created: NOW,
                modified: NOW,
            };
            self.barriers.put_policy(policy.clone());
            policy
        }

        fn between(&self, one: u64, other: u64) -> bool {
            let found = [(one, other), (other, one)]
                .map(|(one, other)| self.barriers.between(user(one), user(other)));
            assert_eq!(found[0], found[1], "{one} and {other}");
            found[0]
        }
    }

    #[test]
    fn groups_and_policies_that_change_keep_those_apart_whom_they_name_now() {
        let mut stage = Stage::new();
        let (one, other, third) = (stage.group(&[1]), stage.group(&[2]), stage.group(&[3]));
        let policy = stage.policy([one, other]);
        assert!(stage.between(1, 2) && !stage.between(1, 3));
        stage.put(other, &[4], true);
        assert!(stage.between(1, 4) && !stage.between(1, 2));
        stage.put(other, &[4], false);
        assert!(!stage.between(1, 4));
        stage.put(other, &[4], true);
        stage.barriers.put_policy(BarrierPolicy { groups: [third, one], ..policy.clone() });
        assert!(stage.between(1, 3) && !stage.between(1, 4));
        let between = |stage: &Stage, groups| {
            let kind = BarrierPolicyType::Block;
            stage.barriers.policy_between(kind, groups).is_some()
        };
        assert!(between(&stage, [one, third]) && !between(&stage, [one, other]));
        assert_eq!(stage.barriers.policies_of(other).count(), 0);
        assert!(stage.barriers.set_member(third, user(3), false, NOW));
        assert!(!stage.barriers.set_member(third, user(3), false, NOW));
        assert!(!stage.between(1, 3));
        assert!(stage.barriers.set_member(third, user(5), true, NOW));
        assert!(!stage.barriers.set_member(third, user(5), true, NOW));
        assert!(stage.between(1, 5));
        stage.barriers.put_policy(BarrierPolicy { active: false, ..policy });
        assert!(!stage.between(1, 5));
    }

    #[test]
    fn the_first_policy_is_told_and_of_its_users_the_first() {
        let mut stage = Stage::new();
        let (here, there) = (stage.group(&[1]), stage.group(&[2, 3]));
        let elsewhere = stage.group(&[2, 4]);
        let first = stage.policy([elsewhere, here]);
        let second = stage.policy([here, there]);
        let told = |others: &[u64]| {
            let barred = stage.barriers.from(user(1), others.iter().map(|it| user(*it)));
            barred.map(|it| (it.other, it.policy.id, it.groups.map(|group| group.id)))
        };
        assert_eq!(told(&[3, 1, 2, 4]), Some((user(2), first.id, [here, elsewhere])));
        assert_eq!(told(&[3, 4, 2]), Some((user(4), first.id, [here, elsewhere])));
        assert_eq!(told(&[1, 3]), Some((user(3), second.id, [here, there])));
        assert_eq!(told(&[1, 5]), None);
    }
}
