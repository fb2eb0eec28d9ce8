//! The common access JWT: a session exchanged for a short-lived OAuth 2 token.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::extract::{AnySession, CurrentPod, QueryParameters};
use crate::domain::Jwk;
use crate::operation::operations;

operations! {
    POST "/login/idm/tokens" => idm_tokens,
    GET "/login/idm/keys" => idm_keys,
}

#[derive(Deserialize)]
struct Scope {
    /// Separated by spaces; the Java BDK sends it empty.
    #[serde(default)]
    scope: String,
}

/// `JwtToken` of the login API. `expires_in` is in seconds.
#[derive(Serialize)]
struct JwtToken {
    token_type: &'static str,
    expires_in: u64,
    access_token: String,
}

/// `Jwks` of the login API.
#[derive(Serialize)]
struct Jwks {
    keys: [Jwk; 1],
}

async fn idm_tokens(
    pod: CurrentPod,
    AnySession(session): AnySession,
    QueryParameters(query): QueryParameters<Scope>,
) -> Json<JwtToken> {
    let token = pod.access_token(&session, &query.scope);
    Json(JwtToken { token_type: "Bearer", expires_in: token.expires_in, access_token: token.token })
}

async fn idm_keys(pod: CurrentPod) -> Json<Jwks> {
    Json(Jwks { keys: [pod.signer.jwk()] })
}
