//! Finding users.

use serde_json::{Value, json};

use crate::pod::{Answer, Pod};

const BOT: u64 = 1 << 36 | 1;
const ALICE: u64 = 1 << 36 | 3;
const BOB: u64 = 1 << 36 | 4;
const CAROL: u64 = 2 << 36 | 1;

async fn ask(pod: &Pod, path: &str) -> Answer {
    pod.anonymous().get(path).session(&pod.log_in("bot").await).send().await
}

async fn search(pod: &Pod, query: &str, body: Value) -> Answer {
    let token = pod.log_in("bot").await;
    let path = format!("/pod/v1/user/search?{query}");
    pod.anonymous().post(&path).session(&token).json(&body).send().await
}

fn usernames(list: &Value) -> Vec<&str> {
    let users = list["users"].as_array().expect("a list of users");
    users.iter().map(|user| user["username"].as_str().expect("a username")).collect()
}

#[tokio::test]
async fn version_1_of_the_session_info_is_the_callers_id() {
    let pod = Pod::start().await;
    let info = ask(&pod, "/pod/v1/sessioninfo").await.assert_status(200);
    assert_eq!(info.json(), json!({ "userId": BOT }));
}

#[tokio::test]
async fn a_user_is_found_by_each_key_in_each_version() {
    let pod = Pod::start().await;
    let first = json!({ "id": ALICE, "emailAddress": "alice@mock-pod.example" });
    for path in ["/pod/v1/user?email=Alice@mock-pod.example", "/pod/v1/user/name/alice/get"] {
        assert_eq!(ask(&pod, path).await.assert_status(200).json(), first, "{path}");
    }
    for key in [format!("uid={ALICE}"), "email=alice@mock-pod.example".into()] {
        let user = ask(&pod, &format!("/pod/v2/user?{key}")).await.assert_status(200);
        assert_eq!(user.json()["displayName"], "Alice Adams", "{key}");
        let users = ask(&pod, &format!("/pod/v3/users?local=True&{key}")).await;
        assert_eq!(usernames(&users.assert_status(200).json()), ["alice"], "{key}");
    }
    let user = ask(&pod, "/pod/v2/user?username=alice&local=true").await.assert_status(200);
    assert_eq!(user.json()["id"], ALICE);
    let users = ask(&pod, "/pod/v3/users?username=bob,alice,bob&local=true").await;
    assert_eq!(usernames(&users.json()), ["bob", "alice"]);
}

#[tokio::test]
async fn a_foreign_user_is_in_the_directory_alone_and_keeps_his_details() {
    let pod = Pod::start().await;
    let path = format!("/pod/v3/users?uid={CAROL},{ALICE}");
    let both = ask(&pod, &path).await.assert_status(200).json();
    assert_eq!(usernames(&both), ["carol", "alice"]);
    assert!(both["users"][0].get("emailAddress").is_none(), "{both}");
    assert_eq!(both["users"][1]["location"], "London");
    let local = ask(&pod, &format!("{path}&local=true")).await.json();
    assert_eq!(usernames(&local), ["alice"]);
}

#[tokio::test]
async fn nobody_is_204_and_a_malformed_key_an_error_beside_the_others() {
    let pod = Pod::start().await;
    for path in [
        "/pod/v1/user?email=nobody@mock-pod.example",
        "/pod/v1/user/name/nobody/get",
        "/pod/v2/user?uid=68719476799",
        "/pod/v3/users?uid=68719476799",
    ] {
        let nobody = ask(&pod, path).await.assert_status(204);
        assert!(nobody.body.is_empty(), "{path}");
    }
    let mixed = ask(&pod, &format!("/pod/v3/users?uid={BOB},654321")).await.assert_status(200);
    assert_eq!(mixed.json()["errors"], json!([{ "error": "invalid.format", "id": "654321" }]));
    let mixed = ask(&pod, "/pod/v3/users?email=nonsense").await.assert_status(200).json();
    assert_eq!(mixed["errors"], json!([{ "error": "invalid.format", "email": "nonsense" }]));
    assert_eq!(mixed["users"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_refused() {
    let pod = Pod::start().await;
    let too_many = vec!["1"; 101].join(",");
    for path in [
        "/pod/v1/user",
        "/pod/v2/user",
        "/pod/v2/user?username=alice",
        "/pod/v2/user?uid=nonsense",
        "/pod/v3/users",
        "/pod/v3/users?uid=&email=",
        "/pod/v3/users?uid=1&email=alice@mock-pod.example",
        "/pod/v3/users?uid=1&local=perhaps",
        &format!("/pod/v3/users?uid={too_many}"),
    ] {
        ask(&pod, path).await.assert_status(400);
    }
}

#[tokio::test]
async fn inactive_users_are_found_unless_active_ones_are_wanted() {
    let pod = Pod::seeded(
        "users: [{ username: bot, accountType: SYSTEM }, { username: gone, enabled: false }]",
    )
    .await;
    let names = async |more: &str| {
        let path = format!("/pod/v3/users?username=bot,gone&local=true{more}");
        usernames(&ask(&pod, &path).await.json()).join(" ")
    };
    assert_eq!(names("").await, "bot gone");
    assert_eq!(names("&active=true").await, "bot");
    assert_eq!(names("&active=false").await, "gone");
}

#[tokio::test]
async fn a_search_pages_through_what_it_found_and_echoes_itself() {
    let pod = Pod::start().await;
    let body = json!({ "query": "mock-pod.example", "filters": { "accountTypes": ["NORMAL"] } });
    let first = search(&pod, "limit=1", body.clone()).await.assert_status(200).json();
    assert_eq!(usernames(&first), ["alice"]);
    let rest = search(&pod, "skip=1&limit=50", body.clone()).await.json();
    assert_eq!(usernames(&rest), ["bob"]);
    assert_eq!(rest["count"], 2);
    assert_eq!((&rest["skip"], &rest["limit"]), (&json!(1), &json!(50)));
    assert_eq!(rest["searchQuery"], body);
    let past = search(&pod, "skip=2", body).await.assert_status(200).json();
    assert_eq!(past["users"], json!([]));
}

#[tokio::test]
async fn a_search_takes_all_words_and_filters_into_account() {
    let pod = Pod::start().await;
    let names = async |query: &str, body: Value| {
        let found = search(&pod, query, body).await;
        if found.status == 204 { String::new() } else { usernames(&found.json()).join(" ") }
    };
    assert_eq!(names("", json!({ "query": "ADAMS alice" })).await, "alice");
    assert_eq!(names("", json!({ "query": "adams bob" })).await, "");
    assert_eq!(names("", json!({ "query": "car" })).await, "carol");
    assert_eq!(names("local=true", json!({ "query": "car" })).await, "");
    // The Node SDK spells it so.
    assert_eq!(names("", json!({ "query": "", "filter": { "title": "trader" } })).await, "alice");
    assert_eq!(names("", json!({ "filters": { "location": "New York" } })).await, "bob");
    search(&pod, "", json!({})).await.assert_status(400);
    search(&pod, "", json!({ "query": "a", "filters": { "accountTypes": ["X"] } }))
        .await
        .assert_status(400);
}

#[tokio::test]
async fn an_avatar_is_listed_in_five_sizes_and_served_where_its_urls_lead() {
    const GIF: &str = "R0lGODlhAQABAAAAADs=";
    let users =
        format!("[{{ username: bot, accountType: SYSTEM }}, {{ username: ann, avatar: {GIF} }}]");
    let pod = Pod::seeded(&format!("users: {users}")).await;
    let bot = pod.bot("bot").await;
    let avatars = |user: Value| {
        let avatars = user["avatars"].as_array().unwrap().clone();
        avatars.iter().map(|it| it["url"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let user = bot.get("/pod/v2/user?username=ann&local=true").await.assert_status(200).json();
    let urls = avatars(user);
    assert_eq!(urls.len(), 5);
    for url in urls.iter().chain(&avatars(bot.get("/pod/v2/sessioninfo").await.json())) {
        let answer = pod.anonymous().get(url.trim_start_matches("..")).send().await;
        answer.assert_status(200);
    }
    let answer = pod.anonymous().get(urls[0].trim_start_matches("..")).send().await;
    assert_eq!(answer.header("content-type"), "image/gif");
    let strange = pod.anonymous().get("/avatars/mock/50/1/other.png").send().await;
    strange.assert_status(404);
    let scenario = pod.control().get("/_mock/scenario").send().await.json();
    let users = scenario["users"].as_array().unwrap();
    assert_eq!(users.iter().find(|user| user["username"] == "ann").unwrap()["avatar"], GIF);
}
