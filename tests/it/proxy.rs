//! A bot behind a forward proxy, as in companies: finos/symphony-bdk-java 3 and finos/symphony-bdk-python
//! 12, 18, 21 and 254 tell what goes wrong there.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Proxy;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use symphony_mock_pod::{Builder, FaultPlan, MockPod, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::pod::{Pod, TlsStream, patiently};

const LOGIN: &str = "/sessionauth/v1/authenticate";

fn with_proxy() -> Builder {
    MockPod::builder().proxy(SocketAddr::from(([127, 0, 0, 1], 0)))
}

async fn behind_proxy() -> Pod {
    Pod::built(with_proxy()).await
}

/// A client that goes through the proxy, which it is told of so.
fn through(pod: &Pod, name: &str, told: impl Fn(Proxy) -> Proxy) -> reqwest::Client {
    let identity = pod.identity(name).expect("an identity");
    let proxy = Proxy::all(pod.proxy_url().expect("a proxy")).expect("its URL");
    let client = reqwest::Client::builder().tls_backend_preconfigured(pod.tls(Some(&identity)));
    client.proxy(told(proxy)).build().expect("a client")
}

async fn to_proxy(pod: &Pod) -> TcpStream {
    let port = pod.proxy_port().expect("a proxy");
    TcpStream::connect(("127.0.0.1", port)).await.expect("the proxy listens")
}

fn asking(target: &str, headers: &str) -> String {
    format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{headers}\r\n")
}

/// The status, and head and body of the answer to a request.
async fn ask(stream: &mut TcpStream, request: &str) -> (u16, String) {
    stream.write_all(request.as_bytes()).await.expect("the proxy reads");
    let mut answer = Vec::new();
    let reading = async {
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.expect("the proxy answers"));
        }
        let head = String::from_utf8_lossy(&answer).to_lowercase();
        let length = head
            .split_once("content-length: ")
            .map_or(0, |(_, rest)| rest.split("\r\n").next().unwrap().parse().expect("a length"));
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("the whole body");
        answer.extend(body);
    };
    patiently(reading).await;
    let answer = String::from_utf8(answer).expect("text");
    let status = answer.split(' ').nth(1).expect("a status").parse().expect("a number");
    (status, answer)
}

/// A tunnel to a target, and TLS in it.
async fn tls_to(pod: &Pod, target: &str) -> TlsStream {
    let mut stream = to_proxy(pod).await;
    let (status, answer) = ask(&mut stream, &asking(target, "")).await;
    assert_eq!(status, 200, "{target}: {answer}");
    let localhost = ServerName::try_from("localhost").unwrap();
    let tls = TlsConnector::from(Arc::new(pod.tls(Some(&pod.identity("bot").unwrap()))));
    patiently(tls.connect(localhost, stream)).await.expect("TLS through the tunnel")
}

async fn journal(pod: &Pod) -> Vec<Value> {
    let list = pod.control().get("/_mock/requests").send().await.assert_status(200).json();
    list["requests"].as_array().expect("a list").clone()
}

async fn last(pod: &Pod) -> Value {
    journal(pod).await.pop().expect("an entry")
}

/// finos/symphony-bdk-java 3: the key manager's client went around the proxy.
#[tokio::test]
async fn the_journal_tells_who_came_through_the_proxy_and_who_went_around_it() {
    let pod = behind_proxy().await;
    let http = through(&pod, "bot", |proxy| proxy);
    for login in [LOGIN, "/keyauth/v1/authenticate"] {
        let answer = http.post(format!("{}{login}", pod.url())).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    let through = journal(&pod).await;
    let tunnel = json!({ "target": format!("localhost:{}", pod.port()), "port": pod.port() });
    assert_eq!(through.len(), 3, "one tunnel, and two requests in it: {through:#?}");
    assert!(through.iter().all(|entry| entry["tunnel"] == tunnel), "{through:#?}");
    let opened = &through[0];
    for (field, expected) in [
        ("method", json!("CONNECT")),
        ("path", tunnel["target"].clone()),
        ("status", json!(200)),
        ("protocol", json!("HTTP/1.1")),
        ("port", json!(pod.proxy_port())),
        ("aborted", Value::Null),
    ] {
        assert_eq!(opened[field], expected, "{field}: {opened:#}");
    }
    assert_eq!(opened["request"]["headers"]["host"], tunnel["target"]);
    let of_the_proxy = pod.control().get("/_mock/requests?listener=proxy").send().await;
    let of_the_proxy = of_the_proxy.assert_status(200).json();
    assert_eq!(of_the_proxy["requests"].as_array().unwrap().len(), 1, "{of_the_proxy:#}");
    assert_eq!(of_the_proxy["requests"][0]["id"], opened["id"]);
    assert_eq!(through[1]["operation"], "session_authenticate_v1");
    assert_eq!(through[2]["operation"], "key_manager_authenticate_v1");

    pod.log_in("bot").await;
    assert_eq!(last(&pod).await.get("tunnel"), None, "it went around the proxy");
    let archive = pod.control().get("/_mock/requests.har").send().await.json();
    assert_eq!(archive["log"]["entries"].as_array().unwrap().len(), 3, "a tunnel has no URL");
    let metrics = pod.control().get("/metrics").send().await.body;
    assert!(metrics.contains("tunnels_total{status=\"200\"} 1\n"), "{metrics}");
}

#[tokio::test]
async fn names_lead_to_the_pods_ports() {
    let pod = with_proxy().proxy_host("certs.my-pod.example", "mtls");
    let pod = Pod::built(pod.proxy_host("My-Pod.example:9443", "mtls")).await;
    let (main, mtls) = (pod.port(), pod.mtls_port());
    for (target, port) in [
        (format!("localhost:{main}"), main),
        (format!("[::1]:{mtls}"), mtls),
        (format!("my-pod.symphony.example:{mtls}"), mtls),
        ("my-pod.symphony.example:443".into(), main),
        ("my-pod.symphony.example:8443".into(), main),
        ("my-pod.symphony.example:8444".into(), mtls),
        ("CERTS.my-pod.example:443".into(), mtls),
        ("my-pod.example:9443".into(), mtls),
        ("my-pod.example:443".into(), main),
    ] {
        let mut stream = tls_to(&pod, &target).await;
        let get = "GET /agent/v3/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(get.as_bytes()).await.unwrap();
        let mut answer = String::new();
        drop(patiently(stream.read_to_string(&mut answer)).await);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{target}: {answer}");
        let request = last(&pod).await;
        assert_eq!(
            (&request["port"], &request["path"]),
            (&json!(port), &json!("/agent/v3/health"))
        );
        assert_eq!(request["tunnel"], json!({ "target": target, "port": port }));
    }
    let refused = with_proxy().proxy_host("my-pod.example", "agent-9").start().await.unwrap_err();
    assert!(matches!(refused, StartError::ProxyHost { .. }));
    assert!(refused.to_string().contains("main, mtls"), "{refused}");
}

#[tokio::test]
async fn it_is_no_way_to_anywhere_else() {
    let pod = behind_proxy().await;
    let (main, control) = (pod.port(), pod.control_port());
    let own = pod.proxy_port().unwrap();
    for (request, status, target, says) in [
        (
            asking(&format!("localhost:{control}"), ""),
            403,
            format!("localhost:{control}"),
            "nowhere else",
        ),
        (asking(&format!("localhost:{own}"), ""), 403, format!("localhost:{own}"), "nowhere else"),
        (asking("example.com:80", ""), 403, "example.com:80".into(), "nowhere else"),
        (asking("example.com", ""), 400, "example.com".into(), "not HOST:PORT"),
        (asking("example.com:", ""), 400, "example.com:".into(), "not HOST:PORT"),
        (asking("ada:lovelace@localhost:443", ""), 400, "localhost:443".into(), "not HOST:PORT"),
        (
            format!("GET http://localhost:{control}/_mock/requests HTTP/1.1\r\nHost: x\r\n\r\n"),
            405,
            format!("http://localhost:{control}/_mock/requests"),
            "only tunnels",
        ),
        (
            "POST /agent/v1/util/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}".into(),
            405,
            "/agent/v1/util/echo".into(),
            "only tunnels",
        ),
    ] {
        let mut stream = to_proxy(&pod).await;
        let (answered, answer) = ask(&mut stream, &request).await;
        assert_eq!(answered, status, "{request}{answer}");
        assert!(answer.contains(says) && answer.contains("connection: close"), "{answer}");
        assert_eq!(answer.contains("allow: CONNECT"), status == 405, "{answer}");
        assert_eq!(patiently(stream.read(&mut [0])).await.expect("an orderly end"), 0);
        let entry = last(&pod).await;
        assert_eq!(entry["status"], status, "{entry:#}");
        assert_eq!(entry["path"], target, "{entry:#}");
        assert!(entry["refusal"]["why"].as_str().unwrap().contains(says), "{entry:#}");
        let why = pod.why().expect("a refusal");
        assert!(why.refused && !why.steps.last().unwrap().ok && why.line.contains(says), "{why:?}");
    }
    assert!(pod.why().unwrap().line.starts_with("405 POST /agent/v1/util/echo: POST came"));
    // After a refusal that is one of its kind the port is what it was.
    drop(tls_to(&pod, &format!("localhost:{main}")).await);
}

/// finos/symphony-bdk-python 21: proxies demand credentials.
#[tokio::test]
async fn a_proxy_may_demand_credentials() {
    let pod = Pod::built(with_proxy().proxy_credentials("ada", "p:ß")).await;
    let target = format!("localhost:{}", pod.port());
    let shown = |scheme: &str, credentials: &str| {
        format!("Proxy-Authorization: {scheme} {}\r\n", STANDARD.encode(credentials))
    };
    // On one connection, as clients come back that are asked for credentials.
    let mut stream = to_proxy(&pod).await;
    for (headers, user, says) in [
        (String::new(), Value::Null, "no Proxy-Authorization came"),
        (shown("Basic", "ada:lovelace"), json!("ada"), "his password is another"),
        (shown("Basic", "bob:p:ß"), json!("bob"), "does not know the user"),
        (shown("Basic", "ada"), Value::Null, "not \"Basic\""),
        (shown("Bearer", "ada:p:ß"), Value::Null, "not \"Basic\""),
        ("Proxy-Authorization: Basic ***\r\n".into(), Value::Null, "not \"Basic\""),
    ] {
        let (status, answer) = ask(&mut stream, &asking(&target, &headers)).await;
        assert_eq!(status, 407, "{headers}{answer}");
        let demand = "proxy-authenticate: Basic realm=\"symphony-mock-pod\"";
        assert!(answer.contains(demand) && !answer.contains("connection: close"), "{answer}");
        let entry = last(&pod).await;
        assert_eq!(entry["tunnel"]["user"], user, "{entry:#}");
        assert!(entry["tunnel"].get("port").is_none(), "{entry:#}");
        let why = pod.why().expect("a refusal");
        let step = why.steps.last().unwrap();
        assert_eq!((step.step, step.ok), ("credentials", false));
        assert!(step.detail.contains(says), "{why:?}");
        assert!(why.line.starts_with("407 CONNECT localhost:"), "{why:?}");
    }
    let (status, answer) = ask(&mut stream, &asking(&target, &shown("basic", "ada:p:ß"))).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(last(&pod).await["tunnel"]["user"], "ada");

    // A client that does not keep its connection, or sends a body, is told that it ends.
    for headers in ["Connection: close\r\n", "Content-Length: 0\r\n"] {
        let (status, answer) = ask(&mut to_proxy(&pod).await, &asking(&target, headers)).await;
        assert!(status == 407 && answer.contains("connection: close"), "{answer}");
    }
    let wrong = through(&pod, "bot", |proxy| proxy.basic_auth("ada", "lovelace"));
    wrong.post(format!("{}{LOGIN}", pod.url())).send().await.expect_err("no tunnel, no answer");
    let right = through(&pod, "bot", |proxy| proxy.basic_auth("ada", "p:ß"));
    let login = right.post(format!("{}{LOGIN}", pod.url())).send().await.unwrap();
    assert_eq!(login.status(), 200);
    assert_eq!(last(&pod).await["tunnel"]["user"], "ada");
    let all = pod.control().get("/_mock/requests").send().await.body;
    for secret in ["ada:p:ß", "ada:lovelace"] {
        assert!(!all.contains(&STANDARD.encode(secret)), "{all}");
    }
    assert!(!all.contains("lovelace") && !all.contains("ß"), "{all}");
    let metrics = pod.control().get("/metrics").send().await.body;
    assert!(metrics.contains("refusals_total{kind=\"ProxyCredentialsMissing\"} 3\n"), "{metrics}");
}

/// Without credentials demanded, a client that shows some is welcome.
#[tokio::test]
async fn credentials_that_nobody_asked_for_do_no_harm() {
    let pod = behind_proxy().await;
    let http = through(&pod, "bot", |proxy| proxy.basic_auth("ada", "lovelace"));
    let login = http.post(format!("{}{LOGIN}", pod.url())).send().await.unwrap();
    assert_eq!(login.status(), 200);
    assert_eq!(last(&pod).await["tunnel"]["user"], "ada");
}

#[tokio::test]
async fn a_tunnel_carries_what_goes_wrong() {
    let pod = behind_proxy().await;
    let target = format!("localhost:{}", pod.port());
    // A reset comes through as one.
    let _reset = pod.inject(FaultPlan::reset().on("health_v3")).unwrap();
    let mut stream = tls_to(&pod, &target).await;
    let get = b"GET /agent/v3/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(get).await.unwrap();
    let broken = patiently(stream.read(&mut [0])).await.unwrap_err();
    assert_eq!(broken.kind(), std::io::ErrorKind::ConnectionReset);
    // So does a refusal of TLS.
    let mut stream = to_proxy(&pod).await;
    ask(&mut stream, &asking("certs.my-pod.example:8444", "")).await;
    let tls = TlsConnector::from(Arc::new(pod.tls(None)));
    let localhost = ServerName::try_from("localhost").unwrap();
    let mut stream =
        patiently(tls.connect(localhost, stream)).await.expect("TLS 1.3 says it later");
    let alert = patiently(stream.read(&mut [0])).await.unwrap_err();
    assert!(alert.to_string().contains("CertificateRequired"), "{alert}");
    let failed = patiently(async {
        loop {
            if let Some(failed) =
                journal(&pod).await.into_iter().find(|it| !it["handshake"].is_null())
            {
                return failed;
            }
        }
    });
    let failed = failed.await;
    assert_eq!(failed["port"], pod.mtls_port());
    assert_eq!(failed["tunnel"]["target"], "certs.my-pod.example:8444");
}

/// finos/symphony-bdk-python 254: bots meet proxies that are not there for a while.
#[tokio::test]
async fn a_proxy_fails_as_planned() {
    let pod = behind_proxy().await;
    let target = format!("localhost:{}", pod.port());
    for status in [407, 502, 503] {
        let plan = FaultPlan::status(status).listener("proxy").times(1);
        let outage = pod.inject(plan).unwrap();
        let (answered, answer) = ask(&mut to_proxy(&pod).await, &asking(&target, "")).await;
        assert_eq!(answered, status, "{answer}");
        let told = answer.to_lowercase();
        assert!(told.contains(&format!("x-mock-fault: status-{status}")), "{answer}");
        assert_eq!(told.contains("proxy-authenticate: basic"), status == 407, "{answer}");
        let entry = last(&pod).await;
        assert_eq!((&entry["status"], &entry["path"]), (&json!(status), &json!(target)));
        assert_eq!(entry["fault"], format!("status-{status}"));
        assert_eq!(entry["refusal"]["kind"], "Injected");
        assert_eq!(pod.why().unwrap().steps.last().unwrap().step, "fault");
        drop(tls_to(&pod, &target).await);
        assert_eq!((outage.matched(), outage.fired()), (1, 1));
    }
    let page =
        FaultPlan::status(504).body("<p>Gateway Timeout</p>").header("content-type", "text/html");
    let outage = pod.inject(page.named("squid").retry_after(3).listener("proxy")).unwrap();
    let (_, answer) = ask(&mut to_proxy(&pod).await, &asking(&target, "")).await;
    for part in
        ["content-type: text/html\r\n", "retry-after: 3\r\n", "\r\n\r\n<p>Gateway Timeout</p>"]
    {
        assert!(answer.contains(part), "{answer}");
    }
    // What is no tunnel is refused as ever.
    let get = "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(ask(&mut to_proxy(&pod).await, get).await.0, 405);
    assert_eq!(outage.fired(), 1);
    drop(outage);

    let reset = pod.inject(FaultPlan::reset().listener("proxy")).unwrap();
    let mut stream = to_proxy(&pod).await;
    stream.write_all(asking(&target, "").as_bytes()).await.unwrap();
    let broken = patiently(stream.read(&mut [0])).await.unwrap_err();
    assert_eq!(broken.kind(), std::io::ErrorKind::ConnectionReset);
    let entry = last(&pod).await;
    assert!(entry.get("status").is_none() && entry.get("fault").is_none(), "{entry:#}");
    assert!(pod.why().unwrap().line.contains("the injected fault reset left it without an answer"));
    drop(reset);
    let metrics = pod.control().get("/metrics").send().await.body;
    assert!(metrics.contains("tunnels_total{status=\"0\"} 1\n"), "{metrics}");
    drop(tls_to(&pod, &target).await);
}

#[tokio::test]
async fn a_proxy_holds_a_tunnel_up_as_planned() {
    let pod = behind_proxy().await;
    let target = format!("localhost:{}", pod.port());
    pod.clock().freeze();
    for plan in [FaultPlan::hang(), FaultPlan::delay(Duration::from_secs(60))] {
        let outage = pod.inject(plan.listener("proxy").times(2)).unwrap();
        let (mut patient, mut gone) = (to_proxy(&pod).await, to_proxy(&pod).await);
        for stream in [&mut patient, &mut gone] {
            stream.write_all(asking(&target, "").as_bytes()).await.unwrap();
        }
        patiently(async {
            while outage.fired() < 2 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        drop(gone);
        patiently(async { while last(&pod).await.get("refusal").is_none() {} }).await;
        assert!(last(&pod).await.get("status").is_none(), "nobody was there to be told");
        pod.forget_requests();
        pod.clock().advance(Duration::from_secs(60));
        drop(outage);
        assert_eq!(ask(&mut patient, "").await.0, 200, "it goes on when the fault is over");
        assert_eq!(last(&pod).await["status"], 200);
    }
}

#[tokio::test]
async fn a_plan_for_the_proxy_says_what_a_proxy_can_do() {
    let pod = behind_proxy().await;
    let named = pod.named("another").unwrap();
    for (plan, field) in [
        (FaultPlan::status(200), "status"),
        (FaultPlan::status(502).on("health_v3"), "operation"),
        (FaultPlan::status(502).user("bot"), "user"),
        (FaultPlan::refuse_connections(), "refuseConnections"),
        (FaultPlan::cut_body(), "cutBody"),
        (FaultPlan::expire_session(), "expireSession"),
    ] {
        let error = pod.inject(plan.listener("proxy")).unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
    }
    let plan = || FaultPlan::status(502).listener("proxy");
    let error = named.inject(plan()).unwrap_err();
    assert_eq!(error.field(), Some("listener"), "{error}");
    let error = Pod::start().await.inject(plan()).unwrap_err();
    assert!(error.to_string().contains("--proxy"), "{error}");
    let json = json!({ "listener": "proxy", "status": 502 });
    let shown =
        pod.control().post("/_mock/faults").json(&json).send().await.assert_status(201).json();
    assert_eq!((&shown["listener"], shown.get("operation")), (&json!("proxy"), None));
}

/// A client may begin with TLS before it has the proxy's answer.
#[tokio::test]
async fn what_follows_the_head_at_once_is_part_of_the_tunnel() {
    let pod = behind_proxy().await;
    let localhost = ServerName::try_from("localhost").unwrap();
    let mut tls = rustls::ClientConnection::new(Arc::new(pod.tls(None)), localhost).unwrap();
    let mut first = asking(&format!("localhost:{}", pod.port()), "").into_bytes();
    tls.write_tls(&mut first).unwrap();
    let mut stream =
        std::net::TcpStream::connect(("127.0.0.1", pod.proxy_port().unwrap())).unwrap();
    stream.write_all(&first).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    tls.complete_io(&mut stream).expect("a handshake");
    assert!(!tls.is_handshaking());
}

#[tokio::test]
async fn nobody_holds_up_the_proxy_with_a_head_that_does_not_end() {
    let pod = Pod::built(with_proxy().head_patience(Duration::from_millis(100))).await;
    // Who says nothing is told nothing.
    let mut silent = to_proxy(&pod).await;
    assert_eq!(patiently(silent.read(&mut [0])).await.unwrap(), 0);
    let long = format!("CONNECT a:443 HTTP/1.1\r\nX-Long: {}", "x".repeat(17 << 10));
    let many = format!("CONNECT a:443 HTTP/1.1\r\n{}\r\n", "X-Many: x\r\n".repeat(101));
    for (request, status, says) in [
        ("CONNECT localhost:44", 408, "took too long"),
        (&*long, 431, "too large"),
        (&many, 431, "too large"),
        ("\0\0\0\0\r\n\r\n", 400, "cannot be read"),
        ("\x16\x03\x01\x02\0", 400, "begins with http://"),
    ] {
        let (answered, answer) = ask(&mut to_proxy(&pod).await, request).await;
        assert_eq!(answered, status, "{answer}");
        assert!(answer.contains(says) && answer.contains("connection: close"), "{answer}");
        let entry = last(&pod).await;
        assert_eq!((&entry["status"], &entry["port"]), (&json!(status), &json!(pod.proxy_port())));
        assert!(entry["unreadable"].as_str().unwrap().contains(says), "{entry:#}");
    }
}

#[tokio::test]
async fn tunnels_end_with_the_pod() {
    let pod = behind_proxy().await;
    let target = format!("localhost:{}", pod.port());
    let (mut idle, mut asked) = (tls_to(&pod, &target).await, to_proxy(&pod).await);
    asked.write_all(b"CONNECT localhost").await.unwrap();
    let reading = tokio::spawn(async move { idle.read(&mut [0]).await });
    let pod = pod.into_inner();
    patiently(pod.stop()).await;
    assert_eq!(patiently(reading).await.unwrap().expect("TLS ends in order"), 0);
    assert_eq!(patiently(asked.read(&mut [0])).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn sdks_are_told_of_the_pods_own_proxy() {
    let pod = Pod::built(with_proxy().proxy_credentials("ada", "lovelace")).await;
    let told = |query: &str| format!("/_mock/sdk-config/bot?client=java-bdk&{query}");
    let text = pod.control().get(&told("proxy=true&host=pod.example")).send().await;
    let text = text.assert_status(200).body;
    let port = pod.proxy_port().unwrap();
    let proxy = format!(
        "proxy:\n  host: \"pod.example\"\n  port: {port}\n  username: \"ada\"\n  password: \"lovelace\"\n"
    );
    assert!(text.contains(&proxy), "{text}");
    let without = pod.control().get(&told("proxy=false")).send().await.assert_status(200).body;
    assert!(!without.contains("proxy"), "{without}");
    let own = pod.control().get("/_mock/proxy").send().await.assert_status(200).json();
    let told =
        json!({ "host": "127.0.0.1", "port": port, "username": "ada", "password": "lovelace" });
    assert_eq!(own, json!({ "proxy": told }));
    let none = Pod::start().await.control().get("/_mock/proxy").send().await.assert_status(200);
    assert_eq!(none.json(), json!({ "proxy": null }));
    let config = symphony_mock_pod::SdkConfig {
        proxy: pod.sdk_proxy(),
        ..(*pod).bot("bot").unwrap().sdk_config("certs")
    };
    let config = config.text(symphony_mock_pod::Sdk::JavaBdk).unwrap();
    assert!(config.contains(&proxy.replace("pod.example", "localhost")), "{config}");
}
