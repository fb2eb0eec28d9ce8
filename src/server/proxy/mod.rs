//! The forward proxy: what companies have between their bots and Symphony. It leads to the pod's own TLS ports, and a
//! client that has its tunnel is served on the connection that it has, as one that came to the port itself.

mod answers;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};

use answers::{ESTABLISHED, answer, ends, injected, refused, written};

use super::connections::TlsPort;
use super::{Builder, StartError, Stop};
use crate::clock::patience;
use crate::control::{Pods, Replacement, Tenant, Tunnel, TunnelOutcome, TunnelRefusal};
use crate::sdk::{ProxyCredentials, SdkProxy};
use crate::transport::{HeadError, Listeners, hear_out, read_head};

/// What a forward proxy is started with.
#[derive(Debug, Default)]
pub(super) struct ProxySettings {
    pub address: Option<SocketAddr>,
    pub credentials: Option<ProxyCredentials>,
    /// Names, and the ports that they stand for.
    pub hosts: Vec<(String, String)>,
}

/// What a connection to the proxy needs to know.
#[derive(Clone)]
pub(super) struct Proxy {
    port: u16,
    pods: Arc<Pods>,
    ports: Arc<[TlsPort]>,
    /// Names in lower case, and the places of the ports that they stand for.
    hosts: Arc<[(String, usize)]>,
    credentials: Option<ProxyCredentials>,
    /// How long the head of a request may take.
    patience: Duration,
    stop: watch::Receiver<Stop>,
}

/// The ports of real pods, and those that this one has unless told otherwise; with the names of the
/// ports that they stand for where no port has the number.
const KNOWN: [(u16, &str); 3] =
    [(443, Listeners::MAIN), (8443, Listeners::MAIN), (8444, Listeners::MTLS)];

impl Builder {
    /// Where a forward proxy listens; by default there is none.
    ///
    /// It tunnels `CONNECT` to the pod's TLS ports and nowhere else: whatever the host, to the port
    /// that has the number; 443 and 8443 stand for the port on which a client certificate is optional,
    /// and 8444 for the other one. The main pod's journal has what came to it.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use symphony_mock_pod::MockPod;
    ///
    /// let pod = MockPod::builder().proxy("127.0.0.1:0".parse()?).start().await?;
    /// let bot = pod.bot("bot")?;
    /// let http = reqwest::Client::builder()
    ///     .tls_backend_preconfigured(bot.tls_config()?)
    ///     .proxy(reqwest::Proxy::all(pod.proxy_url().unwrap())?)
    ///     .build()?;
    /// http.post(format!("{}/sessionauth/v1/authenticate", bot.url())).send().await?;
    /// let through = pod.requests().pop().unwrap().tunnel.unwrap();
    /// assert_eq!(through.target, format!("localhost:{}", pod.port()));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn proxy(mut self, address: SocketAddr) -> Self {
        self.proxy.address = Some(address);
        self
    }

    /// What clients have to show to the forward proxy, as `Proxy-Authorization: Basic`; others are
    /// answered 407. By default nothing. A name has no colon (RFC 7617).
    pub fn proxy_credentials(mut self, name: &str, password: &str) -> Self {
        self.proxy.credentials = Some(ProxyCredentials::new(name, password));
        self
    }

    /// A name, `HOST` or `HOST:PORT`, that leads through the forward proxy to the listener called so:
    /// `main`, `mtls`, or one of [`listen`](Self::listen).
    pub fn proxy_host(mut self, name: impl Into<String>, listener: impl Into<String>) -> Self {
        self.proxy.hosts.push((name.into(), listener.into()));
        self
    }
}

impl Proxy {
    /// # Errors
    /// A name stands for a port that there is not.
    pub fn new(
        settings: ProxySettings,
        port: u16,
        pods: Arc<Pods>,
        ports: Vec<TlsPort>,
        (patience, stop): (Duration, watch::Receiver<Stop>),
    ) -> Result<Self, StartError> {
        let known = || ports.iter().map(|port| port.service.listener().name());
        let place = |(name, listener): (String, String)| match known()
            .position(|known| known == listener)
        {
            Some(place) => Ok((name.to_lowercase(), place)),
            None => {
                let known = known().collect::<Vec<_>>().join(", ");
                Err(StartError::ProxyHost { name, listener, known })
            }
        };
        let hosts = settings.hosts.into_iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let credentials = settings.credentials;
        let (ports, hosts) = (ports.into(), hosts.into());
        Ok(Self { port, pods, ports, hosts, credentials, patience, stop })
    }

    /// Serves a connection. `place` is its own as long as it is open.
    pub async fn serve(self, mut stream: TcpStream, place: Option<OwnedSemaphorePermit>) {
        let mut stop = self.stop.clone();
        let port = tokio::select! {
            port = self.lead(&mut stream) => port,
            _ = stop.wait_for(|stop| *stop != Stop::No) => return,
        };
        match port {
            Ok(port) => port.serve(stream, place).await,
            Err(End::InOrder) => tokio::select! {
                () = hear_out(stream) => {}
                _ = stop.wait_for(|stop| *stop != Stop::No) => {}
            },
            // A socket that closes without time to linger resets its connection.
            Err(End::Reset) => drop(stream.set_zero_linger()),
        }
    }

    /// The port that a client wants a tunnel to, once it knows that it has it; or how its connection ends.
    async fn lead(&self, stream: &mut TcpStream) -> Result<TlsPort, End> {
        loop {
            let request = self.request(stream).await.ok_or(End::InOrder)?;
            let shown = shown(request.headers());
            let name = shown.as_ref().and_then(|shown| Some(shown.as_ref()?.username.clone()));
            let mut tunnel = Tunnel::asked(request.uri(), name);
            let (port, answer) = match self.struck(stream, &request).await {
                Some((refusal, answer)) => (Err(refusal), answer),
                None => {
                    let port = self.decide(&request, shown);
                    let answer = port.as_ref().err().map(refused);
                    (port, answer)
                }
            };
            tunnel.port = port.as_ref().ok().map(number);
            let tunnel = Arc::new(tunnel);
            let main = self.pods.main();
            let note = |outcome| {
                main.journal.tunnel(&main.pod.clock, self.port, &request, &tunnel, outcome);
            };
            let refusal = match port {
                Ok(port) => {
                    note(TunnelOutcome::Open);
                    self.say(stream, ESTABLISHED).await.ok_or(End::InOrder)?;
                    return Ok(TlsPort { service: port.service.through(tunnel), ..port });
                }
                Err(refusal) => refusal,
            };
            note(TunnelOutcome::Refused(refusal));
            let answer = answer.ok_or(End::Reset)?;
            let ends = ends(&request, answer.status());
            self.say(stream, &written(answer, ends)).await.ok_or(End::InOrder)?;
            if ends {
                return Err(End::InOrder);
            }
        }
    }

    /// What a fault of the main pod makes of a `CONNECT`: a refusal, and its answer if there is one. None where there
    /// is no such fault, or it has only held the client up.
    async fn struck(
        &self,
        stream: &TcpStream,
        request: &Request<()>,
    ) -> Option<(TunnelRefusal, Option<Response<String>>)> {
        let Tenant { pod, faults, .. } = &**self.pods.main();
        if request.method() != Method::CONNECT || !faults.armed() {
            return None;
        }
        let mut hit = faults.hit_tunnel()?;
        let fault = Arc::clone(&hit.name);
        let holds = async {
            if !hit.delay(&pod.clock).await {
                return None;
            }
            let effects = Arc::clone(&hit.effects);
            match &effects.instead {
                Some(Replacement::Answer { status, body, headers }) => {
                    Some(Some(injected(&hit.name, *status, body.as_ref(), headers)))
                }
                Some(Replacement::Reset) => Some(None),
                Some(Replacement::Silence) => {
                    hit.removed().await;
                    None
                }
                _ => None,
            }
        };
        let answer = tokio::select! {
            answer = holds => answer?,
            () = left(stream) => None,
        };
        let status = answer.as_ref().map(Response::status);
        Some((TunnelRefusal::Injected { fault, status }, answer))
    }

    /// The head of the next request. None where none comes that can be read: the client was told.
    async fn request(&self, stream: &mut TcpStream) -> Option<Request<()>> {
        let mut heard = Vec::new();
        let (status, why) = match patience(self.patience, read_head(stream, &mut heard)).await {
            Some(Ok(request)) => return request,
            Some(Err(HeadError::Io(error))) => {
                tracing::debug!(port = self.port, "a connection to the proxy broke: {error}");
                return None;
            }
            Some(Err(HeadError::Tls)) => (
                StatusCode::BAD_REQUEST,
                "This port is a forward proxy that speaks plain HTTP, and TLS came: its URL begins with \
                 http://",
            ),
            Some(Err(HeadError::TooLarge)) => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "The headers of the request are too large",
            ),
            Some(Err(HeadError::Unreadable)) => {
                (StatusCode::BAD_REQUEST, "The request cannot be read as HTTP")
            }
            // A client that sent nothing gets no answer: it could take it for that to its next request.
            None if heard.is_empty() => return None,
            None => (StatusCode::REQUEST_TIMEOUT, "The head of the request took too long"),
        };
        tracing::info!(port = self.port, "{status} on the proxy: {why}");
        let main = self.pods.main();
        main.journal.unreadable_for_proxy(&main.pod.clock, self.port, status, why);
        self.say(stream, &written(answer(status, why), true)).await?;
        None
    }

    /// Where a request leads.
    fn decide(
        &self,
        request: &Request<()>,
        shown: Option<Option<ProxyCredentials>>,
    ) -> Result<TlsPort, TunnelRefusal> {
        if request.method() != Method::CONNECT {
            let method = request.method().clone();
            return Err(TunnelRefusal::NotATunnel { method });
        }
        if let Some(demanded) = &self.credentials {
            match shown {
                None => return Err(TunnelRefusal::ProxyCredentialsMissing),
                Some(None) => return Err(TunnelRefusal::ProxyCredentialsUnreadable),
                Some(Some(shown)) if shown != *demanded => {
                    let name_is_right = shown.username == demanded.username;
                    return Err(TunnelRefusal::ProxyCredentialsWrong { name_is_right });
                }
                Some(Some(_)) => {}
            }
        }
        let authority = request.uri().authority().filter(|it| !it.as_str().contains('@'));
        let target = authority.and_then(|authority| Some((authority, authority.port_u16()?)));
        let Some((authority, number)) = target else {
            return Err(TunnelRefusal::TunnelTargetMalformed);
        };
        let place_of = |name: &str| {
            let named = self.hosts.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            named.map(|(_, place)| &self.ports[*place])
        };
        let called =
            |wanted: &str| self.ports.iter().find(|port| port.service.listener().name() == wanted);
        let port = place_of(authority.as_str())
            .or_else(|| place_of(authority.host()))
            .or_else(|| self.ports.iter().find(|port| self::number(port) == number))
            .or_else(|| {
                let (_, name) = KNOWN.iter().find(|(known, _)| *known == number)?;
                called(name)
            });
        port.cloned().ok_or_else(|| TunnelRefusal::TunnelTargetElsewhere {
            ports: self.ports.iter().map(self::number).collect(),
        })
    }

    /// Writes an answer. None where the client does not take it.
    async fn say(&self, stream: &mut TcpStream, answer: &[u8]) -> Option<()> {
        patience(self.patience, stream.write_all(answer)).await?.ok()
    }
}

/// How a connection ends that leads nowhere.
enum End {
    InOrder,
    Reset,
}

/// Returns when the client has left. Not if it goes on speaking: what it says is the tunnel's.
async fn left(stream: &TcpStream) {
    if let Ok(1..) = stream.peek(&mut [0]).await {
        std::future::pending().await
    }
}

/// What a request shows to the proxy: nothing, something that cannot be read, or credentials.
fn shown(headers: &HeaderMap) -> Option<Option<ProxyCredentials>> {
    let shown = headers.get(header::PROXY_AUTHORIZATION)?;
    let read = || {
        let (scheme, encoded) = shown.to_str().ok()?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (name, password) = decoded.split_once(':')?;
        scheme.eq_ignore_ascii_case("basic").then(|| ProxyCredentials::new(name, password))
    };
    Some(read())
}

fn number(port: &TlsPort) -> u16 {
    port.service.listener().port()
}

/// A proxy, as clients are told of it.
pub(super) fn as_told(address: SocketAddr, credentials: Option<ProxyCredentials>) -> SdkProxy {
    SdkProxy {
        host: match address.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        },
        port: address.port(),
        credentials,
    }
}
