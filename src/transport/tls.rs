use std::io;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{HandshakeKind, ServerConfig};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

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
    config: RwLock<Arc<ServerConfig>>,
    trust: Arc<Trust>,
    clock: Arc<Clock>,
    /// Tells whether the clock was moved since the last handshake.
    clock_moves: Mutex<watch::Receiver<u64>>,
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
    #[error("{0}")]
    Tls(rustls::Error),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(io::Error),
    /// A resumed session whose certificate is no longer good.
    #[error("the session was resumed, but its client certificate is no longer good: {0}")]
    Resumed(rustls::Error),
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
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let clock_moves = Mutex::new(clock.moves());
        Ok(Self { config: RwLock::new(Arc::new(config)), trust, clock, clock_moves })
    }

    /// Makes the handshake, and reads whom the client's certificate names if one came.
    pub async fn accept(
        &self,
        stream: TcpStream,
    ) -> Result<(TlsStream, Option<ClientCertificate>), HandshakeFailure> {
        let stream = TlsAcceptor::from(self.config()).accept(stream).await.map_err(failure)?;
        let (_, connection) = stream.get_ref();
        let Some([end_entity, intermediates @ ..]) = connection.peer_certificates() else {
            return Ok((stream, None));
        };
        // A resumed handshake takes the certificate from the earlier one without another look, and
        // since then it may have expired or its issuer lost the pod's trust.
        if connection.handshake_kind() == Some(HandshakeKind::Resumed) {
            self.trust
                .verify(end_entity, intermediates, unix_time(&self.clock))
                .map_err(HandshakeFailure::Resumed)?;
        }
        let certificate = ClientCertificate::parse(end_entity);
        Ok((stream, certificate))
    }

    /// The configuration of the next handshake. A moved clock may have carried certificates out of
    /// their validity: then there is nothing to resume.
    fn config(&self) -> Arc<ServerConfig> {
        let mut moves = self.clock_moves.lock().unwrap_or_else(PoisonError::into_inner);
        if moves.has_changed().unwrap_or(false) {
            moves.mark_unchanged();
            self.forget_sessions();
        }
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets the sessions that clients could resume, so that their next handshake is a full one
    /// and ends, where the certificate is no longer good, in the alert that says so.
    fn forget_sessions(&self) {
        let mut config = self.config.write().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = ServerConfig::clone(&config);
        fresh.session_storage = rustls::server::ServerSessionMemoryCache::new(256);
        *config = Arc::new(fresh);
    }
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
    UnixTime::since_unix_epoch(std::time::Duration::from_millis(clock.now().as_millis()))
}

fn failure(error: io::Error) -> HandshakeFailure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => HandshakeFailure::Tls(tls.clone()),
        None => HandshakeFailure::Io(error),
    }
}
