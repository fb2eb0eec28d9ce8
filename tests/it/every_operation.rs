//! A walk through every operation: each answers with success and has something to tell.
//! Where the API files are at hand, each answer is held against them on the way.

use std::cell::RefCell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::catalogue::operations;
use symphony_mock_pod::{Clock, Defect, MockPod, Scenario};

use crate::contract::{Seen, api_files};
use crate::jwt::Jwt;
use crate::messages::{Part, file, form, part};
use crate::pod::{Answer, Pod, TRANSCRIPT};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
settings: { datafeedLongPoll: 0s, deleteAllGroups: true }
users:
  - { username: bot, accountType: SYSTEM, email: bot@mock.test, title: Robot, department: Desk,
      location: Rome, roles: [INDIVIDUAL, USER_PROVISIONING, CONTENT_MANAGEMENT, GROUP_MANAGER,
        AUDIT_TRAIL_MANAGEMENT, EF_POLICY_MANAGEMENT, CONTENT_EXPORT_READER] }
  - { username: bot2, accountType: SYSTEM }
  - { username: alice, firstName: Alice, lastName: Adams, email: alice@mock.test }
  - { username: bob }
  - { username: carol, pod: 2 }
disclaimers: [{ id: 571d2052e4b042aaf06d2e7a, name: Daily, content: No advice. }]
apps: [{ id: app, name: App }]
contentExports: [{ id: first, name: first.zip, text: x, fileFormat: Symphony }]
informationBarrierGroups: [{ name: Here, members: [bot2] }, { name: There, members: [] }]
informationBarrierPolicies: [{ groups: [Here, There] }]
rooms:
  - { name: Den, description: Where we meet, owners: [bot], members: [alice, bob] }
";

const BOT: u64 = 1 << 36 | 1;
const BOT2: u64 = 1 << 36 | 2;
const ALICE: u64 = 1 << 36 | 3;
const BOB: u64 = 1 << 36 | 4;
const CAROL: u64 = 2 << 36 | 1;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x06\0\0\0";

/// What `bot` sees of the pod.
struct Walk {
    pod: Pod,
    token: String,
    den: String,
}

impl Walk {
    async fn start() -> Self {
        Self::of(Pod::seeded(SCENARIO).await).await
    }

    async fn of(pod: Pod) -> Self {
        let token = pod.log_in("bot").await;
        let walk = Self { pod, token, den: String::new() };
        let streams = walk.post("/pod/v1/streams/list", json!({})).await;
        Self { den: text(&streams[0]["id"]), ..walk }
    }

    async fn get(&self, path: &str) -> Value {
        succeed(self.pod.anonymous().get(path).session(&self.token).send().await)
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, body).await
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.pod.anonymous().request(method, path).session(&self.token);
        succeed(request.json(&body).send().await)
    }

    async fn submit(&self, path: &str, parts: &[Part]) -> Value {
        let request = self.pod.anonymous().post(path).session(&self.token);
        succeed(form(request, parts).send().await)
    }

    async fn does(&self, who: &str, what: &str, body: Value) {
        let path = format!("/_mock/people/{who}/{what}");
        self.pod.control().post(&path).json(&body).send().await.assert_status(200);
    }

    /// A token that the identity's key opens the door for.
    fn jwt(&self, name: &str) -> Value {
        json!({ "token": Jwt::of(&self.pod, &self.pod.identity(name).unwrap()).sign() })
    }
}

/// The body of a success, or null where it has none.
#[track_caller]
fn succeed(answer: Answer) -> Value {
    assert!((200..300).contains(&answer.status), "{answer:?}");
    serde_json::from_str(&answer.body).unwrap_or_default()
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[tokio::test]
async fn every_operation_succeeds_and_tells_something() {
    let walk = Walk::start().await;
    logins(&walk).await;
    apps(&walk).await;
    tokens_and_sessions(&walk).await;
    health(&walk).await;
    accounts(&walk).await;
    features(&walk).await;
    app_administration(&walk).await;
    certificates(&walk).await;
    users(&walk).await;
    about_users(&walk).await;
    streams(&walk).await;
    rooms(&walk).await;
    membership(&walk).await;
    groups(&walk).await;
    datafeeds(&walk).await;
    messages(&walk).await;
    attachments(&walk).await;
    system_settings(&walk).await;
    barriers(&walk).await;
    export_files(&walk).await;
    community_connect(&walk).await;
    signals(&walk).await;
    dlp(&walk).await;
    receipts(&walk).await;
    presence(&walk).await;
    connections(&walk).await;
    audit_trail(&walk).await;
    let seen = Seen::so_far();
    let unseen: Vec<_> = operations()
        .into_iter()
        .filter(|operation| !seen.succeeded.contains(operation.name))
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    assert!(unseen.is_empty(), "no success told anything of {unseen:#?}");

    errors_that_the_files_do_not_know(&walk).await;
    if api_files().is_some() {
        let idle = Seen::so_far().idle_exceptions();
        assert!(idle.is_empty(), "nothing needs the exceptions {idle:#?}");
    }
}

/// What one start answers to the walk.
async fn transcript(pod: Pod) -> Vec<String> {
    let walking = async {
        let walk = Walk::of(pod).await;
        logins(&walk).await;
        apps(&walk).await;
        tokens_and_sessions(&walk).await;
        health(&walk).await;
        accounts(&walk).await;
        features(&walk).await;
        app_administration(&walk).await;
        users(&walk).await;
        streams(&walk).await;
        rooms(&walk).await;
        membership(&walk).await;
        datafeeds(&walk).await;
        messages(&walk).await;
        attachments(&walk).await;
        receipts(&walk).await;
        presence(&walk).await;
        connections(&walk).await;
        audit_trail(&walk).await;
        let control = walk.pod.control();
        for path in ["/_mock/scenario", "/_mock/clock", "/_mock/pods", "/_mock/faults"] {
            control.get(path).send().await.assert_status(200);
        }
        // Any free port is as good as another.
        let port = format!("localhost:{}", walk.pod.port());
        let transcript = TRANSCRIPT.with(RefCell::take).into_iter();
        transcript.map(|written| written.replace(&port, "localhost")).collect()
    };
    TRANSCRIPT.scope(RefCell::default(), walking).await
}

/// Same scenario, seed, clock and calls: same bytes. The walk through the certificates, which the
/// test makes anew each time, is left out; headers are, for they hold the machine's date.
#[tokio::test]
async fn the_same_calls_on_the_same_start_have_the_same_answers() {
    let start = async |seed: u64| {
        let scenario = format!("clock: {{ start: 2030-01-01T00:00:00Z, frozen: true }}{SCENARIO}");
        let scenario = Scenario::parse(&scenario).unwrap();
        transcript(Pod::built(MockPod::builder().scenario(scenario).seed(seed)).await).await
    };
    let (one, other) = (start(7).await, start(7).await);
    assert!(one.len() > 200, "{} answers", one.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
    assert_ne!(start(8).await, one);
}

/// A reset begins anew, and so does every named pod.
#[tokio::test]
async fn resets_and_named_pods_begin_with_the_clock_of_the_start() {
    let at = "2030-01-01T00:00:00Z".parse().unwrap();
    let pod = Pod::built(MockPod::builder().clock(Clock::frozen_at(at)).seed(7)).await;
    let said = || pod.user("alice").send("Test Room", "hello").unwrap();
    let first = said();
    pod.clock().advance(std::time::Duration::from_secs(60));
    pod.clock().run();
    let named = pod.named("later").unwrap();
    assert!(named.clock().now() == at && named.clock().is_frozen());
    pod.reset();
    assert_eq!(said(), first);

    let running = Pod::built(MockPod::builder().clock(Clock::running_from(at))).await;
    running.clock().freeze();
    running.clock().advance(std::time::Duration::from_secs(86_400));
    let named = running.named("later").unwrap();
    running.reset();
    for clock in [running.clock(), named.clock()] {
        assert!(!clock.is_frozen() && clock.now() >= at);
        assert!(clock.now() < at.plus(std::time::Duration::from_secs(3_600)));
    }
    // A document that replaces the pod may set its clock; one that is added to it may not.
    let document = json!({ "clock": { "start": "2031-01-01T00:00:00Z", "frozen": true } });
    let control = pod.control();
    let refused = control.post("/_mock/scenario").json(&document).send().await.assert_status(400);
    assert_eq!(refused.json()["field"], "clock");
    let replaced = control.request(Method::PUT, "/_mock/scenario").json(&document).send().await;
    replaced.assert_status(200);
    assert_eq!(control.get("/_mock/clock").send().await.json()["iso"], "2031-01-01T00:00:00.000Z");
}

async fn logins(walk: &Walk) {
    let bot = walk.pod.client("bot");
    for service in ["sessionauth", "keyauth"] {
        let token = bot.post(&format!("/{service}/v1/authenticate")).send().await.token();
        let logout = bot.post(&format!("/{service}/v1/logout")).session(&token);
        succeed(logout.send().await);
    }
    for service in ["login", "relay"] {
        let login = walk.pod.anonymous().post(&format!("/{service}/pubkey/authenticate"));
        login.json(&walk.jwt("bot")).send().await.token();
    }
    for version in ["v1", "v2"] {
        walk.get(&format!("/pod/{version}/sessioninfo")).await;
    }
}

async fn apps(walk: &Walk) {
    let (anyone, app) = (walk.pod.anonymous(), walk.pod.client("app"));
    let by_key = anyone.post("/login/pubkey/app/authenticate").json(&walk.jwt("app")).send().await;
    let by_key = by_key.token();
    let by_certificate = app.post("/sessionauth/v1/app/authenticate").send().await.token();
    for (client, service, token) in
        [(&anyone, "login/pubkey", by_key), (&app, "sessionauth/v1", by_certificate)]
    {
        for who in [format!("user/{ALICE}"), "username/alice".into()] {
            let login = client.post(&format!("/{service}/app/{who}/authenticate"));
            succeed(login.session(&token).send().await);
        }
    }
    let token = app.post("/sessionauth/v1/app/authenticate").send().await.token();
    let users = walk.pod.anonymous().get("/v5/users/apps/app?installed=true&sort=userId");
    succeed(users.session(&token).send().await);
    let jwt = walk.jwt("app")["token"].clone();
    let body = json!({ "appToken": "Ta", "authToken": jwt });
    let extension = "/login/v1/pubkey/app/authenticate/extensionApp";
    succeed(anyone.post(extension).json(&body).send().await);
    let body = json!({ "appToken": "Ta" });
    let extension = app.post("/sessionauth/v1/authenticate/extensionApp").json(&body);
    succeed(extension.send().await);
    succeed(anyone.get("/pod/v1/podcert").send().await);
    succeed(app.get("/sessionauth/v1/app/pod/certificate").send().await);
}

async fn tokens_and_sessions(walk: &Walk) {
    walk.post("/login/idm/tokens?scope=", Value::Null).await;
    walk.get("/login/idm/keys").await;
    walk.pod.log_in("bot2").await;
    let sessions = format!("/pod/v1/users/{BOT2}/sessions");
    let listed = walk.get(&sessions).await;
    let session = text(&listed["sessions"][0]["sessionId"]);
    walk.post(&format!("{sessions}/{session}/logout"), Value::Null).await;
    walk.post(&format!("{sessions}/logout"), Value::Null).await;
}

async fn health(walk: &Walk) {
    for path in [
        "/agent/v1/info",
        "/agent/v3/health",
        "/agent/v3/health/extended",
        "/agent/v1/HealthCheck",
        "/agent/v2/HealthCheck",
    ] {
        walk.get(path).await;
    }
    succeed(walk.pod.anonymous().get("/pod/v1/languages").send().await);
    for operation in ["echo", "obsolete"] {
        let path = format!("/agent/v1/util/{operation}");
        walk.post(&path, json!({ "message": "Hello" })).await;
    }
}

async fn accounts(walk: &Walk) {
    let old = json!({
        "userAttributes": { "userName": "old", "firstName": "Old", "lastName": "Way" },
        "password": { "hSalt": "s", "hPassword": "p", "khSalt": "s", "khPassword": "p" },
        "roles": ["INDIVIDUAL"],
    });
    walk.post("/pod/v1/admin/user/create", old).await;
    let new = json!({ "userAttributes": {
        "userName": "new", "accountType": "SYSTEM", "emailAddress": "new@mock.test",
        "userMetadata": { "desk": "FX" },
        "currentKey": { "key": walk.pod.identity("bot2").unwrap().rsa_public_pem().unwrap() },
    } });
    let created = walk.post("/pod/v2/admin/user/create", new).await;
    let id = &created["userSystemInfo"]["id"];
    for version in ["v1", "v2"] {
        let user = format!("/pod/{version}/admin/user/{id}");
        walk.post(&format!("{user}/update"), json!({ "title": "Chief" })).await;
        walk.get(&user).await;
    }
    for version in ["v1", "v2", "v3"] {
        walk.get(&format!("/pod/{version}/admin/user/list")).await;
    }
    walk.post("/pod/v1/admin/user/find", json!({ "role": "INDIVIDUAL" })).await;
    let user = format!("/pod/v1/admin/user/{id}");
    walk.get(&format!("{user}/status")).await;
    walk.post(&format!("{user}/status/update"), json!({ "status": "DISABLED" })).await;
    let suspension = json!({ "suspended": true, "suspensionReason": "leave" });
    walk.call(Method::PUT, &format!("{user}/suspension/update"), suspension).await;
    walk.get(&format!("/pod/v2/admin/user/{id}")).await;
    walk.get("/pod/v1/admin/system/roles/list").await;
    for change in ["add", "remove"] {
        let path = format!("{user}/roles/{change}");
        walk.post(&path, json!({ "id": "CONTENT_MANAGEMENT" })).await;
    }
}

async fn features(walk: &Walk) {
    walk.get("/pod/v1/admin/system/features/list").await;
    let features = format!("/pod/v1/admin/user/{BOT2}/features");
    let change = json!([{ "entitlment": "canUpdateMessage", "enabled": false }]);
    walk.post(&format!("{features}/update"), change).await;
    walk.get(&features).await;
    walk.get("/pod/v3/admin/user/list?includeFeatures=true").await;
}

async fn app_administration(walk: &Walk) {
    let detail = json!({
        "applicationInfo": {
            "appId": "new-app", "name": "New App", "appUrl": "https://apps.mock.test/new",
            "domain": "mock.test", "publisher": "Somebody",
        },
        "iconUrl": "https://mock.test/icon.png",
        "description": "an app",
        "allowOrigins": "mock.test",
        "permissions": ["ACT_AS_USER", "SEND_MESSAGES"],
        "notification": { "url": "https://mock.test/callback", "apiKey": "key" },
        "properties": [{ "key": "port", "value": "4000" }],
        "authenticationKeys": {
            "current": { "key": walk.pod.identity("app").unwrap().rsa_public_pem().unwrap() },
        },
    });
    walk.post("/pod/v1/admin/app/create", detail).await;
    let app = "/pod/v1/admin/app/new-app";
    walk.post(&format!("{app}/update"), json!({ "description": "better" })).await;
    walk.get(&format!("{app}/get")).await;
    let everybody = "/pod/v1/admin/app/entitlement/list".to_owned();
    let of_alice = format!("/pod/v1/admin/user/{ALICE}/app/entitlement/list");
    let pod_wide = json!([{
        "appId": "new-app", "appName": "New App", "enable": true, "listed": true, "install": true,
    }]);
    let hers = json!([{ "appId": "new-app", "listed": true, "install": false }]);
    for (path, entitlements) in [(&everybody, pod_wide), (&of_alice, hers)] {
        walk.post(path, entitlements).await;
        walk.get(path).await;
    }
    let patch = json!([{ "appId": "new-app", "listed": "KEEP", "install": "TRUE" }]);
    walk.call(Method::PATCH, &of_alice, patch).await;
    walk.post(&format!("{app}/delete"), Value::Null).await;
}

async fn certificates(walk: &Walk) {
    let upload = |pem: &str| {
        json!({ "pem": pem, "attributes": {
            "name": "mine", "type": { "type": "USER" }, "status": { "type": "KNOWN" },
        } })
    };
    let expired = walk.pod.certificates().issue_defective("bot", Defect::Expired).unwrap();
    walk.post("/pod/v1/companycert/create", upload(expired.certificate_pem())).await;
    let mine = walk.pod.identity("bot").unwrap();
    let created = walk.post("/pod/v2/companycert/create", upload(mine.certificate_pem())).await;
    let fingerprint = text(&created["companyCertInfo"]["fingerPrint"]);
    walk.get("/pod/v1/companycert/list").await;
    let own = walk.get("/pod/v1/companycert/podmanaged/list").await;
    walk.post("/pod/v1/companycert/type/list", json!([{ "type": "USER" }])).await;
    let certificate = format!("/pod/v1/companycert/{fingerprint}");
    walk.get(&format!("{certificate}/get")).await;
    let change = json!({ "status": { "type": "TRUSTED" } });
    walk.post(&format!("{certificate}/update"), change).await;
    let authority = text(&own[0]["companyCertInfo"]["fingerPrint"]);
    walk.get(&format!("/pod/v1/companycert/{authority}/issuedBy")).await;
    walk.post("/pod/v1/companycert/delete", json!({ "id": fingerprint })).await;
}

async fn users(walk: &Walk) {
    walk.get("/pod/v1/user?email=alice@mock.test").await;
    walk.get("/pod/v1/user/name/alice/get").await;
    walk.get("/pod/v2/user?username=alice&local=true").await;
    walk.get(&format!("/pod/v3/users?uid={ALICE},{BOT},{CAROL},1")).await;
    walk.post("/pod/v1/user/search", json!({ "query": "alice" })).await;
}

/// What is known of users beyond their accounts.
async fn about_users(walk: &Walk) {
    let picture = json!({ "image": STANDARD.encode(PNG) });
    walk.post(&format!("/pod/v1/admin/user/{BOT}/avatar/update"), picture).await;
    walk.get(&format!("/pod/v1/admin/user/{BOT}/avatar")).await;
    walk.get(&format!("/pod/v2/admin/user/{BOT}")).await;
    let delegate = json!({ "userId": ALICE, "action": "ADD" });
    walk.post(&format!("/pod/v1/admin/user/{BOB}/delegates/update"), delegate).await;
    walk.get(&format!("/pod/v1/admin/user/{BOB}/delegates")).await;

    let disclaimer = walk.get("/pod/v1/admin/disclaimer/list").await[0]["id"].clone();
    let of_bob = format!("/pod/v1/admin/user/{BOB}/disclaimer");
    walk.post(&format!("{of_bob}/update"), json!({ "id": disclaimer })).await;
    walk.get(&of_bob).await;
    let disclaimer = format!("/pod/v1/admin/disclaimer/{}", text(&disclaimer));
    walk.get(&disclaimer).await;
    walk.get(&format!("{disclaimer}/users")).await;
    walk.call(Method::DELETE, &of_bob, Value::Null).await;

    let followers = json!({ "followers": [BOB, BOT] });
    walk.post(&format!("/pod/v1/user/{ALICE}/follow"), followers.clone()).await;
    walk.get(&format!("/pod/v1/user/{ALICE}/followers?limit=1")).await;
    walk.get(&format!("/pod/v1/user/{BOB}/following")).await;
    walk.post(&format!("/pod/v1/user/{ALICE}/unfollow"), followers).await;

    let manifest = json!({ "manifest": r#"{"commands": []}"# });
    walk.post("/pod/v1/user/manifest/own", manifest).await;
    walk.get("/pod/v1/user/manifest/own").await;
}

async fn streams(walk: &Walk) {
    let im = text(&walk.post("/pod/v1/im/create", json!([ALICE])).await["id"]);
    walk.post("/pod/v1/admin/im/create", json!([ALICE, BOB])).await;
    let path = format!("/agent/v4/stream/{im}/message/create");
    let said = walk.submit(&path, &[part("message", "<messageML>Hello</messageML>")]).await;
    let pin = json!({ "pinnedMessageId": said["messageId"] });
    walk.post(&format!("/pod/v1/im/{im}/update"), pin).await;
    walk.get(&format!("/pod/v1/im/{im}/info")).await;
    walk.post(&format!("/pod/v1/admin/user/{ALICE}/streams/list"), json!({})).await;
    for version in ["v1", "v2"] {
        for stream in [&im, &walk.den] {
            walk.get(&format!("/pod/{version}/streams/{stream}/info")).await;
        }
        walk.post(&format!("/pod/{version}/admin/streams/list"), json!({})).await;
    }
}

async fn rooms(walk: &Walk) {
    let attributes = json!({
        "name": "First", "description": "a room", "keywords": [{ "key": "k", "value": "v" }],
        "membersCanInvite": true, "discoverable": true, "public": true, "readOnly": false,
        "copyProtected": false,
    });
    for version in ["v1", "v2", "v3"] {
        let mut attributes = attributes.clone();
        attributes["name"] = json!(format!("Room of {version}"));
        let body = match version {
            "v1" => json!({
                "roomAttributes": { "name": "Room of v1", "description": "a room" },
                "immutableRoomAttributes": { "public": false },
            }),
            _ => attributes,
        };
        let created = walk.post(&format!("/pod/{version}/room/create"), body).await;
        let id = text(&created["roomSystemInfo"]["id"]);
        let room = format!("/pod/{version}/room/{id}");
        walk.post(&format!("{room}/update"), json!({ "description": "the room" })).await;
        walk.get(&format!("{room}/info")).await;
        for (scope, active) in [("", false), ("", true), ("/admin", false), ("/admin", true)] {
            let path = format!("/pod/v1{scope}/room/{id}/setActive?active={active}");
            walk.post(&path, Value::Null).await;
        }
    }
    for version in ["v2", "v3"] {
        let criteria = json!({ "query": "room", "labels": ["v"] });
        walk.post(&format!("/pod/{version}/room/search"), criteria).await;
    }
}

async fn membership(walk: &Walk) {
    for scope in ["", "/admin"] {
        let room = format!("/pod/v1{scope}/room/{}/membership", walk.den);
        walk.post(&format!("{room}/add"), json!({ "id": BOT2 })).await;
        walk.get(&format!("{room}/list")).await;
        if scope.is_empty() {
            walk.post(&format!("{room}/promoteOwner"), json!({ "id": BOT2 })).await;
            walk.post(&format!("{room}/demoteOwner"), json!({ "id": BOT2 })).await;
        }
        walk.post(&format!("{room}/remove"), json!({ "id": BOT2 })).await;
    }
    walk.get(&format!("/pod/v2/room/{}/membership/list", walk.den)).await;
    walk.get(&format!("/pod/v1/admin/stream/{}/membership/list", walk.den)).await;
}

async fn groups(walk: &Walk) {
    let scope = "/login/idm/tokens?scope=profile-manager";
    let token = text(&walk.post(scope, Value::Null).await["access_token"]);
    let call = async |method: Method, path: &str, e_tag: &str, body: Value| {
        let path = format!("/profile-manager/v1/{path}");
        let request = walk.pod.anonymous().request(method, &path).header("If-Match", e_tag);
        succeed(request.header("Authorization", &token).json(&body).send().await)
    };
    let wish = json!({
        "type": "SDL", "ownerType": "TENANT", "ownerId": 1, "name": "Desk",
        "profile": { "displayName": "Desk", "email": "desk@mock.test", "function": ["Trading"] },
        "members": [{ "memberId": ALICE, "memberTenant": 1 }],
        "visibilityRestriction": { "restrictedTenantsList": [2] },
        "implicitConnection": { "connectedUsersList": [BOB] },
        "interactionTransfer": { "restrictedUsersList": [BOB] },
    });
    let made = call(Method::POST, "groups", "", wish.clone()).await;
    let group = format!("groups/{}", text(&made["id"]));
    call(Method::PUT, &group, &text(&made["eTag"]), wish).await;
    let member = json!({ "member": { "memberId": BOB, "memberTenant": 1 } });
    call(Method::POST, &format!("{group}/member"), "", member).await;
    let image = json!({ "image": "R0lGODlhAQABAAAAADs=" });
    call(Method::POST, &format!("{group}/avatar"), "", image).await;
    for path in [&group, "groups/type/SDL?limit=1", "types", "types/SDL"] {
        call(Method::GET, path, "", Value::Null).await;
    }
    let account = walk.get("/v1/groups/sdl/list").await[0]["groupId"].clone();
    walk.get(&format!("/v1/groups/sdl/{account}")).await;
    let den = &walk.den;
    let add = format!("/pod/v1/room/{den}/membership/add");
    walk.post(&add, json!({ "id": account })).await;
    walk.get(&format!("/pod/v3/room/{den}/info")).await;
    walk.get(&format!("/pod/v2/streams/{den}/info")).await;
    walk.get(&format!("/pod/v2/user?uid={account}")).await;
    for path in ["room", "stream"] {
        walk.get(&format!("/pod/v1/admin/{path}/{den}/membership/list")).await;
    }
    call(Method::DELETE, "groups/deleteAll", "", Value::Null).await;
}

async fn datafeeds(walk: &Walk) {
    let feed = text(&walk.post("/agent/v5/datafeeds", json!({})).await["id"]);
    walk.get("/agent/v5/datafeeds").await;
    let mut legacy = Vec::new();
    for version in ["v1", "v4"] {
        let create = format!("/agent/{version}/datafeed/create");
        legacy.push(text(&walk.post(&create, Value::Null).await["id"]));
    }
    let hose = json!({
        "type": "datahose", "tag": "all", "eventTypes": ["ROOMCREATED", "MESSAGESENT"],
    });
    walk.post("/agent/v5/events/read", hose.clone()).await;
    every_event(walk).await;
    walk.post("/agent/v5/events/read", hose).await;
    let mut ack = String::new();
    let mut told = Vec::new();
    loop {
        let read = format!("/agent/v5/datafeeds/{feed}/read");
        let batch = walk.post(&read, json!({ "ackId": ack })).await;
        let events = batch["events"].as_array().expect("events");
        if events.is_empty() {
            break;
        }
        told.extend(events.iter().map(|event| text(&event["type"])));
        ack = text(&batch["ackId"]);
    }
    told.sort();
    told.dedup();
    assert_eq!(
        told,
        [
            "CONNECTIONACCEPTED",
            "CONNECTIONREQUESTED",
            "GENERICSYSTEMEVENT",
            "INSTANTMESSAGECREATED",
            "MESSAGESENT",
            "MESSAGESUPPRESSED",
            "ROOMCREATED",
            "ROOMDEACTIVATED",
            "ROOMMEMBERDEMOTEDFROMOWNER",
            "ROOMMEMBERPROMOTEDTOOWNER",
            "ROOMREACTIVATED",
            "ROOMUPDATED",
            "SYMPHONYELEMENTSACTION",
            "USERJOINEDROOM",
            "USERLEFTROOM",
            "USERREQUESTEDTOJOINROOM",
        ]
    );
    walk.get(&format!("/agent/v4/datafeed/{}/read?limit=100", legacy[1])).await;
    walk.get(&format!("/agent/v1/datafeed/{}/read?maxMessages=100", legacy[0])).await;
    every_event(walk).await;
    walk.get(&format!("/agent/v2/datafeed/{}/read?maxMessages=100", legacy[0])).await;
    walk.call(Method::DELETE, &format!("/agent/v5/datafeeds/{feed}"), Value::Null).await;
}

/// Whatever a feed can tell of happens.
async fn every_event(walk: &Walk) {
    // A clock that stands still would call all rooms the same.
    walk.pod.clock().advance(std::time::Duration::from_millis(1));
    const FORM: &str = r#"<messageML><form id="order"><text-field name="ticker"/>
        <button name="buy" type="action">Buy</button></form></messageML>"#;
    let room = json!({
        "name": format!("Room of {}", walk.pod.clock().now().as_millis()),
        "description": "told of", "public": true, "keywords": [{ "key": "k", "value": "v" }],
    });
    let room = walk.post("/pod/v3/room/create", room).await;
    let room = text(&room["roomSystemInfo"]["id"]);
    walk.post(&format!("/pod/v3/room/{room}/update"), json!({ "description": "new" })).await;
    for change in ["add", "promoteOwner", "demoteOwner", "remove"] {
        let path = format!("/pod/v1/room/{room}/membership/{change}");
        walk.post(&path, json!({ "id": ALICE })).await;
    }
    let emitted = json!({
        "stream": room, "sourceSystem": "mock", "eventSubtype": "CREATED", "parameters": { "a": "b" },
    });
    let emit = walk.pod.control().post("/_mock/system-events").json(&emitted);
    emit.send().await.assert_status(200);
    for active in [false, true] {
        let path = format!("/pod/v1/room/{room}/setActive?active={active}");
        walk.post(&path, Value::Null).await;
    }
    walk.does("bob", "requests-to-join", json!({ "stream": room })).await;
    walk.post("/pod/v1/im/create", json!([BOT2])).await;
    walk.post("/pod/v1/connection/create", json!({ "userId": CAROL })).await;
    walk.does("carol", "connections", json!({ "with": "bot", "action": "accept" })).await;
    walk.post(&format!("/pod/v1/connection/user/{CAROL}/remove"), Value::Null).await;

    let create = format!("/agent/v4/stream/{}/message/create", walk.den);
    let parts = [
        part("message", "<messageML><mention uid=\"68719476739\"/> <hash tag=\"a\"/></messageML>"),
        file("attachment", "a.txt", "text/plain", b"one"),
    ];
    let said = walk.submit(&create, &parts).await;
    let answer = json!({ "stream": walk.den, "message": "Aha", "replyTo": said["messageId"] });
    walk.does("alice", "messages", answer).await;
    let id = text(&said["messageId"]);
    let suppress = format!("/pod/v1/admin/messagesuppression/{id}/suppress");
    walk.post(&suppress, Value::Null).await;
    let form = walk.submit(&create, &[part("message", FORM)]).await;
    let filled = json!({
        "message": form["messageId"], "form": "order", "button": "buy", "values": { "ticker": "A" },
    });
    walk.does("alice", "forms", filled).await;
}

async fn messages(walk: &Walk) {
    let den = &walk.den;
    for version in ["v1", "v2"] {
        let path = format!("/agent/{version}/stream/{den}/message/create");
        walk.post(&path, json!({ "format": "TEXT", "message": "Hello" })).await;
    }
    let hello = part("message", "<messageML>Hello <b>world</b></messageML>");
    let path = format!("/agent/v3/stream/{den}/message/create");
    walk.post(&path, json!({ "message": "<messageML>Hello</messageML>" })).await;
    let said = walk.submit(&format!("/agent/v4/stream/{den}/message/create"), &[hello]).await;
    let id = text(&said["messageId"]);
    let better = part("message", "<messageML>Hello <i>all</i></messageML>");
    let path = format!("/agent/v4/stream/{den}/message/{id}/update");
    let updated = walk.submit(&path, &[better]).await;
    let im = text(&walk.post("/pod/v1/im/create", json!([ALICE])).await["id"]);
    let all = part("message", "<messageML>All</messageML>");
    let sids = part("sids", &format!("{den},{im},{}", "A".repeat(34)));
    walk.submit("/agent/v4/message/blast", &[all, sids]).await;
    for id in [&said["messageId"], &updated["messageId"]] {
        walk.get(&format!("/agent/v1/message/{}", text(id))).await;
    }
    for version in ["v1", "v2", "v4"] {
        walk.get(&format!("/agent/{version}/stream/{den}/message?since=0")).await;
    }
    let found = format!("/agent/v1/message/search?query=streamId:{den}");
    walk.get(&found).await;
    walk.post("/agent/v1/message/search", json!({ "streamId": den, "text": "hello" })).await;
    let about = json!({ "text": "hello", "threadId": den });
    walk.post("/agent/v4/message/search/semantic", about).await;
    let old = json!({
        "message": "<messageML>Long ago</messageML>", "streamId": den,
        "intendedMessageTimestamp": 1, "intendedMessageFromUserId": ALICE,
        "originatingSystemId": "fooChat", "format": "MESSAGEML",
    });
    let mut bad = old.clone();
    bad["originalMessageId"] = json!("m-1");
    bad["streamId"] = json!("nowhere");
    for version in ["v1", "v2", "v4"] {
        walk.post(&format!("/agent/{version}/message/import"), json!([old, bad])).await;
    }
    let article = json!({ "type": "com.symphony.sharing.article", "content": {
        "title": "Costs", "author": "A. Author", "publisher": "The Paper", "appId": "app",
        "articleUrl": "https://paper.example/1",
    } });
    for version in ["v1", "v3"] {
        walk.post(&format!("/agent/{version}/stream/{den}/share"), article.clone()).await;
    }
}

async fn attachments(walk: &Walk) {
    let den = &walk.den;
    for version in ["v1", "v3"] {
        let path = format!("/agent/{version}/stream/{den}/attachment/create");
        walk.submit(&path, &[file("file", "report.txt", "text/plain", b"report")]).await;
    }
    let parts = [
        part("message", "<messageML>See here</messageML>"),
        file("attachment", "a.png", "image/png", PNG),
        file("preview", "preview-a.png", "image/png", PNG),
    ];
    let said = walk.submit(&format!("/agent/v4/stream/{den}/message/create"), &parts).await;
    let (message, id) = (text(&said["messageId"]), text(&said["attachments"][0]["id"]));
    let path = format!("/agent/v1/stream/{den}/attachment?messageId={message}&fileId={id}");
    walk.get(&path).await;
    walk.get(&format!("/pod/v1/streams/{den}/attachments")).await;
}

async fn system_settings(walk: &Walk) {
    walk.get("/pod/v1/files/allowedTypes").await;
    let extensions = "/pod/file_ext/v1/allowed_extensions";
    let log = json!({ "extension": ".log" });
    walk.call(Method::PUT, &format!("{extensions}/log"), log).await;
    walk.get(&format!("{extensions}?limit=3")).await;
    walk.call(Method::DELETE, &format!("{extensions}/log"), Value::Null).await;
    let protocols = "/pod/v1/admin/system/protocols";
    walk.post(protocols, json!({ "scheme": "skype" })).await;
    walk.get(&format!("{protocols}/list")).await;
    walk.get("/pod/v2/system/protocols").await;
    walk.call(Method::DELETE, &format!("{protocols}/skype"), Value::Null).await;
    let sso = "/pod/v1/admin/sso/configuration";
    walk.get(sso).await;
    walk.post(sso, json!({ "idpEntityId": "https://idp.mock.test/metadata" })).await;
    walk.call(Method::PATCH, sso, json!({ "forceAuthn": true })).await;
}

async fn export_files(walk: &Walk) {
    let token = walk.post("/login/idm/tokens?scope=sym-files", Value::Null).await;
    let bearer = format!("Bearer {}", text(&token["access_token"]));
    for path in ["/files/v1/", "/files/v1/first", "/files/v1/first/metadata"] {
        let path = format!("{path}?type=ContentExport");
        let request = walk.pod.anonymous().get(&path).header("Authorization", &bearer);
        succeed(request.send().await);
    }
    let typeless = walk.pod.anonymous().get("/files/v1/first/metadata");
    typeless.header("Authorization", &bearer).send().await.assert_status(400);
}

async fn community_connect(walk: &Walk) {
    let token = walk.pod.control().post("/_mock/partners/terminal/token").send().await.json();
    let bearer = format!("Bearer {}", text(&token["access_token"]));
    let call = async |method: Method, path: &str, body: Value| {
        let path = format!("/connect-service/v1/{path}");
        let request = walk.pod.anonymous().request(method, &path).json(&body);
        request.header("Authorization", &bearer).send().await
    };
    let james = "james@acme.example";
    let tenant = format!("onboarding/tenant?email={james}");
    succeed(call(Method::GET, &tenant, Value::Null).await);
    let user = json!({ "firstName": "James", "lastName": "Smith", "email": james });
    let users = json!({ "companyName": "ACME", "users": [user] });
    let brought = succeed(call(Method::POST, "channelco/user", users).await);
    let company = text(&brought["companyId"]);
    let path = format!("channelco/company/{company}/user/{}", brought["success"][0]["userId"]);
    let by_email = format!("channelco/user?email={james}");
    succeed(call(Method::GET, &by_email, Value::Null).await);
    succeed(call(Method::GET, &path, Value::Null).await);
    succeed(call(Method::PUT, &path, json!({ "firstName": "Jim" })).await);
    let role = json!({ "id": "COMPLIANCE_OFFICER" });
    succeed(call(Method::POST, &format!("{path}/roles/add"), role).await);
    succeed(call(Method::DELETE, &path, Value::Null).await);
    let nobody = "onboarding/tenant?email=nobody";
    call(Method::GET, nobody, Value::Null).await.assert_status(400);
}

async fn barriers(walk: &Walk) {
    let groups = walk.get("/pod/v1/admin/group/list").await;
    let group = format!("/pod/v1/admin/group/{}/membership", text(&groups[0]["id"]));
    walk.post(&format!("{group}/add"), json!([CAROL, ALICE])).await;
    walk.get(&format!("{group}/list?limit=1")).await;
    walk.post(&format!("{group}/remove"), json!([ALICE])).await;
    walk.get("/pod/v1/admin/policy/list").await;
}

async fn signals(walk: &Walk) {
    let gold = json!({ "name": "Gold", "query": "HASHTAG:gold", "visibleOnProfile": true });
    let signal = walk.post("/agent/v1/signals/create", gold.clone()).await;
    let signal = format!("/agent/v1/signals/{}", text(&signal["id"]));
    walk.get("/agent/v1/signals/list").await;
    walk.get(&format!("{signal}/get")).await;
    walk.post(&format!("{signal}/update"), gold).await;
    walk.post(&format!("{signal}/subscribe?pushed=true"), json!([ALICE, 17])).await;
    walk.get(&format!("{signal}/subscribers?limit=1")).await;
    walk.post(&format!("{signal}/unsubscribe"), json!([ALICE])).await;
    walk.post(&format!("{signal}/delete"), Value::Null).await;
}

async fn dlp(walk: &Walk) {
    let dictionaries = "/agent/v1/dlp/dictionaries";
    let made = walk.post(dictionaries, json!({ "name": "Clients", "type": "Word" })).await;
    let id = text(&made["data"]["dictRef"]["dictId"]);
    let dictionary = format!("{dictionaries}/{id}");
    let content = [file("data", "terms.txt", "text/plain", b"Acme")];
    walk.submit(&format!("{dictionary}/data/upload"), &content).await;
    walk.get(&format!("{dictionary}/data/download")).await;
    walk.get(&dictionary).await;
    walk.get(dictionaries).await;
    walk.call(Method::PUT, &dictionary, json!({ "name": "Names" })).await;

    let v1 = json!({ "name": "Leaks", "contentTypes": ["Messages"], "dictionaryIds": [id],
        "scopes": ["Internal"], "type": "Block" });
    let named = json!({ "dictId": id, "name": "Names", "version": "1.2" });
    let rule = json!({ "type": "TEXT_MATCH", "name": "names", "textMatchConfig": {
        "dictionaries": [named], "applicableFileTypes": [] } });
    let v3 = json!({ "name": "Leaks 3", "scopes": ["External"], "appliesTo": [
        { "dataType": "Messages", "action": "LogOnly", "rules": [rule] },
    ] });
    for (policies, wish) in [("/agent/v1/dlp/policies", &v1), ("/agent/v3/dlp/policies", &v3)] {
        let made = walk.post(policies, wish.clone()).await;
        let policy = format!("{policies}/{}", text(&made["data"]["policyId"]));
        walk.get(policies).await;
        walk.get(&policy).await;
        for verb in ["enable", "disable"] {
            walk.post(&format!("{policy}/{verb}"), Value::Null).await;
        }
        if policies.contains("v1") {
            walk.call(Method::PUT, &policy, wish.clone()).await;
            walk.call(Method::DELETE, &policy, Value::Null).await;
        } else {
            walk.post(&format!("{policy}/update"), wish.clone()).await;
            walk.post(&format!("{policy}/delete"), Value::Null).await;
        }
    }
    violations(walk, &id).await;
    walk.call(Method::DELETE, &dictionary, Value::Null).await;
}

/// The dictionary has the word Acme.
async fn violations(walk: &Walk, dictionary: &str) {
    let policies = "/agent/v1/dlp/policies";
    let wish = json!({ "name": "Names", "dictionaryIds": [dictionary], "scopes": ["Internal"],
        "contentTypes": ["Messages", "RoomMeta", "SignalMeta"], "type": "Block" });
    let made = walk.post(policies, wish).await;
    let policy = format!("{policies}/{}", text(&made["data"]["policyId"]));
    walk.post(&format!("{policy}/enable"), Value::Null).await;
    let bot = walk.pod.anonymous();
    let refused = async |path: &str, body: Value| {
        bot.post(path).session(&walk.token).json(&body).send().await.assert_status(451);
    };
    let create = format!("/agent/v4/stream/{}/message/create", walk.den);
    let leak = [
        part("message", "<messageML>Acme</messageML>"),
        file("attachment", "a.txt", "text/plain", b"a"),
    ];
    let leak = form(bot.post(&create).session(&walk.token), &leak).send().await;
    leak.assert_status(451);
    let room = json!({ "name": "Acme", "description": "Acme", "public": false });
    refused("/pod/v3/room/create", room.clone()).await;
    refused(&format!("/pod/v3/room/{}/update", walk.den), room).await;
    let signal = json!({ "name": "Acme", "query": "HASHTAG:gold" });
    refused("/agent/v1/signals/create", signal).await;
    for version in ["v1", "v3"] {
        for what in ["message", "stream", "signal"] {
            walk.get(&format!("/agent/{version}/dlp/violations/{what}?startTime=1")).await;
        }
    }
    let found = walk.get("/agent/v3/dlp/violations/message?startTime=1").await;
    let found = &found["violations"][0];
    let encoded = |id: &Value| {
        text(id).replace('%', "%25").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
    };
    let (violation, file) = (
        encoded(&found["violation"]["enforcementEventID"]),
        encoded(&found["message"]["attachments"][0]["id"]),
    );
    let path = "/agent/v3/dlp/violation/attachment";
    let path = format!("{path}?violationId={violation}&fileId={file}");
    let file = bot.get(&path).session(&walk.token).send().await.assert_status(200);
    assert_eq!(file.body, "YQ==");
    let uploaded = json!({ "format": "TEXT", "message": "Acme" });
    for version in ["v1", "v2", "v3"] {
        let path = format!("/agent/{version}/stream/{}/message/create", walk.den);
        refused(&path, uploaded.clone()).await;
    }
    let article = json!({ "type": "com.symphony.sharing.article", "content": {
        "title": "Acme", "author": "A", "publisher": "P", "appId": "app",
        "articleUrl": "https://paper.example/1" } });
    for version in ["v1", "v3"] {
        refused(&format!("/agent/{version}/stream/{}/share", walk.den), article.clone()).await;
    }
    walk.post(&format!("{policy}/disable"), Value::Null).await;
    walk.call(Method::DELETE, &policy, Value::Null).await;
}

async fn receipts(walk: &Walk) {
    let path = format!("/agent/v4/stream/{}/message/create", walk.den);
    let said = walk.submit(&path, &[part("message", "<messageML>Read me</messageML>")]).await;
    let id = text(&said["messageId"]);
    walk.does("alice", "reads", json!({ "message": id })).await;
    walk.does("bob", "reads", json!({ "message": id, "deliveredOnly": true })).await;
    let answer = json!({ "stream": walk.den, "message": "Done", "replyTo": id });
    walk.does("alice", "messages", answer).await;
    walk.get(&format!("/pod/v1/message/{id}/status")).await;
    walk.post("/pod/v1/admin/messages", json!({ "messageIds": [id] })).await;
    walk.get(&format!("/pod/v1/admin/messages/{id}/receipts")).await;
    let relations = format!("/pod/v1/admin/messages/{id}/metadata/relationships");
    let relations = walk.pod.anonymous().get(&relations).session(&walk.token);
    succeed(relations.header("User-Agent", "test").send().await);
    walk.get(&format!("/pod/v2/admin/streams/{}/messageIds", walk.den)).await;
}

async fn presence(walk: &Walk) {
    for version in ["v1", "v2"] {
        let own = format!("/pod/{version}/user/presence");
        walk.post(&own, json!({ "category": "BUSY" })).await;
        walk.get(&own).await;
    }
    for version in ["v1", "v2", "v3"] {
        walk.get(&format!("/pod/{version}/user/{BOT}/presence")).await;
    }
    let hers = format!("/pod/v1/user/{ALICE}/presence");
    walk.post(&hers, json!({ "category": "AWAY" })).await;
    let hers = json!({ "category": "DO_NOT_DISTURB", "userId": ALICE });
    walk.post("/pod/v3/user/presence", hers).await;
    walk.get("/pod/v2/users/presence").await;
    walk.post("/pod/v1/user/presence/register", json!([ALICE])).await;
    let feed = text(&walk.post("/pod/v1/presence/feed/create", Value::Null).await["id"]);
    walk.post("/pod/v2/user/presence", json!({ "category": "AWAY" })).await;
    walk.get(&format!("/pod/v1/presence/feed/{feed}/read")).await;
    walk.post(&format!("/pod/v1/presence/feed/{feed}/delete"), Value::Null).await;
}

async fn connections(walk: &Walk) {
    walk.post("/pod/v1/connection/create", json!({ "userId": CAROL })).await;
    walk.get("/pod/v1/connection/list?status=ALL").await;
    walk.get(&format!("/pod/v1/connection/user/{CAROL}/info")).await;
    walk.post(&format!("/pod/v1/connection/user/{CAROL}/remove"), Value::Null).await;
    for verb in ["accept", "reject"] {
        walk.does("carol", "connections", json!({ "with": "bot", "action": "request" })).await;
        walk.post(&format!("/pod/v1/connection/{verb}"), json!({ "userId": CAROL })).await;
        walk.post(&format!("/pod/v1/connection/user/{CAROL}/remove"), Value::Null).await;
    }
}

/// What real pods answer although no file says so.
async fn audit_trail(walk: &Walk) {
    let yesterday = walk.pod.clock().now().as_millis() - 86_400_000;
    let trail = format!("/agent/v1/audittrail/privilegeduser?startTimestamp={yesterday}");
    walk.get(&format!("{trail}&limit=500")).await;
    walk.get(&format!("{trail}&limit=1&after=1")).await;
    for numbers in [true, false] {
        let change = json!({ "settings": { "auditTrailNumbers": numbers } });
        let control = walk.pod.control().post("/_mock/scenario").json(&change);
        control.send().await.assert_status(200);
        walk.get(&format!("{trail}&limit=1")).await;
    }
}

async fn errors_that_the_files_do_not_know(walk: &Walk) {
    let (anyone, nobody) = (walk.pod.anonymous(), walk.pod.client("nobody"));
    let settings = "logoutUnknownToken: 401, datafeedDeleteStatus: 204";
    let strict = Pod::with_settings(settings).await;
    anyone.get("/v5/users/apps/app").session("stolen").send().await.assert_status(401);
    for service in ["sessionauth", "keyauth"] {
        let login = nobody.post(&format!("/{service}/v1/authenticate"));
        login.send().await.assert_status(401);
        let logout = strict.client("bot").post(&format!("/{service}/v1/logout"));
        logout.session("stolen").send().await.assert_status(401);
    }
    for method in [Method::PUT, Method::DELETE] {
        let change = anyone.request(method, "/pod/file_ext/v1/allowed_extensions/log");
        change.session("stolen").send().await.assert_status(401);
    }
    let bot = strict.bot("bot").await;
    let feed = text(&bot.post("/agent/v5/datafeeds", &json!({})).await.json()["id"]);
    bot.delete(&format!("/agent/v5/datafeeds/{feed}")).await.assert_status(204);
    let app = walk.pod.client("app");
    let of_app = app.post("/sessionauth/v1/app/authenticate").send().await.token();
    anyone.get("/agent/v5/datafeeds").session(&of_app).send().await.assert_status(403);
    nobody.post("/sessionauth/v1/app/authenticate").send().await.assert_status(401);
    for who in [format!("user/{ALICE}"), "username/alice".into()] {
        let login = app.post(&format!("/sessionauth/v1/app/{who}/authenticate"));
        login.session("stolen").send().await.assert_status(401);
    }
    for path in [
        "/login/pubkey/authenticate",
        "/relay/pubkey/authenticate",
        "/login/pubkey/app/authenticate",
        "/login/pubkey/app/user/nobody/authenticate",
    ] {
        anyone.post(path).session(&walk.token).send().await.assert_status(400);
    }
    // Its refusal has details.
    let long = "/agent/v1/audittrail/privilegeduser?startTimestamp=1";
    anyone.get(long).session(&walk.token).send().await.assert_status(400);
    let none = format!("/pod/v1/users/{BOT2}/sessions/none/logout");
    anyone.post(&none).session(&walk.token).send().await.assert_status(404);

    let file = format!("/agent/v1/stream/{}/attachment", walk.den);
    for (token, status) in [(walk.token.as_str(), 400), ("stolen", 401)] {
        anyone.get(&file).session(token).send().await.assert_status(status);
    }
    let stranger = walk.pod.log_in("bot2").await;
    let query = format!("?messageId={}&fileId=x", walk.den[..32].to_owned() + "bQ");
    anyone.get(&format!("{file}{query}")).session(&stranger).send().await.assert_status(403);
    let terms = "/agent/v1/dlp/dictionaries/0/data/download";
    let flagged = "/agent/v3/dlp/violation/attachment";
    for (token, status) in [(walk.token.as_str(), 400), ("stolen", 401), (&stranger, 403)] {
        anyone.get(terms).session(token).send().await.assert_status(status);
        anyone.get(flagged).session(token).send().await.assert_status(status);
    }
    let flagged = format!("{flagged}?violationId=a&fileId=b");
    anyone.get(&flagged).session(&walk.token).send().await.assert_status(404);
    let echo = anyone.post("/agent/v1/util/echo").session(&walk.token);
    echo.body(vec![b' '; 4 << 20]).send().await.assert_status(413);
    let create = || anyone.post("/agent/v5/datafeeds").session(&walk.token).json(&json!({}));
    loop {
        let answer = create().send().await;
        if answer.status != 201 {
            answer.assert_status(403);
            break;
        }
    }
}
