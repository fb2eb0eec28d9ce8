//! Who is in a room: adding, removing, promoting, demoting, listing.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::{Most, Page, Parameters};
use super::rooms::room_id;
use super::shapes::SuccessResponse;
use crate::domain::{Member, Refusal, Stream, StreamId, Timestamp, UserId, World};
use crate::operation::operations;

operations! {
    POST "/pod/v1/room/{id}/membership/add" => room_membership_add_v1 [ManageRooms],
    POST "/pod/v1/room/{id}/membership/remove" => room_membership_remove_v1 [ManageRooms],
    POST "/pod/v1/room/{id}/membership/promoteOwner" => room_membership_promote_owner_v1 [ManageRooms],
    POST "/pod/v1/room/{id}/membership/demoteOwner" => room_membership_demote_owner_v1 [ManageRooms],
    GET "/pod/v1/room/{id}/membership/list" => room_membership_list_v1 [ManageRooms, ListUserStreams],
    GET "/pod/v2/room/{id}/membership/list" => room_membership_list_v2 [ManageRooms, ListUserStreams],
    POST "/pod/v1/admin/room/{id}/membership/add" => admin_room_membership_add_v1,
    POST "/pod/v1/admin/room/{id}/membership/remove" => admin_room_membership_remove_v1,
    GET "/pod/v1/admin/room/{id}/membership/list" => admin_room_membership_list_v1,
    GET "/pod/v1/admin/stream/{id}/membership/list" => admin_stream_membership_list_v1,
}

/// `UserId` of the pod API.
#[derive(Deserialize)]
struct WireUserId {
    id: u64,
}

/// `MemberInfo` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberInfo {
    id: u64,
    owner: bool,
    join_date: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added_through_groups: Vec<u64>,
}

/// `V2MembershipList` of the pod API.
#[derive(Serialize)]
struct V2MembershipList {
    count: usize,
    skip: usize,
    limit: usize,
    members: Vec<V2MemberInfo>,
}

/// `V2MemberInfo` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V2MemberInfo {
    user: V2MemberUserDetail,
    is_owner: bool,
    is_creator: bool,
    join_date: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added_through_groups: Vec<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V2MemberUserDetail {
    user_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    display_name: String,
    company: String,
    company_id: u32,
    is_external: bool,
}

async fn room_membership_add_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(user): JsonBody<WireUserId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let now = pod.clock.now();
    add(&mut pod.world(), me.user()?, room_id(&id)?, &user, now)
}

async fn room_membership_remove_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(user): JsonBody<WireUserId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let now = pod.clock.now();
    remove(&mut pod.world(), me.user()?, room_id(&id)?, &user, now)
}

async fn room_membership_promote_owner_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(user): JsonBody<WireUserId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let now = pod.clock.now();
    pod.world().set_owner(me.user()?, room_id(&id)?, user.id(), true, now)?;
    Ok(SuccessResponse::text("Member promoted to owner"))
}

async fn room_membership_demote_owner_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(user): JsonBody<WireUserId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let now = pod.clock.now();
    pod.world().set_owner(me.user()?, room_id(&id)?, user.id(), false, now)?;
    Ok(SuccessResponse::text("Member demoted to participant"))
}

async fn room_membership_list_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<Vec<MemberInfo>>, Refusal> {
    let world = pod.world();
    Ok(Json(members(&world, world.room_with_members_for(me.user()?, room_id(&id)?)?)))
}

async fn room_membership_list_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<Vec<MemberInfo>>, Refusal> {
    let world = pod.world();
    Ok(Json(members(&world, world.room_with_members_for(me.user()?, room_id(&id)?)?)))
}

async fn admin_room_membership_add_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(user): JsonBody<WireUserId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let (id, caller, now) = (room_id(&id)?, me.user()?, pod.clock.now());
    pod.world().add_member_as_admin(caller, id, user.id(), now)?;
    Ok(SuccessResponse::text("Member added"))
}

async fn admin_room_membership_remove_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(user): JsonBody<WireUserId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let (id, caller, now) = (room_id(&id)?, me.user()?, pod.clock.now());
    pod.world().remove_member_as_admin(caller, id, user.id(), now)?;
    Ok(SuccessResponse::text("Member removed"))
}

async fn admin_room_membership_list_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    parameters: Parameters,
) -> Result<Json<Vec<MemberInfo>>, Refusal> {
    let with_past = parameters.flag("includePastMembers")?.unwrap_or(false);
    let world = pod.world();
    let room = world.room_for_admin(me.user()?, room_id(&id)?)?;
    let mut list = members(&world, room);
    if with_past {
        list.extend(room.past_members().map(|member| MemberInfo::new(&world, room, member)));
    }
    Ok(Json(list))
}

async fn admin_stream_membership_list_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<V2MembershipList>, Refusal> {
    let page = query.page(100, Most::Refused(1_000))?;
    let id = id.parse().map_err(|_| Refusal::StreamUnknown)?;
    let world = pod.world();
    let stream = world.stream_for_admin(me.user()?, id)?;
    let Page { skip, limit } = page;
    let members = page.of(stream.members());
    let members = members.filter_map(|member| V2MemberInfo::new(&world, stream, member)).collect();
    Ok(Json(V2MembershipList { count: stream.members().len(), skip, limit, members }))
}

fn add(
    world: &mut World,
    caller: UserId,
    id: StreamId,
    user: &WireUserId,
    now: Timestamp,
) -> Result<Json<SuccessResponse>, Refusal> {
    world.add_member(caller, id, user.id(), now)?;
    Ok(SuccessResponse::text("Member added"))
}

fn remove(
    world: &mut World,
    caller: UserId,
    id: StreamId,
    user: &WireUserId,
    now: Timestamp,
) -> Result<Json<SuccessResponse>, Refusal> {
    world.remove_member(caller, id, user.id(), now)?;
    Ok(SuccessResponse::text("Member removed"))
}

fn members(world: &World, room: &Stream) -> Vec<MemberInfo> {
    room.members().map(|member| MemberInfo::new(world, room, member)).collect()
}

/// The groups that somebody came with.
fn through_groups(world: &World, stream: &Stream, member: &Member) -> Vec<u64> {
    world.groups_of_member(stream.id, member.user).into_iter().map(UserId::as_u64).collect()
}

impl WireUserId {
    fn id(&self) -> UserId {
        UserId::from_wire(self.id)
    }
}

impl MemberInfo {
    fn new(world: &World, stream: &Stream, member: &Member) -> Self {
        Self {
            id: member.user.as_u64(),
            owner: member.owner,
            join_date: member.joined.as_millis(),
            added_through_groups: through_groups(world, stream, member),
        }
    }
}

impl V2MemberInfo {
    fn new(world: &World, stream: &Stream, member: &Member) -> Option<Self> {
        let user = world.users.by_id(member.user)?.clone();
        let pod = user.id.pod();
        Some(Self {
            user: V2MemberUserDetail {
                user_id: user.id.as_u64(),
                email: user.email,
                first_name: user.first_name,
                last_name: user.last_name,
                display_name: user.display_name,
                company: user.company,
                company_id: pod.0,
                is_external: pod != world.identity.id,
            },
            is_owner: member.owner,
            is_creator: stream.creator == member.user,
            join_date: member.joined.as_millis(),
            added_through_groups: through_groups(world, stream, member),
        })
    }
}
