//! Several hosts: further listeners that serve one part of the API each, as the hosts of an
//! installation do.

use std::io::ErrorKind;

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{Expectation, FaultPlan, Listen, ListenerRole, MockPod, Scenario};

use crate::pod::{Answer, Pod, patiently};

const FAULTS: &str = "/_mock/faults";
const SESSION_LOGIN: &str = "/sessionauth/v1/authenticate";
const KEY_LOGIN: &str = "/keyauth/v1/authenticate";
const JWT_LOGIN: &str = "/login/pubkey/authenticate";
const INFO: &str = "/pod/v2/sessioninfo";
const AGENT_INFO: &str = "/agent/v1/info";
const FEEDS: &str = "/agent/v5/datafeeds";

/// A pod with a listener for each part, and two for the agent.
async fn installation() -> Pod {
    let roles = [
        ListenerRole::Pod,
        ListenerRole::SessionAuth,
        ListenerRole::KeyManager,
        ListenerRole::Agent,
        ListenerRole::Agent,
    ];
    let builder =
        roles.into_iter().fold(MockPod::builder(), |it, role| it.listen(Listen::new(role)));
    Pod::built(builder).await
}

async fn plan(pod: &Pod, plan: Value) -> Answer {
    pod.control().post(FAULTS).json(&plan).send().await
}

async fn planned(pod: &Pod, fault: Value) -> String {
    let fault = plan(pod, fault).await.assert_status(201).json();
    format!("{FAULTS}/{}", fault["id"].as_str().expect("an id"))
}

async fn remove(pod: &Pod, fault: &str) {
    pod.control().request(Method::DELETE, fault).send().await.assert_status(204);
}

async fn agent_of(pod: &Pod, listener: &str) -> String {
    let info = pod.at(listener, None).get(AGENT_INFO).send().await.assert_status(200).json();
    let fqdn = info["serverFqdn"].as_str().expect("a name").to_owned();
    assert_eq!(info["url"], format!("{fqdn}/agent"));
    assert_eq!(info["hostname"], "localhost");
    fqdn
}

/// The names of the listeners that calls of an operation came to.
fn came_to(pod: &Pod, operation: &str) -> Vec<String> {
    let calls = pod.requests().into_iter().filter(|call| call.operation == Some(operation));
    calls.map(|call| call.listener).collect()
}

/// A bot that asked the agent's host for what is the pod's got nothing (symphonyoss/hubot-symphony
/// 8c9b7e6, finos/symphony-bdk-java#694 for the logins).
#[tokio::test]
async fn a_host_serves_its_part_and_says_who_serves_the_rest() {
    let pod = installation().await;
    let token = pod.at("session-auth", Some("bot")).post(SESSION_LOGIN).send().await.token();
    pod.at("key-manager", Some("bot")).post(KEY_LOGIN).send().await.token();
    let parts = [
        ("pod", Method::GET, INFO, 200),
        ("pod", Method::POST, JWT_LOGIN, 400),
        ("session-auth", Method::POST, "/sessionauth/v1/logout", 200),
        ("key-manager", Method::POST, "/relay/pubkey/authenticate", 400),
        ("agent-1", Method::GET, AGENT_INFO, 200),
        ("agent-2", Method::GET, AGENT_INFO, 200),
    ];
    let listeners = ["pod", "session-auth", "key-manager", "agent-1", "agent-2"];
    for (owner, method, path, status) in parts {
        for listener in listeners {
            let serves =
                owner == listener || owner.starts_with("agent") && listener.starts_with("agent");
            if serves && owner != listener || path.ends_with("logout") && listener == owner {
                continue;
            }
            let client = pod.at(listener, Some("bot"));
            let request = client.request(method.clone(), path).session(&token).json(&json!({}));
            if serves {
                request.send().await.assert_status(status);
            } else {
                let answer = request.beyond_the_files().send().await.assert_status(404);
                let said = answer.json()["message"].as_str().expect("a message").to_owned();
                let own = pod.listener(owner).expect("a listener");
                assert!(said.contains(listener), "{said}");
                let named = if owner.starts_with("agent") { "agent-1" } else { own.name() };
                assert!(said.contains(named), "{listener} {path}: {said}");
            }
        }
    }
    let why = pod.why().expect("a refusal");
    assert_eq!(why.kind.as_deref(), Some("ServedElsewhere"), "{why}");
    // What nobody serves is unknown everywhere.
    let unknown = pod.at("agent-1", None).get("/nothing").send().await.assert_status(404);
    assert!(!unknown.body.contains("agent-1"), "{}", unknown.body);
    // All is where it was.
    pod.anonymous().get(INFO).session(&token).send().await.assert_status(200);
    pod.anonymous().get(AGENT_INFO).send().await.assert_status(200);
}

#[tokio::test]
async fn a_listener_may_demand_a_client_certificate() {
    let listen = |role| Listen::new(role).demand_client_certificate();
    let builder = MockPod::builder()
        .listen(listen(ListenerRole::SessionAuth))
        .listen(Listen::new(ListenerRole::KeyManager));
    let pod = Pod::built(builder).await;
    pod.at("session-auth", None).post(SESSION_LOGIN).assert_no_answer().await;
    pod.at("session-auth", Some("bot")).post(SESSION_LOGIN).send().await.assert_status(200);
    pod.at("key-manager", None).post(KEY_LOGIN).send().await.assert_status(401);
    let failed = &pod.requests()[0];
    assert_eq!((failed.listener.as_str(), failed.handshake.is_some()), ("session-auth", true));
    assert_eq!(Some(failed.port), pod.listener("session-auth").map(|it| it.port()));
    assert!(pod.listener("session-auth").is_some_and(|it| it.demands_client_certificate()));
}

/// The BDK's load balancing asks `/agent/v1/info` and goes where `serverFqdn` says
/// (finos/symphony-bdk-java#323, #81: agents have to know their own names).
#[tokio::test]
async fn an_agent_names_itself_and_the_load_balancer_names_each_in_turn() {
    let pod = installation().await;
    let [first, second] = ["agent-1", "agent-2"].map(|name| pod.url_of(name).expect("a listener"));
    assert_eq!(agent_of(&pod, "agent-1").await, first);
    assert_eq!(agent_of(&pod, "agent-2").await, second);
    let mut asked = [agent_of(&pod, "main").await, agent_of(&pod, "main").await];
    asked.sort();
    let mut both = [first, second];
    both.sort();
    assert_eq!(asked, both);

    let named = pod.named("one").unwrap();
    let url = format!("{}{AGENT_INFO}", named.url_of("agent-2").unwrap());
    let path = url.strip_prefix(&pod.url_of("agent-2").unwrap()).unwrap();
    let info = pod.at("agent-2", None).get(path).send().await.assert_status(200).json();
    assert_eq!(info["serverFqdn"], named.url_of("agent-2").unwrap());
}

#[tokio::test]
async fn the_journal_knows_the_listener() {
    let pod = installation().await;
    let bot = pod.bot("bot").await;
    for listener in ["agent-2", "agent-1", "agent-2"] {
        pod.at(listener, None).get(FEEDS).session(&bot.token).send().await.assert_status(200);
    }
    assert_eq!(came_to(&pod, "datafeeds_list_v5"), ["agent-2", "agent-1", "agent-2"]);
    let control = pod.control();
    let asked = |query: &str| control.get(&format!("/_mock/requests?listener={query}")).send();
    let listed = asked("agent-2").await.assert_status(200).json();
    assert_eq!(listed["requests"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["requests"][0]["listener"], "agent-2");
    let unknown = asked("agnet-2").await.assert_status(400);
    assert!(unknown.body.contains("agent-2"), "{}", unknown.body);

    let calls = || Expectation::of("datafeeds_list_v5").user("bot");
    pod.expect(calls().listener("agent-2").exactly(2)).await.unwrap();
    let unmet = pod.expect(calls().listener("agent-1").exactly(2).within(Default::default())).await;
    let unmet = unmet.unwrap_err().to_string();
    assert!(unmet.contains("at agent-1") && unmet.contains("listener should be"), "{unmet}");
    let error = pod.expect(calls().listener("agent")).await.unwrap_err().to_string();
    assert!(error.contains("there is no listener") && error.contains("agent-1"), "{error}");
    let request = json!({ "operation": "datafeeds_list_v5", "listener": "agent-1" });
    control.post("/_mock/expect").json(&request).send().await.assert_status(200);
}

#[tokio::test]
async fn the_listeners_are_listed() {
    let pod = installation().await;
    let listed = pod.control().get("/_mock/listeners").send().await.assert_status(200).json();
    let listed = listed["listeners"].as_array().expect("a list").clone();
    let names: Vec<_> = listed.iter().map(|it| it["name"].as_str().expect("a name")).collect();
    let known: Vec<_> = pod.listeners().iter().map(|it| it.name()).collect();
    assert_eq!(names, known);
    assert_eq!(
        listed[5],
        json!({
            "name": "agent-1",
            "role": "agent",
            "host": "127.0.0.1",
            "port": pod.listener("agent-1").map(|it| it.port()),
            "mtls": false,
        })
    );
}

/// What SDKs are told is where each part is.
#[tokio::test]
async fn an_sdk_is_told_of_the_hosts() {
    let pod = installation().await;
    let control = pod.control();
    let config = |query: &str| control.get(&format!("/_mock/sdk-config/bot?{query}")).send();
    let tree = |answer: Answer| -> Value { serde_saphyr::from_str(&answer.body).expect("YAML") };
    let port = |name: &str| json!(pod.listener(name).map(|listener| listener.port()));
    let java = tree(config("client=java-bdk&loadBalancing=random&sticky=false").await);
    let balanced = &java["agent"]["loadBalancing"];
    assert_eq!((&balanced["mode"], &balanced["stickiness"]), (&json!("random"), &json!(false)));
    assert_eq!(balanced["nodes"][1]["port"], port("agent-2"));
    let python = tree(config("client=python-bdk").await);
    assert_eq!(python["port"], pod.port());
    for (part, name) in [
        ("pod", "pod"),
        ("sessionAuth", "session-auth"),
        ("keyManager", "key-manager"),
        ("agent", "agent-1"),
    ] {
        assert_eq!(python[part]["port"], port(name), "{part}");
    }
    config("client=java-bdk&loadBalancing=sticky").await.assert_status(400);
}

#[tokio::test]
async fn a_fault_is_narrowed_to_a_listener() {
    let pod = installation().await;
    let token = pod.log_in("bot").await;
    let fault =
        json!({ "status": 503, "listener": "agent-2", "operation": "/agent/*", "times": 2 });
    let fault = planned(&pod, fault).await;
    for (listener, status) in
        [("agent-1", 200), ("agent-2", 503), ("main", 200), ("agent-2", 503), ("agent-2", 200)]
    {
        let answer = pod.at(listener, None).get(FEEDS).session(&token).send().await;
        assert_eq!(answer.status, status, "{listener}");
    }
    let shown = pod.control().get(FAULTS).send().await.json();
    assert_eq!(shown["faults"][0]["listener"], "agent-2");
    remove(&pod, &fault).await;

    // Of a named pod, too: the listeners are the same for all.
    let named = pod.named("one").unwrap();
    let outage = named.inject(FaultPlan::pack("agent-down").unwrap().listener("agent-1")).unwrap();
    let health = |listener, path: &'static str| pod.at(listener, None).get(path).send();
    health("agent-1", "/t/one/agent/v3/health").await.assert_status(502);
    health("agent-2", "/t/one/agent/v3/health").await.assert_status(200);
    health("agent-1", "/agent/v3/health").await.assert_status(200);
    assert_eq!(outage.fired(), 1);
}

#[tokio::test]
async fn a_fault_that_no_listener_can_meet_is_refused() {
    let pod = installation().await;
    let refused = async |fault: Value, said: &[&str]| {
        let answer = plan(&pod, fault).await.assert_status(400);
        for word in said {
            assert!(answer.body.contains(word), "{word}: {}", answer.body);
        }
    };
    refused(json!({ "status": 503, "listener": "agnet-1" }), &["listener", "agent-1", "main"])
        .await;
    let elsewhere = json!({ "status": 503, "listener": "agent-1", "operation": "/pod/*" });
    refused(elsewhere, &["listener", "agent-1", "none"]).await;
    let of_connections = |more: Value| {
        let mut fault = json!({ "refuseConnections": true, "listener": "agent-1" });
        fault.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fault
    };
    for field in ["operation", "user"] {
        refused(
            of_connections(json!({ field: if field == "user" { "bot" } else { "*" } })),
            &[field],
        )
        .await;
    }
    refused(of_connections(json!({ "endHandshakes": true })), &["together"]).await;
    refused(of_connections(json!({ "delay": "1s" })), &["together"]).await;
    let pack = json!({ "pack": "one-agent-down" });
    let answer = pod.control().post("/t/one/_mock/faults").json(&pack).send().await;
    let answer = answer.assert_status(400);
    assert!(answer.body.contains("main pod") && answer.body.contains("agent-down"), "{answer:?}");

    let alone = Pod::start().await;
    let answer = plan(&alone, pack).await.assert_status(400);
    assert!(answer.body.contains("--listen agent"), "{}", answer.body);
}

/// One of two agents is gone: the other goes on, and so does the first when it is back
/// (finos/symphony-bdk-java#323).
#[tokio::test]
async fn one_agent_down_the_other_goes_on() {
    let scenario = Scenario::parse("settings: { datafeedLongPoll: 1h }").expect("settings");
    let mut embedded = Scenario::embedded();
    embedded.settings = scenario.settings;
    let agent = || Listen::new(ListenerRole::Agent);
    let builder = MockPod::builder().scenario(embedded).listen(agent()).listen(agent());
    let pod = Pod::built(builder).await;
    let bot = pod.bot("bot").await;
    let feed = bot.post(FEEDS, &json!({})).await.assert_status(201).json();
    let read = format!("{FEEDS}/{}/read", feed["id"].as_str().expect("an id"));
    let [first, second] = ["agent-1", "agent-2"].map(|name| pod.at(name, None));
    let reading = |client: &crate::pod::Client| {
        client.post(&read).session(&bot.token).json(&json!({ "ackId": "" })).try_send()
    };
    let open = first.get(FEEDS).session(&bot.token).try_send();
    assert_eq!(open.await.unwrap(), 200);

    // A read that waits is cut off with the agent that it waits at.
    let waiting = tokio::spawn(reading(&first));
    pod.listening("bot", None).await.unwrap();
    let outage = pod.inject(FaultPlan::pack("one-agent-down").unwrap()).unwrap();
    assert!(patiently(waiting).await.unwrap().is_err());
    for _ in 0..2 {
        assert!(first.get(FEEDS).session(&bot.token).try_send().await.is_err());
    }
    assert!(outage.fired() >= 2, "{}", outage.fired());
    assert_eq!(second.get(FEEDS).session(&bot.token).try_send().await.unwrap(), 200);
    // The load balancer in front sends nobody to the one that is down.
    for _ in 0..3 {
        assert_eq!(agent_of(&pod, "main").await, pod.url_of("agent-2").unwrap());
    }
    let refused =
        pod.requests().into_iter().filter(|it| it.handshake.is_some()).collect::<Vec<_>>();
    assert!(refused.iter().all(|it| it.listener == "agent-1"), "{refused:?}");
    let reason = refused[0].handshake.as_deref().unwrap_or_default();
    assert!(reason.contains("one-agent-down"), "{reason}");

    drop(outage);
    assert_eq!(first.get(FEEDS).session(&bot.token).try_send().await.unwrap(), 200);
}

#[tokio::test]
async fn another_agent_is_down_by_its_name_or_so_many_connections_are_refused() {
    let pod = installation().await;
    let port = |name: &str| pod.listener(name).expect("a listener").port();
    let outage = json!({ "pack": "one-agent-down", "listener": "agent-2" });
    let outage = planned(&pod, outage).await;
    let tls = pod.tls(None);
    let error = pod.connect_to(port("agent-2"), &tls).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
        "{error:?}"
    );
    pod.connect_to(port("agent-1"), &tls).await.unwrap();
    remove(&pod, &outage).await;
    pod.connect_to(port("agent-2"), &tls).await.unwrap();

    planned(&pod, json!({ "refuseConnections": true, "listener": "agent-1", "times": 2 })).await;
    for refused in [true, true, false, false] {
        assert_eq!(pod.connect_to(port("agent-1"), &tls).await.is_err(), refused);
    }
}

/// A load balancer with no agent behind it ends connections in their handshake, which the Java BDK
/// takes for a matter of certificates, and not of the network (finos/symphony-bdk-java#827).
#[tokio::test]
async fn a_load_balancer_without_agents_ends_handshakes() {
    let pod = installation().await;
    let port = pod.listener("agent-1").expect("a listener").port();
    let tls = pod.tls(None);
    let outage = pod.inject(FaultPlan::end_handshakes().listener("agent-1")).unwrap();
    let error = pod.connect_to(port, &tls).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{error:?}");
    assert_eq!(outage.fired(), 1);
    drop(outage);
    pod.connect_to(port, &tls).await.unwrap();

    // Without a listener's name it is all of them.
    let outage = pod.inject(FaultPlan::end_handshakes()).unwrap();
    for listener in pod.listeners() {
        let tls = pod.tls(Some(&pod.identity("bot").unwrap()));
        let error = pod.connect_to(listener.port(), &tls).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{error:?}");
    }
    drop(outage);
}
