//! Following: who follows whom, and the pages of the lists.

use reqwest::Method;
use serde_json::{Value, json};

use crate::administrator::LACKS;
use crate::pod::{Answer, Bot, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
users:
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: bot, accountType: SYSTEM }
  - { username: u3 }
  - { username: u4 }
  - { username: u5 }
  - { username: u6 }
  - { username: carol, pod: 2 }
apps: [{ id: app, name: App, permissions: [ACT_AS_USER, MANAGE_USER_FOLLOWING] }]
";

const CAROL: u64 = 2 << 36 | 1;
const ADDED: &str = "User(s) successfully added in the list of followers";
const REMOVED: &str = "User(s) successfully removed from the list of followers";

fn user(number: u64) -> u64 {
    1 << 36 | number
}

async fn change(bot: &Bot, verb: &str, followed: u64, followers: &[u64]) -> Answer {
    bot.post(&format!("/pod/v1/user/{followed}/{verb}"), &json!({ "followers": followers })).await
}

async fn list(bot: &Bot, of: u64, which: &str, query: &str) -> Value {
    bot.get(&format!("/pod/v1/user/{of}/{which}?{query}")).await.assert_status(200).json()
}

#[tokio::test]
async fn users_follow_and_no_longer_and_what_is_so_stays_so() {
    let pod = Pod::seeded(SCENARIO).await;
    let (admin, bot) = (pod.bot("admin").await, pod.bot("bot").await);
    for _ in 0..2 {
        // Oneself is passed over.
        change(&admin, "follow", user(3), &[user(5), user(3), user(4)]).await.assert_done(ADDED);
    }
    let followers = list(&bot, user(3), "followers", "").await;
    assert_eq!(
        followers,
        json!({
            "count": 2, "followers": [user(5), user(4)],
            "pagination": { "cursors": { "before": "0" } },
        })
    );
    let following = list(&bot, user(5), "following", "").await;
    assert_eq!((&following["following"], &following["count"]), (&json!([user(3)]), &json!(1)));
    for _ in 0..2 {
        change(&admin, "unfollow", user(3), &[user(5)]).await.assert_done(REMOVED);
    }
    assert_eq!(list(&bot, user(3), "followers", "").await["followers"], json!([user(4)]));
    assert_eq!(list(&bot, user(5), "following", "").await["following"], json!([]));
}

#[tokio::test]
async fn whoever_cannot_follow_is_named_and_the_others_do() {
    let pod = Pod::seeded(SCENARIO).await;
    let admin = pod.bot("admin").await;
    let some = [user(4), 17, user(5), CAROL];
    let refused = change(&admin, "follow", user(3), &some).await;
    refused.assert_error(400, &format!("Invalid user id: 17, {CAROL}"));
    let followers = list(&admin, user(3), "followers", "").await;
    assert_eq!(followers["followers"], json!([user(4), user(5)]));
    change(&admin, "follow", 17, &[user(4)]).await.assert_status(400);

    // Users of other pods can be followed, and are not listed.
    change(&admin, "follow", CAROL, &[user(4)]).await.assert_done(ADDED);
    assert_eq!(list(&admin, user(4), "following", "").await["following"], json!([user(3)]));
    admin.get(&format!("/pod/v1/user/{CAROL}/followers")).await.assert_status(400);
    admin.post(&format!("/pod/v1/user/{}/follow", user(3)), &json!({})).await.assert_status(400);
}

#[tokio::test]
async fn pages_are_turned_by_ranks() {
    let pod = Pod::seeded(SCENARIO).await;
    let admin = pod.bot("admin").await;
    let all: Vec<_> = (2..=6).map(user).collect();
    change(&admin, "follow", user(1), &all).await.assert_done(ADDED);
    let page = async |query: &str| {
        let list = list(&admin, user(1), "followers", query).await;
        assert_eq!(list["count"], 5);
        (list["followers"].clone(), list["pagination"]["cursors"].clone())
    };
    let first = (json!(all[..2]), json!({ "before": "0", "after": "2" }));
    assert_eq!(page("limit=2").await, first);
    assert_eq!(
        page("limit=2&after=2").await,
        (json!(all[2..4]), json!({ "before": "2", "after": "4" }))
    );
    assert_eq!(page("limit=2&after=4").await, (json!(all[4..]), json!({ "before": "4" })));
    assert_eq!(page("limit=2&before=2").await, first);
    assert_eq!(page("limit=2&before=4&after=0").await, first);
    assert_eq!(
        page("limit=9&before=4&after=2").await,
        (json!(all[2..4]), json!({ "before": "2", "after": "4" }))
    );
    for bad in ["limit=0", "after=x", "before=x"] {
        let path = format!("/pod/v1/user/{}/followers?{bad}", user(1));
        admin.get(&path).await.assert_status(400);
    }
}

#[tokio::test]
async fn it_takes_an_administrator_even_for_oneself_or_an_app_that_may() {
    let pod = Pod::seeded(SCENARIO).await;
    let bot = pod.bot("bot").await;
    change(&bot, "follow", user(3), &[user(2)]).await.assert_error(403, LACKS);
    change(&bot, "unfollow", user(3), &[user(2)]).await.assert_error(403, LACKS);

    let app = pod.client("app").post("/sessionauth/v1/app/authenticate").send().await.token();
    let path = "/sessionauth/v1/app/username/u3/authenticate";
    let hers = pod.client("app").post(path).session(&app).send().await;
    let hers = hers.assert_status(200).json()["sessionToken"].as_str().unwrap().to_owned();
    let of_u3 = async |method: Method, path: String, body: Value| {
        pod.anonymous().request(method, &path).session(&hers).json(&body).send().await
    };
    let follow = format!("/pod/v1/user/{}/follow", user(4));
    let own = json!({ "followers": [user(3)] });
    of_u3(Method::POST, follow.clone(), own).await.assert_done(ADDED);
    let others = json!({ "followers": [user(3), user(5)] });
    of_u3(Method::POST, follow, others).await.assert_error(403, LACKS);
    let followers = format!("/pod/v1/user/{}/followers", user(4));
    of_u3(Method::GET, followers, Value::Null).await.assert_status(403);
}

#[tokio::test]
async fn people_follow_on_the_control_port() {
    let pod = Pod::seeded(SCENARIO).await;
    let control = pod.control();
    let follows =
        async |body: Value| control.post("/_mock/people/u3/follows").json(&body).send().await;
    let followed = follows(json!({ "user": "u4" })).await.assert_status(200).json();
    assert_eq!(followed, json!({ "follows": [user(4)] }));
    let admin = pod.bot("admin").await;
    assert_eq!(list(&admin, user(4), "followers", "").await["followers"], json!([user(3)]));
    let none = follows(json!({ "user": "u4", "follow": false })).await.assert_status(200).json();
    assert_eq!(none, json!({ "follows": [] }));
    follows(json!({ "user": "nobody" })).await.assert_status(400);
}
