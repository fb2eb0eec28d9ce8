//! Bot sessions: log in to the pod and to the key manager by client certificate or by JWT, and out
//! again.

use axum::Json;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::extract::{Certificate, CurrentPod, JsonBody, OptionalCertificate, RawBody, token};
use crate::domain::{Refusal, TokenSpace};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/sessionauth/v1/authenticate" => session_authenticate_v1,
    POST "/keyauth/v1/authenticate" => key_manager_authenticate_v1,
    POST "/sessionauth/v1/logout" => session_logout_v1,
    POST "/keyauth/v1/logout" => key_manager_logout_v1,
    POST "/login/pubkey/authenticate" => pubkey_authenticate,
    POST "/relay/pubkey/authenticate" => key_manager_pubkey_authenticate,
}

/// `Token` of the authenticator and login APIs.
pub(super) struct Token {
    name: &'static str,
    token: String,
    authorization_token: Option<String>,
}

/// `AuthenticateRequest` of the login API: a JWT.
#[derive(Deserialize)]
pub(super) struct AuthenticateRequest {
    pub token: String,
}

/// `SuccessResponse` of the authenticator API, which has no `format`.
#[derive(Serialize)]
struct LoggedOut {
    message: &'static str,
}

async fn session_authenticate_v1(
    pod: CurrentPod,
    certificate: Certificate,
    RawBody(body): RawBody,
) -> Result<Token, Refusal> {
    let login = certificate.login(&body);
    let token = pod.log_in_with_certificate(&login, TokenSpace::Pod)?;
    Ok(Token::of_login(&pod, token))
}

async fn key_manager_authenticate_v1(
    pod: CurrentPod,
    certificate: Certificate,
    RawBody(body): RawBody,
) -> Result<Token, Refusal> {
    let login = certificate.login(&body);
    let token = pod.log_in_with_certificate(&login, TokenSpace::KeyManager)?;
    Ok(Token::plain(TokenSpace::KeyManager, token))
}

async fn session_logout_v1(
    pod: CurrentPod,
    certificate: OptionalCertificate,
    headers: HeaderMap,
) -> Result<Json<LoggedOut>, Refusal> {
    let token = token(&headers, "sessionToken");
    log_out(&pod, certificate, token, TokenSpace::Pod, "a session logout")
}

/// The API file names the header `sessionToken` here too, the documentation speaks of the
/// keyManagerToken: either header is taken.
async fn key_manager_logout_v1(
    pod: CurrentPod,
    certificate: OptionalCertificate,
    headers: HeaderMap,
) -> Result<Json<LoggedOut>, Refusal> {
    let token = token(&headers, "keyManagerToken").or_else(|| token(&headers, "sessionToken"));
    log_out(&pod, certificate, token, TokenSpace::KeyManager, "a key manager logout")
}

async fn pubkey_authenticate(
    pod: CurrentPod,
    JsonBody(request): JsonBody<AuthenticateRequest>,
) -> Result<Token, Refusal> {
    let token = pod.log_in_with_jwt(&request.token, TokenSpace::Pod)?;
    Ok(Token::of_login(&pod, token))
}

async fn key_manager_pubkey_authenticate(
    pod: CurrentPod,
    JsonBody(request): JsonBody<AuthenticateRequest>,
) -> Result<Token, Refusal> {
    let token = pod.log_in_with_jwt(&request.token, TokenSpace::KeyManager)?;
    Ok(Token::plain(TokenSpace::KeyManager, token))
}

impl Token {
    pub fn plain(space: TokenSpace, token: String) -> Self {
        Self { name: space.token_name(), token, authorization_token: None }
    }

    /// A bot's session, with an access token beside it where the settings want one.
    fn of_login(pod: &Pod, token: String) -> Self {
        let authorization_token = pod.authorization_token(&token);
        Self { name: TokenSpace::Pod.token_name(), token, authorization_token }
    }
}

impl IntoResponse for Token {
    /// Written by hand. A token is letters, digits and the likes of `.`, none of which JSON has to
    /// escape; looking at each of its 700 characters for that was the longest step of a login.
    fn into_response(self) -> Response {
        let Self { name, token, authorization_token } = self;
        let more = authorization_token.as_ref().map_or(0, String::len);
        let mut body = String::with_capacity(64 + name.len() + token.len() + more);
        for (key, value) in [
            ("{\"name\":\"", name),
            ("\",\"token\":\"", &token),
            ("\",\"authorizationToken\":\"", authorization_token.as_deref().unwrap_or_default()),
        ] {
            if !value.is_empty() {
                body.push_str(key);
                body.push_str(value);
            }
        }
        body.push_str("\"}");
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

fn log_out(
    pod: &Pod,
    OptionalCertificate(certificate): OptionalCertificate,
    token: Option<&str>,
    space: TokenSpace,
    by: &'static str,
) -> Result<Json<LoggedOut>, Refusal> {
    if certificate.is_none() && pod.world().settings.logout_requires_certificate {
        return Err(Refusal::CertificateMissing);
    }
    let token = token.ok_or(Refusal::LogoutTokenMissing)?;
    let common_name =
        certificate.as_ref().map(|certificate| certificate.common_name.as_deref().unwrap_or(""));
    pod.log_out(token, space, common_name, by)?;
    Ok(Json(LoggedOut { message: "Session logout was successful." }))
}
