//! Operations of Symphony's API, and the macro that makes the tables they stand in.

mod catalogue;

use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;

pub use catalogue::{Catalogue, RouteMatch};

use crate::domain::AppPermission;
use crate::pod::Pod;
use crate::transport::{ClientCertificate, ListenerRef};

/// One operation of Symphony's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub method: Method,
    /// The whole path as a client sends it, with `{parameters}`.
    pub path: &'static str,
    /// The name of its handler, which is unique.
    pub name: &'static str,
    /// An app may call it on behalf of a user with any one of these permissions. If there are none, no
    /// app may.
    pub on_behalf_of: OnBehalfOf,
}

/// The permissions that open an operation to apps on behalf of users.
///
/// The session extractor reads it from the request's operation, so an operation without permissions is
/// closed to apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OnBehalfOf(pub &'static [AppPermission]);

/// An operation and its handler.
pub struct Route {
    pub operation: Operation,
    /// Calls its axum handler. A function and not a boxed service: the table is then data that costs
    /// nothing to build, to keep and to call.
    pub serve: fn(Request, Context) -> Answer,
}

/// The future of a response.
pub type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// What the server knows of a request: the state of the handlers.
#[derive(Clone)]
pub struct Context {
    pub pod: Arc<Pod>,
    /// The client certificate of its connection.
    pub certificate: Option<Arc<ClientCertificate>>,
    /// The listener of its connection.
    pub listener: ListenerRef,
    /// The name of the pod in front of the path, where there is one.
    pub prefix: Option<Arc<str>>,
    pub asked: RouteMatch,
    /// How often the pod had ended waiting reads when the request came, to tell reads that came before a
    /// fault was planned.
    pub reads_ended: u64,
}

/// Makes the table of a capability: `POST "/whole/path" => handler,` a line, followed by the
/// permissions that open it to apps: `=> handler [SendMessages],`.
macro_rules! operations {
    ($($method:ident $path:literal => $handler:ident $([$($permission:ident),+])?),* $(,)?) => {
        pub(super) const fn operations() -> &'static [$crate::operation::Route] {
            const TABLE: &[$crate::operation::Route] = &[$($crate::operation::Route {
                operation: $crate::operation::Operation {
                    method: axum::http::Method::$method,
                    path: $path,
                    name: stringify!($handler),
                    on_behalf_of: $crate::operation::OnBehalfOf(
                        &[$($($crate::domain::AppPermission::$permission),+)?],
                    ),
                },
                serve: |request, context| {
                    axum::handler::Handler::call($handler, request, context)
                },
            }),*];
            TABLE
        }
    };
}
pub(crate) use operations;
