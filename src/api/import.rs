//! The import of messages from other systems.

use std::fmt;

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::Component;
use super::error_response::described;
use super::extract::{CurrentPod, Session};
use super::messages::text_as_message_ml;
use super::parameters::object_id;
use crate::decode;
use crate::domain::{
    ImportedMessage, Limit, MessageId, Origin, Refusal, Submission, Timestamp, Upload, UserId,
};
use crate::extract::{Body, check_media_type};
use crate::operation::{Context, operations};
use crate::pod::Pod;

operations! {
    POST "/agent/v1/message/import" => message_import_v1,
    POST "/agent/v2/message/import" => message_import_v2,
    POST "/agent/v4/message/import" => message_import_v4,
}

/// `V4ImportedMessage`, `V2ImportedMessage` and `ImportedMessage` of the agent API. Version 4 has no
/// `format`, and the documentation's example sends one all the same.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    message: String,
    format: Option<String>,
    data: Option<String>,
    intended_message_timestamp: Digits,
    intended_message_from_user_id: Digits,
    originating_system_id: String,
    original_message_id: Option<String>,
    stream_id: String,
    attachments: Option<Vec<ItemFile>>,
    /// In the order of the attachments that they are of.
    previews: Option<Vec<ItemFile>>,
}

/// `V4ImportedMessageAttachment` of the agent API.
#[derive(Deserialize)]
struct ItemFile {
    filename: String,
    /// In base64.
    content: String,
}

/// A number, which importers write as a text too (SymphonyPlatformSolutions/Import-Script,
/// `slack_import.py`).
struct Digits(u64);

/// `V4ImportResponse` and `V2ImportResponse` of the agent API. What there is not is null in the
/// fourth version, as recorded (finos/symphony-bdk-java, `message/import_message.json`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImportResponse {
    message_id: Option<String>,
    originating_system_id: String,
    original_message_id: Option<String>,
    diagnostic: Option<String>,
}

/// The same, of the versions before: what there is not is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OldImportResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    /// Of the second version.
    #[serde(skip_serializing_if = "Option::is_none")]
    originating_system_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostic: Option<String>,
}

/// A caller who may import.
struct Importer(UserId);

/// The messages to import.
struct Items(Vec<Item>);

/// "This method is deprecated", as the API file has it.
const WARNING: (&str, &str) = ("X-Warning", "This method is deprecated");

async fn message_import_v1(
    pod: CurrentPod,
    Importer(me): Importer,
    Items(items): Items,
) -> impl IntoResponse {
    let done = items.into_iter().map(|item| {
        let item = Item { original_message_id: None, ..item.of_old() };
        let ImportResponse { message_id, diagnostic, .. } = import(&pod, me, item);
        OldImportResponse {
            message_id,
            originating_system_id: None,
            original_message_id: None,
            diagnostic,
        }
    });
    ([WARNING], Json(done.collect::<Vec<_>>()))
}

async fn message_import_v2(
    pod: CurrentPod,
    Importer(me): Importer,
    Items(items): Items,
) -> impl IntoResponse {
    let done = items.into_iter().map(|item| {
        let done = import(&pod, me, item.of_old());
        OldImportResponse {
            message_id: done.message_id,
            originating_system_id: Some(done.originating_system_id),
            original_message_id: done.original_message_id,
            diagnostic: done.diagnostic,
        }
    });
    ([WARNING], Json(done.collect::<Vec<_>>()))
}

async fn message_import_v4(
    pod: CurrentPod,
    Importer(me): Importer,
    Items(items): Items,
) -> Json<Vec<ImportResponse>> {
    let done = items.into_iter().map(|item| import(&pod, me, Item { format: None, ..item }));
    Json(done.collect())
}

/// Imports one message. What hinders it hinders no other.
fn import(pod: &Pod, me: UserId, item: Item) -> ImportResponse {
    let originating_system_id = item.originating_system_id.clone();
    let original_message_id = item.original_message_id.clone();
    let imported = || -> Result<MessageId, Refusal> {
        let message = item.read()?;
        pod.world().import_message(me, message, pod.clock.now())
    };
    let (message_id, diagnostic) = match imported() {
        Ok(id) => (Some(id.to_string()), None),
        Err(Refusal::NotInStream { user, .. }) => {
            (None, Some(format!("User {user} is not a member of the stream")))
        }
        Err(refusal) => {
            let settings = pod.world().settings.clone();
            (None, Some(described(Component::Agent, &settings, &refusal).1))
        }
    };
    ImportResponse { message_id, originating_system_id, original_message_id, diagnostic }
}

impl Item {
    /// As versions before the fourth read it: with a format, and without what came later.
    fn of_old(self) -> Self {
        let format = Some(self.format.unwrap_or_else(|| "TEXT".into()));
        Self { format, data: None, attachments: None, previews: None, ..self }
    }

    fn read(self) -> Result<ImportedMessage, Refusal> {
        let uploads = self.attachments.unwrap_or_default().into_iter().map(ItemFile::read);
        let mut uploads = uploads.collect::<Result<Vec<_>, _>>()?;
        let previews = self.previews.unwrap_or_default();
        if previews.len() > uploads.len() {
            let what = "There are more previews than attachments".into();
            return Err(Refusal::Malformed { what });
        }
        for (upload, preview) in uploads.iter_mut().zip(previews) {
            upload.preview = Some(Box::new(preview.read()?));
        }
        let message = match self.format {
            Some(format) => text_as_message_ml(&format, self.message)?,
            None => self.message,
        };
        let data = self.data.filter(|data| !data.is_empty());
        Ok(ImportedMessage {
            stream: object_id("stream id", &self.stream_id)?,
            author: UserId::from_wire(self.intended_message_from_user_id.0),
            at: Timestamp::from_millis(self.intended_message_timestamp.0),
            submission: Submission { message, data, uploads, ..Submission::default() },
            origin: Origin { system: self.originating_system_id, id: self.original_message_id },
        })
    }
}

impl ItemFile {
    fn read(self) -> Result<Upload, Refusal> {
        let bytes = STANDARD.decode(&self.content).map_err(|_| Refusal::Malformed {
            what: format!("The content of {:?} is not base64", self.filename),
        })?;
        Ok(Upload {
            name: self.filename,
            content_type: "application/octet-stream".into(),
            bytes: bytes.into(),
            preview: None,
            scanned: None,
        })
    }
}

impl FromRequestParts<Context> for Importer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let me = Session::from_request_parts(parts, context).await?.user()?;
        context.pod.world().check_imports(me)?;
        Ok(Self(me))
    }
}

impl FromRequest<Context> for Items {
    type Rejection = Refusal;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Refusal> {
        const MOST: usize = 1_000;
        check_media_type(context, request.headers())?;
        // Whole attachments come along, in base64.
        let longest = {
            let settings = &context.pod.world().settings;
            let content =
                u64::from(settings.attachments_max_size) + u64::from(settings.message_max_size);
            content.div_ceil(3) * 4 + (64 << 10)
        };
        let Body { pieces, length } = Body::read(request, longest).await?;
        if length > longest {
            let (amount, most) = (length, longest);
            return Err(Refusal::LimitReached { limit: Limit::Attachments, amount, most });
        }
        let items: Vec<Item> = decode::json(&pieces.concat()).map_err(|error| {
            Refusal::Malformed { what: format!("The body is not the JSON expected: {error}") }
        })?;
        if items.len() > MOST {
            let what = format!("There are {} messages, expected {MOST} at most", items.len());
            return Err(Refusal::Malformed { what });
        }
        Ok(Self(items))
    }
}

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Digits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or its digits")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Digits, E> {
                Ok(Digits(number))
            }

            fn visit_str<E: de::Error>(self, digits: &str) -> Result<Digits, E> {
                let number = digits.trim().parse().map(Digits);
                number.map_err(|_| E::invalid_value(de::Unexpected::Str(digits), &self))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
