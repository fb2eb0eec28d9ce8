//! Which client certificates are accepted, and why others are refused.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, OtherError, RootCertStore};
use webpki::{
    EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage,
    RequiredEkuNotFoundContext,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::ClientCertificate;
use super::client::Chain;
use crate::domain::CompanyCertificates;

/// The trusted certificates and authorities, and what was verified with them.
#[derive(Debug)]
pub(super) struct ClientVerification {
    /// In DER, authorities included: a self-signed client certificate often claims to be one.
    trusted: HashSet<Arc<[u8]>>,
    /// In DER: refused even where a trusted authority issued them.
    barred: HashSet<Arc<[u8]>>,
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
    /// Chains that were verified, each with the period in which the verdict holds. Signatures do not
    /// change, and verifying one takes longer than all the rest of a login.
    found: RwLock<HashMap<Chain, Span>>,
}

/// The period in which a verdict on a chain stays the same: none of its certificates begins or ends
/// to be valid within it.
#[derive(Debug, Clone, Copy)]
struct Span {
    /// In seconds since the epoch; the first moment within.
    from: u64,
    /// The first moment beyond.
    to: u64,
}

/// How many chains are remembered. There are seldom more bots; when there are, the memory is
/// cleared.
const REMEMBERED: usize = 1_024;

impl ClientVerification {
    /// What `certificates` say is to be trusted.
    ///
    /// # Errors
    /// When an authority among them cannot be used as one.
    pub fn new(
        certificates: &CompanyCertificates,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Result<Self, rustls::Error> {
        let mut good = Self { algorithms, ..Self::default() };
        for known in certificates.iter() {
            let der = Arc::clone(&known.certificate.der);
            if known.is_barred() {
                good.barred.insert(der);
            } else if known.is_trusted() {
                if known.certificate.is_authority {
                    good.roots.add(CertificateDer::from(&*der))?;
                }
                good.trusted.insert(der);
            }
        }
        Ok(good)
    }

    /// Whether a client may be who his certificate says, at `now`.
    pub fn recall(
        &self,
        certificate: &ClientCertificate,
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        if self.remembers(certificate.chain, now) {
            return Ok(());
        }
        let intermediates: Vec<_> =
            certificate.intermediates.iter().map(|der| CertificateDer::from(&**der)).collect();
        let end_entity = CertificateDer::from(&*certificate.der);
        self.verify_anew(certificate.chain, &end_entity, &intermediates, now)
    }

    /// The same, of what came in a handshake.
    pub fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let chain = Chain::of(end_entity, intermediates);
        match self.remembers(chain, now) {
            true => Ok(()),
            false => self.verify_anew(chain, end_entity, intermediates, now),
        }
    }

    fn remembers(&self, chain: Chain, now: UnixTime) -> bool {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        found.get(&chain).is_some_and(|span| (span.from..span.to).contains(&now.as_secs()))
    }

    fn verify_anew(
        &self,
        chain: Chain,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        self.judge(end_entity, intermediates, now)?;
        let span = Span::around(now, std::iter::once(end_entity).chain(intermediates));
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= REMEMBERED {
            found.clear();
        }
        found.insert(chain, span);
        Ok(())
    }

    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        if self.barred.contains(end_entity.as_ref()) {
            return Err(refusal(end_entity, "an administrator revoked or disabled it"));
        }
        if self.trusted.contains(end_entity.as_ref()) {
            check_validity(end_entity, now)?;
        } else {
            // A chain through a revoked authority does not count, nor one through an issuer that may
            // not sign certificates.
            let passable = intermediates
                .iter()
                .filter(|der| !self.barred.contains(der.as_ref()) && may_sign_certificates(der));
            let intermediates: Vec<_> = passable.cloned().collect();
            self.build_chain(end_entity, &intermediates, now)
                .map_err(|error| in_words(end_entity, error))?;
        }
        check_key(end_entity)
    }

    fn build_chain(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), webpki::Error> {
        let parsed = EndEntityCert::try_from(end_entity)?;
        let (algorithms, roots) = (self.algorithms.all, &self.roots.roots);
        parsed
            .verify_for_usage(algorithms, roots, intermediates, now, ForClients, None, None)
            .map(drop)
    }
}

impl Default for ClientVerification {
    /// Nobody's.
    fn default() -> Self {
        Self {
            trusted: HashSet::new(),
            barred: HashSet::new(),
            roots: RootCertStore::empty(),
            algorithms: WebPkiSupportedAlgorithms { all: &[], mapping: &[] },
            found: RwLock::default(),
        }
    }
}

impl Span {
    fn around<'a>(now: UnixTime, chain: impl Iterator<Item = &'a CertificateDer<'a>>) -> Self {
        let now = now.as_secs();
        let mut span = Self { from: 0, to: u64::MAX };
        for der in chain {
            let Ok((_, certificate)) = X509Certificate::from_der(der) else {
                continue;
            };
            let validity = certificate.validity();
            let seconds = |moment: i64| u64::try_from(moment).unwrap_or(0);
            // The last second of a certificate is still good.
            let end = seconds(validity.not_after.timestamp()).saturating_add(1);
            for bound in [seconds(validity.not_before.timestamp()), end] {
                match bound <= now {
                    true => span.from = span.from.max(bound),
                    false => span.to = span.to.min(bound),
                }
            }
        }
        span
    }
}

/// Certificates for TLS clients, and those for any purpose (RFC 5280, 4.2.1.12), as Java's TLS has
/// it: `sun.security.validator.EndEntityChecker` of OpenJDK.
struct ForClients;

impl ExtendedKeyUsageValidator for ForClients {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut present = Vec::new();
        for purpose in purposes {
            let purpose = purpose?.to_decoded_oid();
            if [&CLIENT_AUTH[..], &ANY_PURPOSE[..]].contains(&&*purpose) {
                return Ok(());
            }
            present.push(purpose);
        }
        match present.is_empty() {
            true => Ok(()),
            false => Err(webpki::Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext {
                required: KeyUsage::client_auth(),
                present,
            })),
        }
    }
}

const CLIENT_AUTH: [usize; 9] = [1, 3, 6, 1, 5, 5, 7, 3, 2];
const ANY_PURPOSE: [usize; 5] = [2, 5, 29, 37, 0];

/// A certificate that the pod does not take.
#[derive(Debug)]
struct Untrusted {
    subject: String,
    issuer: String,
    why: String,
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, issuer, why } = self;
        write!(f, "the client certificate of [{subject}], issued by [{issuer}], is refused: {why}")
    }
}

impl std::error::Error for Untrusted {}

/// `CertificateError::Other` leaves as the alert `certificate_unknown`, which is what clients of a
/// real pod got whose authority was revoked in the administrators' portal.
fn refusal(end_entity: &CertificateDer<'_>, why: impl Into<String>) -> rustls::Error {
    let (subject, issuer) = match ClientCertificate::parse(end_entity, &[]) {
        Some(certificate) => (certificate.subject, certificate.issuer),
        None => return rustls::Error::InvalidCertificate(CertificateError::BadEncoding),
    };
    let untrusted = OtherError(Arc::new(Untrusted { subject, issuer, why: why.into() }));
    rustls::Error::InvalidCertificate(CertificateError::Other(untrusted))
}

/// Why no chain leads from the certificate to a trusted authority.
fn in_words(end_entity: &CertificateDer<'_>, error: webpki::Error) -> rustls::Error {
    use webpki::Error;
    let fault = match error {
        Error::CertExpired { time, not_after } => {
            CertificateError::ExpiredContext { time, not_after }
        }
        Error::CertNotValidYet { time, not_before } => {
            CertificateError::NotValidYetContext { time, not_before }
        }
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => CertificateError::BadEncoding,
        // A bad signature is an issuer that has a trusted one's name and not its key.
        Error::UnknownIssuer | Error::InvalidSignatureForPublicKey => {
            return refusal(end_entity, "this pod trusts neither it nor its issuer");
        }
        // What `openssl req -x509` makes claims to be an authority.
        Error::CaUsedAsEndEntity => {
            const CLAIM: &str = "it says that it is an authority (basicConstraints CA:TRUE), \
                                 and this pod does not trust it by itself";
            return refusal(end_entity, CLAIM);
        }
        Error::RequiredEkuNotFoundContext(_) => {
            return refusal(end_entity, NOT_FOR_CLIENTS);
        }
        Error::NameConstraintViolation => {
            const ELSEWHERE: &str = "it or its issuer is for names that an authority above may not \
                                     speak for (nameConstraints)";
            return refusal(end_entity, ELSEWHERE);
        }
        other => {
            return refusal(end_entity, format!("no chain leads to a trusted authority: {other}"));
        }
    };
    rustls::Error::InvalidCertificate(fault)
}

const NOT_FOR_CLIENTS: &str = "it or its issuer has an extendedKeyUsage without clientAuth";

/// Whether the keyUsage of an authority allows what it does (RFC 5280, 4.2.1.3). webpki leaves this
/// extension alone; Java's `PKIXCertPathValidator` does not.
fn may_sign_certificates(authority: &CertificateDer<'_>) -> bool {
    let Ok((_, authority)) = X509Certificate::from_der(authority) else {
        return false;
    };
    match authority.key_usage() {
        Ok(Some(usage)) => usage.value.key_cert_sign(),
        Ok(None) => true,
        Err(_) => false,
    }
}

/// What every client certificate must satisfy, whoever issued it.
fn check_key(end_entity: &CertificateDer<'_>) -> Result<(), rustls::Error> {
    /// What ring verifies at least, in bits of RSA. Without this a short key would be taken for a
    /// bad signature, in the alert and in the log.
    const SHORTEST: u32 = 2_048;
    let unreadable = || rustls::Error::InvalidCertificate(CertificateError::BadEncoding);
    let client = ClientCertificate::parse(end_entity, &[]).ok_or_else(unreadable)?;
    if client.key_strength < SHORTEST {
        return Err(refusal(end_entity, "its key is shorter than 2048 bits of RSA"));
    }
    let (_, certificate) = X509Certificate::from_der(end_entity).map_err(|_| unreadable())?;
    // With its key the client signs the handshake: RFC 8446, 4.4.2.2.
    match certificate.key_usage() {
        Ok(Some(usage)) if !usage.value.digital_signature() => {
            return Err(refusal(end_entity, "it has a keyUsage without digitalSignature"));
        }
        Ok(_) => {}
        Err(_) => return Err(refusal(end_entity, "its keyUsage cannot be read")),
    }
    match certificate.extended_key_usage() {
        Ok(Some(usage)) if !(usage.value.client_auth || usage.value.any) => {
            Err(refusal(end_entity, NOT_FOR_CLIENTS))
        }
        Ok(_) => Ok(()),
        Err(_) => Err(refusal(end_entity, "its extendedKeyUsage cannot be read")),
    }
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
