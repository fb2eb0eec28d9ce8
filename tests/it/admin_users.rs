//! Accounts and roles, and what becomes of the sessions of those whose account is taken away.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::Timestamp;

use crate::administrator::Administrator;
use crate::jwt::Jwt;
use crate::pod::{Answer, FROZEN, Pod};

const CREATE: &str = "/pod/v2/admin/user/create";
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Administrator {
    async fn create(&self, attributes: Value) -> Value {
        let body = json!({ "userAttributes": attributes });
        self.post(CREATE, &body).await.assert_status(200).json()
    }

    /// A new service user with this name; gives its id.
    async fn service_user(&self, name: &str) -> u64 {
        let created = self.create(json!({ "userName": name, "accountType": "SYSTEM" })).await;
        created["userSystemInfo"]["id"].as_u64().expect("an id")
    }

    async fn update(&self, id: u64, attributes: Value) -> Answer {
        self.post(&format!("/pod/v2/admin/user/{id}/update"), &attributes).await
    }

    async fn user(&self, id: u64) -> Value {
        self.get(&format!("/pod/v2/admin/user/{id}")).await.assert_status(200).json()
    }

    pub async fn set_status(&self, id: u64, status: &str) {
        let path = format!("/pod/v1/admin/user/{id}/status/update");
        self.post(&path, &json!({ "status": status })).await.assert_done("OK");
    }

    async fn suspend(&self, id: u64, suspension: Value) -> Answer {
        let path = format!("/pod/v1/admin/user/{id}/suspension/update");
        self.send(Method::PUT, &path, &suspension).await
    }

    async fn role(&self, id: u64, change: &str, role: &str) -> Answer {
        let path = format!("/pod/v1/admin/user/{id}/roles/{change}");
        self.post(&path, &json!({ "id": role })).await
    }
}

/// Logs in with the RSA key of the identity `key`.
async fn log_in_with_key(pod: &Pod, username: &str, key: &str) -> Answer {
    let jwt = Jwt::of(pod, &pod.identity(key).unwrap()).subject(username).sign();
    let body = json!({ "token": jwt });
    pod.anonymous().post("/login/pubkey/authenticate").json(&body).send().await
}

async fn assert_alive(pod: &Pod, token: &str) {
    pod.session_info(token).await.assert_status(200);
}

async fn assert_ended(pod: &Pod, token: &str) {
    pod.session_info(token).await.assert_error(401, "Invalid session");
}

#[tokio::test]
async fn a_created_service_user_is_there_at_once_and_logs_in() {
    let admin = Administrator::frozen().await;
    let me = admin.id("admin").await;
    let attributes = json!({
        "userName": "new-bot",
        "emailAddress": "new-bot@mock.test",
        "displayName": "New Bot",
        "accountType": "SYSTEM",
    });
    let created = admin.create(attributes).await;
    let id = created["userSystemInfo"]["id"].as_u64().unwrap();
    assert_eq!(
        created,
        json!({
            "userAttributes": {
                "emailAddress": "new-bot@mock.test",
                "userName": "new-bot",
                "displayName": "New Bot",
                "companyName": "Mock Company",
                "accountType": "SYSTEM",
            },
            "userSystemInfo": {
                "id": id,
                "status": "ENABLED",
                "suspended": false,
                "createdDate": FROZEN.as_millis(),
                "createdBy": me.to_string(),
                "lastUpdatedDate": FROZEN.as_millis(),
            },
            "avatar": { "size": "original", "url": "../avatars/static/150/default.png" },
            "roles": ["INDIVIDUAL"],
        })
    );
    assert_eq!(id >> 36, me >> 36, "it is a user of this pod");
    assert_eq!(admin.user(id).await, created);

    admin.clock().advance(HOUR);
    let token = admin.log_in("new-bot").await;
    assert_eq!(admin.session_info(&token).await.json()["id"], id);
    let login = admin.user(id).await["userSystemInfo"]["lastLoginDate"].clone();
    assert_eq!(login, FROZEN.plus(HOUR).as_millis());
}

#[tokio::test]
async fn every_attribute_is_kept_and_told_by_version() {
    let admin = Administrator::start().await;
    let basic = json!({
        "emailAddress": "john@mock.test", "firstName": "John", "lastName": "Doe",
        "userName": "john", "displayName": "Johnny", "companyName": "Other", "department": "Desk",
        "division": "West", "title": "Trader", "workPhoneNumber": "+1", "mobilePhoneNumber": "+2",
        "smsNumber": "+3", "accountType": "NORMAL", "location": "Rome", "jobFunction": "Trading",
        "assetClasses": ["Equities"], "industries": ["Technology"],
    });
    let mut full = basic.clone();
    let more = json!({
        "twoFactorAuthPhone": "+4", "recommendedLanguage": "italian", "marketCoverage": ["EMEA"],
        "responsibility": ["BAU"], "function": ["Processing"], "instrument": ["Bonds"],
        "userMetadata": { "key": "value", "keys": ["a", "b"] },
    });
    full.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let id = admin.create(full.clone()).await["userSystemInfo"]["id"].as_u64().unwrap();
    assert_eq!(admin.user(id).await["userAttributes"], full);
    let v1 = admin.get(&format!("/pod/v1/admin/user/{id}")).await.assert_status(200).json();
    assert_eq!(v1["userAttributes"], basic);

    // An update changes what it names, and nothing else.
    let updated = admin.update(id, json!({ "title": "Manager", "industries": [] })).await;
    full["title"] = json!("Manager");
    full["industries"] = json!([]);
    assert_eq!(updated.assert_status(200).json()["userAttributes"], full);
    assert_eq!(admin.user(id).await["userAttributes"], full);
    let path = format!("/pod/v1/admin/user/{id}/update");
    let body = json!({ "title": "Chief", "twoFactorAuthPhone": "not of this version" });
    let v1 = admin.post(&path, &body).await.assert_status(200).json();
    assert_eq!(v1["userAttributes"]["title"], "Chief");
    assert_eq!(admin.user(id).await["userAttributes"]["twoFactorAuthPhone"], "+4");
}

#[tokio::test]
async fn the_first_version_creates_users_too() {
    let admin = Administrator::start().await;
    let body = json!({
        "userAttributes": { "userName": "old", "firstName": "Old", "lastName": "Way" },
        "password": { "hSalt": "s", "hPassword": "p", "khSalt": "s", "khPassword": "p" },
        "roles": ["INDIVIDUAL", "L1_SUPPORT", "INDIVIDUAL"],
    });
    let created = admin.post("/pod/v1/admin/user/create", &body).await.assert_status(200).json();
    let attributes = &created["userAttributes"];
    assert_eq!(attributes["displayName"], "Old Way");
    assert_eq!(attributes["accountType"], "NORMAL");
    assert_eq!(created["roles"], json!(["INDIVIDUAL", "L1_SUPPORT"]));
}

#[tokio::test]
async fn names_and_addresses_are_unique_and_what_cannot_be_is_refused() {
    let admin = Administrator::start().await;
    let before = admin.list("/pod/v2/admin/user/list").await;
    let create = async |attributes: Value| {
        admin.post(CREATE, &json!({ "userAttributes": attributes })).await
    };
    create(json!({ "userName": "bot" })).await.assert_error(400, "Another user has this userName");
    let taken = create(json!({ "userName": "x", "emailAddress": "ALICE@mock.test" })).await;
    taken.assert_error(400, "Another user has this emailAddress");
    for bad in [
        json!({}),
        json!({ "userName": " " }),
        json!({ "userName": "x", "accountType": "BOT" }),
        json!({ "userName": "x", "accountType": "SDL" }),
        json!({ "userName": 7 }),
    ] {
        create(bad).await.assert_status(400);
    }
    for roles in [json!(["NONSENSE"]), json!(["USER_PROVISIONING"])] {
        let body = json!({ "userAttributes": { "userName": "x" }, "roles": roles });
        admin.post(CREATE, &body).await.assert_status(400);
    }
    let bot = admin.id("bot").await;
    admin.update(bot, json!({ "userName": "alice" })).await.assert_status(400);
    admin.update(bot, json!({ "emailAddress": "alice@mock.test" })).await.assert_status(400);
    admin.update(bot, json!({ "accountType": "NORMAL" })).await.assert_status(400);
    assert_eq!(admin.list("/pod/v2/admin/user/list").await, before);

    // One's own name and address are no obstacle, and a new name is good for the next login.
    let alice = admin.id("alice").await;
    let own = json!({ "userName": "alice", "emailAddress": "alice@mock.test" });
    admin.update(alice, own).await.assert_status(200);
    admin.update(bot, json!({ "userName": "robot" })).await.assert_status(200);
    admin.log_in("robot").await;
    admin.client("bot").post("/sessionauth/v1/authenticate").send().await.assert_status(401);
    create(json!({ "userName": "bot", "accountType": "SYSTEM" })).await.assert_status(200);
    admin.log_in("bot").await;
}

#[tokio::test]
async fn no_group_is_made_as_a_user_and_a_role_given_twice_is_had_once() {
    let admin = Administrator::frozen().await;
    let before = admin.get("/pod/v1/admin/user/list").await.json();
    let wish =
        json!({ "userAttributes": { "userName": "desk", "accountType": "SDL" }, "roles": [] });
    admin.post("/pod/v2/admin/user/create", &wish).await.assert_status(400);
    assert_eq!(admin.get("/pod/v1/admin/user/list").await.json(), before);
    let roles = json!(["INDIVIDUAL", "CONTENT_MANAGEMENT", "INDIVIDUAL"]);
    let wish = json!({ "userAttributes": { "userName": "desk", "accountType": "SYSTEM" },
                       "roles": roles });
    let made = admin.post("/pod/v2/admin/user/create", &wish).await.assert_status(200).json();
    assert_eq!(made["roles"], json!(["INDIVIDUAL", "CONTENT_MANAGEMENT"]));
}

#[tokio::test]
async fn users_of_other_pods_and_of_none_are_not_administered() {
    let admin = Administrator::start().await;
    let carol = (2_u64 << 36) | 1;
    for id in [carol, 1, u64::MAX] {
        let path = |tail: &str| format!("/pod/v1/admin/user/{id}{tail}");
        admin.get(&path("")).await.assert_status(400);
        admin.get(&format!("/pod/v2/admin/user/{id}")).await.assert_status(400);
        admin.get(&path("/status")).await.assert_status(400);
        admin
            .post(&path("/status/update"), &json!({ "status": "ENABLED" }))
            .await
            .assert_status(400);
        admin.update(id, json!({ "title": "x" })).await.assert_status(400);
        admin.suspend(id, json!({ "suspended": true })).await.assert_status(400);
        admin.role(id, "add", "INDIVIDUAL").await.assert_status(400);
        admin.role(id, "remove", "INDIVIDUAL").await.assert_status(404);
    }
    admin.get("/pod/v2/admin/user/alice").await.assert_status(400);
    admin.get("/pod/v2/admin/user/-1").await.assert_status(400);
}

#[tokio::test]
async fn lists_hold_the_pods_own_users_in_pages() {
    let admin = Administrator::start().await;
    let names = async |path: &str| {
        let list = admin.list(path).await;
        let name = |user: &Value| user["userAttributes"]["userName"].as_str().unwrap().to_owned();
        list.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names("/pod/v2/admin/user/list").await, ["admin", "bot", "alice"]);
    assert_eq!(names("/pod/v2/admin/user/list?skip=1&limit=1").await, ["bot"]);
    assert_eq!(names("/pod/v3/admin/user/list?skip=2").await, ["alice"]);
    let ids = admin.list("/pod/v1/admin/user/list").await;
    let bot = admin.id("bot").await;
    assert_eq!((ids.len(), &ids[1]), (3, &json!(bot)));

    let plain = &admin.list("/pod/v2/admin/user/list").await[0];
    assert!(plain.get("features").is_none() && plain.get("disclaimers").is_none(), "{plain}");
    assert!(admin.list("/pod/v3/admin/user/list").await[0].get("features").is_none());
    let featured = admin.list("/pod/v3/admin/user/list?includeFeatures=True").await;
    assert!(featured[0]["features"].is_array());

    for version in ["v2", "v3"] {
        for query in ["skip=-1", "limit=0", "limit=1001", "limit=x"] {
            admin.get(&format!("/pod/{version}/admin/user/list?{query}")).await.assert_status(400);
        }
    }
}

#[tokio::test]
async fn users_are_found_by_role_and_status() {
    let admin = Administrator::start().await;
    let find = async |filter: Value, query: &str| {
        let found = admin.post(&format!("/pod/v1/admin/user/find{query}"), &filter).await;
        let found = found.assert_status(200).json();
        let name = |user: &Value| user["userAttributes"]["userName"].as_str().unwrap().to_owned();
        found.as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(find(json!({}), "").await, ["admin", "bot", "alice"]);
    assert_eq!(find(json!({ "role": "USER_PROVISIONING" }), "").await, ["admin"]);
    assert_eq!(find(json!({ "role": "NONSENSE" }), "").await, [""; 0]);
    admin.set_status(admin.id("bot").await, "DISABLED").await;
    assert_eq!(find(json!({ "status": "DISABLED" }), "").await, ["bot"]);
    assert_eq!(
        find(json!({ "status": "ENABLED", "role": "INDIVIDUAL" }), "?skip=1").await,
        ["alice"]
    );
    let path = "/pod/v1/admin/user/find";
    admin.post(path, &json!({ "status": "GONE" })).await.assert_status(400);
    admin.post(path, &json!({ "feature": "canDance" })).await.assert_status(400);
}

#[tokio::test]
async fn a_disabled_account_has_no_sessions_and_opens_none() {
    let admin = Administrator::frozen().await;
    let bot = admin.id("bot").await;
    let status = format!("/pod/v1/admin/user/{bot}/status");
    assert_eq!(admin.get(&status).await.json(), json!({ "status": "ENABLED", "suspended": false }));
    let sessions = [admin.log_in("bot").await, admin.log_in("bot").await];

    admin.set_status(bot, "DISABLED").await;
    for session in &sessions {
        assert_ended(&admin, session).await;
    }
    let client = admin.client("bot");
    for login in ["/sessionauth/v1/authenticate", "/keyauth/v1/authenticate"] {
        client.post(login).send().await.assert_status(401);
    }
    assert_eq!(admin.get(&status).await.json()["status"], "DISABLED");
    let info = admin.user(bot).await["userSystemInfo"].clone();
    assert_eq!(
        (&info["status"], &info["deactivatedDate"]),
        (&json!("DISABLED"), &json!(FROZEN.as_millis()))
    );
    assert_alive(&admin, &admin.token).await;

    admin.set_status(bot, "ENABLED").await;
    assert!(admin.user(bot).await["userSystemInfo"].get("deactivatedDate").is_none());
    assert_ended(&admin, &sessions[0]).await;
    let again = admin.log_in("bot").await;
    admin.set_status(bot, "ENABLED").await;
    assert_alive(&admin, &again).await;
    for bad in [json!({}), json!({ "status": "GONE" }), json!({ "status": null })] {
        admin.post(&format!("{status}/update"), &bad).await.assert_status(400);
    }
}

#[tokio::test]
async fn a_suspension_ends_sessions_and_lasts_as_long_as_it_says() {
    let admin = Administrator::frozen().await;
    let bot = admin.id("bot").await;
    // The API file's example counts seconds; the BDKs send milliseconds.
    let ends = [|at: Timestamp| at.as_secs(), |at: Timestamp| at.as_millis()];
    for end in ends {
        let session = admin.log_in("bot").await;
        let until = end(admin.clock().now().plus(HOUR));
        let suspension =
            json!({ "suspended": true, "suspendedUntil": until, "suspensionReason": "leave" });
        admin.suspend(bot, suspension.clone()).await.assert_done("User suspended with success");
        assert_ended(&admin, &session).await;
        let login = admin.client("bot");
        login.post("/sessionauth/v1/authenticate").send().await.assert_status(401);
        let status = format!("/pod/v1/admin/user/{bot}/status");
        let mut expected = suspension.clone();
        expected["status"] = json!("ENABLED");
        assert_eq!(admin.get(&status).await.json(), expected);
        let info = admin.user(bot).await["userSystemInfo"].clone();
        assert_eq!((&info["suspended"], &info["suspendedUntil"]), (&json!(true), &json!(until)));

        // A moment before its end it holds; its time over, it shows until the next login, which
        // ends it.
        admin.clock().advance(HOUR - Duration::from_millis(1));
        login.post("/sessionauth/v1/authenticate").send().await.assert_status(401);
        admin.clock().advance(Duration::from_millis(1));
        assert_eq!(admin.get(&status).await.json()["suspended"], true);
        admin.log_in("bot").await;
        let active = json!({ "status": "ENABLED", "suspended": false });
        assert_eq!(admin.get(&status).await.json(), active);
    }

    // Without an end it lasts until an administrator ends it.
    admin.suspend(bot, json!({ "suspended": true })).await.assert_status(200);
    admin.clock().advance(1_000 * HOUR);
    // The administrator's own session is older than the longest there is.
    let admin = Administrator { token: admin.log_in("admin").await, ..admin };
    admin.client("bot").post("/sessionauth/v1/authenticate").send().await.assert_status(401);
    admin.suspend(bot, json!({ "suspended": false })).await.assert_status(200);
    admin.log_in("bot").await;
    admin.suspend(bot, json!({ "suspensionReason": "?" })).await.assert_status(400);
    admin.suspend(bot, json!({ "suspended": true, "suspendedUntil": -5 })).await.assert_status(400);
}

#[tokio::test]
async fn keys_come_with_the_account_and_rotate() {
    let admin = Administrator::frozen().await;
    let [first, second, third] = ["key-1", "key-2", "key-3"].map(|name| admin.key(name));
    let attributes = json!({
        "userName": "signer", "accountType": "SYSTEM", "currentKey": { "key": first },
    });
    let created = admin.create(attributes).await;
    let id = created["userSystemInfo"]["id"].as_u64().unwrap();
    let keys = async || {
        let attributes = admin.user(id).await["userAttributes"].clone();
        (attributes["currentKey"].clone(), attributes["previousKey"].clone())
    };
    assert_eq!(keys().await, (json!({ "key": first }), Value::Null));
    log_in_with_key(&admin, "signer", "key-1").await.assert_status(200);
    log_in_with_key(&admin, "signer", "key-2").await.assert_status(401);

    // What came back may be sent back.
    let echo = admin.user(id).await["userAttributes"].clone();
    admin.update(id, echo).await.assert_status(200);

    let save = |key: &str| json!({ "currentKey": { "key": key, "action": "SAVE" } });
    admin.update(id, save(&second)).await.assert_status(200);
    let expires = FROZEN.plus(72 * HOUR).as_millis();
    let previous = json!({ "key": first, "expirationDate": expires });
    assert_eq!(keys().await, (json!({ "key": second }), previous));
    for key in ["key-1", "key-2"] {
        log_in_with_key(&admin, "signer", key).await.assert_status(200);
    }
    let echo = admin.user(id).await["userAttributes"].clone();
    admin.update(id, echo).await.assert_status(200);

    admin.update(id, json!({ "previousKey": { "action": "EXTEND" } })).await.assert_status(200);
    let extended = FROZEN.plus(144 * HOUR).as_millis();
    assert_eq!(keys().await.1["expirationDate"], extended);
    admin.clock().advance(143 * HOUR);
    log_in_with_key(&admin, "signer", "key-1").await.assert_status(200);
    admin.clock().advance(HOUR);
    log_in_with_key(&admin, "signer", "key-1").await.assert_status(401);
    assert_eq!(keys().await.1, Value::Null, "an expired key is not told of");
    admin.update(id, save(&third)).await.assert_status(200);
    log_in_with_key(&admin, "signer", "key-3").await.assert_status(200);
}

#[tokio::test]
async fn a_revoked_key_takes_its_sessions_along_and_no_other() {
    let admin = Administrator::start().await;
    let [first, second] = ["key-1", "key-2"].map(|name| admin.key(name));
    let id = admin.service_user("signer").await;
    admin.update(id, json!({ "currentKey": { "key": first } })).await.assert_status(200);
    let by_certificate = admin.log_in("signer").await;
    let by_first = log_in_with_key(&admin, "signer", "key-1").await.token();
    let save = json!({ "currentKey": { "key": second, "action": "SAVE" } });
    admin.update(id, save).await.assert_status(200);
    let by_second = log_in_with_key(&admin, "signer", "key-2").await.token();

    // The current one revoked, the previous one takes its place.
    let revoke = json!({ "currentKey": { "key": second, "action": "REVOKE" } });
    let answer = admin.update(id, revoke).await.assert_status(200).json();
    assert_eq!(answer["userAttributes"]["currentKey"], json!({ "key": first }));
    assert!(answer["userAttributes"].get("previousKey").is_none());
    assert_ended(&admin, &by_second).await;
    assert_alive(&admin, &by_first).await;
    log_in_with_key(&admin, "signer", "key-2").await.assert_status(401);

    admin.update(id, json!({ "currentKey": { "action": "REVOKE" } })).await.assert_status(200);
    assert_ended(&admin, &by_first).await;
    assert_alive(&admin, &by_certificate).await;
    log_in_with_key(&admin, "signer", "key-1").await.assert_status(401);
}

#[tokio::test]
async fn a_previous_key_is_revoked_by_itself_or_to_make_room() {
    let admin = Administrator::start().await;
    let [first, second, third] = ["key-1", "key-2", "key-3"].map(|name| admin.key(name));
    let id = admin.service_user("signer").await;
    for key in [&first, &second] {
        let save = json!({ "currentKey": { "key": key, "action": "SAVE" } });
        admin.update(id, save).await.assert_status(200);
    }
    let by_first = log_in_with_key(&admin, "signer", "key-1").await.token();
    let both = json!({
        "currentKey": { "key": third, "action": "SAVE" },
        "previousKey": { "key": first, "action": "REVOKE" },
    });
    let answer = admin.update(id, both).await.assert_status(200).json();
    assert_eq!(answer["userAttributes"]["currentKey"]["key"], json!(third));
    assert_eq!(answer["userAttributes"]["previousKey"]["key"], json!(second));
    assert_ended(&admin, &by_first).await;
}

#[tokio::test]
async fn what_the_rules_forbid_about_keys_is_refused_and_changes_nothing() {
    let admin = Administrator::frozen().await;
    let [first, second, third] = ["key-1", "key-2", "key-3"].map(|name| admin.key(name));
    let id = admin.service_user("signer").await;
    let current =
        |key: &str, action: &str| json!({ "currentKey": { "key": key, "action": action } });
    let previous =
        |key: &str, action: &str| json!({ "previousKey": { "key": key, "action": action } });
    let refused = async |change: Value| {
        let before = admin.user(id).await;
        let mut change = change;
        change["title"] = json!("changed");
        admin.update(id, change).await.assert_status(400);
        assert_eq!(admin.user(id).await, before);
    };
    // Nothing is there to be revoked or extended.
    refused(json!({ "currentKey": { "action": "REVOKE" } })).await;
    refused(json!({ "previousKey": { "action": "REVOKE" } })).await;
    refused(json!({ "previousKey": { "action": "EXTEND" } })).await;
    refused(json!({ "currentKey": { "action": "SAVE" } })).await;
    for garbage in ["garbage", &first[..80], admin.identity("bot").unwrap().certificate_pem()] {
        refused(current(garbage, "SAVE")).await;
    }
    admin.update(id, current(&first, "SAVE")).await.assert_status(200);
    refused(current(&first, "SAVE")).await;
    refused(current(&first, "EXTEND")).await;
    refused(current(&first, "DELETE")).await;
    refused(current(&second, "REVOKE")).await;
    refused(previous(&second, "SAVE")).await;
    admin.update(id, current(&second, "SAVE")).await.assert_status(200);
    refused(current(&third, "SAVE")).await;
    refused(current(&first, "SAVE")).await;
    refused(current(&second, "EXTEND")).await;
    refused(previous(&second, "REVOKE")).await;
    refused(previous(&second, "EXTEND")).await;
    admin.clock().advance(72 * HOUR);
    refused(previous(&first, "EXTEND")).await;
    refused(current(&first, "SAVE")).await;
    // People have passwords.
    let alice = admin.id("alice").await;
    admin.update(alice, current(&third, "SAVE")).await.assert_status(400);
    let body = json!({ "userAttributes": { "userName": "p", "currentKey": { "key": third } } });
    admin.post(CREATE, &body).await.assert_status(400);
}

#[tokio::test]
async fn a_role_given_is_a_role_had_at_once() {
    let admin = Administrator::start().await;
    let bot = admin.id("bot").await;
    let session = admin.log_in("bot").await;
    let list = || admin.anonymous().get("/pod/v1/admin/user/list").session(&session).send();
    list().await.assert_status(403);
    for _ in 0..2 {
        admin.role(bot, "add", "USER_PROVISIONING").await.assert_done("Role added");
    }
    list().await.assert_status(200);
    let roles = json!(["INDIVIDUAL", "USER_PROVISIONING"]);
    assert_eq!(admin.session_info(&session).await.json()["roles"], roles);
    assert_eq!(admin.user(bot).await["roles"], roles);
    admin.role(bot, "remove", "USER_PROVISIONING").await.assert_done("Role removed");
    list().await.assert_status(403);
    admin.role(bot, "remove", "USER_PROVISIONING").await.assert_done("Role removed");

    let alice = admin.id("alice").await;
    admin.role(alice, "add", "USER_PROVISIONING").await.assert_status(400);
    admin.role(alice, "add", "COMPLIANCE_OFFICER").await.assert_status(200);
    admin.role(bot, "add", "COMPLIANCE_OFFICER").await.assert_status(400);
    for change in ["add", "remove"] {
        admin.role(bot, change, "user_provisioning").await.assert_status(400);
    }
}

#[tokio::test]
async fn the_roles_there_are_are_listed_with_those_who_may_have_them() {
    let admin = Administrator::start().await;
    let roles = admin.list("/pod/v1/admin/system/roles/list").await;
    let provisioning = roles.iter().find(|role| role["id"] == "USER_PROVISIONING").unwrap();
    let expected = json!({
        "id": "USER_PROVISIONING",
        "name": "User Provisioning",
        "userTypes": ["SYSTEM"],
        "optionalActions": [],
    });
    assert_eq!(provisioning, &expected);
    for account_type in ["SYSTEM", "NORMAL"] {
        let individual = roles.iter().find(|role| role["id"] == "INDIVIDUAL").unwrap();
        assert!(individual["userTypes"].as_array().unwrap().contains(&json!(account_type)));
    }
}

#[tokio::test]
async fn accounts_are_for_those_with_the_role() {
    let admin = Administrator::start().await;
    let bot = admin.id("bot").await;
    let v1 = |tail: &str| format!("/pod/v1/admin/user/{tail}");
    let of_bot = |tail: &str| format!("/pod/v1/admin/user/{bot}{tail}");
    let new = json!({ "userAttributes": { "userName": "x" } });
    let before = admin.list("/pod/v2/admin/user/list").await;
    let calls = [
        (Method::POST, v1("create"), new.clone()),
        (Method::POST, CREATE.into(), new),
        (Method::POST, of_bot("/update"), json!({ "title": "x" })),
        (Method::POST, format!("/pod/v2/admin/user/{bot}/update"), json!({ "title": "x" })),
        (Method::GET, of_bot(""), Value::Null),
        (Method::GET, format!("/pod/v2/admin/user/{bot}"), Value::Null),
        (Method::GET, v1("list"), Value::Null),
        (Method::GET, "/pod/v2/admin/user/list".into(), Value::Null),
        (Method::GET, "/pod/v3/admin/user/list".into(), Value::Null),
        (Method::POST, v1("find"), json!({})),
        (Method::GET, of_bot("/status"), Value::Null),
        (Method::POST, of_bot("/status/update"), json!({ "status": "DISABLED" })),
        (Method::PUT, of_bot("/suspension/update"), json!({ "suspended": true })),
        (Method::GET, "/pod/v1/admin/system/roles/list".into(), Value::Null),
        (Method::POST, of_bot("/roles/add"), json!({ "id": "USER_PROVISIONING" })),
        (Method::POST, of_bot("/roles/remove"), json!({ "id": "INDIVIDUAL" })),
    ];
    admin.assert_closed(&calls).await;
    // All but the login that this test made itself is as it was.
    let after = admin.list("/pod/v2/admin/user/list").await;
    let without_logins = |list: Vec<Value>| {
        list.into_iter()
            .map(|mut user| {
                user["userSystemInfo"]["lastLoginDate"].take();
                user
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(without_logins(after), without_logins(before));
}
