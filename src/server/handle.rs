use std::net::SocketAddr;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Bot, Error, Person};
use crate::clock::Clock;
use crate::control::{
    self, Expectation, Explanation, FaultGuard, FaultPlan, PlanError, Pods, Record, Tenant, WITHIN,
    check_listener, identity, may_log_in, wait,
};
use crate::pod::{Pod, Snapshot};
use crate::scenario::{AuditSeed, ScenarioError};
use crate::sdk::SdkProxy;
use crate::transport::{CertificateError, Certificates, Identity, Listener, Listeners};

/// A pod of a running server: the main one, or one behind a prefix. All of a test's verbs.
///
/// It does not keep the server alive: that is [`MockPod`](crate::MockPod)'s part.
#[derive(Debug, Clone)]
pub struct PodHandle {
    pub(super) tenant: Arc<Tenant>,
    pub(super) server: Arc<Server>,
}

/// What all pods of a server have in common.
#[derive(Debug)]
pub(super) struct Server {
    pub pods: Arc<Pods>,
    pub certificates: Arc<Certificates>,
    pub listeners: Arc<Listeners>,
    pub control: SocketAddr,
    /// The forward proxy, where there is one.
    pub proxy: Option<SdkProxy>,
    pub seed: u64,
    /// The server's own runtime: what waits for something does so there, so that a test may run on
    /// any other.
    pub runtime: Handle,
}

impl PodHandle {
    pub(super) fn main(server: Server) -> Self {
        Self { tenant: Arc::clone(server.pods.main()), server: Arc::new(server) }
    }

    /// Where everything is served, with the client certificate optional.
    pub fn url(&self) -> String {
        format!("https://localhost:{}{}", self.port(), self.prefix())
    }

    /// Where everything is served, with a client certificate demanded in the handshake.
    pub fn mtls_url(&self) -> String {
        format!("https://localhost:{}{}", self.mtls_port(), self.prefix())
    }

    /// Where the test's side is served, over plain HTTP.
    pub fn control_url(&self) -> String {
        format!("http://{}{}", self.server.control, self.prefix())
    }

    pub fn port(&self) -> u16 {
        self.port_of(Listeners::MAIN)
    }

    pub fn mtls_port(&self) -> u16 {
        self.port_of(Listeners::MTLS)
    }

    pub fn control_port(&self) -> u16 {
        self.server.control.port()
    }

    /// All TLS ports: `main`, `mtls`, and those of [`Builder::listen`](crate::Builder::listen).
    pub fn listeners(&self) -> &[Listener] {
        self.server.listeners.all()
    }

    /// The TLS port called so.
    pub fn listener(&self, name: &str) -> Option<&Listener> {
        self.listeners().iter().find(|listener| listener.name() == name)
    }

    /// Where a listener is reached, by its name.
    pub fn url_of(&self, listener: &str) -> Option<String> {
        let port = self.listener(listener)?.port();
        Some(format!("https://localhost:{port}{}", self.prefix()))
    }

    fn port_of(&self, listener: &str) -> u16 {
        self.listener(listener).map_or(0, Listener::port)
    }

    /// Where the forward proxy is, where there is one (see [`Builder::proxy`](crate::Builder::proxy)).
    pub fn proxy_url(&self) -> Option<String> {
        let proxy = self.server.proxy.as_ref()?;
        Some(format!("http://{}:{}", proxy.host, proxy.port))
    }

    /// The port of the forward proxy, where there is one.
    pub fn proxy_port(&self) -> Option<u16> {
        self.server.proxy.as_ref().map(|proxy| proxy.port)
    }

    /// The forward proxy as SDKs are told of it, where there is one: for `SdkConfig::proxy`.
    pub fn sdk_proxy(&self) -> Option<SdkProxy> {
        let told = self.server.proxy.clone();
        told.map(|proxy| SdkProxy { host: "localhost".into(), ..proxy })
    }

    /// What the pod calls itself.
    pub fn name(&self) -> String {
        self.pod().world().identity.name.clone()
    }

    /// The seed of the server's chance: the same scenario, seed and calls give the same ids and
    /// tokens.
    pub fn seed(&self) -> u64 {
        self.server.seed
    }

    /// The clock that sessions, JWTs and certificates go by.
    pub fn clock(&self) -> &Clock {
        &self.pod().clock
    }

    /// The server's certificates.
    pub fn certificates(&self) -> &Certificates {
        &self.server.certificates
    }

    /// Certificate of the authority that a client must trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        self.server.certificates.authority_pem()
    }

    /// A service user or an app, with all that a client needs to log in as it.
    ///
    /// # Errors
    ///
    /// When there is no such account, or its certificate cannot be made.
    pub fn bot(&self, name: &str) -> Result<Bot, Error> {
        if !may_log_in(self.pod(), name) {
            let world = self.tenant.pod.world();
            return Err(match world.user_called(name) {
                Some(_) => Error::PersonIsNoBot(name.to_owned()),
                None => Error::NoBot(world.no_service_user(name)),
            });
        }
        Ok(Bot {
            identity: self.identity(name)?,
            certificates: Arc::clone(&self.server.certificates),
            url: self.url(),
            port: self.port(),
            hosts: self.server.listeners.hosts(),
            context: Some(self.prefix()).filter(|prefix| !prefix.is_empty()),
        })
    }

    /// Somebody who does things in his client. See [`Person`].
    pub fn user(&self, name: &str) -> Person {
        Person { tenant: Arc::clone(&self.tenant), name: name.to_owned() }
    }

    /// What somebody needs to log in, by certificate and by JWT, whether the pod knows him or not.
    /// An identity that nobody made yet is made, and its public key imported if there is an account
    /// that has none.
    pub fn identity(&self, name: &str) -> Result<Arc<Identity>, CertificateError> {
        identity(self.pod(), &self.server.certificates, name)
    }

    /// The JWT with which the pod tells the front end of an extension app who its user is.
    ///
    /// # Errors
    ///
    /// Says why not, in words: no such app or user, or the app is not enabled.
    pub fn identity_jwt(&self, app: &str, username: &str) -> Result<String, String> {
        control::identity_jwt(self.pod(), app, username).map_err(|refusal| refusal.why())
    }

    /// A pod of the same server behind a prefix, which is made from the seed when it is asked for
    /// first: as many tests as want to share a server without seeing each other.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let server = symphony_mock_pod::MockPod::start().await?;
    /// let pod = server.named("test-1")?;
    /// assert_eq!(pod.url(), format!("{}/t/test-1", server.url()));
    /// pod.user("alice").send("Test Room", "only here")?;
    /// assert!(server.user("alice").messages("Test Room")?.is_empty());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When no pod can be called so.
    pub fn named(&self, name: &str) -> Result<Self, Error> {
        let tenant = self.server.pods.named(name);
        let tenant = tenant.map_err(|refusal| Error::PodName(refusal.why()))?;
        Ok(Self { tenant, server: Arc::clone(&self.server) })
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
        FaultGuard::plan(&self.tenant, plan)
    }

    /// Waits until the pod was called as expected, and gives the calls. No sleeps, no polls.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// # let bot = pod.bot("bot")?;
    /// # let http = reqwest::Client::builder().tls_backend_preconfigured(bot.tls_config()?).build()?;
    /// # http.post(format!("{}/sessionauth/v1/authenticate", bot.url())).send().await?;
    /// use symphony_mock_pod::Expectation;
    ///
    /// let login = Expectation::of("session_authenticate_v1").user("bot").status(200);
    /// let calls = pod.expect(login).await?;
    /// assert_eq!(calls[0].path.as_deref(), Some("/sessionauth/v1/authenticate"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When they did not come in time, which is 5 seconds unless the expectation says otherwise, or
    /// too many came: the error tells the calls that came nearest. And when there is no such
    /// operation, user or status.
    pub async fn expect(&self, expectation: Expectation) -> Result<Vec<Record>, Error> {
        expectation.check(&self.tenant).map_err(|(_, error)| Error::Expectation(error))?;
        let tenant = Arc::clone(&self.tenant);
        let waiting = self.server.runtime.spawn(async move { tenant.expect(&expectation).await });
        Ok(waiting.await.map_err(|_| Error::Stopped)??)
    }

    /// Waits until a bot reads its feed, for 5 seconds: what is said before that, it never hears.
    ///
    /// Gives the feed's id. With the id of a feed in `after`, it waits for another one: that which the
    /// bot has after a recovery.
    ///
    /// # Errors
    ///
    /// When it does not, and where nobody of this name is a bot.
    pub async fn listening(&self, bot: &str, after: Option<&str>) -> Result<String, Error> {
        check_listener(&self.tenant.pod.world(), bot).map_err(Error::NotListening)?;
        let (tenant, bot) = (Arc::clone(&self.tenant), bot.to_owned());
        let after = after.map(str::to_owned);
        let waiting = self
            .server
            .runtime
            .spawn(async move { wait(&tenant.pod, &bot, after.as_deref(), WITHIN).await });
        waiting.await.map_err(|_| Error::Stopped)?.map_err(Error::NotListening)
    }

    /// What came to the pod, the oldest first: the newest requests and failed handshakes that the
    /// journal has room for.
    pub fn requests(&self) -> Vec<Record> {
        self.tenant.journal.records()
    }

    /// Forgets what came: expectations and hints are of what comes from now on.
    pub fn forget_requests(&self) {
        self.tenant.journal.clear();
    }

    /// Why the pod last said no; none where it did not.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// # let bot = pod.bot("bot")?;
    /// # let http = reqwest::Client::builder().tls_backend_preconfigured(bot.tls_config()?).build()?;
    /// http.get(format!("{}/pod/v2/sessioninfo", pod.url())).send().await?;
    /// println!("{}", pod.why().unwrap());
    /// # assert!(pod.why().unwrap().line.starts_with("401 GET /pod/v2/sessioninfo"));
    /// # assert_eq!(pod.requests().len(), 1);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn why(&self) -> Option<Explanation> {
        self.tenant.journal.why_last(self.clock())
    }

    /// Adds to the audit trail what somebody did by a role, in the administrators' portal for one.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::{AuditSeed, MockPod};
    ///
    /// let pod = MockPod::start().await?;
    /// pod.audit(AuditSeed::new("Room Deactivated", "alice"))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn audit(&self, entry: AuditSeed) -> Result<(), Error> {
        let now = self.clock().now();
        let mut world = self.pod().world();
        let entry = entry.resolve(&world, now).map_err(|(field, problem)| {
            Error::Scenario(ScenarioError::Contradiction { at: field.to_owned(), problem })
        })?;
        world.audit.put(entry);
        Ok(())
    }

    /// An access token of a partner's of Community Connect, as Symphony's authorization server gives it.
    /// Whoever is no partner yet becomes one.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::MockPod;
    ///
    /// let pod = MockPod::start().await?;
    /// let authorization = format!("Bearer {}", pod.partner_token("terminal"));
    /// # assert!(authorization.len() > 100);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn partner_token(&self, partner: &str) -> String {
        let pod = self.pod();
        let mut world = pod.world();
        let partner = world.partner_called(partner);
        pod.partner_token(&mut world, &partner).access_token
    }

    /// Says what a search by meaning finds, the most fitting first, of the messages that the searcher
    /// may see; and not what shares words with its text.
    pub fn plan_semantic_search(&self, text: &str, messages: &[&str]) -> Result<(), Error> {
        let ids =
            messages.iter().map(|id| id.parse().map_err(|_| Error::NoMessageId((*id).into())));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        self.pod().world().planned_findings.plan(text, ids);
        Ok(())
    }

    /// Lets searches by meaning rank messages again.
    pub fn forget_semantic_searches(&self) {
        self.pod().world().planned_findings.clear();
    }

    /// What a failing test should look at although nothing was refused, in words: messages that were
    /// sent before a bot listened, a feed whose deletion killed the bot.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// pod.user("alice").send("Test Room", "anybody there?")?;
    /// let bot = pod.bot("bot")?;
    /// let http = reqwest::Client::builder().tls_backend_preconfigured(bot.tls_config()?).build()?;
    /// http.post(format!("{}/sessionauth/v1/authenticate", bot.url())).send().await?;
    /// assert!(pod.hints()[0].starts_with("no feed of \"bot\" existed when \"alice\" wrote"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn hints(&self) -> Vec<String> {
        self.tenant.hints()
    }

    /// Makes the pod what it began as: no fault is planned, and the journal is empty.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let pod = symphony_mock_pod::MockPod::start().await?;
    /// pod.user("alice").send("Test Room", "of an earlier test")?;
    /// pod.reset();
    /// assert!(pod.user("alice").messages("Test Room")?.is_empty());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset(&self) {
        self.tenant.reset();
    }

    /// What the pod is now: its world, its sessions, its clock and whom it trusts.
    ///
    /// It costs the same however much the pod holds, and shares what does not change with it.
    pub fn snapshot(&self) -> Snapshot {
        self.pod().snapshot()
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
        self.pod().restore(snapshot);
    }

    pub(super) fn pod(&self) -> &Pod {
        &self.tenant.pod
    }

    /// What comes in front of every path.
    fn prefix(&self) -> String {
        match self.tenant.is_main() {
            true => String::new(),
            false => format!("/t/{}", self.tenant.name),
        }
    }
}
