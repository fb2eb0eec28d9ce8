//! Datafeed 2, datafeed 1 and the datahose: what happened, as it happens.

use std::collections::BTreeSet;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use super::events::V4Event;
use super::events_v1::{V1Message, V2Event};
use super::extract::{
    CurrentPod, JsonBody, OptionalJsonBody, PathParameter, QueryParameters, Session,
};
use super::parameters::Parameters;
use crate::domain::{
    AckId, DatahoseFilter, DatahoseScope, Event, EventType, Feed, FeedDeleted, FeedId, FeedKind,
    FeedService, Refusal, World,
};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    GET "/agent/v5/datafeeds" => datafeeds_list_v5,
    POST "/agent/v5/datafeeds" => datafeeds_create_v5,
    DELETE "/agent/v5/datafeeds/{datafeedId}" => datafeeds_delete_v5,
    POST "/agent/v5/datafeeds/{datafeedId}/read" => datafeeds_read_v5,
    POST "/agent/v1/datafeed/create" => datafeed_create_v1,
    GET "/agent/v1/datafeed/{id}/read" => datafeed_read_v1,
    GET "/agent/v2/datafeed/{id}/read" => datafeed_read_v2,
    POST "/agent/v4/datafeed/create" => datafeed_create_v4,
    GET "/agent/v4/datafeed/{id}/read" => datafeed_read_v4,
    POST "/agent/v5/events/read" => events_read_v5,
}

/// `V5Datafeed` of the agent API, without `createdAt`, which the API file calls deprecated and of
/// which its example knows nothing any more (finos/symphony-api-spec, b52eb2a).
#[derive(Serialize)]
struct V5Datafeed {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// `V5DatafeedCreateBody` of the agent API.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct V5DatafeedCreateBody {
    tag: Option<String>,
    include_invisible: Option<bool>,
}

#[derive(Deserialize)]
struct ListQuery {
    tag: Option<String>,
}

/// `AckId` of the agent API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct V5ReadBody {
    ack_id: Option<String>,
    /// Whether reading shows the account as available, which it does unless told.
    #[serde(default = "yes", deserialize_with = "null_is_false")]
    update_presence: bool,
}

/// `V5EventsReadBody` of the agent API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct V5EventsReadBody {
    #[serde(rename = "type")]
    kind: String,
    tag: String,
    event_types: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    ack_id: Option<String>,
    #[serde(default = "yes", deserialize_with = "null_is_false")]
    update_presence: bool,
}

/// `V5EventList` of the agent API. Clients die of an absent or null `events`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct V5EventList {
    events: Vec<V4Event>,
    ack_id: String,
}

/// `Datafeed` of the agent API.
#[derive(Serialize)]
struct Datafeed {
    id: String,
}

async fn datafeeds_list_v5(
    pod: CurrentPod,
    me: Session,
    QueryParameters(query): QueryParameters<ListQuery>,
) -> Result<Json<Vec<V5Datafeed>>, Refusal> {
    let owner = me.user()?;
    let now = pod.clock.now();
    let mut world = pod.world();
    let tag = query.tag.as_deref().filter(|tag| !tag.is_empty());
    let wanted = |feed: &&Feed| tag.is_none() || feed.kind.tag() == tag;
    Ok(Json(world.feeds_of(owner, now).filter(wanted).map(V5Datafeed::from).collect()))
}

async fn datafeeds_create_v5(
    pod: CurrentPod,
    me: Session,
    OptionalJsonBody(body): OptionalJsonBody<V5DatafeedCreateBody>,
) -> Result<(StatusCode, Json<V5Datafeed>), Refusal> {
    let owner = me.user()?;
    let now = pod.clock.now();
    let tag = body.tag.as_deref().filter(|tag| !tag.is_empty());
    let mut world = pod.world();
    let feed = world.open_datafeed(owner, tag, body.include_invisible.unwrap_or(false), now)?;
    Ok((StatusCode::CREATED, Json(feed.into())))
}

async fn datafeeds_delete_v5(
    pod: CurrentPod,
    me: Session,
    PathParameter(name): PathParameter<String>,
) -> Result<Response, Refusal> {
    let id = FeedId { owner: me.user()?, service: FeedService::Two, name: name.into() };
    let mut world = pod.world();
    world.close_feed(&id);
    Ok(match world.settings.datafeed_delete_status {
        FeedDeleted::NoContent => StatusCode::NO_CONTENT.into_response(),
        FeedDeleted::Ok => {
            Json(json!({ "code": 200, "message": "Datafeed deleted with success." }))
                .into_response()
        }
    })
}

async fn datafeeds_read_v5(
    pod: CurrentPod,
    me: Session,
    PathParameter(name): PathParameter<String>,
    OptionalJsonBody(body): OptionalJsonBody<V5ReadBody>,
) -> Result<Json<V5EventList>, Refusal> {
    let id = FeedId { owner: me.user()?, service: FeedService::Two, name: name.into() };
    read_v5(&pod, &id, body.ack_id.as_deref(), body.update_presence).await
}

async fn events_read_v5(
    pod: CurrentPod,
    me: Session,
    JsonBody(body): JsonBody<V5EventsReadBody>,
) -> Result<Json<V5EventList>, Refusal> {
    let owner = me.user()?;
    let filter = body.filter()?;
    let now = pod.clock.now();
    let id = pod.world().datahose(owner, &body.tag, filter, now)?;
    read_v5(&pod, &id, body.ack_id.as_deref(), body.update_presence).await
}

async fn datafeed_create_v1(pod: CurrentPod, me: Session) -> Result<Json<Datafeed>, Refusal> {
    create_legacy(&pod, &me)
}

async fn datafeed_create_v4(pod: CurrentPod, me: Session) -> Result<Json<Datafeed>, Refusal> {
    create_legacy(&pod, &me)
}

async fn datafeed_read_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(name): PathParameter<String>,
    query: Parameters,
) -> Result<Response, Refusal> {
    let limit = query.number("maxMessages")?;
    read_legacy(&pod, &me, name, limit, |_, event| V1Message::of(event)).await
}

async fn datafeed_read_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(name): PathParameter<String>,
    query: Parameters,
) -> Result<Response, Refusal> {
    let limit = query.number("maxMessages")?;
    read_legacy(&pod, &me, name, limit, |_, event| V2Event::of(event)).await
}

async fn datafeed_read_v4(
    pod: CurrentPod,
    me: Session,
    PathParameter(name): PathParameter<String>,
    query: Parameters,
) -> Result<Response, Refusal> {
    let wire = |world: &World, event: &Event| Some(V4Event::new(world, event));
    let limit = query.number("limit")?;
    read_legacy(&pod, &me, name, limit, wire).await
}

async fn read_v5(
    pod: &CurrentPod,
    id: &FeedId,
    ack: Option<&str>,
    updates_presence: bool,
) -> Result<Json<V5EventList>, Refusal> {
    let ack = match ack.filter(|ack| !ack.is_empty()) {
        None => None,
        Some(ack) => {
            let malformed = |_| Refusal::AckMalformed { ack: ack.to_owned() };
            Some(ack.parse::<AckId>().map_err(malformed)?)
        }
    };
    let limit = pod.world().settings.datafeed_batch as usize;
    let (events, ack) = pod.read_feed(id, ack, limit, updates_presence).await?;
    let world = pod.world();
    let events = events.iter().map(|event| V4Event::new(&world, event)).collect();
    Ok(Json(V5EventList { events, ack_id: ack.to_string() }))
}

fn create_legacy(pod: &Pod, me: &Session) -> Result<Json<Datafeed>, Refusal> {
    let now = pod.clock.now();
    let mut world = pod.world();
    let feed = world.open_legacy_datafeed(me.user()?, now)?;
    Ok(Json(Datafeed { id: feed.id.name.to_string() }))
}

/// Reads a datafeed 1: a bare list, or 204 when nothing came in time.
///
/// `wire` gives none for what a version of the API does not know.
async fn read_legacy<T: Serialize>(
    pod: &CurrentPod,
    me: &Session,
    name: String,
    limit: Option<u64>,
    wire: impl Fn(&World, &Event) -> Option<T>,
) -> Result<Response, Refusal> {
    const DEFAULT: usize = 50;
    let id = FeedId { owner: me.user()?, service: FeedService::One, name: name.into() };
    let most = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX).max(1);
    let limit = limit.map_or(DEFAULT, most);
    let (events, _) = pod.read_feed(&id, None, limit, false).await?;
    let world = pod.world();
    let events: Vec<T> = events.iter().filter_map(|event| wire(&world, event)).collect();
    if events.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Json(events).into_response())
}

impl V5EventsReadBody {
    fn filter(&self) -> Result<DatahoseFilter, Refusal> {
        let malformed = |what: String| Err(Refusal::Malformed { what });
        if self.kind != "datahose" {
            return malformed(format!("type: {:?} is not \"datahose\"", self.kind));
        }
        let names = self.event_types.as_deref().unwrap_or_default();
        if names.is_empty() {
            return malformed("eventTypes: at least one value is required".into());
        }
        let mut types = BTreeSet::new();
        for name in names {
            let Some(event_type) = EventType::of_name(name) else {
                return malformed(format!("eventTypes: {name:?} is no type of real-time events"));
            };
            types.insert(event_type);
        }
        let mut scopes = BTreeSet::new();
        for scope in self.scopes.iter().flatten() {
            scopes.insert(match scope.as_str() {
                "INTERNAL" => DatahoseScope::Internal,
                "EXTERNAL" => DatahoseScope::External,
                "FEDERATION" => DatahoseScope::Federation,
                other => {
                    return malformed(format!(
                        "scopes: {other:?} is none of INTERNAL, EXTERNAL and FEDERATION"
                    ));
                }
            });
        }
        Ok(DatahoseFilter { types, scopes })
    }
}

impl Default for V5ReadBody {
    fn default() -> Self {
        Self { ack_id: None, update_presence: true }
    }
}

fn yes() -> bool {
    true
}

/// A `null` is no, though an absent value is yes: so the agent takes `updatePresence`
/// (finos/symphony-bdk-python, d5ece04).
fn null_is_false<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

impl From<&Feed> for V5Datafeed {
    fn from(feed: &Feed) -> Self {
        Self {
            id: feed.id.name.to_string(),
            kind: match feed.kind {
                FeedKind::Datahose { .. } => "datahose",
                FeedKind::Fanout { .. } | FeedKind::Legacy => "fanout",
            },
        }
    }
}
