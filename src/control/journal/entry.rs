use std::borrow::Cow;
use std::sync::Arc;

use axum::http::{Method, Version};

use super::exchange::{Answer, Captured};
use super::head::Head;
use super::{Tunnel, TunnelOutcome, TunnelRefusal};
use crate::clock::Clock;
use crate::domain::{Refusal, Timestamp};
use crate::transport::{ClientCertificate, ListenerId};

/// One thing that happened.
#[derive(Debug)]
pub(in crate::control) struct Entry {
    /// When it began, on the pod's clock.
    pub at: Timestamp,
    /// How long it took the machine.
    pub(super) micros: u64,
    pub(super) listener: ListenerId,
    pub(super) certificate: Option<Arc<ClientCertificate>>,
    /// The tunnel through the forward proxy that it came through, or was to be.
    pub(super) tunnel: Option<Arc<Tunnel>>,
    /// The forward proxy's port where it came there, and to no listener.
    pub(super) proxy: Option<u16>,
    pub event: Event,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "almost all are requests, and a box is an allocation")]
pub(in crate::control) enum Event {
    Request {
        method: Method,
        version: Version,
        operation: Option<u16>,
        head: Head,
        body: Captured,
        /// None where the client left before it came.
        answer: Option<Answer>,
    },
    /// A TLS handshake that failed.
    Handshake { reason: String },
    /// What could not be read as a request, and what it was told.
    Unreadable { status: u16, why: &'static str },
    /// What came to the forward proxy.
    Tunnel { method: Method, version: Version, head: Head, outcome: TunnelOutcome },
}

impl Entry {
    /// What happens now, and takes no time.
    pub(super) fn now(clock: &Clock, listener: ListenerId, event: Event) -> Self {
        let (at, micros) = (clock.now(), 0);
        Self { at, micros, listener, certificate: None, tunnel: None, proxy: None, event }
    }

    /// How much memory it takes, but for the certificate.
    pub(super) fn size(&self) -> usize {
        /// The counts of an `Arc`, the place in the queue, and what an allocator adds.
        const AROUND: usize = 16 + 8 + 4 * 16;
        let inside = match &self.event {
            Event::Handshake { reason } => reason.capacity(),
            Event::Unreadable { .. } => 0,
            Event::Tunnel { head, .. } => head.size(),
            Event::Request { head, body, answer, .. } => {
                let answer = answer.as_ref().map_or(0, |answer| {
                    let refusal = answer.refusal.as_ref();
                    let refusal = refusal.map_or(0, |it| size_of::<Refusal>() + it.why().len());
                    answer.body.size() + refusal
                });
                head.size() + body.size() + answer
            }
        };
        // Those that came through it share it, and outlive each other.
        let tunnel = self.tunnel.as_ref().map_or(0, |tunnel| tunnel.size());
        size_of::<Self>() + AROUND + inside + tunnel
    }

    /// A connection's requests have one certificate in common. It is counted with the last of
    /// them that stand next to each other.
    pub(super) fn certificate_size(&self) -> usize {
        self.certificate.as_ref().map_or(0, |certificate| {
            size_of::<ClientCertificate>()
                + certificate.der.len()
                + certificate.subject.len()
                + certificate.issuer.len()
                + 64
        })
    }

    pub(super) fn shares_certificate(&self, other: &Self) -> bool {
        match (&self.certificate, &other.certificate) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }

    pub fn status(&self) -> Option<u16> {
        match &self.event {
            Event::Unreadable { status, .. } => Some(*status),
            Event::Tunnel { outcome, .. } => outcome.status().map(|status| status.as_u16()),
            _ => self.answer().map(|answer| answer.status.as_u16()),
        }
    }

    /// What is kept of the request's body.
    pub fn request_body(&self) -> Cow<'_, [u8]> {
        match &self.event {
            Event::Request { body, .. } => body.bytes(),
            Event::Handshake { .. } | Event::Unreadable { .. } | Event::Tunnel { .. } => {
                Cow::Borrowed(&[])
            }
        }
    }

    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.answer().and_then(|answer| answer.refusal.as_deref())
    }

    pub(super) fn answer(&self) -> Option<&Answer> {
        match &self.event {
            Event::Request { answer, .. } => answer.as_ref(),
            Event::Handshake { .. } | Event::Unreadable { .. } | Event::Tunnel { .. } => None,
        }
    }

    /// Why the forward proxy refused.
    pub(super) fn tunnel_refusal(&self) -> Option<&TunnelRefusal> {
        match &self.event {
            Event::Tunnel { outcome, .. } => outcome.refusal(),
            _ => None,
        }
    }
}
