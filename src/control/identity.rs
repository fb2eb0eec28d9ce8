//! `/_mock/identity-jwt`: what the pod would tell an extension app's front end about its user.

use std::sync::Arc;

use axum::body::Bytes;
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlRefusal, Tenant, parse};
use crate::domain::Refusal;
use crate::pod::Pod;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityJwt {
    app: String,
    user: String,
}

pub async fn issue(
    Extension(tenant): Extension<Arc<Tenant>>,
    body: Bytes,
) -> Result<Json<Value>, ControlRefusal> {
    let request: IdentityJwt = parse(&body, r#"{"app": "app", "user": "alice"}"#)?;
    let jwt = identity_jwt(&tenant.pod, &request.app, &request.user).map_err(|refusal| {
        let field = match refusal {
            Refusal::OnBehalfOfUnknown { .. } => "user",
            _ => "app",
        };
        ControlRefusal::field(field, refusal.why())
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
