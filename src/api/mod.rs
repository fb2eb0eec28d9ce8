//! The Symphony contract: the catalogue of operations, their handlers, the shapes on the wire.

mod admin;
mod app_users;
mod apps;
mod attachment_types;
mod attachments;
mod audit_trail;
mod audit_trail_2;
mod authentication;
mod avatars;
mod base64_body;
mod community_connect;
mod component;
mod connect_v2;
mod connections;
mod content_disposition;
mod datafeed;
mod dlp;
mod error_response;
mod events;
mod events_v1;
mod export_files;
mod extract;
mod follow;
mod groups;
mod groups_of_users;
mod health;
mod import;
mod languages;
mod malware_scan;
mod manifest;
mod membership;
mod message_search;
mod messages;
mod multipart;
mod parameters;
mod presence;
mod protocols;
mod receipts;
mod retirement;
mod room_shapes;
mod rooms;
mod session;
mod shapes;
mod share;
mod signals;
mod streams;
mod tokens;
mod undocumented;
mod user_sessions;
mod users;
mod v4_message;

pub use component::Component;
pub use error_response::answer;
pub use extract::WithoutWaiting;
pub use retirement::Retirement;

use crate::operation::{Catalogue, Operation, Route};

/// What is served: the operations of Symphony's public API, and what clients ask for beside them.
///
/// Refusals leave the handlers unshaped; [`answer`] gives them their component's form.
pub fn catalogue() -> Catalogue {
    Catalogue::new(routes(), documented_routes(), undocumented::operations())
}

/// The operations of Symphony's public API.
pub fn operations() -> Vec<Operation> {
    routes().map(|route| route.operation.clone()).collect()
}

/// The operations that Symphony's documentation has, and none of its API files.
pub fn documented() -> Vec<Operation> {
    documented_routes().map(|route| route.operation.clone()).collect()
}

fn documented_routes() -> impl Iterator<Item = &'static Route> {
    [audit_trail_2::operations(), connect_v2::operations(), malware_scan::operations()]
        .into_iter()
        .flatten()
}

/// Every operation of Symphony's public API, each once, with what serves it.
fn routes() -> impl Iterator<Item = &'static Route> {
    [
        app_users::operations(),
        apps::operations(),
        attachment_types::operations(),
        attachments::operations(),
        audit_trail::operations(),
        authentication::operations(),
        community_connect::operations(),
        connections::operations(),
        datafeed::operations(),
        export_files::operations(),
        follow::operations(),
        groups::operations(),
        groups_of_users::operations(),
        health::operations(),
        import::operations(),
        languages::operations(),
        manifest::operations(),
        membership::operations(),
        message_search::operations(),
        messages::operations(),
        presence::operations(),
        protocols::operations(),
        receipts::operations(),
        rooms::operations(),
        session::operations(),
        share::operations(),
        signals::operations(),
        streams::operations(),
        tokens::operations(),
        user_sessions::operations(),
        users::operations(),
    ]
    .into_iter()
    .flatten()
    .chain(admin::operations())
    .chain(dlp::operations())
}
