//! Files with messages, and ahead of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::messages::{BOT, Bot, Part, file, form, part};
use crate::pod::{Answer, Pod};

const ROOM: &str = "
    users:
      - { username: bot, accountType: SYSTEM }
      - { username: bot2, accountType: SYSTEM }
    rooms:
      - { name: Den, owners: [bot] }";

/// The head of a PNG that is 2 pixels wide and 3 high.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x06\0\0\0";

fn hello() -> Part {
    part("message", "<messageML>See here</messageML>")
}

async fn download(bot: &Bot, message: &str, file: &str) -> Answer {
    let path = format!("/agent/v1/stream/{}/attachment", bot.den);
    bot.get(&format!("{path}?messageId={message}&fileId={file}")).send().await
}

fn strings<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let list = list.as_array().expect("a list");
    list.iter().map(|item| item[field].as_str().expect("a text")).collect()
}

#[tokio::test]
async fn attachments_and_previews_go_up_and_come_down() {
    let pod = Pod::seeded(ROOM).await;
    let bot = Bot::of(&pod, "bot").await;
    let binary: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let sent = bot
        .create(&[
            file("preview", "preview-a.bin", "image/png", PNG),
            file("attachment", "a.bin", "application/octet-stream", &binary),
            // The legacy Python SDK says so of every file.
            file("attachment", "b.txt", "file", b"two"),
            hello(),
            file("preview", "preview-b.txt", "text/plain", b"no image"),
        ])
        .await
        .assert_status(200)
        .json();
    let attachments = &sent["attachments"];
    assert_eq!(strings(attachments, "name"), ["a.bin", "b.txt"]);
    assert_eq!(attachments[0]["size"], 3_000_000);
    assert_eq!(attachments[0]["images"][0]["dimension"], "2");
    assert!(attachments[1]["images"][0]["dimension"].is_null(), "{attachments}");
    let message = sent["messageId"].as_str().expect("an id");
    let id = attachments[0]["id"].as_str().expect("an id");
    assert!(id.starts_with(&format!("internal_{BOT}%2F")), "{id}");

    // Clients send the id as it is, or encode it once more.
    for id in [id.to_owned(), id.replace('%', "%25")] {
        let file = download(&bot, message, &id).await.assert_status(200);
        assert_eq!(file.header("content-type"), "application/octet-stream");
        assert_eq!(STANDARD.decode(&file.body).expect("base64"), binary);
    }
    let preview = attachments[0]["images"][0]["id"].as_str().expect("an id");
    let preview = download(&bot, message, preview).await.assert_status(200);
    assert_eq!(STANDARD.decode(&preview.body).expect("base64"), PNG);

    let stranger = Bot::of(&pod, "bot2").await.turned_to(&bot.den);
    download(&stranger, message, id).await.assert_status(403);
    download(&bot, message, "nonsense").await.assert_error(400, "The attachment does not exist");
    let other = bot.say("other").await;
    let other = other["messageId"].as_str().expect("an id");
    download(&bot, other, id).await.assert_status(400);
}

#[tokio::test]
async fn an_empty_file_is_one_and_an_empty_part_is_none() {
    let pod = Pod::seeded(ROOM).await;
    let bot = Bot::of(&pod, "bot").await;
    let parts = [hello(), file("attachment", "empty", "text/plain", b""), part("attachment", "")];
    let sent = bot.create(&parts).await.assert_status(200).json();
    assert_eq!(strings(&sent["attachments"], "name"), ["empty"]);
    let message = sent["messageId"].as_str().expect("an id");
    let id = sent["attachments"][0]["id"].as_str().expect("an id");
    assert_eq!(download(&bot, message, id).await.assert_status(200).body, "");
}

#[tokio::test]
async fn files_alone_are_no_message_and_previews_need_their_files() {
    let pod = Pod::seeded(ROOM).await;
    let bot = Bot::of(&pod, "bot").await;
    let attachment = || file("attachment", "a", "text/plain", b"a");
    bot.create(&[attachment()]).await.assert_status(400);
    let preview = || file("preview", "p", "text/plain", b"p");
    bot.create(&[hello(), attachment(), attachment(), preview()]).await.assert_status(400);
    bot.create(&[hello(), preview()]).await.assert_status(400);
}

#[tokio::test]
async fn too_much_is_refused_however_it_comes() {
    let settings = "settings: { attachmentsMaxSize: 1000, messageMaxSize: 1000 }";
    let pod = Pod::seeded(&format!("{ROOM}\n    {settings}")).await;
    let bot = Bot::of(&pod, "bot").await;
    let refused = async |parts: &[Part]| {
        let refused = bot.create(parts).await.assert_status(400).json();
        let text = refused["message"].as_str().expect("a text");
        assert!(text.contains("Limit attachments-max-total-size reached"), "{text}");
    };
    let some = |bytes: usize| file("attachment", "a", "text/plain", &vec![b'x'; bytes]);
    refused(&[hello(), some(600), some(600)]).await;
    // More than the pod even reads.
    refused(&[hello(), some(90_000)]).await;
    refused(&[hello(), some(1_000_000)]).await;
    bot.create(&[hello(), some(500), some(500)]).await.assert_status(200);
}

#[tokio::test]
async fn a_file_uploaded_ahead_goes_with_one_message_of_its_uploader() {
    let pod = Pod::seeded(ROOM).await;
    let bot = Bot::of(&pod, "bot").await;
    let upload = async |version: &str| {
        let path = format!("/agent/{version}/stream/{}/attachment/create", bot.den);
        let parts = [file("file", "report.txt", "text/plain", b"report")];
        form(bot.post(&path), &parts).send().await.assert_status(200).json()
    };
    for version in ["v1", "v3"] {
        let uploaded = upload(version).await;
        assert_eq!((&uploaded["name"], &uploaded["size"]), (&json!("report.txt"), &json!(6)));
        let path = format!("/agent/v2/stream/{}/message/create", bot.den);
        let body = json!({ "format": "TEXT", "message": "x", "attachments": [uploaded] });
        let sent = bot.post(&path).json(&body).send().await.assert_status(200).json();
        assert_eq!(sent["attachments"], json!([uploaded]));
        let message = sent["id"].as_str().expect("an id");
        let id = uploaded["id"].as_str().expect("an id");
        let file = download(&bot, message, id).await.assert_status(200);
        assert_eq!(STANDARD.decode(&file.body).expect("base64"), b"report");
        bot.post(&path).json(&body).send().await.assert_status(400);
    }
    let path = format!("/agent/v1/stream/{}/attachment/create", bot.den);
    form(bot.post(&path), &[part("data", "x")]).send().await.assert_status(400);
    bot.post(&path).json(&json!({})).send().await.assert_status(415);
}

#[tokio::test]
async fn a_streams_attachments_are_listed_by_time() {
    let pod = Pod::seeded(ROOM).await;
    pod.clock().freeze();
    let bot = Bot::of(&pod, "bot").await;
    let begin = pod.clock().now().as_millis();
    let mut messages = Vec::new();
    for names in [&["a", "b"][..], &[], &["c"]] {
        let mut parts = vec![hello()];
        parts.extend(names.iter().map(|name| file("attachment", name, "text/x-log", b"x")));
        messages.push(bot.create(&parts).await.assert_status(200).json());
        pod.clock().advance(std::time::Duration::from_millis(10));
    }
    let list = async |query: &str| {
        bot.get(&format!("/pod/v1/streams/{}/attachments?{query}", bot.den)).send().await
    };
    let names = async |query: &str| strings(&list(query).await.json(), "name").join(" ");
    assert_eq!(names("").await, "a b c");
    assert_eq!(names("sortDir=DESC").await, "c a b");
    assert_eq!(names("limit=2").await, "a b");
    assert_eq!(names(&format!("since={}", begin + 1)).await, "c");
    assert_eq!(names(&format!("to={}", begin + 19)).await, "a b");
    let all = list("").await.assert_status(200).json();
    let message = messages[0]["messageId"].as_str().expect("an id");
    let standard = message.replace('-', "+").replace('_', "/") + "==";
    let expected = json!({
        "messageId": standard,
        "ingestionDate": begin,
        "userId": BOT,
        "fileId": messages[0]["attachments"][0]["id"],
        "name": "a",
        "size": 1,
        "content-type": "text/x-log",
        "previews": [],
    });
    assert_eq!(all[0], expected);
    list("limit=101").await.assert_status(400);
    list("sortDir=UP").await.assert_status(400);
}

#[tokio::test]
async fn the_types_of_files_are_told_and_others_are_taken_unless_the_settings_say_otherwise() {
    const TYPES: &str = "/pod/v1/files/allowedTypes";
    let pod = Pod::seeded(ROOM).await;
    let bot = Bot::of(&pod, "bot").await;
    let types = bot.get(TYPES).send().await.assert_status(200).json();
    let has = |wanted: &str| types.as_array().unwrap().iter().any(|known| known == wanted);
    assert!(has(".pdf") && has(".png") && !has(".exe"), "{types}");
    let evil = || file("attachment", "evil.EXE", "application/octet-stream", b"MZ");
    bot.create(&[hello(), evil()]).await.assert_status(200);

    let settings = "{ attachmentTypes: ['.LOG', .tar.gz], refuseOtherAttachmentTypes: true }";
    let pod = Pod::seeded(&format!("{ROOM}\n    settings: {settings}")).await;
    let bot = Bot::of(&pod, "bot").await;
    let types = bot.get(TYPES).send().await.assert_status(200).json();
    assert_eq!(types, json!([".log", ".tar.gz"]));
    let no = "File type .EXE is not allowed";
    let log = || file("attachment", "a.Log", "text/plain", b"x");
    bot.create(&[hello(), log(), evil()]).await.assert_error(400, no);
    let no_stem = file("attachment", ".exe", "application/octet-stream", b"MZ");
    let no_exe = "File type .exe is not allowed";
    bot.create(&[hello(), no_stem]).await.assert_error(400, no_exe);
    let upload = format!("/agent/v3/stream/{}/attachment/create", bot.den);
    let ahead = file("file", "evil.EXE", "application/octet-stream", b"MZ");
    form(bot.post(&upload), &[ahead]).send().await.assert_error(400, no);
    let plain = || file("attachment", "README", "text/plain", b"x");
    bot.create(&[hello(), log(), plain()]).await.assert_status(200);

    let wrong = json!({ "settings": { "attachmentTypes": ["pdf"] } });
    let refused = pod.control().post("/_mock/scenario").json(&wrong).send().await;
    assert!(refused.assert_status(400).body.contains("\\\"pdf\\\" is no end of a file name"));
    let none = json!({ "settings": { "attachmentTypes": [] } });
    pod.control().post("/_mock/scenario").json(&none).send().await.assert_status(200);
    bot.create(&[hello(), log()]).await.assert_error(400, "File type .Log is not allowed");
}
