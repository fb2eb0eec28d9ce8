//! Extractors are capabilities: a handler that has one in its signature runs only for a caller
//! who may.

use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::Component;
use super::call::{Call, FromCall, Stop};
use crate::domain::{
    self, AckId, CertificateLogin, Event, FeedId, Principal, Refusal, TokenSpace, UserId,
};
use crate::operation::OnBehalfOf;
use crate::pod::Pod;
use crate::reading;
use crate::transport::ClientCertificate;

/// The pod that the request is for.
pub struct CurrentPod {
    pod: Arc<Pod>,
    /// How often it had ended reads when the request came.
    reads_ended: u64,
}

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

impl FromCall for CurrentPod {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        Ok(Self { pod: Arc::clone(call.pod()), reads_ended: call.reads_ended() })
    }
}

impl FromCall for OptionalCertificate {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        if let Some(certificate) = call.certificate() {
            call.pod().check_certificate(certificate)?;
        }
        Ok(Self(call.certificate().cloned()))
    }
}

impl FromCall for Certificate {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        let OptionalCertificate(certificate) = OptionalCertificate::from_call(call)?;
        let certificate = certificate.ok_or(Refusal::CertificateMissing)?;
        let has_content_type = call.headers().contains_key(header::CONTENT_TYPE);
        Ok(Self { certificate, has_content_type })
    }
}

impl FromCall for Session {
    #[inline(never)]
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        let AnySession(session) = AnySession::from_call(call)?;
        let pod = call.pod();
        match &session.principal {
            Principal::User(_) => {}
            Principal::App(app) => {
                return Err(Refusal::AppSessionIsNoUser { app: app.to_string() }.into());
            }
            Principal::OnBehalfOf { app, .. } => {
                let OnBehalfOf(permissions) = call.asked().operation().on_behalf_of;
                pod.world().check_on_behalf_of(app, permissions)?;
            }
        }
        if Component::of_path(call.uri().path()) == Component::Agent {
            let token = token(call.headers(), "keyManagerToken");
            pod.check_key_manager_token(token, &session)?;
        }
        Ok(Self(session))
    }
}

impl FromCall for AnySession {
    #[inline(never)]
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        let (pod, headers) = (call.pod(), call.headers());
        if let Some(token) = token(headers, "sessionToken") {
            return Ok(Self(pod.session(token, TokenSpace::Pod)?));
        }
        let authorization = token(headers, "authorization");
        let authorization = authorization.ok_or(Refusal::SessionTokenMissing)?;
        // After a login the Java BDK sends the token as it came, `Bearer` and all; after a refresh
        // it sends the bare access token.
        let access_token = match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => authorization,
        };
        Ok(Self(pod.session_of_access_token(access_token)?))
    }
}

impl<T: FromStr> FromCall for PathParameter<T> {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        Ok(Self(read(&mut call.asked().parameters())?))
    }
}

impl<A: FromStr, B: FromStr> FromCall for PathParameters<A, B> {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        let mut values = call.asked().parameters();
        Ok(Self(read(&mut values)?, read(&mut values)?))
    }
}

impl<T: DeserializeOwned> FromCall for QueryParameters<T> {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        let query = Query::try_from_uri(call.uri());
        let Query(query) = query.map_err(|rejection| Refusal::Malformed {
            what: format!("The query: {}", rejection.body_text()),
        })?;
        Ok(Self(query))
    }
}

impl FromCall for RawBody {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        call.take_body().map(Self)
    }
}

impl<T: DeserializeOwned> FromCall for JsonBody<T> {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        Ok(Self(json(&call.take_body()?)?))
    }
}

impl<T: DeserializeOwned + Default> FromCall for OptionalJsonBody<T> {
    fn from_call(call: &mut Call) -> Result<Self, Stop> {
        let body = call.take_body()?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        // A body of `null` is none.
        Ok(Self(json::<Option<T>>(&body)?.unwrap_or_default()))
    }
}

/// A token header's value. An empty one is an absent one: both BDKs send an empty
/// `keyManagerToken` when they have none.
pub fn token<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
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
