use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::connection_limit::ConnectionLimit;
use super::connections::{Connections, TlsPort, serve_control, serve_places};
use super::proxy::{self, Proxy, ProxySettings};
use super::service::ApiService;
use super::{MockPod, PodHandle, Server, Stop};
use crate::api;
use crate::clock::Clock;
use crate::control::{
    Background, Control, ControlNames, ControlService, ControlToken, Factory, FactoryError, Limits,
    Pods, clock_of,
};
use crate::domain::{Signer, SignerError};
use crate::scenario::{Scenario, ScenarioError};
use crate::transport::{
    CertificateError, Certificates, ClientAuth, Listen, ListenError, Listener, ListenerRef,
    Listeners, Tls, TlsSetupError, Trust, UnreadAnswers, crypto_provider,
};

/// What a pod is started from. Everything has a default.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    scenario: Option<Scenario>,
    certificates: Option<Certificates>,
    clock: Option<Clock>,
    seed: Option<u64>,
    host: IpAddr,
    port: u16,
    mtls_port: u16,
    further: Vec<Listen>,
    control_host: IpAddr,
    control_port: u16,
    control_token: Option<ControlToken>,
    control_names: Vec<String>,
    worker_threads: Option<usize>,
    journal_bytes: usize,
    limits: Limits,
    head_patience: Duration,
    pub(super) proxy: ProxySettings,
}

/// Why a pod did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the scenario: {0}")]
    Scenario(#[from] ScenarioError),
    /// The certificates, or what is in them, are not good for a pod.
    #[error(transparent)]
    Pod(Box<dyn std::error::Error + Send + Sync>),
    #[error("the certificates: {0}")]
    Certificates(#[from] CertificateError),
    #[error(transparent)]
    Signer(#[from] SignerError),
    #[error("TLS: {0}")]
    Tls(#[from] TlsSetupError),
    #[error("listening on {address} ({port}): {error}")]
    Bind { address: SocketAddr, port: String, error: io::Error },
    #[error("the listeners: {0}")]
    Listen(#[from] ListenError),
    /// A name of the forward proxy stands for a listener that there is not.
    #[error("--proxy-host {name}={listener}: there is no such listener; expected one of {known}")]
    ProxyHost { name: String, listener: String, known: String },
    #[error("starting a thread: {0}")]
    Thread(io::Error),
}

impl From<FactoryError> for StartError {
    fn from(error: FactoryError) -> Self {
        match error {
            FactoryError::Scenario(error) => Self::Scenario(error),
            other => Self::Pod(Box::new(other)),
        }
    }
}

/// How long requests under way may take to finish when the pod stops.
const GRACE: Duration = Duration::from_secs(2);

impl Default for Builder {
    fn default() -> Self {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            scenario: None,
            certificates: None,
            clock: None,
            seed: None,
            host: loopback,
            port: 0,
            mtls_port: 0,
            further: Vec::new(),
            control_host: loopback,
            control_port: 0,
            control_token: None,
            control_names: Vec::new(),
            worker_threads: Some(2),
            journal_bytes: 4 << 20,
            head_patience: Duration::from_secs(30),
            limits: Limits::default(),
            proxy: ProxySettings::default(),
        }
    }
}

impl Builder {
    /// The pod to start; by default [`Scenario::embedded`].
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(scenario);
        self
    }

    /// The certificates to use; by default [`Certificates::embedded`].
    pub fn certificates(mut self, certificates: Certificates) -> Self {
        self.certificates = Some(certificates);
        self
    }

    /// The clock to go by; by default that of the scenario, or one that runs with the machine's. A
    /// reset and every new named pod begin where it began.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Seeds the pod's chance; by default it differs at each start, as a restarted pod must not
    /// take the tokens of its former life for its own.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Address of the two TLS ports; by default 127.0.0.1.
    pub fn host(mut self, host: IpAddr) -> Self {
        self.host = host;
        self
    }

    /// Port on which a client certificate is optional; by default any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Port on which a client certificate is demanded; by default any free one.
    pub fn mtls_port(mut self, port: u16) -> Self {
        self.mtls_port = port;
        self
    }

    /// A further TLS port, which stands for a host of an installation and serves its part alone. Called
    /// again, it adds another.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::{Listen, ListenerRole, MockPod};
    ///
    /// let agent = Listen::new(ListenerRole::Agent);
    /// let pod = MockPod::builder().listen(agent.clone()).listen(agent).start().await?;
    /// assert_eq!(pod.listener("agent-2").map(|agent| agent.role()), Some(ListenerRole::Agent));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn listen(mut self, listen: Listen) -> Self {
        self.further.push(listen);
        self
    }

    /// Address of the control port; by default 127.0.0.1. Whoever reaches it rules the pod.
    pub fn control_host(mut self, host: IpAddr) -> Self {
        self.control_host = host;
        self
    }

    /// The control port, plain HTTP; by default any free one.
    pub fn control_port(mut self, port: u16) -> Self {
        self.control_port = port;
        self
    }

    /// What requests to the control port have to show, as `Authorization: Bearer`; by default
    /// nothing. `/livez` and `/readyz` stay free.
    pub fn control_token(mut self, token: &str) -> Self {
        self.control_token = Some(ControlToken::new(token));
        self
    }

    /// A further name under which the control port is reached, or `*` for any.
    ///
    /// IP addresses, `localhost`, names without a dot and those of domains that nobody can register
    /// (`*.localhost`, `*.local`, `*.internal`, `*.svc`, `*.test`, `*.example`, `*.home.arpa`) need
    /// none. Requests for any other name are refused, for a web page could make a browser send
    /// them (DNS rebinding), unless they show the control token.
    pub fn control_name(mut self, name: impl Into<String>) -> Self {
        self.control_names.push(name.into());
        self
    }

    /// Threads that serve; by default two. `None` takes one for each of the machine's processors.
    pub fn worker_threads(mut self, threads: Option<usize>) -> Self {
        self.worker_threads = threads;
        self
    }

    /// How many bytes the journal of the main pod may take; by default 4 MiB. The journal of a named
    /// pod may take a thirty-second part of it. With 0 there are none.
    pub fn journal_bytes(mut self, bytes: usize) -> Self {
        self.journal_bytes = bytes;
        self
    }

    /// How many named pods there may be at once; by default 20,000.
    pub fn max_pods(mut self, most: usize) -> Self {
        self.limits.pods = most;
        self
    }

    /// How many snapshots of a pod the control port keeps at once; by default 1,000.
    pub fn max_snapshots(mut self, most: usize) -> Self {
        self.limits.snapshots = most;
        self
    }

    /// How many faults of a pod may be planned at once; by default 1,000.
    pub fn max_faults(mut self, most: usize) -> Self {
        self.limits.faults = most;
        self
    }

    /// How long a client may take, on the machine's clock, from its handshake to the end of the head
    /// of its first request, and over each further head once it has begun; by default 30 seconds.
    pub fn head_patience(mut self, patience: Duration) -> Self {
        self.head_patience = patience;
        self
    }

    /// Starts the pod. When this returns it is ready, seeds included.
    pub async fn start(self) -> Result<MockPod, StartError> {
        let (report, ready) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("symphony-mock-pod".into())
            .spawn(move || self.run(report))
            .map_err(StartError::Thread)?;
        let started = ready.await.map_err(|_| {
            StartError::Thread(io::Error::other("the pod's thread ended before it was ready"))
        })??;
        Ok(MockPod {
            main: PodHandle::main(started.server),
            stop: started.stop,
            stopped: Some(started.stopped),
            _thread: thread,
        })
    }

    /// The pod's thread, from the first line to the last.
    fn run(self, report: oneshot::Sender<Result<Started, StartError>>) {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.enable_all().thread_name("symphony-mock-pod");
        if let Some(threads) = self.worker_threads {
            runtime.worker_threads(threads.max(1));
        }
        let runtime = match runtime.build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(report.send(Err(StartError::Thread(error)))),
        };
        let over = runtime.block_on(async {
            let (started, connections, mut stop) = match self.open().await {
                Ok(listening) => listening,
                Err(error) => {
                    drop(report.send(Err(error)));
                    return None;
                }
            };
            let (over, stopped) = oneshot::channel::<()>();
            let pods = Arc::clone(&started.server.pods);
            report.send(Ok(Started { stopped, ..started })).ok()?;
            drop(stop.wait_for(|stop| *stop != Stop::No).await);
            if *stop.borrow() == Stop::Orderly {
                // What was accepted is answered, and who waits does not wait longer than the pod.
                pods.close();
                drop(tokio::time::timeout(GRACE, connections.finished()).await);
            }
            Some(over)
        });
        // The listeners are part of the runtime: only when it is gone are the ports free, and only
        // then may whoever waits for the end go on.
        runtime.shutdown_timeout(GRACE);
        drop(over);
    }

    async fn open(self) -> Result<(Started, Connections, watch::Receiver<Stop>), StartError> {
        let provider = Arc::new(crypto_provider());
        let scenario = self.scenario.unwrap_or_else(Scenario::embedded);
        let seed = self.seed.unwrap_or_else(random_seed);
        let clock = self.clock.or_else(|| clock_of(&scenario)).unwrap_or_else(Clock::system);
        let clock = Arc::new(clock);
        let certificates = match self.certificates {
            Some(certificates) => certificates,
            None => Certificates::embedded(),
        };
        let certificates = Arc::new(certificates);
        let (signer_pem, signer_key) = certificates.signer();
        let signer = match certificates.are_embedded() {
            true => Signer::trusted(signer_pem, signer_key),
            false => Signer::new(signer_pem, signer_key),
        };
        let catalogue = Arc::new(api::catalogue());
        let listeners = Listeners::new(self.port, self.mtls_port, self.further)?;
        let listeners = Arc::new(listeners.behind_proxy(self.proxy.address.is_some()));
        let factory = Factory {
            certificates: Arc::clone(&certificates),
            signer: Arc::new(signer?),
            catalogue: Arc::clone(&catalogue),
            listeners: Arc::clone(&listeners),
            journal_bytes: self.journal_bytes,
            limits: self.limits,
        };
        let trust = Arc::new(Trust::new(Arc::clone(&provider)));
        let (of_main, clock_of_main) = (Arc::clone(&trust), Arc::clone(&clock));
        let pods = Arc::new(Pods::new(factory, scenario, seed, clock_of_main, of_main)?);
        let (server_pem, server_key) = certificates.server();
        let tls = |client_auth| {
            let (trust, clock) = (Arc::clone(&trust), Arc::clone(&clock));
            Tls::new(server_pem, server_key, client_auth, trust, clock, Arc::clone(&provider))
        };
        let optional = Arc::new(tls(ClientAuth::Optional)?);
        let required = Arc::new(tls(ClientAuth::Required)?);
        let mut sockets = Vec::new();
        for listener in listeners.all() {
            let (socket, address) = bind(listener.wanted(self.host), || flag(listener)).await?;
            listener.bound(address);
            sockets.push(socket);
        }
        let control = SocketAddr::new(self.control_host, self.control_port);
        let (control, control_address) = bind(control, || "--control-port".into()).await?;
        let of_proxy = match self.proxy.address {
            Some(address) => Some(bind(address, || "--proxy".into()).await?),
            None => None,
        };
        let credentials = self.proxy.credentials.clone();
        let told = of_proxy.as_ref();
        let told = told.map(|(_, address)| proxy::as_told(*address, credentials));

        let (stop, stopping) = watch::channel(Stop::No);
        let connections = Connections::default();
        let unread = UnreadAnswers::default();
        let limit = ConnectionLimit::of_process();
        let mut tls_ports = Vec::new();
        for (id, socket) in listeners.ids().zip(sockets) {
            let listener = ListenerRef::new(Arc::clone(&listeners), id);
            let tls = match listener.client_auth() {
                ClientAuth::Optional => Arc::clone(&optional),
                ClientAuth::Required => Arc::clone(&required),
            };
            let (pods, catalogue) = (Arc::clone(&pods), Arc::clone(&catalogue));
            let port = TlsPort {
                tls,
                service: ApiService::new(pods, catalogue, unread.clone(), listener),
                patience: self.head_patience,
                stop: stopping.clone(),
            };
            tls_ports.push(port.clone());
            let serve = move |stream, place| port.clone().serve(stream, place);
            let (limit, connections) = (limit.clone(), connections.clone());
            tokio::spawn(serve_places(socket, limit, connections, stopping.clone(), serve));
        }
        if let Some((socket, address)) = of_proxy {
            let how = (self.head_patience, stopping.clone());
            let pods = Arc::clone(&pods);
            let proxy = Proxy::new(self.proxy, address.port(), pods, tls_ports, how)?;
            let serve = move |stream, place| proxy.clone().serve(stream, place);
            let connections = connections.clone();
            tokio::spawn(serve_places(socket, limit, connections, stopping.clone(), serve));
        }
        let control_of_pods = Control {
            pods: Arc::clone(&pods),
            certificates: Arc::clone(&certificates),
            catalogue,
            listeners: Arc::clone(&listeners),
            proxy: told.clone(),
            aside: Background::default(),
            unread,
        };
        let entrance = ControlService::new(
            control_of_pods,
            self.control_token,
            ControlNames::new(&self.control_names),
        );
        tokio::spawn(serve_control(
            control,
            entrance,
            self.head_patience,
            connections.clone(),
            stopping.clone(),
        ));

        // Replaced by the caller; a channel of its own keeps `Started` whole.
        let (_, stopped) = oneshot::channel();
        let runtime = Handle::current();
        let (control, proxy) = (control_address, told);
        let server = Server { pods, certificates, listeners, control, proxy, seed, runtime };
        let started = Started { server, stop, stopped };
        Ok((started, connections, stopping))
    }
}

struct Started {
    server: Server,
    stop: watch::Sender<Stop>,
    stopped: oneshot::Receiver<()>,
}

async fn bind(
    address: SocketAddr,
    flag: impl FnOnce() -> String,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|error| StartError::Bind { address, port: flag(), error })
}

/// The flag that a listener comes of.
fn flag(listener: &Listener) -> String {
    match listener.name() {
        Listeners::MAIN => "--port".into(),
        Listeners::MTLS => "--mtls-port".into(),
        name => format!("--listen {}={name}", listener.role()),
    }
}

fn random_seed() -> u64 {
    use ring::rand::SecureRandom;
    let mut seed = [0; 8];
    if ring::rand::SystemRandom::new().fill(&mut seed).is_err() {
        // Then no TLS handshake will succeed either, and that error is the clearer one.
        tracing::error!("the system has no randomness to give");
    }
    u64::from_le_bytes(seed)
}
