//! What of Symphony's API this pod does not model yet. The list may only shrink: whoever builds an
//! operation moves its line to the file of its capability.
//!
//! The doors are closed as those of other operations are: a stranger hears 401, and only who may
//! come in that there is nothing behind the door.

use axum::extract::State;
use axum::handler::Handler;
use axum::http::Method;

use super::extract::AnySession;
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
}

async fn not_modelled(_: AnySession, State(context): State<Context>) -> Refusal {
    let Operation { method, path, .. } = context.asked.operation();
    Refusal::NotModelled { operation: format!("{method} {path}") }
}
