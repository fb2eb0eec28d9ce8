//! Speed and memory of the mock pod beside nginx, which answers the same bytes over the same mutual TLS.
//!
//! Absolute rates differ from hour to hour on one machine; only ratios of interleaved rounds and processor time per operation are
//! worth comparing. The program judges its figures against the project's aims and always exits with success once it has measured.

#![allow(
    clippy::disallowed_methods,
    reason = "a benchmark reads the machine's clock and waits for it"
)]

mod before;
mod bots;
mod client;
mod growth;
mod jwt;
mod load;
mod policies;
mod report;
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use client::Client;
use load::Outcome;
use report::{Aim, Report, median, ratios};
use server::{Kind, Server, Sessions};

const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server is left alone before its memory or its processor time counts: what it still does
/// after an answer, and what it frees, it tells nobody.
const SETTLE: Duration = Duration::from_millis(300);
const HANDSHAKES_AT_ONCE: usize = 8;
const KEPT_ALIVE_CONNECTIONS: usize = 32;
const LIVE_SESSIONS: usize = 100_000;
const LIVE_CONNECTIONS: usize = 1_000;
const LOGINS_AFTER_START: usize = 100;
/// Megabytes of the binary as cargo links it, and of the image in a registry.
const BINARY_AIM: f64 = 13.0;
const IMAGE_AIM: f64 = 6.0;
/// Mebibytes of a pod that has seen one login.
const IDLE_AIM: f64 = 12.0;

/// How much is done; rounds should be odd.
struct Plan {
    rounds: usize,
    p256_handshakes: usize,
    rsa_handshakes: usize,
    kept_alive: usize,
    starts: usize,
    /// To how many live sessions the store grows, step by step.
    store: &'static [usize],
    /// How many messages are sent to each number of listening bots.
    sends: usize,
    idle_polls: usize,
    /// To how many rooms and messages a pod grows, step by step.
    growth: &'static [(usize, usize)],
    pods: usize,
}

const FULL: Plan = Plan {
    rounds: 9,
    p256_handshakes: 2_000,
    rsa_handshakes: 500,
    kept_alive: 60_000,
    starts: 15,
    store: &[1_000, 10_000, 100_000, 1_000_000],
    sends: 50,
    idle_polls: 10_000,
    growth: &[(1_000, 10_000), (10_000, 100_000), (100_000, 1_000_000)],
    pods: 10_000,
};
const QUICK: Plan = Plan {
    rounds: 3,
    p256_handshakes: 800,
    rsa_handshakes: 200,
    kept_alive: 20_000,
    starts: 5,
    store: &[1_000, 10_000, 50_000],
    sends: 20,
    idle_polls: 1_000,
    growth: &[(500, 5_000), (5_000, 50_000)],
    pods: 1_000,
};

/// What the command line says.
struct Settings {
    plan: Plan,
    /// What is measured: the pod as its image has it.
    mock: PathBuf,
    /// The pod as cargo links it, whose size alone counts.
    dynamic: PathBuf,
    /// Not needed for a part that is not beside it.
    nginx: Option<PathBuf>,
    certificates: PathBuf,
    rsa_client: PathBuf,
    folder: PathBuf,
    /// Only what bots and growing pods cost, without nginx.
    bots: bool,
    /// Only what the pod costs beside an earlier build of it, without nginx.
    before: Option<PathBuf>,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let settings = Settings::from_arguments()?;
    rlimit::increase_nofile_limit(u64::MAX)?;
    let authority = settings.certificates.join("ca.pem");
    let identity = |folder: &PathBuf| {
        Client::new(&authority, &folder.join("bot.pem"), &folder.join("bot.key"))
    };
    let p256 = identity(&settings.certificates)?;
    let rsa = identity(&settings.rsa_client)?;
    let mut report = Report::default();

    if let Some(before) = &settings.before {
        before::measure(&mut report, &p256, &settings, before).await?;
        report.summary();
        return Ok(());
    }
    if settings.bots {
        measure_bots(&mut report, &p256, &settings).await?;
        report.summary();
        return Ok(());
    }
    let program = settings.nginx.clone().context("--nginx is missing")?;
    let mock = Kind::Mock {
        binary: settings.mock.clone(),
        scenario: None,
        journal: true,
        certificates: None,
    };
    let (body, idle) = {
        let server = Server::start(&mock, &settings.folder)?;
        let body = p256.first_answer(server.address, PATIENCE).await.context("the mock pod")?;
        tokio::time::sleep(SETTLE).await;
        (String::from_utf8(body)?, server.resident()?)
    };
    let nginx = |sessions| Kind::Nginx {
        program: program.clone(),
        certificates: settings.certificates.clone(),
        body: body.clone(),
        sessions,
    };
    let kinds = [mock, nginx(Sessions::CacheAndTickets), nginx(Sessions::None)];
    println!(
        "Each answer is {} bytes of JSON. nginx*: without session cache and tickets.",
        body.len()
    );
    println!("Ratios are medians of paired rounds (lowest to highest round).");

    let mut fleet = Vec::new();
    for kind in &kinds {
        let server = Server::start(kind, &settings.folder)?;
        p256.first_answer(server.address, PATIENCE).await.with_context(|| format!("{kind:?}"))?;
        fleet.push(server);
    }
    measure_handshakes(&mut report, &fleet, &p256, &rsa, &settings.plan).await?;
    measure_kept_alive(&mut report, &fleet[..2], &p256, &settings.plan).await?;
    drop(fleet);
    measure_journal(&mut report, &p256, &settings).await?;
    measure_starts(&mut report, &kinds[..2], &p256, &settings).await?;
    measure_memory(&mut report, &kinds[..2], idle, &p256, &settings).await?;
    measure_store(&mut report, &kinds[0], &p256, &settings).await?;
    measure_bots(&mut report, &p256, &settings).await?;

    report.section("Size");
    let size = megabytes(&settings.dynamic)?;
    report.figure("binary, linked by cargo", size, "MB", None, Aim::Most(BINARY_AIM));
    let (size, compressed) = (megabytes(&settings.mock)?, compressed(&settings.mock)?);
    report.note(&format!("binary of the image: {size:.2} MB"));
    report.figure("the same, compressed", compressed, "MB", None, Aim::Most(IMAGE_AIM));
    report.summary();
    Ok(())
}

fn megabytes(file: &Path) -> Result<f64> {
    Ok(fs::metadata(file)?.len() as f64 / 1e6)
}

/// What a registry keeps of the image, which has a licence and this file in it, in megabytes. Releases are compressed so.
fn compressed(file: &Path) -> Result<f64> {
    let zstd = ["-19", "--quiet", "--stdout"];
    let zstd = Command::new("zstd").args(zstd).arg(file).output().context("zstd")?;
    ensure!(zstd.status.success(), "zstd: {}", String::from_utf8_lossy(&zstd.stderr));
    Ok(zstd.stdout.len() as f64 / 1e6)
}

async fn measure_bots(report: &mut Report, client: &Client, settings: &Settings) -> Result<()> {
    bots::measure(report, client, settings).await?;
    growth::measure(report, client, settings).await?;
    growth::measure_pods(report, client, settings).await?;
    policies::measure(report, client, settings).await
}

/// Rounds of one load over all servers, outcomes by server; every other round goes backwards, so that none always comes first.
async fn interleave(
    rounds: usize,
    servers: usize,
    mut load: impl AsyncFnMut(usize) -> Result<Outcome>,
) -> Result<Vec<Vec<Outcome>>> {
    let mut outcomes = vec![Vec::new(); servers];
    for round in 0..rounds {
        for step in 0..servers {
            let server = if round % 2 == 0 { step } else { servers - 1 - step };
            outcomes[server].push(load(server).await?);
        }
    }
    Ok(outcomes)
}

async fn measure_handshakes(
    report: &mut Report,
    fleet: &[Server],
    p256: &Client,
    rsa: &Client,
    plan: &Plan,
) -> Result<()> {
    for (key, client, count, cpu_aim) in
        [("P-256", p256, plan.p256_handshakes, 0.30), ("RSA-4096", rsa, plan.rsa_handshakes, 0.42)]
    {
        for server in fleet {
            load::handshakes(server, client, count / 10, HANDSHAKES_AT_ONCE).await?;
        }
        let outcomes = interleave(plan.rounds, fleet.len(), async |server| {
            load::handshakes(&fleet[server], client, count, HANDSHAKES_AT_ONCE).await
        })
        .await?;
        let rates = each(&outcomes, |outcome| outcome.rate);
        let cpu = each(&outcomes, |outcome| outcome.cpu);

        report.section(&format!("Full handshake + authenticate, {key} client ({count} per round, {} rounds, none resumed)", plan.rounds));
        report.medians("rate", "/s", 0, &by_server(&rates));
        report.medians("server CPU per operation", "us", 0, &by_server(&cpu));
        let (ratio, spread) = ratios(&cpu[0], &cpu[1]);
        report.figure("server CPU / nginx", ratio, "x", Some(spread), Aim::Most(cpu_aim));
        if key == "P-256" {
            let (ratio, spread) = ratios(&rates[0], &rates[1]);
            report.figure("rate / nginx", ratio, "x", Some(spread), Aim::Least(2.2));
            let (ratio, spread) = ratios(&rates[0], &rates[2]);
            report.figure("rate / nginx*", ratio, "x", Some(spread), Aim::Least(1.5));
        } else {
            report.note("the rate is bound by the client, who signs with 4,096 bits: no aim");
        }
        let (ratio, _) = ratios(&cpu[0], &cpu[2]);
        report.note(&format!("server CPU / nginx*: {ratio:.2} x"));
    }
    Ok(())
}

async fn measure_kept_alive(
    report: &mut Report,
    fleet: &[Server],
    client: &Client,
    plan: &Plan,
) -> Result<()> {
    let mut connections = Vec::new();
    for server in fleet {
        let mut its = load::open(server, client, KEPT_ALIVE_CONNECTIONS).await?;
        load::kept_alive(server, &mut its, plan.kept_alive / 10).await?;
        connections.push(its);
    }
    let outcomes = interleave(plan.rounds, fleet.len(), async |server| {
        load::kept_alive(&fleet[server], &mut connections[server], plan.kept_alive).await
    })
    .await?;
    let rates = each(&outcomes, |outcome| outcome.rate);
    let cpu = each(&outcomes, |outcome| outcome.cpu);
    let p99 = each(&outcomes, |outcome| outcome.p99);

    report.section(&format!(
        "Authenticate on {KEPT_ALIVE_CONNECTIONS} kept-alive connections ({} per round, {} rounds)",
        plan.kept_alive, plan.rounds
    ));
    report.medians("rate", "/s", 0, &by_server(&rates));
    report.medians("server CPU per operation", "us", 1, &by_server(&cpu));
    report.medians("p99", "ms", 2, &by_server(&p99));
    let (ratio, spread) = ratios(&rates[0], &rates[1]);
    report.figure("rate / nginx", ratio, "x", Some(spread), Aim::Least(0.75));
    let (ratio, spread) = ratios(&p99[0], &p99[1]);
    report.figure("p99 / nginx", ratio, "x", Some(spread), Aim::Most(1.0));
    Ok(())
}

/// What the journal costs on the path that has the least to do beside it.
async fn measure_journal(report: &mut Report, client: &Client, settings: &Settings) -> Result<()> {
    let mut fleet = Vec::new();
    for journal in [true, false] {
        let kind = Kind::Mock {
            binary: settings.mock.clone(),
            scenario: None,
            journal,
            certificates: None,
        };
        let server = Server::start(&kind, &settings.folder)?;
        client.first_answer(server.address, PATIENCE).await?;
        fleet.push(server);
    }
    let mut connections = Vec::new();
    for server in &fleet {
        let mut its = load::open(server, client, KEPT_ALIVE_CONNECTIONS).await?;
        load::kept_alive(server, &mut its, settings.plan.kept_alive / 10).await?;
        connections.push(its);
    }
    let outcomes = interleave(settings.plan.rounds, fleet.len(), async |server| {
        load::kept_alive(&fleet[server], &mut connections[server], settings.plan.kept_alive).await
    })
    .await?;
    let cpu = each(&outcomes, |outcome| outcome.cpu);
    report.section("The journal, on kept-alive connections");
    let (ratio, spread) = ratios(&cpu[0], &cpu[1]);
    report.figure("server CPU, with / without", ratio, "x", Some(spread), Aim::Most(1.10));
    Ok(())
}

async fn measure_starts(
    report: &mut Report,
    kinds: &[Kind],
    client: &Client,
    settings: &Settings,
) -> Result<()> {
    let mut first = vec![Vec::new(); kinds.len()];
    let mut hundred = first.clone();
    for _ in 0..settings.plan.starts {
        for (index, kind) in kinds.iter().enumerate() {
            let server = Server::start(kind, &settings.folder)?;
            client.first_answer(server.address, PATIENCE).await?;
            first[index].push(server.age().as_secs_f64() * 1e3);
            for _ in 1..LOGINS_AFTER_START {
                client.connect_and_log_in(server.address).await?;
            }
            hundred[index].push(server.age().as_secs_f64() * 1e3);
        }
    }
    report.section(&format!(
        "Start of the process ({} starts; logins one after the other, each on a new connection)",
        settings.plan.starts
    ));
    report.medians("to the first good answer", "ms", 1, &by_server(&first));
    report.medians("to 100 logins, P-256 client", "ms", 0, &by_server(&hundred));
    report.figure(
        "first good answer",
        median(first[0].iter().copied()),
        "ms",
        Some(range(&first[0])),
        Aim::Most(10.0),
    );
    let (ratio, spread) = ratios(&first[0], &first[1]);
    report.figure("first good answer / nginx", ratio, "x", Some(spread), Aim::Most(1.0));
    report.figure(
        "100 logins",
        median(hundred[0].iter().copied()),
        "ms",
        Some(range(&hundred[0])),
        Aim::Most(130.0),
    );
    Ok(())
}

async fn measure_memory(
    report: &mut Report,
    kinds: &[Kind],
    idle: u64,
    client: &Client,
    settings: &Settings,
) -> Result<()> {
    const MEBIBYTE: f64 = (1 << 20) as f64;
    let mut with_sessions = Vec::new();
    let mut per_connection = Vec::new();
    for kind in kinds {
        let server = Server::start(kind, &settings.folder)?;
        client.first_answer(server.address, PATIENCE).await?;
        let mut connections = load::open(&server, client, KEPT_ALIVE_CONNECTIONS).await?;
        load::kept_alive(&server, &mut connections, LIVE_SESSIONS).await?;
        drop(connections);
        tokio::time::sleep(SETTLE).await;
        with_sessions.push(server.resident()? as f64 / MEBIBYTE);
        drop(server);

        let server = Server::start(kind, &settings.folder)?;
        client.first_answer(server.address, PATIENCE).await?;
        let before = server.resident()?;
        let connections = load::open(&server, client, LIVE_CONNECTIONS).await?;
        tokio::time::sleep(SETTLE).await;
        let grown = server.resident()?.saturating_sub(before);
        per_connection.push(grown as f64 / 1024.0 / connections.len() as f64);
    }
    report.section("Resident memory (nginx: the sum of its processes)");
    report.medians(&format!("after {LIVE_SESSIONS} logins"), "MiB", 1, &named(&with_sessions));
    report.medians(
        &format!("per connection, of {LIVE_CONNECTIONS} idle ones"),
        "KiB",
        1,
        &named(&per_connection),
    );
    report.figure(
        "idle, after one login",
        idle as f64 / MEBIBYTE,
        "MiB",
        None,
        Aim::Most(IDLE_AIM),
    );
    report.figure(
        &format!("with {LIVE_SESSIONS} live sessions"),
        with_sessions[0],
        "MiB",
        None,
        Aim::Most(32.0),
    );
    report.figure("per live connection", per_connection[0], "KiB", None, Aim::Most(36.0));
    Ok(())
}

/// Logins by RSA, and what a look-up costs while the store of sessions grows.
async fn measure_store(
    report: &mut Report,
    mock: &Kind,
    client: &Client,
    settings: &Settings,
) -> Result<()> {
    let server = Server::start(mock, &settings.folder)?;
    client.first_answer(server.address, PATIENCE).await?;
    let mut connections = load::open(&server, client, KEPT_ALIVE_CONNECTIONS).await?;
    let by_jwt = jwt::login_request(&jwt::key(&settings.certificates.join("bot-rsa.pem"))?, "bot")?;
    let (mut cpu, mut rate) = ([Vec::new(), Vec::new()], Vec::new());
    for _ in 0..settings.plan.rounds {
        let count = settings.plan.kept_alive / 10;
        let rsa = load::repeat(&server, &mut connections, by_jwt.clone(), count).await?;
        let certificate = load::kept_alive(&server, &mut connections, count).await?;
        rate.push(rsa.rate);
        cpu[0].push(rsa.cpu);
        cpu[1].push(certificate.cpu);
    }
    report.section("Logins by RSA-2048 JWT, kept alive, beside logins by certificate");
    report.medians("rate by JWT", "/s", 0, &[("mock", median(rate.iter().copied()))]);
    let (ratio, (low, high)) = ratios(&cpu[0], &cpu[1]);
    report.note(&format!("server CPU, JWT / certificate: {ratio:.2} x ({low:.2} to {high:.2})"));
    drop(server);

    let server = Server::start(mock, &settings.folder)?;
    client.first_answer(server.address, PATIENCE).await?;
    let mut connections = load::open(&server, client, KEPT_ALIVE_CONNECTIONS).await?;
    let token = connections[0].log_in().await?;
    let who_am_i = jwt::with_session("/pod/v2/sessioninfo", &token)?;
    report.section("Look-ups of a session as their number grows");
    let (mut live, mut first) = (KEPT_ALIVE_CONNECTIONS + 2, None);
    for &wanted in settings.plan.store {
        load::kept_alive(&server, &mut connections, wanted.saturating_sub(live).max(1)).await?;
        live = wanted;
        let looked_up =
            load::repeat(&server, &mut connections, who_am_i.clone(), settings.plan.kept_alive / 2)
                .await?;
        let resident = server.resident()?;
        let (base, small) = *first.get_or_insert((looked_up.cpu, resident));
        let mut line =
            format!("{wanted:>9} sessions: server CPU of a look-up {:.2} x", looked_up.cpu / base);
        if resident > small {
            let bytes = (resident - small) / (wanted - settings.plan.store[0]) as u64;
            line += &format!(", {bytes} bytes a session");
        }
        report.note(&line);
    }
    Ok(())
}

fn each(outcomes: &[Vec<Outcome>], value: impl Fn(&Outcome) -> f64) -> Vec<Vec<f64>> {
    outcomes.iter().map(|rounds| rounds.iter().map(&value).collect()).collect()
}

fn by_server(rounds: &[Vec<f64>]) -> Vec<(&'static str, f64)> {
    named(&rounds.iter().map(|values| median(values.iter().copied())).collect::<Vec<_>>())
}

fn named(values: &[f64]) -> Vec<(&'static str, f64)> {
    ["mock", "nginx", "nginx*"].into_iter().zip(values.iter().copied()).collect()
}

fn range(values: &[f64]) -> (f64, f64) {
    let fold = |start: f64, pick: fn(f64, f64) -> f64| values.iter().copied().fold(start, pick);
    (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max))
}

impl Settings {
    fn from_arguments() -> Result<Self> {
        use lexopt::prelude::{Long, ValueExt};

        let mut plan = FULL;
        let (mut mock, mut dynamic, mut nginx, mut certificates, mut rsa_client, mut folder) =
            (None, None, None, None, None, None);
        let (mut bots, mut before) = (false, None);
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            let path = match argument {
                Long("quick") => {
                    plan = QUICK;
                    continue;
                }
                Long("bots") => {
                    bots = true;
                    continue;
                }
                Long("before") => &mut before,
                Long("mock") => &mut mock,
                Long("dynamic") => &mut dynamic,
                Long("nginx") => &mut nginx,
                Long("certs") => &mut certificates,
                Long("rsa-client") => &mut rsa_client,
                Long("folder") => &mut folder,
                other => return Err(other.unexpected().into()),
            };
            *path = Some(PathBuf::from(arguments.value()?.string()?));
        }
        let existing = |path: Option<PathBuf>, name: &str| {
            let path = path.with_context(|| format!("--{name} is missing"))?;
            path.canonicalize().with_context(|| format!("--{name} {}", path.display()))
        };
        Ok(Self {
            plan,
            mock: existing(mock, "mock")?,
            dynamic: existing(dynamic, "dynamic")?,
            nginx: nginx.map(|nginx| existing(Some(nginx), "nginx")).transpose()?,
            certificates: existing(certificates, "certs")?,
            rsa_client: existing(rsa_client, "rsa-client")?,
            folder: existing(folder, "folder")?,
            bots,
            before: before.map(|before| existing(Some(before), "before")).transpose()?,
        })
    }
}
