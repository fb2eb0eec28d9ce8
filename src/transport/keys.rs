use std::fmt;
use std::str::FromStr;

use rcgen::PublicKeyData;
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPublicKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::{BigUint, RsaPrivateKey};

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

/// Primes of 1,024 bits in hex, one a line: any two make a key, where finding two takes a second,
/// and half a minute in a debug build. For identities issued while the pod runs (from the first pair
/// on) and for folders that a pod fills when it starts (from the last pair on).
const PRIMES: &str = include_str!("../../certs/primes.txt");

/// The public exponent of all RSA keys.
const EXPONENT: u32 = 65_537;

/// Where the RSA keys of a folder come from that are missing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RsaKeys {
    /// They are made, each in about a second.
    Secret,
    /// They are spare ones, which everybody knows.
    Public,
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

impl RsaKeys {
    /// The key with which a pod signs.
    pub fn signer(self) -> Result<RsaKeyPair, CertificateError> {
        self.spare(0).unwrap_or_else(|| RsaKeyPair::generate(2048))
    }

    /// One of the spare keys that are for folders, where they may be of those.
    pub fn spare(self, number: usize) -> Option<Result<RsaKeyPair, CertificateError>> {
        match self {
            Self::Secret => None,
            Self::Public => RsaKeyPair::spare_from_the_end(number),
        }
    }
}

impl RsaKeyPair {
    pub fn generate(bits: usize) -> Result<Self, CertificateError> {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits)
            .map_err(|error| CertificateError::Key(error.to_string()))?;
        Self::new(key)
    }

    /// One of the keys that are made in no time, counted from the last.
    pub fn spare_from_the_end(number: usize) -> Option<Result<Self, CertificateError>> {
        let primes = PRIMES.split_whitespace().count();
        let last = (primes * primes.saturating_sub(1) / 2).checked_sub(1)?;
        Self::spare(last.checked_sub(number)?)
    }

    /// One of the keys that are made in no time, of two of [`PRIMES`]: as public as they are. None
    /// when there are no more.
    pub fn spare(number: usize) -> Option<Result<Self, CertificateError>> {
        let primes: Vec<_> = PRIMES.split_whitespace().collect();
        let mut pairs =
            (0..primes.len()).flat_map(|larger| (0..larger).map(move |smaller| (larger, smaller)));
        let (p, q) = pairs.nth(number)?;
        let prime = |n: usize| BigUint::parse_bytes(primes[n].as_bytes(), 16).unwrap_or_default();
        let key = RsaPrivateKey::from_p_q(prime(p), prime(q), BigUint::from(EXPONENT));
        Some(key.map_err(|error| CertificateError::Key(error.to_string())).and_then(Self::new))
    }

    /// Reads PKCS#8 in PEM, or PKCS#1.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        let key = match pem.contains("BEGIN RSA PRIVATE KEY") {
            true => RsaPrivateKey::from_pkcs1_pem(pem).map_err(|error| error.to_string()),
            false => RsaPrivateKey::from_pkcs8_pem(pem).map_err(|error| error.to_string()),
        };
        Self::new(key.map_err(CertificateError::Key)?)
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
