//! Bots that listen: how soon they hear, and what those cost who hear nothing.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use ring::rsa::KeyPair;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::client::{Client, Connection};
use crate::report::{Aim, Report, median, ratios};
use crate::server::{Kind, Server};
use crate::{PATIENCE, SETTLE, Settings, jwt};

/// To how many bots a message goes.
const AUDIENCES: [usize; 3] = [1, 100, 1_000];
/// How long those who heard a message have to ask for the next.
const AGAIN: Duration = Duration::from_millis(50);
/// How many bots log in at a time.
const AT_ONCE: usize = 16;

/// Somebody who sends into the rooms and hears nothing himself.
struct Sender {
    connection: Connection,
    token: String,
    /// The ids of the rooms, in the order of [`AUDIENCES`].
    rooms: Vec<String>,
}

/// A bot that has a feed, and a connection to read it on.
struct Listener {
    connection: Connection,
    token: String,
    feed: String,
}

pub async fn measure(report: &mut Report, client: &Client, settings: &Settings) -> Result<()> {
    let idle = idle_polls(settings)?;
    let bots = idle.max(AUDIENCES[2]);
    let scenario = settings.folder.join("bots.json");
    fs::write(&scenario, self::scenario(settings, bots)?)?;
    let mock = Kind::Mock {
        binary: settings.mock.clone(),
        scenario: Some(scenario),
        journal: true,
        certificates: None,
    };
    let key = Arc::new(jwt::key(&settings.certificates.join("bot-rsa.pem"))?);
    measure_latency(report, client, &mock, &key, settings).await?;
    measure_idle(report, client, &mock, &key, idle, settings).await
}

/// How many long polls there may be: each takes a file of both processes.
fn idle_polls(settings: &Settings) -> Result<usize> {
    const OTHERS: u64 = 200;
    #[cfg(unix)]
    let (files, _) = rlimit::getrlimit(rlimit::Resource::NOFILE)?;
    // There is no limit of this kind elsewhere.
    #[cfg(not(unix))]
    let files = u64::MAX;
    let most = usize::try_from(files.saturating_sub(OTHERS)).unwrap_or(usize::MAX);
    Ok(settings.plan.idle_polls.min(most))
}

async fn measure_latency(
    report: &mut Report,
    client: &Client,
    mock: &Kind,
    key: &Arc<KeyPair>,
    settings: &Settings,
) -> Result<()> {
    let server = Server::start(mock, &settings.folder)?;
    client.first_answer(server.address, PATIENCE).await?;
    let mut sender = Sender::new(&server, client).await?;
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let mut reading = JoinSet::new();
    for listener in listeners(&server, client, key, AUDIENCES[2]).await? {
        reading.spawn(listener.listen(heard.clone()));
    }
    tokio::time::sleep(SETTLE).await;

    let mut delays: [[Vec<f64>; 2]; 3] = Default::default();
    let mut cpu: [Vec<f64>; 3] = Default::default();
    for round in 0..settings.plan.sends {
        for step in 0..AUDIENCES.len() {
            let which = if round % 2 == 0 { step } else { AUDIENCES.len() - 1 - step };
            let before = server.cpu()?;
            let begun = Instant::now();
            sender.send(which).await?;
            let mut its = Vec::with_capacity(AUDIENCES[which]);
            while its.len() < AUDIENCES[which] {
                let next = tokio::time::timeout(PATIENCE, hearing.recv()).await;
                let at: Instant = next.context("a bot heard nothing")?.context("nobody listens")?;
                its.push((at - begun).as_secs_f64() * 1e3);
            }
            // The bots come again for more, which belongs to the cost of the message; a read that waits has no
            // answer by which one could tell that it got there.
            tokio::time::sleep(AGAIN).await;
            cpu[which].push((server.cpu()? - before).as_secs_f64() * 1e6 / AUDIENCES[which] as f64);
            delays[which][0].push(median(its.iter().copied()));
            delays[which][1].push(its.into_iter().fold(0.0, f64::max));
        }
    }
    if let Some(ended) = reading.try_join_next() {
        ended??;
        bail!("a bot stopped listening");
    }
    report.section(&format!(
        "From sending a message to its arrival at listening bots ({} messages each, interleaved)",
        settings.plan.sends
    ));
    let by_audience = |values: [&Vec<f64>; 3]| {
        let named = ["1 bot", "100 bots", "1000 bots"].into_iter();
        named.zip(values.map(|values| median(values.iter().copied()))).collect::<Vec<_>>()
    };
    let delay = |which: usize| [0, 1, 2].map(|audience| &delays[audience][which]);
    report.medians("at the bot in the middle", "ms", 2, &by_audience(delay(0)));
    report.medians("at the last bot", "ms", 2, &by_audience(delay(1)));
    report.medians("server CPU per bot", "us", 0, &by_audience([&cpu[0], &cpu[1], &cpu[2]]));
    let (ratio, spread) = ratios(&cpu[2], &cpu[1]);
    let what = "server CPU per bot, 1000 / 100 bots";
    report.figure(what, ratio, "x", Some(spread), Aim::Most(1.25));
    Ok(())
}

async fn measure_idle(
    report: &mut Report,
    client: &Client,
    mock: &Kind,
    key: &Arc<KeyPair>,
    count: usize,
    settings: &Settings,
) -> Result<()> {
    const WATCHED: Duration = Duration::from_secs(3);
    let server = Server::start(mock, &settings.folder)?;
    client.first_answer(server.address, PATIENCE).await?;
    let mut sender = Sender::new(&server, client).await?;
    // The first is the one who will be sent something.
    let mut all = listeners(&server, client, key, 1).await?;
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let one = tokio::spawn(all.remove(0).listen(heard));
    tokio::time::sleep(SETTLE).await;
    let alone = sends(&server, &mut sender, &mut hearing, settings.plan.sends).await?;

    let before = server.resident()?;
    let idle = listeners_from(&server, client, key, 1, count).await?;
    let connected = server.resident()?;
    let (stirred, mut reading) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    for mut listener in idle {
        let stirred = Arc::clone(&stirred);
        reading.spawn(async move {
            listener.read(None).await?;
            stirred.fetch_add(1, Ordering::Relaxed);
            anyhow::Ok(())
        });
    }
    tokio::time::sleep(SETTLE * 5).await;
    let waiting = server.resident()?;
    let (cpu, begun) = (server.cpu()?, Instant::now());
    tokio::time::sleep(WATCHED).await;
    let idling = (server.cpu()? - cpu).as_secs_f64() / begun.elapsed().as_secs_f64();
    let among = sends(&server, &mut sender, &mut hearing, settings.plan.sends).await?;
    ensure!(!one.is_finished(), "the bot stopped listening");

    report.section(&format!("Long polls that wait, {count} of them, each of a bot of its own"));
    let kibibytes = |more: u64, less: u64| more.saturating_sub(less) as f64 / 1024.0 / count as f64;
    let whole = kibibytes(waiting, before);
    report.note(&format!(
        "the poll alone {:.1} KiB, without connection, session and feed",
        kibibytes(waiting, connected)
    ));
    report.figure("memory of each", whole, "KiB", None, Aim::Most(48.0));
    report.figure("server CPU while nothing happens", idling * 100.0, "%", None, Aim::Most(1.0));
    let (ratio, spread) = ratios(&among, &alone);
    let what = "server CPU per message, among them / alone";
    report.figure(what, ratio, "x", Some(spread), Aim::Most(1.25));
    let stirred = stirred.load(Ordering::Relaxed) as f64;
    report.figure("polls stirred by messages of others", stirred, "", None, Aim::Most(0.0));
    Ok(())
}

/// What each message costs the server that goes to one bot, in microseconds: medians of ten each.
async fn sends(
    server: &Server,
    sender: &mut Sender,
    hearing: &mut mpsc::UnboundedReceiver<Instant>,
    rounds: usize,
) -> Result<Vec<f64>> {
    const EACH: usize = 10;
    let mut costs = Vec::new();
    for _ in 0..rounds {
        let before = server.cpu()?;
        for _ in 0..EACH {
            sender.send(0).await?;
            let heard = tokio::time::timeout(PATIENCE, hearing.recv()).await;
            heard.context("the bot heard nothing")?.context("nobody listens")?;
        }
        costs.push((server.cpu()? - before).as_secs_f64() * 1e6 / EACH as f64);
    }
    Ok(costs)
}

async fn listeners(
    server: &Server,
    client: &Client,
    key: &Arc<KeyPair>,
    count: usize,
) -> Result<Vec<Listener>> {
    listeners_from(server, client, key, 0, count).await
}

/// Those bots from the `first` on, logged in and with a feed each.
async fn listeners_from(
    server: &Server,
    client: &Client,
    key: &Arc<KeyPair>,
    first: usize,
    count: usize,
) -> Result<Vec<Listener>> {
    let next = Arc::new(AtomicUsize::new(first));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (next, client, key) = (Arc::clone(&next), client.clone(), Arc::clone(key));
        let address = server.address;
        workers.spawn(async move {
            let mut its = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                // The last of those named is in no room, nor are most of the others.
                if number >= count {
                    return anyhow::Ok(its);
                }
                let mut connection = client.connect(address).await?;
                let login = jwt::login_request(&key, &name(number))?;
                let token = jwt::token(&connection.ask(&login).await?)?.to_owned();
                let create = jwt::request("POST", "/agent/v5/datafeeds", Some(&token), "", "");
                let made: Value = serde_json::from_slice(&connection.ask(&create).await?)?;
                let feed = made["id"].as_str().context("a feed without an id")?.to_owned();
                its.push(Listener { connection, token, feed });
            }
        });
    }
    let mut all = Vec::new();
    while let Some(worker) = workers.join_next().await {
        all.extend(worker??);
    }
    Ok(all)
}

impl Listener {
    /// Reads on and on, and says when something came.
    async fn listen(mut self, heard: mpsc::UnboundedSender<Instant>) -> Result<()> {
        let mut ack = None;
        loop {
            let (events, next) = self.read(ack.as_deref()).await?;
            let at = Instant::now();
            for _ in 0..events {
                heard.send(at)?;
            }
            ack = Some(next);
        }
    }

    /// How many events came, and what acknowledges them.
    async fn read(&mut self, ack: Option<&str>) -> Result<(usize, String)> {
        let path = format!("/agent/v5/datafeeds/{}/read", self.feed);
        let body = ack.map_or("{}".to_owned(), |ack| format!(r#"{{"ackId":"{ack}"}}"#));
        let request = jwt::request("POST", &path, Some(&self.token), "application/json", &body);
        let answer: Value = serde_json::from_slice(&self.connection.ask(&request).await?)?;
        let events = answer["events"].as_array().context("an answer without events")?.len();
        Ok((events, answer["ackId"].as_str().context("an answer without an ackId")?.to_owned()))
    }
}

impl Sender {
    async fn new(server: &Server, client: &Client) -> Result<Self> {
        let mut connection = client.connect(server.address).await?;
        let token = jwt::token(&connection.log_in().await?)?.to_owned();
        let list = jwt::request("POST", "/pod/v1/streams/list", Some(&token), "", "");
        let streams: Value = serde_json::from_slice(&connection.ask(&list).await?)?;
        let id = |name: &String| {
            let streams = streams.as_array()?;
            let named = |stream: &&Value| stream["roomAttributes"]["name"] == name.as_str();
            streams.iter().find(named)?["id"].as_str().map(str::to_owned)
        };
        let names = AUDIENCES.map(room);
        let rooms = names.iter().map(id).collect::<Option<_>>().context("a room is missing")?;
        Ok(Self { connection, token, rooms })
    }

    async fn send(&mut self, which: usize) -> Result<()> {
        let path = format!("/agent/v4/stream/{}/message/create", self.rooms[which]);
        let fields = [("message", "<messageML>Hello, bots</messageML>")];
        self.connection.ask(&jwt::form(&path, &self.token, &fields)).await.map(drop)
    }
}

/// A pod with that many bots, all with the same key, and a room for each audience. Polls wait as
/// long as the benchmark runs.
fn scenario(settings: &Settings, bots: usize) -> Result<String> {
    let key = fs::read_to_string(settings.certificates.join("bot-rsa.pub.pem"))?;
    let key = serde_json::to_string(&key)?;
    let mut users = String::from(r#"{"username":"bot","accountType":"SYSTEM"}"#);
    for number in 0..bots {
        let name = name(number);
        write!(users, r#",{{"username":"{name}","accountType":"SYSTEM","publicKey":{key}}}"#)?;
    }
    let rooms = AUDIENCES.map(|size| {
        let members = (0..size).map(|number| format!("\"{}\"", name(number)));
        let members = members.collect::<Vec<_>>().join(",");
        format!(r#"{{"name":"{}","owners":["bot"],"members":[{members}]}}"#, room(size))
    });
    let settings = r#"{"datafeedLongPoll":"1h"}"#;
    Ok(format!(r#"{{"settings":{settings},"users":[{users}],"rooms":[{}]}}"#, rooms.join(",")))
}

fn name(number: usize) -> String {
    format!("listener{number}")
}

fn room(size: usize) -> String {
    format!("Room of {size}")
}
