//! A user's sessions: list them, end one, end all.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::extract::{CurrentPod, PathParameter, PathParameters, Session};
use super::shapes::SuccessResponse;
use crate::domain::{self, Refusal, UserId};
use crate::operation::operations;

operations! {
    GET "/pod/v1/users/{uid}/sessions" => user_sessions_v1,
    POST "/pod/v1/users/{uid}/sessions/logout" => user_sessions_logout_v1,
    POST "/pod/v1/users/{uid}/sessions/{sid}/logout" => user_session_logout_v1,
}

/// `V1UserSessions` of the pod API.
#[derive(Serialize)]
struct V1UserSessions {
    sessions: Vec<V1Session>,
}

/// `V1Session`. What the pod knows of a session; browser, system and device of a person's client
/// are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V1Session {
    session_id: String,
    user_id: u64,
    creation_time: u64,
    /// When it expires, despite the name: "the timestamp of the expiry time".
    expiration_delay: u64,
}

async fn user_sessions_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
) -> Result<Response, Refusal> {
    let Some(sessions) = pod.sessions_for(me.user()?, UserId::from_wire(user))? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let sessions = sessions.iter().map(V1Session::from).collect();
    Ok(Json(V1UserSessions { sessions }).into_response())
}

async fn user_sessions_logout_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.log_user_out(me.user()?, UserId::from_wire(user))?;
    Ok(SuccessResponse::text("Success"))
}

async fn user_session_logout_v1(
    pod: CurrentPod,
    me: Session,
    PathParameters(user, session): PathParameters<u64, String>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.end_session_for(me.user()?, UserId::from_wire(user), &session)?;
    Ok(SuccessResponse::text("Success"))
}

impl From<&domain::Session> for V1Session {
    fn from(session: &domain::Session) -> Self {
        Self {
            session_id: session.id(),
            user_id: session.principal.user().map_or(0, UserId::as_u64),
            creation_time: session.created.as_millis(),
            expiration_delay: session.expires.as_millis(),
        }
    }
}
