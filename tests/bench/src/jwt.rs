//! Requests that carry a token.

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

/// A login by JWT, good for four minutes and as often as one likes.
pub fn login_request(key: &Path, username: &str) -> Result<Arc<[u8]>> {
    let der = PrivatePkcs8KeyDer::from_pem_file(key).with_context(|| key.display().to_string())?;
    let key = KeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|error| anyhow!("{error}"))?;
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
    let login = std::str::from_utf8(login)?;
    let (_, rest) = login.split_once(r#""token":""#).context("a login without a token")?;
    let (token, _) = rest.split_once('"').context("a token without an end")?;
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nsessionToken: {token}\r\n\r\n");
    Ok(request.into_bytes().into())
}
