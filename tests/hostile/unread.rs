//! A hundred clients that ask for ten megabytes each and do not read them.

use std::time::{Duration, Instant};

use crate::target::{Target, client};

/// How many where memory is judged, and where the pod is not optimised: some more than there is room for.
const CLIENTS: [usize; 2] = [100, 16];
const LARGE: usize = 10 << 20;
/// What they may cost, in kB: the 128 MiB that unread answers may hold, one that is being made for
/// each worker, and buffers.
const COST: u64 = 220 << 10;
/// What may stay, in kB: connections and their buffers come into memory with the first.
const LEFT: u64 = 24 << 10;

#[tokio::test]
async fn memory_comes_back_from_clients_that_do_not_read() {
    let scenario = include_str!("../../fixtures/scenarios/default.yaml");
    let title = format!("displayName: Test Bot, title: {}", "x".repeat(LARGE));
    let scenario = scenario.replacen("displayName: Test Bot", &title, 1);
    let target = Target::start_from(&scenario).await;
    let clients = if target.is_judged() { CLIENTS[0] } else { CLIENTS[1] };
    let session = target.log_in().await;
    let url = format!("https://localhost:{}/pod/v2/sessioninfo", target.port);
    let ask = async |client: &reqwest::Client| {
        let request = client.get(&url).header("sessiontoken", &session);
        request.send().await.expect("an answer")
    };
    // Whatever comes into memory with the first is there before.
    for client in &target.clients {
        let whole = ask(client).await.bytes().await.expect("all of it");
        assert!(whole.len() > LARGE);
    }
    for h2 in [false, true] {
        let before = target.memory();
        let mut unread = Vec::new();
        for _ in 0..clients {
            // Each has a connection of its own.
            let client = client(h2);
            let answer = ask(&client).await;
            assert!([200, 503].contains(&answer.status().as_u16()), "{}", answer.status());
            unread.push((client, answer));
        }
        let during = target.memory();
        let full = unread.iter().filter(|(_, answer)| answer.status() == 503).count();
        assert!((1..clients).contains(&full), "{full} of {clients} were refused");
        drop(unread);
        // Until the pod has seen that they are gone.
        let whole = loop {
            let answer = ask(&target.clients[usize::from(h2)]).await;
            if answer.status() == 200 {
                break answer.bytes().await.expect("all of it");
            }
        };
        assert!(whole.len() > LARGE);
        let end = Instant::now() + Duration::from_secs(10);
        let mut after = target.memory();
        while after > before.map(|before| before + LEFT) && Instant::now() < end {
            target.control("/_mock/clock").await;
            after = target.memory();
        }
        println!(
            "h2 {h2}: {clients} clients, {full} refused; resident memory {before:?} kB before, \
             {during:?} kB while they do not read, {after:?} kB after"
        );
        if let (Some(before), Some(during), Some(after)) = (before, during, after) {
            assert!(during <= before + COST, "{during} kB, {before} before");
            assert!(after <= before + LEFT, "{after} kB, {before} before");
        }
    }
    target.assert_sound();
}
