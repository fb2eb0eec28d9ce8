//! Applications: register, change and remove them.

use axum::Json;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::UserProvisioner;
use super::users::UserKey;
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::shapes::SuccessResponse;
use crate::domain::{
    App, AppChange, AppProperty, KeyChange, KeyChanges, Manifest, Notification, Refusal, Timestamp,
};
use crate::operation::operations;

operations! {
    POST "/pod/v1/admin/app/create" => admin_app_create_v1,
    POST "/pod/v1/admin/app/{id}/update" => admin_app_update_v1,
    POST "/pod/v1/admin/app/{id}/delete" => admin_app_delete_v1,
    GET "/pod/v1/admin/app/{id}/get" => admin_app_get_v1,
}

/// `ApplicationDetail` of the pod API.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApplicationDetail {
    application_info: ApplicationInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_origins: Option<String>,
    permissions: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cert: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication_keys: Option<AppAuthenticationKeys>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification: Option<AppNotification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Vec<Property>>,
}

/// `ApplicationInfo` of the pod API.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ApplicationInfo {
    app_id: Option<String>,
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
}

/// `AppAuthenticationKeys` of the pod API.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct AppAuthenticationKeys {
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<UserKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<UserKey>,
}

/// `AppNotification` of the pod API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppNotification {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "optional_text_or_number"
    )]
    api_key: Option<String>,
}

/// `AppProperty` of the pod API.
#[derive(Serialize, Deserialize)]
struct Property {
    key: String,
    #[serde(deserialize_with = "text_or_number")]
    value: String,
}

async fn admin_app_create_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    JsonBody(body): JsonBody<ApplicationDetail>,
) -> Result<Json<ApplicationDetail>, Refusal> {
    let now = pod.clock.now();
    let mut world = pod.world();
    let app = world.create_app(body.into(), me, now)?;
    Ok(Json(ApplicationDetail::of(app, now)))
}

async fn admin_app_update_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): PathParameter<String>,
    JsonBody(body): JsonBody<ApplicationDetail>,
) -> Result<Json<ApplicationDetail>, Refusal> {
    let app = pod.update_app(&id, body.into(), me)?;
    Ok(Json(ApplicationDetail::of(&app, pod.clock.now())))
}

async fn admin_app_delete_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.delete_app(&id, me)?;
    Ok(SuccessResponse::text("OK"))
}

async fn admin_app_get_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<ApplicationDetail>, Refusal> {
    let world = pod.world();
    Ok(Json(ApplicationDetail::of(world.app(&id)?, pod.clock.now())))
}

impl ApplicationDetail {
    fn of(app: &App, now: Timestamp) -> Self {
        let manifest = app.manifest.clone();
        let previous = app.keys.previous().filter(|(_, expires)| now < *expires);
        let keys = AppAuthenticationKeys {
            current: app.keys.current().map(|key| UserKey::of(key.pem(), None)),
            previous: previous.map(|(key, at)| UserKey::of(key.pem(), Some(at))),
        };
        let has_keys = keys.current.is_some() || keys.previous.is_some();
        Self {
            application_info: ApplicationInfo {
                app_id: Some(app.id.to_string()),
                name: Some(app.name.clone()),
                app_url: manifest.url,
                domain: manifest.domain,
                publisher: manifest.publisher,
            },
            icon_url: manifest.icon_url,
            description: manifest.description,
            allow_origins: manifest.allow_origins,
            permissions: Some(app.declared_permissions()),
            cert: manifest.certificate,
            authentication_keys: has_keys.then_some(keys),
            notification: manifest
                .notification
                .map(|it| AppNotification { url: it.url, api_key: it.api_key }),
            properties: manifest.properties.map(|properties| {
                properties.into_iter().map(|it| Property { key: it.key, value: it.value }).collect()
            }),
        }
    }
}

impl From<ApplicationDetail> for AppChange {
    fn from(wire: ApplicationDetail) -> Self {
        let keys = wire.authentication_keys.unwrap_or_default();
        let property = |it: Property| AppProperty { key: it.key, value: it.value };
        Self {
            id: wire.application_info.app_id,
            name: wire.application_info.name,
            keys: KeyChanges {
                current: keys.current.map(KeyChange::from),
                previous: keys.previous.map(KeyChange::from),
            },
            manifest: Manifest {
                url: wire.application_info.app_url,
                domain: wire.application_info.domain,
                publisher: wire.application_info.publisher,
                icon_url: wire.icon_url,
                description: wire.description,
                allow_origins: wire.allow_origins,
                certificate: wire.cert,
                permissions: wire.permissions,
                notification: wire
                    .notification
                    .map(|it| Notification { url: it.url, api_key: it.api_key }),
                properties: wire.properties.map(|all| all.into_iter().map(property).collect()),
            },
        }
    }
}

/// The API file says string, and its own examples have numbers.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = optional_text_or_number(deserializer)?;
    text.ok_or_else(|| D::Error::custom("expected a string or a number"))
}

fn optional_text_or_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(D::Error::custom("expected a string or a number")),
    }
}
