use super::{MessageId, StreamId, Timestamp, UserId};

/// A message as the pod keeps it: what was said, where, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub stream: StreamId,
    pub author: UserId,
    pub timestamp: Timestamp,
    /// What clients display.
    pub presentation_ml: String,
    /// EntityJSON: the text of a JSON object.
    pub data: String,
    pub attachments: Vec<Attachment>,
}

/// A file that came with a message, as its message tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// `internal_…`, as real pods name files.
    pub id: String,
    pub name: String,
    /// In bytes.
    pub size: u64,
}
