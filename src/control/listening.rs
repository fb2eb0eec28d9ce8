//! `/_mock/listening`: waits until a bot reads its feed. What is said before that, the bot never
//! hears.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::ControlRefusal;
use super::extract::{CurrentTenant, Expected, JsonBody, duration};
use crate::domain::World;
use crate::pod::Pod;

/// How long one waits by default, in real time: clients live in it whatever the pod's clock does.
pub const WITHIN: Duration = Duration::from_secs(5);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listening {
    /// Username of the service user.
    user: String,
    /// The id of the feed that does not count: that before a recovery, as an answer before had it.
    after: Option<String>,
    /// How long to wait, in real time: a duration like `5s`, which is the default.
    within: Option<String>,
}

impl Expected for Listening {
    const EXPECTED: &'static str = r#"{"user": "bot", "within": "5s"}"#;
}

pub async fn listening(
    tenant: CurrentTenant,
    JsonBody(Listening { user, after, within }): JsonBody<Listening>,
) -> Result<Response, ControlRefusal> {
    let within = within.map(|within| duration("within", &within)).transpose()?.unwrap_or(WITHIN);
    check_listener(&tenant.pod.world(), &user).map_err(|why| ControlRefusal::field("user", why))?;
    Ok(match wait(&tenant.pod, &user, after.as_deref(), within).await {
        Ok(feed) => Json(json!({ "feed": feed })).into_response(),
        Err(message) => {
            (StatusCode::EXPECTATION_FAILED, Json(json!({ "message": message }))).into_response()
        }
    })
}

/// That somebody is a bot of the pod, which alone has feeds that a test waits for.
pub fn check_listener(world: &World, name: &str) -> Result<(), String> {
    let Some(id) = world.user_called(name) else {
        return Err(world.no_user(name));
    };
    match world.users.by_id(id).is_some_and(|user| user.is_service_user()) {
        true => Ok(()),
        false => Err(format!("{name:?} is a person: bots, which are service users, have feeds")),
    }
}

/// Waits until a bot reads a feed, and another than `after`. Gives the feed's id.
///
/// # Errors
///
/// Says what there was instead when the time was over.
pub async fn wait(
    pod: &Pod,
    name: &str,
    after: Option<&str>,
    within: Duration,
) -> Result<String, String> {
    let reads = pod.reads_of(name, after);
    match crate::clock::patience(within, reads).await {
        Some(Some(feed)) => return Ok(feed),
        Some(None) => return Err(format!("{name:?} reads no feed, and the pod ends")),
        None => {}
    }
    let mut world = pod.world();
    let now = pod.clock.now();
    let owner = world.user_called(name);
    let feeds = owner.map_or(0, |owner| world.feeds_of(owner, now).count());
    let within = humantime::format_duration(within);
    Err(match feeds {
        0 => {
            format!("{name:?} has no feed, after {within}: is it logged in, and its loop started?")
        }
        _ => format!(
            "{name:?} reads no {}feed, after {within}",
            if after.is_some() { "other " } else { "" }
        ),
    })
}
