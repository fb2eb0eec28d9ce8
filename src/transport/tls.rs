use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, CipherSuite, HandshakeKind, ServerConfig};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::p521::with_p521;
use super::trust::Verifier;
use super::{ClientCertificate, Trust};
use crate::clock::Clock;

/// A TLS connection to a client.
pub type TlsStream = tokio_rustls::server::TlsStream<TcpStream>;

/// Whether a port demands a client certificate in the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// Verified when presented. No SDK presents its certificate outside `/sessionauth` and
    /// `/keyauth`, so a port that serves everything cannot demand one.
    Optional,
    /// As on a real pod's certificate port.
    Required,
}

/// One port's side of the handshake.
pub struct Tls {
    serving: RwLock<Serving>,
    trust: Arc<Trust>,
    clock: Arc<Clock>,
}

/// The configuration for handshakes, and the period whose sessions it can resume.
struct Serving {
    config: Arc<ServerConfig>,
    epoch: Epoch,
}

/// The period between two changes of the trust or moves of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Epoch {
    trust: u64,
    clock: u64,
}

/// The server's certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsSetupError {
    #[error("the server certificate or its key is not PEM: {0}")]
    Pem(#[from] rustls::pki_types::pem::Error),
    #[error("the server certificate or its key cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

/// Why a connection did not get as far as HTTP.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeFailure {
    /// The TLS layer's word; an alert told the client.
    #[error("{}", plain(.0))]
    Tls(rustls::Error),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(io::Error),
    /// A resumed session whose certificate is no longer good.
    #[error("the session was resumed, but its client certificate is no longer good: {}", plain(.0))]
    Resumed(rustls::Error),
}

/// The cryptography of the pod's TLS: ring, with one cipher suite moved to the front.
///
/// AES-128-GCM with SHA-256 comes first, and the pod's order counts: processors have instructions for
/// SHA-256, which the key schedule of a handshake calls some forty times, and seldom for SHA-384.
/// Every client of TLS 1.3 has to offer it (RFC 8446, 9.1).
pub fn crypto_provider() -> CryptoProvider {
    let provider = rustls::crypto::ring::default_provider();
    let (mut suites, others): (Vec<_>, Vec<_>) = provider.cipher_suites.iter().partition(|suite| {
        matches!(
            suite.suite(),
            CipherSuite::TLS13_AES_128_GCM_SHA256
                | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        )
    });
    suites.extend(others);
    let signature_verification_algorithms = with_p521(provider.signature_verification_algorithms);
    CryptoProvider { cipher_suites: suites, signature_verification_algorithms, ..provider }
}

impl Tls {
    /// `certificates` and `key` are the server's, in PEM.
    pub fn new(
        certificates: &str,
        key: &str,
        client_auth: ClientAuth,
        trust: Arc<Trust>,
        clock: Arc<Clock>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, TlsSetupError> {
        let chain = CertificateDer::pem_slice_iter(certificates.as_bytes())
            .collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())?;
        let verifier =
            Verifier { trust: Arc::clone(&trust), mandatory: client_auth == ClientAuth::Required };
        let time = Arc::new(PodTime(Arc::clone(&clock)));
        let mut config = ServerConfig::builder_with_details(provider, time)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec(), b"http/1.0".to_vec()];
        config.ignore_client_order = true;
        // Each ticket costs a twentieth of a handshake, and a resumed connection gets a new one.
        config.send_tls13_tickets = 1;
        let epoch = Epoch::now(&trust, &clock);
        let serving = Serving { config: Arc::new(config), epoch };
        Ok(Self { serving: RwLock::new(serving), trust, clock })
    }

    /// Makes the handshake, and reads whom the client's certificate names if one came. Gives `place`
    /// back, which is the connection's as long as it is open: a refused client is heard out.
    pub async fn accept<P: Send + 'static>(
        &self,
        stream: TcpStream,
        place: P,
    ) -> Result<(TlsStream, Option<ClientCertificate>, P), HandshakeFailure> {
        let stream = match TlsAcceptor::from(self.config()).accept(stream).into_fallible().await {
            Ok(stream) => stream,
            Err((error, stream)) => {
                tokio::spawn(async move {
                    hear_out(stream).await;
                    drop(place);
                });
                return Err(failure(error));
            }
        };
        let (_, connection) = stream.get_ref();
        let Some([end_entity, intermediates @ ..]) = connection.peer_certificates() else {
            return Ok((stream, None, place));
        };
        // A resumed handshake takes the certificate from the earlier one without another look, and
        // since then it may have expired or its issuer lost the pod's trust.
        if connection.handshake_kind() == Some(HandshakeKind::Resumed) {
            self.trust
                .admit(end_entity, intermediates, unix_time(&self.clock))
                .map_err(HandshakeFailure::Resumed)?;
        }
        let certificate = ClientCertificate::parse(end_entity, intermediates);
        Ok((stream, certificate, place))
    }

    /// The configuration for the next handshake.
    ///
    /// When the trust has changed, or the clock was moved and may have carried certificates out of
    /// their validity, no session can be resumed: the next handshake is a full one and ends, where
    /// the certificate is no longer good, in the alert that says so.
    fn config(&self) -> Arc<ServerConfig> {
        let epoch = Epoch::now(&self.trust, &self.clock);
        {
            let serving = self.serving.read().unwrap_or_else(PoisonError::into_inner);
            if serving.epoch == epoch {
                return Arc::clone(&serving.config);
            }
        }
        let mut serving = self.serving.write().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = ServerConfig::clone(&serving.config);
        fresh.session_storage = rustls::server::ServerSessionMemoryCache::new(256);
        let config = Arc::new(fresh);
        *serving = Serving { config: Arc::clone(&config), epoch };
        config
    }
}

impl Epoch {
    fn now(trust: &Trust, clock: &Clock) -> Self {
        Self { trust: trust.epoch(), clock: clock.moves() }
    }
}

/// How long a refused client may take to read its alert. It is about resources, not about the
/// pod's time.
const FAREWELL: Duration = Duration::from_secs(10);

/// Ends the sending side and reads until the client has ended its own, or takes too long.
///
/// A client sends its certificate and the rest of its handshake in several writes. If the socket
/// closed at the first one that is refused, the next would fail, and a client that fails to write
/// does not read: Java then reports `Broken pipe` and not `certificate_unknown`.
pub async fn hear_out(mut stream: TcpStream) {
    let hearing = async {
        if stream.shutdown().await.is_ok() {
            drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await);
        }
    };
    drop(tokio::time::timeout(FAREWELL, hearing).await);
}

/// The pod's clock, as rustls asks for the time.
#[derive(Debug)]
struct PodTime(Arc<Clock>);

impl TimeProvider for PodTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(&self.0))
    }
}

fn unix_time(clock: &Clock) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(clock.now().as_millis()))
}

/// The error in words: rustls prints the reasons of this pod's verifier in `Debug` form.
pub fn plain(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(reason)) => reason.0.to_string(),
        other => other.to_string(),
    }
}

fn failure(error: io::Error) -> HandshakeFailure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => HandshakeFailure::Tls(tls.clone()),
        None => HandshakeFailure::Io(error),
    }
}
