//! Hostile requests, made up by chance from a seed, within bounds of time: every operation over
//! HTTP/1.1 and HTTP/2, the control port after its own description, scenarios, JWTs and messages.
//!
//! Whatever comes: no answer is the pod's own fault (5xx), none takes long that does not wait on
//! purpose, and the pod is as well afterwards as before. `MOCK_POD_BIN` is the binary to attack, whose
//! time and memory are judged; without it a pod of this process is, and neither is, for it is not
//! optimised. `HOSTILE_SECONDS` (5) and `HOSTILE_SEED` (1) say how long, and with which chance.

#![allow(clippy::disallowed_methods, reason = "it watches a program from outside")]

mod generate;
mod target;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;

use generate::{Attack, Chance, Generator};
use target::Target;

/// An answer that does not wait on purpose comes within this, whatever was asked.
const PROMPT: Duration = Duration::from_millis(250);
/// How often a slow request is repeated: the machine may have been busy with something else.
const AGAIN: usize = 4;

#[derive(Default)]
struct Tally {
    requests: u64,
    refused: u64,
    unavailable: u64,
    slowest: (Duration, String),
}

fn variable(name: &str, default: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(default, |value| value.parse().expect("a number"))
}

#[tokio::test]
async fn whatever_comes_the_pod_lives_on() {
    let (seconds, seed) = (variable("HOSTILE_SECONDS", 5), variable("HOSTILE_SEED", 1));
    let target = Target::start().await;
    let description = target.control("/_mock/openapi.json").await;
    let mut generator = Generator::new(Chance::from(seed), &target, &description).await;
    // The first of each kind is slow: code and keys come into memory.
    for _ in 0..20 {
        send(&target, &generator.next()).await;
    }
    let before = target.memory();
    let (mut tally, end) = (Tally::default(), Instant::now() + Duration::from_secs(seconds));
    while Instant::now() < end {
        strike(&target, &generator.next(), &mut tally).await;
    }
    let after = target.memory();
    println!(
        "seed {seed}, {seconds} s: {} requests, {} refused, {} answered 503, no other 5xx; the \
         slowest took {:?} ({:.120}); resident memory {before:?} kB before, {after:?} kB after",
        tally.requests, tally.refused, tally.unavailable, tally.slowest.0, tally.slowest.1
    );
    assert!(tally.requests > 0 && tally.refused > 0 && tally.refused < tally.requests);
    target.control("/_mock/clock").await;
    target.assert_sound();
}

async fn strike(target: &Target, attack: &Attack, tally: &mut Tally) {
    let (status, mut took) = send(target, attack).await;
    tally.requests += 1;
    tally.refused += u64::from(status >= 400);
    tally.unavailable += u64::from(status == 503);
    assert!(status < 500 || [501, 503].contains(&status), "{status}: {attack:?}");
    if took > tally.slowest.0 {
        for _ in 0..AGAIN {
            if took > PROMPT / 2 {
                took = took.min(send(target, attack).await.1);
            }
        }
    }
    if took > tally.slowest.0 {
        tally.slowest = (took, format!("{attack:?}"));
    }
    if target.is_judged() {
        assert!(took <= PROMPT, "{took:?} at best of {AGAIN}: {attack:?}");
    }
}

/// The status of the answer and how long it took. What never gets as far as HTTP has status 0.
async fn send(target: &Target, attack: &Attack) -> (u16, Duration) {
    let mut request = attack.client(target).request(attack.method.clone(), attack.url(target));
    for (name, value) in &attack.headers {
        request = request.header(*name, value.as_slice());
    }
    if let Some(body) = &attack.body {
        request = request.body(body.clone());
    }
    let started = Instant::now();
    let answer = match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            response.bytes().await.map(|body| (status, body))
        }
        Err(error) => Err(error),
    };
    let took = started.elapsed();
    match answer {
        Ok((status, body)) => {
            let is_json = serde_json::from_slice::<Value>(&body).is_ok();
            let must_be = status >= 400 && attack.method != Method::HEAD;
            // HTTP itself refuses what is too long.
            assert!(
                !must_be || is_json || [414, 431].contains(&status),
                "{status} {attack:?}: {body:?}"
            );
            (status, took)
        }
        Err(error) if error.is_timeout() => panic!("no answer: {attack:?}"),
        Err(_) => (0, took),
    }
}
