//! Groups in rooms: their members come in with them, and go with them.

use super::super::streams::Member;
use super::super::{Feature, Refusal, StreamId, Timestamp, UserId, World};
use super::GroupMember;

/// A group that was added to a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomGroup {
    /// Its account.
    pub group: UserId,
    pub added_by: UserId,
}

impl World {
    /// The groups through which somebody is in a stream; none where he came by another way.
    pub fn groups_of_member(&self, stream: StreamId, user: UserId) -> Vec<UserId> {
        let Some(stream) = self.streams.by_id(stream) else { return Vec::new() };
        if !stream.is_in_by_group(user) {
            return Vec::new();
        }
        let groups = stream.groups().iter().map(|group| group.group);
        groups.filter(|group| self.is_in_group(*group, user)).collect()
    }

    /// Adds a group to a room, whose members come in. Whoever adds it may add members: that is
    /// checked already.
    pub(in crate::domain) fn add_group_to_room(
        &mut self,
        caller: UserId,
        id: StreamId,
        group: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let unavailable = || Refusal::UserUnavailable { user: group };
        let found = self.groups.by_account(group).filter(|group| group.is_active());
        let members = found.ok_or_else(unavailable)?.members.clone();
        let stream = self.streams.by_id(id).ok_or(Refusal::NotARoom)?;
        let cross_pod = stream.room().is_some_and(|room| room.cross_pod);
        for GroupMember { user, .. } in &members {
            if user.pod() != self.identity.id {
                if !cross_pod {
                    return Err(Refusal::RoomNotCrossPod { user: *user });
                }
                self.check_feature(caller, Feature::ExternalRoom)?;
                self.check_reachable(caller, *user)?;
            }
        }
        let users: Vec<_> = members.iter().map(|member| member.user).collect();
        self.check_barriers_among(&users)?;
        for user in users.iter().filter(|user| !stream.has_member(**user)) {
            self.check_barriers_in(*user, stream)?;
        }
        self.streams.add_group(id, RoomGroup { group, added_by: caller }, now);
        self.seat_by_group(caller, id, members.into_iter().map(|member| member.user), now);
        Ok(())
    }

    /// What groups a seed's room has, and which of its members came with one alone: by default the
    /// groups' members who are not in it, and then are.
    pub fn found_groups_in_room(
        &mut self,
        id: StreamId,
        groups: &[RoomGroup],
        by_group: Option<&[UserId]>,
    ) {
        let Some(stream) = self.streams.by_id(id) else { return };
        let (created, modified) = (stream.created, stream.modified);
        for group in groups {
            self.streams.add_group(id, *group, modified);
            let members = self.groups.by_account(group.group).filter(|group| group.is_active());
            let members = members.map(|group| group.members.clone()).unwrap_or_default();
            for GroupMember { user, .. } in members {
                let is_in = self.streams.by_id(id).is_some_and(|stream| stream.has_member(user));
                if by_group.is_none() && !is_in {
                    let member = Member { user, owner: false, joined: created };
                    self.streams.join(id, member, self.feeds.listens(user));
                    self.streams.set_by_group(id, user, true);
                }
            }
        }
        for user in by_group.into_iter().flatten() {
            self.streams.set_by_group(id, *user, true);
        }
        if let Some(stream) = self.streams.by_id_mut(id) {
            stream.modified = modified;
        }
    }

    /// Takes a group out of a room, and those who came only with it. Gives whether it was there.
    pub(in crate::domain) fn remove_group_from_room(
        &mut self,
        caller: UserId,
        id: StreamId,
        group: UserId,
        now: Timestamp,
    ) -> bool {
        if !self.streams.remove_group(id, group, now) {
            return false;
        }
        let members = self.groups.by_account(group).map(|group| group.members.clone());
        let members = members.unwrap_or_default();
        self.unseat_by_group(caller, id, members.into_iter().map(|member| member.user), now);
        true
    }

    /// Has the rooms that a group is in follow a change of its members. Closed rooms stay as they
    /// are: their membership is locked.
    pub(super) fn follow_group(
        &mut self,
        by: UserId,
        group: UserId,
        joined: &[UserId],
        left: &[UserId],
        now: Timestamp,
    ) {
        let rooms = self.streams.of_group(group).filter(|stream| stream.active);
        let rooms: Vec<_> = rooms.map(|stream| stream.id).collect();
        for room in rooms {
            self.seat_by_group(by, room, joined.iter().copied(), now);
            self.unseat_by_group(by, room, left.iter().copied(), now);
        }
    }

    fn seat_by_group(
        &mut self,
        by: UserId,
        id: StreamId,
        users: impl Iterator<Item = UserId>,
        now: Timestamp,
    ) {
        let operation = self.event_id();
        for user in users {
            let Some(stream) = self.streams.by_id(id) else { return };
            let reaches_out = stream.room().is_some_and(|room| room.cross_pod);
            let may = reaches_out || user.pod() == self.identity.id;
            let barred = || self.check_barriers_in(user, stream).is_err();
            if may && !stream.has_member(user) && !barred() {
                self.seat(operation, id, by, Member { user, owner: false, joined: now });
                self.streams.set_by_group(id, user, true);
            }
        }
    }

    /// Those leave who came with a group and are in no other of the room's groups.
    fn unseat_by_group(
        &mut self,
        by: UserId,
        id: StreamId,
        users: impl Iterator<Item = UserId>,
        now: Timestamp,
    ) {
        for user in users {
            let Some(stream) = self.streams.by_id(id) else { return };
            let came_by_group = stream.has_member(user) && stream.is_in_by_group(user);
            if came_by_group && self.groups_of_member(id, user).is_empty() {
                self.unseat(by, id, user, now);
            }
        }
    }

    fn is_in_group(&self, group: UserId, user: UserId) -> bool {
        self.groups
            .by_account(group)
            .is_some_and(|group| group.is_active() && group.has_member(user))
    }
}
