//! Hostile requests, made up by chance from a seed, within bounds of time: every operation over
//! HTTP/1.1 and HTTP/2, the control port after its own description, scenarios, messages and templates,
//! and logins by JWT and by client certificate of which each was made to be admitted or to be refused.
//!
//! Whatever comes: no answer is the pod's own fault (5xx), none takes long that does not wait on
//! purpose, and the pod is as well afterwards as before. `MOCK_POD_BIN` is the binary to attack, whose
//! time and memory are judged; without it a pod of this process is, and neither is, for it is not
//! optimised. `HOSTILE_SECONDS` (5) and `HOSTILE_SEED` (1) say how long, and with which chance.

#![allow(clippy::disallowed_methods, reason = "it watches a program from outside")]

mod chance;
mod generate;
mod handshakes;
mod markdown;
mod target;
mod templates;
mod tokens;
mod unread;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::Value;

use chance::Chance;
use generate::{Attack, Generator};
use handshakes::{Handshakes, shake};
use target::Target;
use tokens::Verdict;

/// An answer that does not wait on purpose comes within this, whatever was asked, where the machine has
/// the time; and the pod works no longer for it, where it has not.
const PROMPT: Duration = Duration::from_millis(250);
/// How often a slow request is repeated: the machine may have been busy with something else.
const AGAIN: usize = 4;

/// One attack in so many is a handshake.
const HANDSHAKES: usize = 10;
/// The limits that a 503 may tell of, which are documented: what it says, and what it is about.
const LIMITS: [(&str, &str); 2] = [
    ("Max number of data feeds reached.", "datafeed1Limit: an account may have 5 datafeeds 1"),
    ("of large answers wait for their clients", "128 MiB of large answers wait to be read"),
];

#[derive(Default)]
struct Tally {
    requests: u64,
    refused: u64,
    /// Those that were answered 503, by the limit that they met.
    unavailable: BTreeMap<&'static str, u64>,
    logins: Logins,
    handshakes: Logins,
    slowest: (Duration, String),
}

/// What became of logins whose end was clear before.
#[derive(Default, Debug)]
struct Logins {
    admitted: u64,
    refused: u64,
    open: u64,
}

struct Answer {
    /// 0 for what never gets as far as HTTP.
    status: u16,
    body: Vec<u8>,
    took: Duration,
    /// Of the processor, by the pod, as far as it can be told.
    worked: Duration,
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
    let (handshakes, mut chance) = (Handshakes::new(), Chance::from(seed));
    // The first of each kind is slow: code and keys come into memory.
    for _ in 0..40 {
        send(&target, &generator.next()).await;
    }
    let before = target.memory();
    let (mut tally, end) = (Tally::default(), Instant::now() + Duration::from_secs(seconds));
    while Instant::now() < end {
        if chance.one_in(HANDSHAKES) {
            knock(&target, &handshakes, &mut chance, &mut tally.handshakes).await;
        }
        strike(&target, &generator.next(), &mut tally).await;
    }
    let after = target.memory();
    println!(
        "seed {seed}, {seconds} s: {} requests, {} refused, no 5xx but 503 for a limit: {:?}; the \
         slowest took {:?} ({:.120}); signed JWTs: {:?}; client certificates: {:?}; resident memory \
         {before:?} kB before, {after:?} kB after",
        tally.requests,
        tally.refused,
        tally.unavailable,
        tally.slowest.0,
        tally.slowest.1,
        tally.logins,
        tally.handshakes,
    );
    assert!(tally.requests > 0 && tally.refused > 0 && tally.refused < tally.requests);
    for logins in [tally.logins, tally.handshakes] {
        assert!(logins.admitted > 0 && logins.refused > 0, "{logins:?}");
    }
    target.control("/_mock/clock").await;
    target.assert_sound();
}

async fn knock(target: &Target, handshakes: &Handshakes, chance: &mut Chance, logins: &mut Logins) {
    let handshake = handshakes.next(chance);
    let (status, body) = shake(target, &handshake).await;
    assert!(status < 500, "{status}: {handshake:?}: {body}");
    let about = || format!("{handshake:?}");
    logins.judge(handshake.verdict, handshake.subject, status, body.as_bytes(), about);
}

async fn strike(target: &Target, attack: &Attack, tally: &mut Tally) {
    let Answer { status, body, mut took, worked } = send(target, attack).await;
    tally.requests += 1;
    tally.refused += u64::from(status >= 400);
    if status == 503 {
        let said = String::from_utf8_lossy(&body);
        let limit = LIMITS.iter().find(|(words, _)| said.contains(words));
        let (_, limit) = limit.unwrap_or_else(|| panic!("503 for no limit: {attack:?}: {said}"));
        *tally.unavailable.entry(limit).or_default() += 1;
    }
    assert!(status < 500 || [501, 503].contains(&status), "{status}: {attack:?}");
    if let Some((verdict, subject)) = attack.login {
        let about = || format!("{attack:?}");
        tally.logins.judge(verdict, subject, status, &body, about);
    }
    if took > tally.slowest.0 {
        for _ in 0..AGAIN {
            if took > PROMPT / 2 {
                took = took.min(send(target, attack).await.took);
            }
        }
        if took > PROMPT {
            // A busy machine has no time for the pod; how long it worked is its own affair.
            took = worked;
        }
    }
    if took > tally.slowest.0 {
        tally.slowest = (took, format!("{attack:?}"));
    }
    if target.is_judged() {
        assert!(took.max(worked) <= PROMPT, "{took:?} at best of {AGAIN}: {attack:?}");
    }
}

impl Logins {
    /// Nobody comes in who may not, and nobody as another; whoever may comes in.
    fn judge(
        &mut self,
        verdict: Verdict,
        subject: &str,
        status: u16,
        body: &[u8],
        about: impl Fn() -> String,
    ) {
        let is_admitted = status == 200;
        match verdict {
            Verdict::Admitted => {
                self.admitted += 1;
                assert!(is_admitted, "{status}: {}: {}", about(), String::from_utf8_lossy(body));
            }
            Verdict::Refused => {
                self.refused += 1;
                assert!(!is_admitted, "admitted: {}", about());
            }
            Verdict::Open => self.open += 1,
        }
        if is_admitted {
            let answer: Value = serde_json::from_slice(body).expect("JSON");
            let token = answer["token"].as_str().or(answer["sessionToken"].as_str());
            let claims = token.and_then(|token| token.split('.').nth(1));
            let claims = claims.and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
            // The key manager's tokens name nobody.
            if let Some(claims) = claims {
                let claims: Value = serde_json::from_slice(&claims).expect("JSON");
                assert_eq!(claims["sub"], subject, "{}", about());
            }
        }
    }
}

async fn send(target: &Target, attack: &Attack) -> Answer {
    let mut request = attack.client(target).request(attack.method.clone(), attack.url(target));
    for (name, value) in &attack.headers {
        request = request.header(*name, value.as_slice());
    }
    if let Some(body) = &attack.body {
        request = request.body(body.clone());
    }
    let (started, worked) = (Instant::now(), target.worked());
    let answer = match request.send().await {
        Ok(response) => {
            let status = response.status().as_u16();
            response.bytes().await.map(|body| (status, body))
        }
        Err(error) => Err(error),
    };
    let took = started.elapsed();
    let worked = target.worked().saturating_sub(worked);
    match answer {
        Ok((status, body)) => {
            let is_json = serde_json::from_slice::<Value>(&body).is_ok();
            let must_be = status >= 400 && attack.method != Method::HEAD;
            // HTTP itself refuses what is too long.
            assert!(
                !must_be || is_json || [414, 431].contains(&status),
                "{status} {attack:?}: {body:?}"
            );
            Answer { status, body: body.to_vec(), took, worked }
        }
        Err(error) if error.is_timeout() => panic!("no answer: {attack:?}"),
        Err(_) => Answer { status: 0, body: Vec::new(), took, worked },
    }
}
