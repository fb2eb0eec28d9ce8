//! A walk through the control port: every operation answers with success, and as it is described.
//! Whatever else the tests ask of the control port is held against the description on its way.

use reqwest::Method;
use serde_json::{Value, json};

use crate::contract::control_port;
use crate::messages::{file, form, part};
use crate::pod::{Answer, Pod};

const FORM: &str = "<messageML><form id=\"order\"><text-field name=\"dish\"/>\
    <button name=\"ok\" type=\"action\">Ok</button></form></messageML>";

/// Somebody who asks the control port.
struct Walk {
    pod: Pod,
    token: String,
}

impl Walk {
    async fn get(&self, path: &str) -> Value {
        succeed(self.pod.control().get(path).send().await)
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        succeed(self.pod.control().post(path).json(&body).send().await)
    }

    async fn call(&self, method: Method, path: &str) -> Value {
        succeed(self.pod.control().request(method, path).send().await)
    }

    async fn delete(&self, path: &str) {
        self.call(Method::DELETE, path).await;
    }

    async fn put(&self, path: &str, body: Value) -> Value {
        succeed(self.pod.control().request(Method::PUT, path).json(&body).send().await)
    }

    /// What somebody does.
    async fn does(&self, who: &str, what: &str, body: Value) -> Value {
        self.post(&format!("/_mock/people/{who}/{what}"), body).await
    }

    /// What the bot sends, with a file.
    async fn sends(&self, stream: &str, message: &str) -> String {
        let path = format!("/agent/v4/stream/{stream}/message/create");
        let request = self.pod.anonymous().post(&path).session(&self.token);
        let parts =
            [part("message", message), file("attachment", "menu.txt", "text/plain", b"soup")];
        text(&succeed(form(request, &parts).send().await)["messageId"])
    }
}

#[track_caller]
fn succeed(answer: Answer) -> Value {
    assert!((200..300).contains(&answer.status), "{answer:?}");
    serde_json::from_str(&answer.body).unwrap_or_default()
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[tokio::test]
async fn every_operation_answers_as_it_is_described() {
    let pod = Pod::with_settings("datafeedLongPoll: 1s").await;
    let token = pod.log_in("bot").await;
    let walk = Walk { pod, token };
    around(&walk).await;
    clock(&walk).await;
    bots(&walk).await;
    people(&walk).await;
    searches(&walk).await;
    faults(&walk).await;
    journal(&walk).await;
    states(&walk).await;
    let succeeded = control_port::succeeded();
    let unseen: Vec<_> =
        control_port::operations().into_iter().filter(|it| !succeeded.contains(*it)).collect();
    assert!(unseen.is_empty(), "nobody asked for {unseen:#?}");
}

async fn around(walk: &Walk) {
    for path in [
        "/",
        "/livez",
        "/readyz",
        "/metrics",
        "/_mock/openapi.json",
        "/_mock/operations",
        "/_mock/certs/ca.pem",
        "/_mock/people",
        "/_mock/pods",
        "/_mock/listeners",
        "/_mock/proxy",
        "/_mock/live?within=1ms",
        "/_mock/sdk-config/bot",
        "/_mock/sdk-config/bot?client=legacy-node",
    ] {
        walk.get(path).await;
    }
    let jwt = walk.post("/_mock/identity-jwt", json!({ "app": "app", "user": "alice" })).await;
    text(&jwt["jwt"]);
    let draft = json!({ "message": FORM });
    walk.post("/_mock/messageml", draft).await;
}

async fn clock(walk: &Walk) {
    walk.get("/_mock/clock").await;
    walk.post("/_mock/clock/advance", json!({ "by": "1s" })).await;
    walk.call(Method::POST, "/_mock/clock/freeze").await;
    let now = text(&walk.get("/_mock/clock").await["iso"]);
    walk.post("/_mock/clock/set", json!({ "to": now })).await;
    walk.call(Method::POST, "/_mock/clock/run").await;
}

/// What bots listen with.
async fn bots(walk: &Walk) {
    let create = walk.pod.anonymous().post("/agent/v5/datafeeds").session(&walk.token);
    let feed = text(&succeed(create.json(&json!({})).send().await)["id"]);
    let path = format!("/agent/v5/datafeeds/{feed}/read");
    let read = walk.pod.anonymous().post(&path).session(&walk.token).json(&json!({ "ackId": "" }));
    let listen = async {
        walk.post("/_mock/listening", json!({ "user": "bot" })).await;
        // Ends the read.
        walk.does("alice", "messages", json!({ "stream": "Test Room", "message": "hello" })).await;
    };
    tokio::join!(read.send(), listen);
    let feeds = walk.get("/_mock/feeds").await;
    let id = text(&feeds["feeds"][0]["id"]);
    walk.delete(&format!("/_mock/feeds/{id}")).await;
    walk.does("alice", "messages", json!({ "stream": "Test Room", "message": "unheard" })).await;
    walk.get("/_mock/hints").await;
    walk.get("/_mock/sessions").await;
}

async fn people(walk: &Walk) {
    let lobby = json!({ "rooms": [{ "name": "Lobby", "public": true, "owners": ["bob"] }] });
    walk.post("/_mock/scenario", lobby).await;
    let said = walk
        .does("alice", "messages", json!({ "stream": "Test Room", "message": "lunch @bot?" }))
        .await;
    let (message, room) = (text(&said["messageId"]), text(&said["streamId"]));
    let answer = json!({ "when": { "matches": "Menu" }, "answer": { "message": "soup" } });
    let scripted = walk.does("bob", "answers", answer).await;
    walk.get("/_mock/people/bob/answers").await;
    let form = walk.sends(&room, FORM).await;
    walk.delete(&format!("/_mock/people/bob/answers/{}", scripted["id"])).await;
    walk.delete("/_mock/people/bob/answers").await;
    let filled = json!({ "message": form, "button": "ok", "values": { "dish": "soup" } });
    walk.does("bob", "forms", filled).await;
    walk.does("bob", "reads", json!({ "message": form })).await;
    walk.get(&format!("/_mock/people/bob/attachments/{form}")).await;
    walk.does("alice", "edits", json!({ "message": message, "text": "dinner?" })).await;
    let reply = json!({ "stream": "Test Room", "message": "gone", "replyTo": message });
    let reply = walk.does("bob", "messages", reply).await;
    walk.does("bob", "suppressions", json!({ "message": reply["messageId"] })).await;
    walk.get("/_mock/people/alice/messages?stream=Test%20Room").await;
    for id in [&message, &form, &text(&reply["messageId"])] {
        walk.get(&format!("/_mock/messages/{id}")).await;
    }
    walk.does("alice", "joins", json!({ "stream": "Lobby" })).await;
    walk.does("bob", "members", json!({ "stream": "Lobby", "user": "bot" })).await;
    walk.does("alice", "leaves", json!({ "stream": "Lobby" })).await;
    walk.does("carol", "requests-to-join", json!({ "stream": "Test Room" })).await;
    walk.does("alice", "rooms", json!({ "name": "Lunch", "members": ["bot"] })).await;
    walk.does("alice", "rooms", json!({ "with": ["bob"] })).await;
    walk.get("/_mock/people/alice/streams").await;
    walk.does("alice", "presence", json!({ "category": "BUSY" })).await;
    walk.does("alice", "follows", json!({ "user": "bob", "follow": true })).await;
    walk.does("carol", "connections", json!({ "with": "bot", "action": "request" })).await;
    let event = json!({ "stream": "Test Room", "sourceSystem": "x", "eventSubtype": "y" });
    walk.post("/_mock/system-events", event).await;
    let entry = json!({ "action": "Room deactivated", "initiator": "alice" });
    walk.post("/_mock/audit", entry).await;
    walk.post("/_mock/partners/terminal/token", Value::Null).await;
}

async fn searches(walk: &Walk) {
    let said = json!({ "stream": "Test Room", "message": "#gold is up" });
    let said = walk.does("alice", "messages", said).await;
    let signal = walk.does("bob", "signals", json!({ "name": "Gold", "query": "HASHTAG:gold" }));
    let signal = text(&signal.await["signalId"]);
    walk.does("bob", "subscriptions", json!({ "signal": signal, "subscribe": true })).await;
    walk.get(&format!("/_mock/people/bob/signals/{signal}/messages")).await;
    walk.get("/_mock/people/bob/semantic-search?text=gold").await;
    let planned = json!({ "text": "metals", "messages": [said["messageId"]] });
    walk.post("/_mock/semantic-searches", planned).await;
    walk.get("/_mock/people/bob/semantic-search?text=metals").await;
    walk.delete("/_mock/semantic-searches").await;
}

async fn faults(walk: &Walk) {
    walk.get("/_mock/faults/packs").await;
    let fault = json!({ "operation": "sessioninfo_v2", "status": 503 });
    let planned = walk.post("/_mock/faults", fault).await;
    walk.post("/_mock/faults", json!({ "pack": "pod-500", "user": "bot2" })).await;
    walk.get("/_mock/faults").await;
    walk.delete(&format!("/_mock/faults/{}", text(&planned["id"]))).await;
    walk.delete("/_mock/faults").await;
}

async fn journal(walk: &Walk) {
    walk.pod.session_info("unknown").await.assert_status(401);
    walk.pod.session_info(&walk.token).await.assert_status(200);
    let logged_in = json!({ "operation": "session_authenticate_v1", "user": "bot" });
    walk.post("/_mock/expect", logged_in).await;
    let unmet = json!({ "operation": "session_authenticate_v1", "count": 9, "within": "1ms" });
    let unmet = walk.pod.control().post("/_mock/expect").json(&unmet).send().await;
    unmet.assert_status(417);
    let refused = walk.get("/_mock/requests?refused=true").await;
    let id = &refused["requests"][0]["id"];
    walk.get(&format!("/_mock/requests/{id}")).await;
    walk.get(&format!("/_mock/requests/{id}/why")).await;
    walk.get("/_mock/requests").await;
    walk.get("/_mock/requests.har").await;
    walk.get("/_mock/why").await;
    walk.delete("/_mock/requests").await;
}

async fn states(walk: &Walk) {
    walk.call(Method::POST, "/_mock/connections/close").await;
    walk.delete("/_mock/sessions/bot").await;
    walk.post("/_mock/snapshots", json!({ "name": "kept" })).await;
    walk.get("/_mock/snapshots").await;
    walk.put("/_mock/pods/other", json!({ "snapshot": "kept" })).await;
    walk.get("/t/other/_mock/clock").await;
    walk.delete("/_mock/pods/other").await;
    walk.call(Method::POST, "/_mock/snapshots/kept/restore").await;
    walk.delete("/_mock/snapshots/kept").await;
    let scenario = walk.get("/_mock/scenario").await;
    walk.put("/_mock/scenario", scenario).await;
    walk.call(Method::POST, "/_mock/reset").await;
}
