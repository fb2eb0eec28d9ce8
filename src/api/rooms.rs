//! Rooms in three versions: create, update, look up, search, open and close. The versions show
//! more or less of the same room.

use axum::Json;
use axum::extract::Path;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, QueryParameters, Session};
use super::paging::Page;
use super::streams::pinned_message;
use crate::domain::{
    Refusal, RoomAttributes, RoomField, RoomOrder, RoomQuery, RoomRequest, Stream, StreamId,
    UserId, World,
};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/pod/v3/room/create" => room_create_v3 [ManageRooms],
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

/// What a request says of a room: `V3RoomAttributes` of the pod API, of which `V2RoomAttributes`
/// and version 1's two halves are parts. `subType` and `groupChat` are ignored, as documented.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoomWish {
    name: Option<String>,
    keywords: Option<Vec<RoomTag>>,
    description: Option<String>,
    members_can_invite: Option<bool>,
    discoverable: Option<bool>,
    public: Option<bool>,
    read_only: Option<bool>,
    copy_protected: Option<bool>,
    cross_pod: Option<bool>,
    view_history: Option<bool>,
    multi_lateral_room: Option<bool>,
    scheduled_meeting: Option<bool>,
    pinned_message_id: Option<String>,
}

/// `RoomCreate` of the pod API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct V1RoomCreate {
    #[serde(default)]
    room_attributes: RoomWish,
    #[serde(default)]
    immutable_room_attributes: RoomWish,
}

/// `RoomTag` of the pod API.
#[derive(Serialize, Deserialize)]
struct RoomTag {
    key: String,
    value: String,
}

/// `V3RoomDetail` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V3RoomDetail {
    room_attributes: V3RoomAttributes,
    room_system_info: RoomSystemInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V3RoomAttributes {
    #[serde(flatten)]
    second: V2RoomAttributes,
    cross_pod: bool,
    view_history: bool,
    multi_lateral_room: bool,
    scheduled_meeting: bool,
    group_chat: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_message_id: Option<String>,
}

/// `V2RoomDetail` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V2RoomDetail {
    room_attributes: V2RoomAttributes,
    room_system_info: RoomSystemInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V2RoomAttributes {
    #[serde(flatten)]
    first: V1RoomAttributes,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<RoomTag>,
    #[serde(flatten)]
    immutable: ImmutableRoomAttributes,
}

/// `RoomDetail` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V1RoomDetail {
    room_attributes: V1RoomAttributes,
    room_system_info: RoomSystemInfo,
    immutable_room_attributes: ImmutableRoomAttributes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V1RoomAttributes {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    members_can_invite: bool,
    discoverable: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImmutableRoomAttributes {
    public: bool,
    read_only: bool,
    copy_protected: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoomSystemInfo {
    id: String,
    creation_date: u64,
    created_by_user_id: u64,
    active: bool,
}

/// `V2RoomSearchCriteria` of the pod API, echoed in the answer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoomSearchCriteria {
    query: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_fields: Option<Vec<SearchField>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<WireUserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator: Option<WireUserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<WireUserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort_order: Option<SortOrder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_type: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct WireUserId {
    id: Option<u64>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SearchField {
    Name,
    Description,
    KeywordsKey,
    KeywordsValue,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum SortOrder {
    Basic,
    Relevance,
}

/// `V3RoomSearchResults` and `RoomSearchResults` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoomSearchResults<Detail> {
    count: usize,
    skip: usize,
    limit: usize,
    query: RoomSearchCriteria,
    rooms: Vec<Detail>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faceted_match_count: Vec<FacetedMatchCount>,
}

#[derive(Serialize)]
struct FacetedMatchCount {
    facet: String,
    count: usize,
}

#[derive(Deserialize)]
struct ActiveQuery {
    active: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HiddenQuery {
    include_non_discoverable: Option<bool>,
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
    JsonBody(V1RoomCreate { room_attributes: first, immutable_room_attributes: second }): JsonBody<
        V1RoomCreate,
    >,
) -> Result<Json<V1RoomDetail>, Refusal> {
    let wish = RoomWish {
        public: second.public,
        read_only: second.read_only,
        copy_protected: second.copy_protected,
        ..first.version_1()
    };
    create(&pod, &me, wish)
}

async fn room_update_v3(
    pod: CurrentPod,
    me: Session,
    PathParameter(Path(id)): PathParameter<String>,
    JsonBody(wish): JsonBody<RoomWish>,
) -> Result<Json<V3RoomDetail>, Refusal> {
    update(&pod, &me, &id, wish)
}

async fn room_update_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(Path(id)): PathParameter<String>,
    JsonBody(wish): JsonBody<RoomWish>,
) -> Result<Json<V2RoomDetail>, Refusal> {
    update(&pod, &me, &id, wish.version_2())
}

/// In version 1, whether a room is public, read-only or copy-protected cannot be changed: it
/// takes the four other attributes alone.
async fn room_update_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(Path(id)): PathParameter<String>,
    JsonBody(wish): JsonBody<RoomWish>,
) -> Result<Json<V1RoomDetail>, Refusal> {
    update(&pod, &me, &id, wish.version_1())
}

async fn room_info_v3(
    pod: CurrentPod,
    me: Session,
    PathParameter(Path(id)): PathParameter<String>,
) -> Result<Json<V3RoomDetail>, Refusal> {
    info(&pod.world(), me.user()?, room_id(&id)?)
}

async fn room_info_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(Path(id)): PathParameter<String>,
) -> Result<Json<V2RoomDetail>, Refusal> {
    info(&pod.world(), me.user()?, room_id(&id)?)
}

async fn room_info_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(Path(id)): PathParameter<String>,
) -> Result<Json<V1RoomDetail>, Refusal> {
    info(&pod.world(), me.user()?, room_id(&id)?)
}

async fn room_search_v3(
    pod: CurrentPod,
    me: Session,
    QueryParameters(page): QueryParameters<Page>,
    QueryParameters(hidden): QueryParameters<HiddenQuery>,
    JsonBody(criteria): JsonBody<RoomSearchCriteria>,
) -> Result<Json<RoomSearchResults<V3RoomDetail>>, Refusal> {
    let hidden = hidden.include_non_discoverable.unwrap_or(false);
    search(&pod.world(), me.user()?, page, criteria, hidden)
}

async fn room_search_v2(
    pod: CurrentPod,
    me: Session,
    QueryParameters(page): QueryParameters<Page>,
    JsonBody(criteria): JsonBody<RoomSearchCriteria>,
) -> Result<Json<RoomSearchResults<V2RoomDetail>>, Refusal> {
    search(&pod.world(), me.user()?, page, criteria, false)
}

async fn room_set_active_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(Path(id)): PathParameter<String>,
    QueryParameters(query): QueryParameters<ActiveQuery>,
) -> Result<Json<V1RoomDetail>, Refusal> {
    set_active(&pod, &me, &id, query.active, false)
}

async fn admin_room_set_active_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(Path(id)): PathParameter<String>,
    QueryParameters(query): QueryParameters<ActiveQuery>,
) -> Result<Json<V1RoomDetail>, Refusal> {
    set_active(&pod, &me, &id, query.active, true)
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
    active: bool,
    as_admin: bool,
) -> Result<Json<V1RoomDetail>, Refusal> {
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
    detail(world.room_for(caller, id)?).map(Json).ok_or(Refusal::NotARoom)
}

fn search<Detail: RoomDetail>(
    world: &World,
    caller: UserId,
    page: Page,
    criteria: RoomSearchCriteria,
    hidden: bool,
) -> Result<Json<RoomSearchResults<Detail>>, Refusal> {
    let (skip, limit) = page.bounds(50, 100)?;
    let query = RoomQuery { hidden, ..RoomQuery::from(&criteria) };
    let found = world.search_rooms(caller, &query, skip, limit);
    let facets = found.facets.into_iter();
    Ok(Json(RoomSearchResults {
        count: found.count,
        skip,
        limit,
        query: criteria,
        rooms: found.page.into_iter().filter_map(detail).collect(),
        faceted_match_count: facets
            .map(|(facet, count)| FacetedMatchCount { facet, count })
            .collect(),
    }))
}

impl RoomWish {
    /// What version 2 reads of it.
    fn version_2(self) -> Self {
        Self {
            keywords: self.keywords,
            public: self.public,
            read_only: self.read_only,
            copy_protected: self.copy_protected,
            name: self.name,
            description: self.description,
            members_can_invite: self.members_can_invite,
            discoverable: self.discoverable,
            ..Self::default()
        }
    }

    /// What version 1 reads of it.
    fn version_1(self) -> Self {
        Self {
            name: self.name,
            description: self.description,
            members_can_invite: self.members_can_invite,
            discoverable: self.discoverable,
            ..Self::default()
        }
    }
}

/// The id of a room in a path.
pub(super) fn room_id(id: &str) -> Result<StreamId, Refusal> {
    id.parse().map_err(|_| Refusal::NotARoom)
}

/// What one version of the API shows of a room.
trait RoomDetail {
    fn new(stream: &Stream, room: &RoomAttributes) -> Self;
}

fn detail<Detail: RoomDetail>(stream: &Stream) -> Option<Detail> {
    stream.room().map(|room| Detail::new(stream, room))
}

impl RoomDetail for V3RoomDetail {
    fn new(stream: &Stream, room: &RoomAttributes) -> Self {
        Self {
            room_attributes: V3RoomAttributes {
                second: room.into(),
                cross_pod: room.cross_pod,
                view_history: room.view_history,
                multi_lateral_room: room.multilateral,
                scheduled_meeting: room.scheduled_meeting,
                group_chat: false,
                pinned_message_id: stream.pinned.map(|id| id.to_string()),
            },
            room_system_info: stream.into(),
        }
    }
}

impl RoomDetail for V2RoomDetail {
    fn new(stream: &Stream, room: &RoomAttributes) -> Self {
        Self { room_attributes: room.into(), room_system_info: stream.into() }
    }
}

impl RoomDetail for V1RoomDetail {
    fn new(stream: &Stream, room: &RoomAttributes) -> Self {
        Self {
            room_attributes: room.into(),
            room_system_info: stream.into(),
            immutable_room_attributes: room.into(),
        }
    }
}

impl From<&RoomAttributes> for V2RoomAttributes {
    fn from(room: &RoomAttributes) -> Self {
        let tag =
            |(key, value): &(String, String)| RoomTag { key: key.clone(), value: value.clone() };
        Self {
            first: room.into(),
            keywords: room.keywords.iter().map(tag).collect(),
            immutable: room.into(),
        }
    }
}

impl From<&RoomAttributes> for V1RoomAttributes {
    fn from(room: &RoomAttributes) -> Self {
        Self {
            name: room.name.to_string(),
            description: room.description.clone(),
            members_can_invite: room.members_can_invite,
            discoverable: room.discoverable,
        }
    }
}

impl From<&RoomAttributes> for ImmutableRoomAttributes {
    fn from(room: &RoomAttributes) -> Self {
        Self { public: room.public, read_only: room.read_only, copy_protected: room.copy_protected }
    }
}

impl From<&Stream> for RoomSystemInfo {
    fn from(stream: &Stream) -> Self {
        Self {
            id: stream.id.to_string(),
            creation_date: stream.created.as_millis(),
            created_by_user_id: stream.creator.as_u64(),
            active: stream.active,
        }
    }
}

impl TryFrom<RoomWish> for RoomRequest {
    type Error = Refusal;

    fn try_from(wish: RoomWish) -> Result<Self, Refusal> {
        let keywords = wish
            .keywords
            .map(|keywords| keywords.into_iter().map(|tag| (tag.key, tag.value)).collect());
        Ok(Self {
            name: wish.name,
            description: wish.description,
            keywords,
            members_can_invite: wish.members_can_invite,
            discoverable: wish.discoverable,
            public: wish.public,
            read_only: wish.read_only,
            copy_protected: wish.copy_protected,
            cross_pod: wish.cross_pod,
            view_history: wish.view_history,
            multilateral: wish.multi_lateral_room,
            scheduled_meeting: wish.scheduled_meeting,
            pinned: wish.pinned_message_id.as_deref().map(pinned_message).transpose()?,
        })
    }
}

impl From<&RoomSearchCriteria> for RoomQuery {
    fn from(criteria: &RoomSearchCriteria) -> Self {
        let user = |user: &Option<WireUserId>| {
            user.as_ref().and_then(|user| user.id).map(UserId::from_wire)
        };
        let field = |field: &SearchField| match field {
            SearchField::Name => RoomField::Name,
            SearchField::Description => RoomField::Description,
            SearchField::KeywordsKey => RoomField::KeywordKeys,
            SearchField::KeywordsValue => RoomField::KeywordValues,
        };
        Self {
            text: criteria.query.clone(),
            labels: criteria.labels.clone().unwrap_or_default(),
            fields: criteria
                .search_fields
                .as_ref()
                .map(|fields| fields.iter().map(field).collect()),
            active: criteria.active,
            private: criteria.private,
            owner: user(&criteria.owner),
            creator: user(&criteria.creator),
            member: user(&criteria.member),
            sort: match criteria.sort_order {
                Some(SortOrder::Basic) => RoomOrder::Basic,
                Some(SortOrder::Relevance) | None => RoomOrder::Relevance,
            },
            hidden: false,
        }
    }
}
