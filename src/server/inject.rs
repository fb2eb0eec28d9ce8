//! What a planned fault does to a request and to its answer.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use axum::response::IntoResponse;
use futures_util::stream;
use serde_json::Value;

use crate::api::{Component, WithoutWaiting, answer};
use crate::control::{BodyFault, Call, Changes, Hit, Replacement, Tenant, logged_path};
use crate::domain::{FeedService, Refusal};
use crate::operation::Context;
use crate::transport::{Break, Breaker};

/// Names the fault on the answer that it made or spoiled.
const FAULT: HeaderName = HeaderName::from_static("x-mock-fault");

/// Answers a request by `route`, unless a fault of the tenant's has it otherwise.
pub(super) async fn inject<F>(
    tenant: &Tenant,
    breaker: &Breaker,
    context: Context,
    request: Request<Body>,
    route: impl FnOnce(Request<Body>) -> F,
) -> Response<Body>
where
    F: Future<Output = Response<Body>>,
{
    let line = (request.method().clone(), request.uri().clone());
    let (call, request) = tenant.faults.read(context, request).await;
    let Some(call) = call else { return route(request).await };
    let fault = Fault { tenant, breaker, call: &call, line: &line };
    if let Some(hit) = tenant.faults.hit(&call, &tenant.pod) {
        return fault.strike(hit, request, route).await;
    }
    let response = route(request).await;
    if !tenant.faults.awaits_events(&call) {
        return response;
    }
    fault.strike_events(response).await
}

struct Fault<'a> {
    tenant: &'a Tenant,
    breaker: &'a Breaker,
    call: &'a Call,
    /// Method and target of the request.
    line: &'a (Method, Uri),
}

impl Fault<'_> {
    async fn strike<F>(
        self,
        mut hit: Hit,
        request: Request<Body>,
        route: impl FnOnce(Request<Body>) -> F,
    ) -> Response<Body>
    where
        F: Future<Output = Response<Body>>,
    {
        if !hit.delay(&self.tenant.pod.clock).await {
            return route(request).await;
        }
        let mut request = request;
        if !hit.effects.changes.add_events.is_empty() {
            request.extensions_mut().insert(WithoutWaiting);
        }
        let (method, path) = (&self.line.0, logged_path(&self.line.1));
        let response = match &hit.effects.instead {
            None => route(request).await,
            Some(Replacement::Answer { .. }) => self.answer(&hit),
            Some(Replacement::Silence) => {
                tracing::info!("{method} {path}: the fault {} holds it", hit.name);
                hit.removed().await;
                route(request).await
            }
            Some(Replacement::Reset) => {
                tracing::info!("{method} {path}: reset by the fault {}", hit.name);
                self.end(Break::Reset).await
            }
            Some(Replacement::SessionExpired) => {
                if let Some(session) = &self.call.session {
                    let pod = &self.tenant.pod;
                    pod.end_session_of_call(&session.token, session.access, "an injected fault");
                }
                route(request).await
            }
            Some(Replacement::FeedLost) => self.lose_feed(),
        };
        let response = change(&hit.effects.changes, response).await;
        let response = match hit.effects.spoiling {
            None => response,
            Some(BodyFault::Cut) => self.cut(response).await,
            Some(BodyFault::MalformedJson) => malform(response).await,
        };
        self.label(&hit, response)
    }

    async fn strike_events(self, response: Response<Body>) -> Response<Body> {
        let (mut parts, bytes) = match whole(response).await {
            Ok(whole) => whole,
            Err(response) => return response,
        };
        let mut body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        // Datafeed 2 has them in a field, datafeed 1 answers with nothing else.
        let list = if body.is_array() { Some(&mut body) } else { body.get_mut("events") };
        let Some(Value::Array(events)) = list else {
            return Response::from_parts(parts, Body::from(bytes));
        };
        let Some(mut hit) = self.tenant.faults.hit_events(self.call, events.len()) else {
            return Response::from_parts(parts, Body::from(bytes));
        };
        if !hit.delay(&self.tenant.pod.clock).await {
            return Response::from_parts(parts, Body::from(bytes));
        }
        if hit.effects.reorder_events {
            events.reverse();
        }
        if hit.effects.duplicate_events {
            *events = std::mem::take(events).into_iter().flat_map(|e| [e.clone(), e]).collect();
        }
        parts.headers.remove(header::CONTENT_LENGTH);
        self.label(&hit, Response::from_parts(parts, Body::from(body.to_string())))
    }

    fn answer(&self, hit: &Hit) -> Response<Body> {
        let Some(Replacement::Answer { status, body, headers }) = &hit.effects.instead else {
            return Refusal::Bug.into_response();
        };
        let mut response = match body {
            None => {
                let (fault, status) = (hit.name.to_string(), *status);
                self.refuse(Refusal::Injected { fault, status })
            }
            Some(Value::String(text)) => text.clone().into_response(),
            Some(json) => Json(json).into_response(),
        };
        // A plan with any other status is refused.
        *response.status_mut() = StatusCode::from_u16(*status).unwrap_or_default();
        add_headers(response.headers_mut(), headers);
        response
    }

    fn lose_feed(&self) -> Response<Body> {
        let mut refusal = Refusal::FeedUnknown;
        for feed in &self.call.feeds {
            self.tenant.pod.world().close_feed(feed);
            if feed.service == FeedService::One {
                refusal = Refusal::LegacyFeedUnknown;
            }
        }
        self.refuse(refusal)
    }

    /// As the component would say it.
    fn refuse(&self, refusal: Refusal) -> Response<Body> {
        let settings = self.tenant.pod.world().settings.clone();
        answer(Component::of_path(self.line.1.path()), &settings, refusal.into_response())
    }

    async fn cut(&self, response: Response<Body>) -> Response<Body> {
        let (mut parts, bytes) = match whole(response).await {
            Ok(whole) => whole,
            Err(response) => return response,
        };
        if bytes.is_empty() {
            // There is nothing to break off but the answer itself.
            return self.end(Break::Close).await;
        }
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        let part = bytes.slice(..bytes.len() / 2);
        let body = stream::unfold(Some(part), move |part| async move {
            match part {
                Some(part) => Some((Ok::<_, std::io::Error>(part), None)),
                None => {
                    // The part goes out before the connection ends.
                    tokio::task::yield_now().await;
                    let broken = std::io::Error::other("a fault ends the body here");
                    Some((Err(broken), None))
                }
            }
        });
        Response::from_parts(parts, Body::from_stream(body))
    }

    /// Ends the connection, and with it this.
    async fn end(&self, how: Break) -> Response<Body> {
        self.breaker.end(how);
        let never: Infallible = std::future::pending().await;
        match never {}
    }

    fn label(&self, hit: &Hit, mut response: Response<Body>) -> Response<Body> {
        let content_type = hit.effects.content_type.as_deref();
        match content_type.map(HeaderValue::from_str) {
            Some(Ok(none)) if none.is_empty() => {
                drop(response.headers_mut().remove(header::CONTENT_TYPE))
            }
            Some(Ok(content_type)) => {
                response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            }
            _ => {}
        }
        name_fault(response.headers_mut(), &hit.name);
        // For those who ask the journal why: what the pod itself refused says more.
        let refused = response.extensions().get::<Refusal>().is_some();
        if response.status().as_u16() >= 400 && !refused {
            let (fault, status) = (hit.name.to_string(), response.status().as_u16());
            response.extensions_mut().insert(Refusal::Injected { fault, status });
        }
        let (status, effects) = (response.status().as_u16(), hit.effects.names().join(", "));
        let (method, path) = (&self.line.0, logged_path(&self.line.1));
        tracing::info!("{status} {method} {path}: the fault {} ({}): {effects}", hit.name, hit.id);
        response
    }
}

/// Gives an answer the headers of a plan, which was checked.
pub(super) fn add_headers(answer: &mut HeaderMap, headers: &BTreeMap<String, String>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            answer.insert(name, value);
        }
    }
}

/// Tells an answer by the name of the fault that made or spoiled it.
pub(super) fn name_fault(answer: &mut HeaderMap, fault: &str) {
    if let Ok(name) = HeaderValue::from_str(fault) {
        answer.insert(FAULT, name);
    }
}

/// The same answer with what a plan has otherwise in it, if it is JSON.
async fn change(changes: &Changes, response: Response<Body>) -> Response<Body> {
    if *changes == Changes::default() {
        return response;
    }
    let (mut parts, bytes) = match whole(response).await {
        Ok(whole) => whole,
        Err(response) => return response,
    };
    // A datafeed 1 without events has nothing to say, and now it has.
    let mut body = match parts.status {
        StatusCode::NO_CONTENT => Value::Array(Vec::new()),
        _ => match serde_json::from_slice(&bytes) {
            Ok(body) => body,
            Err(_) => return Response::from_parts(parts, Body::from(bytes)),
        },
    };
    if parts.status.is_success() && !changes.add_events.is_empty() {
        let list = if body.is_array() { Some(&mut body) } else { body.get_mut("events") };
        if let Some(Value::Array(events)) = list {
            events.extend(changes.add_events.iter().cloned());
            parts.status = StatusCode::OK;
        }
    }
    if parts.status == StatusCode::NO_CONTENT {
        return Response::from_parts(parts, Body::from(bytes));
    }
    change_fields(changes, &mut body);
    if !changes.unhealthy.is_empty() {
        call_down(&changes.unhealthy, &mut body);
        parts.status = StatusCode::SERVICE_UNAVAILABLE;
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.to_string()))
}

fn change_fields(changes: &Changes, value: &mut Value) {
    // Their fields are the names of streams, of controls, and of whatever else users call things.
    const NAMED_BY_USERS: [&str; 4] = ["errors", "formValues", "parameters", "userMetadata"];
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| change_fields(changes, item)),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match changes.set_fields.get(name) {
                    Some(set) => field.clone_from(set),
                    None if NAMED_BY_USERS.contains(&name.as_str()) => {}
                    None => change_fields(changes, field),
                }
            }
            for (name, added) in &changes.add_fields {
                fields.entry(name).or_insert_with(|| added.clone());
            }
        }
        _ => {}
    }
}

/// What the extended health says where some of what it tells of is down.
fn call_down(components: &[String], health: &mut Value) {
    let down = Value::from("DOWN");
    for component in components {
        for kind in ["services", "users"] {
            if let Some(status) = health.pointer_mut(&format!("/{kind}/{component}/status")) {
                status.clone_from(&down);
            }
        }
    }
    if let Some(status) = health.get_mut("status") {
        *status = down;
    }
}

/// The same answer, with a body that is no JSON.
async fn malform(response: Response<Body>) -> Response<Body> {
    let (mut parts, bytes) = match whole(response).await {
        Ok(whole) => whole,
        Err(response) => return response,
    };
    // Without its end an object or a list is none; what is neither is no better for it.
    let body = match bytes.as_ref() {
        [b'{' | b'[', ..] => bytes.slice(..bytes.len() - 1),
        _ => Bytes::from_static(b"{"),
    };
    if parts.status == StatusCode::NO_CONTENT {
        parts.status = StatusCode::OK;
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// An answer with its body read; the answer that says so if that cannot be.
async fn whole(
    response: Response<Body>,
) -> Result<(axum::http::response::Parts, Bytes), Response<Body>> {
    let (parts, body) = response.into_parts();
    match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => Ok((parts, bytes)),
        Err(_) => Err(Refusal::Bug.into_response()),
    }
}
