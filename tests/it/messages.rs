//! Messages: sent in every dialect, read, updated, suppressed, shared.

use std::time::Duration;

use serde_json::{Value, json};

use crate::pod::{Answer, Client, FROZEN, Pod, Request};

pub const BOT: u64 = 1 << 36 | 1;
const ALICE: u64 = 1 << 36 | 3;
const CAROL: u64 = 2 << 36 | 1;

/// A pod where `bot` and `bot2` are in the rooms `Den` and `Stage`; only `bot` may write on the
/// stage. `admin` oversees rooms and is in none.
const DEN: &str = "
    pod: { agentVersion: Agent-25.1.0-7-Linux-x }
    foreignPods: [{ id: 2, company: Partner }]
    users:
      - { username: bot, accountType: SYSTEM, displayName: First Bot }
      - { username: bot2, accountType: SYSTEM }
      - { username: alice, displayName: Alice Adams, email: alice@mock-pod.example }
      - { username: admin, accountType: SYSTEM,
          roles: [INDIVIDUAL, USER_PROVISIONING, CONTENT_MANAGEMENT] }
      - { username: carol, pod: 2 }
    rooms:
      - { name: Den, owners: [bot], members: [bot2, alice] }";

/// A user at work in a room.
pub struct Bot {
    client: Client,
    pub token: String,
    /// Id of the room `Den`.
    pub den: String,
}

/// One part of a form, as some SDK writes it.
pub struct Part {
    head: String,
    content: Vec<u8>,
}

impl Bot {
    pub async fn of(pod: &Pod, name: &str) -> Self {
        let (client, token) = (pod.anonymous(), pod.log_in(name).await);
        let bot = Self { client, token, den: String::new() };
        let streams = bot.post("/pod/v1/streams/list").json(&json!({})).send().await;
        let den = match streams.status {
            200 => streams.json()[0]["id"].as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        Self { den, ..bot }
    }

    /// The same user in another stream.
    pub fn turned_to(self, stream: &str) -> Self {
        Self { den: stream.to_owned(), ..self }
    }

    pub fn get(&self, path: &str) -> Request {
        self.client.get(path).session(&self.token)
    }

    pub fn post(&self, path: &str) -> Request {
        self.client.post(path).session(&self.token)
    }

    /// Sends a form to a path.
    pub async fn submit(&self, path: &str, parts: &[Part]) -> Answer {
        form(self.post(path), parts).send().await
    }

    /// Creates a message in the den with these parts.
    pub async fn create(&self, parts: &[Part]) -> Answer {
        self.submit(&format!("/agent/v4/stream/{}/message/create", self.den), parts).await
    }

    /// Says something in the den.
    pub async fn say(&self, text: &str) -> Value {
        let message = format!("<messageML>{text}</messageML>");
        self.create(&[part("message", &message)]).await.assert_status(200).json()
    }

    async fn update(&self, id: &str, text: &str) -> Answer {
        let path = format!("/agent/v4/stream/{}/message/{id}/update", self.den);
        let message = format!("<messageML>{text}</messageML>");
        self.submit(&path, &[part("message", &message)]).await
    }

    async fn history(&self, query: &str) -> Answer {
        self.get(&format!("/agent/v4/stream/{}/message?{query}", self.den)).send().await
    }

    async fn message(&self, id: &str) -> Answer {
        self.get(&format!("/agent/v1/message/{id}")).send().await
    }

    async fn suppress(&self, id: &str) -> Answer {
        self.post(&format!("/pod/v1/admin/messagesuppression/{id}/suppress")).send().await
    }
}

pub fn part(name: &str, content: &str) -> Part {
    typed(name, "text/plain", content)
}

fn typed(name: &str, content_type: &str, content: &str) -> Part {
    let head = format!(
        "Content-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {content_type}\r\n"
    );
    Part { head, content: content.into() }
}

pub fn file(name: &str, file_name: &str, content_type: &str, content: &[u8]) -> Part {
    let head = format!(
        "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
         Content-Type: {content_type}\r\n"
    );
    Part { head, content: content.into() }
}

/// A part with exactly these headers.
pub fn raw(head: &str, content: &str) -> Part {
    Part { head: format!("{head}\r\n"), content: content.into() }
}

pub fn form(request: Request, parts: &[Part]) -> Request {
    let mut body = Vec::new();
    for part in parts {
        body.extend(format!("--Boundary_1_x\r\n{}\r\n", part.head).bytes());
        body.extend(&part.content);
        body.extend(b"\r\n");
    }
    body.extend(b"--Boundary_1_x--\r\n");
    request.header("Content-Type", "multipart/form-data; boundary=Boundary_1_x").body(body)
}

fn id(message: &Value) -> &str {
    message["messageId"].as_str().expect("a message id")
}

fn texts(list: &Value) -> Vec<String> {
    let text = |message: &Value| {
        let ml = message["message"].as_str().expect("a text");
        let start = ml.find('>').expect("a root") + 1;
        ml[start..ml.rfind("</").expect("an end")].to_owned()
    };
    list.as_array().expect("a list").iter().map(text).collect()
}

#[tokio::test]
async fn a_message_is_answered_as_it_is_stored() {
    let scenario = symphony_mock_pod::Scenario::parse(DEN).expect("a scenario");
    let clock = symphony_mock_pod::Clock::frozen_at(FROZEN);
    let builder = symphony_mock_pod::MockPod::builder().scenario(scenario).clock(clock);
    let pod = Pod::built(builder).await;
    let bot = Bot::of(&pod, "bot").await;
    let sent = bot.say("Hello <mention email=\"alice@mock-pod.example\"/>").await;
    let presentation = "<div data-format=\"PresentationML\" data-version=\"2.0\">Hello \
                        <span class=\"entity\" data-entity-id=\"mention1\">@Alice Adams</span>\
                        </div>";
    let data: Value = serde_json::from_str(sent["data"].as_str().expect("text")).expect("JSON");
    assert_eq!(data["mention1"]["id"][0]["value"], ALICE.to_string());
    let expected = json!({
        "messageId": id(&sent),
        "timestamp": FROZEN.as_millis(),
        "message": presentation,
        "data": sent["data"],
        "user": { "userId": BOT, "displayName": "First Bot", "username": "bot" },
        "stream": {
            "streamId": bot.den,
            "streamType": "ROOM",
            "roomName": "Den",
            "external": false,
            "crossPod": false,
        },
        "userAgent": "Agent-25.1.0-7-Linux-x",
        "originalFormat": "com.symphony.messageml.v2",
        "sid": sent["sid"],
    });
    assert_eq!(sent, expected);
    assert!(id(&sent).len() == 34 && id(&sent).ends_with("bQ"), "{sent}");
    assert_eq!(bot.message(id(&sent)).await.assert_status(200).json(), expected);
    let standard = id(&sent).replace('-', "%2B").replace('_', "%2F") + "%3D%3D";
    assert_eq!(bot.message(&standard).await.assert_status(200).json(), expected);
    assert_eq!(bot.history("since=0").await.assert_status(200).json(), json!([expected]));
}

#[tokio::test]
async fn forms_are_read_in_every_dialect() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let hello = "<messageML>Grüße</messageML>";
    for (dialect, parts) in [
        // In the order of a Java HashMap, with `data` always there.
        (
            "the Java BDK",
            vec![
                part("silent", "true"),
                part("data", ""),
                part("message", hello),
                part("version", "2.0"),
            ],
        ),
        (
            "the Python BDK",
            vec![
                typed("message", "text/plain; charset=utf-8", hello),
                typed("data", "text/plain; charset=utf-8", ""),
                typed("version", "text/plain; charset=utf-8", ""),
                typed("silent", "text/plain; charset=utf-8", "True"),
            ],
        ),
        (
            "the legacy Python SDK",
            vec![raw(
                "Content-Disposition: form-data; name=\"message\"; filename=\"message\"",
                hello,
            )],
        ),
        ("the .NET SDK", vec![raw("Content-Disposition: form-data; name=message", hello)]),
        ("a stranger", vec![part("unheard-of", "x"), part("message", hello)]),
    ] {
        let sent = bot.create(&parts).await;
        assert_eq!(sent.status, 200, "{dialect}: {}", sent.body);
        assert_eq!(texts(&json!([sent.json()])), ["Grüße"], "{dialect}");
    }
}

#[tokio::test]
async fn version_4_takes_json_too_from_a_pod_that_is_tolerant() {
    let pod = Pod::seeded(&format!("{DEN}\n    settings: {{ requestBodies: tolerant }}")).await;
    let bot = Bot::of(&pod, "bot").await;
    let path = format!("/agent/v4/stream/{}/message/create", bot.den);
    let body = json!({ "message": "<messageML>Hello</messageML>" });
    let sent = bot.post(&path).json(&body).send().await.assert_status(200);
    assert_eq!(texts(&json!([sent.json()])), ["Hello"]);
    let entity = json!({ "thing": { "type": "example.thing", "version": "1.0" } });
    for data in [entity.clone(), json!(entity.to_string())] {
        let message = "<messageML><div class=\"entity\" data-entity-id=\"thing\"/></messageML>";
        let body = json!({ "message": message, "data": data });
        let sent = bot.post(&path).json(&body).send().await.assert_status(200).json();
        let data: Value = serde_json::from_str(sent["data"].as_str().expect("text")).expect("JSON");
        assert_eq!(data, entity);
    }
    bot.post(&path).json(&json!({ "text": "x" })).send().await.assert_status(400);
}

#[tokio::test]
async fn what_is_no_message_is_refused_in_the_agents_words() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    for (message, why) in [
        ("", "Error parsing message: the message cannot be null or empty"),
        ("<p>x</p>", "Root tag must be <messageML> or <div>"),
        ("<messageML><x/></messageML>", "Invalid MessageML content at element \"x\""),
        ("<messageML><mention uid=\"1\"/></messageML>", "Failed to lookup user \"1\""),
    ] {
        bot.create(&[part("message", message)]).await.assert_error(400, why);
    }
    let hello = part("message", "<messageML>Hello</messageML>");
    bot.create(&[hello, part("data", "[1]")])
        .await
        .assert_error(400, "Error parsing EntityJSON: provided content is not a JSON object");
    bot.create(&[part("silent", "perhaps")]).await.assert_status(400);
    let broken = bot.post(&format!("/agent/v4/stream/{}/message/create", bot.den));
    let broken = broken.header("Content-Type", "multipart/form-data; boundary=x").body("--x\r\n");
    broken.send().await.assert_status(400);
    assert_eq!(bot.history("since=0").await.status, 204, "nothing was sent");
}

#[tokio::test]
async fn limits_have_their_errors() {
    let settings = "messageMaxEncrypted: 800, messageMaxSize: 1200, messageMaxEntities: 2";
    let pod = Pod::seeded(&format!("{DEN}\n    settings: {{ {settings} }}")).await;
    let bot = Bot::of(&pod, "bot").await;
    let refused = async |text: &str, data: &str| {
        let message = format!("<messageML>{text}</messageML>");
        let refused = bot.create(&[part("message", &message), part("data", data)]).await;
        refused.assert_status(400).json()["message"].as_str().expect("a text").to_owned()
    };
    let total = "{message=Limit message-content-max-total-size reached, \
                 status=PAYLOAD_TOO_LARGE, code=LIMIT_MESSAGE_CONTENT_MAX_TOTAL_SIZE_REACHED}";
    let data = json!({ "x": "y".repeat(1_150) }).to_string();
    assert_eq!(refused("Hello", &data).await, total);
    assert!(refused(&"x".repeat(700), "").await.contains("message-content-max-size"));
    let tags = "<hash tag=\"a\"/><hash tag=\"b\"/><cash tag=\"c\"/>";
    assert!(refused(tags, "").await.contains("message-content-max-entities"));
    bot.say("<hash tag=\"a\"/><hash tag=\"b\"/>").await;
}

#[tokio::test]
async fn only_members_write_and_read() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let said = bot.say("Hello").await;
    let admin = Bot { den: bot.den.clone(), ..Bot::of(&pod, "admin").await };
    let standard = bot.den.replace('-', "+").replace('_', "/") + "==";
    let stranger = (1_u64 << 36) | 4;
    let text = format!(
        "403 Forbidden: {{\"message\":\"User does not belong to room: userId={stranger}, \
         threadId={standard}\",\"status\":\"FORBIDDEN\"}}"
    );
    let message = part("message", "<messageML>x</messageML>");
    admin.create(&[message]).await.assert_error(403, &text);
    admin.history("since=0").await.assert_error(403, &text);
    admin.message(id(&said)).await.assert_error(403, &text);
}

#[tokio::test]
async fn owners_alone_write_in_a_read_only_room_and_nobody_in_a_closed_one() {
    let pod = Pod::seeded(DEN).await;
    let (bot, bot2) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "bot2").await);
    let update = json!({ "readOnly": true });
    let path = format!("/pod/v3/room/{}/update", bot.den);
    bot.post(&path).json(&update).send().await.assert_status(200);
    bot.say("Hear, hear").await;
    let message = [part("message", "<messageML>x</messageML>")];
    bot2.create(&message)
        .await
        .assert_error(403, "The user lacks the required entitlement to perform this operation");
    let path = format!("/pod/v1/room/{}/setActive?active=false", bot.den);
    bot.post(&path).send().await.assert_status(200);
    bot.create(&message).await.assert_status(400);
}

#[tokio::test]
async fn a_stranger_of_another_pod_cannot_be_written_to() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let im = bot.post("/pod/v1/im/create").json(&json!([CAROL])).send().await;
    im.assert_status(403);
    let im = bot.post("/pod/v1/im/create").json(&json!([ALICE])).send().await.assert_status(200);
    let im = Bot { den: im.json()["id"].as_str().expect("an id").into(), ..bot };
    im.say("Hello Alice").await;
}

#[tokio::test]
async fn a_history_comes_newest_first_and_in_parts() {
    let pod = Pod::seeded(DEN).await;
    pod.clock().freeze();
    let bot = Bot::of(&pod, "bot").await;
    assert_eq!(bot.history("since=0").await.body, "");
    bot.history("since=0").await.assert_status(204);
    let begin = pod.clock().now().as_millis();
    for text in ["one", "two", "three", "four"] {
        bot.say(text).await;
        pod.clock().advance(Duration::from_millis(1));
    }
    let read = async |query: String| {
        let answer = bot.history(&query).await;
        if answer.status == 204 { vec![] } else { texts(&answer.assert_status(200).json()) }
    };
    assert_eq!(read("since=0".into()).await, ["four", "three", "two", "one"]);
    assert_eq!(read("since=0&limit=2".into()).await, ["four", "three"]);
    assert_eq!(read("since=0&skip=1&limit=2".into()).await, ["three", "two"]);
    assert_eq!(read(format!("since={}", begin + 2)).await, ["four", "three"]);
    assert_eq!(read(format!("since={begin}&until={}", begin + 1)).await, ["two", "one"]);
    assert_eq!(read(format!("since={}&until={begin}", begin + 2)).await, Vec::<String>::new());
    bot.history("").await.assert_status(400);
    bot.history("since=yesterday").await.assert_status(400);
    let nowhere = bot.get("/agent/v4/stream/nonsense/message?since=0").send().await;
    nowhere.assert_status(400);
}

#[tokio::test]
async fn who_joins_a_room_without_history_reads_on_from_there() {
    let pod = Pod::seeded(DEN).await;
    pod.clock().freeze();
    let bot = Bot::of(&pod, "bot").await;
    let before = bot.say("before").await;
    pod.clock().advance(Duration::from_secs(1));
    let add = format!("/pod/v1/room/{}/membership/add", bot.den);
    let admin = (1_u64 << 36) | 4;
    bot.post(&add).json(&json!({ "id": admin })).send().await.assert_status(200);
    bot.say("after").await;
    let admin = Bot::of(&pod, "admin").await;
    assert_eq!(texts(&admin.history("since=0").await.json()), ["after"]);
    admin.message(id(&before)).await.assert_status(204);
}

#[tokio::test]
async fn an_update_is_a_message_that_points_back() {
    let pod = Pod::seeded(DEN).await;
    pod.clock().freeze();
    let (bot, bot2) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "bot2").await);
    let first = bot.say("first").await;
    pod.clock().advance(Duration::from_secs(1));
    let second = bot.update(id(&first), "second").await.assert_status(200).json();
    assert_eq!(second["replacing"], first["messageId"]);
    assert_eq!(second["initialMessageId"], first["messageId"]);
    assert_eq!(second["initialTimestamp"], first["timestamp"]);
    assert_eq!(second["silent"], true);
    let third = bot.update(id(&second), "third").await.assert_status(200).json();
    assert_eq!(third["replacing"], second["messageId"]);
    assert_eq!(third["initialMessageId"], first["messageId"]);
    let old = bot.message(id(&first)).await.json();
    assert_eq!(old["replacedBy"], second["messageId"]);

    bot2.update(id(&third), "not mine").await.assert_status(403);
    bot.suppress(id(&third)).await.assert_status(200);
    bot.update(id(&third), "gone").await.assert_status(400);
    let elsewhere = bot.post("/pod/v1/im/create").json(&json!([ALICE])).send().await;
    let elsewhere = elsewhere.json()["id"].as_str().expect("an id").to_owned();
    let elsewhere = Bot { den: elsewhere, ..bot };
    elsewhere.update(id(&first), "x").await.assert_status(400);
}

#[tokio::test]
async fn a_blast_reaches_whom_it_can_and_names_the_others() {
    let pod = Pod::seeded(&format!("{DEN}\n    settings: {{ blastMaxStreams: 2 }}")).await;
    let bot = Bot::of(&pod, "bot").await;
    let im = bot.post("/pod/v1/im/create").json(&json!([ALICE])).send().await;
    let im = im.json()["id"].as_str().expect("an id").to_owned();
    let blast = async |sids: &str, text: &str| {
        let message = format!("<messageML>{text}</messageML>");
        bot.submit("/agent/v4/message/blast", &[part("sids", sids), part("message", &message)])
            .await
    };
    let sent = blast(&format!("{},{im}", bot.den), "all").await.assert_status(200).json();
    assert_eq!(texts(&sent["messages"]), ["all", "all"]);
    assert_eq!(sent["errors"], json!({}));
    let unknown = bot.den.replace(&bot.den[..4], "AAAA");
    let sids = format!("{},{unknown},nonsense", bot.den);
    let sent = blast(&sids, "some").await.assert_status(200).json();
    assert_eq!(texts(&sent["messages"]), ["some"]);
    for failed in [unknown.as_str(), "nonsense"] {
        assert_eq!(sent["errors"][failed]["code"], 400, "{sent}");
    }
    blast("", "none").await.assert_status(400);
    blast(&bot.den, "<x/>").await.assert_status(400);
    blast(&format!("{0},{0},{0}", bot.den), "too many").await.assert_status(400);
}

#[tokio::test]
async fn earlier_versions_send_and_read_the_same_messages() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let create = |version: &str| format!("/agent/{version}/stream/{}/message/create", bot.den);
    let text = json!({ "format": "TEXT", "message": "1 < 2 & so on" });
    let first = bot.post(&create("v1")).json(&text).send().await.assert_status(200).json();
    let ml = "<messageML>1 &lt; 2 &amp; so on</messageML>";
    assert_eq!((&first["messageType"], &first["message"]), (&json!("Message"), &json!(ml)));
    assert!(first["timestamp"].is_string() && first["fromUserId"] == BOT, "{first}");
    for version in ["v2", "v3"] {
        let body = json!({ "format": "MESSAGEML", "message": "<messageML>Hi</messageML>" });
        let sent = bot.post(&create(version)).json(&body).send().await.assert_status(200).json();
        assert_eq!(sent["v2messageType"], "V2Message", "{version}: {sent}");
        assert_eq!(sent["streamId"], bot.den.as_str());
    }
    let body = json!({ "format": "HTML", "message": "x" });
    bot.post(&create("v2")).json(&body).send().await.assert_status(400);

    let history = |version: &str, query: &str| {
        bot.get(&format!("/agent/{version}/stream/{}/message?since=0{query}", bot.den))
    };
    let hi = "<messageML>Hi</messageML>";
    let v1 = history("v1", "&maxMessages=2").send().await.assert_status(200).json();
    assert_eq!((&v1[0]["message"], &v1[1]["message"]), (&json!(hi), &json!(hi)));
    let v2 = history("v2", "&offset=2&limit=5").send().await.assert_status(200).json();
    assert_eq!((&v2[0]["message"], &v2[1]), (&json!(ml), &Value::Null));
    let none = format!("/agent/v2/stream/{}/message?since=9999999999999", bot.den);
    bot.get(&none).send().await.assert_status(204);
}

#[tokio::test]
async fn a_suppressed_message_is_gone_and_says_when_only_once() {
    let pod = Pod::seeded(DEN).await;
    pod.clock().freeze();
    let (bot, bot2) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "bot2").await);
    let (mine, other) = (bot.say("mine").await, bot.say("other").await);
    bot2.suppress(id(&mine)).await.assert_status(403);
    let suppressed = bot.suppress(id(&mine)).await.assert_status(200).json();
    let now = pod.clock().now().as_millis();
    let expected = json!({ "messageId": id(&mine), "suppressed": true, "suppressionDate": now });
    assert_eq!(suppressed, expected);
    assert_eq!(bot.suppress(id(&mine)).await.json()["suppressionDate"], 0);
    bot.message(id(&mine)).await.assert_status(204);
    assert_eq!(texts(&bot2.history("since=0").await.json()), ["other"]);
    let admin = Bot::of(&pod, "admin").await;
    admin.suppress(id(&other)).await.assert_status(200);
    bot.history("since=0").await.assert_status(204);
    admin.suppress("nonsense").await.assert_status(400);
}

#[tokio::test]
async fn the_members_listening_hear_of_messages_and_suppressions_the_author_too() {
    let pod = Pod::seeded(DEN).await;
    let (bot, bot2) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "bot2").await);
    let mut feeds = Vec::new();
    for listener in [&bot, &bot2] {
        let feed = listener.post("/agent/v5/datafeeds").json(&json!({})).send().await;
        feeds.push((listener, feed.assert_status(201).json()["id"].as_str().unwrap().to_owned()));
    }
    let said = bot.say("Hello").await;
    bot.suppress(id(&said)).await.assert_status(200);
    for (listener, feed) in feeds {
        let path = format!("/agent/v5/datafeeds/{feed}/read");
        let read = listener.post(&path).json(&json!({ "ackId": "" })).send().await;
        let events = read.assert_status(200).json()["events"].clone();
        assert_eq!(events[0]["type"], "MESSAGESENT", "{events}");
        let message = &events[0]["payload"]["messageSent"]["message"];
        assert_eq!(message["messageId"], said["messageId"]);
        assert_eq!(message["externalRecipients"], false);
        assert_eq!(message["stream"]["recipientTenantIds"], json!([1]));
        assert_eq!(events[0]["initiator"]["user"]["userId"], BOT);
        assert_eq!(events[1]["type"], "MESSAGESUPPRESSED", "{events}");
        assert_eq!(events[1]["payload"]["messageSuppressed"]["messageId"], said["messageId"]);
    }
}

#[tokio::test]
async fn the_status_lists_everybody_whom_a_message_was_sent_to() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let said = bot.say("Hello").await;
    let status = async |id: &str| bot.get(&format!("/pod/v1/message/{id}/status")).send().await;
    let told = status(id(&said)).await.assert_status(200).json();
    assert_eq!(told["author"]["userId"], BOT.to_string());
    let sent = told["sent"].as_array().expect("a list");
    let names: Vec<_> = sent.iter().map(|user| user["userName"].as_str().unwrap()).collect();
    assert_eq!(names, ["bot2", "alice"]);
    assert!(sent[0]["timestamp"].is_string(), "{told}");
    assert_eq!((&told["read"], &told["delivered"]), (&json!([]), &json!([])));
    let unknown = id(&said).replace(&id(&said)[..4], "AAAA");
    status(&unknown).await.assert_status(404);
    let admin = Bot::of(&pod, "admin").await;
    let path = format!("/pod/v1/message/{}/status", id(&said));
    admin.get(&path).send().await.assert_status(403);
}

#[tokio::test]
async fn overseers_read_receipts_details_and_ids() {
    let pod = Pod::seeded(DEN).await;
    pod.clock().freeze();
    let (bot, admin) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "admin").await);
    let said = bot.say("Hello").await;
    let path = format!("/pod/v1/admin/messages/{}/receipts", id(&said));
    bot.get(&path).send().await.assert_status(403);
    let receipts = admin.get(&path).send().await.assert_status(200).json();
    assert_eq!(receipts["creator"], json!({ "id": BOT, "name": "First Bot" }));
    assert_eq!(receipts["stream"]["name"], "Den");
    let details = receipts["MessageReceiptDetail"].as_array().expect("a list");
    assert_eq!(details.len(), 2);
    assert_eq!(receipts["pagination"], json!({ "cursors": { "before": "0" } }));

    let body = json!({ "messageIds": [id(&said)] });
    let details = admin.post("/pod/v1/admin/messages").json(&body).send().await;
    let details = details.assert_status(200).json();
    assert_eq!((&details[0]["messageId"], &details[1]), (&said["messageId"], &Value::Null));

    let path = format!("/pod/v2/admin/streams/{}/messageIds", bot.den);
    let ids = admin.get(&path).send().await.assert_status(200).json();
    assert_eq!(ids["Data"], json!([id(&said)]));
    assert_eq!((&ids["TotalNumberFound"], &ids["numberReturned"]), (&json!(1), &json!(1)));
    let far = admin.get(&format!("{path}?since=0&to=86400001")).send().await;
    far.assert_status(422);
    let nowhere = path.replace(&bot.den[..4], "AAAA");
    admin.get(&nowhere).send().await.assert_status(404);
}

#[tokio::test]
async fn a_message_without_relations_has_empty_ones() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let said = bot.say("Hello").await;
    let path = format!("/pod/v1/admin/messages/{}/metadata/relationships", id(&said));
    bot.get(&path).send().await.assert_status(400);
    let relations = bot.get(&path).header("User-Agent", "test").send().await.assert_status(200);
    let expected =
        json!({ "messageId": id(&said), "replies": [], "forwards": [], "formReplies": [] });
    assert_eq!(relations.json(), expected);
}

#[tokio::test]
async fn an_article_is_shared_as_a_message() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let share = async |body: &Value| {
        bot.post(&format!("/agent/v3/stream/{}/share", bot.den)).json(body).send().await
    };
    let mut body = json!({
        "type": "com.symphony.sharing.article",
        "content": {
            "title": "Costs < $5 & falling",
            "author": "A. Author",
            "publisher": "The Paper",
            "appId": "app",
            "articleUrl": "https://paper.example/1?a=b&c=d",
        },
    });
    let shared = share(&body).await.assert_status(200).json();
    assert_eq!(shared["v2messageType"], "V2Message");
    let message = bot.message(shared["id"].as_str().expect("an id")).await.json();
    assert!(message["message"].as_str().unwrap().contains("Costs &lt; $5 &amp; falling"));
    let data: Value = serde_json::from_str(message["data"].as_str().unwrap()).expect("JSON");
    assert_eq!(data["article"]["title"], "Costs < $5 & falling");
    body["content"]["articleUrl"] = Value::Null;
    share(&body).await.assert_status(400);
    body["type"] = json!("com.symphony.sharing.song");
    share(&body).await.assert_status(400);
}

#[tokio::test]
async fn the_agent_tells_who_read_a_message_too() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let said = bot.say("Hello").await;
    let status = async |component: &str| {
        let path = format!("/{component}/v1/message/{}/status", id(&said));
        bot.get(&path).send().await.assert_status(200).json()
    };
    assert_eq!(status("agent").await, status("pod").await);
    let path = format!("/agent/v1/message/{}/status", id(&said));
    pod.anonymous().get(&path).send().await.assert_error(400, "Missing header: sessionToken");
}
