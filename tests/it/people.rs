//! What people do in their clients, on the control port: they write, answer, read and fill in
//! forms, and bots hear of it. And the bench for trying messages.

use serde_json::{Value, json};

use crate::pod::{Answer, Pod};

const FORM: &str = r#"<messageML><form id="order">
    <text-field name="ticker" required="true"/><checkbox name="urgent" value="yes">Urgent</checkbox>
    <button name="buy" type="action">Buy</button><button name="sell" type="action">Sell</button>
    </form></messageML>"#;

/// A bot with its datafeed.
pub struct Listener<'a> {
    pod: &'a Pod,
    pub token: String,
    feed: String,
    ack: String,
}

impl<'a> Listener<'a> {
    pub async fn start(pod: &'a Pod) -> Self {
        let token = pod.log_in("bot").await;
        let feed = pod.anonymous().post("/agent/v5/datafeeds").session(&token).json(&json!({}));
        let feed = feed.send().await.assert_status(201).json()["id"].as_str().unwrap().to_owned();
        Self { pod, token, feed, ack: String::new() }
    }

    /// The next event there is.
    pub async fn hears(&mut self) -> Value {
        let events = self.reads().await;
        assert_eq!(events.len(), 1, "{events:?}");
        events[0].clone()
    }

    /// The types of all events there are.
    async fn hears_all(&mut self) -> Vec<String> {
        let events = self.reads().await;
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn reads(&mut self) -> Vec<Value> {
        let path = format!("/agent/v5/datafeeds/{}/read", self.feed);
        let read = self.pod.anonymous().post(&path).session(&self.token);
        let batch = read.json(&json!({ "ackId": self.ack })).send().await.assert_status(200).json();
        self.ack = batch["ackId"].as_str().unwrap().to_owned();
        batch["events"].as_array().unwrap().clone()
    }

    pub async fn sends(&self, stream: &str, message: &str) -> Value {
        let path = format!("/agent/v4/stream/{stream}/message/create");
        let send = self.pod.anonymous().post(&path).session(&self.token);
        let parts = [crate::messages::part("message", message)];
        crate::messages::form(send, &parts).send().await.assert_status(200).json()
    }
}

pub async fn does(pod: &Pod, user: &str, what: &str, body: Value) -> Answer {
    pod.control().post(&format!("/_mock/people/{user}/{what}")).json(&body).send().await
}

#[tokio::test]
async fn a_bot_hears_what_a_person_says() {
    let pod = Pod::start().await;
    let mut bot = Listener::start(&pod).await;
    let said = json!({ "stream": "Test Room", "message": "Where is <the> price?" });
    let sent = does(&pod, "alice", "messages", said).await.assert_status(200).json();
    let event = bot.hears().await;
    assert_eq!(event["type"], "MESSAGESENT");
    assert_eq!(event["initiator"]["user"]["username"], "alice");
    let message = &event["payload"]["messageSent"]["message"];
    assert_eq!(message["messageId"], sent["messageId"]);
    assert!(message["message"].as_str().unwrap().contains("Where is &lt;the&gt; price?"));
}

#[tokio::test]
async fn a_bot_hears_how_its_form_was_filled_in() {
    let pod = Pod::start().await;
    let mut bot = Listener::start(&pod).await;
    let said = json!({ "stream": "Test Room", "message": "hello" });
    let stream = does(&pod, "bob", "messages", said).await.json()["streamId"].clone();
    bot.hears().await;
    let form = bot.sends(stream.as_str().unwrap(), FORM).await["messageId"].clone();
    bot.hears().await;

    let filled = json!({ "message": form, "button": "buy", "values": { "ticker": "IBM" } });
    does(&pod, "alice", "forms", filled).await.assert_status(200);
    let event = bot.hears().await;
    assert_eq!(event["type"], "SYMPHONYELEMENTSACTION");
    let action = &event["payload"]["symphonyElementsAction"];
    assert_eq!(action["formId"], "order");
    assert_eq!(action["formMessageId"], form);
    assert_eq!(action["formValues"], json!({ "action": "buy", "ticker": "IBM" }));
}

#[tokio::test]
async fn a_form_that_cannot_be_sent_so_is_refused_with_the_reason() {
    let pod = Pod::start().await;
    let bot = Listener::start(&pod).await;
    let said = json!({ "stream": "Test Room", "message": "hello" });
    let sent = does(&pod, "bob", "messages", said).await.json();
    let form = bot.sends(sent["streamId"].as_str().unwrap(), FORM).await["messageId"].clone();
    for (body, reason) in [
        (json!({ "message": form, "values": { "ticker": "IBM" } }), "several buttons"),
        (json!({ "message": form, "button": "hold" }), "no button"),
        (json!({ "message": form, "button": "buy" }), "demands a value"),
        (json!({ "message": form, "button": "buy", "values": { "size": "1" } }), "no control"),
        (json!({ "message": form, "form": "other", "button": "buy" }), "no form"),
        (json!({ "message": sent["messageId"], "button": "buy" }), "no form"),
    ] {
        let answer = does(&pod, "alice", "forms", body.clone()).await.assert_status(400);
        assert!(answer.json()["error"].as_str().unwrap().contains(reason), "{body}: {answer:?}");
    }
    let body = json!({ "message": form, "button": "buy" });
    does(&pod, "carol", "forms", body).await.assert_status(400);
    let body = json!({ "stream": "Test Room", "message": "x" });
    does(&pod, "nobody", "messages", body).await.assert_status(404);
    let body = json!({ "stream": "No Room", "message": "x" });
    assert_eq!(does(&pod, "alice", "messages", body).await.json()["field"], "stream");
}

#[tokio::test]
async fn who_has_read_a_message_shows_in_its_status() {
    let pod = Pod::start().await;
    let bot = Listener::start(&pod).await;
    let said = json!({ "stream": "Test Room", "message": "hello" });
    let stream = does(&pod, "bob", "messages", said).await.json()["streamId"].clone();
    let message = bot.sends(stream.as_str().unwrap(), "<messageML>news</messageML>").await;
    let id = message["messageId"].as_str().unwrap();
    let delivered = json!({ "message": id, "deliveredOnly": true });
    does(&pod, "bob", "reads", delivered).await.assert_status(200);
    does(&pod, "alice", "reads", json!({ "message": id })).await.assert_status(200);
    let status = pod.anonymous().get(&format!("/pod/v1/message/{id}/status")).session(&bot.token);
    let status = status.send().await.assert_status(200).json();
    let names = |list: &str| -> Vec<String> {
        let users = status[list].as_array().unwrap();
        users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names("read").contains(&"alice".to_owned()), "{status}");
    assert!(!names("read").contains(&"bob".to_owned()), "{status}");
    assert!(names("delivered").contains(&"bob".to_owned()), "{status}");
}

#[tokio::test]
async fn a_person_of_another_pod_accepts_a_connection() {
    let pod = Pod::start().await;
    let mut bot = Listener::start(&pod).await;
    let search = pod.anonymous().post("/pod/v1/user/search").session(&bot.token);
    let found = search.json(&json!({ "query": "Carol" })).send().await.assert_status(200).json();
    let carol = found["users"][0]["id"].clone();
    let im = |pod: &Pod| {
        pod.anonymous().post("/pod/v1/im/create").session(&bot.token).json(&json!([carol]))
    };
    im(&pod).send().await.assert_status(403);

    let accept = json!({ "with": "bot", "action": "accept" });
    does(&pod, "carol", "connections", accept.clone()).await.assert_status(400);
    let ask = pod.anonymous().post("/pod/v1/connection/create").session(&bot.token);
    ask.json(&json!({ "userId": carol })).send().await.assert_status(200);
    let accepted = does(&pod, "carol", "connections", accept).await.assert_status(200);
    assert_eq!(accepted.json()["connected"], true);
    im(&pod).send().await.assert_status(200);
    assert_eq!(
        bot.hears_all().await,
        ["CONNECTIONREQUESTED", "CONNECTIONACCEPTED", "INSTANTMESSAGECREATED"]
    );
}

#[tokio::test]
async fn other_systems_speak_up_in_a_room() {
    let pod = Pod::start().await;
    let mut bot = Listener::start(&pod).await;
    let event = json!({
        "stream": "Test Room", "sourceSystem": "calendar", "eventSubtype": "meeting.started",
        "parameters": { "id": "7" },
    });
    pod.control().post("/_mock/system-events").json(&event).send().await.assert_status(200);
    let heard = bot.hears().await;
    assert_eq!(heard["type"], "GENERICSYSTEMEVENT");
    let payload = &heard["payload"]["genericSystemEvent"];
    assert_eq!(payload["sourceSystem"], "calendar");
    assert_eq!(payload["parameters"]["id"], "7");
}

#[tokio::test]
async fn a_message_can_be_tried_without_sending_it() {
    let pod = Pod::start().await;
    let try_it = |body: Value| {
        let request = pod.control().post("/_mock/messageml");
        async move { request.json(&body).send().await }
    };
    let answer = try_it(json!({ "message": "<messageML>Hi <mention email=\"alice@mock-pod.example\"/> <hash tag=\"fx\"/></messageML>" })).await;
    let answer = answer.assert_status(200).json();
    assert!(answer["presentationML"].as_str().unwrap().contains("@Alice Adams"));
    assert_eq!(answer["entityJson"]["keyword2"]["id"][0]["value"], "fx");
    assert!(answer["text"].as_str().unwrap().contains("#fx"));
    assert_eq!(answer["entities"]["hashtags"][0]["id"], "#fx");
    assert_eq!(answer["entities"]["userMentions"][0]["prettyName"], "Alice Adams");

    let template =
        json!({ "message": "<messageML>${entity['who']}</messageML>", "data": { "who": "you" } });
    let answer = try_it(template).await.assert_status(200).json();
    assert!(answer["presentationML"].as_str().unwrap().contains(">you<"));

    let answer = try_it(json!({ "message": "<messageML><marquee/></messageML>" })).await;
    let answer = answer.assert_status(400).json();
    assert_eq!(answer["error"], "Invalid MessageML content at element \"marquee\"");
    assert_eq!(answer["field"], "message");
    let place =
        json!({ "line": 1, "column": 12, "element": "/messageML/marquee", "expanded": false });
    assert_eq!(answer["place"], place);

    let answer = try_it(json!({ "message": "<messageML>\n${data.who}</messageML>" })).await;
    let answer = answer.assert_status(400).json();
    assert_eq!(answer["place"], json!({ "line": 2, "column": 3, "expanded": false }));

    let answer = try_it(json!({ "message": "<messageML/>", "data": "{" })).await;
    assert_eq!(answer.assert_status(400).json().get("place"), None);
}

#[tokio::test]
async fn a_message_in_markdown_can_be_tried() {
    let pod = Pod::start().await;
    let try_it = |body: Value| {
        let request = pod.control().post("/_mock/messageml");
        async move { request.json(&body).send().await }
    };
    let people = pod.control().get("/_mock/people").send().await.assert_status(200).json();
    let people = people["people"].as_array().unwrap();
    let alice = &people.iter().find(|it| it["username"] == "alice").unwrap()["id"];
    let answer = try_it(json!({
        "format": "markdown", "message": "**Hi** @Alice",
        "entities": [{ "type": "USER_FOLLOW", "id": alice, "indexStart": 7, "indexEnd": 13 }],
        "media": [{ "index": 13, "text": [["a", "b"]] }],
    }));
    let answer = answer.await.assert_status(200).json();
    let presentation_ml = answer["presentationML"].as_str().unwrap();
    assert!(presentation_ml.contains("<b>Hi</b> <span class=\"entity\""), "{presentation_ml}");
    assert!(presentation_ml.contains("<tr><td>a</td><td>b</td></tr>"), "{presentation_ml}");
    assert_eq!(answer["entityJson"]["mention1"]["id"][0]["value"], alice.to_string());
    assert_eq!(answer["entities"]["userMentions"][0]["prettyName"], "Alice Adams");

    let wrong = json!({ "format": "markdown", "message": "x", "entities": { "indexStart": 0 } });
    let wanted = "Required field \"indexEnd\" missing from the entity payload";
    assert_eq!(try_it(wrong).await.assert_status(400).json()["error"], wanted);
    let misplaced = json!({ "format": "markdown", "message": "x", "data": {} });
    assert_eq!(try_it(misplaced).await.assert_status(400).json()["field"], "data");
    let misplaced = json!({ "message": "<messageML/>", "media": [] });
    assert_eq!(try_it(misplaced).await.assert_status(400).json()["field"], "media");
    for (length, status) in [(256 << 10, 200), ((256 << 10) + 1, 400)] {
        let long = json!({ "format": "markdown", "message": "a".repeat(length) });
        try_it(long).await.assert_status(status);
    }
    let unknown = json!({ "format": "html", "message": "x" });
    try_it(unknown).await.assert_status(400);
}

#[tokio::test]
async fn people_edit_come_go_and_make_rooms_and_bots_hear_of_it() {
    let pod = Pod::start().await;
    let mut bot = Listener::start(&pod).await;
    let said = json!({ "stream": "Test Room", "message": "helo", "attachments": [
        { "name": "a.txt", "text": "A" },
        { "name": "b.png", "contentType": "image/png", "base64": "AAEC",
          "preview": { "name": "s.png", "base64": "AA==" } },
    ] });
    let said = does(&pod, "alice", "messages", said).await.assert_status(200).json();
    let heard = bot.hears().await;
    let files = &heard["payload"]["messageSent"]["message"]["attachments"];
    assert_eq!((&files[0]["name"], &files[1]["size"]), (&json!("a.txt"), &json!(3)));
    let stream = said["streamId"].as_str().unwrap();
    let file = format!(
        "/agent/v1/stream/{stream}/attachment?fileId={}&messageId={}",
        files[1]["id"].as_str().unwrap(),
        said["messageId"].as_str().unwrap()
    );
    let file = pod.anonymous().get(&file).session(&bot.token).send().await.assert_status(200);
    assert_eq!(file.body, "AAEC");

    let edit = json!({ "message": said["messageId"], "text": "hello" });
    does(&pod, "bob", "edits", edit.clone()).await.assert_status(400);
    does(&pod, "alice", "edits", edit).await.assert_status(200);
    let heard = bot.hears().await;
    let message = &heard["payload"]["messageSent"]["message"];
    assert_eq!(message["replacing"], said["messageId"], "{heard}");

    let room = json!({ "name": "Lunch", "public": true, "members": ["bot"] });
    does(&pod, "alice", "rooms", room).await.assert_status(200);
    let joining = json!({ "stream": "Lunch" });
    does(&pod, "bob", "joins", joining.clone()).await.assert_status(200);
    does(&pod, "bob", "leaves", joining.clone()).await.assert_status(200);
    does(&pod, "bob", "leaves", joining).await.assert_status(400);
    assert_eq!(bot.hears_all().await, ["USERJOINEDROOM", "USERJOINEDROOM", "USERLEFTROOM"]);
    let im = does(&pod, "bob", "rooms", json!({ "with": ["bot"] })).await.assert_status(200).json();
    assert_eq!(bot.hears_all().await, ["INSTANTMESSAGECREATED"]);
    let again = does(&pod, "bob", "rooms", json!({ "with": ["bot"] })).await;
    assert_eq!(again.json()["streamId"], im["streamId"]);

    does(&pod, "bob", "presence", json!({ "category": "ON_THE_PHONE" })).await.assert_status(200);
    let bob = pod.anonymous().get("/pod/v2/user?username=bob&local=true").session(&bot.token);
    let bob = bob.send().await.assert_status(200).json()["id"].to_string();
    let presence = format!("/pod/v3/user/{bob}/presence");
    let presence = pod.anonymous().get(&presence).session(&bot.token).send().await.json();
    assert_eq!(presence["category"], "ON_THE_PHONE");
    for (what, body, field) in [
        ("rooms", json!({}), Value::Null),
        ("rooms", json!({ "with": ["nobody"] }), json!("with")),
        ("rooms", json!({ "name": "" }), json!("name")),
        ("joins", json!({ "stream": "Nowhere" }), json!("stream")),
        ("presence", json!({ "category": "ASLEEP" }), Value::Null),
        ("edits", json!({ "message": "x", "text": "y" }), json!("message")),
        (
            "messages",
            json!({ "stream": "Lunch", "message": "x", "attachments": [{ "name": "x" }] }),
            json!("attachments[0]"),
        ),
    ] {
        let refused = does(&pod, "alice", what, body).await.assert_status(400).json();
        assert_eq!(refused["field"], field, "{what}: {refused}");
    }
}

#[tokio::test]
async fn people_answer_bots_by_themselves() {
    let pod = Pod::frozen().await;
    let mut bot = Listener::start(&pod).await;
    let room = json!({ "name": "Quiz", "public": true, "members": ["alice", "bob"] });
    let room = does(&pod, "bot", "rooms", room).await.assert_status(200).json();
    let room = room["streamId"].as_str().unwrap();
    bot.hears_all().await;
    let script = async |who: &str, script: Value| {
        does(&pod, who, "answers", script).await.assert_status(201).json()["id"].clone()
    };
    let once = json!({ "when": { "matches": "(?i)lunch\\?$" }, "answer": { "message": "yes" }, "times": 1 });
    script("alice", once).await;
    script("alice", json!({ "when": { "matches": "Lunch" }, "answer": { "message": "no" } })).await;
    script("alice", json!({ "when": { "form": "order" }, "answer": { "form": { "ticker": "X" }, "button": "buy" } })).await;
    let slow = json!({ "when": { "from": "bot", "matches": "slow" }, "answer": { "message": "now" }, "after": "90s" });
    script("bob", slow).await;

    let says = async |bot: &mut Listener<'_>, text: &str| {
        bot.sends(room, &format!("<messageML>{text}</messageML>")).await;
        let events = bot.reads().await;
        let said = events.iter().map(|event| {
            let message = &event["payload"]["messageSent"]["message"];
            let who = event["initiator"]["user"]["username"].as_str().unwrap();
            let text = message["message"].as_str().unwrap_or("form").to_owned();
            let text = text.replace("</p>", "").replace("</div>", "");
            format!("{who}: {}", text.rsplit('>').next().unwrap())
        });
        said.collect::<Vec<_>>()
    };
    assert_eq!(says(&mut bot, "Lunch?").await, ["bot: Lunch?", "alice: yes"]);
    assert_eq!(says(&mut bot, "Lunch?").await, ["bot: Lunch?", "alice: no"]);
    assert_eq!(says(&mut bot, "Dinner?").await, ["bot: Dinner?"]);
    bot.sends(room, FORM).await;
    assert_eq!(bot.hears_all().await, ["MESSAGESENT", "SYMPHONYELEMENTSACTION"]);

    // A read that waits hears the answer when its time has come.
    assert_eq!(says(&mut bot, "slow").await, ["bot: slow"]);
    pod.clock().advance(std::time::Duration::from_secs(80));
    let (heard, ()) = tokio::join!(bot.reads(), async {
        pod.clock().advance(std::time::Duration::from_secs(10));
    });
    assert_eq!(heard[0]["initiator"]["user"]["username"], "bob");
    let at = symphony_mock_pod::Timestamp::from_millis(heard[0]["timestamp"].as_u64().unwrap());
    assert_eq!(at, pod.clock().now());

    let list = async || {
        pod.control().get("/_mock/people/alice/answers").send().await.assert_status(200).json()
    };
    let answers = list().await["answers"].clone();
    assert_eq!((&answers[0]["timesLeft"], &answers[1]["done"]), (&json!(0), &json!(1)));
    assert_eq!(answers[2]["failed"], Value::Null);
    let forget = async |path: &str| {
        let path = format!("/_mock/people/alice/answers{path}");
        pod.control().request(reqwest::Method::DELETE, &path).send().await.status
    };
    assert_eq!(forget(&format!("/{}", answers[1]["id"])).await, 204);
    assert_eq!(forget(&format!("/{}", answers[1]["id"])).await, 404);
    assert_eq!(list().await["answers"].as_array().unwrap().len(), 2);
    assert_eq!(forget("").await, 204);
    assert_eq!(says(&mut bot, "Lunch?").await, ["bot: Lunch?"]);
    for (bad, field) in [
        (json!({ "answer": {} }), json!("answer")),
        (json!({ "answer": { "read": true, "message": "x" } }), json!("answer")),
        (json!({ "answer": { "read": true }, "when": { "matches": "(" } }), json!("when.matches")),
        (json!({ "answer": { "read": true }, "when": { "from": "x" } }), json!("when.from")),
        (json!({ "answer": { "read": true }, "when": { "stream": "x" } }), json!("when.stream")),
        (json!({ "answer": { "join": "x" } }), json!("answer.join")),
        (json!({ "answer": { "read": true }, "after": "soon" }), json!("after")),
    ] {
        let refused = does(&pod, "alice", "answers", bad).await.assert_status(400).json();
        assert_eq!(refused["field"], field, "{refused}");
    }
    does(&pod, "bot", "answers", json!({ "answer": { "read": true } })).await.assert_status(400);
}

#[tokio::test]
async fn a_person_sees_what_is_said_where_he_is_and_nothing_else() {
    let pod = Pod::start().await;
    let control = pod.control();
    for text in ["one", "two <b>bold</b>", "three"] {
        let body =
            json!({ "stream": "Test Room", "message": format!("<messageML>{text}</messageML>") });
        control.post("/_mock/people/alice/messages").json(&body).send().await.assert_status(200);
    }
    let look =
        |who: &str, query: &str| control.get(&format!("/_mock/people/{who}/messages?{query}"));
    let seen = look("bob", "stream=Test%20Room&limit=2").send().await.assert_status(200).json();
    let seen = seen["messages"].as_array().unwrap();
    assert_eq!(
        seen.iter().map(|message| &message["text"]).collect::<Vec<_>>(),
        ["two bold", "three"]
    );
    assert_eq!(seen[1]["author"], "alice");
    assert!(seen[0]["message"].as_str().unwrap().contains("<b>bold</b>"), "{seen:?}");
    for (who, query, status) in [
        ("carol", "stream=Test%20Room", 400),
        ("bob", "stream=nowhere", 400),
        ("bob", "", 400),
        ("bob", "stream=Test%20Room&limit=x", 400),
        ("nobody", "stream=Test%20Room", 404),
    ] {
        look(who, query).send().await.assert_status(status);
    }
}

#[tokio::test]
async fn what_a_person_shares_is_heard_with_what_he_says_to_it() {
    let pod = Pod::start().await;
    let (control, bot) = (pod.control(), pod.bot("bot").await);
    let say = async |who: &str, body: Value| {
        control.post(&format!("/_mock/people/{who}/messages")).json(&body).send().await
    };
    let post = say("alice", json!({ "stream": "Test Room", "message": "news" })).await;
    let post = post.assert_status(200).json()["messageId"].clone();
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let share = json!({ "stream": "Test Room", "message": "look", "shares": post });
    say("bob", share.clone()).await.assert_status(200);

    let heard = bot.post(&read, &json!({})).await.assert_status(200).json();
    let events = heard["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["type"], "SHAREDPOST");
    assert_eq!(events[0]["initiator"]["user"]["username"], "bob");
    let payload = &events[0]["payload"]["sharedPost"];
    assert!(payload["message"]["message"].as_str().unwrap().contains("look"), "{payload}");
    assert_eq!(payload["sharedMessage"]["messageId"], post);

    let mut both = share.clone();
    both["forwards"] = post;
    say("bob", both).await.assert_status(400);
    // He does not see what he would share.
    say("carol", share).await.assert_status(400);
}

/// Whoever wrote names reads names: nobody knows by heart whose number it is.
#[tokio::test]
async fn refusals_name_what_the_caller_wrote_and_no_numbers() {
    let pod = Pod::start().await;
    let room = json!({ "name": "Board", "members": ["bot"] });
    does(&pod, "bob", "rooms", room).await.assert_status(200);
    let said = json!({ "stream": "Board", "message": "a secret" });
    let said = does(&pod, "bob", "messages", said).await.assert_status(200).json();
    let secret = &said["messageId"];
    let form = json!({ "stream": "Board", "messageML": FORM });
    let form = does(&pod, "bot", "messages", form).await.assert_status(200).json();
    let form = &form["messageId"];

    let board = json!({ "stream": "Board" });
    for (who, what, body, named) in [
        (
            "alice",
            "messages",
            json!({ "stream": "Board", "message": "hi" }),
            &["alice", "Board"][..],
        ),
        (
            "alice",
            "messages",
            json!({ "stream": "Board", "message": "hi", "replyTo": secret }),
            &["alice", "Board"],
        ),
        ("carol", "messages", json!({ "stream": "Test Room", "message": "hi" }), &["carol"]),
        ("alice", "edits", json!({ "message": secret, "text": "hi" }), &["alice", "Board"]),
        ("alice", "suppressions", json!({ "message": secret }), &[]),
        ("alice", "reads", json!({ "message": secret }), &["alice", "Board"]),
        ("alice", "forms", json!({ "message": form, "button": "buy" }), &["alice", "Board"]),
        ("alice", "leaves", board.clone(), &[]),
        ("alice", "joins", board, &[]),
        ("alice", "members", json!({ "stream": "Board", "user": "alice" }), &[]),
        ("bob", "members", json!({ "stream": "Board", "user": "carol" }), &["carol"]),
        (
            "bob",
            "members",
            json!({ "stream": "Board", "user": "alice", "remove": true }),
            &["alice"],
        ),
        ("bob", "rooms", json!({ "with": ["carol"] }), &["carol"]),
        ("bob", "rooms", json!({ "name": "Other", "members": ["carol"] }), &["carol"]),
        ("bob", "connections", json!({ "with": "carol", "action": "accept" }), &["carol"]),
    ] {
        let refused = does(&pod, who, what, body).await.assert_status(400).json();
        let error = refused["error"].as_str().unwrap();
        for name in named {
            assert!(error.contains(&format!("{name:?}")), "{who} {what}: {error}");
        }
        let longest = error.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(longest < Some(6), "{who} {what}: {error}");
    }
    // In Rust they are the same words.
    let error = pod.user("alice").send("Board", "hi").unwrap_err().to_string();
    assert!(error.contains("\"alice\"") && error.contains("\"Board\""), "{error}");
}

/// A pod lets private rooms have one name.
#[tokio::test]
async fn of_several_rooms_of_one_name_the_id_says_which() {
    let pod = Pod::start().await;
    let made = async || {
        let made = does(&pod, "alice", "rooms", json!({ "name": "Twin" })).await;
        made.assert_status(200).json()["streamId"].as_str().unwrap().to_owned()
    };
    let said = async |stream: &str| {
        does(&pod, "alice", "messages", json!({ "stream": stream, "message": "hi" })).await
    };
    let first = made().await;
    said("Twin").await.assert_status(200);
    let second = made().await;
    let refused = said("twin").await.assert_status(400).json();
    assert_eq!(refused["field"], "stream");
    let error = refused["error"].as_str().unwrap();
    assert!(error.contains(&first) && error.contains(&second), "{error}");
    let error = pod.user("alice").send("Twin", "hi").unwrap_err().to_string();
    assert!(error.contains(&first) && error.contains(&second), "{error}");
    assert_eq!(said(&second).await.assert_status(200).json()["streamId"], *second);
}
