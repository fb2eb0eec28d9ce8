//! What people do about rooms.

use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::extract::{CurrentTenant, Expected, JsonBody, PathParameter};
use super::super::{ControlRefusal, Tenant};
use super::{somebody, stream};
use crate::domain::{Refusal, RoomRequest, StreamId, Timestamp, UserId, World};

/// A room that has a name; or the IM or MIM with others.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Opening {
    /// Usernames of those to talk with in an IM or MIM.
    with: Option<Vec<String>>,
    name: Option<String>,
    description: Option<String>,
    /// Usernames of those in the room from the beginning.
    #[serde(default)]
    members: Vec<String>,
    members_can_invite: Option<bool>,
    discoverable: Option<bool>,
    public: Option<bool>,
    read_only: Option<bool>,
    cross_pod: Option<bool>,
    view_history: Option<bool>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    stream: String,
}

impl Expected for Opening {
    const EXPECTED: &'static str = r#"{"name": "Lunch", "members": ["bot"]} or {"with": ["bot"]}"#;
}

impl Expected for Joining {
    const EXPECTED: &'static str = r#"{"stream": "Test Room"}"#;
}

/// Makes a room, or begins to talk with others.
pub async fn open(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(opening): JsonBody<Opening>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let everybody = |field: &'static str, names: &[String]| -> Result<Vec<UserId>, _> {
        let known = names.iter().map(|name| {
            world.user_called(name).ok_or_else(|| ControlRefusal::field(field, world.no_user(name)))
        });
        known.collect()
    };
    let opened = match (&opening.with, &opening.name) {
        (Some(others), None) => {
            let others = everybody("with", others)?;
            world.converse(user, &others, now).map_err(|refusal| ("with", refusal))
        }
        (None, Some(_)) => {
            let others = everybody("members", &opening.members)?;
            let others: Vec<_> = others.into_iter().map(|user| (user, false)).collect();
            let wish = RoomRequest {
                name: opening.name,
                description: opening.description,
                members_can_invite: opening.members_can_invite,
                discoverable: opening.discoverable,
                public: opening.public,
                read_only: opening.read_only,
                cross_pod: opening.cross_pod,
                view_history: opening.view_history,
                ..RoomRequest::default()
            };
            world.create_room(user, &wish, &others, now).map_err(|refusal| ("name", refusal))
        }
        _ => {
            let problem = format!("either a name or others; expected {}", Opening::EXPECTED);
            return Err(ControlRefusal::body(problem));
        }
    };
    let stream =
        opened.map_err(|(field, refusal)| ControlRefusal::field(field, world.why(&refusal)))?;
    Ok(Json(json!({ "streamId": stream.to_string() })))
}

/// Goes into a public room.
pub async fn join(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(joining): JsonBody<Joining>,
) -> Result<Json<Value>, ControlRefusal> {
    at_a_room(&tenant, &user, &joining, |world, user, room, now| {
        world.add_member(user, room, user, now)
    })?;
    Ok(Json(json!({ "joined": true })))
}

/// Leaves a room.
pub async fn leave(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(joining): JsonBody<Joining>,
) -> Result<Json<Value>, ControlRefusal> {
    at_a_room(&tenant, &user, &joining, |world, user, room, now| {
        world.remove_member(user, room, user, now)
    })?;
    Ok(Json(json!({ "left": true })))
}

/// Asks the owners of a room to be let in.
pub async fn request_to_join(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(joining): JsonBody<Joining>,
) -> Result<Json<Value>, ControlRefusal> {
    at_a_room(&tenant, &user, &joining, |world, user, room, now| {
        world.request_to_join(user, room, now)
    })?;
    Ok(Json(json!({ "requested": true })))
}

/// Does what somebody does who says no more than which room it is about.
fn at_a_room(
    tenant: &Tenant,
    user: &str,
    joining: &Joining,
    act: impl FnOnce(&mut World, UserId, StreamId, Timestamp) -> Result<(), Refusal>,
) -> Result<(), ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let user = somebody(&world, user)?;
    let room = stream(&world, "stream", &joining.stream)?;
    let done = act(&mut world, user, room, now);
    done.map_err(|refusal| ControlRefusal::field("stream", world.why(&refusal)))
}
