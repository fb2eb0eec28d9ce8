//! Messages that are there before anything happens.

use std::sync::Arc;

use super::super::{MessageId, Refusal, Stream, StreamId, Timestamp, UserId, World};
use super::files::File;
use super::send::NewMessage;
use super::{
    Attachment, FileId, Markup, Message, Messages, Origin, Receipt, Relationship, ScanResult,
    Source, Submission, Thumbnail, Update, Upload,
};

/// A message as it is to be.
#[derive(Debug, Clone)]
pub struct SeededMessage {
    /// By default a new one.
    pub id: Option<MessageId>,
    pub author: UserId,
    pub stream: StreamId,
    /// When it was sent. Without it the message is sent now, and those who listen hear of it.
    pub at: Option<Timestamp>,
    pub source: Source,
    pub files: Vec<SeededFile>,
    pub parent: Option<(MessageId, Relationship)>,
    /// The version before, and whether this one comes as already read.
    pub replacing: Option<(MessageId, bool)>,
    pub suppressed: Option<Timestamp>,
    /// What it says under it. A message that is sent now says what it would anyhow.
    pub disclaimer: Option<Arc<str>>,
    /// Of an imported message: where it comes from.
    pub origin: Option<Origin>,
    pub receipts: Vec<Receipt>,
}

/// A file of such a message.
#[derive(Debug, Clone)]
pub struct SeededFile {
    /// By default a new one.
    pub id: Option<FileId>,
    /// Its preview has an id of its own, and comes with it.
    pub file: Upload,
    pub preview: Option<Box<SeededFile>>,
}

impl Messages {
    /// All messages in the order in which they came.
    pub fn in_order(&self) -> Vec<&Arc<Message>> {
        let logs = self.logs.values().flat_map(|log| log.messages.iter());
        let mut places: Vec<_> = logs.map(|(place, id)| (place.1, id)).collect();
        places.sort_unstable();
        places.into_iter().filter_map(|(_, id)| self.by_id(*id)).collect()
    }

    /// A file that came with a message.
    pub fn file(&self, id: &FileId) -> Option<&File> {
        self.files.get(id).map(Arc::as_ref)
    }

    /// What the malware scanner told of a file.
    pub fn scan_result(&self, id: &FileId) -> Option<ScanResult> {
        self.files.get(id)?.scanned
    }
}

impl World {
    /// Puts a message where it is to be. Its author is in the stream, or was.
    pub fn seed_message(
        &mut self,
        message: SeededMessage,
        now: Timestamp,
    ) -> Result<Arc<Message>, Refusal> {
        let SeededMessage { author, stream, .. } = message;
        let known = self.streams.by_id(stream).ok_or(Refusal::StreamUnknown)?;
        let was_there = |stream: &Stream| stream.past_members().any(|member| member.user == author);
        if !known.has_member(author) && !was_there(known) {
            return Err(Refusal::NotInStream { user: author, stream });
        }
        let at = message.at.unwrap_or(now);
        let id = match message.id {
            Some(id) if self.messages.by_id(id).is_some() => {
                return Err(Refusal::Malformed {
                    what: format!("there is a message {id} already"),
                });
            }
            Some(id) => id,
            None => MessageId::new(at, &mut self.rng),
        };
        let update = match message.replacing {
            None => None,
            Some((replacing, silent)) => Some(self.update_of(replacing, &message, silent)?),
        };
        let Source { message: text, markup, data, version } = message.source;
        let uploads = message.files.iter().map(|file| file.file.clone()).collect();
        let submission =
            Submission { message: text, markup, data, version, uploads, ..Submission::default() };
        let draft = self.draft(author, Some(stream), submission, at)?;
        let attachments: Vec<_> = message
            .files
            .into_iter()
            .map(|file| self.seed_file(author, stream, id, file))
            .collect();
        let parent = message.parent;
        let origin = message.origin.map(Arc::new);
        let disclaimer = match message.disclaimer {
            Some(shown) => {
                self.disclaimers.note(author, stream, Arc::clone(&shown), at);
                Some(shown)
            }
            None if message.at.is_none() => self.disclaimer_due(author, stream, now),
            None => None,
        };
        let new = NewMessage {
            author,
            stream,
            draft: &draft,
            update,
            parent,
            at,
            disclaimer,
            origin,
            shared: None,
        };
        let kept = self.keep_message(id, attachments, &new);
        if let Some(stream) = self.streams.by_id_mut(stream) {
            stream.last_message = stream.last_message.max(Some(at));
        }
        for receipt in message.receipts {
            self.seed_marks(id, receipt);
        }
        if message.suppressed.is_some() {
            self.messages.change(id, |kept| kept.suppressed = message.suppressed);
        }
        if message.at.is_none() {
            self.tell_message(&kept, now);
        }
        Ok(kept)
    }

    /// What a message would have to be made of to become what it is: what it was made of, unless
    /// the users whom that names are called otherwise by now.
    pub fn source_of(&self, message: &Message) -> Source {
        let Source { message: text, markup, data, version } = &*message.source;
        let becomes_the_same = match markup {
            Markup::MessageMl => self
                .try_message(text, data.as_deref(), version.as_deref(), message.timestamp)
                .is_ok(),
            Markup::Typed => {
                self.type_out(text, data.as_deref(), Some(message.stream)).is_ok_and(|typed| {
                    typed == (message.presentation_ml.clone(), message.data.clone())
                })
            }
            Markup::Verbatim => true,
        };
        if becomes_the_same {
            return (*message.source).clone();
        }
        Source {
            message: message.presentation_ml.clone(),
            markup: Markup::Verbatim,
            data: Some(message.data.clone()),
            version: None,
        }
    }

    fn update_of(
        &self,
        replacing: MessageId,
        by: &SeededMessage,
        silent: bool,
    ) -> Result<Update, Refusal> {
        let replaced = self.messages.by_id(replacing);
        let replaced = replaced.filter(|replaced| replaced.stream == by.stream);
        let replaced = replaced.ok_or(Refusal::MessageUnknown { id: replacing })?;
        if replaced.author != by.author {
            return Err(Refusal::MessageOfAnother { id: replacing });
        }
        let (initial, initial_timestamp) = match replaced.update {
            Some(update) => (update.initial, update.initial_timestamp),
            None => (replaced.id, replaced.timestamp),
        };
        Ok(Update { replacing, initial, initial_timestamp, silent })
    }

    fn seed_file(
        &mut self,
        owner: UserId,
        stream: StreamId,
        message: MessageId,
        founded: SeededFile,
    ) -> Attachment {
        let SeededFile { id, file, preview } = founded;
        let previews = preview.map(|preview| {
            let width = super::files::image_width(&preview.file.bytes);
            let id = self.keep_as(preview.id, owner, stream, message, &preview.file);
            Thumbnail { id, width }
        });
        Attachment {
            id: self.keep_as(id, owner, stream, message, &file),
            name: file.name,
            content_type: file.content_type,
            size: file.bytes.len() as u64,
            previews: previews.into_iter().collect(),
        }
    }
}
