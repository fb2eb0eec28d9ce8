//! What policies found, for those who look into it.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use serde::Serialize;

use super::details::{details, matched_policies};
use crate::api::base64_body::Base64Body;
use crate::api::extract::{CurrentPod, Session};
use crate::api::parameters::{Most, Parameters};
use crate::api::shapes::Found;
use crate::api::v4_message::V4Message;
use crate::domain::{
    DlpAction, FileId, MessageSubject, Refusal, StreamSubject, UserId, Violation, ViolationFilter,
    ViolationKind, ViolationSubject, World,
};
use crate::operation::{Context, operations};
use crate::pod::Pod;

operations! {
    GET "/agent/v1/dlp/violations/message" => dlp_violations_message_v1,
    GET "/agent/v1/dlp/violations/signal" => dlp_violations_signal_v1,
    GET "/agent/v1/dlp/violations/stream" => dlp_violations_stream_v1,
    GET "/agent/v3/dlp/violation/attachment" => dlp_violation_attachment_v3,
    GET "/agent/v3/dlp/violations/message" => dlp_violations_message_v3,
    GET "/agent/v3/dlp/violations/signal" => dlp_violations_signal_v3,
    GET "/agent/v3/dlp/violations/stream" => dlp_violations_stream_v3,
}

/// Somebody who may read violations.
struct Reader;

/// The responses of the agent API that list violations. Without a next page the samples of the
/// documentation have an empty text, and the API file says null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ViolationList {
    violations: Vec<Entry>,
    next_offset: String,
}

/// `V1DLPViolationMessage` and its likes in the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    violation: WireViolation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<V4Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_message: Option<V4Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<WireStream>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<WireSignal>,
}

/// `V1DLPViolation` and `V3DLPViolation` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireViolation {
    #[serde(rename = "enforcementEventID")]
    enforcement_event_id: String,
    #[serde(rename = "entityID")]
    entity_id: String,
    create_time: u64,
    last_modified: u64,
    requester_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_policies: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<serde_json::Value>,
    action: &'static str,
    outcome: Outcome,
    version: &'static str,
    #[serde(rename = "ignoreDLPwarning")]
    ignore_dlp_warning: bool,
}

/// `V1DLPOutcome` of the agent API.
#[derive(Serialize)]
struct Outcome {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// `V1DLPStream` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireStream {
    name: String,
    creator_pretty_name: String,
    public_room: bool,
    cross_pod: bool,
    allow_external: bool,
    creator_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_description: Option<String>,
    stream_id: String,
    state: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    member_add_user_enabled: bool,
    active: bool,
    discoverable: bool,
    read_only: bool,
    copy_disabled: bool,
    external_owned: bool,
    send_message_disabled: bool,
    moderated: bool,
    share_history_enabled: bool,
}

/// `V1DLPSignal` of the agent API.
#[derive(Serialize)]
struct WireSignal {
    id: String,
    name: String,
    rules: String,
}

/// The two versions in which violations are told.
#[derive(Clone, Copy, PartialEq)]
enum Version {
    V1,
    V3,
}

/// The handlers of the lists: a kind of violations in a version.
macro_rules! lists {
    ($($handler:ident => $kind:ident $version:ident),+ $(,)?) => {$(
        async fn $handler(
            pod: CurrentPod,
            _: Reader,
            query: Parameters,
        ) -> Result<Found<ViolationList>, Refusal> {
            list(&pod, &query, ViolationKind::$kind, Version::$version)
        }
    )+};
}

lists! {
    dlp_violations_message_v1 => Message V1,
    dlp_violations_message_v3 => Message V3,
    dlp_violations_stream_v1 => Stream V1,
    dlp_violations_stream_v3 => Stream V3,
    dlp_violations_signal_v1 => Signal V1,
    dlp_violations_signal_v3 => Signal V3,
}

/// A file of a message in which something was found, as base64 text.
async fn dlp_violation_attachment_v3(
    pod: CurrentPod,
    _: Reader,
    query: Parameters,
) -> Result<impl IntoResponse, Refusal> {
    let parameter = |name: &str| {
        let missing = || Refusal::Malformed { what: format!("The parameter {name} is missing") };
        query.text(name).ok_or_else(missing)
    };
    let file = FileId::from_wire(parameter("fileId")?);
    // A plus sign in a query is a space to most.
    let violation = parameter("violationId")?.replace(' ', "+");
    let bytes = pod.world().violation_file(&violation, &file)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], Base64Body::of(bytes)))
}

fn list(
    pod: &Pod,
    query: &Parameters,
    kind: ViolationKind,
    version: Version,
) -> Result<Found<ViolationList>, Refusal> {
    const DEFAULT: usize = 50;
    const MOST: usize = 500;
    let since = query
        .moment("startTime")?
        .ok_or_else(|| Refusal::Malformed { what: "The parameter startTime is missing".into() })?;
    let until = query.moment("endTime")?.unwrap_or_else(|| pod.clock.now());
    let limit = query.page(DEFAULT, Most::Refused(MOST))?.limit;
    // A plus sign in a query is a space to most.
    let next = query.text("next").map(|next| next.replace(' ', "+"));
    let filter = ViolationFilter { kind, since, until, next, limit };
    let world = pod.world();
    let (page, more) = world.violations(&filter)?;
    let last = page.last().filter(|_| more);
    let next_offset = last.map(|last| last.cursor()).unwrap_or_default();
    let violations: Vec<_> =
        page.into_iter().map(|violation| Entry::new(&world, violation, version)).collect();
    let list = (!violations.is_empty()).then_some(ViolationList { violations, next_offset });
    Ok(Found(list))
}

impl Entry {
    fn new(world: &World, violation: &Violation, version: Version) -> Self {
        let wire = Self {
            violation: WireViolation::new(violation, version),
            message: None,
            shared_message: None,
            stream: None,
            signal: None,
        };
        match &violation.subject {
            ViolationSubject::Message(subject) => {
                let MessageSubject { message, stream, shared, .. } = &**subject;
                let markdown = version == Version::V3;
                let told = |message| V4Message::in_violation(world, message, stream, markdown);
                let shared = shared.as_deref().filter(|_| version == Version::V3);
                Self { message: Some(told(message)), shared_message: shared.map(told), ..wire }
            }
            ViolationSubject::Stream(subject) => {
                Self { stream: Some(WireStream::new(world, subject)), ..wire }
            }
            ViolationSubject::Signal { id, name, query } => {
                let (name, rules) = (name.clone(), query.clone());
                Self { signal: Some(WireSignal { id: id.to_string(), name, rules }), ..wire }
            }
        }
    }
}

impl WireViolation {
    fn new(violation: &Violation, version: Version) -> Self {
        let action = violation.verdict.action();
        let kind = match (violation.accepted, action) {
            (false, _) => "REJECTED_VIOLATION",
            (true, DlpAction::LogOnly) => "ACCEPTED_LOG_ONLY",
            (true, _) => "ACCEPTED_WARNING",
        };
        Self {
            enforcement_event_id: violation.id.clone(),
            entity_id: violation.entity(),
            create_time: violation.at.as_millis(),
            last_modified: 0,
            requester_id: violation.requester.as_u64(),
            matched_policies: (version == Version::V1).then(|| matched_policies(violation)),
            details: (version == Version::V3).then(|| details(violation)),
            action: action.status(),
            outcome: Outcome { kind },
            version: "V3",
            ignore_dlp_warning: violation.is_ignored_warning(),
        }
    }
}

impl WireStream {
    fn new(world: &World, subject: &StreamSubject) -> Self {
        let StreamSubject { id, room, creator, active } = subject;
        let name = |user: UserId| world.users.by_id(user).map(|user| user.display_name.clone());
        Self {
            name: room.name.to_string(),
            creator_pretty_name: name(*creator).unwrap_or_default(),
            public_room: room.public,
            cross_pod: room.cross_pod,
            allow_external: room.cross_pod,
            creator_id: creator.to_string(),
            room_description: room.description.clone(),
            stream_id: id.to_string(),
            state: "CREATED",
            kind: "ROOM",
            member_add_user_enabled: room.members_can_invite,
            active: *active,
            discoverable: room.discoverable,
            read_only: room.read_only,
            copy_disabled: room.copy_protected,
            external_owned: creator.pod() != world.identity.id,
            send_message_disabled: false,
            moderated: false,
            share_history_enabled: room.view_history,
        }
    }
}

impl FromRequestParts<Context> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let caller = Session::from_request_parts(parts, context).await?.user()?;
        context.pod.world().check_reads_violations(caller)?;
        Ok(Self)
    }
}
