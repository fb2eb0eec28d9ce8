use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Component;
use crate::domain::{Refusal, RefusalStatus, Settings};

impl IntoResponse for Refusal {
    /// The response only carries the refusal: what it looks like is decided in one place, at the
    /// border, where the component is known.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives a refusal the status and body that `component` would. Other responses pass.
pub fn answer(component: Component, settings: &Settings, response: Response) -> Response {
    let Some(refusal) = response.extensions().get::<Refusal>() else {
        return response;
    };
    let (status, message) = status_and_message(component, settings, refusal);
    let mut headers = HeaderMap::new();
    if let Refusal::MethodNotAllowed { allowed } = refusal
        && let Ok(allowed) = HeaderValue::from_str(allowed)
    {
        headers.insert(header::ALLOW, allowed);
    }
    let body = Json(component.error_body(status, &message));
    let mut answer = (status, headers, body).into_response();
    answer.extensions_mut().insert(refusal.clone());
    answer
}

/// What a client gets to hear. Where SDKs match a text, it is the text.
fn status_and_message(
    component: Component,
    settings: &Settings,
    refusal: &Refusal,
) -> (StatusCode, String) {
    const NOT_ALLOWED: &str = "Certificate authentication is not allowed for this user";
    // 401 with exactly this text is what both BDKs take as the sign to log in anew.
    const INVALID_SESSION: &str = "Invalid session";

    const ENTITLEMENT: &str = "The user lacks the required entitlement to perform this operation";

    let (status, message): (_, &str) = match refusal {
        Refusal::SessionTokenMissing if component == Component::Agent => {
            let message = match settings.agent_missing_token {
                RefusalStatus::BadRequest => "Missing header: sessionToken",
                RefusalStatus::Unauthorized => INVALID_SESSION,
            };
            (status_of(settings.agent_missing_token), message)
        }
        Refusal::SessionTokenMissing | Refusal::SessionInvalid(_) => {
            (StatusCode::UNAUTHORIZED, INVALID_SESSION)
        }
        Refusal::CertificateMissing => (
            StatusCode::UNAUTHORIZED,
            "A client certificate is required: present one in the TLS handshake whose Common Name \
             is the username of an active service user",
        ),
        Refusal::CommonNameMissing { .. }
        | Refusal::CommonNameUnknown { .. }
        | Refusal::UserInactive { .. } => (
            StatusCode::UNAUTHORIZED,
            "The client certificate's Common Name is not the username of an active service user",
        ),
        Refusal::UserNotServiceUser { .. }
        | Refusal::CertificateLoginSwitchedOff { .. }
        | Refusal::AppClaimsName { .. } => (StatusCode::FORBIDDEN, NOT_ALLOWED),
        Refusal::JwtRefused(_) | Refusal::AppDisabled { .. } | Refusal::AppSessionExpected => {
            (StatusCode::UNAUTHORIZED, "Unauthorized")
        }
        Refusal::AppUnknown { .. } => (
            StatusCode::UNAUTHORIZED,
            "The client certificate's Common Name is not the id of an application",
        ),
        Refusal::OnBehalfOfUnknown { by_certificate: false, .. } => {
            (StatusCode::UNAUTHORIZED, "Unauthorized")
        }
        Refusal::OnBehalfOfUnknown { by_certificate: true, .. } => {
            (StatusCode::NOT_FOUND, "User id not found")
        }
        Refusal::AppCertificateNotTrusted { .. } => (
            StatusCode::FORBIDDEN,
            "Certificate authentication is not allowed for this application",
        ),
        Refusal::AppNotInstalled { .. } => {
            (StatusCode::FORBIDDEN, "The application is not installed for this user")
        }
        Refusal::AppLacks { .. }
        | Refusal::AppSessionIsNoUser { .. }
        | Refusal::RoleMissing { .. } => (StatusCode::FORBIDDEN, ENTITLEMENT),
        Refusal::AppTokenLength { .. } => {
            (StatusCode::BAD_REQUEST, "appToken must have 1 to 1000 characters")
        }
        Refusal::KeyRefused(refusal) => {
            return (StatusCode::BAD_REQUEST, format!("The key {refusal}"));
        }
        Refusal::KeyManagerTokenMissing => {
            (status_of(settings.agent_missing_token), "Missing header: keyManagerToken")
        }
        Refusal::KeyManagerTokenInvalid(_) => (StatusCode::UNAUTHORIZED, INVALID_SESSION),
        Refusal::SessionIdUnknown { .. } => (StatusCode::NOT_FOUND, "Session not found"),
        Refusal::KeyTooWeak { .. } => {
            (StatusCode::FORBIDDEN, "The client certificate's key is too short")
        }
        Refusal::AuthenticateWithBody { content_type: true } => {
            (StatusCode::UNAUTHORIZED, "The body of an authentication request must be empty")
        }
        Refusal::AuthenticateWithBody { content_type: false } => {
            (StatusCode::BAD_REQUEST, "The body of an authentication request must be empty")
        }
        Refusal::AuthenticateWithContentType => {
            (StatusCode::BAD_REQUEST, "An authentication request must not have a Content-Type")
        }
        Refusal::LogoutTokenMissing => (StatusCode::BAD_REQUEST, "Missing header: sessionToken"),
        Refusal::LogoutTokenInvalid(_) => {
            (status_of(settings.logout_unknown_token), INVALID_SESSION)
        }
        Refusal::CertificateOfAnother { .. } => {
            (StatusCode::FORBIDDEN, "The session belongs to somebody else")
        }
        Refusal::UserUnknown { .. } => (StatusCode::BAD_REQUEST, "There is no such user"),
        Refusal::UserNotFound { .. } => (StatusCode::NOT_FOUND, "There is no such user"),
        Refusal::UserExists { field: "emailAddress", .. } => {
            (StatusCode::BAD_REQUEST, "Another user has this emailAddress")
        }
        Refusal::UserExists { .. } => (StatusCode::BAD_REQUEST, "Another user has this userName"),
        Refusal::AppNotRegistered { .. } => {
            (StatusCode::BAD_REQUEST, "There is no such application")
        }
        Refusal::AppIdTaken { by_user: false, .. } => {
            (StatusCode::BAD_REQUEST, "Another application has this appId")
        }
        Refusal::AppIdTaken { by_user: true, .. } => {
            (StatusCode::BAD_REQUEST, "A user has this appId as userName")
        }
        Refusal::RoleUnknown { .. } => (StatusCode::BAD_REQUEST, "There is no such role"),
        Refusal::RoleNotForAccount { .. } => {
            (StatusCode::BAD_REQUEST, "Accounts of this type cannot have the role")
        }
        Refusal::CertificateUnknown { .. } => {
            (StatusCode::BAD_REQUEST, "There is no certificate with this fingerprint")
        }
        Refusal::Malformed { what } => (StatusCode::BAD_REQUEST, what.as_str()),
        Refusal::TooLarge { what } => (StatusCode::PAYLOAD_TOO_LARGE, what.as_str()),
        Refusal::PathUnknown { nearest: Some(nearest) } => {
            return (StatusCode::NOT_FOUND, format!("Not found. Did you mean {nearest}?"));
        }
        Refusal::PathUnknown { nearest: None } => (StatusCode::NOT_FOUND, "Not found"),
        Refusal::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Refusal::NotModelled { operation } => {
            let message = format!("symphony-mock-pod does not model {operation} yet");
            return (StatusCode::NOT_IMPLEMENTED, message);
        }
        Refusal::Bug => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error of symphony-mock-pod"),
    };
    (status, message.to_owned())
}

fn status_of(setting: RefusalStatus) -> StatusCode {
    match setting {
        RefusalStatus::BadRequest => StatusCode::BAD_REQUEST,
        RefusalStatus::Unauthorized => StatusCode::UNAUTHORIZED,
    }
}
