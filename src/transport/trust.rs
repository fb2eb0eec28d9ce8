use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, SignatureScheme};

use super::ClientCertificate;
use super::client_verification::ClientVerification;
use crate::domain::{CompanyCertificates, Timestamp};

/// Which client certificates the pod accepts: those that are trusted by themselves, and those that a
/// trusted authority issued. It follows the pod's company certificates while the pod runs.
///
/// One listener serves all pods, and in the handshake the pod is not known yet. The handshake
/// therefore accepts a certificate that any pod trusts, and each pod checks again when a request
/// uses the certificate, see [`check`](Trust::check).
#[derive(Debug)]
pub struct Trust {
    provider: Arc<CryptoProvider>,
    state: Arc<RwLock<State>>,
    neighbours: Arc<Neighbours>,
}

/// The trusts of the other pods that share the listener.
#[derive(Debug, Default)]
struct Neighbours {
    living: RwLock<Vec<Weak<RwLock<State>>>>,
    /// Whether the trust of any pod may differ from the main pod's.
    dissent: AtomicBool,
    /// Counts the changes to what the listener accepts, without those of the main pod.
    epoch: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// Counts the changes. A TLS session from before a change cannot be resumed after it.
    epoch: u64,
    /// Shared between a pod and its forks until one of them changes its trust.
    good: Arc<ClientVerification>,
}

impl Trust {
    /// Trusts nobody.
    pub fn new(provider: Arc<CryptoProvider>) -> Self {
        let (state, neighbours) = (Arc::default(), Arc::default());
        Self { provider, state, neighbours }
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
        }
    }

    /// From now on, as long as the pod lives, the listener accepts whom this pod trusts. `door` is the
    /// trust of the main pod.
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

    /// Trusts what `certificates` say is to be trusted, from now on.
    ///
    /// # Errors
    /// When an authority among them cannot be used as one; then everything stays as it was.
    pub fn follow(&self, certificates: &CompanyCertificates) -> Result<(), rustls::Error> {
        let algorithms = self.provider.signature_verification_algorithms;
        self.replace(Arc::new(ClientVerification::new(certificates, algorithms)?));
        Ok(())
    }

    /// Trusts whom `other` trusts now.
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

    /// Verifies a client's chain in the handshake, at `now`.
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

    /// Verifies for this pod, at `now`, the certificate of a client that the listener accepted. Done at
    /// each use of the certificate: since the handshake it may have expired or been revoked, and the
    /// handshake may have gone by another pod's trust and clock.
    pub fn check(
        &self,
        certificate: &ClientCertificate,
        now: Timestamp,
    ) -> Result<(), rustls::Error> {
        let now = UnixTime::since_unix_epoch(Duration::from_millis(now.as_millis()));
        self.good().recall(certificate, now)
    }

    fn good(&self) -> Arc<ClientVerification> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner).good)
    }

    fn replace(&self, good: Arc<ClientVerification>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = State { epoch: state.epoch + 1, good };
        drop(state);
        self.neighbours.differ();
    }
}

impl Neighbours {
    /// Called when a trust changes: from now on the pods' trusts may differ.
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
        // Most pods are made of one seed and share one verification.
        let mut asked = HashSet::new();
        living.iter().filter_map(Weak::upgrade).any(|state| {
            let good = Arc::clone(&state.read().unwrap_or_else(PoisonError::into_inner).good);
            asked.insert(Arc::as_ptr(&good)) && good.verify(end_entity, intermediates, now).is_ok()
        })
    }
}

/// The verifier that rustls calls in a handshake.
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
