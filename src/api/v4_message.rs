//! `V4Message` and how earlier versions of the API put the same.

use serde::Serialize;

use super::events::{V4Stream, V4User};
use crate::domain::{Attachment, Message, StreamView, World};

/// `V4Message` of the agent API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct V4Message {
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_message_id: Option<String>,
    timestamp: u64,
    message: String,
    data: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<V4AttachmentInfo>,
    user: V4User,
    stream: V4Stream,
    /// Of messages in real time alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_recipients: Option<bool>,
    user_agent: String,
    original_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    silent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disclaimer: Option<String>,
    /// The session it was sent in, which agents tell since 2.55.16.
    sid: String,
}

/// `V4AttachmentInfo` of the agent API. Clients refuse one without `images`.
#[derive(Debug, Serialize)]
struct V4AttachmentInfo {
    id: String,
    name: String,
    size: u64,
    images: Vec<V4ThumbnailInfo>,
}

/// `V4ThumbnailInfo` of the agent API.
#[derive(Debug, Serialize)]
struct V4ThumbnailInfo {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimension: Option<String>,
}

/// `AttachmentInfo` of the agent API.
#[derive(Debug, Serialize)]
pub(super) struct AttachmentInfo {
    pub id: String,
    pub name: String,
    pub size: u64,
}

impl V4Message {
    /// A message as the API answers with it: to its sender, or out of the history.
    pub fn new(world: &World, message: &Message, stream: &StreamView) -> Self {
        let update = message.update;
        Self {
            message_id: message.id.to_string(),
            parent_message_id: message.parent.map(|(parent, _)| parent.to_string()),
            timestamp: message.timestamp.as_millis(),
            message: message.presentation_ml.clone(),
            data: message.data.clone(),
            attachments: message.attachments.iter().map(V4AttachmentInfo::from).collect(),
            user: V4User::new(world, message.author),
            stream: V4Stream::new(stream),
            external_recipients: None,
            user_agent: message.user_agent.to_string(),
            original_format: "com.symphony.messageml.v2",
            replacing: update.map(|update| update.replacing.to_string()),
            replaced_by: message.replaced_by.map(|next| next.to_string()),
            initial_timestamp: update.map(|update| update.initial_timestamp.as_millis()),
            initial_message_id: update.map(|update| update.initial.to_string()),
            silent: update.map(|update| update.silent),
            disclaimer: message.disclaimer.as_deref().map(str::to_owned),
            sid: message.session.to_string(),
        }
    }

    /// A message as an event brings it, with who hears it.
    pub fn in_real_time(world: &World, message: &Message, stream: &StreamView) -> Self {
        let wire = Self::new(world, message, stream);
        let external_recipients = Some(stream.external);
        Self { external_recipients, stream: wire.stream.in_real_time(stream), ..wire }
    }

    /// A message as a violation tells of it: of the stream its id and type, and what is said in
    /// PresentationML or, in version 3, in Markdown.
    pub fn in_violation(
        world: &World,
        message: &Message,
        stream: &StreamView,
        markdown: bool,
    ) -> Self {
        let wire = Self::new(world, message, stream);
        let external_recipients = Some(stream.external);
        let message = if markdown { message.markdown.clone() } else { wire.message };
        Self { message, external_recipients, stream: wire.stream.only_named(), ..wire }
    }

    /// A message whose stream the caller did not bring along.
    pub fn of(world: &World, message: &Message) -> Option<Self> {
        let stream = world.streams.by_id(message.stream)?.view();
        Some(Self::new(world, message, &stream))
    }
}

impl From<&Attachment> for V4AttachmentInfo {
    fn from(attachment: &Attachment) -> Self {
        let image = |preview: &crate::domain::Thumbnail| V4ThumbnailInfo {
            id: preview.id.to_string(),
            dimension: preview.width.map(|width| width.to_string()),
        };
        Self {
            id: attachment.id.to_string(),
            name: attachment.name.clone(),
            size: attachment.size,
            images: attachment.previews.iter().map(image).collect(),
        }
    }
}

impl From<&Attachment> for AttachmentInfo {
    fn from(attachment: &Attachment) -> Self {
        let Attachment { id, name, size, .. } = attachment;
        Self { id: id.to_string(), name: name.clone(), size: *size }
    }
}

/// A message as the versions of the API before PresentationML put it: its text in MessageML.
pub(super) fn message_ml(message: &Message) -> String {
    let mut ml = String::with_capacity(message.markdown.len() + 32);
    ml.push_str("<messageML>");
    for c in message.markdown.trim_end().chars() {
        match c {
            '<' => ml.push_str("&lt;"),
            '>' => ml.push_str("&gt;"),
            '&' => ml.push_str("&amp;"),
            '\n' => ml.push_str("<br/>"),
            '\r' => {}
            other => ml.push(other),
        }
    }
    ml.push_str("</messageML>");
    ml
}
