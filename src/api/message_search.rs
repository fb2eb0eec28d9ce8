//! The search for messages, asked in a query or in a body.

use std::sync::Arc;

use serde::Deserialize;

use super::extract::{CurrentPod, JsonBody, Session};
use super::parameters::{Most, Parameters, object_id};
use super::shapes::Found;
use super::v4_message::V4Message;
use crate::domain::{MessageQuery, Refusal, StreamKind, Timestamp, UserId};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    GET "/agent/v1/message/search" => message_search_list_v1,
    POST "/agent/v1/message/search" => message_search_create_v1,
    POST "/agent/v4/message/search/semantic" => message_search_semantic_v4 [GetUserMessages],
}

/// `MessageSearchQuery` of the agent API. A field it does not have is refused: ignored, it would
/// make a search find too much.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SearchQuery {
    text: Option<String>,
    stream_id: Option<String>,
    stream_type: Option<String>,
    author: Option<u64>,
    hashtag: Option<String>,
    cashtag: Option<String>,
    mention: Option<u64>,
    signal: Option<String>,
    from_date: Option<u64>,
    to_date: Option<u64>,
}

/// `SemanticSearchQuery` of the agent API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SemanticSearchQuery {
    text: Option<String>,
    /// The stream to look into; all, where there is none.
    thread_id: Option<String>,
}

async fn message_search_list_v1(
    pod: CurrentPod,
    me: Session,
    parameters: Parameters,
) -> Result<Found<Vec<V4Message>>, Refusal> {
    let query = parameters
        .text("query")
        .ok_or_else(|| Refusal::Malformed { what: "The parameter query is missing".into() })?;
    search(&pod, &me, &parameters, SearchQuery::parse(query)?)
}

async fn message_search_create_v1(
    pod: CurrentPod,
    me: Session,
    parameters: Parameters,
    JsonBody(query): JsonBody<SearchQuery>,
) -> Result<Found<Vec<V4Message>>, Refusal> {
    search(&pod, &me, &parameters, query)
}

async fn message_search_semantic_v4(
    pod: CurrentPod,
    me: Session,
    parameters: Parameters,
    JsonBody(query): JsonBody<SemanticSearchQuery>,
) -> Result<Found<Vec<V4Message>>, Refusal> {
    const DEFAULT: usize = 25;
    const MAX: usize = 100;
    let page = parameters.page(DEFAULT, Most::Refused(MAX))?;
    let stream = query.thread_id.filter(|id| !id.trim().is_empty());
    let stream = stream.map(|id| object_id("thread id", &id)).transpose()?;
    let (me, world) = (me.user()?, pod.world());
    let found = world.search_semantically(me, &query.text.unwrap_or_default(), stream)?;
    Ok(Found::unless_empty(
        page.of(found).filter_map(|hit| V4Message::of(&world, hit.message)).collect(),
    ))
}

/// How many messages a search finds unless told, and at most.
const DEFAULT: usize = 50;
const MAX: usize = 500;

/// `scope` and `tier` change nothing: the pod has no connectors and one store.
fn search(
    pod: &Pod,
    me: &Session,
    parameters: &Parameters,
    query: SearchQuery,
) -> Result<Found<Vec<V4Message>>, Refusal> {
    let (query, signal) = query.criteria()?;
    let oldest_first = match parameters.text("sortDir") {
        None => false,
        Some(text) if text.eq_ignore_ascii_case("DESC") => false,
        Some(text) if text.eq_ignore_ascii_case("ASC") => true,
        Some(text) => return Err(malformed("sortDir", text, "ASC or DESC")),
    };
    let page = parameters.page(DEFAULT, Most::Cut(MAX))?;
    let (me, world) = (me.user()?, pod.world());
    let signal = signal.map(|id| world.signal(me, &id)).transpose()?;
    let signal = signal.map(|signal| Arc::clone(&signal.query));
    let query = MessageQuery { signal, ..query };
    let mut found = world.search_messages(me, &query)?;
    if !oldest_first {
        found.reverse();
    }
    let messages = page.of(found).filter_map(|message| V4Message::of(&world, message));
    Ok(Found::unless_empty(messages.collect()))
}

impl SearchQuery {
    /// Reads `field:value AND field:value`. Names of fields have any letter case.
    fn parse(query: &str) -> Result<Self, Refusal> {
        let mut parsed = Self::default();
        for pair in query.split(" AND ").map(str::trim) {
            let (field, value) = pair
                .split_once(':')
                .map(|(field, value)| (field.trim(), value.trim()))
                .filter(|(_, value)| !value.is_empty())
                .ok_or_else(|| malformed("query", pair, "field:value"))?;
            let text = || Ok(value.to_owned());
            let number = || value.parse().map_err(|_| malformed(field, value, "a number"));
            match field.to_ascii_lowercase().as_str() {
                "text" => once(&mut parsed.text, field, text()),
                "streamid" => once(&mut parsed.stream_id, field, text()),
                "streamtype" => once(&mut parsed.stream_type, field, text()),
                "author" => once(&mut parsed.author, field, number()),
                "hashtag" => once(&mut parsed.hashtag, field, text()),
                "cashtag" => once(&mut parsed.cashtag, field, text()),
                "mention" => once(&mut parsed.mention, field, number()),
                "signal" => once(&mut parsed.signal, field, text()),
                "fromdate" => once(&mut parsed.from_date, field, number()),
                "todate" => once(&mut parsed.to_date, field, number()),
                _ => Err(Refusal::Malformed {
                    what: format!("The query has the unknown field {field:?}"),
                }),
            }?;
        }
        Ok(parsed)
    }

    /// What is looked for, and the id of the signal that is to show it.
    fn criteria(self) -> Result<(MessageQuery, Option<String>), Refusal> {
        let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let query = MessageQuery {
            text: said(self.text),
            stream: said(self.stream_id).map(|id| object_id("stream id", &id)).transpose()?,
            kinds: said(self.stream_type).map(|name| kinds(&name)).transpose()?,
            author: self.author.map(UserId::from_wire),
            hashtag: said(self.hashtag),
            cashtag: said(self.cashtag),
            mention: self.mention.map(UserId::from_wire),
            signal: None,
            from: self.from_date.map(Timestamp::from_millis),
            to: self.to_date.map(Timestamp::from_millis),
        };
        let signal = said(self.signal);
        if signal.is_some() {
            let dates = MessageQuery { from: query.from, to: query.to, ..MessageQuery::default() };
            if query != dates {
                let what = "A signal goes with fromDate and toDate alone".into();
                return Err(Refusal::Malformed { what });
            }
        }
        Ok((query, signal))
    }
}

fn once<T>(field: &mut Option<T>, name: &str, value: Result<T, Refusal>) -> Result<(), Refusal> {
    match field.replace(value?) {
        None => Ok(()),
        Some(_) => Err(Refusal::Malformed { what: format!("The query has {name} twice") }),
    }
}

/// Rooms are `chatroom` in a query and `ROOM` in a body; either is taken in both.
fn kinds(name: &str) -> Result<&'static [StreamKind], Refusal> {
    match name.trim().to_ascii_lowercase().as_str() {
        "chat" => Ok(&[StreamKind::Im, StreamKind::Mim]),
        "im" => Ok(&[StreamKind::Im]),
        "mim" => Ok(&[StreamKind::Mim]),
        "chatroom" | "room" => Ok(&[StreamKind::Room]),
        "post" => Ok(&[StreamKind::Post]),
        _ => Err(malformed("streamType", name, "chat, im, mim, chatroom or post")),
    }
}

fn malformed(name: &str, value: &str, expected: &str) -> Refusal {
    Refusal::Malformed { what: format!("The {name} is {value:?}, expected {expected}") }
}
