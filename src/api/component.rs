use axum::http::StatusCode;
use serde_json::{Value, json};

/// The part of a Symphony installation that an operation belongs to. Each has its own way of
/// saying no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    Pod,
    Agent,
    /// `/login`, `/relay`, `/sessionauth` and `/keyauth`.
    Authentication,
    ProfileManager,
    Users,
    Files,
    CommunityConnect,
    AuditTrail,
    ConnectV2,
    /// Which gives partners their access tokens.
    AuthorizationServer,
}

impl Component {
    /// Whose path this is. What is nobody's is the pod's.
    pub fn of_path(path: &str) -> Self {
        match path.split('/').nth(1).unwrap_or_default() {
            "agent" => Self::Agent,
            "login" | "relay" | "sessionauth" | "keyauth" => Self::Authentication,
            "profile-manager" => Self::ProfileManager,
            "v1" | "v5" => Self::Users,
            "files" | "_files" => Self::Files,
            "api" => Self::ConnectV2,
            "at2" => Self::AuditTrail,
            "oauth" => Self::AuthorizationServer,
            "connect-service" => Self::CommunityConnect,
            _ => Self::Pod,
        }
    }

    /// The body of an error, in the schema that the component's API file gives it: `Error` and
    /// `V2Error` with a numeric code for most, strings for the profile manager and community
    /// connect, `{error}` for files.
    ///
    /// Of the profile manager's codes one is known, from the README of the Java BDK's group
    /// extension: that of 403. The others are made like it.
    pub fn error_body(self, status: StatusCode, message: &str) -> Value {
        match self {
            Self::Pod | Self::Agent | Self::Authentication | Self::Users => {
                json!({ "code": status.as_u16(), "message": message })
            }
            Self::ProfileManager => {
                let name = match status {
                    StatusCode::BAD_REQUEST => "BAD_REQUEST",
                    StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
                    StatusCode::FORBIDDEN => "ENTITLEMENT_NOT_FOUND",
                    StatusCode::NOT_FOUND => "NOT_FOUND",
                    StatusCode::PRECONDITION_FAILED => "PRECONDITION_FAILED",
                    _ if status == 452 => "INFO_BARRIER_VIOLATION",
                    _ => "ERROR",
                };
                let code = format!("SYMPHONY_PROFILE_MANAGER__{name}");
                json!({ "code": code, "message": message })
            }
            Self::CommunityConnect | Self::AuditTrail => {
                json!({ "code": status.as_str(), "message": message })
            }
            Self::Files => json!({ "error": message }),
            // `ProblemDetail`: RFC 9457, without where and when.
            Self::ConnectV2 => json!({
                "type": "about:blank",
                "title": status.canonical_reason().unwrap_or_default(),
                "status": status.as_u16(),
                "detail": message,
            }),
            // As RFC 6749 (5.2) has it.
            Self::AuthorizationServer => {
                let name = match status {
                    StatusCode::UNAUTHORIZED => "invalid_client",
                    _ => "invalid_request",
                };
                json!({ "error": name, "error_description": message })
            }
        }
    }
}
