//! Pictures of users.

use axum::Json;
use serde::Deserialize;

use crate::api::avatars::{AvatarInfo, avatars};
use crate::api::extract::{CurrentPod, JsonBody, PathParameter, Session};
use crate::api::shapes::SuccessResponse;
use crate::domain::{Avatar, Refusal, UserId};
use crate::operation::operations;

operations! {
    GET "/pod/v1/admin/user/{uid}/avatar" => admin_user_avatar_v1,
    POST "/pod/v1/admin/user/{uid}/avatar/update" => admin_user_avatar_update_v1,
}

/// `AvatarUpdate` of the pod API: a picture in base64.
#[derive(Deserialize)]
struct AvatarUpdate {
    image: String,
}

async fn admin_user_avatar_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
) -> Result<Json<Vec<AvatarInfo>>, Refusal> {
    let user = UserId::from_wire(user);
    let world = pod.world();
    world.check_avatar_of(me.user()?, user)?;
    Ok(Json(avatars(world.avatar_of(user), user)))
}

async fn admin_user_avatar_update_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(user): PathParameter<u64>,
    JsonBody(AvatarUpdate { image }): JsonBody<AvatarUpdate>,
) -> Result<Json<SuccessResponse>, Refusal> {
    let (me, user) = (me.user()?, UserId::from_wire(user));
    pod.world().check_avatar_of(me, user)?;
    let avatar = Avatar::from_base64(&image)?;
    pod.world().set_avatar(me, user, avatar, pod.clock.now())?;
    Ok(SuccessResponse::text("OK"))
}
