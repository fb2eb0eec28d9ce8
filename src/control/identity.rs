//! `/_mock/identity-jwt`: what the pod would tell an extension app's front end about its user.

use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ControlRefusal;
use super::extract::{CurrentTenant, Expected, JsonBody};
use crate::domain::Refusal;
use crate::pod::Pod;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityJwt {
    app: String,
    user: String,
}

impl Expected for IdentityJwt {
    const EXPECTED: &'static str = r#"{"app": "app", "user": "alice"}"#;
}

pub async fn issue(
    tenant: CurrentTenant,
    JsonBody(request): JsonBody<IdentityJwt>,
) -> Result<Json<Value>, ControlRefusal> {
    let jwt = identity_jwt(&tenant.pod, &request.app, &request.user).map_err(|refusal| {
        let world = tenant.pod.world();
        match refusal {
            Refusal::OnBehalfOfUnknown { .. } => {
                ControlRefusal::field("user", world.no_user(&request.user))
            }
            Refusal::AppUnknown { .. } => ControlRefusal::field("app", world.no_app(&request.app)),
            refusal => ControlRefusal::field("app", refusal.why()),
        }
    })?;
    Ok(Json(json!({ "jwt": jwt })))
}

/// The JWT about the user called so, for the front end of `app`.
pub fn identity_jwt(pod: &Pod, app: &str, username: &str) -> Result<String, Refusal> {
    let user = {
        let world = pod.world();
        world.users.by_username(world.identity.id, username).map(|user| user.id)
    };
    let user = user.ok_or_else(|| Refusal::OnBehalfOfUnknown {
        user: username.to_owned(),
        by_certificate: false,
    })?;
    pod.identity_jwt(app, user)
}
