//! What only Unix can try: signals, limits of a shell, and the pace at which it refuses connections.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::{ANY_PORTS, Served, command, connected, folder, run, trusting_the_pod};

#[test]
fn sigterm_and_ctrl_c_end_it_in_order() {
    for signal in ["-TERM", "-INT"] {
        let pod = Served::start(&[]);
        pod.signal(signal);
        let ended = pod.ended();
        assert_eq!(ended.status.code(), Some(0), "{signal}: {ended:?}");
        assert_eq!(ended.stdout, "", "nothing but the ready line goes to stdout");
    }
}

/// Readiness that holds: whoever gets through to a pod that is starting is served. A port is bound
/// when there is somebody behind it, and from then on it stays.
///
/// Windows takes seconds to refuse one, so there would be no end to it there.
#[test]
fn while_it_starts_a_connection_is_refused_or_answered_and_never_reset() {
    const ATTEMPTS: usize = 10_000;
    const CLIENTS: usize = 4;
    let scenario = folder("big").join("scenario.yaml");
    let users = (0..5_000).map(|n| format!("  - {{ username: user{n}, displayName: User {n} }}\n"));
    std::fs::write(&scenario, format!("users:\n{}", users.collect::<String>())).unwrap();
    let [main, control] = free_ports();
    let flags = ["--mtls-port", "0", "--port", &main.to_string(), "--control-port"]
        .map(str::to_owned)
        .into_iter()
        .chain([control.to_string(), "--scenario".into(), scenario.display().to_string()]);
    let ready = AtomicBool::new(false);
    let tls = trusting_the_pod();

    let client = || {
        let mut tally = Tally::default();
        let mut attempts = 0;
        // On until the pod has answered for a while after it said that it was ready.
        while attempts < ATTEMPTS / CLIENTS || tally.answered_when_ready < 20 {
            let was_ready = ready.load(Ordering::SeqCst);
            let answer = match attempts % 2 {
                0 => plain_answer(control),
                _ => tls_answer(main, &tls),
            };
            tally.count(answer, was_ready);
            attempts += 1;
        }
        tally
    };
    let tallies = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let pod = Served::of(command(&[]).args(flags));
        ready.store(true, Ordering::SeqCst);
        let tallies: Vec<_> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        assert_eq!(pod.ready["port"], main);
        tallies
    });
    let all = |count: fn(&Tally) -> usize| tallies.iter().map(count).sum::<usize>();
    assert!(all(|tally| tally.refused) > 0, "nobody came before the ports were bound: {tallies:?}");
    assert!(all(|tally| tally.refused + tally.answered) >= ATTEMPTS, "{tallies:?}");
}

/// What became of one client's attempts.
#[derive(Debug, Default)]
struct Tally {
    refused: usize,
    answered: usize,
    answered_when_ready: usize,
}

impl Tally {
    #[track_caller]
    fn count(&mut self, answer: std::io::Result<()>, ready: bool) {
        match answer {
            Ok(()) => {
                self.answered += 1;
                self.answered_when_ready += usize::from(ready);
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused && !ready => {
                assert_eq!(self.answered, 0, "refused after it had answered");
                self.refused += 1;
            }
            Err(error) => panic!("neither refused nor answered (ready: {ready}): {error}"),
        }
    }
}

const ASK: &[u8] = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

fn plain_answer(port: u16) -> std::io::Result<()> {
    asked(connected(port)?, b"HTTP/1.1 200 ")
}

/// A path of the control port on a TLS port is not found, which is an answer.
fn tls_answer(port: u16, tls: &Arc<ClientConfig>) -> std::io::Result<()> {
    let stream = connected(port)?;
    let name = ServerName::try_from("localhost").expect("a name");
    let client = ClientConnection::new(Arc::clone(tls), name).map_err(std::io::Error::other)?;
    asked(StreamOwned::new(client, stream), b"HTTP/1.1 404 ")
}

fn asked(mut stream: impl Read + Write, expected: &[u8]) -> std::io::Result<()> {
    let failed =
        |error: std::io::Error| std::io::Error::other(format!("after connecting: {error}"));
    stream.write_all(ASK).map_err(failed)?;
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).map_err(failed)?;
    match answer == expected {
        true => Ok(()),
        false => Err(failed(std::io::Error::other(String::from_utf8_lossy(&answer)))),
    }
}

/// Two ports that were free a moment ago, and that no client gets for its own end of a connection:
/// one that did would connect to itself.
fn free_ports() -> [u16; 2] {
    const BELOW_THE_EPHEMERAL: u16 = 32_768;
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).expect("it is small");
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let mut free = (first..BELOW_THE_EPHEMERAL).filter(is_free);
    [(); 2].map(|()| free.next().expect("a free port"))
}

/// Whoever wants to know why can still ask.
#[test]
fn the_control_port_answers_when_tls_connections_have_taken_all_files() {
    let limited = "ulimit -n 96 && exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", limited, env!("CARGO_BIN_EXE_symphony-mock-pod")]).args(ANY_PORTS);
    let pod = Served::of(&mut shell);
    let port = pod.ready["port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap();
    let silent: Vec<_> =
        (0..120).map(|_| connected(port).expect("it waits to be accepted")).collect();
    for _ in 0..5 {
        run(&["healthcheck", "--control-port", &pod.control_port()]).assert_success();
    }
    drop(silent);
    tls_answer(port, &trusting_the_pod()).unwrap();
}
