//! What a failing test is told besides: mistakes that no refusal tells of.

use serde_json::{Value, json};

use crate::pod::Pod;

async fn hints(pod: &Pod) -> Vec<String> {
    let hints = pod.control().get("/_mock/hints").send().await.assert_status(200).json();
    let hints = hints["hints"].as_array().unwrap().iter();
    hints.map(|hint| hint.as_str().unwrap().to_owned()).collect()
}

async fn say(pod: &Pod, text: &str) {
    let say = json!({ "stream": "Test Room", "message": text });
    pod.control().post("/_mock/people/alice/messages").json(&say).send().await.assert_status(200);
}

#[tokio::test]
async fn what_was_said_before_a_bot_listened_is_told() {
    let pod = Pod::start().await;
    say(&pod, "@bot /help").await;
    assert!(hints(&pod).await.is_empty(), "nobody logged in, so nobody is missed");
    let bot = pod.bot("bot").await;
    let unheard = hints(&pod).await;
    assert_eq!(unheard.len(), 1, "{unheard:?}");
    for words in ["no feed of \"bot\" existed when \"alice\" wrote", "/help", "listening"] {
        assert!(unheard[0].contains(words), "{unheard:?}");
    }
    let answer = json!({ "operation": "create_message_v4", "user": "bot", "within": "1ms" });
    let unmet = pod.control().post("/_mock/expect").json(&answer).send().await;
    assert_eq!(unmet.assert_status(417).json()["hints"][0], Value::from(unheard[0].as_str()));

    pod.control().post("/_mock/reset").send().await.assert_status(200);
    drop(bot);
    let bot = pod.bot("bot").await;
    bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201);
    say(&pod, "hello").await;
    assert!(hints(&pod).await.is_empty());
}

/// symphony-bdk-python 3.0.0 is heard of no more; others create a feed.
#[tokio::test]
async fn a_deleted_feed_that_killed_the_bot_is_told_in_the_why_and_beside_it() {
    let pod = Pod::with_settings("datafeedDeleteStatus: 204").await;
    let bot = pod.bot("bot").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.json();
    let path = format!("/agent/v5/datafeeds/{}", feed["id"].as_str().unwrap());
    pod.control()
        .post("/_mock/faults")
        .json(&json!({ "pack": "feed-expired", "user": "bot" }))
        .send()
        .await
        .assert_status(201);
    bot.post(&format!("{path}/read"), &json!({})).await.assert_status(400);
    let delete = async |path: &str, agent: &str| {
        let delete = pod.anonymous().request(reqwest::Method::DELETE, path).session(&bot.token);
        delete.header("User-Agent", agent).send().await.assert_status(204);
    };
    let python = "Symphony-BDK-Python/2.0 Python/3.11.7";
    delete(&path, "Symphony-BDK-Java/3.5.1 Java/17.0.15").await;
    assert!(hints(&pod).await.is_empty(), "the Java BDK lives");
    delete(&path, python).await;
    let other = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    assert!(hints(&pod).await.is_empty(), "it made another");
    let path = format!("/agent/v5/datafeeds/{}", other["id"].as_str().unwrap());
    delete(&path, python).await;
    let told = hints(&pod).await;
    assert!(
        told[0].contains("datafeedDeleteStatus: 200") && told[0].contains("\"bot\""),
        "{told:?}"
    );
    let why = pod.control().get("/_mock/why").send().await.json();
    assert!(why["hints"].to_string().contains("datafeedDeleteStatus"), "{why}");
}
