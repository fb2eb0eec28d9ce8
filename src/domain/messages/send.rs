//! Sending, updating and suppressing messages.

use std::sync::Arc;

use super::super::audit::Action;
use super::super::{
    Audience, Feature, MessageId, Payload, Refusal, Stream, StreamId, StreamKind, Timestamp,
    UserId, World,
};
use super::compose::Draft;
use super::{Attachment, Limit, Message, Origin, Relationship, Submission, Update};

/// A message on its way into a stream.
pub(super) struct NewMessage<'a> {
    pub author: UserId,
    pub stream: StreamId,
    pub draft: &'a Draft,
    pub update: Option<Update>,
    pub parent: Option<(MessageId, Relationship)>,
    pub at: Timestamp,
    pub disclaimer: Option<Arc<str>>,
    pub origin: Option<Arc<Origin>>,
    /// What is shared with it.
    pub shared: Option<Arc<Message>>,
}

impl<'a> NewMessage<'a> {
    /// One that has to do with no other message.
    pub fn alone(author: UserId, stream: StreamId, draft: &'a Draft, at: Timestamp) -> Self {
        Self {
            author,
            stream,
            draft,
            update: None,
            parent: None,
            at,
            disclaimer: None,
            origin: None,
            shared: None,
        }
    }

    /// The message that it becomes.
    pub fn message(&self, id: MessageId, attachments: Vec<Attachment>) -> Message {
        let draft = self.draft;
        let converted = draft.converted.clone();
        Message {
            id,
            stream: self.stream,
            author: self.author,
            timestamp: self.at,
            source: Arc::clone(&draft.source),
            presentation_ml: converted.presentation_ml,
            data: draft.data.clone(),
            markdown: converted.markdown,
            plain_text: converted.plain_text,
            hashtags: converted.hashtags,
            cashtags: converted.cashtags,
            mentions: draft.mentioned().collect(),
            forms: converted.forms,
            attachments,
            user_agent: Arc::clone(&draft.user_agent),
            session: draft.session,
            parent: self.parent,
            update: self.update,
            replaced_by: None,
            suppressed: None,
            disclaimer: self.disclaimer.clone(),
            origin: self.origin.clone(),
        }
    }
}

/// What suppressing a message did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppression {
    pub message: MessageId,
    /// None where the message was suppressed before.
    pub at: Option<Timestamp>,
}

impl World {
    /// Sends a message into a stream.
    ///
    /// Everybody in the stream hears of it, its author included.
    pub fn send_message(
        &mut self,
        author: UserId,
        stream: StreamId,
        submission: Submission,
        now: Timestamp,
    ) -> Result<Arc<Message>, Refusal> {
        self.check_may_send(author, stream)?;
        let draft = self.draft(author, Some(stream), submission, now)?;
        self.post(NewMessage::alone(author, stream, &draft, now))
    }

    /// Sends a message in answer to another, or passes another on.
    pub fn send_related_message(
        &mut self,
        author: UserId,
        stream: StreamId,
        submission: Submission,
        parent: (MessageId, Relationship),
        now: Timestamp,
    ) -> Result<Arc<Message>, Refusal> {
        self.check_may_send(author, stream)?;
        let draft = self.draft(author, Some(stream), submission, now)?;
        let message = NewMessage::alone(author, stream, &draft, now);
        self.post(NewMessage { parent: Some(parent), ..message })
    }

    /// Shares what somebody posted, with a message of one's own to it: who is in the stream hears
    /// of the two together. What is shared, the sharer has to see himself.
    pub fn share_post(
        &mut self,
        author: UserId,
        stream: StreamId,
        submission: Submission,
        shared: MessageId,
        now: Timestamp,
    ) -> Result<Arc<Message>, Refusal> {
        self.check_may_send(author, stream)?;
        let seen = self.messages.by_id(shared).filter(|message| {
            let there = self.streams.by_id(message.stream);
            there.is_some_and(|there| there.has_member(author)) && message.suppressed.is_none()
        });
        let shared = Arc::clone(seen.ok_or(Refusal::MessageUnknown { id: shared })?);
        let draft = self.draft(author, Some(stream), submission, now)?;
        let new = NewMessage::alone(author, stream, &draft, now);
        let message = self.put(NewMessage { shared: Some(Arc::clone(&shared)), ..new })?;
        let operation = self.event_id();
        if let Some(stream) = self.streams.by_id(stream).map(Stream::view) {
            let audience = Audience::Members(message.stream);
            let payload = Payload::SharedPost { message: Arc::clone(&message), shared, stream };
            self.record(operation, author, payload, audience, now);
        }
        Ok(message)
    }

    /// Sends one message into several streams. A message that is none is refused as a whole, a
    /// stream that cannot be sent to by itself.
    pub fn blast_message(
        &mut self,
        author: UserId,
        streams: &[StreamId],
        submission: Submission,
        now: Timestamp,
    ) -> Result<Vec<Result<Arc<Message>, Refusal>>, Refusal> {
        self.check_limit(Limit::BlastStreams, streams.len())?;
        let draft = self.draft(author, None, submission, now)?;
        let mut send = |stream: &StreamId| {
            self.check_may_send(author, *stream)?;
            self.post(NewMessage::alone(author, *stream, &draft, now))
        };
        Ok(streams.iter().map(&mut send).collect())
    }

    /// Replaces a message by a new version: a message of its own, that points back.
    ///
    /// Who names a version that was replaced already updates the latest.
    pub fn update_message(
        &mut self,
        caller: UserId,
        stream: StreamId,
        id: MessageId,
        submission: Submission,
        silent: bool,
        now: Timestamp,
    ) -> Result<Arc<Message>, Refusal> {
        self.check_may_send(caller, stream)?;
        self.check_feature(caller, Feature::UpdateMessage)?;
        let named = self.messages.by_id(id).filter(|message| message.stream == stream);
        let mut latest = named.ok_or(Refusal::MessageUnknown { id })?;
        while let Some(next) = latest.replaced_by.and_then(|next| self.messages.by_id(next)) {
            latest = next;
        }
        if latest.author != caller {
            return Err(Refusal::MessageOfAnother { id });
        }
        if latest.suppressed.is_some() {
            return Err(Refusal::MessageSuppressed { id });
        }
        let (initial, initial_timestamp) = match latest.update {
            Some(update) => (update.initial, update.initial_timestamp),
            None => (latest.id, latest.timestamp),
        };
        let update = Update { replacing: latest.id, initial, initial_timestamp, silent };
        let parent = latest.parent;
        let draft = self.draft(caller, Some(stream), submission, now)?;
        let message = NewMessage::alone(caller, stream, &draft, now);
        self.post(NewMessage { update: Some(update), parent, ..message })
    }

    /// Takes a message's content away for good. Authors may, and those who manage content.
    pub fn suppress_message(
        &mut self,
        caller: UserId,
        id: MessageId,
        now: Timestamp,
    ) -> Result<Suppression, Refusal> {
        let manages =
            self.users.by_id(caller).is_some_and(|user| user.has_role("CONTENT_MANAGEMENT"));
        let message = self.messages.by_id(id).ok_or(Refusal::MessageUnknown { id })?;
        if message.author != caller && !manages {
            return Err(Refusal::NotEntitled { needs: "the role CONTENT_MANAGEMENT" });
        }
        if !manages {
            self.check_feature(caller, Feature::SuppressMessage)?;
        }
        if message.suppressed.is_some() {
            return Ok(Suppression { message: id, at: None });
        }
        let (stream, author) = (message.stream, message.author);
        self.messages.change(id, |message| message.suppressed = Some(now));
        if author != caller {
            let role = Some("CONTENT_MANAGEMENT");
            let action = Action::MessageSuppressed;
            self.record_in_stream(caller, role, action, stream, Some(author), now);
        }
        let operation = self.event_id();
        if let Some(view) = self.streams.by_id(stream).map(Stream::view) {
            let payload = Payload::MessageSuppressed { message: id, stream: view };
            self.record(operation, caller, payload, Audience::Members(stream), now);
        }
        Ok(Suppression { message: id, at: Some(now) })
    }

    /// That a user may send into a stream: he is in it, it is open, owners alone write in a
    /// read-only room, and nobody writes to strangers.
    pub(super) fn check_may_send(&self, author: UserId, id: StreamId) -> Result<(), Refusal> {
        let stream = self.streams.by_id(id).ok_or(Refusal::StreamUnknown)?;
        if !stream.has_member(author) {
            return Err(Refusal::NotInStream { user: author, stream: id });
        }
        if !stream.active {
            return Err(Refusal::RoomInactive);
        }
        if stream.room().is_some_and(|room| room.read_only) && !stream.is_owner(author) {
            return Err(Refusal::NotEntitled { needs: "to be an owner of the read-only room" });
        }
        if matches!(stream.kind(), StreamKind::Im | StreamKind::Mim) {
            let stranger = stream
                .members()
                .map(|member| member.user)
                .find(|user| *user != author && !self.are_connected(author, *user));
            if let Some(user) = stranger {
                return Err(Refusal::NotConnected { user });
            }
            self.check_barriers_in(author, stream)?;
        }
        match stream.kind() {
            _ if !stream.is_external() => Ok(()),
            StreamKind::Room => self.check_feature(author, Feature::ExternalRoom),
            _ => self.check_feature(author, Feature::ExternalIm),
        }
    }

    /// That a user may send files into a stream.
    pub(super) fn check_may_attach(&self, author: UserId, id: StreamId) -> Result<(), Refusal> {
        self.check_feature(author, Feature::SendFiles)?;
        if self.streams.by_id(id).is_some_and(Stream::is_external) {
            self.check_feature(author, Feature::ShareFilesExternally)?;
        }
        Ok(())
    }

    fn post(&mut self, new: NewMessage<'_>) -> Result<Arc<Message>, Refusal> {
        let now = new.at;
        let message = self.put(new)?;
        self.tell_message(&message, now);
        Ok(message)
    }

    /// Puts a message into a stream, now. Nobody hears of it yet.
    fn put(&mut self, new: NewMessage<'_>) -> Result<Arc<Message>, Refusal> {
        let NewMessage { author, stream, draft, at, .. } = new;
        if !(draft.uploads.is_empty() && draft.uploaded.is_empty()) {
            self.check_may_attach(author, stream)?;
        }
        for upload in &draft.uploads {
            self.check_attachment_type(author, stream, &upload.name)?;
        }
        self.check_uploaded(author, stream, &draft.uploaded)?;
        let found = self.screen_message(&new);
        let id = MessageId::new(at, &mut self.rng);
        self.check_compliance(found.as_ref(), id, &new, at)?;
        let attachments = self.attach(author, stream, id, draft);
        let disclaimer = match new.update {
            Some(update) => {
                let replaced = self.messages.by_id(update.replacing);
                replaced.and_then(|replaced| replaced.disclaimer.clone())
            }
            None => self.disclaimer_due(author, stream, at),
        };
        let new = NewMessage { disclaimer, ..new };
        let message = self.keep_message(id, attachments, &new);
        self.record_accepted(found, &message, &new, at);
        if let Some(stream) = self.streams.by_id_mut(stream) {
            stream.last_message = Some(at);
        }
        Ok(message)
    }

    /// Puts a message into its stream, at whichever time. Nobody hears of it.
    pub(super) fn keep_message(
        &mut self,
        id: MessageId,
        attachments: Vec<Attachment>,
        new: &NewMessage<'_>,
    ) -> Arc<Message> {
        let update = new.update;
        let message = self.messages.store(new.message(id, attachments));
        if let Some(update) = update {
            self.messages.change(update.replacing, |old| old.replaced_by = Some(id));
        }
        message
    }

    /// Tells everybody in a message's stream of it.
    pub(super) fn tell_message(&mut self, message: &Arc<Message>, now: Timestamp) {
        let operation = self.event_id();
        let stream = message.stream;
        if let Some(view) = self.streams.by_id(stream).map(Stream::view) {
            let payload = Payload::MessageSent { message: Arc::clone(message), stream: view };
            self.record(operation, message.author, payload, Audience::Members(stream), now);
        }
        self.queue_answers(message, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{AT, LATER, Sample};

    #[test]
    fn people_of_two_pods_write_to_each_other_while_they_are_connected() {
        let Sample { mut world, bot, carol, .. } = Sample::new();
        let hello = || Submission {
            message: "<messageML>Hello</messageML>".into(),
            ..Submission::default()
        };
        world.request_connection(bot, carol, AT).unwrap();
        assert!(world.converse(bot, &[carol], AT).is_err());
        world.accept_connection(carol, bot, AT).unwrap();
        let im = world.converse(bot, &[carol], AT).unwrap();
        for author in [bot, carol] {
            world.send_message(author, im, hello(), AT).unwrap();
        }
        assert_eq!(world.streams.by_id(im).unwrap().last_message, Some(AT));
        world.remove_connection(bot, carol).unwrap();
        let refused = world.send_message(bot, im, hello(), LATER);
        assert_eq!(refused.unwrap_err(), Refusal::NotConnected { user: carol });
    }

    #[test]
    fn forms_are_for_service_users() {
        let Sample { mut world, bot, alice, .. } = Sample::new();
        let form = || Submission {
            message: "<messageML><form id=\"f\"><button name=\"go\" type=\"action\">Go</button>\
                      </form></messageML>"
                .into(),
            ..Submission::default()
        };
        let im = world.converse(bot, &[alice], AT).unwrap();
        let sent = world.send_message(bot, im, form(), AT).unwrap();
        assert_eq!(sent.forms[0].id, "f");
        let refused = world.send_message(alice, im, form(), AT).unwrap_err();
        assert!(matches!(refused, Refusal::MessageInvalid { .. }), "{refused:?}");
    }
}
