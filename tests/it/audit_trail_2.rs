//! Audit Trail 2: entries by categories, to those whose token has the scope, in pages and as CSV.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::pod::{Answer, FROZEN, Pod};

const SCENARIO: &str = "
settings: { malwareScan: pending }
users:
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: auditor, accountType: SYSTEM, roles: [INDIVIDUAL, AUDIT_TRAIL_MANAGEMENT] }
  - { username: scans, accountType: SYSTEM,
      roles: [INDIVIDUAL, AUDIT_TRAIL_MANAGEMENT, MALWARE_SCAN_MANAGER, MALWARE_SCAN_STATE_USER] }
  - { username: alice }
  - { username: bob }
rooms: [{ name: Den, owners: [alice] }]
informationBarrierGroups: [{ id: 0123456789abcdef01234567, name: Desk }]
messages:
  - { stream: Den, from: alice, message: See, attachments: [{ id: internal_1/YQ==, name: a, text: a }] }
auditTrail:
  - { action: Role Scope Changed, initiator: admin, at: -1h, details: { groupId: '17' } }
";

const ADMIN: u64 = 1 << 36 | 1;
const ALICE: u64 = 1 << 36 | 4;
const BOB: u64 = 1 << 36 | 5;

struct Stage {
    pod: Pod,
    bearer: String,
}

impl Stage {
    /// Where `admin` let bob go and changed alice's department and title.
    async fn set(auditor: &str) -> Self {
        let scenario = Scenario::parse(SCENARIO).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        let pod = Pod::built(builder).await;
        let admin = pod.bot("admin").await;
        let status = format!("/pod/v1/admin/user/{BOB}/status/update");
        admin.post(&status, &json!({ "status": "DISABLED" })).await.assert_status(200);
        let alice = format!("/pod/v2/admin/user/{ALICE}/update");
        let change = json!({ "department": "Desk", "title": "Head" });
        admin.post(&alice, &change).await.assert_status(200);
        let bearer = token(&pod, auditor, "at2").await;
        Self { pod, bearer }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.pod.anonymous().get(path);
        request.header("Authorization", &self.bearer).send().await
    }

    async fn audits(&self, query: &str) -> Value {
        self.get(&format!("/at2/v1/audits?{query}")).await.assert_status(200).json()
    }

    async fn count(&self, query: &str) -> usize {
        self.audits(query).await["data"].as_array().expect("a list").len()
    }
}

async fn token(pod: &Pod, who: &str, scope: &str) -> String {
    let session = pod.log_in(who).await;
    let request = pod.anonymous().post(&format!("/login/idm/tokens?scope={scope}"));
    let token = request.session(&session).send().await.assert_status(200).json();
    format!("Bearer {}", token["access_token"].as_str().expect("a token"))
}

/// What an event says of something.
fn detail<'a>(event: &'a Value, key: &str) -> &'a Value {
    let details = event["details"].as_array().expect("details");
    details.iter().find(|detail| detail["key"] == key).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn entries_are_told_by_category_the_newest_first() {
    let stage = Stage::set("auditor").await;
    let told = stage.audits("categories=user,privileged").await;
    assert_eq!(told["pagination"], json!({ "cursors": {} }));
    let data = told["data"].as_array().expect("a list");
    assert_eq!(data.len(), 4);
    let ids: BTreeSet<_> = data.iter().map(|event| event["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), 4);
    let (newest, eldest) = (&data[0], &data[3]);
    assert_eq!(newest["category"], "user");
    assert_eq!(newest["createdDate"], FROZEN.iso());
    let users = |id: u64, name: &str| json!([{ "key": "id", "value": id.to_string() }, { "key": "username", "value": name }]);
    assert_eq!(detail(newest, "originatingUser")["complexValue"], users(ADMIN, "admin"));
    assert_eq!(detail(newest, "affectedUser")["complexValue"], users(ALICE, "alice"));
    assert_eq!(detail(newest, "action")["complexValue"][0]["value"], "profileInfoUpdate");
    assert_eq!(detail(newest, "authorizationRole")["value"], "USER_PROVISIONING");
    assert_eq!(eldest["category"], "privileged");
    assert_eq!(detail(eldest, "groupId")["value"], "17");
    assert_eq!(stage.count("categories=login,message").await, 0);
}

#[tokio::test]
async fn members_of_barrier_groups_are_told_in_their_category() {
    let stage = Stage::set("auditor").await;
    let admin = stage.pod.bot("admin").await;
    for change in ["add", "remove"] {
        let path = format!("/pod/v1/admin/group/0123456789abcdef01234567/membership/{change}");
        admin.post(&path, &json!([BOB])).await.assert_status(200);
    }
    assert_eq!(stage.count("categories=infobarrier").await, 2);
}

#[tokio::test]
async fn what_is_asked_for_is_narrowed_down() {
    let stage = Stage::set("auditor").await;
    for (filter, count) in [
        (format!("affectedUserId={BOB}"), 1),
        (format!("affectedUserId={ALICE}&attribute=title"), 1),
        (format!("originatingUserId={ADMIN}"), 4),
        (format!("originatingUserId={ALICE}"), 0),
        ("actionId=profileInfoUpdate".into(), 3),
        ("groupId=17".into(), 1),
        ("authorizationRole=SUPER_ADMINISTRATOR".into(), 1),
        (format!("startDate={}", FROZEN.iso()), 3),
        (format!("endDate={}", FROZEN.minus(std::time::Duration::from_secs(60)).iso()), 1),
        ("streamId=nothing".into(), 0),
    ] {
        let query = format!("categories=user,privileged&{filter}");
        assert_eq!(stage.count(&query).await, count, "{filter}");
    }
    for query in [
        "",
        "categories=gardening",
        "categories=user&startDate=2030-01-31",
        "categories=user&startDate=1700000000000",
        "categories=user&limit=101",
        "categories=user&limit=0",
        "categories=user&before=1&after=1",
        "categories=user&dateFormat=YYYY",
        "categories=user&affectedUserId=alice",
    ] {
        let refused = stage.get(&format!("/at2/v1/audits?{query}")).await.assert_status(400).json();
        assert_eq!(refused["code"], "400", "{query}: {refused}");
    }
}

#[tokio::test]
async fn pages_lead_to_each_other() {
    let stage = Stage::set("auditor").await;
    let first = stage.audits("categories=user,privileged&limit=3").await;
    assert_eq!(first["pagination"]["cursors"], json!({ "after": "1" }));
    let next = first["pagination"]["next"].as_str().expect("a path");
    let second = stage.get(next).await.assert_status(200).json();
    assert_eq!(second["data"].as_array().expect("a list").len(), 1);
    assert_eq!(second["pagination"]["cursors"], json!({ "before": "2" }));
    assert!(second["pagination"]["next"].is_null(), "{second}");
    let previous = second["pagination"]["previous"].as_str().expect("a path");
    assert_eq!(stage.get(previous).await.assert_status(200).json(), first);
}

#[tokio::test]
async fn dates_are_written_as_it_is_asked_for() {
    let stage = Stage::set("auditor").await;
    let iso = FROZEN.iso();
    let (date, time) = (&iso[..10], &iso[11..19]);
    for (format, written) in [
        ("STANDARD_AT_ACP_DATE", format!("{}-{}", &date[5..], &date[..4])),
        ("ISO_INSTANT", format!("{date}T{time}Z")),
        ("ISO_LOCAL_DATE_TIME", format!("{date}T{time}")),
        ("ISO_DATE", format!("{date}Z")),
        ("ISO_LOCAL_DATE", date.to_owned()),
        ("BASIC_ISO_DATE", date.replace('-', "") + "Z"),
    ] {
        let told = stage.audits(&format!("categories=user&dateFormat={format}")).await;
        assert_eq!(told["data"][0]["createdDate"], written, "{format}");
    }
}

#[tokio::test]
async fn the_whole_of_it_is_streamed_as_csv() {
    let stage = Stage::set("auditor").await;
    let path = "/at2/v1/audits/stream?categories=user,privileged";
    let streamed = stage.get(path).await.assert_status(200);
    assert_eq!(streamed.header("content-type"), "text/csv");
    let lines: Vec<_> = streamed.body.lines().collect();
    assert_eq!((lines[0], lines.len()), ("id,createdDate,category,details", 5));
    assert!(lines[4].contains(r#""privileged","[{""key"":""action"""#), "{}", lines[4]);
    let limited = stage.get(&format!("{path}&limit=2")).await.assert_status(200);
    assert_eq!(limited.body.lines().count(), 3);
    let request = stage.pod.anonymous().get("/at2/v1/audits?categories=user,privileged");
    let request = request.header("Authorization", &stage.bearer).header("Accept", "text/csv");
    assert_eq!(request.send().await.assert_status(200).body, streamed.body);
}

#[tokio::test]
async fn values_of_filters_are_those_of_the_entries() {
    let stage = Stage::set("auditor").await;
    let path = "/at2/v1/filters/values?categories=user,privileged";
    let filters = "filters=action,originatingUser,affectedUser,action,group,attribute";
    let told = stage.get(&format!("{path}&{filters}")).await.assert_status(200).json();
    let names: Vec<_> = told.as_array().expect("a list").iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["action", "originatingUser", "affectedUser", "group", "attribute"]);
    assert_eq!(
        told[0]["complexValues"][0][0],
        json!({ "key": "id", "value": "profileInfoUpdate" })
    );
    assert_eq!(told[2]["complexValues"].as_array().expect("a list").len(), 2);
    assert_eq!(told[3], json!({ "name": "group", "values": ["17"] }));
    assert_eq!(told[4]["values"], json!(["department", "status", "title"]));
    let his = stage.get(&format!("{path}&filters=attribute&affectedUserId={BOB}")).await.json();
    assert_eq!(his, json!([{ "name": "attribute", "values": ["status"] }]));
    for query in ["", "&filters=colour"] {
        stage.get(&format!("{path}{query}")).await.assert_status(400);
    }
    stage.get("/at2/v1/filters/values?filters=action").await.assert_status(400);
}

#[tokio::test]
async fn scans_are_for_those_who_manage_scanning() {
    let stage = Stage::set("scans").await;
    let session = stage.pod.log_in("scans").await;
    let path = "/maestro/api/v1/attachments/malware-scan/state?fileId=internal_1%2FYQ%3D%3D";
    let told = stage.pod.anonymous().request(Method::PUT, path).session(&session);
    told.json(&json!({ "status": "BAD" })).send().await.assert_status(204);
    let permissions = "/at2/v1/categories/permissions";
    let all = stage.get(permissions).await.assert_status(200).json();
    assert!(all["forbidden"].is_null(), "{all}");
    let seen = stage.audits("categories=login,malwarescan").await;
    assert_eq!(seen["data"].as_array().expect("a list").len(), 1);
    assert_eq!(detail(&seen["data"][0], "status")["value"], "BAD");
    let start = FROZEN.as_millis() - 1_000;
    let old = format!("/agent/v1/audittrail/privilegeduser?startTimestamp={start}");
    let old = stage.pod.anonymous().get(&old).session(&session).send().await.assert_status(200);
    assert!(!old.body.contains("malwareScan"), "{}", old.body);

    let bearer = token(&stage.pod, "auditor", "at2").await;
    let other = Stage { bearer, ..stage };
    let some = other.get(permissions).await.assert_status(200).json();
    assert_eq!(some["forbidden"], json!(["malwarescan"]));
    let allowed = some["allowed"].as_array().expect("a list");
    assert!(allowed.contains(&json!("login")) && !allowed.contains(&json!("malwarescan")));
    for path in ["audits", "audits/stream", "filters/values"] {
        let path = format!("/at2/v1/{path}?filters=action&categories=user,malwarescan");
        other.get(&path).await.assert_status(403);
    }
}

#[tokio::test]
async fn it_takes_a_token_of_the_scope() {
    let stage = Stage::set("auditor").await;
    let path = "/at2/v1/audits?categories=user";
    stage.pod.anonymous().get(path).send().await.assert_status(401);
    for (who, scope, status) in
        [("auditor", "", 403), ("admin", "at2", 403), ("auditor", "at2", 200)]
    {
        let bearer = token(&stage.pod, who, scope).await;
        let request = stage.pod.anonymous().get(path).header("Authorization", &bearer);
        request.send().await.assert_status(status);
    }
}
