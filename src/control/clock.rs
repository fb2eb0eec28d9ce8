//! `/_mock/clock`: freeze, set, advance, run.

use std::time::Duration;

use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ControlRefusal;
use super::extract::{CurrentTenant, Expected, JsonBody};
use crate::clock::Clock;
use crate::domain::Timestamp;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// A duration like `90s`, `15m`, `2h` or `14d`.
    by: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// Milliseconds since 1970, or a moment like `2030-01-31T12:00:00Z`.
    to: Value,
}

impl Expected for Advance {
    const EXPECTED: &'static str = r#"{"by": "90m"}"#;
}

impl Expected for Set {
    const EXPECTED: &'static str = r#"{"to": "2030-01-31T12:00:00Z"}"#;
}

pub async fn read(tenant: CurrentTenant) -> Json<Value> {
    Json(reading(&tenant.pod.clock))
}

pub async fn freeze(tenant: CurrentTenant) -> Json<Value> {
    tenant.pod.clock.freeze();
    Json(reading(&tenant.pod.clock))
}

pub async fn run(tenant: CurrentTenant) -> Json<Value> {
    tenant.pod.clock.run();
    Json(reading(&tenant.pod.clock))
}

pub async fn advance(
    tenant: CurrentTenant,
    JsonBody(advance): JsonBody<Advance>,
) -> Result<Json<Value>, ControlRefusal> {
    let by: Duration = humantime::parse_duration(&advance.by).map_err(|error| {
        ControlRefusal::field(
            "by",
            format!("{error}; expected a duration like 90s, 15m, 2h or 14d"),
        )
    })?;
    tenant.pod.clock.advance(by);
    Ok(Json(reading(&tenant.pod.clock)))
}

pub async fn set(
    tenant: CurrentTenant,
    JsonBody(set): JsonBody<Set>,
) -> Result<Json<Value>, ControlRefusal> {
    tenant.pod.clock.set(moment(&set.to)?);
    Ok(Json(reading(&tenant.pod.clock)))
}

fn moment(value: &Value) -> Result<Timestamp, ControlRefusal> {
    let expected = "expected milliseconds since 1970 or a moment like 2030-01-31T12:00:00Z";
    let refusal = || ControlRefusal::field("to", expected);
    if let Some(millis) = value.as_u64() {
        return Ok(Timestamp::from_millis(millis));
    }
    value.as_str().ok_or_else(refusal)?.parse().map_err(|_| refusal())
}

/// What a clock shows.
pub fn reading(clock: &Clock) -> Value {
    let now = clock.now();
    json!({
        "now": now.as_millis(),
        "iso": now.iso(),
        "frozen": clock.is_frozen(),
    })
}
