//! A message with all that there is to know of it, and its files.

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::ControlRefusal;
use super::super::extract::{
    CurrentTenant, Expected, PathParameter, PathParameters, QueryParameters,
};
use super::messages::{message_id, seen};
use super::somebody;
use crate::domain::{Markup, Standing, UserId};

/// What media types a browser may show; all else is bytes to it.
const SHOWN: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];

/// Which file of a message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    place: Option<usize>,
}

impl Expected for Which {
    const EXPECTED: &'static str = "place, that of the file among those of the message, from 0";
}

/// Everything about a message: what it was made of, what became of it, and how far it came.
pub async fn one(
    tenant: CurrentTenant,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<Value>, ControlRefusal> {
    let now = tenant.pod.clock.now();
    let id = message_id("id", &id)?;
    let world = tenant.pod.world();
    let message = world.messages.by_id(id);
    let message =
        message.ok_or_else(|| ControlRefusal::not_found(format!("there is no message {id}")))?;
    let mut told = seen(&world, message);
    let name = |id: UserId| world.users.by_id(id).map(|user| user.username.clone());
    let written = match message.source.markup {
        Markup::MessageMl => "MessageML",
        Markup::Typed => "text",
        Markup::Verbatim => "PresentationML",
    };
    told["source"] = json!({
        "markup": written,
        "message": message.source.message,
        "data": message.source.data,
        "version": message.source.version,
    });
    told["entityJSON"] = message.data.as_str().into();
    told["markdown"] = message.markdown.as_str().into();
    told["userAgent"] = message.user_agent.as_ref().into();
    told["suppressed"] = json!(message.suppressed.map(|at| at.as_millis()));
    let receipts = world.marks_of(id).map(|receipt| {
        json!({
            "user": name(receipt.user),
            "delivered": receipt.delivered.map(|at| at.as_millis()),
            "read": receipt.read.map(|at| at.as_millis()),
        })
    });
    told["receipts"] = receipts.collect();
    let feeds = world.all_feeds(now).filter_map(|feed| {
        let standing = match feed.standing_of(id)? {
            Standing::Waiting => "waits to be read",
            Standing::HandedOut => "was handed out, and not acknowledged yet",
        };
        Some(json!({ "user": name(feed.id.owner), "id": &*feed.id.name, "event": standing }))
    });
    told["feeds"] = feeds.collect();
    Ok(Json(told))
}

/// A file of a message, by its place among the message's files, as somebody who may read it.
pub async fn attachment(
    tenant: CurrentTenant,
    PathParameters(user, id): PathParameters<String, String>,
    QueryParameters(Which { place }): QueryParameters<Which>,
) -> Result<Response, ControlRefusal> {
    let id = message_id("message", &id)?;
    let world = tenant.pod.world();
    let user = somebody(&world, &user)?;
    let place = place.unwrap_or(0);
    let unknown = || ControlRefusal::not_found(format!("the message {id} has no file {place}"));
    let message = world.messages.by_id(id).ok_or_else(unknown)?;
    let file = message.attachments.get(place).ok_or_else(unknown)?;
    let file = world.download(user, message.stream, id, &file.id);
    let file = file.map_err(|refusal| ControlRefusal::not_found(world.why(&refusal)))?;
    let shown = SHOWN.into_iter().find(|shown| file.content_type.eq_ignore_ascii_case(shown));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(shown.unwrap_or("application/octet-stream")),
        ),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, file.bytes.clone()).into_response())
}
