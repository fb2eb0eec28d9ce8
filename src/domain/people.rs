//! What people and other systems do that no public operation offers.

use super::{Audience, Payload, Refusal, StreamId, SystemEvent, Timestamp, UserId, World};

impl World {
    /// Asks the owners of a room to let a user in. They hear of it, and so does he.
    pub fn request_to_join(
        &mut self,
        user: UserId,
        stream: StreamId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let unknown = || Refusal::Malformed { what: "there is no such room".into() };
        let room = self.streams.by_id(stream).ok_or_else(unknown)?;
        let owners: Vec<_> =
            room.members().filter(|member| member.owner).map(|member| member.user).collect();
        if room.has_member(user) {
            return Err(Refusal::Malformed { what: "the user is in the room already".into() });
        }
        if owners.is_empty() {
            return Err(unknown());
        }
        let payload =
            Payload::UserRequestedToJoinRoom { stream: room.view(), owners: owners.clone() };
        let mut told = owners;
        told.push(user);
        let id = self.event_id();
        self.record(id, user, payload, Audience::Users(&told), now);
        Ok(())
    }

    /// Makes known in a stream what a system other than the pod has to say.
    ///
    /// The initiator of an event is always a user: here the stream's eldest member.
    pub fn emit_system_event(&mut self, event: SystemEvent, now: Timestamp) {
        let stream = event.stream.id;
        let initiator = self
            .streams
            .by_id(stream)
            .and_then(|stream| stream.members().next())
            .map_or(UserId::from_wire(0), |eldest| eldest.user);
        let id = self.event_id();
        let payload = Payload::GenericSystemEvent(Box::new(event));
        self.record(id, initiator, payload, Audience::Members(stream), now);
    }
}
