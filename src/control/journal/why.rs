//! Why the pod said no: the decision in steps, as far as it got, and in one line.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::hints::hints;
use super::record::{Claims, Record, login_jwt, session_token};
use super::{Entry, Event, Journal, TunnelOutcome, TunnelRefusal};
use crate::clock::Clock;
use crate::domain::{JwtFault, Refusal, Timestamp, TokenFault};
use crate::transport::Listeners;

/// The decision about one request or handshake.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Of the entry.
    pub id: u64,
    /// All of it in a line.
    pub line: String,
    pub refused: bool,
    /// The name of the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What was looked at, in order; the last is what decided.
    pub steps: Vec<Step>,
    /// What to do about it, where that is sure.
    pub hints: Vec<String>,
}

/// One look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    pub step: &'static str,
    pub ok: bool,
    pub detail: String,
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.line)
    }
}

impl Journal {
    /// All entries in words, the oldest first.
    pub fn records(&self) -> Vec<Record> {
        let all = self.after(0);
        let in_words = |(id, entry): &(u64, std::sync::Arc<Entry>)| self.written_down(*id, entry);
        all.entries.iter().map(in_words).collect()
    }

    /// The entry with this id in words.
    pub fn record(&self, id: u64) -> Option<Record> {
        self.by_id(id).map(|entry| Record::of(id, &entry, self))
    }

    /// Why the entry with this id ended as it did. `clock` is the pod's.
    pub fn why(&self, id: u64, clock: &Clock) -> Option<Explanation> {
        let entry = self.by_id(id)?;
        Some(self.explain(&entry, Record::of(id, &entry, self), clock))
    }

    /// The same of the last refusal or failed handshake.
    pub fn why_last(&self, clock: &Clock) -> Option<Explanation> {
        let all = self.after(0);
        let is_no = |entry: &Entry| {
            entry.refusal().is_some()
                || entry.tunnel_refusal().is_some()
                || matches!(entry.event, Event::Handshake { .. } | Event::Unreadable { .. })
        };
        let (id, entry) = all.entries.iter().rev().find(|(_, entry)| is_no(entry))?;
        Some(self.explain(entry, Record::of(*id, entry, self), clock))
    }

    fn explain(&self, entry: &Entry, record: Record, clock: &Clock) -> Explanation {
        let mut steps = Steps(Vec::new());
        match (&entry.event, entry.refusal()) {
            (Event::Handshake { reason }, _) => steps.push("handshake", false, reason.clone()),
            (Event::Unreadable { why, .. }, _) => steps.push("head", false, (*why).to_owned()),
            (Event::Tunnel { outcome, .. }, _) => steps.tunnel(&record, outcome),
            (Event::Request { .. }, refusal) => {
                steps.operation(&record, refusal);
                if refusal.is_none_or(reached_an_operation) {
                    steps.of_request(entry, &record, refusal);
                }
                steps.outcome(entry, &record, refusal);
            }
        }
        let mut hints = hints(entry, self, record.caller.user.as_deref(), clock);
        if matches!(entry.refusal(), Some(Refusal::FeedUnknown)) || self.is_deletion(entry) {
            hints.extend(self.deadly_deletion());
        }
        Explanation {
            id: record.id,
            line: line(&record, &hints),
            refused: record.is_refused(),
            kind: match (&record.refusal, &record.handshake) {
                (Some(refusal), _) => Some(refusal.kind.clone()),
                (None, Some(_)) => Some("Handshake".to_owned()),
                (None, None) => record.unreadable.map(|_| "Unreadable".to_owned()),
            },
            steps: steps.0,
            hints,
        }
    }
}

fn line(record: &Record, hints: &[String]) -> String {
    let by = match (&record.caller.app, &record.caller.user) {
        (Some(app), Some(user)) => format!(" (app {app} for {user})"),
        (Some(app), None) => format!(" (app {app})"),
        (None, Some(user)) => format!(" ({user})"),
        (None, None) => match record.tunnel.as_ref().and_then(|tunnel| tunnel.user.as_ref()) {
            Some(user) if record.is_of_proxy() => format!(" ({user})"),
            _ => String::new(),
        },
    };
    let what = match (&record.method, &record.path) {
        (Some(method), Some(path)) => format!("{method} {path}"),
        _ if record.unreadable.is_some() => format!("something on {}", port(record)),
        _ => format!("TLS handshake on {}", port(record)),
    };
    let outcome = match (&record.handshake, &record.refusal, &record.fault, record.status) {
        (Some(reason), ..) => format!("failed: {reason}"),
        (None, _, Some(fault), _) => format!("the fault {fault:?} answered"),
        (None, Some(refusal), None, _) => refusal.why.clone(),
        (None, None, None, Some(_)) if record.unreadable.is_some() => {
            record.unreadable.unwrap_or_default().to_owned()
        }
        (None, None, None, None) => "the client left before the answer came".to_owned(),
        (None, None, None, Some(_)) => "nothing was refused".to_owned(),
    };
    let status = record.status.map(|status| format!("{status} ")).unwrap_or_default();
    let trace = record.trace_id.as_ref().map(|id| format!(" [trace {id}]")).unwrap_or_default();
    let hint = hints.first().map(|hint| format!(" – {hint}")).unwrap_or_default();
    format!("{status}{what}{by}{trace}: {outcome}{hint}")
}

/// Where something came, with the listener's name where there are further ones than the pod's two.
fn port(record: &Record) -> String {
    match record.listener.as_str() {
        Listeners::MAIN | Listeners::MTLS => format!("port {}", record.port),
        name => format!("port {} ({name})", record.port),
    }
}

/// Whether the pod looked at who was calling.
fn reached_an_operation(refusal: &Refusal) -> bool {
    !matches!(
        refusal,
        Refusal::PathUnknown { .. }
            | Refusal::ServedElsewhere { .. }
            | Refusal::MethodNotAllowed { .. }
    )
}

struct Steps(Vec<Step>);

impl Steps {
    fn push(&mut self, step: &'static str, ok: bool, detail: impl Into<String>) {
        self.0.push(Step { step, ok, detail: detail.into() });
    }

    /// What the forward proxy looked at.
    fn tunnel(&mut self, record: &Record, outcome: &TunnelOutcome) {
        let tunnel = record.tunnel.as_ref();
        let user = tunnel.and_then(|tunnel| tunnel.user.as_deref());
        let shown = match user {
            Some(user) => format!("{user:?} shows credentials to the proxy"),
            None => "nobody shows credentials to the proxy".to_owned(),
        };
        let port = tunnel.and_then(|tunnel| tunnel.port).unwrap_or_default();
        match outcome {
            TunnelOutcome::Open => {
                self.push("credentials", true, shown);
                self.push("target", true, format!("the tunnel leads to port {port}"));
            }
            TunnelOutcome::Refused(refusal) => match refusal {
                TunnelRefusal::NotATunnel { .. } => self.push("method", false, refusal.why()),
                TunnelRefusal::TunnelTargetMalformed
                | TunnelRefusal::TunnelTargetElsewhere { .. } => {
                    self.push("credentials", true, shown);
                    self.push("target", false, refusal.why());
                }
                TunnelRefusal::ProxyCredentialsMissing
                | TunnelRefusal::ProxyCredentialsUnreadable
                | TunnelRefusal::ProxyCredentialsWrong { .. } => {
                    let user = user.map(|user| format!("{user:?}: ")).unwrap_or_default();
                    self.push("credentials", false, format!("{user}{}", refusal.why()));
                }
                TunnelRefusal::Injected { .. } => self.push("fault", false, refusal.why()),
            },
        }
    }

    fn operation(&mut self, record: &Record, refusal: Option<&Refusal>) {
        let method = record.method.as_deref().unwrap_or_default();
        let path = record.path.as_deref().unwrap_or_default();
        match (record.operation, refusal) {
            (_, Some(refusal)) if !reached_an_operation(refusal) => {
                self.push("operation", false, refusal.why());
            }
            (Some(operation), _) => {
                self.push("operation", true, format!("{method} {path} is {operation}"));
            }
            (None, _) => self.push("operation", false, format!("{method} {path} is no operation")),
        }
    }

    /// How the caller showed who he is.
    fn of_request(&mut self, entry: &Entry, record: &Record, refusal: Option<&Refusal>) {
        let Event::Request { head, .. } = &entry.event else {
            return;
        };
        let by_certificate = ["/sessionauth/", "/keyauth/"];
        let path = head.target();
        if by_certificate.iter().any(|way| path.starts_with(way)) || record.certificate.is_some() {
            self.certificate(record, refusal);
        }
        if let Some(jwt) = login_jwt(entry) {
            self.jwt(&jwt, entry.at, refusal);
        }
        match (session_token(head.request_headers()), refusal) {
            (Some(token), _) => self.session(token, record, refusal),
            (
                None,
                Some(refusal @ (Refusal::SessionTokenMissing | Refusal::LogoutTokenMissing)),
            ) => {
                self.push("session", false, refusal.why());
            }
            (None, _) => {}
        }
    }

    /// The client certificate: whether one came, whether its chain is good, and whom it names.
    fn certificate(&mut self, record: &Record, refusal: Option<&Refusal>) {
        let Some(certificate) = &record.certificate else {
            let detail = format!("no client certificate came on {}", port(record));
            return self.push(
                "certificate",
                !matches!(refusal, Some(Refusal::CertificateMissing)),
                detail,
            );
        };
        self.push(
            "certificate",
            true,
            format!(
                "[{}] came, serial {}, SHA-256 {}",
                certificate.subject, certificate.serial, certificate.fingerprint
            ),
        );
        self.push(
            "chain",
            true,
            format!(
                "the TLS layer took it: issued by [{}], good from {} to {}",
                certificate.issuer, certificate.not_before, certificate.not_after
            ),
        );
        match refusal {
            Some(Refusal::KeyTooWeak { .. }) => {}
            Some(refusal @ Refusal::CommonNameMissing { .. }) => {
                self.push("commonName", false, refusal.why());
            }
            _ => {
                let name = certificate.common_name.as_deref().unwrap_or("missing");
                self.push("commonName", true, format!("the Common Name is {name:?}"));
            }
        }
    }

    /// The JWT of a login, in the order in which the pod looks at it.
    fn jwt(&mut self, jwt: &str, now: Timestamp, refusal: Option<&Refusal>) {
        let fault = match refusal {
            Some(Refusal::JwtRefused(fault)) => Some(fault),
            _ => None,
        };
        let why = |fault: &JwtFault| format!("the JWT {fault}");
        if let Some(
            fault @ (JwtFault::Malformed(_) | JwtFault::Algorithm(_) | JwtFault::Critical(_)),
        ) = fault
        {
            return self.push("jwt", false, why(fault));
        }
        let Some(claims) = Claims::of(jwt) else {
            return;
        };
        let subject = claims.text("sub").unwrap_or_default();
        self.push("jwt", true, format!("signed with RS512, sub {subject:?}"));
        if let Some(fault @ (JwtFault::SubjectUnknown { .. } | JwtFault::Inactive { .. })) = fault {
            return self.push("subject", false, why(fault));
        }
        self.push("subject", true, format!("{subject:?} is known and active"));
        if let Some(fault @ (JwtFault::NoKey { .. } | JwtFault::Signature { .. })) = fault {
            return self.push("key", false, why(fault));
        }
        self.push("key", true, format!("a public key of {subject:?} verifies the signature"));
        let expires = claims.number("exp").unwrap_or_default();
        let moment = Timestamp::from_millis((expires * 1_000.0).max(0.0) as u64);
        let clocks = format!("exp is {}, the pod's clock was {}", moment.iso(), now.iso());
        match fault {
            Some(fault @ JwtFault::TooEarly { claim, .. }) => {
                self.push("exp", true, clocks);
                self.push(claim, false, why(fault));
            }
            Some(fault) => self.push("exp", false, format!("{clocks}: {}", why(fault))),
            None => self.push("exp", true, clocks),
        }
    }

    /// The session of a call, or the token to log out.
    fn session(&mut self, token: &str, record: &Record, refusal: Option<&Refusal>) {
        let shown = super::redact::secret(token);
        match refusal {
            Some(
                refusal @ (Refusal::SessionInvalid(fault) | Refusal::LogoutTokenInvalid(fault)),
            ) => {
                let whose = match (fault, &record.caller.user, &record.caller.app) {
                    (TokenFault::Unknown, ..) | (_, None, None) => String::new(),
                    (_, Some(name), _) | (_, None, Some(name)) => format!(" of {name:?}"),
                };
                let life = match fault {
                    TokenFault::Unknown => String::new(),
                    TokenFault::Expired { at } => format!(" (which was {})", at.iso()),
                    TokenFault::Ended { at, .. } => format!(" (which was {})", at.iso()),
                };
                let detail = format!("{shown}{whose}: {}{life}", refusal.why());
                self.push("session", false, detail);
            }
            _ => {
                let whose = match (&record.caller.user, &record.caller.app) {
                    (Some(user), Some(app)) => format!("the app {app:?} on behalf of {user:?}"),
                    (Some(user), None) => format!("{user:?}"),
                    (None, Some(app)) => format!("the app {app:?} itself"),
                    (None, None) => "nobody known".to_owned(),
                };
                self.push("session", true, format!("the token {shown} is that of {whose}"));
            }
        }
    }

    /// What decided, unless it was a step before.
    fn outcome(&mut self, entry: &Entry, record: &Record, refusal: Option<&Refusal>) {
        if let Some(fault) = &record.fault {
            return self.push("fault", false, format!("the fault {fault:?} was injected"));
        }
        let decided = self.0.last().is_some_and(|last| !last.ok);
        match refusal {
            Some(refusal) if !decided => self.push(name_of(refusal), false, refusal.why()),
            Some(_) => {}
            None => match record.status {
                Some(status) => {
                    let took = Duration::from_micros(entry.micros);
                    let took = humantime::format_duration(took);
                    self.push("answer", true, format!("{status} after {took}"));
                }
                None => self.push("answer", false, "the client left before the answer came"),
            },
        }
    }
}

/// Which look a refusal is the outcome of.
fn name_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::CommonNameUnknown { .. }
        | Refusal::UserInactive { .. }
        | Refusal::OnBehalfOfInactive { .. }
        | Refusal::UserNotServiceUser { .. }
        | Refusal::CertificateLoginSwitchedOff { .. }
        | Refusal::AppClaimsName { .. }
        | Refusal::OnBehalfOfUnknown { .. } => "user",
        Refusal::KeyTooWeak { .. } => "keyStrength",
        Refusal::AppUnknown { .. }
        | Refusal::AppDisabled { .. }
        | Refusal::AppCertificateNotTrusted { .. }
        | Refusal::AppNotInstalled { .. }
        | Refusal::AppNotRegistered { .. } => "app",
        Refusal::AppSessionExpected | Refusal::AppSessionIsNoUser { .. } => "session",
        Refusal::AppLacks { .. } => "permission",
        Refusal::KeyManagerTokenMissing | Refusal::KeyManagerTokenInvalid(_) => "keyManagerToken",
        Refusal::CertificateOfAnother { .. } => "owner",
        Refusal::RoleMissing { .. } => "role",
        Refusal::ScopeMissing { .. } => "scope",
        Refusal::NotEntitled { .. } => "entitlement",
        Refusal::NeitherAdminNorMember { .. }
        | Refusal::NotInRoom { .. }
        | Refusal::NotInStream { .. } => "membership",
        Refusal::Malformed { .. }
        | Refusal::MediaTypeUnsupported { .. }
        | Refusal::TooLarge { .. }
        | Refusal::MessageInvalid { .. }
        | Refusal::FormInvalid { .. }
        | Refusal::AuthenticateWithBody { .. }
        | Refusal::AuthenticateWithContentType => "request",
        _ => "rule",
    }
}
