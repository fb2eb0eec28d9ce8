//! Delegates: who may act for whom in Symphony's clients.

use axum::Json;
use serde::Deserialize;

use super::UserProvisioner;
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::shapes::SuccessResponse;
use crate::domain::{Refusal, UserId};
use crate::operation::operations;

operations! {
    GET "/pod/v1/admin/user/{uid}/delegates" => admin_user_delegates_v1,
    POST "/pod/v1/admin/user/{uid}/delegates/update" => admin_user_delegates_update_v1,
}

/// `DelegateAction` of the pod API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DelegateAction {
    user_id: u64,
    action: Action,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
enum Action {
    Add,
    Remove,
}

async fn admin_user_delegates_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(user): PathParameter<u64>,
) -> Result<Json<Vec<u64>>, Refusal> {
    let world = pod.world();
    let user = world.own_user(UserId::from_wire(user))?;
    Ok(Json(user.delegates.iter().map(|delegate| delegate.as_u64()).collect()))
}

async fn admin_user_delegates_update_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(user): PathParameter<u64>,
    JsonBody(DelegateAction { user_id, action }): JsonBody<DelegateAction>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let (owner, delegate) = (UserId::from_wire(user), UserId::from_wire(user_id));
    let on = action == Action::Add;
    let now = pod.clock.now();
    pod.world()
        .administer_user(me, owner, now, |world| world.set_delegate(owner, delegate, on, now))?;
    let done = if on { "Added" } else { "Removed" };
    Ok(SuccessResponse::text(format!("{done} delegate [{delegate}] for account [{owner}]")))
}
