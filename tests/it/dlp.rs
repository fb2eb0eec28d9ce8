//! Dictionaries and policies of data loss prevention: made, changed, read in every version, deleted.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::administrator::LACKS;
use crate::messages::{file, form};
use crate::pod::{Answer, Bot, FROZEN, Pod};

const SCENARIO: &str = "
users:
  - { username: guard, accountType: SYSTEM, roles: [INDIVIDUAL, EF_POLICY_MANAGEMENT, AUDIT_TRAIL_MANAGEMENT] }
  - { username: bot, accountType: SYSTEM }
";

const GUARD: u64 = 1 << 36 | 1;
const DICTIONARIES: &str = "/agent/v1/dlp/dictionaries";
const POLICIES: &str = "/agent/v1/dlp/policies";
const POLICIES_V3: &str = "/agent/v3/dlp/policies";

struct Stage {
    pod: Pod,
    guard: Bot,
}

impl Stage {
    async fn set() -> Self {
        Self::of(SCENARIO).await
    }

    async fn of(scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        let pod = Pod::built(builder).await;
        let guard = pod.bot("guard").await;
        Self { pod, guard }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self.pod.anonymous().request(method, path);
        request.session(&self.guard.token).json(&body).send().await
    }

    /// The dictionary or policy in a success.
    async fn data(&self, path: &str, body: Value) -> Value {
        self.guard.post(path, &body).await.assert_status(200).json()["data"].clone()
    }

    async fn dictionary(&self, name: &str, kind: &str) -> String {
        let made = self.data(DICTIONARIES, json!({ "name": name, "type": kind })).await;
        text(&made["dictRef"]["dictId"])
    }

    async fn upload(&self, id: &str, content: &[u8]) -> Answer {
        let request = self.pod.anonymous().post(&format!("{DICTIONARIES}/{id}/data/upload"));
        let parts = [file("data", "terms.txt", "text/plain", content)];
        form(request.session(&self.guard.token), &parts).send().await
    }

    async fn download(&self, id: &str, query: &str) -> String {
        let path = format!("{DICTIONARIES}/{id}/data/download{query}");
        let answer = self.guard.get(&path).await.assert_status(200);
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        String::from_utf8(STANDARD.decode(answer.body).unwrap()).unwrap()
    }

    async fn policy(&self, name: &str, dictionaries: &[&str]) -> String {
        let policy = policy(name, dictionaries);
        text(&self.data(POLICIES, policy).await["policyId"])
    }

    async fn get(&self, path: &str) -> Value {
        self.guard.get(path).await.assert_status(200).json()
    }
}

fn policy(name: &str, dictionaries: &[&str]) -> Value {
    json!({
        "name": name, "contentTypes": ["Messages"], "dictionaryIds": dictionaries,
        "scopes": ["Internal"], "type": "Block",
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[tokio::test]
async fn a_dictionary_is_made_filled_renamed_read_in_all_versions_and_deleted() {
    let stage = Stage::set().await;
    let empty = json!({ "items": [], "page": 0, "pageCount": 0 });
    assert_eq!(stage.get(DICTIONARIES).await, empty);
    let made = stage.data(DICTIONARIES, json!({ "name": "  Clients ", "type": "Word" })).await;
    let id = text(&made["dictRef"]["dictId"]);
    assert!(id.len() == 24 && id.starts_with(&format!("{:08x}", FROZEN.as_secs())), "{id}");
    assert_eq!(
        made,
        json!({
            "creationDate": FROZEN.as_millis(), "creatorId": GUARD.to_string(),
            "dictRef": { "dictId": id, "name": "Clients", "version": "1.0" },
            "lastUpdatedDate": FROZEN.as_millis(), "type": "Word",
        })
    );
    assert_eq!(stage.download(&id, "").await, "");

    stage.pod.clock().advance(Duration::from_secs(1));
    let filled = stage.upload(&id, b" Acme Ltd \r\n\r\nfacebook\nAcme Ltd\n").await;
    let filled = &filled.assert_status(200).json()["data"];
    assert_eq!(filled["dictRef"]["version"], "1.1");
    assert_eq!(filled["lastUpdatedDate"], FROZEN.as_millis() + 1000);
    assert_eq!(stage.download(&id, "").await, "Acme Ltd\nfacebook");
    assert_eq!(stage.download(&id, "?dictVersion=1.0").await, "");

    let path = format!("{DICTIONARIES}/{id}");
    let renamed = stage.send(Method::PUT, &path, json!({ "name": "Names" })).await;
    let renamed = renamed.assert_status(200).json();
    assert_eq!(renamed["data"]["dictRef"]["version"], "1.2");
    assert_eq!(stage.get(&path).await, renamed);
    let before = stage.get(&format!("{path}?dictVersion=1.1")).await;
    assert_eq!(before["data"]["dictRef"]["name"], "Clients");
    for unknown in ["?dictVersion=7.0", "?dictVersion=x"] {
        stage.guard.get(&format!("{path}{unknown}")).await.assert_status(400);
        let download = format!("{path}/data/download{unknown}");
        stage.guard.get(&download).await.assert_status(400);
    }
    assert_eq!(stage.get(DICTIONARIES).await["items"], json!([renamed["data"]]));

    let deleted = stage.send(Method::DELETE, &path, Value::Null).await.assert_status(200);
    assert_eq!(deleted.json(), renamed);
    stage.guard.get(&path).await.assert_error(400, "There is no such dictionary");
    assert_eq!(stage.get(DICTIONARIES).await, empty);
}

#[tokio::test]
async fn what_is_no_dictionary_is_refused() {
    let stage = Stage::set().await;
    let id = stage.dictionary("Numbers", "Regex").await;
    for bad in [
        json!({ "name": " ", "type": "Word" }),
        json!({ "name": "x".repeat(31), "type": "Word" }),
        json!({ "name": "Numbers", "type": "Word" }),
        json!({ "name": "A", "type": "Sentence" }),
        json!({ "type": "Word" }),
    ] {
        stage.guard.post(DICTIONARIES, &bad).await.assert_status(400);
    }
    for bad in [&b"[0-9"[..], b"(?=a)", b"a{1000}{1000}{1000}", b"\xff"] {
        stage.upload(&id, bad).await.assert_status(400);
    }
    let large = vec![b'x'; (1 << 20) + 1];
    let refused = stage.upload(&id, &large).await.assert_status(400);
    assert!(refused.body.contains("1048576"), "{}", refused.body);
    let path = format!("{DICTIONARIES}/{id}/data/upload");
    let no_part = stage.pod.anonymous().post(&path).session(&stage.guard.token);
    form(no_part, &[file("content", "a.txt", "text/plain", b"a")]).send().await.assert_status(400);
    assert_eq!(stage.download(&id, "").await, "");
    for query in ["?limit=51", "?limit=0", "?page=-1"] {
        for path in [DICTIONARIES, POLICIES, POLICIES_V3] {
            stage.guard.get(&format!("{path}{query}")).await.assert_status(400);
        }
    }
}

#[tokio::test]
async fn lists_have_pages() {
    let stage = Stage::set().await;
    for n in 0..5 {
        let id = stage.dictionary(&format!("D{n}"), "Word").await;
        stage.policy(&format!("P{n}"), &[&id]).await;
    }
    for (page, size) in [(0, 2), (2, 1), (3, 0)] {
        let dictionaries = stage.get(&format!("{DICTIONARIES}?page={page}&limit=2")).await;
        let policies = stage.get(&format!("{POLICIES}?page={page}&limit=2")).await;
        let policies_v3 = stage.get(&format!("{POLICIES_V3}?page={page}&limit=2")).await;
        for list in [&dictionaries, &policies, &policies_v3] {
            assert_eq!((&list["page"], &list["pageCount"]), (&json!(page), &json!(3)), "{list}");
        }
        assert_eq!(dictionaries["items"].as_array().unwrap().len(), size);
        assert_eq!(policies["policies"].as_array().unwrap().len(), size);
        assert_eq!(policies_v3["size"], size);
    }
}

#[tokio::test]
async fn a_policy_is_made_enabled_disabled_and_then_deleted() {
    let stage = Stage::set().await;
    let id = stage.dictionary("Clients", "Word").await;
    let made = stage.data(POLICIES, policy("Leaks", &[&id])).await;
    let policy_id = text(&made["policyId"]);
    assert_eq!(
        made,
        json!({
            "active": false, "contentTypes": ["Messages"], "creationDate": FROZEN.as_millis(),
            "creatorId": GUARD.to_string(),
            "dictionaryRefs": [{ "dictId": id, "name": "Clients", "version": "1.0" }],
            "lastUpdatedDate": FROZEN.as_millis(), "name": "Leaks", "policyId": policy_id,
            "scopes": ["Internal"], "type": "Block", "version": "1.0",
        })
    );
    let path = format!("{POLICIES}/{policy_id}");
    let enable = format!("{path}/enable");
    for _ in 0..2 {
        assert_eq!(stage.data(&enable, Value::Null).await["active"], true);
    }
    let kept = stage.send(Method::DELETE, &path, Value::Null).await.assert_status(400);
    assert!(kept.body.contains("disable"), "{}", kept.body);

    stage.pod.clock().advance(Duration::from_secs(5));
    let disabled = stage.data(&format!("{path}/disable"), Value::Null).await;
    assert_eq!(disabled["active"], false);
    assert_eq!(disabled["lastDisabledDate"], FROZEN.as_millis() + 5000);
    stage.send(Method::DELETE, &path, Value::Null).await.assert_status(200);
    stage.guard.get(&path).await.assert_error(400, "There is no such policy");
    assert_eq!(stage.get(POLICIES).await["policies"], json!([]));
}

#[tokio::test]
async fn what_becomes_of_a_dictionary_its_policies_follow() {
    let stage = Stage::set().await;
    let (one, other) =
        (stage.dictionary("One", "Word").await, stage.dictionary("Other", "Word").await);
    let both = format!("{POLICIES}/{}", stage.policy("Both", &[&one, &other]).await);
    let single = format!("{POLICIES}/{}", stage.policy("Single", &[&one]).await);
    for policy in [&both, &single] {
        stage.data(&format!("{policy}/enable"), Value::Null).await;
    }
    stage.upload(&one, b"bake").await.assert_status(200);
    let path = format!("{DICTIONARIES}/{one}");
    stage.send(Method::PUT, &path, json!({ "name": "First" })).await.assert_status(200);
    let followed = stage.get(&both).await["data"].clone();
    assert_eq!(followed["version"], "1.2");
    let named = json!({ "dictId": one, "name": "First", "version": "1.2" });
    assert_eq!(followed["dictionaryRefs"][0], named);
    let before = stage.get(&format!("{both}?policyVersion=1.0")).await["data"].clone();
    assert_eq!(before["dictionaryRefs"][0]["name"], "One");

    stage.send(Method::DELETE, &path, Value::Null).await.assert_status(200);
    let both = stage.get(&both).await["data"].clone();
    assert_eq!((&both["active"], &both["version"]), (&json!(true), &json!("1.3")));
    assert_eq!(both["dictionaryRefs"].as_array().unwrap().len(), 1);
    let left = stage.get(&single).await["data"].clone();
    assert_eq!((&left["active"], &left["dictionaryRefs"]), (&json!(false), &json!([])));
    let refused = stage.guard.post(&format!("{single}/enable"), &Value::Null).await;
    refused.assert_status(400);
}

#[tokio::test]
async fn versions_1_and_3_show_the_same_policies() {
    let stage = Stage::set().await;
    let id = stage.dictionary("Clients", "Word").await;
    let named = json!({ "dictId": id, "name": "Clients", "version": "1.0" });
    let rules = json!([{
        "type": "TEXT_MATCH", "name": "names", "textMatchConfig": {
            "dictionaries": [named], "countUniqueOccurrences": 2, "applicableFileTypes": [],
        },
    }]);
    let wish = json!({ "name": "Leaks", "scopes": ["External", "Internal"], "appliesTo": [
        { "dataType": "Messages", "action": "Warn", "rules": rules },
        { "dataType": "FileMeta", "rules": [
            { "type": "FILE_SIZE", "name": "", "fileSizeConfig": {} },
            { "type": "FILE_EXTENSION", "name": "", "fileExtensionConfig": {
                "allowLists": [], "blockLists": [".exe"] } },
        ] },
        { "dataType": "FileContent", "action": "LogOnly", "rules": [
            { "type": "FILE_PASSWORD", "name": "", "filePasswordConfig": {
                "applicableFileTypes": ["PDF"] } },
            { "type": "FILE_CLASSIFIER", "name": "", "fileClassifierConfig": {
                "applicableFileTypes": [], "classifiers": { "class": "secret" } } },
        ] },
    ] });
    let made = stage.data(POLICIES_V3, wish.clone()).await;
    let policy = text(&made["policyId"]);
    assert_eq!((&made["version"], &made["active"]), (&json!("3.0"), &json!(false)));
    assert_eq!((&made["deleted"], &made["systemPolicy"]), (&json!(false), &json!(false)));
    assert_eq!((&made["creatorId"], &made["id"]), (&json!(GUARD), &json!(policy)));
    assert_eq!(made["scopes"], json!(["Internal", "External"]));
    let parts = &made["appliesTo"];
    let mut rule = rules[0].clone();
    rule["id"] = parts[0]["rules"][0]["id"].clone();
    assert_eq!(text(&rule["id"]).len(), 36);
    assert_eq!(parts[0], json!({ "dataType": "Messages", "action": "Warn", "rules": [rule] }));
    assert_eq!(parts[1]["action"], "LogOnly");
    assert_eq!(parts[1]["rules"][0]["fileSizeConfig"], json!({ "sizeLimit": 20 }));
    let password = &parts[2]["rules"][0]["filePasswordConfig"];
    assert_eq!(password["matchCriteria"], "NOT_PASSWORD_PROTECTED");

    let seen = stage.get(&format!("{POLICIES}/{policy}")).await["data"].clone();
    assert_eq!((&seen["type"], &seen["dictionaryRefs"]), (&json!("Warn"), &json!([named])));
    assert_eq!(seen["contentTypes"], json!(["Messages", "FileMeta", "FileContent"]));
    assert_eq!(seen["version"], "3.0");

    let path = format!("{POLICIES_V3}/{policy}");
    stage.data(&format!("{path}/enable"), Value::Null).await;
    let updated = stage.data(&format!("{path}/update"), wish).await;
    assert_eq!((&updated["version"], &updated["active"]), (&json!("3.1"), &json!(true)));
    let old = stage.get(&format!("{path}?policyVersion=3.0")).await["data"].clone();
    assert_eq!((&old["version"], &old["appliesTo"]), (&json!("3.0"), parts));
    stage.guard.get(&format!("{path}?policyVersion=1.0")).await.assert_status(400);

    // Without a dictionary there is nothing to look for.
    let nothing = self::policy("Leaks", &[]);
    let path_v1 = format!("{POLICIES}/{policy}");
    let emptied = stage.send(Method::PUT, &path_v1, nothing).await.assert_status(200).json();
    assert_eq!(
        (&emptied["data"]["active"], &emptied["data"]["version"]),
        (&json!(false), &json!("3.2"))
    );
    let deleted = stage.data(&format!("{path}/delete"), Value::Null).await;
    assert_eq!(deleted["deleted"], true);
    assert_eq!(stage.get(POLICIES_V3).await["policies"], json!([]));
}

#[tokio::test]
async fn what_is_no_policy_is_refused() {
    let stage = Stage::set().await;
    let id = stage.dictionary("Clients", "Word").await;
    stage.policy("Taken", &[&id]).await;
    let v1 = |field: &str, value: Value| {
        let mut wish = policy("P", &[&id]);
        wish[field] = value;
        wish
    };
    for bad in [
        v1("name", json!("")),
        v1("name", json!("x".repeat(31))),
        v1("name", json!(" Taken ")),
        v1("scopes", json!([])),
        v1("scopes", json!(["Everywhere"])),
        v1("type", json!("LogOnly")),
        v1("contentTypes", json!([])),
        v1("contentTypes", json!(["FileContent"])),
        v1("contentTypes", json!(["Messages", "Messages"])),
        v1("dictionaryIds", json!(["000000000000000000000000"])),
    ] {
        let refused = stage.guard.post(POLICIES, &bad).await;
        assert_eq!(refused.status, 400, "{bad}: {refused:?}");
    }
    let v3 = |data_type: &str, rule: Value| {
        let part = json!({ "dataType": data_type, "action": "Block", "rules": [rule] });
        json!({ "name": "P", "scopes": ["Internal"], "appliesTo": [part] })
    };
    let text = json!({ "dictionaries": [], "applicableFileTypes": [] });
    let of_files = json!({ "dictionaries": [], "applicableFileTypes": ["PDF"] });
    let many: serde_json::Map<_, _> = (0..31).map(|n| (format!("k{n}"), json!("v"))).collect();
    let classified =
        |of: Value| json!({ "type": "FILE_CLASSIFIER", "name": "", "fileClassifierConfig": of });
    for bad in [
        json!({ "name": "P", "scopes": ["Internal"], "appliesTo": [] }),
        v3("Pictures", json!({ "type": "TEXT_MATCH", "textMatchConfig": text })),
        v3("Messages", json!({ "type": "TEXT_MATCH" })),
        v3("Messages", json!({ "type": "UNKNOWN" })),
        v3("Messages", json!({ "type": "FILE_SIZE", "textMatchConfig": text })),
        v3("Messages", json!({ "type": "FILE_SIZE", "fileSizeConfig": {} })),
        v3("Messages", json!({ "type": "TEXT_MATCH", "textMatchConfig": of_files })),
        v3(
            "FileMeta",
            json!({ "type": "TEXT_MATCH", "textMatchConfig": text, "fileSizeConfig": {} }),
        ),
        v3("FileMeta", json!({ "type": "FILE_SIZE", "fileSizeConfig": { "sizeLimit": 0 } })),
        v3("FileContent", classified(json!({ "classifiers": {} }))),
        v3("FileContent", classified(json!({ "classifiers": { "": "x" } }))),
        v3("FileContent", classified(json!({ "classifiers": { "a": "x".repeat(31) } }))),
        v3("FileContent", classified(json!({ "classifiers": many }))),
    ] {
        let refused = stage.guard.post(POLICIES_V3, &bad).await;
        assert_eq!(refused.status, 400, "{bad}: {refused:?}");
    }
    for path in [POLICIES, POLICIES_V3] {
        assert_eq!(stage.get(path).await["policies"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_policy_names_a_dictionary_once() {
    let stage = Stage::of(&format!(
        "{SCENARIO}
dlpDictionaries: [{{ name: Clients }}]
dlpPolicies: [{{ name: Seeded, enabled: false, appliesTo: [{{ dictionaries: [Clients, Clients] }}] }}]"
    ))
    .await;
    let known = stage.get(DICTIONARIES).await;
    let id = known["items"][0]["dictRef"]["dictId"].as_str().unwrap();
    let upper = id.to_uppercase();
    stage.policy("Twice", &[id, &upper, id]).await;
    let meta = json!({ "dictId": id });
    let rule = json!({ "type": "TEXT_MATCH", "textMatchConfig": { "dictionaries": [meta, meta] } });
    let wish = json!({ "name": "Rules", "scopes": ["Internal"], "appliesTo": [
        { "dataType": "Messages", "rules": [rule] }] });
    stage.data(POLICIES_V3, wish).await;
    let policies = stage.get(POLICIES_V3).await["policies"].as_array().unwrap().clone();
    assert_eq!(policies.len(), 3);
    for policy in policies {
        let rule = &policy["appliesTo"][0]["rules"][0];
        let named = rule["textMatchConfig"]["dictionaries"].as_array().unwrap();
        assert_eq!(named.len(), 1, "{policy}");
    }
}

#[tokio::test]
async fn what_a_policy_looks_for_is_limited() {
    let stage = Stage::set().await;
    let wish = |rule: Value| {
        let part = json!({ "dataType": "FileContent", "rules": [rule] });
        json!({ "name": "P", "scopes": ["Internal"], "appliesTo": [part] })
    };
    let extensions = |list: Vec<String>| json!({ "type": "FILE_EXTENSION", "fileExtensionConfig": { "blockLists": list } });
    let of_types = |types: Vec<&str>| json!({ "type": "FILE_PASSWORD", "filePasswordConfig": { "applicableFileTypes": types } });
    let numbered = |count: usize| (0..count).map(|n| format!("e{n}")).collect();
    let unique = |count: u32| json!({ "type": "TEXT_MATCH", "textMatchConfig": { "countUniqueOccurrences": count } });
    let named = |length: usize| json!({ "type": "FILE_SIZE", "name": "n".repeat(length), "fileSizeConfig": {} });
    for (good, bad, told) in [
        (extensions(numbered(499)), extensions(numbered(500)), "501 rules"),
        (extensions(vec!["é".repeat(30)]), extensions(vec!["é".repeat(31)]), "31 characters"),
        (of_types(vec!["PDF"; 7]), of_types(vec!["PDF"; 8]), "8 file types"),
        (unique(1_000), unique(1_001), "1001"),
        (named(100), named(101), "101 characters"),
    ] {
        let made = stage.data(POLICIES_V3, wish(good)).await;
        let path = format!("{POLICIES_V3}/{}/delete", text(&made["policyId"]));
        stage.data(&path, Value::Null).await;
        let refused = stage.guard.post(POLICIES_V3, &wish(bad)).await.assert_status(400);
        assert!(refused.body.contains(told), "{told}: {}", refused.body);
    }
    let types =
        json!({ "name": "P", "contentTypes": vec!["Messages"; 4], "scopes": [], "type": "Block" });
    stage.guard.post(POLICIES, &types).await.assert_status(400);
    let id = stage.dictionary("Long", "Word").await;
    stage.upload(&id, "é".repeat(256).as_bytes()).await.assert_status(200);
    let long = format!("short\n{}", "é".repeat(257));
    let refused = stage.upload(&id, long.as_bytes()).await.assert_status(400);
    assert!(refused.body.contains("The term 2 has 257 characters"), "{}", refused.body);
}

#[tokio::test]
async fn what_enabled_policies_look_for_together_is_limited() {
    let policies: String = (0..100)
        .map(|n| format!("\n  - {{ name: P{n}, appliesTo: [{{ dictionaries: [Words] }}] }}"))
        .collect();
    let seeds =
        format!("dlpDictionaries: [{{ name: Words }}, {{ name: More }}]\ndlpPolicies:{policies}");
    let stage = Stage::of(&format!("{SCENARIO}{seeds}")).await;
    let last = "\n  - { name: Last, appliesTo: [{ dictionaries: [Words] }] }";
    let too_many = Scenario::parse(&format!("{SCENARIO}{seeds}{last}")).unwrap().check();
    let too_many = too_many.unwrap_err().to_string();
    assert!(too_many.starts_with("dlpPolicies: ") && too_many.contains("101"), "{too_many}");

    let dictionaries = stage.get(DICTIONARIES).await;
    let id = |n: usize| text(&dictionaries["items"][n]["dictRef"]["dictId"]);
    let (words, more) = (id(0), id(1));
    let path = format!("{POLICIES}/{}", stage.policy("Last", &[&more]).await);
    let refused = stage.guard.post(&format!("{path}/enable"), &Value::Null).await;
    assert!(refused.assert_status(400).body.contains("too many: 101"));
    assert_eq!(stage.get(&path).await["data"]["active"], false);

    let first = stage.get(POLICIES).await["policies"][0]["policyId"].clone();
    stage.data(&format!("{POLICIES}/{}/disable", text(&first)), Value::Null).await;
    stage.data(&format!("{path}/enable"), Value::Null).await;
    let large: String = (0..30_000).map(|n| format!("{n:09}\n")).collect();
    stage.upload(&words, large.as_bytes()).await.assert_status(200);
    let refused = stage.upload(&more, large.as_bytes()).await.assert_status(400);
    assert!(refused.body.contains("bytes of words: 540000"), "{}", refused.body);
    assert_eq!(stage.download(&more, "").await, "");
    stage.data(&format!("{path}/disable"), Value::Null).await;
    stage.upload(&more, large.as_bytes()).await.assert_status(200);
    stage.guard.post(&format!("{path}/enable"), &Value::Null).await.assert_status(400);
}

#[tokio::test]
async fn policies_and_dictionaries_are_for_those_who_manage_them() {
    let stage = Stage::set().await;
    let bot = stage.pod.bot("bot").await;
    for path in [DICTIONARIES, POLICIES, POLICIES_V3] {
        bot.get(path).await.assert_error(403, LACKS);
        bot.post(path, &json!({ "name": "A", "type": "Word" })).await.assert_error(403, LACKS);
    }
}

#[tokio::test]
async fn the_audit_trail_tells_of_what_was_done_to_them() {
    let stage = Stage::set().await;
    let id = stage.dictionary("Clients", "Word").await;
    stage.upload(&id, b"Acme").await.assert_status(200);
    let policy = format!("{POLICIES}/{}", stage.policy("Leaks", &[&id]).await);
    for verb in ["enable", "enable", "disable"] {
        stage.data(&format!("{policy}/{verb}"), Value::Null).await;
    }
    stage.send(Method::PUT, &policy, self::policy("Leak", &[])).await.assert_status(200);
    stage.send(Method::DELETE, &policy, Value::Null).await.assert_status(200);
    let path = format!("{DICTIONARIES}/{id}");
    stage.send(Method::PUT, &path, json!({ "name": "Names" })).await.assert_status(200);
    stage.send(Method::DELETE, &path, Value::Null).await.assert_status(200);
    let trail =
        format!("/agent/v1/audittrail/privilegeduser?startTimestamp={}", FROZEN.as_millis());
    let told = stage.get(&trail).await;
    let mut told: Vec<_> = told["items"].as_array().unwrap().iter().collect();
    told.reverse();
    let names: Vec<_> = told
        .iter()
        .map(|item| {
            assert_eq!(item["authorizationRoles"], json!(["EF_POLICY_MANAGEMENT"]));
            let of = item.get("policyName").or(item.get("dictionaryName")).unwrap();
            (item["actionName"].as_str().unwrap(), of.as_str().unwrap())
        })
        .collect();
    assert_eq!(
        names,
        [
            ("efDictionaryCreated", "Clients"),
            ("efDictionaryUploaded", "Clients"),
            ("efPolicyCreated", "Leaks"),
            ("enabledEfEnforcement", "Leaks"),
            ("disabledEfEnforcement", "Leaks"),
            ("efPolicyUpdated", "Leak"),
            ("efPolicyDeleted", "Leak"),
            ("efDictionaryUpdated", "Names"),
            ("efDictionaryDeleted", "Names"),
        ]
    );
}

const SEEDED: &str = "
dlpDictionaries:
  - { id: 571d2052e4b042aaf06d2e7a, name: Clients, terms: [Acme Ltd, acme], creator: guard }
  - { name: Cards, type: Regex, terms: ['[0-9]{16}'], version: '2.7' }
dlpPolicies:
  - { name: Leaks, appliesTo: [{ dictionaries: [Clients] }] }
  - name: Files
    enabled: false
    scopes: [External]
    appliesTo:
      - dataType: FileContent
        action: Warn
        rules:
          - { textMatch: { dictionaries: [Cards, Clients], applicableFileTypes: [PDF] } }
          - { filePassword: {} }
          - { fileClassifier: { classifiers: { class: secret } } }
      - { dataType: FileMeta, action: LogOnly, rules: [{ fileSize: 3 }, { fileExtension: { blocked: [exe] } }] }
";

#[tokio::test]
async fn a_scenario_seeds_them_and_an_export_tells_of_them() {
    let stage = Stage::of(&format!("{SCENARIO}{SEEDED}")).await;
    let policies = stage.get(POLICIES_V3).await;
    let leaks = &policies["policies"][0];
    assert_eq!(
        (&leaks["active"], &leaks["appliesTo"][0]["action"]),
        (&json!(true), &json!("Block"))
    );
    assert_eq!(policies["policies"][1]["appliesTo"][0]["rules"].as_array().unwrap().len(), 3);
    assert_eq!(stage.download("571d2052e4b042aaf06d2e7a", "").await, "Acme Ltd\nacme");

    let control = stage.pod.control();
    let export = control.get("/_mock/scenario").send().await.assert_status(200);
    let again = Stage::of(&export.body).await;
    for path in [DICTIONARIES, POLICIES, POLICIES_V3] {
        assert_eq!(again.get(path).await, stage.get(path).await);
    }

    // A snapshot keeps them, and a document changes them.
    let snapshot = stage.pod.snapshot();
    let change = "
dlpDictionaries: [{ name: Clients, terms: [Bolt] }, { name: New }]
dlpPolicies: [{ name: Leaks, enabled: false, appliesTo: [{ dictionaries: [New] }] }]
";
    let changed = control.post("/_mock/scenario").body(change.to_owned()).send().await;
    changed.assert_status(200);
    assert_eq!(stage.download("571d2052e4b042aaf06d2e7a", "").await, "Bolt");
    let changed = stage.get(POLICIES).await["policies"][0].clone();
    assert_eq!((&changed["active"], &changed["policyId"]), (&json!(false), &leaks["policyId"]));
    assert_eq!(changed["dictionaryRefs"][0]["name"], "New");
    stage.pod.restore(&snapshot);
    assert_eq!(stage.get(POLICIES_V3).await, policies);
}

#[test]
fn seeds_that_contradict_themselves_say_where() {
    let problem = |text: &str| Scenario::parse(text).unwrap().check().unwrap_err().to_string();
    let told = problem(
        "
dlpDictionaries: [{ name: A }, { name: A }, { name: B, type: Regex, terms: ['('] }]
dlpPolicies:
  - { name: P, appliesTo: [{ dictionaries: [A, B, C] }] }
  - { name: Q, appliesTo: [{ rules: [{ fileSize: 1, filePassword: {} }] }] }
  - { name: R, appliesTo: [{}] }
",
    );
    let places: Vec<_> = told.lines().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!(
        places,
        [
            "dlpDictionaries[1].name",
            "dlpDictionaries[2].terms",
            "dlpPolicies[0].appliesTo[0].dictionaries",
            "dlpPolicies[1].appliesTo[0].rules[0]",
            "dlpPolicies[2]",
        ],
        "{told}"
    );
}
