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
use crate::messageml::Place;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    message: String,
    /// EntityJSON: an object, or the text of one.
    #[serde(default)]
    data: Value,
    version: Option<String>,
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

pub async fn convert(
    tenant: CurrentTenant,
    JsonBody(request): JsonBody<Draft>,
) -> Result<Json<Conversion>, ControlRefusal> {
    let data = match request.data {
        Value::Null => None,
        Value::String(text) => Some(text),
        object => Some(object.to_string()),
    };
    let now = tenant.pod.clock.now();
    let converted = tenant
        .pod
        .world()
        .try_message(&request.message, data.as_deref(), request.version.as_deref(), now)
        .map_err(|invalid| {
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
