//! What public reports tell of real pods, a test each.

use reqwest::Method;
use serde_json::{Value, json};

use crate::messages::Bot;
use crate::pod::{Answer, Pod};

const DEN: &str = "
    users:
      - { username: bot, accountType: SYSTEM }
      - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
      - { username: alice, displayName: Alice }
    rooms:
      - { name: Den, owners: [bot, alice] }
    apps: [{ id: app, permissions: [ACT_AS_USER, GET_BASIC_USER_INFO] }]";

async fn den(settings: &str) -> Pod {
    Pod::seeded(&format!("{DEN}\n    settings: {{ {settings} }}")).await
}

async fn merge(pod: &Pod, document: &str) {
    let merge = pod.control().post("/_mock/scenario").body(document.to_owned());
    merge.send().await.assert_status(200);
}

async fn dies(pod: &Pod, token: &str) {
    pod.session_info(token).await.assert_error(401, "Invalid session");
}

/// finos/symphony-bdk-python 295, mended by d5ece04: what the SDK sent for "not said" was taken for no.
#[tokio::test]
async fn update_presence_null_means_false() {
    let pod = den("datafeedLongPoll: 0s").await;
    let bot = Bot::of(&pod, "bot").await;
    let feed = bot.post("/agent/v5/datafeeds").send().await.assert_status(201).json();
    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let presence =
        async || bot.get("/pod/v2/user/presence").send().await.json()["category"].clone();
    let null = json!({ "ackId": "", "updatePresence": null });
    bot.post(&read).json(&null).send().await.assert_status(200);
    assert_eq!(presence().await, "OFFLINE");
    let hose = json!({
        "type": "datahose", "tag": "x", "eventTypes": ["MESSAGESENT"], "updatePresence": null,
    });
    bot.post("/agent/v5/events/read").json(&hose).send().await.assert_status(200);
    assert_eq!(presence().await, "OFFLINE");
    bot.post(&read).json(&json!({})).send().await.assert_status(200);
    assert_eq!(presence().await, "AVAILABLE");
}

/// finos/spring-bot#33: a client that knew no `sid` refused every message.
#[tokio::test]
async fn a_message_names_the_session_it_was_sent_in() {
    let pod = den("datafeedLongPoll: 0s").await;
    let bot = Bot::of(&pod, "bot").await;
    let again = Bot::of(&pod, "bot").await.turned_to(&bot.den);
    let feed = bot.post("/agent/v5/datafeeds").send().await.assert_status(201).json();
    let sent = [bot.say("one").await, bot.say("two").await, again.say("three").await];
    let sids: Vec<_> = sent.iter().map(|sent| sent["sid"].as_str().expect("a sid")).collect();
    assert_eq!(sids[0], sids[1]);
    assert_ne!(sids[0], sids[2]);
    let form: Vec<_> = sids[0].split('-').map(str::len).collect();
    assert_eq!(form, [8, 4, 4, 4, 12], "{}", sids[0]);
    let hello = json!({ "stream": bot.den, "message": "hello" });
    pod.control().post("/_mock/people/alice/messages").json(&hello).send().await.assert_status(200);
    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let read = bot.post(&read).json(&json!({})).send().await.assert_status(200).json();
    let heard = read["events"].as_array().unwrap().iter();
    let heard: Vec<_> =
        heard.map(|event| event["payload"]["messageSent"]["message"]["sid"].clone()).collect();
    assert_eq!(heard[..3], [sids[0], sids[1], sids[2]]);
    assert!(heard[3].is_string() && !sids.iter().any(|sid| heard[3] == *sid), "{read}");
}

#[tokio::test]
async fn people_have_lists_of_interests_and_accounts_a_creator() {
    let pod = den("").await;
    let admin = Bot::of(&pod, "admin").await;
    let list = admin.get("/pod/v2/admin/user/list").send().await.assert_status(200).json();
    for user in list.as_array().unwrap() {
        let is_person = user["userAttributes"]["accountType"] == "NORMAL";
        let expected = if is_person { json!([]) } else { Value::Null };
        assert_eq!(user["userAttributes"]["assetClasses"], expected, "{user}");
        assert_eq!(user["userAttributes"]["industries"], expected, "{user}");
        assert!(user["userSystemInfo"]["createdBy"].is_string(), "{user}");
        let id = &user["userSystemInfo"]["id"];
        let one = admin.get(&format!("/pod/v2/admin/user/{id}")).send().await.json();
        for unseen in ["features", "apps", "groups", "disclaimers"] {
            assert_eq!(one.get(unseen), None, "{one}");
        }
        assert!(one["avatar"].is_object(), "{one}");
    }
}

/// Agent 25.10: conversations with other networks, of which this pod has none.
#[tokio::test]
async fn a_datahose_takes_the_scope_federation() {
    let pod = den("datafeedLongPoll: 0s").await;
    let bot = Bot::of(&pod, "bot").await;
    let read = async |tag: &str, scopes: Value| {
        let hose = json!({
            "type": "datahose", "tag": tag, "scopes": scopes,
            "eventTypes": ["MESSAGESENT", "GENERICSYSTEMEVENT"],
        });
        let read = bot.post("/agent/v5/events/read").json(&hose).send().await;
        let events = read.assert_status(200).json()["events"].clone();
        let kinds = events.as_array().unwrap().iter().map(|event| event["type"].clone());
        kinds.collect::<Vec<_>>()
    };
    read("one", json!(["FEDERATION"])).await;
    read("two", json!(["FEDERATION", "INTERNAL"])).await;
    bot.say("Hello").await;
    let event = json!({ "stream": "Den", "sourceSystem": "calls", "eventSubtype": "begun" });
    pod.control().post("/_mock/system-events").json(&event).send().await.assert_status(200);
    assert_eq!(read("one", json!(["FEDERATION"])).await, Vec::<Value>::new());
    // GENERICSYSTEMEVENT came to the datahose with agent 26.3.
    let both = ["MESSAGESENT", "GENERICSYSTEMEVENT"];
    assert_eq!(read("two", json!(["FEDERATION", "INTERNAL"])).await, both);
}

/// The API files say 404 of presence, connections and the removal of a role, 204 of sessions, and of
/// all other operations on a user 400.
#[tokio::test]
async fn an_unknown_user_has_one_status_for_each_kind_of_operation() {
    let pod = den("").await;
    let admin = Bot::of(&pod, "admin").await;
    let unknown = (1_u64 << 36) | 999_999;
    let user = format!("/pod/v1/admin/user/{unknown}");
    let call = async |method: &str, path: &str, body: Value| -> Answer {
        let method: Method = method.parse().unwrap();
        let call = pod.anonymous().request(method, path).session(&admin.token);
        match body {
            Value::Null => call.send().await,
            body => call.json(&body).send().await,
        }
    };
    for (method, path, body, status) in [
        ("GET", format!("/pod/v2/admin/user/{unknown}"), Value::Null, 400),
        ("POST", format!("/pod/v2/admin/user/{unknown}/update"), json!({ "title": "x" }), 400),
        ("GET", format!("{user}/status"), Value::Null, 400),
        ("POST", format!("{user}/status/update"), json!({ "status": "ENABLED" }), 400),
        ("PUT", format!("{user}/suspension/update"), json!({ "suspended": true }), 400),
        ("GET", format!("{user}/features"), Value::Null, 400),
        ("POST", format!("{user}/features/update"), json!([]), 400),
        ("GET", format!("{user}/avatar"), Value::Null, 400),
        ("GET", format!("{user}/delegates"), Value::Null, 400),
        ("GET", format!("{user}/disclaimer"), Value::Null, 400),
        ("GET", format!("{user}/app/entitlement/list"), Value::Null, 400),
        ("POST", format!("{user}/streams/list"), json!({}), 400),
        ("POST", format!("{user}/roles/add"), json!({ "id": "INDIVIDUAL" }), 400),
        ("POST", format!("{user}/roles/remove"), json!({ "id": "INDIVIDUAL" }), 404),
        ("POST", "/pod/v1/im/create".into(), json!([unknown]), 400),
        ("GET", format!("/pod/v1/user/{unknown}/followers"), Value::Null, 400),
        ("GET", format!("/pod/v3/user/{unknown}/presence"), Value::Null, 404),
        ("POST", "/pod/v1/user/presence/register".into(), json!([unknown]), 404),
        ("POST", "/pod/v1/connection/create".into(), json!({ "userId": unknown }), 404),
        ("GET", format!("/pod/v1/connection/user/{unknown}/info"), Value::Null, 404),
        ("GET", format!("/pod/v1/users/{unknown}/sessions"), Value::Null, 204),
    ] {
        let answer = call(method, &path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    }
}

/// finos/symphony-bdk-python, tests/bdk/integration/e2e_test.py: every run makes this room.
#[tokio::test]
async fn new_fancy_room_can_be_made_on_every_run() {
    let pod = den("").await;
    let bot = Bot::of(&pod, "bot").await;
    let create = async |pod: &Pod, bot: &Bot, public: bool| {
        let room =
            json!({ "name": "New fancy room", "description": "test room", "public": public });
        let create = pod.anonymous().post("/pod/v3/room/create").session(&bot.token);
        create.json(&room).send().await
    };
    let mut ids = Vec::new();
    for _ in 0..2 {
        let room = create(&pod, &bot, false).await.assert_status(200).json();
        ids.push(room["roomSystemInfo"]["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
    create(&pod, &bot, true).await.assert_status(200);
    create(&pod, &bot, true).await.assert_status(400);
    // Such a pod can be told, and made of what it tells.
    let told = pod.control().get("/_mock/scenario").send().await.assert_status(200).body;
    let other = Pod::seeded(&told).await;
    let again = other.control().get("/_mock/scenario").send().await.assert_status(200).json();
    let rooms = again["rooms"].as_array().unwrap().iter();
    assert_eq!(rooms.filter(|room| room["name"] == "New fancy room").count(), 3);

    let pod = den("uniqueRoomNames: all").await;
    let bot = Bot::of(&pod, "bot").await;
    create(&pod, &bot, false).await.assert_status(200);
    create(&pod, &bot, false).await.assert_status(400);
}

#[tokio::test]
async fn an_account_that_a_document_disables_has_no_sessions_left() {
    let pod = den("").await;
    let bot = Bot::of(&pod, "bot").await;
    let app = pod.client("app").post("/sessionauth/v1/app/authenticate").send().await.token();
    let alice = pod.client("app").post("/sessionauth/v1/app/username/alice/authenticate");
    let alice = alice.session(&app).send().await.assert_status(200).json();
    let alice = alice["sessionToken"].as_str().unwrap();
    pod.session_info(alice).await.assert_status(200);
    merge(&pod, "{ users: [{ username: bot, enabled: false }] }").await;
    dies(&pod, &bot.token).await;
    pod.session_info(alice).await.assert_status(200);
    merge(&pod, "{ users: [{ username: alice, enabled: false }] }").await;
    dies(&pod, alice).await;
    // They stay dead when the account comes back.
    merge(&pod, "{ users: [{ username: bot, enabled: true }] }").await;
    dies(&pod, &bot.token).await;
    Bot::of(&pod, "bot").await.turned_to(&bot.den).say("back").await;
}

/// Whom an app may not act for is told nothing of certificates.
#[tokio::test]
async fn a_suspended_user_is_no_matter_of_common_names() {
    let pod = den("").await;
    let admin = Bot::of(&pod, "admin").await;
    let list = admin.get("/pod/v2/admin/user/list").send().await.json();
    let alice = list.as_array().unwrap().iter();
    let mut alice = alice.filter(|user| user["userAttributes"]["userName"] == "alice");
    let alice = alice.next().unwrap()["userSystemInfo"]["id"].clone();
    let suspend = format!("/pod/v1/admin/user/{alice}/suspension/update");
    let suspend = pod.anonymous().request(Method::PUT, &suspend).session(&admin.token);
    suspend.json(&json!({ "suspended": true })).send().await.assert_status(200);
    let app = pod.client("app").post("/sessionauth/v1/app/authenticate").send().await.token();
    for service in ["login/pubkey", "sessionauth/v1"] {
        let login = pod.client("app").post(&format!("/{service}/app/username/alice/authenticate"));
        login.session(&app).send().await.assert_error(401, "Unauthorized");
    }
}

#[tokio::test]
async fn a_feed_that_is_gone_tells_how_its_deletion_is_answered() {
    let pod = den("datafeedLongPoll: 0s").await;
    let bot = Bot::of(&pod, "bot").await;
    let read = bot.post("/agent/v5/datafeeds/none_f/read").json(&json!({}));
    read.send().await.assert_status(400);
    let why = pod.control().get("/_mock/why").send().await.assert_status(200).body;
    assert!(why.contains("datafeedDeleteStatus"), "{why}");
}

/// finos/symphony-bdk-java#890.
#[tokio::test]
async fn an_invisible_room_is_heard_by_feeds_that_ask_for_it() {
    let pod = Pod::seeded(
        "
        settings: { datafeedLongPoll: 0s }
        users: [{ username: bot, accountType: SYSTEM }, { username: alice }]
        rooms:
          - { name: Hidden, owners: [bot, alice], invisible: true }
          - { name: Seen, owners: [bot, alice] }",
    )
    .await;
    let bot = pod.bot("bot").await;
    let mut reads = Vec::new();
    for body in
        [json!({}), json!({ "includeInvisible": true }), json!({ "includeInvisible": false })]
    {
        let feed = bot.post("/agent/v5/datafeeds", &body).await.assert_status(201).json();
        reads.push(format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap()));
    }
    for room in ["Hidden", "Seen"] {
        pod.user("alice").send(room, "hello").expect("she can");
    }
    let mut heard = Vec::new();
    for read in reads {
        let events = bot.post(&read, &json!({})).await.assert_status(200).json();
        heard.push(events["events"].as_array().map(Vec::len).unwrap());
    }
    assert_eq!(heard, [1, 2, 1]);
}

/// The agent guide (symphony-developers-documentation, agent-deprecated-endpoints.md).
#[tokio::test]
async fn deprecated_operations_warn_or_are_gone() {
    const HEALTH: &str = "/agent/v1/HealthCheck";
    const DATAFEED: &str = "/agent/v4/datafeed/create";
    let pod = den("").await;
    let health = pod.anonymous().get(HEALTH).send().await.assert_status(200);
    assert_eq!(
        health.header("warning"),
        "299 symphony-agent 'The requested endpoint is deprecated. The endpoint that replaces it \
         is: /agent/v2/HealthCheck GET'"
    );
    let bot = Bot::of(&pod, "bot").await;
    let session = bot.get("/pod/v1/sessioninfo").send().await.assert_status(200);
    assert!(session.header("warning").ends_with("/pod/v2/sessioninfo GET'"));
    let session = bot.get("/pod/v2/sessioninfo").send().await.assert_status(200);
    assert!(!session.headers.contains_key("warning"));

    let pod = den("deprecatedOperations: silent").await;
    let health = pod.anonymous().get(HEALTH).send().await.assert_status(200);
    assert!(!health.headers.contains_key("warning"));

    let pod = den("deprecatedOperations: gone").await;
    let bot = Bot::of(&pod, "bot").await;
    let gone = pod.anonymous().get(HEALTH).send().await.assert_status(410).json();
    let message = "The requested endpoint is deprecated and can no longer be used. The endpoint \
                   that replaces it is: /agent/v2/HealthCheck GET";
    assert_eq!(gone, json!({ "message": message }));
    let obsolete = bot.post("/agent/v1/util/obsolete").json(&json!({ "message": "x" }));
    let obsolete = obsolete.send().await.assert_status(410).json();
    let message = "The requested endpoint is deprecated and can no longer be used.";
    assert_eq!(obsolete, json!({ "message": message }));
    // The pod has no such switch.
    bot.get("/pod/v1/sessioninfo").send().await.assert_status(200);

    let pod = den("datafeed1End: 2026-03-31T00:00:00Z").await;
    let bot = Bot::of(&pod, "bot").await;
    let set = async |to: &str| {
        let set = pod.control().post("/_mock/clock/set").json(&json!({ "to": to }));
        set.send().await.assert_status(200);
    };
    set("2026-03-30T23:59:59Z").await;
    let bot2 = Bot::of(&pod, "bot").await;
    bot2.post(DATAFEED).send().await.assert_status(200);
    set("2026-03-31T00:00:00Z").await;
    let gone = bot2.post(DATAFEED).send().await.assert_status(410).json();
    assert!(gone.to_string().contains("/agent/v5/datafeeds"), "{gone}");
    bot2.post("/agent/v5/datafeeds").send().await.assert_status(201);
    drop(bot);
}

/// finos/symphony-bdk-java#592: an account of a type that the SDK did not know ended its look-up.
#[tokio::test]
async fn an_account_may_have_a_type_and_roles_that_no_client_knows() {
    let pod = Pod::seeded(
        "settings: { otherAccountTypes: [GUEST], otherRoles: [NIGHT_WATCH] }
users:
  - { username: bot, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING, NIGHT_WATCH] }
  - { username: zoe, accountType: GUEST, roles: [NIGHT_WATCH] }
rooms: [{ name: Den, owners: [bot, zoe] }]",
    )
    .await;
    let bot = Bot::of(&pod, "bot").await;
    let zoe = "/pod/v3/users?username=zoe&local=true";
    let zoe =
        bot.get(zoe).beyond_the_files().send().await.assert_status(200).json()["users"][0].clone();
    assert_eq!((&zoe["accountType"], &zoe["roles"]), (&json!("GUEST"), &json!(["NIGHT_WATCH"])));

    let search = async |account_type: &str| {
        let wish = json!({ "filters": { "accountTypes": [account_type] } });
        let search = bot.post("/pod/v1/user/search?local=true").json(&wish);
        search.beyond_the_files().send().await
    };
    let found = search("GUEST").await.assert_status(200).json();
    assert_eq!(found["users"][0]["username"], "zoe");
    assert_eq!(found["count"], 1);
    search("GEUST").await.assert_status(400);

    let create = async |account_type: &str, role: &str| {
        let attributes = json!({
            "userName": "yan", "accountType": account_type, "displayName": "Yan",
            "emailAddress": "yan@mock.test", "firstName": "Yan", "lastName": "Li",
        });
        let wish = json!({ "userAttributes": attributes, "roles": [role] });
        bot.post("/pod/v2/admin/user/create").json(&wish).beyond_the_files().send().await
    };
    create("GUESST", "INDIVIDUAL").await.assert_status(400);
    create("GUEST", "NIGHT_WACH").await.assert_status(400);
    let yan = create("GUEST", "NIGHT_WATCH").await.assert_status(200).json();
    assert_eq!(yan["userAttributes"]["accountType"], "GUEST");
    let roles = bot.get("/pod/v1/admin/system/roles/list").send().await.assert_status(200).json();
    assert!(roles.as_array().unwrap().iter().any(|role| role["id"] == "NIGHT_WATCH"), "{roles}");

    // It is a person like others, and no bot.
    let hello = json!({ "stream": "Den", "message": "hello" });
    pod.control().post("/_mock/people/zoe/messages").json(&hello).send().await.assert_status(200);
    let told = pod.control().get("/_mock/scenario").send().await.assert_status(200).json();
    assert_eq!(told["users"][1]["accountType"], "GUEST", "{told}");
    let again = pod.control().request(Method::PUT, "/_mock/scenario").json(&told);
    again.send().await.assert_status(200);

    for (slip, at, near) in [
        ("accountType: SYSTM", "users[0].accountType", "SYSTEM"),
        ("accountType: system", "users[0].accountType", "SYSTEM"),
        ("accountType: GUESTS", "users[0].accountType", "GUEST"),
        ("roles: [NIGHTWATCH]", "users[0].roles[0]", "NIGHT_WATCH"),
    ] {
        let document = format!("users: [{{ username: xi, {slip} }}]");
        let refusal = pod.control().post("/_mock/scenario").body(document).send().await;
        let refusal = refusal.assert_status(400).json().to_string();
        assert!(refusal.contains(at) && refusal.contains(near), "{slip}: {refusal}");
    }
}

/// Symphony's reference data, which finos/messageml-utils asks for every `<tag/>`.
#[tokio::test]
async fn a_tag_finds_the_instrument_of_a_seed() {
    let pod = Pod::seeded(&format!(
        "{DEN}
    instruments:
      - {{ rootBbgCompTicker: IBM, uniqueId: EQ001, isin: US4592001014, fullBbgCompTicker: IBM LN Equity,
          countryCode: GB, bbgMarketSector: Equity, currency: GBP }}
      - {{ rootBbgCompTicker: IBM, uniqueId: EQ002, isin: US4592001014, fullBbgCompTicker: IBM US Equity,
          countryCode: US, bbgMarketSector: Equity, currency: USD, mainListing: true, usCode: '459200101' }}
      - {{ rootBbgCompTicker: BBOX, isin: GB0000000001, figiTicker: BBOX LN }}"
    ))
    .await;
    let bot = Bot::of(&pod, "bot").await;
    let tag = async |attributes: &str| {
        let sent = bot.say(&format!("<tag {attributes}/>")).await;
        let data: Value = serde_json::from_str(sent["data"].as_str().unwrap()).unwrap();
        let text = sent["message"].as_str().unwrap().to_owned();
        (text, data["tag1"].clone())
    };
    let listing = async |attributes: &str| tag(attributes).await.1["id"][1]["value"].clone();

    let (text, entity) = tag("isin=\"GB0000000001\"").await;
    assert!(text.contains("data-entity-id=\"tag1\">$BBOX</span>"), "{text}");
    assert_eq!(
        (&entity["type"], &entity["version"]),
        (&json!("org.symphonyoss.fin.security"), &json!("2.0"))
    );
    let ids = entity["id"].as_array().unwrap();
    assert_eq!(ids.len(), 17, "{entity}");
    let isin = json!({ "type": "org.symphonyoss.fin.security.id.isin", "value": "GB0000000001" });
    assert!(ids.contains(&isin), "{entity}");

    // The main listing, unless the tag says which.
    assert_eq!(listing("isin=\"US4592001014\"").await, "EQ002");
    assert_eq!(listing("isin=\"US4592001014\" country-code=\"GB\"").await, "EQ001");
    let london = "fullbbgcompticker=\"IBM LN Equity\" bbgmarket-sector=\"Equity\"";
    assert_eq!(listing(london).await, "EQ001");
    assert_eq!(listing(&format!("{london} return-main-listing=\"true\"")).await, "EQ002");
    assert_eq!(listing("us-code=\"459200101\"").await, "EQ002");

    let refused = async |attributes: &str| {
        let message = format!("<messageML><tag {attributes}/></messageML>");
        let refusal = bot.create(&[crate::messages::part("message", &message)]).await;
        let refusal = refusal.assert_status(400).json().to_string();
        assert!(refusal.contains("fallback-ticker"), "{refusal}");
    };
    refused("isin=\"XX0000000000\"").await;
    refused("isin=\"GB0000000001\" country-code=\"US\"").await;
    refused("country-code=\"US\"").await;
    let (text, entity) = tag("isin=\"XX0000000000\" fallback-ticker=\"XX\"").await;
    assert!(text.contains("$XX") && entity["version"] == "1.0", "{text} {entity}");

    // Known again by the surest code of the document.
    merge(&pod, "instruments: [{ rootBbgCompTicker: BBX, isin: GB0000000001 }]").await;
    merge(&pod, "instruments: [{ rootBbgCompTicker: IBM, uniqueId: EQ001, currency: EUR }]").await;
    assert!(tag("figi-ticker=\"BBOX LN\"").await.0.contains("$BBX"));
    let told = pod.control().get("/_mock/scenario").send().await.assert_status(200).json();
    let instruments = told["instruments"].as_array().unwrap();
    assert_eq!(instruments.len(), 3, "{told}");
    assert_eq!(instruments[0]["currency"], "EUR");
    assert_eq!(instruments[0]["isin"], "US4592001014");
    let again = pod.control().request(Method::PUT, "/_mock/scenario").json(&told);
    again.send().await.assert_status(200);
    let same =
        "instruments: [{ rootBbgCompTicker: A, figi: X }, { rootBbgCompTicker: B, figi: X }]";
    for (wrong, why) in [
        (same, "there already"),
        ("instruments: [{ rootBbgCompTicker: A }]", "uniqueId"),
        ("instruments: [{ rootBbgCompTicker: A, isni: X }]", "isni"),
        ("instruments: [{ rootBbgCompTicker: '', isin: X }]", "is empty"),
    ] {
        let whole = pod.control().request(Method::PUT, "/_mock/scenario").body(wrong);
        let refusal = whole.send().await.assert_status(400).json().to_string();
        assert!(refusal.contains(why), "{wrong}: {refusal}");
    }
}

/// What a document does not say of a thing that is there stays as it is, and what it says is done.
#[tokio::test]
async fn a_merged_document_changes_what_it_says_and_nothing_else() {
    let pod = Pod::seeded(
        "foreignPods: [{ id: 2, company: Other }]
users:
  - { username: bot, accountType: SYSTEM }
  - { username: alice }
  - { username: bob }
  - { username: zoe }
  - { username: carol, pod: 2 }
rooms: [{ name: Den, owners: [alice, bot], members: [bob], created: '-10d' }]
conversations: [{ members: [bot, alice] }, { members: [bot, bob] }]
connections: [{ from: carol, to: bot, status: PENDING, firstAsked: '-3d', updated: '-2d', asked: 4 }]",
    )
    .await;
    let told = async || {
        let told = pod.control().get("/_mock/scenario").send().await.assert_status(200).json();
        let part = |section: &str| told[section][0].clone();
        (part("connections"), part("rooms"), part("conversations"))
    };
    let (asked, ..) = told().await;
    // Nothing is said but who: all stays.
    merge(&pod, "connections: [{ from: carol, to: bot }]").await;
    assert_eq!(told().await.0, asked);
    merge(&pod, "connections: [{ from: carol, to: bot, status: ACCEPTED }]").await;
    let (accepted, ..) = told().await;
    assert_eq!(accepted["status"], "ACCEPTED");
    assert_eq!((&accepted["asked"], &accepted["firstAsked"]), (&json!(4), &asked["firstAsked"]));
    assert_ne!(accepted["updated"], asked["updated"]);

    let room = "rooms:
  - { name: Den, creator: bob, created: 2020-01-01T00:00:00Z, modified: 2020-02-02T00:00:00Z,
      pastMembers: [bot, { user: zoe, joined: 2020-01-15T00:00:00Z }] }";
    for _ in 0..2 {
        merge(&pod, room).await;
        let (_, den, _) = told().await;
        assert_eq!(den["creator"], "bob", "{den}");
        assert!(den["created"].as_str().unwrap().starts_with("2020-01-01"), "{den}");
        assert!(den["modified"].as_str().unwrap().starts_with("2020-02-02"), "{den}");
        let past = den["pastMembers"].as_array().unwrap();
        assert_eq!(past.len(), 2, "{den}");
        assert_eq!(den["owners"].as_array().unwrap().len(), 1, "{den}");
        assert_eq!(den["members"].as_array().unwrap().len(), 1, "{den}");
    }
    merge(&pod, "rooms: [{ name: Den, description: quiet }]").await;
    let (_, den, _) = told().await;
    assert_eq!((&den["creator"], &den["description"]), (&json!("bob"), &json!("quiet")));

    let chat = told().await.2["id"].as_str().unwrap().to_owned();
    let bot = Bot::of(&pod, "bot").await.turned_to(&chat);
    let say = async || {
        let part = crate::messages::part("message", "<messageML>hello</messageML>");
        bot.create(&[part]).await
    };
    say().await.assert_status(200);
    merge(&pod, "conversations: [{ members: [alice, bot], active: false }]").await;
    assert!(say().await.status >= 400);
    merge(&pod, "conversations: [{ members: [alice, bot] }]").await;
    assert!(say().await.status >= 400);
    merge(&pod, "conversations: [{ members: [alice, bot], active: true }]").await;
    say().await.assert_status(200);
}
