//! Apps: their own sessions, sessions on behalf of users, and the circle of trust of extension
//! apps, each by JWT and by client certificate.

use axum::Json;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::authentication::{AuthenticateRequest, Token};
use super::extract::{Certificate, CurrentPod, JsonBody, PathParameter, RawBody, token};
use crate::domain::{ExtensionAppTokens, OnBehalfOf, Refusal, TokenSpace};
use crate::operation::operations;

operations! {
    POST "/login/pubkey/app/authenticate" => pubkey_app_authenticate,
    POST "/login/pubkey/app/user/{userId}/authenticate" => pubkey_app_user_authenticate,
    POST "/login/pubkey/app/username/{username}/authenticate" => pubkey_app_username_authenticate,
    POST "/sessionauth/v1/app/authenticate" => app_authenticate_v1,
    POST "/sessionauth/v1/app/user/{uid}/authenticate" => app_user_authenticate_v1,
    POST "/sessionauth/v1/app/username/{username}/authenticate" => app_username_authenticate_v1,
    POST "/login/v1/pubkey/app/authenticate/extensionApp" => pubkey_extension_app_authenticate_v1,
    POST "/sessionauth/v1/authenticate/extensionApp" => extension_app_authenticate_v1,
    GET "/pod/v1/podcert" => podcert_v1,
    GET "/sessionauth/v1/app/pod/certificate" => app_pod_certificate_v1,
}

/// `OboAuthResponse` of the authenticator API: unlike that of a JWT, the token is called
/// `sessionToken`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OboAuthResponse {
    session_token: String,
}

/// `AuthenticateExtensionAppRequest` of the login API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExtensionAppJwtRequest {
    #[serde(default)]
    app_token: String,
    auth_token: String,
}

/// The same of the authenticator API: the certificate says whose it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExtensionAppRequest {
    #[serde(default)]
    app_token: String,
}

/// `ExtensionAppTokens`. `expireAt` is in milliseconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtensionAppResponse {
    app_id: String,
    app_token: String,
    symphony_token: String,
    expire_at: u64,
}

/// `PodCertificate`: an X.509 certificate in PEM.
#[derive(Serialize)]
struct PodCertificate {
    certificate: String,
}

async fn pubkey_app_authenticate(
    pod: CurrentPod,
    JsonBody(request): JsonBody<AuthenticateRequest>,
) -> Result<Token, Refusal> {
    let token = pod.log_in_app_with_jwt(&request.token)?;
    Ok(Token::plain(TokenSpace::Pod, token))
}

async fn pubkey_app_user_authenticate(
    pod: CurrentPod,
    PathParameter(user): PathParameter<u64>,
    headers: HeaderMap,
) -> Result<Token, Refusal> {
    let app_token = token(&headers, "sessionToken").ok_or(Refusal::SessionTokenMissing)?;
    let token = pod.log_in_on_behalf_of(app_token, OnBehalfOf::UserId(user), None)?;
    Ok(Token::plain(TokenSpace::Pod, token))
}

async fn pubkey_app_username_authenticate(
    pod: CurrentPod,
    PathParameter(username): PathParameter<String>,
    headers: HeaderMap,
) -> Result<Token, Refusal> {
    let app_token = token(&headers, "sessionToken").ok_or(Refusal::SessionTokenMissing)?;
    let token = pod.log_in_on_behalf_of(app_token, OnBehalfOf::Username(&username), None)?;
    Ok(Token::plain(TokenSpace::Pod, token))
}

async fn app_authenticate_v1(
    pod: CurrentPod,
    certificate: Certificate,
    RawBody(body): RawBody,
) -> Result<Token, Refusal> {
    let token = pod.log_in_app_with_certificate(&certificate.login(&body))?;
    Ok(Token::plain(TokenSpace::Pod, token))
}

async fn app_user_authenticate_v1(
    pod: CurrentPod,
    certificate: Certificate,
    PathParameter(user): PathParameter<u64>,
    headers: HeaderMap,
) -> Result<Json<OboAuthResponse>, Refusal> {
    let app_token = token(&headers, "sessionToken").ok_or(Refusal::SessionTokenMissing)?;
    let name = certificate.common_name.as_deref().unwrap_or_default();
    let user = OnBehalfOf::UserId(user);
    pod.log_in_on_behalf_of(app_token, user, Some(name)).map(OboAuthResponse::new)
}

async fn app_username_authenticate_v1(
    pod: CurrentPod,
    certificate: Certificate,
    PathParameter(username): PathParameter<String>,
    headers: HeaderMap,
) -> Result<Json<OboAuthResponse>, Refusal> {
    let app_token = token(&headers, "sessionToken").ok_or(Refusal::SessionTokenMissing)?;
    let name = certificate.common_name.as_deref().unwrap_or_default();
    let user = OnBehalfOf::Username(&username);
    pod.log_in_on_behalf_of(app_token, user, Some(name)).map(OboAuthResponse::new)
}

async fn pubkey_extension_app_authenticate_v1(
    pod: CurrentPod,
    JsonBody(request): JsonBody<ExtensionAppJwtRequest>,
) -> Result<Json<ExtensionAppResponse>, Refusal> {
    let tokens = pod.authenticate_extension_app(request.app_token, &request.auth_token)?;
    Ok(Json(tokens.into()))
}

async fn extension_app_authenticate_v1(
    pod: CurrentPod,
    certificate: Certificate,
    JsonBody(request): JsonBody<ExtensionAppRequest>,
) -> Result<Json<ExtensionAppResponse>, Refusal> {
    let login = certificate.login(&[]);
    let tokens = pod.authenticate_extension_app_with_certificate(request.app_token, &login)?;
    Ok(Json(tokens.into()))
}

async fn podcert_v1(pod: CurrentPod) -> Json<PodCertificate> {
    Json(PodCertificate { certificate: pod.signer.certificate_pem().to_owned() })
}

/// The same certificate, for apps that have one of their own.
async fn app_pod_certificate_v1(pod: CurrentPod, _: Certificate) -> Json<PodCertificate> {
    Json(PodCertificate { certificate: pod.signer.certificate_pem().to_owned() })
}

impl OboAuthResponse {
    fn new(token: String) -> Json<Self> {
        Json(Self { session_token: token })
    }
}

impl From<ExtensionAppTokens> for ExtensionAppResponse {
    fn from(tokens: ExtensionAppTokens) -> Self {
        Self {
            app_id: tokens.app.to_string(),
            app_token: tokens.app_token,
            symphony_token: tokens.symphony_token,
            expire_at: tokens.expires.as_millis(),
        }
    }
}
