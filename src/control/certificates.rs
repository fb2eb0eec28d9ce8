//! `/_mock/certs/…`: the authority and the identities, in every format, for tests that run where
//! the pod's files are not.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::extract::{CurrentTenant, PathParameter};
use super::{Control, ControlRefusal};
use crate::domain::PublicKey;
use crate::pod::Pod;
use crate::transport::{CertificateError, Certificates, Identity};

pub async fn download(
    State(control): State<Control>,
    tenant: CurrentTenant,
    PathParameter(file): PathParameter<String>,
) -> Result<Response, ControlRefusal> {
    let certificates = &control.certificates;
    let failed = |error: CertificateError| ControlRefusal::failed(error.to_string());
    let content = match file.as_str() {
        "ca.pem" => certificates.authority_pem().to_owned().into_bytes(),
        "truststore.p12" => certificates.truststore().map_err(failed)?,
        _ => identity_file(&tenant.pod, certificates, &file)?,
    };
    let content_type = match file.ends_with(".p12") {
        true => "application/x-pkcs12",
        false => "application/x-pem-file",
    };
    Ok(([(header::CONTENT_TYPE, content_type)], content).into_response())
}

/// `NAME` plus a format's suffix, for whoever may log in: service users and apps.
fn identity_file(
    pod: &Pod,
    certificates: &Certificates,
    file: &str,
) -> Result<Vec<u8>, ControlRefusal> {
    // Longer suffixes first: `bot-rsa.pem` is not the certificate of a user called `bot-rsa`.
    const SUFFIXES: [&str; 6] =
        ["-rsa.pub.pem", "-rsa.pem", "-combined.pem", ".pem", ".key", ".p12"];
    let failed = |error: CertificateError| ControlRefusal::failed(error.to_string());
    let unknown = || {
        ControlRefusal::not_found(format!(
            "no file {file:?}: there are ca.pem, truststore.p12, and NAME{} for each service user and app",
            SUFFIXES.join(", NAME")
        ))
    };
    let (name, suffix) = SUFFIXES
        .iter()
        .find_map(|suffix| Some((file.strip_suffix(suffix)?, *suffix)))
        .ok_or_else(unknown)?;
    if !may_log_in(pod, name) {
        return Err(ControlRefusal::not_found(no_login(pod, name)));
    }
    let identity = identity(pod, certificates, name).map_err(failed)?;
    Ok(match suffix {
        "-rsa.pub.pem" => identity.rsa_public_pem().map_err(failed)?.into(),
        "-rsa.pem" => identity.rsa_pem().map_err(failed)?.into(),
        "-combined.pem" => identity.combined_pem().into(),
        ".pem" => identity.certificate_pem().into(),
        ".key" => identity.key_pem().into(),
        _ => identity.pkcs12().map_err(failed)?,
    })
}

/// The identity of a service user or an app, whose public key the account now has.
pub fn identity(
    pod: &Pod,
    certificates: &Certificates,
    name: &str,
) -> Result<Arc<Identity>, CertificateError> {
    let identity = certificates.identity(name)?;
    let key = PublicKey::from_pem(identity.rsa_public_pem()?);
    pod.adopt_key(name, key.map_err(|error| CertificateError::Key(error.to_string()))?);
    Ok(identity)
}

/// What to say of a name for which [`may_log_in`] says no.
pub fn no_login(pod: &Pod, name: &str) -> String {
    let world = pod.world();
    match world.user_called(name) {
        Some(_) => format!("{name:?} is a person: service users and apps log in by themselves"),
        None => world.no_service_user(name),
    }
}

/// Whether there is a service user or an app of this name.
pub fn may_log_in(pod: &Pod, name: &str) -> bool {
    let world = pod.world();
    let user = world.users.by_username(world.identity.id, name);
    user.is_some_and(|user| user.is_service_user()) || world.apps.by_id(name).is_some()
}
