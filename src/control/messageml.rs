//! `/_mock/messageml`: a bench for trying a message. It is converted as if a service user of the
//! pod had sent it, and nothing is sent.

use axum::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::ControlRefusal;
use super::extract::{CurrentTenant, Expected, JsonBody};
use super::refusal::Fault;
use crate::messageml::{MarkdownInput, Place};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    message: String,
    #[serde(default)]
    format: Format,
    /// EntityJSON: an object, or the text of one. For MessageML alone.
    #[serde(default)]
    data: Value,
    /// For MessageML alone.
    version: Option<String>,
    /// What stands in a Markdown message: objects with `type` (`KEYWORD` of `#` or `$`, `USER_FOLLOW` or `URL`), `id`,
    /// `indexStart` and `indexEnd`, the places in UTF-16 units. For Markdown alone.
    entities: Option<Value>,
    /// Tables in a Markdown message: objects with `index` and `text`, an array of rows of cells. For Markdown alone.
    media: Option<Value>,
}

/// What a message is written in.
#[derive(Deserialize, JsonSchema, Default, Clone, Copy, PartialEq)]
pub enum Format {
    /// MessageML or PresentationML, with templates.
    #[default]
    #[serde(rename = "messageML")]
    MessageMl,
    /// The format of agents' first version; up to 256 KiB.
    #[serde(rename = "markdown")]
    Markdown,
}

impl Draft {
    /// A field that belongs to the other format.
    fn misplaced(&self) -> Option<&'static str> {
        let fields = match self.format {
            Format::MessageMl => {
                [("entities", self.entities.is_some()), ("media", self.media.is_some())]
            }
            Format::Markdown => {
                [("data", !self.data.is_null()), ("version", self.version.is_some())]
            }
        };
        fields.iter().find(|(_, is_there)| *is_there).map(|(name, _)| *name)
    }
}

impl Expected for Draft {
    const EXPECTED: &'static str = r#"{"message": "<messageML>Hello</messageML>"}"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversion {
    #[serde(rename = "presentationML")]
    presentation_ml: String,
    /// As an agent spells it, numbers included.
    entity_json: Box<RawValue>,
    text: String,
    /// Links, mentions, hashtags and times with their places in the text: what messages of agents' first version had
    /// beside it.
    entities: Map<String, Value>,
}

impl From<&Place> for Fault {
    fn from(place: &Place) -> Self {
        let Place { line, column, element, expanded } = place;
        let element = Some(element.clone()).filter(|element| !element.is_empty());
        Self { line: *line, column: *column, element, expanded: *expanded }
    }
}

/// Several times what a message may be. A megabyte of emphasis took 0.4 s.
const LONGEST_MARKDOWN: usize = 256 << 10;

pub async fn convert(
    tenant: CurrentTenant,
    JsonBody(request): JsonBody<Draft>,
) -> Result<Json<Conversion>, ControlRefusal> {
    if let Some(field) = request.misplaced() {
        let other = if request.format == Format::Markdown { "messageML" } else { "markdown" };
        let message = format!("'{field}' needs the format '{other}'");
        return Err(ControlRefusal::field(field, message));
    }
    if request.format == Format::Markdown && request.message.len() > LONGEST_MARKDOWN {
        let length = request.message.len();
        let message = format!("Markdown of {length} bytes, expected {LONGEST_MARKDOWN} at most");
        return Err(ControlRefusal::field("message", message));
    }
    let now = tenant.pod.clock.now();
    let world = tenant.pod.world();
    let converted = match request.format {
        Format::MessageMl => {
            let data = match request.data {
                Value::Null => None,
                Value::String(text) => Some(text),
                object => Some(object.to_string()),
            };
            world.try_message(&request.message, data.as_deref(), request.version.as_deref(), now)
        }
        Format::Markdown => world.try_markdown(&MarkdownInput {
            message: &request.message,
            entities: request.entities.as_ref(),
            media: request.media.as_ref(),
        }),
    };
    drop(world);
    let converted = converted.map_err(|invalid| {
        let refusal = ControlRefusal::field("message", invalid.message());
        invalid.place().map(Fault::from).into_iter().fold(refusal, ControlRefusal::at)
    })?;
    let entity_json = RawValue::from_string(converted.data);
    Ok(Json(Conversion {
        // What was just written as JSON is JSON.
        entity_json: entity_json.unwrap_or_default(),
        presentation_ml: converted.presentation_ml,
        text: converted.markdown,
        entities: converted.entities,
    }))
}
