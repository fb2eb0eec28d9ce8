//! What the forward proxy says.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, Request, Response, StatusCode, Version, header};
use serde_json::{Value, json};

use crate::control::TunnelRefusal;
use crate::server::inject::{add_headers, name_fault};

pub(super) const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// Whether a connection ends with an answer that refuses. Otherwise the client may come back on it with
/// credentials, as with other proxies.
pub(super) fn ends(request: &Request<()>, status: StatusCode) -> bool {
    let headers = request.headers();
    let has_body = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING]
        .iter()
        .any(|header| headers.contains_key(header));
    let closes = headers.get(header::CONNECTION);
    let closes = closes.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"close"));
    status != StatusCode::PROXY_AUTHENTICATION_REQUIRED
        || request.version() < Version::HTTP_11
        || has_body
        || closes
}

/// What a client is told that gets no tunnel.
pub(super) fn refused(refusal: &TunnelRefusal) -> Response<String> {
    // All but what a fault does have one.
    let mut answer = answer(refusal.status().unwrap_or_default(), &refusal.why());
    demand_credentials(&mut answer);
    if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("CONNECT"));
    }
    answer
}

/// The answer that a fault gives. Its plan was checked.
pub(super) fn injected(
    fault: &str,
    status: u16,
    body: Option<&Value>,
    headers: &BTreeMap<String, String>,
) -> Response<String> {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let mut answer = answer(status, &format!("the injected fault {fault} answered"));
    demand_credentials(&mut answer);
    match body {
        Some(Value::String(text)) => {
            const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
            answer.headers_mut().insert(header::CONTENT_TYPE, TEXT);
            answer.body_mut().clone_from(text);
        }
        Some(json) => *answer.body_mut() = json.to_string(),
        None => {}
    }
    add_headers(answer.headers_mut(), headers);
    name_fault(answer.headers_mut(), fault);
    answer
}

/// Tells a client that gets a 407 what to come back with (RFC 9110, 11.7.1).
fn demand_credentials<B>(answer: &mut Response<B>) {
    const BASIC: HeaderValue =
        HeaderValue::from_static("Basic realm=\"symphony-mock-pod\", charset=\"UTF-8\"");
    if answer.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        answer.headers_mut().insert(header::PROXY_AUTHENTICATE, BASIC);
    }
}

/// An answer that says what is wrong.
pub(super) fn answer(status: StatusCode, why: &str) -> Response<String> {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    let mut answer = Response::new(json!({ "error": why }).to_string());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, JSON);
    answer
}

/// An answer as it goes over the wire.
pub(super) fn written(mut answer: Response<String>, closes: bool) -> Vec<u8> {
    let length = answer.body().len();
    answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    if closes {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(answer.body().as_bytes());
    bytes
}
