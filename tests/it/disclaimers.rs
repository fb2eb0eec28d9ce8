//! Disclaimers: whose is whose, and under which messages they stand.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::administrator::LACKS;
use crate::messages::{form, part};
use crate::pod::{Bot, FROZEN, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
settings: { datafeedLongPoll: 0s }
users:
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: bot, accountType: SYSTEM, disclaimer: Daily }
  - { username: bot2, accountType: SYSTEM }
  - { username: carol, pod: 2 }
rooms:
  - { name: Inside, owners: [bot], members: [bot2] }
  - { name: Bridge, owners: [bot], members: [bot2, carol] }
disclaimers:
  - { id: 571d2052e4b042aaf06d2e7a, name: Daily, content: Not advice., created: 2016-04-24T19:36:50.846Z }
  - { name: Weekly, content: Not advice this week., frequencyInHours: 168 }
  - { name: Always, content: Never advice., frequencyInHours: 0, default: true }
  - { name: Old, content: Was advice., active: false }
";

const DAILY: &str = "571d2052e4b042aaf06d2e7a";
const BOT: u64 = 1 << 36 | 2;
const BOT2: u64 = 1 << 36 | 3;
const CAROL: u64 = 2 << 36 | 1;

struct Stage {
    pod: Pod,
    admin: Bot,
    inside: String,
    bridge: String,
}

impl Stage {
    async fn set(settings: &str) -> Self {
        let mut scenario = Scenario::parse(SCENARIO).expect("a scenario");
        let more = Scenario::parse(&format!("settings: {{ datafeedLongPoll: 0s, {settings} }}"));
        scenario.settings = more.expect("settings").settings;
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        let pod = Pod::built(builder).await;
        let (admin, bot) = (pod.bot("admin").await, pod.bot("bot").await);
        let streams = bot.post("/pod/v1/streams/list", &json!({})).await.json();
        let id = |name: &str| {
            let mut streams = streams.as_array().unwrap().iter();
            let stream = streams.find(|stream| stream["roomAttributes"]["name"] == name);
            stream.unwrap()["id"].as_str().unwrap().to_owned()
        };
        Self { inside: id("Inside"), bridge: id("Bridge"), pod, admin }
    }

    /// The disclaimer under what somebody sends.
    async fn under(&self, who: &str, stream: &str) -> Value {
        let token = self.pod.log_in(who).await;
        let path = format!("/agent/v4/stream/{stream}/message/create");
        let request = self.pod.anonymous().post(&path).session(&token);
        let parts = [part("message", "<messageML>Hello</messageML>")];
        let sent = form(request, &parts).send().await.assert_status(200).json();
        let read = format!("/agent/v1/message/{}", sent["messageId"].as_str().unwrap());
        let read = self.pod.anonymous().get(&read).session(&token).send().await.json();
        assert_eq!(read["disclaimer"], sent["disclaimer"]);
        sent["disclaimer"].clone()
    }

    async fn assign(&self, user: u64, disclaimer: &str) {
        let path = format!("/pod/v1/admin/user/{user}/disclaimer/update");
        self.admin.post(&path, &json!({ "id": disclaimer })).await.assert_done("OK");
    }

    async fn id(&self, name: &str) -> String {
        let list = self.admin.get("/pod/v1/admin/disclaimer/list").await.assert_status(200).json();
        let mut list = list.as_array().unwrap().iter();
        let found = list.find(|disclaimer| disclaimer["name"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn disclaimers_are_listed_and_given_to_users() {
    let stage = Stage::set("").await;
    let admin = &stage.admin;
    let list = admin.get("/pod/v1/admin/disclaimer/list").await.assert_status(200).json();
    let names: Vec<_> = list.as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["Daily", "Weekly", "Always", "Old"]);
    let daily = json!({
        "id": DAILY, "name": "Daily", "content": "Not advice.", "frequencyInHours": 24,
        "isDefault": false, "isActive": true,
        "createdDate": 1_461_526_610_846_u64, "modifiedDate": 1_461_526_610_846_u64,
    });
    assert_eq!(list[0], daily);
    let one = format!("/pod/v1/admin/disclaimer/{DAILY}");
    assert_eq!(admin.get(&one).await.assert_status(200).json(), daily);

    let of = |user: u64| format!("/pod/v1/admin/user/{user}/disclaimer");
    assert_eq!(admin.get(&format!("{one}/users")).await.json(), json!([BOT]));
    assert_eq!(admin.get(&of(BOT)).await.json(), daily);
    // Whoever was given none has the default one.
    assert_eq!(admin.get(&of(BOT2)).await.json()["name"], "Always");
    stage.assign(BOT2, DAILY).await;
    assert_eq!(admin.get(&format!("{one}/users")).await.json(), json!([BOT, BOT2]));
    admin.delete(&of(BOT)).await.assert_done("OK");
    assert_eq!(admin.get(&format!("{one}/users")).await.json(), json!([BOT2]));
    assert_eq!(admin.get(&of(BOT)).await.json()["name"], "Always");

    for unknown in ["571d2052e4b042aaf06d2e7b", "x", "1"] {
        let path = format!("/pod/v1/admin/disclaimer/{unknown}");
        admin.get(&path).await.assert_error(400, "There is no such disclaimer");
        admin.get(&format!("{path}/users")).await.assert_status(400);
        let update = format!("{}/update", of(BOT));
        admin.post(&update, &json!({ "id": unknown })).await.assert_status(400);
    }
    admin.get(&of(CAROL)).await.assert_status(400);
    let bot = stage.pod.bot("bot").await;
    bot.get("/pod/v1/admin/disclaimer/list").await.assert_error(403, LACKS);
    bot.delete(&of(BOT)).await.assert_error(403, LACKS);
}

#[tokio::test]
async fn without_a_default_a_user_may_have_none() {
    let pod = Pod::seeded(
        "
users: [{ username: admin, accountType: SYSTEM, roles: [USER_PROVISIONING] }]
disclaimers: [{ name: Old, content: x, active: false, default: true }]",
    )
    .await;
    let path = format!("/pod/v1/admin/user/{}/disclaimer", 1_u64 << 36 | 1);
    pod.bot("admin").await.get(&path).await.assert_status(204);
}

#[tokio::test]
async fn the_first_message_of_the_day_to_others_carries_it() {
    let stage = Stage::set("").await;
    let (bridge, inside) = (&stage.bridge, &stage.inside);
    let clock = stage.pod.clock();
    assert_eq!(stage.under("bot", inside).await, Value::Null);
    assert_eq!(stage.under("bot", bridge).await, "Not advice.");
    assert_eq!(stage.under("bot", bridge).await, Value::Null);
    clock.advance(Duration::from_secs(24 * 3_600 - 1));
    assert_eq!(stage.under("bot", bridge).await, Value::Null);
    clock.advance(Duration::from_secs(1));
    assert_eq!(stage.under("bot", bridge).await, "Not advice.");
    for _ in 0..2 {
        assert_eq!(stage.under("bot2", bridge).await, "Never advice.");
    }
    stage.assign(BOT2, &stage.id("Old").await).await;
    assert_eq!(stage.under("bot2", bridge).await, Value::Null);
    // Another text has not been shown yet.
    stage.assign(BOT, &stage.id("Weekly").await).await;
    assert_eq!(stage.under("bot", bridge).await, "Not advice this week.");
    clock.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(stage.under("bot", bridge).await, Value::Null);
}

#[tokio::test]
async fn those_who_listen_hear_it_and_a_new_version_keeps_it() {
    let stage = Stage::set("disclaimerScope: all").await;
    let bot = stage.pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let create = format!("/agent/v4/stream/{}/message/create", stage.inside);
    let say = async |path: &str| {
        let request = stage.pod.anonymous().request(Method::POST, path).session(&bot.token);
        let parts = [part("message", "<messageML>Hello</messageML>")];
        form(request, &parts).send().await.assert_status(200).json()
    };
    let said = say(&create).await;
    let id = said["messageId"].as_str().unwrap();
    let update = format!("/agent/v4/stream/{}/message/{id}/update", stage.inside);
    assert_eq!(say(&update).await["disclaimer"], "Not advice.");
    assert!(say(&create).await.get("disclaimer").is_none());
    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let events = bot.post(&read, &json!({ "ackId": "" })).await.assert_status(200).json();
    let heard: Vec<_> = events["events"].as_array().unwrap().iter().collect();
    let under = |n: usize| &heard[n]["payload"]["messageSent"]["message"]["disclaimer"];
    assert_eq!(
        [under(0), under(1), under(2)],
        [&json!("Not advice."), &json!("Not advice."), &Value::Null]
    );
}

#[tokio::test]
async fn a_pod_that_is_told_as_a_seed_remembers_what_was_shown() {
    let stage = Stage::set("").await;
    assert_eq!(stage.under("bot", &stage.bridge).await, "Not advice.");
    let told = stage.pod.control().get("/_mock/scenario").send().await.assert_status(200);
    let told = Scenario::parse(&told.body).expect("a scenario");
    let builder = MockPod::builder().scenario(told).clock(Clock::frozen_at(FROZEN));
    let again = Pod::built(builder).await;
    let stage = Stage { admin: again.bot("admin").await, pod: again, ..stage };
    assert_eq!(stage.under("bot", &stage.bridge).await, Value::Null);
    stage.pod.clock().advance(Duration::from_secs(24 * 3_600));
    assert_eq!(stage.under("bot", &stage.bridge).await, "Not advice.");
}
