//! Paths that clients ask for and that stand in none of Symphony's API files. Real pods serve them;
//! to the catalogue, which is that of the files, they do not belong.

use super::avatars::{avatar_file, default_avatar_file};
use super::community_connect::partner_token;
use super::export_files::export_file_content;
use super::presence::delete_presence_feed_v1;
use super::receipts::message_status_v1;
use crate::operation::operations;

operations! {
    // The Spring starter of the Java BDK asks the agent (`BdkApiClientsConfig.messageApi`).
    GET "/agent/v1/message/{mid}/status" => message_status_v1,
    // Where the URLs of avatars lead, seen from the web client.
    GET "/avatars/{region}/{folder}/{owner}/{file}" => avatar_file,
    GET "/avatars/static/{size}/default.png" => default_avatar_file,
    // Where downloads of content exports lead: on Symphony's side, to a cloud's storage.
    GET "/_files/{id}" => export_file_content,
    // Where partners get their access tokens: on Symphony's side, another host.
    POST "/oauth/token" => partner_token,
    // The legacy Python SDK deletes with a GET.
    GET "/pod/v1/presence/feed/{feedId}/delete" => delete_presence_feed_v1 [GetPresence],
}
