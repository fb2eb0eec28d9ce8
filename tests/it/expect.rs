//! Waiting for calls, and hearing what came nearest.

use std::time::Duration;

use serde_json::{Value, json};
use symphony_mock_pod::MockPod;

use crate::pod::{Answer, FROZEN, Pod, Port, patiently};

const LOGIN: &str = "session_authenticate_v1";
const ECHO: &str = "echo_v1";

async fn expect(pod: &Pod, expectation: Value) -> Answer {
    pod.control().post("/_mock/expect").json(&expectation).send().await
}

async fn met(pod: &Pod, expectation: Value) -> Vec<Value> {
    let answer = expect(pod, expectation).await.assert_status(200);
    answer.json()["matched"].as_array().expect("a list").clone()
}

async fn unmet(pod: &Pod, expectation: Value) -> Value {
    let answer = expect(pod, expectation).await.assert_status(417).json();
    assert!(answer["message"].is_string());
    answer
}

async fn echo(pod: &Pod, token: &str, body: Value) {
    let echo = pod.anonymous().post("/agent/v1/util/echo").session(token).json(&body);
    echo.send().await.assert_status(200);
}

#[tokio::test]
async fn what_has_come_already_is_met_at_once() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    echo(&pod, &token, json!({ "message": "one", "more": { "a": 1, "b": 2 } })).await;
    echo(&pod, &token, json!({ "message": "two" })).await;
    pod.client("nobody").post("/sessionauth/v1/authenticate").send().await.assert_status(401);

    let matched = met(&pod, json!({ "operation": LOGIN, "user": "bot", "status": 200 })).await;
    assert_eq!(matched.len(), 1);
    assert_eq!(matched[0]["path"], "/sessionauth/v1/authenticate");
    for (expectation, count) in [
        (json!({ "operation": "POST /agent/v1/util/echo" }), 2),
        (json!({ "operation": ECHO, "count": 2 }), 2),
        (json!({ "operation": ECHO, "count": { "atLeast": 1, "atMost": 2 } }), 2),
        (json!({ "operation": ECHO, "count": { "atMost": 5 } }), 2),
        (json!({ "operation": ECHO, "body": "\"one\"" }), 1),
        (json!({ "operation": ECHO, "body": { "message": "two" } }), 1),
        (json!({ "operation": ECHO, "body": { "more": { "b": 2 } } }), 1),
        (json!({ "operation": ECHO, "since": 2, "count": 1 }), 1),
        (json!({ "operation": LOGIN, "status": "4xx" }), 1),
        (json!({ "operation": ECHO, "user": "bot2", "count": 0 }), 0),
        (json!({ "operation": ECHO, "since": 3, "count": 0 }), 0),
    ] {
        assert_eq!(met(&pod, expectation.clone()).await.len(), count, "{expectation}");
    }
}

#[tokio::test]
async fn what_has_not_come_yet_is_waited_for_even_while_the_clock_stands_still() {
    for pod in [Pod::start().await, Pod::frozen().await] {
        let token = pod.log_in("bot").await;
        echo(&pod, &token, json!({ "message": "one" })).await;
        let expectation = json!({ "operation": ECHO, "user": "bot", "count": 3, "within": "20s" });
        let (matched, ()) = tokio::join!(met(&pod, expectation), async {
            for number in ["two", "three"] {
                echo(&pod, &token, json!({ "message": number })).await;
            }
        });
        assert_eq!(matched.len(), 3);
        assert_eq!(matched[2]["request"]["body"]["json"]["message"], "three");
    }
}

#[tokio::test]
async fn a_miss_tells_what_came_nearest_and_what_was_wrong_with_it() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    echo(&pod, &token, json!({ "message": "one" })).await;
    pod.anonymous().on(Port::Mtls).get("/agent/v3/health").assert_no_answer().await;
    let wanted = json!({ "operation": ECHO, "user": "bot2", "status": 200, "body": { "message": "two" }, "within": "0s" });
    let answer = unmet(&pod, wanted).await;
    let message = answer["message"].as_str().unwrap();
    assert!(
        message.contains("echo_v1 by \"bot2\"") && message.contains("there were 0"),
        "{message}"
    );
    assert_eq!(answer["matched"], json!([]));
    let nearest = &answer["near"][0];
    assert_eq!(nearest["request"]["operation"], ECHO);
    assert_eq!(
        nearest["missed"],
        json!([
            { "condition": "user", "expected": "bot2", "actual": "bot" },
            {
                "condition": "body",
                "expected": { "at": "/message", "value": "two" },
                "actual": { "at": "/message", "value": "one" },
            },
        ])
    );
    let next = &answer["near"][1]["missed"][0];
    assert_eq!(next["condition"], "operation");

    let text = json!({ "operation": ECHO, "body": "three", "status": "2xx", "within": "0s" });
    let missed = unmet(&pod, text).await["near"][0]["missed"].clone();
    assert_eq!(missed.as_array().unwrap().len(), 1);
    assert_eq!(missed[0]["actual"], r#"{"message":"one"}"#);
    let status = json!({ "operation": ECHO, "status": 500, "within": "0s" });
    let missed = unmet(&pod, status).await["near"][0]["missed"].clone();
    assert_eq!(missed, json!([{ "condition": "status", "expected": "500", "actual": 200 }]));

    // The login that never became one.
    let other = Pod::start().await;
    other.anonymous().on(Port::Mtls).get("/agent/v3/health").assert_no_answer().await;
    let noted = async {
        loop {
            let answer = unmet(&other, json!({ "operation": LOGIN, "within": "0s" })).await;
            if let Some(near) = answer["near"].get(0) {
                return near.clone();
            }
        }
    };
    let near = patiently(noted).await;
    let actual = near["missed"][0]["actual"].as_str().unwrap();
    assert!(actual.contains("handshake") && actual.contains("no certificates"), "{actual}");
}

#[tokio::test]
async fn what_must_not_come_is_watched_for_in_the_pods_time() {
    // On a clock that stands still nothing more can happen.
    let pod = Pod::frozen().await;
    let token = pod.log_in("bot").await;
    let none = json!({ "operation": ECHO, "count": 0, "within": "1000d" });
    assert_eq!(met(&pod, none.clone()).await.len(), 0);
    echo(&pod, &token, json!({ "message": "x" })).await;
    let answer = unmet(&pod, none.clone()).await;
    assert_eq!(answer["matched"].as_array().unwrap().len(), 1);
    assert!(answer["message"].as_str().unwrap().contains("expected 0, and there were 1"));

    // On one that runs the wait ends with the time, which a test may advance.
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let mut watching = Box::pin(met(&pod, none.clone()));
    let advanced = async {
        echo_elsewhere(&pod, &token).await;
        pod.clock().advance(Duration::from_secs(1001 * 24 * 60 * 60));
    };
    tokio::select! {
        _ = &mut watching => panic!("it is not over"),
        () = advanced => {}
    }
    // Either the wait had begun, and is over; or it begins now, and would last for years.
    let nudged = async {
        loop {
            tokio::select! {
                matched = &mut watching => return matched,
                () = echo_elsewhere(&pod, &token) => {
                    pod.clock().advance(Duration::from_secs(1001 * 24 * 60 * 60));
                }
            }
        }
    };
    assert_eq!(patiently(nudged).await.len(), 0);

    // Or with what must not come.
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let (answer, ()) = tokio::join!(unmet(&pod, none), async {
        echo(&pod, &token, json!({ "message": "x" })).await
    });
    assert_eq!(answer["matched"].as_array().unwrap().len(), 1);
}

/// Some other call.
async fn echo_elsewhere(pod: &Pod, token: &str) {
    drop(pod.session_info(token).await);
}

#[tokio::test]
async fn nobody_swears_to_what_the_journal_forgot() {
    let pod = Pod::built(MockPod::builder().journal_bytes(20_000)).await;
    let token = pod.log_in("bot").await;
    for _ in 0..40 {
        pod.session_info(&token).await.assert_status(200);
    }
    let answer = unmet(&pod, json!({ "operation": LOGIN, "count": 0 })).await;
    assert!(answer["message"].as_str().unwrap().contains("forgotten"), "{answer}");
    let last = pod.control().get("/_mock/requests?limit=1").send().await.json();
    let since = last["requests"][0]["id"].clone();
    assert!(met(&pod, json!({ "operation": LOGIN, "count": 0, "since": since })).await.is_empty());
    let at_least = json!({ "operation": "sessioninfo_v2" });
    assert!(!met(&pod, at_least).await.is_empty(), "what is there is there");
}

#[tokio::test]
async fn what_cannot_be_expected_is_refused_at_once() {
    let pod = Pod::start().await;
    for (expectation, field) in [
        (json!({ "operation": "session_autenticate_v1" }), json!("operation")),
        (json!({ "operation": LOGIN, "status": "bad" }), json!("status")),
        (json!({ "operation": LOGIN, "within": "soon" }), json!("within")),
        (json!({ "operation": LOGIN, "since": "yesterday" }), json!("since")),
        (json!({ "operation": LOGIN, "count": { "atLeast": 2, "atMost": 1 } }), json!("count")),
        (json!({ "operation": LOGIN, "count": "many" }), json!(null)),
        (json!({ "operation": LOGIN, "count": { "atleast": 1 } }), json!(null)),
        (json!({ "operation": LOGIN, "count": {} }), json!(null)),
        (json!({ "operation": LOGIN, "colour": "blue" }), json!(null)),
        (json!({}), json!(null)),
    ] {
        let answer = expect(&pod, expectation.clone()).await.assert_status(400).json();
        assert_eq!(answer["field"], field, "{expectation}");
    }
    let misspelt = expect(&pod, json!({ "operation": "session_autenticate_v1" })).await;
    assert!(misspelt.body.contains(LOGIN), "{}", misspelt.body);

    let pod = Pod::built(MockPod::builder().journal_bytes(0)).await;
    let answer = expect(&pod, json!({ "operation": LOGIN })).await.assert_status(400);
    assert!(answer.body.contains("--journal-bytes"), "{}", answer.body);
}

#[tokio::test]
async fn moments_are_those_of_the_pods_clock() {
    let pod = Pod::frozen().await;
    pod.log_in("bot").await;
    pod.clock().advance(Duration::from_secs(60));
    let later = FROZEN.plus(Duration::from_secs(60)).as_millis();
    let none = json!({ "operation": LOGIN, "count": 0, "since": later });
    met(&pod, none.clone()).await;
    pod.log_in("bot").await;
    unmet(&pod, none).await;
    let one = json!({ "operation": LOGIN, "count": 1, "since": "2025-06-15T15:07:40Z" });
    assert_eq!(met(&pod, one).await.len(), 1);
}

/// A name that nobody has would match nothing, and turn a test green that says "must not come".
#[tokio::test]
async fn of_a_mistyped_operation_the_nearest_is_told() {
    let pod = Pod::start().await;
    for (wanted, nearest) in [
        ("CREATE_MESSAGE_V4", "create_message_v4"),
        ("create_mesage_v4", "create_message_v4"),
        ("/agent/v4/stream/{sid}/message/crate", "/agent/v4/stream/{sid}/message/create"),
        ("post /agent/v4/stream/{sid}/message/crate", "POST /agent/v4/stream/{sid}/message/create"),
    ] {
        let refused = expect(&pod, json!({ "operation": wanted, "count": 0 })).await;
        let error = refused.assert_status(400).json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(&format!("the nearest is {nearest};")), "{error}");
    }
    let like_none = expect(&pod, json!({ "operation": "*", "count": 0 })).await;
    let error = like_none.assert_status(400).json()["error"].as_str().unwrap().to_owned();
    assert!(!error.contains("nearest") && error.contains("lists them all"), "{error}");
}

#[tokio::test]
async fn a_mistyped_user_or_status_is_refused_with_the_nearest_everywhere() {
    let pod = Pod::start().await;
    let control = pod.control();
    let requests = async |query: &str| control.get(&format!("/_mock/requests{query}")).send().await;
    let fault = async |plan: Value| control.post("/_mock/faults").json(&plan).send().await;
    for answer in [
        expect(&pod, json!({ "operation": LOGIN, "user": "bott", "count": 0 })).await,
        requests("?user=bott").await,
        control.get("/_mock/requests.har?user=bott").send().await,
        fault(json!({ "user": "bott", "status": 503 })).await,
    ] {
        let refused = answer.assert_status(400).json();
        assert_eq!(refused["field"], "user");
        let error = refused["error"].as_str().unwrap();
        assert!(error.contains("the nearest is \"bot\"") && error.contains("strict"), "{error}");
    }
    for status in ["9xx", "0xx", "600", "99", "40", "-1"] {
        let expectation = json!({ "operation": LOGIN, "status": status, "count": 0 });
        for answer in
            [expect(&pod, expectation).await, requests(&format!("?status={status}")).await]
        {
            let refused = answer.assert_status(400).json();
            assert_eq!(refused["field"], "status", "{status}");
        }
    }
    for known in ["bot", "alice", "app"] {
        met(&pod, json!({ "operation": LOGIN, "user": known, "count": 0 })).await;
    }
    // Somebody who is still to come.
    let none = json!({ "operation": LOGIN, "user": "zoe", "strict": false, "count": 0 });
    met(&pod, none.clone()).await;
    fault(json!({ "user": "zoe", "strict": false, "status": 503, "times": 1 }))
        .await
        .assert_status(201);
    let zoe = json!({ "users": [{ "username": "zoe", "accountType": "SYSTEM" }] });
    control.post("/_mock/scenario").json(&zoe).send().await.assert_status(200);
    let login = async || pod.client("zoe").post("/sessionauth/v1/authenticate").send().await;
    login().await.assert_status(503);
    login().await.assert_status(200);
    unmet(&pod, none).await;
    assert_eq!(requests("?user=zoe").await.assert_status(200).json()["requests"][1]["status"], 200);
}

#[tokio::test]
async fn a_plan_for_somebody_who_is_still_to_come_hits_his_session_too() {
    let pod = Pod::start().await;
    let control = pod.control();
    let plan = json!({ "user": "zoe", "strict": false, "operation": ECHO, "status": 503 });
    control.post("/_mock/faults").json(&plan).send().await.assert_status(201);
    let zoe = json!({ "users": [{ "username": "zoe", "accountType": "SYSTEM" }] });
    control.post("/_mock/scenario").json(&zoe).send().await.assert_status(200);
    for (user, status) in [("zoe", 503), ("bot", 200)] {
        let token = pod.log_in(user).await;
        let echo = pod.anonymous().post("/agent/v1/util/echo").session(&token);
        echo.json(&json!({ "message": "one" })).send().await.assert_status(status);
    }
}
