//! Who got and read a message, and how messages relate to each other.

use std::sync::Arc;

use imbl::OrdMap;

use super::super::{Happening, MessageId, Refusal, Stream, StreamId, Timestamp, UserId, World};
use super::Message;

/// What became of a message with one of those to whom it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub user: UserId,
    /// When it first reached one of his clients.
    pub delivered: Option<Timestamp>,
    pub read: Option<Timestamp>,
}

/// How far a message has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub author: UserId,
    pub sent_at: Timestamp,
    /// Everybody else whom it was meant for, in the order in which they joined.
    pub receipts: Vec<Receipt>,
}

/// How a message relates to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relationship {
    Reply,
    Forward,
    ReplyForm,
}

/// A message among those it is related to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relations {
    pub parent: Option<(MessageId, Relationship)>,
    pub children: Vec<(MessageId, Relationship)>,
}

pub(super) type Receipts = OrdMap<(MessageId, UserId), Marks>;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    delivered: Option<Timestamp>,
    read: Option<Timestamp>,
}

impl World {
    /// A client of `user` got a message. The first time counts.
    pub fn mark_delivered(
        &mut self,
        user: UserId,
        id: MessageId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.marks(user, id)?.delivered.get_or_insert(now);
        Ok(())
    }

    /// `user` read a message, which his client thus got. The first time counts.
    pub fn mark_read(
        &mut self,
        user: UserId,
        id: MessageId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let marks = self.marks(user, id)?;
        marks.delivered.get_or_insert(now);
        marks.read.get_or_insert(now);
        Ok(())
    }

    /// How far a message has come, for somebody in its stream.
    pub fn message_status(&self, caller: UserId, id: MessageId) -> Result<Status, Refusal> {
        let message = self.messages.by_id(id).ok_or(Refusal::MessageNotFound { id })?;
        self.check_reads(caller, message.stream)?;
        Ok(self.status(message))
    }

    /// A message with its stream and how far it has come, for those who oversee rooms.
    pub fn message_receipts(
        &self,
        caller: UserId,
        id: MessageId,
    ) -> Result<(&Arc<Message>, &Stream, Status), Refusal> {
        self.require_overseer(caller)?;
        let message = self.messages.by_id(id).ok_or(Refusal::MessageNotFound { id })?;
        let stream = self.streams.by_id(message.stream).ok_or(Refusal::Bug)?;
        Ok((message, stream, self.status(message)))
    }

    /// What a message answers or passes on, and what answers it or passes it on, for somebody in
    /// its stream or who oversees rooms.
    pub fn message_relations(&self, caller: UserId, id: MessageId) -> Result<Relations, Refusal> {
        let message = self.messages.by_id(id).ok_or(Refusal::MessageUnknown { id })?;
        if !self.oversees_rooms(caller) {
            self.check_reads(caller, message.stream)?;
        }
        let children = self.messages.children.range((id, 0)..=(id, u64::MAX));
        let children = children.map(|(_, child)| *child).collect();
        Ok(Relations { parent: message.parent, children })
    }

    /// The ids of a stream's messages from `since` to `until`, oldest first, with how many there
    /// are, for those who oversee rooms.
    pub fn message_ids(
        &self,
        caller: UserId,
        stream: StreamId,
        (since, until): (Timestamp, Timestamp),
        (skip, limit): (usize, usize),
    ) -> Result<(Vec<MessageId>, usize), Refusal> {
        self.require_overseer(caller)?;
        self.streams.by_id(stream).ok_or(Refusal::StreamNotFound { stream })?;
        let Some(log) = self.messages.logs.get(&stream).filter(|_| since <= until) else {
            return Ok((Vec::new(), 0));
        };
        let range = || log.messages.range((since, 0)..=(until, u64::MAX));
        let ids = range().skip(skip).take(limit).map(|(_, id)| *id).collect();
        Ok((ids, range().count()))
    }

    /// Who got and who read a message, in the order of their ids, whether it was meant for them or
    /// not.
    pub fn marks_of(&self, id: MessageId) -> impl Iterator<Item = Receipt> {
        let (first, last) = (UserId::from_wire(0), UserId::from_wire(u64::MAX));
        let marks = self.messages.receipts.range((id, first)..=(id, last));
        marks.map(|(&(_, user), marks)| Receipt {
            user,
            delivered: marks.delivered,
            read: marks.read,
        })
    }

    /// What is known of one user.
    pub(super) fn marks_of_user(&self, id: MessageId, user: UserId) -> Option<Receipt> {
        let marks = self.messages.receipts.get(&(id, user))?;
        Some(Receipt { user, delivered: marks.delivered, read: marks.read })
    }

    pub(super) fn seed_marks(&mut self, id: MessageId, receipt: Receipt) {
        let marks = Marks { delivered: receipt.delivered, read: receipt.read };
        self.messages.receipts.insert((id, receipt.user), marks);
    }

    fn status(&self, message: &Message) -> Status {
        let receipts = &self.messages.receipts;
        let receipt = |user| {
            let marks = receipts.get(&(message.id, user)).copied().unwrap_or_default();
            Receipt { user, delivered: marks.delivered, read: marks.read }
        };
        let members = self.streams.by_id(message.stream).into_iter().flat_map(Stream::members);
        let meant = members
            .filter(|member| member.joined <= message.timestamp && member.user != message.author);
        let receipts = meant.map(|member| receipt(member.user)).collect();
        Status { author: message.author, sent_at: message.timestamp, receipts }
    }

    fn marks(&mut self, user: UserId, id: MessageId) -> Result<&mut Marks, Refusal> {
        let message = self.messages.by_id(id).ok_or(Refusal::MessageNotFound { id })?;
        self.check_reads(user, message.stream)?;
        self.witness.note(|| Happening::Receipt { message: id, user });
        Ok(self.messages.receipts.entry((id, user)).or_default())
    }

    fn require_overseer(&self, user: UserId) -> Result<(), Refusal> {
        match self.oversees_rooms(user) {
            true => Ok(()),
            false => Err(Refusal::NotEntitled {
                needs: "the role USER_PROVISIONING, COMPLIANCE_OFFICER or SUPER_COMPLIANCE_OFFICER",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{AT, LATER, Sample};
    use crate::domain::{RoomRequest, Submission};

    fn submission(text: &str) -> Submission {
        let message = format!("<messageML>{text}</messageML>");
        Submission { message, ..Submission::default() }
    }

    fn room(sample: &mut Sample) -> StreamId {
        let wish = RoomRequest { name: Some("Den".into()), ..RoomRequest::default() };
        let others = [(sample.alice, false), (sample.bob, false)];
        sample.world.create_room(sample.bot, &wish, &others, AT).unwrap()
    }

    #[test]
    fn a_message_is_delivered_and_read_once_by_those_it_was_meant_for() {
        let mut sample = Sample::new();
        let room = room(&mut sample);
        let Sample { mut world, bot, alice, bob, carol } = sample;
        let sent = world.send_message(bot, room, submission("Hello"), AT).unwrap();
        world.mark_delivered(bob, sent.id, LATER).unwrap();
        world.mark_read(alice, sent.id, AT).unwrap();
        world.mark_read(alice, sent.id, LATER).unwrap();
        assert!(world.mark_read(carol, sent.id, AT).is_err());
        let status = world.message_status(bot, sent.id).unwrap();
        let expected = [
            Receipt { user: alice, delivered: Some(AT), read: Some(AT) },
            Receipt { user: bob, delivered: Some(LATER), read: None },
        ];
        assert_eq!((status.author, status.receipts), (bot, expected.to_vec()));
    }

    #[test]
    fn messages_know_what_they_answer_and_what_answers_them() {
        let mut sample = Sample::new();
        let room = room(&mut sample);
        let Sample { mut world, bot, alice, .. } = sample;
        let question = world.send_message(bot, room, submission("?"), AT).unwrap();
        let mut answer = |how| {
            let parent = (question.id, how);
            world.send_related_message(alice, room, submission("!"), parent, LATER).unwrap().id
        };
        let reply = (answer(Relationship::Reply), Relationship::Reply);
        let forward = (answer(Relationship::Forward), Relationship::Forward);
        let relations = world.message_relations(bot, question.id).unwrap();
        assert_eq!(relations, Relations { parent: None, children: vec![reply, forward] });
        let relations = world.message_relations(bot, reply.0).unwrap();
        assert_eq!(relations.parent, Some((question.id, Relationship::Reply)));
    }
}
