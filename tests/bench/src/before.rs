//! A build of the pod beside an earlier one: what a change costs, in rounds of one run.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::client::{Client, Connection};
use crate::report::{Aim, Report, median, ratios};
use crate::server::{Kind, Server};
use crate::{
    BINARY_AIM, HANDSHAKES_AT_ONCE, IDLE_AIM, IMAGE_AIM, KEPT_ALIVE_CONNECTIONS, PATIENCE, SETTLE,
    Settings, compressed, each, interleave, jwt, load, megabytes,
};

/// Between two looks whether a pod listens.
const STEP: Duration = Duration::from_micros(200);

/// Measures `settings.mock` beside the binary at `before`.
pub async fn measure(
    report: &mut Report,
    client: &Client,
    settings: &Settings,
    before: &Path,
) -> Result<()> {
    let plan = &settings.plan;
    // An earlier build may have other certificates in it than the client knows: for logins both are
    // given today's, for starts none, and what counts there is the control port's first answer.
    let folder = settings.folder.join("certs");
    fs::create_dir_all(&folder)?;
    for file in fs::read_dir(&settings.certificates)? {
        let file = file?;
        fs::copy(file.path(), folder.join(file.file_name()))?;
    }
    let kinds = |certificates: Option<PathBuf>| {
        [&settings.mock, before].map(|binary| Kind::Mock {
            binary: binary.to_owned(),
            scenario: None,
            journal: true,
            certificates: certificates.clone(),
        })
    };
    let (starting, kinds) = (kinds(None), kinds(Some(folder)));
    println!("Ratios are now / before, medians of paired rounds (lowest to highest round).");

    let mut fleet = Vec::new();
    for kind in &kinds {
        let server = Server::start(kind, &settings.folder)?;
        client.first_answer(server.address, PATIENCE).await.with_context(|| format!("{kind:?}"))?;
        fleet.push(server);
    }
    report.section("Server CPU per operation");
    for server in &fleet {
        load::handshakes(server, client, plan.p256_handshakes / 10, HANDSHAKES_AT_ONCE).await?;
    }
    let handshakes = interleave(plan.rounds, fleet.len(), async |server| {
        load::handshakes(&fleet[server], client, plan.p256_handshakes, HANDSHAKES_AT_ONCE).await
    })
    .await?;
    figure(report, "handshake + login, P-256", "us", &each(&handshakes, |it| it.cpu), 1.02);
    let mut connections = Vec::new();
    for server in &fleet {
        let mut its = load::open(server, client, KEPT_ALIVE_CONNECTIONS).await?;
        load::kept_alive(server, &mut its, plan.kept_alive / 10).await?;
        connections.push(its);
    }
    let logins = interleave(plan.rounds, fleet.len(), async |server| {
        load::kept_alive(&fleet[server], &mut connections[server], plan.kept_alive).await
    })
    .await?;
    figure(report, "login, kept alive", "us", &each(&logins, |it| it.cpu), 1.05);
    let (rates, p99) = (each(&logins, |it| it.rate), each(&logins, |it| it.p99));
    let (rate, p99) = (ratios(&rates[0], &rates[1]).0, ratios(&p99[0], &p99[1]).0);
    report.note(&format!("rate of such logins {rate:.2} x, their p99 {p99:.2} x"));
    drop((connections, fleet));

    report.section(&format!("Start, until ready ({} starts)", plan.starts));
    let mut starts = [const { Vec::new() }; 4];
    for round in 0..plan.starts {
        for step in 0..starting.len() {
            let which = (step + round) % starting.len();
            let server = Server::start(&starting[which], &settings.folder)?;
            ready(server.control).await?;
            starts[which].push(server.age().as_secs_f64() * 1e3);
            starts[2 + which].push(server.cpu()?.as_secs_f64() * 1e3);
        }
    }
    figure(report, "time", "ms", &starts[..2], 1.1);
    figure(report, "server CPU", "ms", &starts[2..], 1.1);

    report.section("Size");
    let mut idle = [const { Vec::new() }; 2];
    for _ in 0..plan.rounds {
        for (which, kind) in kinds.iter().enumerate() {
            let server = Server::start(kind, &settings.folder)?;
            client.first_answer(server.address, PATIENCE).await?;
            tokio::time::sleep(SETTLE).await;
            idle[which].push(server.resident()? as f64 / f64::from(1 << 20));
        }
    }
    report.medians("idle", "MiB", 1, &named(&idle));
    let now = median(idle[0].iter().copied());
    report.figure("idle, after one login", now, "MiB", None, Aim::Most(IDLE_AIM));
    let sizes = [megabytes(&settings.mock)?, megabytes(before)?];
    report.medians("binary of the image", "MB", 2, &[("now", sizes[0]), ("before", sizes[1])]);
    let zipped = [compressed(&settings.mock)?, compressed(before)?];
    report.medians("compressed", "MB", 2, &[("now", zipped[0]), ("before", zipped[1])]);
    report.figure("compressed", zipped[0], "MB", None, Aim::Most(IMAGE_AIM));
    let linked = megabytes(&settings.dynamic)?;
    report.figure("binary, linked by cargo", linked, "MB", None, Aim::Most(BINARY_AIM));
    Ok(())
}

/// Waits for the control port to answer.
async fn ready(control: SocketAddr) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    let asked = jwt::request("GET", "/readyz", None, "", "");
    while Instant::now() < end {
        if let Ok(mut connection) = Connection::plain(control).await {
            connection.ask(&asked).await?;
            return Ok(());
        }
        // Shorter than the timer of the runtime can be.
        std::thread::sleep(STEP);
    }
    bail!("not ready in time")
}

fn figure(report: &mut Report, what: &str, unit: &str, rounds: &[Vec<f64>], most: f64) {
    report.medians(what, unit, 2, &named(rounds));
    let (ratio, spread) = ratios(&rounds[0], &rounds[1]);
    report.figure(what, ratio, "x", Some(spread), Aim::Most(most));
}

fn named(rounds: &[Vec<f64>]) -> [(&'static str, f64); 2] {
    let middle = |rounds: &Vec<f64>| median(rounds.iter().copied());
    [("now", middle(&rounds[0])), ("before", middle(&rounds[1]))]
}
