//! `/_mock/faults`.

use axum::Json;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{PlanError, document, packs as known};
use crate::control::ControlRefusal;
use crate::control::extract::{CurrentTenant, PathParameter, RawBody};

pub async fn inject(
    tenant: CurrentTenant,
    RawBody(body): RawBody,
) -> Result<(StatusCode, Json<Value>), ControlRefusal> {
    let plan = document::read(&body)?;
    let id = tenant.faults.plan(plan, &tenant.pod)?;
    // Whoever removes it in this very moment knows its id already.
    let shown = tenant.faults.show(id).unwrap_or_else(|| json!({ "id": id.to_string() }));
    Ok((StatusCode::CREATED, Json(shown)))
}

pub async fn list(tenant: CurrentTenant) -> Json<Value> {
    Json(json!({ "faults": tenant.faults.list() }))
}

pub async fn packs() -> Json<Value> {
    Json(json!({ "packs": known::list() }))
}

pub async fn remove(
    tenant: CurrentTenant,
    PathParameter(id): PathParameter<String>,
) -> Result<StatusCode, ControlRefusal> {
    let removed = id.parse().is_ok_and(|id| tenant.faults.remove(id, &tenant.pod));
    if removed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ControlRefusal::not_found(format!("there is no fault {id}")))
    }
}

pub async fn clear(tenant: CurrentTenant) -> StatusCode {
    tenant.faults.clear(&tenant.pod);
    StatusCode::NO_CONTENT
}

impl From<PlanError> for ControlRefusal {
    fn from(error: PlanError) -> Self {
        match error.into_parts() {
            (Some(field), what) => Self::field(field, what),
            (None, what) => Self::body(what),
        }
    }
}
