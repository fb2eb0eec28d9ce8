//! Rooms in three versions: create, update, look up, search, open and close. The versions show
//! more or less of the same room.

use axum::Json;

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::{Most, Page, Parameters};
use super::room_shapes::{
    FacetedMatchCount, RoomDetail, RoomSearchCriteria, RoomSearchResults, RoomWish, V1RoomCreate,
    V1RoomDetail, V2RoomDetail, V3RoomDetail, detail,
};
use crate::domain::{Refusal, RoomQuery, RoomRequest, StreamId, UserId, World};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/pod/v3/room/create" => room_create_v3 [ManageRooms, CreateUserStream],
    POST "/pod/v3/room/{id}/update" => room_update_v3 [ManageRooms],
    GET "/pod/v3/room/{id}/info" => room_info_v3 [ManageRooms],
    POST "/pod/v3/room/search" => room_search_v3 [ManageRooms],
    POST "/pod/v1/room/{id}/setActive" => room_set_active_v1 [ManageRooms],
    POST "/pod/v1/admin/room/{id}/setActive" => admin_room_set_active_v1,
    POST "/pod/v2/room/create" => room_create_v2 [ManageRooms],
    POST "/pod/v2/room/{id}/update" => room_update_v2 [ManageRooms],
    GET "/pod/v2/room/{id}/info" => room_info_v2 [ManageRooms],
    POST "/pod/v2/room/search" => room_search_v2 [ManageRooms],
    POST "/pod/v1/room/create" => room_create_v1 [ManageRooms],
    POST "/pod/v1/room/{id}/update" => room_update_v1 [ManageRooms],
    GET "/pod/v1/room/{id}/info" => room_info_v1 [ManageRooms],
}

async fn room_create_v3(
    pod: CurrentPod,
    me: Session,
    JsonBody(wish): JsonBody<RoomWish>,
) -> Result<Json<V3RoomDetail>, Refusal> {
    create(&pod, &me, wish)
}

async fn room_create_v2(
    pod: CurrentPod,
    me: Session,
    JsonBody(wish): JsonBody<RoomWish>,
) -> Result<Json<V2RoomDetail>, Refusal> {
    create(&pod, &me, wish.version_2())
}

async fn room_create_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(wish): JsonBody<V1RoomCreate>,
) -> Result<Json<V1RoomDetail>, Refusal> {
    create(&pod, &me, wish.into())
}

async fn room_update_v3(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(wish): JsonBody<RoomWish>,
) -> Result<Json<V3RoomDetail>, Refusal> {
    update(&pod, &me, &id, wish)
}

async fn room_update_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(wish): JsonBody<RoomWish>,
) -> Result<Json<V2RoomDetail>, Refusal> {
    update(&pod, &me, &id, wish.version_2())
}

/// In version 1, whether a room is public, read-only or copy-protected cannot be changed: it
/// takes the four other attributes alone.
async fn room_update_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(wish): JsonBody<RoomWish>,
) -> Result<Json<V1RoomDetail>, Refusal> {
    update(&pod, &me, &id, wish.version_1())
}

async fn room_info_v3(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V3RoomDetail>, Refusal> {
    info(&pod.world(), me.user()?, room_id(&id)?)
}

async fn room_info_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V2RoomDetail>, Refusal> {
    info(&pod.world(), me.user()?, room_id(&id)?)
}

async fn room_info_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V1RoomDetail>, Refusal> {
    info(&pod.world(), me.user()?, room_id(&id)?)
}

async fn room_search_v3(
    pod: CurrentPod,
    me: Session,
    parameters: Parameters,
    JsonBody(criteria): JsonBody<RoomSearchCriteria>,
) -> Result<Json<RoomSearchResults<V3RoomDetail>>, Refusal> {
    let hidden = parameters.flag("includeNonDiscoverable")?.unwrap_or(false);
    search(&pod.world(), me.user()?, &parameters, criteria, hidden)
}

async fn room_search_v2(
    pod: CurrentPod,
    me: Session,
    parameters: Parameters,
    JsonBody(criteria): JsonBody<RoomSearchCriteria>,
) -> Result<Json<RoomSearchResults<V2RoomDetail>>, Refusal> {
    search(&pod.world(), me.user()?, &parameters, criteria, false)
}

async fn room_set_active_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    parameters: Parameters,
) -> Result<Json<V1RoomDetail>, Refusal> {
    set_active(&pod, &me, &id, &parameters, false)
}

async fn admin_room_set_active_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    parameters: Parameters,
) -> Result<Json<V1RoomDetail>, Refusal> {
    set_active(&pod, &me, &id, &parameters, true)
}

fn create<Detail: RoomDetail>(
    pod: &Pod,
    me: &Session,
    wish: RoomWish,
) -> Result<Json<Detail>, Refusal> {
    let (caller, wish, now) = (me.user()?, RoomRequest::try_from(wish)?, pod.clock.now());
    let mut world = pod.world();
    let id = world.create_room(caller, &wish, &[], now)?;
    info(&world, caller, id)
}

fn update<Detail: RoomDetail>(
    pod: &Pod,
    me: &Session,
    id: &str,
    wish: RoomWish,
) -> Result<Json<Detail>, Refusal> {
    let (caller, wish, now) = (me.user()?, RoomRequest::try_from(wish)?, pod.clock.now());
    let id = room_id(id)?;
    let mut world = pod.world();
    world.update_room(caller, id, &wish, now)?;
    info(&world, caller, id)
}

/// The answer is version 1's to this day.
fn set_active(
    pod: &Pod,
    me: &Session,
    id: &str,
    parameters: &Parameters,
    as_admin: bool,
) -> Result<Json<V1RoomDetail>, Refusal> {
    let active = parameters.required_flag("active")?;
    let (id, caller, now) = (room_id(id)?, me.user()?, pod.clock.now());
    let mut world = pod.world();
    world.set_room_active(caller, id, active, as_admin, now)?;
    info(&world, caller, id)
}

fn info<Detail: RoomDetail>(
    world: &World,
    caller: UserId,
    id: StreamId,
) -> Result<Json<Detail>, Refusal> {
    detail(world, world.room_for(caller, id)?).map(Json).ok_or(Refusal::NotARoom)
}

fn search<Detail: RoomDetail>(
    world: &World,
    caller: UserId,
    parameters: &Parameters,
    criteria: RoomSearchCriteria,
    hidden: bool,
) -> Result<Json<RoomSearchResults<Detail>>, Refusal> {
    let Page { skip, limit } = parameters.page(50, Most::Refused(100))?;
    let query = RoomQuery { hidden, ..RoomQuery::from(&criteria) };
    let found = world.search_rooms(caller, &query, skip, limit);
    let facets = found.facets.into_iter();
    Ok(Json(RoomSearchResults {
        count: found.count,
        skip,
        limit,
        query: criteria,
        rooms: found.page.into_iter().filter_map(|room| detail(world, room)).collect(),
        faceted_match_count: facets
            .map(|(facet, count)| FacetedMatchCount { facet, count })
            .collect(),
    }))
}

/// The id of a room in a path.
pub(super) fn room_id(id: &str) -> Result<StreamId, Refusal> {
    id.parse().map_err(|_| Refusal::NotARoom)
}
