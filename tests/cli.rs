//! The command line: what it prints, what it refuses and how it ends.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use symphony_mock_pod::Certificates;

#[cfg(unix)]
#[path = "cli/unix.rs"]
mod unix;

const ANY_PORTS: [&str; 6] = ["--port", "0", "--mtls-port", "0", "--control-port", "0"];

/// What `certs` writes of one identity.
const FORMATS: [&str; 6] = [".pem", ".key", "-combined.pem", ".p12", "-rsa.pem", "-rsa.pub.pem"];

/// What it writes of the pod.
const POD: [&str; 7] =
    ["ca.pem", "ca.key", "truststore.p12", "server.pem", "server.key", "pod.pem", "pod.key"];

/// A pod in a process of its own, which does not outlive the test.
struct Served {
    process: Child,
    /// The first line on stdout.
    ready: Value,
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// The command in an empty environment.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_symphony-mock-pod"));
    command.env_clear().args(arguments).stdin(Stdio::null());
    // Without it Windows finds no sockets.
    command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
    command
}

fn run(arguments: &[&str]) -> Ended {
    ended(&mut command(arguments))
}

fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ended { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Ended {
    #[track_caller]
    fn assert_success(self) -> Self {
        assert!(self.status.success(), "{self:?}");
        self
    }

    /// It failed in order, and said these things on stderr.
    #[track_caller]
    fn assert_refused(&self, said: &[&str]) {
        assert!(self.status.code().is_some_and(|code| code != 0), "{self:?}");
        for word in said {
            assert!(self.stderr.contains(word), "{word:?} is not in {self:?}");
        }
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
    }
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        Self::of(command(arguments).args(ANY_PORTS))
    }

    fn of(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the command runs");
        let mut line = String::new();
        let stdout = process.stdout.as_mut().expect("it was piped");
        // Byte by byte: a reader with a buffer would swallow what comes after.
        BufReader::with_capacity(1, stdout).read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| {
            let mut stderr = String::new();
            drop(process.stderr.take().map(|mut it| it.read_to_string(&mut stderr)));
            panic!("not ready: {error}: {line:?}: {stderr}")
        });
        Self { process, ready }
    }

    fn control_port(&self) -> String {
        self.ready["controlPort"].to_string()
    }

    #[cfg(unix)]
    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().expect("kill runs");
        assert!(sent.success());
    }

    #[cfg(unix)]
    fn stop(&mut self) {
        self.signal("-TERM");
    }

    /// Nobody can ask a process without a console to end in order.
    #[cfg(not(unix))]
    fn stop(&mut self) {
        self.process.kill().expect("it runs");
    }

    /// Ends it, in order where the system has a way.
    fn stopped(mut self) -> Ended {
        self.stop();
        self.ended()
    }

    /// Waits for the end.
    fn ended(mut self) -> Ended {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.process.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.process.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ended { status: self.process.wait().unwrap(), stdout, stderr }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
fn the_ready_line_says_where_everything_is() {
    let pod = Served::start(&["serve", "--seed", "7"]);
    let ready = &pod.ready;
    assert_eq!(ready["event"], "ready");
    assert_eq!(ready["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(ready["pod"], "Mock Pod");
    assert_eq!(ready["host"], "127.0.0.1");
    assert_eq!(ready["ca"], Value::Null);
    assert_eq!(ready["seed"], 7);
    for port in ["port", "mtlsPort", "controlPort"] {
        let number = ready[port].as_u64().and_then(|number| u16::try_from(number).ok());
        let number = number.unwrap_or_else(|| panic!("{port}: {ready}"));
        std::net::TcpStream::connect(("127.0.0.1", number)).expect(port);
    }
    assert_eq!(ready["page"], format!("http://127.0.0.1:{}/", pod.control_port()));
}

#[test]
fn further_listeners_are_told_with_what_they_serve() {
    let mut command = command(&["serve", "--listen", "agent", "--listen", "agent=a2@[::1]:0+mtls"]);
    let flags = Served::of(command.args(ANY_PORTS));
    let listeners = flags.ready["listeners"].as_array().expect("listeners").clone();
    let told = |listener: &Value| {
        let port = listener["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let host = listener["host"].as_str().expect("a host").to_owned();
        TcpStream::connect((host.as_str(), port.expect("a port"))).expect("it listens");
        let [name, role] = ["name", "role"].map(|field| listener[field].as_str().expect("text"));
        format!("{name} {role} {host} {}", listener["mtls"])
    };
    let expected = [
        "main all 127.0.0.1 false",
        "mtls all 127.0.0.1 true",
        "agent-1 agent 127.0.0.1 false",
        "a2 agent ::1 true",
    ];
    assert_eq!(listeners.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(listeners[0]["port"], flags.ready["port"]);

    let mut variable = self::command(&["serve"]);
    variable.args(ANY_PORTS).env("MOCK_POD_LISTEN", "pod,key-manager=km");
    let ready = Served::of(&mut variable).ready.clone();
    let names: Vec<_> =
        (0..4).map(|place| ready["listeners"][place]["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["main", "mtls", "pod", "km"]);

    run(&["--listen", "agnt"]).assert_refused(&["--listen", "agnt", "session-auth"]);
    run(&["--listen", "agent@x"]).assert_refused(&["--listen", "\"x\"", "a port"]);
    let twice = [&ANY_PORTS[..], &["--listen", "pod=x", "--listen", "agent=x"]].concat();
    run(&twice).assert_refused(&["two listeners", "\"x\""]);
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let listener = format!("agent@{port}");
    let taken = [&ANY_PORTS[..], &["--listen", &listener]].concat();
    run(&taken).assert_refused(&["--listen agent=agent", &port.to_string()]);
}

#[test]
fn sdk_config_tells_of_several_hosts() {
    let out = folder("hosts");
    let path = out.display().to_string();
    let flags = ["sdk-config", "--bot", "bot", "--out", &path, "--client", "java-bdk"];
    let listen = ["--listen", "session-auth@1", "--listen", "agent@2,agent@3"];
    run(&[&flags[..], &listen, &["--load-balancing", "random", "--no-stickiness"]].concat())
        .assert_success();
    let written = std::fs::read_to_string(out.join("java-bdk.yaml")).unwrap();
    let tree: Value = serde_saphyr::from_str(&written).unwrap();
    assert_eq!(tree["sessionAuth"]["port"], 1);
    let balanced = &tree["agent"]["loadBalancing"];
    assert_eq!(balanced["mode"], "random");
    assert_eq!(balanced["stickiness"], false);
    assert_eq!([&balanced["nodes"][0]["port"], &balanced["nodes"][1]["port"]], [2, 3]);
    run(&[&flags[..], &["--listen", "agent"]].concat()).assert_refused(&["--listen agent", "port"]);
    run(&[&flags[..], &["--load-balancing", "sticky"]].concat()).assert_refused(&["roundRobin"]);
}

#[test]
fn a_forward_proxy_is_started_beside_the_pod() {
    let ask = |proxy: &str, request: &str| {
        let address = proxy.strip_prefix("http://").expect("plain HTTP");
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).expect("it answers");
        line
    };
    let mapped = "certs.my-pod.example=mtls";
    let flags = ["--proxy", "127.0.0.1:0", "--proxy-user", "ada:p:w", "--proxy-host", mapped];
    let pod = Served::start(&[&["serve"], &flags[..]].concat());
    let proxy = pod.ready["proxy"].as_str().expect("a URL");
    for (headers, status) in [("", "407"), ("Proxy-Authorization: Basic YWRhOnA6dw==\r\n", "200")] {
        let connect = format!("CONNECT certs.my-pod.example:1 HTTP/1.1\r\n{headers}\r\n");
        let line = ask(proxy, &connect);
        assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{line}");
    }
    assert_eq!(Served::start(&["serve"]).ready["proxy"], Value::Null, "there is none by default");
    for (bad, said) in [
        (&["--proxy", "3128"][..], "ADDRESS:PORT"),
        (&["--proxy", "127.0.0.1:0", "--proxy-user", "ada"], "NAME:PASSWORD"),
        (&["--proxy", "127.0.0.1:0", "--proxy-host", "a"], "NAME=LISTENER"),
        (&["--proxy", "127.0.0.1:0", "--proxy-host", "a=b"], "main, mtls"),
        (&["--proxy-user", "ada:x"], "--proxy"),
    ] {
        run(&[&["serve", "--port", "0", "--mtls-port", "0", "--control-port", "0"], bad].concat())
            .assert_refused(&[said]);
    }
}

#[test]
fn the_page_of_a_pod_that_is_there_is_opened() {
    let pod = Served::start(&["serve", "--control-token", "open sesame"]);
    let port = pod.control_port();
    let open = |more: &[&str]| run(&[&["open", "--print", "--control-port", &port], more].concat());
    let main = open(&[]).assert_success();
    assert_eq!(main.stdout.trim(), pod.ready["page"]);
    let mine = open(&["--pod", "my-test"]).assert_success();
    assert_eq!(mine.stdout.trim(), format!("http://127.0.0.1:{port}/t/my-test/"));
    open(&["--pod", "my/test"]).assert_refused(&["letters"]);
    drop(pod);
    open(&[]).assert_refused(&[&port]);
}

#[test]
fn serving_is_what_it_does_without_a_command() {
    let pod = Served::start(&[]);
    assert_eq!(pod.ready["event"], "ready");
}

fn connected(port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(stream)
}

fn trusting_the_pod() -> Arc<ClientConfig> {
    let certificates = Certificates::embedded();
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(certificates.authority_pem().as_bytes()) {
        roots.add(authority.expect("PEM")).expect("the pod's authority");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots);
    Arc::new(config.with_no_client_auth())
}

#[test]
fn every_flag_is_an_environment_variable_too_and_the_flag_wins() {
    let folder = folder("environment");
    let scenario = folder.join("scenario.yaml");
    std::fs::write(&scenario, "pod: { name: From The Environment }").unwrap();
    let file = folder.join("ready.json");
    let mut command = command(&["--seed", "2"]);
    let command = command
        .env("MOCK_POD_PORT", "0")
        .env("MOCK_POD_MTLS_PORT", "0")
        .env("MOCK_POD_CONTROL_PORT", "0")
        .env("MOCK_POD_SEED", "1")
        .env("MOCK_POD_READY_FILE", &file)
        .env("MOCK_POD_SCENARIO", &scenario)
        .env("MOCK_POD_LOG_FORMAT", "json")
        .env("MOCK_POD_PROT", "1");
    let pod = Served::of(command);
    assert_eq!(pod.ready["pod"], "From The Environment");
    assert_eq!(pod.ready["seed"], 2);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written, pod.ready);

    let logs = pod.stopped().stderr;
    for line in logs.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    assert!(logs.contains("MOCK_POD_PROT"), "a misspelt variable is told: {logs}");
}

#[test]
fn a_ready_line_that_nobody_can_read_ends_the_start() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = command(&ANY_PORTS);
    let ended = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    // The command holds the other end, too.
    drop(command);
    let ended = ended.wait_with_output().unwrap();
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("stdout") && !stderr.contains("panicked"), "{stderr}");
}

/// What became of a request stands in fields, for programs, and in the words, for people.
#[test]
fn logs_tell_of_requests_and_control_actions() {
    let lines = |format: &str| {
        let pod = Served::start(&["--log-level", "debug", "--log-format", format]);
        let control = u16::try_from(pod.ready["controlPort"].as_u64().unwrap()).unwrap();
        let mut control = connected(control).unwrap();
        let freeze = "POST /t/one/_mock/clock/freeze HTTP/1.1\r\nHost: localhost\r\n\
                      Content-Length: 0\r\nConnection: close\r\n\r\n";
        control.write_all(freeze.as_bytes()).unwrap();
        drop(control.read_to_end(&mut Vec::new()));
        let port = u16::try_from(pod.ready["port"].as_u64().unwrap()).unwrap();
        let name = ServerName::try_from("localhost").expect("a name");
        let client = ClientConnection::new(trusting_the_pod(), name).unwrap();
        let mut stream = StreamOwned::new(client, connected(port).unwrap());
        let ask = |path: &str, connection: &str| {
            format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Trace-Id: abc\r\nContent-Length: 0\r\n\
                 Connection: {connection}\r\n\r\n"
            )
        };
        let login = ask("/t/one/sessionauth/v1/authenticate", "close");
        stream.write_all(login.as_bytes()).unwrap();
        drop(stream.read_to_end(&mut Vec::new()));
        pod.stopped().stderr
    };
    let logs = lines("json");
    let logs: Vec<Value> = logs.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let refused = logs.iter().find(|line| line["status"] == 401).expect("the refusal");
    for (field, value) in [
        ("method", "POST"),
        ("path", "/sessionauth/v1/authenticate"),
        ("pod", "one"),
        ("trace_id", "abc"),
        ("level", "INFO"),
    ] {
        assert_eq!(refused[field], value, "{refused}");
    }
    assert!(refused["latency_ms"].as_f64().is_some_and(|it| it >= 0.0), "{refused}");
    assert!(refused["hint"].as_str().is_some_and(|it| it.contains("certificate")), "{refused}");
    let frozen =
        logs.iter().find(|line| line["path"] == "/_mock/clock/freeze").expect("the action");
    assert_eq!((&frozen["pod"], &frozen["level"]), (&"one".into(), &"DEBUG".into()));

    let logs = lines("text");
    let refused = logs.lines().find(|line| line.contains("401 POST")).expect("the refusal");
    assert!(refused.contains("[pod one] [trace abc]: ") && refused.contains(" – "), "{refused}");
    assert!(!refused.contains("latency_ms"), "the words say it all: {refused}");
}

#[test]
fn secrets_in_paths_are_hidden_in_logs() {
    let pod = Served::start(&[]);
    let token = format!("eyJhbGciOiJSUzUxMiJ9.{}.sig", "eyJzdWIiOiJib3QifQ".repeat(3));
    let port = u16::try_from(pod.ready["port"].as_u64().unwrap()).unwrap();
    let ask = |path: &str| {
        let name = ServerName::try_from("localhost").expect("a name");
        let client = ClientConnection::new(trusting_the_pod(), name).unwrap();
        let mut stream = StreamOwned::new(client, connected(port).unwrap());
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        drop(stream.read_to_end(&mut Vec::new()));
    };
    ask(&format!("/pod/v1/sessions/{token}"));
    ask(&format!("/pod/v1/{}", "q".repeat(30_000)));
    let logs = pod.stopped().stderr;
    assert!(logs.contains("/pod/v1/sessions/redacted:") && !logs.contains("eyJ"), "{logs}");
    let longest = logs.lines().map(str::len).max().unwrap();
    assert!(longest < 1_000, "a line of {longest} bytes");
}

/// Same scenario, seed, clock and calls: what the embedded clock of a start says is told by its
/// flags, its environment and its scenario alike.
#[test]
fn the_clock_begins_where_it_is_told_to() {
    let scenario = folder("clock").join("scenario.yaml");
    std::fs::write(&scenario, "clock: { start: 2031-01-01T00:00:00Z, frozen: true }").unwrap();
    let scenario = scenario.to_str().unwrap();
    let clock = |pod: &Served| {
        let port = u16::try_from(pod.ready["controlPort"].as_u64().unwrap()).unwrap();
        let mut stream = connected(port).unwrap();
        let request = b"GET /_mock/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.rsplit("\r\n").next().unwrap().to_owned()
    };
    let start = "2030-01-01T00:00:00Z";
    let frozen = Served::start(&["--clock", start, "--clock-frozen"]);
    assert!(clock(&frozen).contains(r#""iso":"2030-01-01T00:00:00.000Z","frozen":true"#));
    let mut environment = command(&[]);
    environment.env("MOCK_POD_CLOCK", start).env("MOCK_POD_CLOCK_FROZEN", "true");
    assert_eq!(clock(&Served::of(environment.args(ANY_PORTS))), clock(&frozen));
    let runs = clock(&Served::start(&["--clock", start]));
    assert!(runs.contains("2030-01-01T00:0") && runs.contains(r#""frozen":false"#), "{runs}");
    let seeded = clock(&Served::start(&["--scenario", scenario]));
    assert!(seeded.contains(r#""iso":"2031-01-01T00:00:00.000Z","frozen":true"#), "{seeded}");
    let both = clock(&Served::start(&["--scenario", scenario, "--clock", start]));
    assert_eq!(both, clock(&frozen));
    run(&["--clock", "tomorrow"]).assert_refused(&["--clock", "2030-01-31T12:00:00Z"]);
}

#[test]
fn the_ready_file_appears_whole() {
    let file = folder("ready").join("ready.json");
    std::fs::write(&file, "of an earlier pod").unwrap();
    let path = file.to_str().unwrap();
    let pod = Served::start(&["--ready-file", path]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), pod.ready);
    assert_eq!(files(file.parent().unwrap()).len(), 1, "no draft is left behind");
}

#[test]
fn a_ready_file_that_cannot_be_written_is_named() {
    let file = folder("unready").join("no-such-folder").join("ready.json");
    let path = file.to_str().unwrap();
    let arguments = [&["--ready-file", path], &ANY_PORTS[..]].concat();
    let refused = run(&arguments);
    assert!(!refused.stderr.contains("is ready"), "{refused:?}");
    refused.assert_refused(&[path]);
    // Nor is there anything left of one that could be, where the pod does not start.
    let file = folder("unready-too").join("ready.json");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    run(&["--port", &port, "--ready-file", file.to_str().unwrap()]).assert_refused(&["--port"]);
    assert!(files(file.parent().unwrap()).is_empty());
}

#[test]
fn a_wrong_value_is_refused_by_the_name_of_its_flag() {
    for (flag, value) in [
        ("--port", "70000"),
        ("--mtls-port", "x"),
        ("--control-port", "-1"),
        ("--host", "here"),
        ("--control-host", ""),
        ("--seed", "seven"),
        ("--journal-bytes", "many"),
        ("--log-format", "xml"),
        ("--log-level", "loud"),
    ] {
        run(&[&format!("{flag}={value}")]).assert_refused(&[flag, value]);
        let variable = format!("MOCK_POD_{}", flag[2..].to_uppercase().replace('-', "_"));
        ended(command(&[]).env(variable, value)).assert_refused(&[flag, value]);
    }
    ended(command(&[]).env("MOCK_POD_PORT", "abc")).assert_refused(&[
        "MOCK_POD_PORT",
        "--port",
        "abc",
    ]);
    run(&["--journal-bytes", "4 lots"]).assert_refused(&["--journal-bytes", "4MiB"]);
    run(&["--dns", "pod.test"]).assert_refused(&["--certs"]);
    run(&["--prot", "1"]).assert_refused(&["--prot", "--port"]);
    run(&["sevre"]).assert_refused(&["sevre"]);
    run(&["certs"]).assert_refused(&["--out"]);
    run(&["certs", "--out", "x", "--key", "dsa"]).assert_refused(&["--key", "dsa", "p256"]);
    run(&["certs", "--out", "x", "--bad", "ugly"]).assert_refused(&["--bad", "ugly", "expired"]);
    run(&["certs", "--out", "x", "--bad", "expired"]).assert_refused(&["--bad", "--user"]);
}

#[test]
fn a_port_that_is_taken_is_named_with_its_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let port = address.port().to_string();
    // The system's words.
    let in_use = if cfg!(windows) { "os error 10048" } else { "in use" };
    for flag in ["--port", "--mtls-port", "--control-port"] {
        let mut arguments = ANY_PORTS;
        let at = arguments.iter().position(|argument| *argument == flag).unwrap();
        arguments[at + 1] = &port;
        run(&arguments).assert_refused(&[&address.to_string(), flag, in_use]);
    }
}

#[test]
fn a_mistake_in_a_scenario_is_found_by_line_and_column() {
    let folder = folder("check");
    let file = folder.join("scenario.yaml");
    let path = file.to_str().unwrap();
    for (text, said) in [
        ("pod:\n  name: A\n  nmae: B\n", &["line 3", "column 3", "nmae"][..]),
        ("users:\n  - username: a\n    enabled: perhaps\n", &["line 3", "column"]),
        ("users: [\n", &["line"]),
        ("users: [{ username: a }, { username: a }]", &["users[1].username"]),
        ("settings: { sessionLifetime: 5m }", &["sessionLifetime", "1h"]),
        ("settings: { sessionLifetime: soon }", &["sessionLifetime", "soon", "1h or 14d"]),
        ("settings: { datafeedTtl: 30 }", &["datafeedTtl", "30", "1h or 14d"]),
        ("settings: { datafeed1End: soon }", &["datafeed1End", "2030-01-31T12:00:00Z"]),
    ] {
        std::fs::write(&file, text).unwrap();
        run(&["check", path]).assert_refused(&[&[path], said].concat());
        let arguments = [&["serve", "--scenario", path], &ANY_PORTS[..]].concat();
        run(&arguments).assert_refused(said);
    }
    std::fs::write(&file, "pod: { name: Good }").unwrap();
    let checked = run(&["check", path]).assert_success();
    assert!(checked.stderr.contains("Good"), "{checked:?}");

    let missing = folder.join("missing.yaml");
    let missing = missing.to_str().unwrap();
    run(&["check", missing]).assert_refused(&[missing]);
    run(&["--scenario", missing]).assert_refused(&[missing]);
}

#[test]
fn all_mistakes_in_scenarios_are_told_at_once() {
    let folder = folder("check-all");
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let one = write(
        "1.yaml",
        "users:\n  - { username: a, enabled: perhaps, titel: X }\n  - { roles: [NONE] }\n  - { username: b, \
         roles: [NONE] }\n  - { username: b }\nrooms:\n  - { name: R, owners: [nobody], members: [a] }\n",
    );
    let other =
        write("2.json", r#"{"pod": {"company": 7}, "rooms": [{"name": "S", "owners": ["b"]}]}"#);
    let path = folder.to_str().unwrap();
    let checked = run(&["check", path]);
    for (file, said) in [
        (&one, "line 2 column 20: users[0].enabled: "),
        (&one, "line 2 column 38: users[0].titel: unknown field `titel`"),
        (&one, "line 3 column 7: users[1]: missing field `username`"),
        (&one, "users[2].roles[0]: "),
        (&one, "users[3].username: the file has this one already"),
    ] {
        checked.assert_refused(&[&format!("{file}: {said}")]);
    }
    // Nobody knows what the user without a name would have been called.
    assert!(!checked.stderr.contains("nobody"), "{checked:?}");

    write(
        "1.yaml",
        "users: [{ username: a, enabled: perhaps }]\nrooms: [{ name: R, owners: [nobody] }]\n",
    );
    run(&["check", path]).assert_refused(&[
        "users[0].enabled",
        "rooms[0].owners",
        "\"nobody\"",
        "\"b\"",
    ]);
    let arguments = [&["serve", "--scenario", path], &ANY_PORTS[..]].concat();
    run(&arguments).assert_refused(&["users[0].enabled", "rooms[0].owners", &other]);
}

#[test]
fn the_schema_of_scenarios_is_printed() {
    let schema = run(&["schema"]).assert_success().stdout;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for part in ["pod", "settings", "users", "apps", "rooms"] {
        assert!(schema["properties"][part].is_object(), "{part}");
    }
}

#[test]
fn several_scenarios_are_one() {
    let folder = folder("several");
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let base = write("1-base.yaml", "users: [{ username: a, title: X }]\npod: { name: Base }\n");
    let more = write("2-more.json", r#"{"users": [{"username": "b"}], "pod": {"company": "C"}}"#);
    write("notes.txt", "no scenario");
    let both = run(&["check", &base, &more]).assert_success();
    assert!(both.stderr.contains("Base (2 users"), "{both:?}");
    let path = folder.to_str().unwrap();
    let pod = Served::of(command(&ANY_PORTS).env("MOCK_POD_SCENARIO", path));
    assert_eq!(pod.ready["pod"], "Base");

    // What contradicts the others is found in the file that says it.
    let room = "rooms:\n  - { name: R, owners: [a] }\n  - { name: S, owners: [x] }\n";
    let bad = write("3-bad.yaml", room);
    run(&["check", path]).assert_refused(&[&bad, "rooms[1].owners"]);
    run(&["check", &bad]).assert_refused(&[&bad, "rooms[0].owners"]);
    let twice = write("4-twice.yaml", "users: [{ username: c }, { username: c }]");
    run(&["check", &base, &twice]).assert_refused(&[&twice, "users[1].username"]);
    run(&["check", &base, &format!("{path}/none")]).assert_refused(&["none"]);
    run(&["check"]).assert_refused(&["FILE"]);
}

#[test]
fn a_healthcheck_tells_a_ready_pod_from_none() {
    let pod = Served::start(&[]);
    let port = pod.control_port();
    run(&["healthcheck", "--control-port", &port]).assert_success();
    ended(command(&["healthcheck"]).env("MOCK_POD_CONTROL_PORT", &port)).assert_success();
    let everywhere = ["healthcheck", "--control-host", "0.0.0.0", "--control-port", &port];
    run(&everywhere).assert_success();

    // A TLS port is a pod's, and still not ready for what is asked of it.
    let tls = pod.ready["port"].to_string();
    run(&["healthcheck", "--control-port", &tls]).assert_refused(&[]);

    drop(pod.stopped());
    run(&["healthcheck", "--control-port", &port]).assert_refused(&[&port]);
}

#[test]
fn a_healthcheck_needs_no_token_and_an_empty_token_is_none() {
    let pod = Served::of(command(&ANY_PORTS).env("MOCK_POD_CONTROL_TOKEN", "open sesame"));
    run(&["healthcheck", "--control-port", &pod.control_port()]).assert_success();
    run(&["serve", "--control-token", ""]).assert_refused(&["--control-token"]);
}

#[test]
fn sdk_config_writes_what_sdks_read_with_certificates_and_keys_beside_it() {
    let folder = folder("sdk-config");
    let out = folder.to_str().expect("text");
    run(&["sdk-config", "--bot", "bot", "--app", "app", "--out", out]).assert_success();
    let written = files(&folder);
    for file in ["java-bdk.yaml", "python-bdk.yaml", "application.yaml", "legacy-node.json"] {
        assert!(written.iter().any(|name| name == file), "{file} is not among {written:?}");
    }
    for name in ["bot", "app"] {
        for format in FORMATS {
            assert!(written.contains(&format!("{name}{format}")), "{name}{format}");
        }
    }
    let python = std::fs::read_to_string(folder.join("python-bdk.yaml")).expect("text");
    let python: Value = serde_saphyr::from_str(&python).expect("YAML");
    let certificate = python["bot"]["certificate"]["path"].as_str().expect("a path");
    assert_eq!(Path::new(certificate), folder.join("bot-combined.pem"));

    let context = ["sdk-config", "--bot", "bot", "--out", out, "--context", "/t/x"];
    run(&[&context[..], &["--client", "legacy-node"]].concat())
        .assert_refused(&["legacy-node", "X-Mock-Pod"]);
    run(&[&context[..], &["--client", "cobol"]].concat()).assert_refused(&["--client", "java-bdk"]);
    let unknown = ["sdk-config", "--bot", "stranger", "--out", out, "--login", "rsa"];
    run(&unknown).assert_refused(&["stranger", "--certs"]);

    // By certificate it may be that of a scenario; of the default pod nobody is called so.
    let warned = run(&unknown[..5]).assert_success();
    for said in ["stranger", "app, bot, bot2", "--scenario"] {
        assert!(warned.stderr.contains(said), "{said:?} is not in {warned:?}");
    }
    let known = run(&["sdk-config", "--bot", "bot", "--out", out]).assert_success();
    assert!(!known.stderr.contains("--scenario"), "{known:?}");
}

#[test]
fn certs_without_names_writes_the_development_identities() {
    let folder = folder("development");
    let path = folder.to_str().unwrap();
    run(&["certs", "--out", path]).assert_success();
    assert_complete(&folder, &["bot", "bot2", "app"]);
    let embedded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../certs");
    for file in ["ca.pem", "ca.key", "server.pem", "server.key", "bot.pem", "bot-rsa.pub.pem"] {
        assert_eq!(
            std::fs::read(folder.join(file)).unwrap(),
            std::fs::read(embedded.join(file)).unwrap(),
            "{file}"
        );
    }
}

/// For whoever goes on with them in a script.
#[test]
fn certs_lists_what_it_made_and_nothing_else() {
    let folder = folder("listed");
    let certs = ["certs", "--out", folder.to_str().unwrap(), "--user", "trader"];
    let listed = |ended: Ended| {
        let paths = ended.stdout.lines().map(PathBuf::from);
        let mut names: Vec<_> =
            paths.map(|path| path.strip_prefix(&folder).unwrap().display().to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(listed(run(&certs).assert_success()), files(&folder));
    assert_eq!(listed(run(&certs).assert_success()), [""; 0], "everything was there");
    std::fs::remove_file(folder.join("trader.p12")).unwrap();
    assert_eq!(listed(run(&certs).assert_success()), ["trader.p12"]);
    let bad = [&certs[..], &["--bad", "expired"]].concat();
    let made = listed(run(&bad).assert_success());
    assert!(
        made.contains(&"trader-expired.pem".to_owned()) && !made.contains(&"trader.pem".to_owned())
    );
}

#[test]
fn certs_completes_a_folder_and_overwrites_nothing() {
    let folder = folder("certs");
    let path = folder.to_str().unwrap();
    let certs =
        ["certs", "--out", path, "--user", "trader", "--app", "terminal", "--dns", "pod.test"];
    run(&certs).assert_success();
    assert_complete(&folder, &["trader", "terminal"]);

    let made = contents(&folder);
    run(&certs).assert_success();
    let now = contents(&folder);
    let changed = changes(&made, &now);
    assert!(changed.is_empty(), "a second run changes {changed:?}");

    for (removed, remade) in [
        ("truststore.p12", &["truststore.p12"][..]),
        ("server.pem", &["server.key", "server.pem"]),
        ("pod.key", &["pod.key", "pod.pem"]),
        ("trader-combined.pem", &["trader-combined.pem"]),
        ("trader.p12", &["trader.p12"]),
        ("trader-rsa.pub.pem", &["trader-rsa.pub.pem"]),
        ("trader-rsa.pem", &["trader-rsa.pem", "trader-rsa.pub.pem"]),
        // Certificate and key are of no use one without the other, and their copies neither.
        ("trader.key", &["trader-combined.pem", "trader.key", "trader.p12", "trader.pem"]),
        ("trader.pem", &["trader-combined.pem", "trader.key", "trader.p12", "trader.pem"]),
    ] {
        std::fs::remove_file(folder.join(removed)).unwrap();
        let before = contents(&folder);
        run(&certs).assert_success();
        assert_complete(&folder, &["trader", "terminal"]);
        assert_eq!(changes(&before, &contents(&folder)), remade, "{removed} was removed");
    }
    let combined = std::fs::read_to_string(folder.join("trader-combined.pem")).unwrap();
    for part in ["trader.key", "trader.pem"] {
        assert!(combined.contains(&std::fs::read_to_string(folder.join(part)).unwrap()), "{part}");
    }

    run(&["certs", "--out", path, "--user", "newcomer"]).assert_success();
    assert_complete(&folder, &["trader", "terminal", "newcomer"]);
}

#[test]
fn certs_makes_bad_certificates_on_demand() {
    let folder = folder("bad");
    let path = folder.to_str().unwrap();
    let defects = ["expired", "not-yet-valid", "foreign-ca", "no-cn", "weak-key"];
    let mut arguments = vec!["certs", "--out", path, "--user", "bot"];
    arguments.extend(defects.iter().flat_map(|defect| ["--bad", defect]));
    run(&arguments).assert_success();
    for defect in defects {
        for suffix in [".pem", ".key", "-combined.pem", ".p12"] {
            let file = folder.join(format!("bot-{defect}{suffix}"));
            assert!(file.is_file(), "{}", file.display());
        }
    }
}

#[test]
fn a_folder_of_certificates_serves() {
    let folder = folder("serve");
    let path = folder.to_str().unwrap();
    let pod = Served::start(&["--certs", path]);
    assert_eq!(pod.ready["ca"], folder.join("ca.pem").to_str().unwrap());
    assert_complete(&folder, &["bot", "bot2", "app"]);
    let adding = format!("adding the certificates and keys that are missing in {path}");
    assert!(pod.stopped().stderr.contains(&adding));
    let again = Served::start(&["--certs", path]).stopped().stderr;
    assert!(!again.contains(&adding), "{again}");
}

/// Making one takes a second, and half a minute in a debug build.
#[test]
fn a_folder_for_many_bots_needs_no_rsa_key_to_be_made() {
    use std::collections::BTreeSet;
    let folder = folder("many");
    let (path, scenario) = (folder.join("certs"), folder.join("scenario.yaml"));
    let scenario_of = |bots: usize| {
        let users = (0..bots).map(|n| format!("  - {{ username: bot{n}, accountType: SYSTEM }}\n"));
        std::fs::write(&scenario, format!("users:\n{}", users.collect::<String>())).unwrap();
    };
    let start = || {
        let flags = ["--certs", path.to_str().unwrap(), "--scenario", scenario.to_str().unwrap()];
        let pod = Served::start(&flags);
        let ended = pod.stopped();
        assert!(!ended.stderr.contains("making"), "{ended:?}");
    };
    let keys = |bots: usize| {
        let read = |name: String| std::fs::read_to_string(path.join(name)).unwrap();
        let own = (0..bots).map(|n| read(format!("bot{n}-rsa.pem")));
        own.chain([read("pod.key".to_owned())]).collect::<BTreeSet<_>>()
    };
    scenario_of(30);
    start();
    let first = keys(30);
    assert_eq!(first.len(), 31, "nobody has another's");
    // Who comes later gets one that nobody has, and nobody gets another.
    scenario_of(33);
    start();
    let later = keys(33);
    assert!(later.len() == 34 && later.is_superset(&first));
    // The command makes secret ones, and says so.
    let out = folder.join("secret");
    let made = run(&["certs", "--out", out.to_str().unwrap(), "--user", "bot0"]).assert_success();
    assert!(made.stderr.contains("making RSA keys for bot0"), "{made:?}");
    assert!(!later.contains(&std::fs::read_to_string(out.join("bot0-rsa.pem")).unwrap()));
}

/// A container and its bots start at once, on a volume that is empty.
#[test]
fn several_pods_that_start_at_once_on_a_new_folder_share_one_set() {
    let folder = folder("at-once");
    let path = folder.to_str().unwrap();
    // As a run that was cut short leaves it.
    std::fs::create_dir(folder.join(".draft")).unwrap();
    std::fs::write(folder.join(".draft").join("ca.pem"), "half of it").unwrap();
    let pods: Vec<_> = std::thread::scope(|scope| {
        let starts = [(); 3].map(|()| scope.spawn(|| Served::start(&["--certs", path])));
        starts.into_iter().map(|pod| pod.join().unwrap()).collect()
    });
    assert_complete(&folder, &["bot", "bot2", "app"]);
    let tls = Arc::new(tls_of(&folder, "bot"));
    for pod in pods {
        let port = pod.ready["port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap();
        let name = ServerName::try_from("localhost").expect("a name");
        let client = ClientConnection::new(Arc::clone(&tls), name).unwrap();
        let mut stream = StreamOwned::new(client, connected(port).unwrap());
        let login = b"POST /sessionauth/v1/authenticate HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(login).unwrap();
        let mut answer = [0; 13];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 ");
    }
}

/// The client's side, with what a folder has for it.
fn tls_of(folder: &Path, name: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap()).unwrap();
    let certificate = CertificateDer::from_pem_file(folder.join(format!("{name}.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join(format!("{name}.key"))).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![certificate], key)
        .expect("certificate and key belong together")
}

#[test]
fn files_that_do_not_belong_together_are_refused_by_their_names() {
    let (folder, other) = (folder("unfit"), folder("unfit-other"));
    let path = folder.to_str().unwrap();
    let make = |folder: &Path| {
        let folder = folder.to_str().unwrap();
        run(&["certs", "--out", folder, "--user", "bot", "--user", "bot2"]).assert_success();
    };
    make(&folder);
    make(&other);
    let (own, foreign) = (contents(&folder), contents(&other));
    let half = |name: &str| own[name][..own[name].len() / 2].to_vec();
    let cases: [(&str, Vec<u8>, &[&str]); 19] = [
        ("bot.key", own["bot2.key"].clone(), &["bot.key", "bot.pem", "remove"]),
        ("bot.pem", own["bot2.pem"].clone(), &["bot.key", "bot.pem", "remove"]),
        ("server.key", own["bot.key"].clone(), &["server.key", "remove"]),
        ("pod.key", own["bot-rsa.pem"].clone(), &["pod.key", "remove"]),
        ("ca.key", foreign["ca.key"].clone(), &["ca.key"]),
        ("ca.pem", own["server.pem"].clone(), &["ca.pem", "authority"]),
        ("bot.pem", Vec::new(), &["bot.pem", "remove"]),
        ("bot.pem", half("bot.pem"), &["bot.pem", "remove"]),
        ("bot.pem", own["bot.p12"].clone(), &["bot.pem", "PKCS#12", "openssl"]),
        ("server.pem", half("server.pem"), &["server.pem", "remove"]),
        ("server.key", Vec::new(), &["server.key", "remove"]),
        ("bot.key", half("bot.key"), &["bot.key", "remove"]),
        ("bot-rsa.pem", half("bot-rsa.pem"), &["bot-rsa.pem", "remove"]),
        ("bot-rsa.pub.pem", own["bot2-rsa.pub.pem"].clone(), &["bot-rsa.pub.pem", "remove"]),
        ("bot-combined.pem", own["bot2-combined.pem"].clone(), &["bot-combined.pem", "remove"]),
        ("bot.p12", half("bot.p12"), &["bot.p12", "remove"]),
        ("truststore.p12", Vec::new(), &["truststore.p12", "remove"]),
        ("ca.pem", half("ca.pem"), &["ca.pem"]),
        ("ca.key", Vec::new(), &["ca.key"]),
    ];
    let restore =
        || own.iter().for_each(|(name, was)| std::fs::write(folder.join(name), was).unwrap());
    for (name, content, said) in cases {
        std::fs::write(folder.join(name), content).unwrap();
        let before = contents(&folder);
        run(&["certs", "--out", path, "--user", "bot", "--user", "bot2"]).assert_refused(said);
        run(&[&["--certs", path], &ANY_PORTS[..]].concat()).assert_refused(said);
        assert_eq!(changes(&before, &contents(&folder)), [""; 0], "{name}: nothing is overwritten");
        restore();
    }
    // Each fits to itself, and none to the others.
    for name in ["ca.pem", "ca.key"] {
        std::fs::write(folder.join(name), &foreign[name]).unwrap();
    }
    run(&["certs", "--out", path, "--user", "bot"]).assert_refused(&["server.pem", "ca.pem"]);
    restore();
    for name in ["bot.pem", "bot.key", "bot-combined.pem"] {
        std::fs::write(folder.join(name), &foreign[name]).unwrap();
    }
    run(&["certs", "--out", path, "--user", "bot"]).assert_refused(&["bot.pem", "ca.pem"]);
    restore();
    run(&["certs", "--out", path, "--user", "bot"]).assert_success();
}

/// The authority may speak for no server but those that it was made for.
#[test]
fn the_authority_of_a_folder_is_good_for_its_hosts_alone() {
    let folder = folder("constraints");
    let path = folder.to_str().unwrap();
    run(&[
        "certs",
        "--out",
        path,
        "--dns",
        "pod.test",
        "--dns",
        "*.pods.test",
        "--dns",
        "192.0.2.7",
    ])
    .assert_success();
    let names = ["localhost", "127.0.0.1", "::1", "pod.test", "one.pods.test", "192.0.2.7"];
    for name in names {
        assert!(openssl_accepts(&folder, "server.pem", name), "{name}");
    }
    // What its key could be made to sign for others is trusted by nobody.
    let key = KeyPair::from_pem(&std::fs::read_to_string(folder.join("ca.key")).unwrap()).unwrap();
    let authority = std::fs::read_to_string(folder.join("ca.pem")).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&authority, key).unwrap();
    let mut params = CertificateParams::new(vec!["bank.example".to_owned()]).unwrap();
    params.use_authority_key_identifier_extension = true;
    let forged = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    std::fs::write(folder.join("forged.pem"), forged.pem()).unwrap();
    assert!(!openssl_accepts(&folder, "forged.pem", "bank.example"));
    std::fs::remove_file(folder.join("forged.pem")).unwrap();

    // Hosts that come later are no silent mismatch.
    let later = ["certs", "--out", path, "--dns", "late.test"];
    run(&later).assert_refused(&["server.pem", "late.test", "remove"]);
    for name in ["server.pem", "server.key"] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    run(&later).assert_refused(&["ca.pem", "--dns"]);
    run(&["certs", "--out", path, "--dns", "pod.test"]).assert_success();
}

fn openssl_accepts(folder: &Path, certificate: &str, name: &str) -> bool {
    let flag =
        if name.parse::<std::net::IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" };
    let verified = Command::new("openssl")
        .args(["verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", "sslserver", flag, name])
        .arg(certificate)
        .current_dir(folder)
        .output();
    verified.expect("openssl runs").status.success()
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let file = folder("unwritable").join("file");
    std::fs::write(&file, "no folder").unwrap();
    let path = file.join("certs");
    let path = path.to_str().unwrap();
    run(&["certs", "--out", path]).assert_refused(&[path]);
    run(&["certs", "--out", path, "--user", "bot"]).assert_refused(&[path]);
    run(&[&["--certs", path], &ANY_PORTS[..]].concat()).assert_refused(&[path]);
}

#[test]
fn a_folder_with_something_else_in_it_is_refused_by_its_file() {
    let folder = folder("unusable");
    let path = folder.to_str().unwrap();
    std::fs::write(folder.join("ca.pem"), "nonsense").unwrap();
    std::fs::write(folder.join("ca.key"), "nonsense").unwrap();
    run(&["certs", "--out", path, "--user", "bot"]).assert_refused(&["ca.pem"]);
    std::fs::remove_file(folder.join("ca.key")).unwrap();
    run(&["certs", "--out", path, "--user", "bot"]).assert_refused(&["ca.pem"]);
    assert_eq!(std::fs::read(folder.join("ca.pem")).unwrap(), b"nonsense", "it is not overwritten");
}

#[track_caller]
fn assert_complete(folder: &Path, names: &[&str]) {
    let mut expected: Vec<_> = POD.map(str::to_owned).into();
    for name in names {
        expected.extend(FORMATS.map(|suffix| format!("{name}{suffix}")));
    }
    expected.sort();
    assert_eq!(files(folder), expected);
    for (name, content) in contents(folder) {
        let is_pem = content.starts_with(b"-----BEGIN ");
        assert_eq!(is_pem, !name.ends_with(".p12"), "{name}");
        assert!(!content.is_empty(), "{name}");
    }
}

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Names in order, without that of the lock.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != ".lock").collect();
    names.sort();
    names
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let content = |name: String| {
        let content = std::fs::read(folder.join(&name)).unwrap();
        (name, content)
    };
    files(folder).into_iter().map(content).collect()
}

/// Names of the files that are not what they were.
fn changes<'a>(
    before: &BTreeMap<String, Vec<u8>>,
    after: &'a BTreeMap<String, Vec<u8>>,
) -> Vec<&'a str> {
    let changed = after.iter().filter(|(name, content)| before.get(*name) != Some(content));
    changed.map(|(name, _)| name.as_str()).collect()
}
