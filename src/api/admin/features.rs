//! Feature entitlements: what an administrator may take from a user.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::UserProvisioner;
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::shapes::SuccessResponse;
use crate::domain::{Feature, Features, Refusal, UserId};
use crate::operation::operations;

operations! {
    GET "/pod/v1/admin/system/features/list" => admin_system_features_list_v1,
    GET "/pod/v1/admin/user/{uid}/features" => admin_user_features_v1,
    POST "/pod/v1/admin/user/{uid}/features/update" => admin_user_features_update_v1,
}

/// `Feature` of the pod API, misspelt as it is there.
#[derive(Serialize)]
pub(super) struct WireFeature {
    entitlment: &'static str,
    enabled: bool,
}

/// The same as a request has it.
#[derive(Deserialize)]
struct FeatureChange {
    entitlment: String,
    enabled: bool,
}

async fn admin_system_features_list_v1(_: UserProvisioner) -> Json<Vec<&'static str>> {
    Json(Feature::ALL.iter().map(|feature| feature.as_str()).collect())
}

async fn admin_user_features_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(id): PathParameter<u64>,
) -> Result<Json<Vec<WireFeature>>, Refusal> {
    let world = pod.world();
    Ok(Json(wire_features(&world.own_user(UserId::from_wire(id))?.features)))
}

async fn admin_user_features_update_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): PathParameter<u64>,
    JsonBody(changes): JsonBody<Vec<FeatureChange>>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let changes = changes.iter().map(FeatureChange::parse).collect::<Result<Vec<_>, _>>()?;
    let (id, now) = (UserId::from_wire(id), pod.clock.now());
    pod.world().administer_user(me, id, now, |world| world.set_features(id, &changes, now))?;
    Ok(SuccessResponse::text("OK"))
}

impl FeatureChange {
    fn parse(&self) -> Result<(Feature, bool), Refusal> {
        Ok((Feature::from_wire(&self.entitlment)?, self.enabled))
    }
}

/// All features of the pod, and which of them the user has.
pub(super) fn wire_features(features: &Features) -> Vec<WireFeature> {
    let wire =
        |(feature, enabled): (Feature, bool)| WireFeature { entitlment: feature.as_str(), enabled };
    features.iter().map(wire).collect()
}
