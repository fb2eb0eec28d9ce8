//! The audit trail: what people did by their roles.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::extract::{CurrentPod, Session};
use super::parameters::{Most, Parameters};
use crate::domain::{AuditEntry, AuditFilter, Refusal, Role, Settings, Timestamp, UserId, World};
use crate::operation::operations;

operations! {
    GET "/agent/v1/audittrail/privilegeduser" => audittrail_privilegeduser_v1,
}

/// `V1AuditTrailInitiatorList` of the agent API.
#[derive(Serialize)]
struct InitiatorList {
    items: Vec<Initiator>,
    /// Also where this page is the only one: the BDKs page through the trail by it, and
    /// symphony-bdk-python (`list_all_audit_trail` of 3.0.0 and 2.11.4) does not bear its absence.
    pagination: Pagination,
}

/// `V1AuditTrailInitiatorResponse` of the agent API, which says that attributes vary with the
/// action and names none of those.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Initiator {
    action: String,
    action_name: String,
    timestamp: Number,
    initiator_id: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    initiator_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initiator_email_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    affected_id: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    affected_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    affected_email_address: Option<String>,
    authorization_roles: Vec<String>,
    #[serde(flatten)]
    details: BTreeMap<String, String>,
}

/// A number, or the text of one: as the settings say.
#[derive(Serialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

/// `Pagination` of the agent API.
#[derive(Serialize)]
struct Pagination {
    cursors: Cursors,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Both are the number of the page that they came with. The documentation's samples leave `before`
/// out on the first page, where symphony-bdk-python 3.0.0 does not bear it; there is no `after` on
/// the last one, which is where SDKs stop.
#[derive(Serialize)]
struct Cursors {
    before: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

async fn audittrail_privilegeduser_v1(
    pod: CurrentPod,
    me: Session,
    uri: Uri,
    query: Parameters,
) -> Result<Response, Refusal> {
    const DEFAULT: usize = 50;
    const MAX: usize = 500;
    let caller = me.user()?;
    let limit = query.page(DEFAULT, Most::Refused(MAX))?.limit;
    let world = pod.world();
    let found = world.audit_trail(caller, &filter(&query, &world.settings, pod.clock.now())?)?;
    let page = page(&query)?;
    let from = page.saturating_sub(1).saturating_mul(limit);
    let shown = found.iter().skip(from).take(limit).filter(|_| page > 0);
    let items: Vec<_> = shown.map(|entry| Initiator::of(&world, entry)).collect();
    if items.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let is_last = found.len() - from <= limit;
    let pagination = Pagination {
        cursors: Cursors { before: page.to_string(), after: (!is_last).then(|| page.to_string()) },
        previous: (page > 1).then(|| link(uri.path(), &query, limit, "before", page)),
        next: (!is_last).then(|| link(uri.path(), &query, limit, "after", page)),
    };
    Ok(Json(InitiatorList { items, pagination }).into_response())
}

fn filter(query: &Parameters, settings: &Settings, now: Timestamp) -> Result<AuditFilter, Refusal> {
    const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    let since = query.moment("startTimestamp")?.ok_or_else(|| Refusal::Malformed {
        what: "The parameter startTimestamp is missing, expected milliseconds since 1970".into(),
    })?;
    let until = query.moment("endTimestamp")?.unwrap_or(now);
    if until.since(since) > LONGEST {
        return Err(Refusal::AuditPeriodTooLong);
    }
    let role = query.text("role").map(str::to_owned);
    role.as_deref().map(|role| Role::called(role, settings)).transpose()?;
    let initiator = query.number("initiatorId")?.map(UserId::from_wire);
    Ok(AuditFilter { since, until, initiator, role })
}

/// The page that is asked for, counted from 1: `after` names the one in front of it, `before` the
/// one behind it.
pub(super) fn page(query: &Parameters) -> Result<usize, Refusal> {
    let page = match (query.number("before")?, query.number("after")?) {
        (None, None) => 1,
        (None, Some(shown)) => shown.saturating_add(1),
        (Some(shown), None) => shown.saturating_sub(1),
        (Some(_), Some(_)) => {
            let what = "The parameters before and after exclude each other".into();
            return Err(Refusal::Malformed { what });
        }
    };
    Ok(usize::try_from(page).unwrap_or(usize::MAX))
}

/// As samples have it, with an empty parameter in front.
fn link(path: &str, query: &Parameters, limit: usize, cursor: &str, page: usize) -> String {
    let filters = ["startTimestamp", "endTimestamp", "initiatorId", "role"].map(|name| {
        let value = query.text(name).map(|value| utf8_percent_encode(value, NON_ALPHANUMERIC));
        value.map(|value| format!("&{name}={value}")).unwrap_or_default()
    });
    format!("{path}?{}&limit={limit}&{cursor}={page}", filters.concat())
}

impl Initiator {
    fn of(world: &World, entry: &AuditEntry) -> Self {
        let number = |number: u64| match world.settings.audit_trail_numbers {
            true => Number::Number(number),
            false => Number::Text(number.to_string()),
        };
        let user = |id: Option<UserId>| id.and_then(|id| world.users.by_id(id));
        let (initiator, affected) = (user(Some(entry.initiator)), user(entry.affected));
        Self {
            action: entry.action.clone(),
            action_name: entry.action_name.clone(),
            timestamp: number(entry.at.as_millis()),
            initiator_id: number(entry.initiator.as_u64()),
            initiator_username: initiator.map(|user| user.username.clone()),
            initiator_email_address: initiator.and_then(|user| user.email.clone()),
            affected_id: entry.affected.map(|id| number(id.as_u64())),
            affected_username: affected.map(|user| user.username.clone()),
            affected_email_address: affected.and_then(|user| user.email.clone()),
            authorization_roles: entry.roles.clone(),
            details: entry.details.clone(),
        }
    }
}
