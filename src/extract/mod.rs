//! The extractors that the handlers of both ports share: Symphony's API and the control port.
//!
//! A handler is an ordinary axum handler: an `async fn` whose parameters are extractors and whose
//! result is a response. An extractor that needs no body implements
//! [`FromRequestParts`]; one that reads the body implements [`FromRequest`](axum::extract::FromRequest)
//! and comes last, so that a caller who is refused anyway is refused before the body is read. Each port
//! has its own error, the [`Port::Refusal`] of its state: the extractors here are written once for both.

mod body;

use std::error::Error as _;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

pub use body::{Body, JsonBody, OptionalJsonBody, RawBody, check_media_type, media_type};

/// The state of a port's handlers.
pub trait Port: Send + Sync {
    /// The port's error.
    type Refusal: IntoResponse + From<Unreadable>;

    /// Whether a body that says of itself to be something else than JSON is refused where JSON is
    /// wanted. One that says nothing is taken for JSON: Symphony's .NET client names no type.
    fn demands_json(&self) -> bool {
        false
    }

    /// The values of the path's parameters in their order, decoded.
    fn path_parameters(
        &self,
        parts: &mut Parts,
    ) -> impl Future<Output = Result<Vec<String>, Self::Refusal>> + Send;
}

/// A port whose handlers read a `T` from a body or a query.
pub trait Reads<T>: Port {
    /// An example that an error shows to a client that sent something else.
    const EXPECTED: Option<&'static str> = None;
}

/// Why a part of a request cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("The path: {0}")]
    Path(String),
    #[error("The query: {error}")]
    Query { error: String, expected: Option<&'static str> },
    #[error("The body is not the JSON expected: {error}")]
    Json { error: String, expected: Option<&'static str> },
    /// The body is of another media type than is wanted.
    #[error("Unsupported Media Type: {came}, expected {expected}")]
    MediaType { came: String, expected: &'static str },
    #[error("The body is too large")]
    TooLarge,
    /// The connection broke.
    #[error("The body cannot be read: {0}")]
    Broken(axum::Error),
}

/// The one parameter of the path, decoded.
pub struct PathParameter<T>(pub T);

/// Two of them.
pub struct PathParameters<A, B>(pub A, pub B);

/// Parameters from the query string.
pub struct QueryParameters<T>(pub T);

impl<S: Port, T: FromStr> FromRequestParts<S> for PathParameter<T> {
    type Rejection = S::Refusal;

    async fn from_request_parts(parts: &mut Parts, port: &S) -> Result<Self, S::Refusal> {
        let mut values = port.path_parameters(parts).await?.into_iter();
        Ok(Self(parse(values.next())?))
    }
}

impl<S: Port, A: FromStr, B: FromStr> FromRequestParts<S> for PathParameters<A, B> {
    type Rejection = S::Refusal;

    async fn from_request_parts(parts: &mut Parts, port: &S) -> Result<Self, S::Refusal> {
        let mut values = port.path_parameters(parts).await?.into_iter();
        Ok(Self(parse(values.next())?, parse(values.next())?))
    }
}

impl<S: Reads<T>, T: DeserializeOwned> FromRequestParts<S> for QueryParameters<T> {
    type Rejection = S::Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, S::Refusal> {
        let read = Query::try_from_uri(&parts.uri);
        let Query(query) = read.map_err(|rejection| Unreadable::Query {
            // The rejection's own words are those of serde.
            error: rejection.source().map_or_else(|| rejection.body_text(), |it| it.to_string()),
            expected: S::EXPECTED,
        })?;
        Ok(Self(query))
    }
}

fn parse<T: FromStr>(value: Option<String>) -> Result<T, Unreadable> {
    let value = value.ok_or_else(|| Unreadable::Path("a parameter is missing".into()))?;
    value.parse().map_err(|_| {
        Unreadable::Path(format!("{value:?} is not what stands in its place, a number"))
    })
}
