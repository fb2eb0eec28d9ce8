//! The Symphony contract: the catalogue of operations, their handlers, the shapes on the wire.

mod admin;
mod answer;
mod apps;
mod attachments;
mod authentication;
mod component;
mod connections;
mod datafeed;
mod events;
mod events_v1;
mod extract;
mod gaps;
mod health;
mod membership;
mod message_search;
mod messages;
mod multipart;
mod paging;
mod parameters;
mod presence;
mod receipts;
mod room_shapes;
mod rooms;
mod session;
mod shapes;
mod share;
mod streams;
mod tokens;
mod user_sessions;
mod users;
mod v4_message;

use std::collections::BTreeMap;

use axum::Router;
use axum::http::Uri;
use axum::routing::MethodRouter;

pub use answer::answer;
pub use component::Component;

use crate::domain::Refusal;
use crate::operation::{Operation, Route};

/// Every operation of Symphony's public API, each once, with what serves it.
pub fn catalogue() -> Vec<Route> {
    [
        admin::operations(),
        apps::operations(),
        attachments::operations(),
        authentication::operations(),
        connections::operations(),
        datafeed::operations(),
        gaps::operations(),
        health::operations(),
        membership::operations(),
        message_search::operations(),
        messages::operations(),
        presence::operations(),
        receipts::operations(),
        rooms::operations(),
        session::operations(),
        share::operations(),
        streams::operations(),
        tokens::operations(),
        user_sessions::operations(),
        users::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The operations alone.
pub fn operations() -> Vec<Operation> {
    catalogue().into_iter().map(|route| route.operation).collect()
}

/// Serves the catalogue. A request must carry its pod (`Arc<Pod>`) among its extensions, and its
/// connection's client certificate if there is one.
///
/// Refusals leave it unshaped; [`answer`] gives them their component's form.
pub fn router() -> Router {
    let mut paths: BTreeMap<&str, (Vec<String>, MethodRouter)> = BTreeMap::new();
    for Route { operation, handler } in catalogue() {
        let (methods, handlers) = paths.entry(operation.path).or_default();
        methods.push(operation.method.to_string());
        *handlers = std::mem::take(handlers).merge(handler);
    }
    let mut router = Router::new();
    for (path, (methods, handlers)) in paths {
        let allowed = methods.join(", ");
        let handlers = handlers.fallback(async move || Refusal::MethodNotAllowed { allowed });
        // The server takes trailing slashes off requests.
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        router = router.route(path, handlers);
    }
    router.fallback(path_unknown)
}

async fn path_unknown(uri: Uri) -> Refusal {
    const ALIKE: f64 = 0.85;
    let wanted = uri.path();
    let nearest = operations()
        .into_iter()
        .map(|operation| (strsim::jaro_winkler(operation.path, wanted), operation))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, operation)| format!("{} {}", operation.method, operation.path));
    Refusal::PathUnknown { nearest }
}
