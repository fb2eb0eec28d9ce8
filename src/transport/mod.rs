//! Below HTTP: the TLS listener, whom a client certificate names, and the certificates themselves.

mod attentive;
mod authority;
mod certificates;
mod client;
mod files;
mod fit;
mod folder;
mod good;
mod identity;
mod keys;
mod line;
mod p521;
mod tls;
mod trust;
mod unread;

pub use attentive::{Attentive, Manner, Open, Progress};
pub use authority::{Authority, LeafRequest, Usage};
pub use certificates::{CertificateError, Certificates, Defect};
pub use client::ClientCertificate;
pub use files::file_name;
pub use identity::{Identity, PASSWORD};
pub use keys::{KeyAlgorithm, PrivateKey, RsaKeyPair};
pub use line::{Break, Breaker, Line};
pub use tls::{
    ClientAuth, HandshakeFailure, Tls, TlsSetupError, TlsStream, crypto_provider, plain,
};
pub use trust::Trust;
pub use unread::{Full, Streamed, Unread};
