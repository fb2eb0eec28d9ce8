//! Disclaimers, which administrators write in their portal, and whose is whose.

use axum::Json;
use serde::Serialize;

use super::{StringId, UserProvisioner};
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::shapes::{Found, SuccessResponse};
use crate::domain::{Disclaimer, Refusal, UserId};
use crate::operation::operations;

operations! {
    GET "/pod/v1/admin/disclaimer/list" => admin_disclaimer_list_v1,
    GET "/pod/v1/admin/disclaimer/{did}" => admin_disclaimer_v1,
    GET "/pod/v1/admin/disclaimer/{did}/users" => admin_disclaimer_users_v1,
    GET "/pod/v1/admin/user/{uid}/disclaimer" => admin_user_disclaimer_list_v1,
    DELETE "/pod/v1/admin/user/{uid}/disclaimer" => admin_user_disclaimer_delete_v1,
    POST "/pod/v1/admin/user/{uid}/disclaimer/update" => admin_user_disclaimer_update_v1,
}

/// `Disclaimer` of the pod API. No recorded one has the `format` that it declares.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireDisclaimer {
    id: String,
    name: String,
    content: String,
    frequency_in_hours: u32,
    is_default: bool,
    is_active: bool,
    created_date: u64,
    modified_date: u64,
}

async fn admin_disclaimer_list_v1(
    pod: CurrentPod,
    _: UserProvisioner,
) -> Json<Vec<WireDisclaimer>> {
    Json(pod.world().disclaimers.iter().map(WireDisclaimer::from).collect())
}

async fn admin_disclaimer_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<WireDisclaimer>, Refusal> {
    Ok(Json(pod.world().disclaimer(&id)?.into()))
}

async fn admin_disclaimer_users_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<Vec<u64>>, Refusal> {
    let world = pod.world();
    let id = world.disclaimer(&id)?.id;
    Ok(Json(world.users_with_disclaimer(id).map(UserId::as_u64).collect()))
}

async fn admin_user_disclaimer_list_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(user): PathParameter<u64>,
) -> Result<Found<WireDisclaimer>, Refusal> {
    let world = pod.world();
    let disclaimer = world.disclaimer_of(UserId::from_wire(user))?;
    Ok(Found(disclaimer.map(WireDisclaimer::from)))
}

async fn admin_user_disclaimer_delete_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(user): PathParameter<u64>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let (user, now) = (UserId::from_wire(user), pod.clock.now());
    pod.world().administer_user(me, user, now, |world| world.set_disclaimer(user, None, now))?;
    Ok(SuccessResponse::text("OK"))
}

async fn admin_user_disclaimer_update_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(user): PathParameter<u64>,
    JsonBody(StringId { id }): JsonBody<StringId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let mut world = pod.world();
    let id = world.disclaimer(&id)?.id;
    let (user, now) = (UserId::from_wire(user), pod.clock.now());
    world.administer_user(me, user, now, |world| world.set_disclaimer(user, Some(id), now))?;
    Ok(SuccessResponse::text("OK"))
}

impl From<&Disclaimer> for WireDisclaimer {
    fn from(disclaimer: &Disclaimer) -> Self {
        Self {
            id: disclaimer.id.to_string(),
            name: disclaimer.name.clone(),
            content: disclaimer.content.to_string(),
            frequency_in_hours: disclaimer.frequency_in_hours,
            is_default: disclaimer.is_default,
            is_active: disclaimer.is_active,
            created_date: disclaimer.created.as_millis(),
            modified_date: disclaimer.modified.as_millis(),
        }
    }
}
