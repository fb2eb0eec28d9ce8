//! What administrators do. Everything here wants a role, which an extractor demands.

mod apps;
mod avatars;
mod barriers;
mod certificates;
mod delegates;
mod disclaimers;
mod entitlements;
mod features;
mod roles;
mod sso;
mod users;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use super::extract::Session;
use crate::domain::{Refusal, UserId};
use crate::operation::{Context, Route};

/// The operations of all files of this folder.
pub(super) fn operations() -> impl Iterator<Item = &'static Route> {
    [
        apps::operations(),
        avatars::operations(),
        barriers::operations(),
        certificates::operations(),
        delegates::operations(),
        disclaimers::operations(),
        entitlements::operations(),
        features::operations(),
        roles::operations(),
        sso::operations(),
        users::operations(),
    ]
    .into_iter()
    .flatten()
}

/// A caller with the role USER_PROVISIONING.
struct UserProvisioner(UserId);

/// `StringId` of the pod API.
#[derive(Deserialize)]
struct StringId {
    id: String,
}

impl FromRequestParts<Context> for UserProvisioner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let caller = Session::from_request_parts(parts, context).await?.user()?;
        context.pod.world().check_role(caller, "USER_PROVISIONING")?;
        Ok(Self(caller))
    }
}
