//! Requests, those that carry a token above all.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA512;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;

/// The RSA key in a PEM file.
pub fn key(path: &Path) -> Result<KeyPair> {
    let der =
        PrivatePkcs8KeyDer::from_pem_file(path).with_context(|| path.display().to_string())?;
    KeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|error| anyhow!("{error}"))
}

/// A login by JWT, good for four minutes and as often as one likes.
pub fn login_request(key: &KeyPair, username: &str) -> Result<Arc<[u8]>> {
    let expires = SystemTime::now().duration_since(UNIX_EPOCH)? + Duration::from_secs(240);
    let claims = format!(r#"{{"sub":"{username}","exp":{}}}"#, expires.as_secs());
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(r#"{"alg":"RS512"}"#), part(&claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA512, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|error| anyhow!("{error}"))?;
    let body = format!(r#"{{"token":"{signed}.{}"}}"#, URL_SAFE_NO_PAD.encode(signature));
    let length = body.len();
    let head = "POST /login/pubkey/authenticate HTTP/1.1\r\nhost: localhost";
    let request = format!(
        "{head}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    Ok(request.into_bytes().into())
}

/// A `GET` with the session token of a login's answer.
pub fn with_session(path: &str, login: &[u8]) -> Result<Arc<[u8]>> {
    let token = token(login)?;
    Ok(request("GET", path, Some(token), "application/json", "").into())
}

/// The token in a login's answer.
pub fn token(login: &[u8]) -> Result<&str> {
    let login = std::str::from_utf8(login)?;
    let (_, rest) = login.split_once(r#""token":""#).context("a login without a token")?;
    Ok(rest.split_once('"').context("a token without an end")?.0)
}

/// A whole request.
pub fn request(
    method: &str,
    path: &str,
    token: Option<&str>,
    content_type: &str,
    body: &str,
) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    if let Some(token) = token {
        request += &format!("sessionToken: {token}\r\n");
    }
    if !body.is_empty() {
        request += &format!("content-type: {content_type}\r\n");
    }
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    request.into_bytes()
}

/// A form with these fields, sent as messages are.
pub fn form(path: &str, token: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in fields {
        let head = format!("content-disposition: form-data; name=\"{name}\"");
        body += &format!("--part\r\n{head}\r\n\r\n{value}\r\n");
    }
    body += "--part--\r\n";
    request("POST", path, Some(token), "multipart/form-data; boundary=part", &body)
}
