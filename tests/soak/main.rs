//! A long time of everything at once: pods are made, lived in and dropped, calls go wrong on purpose,
//! people and bots write, bots read their feeds and upload files, on named pods and on the main one.
//!
//! Nothing is lost and nothing comes twice: what a person wrote is in the feed's answers once. With
//! `MOCK_POD_BIN`, the binary to judge: memory is flat after the first fifth, and the log has nothing that
//! nobody planned. `SOAK_SECONDS` (5) says how long, `SOAK_PODS` (1000) how many pods a minute.

#![allow(clippy::disallowed_methods, reason = "it watches a program from outside")]

#[path = "../hostile/target.rs"]
mod target;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior, interval};

use target::{Target, client};

/// How many live in pods at once.
const WORKERS: usize = 8;
/// What a message's name ends with.
const END: char = ';';

#[derive(Default)]
struct Tally {
    visits: AtomicU64,
    requests: AtomicU64,
    faults: AtomicU64,
    logins: AtomicU64,
    messages: AtomicU64,
    read: AtomicU64,
    uploads: AtomicU64,
}

/// Somebody with connections of his own.
struct Visitor {
    target: Arc<Target>,
    tally: Arc<Tally>,
    client: reqwest::Client,
    /// Before the paths of the pod that he is in.
    prefix: String,
}

fn variable(name: &str, default: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(default, |value| value.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_stays_flat_and_nothing_is_lost() {
    let length = Duration::from_secs(variable("SOAK_SECONDS", 5));
    let target = Arc::new(Target::start_running().await);
    let tally = Arc::<Tally>::default();
    let end = Instant::now() + length;
    let mut pace = interval(Duration::from_secs(60) / variable("SOAK_PODS", 1_000) as u32);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let pace = Arc::new(Mutex::new(pace));
    let mut workers = Vec::new();
    for worker in 0..WORKERS {
        let (target, tally, pace) = (Arc::clone(&target), Arc::clone(&tally), Arc::clone(&pace));
        workers.push(tokio::spawn(async move { work(worker, target, tally, &pace, end).await }));
    }
    let mut memory = Vec::new();
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_secs(1).min(length / 20)).await;
        memory.extend(target.memory());
    }
    for worker in workers {
        worker.await.expect("a worker found what should not be");
    }
    let fifth = memory.len() / 5;
    let mean = |samples: &[u64]| samples.iter().sum::<u64>() / (samples.len() as u64).max(1);
    let (first, last) = (mean(&memory[fifth..2 * fifth]), mean(&memory[memory.len() - fifth..]));
    let count = |counter: &AtomicU64| counter.load(Relaxed);
    println!(
        "{} s: {} pods made and dropped, {} requests, {} of them spoilt by planned faults; {} logins, {} \
         uploads, {} messages, {} read; resident memory {first} kB in the second fifth, {last} kB in \
         the last, {} kB at most",
        length.as_secs(),
        count(&tally.visits),
        count(&tally.requests),
        count(&tally.faults),
        count(&tally.logins),
        count(&tally.uploads),
        count(&tally.messages),
        count(&tally.read),
        memory.iter().max().unwrap_or(&0),
    );
    assert!(count(&tally.visits) > 0 && count(&tally.faults) > 0);
    assert_eq!(count(&tally.messages), count(&tally.read));
    let pods = target.control("/_mock/pods").await;
    assert_eq!(pods["pods"].as_array().map(Vec::len), Some(1), "{pods:.1000}");
    target.assert_sound();
    target.assert_no_warning();
    // A fifth is an average of something from here on.
    if length >= Duration::from_secs(60) {
        assert!(last * 100 <= first * 105, "{first} kB became {last} kB");
    }
}

async fn work(
    worker: usize,
    target: Arc<Target>,
    tally: Arc<Tally>,
    pace: &Mutex<Interval>,
    end: Instant,
) {
    let mut number = 0;
    let new_client = || client(worker % 2 == 1);
    let mut visitor = Visitor { target, tally, client: new_client(), prefix: String::new() };
    while Instant::now() < end {
        number += 1;
        if number % 10 == 0 {
            visitor.client = new_client();
        }
        if worker == 0 {
            visitor.live(&format!("main-{number}"), 40).await;
            visitor.control(Method::POST, "/_mock/reset", &Value::Null).await;
            continue;
        }
        pace.lock().await.tick().await;
        let name = format!("soak-{worker}-{number}");
        let pod = format!("/_mock/pods/{name}");
        if number % 2 == 0 {
            visitor.control(Method::PUT, &pod, &json!({})).await;
        }
        visitor.prefix = format!("/t/{name}");
        visitor.live(&name, 3).await;
        visitor.prefix.clear();
        visitor.control(Method::DELETE, &pod, &Value::Null).await;
        visitor.tally.visits.fetch_add(1, Relaxed);
    }
}

impl Visitor {
    /// Logs in, lets somebody write, reads all of it, uploads, and logs out.
    async fn live(&self, name: &str, messages: usize) {
        for (operation, effect) in [
            ("create_message_v4", json!({ "status": 503 })),
            ("datafeeds_read_v5", json!({ "status": 500 })),
            ("datafeeds_read_v5", json!({ "reset": true })),
            ("datafeeds_read_v5", json!({ "cutBody": true })),
            ("sessioninfo_v2", json!({ "delay": "2ms", "malformedJson": true })),
        ] {
            let mut plan = effect;
            (plan["operation"], plan["probability"]) = (json!(operation), json!(0.1));
            self.control(Method::POST, "/_mock/faults", &plan).await;
        }
        let login = self.json("", Method::POST, "/sessionauth/v1/authenticate", None).await;
        self.tally.logins.fetch_add(1, Relaxed);
        let session = login["token"].as_str().expect("a token");
        self.json(session, Method::GET, "/pod/v2/sessioninfo", None).await;
        let feeds = "/agent/v5/datafeeds";
        let feed = self.json(session, Method::POST, feeds, Some(json!({}))).await;
        let feed = format!("{feeds}/{}", feed["id"].as_str().expect("an id"));
        let streams = "/pod/v1/streams/list";
        let rooms = json!({ "streamTypes": [{ "type": "ROOM" }] });
        let streams = self.json(session, Method::POST, streams, Some(rooms)).await;
        let stream = streams[0]["id"].as_str().expect("an id").to_owned();
        let mut due = Vec::new();
        for n in 0..messages {
            let text = format!("{name}-{n}{END}");
            let said = json!({ "stream": "Test Room", "message": text });
            self.control(Method::POST, "/_mock/people/alice/messages", &said).await;
            self.tally.messages.fetch_add(1, Relaxed);
            due.push(text);
            if n % 3 == 0 {
                self.upload(session, &stream).await;
            }
        }
        self.read(session, &feed, due, name).await;
        self.json(session, Method::DELETE, &feed, None).await;
        self.json(session, Method::POST, "/sessionauth/v1/logout", None).await;
    }

    /// Reads until all that is due was there, each once; again only what the pod may not know to have
    /// come, for the read that acknowledges it was spoilt.
    async fn read(&self, session: &str, feed: &str, mut due: Vec<String>, name: &str) {
        let (path, mut ack) = (format!("{feed}/read"), String::new());
        let mut latest = Vec::new();
        while !due.is_empty() {
            let asked = json!({ "ackId": ack });
            let answer = self.json(session, Method::POST, &path, Some(asked)).await;
            ack = answer["ackId"].as_str().expect("an ackId").to_owned();
            let events = answer["events"].as_array().expect("events");
            assert!(!events.is_empty(), "{name}: never came {due:?}");
            let before = std::mem::take(&mut latest);
            for event in events {
                let message = event["payload"]["messageSent"]["message"]["message"].as_str();
                let Some(message) = message.filter(|message| message.contains(END)) else {
                    continue;
                };
                let is_it = |text: &String| message.contains(text.as_str());
                let Some(at) = due.iter().position(is_it) else {
                    let again = before.iter().find(|text| is_it(text));
                    latest.extend(again.cloned());
                    assert!(again.is_some(), "{name}: came twice: {message}");
                    continue;
                };
                latest.push(due.swap_remove(at));
                self.tally.read.fetch_add(1, Relaxed);
            }
        }
    }

    /// A message with a file of 100 kB.
    async fn upload(&self, session: &str, stream: &str) {
        let file = "x".repeat(100_000);
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n\
             <messageML>a file</messageML>\r\n--b\r\nContent-Disposition: form-data; \
             name=\"attachment\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\n{file}\r\n--b--\r\n"
        );
        let path = format!("/agent/v4/stream/{stream}/message/create");
        let form = ("multipart/form-data; boundary=b", body);
        let sent = self.call(session, Method::POST, &path, Some(form)).await;
        assert!(sent["messageId"].is_string(), "{sent:.300}");
        self.tally.uploads.fetch_add(1, Relaxed);
    }

    async fn json(&self, session: &str, method: Method, path: &str, body: Option<Value>) -> Value {
        let body = body.map(|body| ("application/json", body.to_string()));
        self.call(session, method, path, body).await
    }

    /// Calls as often as planned faults spoil the call. Any other failure is one of the pod's.
    async fn call(
        &self,
        session: &str,
        method: Method,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Value {
        let url = format!("https://localhost:{}{}{path}", self.target.port, self.prefix);
        loop {
            let mut request = self.client.request(method.clone(), &url);
            request = request.header("sessiontoken", session);
            if let Some((content_type, body)) = &body {
                request = request.header("content-type", *content_type).body(body.clone());
            }
            self.tally.requests.fetch_add(1, Relaxed);
            let (status, is_planned, body) = match request.send().await {
                Ok(response) => {
                    let is_planned = response.headers().contains_key("x-mock-fault");
                    (response.status().as_u16(), is_planned, response.bytes().await.ok())
                }
                // Only reads of feeds are to be cut off.
                Err(error) => {
                    assert!(path.ends_with("/read"), "{path}: {error:?}");
                    (0, true, None)
                }
            };
            let answer = body.as_ref().and_then(|body| {
                let is_empty = status == 204 || body.is_empty();
                if is_empty { Some(Value::Null) } else { serde_json::from_slice(body).ok() }
            });
            match answer {
                Some(answer) if (200..300).contains(&status) => return answer,
                _ if is_planned => self.tally.faults.fetch_add(1, Relaxed),
                _ => panic!("{status} {method} {path}: {body:?}"),
            };
            if path.ends_with("/read") && status < 300 {
                // What was in the answer that did not come comes again after 30 seconds.
                let later = json!({ "by": "31s" });
                self.control(Method::POST, "/_mock/clock/advance", &later).await;
            }
        }
    }

    async fn control(&self, method: Method, path: &str, body: &Value) {
        let url = format!("http://127.0.0.1:{}{}{path}", self.target.control_port, self.prefix);
        let mut request = self.target.clients[0].request(method.clone(), url);
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.tally.requests.fetch_add(1, Relaxed);
        let response = request.send().await.expect("the control port answers");
        let status = response.status();
        assert!(status.is_success(), "{status} {method} {path}: {:?}", response.text().await);
    }
}
