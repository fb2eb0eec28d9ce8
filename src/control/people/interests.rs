//! What people want to hear of.

use axum::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::ControlRefusal;
use super::super::extract::{CurrentTenant, Expected, JsonBody, PathParameter, PathParameters};
use super::messages::seen;
use super::somebody;
use crate::domain::{Direction, MessageQuery, SignalRequest, UserId};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowingSomebody {
    /// Username of whoever is to be followed.
    user: String,
    /// Whether he is from now on.
    #[serde(default = "yes")]
    follow: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MakingASignal {
    name: String,
    /// `HASHTAG:gold AND (AUTHOR:68719476737 OR CASHTAG:xau)` for one.
    query: String,
    #[serde(default)]
    visible_on_profile: bool,
    /// Whether everybody of the pod has it.
    #[serde(default)]
    company_wide: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribing {
    /// Id of a signal that he sees.
    signal: String,
    /// Whether he is subscribed from now on.
    #[serde(default = "yes")]
    subscribe: bool,
}

impl Expected for MakingASignal {
    const EXPECTED: &'static str = r#"{"name": "Gold", "query": "HASHTAG:gold"}"#;
}

impl Expected for Subscribing {
    const EXPECTED: &'static str = r#"{"signal": "<signal id>", "subscribe": true}"#;
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
    let other = other.filter(|other| world.users.person(*other).is_some());
    let other =
        other.ok_or_else(|| ControlRefusal::field("user", world.no_user(&following.user)))?;
    world.follow(me, other, following.follow);
    let follows = world.following.list(me, Direction::Followed).map(UserId::as_u64);
    Ok(Json(json!({ "follows": follows.collect::<Vec<_>>() })))
}

/// Makes a signal. Gives its id.
pub async fn signal(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(making): JsonBody<MakingASignal>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let me = somebody(&world, &user)?;
    let request = SignalRequest {
        name: making.name,
        query: making.query,
        visible_on_profile: making.visible_on_profile,
        company_wide: making.company_wide,
    };
    let made = world.create_signal(me, &request, now);
    let made = made.map_err(|refusal| ControlRefusal::field("query", world.why(&refusal)))?;
    Ok(Json(json!({ "signalId": made.id.to_string() })))
}

/// Subscribes to a signal, or leaves it.
pub async fn subscribe(
    tenant: CurrentTenant,
    PathParameter(user): PathParameter<String>,
    JsonBody(subscribing): JsonBody<Subscribing>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let mut world = tenant.pod.world();
    let me = somebody(&world, &user)?;
    let done = match subscribing.subscribe {
        true => world.subscribe(me, &subscribing.signal, None, false, now),
        false => world.unsubscribe(me, &subscribing.signal, None),
    };
    let done = done.map_err(|refusal| ControlRefusal::field("signal", world.why(&refusal)))?;
    match done.into_iter().find_map(|(_, outcome)| outcome.err()) {
        Some(error) => Err(ControlRefusal::field("signal", error.message())),
        None => Ok(Json(json!({ "subscribed": subscribing.subscribe }))),
    }
}

/// What a signal shows somebody: the messages in streams that he is in, the newest at the end.
pub async fn shown_by_signal(
    tenant: CurrentTenant,
    PathParameters(user, signal): PathParameters<String, String>,
) -> Result<Json<Value>, ControlRefusal> {
    let world = tenant.pod.world();
    let me = somebody(&world, &user)?;
    let signal = world.signal(me, &signal);
    let signal = signal.map_err(|refusal| ControlRefusal::not_found(world.why(&refusal)))?;
    let signal = Some(std::sync::Arc::clone(&signal.query));
    let query = MessageQuery { signal, ..MessageQuery::default() };
    let found = world.search_messages(me, &query);
    let found = found.map_err(|refusal| ControlRefusal::not_found(world.why(&refusal)))?;
    let rows: Vec<_> = found.into_iter().map(|message| seen(&world, message)).collect();
    Ok(Json(json!({ "messages": rows })))
}

fn yes() -> bool {
    true
}
