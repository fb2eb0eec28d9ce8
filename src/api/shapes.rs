//! Shapes on the wire that more than one capability answers with.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::avatars::{AvatarInfo, avatars};
use crate::domain::{AccountType, PodId, User};

/// `UserV2` of the pod API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserV2 {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    company: String,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    work_phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_function: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    division: Option<String>,
    account_type: AccountType,
    avatars: Vec<AvatarInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_metadata: Option<Map<String, Value>>,
}

/// `SuccessResponse` of the pod and agent APIs.
#[derive(Serialize)]
pub(super) struct SuccessResponse {
    format: &'static str,
    message: String,
}

/// `StringId` of the pod API.
#[derive(Serialize)]
pub(super) struct StringId {
    pub id: String,
}

/// The body, or 204 without one where nothing was found.
pub(super) struct Found<T>(pub Option<T>);

impl UserV2 {
    /// The user as the users of the pod `viewer` see him: e-mail address, title, department,
    /// location and what else his profile tells show within his own pod only, as do his roles.
    pub fn seen_from(viewer: PodId, user: &User) -> Self {
        let user = user.clone();
        let own = user.id.pod() == viewer;
        Self {
            id: user.id.as_u64(),
            email_address: user.email.filter(|_| own),
            first_name: user.first_name,
            last_name: user.last_name,
            display_name: user.display_name,
            title: user.title.filter(|_| own),
            company: user.company,
            username: user.username,
            location: user.location.filter(|_| own),
            department: user.department.filter(|_| own),
            work_phone_number: user.profile.work_phone_number.filter(|_| own),
            mobile_phone_number: user.profile.mobile_phone_number.filter(|_| own),
            job_function: user.profile.job_function.filter(|_| own),
            division: user.profile.division.filter(|_| own),
            account_type: user.account_type,
            avatars: avatars(user.avatar.as_ref(), user.id),
            roles: own.then_some(user.roles),
            user_metadata: user.profile.user_metadata.filter(|_| own),
        }
    }
}

impl SuccessResponse {
    /// An acknowledgement in words.
    pub fn text(message: impl Into<String>) -> Json<Self> {
        Json(Self { format: "TEXT", message: message.into() })
    }
}

impl<T> Found<Vec<T>> {
    /// A list, or 204 where it is empty.
    pub fn unless_empty(list: Vec<T>) -> Self {
        Self((!list.is_empty()).then_some(list))
    }
}

impl<T: Serialize> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        match self.0 {
            Some(body) => Json(body).into_response(),
            None => StatusCode::NO_CONTENT.into_response(),
        }
    }
}
