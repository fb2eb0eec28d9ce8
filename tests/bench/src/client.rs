//! The load client: TLS 1.3 with a client certificate, never resumed, and as much HTTP/1.1 as one `POST` needs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub const AUTHENTICATE: &[u8] =
    b"POST /sessionauth/v1/authenticate HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\ncontent-length: 0\r\n\r\n";

/// One identity; makes connections.
#[derive(Clone)]
pub struct Client {
    connector: TlsConnector,
    server_name: ServerName<'static>,
}

/// A live connection; with TLS, one that has done a full handshake.
pub struct Connection<S = TlsStream<TcpStream>> {
    stream: S,
    received: Vec<u8>,
}

impl Client {
    /// The identity in two PEM files, trusting the authority in a third. Fails if a file does not hold what it should.
    pub fn new(authority: &Path, certificate: &Path, key: &Path) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_file_iter(authority)
            .with_context(|| format!("{}", authority.display()))?
        {
            roots.add(authority?)?;
        }
        let chain = CertificateDer::pem_file_iter(certificate)
            .with_context(|| format!("{}", certificate.display()))?
            .collect::<Result<Vec<_>, _>>()?;
        let key =
            PrivateKeyDer::from_pem_file(key).with_context(|| format!("{}", key.display()))?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)?;
        config.resumption = Resumption::disabled();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            server_name: ServerName::try_from("localhost")?,
        })
    }

    /// Connects and shakes hands. Fails if the handshake was anything but a full one.
    pub async fn connect(&self, address: SocketAddr) -> Result<Connection> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let stream = self.connector.connect(self.server_name.clone(), socket).await?;
        let kind = stream.get_ref().1.handshake_kind();
        ensure!(kind == Some(HandshakeKind::Full), "the handshake was {kind:?}, not a full one");
        Ok(Connection { stream, received: Vec::with_capacity(4096) })
    }

    /// A full handshake, one login, a clean close.
    pub async fn connect_and_log_in(&self, address: SocketAddr) -> Result<()> {
        let mut connection = self.connect(address).await?;
        connection.log_in().await?;
        connection.stream.shutdown().await?;
        Ok(())
    }

    /// Tries until a login succeeds, at most for `patience`; returns the body of the answer.
    pub async fn first_answer(&self, address: SocketAddr, patience: Duration) -> Result<Vec<u8>> {
        let start = Instant::now();
        loop {
            let attempt = async { self.connect(address).await?.log_in().await };
            match attempt.await {
                Ok(body) => return Ok(body),
                Err(error) if start.elapsed() > patience => {
                    return Err(error.context("no good answer in time"));
                }
                // Shorter than the timer of the runtime can be.
                Err(_) => std::thread::sleep(Duration::from_micros(200)),
            }
        }
    }
}

impl Connection<TcpStream> {
    /// Connects to the control port, which speaks no TLS.
    pub async fn plain(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4096) })
    }
}

impl Connection {
    /// Authenticates and returns the body. Fails on any status but 200 and on a body without a token.
    pub async fn log_in(&mut self) -> Result<Vec<u8>> {
        let body = self.ask(AUTHENTICATE).await?;
        ensure!(
            body.windows(7).any(|at| at == b"\"token\""),
            "no token: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Sends a whole request and returns the body of the answer. Fails on any status but a good one.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.received.clear();
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                bail!("the server closed the connection within an answer");
            }
            let Some((status, body)) = complete_answer(&self.received)? else { continue };
            ensure!(status / 100 == 2, "status {status}: {}", String::from_utf8_lossy(body));
            return Ok(body.to_vec());
        }
    }
}

/// Status and body, once all of the answer is there.
fn complete_answer(received: &[u8]) -> Result<Option<(u16, &[u8])>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut answer = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = answer.parse(received)? else { return Ok(None) };
    let length = answer
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .context("an answer without content-length")?;
    let length: usize = std::str::from_utf8(length.value)?.trim().parse()?;
    let status = answer.code.context("an answer without a status")?;
    Ok(received.get(head..head + length).map(|body| (status, body)))
}

#[cfg(test)]
mod tests {
    use super::complete_answer;

    #[test]
    fn an_answer_is_complete_with_the_last_byte_of_its_body() {
        let answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}";
        assert!(complete_answer(&answer[..20]).unwrap().is_none());
        assert!(complete_answer(&answer[..answer.len() - 1]).unwrap().is_none());
        assert_eq!(complete_answer(answer).unwrap(), Some((403, &b"{}"[..])));
    }

    #[test]
    fn an_answer_of_unknown_length_is_refused() {
        assert!(complete_answer(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
