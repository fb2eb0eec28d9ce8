use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use serde_json::{Value, json};

use super::Component;
use super::retirement::replaced_by;
use crate::domain::{
    ConnectStatus, DetectedBy, Detection, DlpScope, Refusal, RefusalStatus, Settings,
};

impl IntoResponse for Refusal {
    /// The response only carries the refusal: what it looks like is decided in one place, at the
    /// border, where the component is known.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self.shortened());
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
    let body = match refusal {
        // The guide's example has no code.
        Refusal::Gone { .. } => Json(json!({ "message": message })),
        Refusal::AuditPeriodTooLong => {
            let mut body = component.error_body(status, &message);
            body["details"] = message.trim_matches('"').into();
            Json(body)
        }
        Refusal::Connect(refusal) if component == Component::ConnectV2 => {
            let mut body = component.error_body(status, &message);
            body["detailErrorCode"] = refusal.code.into();
            Json(body)
        }
        Refusal::Connect(refusal) => {
            let mut body = json!({ "code": refusal.code, "message": message });
            if let Some((name, value)) = &refusal.context {
                body["context"] = json!({ *name: value });
            }
            Json(body)
        }
        // `V2Error`, which the pod's own operations do not answer with.
        Refusal::ComplianceIssues { details, .. } if component == Component::Agent => {
            let mut body = component.error_body(status, &message);
            body["details"] = details.iter().map(detection).collect();
            Json(body)
        }
        _ => Json(component.error_body(status, &message)),
    };
    let mut answer = (status, headers, body).into_response();
    answer.extensions_mut().insert(refusal.clone());
    answer
}

/// What policies found in a part of a message or signal, as the legacy Java SDK's test of a refused
/// message has it (`MessagesClientTest` of SymphonyPlatformSolutions/symphony-api-client-java).
fn detection(detection: &Detection) -> Value {
    let upper = |scope: &DlpScope| match scope {
        DlpScope::Internal => "INTERNAL",
        DlpScope::External => "EXTERNAL",
    };
    let policy = |policy: &DetectedBy| {
        json!({
            "name": policy.name,
            "status": policy.action.status(),
            "scopes": policy.scopes.iter().map(upper).collect::<Vec<_>>(),
            "reasons": policy.reasons,
        })
    };
    json!({
        "detectionIn": if detection.file.is_some() { "ATTACHMENT" } else { "TEXT" },
        "policyResults": detection.policies.iter().map(policy).collect::<Vec<_>>(),
    })
}

/// What an operation that answers for several things says of the one that was refused.
pub(super) fn described(
    component: Component,
    settings: &Settings,
    refusal: &Refusal,
) -> (u16, String) {
    let refusal = refusal.clone().shortened();
    let (status, message) = status_and_message(component, settings, &refusal);
    (status.as_u16(), message)
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

    // Of the profile manager alone this is declared.
    const INFO_BARRIER: u16 = 452;

    const ENTITLEMENT: &str = "The user lacks the required entitlement to perform this operation";

    let (status, message): (_, &str) = match refusal {
        Refusal::SessionTokenMissing if component == Component::Agent => {
            let message = match settings.agent_missing_token {
                RefusalStatus::BadRequest => "Missing header: sessionToken",
                RefusalStatus::Unauthorized => INVALID_SESSION,
            };
            (status_of(settings.agent_missing_token), message)
        }
        Refusal::SessionTokenMissing | Refusal::SessionInvalid(_)
            if component == Component::Files =>
        {
            (StatusCode::UNAUTHORIZED, "Invalid session token")
        }
        Refusal::ScopeMissing { .. } if component == Component::Files => {
            (StatusCode::FORBIDDEN, "Invalid entitlements")
        }
        // What exactly is wrong with them, the journal knows.
        Refusal::Malformed { .. } if component == Component::Files => {
            (StatusCode::BAD_REQUEST, "Invalid query parameters")
        }
        Refusal::SessionTokenMissing
            if matches!(component, Component::CommunityConnect | Component::ConnectV2) =>
        {
            (StatusCode::UNAUTHORIZED, "Unauthorized request")
        }
        Refusal::SessionTokenMissing | Refusal::SessionInvalid(_) => {
            (StatusCode::UNAUTHORIZED, INVALID_SESSION)
        }
        Refusal::CertificateMissing => (
            StatusCode::UNAUTHORIZED,
            "A client certificate is required: present one in the TLS handshake whose Common Name \
             is the username of an active service user",
        ),
        // Where the certificate has a pod's port to itself it is an alert in the handshake.
        Refusal::CertificateRefused { .. } => {
            (StatusCode::UNAUTHORIZED, "The client certificate is not trusted or not valid")
        }
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
        Refusal::OnBehalfOfUnknown { by_certificate: false, .. }
        | Refusal::OnBehalfOfInactive { .. } => (StatusCode::UNAUTHORIZED, "Unauthorized"),
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
        | Refusal::RoleMissing { .. }
        | Refusal::FeatureOff { .. } => (StatusCode::FORBIDDEN, ENTITLEMENT),
        Refusal::FeatureUnknown { .. } => (StatusCode::BAD_REQUEST, "There is no such feature"),
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
        Refusal::ConnectionUnknown { .. } => {
            (StatusCode::NOT_FOUND, "The connection cannot be found")
        }
        Refusal::ConnectionImplicit { .. } => (
            StatusCode::BAD_REQUEST,
            "Both users are in the same pod: their connection is implicit",
        ),
        Refusal::ConnectionWithOneself => {
            (StatusCode::BAD_REQUEST, "A user cannot connect to himself")
        }
        Refusal::PresenceNotSettable { .. } => {
            (StatusCode::FORBIDDEN, "Only AVAILABLE, BUSY, ON_THE_PHONE and AWAY can be set")
        }
        Refusal::PresenceFeedUnknown { .. } => {
            (StatusCode::BAD_REQUEST, "Could not find a presence feed with the provided id")
        }
        Refusal::NotEntitled { .. } => (
            StatusCode::FORBIDDEN,
            "The user lacks the required entitlement to perform this operation",
        ),
        Refusal::UserUnavailable { user } => {
            return (
                StatusCode::BAD_REQUEST,
                format!("User {user} does not exist or is not active"),
            );
        }
        Refusal::NotConnected { user } => {
            return (
                StatusCode::FORBIDDEN,
                format!("The caller is not connected with user {user}"),
            );
        }
        Refusal::TooFewMembers => (StatusCode::BAD_REQUEST, "At least one other user is required"),
        Refusal::StreamUnknown | Refusal::NotAConversation => (
            StatusCode::BAD_REQUEST,
            "The stream does not exist, or you are not allowed to view its details",
        ),
        // Seen on a real pod.
        Refusal::NotARoom => (
            StatusCode::BAD_REQUEST,
            "Either the stream you're trying to access does not exist, you're not allowed to view \
             its details, or this stream is not a room.",
        ),
        // Seen on a real pod.
        Refusal::NeitherAdminNorMember { user } => {
            let message =
                format!("User {user} is neither an admin nor a member of the specified rooms");
            return (StatusCode::FORBIDDEN, message);
        }
        Refusal::RoomRuleBroken { what } => (StatusCode::BAD_REQUEST, what.as_str()),
        Refusal::RoomNameTaken { name } => {
            return (StatusCode::BAD_REQUEST, format!("A room called {name} exists already"));
        }
        Refusal::RoomInactive => (StatusCode::BAD_REQUEST, "The room is not active"),
        Refusal::RoomNotCrossPod { user } => {
            let message = format!("User {user} is external, and the room is not a cross-pod room");
            return (StatusCode::FORBIDDEN, message);
        }
        Refusal::NotInRoom { user } => {
            return (StatusCode::BAD_REQUEST, format!("User {user} is not a member of the room"));
        }
        Refusal::LastOwner => {
            (StatusCode::BAD_REQUEST, "The last owner of a room cannot be demoted")
        }
        // Both BDKs make a new feed on 400 and on nothing else.
        Refusal::FeedUnknown => {
            (StatusCode::BAD_REQUEST, "The feed no longer exists, please create a new feed")
        }
        // Legacy SDKs look for the beginning of this text.
        Refusal::LegacyFeedUnknown => {
            (StatusCode::BAD_REQUEST, "Could not find a datafeed with the provided id")
        }
        Refusal::TooManyFeeds { limit } => {
            let message = format!("Too many feeds created: the account has {limit} active feeds");
            return (StatusCode::FORBIDDEN, message);
        }
        Refusal::TooManyLegacyFeeds { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "Max number of data feeds reached.")
        }
        Refusal::AckMalformed { .. } => {
            (StatusCode::BAD_REQUEST, "The format of the provided ackId is incorrect")
        }
        Refusal::UserUnknown { .. } => (StatusCode::BAD_REQUEST, "There is no such user"),
        Refusal::UserNotFound { .. } => (StatusCode::NOT_FOUND, "There is no such user"),
        Refusal::UserExists { field: "emailAddress", .. } => {
            (StatusCode::BAD_REQUEST, "Another user has this emailAddress")
        }
        Refusal::UserExists { .. } => (StatusCode::BAD_REQUEST, "Another user has this userName"),
        Refusal::AppNotRegistered { .. } if component == Component::Users => {
            (StatusCode::NOT_FOUND, "There is no such application")
        }
        Refusal::AppNotRegistered { .. } => {
            (StatusCode::BAD_REQUEST, "There is no such application")
        }
        Refusal::AppIdTaken { by_user: false, .. } => {
            (StatusCode::BAD_REQUEST, "Another application has this appId")
        }
        Refusal::AppIdTaken { by_user: true, .. } => {
            (StatusCode::BAD_REQUEST, "A user has this appId as userName")
        }
        Refusal::AccountTypeUnknown { .. } => {
            (StatusCode::BAD_REQUEST, "There is no such account type")
        }
        Refusal::RoleUnknown { .. } => (StatusCode::BAD_REQUEST, "There is no such role"),
        Refusal::RoleNotForAccount { .. } => {
            (StatusCode::BAD_REQUEST, "Accounts of this type cannot have the role")
        }
        Refusal::FollowersUnknown { ids } => {
            let ids: Vec<_> = ids.iter().map(u64::to_string).collect();
            return (StatusCode::BAD_REQUEST, format!("Invalid user id: {}", ids.join(", ")));
        }
        Refusal::DisclaimerUnknown { .. } => {
            (StatusCode::BAD_REQUEST, "There is no such disclaimer")
        }
        Refusal::InformationBarrier { .. } => {
            let status = match component {
                Component::ProfileManager => INFO_BARRIER,
                _ => settings.info_barrier_status,
            };
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
            (status, "An information barrier prevents these users from communicating")
        }
        Refusal::BarrierGroupUnknown { listed: true, .. } => {
            (StatusCode::NOT_FOUND, "Group cannot be found")
        }
        Refusal::BarrierGroupUnknown { listed: false, .. } => {
            (StatusCode::BAD_REQUEST, "There is no such group")
        }
        Refusal::ExportFileUnknown { .. } => (StatusCode::NOT_FOUND, "File not found"),
        Refusal::SignedUrlInvalid { .. } => {
            (StatusCode::FORBIDDEN, "The signed URL is not valid, or expired")
        }
        Refusal::Connect(refusal) => {
            let status = match refusal.status {
                ConnectStatus::BadRequest => StatusCode::BAD_REQUEST,
                ConnectStatus::NotFound => StatusCode::NOT_FOUND,
                ConnectStatus::NotFoundBySetting => {
                    let status = StatusCode::from_u16(settings.connect_user_not_found);
                    status.unwrap_or(StatusCode::NOT_FOUND)
                }
            };
            (status, refusal.message.as_str())
        }
        Refusal::PartnerTokenInvalid => (StatusCode::UNAUTHORIZED, "Unauthorized request"),
        Refusal::ClientUnknown { .. } => (StatusCode::UNAUTHORIZED, "Unauthorized"),
        Refusal::GrantTypeUnsupported { .. } => {
            (StatusCode::BAD_REQUEST, "Only the grant type client_credentials is supported")
        }
        Refusal::SignalUnknown { .. } => (StatusCode::BAD_REQUEST, "There is no such signal"),
        Refusal::ComplianceIssues { screened, .. } => {
            let message = format!("Compliance issues found in {}", screened.as_str());
            return (StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS, message);
        }
        Refusal::ViolationFileUnknown { .. } => {
            (StatusCode::NOT_FOUND, "The attachment does not exist")
        }
        Refusal::DictionaryUnknown { .. } => {
            (StatusCode::BAD_REQUEST, "There is no such dictionary")
        }
        Refusal::DlpPolicyUnknown { .. } => (StatusCode::BAD_REQUEST, "There is no such policy"),
        Refusal::CertificateUnknown { .. } => {
            (StatusCode::BAD_REQUEST, "There is no certificate with this fingerprint")
        }
        Refusal::GroupUnknown { .. } if component == Component::ProfileManager => {
            (StatusCode::NOT_FOUND, "There is no such group")
        }
        Refusal::GroupUnknown { .. } => (StatusCode::BAD_REQUEST, "There is no such group"),
        Refusal::GroupTypeUnknown { .. } => {
            (StatusCode::NOT_FOUND, "There is no such type of groups")
        }
        Refusal::GroupChanged { .. } => {
            (StatusCode::PRECONDITION_FAILED, "The group was changed since: read it again")
        }
        Refusal::ScopeMissing { .. } => (StatusCode::FORBIDDEN, ENTITLEMENT),
        Refusal::MessageInvalid { why } | Refusal::FormInvalid { why } => {
            (StatusCode::BAD_REQUEST, why.as_str())
        }
        // Seen of the total size, 400 around it included.
        Refusal::LimitReached { limit, .. } => {
            let code = limit.name().replace('-', "_").to_uppercase();
            let message = format!(
                "{{message=Limit {limit} reached, status=PAYLOAD_TOO_LARGE, \
                 code=LIMIT_{code}_REACHED}}"
            );
            return (StatusCode::BAD_REQUEST, message);
        }
        // Agents pass on what the pod behind them says, with the stream's id in its other spelling.
        Refusal::NotInStream { user, stream } if component == Component::Agent => {
            let thread = stream.in_standard_base64();
            let message = format!(
                "403 Forbidden: {{\"message\":\"User does not belong to room: userId={user}, \
                 threadId={thread}\",\"status\":\"FORBIDDEN\"}}"
            );
            return (StatusCode::FORBIDDEN, message);
        }
        Refusal::NotInStream { .. } => (StatusCode::FORBIDDEN, ENTITLEMENT),
        Refusal::MessageUnknown { id } => {
            return (StatusCode::BAD_REQUEST, format!("The message {id} does not exist"));
        }
        Refusal::MessageNotFound { id } => {
            return (StatusCode::NOT_FOUND, format!("The message {id} does not exist"));
        }
        Refusal::StreamNotFound { stream } => {
            return (StatusCode::NOT_FOUND, format!("The stream {stream} does not exist"));
        }
        Refusal::MessageOfAnother { .. } => (StatusCode::FORBIDDEN, ENTITLEMENT),
        Refusal::MessageSuppressed { .. } => {
            (StatusCode::BAD_REQUEST, "A suppressed message cannot be updated")
        }
        Refusal::MalwareScanOff => (StatusCode::BAD_REQUEST, "Malware Scan is not available"),
        // Documented is that such a file cannot be downloaded, not how the agent says so.
        Refusal::FileNotClean { state } => {
            let state = state.as_str();
            let message =
                format!("The attachment cannot be downloaded: its malware scan state is {state}");
            return (StatusCode::FORBIDDEN, message);
        }
        // 404 until Agent 20.12.
        Refusal::AttachmentUnknown { .. } => {
            (StatusCode::BAD_REQUEST, "The attachment does not exist")
        }
        Refusal::AttachmentTypeNotAllowed { extension, .. } => {
            return (StatusCode::BAD_REQUEST, format!("File type {extension} is not allowed"));
        }
        // The documented text, quotation marks included.
        Refusal::AuditPeriodTooLong => {
            (StatusCode::BAD_REQUEST, "\"Max of 30 days is allowed per request.\"")
        }
        Refusal::RangeTooLong => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "The timestamp range is greater than twenty-four hours",
        ),
        Refusal::Malformed { what } => (StatusCode::BAD_REQUEST, what.as_str()),
        Refusal::Gone { replacement } => {
            let replacement = replaced_by(replacement.as_deref());
            let message = format!(
                "The requested endpoint is deprecated and can no longer be used.{replacement}"
            );
            return (StatusCode::GONE, message);
        }
        Refusal::MediaTypeUnsupported { what } => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, what.as_str())
        }
        Refusal::TooLarge { what } => (StatusCode::PAYLOAD_TOO_LARGE, what.as_str()),
        Refusal::Unavailable { why } => (StatusCode::SERVICE_UNAVAILABLE, why.as_str()),
        Refusal::PathUnknown { nearest: Some(nearest) } => {
            return (StatusCode::NOT_FOUND, format!("Not found. Did you mean {nearest}?"));
        }
        Refusal::PathUnknown { nearest: None } => (StatusCode::NOT_FOUND, "Not found"),
        Refusal::ServedElsewhere { listener, elsewhere, .. } => {
            let message = format!("Not found on {listener}: {elsewhere} serves it");
            return (StatusCode::NOT_FOUND, message);
        }
        Refusal::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Refusal::Injected { status, .. } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let message = match status {
                StatusCode::UNAUTHORIZED => INVALID_SESSION,
                other => other.canonical_reason().unwrap_or("Error"),
            };
            (status, message)
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
