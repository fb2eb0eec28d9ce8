//! What people do with messages.

use std::collections::BTreeMap;

use axum::Json;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::super::ControlRefusal;
use super::super::extract::{CurrentTenant, Expected, JsonBody, PathParameter, QueryParameters};
use super::{somebody, stream};
use crate::domain::{
    Attachment, FormSubmission, FormValue, History, Message, MessageId, Refusal, Relationship,
    Submission, Timestamp, Upload, UserId, World,
};
use crate::scenario::{AttachmentSeed, ScenarioError, seeded_file};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looking {
    stream: Option<String>,
    limit: Option<usize>,
    before: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sending {
    /// Id of a stream, or name of a room.
    stream: String,
    /// What he types or pastes into his client, which marks it up: `@name`, `#tag`, `$cash`, `:emoji:`
    /// and links become what they are there, every line a paragraph. MessageML, root and all, is taken
    /// for that. One of `message`, `messageML` and `presentationML` is needed.
    message: Option<String>,
    /// MessageML, as bots send it.
    #[serde(rename = "messageML")]
    message_ml: Option<String>,
    /// What is sent exactly so, checked by nobody.
    #[serde(rename = "presentationML")]
    presentation_ml: Option<String>,
    /// EntityJSON: an object, or the text of one. Beside `presentationML` any text.
    #[serde(default)]
    data: Option<Value>,
    /// The message it answers.
    #[serde(rename = "replyTo")]
    reply_to: Option<String>,
    /// The message it passes on.
    forwards: Option<String>,
    /// The message that is shared with it: one `SHAREDPOST` tells of the two.
    shares: Option<String>,
    #[serde(default)]
    attachments: Vec<AttachmentSeed>,
    /// Whether it is sent although a policy warns of it: what his client asks him.
    #[serde(default, rename = "ignoreWarning")]
    ignore_warning: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Editing {
    /// Id of a message of his.
    message: String,
    /// What it says from now on, as he types it. One of `text`, `messageML` and `presentationML` is
    /// needed.
    text: Option<String>,
    /// MessageML, as bots send it.
    #[serde(rename = "messageML")]
    message_ml: Option<String>,
    /// What is sent exactly so, checked by nobody.
    #[serde(rename = "presentationML")]
    presentation_ml: Option<String>,
    /// EntityJSON: an object, or the text of one. Beside `presentationML` any text.
    #[serde(default)]
    data: Option<Value>,
    /// Whether it comes as already read.
    #[serde(default)]
    silent: bool,
    /// Whether it is sent although a policy warns of it.
    #[serde(default, rename = "ignoreWarning")]
    ignore_warning: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submitting {
    message: String,
    form: Option<String>,
    button: Option<String>,
    /// By the names of the controls: a text, texts, or users and rooms by name or id.
    #[serde(default)]
    values: BTreeMap<String, Entered>,
    /// Whether it is sent even where a client would not: what the form does not allow, a second time,
    /// from a message that was replaced.
    #[serde(default)]
    force: bool,
}

/// What is entered into a control, told apart by its form in JSON.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Entered {
    Text(String),
    Texts(Vec<String>),
    Users(Vec<u64>),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    message: String,
    /// His client got it, and he has not looked yet.
    #[serde(default, rename = "deliveredOnly")]
    delivered_only: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suppressing {
    /// Id of a message of his.
    message: String,
}

impl Expected for Suppressing {
    const EXPECTED: &'static str = r#"{"message": "<message id>"}"#;
}

impl Expected for Looking {
    const EXPECTED: &'static str =
        "stream, limit where it is not 50, and before, the id of a message";
}

impl Expected for Sending {
    const EXPECTED: &'static str = r#"{"stream": "Test Room", "message": "hello"}"#;
}

impl Expected for Editing {
    const EXPECTED: &'static str = r#"{"message": "<message id>", "text": "hello again"}"#;
}

impl Expected for Submitting {
    const EXPECTED: &'static str =
        r#"{"message": "<message id>", "button": "ok", "values": {"name": "x"}}"#;
}

impl Expected for Reading {
    const EXPECTED: &'static str = r#"{"message": "<message id>"}"#;
}

/// Sends a message as somebody.
pub async fn send(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(sending): JsonBody<Sending>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let stream = stream(&world, "stream", &sending.stream)?;
    let files = sending.attachments.iter().enumerate();
    let uploads = files.map(|(n, file)| upload(&format!("attachments[{n}]"), file));
    let uploads = uploads.collect::<Result<_, _>>()?;
    let Sending { message, message_ml, presentation_ml, .. } = &sending;
    let written = Submission::written(message.clone(), message_ml.clone(), presentation_ml.clone());
    let data = sending.data.clone().map(data_text);
    let ignores_warnings = sending.ignore_warning;
    let submission = Submission { data, uploads, ignores_warnings, ..said(written, "message")? };
    let Sending { reply_to, forwards, shares, .. } = &sending;
    let mut related =
        |parent| world.send_related_message(user, stream, submission.clone(), parent, now);
    let sent = match (reply_to, forwards, shares) {
        (None, None, None) => world.send_message(user, stream, submission, now),
        (Some(id), None, None) => related((message_id("replyTo", id)?, Relationship::Reply)),
        (None, Some(id), None) => related((message_id("forwards", id)?, Relationship::Forward)),
        (None, None, Some(id)) => {
            world.share_post(user, stream, submission, message_id("shares", id)?, now)
        }
        _ => return Err(ControlRefusal::body("a message has one of replyTo, forwards and shares")),
    };
    let message = sent.map_err(|refusal| ControlRefusal::field("message", world.why(&refusal)))?;
    world.note_unheard(&message);
    Ok(Json(receipt(&message)))
}

/// Changes a message of somebody's own.
pub async fn edit(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(editing): JsonBody<Editing>,
) -> Result<Json<Value>, ControlRefusal> {
    let id = message_id("message", &editing.message)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let stream = world.messages.by_id(id).map(|message| message.stream);
    let stream = stream.ok_or_else(|| ControlRefusal::field("message", "there is no such message"));
    let written = Submission::written(editing.text, editing.message_ml, editing.presentation_ml);
    let data = editing.data.map(data_text);
    let ignores_warnings = editing.ignore_warning;
    let submission = Submission { data, ignores_warnings, ..said(written, "text")? };
    let edited = world.update_message(user, stream?, id, submission, editing.silent, now);
    let message = edited.map_err(|refusal| {
        let field = match refusal {
            Refusal::MessageInvalid { .. }
            | Refusal::LimitReached { .. }
            | Refusal::ComplianceIssues { .. } => "text",
            _ => "message",
        };
        ControlRefusal::field(field, world.why(&refusal))
    })?;
    Ok(Json(receipt(&message)))
}

/// Takes a message back.
pub async fn suppress(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(suppressing): JsonBody<Suppressing>,
) -> Result<Json<Value>, ControlRefusal> {
    let message = message_id("message", &suppressing.message)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let done = world.suppress_message(user, message, now);
    done.map_err(|refusal| ControlRefusal::field("message", world.why(&refusal)))?;
    Ok(Json(json!({ "suppressed": true })))
}

/// Submits a form as somebody who sees it.
pub async fn submit(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(submitting): JsonBody<Submitting>,
) -> Result<Json<Value>, ControlRefusal> {
    let message = message_id("message", &submitting.message)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let values = submitting.values.into_iter();
    let submission = FormSubmission {
        message,
        form: submitting.form,
        button: submitting.button,
        values: values.map(|(name, value)| (name, value.into())).collect(),
        force: submitting.force,
    };
    world
        .submit_form(user, submission, now)
        .map_err(|refusal| ControlRefusal::field("values", world.why(&refusal)))?;
    Ok(Json(json!({ "submitted": true })))
}

/// Shows what somebody sees in a stream: its newest messages, the oldest first.
pub async fn show(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    QueryParameters(looking): QueryParameters<Looking>,
) -> Result<Json<Value>, ControlRefusal> {
    const LIMIT: usize = 50;
    let Some(wanted) = looking.stream else {
        return Err(ControlRefusal::field(
            "stream",
            "is missing: the id of a stream, or a room's name",
        ));
    };
    let before = looking.before.map(|before| message_id("before", &before)).transpose()?;
    let limit = looking.limit.unwrap_or(LIMIT);
    let world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let stream = stream(&world, "stream", &wanted)?;
    let messages = match before {
        Some(before) => world.history_before(user, stream, before, limit),
        None => {
            let (since, until) = (Timestamp::from_millis(0), Timestamp::from_millis(u64::MAX));
            world.history(user, stream, History { since, until, skip: 0, limit })
        }
    };
    let messages = messages.map_err(|refusal| {
        let field = if before.is_some() { "before" } else { "stream" };
        ControlRefusal::field(field, world.why(&refusal))
    })?;
    let row = |message: &Message| {
        let mut row = seen(&world, message);
        let sent = message.forms.iter().filter(|it| world.has_submitted(user, message.id, &it.id));
        row["submitted"] = sent.map(|form| form.id.as_str()).collect();
        row["read"] = world.has_read(user, message.id).into();
        if message.author == user {
            let read = world.marks_of(message.id).filter(|receipt| receipt.read.is_some());
            let by = read.filter_map(|receipt| world.users.by_id(receipt.user));
            row["readBy"] = by.map(|user| user.username.as_str()).collect();
        }
        row
    };
    let rows: Vec<_> = messages.into_iter().rev().map(|message| row(message)).collect();
    Ok(Json(json!({ "messages": rows })))
}

/// Reads a message as somebody who sees it.
pub async fn read(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(reading): JsonBody<Reading>,
) -> Result<Json<Value>, ControlRefusal> {
    let message = message_id("message", &reading.message)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let marked = match reading.delivered_only {
        true => world.mark_delivered(user, message, now),
        false => world.mark_read(user, message, now),
    };
    marked.map_err(|refusal| ControlRefusal::field("message", world.why(&refusal)))?;
    Ok(Json(json!({ "read": !reading.delivered_only })))
}

/// A message as somebody sees it.
pub(in crate::control) fn seen(world: &World, message: &Message) -> Value {
    let author = world.users.by_id(message.author).map(|author| author.username.clone());
    json!({
        "messageId": message.id.to_string(),
        "streamId": message.stream.to_string(),
        "timestamp": message.timestamp.as_millis(),
        "author": author,
        "text": message.plain_text,
        "message": message.presentation_ml,
        "data": serde_json::from_str::<Value>(&message.data).unwrap_or_default(),
        "attachments": message.attachments.iter().map(|file| &file.name).collect::<Vec<_>>(),
        "files": message.attachments.iter().map(shown_file).collect::<Vec<_>>(),
        "parent": message.parent.map(|(parent, how)| shown_parent(world, parent, how)),
        "replaces": message.update.map(|update| update.replacing.to_string()),
        "initial": message.update.map(|update| update.initial.to_string()),
        "replacedBy": message.replaced_by.map(|next| next.to_string()),
        "forms": message.forms.iter().map(|form| &form.id).collect::<Vec<_>>(),
        "disclaimer": message.disclaimer.as_deref(),
    })
}

fn shown_file(file: &Attachment) -> Value {
    json!({ "name": file.name, "contentType": file.content_type, "size": file.size })
}

/// The message that another answers or passes on, as much of it as is quoted.
fn shown_parent(world: &World, id: MessageId, how: Relationship) -> Value {
    let how = match how {
        Relationship::Reply => "reply",
        Relationship::Forward => "forward",
        Relationship::ReplyForm => "form",
    };
    let parent = world.messages.by_id(id).filter(|parent| parent.suppressed.is_none());
    let author = parent.and_then(|parent| world.users.by_id(parent.author));
    json!({
        "messageId": id.to_string(),
        "how": how,
        "author": author.map(|author| &author.username),
        "text": parent.map(|parent| parent.plain_text.chars().take(200).collect::<String>()),
    })
}

fn receipt(message: &Message) -> Value {
    json!({
        "messageId": message.id.to_string(),
        "streamId": message.stream.to_string(),
        "timestamp": message.timestamp.as_millis(),
    })
}

/// What is said, in one way and no other.
pub fn said(
    written: Option<Submission>,
    typed: &'static str,
) -> Result<Submission, ControlRefusal> {
    written.ok_or_else(|| {
        let problem = format!("is said in one way: {typed}, messageML or presentationML");
        ControlRefusal::field(typed, problem)
    })
}

/// EntityJSON as clients send it.
pub fn data_text(data: Value) -> String {
    data.as_str().map_or_else(|| data.to_string(), str::to_owned)
}

fn upload(field: &str, file: &AttachmentSeed) -> Result<Upload, ControlRefusal> {
    let file = seeded_file(field, file).map_err(|error| match error {
        ScenarioError::Contradiction { at, problem } => ControlRefusal::field(at, problem),
        other => ControlRefusal::field("attachments", other.to_string()),
    })?;
    let preview = file.preview.map(|preview| Box::new(preview.file));
    Ok(Upload { preview, ..file.file })
}

/// The id of a message, as a field has it.
pub(super) fn message_id(field: &'static str, id: &str) -> Result<MessageId, ControlRefusal> {
    id.parse().map_err(|_| ControlRefusal::field(field, "is no message id"))
}

impl<'de> Deserialize<'de> for Entered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entered = match Value::deserialize(deserializer)? {
            Value::String(text) => Some(Self::Text(text)),
            Value::Array(list) => {
                let text = |item: &Value| item.as_str().map(str::to_owned);
                let texts = list.iter().map(text).collect::<Option<_>>().map(Self::Texts);
                texts.or_else(|| {
                    list.iter().map(Value::as_u64).collect::<Option<_>>().map(Self::Users)
                })
            }
            _ => None,
        };
        entered.ok_or_else(|| D::Error::custom("expected a text, texts, or ids of users"))
    }
}

impl From<Entered> for FormValue {
    fn from(entered: Entered) -> Self {
        match entered {
            Entered::Text(text) => Self::Text(text),
            Entered::Texts(texts) => Self::Texts(texts),
            Entered::Users(users) => {
                Self::Users(users.into_iter().map(UserId::from_wire).collect())
            }
        }
    }
}
