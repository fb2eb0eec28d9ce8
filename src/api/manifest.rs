//! A bot's manifest: the commands that clients offer its users.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, Session};
use super::shapes::SuccessResponse;
use crate::domain::Refusal;
use crate::operation::operations;

operations! {
    GET "/pod/v1/user/manifest/own" => user_manifest_own_list_v1,
    POST "/pod/v1/user/manifest/own" => user_manifest_own_create_v1,
}

/// `ServiceAccountManifest` of the pod API. Where there is none it is an empty text:
/// symphony-bdk-python 3.0.0 reads neither null nor an answer without it.
#[derive(Serialize, Deserialize)]
struct ServiceAccountManifest {
    manifest: String,
}

async fn user_manifest_own_list_v1(
    pod: CurrentPod,
    me: Session,
) -> Result<Json<ServiceAccountManifest>, Refusal> {
    let manifest = pod.world().bot_manifest(me.user()?)?.to_owned();
    Ok(Json(ServiceAccountManifest { manifest }))
}

async fn user_manifest_own_create_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(body): JsonBody<ServiceAccountManifest>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.world().set_bot_manifest(me.user()?, body.manifest)?;
    Ok(SuccessResponse::text("OK"))
}
