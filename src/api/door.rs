use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::Map;
use tower::Service;

use crate::domain::Refusal;
use crate::operation::{Answer, Operation, Route};

/// What is served under one path.
///
/// One type for all paths, and functions for handlers: axum's own method routers would make a dozen
/// functions and two tables out of each handler, and clone it twice for each request.
#[derive(Clone)]
pub(super) struct Door(Arc<[&'static Route]>);

impl Door {
    /// `routes` are the operations of one path, with a method each.
    pub fn new(routes: Vec<&'static Route>) -> Self {
        Self(routes.into())
    }

    /// The operation of a method. A path that can be got can be asked for its head.
    fn route(&self, method: &Method) -> Option<&'static Route> {
        let route = |method: &Method| {
            self.0.iter().copied().find(|route| route.operation.method == *method)
        };
        route(method).or_else(|| (*method == Method::HEAD).then(|| route(&Method::GET)).flatten())
    }

    fn refusal(&self) -> Refusal {
        let methods: Vec<_> = self.0.iter().map(|route| route.operation.method.as_str()).collect();
        Refusal::MethodNotAllowed { allowed: methods.join(", ") }
    }
}

impl Service<Request> for Door {
    type Response = Response;
    type Error = Infallible;
    type Future = Map<Answer, fn(Response) -> Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let finish = if *request.method() == Method::HEAD { head } else { Ok };
        let answer: Answer = match self.route(request.method()) {
            Some(route) => {
                let operation: &'static Operation = &route.operation;
                request.extensions_mut().insert(operation);
                (route.handler)(request)
            }
            None => Box::pin(std::future::ready(self.refusal().into_response())),
        };
        answer.map(finish)
    }
}

/// The response without its body, whose length it still tells.
fn head(response: Response) -> Result<Response, Infallible> {
    let length = response.body().size_hint().exact();
    let mut head = response.map(|_| Body::empty());
    if let Some(length) = length {
        head.headers_mut().entry(header::CONTENT_LENGTH).or_insert(HeaderValue::from(length));
    }
    Ok(head)
}
