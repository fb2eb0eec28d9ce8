//! Rooms: their rules, their versions, who sees and finds them.

use serde_json::{Value, json};

use crate::pod::{Answer, Bot, FROZEN, Pod};

const BOT: u64 = 1 << 36 | 1;
const BOT2: u64 = 1 << 36 | 2;
const UNKNOWN: &str = "Either the stream you're trying to access does not exist, you're not allowed \
                       to view its details, or this stream is not a room.";
const ENTITLEMENT: &str = "The user lacks the required entitlement to perform this operation";

async fn create(bot: &Bot, attributes: &Value) -> Answer {
    bot.post("/pod/v3/room/create", attributes).await
}

async fn id_of(answer: Answer) -> String {
    let room = answer.assert_status(200).json();
    room["roomSystemInfo"]["id"].as_str().expect("an id").to_owned()
}

/// Names of the rooms that a search finds.
async fn found(bot: &Bot, path: &str, criteria: &Value) -> Vec<String> {
    let results = bot.post(path, criteria).await.assert_status(200).json();
    let rooms = results["rooms"].as_array().expect("rooms");
    let name = |room: &Value| room["roomAttributes"]["name"].as_str().expect("a name").to_owned();
    rooms.iter().map(name).collect()
}

#[tokio::test]
async fn a_new_room_is_private_and_its_creators() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    let room = create(&bot, &json!({ "name": " API room ", "description": "Made here" })).await;
    let room = room.assert_status(200).json();
    let id = room["roomSystemInfo"]["id"].as_str().expect("an id");
    assert!(id.len() == 34 && id.contains("___") && id.ends_with("dA"), "{id}");
    assert_eq!(
        room,
        json!({
            "roomAttributes": {
                "name": "API room",
                "description": "Made here",
                "membersCanInvite": false,
                "discoverable": false,
                "public": false,
                "readOnly": false,
                "copyProtected": false,
                "crossPod": false,
                "viewHistory": false,
                "multiLateralRoom": false,
                "scheduledMeeting": false,
                "groupChat": false,
            },
            "roomSystemInfo": {
                "id": id,
                "creationDate": FROZEN.as_millis(),
                "createdByUserId": BOT,
                "active": true,
            },
        })
    );
    assert_eq!(bot.get(&format!("/pod/v3/room/{id}/info")).await.json(), room);
    let members = bot.get(&format!("/pod/v2/room/{id}/membership/list")).await.json();
    let creator = json!({ "id": BOT, "owner": true, "joinDate": FROZEN.as_millis() });
    assert_eq!(members, json!([creator]));
}

#[tokio::test]
async fn each_version_shows_its_part_of_the_same_room() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let immutable = json!({ "public": false, "readOnly": true, "copyProtected": true });
    let attributes = json!({ "name": "Old", "description": "d", "membersCanInvite": true, "discoverable": true });
    let wish = json!({ "roomAttributes": attributes, "immutableRoomAttributes": immutable });
    let first = bot.post("/pod/v1/room/create", &wish).await.assert_status(200).json();
    assert_eq!(first["roomAttributes"], attributes);
    assert_eq!(first["immutableRoomAttributes"], immutable);
    let id = first["roomSystemInfo"]["id"].as_str().expect("an id");

    let second = json!({ "keywords": [{ "key": "region", "value": "EMEA" }], "crossPod": true });
    let second = bot.post(&format!("/pod/v2/room/{id}/update"), &second).await.assert_status(200);
    let second = second.json();
    assert_eq!(second["roomAttributes"]["keywords"], json!([{ "key": "region", "value": "EMEA" }]));
    assert_eq!(second["roomAttributes"]["readOnly"], true);
    assert_eq!(second["roomAttributes"].get("crossPod"), None);
    assert_eq!(bot.get(&format!("/pod/v2/room/{id}/info")).await.json(), second);

    // Version 1 leaves alone what it calls immutable.
    let wish = json!({ "name": "Renamed", "readOnly": false });
    let first = bot.post(&format!("/pod/v1/room/{id}/update"), &wish).await.assert_status(200);
    assert_eq!(first.json()["immutableRoomAttributes"], immutable);
    assert_eq!(bot.get(&format!("/pod/v1/room/{id}/info")).await.json(), first.json());
    let third = bot.get(&format!("/pod/v3/room/{id}/info")).await.json();
    assert_eq!(third["roomAttributes"]["name"], "Renamed");
    assert_eq!(third["roomAttributes"]["crossPod"], false);
    assert_eq!(third["roomAttributes"]["keywords"], second["roomAttributes"]["keywords"]);
}

#[tokio::test]
async fn names_are_equal_that_differ_in_case_and_white_space_alone() {
    let pod = Pod::with_settings("uniqueRoomNames: all").await;
    let bot = pod.bot("bot").await;
    for taken in ["Test Room", "test room", "TESTROOM", " Te st  Room"] {
        create(&bot, &json!({ "name": taken })).await.assert_status(400);
    }
    let id = id_of(create(&bot, &json!({ "name": "Test Room 2" })).await).await;
    let update = format!("/pod/v3/room/{id}/update");
    bot.post(&update, &json!({ "name": "TestRoom" })).await.assert_status(400);
    bot.post(&update, &json!({ "name": "TEST ROOM 2" })).await.assert_status(200);
    bot.post(&update, &json!({ "name": "Other" })).await.assert_status(200);
    create(&bot, &json!({ "name": "Test Room 2" })).await.assert_status(200);
}

#[tokio::test]
async fn attributes_that_contradict_each_other_are_refused() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    for wrong in [
        json!({}),
        json!({ "name": " " }),
        json!({ "name": "n".repeat(50) }),
        json!({ "name": "R", "public": true, "viewHistory": false }),
        json!({ "name": "R", "public": true, "discoverable": false }),
        json!({ "name": "R", "public": true, "membersCanInvite": false }),
        json!({ "name": "R", "crossPod": true, "readOnly": true }),
        json!({ "name": "R", "crossPod": true, "public": true }),
        json!({ "name": "R", "crossPod": true, "discoverable": true }),
        json!({ "name": "R", "keywords": [{ "key": "k" }] }),
        json!({ "name": "R", "public": "yes" }),
        json!({ "name": "R", "pinnedMessageId": "nonsense" }),
        json!([]),
    ] {
        create(&bot, &wrong).await.assert_status(400);
    }
    let wrong = json!({ "name": "R", "keywords": [{ "key": "k", "value": 7 }] });
    let told = "The body is not the JSON expected: keywords[0].value: invalid type: integer `7`, \
                expected a string";
    create(&bot, &wrong).await.assert_error(400, told);
    let public = create(&bot, &json!({ "name": "Public", "public": true })).await.json();
    for implied in ["viewHistory", "discoverable", "membersCanInvite"] {
        assert_eq!(public["roomAttributes"][implied], true, "{implied}");
    }
    let id = public["roomSystemInfo"]["id"].as_str().expect("an id");
    let update = format!("/pod/v3/room/{id}/update");
    bot.post(&update, &json!({ "viewHistory": false })).await.assert_status(400);
    bot.post(&update, &json!({ "crossPod": true })).await.assert_status(400);
    bot.post(&update, &json!({ "name": "n".repeat(49), "unknown": 1 })).await.assert_status(200);
}

#[tokio::test]
async fn a_message_is_pinned_and_unpinned() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let id = id_of(create(&bot, &json!({ "name": "Board" })).await).await;
    let update = format!("/pod/v3/room/{id}/update");
    let say = async |room: &str| {
        let path = format!("/agent/v4/stream/{room}/message/create");
        let said = bot.submit(&path, "<messageML>Hello</messageML>").await;
        said.assert_status(200).json()["messageId"].as_str().expect("an id").to_owned()
    };
    let pin = say(&id).await;
    let standard = pin.replace('-', "+").replace('_', "/") + "==";
    let pinned = bot.post(&update, &json!({ "pinnedMessageId": standard })).await.json();
    assert_eq!(pinned["roomAttributes"]["pinnedMessageId"], pin);
    let kept = bot.post(&update, &json!({ "description": "d" })).await.json();
    assert_eq!(kept["roomAttributes"]["pinnedMessageId"], pin);
    let unpinned = bot.post(&update, &json!({ "pinnedMessageId": "" })).await.json();
    assert_eq!(unpinned["roomAttributes"].get("pinnedMessageId"), None);

    let other = id_of(create(&bot, &json!({ "name": "Other" })).await).await;
    let elsewhere = json!({ "pinnedMessageId": say(&other).await });
    bot.post(&update, &elsewhere).await.assert_status(400);
    bot.post_nothing(&format!("/pod/v1/admin/messagesuppression/{pin}/suppress")).await;
    bot.post(&update, &json!({ "pinnedMessageId": pin })).await.assert_status(400);
}

#[tokio::test]
async fn only_owners_change_a_room() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let id = id_of(create(&bot, &json!({ "name": "Mine" })).await).await;
    let update = format!("/pod/v3/room/{id}/update");
    let wish = json!({ "description": "theirs" });
    bot2.post(&update, &wish).await.assert_error(400, UNKNOWN);
    let add = format!("/pod/v1/room/{id}/membership/add");
    bot.post(&add, &json!({ "id": BOT2 })).await.assert_status(200);
    bot2.post(&update, &wish).await.assert_error(403, ENTITLEMENT);
    let close = format!("/pod/v1/room/{id}/setActive?active=false");
    bot2.post_nothing(&close).await.assert_error(403, ENTITLEMENT);
}

#[tokio::test]
async fn an_unknown_room_one_may_not_see_and_an_im_are_all_the_same() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let private = id_of(create(&bot, &json!({ "name": "Private" })).await).await;
    let im = bot2.post("/pod/v1/im/create", &json!([BOT])).await.json();
    let im = im["id"].as_str().expect("an id");
    let never = "bjHSiY4iz3ar4iIh6-VzCX___peoM7cPdA";
    for id in [&private, im, never, "nonsense"] {
        bot2.get(&format!("/pod/v3/room/{id}/info")).await.assert_error(400, UNKNOWN);
    }
    let open = json!({ "name": "Open", "discoverable": true });
    let open = id_of(create(&bot, &open).await).await;
    bot2.get(&format!("/pod/v3/room/{open}/info")).await.assert_status(200);
    // Clients show ids in standard base64.
    let standard = private.replace('-', "+").replace('_', "%2F") + "==";
    bot.get(&format!("/pod/v3/room/{standard}/info")).await.assert_status(200);
}

#[tokio::test]
async fn closing_a_room_locks_its_membership_until_it_opens_again() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let id = id_of(create(&bot, &json!({ "name": "Shop" })).await).await;
    // As symphony-bdk-python 2.11.4 spells it.
    let set = async |active: &str| {
        bot.post_nothing(&format!("/pod/v1/room/{id}/setActive?active={active}")).await
    };
    let closed = set("False").await.assert_status(200).json();
    assert_eq!(closed["roomSystemInfo"]["active"], false);
    let immutable = json!({ "public": false, "readOnly": false, "copyProtected": false });
    assert_eq!(closed["immutableRoomAttributes"], immutable);
    let membership = format!("/pod/v1/room/{id}/membership");
    for change in ["add", "remove", "promoteOwner"] {
        let changed = bot.post(&format!("{membership}/{change}"), &json!({ "id": BOT })).await;
        changed.assert_error(400, "The room is not active");
    }
    assert_eq!(set("True").await.json()["roomSystemInfo"]["active"], true);
    bot.post(&format!("{membership}/add"), &json!({ "id": BOT2 })).await.assert_status(200);
    bot.post_nothing(&format!("/pod/v1/room/{id}/setActive")).await.assert_status(400);
    set("no").await.assert_status(400);
    let admin = format!("/pod/v1/admin/room/{id}/setActive?active=false");
    bot.post_nothing(&admin).await.assert_error(403, ENTITLEMENT);
}

#[tokio::test]
async fn an_administrator_closes_any_room() {
    let pod = Pod::seeded(
        "
        users:
          - { username: bot, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
          - { username: alice }
        rooms: [{ name: Hers, owners: [alice] }]",
    )
    .await;
    let bot = pod.bot("bot").await;
    let criteria = json!({ "query": "hers" });
    let search = "/pod/v3/room/search";
    assert_eq!(found(&bot, search, &criteria).await, Vec::<String>::new());
    let hidden = "/pod/v3/room/search?includeNonDiscoverable=True";
    let room = &bot.post(hidden, &criteria).await.json()["rooms"][0];
    let id = room["roomSystemInfo"]["id"].as_str().expect("an id");
    let close = |path: &str| format!("/pod/v1/{path}/{id}/setActive?active=false");
    bot.post_nothing(&close("room")).await.assert_error(403, ENTITLEMENT);
    let closed = bot.post_nothing(&close("admin/room")).await.assert_status(200).json();
    assert_eq!(closed["roomSystemInfo"]["active"], false);
}

#[tokio::test]
async fn search_finds_what_begins_so_and_nothing_that_is_hidden() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let industry = json!([{ "key": "industry", "value": "automobile" }]);
    for room in [
        json!({ "name": "Tesla Room", "keywords": industry, "discoverable": true }),
        json!({ "name": "Automobile Industry Room", "public": true }),
        json!({ "name": "Automobile", "description": "Cars and more", "discoverable": true }),
        json!({ "name": "Hidden automobile" }),
    ] {
        create(&bot, &room).await.assert_status(200);
    }
    let search = "/pod/v3/room/search";
    let public = ["Automobile", "Automobile Industry Room"];
    assert_eq!(found(&bot2, search, &json!({ "query": "automobile" })).await, public);
    assert_eq!(found(&bot2, search, &json!({ "query": "AUTO room" })).await, [public[1]]);
    assert_eq!(found(&bot2, search, &json!({ "query": "more" })).await, [public[0]]);
    let all = ["Automobile", "Automobile Industry Room", "Hidden automobile"];
    assert_eq!(found(&bot, search, &json!({ "query": "automobile" })).await, all);
    let hidden = "/pod/v3/room/search?includeNonDiscoverable=true";
    assert_eq!(found(&bot2, hidden, &json!({ "query": "automobile" })).await, public);

    let basic = json!({ "query": "automobile", "sortOrder": "BASIC" });
    assert_eq!(found(&bot2, search, &basic).await, [public[1], public[0]]);
    let private = json!({ "query": "automobile", "private": true, "creator": { "id": BOT } });
    assert_eq!(found(&bot2, search, &private).await, [public[0]]);
    let others = json!({ "query": "automobile", "creator": { "id": BOT2 } });
    assert_eq!(found(&bot2, search, &others).await, Vec::<String>::new());
    let values = json!({ "query": "automobile", "searchFields": ["keywords_value"] });
    assert_eq!(found(&bot2, search, &values).await, ["Tesla Room"]);

    let labels = json!({ "query": "automobile", "labels": ["industry"], "active": true });
    let results = bot2.post(search, &labels).await.assert_status(200).json();
    assert_eq!((&results["count"], &results["limit"]), (&json!(3), &json!(50)));
    assert_eq!(results["query"], labels);
    assert_eq!(results["facetedMatchCount"], json!([{ "facet": "industry", "count": 1 }]));

    // Without a word it lists what one sees; what has no word in it finds nothing.
    let mine = json!({ "query": "", "member": { "id": BOT } });
    assert_eq!(found(&bot, "/pod/v2/room/search", &mine).await.len(), 5);
    assert_eq!(found(&bot, search, &json!({ "query": "***" })).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_search_follows_changes_and_gives_pages() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(id_of(create(&bot, &json!({ "name": format!("Desk {n}") })).await).await);
    }
    let rename = format!("/pod/v3/room/{}/update", ids[1]);
    bot.post(&rename, &json!({ "name": "Bench" })).await.assert_status(200);
    let query = json!({ "query": "desk" });
    let page = "/pod/v3/room/search?skip=1&limit=2";
    assert_eq!(found(&bot, page, &query).await, ["Desk 2", "Desk 3"]);
    assert_eq!(bot.post(page, &query).await.json()["count"], 4);
    let beyond = "/pod/v3/room/search?skip=9&limit=2";
    assert_eq!(found(&bot, beyond, &query).await, Vec::<String>::new());
    for wrong in ["limit=0", "limit=101", "limit=-1", "skip=-1", "limit=x"] {
        bot.post(&format!("/pod/v3/room/search?{wrong}"), &query).await.assert_status(400);
    }
    bot.post("/pod/v3/room/search", &json!({ "labels": [] })).await.assert_status(400);
}

#[tokio::test]
async fn a_pod_may_keep_the_history_of_cross_pod_rooms_from_newcomers() {
    let wish = json!({ "name": "Bridge", "crossPod": true, "viewHistory": true });
    let pod = Pod::start().await;
    create(&pod.bot("bot").await, &wish).await.assert_status(200);
    let pod = Pod::with_settings("externalRoomSharedHistory: false").await;
    let bot = pod.bot("bot").await;
    create(&bot, &wish).await.assert_status(400);
    create(&bot, &json!({ "name": "Bridge", "crossPod": true })).await.assert_status(200);
    create(&bot, &json!({ "name": "Home", "viewHistory": true })).await.assert_status(200);
}
