//! The one place that puts the floors together: a pod that listens.

mod builder;
mod connections;
mod gate;
mod inject;
mod rest;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

pub use builder::{Builder, StartError};

use crate::clock::Clock;
use crate::control::{self, FaultGuard, FaultPlan, PlanError, Pods, identity};
use crate::pod::{Pod, Snapshot};
use crate::transport::{CertificateError, Certificates, Identity};

/// A running pod.
///
/// It has a thread and a runtime of its own, so it works in any test, on any runtime or none.
/// Dropping it stops it without waiting; [`stop`](MockPod::stop) waits.
#[derive(Debug)]
#[must_use = "the pod stops when this value is dropped"]
pub struct MockPod {
    pods: Arc<Pods>,
    certificates: Arc<Certificates>,
    addresses: Addresses,
    seed: u64,
    stop: watch::Sender<Stop>,
    stopped: Option<oneshot::Receiver<()>>,
    /// Kept so that the thread has an owner; nobody joins it, for a drop must not wait.
    _thread: JoinHandle<()>,
}

/// Where a running pod listens.
#[derive(Debug, Clone, Copy)]
struct Addresses {
    main: SocketAddr,
    mtls: SocketAddr,
    control: SocketAddr,
}

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    No,
    /// No new connections; requests under way may finish.
    Orderly,
    /// At once.
    Now,
}

impl MockPod {
    /// Starts the embedded default pod on free ports of the loopback interface.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Starts from something else than the defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where everything is served, with the client certificate optional.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port())
    }

    /// Where everything is served, with a client certificate demanded in the handshake.
    pub fn mtls_url(&self) -> String {
        format!("https://localhost:{}", self.mtls_port())
    }

    /// Where the test's side is served, over plain HTTP.
    pub fn control_url(&self) -> String {
        format!("http://{}", self.addresses.control)
    }

    pub fn port(&self) -> u16 {
        self.addresses.main.port()
    }

    pub fn mtls_port(&self) -> u16 {
        self.addresses.mtls.port()
    }

    pub fn control_port(&self) -> u16 {
        self.addresses.control.port()
    }

    /// What the pod calls itself.
    pub fn name(&self) -> String {
        self.main().world().identity.name.clone()
    }

    /// The seed of its chance: the same scenario, seed and calls give the same ids and tokens.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The clock that sessions, JWTs and certificates go by.
    pub fn clock(&self) -> &Clock {
        &self.main().clock
    }

    /// The pod's certificates.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// Certificate of the authority that a client must trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        self.certificates.authority_pem()
    }

    /// What a service user or an app needs to log in, by certificate and by JWT. One that nobody
    /// made yet is made, and its public key imported if the account has none.
    pub fn identity(&self, name: &str) -> Result<Arc<Identity>, CertificateError> {
        identity(self.main(), &self.certificates, name)
    }

    /// The JWT with which the pod tells the front end of an extension app who its user is.
    ///
    /// # Errors
    ///
    /// Says why not, in words: no such app or user, or the app is not enabled.
    pub fn identity_jwt(&self, app: &str, username: &str) -> Result<String, String> {
        control::identity_jwt(self.main(), app, username).map_err(|refusal| refusal.why())
    }

    /// Has something go wrong, until the guard is dropped.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::{FaultPlan, MockPod};
    ///
    /// let pod = MockPod::start().await?;
    /// let outage = pod.inject(FaultPlan::status(503).on("datafeeds_*").user("bot").times(2))?;
    /// // … what the bot does now, it does in spite of two answers that say 503.
    /// assert_eq!(outage.fired(), 0, "this bot has not read a feed");
    /// drop(outage);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Says what is wrong with a plan that can hit nothing.
    pub fn inject(&self, plan: FaultPlan) -> Result<FaultGuard, PlanError> {
        FaultGuard::plan(self.pods.main(), plan)
    }

    fn main(&self) -> &Pod {
        &self.pods.main().pod
    }

    /// What the pod is now: its world, its sessions, its clock and whom it trusts.
    ///
    /// It costs the same however much the pod holds, and shares what does not change with it.
    pub fn snapshot(&self) -> Snapshot {
        self.main().snapshot()
    }

    /// Makes the pod what it was then, clock and chance included. Sessions opened since end, and
    /// those ended since are good again. Long polls under way are answered at once.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// let arranged = pod.snapshot();
    /// // ... a test that leaves its traces ...
    /// pod.restore(&arranged);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn restore(&self, snapshot: &Snapshot) {
        self.main().restore(snapshot);
    }

    /// Stops: no new connections, a moment for the requests under way, then the end.
    pub async fn stop(mut self) {
        self.stop.send_replace(Stop::Orderly);
        if let Some(stopped) = self.stopped.take() {
            // The sender is dropped with the thread: either way it is over.
            drop(stopped.await);
        }
    }
}

impl Drop for MockPod {
    fn drop(&mut self) {
        // Never waits: on a current-thread test runtime the client could not move while this blocks.
        self.stop.send_if_modified(|stop| std::mem::replace(stop, Stop::Now) != Stop::Now);
    }
}
