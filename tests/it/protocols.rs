//! Which schemes links in messages may have, and who says so.

use serde_json::{Value, json};

use crate::administrator::LACKS;
use crate::messages::{form, part};
use crate::pod::{Answer, Bot, Pod};

const SCENARIO: &str = "
users:
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: auditor, accountType: SYSTEM, roles: [INDIVIDUAL, AUDIT_TRAIL_MANAGEMENT] }
  - { username: bot, accountType: SYSTEM }
  - { username: alice }
apps:
  - { id: app, permissions: [ACT_AS_USER, SEND_MESSAGES] }
  - { id: other, permissions: [ACT_AS_USER, MANAGE_ROOMS] }
rooms: [{ name: Den, owners: [bot] }]
settings: { protocols: [mailto] }
";

const ADD: &str = "/pod/v1/admin/system/protocols";
const LIST: &str = "/pod/v1/admin/system/protocols/list";
const ALL: &str = "/pod/v2/system/protocols";

struct Stage {
    pod: Pod,
    admin: Bot,
    bot: Bot,
}

impl Stage {
    async fn set() -> Self {
        let pod = Pod::seeded(SCENARIO).await;
        Self { admin: pod.bot("admin").await, bot: pod.bot("bot").await, pod }
    }

    async fn add(&self, scheme: &str) -> Answer {
        self.admin.post(ADD, &json!({ "scheme": scheme })).await
    }

    /// What becomes of a message with a link.
    async fn link(&self, to: &str) -> Answer {
        let streams = self.bot.post("/pod/v1/streams/list", &json!({})).await.json();
        let den = streams[0]["id"].as_str().expect("an id");
        let path = format!("/agent/v4/stream/{den}/message/create");
        let message = format!("<messageML><a href=\"{to}\">x</a></messageML>");
        let request = self.pod.anonymous().post(&path).session(&self.bot.token);
        form(request, &[part("message", &message)]).send().await
    }

    async fn list(&self) -> Value {
        self.admin.get(LIST).await.assert_status(200).json()
    }
}

#[tokio::test]
async fn a_scheme_that_was_added_lets_links_through_until_it_is_removed() {
    let stage = Stage::set().await;
    for open in ["http://a.example/", "https://a.example/", "mailto:a@b.example"] {
        stage.link(open).await.assert_status(200);
    }
    let refused = stage.link("skype:alice").await.assert_status(400).json();
    let text = refused["message"].as_str().expect("a text");
    assert!(text.contains("URI scheme \"skype\" is not supported by the pod."), "{text}");

    let added = stage.add("skype").await.assert_status(200).json();
    assert_eq!(added, json!({ "scheme": "skype" }));
    for open in ["skype:alice", "Skype:alice", "SKYPE:alice"] {
        stage.link(open).await.assert_status(200);
    }
    stage.add("SKYPE").await.assert_status(200);
    assert_eq!(stage.list().await, json!(["mailto", "skype"]));
    for _ in 0..2 {
        stage.admin.delete(&format!("{ADD}/Skype")).await.assert_status(204);
    }
    stage.link("skype:alice").await.assert_status(400);
    // What every pod lets through is on no list, and stays.
    stage.admin.delete(&format!("{ADD}/https")).await.assert_status(204);
    stage.link("https://a.example/").await.assert_status(200);
    assert_eq!(stage.list().await, json!(["mailto"]));
}

#[tokio::test]
async fn a_scheme_begins_with_a_letter_and_has_no_strange_characters() {
    let stage = Stage::set().await;
    for wrong in ["", "1a", "-a", "a b", "a:", "a/b", "ä", "skype\n"] {
        stage.add(wrong).await.assert_status(400);
    }
    for body in [json!({}), json!({ "scheme": null }), json!([]), json!("skype")] {
        stage.admin.post(ADD, &body).await.assert_status(400);
    }
    for good in ["a", "git+ssh", "x-a.b-1"] {
        stage.add(good).await.assert_status(200);
    }
    assert_eq!(stage.list().await, json!(["mailto", "a", "git+ssh", "x-a.b-1"]));

    let wrong = json!({ "settings": { "protocols": ["1a"] } });
    let refused = stage.pod.control().post("/_mock/scenario").json(&wrong).send().await;
    assert!(refused.assert_status(400).body.contains("is no scheme"));
    let twice = json!({ "settings": { "protocols": ["ftp", "FTP"] } });
    let refused = stage.pod.control().post("/_mock/scenario").json(&twice).send().await;
    assert!(refused.assert_status(400).body.contains("is there twice"));
}

#[tokio::test]
async fn everybody_may_know_them_and_administrators_change_them() {
    let stage = Stage::set().await;
    for scheme in ["ftp", "skype"] {
        stage.add(scheme).await.assert_status(200);
    }
    let page = async |query: &str| stage.bot.get(&format!("{ALL}?{query}")).await;
    assert_eq!(page("").await.json(), json!(["mailto", "ftp", "skype"]));
    assert_eq!(page("skip=1&limit=1").await.json(), json!(["ftp"]));
    for wrong in ["limit=0", "limit=1001", "skip=-1"] {
        page(wrong).await.assert_status(400);
    }
    stage.bot.get(LIST).await.assert_error(403, LACKS);
    stage.bot.post(ADD, &json!({ "scheme": "a" })).await.assert_error(403, LACKS);
    stage.bot.delete(&format!("{ADD}/ftp")).await.assert_error(403, LACKS);

    // An app that may send messages for somebody may know what these may link to.
    let alice = async |app: &str| {
        let app = stage.pod.client(app);
        let own = app.post("/sessionauth/v1/app/authenticate").send().await.token();
        let path = "/sessionauth/v1/app/username/alice/authenticate";
        app.post(path).session(&own).send().await.json()["sessionToken"].clone()
    };
    for (app, status) in [("app", 200), ("other", 403)] {
        let token = alice(app).await;
        let request = stage.pod.anonymous().get(LIST).session(token.as_str().expect("a token"));
        request.send().await.assert_status(status);
    }
}

#[tokio::test]
async fn changes_stand_in_the_audit_trail_and_in_the_seed() {
    let stage = Stage::set().await;
    for _ in 0..2 {
        stage.add("skype").await.assert_status(200);
        stage.admin.delete(&format!("{ADD}/ftp")).await.assert_status(204);
    }
    stage.admin.delete(&format!("{ADD}/mailto")).await.assert_status(204);
    let since = stage.pod.clock().now().as_millis() - 3_600_000;
    let trail = format!("/agent/v1/audittrail/privilegeduser?startTimestamp={since}");
    let trail = stage.pod.bot("auditor").await.get(&trail).await.assert_status(200).json();
    let items = trail["items"].as_array().expect("items");
    let told: Vec<_> = items.iter().rev().map(|it| (&it["actionName"], &it["scheme"])).collect();
    let (added, removed) = (json!("protocolAdded"), json!("protocolRemoved"));
    assert_eq!(told, [(&added, &json!("skype")), (&removed, &json!("mailto"))]);
    let seed = stage.pod.control().get("/_mock/scenario").send().await.json();
    assert_eq!(seed["settings"]["protocols"], json!(["skype"]));
}
