//! The languages in which the pod speaks to its users.

use axum::Json;
use serde::Serialize;

use super::extract::CurrentPod;
use crate::operation::operations;

operations! {
    GET "/pod/v1/languages" => languages_v1,
}

/// `Languages` of the pod API.
#[derive(Serialize)]
struct Languages {
    languages: Vec<String>,
}

/// The API file demands no header of it: everybody may ask.
async fn languages_v1(pod: CurrentPod) -> Json<Languages> {
    Json(Languages { languages: pod.world().settings.languages.clone() })
}
