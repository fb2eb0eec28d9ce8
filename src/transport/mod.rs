//! Below HTTP: the TLS listener, whom a client certificate names, and the certificates themselves.

mod authority;
mod certificate_folder;
mod certificates;
mod client;
mod client_verification;
mod connection;
mod consistency;
mod file_names;
mod identity;
mod keys;
mod listen;
mod listener;
mod monitored;
mod p521;
mod request_head;
mod tls;
mod trust;
mod unread_answers;

pub use authority::{Authority, LeafRequest, Usage};
pub use certificates::{CertificateError, Certificates, Defect};
pub use client::ClientCertificate;
pub use connection::{Break, BreakableStream, Breaker};
pub use file_names::file_name;
pub use identity::{Identity, PASSWORD};
pub use keys::{KeyAlgorithm, PrivateKey, RsaKeyPair};
pub use listen::{Listen, ListenError, ListenerRole};
pub use listener::{Listener, ListenerId, ListenerRef, Listeners};
pub use monitored::{HttpErrors, MonitoredStream, Open, Progress};
pub use request_head::{HeadError, read_head};
pub use tls::{
    ClientAuth, HandshakeFailure, Tls, TlsSetupError, TlsStream, crypto_provider, hear_out, plain,
};
pub use trust::Trust;
pub use unread_answers::{Full, Streamed, UnreadAnswers};
