//! Extractors are capabilities: a handler that has one in its signature runs only for a caller
//! who may.

use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::Component;
use crate::domain::{self, CertificateLogin, Principal, Refusal, TokenSpace, UserId};
use crate::operation::{Context, OnBehalfOf};
use crate::pod::Pod;
use crate::reading;
use crate::transport::ClientCertificate;

/// The pod that the request is for.
pub struct CurrentPod(Arc<Pod>);

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

/// A JSON body, whatever the `Content-Type` says: some clients send none with JSON.
pub struct JsonBody<T>(pub T);

/// The same, or the default where no body came.
pub struct OptionalJsonBody<T>(pub T);

/// The one parameter of the path, decoded.
pub struct PathParameter<T>(pub T);

/// Two of them.
pub struct PathParameters<A, B>(pub A, pub B);

/// Parameters from the query string.
pub struct QueryParameters<T>(pub T);

/// The body as it came.
pub struct RawBody(pub Bytes);

impl Deref for CurrentPod {
    type Target = Pod;

    fn deref(&self) -> &Pod {
        &self.0
    }
}

impl Session {
    /// The user in whose name the call is made.
    pub fn user(&self) -> Result<UserId, Refusal> {
        // The extractor lets nobody else through.
        self.0.principal.user().ok_or(Refusal::Bug)
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

impl<S: Sync> FromRequestParts<S> for CurrentPod {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        context(parts).map(|context| Self(Arc::clone(&context.pod)))
    }
}

impl<S: Sync> FromRequestParts<S> for OptionalCertificate {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Context { pod, certificate, .. } = context(parts)?;
        if let Some(certificate) = certificate {
            pod.check_certificate(certificate)?;
        }
        Ok(Self(certificate.clone()))
    }
}

impl<S: Sync> FromRequestParts<S> for Certificate {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let OptionalCertificate(certificate) =
            OptionalCertificate::from_request_parts(parts, state).await?;
        let certificate = certificate.ok_or(Refusal::CertificateMissing)?;
        let has_content_type = parts.headers.contains_key(header::CONTENT_TYPE);
        Ok(Self { certificate, has_content_type })
    }
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let AnySession(session) = AnySession::from_request_parts(parts, state).await?;
        let Context { pod, asked, .. } = context(parts)?;
        match &session.principal {
            Principal::User(_) => {}
            Principal::App(app) => {
                return Err(Refusal::AppSessionIsNoUser { app: app.to_string() });
            }
            Principal::OnBehalfOf { app, .. } => {
                let OnBehalfOf(permissions) = asked.operation().on_behalf_of;
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

impl<S: Sync> FromRequestParts<S> for AnySession {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let pod = &context(parts)?.pod;
        if let Some(token) = token(&parts.headers, "sessionToken") {
            return pod.session(token, TokenSpace::Pod).map(Self);
        }
        let authorization = token(&parts.headers, "authorization");
        let authorization = authorization.ok_or(Refusal::SessionTokenMissing)?;
        // After a login the Java BDK sends the token as it came, `Bearer` and all; after a refresh
        // it sends the bare access token.
        let access_token = match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => authorization,
        };
        pod.session_of_access_token(access_token).map(Self)
    }
}

impl<T: FromStr, S: Sync> FromRequestParts<S> for PathParameter<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        read(&mut context(parts)?.asked.parameters()).map(Self)
    }
}

impl<A: FromStr, B: FromStr, S: Sync> FromRequestParts<S> for PathParameters<A, B> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let mut values = context(parts)?.asked.parameters();
        Ok(Self(read(&mut values)?, read(&mut values)?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryParameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(query)| Self(query)).map_err(|rejection| Refusal::Malformed {
            what: format!("The query: {}", rejection.body_text()),
        })
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
        json(&body).map(Self)
    }
}

impl<T, S> FromRequest<S> for OptionalJsonBody<T>
where
    T: DeserializeOwned + Default,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let RawBody(body) = RawBody::from_request(request, state).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        // A body of `null` is none.
        json::<Option<T>>(&body).map(|body| Self(body.unwrap_or_default()))
    }
}

/// A token header's value. An empty one is an absent one: both BDKs send an empty
/// `keyManagerToken` when they have none.
pub fn token<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}

fn context(parts: &Parts) -> Result<&Context, Refusal> {
    parts.extensions.get().ok_or(Refusal::Bug)
}

/// The next of a path's parameters. A handler that asks for more than its path has is a bug.
fn read<T: FromStr>(
    values: &mut impl Iterator<Item = Result<String, Refusal>>,
) -> Result<T, Refusal> {
    let value = values.next().ok_or(Refusal::Bug)??;
    value.parse().map_err(|_| Refusal::Malformed {
        what: format!("The path: {value:?} is not what stands in its place, a number"),
    })
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    reading::json(body).map_err(|error| Refusal::Malformed {
        what: format!("The body is not the JSON expected: {error}"),
    })
}
