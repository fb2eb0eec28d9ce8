//! What happens, as it happens: server-sent events on the control port.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;

use crate::pod::{Pod, patiently};

/// Somebody who listens, on a connection of his own.
struct Events {
    lines: Lines<BufReader<TcpStream>>,
}

impl Events {
    /// Listens; `hello` has come and gone.
    async fn of(pod: &Pod, path: &str, headers: &str) -> Self {
        let address = ("127.0.0.1", pod.control_port());
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut events = Self { lines: BufReader::new(stream).lines() };
        let (name, hello) = events.next().await.unwrap();
        assert_eq!(name, "hello");
        assert!(hello["clock"]["now"].is_u64(), "{hello}");
        events
    }

    /// The next event; none when the stream is over.
    async fn next(&mut self) -> Option<(String, Value)> {
        patiently(async {
            let mut name = None;
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if let Some(event) = line.strip_prefix("event: ") {
                    name = Some(event.to_owned());
                } else if let (Some(data), Some(name)) = (line.strip_prefix("data: "), &name) {
                    return Some((name.clone(), serde_json::from_str(data).unwrap()));
                }
            }
            None
        })
        .await
    }

    /// The next event called so.
    async fn until(&mut self, wanted: &str) -> Value {
        loop {
            let (name, data) = self.next().await.unwrap_or_else(|| panic!("no {wanted} came"));
            if name == wanted {
                return data;
            }
        }
    }
}

async fn does(pod: &Pod, who: &str, what: &str, body: Value) -> Value {
    let path = format!("/_mock/people/{who}/{what}");
    pod.control().post(&path).json(&body).send().await.assert_status(200).json()
}

async fn says(pod: &Pod, text: &str) -> Value {
    does(pod, "alice", "messages", json!({ "stream": "Test Room", "message": text })).await
}

#[tokio::test]
async fn whoever_listens_hears_messages_requests_receipts_clock_and_faults() {
    let pod = Pod::start().await;
    let mut events = Events::of(&pod, "/_mock/live", "").await;
    let sent = says(&pod, "hello <everybody>").await;
    let told = events.until("event").await;
    assert_eq!((&told["type"], &told["initiator"]), (&json!("MESSAGESENT"), &json!("alice")));
    assert_eq!(told["message"]["text"], "hello <everybody>");
    assert_eq!(told["message"]["messageId"], sent["messageId"]);

    does(&pod, "bob", "reads", json!({ "message": sent["messageId"] })).await;
    let receipt = json!({ "messageId": sent["messageId"], "user": "bob" });
    assert_eq!(events.until("receipt").await, receipt);
    does(&pod, "bob", "presence", json!({ "category": "BUSY" })).await;
    events.until("presence").await;

    pod.session_info("x").await.assert_status(401);
    let request = events.until("request").await;
    assert_eq!((&request["status"], &request["id"]), (&json!(401), &json!(1)));
    assert_eq!(request["refusal"]["kind"], "SessionInvalid");
    assert_eq!(request["request"], Value::Null, "bodies are for those who ask");

    let control = pod.control();
    control.post("/_mock/clock/freeze").send().await.assert_status(200);
    assert_eq!(events.until("clock").await["frozen"], true);
    let fault = json!({ "operation": "/pod/v2/sessioninfo", "status": 503, "times": 1 });
    control.post("/_mock/faults").json(&fault).send().await.assert_status(201);
    assert_eq!(events.until("faults").await["faults"][0]["fired"], 0);
    pod.session_info("x").await.assert_status(503);
    assert_eq!(events.until("faults").await["faults"][0]["fired"], 1);

    control.request(Method::DELETE, "/_mock/requests").send().await.assert_status(204);
    assert_eq!(events.until("cleared").await["last"], 2);
    control.post("/_mock/reset").send().await.assert_status(200);
    events.until("restored").await;
    says(&pod, "after the reset").await;
    assert_eq!(events.until("event").await["message"]["text"], "after the reset");
}

#[tokio::test]
async fn a_listener_goes_on_from_the_entry_that_he_had() {
    let pod = Pod::start().await;
    for _ in 0..3 {
        pod.session_info("x").await.assert_status(401);
    }
    let mut since = Events::of(&pod, "/_mock/live?since=1", "").await;
    let mut again = Events::of(&pod, "/_mock/live", "Last-Event-ID: 2\r\n").await;
    assert_eq!(since.until("request").await["id"], 2);
    assert_eq!(since.until("request").await["id"], 3);
    assert_eq!(again.until("request").await["id"], 3);
    pod.control().get("/_mock/live?since=x").send().await.assert_status(400);
    pod.control().get("/_mock/live?within=long").send().await.assert_status(400);
    let all = pod.control().get("/_mock/live?since=0&within=20ms").send().await.assert_status(200);
    assert!(all.header("content-type").starts_with("text/event-stream"));
    assert_eq!(all.body.matches("event: request\n").count(), 3);
    assert!(all.body.ends_with("event: over\ndata: {}\n\n"), "{}", all.body);
}

#[tokio::test]
async fn each_pod_has_its_own_and_ends_them_with_itself() {
    let pod = Pod::start().await;
    let mut mine = Events::of(&pod, "/t/mine/_mock/live", "").await;
    says(&pod, "to the main pod").await;
    let control = pod.control();
    let body = json!({ "stream": "Test Room", "message": "to mine" });
    let path = "/t/mine/_mock/people/alice/messages";
    control.post(path).json(&body).send().await.assert_status(200);
    assert_eq!(mine.until("event").await["message"]["text"], "to mine");
    control.request(Method::DELETE, "/_mock/pods/mine").send().await.assert_status(204);
    mine.until("over").await;
    assert!(mine.next().await.is_none());

    let mut main = Events::of(&pod, "/_mock/live", "").await;
    pod.into_inner().stop().await;
    main.until("over").await;
    assert!(main.next().await.is_none());
}

#[tokio::test]
async fn a_slow_listener_holds_up_nobody_and_is_told_what_it_missed() {
    const MESSAGES: usize = 6_000;
    let builder = symphony_mock_pod::MockPod::builder().journal_bytes(64 << 10);
    let pod = Pod::built(builder).await;
    let mut slow = Events::of(&pod, "/_mock/live", "").await;
    // He reads nothing meanwhile, however much there is: more than his connection holds.
    let text = "x".repeat(4_000);
    let control = pod.control();
    let body = json!({ "stream": "Test Room", "message": text });
    for _ in 0..MESSAGES {
        let sent = control.post("/_mock/people/alice/messages").json(&body).send().await;
        sent.assert_status(200);
    }
    for _ in 0..400 {
        pod.session_info("x").await.assert_status(401);
    }
    says(&pod, "the last").await;
    let (mut heard, mut missed) = (0, 0);
    loop {
        let (name, data) = slow.next().await.unwrap();
        match name.as_str() {
            "event" if data["message"]["text"] == "the last" => break,
            "event" => heard += 1,
            "lagged" if data["what"] == "events" => missed += data["missed"].as_u64().unwrap(),
            _ => {}
        }
    }
    assert!(missed > 0, "{heard} heard");
    assert_eq!(heard + missed, MESSAGES as u64);
}
