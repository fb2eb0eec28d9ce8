//! How the pod's people log in: the configuration of single sign-on.

use axum::Json;
use serde::Deserialize;

use crate::api::extract::{BaseUrl, CurrentPod, JsonBody, Session};
use crate::api::shapes::SuccessResponse;
use crate::domain::{Refusal, SsoConfiguration};
use crate::operation::operations;

operations! {
    GET "/pod/v1/admin/sso/configuration" => admin_sso_configuration_list_v1,
    POST "/pod/v1/admin/sso/configuration" => admin_sso_configuration_create_v1,
    PATCH "/pod/v1/admin/sso/configuration" => admin_sso_configuration_patch_v1,
}

/// `SsoConfiguration` of the pod API. What it does not know is passed over, and null is nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenConfiguration {
    sso_enabled: Option<bool>,
    idp_entity_id: Option<String>,
    idp_sso_endpoint: Option<String>,
    idp_signing_certificate: Option<String>,
    symphony_acs_url: Option<String>,
    symphony_entity_id: Option<String>,
    force_authn: Option<bool>,
}

/// Before anything was configured it is what follows from the pod's base URL, as the API file says.
async fn admin_sso_configuration_list_v1(
    pod: CurrentPod,
    me: Session,
    BaseUrl(base_url): BaseUrl,
) -> Result<Json<SsoConfiguration>, Refusal> {
    let world = pod.world();
    world.check_configures_sso(me.user()?)?;
    Ok(Json(world.sso.clone().unwrap_or_default().completed(&base_url)))
}

async fn admin_sso_configuration_create_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(new): JsonBody<WrittenConfiguration>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.world().configure_sso(me.user()?, new.into(), pod.clock.now())?;
    Ok(SuccessResponse::text("Success"))
}

async fn admin_sso_configuration_patch_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(change): JsonBody<WrittenConfiguration>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let mut world = pod.world();
    let new = world.sso.clone().unwrap_or_default().changed(change.into());
    world.configure_sso(me.user()?, new, pod.clock.now())?;
    Ok(SuccessResponse::text("Success"))
}

impl From<WrittenConfiguration> for SsoConfiguration {
    fn from(written: WrittenConfiguration) -> Self {
        Self {
            sso_enabled: written.sso_enabled,
            idp_entity_id: written.idp_entity_id,
            idp_sso_endpoint: written.idp_sso_endpoint,
            idp_signing_certificate: written.idp_signing_certificate,
            symphony_acs_url: written.symphony_acs_url,
            symphony_entity_id: written.symphony_entity_id,
            force_authn: written.force_authn,
        }
    }
}
