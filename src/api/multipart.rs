//! Messages and files as clients submit them: `multipart/form-data` in all its dialects, or JSON.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures_util::stream;
use multer::Multipart;
use serde::Deserialize;
use serde_json::Value;

use super::extract::JsonBody;
use crate::domain::{Limit, Refusal, Submission, Upload};
use crate::extract::Body;
use crate::operation::Context;
use crate::pod::Pod;

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

impl FromRequest<Context> for MessageForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Refusal> {
        if !is_form(request.headers()) {
            let JsonBody(json) = JsonBody::<JsonMessage>::from_request(request, context).await?;
            return Ok(json.into());
        }
        let mut form = Self { submission: Submission::default(), silent: None, streams: None };
        let mut previews = Vec::new();
        for field in fields(request, &context.pod).await? {
            // Text parts may have a file name and any type, or none: the name decides.
            match field.name.as_str() {
                "message" => form.submission.message = field.text()?,
                "data" => form.submission.data = filled(field.text()?),
                "version" => form.submission.version = filled(field.text()?),
                "silent" => form.silent = flag(&field.text()?)?,
                "sids" => form.streams = Some(field.text()?),
                "attachment" => form.submission.uploads.extend(field.upload()),
                "preview" => previews.extend(field.upload()),
                _ => {}
            }
        }
        form.submission.uploads = with_previews(form.submission.uploads, previews)?;
        Ok(form)
    }
}

impl FromRequest<Context> for FileForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Refusal> {
        let missing = || malformed("The part file is missing".into());
        if !is_form(request.headers()) {
            return Err(missing());
        }
        let fields = fields(request, &context.pod).await?;
        let files = fields.into_iter().filter(|field| field.name == "file");
        Ok(Self(files.last().and_then(Field::upload).ok_or_else(missing)?))
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

/// A part of a form.
struct Field {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    bytes: Bytes,
}

/// What the parts of a form cost beyond their content.
const OVERHEAD: u64 = 64 << 10;

/// The parts of a multipart body, which may be as long as a message with its attachments.
async fn fields(request: Request, pod: &Pod) -> Result<Vec<Field>, Refusal> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(content_type)
        .map_err(|error| malformed(format!("The Content-Type cannot be read: {error}")))?;
    let most = longest(pod);
    let Body { pieces, length } = Body::read(request, most).await?;
    if length > most {
        return Err(Refusal::LimitReached { limit: Limit::Attachments, amount: length, most });
    }
    let pieces = stream::iter(pieces.into_iter().map(Ok::<_, Infallible>));
    read(Multipart::new(pieces, boundary))
        .await
        .map_err(|error| malformed(format!("The form cannot be read: {error}")))
}

async fn read(mut form: Multipart<'_>) -> Result<Vec<Field>, multer::Error> {
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await? {
        let content_type = field.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        fields.push(Field {
            name: field.name().unwrap_or_default().to_owned(),
            file_name: field.file_name().map(str::to_owned),
            content_type: content_type.map(str::to_owned),
            bytes: field.bytes().await?,
        });
    }
    Ok(fields)
}

fn longest(pod: &Pod) -> u64 {
    let settings = &pod.world().settings;
    u64::from(settings.attachments_max_size) + u64::from(settings.message_max_size) + OVERHEAD
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().to_ascii_lowercase().starts_with("multipart/")
}

impl Field {
    fn text(self) -> Result<String, Refusal> {
        let Self { name, bytes, .. } = self;
        String::from_utf8(bytes.into())
            .map_err(|_| malformed(format!("The part {name} is not UTF-8")))
    }

    /// The file in a part; none where the part has neither a file name nor content.
    fn upload(self) -> Option<Upload> {
        const UNTYPED: &str = "application/octet-stream";
        let name = self.file_name.filter(|name| !name.is_empty());
        if name.is_none() && self.bytes.is_empty() {
            return None;
        }
        let name = name.unwrap_or_else(|| "attachment".into());
        let content_type = self.content_type.unwrap_or_else(|| UNTYPED.into());
        Some(Upload { name, content_type, bytes: self.bytes, preview: None })
    }
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

fn malformed(what: String) -> Refusal {
    Refusal::Malformed { what }
}
