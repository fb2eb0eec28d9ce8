//! Pictures of users: uploaded, told of in every shape of a user, and served.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::administrator::Administrator;
use crate::pod::Pod;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x06\0\0\0";

fn path(user: u64, tail: &str) -> String {
    format!("/pod/v1/admin/user/{user}/avatar{tail}")
}

fn defaults() -> Value {
    json!([
        { "size": "original", "url": "../avatars/static/150/default.png" },
        { "size": "small", "url": "../avatars/static/50/default.png" },
    ])
}

fn update(bytes: &[u8]) -> Value {
    json!({ "image": STANDARD.encode(bytes) })
}

/// What a browser gets that resolves an URL where the web client is.
async fn picture(pod: &Pod, url: &str) -> (String, u64) {
    let path = url.strip_prefix("..").expect("relative to the client");
    let answer = pod.anonymous().get(path).send().await.assert_status(200);
    let length = answer.header("content-length").parse().expect("a length");
    (answer.header("content-type").to_owned(), length)
}

#[tokio::test]
async fn whoever_has_no_picture_is_shown_by_what_stands_in_for_it() {
    let admin = Administrator::start().await;
    let alice = admin.id("alice").await;
    assert_eq!(admin.get(&path(alice, "")).await.json(), defaults());
    let me = admin.session_info(&admin.token).await.json();
    assert_eq!(me["avatars"], defaults());
    let found = admin.post("/pod/v1/user/search", &json!({ "query": "alice" })).await.json();
    assert_eq!(found["users"][0]["avatars"], defaults());
    let detail = admin.get(&format!("/pod/v2/admin/user/{alice}")).await.json();
    assert_eq!(detail["avatar"], defaults()[0]);
    for size in ["150", "50"] {
        let url = format!("../avatars/static/{size}/default.png");
        assert_eq!(picture(&admin, &url).await.0, "image/png");
    }
}

#[tokio::test]
async fn a_picture_is_shown_wherever_its_user_is_and_served() {
    let admin = Administrator::start().await;
    let alice = admin.id("alice").await;
    admin.post(&path(alice, "/update"), &update(PNG)).await.assert_done("OK");
    let avatars = admin.get(&path(alice, "")).await.assert_status(200).json();
    let sizes = ["600", "150", "orig", "500", "50"];
    let listed: Vec<_> = avatars.as_array().unwrap().iter().map(|it| &it["size"]).collect();
    assert_eq!(listed, sizes);
    for avatar in avatars.as_array().unwrap() {
        let url = avatar["url"].as_str().unwrap();
        assert!(url.contains(&format!("/{alice}/")) && url.ends_with(".png"), "{url}");
        assert_eq!(picture(&admin, url).await, ("image/png".into(), PNG.len() as u64));
    }
    let user = admin.get(&format!("/pod/v2/user?uid={alice}")).await.json();
    assert_eq!(user["avatars"], avatars);
    let users = admin.get(&format!("/pod/v3/users?uid={alice}")).await.json();
    assert_eq!(users["users"][0]["avatars"], avatars);
    let detail = admin.get(&format!("/pod/v2/admin/user/{alice}")).await.json();
    assert_eq!(detail["avatar"], avatars[0]);

    let jpeg = b"\xff\xd8\xff\xe0 something";
    admin.post(&path(alice, "/update"), &update(jpeg)).await.assert_done("OK");
    let later = admin.get(&path(alice, "")).await.json();
    let url = later[0]["url"].as_str().unwrap();
    assert_ne!(later, avatars);
    assert_eq!(picture(&admin, url).await.0, "image/jpeg");
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_refused() {
    let admin = Administrator::start().await;
    let alice = admin.id("alice").await;
    let mut large = PNG.to_vec();
    large.resize(2_000_001, 0);
    for (body, why) in [
        (json!({ "image": "data:image/png;base64,AAAA" }), "not base64"),
        (json!({ "image": "" }), "no PNG, JPEG or GIF"),
        (update(b"BM, a bitmap"), "no PNG, JPEG or GIF"),
        (update(&large), "2000000 are allowed"),
        (json!({}), "image"),
    ] {
        let refused = admin.post(&path(alice, "/update"), &body).await.assert_status(400);
        assert!(refused.body.contains(why), "{why}: {}", refused.body);
    }
    large.pop();
    admin.post(&path(alice, "/update"), &update(&large)).await.assert_done("OK");
    for stranger in [1, 2 << 36 | 1] {
        admin.post(&path(stranger, "/update"), &update(PNG)).await.assert_status(400);
        admin.get(&path(stranger, "")).await.assert_status(400);
    }
}

#[tokio::test]
async fn everybody_changes_his_own_picture_unless_that_was_taken_from_him() {
    let admin = Administrator::start().await;
    let (id, alice) = (admin.id("bot").await, admin.id("alice").await);
    let bot = admin.pod.bot("bot").await;
    bot.post(&path(id, "/update"), &update(PNG)).await.assert_done("OK");
    bot.get(&path(id, "")).await.assert_status(200);
    admin
        .assert_closed(&[
            (Method::GET, path(alice, ""), Value::Null),
            (Method::POST, path(alice, "/update"), update(PNG)),
        ])
        .await;
    let off = json!([{ "entitlment": "canUpdateAvatar", "enabled": false }]);
    let features = format!("/pod/v1/admin/user/{id}/features/update");
    admin.post(&features, &off).await.assert_done("OK");
    bot.post(&path(id, "/update"), &update(PNG)).await.assert_status(403);
    admin.post(&path(id, "/update"), &update(PNG)).await.assert_done("OK");
}
