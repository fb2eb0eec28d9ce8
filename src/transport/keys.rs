use std::fmt;
use std::str::FromStr;

use rcgen::PublicKeyData;
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};

use super::CertificateError;

/// What kind of key a certificate is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyAlgorithm {
    /// Made in microseconds, and cheap in the handshake.
    #[default]
    P256,
    Rsa2048,
    /// What Symphony's documentation asks for. Takes seconds to make.
    Rsa4096,
    /// Below what TLS libraries accept; for negative tests.
    Rsa1024,
}

/// A private key, of whichever kind.
pub enum PrivateKey {
    Ec(Box<rcgen::KeyPair>),
    Rsa(Box<RsaKeyPair>),
}

/// An RSA key pair.
///
/// Made by the `rsa` crate because ring makes none. Nothing is decrypted with it, which is what
/// that crate's known timing weakness (RUSTSEC-2023-0071) is about.
pub struct RsaKeyPair {
    key: RsaPrivateKey,
    /// DER of the `RSAPublicKey`, as it stands inside a certificate.
    public_der: Vec<u8>,
}

impl PrivateKey {
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, CertificateError> {
        match algorithm {
            KeyAlgorithm::P256 => Ok(Self::Ec(Box::new(rcgen::KeyPair::generate()?))),
            KeyAlgorithm::Rsa1024 => RsaKeyPair::generate(1024).map(|key| Self::Rsa(Box::new(key))),
            KeyAlgorithm::Rsa2048 => RsaKeyPair::generate(2048).map(|key| Self::Rsa(Box::new(key))),
            KeyAlgorithm::Rsa4096 => RsaKeyPair::generate(4096).map(|key| Self::Rsa(Box::new(key))),
        }
    }

    /// PKCS#8 in PEM, which every SDK reads.
    pub fn to_pem(&self) -> Result<String, CertificateError> {
        match self {
            Self::Ec(key) => Ok(key.serialize_pem()),
            Self::Rsa(key) => key.private_pem(),
        }
    }
}

impl RsaKeyPair {
    pub fn generate(bits: usize) -> Result<Self, CertificateError> {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits)
            .map_err(|error| CertificateError::Key(error.to_string()))?;
        Self::new(key)
    }

    /// Reads PKCS#8 in PEM.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        let key = RsaPrivateKey::from_pkcs8_pem(pem)
            .map_err(|error| CertificateError::Key(error.to_string()))?;
        Self::new(key)
    }

    /// PKCS#8 in PEM.
    pub fn private_pem(&self) -> Result<String, CertificateError> {
        let pem = self.key.to_pkcs8_pem(LineEnding::LF);
        pem.map(|pem| pem.to_string()).map_err(|error| CertificateError::Key(error.to_string()))
    }

    /// SubjectPublicKeyInfo in PEM (`BEGIN PUBLIC KEY`), the form a pod administrator imports.
    pub fn public_pem(&self) -> Result<String, CertificateError> {
        let pem = self.key.to_public_key().to_public_key_pem(LineEnding::LF);
        pem.map_err(|error| CertificateError::Key(error.to_string()))
    }

    fn new(key: RsaPrivateKey) -> Result<Self, CertificateError> {
        let public_der = key
            .to_public_key()
            .to_pkcs1_der()
            .map_err(|error| CertificateError::Key(error.to_string()))?
            .into_vec();
        Ok(Self { key, public_der })
    }
}

impl PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        match self {
            Self::Ec(key) => key.der_bytes(),
            Self::Rsa(key) => &key.public_der,
        }
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::Ec(key) => key.algorithm(),
            Self::Rsa(_) => &rcgen::PKCS_RSA_SHA256,
        }
    }
}

impl FromStr for KeyAlgorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "p256" => Ok(Self::P256),
            "rsa2048" => Ok(Self::Rsa2048),
            "rsa4096" => Ok(Self::Rsa4096),
            other => Err(format!("{other:?} is none of p256, rsa2048, rsa4096")),
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "p256",
            Self::Rsa1024 => "rsa1024",
            Self::Rsa2048 => "rsa2048",
            Self::Rsa4096 => "rsa4096",
        })
    }
}
