use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::Refusal;

/// The query's parameters. What is not asked for is passed over.
pub struct Parameters<T>(pub T);

/// The path's parameters.
pub struct PathParameters<T>(pub T);

/// The page that most lists offer: `skip` and `limit`.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Page {
    pub skip: Option<usize>,
    pub limit: Option<usize>,
}

impl Page {
    /// This page of `all`; everything where the request has no limit.
    pub fn of<T>(self, all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        let limit = self.limit.unwrap_or(usize::MAX);
        all.into_iter().skip(self.skip.unwrap_or(0)).take(limit)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let unreadable = |rejection: QueryRejection| Refusal::Malformed {
            what: format!("The query cannot be read: {}", rejection.body_text()),
        };
        let Query(parameters) =
            Query::from_request_parts(parts, state).await.map_err(unreadable)?;
        Ok(Self(parameters))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathParameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let unreadable = |rejection: PathRejection| Refusal::Malformed {
            what: format!("The path cannot be read: {}", rejection.body_text()),
        };
        let Path(parameters) = Path::from_request_parts(parts, state).await.map_err(unreadable)?;
        Ok(Self(parameters))
    }
}
