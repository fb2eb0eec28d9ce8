use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::domain::shorten;

/// What the control port does not do, with the field that is wrong and what was expected.
#[derive(Debug)]
pub struct ControlRefusal {
    status: StatusCode,
    error: String,
    field: Option<Cow<'static, str>>,
    place: Option<Box<Fault>>,
}

/// Where in a message that was to be tried something is wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// From 1, in characters: that of an element is its tag's.
    pub column: usize,
    /// The way to the element from the root, `/messageML/form/text-field[2]`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// Whether line and column count in what the templates of the message made of it.
    pub expanded: bool,
}

impl ControlRefusal {
    pub fn not_found(error: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, error: error.into(), field: None, place: None }
    }

    pub fn method_not_allowed() -> Self {
        let error = "the path does not take this method".into();
        Self { status: StatusCode::METHOD_NOT_ALLOWED, error, field: None, place: None }
    }

    /// The token that the control port was started with was not shown.
    pub fn unauthorized() -> Self {
        let error = "this control port wants its token: Authorization: Bearer <token>, as the pod \
                     was started with (--control-token, MOCK_POD_CONTROL_TOKEN)";
        Self { status: StatusCode::UNAUTHORIZED, error: error.into(), field: None, place: None }
    }

    /// Whoever asks may not, whatever he asks for.
    pub fn forbidden(error: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, error: error.into(), field: None, place: None }
    }

    /// Not now.
    pub fn unavailable(error: impl Into<String>) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            error: error.into(),
            field: None,
            place: None,
        }
    }

    /// The error in words.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// A field of the request is not what it should be.
    pub fn field(field: impl Into<Cow<'static, str>>, error: impl Into<String>) -> Self {
        let (error, field) = (error.into(), Some(field.into()));
        Self { status: StatusCode::BAD_REQUEST, error, field, place: None }
    }

    /// The same, with the place in that field.
    pub fn at(self, place: Fault) -> Self {
        Self { place: Some(Box::new(place)), ..self }
    }

    /// The body as a whole is not what it should be.
    pub fn body(error: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: error.into(), field: None, place: None }
    }

    /// The body is longer than any may be.
    pub fn too_large(error: impl Into<String>) -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            error: error.into(),
            field: None,
            place: None,
        }
    }

    /// The machine does not let the pod do it: a full disk, for one.
    pub fn failed(error: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            error: error.into(),
            field: None,
            place: None,
        }
    }
}

/// The longest error and the longest name of a field, in bytes: both may quote the request.
const LONGEST: usize = 2_000;
const LONGEST_FIELD: usize = 200;

impl IntoResponse for ControlRefusal {
    fn into_response(mut self) -> Response {
        shorten(&mut self.error, LONGEST);
        let mut body = json!({ "error": self.error });
        if let Some(field) = self.field {
            let mut field = field.into_owned();
            shorten(&mut field, LONGEST_FIELD);
            body["field"] = field.into();
        }
        if let Some(place) = self.place {
            body["place"] = json!(place);
        }
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
