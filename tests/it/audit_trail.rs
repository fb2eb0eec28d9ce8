//! The audit trail: what of administrators' doings it tells, to whom, and in which pages.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{AuditSeed, Clock, MockPod, Scenario};

use crate::administrator::LACKS;
use crate::jwt::claims;
use crate::messages::{form, part};
use crate::pod::{Answer, Bot, FROZEN, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
users:
  - { username: admin, accountType: SYSTEM, email: admin@mock.test, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: auditor, accountType: SYSTEM, roles: [INDIVIDUAL, AUDIT_TRAIL_MANAGEMENT] }
  - { username: keeper, accountType: SYSTEM, roles: [INDIVIDUAL, CONTENT_MANAGEMENT] }
  - { username: bot, accountType: SYSTEM }
  - { username: alice, email: alice@mock.test }
  - { username: carol, pod: 2 }
apps: [{ id: app, name: App, installedForAll: false }]
rooms: [{ name: Den, owners: [bot], members: [alice] }]
disclaimers: [{ id: 571d2052e4b042aaf06d2e7a, name: Daily, content: No advice. }]
";

const TRAIL: &str = "/agent/v1/audittrail/privilegeduser";
const ADMIN: u64 = 1 << 36 | 1;
const BOT: u64 = 1 << 36 | 4;
const ALICE: u64 = 1 << 36 | 5;

struct Stage {
    pod: Pod,
    admin: Bot,
    auditor: Bot,
}

impl Stage {
    async fn set() -> Self {
        Self::of(SCENARIO).await
    }

    async fn of(scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        let pod = Pod::built(builder).await;
        let (admin, auditor) = (pod.bot("admin").await, pod.bot("auditor").await);
        Self { pod, admin, auditor }
    }

    async fn ask(&self, query: &str) -> Answer {
        let start = FROZEN.as_millis() - 1_000;
        self.auditor.get(&format!("{TRAIL}?startTimestamp={start}&{query}")).await
    }

    /// The newest first.
    async fn trail(&self, query: &str) -> Vec<Value> {
        let answer = self.ask(query).await;
        match answer.status {
            204 => Vec::new(),
            _ => answer.assert_status(200).json()["items"].as_array().expect("items").clone(),
        }
    }

    /// What the trail tells of since the last look: names of actions, the eldest first.
    async fn told(&self) -> Vec<String> {
        let now = self.pod.clock().now().as_millis().to_string();
        let mut items = self.trail(&format!("endTimestamp={now}&limit=500")).await;
        items.retain(|item| item["timestamp"] == now);
        self.pod.clock().advance(Duration::from_millis(1));
        items.iter().rev().map(|item| item["actionName"].as_str().unwrap().to_owned()).collect()
    }

    async fn den(&self) -> String {
        let bot = self.pod.bot("bot").await;
        let streams = bot.post("/pod/v1/streams/list", &json!({})).await.json();
        streams[0]["id"].as_str().expect("an id").to_owned()
    }

    async fn add(&self, body: Value) -> Answer {
        self.pod.control().post("/_mock/audit").json(&body).send().await
    }
}

#[tokio::test]
async fn a_change_of_an_account_tells_who_changed_what_of_whom_and_when() {
    let stage = Stage::set().await;
    stage.ask("").await.assert_status(204);
    stage.pod.clock().advance(Duration::from_secs(5));
    let path = format!("/pod/v1/admin/user/{BOT}/roles/add");
    stage.admin.post(&path, &json!({ "id": "CONTENT_MANAGEMENT" })).await.assert_status(200);
    let answer = stage.ask("").await.assert_status(200).json();
    let expected = json!({ "items": [{
        "action": "Profile info update",
        "actionName": "profileInfoUpdate",
        "timestamp": (FROZEN.as_millis() + 5_000).to_string(),
        "initiatorId": ADMIN.to_string(),
        "initiatorUsername": "admin",
        "initiatorEmailAddress": "admin@mock.test",
        "affectedId": BOT.to_string(),
        "affectedUsername": "bot",
        "authorizationRoles": ["USER_PROVISIONING"],
        "attribute": "roles",
        "oldValue": "[Individual]",
        "newValue": "[Individual,Content Management]",
    }] });
    assert_eq!(answer["items"], expected["items"]);

    // Numbers, as in samples of the documentation.
    let numbers = json!({ "settings": { "auditTrailNumbers": true } });
    stage.pod.control().post("/_mock/scenario").json(&numbers).send().await.assert_status(200);
    let item = &stage.trail("").await[0];
    assert_eq!(item["initiatorId"], ADMIN);
    assert_eq!(item["affectedId"], BOT);
    assert_eq!(item["timestamp"], FROZEN.as_millis() + 5_000);
}

#[tokio::test]
async fn every_change_by_a_role_leaves_its_entry_and_nothing_else_does() {
    let stage = Stage::set().await;
    let admin = &stage.admin;
    let of = |path: &str| format!("/pod/v1/admin/user/{ALICE}/{path}");
    let ok = async |path: &str, body: Value| {
        admin.post(path, &body).await.assert_status(200);
        stage.told().await
    };
    let person = json!({ "userAttributes": { "userName": "dave", "accountType": "NORMAL" } });
    assert_eq!(ok("/pod/v2/admin/user/create", person).await, ["createUser"]);
    let key = stage.pod.identity("keeper").unwrap().rsa_public_pem().unwrap().to_owned();
    let service = json!({ "userAttributes": { "userName": "new", "accountType": "SYSTEM" } });
    assert_eq!(ok("/pod/v2/admin/user/create", service).await, ["createServiceAccount"]);
    let keyed = json!({ "currentKey": { "key": key } });
    let update = format!("/pod/v2/admin/user/{BOT}/update");
    assert_eq!(ok(&update, keyed).await, ["rsaKeyAdded"]);
    let revoked = json!({ "currentKey": { "action": "REVOKE" } });
    assert_eq!(ok(&update, revoked).await, ["rsaKeyRevoked"]);
    let change = json!({ "title": "C".repeat(1_001), "department": "Desk", "userMetadata": { "desk": "FX" } });
    let update = format!("/pod/v2/admin/user/{ALICE}/update");
    assert_eq!(ok(&update, change.clone()).await, ["profileInfoUpdate"; 3]);
    // What is so already is no change.
    assert!(ok(&update, change).await.is_empty());
    let feature = json!([{ "entitlment": "canUpdateMessage", "enabled": false }]);
    assert_eq!(ok(&of("features/update"), feature).await, ["profileInfoUpdate"]);
    let image = json!({ "image": "R0lGODlhAQABAAAAADs=" });
    assert_eq!(ok(&of("avatar/update"), image.clone()).await, ["profileInfoUpdate"]);
    for (action, name) in [("ADD", "delegateAdded"), ("REMOVE", "delegateRemoved")] {
        let delegate = json!({ "userId": BOT, "action": action });
        assert_eq!(ok(&of("delegates/update"), delegate).await, [name]);
    }
    let disclaimer = json!({ "id": "571d2052e4b042aaf06d2e7a" });
    assert_eq!(ok(&of("disclaimer/update"), disclaimer).await, ["disclaimerAssigned"]);
    admin.delete(&of("disclaimer")).await.assert_status(200);
    assert_eq!(stage.told().await, ["disclaimerRemoved"]);
    let followers = json!({ "followers": [BOT] });
    for (verb, name) in [("follow", "followersAdded"), ("unfollow", "followersRemoved")] {
        let path = format!("/pod/v1/user/{ALICE}/{verb}");
        assert_eq!(ok(&path, followers.clone()).await, [name]);
        assert!(ok(&path, followers.clone()).await.is_empty());
    }
    let sessions = format!("/pod/v1/users/{BOT}/sessions/logout");
    stage.pod.log_in("bot").await;
    assert_eq!(ok(&sessions, Value::Null).await, ["userSessionsEnded"]);
    assert!(ok(&sessions, Value::Null).await.is_empty());
    let busy = json!({ "category": "BUSY" });
    let presence = format!("/pod/v1/user/{ALICE}/presence");
    assert_eq!(ok(&presence, busy.clone()).await, ["presenceUpdated"]);
    assert!(ok(&presence, busy.clone()).await.is_empty());

    let install = json!([{ "appId": "app", "listed": true, "install": true }]);
    assert_eq!(ok(&of("app/entitlement/list"), install).await, ["userAppEntitlementInstall"]);
    let app = json!({ "applicationInfo": { "appId": "new-app", "name": "New App" } });
    assert_eq!(ok("/pod/v1/admin/app/create", app).await, ["appCreated"]);
    let change = json!({ "description": "better" });
    let update = "/pod/v1/admin/app/new-app/update";
    assert_eq!(ok(update, change.clone()).await, ["appUpdated"]);
    assert!(ok(update, change).await.is_empty());
    let listed = json!([{
        "appId": "new-app", "appName": "New App", "enable": true, "listed": true, "install": true,
    }]);
    let everybody = "/pod/v1/admin/app/entitlement/list";
    assert_eq!(ok(everybody, listed.clone()).await, ["podAppEntitlementUpdate"]);
    assert!(ok(everybody, listed).await.is_empty());
    assert_eq!(ok("/pod/v1/admin/app/new-app/delete", Value::Null).await, ["appDeleted"]);

    let den = stage.den().await;
    let room = format!("/pod/v1/admin/room/{den}");
    let keeper = json!({ "id": ADMIN + 2 });
    let add = format!("{room}/membership/add");
    assert_eq!(ok(&add, keeper.clone()).await, ["addedMember"]);
    assert!(ok(&add, keeper.clone()).await.is_empty());
    assert_eq!(ok(&format!("{room}/membership/remove"), keeper).await, ["removedMember"]);
    for (active, name) in [(false, "roomDeactivated"), (true, "roomReactivated")] {
        let path = format!("{room}/setActive?active={active}");
        assert_eq!(ok(&path, Value::Null).await, [name]);
    }
    let im = json!([ALICE, BOT]);
    assert_eq!(ok("/pod/v1/admin/im/create", im.clone()).await, ["conversationCreated"]);
    assert!(ok("/pod/v1/admin/im/create", im).await.is_empty());
    let of_alice = json!({ "status": "DISABLED" });
    assert_eq!(ok(&of("status/update"), of_alice).await, ["profileInfoUpdate"]);
    // Reads, refusals, and what one may do without a role.
    admin.get(&format!("/pod/v2/admin/user/{ALICE}")).await.assert_status(200);
    admin.post(&of("roles/add"), &json!({ "id": "NONE" })).await.assert_status(400);
    let bot = stage.pod.bot("bot").await;
    let own = format!("/pod/v1/admin/user/{BOT}/avatar/update");
    bot.post(&own, &image).await.assert_status(200);
    let own = format!("/pod/v1/admin/user/{ADMIN}/avatar/update");
    admin.post(&own, &image).await.assert_status(200);
    admin.post("/pod/v1/user/presence", &busy).await.assert_status(200);
    let add = format!("/pod/v1/room/{den}/membership/add");
    bot.post(&add, &json!({ "id": ADMIN + 2 })).await.assert_status(200);
    assert!(stage.told().await.is_empty());
}

#[tokio::test]
async fn a_long_value_is_told_in_a_thousand_characters() {
    let stage = Stage::set().await;
    let path = format!("/pod/v2/admin/user/{ALICE}/update");
    let change = json!({ "title": "ä".repeat(1_001), "department": "ö".repeat(1_000) });
    stage.admin.post(&path, &change).await.assert_status(200);
    let told = stage.trail("").await;
    let of = |attribute: &str| {
        let item = told.iter().find(|item| item["attribute"] == attribute).expect("an entry");
        item["newValue"].as_str().expect("a value").to_owned()
    };
    assert_eq!(of("title"), format!("{}…", "ä".repeat(999)));
    assert_eq!(of("department"), "ö".repeat(1_000));
}

#[tokio::test]
async fn messages_that_are_suppressed_or_imported_by_a_role_are_told_of_with_their_stream() {
    let stage = Stage::set().await;
    let den = stage.den().await;
    let (bot, keeper) = (stage.pod.log_in("bot").await, stage.pod.bot("keeper").await);
    let create = format!("/agent/v4/stream/{den}/message/create");
    let said = async || {
        let request = stage.pod.anonymous().post(&create).session(&bot);
        let sent = form(request, &[part("message", "<messageML>Hello</messageML>")]).send().await;
        sent.assert_status(200).json()["messageId"].as_str().expect("an id").to_owned()
    };
    let suppress = |id: &str| format!("/pod/v1/admin/messagesuppression/{id}/suppress");
    let mine = stage.pod.anonymous().post(&suppress(&said().await)).session(&bot);
    mine.send().await.assert_status(200);
    stage.ask("").await.assert_status(204);
    keeper.post_nothing(&suppress(&said().await)).await.assert_status(200);
    let item = &stage.trail("").await[0];
    assert_eq!(item["actionName"], "messageSuppressed");
    assert_eq!(item["authorizationRoles"], json!(["CONTENT_MANAGEMENT"]));
    assert_eq!((&item["conversationType"], &item["scope"]), (&json!("Room"), &json!("Internal")));
    let thread = item["threadId"].as_str().expect("a thread");
    assert!(thread.ends_with("%3D%3D") && !thread.contains(['/', '+', '=']), "{thread}");

    stage.pod.user("alice").leave("Den").expect("she may");
    let join = json!({ "id": ADMIN + 2 });
    let path = format!("/pod/v1/admin/room/{den}/membership/add");
    stage.admin.post(&path, &join).await.assert_status(200);
    let old = json!([{
        "message": "<messageML>Long ago</messageML>", "streamId": den, "format": "MESSAGEML",
        "intendedMessageTimestamp": 1, "intendedMessageFromUserId": BOT,
        "originatingSystemId": "fooChat",
    }]);
    keeper.post("/agent/v4/message/import", &old).await.assert_status(200);
    let item = &stage.trail("role=CONTENT_MANAGEMENT&limit=1").await[0];
    assert_eq!(
        (&item["actionName"], &item["affectedUsername"]),
        (&json!("messageImported"), &json!("bot"))
    );
}

#[tokio::test]
async fn certificates_of_the_company_are_told_of_by_their_fingerprints() {
    let stage = Stage::set().await;
    let pem = stage.pod.identity("bot").unwrap().certificate_pem().to_owned();
    let body = json!({ "pem": pem, "attributes": {
        "name": "mine", "type": { "type": "USER" }, "status": { "type": "KNOWN" },
    } });
    let made =
        stage.admin.post("/pod/v2/companycert/create", &body).await.assert_status(200).json();
    assert_eq!(stage.told().await, ["companyCertAdded"]);
    let fingerprint = made["companyCertInfo"]["fingerPrint"].as_str().expect("a fingerprint");
    let path = format!("/pod/v1/companycert/{fingerprint}/update");
    let change = json!({ "status": { "type": "TRUSTED" } });
    stage.admin.post(&path, &change).await.assert_status(200);
    assert_eq!(stage.told().await, ["companyCertUpdated"]);
    let delete = json!({ "id": fingerprint });
    stage.admin.post("/pod/v1/companycert/delete", &delete).await.assert_status(200);
    let item = &stage.trail("limit=1").await[0];
    assert_eq!(
        (&item["fingerPrint"], &item["certificateName"]),
        (&json!(fingerprint), &json!("mine"))
    );
    assert_eq!(stage.told().await, ["companyCertRemoved"]);
}

#[tokio::test]
async fn the_trail_is_read_in_pages_whose_cursors_lead_both_ways() {
    let stage = Stage::set().await;
    for n in 1..=5 {
        let body = json!({ "action": format!("Deed {n}"), "initiator": "alice" });
        stage.add(body).await.assert_status(201);
        stage.pod.clock().advance(Duration::from_secs(1));
    }
    let page = async |cursor: &str| {
        stage.ask(&format!("limit=2&role=SUPER_ADMINISTRATOR&{cursor}")).await.json()
    };
    let actions = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["action"].as_str().unwrap().to_owned()).collect()
    };
    let first = page("").await;
    assert_eq!(actions(&first), ["Deed 5", "Deed 4"]);
    let start = FROZEN.as_millis() - 1_000;
    let filters = format!("startTimestamp={start}&role=SUPER%5FADMINISTRATOR&limit=2");
    let link = |cursor: &str| format!("{TRAIL}?&{filters}&{cursor}");
    let pagination = json!({ "cursors": { "before": "1", "after": "1" }, "next": link("after=1") });
    assert_eq!(first["pagination"], pagination);
    let second = page("after=1").await;
    assert_eq!(actions(&second), ["Deed 3", "Deed 2"]);
    let pagination = json!({
        "cursors": { "before": "2", "after": "2" },
        "previous": link("before=2"), "next": link("after=2"),
    });
    assert_eq!(second["pagination"], pagination);
    let last = page("after=2").await;
    assert_eq!(actions(&last), ["Deed 1"]);
    assert_eq!(last["pagination"]["cursors"], json!({ "before": "3" }));
    assert!(last["pagination"].get("next").is_none());
    assert_eq!(actions(&page("before=3").await), ["Deed 3", "Deed 2"]);
    // As it stands in the answer.
    let next = first["pagination"]["next"].as_str().expect("a link");
    assert_eq!(stage.auditor.get(next).await.assert_status(200).json(), second);
    // All of it needs no pages.
    let only = stage.ask("").await.json();
    assert_eq!(only["pagination"], json!({ "cursors": { "before": "1" } }), "BDKs page by it");
    for beyond in ["after=3", "before=1", "before=0", "after=18446744073709551615"] {
        stage.ask(&format!("limit=2&{beyond}")).await.assert_status(204);
    }
    for wrong in
        ["after=x", "before=1&after=1", "limit=0", "limit=501", "role=NONE", "initiatorId=x"]
    {
        stage.ask(wrong).await.assert_status(400);
    }
}

#[tokio::test]
async fn the_trail_is_filtered_by_time_initiator_and_role() {
    let stage = Stage::set().await;
    let at = FROZEN.as_millis();
    for (who, role, at) in [
        ("alice", "ADMINISTRATOR", at - 60_000),
        ("alice", "COMPLIANCE_OFFICER", at - 500),
        ("carol", "ADMINISTRATOR", at),
    ] {
        let body = json!({ "action": "Did it", "initiator": who, "roles": [role], "at": at });
        stage.add(body).await.assert_status(201);
    }
    let who = async |query: &str| {
        let items = stage.trail(query).await;
        let names = items.iter().map(|item| item["initiatorUsername"].as_str().unwrap());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(who("").await, "carol alice");
    assert_eq!(who(&format!("endTimestamp={}", at - 1)).await, "alice");
    assert_eq!(who(&format!("endTimestamp={}", at - 2_000)).await, "");
    assert_eq!(who("role=ADMINISTRATOR").await, "carol");
    assert_eq!(who(&format!("initiatorId={ALICE}")).await, "alice");
    assert_eq!(who("initiatorId=17").await, "");

    let days = |days: u64| at - days * 86_400_000;
    let ask = async |query: String| stage.auditor.get(&format!("{TRAIL}?{query}")).await;
    ask(format!("startTimestamp={}", days(30))).await.assert_status(200);
    let long = format!("startTimestamp={}", days(30) - 1);
    let refused = ask(long).await.assert_status(400).json();
    let expected = json!({
        "code": 400,
        "message": "\"Max of 30 days is allowed per request.\"",
        "details": "Max of 30 days is allowed per request.",
    });
    assert_eq!(refused, expected);
    ask(format!("startTimestamp={}&endTimestamp={at}", days(31))).await.assert_status(400);
    ask("limit=1".into()).await.assert_status(400);
    ask("startTimestamp=yesterday".into()).await.assert_status(400);
    stage.admin.get(&format!("{TRAIL}?startTimestamp={at}")).await.assert_error(403, LACKS);
}

#[tokio::test]
async fn a_seed_has_a_trail_and_snapshots_exports_and_resets_keep_it() {
    let seed = "
auditTrail:
  - { action: RSA Key Added, initiator: alice, affected: bot, at: -5m, details: { attribute: key } }
  - { action: Room Deactivated, actionName: closed, initiator: carol, roles: [L1_SUPPORT], at: -1ms }
";
    let stage = Stage::of(&format!("{SCENARIO}{seed}")).await;
    let names = async |stage: &Stage| {
        let start = FROZEN.as_millis() - 86_400_000;
        let answer = stage.auditor.get(&format!("{TRAIL}?startTimestamp={start}")).await.json();
        let items = answer["items"].as_array().expect("items").iter();
        items.map(|item| item["actionName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&stage).await, ["closed", "rsaKeyAdded"]);
    let control = stage.pod.control();
    let exported = control.get("/_mock/scenario").send().await.json();
    let expected = json!({
        "action": "RSA Key Added", "actionName": "rsaKeyAdded", "initiator": "alice",
        "affected": "bot", "roles": ["SUPER_ADMINISTRATOR"], "details": { "attribute": "key" },
        "at": "2025-06-15T15:01:40.000Z",
    });
    assert_eq!(exported["auditTrail"][0], expected);

    let then = stage.pod.snapshot();
    stage.pod.audit(AuditSeed::new("More", "alice")).expect("she exists");
    assert_eq!(names(&stage).await, ["more", "closed", "rsaKeyAdded"]);
    stage.pod.restore(&then);
    assert_eq!(names(&stage).await, ["closed", "rsaKeyAdded"]);
    let put = control.request(Method::PUT, "/_mock/scenario").json(&exported).send().await;
    put.assert_status(200);
    let again = control.get("/_mock/scenario").send().await.json();
    assert_eq!(again["auditTrail"], exported["auditTrail"]);

    for (wrong, field) in [
        (json!({ "action": "A", "initiator": "nobody" }), "initiator"),
        (json!({ "action": "A", "initiator": "alice", "affected": "nobody" }), "affected"),
        (json!({ "action": "A", "initiator": "alice", "roles": ["NONE"] }), "roles"),
        (json!({ "action": " ", "initiator": "alice" }), "action"),
    ] {
        assert_eq!(stage.add(wrong).await.assert_status(400).json()["field"], field);
    }
    let wrong = "auditTrail: [{ action: A, initiator: nobody }]";
    let wrong = MockPod::builder().scenario(Scenario::parse(wrong).unwrap()).start().await;
    let error = wrong.expect_err("nobody is called so").to_string();
    assert!(error.contains("auditTrail[0].initiator"), "{error}");
}

#[tokio::test]
async fn the_id_of_the_role_that_manages_groups_is_a_setting() {
    let scenario = "
settings: { groupManagerRole: DL_MANAGER }
users:
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: auditor, accountType: SYSTEM, roles: [DL_MANAGER] }
  - { username: bot, accountType: SYSTEM }
";
    let stage = Stage::of(scenario).await;
    let scope = "/login/idm/tokens?scope=profile-manager";
    let granted = async |bot: &Bot| {
        let answer = bot.post_nothing(scope).await.assert_status(200).json();
        claims(answer["access_token"].as_str().expect("a token"))["scope"].clone()
    };
    assert_eq!(granted(&stage.auditor).await, "profile-manager");
    let bot = stage.pod.bot("bot").await;
    assert_eq!(granted(&bot).await, "");
    let roles = stage.admin.get("/pod/v1/admin/system/roles/list").await.assert_status(200).json();
    let ids: Vec<_> = roles.as_array().unwrap().iter().map(|role| &role["id"]).collect();
    assert!(ids.contains(&&json!("DL_MANAGER")) && !ids.contains(&&json!("GROUP_MANAGER")));
    let add = format!("/pod/v1/admin/user/{}/roles/add", 1_u64 << 36 | 3);
    stage.admin.post(&add, &json!({ "id": "GROUP_MANAGER" })).await.assert_status(400);
    stage.admin.post(&add, &json!({ "id": "DL_MANAGER" })).await.assert_status(200);
    assert_eq!(granted(&bot).await, "profile-manager");

    for (wrong, why) in [
        ("", "expected letters, digits and _"),
        ("USER_PROVISIONING", "which is another role"),
        ("[A]", "expected letters, digits and _"),
    ] {
        let scenario = format!("settings: {{ groupManagerRole: '{wrong}' }}");
        let error = match Scenario::parse(&scenario) {
            Ok(scenario) => {
                let started = MockPod::builder().scenario(scenario).start().await;
                started.expect_err("no id for a role").to_string()
            }
            Err(error) => error.to_string(),
        };
        assert!(error.contains("groupManagerRole") && error.contains(why), "{error}");
    }
}
