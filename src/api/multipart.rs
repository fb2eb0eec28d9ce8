//! Messages and files as clients submit them: `multipart/form-data` in all its dialects, or JSON.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use futures_util::stream;
use multer::Multipart;
use serde::Deserialize;
use serde_json::Value;

use super::content_disposition::ContentDisposition;
use super::extract::JsonBody;
use crate::domain::{Limit, Refusal, RequestBodies, Submission, Upload};
use crate::extract::{Body, Port, Unreadable, media_type};
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

/// Plain text as it is uploaded: the part `data`.
pub(super) struct ContentForm(pub Bytes);

impl FromRequest<Context> for MessageForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Refusal> {
        if !is_form(request.headers()) {
            if context.demands_json() {
                return Err(not_a_form(request.headers()));
            }
            let JsonBody(json) = JsonBody::<JsonMessage>::from_request(request, context).await?;
            return Ok(json.into());
        }
        let mut texts = Texts::default();
        let (mut uploads, mut previews) = (Vec::new(), Vec::new());
        for field in fields(request, &context.pod).await? {
            // Text parts may have a file name and any type, or none: the name decides.
            match field.name.as_str() {
                "message" => once("message", &mut texts.message, field)?,
                "data" => once("data", &mut texts.data, field)?,
                "version" => once("version", &mut texts.version, field)?,
                "silent" => once("silent", &mut texts.silent, field)?,
                "sids" => texts.streams.push(field.text()?),
                "attachment" => uploads.extend(field.upload(context)?),
                "preview" => previews.extend(field.upload(context)?),
                _ => {}
            }
        }
        let submission = Submission {
            message: texts.message.unwrap_or_default(),
            data: texts.data.and_then(filled),
            version: texts.version.and_then(filled),
            uploads: with_previews(uploads, previews)?,
            ..Submission::default()
        };
        let silent = texts.silent.map(|text| flag(&text)).transpose()?.flatten();
        let streams = (!texts.streams.is_empty()).then(|| texts.streams.join(","));
        Ok(Self { submission, silent, streams })
    }
}

impl FromRequest<Context> for FileForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Refusal> {
        if !is_form(request.headers()) {
            return Err(not_a_form(request.headers()));
        }
        let fields = fields(request, &context.pod).await?;
        let mut file = None;
        for field in fields.into_iter().filter(|field| field.name == "file") {
            if file.is_some() {
                return Err(twice("file"));
            }
            file = field.upload(context)?;
        }
        Ok(Self(file.ok_or_else(|| malformed("The part file is missing".into()))?))
    }
}

impl FromRequest<Context> for ContentForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Refusal> {
        if !is_form(request.headers()) {
            return Err(not_a_form(request.headers()));
        }
        let fields = fields(request, &context.pod).await?;
        let mut data = fields.into_iter().filter(|field| field.name == "data");
        let content = data.next().ok_or_else(|| malformed("The part data is missing".into()))?;
        match data.next() {
            None => Ok(Self(content.bytes)),
            Some(_) => Err(twice("data")),
        }
    }
}

/// The parts of a form that are texts.
#[derive(Default)]
struct Texts {
    message: Option<String>,
    data: Option<String>,
    version: Option<String>,
    silent: Option<String>,
    /// Lists of streams: a form may have several.
    streams: Vec<String>,
}

/// Takes a part that there is once. Of two one would be lost.
fn once(name: &str, text: &mut Option<String>, field: Field) -> Result<(), Refusal> {
    match text.replace(field.text()?) {
        None => Ok(()),
        Some(_) => Err(twice(name)),
    }
}

fn twice(name: &str) -> Refusal {
    malformed(format!("The part {name} came more than once"))
}

fn not_a_form(headers: &HeaderMap) -> Refusal {
    let came = media_type(headers);
    Unreadable::MediaType { came, expected: FORM }.into()
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
        let header = |name| field.headers().get(name);
        let disposition = header(header::CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
        let disposition = ContentDisposition::parse(disposition.unwrap_or_default());
        let content_type = header(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        fields.push(Field {
            name: disposition.name,
            file_name: disposition.file_name,
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

const FORM: &str = "multipart/form-data";

fn is_form(headers: &HeaderMap) -> bool {
    media_type(headers) == FORM
}

impl Field {
    fn text(self) -> Result<String, Refusal> {
        let Self { name, bytes, .. } = self;
        String::from_utf8(bytes.into())
            .map_err(|_| malformed(format!("The part {name} is not UTF-8")))
    }

    /// The file in a part; none where the part has neither a file name nor content.
    ///
    /// What has only one of name and type is a text to the agent, and refused in these words
    /// (symphonyoss/RestApiClient#38).
    fn upload(self, context: &Context) -> Result<Option<Upload>, Refusal> {
        const UNTYPED: &str = "application/octet-stream";
        let name = self.file_name.filter(|name| !name.is_empty());
        if name.is_none() && self.bytes.is_empty() {
            return Ok(None);
        }
        let is_file = name.is_some() && self.content_type.is_some();
        if !is_file && context.pod.world().settings.request_bodies == RequestBodies::Strict {
            return Err(malformed(format!("The parameter \"{}\" must be a file.", self.name)));
        }
        let name = name.unwrap_or_else(|| "attachment".into());
        let content_type = self.content_type.unwrap_or_else(|| UNTYPED.into());
        Ok(Some(Upload { name, content_type, bytes: self.bytes, preview: None, scanned: None }))
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
