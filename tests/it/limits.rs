//! What one request may ask of the pod: however much it brings, its answer is short and comes soon.
//! That it comes at all is what a test without a clock can see; `tests/fuzz` has one.

use serde_json::{Value, json};

use crate::pod::{Answer, Pod};

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
