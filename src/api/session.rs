//! Who am I: the caller's own record.

use axum::Json;
use serde::Serialize;

use super::extract::{CurrentPod, Session};
use super::shapes::UserV2;
use crate::domain::Refusal;
use crate::operation::operations;

operations! {
    GET "/pod/v1/sessioninfo" => sessioninfo_v1 [GetBasicUserInfo],
    GET "/pod/v2/sessioninfo" => sessioninfo_v2 [GetBasicUserInfo],
}

/// `SessionInfo` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionInfo {
    user_id: u64,
}

async fn sessioninfo_v1(me: Session) -> Result<Json<SessionInfo>, Refusal> {
    Ok(Json(SessionInfo { user_id: me.user()?.as_u64() }))
}

async fn sessioninfo_v2(pod: CurrentPod, me: Session) -> Result<Json<UserV2>, Refusal> {
    let me = me.user()?;
    let world = pod.world();
    let user = world.users.by_id(me).ok_or(Refusal::Bug)?;
    Ok(Json(UserV2::seen_from(me.pod(), user)))
}
