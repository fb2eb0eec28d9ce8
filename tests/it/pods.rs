//! A pod for every test, on one server.

use serde_json::json;

use crate::pod::{Client, Pod};

const LOGIN: &str = "/sessionauth/v1/authenticate";
const SESSION: &str = "/pod/v2/sessioninfo";

async fn session_in(client: &Client, pod: &str, token: &str) -> u16 {
    client.get(&format!("/t/{pod}{SESSION}")).session(token).send().await.status
}

#[tokio::test]
async fn a_path_prefix_is_a_pod_of_its_own() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    let token = bot.post(&format!("/t/one{LOGIN}")).send().await.token();
    assert_eq!(session_in(&bot, "one", &token).await, 200);
    // Not there, nor on the main pod.
    assert_eq!(session_in(&bot, "two", &token).await, 401);
    pod.session_info(&token).await.assert_status(401);
    // As clients write it whose context ends in a slash.
    let doubled = bot.get(&format!("/t/one/{SESSION}")).session(&token).send().await;
    assert_eq!(doubled.assert_status(200).json()["username"], "bot");
}

#[tokio::test]
async fn a_header_names_the_pod_where_the_path_cannot() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    let token = bot.post(LOGIN).header("X-Mock-Pod", "one").send().await.token();
    assert_eq!(session_in(&bot, "one", &token).await, 200);
    pod.session_info(&token).await.assert_status(401);
}

#[tokio::test]
async fn each_pod_has_its_own_people_and_its_own_clock() {
    let pod = Pod::start().await;
    let (control, bot) = (pod.control(), pod.client("bot"));
    let one = bot.post(&format!("/t/one{LOGIN}")).send().await.token();
    let two = bot.post(&format!("/t/two{LOGIN}")).send().await.token();
    let advance = control.post("/t/one/_mock/clock/advance").json(&json!({ "by": "15d" }));
    advance.send().await.assert_status(200);
    assert_eq!(session_in(&bot, "one", &one).await, 401, "it is over there");
    assert_eq!(session_in(&bot, "two", &two).await, 200);

    let sent = control
        .post("/t/two/_mock/people/alice/messages")
        .json(&json!({ "stream": "Test Room", "message": "hello" }))
        .send()
        .await
        .assert_status(200)
        .json();
    let path = format!("/agent/v1/message/{}", sent["messageId"].as_str().unwrap());
    let there = bot.get(&format!("/t/two{path}")).session(&two).send().await;
    there.assert_status(200);
    let main = pod.bot("bot").await;
    main.get(&path).await.assert_status(204);
}

#[tokio::test]
async fn a_pod_has_a_name_that_fits_into_a_path() {
    let pod = Pod::start().await;
    let bot = pod.client("bot");
    for bad in ["a%20b", "%C3%A4", &"x".repeat(101)] {
        let answer = bot.get(&format!("/t/{bad}{SESSION}")).send().await;
        answer.assert_status(400);
        let answer = pod.control().get(&format!("/t/{bad}/_mock/clock")).send().await;
        answer.assert_status(400);
    }
    pod.anonymous().get("/t").send().await.assert_status(404);
}
