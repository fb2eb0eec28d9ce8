//! Shapes on the wire that more than one capability answers with.

use axum::Json;
use serde::Serialize;

/// `SuccessResponse` of the pod and agent APIs.
#[derive(Serialize)]
pub(super) struct SuccessResponse {
    format: &'static str,
    message: String,
}

impl SuccessResponse {
    /// An acknowledgement in words.
    pub fn text(message: impl Into<String>) -> Json<Self> {
        Json(Self { format: "TEXT", message: message.into() })
    }
}
