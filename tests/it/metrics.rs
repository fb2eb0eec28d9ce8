//! What a Prometheus server reads, and the trace that goes through calls and logs.

use std::collections::BTreeMap;

use serde_json::json;
use symphony_mock_pod::MockPod;

use crate::pod::{Pod, Port, patiently};

/// The samples by name and labels, each family of which is announced once.
async fn metrics(pod: &Pod, path: &str) -> BTreeMap<String, f64> {
    let answer = pod.control().get(path).send().await.assert_status(200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert!(answer.body.ends_with('\n'));
    let (mut samples, mut family) = (BTreeMap::new(), String::new());
    let mut announced = Vec::new();
    for line in answer.body.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().unwrap().to_owned();
            assert!(!announced.contains(&family), "{family} is announced twice");
            announced.push(family.clone());
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(name, family);
            assert!(["counter", "gauge"].contains(&kind));
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            assert_eq!(name.split('{').next().unwrap(), family, "{line}");
            let short = name.strip_prefix("symphony_mock_pod_").expect("a prefix");
            assert!(samples.insert(short.to_owned(), value.parse().unwrap()).is_none(), "{line}");
        }
    }
    samples
}

#[tokio::test]
async fn everything_that_happens_is_counted() {
    let pod = Pod::built(MockPod::builder().journal_bytes(30_000)).await;
    let before = metrics(&pod, "/metrics").await;
    assert_eq!(before["sessions{token=\"sessionToken\"}"], 0.0);
    assert_eq!(before["pods"], 1.0);

    let bot = pod.bot("bot").await;
    pod.log_in_to_key_manager("bot").await;
    bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201);
    for _ in 0..50 {
        bot.get("/pod/v2/sessioninfo").await.assert_status(200);
    }
    pod.session_info("x").await.assert_status(401);
    pod.anonymous().get("/pod/v9/nothing").send().await.assert_status(404);
    let message = json!({ "stream": "Test Room", "message": "hello" });
    let sent = pod.control().post("/_mock/people/alice/messages").json(&message);
    sent.send().await.assert_status(200);
    pod.anonymous().on(Port::Mtls).get("/agent/v3/health").assert_no_answer().await;
    let failed = async {
        loop {
            let now = metrics(&pod, "/metrics").await;
            if now["handshakes_total{outcome=\"failed\"}"] == 1.0 {
                return now;
            }
        }
    };
    let now = patiently(failed).await;
    for (name, value) in [
        ("requests_total{operation=\"session_authenticate_v1\",status=\"200\"}", 1.0),
        ("requests_total{operation=\"sessioninfo_v2\",status=\"200\"}", 50.0),
        ("requests_total{operation=\"sessioninfo_v2\",status=\"401\"}", 1.0),
        ("requests_total{operation=\"unknown\",status=\"404\"}", 1.0),
        ("refusals_total{kind=\"SessionInvalid\"}", 1.0),
        ("refusals_total{kind=\"PathUnknown\"}", 1.0),
        ("requests_under_way", 0.0),
        ("sessions{token=\"sessionToken\"}", 1.0),
        ("sessions{token=\"keyManagerToken\"}", 1.0),
        ("feeds", 1.0),
        ("messages", before["messages"] + 1.0),
        ("pods", 1.0),
    ] {
        assert_eq!(now[name], value, "{name}");
    }
    assert!(now["handshakes_total{outcome=\"ok\"}"] >= 3.0);
    assert!(now["journal_bytes"] > 1_000.0 && now["journal_bytes"] <= 30_000.0);
    assert!(now["journal_dropped_total"] > 0.0);
    assert_eq!(now["journal_entries"] + now["journal_dropped_total"], 56.0);

    // Another pod counts for itself.
    pod.control().get("/t/other/_mock/clock").send().await.assert_status(200);
    let other = metrics(&pod, "/t/other/metrics").await;
    assert_eq!(other["sessions{token=\"sessionToken\"}"], 0.0);
    assert!(!other.keys().any(|name| name.starts_with("requests_total{")));
    assert_eq!(other["pods"], 2.0);
}

#[tokio::test]
async fn the_trace_of_a_call_comes_back_with_its_answer() {
    let pod = Pod::start().await;
    let health = pod.anonymous().get("/agent/v3/health");
    let traced = health.header("X-Trace-Id", "aB3xY9").send().await.assert_status(200);
    assert_eq!(traced.header("x-trace-id"), "aB3xY9");
    let refused = pod.anonymous().get("/pod/v2/sessioninfo").header("X-Trace-Id", "zZ9").send();
    assert_eq!(refused.await.assert_status(401).header("x-trace-id"), "zZ9");
    let why = pod.control().get("/_mock/why").send().await.json();
    assert!(why["line"].as_str().unwrap().contains("[trace zZ9]"), "{why}");
    let plain = pod.anonymous().get("/agent/v3/health").send().await;
    assert!(plain.headers.get("x-trace-id").is_none());
}
