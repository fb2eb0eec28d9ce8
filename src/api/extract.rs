//! Extractors are capabilities: a handler that has one in its signature runs only for a caller
//! who may.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};

use super::Component;
use crate::domain::{
    self, AckId, CertificateLogin, Event, FeedId, Principal, Refusal, RequestBodies, TokenSpace,
    UserId,
};
pub use crate::extract::{
    JsonBody, OptionalJsonBody, PathParameter, PathParameters, QueryParameters, RawBody,
};
use crate::extract::{Port, Reads, Unreadable};
use crate::operation::{Context, OnBehalfOf};
use crate::pod::Pod;
use crate::transport::{ClientCertificate, ListenerRef};

/// The pod that the request is for.
pub struct CurrentPod {
    pod: Arc<Pod>,
    /// How often it had ended reads when the request came.
    reads_ended: u64,
}

/// Says of a request that a read of a feed ends at once, as if its time were over.
#[derive(Debug, Clone, Copy)]
pub struct WithoutWaiting;

/// Where the request came.
pub struct Place {
    pub listener: ListenerRef,
    /// What names the pod in front of the path; empty for the main one.
    pub prefix: String,
}

/// `https://host`, with the port, and what names the pod in front of the path, as the client asked
/// for it: the pod cannot know under which name and behind which port mapping it is reached.
pub struct BaseUrl(pub String);

/// The client certificate of the request's connection; refused where there is none.
pub struct Certificate {
    certificate: Arc<ClientCertificate>,
    /// Of the request: a login looks at it, and not at the other headers, which would be copied.
    has_content_type: bool,
}

/// The same, or none.
pub struct OptionalCertificate(pub Option<Arc<ClientCertificate>>);

/// The session of a call in a user's name: by himself, or by an app that may make this call on his
/// behalf. A valid `sessionToken`, or an access token in `Authorization`.
pub struct Session(domain::Session);

/// Any valid session, an app's own included.
pub struct AnySession(pub domain::Session);

impl Deref for CurrentPod {
    type Target = Pod;

    fn deref(&self) -> &Pod {
        &self.pod
    }
}

impl CurrentPod {
    /// Reads a feed for this request: [`Pod::read_feed`].
    pub async fn read_feed(
        &self,
        feed: &FeedId,
        acknowledged: Option<AckId>,
        limit: usize,
        updates_presence: bool,
    ) -> Result<(Vec<Arc<Event>>, AckId), Refusal> {
        let Self { pod, reads_ended } = self;
        pod.read_feed(feed, acknowledged, limit, updates_presence, *reads_ended).await
    }
}

impl Session {
    /// The user in whose name the call is made.
    pub fn user(&self) -> Result<UserId, Refusal> {
        // The extractor lets nobody else through.
        self.0.principal.user().ok_or(Refusal::Bug)
    }

    /// What tells the session from all others.
    pub fn serial(&self) -> [u8; 16] {
        self.0.serial
    }

    /// Whether an app makes the call for the user.
    pub fn is_on_behalf(&self) -> bool {
        matches!(self.0.principal, Principal::OnBehalfOf { .. })
    }
}

impl Certificate {
    /// The certificate as the domain looks at a login.
    pub fn login(&self, body: &[u8]) -> CertificateLogin<'_> {
        CertificateLogin {
            common_name: self.common_name.as_deref(),
            subject: &self.subject,
            key: (&self.key_algorithm, self.key_strength),
            has_body: !body.is_empty(),
            has_content_type: self.has_content_type,
        }
    }
}

impl Deref for Certificate {
    type Target = ClientCertificate;

    fn deref(&self) -> &ClientCertificate {
        &self.certificate
    }
}

impl Port for Context {
    type Refusal = Refusal;

    fn demands_json(&self) -> bool {
        self.pod.world().settings.request_bodies == RequestBodies::Strict
    }

    async fn path_parameters(&self, _: &mut Parts) -> Result<Vec<String>, Refusal> {
        self.asked.parameters().collect()
    }
}

impl<T> Reads<T> for Context {}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        let what = unreadable.to_string();
        match unreadable {
            Unreadable::TooLarge => Self::TooLarge { what },
            Unreadable::MediaType { .. } => Self::MediaTypeUnsupported { what },
            _ => Self::Malformed { what },
        }
    }
}

impl FromRequestParts<Context> for CurrentPod {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Infallible> {
        let mut reads_ended = context.reads_ended;
        if parts.extensions.get::<WithoutWaiting>().is_some() {
            // As if it had come when reads had not been ended as often: it is ended like those.
            reads_ended = reads_ended.wrapping_sub(1);
        }
        Ok(Self { pod: Arc::clone(&context.pod), reads_ended })
    }
}

impl FromRequestParts<Context> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, context: &Context) -> Result<Self, Infallible> {
        let prefix = context.prefix.as_ref().map(|name| format!("/t/{name}")).unwrap_or_default();
        Ok(Self { listener: context.listener.clone(), prefix })
    }
}

impl FromRequestParts<Context> for BaseUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Infallible> {
        let Place { prefix, .. } = Place::from_request_parts(parts, context).await?;
        Ok(Self(format!("https://{}{prefix}", host(&parts.uri, &parts.headers))))
    }
}

impl FromRequestParts<Context> for OptionalCertificate {
    type Rejection = Refusal;

    async fn from_request_parts(_: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        if let Some(certificate) = &context.certificate {
            context.pod.check_certificate(certificate)?;
        }
        Ok(Self(context.certificate.clone()))
    }
}

impl FromRequestParts<Context> for Certificate {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let certificate = OptionalCertificate::from_request_parts(parts, context).await?.0;
        let certificate = certificate.ok_or(Refusal::CertificateMissing)?;
        let has_content_type = parts.headers.contains_key(header::CONTENT_TYPE);
        Ok(Self { certificate, has_content_type })
    }
}

impl FromRequestParts<Context> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let AnySession(session) = AnySession::from_request_parts(parts, context).await?;
        let pod = &context.pod;
        match &session.principal {
            Principal::User(_) => {}
            Principal::App(app) => {
                return Err(Refusal::AppSessionIsNoUser { app: app.to_string() });
            }
            Principal::OnBehalfOf { app, .. } => {
                let OnBehalfOf(permissions) = context.asked.operation().on_behalf_of;
                pod.world().check_on_behalf_of(app, permissions)?;
            }
        }
        if Component::of_path(parts.uri.path()) == Component::Agent {
            let token = token(&parts.headers, "keyManagerToken");
            pod.check_key_manager_token(token, &session)?;
        }
        Ok(Self(session))
    }
}

impl FromRequestParts<Context> for AnySession {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let (pod, headers) = (&context.pod, &parts.headers);
        if let Some(token) = token(headers, "sessionToken") {
            return Ok(Self(pod.session(token, TokenSpace::Pod)?));
        }
        let access_token = bearer(headers).ok_or(Refusal::SessionTokenMissing)?;
        Ok(Self(pod.session_of_access_token(access_token)?))
    }
}

/// The host that the client asked for, with its port where it named one.
pub fn host(uri: &Uri, headers: &HeaderMap) -> String {
    let authority = uri.authority().map(|authority| authority.as_str());
    let host = authority.or_else(|| headers.get(header::HOST)?.to_str().ok());
    host.unwrap_or("localhost").to_owned()
}

/// A token header's value. An empty one is an absent one: both BDKs send an empty
/// `keyManagerToken` when they have none.
pub fn token<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}

/// The access token in `Authorization`.
///
/// After a login the Java BDK sends the token as it came, `Bearer` and all; after a refresh it sends
/// the bare access token.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let authorization = token(headers, "authorization")?;
    Some(match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => authorization,
    })
}
