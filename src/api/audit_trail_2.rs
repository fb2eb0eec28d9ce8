//! Audit Trail 2: the audit trail by categories, in pages or as CSV.
//!
//! Documented, and in none of the API files: symphony-chayst/restAPIsReference,
//! docs/.gitbook/assets/audit-trail-api-public.yaml. Which details an event has and what columns the
//! CSV is not said there.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::audit_trail::page;
use super::extract::{CurrentPod, bearer};
use super::parameters::{Most, Parameters};
use crate::domain::{
    AuditCategory, AuditEvent, AuditEventFilter, Refusal, Timestamp, UserId, World,
};
use crate::operation::{Context, operations};

operations! {
    GET "/at2/v1/audits" => at2_audits_v1,
    GET "/at2/v1/audits/stream" => at2_audits_stream_v1,
    GET "/at2/v1/filters/values" => at2_filters_values_v1,
    GET "/at2/v1/categories/permissions" => at2_categories_permissions_v1,
}

/// Somebody whose access token was granted the scope `at2`.
struct Auditor(UserId);

/// `at-events-paginated-list`.
#[derive(Serialize)]
struct EventList {
    data: Vec<Event>,
    pagination: Pagination,
}

/// `at-event`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    id: String,
    created_date: String,
    category: &'static str,
    details: Vec<Detail>,
}

/// `at-event-detail`: one value, or several with keys.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    complex_value: Vec<KeyValue>,
}

/// `key-value`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct KeyValue {
    key: &'static str,
    value: String,
}

/// `filter-values`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilterValues {
    name: String,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    values: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    complex_values: BTreeSet<Vec<KeyValue>>,
}

/// `categories-permissions`. Neither is there where it has none.
#[derive(Serialize)]
struct Permissions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forbidden: Vec<&'static str>,
}

/// `Pagination`: there is nothing before the first page, and nothing after the last.
#[derive(Serialize)]
struct Pagination {
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    cursors: Cursors,
}

/// Both are the number of the page that they came with.
#[derive(Serialize)]
struct Cursors {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// How dates are written, of what the documentation has: Java's names, and Symphony's own.
#[derive(Clone, Copy)]
enum DateFormat {
    /// As the schema has it, with milliseconds.
    Schema,
    AcpDate,
    Instant,
    LocalDateTime,
    Date,
    LocalDate,
    BasicDate,
}

/// The filters by details, and under which names the trail has what they look for.
const DETAILS: [(&str, &str, &[&str]); 6] = [
    ("attribute", "attribute", &["attribute"]),
    ("group", "groupId", &["groupId", "informationBarrierGroup"]),
    ("policy", "policyId", &["policyId", "policyName"]),
    ("application", "applicationId", &["applicationId", "appId"]),
    ("tempAuth", "tempAuthId", &["tempAuthId"]),
    ("disclaimer", "disclaimerId", &["disclaimerId", "disclaimer"]),
];

const CSV: &str = "text/csv";

async fn at2_audits_v1(
    pod: CurrentPod,
    Auditor(caller): Auditor,
    uri: Uri,
    headers: HeaderMap,
    query: Parameters,
) -> Result<Response, Refusal> {
    const MAX: usize = 100;
    let limit = query.page(MAX, Most::Refused(MAX))?.limit;
    if limit == 0 {
        return Err(malformed("limit", "0", "a number from 1 to 100"));
    }
    let (filter, format, page) = (filter(&query)?, DateFormat::read(&query)?, page(&query)?);
    let world = pod.world();
    let found = world.audit_events(caller, &filter)?;
    let from = page.saturating_sub(1).saturating_mul(limit);
    let shown = found.iter().skip(from).take(limit).filter(|_| page > 0);
    let data: Vec<_> = shown.map(|event| Event::of(&world, event, format)).collect();
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.trim().eq_ignore_ascii_case(CSV)) {
        return Ok(csv(&data));
    }
    let is_last = found.len() <= from.saturating_add(limit);
    let link = |cursor: &str| link(uri.path(), &query, limit, cursor, page);
    let pagination = Pagination {
        previous: (page > 1).then(|| link("before")),
        next: (!is_last).then(|| link("after")),
        cursors: Cursors {
            before: (page > 1).then(|| page.to_string()),
            after: (!is_last).then(|| page.to_string()),
        },
    };
    Ok(Json(EventList { data, pagination }).into_response())
}

async fn at2_audits_stream_v1(
    pod: CurrentPod,
    Auditor(caller): Auditor,
    query: Parameters,
) -> Result<Response, Refusal> {
    let limit = query.page(usize::MAX, Most::Unbounded)?.limit;
    let (filter, format) = (filter(&query)?, DateFormat::read(&query)?);
    let world = pod.world();
    let found = world.audit_events(caller, &filter)?;
    let shown = found.iter().take(limit).map(|event| Event::of(&world, event, format));
    Ok(csv(&shown.collect::<Vec<_>>()))
}

async fn at2_filters_values_v1(
    pod: CurrentPod,
    Auditor(caller): Auditor,
    query: Parameters,
) -> Result<Json<Vec<FilterValues>>, Refusal> {
    // Each is answered by going through all entries.
    let mut asked = BTreeSet::new();
    let names: Vec<_> =
        query.list("filters").into_iter().filter(|name| asked.insert(*name)).collect();
    if names.is_empty() {
        return Err(missing("filters", "names of filters, like action,attribute"));
    }
    let filter = filter(&query)?;
    let world = pod.world();
    let found = world.audit_events(caller, &filter)?;
    let values = names.into_iter().map(|name| FilterValues::of(&world, name, &found));
    values.collect::<Result<Vec<_>, _>>().map(Json)
}

async fn at2_categories_permissions_v1(
    pod: CurrentPod,
    Auditor(caller): Auditor,
) -> Json<Permissions> {
    let categories = pod.world().audit_categories(caller);
    let names = |allowed: bool| {
        let names = categories.iter().filter(|(_, held)| **held == allowed);
        names.map(|(category, _)| category.as_str()).collect()
    };
    Json(Permissions { allowed: names(true), forbidden: names(false) })
}

fn filter(query: &Parameters) -> Result<AuditEventFilter, Refusal> {
    let expected = "names of categories, like login,malwarescan";
    let category = |name: &str| {
        let mut all = AuditCategory::ALL.into_iter();
        let found = all.find(|category| category.as_str().eq_ignore_ascii_case(name));
        found.ok_or_else(|| malformed("categories", name, expected))
    };
    let categories = query.list("categories").into_iter().map(category);
    let categories = categories.collect::<Result<BTreeSet<_>, _>>()?;
    if categories.is_empty() {
        return Err(missing("categories", expected));
    }
    let user = |name| Ok::<_, Refusal>(query.number(name)?.map(UserId::from_wire));
    let text = |name| query.text(name).map(str::to_owned);
    let details =
        DETAILS.iter().filter_map(|(_, parameter, names)| Some((*names, text(parameter)?)));
    Ok(AuditEventFilter {
        since: date(query, "startDate")?,
        until: date(query, "endDate")?,
        categories,
        initiator: user("originatingUserId")?,
        affected: user("affectedUserId")?,
        action: text("actionId"),
        role: text("authorizationRole"),
        stream: text("streamId"),
        details: details.collect(),
    })
}

/// `yyyy-MM-dd'T'HH:mm:ss.SSS'Z'`, and nothing else.
fn date(query: &Parameters, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = query.text(name) else { return Ok(None) };
    let moment = text.parse::<Timestamp>().ok().filter(|moment| moment.iso() == text);
    let expected = "a moment like 2030-01-31T12:00:00.000Z";
    moment.map(Some).ok_or_else(|| malformed(name, text, expected))
}

/// The same question, with another cursor.
fn link(path: &str, query: &Parameters, limit: usize, cursor: &str, page: usize) -> String {
    let filters = ["startDate", "endDate", "categories", "affectedUserId", "originatingUserId"];
    let filters = filters.into_iter().chain(["actionId", "authorizationRole", "streamId"]);
    let filters = filters.chain(DETAILS.iter().map(|(_, parameter, _)| *parameter));
    let told = filters.chain(["dateFormat"]).filter_map(|name| {
        let value = utf8_percent_encode(query.text(name)?, NON_ALPHANUMERIC);
        Some(format!("{name}={value}&"))
    });
    format!("{path}?{}limit={limit}&{cursor}={page}", told.collect::<String>())
}

/// A head, and a line for each event; its details are the JSON of the other form.
fn csv(events: &[Event]) -> Response {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let line = |event: &Event| {
        let details = serde_json::to_string(&event.details).unwrap_or_default();
        let fields = [&event.id, &event.created_date, event.category, &details];
        fields.map(quoted).join(",") + "\r\n"
    };
    let body = events.iter().map(line).collect::<String>();
    let head = [(header::CONTENT_TYPE, CSV)];
    (head, format!("id,createdDate,category,details\r\n{body}")).into_response()
}

fn malformed(name: &str, value: &str, expected: &str) -> Refusal {
    Refusal::Malformed { what: format!("The parameter {name} is {value:?}, expected {expected}") }
}

fn missing(name: &str, expected: &str) -> Refusal {
    Refusal::Malformed { what: format!("The parameter {name} is missing, expected {expected}") }
}

/// The id and the name of a user.
fn user(world: &World, id: UserId) -> Vec<KeyValue> {
    let name = world.users.by_id(id).map(|user| user.username.clone());
    let name = name.map(|value| KeyValue { key: "username", value });
    let id = KeyValue { key: "id", value: id.to_string() };
    [Some(id), name].into_iter().flatten().collect()
}

/// The name of an action, and what it is called.
fn action(event: &AuditEvent) -> Vec<KeyValue> {
    let id = KeyValue { key: "id", value: event.entry.action_name.clone() };
    vec![id, KeyValue { key: "name", value: event.entry.action.clone() }]
}

impl Event {
    fn of(world: &World, event: &AuditEvent, format: DateFormat) -> Self {
        let complex =
            |key: &str, complex_value| Detail { key: key.to_owned(), value: None, complex_value };
        let simple = |key: &str, value: String| Detail {
            key: key.to_owned(),
            value: Some(value),
            complex_value: Vec::new(),
        };
        let entry = event.entry;
        let mut details = vec![
            complex("action", action(event)),
            complex("originatingUser", user(world, entry.initiator)),
        ];
        details.extend(entry.affected.map(|id| complex("affectedUser", user(world, id))));
        let roles = entry.roles.iter().map(|role| simple("authorizationRole", role.clone()));
        details.extend(roles);
        let others: &BTreeMap<String, String> = &entry.details;
        details.extend(others.iter().map(|(key, value)| simple(key, value.clone())));
        let (at, count) = event.id;
        Self {
            id: format!("{:x}-{count:x}", at.as_millis()),
            created_date: format.write(entry.at),
            category: event.category.as_str(),
            details,
        }
    }
}

impl FilterValues {
    fn of(world: &World, name: &str, found: &[AuditEvent]) -> Result<Self, Refusal> {
        let mut told = Self {
            name: name.to_owned(),
            values: BTreeSet::new(),
            complex_values: BTreeSet::new(),
        };
        let entries = || found.iter().map(|event| event.entry);
        let under = |names: &[&str]| {
            let held = |names: &[&str], entry: &crate::domain::AuditEntry| {
                names.iter().find_map(|name| entry.details.get(*name).cloned())
            };
            entries().filter_map(|entry| held(names, entry)).collect()
        };
        let by_details = DETAILS.iter().find(|(filter, ..)| *filter == name);
        match (name, by_details) {
            ("action", _) => told.complex_values = found.iter().map(action).collect(),
            ("originatingUser", _) => {
                told.complex_values = entries().map(|it| user(world, it.initiator)).collect();
            }
            ("affectedUser", _) => {
                let affected = entries().filter_map(|entry| entry.affected);
                told.complex_values = affected.map(|id| user(world, id)).collect();
            }
            ("authorizationRole", _) => {
                told.values = entries().flat_map(|entry| entry.roles.iter().cloned()).collect();
            }
            ("stream", _) => told.values = under(&["threadId"]),
            (_, Some((_, _, names))) => told.values = under(names),
            _ => {
                let expected = "names of filters, like action,originatingUser,attribute";
                return Err(malformed("filters", name, expected));
            }
        }
        Ok(told)
    }
}

impl DateFormat {
    /// Patterns of Java's are not read.
    fn read(query: &Parameters) -> Result<Self, Refusal> {
        let Some(name) = query.text("dateFormat") else { return Ok(Self::Schema) };
        Ok(match name {
            "STANDARD_AT_ACP_DATE" => Self::AcpDate,
            "ISO_INSTANT" | "ISO_DATE_TIME" | "ISO_OFFSET_DATE_TIME" | "ISO_ZONED_DATE_TIME" => {
                Self::Instant
            }
            "ISO_LOCAL_DATE_TIME" => Self::LocalDateTime,
            "ISO_DATE" | "ISO_OFFSET_DATE" => Self::Date,
            "ISO_LOCAL_DATE" => Self::LocalDate,
            "BASIC_ISO_DATE" => Self::BasicDate,
            other => {
                let expected = "STANDARD_AT_ACP_DATE, ISO_INSTANT, ISO_DATE_TIME, \
                                ISO_LOCAL_DATE_TIME, ISO_DATE, ISO_LOCAL_DATE or BASIC_ISO_DATE";
                return Err(malformed("dateFormat", other, expected));
            }
        })
    }

    fn write(self, at: Timestamp) -> String {
        let iso = at.iso();
        let (date, time) = iso.split_once('T').unwrap_or((&iso, ""));
        // Java writes no fraction where there is none.
        let time = time.trim_end_matches('Z').trim_end_matches(".000");
        match self {
            Self::Schema => iso.clone(),
            Self::AcpDate => {
                let (year, day) = date.split_once('-').unwrap_or((date, ""));
                format!("{day}-{year}")
            }
            Self::Instant => format!("{date}T{time}Z"),
            Self::LocalDateTime => format!("{date}T{time}"),
            Self::Date => format!("{date}Z"),
            Self::LocalDate => date.to_owned(),
            Self::BasicDate => date.replace('-', "") + "Z",
        }
    }
}

impl FromRequestParts<Context> for Auditor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers).ok_or(Refusal::SessionTokenMissing)?;
        let session = context.pod.session_of_scope(token, "at2")?;
        // Apps are granted no scopes.
        session.principal.user().map(Self).ok_or(Refusal::ScopeMissing { scope: "at2" })
    }
}
