//! Planned faults, as the clients that they hit see them.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use serde_json::{Value, json};
use symphony_mock_pod::{Clock, FaultPlan, Listen, ListenerRole, MockPod, Scenario};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::jwt::Jwt;
use crate::pod::{Answer, Bot, FROZEN, Pod, Port, patiently};

const FAULTS: &str = "/_mock/faults";
const LOGIN: &str = "/sessionauth/v1/authenticate";
const INFO: &str = "/pod/v2/sessioninfo";

/// A pod whose clock stands still and whose reads do not wait.
async fn still() -> Pod {
    let mut scenario = Scenario::embedded();
    let settings = Scenario::parse("settings: { datafeedLongPoll: 0s }").expect("settings");
    scenario.settings = settings.settings;
    Pod::built(MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN))).await
}

async fn plan(pod: &Pod, plan: Value) -> Value {
    let answer = pod.control().post(FAULTS).json(&plan).send().await;
    answer.assert_status(201).json()
}

async fn remove(pod: &Pod, fault: &Value) {
    let path = format!("{FAULTS}/{}", text(&fault["id"]));
    pod.control().request(reqwest::Method::DELETE, &path).send().await.assert_status(204);
}

async fn tally(pod: &Pod) -> (u64, u64) {
    let list = pod.control().get(FAULTS).send().await.assert_status(200).json();
    let fault = &list["faults"][0];
    (fault["matched"].as_u64().expect("a number"), fault["fired"].as_u64().expect("a number"))
}

async fn info(bot: &Bot) -> Answer {
    bot.get(INFO).await
}

/// The statuses of so many calls.
async fn statuses(bot: &Bot, calls: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..calls {
        statuses.push(info(bot).await.status);
    }
    statuses
}

async fn open(bot: &Bot) -> String {
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201);
    text(&feed.json()["id"])
}

async fn read(bot: &Bot, feed: &str, ack: &str) -> Answer {
    bot.post(&format!("/agent/v5/datafeeds/{feed}/read"), &json!({ "ackId": ack })).await
}

async fn say(pod: &Pod, words: &str) {
    let message = json!({ "stream": "Test Room", "message": words });
    let answer = pod.control().post("/_mock/people/alice/messages").json(&message).send().await;
    answer.assert_status(200);
}

/// The words of the messages among events.
fn heard(answer: &Answer) -> Vec<String> {
    let words = |event: &Value| {
        let message = text(&event["payload"]["messageSent"]["message"]["message"]);
        let inner = message.split('>').find(|part| part.starts_with(char::is_alphabetic));
        inner.expect("words").split('<').next().expect("words").to_owned()
    };
    answer.json()["events"].as_array().expect("events").iter().map(words).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[tokio::test]
async fn a_status_is_told_in_the_words_of_the_component() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    plan(&pod, json!({ "status": 503, "name": "outage" })).await;
    let answer = info(&bot).await.assert_error(503, "Service Unavailable");
    assert_eq!(answer.header("x-mock-fault"), "outage");
    assert_eq!(answer.header("x-symphony-mock"), env!("CARGO_PKG_VERSION"));
    let files = bot.get("/files/v1").await.assert_status(503);
    assert_eq!(files.json(), json!({ "error": "Service Unavailable" }));
    // No operation, so no fault.
    bot.get("/pod/v9/nothing").await.assert_status(404);
}

#[tokio::test]
async fn a_status_comes_with_the_body_and_the_headers_that_are_given() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let html = plan(
        &pod,
        json!({
            "operation": "*",
            "status": 502,
            "body": "<html>Bad Gateway</html>",
            "headers": { "Content-Type": "text/html", "Server": "nginx" },
            "retryAfter": 7,
        }),
    )
    .await;
    let answer = info(&bot).await.assert_status(502);
    assert_eq!(answer.body, "<html>Bad Gateway</html>");
    assert_eq!(answer.header("content-type"), "text/html");
    assert_eq!(answer.header("server"), "nginx");
    assert_eq!(answer.header("retry-after"), "7");
    let why = pod.control().get("/_mock/why").send().await.assert_status(200);
    assert_eq!(why.json()["kind"], "Injected", "{}", why.body);
    assert!(why.body.contains("status-502"), "{}", why.body);
    remove(&pod, &html).await;
    plan(&pod, json!({ "status": 451, "body": { "code": 451, "details": [] } })).await;
    let answer = info(&bot).await.assert_status(451);
    assert_eq!(answer.json(), json!({ "code": 451, "details": [] }));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_fault_hits_its_operation_and_no_other() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    plan(&pod, json!({ "operation": ["datafeeds_create_v5", "datafeeds_list_v5"], "status": 500 }))
        .await;
    info(&bot).await.assert_status(200);
    bot.get("/agent/v5/datafeeds").await.assert_status(500);
    bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(500);
    let answer = bot.delete("/agent/v5/datafeeds/nothing_f").await;
    answer.assert_status(200);
    assert_eq!(tally(&pod).await, (2, 2));
}

#[tokio::test]
async fn a_path_or_part_of_a_name_means_all_that_are_like_it() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let agent = plan(&pod, json!({ "operation": "/agent/*", "status": 502 })).await;
    bot.get("/agent/v5/datafeeds").await.assert_status(502);
    info(&bot).await.assert_status(200);
    remove(&pod, &agent).await;
    plan(&pod, json!({ "operation": "datafeeds_*", "status": 502 })).await;
    bot.get("/agent/v5/datafeeds").await.assert_status(502);
    bot.get("/agent/v1/info").await.assert_status(200);
}

#[tokio::test]
async fn a_fault_hits_its_user_by_session_certificate_and_jwt() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    plan(&pod, json!({ "user": "bot", "status": 500 })).await;
    info(&bot).await.assert_status(500);
    info(&bot2).await.assert_status(200);
    pod.client("bot").post(LOGIN).send().await.assert_status(500);
    pod.client("bot2").post(LOGIN).send().await.assert_status(200);
    for (user, status) in [("bot", 500), ("bot2", 200)] {
        let jwt = Jwt::of(&pod, &pod.identity(user).expect("an identity")).sign();
        let login = pod.anonymous().post("/login/pubkey/authenticate");
        let answer = login.json(&json!({ "token": jwt })).send().await;
        answer.assert_status(status);
    }
    assert_eq!(tally(&pod).await, (3, 3));
}

#[tokio::test]
async fn calls_are_counted_and_hits_are_limited() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let nth = plan(&pod, json!({ "status": 503, "nth": 3 })).await;
    assert_eq!(statuses(&bot, 5).await, [200, 200, 503, 200, 200]);
    assert_eq!(tally(&pod).await, (3, 1), "a fault that is over no longer looks at calls");
    remove(&pod, &nth).await;
    let times = plan(&pod, json!({ "status": 503, "times": 2 })).await;
    assert_eq!(statuses(&bot, 4).await, [503, 503, 200, 200]);
    remove(&pod, &times).await;
    let both = plan(&pod, json!({ "status": 503, "nth": 2, "times": 2 })).await;
    assert_eq!(statuses(&bot, 5).await, [200, 503, 503, 200, 200]);
    remove(&pod, &both).await;
    plan(&pod, json!({ "status": 503, "inARow": 2 })).await;
    assert_eq!(statuses(&bot, 6).await, [503, 503, 200, 503, 503, 200]);
}

#[tokio::test]
async fn chance_is_the_same_in_every_run_and_never_hits_too_often_in_a_row() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let pod = Pod::built(MockPod::builder().seed(7)).await;
        let bot = pod.bot("bot").await;
        plan(&pod, json!({ "status": 503, "probability": 0.7 })).await;
        let run = statuses(&bot, 60).await;
        let hits = run.iter().filter(|status| **status == 503).count();
        assert!((15..55).contains(&hits), "{hits} of 60");
        assert!(!run.windows(4).any(|four| four == [503; 4]), "{run:?}");
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn faults_change_no_id_and_no_token() {
    let mut tokens = Vec::new();
    for faulty in [false, true] {
        let clock = Clock::frozen_at(FROZEN);
        let pod = Pod::built(MockPod::builder().seed(7).clock(clock)).await;
        if faulty {
            let bot = pod.bot("bot").await;
            plan(&pod, json!({ "operation": "sessioninfo_v2", "status": 503, "probability": 0.5 }))
                .await;
            statuses(&bot, 5).await;
        } else {
            pod.log_in("bot").await;
        }
        tokens.push(pod.log_in("bot").await);
    }
    assert_eq!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn a_delay_goes_by_the_pods_clock() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    plan(&pod, json!({ "delay": "30s", "operation": "sessioninfo_v2" })).await;
    let mut call = pin!(info(&bot));
    let early = async {
        while tally(&pod).await.1 == 0 {}
        pod.clock().advance(Duration::from_secs(29));
        // A whole exchange later there is still no answer.
        pod.control().get("/livez").send().await.assert_status(200);
    };
    tokio::select! {
        biased;
        answer = &mut call => panic!("too early: {answer:?}"),
        () = early => {}
    }
    pod.clock().advance(Duration::from_secs(1));
    let answer = patiently(call).await.assert_status(200);
    assert_eq!(answer.header("x-mock-fault"), "delay");
}

#[tokio::test]
async fn what_hangs_goes_on_when_the_fault_is_removed() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    for effect in [
        json!({ "hang": true }),
        json!({ "delay": "1h", "status": 503 }),
        json!({ "delay": "1h", "contentType": "text/html" }),
    ] {
        plan(&pod, effect).await;
        let all_clear = async {
            while tally(&pod).await.1 == 0 {}
            let clear = pod.control().request(reqwest::Method::DELETE, FAULTS);
            clear.send().await.assert_status(204);
        };
        let (answer, ()) = patiently(async { tokio::join!(info(&bot), all_clear) }).await;
        assert_eq!(answer.assert_status(200).header("content-type"), "application/json");
        let list = pod.control().get(FAULTS).send().await.json();
        assert_eq!(list, json!({ "faults": [] }));
    }
}

#[tokio::test]
async fn a_reset_is_one_of_tcp() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let fault = plan(&pod, json!({ "reset": true })).await;
    let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.expect("a connection");
    let request =
        format!("GET {INFO} HTTP/1.1\r\nhost: localhost\r\nsessionToken: {}\r\n\r\n", bot.token);
    stream.write_all(request.as_bytes()).await.expect("the pod reads");
    let mut answer = Vec::new();
    let error = patiently(stream.read_to_end(&mut answer)).await.expect_err("a reset");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error:?}");
    assert_eq!(answer, b"");
    // And over HTTP/2.
    pod.anonymous().get(INFO).session(&bot.token).assert_no_answer().await;
    remove(&pod, &fault).await;
    info(&bot).await.assert_status(200);
}

#[tokio::test]
async fn a_cut_body_declares_more_than_comes() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let whole = info(&bot).await.body;
    plan(&pod, json!({ "cutBody": true })).await;
    let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.expect("a connection");
    let request =
        format!("GET {INFO} HTTP/1.1\r\nhost: localhost\r\nsessionToken: {}\r\n\r\n", bot.token);
    stream.write_all(request.as_bytes()).await.expect("the pod reads");
    let mut answer = Vec::new();
    // However the connection ends, it ends.
    drop(patiently(stream.read_to_end(&mut answer)).await);
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains(&format!("content-length: {}", whole.len())), "{head}");
    assert!(head.contains("x-mock-fault: cutBody"), "{head}");
    assert_eq!(body, &whole[..whole.len() / 2]);
}

#[tokio::test]
async fn a_body_is_malformed_or_of_another_type() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let fault = plan(&pod, json!({ "malformedJson": true })).await;
    let answer = info(&bot).await.assert_status(200);
    assert!(serde_json::from_str::<Value>(&answer.body).is_err(), "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
    remove(&pod, &fault).await;
    plan(&pod, json!({ "contentType": "text/plain", "status": 503 })).await;
    let answer = info(&bot).await.assert_status(503);
    assert_eq!(answer.header("content-type"), "text/plain");
    assert_eq!(answer.json()["code"], 503);
}

#[tokio::test]
async fn an_expired_session_stays_so_and_others_do_not() {
    let pod = Pod::start().await;
    let [bot, other] = [pod.bot("bot").await, pod.bot("bot").await];
    plan(&pod, json!({ "expireSession": true, "times": 1 })).await;
    let answer = info(&bot).await.assert_error(401, "Invalid session");
    assert_eq!(answer.header("x-mock-fault"), "expireSession");
    info(&other).await.assert_status(200);
    let answer = info(&bot).await.assert_error(401, "Invalid session");
    assert!(!answer.headers.contains_key("x-mock-fault"));
    info(&pod.bot("bot").await).await.assert_status(200);
}

#[tokio::test]
async fn a_lost_feed_is_gone_for_good() {
    let pod = still().await;
    let bot = pod.bot("bot").await;
    const LOST: &str = "The feed no longer exists, please create a new feed";
    let feed = open(&bot).await;
    let fault = plan(&pod, json!({ "loseFeed": true, "operation": "datafeeds_read_v5" })).await;
    read(&bot, &feed, "").await.assert_error(400, LOST);
    remove(&pod, &fault).await;
    read(&bot, &feed, "").await.assert_error(400, LOST);
    let feeds = bot.get("/agent/v5/datafeeds").await.assert_status(200);
    assert_eq!(feeds.json(), json!([]));

    let feed = open(&bot).await;
    plan(&pod, json!({ "loseFeed": true })).await;
    bot.delete(&format!("/agent/v5/datafeeds/{feed}")).await.assert_error(400, LOST);
    let feed = bot.post_nothing("/agent/v4/datafeed/create").await.assert_status(200);
    let path = format!("/agent/v4/datafeed/{}/read", text(&feed.json()["id"]));
    let answer = bot.get(&path).await;
    answer.assert_error(400, "Could not find a datafeed with the provided id");
}

#[tokio::test]
async fn events_come_twice_or_in_the_opposite_order() {
    let pod = still().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let fault = plan(&pod, json!({ "duplicateEvents": true, "times": 1 })).await;
    let ack = text(&read(&bot, &feed, "").await.json()["ackId"]);
    assert_eq!(tally(&pod).await, (0, 0), "there was nothing to hand out twice");
    say(&pod, "One").await;
    say(&pod, "Two").await;
    let answer = read(&bot, &feed, &ack).await.assert_status(200);
    assert_eq!(heard(&answer), ["One", "One", "Two", "Two"]);
    let events = answer.json()["events"].clone();
    assert_eq!(events[0], events[1]);
    assert_eq!(answer.header("x-mock-fault"), "duplicateEvents");
    remove(&pod, &fault).await;

    plan(&pod, json!({ "reorderEvents": true })).await;
    say(&pod, "Alone").await;
    let answer = read(&bot, &feed, &text(&answer.json()["ackId"])).await;
    assert_eq!(heard(&answer), ["Alone"]);
    assert!(!answer.headers.contains_key("x-mock-fault"));
    say(&pod, "Three").await;
    say(&pod, "Four").await;
    let answer = read(&bot, &feed, &text(&answer.json()["ackId"])).await;
    assert_eq!(heard(&answer), ["Four", "Three"]);
    let answer = read(&bot, &feed, &text(&answer.json()["ackId"])).await;
    assert_eq!(heard(&answer), [""; 0], "what was handed out is acknowledged");
}

#[tokio::test]
async fn events_of_a_datafeed_1_come_twice_too() {
    let pod = still().await;
    let bot = pod.bot("bot").await;
    let feed = bot.post_nothing("/agent/v4/datafeed/create").await.assert_status(200);
    let path = format!("/agent/v4/datafeed/{}/read", text(&feed.json()["id"]));
    plan(&pod, json!({ "duplicateEvents": true })).await;
    bot.get(&path).await.assert_status(204);
    say(&pod, "One").await;
    let events = bot.get(&path).await.assert_status(200).json();
    assert_eq!(events.as_array().expect("events").len(), 2);
    assert_eq!(events[0], events[1]);
}

#[tokio::test]
async fn events_are_kept_back_for_a_number_of_reads() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    say(&pod, "Late").await;
    plan(&pod, json!({ "withholdEvents": 2 })).await;
    for _ in 0..2 {
        let answer = patiently(read(&bot, &feed, "")).await;
        assert_eq!(heard(&answer), [""; 0], "on a clock that stands still");
    }
    assert_eq!(heard(&read(&bot, &feed, "").await), ["Late"]);
}

#[tokio::test]
async fn events_are_kept_back_for_a_time_or_until_the_fault_is_removed() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let fault = plan(&pod, json!({ "withholdEvents": "10s" })).await;
    say(&pod, "Late").await;
    let waiting = async {
        while tally(&pod).await.1 == 0 {}
        pod.clock().advance(Duration::from_secs(10));
    };
    let (answer, ()) = patiently(async { tokio::join!(read(&bot, &feed, ""), waiting) }).await;
    assert_eq!(heard(&answer), ["Late"]);
    remove(&pod, &fault).await;

    let fault = plan(&pod, json!({ "withholdEvents": "10s" })).await;
    say(&pod, "Later").await;
    let all_clear = async {
        while tally(&pod).await.1 == 0 {}
        remove(&pod, &fault).await;
    };
    let ack = text(&answer.json()["ackId"]);
    let (answer, ()) = patiently(async { tokio::join!(read(&bot, &feed, &ack), all_clear) }).await;
    assert_eq!(heard(&answer), ["Later"]);
}

#[tokio::test]
async fn a_read_that_waits_ends_so_that_the_next_one_meets_the_fault() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let mut waiting = pin!(read(&bot, &feed, ""));
    let presence = async {
        // The read has begun when it has shown the bot as available.
        loop {
            let shown = pod.bot("bot2").await.get("/pod/v3/user/68719476737/presence").await;
            if shown.status == 200 && shown.json()["category"] == "AVAILABLE" {
                break;
            }
        }
        plan(&pod, json!({ "loseFeed": true, "times": 1 })).await;
    };
    let (answer, ()) = patiently(async { tokio::join!(&mut waiting, presence) }).await;
    assert_eq!(heard(&answer.assert_status(200)), [""; 0]);
    read(&bot, &feed, "").await.assert_status(400);
}

#[tokio::test]
async fn a_plan_that_can_hit_nothing_is_refused_by_the_name_of_its_field() {
    let pod = Pod::start().await;
    let many_headers: BTreeMap<_, _> = (0..257).map(|n| (format!("x-{n}"), "y")).collect();
    for (plan, field, expected) in [
        (
            json!({ "status": 503, "operation": "datafeed_read_v5" }),
            "operation",
            "datafeeds_read_v5",
        ),
        (json!({ "status": 503, "operation": "/agent/v9/*" }), "operation", "/agent/"),
        (json!({ "status": 503, "operation": [] }), "operation", "list of names"),
        (json!({ "status": 503, "user": "bott" }), "user", "the nearest is \"bot\""),
        (json!({ "status": 503, "times": 0 }), "times", "1 or more"),
        (json!({ "status": 503, "nth": 0 }), "nth", "from 1"),
        (json!({ "status": 503, "inARow": 0 }), "inARow", "1 or more"),
        (json!({ "status": 503, "probability": 0 }), "probability", "more than 0"),
        (json!({ "status": 503, "probability": 1.5 }), "probability", "up to 1"),
        (json!({ "status": 503, "probability": "often" }), "probability", "a number"),
        (json!({ "status": 99 }), "status", "from 200 to 599"),
        (json!({ "status": "503" }), "status", "a whole number"),
        (json!({ "status": 204, "body": "no" }), "body", "has none"),
        (json!({ "body": "no" }), "body", "needs a status"),
        (json!({ "delay": "soon" }), "delay", "a duration like"),
        (json!({ "delay": 3 }), "delay", "a duration like"),
        (json!({ "status": 503, "hang": true }), "hang", "cannot go together with status"),
        (json!({ "hang": true, "delay": "1s" }), "delay", "cannot go together with hang"),
        (json!({ "reset": true, "cutBody": true }), "cutBody", "cannot go together with reset"),
        (json!({ "duplicateEvents": true, "status": 200 }), "status", "duplicateEvents"),
        (
            json!({ "duplicateEvents": true, "operation": "sessioninfo_v2" }),
            "operation",
            "hands out no events",
        ),
        (
            json!({ "withholdEvents": "1s", "operation": "datafeeds_create_v5" }),
            "operation",
            "hands out no events",
        ),
        (json!({ "withholdEvents": 0 }), "withholdEvents", "1 or more"),
        (
            json!({ "loseFeed": true, "operation": "sessioninfo_v2" }),
            "operation",
            "not about a feed",
        ),
        (json!({ "status": 503, "opperation": "*" }), "opperation", "the nearest is operation"),
        (json!({ "status": 503, "name": "a\nb" }), "name", "printable"),
        (json!({ "status": 503, "headers": { "a b": "c" } }), "headers", "no header"),
        (json!({ "status": 503, "headers": many_headers }), "headers", "257 headers of"),
        (json!({ "status": 503, "headers": { "a": "b".repeat(64 << 10) } }), "headers", "at most"),
        (json!({ "pack": "doomsday" }), "pack", "session-expired"),
        (json!({ "pack": "feed-expired", "hang": true }), "hang", "effects of its own"),
    ] {
        let answer = pod.control().post(FAULTS).json(&plan).send().await.assert_status(400);
        let error = answer.json();
        assert_eq!(error["field"], field, "{plan}: {error}");
        assert!(text(&error["error"]).contains(expected), "{plan}: {error}");
    }
    for whole in ["", "[]", "{", "{}", r#"{"operation":"*"}"#] {
        let answer = pod.control().post(FAULTS).body(whole).send().await.assert_status(400);
        assert_eq!(answer.json()["field"], Value::Null, "{whole}");
    }
    let list = pod.control().get(FAULTS).send().await.json();
    assert_eq!(list, json!({ "faults": [] }));
}

#[tokio::test]
async fn faults_are_listed_as_they_were_planned_and_removed_one_by_one() {
    let pod = Pod::start().await;
    let plans = [
        json!({ "name": "slow", "operation": "/agent/*", "user": "bot", "nth": 2, "times": 3, "delay": "1s" }),
        json!({ "operation": "*", "probability": 0.5, "inARow": 2, "status": 500, "body": { "a": 1 }, "headers": { "x-a": "b" } }),
    ];
    let mut made = Vec::new();
    for wanted in &plans {
        let fault = plan(&pod, wanted.clone()).await;
        for (field, value) in wanted.as_object().expect("an object") {
            assert_eq!(&fault[field], value, "{field}");
        }
        made.push(fault);
    }
    assert_eq!(made[1]["name"], "status-500");
    let list = pod.control().get(FAULTS).send().await.json();
    assert_eq!(list["faults"], json!(made));
    remove(&pod, &made[0]).await;
    let list = pod.control().get(FAULTS).send().await.json();
    assert_eq!(list["faults"], json!(made[1..]));
    for unknown in ["1", "x"] {
        let path = format!("{FAULTS}/{unknown}");
        let answer = pod.control().request(reqwest::Method::DELETE, &path).send().await;
        answer.assert_status(404);
    }
}

#[tokio::test]
async fn each_pod_has_faults_of_its_own_and_a_reset_removes_them() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let planned = pod.control().post("/t/one/_mock/faults").json(&json!({ "status": 503 }));
    planned.send().await.assert_status(201);
    info(&bot).await.assert_status(200);
    let there = || pod.anonymous().get(&format!("/t/one{INFO}"));
    there().send().await.assert_status(503);
    pod.control().post("/t/one/_mock/reset").send().await.assert_status(200);
    there().send().await.assert_status(401);
}

#[tokio::test]
async fn a_pod_that_is_dropped_lets_go_of_what_hangs() {
    let pod = Pod::start().await;
    let control = pod.control();
    let hang = control.post("/t/one/_mock/faults").json(&json!({ "hang": true }));
    hang.send().await.assert_status(201);
    let hanging = pod.anonymous();
    let hanging = hanging.get(&format!("/t/one{INFO}")).send();
    let dropping = async {
        loop {
            let list = control.get("/t/one/_mock/faults").send().await.json();
            if list["faults"][0]["fired"] == 1 {
                break;
            }
        }
        let drop = control.request(reqwest::Method::DELETE, "/_mock/pods/one");
        drop.send().await.assert_status(204);
    };
    let (answer, ()) = patiently(async { tokio::join!(hanging, dropping) }).await;
    answer.assert_status(401);
}

#[tokio::test]
async fn a_guard_removes_its_fault_when_it_is_dropped() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let guard = pod.inject(FaultPlan::status(503).on("sessioninfo_v2").user("bot").nth(2)).unwrap();
    assert_eq!(statuses(&bot, 3).await, [200, 503, 200]);
    assert_eq!((guard.matched(), guard.fired()), (2, 1));
    drop(guard);
    let list = pod.control().get(FAULTS).send().await.json();
    assert_eq!(list, json!({ "faults": [] }));
    for name in ["Content-Length", "transfer-encoding"] {
        let of_the_connection = FaultPlan::status(200).body("abc").header(name, "5");
        let error = pod.inject(of_the_connection).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    let late = std::time::Duration::from_secs(1);
    for (plan, field) in [
        (FaultPlan::delay(late).body("x"), "body"),
        (FaultPlan::hang().header("x-a", "b"), "headers"),
        (FaultPlan::delay(late).retry_after(1), "retryAfter"),
    ] {
        let error = pod.inject(plan).unwrap_err();
        assert!(
            error.to_string().contains(field) && error.to_string().contains("status"),
            "{error}"
        );
    }
    let error = pod.inject(FaultPlan::hang().user("nobody")).unwrap_err();
    assert_eq!(error.field(), Some("user"));
}

async fn unleash(pod: &Pod, pack: &str) -> Value {
    plan(pod, json!({ "pack": pack })).await
}

#[tokio::test]
async fn packs_are_listed_with_the_fault_that_each_stands_for() {
    let builder = MockPod::builder().listen(Listen::new(ListenerRole::Agent));
    let pod = Pod::built(builder).await;
    let list = pod.control().get("/_mock/faults/packs").send().await.assert_status(200).json();
    let packs = list["packs"].as_array().expect("packs");
    assert_eq!(packs.len(), 16);
    for pack in packs {
        let name = text(&pack["pack"]);
        assert!(!text(&pack["what"]).is_empty());
        let mut fault = unleash(&pod, &name).await;
        assert_eq!(fault["name"], name);
        // What the list shows is a plan like any other.
        let same = plan(&pod, pack["fault"].clone()).await;
        fault["id"] = same["id"].clone();
        assert_eq!(same, fault);
    }
}

#[tokio::test]
async fn what_a_pack_does_can_be_said_more_exactly() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let more = json!({ "pack": "rate-limited", "user": "bot", "times": 1, "retryAfter": 30 });
    plan(&pod, more).await;
    info(&bot2).await.assert_status(200);
    let answer = info(&bot).await.assert_error(429, "Too Many Requests");
    assert_eq!(answer.header("retry-after"), "30");
    assert_eq!(answer.header("x-mock-fault"), "rate-limited");
    info(&bot).await.assert_status(200);

    plan(&pod, json!({ "pack": "key-manager-unregistered", "status": 500 })).await;
    let login = pod.client("bot").post("/keyauth/v1/authenticate").send().await;
    assert_eq!(login.assert_status(500).json()["code"], 500);
}

#[tokio::test]
async fn each_pack_is_the_incident_that_it_is_named_for() {
    let pod = still().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let key_manager = || pod.client("bot").post("/keyauth/v1/authenticate");

    unleash(&pod, "feed-expired").await;
    read(&bot, &feed, "").await.assert_status(400);
    bot.delete(&format!("/agent/v5/datafeeds/{feed}")).await.assert_status(200);
    let feed = open(&bot).await;
    read(&bot, &feed, "").await.assert_status(200);

    let fault = unleash(&pod, "key-manager-unregistered").await;
    const UNREGISTERED: &str =
        "Not allowed to make this call when KeyManager is not registered in the pod";
    key_manager().send().await.assert_error(403, UNREGISTERED);
    pod.client("bot").post(LOGIN).send().await.assert_status(200);
    remove(&pod, &fault).await;

    let fault = unleash(&pod, "agent-down").await;
    let answer = read(&bot, &feed, "").await.assert_status(502);
    assert_eq!(answer.header("content-type"), "text/html");
    assert!(answer.body.contains("502 Bad Gateway"), "{}", answer.body);
    info(&bot).await.assert_status(200);
    remove(&pod, &fault).await;

    let fault = unleash(&pod, "pod-maintenance").await;
    for answer in [info(&bot).await, read(&bot, &feed, "").await, key_manager().send().await] {
        let answer = answer.assert_status(503);
        assert_eq!(answer.header("content-type"), "text/html");
    }
    remove(&pod, &fault).await;

    unleash(&pod, "rate-limited").await;
    assert_eq!(statuses(&bot, 4).await, [429, 429, 429, 200]);

    let fault = unleash(&pod, "slow-longpoll").await;
    let passing = async {
        while shown(&pod, &fault).await["fired"] == 0 {}
        pod.clock().advance(Duration::from_secs(25));
    };
    let (answer, ()) = patiently(async { tokio::join!(read(&bot, &feed, ""), passing) }).await;
    assert_eq!(answer.assert_status(200).header("x-mock-fault"), "slow-longpoll");
    remove(&pod, &fault).await;

    unleash(&pod, "session-expired").await;
    read(&bot, &feed, "").await.assert_error(401, "Invalid session");
    let again = pod.bot("bot").await;
    read(&again, &feed, "").await.assert_status(200);
}

#[tokio::test]
async fn a_pack_may_be_several_faults_that_begin_and_end_together() {
    let pod = still().await;
    let bot = pod.bot("bot").await;
    let key_manager = || pod.client("bot").post("/keyauth/v1/authenticate");
    let fault = unleash(&pod, "key-manager-outage").await;
    // A bot that runs meets it at once.
    info(&bot).await.assert_error(401, "Invalid session");
    let again = pod.bot("bot").await;
    key_manager().send().await.assert_status(403);
    info(&again).await.assert_status(200);
    let list = pod.control().get(FAULTS).send().await.assert_status(200).json();
    let with: Vec<_> = list["faults"].as_array().unwrap().iter().map(|it| &it["with"]).collect();
    assert_eq!(with, [&Value::Null, &fault["id"]]);
    remove(&pod, &fault).await;
    key_manager().send().await.assert_status(200);
    let list = pod.control().get(FAULTS).send().await.json();
    assert_eq!(list["faults"], json!([]));

    // Both are for the user who is named.
    plan(&pod, json!({ "pack": "key-manager-outage", "user": "bot2" })).await;
    info(&again).await.assert_status(200);
    key_manager().send().await.assert_status(200);
    // Or whoever is to come.
    let to_come = json!({ "pack": "key-manager-outage", "user": "zoe", "strict": false });
    plan(&pod, to_come).await;
    pod.control().request(reqwest::Method::DELETE, FAULTS).send().await.assert_status(204);

    let within = json!([{ "status": 500, "nth": 2 }]);
    let mine = json!({
        "status": 418, "operation": "*", "nth": 3,
        "and": [{ "status": 503, "nth": 1, "and": within }],
    });
    plan(&pod, mine).await;
    assert_eq!(statuses(&again, 4).await, [503, 500, 418, 200]);
    for (wrong, field) in [
        (json!({ "status": 500, "and": [7] }), "and"),
        (json!({ "status": 500, "and": [{ "status": 500, "and": [] }] }), "and"),
        (json!({ "status": 500, "and": [{ "statsu": 500 }] }), "statsu"),
        (json!({ "delay": "1s", "body": "x" }), "body"),
        (json!({ "delay": "1s", "retryAfter": 1 }), "retryAfter"),
        (json!({ "addFields": {} }), "addFields"),
        (json!({ "setFields": 7 }), "setFields"),
        (json!({ "addEvents": [], "operation": "datafeeds_read_v5" }), "addEvents"),
        (json!({ "addEvents": [1], "operation": "session_info_v2" }), "operation"),
        (json!({ "unhealthy": ["weather"] }), "unhealthy"),
        (json!({ "unhealthy": ["pod"], "operation": "health_v3" }), "operation"),
    ] {
        let refused =
            pod.control().post(FAULTS).json(&wrong).send().await.assert_status(400).json();
        assert!(refused.to_string().contains(field), "{wrong}: {refused}");
    }
}

/// finos/spring-bot#33 and finos/symphony-bdk-java#592: clients that bear no field and no type that
/// they do not know.
#[tokio::test]
async fn tomorrows_pod_has_fields_and_types_that_no_client_knows() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let fault = unleash(&pod, "new-version").await;
    let me = info(&bot).await.assert_status(200).json();
    assert_eq!(me["addedByTheNextVersion"], json!({ "since": "the next version" }));
    assert!(me["avatars"][0]["addedByTheNextVersion"].is_object(), "{me}");
    // It does not wait for anything to happen.
    let events = read(&bot, &feed, "").await.assert_status(200).json()["events"].clone();
    assert_eq!(events[0]["type"], "SOMETHINGNEWHAPPENED");
    assert!(events[0]["payload"]["addedByTheNextVersion"].is_object(), "{events}");
    remove(&pod, &fault).await;
    assert_eq!(info(&bot).await.json().get("addedByTheNextVersion"), None);

    let fault = plan(&pod, json!({ "setFields": { "accountType": "ANDROID", "size": 7 } })).await;
    let me = info(&bot).await.assert_status(200).json();
    assert_eq!((&me["accountType"], &me["avatars"][0]["size"]), (&json!("ANDROID"), &json!(7)));
    assert_eq!(me["username"], "bot");
    remove(&pod, &fault).await;
}

#[tokio::test]
async fn a_made_up_event_comes_in_a_real_feed() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let event = json!({ "id": "x", "type": "MESSAGESENT", "payload": { "messageSent": null } });
    let fault = json!({ "user": "bot", "addEvents": [event], "times": 1 });
    plan(&pod, fault).await;
    let answer = read(&bot, &feed, "").await.assert_status(200).json();
    assert_eq!(answer["events"], json!([event]));
    assert!(answer["ackId"].is_string());
    // What really happens comes as ever.
    pod.user("alice").send("Test Room", "hello").expect("she can");
    let next = read(&bot, &feed, &text(&answer["ackId"])).await.assert_status(200).json();
    assert_eq!(next["events"][0]["type"], "MESSAGESENT");
    assert!(next["events"][0]["payload"]["messageSent"].is_object(), "{next}");

    // Datafeed 1, whose reads have nothing to say when nothing happened.
    let legacy = bot.post("/agent/v4/datafeed/create", &json!({})).await.json();
    plan(&pod, json!({ "addEvents": [null], "times": 1 })).await;
    let path = format!("/agent/v4/datafeed/{}/read", text(&legacy["id"]));
    assert_eq!(bot.get(&path).await.assert_status(200).json(), json!([null]));
}

#[tokio::test]
async fn the_packs_from_the_field_are_what_was_reported() {
    let pod = still().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;

    unleash(&pod, "odd-events").await;
    let events = read(&bot, &feed, "").await.assert_status(200).json()["events"].clone();
    assert_eq!(events[0], Value::Null);
    assert_eq!(events[1]["type"], "SOMETHINGNEWHAPPENED");
    assert_eq!((&events[2]["type"], events[2].get("id")), (&json!("MESSAGESENT"), None));
    assert_eq!(read(&bot, &feed, "").await.json()["events"], json!([]));

    unleash(&pod, "raw-401").await;
    let raw = info(&bot).await.assert_status(401);
    assert!(!raw.headers.contains_key("content-type"), "{raw:?}");
    assert_eq!(raw.json().as_object().map(serde_json::Map::len), Some(1));
    info(&bot).await.assert_status(200);

    unleash(&pod, "pod-500").await;
    read(&bot, &feed, "").await.assert_status(200);
    assert_eq!(statuses(&bot, 4).await, [500, 500, 500, 200]);

    unleash(&pod, "throttled-by-agent").await;
    info(&bot).await.assert_status(200);
    for status in [429, 400] {
        let throttled = read(&bot, &feed, "").await.assert_status(status);
        assert_eq!(throttled.header("retry-after"), "1");
    }
    read(&bot, &feed, "").await.assert_status(200);

    unleash(&pod, "recreate-refused").await;
    read(&bot, &feed, "").await.assert_status(400);
    for _ in 0..2 {
        bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(400);
    }
    read(&bot, &open(&bot).await, "").await.assert_status(200);

    let fault = unleash(&pod, "health-down").await;
    let health = bot.get("/agent/v3/health/extended").await.assert_status(503).json();
    assert_eq!(
        (&health["status"], &health["services"]["pod"]["status"]),
        (&json!("DOWN"), &json!("UP"))
    );
    assert_eq!(health["services"]["datafeed"]["status"], "DOWN");
    remove(&pod, &fault).await;
    plan(&pod, json!({ "unhealthy": ["ceservice"] })).await;
    let health = bot.get("/agent/v3/health/extended").await.assert_status(503).json();
    assert_eq!(health["users"]["ceservice"]["status"], "DOWN");
    assert_eq!(bot.get("/agent/v3/health").await.json()["status"], "UP");
}

/// A fault as it is now.
async fn shown(pod: &Pod, fault: &Value) -> Value {
    let list = pod.control().get(FAULTS).send().await.assert_status(200).json();
    let found = list["faults"].as_array().expect("faults").iter().find(|f| f["id"] == fault["id"]);
    found.expect("it is still planned").clone()
}

/// A read is past the border, where faults are asked for, as soon as its head is in, and waits for
/// events only when its body is.
#[tokio::test]
async fn a_read_that_is_on_its_way_when_a_fault_is_planned_does_not_wait_first() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let key_manager = pod.log_in_to_key_manager("bot").await;
    let feeds = pod.anonymous().post("/agent/v5/datafeeds").session(&token);
    let feed = feeds.header("keyManagerToken", &key_manager).send().await.assert_status(201);
    let feed = feed.json()["id"].as_str().unwrap().to_owned();
    // Whatever waits now waits for ever.
    pod.control().post("/_mock/clock/freeze").send().await.assert_status(200);

    let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
    let head = format!(
        "POST /agent/v5/datafeeds/{feed}/read HTTP/1.1\r\nHost: localhost\r\n\
         sessionToken: {token}\r\nkeyManagerToken: {key_manager}\r\nContent-Length: 2\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let on_its_way = async {
        while pod.control().get("/_mock/requests").send().await.json()["underWay"] != 1 {}
    };
    patiently(on_its_way).await;
    let fault = json!({ "pack": "feed-expired" });
    pod.control().post("/_mock/faults").json(&fault).send().await.assert_status(201);
    stream.write_all(b"{}").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        answer.push(patiently(stream.read_u8()).await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
}
