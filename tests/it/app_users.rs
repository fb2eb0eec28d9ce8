//! Who has an app, as the app itself may ask.

use serde_json::{Value, json};

use crate::pod::{Answer, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
users:
  - { username: bot, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: alice }
  - { username: bob }
  - { username: gone, enabled: false }
  - { username: carol, pod: 2 }
  - { username: dave }
apps:
  - id: app
    installed: { bob: false }
    listed: { dave: false }
    products: { dave: [{ name: Gold, type: premium, subscribed: true }] }
  - { id: other }
";

const ALICE: u64 = 1 << 36 | 2;
const BOB: u64 = 1 << 36 | 3;
const DAVE: u64 = 1 << 36 | 5;

async fn app_session(pod: &Pod, app: &str) -> String {
    pod.client(app).post("/sessionauth/v1/app/authenticate").send().await.token()
}

async fn ask(pod: &Pod, token: &str, path: &str) -> Answer {
    pod.anonymous().get(&format!("/v5/users/apps/{path}")).session(token).send().await
}

fn ids(answer: &Value) -> Vec<u64> {
    let users = answer["users"].as_array().expect("users");
    users.iter().map(|user| user["userId"].as_u64().expect("an id")).collect()
}

#[tokio::test]
async fn an_app_hears_who_of_the_pods_people_has_it() {
    let pod = Pod::seeded(SCENARIO).await;
    let token = app_session(&pod, "app").await;
    let all = ask(&pod, &token, "app").await.assert_status(200).json();
    let standard = |subscribed: bool| json!({ "name": "Standard", "type": "default", "subscribed": subscribed });
    let expected = json!({
        "users": [
            { "userId": ALICE, "enable": true, "listed": true, "product": standard(true) },
            { "userId": BOB, "enable": false, "listed": true, "product": standard(false) },
            { "userId": DAVE, "enable": true, "listed": false,
              "product": { "name": "Gold", "type": "premium", "subscribed": true } },
        ],
        "page": {
            "size": 20, "number": 0, "totalElements": 3, "totalPages": 1, "first": true,
            "last": true, "hasNext": false, "hasPrevious": false,
            "sort": [{ "property": "userId", "direction": "ASC" }],
        },
    });
    assert_eq!(all, expected);

    let installed = ask(&pod, &token, "app?installed=true&size=100").await.json();
    assert_eq!(ids(&installed), [ALICE, DAVE]);
    assert_eq!(installed["page"]["size"], 100);

    // Whoever is given the app is among them from then on.
    let bot = pod.bot("bot").await;
    let entitlements = json!([{ "appId": "app", "listed": true, "install": true }]);
    let path = format!("/pod/v1/admin/user/{BOB}/app/entitlement/list");
    bot.post(&path, &entitlements).await.assert_status(200);
    let installed = ask(&pod, &token, "app?installed=true").await.json();
    assert_eq!(ids(&installed), [ALICE, BOB, DAVE]);
}

#[tokio::test]
async fn the_users_of_an_app_come_in_pages_and_in_the_order_that_is_asked_for() {
    let pod = Pod::seeded(SCENARIO).await;
    let token = app_session(&pod, "app").await;
    let page = async |query: &str| {
        ask(&pod, &token, &format!("app?{query}")).await.assert_status(200).json()
    };
    let first = page("page=0&size=2&sort=userId,desc").await;
    assert_eq!(ids(&first), [DAVE, BOB]);
    assert_eq!(first["page"]["hasNext"], true);
    assert_eq!(first["page"]["last"], false);
    assert_eq!(first["page"]["totalPages"], 2);
    let last = page("page=1&size=2&sort=userId,desc").await;
    assert_eq!(ids(&last), [ALICE]);
    assert_eq!((&last["page"]["last"], &last["page"]["hasPrevious"]), (&json!(true), &json!(true)));
    assert!(ids(&page("page=7&size=2").await).is_empty());

    let sorted = page("sort=listed&sort=userId,DESC").await;
    assert_eq!(ids(&sorted), [DAVE, BOB, ALICE]);
    let sort = json!([
        { "property": "listed", "direction": "ASC" },
        { "property": "userId", "direction": "DESC" },
    ]);
    assert_eq!(sorted["page"]["sort"], sort);
    assert_eq!(ids(&page("sort=enable,asc").await), [BOB, ALICE, DAVE]);

    for wrong in ["sort=name", "sort=userId,up", "page=-1", "size=0", "size=x", "installed=x"] {
        ask(&pod, &token, &format!("app?{wrong}")).await.assert_status(400);
    }
}

#[tokio::test]
async fn nobody_but_the_app_itself_is_told_who_has_it() {
    let pod = Pod::seeded(SCENARIO).await;
    let (app, other) = (app_session(&pod, "app").await, app_session(&pod, "other").await);
    ask(&pod, &other, "app").await.assert_status(403);
    ask(&pod, &pod.log_in("bot").await, "app").await.assert_status(403);
    ask(&pod, &app, "none").await.assert_error(404, "There is no such application");
    pod.anonymous().get("/v5/users/apps/app").send().await.assert_error(401, "Invalid session");
}
