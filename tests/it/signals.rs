//! Signals: who has which, what they show, and who may do what with them.

use std::time::Duration;

use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::administrator::LACKS;
use crate::messages::{form, part};
use crate::pod::{Answer, Bot, FROZEN, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
users:
  - { username: bot, accountType: SYSTEM, displayName: Bot }
  - { username: bot2, accountType: SYSTEM, features: { canCreatePushedSignals: false, canManageSignalSubscription: false } }
  - { username: alice, firstName: Alice }
  - { username: bob, enabled: false }
  - { username: carol, pod: 2 }
apps: [{ id: app, name: App, permissions: [ACT_AS_USER, MANAGE_SIGNALS] }]
rooms:
  - { name: Den, owners: [bot], members: [bot2] }
  - { name: Attic, owners: [bot2] }
";

const BOT: u64 = 1 << 36 | 1;
const BOT2: u64 = 1 << 36 | 2;
const ALICE: u64 = 1 << 36 | 3;
const BOB: u64 = 1 << 36 | 4;
const CAROL: u64 = 2 << 36 | 1;

async fn pod() -> Pod {
    let scenario = Scenario::parse(SCENARIO).expect("a scenario");
    Pod::built(MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN))).await
}

async fn create(bot: &Bot, signal: Value) -> Answer {
    bot.post("/agent/v1/signals/create", &signal).await
}

async fn made(bot: &Bot, signal: Value) -> String {
    let made = create(bot, signal).await.assert_status(200).json();
    made["id"].as_str().expect("an id").to_owned()
}

async fn call(bot: &Bot, id: &str, verb: &str, body: Value) -> Answer {
    bot.post(&format!("/agent/v1/signals/{id}/{verb}"), &body).await
}

async fn get(bot: &Bot, id: &str, what: &str) -> Answer {
    bot.get(&format!("/agent/v1/signals/{id}/{what}")).await
}

/// Sends a message to a room, and gives its id.
async fn say(pod: &Pod, bot: &Bot, room: &str, text: &str) -> Value {
    let streams = bot.post("/pod/v1/streams/list", &json!({})).await.json();
    let mut streams = streams.as_array().unwrap().iter();
    let stream = streams.find(|stream| stream["roomAttributes"]["name"] == room).unwrap();
    let path = format!("/agent/v4/stream/{}/message/create", stream["id"].as_str().unwrap());
    let request = pod.anonymous().post(&path).session(&bot.token);
    let parts = [part("message", &format!("<messageML>{text}</messageML>"))];
    pod.clock().advance(Duration::from_millis(1));
    form(request, &parts).send().await.assert_status(200).json()["messageId"].clone()
}

fn done(requested: usize, errors: Value) -> Value {
    let failed = errors.as_array().unwrap().len();
    json!({
        "requestedSubscription": requested, "successfulSubscription": requested - failed,
        "failedSubscription": failed, "subscriptionErrors": errors,
    })
}

#[tokio::test]
async fn a_signal_is_made_looked_at_changed_and_deleted() {
    let pod = pod().await;
    let (bot, other) = (pod.bot("bot").await, pod.bot("bot2").await);
    assert_eq!(bot.get("/agent/v1/signals/list").await.assert_status(200).json(), json!([]));
    let made = create(&bot, json!({ "name": "Gold", "query": "HASHTAG:gold" })).await;
    let made = made.assert_status(200).json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        made,
        json!({
            "name": "Gold", "query": "HASHTAG:gold", "visibleOnProfile": false,
            "companyWide": false, "id": id, "timestamp": FROZEN.as_millis(),
        })
    );
    assert!(id.len() == 24 && id.starts_with(&format!("{:08x}", FROZEN.as_secs())), "{id}");
    assert_eq!(get(&bot, id, "get").await.assert_status(200).json(), made);
    get(&other, id, "get").await.assert_error(403, LACKS);
    get(&bot, "000000000000000000000000", "get").await.assert_status(400);
    get(&bot, "x", "get").await.assert_error(400, "There is no such signal");

    pod.clock().advance(Duration::from_secs(60));
    let change = json!({ "name": "Metal", "query": "CASHTAG:xau", "visibleOnProfile": true });
    call(&other, id, "update", change.clone()).await.assert_error(403, LACKS);
    let changed = call(&bot, id, "update", change).await.assert_status(200).json();
    assert_eq!((&changed["name"], &changed["timestamp"]), (&json!("Metal"), &made["timestamp"]));
    assert_eq!(get(&other, id, "get").await.assert_status(200).json(), changed);

    call(&other, id, "delete", Value::Null).await.assert_error(403, LACKS);
    call(&bot, id, "delete", Value::Null).await.assert_done(&format!("Signal {id} deleted"));
    get(&bot, id, "get").await.assert_status(400);
    call(&bot, id, "delete", Value::Null).await.assert_status(400);
}

#[tokio::test]
async fn what_is_no_signal_is_refused() {
    let pod = pod().await;
    let bot = pod.bot("bot").await;
    for bad in [
        json!({ "name": "A", "query": "AUTHOR:1" }),
        json!({ "name": "A", "query": "TEXT:gold" }),
        json!({ "name": "A", "query": "HASHTAG:a AND AUTHOR:bob" }),
        json!({ "name": "A", "query": "" }),
        json!({ "name": " ", "query": "HASHTAG:a" }),
        json!({ "name": "x".repeat(51), "query": "HASHTAG:a" }),
        json!({ "query": "HASHTAG:a" }),
        json!([]),
    ] {
        create(&bot, bad).await.assert_status(400);
    }
    for bad in ["limit=0", "limit=501", "skip=-1"] {
        bot.get(&format!("/agent/v1/signals/list?{bad}")).await.assert_status(400);
    }
}

#[tokio::test]
async fn a_list_has_ones_own_and_those_subscribed_to_in_pages() {
    let pod = pod().await;
    let (bot, other) = (pod.bot("bot").await, pod.bot("bot2").await);
    for name in ["A", "B", "C"] {
        let signal = json!({ "name": name, "query": "HASHTAG:a", "visibleOnProfile": name == "B" });
        let id = made(&bot, signal).await;
        if name == "B" {
            let subscribed = call(&other, &id, "subscribe", Value::Null).await;
            assert_eq!(subscribed.assert_status(200).json(), done(1, json!([])));
        }
    }
    made(&bot, json!({ "name": "All", "query": "HASHTAG:a", "companyWide": true })).await;
    let names = async |bot: &Bot, query: &str| {
        let list = bot.get(&format!("/agent/v1/signals/list?{query}")).await.assert_status(200);
        let list = list.json();
        let name = |signal: &Value| signal["name"].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(&bot, "").await, ["A", "B", "C", "All"]);
    assert_eq!(names(&bot, "skip=1&limit=2").await, ["B", "C"]);
    assert_eq!(names(&other, "").await, ["B", "All"]);
}

#[tokio::test]
async fn others_are_subscribed_and_those_pushed_cannot_leave() {
    let pod = pod().await;
    let (bot, other) = (pod.bot("bot").await, pod.bot("bot2").await);
    let open = json!({ "name": "Gold", "query": "HASHTAG:gold", "visibleOnProfile": true });
    let id = made(&bot, open).await;
    call(&other, &id, "subscribe", json!([ALICE])).await.assert_error(403, LACKS);
    pod.clock().advance(Duration::from_secs(60));
    let some = json!([BOT2, ALICE, BOB, CAROL, 17]);
    let pushed = bot.post(&format!("/agent/v1/signals/{id}/subscribe?pushed=True"), &some).await;
    let unknown = |user: u64| {
        let message = "The user does not exist or is not active";
        json!({ "userId": user, "code": "USER_NOT_FOUND", "message": message })
    };
    let errors = json!([unknown(BOB), unknown(CAROL), unknown(17)]);
    assert_eq!(pushed.assert_status(200).json(), done(5, errors));

    let at = |seconds: u64| FROZEN.as_millis() + 1_000 * seconds;
    let subscribers = get(&bot, &id, "subscribers").await.assert_status(200).json();
    assert_eq!(
        subscribers,
        json!({ "offset": 0, "hasMore": false, "total": 3, "data": [
            { "pushed": false, "owner": true, "subscriberName": "Bot", "userId": BOT, "timestamp": at(0) },
            { "pushed": true, "owner": false, "subscriberName": "bot2", "userId": BOT2, "timestamp": at(60) },
            { "pushed": true, "owner": false, "subscriberName": "Alice", "userId": ALICE, "timestamp": at(60) },
        ] })
    );
    let page = get(&bot, &id, "subscribers?skip=1&limit=1").await.json();
    assert_eq!((&page["offset"], &page["hasMore"]), (&json!(1), &json!(true)));
    assert_eq!((&page["total"], &page["data"]), (&json!(3), &json!([subscribers["data"][1]])));

    call(&other, &id, "unsubscribe", Value::Null).await.assert_error(403, LACKS);
    call(&bot, &id, "unsubscribe", Value::Null).await.assert_error(403, LACKS);
    let owner = json!({
        "userId": BOT, "code": "SIGNAL_OWNER", "message": "The owner of a signal cannot leave it",
    });
    let left = call(&bot, &id, "unsubscribe", json!([BOT, BOT2, ALICE])).await;
    assert_eq!(left.assert_status(200).json(), done(3, json!([owner])));
    assert_eq!(get(&bot, &id, "subscribers").await.json()["total"], 1);
    // He who came by himself may go.
    for verb in ["subscribe", "unsubscribe"] {
        call(&other, &id, verb, Value::Null).await.assert_status(200);
    }
}

#[tokio::test]
async fn everybody_has_a_company_wide_signal_and_stays() {
    let pod = pod().await;
    let (bot, other) = (pod.bot("bot").await, pod.bot("bot2").await);
    let wide = json!({ "name": "All", "query": "HASHTAG:all", "companyWide": true });
    create(&other, wide.clone()).await.assert_error(403, LACKS);
    let id = made(&bot, wide.clone()).await;
    get(&other, &id, "get").await.assert_status(200);
    let subscribers = get(&other, &id, "subscribers").await.assert_status(200).json();
    let all: Vec<_> = subscribers["data"].as_array().unwrap().iter().collect();
    let users: Vec<_> = all.iter().map(|it| it["userId"].as_u64().unwrap()).collect();
    assert_eq!(users, [BOT, BOT2, ALICE]);
    assert_eq!((&all[0]["owner"], &all[1]["pushed"]), (&json!(true), &json!(true)));
    call(&other, &id, "unsubscribe", Value::Null).await.assert_error(403, LACKS);
    call(&bot, &id, "unsubscribe", json!([ALICE])).await.assert_error(403, LACKS);
    call(&other, &id, "update", wide).await.assert_error(403, LACKS);
    let own = made(&other, json!({ "name": "Mine", "query": "HASHTAG:all" })).await;
    let widened = json!({ "name": "Mine", "query": "HASHTAG:all", "companyWide": true });
    call(&other, &own, "update", widened).await.assert_error(403, LACKS);
}

#[tokio::test]
async fn a_signal_shows_the_messages_that_it_is_about() {
    let pod = pod().await;
    let (bot, other) = (pod.bot("bot").await, pod.bot("bot2").await);
    let gold = say(&pod, &bot, "Den", "<hash tag=\"Gold\"/>").await;
    let silver = say(&pod, &other, "Den", "<hash tag=\"silver\"/> <cash tag=\"xau\"/>").await;
    say(&pod, &bot, "Den", "gold").await;
    let hidden = say(&pod, &other, "Attic", "<hash tag=\"gold\"/>").await;
    let search = async |bot: &Bot, id: &str, more: &str| {
        let path = format!("/agent/v1/message/search?query=signal:{id}{more}");
        let answer = bot.get(&path).await;
        if answer.status == 204 {
            return Vec::new();
        }
        let found = answer.assert_status(200).json();
        found.as_array().unwrap().iter().map(|message| message["messageId"].clone()).collect()
    };
    for (query, shown) in [
        ("HASHTAG:gold", vec![&gold]),
        ("hashtag:#GOLD OR cashtag:$XAU", vec![&silver, &gold]),
        (&format!("(HASHTAG:gold OR CASHTAG:xau) AND AUTHOR:{BOT2}"), vec![&silver]),
        ("HASHTAG:silver AND CASHTAG:xau", vec![&silver]),
        (&format!("HASHTAG:gold AND POSTEDBY:{BOT}"), vec![]),
    ] {
        let id = made(&bot, json!({ "name": "A", "query": query, "visibleOnProfile": true })).await;
        let found: Vec<Value> = search(&bot, &id, "").await;
        assert_eq!(found.iter().collect::<Vec<_>>(), shown, "{query}");
    }
    let mine = made(&bot, json!({ "name": "A", "query": "HASHTAG:gold" })).await;
    let body = json!({ "signal": mine, "fromDate": FROZEN.as_millis() + 2 });
    bot.post("/agent/v1/message/search", &body).await.assert_status(204);
    let path = "/agent/v1/message/search?query=signal";
    other.get(&format!("{path}:{mine}")).await.assert_error(403, LACKS);
    bot.get(&format!("{path}:x")).await.assert_status(400);
    bot.get(&format!("{path}:{mine} AND hashtag:a")).await.assert_status(400);

    // Everybody sees what is in his own streams.
    let open =
        made(&bot, json!({ "name": "A", "query": "HASHTAG:gold", "companyWide": true })).await;
    assert_eq!(search(&other, &open, "").await, [hidden.clone(), gold.clone()]);
    let control = pod.control();
    let shown = control.get(&format!("/_mock/people/bot2/signals/{open}/messages")).send().await;
    let shown = shown.assert_status(200).json();
    let ids: Vec<_> =
        shown["messages"].as_array().unwrap().iter().map(|it| &it["messageId"]).collect();
    assert_eq!(ids, [&gold, &hidden]);
}

#[tokio::test]
async fn people_make_signals_and_subscribe_on_the_control_port() {
    let pod = pod().await;
    let (control, bot) = (pod.control(), pod.bot("bot").await);
    let does = async |who: &str, what: &str, body: Value| {
        control.post(&format!("/_mock/people/{who}/{what}")).json(&body).send().await
    };
    let signal = json!({ "name": "Gold", "query": "HASHTAG:gold", "visibleOnProfile": true });
    let made = does("alice", "signals", signal).await.assert_status(200).json();
    let id = made["signalId"].as_str().unwrap();
    does("bot", "subscriptions", json!({ "signal": id })).await.assert_status(200);
    assert_eq!(bot.get("/agent/v1/signals/list").await.json()[0]["name"], "Gold");
    let leave = json!({ "signal": id, "subscribe": false });
    does("bot", "subscriptions", leave.clone()).await.assert_status(200);
    assert_eq!(bot.get("/agent/v1/signals/list").await.json(), json!([]));
    does("alice", "subscriptions", leave).await.assert_status(400);
    does("alice", "signals", json!({ "name": "A", "query": "x" })).await.assert_status(400);
}

#[tokio::test]
async fn apps_deal_with_their_users_signals() {
    let pod = pod().await;
    let app = pod.client("app").post("/sessionauth/v1/app/authenticate").send().await.token();
    let path = "/sessionauth/v1/app/username/alice/authenticate";
    let hers = pod.client("app").post(path).session(&app).send().await.assert_status(200).json();
    let hers = hers["sessionToken"].as_str().unwrap();
    let create = pod.anonymous().post("/agent/v1/signals/create").session(hers);
    let signal = json!({ "name": "Gold", "query": "HASHTAG:gold" });
    create.json(&signal).send().await.assert_status(200);
    let list = pod.anonymous().get("/agent/v1/signals/list").session(hers).send().await;
    assert_eq!(list.assert_status(200).json()[0]["name"], "Gold");
    let search = pod.anonymous().get("/agent/v1/message/search?query=signal:x").session(hers);
    search.send().await.assert_status(403);
}
