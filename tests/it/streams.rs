//! IMs, MIMs, and lists and details of streams.

use serde_json::{Value, json};

use crate::pod::{Bot, FROZEN, Pod};

const BOT: u64 = 1 << 36 | 1;
const BOT2: u64 = 1 << 36 | 2;
const ALICE: u64 = 1 << 36 | 3;
const BOB: u64 = 1 << 36 | 4;
const CAROL: u64 = 2 << 36 | 1;
const ENTITLEMENT: &str = "The user lacks the required entitlement to perform this operation";

async fn talk(bot: &Bot, users: &[u64]) -> String {
    let stream = bot.post("/pod/v1/im/create", &json!(users)).await.assert_status(200).json();
    stream["id"].as_str().expect("an id").to_owned()
}

async fn list(bot: &Bot, query: &str, filter: &Value) -> Value {
    bot.post(&format!("/pod/v1/streams/list{query}"), filter).await.assert_status(200).json()
}

fn ids(streams: &Value) -> Vec<&str> {
    let streams = streams.as_array().expect("a list").iter();
    streams.map(|stream| stream["id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn the_same_people_have_the_same_conversation() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let im = talk(&bot, &[BOT2]).await;
    assert_eq!(talk(&bot, &[BOT2, BOT2, BOT]).await, im);
    assert_eq!(talk(&bot2, &[BOT]).await, im);
    let mim = talk(&bot, &[BOT2, ALICE]).await;
    assert_ne!(mim, im);
    assert_eq!(talk(&bot2, &[ALICE, BOT]).await, mim);
    let info = bot2.get(&format!("/pod/v2/streams/{mim}/info")).await.assert_status(200).json();
    assert_eq!(info["streamType"], json!({ "type": "MIM" }));
    assert_eq!(info["streamAttributes"], json!({ "members": [BOT, BOT2, ALICE] }));
}

#[tokio::test]
async fn a_conversation_needs_somebody_else_who_exists_and_is_connected() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    for wrong in [json!([]), json!([BOT]), json!([5]), json!({}), json!(["x"]), json!([-1])] {
        bot.post("/pod/v1/im/create", &wrong).await.assert_status(400);
    }
    let carol = bot.post("/pod/v1/im/create", &json!([CAROL])).await;
    carol.assert_error(403, &format!("The caller is not connected with user {CAROL}"));
}

#[tokio::test]
async fn all_members_hear_of_a_new_conversation_once() {
    let pod = Pod::with_settings("datafeedLongPoll: 0s").await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let feed = bot2.post("/agent/v5/datafeeds", &json!({})).await.json();
    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().expect("an id"));
    let im = talk(&bot, &[BOT2]).await;
    talk(&bot, &[BOT2]).await;
    let events = &bot2.post(&read, &json!({})).await.json()["events"];
    assert_eq!(events.as_array().expect("events").len(), 1);
    assert_eq!(events[0]["type"], "INSTANTMESSAGECREATED");
    let stream = &events[0]["payload"]["instantMessageCreated"]["stream"];
    assert_eq!((&stream["streamId"], &stream["streamType"]), (&json!(im), &json!("IM")));
    assert_eq!(stream["members"], json!([{ "userId": BOT }, { "userId": BOT2 }]));
}

#[tokio::test]
async fn an_im_has_details_under_capital_keys_for_its_members() {
    let pod = Pod::frozen().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let im = talk(&bot, &[ALICE]).await;
    let system = json!({ "id": im, "creationDate": FROZEN.as_millis(), "active": true });
    let info = format!("/pod/v1/im/{im}/info");
    let expected = json!({ "V1IMAttributes": {}, "IMSystemInfo": system });
    assert_eq!(bot.get(&info).await.assert_status(200).json(), expected);
    bot2.get(&info).await.assert_status(400);

    let update = format!("/pod/v1/im/{im}/update");
    let say = format!("/agent/v4/stream/{im}/message/create");
    let said = bot.submit(&say, "<messageML>Hello</messageML>").await;
    let pin = json!({ "pinnedMessageId": said.assert_status(200).json()["messageId"] });
    let pinned = json!({ "V1IMAttributes": pin, "IMSystemInfo": system });
    assert_eq!(bot.post(&update, &pin).await.assert_status(200).json(), pinned);
    assert_eq!(bot.get(&info).await.json(), pinned);
    bot2.post(&update, &pin).await.assert_status(400);
    bot.post(&update, &json!({ "pinnedMessageId": "" })).await.assert_status(200);
    assert_eq!(bot.get(&info).await.json(), expected);
    let elsewhere = "vd7qwNb6hLoUV0BfXXPC43___oPIvkwJbQ";
    for no_message_here in [&*im, elsewhere] {
        let pin = json!({ "pinnedMessageId": no_message_here });
        bot.post(&update, &pin).await.assert_status(400);
    }
}

#[tokio::test]
async fn ones_streams_are_listed_in_the_order_of_their_creation() {
    let pod = Pod::start().await;
    let bot2 = pod.bot("bot2").await;
    // Of somebody who is in no stream there is no list.
    assert_eq!(bot2.post("/pod/v1/streams/list", &json!({})).await.assert_status(204).body, "");
    let im = talk(&bot2, &[ALICE]).await;
    let mim = talk(&bot2, &[ALICE, BOB]).await;
    let room = bot2.post("/pod/v3/room/create", &json!({ "name": "Room" })).await.json();
    let room = room["roomSystemInfo"]["id"].as_str().expect("an id");
    let all = bot2.post_nothing("/pod/v1/streams/list").await.assert_status(200).json();
    assert_eq!(
        all,
        json!([
            {
                "id": im, "crossPod": false, "active": true, "streamType": { "type": "IM" },
                "streamAttributes": { "members": [BOT2, ALICE] },
            },
            {
                "id": mim, "crossPod": false, "active": true, "streamType": { "type": "MIM" },
                "streamAttributes": { "members": [BOT2, ALICE, BOB] },
            },
            {
                "id": room, "crossPod": false, "active": true, "streamType": { "type": "ROOM" },
                "roomAttributes": { "name": "Room" },
            },
        ])
    );
    assert_eq!(ids(&list(&bot2, "?skip=1&limit=1", &json!({})).await), [&mim]);
    // Past the end is an empty page: pagination ends with it.
    assert_eq!(list(&bot2, "?skip=3", &json!({})).await, json!([]));
    let kinds = json!({ "streamTypes": [{ "type": "IM" }, { "type": "ROOM" }] });
    assert_eq!(ids(&list(&bot2, "", &kinds).await), [&im, room]);
    bot2.post("/pod/v1/streams/list?limit=0", &json!({})).await.assert_status(400);
    let unknown = json!({ "streamTypes": [{ "type": "HALL" }] });
    bot2.post("/pod/v1/streams/list", &unknown).await.assert_status(400);

    let close = format!("/pod/v1/room/{room}/setActive?active=false");
    bot2.post_nothing(&close).await.assert_status(200);
    assert_eq!(ids(&list(&bot2, "", &json!({})).await), [&im, &mim]);
    let inactive = json!({ "includeInactiveStreams": true });
    assert_eq!(ids(&list(&bot2, "", &inactive).await), [&im, &mim, room]);
}

#[tokio::test]
async fn details_of_a_stream_are_for_its_members() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let rooms = list(&bot, "", &json!({ "streamTypes": [{ "type": "ROOM" }] })).await;
    let room = ids(&rooms)[0];
    let info = bot.get(&format!("/pod/v2/streams/{room}/info")).await.assert_status(200).json();
    assert_eq!(
        info,
        json!({
            "id": room, "crossPod": false, "active": true, "streamType": { "type": "ROOM" },
            "roomAttributes": { "name": "Test Room" }, "origin": "INTERNAL",
        })
    );
    let first = bot.get(&format!("/pod/v1/streams/{room}/info")).await.assert_status(200).json();
    assert_eq!(first, rooms[0]);
    for version in ["v1", "v2"] {
        for id in [room, "nonsense", "usnBKBkH_BVrGOiVpaupEH___okFfE7QdA"] {
            bot2.get(&format!("/pod/{version}/streams/{id}/info")).await.assert_status(400);
        }
    }
    for path in
        [format!("/pod/v1/admin/user/{BOT}/streams/list"), "/pod/v2/admin/streams/list".into()]
    {
        bot.post_nothing(&path).await.assert_error(403, ENTITLEMENT);
    }
}

#[tokio::test]
async fn an_administrator_lists_every_stream() {
    let scenario = "
        pod: { company: Here }
        foreignPods: [{ id: 2, company: There }]
        users:
          - { username: bot, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
          - { username: bot2, accountType: SYSTEM }
          - { username: alice }
          - { username: carol, pod: 2 }
        rooms:
          - { name: Hers, description: At home, owners: [alice] }
          - { name: Theirs, owners: [carol], members: [alice] }";
    let pod = Pod::seeded(scenario).await;
    let bot = pod.bot("bot").await;
    let im = bot.post("/pod/v1/admin/im/create", &json!([BOT2, ALICE])).await.assert_status(200);
    let im = im.json()["id"].as_str().expect("an id").to_owned();
    bot.get(&format!("/pod/v1/im/{im}/info")).await.assert_status(400);
    bot.post("/pod/v1/admin/im/create", &json!([ALICE])).await.assert_status(400);

    let names = async |version: &str, filter: Value| {
        let path = format!("/pod/{version}/admin/streams/list");
        let answer = bot.post(&path, &filter).await.assert_status(200).json();
        assert_eq!(answer["filter"], filter);
        let streams = answer["streams"].as_array().expect("streams");
        assert_eq!(answer["count"], streams.len());
        let name = |stream: &Value| match stream["attributes"]["roomName"].as_str() {
            Some(name) => name.to_owned(),
            None => stream["type"].as_str().expect("a type").to_owned(),
        };
        streams.iter().map(name).collect::<Vec<_>>()
    };
    for version in ["v1", "v2"] {
        assert_eq!(names(version, json!({})).await, ["Hers", "Theirs", "IM"]);
        let rooms = json!({ "streamTypes": [{ "type": "ROOM" }], "privacy": "PRIVATE" });
        assert_eq!(names(version, rooms).await, ["Hers", "Theirs"]);
        assert_eq!(names(version, json!({ "scope": "EXTERNAL" })).await, ["Theirs"]);
        assert_eq!(names(version, json!({ "origin": "INTERNAL" })).await, ["Hers", "IM"]);
        assert_eq!(names(version, json!({ "status": "INACTIVE" })).await, Vec::<String>::new());
        assert_eq!(names(version, json!({ "endDate": 1 })).await, Vec::<String>::new());
    }
    let page = bot.post("/pod/v2/admin/streams/list?skip=2&limit=5", &json!({})).await.json();
    assert_eq!((&page["count"], &page["skip"], &page["limit"]), (&json!(3), &json!(2), &json!(5)));
    let stream = &page["streams"][0];
    assert_eq!(stream["attributes"]["members"], json!([BOT2, ALICE]));
    assert_eq!(stream["attributes"]["originCompany"], "Here");
    bot.post_nothing("/pod/v2/admin/streams/list?limit=101").await.assert_status(400);
    bot.post("/pod/v2/admin/streams/list", &json!({ "scope": "ALL" })).await.assert_status(400);

    let hers = format!("/pod/v1/admin/user/{ALICE}/streams/list");
    assert_eq!(ids(&bot.post_nothing(&hers).await.assert_status(200).json()).len(), 3);
    bot.post_nothing("/pod/v1/admin/user/5/streams/list").await.assert_status(400);
    bot.post_nothing(&format!("/pod/v1/admin/user/{BOT}/streams/list")).await.assert_status(204);
}
