//! The pod under attack.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use symphony_mock_pod::{Certificates, Identity, MockPod};

/// The pod, with the clients that attack it.
pub struct Target {
    pod: Running,
    pub port: u16,
    pub control_port: u16,
    /// HTTP/1.1 and HTTP/2 with the certificate of `bot`; HTTP/1.1 for the control port.
    pub clients: [reqwest::Client; 2],
}

enum Running {
    Here(#[allow(dead_code, reason = "it runs as long as it lives")] MockPod),
    Process { process: Mutex<Child>, log: Arc<Mutex<String>> },
}

/// A client waits no longer: then there is no answer.
const PATIENCE: Duration = Duration::from_secs(60);

impl Target {
    pub async fn start() -> Self {
        let (pod, port, control_port) = match std::env::var("MOCK_POD_BIN") {
            Ok(binary) => Self::process(&binary),
            Err(_) => {
                let pod = MockPod::builder().seed(1).start().await.expect("the pod starts");
                let ports = (pod.port(), pod.control_port());
                (Running::Here(pod), ports.0, ports.1)
            }
        };
        let certificates = Certificates::embedded().expect("they are built in");
        let bot = certificates.identity("bot").expect("it is one of them");
        let clients = [false, true].map(|h2| client(&certificates, &bot, h2));
        Self { pod, port, control_port, clients }
    }

    fn process(binary: &str) -> (Running, u16, u16) {
        let ports = ["--port", "0", "--mtls-port", "0", "--control-port", "0", "--seed", "1"];
        let mut command = Command::new(binary);
        command.arg("serve").args(ports).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the binary runs");
        let mut ready = String::new();
        let stdout = process.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut ready).expect("a line");
        let ready: Value = serde_json::from_str(&ready).expect("the ready line");
        let port = |name: &str| ready[name].as_u64().and_then(|it| it.try_into().ok());
        let (port, control_port) = (port("port").unwrap(), port("controlPort").unwrap());
        let log = Arc::<Mutex<String>>::default();
        let mut stderr = process.stderr.take().expect("it was piped");
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            let mut piece = [0; 65_536];
            while let Ok(length @ 1..) = stderr.read(&mut piece) {
                let text = String::from_utf8_lossy(&piece[..length]);
                // Only what should not be there is kept.
                let bad =
                    text.lines().filter(|line| line.contains("panicked") || line.contains("ERROR"));
                kept.lock().unwrap().extend(bad.map(|line| format!("{line:.500}\n")));
            }
        });
        (Running::Process { process: Mutex::new(process), log }, port, control_port)
    }

    /// Whether time and memory mean something: those of an optimised program do.
    pub fn is_judged(&self) -> bool {
        matches!(self.pod, Running::Process { .. })
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

    /// The process runs, and has nothing to complain of.
    pub fn assert_sound(&self) {
        if let Running::Process { process, log } = &self.pod {
            assert!(process.lock().unwrap().try_wait().expect("a child").is_none(), "it ended");
            let log = log.lock().unwrap();
            assert!(log.is_empty(), "{log:.2000}");
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

fn client(certificates: &Certificates, bot: &Identity, h2: bool) -> reqwest::Client {
    let read = |pem: &str| {
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().expect("PEM")
    };
    let mut roots = RootCertStore::empty();
    for authority in read(certificates.authority_pem()) {
        roots.add(authority).expect("the pod's authority");
    }
    let key = PrivateKeyDer::from_pem_slice(bot.key_pem().as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_client_auth_cert(read(bot.certificate_pem()), key)
        .expect("certificate and key belong together");
    tls.alpn_protocols = vec![if h2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }];
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).timeout(PATIENCE);
    client.no_proxy().build().expect("a client")
}
