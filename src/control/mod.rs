//! The test's side: what a test may do to the pod and ask of it, as plain HTTP on a port of its
//! own, so that neither mutual TLS nor an injected fault can lock the tester out.

mod certificates;
mod clock;
mod faults;
mod identity;
mod messageml;
mod people;
mod pods;
mod refusal;
mod sdk_config;
mod snapshots;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use hyper::body::Incoming;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::operation::{Depth, Operation};
use crate::transport::Certificates;

pub use certificates::identity;
pub use faults::{Call, Catalogue, FaultGuard, FaultPlan, Hit, Instead, PlanError, Spoiling};
pub use identity::identity_jwt;
pub use pods::{Factory, FactoryError, Pods, Tenant};
use refusal::ControlRefusal;

/// What the control port needs besides the pod that a request is for, which comes among the
/// request's extensions.
#[derive(Clone)]
pub struct Control {
    pub pods: Arc<Pods>,
    pub certificates: Arc<Certificates>,
    pub operations: Arc<[Operation]>,
    /// The TLS port on which a client certificate is optional.
    pub port: u16,
}

/// The control port's entrance: whichever pod a request is for, the paths are the same.
#[derive(Clone)]
pub struct Entrance {
    pods: Arc<Pods>,
    router: Router,
}

impl Entrance {
    pub fn new(control: Control) -> Self {
        Self { pods: Arc::clone(&control.pods), router: router(control) }
    }

    pub async fn pass(self, request: Request<Incoming>) -> Result<Response, Infallible> {
        let mut request = request.map(Body::new);
        match self.pods.select(&mut request) {
            Ok(tenant) => {
                request.extensions_mut().insert(tenant);
                self.router.oneshot(request).await
            }
            Err(refusal) => Ok(ControlRefusal::body(refusal.why()).into_response()),
        }
    }
}

/// Serves the control port.
fn router(control: Control) -> Router {
    Router::new()
        .route("/livez", get(alive))
        .route("/readyz", get(alive))
        .route("/_mock/certs/{file}", get(certificates::download))
        .route("/_mock/clock", get(clock::read))
        .route("/_mock/clock/advance", post(clock::advance))
        .route("/_mock/clock/freeze", post(clock::freeze))
        .route("/_mock/clock/run", post(clock::run))
        .route("/_mock/clock/set", post(clock::set))
        .route("/_mock/faults", get(faults::list).post(faults::inject).delete(faults::clear))
        .route("/_mock/faults/packs", get(faults::packs))
        .route("/_mock/faults/{id}", axum::routing::delete(faults::remove))
        .route("/_mock/identity-jwt", post(identity::issue))
        .route("/_mock/messageml", post(messageml::convert))
        .route("/_mock/operations", get(operations))
        .route("/_mock/people/{user}/connections", post(people::connect))
        .route("/_mock/people/{user}/forms", post(people::submit))
        .route("/_mock/people/{user}/messages", post(people::send))
        .route("/_mock/people/{user}/reads", post(people::read))
        .route("/_mock/people/{user}/requests-to-join", post(people::request_to_join))
        .route("/_mock/pods", get(snapshots::pods))
        .route("/_mock/pods/{name}", put(snapshots::create).delete(snapshots::remove))
        .route("/_mock/reset", post(snapshots::reset))
        .route("/_mock/sdk-config/{bot}", get(sdk_config::configuration))
        .route("/_mock/snapshots", get(snapshots::list).post(snapshots::keep))
        .route("/_mock/snapshots/{name}", delete(snapshots::forget))
        .route("/_mock/snapshots/{name}/restore", post(snapshots::restore))
        .route("/_mock/system-events", post(people::system_event))
        .method_not_allowed_fallback(async || ControlRefusal::method_not_allowed())
        .fallback(async || ControlRefusal::not_found("no such path on the control port"))
        .with_state(control)
}

/// The port is bound only when the pod is ready, seeds included: whoever gets through may start.
async fn alive() -> &'static str {
    "ok\n"
}

async fn operations(State(control): State<Control>) -> Json<Value> {
    let row = |operation: &Operation| {
        json!({
            "method": operation.method.as_str(),
            "path": operation.path,
            "name": operation.name,
            "modelled": operation.depth == Depth::Stateful,
        })
    };
    Json(control.operations.iter().map(row).collect())
}

/// Reads a JSON body; a refusal shows what was expected.
fn parse<T: serde::de::DeserializeOwned>(body: &[u8], example: &str) -> Result<T, ControlRefusal> {
    serde_json::from_slice(body)
        .map_err(|error| ControlRefusal::body(format!("{error}; expected {example}")))
}
