//! Waiting until a bot listens.

use serde_json::{Value, json};

use crate::pod::{Answer, Pod};

async fn listening(pod: &Pod, body: Value) -> Answer {
    pod.control().post("/_mock/listening").json(&body).send().await
}

async fn open_feed(pod: &Pod, token: &str) -> String {
    let feed = pod.anonymous().post("/agent/v5/datafeeds").session(token).json(&json!({}));
    feed.send().await.assert_status(201).json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_test_waits_until_a_bot_reads_its_feed_and_the_next_one() {
    let pod = Pod::start().await;
    let none = listening(&pod, json!({ "user": "bot", "within": "1ms" })).await.assert_status(417);
    assert!(none.json()["message"].as_str().unwrap().contains("has no feed"), "{none:?}");

    let token = pod.log_in("bot").await;
    let first = open_feed(&pod, &token).await;
    let unread = listening(&pod, json!({ "user": "bot", "within": "1ms" })).await;
    let unread = unread.assert_status(417).json();
    assert!(unread["message"].as_str().unwrap().contains("reads no feed"), "{unread}");

    let read = async |feed: &str| {
        let path = format!("/agent/v5/datafeeds/{feed}/read");
        let read = pod.anonymous().post(&path).session(&token).json(&json!({ "ackId": "" }));
        read.send().await.assert_status(200)
    };
    let hears = async |body: Value| {
        let heard = listening(&pod, body).await.assert_status(200).json()["feed"].clone();
        let said = json!({ "stream": "Test Room", "message": "now" });
        let say = pod.control().post("/_mock/people/alice/messages").json(&said);
        say.send().await.assert_status(200);
        heard
    };
    let (heard, _) = tokio::join!(hears(json!({ "user": "bot" })), read(&first));
    assert_eq!(heard, first);

    let second = open_feed(&pod, &token).await;
    let next = json!({ "user": "bot", "after": first });
    let (heard, _) = tokio::join!(hears(next), read(&second));
    assert_eq!(heard, second);
}

#[tokio::test]
async fn only_bots_are_waited_for() {
    let pod = Pod::start().await;
    for (user, why) in [("alice", "is a person"), ("bott", "the nearest is \"bot\"")] {
        let refused = listening(&pod, json!({ "user": user })).await.assert_status(400).json();
        assert_eq!(refused["field"], "user");
        assert!(refused["error"].as_str().unwrap().contains(why), "{refused}");
    }
}
