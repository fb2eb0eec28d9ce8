//! Roles: which there are, and who has them.

use axum::Json;
use serde::Serialize;

use super::{StringId, UserProvisioner};
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::shapes::SuccessResponse;
use crate::domain::{AccountType, ROLES, Refusal, Role, UserId};
use crate::operation::operations;

operations! {
    GET "/pod/v1/admin/system/roles/list" => admin_system_roles_list_v1,
    POST "/pod/v1/admin/user/{uid}/roles/add" => admin_user_roles_add_v1,
    POST "/pod/v1/admin/user/{uid}/roles/remove" => admin_user_roles_remove_v1,
}

/// `RoleDetail` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleDetail {
    id: &'static str,
    name: &'static str,
    user_types: &'static [AccountType],
    optional_actions: &'static [&'static str],
}

async fn admin_system_roles_list_v1(_: UserProvisioner) -> Json<Vec<RoleDetail>> {
    Json(ROLES.iter().map(RoleDetail::from).collect())
}

async fn admin_user_roles_add_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(id): PathParameter<u64>,
    JsonBody(role): JsonBody<StringId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.world().add_role(UserId::from_wire(id), &role.id, pod.clock.now())?;
    Ok(SuccessResponse::text("Role added"))
}

async fn admin_user_roles_remove_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(id): PathParameter<u64>,
    JsonBody(role): JsonBody<StringId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.world().remove_role(UserId::from_wire(id), &role.id, pod.clock.now())?;
    Ok(SuccessResponse::text("Role removed"))
}

impl From<&Role> for RoleDetail {
    fn from(role: &Role) -> Self {
        Self {
            id: role.id,
            name: role.name,
            user_types: role.account_types,
            optional_actions: role.optional_actions,
        }
    }
}
