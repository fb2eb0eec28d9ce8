//! A pod and its clients, so that a test reads as what somebody does and what he gets.

use std::cell::RefCell;
use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, Version};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use symphony_mock_pod::{Builder, Clock, Identity, MockPod, Scenario, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::contract;
use crate::messages::{form, part};

pub type TlsStream = tokio_rustls::client::TlsStream<TcpStream>;

/// Where frozen clocks of these tests stand: 15 June 2025, 15:06:40 UTC.
pub const FROZEN: Timestamp = Timestamp::from_millis(1_750_000_000_000);

/// A test that waits this long waits for something that will not come.
const PATIENCE: Duration = Duration::from_secs(20);

tokio::task_local! {
    /// What was asked and answered, where a test reads along.
    pub static TRANSCRIPT: RefCell<Vec<String>>;
}

/// A running pod.
pub struct Pod(MockPod);

/// One of a pod's two TLS ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// A client certificate is optional.
    Main,
    /// A client certificate is demanded in the handshake.
    Mtls,
}

/// An HTTP client with or without an identity.
pub struct Client {
    http: reqwest::Client,
    main: String,
    mtls: String,
    port: Port,
    /// The API files know what it gets.
    official: bool,
}

pub struct Request {
    method: Method,
    path: String,
    official: bool,
    builder: reqwest::RequestBuilder,
}

/// A service user who is logged in.
pub struct Bot {
    client: Client,
    pub token: String,
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The request, for messages.
    line: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub version: Version,
    pub body: String,
}

impl Deref for Pod {
    type Target = MockPod;

    fn deref(&self) -> &MockPod {
        &self.0
    }
}

impl Pod {
    /// The default pod.
    pub async fn start() -> Self {
        Self::built(MockPod::builder()).await
    }

    /// The default pod with these settings, in YAML.
    pub async fn with_settings(settings: &str) -> Self {
        let mut scenario = Scenario::embedded();
        scenario.settings = seeded(&format!("settings: {{ {settings} }}")).settings;
        Self::built(MockPod::builder().scenario(scenario)).await
    }

    /// The pod that a scenario in YAML describes.
    pub async fn seeded(scenario: &str) -> Self {
        Self::built(MockPod::builder().scenario(seeded(scenario))).await
    }

    /// The default pod with a clock that stands still at [`FROZEN`].
    pub async fn frozen() -> Self {
        Self::built(MockPod::builder().clock(Clock::frozen_at(FROZEN))).await
    }

    pub async fn built(builder: Builder) -> Self {
        Self(builder.start().await.expect("the pod starts"))
    }

    /// The pod itself, to stop it.
    pub fn into_inner(self) -> MockPod {
        self.0
    }

    /// A client without a certificate.
    pub fn anonymous(&self) -> Client {
        self.client_by(self.tls(None))
    }

    /// A client with the certificate of this user, app, or nobody at all.
    pub fn client(&self, name: &str) -> Client {
        let identity = self.identity(name).expect("an identity can be issued");
        self.client_with(&identity)
    }

    pub fn client_with(&self, identity: &Identity) -> Client {
        self.client_by(self.tls(Some(identity)))
    }

    pub fn client_by(&self, mut tls: ClientConfig) -> Client {
        tls.alpn_protocols = vec![b"h2".into(), b"http/1.1".into()];
        let http = reqwest::Client::builder().tls_backend_preconfigured(tls).timeout(PATIENCE);
        let http = http.no_proxy().build().expect("a client");
        Client { http, main: self.url(), mtls: self.mtls_url(), port: Port::Main, official: true }
    }

    /// A client of another listener, with the certificate of this user or app, or without one.
    pub fn at(&self, listener: &str, name: Option<&str>) -> Client {
        let client = name.map_or_else(|| self.anonymous(), |name| self.client(name));
        Client { main: self.url_of(listener).expect("a listener"), ..client }
    }

    /// A client of the control port.
    pub fn control(&self) -> Client {
        let official = false;
        Client { main: self.control_url(), mtls: String::new(), official, ..self.anonymous() }
    }

    /// The client's side of TLS: it trusts the pod's authority, and offers no application protocol.
    pub fn tls(&self, identity: Option<&Identity>) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        for authority in certificates(self.ca_pem()) {
            roots.add(authority).expect("the pod's authority");
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_root_certificates(roots);
        let Some(identity) = identity else {
            return config.with_no_client_auth();
        };
        let key = PrivateKeyDer::from_pem_slice(identity.key_pem().as_bytes()).expect("a key");
        config
            .with_client_auth_cert(certificates(identity.certificate_pem()), key)
            .expect("certificate and key belong together")
    }

    /// A new `sessionToken` for this user.
    pub async fn log_in(&self, name: &str) -> String {
        self.client(name).post("/sessionauth/v1/authenticate").send().await.token()
    }

    /// This service user, logged in.
    pub async fn bot(&self, name: &str) -> Bot {
        Bot { token: self.log_in(name).await, client: self.anonymous() }
    }

    /// A new `keyManagerToken` for this user.
    pub async fn log_in_to_key_manager(&self, name: &str) -> String {
        self.client(name).post("/keyauth/v1/authenticate").send().await.token()
    }

    /// The answer to "who am I" with this token.
    pub async fn session_info(&self, token: &str) -> Answer {
        self.anonymous().get("/pod/v2/sessioninfo").session(token).send().await
    }

    /// Makes a TLS handshake.
    pub async fn connect(&self, port: Port, tls: &ClientConfig) -> io::Result<TlsStream> {
        let number = match port {
            Port::Main => self.port(),
            Port::Mtls => self.mtls_port(),
        };
        self.connect_to(number, tls).await
    }

    /// Makes a TLS handshake with whatever listens on this port.
    pub async fn connect_to(&self, number: u16, tls: &ClientConfig) -> io::Result<TlsStream> {
        let stream = TcpStream::connect(("127.0.0.1", number)).await?;
        let localhost = ServerName::try_from("localhost").expect("a name");
        TlsConnector::from(Arc::new(tls.clone())).connect(localhost, stream).await
    }

    /// Sends these bytes over a connection of their own and reads until the pod ends it.
    pub async fn exchange(&self, tls: &ClientConfig, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect(Port::Main, tls).await.expect("a connection");
        stream.write_all(request.as_ref()).await.expect("the pod reads");
        // Where the socket was full the end of it waits in the TLS session, and reading sends nothing.
        drop(stream.flush().await);
        let mut answer = Vec::new();
        // The pod may end the connection while it is still being written to: what it said counts.
        let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer));
        drop(reading.await.expect("the pod answers"));
        String::from_utf8(answer).expect("the answer is text")
    }
}

impl Client {
    /// Turns to the other TLS port.
    pub fn on(mut self, port: Port) -> Self {
        self.port = port;
        self
    }

    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    pub fn request(&self, method: Method, path: &str) -> Request {
        let base = match self.port {
            Port::Main => &self.main,
            Port::Mtls => &self.mtls,
        };
        let builder = self.http.request(method.clone(), format!("{base}{path}"));
        Request { method, path: path.to_owned(), official: self.official, builder }
    }
}

impl Bot {
    pub async fn get(&self, path: &str) -> Answer {
        self.client.get(path).session(&self.token).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.post(path).session(&self.token).json(body).send().await
    }

    /// Posts a message as a form has it.
    pub async fn submit(&self, path: &str, message_ml: &str) -> Answer {
        let request = self.client.post(path).session(&self.token);
        form(request, &[part("message", message_ml)]).send().await
    }

    /// Posts nothing, without a `Content-Type`.
    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.client.post(path).session(&self.token).send().await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.client.request(Method::DELETE, path).session(&self.token).send().await
    }
}

impl Request {
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// With this `sessionToken`.
    pub fn session(self, token: &str) -> Self {
        self.header("sessionToken", token)
    }

    /// With a body, and no `Content-Type`.
    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self { builder: self.builder.body(body), ..self }
    }

    pub fn json(self, body: &Value) -> Self {
        Self { builder: self.builder.json(body), ..self }
    }

    /// Its answer has what the API files do not, as the test wants it.
    pub fn beyond_the_files(self) -> Self {
        Self { official: false, ..self }
    }

    /// Sends it. Whatever was asked, the answer must be one that clients can live with.
    pub async fn send(self) -> Answer {
        let Self { method, path, official, builder } = self;
        let line = format!("{method} {path}");
        let response = builder.send().await.unwrap_or_else(|error| panic!("{line}: {error:?}"));
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            version: response.version(),
            body: response.text().await.unwrap_or_else(|error| panic!("{line}: {error:?}")),
            line,
        };
        let written = format!("{}\n{} {}", answer.line, answer.status, answer.body);
        // Nobody reads along in most tests.
        let _ = TRANSCRIPT.try_with(|transcript| transcript.borrow_mut().push(written));
        // A planned fault is meant to be hard to live with.
        if answer.headers.contains_key("x-mock-fault") {
            return answer;
        }
        answer.assert_livable();
        match official {
            true => contract::check(&method, &path, &answer),
            false => contract::control_port::check(&method, &path, &answer),
        }
        answer
    }

    /// Sends it; the connection may not get as far as HTTP.
    pub async fn try_send(self) -> Result<u16, reqwest::Error> {
        self.builder.send().await.map(|response| response.status().as_u16())
    }

    /// Sends it in vain: the connection does not get as far as HTTP.
    pub async fn assert_no_answer(self) {
        if let Ok(response) = self.builder.send().await {
            panic!("{}: an answer where none should be: {response:?}", self.path);
        }
    }
}

impl Answer {
    #[track_caller]
    pub fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.line, self.body);
        self
    }

    /// An error as pod, agent and the logins say it: `{code, message}`.
    #[track_caller]
    pub fn assert_error(self, status: u16, message: &str) -> Self {
        let answer = self.assert_status(status);
        let error = json!({ "code": status, "message": message });
        assert_eq!(answer.json(), error, "{}", answer.line);
        answer
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.line, self.body))
    }

    /// The token of a login that succeeded.
    #[track_caller]
    pub fn token(self) -> String {
        let answer = self.assert_status(200);
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        let value = value.unwrap_or_else(|| panic!("{}: no {name}: {:?}", self.line, self.headers));
        value.to_str().expect("a readable header")
    }

    /// SDKs read every error body, by its Content-Type; and no mistake of a client's is the pod's.
    fn assert_livable(&self) {
        if self.status < 400 {
            return;
        }
        // 503 is what a datafeed 1 too many is documented to get.
        assert!(self.status < 500 || self.status == 503, "{self:?}");
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        assert!(!self.body.is_empty(), "{self:?}");
        assert!(self.json().is_object(), "{self:?}");
    }
}

/// What `wait` waits for, or a failed test.
pub async fn patiently<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, wait).await.expect("it comes in time")
}

fn seeded(scenario: &str) -> Scenario {
    Scenario::parse(scenario).expect("a scenario")
}

fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().expect("PEM")
}
