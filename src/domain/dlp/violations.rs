//! What policies found: recorded, for those who look into it.

use std::sync::Arc;

use bytes::Bytes;
use imbl::OrdMap;

use super::super::{
    DocumentId, FileId, Message, MessageId, Refusal, RoomAttributes, StreamId, StreamView,
    Timestamp, UserId, World,
};
use super::{DlpAction, EF_POLICY_MANAGEMENT, Verdict};

/// That policies found something in what somebody sent or wanted to send.
#[derive(Debug, Clone)]
pub struct Violation {
    /// `MESSAGE-<id of the message>-<time>` for one.
    pub id: String,
    pub at: Timestamp,
    pub requester: UserId,
    /// Whether it was sent in spite of that.
    pub accepted: bool,
    pub verdict: Verdict,
    pub subject: ViolationSubject,
}

/// What policies found something in.
#[derive(Debug, Clone)]
pub enum ViolationSubject {
    Message(Box<MessageSubject>),
    Stream(Box<StreamSubject>),
    Signal { id: DocumentId, name: String, query: String },
}

/// A message, as it was sent or would have been.
#[derive(Debug, Clone)]
pub struct MessageSubject {
    pub message: Message,
    pub stream: StreamView,
    /// What is shared with it.
    pub shared: Option<Arc<Message>>,
    /// The files that came with it, in the order of its attachments.
    pub files: Vec<(FileId, Bytes)>,
}

/// A room, as it is or would have been.
#[derive(Debug, Clone)]
pub struct StreamSubject {
    pub id: StreamId,
    pub room: RoomAttributes,
    pub creator: UserId,
    pub active: bool,
}

/// The kinds of what policies find something in, each of which has a list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViolationKind {
    Message,
    Stream,
    Signal,
}

/// Which violations are asked for.
#[derive(Debug, Clone)]
pub struct ViolationFilter {
    pub kind: ViolationKind,
    pub since: Timestamp,
    pub until: Timestamp,
    /// Where the last page ended.
    pub next: Option<String>,
    pub limit: usize,
}

/// All violations, by the time at which they happened. The eldest are forgotten.
#[derive(Debug, Clone, Default)]
pub struct Violations {
    all: OrdMap<(Timestamp, u64), Arc<Violation>>,
    counted: u64,
    /// Of all.
    bytes: usize,
}

impl Violation {
    pub fn kind(&self) -> ViolationKind {
        match self.subject {
            ViolationSubject::Message(_) => ViolationKind::Message,
            ViolationSubject::Stream(_) => ViolationKind::Stream,
            ViolationSubject::Signal { .. } => ViolationKind::Signal,
        }
    }

    /// Whether somebody was warned and did not mind.
    pub fn is_ignored_warning(&self) -> bool {
        self.accepted && self.verdict.action() == DlpAction::Warn
    }

    /// Where a list goes on after it.
    pub fn cursor(&self) -> String {
        format!("{}.{}", self.at.as_millis(), self.id)
    }

    /// The id of what something was found in, as it is put into URLs.
    pub fn entity(&self) -> String {
        match &self.subject {
            ViolationSubject::Message(subject) => subject.message.id.to_string(),
            ViolationSubject::Stream(subject) => subject.id.to_string(),
            ViolationSubject::Signal { id, .. } => id.to_string(),
        }
    }

    /// What it takes to keep it: its files, and what is told of it.
    fn bytes(&self) -> usize {
        let files = match &self.subject {
            ViolationSubject::Message(subject) => {
                subject.files.iter().map(|(_, bytes)| bytes.len()).sum()
            }
            _ => 0,
        };
        files + self.told()
    }

    /// What it takes to tell it.
    pub fn told(&self) -> usize {
        let subject = match &self.subject {
            ViolationSubject::Message(subject) => {
                let shared = subject.shared.as_deref().map(message_bytes).unwrap_or_default();
                message_bytes(&subject.message) + shared
            }
            ViolationSubject::Stream(subject) => {
                let description = subject.room.description.as_deref().map(str::len);
                subject.room.name.len() + description.unwrap_or_default()
            }
            ViolationSubject::Signal { name, query, .. } => name.len() + query.len(),
        };
        const REST: usize = 1 << 10;
        REST + subject + self.verdict.bytes()
    }
}

/// The texts of a message.
fn message_bytes(message: &Message) -> usize {
    let source = message.source.message.len() + message.source.data.as_ref().map_or(0, String::len);
    let said = [&message.presentation_ml, &message.data, &message.markdown, &message.plain_text];
    let attachments = message.attachments.iter().map(|it| it.name.len() + it.content_type.len());
    source + said.map(String::len).into_iter().sum::<usize>() + attachments.sum::<usize>()
}

impl ViolationSubject {
    /// What a violation is called that happens now.
    fn violation_id(&self, now: Timestamp) -> String {
        let now = now.as_millis();
        match self {
            Self::Message(subject) => {
                format!("MESSAGE-{}-{now}", MessageId::in_standard_base64(subject.message.id))
            }
            Self::Stream(subject) => {
                format!("STREAM-{}-{now}", StreamId::in_standard_base64(subject.id))
            }
            Self::Signal { id, .. } => format!("SIGNAL-{id}-{now}"),
        }
    }
}

impl Violations {
    /// How many are kept.
    pub const CAPACITY: usize = 10_000;

    /// How many bytes all may have, with their files.
    const MOST_BYTES: usize = 256 << 20;

    /// How much a page tells, in bytes, unless one violation alone is more.
    const PAGE_BYTES: usize = 1 << 20;

    fn put(&mut self, violation: Violation) {
        self.bytes += violation.bytes();
        self.all.insert((violation.at, self.counted), Arc::new(violation));
        self.counted += 1;
        while self.all.len() > Self::CAPACITY || self.bytes > Self::MOST_BYTES {
            let Some(eldest) = self.all.get_min().map(|(place, _)| *place) else { break };
            if let Some(forgotten) = self.all.remove(&eldest) {
                self.bytes -= forgotten.bytes();
            }
        }
    }

    /// The eldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.all.values().map(Arc::as_ref)
    }

    /// A page, and whether there are more after it. It is shorter than asked for where that were too much.
    fn page(&self, filter: &ViolationFilter) -> Result<(Vec<&Violation>, bool), Refusal> {
        let begin = match filter.next.as_deref().filter(|next| !next.is_empty()) {
            None => (filter.since, 0),
            Some(next) => self.after(next)?.max((filter.since, 0)),
        };
        let end = (filter.until, u64::MAX);
        if begin > end {
            return Ok((Vec::new(), false));
        }
        let of_kind = self.all.range(begin..=end).map(|(_, violation)| &**violation);
        let of_kind = of_kind.filter(|violation| violation.kind() == filter.kind);
        let (mut page, mut told) = (Vec::new(), 0);
        for violation in of_kind {
            told += violation.told();
            let is_full = page.len() == filter.limit || told > Self::PAGE_BYTES;
            if is_full && !page.is_empty() {
                return Ok((page, true));
            }
            page.push(violation);
        }
        Ok((page, false))
    }

    /// The place after the violation that a cursor names; where it was forgotten, after its time.
    fn after(&self, cursor: &str) -> Result<(Timestamp, u64), Refusal> {
        let malformed = || Refusal::Malformed {
            what: format!("The parameter next is {cursor:?}, no nextOffset"),
        };
        let (at, id) = cursor.split_once('.').ok_or_else(malformed)?;
        let at = Timestamp::from_millis(at.parse().map_err(|_| malformed())?);
        let mut then = self.all.range((at, 0)..=(at, u64::MAX));
        let named = then.find(|(_, violation)| violation.id == id);
        Ok((at, named.map_or(u64::MAX, |((_, place), _)| place + 1)))
    }
}

impl World {
    /// Records what policies found.
    pub(in crate::domain) fn record_violation(
        &mut self,
        requester: UserId,
        verdict: Verdict,
        accepted: bool,
        subject: ViolationSubject,
        now: Timestamp,
    ) {
        let id = subject.violation_id(now);
        let violation = Violation { id, at: now, requester, accepted, verdict, subject };
        self.dlp.violations.put(violation);
    }

    /// That somebody may read violations: those who manage policies may, and content export
    /// services.
    pub fn check_reads_violations(&self, user: UserId) -> Result<(), Refusal> {
        let export = self.check_role(user, "CONTENT_EXPORT_SERVICE");
        export.or_else(|_| self.check_role(user, EF_POLICY_MANAGEMENT))
    }

    /// Violations of a kind, the eldest first, and whether there are more.
    pub fn violations(&self, filter: &ViolationFilter) -> Result<(Vec<&Violation>, bool), Refusal> {
        self.dlp.violations.page(filter)
    }

    /// A file that came with a message in which policies found something.
    pub fn violation_file(&self, violation: &str, file: &FileId) -> Result<Bytes, Refusal> {
        let named = self.dlp.violations.iter().find(|known| known.id == violation);
        let files = match named.map(|it| &it.subject) {
            Some(ViolationSubject::Message(subject)) => subject.files.as_slice(),
            _ => &[],
        };
        let found = files.iter().find(|(id, _)| id == file);
        let unknown = || Refusal::ViolationFileUnknown { id: file.to_string() };
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(unknown)
    }
}
