//! A bot that answers `/time`, `/help`, `/form` and `/card`: a few requests to a pod, and nothing of the mock in it.

use reqwest::{Client, Response};
use serde_json::{Value, json};

/// A bot that is logged in and has a feed.
pub struct TimeBot {
    http: Client,
    pod: String,
    session: String,
    key_manager: String,
    feed: String,
    ack: String,
}

impl TimeBot {
    /// Logs in by the client certificate that `http` shows.
    pub async fn log_in(http: Client, pod: &str) -> reqwest::Result<Self> {
        let token = async |door: &str| {
            let login = http.post(format!("{pod}/{door}/v1/authenticate")).send().await?;
            let login: Value = login.error_for_status()?.json().await?;
            reqwest::Result::Ok(text(&login, "token"))
        };
        let (session, key_manager) = (token("sessionauth").await?, token("keyauth").await?);
        let mut bot = Self {
            http: http.clone(),
            pod: pod.to_owned(),
            session,
            key_manager,
            feed: String::new(),
            ack: String::new(),
        };
        let feed: Value = bot.post("/agent/v5/datafeeds", &json!({})).await?.json().await?;
        bot.feed = text(&feed, "id");
        Ok(bot)
    }

    /// Reads its feed once, and answers what it finds there.
    pub async fn work(&mut self) -> reqwest::Result<()> {
        let path = format!("/agent/v5/datafeeds/{}/read", self.feed);
        let read = self.post(&path, &json!({ "ackId": self.ack })).await?;
        let read: Value = read.json().await?;
        self.ack = text(&read, "ackId");
        for event in read["events"].as_array().into_iter().flatten() {
            let message = &event["payload"]["messageSent"]["message"];
            let (said, stream) = (text(message, "message"), text(&message["stream"], "streamId"));
            let filled_in = &event["payload"]["symphonyElementsAction"];
            if said.contains("/time") {
                self.answer(&stream, "Time for tea.", None).await?;
            } else if said.contains("/help") {
                self.answer(&stream, "I can tell the time: say /time.", None).await?;
            } else if said.contains("/form") {
                self.answer(&stream, FORM, None).await?;
            } else if said.contains("/card") {
                self.answer(&stream, "The card", Some(("card.txt", "Tea 2.00\n"))).await?;
            } else if filled_in["formId"] == "tea" {
                let stream = text(&filled_in["stream"], "streamId");
                let tea = text(&filled_in["formValues"], "kind");
                self.answer(&stream, &format!("One {tea} tea."), None).await?;
            }
        }
        Ok(())
    }

    /// Answers, for a second time if the pod had no time at first.
    async fn answer(
        &self,
        stream: &str,
        words: &str,
        file: Option<(&str, &str)>,
    ) -> reqwest::Result<()> {
        let path = format!("/agent/v4/stream/{stream}/message/create");
        let part = |head: &str, content: &str| {
            format!("--part\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
        };
        let mut body = part("name=\"message\"", &format!("<messageML>{words}</messageML>"));
        if let Some((name, content)) = file {
            body += &part(&format!("name=\"attachment\"; filename=\"{name}\""), content);
        }
        body += "--part--\r\n";
        let send = async || {
            let request = self.request(&path).header("content-type", MULTIPART).body(body.clone());
            request.send().await?.error_for_status()
        };
        match send().await {
            Err(error) if error.status().is_some_and(|status| status.is_server_error()) => {
                send().await.map(drop)
            }
            sent => sent.map(drop),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> reqwest::Result<Response> {
        self.request(path).json(body).send().await?.error_for_status()
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.pod));
        request.header("sessionToken", &self.session).header("keyManagerToken", &self.key_manager)
    }
}

const MULTIPART: &str = "multipart/form-data; boundary=part";
const FORM: &str = r#"<form id="tea"><text-field name="kind"/><button type="action" name="send">Order</button></form>"#;

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
