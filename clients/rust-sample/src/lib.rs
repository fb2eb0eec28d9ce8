//! A bot that answers `/time`, `/help`, `/form` and `/card`: a few requests to a pod, and nothing of the mock in it.

use reqwest::{Client, Response, StatusCode};
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
        let mut bot = Self {
            http,
            pod: pod.to_owned(),
            session: String::new(),
            key_manager: String::new(),
            feed: String::new(),
            ack: String::new(),
        };
        bot.begin().await?;
        Ok(bot)
    }

    /// A session and a feed, both new.
    async fn begin(&mut self) -> reqwest::Result<()> {
        self.session = authenticate(&self.http, &self.pod, "sessionauth/v1", None).await?;
        self.key_manager = authenticate(&self.http, &self.pod, "keyauth/v1", None).await?;
        let feed: Value = self.post("/agent/v5/datafeeds", &json!({})).await?.json().await?;
        (self.feed, self.ack) = (text(&feed, "id"), String::new());
        Ok(())
    }

    /// Reads its feed once, and answers what it finds there. A session or a feed that has come to
    /// its end is replaced.
    pub async fn work(&mut self) -> reqwest::Result<()> {
        const GONE: [StatusCode; 2] = [StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST];
        let path = format!("/agent/v5/datafeeds/{}/read", self.feed);
        let read = match self.post(&path, &json!({ "ackId": self.ack })).await {
            Err(error) if error.status().is_some_and(|status| GONE.contains(&status)) => {
                return self.begin().await;
            }
            read => read?,
        };
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
        let send = async || {
            let request = self.request(&create_message(stream));
            request.header("content-type", MULTIPART).body(form_data(words, file)).send().await
        };
        match send().await?.error_for_status() {
            Err(error) if error.status().is_some_and(|status| status.is_server_error()) => {
                send().await?.error_for_status().map(drop)
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

/// Orders in the name of a user, on whose behalf the app whose certificate `http` shows may act.
pub async fn order_for(
    http: &Client,
    pod: &str,
    username: &str,
    stream: &str,
    tea: &str,
) -> reqwest::Result<()> {
    let app = authenticate(http, pod, "sessionauth/v1/app", None).await?;
    let door = format!("sessionauth/v1/app/username/{username}");
    let session = authenticate(http, pod, &door, Some(&app)).await?;
    let request = http.post(format!("{pod}{}", create_message(stream)));
    let request = request.header("sessionToken", session).header("content-type", MULTIPART);
    let words = format!("I would like {tea} tea");
    request.body(form_data(&words, None)).send().await?.error_for_status().map(drop)
}

/// The token that an endpoint gives to whoever shows a certificate, and of an app its token.
async fn authenticate(
    http: &Client,
    pod: &str,
    door: &str,
    app: Option<&str>,
) -> reqwest::Result<String> {
    let request = http.post(format!("{pod}/{door}/authenticate"));
    let (request, field) = match app {
        Some(app) => (request.header("sessionToken", app), "sessionToken"),
        None => (request, "token"),
    };
    let login: Value = request.send().await?.error_for_status()?.json().await?;
    Ok(text(&login, field))
}

fn create_message(stream: &str) -> String {
    format!("/agent/v4/stream/{stream}/message/create")
}

fn form_data(words: &str, file: Option<(&str, &str)>) -> String {
    let part = |head: &str, content: &str| {
        format!("--part\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let message = part("name=\"message\"", &format!("<messageML>{words}</messageML>"));
    let attachment = file.map(|(name, content)| {
        let head = format!("name=\"attachment\"; filename=\"{name}\"\r\nContent-Type: text/plain");
        part(&head, content)
    });
    format!("{message}{}--part--\r\n", attachment.unwrap_or_default())
}

const MULTIPART: &str = "multipart/form-data; boundary=part";
const FORM: &str = r#"<form id="tea"><text-field name="kind"/><button type="action" name="send">Order</button></form>"#;

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
