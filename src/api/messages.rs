//! Messages: sent, updated, blasted, read and suppressed.

use std::collections::BTreeMap;

use axum::Json;
use serde::{Deserialize, Serialize};

use super::Component;
use super::error_response::described;
use super::events_v1::{V1Message, V2Event};
use super::extract::{CurrentPod, JsonBody, PathParameter, PathParameters, Session};
use super::multipart::MessageForm;
use super::parameters::{Most, Page, Parameters, object_id};
use super::shapes::Found;
use super::v4_message::V4Message;
use crate::domain::{History, Message, Refusal, StreamId, Submission, Timestamp};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/agent/v1/stream/{sid}/message/create" => create_message_v1 [SendMessages],
    POST "/agent/v2/stream/{sid}/message/create" => create_message_v2 [SendMessages],
    POST "/agent/v3/stream/{sid}/message/create" => create_message_v3 [SendMessages],
    POST "/agent/v4/stream/{sid}/message/create" => create_message_v4 [SendMessages],
    POST "/agent/v4/stream/{sid}/message/{mid}/update" => update_message_v4 [SendMessages],
    POST "/agent/v4/message/blast" => blast_message_v4 [SendMessages],
    GET "/agent/v1/message/{id}" => message_v1 [GetUserMessages],
    GET "/agent/v1/stream/{sid}/message" => history_v1,
    GET "/agent/v2/stream/{sid}/message" => history_v2,
    GET "/agent/v4/stream/{sid}/message" => history_v4 [GetUserMessages],
    POST "/pod/v1/admin/messagesuppression/{id}/suppress" => suppress_message_v1 [SuppressMessages],
}

/// `MessageSubmission` and `V2MessageSubmission` of the agent API.
#[derive(Deserialize)]
struct MessageSubmission {
    #[serde(default)]
    format: Option<String>,
    message: String,
    #[serde(default)]
    attachments: Option<Vec<UploadedAttachment>>,
}

/// `AttachmentInfo` of the agent API, as it is given back to go with a message. The pod knows the
/// file's name and size.
#[derive(Deserialize)]
struct UploadedAttachment {
    id: String,
}

/// `V4MessageBlastResponse` of the agent API. Clients refuse one without `errors`.
#[derive(Serialize)]
struct BlastResponse {
    messages: Vec<V4Message>,
    errors: BTreeMap<String, BlastError>,
}

/// `Error` of the agent API, of one stream.
#[derive(Serialize)]
struct BlastError {
    code: u16,
    message: String,
}

/// `MessageSuppressionResponse` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SuppressionResponse {
    message_id: String,
    suppressed: bool,
    suppression_date: u64,
}

async fn create_message_v4(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    form: MessageForm,
) -> Result<Json<V4Message>, Refusal> {
    let (stream, now) = (object_id("stream id", &stream)?, pod.clock.now());
    let mut world = pod.world();
    let message = world.send_message(me.user()?, stream, sent_in(&me, form.submission), now)?;
    V4Message::of(&world, &message).map(Json).ok_or(Refusal::Bug)
}

async fn create_message_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    JsonBody(submission): JsonBody<MessageSubmission>,
) -> Result<Json<V1Message>, Refusal> {
    // Version 1 knows no attachments.
    let submission = MessageSubmission { attachments: None, ..submission };
    send(&pod, &me, &stream, submission, V1Message::new)
}

async fn create_message_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    JsonBody(submission): JsonBody<MessageSubmission>,
) -> Result<Json<V2Event>, Refusal> {
    send(&pod, &me, &stream, submission, V2Event::of_message)
}

async fn create_message_v3(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    JsonBody(submission): JsonBody<MessageSubmission>,
) -> Result<Json<V2Event>, Refusal> {
    send(&pod, &me, &stream, submission, V2Event::of_message)
}

async fn update_message_v4(
    pod: CurrentPod,
    me: Session,
    PathParameters(stream, message): PathParameters<String, String>,
    form: MessageForm,
) -> Result<Json<V4Message>, Refusal> {
    let stream = object_id("stream id", &stream)?;
    let message = object_id("message id", &message)?;
    let (silent, now) = (form.silent.unwrap_or(true), pod.clock.now());
    let mut world = pod.world();
    let message = world.update_message(
        me.user()?,
        stream,
        message,
        sent_in(&me, form.submission),
        silent,
        now,
    )?;
    V4Message::of(&world, &message).map(Json).ok_or(Refusal::Bug)
}

async fn blast_message_v4(
    pod: CurrentPod,
    me: Session,
    form: MessageForm,
) -> Result<Json<BlastResponse>, Refusal> {
    let streams = form.streams.unwrap_or_default();
    let mut errors = BTreeMap::new();
    let mut names = Vec::new();
    let settings = pod.world().settings.clone();
    let mut refuse = |name: &str, refusal: &Refusal| {
        let (code, message) = described(Component::Agent, &settings, refusal);
        errors.insert(name.to_owned(), BlastError { code, message });
    };
    for name in streams.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match object_id::<StreamId>("stream id", name) {
            Ok(id) => names.push((name, id)),
            Err(refusal) => refuse(name, &refusal),
        }
    }
    let ids: Vec<_> = names.iter().map(|(_, id)| *id).collect();
    let now = pod.clock.now();
    let mut messages = Vec::new();
    let mut world = pod.world();
    let sent = world.blast_message(me.user()?, &ids, sent_in(&me, form.submission), now)?;
    for ((name, _), sent) in names.into_iter().zip(sent) {
        match sent {
            Ok(message) => messages.extend(V4Message::of(&world, &message)),
            Err(refusal) => refuse(name, &refusal),
        }
    }
    if messages.is_empty() && errors.is_empty() {
        return Err(Refusal::Malformed { what: "The part sids is missing or empty".into() });
    }
    Ok(Json(BlastResponse { messages, errors }))
}

async fn message_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(message): PathParameter<String>,
) -> Result<Found<V4Message>, Refusal> {
    let message = object_id("message id", &message)?;
    let world = pod.world();
    let message = world.readable(me.user()?, message)?;
    Ok(Found(message.and_then(|message| V4Message::of(&world, message))))
}

async fn history_v4(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    query: Parameters,
) -> Result<Found<Vec<V4Message>>, Refusal> {
    let stream = object_id("stream id", &stream)?;
    let history = history(&query, query.page(DEFAULT, Most::Refused(MAX))?)?;
    let world = pod.world();
    let messages = world.history(me.user()?, stream, history)?;
    let view = world.streams.by_id(stream).ok_or(Refusal::Bug)?.view();
    let wire = |message: &std::sync::Arc<Message>| V4Message::new(&world, message, &view);
    Ok(Found::unless_empty(messages.into_iter().map(wire).collect()))
}

async fn history_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    query: Parameters,
) -> Result<Found<Vec<V1Message>>, Refusal> {
    let page = query.page_named(("offset", "maxMessages"), DEFAULT, Most::Cut(MAX))?;
    read(&pod, &me, &stream, history(&query, page)?, V1Message::new)
}

async fn history_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    query: Parameters,
) -> Result<Found<Vec<V2Event>>, Refusal> {
    let page = query.page_named(("offset", "limit"), DEFAULT, Most::Cut(MAX))?;
    read(&pod, &me, &stream, history(&query, page)?, V2Event::of_message)
}

async fn suppress_message_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(message): PathParameter<String>,
) -> Result<Json<SuppressionResponse>, Refusal> {
    let (message, now) = (object_id("message id", &message)?, pod.clock.now());
    let suppression = pod.world().suppress_message(me.user()?, message, now)?;
    Ok(Json(SuppressionResponse {
        message_id: suppression.message.to_string(),
        suppressed: true,
        // 0 is what a second suppression gets.
        suppression_date: suppression.at.map_or(0, Timestamp::as_millis),
    }))
}

/// How many messages a read of a history gets unless told, and at most.
const DEFAULT: usize = 50;
const MAX: usize = 500;

fn sent_in(session: &Session, submission: Submission) -> Submission {
    Submission { session: Some(session.serial()), ..submission }
}

/// Sends a message as the versions before the fourth do, which answer alike.
fn send<T>(
    pod: &Pod,
    me: &Session,
    stream: &str,
    submission: MessageSubmission,
    wire: impl Fn(&Message) -> T,
) -> Result<Json<T>, Refusal> {
    let (stream, now) = (object_id("stream id", stream)?, pod.clock.now());
    let submission = sent_in(me, submission.submission()?);
    let message = pod.world().send_message(me.user()?, stream, submission, now)?;
    Ok(Json(wire(&message)))
}

/// Reads a history as the versions before the fourth do.
fn read<T>(
    pod: &Pod,
    me: &Session,
    stream: &str,
    history: History,
    wire: impl Fn(&Message) -> T,
) -> Result<Found<Vec<T>>, Refusal> {
    let stream = object_id("stream id", stream)?;
    let world = pod.world();
    let messages = world.history(me.user()?, stream, history)?;
    Ok(Found::unless_empty(messages.into_iter().map(|message| wire(message)).collect()))
}

fn history(query: &Parameters, page: Page) -> Result<History, Refusal> {
    let since = query
        .moment("since")?
        .ok_or_else(|| Refusal::Malformed { what: "The parameter since is missing".into() })?;
    let until = query.moment("until")?.unwrap_or(Timestamp::from_millis(u64::MAX));
    Ok(History { since, until, skip: page.skip, limit: page.limit })
}

impl MessageSubmission {
    fn submission(self) -> Result<Submission, Refusal> {
        let format = self.format.as_deref().unwrap_or("TEXT");
        let message = text_as_message_ml(format, self.message)?;
        let uploaded = self.attachments.into_iter().flatten().map(|file| file.id).collect();
        Ok(Submission { message, uploaded, ..Submission::default() })
    }
}

/// What a message of a version before the fourth says, in its format.
pub(super) fn text_as_message_ml(format: &str, message: String) -> Result<String, Refusal> {
    match format.to_ascii_uppercase().as_str() {
        "TEXT" => Ok(format!("<messageML>{}</messageML>", escaped(&message))),
        "MESSAGEML" => Ok(message),
        _ => {
            let what = format!("The format is {format:?}, expected TEXT or MESSAGEML");
            Err(Refusal::Malformed { what })
        }
    }
}

/// Plain text as MessageML.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace("\r\n", "<br/>").replace('\n', "<br/>")
}
