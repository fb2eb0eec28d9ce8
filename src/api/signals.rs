//! Signals: standing searches that people subscribe to.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, OptionalJsonBody, PathParameter, Session};
use super::parameters::{Most, Parameters};
use super::shapes::SuccessResponse;
use crate::domain::{Refusal, Signal, SignalRequest, Subscribed, Subscription, UserId, World};
use crate::operation::operations;

operations! {
    GET "/agent/v1/signals/list" => signals_list_v1 [ManageSignals],
    GET "/agent/v1/signals/{id}/get" => signals_get_v1 [ManageSignals],
    POST "/agent/v1/signals/create" => signals_create_v1 [ManageSignals],
    POST "/agent/v1/signals/{id}/update" => signals_update_v1 [ManageSignals],
    POST "/agent/v1/signals/{id}/delete" => signals_delete_v1 [ManageSignals],
    POST "/agent/v1/signals/{id}/subscribe" => signals_subscribe_v1 [ManageSignals],
    POST "/agent/v1/signals/{id}/unsubscribe" => signals_unsubscribe_v1 [ManageSignals],
    GET "/agent/v1/signals/{id}/subscribers" => signals_subscribers_v1 [ManageSignals],
}

/// `BaseSignal` of the agent API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BaseSignal {
    name: String,
    query: String,
    visible_on_profile: Option<bool>,
    company_wide: Option<bool>,
}

/// `Signal` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireSignal {
    name: String,
    query: String,
    visible_on_profile: bool,
    company_wide: bool,
    id: String,
    /// When it was created.
    timestamp: u64,
}

/// `ChannelSubscriptionResponse` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelSubscriptionResponse {
    requested_subscription: usize,
    successful_subscription: usize,
    failed_subscription: usize,
    subscription_errors: Vec<ChannelSubscriptionError>,
}

/// `ChannelSubscriptionError` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelSubscriptionError {
    user_id: u64,
    code: &'static str,
    message: &'static str,
}

/// `ChannelSubscriberResponse` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelSubscriberResponse {
    offset: usize,
    has_more: bool,
    total: usize,
    data: Vec<ChannelSubscriber>,
}

/// `ChannelSubscriber` of the agent API. No recorded one has the `subscriptionId` that it declares.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelSubscriber {
    /// Whether he may not leave, as the parameter of that name says and not the field's description.
    pushed: bool,
    owner: bool,
    subscriber_name: String,
    user_id: u64,
    timestamp: u64,
}

async fn signals_list_v1(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
) -> Result<Json<Vec<WireSignal>>, Refusal> {
    const DEFAULT: usize = 50;
    const MAX: usize = 500;
    let page = query.page(DEFAULT, Most::Refused(MAX))?;
    let (me, world) = (me.user()?, pod.world());
    let signals = page.of(world.signals_of(me));
    Ok(Json(signals.map(|signal| WireSignal::from(&**signal)).collect()))
}

async fn signals_get_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<WireSignal>, Refusal> {
    Ok(Json((&**pod.world().signal(me.user()?, &id)?).into()))
}

async fn signals_create_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(signal): JsonBody<BaseSignal>,
) -> Result<Json<WireSignal>, Refusal> {
    let created = pod.world().create_signal(me.user()?, &signal.into(), pod.clock.now())?;
    Ok(Json((&*created).into()))
}

async fn signals_update_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    JsonBody(signal): JsonBody<BaseSignal>,
) -> Result<Json<WireSignal>, Refusal> {
    let now = pod.clock.now();
    let updated = pod.world().update_signal(me.user()?, &id, &signal.into(), now)?;
    Ok(Json((&*updated).into()))
}

async fn signals_delete_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let id = pod.world().delete_signal(me.user()?, &id)?;
    Ok(SuccessResponse::text(format!("Signal {id} deleted")))
}

async fn signals_subscribe_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
    OptionalJsonBody(users): OptionalJsonBody<Option<Vec<u64>>>,
) -> Result<Json<ChannelSubscriptionResponse>, Refusal> {
    let (pushed, users) = (query.flag("pushed")?.unwrap_or(false), ids(users));
    let now = pod.clock.now();
    let done = pod.world().subscribe(me.user()?, &id, users.as_deref(), pushed, now)?;
    Ok(Json(done.into()))
}

async fn signals_unsubscribe_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    OptionalJsonBody(users): OptionalJsonBody<Option<Vec<u64>>>,
) -> Result<Json<ChannelSubscriptionResponse>, Refusal> {
    let users = ids(users);
    Ok(Json(pod.world().unsubscribe(me.user()?, &id, users.as_deref())?.into()))
}

async fn signals_subscribers_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<ChannelSubscriberResponse>, Refusal> {
    const DEFAULT: usize = 100;
    let page = query.page(DEFAULT, Most::Unbounded)?;
    let (me, world) = (me.user()?, pod.world());
    let all = world.subscribers(me, &id, pod.clock.now())?;
    let owner = world.signal(me, &id)?.owner;
    let total = all.len();
    let offset = page.skip;
    let data: Vec<_> = page.of(all).map(|it| ChannelSubscriber::new(&world, owner, it)).collect();
    let has_more = offset.saturating_add(data.len()) < total;
    Ok(Json(ChannelSubscriberResponse { offset, has_more, total, data }))
}

fn ids(users: Option<Vec<u64>>) -> Option<Vec<UserId>> {
    users.map(|users| users.into_iter().map(UserId::from_wire).collect())
}

impl From<BaseSignal> for SignalRequest {
    fn from(signal: BaseSignal) -> Self {
        Self {
            name: signal.name,
            query: signal.query,
            visible_on_profile: signal.visible_on_profile.unwrap_or(false),
            company_wide: signal.company_wide.unwrap_or(false),
        }
    }
}

impl From<&Signal> for WireSignal {
    fn from(signal: &Signal) -> Self {
        Self {
            name: signal.name.clone(),
            query: signal.query.to_string(),
            visible_on_profile: signal.visible_on_profile,
            company_wide: signal.company_wide,
            id: signal.id.to_string(),
            timestamp: signal.created.as_millis(),
        }
    }
}

impl From<Vec<Subscribed>> for ChannelSubscriptionResponse {
    fn from(done: Vec<Subscribed>) -> Self {
        let error = |(user, outcome): &Subscribed| {
            let error = outcome.err()?;
            let (code, message) = (error.code(), error.message());
            Some(ChannelSubscriptionError { user_id: user.as_u64(), code, message })
        };
        let subscription_errors: Vec<_> = done.iter().filter_map(error).collect();
        Self {
            requested_subscription: done.len(),
            successful_subscription: done.len() - subscription_errors.len(),
            failed_subscription: subscription_errors.len(),
            subscription_errors,
        }
    }
}

impl ChannelSubscriber {
    fn new(world: &World, owner: UserId, subscription: Subscription) -> Self {
        let user = world.users.by_id(subscription.user);
        Self {
            pushed: subscription.pushed,
            owner: subscription.user == owner,
            subscriber_name: user.map(|user| user.display_name.clone()).unwrap_or_default(),
            user_id: subscription.user.as_u64(),
            timestamp: subscription.since.as_millis(),
        }
    }
}
