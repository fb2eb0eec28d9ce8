//! What enabled policies do: what they refuse, of whom, and what is recorded of it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::administrator::LACKS;
use crate::messages::{Part, file, form, part};
use crate::pod::{Answer, Bot, FROZEN, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
settings: { datafeedLongPoll: 0s }
users:
  - { username: guard, accountType: SYSTEM, roles: [INDIVIDUAL, EF_POLICY_MANAGEMENT] }
  - { username: exporter, accountType: SYSTEM, roles: [INDIVIDUAL, CONTENT_EXPORT_SERVICE] }
  - { username: bot, accountType: SYSTEM, roles: [INDIVIDUAL, CONTENT_MANAGEMENT] }
  - { username: free, accountType: SYSTEM, features: { canBypassDLP: true } }
  - { username: alice, displayName: Alice Bake }
  - { username: carol, pod: 2 }
connections: [{ from: bot, to: carol, status: ACCEPTED }]
rooms:
  - { name: Inside, owners: [bot, free], members: [alice] }
  - { name: Bridge, crossPod: true, owners: [bot], members: [carol] }
";

const BLOCK: &str = "
dlpDictionaries: [{ name: Kitchen, terms: [bake, facebook, facebook-IPO] }]
dlpPolicies:
  - name: Cooking Policy
    appliesTo:
      - { dictionaries: [Kitchen] }
      - { dataType: RoomMeta, dictionaries: [Kitchen] }
      - { dataType: SignalMeta, dictionaries: [Kitchen] }
";

const BOT: u64 = 1 << 36 | 3;
const ALICE: u64 = 1 << 36 | 5;
const ISSUES: &str = "Compliance issues found in message";

struct Stage {
    pod: Pod,
    guard: Bot,
    bot: Bot,
    inside: String,
    bridge: String,
}

impl Stage {
    async fn set(dlp: &str) -> Self {
        let scenario = Scenario::parse(&format!("{SCENARIO}{dlp}")).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        let pod = Pod::built(builder).await;
        let (guard, bot) = (pod.bot("guard").await, pod.bot("bot").await);
        let streams = bot.post("/pod/v1/streams/list", &json!({})).await.json();
        let id = |name: &str| {
            let mut streams = streams.as_array().unwrap().iter();
            let stream = streams.find(|stream| stream["roomAttributes"]["name"] == name);
            stream.unwrap()["id"].as_str().unwrap().to_owned()
        };
        Self { inside: id("Inside"), bridge: id("Bridge"), pod, guard, bot }
    }

    async fn submit(&self, bot: &Bot, path: &str, parts: &[Part]) -> Answer {
        form(self.pod.anonymous().post(path).session(&bot.token), parts).send().await
    }

    async fn send(&self, stream: &str, text: &str) -> Answer {
        self.send_as(&self.bot, stream, &[message(text)]).await
    }

    async fn send_as(&self, bot: &Bot, stream: &str, parts: &[Part]) -> Answer {
        let path = format!("/agent/v4/stream/{stream}/message/create");
        self.submit(bot, &path, parts).await
    }

    /// Sends a file.
    async fn attach(&self, name: &str, content: &[u8]) -> Answer {
        let parts = [message("See here"), file("attachment", name, "text/plain", content)];
        self.send_as(&self.bot, &self.inside, &parts).await
    }

    async fn list(&self, version: &str, what: &str, query: &str) -> Answer {
        let path = format!("/agent/{version}/dlp/violations/{what}?startTime=1&{query}");
        self.guard.get(&path).await
    }

    async fn violations(&self, version: &str, what: &str) -> Vec<Value> {
        let answer = self.list(version, what, "").await;
        match answer.status {
            204 => Vec::new(),
            _ => answer.assert_status(200).json()["violations"].as_array().unwrap().clone(),
        }
    }

    async fn alice(&self, body: Value) -> Answer {
        self.pod.control().post("/_mock/people/alice/messages").json(&body).send().await
    }
}

fn message(text: &str) -> Part {
    part("message", &format!("<messageML>{text}</messageML>"))
}

#[track_caller]
fn assert_refused(answer: &Answer, message: &str) {
    assert_eq!((answer.status, &answer.json()["message"]), (451, &json!(message)), "{answer:?}");
}

/// A bot leaks a client's name, and compliance stops it.
#[tokio::test]
async fn a_bot_leaks_a_clients_name_and_compliance_stops_it() {
    let stage = Stage::set("").await;
    let words = json!({ "name": "Clients", "type": "Word" });
    let made = stage.guard.post("/agent/v1/dlp/dictionaries", &words).await.json();
    let dictionary = made["data"]["dictRef"]["dictId"].as_str().unwrap();
    let upload = format!("/agent/v1/dlp/dictionaries/{dictionary}/data/upload");
    let terms = [file("data", "clients.txt", "text/plain", b"Acme Ltd\nGlobex")];
    stage.submit(&stage.guard, &upload, &terms).await.assert_status(200);
    let wish = json!({ "name": "Client names", "dictionaryIds": [dictionary], "type": "Block",
        "contentTypes": ["Messages"], "scopes": ["Internal", "External"] });
    let made = stage.guard.post("/agent/v1/dlp/policies", &wish).await.json();
    let policy = format!("/agent/v1/dlp/policies/{}", made["data"]["policyId"].as_str().unwrap());

    let leak = "Sold to ACME LTD.";
    stage.send(&stage.inside, leak).await.assert_status(200);
    stage.guard.post(&format!("{policy}/enable"), &Value::Null).await.assert_status(200);
    stage.send(&stage.inside, "Sold to Acme.").await.assert_status(200);
    let refused = stage.send(&stage.inside, leak).await.assert_status(451);
    assert_eq!(
        refused.json(),
        json!({ "code": 451, "message": ISSUES, "details": [{
            "detectionIn": "TEXT",
            "policyResults": [{ "name": "Client names", "status": "BLOCK",
                "scopes": ["INTERNAL", "EXTERNAL"], "reasons": ["Acme Ltd"] }],
        }] })
    );
    let why = stage.pod.why().expect("there was a refusal").to_string();
    assert!(why.contains("policy \"Client names\" (Block) matched the word \"Acme Ltd\""), "{why}");

    let found = stage.violations("v1", "message").await;
    let [leaked] = &found[..] else { panic!("{found:?}") };
    assert!(leaked["message"]["message"].as_str().unwrap().contains(leak), "{leaked}");
    assert_eq!(leaked["violation"]["matchedPolicies"][0]["terms"], "Acme Ltd");
    let history = format!("/agent/v4/stream/{}/message?since=0", stage.inside);
    let said = stage.bot.get(&history).await.json();
    assert_eq!(said.as_array().unwrap().len(), 2);

    stage.guard.post(&format!("{policy}/disable"), &Value::Null).await.assert_status(200);
    stage.send(&stage.inside, leak).await.assert_status(200);
}

/// One in three calls: a policy, a message, a look.
#[tokio::test]
async fn a_test_has_a_violation_in_three_calls() {
    let stage = Stage::set("").await;
    let readme = include_str!("../../README.md");
    let mut blocks = readme.split("```yaml\n").filter_map(|rest| rest.split("```").next());
    let told = blocks.find(|block| block.starts_with("dlpDictionaries")).expect("it tells of it");
    let control = stage.pod.control();
    control.post("/_mock/scenario").body(told.to_owned()).send().await.assert_status(200);
    stage.send(&stage.inside, "Sold to Acme Ltd").await.assert_status(451);
    assert_eq!(stage.violations("v3", "message").await.len(), 1);
}

#[tokio::test]
async fn every_way_to_say_something_is_looked_at() {
    let stage = Stage::set(BLOCK).await;
    let (inside, bridge) = (&stage.inside, &stage.bridge);
    let clean = stage.send(inside, "Let us cook").await.assert_status(200).json();
    let id = clean["messageId"].as_str().unwrap();

    let update = format!("/agent/v4/stream/{inside}/message/{id}/update");
    assert_refused(&stage.submit(&stage.bot, &update, &[message("bake")]).await, ISSUES);
    for version in ["v1", "v2", "v3"] {
        let path = format!("/agent/{version}/stream/{inside}/message/create");
        let body = json!({ "format": "TEXT", "message": "We bake" });
        assert_refused(&stage.bot.post(&path, &body).await, ISSUES);
    }
    let blast = [message("bake"), part("sids", &format!("{inside},{bridge}"))];
    let blast = stage.submit(&stage.bot, "/agent/v4/message/blast", &blast).await;
    let error = json!({ "code": 451, "message": ISSUES });
    let expected = json!({ "messages": [], "errors": { inside: error, bridge: error } });
    assert_eq!(blast.assert_status(200).json(), expected);
    let article = json!({ "type": "com.symphony.sharing.article", "content": {
        "title": "How to bake", "author": "A", "publisher": "P", "appId": "app",
        "articleUrl": "https://paper.example/1" } });
    for version in ["v1", "v3"] {
        let share = format!("/agent/{version}/stream/{inside}/share");
        assert_refused(&stage.bot.post(&share, &article).await, ISSUES);
    }
    let imported = json!([{
        "message": "<messageML>bake</messageML>", "streamId": inside,
        "intendedMessageTimestamp": FROZEN.as_millis() - 1000,
        "intendedMessageFromUserId": BOT, "originatingSystemId": "old",
    }]);
    let imported = stage.bot.post("/agent/v4/message/import", &imported).await;
    assert_eq!(imported.assert_status(200).json()[0]["diagnostic"], ISSUES);

    let room = |name: &str, description: &str| json!({ "name": name, "description": description, "public": false });
    let creation = "Compliance issues found in room creation";
    for bad in [room("We bake", "x"), room("x", "We bake")] {
        let refused = stage.bot.post("/pod/v3/room/create", &bad).await.assert_status(451);
        assert_eq!(refused.json(), json!({ "code": 451, "message": creation }));
    }
    let update = format!("/pod/v3/room/{inside}/update");
    let refused = stage.bot.post(&update, &room("Bake", "x")).await;
    assert_refused(&refused, "Compliance issues found in room update");
    let signal = |name: &str| json!({ "name": name, "query": "HASHTAG:bake" });
    let made = stage.bot.post("/agent/v1/signals/create", &signal("Food")).await;
    let made = made.assert_status(200).json();
    let update = format!("/agent/v1/signals/{}/update", made["id"].as_str().unwrap());
    for path in ["/agent/v1/signals/create", &update] {
        let refused = stage.bot.post(path, &signal("Bake")).await;
        assert_refused(&refused, "Compliance issues found in signal");
    }

    // Nothing was said, made or changed.
    let history = stage.bot.get(&format!("/agent/v4/stream/{inside}/message?since=0")).await;
    assert_eq!(history.json().as_array().unwrap().len(), 1);
    let info = stage.bot.get(&format!("/pod/v3/room/{inside}/info")).await.json();
    assert_eq!(info["roomAttributes"]["name"], "Inside");
    let signals = stage.bot.get("/agent/v1/signals/list").await.json();
    assert_eq!((signals.as_array().unwrap().len(), &signals[0]["name"]), (1, &json!("Food")));
    for (what, count) in [("message", 9), ("stream", 3), ("signal", 2)] {
        assert_eq!(stage.violations("v1", what).await.len(), count, "{what}");
        assert_eq!(stage.violations("v3", what).await.len(), count, "{what}");
    }
}

#[tokio::test]
async fn words_are_found_as_they_are_documented() {
    let stage = Stage::set(BLOCK).await;
    let says = async |text: &str| {
        let answer = stage.send(&stage.inside, text).await;
        match answer.status {
            451 => answer.json()["details"][0]["policyResults"][0]["reasons"].clone(),
            _ => json!(answer.assert_status(200).status),
        }
    };
    let both = json!(["facebook", "facebook-IPO"]);
    assert_eq!(says("There is facebook-IPO next month").await, both);
    assert_eq!(says("BAKE!").await, json!(["bake"]));
    assert_eq!(says("We <b>ba</b>ke").await, json!(200));
    for passes in ["bakery", "unbake", "bak e", &format!("<mention uid=\"{ALICE}\"/> cooks")] {
        assert_eq!(says(passes).await, json!(200), "{passes}");
    }
    assert_eq!(says(&format!("<mention uid=\"{ALICE}\"/> and bake")).await, json!(["bake"]));
}

#[tokio::test]
async fn a_policy_holds_in_its_scopes() {
    let stage = Stage::set(
        "
dlpDictionaries: [{ name: D, terms: [inner] }, { name: E, terms: [outer] }]
dlpPolicies:
  - { name: In, scopes: [Internal], appliesTo: [{ dictionaries: [D] }] }
  - { name: Out, scopes: [External], appliesTo: [{ dictionaries: [E] }] }
",
    )
    .await;
    for (stream, text, status) in [
        (&stage.inside, "inner", 451),
        (&stage.inside, "outer", 200),
        (&stage.bridge, "inner", 200),
        (&stage.bridge, "outer", 451),
    ] {
        stage.send(stream, text).await.assert_status(status);
    }
}

const WARN: &str = "
dlpDictionaries: [{ name: D, terms: [bake] }, { name: E, terms: [fry] }]
dlpPolicies:
  - { name: Warns, appliesTo: [{ action: Warn, dictionaries: [D] }] }
  - { name: Logs, appliesTo: [{ action: LogOnly, dictionaries: [E] }] }
";

#[tokio::test]
async fn bots_cannot_ignore_a_warning_and_people_can() {
    let stage = Stage::set(WARN).await;
    let refused = stage.send(&stage.inside, "bake").await.assert_status(451).json();
    assert_eq!(refused["details"][0]["policyResults"][0]["status"], "WARN");

    let says = json!({ "stream": "Inside", "message": "We bake" });
    let refused = stage.alice(says.clone()).await.assert_status(400);
    assert!(refused.body.contains("Warns"), "{}", refused.body);
    let mut ignoring = says;
    ignoring["ignoreWarning"] = true.into();
    stage.alice(ignoring).await.assert_status(200);
    let found = stage.violations("v1", "message").await;
    let told: Vec<_> = found
        .iter()
        .map(|it| {
            let it = &it["violation"];
            assert_eq!(it["action"], "WARN");
            let outcome = it["outcome"]["type"].as_str().unwrap().to_owned();
            (it["requesterId"].as_u64().unwrap(), outcome, it["ignoreDLPwarning"] == true)
        })
        .collect();
    let rejected = || "REJECTED_VIOLATION".to_owned();
    assert_eq!(
        told,
        [
            (BOT, rejected(), false),
            (ALICE, rejected(), false),
            (ALICE, "ACCEPTED_WARNING".to_owned(), true),
        ]
    );
}

#[tokio::test]
async fn what_is_only_logged_arrives() {
    let stage = Stage::set(WARN).await;
    let feed = stage.bot.post("/agent/v5/datafeeds", &json!({})).await.json();
    let sent = stage.send(&stage.inside, "We fry").await.assert_status(200).json();
    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let events = stage.bot.post(&read, &json!({})).await.json();
    assert_eq!(
        events["events"][0]["payload"]["messageSent"]["message"]["messageId"],
        sent["messageId"]
    );
    let found = stage.violations("v3", "message").await;
    let violation = &found[0]["violation"];
    assert_eq!(violation["entityID"], sent["messageId"]);
    assert_eq!(
        (&violation["action"], &violation["outcome"]),
        (&json!("LOG_ONLY"), &json!({ "type": "ACCEPTED_LOG_ONLY" }),)
    );
}

#[tokio::test]
async fn who_bypasses_policies_says_what_he_wants() {
    let stage = Stage::set(BLOCK).await;
    let free = stage.pod.bot("free").await;
    stage.send_as(&free, &stage.inside, &[message("bake")]).await.assert_status(200);
    assert!(stage.violations("v1", "message").await.is_empty());
    stage.send(&stage.inside, "bake").await.assert_status(451);
}

#[tokio::test]
async fn several_different_terms_may_be_needed() {
    let stage = Stage::set(
        "
dlpDictionaries: [{ name: D, terms: [one, two] }, { name: Cards, type: Regex, terms: ['[0-9]{4}'] }]
dlpPolicies:
  - name: P
    appliesTo:
      - rules: [{ textMatch: { dictionaries: [D, Cards], countUniqueOccurrences: 2 } }]
",
    )
    .await;
    for (text, status) in [
        ("one One ONE", 200),
        ("one two", 451),
        ("one 1234", 451),
        ("1234 1234", 200),
        ("1234 5678", 451),
    ] {
        stage.send(&stage.inside, text).await.assert_status(status);
    }
}

const FILES: &str = "
dlpDictionaries: [{ name: D, terms: [secret] }]
dlpPolicies:
  - name: Contents
    appliesTo:
      - dataType: FileContent
        rules:
          - { textMatch: { dictionaries: [D], applicableFileTypes: [TXT] } }
          - { filePassword: { matchCriteria: PASSWORD_PROTECTED } }
          - { fileClassifier: { classifiers: { class: internal } } }
  - name: Names
    appliesTo:
      - { dataType: FileMeta, rules: [{ fileSize: 1 }, { fileExtension: { blocked: [exe] } }] }
";

#[tokio::test]
async fn files_are_looked_at() {
    let stage = Stage::set(FILES).await;
    let large = vec![b'x'; (1 << 20) + 1];
    for (name, content, policy) in [
        ("a.txt", &b"It is secret"[..], Some("Contents")),
        ("a.csv", b"It is secret", None),
        ("a.pdf", b"%PDF-1.7 /Encrypt", Some("Contents")),
        ("a.pdf", b"%PDF-1.7 /Class (Internal)", Some("Contents")),
        ("secret.txt", b"", None),
        ("a.exe", b"", Some("Names")),
        ("a.doc", b"%PDF-1.7", Some("Names")),
        ("a.bin", &large, Some("Names")),
    ] {
        let answer = stage.attach(name, content).await;
        let Some(policy) = policy else {
            assert_eq!(answer.status, 200, "{name}: {answer:?}");
            continue;
        };
        assert_refused(&answer, ISSUES);
        let expected = json!([{ "detectionIn": "ATTACHMENT", "policyResults": [{
            "name": policy, "status": "BLOCK", "scopes": ["INTERNAL", "EXTERNAL"],
            "reasons": [name] }] }]);
        assert_eq!(answer.json()["details"], expected, "{name}");
    }
}

#[tokio::test]
async fn a_violation_shows_what_was_found_and_where() {
    let stage = Stage::set(BLOCK).await;
    let policies = stage.guard.get("/agent/v3/dlp/policies").await.json();
    let policy = &policies["policies"][0];
    let rule = &policy["appliesTo"][0]["rules"][0];
    let dictionary = &rule["textMatchConfig"]["dictionaries"][0];
    stage.send(&stage.inside, "So_we BAKE").await.assert_status(451);
    let found = stage.violations("v3", "message").await;
    let [entry] = &found[..] else { panic!("{found:?}") };
    let (violation, message) = (&entry["violation"], &entry["message"]);
    let id = message["messageId"].as_str().unwrap();
    let standard = id.replace('-', "+").replace('_', "/");
    let now = FROZEN.as_millis();
    assert_eq!(
        *violation,
        json!({
            "enforcementEventID": format!("MESSAGE-{standard}==-{now}"), "entityID": id,
            "createTime": now, "lastModified": 0, "requesterId": BOT, "action": "BLOCK",
            "outcome": { "type": "REJECTED_VIOLATION" }, "version": "V3", "ignoreDLPwarning": false,
            "details": [
                { "status": "BLOCK", "correlationId": "TEXT", "policyResults": [{
                    "status": "BLOCK",
                    "matchedPolicy": { "id": policy["policyId"], "version": "3.0",
                        "name": "Cooking Policy" },
                    "ruleResults": [{
                        "ruleInstanceId": rule["id"], "type": "EXPLICIT",
                        "complianceDetail": { "detail": {
                            "ruleDescriptor": { "ruleType": "TEXT_MATCH", "ruleName": "",
                                "ruleDescription": "Rule text match matched" },
                            "content": {
                                "dictionary": { "id": dictionary["dictId"], "version": "1.0" },
                                "matches": [{ "offsetStart": 7, "offsetEnd": 11, "match": "BAKE",
                                    "matchPattern": "" }],
                            },
                        } },
                    }],
                }] },
                { "status": "OK", "correlationId": "ENCRYPTED_MEDIA", "attributeType": "MEDIA" },
            ],
        })
    );
    assert_eq!(message["message"].as_str().unwrap().trim(), "So\\_we BAKE");
    assert_eq!(message["stream"], json!({ "streamId": stage.inside, "streamType": "ROOM" }));
    assert_eq!(message["externalRecipients"], false);
    let v1 = stage.violations("v1", "message").await;
    let matched = json!([{ "id": policy["policyId"], "version": "3.0",
        "policyName": "Cooking Policy", "type": "BLOCK", "terms": "bake" }]);
    assert_eq!(v1[0]["violation"]["matchedPolicies"], matched);
    assert!(v1[0]["message"]["message"].as_str().unwrap().starts_with("<div"));

    let room = json!({ "name": "Bake", "description": "Room", "public": false });
    stage.bot.post("/pod/v3/room/create", &room).await.assert_status(451);
    let stream = &stage.violations("v1", "stream").await[0];
    assert_eq!(
        (&stream["stream"]["name"], &stream["stream"]["state"]),
        (&json!("Bake"), &json!("CREATED"))
    );
    assert!(stream["violation"]["enforcementEventID"].as_str().unwrap().starts_with("STREAM-"));
    let signal = json!({ "name": "bake", "query": "HASHTAG:gold" });
    stage.bot.post("/agent/v1/signals/create", &signal).await.assert_status(451);
    let signal = &stage.violations("v3", "signal").await[0];
    assert_eq!(
        (&signal["signal"]["name"], &signal["signal"]["rules"]),
        (&json!("bake"), &json!("HASHTAG:gold"))
    );
}

#[tokio::test]
async fn a_flagged_file_is_read_back() {
    let stage = Stage::set(FILES).await;
    stage.attach("a.txt", b"secret, Secret").await.assert_status(451);
    let found = stage.violations("v3", "message").await;
    let (violation, message) = (&found[0]["violation"], &found[0]["message"]);
    let attachment = &message["attachments"][0];
    let content = &violation["details"][3];
    assert_eq!((&attachment["name"], &content["status"]), (&json!("a.txt"), &json!("BLOCK")));
    let meta = &content["secureAttachmentMeta"]["complianceMeta"]["detail"];
    assert_eq!((&meta["sizeInBytes"], &meta["fileId"]), (&json!("14"), &attachment["id"]));
    let detail =
        &content["policyResults"][0]["ruleResults"][0]["complianceDetail"]["detail"]["fileContent"];
    let matches = json!([
        { "match": "secret", "matchPattern": "", "count": 1 },
        { "match": "Secret", "matchPattern": "", "count": 1 },
    ]);
    assert_eq!(detail["matches"], matches);

    let encoded = |text: &Value| {
        let text = text.as_str().unwrap();
        text.replace('%', "%25").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
    };
    let path = |violation: &str, file: &str| {
        format!("/agent/v3/dlp/violation/attachment?violationId={violation}&fileId={file}")
    };
    let (violation, file) = (encoded(&violation["enforcementEventID"]), encoded(&attachment["id"]));
    let answer = stage.guard.get(&path(&violation, &file)).await.assert_status(200);
    assert_eq!(STANDARD.decode(answer.body).unwrap(), b"secret, Secret");
    stage.guard.get(&path(&violation, "none")).await.assert_status(404);
    stage.guard.get(&path("none", &file)).await.assert_status(404);
    stage.guard.get("/agent/v3/dlp/violation/attachment?fileId=a").await.assert_status(400);
    stage.bot.get(&path(&violation, &file)).await.assert_error(403, LACKS);
}

#[tokio::test]
async fn violations_come_in_pages_and_periods() {
    let stage = Stage::set(BLOCK).await;
    stage.list("v1", "message", "").await.assert_status(204);
    for _ in 0..5 {
        stage.send(&stage.inside, "bake").await.assert_status(451);
        // Two in a millisecond.
        stage.send(&stage.inside, "bake").await.assert_status(451);
        stage.pod.clock().advance(Duration::from_millis(10));
    }
    for version in ["v1", "v3"] {
        let all: Vec<_> = stage.violations(version, "message").await;
        assert_eq!(all.len(), 10);
        let (mut paged, mut next) = (Vec::new(), String::new());
        loop {
            let query = format!("limit=3&next={}", next.replace('+', "%2B"));
            let page = stage.list(version, "message", &query).await.assert_status(200).json();
            paged.extend(page["violations"].as_array().unwrap().clone());
            next = page["nextOffset"].as_str().unwrap().to_owned();
            if next.is_empty() {
                break;
            }
        }
        assert_eq!(paged, all);
    }
    let at = FROZEN.as_millis();
    let between =
        format!("/agent/v1/dlp/violations/message?startTime={}&endTime={}", at + 10, at + 20);
    let some = stage.guard.get(&between).await.assert_status(200).json();
    assert_eq!(some["violations"].as_array().unwrap().len(), 4);
    let slash = format!("/agent/v1/dlp/violations/message/?startTime={at}");
    stage.guard.get(&slash).await.assert_status(200);
    for bad in ["limit=501", "limit=0", "next=nowhere", "endTime=x"] {
        stage.list("v1", "message", bad).await.assert_status(400);
    }
    stage.guard.get("/agent/v1/dlp/violations/message").await.assert_status(400);
    let path = "/agent/v3/dlp/violations/message?startTime=1";
    stage.bot.get(path).await.assert_error(403, LACKS);
    let exporter = stage.pod.bot("exporter").await;
    exporter.get(path).await.assert_status(200);
}

/// As many dictionaries as make much of a short message.
fn twenty_dictionaries() -> (String, Vec<String>) {
    let names: Vec<_> = (0..20).map(|n| format!("D{n}")).collect();
    let seeds: String =
        names.iter().map(|name| format!("\n  - {{ name: {name}, terms: [a] }}")).collect();
    (format!("dlpDictionaries:{seeds}\n"), names)
}

#[tokio::test]
async fn a_page_of_violations_ends_where_it_tells_enough() {
    let (dictionaries, names) = twenty_dictionaries();
    let policy =
        format!("dlpPolicies: [{{ name: P, appliesTo: [{{ dictionaries: {names:?} }}] }}]");
    let stage = Stage::set(&format!("{dictionaries}{policy}")).await;
    const SENT: usize = 25;
    for n in 0..SENT {
        stage.pod.clock().advance(Duration::from_secs(1));
        let text = format!("{n}{}", " a".repeat(100));
        stage.send(&stage.inside, &text).await.assert_status(451);
    }
    stage.pod.clock().advance(Duration::from_secs(1));
    let (mut told, mut next, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = stage.list("v3", "message", &format!("limit=500&next={next}")).await;
        let page = page.assert_status(200).json();
        let violations = page["violations"].as_array().unwrap();
        told.extend(violations.iter().map(|it| it["violation"]["createTime"].as_u64().unwrap()));
        assert!(!violations.is_empty() && violations.len() < SENT, "{}", violations.len());
        pages += 1;
        next = page["nextOffset"].as_str().unwrap().replace('+', "%2B");
        if next.is_empty() {
            break;
        }
    }
    let sent: Vec<_> = (1..=SENT as u64).map(|n| FROZEN.as_millis() + n * 1_000).collect();
    assert_eq!(told, sent);
    assert!(pages < 10, "{pages}");
}

/// Of very much that is found not all is told; what becomes of it is decided by all.
#[tokio::test]
async fn the_strictest_policy_is_told_of_whatever_else_is_found() {
    let (dictionaries, names) = twenty_dictionaries();
    let policy = |n: usize, action: &str| {
        format!(
            "\n  - {{ name: P{n}, appliesTo: [{{ action: {action}, dictionaries: {names:?} }}] }}"
        )
    };
    let lax: String = (0..40).map(|n| policy(n, "LogOnly")).collect();
    let strict = policy(40, "Block");
    let stage = Stage::set(&format!("{dictionaries}dlpPolicies:{lax}{strict}")).await;
    let refused = stage.send(&stage.inside, &"a ".repeat(200)).await.assert_status(451).json();
    assert_eq!(refused["details"][0]["policyResults"][0]["name"], "P40");
    let found = stage.list("v3", "message", "").await.assert_status(200);
    assert!(found.body.len() < 4 << 20, "{}", found.body.len());
    let results = &found.json()["violations"][0]["violation"]["details"][0]["policyResults"];
    let results = results.as_array().unwrap();
    let told: Vec<_> =
        results.iter().map(|it| it["matchedPolicy"]["name"].as_str().unwrap()).collect();
    assert!(told.len() < 41, "{told:?}");
    assert_eq!((told[0], told[told.len() - 1]), ("P0", "P40"));
}
