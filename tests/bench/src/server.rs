//! The servers under measurement: started, watched through `/proc`, ended.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// How to start a server; it listens on the loopback, on a port chosen at each start.
#[derive(Clone, Debug)]
pub enum Kind {
    /// The mock pod's binary, with or without its journal; certificates, unless its own, in a folder.
    Mock {
        binary: PathBuf,
        scenario: Option<PathBuf>,
        journal: bool,
        certificates: Option<PathBuf>,
    },
    /// nginx with a fixed JSON answer behind the same certificates.
    Nginx { program: PathBuf, certificates: PathBuf, body: String, sessions: Sessions },
}

/// What nginx offers for resumption.
#[derive(Clone, Copy, Debug)]
pub enum Sessions {
    /// A shared session cache and tickets, as sites are usually set up.
    CacheAndTickets,
    /// Neither: the least work nginx can have with a full handshake.
    None,
}

/// A running server; dropping it ends it.
pub struct Server {
    /// Where TLS with a mandatory client certificate is spoken.
    pub address: SocketAddr,
    /// Where the mock pod's test side is spoken to, without TLS.
    pub control: SocketAddr,
    started: Instant,
    process: Child,
    stop: Option<Command>,
}

impl Server {
    /// Starts the process; it is not ready yet. `folder` takes its files.
    pub fn start(kind: &Kind, folder: &Path) -> Result<Self> {
        let (port, control) = (free_port()?, free_port()?);
        let (mut command, stop) = match kind {
            Kind::Mock { binary, scenario, journal, certificates } => {
                let mut command = Command::new(binary);
                command
                    .args([
                        "serve",
                        "--port",
                        "0",
                        "--control-port",
                        &control.to_string(),
                        "--mtls-port",
                        &port.to_string(),
                    ])
                    .stdout(Stdio::null())
                    .stderr(File::create(folder.join(format!("mock-{port}.log")))?);
                if let Some(certificates) = certificates {
                    command.arg("--certs").arg(certificates);
                }
                if let Some(scenario) = scenario {
                    command.arg("--scenario").arg(scenario);
                }
                if !journal {
                    command.args(["--journal-bytes", "0"]);
                }
                (command, None)
            }
            Kind::Nginx { program, certificates, body, sessions } => {
                let home = folder.join(format!("nginx-{port}"));
                fs::create_dir_all(&home)?;
                fs::write(
                    home.join("nginx.conf"),
                    nginx_settings(port, certificates, body, *sessions, &home)?,
                )?;
                let invoke = |arguments: &[&str]| {
                    let mut command = Command::new(program);
                    command
                        .arg("-p")
                        .arg(&home)
                        .arg("-c")
                        .arg(home.join("nginx.conf"))
                        .args(arguments);
                    command.stdout(Stdio::null());
                    command
                };
                let mut start = invoke(&[]);
                start.stderr(File::create(home.join("stderr"))?);
                let mut stop = invoke(&["-s", "stop"]);
                stop.stderr(Stdio::null());
                (start, Some(stop))
            }
        };
        let started = Instant::now();
        let process =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("{command:?}"))?;
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Self { address: at(port), control: at(control), started, process, stop })
    }

    /// Time since the process was started.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Processor time used so far by the process and its children. `schedstat` counts nanoseconds where `stat` counts ticks of 10 ms.
    pub fn cpu(&self) -> Result<Duration> {
        let mut nanoseconds = 0;
        for process in self.processes()? {
            for task in fs::read_dir(format!("/proc/{process}/task"))? {
                let times = fs::read_to_string(task?.path().join("schedstat"))?;
                let running = times.split_whitespace().next().context("empty schedstat")?;
                nanoseconds += running.parse::<u64>()?;
            }
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Resident memory in bytes, the sum over the process and its children.
    pub fn resident(&self) -> Result<u64> {
        let mut kibibytes = 0;
        for process in self.processes()? {
            let status = fs::read_to_string(format!("/proc/{process}/status"))?;
            let line =
                status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
            kibibytes += line.trim_end_matches("kB").trim().parse::<u64>()?;
        }
        Ok(kibibytes * 1024)
    }

    fn processes(&self) -> Result<Vec<u32>> {
        let parent = self.process.id();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
        let mut all = vec![parent];
        for child in children.split_whitespace() {
            all.push(child.parse()?);
        }
        Ok(all)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killing nginx's master would leave its workers behind; it is asked to stop instead.
        let asked = self
            .stop
            .as_mut()
            .is_some_and(|stop| stop.status().is_ok_and(|status| status.success()));
        if !asked {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

fn nginx_settings(
    port: u16,
    certificates: &Path,
    body: &str,
    sessions: Sessions,
    home: &Path,
) -> Result<String> {
    ensure!(!body.contains(['\'', '$', '\\']), "nginx would read {body} as more than a fixed text");
    let certificates = certificates.display();
    let home = home.display();
    let sessions = match sessions {
        Sessions::CacheAndTickets => "ssl_session_cache shared:tls:10m; ssl_session_tickets on;",
        Sessions::None => "ssl_session_cache off; ssl_session_tickets off;",
    };
    Ok(format!(
        "daemon off;
worker_processes 2;
worker_rlimit_nofile 8192;
pid {home}/pid;
error_log {home}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificates}/server.pem;
        ssl_certificate_key {certificates}/server.key;
        ssl_client_certificate {certificates}/ca.pem;
        ssl_verify_client on;
        ssl_protocols TLSv1.3;
        {sessions}
        location = /sessionauth/v1/authenticate {{
            default_type application/json;
            return 200 '{body}';
        }}
    }}
}}
"
    ))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
