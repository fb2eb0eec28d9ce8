//! The test's side: what a test may do to the pod and ask of it, as plain HTTP on a port of its
//! own, so that neither mutual TLS nor an injected fault can lock the tester out.

mod answers;
mod audit;
mod background;
mod certificates;
mod clock;
mod expect;
mod extract;
mod faults;
mod identity;
mod journal;
mod listening;
mod messageml;
mod metrics;
mod openapi;
mod origin;
mod people;
mod pods;
mod refusal;
mod scenario;
mod sdk_config;
mod semantic;
mod snapshots;
mod table;
mod token;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::operation::{Catalogue, Depth, Operation};
use crate::transport::{Certificates, Full, UnreadAnswers};

pub use background::Background;
pub use certificates::{identity, may_log_in};
pub use expect::{Expectation, Miss, NearMiss, Unmet};
pub use faults::{BodyFault, Call, Changes, FaultGuard, FaultPlan, Hit, PlanError, Replacement};
pub use identity::identity_jwt;
pub use journal::{
    Arrival, Caller, Content, Explanation, Part, Record, RecordedBody, ShownCertificate,
    ShownRefusal, Side, Step, redacted,
};
pub use listening::{WITHIN, check_listener, wait};
pub use origin::ControlNames;
pub use pods::{Factory, FactoryError, Limits, Pods, Tenant, clock_of};
use refusal::ControlRefusal;
pub use token::ControlToken;

/// What the control port needs besides the pod that a request is for, which comes among the
/// request's extensions.
#[derive(Clone)]
pub struct Control {
    pub pods: Arc<Pods>,
    pub certificates: Arc<Certificates>,
    pub catalogue: Arc<Catalogue>,
    /// The TLS port on which a client certificate is optional.
    pub port: u16,
    pub aside: Background,
    pub unread: UnreadAnswers,
}

/// The control port's entrance: whichever pod a request is for, the paths are the same.
#[derive(Clone)]
pub struct ControlService {
    pods: Arc<Pods>,
    router: Router,
    token: Option<ControlToken>,
    names: ControlNames,
    unread: UnreadAnswers,
}

impl ControlService {
    /// With a token, whoever does not show it gets no further than the health checks. Whoever shows
    /// it may be anybody; without one, web pages of other origins are kept out.
    pub fn new(control: Control, token: Option<ControlToken>, names: ControlNames) -> Self {
        let (pods, unread) = (Arc::clone(&control.pods), control.unread.clone());
        Self { pods, router: router(control), token, names, unread }
    }

    pub async fn pass(self, request: Request<Body>) -> Result<Response, Infallible> {
        let unread = self.unread.clone();
        let answer = in_json(self.answer(request).await?).await;
        let full = |full: Full| ControlRefusal::unavailable(full.to_string()).into_response();
        Ok(unread.admit(answer).unwrap_or_else(full))
    }

    async fn answer(self, mut request: Request<Body>) -> Result<Response, Infallible> {
        if token::FREE.contains(&request.uri().path()) {
            // They ask about the server, and make no pod.
            request.extensions_mut().insert(Arc::clone(self.pods.main()));
            return self.router.oneshot(request).await;
        }
        // Before the choice of a pod, which may make one.
        let allowed = match &self.token {
            Some(token) if token.is_shown_by(request.headers()) => Ok(()),
            Some(_) => Err(ControlRefusal::unauthorized()),
            None => self.names.check(&request),
        };
        if let Err(refusal) = allowed {
            tracing::warn!("the control port refuses a request: {}", refusal.error());
            return Ok(refusal.into_response());
        }
        match self.pods.select(&mut request) {
            Ok(tenant) => {
                request.extensions_mut().insert(tenant);
                self.router.oneshot(request).await
            }
            Err(refusal) => Ok(ControlRefusal::body(refusal.why()).into_response()),
        }
    }
}

/// A refusal as the control port says it, where a library said it in plain text.
async fn in_json(response: Response) -> Response {
    const LONGEST: usize = 64 << 10;
    let status = response.status();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_json = content_type.is_some_and(|it| it.as_bytes().starts_with(b"application/json"));
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let said = axum::body::to_bytes(response.into_body(), LONGEST).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let words = status.canonical_reason().unwrap_or("the request was refused");
    let error = if said.is_empty() { words.to_owned() } else { said };
    (status, Json(json!({ "error": error }))).into_response()
}

/// Serves the control port.
fn router(control: Control) -> Router {
    table::router()
        .method_not_allowed_fallback(async || ControlRefusal::method_not_allowed())
        .fallback(async || ControlRefusal::not_found("no such path on the control port"))
        .with_state(control)
}

/// The port is bound only when the pod is ready, seeds included: whoever gets through may start.
async fn alive() -> &'static str {
    "ok\n"
}

/// The same, for those who tell the two apart.
async fn ready() -> &'static str {
    alive().await
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
    Json(control.catalogue.operations().map(row).collect())
}
