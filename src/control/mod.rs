//! The test's side: what a test may do to the pod and ask of it, as plain HTTP on a port of its
//! own, so that neither mutual TLS nor an injected fault can lock the tester out.

mod answers;
mod audit;
mod background;
mod callers;
mod certificates;
mod clock;
mod connections;
mod expect;
mod extract;
mod faults;
mod hints;
mod identity;
mod journal;
mod listening;
mod live;
mod messageml;
mod metrics;
mod openapi;
mod origin;
mod page;
mod partners;
mod people;
mod pods;
mod refusal;
mod scenario;
mod sdk_config;
mod semantic;
mod sessions;
mod snapshots;
mod table;
mod token;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::domain::unknown_name;
use crate::operation::{Catalogue, Operation};
use crate::sdk::SdkProxy;
use crate::transport::{Certificates, Full, Listener, Listeners, UnreadAnswers};

pub use answers::{AnswerWith, When as AnswerTo, add as add_answer};
pub use background::Background;
pub use certificates::{identity, may_log_in};
pub use connections::{Connection, EndIfIdle};
pub use expect::{Expectation, Miss, NearMiss, Unmet};
pub use faults::{
    BodyFault, Call, Changes, FaultGuard, FaultPlan, Hit, KeptOut, PlanError, Replacement,
};
pub use identity::identity_jwt;
pub use journal::{
    Arrival, Caller, Content, Explanation, Part, Record, RecordedBody, ShownCertificate,
    ShownRefusal, Side, Step, Tunnel, TunnelOutcome, TunnelRefusal, handshake_hint, logged_path,
};
pub use listening::{WITHIN, check_listener, wait};
pub use origin::ControlNames;
pub use pods::{Factory, FactoryError, Limits, Origin, Pods, Tenant, clock_of};
use refusal::ControlRefusal;
pub use scenario::{merge, told};
pub use token::ControlToken;

/// What the control port needs besides the pod that a request is for, which comes among the
/// request's extensions.
#[derive(Clone)]
pub struct Control {
    pub pods: Arc<Pods>,
    pub certificates: Arc<Certificates>,
    pub catalogue: Arc<Catalogue>,
    pub listeners: Arc<Listeners>,
    /// The forward proxy, where there is one.
    pub proxy: Option<SdkProxy>,
    pub aside: Background,
    pub unread: UnreadAnswers,
}

impl Control {
    /// The TLS port on which a client certificate is optional.
    pub fn port(&self) -> u16 {
        self.listeners.all().first().map_or(0, Listener::port)
    }
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
        let page = page::answer(&request);
        // Before the choice of a pod, which may make one.
        let allowed = match &self.token {
            Some(token) if token.is_shown_by(request.headers()) => Ok(()),
            // A browser that is given an address has no way to show it: the page asks for it.
            Some(_) if page.is_some() => Ok(()),
            Some(_) => Err(ControlRefusal::unauthorized()),
            None => self.names.check(&request),
        };
        if let Err(refusal) = allowed {
            tracing::warn!("the control port refuses a request: {}", refusal.error());
            return Ok(refusal.into_response());
        }
        if let Some(page) = page {
            return Ok(page);
        }
        let tenant = match asks_what_became(&request) {
            true => self.pods.select_known(&mut request).map_err(ControlRefusal::not_found),
            false => self.pods.select(&mut request).map_err(|it| ControlRefusal::body(it.why())),
        };
        match tenant {
            Ok(tenant) => {
                let (method, uri) = (request.method().clone(), request.uri().clone());
                let name = Arc::clone(&tenant.name);
                request.extensions_mut().insert(tenant);
                let answer = self.router.oneshot(request).await?;
                journal::log_control(&method, &uri, answer.status(), &name);
                Ok(answer)
            }
            Err(refusal) => Ok(refusal.into_response()),
        }
    }
}

/// Whether a request asks about what became of a pod, whichever it is for: a name that nobody has used yet is a slip
/// then. Who looks around in a pod, follows it or reads its clock may be the first to use it.
fn asks_what_became<B>(request: &Request<B>) -> bool {
    const OUTCOMES: [&str; 8] =
        ["requests", "why", "hints", "feeds", "sessions", "messages", "faults", "snapshots"];
    let path = request.uri().path();
    match *request.method() {
        Method::GET | Method::HEAD => {
            let question = path.split_once("/_mock/").map_or("", |(_, question)| question);
            let about = question.split(['/', '.']).next().unwrap_or_default();
            OUTCOMES.contains(&about) || path.ends_with("/metrics")
        }
        Method::POST => path.ends_with("/_mock/expect"),
        _ => false,
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
        .fallback(unknown_path)
        .with_state(control)
}

/// What there is not on this port, with the path that was meant.
async fn unknown_path(State(control): State<Control>, uri: Uri) -> ControlRefusal {
    const SYMPHONY: [&str; 10] = [
        "/pod/",
        "/agent/",
        "/login/",
        "/relay/",
        "/sessionauth/",
        "/keyauth/",
        "/profile-manager/",
        "/files/",
        "/connect-service/",
        "/oauth/",
    ];
    let path = uri.path();
    if SYMPHONY.iter().any(|component| path.starts_with(component)) {
        let port = control.port();
        return ControlRefusal::not_found(format!(
            "{path:?} is a path of Symphony's API, and this is the control port: the pod's API is on \
             {port} over TLS (--port), https://localhost:{port}{path}"
        ));
    }
    let known = table::routes();
    let known = known.iter().map(|route| route.path);
    ControlRefusal::not_found(format!(
        "{}; GET /_mock/openapi.json lists all",
        unknown_name("path on the control port", path, known)
    ))
}

/// The port is bound only when the pod is ready, seeds included: whoever gets through may start.
async fn alive() -> &'static str {
    "ok\n"
}

/// The same, for those who tell the two apart.
async fn ready() -> &'static str {
    alive().await
}

/// What is where: whoever opens the port in a browser or asks it anything.
async fn root(tenant: extract::CurrentTenant) -> Json<Value> {
    Json(json!({
        "pod": &*tenant.name,
        "what": "the control port of symphony-mock-pod: the test's side. The pod's API is on the TLS \
                 ports (8443, and 8444 with a client certificate demanded, unless told otherwise)",
        "links": {
            "all operations of this port": "/_mock/openapi.json",
            "readiness": "/readyz",
            "what came to the pod": "/_mock/requests",
            "why it last said no": "/_mock/why",
            "what a failing test should look at": "/_mock/hints",
            "the pod as a seed": "/_mock/scenario",
            "the TLS ports": "/_mock/listeners",
            "all pods": "/_mock/pods",
            "the forward proxy": "/_mock/proxy",
            "the operations of Symphony's API": "/_mock/operations",
            "the authority to trust": "/_mock/certs/ca.pem",
            "what SDKs read to log in as bot": "/_mock/sdk-config/bot",
            "metrics": "/metrics",
        },
    }))
}

/// The TLS ports, the pod's two first.
async fn listeners(State(control): State<Control>) -> Json<Value> {
    Json(json!({ "listeners": control.listeners.all() }))
}

/// Which operations somebody wants to see.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationFilter {
    name: Option<String>,
    method: Option<String>,
    path: Option<String>,
    modelled: Option<bool>,
}

impl extract::Expected for OperationFilter {
    const EXPECTED: &'static str = "any of the filters name, method, path and modelled";
}

/// All operations, or those whose name and path have the given parts in them, in any letter case.
async fn operations(
    State(control): State<Control>,
    extract::QueryParameters(filter): extract::QueryParameters<OperationFilter>,
) -> Json<Value> {
    let has = |text: &str, part: &Option<String>| {
        part.as_ref().is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
    };
    let is_wanted = |operation: &&'static Operation| {
        let method = operation.method.as_str();
        has(operation.name, &filter.name)
            && has(operation.path, &filter.path)
            && filter.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && filter.modelled.unwrap_or(true)
    };
    let row = |operation: &'static Operation| {
        json!({
            "method": operation.method.as_str(),
            "path": operation.path,
            "name": operation.name,
            "modelled": true,
            "inApiFiles": control.catalogue.is_in_api_files(operation),
        })
    };
    Json(control.catalogue.operations().filter(is_wanted).map(row).collect())
}
