//! What became of messages: who got and read them, and how they relate to each other.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::{Most, Parameters, object_id};
use crate::domain::{
    Message, MessageId, Receipt, Refusal, Relationship, Status, Stream, StreamKind, UserId, World,
};
use crate::operation::operations;

operations! {
    GET "/pod/v1/message/{mid}/status" => message_status_v1,
    POST "/pod/v1/admin/messages" => message_details_v1,
    GET "/pod/v1/admin/messages/{messageId}/receipts" => message_receipts_v1,
    GET "/pod/v1/admin/messages/{messageId}/metadata/relationships" => message_relationships_v1,
    GET "/pod/v2/admin/streams/{streamId}/messageIds" => message_ids_v2,
}

/// `MessageStatus` of the pod API: everybody whom the message was meant for is in one of the lists.
#[derive(Serialize)]
pub(super) struct MessageStatus {
    author: MessageStatusUser,
    read: Vec<MessageStatusUser>,
    delivered: Vec<MessageStatusUser>,
    sent: Vec<MessageStatusUser>,
}

/// `MessageStatusUser` of the pod API, whose numbers are strings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageStatusUser {
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    user_name: String,
    timestamp: String,
}

/// `MessageIds` of the pod API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageIds {
    message_ids: Vec<String>,
}

/// `MessageDetail` of the pod API, and what `MessageReceiptDetailResponse` has of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageDetail {
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    creator: MessageUser,
    stream: MessageStream,
    creation_date: u64,
    delivery_receipt_count: usize,
    read_receipt_count: usize,
    /// This pod sends no e-mail.
    email_notification_count: usize,
    download_receipt_counts: [(); 0],
}

#[derive(Serialize)]
struct MessageUser {
    id: u64,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageStream {
    /// In standard base64, unlike everywhere else.
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    stream_type: StreamKind,
}

/// `MessageReceiptDetailResponse` of the pod API.
#[derive(Serialize)]
struct ReceiptDetails {
    #[serde(flatten)]
    message: MessageDetail,
    #[serde(rename = "MessageReceiptDetail")]
    receipts: Vec<ReceiptDetail>,
    pagination: Pagination,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptDetail {
    user: ReceiptUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_receipt_timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_receipt_timestamp: Option<u64>,
    download_receipt_counts: [(); 0],
}

/// `UserCompp` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptUser {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<String>,
}

/// `Pagination` of the pod API. The end of a list is where `after` is missing.
#[derive(Serialize)]
struct Pagination {
    cursors: Cursors,
}

#[derive(Serialize)]
struct Cursors {
    before: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// `MessageMetadataResponse` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageMetadata {
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<MessageParent>,
    replies: Vec<String>,
    forwards: Vec<String>,
    form_replies: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageParent {
    message_id: String,
    relationship_type: &'static str,
}

/// `MessageIdsFromStream` of the pod API, letter case and all.
#[derive(Serialize)]
struct MessageIdsFromStream {
    #[serde(rename = "Data")]
    data: Vec<String>,
    #[serde(rename = "TotalNumberFound")]
    total_number_found: usize,
    #[serde(rename = "numberReturned")]
    number_returned: usize,
    /// Missing where nothing is left.
    #[serde(rename = "nextStartNumber", skip_serializing_if = "Option::is_none")]
    next_start_number: Option<usize>,
}

pub(super) async fn message_status_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(message): PathParameter<String>,
) -> Result<Json<MessageStatus>, Refusal> {
    let message = object_id("message id", &message)?;
    let world = pod.world();
    let status = world.message_status(me.user()?, message)?;
    Ok(Json(MessageStatus::new(&world, &status)))
}

async fn message_details_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(ids): JsonBody<MessageIds>,
) -> Result<Json<Vec<MessageDetail>>, Refusal> {
    let me = me.user()?;
    let ids: Vec<MessageId> =
        ids.message_ids.iter().map(|id| object_id("message id", id)).collect::<Result<_, _>>()?;
    let world = pod.world();
    let detail = |id: &MessageId| {
        let (message, stream, status) = world.message_receipts(me, *id)?;
        let detail = MessageDetail::new(&world, message, stream, &status);
        Ok(MessageDetail { message_id: Some(id.to_string()), ..detail })
    };
    ids.iter().map(detail).collect::<Result<_, _>>().map(Json)
}

async fn message_receipts_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(message): PathParameter<String>,
    query: Parameters,
) -> Result<Json<ReceiptDetails>, Refusal> {
    const PAGE: u64 = 100;
    let message = object_id("message id", &message)?;
    // The cursors are the places where a page begins and where the next one does.
    let start = match (query.number("after")?, query.number("before")?) {
        (Some(after), _) => after,
        (None, before) => before.map_or(0, |before| before.saturating_sub(PAGE)),
    };
    let world = pod.world();
    let (message, stream, status) = world.message_receipts(me.user()?, message)?;
    let end = start.saturating_add(PAGE);
    let more = end < status.receipts.len() as u64;
    let receipts = status.receipts.iter().skip(usize::try_from(start).unwrap_or(usize::MAX));
    let receipts = receipts.take(PAGE as usize).map(|receipt| ReceiptDetail::new(&world, receipt));
    let cursors = Cursors { before: start.to_string(), after: more.then(|| end.to_string()) };
    Ok(Json(ReceiptDetails {
        message: MessageDetail::new(&world, message, stream, &status),
        receipts: receipts.collect(),
        pagination: Pagination { cursors },
    }))
}

async fn message_relationships_v1(
    pod: CurrentPod,
    me: Session,
    headers: HeaderMap,
    PathParameter(message): PathParameter<String>,
) -> Result<Json<MessageMetadata>, Refusal> {
    if !headers.contains_key(header::USER_AGENT) {
        return Err(Refusal::Malformed { what: "Missing header: User-Agent".into() });
    }
    let id: MessageId = object_id("message id", &message)?;
    let relations = pod.world().message_relations(me.user()?, id)?;
    let children = |wanted: Relationship| {
        let wanted = relations.children.iter().filter(move |(_, how)| *how == wanted);
        wanted.map(|(id, _)| id.to_string()).collect()
    };
    Ok(Json(MessageMetadata {
        message_id: id.to_string(),
        parent: relations.parent.map(|(parent, how)| MessageParent {
            message_id: parent.to_string(),
            relationship_type: match how {
                Relationship::Reply => "REPLY",
                Relationship::Forward => "FORWARD",
                Relationship::ReplyForm => "REPLY_FORM",
            },
        }),
        replies: children(Relationship::Reply),
        forwards: children(Relationship::Forward),
        form_replies: children(Relationship::ReplyForm),
    }))
}

/// The last 24 hours, unless told; never more than 24 hours.
async fn message_ids_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    query: Parameters,
) -> Result<Json<MessageIdsFromStream>, Refusal> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const DEFAULT: usize = 50;
    const MAX: usize = 1_000;
    let stream = object_id("stream id", &stream)?;
    let page = query.page_named(("offset", "limit"), DEFAULT, Most::Cut(MAX))?;
    let (since, until) = match (query.moment("since")?, query.moment("to")?) {
        (Some(since), Some(until)) => (since, until),
        (Some(since), None) => (since, since.plus(DAY)),
        (None, until) => {
            let until = until.unwrap_or_else(|| pod.clock.now());
            (until.minus(DAY), until)
        }
    };
    if until.since(since) > DAY {
        return Err(Refusal::RangeTooLong);
    }
    let range = (page.skip, page.limit);
    let (ids, total) = pod.world().message_ids(me.user()?, stream, (since, until), range)?;
    let next = page.skip.saturating_add(ids.len());
    Ok(Json(MessageIdsFromStream {
        total_number_found: total,
        number_returned: ids.len(),
        next_start_number: (next < total).then_some(next),
        data: ids.iter().map(MessageId::to_string).collect(),
    }))
}

impl MessageStatus {
    fn new(world: &World, status: &Status) -> Self {
        let user = |id, at: crate::domain::Timestamp| MessageStatusUser::new(world, id, at);
        let (mut read, mut delivered, mut sent) = (Vec::new(), Vec::new(), Vec::new());
        for receipt in &status.receipts {
            match *receipt {
                Receipt { user: id, read: Some(at), .. } => read.extend(user(id, at)),
                Receipt { user: id, delivered: Some(at), .. } => delivered.extend(user(id, at)),
                Receipt { user: id, .. } => sent.extend(user(id, status.sent_at)),
            }
        }
        let author = user(status.author, status.sent_at)
            .unwrap_or_else(|| MessageStatusUser::unknown(status.author, status.sent_at));
        Self { author, read, delivered, sent }
    }
}

impl MessageStatusUser {
    fn new(world: &World, id: UserId, at: crate::domain::Timestamp) -> Option<Self> {
        let user = world.users.by_id(id)?;
        Some(Self {
            user_id: id.to_string(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            display_name: user.display_name.clone(),
            email: user.email.clone(),
            user_name: user.username.clone(),
            timestamp: at.as_millis().to_string(),
        })
    }

    /// Users are never deleted, so there is none of these.
    fn unknown(id: UserId, at: crate::domain::Timestamp) -> Self {
        Self {
            user_id: id.to_string(),
            first_name: None,
            last_name: None,
            display_name: String::new(),
            email: None,
            user_name: String::new(),
            timestamp: at.as_millis().to_string(),
        }
    }
}

impl MessageDetail {
    fn new(world: &World, message: &Message, stream: &Stream, status: &Status) -> Self {
        let count = |counts: fn(&Receipt) -> bool| {
            status.receipts.iter().filter(|receipt| counts(receipt)).count()
        };
        let author = world.users.by_id(message.author);
        Self {
            message_id: None,
            creator: MessageUser {
                id: message.author.as_u64(),
                name: author.map(|user| user.display_name.clone()).unwrap_or_default(),
            },
            stream: MessageStream {
                id: stream.id.in_standard_base64(),
                name: stream.room().map(|room| room.name.to_string()),
                stream_type: stream.kind(),
            },
            creation_date: message.timestamp.as_millis(),
            delivery_receipt_count: count(|receipt| receipt.delivered.is_some()),
            read_receipt_count: count(|receipt| receipt.read.is_some()),
            email_notification_count: 0,
            download_receipt_counts: [],
        }
    }
}

impl ReceiptDetail {
    fn new(world: &World, receipt: &Receipt) -> Self {
        let user = world.users.by_id(receipt.user);
        Self {
            user: ReceiptUser {
                id: receipt.user.as_u64(),
                username: user.map(|user| user.username.clone()),
                first_name: user.and_then(|user| user.first_name.clone()),
                last_name: user.and_then(|user| user.last_name.clone()),
                email_address: user.and_then(|user| user.email.clone()),
            },
            delivery_receipt_timestamp: receipt.delivered.map(|at| at.as_millis()),
            read_receipt_timestamp: receipt.read.map(|at| at.as_millis()),
            download_receipt_counts: [],
        }
    }
}
