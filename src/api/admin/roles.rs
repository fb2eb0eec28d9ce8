//! Roles: which there are, and who has them.

use axum::Json;
use serde::Serialize;

use super::{StringId, UserProvisioner};
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::shapes::SuccessResponse;
use crate::domain::{AccountType, EVERYBODY, ROLES, Refusal, Role, Settings, UserId};
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
    id: String,
    name: String,
    user_types: &'static [AccountType],
    optional_actions: &'static [&'static str],
}

async fn admin_system_roles_list_v1(pod: CurrentPod, _: UserProvisioner) -> Json<Vec<RoleDetail>> {
    let world = pod.world();
    let settings = &world.settings;
    let others = settings.other_roles.iter().map(|id| RoleDetail::other(id));
    Json(ROLES.iter().map(|role| RoleDetail::of(role, settings)).chain(others).collect())
}

async fn admin_user_roles_add_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): PathParameter<u64>,
    JsonBody(role): JsonBody<StringId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let (id, now) = (UserId::from_wire(id), pod.clock.now());
    pod.world().administer_user(me, id, now, |world| world.add_role(id, &role.id, now))?;
    Ok(SuccessResponse::text("Role added"))
}

async fn admin_user_roles_remove_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): PathParameter<u64>,
    JsonBody(role): JsonBody<StringId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let (id, now) = (UserId::from_wire(id), pod.clock.now());
    pod.world().administer_user(me, id, now, |world| world.remove_role(id, &role.id, now))?;
    Ok(SuccessResponse::text("Role removed"))
}

impl RoleDetail {
    fn of(role: &Role, settings: &Settings) -> Self {
        Self {
            id: role.id_by(settings).to_owned(),
            name: role.name.to_owned(),
            user_types: role.account_types,
            optional_actions: role.optional_actions,
        }
    }

    fn other(id: &str) -> Self {
        let (id, name) = (id.to_owned(), id.to_owned());
        Self { id, name, user_types: EVERYBODY, optional_actions: &[] }
    }
}
