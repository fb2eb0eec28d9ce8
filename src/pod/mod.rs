//! A pod at work: the world behind its one lock, the clock it goes by, and its sessions.

mod sessions;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::domain::{
    CertificateLogin, CompanyCertificates, Refusal, Session, Timestamp, TokenSpace, World,
};
use crate::transport::{ClientCertificate, Trust};

pub use sessions::Sessions;

/// One pod. Many of them in one process is normal.
pub struct Pod {
    /// Never held across an `.await`.
    world: Mutex<World>,
    pub clock: Arc<Clock>,
    trust: Arc<Trust>,
    pod_sessions: Sessions,
    key_manager_sessions: Sessions,
}

impl std::fmt::Debug for Pod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pod").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Pod {
    /// `trust` is what the TLS ports go by; it follows the world's company certificates already.
    pub fn new(world: World, clock: Arc<Clock>, trust: Arc<Trust>) -> Self {
        Self {
            world: Mutex::new(world),
            clock,
            trust,
            pod_sessions: Sessions::default(),
            key_manager_sessions: Sessions::default(),
        }
    }

    /// The world, locked. Whoever holds it sees and leaves the pod in one piece.
    pub fn world(&self) -> MutexGuard<'_, World> {
        // Every domain call either refuses before its first change or completes: a panic in
        // between is a bug that is logged, and no reason to take the whole pod down with it.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs a service user in by client certificate. Answers with the new token.
    pub fn log_in_with_certificate(
        &self,
        login: &CertificateLogin<'_>,
        space: TokenSpace,
    ) -> Result<String, Refusal> {
        let now = self.clock.now();
        let (token, session) = self.world().log_in_with_certificate(login, space, now)?;
        self.sessions(space).open(&token, session);
        Ok(token)
    }

    /// The session behind a token, if it is good now.
    pub fn session(&self, token: &str, space: TokenSpace) -> Result<Session, Refusal> {
        self.sessions(space).find(token, self.clock.now()).map_err(Refusal::SessionInvalid)
    }

    /// Ends the session behind a token, and no other.
    ///
    /// `common_name` is that of the caller's certificate, which must be the session's owner's;
    /// none where the settings do not ask for a certificate. `by` names the call.
    pub fn log_out(
        &self,
        token: &str,
        space: TokenSpace,
        common_name: Option<&str>,
        by: &'static str,
    ) -> Result<(), Refusal> {
        let now = self.clock.now();
        let sessions = self.sessions(space);
        let session = sessions.find(token, now).map_err(Refusal::LogoutTokenInvalid)?;
        if let Some(common_name) = common_name {
            self.world().check_logout(common_name, &session.principal)?;
        }
        // Of two logouts at the same time one comes second, and is told so.
        sessions.end(token, now, by).map_err(Refusal::LogoutTokenInvalid)
    }

    /// Changes the company certificates, and with them whom the pod trusts from the next handshake
    /// on. What is refused changes nothing.
    pub fn change_certificates<T>(
        &self,
        change: impl FnOnce(&mut CompanyCertificates, Timestamp) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let now = self.clock.now();
        let mut world = self.world();
        let mut changed = world.company_certificates.clone();
        let result = change(&mut changed, now)?;
        self.trust.follow(&changed).map_err(|error| Refusal::Malformed {
            what: format!("The certificate cannot be used as an authority: {error}"),
        })?;
        world.company_certificates = changed;
        Ok(result)
    }

    /// Notes that a client presented a certificate in a handshake.
    pub fn certificate_seen(&self, certificate: &ClientCertificate) {
        self.world().company_certificates.seen(&certificate.der, self.clock.now());
    }

    /// How many sessions are in the store, the expired ones included.
    pub fn session_count(&self, space: TokenSpace) -> usize {
        self.sessions(space).len()
    }

    fn sessions(&self, space: TokenSpace) -> &Sessions {
        match space {
            TokenSpace::Pod => &self.pod_sessions,
            TokenSpace::KeyManager => &self.key_manager_sessions,
        }
    }
}
