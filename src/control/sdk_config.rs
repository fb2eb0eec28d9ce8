//! `/_mock/sdk-config/…`: what an SDK reads to find the pod and log in.

use std::str::FromStr;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::certificates::{identity, may_log_in, no_login};
use super::extract::{CurrentTenant, Expected, PathParameter, QueryParameters};
use super::{Control, ControlRefusal, Tenant};
use crate::sdk::{LoadBalancing, Login, Sdk, SdkConfig, SdkConfigError, SdkProxy};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SdkConfigQuery {
    /// Which SDK; without it, the files of all.
    client: Option<String>,
    /// `certificate` or `rsa`.
    login: Option<String>,
    /// Where the client reaches the pod, if not as `localhost` on its own port.
    host: Option<String>,
    port: Option<u16>,
    context: Option<String>,
    /// `roundRobin`, `random` or `external`, where several listeners stand for agents.
    load_balancing: Option<String>,
    /// Whether a client that has chosen an agent stays with it.
    sticky: Option<bool>,
    app: Option<String>,
    /// Where the client will find certificates and keys.
    folder: Option<String>,
    /// `true` for the pod's own forward proxy, or another as `[NAME:PASSWORD@]HOST:PORT`.
    proxy: Option<String>,
}

impl Expected for SdkConfigQuery {
    const EXPECTED: &'static str =
        "any of client, login, host, port, context, loadBalancing, sticky, app, folder and proxy";
}

/// The configuration of one SDK as a file, or everything a bot's folder needs.
pub async fn configuration(
    State(control): State<Control>,
    tenant: CurrentTenant,
    PathParameter(bot): PathParameter<String>,
    QueryParameters(wishes): QueryParameters<SdkConfigQuery>,
) -> Result<Response, ControlRefusal> {
    if !may_log_in(&tenant.pod, &bot) {
        let why = no_login(&tenant.pod, &bot);
        return Err(ControlRefusal::not_found(why));
    }
    if let Some(app) = &wishes.app
        && tenant.pod.world().apps.by_id(app).is_none()
    {
        return Err(ControlRefusal::field("app", tenant.pod.world().no_app(app)));
    }
    let login: Option<Login> = named("login", wishes.login.as_deref())?;
    let load_balancing: Option<LoadBalancing> =
        named("loadBalancing", wishes.load_balancing.as_deref())?;
    let own_context = (!tenant.is_main()).then(|| format!("/t/{}", tenant.name));
    let host = wishes.host.unwrap_or_else(|| "localhost".into());
    let proxy = wishes.proxy.map(|proxy| proxy_of(&control, &proxy, &host)).transpose()?;
    let config = SdkConfig {
        host,
        proxy: proxy.flatten(),
        port: wishes.port.unwrap_or(control.port()),
        hosts: control.listeners.hosts(),
        load_balancing: load_balancing.unwrap_or_default(),
        sticky: wishes.sticky.unwrap_or(true),
        context: wishes.context.or(own_context),
        bot,
        app: wishes.app,
        login: login.unwrap_or_default(),
        folder: wishes.folder.unwrap_or_else(|| ".".into()).into(),
    };
    let Some(client) = wishes.client else {
        return Ok(Json(all_files(&control, &tenant, &config)?).into_response());
    };
    let refused = |error: SdkConfigError| ControlRefusal::field("client", error.to_string());
    let sdk: Sdk = client.parse().map_err(refused)?;
    let text = config.text(sdk).map_err(refused)?;
    let content_type = match sdk.file_name().ends_with(".json") {
        true => "application/json",
        false => "application/yaml",
    };
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}

/// What a field names, if it is given.
fn named<T: FromStr<Err = SdkConfigError>>(
    field: &'static str,
    name: Option<&str>,
) -> Result<Option<T>, ControlRefusal> {
    let named = name.map(str::parse::<T>).transpose();
    named.map_err(|error| ControlRefusal::field(field, error.to_string()))
}

/// The forward proxy beside the pods.
pub async fn proxy(State(control): State<Control>) -> Json<Value> {
    Json(json!({ "proxy": control.proxy }))
}

/// The proxy that a client is to be told of, if any. It reaches the pod's own under the pod's name.
fn proxy_of(
    control: &Control,
    wanted: &str,
    host: &str,
) -> Result<Option<SdkProxy>, ControlRefusal> {
    match wanted {
        "false" => Ok(None),
        "true" => match &control.proxy {
            Some(own) => Ok(Some(SdkProxy { host: host.to_owned(), ..own.clone() })),
            None => {
                let why = "the pod has no forward proxy: it is started with --proxy";
                Err(ControlRefusal::field("proxy", why))
            }
        },
        other => {
            let read = other.parse().map(Some);
            read.map_err(|error: SdkConfigError| {
                ControlRefusal::field("proxy", format!("{error}, or true for the pod's own"))
            })
        }
    }
}

fn all_files(
    control: &Control,
    tenant: &Tenant,
    config: &SdkConfig,
) -> Result<Value, ControlRefusal> {
    let failed =
        |error: crate::transport::CertificateError| ControlRefusal::failed(error.to_string());
    let certificates = &control.certificates;
    let mut files = Vec::new();
    for sdk in Sdk::ALL {
        // A client that cannot be told where the pod is gets no file that says something else.
        if let Ok(text) = config.text(sdk) {
            files.push((sdk.file_name().to_owned(), Bytes::from(text)));
        }
    }
    files.push(("ca.pem".into(), Bytes::from(certificates.authority_pem().to_owned())));
    files.push(("truststore.p12".into(), certificates.truststore().map_err(failed)?.into()));
    for name in [Some(&config.bot), config.app.as_ref()].into_iter().flatten() {
        let identity = identity(&tenant.pod, certificates, name).map_err(failed)?;
        let own = identity.files().map_err(failed)?;
        files.extend(own.into_iter().map(|(file, content)| (file, Bytes::from(content))));
    }
    let files: Vec<_> = files
        .iter()
        .map(|(name, content)| match str::from_utf8(content) {
            Ok(text) => json!({ "name": name, "text": text }),
            Err(_) => json!({ "name": name, "base64": STANDARD.encode(content) }),
        })
        .collect();
    Ok(json!({ "files": files }))
}
