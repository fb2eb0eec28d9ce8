//! The search for messages by what they are about: how it ranks them, and what tests say that it
//! finds instead.

use axum::Json;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ControlRefusal;
use super::extract::{CurrentTenant, Expected, JsonBody, PathParameter, QueryParameters};
use super::people::{messages, somebody, stream};
use crate::domain::MessageId;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedSearch {
    /// What is searched for, in any letter case.
    text: String,
    /// Ids of the messages that are found, the most fitting first.
    messages: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Searching {
    text: Option<String>,
    stream: Option<String>,
}

impl Expected for PlannedSearch {
    const EXPECTED: &'static str = r#"{"text": "lunch", "messages": ["<message id>"]}"#;
}

impl Expected for Searching {
    const EXPECTED: &'static str = "?text=lunch&stream=Test Room";
}

/// Says what a search finds, of the messages that the searcher may see.
pub async fn plan(
    tenant: CurrentTenant,
    JsonBody(planning): JsonBody<PlannedSearch>,
) -> Result<Json<Value>, ControlRefusal> {
    if planning.text.trim().is_empty() {
        return Err(ControlRefusal::field("text", "is empty"));
    }
    let ids = planning.messages.iter().map(|id| {
        id.parse::<MessageId>().map_err(|_| ControlRefusal::field("messages", "is no message id"))
    });
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let mut world = tenant.pod.world();
    if let Some(id) = ids.iter().find(|id| world.messages.by_id(**id).is_none()) {
        return Err(ControlRefusal::field("messages", format!("there is no message {id}")));
    }
    let count = ids.len();
    world.planned_findings.plan(&planning.text, ids);
    Ok(Json(json!({ "messages": count })))
}

/// Lets searches rank messages again.
pub async fn forget(tenant: CurrentTenant) -> StatusCode {
    tenant.pod.world().planned_findings.clear();
    StatusCode::NO_CONTENT
}

/// What somebody finds, and how much of the text each message has.
pub async fn search(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    QueryParameters(searching): QueryParameters<Searching>,
) -> Result<Json<Value>, ControlRefusal> {
    let world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let wanted = searching.stream.as_deref();
    let wanted = wanted.map(|wanted| stream(&world, "stream", wanted)).transpose()?;
    let found = world.search_semantically(user, &searching.text.unwrap_or_default(), wanted);
    let found = found.map_err(|refusal| ControlRefusal::field("text", world.why(&refusal)))?;
    let rows = found.into_iter().map(|hit| {
        let mut row = messages::seen(&world, hit.message);
        row["score"] = json!(hit.score);
        row
    });
    Ok(Json(json!({ "messages": rows.collect::<Vec<_>>() })))
}
