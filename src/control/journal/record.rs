//! An entry in words: what is read from the journal.

use std::sync::Arc;

use axum::http::Version;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::body::Body;
use super::head::Headers;
use super::{Captured, Entry, Event, Journal, Tunnel, kind, operation_name, redact};
use crate::domain::{Certificate, Refusal, Timestamp, TokenFault};
use crate::transport::ClientCertificate;

/// One request with its answer, a `CONNECT` to the forward proxy, or a handshake that failed. Secrets are taken out.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Counts from 1 in the order in which requests ended.
    pub id: u64,
    /// When it began, on the pod's clock, as RFC 3339 with milliseconds.
    pub time: String,
    /// How long it took, on the machine's clock.
    pub latency_micros: u64,
    pub port: u16,
    /// Name of the listener: `main`, `mtls`, or that of a further one; `proxy` for the forward proxy.
    pub listener: String,
    /// `HTTP/1.1` or `HTTP/2`; none for a handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// With the query, and without the prefix that names a pod; of a `CONNECT`, its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// None where no operation has the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'static str>,
    #[serde(flatten)]
    pub caller: Caller,
    /// The tunnel through the forward proxy that it came through, or asked for by `CONNECT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tunnel: Option<Tunnel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<ShownCertificate>,
    /// None where the client left before the answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the request's `X-Trace-Id` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The fault that was injected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Why the pod did not do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<ShownRefusal>,
    /// Why the handshake failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake: Option<String>,
    /// Why it could not be read as a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<&'static str>,
    /// Whether the client left before it had the whole answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(default)]
    pub aborted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Side>,
    #[serde(skip)]
    of_proxy: bool,
}

/// Who called: whom the session is of, or who wants to log in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Caller {
    /// A user, by his user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// An app, by its id; with a user too, it calls on behalf of him.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
}

/// The client certificate of a connection.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShownCertificate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    pub subject: String,
    pub issuer: String,
    /// In hexadecimal digits with colons.
    pub serial: String,
    /// SHA-256.
    pub fingerprint: String,
    pub not_before: String,
    pub not_after: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ShownRefusal {
    /// The name of the reason.
    pub kind: String,
    /// The reason in words.
    pub why: String,
}

/// What was said on one side of a request.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Side {
    /// By names in lower case; what came several times is joined by commas.
    pub headers: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

impl Record {
    pub(super) fn of(id: u64, entry: &Entry, journal: &Journal) -> Self {
        let listener = journal.listener_of(entry);
        let mut record = Self {
            id,
            time: entry.at.iso(),
            latency_micros: entry.micros,
            port: entry.proxy.unwrap_or_else(|| listener.port()),
            listener: match entry.proxy {
                Some(_) => "proxy".to_owned(),
                None => listener.name().to_owned(),
            },
            protocol: None,
            method: None,
            path: None,
            operation: None,
            caller: Caller::of(entry),
            tunnel: entry.tunnel.as_deref().cloned(),
            certificate: entry.certificate.as_deref().map(ShownCertificate::of),
            status: None,
            trace_id: None,
            fault: None,
            refusal: ShownRefusal::of(entry),
            handshake: None,
            unreadable: None,
            aborted: false,
            request: None,
            response: None,
            of_proxy: matches!(entry.event, Event::Tunnel { .. }),
        };
        match &entry.event {
            Event::Handshake { reason } => record.handshake = Some(reason.clone()),
            Event::Unreadable { status, why } => {
                record.status = Some(*status);
                record.unreadable = Some(*why);
            }
            Event::Tunnel { method, version, head, outcome } => {
                record.protocol = Some(protocol(*version));
                record.method = Some(method.to_string());
                record.path = Some(head.target().to_owned());
                record.status = outcome.status().map(|status| status.as_u16());
                record.fault = outcome.fault().map(str::to_owned);
                record.request = Some(Side::of(head.request_headers(), &Captured::whole()));
            }
            Event::Request { method, version, operation, head, body, answer } => {
                let headers = head.request_headers();
                record.protocol = Some(protocol(*version));
                record.method = Some(method.to_string());
                record.path = Some(redact::target(head.target()));
                record.operation = operation_name(&journal.catalogue, *operation);
                record.trace_id = headers.value("x-trace-id").map(redact::text);
                record.request = Some(Side::of(headers, body));
                record.aborted = true;
                if let Some(answer) = answer {
                    let headers = head.response_headers();
                    record.status = Some(answer.status.as_u16());
                    record.fault = headers.value("x-mock-fault").map(str::to_owned);
                    record.aborted = !answer.body.ended && method != axum::http::Method::HEAD;
                    record.response = Some(Side::of(headers, &answer.body));
                }
            }
        }
        record
    }

    /// Whether it came to the forward proxy, and not to the pod itself.
    pub fn is_of_proxy(&self) -> bool {
        self.of_proxy
    }

    /// Whether somebody was told no, by the pod or by TLS.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some() || self.handshake.is_some() || self.unreadable.is_some()
    }
}

impl Caller {
    pub(in crate::control) fn of(entry: &Entry) -> Self {
        let Event::Request { head, .. } = &entry.event else {
            return Caller::default();
        };
        let headers = head.request_headers();
        if let Some(claims) = session_token(headers).and_then(Claims::of) {
            // Whoever wrote a token that the pod does not know may have written anything into it.
            return match entry.refusal() {
                Some(
                    Refusal::SessionInvalid(TokenFault::Unknown)
                    | Refusal::LogoutTokenInvalid(TokenFault::Unknown),
                ) => Caller::default(),
                _ => claims.session(),
            };
        }
        let path = head.target();
        if !is_login(path) {
            return Caller::default();
        }
        let name = match login_jwt(entry).and_then(|jwt| Claims::of(&jwt)) {
            Some(claims) => claims.text("sub").map(str::to_owned),
            None => {
                let certificate: Option<&Arc<_>> = entry.certificate.as_ref();
                certificate.and_then(|certificate: &Arc<ClientCertificate>| {
                    certificate.common_name.clone()
                })
            }
        };
        match is_app_login(path) {
            true => Caller { user: None, app: name },
            false => Caller { user: name, app: None },
        }
    }

    /// Whether it is the user or the app called so.
    pub fn is_called(&self, name: &str) -> bool {
        [&self.user, &self.app].into_iter().flatten().any(|caller| caller == name)
    }
}

impl Side {
    fn of(headers: Headers<'_>, body: &super::Captured) -> Self {
        let mut shown = Map::new();
        for (name, value) in headers {
            let value = redact::header(name, &String::from_utf8_lossy(value));
            match shown.get_mut(name) {
                Some(Value::String(before)) => *before = format!("{before}, {value}"),
                _ => drop(shown.insert(name.to_owned(), value.into())),
            }
        }
        Self { headers: shown, body: Body::read(headers.value("content-type"), body) }
    }
}

impl ShownCertificate {
    pub(super) fn of(certificate: &ClientCertificate) -> Self {
        let serial = X509Certificate::from_der(&certificate.der)
            .map(|(_, parsed)| parsed.raw_serial_as_string())
            .unwrap_or_default();
        let read = Certificate::from_der(&certificate.der).ok();
        let moment =
            |pick: fn(&Certificate) -> Timestamp| read.as_ref().map(pick).map(Timestamp::iso);
        Self {
            common_name: certificate.common_name.clone(),
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
            serial,
            fingerprint: read.as_ref().map(|read| read.fingerprint.to_string()).unwrap_or_default(),
            not_before: moment(|read| read.not_before.timestamp()).unwrap_or_default(),
            not_after: moment(|read| read.not_after.timestamp()).unwrap_or_default(),
        }
    }
}

impl ShownRefusal {
    fn of(entry: &Entry) -> Option<Self> {
        let (kind, why) = match (entry.refusal(), entry.tunnel_refusal()) {
            (Some(refusal), _) => (kind(refusal), refusal.why()),
            (None, Some(refusal)) => (kind(refusal), refusal.why()),
            (None, None) => return None,
        };
        Some(Self { kind, why: redact::text(&why) })
    }
}

/// What a token claims; whether it is good is another question.
#[derive(Debug, Default)]
pub(super) struct Claims(Value);

impl Claims {
    pub fn of(token: &str) -> Option<Self> {
        let payload = token.trim().split('.').nth(1)?.trim_end_matches('=');
        let json = URL_SAFE_NO_PAD.decode(payload);
        let json = json.or_else(|_| STANDARD.decode(payload)).ok()?;
        serde_json::from_slice(&json).ok().map(Self)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// Whom a session's token is of: the pod writes what it says.
    fn session(&self) -> Caller {
        let subject = self.text("sub").map(str::to_owned);
        let app = self.text("appGroupId").map(str::to_owned);
        match self.0.get("userId") {
            Some(_) => Caller { user: subject, app },
            None => Caller { user: None, app: subject },
        }
    }
}

/// The token of a session that a request came with.
pub(super) fn session_token(headers: Headers<'_>) -> Option<&str> {
    let good = |token: &&str| !token.is_empty();
    let own = headers.value("sessiontoken").map(str::trim).filter(good);
    own.or_else(|| headers.value("authorization")?.strip_prefix("Bearer ").map(str::trim))
}

/// The JWT of a login.
pub(super) fn login_jwt(entry: &Entry) -> Option<String> {
    let Event::Request { body, .. } = &entry.event else {
        return None;
    };
    let body: Value = serde_json::from_slice(&body.bytes()).ok()?;
    let token = body.get("token").or_else(|| body.get("authToken"))?.as_str()?;
    (token.split('.').count() == 3).then(|| token.to_owned())
}

/// Whether a login is that of an app.
pub(super) fn is_app_login(path: &str) -> bool {
    path.split(['/', '?']).any(|segment| segment == "app" || segment == "extensionApp")
}

/// Whether the caller of an operation shows who he is by certificate or JWT.
fn is_login(path: &str) -> bool {
    ["/sessionauth/", "/keyauth/", "/login/", "/relay/"].iter().any(|way| path.starts_with(way))
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}
