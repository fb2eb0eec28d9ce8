//! Apps and entitlements: who registers them, whose they are, and on whose behalf they may act.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::jwt::{Jwt, claims};
use crate::pod::{Answer, FROZEN};

const CREATE: &str = "/pod/v1/admin/app/create";
const POD_LIST: &str = "/pod/v1/admin/app/entitlement/list";
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Administrator {
    async fn create_app(&self, detail: Value) -> Value {
        self.post(CREATE, &detail).await.assert_status(200).json()
    }

    async fn update_app(&self, id: &str, detail: Value) -> Answer {
        self.post(&format!("/pod/v1/admin/app/{id}/update"), &detail).await
    }

    async fn app(&self, id: &str) -> Value {
        self.get(&format!("/pod/v1/admin/app/{id}/get")).await.assert_status(200).json()
    }

    /// A new app with a key, which the pod has enabled and installed for everybody or not.
    async fn signing_app(&self, id: &str, key: &str, install: bool) {
        self.create_app(json!({
            "applicationInfo": { "appId": id },
            "permissions": ["ACT_AS_USER", "GET_BASIC_USER_INFO"],
            "authenticationKeys": { "current": { "key": self.key(key) } },
        }))
        .await;
        self.entitle_pod(id, true, install).await;
    }

    async fn entitle_pod(&self, id: &str, enable: bool, install: bool) {
        let entitlement = json!({
            "appId": id, "appName": id, "enable": enable, "listed": true, "install": install,
        });
        self.post(POD_LIST, &json!([entitlement])).await.assert_status(200);
    }

    async fn patch(&self, user: u64, patch: Value) -> Answer {
        self.send(Method::PATCH, &user_list(user), &json!([patch])).await
    }

    /// Logs an app in with the RSA key of the identity `key`.
    async fn log_in_app(&self, id: &str, key: &str) -> Answer {
        let jwt = Jwt::of(self, &self.identity(key).unwrap()).subject(id).sign();
        let body = json!({ "token": jwt });
        self.anonymous().post("/login/pubkey/app/authenticate").json(&body).send().await
    }

    async fn on_behalf_of(&self, app_token: &str, username: &str) -> Answer {
        let path = format!("/login/pubkey/app/username/{username}/authenticate");
        self.anonymous().post(&path).session(app_token).send().await
    }
}

fn user_list(user: u64) -> String {
    format!("/pod/v1/admin/user/{user}/app/entitlement/list")
}

fn detail() -> Value {
    json!({
        "applicationInfo": {
            "appId": "new-app", "name": "New App", "appUrl": "https://apps.mock.test:8443/new?x=1",
            "domain": "mock.test", "publisher": "Somebody",
        },
        "iconUrl": "https://mock.test/icon.png",
        "description": "an app",
        "allowOrigins": "mock.test",
        "permissions": ["ACT_AS_USER", "OUR_OWN_1", "SEND_MESSAGES"],
        "notification": { "url": "https://mock.test/callback", "apiKey": "key" },
        "properties": [{ "key": "port", "value": "4000" }, { "key": "empty", "value": "" }],
    })
}

#[tokio::test]
async fn a_registered_app_is_there_at_once_and_changes_in_part() {
    let admin = Administrator::start().await;
    assert_eq!(admin.create_app(detail()).await, detail());
    assert_eq!(admin.app("new-app").await, detail());

    let change = json!({
        "applicationInfo": { "name": "Renamed" },
        "description": "better",
        "permissions": ["ACT_AS_USER"],
        "properties": [],
    });
    let mut expected = detail();
    expected["applicationInfo"]["name"] = json!("Renamed");
    for field in ["description", "permissions", "properties"] {
        expected[field] = change[field].clone();
    }
    let updated = admin.update_app("new-app", change).await.assert_status(200);
    assert_eq!(updated.json(), expected);
    assert_eq!(admin.app("new-app").await, expected);
    // What came back may be sent back.
    admin.update_app("new-app", expected.clone()).await.assert_status(200);
    assert_eq!(admin.app("new-app").await, expected);

    // A seeded app is told of in the same form.
    let seeded = admin.app("app").await;
    assert_eq!(seeded["applicationInfo"], json!({ "appId": "app", "name": "App" }));
    assert_eq!(seeded["permissions"][0], "ACT_AS_USER");
}

#[tokio::test]
async fn the_numbers_of_the_api_files_examples_are_read_as_text() {
    let admin = Administrator::start().await;
    let created = admin
        .create_app(json!({
            "applicationInfo": { "appId": "numbers" },
            "notification": { "url": null, "apiKey": 123456 },
            "properties": [{ "key": "port", "value": 4000 }],
            "authenticationKeys": null,
        }))
        .await;
    assert_eq!(created["notification"], json!({ "apiKey": "123456" }));
    assert_eq!(created["properties"], json!([{ "key": "port", "value": "4000" }]));
    // Every app has this unless it says which it has.
    assert_eq!(created["permissions"], json!(["ACT_AS_USER"]));
}

#[tokio::test]
async fn what_is_no_app_is_refused_and_changes_nothing() {
    let admin = Administrator::start().await;
    let before = admin.list(POD_LIST).await;
    for (field, value) in [
        ("appId", json!("a:b")),
        ("appId", json!("")),
        ("appId", json!("x".repeat(257))),
        ("appId", Value::Null),
        ("appUrl", json!("http://mock.test")),
        ("domain", json!("elsewhere.test")),
        ("domain", json!("ck.test")),
    ] {
        let mut bad = detail();
        bad["applicationInfo"][field] = value;
        admin.post(CREATE, &bad).await.assert_status(400);
    }
    let property = |key: &str, value: &str| json!({ "key": key, "value": value });
    for (field, value) in [
        ("iconUrl", json!("icon.png")),
        ("permissions", json!(["lower case"])),
        ("permissions", json!([""])),
        ("permissions", json!(["X".repeat(65)])),
        ("properties", json!([property("", "x")])),
        ("properties", json!([property("a", "x"), property("a", "y")])),
        ("properties", json!([property("a", &"x".repeat(4_097))])),
        ("properties", json!([{ "key": "a", "value": null }])),
        ("cert", json!("garbage")),
        ("authenticationKeys", json!({ "current": { "key": "garbage" } })),
    ] {
        let mut bad = detail();
        bad[field] = value;
        admin.post(CREATE, &bad).await.assert_status(400);
    }
    let named = |id: &str| json!({ "applicationInfo": { "appId": id } });
    let taken = admin.post(CREATE, &named("app")).await;
    taken.assert_error(400, "Another application has this appId");
    let taken = admin.post(CREATE, &named("alice")).await;
    taken.assert_error(400, "A user has this appId as userName");
    admin.update_app("app", named("other")).await.assert_status(400);
    assert_eq!(admin.list(POD_LIST).await, before);

    admin.get("/pod/v1/admin/app/none/get").await.assert_error(400, "There is no such application");
    admin.update_app("none", json!({})).await.assert_status(400);
    admin.post("/pod/v1/admin/app/none/delete", &json!({})).await.assert_status(400);
}

#[tokio::test]
async fn an_app_acts_only_once_it_is_enabled_and_installed() {
    let admin = Administrator::start().await;
    let keys = json!({ "current": { "key": admin.key("key-1") } });
    let new = json!({ "applicationInfo": { "appId": "new" }, "authenticationKeys": keys });
    admin.create_app(new).await;
    let of_new = async || {
        let list = admin.list(POD_LIST).await;
        list.into_iter().find(|entitlement| entitlement["appId"] == "new").unwrap()
    };
    assert_eq!(
        of_new().await,
        json!({
            "appId": "new", "appName": "new", "enable": false, "listed": false, "install": false,
        })
    );
    admin.log_in_app("new", "key-1").await.assert_status(401);

    admin.entitle_pod("new", true, false).await;
    let app = admin.log_in_app("new", "key-1").await.token();
    admin.on_behalf_of(&app, "alice").await.assert_status(403);
    admin.entitle_pod("new", true, true).await;
    let session = admin.on_behalf_of(&app, "alice").await.token();
    assert_eq!(claims(&session)["appGroupId"], "new");
    admin.on_behalf_of(&app, "bot").await.assert_status(200);

    admin.entitle_pod("new", false, true).await;
    assert_eq!(of_new().await["enable"], false);
    admin.log_in_app("new", "key-1").await.assert_status(401);
    admin.on_behalf_of(&app, "alice").await.assert_status(401);
}

#[tokio::test]
async fn a_users_own_entitlement_overrides_the_companys_until_it_is_removed() {
    let admin = Administrator::start().await;
    admin.signing_app("new", "key-1", false).await;
    let app = admin.log_in_app("new", "key-1").await.token();
    let (alice, bot) = (admin.id("alice").await, admin.id("bot").await);
    let of = async |user: u64| {
        let list = admin.list(&user_list(user)).await;
        let new = list.into_iter().find(|entitlement| entitlement["appId"] == "new").unwrap();
        (new["listed"].as_bool().unwrap(), new["install"].as_bool().unwrap())
    };
    assert_eq!(of(alice).await, (true, false));

    admin.patch(alice, json!({ "appId": "new", "install": "TRUE" })).await.assert_status(200);
    assert_eq!((of(alice).await, of(bot).await), ((true, true), (true, false)));
    admin.on_behalf_of(&app, "alice").await.assert_status(200);
    admin.on_behalf_of(&app, "bot").await.assert_status(403);

    // Whatever the company says later, the user's own counts, until it is taken back.
    let hide = json!({ "appId": "new", "listed": "FALSE", "install": "KEEP" });
    admin.patch(alice, hide).await.assert_status(200);
    assert_eq!(of(alice).await, (false, true));
    admin.entitle_pod("new", true, true).await;
    admin.patch(alice, json!({ "appId": "new", "install": "FALSE" })).await.assert_status(200);
    assert_eq!((of(alice).await, of(bot).await), ((false, false), (true, true)));
    admin.on_behalf_of(&app, "alice").await.assert_status(403);
    let remove = json!({ "appId": "new", "listed": "REMOVE", "install": "REMOVE" });
    admin.patch(alice, remove).await.assert_status(200);
    assert_eq!(of(alice).await, (true, true));
    admin.entitle_pod("new", true, false).await;
    assert_eq!(of(alice).await, (true, false));

    // The whole entitlement at once.
    let whole = json!([{ "appId": "new", "listed": false, "install": true }]);
    let answer = admin.post(&user_list(alice), &whole).await.assert_status(200).json();
    let apps: Vec<_> = answer.as_array().unwrap().iter().map(|it| it["appId"].clone()).collect();
    assert_eq!(apps, ["app", "new"]);
    assert_eq!(of(alice).await, (false, true));
    admin.on_behalf_of(&app, "alice").await.assert_status(200);
}

#[tokio::test]
async fn products_are_kept_with_the_user() {
    let admin = Administrator::start().await;
    let alice = admin.id("alice").await;
    let product = |name: &str, subscribed: bool| {
        json!({
            "appId": "app", "name": name, "sku": "s", "subscribed": subscribed, "type": "premium",
        })
    };
    let products = async || admin.list(&user_list(alice)).await[0].get("products").cloned();
    assert_eq!(products().await, None);
    let whole = json!([{
        "appId": "app", "listed": true, "install": true, "products": [product("A", false)],
    }]);
    admin.post(&user_list(alice), &whole).await.assert_status(200);
    for new in [product("A", true), product("B", false)] {
        admin.patch(alice, json!({ "appId": "app", "product": new })).await.assert_status(200);
    }
    assert_eq!(products().await, Some(json!([product("A", true), product("B", false)])));
    let half = json!({ "appId": "app", "product": { "name": "C" } });
    admin.patch(alice, half).await.assert_status(400);
}

#[tokio::test]
async fn one_wrong_entitlement_spoils_them_all() {
    let admin = Administrator::start().await;
    let alice = admin.id("alice").await;
    let (of_pod, of_alice) = (admin.list(POD_LIST).await, admin.list(&user_list(alice)).await);
    let pod = |id: &str| json!({ "appId": id, "appName": id, "enable": false, "listed": false, "install": false });
    let user = |id: &str| json!({ "appId": id, "listed": false, "install": false });
    let patch = |id: &str| json!({ "appId": id, "install": "FALSE" });
    admin.post(POD_LIST, &json!([pod("app"), pod("none")])).await.assert_status(400);
    admin.post(POD_LIST, &json!([{ "appId": "app", "enable": false }])).await.assert_status(400);
    admin.post(&user_list(alice), &json!([user("app"), user("none")])).await.assert_status(400);
    for bad in [
        json!([patch("app"), patch("none")]),
        json!([{ "appId": "app", "install": "PERHAPS" }]),
        json!([{ "install": "FALSE" }]),
        json!({}),
    ] {
        admin.send(Method::PATCH, &user_list(alice), &bad).await.assert_status(400);
    }
    for nobody in [1, (2 << 36) | 1] {
        admin.get(&user_list(nobody)).await.assert_status(400);
        admin.post(&user_list(nobody), &json!([user("app")])).await.assert_status(400);
        admin.patch(nobody, patch("app")).await.assert_status(400);
    }
    assert_eq!(admin.list(POD_LIST).await, of_pod);
    assert_eq!(admin.list(&user_list(alice)).await, of_alice);
}

#[tokio::test]
async fn an_apps_keys_rotate_and_revoking_one_ends_its_sessions() {
    let admin = Administrator::frozen().await;
    admin.signing_app("new", "key-1", true).await;
    let by_first = admin.log_in_app("new", "key-1").await.token();
    let of_alice = admin.on_behalf_of(&by_first, "alice").await.token();
    let keys = |part: &str, key: &str, action: &str| {
        let key = json!({ "key": admin.key(key), "action": action });
        json!({ "authenticationKeys": { part: key } })
    };
    let save = keys("current", "key-2", "SAVE");
    let updated = admin.update_app("new", save).await.assert_status(200).json();
    assert_eq!(
        updated["authenticationKeys"],
        json!({
            "current": { "key": admin.key("key-2") },
            "previous": {
                "key": admin.key("key-1"),
                "expirationDate": FROZEN.plus(72 * HOUR).as_millis(),
            },
        })
    );
    let by_second = admin.log_in_app("new", "key-2").await.token();
    admin.log_in_app("new", "key-1").await.assert_status(200);

    admin.update_app("new", keys("current", "key-3", "SAVE")).await.assert_status(400);
    admin.update_app("new", keys("current", "key-2", "EXTEND")).await.assert_status(400);
    admin.update_app("new", keys("previous", "key-1", "EXTEND")).await.assert_status(200);
    admin.clock().advance(100 * HOUR);
    admin.log_in_app("new", "key-1").await.assert_status(200);

    admin.update_app("new", keys("previous", "key-1", "REVOKE")).await.assert_status(200);
    admin.log_in_app("new", "key-1").await.assert_status(401);
    admin.on_behalf_of(&by_first, "alice").await.assert_status(401);
    admin.on_behalf_of(&by_second, "alice").await.assert_status(200);
    // What was opened on behalf of a user was opened with no key.
    admin.session_info(&of_alice).await.assert_status(200);
}

#[tokio::test]
async fn the_certificate_field_takes_a_certificate_or_a_public_key() {
    let admin = Administrator::start().await;
    let by_certificate = "/sessionauth/v1/app/authenticate";
    let identity = admin.identity("new").unwrap();
    let pem = identity.certificate_pem().to_owned();
    let new = json!({ "applicationInfo": { "appId": "new" } });
    admin.create_app(new).await;
    admin.entitle_pod("new", true, true).await;
    let client = admin.client("new");
    client.post(by_certificate).send().await.assert_status(403);
    let with = admin.update_app("new", json!({ "cert": pem })).await.assert_status(200).json();
    assert_eq!(with["cert"], json!(pem));
    client.post(by_certificate).send().await.assert_status(200);

    let key = admin.key("key-1");
    admin.create_app(json!({ "applicationInfo": { "appId": "keyed" }, "cert": key })).await;
    admin.entitle_pod("keyed", true, true).await;
    admin.log_in_app("keyed", "key-1").await.assert_status(200);
    admin.client("keyed").post(by_certificate).send().await.assert_status(403);
    let detail = admin.app("keyed").await;
    assert_eq!(
        (&detail["cert"], &detail["authenticationKeys"]["current"]["key"]),
        (&json!(key), &json!(key))
    );
    admin.update_app("keyed", detail).await.assert_status(200);
}

#[tokio::test]
async fn a_removed_app_leaves_nothing_behind() {
    let admin = Administrator::start().await;
    admin.signing_app("new", "key-1", true).await;
    let alice = admin.id("alice").await;
    admin.patch(alice, json!({ "appId": "new", "install": "TRUE" })).await.assert_status(200);
    let app = admin.log_in_app("new", "key-1").await.token();
    let of_alice = admin.on_behalf_of(&app, "alice").await.token();
    admin.session_info(&of_alice).await.assert_status(200);

    admin.post("/pod/v1/admin/app/new/delete", &json!({})).await.assert_done("OK");
    admin.get("/pod/v1/admin/app/new/get").await.assert_status(400);
    admin.log_in_app("new", "key-1").await.assert_status(401);
    admin.on_behalf_of(&app, "alice").await.assert_status(401);
    admin.session_info(&of_alice).await.assert_status(403);
    assert_eq!(admin.list(POD_LIST).await.len(), 1);
    assert_eq!(admin.list(&user_list(alice)).await.len(), 1);

    // The id is free, and what was is forgotten.
    admin.signing_app("new", "key-2", false).await;
    let app = admin.log_in_app("new", "key-2").await.token();
    admin.on_behalf_of(&app, "alice").await.assert_status(403);
}

#[tokio::test]
async fn apps_are_for_those_with_the_role() {
    let admin = Administrator::start().await;
    let bot = admin.id("bot").await;
    let before = admin.list(POD_LIST).await;
    let entitlement = json!([{
        "appId": "app", "appName": "App", "enable": false, "listed": false, "install": false,
    }]);
    let calls = [
        (Method::POST, CREATE.into(), detail()),
        (Method::POST, "/pod/v1/admin/app/app/update".into(), json!({ "description": "x" })),
        (Method::POST, "/pod/v1/admin/app/app/delete".into(), json!({})),
        (Method::GET, "/pod/v1/admin/app/app/get".into(), Value::Null),
        (Method::GET, POD_LIST.into(), Value::Null),
        (Method::POST, POD_LIST.into(), entitlement),
        (Method::GET, user_list(bot), Value::Null),
        (Method::POST, user_list(bot), json!([])),
        (Method::PATCH, user_list(bot), json!([])),
    ];
    admin.assert_closed(&calls).await;
    assert_eq!(admin.list(POD_LIST).await, before);
}
