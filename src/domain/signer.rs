use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA512;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde::Serialize;

use super::jwt;
use super::seeded_rng::hex;

/// The key with which the pod signs what others verify: identity JWTs and access tokens.
pub struct Signer {
    key: LazyLock<KeyPair, Box<dyn FnOnce() -> KeyPair + Send + Sync>>,
    /// Names the key in a JWT's header and among the published keys: part of the certificate's
    /// digest.
    key_id: String,
    certificate_pem: Arc<str>,
}

/// The pod's certificate or key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the pod's signing certificate: {0}")]
pub struct SignerError(String);

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// A public key as RFC 7517 writes it.
#[derive(Debug, Serialize)]
pub struct Jwk {
    kty: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: String,
    n: String,
    e: String,
}

impl Signer {
    /// `key` is RSA in PKCS#8, `certificate` its certificate, both in PEM.
    pub fn new(certificate: &str, key: &str) -> Result<Self, SignerError> {
        let key = key_pair(key)?;
        Self::of(certificate, Box::new(move || key))
    }

    /// The same for a key that is known to be sound. It is read when it first signs, and few pods sign
    /// anything.
    ///
    /// # Errors
    /// The certificate cannot be read.
    ///
    /// # Panics
    /// When it first signs, if the key is not sound.
    pub fn trusted(certificate: &str, key: &str) -> Result<Self, SignerError> {
        let key = key.to_owned();
        Self::of(certificate, Box::new(move || key_pair(&key).expect("it is known to be sound")))
    }

    fn of(
        certificate: &str,
        key: Box<dyn FnOnce() -> KeyPair + Send + Sync>,
    ) -> Result<Self, SignerError> {
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(unreadable)?;
        let mut key_id = String::new();
        hex(&mut key_id, &ring::digest::digest(&ring::digest::SHA256, &der).as_ref()[..8]);
        Ok(Self { key: LazyLock::new(key), key_id, certificate_pem: certificate.into() })
    }

    /// The certificate that verifies what this signs, in PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// A JWT over `claims`, signed with RS512.
    pub fn sign(&self, claims: &impl Serialize) -> String {
        let header = Header { alg: "RS512", typ: "JWT", kid: &self.key_id };
        let mut token = String::new();
        jwt::push_payload(&mut token, &header);
        token.push('.');
        jwt::push_payload(&mut token, claims);
        let mut signature = vec![0; self.key.public().modulus_len()];
        let signed = self.key.sign(
            &RSA_PKCS1_SHA512,
            &SystemRandom::new(),
            token.as_bytes(),
            &mut signature,
        );
        // It fails only without the system's randomness, without which no handshake succeeds; an
        // unsigned token is refused by whoever verifies it.
        if signed.is_err() {
            signature.clear();
        }
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
        token
    }

    /// The public key, as `GET /login/idm/keys` publishes it.
    pub fn jwk(&self) -> Jwk {
        let key = PublicKeyComponents::<Vec<u8>>::from(self.key.public());
        Jwk {
            kty: "RSA",
            r#use: "sig",
            alg: "RS512",
            kid: self.key_id.clone(),
            n: URL_SAFE_NO_PAD.encode(key.n),
            e: URL_SAFE_NO_PAD.encode(key.e),
        }
    }
}

fn key_pair(pem: &str) -> Result<KeyPair, SignerError> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(unreadable)?;
    KeyPair::from_pkcs8(der.secret_pkcs8_der())
        .map_err(|error| SignerError(format!("its key is not an RSA key: {error}")))
}

fn unreadable(error: rustls_pki_types::pem::Error) -> SignerError {
    SignerError(error.to_string())
}

impl std::fmt::Debug for Signer {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
