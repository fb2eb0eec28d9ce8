//! Rooms on the wire: what each version of the API says of one, and reads of a wish.

use serde::{Deserialize, Serialize};

use super::streams::pinned_message;
use crate::domain::{
    Group, Refusal, RoomAttributes, RoomField, RoomGroup, RoomOrder, RoomQuery, RoomRequest,
    Stream, UserId, World,
};

/// What a request says of a room: `V3RoomAttributes` of the pod API, of which `V2RoomAttributes`
/// and version 1's two halves are parts. `subType` and `groupChat` are ignored, as documented.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomWish {
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
pub(super) struct V1RoomCreate {
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
pub(super) struct V3RoomDetail {
    room_attributes: V3RoomAttributes,
    room_system_info: RoomSystemInfo,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<GroupItem>,
}

/// `GroupItem` of the pod API: a group that was added to a room.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupItem {
    id: u64,
    added_by: u64,
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
pub(super) struct V2RoomDetail {
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
pub(super) struct V1RoomDetail {
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
pub(super) struct RoomSearchCriteria {
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
pub(super) struct RoomSearchResults<Detail> {
    pub count: usize,
    pub skip: usize,
    pub limit: usize,
    pub query: RoomSearchCriteria,
    pub rooms: Vec<Detail>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faceted_match_count: Vec<FacetedMatchCount>,
}

#[derive(Serialize)]
pub(super) struct FacetedMatchCount {
    pub facet: String,
    pub count: usize,
}

/// What one version of the API shows of a room.
pub(super) trait RoomDetail {
    fn new(world: &World, stream: &Stream, room: &RoomAttributes) -> Self;
}

pub(super) fn detail<Detail: RoomDetail>(world: &World, stream: &Stream) -> Option<Detail> {
    stream.room().map(|room| Detail::new(world, stream, room))
}

impl RoomDetail for V3RoomDetail {
    fn new(world: &World, stream: &Stream, room: &RoomAttributes) -> Self {
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
            groups: GroupItem::of(world, stream),
        }
    }
}

impl GroupItem {
    /// Those that are not deleted.
    pub fn of(world: &World, stream: &Stream) -> Vec<Self> {
        let is_active =
            |group: &&RoomGroup| world.groups.by_account(group.group).is_some_and(Group::is_active);
        let item = |RoomGroup { group, added_by }: &RoomGroup| Self {
            id: group.as_u64(),
            added_by: added_by.as_u64(),
        };
        stream.groups().iter().filter(is_active).map(item).collect()
    }
}

impl RoomDetail for V2RoomDetail {
    fn new(_: &World, stream: &Stream, room: &RoomAttributes) -> Self {
        Self { room_attributes: room.into(), room_system_info: stream.into() }
    }
}

impl RoomDetail for V1RoomDetail {
    fn new(_: &World, stream: &Stream, room: &RoomAttributes) -> Self {
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
            // Only clients make such rooms.
            invisible: None,
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

impl From<V1RoomCreate> for RoomWish {
    fn from(wish: V1RoomCreate) -> Self {
        let immutable = wish.immutable_room_attributes;
        Self {
            public: immutable.public,
            read_only: immutable.read_only,
            copy_protected: immutable.copy_protected,
            ..wish.room_attributes.version_1()
        }
    }
}

impl RoomWish {
    /// What version 2 reads of it.
    pub fn version_2(self) -> Self {
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
    pub fn version_1(self) -> Self {
        Self {
            name: self.name,
            description: self.description,
            members_can_invite: self.members_can_invite,
            discoverable: self.discoverable,
            ..Self::default()
        }
    }
}
