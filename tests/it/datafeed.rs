//! Datafeed 2, datafeed 1 and the datahose, as the SDKs read them.

use std::pin::pin;
use std::time::Duration;

use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::pod::{Answer, Bot, FROZEN, Pod};

const BOT2: u64 = 1 << 36 | 2;

/// A pod whose clock stands still and whose reads do not wait.
async fn impatient() -> Pod {
    still("datafeedLongPoll: 0s").await
}

/// The default pod with these settings, and a clock that stands still.
async fn still(settings: &str) -> Pod {
    let mut scenario = Scenario::embedded();
    let settings = Scenario::parse(&format!("settings: {{ {settings} }}")).expect("settings");
    scenario.settings = settings.settings;
    Pod::built(MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN))).await
}

/// Moves the pod's clock in small steps until `call` is done. Gives how far it moved.
async fn while_time_passes<T>(pod: &Pod, call: impl Future<Output = T>) -> (T, Duration) {
    const STEP: Duration = Duration::from_millis(10);
    let mut call = pin!(call);
    let mut passed = Duration::ZERO;
    loop {
        tokio::select! {
            biased;
            answer = &mut call => return (answer, passed),
            () = tokio::task::yield_now() => {
                pod.clock().advance(STEP);
                passed += STEP;
            }
        }
    }
}

async fn open(bot: &Bot) -> String {
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201);
    text(&feed.json()["id"])
}

async fn try_read(bot: &Bot, feed: &str, ack: &str) -> Answer {
    let body = json!({ "ackId": ack, "updatePresence": true });
    bot.post(&format!("/agent/v5/datafeeds/{feed}/read"), &body).await
}

async fn read(bot: &Bot, feed: &str, ack: &str) -> Value {
    try_read(bot, feed, ack).await.assert_status(200).json()
}

async fn make_room(bot: &Bot, name: &str) -> String {
    let room = bot.post("/pod/v3/room/create", &json!({ "name": name })).await.assert_status(200);
    text(&room.json()["roomSystemInfo"]["id"])
}

async fn add(bot: &Bot, room: &str, user: u64) {
    let path = format!("/pod/v1/room/{room}/membership/add");
    bot.post(&path, &json!({ "id": user })).await.assert_status(200);
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Types and room names of events.
fn told(events: &Value) -> Vec<String> {
    let events = events.as_array().expect("events");
    let told = |event: &Value| {
        let payload = event["payload"].as_object().expect("a payload").values().next();
        let room = payload.expect("one key")["stream"]["roomName"].as_str().unwrap_or("-");
        format!("{} {room}", event["type"].as_str().expect("a type"))
    };
    events.iter().map(told).collect()
}

#[tokio::test]
async fn a_read_waits_until_something_happens() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let feed = open(&bot2).await;
    let happening = async {
        let room = make_room(&bot, "News").await;
        add(&bot, &room, BOT2).await;
        room
    };
    let (answer, room) = tokio::join!(read(&bot2, &feed, ""), happening);
    let event = &answer["events"][0];
    assert_eq!(told(&answer["events"]), ["USERJOINEDROOM News"]);
    assert_eq!(event["initiator"]["user"]["username"], "bot");
    let joined = &event["payload"]["userJoinedRoom"];
    assert_eq!(joined["affectedUser"]["userId"], BOT2);
    assert_eq!(joined["stream"]["streamId"], room);
    assert_eq!(joined["stream"]["streamType"], "ROOM");
    let id = text(&event["id"]);
    assert!(id.len() == 6 && id.bytes().all(|c| c.is_ascii_alphanumeric()), "{id}");
}

#[tokio::test]
async fn an_empty_read_ends_when_its_time_has_come_and_not_before() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let (answer, waited) = while_time_passes(&pod, read(&bot, &feed, "")).await;
    assert!(waited >= Duration::from_secs(20), "{waited:?}");
    assert_eq!(answer["events"], json!([]));
    assert!(!text(&answer["ackId"]).is_empty());
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again_after_30_seconds_and_what_is_does_not() {
    let pod = impatient().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    make_room(&bot, "One").await;
    let first = read(&bot, &feed, "").await;
    assert_eq!(told(&first["events"]), ["ROOMCREATED One"]);

    make_room(&bot, "Two").await;
    let second = read(&bot, &feed, "").await;
    assert_eq!(told(&second["events"]), ["ROOMCREATED Two"]);
    pod.clock().advance(Duration::from_secs(29));
    assert_eq!(read(&bot, &feed, &text(&second["ackId"])).await["events"], json!([]));
    pod.clock().advance(Duration::from_secs(1));
    let again = read(&bot, &feed, "").await;
    assert_eq!(again["events"], first["events"]);

    let ack = text(&again["ackId"]);
    assert_ne!(ack, text(&first["ackId"]));
    pod.clock().advance(Duration::from_secs(60));
    assert_eq!(read(&bot, &feed, &ack).await["events"], json!([]), "late, but still in time");
}

#[tokio::test]
async fn a_waiting_read_gets_what_comes_back() {
    let pod = still("datafeedLongPoll: 60s").await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    make_room(&bot, "Back").await;
    let first = read(&bot, &feed, "").await;
    let (again, waited) = while_time_passes(&pod, read(&bot, &feed, "")).await;
    assert_eq!(again["events"], first["events"]);
    assert!(waited >= Duration::from_secs(30), "{waited:?}");
}

#[tokio::test]
async fn several_readers_share_the_events_of_a_feed() {
    let pod = Pod::with_settings("datafeedLongPoll: 0s, datafeedBatch: 1").await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    for name in ["One", "Two", "Three"] {
        make_room(&bot, name).await;
    }
    let mut rooms = Vec::new();
    for _ in 0..4 {
        let answer = read(&bot, &feed, "").await;
        rooms.extend(told(&answer["events"]));
    }
    assert_eq!(rooms, ["ROOMCREATED One", "ROOMCREATED Two", "ROOMCREATED Three"]);
}

#[tokio::test]
async fn a_deleted_feed_ends_its_reads_at_once() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let path = format!("/agent/v5/datafeeds/{feed}");
    let (answer, _) = tokio::join!(try_read(&bot, &feed, ""), bot.delete(&path));
    answer.assert_error(400, "The feed no longer exists, please create a new feed");
    bot.delete(&path).await.assert_status(200);
}

#[tokio::test]
async fn a_feed_expires_after_30_minutes_without_a_read() {
    let pod = impatient().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    pod.clock().advance(Duration::from_secs(30 * 60 - 1));
    read(&bot, &feed, "").await;
    pod.clock().advance(Duration::from_secs(30 * 60));
    try_read(&bot, &feed, "").await.assert_status(400);
    assert_eq!(bot.get("/agent/v5/datafeeds").await.json(), json!([]));
    // What both BDKs do next must not break them.
    bot.delete(&format!("/agent/v5/datafeeds/{feed}")).await.assert_status(200);
    open(&bot).await;
}

#[tokio::test]
async fn feeds_are_listed_in_the_order_of_their_creation_under_ids_that_the_bdks_take_up() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    assert_eq!(bot.get("/agent/v5/datafeeds").await.assert_status(200).json(), json!([]));
    // Legacy clients send neither a body nor its type.
    let first = bot.post_nothing("/agent/v5/datafeeds").await.assert_status(201).json();
    let second = bot.post("/agent/v5/datafeeds", &json!({ "includeInvisible": true })).await;
    let second = second.assert_status(201).json();
    assert_eq!(bot.get("/agent/v5/datafeeds").await.json(), json!([first, second]));
    assert_eq!(first["type"], "fanout");
    // Deprecated, and no longer told (finos/symphony-api-spec, b52eb2a).
    assert_eq!(first.get("createdAt"), None);
    let id = text(&first["id"]);
    let hex = id.strip_suffix("_f").expect("an id that ends in _f");
    assert!(hex.len() == 32 && hex.bytes().all(|c| c.is_ascii_hexdigit()), "{id}");
}

#[tokio::test]
async fn a_tag_is_the_id_of_its_feed_and_names_the_same_feed_again() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let tagged = json!({ "tag": "my bot/1" });
    let first = bot.post("/agent/v5/datafeeds", &tagged).await.assert_status(201).json();
    assert_eq!((&first["id"], &first["type"]), (&json!("my bot/1"), &json!("fanout")));
    assert_eq!(bot.post("/agent/v5/datafeeds", &tagged).await.json(), first);
    open(&bot).await;
    let by_tag = bot.get("/agent/v5/datafeeds?tag=my%20bot/1").await.json();
    assert_eq!(by_tag, json!([first]));
    // Another account's is another feed.
    bot2.post("/agent/v5/datafeeds", &tagged).await.assert_status(201);
    make_room(&bot, "Mine").await;
    let answer = read(&bot, "my%20bot%2F1", "").await;
    assert_eq!(told(&answer["events"]), ["ROOMCREATED Mine"]);
    let long = json!({ "tag": "t".repeat(101) });
    bot.post("/agent/v5/datafeeds", &long).await.assert_status(400);
}

#[tokio::test]
async fn the_21st_feed_is_refused() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    for _ in 0..20 {
        open(&bot).await;
    }
    let refused = bot.post("/agent/v5/datafeeds", &json!({})).await;
    refused.assert_error(403, "Too many feeds created: the account has 20 active feeds");
    let list = bot.get("/agent/v5/datafeeds").await.json();
    bot.delete(&format!("/agent/v5/datafeeds/{}", text(&list[7]["id"]))).await.assert_status(200);
    open(&bot).await;
}

#[tokio::test]
async fn nobody_reads_or_deletes_anothers_feed() {
    let pod = Pod::with_settings("datafeedLongPoll: 0s").await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let feed = open(&bot).await;
    try_read(&bot2, &feed, "").await.assert_status(400);
    bot2.delete(&format!("/agent/v5/datafeeds/{feed}")).await.assert_status(200);
    read(&bot, &feed, "").await;
    let legacy = format!("/agent/v4/datafeed/{feed}/read");
    bot.get(&legacy).await.assert_error(400, "Could not find a datafeed with the provided id");
}

#[tokio::test]
async fn an_ack_id_that_no_read_ever_gave_is_refused_for_its_form_alone() {
    let pod = Pod::with_settings("datafeedLongPoll: 0s").await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    try_read(&bot, &feed, "nonsense").await.assert_status(400);
    read(&bot, &feed, &"0".repeat(32)).await;
    let path = format!("/agent/v5/datafeeds/{feed}/read");
    for body in [json!({}), json!({ "ackId": null }), json!(null)] {
        bot.post(&path, &body).await.assert_status(200);
    }
    bot.post_nothing(&path).await.assert_status(200);
    bot.post(&path, &json!({ "ackId": 7 })).await.assert_status(400);
}

#[tokio::test]
async fn a_deletion_is_answered_as_the_setting_says() {
    let delete = async |pod: &Pod| {
        let bot = pod.bot("bot").await;
        bot.delete(&format!("/agent/v5/datafeeds/{}", open(&bot).await)).await
    };
    // symphony-bdk-python 3.0.0 dies of 204.
    let answer = delete(&Pod::start().await).await;
    assert_eq!(answer.assert_status(200).json()["code"], 200);
    let answer = delete(&Pod::with_settings("datafeedDeleteStatus: 204").await).await;
    assert_eq!(answer.assert_status(204).body, "");
}

#[tokio::test]
async fn feeds_outlive_the_session_they_were_opened_in() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    let feed = open(&bot).await;
    let logout = pod.client("bot").post("/sessionauth/v1/logout").session(&bot.token);
    logout.send().await.assert_status(200);
    try_read(&bot, &feed, "").await.assert_error(401, "Invalid session");
    let bot = pod.bot("bot").await;
    make_room(&bot, "Later").await;
    assert_eq!(told(&read(&bot, &feed, "").await["events"]), ["ROOMCREATED Later"]);
}

#[tokio::test]
async fn nothing_from_before_joining_or_after_leaving_is_heard() {
    let pod = impatient().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let feed = open(&bot2).await;
    let room = make_room(&bot, "Club").await;
    let rename = async |name: &str| {
        let path = format!("/pod/v3/room/{room}/update");
        bot.post(&path, &json!({ "name": name })).await.assert_status(200);
    };
    rename("Before").await;
    add(&bot, &room, BOT2).await;
    rename("Inside").await;
    let leave = format!("/pod/v1/room/{room}/membership/remove");
    bot.post(&leave, &json!({ "id": BOT2 })).await.assert_status(200);
    rename("After").await;
    let answer = read(&bot2, &feed, "").await;
    assert_eq!(
        told(&answer["events"]),
        ["USERJOINEDROOM Before", "ROOMUPDATED Inside", "USERLEFTROOM Inside"]
    );
}

#[tokio::test]
async fn datafeed_1_gives_a_bare_list_once_or_204() {
    let pod = impatient().await;
    let bot = pod.bot("bot").await;
    let create = bot.post_nothing("/agent/v4/datafeed/create").await.assert_status(200).json();
    let read = format!("/agent/v4/datafeed/{}/read", text(&create["id"]));
    assert_eq!(bot.get(&read).await.assert_status(204).body, "");
    for name in ["One", "Two"] {
        make_room(&bot, name).await;
    }
    let limited = bot.get(&format!("{read}?limit=1")).await.assert_status(200).json();
    assert_eq!(told(&limited), ["ROOMCREATED One"]);
    for (version, limit) in [("v4", "limit"), ("v2", "maxMessages"), ("v1", "maxMessages")] {
        for bad in ["x", "-1", "1.5"] {
            let path = format!("{read}?{limit}={bad}").replace("/v4/", &format!("/{version}/"));
            let message = format!("The parameter {limit} is {bad:?}, expected a number from 0 on");
            bot.get(&path).await.assert_error(400, &message);
        }
    }
    assert_eq!(told(&bot.get(&read).await.json()), ["ROOMCREATED Two"]);
    pod.clock().advance(Duration::from_secs(60));
    bot.get(&read).await.assert_status(204);
    let unknown = bot.get("/agent/v4/datafeed/none/read").await;
    unknown.assert_error(400, "Could not find a datafeed with the provided id");
    assert_eq!(bot.get("/agent/v5/datafeeds").await.json(), json!([]));
}

#[tokio::test]
async fn the_first_two_versions_of_datafeed_1_have_their_own_shapes() {
    let pod = impatient().await;
    let bot = pod.bot("bot").await;
    let create = bot.post_nothing("/agent/v1/datafeed/create").await.assert_status(200).json();
    let feed = text(&create["id"]);
    let room = make_room(&bot, "Old").await;
    let read = bot.get(&format!("/agent/v2/datafeed/{feed}/read")).await.assert_status(200).json();
    let message = &read[0];
    assert_eq!(message["v2messageType"], "RoomCreatedMessage");
    assert_eq!(message["streamId"], room);
    assert_eq!(message["timestamp"], FROZEN.as_millis().to_string());
    assert_eq!(message["name"], "Old");
    // Version 1 knows messages alone.
    make_room(&bot, "Older").await;
    bot.get(&format!("/agent/v1/datafeed/{feed}/read")).await.assert_status(204);
}

#[tokio::test]
async fn a_datafeed_1_that_is_full_expires_and_the_sixth_is_refused() {
    let pod = Pod::with_settings("datafeedLongPoll: 0s, datafeed1Capacity: 2").await;
    let bot = pod.bot("bot").await;
    let create = async || bot.post_nothing("/agent/v4/datafeed/create").await;
    let feed = text(&create().await.assert_status(200).json()["id"]);
    for _ in 0..4 {
        create().await.assert_status(200);
    }
    create().await.assert_error(503, "Max number of data feeds reached.");
    for name in ["One", "Two", "Three"] {
        make_room(&bot, name).await;
    }
    let read = bot.get(&format!("/agent/v4/datafeed/{feed}/read")).await;
    read.assert_error(400, "Could not find a datafeed with the provided id");
    create().await.assert_status(200);
}

#[tokio::test]
async fn a_datahose_carries_what_its_reader_is_no_part_of() {
    let pod = impatient().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let hose = |ack: &str| {
        json!({
            "type": "datahose",
            "tag": "all",
            "eventTypes": ["ROOMCREATED", "ROOMDEACTIVATED"],
            "scopes": ["INTERNAL"],
            "ackId": ack,
        })
    };
    let read = async |body: Value| bot2.post("/agent/v5/events/read", &body).await;
    assert_eq!(read(hose("")).await.assert_status(200).json()["events"], json!([]));
    let room = make_room(&bot, "Private").await;
    add(&bot, &room, BOT2).await;
    bot.post("/pod/v3/room/create", &json!({ "name": "Abroad", "crossPod": true })).await;
    let answer = read(hose("")).await.json();
    assert_eq!(told(&answer["events"]), ["ROOMCREATED Private"]);
    pod.clock().advance(Duration::from_secs(30));
    assert_eq!(read(hose("")).await.json()["events"], answer["events"]);

    let listed = bot2.get("/agent/v5/datafeeds").await.json();
    assert_eq!(listed[0]["type"], "datahose");
    assert!(text(&listed[0]["id"]).ends_with("_p"), "{listed}");
    for wrong in [
        json!({ "type": "fanout", "tag": "all", "eventTypes": ["ROOMCREATED"] }),
        json!({ "type": "datahose", "tag": "", "eventTypes": ["ROOMCREATED"] }),
        json!({ "type": "datahose", "tag": "all", "eventTypes": [] }),
        json!({ "type": "datahose", "tag": "all", "eventTypes": ["ROOM_CREATED"] }),
        json!({ "type": "datahose", "tag": "all", "eventTypes": ["ROOMCREATED"], "scopes": ["X"] }),
        json!({ "type": "datahose", "tag": "t".repeat(81), "eventTypes": ["ROOMCREATED"] }),
        json!({ "type": "datahose", "eventTypes": ["ROOMCREATED"] }),
    ] {
        read(wrong).await.assert_status(400);
    }
}
