//! What policies about the content of messages (DLP) cost those who send some in which nothing is found.

use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::{Client, Connection};
use crate::report::{Aim, Report, ratios};
use crate::server::{Kind, Server};
use crate::{KEPT_ALIVE_CONNECTIONS, PATIENCE, Settings, each, growth, interleave, jwt, load};

/// As many as a pod takes, each with a dictionary.
const POLICIES: usize = 100;
const WORDS_OF_EACH: usize = 100;
/// About as long as what people write, and of words that begin as those do that are looked for.
const MESSAGE: &str = "<messageML>Good morning, could you send me an offer for 250,000 of the bond that we \
                       talked about on Tuesday? The client of desk 12 is back on Friday</messageML>";

pub async fn measure(report: &mut Report, client: &Client, settings: &Settings) -> Result<()> {
    let mock = Kind::Mock {
        binary: settings.mock.clone(),
        scenario: None,
        journal: true,
        certificates: None,
    };
    let mut senders = Vec::new();
    for has_policies in [true, false] {
        let server = Server::start(&mock, &settings.folder)?;
        client.first_answer(server.address, PATIENCE).await?;
        if has_policies {
            seed(&server).await?;
        }
        let mut connections = load::open(&server, client, KEPT_ALIVE_CONNECTIONS).await?;
        let token = jwt::token(&connections[0].log_in().await?)?.to_owned();
        let mut rooms = Vec::new();
        growth::make_rooms(&mut connections[0], &token, &mut rooms, 1).await?;
        let room = rooms.first().context("no room")?;
        let path = format!("/agent/v4/stream/{room}/message/create");
        let send: Arc<[u8]> = jwt::form(&path, &token, &[("message", MESSAGE)]).into();
        load::repeat(&server, &mut connections, send.clone(), settings.plan.kept_alive / 100)
            .await?;
        senders.push((server, connections, send));
    }
    let outcomes = interleave(settings.plan.rounds, senders.len(), async |which| {
        let (server, connections, send) = &mut senders[which];
        load::repeat(server, connections, send.clone(), settings.plan.kept_alive / 20).await
    })
    .await?;
    let cpu = each(&outcomes, |outcome| outcome.cpu);
    let (ratio, spread) = ratios(&cpu[0], &cpu[1]);
    let words = POLICIES * WORDS_OF_EACH;
    report.section(&format!("A message, with {POLICIES} policies that look for {words} words"));
    report.figure("server CPU, with / without", ratio, "x", Some(spread), Aim::Most(1.2));
    Ok(())
}

async fn seed(server: &Server) -> Result<()> {
    let name = |n: usize| format!("Policy {n}");
    let dictionaries: Vec<Value> = (0..POLICIES)
        .map(|n| {
            let word = |w: usize| format!("client{n}of{w} & desk");
            let terms: Vec<_> = (0..WORDS_OF_EACH).map(word).collect();
            json!({"name": name(n), "terms": terms})
        })
        .collect();
    let policies: Vec<Value> = (0..POLICIES)
        .map(|n| json!({"name": name(n), "appliesTo": [{"dictionaries": [name(n)]}]}))
        .collect();
    let scenario = json!({"dlpDictionaries": dictionaries, "dlpPolicies": policies}).to_string();
    let mut control = Connection::plain(server.control).await?;
    let request = jwt::request("POST", "/_mock/scenario", None, "application/json", &scenario);
    control.ask(&request).await?;
    Ok(())
}
