//! The page, as far as it is seen without a browser: tests/browser has the rest.

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::MockPod;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::pod::Pod;

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[tokio::test]
async fn browsers_get_the_page_and_others_what_they_always_got() {
    let pod = Pod::start().await;
    let control = pod.control();
    for path in ["/", "/?as=alice", "/t/mine/"] {
        let page = control.get(path).header("accept", HTML).send().await.assert_status(200);
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        assert!(page.body.starts_with("<!doctype html>"), "{path}");
        assert_eq!(page.header("vary"), "Accept");
        let policy = page.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("https:"), "{policy}");
    }
    let pictures = control.get("/?pictures=all").header("accept", HTML).send().await;
    assert!(pictures.header("content-security-policy").contains("blob: http: https:;"));
    // To look at a page makes no pod.
    let pods = control.get("/_mock/pods").send().await.json();
    assert_eq!(pods["pods"].as_array().unwrap().len(), 1);
    for accept in ["*/*", "application/json", "text/htmlx"] {
        let root = control.get("/").header("accept", accept).send().await.assert_status(200);
        assert_eq!(root.json()["pod"], "main");
    }
    control.get("/_mock/nothing").header("accept", HTML).send().await.assert_status(404);
    control.post("/").header("accept", HTML).send().await.assert_status(405);
}

#[tokio::test]
async fn its_files_are_known_again_by_their_tags() {
    let pod = Pod::start().await;
    let control = pod.control();
    for (file, content_type) in [("main.js", "text/javascript"), ("style.css", "text/css")] {
        for prefix in ["", "/t/mine"] {
            let path = format!("{prefix}/_mock/page/{file}");
            let asset = control.get(&path).send().await.assert_status(200);
            assert!(asset.header("content-type").starts_with(content_type), "{path}");
            assert_eq!(asset.header("x-content-type-options"), "nosniff");
            let tag = asset.header("etag").to_owned();
            let again = control.get(&path).header("if-none-match", &tag).send().await;
            assert!(again.assert_status(304).body.is_empty());
            let other = control.get(&path).header("if-none-match", "\"other\"").send().await;
            other.assert_status(200);
        }
    }
    control.get("/_mock/page/none.js").send().await.assert_status(404);
    control.get("/_mock/page/../page/mod.rs").send().await.assert_status(404);
    let bare = control.get("/t/mine").header("accept", HTML).send().await;
    assert!(bare.body.starts_with("<!doctype html>"), "followed to /t/mine/: {bare:?}");
    let address = ("127.0.0.1", pod.control_port());
    for name in ["mine", "https:evil.com", "javascript:x"] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = "Host: localhost\r\nAccept: text/html\r\nConnection: close";
        let request = format!("GET /t/{name} HTTP/1.1\r\n{head}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
        assert!(answer.contains(&format!("\r\nlocation: ./{name}/\r\n")), "{answer}");
    }
}

#[tokio::test]
async fn the_page_is_there_without_the_token_and_nothing_else() {
    let pod = Pod::built(MockPod::builder().control_token("open sesame")).await;
    let control = pod.control();
    control.get("/").header("accept", HTML).send().await.assert_status(200);
    control.get("/_mock/page/main.js").send().await.assert_status(200);
    for path in ["/", "/_mock/people", "/_mock/live", "/_mock/messages/x", "/_mock/sessions"] {
        control.get(path).send().await.assert_status(401);
    }
    let shown = control.get("/_mock/people").header("authorization", "Bearer open sesame");
    shown.send().await.assert_status(200);
}

#[tokio::test]
async fn pages_of_other_origins_do_not_get_it() {
    let pod = Pod::start().await;
    let control = pod.control();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("host", "evil.com")] {
        let page = control.get("/").header("accept", HTML).header(name, value);
        page.send().await.assert_status(403);
        let live = control.get("/_mock/live").header(name, value);
        live.send().await.assert_status(403);
    }
}

async fn get(pod: &Pod, path: &str) -> Value {
    pod.control().get(path).send().await.assert_status(200).json()
}

async fn does(pod: &Pod, who: &str, what: &str, body: Value) -> Value {
    let path = format!("/_mock/people/{who}/{what}");
    pod.control().post(&path).json(&body).send().await.assert_status(200).json()
}

#[tokio::test]
async fn people_and_their_conversations_are_listed_with_what_they_have_not_read() {
    let pod = Pod::start().await;
    does(&pod, "bob", "presence", json!({ "category": "BUSY" })).await;
    let people = get(&pod, "/_mock/people").await;
    let people = people["people"].as_array().unwrap();
    let named = |name: &str| people.iter().find(|it| it["username"] == name).unwrap();
    assert_eq!((&named("bot")["bot"], &named("alice")["bot"]), (&json!(true), &json!(false)));
    assert_eq!(
        (&named("bob")["presence"], &named("carol")["foreign"]),
        (&json!("BUSY"), &json!(true))
    );

    let room = json!({ "name": "Open", "public": true, "members": [] });
    does(&pod, "bob", "rooms", room).await;
    let mut sent = Vec::new();
    for n in 0..3 {
        let said = json!({ "stream": "Test Room", "message": format!("number {n}") });
        sent.push(does(&pod, "bob", "messages", said).await["messageId"].clone());
    }
    let row = async |who: &str| {
        let streams = get(&pod, &format!("/_mock/people/{who}/streams")).await;
        let rows = streams["streams"].as_array().unwrap();
        let row = rows.iter().find(|it| it["name"] == "Test Room").unwrap().clone();
        (row, streams["publicRooms"].clone())
    };
    let (test_room, open) = row("alice").await;
    assert_eq!((&test_room["unread"], &test_room["kind"]), (&json!(3), &json!("ROOM")));
    assert_eq!(test_room["memberCount"], test_room["members"].as_array().unwrap().len());
    assert_eq!(open[0]["name"], "Open");
    assert_eq!(row("bob").await.0["unread"], 0);
    does(&pod, "alice", "reads", json!({ "message": sent[1] })).await;
    assert_eq!(row("alice").await.0["unread"], 1);

    let body = json!({ "stream": "Open", "user": "alice" });
    assert_eq!(does(&pod, "bob", "members", body.clone()).await["member"], true);
    assert_eq!(row("alice").await.1, json!([]));
    let out = json!({ "stream": "Open", "user": "alice", "remove": true });
    assert_eq!(does(&pod, "bob", "members", out).await["member"], false);
    let stranger = pod.control().post("/_mock/people/carol/members").json(&body).send().await;
    assert_eq!(stranger.assert_status(400).json()["field"], "user");
}

#[tokio::test]
async fn who_scrolls_back_sees_each_message_once_even_where_time_stands_still() {
    let pod = Pod::frozen().await;
    for n in 0..25 {
        let said = json!({ "stream": "Test Room", "message": format!("number {n}") });
        does(&pod, "bob", "messages", said).await;
    }
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let path = format!("/_mock/people/alice/messages?stream=Test%20Room&limit=10{before}");
        let page = get(&pod, &path).await["messages"].as_array().unwrap().clone();
        let Some(first) = page.first() else { break };
        before = format!("&before={}", first["messageId"].as_str().unwrap());
        seen.splice(0..0, page.iter().map(|it| it["text"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen, (0..25).map(|n| format!("number {n}")).collect::<Vec<_>>());
    let wrong = "/_mock/people/alice/messages?stream=Test%20Room&before=nonsense";
    let wrong = pod.control().get(wrong).send().await.assert_status(400);
    assert_eq!(wrong.json()["field"], "before");
}

#[tokio::test]
async fn a_message_tells_all_there_is_to_know_and_gives_its_files() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let file =
        json!({ "name": "a.html", "contentType": "text/html", "text": "<script>x</script>" });
    let said = json!({ "stream": "Test Room", "messageML": "<messageML>A <b>b</b></messageML>", "attachments": [file] });
    let id = does(&pod, "bob", "messages", said).await["messageId"].as_str().unwrap().to_owned();
    does(&pod, "alice", "reads", json!({ "message": id })).await;
    let room = get(&pod, "/_mock/people/bob/messages?stream=Test%20Room").await;
    assert_eq!(room["messages"][0]["readBy"], json!(["alice"]));
    let told = get(&pod, &format!("/_mock/messages/{id}")).await;
    assert_eq!(told["source"]["message"], "<messageML>A <b>b</b></messageML>");
    assert_eq!((&told["source"]["markup"], &told["text"]), (&json!("MessageML"), &json!("A b")));
    assert_eq!(told["receipts"][0]["user"], "alice");
    assert_eq!(told["feeds"][0]["id"], feed["id"]);
    assert_eq!(told["feeds"][0]["event"], "waits to be read");
    assert_eq!(told["files"][0]["name"], "a.html");

    let file = pod.control().get(&format!("/_mock/people/alice/attachments/{id}")).send().await;
    let file = file.assert_status(200);
    assert_eq!(file.body, "<script>x</script>");
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert_eq!(file.header("content-disposition"), "attachment");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    for (who, place, status) in [("alice", 1, 404), ("carol", 0, 404), ("nobody", 0, 404)] {
        let path = format!("/_mock/people/{who}/attachments/{id}?place={place}");
        pod.control().get(&path).send().await.assert_status(status);
    }
    let gone = json!({ "message": id });
    let other = pod.control().post("/_mock/people/alice/suppressions").json(&gone).send().await;
    other.assert_status(400);
    assert_eq!(does(&pod, "bob", "suppressions", gone).await["suppressed"], true);
    let path = format!("/_mock/people/alice/attachments/{id}");
    pod.control().get(&path).send().await.assert_status(404);
}

#[tokio::test]
async fn sessions_and_feeds_are_listed_and_ended() {
    let pod = Pod::start().await;
    let control = pod.control();
    let bot = pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let id = feed["id"].as_str().unwrap();
    let feeds = get(&pod, "/_mock/feeds").await;
    let row = &feeds["feeds"][0];
    assert_eq!(
        (&row["id"], &row["user"], &row["waiting"]),
        (&feed["id"], &json!("bot"), &json!(0))
    );
    control.request(Method::DELETE, &format!("/_mock/feeds/{id}")).send().await.assert_status(204);
    let read = bot.post(&format!("/agent/v5/datafeeds/{id}/read"), &json!({ "ackId": "" })).await;
    read.assert_status(400);
    let gone = control.request(Method::DELETE, &format!("/_mock/feeds/{id}")).send().await;
    gone.assert_status(404);

    assert_eq!(get(&pod, "/_mock/sessions").await["sessions"][0]["user"], "bot");
    let other = pod.log_in("bot").await;
    let first = get(&pod, "/_mock/sessions").await["sessions"][0]["id"].clone();
    let one = format!("/_mock/sessions/bot?id={}", first.as_str().unwrap());
    control.request(Method::DELETE, &one).send().await.assert_status(204);
    control.request(Method::DELETE, &one).send().await.assert_status(404);
    pod.session_info(&bot.token).await.assert_error(401, "Invalid session");
    pod.session_info(&other).await.assert_status(200);
    control.request(Method::DELETE, "/_mock/sessions/bot").send().await.assert_status(204);
    pod.session_info(&other).await.assert_error(401, "Invalid session");
    assert_eq!(get(&pod, "/_mock/sessions").await["sessions"], json!([]));
    pod.session_info(&bot.token).await.assert_error(401, "Invalid session");
    control.request(Method::DELETE, "/_mock/sessions/nobody").send().await.assert_status(404);
}

#[tokio::test]
async fn the_same_is_done_from_rust() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let id = feed["id"].as_str().unwrap();
    assert!(pod.lose_feed("no such feed").unwrap_err().to_string().contains("no such feed"));
    pod.lose_feed(id).expect("it is there");
    let read = bot.post(&format!("/agent/v5/datafeeds/{id}/read"), &json!({ "ackId": "" })).await;
    read.assert_status(400);
    pod.end_sessions("bot").expect("he is there");
    pod.session_info(&bot.token).await.assert_error(401, "Invalid session");

    let (alice, bob) = (pod.user("alice"), pod.user("bob"));
    alice.open_room("Den", &[]).expect("she may");
    alice.invite("Den", "bob").expect("it is hers");
    let said = bob.send("Den", "hello").expect("he is in it");
    assert!(alice.suppress(&said.id).is_err());
    bob.suppress(&said.id).expect("it is his");
    assert!(alice.messages("Den").expect("she is in it").is_empty());
    alice.remove_member("Den", "bob").expect("it is hers");
    assert!(bob.send("Den", "hello").is_err());
}
