//! Feature entitlements: an administrator takes one from a user, and what it is for is refused him.

use std::time::Duration;

use serde_json::{Value, json};

use crate::messages::{Part, file, form, part};
use crate::pod::{Answer, Bot, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
settings: { datafeedLongPoll: 0s }
users:
  - { username: bot, accountType: SYSTEM }
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: alice, features: { canCreatePublicRoom: false } }
  - { username: carol, pod: 2 }
rooms:
  - { name: Den, owners: [bot], members: [alice] }
  - { name: Bridge, owners: [bot], members: [carol] }
";

const BOT: u64 = 1 << 36 | 1;
const ALICE: u64 = 1 << 36 | 3;
const CAROL: u64 = 2 << 36 | 1;

const LACKS: &str = "The user lacks the required entitlement to perform this operation";

/// `bot`, and whoever may take features from it.
struct Stage {
    pod: Pod,
    bot: Bot,
    admin: Bot,
    den: String,
    bridge: String,
}

impl Stage {
    /// The bot is connected to carol.
    async fn set() -> Self {
        let pod = Pod::seeded(SCENARIO).await;
        let (bot, admin) = (pod.bot("bot").await, pod.bot("admin").await);
        bot.post("/pod/v1/connection/create", &json!({ "userId": CAROL })).await.assert_status(200);
        let accept = json!({ "with": "bot", "action": "accept" });
        let accept = pod.control().post("/_mock/people/carol/connections").json(&accept);
        accept.send().await.assert_status(200);
        let streams = bot.post("/pod/v1/streams/list", &json!({})).await.json();
        let id = |n: usize| streams[n]["id"].as_str().expect("an id").to_owned();
        Self { den: id(0), bridge: id(1), pod, bot, admin }
    }

    async fn turn(&self, feature: &str, on: bool) {
        let path = format!("/pod/v1/admin/user/{BOT}/features/update");
        let change = json!([{ "entitlment": feature, "enabled": on }]);
        self.admin.post(&path, &change).await.assert_done("OK");
    }

    async fn submit(&self, path: &str, parts: &[Part]) -> Answer {
        let request = self.pod.anonymous().post(path).session(&self.bot.token);
        form(request, parts).send().await
    }

    async fn send(&self, stream: &str, parts: &[Part]) -> Answer {
        self.submit(&format!("/agent/v4/stream/{stream}/message/create"), parts).await
    }

    /// A new room, different from all before.
    async fn room(&self, attributes: Value) -> Answer {
        let mut wish = attributes;
        self.pod.clock().advance(Duration::from_millis(1));
        wish["name"] = json!(self.pod.clock().now().as_millis().to_string());
        self.bot.post("/pod/v3/room/create", &wish).await
    }
}

/// What a call gets while the feature is on, off, and on again.
macro_rules! assert_governs {
    ($stage:ident, $feature:literal, $call:expr) => {
        assert!($call.await.status < 300, "{}", $feature);
        $stage.turn($feature, false).await;
        $call.await.assert_error(403, LACKS);
        $stage.turn($feature, true).await;
        assert!($call.await.status < 300, "{}", $feature);
    };
}

fn hello() -> Part {
    part("message", "<messageML>Hello</messageML>")
}

fn report() -> Part {
    file("attachment", "a.txt", "text/plain", b"one")
}

#[tokio::test]
async fn rooms_are_as_public_and_as_open_as_their_creator_may() {
    let stage = Stage::set().await;
    stage.pod.clock().freeze();
    assert_governs!(stage, "canCreatePublicRoom", stage.room(json!({ "public": true })));
    assert_governs!(stage, "isExternalRoomEnabled", stage.room(json!({ "crossPod": true })));
    let multilateral = || stage.room(json!({ "crossPod": true, "multiLateralRoom": true }));
    assert_governs!(stage, "canCreateMultiLateralRoom", multilateral());

    stage.turn("canCreatePublicRoom", false).await;
    stage.room(json!({})).await.assert_status(200);
    let open = json!({ "public": true });
    let update = format!("/pod/v3/room/{}/update", stage.den);
    stage.bot.post(&update, &open).await.assert_error(403, LACKS);

    let add = format!("/pod/v1/room/{}/membership/add", stage.bridge);
    let add = async || stage.bot.post(&add, &json!({ "id": CAROL })).await;
    add().await.assert_status(200);
    stage.turn("isExternalRoomEnabled", false).await;
    add().await.assert_error(403, LACKS);
}

#[tokio::test]
async fn people_of_other_pods_are_out_of_reach_without_the_feature_for_it() {
    let stage = Stage::set().await;
    let converse = async || stage.bot.post("/pod/v1/im/create", &json!([CAROL])).await;
    assert_governs!(stage, "isExternalIMEnabled", converse());
    let im = converse().await.json()["id"].as_str().expect("an id").to_owned();
    assert_governs!(stage, "isExternalIMEnabled", stage.send(&im, &[hello()]));
    assert_governs!(stage, "isExternalRoomEnabled", stage.send(&stage.bridge, &[hello()]));
    for feature in ["isExternalIMEnabled", "isExternalRoomEnabled"] {
        stage.turn(feature, false).await;
    }
    stage.bot.post("/pod/v1/im/create", &json!([ALICE])).await.assert_status(200);
    stage.send(&stage.den, &[hello()]).await.assert_status(200);
}

#[tokio::test]
async fn files_are_sent_by_whom_may_and_abroad_by_whom_may_that_too() {
    let stage = Stage::set().await;
    assert_governs!(stage, "sendFilesEnabled", stage.send(&stage.den, &[hello(), report()]));
    let abroad = async || stage.send(&stage.bridge, &[hello(), report()]).await;
    assert_governs!(stage, "canShareFilesExternally", abroad());
    let upload = format!("/agent/v3/stream/{}/attachment/create", stage.den);
    let upload =
        async || stage.submit(&upload, &[file("file", "a.txt", "text/plain", b"one")]).await;
    assert_governs!(stage, "sendFilesEnabled", upload());
    stage.turn("canShareFilesExternally", false).await;
    stage.send(&stage.den, &[hello(), report()]).await.assert_status(200);
    stage.turn("sendFilesEnabled", false).await;
    stage.send(&stage.den, &[hello()]).await.assert_status(200);
}

#[tokio::test]
async fn messages_are_changed_and_taken_back_by_whom_may() {
    let stage = Stage::set().await;
    let said = async || {
        let said = stage.send(&stage.den, &[hello()]).await.assert_status(200).json();
        said["messageId"].as_str().expect("an id").to_owned()
    };
    let id = said().await;
    let update = format!("/agent/v4/stream/{}/message/{id}/update", stage.den);
    assert_governs!(stage, "canUpdateMessage", stage.submit(&update, &[hello()]));
    let suppress = async || {
        let path = format!("/pod/v1/admin/messagesuppression/{}/suppress", said().await);
        stage.bot.post_nothing(&path).await
    };
    assert_governs!(stage, "canSuppressMessage", suppress());
}

#[tokio::test]
async fn a_datahose_is_opened_and_read_by_whom_may() {
    let stage = Stage::set().await;
    let read = async |tag: &str| {
        let hose = json!({ "type": "datahose", "tag": tag, "eventTypes": ["MESSAGESENT"] });
        stage.bot.post("/agent/v5/events/read", &hose).await
    };
    read("one").await.assert_status(200);
    stage.turn("canCreateDatahose", false).await;
    read("one").await.assert_status(200);
    read("two").await.assert_error(403, LACKS);
    stage.turn("canReadDatahose", false).await;
    read("one").await.assert_error(403, LACKS);
}

#[tokio::test]
async fn administrators_see_who_has_what_and_change_it_in_part() {
    let stage = Stage::set().await;
    let names = stage.admin.get("/pod/v1/admin/system/features/list").await.assert_status(200);
    let names = names.json();
    let features = async |user: u64| {
        let path = format!("/pod/v1/admin/user/{user}/features");
        stage.admin.get(&path).await.assert_status(200).json()
    };
    let all = features(BOT).await;
    let wire = |name: &Value, enabled: bool| json!({ "entitlment": name, "enabled": enabled });
    let listed = names.as_array().expect("a list");
    // Everything but that nobody looks at what he sends.
    let by_default = |name: &Value| wire(name, name != "canBypassDLP");
    assert_eq!(all, listed.iter().map(by_default).collect::<Value>());
    let public = json!("canCreatePublicRoom");
    assert!(features(ALICE).await.as_array().unwrap().contains(&wire(&public, false)));

    stage.turn("sendFilesEnabled", false).await;
    stage.turn("canUpdateMessage", false).await;
    let off = |list: &Value| {
        let list = list.as_array().expect("a list").iter();
        list.filter(|feature| feature["enabled"] == false).count()
    };
    assert_eq!(off(&features(BOT).await), 3);
    let listed = stage.admin.get("/pod/v3/admin/user/list?includeFeatures=true").await.json();
    assert_eq!(listed[0]["features"], features(BOT).await);
    let find = json!({ "feature": "sendFilesEnabled" });
    let found = stage.admin.post("/pod/v1/admin/user/find", &find).await.assert_status(200).json();
    let found: Vec<_> = found.as_array().unwrap().iter().collect();
    assert!(found.len() == 2 && found.iter().all(|user| user["userSystemInfo"]["id"] != BOT));
}

#[tokio::test]
async fn what_is_no_feature_or_no_business_of_the_callers_is_refused() {
    let stage = Stage::set().await;
    let path = format!("/pod/v1/admin/user/{BOT}/features/update");
    let nonsense = json!([
        { "entitlment": "canUpdateMessage", "enabled": false },
        { "entitlment": "canDance", "enabled": true },
    ]);
    stage.admin.post(&path, &nonsense).await.assert_error(400, "There is no such feature");
    let features = stage.admin.get(&format!("/pod/v1/admin/user/{BOT}/features")).await.json();
    let off: Vec<_> =
        features.as_array().unwrap().iter().filter(|it| it["enabled"] == false).collect();
    assert_eq!(off, [&json!({ "entitlment": "canBypassDLP", "enabled": false })]);
    stage.admin.post(&path, &json!([{ "enabled": true }])).await.assert_status(400);
    for user in [CAROL, 1 << 36 | 9] {
        let path = format!("/pod/v1/admin/user/{user}/features");
        stage.admin.get(&path).await.assert_error(400, "There is no such user");
    }
    stage.bot.post(&path, &json!([])).await.assert_error(403, LACKS);
    stage.bot.get("/pod/v1/admin/system/features/list").await.assert_error(403, LACKS);
}
