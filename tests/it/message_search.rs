//! The search for messages: what it finds, for whom, and what is no query.

use serde_json::{Value, json};

use crate::messages::{BOT, Bot};
use crate::pod::{Answer, Pod};

const PATH: &str = "/agent/v1/message/search";

const TWO_ROOMS: &str = "
    users:
      - { username: bot, accountType: SYSTEM }
      - { username: bot2, accountType: SYSTEM }
    rooms:
      - { name: Den, owners: [bot] }
      - { name: Attic, owners: [bot2] }";

async fn ask(bot: &Bot, query: &str) -> Answer {
    bot.get(&format!("{PATH}?{query}")).send().await
}

async fn find(bot: &Bot, query: &Value) -> Answer {
    bot.post(PATH).json(query).send().await
}

fn ids(answer: Answer) -> Vec<Value> {
    let found = answer.assert_status(200).json();
    found.as_array().unwrap().iter().map(|message| message["messageId"].clone()).collect()
}

#[tokio::test]
async fn messages_are_found_by_what_they_contain_newest_first() {
    let pod = Pod::seeded(TWO_ROOMS).await;
    let bot = Bot::of(&pod, "bot").await;
    let tag = bot.say("Fresh <hash tag=\"Fruit\"/>").await["messageId"].clone();
    let cash = bot.say("Dear <cash tag=\"gold\"/>").await["messageId"].clone();
    let mention = bot.say(&format!("Hi <mention uid=\"{BOT}\"/>")).await["messageId"].clone();

    assert_eq!(ids(find(&bot, &json!({ "hashtag": "#fruit" })).await), std::slice::from_ref(&tag));
    assert_eq!(ids(find(&bot, &json!({ "cashtag": "GOLD" })).await), std::slice::from_ref(&cash));
    assert_eq!(ids(find(&bot, &json!({ "mention": BOT })).await), std::slice::from_ref(&mention));
    let text = json!({ "text": "DEAR", "streamId": bot.den });
    assert_eq!(ids(find(&bot, &text).await), std::slice::from_ref(&cash));
    let author = format!("query=Author:{BOT}%20AND%20streamType:chatroom");
    let all = [mention.clone(), cash.clone(), tag.clone()];
    assert_eq!(ids(ask(&bot, &author).await), all);
    let oldest = format!("{author}&sortDir=ASC&skip=1&limit=1");
    assert_eq!(ids(ask(&bot, &oldest).await), [cash]);
    ask(&bot, "query=streamType:im").await.assert_status(204);
    find(&bot, &json!({ "toDate": 1 })).await.assert_status(204);
}

#[tokio::test]
async fn what_was_suppressed_or_replaced_or_said_elsewhere_is_not_found() {
    let pod = Pod::seeded(TWO_ROOMS).await;
    let (bot, bot2) = (Bot::of(&pod, "bot").await, Bot::of(&pod, "bot2").await);
    let said = bot.say("<hash tag=\"x\"/>").await["messageId"].clone();
    assert_eq!(ids(ask(&bot, "query=hashtag:x").await), std::slice::from_ref(&said));
    ask(&bot2, "query=hashtag:x").await.assert_status(204);
    let foreign = json!({ "text": "x", "streamId": bot.den });
    assert!(matches!(find(&bot2, &foreign).await.status, 400 | 403));

    let parts = [crate::messages::part("message", "<messageML><hash tag=\"y\"/></messageML>")];
    let id = said.as_str().unwrap();
    let path = format!("/agent/v4/stream/{}/message/{id}/update", bot.den);
    let next = bot.submit(&path, &parts).await.assert_status(200).json()["messageId"].clone();
    ask(&bot, "query=hashtag:x").await.assert_status(204);
    assert_eq!(ids(ask(&bot, "query=hashtag:y").await), std::slice::from_ref(&next));
    let next = next.as_str().unwrap();
    let path = format!("/pod/v1/admin/messagesuppression/{next}/suppress");
    bot.post(&path).send().await.assert_status(200);
    ask(&bot, "query=hashtag:y").await.assert_status(204);
}

#[tokio::test]
async fn what_is_no_query_is_refused() {
    let pod = Pod::seeded(TWO_ROOMS).await;
    let bot = Bot::of(&pod, "bot").await;
    for query in [
        "limit=1",
        "query=hashtag",
        "query=autor:1",
        "query=author:me",
        "query=text:x",
        "query=streamType:tv",
        "query=hashtag:a%20AND%20hashtag:b",
        "query=fromDate:5%20AND%20toDate:5",
        "query=signal:s%20AND%20hashtag:a",
        "query=signal:s",
        "query=hashtag:a&sortDir=UP",
    ] {
        let answer = ask(&bot, query).await;
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
    }
    for query in [json!({ "text": "x" }), json!({ "autor": 1 })] {
        find(&bot, &query).await.assert_status(400);
    }
}
