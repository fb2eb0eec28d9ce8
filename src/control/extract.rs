//! Extractors of the control port; those that it shares with Symphony's API are in
//! [`crate::extract`].

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::{Control, ControlRefusal, Tenant};
pub use crate::extract::{
    JsonBody, OptionalJsonBody, PathParameter, PathParameters, QueryParameters, RawBody,
};
use crate::extract::{Port, Reads, Unreadable};

/// The pod that the request is for, with everything on its test's side.
pub struct CurrentTenant(Arc<Tenant>);

/// A duration that somebody wrote, as `500ms`, `2m` or `15d`.
pub fn duration(field: &'static str, text: &str) -> Result<Duration, ControlRefusal> {
    let expected = "expected a duration like 500ms, 5s, 2m, 1h or 15d";
    humantime::parse_duration(text)
        .map_err(|error| ControlRefusal::field(field, format!("{text:?}: {error}; {expected}")))
}

/// What is read from a body or a query, and what whoever sent something else is told to send.
pub trait Expected {
    const EXPECTED: &'static str;
}

impl CurrentTenant {
    /// For what outlives the request's handler.
    pub fn shared(&self) -> Arc<Tenant> {
        Arc::clone(&self.0)
    }
}

impl Port for Control {
    type Refusal = ControlRefusal;

    async fn path_parameters(&self, parts: &mut Parts) -> Result<Vec<String>, ControlRefusal> {
        let values = RawPathParams::from_request_parts(parts, self).await;
        let values = values.map_err(|rejection| Unreadable::Path(rejection.body_text()))?;
        Ok(values.iter().map(|(_, value)| value.to_owned()).collect())
    }
}

impl<T: Expected> Reads<T> for Control {
    const EXPECTED: Option<&'static str> = Some(T::EXPECTED);
}

impl From<Unreadable> for ControlRefusal {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Query { error, expected } | Unreadable::Json { error, expected } => {
                let expected = expected.map(|it| format!("; expected {it}")).unwrap_or_default();
                Self::body(format!("{error}{expected}"))
            }
            Unreadable::TooLarge => Self::too_large(unreadable.to_string()),
            Unreadable::Path(_) | Unreadable::Broken(_) | Unreadable::MediaType { .. } => {
                Self::body(unreadable.to_string())
            }
        }
    }
}

impl FromRequestParts<Control> for CurrentTenant {
    type Rejection = ControlRefusal;

    async fn from_request_parts(parts: &mut Parts, _: &Control) -> Result<Self, ControlRefusal> {
        let tenant = parts.extensions.get::<Arc<Tenant>>().cloned();
        // The entrance puts it there.
        tenant.map(Self).ok_or_else(|| ControlRefusal::failed("the request is for no pod"))
    }
}

impl Deref for CurrentTenant {
    type Target = Tenant;

    fn deref(&self) -> &Tenant {
        &self.0
    }
}
