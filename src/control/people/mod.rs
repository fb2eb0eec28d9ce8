//! `/_mock/people/…`: what people do in their clients and no public operation offers.

pub mod inspect;
pub mod interests;
pub mod messages;
pub mod rooms;
pub mod streams;

use std::collections::BTreeMap;

use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ControlRefusal;
use super::extract::{CurrentTenant, Expected, JsonBody, PathParameter};
use crate::domain::{PresenceCategory, StreamId, SystemEvent, UserId, World};
pub use inspect::{attachment, one};
pub use interests::{follow, shown_by_signal, signal, subscribe};
pub use messages::{edit, read, send, show, submit, suppress};
pub use rooms::{join, leave, open, request_to_join};
pub use streams::{invite, list, streams};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BeingPresent {
    category: PresenceCategory,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connecting {
    with: String,
    action: ConnectionAction,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionAction {
    Request,
    Accept,
    Reject,
    Remove,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Emitting {
    stream: String,
    source_system: String,
    event_subtype: String,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

impl Expected for BeingPresent {
    const EXPECTED: &'static str = r#"{"category": "BUSY"}"#;
}

impl Expected for Connecting {
    const EXPECTED: &'static str = r#"{"with": "bot", "action": "accept"}"#;
}

impl Expected for Emitting {
    const EXPECTED: &'static str =
        r#"{"stream": "Test Room", "sourceSystem": "x", "eventSubtype": "y"}"#;
}

/// Says how present somebody is.
pub async fn be_present(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(BeingPresent { category }): JsonBody<BeingPresent>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    // Whoever is of another pod sets it there, and this one hears of it.
    world.presences.seed(user, category, now);
    Ok(Json(json!({ "category": category })))
}

/// Asks for a connection, answers such a question, or ends a connection, as somebody of whichever
/// pod: a bot's test needs the foreign side too.
pub async fn connect(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(connecting): JsonBody<Connecting>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let (me, other) = (somebody(&world, &user)?, whom(&world, "with", &connecting.with)?);
    let done = match connecting.action {
        ConnectionAction::Request => world.request_connection(me, other, now).map(drop),
        ConnectionAction::Accept => world.accept_connection(me, other, now).map(drop),
        ConnectionAction::Reject => world.reject_connection(me, other, now).map(drop),
        ConnectionAction::Remove => world.remove_connection(me, other),
    };
    done.map_err(|refusal| ControlRefusal::field("action", world.why(&refusal)))?;
    Ok(Json(json!({ "connected": world.are_connected(me, other) })))
}

/// Lets a system other than the pod make something known in a stream.
pub async fn system_event(
    tenant: CurrentTenant,
    JsonBody(emitting): JsonBody<Emitting>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let stream = stream(&world, "stream", &emitting.stream)?;
    let view = world.streams.by_id(stream).map(|stream| stream.view());
    let view = view.ok_or_else(|| ControlRefusal::field("stream", "there is no such stream"))?;
    let (source, subtype) = (emitting.source_system, emitting.event_subtype);
    let parameters = emitting.parameters;
    let event = SystemEvent { stream: view, emitted: now, source, subtype, parameters };
    world.emit_system_event(event, now);
    Ok(Json(json!({ "emitted": true })))
}

/// Whoever is called so on the own pod, else on any other.
pub(super) fn somebody(world: &World, username: &str) -> Result<UserId, ControlRefusal> {
    let unknown = || ControlRefusal::not_found(world.no_user(username));
    world.user_called(username).ok_or_else(unknown)
}

/// The same, where a field of the body says who.
pub(super) fn whom(
    world: &World,
    field: &'static str,
    username: &str,
) -> Result<UserId, ControlRefusal> {
    let unknown = || ControlRefusal::field(field, world.no_user(username));
    world.user_called(username).ok_or_else(unknown)
}

/// The room that is called so, or the stream with this id: [`World::stream_called`].
pub(super) fn stream(
    world: &World,
    field: &'static str,
    wanted: &str,
) -> Result<StreamId, ControlRefusal> {
    world.stream_called(wanted).map_err(|why| ControlRefusal::field(field, why))
}
