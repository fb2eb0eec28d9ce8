//! What of Symphony's API this pod does not model yet. The list may only shrink: whoever builds an
//! operation moves its line to the file of its capability.
//!
//! The doors are closed as those of other operations are: a stranger hears 401, and only who may
//! come in that there is nothing behind the door.

use axum::extract::{FromRequestParts, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::http::request::Parts;

use super::Component;
use super::extract::{AnySession, token};
use crate::domain::Refusal;
use crate::operation::{Context, Depth, OnBehalfOf, Operation, Route};

macro_rules! gaps {
    ($($method:ident $path:literal => $name:ident),* $(,)?) => {
        pub(super) const fn operations() -> &'static [Route] {
            const TABLE: &[Route] = &[$(Route {
                operation: Operation {
                    method: Method::$method,
                    path: $path,
                    name: stringify!($name),
                    depth: Depth::Gap,
                    on_behalf_of: OnBehalfOf(&[]),
                },
                serve: |request, context| Handler::call(not_modelled, request, context),
            }),*];
            TABLE
        }
    };
}

gaps! {
    // DLP violations
    GET "/agent/v1/dlp/violations/message" => dlp_violations_message_v1,
    GET "/agent/v1/dlp/violations/signal" => dlp_violations_signal_v1,
    GET "/agent/v1/dlp/violations/stream" => dlp_violations_stream_v1,
    GET "/agent/v3/dlp/violation/attachment" => dlp_violation_attachment_v3,
    GET "/agent/v3/dlp/violations/message" => dlp_violations_message_v3,
    GET "/agent/v3/dlp/violations/signal" => dlp_violations_signal_v3,
    GET "/agent/v3/dlp/violations/stream" => dlp_violations_stream_v3,
    // files (content export)
    GET "/files/v1/" => files_list_v1,
    GET "/files/v1/{fileId}" => files_get_v1,
    GET "/files/v1/{fileId}/metadata" => files_metadata_v1,
    // community connect (channelco)
    DELETE "/connect-service/v1/channelco/company/{companyId}/user/{userId}" => channelco_company_user_delete_v1,
    GET "/connect-service/v1/channelco/company/{companyId}/user/{userId}" => channelco_company_user_get_v1,
    PUT "/connect-service/v1/channelco/company/{companyId}/user/{userId}" => channelco_company_user_replace_v1,
    POST "/connect-service/v1/channelco/company/{companyId}/user/{userId}/roles/add" => channelco_company_user_roles_add_v1,
    GET "/connect-service/v1/channelco/user" => channelco_user_list_v1,
    POST "/connect-service/v1/channelco/user" => channelco_user_create_v1,
    GET "/connect-service/v1/onboarding/tenant" => onboarding_tenant_v1,
}

/// A caller who may come in.
struct Allowed;

async fn not_modelled(_: Allowed, State(context): State<Context>) -> Refusal {
    let Operation { method, path, .. } = context.asked.operation();
    Refusal::NotModelled { operation: format!("{method} {path}") }
}

impl FromRequestParts<Context> for Allowed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        match Component::of_path(parts.uri.path()) {
            // The partners of Symphony's community have tokens of their own, which this pod does
            // not give: any will do.
            Component::CommunityConnect => match token(&parts.headers, "authorization") {
                Some(_) => Ok(Self),
                None => Err(Refusal::SessionTokenMissing),
            },
            _ => AnySession::from_request_parts(parts, context).await.map(|_| Self),
        }
    }
}
