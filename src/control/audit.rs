//! The audit trail: what people do in the administrators' portal, which tests cannot open.

use axum::Json;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::ControlRefusal;
use super::extract::{CurrentTenant, Expected, JsonBody};
use crate::scenario::AuditSeed;

impl Expected for AuditSeed {
    const EXPECTED: &'static str =
        r#"{"action": "Room deactivated", "initiator": "alice", "details": {"scope": "Internal"}}"#;
}

/// Adds an entry. Gives the name of the action, and when it was.
pub async fn add(
    tenant: CurrentTenant,
    JsonBody(seed): JsonBody<AuditSeed>,
) -> Result<(StatusCode, Json<Value>), ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let entry = seed.resolve(&world, now);
    let entry = entry.map_err(|(field, problem)| ControlRefusal::field(field, problem))?;
    let added = json!({ "actionName": entry.action_name, "timestamp": entry.at.as_millis() });
    world.audit.put(entry);
    Ok((StatusCode::CREATED, Json(added)))
}
