//! A pod for every test, on one server.

use std::sync::Arc;

use reqwest::Method;
use serde_json::json;

use crate::pod::{Client, Pod};

const LOGIN: &str = "/sessionauth/v1/authenticate";
const SESSION: &str = "/pod/v2/sessioninfo";

async fn session_in(client: &Client, pod: &str, token: &str) -> u16 {
    client.get(&format!("/t/{pod}{SESSION}")).session(token).send().await.status
}

#[tokio::test]
async fn a_path_prefix_is_a_pod_of_its_own() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    let token = bot.post(&format!("/t/one{LOGIN}")).send().await.token();
    assert_eq!(session_in(&bot, "one", &token).await, 200);
    // Not there, nor on the main pod.
    assert_eq!(session_in(&bot, "two", &token).await, 401);
    pod.session_info(&token).await.assert_status(401);
    // As clients write it whose context ends in a slash.
    let doubled = bot.get(&format!("/t/one/{SESSION}")).session(&token).send().await;
    assert_eq!(doubled.assert_status(200).json()["username"], "bot");
}

#[tokio::test]
async fn a_header_names_the_pod_where_the_path_cannot() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    let token = bot.post(LOGIN).header("X-Mock-Pod", "one").send().await.token();
    assert_eq!(session_in(&bot, "one", &token).await, 200);
    pod.session_info(&token).await.assert_status(401);
}

#[tokio::test]
async fn each_pod_has_its_own_people_and_its_own_clock() {
    let pod = Pod::start().await;
    let (control, bot) = (pod.control(), pod.client("bot"));
    let one = bot.post(&format!("/t/one{LOGIN}")).send().await.token();
    let two = bot.post(&format!("/t/two{LOGIN}")).send().await.token();
    let advance = control.post("/t/one/_mock/clock/advance").json(&json!({ "by": "15d" }));
    advance.send().await.assert_status(200);
    assert_eq!(session_in(&bot, "one", &one).await, 401, "it is over there");
    assert_eq!(session_in(&bot, "two", &two).await, 200);

    let sent = control
        .post("/t/two/_mock/people/alice/messages")
        .json(&json!({ "stream": "Test Room", "message": "hello" }))
        .send()
        .await
        .assert_status(200)
        .json();
    let path = format!("/agent/v1/message/{}", sent["messageId"].as_str().unwrap());
    let there = bot.get(&format!("/t/two{path}")).session(&two).send().await;
    there.assert_status(200);
    let main = pod.bot("bot").await;
    main.get(&path).await.assert_status(204);
}

#[tokio::test]
async fn a_pod_has_a_name_that_fits_into_a_path() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    for bad in ["a%20b", "%C3%A4", &"x".repeat(101)] {
        let answer = bot.get(&format!("/t/{bad}{SESSION}")).send().await;
        answer.assert_status(400);
        let answer = pod.control().get(&format!("/t/{bad}/_mock/clock")).send().await;
        answer.assert_status(400);
    }
    // No client would send such a path: it goes a folder up before.
    for bad in [".", ".."] {
        let answer = pod.control().get("/_mock/clock").header("X-Mock-Pod", bad).send().await;
        answer.assert_status(400);
    }
    pod.anonymous().get("/t").send().await.assert_status(404);
}

#[tokio::test]
async fn pods_are_made_listed_and_dropped_on_purpose() {
    let pod = Pod::start().await;
    let (control, bot) = (pod.control(), pod.client("bot"));
    let put = |name: &str| control.request(Method::PUT, &format!("/_mock/pods/{name}"));
    let made = put("one").send().await.assert_status(201).json();
    assert_eq!(made["name"], "one");
    let document =
        json!({ "users": [{ "username": "bot", "accountType": "SYSTEM" }, { "username": "zoe" }] });
    put("own").json(&json!({ "scenario": document })).send().await.assert_status(201);
    let names = async || {
        let listed = control.get("/_mock/pods").send().await.assert_status(200).json();
        let names = listed["pods"].as_array().unwrap().iter().map(|pod| pod["name"].clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["main", "one", "own"]);

    let token = bot.post(&format!("/t/own{LOGIN}")).send().await.token();
    let zoe = bot.get("/t/own/pod/v2/user?local=true&username=zoe").session(&token).send().await;
    zoe.assert_status(200);
    // Made anew, it knows nothing of its former life.
    put("own").send().await.assert_status(200);
    assert_eq!(session_in(&bot, "own", &token).await, 401);

    let drop = |name: &str| control.request(Method::DELETE, &format!("/_mock/pods/{name}"));
    drop("own").send().await.assert_status(204);
    drop("own").send().await.assert_status(404);
    assert_eq!(names().await, ["main", "one"]);
    for request in [put("main"), drop("main"), put("x").body("{"), put("x%20y")] {
        request.send().await.assert_status(400);
    }
    put("x").json(&json!({ "scenario": "users: zoe" })).send().await.assert_status(400);
    let scenario = json!({ "scenario": { "users": [{ "username": "a" }, { "username": "a" }] } });
    let refused = put("x").json(&scenario).send().await.assert_status(400).json();
    assert_eq!(refused["field"], "scenario");
    assert!(refused["error"].as_str().unwrap().contains("users[1].username"), "{refused}");
    for (field, body) in
        [("snapshot", json!({ "snapshot": "no" })), ("fork", json!({ "fork": "no" }))]
    {
        assert_eq!(put("x").json(&body).send().await.assert_status(400).json()["field"], field);
    }
}

#[tokio::test]
async fn a_snapshot_is_gone_back_to_and_others_are_made_of_it() {
    let pod = Pod::start().await;
    let control = pod.control();
    let bot = pod.bot("bot").await;
    let say = async |at: &str, what: &str| {
        let body = json!({ "stream": "Test Room", "message": what });
        let sent = control.post(&format!("{at}/_mock/people/alice/messages")).json(&body);
        sent.send().await.assert_status(200).json()["messageId"].as_str().unwrap().to_owned()
    };
    let before = say("", "before").await;
    let kept = control.post("/_mock/snapshots").json(&json!({ "name": "calm" })).send().await;
    assert_eq!(kept.assert_status(201).json()["name"], "calm");
    let after = say("", "after").await;
    let later = pod.log_in("bot2").await;
    let path = |id: &str| format!("/agent/v1/message/{id}");
    bot.get(&path(&after)).await.assert_status(200);

    // Another pod is what this one was, sessions included, and goes its own way.
    let put = control.request(Method::PUT, "/_mock/pods/copy").json(&json!({ "snapshot": "calm" }));
    put.send().await.assert_status(201);
    let there = async |path: &str| {
        let answer =
            pod.anonymous().get(&format!("/t/copy{path}")).session(&bot.token).send().await;
        answer.status
    };
    assert_eq!(there(&path(&before)).await, 200);
    assert_eq!(there(&path(&after)).await, 204);
    let only_there = say("/t/copy", "there").await;
    assert_eq!(there(&path(&only_there)).await, 200);
    let fork = control.request(Method::PUT, "/_mock/pods/fork").json(&json!({ "fork": "copy" }));
    fork.send().await.assert_status(201);
    let forked = pod.anonymous().get(&format!("/t/fork{}", path(&only_there)));
    forked.session(&bot.token).send().await.assert_status(200);

    control.post("/_mock/snapshots/calm/restore").send().await.assert_status(200);
    bot.get(&path(&before)).await.assert_status(200);
    bot.get(&path(&after)).await.assert_status(204);
    bot.get(&path(&only_there)).await.assert_status(204);
    pod.session_info(&later).await.assert_status(401);

    let unnamed = control.post("/_mock/snapshots").send().await.assert_status(201).json();
    assert_eq!(unnamed["name"], "snapshot-1");
    let listed = control.get("/_mock/snapshots").send().await.assert_status(200).json();
    assert_eq!(listed["snapshots"].as_array().unwrap().len(), 2);
    let forget = || control.request(Method::DELETE, "/_mock/snapshots/calm");
    forget().send().await.assert_status(204);
    forget().send().await.assert_status(404);
    control.post("/_mock/snapshots/calm/restore").send().await.assert_status(404);
}

#[tokio::test]
async fn a_pod_is_made_of_text_in_yaml_too() {
    let pod = Pod::start().await;
    let (control, bot) = (pod.control(), pod.client("bot"));
    let yaml = "users:\n  - { username: bot, accountType: SYSTEM }\n  - username: zoe\n";
    let made = control.request(Method::PUT, "/_mock/pods/own").json(&json!({ "scenario": yaml }));
    assert_eq!(made.send().await.assert_status(201).json()["users"], 2);
    control.post("/t/own/_mock/reset").send().await.assert_status(200);
    let token = bot.post(&format!("/t/own{LOGIN}")).send().await.token();
    let zoe = bot.get("/t/own/pod/v2/user?local=true&username=zoe").session(&token).send().await;
    zoe.assert_status(200);
}

#[tokio::test]
async fn a_reset_is_the_beginning_again() {
    let pod = Pod::start().await;
    let control = pod.control();
    for at in ["", "/t/one"] {
        let login = format!("{at}{LOGIN}");
        let token = pod.client("bot").post(&login).send().await.token();
        let body = json!({ "stream": "Test Room", "message": "hello" });
        let sent = control.post(&format!("{at}/_mock/people/alice/messages")).json(&body);
        let id = sent.send().await.assert_status(200).json()["messageId"].clone();
        let advance =
            control.post(&format!("{at}/_mock/clock/advance")).json(&json!({ "by": "1d" }));
        let ahead = advance.send().await.assert_status(200).json()["now"].as_u64().unwrap();

        control.post(&format!("{at}/_mock/reset")).send().await.assert_status(200);
        let session = pod.anonymous().get(&format!("{at}{SESSION}")).session(&token);
        session.send().await.assert_status(401);
        let token = pod.client("bot").post(&login).send().await.token();
        let path = format!("{at}/agent/v1/message/{}", id.as_str().unwrap());
        pod.anonymous().get(&path).session(&token).send().await.assert_status(204);
        let clock = control.get(&format!("{at}/_mock/clock")).send().await.json();
        assert!(clock["now"].as_u64().unwrap() < ahead, "{clock}");
    }
}

/// Two hundred tests at the same time, none of which sees another.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_tests_share_one_server() {
    let pod = Pod::start().await;
    let bot = Arc::new(pod.client("bot"));
    let control = Arc::new(pod.control());
    let mut tests = tokio::task::JoinSet::new();
    for n in 0..200 {
        let (bot, control) = (Arc::clone(&bot), Arc::clone(&control));
        tests.spawn(async move {
            let at = format!("/t/test-{n}");
            let token = bot.post(&format!("{at}{LOGIN}")).send().await.token();
            let feeds = format!("{at}/agent/v5/datafeeds");
            let feed = bot.post(&feeds).session(&token).json(&json!({})).send().await;
            let feed = feed.assert_status(201).json()["id"].as_str().unwrap().to_owned();
            let body = json!({ "stream": "Test Room", "message": format!("of {n}") });
            let said = control.post(&format!("{at}/_mock/people/alice/messages")).json(&body);
            said.send().await.assert_status(200);
            let read = bot.post(&format!("{feeds}/{feed}/read")).session(&token).json(&json!({}));
            let heard = read.send().await.assert_status(200).json();
            let events = heard["events"].as_array().unwrap().clone();
            let said: Vec<_> = events
                .iter()
                .map(|event| event["payload"]["messageSent"]["message"]["message"].to_string())
                .collect();
            assert!(said.len() == 1 && said[0].contains(&format!("of {n}<")), "{n}: {said:?}");
        });
    }
    let done = tests.join_all().await;
    assert_eq!(done.len(), 200);
}

#[tokio::test]
async fn asking_what_came_to_a_pod_makes_none() {
    let pod = Pod::start().await;
    let control = pod.control();
    control.request(Method::PUT, "/_mock/pods/my-test").send().await.assert_status(201);
    let nothing = json!({ "operation": "session_authenticate_v1", "count": 0 });
    for asked in [
        control.post("/t/my-tset/_mock/expect").json(&nothing),
        control.post("/_mock/expect").header("X-Mock-Pod", "my-tset").json(&nothing),
        control.get("/t/my-tset/_mock/requests"),
        control.get("/t/my-tset/_mock/requests.har"),
        control.get("/t/my-tset/_mock/requests/1/why"),
        control.get("/t/my-tset/_mock/why"),
        control.get("/t/my-tset/_mock/hints"),
        control.get("/t/my-tset/_mock/feeds"),
        control.get("/t/my-tset/_mock/sessions"),
        control.get("/t/my-tset/_mock/messages/1"),
        control.get("/t/my-tset/_mock/faults"),
        control.get("/t/my-tset/_mock/snapshots"),
        control.get("/t/my-tset/metrics"),
    ] {
        let error = asked.send().await.assert_status(404).json()["error"].to_string();
        assert!(error.contains("the nearest is \\\"my-test\\\""), "{error}");
    }
    let listed = control.get("/_mock/pods").send().await.json();
    assert_eq!(listed["pods"].as_array().map(Vec::len), Some(2));
    let known = control.post("/t/my-test/_mock/expect").json(&nothing);
    known.send().await.assert_status(200);
}

#[tokio::test]
async fn what_is_not_there_is_told_with_the_nearest() {
    let pod = Pod::start().await;
    let control = pod.control();
    control.post("/_mock/snapshots").json(&json!({ "name": "arranged" })).send().await;
    let say = json!({ "stream": "Test Romo", "message": "hello" });
    for (asked, near) in [
        (control.post("/_mock/people/alcie/messages").json(&say), "alice"),
        (control.post("/_mock/people/alice/messages").json(&say), "Test Room"),
        (control.post("/_mock/snapshots/aranged/restore"), "arranged"),
        (control.get("/_mock/sdk-config/bott"), "bot"),
        (control.get("/_mock/sdk-config/bot?app=ap"), "app"),
        (control.get("/_mock/certs/bott.pem"), "bot"),
        (
            control.post("/_mock/identity-jwt").json(&json!({ "app": "app", "user": "alcie" })),
            "alice",
        ),
        (control.post("/_mock/people/alice/rooms").json(&json!({ "with": ["bott"] })), "bot"),
    ] {
        let answer = asked.send().await;
        assert!([400, 404].contains(&answer.status), "{}", answer.body);
        let error = answer.json()["error"].to_string();
        assert!(error.contains(&format!("the nearest is \\\"{near}\\\"")), "{error}");
    }
    let person = control.get("/_mock/sdk-config/alice").send().await.assert_status(404);
    assert!(person.body.contains("is a person"), "{}", person.body);
}
