//! The Symphony contract: the catalogue of operations, their handlers, the shapes on the wire.

mod admin;
mod answer;
mod apps;
mod attachments;
mod authentication;
mod beside;
mod component;
mod connections;
mod datafeed;
mod door;
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

pub use answer::answer;
pub use component::Component;

use crate::domain::Refusal;
use crate::operation::{Operation, Route};
use door::Door;

/// Every operation of Symphony's public API, each once, with what serves it.
pub fn catalogue() -> impl Iterator<Item = &'static Route> {
    [
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
    .chain(admin::operations())
}

/// The operations alone.
pub fn operations() -> Vec<Operation> {
    catalogue().map(|route| route.operation.clone()).collect()
}

/// Serves the catalogue, and what clients ask for beside it. A request must carry its pod (`Arc<Pod>`) among its extensions, and its
/// connection's client certificate if there is one.
///
/// Refusals leave it unshaped; [`answer`] gives them their component's form.
pub fn router() -> Router {
    let mut paths: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in catalogue().chain(beside::operations()) {
        paths.entry(route.operation.path).or_default().push(route);
    }
    let mut router = Router::new();
    for (path, routes) in paths {
        // The server takes trailing slashes off requests.
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        router = router.route_service(path, Door::new(routes));
    }
    router.fallback(path_unknown)
}

async fn path_unknown(uri: Uri) -> Refusal {
    const ALIKE: f64 = 0.85;
    let wanted = uri.path();
    let nearest = catalogue()
        .map(|route| &route.operation)
        .map(|operation| (strsim::jaro_winkler(operation.path, wanted), operation))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, operation)| format!("{} {}", operation.method, operation.path));
    Refusal::PathUnknown { nearest }
}
