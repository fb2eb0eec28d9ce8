//! What administrators do. Everything here wants a role, which an extractor demands.

mod certificates;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, Session};
use crate::domain::{Refusal, UserId};
use crate::operation::Route;

/// The operations of all files of this folder.
pub(super) fn operations() -> Vec<Route> {
    [certificates::operations()].into_iter().flatten().collect()
}

/// A caller with the role USER_PROVISIONING.
struct UserProvisioner(UserId);

/// `StringId` of the pod API.
#[derive(Deserialize)]
struct StringId {
    id: String,
}

/// `SuccessResponse` of the pod API, with the text that administrators' calls are answered.
#[derive(Serialize)]
struct Success {
    format: &'static str,
    message: &'static str,
}

impl Success {
    const OK: Self = Self { format: "TEXT", message: "OK" };
}

impl<S: Send + Sync> FromRequestParts<S> for UserProvisioner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let me = Session::from_request_parts(parts, state).await?;
        let pod = CurrentPod::from_request_parts(parts, state).await?;
        let world = pod.world();
        world.require_role(&me.principal, "USER_PROVISIONING").map(Self)
    }
}
