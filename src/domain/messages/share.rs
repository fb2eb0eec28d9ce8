//! Sharing what was found elsewhere.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::{Refusal, StreamId, Timestamp, UserId, World};
use super::{Message, Submission};

/// An article of another publisher's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Article {
    pub id: Option<String>,
    pub url: Option<String>,
    pub title: String,
    pub sub_title: Option<String>,
    pub publisher: String,
    pub author: String,
    pub published: Option<u64>,
    pub thumbnail_url: Option<String>,
    pub summary: Option<String>,
    pub app_id: String,
    pub app_name: Option<String>,
    pub app_icon_url: Option<String>,
    /// What the sharer says to it.
    pub message: Option<String>,
}

/// The type of content that can be shared, and of the entity that a shared article is.
pub const ARTICLE: &str = "com.symphony.sharing.article";

impl World {
    /// Shares an article: sends a message with it into a stream.
    ///
    /// How real pods lay the message out is not known; here it is what the sharer says, and the
    /// title with author, publisher and summary, with everything else in the data.
    pub fn share(
        &mut self,
        author: UserId,
        stream: StreamId,
        article: &Article,
        now: Timestamp,
    ) -> Result<Arc<Message>, Refusal> {
        let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        if blank(&article.id) && blank(&article.url) {
            let what = "Either an articleId or an articleUrl is required".into();
            return Err(Refusal::Malformed { what });
        }
        let submission = Submission {
            message: article.message_ml(),
            data: Some(article.entity_json()),
            ..Submission::default()
        };
        self.send_message(author, stream, submission, now)
    }
}

impl Article {
    fn message_ml(&self) -> String {
        let title = match &self.url {
            Some(url) => format!("<a href=\"{}\">{}</a>", escaped(url), escaped(&self.title)),
            None => format!("<b>{}</b>", escaped(&self.title)),
        };
        let mut ml = String::from("<messageML>");
        if let Some(message) = &self.message {
            ml.push_str(&format!("<p>{}</p>", escaped(message)));
        }
        ml.push_str(&format!("<div class=\"entity\" data-entity-id=\"article\">{title}"));
        let source = format!("{}, {}", escaped(&self.author), escaped(&self.publisher));
        ml.push_str(&format!("<br/>{source}"));
        for text in [&self.sub_title, &self.summary].into_iter().flatten() {
            ml.push_str(&format!("<br/>{}", escaped(text)));
        }
        ml.push_str("</div></messageML>");
        ml
    }

    fn entity_json(&self) -> String {
        let mut entity = Map::new();
        entity.insert("type".into(), ARTICLE.into());
        entity.insert("version".into(), "1.0".into());
        let texts = [
            ("articleId", &self.id),
            ("articleUrl", &self.url),
            ("subTitle", &self.sub_title),
            ("thumbnailUrl", &self.thumbnail_url),
            ("summary", &self.summary),
            ("appName", &self.app_name),
            ("appIconUrl", &self.app_icon_url),
            ("message", &self.message),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                entity.insert(name.into(), text.as_str().into());
            }
        }
        for (name, text) in [
            ("title", &self.title),
            ("publisher", &self.publisher),
            ("author", &self.author),
            ("appId", &self.app_id),
        ] {
            entity.insert(name.into(), text.as_str().into());
        }
        if let Some(published) = self.published {
            entity.insert("publishDate".into(), published.into());
        }
        json!({ "article": Value::Object(entity) }).to_string()
    }
}

/// Text for XML. What a template would read as its own is put out of its reach.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '$' | '#' => escaped.push_str(&format!("&#{};", u32::from(c))),
            c if c < ' ' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
