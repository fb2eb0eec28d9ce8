//! Pods told as documents, started from them, made what they say, and added to.

use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::pod::{Answer, Bot, Client, FROZEN, Pod};

const BANK: &str = include_str!("../../fixtures/scenarios/bank.yaml");

async fn bank() -> Pod {
    from(Scenario::parse(BANK).expect("the bank is a scenario")).await
}

async fn from(scenario: Scenario) -> Pod {
    Pod::built(MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN))).await
}

async fn export(control: &Client) -> Value {
    control.get("/_mock/scenario").send().await.assert_status(200).json()
}

async fn does(control: &Client, who: &str, what: &str, body: Value) -> Value {
    let path = format!("/_mock/people/{who}/{what}");
    control.post(&path).json(&body).send().await.assert_status(200).json()
}

async fn change(control: &Client, method: &str, document: &str) -> Answer {
    let method = method.parse().expect("a method");
    control.request(method, "/_mock/scenario").body(document.to_owned()).send().await
}

fn named<'a>(list: &'a Value, field: &str, name: &str) -> &'a Value {
    let mut entries = list.as_array().expect("a list").iter();
    entries.find(|entry| entry[field] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

async fn messages(bot: &Bot, stream: &Value) -> Vec<Value> {
    let stream = stream.as_str().expect("an id");
    let answer = bot.get(&format!("/agent/v4/stream/{stream}/message?since=0")).await;
    answer.assert_status(200).json().as_array().expect("messages").clone()
}

#[tokio::test]
async fn a_bank_is_there_as_its_scenario_has_it() {
    let pod = bank().await;
    let bot = pod.bot("rfq-bot").await;
    let exported = export(&pod.control()).await;
    let desk = &named(&exported["rooms"], "name", "Rates Desk")["id"];
    let said = messages(&bot, desk).await;
    let said: Vec<_> = said.iter().map(|it| it["message"].as_str().unwrap()).collect();
    assert_eq!(said.len(), 5);
    assert!(said[0].contains("99.80&nbsp;/&nbsp;99.85"), "{said:?}");
    assert!(said[1].contains("I do") && said[4].contains("Welcome"), "{said:?}");
    assert!(said[3].contains("Tina Trader"), "{said:?}");

    let tina = named(&exported["users"], "username", "tina");
    let path = format!("/pod/v2/admin/user/{}", tina["id"]);
    let user = bot.get(&path).await.assert_status(200).json();
    assert_eq!(user["userAttributes"]["jobFunction"], "Trader");
    let presence =
        format!("/pod/v3/user/{}/presence", named(&exported["users"], "username", "sam")["id"]);
    let presence = bot.get(&presence).await.assert_status(200).json();
    assert_eq!(presence["category"], "IN_A_MEETING");
    assert_eq!(presence["timestamp"], FROZEN.as_millis() - 20 * 60_000);
    let axes = messages(&bot, desk).await[2]["attachments"][0]["id"].as_str().unwrap().to_owned();
    let asked = messages(&bot, desk).await[2]["messageId"].as_str().unwrap().to_owned();
    let desk = desk.as_str().unwrap();
    let file = format!("/agent/v1/stream/{desk}/attachment?fileId={axes}&messageId={asked}");
    assert!(!bot.get(&file).await.assert_status(200).body.is_empty());
}

/// A pod on which a lot has happened.
async fn after_a_day() -> Pod {
    let pod = bank().await;
    let (control, bot) = (pod.control(), pod.bot("rfq-bot").await);
    let room = bot.post("/pod/v3/room/create", &json!({ "name": "Lunch", "public": true })).await;
    let room = room.assert_status(200).json()["roomSystemInfo"]["id"].as_str().unwrap().to_owned();
    let users = export(&control).await["users"].clone();
    let tina = &named(&users, "username", "tina")["id"];
    let member = json!({ "id": tina });
    bot.post(&format!("/pod/v1/room/{room}/membership/add"), &member).await.assert_status(200);
    pod.clock().advance(std::time::Duration::from_secs(3_600));
    let menu = r#"<messageML><form id="menu"><text-field name="dish" required="true"/>
        <button name="ok" type="action">Ok</button></form> for <mention email="tina@harbour.example"/>
        and <emoji shortcode="smiley"/> <b>all</b></messageML>"#;
    let asked =
        does(&control, "rfq-bot", "messages", json!({ "stream": room, "message": menu })).await;
    let values = json!({ "message": asked["messageId"], "values": { "dish": "soup" } });
    does(&control, "tina", "forms", values).await;
    does(&control, "tina", "reads", json!({ "message": asked["messageId"] })).await;
    let soup = json!({
        "stream": room, "message": "soup & <bread", "replyTo": asked["messageId"],
        "data": { "wine": { "type": "x", "version": "1.0" } },
    });
    let soup = does(&control, "tina", "messages", soup).await;
    let suppress = format!(
        "/pod/v1/admin/messagesuppression/{}/suppress",
        asked["messageId"].as_str().unwrap()
    );
    bot.post_nothing(&suppress).await.assert_status(200);
    bot.post(&format!("/pod/v1/room/{room}/membership/remove"), &member).await.assert_status(200);
    let conversation = bot.post("/pod/v1/im/create", &json!([tina])).await.assert_status(200);
    let forwarded = json!({
        "stream": conversation.json()["id"], "message": "look", "forwards": soup["messageId"],
    });
    does(&control, "tina", "messages", forwarded).await;
    does(&control, "tina", "connections", json!({ "with": "cleo", "action": "accept" })).await;
    bot.post("/pod/v2/user/presence", &json!({ "category": "BUSY" })).await.assert_status(200);
    // Called otherwise than when she was mentioned.
    let renamed = json!({ "emailAddress": "tina.trader@harbour.example" });
    let path = format!("/pod/v2/admin/user/{tina}/update");
    bot.post(&path, &renamed).await.assert_status(200);
    let suspended = json!({ "suspended": true, "suspensionReason": "leave" });
    let path = format!("/pod/v1/admin/user/{tina}/suspension/update");
    let suspend = pod.anonymous().request(reqwest::Method::PUT, &path).session(&bot.token);
    suspend.json(&suspended).send().await.assert_status(200);
    pod
}

#[tokio::test]
async fn a_pod_at_the_end_of_its_day_starts_again_from_what_it_tells_of_itself() {
    let pod = after_a_day().await;
    let told = export(&pod.control()).await;
    assert_eq!(told["messages"].as_array().unwrap().len(), 9);
    let again = from(Scenario::parse(&told.to_string()).unwrap()).await;
    assert_eq!(export(&again.control()).await, told);
    // It is not told alone, it is so.
    let (before, after) = (pod.bot("rfq-bot").await, again.bot("rfq-bot").await);
    for room in told["rooms"].as_array().unwrap() {
        let id = room["id"].as_str().unwrap();
        let info = format!("/pod/v3/room/{id}/info");
        assert_eq!(before.get(&info).await.json(), after.get(&info).await.json());
        let members = format!("/pod/v2/room/{id}/membership/list");
        assert_eq!(before.get(&members).await.json(), after.get(&members).await.json());
        if room["name"] == "Rates Desk" {
            let stream = &room["id"];
            assert_eq!(messages(&before, stream).await, messages(&after, stream).await);
        }
    }
}

#[tokio::test]
async fn yaml_tells_the_same() {
    let pod = after_a_day().await;
    let control = pod.control();
    let yaml = control.get("/_mock/scenario").header("Accept", "application/yaml").send().await;
    let yaml = yaml.assert_status(200);
    assert_eq!(yaml.header("content-type"), "application/yaml");
    assert!(yaml.body.contains("\nusers:\n  - username: rfq-bot\n"), "{}", yaml.body);
    let read = Scenario::parse(&yaml.body).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), export(&control).await);
}

#[tokio::test]
async fn a_running_pod_becomes_what_a_document_says() {
    let pod = Pod::frozen().await;
    let control = pod.control();
    let bot = pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let path = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let empty = json!({ "ackId": "" });
    let (read, replaced) =
        tokio::join!(bot.post(&path, &empty), async { change(&control, "PUT", BANK).await });
    let replaced = replaced.assert_status(200).json();
    assert_eq!((&replaced["users"], &replaced["messages"]), (&json!(6), &json!(6)));
    // It ended, however it did: nobody waits for a feed that is gone.
    assert!([200, 400, 401].contains(&read.status), "{read:?}");
    pod.session_info(&bot.token).await.assert_status(401);
    pod.bot("rfq-bot").await;
    pod.client("bot").post("/sessionauth/v1/authenticate").send().await.assert_status(401);
    assert_eq!(pod.clock().now(), FROZEN);
    let bank = bank().await;
    bank.bot("rfq-bot").await;
    let (here, there) = (export(&control).await, export(&bank.control()).await);
    assert_eq!(here["settings"], there["settings"]);
    assert_eq!(here["users"], there["users"]);

    for (bad, field) in [
        ("rooms: [{ name: R, owners: [nobody] }]", json!("rooms[0].owners")),
        ("pod: { id: 0 }", json!("pod.id")),
        ("users: [", Value::Null),
    ] {
        let refused = change(&control, "PUT", bad).await.assert_status(400).json();
        assert_eq!(refused["field"], field, "{refused}");
    }
    assert_eq!(export(&control).await, here, "what is refused changes nothing");
}

#[tokio::test]
async fn no_body_is_too_deep_to_be_refused() {
    let pod = Pod::frozen().await;
    let (control, bot) = (pod.control(), pod.bot("bot").await);
    for deep in ["[", "{\"a\":", "- ", "a: ["] {
        let deep = deep.repeat(100_000);
        change(&control, "PUT", &deep).await.assert_status(400);
        change(&control, "POST", &deep).await.assert_status(400);
        control.post("/_mock/clock/advance").body(deep.clone()).send().await.assert_status(400);
        let room = pod.anonymous().post("/pod/v3/room/create").session(&bot.token);
        room.body(deep).send().await.assert_status(400);
    }
}

#[tokio::test]
async fn a_document_is_added_to_a_running_pod() {
    let pod = Pod::frozen().await;
    let (control, bot) = (pod.control(), pod.bot("bot").await);
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let before = export(&control).await;
    let document = "
users:
  - { username: alice, title: Boss, delegates: [dave] }
  - { username: dave, firstName: Dave }
rooms:
  - { name: test room, description: For tests, members: [dave] }
  - { name: Old Room, owners: [dave], members: [bot], created: -1d }
messages:
  - { stream: Old Room, from: dave, at: -1h, message: long ago }
  - { stream: Test Room, from: dave, message: just now }
settings: { datafeedBatch: 7 }
";
    let added = change(&control, "POST", document).await.assert_status(200).json();
    assert_eq!(added["users"], before["users"].as_array().unwrap().len() + 1);
    // The session is good, and the feed heard what was said now and nothing else.
    let path = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let heard = bot.post(&path, &json!({ "ackId": "" })).await.assert_status(200).json();
    let heard = heard["events"].as_array().unwrap().clone();
    assert_eq!(heard.len(), 1, "{heard:?}");
    let message = &heard[0]["payload"]["messageSent"]["message"];
    assert_eq!(message["user"]["displayName"], "Dave");

    let after = export(&control).await;
    let (alice, was) =
        (named(&after["users"], "username", "alice"), named(&before["users"], "username", "alice"));
    assert_eq!((&alice["title"], &alice["id"]), (&json!("Boss"), &was["id"]));
    assert_eq!(alice["email"], was["email"], "what is not said stays");
    assert_eq!(alice["delegates"], json!(["dave"]));
    let room = named(&after["rooms"], "name", "test room");
    assert_eq!(room["id"], before["rooms"][0]["id"]);
    assert_eq!(room["description"], "For tests");
    assert_eq!(room["members"].as_array().unwrap().len(), 3);
    assert_eq!(after["settings"]["datafeedBatch"], 7);
    assert_eq!(after["settings"]["sessionLifetime"], before["settings"]["sessionLifetime"]);

    for (bad, field) in [
        ("messages: [{ stream: Test Room, from: carol, message: hi }]", "messages[0]"),
        ("messages: [{ stream: Nowhere, from: bot, message: hi }]", "messages[0].stream"),
        (
            "messages: [{ stream: Test Room, from: bot, message: hi, replyTo: x }]",
            "messages[0].replyTo",
        ),
        ("pod: { id: 9 }", "pod.id"),
        ("users: [{ username: alice, id: 5 }]", "users[0].id"),
        ("users: [{ username: eve, profile: { jobFunktion: x } }]", "users[0].profile.jobFunktion"),
        ("connections: [{ from: alice, to: bob }]", "connections[0]"),
        ("settings: { sessionLifetime: 1m }", "settings"),
        ("users: [{ username: alice, avatar: AAAA }]", "users[0].avatar"),
        ("users: [{ username: alice, delegates: [alice] }]", "users[0].delegates"),
        ("users: [{ username: alice, disclaimer: None such }]", "users[0].disclaimer"),
        ("users: [{ username: alice, manifest: {} }]", "users[0].manifest"),
        ("disclaimers: [{ id: x, name: A, content: B }]", "disclaimers[0].id"),
        ("follows: [{ follower: alice, followed: nobody }]", "follows[0].followed"),
        ("signals: [{ name: A, query: 'AUTHOR:1', owner: alice }]", "signals[0]"),
        ("signals: [{ name: A, query: 'HASHTAG:a', owner: nobody }]", "signals[0].owner"),
    ] {
        let refused = change(&control, "POST", bad).await.assert_status(400).json();
        assert_eq!(refused["field"], field, "{refused}");
    }
    assert_eq!(export(&control).await, after, "what is refused changes nothing");
}

#[tokio::test]
async fn a_revoked_key_does_not_come_back_with_the_seed() {
    let pod = bank().await;
    let bot = pod.bot("rfq-bot").await;
    let users = export(&pod.control()).await["users"].clone();
    let id = &named(&users, "username", "news-bot")["id"];
    let pem = pod.identity("news-bot").unwrap().rsa_public_pem().unwrap().to_owned();
    let keys = json!({ "userAttributes": { "currentKey": { "key": pem, "action": "REVOKE" } } });
    let update =
        bot.post(&format!("/pod/v2/admin/user/{id}/update"), &keys["userAttributes"]).await;
    update.assert_status(200);
    let told = export(&pod.control()).await;
    let again = from(Scenario::parse(&told.to_string()).unwrap()).await;
    assert_eq!(export(&again.control()).await, told);
    assert!(named(&told["users"], "username", "news-bot")["keys"]["current"].is_null());
}
