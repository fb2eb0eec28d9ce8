//! What an operation of the API is, and the table in which each stands once.

use axum::http::Method;
use axum::routing::MethodRouter;

/// One operation of Symphony's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub method: Method,
    /// The whole path as a client sends it, with `{parameters}`.
    pub path: &'static str,
    /// The name of its handler, which is unique.
    pub name: &'static str,
    pub depth: Depth,
}

/// How much of an operation there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// It reads and changes the pod.
    Stateful,
    /// It answers 501 and names itself.
    Gap,
}

/// An operation with what serves it.
pub struct Route {
    pub operation: Operation,
    pub handler: MethodRouter,
}

/// Makes the table of a capability: `POST "/whole/path" => handler,` a line.
macro_rules! operations {
    ($($method:ident $path:literal => $handler:ident),* $(,)?) => {
        pub(super) fn operations() -> Vec<$crate::operation::Route> {
            vec![$($crate::operation::Route {
                operation: $crate::operation::Operation {
                    method: axum::http::Method::$method,
                    path: $path,
                    name: stringify!($handler),
                    depth: $crate::operation::Depth::Stateful,
                },
                handler: axum::routing::on(axum::routing::MethodFilter::$method, $handler),
            }),*]
        }
    };
}
pub(crate) use operations;
