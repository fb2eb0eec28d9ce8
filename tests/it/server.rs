//! What every request passes, and the life of a pod.

use std::net::TcpListener;
use std::time::Duration;

use reqwest::Version;
use serde_json::json;
use symphony_mock_pod::{MockPod, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::pod::{Pod, Port, patiently};

#[tokio::test]
async fn slashes_too_many_do_no_harm() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    for login in [
        "//sessionauth/v1/authenticate",
        "/sessionauth//v1/authenticate",
        "/sessionauth/v1///authenticate",
        "/sessionauth/v1/authenticate/",
        "/sessionauth/v1/authenticate//",
    ] {
        bot.post(login).send().await.assert_status(200);
    }
    let token = pod.log_in("bot").await;
    let info = pod.anonymous().get("//pod//v2/sessioninfo/?x=//").session(&token);
    info.send().await.assert_status(200);
    pod.anonymous().get("//").send().await.assert_status(404);
}

#[tokio::test]
async fn chunked_bodies_are_read() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let request = format!(
        "POST /agent/v1/util/echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         sessionToken: {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         b\r\n{{\"message\":\r\n7\r\n \"hoi\"}}\r\n0\r\n\r\n"
    );
    let answer = pod.exchange(&pod.tls(None), request).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with(r#"{"message":"hoi"}"#), "{answer}");
}

/// The Java BDK logs in so.
#[tokio::test]
async fn a_post_without_any_framing_of_a_body_has_none() {
    let bare =
        "POST /sessionauth/v1/authenticate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let typed = format!("{bare}Content-Type: application/json\r\n\r\n");
    let chunked = format!("{bare}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    let bare = format!("{bare}\r\n");

    let tolerant = Pod::start().await;
    let strict = Pod::with_settings("authenticateBody: strict").await;
    for (pod, request, status) in [
        (&tolerant, &typed, 200),
        (&tolerant, &chunked, 200),
        (&strict, &typed, 400),
        (&strict, &chunked, 200),
        (&strict, &bare, 200),
    ] {
        let tls = pod.tls(Some(&pod.identity("bot").unwrap()));
        let answer = pod.exchange(&tls, request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}{answer}");
    }
}

#[tokio::test]
async fn the_client_chooses_the_protocol() {
    let pod = Pod::start().await;
    for port in [Port::Main, Port::Mtls] {
        for (offer, chosen) in [
            (vec!["h2", "http/1.1"], Some("h2")),
            (vec!["http/1.1"], Some("http/1.1")),
            (vec!["h2"], Some("h2")),
            // Old proxies and load balancers.
            (vec!["http/1.0"], Some("http/1.0")),
            (vec![], None),
        ] {
            let mut tls = pod.tls(Some(&pod.identity("bot").unwrap()));
            tls.alpn_protocols = offer.iter().map(|protocol| protocol.as_bytes().into()).collect();
            let stream = pod.connect(port, &tls).await.unwrap();
            let protocol = stream.get_ref().1.alpn_protocol();
            assert_eq!(protocol, chosen.map(str::as_bytes), "{port:?}: {offer:?}");
        }
        let bot = pod.client("bot").on(port);
        let answer = bot.post("/sessionauth/v1/authenticate").send().await.assert_status(200);
        assert_eq!(answer.version, Version::HTTP_2);
    }
    let old = "GET /agent/v3/health HTTP/1.0\r\n\r\n";
    let answer = pod.exchange(&pod.tls(None), old).await;
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let pod = Pod::start().await;
    let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
    for n in 0..3 {
        let request = format!("GET /agent/v3/health?{n} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(br#"{"status":"UP"}"#) {
            answer.push(patiently(stream.read_u8()).await.unwrap());
        }
    }
}

/// The Java BDK comes in chunks, and the last one may come after the answer.
#[tokio::test]
async fn a_refusal_before_the_end_of_the_body_leaves_the_connection_as_it_was() {
    let pod = Pod::start().await;
    let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
    for _ in 0..3 {
        let begun = "POST /pod/v3/room/create HTTP/1.1\r\nHost: localhost\r\n\
                     Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            answer.push(patiently(stream.read_u8()).await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 401 "), "{}", String::from_utf8_lossy(&answer));
        stream.write_all(b"0\r\n\r\n").await.unwrap();
    }
}

/// Whether the client sends its body all the same, or the next request, nobody could tell.
#[tokio::test]
async fn a_refused_expectation_ends_the_connection_and_says_so() {
    let pod = Pod::start().await;
    let expecting = |path: &str, more: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}\
             Content-Length: 17\r\nExpect: 100-continue\r\n\r\n"
        )
    };
    let refused = expecting("/agent/v1/util/echo", "");
    let answer = pod.exchange(&pod.tls(None), refused).await.to_lowercase();
    assert!(
        answer.starts_with("http/1.1 400 ") && answer.contains("connection: close"),
        "{answer}"
    );
    let mut control = TcpStream::connect(("127.0.0.1", pod.control_port())).await.unwrap();
    control.write_all(expecting("/_mock/nothing", "").as_bytes()).await.unwrap();
    let mut answer = String::new();
    patiently(control.read_to_string(&mut answer)).await.unwrap();
    let answer = answer.to_lowercase();
    assert!(
        answer.starts_with("http/1.1 404 ") && answer.contains("connection: close"),
        "{answer}"
    );

    // Whose body is too long is told before he sends it.
    let long = expecting("/_mock/scenario", "").replace("Length: 17", "Length: 3000000000");
    let mut control = TcpStream::connect(("127.0.0.1", pod.control_port())).await.unwrap();
    control.write_all(long.as_bytes()).await.unwrap();
    let mut answer = String::new();
    patiently(control.read_to_string(&mut answer)).await.unwrap();
    let answer = answer.to_lowercase();
    assert!(
        answer.starts_with("http/1.1 413 ") && answer.contains("connection: close"),
        "{answer}"
    );

    // Who is invited goes on.
    let token = pod.log_in("bot").await;
    let invited = expecting("/agent/v1/util/echo", &format!("sessionToken: {token}\r\n"));
    let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
    for _ in 0..2 {
        stream.write_all(invited.as_bytes()).await.unwrap();
        read_until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
        stream.write_all(br#"{"message": "hi"}"#).await.unwrap();
        let answer = read_until(&mut stream, r#"{"message":"hi"}"#).await;
        assert!(!answer.to_lowercase().contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_nobody_reads_leaves_the_control_port_as_it_was() {
    let pod = Pod::start().await;
    let mut stream = TcpStream::connect(("127.0.0.1", pod.control_port())).await.unwrap();
    let body = "x".repeat(300_000);
    for _ in 0..3 {
        let request = format!(
            "POST /_mock/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        read_until(&mut stream, "lists all\"}").await;
    }
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    read_until(&mut stream, "ok\n").await;
}

#[tokio::test]
async fn the_head_of_a_request_takes_only_so_long() {
    let patience = Duration::from_secs(2);
    let pod = Pod::built(MockPod::builder().head_patience(patience)).await;
    let health = "GET /agent/v3/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut idle = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
    idle.write_all(health.as_bytes()).await.unwrap();
    read_until(&mut idle, r#"{"status":"UP"}"#).await;

    let slow = "GET /agent/v3/health HTTP/1.1\r\nHost: loc";
    let tls = pod.tls(None);
    let of_api = pod.exchange(&tls, slow);
    let of_control = async {
        let mut control = TcpStream::connect(("127.0.0.1", pod.control_port())).await.unwrap();
        control.write_all(slow.as_bytes()).await.unwrap();
        let mut answer = String::new();
        patiently(control.read_to_string(&mut answer)).await.unwrap();
        answer
    };
    // Whoever says nothing after his handshake hears nothing.
    let silent = async |alpn: &[u8]| {
        let mut tls = pod.tls(None);
        tls.alpn_protocols = vec![alpn.into()];
        let mut silent = pod.connect(Port::Main, &tls).await.unwrap();
        let mut heard = Vec::new();
        drop(patiently(silent.read_to_end(&mut heard)).await);
        assert!(!heard.starts_with(b"HTTP"), "{heard:?}");
    };
    let (answer, control, (), ()) =
        tokio::join!(of_api, of_control, silent(b"http/1.1"), silent(b"h2"));
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.ends_with(r#"{"code":408,"message":"The head of the request took too long"}"#));
    assert!(control.starts_with("HTTP/1.1 408 "), "{control}");
    assert!(control.ends_with(r#"{"error":"The head of the request took too long"}"#), "{control}");
    // A connection between two requests may be idle for longer than that.
    idle.write_all(health.as_bytes()).await.unwrap();
    read_until(&mut idle, r#"{"status":"UP"}"#).await;
    unreadable(&pod, 408, "The head of the request took too long").await;
}

#[tokio::test]
async fn what_cannot_be_read_as_a_request_is_told_why_and_noted() {
    let pod = Pod::start().await;
    let long = "x".repeat(70_000);
    let large = "x".repeat(600_000);
    for (request, status, message) in [
        ("nonsense\r\n\r\n".to_owned(), 400, "The request cannot be read as HTTP"),
        ("GET / HTTP/1.1\r\na b: c\r\n\r\n".to_owned(), 400, "The request cannot be read as HTTP"),
        (format!("GET /{long} HTTP/1.1\r\n\r\n"), 414, "The URI is too long"),
        (format!("GET / HTTP/1.1\r\nX: {large}"), 431, "The headers of the request are too large"),
    ] {
        let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
        // After a request that went well, as a client's next.
        stream
            .write_all(b"GET /agent/v3/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        read_until(&mut stream, r#"{"status":"UP"}"#).await;
        // The pod may have ended the connection before all of it is written.
        drop(stream.write_all(request.as_bytes()).await);
        let mut answer = Vec::new();
        drop(patiently(stream.read_to_end(&mut answer)).await);
        let answer = String::from_utf8(answer).unwrap();
        if status != 431 || !answer.is_empty() {
            let said = json!({ "code": status, "message": message }).to_string();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            assert!(answer.contains("\r\nX-Symphony-Mock: "), "{answer}");
            assert!(answer.ends_with(&said), "{answer}");
        }
        unreadable(&pod, status, message).await;

        let mut control = TcpStream::connect(("127.0.0.1", pod.control_port())).await.unwrap();
        drop(control.write_all(request.as_bytes()).await);
        let mut answer = Vec::new();
        drop(patiently(control.read_to_end(&mut answer)).await);
        if status != 431 || !answer.is_empty() {
            let said = json!({ "error": message }).to_string();
            assert!(String::from_utf8(answer).unwrap().ends_with(&said));
        }
    }
}

/// The journal has it, and the why.
async fn unreadable(pod: &Pod, status: u16, message: &str) {
    let noted = async {
        loop {
            let journal = pod.control().get("/_mock/requests").send().await.json();
            let mut entries = journal["requests"].as_array().unwrap().iter();
            if let Some(entry) = entries.rfind(|entry| entry["unreadable"] == message) {
                return entry.clone();
            }
        }
    };
    let entry = patiently(noted).await;
    assert_eq!(entry["status"], status);
    let why = pod.control().get(&format!("/_mock/requests/{}/why", entry["id"])).send().await;
    let why = why.assert_status(200).json();
    assert!(why["line"].as_str().unwrap().contains(message), "{why}");
}

/// Reads to the end of these words; gives all that came.
async fn read_until(stream: &mut (impl AsyncReadExt + Unpin), end: &str) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(end.as_bytes()) {
        answer.push(patiently(stream.read_u8()).await.unwrap());
    }
    String::from_utf8(answer).unwrap()
}

/// Refusals at least: health checks and metrics have formats of their own.
#[tokio::test]
async fn whatever_the_control_port_refuses_is_refused_in_json() {
    let pod = Pod::start().await;
    let control = pod.control();
    for path in [
        "/_mock/requests?limit=many",
        "/_mock/requests/x",
        "/_mock/requests/%ff",
        "/_mock/snapshots/%ff",
        "/_mock/certs/%ff",
        "/_mock/faults/%ff",
        "/_mock/pods/%ff",
        "/_mock/operations/%ff",
        "/nothing",
    ] {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let request = control.request(method.parse().unwrap(), path).body(vec![0xff; 100]);
            // That an error's body is JSON is what every answer of these tests has to pass.
            request.send().await;
        }
    }
}

#[tokio::test]
async fn every_answer_says_that_a_mock_gave_it() {
    let pod = Pod::start().await;
    for path in ["/agent/v3/health", "/pod/v2/sessioninfo", "/nowhere"] {
        let answer = pod.anonymous().get(path).send().await;
        assert_eq!(answer.header("x-symphony-mock"), env!("CARGO_PKG_VERSION"));
    }
}

#[tokio::test]
async fn each_component_has_its_own_way_of_saying_no() {
    let pod = Pod::start().await;
    // Long, so that it is like no operation.
    let unknown = "/z".repeat(40);
    for (component, body) in [
        ("/pod", json!({ "code": 404, "message": "Not found" })),
        ("/agent", json!({ "code": 404, "message": "Not found" })),
        ("/login", json!({ "code": 404, "message": "Not found" })),
        ("/v5", json!({ "code": 404, "message": "Not found" })),
        ("", json!({ "code": 404, "message": "Not found" })),
        (
            "/profile-manager",
            json!({ "code": "SYMPHONY_PROFILE_MANAGER__NOT_FOUND", "message": "Not found" }),
        ),
        ("/connect-service", json!({ "code": "404", "message": "Not found" })),
        ("/files", json!({ "error": "Not found" })),
    ] {
        let path = format!("{component}{unknown}");
        let answer = pod.anonymous().get(&path).send().await.assert_status(404);
        assert_eq!(answer.json(), body, "{component}");
    }
}

#[tokio::test]
async fn a_path_almost_right_is_told_the_right_one() {
    let pod = Pod::start().await;
    pod.anonymous()
        .post("/sessionauth/v1/autenticate")
        .send()
        .await
        .assert_error(404, "Not found. Did you mean POST /sessionauth/v1/authenticate?");
}

#[tokio::test]
async fn another_method_is_told_the_right_ones() {
    let pod = Pod::start().await;
    let answer = pod.client("bot").get("/sessionauth/v1/authenticate").send().await;
    assert_eq!(answer.header("allow"), "POST");
    answer.assert_error(405, "Method not allowed");
    let answer = pod.anonymous().post("/pod/v2/sessioninfo").send().await;
    assert_eq!(answer.header("allow"), "GET");
    answer.assert_error(405, "Method not allowed");
}

#[tokio::test]
async fn a_body_that_is_not_json_is_a_bad_request() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let echo = || pod.anonymous().post("/agent/v1/util/echo").session(&token);
    for body in [
        &b""[..],
        b"{",
        b"null",
        b"[]",
        b"\"message\"",
        b"{\"message\":7}",
        b"{\"message\":\"\xff\"}",
        b"\x00",
        &[b'['; 100_000],
    ] {
        let answer = echo().body(body.to_vec()).send().await.assert_status(400);
        assert_eq!(answer.json()["code"], 400);
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let body = json!({ "message": "x".repeat(3 * 1024 * 1024) });
    let echo = pod.anonymous().post("/agent/v1/util/echo").session(&token).json(&body);
    echo.send().await.assert_error(413, "The body is too large");
}

#[tokio::test]
async fn garbage_in_headers_is_no_token() {
    let pod = Pod::start().await;
    let mut request = b"GET /pod/v2/sessioninfo HTTP/1.1\r\nHost: localhost\r\n".to_vec();
    request.extend(b"Connection: close\r\nsessionToken: \xff\xfe\xc3\x28\r\n\r\n");
    let answer = pod.exchange(&pod.tls(None), request).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.ends_with(r#"{"code":401,"message":"Invalid session"}"#), "{answer}");
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let pod = Pod::start().await;
    let huge = "x".repeat(1_000_000);
    let request = format!("GET /agent/v3/health HTTP/1.1\r\nHost: localhost\r\nX: {huge}\r\n\r\n");
    let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
    // The pod may have ended the connection before all of it is written.
    drop(stream.write_all(request.as_bytes()).await);
    let mut answer = Vec::new();
    drop(patiently(stream.read_to_end(&mut answer)).await);
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    pod.anonymous().get("/agent/v3/health").send().await.assert_status(200);
}

#[tokio::test]
async fn garbage_in_paths_is_not_found() {
    let pod = Pod::start().await;
    for path in [
        "/%",
        "/%zz",
        "/pod/v2/%ff%fe",
        "/pod/%2e%2e/%2e%2e/etc/passwd",
        "/pod/v2/sessioninfo%00",
        "/pod/v2/sessioninfo%2f",
        "/{}/{uid}",
        "/agent;x=1/v3/health",
    ] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = pod.exchange(&pod.tls(None), request).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
        assert!(answer.contains("content-type: application/json"), "{path}: {answer}");
    }
    let long = format!("/pod/{}", "x".repeat(5_000));
    pod.anonymous().get(&long).send().await.assert_status(404);
}

#[tokio::test]
async fn many_pods_live_side_by_side() {
    let [one, other] = [Pod::start().await, Pod::seeded("pod: { name: Other }").await];
    let ports = [one.port(), one.mtls_port(), one.control_port()];
    assert!(!ports.contains(&other.port()) && !ports.contains(&other.mtls_port()));

    let token = one.log_in("bot").await;
    one.session_info(&token).await.assert_status(200);
    other.session_info(&token).await.assert_error(401, "Invalid session");

    other.clock().advance(std::time::Duration::from_secs(30 * 24 * 60 * 60));
    one.session_info(&token).await.assert_status(200);
    drop(other);
    one.session_info(&token).await.assert_status(200);
}

#[tokio::test]
async fn a_pod_that_was_stopped_has_freed_its_ports() {
    let pod = Pod::start().await;
    let ports = [pod.port(), pod.mtls_port(), pod.control_port()];
    pod.anonymous().get("/agent/v3/health").send().await.assert_status(200);
    pod.into_inner().stop().await;
    for port in ports {
        TcpListener::bind(("127.0.0.1", port)).unwrap_or_else(|error| panic!("{port}: {error}"));
    }
}

/// Whoever waits is answered when the pod stops: reads of feeds with nothing, expectations with what
/// they missed, and who hangs in a fault as if there were none.
#[tokio::test]
async fn a_pod_that_stops_answers_what_it_accepted() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let feed = feed["id"].as_str().unwrap().to_owned();
    let hang = json!({ "operation": "sessioninfo_v2", "hang": true });
    pod.control().post("/_mock/faults").json(&hang).send().await.assert_status(201);

    // The pod asks for the body when the request is its own: then it counts as accepted.
    let mut expecting = TcpStream::connect(("127.0.0.1", pod.control_port())).await.unwrap();
    let body = r#"{"operation": "create_message_v4", "within": "1h"}"#;
    let head = format!(
        "POST /_mock/expect HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    expecting.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    patiently(expecting.read_exact(&mut go_on)).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    expecting.write_all(body.as_bytes()).await.unwrap();

    let path = format!("/agent/v5/datafeeds/{feed}/read");
    let (waiting, info) = (json!({ "ackId": "" }), "/pod/v2/sessioninfo");
    let other = json!({ "user": "bot2", "within": "1h" });
    let listening = pod.control().post("/_mock/listening").json(&other).send();
    let calls = async { tokio::join!(bot.post(&path, &waiting), bot.get(info), listening) };
    let (control, port) = (pod.control(), pod.control_port());
    let stop = async {
        let under_way = async || {
            let requests = control.get("/_mock/requests?limit=1").send().await;
            requests.json()["underWay"].as_u64().unwrap()
        };
        patiently(async { while under_way().await < 2 {} }).await;
        pod.into_inner().stop().await;
    };
    let ((read, held, listening), ()) = patiently(async { tokio::join!(calls, stop) }).await;
    assert_eq!(read.assert_status(200).json()["events"], json!([]));
    held.assert_status(200);
    let nobody = listening.assert_status(417).json();
    assert!(nobody["message"].as_str().unwrap().contains("the pod ends"), "{nobody}");
    let mut missed = String::new();
    patiently(expecting.read_to_string(&mut missed)).await.unwrap();
    assert!(missed.starts_with("HTTP/1.1 417 ") && missed.contains("\"near\""), "{missed}");
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

/// The test's runtime has one thread: if the drop waited for the client, neither would move.
#[tokio::test]
async fn dropping_a_pod_waits_for_nobody_and_frees_its_ports() {
    let pod = Pod::start().await;
    let ports = [pod.port(), pod.mtls_port(), pod.control_port()];
    let mut unfinished = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
    unfinished.write_all(b"POST /agent/v1/util/echo HTTP/1.1\r\nHost:").await.unwrap();
    drop(pod);

    let mut answer = Vec::new();
    drop(patiently(unfinished.read_to_end(&mut answer)).await);
    assert_eq!(String::from_utf8_lossy(&answer), "");
    for port in ports {
        patiently(async {
            while TcpListener::bind(("127.0.0.1", port)).is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let [main, mtls, control] = [MockPod::builder(), MockPod::builder(), MockPod::builder()];
    for (builder, flag) in [
        (main.port(address.port()), "--port"),
        (mtls.mtls_port(address.port()), "--mtls-port"),
        (control.control_port(address.port()), "--control-port"),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(matches!(error, StartError::Bind { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&address.to_string()) && text.contains(flag), "{text}");
    }
}

/// Load balancers end what is idle, and what a client has in its pool is dead.
#[tokio::test]
async fn idle_connections_of_a_pod_are_closed_on_demand_and_busy_ones_go_on() {
    const HEALTH: &str = "GET /agent/v3/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let pod = Pod::start().await;
    let close = async |path: &str| {
        let closed = pod.control().post(path).send().await.assert_status(200).json();
        closed["closed"].as_u64().unwrap()
    };
    let connect = async || {
        let mut stream = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
        stream.write_all(HEALTH.as_bytes()).await.unwrap();
        read_until(&mut stream, r#"{"status":"UP"}"#).await;
        stream
    };
    let bot = pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    pod.control().post("/_mock/clock/freeze").send().await.assert_status(200);
    // What the clients of the test itself have in their pools.
    assert!(close("/_mock/connections/close").await > 0);
    // A pool whose connections are gone makes others.
    bot.get("/pod/v2/sessioninfo").await.assert_status(200);

    let mut idle = connect().await;
    let mut other = pod.connect(Port::Main, &pod.tls(None)).await.unwrap();
    let of_another = HEALTH.replace("/agent", "/t/another/agent");
    other.write_all(of_another.as_bytes()).await.unwrap();
    read_until(&mut other, r#"{"status":"UP"}"#).await;
    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let busy = async { bot.post(&read, &json!({})).await.assert_status(200).json() };
    let meanwhile = async {
        let listening = json!({ "user": "bot", "within": "30s" });
        pod.control().post("/_mock/listening").json(&listening).send().await.assert_status(200);
        assert_eq!(close("/_mock/connections/close").await, 1);
        // In order, and not in the middle of TLS.
        assert_eq!(patiently(idle.read(&mut [0; 10])).await.unwrap(), 0);
        assert_eq!(close("/_mock/connections/close").await, 0);
        let hello = json!({ "stream": "Test Room", "message": "hello" });
        pod.control()
            .post("/_mock/people/alice/messages")
            .json(&hello)
            .send()
            .await
            .assert_status(200);
    };
    let (read, ()) = tokio::join!(busy, meanwhile);
    assert_eq!(read["events"].as_array().map(Vec::len), Some(1), "{read}");

    other.write_all(of_another.as_bytes()).await.unwrap();
    read_until(&mut other, r#"{"status":"UP"}"#).await;
    assert_eq!(close("/t/another/_mock/connections/close").await, 1);
    assert_eq!(patiently(other.read(&mut [0; 10])).await.unwrap(), 0);
    // Asking makes no pod.
    assert_eq!(connect().await.get_ref().0.peer_addr().unwrap().port(), pod.port());
}
