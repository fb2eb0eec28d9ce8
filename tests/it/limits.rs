//! What one request may ask of the pod: however much it brings, its answer is short and comes soon.
//! That it comes at all is what a test without a clock can see; `tests/hostile` has one.

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{MockPod, Scenario};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::pod::{Answer, Pod, patiently};

const MEGABYTE: usize = 1 << 20;

/// A refusal of something long, itself short.
#[track_caller]
fn assert_short(answer: Answer, status: u16) -> Value {
    let answer = answer.assert_status(status);
    assert!(answer.body.len() < 4_096, "{} bytes: {:.300}", answer.body.len(), answer.body);
    answer.json()
}

async fn post(pod: &Pod, path: &str, body: Value) -> Answer {
    pod.control().post(path).json(&body).send().await
}

#[tokio::test]
async fn stars_of_any_number_are_looked_for_once() {
    let pod = Pod::start().await;
    let fault = |operation: &str| json!({ "operation": operation, "status": 503 });
    // Each further star multiplied the time of this one by thirty.
    let never = format!("{}x", "*e".repeat(200));
    let refused = assert_short(post(&pod, "/_mock/faults", fault(&never)).await, 400);
    assert_eq!(refused["field"], "operation");
    let known = format!("*{}read*", "*".repeat(400));
    post(&pod, "/_mock/faults", fault(&known)).await.assert_status(201);
    let info = pod.bot("bot").await.get("/pod/v2/sessioninfo").await;
    info.assert_status(200);
}

#[tokio::test]
async fn long_names_are_refused_in_short() {
    let pod = Pod::start().await;
    let long = "q".repeat(MEGABYTE);
    for (path, body, field) in [
        ("/_mock/faults", json!({ "status": 503, "operation": long }), "operation"),
        ("/_mock/faults", json!({ "status": 503, "operation": vec!["*"; 100_000] }), "operation"),
        ("/_mock/faults", json!({ "status": 503, "user": long }), "user"),
        ("/_mock/faults", json!({ "status": 503, "name": long }), "name"),
        ("/_mock/faults", json!({ "status": 503, "pack": long }), "pack"),
        ("/_mock/expect", json!({ "operation": long }), "operation"),
        ("/_mock/expect", json!({ "operation": format!("GET /{long}") }), "operation"),
        ("/_mock/identity-jwt", json!({ "app": long, "user": "alice" }), "app"),
        ("/_mock/audit", json!({ "action": long, "initiator": "alice" }), "action"),
        (
            "/_mock/audit",
            json!({ "action": "x", "initiator": "alice", "details": { (long.clone()): "x" } }),
            "details",
        ),
        (
            "/_mock/audit",
            json!({ "action": "x", "initiator": "alice", "roles": vec!["INDIVIDUAL"; 50_000] }),
            "roles",
        ),
        ("/_mock/clock/set", json!({ "to": long }), "to"),
        ("/_mock/clock/advance", json!({ "by": long }), "by"),
    ] {
        let refused = assert_short(post(&pod, path, body).await, 400);
        assert_eq!(refused["field"], field, "{path}: {refused}");
    }
    let fields = json!({ "status": 503, (long.clone()): 1 });
    assert_short(post(&pod, "/_mock/faults", fields).await, 400);
    assert_short(post(&pod, "/_mock/scenario", json!({ (long.clone()): 1 })).await, 400);
    assert_short(
        post(&pod, "/_mock/people/alice/messages", json!({ "stream": long, "message": "x" })).await,
        400,
    );
    assert_short(
        pod.control()
            .get(&format!("/_mock/requests?operation={}", "q".repeat(60_000)))
            .send()
            .await,
        400,
    );
    assert_short(
        pod.control().get(&format!("/_mock/certs/{}.pem", "q".repeat(60_000))).send().await,
        404,
    );
}

#[tokio::test]
async fn what_a_refusal_quotes_is_cut_in_the_answer_and_in_the_journal() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let api = pod.anonymous();
    // Longer header blocks of HTTP/2 do not come through.
    let path = format!("/pod/{}", "q".repeat(10_000));
    assert_short(api.get(&path).send().await, 404);
    let long = "q".repeat(MEGABYTE);
    let logins = json!({ "token": format!("{long}.x.x") });
    assert_short(api.post("/login/pubkey/authenticate").json(&logins).send().await, 401);
    let echo = json!({ "message": [], (long.clone()): 1 });
    let echo = api.post("/agent/v1/util/echo").session(&token).json(&echo).send().await;
    assert_short(echo, 400);
    let kept = pod.control().get("/_mock/why").send().await.assert_status(200);
    assert!(kept.body.len() < 10_000, "{} bytes", kept.body.len());
    // Nobody looks for a trace id that is a book; those that people make up come back.
    let health = "/agent/v3/health";
    let traced = |id: &str| api.get(health).header("x-trace-id", id).send();
    assert_eq!(traced("a1").await.header("x-trace-id"), "a1");
    assert!(traced(&"q".repeat(10_000)).await.headers.get("x-trace-id").is_none());
}

#[tokio::test]
async fn regular_expressions_have_a_size() {
    let pod = Pod::start().await;
    let answers = "/_mock/people/alice/answers";
    let script =
        |pattern: &str| json!({ "when": { "matches": pattern }, "answer": { "message": "yes" } });
    for pattern in ["q".repeat(MEGABYTE), "a{1000}{1000}".into(), "(((a{99}){99}){99}){99}".into()]
    {
        let refused = assert_short(post(&pod, answers, script(&pattern)).await, 400);
        assert_eq!(refused["field"], "when.matches", "{refused}");
    }
    // Backtracking would not see the end of this one.
    post(&pod, answers, script("(a?){100}a{100}b")).await.assert_status(201);
    let bot = json!({ "stream": "Test Room", "message": "a".repeat(50_000) });
    post(&pod, "/_mock/people/bot/messages", bot).await.assert_status(200);
    let said = pod.user("alice").messages("Test Room").unwrap();
    assert!(said.iter().all(|message| message.author == "bot"), "nobody was to answer");
}

/// Each message of a bot is searched for all of them.
#[tokio::test]
async fn the_regular_expressions_of_all_answers_have_a_size_together() {
    let pod = Pod::start().await;
    let add = async |user: &str, pattern: &str| {
        let script = json!({ "when": { "matches": pattern }, "answer": { "read": true } });
        post(&pod, &format!("/_mock/people/{user}/answers"), script).await
    };
    // 15 kB each, once they are compiled.
    let large = "[a-z]{380}b";
    for user in ["alice", "bob", "alice", "carol"] {
        add(user, large).await.assert_status(201);
    }
    let refused = assert_short(add("bob", large).await, 400);
    assert_eq!(refused["field"], "when.matches", "{refused}");
    assert!(refused["error"].as_str().unwrap().contains("65536 are the most"), "{refused}");
    // There is room for what is small, and for plain texts, which do not count.
    add("bob", "(?i)lunch\\?$").await.assert_status(201);
    for _ in 0..100 {
        add("bob", &"lunch".repeat(200)).await.assert_status(201);
    }
    let bot = json!({ "stream": "Test Room", "message": "a".repeat(5_000) });
    post(&pod, "/_mock/people/bot/messages", bot).await.assert_status(200);
    let forgotten = pod.control().request(Method::DELETE, "/_mock/people/alice/answers").send();
    forgotten.await.assert_status(204);
    add("bob", large).await.assert_status(201);
}

/// What is too long is refused before it is marked up, and what names too many as soon as that shows:
/// the refusal tells how much of it was looked at.
#[tokio::test]
async fn what_people_type_is_looked_at_as_far_as_a_message_goes() {
    let pod = Pod::start().await;
    let says = async |how: &str, text: String| {
        let said = json!({ "stream": "Test Room", (how): text });
        let refused = post(&pod, "/_mock/people/alice/messages", said).await;
        assert_short(refused, 400)["error"].as_str().unwrap().to_owned()
    };
    let too_long = "message-content-max-size is 81130, this has 1";
    for text in ["$a ", "@bob ", ":smile:", ":", "@", "\t", "a\tb\n", "\n", "&"] {
        let refused = says("message", text.repeat(900_000 / text.len())).await;
        assert!(refused.contains(too_long), "{text:?}: {refused}");
    }
    let refused = says("presentationML", format!("{};", "&".repeat(900_000))).await;
    assert!(refused.contains(too_long), "{refused}");
    for text in ["$a ", "#a ", "@bob ", "@bob\t$a\n"] {
        let refused = says("message", text.repeat(5_000)).await;
        let expected = "message-content-max-entities is 80, this has 81";
        assert!(refused.contains(expected), "{text:?}: {refused}");
    }
    for text in [":smile:", "a\tb\n", "a\n"] {
        let refused = says("message", text.repeat(60_000 / text.len())).await;
        let (_, amount) = refused.split_once("max-size is 81130, this has ").unwrap();
        let amount: usize = amount.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
        assert!(amount < 200_000, "{text:?}: {refused}");
    }
    let sent = json!({ "stream": "Test Room", "message": "hello" });
    let sent = post(&pod, "/_mock/people/alice/messages", sent).await.assert_status(200).json();
    let edit = json!({ "message": sent["messageId"], "text": "@bob ".repeat(1_000) });
    let refused = assert_short(post(&pod, "/_mock/people/alice/edits", edit).await, 400);
    assert_eq!(refused["field"], "text", "{refused}");
    let most = "@bob ".repeat(80);
    let most = json!({ "stream": "Test Room", "message": most });
    post(&pod, "/_mock/people/alice/messages", most).await.assert_status(200);
}

#[tokio::test]
async fn a_pod_has_a_thousand_answers_at_most() {
    let pod = Pod::start().await;
    let (control, script) = (pod.control(), json!({ "answer": { "read": true } }));
    let add = || control.post("/_mock/people/alice/answers").json(&script).send();
    for _ in 0..1_000 {
        add().await.assert_status(201);
    }
    let refused = add().await.assert_status(400).json();
    assert!(refused["error"].as_str().unwrap().contains("1000 answers"), "{refused}");
}

#[tokio::test]
async fn pods_snapshots_and_faults_have_limits_that_refusals_name() {
    let limits = MockPod::builder().max_pods(2).max_snapshots(2).max_faults(2);
    let pod = Pod::built(limits).await;
    let control = pod.control();
    let put = |name: &str| control.request(Method::PUT, &format!("/_mock/pods/{name}")).send();
    put("one").await.assert_status(201);
    control.get("/t/two/_mock/clock").send().await.assert_status(200);
    for refused in [put("three").await, control.get("/t/three/_mock/clock").send().await] {
        let refused = refused.assert_status(400);
        assert!(refused.body.contains("--max-pods"), "{refused:?}");
    }
    let refused = pod.client("bot").post("/t/three/sessionauth/v1/authenticate").send().await;
    assert!(refused.assert_status(400).body.contains("--max-pods"));
    put("one").await.assert_status(200);
    let drop = control.request(Method::DELETE, "/_mock/pods/one").send().await;
    drop.assert_status(204);
    put("three").await.assert_status(201);

    for (path, body, flag) in [
        ("/_mock/snapshots", json!({}), "--max-snapshots"),
        ("/_mock/faults", json!({ "status": 503 }), "--max-faults"),
    ] {
        for _ in 0..2 {
            post(&pod, path, body.clone()).await.assert_status(201);
        }
        let refused = post(&pod, path, body).await.assert_status(400);
        assert!(refused.body.contains(flag), "{refused:?}");
    }
    post(&pod, "/_mock/snapshots", json!({ "name": "snapshot-1" })).await.assert_status(201);
    control.request(Method::DELETE, "/_mock/faults").send().await.assert_status(204);
    post(&pod, "/_mock/faults", json!({ "status": 503 })).await.assert_status(201);
    // Each pod has its own.
    control.post("/t/two/_mock/snapshots").send().await.assert_status(201);
}

/// A hundred of them would hold a gigabyte.
#[tokio::test]
async fn large_answers_that_nobody_reads_are_bounded() {
    const LARGE: usize = 30 << 20;
    let mut scenario = Scenario::embedded();
    scenario.users[0].title = Some("x".repeat(LARGE));
    let pod = Pod::built(MockPod::builder().scenario(scenario)).await;
    let request =
        format!("GET /_mock/scenario HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", pod.control_port());
    let ask = async || {
        let mut stream = TcpStream::connect(("127.0.0.1", pod.control_port())).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut status = [0; 12];
        patiently(stream.read_exact(&mut status)).await.unwrap();
        (stream, String::from_utf8(status.to_vec()).unwrap())
    };
    let mut unread = Vec::new();
    for _ in 0..8 {
        let (stream, status) = ask().await;
        unread.push(stream);
        if status.ends_with("503") {
            break;
        }
        assert_eq!(status, "HTTP/1.1 200");
    }
    // There is room for four.
    assert_eq!(unread.len(), 5);
    pod.control().get("/_mock/clock").send().await.assert_status(200);
    drop(unread);
    // The connections end when they end: asked again until then.
    patiently(async { while ask().await.1.ends_with("503") {} }).await;
    let whole = pod.control().get("/_mock/scenario").send().await;
    assert!(whole.status == 503 || whole.body.len() > LARGE, "{}", whole.status);
}
