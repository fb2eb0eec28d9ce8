//! What people type into their clients, and what bots hear of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::people::{Listener, does};
use crate::pod::Pod;

/// A bot in the test room, and what alice's client makes of what she types.
struct Room<'a> {
    pod: &'a Pod,
    bot: Listener<'a>,
}

impl<'a> Room<'a> {
    async fn open(pod: &'a Pod) -> Self {
        Self { pod, bot: Listener::start(pod).await }
    }

    async fn hears(&mut self, mut said: Value) -> Value {
        said["stream"] = json!("Test Room");
        does(self.pod, "alice", "messages", said).await.assert_status(200);
        self.bot.hears().await["payload"]["messageSent"]["message"].clone()
    }

    /// The PresentationML between the document's root, and the data.
    async fn hears_typed(&mut self, text: &str) -> (String, Value) {
        let message = self.hears(json!({ "message": text })).await;
        (between_root(&message), data(&message))
    }

    /// The id of a user, as data has it.
    async fn id_of(&self, username: &str) -> String {
        let path = format!("/pod/v2/user?username={username}&local=true");
        let user = self.pod.anonymous().get(&path).session(&self.bot.token).send().await;
        user.assert_status(200).json()["id"].to_string()
    }
}

fn between_root(message: &Value) -> String {
    const ROOT: &str = r#"<div data-format="PresentationML" data-version="2.0" class="wysiwyg">"#;
    let text = message["message"].as_str().unwrap();
    let text = text.strip_prefix(ROOT).and_then(|text| text.strip_suffix("</div>"));
    text.unwrap_or_else(|| panic!("no client sends {message}")).to_owned()
}

fn data(message: &Value) -> Value {
    serde_json::from_str(message["data"].as_str().unwrap()).unwrap()
}

fn mention(id: &str) -> Value {
    json!({ "id": [{ "type": "com.symphony.user.userId", "value": id }], "type": "com.symphony.user.mention" })
}

/// symphonyoss/hubot-symphony#58: what is said arrives as a document of PresentationML, and not as it was typed.
#[tokio::test]
async fn a_text_arrives_as_a_client_sends_it() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    let message = room.hears(json!({ "message": "hello" })).await;
    assert_eq!(between_root(&message), "<p>hello</p>");
    assert_eq!(message["data"], "{}");
    assert!(message["userAgent"].as_str().unwrap().starts_with("DESKTOP-"), "{message}");
    assert_eq!(message["originalFormat"], "com.symphony.messageml.v2");

    let (typed, _) = room.hears_typed("How\r\nare\n\nyou & <yours>?\n").await;
    assert_eq!(typed, "<p>How</p><p>are</p><p></p><p>you &amp; &lt;yours&gt;?</p>");
}

#[tokio::test]
async fn whoever_is_named_is_mentioned() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    let (bot, bob) = (room.id_of("bot").await, room.id_of("bob").await);
    let span =
        |n: u8, name: &str| format!(r#"<span class="entity" data-entity-id="{n}">@{name}</span>"#);
    let test_bot = span(0, "Test Bot");
    for typed in ["@bot /help", "@Test Bot /help", "@test bot /help"] {
        let (text, data) = room.hears_typed(typed).await;
        assert_eq!(text, format!("<p>{test_bot} /help</p>"), "{typed}");
        assert_eq!(data, json!({ "0": mention(&bot) }), "{typed}");
    }
    let (text, data) = room.hears_typed("hi (@bob), and\n@bot.").await;
    let name = data["0"].clone();
    assert_eq!((name, &data["1"]), (mention(&bob), &mention(&bot)), "{text}");
    let (text, data) = room.hears_typed("@botany, bot@bot.example and @nobody").await;
    assert_eq!(text, "<p>@botany, bot@bot.example and @nobody</p>");
    assert_eq!(data, json!({}));
}

#[tokio::test]
async fn tags_emoji_and_links_are_marked_up() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    let bot = room.id_of("bot").await;
    let typed = "/buy $ibm #dip. $*700 $100 a#b :smiley: 10:30:45 :nothing: @bot https://x.example/a?b=1&c.";
    let (text, data) = room.hears_typed(typed).await;
    let span =
        |n: u8, text: &str| format!(r#"<span class="entity" data-entity-id="{n}">{text}</span>"#);
    let [bot_, dip, ibm, number, smiley] =
        [span(0, "@Test Bot"), span(1, "#dip"), span(2, "$ibm"), span(3, "$*700"), span(4, "😃")];
    let link = r#"<a href="https://x.example/a?b=1&amp;c">https://x.example/a?b=1&amp;c</a>"#;
    assert_eq!(
        text,
        format!(
            "<p>/buy {ibm} {dip}. {number} $100 a#b {smiley} 10:30:45 :nothing: {bot_} {link}.</p>"
        )
    );
    let security = |ticker: &str| {
        json!({
            "id": [{ "type": "org.symphonyoss.fin.security.id.ticker", "value": ticker }],
            "type": "org.symphonyoss.fin.security", "version": "1.0",
        })
    };
    let hashtag = json!({
        "id": [{ "type": "org.symphonyoss.taxonomy.hashtag", "value": "dip" }],
        "type": "org.symphonyoss.taxonomy", "version": "1.0",
    });
    assert_eq!((&data["0"], &data["1"]), (&mention(&bot), &hashtag));
    assert_eq!((&data["2"], &data["3"]), (&security("ibm"), &security("*700")));
    assert_eq!(data["4"]["data"]["unicode"], "😃");
}

#[tokio::test]
async fn a_pasted_table_is_one() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    let (text, _) = room.hears_typed("look:\nName\tAge\nJim\t5\nJames\t7").await;
    assert_eq!(
        text,
        "<p>look:</p><p><table class=\"pasted-table\"><thead><tr><th>Name</th><th>Age</th></tr></thead>\
         <tbody><tr><td>Jim</td><td>5</td></tr><tr><td>James</td><td>7</td></tr></tbody></table></p>"
    );
    let (text, _) = room.hears_typed("a\ttab").await;
    assert_eq!(text, "<p>a\ttab</p>");
    let seen =
        pod.control().get("/_mock/people/bob/messages?stream=Test%20Room").send().await.json();
    let seen = seen["messages"].as_array().unwrap();
    assert_eq!(seen[0]["text"], "look:\nName\tAge\nJim\t5\nJames\t7");
}

/// finos/symphony-bdk-python#207 and finos/symphony-bdk-java#544: clients fill the empty cells of a
/// table that was pasted with an entity of HTML, and parsers of XML died of it.
#[tokio::test]
async fn an_empty_cell_of_a_pasted_table_is_no_xml() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    let (text, _) = room.hears_typed("\tBid\tAsk\nIBM\t\t1.2").await;
    assert_eq!(
        text,
        "<p><table class=\"pasted-table\"><thead><tr><th>&nbsp;</th><th>Bid</th><th>Ask</th></tr></thead>\
         <tbody><tr><td>IBM</td><td>&nbsp;</td><td>1.2</td></tr></tbody></table></p>"
    );
    let seen = pod.control().get("/_mock/people/bob/messages?stream=Test%20Room").send().await;
    let seen = seen.assert_status(200).json()["messages"][0]["text"].clone();
    assert_eq!(seen.as_str().unwrap().replace('\u{a0}', ""), "\tBid\tAsk\nIBM\t\t1.2");
}

/// finos/symphony-bdk-java#572 and finos/symphony-bdk-python#236: what looks like markup is escaped,
/// and must not be unescaped before it is parsed.
#[tokio::test]
async fn markup_that_is_typed_is_text() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    let (text, _) = room.hears_typed("/test </messageML>").await;
    assert_eq!(text, "<p>/test &lt;/messageML&gt;</p>");
    let (text, _) = room.hears_typed("&").await;
    assert_eq!(text, "<p>&amp;</p>");
}

/// finos/symphony-bdk-java#515: a bot may have a command with and one without its mention, which differ
/// in the entity alone. finos/symphony-bdk-python#284: the mention is known by its id, arguments are
/// entities.
#[tokio::test]
async fn a_command_with_a_mention_differs_from_one_without_by_the_entity() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    let (bot, bob) = (room.id_of("bot").await, room.id_of("bob").await);
    assert_eq!(room.hears_typed("/gif").await, ("<p>/gif</p>".to_owned(), json!({})));
    let (text, data) = room.hears_typed("@bot /gif @bob $ibm #dip").await;
    assert!(
        text.starts_with("<p><span class=\"entity\" data-entity-id=\"0\">@Test Bot</span> /gif "),
        "{text}"
    );
    assert_eq!((&data["0"], &data["1"]), (&mention(&bot), &mention(&bob)));
    let mut arguments: Vec<_> =
        data.as_object().unwrap().values().map(|it| it["type"].clone()).collect();
    arguments.sort_by_key(Value::to_string);
    assert_eq!(
        arguments,
        [
            "com.symphony.user.mention",
            "com.symphony.user.mention",
            "org.symphonyoss.fin.security",
            "org.symphonyoss.taxonomy",
        ]
    );
}

/// Among them what is no XML: the most reported end of a BDK's parser (finos/symphony-bdk-python#207).
#[tokio::test]
async fn what_is_given_verbatim_arrives_so() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    let odd = "<div data-format=\"PresentationML\" data-version=\"2.0\"><p>a&nbsp;b<blink/></p>";
    let message = room.hears(json!({ "presentationML": odd, "data": "{ \"0\": [] " })).await;
    assert_eq!((&message["message"], &message["data"]), (&json!(odd), &json!("{ \"0\": [] ")));
    assert!(message["userAgent"].as_str().unwrap().starts_with("DESKTOP-"), "{message}");

    let said = json!({ "stream": "Test Room", "message": "soon" });
    let said = does(&pod, "bob", "messages", said).await.assert_status(200).json();
    room.bot.hears().await;
    let edit = json!({ "message": said["messageId"], "presentationML": odd });
    does(&pod, "bob", "edits", edit).await.assert_status(200);
    let edited = room.bot.hears().await["payload"]["messageSent"]["message"].clone();
    assert_eq!((&edited["message"], &edited["replacing"]), (&json!(odd), &said["messageId"]));

    let answer = json!({ "when": { "matches": "ping" }, "answer": { "presentationML": odd } });
    does(&pod, "bob", "answers", answer).await.assert_status(201);
    room.bot.sends(said["streamId"].as_str().unwrap(), "<messageML>ping</messageML>").await;
    let events = room.bot.reads().await;
    let answer = &events.last().unwrap()["payload"]["messageSent"]["message"];
    assert_eq!(answer["message"], odd);

    let seed = pod.control().get("/_mock/scenario").send().await.assert_status(200).json();
    let kept = seed["messages"].as_array().unwrap();
    assert!(kept.iter().any(|message| message["presentationML"] == odd), "{seed}");
    let copy = json!({ "scenario": seed });
    pod.control()
        .request(Method::PUT, "/_mock/pods/copy")
        .json(&copy)
        .send()
        .await
        .assert_status(201);
    let copied = pod.control().get("/t/copy/_mock/scenario").send().await.json();
    assert_eq!(copied["messages"], seed["messages"]);
}

#[tokio::test]
async fn message_ml_stays_what_bots_send() {
    let pod = Pod::start().await;
    let mut room = Room::open(&pod).await;
    for field in ["message", "messageML"] {
        let message = room.hears(json!({ field: "<messageML><b>x</b></messageML>" })).await;
        let converted = r#"<div data-format="PresentationML" data-version="2.0"><b>x</b></div>"#;
        assert_eq!(message["message"], converted);
    }
    let typed = room.hears(json!({ "message": "<b>x</b>" })).await;
    assert_eq!(between_root(&typed), "<p>&lt;b&gt;x&lt;/b&gt;</p>");
    for (said, why) in [
        (json!({}), "is said in one way"),
        (json!({ "message": "x", "messageML": "<messageML>x</messageML>" }), "is said in one way"),
        (json!({ "message": " \n" }), "without a text"),
        (json!({ "message": "\u{7}" }), "control characters"),
        (json!({ "message": "x", "data": "[]" }), "no JSON object"),
        (json!({ "messageML": "<messageML><marquee/></messageML>" }), "marquee"),
    ] {
        let mut said = said;
        said["stream"] = json!("Test Room");
        let refused = does(&pod, "alice", "messages", said.clone()).await.assert_status(400).json();
        assert!(refused["error"].as_str().unwrap().contains(why), "{said}: {refused}");
        assert_eq!(refused["field"], "message", "{said}");
    }
}
