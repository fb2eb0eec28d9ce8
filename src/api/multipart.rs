//! Messages and files as clients submit them: `multipart/form-data` in all its dialects, or JSON.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::http::header;
use futures_util::{FutureExt, stream};
use multer::Multipart;
use serde::Deserialize;
use serde_json::Value;

use super::body::media_type;
use super::call::{Call, FromCall, Stop};
use super::extract::JsonBody;
use crate::domain::{Refusal, Submission, Upload};

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

impl FromCall for MessageForm {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        let Some(fields) = fields(call)? else {
            let JsonBody(json) = JsonBody::<JsonMessage>::from_call(call)?;
            return Ok(json.into());
        };
        let mut form = Self { submission: Submission::default(), silent: None, streams: None };
        let mut previews = Vec::new();
        for field in fields {
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

impl FromCall for FileForm {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        let missing = || malformed("The part file is missing".into());
        let fields = fields(call)?.ok_or_else(missing)?;
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

/// The parts of a multipart body; none where the body is something else.
fn fields(call: &mut Call) -> Result<Option<Vec<Field>>, Stop> {
    if !media_type(call.headers()).starts_with("multipart/") {
        return Ok(None);
    }
    let content_type = call.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(content_type)
        .map_err(|error| malformed(format!("The Content-Type cannot be read: {error}")))?;
    let chunks = call.take_chunks()?.into_iter().map(Ok::<_, Infallible>);
    let mut form = Multipart::new(stream::iter(chunks), boundary);
    let reading = async {
        let mut fields = Vec::new();
        while let Some(field) = form.next_field().await? {
            fields.push(Field {
                name: field.name().unwrap_or_default().to_owned(),
                file_name: field.file_name().map(str::to_owned),
                content_type: field
                    .headers()
                    .get(header::CONTENT_TYPE)
                    .and_then(|value| value.to_str().ok().map(str::to_owned)),
                bytes: field.bytes().await?,
            });
        }
        Ok(fields)
    };
    // All of it is there: nothing waits.
    let fields = reading.now_or_never().ok_or(Refusal::Bug)?;
    let refused = |error: multer::Error| malformed(format!("The form cannot be read: {error}"));
    Ok(Some(fields.map_err(refused)?))
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
