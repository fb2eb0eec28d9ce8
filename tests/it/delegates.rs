//! Delegates of users, and manifests of bots.

use reqwest::Method;
use serde_json::{Value, json};

use crate::administrator::Administrator;

const OWN: &str = "/pod/v1/user/manifest/own";

fn path(user: u64, tail: &str) -> String {
    format!("/pod/v1/admin/user/{user}/delegates{tail}")
}

#[tokio::test]
async fn delegates_come_and_go() {
    let admin = Administrator::start().await;
    let (bot, alice) = (admin.id("bot").await, admin.id("alice").await);
    let change = async |user: u64, action: &str| {
        let body = json!({ "userId": user, "action": action });
        admin.post(&path(alice, "/update"), &body).await
    };
    assert_eq!(admin.get(&path(alice, "")).await.assert_status(200).json(), json!([]));
    for _ in 0..2 {
        let done = format!("Added delegate [{bot}] for account [{alice}]");
        change(bot, "ADD").await.assert_done(&done);
    }
    assert_eq!(admin.get(&path(alice, "")).await.json(), json!([bot]));
    for (user, action) in [(alice, "ADD"), (17, "ADD"), (2 << 36 | 1, "ADD"), (bot, "STAY")] {
        change(user, action).await.assert_status(400);
    }
    admin.set_status(bot, "DISABLED").await;
    change(bot, "ADD").await.assert_status(400);
    for _ in 0..2 {
        let done = format!("Removed delegate [{bot}] for account [{alice}]");
        change(bot, "REMOVE").await.assert_done(&done);
    }
    assert_eq!(admin.get(&path(alice, "")).await.json(), json!([]));
    admin.set_status(bot, "ENABLED").await;

    let off = json!([{ "entitlment": "delegatesEnabled", "enabled": false }]);
    let features = format!("/pod/v1/admin/user/{alice}/features/update");
    admin.post(&features, &off).await.assert_done("OK");
    change(bot, "ADD").await.assert_status(403);
    let why = admin.pod.control().get("/_mock/why").send().await.body;
    assert!(why.contains(&format!("delegatesEnabled is off for the user {alice}")), "{why}");
    admin.get(&path(17, "")).await.assert_status(400);
    let body = json!({ "userId": bot, "action": "ADD" });
    admin
        .assert_closed(&[
            (Method::GET, path(alice, ""), Value::Null),
            (Method::POST, path(alice, "/update"), body),
        ])
        .await;
}

#[tokio::test]
async fn a_bot_says_which_commands_it_has() {
    let admin = Administrator::start().await;
    let bot = admin.pod.bot("bot").await;
    assert_eq!(bot.get(OWN).await.assert_status(200).json(), json!({ "manifest": "" }));
    let manifest = r#"{"commands": [{"name": "/help", "desc": "helps"}]}"#;
    bot.post(OWN, &json!({ "manifest": manifest })).await.assert_done("OK");
    assert_eq!(bot.get(OWN).await.json(), json!({ "manifest": manifest }));

    let padded = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
    bot.post(OWN, &json!({ "manifest": padded(6_144) })).await.assert_done("OK");
    for bad in [json!({ "manifest": padded(6_145) }), json!({ "manifest": "{commands" }), json!({})]
    {
        bot.post(OWN, &bad).await.assert_status(400);
    }
    assert_eq!(bot.get(OWN).await.json()["manifest"], padded(6_144));
}

#[tokio::test]
async fn people_and_apps_have_no_manifest() {
    let admin = Administrator::start().await;
    let app = admin.client("app").post("/sessionauth/v1/app/authenticate").send().await.token();
    for who in ["bot", "alice"] {
        let path = format!("/sessionauth/v1/app/username/{who}/authenticate");
        let session = admin.client("app").post(&path).session(&app).send().await;
        let session =
            session.assert_status(200).json()["sessionToken"].as_str().unwrap().to_owned();
        let get = admin.anonymous().get(OWN).session(&session).send().await;
        get.assert_status(403);
    }
}
