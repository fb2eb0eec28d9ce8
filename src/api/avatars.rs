//! Pictures of accounts: how they are listed, and where clients get them.

use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;

use super::extract::CurrentPod;
use crate::domain::{Avatar, Refusal, UserId, avatar_urls};

/// `Avatar` of the pod API and of the profile manager.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AvatarInfo {
    size: &'static str,
    url: String,
}

/// What accounts show that have no picture: one grey pixel, in PNG.
const DEFAULT: &[u8] = include_bytes!("../../fixtures/default-avatar.png");

pub(super) fn avatars(avatar: Option<&Avatar>, owner: UserId) -> Vec<AvatarInfo> {
    avatar_urls(avatar, owner).into_iter().map(|(size, url)| AvatarInfo { size, url }).collect()
}

/// `/avatars/{region}/{folder}/{owner}/{file}`: the picture as it was given, in whatever size it is
/// asked for. Browsers show no session here.
pub(super) async fn avatar_file(pod: CurrentPod, uri: Uri) -> Result<Response, Refusal> {
    let mut segments = uri.path().rsplit('/');
    let file = segments.next().unwrap_or_default();
    let owner = segments.next().and_then(|owner| owner.parse().ok()).map(UserId::from_wire);
    let world = pod.world();
    let avatar = owner.and_then(|owner| world.avatar_of(owner));
    let avatar = avatar.filter(|avatar| avatar.file_name() == file);
    let avatar = avatar.ok_or(Refusal::PathUnknown { nearest: None })?;
    Ok(image(avatar.content_type, avatar.bytes.clone()))
}

/// `/avatars/static/{size}/default.png`.
pub(super) async fn default_avatar_file() -> Response {
    image("image/png", Bytes::from_static(DEFAULT))
}

fn image(content_type: &'static str, bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, content_type)], bytes).into_response()
}
