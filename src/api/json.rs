use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::Refusal;

/// A body in JSON.
///
/// axum's writes into a buffer of another kind than everything else here, and would make a second
/// writer out of each type that is written both ways.
pub(super) struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        respond(serde_json::to_vec(&self.0))
    }
}

fn respond(json: Result<Vec<u8>, serde_json::Error>) -> Response {
    match json {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        // The shapes are structs with text keys: they always serialise.
        Err(_) => Refusal::Bug.into_response(),
    }
}
