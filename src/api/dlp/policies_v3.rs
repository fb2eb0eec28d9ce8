//! Policies as version 3 of the API has them: rules and an action for each type of data.

use axum::Json;
use serde::Serialize;

use super::rules::AppliesTo;
use super::{ListPage, PolicyManager};
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::parameters::Parameters;
use crate::domain::{
    DlpPolicy, DlpPolicyContent, DlpPolicyRequest, DlpScope, Refusal, Timestamp, UserId, World,
};
use crate::operation::operations;

operations! {
    GET "/agent/v3/dlp/policies" => dlp_policies_list_v3,
    POST "/agent/v3/dlp/policies" => dlp_policies_create_v3,
    GET "/agent/v3/dlp/policies/{policyId}" => dlp_policies_get_v3,
    POST "/agent/v3/dlp/policies/{policyId}/delete" => dlp_policies_delete_v3,
    POST "/agent/v3/dlp/policies/{policyId}/disable" => dlp_policies_disable_v3,
    POST "/agent/v3/dlp/policies/{policyId}/enable" => dlp_policies_enable_v3,
    POST "/agent/v3/dlp/policies/{policyId}/update" => dlp_policies_update_v3,
}

/// `V3DLPPolicyRequest` of the agent API.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct V3PolicyRequest {
    name: String,
    scopes: Vec<DlpScope>,
    applies_to: Vec<AppliesTo>,
}

/// `V3DLPPolicy` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V3Policy {
    id: String,
    policy_id: String,
    version: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator_id: Option<u64>,
    scopes: Vec<DlpScope>,
    applies_to: Vec<AppliesTo>,
    active: bool,
    deleted: bool,
    creation_date: u64,
    last_updated_date: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_disabled_date: Option<u64>,
    /// Real pods have policies that nobody wrote; this one has none.
    system_policy: bool,
}

/// `V3DLPPolicyResponse` of the agent API.
#[derive(Serialize)]
struct V3PolicyResponse {
    data: V3Policy,
}

/// `V3DLPPoliciesCollectionResponse` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V3PolicyCollection {
    policies: Vec<V3Policy>,
    page: usize,
    size: usize,
    page_count: usize,
}

async fn dlp_policies_list_v3(
    pod: CurrentPod,
    _: PolicyManager,
    query: Parameters,
) -> Result<Json<V3PolicyCollection>, Refusal> {
    let world = pod.world();
    let page = ListPage::of(&query, world.dlp.policies().len())?;
    let policies: Vec<_> = page.part.of(world.dlp.policies()).map(V3Policy::latest).collect();
    let size = policies.len();
    Ok(Json(V3PolicyCollection { policies, page: page.number, size, page_count: page.count }))
}

async fn dlp_policies_create_v3(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    JsonBody(request): JsonBody<V3PolicyRequest>,
) -> Result<Json<V3PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    let mut world = pod.world();
    let wish = request.resolve(&world)?;
    Ok(answer(world.create_policy(me, wish, DlpPolicy::FIRST_V3, now)?))
}

async fn dlp_policies_get_v3(
    pod: CurrentPod,
    _: PolicyManager,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<V3PolicyResponse>, Refusal> {
    let world = pod.world();
    let policy = world.dlp_policy(&id)?;
    let content = policy.version(query.text("policyVersion"))?;
    Ok(Json(V3PolicyResponse { data: V3Policy::new(policy, content) }))
}

async fn dlp_policies_update_v3(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
    JsonBody(request): JsonBody<V3PolicyRequest>,
) -> Result<Json<V3PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    let mut world = pod.world();
    let wish = request.resolve(&world)?;
    Ok(answer(world.update_policy(me, &id, wish, now)?))
}

async fn dlp_policies_delete_v3(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V3PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    let deleted = pod.world().delete_policy(me, &id, now)?;
    let data = V3Policy { deleted: true, ..V3Policy::latest(&deleted) };
    Ok(Json(V3PolicyResponse { data }))
}

async fn dlp_policies_enable_v3(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V3PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    Ok(answer(pod.world().enforce_policy(me, &id, true, now)?))
}

async fn dlp_policies_disable_v3(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V3PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    Ok(answer(pod.world().enforce_policy(me, &id, false, now)?))
}

fn answer(policy: &DlpPolicy) -> Json<V3PolicyResponse> {
    Json(V3PolicyResponse { data: V3Policy::latest(policy) })
}

impl V3PolicyRequest {
    fn resolve(self, world: &World) -> Result<DlpPolicyRequest, Refusal> {
        let parts = self.applies_to.into_iter().map(|part| part.resolve(&world.dlp));
        let parts = parts.collect::<Result<_, _>>()?;
        Ok(DlpPolicyRequest { name: self.name, scopes: self.scopes, parts })
    }
}

impl V3Policy {
    fn latest(policy: &DlpPolicy) -> Self {
        Self::new(policy, policy.latest())
    }

    fn new(policy: &DlpPolicy, content: &DlpPolicyContent) -> Self {
        Self {
            id: policy.id.to_string(),
            policy_id: policy.id.to_string(),
            version: content.version.to_string(),
            name: content.name.clone(),
            creator_id: policy.creator.map(UserId::as_u64),
            scopes: content.scopes.iter().copied().collect(),
            applies_to: content.parts.iter().map(AppliesTo::from).collect(),
            active: policy.active,
            deleted: false,
            creation_date: policy.created.as_millis(),
            last_updated_date: content.updated.as_millis(),
            last_disabled_date: policy.last_disabled.map(Timestamp::as_millis),
            system_policy: false,
        }
    }
}
