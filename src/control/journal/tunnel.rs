//! What came to the forward proxy, and what it made of it.

use std::sync::Arc;

use axum::http::{Method, Request, StatusCode, Uri};
use schemars::JsonSchema;
use serde::Serialize;

use super::head::Head;
use super::{Entry, Event, Journal, log, redact};
use crate::clock::Clock;
use crate::domain::shorten;
use crate::transport::ListenerId;

/// A tunnel through the forward proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tunnel {
    /// Host and port, as the client wrote them.
    pub target: String,
    /// Who showed credentials to the proxy; never the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The pod's port that it leads to; none where the proxy refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// What came of a request to the forward proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TunnelOutcome {
    Open,
    Refused(TunnelRefusal),
}

/// Why there is no tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TunnelRefusal {
    /// It is no `CONNECT`.
    NotATunnel { method: Method },
    /// The target is not `HOST:PORT`.
    TunnelTargetMalformed,
    /// The target is none of the pod's ports, which are these.
    TunnelTargetElsewhere { ports: Vec<u16> },
    /// The proxy demands credentials and none came.
    ProxyCredentialsMissing,
    /// The credentials are not those of RFC 7617.
    ProxyCredentialsUnreadable,
    /// The credentials are others.
    ProxyCredentialsWrong { name_is_right: bool },
    /// An injected fault has it so; with no status the client had no answer.
    Injected { fault: Arc<str>, status: Option<StatusCode> },
}

/// The longest target and the longest name of a user, in bytes.
const LONGEST: usize = 300;

impl Tunnel {
    /// The tunnel that a request asks for, and `user` shows credentials for.
    pub fn asked(uri: &Uri, user: Option<String>) -> Self {
        let short = |mut text: String| {
            shorten(&mut text, LONGEST);
            text
        };
        let mut target = uri.to_string();
        // Where a client writes credentials into the target, a password is among them.
        if let Some((credentials, _)) =
            uri.authority().and_then(|authority| authority.as_str().rsplit_once('@'))
        {
            target = target.replacen(&format!("{credentials}@"), "", 1);
        }
        Self { target: short(redact::target(&target)), user: user.map(short), port: None }
    }

    /// How much memory it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.target.capacity() + self.user.as_ref().map_or(0, String::capacity)
    }
}

impl TunnelOutcome {
    /// The status that the client had, if any.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Open => Some(StatusCode::OK),
            Self::Refused(refusal) => refusal.status(),
        }
    }

    pub(super) fn refusal(&self) -> Option<&TunnelRefusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Open => None,
        }
    }

    /// The fault that answered.
    pub(super) fn fault(&self) -> Option<&str> {
        match self {
            Self::Refused(TunnelRefusal::Injected { fault, status: Some(_) }) => Some(fault),
            _ => None,
        }
    }
}

impl TunnelRefusal {
    /// The status that says so, if any does.
    pub fn status(&self) -> Option<StatusCode> {
        let status = match self {
            Self::NotATunnel { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::TunnelTargetMalformed => StatusCode::BAD_REQUEST,
            Self::TunnelTargetElsewhere { .. } => StatusCode::FORBIDDEN,
            Self::ProxyCredentialsMissing
            | Self::ProxyCredentialsUnreadable
            | Self::ProxyCredentialsWrong { .. } => StatusCode::PROXY_AUTHENTICATION_REQUIRED,
            Self::Injected { status, .. } => return *status,
        };
        Some(status)
    }

    /// The reason in words. It tells no password, neither the right one nor the one that came.
    pub fn why(&self) -> String {
        match self {
            Self::NotATunnel { method } => format!(
                "{method} came, and this proxy only tunnels (CONNECT): the pod speaks TLS, and its \
                 control port is to be asked without a proxy"
            ),
            Self::TunnelTargetMalformed => "the target of CONNECT is not HOST:PORT".to_owned(),
            Self::TunnelTargetElsewhere { ports } => {
                let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
                format!(
                    "the proxy leads to the pod's TLS ports and nowhere else: whatever the host, to \
                     {}, or to 443 and 8443 for the first of them and 8444 for the one that demands \
                     certificates, or to a --proxy-host",
                    ports.join(", ")
                )
            }
            Self::ProxyCredentialsMissing => {
                "the proxy demands credentials, and no Proxy-Authorization came".to_owned()
            }
            Self::ProxyCredentialsUnreadable => {
                "Proxy-Authorization is not \"Basic\" and the Base64 of NAME:PASSWORD".to_owned()
            }
            Self::ProxyCredentialsWrong { name_is_right: true } => {
                "the proxy knows the user, and his password is another".to_owned()
            }
            Self::ProxyCredentialsWrong { name_is_right: false } => {
                "the proxy does not know the user".to_owned()
            }
            Self::Injected { fault, status: Some(_) } => {
                format!("the injected fault {fault} answered")
            }
            Self::Injected { fault, status: None } => {
                format!("the injected fault {fault} left it without an answer")
            }
        }
    }

    /// What to do about it, where one can be sure.
    pub(super) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::ProxyCredentialsMissing => Some(
                "proxy.username and proxy.password in a BDK's configuration; `symphony-mock-pod \
                 sdk-config --proxy NAME:PASSWORD@HOST:PORT` writes them",
            ),
            _ => None,
        }
    }
}

impl Journal {
    /// Notes what came to the forward proxy on its `port`, and what came of it.
    pub fn tunnel<B>(
        &self,
        clock: &Clock,
        port: u16,
        request: &Request<B>,
        tunnel: &Arc<Tunnel>,
        outcome: TunnelOutcome,
    ) {
        let event = Event::Tunnel {
            method: request.method().clone(),
            version: request.version(),
            head: Head::new(&tunnel.target, request.headers()),
            outcome,
        };
        let tunnel = Some(Arc::clone(tunnel));
        let entry =
            Entry { tunnel, proxy: Some(port), ..Entry::now(clock, ListenerId::MAIN, event) };
        log::tunnel(&entry);
        self.write(entry);
    }

    /// Notes what came to the forward proxy on its `port` and could not be read as a request.
    pub fn unreadable_for_proxy(
        &self,
        clock: &Clock,
        port: u16,
        status: StatusCode,
        why: &'static str,
    ) {
        let event = Event::Unreadable { status: status.as_u16(), why };
        let entry = Entry::now(clock, ListenerId::MAIN, event);
        self.write(Entry { proxy: Some(port), ..entry });
    }
}
