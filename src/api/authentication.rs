//! Bot sessions by client certificate: log in to the pod and to the key manager, and out again.

use axum::Json;
use axum::http::HeaderMap;
use serde::Serialize;

use super::extract::{
    Certificate, CurrentPod, OptionalCertificate, RawBody, has_content_type, token,
};
use crate::domain::{CertificateLogin, Refusal, TokenSpace};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/sessionauth/v1/authenticate" => session_authenticate_v1,
    POST "/keyauth/v1/authenticate" => key_manager_authenticate_v1,
    POST "/sessionauth/v1/logout" => session_logout_v1,
    POST "/keyauth/v1/logout" => key_manager_logout_v1,
}

/// `Token` of the authenticator API.
#[derive(Serialize)]
struct Token {
    name: &'static str,
    token: String,
}

/// `SuccessResponse` of the authenticator API, which has no `format`.
#[derive(Serialize)]
struct LoggedOut {
    message: &'static str,
}

async fn session_authenticate_v1(
    pod: CurrentPod,
    certificate: Certificate,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Json<Token>, Refusal> {
    authenticate(&pod, &certificate, &headers, &body, TokenSpace::Pod)
}

async fn key_manager_authenticate_v1(
    pod: CurrentPod,
    certificate: Certificate,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Json<Token>, Refusal> {
    authenticate(&pod, &certificate, &headers, &body, TokenSpace::KeyManager)
}

async fn session_logout_v1(
    pod: CurrentPod,
    certificate: OptionalCertificate,
    headers: HeaderMap,
) -> Result<Json<LoggedOut>, Refusal> {
    let token = token(&headers, "sessionToken");
    log_out(&pod, certificate, token, TokenSpace::Pod, "POST /sessionauth logout")
}

/// The API file names the header `sessionToken` here too, the documentation speaks of the
/// keyManagerToken: either header is taken.
async fn key_manager_logout_v1(
    pod: CurrentPod,
    certificate: OptionalCertificate,
    headers: HeaderMap,
) -> Result<Json<LoggedOut>, Refusal> {
    let token = token(&headers, "keyManagerToken").or_else(|| token(&headers, "sessionToken"));
    log_out(&pod, certificate, token, TokenSpace::KeyManager, "POST /keyauth logout")
}

fn authenticate(
    pod: &Pod,
    certificate: &Certificate,
    headers: &HeaderMap,
    body: &RawBody,
    space: TokenSpace,
) -> Result<Json<Token>, Refusal> {
    let login = CertificateLogin {
        common_name: certificate.common_name.as_deref(),
        subject: &certificate.subject,
        key: (&certificate.key_algorithm, certificate.key_strength),
        has_body: !body.0.is_empty(),
        has_content_type: has_content_type(headers),
    };
    let token = pod.log_in_with_certificate(&login, space)?;
    Ok(Json(Token { name: space.token_name(), token }))
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
