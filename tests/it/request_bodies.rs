//! Bodies as strict as a pod's, in the reports that told of it.

use serde_json::json;

use crate::messages::{Bot, Part, file, form, part, raw};
use crate::pod::{Pod, Request};

const DEN: &str = "
    users:
      - { username: bot, accountType: SYSTEM }
      - { username: admin, accountType: SYSTEM, roles: [USER_PROVISIONING] }
    rooms:
      - { name: Den, owners: [bot] }";

fn hello() -> Part {
    part("message", "<messageML>See here</messageML>")
}

async fn tolerant() -> Pod {
    Pod::seeded(&format!("{DEN}\n    settings: {{ requestBodies: tolerant }}")).await
}

/// finos/symphony-api-spec#15: a generated client took another type for its default, and the pod
/// answered "Unsupported Media Type".
#[tokio::test]
async fn a_client_that_sends_json_as_something_else_gets_415() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let body = json!({ "name": "x", "description": "x" }).to_string();
    let create = |pod: &Pod, bot: &Bot, media_type: &str| {
        let create = pod.anonymous().post("/pod/v3/room/create").session(&bot.token);
        create.header("Content-Type", media_type).body(body.clone())
    };
    for wrong in ["application/x-www-form-urlencoded", "text/plain", "application/xml", "*"] {
        let refused = create(&pod, &bot, wrong).send().await.assert_status(415).json();
        let expected = format!("Unsupported Media Type: {wrong}, expected application/json");
        assert_eq!(refused, json!({ "code": 415, "message": expected }));
    }
    let none = pod.anonymous().post("/pod/v3/room/create").session(&bot.token).body(body.clone());
    none.send().await.assert_status(200);
    for (number, right) in
        ["application/json", "Application/JSON; charset=UTF-8", "application/merge-patch+json"]
            .into_iter()
            .enumerate()
    {
        let body = json!({ "name": format!("y{number}"), "description": "x" }).to_string();
        let create = pod.anonymous().post("/pod/v3/room/create").session(&bot.token);
        create.header("Content-Type", right).body(body).send().await.assert_status(200);
    }
    // Who may not call hears of that first, and what has no body has no type.
    let nobody = pod.anonymous().post("/pod/v3/room/create");
    nobody.header("Content-Type", "text/plain").body("x").send().await.assert_status(401);
    let feed = pod.anonymous().post("/agent/v5/datafeeds").session(&bot.token);
    feed.header("Content-Type", "text/plain").send().await.assert_status(201);

    let pod = tolerant().await;
    let bot = Bot::of(&pod, "bot").await;
    create(&pod, &bot, "text/plain").send().await.assert_status(200);
}

#[tokio::test]
async fn a_message_of_version_4_is_a_form_unless_the_pod_is_tolerant() {
    let message = json!({ "message": "<messageML>Hello</messageML>" });
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let create = |bot: &Bot| bot.post(&format!("/agent/v4/stream/{}/message/create", bot.den));
    let expected = "Unsupported Media Type: application/json, expected multipart/form-data";
    create(&bot).json(&message).send().await.assert_error(415, expected);
    bot.post("/agent/v4/message/blast").json(&message).send().await.assert_status(415);
    let upload = bot.post(&format!("/agent/v1/stream/{}/attachment/create", bot.den));
    upload.json(&json!({})).send().await.assert_status(415);
    let mixed = create(&bot).header("Content-Type", "multipart/mixed; boundary=x").body("x");
    mixed.send().await.assert_status(415);

    let pod = tolerant().await;
    let bot = Bot::of(&pod, "bot").await;
    create(&bot).json(&message).send().await.assert_status(200);
}

/// symphonyoss/RestApiClient#38 and #43: the agent takes a part without these for a text.
#[tokio::test]
async fn an_attachment_without_a_content_type_is_no_file() {
    let untyped = || {
        raw("Content-Disposition: form-data; name=\"attachment\"; filename=\"a.txt\"", "content")
    };
    let nameless = || part("attachment", "content");
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    for attachment in [untyped(), nameless()] {
        let refused = bot.create(&[hello(), attachment]).await;
        refused.assert_error(400, "The parameter \"attachment\" must be a file.");
    }
    let preview = raw("Content-Disposition: form-data; name=\"preview\"; filename=\"p\"", "p");
    let refused =
        bot.create(&[hello(), file("attachment", "a", "text/plain", b"a"), preview]).await;
    refused.assert_error(400, "The parameter \"preview\" must be a file.");

    let pod = tolerant().await;
    let bot = Bot::of(&pod, "bot").await;
    for attachment in [untyped(), nameless()] {
        bot.create(&[hello(), attachment]).await.assert_status(200);
    }
}

#[tokio::test]
async fn no_part_is_lost() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    for name in ["message", "data", "version", "silent"] {
        let value = if name == "message" { "<messageML>x</messageML>" } else { "" };
        let mut parts = vec![part(name, value), part(name, value)];
        if name != "message" {
            parts.push(hello());
        }
        let why = format!("The part {name} came more than once");
        bot.create(&parts).await.assert_error(400, &why);
    }
    let blast = |sids: &[&str]| {
        let mut parts = vec![hello()];
        parts.extend(sids.iter().map(|sid| part("sids", sid)));
        form(bot.post("/agent/v4/message/blast"), &parts)
    };
    let both = blast(&[&bot.den, "nonsense"]).send().await.assert_status(200).json();
    assert_eq!(both["messages"].as_array().map(Vec::len), Some(1), "{both}");
    assert!(both["errors"]["nonsense"].is_object(), "{both}");
    let upload = bot.post(&format!("/agent/v1/stream/{}/attachment/create", bot.den));
    let twice = [file("file", "a", "text/plain", b"a"), file("file", "b", "text/plain", b"b")];
    form(upload, &twice).send().await.assert_error(400, "The part file came more than once");
}

#[tokio::test]
async fn attachments_are_called_what_their_parts_say() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let typed = |disposition: &str| {
        raw(
            &format!("Content-Disposition: form-data; {disposition}\r\nContent-Type: text/plain"),
            "x",
        )
    };
    for (disposition, name) in [
        ("Name=attachment; FileName=\"a.txt\"", "a.txt"),
        ("NAME=\"attachment\"; FILENAME=a.txt", "a.txt"),
        ("name=\"attachment\"; filename=\"euro.txt\"; filename*=UTF-8''%e2%82%ac.txt", "€.txt"),
        ("name=\"attachment\"; filename*=UTF-8''%e2%82%ac.txt", "€.txt"),
        ("name=\"attachment\"; filename=\"a \\\"b\\\"; c.txt\"", "a \"b\"; c.txt"),
        ("name=\"attachment\"; filename=\"Grüße.txt\"", "Grüße.txt"),
    ] {
        let sent = bot.create(&[hello(), typed(disposition)]).await.assert_status(200).json();
        assert_eq!(sent["attachments"][0]["name"], name, "{disposition}");
    }
}

/// What clients make of a broken pipe nobody knows; a 401 they take for the sign to log in anew.
#[tokio::test]
async fn a_large_upload_with_a_dead_session_hears_of_the_session() {
    let pod = Pod::seeded(DEN).await;
    let bot = Bot::of(&pod, "bot").await;
    let large = vec![b'x'; 80 << 20];
    let parts = [hello(), file("attachment", "a", "text/plain", &large)];
    let path = format!("/agent/v4/stream/{}/message/create", bot.den);
    let create = |request: Request| form(request.session("dead"), &parts).send();
    create(pod.anonymous().post(&path)).await.assert_error(401, "Invalid session");
    // Over HTTP/1.1 the connection goes on.
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nsessionToken: dead\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n",
        large.len()
    )
    .into_bytes();
    request.extend(&large);
    request
        .extend(b"GET /agent/v3/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let answers = pod.exchange(&pod.tls(None), request).await;
    assert!(answers.starts_with("HTTP/1.1 401"), "{answers}");
    assert!(answers.contains("Invalid session"), "{answers}");
    assert!(answers.contains("HTTP/1.1 200"), "{answers}");
}
