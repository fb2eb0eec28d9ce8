//! Files: uploaded ahead of messages, downloaded, and listed by stream.

use axum::Json;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;

use super::base64_body::Base64Body;
use super::extract::{CurrentPod, PathParameter, Session};
use super::multipart::FileForm;
use super::parameters::{Most, Parameters, object_id};
use super::v4_message::AttachmentInfo;
use crate::domain::{Attachment, AttachmentFilter, FileId, Message, Refusal, Timestamp, Upload};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/agent/v1/stream/{sid}/attachment/create" => upload_attachment_v1 [SendMessages],
    POST "/agent/v3/stream/{sid}/attachment/create" => upload_attachment_v3 [SendMessages],
    GET "/agent/v1/stream/{sid}/attachment" => download_attachment_v1 [GetUserMessages],
    GET "/pod/v1/streams/{sid}/attachments" => stream_attachments_v1 [ListUserStreams],
}

/// `StreamAttachmentItem` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamAttachmentItem {
    /// In standard base64, unlike everywhere else.
    message_id: String,
    ingestion_date: u64,
    user_id: u64,
    file_id: String,
    name: String,
    size: u64,
    #[serde(rename = "content-type")]
    content_type: String,
    previews: Vec<AttachmentPreview>,
}

/// `AttachmentPreview` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentPreview {
    file_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
}

async fn upload_attachment_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    FileForm(upload): FileForm,
) -> Result<Json<AttachmentInfo>, Refusal> {
    keep(&pod, &me, &stream, upload)
}

async fn upload_attachment_v3(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    FileForm(upload): FileForm,
) -> Result<Json<AttachmentInfo>, Refusal> {
    keep(&pod, &me, &stream, upload)
}

/// The file's content as base64 text.
async fn download_attachment_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    query: Parameters,
) -> Result<impl IntoResponse, Refusal> {
    let stream = object_id("stream id", &stream)?;
    let message = object_id("message id", query.text("messageId").unwrap_or_default())?;
    let file = FileId::from_wire(query.text("fileId").unwrap_or_default());
    let bytes = pod.world().download(me.user()?, stream, message, &file)?.bytes.clone();
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], Base64Body::of(bytes)))
}

async fn stream_attachments_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    query: Parameters,
) -> Result<Json<Vec<StreamAttachmentItem>>, Refusal> {
    let stream = object_id("stream id", &stream)?;
    let filter = filter(&query)?;
    let world = pod.world();
    let attachments = world.attachments_of(me.user()?, stream, filter)?;
    Ok(Json(attachments.into_iter().map(StreamAttachmentItem::from).collect()))
}

fn keep(
    pod: &Pod,
    me: &Session,
    stream: &str,
    upload: Upload,
) -> Result<Json<AttachmentInfo>, Refusal> {
    let stream = object_id("stream id", stream)?;
    let file = pod.world().upload(me.user()?, stream, upload)?;
    Ok(Json(AttachmentInfo { id: file.id.to_string(), name: file.name, size: file.size }))
}

fn filter(query: &Parameters) -> Result<AttachmentFilter, Refusal> {
    const DEFAULT: usize = 50;
    const MAX: usize = 100;
    let malformed = |what: String| Err(Refusal::Malformed { what });
    let newest_first = match query.text("sortDir").unwrap_or("ASC").to_ascii_uppercase().as_str() {
        "ASC" => false,
        "DESC" => true,
        other => {
            return malformed(format!("The parameter sortDir is {other:?}, expected ASC or DESC"));
        }
    };
    Ok(AttachmentFilter {
        since: query.moment("since")?.unwrap_or(Timestamp::from_millis(0)),
        until: query.moment("to")?.unwrap_or(Timestamp::from_millis(u64::MAX)),
        newest_first,
        limit: query.page(DEFAULT, Most::Refused(MAX))?.limit,
    })
}

impl From<(&Message, &Attachment)> for StreamAttachmentItem {
    fn from((message, attachment): (&Message, &Attachment)) -> Self {
        let preview = |preview: &crate::domain::Thumbnail| AttachmentPreview {
            file_id: preview.id.to_string(),
            width: preview.width,
        };
        Self {
            message_id: message.id.in_standard_base64(),
            ingestion_date: message.timestamp.as_millis(),
            user_id: message.author.as_u64(),
            file_id: attachment.id.to_string(),
            name: attachment.name.clone(),
            size: attachment.size,
            content_type: attachment.content_type.clone(),
            previews: attachment.previews.iter().map(preview).collect(),
        }
    }
}
