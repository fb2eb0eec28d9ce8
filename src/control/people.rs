//! `/_mock/people/…`: what people do in their clients and no public operation offers.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Path;
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlRefusal, Tenant, parse};
use crate::domain::{
    FormSubmission, FormValue, MessageId, Relationship, StreamId, Submission, SystemEvent, UserId,
    World, as_message_ml,
};

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
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
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
    let submission = Submission {
        message: as_message_ml(sending.message),
        data: sending
            .data
            .map(|data| data.as_str().map_or_else(|| data.to_string(), str::to_owned)),
        ..Submission::default()
    };
    let parent = match (&sending.reply_to, &sending.forwards) {
        (Some(id), _) => Some((message_id("replyTo", id)?, Relationship::Reply)),
        (None, Some(id)) => Some((message_id("forwards", id)?, Relationship::Forward)),
        (None, None) => None,
    };
    let sent = match parent {
        Some(parent) => world.send_related_message(user, stream, submission, parent, now),
        None => world.send_message(user, stream, submission, now),
    };
    let message = sent.map_err(|refusal| ControlRefusal::field("message", refusal.why()))?;
    Ok(Json(json!({
        "messageId": message.id.to_string(),
        "streamId": message.stream.to_string(),
        "timestamp": message.timestamp.as_millis(),
    })))
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
    let joining: Joining = parse(&body, r#"{"stream": "Test Room"}"#)?;
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let stream = stream(&world, &joining.stream)?;
    world
        .request_to_join(user, stream, now)
        .map_err(|refusal| ControlRefusal::field("stream", refusal.why()))?;
    Ok(Json(json!({ "requested": true })))
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

/// Whoever is called so on the own pod, else on any other.
fn somebody(world: &World, username: &str) -> Result<UserId, ControlRefusal> {
    let unknown = || ControlRefusal::not_found(format!("there is no user {username:?}"));
    world.user_called(username).ok_or_else(unknown)
}

fn message_id(field: &'static str, id: &str) -> Result<MessageId, ControlRefusal> {
    id.parse().map_err(|_| ControlRefusal::field(field, "is no message id"))
}

fn stream(world: &World, wanted: &str) -> Result<StreamId, ControlRefusal> {
    if let Some(room) = world.streams.room_called(wanted) {
        return Ok(room.id);
    }
    let known = wanted.parse::<StreamId>().ok().filter(|id| world.streams.by_id(*id).is_some());
    known.ok_or_else(|| {
        ControlRefusal::field("stream", format!("there is no room and no stream {wanted:?}"))
    })
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
