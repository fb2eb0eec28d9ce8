//! What pages cost while a pod grows, what it costs to keep and to go back to one, and what many
//! pods in one process take.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::net::TcpStream;

use crate::client::{Client, Connection};
use crate::report::{Aim, Report, median};
use crate::server::{Kind, Server};
use crate::{KEPT_ALIVE_CONNECTIONS, PATIENCE, SETTLE, Settings, jwt, load};

/// Streams that one blast goes to: the most that a pod takes.
const BLAST: usize = 100;
/// Rooms whose name has a word that no other has.
const RARE: usize = 20;
const JSON: &str = "application/json";

pub async fn measure(report: &mut Report, client: &Client, settings: &Settings) -> Result<()> {
    let mock = Kind::Mock {
        binary: settings.mock.clone(),
        scenario: None,
        journal: true,
        certificates: None,
    };
    let server = Server::start(&mock, &settings.folder)?;
    client.first_answer(server.address, PATIENCE).await?;
    let mut connections = load::open(&server, client, KEPT_ALIVE_CONNECTIONS).await?;
    let token = jwt::token(&connections[0].log_in().await?)?.to_owned();
    let mut control = Connection::plain(server.control).await?;
    let (mut rooms, mut sent) = (Vec::<String>::new(), 0);
    let mut first: Option<Vec<f64>> = None;
    let mut small = 0;
    report.section("Server CPU of a page while a pod grows, and of going back to a snapshot of it");
    for &(rooms_wanted, messages_wanted) in settings.plan.growth {
        make_rooms(&mut connections[0], &token, &mut rooms, rooms_wanted).await?;
        // All into the same streams, so that these grow too.
        while sent < messages_wanted {
            let fields = [
                ("sids", &*rooms[..BLAST].join(",")),
                ("message", "<messageML>Hello, <b>everybody</b> who reads this</messageML>"),
            ];
            connections[0].ask(&jwt::form("/agent/v4/message/blast", &token, &fields)).await?;
            sent += BLAST;
        }
        let pages = pages(&token, &rooms[0]);
        let mut costs = Vec::new();
        for (_, request) in &pages {
            let mut rounds = Vec::new();
            for _ in 0..3 {
                let count = settings.plan.kept_alive / 200;
                rounds.push(
                    load::repeat(&server, &mut connections, request.clone(), count).await?.cpu,
                );
            }
            costs.push(median(rounds));
        }
        let (keep, back) = snapshots(&mut control).await?;
        let resident = server.resident()?;
        let base = first.get_or_insert_with(|| costs.clone());
        report.note(&format!("{} rooms, {sent} messages:", rooms.len()));
        for (((name, _), cost), base) in pages.iter().zip(&costs).zip(base.iter()) {
            report.note(&format!("  {name:<44} {cost:>8.0} us  {:>6.2} x", cost / base));
        }
        report.note(&format!("  {:<44} {keep:>8.2} ms", "to take a snapshot"));
        report.note(&format!("  {:<44} {back:>8.2} ms", "to go back to it"));
        if small > 0 {
            let memory = (resident - small) as f64 / (sent - settings.plan.growth[0].1) as f64;
            report.note(&format!("  {memory:.0} bytes a message, its share of the rooms included"));
        } else {
            small = resident;
        }
        if (rooms_wanted, messages_wanted) == *settings.plan.growth.last().context("no steps")? {
            for (((name, _), cost), base) in pages.iter().zip(&costs).zip(base.iter()) {
                if name.starts_with("newest") || name.contains("rare") {
                    report.figure(name, cost / base, "x", None, Aim::Most(1.5));
                }
            }
            report.figure("to take a snapshot", keep, "ms", None, Aim::Most(5.0));
            report.figure("to go back to it", back, "ms", None, Aim::Most(5.0));
        }
    }
    Ok(())
}

/// Pods in one process, as many tests have them: what each takes once it is there, and once a bot
/// has logged in, listened and sent something.
pub async fn measure_pods(report: &mut Report, client: &Client, settings: &Settings) -> Result<()> {
    let mock = Kind::Mock {
        binary: settings.mock.clone(),
        scenario: None,
        journal: true,
        certificates: None,
    };
    let server = Server::start(&mock, &settings.folder)?;
    client.first_answer(server.address, PATIENCE).await?;
    let mut control = Connection::plain(server.control).await?;
    let mut bot = client.connect(server.address).await?;
    let count = settings.plan.pods;
    let before = server.resident()?;
    for pod in 0..count {
        let touch = format!("/t/pod-{pod}/_mock/clock");
        control.ask(&jwt::request("GET", &touch, None, JSON, "")).await?;
    }
    tokio::time::sleep(SETTLE).await;
    let there = server.resident()?;
    for pod in 0..count {
        let at = |path: &str| format!("/t/pod-{pod}{path}");
        let login = jwt::request("POST", &at("/sessionauth/v1/authenticate"), None, JSON, "");
        let token = jwt::token(&bot.ask(&login).await?)?.to_owned();
        let feed = jwt::request("POST", &at("/agent/v5/datafeeds"), Some(&token), JSON, "");
        bot.ask(&feed).await?;
        let list = jwt::request("POST", &at("/pod/v1/streams/list"), Some(&token), JSON, "");
        let streams: Value = serde_json::from_slice(&bot.ask(&list).await?)?;
        let room = streams[0]["id"].as_str().context("no room")?;
        let send = at(&format!("/agent/v4/stream/{room}/message/create"));
        let fields = [("message", "<messageML>Hello, test</messageML>")];
        bot.ask(&jwt::form(&send, &token, &fields)).await?;
    }
    tokio::time::sleep(SETTLE).await;
    let used = server.resident()?;
    let kibibytes = |more: u64| more.saturating_sub(before) as f64 / 1024.0 / count as f64;
    report.section(&format!("{count} pods in one process, all of one seed"));
    report.figure("memory of each", kibibytes(there), "KiB", None, Aim::Most(20.0));
    let what = "and with a login, a feed and a message";
    report.figure(what, kibibytes(used), "KiB", None, Aim::Most(200.0));
    Ok(())
}

/// Makes rooms until there are as many as wanted.
pub async fn make_rooms(
    connection: &mut Connection,
    token: &str,
    rooms: &mut Vec<String>,
    wanted: usize,
) -> Result<()> {
    while rooms.len() < wanted {
        let number = rooms.len();
        let word = if number < RARE { " needle" } else { "" };
        let body = format!(
            r#"{{"name":"Room {number}{word}","description":"Number {number}","public":true,"membersCanInvite":true,"discoverable":true,"viewHistory":true}}"#
        );
        let create = jwt::request("POST", "/pod/v3/room/create", Some(token), JSON, &body);
        let made: Value = serde_json::from_slice(&connection.ask(&create).await?)?;
        let id = made["roomSystemInfo"]["id"].as_str().context("a room without an id")?;
        rooms.push(id.to_owned());
    }
    Ok(())
}

fn pages(token: &str, room: &str) -> [(&'static str, Arc<[u8]>); 4] {
    let get = |path: &str| jwt::request("GET", path, Some(token), JSON, "").into();
    let post = |path: &str, body: &str| jwt::request("POST", path, Some(token), JSON, body).into();
    let search = "/pod/v3/room/search?limit=20";
    [
        (
            "newest 50 messages of a room",
            get(&format!("/agent/v4/stream/{room}/message?since=0&limit=50")),
        ),
        ("20 rooms by a rare word", post(search, r#"{"query":"needle"}"#)),
        ("20 rooms by a word that all have", post(search, r#"{"query":"room"}"#)),
        ("first 50 of a user's streams", post("/pod/v1/streams/list?limit=50", "{}")),
    ]
}

/// How long it takes to take a snapshot and to go back to it, in milliseconds: medians of five.
async fn snapshots(control: &mut Connection<TcpStream>) -> Result<(f64, f64)> {
    let (mut keep, mut back) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let take = jwt::request("POST", "/_mock/snapshots", None, JSON, r#"{"name":"bench"}"#);
        let begun = Instant::now();
        control.ask(&take).await?;
        keep.push(begun.elapsed().as_secs_f64() * 1e3);
        let restore = jwt::request("POST", "/_mock/snapshots/bench/restore", None, JSON, "");
        let begun = Instant::now();
        control.ask(&restore).await?;
        back.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok((median(keep), median(back)))
}
