//! The pod under attack, in `tests/hostile` and `tests/soak`.

#![allow(dead_code, reason = "each of the two uses a part")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use symphony_mock_pod::{Certificates, Clock, MockPod, Scenario, Timestamp};
use time::OffsetDateTime;
use time::macros::datetime;

/// The pod, with the clients that attack it.
pub struct Target {
    pod: Running,
    pub port: u16,
    pub mtls_port: u16,
    pub control_port: u16,
    /// HTTP/1.1 and HTTP/2 with the certificate of `bot`; HTTP/1.1 for the control port.
    pub clients: [reqwest::Client; 2],
}

enum Running {
    Here(#[allow(dead_code, reason = "it runs as long as it lives")] MockPod),
    Process { process: Mutex<Child>, log: Arc<Mutex<Log>> },
}

/// What a process says that it should not.
#[derive(Default)]
struct Log {
    errors: String,
    /// How many warnings, and the first.
    warnings: (u64, String),
}

/// The pod's clock stands still here: what is good until a second is good or not, and no session ends
/// in an hour of attacks.
pub const NOW: OffsetDateTime = datetime!(2030-01-01 00:00 UTC);

/// A client waits no longer: then there is no answer.
pub const PATIENCE: Duration = Duration::from_secs(60);

impl Target {
    /// At [`NOW`], where the clock stands still.
    pub async fn start() -> Self {
        Self::started(None, true).await
    }

    /// With a scenario of its own.
    pub async fn start_from(scenario: &str) -> Self {
        Self::started(Some(scenario), true).await
    }

    /// With a clock that runs.
    pub async fn start_running() -> Self {
        Self::started(None, false).await
    }

    async fn started(scenario: Option<&str>, frozen: bool) -> Self {
        let (pod, [port, mtls_port, control_port]) = match std::env::var("MOCK_POD_BIN") {
            Ok(binary) => Self::process(&binary, scenario, frozen),
            Err(_) => {
                let now: u64 = NOW.unix_timestamp().try_into().expect("after 1970");
                let now = Timestamp::from_millis(now * 1_000);
                let clock = if frozen { Clock::frozen_at(now) } else { Clock::running_from(now) };
                let scenario = scenario.map_or_else(Scenario::embedded, |scenario| {
                    Scenario::parse(scenario).expect("a scenario")
                });
                let pod = MockPod::builder().seed(1).clock(clock).scenario(scenario).start().await;
                let pod = pod.expect("the pod starts");
                let ports = [pod.port(), pod.mtls_port(), pod.control_port()];
                (Running::Here(pod), ports)
            }
        };
        let clients = [false, true].map(client);
        Self { pod, port, mtls_port, control_port, clients }
    }

    fn process(binary: &str, scenario: Option<&str>, frozen: bool) -> (Running, [u16; 3]) {
        let ports = ["--port", "0", "--mtls-port", "0", "--control-port", "0", "--seed", "1"];
        let clock = ["--clock", "2030-01-01T00:00:00Z", "--clock-frozen"];
        let clock = if frozen { &clock[..] } else { &clock[..2] };
        let mut command = Command::new(binary);
        // It would wonder what that is for.
        command.env_remove("MOCK_POD_BIN");
        let file = std::env::temp_dir().join(format!("hostile-{}.yaml", std::process::id()));
        command.arg("serve").args(ports).args(clock);
        if let Some(scenario) = scenario {
            std::fs::write(&file, scenario).expect("a file");
            command.arg("--scenario").arg(&file);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary runs");
        let mut ready = String::new();
        let stdout = process.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut ready).expect("a line");
        drop(std::fs::remove_file(file));
        let ready: Value = serde_json::from_str(&ready).expect("the ready line");
        let ports = ["port", "mtlsPort", "controlPort"].map(|name| {
            let port = ready[name].as_u64().and_then(|port| port.try_into().ok());
            port.expect("a port of the ready line")
        });
        let log = Arc::<Mutex<Log>>::default();
        let mut stderr = process.stderr.take().expect("it was piped");
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            let mut piece = [0; 65_536];
            while let Ok(length @ 1..) = stderr.read(&mut piece) {
                let text = String::from_utf8_lossy(&piece[..length]);
                let mut log = kept.lock().unwrap();
                for line in text.lines() {
                    if line.contains("panicked") || line.contains("ERROR") {
                        log.errors.push_str(&format!("{line:.500}\n"));
                    } else if line.contains("WARN") {
                        if log.warnings.0 == 0 {
                            log.warnings.1 = line.to_owned();
                        }
                        log.warnings.0 += 1;
                    }
                }
            }
        });
        (Running::Process { process: Mutex::new(process), log }, ports)
    }

    /// Whether time and memory mean something: those of an optimised program do.
    pub fn is_judged(&self) -> bool {
        matches!(self.pod, Running::Process { .. })
    }

    /// The token of a new session of `bot`.
    pub async fn log_in(&self) -> String {
        let url = format!("https://localhost:{}/sessionauth/v1/authenticate", self.port);
        let login = self.clients[1].post(url).send().await.expect("a login");
        let login: Value =
            serde_json::from_slice(&login.bytes().await.expect("all of it")).expect("JSON");
        login["token"].as_str().expect("a token").to_owned()
    }

    /// What the control port says at a path.
    pub async fn control(&self, path: &str) -> Value {
        let url = format!("http://127.0.0.1:{}{path}", self.control_port);
        let answer = self.clients[0].get(url).send().await.expect("the control port answers");
        serde_json::from_slice(&answer.bytes().await.expect("all of it")).expect("JSON")
    }

    /// Resident memory of the pod's process, in kB.
    pub fn memory(&self) -> Option<u64> {
        let Running::Process { process, .. } = &self.pod else { return None };
        let path = format!("/proc/{}/status", process.lock().unwrap().id());
        let status = std::fs::read_to_string(path).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    /// How long the pod's process has worked, in hundredths of a second; nothing where it is this one.
    pub fn worked(&self) -> Duration {
        let Running::Process { process, .. } = &self.pod else { return Duration::ZERO };
        let path = format!("/proc/{}/stat", process.lock().unwrap().id());
        let stat = std::fs::read_to_string(path).unwrap_or_default();
        // proc(5): the name, which may hold anything, ends with a bracket; then `state` is the third.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
        let ticks = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
        Duration::from_millis(10 * ticks.sum::<u64>())
    }

    /// The process runs, and has nothing to complain of.
    pub fn assert_sound(&self) {
        if let Running::Process { process, log } = &self.pod {
            assert!(process.lock().unwrap().try_wait().expect("a child").is_none(), "it ended");
            let log = log.lock().unwrap();
            assert!(log.errors.is_empty(), "{:.2000}", log.errors);
        }
    }

    /// The process warned of nothing.
    pub fn assert_no_warning(&self) {
        if let Running::Process { log, .. } = &self.pod {
            let (count, first) = &log.lock().unwrap().warnings;
            assert_eq!(*count, 0, "the first: {first}");
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Running::Process { process, .. } = &self.pod {
            let mut process = process.lock().unwrap();
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// What a client of the pod trusts.
pub fn roots() -> RootCertStore {
    let certificates = Certificates::embedded();
    let mut roots = RootCertStore::empty();
    for authority in chain(certificates.authority_pem()) {
        roots.add(authority).expect("the pod's authority");
    }
    roots
}

fn chain(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().expect("PEM")
}

/// A client with the certificate of `bot`, which speaks HTTP/1.1 or HTTP/2.
pub fn client(h2: bool) -> reqwest::Client {
    let certificates = Certificates::embedded();
    let bot = certificates.identity("bot").expect("it is one of them");
    let key = PrivateKeyDer::from_pem_slice(bot.key_pem().as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots())
        .with_client_auth_cert(chain(bot.certificate_pem()), key)
        .expect("certificate and key belong together");
    tls.alpn_protocols = vec![if h2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).timeout(PATIENCE);
    // What an answer's reader has not asked for waits with the pod.
    let client = client.http2_initial_stream_window_size(65_535);
    let client = client.http2_initial_connection_window_size(65_535);
    client.no_proxy().build().expect("a client")
}
