use std::sync::Arc;

use ring::digest::{Context, SHA256};
use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

use crate::domain::common_name;

/// The client certificate of a TLS connection, read once when the handshake is done.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The Common Name of the subject: the last one where there are several, which is the most
    /// specific in the order that certificates write their names.
    pub common_name: Option<String>,
    /// The whole subject, for people.
    pub subject: String,
    /// The whole issuer, for people.
    pub issuer: String,
    /// Name of the public key's algorithm.
    pub key_algorithm: String,
    /// Strength of the public key, in bits of a comparable RSA modulus.
    pub key_strength: u32,
    /// The certificate itself.
    pub der: Arc<[u8]>,
    /// What the client presented with it, in DER.
    pub intermediates: Vec<Arc<[u8]>>,
    /// Hash of the certificate and its chain.
    pub(super) chain: Chain,
}

/// What a client presents in a handshake, as one value: its SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Chain([u8; 32]);

impl ClientCertificate {
    /// Reads a certificate in DER, and what came with it; none if it is not one.
    pub fn parse(der: &[u8], intermediates: &[CertificateDer<'_>]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let (key_algorithm, key_strength) = key_strength(&certificate);
        Some(Self {
            common_name: common_name(certificate.subject()),
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            key_algorithm,
            key_strength,
            der: der.into(),
            intermediates: intermediates.iter().map(|der| Arc::from(der.as_ref())).collect(),
            chain: Chain::of(der, intermediates),
        })
    }
}

impl Chain {
    pub fn of(der: &[u8], intermediates: &[CertificateDer<'_>]) -> Self {
        let mut context = Context::new(&SHA256);
        // DER tells its own length: no two chains are the same bytes.
        context.update(der);
        intermediates.iter().for_each(|der| context.update(der));
        let mut chain = [0; 32];
        chain.copy_from_slice(context.finish().as_ref());
        Self(chain)
    }
}

/// Strengths of curves are those of NIST SP 800-57 part 1, table 2.
fn key_strength(certificate: &X509Certificate<'_>) -> (String, u32) {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => {
            let bits = u32::try_from(key.key_size()).unwrap_or(u32::MAX);
            (format!("RSA-{bits}"), bits)
        }
        Ok(PublicKey::EC(point)) => match point.key_size() {
            256 => ("P-256".into(), 3_072),
            384 => ("P-384".into(), 7_680),
            bits if bits > 384 => ("P-521".into(), 15_360),
            bits => (format!("EC-{bits}"), 1_024),
        },
        // Ed25519 has the strength of P-256; other algorithms do not get past the TLS layer.
        _ => (certificate.public_key().algorithm.algorithm.to_string(), 3_072),
    }
}
