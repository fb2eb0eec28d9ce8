use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, OtherError, RootCertStore,
    SignatureScheme,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::ClientCertificate;

/// Whose client certificates the pod accepts: those that a trusted authority issued, and those
/// that are trusted by themselves. It may change while the pod runs.
#[derive(Debug)]
pub struct Trust {
    provider: Arc<CryptoProvider>,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Every trusted certificate in DER.
    certificates: HashMap<Vec<u8>, Kind>,
    /// Verifies against the authorities among them; none while there is no authority.
    chains: Option<Arc<dyn ClientCertVerifier>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Authority,
    Leaf,
}

impl Trust {
    pub fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, state: RwLock::default() }
    }

    /// Trusts what the certificate issued if it is an authority's, else the certificate itself.
    /// Holds from the next handshake on.
    pub fn add(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        let (_, parsed) = X509Certificate::from_der(certificate)
            .map_err(|_| rustls::Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let kind = if parsed.is_ca() { Kind::Authority } else { Kind::Leaf };
        self.change(|certificates| drop(certificates.insert(certificate.to_vec(), kind)))
    }

    /// Ends the trust in a certificate, from the next handshake on.
    pub fn remove(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        self.change(|certificates| drop(certificates.remove(certificate.as_ref())))
    }

    /// Whether a client may be who this chain says, at `now`.
    pub fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let chains = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if state.certificates.get(end_entity.as_ref()) == Some(&Kind::Leaf) {
                check_validity(end_entity, now)?;
                return check_key(end_entity);
            }
            state.chains.clone()
        };
        let Some(chains) = chains else {
            return Err(refusal(end_entity));
        };
        match chains.verify_client_cert(end_entity, intermediates, now) {
            Ok(_) => check_key(end_entity),
            // A real pod says certificate_unknown or bad_certificate here, not unknown_ca. A bad
            // signature is an issuer that has a trusted one's name and not its key.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) => Err(refusal(end_entity)),
            Err(error) => Err(error),
        }
    }

    fn change(
        &self,
        change: impl FnOnce(&mut HashMap<Vec<u8>, Kind>),
    ) -> Result<(), rustls::Error> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut certificates = state.certificates.clone();
        change(&mut certificates);
        let mut roots = RootCertStore::empty();
        for (der, _) in certificates.iter().filter(|(_, kind)| **kind == Kind::Authority) {
            roots.add(CertificateDer::from(der.as_slice()))?;
        }
        let chains: Option<Arc<dyn ClientCertVerifier>> = match roots.is_empty() {
            true => None,
            false => Some(
                WebPkiClientVerifier::builder_with_provider(roots.into(), self.provider.clone())
                    .build()
                    .map_err(|error| rustls::Error::General(error.to_string()))?,
            ),
        };
        *state = State { certificates, chains };
        Ok(())
    }
}

/// What rustls asks during a handshake.
#[derive(Debug)]
pub(super) struct Verifier {
    pub trust: Arc<Trust>,
    /// Whether a handshake without a client certificate fails.
    pub mandatory: bool,
}

impl ClientCertVerifier for Verifier {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    /// None: with hints, some clients would silently send no certificate where theirs is of
    /// another authority, and the pod could not say what is wrong with it.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.trust.verify(end_entity, intermediates, now)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A certificate that nobody trusted vouches for.
#[derive(Debug)]
struct Untrusted {
    subject: String,
    issuer: String,
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the client certificate of [{}] was issued by [{}], which this pod does not trust",
            self.subject, self.issuer
        )
    }
}

impl std::error::Error for Untrusted {}

/// `CertificateError::Other` leaves as the alert `certificate_unknown`.
fn refusal(end_entity: &CertificateDer<'_>) -> rustls::Error {
    let (subject, issuer) = match ClientCertificate::parse(end_entity) {
        Some(certificate) => (certificate.subject, certificate.issuer),
        None => return rustls::Error::InvalidCertificate(CertificateError::BadEncoding),
    };
    let untrusted = OtherError(Arc::new(Untrusted { subject, issuer }));
    rustls::Error::InvalidCertificate(CertificateError::Other(untrusted))
}

/// A certificate whose key no signature will be accepted of.
#[derive(Debug)]
struct TooWeak {
    subject: String,
    key_algorithm: String,
}

impl fmt::Display for TooWeak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the client certificate of [{}] has a key of {}: less than RSA-{SHORTEST_KEY} is not accepted in TLS",
            self.subject, self.key_algorithm
        )
    }
}

impl std::error::Error for TooWeak {}

/// What ring verifies at least, in bits of RSA.
const SHORTEST_KEY: u32 = 2_048;

/// Without this a short key would be taken for a bad signature, in the alert and in the log.
fn check_key(end_entity: &CertificateDer<'_>) -> Result<(), rustls::Error> {
    let Some(certificate) = ClientCertificate::parse(end_entity) else {
        return Err(rustls::Error::InvalidCertificate(CertificateError::BadEncoding));
    };
    if certificate.key_strength >= SHORTEST_KEY {
        return Ok(());
    }
    let ClientCertificate { subject, key_algorithm, .. } = certificate;
    let weak = OtherError(Arc::new(TooWeak { subject, key_algorithm }));
    Err(rustls::Error::InvalidCertificate(CertificateError::Other(weak)))
}

fn check_validity(end_entity: &CertificateDer<'_>, now: UnixTime) -> Result<(), rustls::Error> {
    let unreadable = rustls::Error::InvalidCertificate(CertificateError::BadEncoding);
    let Ok((_, certificate)) = X509Certificate::from_der(end_entity) else {
        return Err(unreadable);
    };
    let moment = |seconds: i64| {
        UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    };
    let validity = certificate.validity();
    let not_before = moment(validity.not_before.timestamp());
    let not_after = moment(validity.not_after.timestamp());
    let fault = if now < not_before {
        CertificateError::NotValidYetContext { time: now, not_before }
    } else if now > not_after {
        CertificateError::ExpiredContext { time: now, not_after }
    } else {
        return Ok(());
    };
    Err(rustls::Error::InvalidCertificate(fault))
}
