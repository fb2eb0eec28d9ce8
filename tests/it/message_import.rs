//! The import of messages from other systems.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::administrator::LACKS;
use crate::pod::{Answer, Bot, FROZEN, Pod};

const SCENARIO: &str = "
settings: { datafeedLongPoll: 0s }
users:
  - { username: importer, accountType: SYSTEM, roles: [INDIVIDUAL, CONTENT_MANAGEMENT] }
  - { username: bot, accountType: SYSTEM }
  - { username: alice, firstName: Alice }
  - { username: bob }
rooms:
  - { name: Den, owners: [importer], members: [bot, alice], viewHistory: true }
  - { name: Closed, owners: [importer], members: [alice], active: false }
  - { name: Attic, owners: [alice], members: [bot] }
";

const IMPORTER: u64 = 1 << 36 | 1;
const ALICE: u64 = 1 << 36 | 3;
const BOB: u64 = 1 << 36 | 4;
const YEAR: u64 = 365 * 24 * 3_600_000;
const PATH: &str = "/agent/v4/message/import";

struct Stage {
    pod: Pod,
    importer: Bot,
    den: String,
}

impl Stage {
    async fn set() -> Self {
        let scenario = Scenario::parse(SCENARIO).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        let pod = Pod::built(builder).await;
        let importer = pod.bot("importer").await;
        let mut stage = Self { pod, importer, den: String::new() };
        stage.den = stage.room("Den").await;
        stage
    }

    async fn room(&self, name: &str) -> String {
        let scenario = self.pod.control().get("/_mock/scenario").send().await.json();
        let mut rooms = scenario["rooms"].as_array().unwrap().iter();
        let room = rooms.find(|room| room["name"] == name).expect("a room");
        room["id"].as_str().expect("an id").to_owned()
    }

    async fn import(&self, path: &str, items: &Value) -> Answer {
        self.importer.post(path, items).await
    }

    /// A message of Alice's, a year ago.
    fn item(&self, text: &str) -> Value {
        json!({
            "message": format!("<messageML>{text}</messageML>"), "streamId": self.den,
            "intendedMessageTimestamp": FROZEN.as_millis() - YEAR,
            "intendedMessageFromUserId": ALICE, "originatingSystemId": "fooChat",
        })
    }

    async fn history(&self) -> Vec<Value> {
        let path = format!("/agent/v4/stream/{}/message?since=0", self.den);
        let answer = self.importer.get(&path).await;
        match answer.status {
            204 => Vec::new(),
            _ => answer.assert_status(200).json().as_array().unwrap().clone(),
        }
    }
}

fn with(mut item: Value, field: &str, value: Value) -> Value {
    item[field] = value;
    item
}

#[tokio::test]
async fn messages_come_to_stand_where_they_would_have_been_and_nobody_hears() {
    let stage = Stage::set().await;
    let feed =
        stage.importer.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let later = FROZEN.as_millis() - YEAR + 1;
    let items = json!([
        with(
            with(stage.item("second"), "intendedMessageTimestamp", json!(later.to_string())),
            "originalMessageId",
            json!("m-2")
        ),
        with(
            with(stage.item("first"), "intendedMessageFromUserId", json!(IMPORTER)),
            "data",
            json!("")
        ),
    ]);
    let done = stage.import(PATH, &items).await.assert_status(200).json();
    let ids: Vec<_> = [0, 1].map(|n| done[n]["messageId"].as_str().unwrap().to_owned()).into();
    assert_eq!(
        done,
        json!([
            { "messageId": ids[0], "originatingSystemId": "fooChat", "originalMessageId": "m-2", "diagnostic": null },
            { "messageId": ids[1], "originatingSystemId": "fooChat", "originalMessageId": null, "diagnostic": null },
        ])
    );
    let history = stage.history().await;
    let told: Vec<_> = history.iter().map(|it| (&it["messageId"], &it["timestamp"])).collect();
    let first = json!(FROZEN.as_millis() - YEAR);
    assert_eq!(told, [(&json!(ids[0]), &json!(later)), (&json!(ids[1]), &first)]);
    assert_eq!(history[0]["user"]["userId"], ALICE);
    assert!(history[0]["message"].as_str().unwrap().contains("second"));

    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let heard = stage.importer.post(&read, &json!({ "ackId": "" })).await.assert_status(200).json();
    assert_eq!(heard["events"], json!([]));
    let found = stage.importer.get("/agent/v1/message/search?query=author:68719476739").await;
    assert_eq!(found.assert_status(200).json()[0]["messageId"], ids[0]);
}

#[tokio::test]
async fn what_cannot_be_imported_says_why_and_hinders_no_other() {
    let stage = Stage::set().await;
    let (closed, attic) = (stage.room("Closed").await, stage.room("Attic").await);
    let future = json!(FROZEN.as_millis() + 1);
    let items = json!([
        with(stage.item("a"), "intendedMessageFromUserId", json!(BOB)),
        with(stage.item("a"), "streamId", json!(attic)),
        with(stage.item("a"), "streamId", json!(closed)),
        with(stage.item("a"), "streamId", json!("nowhere")),
        with(stage.item("a"), "intendedMessageTimestamp", future),
        with(stage.item("a"), "message", json!("<messageML><mention uid=\"1\"/></messageML>")),
        with(stage.item("a"), "attachments", json!([{ "filename": "a", "content": "?" }])),
        stage.item("good"),
    ]);
    let done = stage.import(PATH, &items).await.assert_status(200).json();
    for (n, why) in [
        format!("User {BOB} is not a member of the stream"),
        format!("User {IMPORTER} is not a member of the stream"),
        "The room is not active".into(),
        "not the id of one".into(),
        "The intended timestamp is in the future".into(),
        "".into(),
        "not base64".into(),
    ]
    .iter()
    .enumerate()
    {
        let diagnostic = done[n]["diagnostic"].as_str().unwrap_or_else(|| panic!("{n}: {done}"));
        assert!(diagnostic.contains(why), "{n}: {diagnostic}");
        assert_eq!(done[n]["messageId"], Value::Null);
    }
    assert_eq!(done[7]["diagnostic"], Value::Null);
    assert_eq!(stage.history().await.len(), 1);
}

#[tokio::test]
async fn a_repeated_import_is_known_by_the_id_of_the_other_system() {
    let stage = Stage::set().await;
    let item = with(stage.item("once"), "originalMessageId", json!("m-1"));
    let id = async |item: &Value| {
        let done = stage.import(PATH, &json!([item])).await.assert_status(200).json();
        done[0]["messageId"].clone()
    };
    let first = id(&item).await;
    assert_eq!(
        id(&with(item.clone(), "message", json!("<messageML>again</messageML>"))).await,
        first
    );
    let elsewhere = with(item.clone(), "originatingSystemId", json!("barChat"));
    assert_ne!(id(&elsewhere).await, first);
    // Without an id nobody knows.
    assert_ne!(id(&stage.item("a")).await, id(&stage.item("a")).await);
    assert_eq!(stage.history().await.len(), 4);

    // Nor does the pod forget when it is told as a seed.
    let told = stage.pod.control().get("/_mock/scenario").send().await.assert_status(200);
    let told = Scenario::parse(&told.body).expect("a scenario");
    let builder = MockPod::builder().scenario(told).clock(Clock::frozen_at(FROZEN));
    let again = Pod::built(builder).await;
    let importer = again.bot("importer").await;
    let done = importer.post(PATH, &json!([item])).await.assert_status(200).json();
    assert_eq!(done[0]["messageId"], first);
}

#[tokio::test]
async fn attachments_come_along_with_their_previews() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x06\0\0\0";
    let stage = Stage::set().await;
    // More than a body may have otherwise.
    let large = vec![b'x'; 4 << 20];
    let file = |name: &str, content: &[u8]| json!({ "filename": name, "content": STANDARD.encode(content) });
    let item =
        with(stage.item("see"), "attachments", json!([file("a.png", PNG), file("b.txt", &large)]));
    let item = with(item, "previews", json!([file("p.png", PNG)]));
    let done = stage.import(PATH, &json!([item])).await.assert_status(200).json();
    let id = done[0]["messageId"].as_str().unwrap();
    let message = stage.history().await.remove(0);
    let files = message["attachments"].as_array().unwrap();
    assert_eq!((&files[0]["name"], &files[1]["size"]), (&json!("a.png"), &json!(large.len())));
    assert_eq!(files[0]["images"][0]["dimension"], "2");
    let path = format!(
        "/agent/v1/stream/{}/attachment?messageId={id}&fileId={}",
        stage.den,
        files[0]["id"].as_str().unwrap()
    );
    let bytes = stage.importer.get(&path).await.assert_status(200).body;
    assert_eq!(STANDARD.decode(bytes).unwrap(), PNG);
}

#[tokio::test]
async fn earlier_versions_take_formats_and_warn() {
    let stage = Stage::set().await;
    for (version, format, text) in
        [("v1", "TEXT", "1 < 2"), ("v2", "MESSAGEML", "<messageML>1 &lt; 2</messageML>")]
    {
        let item = with(with(stage.item(""), "format", json!(format)), "message", json!(text));
        let item = with(item, "originalMessageId", json!("m-1"));
        let bad = with(stage.item("a"), "format", json!("HTML"));
        let path = format!("/agent/{version}/message/import");
        let answer = stage.import(&path, &json!([item, bad])).await.assert_status(200);
        assert_eq!(answer.header("x-warning"), "This method is deprecated");
        let done = answer.json();
        assert!(done[0]["messageId"].is_string() && done[0].get("diagnostic").is_none(), "{done}");
        assert!(done[1]["diagnostic"].is_string() && done[1].get("messageId").is_none(), "{done}");
        let origin = (version == "v2").then(|| json!("m-1"));
        assert_eq!(done[0].get("originalMessageId"), origin.as_ref());
        stage.pod.clock().advance(Duration::from_millis(1));
    }
    let history = stage.history().await;
    assert_eq!(history.len(), 2);
    for message in history {
        assert!(message["message"].as_str().unwrap().contains("1 &lt; 2"), "{message}");
    }
}

#[tokio::test]
async fn it_takes_a_content_manager_and_a_list_of_messages() {
    let stage = Stage::set().await;
    let bot = stage.pod.bot("bot").await;
    for version in ["v1", "v2", "v4"] {
        let path = format!("/agent/{version}/message/import");
        bot.post(&path, &json!([stage.item("a")])).await.assert_error(403, LACKS);
        assert_eq!(stage.import(&path, &json!([])).await.assert_status(200).json(), json!([]));
        for bad in [
            json!({}),
            json!([{ "message": "x" }]),
            json!([with(stage.item("a"), "intendedMessageTimestamp", json!("yesterday"))]),
            json!([with(stage.item("a"), "intendedMessageTimestamp", json!(-1))]),
            json!(vec![stage.item("a"); 1_001]),
        ] {
            stage.import(&path, &bad).await.assert_status(400);
        }
        let text = stage.pod.anonymous().post(&path).session(&stage.importer.token);
        text.header("Content-Type", "text/plain").body("[]").send().await.assert_status(415);
    }
    assert_eq!(stage.history().await, Vec::<Value>::new());
}
