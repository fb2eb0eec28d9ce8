//! Connections between users of different pods: asked for, accepted, rejected, removed.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::Parameters;
use super::shapes::SuccessResponse;
use crate::domain::{Connection, ConnectionFilter, ConnectionStatus, Refusal, UserId};
use crate::operation::operations;

operations! {
    POST "/pod/v1/connection/create" => create_connection_v1 [RequestUserConnections],
    POST "/pod/v1/connection/accept" => accept_connection_v1 [RequestUserConnections],
    POST "/pod/v1/connection/reject" => reject_connection_v1 [RequestUserConnections],
    GET "/pod/v1/connection/list" => list_connections_v1 [GetUserConnections],
    GET "/pod/v1/connection/user/{userId}/info" => connection_v1 [GetUserConnections],
    POST "/pod/v1/connection/user/{uid}/remove" => remove_connection_v1 [RequestUserConnections],
}

/// `UserConnectionRequest` of the pod API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserConnectionRequest {
    user_id: u64,
}

/// `UserConnection` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserConnection {
    user_id: u64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_requested_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_counter: Option<u32>,
}

async fn create_connection_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(request): JsonBody<UserConnectionRequest>,
) -> Result<Json<UserConnection>, Refusal> {
    let (me, now) = (me.user()?, pod.clock.now());
    let connection = pod.world().request_connection(me, request.user(), now)?;
    Ok(Json(connection.into()))
}

async fn accept_connection_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(request): JsonBody<UserConnectionRequest>,
) -> Result<Json<UserConnection>, Refusal> {
    let (me, now) = (me.user()?, pod.clock.now());
    let connection = pod.world().accept_connection(me, request.user(), now)?;
    Ok(Json(connection.into()))
}

async fn reject_connection_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(request): JsonBody<UserConnectionRequest>,
) -> Result<Json<UserConnection>, Refusal> {
    let (me, now) = (me.user()?, pod.clock.now());
    let connection = pod.world().reject_connection(me, request.user(), now)?;
    Ok(Json(connection.into()))
}

async fn list_connections_v1(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
) -> Result<Json<Vec<UserConnection>>, Refusal> {
    let me = me.user()?;
    let users = query.text("userIds").map(|_| query.users("userIds")).transpose()?;
    let filter = ConnectionFilter { statuses: statuses(query.text("status"))?, users };
    let connections = pod.world().connections_of(me, &filter);
    Ok(Json(connections.into_iter().map(UserConnection::from).collect()))
}

async fn connection_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
) -> Result<Json<UserConnection>, Refusal> {
    let connection = pod.world().connection(me.user()?, UserId::from_wire(user))?;
    Ok(Json(connection.into()))
}

async fn remove_connection_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.world().remove_connection(me.user()?, UserId::from_wire(user))?;
    Ok(SuccessResponse::text("Connection Removed."))
}

impl UserConnectionRequest {
    fn user(&self) -> UserId {
        UserId::from_wire(self.user_id)
    }
}

impl From<Connection> for UserConnection {
    fn from(connection: Connection) -> Self {
        let request = connection.request;
        Self {
            user_id: connection.user.as_u64(),
            status: match connection.status {
                ConnectionStatus::PendingIncoming => "PENDING_INCOMING",
                ConnectionStatus::PendingOutgoing => "PENDING_OUTGOING",
                ConnectionStatus::Accepted => "ACCEPTED",
                ConnectionStatus::Rejected => "REJECTED",
            },
            first_requested_at: request.map(|request| request.first_at.as_millis()),
            updated_at: request.map(|request| request.updated_at.as_millis()),
            request_counter: request.map(|request| request.count),
        }
    }
}

/// The statuses to list, in any letter case as SDKs differ in it; none for all.
fn statuses(name: Option<&str>) -> Result<Option<Vec<ConnectionStatus>>, Refusal> {
    use ConnectionStatus::{Accepted, PendingIncoming, PendingOutgoing, Rejected};
    let Some(name) = name else { return Ok(Some(vec![PendingIncoming, PendingOutgoing])) };
    match name.to_ascii_uppercase().as_str() {
        "ALL" => Ok(None),
        "PENDING_INCOMING" => Ok(Some(vec![PendingIncoming])),
        "PENDING_OUTGOING" => Ok(Some(vec![PendingOutgoing])),
        "ACCEPTED" => Ok(Some(vec![Accepted])),
        "REJECTED" => Ok(Some(vec![Rejected])),
        _ => Err(Refusal::Malformed {
            what: format!(
                "The parameter status is {name:?}, expected PENDING_INCOMING, PENDING_OUTGOING, \
                 ACCEPTED, REJECTED or ALL"
            ),
        }),
    }
}
