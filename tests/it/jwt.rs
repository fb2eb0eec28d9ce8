//! JWTs as clients sign them, good and bad.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use symphony_mock_pod::Identity;

use crate::pod::Pod;

/// What a client signs to log in: `sub`, and `exp` four minutes ahead on the pod's clock.
pub struct Jwt {
    header: Value,
    claims: Value,
    key: KeyPair,
    algorithm: &'static dyn RsaEncoding,
}

impl Jwt {
    /// Of the identity's owner, signed with its key.
    pub fn of(pod: &Pod, identity: &Identity) -> Self {
        Self {
            header: json!({ "alg": "RS512" }),
            claims: json!({ "sub": identity.name(), "exp": pod.clock().now().as_secs() + 240 }),
            key: key(identity.rsa_pem().expect("an RSA key")),
            algorithm: &RSA_PKCS1_SHA512,
        }
    }

    pub fn subject(mut self, subject: &str) -> Self {
        self.claims["sub"] = subject.into();
        self
    }

    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    pub fn without(mut self, claim: &str) -> Self {
        self.claims.as_object_mut().expect("claims").remove(claim);
        self
    }

    /// `exp` so many seconds from now on the pod's clock.
    pub fn expiring_in(self, pod: &Pod, seconds: i64) -> Self {
        let now = i64::try_from(pod.clock().now().as_secs()).expect("a moment of our time");
        self.claim("exp", now + seconds)
    }

    /// Signed with somebody else's key.
    pub fn signed_by(self, identity: &Identity) -> Self {
        Self { key: key(identity.rsa_pem().expect("an RSA key")), ..self }
    }

    pub fn rs256(self) -> Self {
        Self { header: json!({ "alg": "RS256" }), algorithm: &RSA_PKCS1_SHA256, ..self }
    }

    pub fn sign(&self) -> String {
        let signed = self.signed();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(self.signature(&signed)))
    }

    /// With the signature in standard base64 and padded, as some clients send it.
    pub fn sign_in_standard_base64(&self) -> String {
        let signed = self.signed();
        format!("{signed}.{}", STANDARD.encode(self.signature(&signed)))
    }

    fn signed(&self) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(&self.header), part(&self.claims))
    }

    fn signature(&self, message: &str) -> Vec<u8> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(self.algorithm, &random, message.as_bytes(), &mut signature)
            .expect("a signature");
        signature
    }
}

/// The claims of a JWT, unverified.
pub fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a JWT");
    let json = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&json).expect("JSON")
}

fn key(pem: &str) -> KeyPair {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).expect("PKCS#8");
    KeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("an RSA key")
}

/// The JWT bears a signature by this key.
#[track_caller]
pub fn assert_signed<B: AsRef<[u8]>>(jwt: &str, key: &ring::signature::UnparsedPublicKey<B>) {
    let (signed, signature) = jwt.rsplit_once('.').expect("a JWT");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    key.verify(signed.as_bytes(), &signature).expect("the signature is the key's");
}
