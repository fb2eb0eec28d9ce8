//! The profile manager: groups (distribution lists) and their types.
//!
//! Callers show an access token of the scope `profile-manager`. `X-Symphony-Host` is demanded by the
//! API file and left empty by both BDKs: it is not looked at.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::avatars::{AvatarInfo, avatars};
use super::extract::{CurrentPod, JsonBody, PathParameter, bearer};
use super::parameters::{Most, Parameters};
use crate::domain::{
    Avatar, Connected, Group, GroupLimits, GroupProfile, GroupRequest, GroupStatus, Refusal,
    Restricted, UserId, World,
};
use crate::operation::{Context, operations};

operations! {
    POST "/profile-manager/v1/groups" => groups_create_v1,
    DELETE "/profile-manager/v1/groups/deleteAll" => groups_delete_all_v1,
    GET "/profile-manager/v1/groups/type/{typeId}" => groups_type_v1,
    GET "/profile-manager/v1/groups/{groupId}" => groups_get_v1,
    PUT "/profile-manager/v1/groups/{groupId}" => groups_replace_v1,
    POST "/profile-manager/v1/groups/{groupId}/avatar" => groups_avatar_v1,
    POST "/profile-manager/v1/groups/{groupId}/member" => groups_member_v1,
    GET "/profile-manager/v1/types" => types_list_v1,
    GET "/profile-manager/v1/types/{typeId}" => types_get_v1,
}

/// Somebody whose access token was granted the scope `profile-manager`.
struct GroupManager(UserId);

/// `CreateGroup` and `UpdateGroup` of the profile manager's API. `subType` and `referrer` are of
/// company groups, which no operation makes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenGroup {
    /// Of a group that there is already.
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    owner_type: Option<String>,
    owner_id: Option<u32>,
    name: Option<String>,
    members: Option<Vec<WrittenMember>>,
    profile: Option<GroupProfile>,
    visibility_restriction: Option<Restricted>,
    implicit_connection: Option<Connected>,
    interaction_transfer: Option<Restricted>,
    status: Option<GroupStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenMember {
    member_tenant: Option<u32>,
    member_id: u64,
}

/// `addMember`.
#[derive(Deserialize)]
struct AddMember {
    member: WrittenMember,
}

/// `UploadAvatar`.
#[derive(Deserialize)]
struct UploadAvatar {
    image: String,
}

/// `ReadGroup`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadGroup {
    #[serde(rename = "type")]
    kind: &'static str,
    owner_type: &'static str,
    owner_id: u32,
    name: String,
    id: String,
    created_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
    updated_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_by: Option<String>,
    status: GroupStatus,
    e_tag: String,
    members: Vec<ReadMember>,
    profile: ReadProfile,
    #[serde(flatten)]
    limits: GroupLimits,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadMember {
    member_tenant: u32,
    member_id: u64,
    added_date: String,
}

#[derive(Serialize)]
struct ReadProfile {
    #[serde(flatten)]
    base: GroupProfile,
    id: String,
    avatars: Vec<AvatarInfo>,
}

/// `GroupList` and `TypeList`.
#[derive(Serialize)]
struct List<T> {
    pagination: Pagination,
    data: Vec<T>,
}

#[derive(Default, Serialize)]
struct Pagination {
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    cursors: Cursors,
}

/// Where the page begins and ends; absent where nothing is before it, or after it.
#[derive(Default, Serialize)]
struct Cursors {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// `BaseType`, and `Type` with its three controls.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupType {
    id: &'static str,
    owner_type: &'static str,
    name: &'static str,
    status: GroupStatus,
    #[serde(flatten)]
    controls: Option<Controls>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Controls {
    profile_control: serde_json::Value,
    membership_control: serde_json::Value,
    interaction_control: serde_json::Value,
}

/// A group with its `Etag`.
type Single = ([(HeaderName, String); 1], Json<ReadGroup>);

/// The only owners of groups that there are.
const TENANT: &str = "TENANT";

async fn groups_create_v1(
    pod: CurrentPod,
    GroupManager(me): GroupManager,
    JsonBody(written): JsonBody<WrittenGroup>,
) -> Result<(StatusCode, Single), Refusal> {
    let now = pod.clock.now();
    let mut world = pod.world();
    written.check_owner(&world, true)?;
    let wish = written.wish(None).0;
    let account = world.create_group(me, wish, now)?.account;
    let group = world.groups.by_account(account).ok_or(Refusal::Bug)?;
    Ok((StatusCode::CREATED, single(&world, group)))
}

async fn groups_get_v1(
    pod: CurrentPod,
    _: GroupManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Single, Refusal> {
    let world = pod.world();
    Ok(single(&world, world.group(&id)?))
}

async fn groups_replace_v1(
    pod: CurrentPod,
    GroupManager(me): GroupManager,
    headers: HeaderMap,
    PathParameter(id): PathParameter<String>,
    JsonBody(written): JsonBody<WrittenGroup>,
) -> Result<Single, Refusal> {
    let now = pod.clock.now();
    let e_tag = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let e_tag = e_tag.map(|value| value.trim().trim_start_matches("W/").trim_matches('"'));
    let missing = || malformed("the header If-Match is missing: the group's eTag");
    let e_tag = e_tag.filter(|e_tag| !e_tag.is_empty()).ok_or_else(missing)?;
    let mut world = pod.world();
    let (wish, status) = {
        let group = world.group(&id)?;
        // WDK sends the whole group back, its id among the rest.
        if let Some(written) = &written.id
            && world.groups.by_id(written).is_none_or(|other| other.account != group.account)
        {
            return Err(malformed(&format!("id: it is {written:?}, and the path's group is {id}")));
        }
        written.check_owner(&world, false)?;
        written.wish(Some(group))
    };
    let account = world.update_group(me, &id, e_tag, wish, status, now)?.account;
    let group = world.groups.by_account(account).ok_or(Refusal::Bug)?;
    Ok(single(&world, group))
}

async fn groups_member_v1(
    pod: CurrentPod,
    GroupManager(me): GroupManager,
    PathParameter(id): PathParameter<String>,
    JsonBody(body): JsonBody<AddMember>,
) -> Result<Single, Refusal> {
    let now = pod.clock.now();
    let mut world = pod.world();
    // The API file has no 404 here.
    world.group(&id).map_err(|_| malformed("there is no such group"))?;
    let account = world.add_group_member(me, &id, body.member.into(), now)?.account;
    let group = world.groups.by_account(account).ok_or(Refusal::Bug)?;
    Ok(single(&world, group))
}

async fn groups_avatar_v1(
    pod: CurrentPod,
    GroupManager(me): GroupManager,
    PathParameter(id): PathParameter<String>,
    JsonBody(body): JsonBody<UploadAvatar>,
) -> Result<Single, Refusal> {
    let now = pod.clock.now();
    let avatar = Avatar::from_base64(&body.image)?;
    let mut world = pod.world();
    let account = world.set_group_avatar(me, &id, avatar, now)?.account;
    let group = world.groups.by_account(account).ok_or(Refusal::Bug)?;
    Ok(single(&world, group))
}

async fn groups_type_v1(
    pod: CurrentPod,
    _: GroupManager,
    PathParameter(kind): PathParameter<String>,
    query: Parameters,
) -> Result<Json<List<ReadGroup>>, Refusal> {
    const MOST: usize = 100;
    if kind != Group::TYPE {
        return Err(Refusal::GroupTypeUnknown { id: kind });
    }
    let status = query.text("status");
    let status = match status.map(str::to_ascii_uppercase).as_deref() {
        None => None,
        Some("ACTIVE") => Some(GroupStatus::Active),
        Some("DELETED") => Some(GroupStatus::Deleted),
        Some(other) => return Err(malformed(&format!("status: {other} is no status"))),
    };
    let descending = match query.text("sortOrder").map(str::to_ascii_uppercase).as_deref() {
        None | Some("ASC") => false,
        Some("DESC") => true,
        Some(other) => {
            return Err(malformed(&format!("sortOrder: {other} is neither ASC nor DESC")));
        }
    };
    let limit = query.page(MOST, Most::Cut(MOST))?.limit;
    let after = query.number("after")?;
    let world = pod.world();
    let wanted = |group: &&Group| status.is_none_or(|status| group.status == status);
    let mut all: Vec<_> = world.groups.iter().filter(wanted).collect();
    all.sort_by_key(|group| (group.created, group.account));
    if descending {
        all.reverse();
    }
    let start = match after {
        Some(last) => {
            let place = all.iter().position(|group| group.account.as_u64() == last);
            place.ok_or_else(|| malformed("after: the cursor is none that the list gave"))? + 1
        }
        None => 0,
    };
    let page: Vec<_> = all.iter().skip(start).take(limit).copied().collect();
    let cursor = |group: Option<&&Group>| group.map(|group| group.account.to_string());
    let goes_on = start + page.len() < all.len();
    let cursors = Cursors {
        before: cursor(page.first()).filter(|_| start > 0),
        after: cursor(page.last()).filter(|_| goes_on),
    };
    let path = |name: &str, cursor: &Option<String>| {
        let cursor = cursor.as_ref()?;
        Some(format!("/profile-manager/v1/groups/type/{kind}?{name}={cursor}&limit={limit}"))
    };
    let pagination = Pagination {
        previous: path("before", &cursors.before),
        next: path("after", &cursors.after),
        cursors,
    };
    let data = page.into_iter().map(|group| ReadGroup::of(&world, group)).collect();
    Ok(Json(List { pagination, data }))
}

async fn groups_delete_all_v1(
    pod: CurrentPod,
    GroupManager(me): GroupManager,
) -> Result<Json<List<ReadGroup>>, Refusal> {
    pod.world().delete_all_groups(me, pod.clock.now())?;
    Ok(Json(List { pagination: Pagination::default(), data: Vec::new() }))
}

async fn types_list_v1(_: GroupManager) -> Json<List<GroupType>> {
    let data = vec![GroupType { controls: None, ..GroupType::sdl() }];
    Json(List { pagination: Pagination::default(), data })
}

async fn types_get_v1(
    _: GroupManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<GroupType>, Refusal> {
    match id == Group::TYPE {
        true => Ok(Json(GroupType::sdl())),
        false => Err(Refusal::GroupTypeUnknown { id }),
    }
}

fn single(world: &World, group: &Group) -> Single {
    ([(header::ETAG, group.e_tag.clone())], Json(ReadGroup::of(world, group)))
}

fn malformed(what: &str) -> Refusal {
    Refusal::Malformed { what: what.to_owned() }
}

impl FromRequestParts<Context> for GroupManager {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers).ok_or(Refusal::SessionTokenMissing)?;
        let session = context.pod.session_of_scope(token, "profile-manager")?;
        // The scope is granted to users alone.
        Ok(Self(session.principal.user().ok_or(Refusal::Bug)?))
    }
}

impl WrittenGroup {
    /// Groups belong to the pod, and are distribution lists. A change need not say so again.
    fn check_owner(&self, world: &World, is_new: bool) -> Result<(), Refusal> {
        let own = world.identity.id.0;
        let kind = self.kind.as_deref().or((!is_new).then_some(Group::TYPE));
        if kind != Some(Group::TYPE) {
            return Err(malformed("type must be SDL"));
        }
        let owner = self.owner_type.as_deref().or((!is_new).then_some(TENANT));
        if owner != Some(TENANT) {
            return Err(malformed("ownerType must be TENANT"));
        }
        if self.owner_id.or((!is_new).then_some(own)) != Some(own) {
            return Err(malformed(&format!("ownerId must be the pod's number, {own}")));
        }
        Ok(())
    }

    /// The group as it is to be. What a change leaves out stays as it is.
    fn wish(self, current: Option<&Group>) -> (GroupRequest, Option<GroupStatus>) {
        let held = |group: &Group| -> Vec<_> {
            group.members.iter().map(|member| (member.user, None)).collect()
        };
        let members = self.members.map(|all| all.into_iter().map(Into::into).collect());
        let limits = current.map(|group| group.limits.clone()).unwrap_or_default();
        let wish = GroupRequest {
            name: self.name.or(current.map(|group| group.name.clone())).unwrap_or_default(),
            members: members.or(current.map(held)).unwrap_or_default(),
            profile: self
                .profile
                .or(current.map(|group| group.profile.clone()))
                .unwrap_or_default(),
            limits: GroupLimits {
                visibility_restriction: self
                    .visibility_restriction
                    .or(limits.visibility_restriction),
                implicit_connection: self.implicit_connection.or(limits.implicit_connection),
                interaction_transfer: self.interaction_transfer.or(limits.interaction_transfer),
            },
        };
        (wish, self.status)
    }
}

impl From<WrittenMember> for (UserId, Option<u32>) {
    fn from(member: WrittenMember) -> Self {
        (UserId::from_wire(member.member_id), member.member_tenant)
    }
}

impl ReadGroup {
    fn of(world: &World, group: &Group) -> Self {
        let member = |member: &crate::domain::GroupMember| ReadMember {
            member_tenant: member.user.pod().0,
            member_id: member.user.as_u64(),
            added_date: member.added.iso(),
        };
        Self {
            kind: Group::TYPE,
            owner_type: TENANT,
            owner_id: world.identity.id.0,
            name: group.name.clone(),
            id: group.id.to_string(),
            created_date: group.created.iso(),
            created_by: group.created_by.map(|by| by.to_string()),
            updated_date: group.updated.iso(),
            updated_by: group.updated_by.map(|by| by.to_string()),
            status: group.status,
            e_tag: group.e_tag.clone(),
            members: group.members.iter().map(member).collect(),
            profile: ReadProfile {
                base: group.profile.clone(),
                id: group.account.to_string(),
                avatars: avatars(world.avatar_of(group.account), group.account),
            },
            limits: group.limits.clone(),
        }
    }
}

impl GroupType {
    /// What the texts of the API file's flags say of distribution lists.
    fn sdl() -> Self {
        use serde_json::json;
        Self {
            id: Group::TYPE,
            owner_type: TENANT,
            name: "Symphony Distribution List",
            status: GroupStatus::Active,
            controls: Some(Controls {
                profile_control: json!({
                    "visibilityRestriction": { "visible": true },
                    "implicitConnection": { "all": false },
                    "wallSupport": false,
                    "canHavePublicProfile": true,
                }),
                membership_control: json!({
                    "entitlements": ["CAN_CREATE_DISTRIBUTION_LIST"],
                    "manualMembership": true,
                    "canBelongToMultipleGroup": true,
                }),
                interaction_control: json!({
                    "allowIMs": false,
                    "allowRooms": true,
                    "interactionTransfer": { "target": "TO_MEMBERS" },
                    "canHaveInteraction": true,
                }),
            }),
        }
    }
}
