//! Extractors are capabilities: a handler that has one in its signature runs only for a caller
//! who may.

use std::ops::Deref;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use crate::domain::{Principal, Refusal, TokenSpace, UserId};
use crate::pod::Pod;
use crate::transport::ClientCertificate;

/// The pod that the request is for.
pub struct CurrentPod(Arc<Pod>);

/// The client certificate of the request's connection; refused where there is none.
pub struct Certificate(Arc<ClientCertificate>);

/// The same, or none.
pub struct OptionalCertificate(pub Option<Arc<ClientCertificate>>);

/// A valid `sessionToken`: whoever it stands for.
pub struct Session {
    pub principal: Principal,
}

/// A JSON body, whatever the `Content-Type` says: some clients send none with JSON.
pub struct JsonBody<T>(pub T);

/// The body as it came.
pub struct RawBody(pub Bytes);

impl Deref for CurrentPod {
    type Target = Pod;

    fn deref(&self) -> &Pod {
        &self.0
    }
}

impl Deref for Certificate {
    type Target = ClientCertificate;

    fn deref(&self) -> &ClientCertificate {
        &self.0
    }
}

impl Session {
    /// The user in whose name the call is made. An app's own session is nobody's.
    pub fn user(&self) -> Result<UserId, Refusal> {
        self.principal.user().ok_or(Refusal::NotAUser)
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentPod {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        pod(parts).map(|pod| Self(Arc::clone(pod)))
    }
}

impl<S: Sync> FromRequestParts<S> for OptionalCertificate {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Ok(Self(parts.extensions.get::<Arc<ClientCertificate>>().cloned()))
    }
}

impl<S: Sync> FromRequestParts<S> for Certificate {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let OptionalCertificate(certificate) =
            OptionalCertificate::from_request_parts(parts, state).await?;
        certificate.map(Self).ok_or(Refusal::CertificateMissing)
    }
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let token = token(&parts.headers, "sessionToken").ok_or(Refusal::SessionTokenMissing)?;
        let session = pod(parts)?.session(token, TokenSpace::Pod)?;
        Ok(Self { principal: session.principal })
    }
}

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                Refusal::TooLarge { what: "The body is too large".into() }
            }
            other => Refusal::Malformed { what: format!("The body cannot be read: {other}") },
        })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let RawBody(body) = RawBody::from_request(request, state).await?;
        let malformed = |error| Refusal::Malformed {
            what: format!("The body is not the JSON expected: {error}"),
        };
        serde_json::from_slice(&body).map(Self).map_err(malformed)
    }
}

/// A token header's value. An empty one is an absent one: both BDKs send an empty
/// `keyManagerToken` when they have none.
pub fn token<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}

/// Whether the request declares a type for its body.
pub fn has_content_type(headers: &HeaderMap) -> bool {
    headers.contains_key(header::CONTENT_TYPE)
}

fn pod(parts: &Parts) -> Result<&Arc<Pod>, Refusal> {
    parts.extensions.get::<Arc<Pod>>().ok_or(Refusal::Bug)
}
