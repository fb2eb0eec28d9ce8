use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
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
use crate::domain::{CompanyCertificates, Timestamp};

/// Whose client certificates the pod accepts: those that are trusted by themselves, and those that
/// a trusted authority issued. It follows the pod's company certificates while the pod runs.
///
/// The handshake comes before the name of the pod, so one listener serves them all: it goes by the
/// main pod's trust, and lets through whom any other pod has come to trust. Each pod then judges
/// for itself, see [`check`](Trust::check).
#[derive(Debug)]
pub struct Trust {
    provider: Arc<CryptoProvider>,
    state: Arc<RwLock<State>>,
    neighbours: Arc<Neighbours>,
    /// Whether the listener goes by it.
    at_the_door: bool,
}

/// The trusts of the other pods that share the listener.
#[derive(Debug, Default)]
struct Neighbours {
    living: RwLock<Vec<Weak<RwLock<State>>>>,
    /// Whether any pod may trust others than the main pod does.
    dissent: AtomicBool,
    /// Counts what changes whom the listener lets in, the main pod's changes apart.
    epoch: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// Counts the changes: what was resumable before one is not resumable after it.
    epoch: u64,
    /// Shared by pods that were made of each other until one of them changes its mind.
    good: Arc<Good>,
}

/// Whose certificates are good.
#[derive(Debug, Default)]
struct Good {
    /// In DER, authorities included: a self-signed client certificate often claims to be one.
    trusted: HashSet<Arc<[u8]>>,
    /// In DER: refused whoever vouches for them.
    barred: HashSet<Arc<[u8]>>,
    /// Verifies against the trusted authorities; none while there is no authority.
    chains: Option<Arc<dyn ClientCertVerifier>>,
}

impl Trust {
    /// Trusts nobody.
    pub fn new(provider: Arc<CryptoProvider>) -> Self {
        let (state, neighbours) = (Arc::default(), Arc::default());
        Self { provider, state, neighbours, at_the_door: true }
    }

    /// The trust of another pod behind the same listener. It trusts nobody yet.
    pub fn beside(&self) -> Self {
        self.another(State::default())
    }

    /// The trust of another pod behind the same listener, which trusts whom this one trusts now.
    pub fn fork(&self) -> Self {
        self.another(State { epoch: 0, good: self.good() })
    }

    fn another(&self, state: State) -> Self {
        Self {
            provider: Arc::clone(&self.provider),
            state: Arc::new(RwLock::new(state)),
            neighbours: Arc::clone(&self.neighbours),
            at_the_door: false,
        }
    }

    /// From now on the listener lets in whom this pod trusts, as long as the pod lives. `door` is
    /// the main pod's.
    pub fn join(&self, door: &Self) {
        let mut living = self.neighbours.living.write().unwrap_or_else(PoisonError::into_inner);
        if living.len() == living.capacity() {
            living.retain(|state| state.strong_count() > 0);
        }
        living.push(Arc::downgrade(&self.state));
        drop(living);
        if !Arc::ptr_eq(&self.good(), &door.good()) {
            self.neighbours.differ();
        }
    }

    /// Trusts what `certificates` say is to be trusted, from the next handshake on.
    ///
    /// # Errors
    /// When an authority among them cannot be used as one; then everything stays as it was.
    pub fn follow(&self, certificates: &CompanyCertificates) -> Result<(), rustls::Error> {
        let (mut trusted, mut barred) = (HashSet::new(), HashSet::new());
        let mut roots = RootCertStore::empty();
        for known in certificates.iter() {
            let der = Arc::clone(&known.certificate.der);
            if known.is_barred() {
                barred.insert(der);
            } else if known.is_trusted() {
                if known.certificate.is_authority {
                    roots.add(CertificateDer::from(&*der))?;
                }
                trusted.insert(der);
            }
        }
        let chains: Option<Arc<dyn ClientCertVerifier>> = match roots.is_empty() {
            true => None,
            false => Some(
                WebPkiClientVerifier::builder_with_provider(roots.into(), self.provider.clone())
                    .build()
                    .map_err(|error| rustls::Error::General(error.to_string()))?,
            ),
        };
        self.replace(Arc::new(Good { trusted, barred, chains }));
        Ok(())
    }

    /// Trusts whom `other` trusts now, from the next handshake on.
    pub fn follow_trust(&self, other: &Self) {
        let good = other.good();
        if !Arc::ptr_eq(&good, &self.good()) {
            self.replace(good);
        }
    }

    /// Changes whenever the trust does.
    pub fn epoch(&self) -> u64 {
        let own = self.state.read().unwrap_or_else(PoisonError::into_inner).epoch;
        own + self.neighbours.epoch.load(Ordering::Acquire)
    }

    /// Whether the listener lets a client in who says he is who this chain says, at `now`.
    pub fn admit(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let own = self.good().verify(end_entity, intermediates, now);
        if own.is_err() && self.neighbours.admit(end_entity, intermediates, now) {
            return Ok(());
        }
        own
    }

    /// Whether a client whom the listener let in may be who his certificate says, for this pod, at
    /// `now`. The main pod's answer is the listener's, as long as no other pod has a say in it.
    pub fn check(
        &self,
        certificate: &ClientCertificate,
        now: Timestamp,
    ) -> Result<(), rustls::Error> {
        if self.at_the_door && !self.neighbours.dissent.load(Ordering::Acquire) {
            return Ok(());
        }
        let intermediates: Vec<_> =
            certificate.intermediates.iter().map(|der| CertificateDer::from(&**der)).collect();
        let now = UnixTime::since_unix_epoch(Duration::from_millis(now.as_millis()));
        let der = CertificateDer::from(&*certificate.der);
        self.good().verify(&der, &intermediates, now)
    }

    fn good(&self) -> Arc<Good> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner).good)
    }

    fn replace(&self, good: Arc<Good>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = State { epoch: state.epoch + 1, good };
        drop(state);
        self.neighbours.differ();
    }
}

impl Neighbours {
    /// Somebody's trust is not what it was: pods may disagree from now on, if there are any.
    fn differ(&self) {
        let living = self.living.read().unwrap_or_else(PoisonError::into_inner);
        if living.iter().any(|state| state.strong_count() > 0) {
            self.dissent.store(true, Ordering::Release);
            self.epoch.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn admit(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> bool {
        if !self.dissent.load(Ordering::Acquire) {
            return false;
        }
        let living = self.living.read().unwrap_or_else(PoisonError::into_inner);
        // Most pods are made of one seed and share what they trust.
        let mut asked = HashSet::new();
        living.iter().filter_map(Weak::upgrade).any(|state| {
            let good = Arc::clone(&state.read().unwrap_or_else(PoisonError::into_inner).good);
            asked.insert(Arc::as_ptr(&good)) && good.verify(end_entity, intermediates, now).is_ok()
        })
    }
}

impl Good {
    /// Whether a client may be who this chain says, at `now`.
    fn verify(
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
            return check_key(end_entity);
        }
        // A chain that leads over a revoked authority leads nowhere.
        let passable = intermediates.iter().filter(|der| !self.barred.contains(der.as_ref()));
        let intermediates: Vec<_> = passable.cloned().collect();
        const UNTRUSTED: &str = "this pod trusts neither it nor its issuer";
        let Some(chains) = &self.chains else {
            return Err(refusal(end_entity, UNTRUSTED));
        };
        match chains.verify_client_cert(end_entity, &intermediates, now) {
            Ok(_) => check_key(end_entity),
            // A real pod says certificate_unknown or bad_certificate here, not unknown_ca. A bad
            // signature is an issuer that has a trusted one's name and not its key.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) => Err(refusal(end_entity, UNTRUSTED)),
            // What `openssl req -x509` makes claims to be an authority.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if is_authority(end_entity) =>
            {
                const CLAIM: &str = "it says that it is an authority (basicConstraints CA:TRUE), \
                                 and this pod does not trust it by itself";
                Err(refusal(end_entity, CLAIM))
            }
            Err(error) => Err(error),
        }
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
        self.trust.admit(end_entity, intermediates, now)?;
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

/// A certificate that the pod does not take.
#[derive(Debug)]
struct Untrusted {
    subject: String,
    issuer: String,
    why: &'static str,
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
fn refusal(end_entity: &CertificateDer<'_>, why: &'static str) -> rustls::Error {
    let (subject, issuer) = match ClientCertificate::parse(end_entity) {
        Some(certificate) => (certificate.subject, certificate.issuer),
        None => return rustls::Error::InvalidCertificate(CertificateError::BadEncoding),
    };
    let untrusted = OtherError(Arc::new(Untrusted { subject, issuer, why }));
    rustls::Error::InvalidCertificate(CertificateError::Other(untrusted))
}

/// Without this a short key would be taken for a bad signature, in the alert and in the log.
fn check_key(end_entity: &CertificateDer<'_>) -> Result<(), rustls::Error> {
    /// What ring verifies at least, in bits of RSA.
    const SHORTEST: u32 = 2_048;
    match ClientCertificate::parse(end_entity) {
        Some(certificate) if certificate.key_strength >= SHORTEST => Ok(()),
        _ => Err(refusal(end_entity, "its key is shorter than 2048 bits of RSA")),
    }
}

fn is_authority(certificate: &CertificateDer<'_>) -> bool {
    X509Certificate::from_der(certificate).is_ok_and(|(_, parsed)| parsed.is_ca())
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
