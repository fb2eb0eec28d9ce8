//! Messages: what they are, how they are kept, and who reads which.

mod attachment_types;
mod compose;
mod files;
mod form_values;
mod forms;
mod import;
mod malware;
mod mentions;
mod read;
mod receipts;
mod screening;
mod search;
mod seeding;
mod semantic;
mod send;
mod share;
mod typed_text;
mod verbatim;

use std::fmt;
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use super::{MessageId, StreamId, Timestamp, UserId};
use crate::messageml::Form;

pub use attachment_types::{AttachmentType, AttachmentTypes, FileExtension, TypeSource};
pub use compose::{Limit, Markup, Source, Submission, Upload};
pub use files::{Attachment, AttachmentFilter, FileId, Thumbnail};
pub use forms::FormSubmission;
pub use import::{ImportedMessage, Origin};
pub(in crate::domain) use malware::STATE_USER;
pub use malware::{MalwareScan, ScanResult, ScanState};
pub use read::History;
pub use receipts::{Receipt, Relationship, Status};
pub use search::MessageQuery;
pub use seeding::{SeededFile, SeededMessage};
pub use semantic::PlannedFindings;
pub use share::{ARTICLE, Article};

use files::Files;
use receipts::Receipts;

/// A message as the pod keeps it: what was said, where, by whom and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub stream: StreamId,
    pub author: UserId,
    pub timestamp: Timestamp,
    /// What it was made of.
    pub source: Arc<Source>,
    /// What clients display.
    pub presentation_ml: String,
    /// EntityJSON: the text of a JSON object.
    pub data: String,
    /// What is said, in Markdown, for the versions of the API before PresentationML.
    pub markdown: String,
    /// What is said and nothing else, for searches.
    pub plain_text: String,
    pub hashtags: Vec<String>,
    pub cashtags: Vec<String>,
    pub mentions: Vec<UserId>,
    pub forms: Vec<Form>,
    pub attachments: Vec<Attachment>,
    /// The program that sent it.
    pub user_agent: Arc<str>,
    pub session: SenderSession,
    /// The message it answers or passes on.
    pub parent: Option<(MessageId, Relationship)>,
    /// Set on a later version of a message.
    pub update: Option<Update>,
    /// The version that came after it.
    pub replaced_by: Option<MessageId>,
    pub suppressed: Option<Timestamp>,
    /// What its author's company says under it.
    pub disclaimer: Option<Arc<str>>,
    /// Of an imported message: where it comes from.
    pub origin: Option<Arc<Origin>>,
}

/// The session that a message was sent in, as messages name it (`sid`): a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderSession(u128);

/// What a later version of a message knows of the earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Update {
    /// The version before.
    pub replacing: MessageId,
    pub initial: MessageId,
    pub initial_timestamp: Timestamp,
    /// Whether it comes as already read.
    pub silent: bool,
}

/// The messages of all streams, with their files and receipts.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    by_id: OrdMap<MessageId, Arc<Message>>,
    logs: OrdMap<StreamId, Log>,
    /// The messages that answer a message or pass it on, by their parent and the count of messages
    /// stored before them.
    children: OrdMap<(MessageId, u64), (MessageId, Relationship)>,
    /// Those that were imported and have ids where they come from.
    imported: OrdMap<(StreamId, Arc<Origin>), MessageId>,
    files: Files,
    receipts: Receipts,
    /// Which forms were sent, and by whom.
    submitted: OrdSet<(MessageId, String, UserId)>,
    stored: u64,
}

/// A stream's messages in the order of their time; those of one millisecond in that of their
/// coming.
#[derive(Debug, Clone, Default)]
struct Log {
    messages: OrdMap<Place, MessageId>,
    with_attachments: OrdSet<Place>,
}

type Place = (Timestamp, u64);

impl SenderSession {
    /// The session with this serial; without one that of the author's own client, of which everybody
    /// has one.
    fn of(author: UserId, serial: Option<[u8; 16]>) -> Self {
        let client = || (u128::from(author.as_u64()) << 64) | u128::from(!author.as_u64());
        let bits = serial.map_or_else(client, u128::from_be_bytes);
        // A random UUID is of version 4 and variant 1 (RFC 9562).
        Self(bits & !(0xf << 76) & !(0b11 << 62) | (4 << 76) | (0b10 << 62))
    }
}

impl fmt::Display for SenderSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        f.write_str(&parts.join("-"))
    }
}

impl Messages {
    pub fn by_id(&self, id: MessageId) -> Option<&Arc<Message>> {
        self.by_id.get(&id)
    }

    /// How many there are, each version of one counted.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    fn store(&mut self, message: Message) -> Arc<Message> {
        let place = (message.timestamp, self.stored);
        self.stored += 1;
        let log = self.logs.entry(message.stream).or_default();
        log.messages.insert(place, message.id);
        if !message.attachments.is_empty() {
            log.with_attachments.insert(place);
        }
        if let Some((parent, relationship)) = message.parent {
            self.children.insert((parent, place.1), (message.id, relationship));
        }
        if let Some(origin) = message.origin.as_ref().filter(|origin| origin.id.is_some()) {
            self.imported.insert((message.stream, Arc::clone(origin)), message.id);
        }
        let message = Arc::new(message);
        self.by_id.insert(message.id, Arc::clone(&message));
        message
    }

    /// Events keep what a message was: who changes it changes a copy.
    fn change(&mut self, id: MessageId, change: impl FnOnce(&mut Message)) {
        if let Some(message) = self.by_id.get_mut(&id) {
            change(Arc::make_mut(message));
        }
    }
}
