//! Who am I.

use serde_json::json;

use crate::pod::Pod;

#[tokio::test]
async fn a_service_user_reads_its_own_record() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let me = pod.session_info(&token).await.assert_status(200);
    assert_eq!(
        me.json(),
        json!({
            "id": 68_719_476_737_u64,
            "emailAddress": "bot@mock-pod.example",
            "displayName": "Test Bot",
            "company": "Mock Company",
            "username": "bot",
            "accountType": "SYSTEM",
            "avatars": [
                { "size": "original", "url": "../avatars/static/150/default.png" },
                { "size": "small", "url": "../avatars/static/50/default.png" },
            ],
            "roles": ["INDIVIDUAL"],
        })
    );
}

#[tokio::test]
async fn each_token_stands_for_its_owner() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.log_in("bot").await, pod.log_in("bot2").await];
    assert_eq!(pod.session_info(&bot).await.json()["username"], "bot");
    assert_eq!(pod.session_info(&bot2).await.json()["username"], "bot2");
}

#[tokio::test]
async fn the_token_alone_counts_not_the_certificate() {
    let pod = Pod::start().await;
    let token = pod.log_in("bot").await;
    let me = pod.client("bot2").get("/pod/v2/sessioninfo").session(&token).send().await;
    assert_eq!(me.json()["username"], "bot");
    let me = pod.client("bot").get("/pod/v2/sessioninfo").send().await;
    me.assert_error(401, "Invalid session");
}

#[tokio::test]
async fn without_a_good_token_the_pod_says_invalid_session() {
    let pod = Pod::start().await;
    let info = || pod.anonymous().get("/pod/v2/sessioninfo");
    info().send().await.assert_error(401, "Invalid session");
    let long = "a".repeat(10_000);
    for token in ["", " ", "nonsense", "a.b.c", "eyJhbGciOiJSUzUxMiJ9..", long.as_str()] {
        info().session(token).send().await.assert_error(401, "Invalid session");
    }
}
