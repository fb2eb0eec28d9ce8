//! What came to the pod, as the control port tells it, and why the pod said no.

use std::time::Duration;

use serde_json::{Value, json};
use symphony_mock_pod::{Clock, Defect, MockPod};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::jwt::Jwt;
use crate::messages;
use crate::pod::{Answer, FROZEN, Pod, Port, patiently};

const LOGIN: &str = "/sessionauth/v1/authenticate";
const JWT_LOGIN: &str = "/login/pubkey/authenticate";

async fn journal(pod: &Pod, query: &str) -> Value {
    let path = format!("/_mock/requests{query}");
    pod.control().get(&path).send().await.assert_status(200).json()
}

/// The requests that a query finds.
async fn requests(pod: &Pod, query: &str) -> Vec<Value> {
    journal(pod, query).await["requests"].as_array().expect("a list").clone()
}

async fn last(pod: &Pod) -> Value {
    requests(pod, "?limit=1").await.pop().expect("an entry")
}

/// Asks until the pod has noted it: a client knows of a broken connection before the pod does.
async fn until(pod: &Pod, query: &str, good: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let asking = async {
        loop {
            let found = requests(pod, query).await;
            if good(&found) {
                return found;
            }
        }
    };
    patiently(asking).await
}

async fn why(pod: &Pod) -> Value {
    pod.control().get("/_mock/why").send().await.assert_status(200).json()
}

/// The explanation has a step of this name and outcome, whose detail says this.
#[track_caller]
fn assert_step(why: &Value, step: &str, ok: bool, detail: &str) {
    let steps = why["steps"].as_array().expect("steps");
    let found = steps.iter().any(|found| {
        found["step"] == step
            && found["ok"] == ok
            && found["detail"].as_str().is_some_and(|text| text.contains(detail))
    });
    assert!(found, "no {step} {ok} {detail:?}: {why:#}");
}

#[track_caller]
fn assert_hint(why: &Value, hint: &str) {
    let hints = why["hints"].as_array().expect("hints");
    let found = hints.iter().any(|found| found.as_str().is_some_and(|text| text.contains(hint)));
    assert!(found, "no hint {hint:?}: {why:#}");
}

#[tokio::test]
async fn a_login_is_noted_with_all_that_was_said() {
    let pod = Pod::frozen().await;
    let token = pod
        .client("bot")
        .post(LOGIN)
        .header("X-Trace-Id", "aB3xY9")
        .header("Content-Type", "application/json")
        .send()
        .await
        .token();
    let entry = last(&pod).await;
    for (field, expected) in [
        ("id", json!(1)),
        ("time", json!("2025-06-15T15:06:40.000Z")),
        ("method", json!("POST")),
        ("path", json!(LOGIN)),
        ("operation", json!("session_authenticate_v1")),
        ("user", json!("bot")),
        ("status", json!(200)),
        ("port", json!(pod.port())),
        ("protocol", json!("HTTP/2")),
        ("traceId", json!("aB3xY9")),
    ] {
        assert_eq!(entry[field], expected, "{field}");
    }
    let certificate = &entry["certificate"];
    assert_eq!(certificate["commonName"], "bot");
    assert!(certificate["subject"].as_str().unwrap().contains("CN=bot"));
    assert_eq!(certificate["fingerprint"].as_str().unwrap().len(), 64);
    assert!(certificate["notAfter"].as_str().unwrap() > "2025-06-15");
    assert!(!certificate["serial"].as_str().unwrap().is_empty());
    assert_eq!(entry["request"]["headers"]["content-type"], "application/json");
    assert_eq!(entry["response"]["headers"]["content-type"], "application/json");
    let shown = entry["response"]["body"]["json"]["token"].as_str().unwrap();
    assert!(shown.starts_with("redacted:") && shown.len() == 17, "{shown}");
    assert!(entry.get("refusal").is_none() && entry.get("fault").is_none());
    assert!(entry.get("aborted").is_none());

    // The token goes by the same name wherever it turns up.
    pod.session_info(&token).await.assert_status(200);
    let call = last(&pod).await;
    assert_eq!(call["request"]["headers"]["sessiontoken"], shown);
    assert_eq!(call["operation"], "sessioninfo_v2");
    assert_eq!(call["user"], "bot");
    assert!(call.get("certificate").is_none());
    let same = pod.control().get("/_mock/requests/2").send().await.assert_status(200).json();
    assert_eq!(same, call);
}

#[tokio::test]
async fn no_secret_leaves_the_journal() {
    let pod = Pod::with_settings("authorizationToken: true").await;
    let jwt = Jwt::of(&pod, &pod.identity("bot").unwrap()).sign();
    let log_in = async |path: &str| {
        pod.anonymous().post(path).json(&json!({ "token": jwt })).send().await.assert_status(200)
    };
    let session = log_in(JWT_LOGIN).await.json();
    let key_manager = log_in("/relay/pubkey/authenticate").await.token();
    let token = session["token"].as_str().unwrap();
    let bearer = session["authorizationToken"].as_str().unwrap();
    let info = pod.anonymous().get("/pod/v2/sessioninfo");
    info.header("Authorization", bearer).send().await.assert_status(200);
    let echo = pod.anonymous().post("/agent/v1/util/echo").session(token);
    let echo = echo.header("keyManagerToken", &key_manager);
    echo.json(&json!({ "message": format!("it is {token}") })).send().await.assert_status(200);
    let unknown = pod.anonymous().get(&format!("/pod/nothing?sessionToken={token}&x={jwt}"));
    unknown.send().await.assert_status(404);

    let control = pod.control();
    let bearer = bearer.strip_prefix("Bearer ").unwrap();
    for path in ["/_mock/requests", "/_mock/requests.har", "/_mock/why"] {
        let text = control.get(path).send().await.assert_status(200).body;
        for secret in [&jwt, token, &key_manager, bearer] {
            assert!(!text.contains(secret), "{path}: {text}");
        }
        assert!(text.contains("redacted:"), "{path}");
    }
    assert_eq!(requests(&pod, "?user=bot").await.len(), 4);
}

#[tokio::test]
async fn requests_are_found_by_what_they_have_in_common() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    bot.get("/pod/v2/sessioninfo").await.assert_status(200);
    pod.clock().advance(Duration::from_secs(60));
    pod.bot("bot2").await;
    pod.client("alice").post(LOGIN).send().await.assert_status(403);
    pod.anonymous().get("/pod/v9/nothing").send().await.assert_status(404);

    let ids = async |query: &str| {
        let found = requests(&pod, query).await;
        found.iter().map(|entry| entry["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [1, 2, 3, 4, 5]);
    assert_eq!(ids("?operation=session_authenticate_v1").await, [1, 3, 4]);
    assert_eq!(ids("?operation=POST%20/sessionauth/v1/authenticate&user=bot2").await, [3]);
    assert_eq!(ids("?user=bot").await, [1, 2]);
    assert_eq!(ids("?status=4xx").await, [4, 5]);
    assert_eq!(ids("?status=403").await, [4]);
    assert_eq!(ids("?refused=true").await, [4, 5]);
    assert_eq!(ids("?refused=false").await, [1, 2, 3]);
    assert_eq!(ids("?since=3").await, [4, 5]);
    assert_eq!(ids("?since=2025-06-15T15:07:40Z").await, [3, 4, 5]);
    assert_eq!(ids(&format!("?since={}", FROZEN.as_millis())).await, [1, 2, 3, 4, 5]);
    assert_eq!(ids("?limit=2").await, [4, 5]);
    assert_eq!(ids("?refused=false&limit=1").await, [3]);
    assert!(requests(&pod, "?status=404").await[0].get("operation").is_none());

    for (query, field) in [
        ("?operation=session_autenticate_v1", json!("operation")),
        ("?status=bad", json!("status")),
        ("?since=yesterday", json!("since")),
        ("?limit=all", json!(null)),
        ("?colour=blue", json!(null)),
    ] {
        let answer = pod.control().get(&format!("/_mock/requests{query}")).send().await;
        let answer = answer.assert_status(400).json();
        assert_eq!(answer["field"], field, "{query}");
    }
    let misspelt = pod.control().get("/_mock/requests?operation=session_autenticate_v1");
    let message = misspelt.send().await.body;
    assert!(message.contains("session_authenticate_v1"), "{message}");
    pod.control().get("/_mock/requests/x").send().await.assert_status(400);
    pod.control().get("/_mock/requests/6").send().await.assert_status(404);
}

#[tokio::test]
async fn bodies_are_shown_as_what_they_are() {
    let pod = Pod::seeded(
        "users: [{ username: bot, accountType: SYSTEM }, { username: bot2, accountType: SYSTEM }]
rooms: [{ name: Den, owners: [bot] }]",
    )
    .await;
    let bot = messages::Bot::of(&pod, "bot").await;
    let picture: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    bot.create(&[
        messages::part("message", "<messageML>Hello</messageML>"),
        messages::file("attachment", "a.bin", "application/octet-stream", b"\xff\xfe"),
        messages::file("attachment", "b.bin", "application/octet-stream", &picture),
    ])
    .await
    .assert_status(200);
    let body = last(&pod).await["request"]["body"].clone();
    assert!(body["bytes"].as_u64().unwrap() > 100_000);
    assert_eq!(body["truncated"], true);
    assert_eq!(body["parts"][0]["name"], "message");
    assert_eq!(body["parts"][0]["text"], "<messageML>Hello</messageML>");
    assert_eq!(body["parts"][1]["fileName"], "a.bin");
    assert_eq!(body["parts"][1]["bytes"], 2);
    assert!(body["parts"][1].get("text").is_none());
    assert_eq!(body["parts"].as_array().unwrap().len(), 2, "the third is cut");

    let text = "x".repeat(20_000);
    let token = pod.log_in("bot").await;
    let echo = async |message: &str| {
        let echo = pod.anonymous().post("/agent/v1/util/echo").session(&token);
        echo.json(&json!({ "message": message })).send().await.assert_status(200);
        last(&pod).await
    };
    let short = echo("hi").await;
    assert_eq!(short["request"]["body"]["json"]["message"], "hi");
    assert_eq!(short["response"]["body"]["json"]["message"], "hi");
    let long = echo(&text).await;
    for side in ["request", "response"] {
        let body = &long[side]["body"];
        assert_eq!(body["truncated"], true, "{side}");
        assert!(body["bytes"].as_u64().unwrap() > 20_000, "{side}");
        assert_eq!(body["text"].as_str().unwrap().len(), 16 << 10, "{side}");
    }

    // Nobody reads the body of a call without a session: it is not read for the journal's sake.
    let unread = pod.anonymous().post("/agent/v4/stream/x/message/create");
    unread.json(&json!({ "message": "x" })).send().await.assert_status(400);
    assert_eq!(last(&pod).await["request"]["body"]["unread"], true);
    // No body is no body.
    let log_in = pod.client("bot").post(LOGIN).send().await.assert_status(200);
    assert!(log_in.body.len() > 100);
    assert!(last(&pod).await["request"].get("body").is_none());
}

#[tokio::test]
async fn a_full_journal_forgets_the_oldest_and_says_how_many() {
    const BYTES: usize = 50_000;
    let pod = Pod::built(MockPod::builder().journal_bytes(BYTES)).await;
    let bot = pod.bot("bot").await;
    for _ in 0..99 {
        bot.get("/pod/v2/sessioninfo").await.assert_status(200);
    }
    let journal = journal(&pod, "").await;
    let kept = journal["requests"].as_array().unwrap();
    let dropped = journal["dropped"].as_u64().unwrap();
    assert!(kept.len() > 5 && dropped > 5, "{} and {dropped}", kept.len());
    assert_eq!(kept.len() as u64 + dropped, 100);
    assert_eq!(kept[0]["id"], dropped + 1);
    assert_eq!(kept.last().unwrap()["id"], 100);
    // Nobody can tell of the first what it was, and that is what one hears.
    let gone = pod.control().get("/_mock/requests/1").send().await.assert_status(404).body;
    assert!(gone.contains("forgotten"), "{gone}");
    let nothing = pod.control().get("/_mock/why").send().await.assert_status(404).body;
    assert!(nothing.contains(&dropped.to_string()), "{nothing}");
}

#[tokio::test]
async fn a_journal_can_be_emptied_or_left_out() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let delete = pod.control().request(reqwest::Method::DELETE, "/_mock/requests");
    delete.send().await.assert_status(204);
    let empty = json!({ "requests": [], "dropped": 0, "underWay": 0 });
    assert_eq!(journal(&pod, "").await, empty);
    bot.get("/pod/v2/sessioninfo").await.assert_status(200);
    assert_eq!(last(&pod).await["id"], 2, "ids are not given twice");
    assert_eq!(journal(&pod, "").await["dropped"], 0);

    let pod = Pod::built(MockPod::builder().journal_bytes(0)).await;
    pod.client("nobody").post(LOGIN).send().await.assert_status(401);
    assert_eq!(journal(&pod, "").await, empty);
    pod.control().get("/_mock/why").send().await.assert_status(404);
}

#[tokio::test]
async fn every_pod_has_a_journal_of_its_own() {
    let pod = Pod::start().await;
    pod.client("bot").post(&format!("/t/one{LOGIN}")).send().await.assert_status(200);
    let control = pod.control();
    let one = control.get("/t/one/_mock/requests").send().await.json();
    assert_eq!(one["requests"][0]["path"], LOGIN);
    assert_eq!(one["requests"].as_array().unwrap().len(), 1);
    assert!(requests(&pod, "").await.is_empty());
    control.request(reqwest::Method::PUT, "/_mock/pods/two").send().await.assert_status(201);
    let two = control.get("/_mock/requests").header("X-Mock-Pod", "two").send().await.json();
    assert_eq!(two["requests"], json!([]));
}

#[tokio::test]
async fn a_long_poll_is_counted_while_it_waits_and_noted_when_it_ends() {
    let pod = Pod::built(MockPod::builder().clock(Clock::frozen_at(FROZEN))).await;
    let bot = pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let path = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let read = "?operation=datafeeds_read_v5";
    let nothing = json!({});
    let (answer, ()) = tokio::join!(bot.post(&path, &nothing), async {
        let waiting = async { while journal(&pod, "").await["underWay"] != 1 {} };
        patiently(waiting).await;
        assert!(requests(&pod, read).await.is_empty());
        pod.clock().advance(Duration::from_secs(60));
    });
    answer.assert_status(200);
    let noted = requests(&pod, read).await;
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0]["time"], "2025-06-15T15:06:40.000Z", "when it began");
    assert_eq!(noted[0]["status"], 200);

    // A client that hangs up is noted too.
    let mut hanging = Box::pin(bot.post(&path, &nothing));
    let waiting = async { while journal(&pod, "").await["underWay"] != 1 {} };
    tokio::select! {
        _ = &mut hanging => panic!("the clock stands still"),
        () = patiently(waiting) => drop(hanging),
    }
    let noted = until(&pod, read, |found| found.len() == 2).await;
    assert_eq!(noted[1]["aborted"], true);
    assert!(noted[1].get("status").is_none());
    assert_eq!(journal(&pod, "").await["underWay"], 0);
}

#[tokio::test]
async fn the_archive_has_what_har_viewers_read() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    bot.post("/agent/v1/util/echo", &json!({ "message": "hi" })).await.assert_status(200);
    bot.get("/pod/v2/user?username=alice&local=true").await.assert_status(200);
    pod.anonymous().on(Port::Mtls).get("/agent/v3/health").assert_no_answer().await;
    let answer = pod.control().get("/_mock/requests.har").send().await.assert_status(200);
    let log = answer.json()["log"].clone();
    assert_eq!(log["version"], "1.2");
    assert!(log["creator"]["name"].is_string() && log["creator"]["version"].is_string());
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3, "handshakes are no requests");
    for entry in entries {
        assert!(entry["startedDateTime"].as_str().unwrap().ends_with('Z'));
        assert!(entry["time"].as_f64().unwrap() > 0.0);
        for field in ["send", "wait", "receive"] {
            assert!(entry["timings"][field].is_number());
        }
        assert!(entry["cache"].is_object());
        for side in ["request", "response"] {
            let side = &entry[side];
            assert!(side["cookies"].is_array() && side["headers"].is_array());
            assert!(side["headersSize"].is_number() && side["bodySize"].is_number());
            assert!(side["httpVersion"].as_str().unwrap().starts_with("HTTP/"));
        }
        assert!(entry["request"]["url"].as_str().unwrap().starts_with("https://"));
        assert!(entry["request"]["queryString"].is_array());
        assert!(entry["response"]["status"].is_number());
        assert!(entry["response"]["statusText"].is_string());
        assert!(entry["response"]["redirectURL"].is_string());
        assert!(entry["response"]["content"]["size"].is_number());
        assert!(entry["response"]["content"]["mimeType"].is_string());
    }
    assert_eq!(entries[1]["request"]["postData"]["text"], r#"{"message":"hi"}"#);
    assert_eq!(entries[1]["request"]["postData"]["mimeType"], "application/json");
    assert_eq!(entries[1]["response"]["content"]["text"], r#"{"message":"hi"}"#);
    let pair = json!({ "name": "username", "value": "alice" });
    assert_eq!(entries[2]["request"]["queryString"][0], pair);
}

#[tokio::test]
async fn a_handshake_that_failed_is_noted_with_its_reason() {
    let pod = Pod::start().await;
    let control = pod.control();
    let nothing = control.get("/_mock/why").send().await.assert_status(404).body;
    assert!(nothing.contains("nothing was refused"), "{nothing}");

    let count = std::cell::Cell::new(0);
    let failed = async |port: u16, reason: &str, hint: &str| {
        count.set(count.get() + 1);
        let noted = until(&pod, "", |found| found.len() == count.get()).await;
        let entry = noted.last().unwrap();
        let said = entry["handshake"].as_str().unwrap();
        assert!(said.contains(reason), "{said}");
        assert_eq!(entry["port"], port);
        assert!(entry.get("status").is_none() && entry.get("path").is_none());
        let path = format!("/_mock/requests/{}/why", entry["id"]);
        let why = control.get(&path).send().await.assert_status(200).json();
        assert_step(&why, "handshake", false, reason);
        assert_hint(&why, hint);
        assert_eq!(why["kind"], "Handshake");
        assert!(why["line"].as_str().unwrap().contains(reason));
        assert_eq!(control.get("/_mock/why").send().await.json(), why);
    };
    let mtls = pod.anonymous().on(Port::Mtls);
    mtls.get("/agent/v3/health").assert_no_answer().await;
    failed(pod.mtls_port(), "no certificates", "demands a client certificate").await;

    let defective = |defect| pod.certificates().issue_defective("bot", defect).unwrap();
    let foreign = defective(Defect::ForeignAuthority);
    pod.client_with(&foreign).post(LOGIN).assert_no_answer().await;
    failed(pod.port(), "CN=bot", "another authority").await;

    pod.client_with(&defective(Defect::Expired)).post(LOGIN).assert_no_answer().await;
    failed(pod.port(), "expired", "/_mock/clock").await;

    let other = Pod::built(MockPod::builder().certificates(other_certificates())).await;
    pod.connect(Port::Main, &other.tls(None)).await.expect_err("it does not trust the pod");
    failed(pod.port(), "alert", "/_mock/certs/ca.pem").await;

    let mut plain = tokio::net::TcpStream::connect(("127.0.0.1", pod.port())).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    drop(patiently(plain.read_to_end(&mut Vec::new())).await);
    failed(pod.port(), "corrupt message", "https://").await;

    assert_eq!(requests(&pod, "?refused=true").await.len(), 5);
}

/// Of an authority that no other pod has.
fn other_certificates() -> symphony_mock_pod::Certificates {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("it").join("journal");
    drop(std::fs::remove_dir_all(&folder));
    let key = symphony_mock_pod::KeyAlgorithm::P256;
    symphony_mock_pod::Certificates::open(&folder, &[], &[], key).unwrap()
}

#[tokio::test]
async fn a_refused_certificate_is_explained() {
    let pod = Pod::start().await;
    pod.anonymous().post(LOGIN).send().await.assert_status(401);
    let missing = why(&pod).await;
    assert_eq!(missing["kind"], "CertificateMissing");
    assert_step(&missing, "operation", true, "session_authenticate_v1");
    assert_step(&missing, "certificate", false, &pod.port().to_string());
    assert_hint(&missing, "bot.p12");

    pod.client("Bot").post(LOGIN).send().await.assert_status(401);
    let letters = why(&pod).await;
    assert_step(&letters, "certificate", true, "CN=Bot");
    assert_step(&letters, "chain", true, "issued by [");
    assert_step(&letters, "commonName", true, "\"Bot\"");
    assert_step(&letters, "user", false, "the nearest is \"bot\"");
    assert_hint(&letters, "letter case");
    let line = letters["line"].as_str().unwrap();
    assert!(line.starts_with("401 POST /sessionauth/v1/authenticate (Bot): no user is called"));
    assert!(!line.contains('\n'));

    pod.client("botty").post(LOGIN).send().await.assert_status(401);
    let typo = why(&pod).await;
    assert_step(&typo, "user", false, "the nearest is \"bot\"");
    assert_eq!(typo["hints"], json!([]), "what it should be, nobody can be sure of");

    pod.client("alice").post(LOGIN).send().await.assert_status(403);
    assert_hint(&why(&pod).await, "accountType SYSTEM");

    let nameless = pod.certificates().issue_defective("bot", Defect::NoCommonName).unwrap();
    pod.client_with(&nameless).post(LOGIN).send().await.assert_status(401);
    assert_step(&why(&pod).await, "commonName", false, "no Common Name");
}

#[tokio::test]
async fn a_refused_jwt_is_explained() {
    let pod = Pod::frozen().await;
    let bot = pod.identity("bot").unwrap();
    let bot2 = pod.identity("bot2").unwrap();
    let jwt = || Jwt::of(&pod, &bot);
    let refused = async |jwt: String| {
        let log_in = pod.anonymous().post(JWT_LOGIN).json(&json!({ "token": jwt }));
        log_in.send().await.assert_status(401);
        why(&pod).await
    };
    let far = refused(jwt().expiring_in(&pod, 600).sign()).await;
    assert_step(&far, "jwt", true, "sub \"bot\"");
    assert_step(&far, "subject", true, "known and active");
    assert_step(&far, "key", true, "verifies the signature");
    assert_step(&far, "exp", false, "exp is 2025-06-15T15:16:40.000Z");
    assert_step(&far, "exp", false, "the pod's clock was 2025-06-15T15:06:40.000Z");
    assert_hint(&far, "5 minutes");
    assert_hint(&far, "frozen");
    let milliseconds = refused(jwt().claim("exp", FROZEN.as_millis() + 240_000).sign()).await;
    assert_hint(&milliseconds, "milliseconds");
    let old = refused(jwt().expiring_in(&pod, -60).sign()).await;
    assert_step(&old, "exp", false, "expired 1m ago");
    let stranger = refused(jwt().signed_by(&bot2).sign()).await;
    assert_step(&stranger, "key", false, "was not signed with");
    assert_hint(&stranger, "/_mock/certs/bot-rsa.pem");
    let letters = refused(jwt().subject("BOT").sign()).await;
    assert_step(&letters, "subject", false, "\"BOT\", whom nobody knows");
    assert_hint(&letters, "letter case");
    let algorithm = refused(jwt().rs256().sign()).await;
    assert_step(&algorithm, "jwt", false, "RS256");
    assert_hint(&algorithm, "RS512");
    let nonsense = refused("x".to_owned()).await;
    assert_eq!(nonsense["kind"], "JwtRefused");
    assert_eq!(nonsense["steps"].as_array().unwrap().last().unwrap()["ok"], false);
}

#[tokio::test]
async fn a_refused_session_is_explained() {
    let pod = Pod::frozen().await;
    let refused = async |answer: Answer| {
        assert!(answer.status >= 400, "{answer:?}");
        why(&pod).await
    };
    let missing = refused(pod.anonymous().get("/pod/v2/sessioninfo").send().await).await;
    assert_step(&missing, "session", false, "no sessionToken header");
    let unknown = refused(pod.session_info("abc").await).await;
    assert_step(&unknown, "session", false, "none that this pod issued");
    let other = Pod::start().await;
    let foreign = refused(pod.session_info(&other.log_in("bot").await).await).await;
    assert_hint(&foreign, "another pod");
    let confused = pod.log_in_to_key_manager("bot").await;
    assert_hint(&refused(pod.session_info(&confused).await).await, "keyManagerToken");

    let token = pod.log_in("bot").await;
    let log_out = pod.client("bot").post("/sessionauth/v1/logout").session(&token);
    log_out.send().await.assert_status(200);
    let ended = refused(pod.session_info(&token).await).await;
    assert_step(
        &ended,
        "session",
        false,
        "of \"bot\": the sessionToken was ended by a session logout",
    );
    assert_step(&ended, "session", false, "2025-06-15T15:06:40.000Z");

    let token = pod.log_in("bot").await;
    pod.clock().advance(Duration::from_secs(15 * 24 * 60 * 60));
    let expired = refused(pod.session_info(&token).await).await;
    assert_step(&expired, "session", false, "of \"bot\": the sessionToken expired");
    assert_step(&expired, "session", false, "2025-06-29T15:06:40.000Z");
}

#[tokio::test]
async fn a_missing_right_is_explained() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    bot.get("/pod/v1/admin/user/1").await;
    let role = why(&pod).await;
    assert_step(&role, "session", true, "\"bot\"");
    assert_step(&role, "role", false, "USER_PROVISIONING");
    assert_hint(&role, "role");

    let app = pod.client("app").post("/sessionauth/v1/app/authenticate").send().await.token();
    let info = pod.anonymous().get("/pod/v2/sessioninfo").session(&app).send().await;
    info.assert_status(403);
    let itself = why(&pod).await;
    assert_step(&itself, "session", false, "calls are made on behalf of a user");
    assert_hint(&itself, "on behalf of");

    let on_behalf = pod.anonymous().post("/login/pubkey/app/username/alice/authenticate");
    let alice = on_behalf.session(&app).send().await.token();
    let feeds = pod.anonymous().get("/agent/v5/datafeeds").session(&alice).send().await;
    feeds.assert_status(403);
    let closed = why(&pod).await;
    assert_step(&closed, "session", true, "the app \"app\" on behalf of \"alice\"");
    assert_step(&closed, "permission", false, "not open to apps");
    let entry = last(&pod).await;
    assert_eq!((&entry["user"], &entry["app"]), (&json!("alice"), &json!("app")));

    bot.get("/pod/v2/sessioninf").await.assert_status(404);
    let path = why(&pod).await;
    assert_step(&path, "operation", false, "the nearest is GET /pod/v2/sessioninfo");

    // What was not refused is explained too, and is not the last refusal.
    bot.get("/pod/v2/sessioninfo").await.assert_status(200);
    let id = last(&pod).await["id"].clone();
    let fine = pod.control().get(&format!("/_mock/requests/{id}/why")).send().await.json();
    assert_eq!(fine["refused"], false);
    assert_step(&fine, "answer", true, "200");
    assert_eq!(why(&pod).await, path);
}
