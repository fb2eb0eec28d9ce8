//! Which types of files may go with messages.

use axum::Json;

use super::extract::{CurrentPod, Session};
use crate::operation::operations;

operations! {
    GET "/pod/v1/files/allowedTypes" => files_allowed_types_v1 [SendMessages],
}

/// Ends of file names, with their dot.
async fn files_allowed_types_v1(pod: CurrentPod, _: Session) -> Json<Vec<String>> {
    Json(pod.world().settings.attachment_types.clone().into())
}
