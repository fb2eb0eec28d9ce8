//! App entitlements: which apps the company has, and which of them a user.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::UserProvisioner;
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::domain::{
    App, Override, PodEntitlement, Product, ProductChange, Refusal, UserEntitlement, UserId, World,
};
use crate::operation::operations;

operations! {
    GET "/pod/v1/admin/app/entitlement/list" => admin_app_entitlement_list_list_v1,
    POST "/pod/v1/admin/app/entitlement/list" => admin_app_entitlement_list_create_v1,
    GET "/pod/v1/admin/user/{uid}/app/entitlement/list" => admin_user_app_entitlement_list_list_v1,
    POST "/pod/v1/admin/user/{uid}/app/entitlement/list" => admin_user_app_entitlement_list_create_v1,
    PATCH "/pod/v1/admin/user/{uid}/app/entitlement/list" => admin_user_app_entitlement_list_patch_v1,
}

/// `PodAppEntitlement` of the pod API. All of it is required, in requests too.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodAppEntitlement {
    app_id: String,
    app_name: String,
    enable: bool,
    listed: bool,
    install: bool,
}

/// `UserAppEntitlement` of the pod API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserAppEntitlement {
    app_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_name: Option<String>,
    listed: bool,
    install: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    products: Option<Vec<Product>>,
}

/// `UserAppEntitlementPatch` of the pod API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserAppEntitlementPatch {
    app_id: String,
    #[serde(default)]
    listed: Patch,
    #[serde(default)]
    install: Patch,
    product: Option<Product>,
}

/// Spelt as the API spells it.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Patch {
    True,
    False,
    #[default]
    Keep,
    /// Back to what the company says.
    Remove,
}

type OfPod = Result<Json<Vec<PodAppEntitlement>>, Refusal>;
type OfUser = Result<Json<Vec<UserAppEntitlement>>, Refusal>;

async fn admin_app_entitlement_list_list_v1(pod: CurrentPod, _: UserProvisioner) -> OfPod {
    Ok(of_pod(&pod.world()))
}

/// Apps that the request does not name keep what they have.
async fn admin_app_entitlement_list_create_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    JsonBody(body): JsonBody<Vec<PodAppEntitlement>>,
) -> OfPod {
    let entitlements: Vec<_> = body.into_iter().map(PodEntitlement::from).collect();
    let mut world = pod.world();
    world.entitle_pod(&entitlements, me, pod.clock.now())?;
    Ok(of_pod(&world))
}

async fn admin_user_app_entitlement_list_list_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(user): PathParameter<u64>,
) -> OfUser {
    of_user(&pod.world(), UserId::from_wire(user))
}

/// Apps that the request does not name keep what they have.
async fn admin_user_app_entitlement_list_create_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(user): PathParameter<u64>,
    JsonBody(body): JsonBody<Vec<UserAppEntitlement>>,
) -> OfUser {
    let user = UserId::from_wire(user);
    let mut world = pod.world();
    let entitlements = body.into_iter().map(UserEntitlement::from).collect();
    world.entitle_user(user, entitlements, me, pod.clock.now())?;
    of_user(&world, user)
}

async fn admin_user_app_entitlement_list_patch_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(user): PathParameter<u64>,
    JsonBody(body): JsonBody<Vec<UserAppEntitlementPatch>>,
) -> OfUser {
    let user = UserId::from_wire(user);
    let mut world = pod.world();
    let entitlements = body.into_iter().map(UserEntitlement::from).collect();
    world.entitle_user(user, entitlements, me, pod.clock.now())?;
    of_user(&world, user)
}

fn of_pod(world: &World) -> Json<Vec<PodAppEntitlement>> {
    Json(world.apps.iter().map(PodAppEntitlement::from).collect())
}

fn of_user(world: &World, user: UserId) -> OfUser {
    world.own_user(user)?;
    let entitlement = |app: &App| UserAppEntitlement {
        app_id: app.id.to_string(),
        app_name: Some(app.name.clone()),
        listed: app.is_listed_for(user),
        install: app.is_installed_for(user),
        products: app.store.products.get(&user).cloned(),
    };
    Ok(Json(world.apps.iter().map(entitlement).collect()))
}

impl From<&App> for PodAppEntitlement {
    fn from(app: &App) -> Self {
        Self {
            app_id: app.id.to_string(),
            app_name: app.name.clone(),
            enable: app.enabled,
            listed: app.store.listed_for_all,
            install: app.installed_for_all,
        }
    }
}

impl From<PodAppEntitlement> for PodEntitlement {
    fn from(wire: PodAppEntitlement) -> Self {
        let PodAppEntitlement { app_id, enable, listed, install, .. } = wire;
        Self { app: app_id, enabled: enable, listed, installed: install }
    }
}

impl From<UserAppEntitlement> for UserEntitlement {
    fn from(wire: UserAppEntitlement) -> Self {
        Self {
            app: wire.app_id,
            listed: Some(Override::Value(wire.listed)),
            installed: Some(Override::Value(wire.install)),
            products: wire.products.map_or(ProductChange::Keep, ProductChange::Replace),
        }
    }
}

impl From<UserAppEntitlementPatch> for UserEntitlement {
    fn from(wire: UserAppEntitlementPatch) -> Self {
        Self {
            app: wire.app_id,
            listed: wire.listed.into(),
            installed: wire.install.into(),
            products: wire.product.map_or(ProductChange::Keep, ProductChange::Set),
        }
    }
}

impl From<Patch> for Option<Override> {
    fn from(patch: Patch) -> Self {
        match patch {
            Patch::True => Some(Override::Value(true)),
            Patch::False => Some(Override::Value(false)),
            Patch::Keep => None,
            Patch::Remove => Some(Override::Removed),
        }
    }
}
