//! What administrators do. Everything here wants a role, which an extractor demands.

mod apps;
mod avatars;
mod certificates;
mod delegates;
mod disclaimers;
mod entitlements;
mod features;
mod roles;
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
        certificates::operations(),
        delegates::operations(),
        disclaimers::operations(),
        entitlements::operations(),
        features::operations(),
        roles::operations(),
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

/// A part of a list.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Page {
    skip: Option<usize>,
    limit: Option<usize>,
}

impl Page {
    /// This part of `all`; the rest of it where the request has no limit.
    fn of<T>(self, all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        let limit = self.limit.unwrap_or(usize::MAX);
        all.into_iter().skip(self.skip.unwrap_or(0)).take(limit)
    }

    /// The page of a list of users: 100 of them unless the request says otherwise, and 1,000 at
    /// most.
    fn of_users(self) -> Result<Self, Refusal> {
        let limit = self.limit.unwrap_or(100);
        if !(1..=1_000).contains(&limit) {
            let what = format!("limit is {limit}, expected 1 to 1000");
            return Err(Refusal::Malformed { what });
        }
        Ok(Self { limit: Some(limit), ..self })
    }
}

impl FromRequestParts<Context> for UserProvisioner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let caller = Session::from_request_parts(parts, context).await?.user()?;
        context.pod.world().check_role(caller, "USER_PROVISIONING")?;
        Ok(Self(caller))
    }
}
