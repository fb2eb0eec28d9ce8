//! Who there is, and what each of them has in his list of conversations.

use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::ControlRefusal;
use super::super::extract::{CurrentTenant, Expected, JsonBody, PathParameter};
use super::{somebody, stream, whom};
use crate::domain::{Stream, StreamFilter, User, UserId, World};

/// How far unread messages are counted.
const MOST_UNREAD: usize = 100;
/// How many members a row names; all are counted.
const MOST_MEMBERS: usize = 200;
/// How many public rooms are offered.
const MOST_ROOMS: usize = 200;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inviting {
    /// Id or name of the room.
    stream: String,
    /// Username of whoever is to come, or to go.
    user: String,
    /// Whether he is to go.
    #[serde(default)]
    remove: bool,
}

impl Expected for Inviting {
    const EXPECTED: &'static str = r#"{"stream": "Test Room", "user": "bob"}"#;
}

/// Everybody whom the pod knows.
pub async fn list(tenant: CurrentTenant) -> Json<Value> {
    let now = tenant.pod.clock.now();
    let world = tenant.pod.world();
    let row = |user: &User| {
        let presence = world.presences.known(user.id).map(|presence| presence.category);
        json!({
            "username": user.username,
            "id": user.id.as_u64(),
            "displayName": user.display_name,
            "email": user.email,
            "company": user.company,
            "bot": user.is_service_user(),
            "foreign": user.id.pod() != world.identity.id,
            "active": user.is_active(now),
            "presence": presence,
        })
    };
    let people: Vec<_> = world.users.iter().filter(|user| !user.is_group()).map(row).collect();
    Json(json!({ "people": people }))
}

/// The conversations somebody is in, and the public rooms that he is not in.
pub async fn streams(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
) -> Result<Json<Value>, ControlRefusal> {
    let world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let all = StreamFilter { inactive: true, ..StreamFilter::default() };
    let rows: Vec<_> = world.streams_of(user, &all).map(|it| row(&world, it, user)).collect();
    let open = |stream: &&Stream| {
        stream.active && stream.room().is_some_and(|room| room.public) && !stream.has_member(user)
    };
    let rooms = world.streams.iter().filter(open).take(MOST_ROOMS);
    let rooms: Vec<_> = rooms.map(|stream| row(&world, stream, user)).collect();
    Ok(Json(json!({ "streams": rows, "publicRooms": rooms })))
}

/// Lets somebody into a room, or sends him out of it.
pub async fn invite(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(Inviting { stream: room, user: other, remove }): JsonBody<Inviting>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let (me, other) = (somebody(&world, &user)?, whom(&world, "user", &other)?);
    let room = stream(&world, "stream", &room)?;
    let done = match remove {
        true => world.remove_member(me, room, other, now),
        false => world.add_member(me, room, other, now),
    };
    done.map_err(|refusal| ControlRefusal::field("user", world.why(&refusal)))?;
    Ok(Json(json!({ "member": !remove })))
}

fn row(world: &World, stream: &Stream, user: UserId) -> Value {
    let name = |id: UserId| world.users.by_id(id).map(|user| user.username.clone());
    let members = stream.members().take(MOST_MEMBERS);
    let members: Vec<_> =
        members.map(|member| json!({ "user": name(member.user), "owner": member.owner })).collect();
    let room = stream.room();
    json!({
        "streamId": stream.id.to_string(),
        "kind": stream.kind(),
        "name": room.map(|room| &*room.name),
        "description": room.and_then(|room| room.description.as_deref()),
        "public": room.is_some_and(|room| room.public),
        "readOnly": room.is_some_and(|room| room.read_only),
        "external": stream.is_external(),
        "active": stream.active,
        "owner": stream.is_owner(user),
        "members": members,
        "memberCount": stream.members().len(),
        "unread": world.unread(user, stream.id, MOST_UNREAD),
        "lastMessage": stream.last_message.map(|at| at.as_millis()),
    })
}
