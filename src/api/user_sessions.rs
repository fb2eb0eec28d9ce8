//! A user's sessions: list them, end one, end all.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::extract::{CurrentPod, PathParameter, PathParameters, Session};
use super::shapes::SuccessResponse;
use crate::domain::{self, Refusal, UserId};
use crate::operation::operations;
use crate::pod::Pod;

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
    let user = UserId::from_wire(user);
    check(&pod, &me, user)?;
    if pod.world().users.by_id(user).is_none() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let sessions = pod.sessions_of_user(user).iter().map(V1Session::from).collect();
    Ok(Json(V1UserSessions { sessions }).into_response())
}

async fn user_sessions_logout_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let user = UserId::from_wire(user);
    check(&pod, &me, user)?;
    if pod.end_sessions_of_user(user, "a logout of all the user's sessions") > 0 {
        record(&pod, &me, user)?;
    }
    Ok(SuccessResponse::text("Success"))
}

async fn user_session_logout_v1(
    pod: CurrentPod,
    me: Session,
    PathParameters(user, session): PathParameters<u64, String>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let user = UserId::from_wire(user);
    check(&pod, &me, user)?;
    if !pod.end_session_of_user(user, &session, "a logout of this session by its id") {
        return Err(Refusal::SessionIdUnknown { id: session });
    }
    record(&pod, &me, user)?;
    Ok(SuccessResponse::text("Success"))
}

/// Everybody's own sessions are his to see and to end; others' are for user administrators.
fn check(pod: &Pod, me: &Session, user: UserId) -> Result<(), Refusal> {
    let caller = me.user()?;
    if caller == user {
        return Ok(());
    }
    pod.world().check_role(caller, "USER_PROVISIONING")
}

/// The audit trail tells of what is done to others.
fn record(pod: &Pod, me: &Session, user: UserId) -> Result<(), Refusal> {
    let caller = me.user()?;
    if caller != user {
        pod.world().record_ended_sessions(caller, user, pod.clock.now());
    }
    Ok(())
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
