//! A running pod: the world behind its one lock, its clock, and its sessions.

mod administration;
mod login;
mod long_poll;
mod partner_token;
mod sessions;
mod snapshot;
mod watchers;

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, broadcast};

use crate::clock::Clock;
use crate::domain::{
    CompanyCertificates, KeyId, KeyRing, PublicKey, Refusal, Session, Signer, Timestamp,
    TokenSpace, UserId, World,
};
use crate::transport::{ClientCertificate, Trust, plain};

pub use long_poll::LockedWorld;
use long_poll::Waiting;
pub use partner_token::PartnerToken;
pub use sessions::{Owner, Sessions};
pub use snapshot::Snapshot;
pub use watchers::News;
use watchers::Watchers;

/// One pod. Many of them in one process is normal.
pub struct Pod {
    /// Never held across an `.await`.
    world: Mutex<World>,
    pub clock: Arc<Clock>,
    /// Which client certificates it accepts.
    pub trust: Arc<Trust>,
    /// Signs identity JWTs and access tokens.
    pub signer: Arc<Signer>,
    pod_sessions: Sessions,
    key_manager_sessions: Sessions,
    /// Access tokens: what comes in the `Authorization` header.
    access_tokens: Sessions,
    waiting: Waiting,
    /// Tells whoever waits for a bot to listen that a read began.
    read_begun: Notify,
    /// How often the world may have changed. Changed only while it is locked.
    revision: AtomicU64,
    /// How often it was restored. Changed only while the world is locked.
    restored: AtomicU64,
    /// How often the reads that waited were ended.
    reads_ended: AtomicU64,
    /// Whether the server is stopping, when reads no longer wait.
    closing: AtomicBool,
    watchers: Watchers,
}

impl std::fmt::Debug for Pod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pod").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Pod {
    /// `trust` is what the TLS ports go by; it follows the world's company certificates already.
    pub fn new(world: World, clock: Arc<Clock>, signer: Arc<Signer>, trust: Arc<Trust>) -> Self {
        Self {
            world: Mutex::new(world),
            clock,
            trust,
            signer,
            pod_sessions: Sessions::default(),
            key_manager_sessions: Sessions::default(),
            access_tokens: Sessions::default(),
            waiting: Waiting::default(),
            read_begun: Notify::new(),
            revision: AtomicU64::new(0),
            restored: AtomicU64::new(0),
            reads_ended: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            watchers: Watchers::default(),
        }
    }

    /// Locks the world. Everything done under one lock happens at once for all others.
    pub fn world(&self) -> LockedWorld<'_> {
        // Every domain call either refuses before its first change or completes: a panic in
        // between is a bug that is logged, and no reason to take the whole pod down with it.
        let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let mut world = LockedWorld::new(world, &self.revision, &self.waiting, &self.watchers);
        // Scripted answers of people that are due by now happen before anybody looks.
        if world.answers.next_due().is_some() {
            world.answer_due(self.clock.now());
        }
        world
    }

    /// What happens from now on. A watcher that is slow holds up nobody: it misses what is too much,
    /// and is told how much.
    pub fn watch(&self) -> broadcast::Receiver<News> {
        self.watchers.join()
    }

    /// Sends the watchers away: the pod is gone.
    pub fn dismiss_watchers(&self) {
        self.watchers.tell(News::Over);
    }

    /// The session behind a token, if it is good now.
    pub fn session(&self, token: &str, space: TokenSpace) -> Result<Session, Refusal> {
        self.sessions(space).find(token, self.clock.now()).map_err(Refusal::SessionInvalid)
    }

    /// The session behind an access token, if it is good now.
    pub fn session_of_access_token(&self, token: &str) -> Result<Session, Refusal> {
        self.access_tokens.find(token, self.clock.now()).map_err(Refusal::SessionInvalid)
    }

    /// Checks the key manager token of a call to the agent.
    ///
    /// Without one a call passes, unless the settings say otherwise; sessions on behalf of users
    /// have none to show.
    pub fn check_key_manager_token(
        &self,
        token: Option<&str>,
        session: &Session,
    ) -> Result<(), Refusal> {
        let required = self.world().settings.agent_requires_key_manager_token;
        if !required || session.principal.app().is_some() {
            return Ok(());
        }
        let token = token.ok_or(Refusal::KeyManagerTokenMissing)?;
        let found = self.key_manager_sessions.find(token, self.clock.now());
        found.map(drop).map_err(Refusal::KeyManagerTokenInvalid)
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
            self.world().check_owner(common_name, &session.principal)?;
        }
        // Of two logouts at the same time the second is told that the session has ended.
        sessions.end(token, now, by).map_err(Refusal::LogoutTokenInvalid)
    }

    /// Ends the session that a call shows, as if its time were over: that of a session token, or
    /// that of an access token. Gives whether there was one.
    pub fn end_session_of_call(&self, token: &str, access: bool, by: &'static str) -> bool {
        let sessions = if access { &self.access_tokens } else { &self.pod_sessions };
        sessions.end(token, self.clock.now(), by).is_ok()
    }

    /// Changes the company certificates, and with them whom the pod trusts from now on. What is
    /// refused changes nothing.
    pub fn change_certificates<T>(
        &self,
        by: UserId,
        change: impl FnOnce(&mut CompanyCertificates, Timestamp) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let now = self.clock.now();
        let mut world = self.world();
        let mut changed = world.company_certificates.clone();
        let result = change(&mut changed, now)?;
        self.trust.follow(&changed).map_err(|error| Refusal::Malformed {
            what: format!("The certificate cannot be used as an authority: {error}"),
        })?;
        let before = std::mem::replace(&mut world.company_certificates, changed);
        world.record_certificates(by, &before, now);
        Ok(result)
    }

    /// Whether the pod trusts a certificate that the listener let through, now: since the handshake
    /// it may have run out or been revoked, and that went by the main pod's clock and trust.
    pub fn check_certificate(&self, certificate: &ClientCertificate) -> Result<(), Refusal> {
        self.trust
            .check(certificate, self.clock.now())
            .map_err(|error| Refusal::CertificateRefused { why: plain(&error) })
    }

    /// Notes that a client presented a certificate in a handshake.
    pub fn certificate_seen(&self, certificate: &ClientCertificate) {
        self.world().company_certificates.seen(&certificate.der, self.clock.now());
    }

    /// How many tokens of a kind are good now. Looks at each.
    pub fn live_sessions(&self, space: TokenSpace) -> usize {
        self.sessions(space).count(self.clock.now())
    }

    /// The pod sessions of a user that are good now, the oldest first.
    pub fn sessions_of_user(&self, user: UserId) -> Vec<Session> {
        self.pod_sessions.list_of(&Owner::User(user), self.clock.now())
    }

    /// Ends the pod session of a user that has this id. Gives whether there was one.
    pub fn end_session_of_user(&self, user: UserId, id: &str, by: &'static str) -> bool {
        let (owner, now) = (Owner::User(user), self.clock.now());
        self.pod_sessions.end_of(&owner, now, by, |session| session.id() == id) > 0
    }

    /// Ends every session of a user: of the pod, of the key manager, and access tokens.
    /// Gives how many.
    pub fn end_sessions_of_user(&self, user: UserId, by: &'static str) -> usize {
        self.end_sessions(&Owner::User(user), by, |_| true)
    }

    /// Ends the sessions that were opened with a key: what revoking it means.
    pub fn end_sessions_of_key(&self, owner: &Owner, key: KeyId, by: &'static str) {
        self.end_sessions(owner, by, |session| session.key == Some(key));
    }

    /// Gives a service user or an app that never had an RSA key one, as a pod administrator would
    /// before the first login. Nothing happens for whoever has one.
    pub fn adopt_key(&self, name: &str, key: PublicKey) {
        let mut world = self.world();
        let own = world.identity.id;
        let user = world.users.by_username(own, name).map(|user| user.id);
        if let Some(user) = user.and_then(|user| world.users.by_id_mut(user))
            && user.keys == KeyRing::default()
        {
            user.keys = KeyRing::with(key.clone());
        }
        if let Some(app) = world.apps.by_id_mut(name)
            && app.keys == KeyRing::default()
        {
            app.keys = KeyRing::with(key);
        }
    }

    fn end_sessions(
        &self,
        owner: &Owner,
        by: &'static str,
        which: impl Fn(&Session) -> bool,
    ) -> usize {
        let now = self.clock.now();
        let all = [&self.pod_sessions, &self.key_manager_sessions, &self.access_tokens];
        all.map(|sessions| sessions.end_of(owner, now, by, &which)).into_iter().sum()
    }

    fn sessions(&self, space: TokenSpace) -> &Sessions {
        match space {
            TokenSpace::Pod => &self.pod_sessions,
            TokenSpace::KeyManager => &self.key_manager_sessions,
        }
    }
}
