//! IMs, MIMs, and streams of every kind: lists and details.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, OptionalJsonBody, PathParameter, Session};
use super::parameters::{Most, Page, Parameters};
use super::room_shapes::GroupItem;
use crate::domain::{
    AdminStreamFilter, Refusal, Stream, StreamFilter, StreamId, StreamKind, Timestamp, UserId,
    World,
};
use crate::operation::operations;

operations! {
    POST "/pod/v1/im/create" => im_create_v1 [SendMessages],
    POST "/pod/v1/im/{id}/update" => im_update_v1 [SendMessages],
    GET "/pod/v1/im/{id}/info" => im_info_v1 [ListUserStreams],
    POST "/pod/v1/admin/im/create" => admin_im_create_v1,
    POST "/pod/v1/streams/list" => streams_list_v1 [ListUserStreams],
    POST "/pod/v1/admin/user/{uid}/streams/list" => admin_user_streams_list_v1,
    GET "/pod/v1/streams/{sid}/info" => streams_info_v1 [SendMessages],
    GET "/pod/v2/streams/{sid}/info" => streams_info_v2 [SendMessages],
    POST "/pod/v1/admin/streams/list" => admin_streams_list_v1,
    POST "/pod/v2/admin/streams/list" => admin_streams_list_v2,
}

/// `Stream` of the pod API.
#[derive(Serialize)]
struct StreamReference {
    id: String,
}

/// `V1IMAttributes` of the pod API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct V1ImAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_message_id: Option<String>,
}

/// `V1IMDetail` of the pod API, whose keys are capitals.
#[derive(Serialize)]
struct V1ImDetail {
    #[serde(rename = "V1IMAttributes")]
    attributes: V1ImAttributes,
    #[serde(rename = "IMSystemInfo")]
    system_info: ImSystemInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImSystemInfo {
    id: String,
    creation_date: u64,
    active: bool,
}

/// `StreamType` of the pod API.
#[derive(Serialize, Deserialize)]
struct StreamType {
    #[serde(rename = "type")]
    kind: StreamKind,
}

/// `StreamFilter` of the pod API.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStreamFilter {
    stream_types: Option<Vec<StreamType>>,
    include_inactive_streams: Option<bool>,
}

/// `StreamAttributes` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamAttributes {
    id: String,
    cross_pod: bool,
    active: bool,
    stream_type: StreamType,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_attributes: Option<Members>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_attributes: Option<RoomName>,
}

/// `V2StreamAttributes` of the pod API: the same and more.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V2StreamAttributes {
    #[serde(flatten)]
    first: StreamAttributes,
    origin: Reach,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message_date: Option<u64>,
}

#[derive(Serialize)]
struct Members {
    members: Vec<u64>,
}

#[derive(Serialize)]
struct RoomName {
    name: String,
    /// Of the second version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<GroupItem>,
}

/// On this pod, or beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Reach {
    Internal,
    External,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Activity {
    Active,
    Inactive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Privacy {
    Public,
    Private,
}

/// `V2AdminStreamFilter` of the pod API, and `AdminStreamFilter`, which is the same.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAdminFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_types: Option<Vec<StreamType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Reach>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Reach>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Activity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    privacy: Option<Privacy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<u64>,
}

/// `AdminStreamList` and `V2AdminStreamList` of the pod API.
#[derive(Serialize)]
struct AdminStreamList {
    count: usize,
    skip: usize,
    limit: usize,
    filter: WireAdminFilter,
    streams: Vec<AdminStreamInfo>,
}

/// `AdminStreamInfo` of the pod API; `V2AdminStreamInfo` with the two optional fields.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdminStreamInfo {
    id: String,
    is_external: bool,
    is_active: bool,
    /// Of rooms alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_public: Option<bool>,
    #[serde(rename = "type")]
    kind: StreamKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    cross_pod: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Reach>,
    attributes: AdminStreamAttributes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdminStreamAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    room_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_description: Option<String>,
    /// Of IMs and MIMs alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<u64>>,
    created_by_user_id: u64,
    created_date: u64,
    last_modified_date: u64,
    origin_company: String,
    origin_company_id: u32,
    members_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message_date: Option<u64>,
}

async fn im_create_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(users): JsonBody<Vec<u64>>,
) -> Result<Json<StreamReference>, Refusal> {
    let now = pod.clock.now();
    let id = pod.world().converse(me.user()?, &user_ids(&users), now)?;
    Ok(Json(StreamReference { id: id.to_string() }))
}

async fn admin_im_create_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(users): JsonBody<Vec<u64>>,
) -> Result<Json<StreamReference>, Refusal> {
    let now = pod.clock.now();
    let id = pod.world().converse_as_admin(me.user()?, &user_ids(&users), now)?;
    Ok(Json(StreamReference { id: id.to_string() }))
}

async fn im_info_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V1ImDetail>, Refusal> {
    let id = conversation_id(&id)?;
    Ok(Json(pod.world().conversation_for(me.user()?, id)?.into()))
}

async fn im_update_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(wish): JsonBody<V1ImAttributes>,
) -> Result<Json<V1ImDetail>, Refusal> {
    let (id, caller) = (conversation_id(&id)?, me.user()?);
    let mut world = pod.world();
    if let Some(pinned) = wish.pinned_message_id {
        world.pin_in_conversation(caller, id, pinned_message(&pinned)?)?;
    }
    Ok(Json(world.conversation_for(caller, id)?.into()))
}

async fn streams_list_v1(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
    OptionalJsonBody(filter): OptionalJsonBody<WireStreamFilter>,
) -> Result<Response, Refusal> {
    let filter = filter.into();
    list(pod.world().streams_of(me.user()?, &filter), &query)
}

async fn admin_user_streams_list_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    query: Parameters,
    OptionalJsonBody(filter): OptionalJsonBody<WireStreamFilter>,
) -> Result<Response, Refusal> {
    let (user, filter) = (UserId::from_wire(user), filter.into());
    list(pod.world().streams_of_as_admin(me.user()?, user, &filter)?, &query)
}

async fn streams_info_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<StreamAttributes>, Refusal> {
    Ok(Json(pod.world().stream_for(me.user()?, stream_id(&id)?)?.into()))
}

async fn streams_info_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V2StreamAttributes>, Refusal> {
    let world = pod.world();
    let stream = world.stream_for(me.user()?, stream_id(&id)?)?;
    let mut first = StreamAttributes::from(stream);
    if let Some(room) = &mut first.room_attributes {
        room.groups = GroupItem::of(&world, stream);
    }
    Ok(Json(V2StreamAttributes {
        first,
        origin: origin(&world, stream),
        last_message_date: stream.last_message.map(Timestamp::as_millis),
    }))
}

async fn admin_streams_list_v1(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
    OptionalJsonBody(filter): OptionalJsonBody<WireAdminFilter>,
) -> Result<Json<AdminStreamList>, Refusal> {
    let mut list = list_as_admin(&pod.world(), me.user()?, &query, filter)?;
    for stream in &mut list.streams {
        stream.cross_pod = None;
        stream.origin = None;
        stream.attributes.last_message_date = None;
    }
    Ok(Json(list))
}

async fn admin_streams_list_v2(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
    OptionalJsonBody(filter): OptionalJsonBody<WireAdminFilter>,
) -> Result<Json<AdminStreamList>, Refusal> {
    list_as_admin(&pod.world(), me.user()?, &query, filter).map(Json)
}

/// The page, or 204 for somebody who is in no stream at all. A page past the end is an empty list:
/// the Java BDK's pagination looks for one.
fn list<'a>(
    streams: impl Iterator<Item = &'a Stream>,
    query: &Parameters,
) -> Result<Response, Refusal> {
    let page = query.page(50, Most::Unbounded)?;
    let mut streams = streams.peekable();
    if streams.peek().is_none() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let page: Vec<_> = page.of(streams).map(StreamAttributes::from).collect();
    Ok(Json(page).into_response())
}

fn list_as_admin(
    world: &World,
    caller: UserId,
    query: &Parameters,
    wire: WireAdminFilter,
) -> Result<AdminStreamList, Refusal> {
    let Page { skip, limit } = query.page(50, Most::Refused(100))?;
    let filter = AdminStreamFilter::from(&wire);
    let mut count = 0;
    let mut streams = Vec::new();
    for stream in world.all_streams(caller, &filter)? {
        if count >= skip && streams.len() < limit {
            streams.push(AdminStreamInfo::new(world, stream));
        }
        count += 1;
    }
    Ok(AdminStreamList { count, skip, limit, filter: wire, streams })
}

/// What a `pinnedMessageId` asks for; an empty one asks for none.
pub(super) fn pinned_message(id: &str) -> Result<Option<crate::domain::MessageId>, Refusal> {
    if id.is_empty() {
        return Ok(None);
    }
    let malformed =
        |_| Refusal::Malformed { what: format!("pinnedMessageId: {id:?} is no message id") };
    id.parse().map(Some).map_err(malformed)
}

fn user_ids(users: &[u64]) -> Vec<UserId> {
    users.iter().copied().map(UserId::from_wire).collect()
}

fn stream_id(id: &str) -> Result<StreamId, Refusal> {
    id.parse().map_err(|_| Refusal::StreamUnknown)
}

fn conversation_id(id: &str) -> Result<StreamId, Refusal> {
    id.parse().map_err(|_| Refusal::NotAConversation)
}

fn origin(world: &World, stream: &Stream) -> Reach {
    reach(stream.creator.pod() != world.identity.id)
}

fn reach(external: bool) -> Reach {
    if external { Reach::External } else { Reach::Internal }
}

fn member_ids(stream: &Stream) -> Option<Vec<u64>> {
    let members = || stream.members().map(|member| member.user.as_u64()).collect();
    stream.room().is_none().then(members)
}

impl From<&Stream> for V1ImDetail {
    fn from(stream: &Stream) -> Self {
        Self {
            attributes: V1ImAttributes {
                pinned_message_id: stream.pinned.map(|id| id.to_string()),
            },
            system_info: ImSystemInfo {
                id: stream.id.to_string(),
                creation_date: stream.created.as_millis(),
                active: stream.active,
            },
        }
    }
}

impl From<&Stream> for StreamAttributes {
    fn from(stream: &Stream) -> Self {
        Self {
            id: stream.id.to_string(),
            cross_pod: stream.is_external(),
            active: stream.active,
            stream_type: StreamType { kind: stream.kind() },
            stream_attributes: member_ids(stream).map(|members| Members { members }),
            room_attributes: stream
                .room()
                .map(|room| RoomName { name: room.name.to_string(), groups: Vec::new() }),
        }
    }
}

impl AdminStreamInfo {
    fn new(world: &World, stream: &Stream) -> Self {
        let creator = world.users.by_id(stream.creator);
        Self {
            id: stream.id.to_string(),
            is_external: stream.is_external(),
            is_active: stream.active,
            is_public: stream.room().map(|room| room.public),
            kind: stream.kind(),
            cross_pod: Some(stream.is_external()),
            origin: Some(origin(world, stream)),
            attributes: AdminStreamAttributes {
                room_name: stream.room().map(|room| room.name.to_string()),
                room_description: stream.room().and_then(|room| room.description.clone()),
                members: member_ids(stream),
                created_by_user_id: stream.creator.as_u64(),
                created_date: stream.created.as_millis(),
                last_modified_date: stream.modified.as_millis(),
                origin_company: creator.map(|user| user.company.clone()).unwrap_or_default(),
                origin_company_id: stream.creator.pod().0,
                members_count: stream.members().len(),
                last_message_date: stream.last_message.map(Timestamp::as_millis),
            },
        }
    }
}

impl From<WireStreamFilter> for StreamFilter {
    fn from(wire: WireStreamFilter) -> Self {
        let kinds = wire.stream_types.unwrap_or_default();
        Self {
            kinds: kinds.into_iter().map(|wanted| wanted.kind).collect(),
            inactive: wire.include_inactive_streams.unwrap_or(false),
        }
    }
}

impl From<&WireAdminFilter> for AdminStreamFilter {
    fn from(wire: &WireAdminFilter) -> Self {
        let kinds = wire.stream_types.iter().flatten();
        Self {
            kinds: kinds.map(|wanted| wanted.kind).collect(),
            external: wire.scope.map(|scope| scope == Reach::External),
            of_foreign_origin: wire.origin.map(|origin| origin == Reach::External),
            active: wire.status.map(|status| status == Activity::Active),
            public: wire.privacy.map(|privacy| privacy == Privacy::Public),
            since: wire.start_date.map(Timestamp::from_millis),
            until: wire.end_date.map(Timestamp::from_millis),
        }
    }
}
