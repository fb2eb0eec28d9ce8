//! Which types of files go with messages, and what administrators make of them.

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{MockPod, Scenario};

use crate::administrator::LACKS;
use crate::messages::{Part, file, form, part};
use crate::pod::{Answer, Bot, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
users:
  - { username: bot, accountType: SYSTEM }
  - { username: keeper, accountType: SYSTEM, roles: [INDIVIDUAL, EF_POLICY_MANAGEMENT] }
  - { username: auditor, accountType: SYSTEM, roles: [INDIVIDUAL, AUDIT_TRAIL_MANAGEMENT] }
  - { username: carol, pod: 2 }
rooms:
  - { name: Den, owners: [bot] }
  - { name: Bridge, owners: [bot], members: [carol] }
";

const EXTENSIONS: &str = "/pod/file_ext/v1/allowed_extensions";
const TYPES: &str = "/pod/v1/files/allowedTypes";

struct Stage {
    pod: Pod,
    bot: Bot,
    keeper: Bot,
}

fn hello() -> Part {
    part("message", "<messageML>See here</messageML>")
}

impl Stage {
    async fn set(settings: &str) -> Self {
        let pod = Pod::seeded(&format!("{SCENARIO}\nsettings: {{ {settings} }}")).await;
        Self { bot: pod.bot("bot").await, keeper: pod.bot("keeper").await, pod }
    }

    async fn put(&self, extension: &str, body: Value) -> Answer {
        let path = format!("{EXTENSIONS}/{extension}");
        let request = self.pod.anonymous().request(Method::PUT, &path);
        request.session(&self.keeper.token).json(&body).send().await
    }

    async fn delete(&self, extension: &str) {
        self.keeper.delete(&format!("{EXTENSIONS}/{extension}")).await.assert_status(204);
    }

    /// What becomes of a message with such a file in a room.
    async fn send(&self, room: &str, name: &str) -> Answer {
        let streams = self.bot.post("/pod/v1/streams/list", &json!({})).await.json();
        let mut streams = streams.as_array().unwrap().iter();
        let stream = streams.find(|stream| stream["roomAttributes"]["name"] == room).unwrap();
        let path = format!("/agent/v4/stream/{}/message/create", stream["id"].as_str().unwrap());
        let parts = [hello(), file("attachment", name, "application/octet-stream", b"x")];
        form(self.pod.anonymous().post(&path).session(&self.bot.token), &parts).send().await
    }

    async fn list(&self, query: &str) -> Value {
        self.bot.get(&format!("{EXTENSIONS}?{query}")).await.assert_status(200).json()
    }

    async fn why(&self) -> String {
        self.pod.control().get("/_mock/why").send().await.assert_status(200).body
    }
}

fn names(page: &Value) -> Vec<&str> {
    let data = page["data"].as_array().expect("a list");
    data.iter().map(|kind| kind["extension"].as_str().expect("a text")).collect()
}

#[tokio::test]
async fn what_administrators_allow_and_forbid_decides_over_uploads() {
    let stage = Stage::set("").await;
    let no = |extension: &str| format!("File type {extension} is not allowed");
    stage.send("Den", "a.exe").await.assert_status(200);
    stage.delete("exe").await;
    stage.send("Den", "a.exe").await.assert_error(400, &no(".exe"));
    assert!(stage.why().await.contains("settings.refusedAttachmentTypes has .exe"));
    stage.send("Den", "a.log").await.assert_status(200);

    // Those that Symphony knows can be forbidden, too; the list follows.
    stage.delete(".PDF").await;
    stage.send("Den", "a.pdf").await.assert_error(400, &no(".pdf"));
    let types = stage.bot.get(TYPES).await.assert_status(200).json();
    assert!(!types.as_array().unwrap().contains(&json!(".pdf")), "{types}");

    let inside = json!({ "extension": ".Pdf", "scope_internal": true, "scope_external": false });
    let put = stage.put("pdf", inside).await.assert_status(200).json();
    let expected = json!({
        "extension": ".pdf", "scope_internal": true, "scope_external": false, "source": "SYSTEM",
    });
    assert_eq!(put, expected);
    stage.send("Den", "a.pdf").await.assert_status(200);
    stage.send("Bridge", "a.pdf").await.assert_error(400, &no(".pdf"));
    assert!(stage.why().await.contains("external (scope_external) is false of .pdf"));
    let outside = json!({ "extension": ".exe", "scope_internal": false, "scope_xpod": false });
    let put = stage.put(".exe", outside).await.assert_status(200).json();
    assert_eq!((&put["scope_external"], &put["source"]), (&json!(true), &json!("CUSTOMER")));
    stage.send("Den", "a.exe").await.assert_status(400);
    stage.send("Bridge", "a.exe").await.assert_status(200);
    let types = stage.bot.get(TYPES).await.assert_status(200).json();
    let types = types.as_array().unwrap();
    assert!(types.contains(&json!(".pdf")) && !types.contains(&json!(".exe")), "{types:?}");
    let sends = async |name: &str| {
        let attachments = json!([{ "name": name, "text": "x" }]);
        let body = json!({ "stream": "Bridge", "message": "hello", "attachments": attachments });
        stage.pod.control().post("/_mock/people/carol/messages").json(&body).send().await
    };
    sends("a.exe").await.assert_status(400);
    sends("a.pdf").await.assert_status(200);
}

#[tokio::test]
async fn the_list_is_paged_by_opaque_cursors() {
    let stage = Stage::set("attachmentTypes: [.a, .b, { extension: .c, crossPod: true }]").await;
    let all = stage.list("").await;
    assert_eq!(names(&all), [".a", ".b", ".c"]);
    assert_eq!(all["data"][2]["scope_xpod"], true);
    assert!(all["data"][0].get("scope_xpod").is_none());
    assert!(all["paging"].get("next").is_none() && all["paging"].get("previous").is_none());

    let first = stage.list("limit=2").await;
    assert_eq!(names(&first), [".a", ".b"]);
    assert_eq!(first["paging"], first["pagination"]);
    let next = first["paging"]["next"].as_str().expect("a path");
    let second = stage.bot.get(next).await.assert_status(200).json();
    assert_eq!(names(&second), [".c"]);
    assert!(second["paging"]["cursors"].get("after").is_none());
    let previous = second["paging"]["previous"].as_str().expect("a path");
    let again = stage.bot.get(previous).await.assert_status(200).json();
    assert_eq!(names(&again), names(&first));

    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    for wrong in [format!("before={after}&after={after}"), "after=1".into(), "limit=0".into()] {
        stage.bot.get(&format!("{EXTENSIONS}?{wrong}")).await.assert_status(400);
    }
}

#[tokio::test]
async fn types_are_refused_that_are_none_or_that_the_system_does_not_know() {
    let stage = Stage::set("").await;
    let long = format!(".{}", "x".repeat(64));
    for (path, body) in [
        ("log", json!({ "extension": ".log", "source": "SYSTEM" })),
        ("log", json!({ "extension": ".txt" })),
        ("log", json!({ "extension": "log" })),
        (&*long, json!({ "extension": long })),
        ("log", json!({})),
        ("log", json!({ "extension": ".log", "source": "ELSEWHERE" })),
    ] {
        stage.put(path, body).await.assert_status(400);
    }
    assert!(!names(&stage.list("").await).contains(&".log"));
}

#[tokio::test]
async fn those_who_manage_filters_change_the_types_and_the_trail_tells_of_it() {
    let stage = Stage::set("").await;
    let log = json!({ "extension": ".log" });
    for _ in 0..2 {
        stage.put("log", log.clone()).await.assert_status(200);
    }
    let inside = json!({ "extension": ".log", "scope_external": false });
    stage.put("log", inside).await.assert_status(200);
    for _ in 0..2 {
        stage.delete("log").await;
    }
    let trail = "/agent/v1/audittrail/privilegeduser?startTimestamp=";
    let since = stage.pod.clock().now().as_millis() - 3_600_000;
    let trail = stage.pod.bot("auditor").await.get(&format!("{trail}{since}")).await;
    let trail = trail.assert_status(200).json()["items"].as_array().unwrap().clone();
    let told: Vec<_> = trail.iter().rev().map(|it| it["actionName"].as_str().unwrap()).collect();
    assert_eq!(told, ["fileExtensionAdded", "fileExtensionUpdated", "fileExtensionRemoved"]);
    assert_eq!(trail[0]["fileExtension"], ".log");
    assert_eq!(trail[0]["authorizationRoles"], json!(["EF_POLICY_MANAGEMENT"]));

    let path = format!("{EXTENSIONS}/log");
    stage.bot.delete(&path).await.assert_error(403, LACKS);
    let put = stage.pod.anonymous().request(Method::PUT, &path).json(&log);
    put.session(&stage.bot.token).send().await.assert_error(403, LACKS);
}

#[tokio::test]
async fn what_became_of_the_types_is_told_as_a_seed_and_kept_by_snapshots() {
    let stage = Stage::set("").await;
    let control = stage.pod.control();
    let before = json!({ "name": "before" });
    control.post("/_mock/snapshots").json(&before).send().await.assert_status(201);
    stage.delete("exe").await;
    let inside = json!({ "extension": ".log", "scope_external": false });
    stage.put("log", inside).await.assert_status(200);
    let changed = stage.list("").await;
    let told = control.get("/_mock/scenario").send().await.assert_status(200);
    let told = Scenario::parse(&told.body).expect("a scenario");
    let again = Pod::built(MockPod::builder().scenario(told)).await;
    let again =
        Stage { bot: again.bot("bot").await, keeper: again.bot("keeper").await, pod: again };
    assert_eq!(again.list("").await["data"], changed["data"]);
    again.send("Den", "a.exe").await.assert_status(400);
    control.post("/_mock/snapshots/before/restore").send().await.assert_status(200);
    stage.send("Den", "a.exe").await.assert_status(200);
    assert!(!names(&stage.list("").await).contains(&".log"));
}
