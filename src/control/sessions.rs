//! `/_mock/sessions` and `/_mock/feeds`: who is logged in and listens, and the end of it.

use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ControlRefusal;
use super::extract::{CurrentTenant, Expected, PathParameter, QueryParameters};
use super::people::somebody;
use crate::domain::{Feed, FeedKind};

/// Which of somebody's sessions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    id: Option<String>,
}

impl Expected for Which {
    const EXPECTED: &'static str = "id, that of one session, or nothing";
}

/// The pod sessions of all users that are good now.
pub async fn list(tenant: CurrentTenant) -> Json<Value> {
    let users: Vec<_> = {
        let world = tenant.pod.world();
        world.users.iter().map(|user| (user.id, user.username.clone())).collect()
    };
    let sessions = users.iter().flat_map(|(id, username)| {
        tenant.pod.sessions_of_user(*id).into_iter().map(move |session| {
            json!({
                "user": username,
                "id": session.id(),
                "app": session.principal.app(),
                "created": session.created.as_millis(),
                "expires": session.expires.as_millis(),
            })
        })
    });
    Json(json!({ "sessions": sessions.collect::<Vec<_>>() }))
}

/// Ends all sessions of somebody, of the key manager too, as if their time were over; or one of the pod.
pub async fn end(
    tenant: CurrentTenant,
    PathParameter(name): PathParameter<String>,
    QueryParameters(Which { id }): QueryParameters<Which>,
) -> Result<StatusCode, ControlRefusal> {
    const BY: &str = "DELETE /_mock/sessions";
    let user = somebody(&tenant.pod.world(), &name)?;
    match id {
        None => {
            tenant.pod.end_sessions_of_user(user, BY);
        }
        Some(id) if tenant.pod.end_session_of_user(user, &id, BY) => {}
        Some(id) => {
            return Err(ControlRefusal::not_found(format!("{name} has no session {id:?}")));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The feeds that are alive.
pub async fn feeds(tenant: CurrentTenant) -> Json<Value> {
    let now = tenant.pod.clock.now();
    let world = tenant.pod.world();
    let row = |feed: &Feed| {
        let owner = world.users.by_id(feed.id.owner).map(|user| user.username.clone());
        let kind = match &feed.kind {
            FeedKind::Fanout { .. } => "datafeed 2",
            FeedKind::Legacy => "datafeed 1",
            FeedKind::Datahose { .. } => "datahose",
        };
        json!({
            "user": owner,
            "id": &*feed.id.name,
            "kind": kind,
            "tag": feed.kind.tag(),
            "waiting": feed.waiting(),
            "unacknowledged": feed.unacknowledged(),
            "lastRead": feed.last_read().as_millis(),
            "beingRead": world.is_being_read(&feed.id),
        })
    };
    let rows: Vec<_> = world.all_feeds(now).map(row).collect();
    Json(json!({ "feeds": rows }))
}

/// Ends a feed: its next read is told that it does not exist, upon which SDKs make a new one.
pub async fn lose_feed(
    tenant: CurrentTenant,
    PathParameter(id): PathParameter<String>,
) -> Result<StatusCode, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let feed = world.feed_called(&id, now).map_err(ControlRefusal::not_found)?;
    world.close_feed(&feed);
    Ok(StatusCode::NO_CONTENT)
}
