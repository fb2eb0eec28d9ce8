//! Sharing of articles into streams.

use axum::Json;
use serde::Deserialize;

use super::events_v1::V2Event;
use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::object_id;
use crate::domain::{ARTICLE, Article, Refusal};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/agent/v1/stream/{sid}/share" => share_v1 [SendMessages],
    POST "/agent/v3/stream/{sid}/share" => share_v3 [SendMessages],
}

/// `ShareContent` of the agent API.
#[derive(Deserialize)]
struct ShareContent {
    #[serde(rename = "type")]
    kind: String,
    content: ShareArticle,
}

/// `ShareArticle` of the agent API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShareArticle {
    article_id: Option<String>,
    title: String,
    sub_title: Option<String>,
    message: Option<String>,
    publisher: String,
    publish_date: Option<u64>,
    thumbnail_url: Option<String>,
    author: String,
    article_url: Option<String>,
    summary: Option<String>,
    app_id: String,
    app_name: Option<String>,
    app_icon_url: Option<String>,
}

async fn share_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    JsonBody(content): JsonBody<ShareContent>,
) -> Result<Json<V2Event>, Refusal> {
    share(&pod, &me, &stream, content)
}

async fn share_v3(
    pod: CurrentPod,
    me: Session,
    PathParameter(stream): PathParameter<String>,
    JsonBody(content): JsonBody<ShareContent>,
) -> Result<Json<V2Event>, Refusal> {
    share(&pod, &me, &stream, content)
}

fn share(
    pod: &Pod,
    me: &Session,
    stream: &str,
    content: ShareContent,
) -> Result<Json<V2Event>, Refusal> {
    if content.kind != ARTICLE {
        let what = format!("The type is {:?}, expected {ARTICLE:?}", content.kind);
        return Err(Refusal::Malformed { what });
    }
    let (stream, now) = (object_id("stream id", stream)?, pod.clock.now());
    let message = pod.world().share(me.user()?, stream, &content.content.into(), now)?;
    Ok(Json(V2Event::of_message(&message)))
}

impl From<ShareArticle> for Article {
    fn from(article: ShareArticle) -> Self {
        Self {
            id: article.article_id,
            url: article.article_url,
            title: article.title,
            sub_title: article.sub_title,
            publisher: article.publisher,
            author: article.author,
            published: article.publish_date,
            thumbnail_url: article.thumbnail_url,
            summary: article.summary,
            app_id: article.app_id,
            app_name: article.app_name,
            app_icon_url: article.app_icon_url,
            message: article.message,
        }
    }
}
