//! Presence and its feeds.

use serde_json::{Value, json};

use crate::pod::{Answer, Client, FROZEN, Pod};

const ALICE: u64 = 1 << 36 | 3;
const BOT: u64 = 1 << 36 | 1;
const CAROL: u64 = 2 << 36 | 1;

struct Bot {
    client: Client,
    token: String,
    _pod: Pod,
}

impl Bot {
    async fn of(pod: Pod) -> Self {
        let token = pod.log_in("bot").await;
        Self { client: pod.anonymous(), token, _pod: pod }
    }

    async fn get(&self, path: &str) -> Answer {
        self.client.get(path).session(&self.token).send().await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.client.post(path).session(&self.token).json(&body).send().await
    }
}

/// A pod whose `bot` may set the presence of others.
async fn administrator() -> Bot {
    let scenario = "
        foreignPods: [{ id: 2, company: Partner }]
        users:
          - { username: bot, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
          - { username: bot2, accountType: SYSTEM }
          - { username: alice }
          - { username: carol, pod: 2 }";
    Bot::of(Pod::seeded(scenario).await).await
}

#[tokio::test]
async fn ones_own_presence_is_what_one_sets() {
    let bot = Bot::of(Pod::frozen().await).await;
    let before = bot.get("/pod/v2/user/presence").await.assert_status(200).json();
    assert_eq!(before, json!({ "category": "OFFLINE", "userId": BOT }));
    let stored = json!({ "category": "BUSY", "userId": BOT, "timestamp": FROZEN.as_millis() });
    let set = bot.post("/pod/v2/user/presence", json!({ "category": "BUSY" })).await;
    assert_eq!(set.assert_status(200).json(), stored);
    assert_eq!(bot.get("/pod/v2/user/presence").await.json(), stored);
    assert_eq!(bot.get(&format!("/pod/v3/user/{BOT}/presence")).await.json(), stored);
    for path in ["/pod/v1/user/presence", &format!("/pod/v2/user/{BOT}/presence")] {
        assert_eq!(bot.get(path).await.json(), json!({ "category": "BUSY" }), "{path}");
    }
    let set = bot.post("/pod/v1/user/presence", json!({ "category": "AWAY" })).await;
    assert_eq!(set.assert_status(200).json(), json!({ "category": "AWAY" }));
}

#[tokio::test]
async fn version_1_has_no_word_for_the_newer_categories() {
    let bot = Bot::of(Pod::start().await).await;
    bot.post("/pod/v2/user/presence", json!({ "category": "IN_A_MEETING" })).await;
    let first = bot.get("/pod/v1/user/presence").await.assert_status(200);
    assert_eq!(first.json(), json!({ "category": "UNDEFINED" }));
    for category in ["UNDEFINED", "busy", ""] {
        let set = bot.post("/pod/v2/user/presence", json!({ "category": category })).await;
        set.assert_status(400);
    }
}

#[tokio::test]
async fn a_soft_presence_leaves_an_offline_user_offline() {
    let bot = Bot::of(Pod::start().await).await;
    let soft = "/pod/v2/user/presence?soft=True";
    let set = bot.post(soft, json!({ "category": "BUSY" })).await.assert_status(200);
    assert_eq!(set.json()["category"], "OFFLINE");
    bot.post("/pod/v2/user/presence", json!({ "category": "AVAILABLE" })).await;
    let set = bot.post(soft, json!({ "category": "BUSY" })).await;
    assert_eq!(set.json()["category"], "BUSY");
}

#[tokio::test]
async fn another_users_presence_is_set_with_the_privilege_alone() {
    let path = "/pod/v3/user/presence";
    let change = |user: u64| json!({ "category": "DO_NOT_DISTURB", "userId": user });
    let bot = Bot::of(Pod::start().await).await;
    bot.post(path, change(ALICE))
        .await
        .assert_error(403, "The user lacks the required entitlement to perform this operation");

    let bot = administrator().await;
    let set = bot.post(path, change(ALICE)).await.assert_status(200);
    assert_eq!(set.json()["category"], "DO_NOT_DISTURB");
    for nobody in [CAROL, 7 << 36] {
        bot.post(path, change(nobody)).await.assert_status(404);
    }
    let path = format!("/pod/v1/user/{ALICE}/presence");
    bot.post(&path, json!({ "category": "ON_THE_PHONE" })).await.assert_status(200);
    bot.post(&path, json!({ "category": "OFFLINE" })).await.assert_status(403);
    assert_eq!(bot.get(&path).await.json(), json!({ "category": "ON_THE_PHONE" }));
}

#[tokio::test]
async fn the_pods_presences_come_by_id_in_pages() {
    let bot = administrator().await;
    let ids = async |query: &str| {
        let list = bot.get(&format!("/pod/v2/users/presence{query}")).await.assert_status(200);
        let list = list.json();
        let list = list.as_array().expect("a list");
        list.iter().map(|presence| presence["userId"].as_u64().expect("an id")).collect::<Vec<_>>()
    };
    let (bot2, alice) = (1 << 36 | 2, ALICE);
    assert_eq!(ids("").await, [BOT, bot2, alice]);
    assert_eq!(ids("?limit=2").await, [BOT, bot2]);
    assert_eq!(ids(&format!("?lastUserId={bot2}&limit=2")).await, [bot2, alice]);
    assert_eq!(ids(&format!("?lastUserId={CAROL}")).await, [0_u64; 0]);
    bot.get("/pod/v2/users/presence?limit=0").await.assert_status(400);
}

#[tokio::test]
async fn strangers_look_offline_and_nobody_is_not_found() {
    let bot = Bot::of(Pod::start().await).await;
    let registered = bot.post("/pod/v1/user/presence/register", json!([CAROL])).await;
    let ok = json!({ "format": "TEXT", "message": "OK" });
    assert_eq!(registered.assert_status(200).json(), ok);
    let carol = bot.get(&format!("/pod/v3/user/{CAROL}/presence?local=false")).await;
    assert_eq!(carol.assert_status(200).json()["category"], "OFFLINE");
    let nobody: u64 = 7 << 36;
    bot.post("/pod/v1/user/presence/register", json!([nobody])).await.assert_status(404);
    for version in ["v1", "v2", "v3"] {
        let path = format!("/pod/{version}/user/{nobody}/presence");
        bot.get(&path).await.assert_error(404, "There is no such user");
    }
}

#[tokio::test]
async fn a_presence_feed_tells_what_changed_since_it_was_read() {
    let bot = Bot::of(Pod::start().await).await;
    bot.post("/pod/v2/user/presence", json!({ "category": "AVAILABLE" })).await;
    let feed = bot.post("/pod/v1/presence/feed/create", json!(null)).await.assert_status(200);
    let id = feed.json()["id"].as_str().expect("an id").to_owned();
    let read = async || bot.get(&format!("/pod/v1/presence/feed/{id}/read")).await;
    assert_eq!(read().await.assert_status(200).json(), json!([]));
    for category in ["BUSY", "AWAY"] {
        bot.post("/pod/v2/user/presence", json!({ "category": category })).await;
    }
    let told = read().await.json();
    assert_eq!((&told[0]["category"], &told[1]), (&json!("AWAY"), &Value::Null));
    assert_eq!(read().await.json(), json!([]));
    let path = format!("/pod/v1/presence/feed/{id}/delete");
    let deleted = bot.post(&path, json!(null)).await.assert_status(200);
    assert_eq!(deleted.json(), json!({ "id": id }));
    bot.post(&path, json!(null)).await.assert_status(400);
    read().await.assert_status(400);
}

#[tokio::test]
async fn reading_a_datafeed_shows_a_bot_as_available_unless_it_says_otherwise() {
    let bot = Bot::of(Pod::with_settings("datafeedLongPoll: 0s").await).await;
    let feed = bot.post("/agent/v5/datafeeds", json!({})).await.assert_status(201);
    let feed = feed.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/agent/v5/datafeeds/{feed}/read");
    let presence = async || bot.get("/pod/v2/user/presence").await.json()["category"].clone();
    let quiet = json!({ "ackId": "", "updatePresence": false });
    bot.post(&path, quiet).await.assert_status(200);
    assert_eq!(presence().await, "OFFLINE");
    let nowhere = "/agent/v5/datafeeds/none_f/read";
    bot.post(nowhere, json!({ "ackId": "" })).await.assert_status(400);
    assert_eq!(presence().await, "OFFLINE");
    bot.post(&path, json!({ "ackId": "" })).await.assert_status(200);
    assert_eq!(presence().await, "AVAILABLE");
    bot.post("/pod/v2/user/presence", json!({ "category": "BUSY" })).await.assert_status(200);
    bot.post(&path, json!({ "ackId": "" })).await.assert_status(200);
    assert_eq!(presence().await, "BUSY");
}

#[tokio::test]
async fn the_legacy_sdk_deletes_a_feed_with_a_get() {
    let bot = Bot::of(Pod::start().await).await;
    let feed = bot.post("/pod/v1/presence/feed/create", json!(null)).await.assert_status(200);
    let id = feed.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/pod/v1/presence/feed/{id}/delete");
    assert_eq!(bot.get(&path).await.assert_status(200).json(), json!({ "id": id }));
    bot.get(&path).await.assert_status(400);
}
