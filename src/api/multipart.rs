//! Messages and files as clients submit them: `multipart/form-data` in all its dialects, or JSON.

use std::fmt;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use futures_util::{Stream, StreamExt, stream};
use multer::{Field, Multipart};
use serde::Deserialize;
use serde_json::Value;

use super::extract::{CurrentPod, JsonBody};
use crate::domain::{Limit, Refusal, Submission, Upload};

/// A message as it is created, updated or blasted.
pub(super) struct MessageForm {
    pub submission: Submission,
    pub silent: Option<bool>,
    /// The streams of a blast, separated by commas.
    pub streams: Option<String>,
}

/// A file as it is uploaded: the part `file`.
pub(super) struct FileForm(pub Upload);

/// A message in plain JSON, as the csp adapter sends it.
#[derive(Deserialize)]
struct JsonMessage {
    message: String,
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    version: Option<String>,
}

/// The body is longer than any message can be: how many bytes came.
#[derive(Debug)]
struct TooLong(u64);

/// What the parts of a form cost beyond their content.
const OVERHEAD: u64 = 64 << 10;

impl<S: Send + Sync> FromRequest<S> for MessageForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let Some(boundary) = boundary(&request)? else {
            let JsonBody(json) = JsonBody::<JsonMessage>::from_request(request, state).await?;
            return Ok(json.into());
        };
        let (mut parts, most) = parts(request, boundary, state).await?;
        let mut form = Self { submission: Submission::default(), silent: None, streams: None };
        let mut previews = Vec::new();
        while let Some(field) = parts.next_field().await.map_err(|e| refusal(e, most))? {
            // Text parts may have a file name and any type, or none: the name decides.
            match field.name().unwrap_or_default() {
                "message" => form.submission.message = text(field, most).await?,
                "data" => form.submission.data = filled(text(field, most).await?),
                "version" => form.submission.version = filled(text(field, most).await?),
                "silent" => form.silent = flag(&text(field, most).await?)?,
                "sids" => form.streams = Some(text(field, most).await?),
                "attachment" => form.submission.uploads.extend(upload(field, most).await?),
                "preview" => previews.extend(upload(field, most).await?),
                _ => drop(field.bytes().await.map_err(|e| refusal(e, most))?),
            }
        }
        form.submission.uploads = with_previews(form.submission.uploads, previews)?;
        Ok(form)
    }
}

impl<S: Send + Sync> FromRequest<S> for FileForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let missing = || malformed("The part file is missing".into());
        let boundary = boundary(&request)?.ok_or_else(missing)?;
        let (mut parts, most) = parts(request, boundary, state).await?;
        let mut file = None;
        while let Some(field) = parts.next_field().await.map_err(|e| refusal(e, most))? {
            if field.name() == Some("file") {
                file = upload(field, most).await?;
            }
        }
        file.map(Self).ok_or_else(missing)
    }
}

impl From<JsonMessage> for MessageForm {
    fn from(json: JsonMessage) -> Self {
        let data = json.data.and_then(|data| match data {
            Value::Null => None,
            Value::String(text) => filled(text),
            object => Some(object.to_string()),
        });
        let version = json.version.and_then(filled);
        let submission =
            Submission { message: json.message, data, version, ..Submission::default() };
        Self { submission, silent: None, streams: None }
    }
}

/// The boundary of a multipart body; none where the body is something else.
fn boundary(request: &Request) -> Result<Option<String>, Refusal> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.to_ascii_lowercase().starts_with("multipart/") {
        return Ok(None);
    }
    multer::parse_boundary(content_type)
        .map(Some)
        .map_err(|error| malformed(format!("The Content-Type cannot be read: {error}")))
}

/// The parts of a multipart body, and how long the body may be in all.
async fn parts<S: Send + Sync>(
    request: Request,
    boundary: String,
    state: &S,
) -> Result<(Multipart<'static>, u64), Refusal> {
    let (mut head, body) = request.into_parts();
    let pod =
        <CurrentPod as axum::extract::FromRequestParts<S>>::from_request_parts(&mut head, state)
            .await?;
    let most = {
        let settings = &pod.world().settings;
        u64::from(settings.attachments_max_size) + u64::from(settings.message_max_size) + OVERHEAD
    };
    Ok((Multipart::new(limited(body, most), boundary), most))
}

/// The body up to `most` bytes, and then an error.
///
/// What comes after them is read to its end before the error and not kept: a client that is still
/// writing does not listen to the answer. Who writes without end is cut off.
fn limited(body: Body, most: u64) -> impl Stream<Item = Result<Bytes, TooLong>> + Send {
    stream::unfold((body.into_data_stream(), Some(most)), move |(mut body, left)| async move {
        let left = left?;
        // A connection that breaks leaves a form without its end, which is refused as such.
        let chunk = body.next().await?.ok()?;
        match left.checked_sub(chunk.len() as u64) {
            Some(left) => Some((Ok(chunk), (body, Some(left)))),
            None => {
                let mut came = most - left + chunk.len() as u64;
                while came < 2 * most
                    && let Some(Ok(chunk)) = body.next().await
                {
                    came += chunk.len() as u64;
                }
                Some((Err(TooLong(came)), (body, None)))
            }
        }
    })
}

async fn text(field: Field<'_>, most: u64) -> Result<String, Refusal> {
    let name = field.name().unwrap_or_default().to_owned();
    let bytes = field.bytes().await.map_err(|error| refusal(error, most))?;
    String::from_utf8(bytes.into()).map_err(|_| malformed(format!("The part {name} is not UTF-8")))
}

/// The file in a part; none where the part has neither a file name nor content.
async fn upload(field: Field<'_>, most: u64) -> Result<Option<Upload>, Refusal> {
    const UNTYPED: &str = "application/octet-stream";
    let name = field.file_name().filter(|name| !name.is_empty()).map(str::to_owned);
    let content_type = field.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or(UNTYPED);
    let content_type = content_type.to_owned();
    let bytes = field.bytes().await.map_err(|error| refusal(error, most))?;
    if name.is_none() && bytes.is_empty() {
        return Ok(None);
    }
    let name = name.unwrap_or_else(|| "attachment".into());
    Ok(Some(Upload { name, content_type, bytes, preview: None }))
}

/// As many previews as attachments in their order, or none.
fn with_previews(uploads: Vec<Upload>, previews: Vec<Upload>) -> Result<Vec<Upload>, Refusal> {
    if previews.is_empty() {
        return Ok(uploads);
    }
    if previews.len() != uploads.len() {
        return Err(malformed(format!(
            "The number of previews ({}) is not that of the attachments ({})",
            previews.len(),
            uploads.len()
        )));
    }
    let pair = |(upload, preview)| Upload { preview: Some(Box::new(preview)), ..upload };
    Ok(uploads.into_iter().zip(previews).map(pair).collect())
}

/// An empty part is an absent one: both BDKs send `data` always.
fn filled(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}

/// The Python BDK sends `True`.
fn flag(text: &str) -> Result<Option<bool>, Refusal> {
    match text.trim().to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(malformed(format!("The part silent is {text:?}, expected true or false"))),
    }
}

fn refusal(error: multer::Error, most: u64) -> Refusal {
    if let multer::Error::StreamReadFailed(cause) = &error
        && let Some(TooLong(amount)) = cause.downcast_ref()
    {
        return Refusal::LimitReached { limit: Limit::Attachments, amount: *amount, most };
    }
    malformed(format!("The form cannot be read: {error}"))
}

fn malformed(what: String) -> Refusal {
    Refusal::Malformed { what }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body is longer than any message can be")
    }
}

impl std::error::Error for TooLong {}
