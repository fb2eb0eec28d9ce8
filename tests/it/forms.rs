//! Forms that people fill in: what a client would not send is refused, and can be forced.

use serde_json::{Value, json};

use crate::people::{Listener, does};
use crate::pod::Pod;

const FORM: &str = r#"<messageML><form id="order">
    <text-field name="ticker" required="true" pattern="[A-Z]+" pattern-error-message="Capitals" maxlength="4"/>
    <textarea name="note" minlength="3"></textarea>
    <text-field name="fixed" readonly="true">as it is</text-field>
    <checkbox name="extras" value="a">A</checkbox><checkbox name="extras" value="b">B</checkbox>
    <radio name="side" value="buy">Buy</radio><radio name="side" value="sell">Sell</radio>
    <select name="venue"><option value="x">X</option><option value="y">Y</option></select>
    <select name="days" multiple="true" min="1" max="2"><option value="1">1</option><option value="2">2</option><option value="3">3</option></select>
    <person-selector name="who"/><room-selector name="where"/>
    <date-picker name="day" min="2026-01-01" max="2026-12-31"/><time-picker name="time"/>
    <button name="go" type="action">Go</button></form></messageML>"#;

/// A bot that has shown a form in the test room.
struct Shown<'a> {
    pod: &'a Pod,
    bot: Listener<'a>,
    stream: String,
    form: Value,
}

impl<'a> Shown<'a> {
    async fn new(pod: &'a Pod, form: &str) -> Self {
        let mut bot = Listener::start(pod).await;
        let said = json!({ "stream": "Test Room", "message": "hello" });
        let said = does(pod, "bob", "messages", said).await.json();
        let stream = said["streamId"].as_str().unwrap().to_owned();
        let form = bot.sends(&stream, form).await["messageId"].clone();
        bot.reads().await;
        Self { pod, bot, stream, form }
    }

    async fn refuses(&self, user: &str, mut filled: Value) -> String {
        filled["message"] = self.form.clone();
        let refused = does(self.pod, user, "forms", filled).await.assert_status(400).json();
        refused["error"].as_str().unwrap().to_owned()
    }

    async fn takes(&mut self, user: &str, mut filled: Value) -> Value {
        filled["message"] = self.form.clone();
        does(self.pod, user, "forms", filled).await.assert_status(200);
        self.bot.hears().await["payload"]["symphonyElementsAction"]["formValues"].clone()
    }
}

#[tokio::test]
async fn a_client_sends_what_the_form_allows_and_says_what_it_does_not() {
    let pod = Pod::start().await;
    let mut shown = Shown::new(&pod, FORM).await;
    for (name, value, why) in [
        ("ticker", json!("ibm"), "Capitals"),
        ("ticker", json!("IBMIBM"), "1 to 4 characters"),
        ("ticker", json!(["IBM"]), "one text"),
        ("note", json!("ab"), "3 to"),
        ("fixed", json!("otherwise"), "read-only"),
        ("extras", json!(["a", "c"]), "no option \"c\""),
        ("side", json!("hold"), "no option \"hold\""),
        ("side", json!(["buy"]), "one option"),
        ("venue", json!("z"), "no option \"z\""),
        ("days", json!(["1", "2", "3"]), "1 to 2 options"),
        ("who", json!(["nobody"]), "no user \"nobody\""),
        ("where", json!("Nowhere"), "no room \"Nowhere\""),
        ("day", json!("12 May"), "YYYY-MM-DD"),
        ("day", json!("2027-01-01"), "2026-12-31"),
        ("time", json!("25:00"), "HH:MM"),
    ] {
        let mut values = json!({ "ticker": "IBM" });
        values[name] = value;
        let refused = shown.refuses("alice", json!({ "values": values })).await;
        assert!(refused.contains(why), "{values}: {refused}");
    }
    let values = json!({
        "ticker": "IBM", "extras": ["a", "b"], "side": "buy", "venue": "x", "days": ["1", "3"],
        "who": ["bob"], "where": "Test Room", "day": "2026-05-12", "time": "09:30:00",
    });
    let heard = shown.takes("alice", json!({ "values": values })).await;
    let bob = shown.pod.anonymous().get("/pod/v2/user?username=bob&local=true");
    let bob = bob.session(&shown.bot.token).send().await.json()["id"].clone();
    assert_eq!(heard["who"], json!([bob]));
    assert_eq!(heard["where"], shown.stream);
    assert_eq!(heard["fixed"], "as it is");
    assert_eq!(heard["action"], "go");
}

#[tokio::test]
async fn a_form_is_sent_once_unless_it_says_otherwise() {
    let pod = Pod::start().await;
    let values = json!({ "values": { "ticker": "IBM" } });
    let mut shown = Shown::new(&pod, FORM).await;
    shown.takes("alice", values.clone()).await;
    assert!(shown.refuses("alice", values.clone()).await.contains("multi-submit"));
    shown.takes("bob", values.clone()).await;
    let forced = json!({ "values": { "ticker": "IBM" }, "force": true });
    assert_eq!(shown.takes("alice", forced).await["ticker"], "IBM");

    let pod = Pod::start().await;
    let repeatable = FORM.replace(r#"id="order""#, r#"id="order" multi-submit="reset""#);
    let mut shown = Shown::new(&pod, &repeatable).await;
    for _ in 0..2 {
        shown.takes("alice", values.clone()).await;
    }
}

#[tokio::test]
async fn a_replaced_form_is_gone_for_clients() {
    let pod = Pod::start().await;
    let mut shown = Shown::new(&pod, FORM).await;
    let path = format!(
        "/agent/v4/stream/{}/message/{}/update",
        shown.stream,
        shown.form.as_str().unwrap()
    );
    let update = pod.anonymous().post(&path).session(&shown.bot.token);
    let parts = [crate::messages::part("message", "<messageML>closed</messageML>")];
    crate::messages::form(update, &parts).send().await.assert_status(200);
    shown.bot.reads().await;
    let values = json!({ "values": { "ticker": "IBM" } });
    assert!(shown.refuses("alice", values).await.contains("was replaced by"));
    let forced = json!({ "values": { "odd": "1" }, "button": "none", "force": true });
    let heard = shown.takes("alice", forced).await;
    assert_eq!((&heard["odd"], &heard["action"]), (&json!("1"), &json!("none")));
}
