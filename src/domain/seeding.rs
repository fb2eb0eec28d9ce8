//! What is there before anything happens: a seed's streams, messages and connections, in whatever
//! state they are said to be. Nobody hears of it, and nobody has to be allowed to.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::connections::ConnectionRequest;
use super::rooms::checked_room;
use super::streams::Member;
use super::{
    ConnectionStatus, Refusal, RoomRequest, StreamDetail, StreamId, Timestamp, UserId, World,
};

/// A stream as it is to be. Its creator need not be in it any more.
#[derive(Debug, Clone)]
pub struct SeededStream {
    /// By default a new one.
    pub id: Option<StreamId>,
    pub creator: UserId,
    pub created: Timestamp,
    pub active: bool,
    /// In the order in which they joined.
    pub members: Vec<Member>,
    /// Those who left, in the order in which they did.
    pub past_members: Vec<Member>,
    /// When the membership last changed; by default when the last one joined.
    pub modified: Option<Timestamp>,
}

/// A connection between users of two pods, as it is to be.
#[derive(Debug, Clone, Copy)]
pub struct SeededConnection {
    /// Who asked last.
    pub from: UserId,
    pub to: UserId,
    /// As `from` sees it; what is pending is outgoing.
    pub status: ConnectionStatus,
    pub request: ConnectionRequest,
}

impl World {
    pub fn seed_room(
        &mut self,
        wish: &RoomRequest,
        stream: SeededStream,
    ) -> Result<StreamId, Refusal> {
        let attributes = checked_room(wish)?;
        self.check_name_is_free(&attributes, None)?;
        let own = self.identity.id;
        let stranger = stream.members.iter().map(|member| member.user).find(|it| it.pod() != own);
        if let (false, Some(user)) = (attributes.cross_pod, stranger) {
            return Err(Refusal::RoomNotCrossPod { user });
        }
        self.seed_stream(StreamDetail::Room(Arc::new(attributes)), stream)
    }

    /// The IM or MIM of exactly these members, of whom there are two or more. Where it is there
    /// already, it stays as it is.
    pub fn seed_conversation(&mut self, mut stream: SeededStream) -> Result<StreamId, Refusal> {
        let members: BTreeSet<_> = stream.members.iter().map(|member| member.user).collect();
        let members: Vec<_> = members.into_iter().collect();
        if let Some(known) = self.streams.conversation(&members) {
            return Ok(known.id);
        }
        let detail = match members.len() {
            0 | 1 => return Err(Refusal::TooFewMembers),
            2 => StreamDetail::Im,
            _ => StreamDetail::Mim,
        };
        for member in &mut stream.members {
            member.owner = false;
        }
        let id = self.seed_stream(detail, stream)?;
        self.streams.remember_conversation(id, members);
        Ok(id)
    }

    /// Changes what a room is, whoever owns it; lets further members in, says who owns it, and who is
    /// not in it any more.
    pub fn reseed_room(
        &mut self,
        id: StreamId,
        wish: &RoomRequest,
        members: &[Member],
        past: &[Member],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let attributes = checked_room(wish)?;
        self.check_name_is_free(&attributes, Some(id))?;
        self.streams.set_room(id, attributes);
        for &member in members {
            self.streams.join(id, member, self.feeds.listens(member.user));
            if member.owner {
                self.streams.set_owner(id, member.user, true);
            }
        }
        for &member in past {
            let Some(stream) = self.streams.by_id(id) else { break };
            match (stream.member(member.user).is_some(), stream.has_past_member(&member)) {
                (true, _) => self.streams.leave(id, member.user, now),
                (false, true) => {}
                (false, false) => {
                    self.streams.join(id, member, false);
                    self.streams.leave(id, member.user, member.joined);
                }
            }
        }
        Ok(())
    }

    fn seed_stream(
        &mut self,
        detail: StreamDetail,
        stream: SeededStream,
    ) -> Result<StreamId, Refusal> {
        let id = match stream.id {
            Some(id) if self.streams.by_id(id).is_some() => {
                return Err(Refusal::Malformed { what: format!("there is a stream {id} already") });
            }
            Some(id) => id,
            None => StreamId::new(stream.created, &mut self.rng),
        };
        self.streams.insert(id, detail, stream.creator, stream.created);
        for member in stream.past_members {
            self.streams.join(id, member, false);
            self.streams.leave(id, member.user, member.joined);
        }
        for member in stream.members {
            self.streams.join(id, member, self.feeds.listens(member.user));
        }
        if let Some(founded) = self.streams.by_id_mut(id) {
            founded.active = stream.active;
            founded.modified = stream.modified.unwrap_or(founded.modified);
        }
        Ok(id)
    }
}
