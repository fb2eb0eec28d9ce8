//! Presence: one's own, other people's, and feeds of its changes.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::{Most, Parameters};
use super::shapes::{StringId, SuccessResponse};
use crate::domain::{Presence, PresenceCategory, PresenceChange, Refusal, UserId};
use crate::operation::operations;

operations! {
    GET "/pod/v1/user/presence" => own_presence_v1 [GetPresence],
    POST "/pod/v1/user/presence" => set_own_presence_v1 [SetPresence],
    GET "/pod/v1/user/{uid}/presence" => presence_v1 [GetPresence],
    POST "/pod/v1/user/{uid}/presence" => set_presence_v1 [SetPresence],
    GET "/pod/v2/user/presence" => own_presence_v2 [GetPresence],
    POST "/pod/v2/user/presence" => set_own_presence_v2 [SetPresence],
    GET "/pod/v2/user/{uid}/presence" => presence_v2 [GetPresence],
    GET "/pod/v2/users/presence" => pod_presences_v2 [GetPresence],
    GET "/pod/v3/user/{uid}/presence" => presence_v3 [GetPresence],
    POST "/pod/v3/user/presence" => set_presence_v3 [SetPresence],
    POST "/pod/v1/user/presence/register" => register_presence_interest_v1 [GetPresence],
    POST "/pod/v1/presence/feed/create" => create_presence_feed_v1 [GetPresence],
    GET "/pod/v1/presence/feed/{feedId}/read" => read_presence_feed_v1 [GetPresence],
    POST "/pod/v1/presence/feed/{feedId}/delete" => delete_presence_feed_v1 [GetPresence],
}

/// `Presence` of the pod API, the first version.
#[derive(Serialize)]
struct PresenceV1 {
    category: &'static str,
}

/// `V2Presence` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PresenceV2 {
    category: &'static str,
    user_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
}

/// `Presence` and `V2PresenceStatus` of the pod API, as clients send them.
#[derive(Deserialize)]
struct PresenceStatus {
    category: String,
}

/// `V2UserPresence` of the pod API, as clients send it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserPresence {
    category: String,
    user_id: u64,
}

async fn own_presence_v1(pod: CurrentPod, me: Session) -> Result<Json<PresenceV1>, Refusal> {
    let me = me.user()?;
    Ok(Json(pod.world().presence(me, me, true)?.into()))
}

async fn own_presence_v2(pod: CurrentPod, me: Session) -> Result<Json<PresenceV2>, Refusal> {
    let me = me.user()?;
    Ok(Json(pod.world().presence(me, me, true)?.into()))
}

async fn set_own_presence_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(status): JsonBody<PresenceStatus>,
) -> Result<Json<PresenceV1>, Refusal> {
    let (me, category) = (me.user()?, category(&status.category)?);
    let now = pod.clock.now();
    let stored = pod.world().set_presence(me, me, category, PresenceChange::Hard, now)?;
    Ok(Json(stored.into()))
}

async fn set_own_presence_v2(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
    JsonBody(status): JsonBody<PresenceStatus>,
) -> Result<Json<PresenceV2>, Refusal> {
    let (me, category) = (me.user()?, category(&status.category)?);
    let now = pod.clock.now();
    let stored = pod.world().set_presence(me, me, category, change(&query)?, now)?;
    Ok(Json(stored.into()))
}

async fn presence_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
) -> Result<Json<PresenceV1>, Refusal> {
    Ok(Json(pod.world().presence(me.user()?, UserId::from_wire(user), false)?.into()))
}

async fn presence_v2(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    query: Parameters,
) -> Result<Json<PresenceV1>, Refusal> {
    let local = query.flag("local")?.unwrap_or(false);
    Ok(Json(pod.world().presence(me.user()?, UserId::from_wire(user), local)?.into()))
}

async fn presence_v3(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    query: Parameters,
) -> Result<Json<PresenceV2>, Refusal> {
    let local = query.flag("local")?.unwrap_or(false);
    Ok(Json(pod.world().presence(me.user()?, UserId::from_wire(user), local)?.into()))
}

async fn set_presence_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    JsonBody(status): JsonBody<PresenceStatus>,
) -> Result<Json<PresenceV1>, Refusal> {
    let (me, category) = (me.user()?, settable_by_v1(category(&status.category)?)?);
    let (user, now) = (UserId::from_wire(user), pod.clock.now());
    let stored = pod.world().set_presence(me, user, category, PresenceChange::Hard, now)?;
    Ok(Json(stored.into()))
}

async fn set_presence_v3(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
    JsonBody(presence): JsonBody<UserPresence>,
) -> Result<Json<PresenceV2>, Refusal> {
    let (me, category) = (me.user()?, category(&presence.category)?);
    let (user, now) = (UserId::from_wire(presence.user_id), pod.clock.now());
    let stored = pod.world().set_presence(me, user, category, change(&query)?, now)?;
    Ok(Json(stored.into()))
}

/// `lastUserId` is the id to begin with: the API file skips those below it, not itself.
async fn pod_presences_v2(
    pod: CurrentPod,
    me: Session,
    query: Parameters,
) -> Result<Json<Vec<PresenceV2>>, Refusal> {
    const DEFAULT: usize = 1_000;
    const MAX: usize = 5_000;
    me.user()?;
    let first = query.number("lastUserId")?.map(UserId::from_wire);
    let limit = query.page(DEFAULT, Most::Refused(MAX))?.limit;
    let now = pod.clock.now();
    let presences = pod.world().pod_presences(first, limit, now);
    Ok(Json(presences.into_iter().map(PresenceV2::from).collect()))
}

async fn register_presence_interest_v1(
    pod: CurrentPod,
    me: Session,
    JsonBody(users): JsonBody<Vec<u64>>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let users: Vec<_> = users.into_iter().map(UserId::from_wire).collect();
    pod.world().register_presence_interest(me.user()?, &users)?;
    Ok(SuccessResponse::text("OK"))
}

async fn create_presence_feed_v1(pod: CurrentPod, me: Session) -> Result<Json<StringId>, Refusal> {
    let id = pod.world().open_presence_feed(me.user()?);
    Ok(Json(StringId { id }))
}

async fn read_presence_feed_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(feed): PathParameter<String>,
) -> Result<Json<Vec<PresenceV2>>, Refusal> {
    let changed = pod.world().read_presence_feed(me.user()?, &feed)?;
    Ok(Json(changed.into_iter().map(PresenceV2::from).collect()))
}

pub(super) async fn delete_presence_feed_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<StringId>, Refusal> {
    pod.world().close_presence_feed(me.user()?, &id)?;
    Ok(Json(StringId { id }))
}

impl From<Presence> for PresenceV1 {
    /// What the first version has no word for is `UNDEFINED` to it.
    fn from(presence: Presence) -> Self {
        use PresenceCategory::{InAMeeting, OffWork, OutOfOffice};
        let category = match presence.category {
            InAMeeting | OffWork | OutOfOffice => "UNDEFINED",
            category => category.as_str(),
        };
        Self { category }
    }
}

impl From<Presence> for PresenceV2 {
    fn from(presence: Presence) -> Self {
        Self {
            category: presence.category.as_str(),
            user_id: presence.user.as_u64(),
            timestamp: presence.since.map(|since| since.as_millis()),
        }
    }
}

fn category(name: &str) -> Result<PresenceCategory, Refusal> {
    let named = PresenceCategory::NAMES.into_iter().find(|(_, known)| *known == name);
    named.map(|(category, _)| category).ok_or_else(|| {
        let names = PresenceCategory::NAMES.map(|(_, name)| name).join(", ");
        Refusal::Malformed { what: format!("The category is {name:?}, expected one of {names}") }
    })
}

/// The four categories that version 1 sets for other users.
fn settable_by_v1(category: PresenceCategory) -> Result<PresenceCategory, Refusal> {
    use PresenceCategory::{Available, Away, Busy, OnThePhone};
    match category {
        Available | Busy | OnThePhone | Away => Ok(category),
        _ => Err(Refusal::PresenceNotSettable { category: category.as_str() }),
    }
}

fn change(query: &Parameters) -> Result<PresenceChange, Refusal> {
    let soft = query.flag("soft")?.unwrap_or(false);
    Ok(if soft { PresenceChange::Soft } else { PresenceChange::Hard })
}
