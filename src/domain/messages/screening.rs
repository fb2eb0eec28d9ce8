//! What policies say of messages, before anybody gets them.

use bytes::Bytes;

use super::super::{
    DlpDataType, MessageId, MessageSubject, Refusal, Screened, ScreenedFile, Stream, Timestamp,
    UserId, Verdict, ViolationSubject, World,
};
use super::compose::Draft;
use super::send::NewMessage;
use super::{Attachment, FileId, Message};

/// What enabled policies found in a message.
pub(super) struct Finding {
    verdict: Verdict,
    files: Vec<ScreenedFile>,
}

impl World {
    /// What enabled policies find in a message: in what it says, whom it mentions left out, and in
    /// what comes with it.
    pub(super) fn screen_message(&mut self, new: &NewMessage<'_>) -> Option<Finding> {
        let NewMessage { author, stream, draft, .. } = *new;
        if !self.is_screened(author) {
            return None;
        }
        let external = self.streams.by_id(stream).is_some_and(Stream::is_external);
        let mentions = draft.mentioned().filter_map(|user| self.users.by_id(user));
        let mentions: Vec<_> = mentions.map(|user| format!("@{}", user.display_name)).collect();
        let files = self.files_of(draft);
        let text = (DlpDataType::Messages, draft.converted.markdown.as_str(), &*mentions);
        let verdict = self.screen(author, external, text, &files)?;
        Some(Finding { verdict, files })
    }

    /// Refuses a message for what was found in it, if that is what policies say. It is recorded as
    /// it would have been.
    pub(super) fn check_compliance(
        &mut self,
        found: Option<&Finding>,
        id: MessageId,
        new: &NewMessage<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(Finding { verdict, files }) = found else { return Ok(()) };
        if verdict.lets_pass(new.draft.ignores_warnings) {
            return Ok(());
        }
        let attachments = self.would_be_attachments(new.author, new.draft);
        let bytes = attachments.iter().zip(files).map(|(attachment, file)| {
            let id = attachment.id.clone();
            (id, file.bytes.clone())
        });
        let bytes: Vec<_> = bytes.collect();
        let message = new.message(id, attachments);
        let refusal = verdict.refusal(Screened::Message, files);
        self.record_message_violation(verdict.clone(), message, new, bytes, false, now);
        Err(refusal)
    }

    /// Records what was found in a message that was sent all the same.
    pub(super) fn record_accepted(
        &mut self,
        found: Option<Finding>,
        message: &Message,
        new: &NewMessage<'_>,
        now: Timestamp,
    ) {
        let Some(Finding { verdict, files }) = found else { return };
        let attachments = message.attachments.iter().zip(files);
        let bytes = attachments.map(|(attachment, file)| (attachment.id.clone(), file.bytes));
        let bytes = bytes.collect();
        self.record_message_violation(verdict, message.clone(), new, bytes, true, now);
    }

    fn record_message_violation(
        &mut self,
        verdict: Verdict,
        message: Message,
        new: &NewMessage<'_>,
        files: Vec<(FileId, Bytes)>,
        accepted: bool,
        now: Timestamp,
    ) {
        let Some(stream) = self.streams.by_id(message.stream).map(Stream::view) else { return };
        let (author, shared) = (message.author, new.shared.clone());
        let subject = MessageSubject { message, stream, shared, files };
        let subject = ViolationSubject::Message(Box::new(subject));
        self.record_violation(author, verdict, accepted, subject, now);
    }

    /// In the order of the attachments that they become.
    fn files_of(&self, draft: &Draft) -> Vec<ScreenedFile> {
        let uploaded = draft.uploaded.iter().filter_map(|id| {
            let file = self.messages.files.get(&FileId::from_wire(id))?;
            Some(ScreenedFile {
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                bytes: file.bytes.clone(),
            })
        });
        let uploads = draft.uploads.iter().map(|upload| ScreenedFile {
            name: upload.name.clone(),
            content_type: upload.content_type.clone(),
            bytes: upload.bytes.clone(),
        });
        uploaded.chain(uploads).collect()
    }

    /// What the attachments of a message would have been that nobody gets.
    fn would_be_attachments(&mut self, author: UserId, draft: &Draft) -> Vec<Attachment> {
        let uploaded = draft.uploaded.iter().map(|id| FileId::from_wire(id)).collect::<Vec<_>>();
        let files = self.files_of(draft);
        let mut ids = uploaded.into_iter();
        let attachment = |file: ScreenedFile| Attachment {
            id: ids.next().unwrap_or_else(|| FileId::new(author, &mut self.rng)),
            name: file.name,
            content_type: file.content_type,
            size: file.bytes.len() as u64,
            previews: Vec::new(),
        };
        files.into_iter().map(attachment).collect()
    }
}
