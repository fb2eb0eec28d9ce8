use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, header, uri};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use hyper::body::Incoming;
use serde_json::json;

use super::drain::ReadToTheEnd;
use super::inject::inject;
use crate::api::{Component, Retirement, answer};
use crate::control::{Arrival, Connection, KeptOut, Pods, Tunnel};
use crate::domain::Refusal;
use crate::operation::{Catalogue, Context, RouteMatch};
use crate::pod::Pod;
use crate::transport::{
    Breaker, ClientCertificate, HttpErrors, ListenerRef, Progress, UnreadAnswers,
};

/// Serves the requests of a connection: finds pod and operation, applies faults, keeps the journal, and
/// turns refusals into answers.
#[derive(Clone)]
pub(super) struct ApiService {
    pods: Arc<Pods>,
    catalogue: Arc<Catalogue>,
    unread: UnreadAnswers,
    certificate: Option<Arc<ClientCertificate>>,
    breaker: Breaker,
    progress: Progress,
    /// For the pods that its requests are for; none before there is a connection.
    connection: Option<Arc<Connection>>,
    /// Where the connection came.
    listener: ListenerRef,
    /// The tunnel through the forward proxy that it came through.
    tunnel: Option<Arc<Tunnel>>,
}

const MOCK: HeaderName = HeaderName::from_static("x-symphony-mock");
/// What clients send with a call and look for in logs; it comes back with the answer.
const TRACE: HeaderName = HeaderName::from_static("x-trace-id");
/// A longer one is not sent back.
const LONGEST_TRACE: usize = 1_000;
const VERSION: HeaderValue = HeaderValue::from_static(env!("CARGO_PKG_VERSION"));

impl ApiService {
    pub fn new(
        pods: Arc<Pods>,
        catalogue: Arc<Catalogue>,
        unread: UnreadAnswers,
        listener: ListenerRef,
    ) -> Self {
        Self {
            pods,
            catalogue,
            unread,
            certificate: None,
            breaker: Breaker::new(),
            progress: Progress::default(),
            connection: None,
            listener,
            tunnel: None,
        }
    }

    /// The same service, for a connection whose client presented this certificate.
    pub fn for_connection(mut self, certificate: Option<ClientCertificate>) -> Self {
        self.pods.main().journal.handshake_done();
        if let Some(certificate) = &certificate {
            self.pods.main().pod.certificate_seen(certificate);
        }
        self.certificate = certificate.map(Arc::new);
        self
    }

    pub fn listener(&self) -> &ListenerRef {
        &self.listener
    }

    /// How a fault of the main pod keeps a connection out that has just come; none if it does not.
    pub fn keeps_out(&self) -> Option<KeptOut> {
        let main = self.pods.main();
        let hit = main.faults.armed().then(|| main.faults.hit_connection(self.listener.id()))??;
        let kept_out = hit.effects.kept_out?;
        let (listener, fault) = (self.listener.name(), &hit.name);
        tracing::info!(listener, "{listener}: the fault {fault} {}", kept_out.in_words());
        self.handshake_failed(format!("the injected fault {fault} {}", kept_out.in_words()));
        Some(kept_out)
    }

    /// The same service, for a connection that comes through a tunnel.
    pub fn through(self, tunnel: Arc<Tunnel>) -> Self {
        Self { tunnel: Some(tunnel), ..self }
    }

    /// The same service, with what ends its connection, what counts its requests, and what pods know
    /// it by.
    pub fn on_connection(
        self,
        breaker: Breaker,
        progress: Progress,
        connection: Connection,
    ) -> Self {
        Self { breaker, progress, connection: Some(Arc::new(connection)), ..self }
    }

    /// How a port of the API answers what it cannot read as a request: as the pod would, for nobody
    /// knows which component it was for.
    pub fn http_errors(patience: Duration, h2: bool) -> HttpErrors {
        let body =
            |status, message: &str| json!({ "code": status, "message": message }).to_string();
        let headers = concat!("X-Symphony-Mock: ", env!("CARGO_PKG_VERSION"), "\r\n");
        HttpErrors { headers, body, patience, h2 }
    }

    /// Records what could not be read as a request, in the main pod's journal.
    pub fn unreadable(&self, status: u16, why: &'static str) {
        let (port, listener) = (self.listener.port(), self.listener.name());
        tracing::info!(port, listener, "{status}: {why}");
        let main = self.pods.main();
        let (id, tunnel) = (self.listener.id(), self.tunnel.clone());
        main.journal.unreadable(&main.pod.clock, id, tunnel, status, why);
    }

    /// Records a failed handshake, in the main pod's journal: no request has named another pod yet.
    pub fn handshake_failed(&self, reason: String) {
        let main = self.pods.main();
        let (id, tunnel) = (self.listener.id(), self.tunnel.clone());
        main.journal.handshake_failed(&main.pod.clock, id, tunnel, reason);
    }

    /// Where a path is served, if the host that this listener stands for does not serve it.
    fn elsewhere(&self, path: &str, asked: &Result<RouteMatch, Refusal>) -> Option<Refusal> {
        let listener = &self.listener;
        if listener.role().serves(path) || matches!(asked, Err(Refusal::PathUnknown { .. })) {
            return None;
        }
        let serving = listener.elsewhere(path);
        let serving = serving.iter().map(|it| format!("{} (port {})", it.name(), it.port()));
        Some(Refusal::ServedElsewhere {
            listener: listener.name().to_owned(),
            role: listener.role().name(),
            elsewhere: serving.collect::<Vec<_>>().join(" or "),
        })
    }

    pub async fn pass(self: Arc<Self>, request: Request<Incoming>) -> Result<Response, Infallible> {
        let (mut request, farewell) = ReadToTheEnd::of(request, &self.progress);
        normalize(&mut request);
        let (tenant, selected) = match self.pods.select(&mut request) {
            Ok(tenant) => (tenant, Ok(())),
            Err(refusal) => (Arc::clone(self.pods.main()), Err(refusal)),
        };
        if let Some(connection) = &self.connection {
            connection.carries_to(&tenant);
        }
        let pod = &tenant.pod;
        if let Some(certificate) = &self.certificate
            && !tenant.is_main()
        {
            // The handshake came before the name of the pod.
            pod.certificate_seen(certificate);
        }
        let asked = self.catalogue.find(request.method(), request.uri().path());
        let operation = asked.as_ref().ok().and_then(|asked| asked.place);
        let asked = match self.elsewhere(request.uri().path(), &asked) {
            Some(refusal) => Err(refusal),
            None => asked,
        };
        let arrival = Arrival {
            listener: self.listener.id(),
            certificate: self.certificate.clone(),
            operation,
            tunnel: self.tunnel.clone(),
        };
        let exchange = tenant.journal.begin(&pod.clock, arrival, &mut request);
        let context = selected.and(asked).map(|asked| {
            // Before it is asked whether faults are planned: one of the two tells of each.
            let reads_ended = pod.reads_ended();
            let (pod, certificate) = (Arc::clone(pod), self.certificate.clone());
            let prefix = (!tenant.is_main()).then(|| Arc::clone(&tenant.name));
            let listener = self.listener.clone();
            Context { pod, certificate, listener, prefix, asked, reads_ended }
        });
        let trace = request.headers().get(TRACE).cloned();
        let component = Component::of_path(request.uri().path());
        let response = match &context {
            Ok(known) if tenant.faults.armed() => {
                let known = known.clone();
                let route = |request| route(context, pod, request);
                inject(&tenant, &self.breaker, known, request, route).await
            }
            _ => route(context, pod, request).await,
        };
        let mut response = self.unread.admit(response).unwrap_or_else(|full| {
            let refusal = Refusal::Unavailable { why: full.to_string() };
            let settings = pod.world().settings.clone();
            answer(component, &settings, refusal.into_response())
        });
        response.headers_mut().insert(MOCK, VERSION);
        if let Some(trace) = trace.filter(|trace| trace.len() <= LONGEST_TRACE) {
            response.headers_mut().insert(TRACE, trace);
        }
        farewell.say(&mut response);
        Ok(exchange.end(response))
    }
}

/// What the pod makes of a request; a refusal in the shape of its component.
async fn route(context: Result<Context, Refusal>, pod: &Pod, request: Request<Body>) -> Response {
    let line = (request.method().clone(), request.uri().clone());
    let response = match context {
        Ok(context) => match Retirement::of(context.asked.operation()) {
            None => serve(request, context).await,
            Some(retirement) => {
                let settings = pod.world().settings.clone();
                let mut response = match retirement.refusal(&settings, &pod.clock) {
                    Some(refusal) => Ok(refusal.into_response()),
                    None => serve(request, context).await,
                };
                if let (Ok(response), Some(warning)) =
                    (&mut response, retirement.warning(&settings))
                {
                    response.headers_mut().insert(header::WARNING, warning);
                }
                response
            }
        },
        Err(refusal) => Ok(refusal.into_response()),
    };
    let mut response = response.unwrap_or_else(|_| Refusal::Bug.into_response());
    let (method, uri) = &line;
    if response.extensions().get::<Refusal>().is_some() {
        let settings = pod.world().settings.clone();
        response = answer(Component::of_path(uri.path()), &settings, response);
    }
    if *method == Method::HEAD { head(response) } else { response }
}

/// What the operation answers. A panic is a bug of the pod. It fails this request and nothing else.
async fn serve(request: Request<Body>, context: Context) -> std::thread::Result<Response> {
    let answer = (context.asked.route.serve)(request, context);
    AssertUnwindSafe(answer).catch_unwind().await
}

/// The response without its body, whose length it still tells.
fn head(response: Response) -> Response {
    let length = response.body().size_hint().exact();
    let mut head = response.map(|_| Body::empty());
    if let Some(length) = length {
        head.headers_mut().entry(header::CONTENT_LENGTH).or_insert(HeaderValue::from(length));
    }
    head
}

/// Folds doubled slashes and drops a trailing one.
///
/// The Python BDK with a context that ends in a slash sends `/context//pod/…`; agents have taken
/// trailing slashes since 23.10.
fn normalize(request: &mut Request<Body>) {
    let path = request.uri().path();
    let trailing = path.len() > 1 && path.ends_with('/');
    if !trailing && !path.contains("//") {
        return;
    }
    let mut clean = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        clean.push('/');
        clean.push_str(segment);
    }
    if clean.is_empty() {
        clean.push('/');
    }
    if let Some(query) = request.uri().query() {
        clean.push('?');
        clean.push_str(query);
    }
    let mut parts = request.uri().clone().into_parts();
    // The characters are those of a valid path: this cannot fail.
    if let Ok(path) = uri::PathAndQuery::try_from(clean) {
        parts.path_and_query = Some(path);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
}
