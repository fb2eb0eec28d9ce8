//! Information barriers: whom they are about. What they are administrators decide in their portal.

use axum::Json;
use serde::Serialize;

use super::UserProvisioner;
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::parameters::{Most, Parameters};
use crate::domain::{
    BarrierGroup, BarrierMembershipChange, BarrierMembershipFault, BarrierPolicy,
    BarrierPolicyType, Barriers, Refusal, UserId,
};
use crate::operation::operations;

operations! {
    GET "/pod/v1/admin/group/list" => admin_group_list_v1,
    GET "/pod/v1/admin/group/{gid}/membership/list" => admin_group_membership_list_v1,
    POST "/pod/v1/admin/group/{gid}/membership/add" => admin_group_membership_add_v1,
    POST "/pod/v1/admin/group/{gid}/membership/remove" => admin_group_membership_remove_v1,
    GET "/pod/v1/admin/policy/list" => admin_policy_list_v1,
}

/// `Group` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireGroup {
    id: String,
    name: String,
    active: bool,
    member_count: usize,
    policies: Vec<String>,
    created_date: u64,
    modified_date: u64,
}

/// `Policy` of the pod API. No recorded one has the `memberCount` that it declares.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WirePolicy {
    id: String,
    policy_type: BarrierPolicyType,
    active: bool,
    groups: [String; 2],
    created_date: u64,
    modified_date: u64,
}

/// `BulkActionResult` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BulkActionResult {
    overall_result: &'static str,
    /// In the order of the request; empty for what is done.
    results: Vec<&'static str>,
}

/// Groups without a policy are not told of ("List IB Groups" of the REST API documentation).
async fn admin_group_list_v1(pod: CurrentPod, _: UserProvisioner) -> Json<Vec<WireGroup>> {
    let world = pod.world();
    let groups = world.barriers.groups().map(|group| WireGroup::of(&world.barriers, group));
    Json(groups.filter(|group| !group.policies.is_empty()).collect())
}

async fn admin_group_membership_list_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<Vec<u64>>, Refusal> {
    const MOST: usize = 10_000;
    let page = query.page(MOST, Most::Refused(MOST))?;
    let world = pod.world();
    let group =
        world.barrier_group(&id).map_err(|_| Refusal::BarrierGroupUnknown { id, listed: true })?;
    Ok(Json(page.of(group.members.iter()).map(|user| user.as_u64()).collect()))
}

async fn admin_group_membership_add_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): PathParameter<String>,
    JsonBody(users): JsonBody<Vec<u64>>,
) -> Result<Json<BulkActionResult>, Refusal> {
    change_members(&pod, me, &id, BarrierMembershipChange::Add, users)
}

async fn admin_group_membership_remove_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): PathParameter<String>,
    JsonBody(users): JsonBody<Vec<u64>>,
) -> Result<Json<BulkActionResult>, Refusal> {
    change_members(&pod, me, &id, BarrierMembershipChange::Remove, users)
}

fn change_members(
    pod: &CurrentPod,
    by: UserId,
    group: &str,
    change: BarrierMembershipChange,
    users: Vec<u64>,
) -> Result<Json<BulkActionResult>, Refusal> {
    let users: Vec<_> = users.into_iter().map(UserId::from_wire).collect();
    let now = pod.clock.now();
    let done = pod.world().change_barrier_members(by, group, change, &users, now)?;
    Ok(Json(done.into()))
}

async fn admin_policy_list_v1(pod: CurrentPod, _: UserProvisioner) -> Json<Vec<WirePolicy>> {
    Json(pod.world().barriers.policies().map(WirePolicy::from).collect())
}

impl WireGroup {
    fn of(barriers: &Barriers, group: &BarrierGroup) -> Self {
        Self {
            id: group.id.to_string(),
            name: group.name.clone(),
            active: group.active,
            member_count: group.members.len(),
            policies: barriers.policies_of(group.id).map(|it| it.id.to_string()).collect(),
            created_date: group.created.as_millis(),
            modified_date: group.modified.as_millis(),
        }
    }
}

impl From<&BarrierPolicy> for WirePolicy {
    fn from(policy: &BarrierPolicy) -> Self {
        Self {
            id: policy.id.to_string(),
            policy_type: policy.kind,
            active: policy.active,
            groups: policy.groups.map(|group| group.to_string()),
            created_date: policy.created.as_millis(),
            modified_date: policy.modified.as_millis(),
        }
    }
}

impl From<Vec<Option<BarrierMembershipFault>>> for BulkActionResult {
    fn from(done: Vec<Option<BarrierMembershipFault>>) -> Self {
        let failed = done.iter().any(Option::is_some);
        Self {
            overall_result: if failed { "FAIL" } else { "SUCCESS" },
            results: done.iter().map(|fault| fault.map_or("", |it| it.message())).collect(),
        }
    }
}
