use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use symphony_mock_pod::{AccountType, Certificates, Clock, MockPod, Scenario};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::arguments::{LogFormat, LogLevel, Serve};
use crate::stop::StopSignals;
use crate::words::Words;

pub fn run(serve: Serve) -> Result<(), String> {
    set_up_logs(serve.log_format, serve.log_level);
    warn_of_unknown_variables();
    allow_many_connections();
    let scenario = match serve.scenario.as_slice() {
        [] => Scenario::embedded(),
        files => Scenario::read(files).map_err(|error| error.to_string())?,
    };
    let banner = scenario.to_string();
    let mut builder = MockPod::builder()
        .host(serve.host)
        .port(serve.port)
        .mtls_port(serve.mtls_port)
        .control_host(serve.control_host)
        .control_port(serve.control_port)
        .worker_threads(None)
        .journal_bytes(serve.journal_bytes)
        .max_pods(serve.max_pods)
        .max_snapshots(serve.max_snapshots)
        .max_faults(serve.max_faults);
    for listen in &serve.listen {
        builder = builder.listen(listen.clone());
    }
    if let Some(clock) = clock(&serve, &scenario) {
        builder = builder.clock(clock);
    }
    if let Some(folder) = &serve.certs {
        let names = names(&scenario);
        let certificates = Certificates::open_at_once(folder, &names, &serve.dns);
        builder = builder.certificates(certificates.map_err(|error| error.to_string())?);
    }
    for name in serve.control_name.iter().chain(&serve.dns) {
        builder = builder.control_name(name);
    }
    if let Some(token) = &serve.control_token {
        builder = builder.control_token(token);
    }
    if let Some(address) = serve.proxy {
        builder = builder.proxy(address);
    }
    if let Some((name, password)) = &serve.proxy_user {
        builder = builder.proxy_credentials(name, password);
    }
    for (name, port) in &serve.proxy_host {
        builder = builder.proxy_host(name, port);
    }
    if let Some(seed) = serve.seed {
        builder = builder.seed(seed);
    }
    let builder = builder.scenario(scenario);
    let ready_file = serve.ready_file.as_deref().map(ReadyFile::draft).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        // Before the ready line, so that whoever has read it may stop the pod.
        let mut signals = StopSignals::listen().map_err(|error| error.to_string())?;
        let pod = builder.start().await.map_err(|error| error.to_string())?;
        announce(&pod, &serve, ready_file)?;
        tracing::info!(
            "{banner} is ready: {} (client certificate optional), {} (client certificate demanded), {}control port and page {}/, seed {}",
            pod.url(),
            pod.mtls_url(),
            pod.proxy_url().map(|url| format!("forward proxy {url}, ")).unwrap_or_default(),
            pod.control_url(),
            pod.seed()
        );
        tracing::info!("{}: stopping", signals.received().await);
        pod.stop().await;
        Ok(())
    })
}

/// The clock that the flags ask for; what they leave open the scenario says, or the machine.
fn clock(serve: &Serve, scenario: &Scenario) -> Option<Clock> {
    if serve.clock.is_none() && !serve.clock_frozen {
        return None;
    }
    let machine = Clock::system().now();
    let seed = scenario.clock.clone().unwrap_or_default();
    let at = serve.clock.or(seed.start.map(|start| start.resolve(machine))).unwrap_or(machine);
    Some(match serve.clock_frozen || seed.frozen {
        true => Clock::frozen_at(at),
        false => Clock::running_from(at),
    })
}

/// Every connection takes a file, and shells often allow 1,024 where the system would allow more.
fn allow_many_connections() {
    #[cfg(unix)]
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::debug!("the limit of open files stays as it is: {error}");
    }
}

pub fn check(files: &[PathBuf]) -> Result<(), String> {
    let scenario = Scenario::read(files).map_err(|error| error.to_string())?;
    let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    eprintln!("{}: {scenario}", files.join(", "));
    Ok(())
}

pub fn print_schema() -> Result<(), String> {
    let schema = serde_json::to_string_pretty(&Scenario::json_schema());
    println!("{}", schema.map_err(|error| error.to_string())?);
    Ok(())
}

/// The file that tells of readiness, whole or not at all: somebody is waiting for it to appear.
struct ReadyFile {
    file: PathBuf,
    draft: PathBuf,
}

impl ReadyFile {
    /// Before the pod is ready, so that whoever waits for the file learns soon that it cannot be
    /// written. That of an earlier pod is gone afterwards.
    fn draft(file: &Path) -> Result<Self, String> {
        let failed = |error| format!("--ready-file {}: {error}", file.display());
        let file = std::path::absolute(file).map_err(failed)?;
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut draft = file.clone().into_os_string();
        draft.push(format!(".{}.draft", std::process::id()));
        let draft = PathBuf::from(draft);
        std::fs::write(&draft, "").map_err(failed)?;
        Ok(Self { file, draft })
    }

    fn publish(self, line: &str) -> Result<PathBuf, String> {
        std::fs::write(&self.draft, format!("{line}\n"))
            .and_then(|()| std::fs::rename(&self.draft, &self.file))
            .map_err(|error| format!("--ready-file {}: {error}", self.file.display()))?;
        Ok(self.file.clone())
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // It is still there only where the pod did not become ready.
        drop(std::fs::remove_file(&self.draft));
    }
}

/// One JSON line that a test can wait for.
fn announce(pod: &MockPod, serve: &Serve, file: Option<ReadyFile>) -> Result<(), String> {
    let line = json!({
        "event": "ready",
        "version": env!("CARGO_PKG_VERSION"),
        "pod": pod.name(),
        "host": serve.host.to_string(),
        "port": pod.port(),
        "mtlsPort": pod.mtls_port(),
        "controlPort": pod.control_port(),
        "listeners": pod.listeners(),
        "proxy": pod.proxy_url(),
        "page": format!("{}/", pod.control_url()),
        "ca": pod.certificates().authority_path(),
        "seed": pod.seed(),
    });
    // Before the line: whoever has read that may look for the file.
    let published = file.map(|file| file.publish(&line.to_string())).transpose()?;
    let mut stdout = std::io::stdout().lock();
    // Whoever started the pod has gone, or cannot hear: it would run on with nobody to stop it.
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(|error| {
        if let Some(file) = published {
            drop(std::fs::remove_file(file));
        }
        format!("the ready line cannot be written to stdout: {error}")
    })
}

/// Everyone who may log in: the own pod's service users and the apps.
fn names(scenario: &Scenario) -> Vec<String> {
    let service_users = scenario
        .users
        .iter()
        .filter(|user| user.account_type == AccountType::System && user.pod.is_none())
        .map(|user| user.username.clone());
    service_users.chain(scenario.apps.iter().map(|app| app.id.clone())).collect()
}

fn set_up_logs(format: LogFormat, level: LogLevel) {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // The level is about the pod: what the HTTP and TLS libraries have to say is for their authors.
    let pod =
        Targets::new().with_target("symphony_mock_pod", level).with_default(LevelFilter::WARN);
    let logs = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(pod);
    match format {
        LogFormat::Text => {
            let ansi = std::io::stderr().is_terminal();
            registry.with(logs.with_ansi(ansi).with_target(false).fmt_fields(Words)).init();
        }
        LogFormat::Json => registry.with(logs.json().flatten_event(true)).init(),
    }
}

/// For commands that do one thing: what takes a moment is told on stderr.
pub fn set_up_progress() {
    let pod = Targets::new().with_target("symphony_mock_pod", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = lines.with_ansi(false).with_target(false).with_level(false).without_time();
    tracing_subscriber::registry().with(pod).with(lines).init();
}

/// A misspelt variable would otherwise go unnoticed.
fn warn_of_unknown_variables() {
    use clap::CommandFactory;
    let command = crate::arguments::Arguments::command();
    let known: Vec<_> = command.get_arguments().filter_map(|argument| argument.get_env()).collect();
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MOCK_POD_") && !known.contains(&name.as_os_str()) {
            tracing::warn!(
                "the environment variable {} means nothing here",
                name.to_string_lossy()
            );
        }
    }
}
