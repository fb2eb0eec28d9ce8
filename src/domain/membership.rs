use super::audit::Action;
use super::rooms::USER_PROVISIONING;
use super::streams::Member;
use super::{
    AccountStatus, Audience, EventId, Feature, Payload, Refusal, Stream, StreamId, Timestamp,
    UserId, World,
};

impl World {
    /// Adds somebody to a room, or a group with its members. Who is in it already stays as he is.
    ///
    /// Owners may add others, members where the room lets them, and those who provision users;
    /// everybody may add himself to a public room. Nobody is added to a closed room.
    pub fn add_member(
        &mut self,
        caller: UserId,
        id: StreamId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.add_member_by(caller, id, user, false, now)
    }

    /// The same by the role of those who provision users, whatever else would let the caller do it.
    pub fn add_member_as_admin(
        &mut self,
        caller: UserId,
        id: StreamId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.room_for_admin(caller, id)?;
        self.add_member_by(caller, id, user, true, now)
    }

    fn add_member_by(
        &mut self,
        caller: UserId,
        id: StreamId,
        user: UserId,
        as_admin: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let stream = self.room_for(caller, id)?;
        let Some(room) = stream.room() else { return Err(Refusal::NotARoom) };
        let admits = stream.is_owner(caller)
            || (room.members_can_invite && stream.has_member(caller))
            || (room.public && caller == user);
        let role = self.role_over_rooms(caller).filter(|_| as_admin || !admits);
        if !admits && role.is_none() {
            return Err(Refusal::NotEntitled {
                needs: "to be an owner of the room, or a member where membersCanInvite is true",
            });
        }
        if !stream.active {
            return Err(Refusal::RoomInactive);
        }
        let inside = |world: &Self| {
            let stream = world.streams.by_id(id);
            stream.map(|stream| (stream.members().len(), stream.groups().len()))
        };
        let (cross_pod, before) = (room.cross_pod, inside(self));
        self.admit(caller, id, user, cross_pod, now)?;
        // Who is inside already is not added.
        let role = role.filter(|_| inside(self) != before);
        self.record_in_stream(caller, role, Action::AddedMember, id, Some(user), now);
        Ok(())
    }

    fn admit(
        &mut self,
        caller: UserId,
        id: StreamId,
        user: UserId,
        cross_pod: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.groups.by_account(user).is_some() {
            return self.add_group_to_room(caller, id, user, now);
        }
        self.check_reachable(caller, user)?;
        if !cross_pod && user.pod() != self.identity.id {
            return Err(Refusal::RoomNotCrossPod { user });
        }
        if user.pod() != caller.pod() {
            self.check_feature(caller, Feature::ExternalRoom)?;
        }
        let stream = self.streams.by_id(id).ok_or(Refusal::NotARoom)?;
        if !stream.has_member(user) {
            self.check_barriers_in(user, stream)?;
        }
        let operation = self.event_id();
        self.seat(operation, id, caller, Member { user, owner: false, joined: now });
        self.streams.set_by_group(id, user, false);
        Ok(())
    }

    /// Takes somebody out of a room, or a group with those who came only with it. Owners may, and those who provision users; everybody may
    /// leave. Nobody leaves a closed room.
    ///
    /// When the last owner leaves, the eldest member who is a person becomes one.
    pub fn remove_member(
        &mut self,
        caller: UserId,
        id: StreamId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.remove_member_by(caller, id, user, false, now)
    }

    /// The same by the role of those who provision users, whatever else would let the caller do it.
    pub fn remove_member_as_admin(
        &mut self,
        caller: UserId,
        id: StreamId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.room_for_admin(caller, id)?;
        self.remove_member_by(caller, id, user, true, now)
    }

    fn remove_member_by(
        &mut self,
        caller: UserId,
        id: StreamId,
        user: UserId,
        as_admin: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let stream = self.room_for(caller, id)?;
        let may = caller == user || stream.is_owner(caller);
        let role = self.role_over_rooms(caller).filter(|_| as_admin || !may);
        if !may && role.is_none() {
            return Err(Refusal::NotEntitled { needs: "to be an owner of the room" });
        }
        if !stream.active {
            return Err(Refusal::RoomInactive);
        }
        if stream.has_member(user) {
            self.unseat(caller, id, user, now);
        } else if !self.remove_group_from_room(caller, id, user, now) {
            return Err(Refusal::NotInRoom { user });
        }
        self.record_in_stream(caller, role, Action::RemovedMember, id, Some(user), now);
        Ok(())
    }

    /// Lets somebody out, and tells him and everybody inside.
    pub(super) fn unseat(&mut self, by: UserId, id: StreamId, user: UserId, now: Timestamp) {
        self.unseat_and_say(by, id, user, false, now);
    }

    /// The same, because an information barrier keeps him apart from others inside.
    pub(super) fn unseat_for_barrier(
        &mut self,
        by: UserId,
        id: StreamId,
        user: UserId,
        now: Timestamp,
    ) {
        self.unseat_and_say(by, id, user, true, now);
    }

    fn unseat_and_say(
        &mut self,
        by: UserId,
        id: StreamId,
        user: UserId,
        by_barrier: bool,
        now: Timestamp,
    ) {
        let Some(view) = self.streams.by_id(id).map(Stream::view) else { return };
        self.streams.leave(id, user, now);
        let operation = self.event_id();
        let payload = Payload::UserLeftRoom { stream: view, affected: user, by_barrier };
        self.record(operation, by, payload, Audience::MembersAnd(id, user), now);
        if let Some(heir) = self.heir(id) {
            self.change_owner(operation, by, id, heir, true, now);
        }
    }

    /// Makes a member an owner, or an owner a mere member. Owners may, and those who provision
    /// users. A room keeps its last owner.
    pub fn set_owner(
        &mut self,
        caller: UserId,
        id: StreamId,
        user: UserId,
        owner: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let stream = self.room_for(caller, id)?;
        let role = self.role_over_rooms(caller).filter(|_| !stream.is_owner(caller));
        if !stream.is_owner(caller) && role.is_none() {
            return Err(Refusal::NotEntitled { needs: "to be an owner of the room" });
        }
        if !stream.active {
            return Err(Refusal::RoomInactive);
        }
        let member = stream.member(user).ok_or(Refusal::NotInRoom { user })?;
        if member.owner == owner {
            return Ok(());
        }
        if !owner && stream.members().filter(|member| member.owner).count() == 1 {
            return Err(Refusal::LastOwner);
        }
        let operation = self.event_id();
        self.change_owner(operation, caller, id, user, owner, now);
        let action = if owner { Action::PromotedToOwner } else { Action::DemotedFromOwner };
        self.record_in_stream(caller, role, action, id, Some(user), now);
        Ok(())
    }

    /// The room, for somebody who may see who is in it: members, and those who provision users.
    pub fn room_with_members_for(&self, caller: UserId, id: StreamId) -> Result<&Stream, Refusal> {
        let stream = self.streams.by_id(id).filter(|stream| stream.room().is_some());
        let stream = stream.ok_or(Refusal::NotARoom)?;
        if stream.has_member(caller) || self.oversees_rooms(caller) {
            return Ok(stream);
        }
        Err(Refusal::NeitherAdminNorMember { user: caller })
    }

    /// The stream, of whatever kind, for somebody who provisions users.
    pub fn stream_for_admin(&self, caller: UserId, id: StreamId) -> Result<&Stream, Refusal> {
        self.check_role(caller, USER_PROVISIONING)?;
        self.streams.by_id(id).ok_or(Refusal::StreamUnknown)
    }

    /// The room, for somebody who provisions users.
    pub fn room_for_admin(&self, caller: UserId, id: StreamId) -> Result<&Stream, Refusal> {
        self.check_role(caller, USER_PROVISIONING)?;
        self.room_for(caller, id)
    }

    /// Lets somebody in who is not inside yet, and tells everybody inside.
    pub(super) fn seat(
        &mut self,
        operation: EventId,
        id: StreamId,
        initiator: UserId,
        member: Member,
    ) {
        if self.streams.by_id(id).is_some_and(|stream| stream.has_member(member.user)) {
            return;
        }
        self.streams.join(id, member, self.feeds.listens(member.user));
        if let Some(stream) = self.streams.by_id(id) {
            let payload = Payload::UserJoinedRoom { stream: stream.view(), affected: member.user };
            self.record(operation, initiator, payload, Audience::Members(id), member.joined);
        }
    }

    /// That a user exists, is active, and is one the caller may be in a stream with.
    pub(super) fn check_reachable(&self, caller: UserId, user: UserId) -> Result<(), Refusal> {
        self.check_exists(user)?;
        if self.are_connected(caller, user) { Ok(()) } else { Err(Refusal::NotConnected { user }) }
    }

    /// That a user exists and is active. A group is nobody.
    pub(super) fn check_exists(&self, user: UserId) -> Result<(), Refusal> {
        match self.users.by_id(user) {
            Some(known) if known.status == AccountStatus::Enabled && !known.is_group() => Ok(()),
            _ => Err(Refusal::UserUnavailable { user }),
        }
    }

    fn change_owner(
        &mut self,
        operation: EventId,
        initiator: UserId,
        id: StreamId,
        affected: UserId,
        owner: bool,
        now: Timestamp,
    ) {
        self.streams.set_owner(id, affected, owner);
        let Some(stream) = self.streams.by_id(id).map(Stream::view) else { return };
        let payload = match owner {
            true => Payload::RoomMemberPromotedToOwner { stream, affected },
            false => Payload::RoomMemberDemotedFromOwner { stream, affected },
        };
        self.record(operation, initiator, payload, Audience::Members(id), now);
    }

    /// Who becomes owner of a room that has none: its eldest member who is a person. Real pods
    /// have not taken bots since 20.16.
    fn heir(&self, id: StreamId) -> Option<UserId> {
        let stream = self.streams.by_id(id)?;
        if stream.members().any(|member| member.owner) {
            return None;
        }
        let is_person =
            |user: &UserId| self.users.by_id(*user).is_some_and(|user| !user.is_service_user());
        stream.members().map(|member| member.user).find(is_person)
    }

    /// Whether a user may change and see the membership of rooms that are not his.
    pub(super) fn oversees_rooms(&self, user: UserId) -> bool {
        self.role_over_rooms(user).is_some()
    }

    /// The role by which he may.
    fn role_over_rooms(&self, user: UserId) -> Option<&'static str> {
        [USER_PROVISIONING, "COMPLIANCE_OFFICER", "SUPER_COMPLIANCE_OFFICER"]
            .into_iter()
            .find(|role| self.check_role(user, role).is_ok())
    }
}
