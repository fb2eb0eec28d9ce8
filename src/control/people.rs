//! `/_mock/people/…`: what people do in their clients and no public operation offers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{ControlRefusal, Tenant, parse};
use crate::domain::{
    FormSubmission, FormValue, History, Message, MessageId, PresenceCategory, Refusal,
    Relationship, RoomRequest, StreamId, Submission, SystemEvent, Timestamp, Upload, UserId, World,
    as_message_ml,
};
use crate::scenario::{AttachmentSeed, ScenarioError, founded_file};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looking {
    stream: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sending {
    /// Id of a stream, or name of a room.
    stream: String,
    /// MessageML, PresentationML, or plain text, which is wrapped.
    message: String,
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
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Editing {
    /// Id of a message of his.
    message: String,
    /// What it says from now on: MessageML, PresentationML, or plain text.
    text: String,
    #[serde(default)]
    data: Option<Value>,
    /// Whether it comes as already read.
    #[serde(default)]
    silent: bool,
}

/// A room that has a name; or the IM or MIM with others.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Opening {
    /// Usernames of those to talk with in an IM or MIM.
    with: Option<Vec<String>>,
    name: Option<String>,
    description: Option<String>,
    /// Usernames of those in the room from the beginning.
    #[serde(default)]
    members: Vec<String>,
    members_can_invite: Option<bool>,
    discoverable: Option<bool>,
    public: Option<bool>,
    read_only: Option<bool>,
    cross_pod: Option<bool>,
    view_history: Option<bool>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BeingPresent {
    category: PresenceCategory,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submitting {
    message: String,
    form: Option<String>,
    button: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, Entered>,
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
pub struct Connecting {
    with: String,
    action: ConnectionAction,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionAction {
    Request,
    Accept,
    Reject,
    Remove,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    stream: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Emitting {
    stream: String,
    source_system: String,
    event_subtype: String,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// Sends a message as somebody.
pub async fn send(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    let sending: Sending = parse(&body, r#"{"stream": "Test Room", "message": "hello"}"#)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let stream = stream(&world, &sending.stream)?;
    let files = sending.attachments.iter().enumerate();
    let uploads = files.map(|(n, file)| upload(&format!("attachments[{n}]"), file));
    let submission = Submission {
        message: as_message_ml(sending.message.clone()),
        data: sending.data.clone().map(data_text),
        uploads: uploads.collect::<Result<_, _>>()?,
        ..Submission::default()
    };
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
    let message = sent.map_err(|refusal| ControlRefusal::field("message", refusal.why()))?;
    Ok(Json(receipt(&message)))
}

/// Changes a message of somebody's own.
pub async fn edit(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    let editing: Editing = parse(&body, r#"{"message": "<message id>", "text": "hello again"}"#)?;
    let id = message_id("message", &editing.message)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let stream = world.messages.by_id(id).map(|message| message.stream);
    let stream = stream.ok_or_else(|| ControlRefusal::field("message", "there is no such message"));
    let submission = Submission {
        message: as_message_ml(editing.text),
        data: editing.data.map(data_text),
        ..Submission::default()
    };
    let edited = world.update_message(user, stream?, id, submission, editing.silent, now);
    let message = edited.map_err(|refusal| {
        let field = match refusal {
            Refusal::MessageInvalid { .. } | Refusal::LimitReached { .. } => "text",
            _ => "message",
        };
        ControlRefusal::field(field, refusal.why())
    })?;
    Ok(Json(receipt(&message)))
}

/// Goes into a public room.
pub async fn join(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    at_a_room(&tenant, &user, &body, |world, user, room, now| {
        world.add_member(user, room, user, now)
    })?;
    Ok(Json(json!({ "joined": true })))
}

/// Leaves a room.
pub async fn leave(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    at_a_room(&tenant, &user, &body, |world, user, room, now| {
        world.remove_member(user, room, user, now)
    })?;
    Ok(Json(json!({ "left": true })))
}

/// Makes a room, or begins to talk with others.
pub async fn open(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    const EXAMPLE: &str = r#"{"name": "Lunch", "members": ["bot"]} or {"with": ["bot"]}"#;
    let opening: Opening = parse(&body, EXAMPLE)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let everybody = |field: &'static str, names: &[String]| -> Result<Vec<UserId>, _> {
        let unknown = |name: &String| format!("there is no user {name:?}");
        let known = names.iter().map(|name| {
            world.user_called(name).ok_or_else(|| ControlRefusal::field(field, unknown(name)))
        });
        known.collect()
    };
    let opened = match (&opening.with, &opening.name) {
        (Some(others), None) => {
            let others = everybody("with", others)?;
            world.converse(user, &others, now).map_err(|refusal| ("with", refusal))
        }
        (None, Some(_)) => {
            let others = everybody("members", &opening.members)?;
            let others: Vec<_> = others.into_iter().map(|user| (user, false)).collect();
            let wish = RoomRequest {
                name: opening.name,
                description: opening.description,
                members_can_invite: opening.members_can_invite,
                discoverable: opening.discoverable,
                public: opening.public,
                read_only: opening.read_only,
                cross_pod: opening.cross_pod,
                view_history: opening.view_history,
                ..RoomRequest::default()
            };
            world.create_room(user, &wish, &others, now).map_err(|refusal| ("name", refusal))
        }
        _ => {
            return Err(ControlRefusal::body(format!(
                "either a name or others; expected {EXAMPLE}"
            )));
        }
    };
    let stream = opened.map_err(|(field, refusal)| ControlRefusal::field(field, refusal.why()))?;
    Ok(Json(json!({ "streamId": stream.to_string() })))
}

/// Says how present somebody is.
pub async fn be_present(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    let BeingPresent { category } = parse(&body, r#"{"category": "BUSY"}"#)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    // Whoever is of another pod sets it there, and this one hears of it.
    world.presences.found(user, category, now);
    Ok(Json(json!({ "category": category })))
}

/// Submits a form as somebody who sees it.
pub async fn submit(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    let example = r#"{"message": "<message id>", "button": "ok", "values": {"name": "x"}}"#;
    let submitting: Submitting = parse(&body, example)?;
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
    };
    world
        .submit_form(user, submission, now)
        .map_err(|refusal| ControlRefusal::field("values", refusal.why()))?;
    Ok(Json(json!({ "submitted": true })))
}

/// Shows what somebody sees in a stream: its newest messages, the oldest first.
pub async fn show(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    looking: Result<Query<Looking>, QueryRejection>,
) -> Result<Json<Value>, ControlRefusal> {
    const LIMIT: usize = 50;
    let Query(looking) =
        looking.map_err(|rejection| ControlRefusal::body(rejection.body_text()))?;
    let Some(wanted) = looking.stream else {
        return Err(ControlRefusal::field(
            "stream",
            "is missing: the id of a stream, or a room's name",
        ));
    };
    let world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let newest = History {
        since: Timestamp::from_millis(0),
        until: Timestamp::from_millis(u64::MAX),
        skip: 0,
        limit: looking.limit.unwrap_or(LIMIT),
    };
    let seen = world.history(user, stream(&world, &wanted)?, newest);
    let seen = seen.map_err(|refusal| ControlRefusal::field("stream", refusal.why()))?;
    let row = |message: &Message| {
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
        })
    };
    let rows: Vec<_> = seen.into_iter().rev().map(|message| row(message)).collect();
    Ok(Json(json!({ "messages": rows })))
}

/// Reads a message as somebody who sees it.
pub async fn read(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    let reading: Reading = parse(&body, r#"{"message": "<message id>"}"#)?;
    let message = message_id("message", &reading.message)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let marked = match reading.delivered_only {
        true => world.mark_delivered(user, message, now),
        false => world.mark_read(user, message, now),
    };
    marked.map_err(|refusal| ControlRefusal::field("message", refusal.why()))?;
    Ok(Json(json!({ "read": !reading.delivered_only })))
}

/// Asks for a connection, answers such a question, or ends a connection, as somebody of whichever
/// pod: a bot's test needs the foreign side too.
pub async fn connect(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    let connecting: Connecting = parse(&body, r#"{"with": "bot", "action": "accept"}"#)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let (me, other) = (somebody(&world, &user)?, somebody(&world, &connecting.with)?);
    let done = match connecting.action {
        ConnectionAction::Request => world.request_connection(me, other, now).map(drop),
        ConnectionAction::Accept => world.accept_connection(me, other, now).map(drop),
        ConnectionAction::Reject => world.reject_connection(me, other, now).map(drop),
        ConnectionAction::Remove => world.remove_connection(me, other),
    };
    done.map_err(|refusal| ControlRefusal::field("action", refusal.why()))?;
    Ok(Json(json!({ "connected": world.are_connected(me, other) })))
}

/// Asks the owners of a room to be let in.
pub async fn request_to_join(
    Extension(tenant): Extension<Arc<Tenant>>,
    Path(user): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    at_a_room(&tenant, &user, &body, |world, user, room, now| {
        world.request_to_join(user, room, now)
    })?;
    Ok(Json(json!({ "requested": true })))
}

/// Does what somebody does who says no more than which room it is about.
fn at_a_room(
    tenant: &Tenant,
    user: &str,
    body: &[u8],
    act: impl FnOnce(&mut World, UserId, StreamId, Timestamp) -> Result<(), Refusal>,
) -> Result<(), ControlRefusal> {
    let Joining { stream: wanted } = parse(body, r#"{"stream": "Test Room"}"#)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, user)?;
    let room = stream(&world, &wanted)?;
    let done = act(&mut world, user, room, now);
    done.map_err(|refusal| ControlRefusal::field("stream", refusal.why()))
}

/// Lets a system other than the pod make something known in a stream.
pub async fn system_event(
    Extension(tenant): Extension<Arc<Tenant>>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    let example = r#"{"stream": "Test Room", "sourceSystem": "x", "eventSubtype": "y"}"#;
    let emitting: Emitting = parse(&body, example)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let stream = stream(&world, &emitting.stream)?;
    let view = world.streams.by_id(stream).map(|stream| stream.view());
    let view = view.ok_or_else(|| ControlRefusal::field("stream", "there is no such stream"))?;
    let (source, subtype) = (emitting.source_system, emitting.event_subtype);
    let parameters = emitting.parameters;
    let event = SystemEvent { stream: view, emitted: now, source, subtype, parameters };
    world.emit_system_event(event, now);
    Ok(Json(json!({ "emitted": true })))
}

fn receipt(message: &Message) -> Value {
    json!({
        "messageId": message.id.to_string(),
        "streamId": message.stream.to_string(),
        "timestamp": message.timestamp.as_millis(),
    })
}

/// EntityJSON as clients send it.
pub(super) fn data_text(data: Value) -> String {
    data.as_str().map_or_else(|| data.to_string(), str::to_owned)
}

fn upload(field: &str, file: &AttachmentSeed) -> Result<Upload, ControlRefusal> {
    let file = founded_file(field, file).map_err(|error| match error {
        ScenarioError::Contradiction { at, problem } => ControlRefusal::field(at, problem),
        other => ControlRefusal::field("attachments", other.to_string()),
    })?;
    let preview = file.preview.map(|preview| Box::new(preview.file));
    Ok(Upload { preview, ..file.file })
}

/// Whoever is called so on the own pod, else on any other.
pub(super) fn somebody(world: &World, username: &str) -> Result<UserId, ControlRefusal> {
    let unknown = || ControlRefusal::not_found(format!("there is no user {username:?}"));
    world.user_called(username).ok_or_else(unknown)
}

fn message_id(field: &'static str, id: &str) -> Result<MessageId, ControlRefusal> {
    id.parse().map_err(|_| ControlRefusal::field(field, "is no message id"))
}

pub(super) fn stream(world: &World, wanted: &str) -> Result<StreamId, ControlRefusal> {
    if let Some(room) = world.streams.room_called(wanted) {
        return Ok(room.id);
    }
    let known = wanted.parse::<StreamId>().ok().filter(|id| world.streams.by_id(*id).is_some());
    known.ok_or_else(|| {
        ControlRefusal::field("stream", format!("there is no room and no stream {wanted:?}"))
    })
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
