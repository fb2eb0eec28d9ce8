//! Groups (distribution lists) as the users API tells of them.

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;

use super::extract::{CurrentPod, PathParameter, Session};
use super::parameters::{Most, Parameters};
use crate::domain::{Group, GroupMember, Refusal, UserId, World, avatar_urls};
use crate::operation::operations;

operations! {
    GET "/v1/groups/sdl/list" => groups_sdl_list_v1,
    GET "/v1/groups/sdl/{groupId}" => groups_sdl_v1,
}

/// `GroupResponse` of the users API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupResponse {
    group_id: u64,
    name: String,
    username: String,
    #[serde(rename = "type")]
    kind: &'static str,
    active: bool,
    display_name: String,
    company_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    members: Vec<Member>,
    restricted_tenants: Vec<u32>,
    /// By their sizes.
    avatars: BTreeMap<&'static str, String>,
    e_tag: String,
    created_date: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<String>,
    updated_date: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_by: Option<String>,
    market_coverage: Vec<String>,
    instrument: Vec<String>,
    responsibility: Vec<String>,
    function: Vec<String>,
}

/// `GroupMember` of the users API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    user_id: u64,
    tenant_id: u32,
    added_date: u64,
}

/// Everybody may look: the API file names no role.
async fn groups_sdl_list_v1(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
) -> Result<Json<Vec<GroupResponse>>, Refusal> {
    const DEFAULT: usize = 50;
    const MOST: usize = 100;
    me.user()?;
    let limit = query.page(DEFAULT, Most::Refused(MOST))?.limit;
    let last = query.number("lastGroupId")?.unwrap_or(0);
    let world = pod.world();
    let rest = world.groups.iter().filter(|group| group.account.as_u64() > last);
    let page = rest.take(limit);
    Ok(Json(page.map(|group| GroupResponse::of(&world, group)).collect()))
}

async fn groups_sdl_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<u64>,
) -> Result<Json<GroupResponse>, Refusal> {
    me.user()?;
    let world = pod.world();
    let group = world.groups.by_account(UserId::from_wire(id));
    let group = group.ok_or_else(|| Refusal::GroupUnknown { id: id.to_string() })?;
    Ok(Json(GroupResponse::of(&world, group)))
}

impl GroupResponse {
    fn of(world: &World, group: &Group) -> Self {
        let account = world.users.by_id(group.account);
        let profile = &group.profile;
        let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        let member = |GroupMember { user, added }: &GroupMember| Member {
            user_id: user.as_u64(),
            tenant_id: user.pod().0,
            added_date: added.as_millis(),
        };
        let restricted = group.limits.visibility_restriction.as_ref();
        let restricted = restricted.and_then(|it| it.restricted_tenants_list.clone());
        let avatar = world.avatar_of(group.account);
        let avatars = avatar.map(|avatar| avatar_urls(Some(avatar), group.account));
        Self {
            group_id: group.account.as_u64(),
            name: group.name.clone(),
            username: account.map(|account| account.username.clone()).unwrap_or_default(),
            kind: Group::TYPE,
            active: group.is_active(),
            display_name: group.display_name().to_owned(),
            company_name: account.map(|account| account.company.clone()).unwrap_or_default(),
            email: profile.email.clone(),
            members: group.members.iter().map(member).collect(),
            restricted_tenants: restricted.unwrap_or_default(),
            avatars: avatars.into_iter().flatten().collect(),
            e_tag: group.e_tag.clone(),
            created_date: group.created.as_millis(),
            created_by: group.created_by.map(|by| by.to_string()),
            updated_date: group.updated.as_millis(),
            updated_by: group.updated_by.map(|by| by.to_string()),
            market_coverage: list(&profile.market_coverage),
            instrument: list(&profile.instrument),
            responsibility: list(&profile.responsibility),
            function: list(&profile.function),
        }
    }
}
