//! The search for messages by what they are about.

use serde_json::{Value, json};

use crate::messages::Bot;
use crate::pod::{Answer, Pod};

const PATH: &str = "/agent/v4/message/search/semantic";

const TWO_ROOMS: &str = "
    users:
      - { username: bot, accountType: SYSTEM }
      - { username: bot2, accountType: SYSTEM }
    rooms:
      - { name: Den, owners: [bot] }
      - { name: Attic, owners: [bot2] }";

async fn ask(bot: &Bot, query: &str, body: Value) -> Answer {
    bot.post(&format!("{PATH}?{query}")).json(&body).send().await
}

async fn find(bot: &Bot, text: &str) -> Vec<Value> {
    let answer = ask(bot, "", json!({ "text": text })).await;
    if answer.status == 204 {
        return Vec::new();
    }
    ids(answer)
}

fn ids(answer: Answer) -> Vec<Value> {
    let found = answer.assert_status(200).json();
    found.as_array().unwrap().iter().map(|message| message["messageId"].clone()).collect()
}

#[tokio::test]
async fn messages_rank_by_the_words_that_they_share() {
    let pod = Pod::seeded(TWO_ROOMS).await;
    let (bot, other) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "bot2").await);
    let say = async |text: &str| bot.say(text).await["messageId"].clone();
    let soup = say("Who orders <b>lunch</b> today? Soup for me.").await;
    let ordered = say("I ordered a new screen.").await;
    let order = say("The order is not filled.").await;
    let pizza = say("Lunch orders: pizza").await;
    say("The weather is fine.").await;
    other.say("Lunch orders in the attic").await;

    // Rarer words count for more, the same words for more than those of a stem, and of messages
    // alike the newest comes first.
    assert_eq!(find(&bot, "the orders").await, [&pizza, &soup, &order, &ordered].map(Clone::clone));
    let lunch = find(&bot, "LUNCH order").await;
    assert_eq!(lunch, [&pizza, &soup, &order, &ordered].map(Clone::clone));
    assert_eq!(find(&bot, "lunches").await, [pizza.clone(), soup.clone()]);
    assert_eq!(find(&bot, "holiday").await, Vec::<Value>::new());
    assert_eq!(find(&bot, "?!").await, Vec::<Value>::new());

    let page = ids(ask(&bot, "skip=1&limit=2", json!({ "text": "lunch order" })).await);
    assert_eq!(page, [soup.clone(), order.clone()]);
    let in_den = json!({ "text": "lunch", "threadId": bot.den });
    assert_eq!(ids(ask(&bot, "", in_den).await), [pizza.clone(), soup.clone()]);
    let suppress = format!("/pod/v1/admin/messagesuppression/{}/suppress", pizza.as_str().unwrap());
    bot.post(&suppress).send().await.assert_status(200);
    assert_eq!(find(&bot, "lunch").await, [soup]);
}

#[tokio::test]
async fn what_is_no_search_is_refused() {
    let pod = Pod::seeded(TWO_ROOMS).await;
    let (bot, other) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "bot2").await);
    for bad in [json!({}), json!({ "text": " " }), json!({ "text": 7 })] {
        ask(&bot, "", bad).await.assert_status(400);
    }
    for page in ["limit=0", "limit=101", "skip=x"] {
        ask(&bot, page, json!({ "text": "a" })).await.assert_status(400);
    }
    ask(&bot, "", json!({ "text": "a", "threadId": "x" })).await.assert_status(400);
    let nowhere = format!("{}dA", "A".repeat(32));
    ask(&bot, "", json!({ "text": "a", "threadId": nowhere })).await.assert_status(400);
    ask(&bot, "", json!({ "text": "a", "threadId": other.den })).await.assert_status(403);
}

#[tokio::test]
async fn a_test_looks_at_scores_and_says_what_is_found() {
    let pod = Pod::seeded(TWO_ROOMS).await;
    let (bot, other) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "bot2").await);
    let lunch = bot.say("lunch").await["messageId"].clone();
    let rain = bot.say("rain").await["messageId"].clone();
    let hidden = other.say("hidden").await["messageId"].clone();
    let control = pod.control();
    let scores = async |query: &str| {
        let path = format!("/_mock/people/bot/semantic-search?{query}");
        let found = control.get(&path).send().await.assert_status(200).json();
        let percent = |score: f64| (100.0 * score).round();
        let row = |row: &Value| (row["text"].clone(), row["score"].as_f64().map(percent));
        found["messages"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(scores("text=Lunch").await, [(json!("lunch"), Some(100.0))]);
    assert_eq!(scores("text=lunches&stream=Den").await, [(json!("lunch"), Some(80.0))]);

    let plan = json!({ "text": "Umbrellas", "messages": [rain, hidden, lunch] });
    control.post("/_mock/semantic-searches").json(&plan).send().await.assert_status(200);
    assert_eq!(find(&bot, " umbrellas").await, [rain.clone(), lunch.clone()]);
    assert_eq!(scores("text=umbrellas").await, [(json!("rain"), None), (json!("lunch"), None)]);
    for bad in [
        json!({ "text": " ", "messages": [] }),
        json!({ "text": "a", "messages": ["x"] }),
        json!({ "text": "a", "messages": [format!("{}bQ", "A".repeat(32))] }),
    ] {
        control.post("/_mock/semantic-searches").json(&bad).send().await.assert_status(400);
    }
    let forget = control.request(reqwest::Method::DELETE, "/_mock/semantic-searches");
    forget.send().await.assert_status(204);
    assert_eq!(find(&bot, "umbrellas").await, Vec::<Value>::new());
}
