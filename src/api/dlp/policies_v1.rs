//! Policies as version 1 of the API has them: one list of dictionaries and one action for all.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::{ListPage, PolicyManager, WireDictionaryRef};
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::parameters::Parameters;
use crate::domain::{
    Dlp, DlpAction, DlpDataType, DlpPolicy, DlpPolicyContent, DlpPolicyPart, DlpPolicyRequest,
    DlpScope, Refusal, Timestamp, UserId,
};
use crate::operation::operations;

operations! {
    GET "/agent/v1/dlp/policies" => dlp_policies_list_v1,
    POST "/agent/v1/dlp/policies" => dlp_policies_create_v1,
    DELETE "/agent/v1/dlp/policies/{policyId}" => dlp_policies_delete_v1,
    GET "/agent/v1/dlp/policies/{policyId}" => dlp_policies_get_v1,
    PUT "/agent/v1/dlp/policies/{policyId}" => dlp_policies_replace_v1,
    POST "/agent/v1/dlp/policies/{policyId}/disable" => dlp_policies_disable_v1,
    POST "/agent/v1/dlp/policies/{policyId}/enable" => dlp_policies_enable_v1,
}

/// `V1DLPPolicyRequest` of the agent API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct V1PolicyRequest {
    content_types: Option<Vec<ContentType>>,
    dictionary_ids: Option<Vec<String>>,
    name: String,
    scopes: Vec<DlpScope>,
    #[serde(rename = "type")]
    action: V1Action,
}

/// The data types that version 1 knows.
#[derive(Deserialize)]
enum ContentType {
    Messages,
    RoomMeta,
    SignalMeta,
}

impl ContentType {
    const COUNT: usize = 3;
}

/// The actions that version 1 knows.
#[derive(Deserialize)]
enum V1Action {
    Block,
    Warn,
}

/// `V1DLPPolicy` of the agent API. A policy that version 3 made may be of data types and of an action
/// that version 1 does not know: it shows the action of the first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V1Policy {
    active: bool,
    content_types: Vec<DlpDataType>,
    creation_date: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator_id: Option<String>,
    dictionary_refs: Vec<WireDictionaryRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_disabled_date: Option<u64>,
    last_updated_date: u64,
    name: String,
    policy_id: String,
    scopes: Vec<DlpScope>,
    #[serde(rename = "type")]
    action: DlpAction,
    version: String,
}

/// `V1DLPPolicyResponse` of the agent API.
#[derive(Serialize)]
struct V1PolicyResponse {
    data: V1Policy,
}

/// `V1DLPPoliciesCollectionResponse` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V1PolicyCollection {
    policies: Vec<V1Policy>,
    page: usize,
    page_count: usize,
}

async fn dlp_policies_list_v1(
    pod: CurrentPod,
    _: PolicyManager,
    query: Parameters,
) -> Result<Json<V1PolicyCollection>, Refusal> {
    let world = pod.world();
    let page = ListPage::of(&query, world.dlp.policies().len())?;
    let policies = page.part.of(world.dlp.policies()).map(V1Policy::latest).collect();
    Ok(Json(V1PolicyCollection { policies, page: page.number, page_count: page.count }))
}

async fn dlp_policies_create_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    JsonBody(request): JsonBody<V1PolicyRequest>,
) -> Result<Json<V1PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    let mut world = pod.world();
    let wish = request.resolve(&world.dlp)?;
    Ok(answer(world.create_policy(me, wish, DlpPolicy::FIRST_V1, now)?))
}

async fn dlp_policies_get_v1(
    pod: CurrentPod,
    _: PolicyManager,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<V1PolicyResponse>, Refusal> {
    let world = pod.world();
    let policy = world.dlp_policy(&id)?;
    let content = policy.version(query.text("policyVersion"))?;
    Ok(Json(V1PolicyResponse { data: V1Policy::new(policy, content) }))
}

async fn dlp_policies_replace_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
    JsonBody(request): JsonBody<V1PolicyRequest>,
) -> Result<Json<V1PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    let mut world = pod.world();
    let wish = request.resolve(&world.dlp)?;
    Ok(answer(world.update_policy(me, &id, wish, now)?))
}

async fn dlp_policies_delete_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V1PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    Ok(answer(&pod.world().delete_policy(me, &id, now)?))
}

async fn dlp_policies_enable_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V1PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    Ok(answer(pod.world().enforce_policy(me, &id, true, now)?))
}

async fn dlp_policies_disable_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<V1PolicyResponse>, Refusal> {
    let now = pod.clock.now();
    Ok(answer(pod.world().enforce_policy(me, &id, false, now)?))
}

fn answer(policy: &DlpPolicy) -> Json<V1PolicyResponse> {
    Json(V1PolicyResponse { data: V1Policy::latest(policy) })
}

impl V1PolicyRequest {
    fn resolve(self, dlp: &Dlp) -> Result<DlpPolicyRequest, Refusal> {
        let ids = self.dictionary_ids.unwrap_or_default();
        let dictionaries = dlp.dictionary_refs(ids.iter().map(String::as_str))?;
        let action = match self.action {
            V1Action::Block => DlpAction::Block,
            V1Action::Warn => DlpAction::Warn,
        };
        let types = self.content_types.unwrap_or_else(|| vec![ContentType::Messages]);
        if types.len() > ContentType::COUNT {
            let what = format!("contentTypes has {} types, expected each once", types.len());
            return Err(Refusal::Malformed { what });
        }
        let part = |data_type| {
            let data_type = match data_type {
                ContentType::Messages => DlpDataType::Messages,
                ContentType::RoomMeta => DlpDataType::RoomMeta,
                ContentType::SignalMeta => DlpDataType::SignalMeta,
            };
            DlpPolicyPart::of_terms(data_type, action, dictionaries.clone())
        };
        let parts = types.into_iter().map(part).collect();
        Ok(DlpPolicyRequest { name: self.name, scopes: self.scopes, parts })
    }
}

impl V1Policy {
    fn latest(policy: &DlpPolicy) -> Self {
        Self::new(policy, policy.latest())
    }

    fn new(policy: &DlpPolicy, content: &DlpPolicyContent) -> Self {
        let action = content.parts.first().map(|part| part.action);
        Self {
            active: policy.active,
            content_types: content.parts.iter().map(|part| part.data_type).collect(),
            creation_date: policy.created.as_millis(),
            creator_id: policy.creator.as_ref().map(UserId::to_string),
            dictionary_refs: content.dictionaries().into_iter().map(Into::into).collect(),
            last_disabled_date: policy.last_disabled.map(Timestamp::as_millis),
            last_updated_date: content.updated.as_millis(),
            name: content.name.clone(),
            policy_id: policy.id.to_string(),
            scopes: content.scopes.iter().copied().collect(),
            action: action.unwrap_or_default(),
            version: content.version.to_string(),
        }
    }
}
