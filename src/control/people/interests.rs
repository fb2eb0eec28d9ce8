//! What people want to hear of.

use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::ControlRefusal;
use super::super::extract::{CurrentTenant, Expected, JsonBody, PathParameter};
use super::somebody;
use crate::domain::{Direction, UserId};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowingSomebody {
    /// Username of whoever is to be followed.
    user: String,
    /// Whether he is from now on.
    #[serde(default = "yes")]
    follow: bool,
}

impl Expected for FollowingSomebody {
    const EXPECTED: &'static str = r#"{"user": "bob", "follow": true}"#;
}

/// Follows somebody, or follows him no longer. Gives all whom one follows then.
pub async fn follow(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(following): JsonBody<FollowingSomebody>,
) -> Result<Json<Value>, ControlRefusal> {
    let mut world = tenant.pod.world();
    let me = somebody(&world, &user)?;
    let other = world.user_called(&following.user);
    let other = other.ok_or_else(|| ControlRefusal::field("user", "there is no such user"))?;
    world.follow(me, other, following.follow);
    let follows = world.following.list(me, Direction::Followed).map(UserId::as_u64);
    Ok(Json(json!({ "follows": follows.collect::<Vec<_>>() })))
}

fn yes() -> bool {
    true
}
