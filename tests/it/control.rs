//! The test's side, over plain HTTP.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::MockPod;
use symphony_mock_pod::catalogue::documented;

use crate::pod::{FROZEN, Pod};

#[tokio::test]
async fn a_pod_that_can_be_reached_is_ready() {
    let pod = Pod::start().await;
    for path in ["/livez", "/readyz"] {
        pod.control().get(path).send().await.assert_status(200);
    }
}

#[tokio::test]
async fn the_clock_is_frozen_set_advanced_and_set_going() {
    let pod = Pod::start().await;
    let control = pod.control();
    let clock = |what: &str| format!("/_mock/clock{what}");

    let running = control.get(&clock("")).send().await.assert_status(200).json();
    assert_eq!(running["frozen"], false);
    let frozen = control.post(&clock("/freeze")).send().await.assert_status(200).json();
    assert_eq!(frozen["frozen"], true);
    assert_eq!(control.get(&clock("")).send().await.json(), frozen);

    let set = |to: serde_json::Value| control.post(&clock("/set")).json(&json!({ "to": to }));
    let reading = set(json!("2025-06-15T15:06:40Z")).send().await.assert_status(200).json();
    let noted =
        json!({ "now": FROZEN.as_millis(), "iso": "2025-06-15T15:06:40.000Z", "frozen": true });
    assert_eq!(reading, noted);
    let reading = set(json!(FROZEN.as_millis())).send().await.assert_status(200).json();
    assert_eq!(reading, noted);

    let by = json!({ "by": "1h 30m" });
    let reading = control.post(&clock("/advance")).json(&by).send().await.json();
    assert_eq!(reading["now"], FROZEN.plus(Duration::from_secs(5_400)).as_millis());
    assert_eq!(pod.clock().now(), FROZEN.plus(Duration::from_secs(5_400)));

    let reading = control.post(&clock("/run")).send().await.assert_status(200).json();
    assert_eq!(reading["frozen"], false);
    assert!(!pod.clock().is_frozen());
}

#[tokio::test]
async fn sessions_go_by_the_clock_that_the_control_port_moves() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let advance = pod.control().post("/_mock/clock/advance").json(&json!({ "by": "15d" }));
    advance.send().await.assert_status(200);
    pod.session_info(&token).await.assert_error(401, "Invalid session");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_the_name_of_its_field() {
    let pod = Pod::start().await;
    let control = pod.control();
    for (path, body, field) in [
        ("/_mock/clock/advance", json!({ "by": "soon" }), json!("by")),
        ("/_mock/clock/advance", json!({ "by": "-1h" }), json!("by")),
        ("/_mock/clock/set", json!({ "to": "tomorrow" }), json!("to")),
        ("/_mock/clock/set", json!({ "to": -1 }), json!("to")),
        ("/_mock/clock/set", json!({ "to": null }), json!("to")),
        ("/_mock/clock/set", json!({ "at": 1 }), json!(null)),
        ("/_mock/clock/advance", json!([]), json!(null)),
    ] {
        let answer = control.post(path).json(&body).send().await.assert_status(400);
        assert_eq!(answer.json()["field"], field, "{path} {body}");
        assert!(!answer.json()["error"].as_str().unwrap().is_empty());
    }
    control.post("/_mock/clock/set").body("{").send().await.assert_status(400);
    control.get("/_mock/nothing").send().await.assert_status(404);
    control.post("/livez").send().await.assert_status(405);
}

#[tokio::test]
async fn a_wrong_duration_is_told_with_an_example_of_a_right_one() {
    let pod = Pod::start().await;
    let login = "session_authenticate_v1";
    let soon = json!({ "settings": { "sessionLifetime": "soon" } });
    for (path, body, field) in [
        ("clock/advance", json!({ "by": "soon" }), Some("by")),
        ("expect", json!({ "operation": login, "within": "2" }), Some("within")),
        ("listening", json!({ "user": "bot", "within": "x" }), Some("within")),
        ("faults", json!({ "status": 503, "delay": "2x" }), Some("delay")),
        ("faults", json!({ "withholdEvents": "soon" }), Some("withholdEvents")),
        (
            "people/alice/answers",
            json!({ "answer": { "message": "yes" }, "after": "later" }),
            Some("after"),
        ),
        ("scenario", soon, None),
    ] {
        let refused = pod.control().post(&format!("/_mock/{path}")).json(&body).send().await;
        let refused = refused.assert_status(400).json();
        assert_eq!(refused["field"].as_str(), field, "{refused}");
        let error = refused["error"].as_str().unwrap();
        assert!(error.contains("duration like "), "{path}: {error}");
    }
    let live = pod.control().get("/_mock/live?within=soon").send().await.assert_status(400);
    assert!(live.body.contains("duration like "), "{live:?}");
}

#[tokio::test]
async fn a_request_that_cannot_be_taken_apart_is_told_what_was_expected() {
    let pod = Pod::start().await;
    let control = pod.control();
    let long = || vec![b' '; 4 << 20];
    for (request, status, told) in [
        (control.post("/_mock/clock/advance").body(long()), 413, "too large"),
        (control.post("/_mock/faults").body(long()), 413, "too large"),
        (control.request(Method::PUT, "/_mock/scenario").body(long()), 413, "too large"),
        (control.post("/_mock/clock/advance").body("{}"), 400, r#"expected {"by": "90m"}"#),
        (control.request(Method::PUT, "/_mock/pods/x").body("[]"), 400, r#"{"fork": "POD"}"#),
        (control.get("/_mock/requests?limit=many"), 400, "expected any of the filters operation,"),
        (control.get("/_mock/people/bot/messages?limit=many"), 400, "expected stream"),
        (control.get("/_mock/people/bot/messages?colour=blue"), 400, "colour: unknown field"),
        (control.get("/_mock/people/%ff/messages"), 400, "UTF-8"),
        (control.request(Method::DELETE, "/_mock/people/bot/answers/%ff"), 400, "UTF-8"),
    ] {
        let answer = request.send().await.assert_status(status);
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(told) && !error.contains("deserialize"), "{error}");
    }
    // Where a body may be left out, `null` is none.
    control.post("/_mock/snapshots").json(&json!(null)).send().await.assert_status(201);
}

#[tokio::test]
async fn a_clock_moved_to_the_end_of_time_stays_there_in_peace() {
    let pod = Pod::start().await;
    let control = pod.control();
    let set = control.post("/_mock/clock/set").json(&json!({ "to": u64::MAX }));
    set.send().await.assert_status(200);
    let advance = control.post("/_mock/clock/advance").json(&json!({ "by": "1000y" }));
    advance.send().await.assert_status(200);
    control.get("/_mock/clock").send().await.assert_status(200);
    pod.session_info("x").await.assert_status(401);
}

#[tokio::test]
async fn the_operations_are_listed_and_all_are_modelled() {
    let pod = Pod::start().await;
    let operations = pod.control().get("/_mock/operations").send().await.assert_status(200).json();
    let operations = operations.as_array().unwrap().clone();
    let of_files = operations.iter().filter(|row| row["inApiFiles"] == true);
    assert_eq!(of_files.count(), 255);
    assert_eq!(operations.len(), 255 + documented().len());
    let login = operations.iter().find(|row| row["path"] == "/sessionauth/v1/authenticate");
    assert_eq!(
        login,
        Some(&json!({
            "method": "POST",
            "path": "/sessionauth/v1/authenticate",
            "name": "session_authenticate_v1",
            "modelled": true,
            "inApiFiles": true,
        }))
    );
}

#[tokio::test]
async fn identities_are_downloaded_in_every_format() {
    let pod = Pod::start().await;
    let control = pod.control();
    let file = async |name: &str| {
        let path = format!("/_mock/certs/{name}");
        control.get(&path).send().await.assert_status(200).body
    };
    let bot = pod.identity("bot").unwrap();
    assert_eq!(file("ca.pem").await, pod.ca_pem());
    assert_eq!(file("bot.pem").await, bot.certificate_pem());
    assert_eq!(file("bot.key").await, bot.key_pem());
    assert_eq!(file("bot-combined.pem").await, bot.combined_pem());
    assert_eq!(file("bot-rsa.pem").await, bot.rsa_pem().unwrap());
    assert_eq!(file("bot-rsa.pub.pem").await, bot.rsa_public_pem().unwrap());
    let stores = [file("bot.p12").await, file("truststore.p12").await, file("app.p12").await];
    assert_eq!(stores.iter().collect::<BTreeSet<_>>().len(), 3);
}

#[tokio::test]
async fn certificates_are_given_out_for_whoever_may_log_in_alone() {
    let pod = Pod::start().await;
    for file in
        ["alice.pem", "nobody.pem", "ca.key", "server.key", "bot", "..%2fbot.pem", "%ff.pem"]
    {
        let answer = pod.control().get(&format!("/_mock/certs/{file}")).send().await;
        assert!(matches!(answer.status, 400 | 404), "{file}: {answer:?}");
    }
}

#[tokio::test]
async fn the_port_is_described_as_it_is_served() {
    let pod = Pod::start().await;
    let control = pod.control();
    let document = control.get("/_mock/openapi.json").send().await.assert_status(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 15, "{paths:?}");
    let mut names = BTreeSet::new();
    for (path, operations) in paths {
        let described: BTreeSet<_> = operations.as_object().unwrap().keys().collect();
        for method in ["get", "put", "post", "delete", "patch"] {
            // A body that no operation reads, so that nothing happens.
            let method_of_it = method.to_uppercase().parse().unwrap();
            // The stream of what happens has no end of its own.
            let asked = if path == "/_mock/live" { "/_mock/live?within=1ms" } else { path };
            let answer = control.request(method_of_it, asked).body("?").send().await;
            let served = answer.status != 405;
            assert_eq!(served, described.contains(&method.to_owned()), "{method} {path}");
            assert!(!answer.body.contains("no path on the control port"), "{method} {path}");
        }
        for (method, operation) in operations.as_object().unwrap() {
            assert!(names.insert(operation["operationId"].to_string()), "{method} {path}");
            assert!(!operation["summary"].as_str().unwrap().is_empty());
            let named = operation["parameters"].as_array().map_or(0, |named| {
                named.iter().filter(|parameter| parameter["in"] == "path").count()
            });
            assert_eq!(named, path.matches('{').count(), "{method} {path}");
        }
    }
    for reference in references(&document) {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let advance = &paths["/_mock/clock/advance"]["post"]["requestBody"];
    assert_eq!(advance["required"], true);
    let schema = advance["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
    let schema = document.pointer(schema.strip_prefix('#').unwrap()).unwrap();
    assert_eq!(schema["required"], json!(["by"]));
}

#[tokio::test]
async fn the_root_links_to_what_is_served() {
    let pod = Pod::start().await;
    let control = pod.control();
    pod.session_info("x").await.assert_status(401);
    let root = control.get("/").send().await.assert_status(200).json();
    let links = root["links"].as_object().unwrap();
    assert!(links.len() > 8);
    for link in links.values() {
        control.get(link.as_str().unwrap()).send().await.assert_status(200);
    }
}

#[tokio::test]
async fn whoever_comes_to_the_wrong_port_is_told_the_right_one() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let pod = Pod::start().await;
    let control = pod.control();
    for path in ["/sessionauth/v1/authenticate", "/agent/v5/datafeeds", "/pod/v2/sessioninfo"] {
        let answer = control.get(path).send().await.assert_status(404);
        let right = format!("on {} over TLS (--port)", pod.port());
        assert!(answer.body.contains(&right), "{}", answer.body);
    }
    let mistyped = control.get("/_mock/requets").send().await.assert_status(404);
    assert!(mistyped.body.contains("/_mock/requests"), "{}", mistyped.body);

    let address = ("127.0.0.1", pod.control_port());
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    // The beginning of a ClientHello (RFC 8446, 5.1).
    stream.write_all(&[22, 3, 1, 0, 5, 1, 0, 0, 1, 3, 13, 10, 13, 10]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("--port (8443"), "{answer}");
}

#[tokio::test]
async fn operations_are_filtered() {
    let pod = Pod::start().await;
    let filtered = async |query: &str| {
        let path = format!("/_mock/operations?{query}");
        pod.control().get(&path).send().await.assert_status(200).json().as_array().unwrap().len()
    };
    assert_eq!(filtered("name=session_authenticate_v1").await, 1);
    assert_eq!(filtered("path=/DATAFEEDS&method=get").await, 1);
    assert_eq!(filtered("modelled=true").await, 255 + documented().len());
    assert_eq!(filtered("modelled=false").await, 0);
    assert_eq!(filtered("name=nothing").await, 0);
    pod.control().get("/_mock/operations?colour=blue").send().await.assert_status(400);
}

/// Every `$ref` of a document.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(object) => {
            let own = object.get("$ref").and_then(Value::as_str);
            object.values().flat_map(references).chain(own).collect()
        }
        Value::Array(array) => array.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn with_a_token_the_port_is_for_those_who_show_it() {
    let pod = Pod::built(MockPod::builder().control_token("open sesame")).await;
    let control = pod.control();
    for path in ["/_mock/clock", "/_mock/openapi.json", "/_mock/nothing", "/t/new/_mock/clock"] {
        let closed = control.get(path).send().await.assert_status(401);
        assert_eq!(closed.header("www-authenticate"), "Bearer");
        assert!(closed.json()["error"].as_str().unwrap().contains("--control-token"));
        let wrong = control.get(path).header("Authorization", "Bearer open").send().await;
        wrong.assert_status(401);
    }
    for path in ["/_mock/clock", "/t/new/_mock/clock"] {
        let open = control.get(path).header("Authorization", "Bearer open sesame").send().await;
        open.assert_status(200);
    }
    for free in ["/livez", "/readyz"] {
        control.get(free).send().await.assert_status(200);
    }
    // The other side knows nothing of it.
    pod.log_in("bot").await;
}

#[tokio::test]
async fn what_an_sdk_reads_is_made_for_it() {
    let pod = Pod::start().await;
    let control = pod.control();
    let path = "/_mock/sdk-config/bot";
    let java = control.get(&format!("/t/one{path}?client=java-bdk&folder=f")).send().await;
    let java = java.assert_status(200);
    assert_eq!(java.header("content-type"), "application/yaml");
    for line in ["context: \"/t/one\"", "path: \"f/bot.p12\"", &format!("port: {}", pod.port())] {
        assert!(java.body.contains(line), "{line} is not in {}", java.body);
    }
    let all = control.get(&format!("{path}?app=app")).send().await.assert_status(200).json();
    let names: Vec<_> = all["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["name"].as_str().unwrap())
        .collect();
    for name in ["legacy-python.json", "ca.pem", "truststore.p12", "bot.p12", "app-rsa.pem"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    control.get("/_mock/sdk-config/alice").send().await.assert_status(404);
    let proxied = control.get(&format!("{path}?client=python-bdk&proxy=ada:x@proxy.example:3128"));
    let proxied = proxied.send().await.assert_status(200).body;
    let lines =
        "proxy:\n  host: \"proxy.example\"\n  port: 3128\n  username: \"ada\"\n  password: \"x\"";
    assert!(proxied.contains(lines), "{proxied}");
    for (query, field) in [
        ("proxy=true", "proxy"),
        ("proxy=proxy.example", "proxy"),
        ("client=cobol", "client"),
        ("client=legacy-node&context=/t/x", "client"),
        ("login=sso", "login"),
        ("app=none", "app"),
    ] {
        let refused = control.get(&format!("{path}?{query}")).send().await.assert_status(400);
        assert_eq!(refused.json()["field"], field, "{query}");
    }
    control.get(&format!("{path}?nonsense=1")).send().await.assert_status(400);
}

/// What a browser sends on behalf of a page, and what it is told.
#[tokio::test]
async fn web_pages_of_other_origins_do_not_rule_the_pod() {
    let pod = Pod::start().await;
    let control = pod.control();
    let own = format!("http://127.0.0.1:{}", pod.control_port());
    let message = json!({ "stream": "Test Room", "message": "by a page" });
    let say = || control.post("/_mock/people/alice/messages").json(&message);
    for (name, value) in [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Origin", "http://127.0.0.1:1"),
        ("Origin", "http://localhost:3000"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Host", "evil.com"),
        ("Host", "rebound.evil.com:8080"),
        ("Host", "127.0.0.1.evil.com"),
    ] {
        let refused = say().header(name, value).send().await.assert_status(403);
        let error = refused.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(value), "{error}");
    }
    // A page can be navigated to without an Origin, and cannot make a pod so either.
    let reset = control.post("/_mock/reset").header("Sec-Fetch-Site", "cross-site");
    reset.send().await.assert_status(403);
    let named = control.get("/t/page/_mock/clock").header("Host", "evil.com").send().await;
    named.assert_status(403);
    assert!(pod.user("alice").messages("Test Room").unwrap().is_empty());
    let pods = control.get("/_mock/pods").send().await.json();
    assert_eq!(pods["pods"].as_array().unwrap().len(), 1, "{pods}");

    for (name, value) in [
        ("Origin", own.as_str()),
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "none"),
        ("Host", "localhost"),
        ("Host", "pod.localhost:8080"),
        ("Host", "mock-pod:8080"),
        ("Host", "[::1]:8080"),
        ("Host", "host.docker.internal:8080"),
        ("Host", "mock-pod.tests.svc.cluster.local:8080"),
    ] {
        say().header(name, value).send().await.assert_status(200);
    }
    // What supervises containers may call them anything.
    control.get("/readyz").header("Host", "evil.com").send().await.assert_status(200);
}

#[tokio::test]
async fn further_names_are_given_and_whoever_shows_the_token_has_any() {
    let named = MockPod::builder().control_name("ci.company.com");
    let pod = Pod::built(named).await;
    let clock = |pod: &Pod, host: &str| pod.control().get("/_mock/clock").header("Host", host);
    clock(&pod, "CI.company.com:8080").send().await.assert_status(200);
    clock(&pod, "company.com").send().await.assert_status(403);
    let pod = Pod::built(MockPod::builder().control_token("open sesame")).await;
    clock(&pod, "company.com").send().await.assert_status(401);
    let shown = clock(&pod, "company.com").header("Authorization", "Bearer open sesame");
    shown.send().await.assert_status(200);
}

#[tokio::test]
async fn asking_for_life_makes_no_pod() {
    let pod = Pod::built(MockPod::builder().control_token("open sesame")).await;
    let control = pod.control();
    control.get("/livez").header("X-Mock-Pod", "new").send().await.assert_status(200);
    control.get("/t/new/livez").send().await.assert_status(401);
    let pods = control.get("/_mock/pods").header("Authorization", "Bearer open sesame");
    let pods = pods.send().await.assert_status(200).json();
    assert_eq!(pods["pods"].as_array().unwrap().len(), 1, "{pods}");
}
