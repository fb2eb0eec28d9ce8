//! Messages of other systems, which are put where they would have been.

use std::sync::Arc;

use super::super::audit::Action;
use super::super::{MessageId, Refusal, StreamId, Timestamp, UserId, World};
use super::Submission;
use super::send::NewMessage;

/// A message as it is imported.
#[derive(Debug, Clone)]
pub struct ImportedMessage {
    pub stream: StreamId,
    /// Who is to have written it.
    pub author: UserId,
    /// When.
    pub at: Timestamp,
    pub submission: Submission,
    pub origin: Origin,
}

/// Where an imported message comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    pub system: String,
    /// The message's id there, by which a repeated import is known.
    pub id: Option<String>,
}

impl World {
    /// That a user may import messages.
    pub fn check_imports(&self, caller: UserId) -> Result<(), Refusal> {
        self.check_role(caller, "CONTENT_MANAGEMENT")
    }

    /// Puts a message of another system into its stream, at its time. Nobody hears of it: "by
    /// design, imported messages do not stream to datafeed or firehose endpoints". Its id is made
    /// of the time of the import, as those of real pods are. What was imported before is given as
    /// it is.
    pub fn import_message(
        &mut self,
        caller: UserId,
        imported: ImportedMessage,
        now: Timestamp,
    ) -> Result<MessageId, Refusal> {
        let ImportedMessage { stream, author, at, submission, origin } = imported;
        let there = self.streams.by_id(stream).ok_or(Refusal::StreamUnknown)?;
        for user in [caller, author] {
            if !there.has_member(user) {
                return Err(Refusal::NotInStream { user, stream });
            }
        }
        if !there.active {
            return Err(Refusal::RoomInactive);
        }
        if at > now {
            let what = "The intended timestamp is in the future".into();
            return Err(Refusal::Malformed { what });
        }
        let origin = Arc::new(origin);
        if let Some(known) = self.messages.imported.get(&(stream, Arc::clone(&origin))) {
            return Ok(*known);
        }
        let draft = self.draft(author, Some(stream), submission, at)?;
        for upload in &draft.uploads {
            self.check_attachment_type(author, stream, &upload.name)?;
        }
        let new =
            NewMessage { origin: Some(origin), ..NewMessage::alone(author, stream, &draft, at) };
        let found = self.screen_message(&new);
        let id = MessageId::new(now, &mut self.rng);
        self.check_compliance(found.as_ref(), id, &new, now)?;
        let attachments = self.attach(author, stream, id, &draft);
        let message = self.keep_message(id, attachments, &new);
        self.record_accepted(found, &message, &new, now);
        if let Some(stream) = self.streams.by_id_mut(stream) {
            stream.last_message = stream.last_message.max(Some(at));
        }
        let (role, action) = (Some("CONTENT_MANAGEMENT"), Action::MessageImported);
        self.record_in_stream(caller, role, action, stream, Some(author), now);
        Ok(id)
    }
}
