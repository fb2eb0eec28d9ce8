//! `/_mock/requests` and `/_mock/why`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::query::Query;
use super::why::Explanation;
use super::{Journal, Record, har};
use crate::control::extract::{CurrentTenant, PathParameter, QueryParameters};
use crate::control::{Control, ControlRefusal};

/// What came to the pod, the oldest first.
pub async fn list(
    State(control): State<Control>,
    tenant: CurrentTenant,
    QueryParameters(query): QueryParameters<Query>,
) -> Result<Response, ControlRefusal> {
    let write = move || {
        let (records, dropped) = query.run(&tenant)?;
        Ok(Json(json!({
            "requests": records,
            "dropped": dropped,
            "underWay": tenant.journal.under_way(),
        }))
        .into_response())
    };
    control.aside.run(write).await?
}

pub async fn clear(tenant: CurrentTenant) -> StatusCode {
    tenant.journal.clear();
    StatusCode::NO_CONTENT
}

pub async fn one(
    tenant: CurrentTenant,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<Record>, ControlRefusal> {
    tenant.journal.record(number(&id)?).map(Json).ok_or_else(|| unknown(&tenant.journal, &id))
}

pub async fn why(
    tenant: CurrentTenant,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<Explanation>, ControlRefusal> {
    let why = tenant.journal.why(number(&id)?, &tenant.pod.clock);
    why.map(Json).ok_or_else(|| unknown(&tenant.journal, &id))
}

pub async fn why_last(tenant: CurrentTenant) -> Result<Json<Explanation>, ControlRefusal> {
    tenant.journal.why_last(&tenant.pod.clock).map(Json).ok_or_else(|| {
        ControlRefusal::not_found(match tenant.journal.after(0).dropped {
            0 => "nothing was refused on this pod, and no handshake failed".to_owned(),
            dropped => format!(
                "no refusal is in the journal (any more): {dropped} older entries were forgotten"
            ),
        })
    })
}

/// The same as [`list`] in the format that browsers and proxies read: HAR 1.2.
pub async fn download(
    State(control): State<Control>,
    tenant: CurrentTenant,
    QueryParameters(query): QueryParameters<Query>,
) -> Result<Response, ControlRefusal> {
    let write = move || {
        let (records, dropped) = query.run(&tenant)?;
        Ok(Json(har::archive(&records, dropped)).into_response())
    };
    control.aside.run(write).await?
}

fn number(id: &str) -> Result<u64, ControlRefusal> {
    id.parse().map_err(|_| ControlRefusal::field("id", "expected the number of an entry"))
}

fn unknown(journal: &Journal, id: &str) -> ControlRefusal {
    let kept = journal.after(0);
    ControlRefusal::not_found(match (kept.entries.first(), kept.entries.last()) {
        (Some((first, _)), Some((last, _))) => format!(
            "the journal has no entry {id}: it has {first} to {last}, {} older ones were forgotten",
            kept.dropped
        ),
        _ => format!("the journal has no entry {id}: it is empty"),
    })
}
