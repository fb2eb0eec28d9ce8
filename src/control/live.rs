//! `/_mock/live`: what happens on the pod, as it happens, for pages, tests and tools.
//!
//! Server-sent events (HTML, "Server-sent events"). A listener that is slow holds up nobody, and takes
//! no more memory than one that is not: what it has not fetched stays where it is, in the journal and in
//! a queue of news that all listeners have in common, and when it is gone from there the listener is
//! told how much it missed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};

use super::extract::{CurrentTenant, Expected, QueryParameters, duration};
use super::people::messages::seen;
use super::{ControlRefusal, Tenant, clock};
use crate::clock::{Stopwatch, patience};
use crate::domain::{Event, Happening, Payload, UserId, World};
use crate::pod::News;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listening {
    since: Option<u64>,
    within: Option<String>,
}

impl Expected for Listening {
    const EXPECTED: &'static str =
        "since, the id of an entry of the journal; within, how long to listen; or nothing";
}

/// Where a browser that connects anew says what it had.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// After how long a silent connection says that it is there, so that one that is not is noticed.
const SILENCE: Duration = Duration::from_secs(15);
/// How many entries are written at once.
const AT_ONCE: usize = 100;

/// Somebody who listens: what he has been told.
struct Listener {
    tenant: Arc<Tenant>,
    news: broadcast::Receiver<News>,
    faults: watch::Receiver<u64>,
    /// The id of the last entry of the journal.
    entry: u64,
    /// How often the journal had been cleared.
    clears: u64,
    /// How often the clock had been moved.
    moves: u64,
    /// How long he wants to listen, in real time, and since when he does.
    within: Option<Duration>,
    since: Stopwatch,
    /// What he is told next.
    out: VecDeque<String>,
    over: bool,
}

pub async fn listen(
    tenant: CurrentTenant,
    headers: HeaderMap,
    QueryParameters(Listening { since, within }): QueryParameters<Listening>,
) -> Result<Response, ControlRefusal> {
    let had = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()?.parse().ok());
    let within = within.map(|within| duration("within", &within)).transpose()?;
    let listener = Listener::new(tenant.shared(), had.or(since), within);
    let body = stream::unfold(listener, |mut listener| async move {
        let told = listener.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(told)), listener))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx would keep it until its buffer is full.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

impl Listener {
    fn new(tenant: Arc<Tenant>, since: Option<u64>, within: Option<Duration>) -> Self {
        // Listens before it looks: what comes in between is told twice rather than never.
        let (news, mut faults) = (tenant.pod.watch(), tenant.faults.changes());
        faults.mark_unchanged();
        let last = tenant.journal.last();
        let clears = tenant.journal.news(last, 0).clears;
        let (entry, moves) = (since.unwrap_or(last).min(last), tenant.pod.clock.moves());
        let hello = json!({
            "pod": &*tenant.name,
            "last": last,
            "clock": clock::reading(&tenant.pod.clock),
        });
        let out = VecDeque::from([event("hello", Some(entry), &hello)]);
        let since = Stopwatch::start();
        Self { tenant, news, faults, entry, clears, moves, within, since, out, over: false }
    }

    /// What is new, once something is; none when nothing can come any more.
    async fn next(&mut self) -> Option<String> {
        loop {
            let journal = Arc::clone(&self.tenant.journal);
            // Before it looks, so that nothing is missed in between.
            let mut written = pin!(journal.written());
            written.as_mut().enable();
            self.look();
            if !self.out.is_empty() {
                return Some(self.out.drain(..).collect());
            }
            if self.over || journal.is_closed() {
                return None;
            }
            let left = self.within.map(|within| within.saturating_sub(self.since.elapsed()));
            if left.is_some_and(|left| left.is_zero()) {
                self.note(Err(None));
                continue;
            }
            let silence = left.map_or(SILENCE, |left| left.min(SILENCE));
            let clock = Arc::clone(&self.tenant.pod.clock);
            let something = async {
                tokio::select! {
                    () = written => {}
                    () = clock.moved(self.moves) => {}
                    _ = self.faults.changed() => {
                        // It counts as seen now, and nobody has looked yet.
                        self.faults.mark_changed();
                    }
                    news = self.news.recv() => return Some(news),
                }
                None
            };
            match patience(silence, something).await {
                None if silence < SILENCE => {}
                None => return Some(": still here\n\n".to_owned()),
                Some(None) => {}
                Some(Some(news)) => self.note(news.map_err(|error| match error {
                    broadcast::error::RecvError::Lagged(missed) => Some(missed),
                    broadcast::error::RecvError::Closed => None,
                })),
            }
        }
    }

    /// Looks at everything that can have changed.
    fn look(&mut self) {
        while !self.over && self.out.len() < AT_ONCE {
            match self.news.try_recv() {
                Ok(news) => self.note(Ok(news)),
                Err(broadcast::error::TryRecvError::Lagged(missed)) => self.note(Err(Some(missed))),
                Err(broadcast::error::TryRecvError::Closed) => self.note(Err(None)),
                Err(broadcast::error::TryRecvError::Empty) => break,
            }
        }
        if self.over {
            return;
        }
        self.look_at_journal();
        let clock = &self.tenant.pod.clock;
        let moves = clock.moves();
        if moves != self.moves {
            self.moves = moves;
            self.out.push_back(event("clock", None, &clock::reading(clock)));
        }
        if self.faults.has_changed().unwrap_or(false) {
            self.faults.mark_unchanged();
            let faults = json!({ "faults": self.tenant.faults.list() });
            self.out.push_back(event("faults", None, &faults));
        }
    }

    fn look_at_journal(&mut self) {
        let journal = &self.tenant.journal;
        let news = journal.news(self.entry, AT_ONCE);
        if news.clears != self.clears {
            self.clears = news.clears;
            self.entry = self.entry.max(news.cleared);
            let last = json!({ "last": news.cleared });
            self.out.push_back(event("cleared", Some(self.entry), &last));
        }
        if news.missed > 0 {
            self.entry = self.entry.max(news.gone);
            let missed = json!({ "what": "requests", "missed": news.missed });
            self.out.push_back(event("lagged", Some(self.entry), &missed));
        }
        for (id, entry) in news.entries {
            let mut record = journal.written_down(id, &entry);
            (record.request, record.response) = (None, None);
            self.entry = id;
            self.out.push_back(event("request", Some(id), &json!(record)));
        }
    }

    /// News, or how many were missed, or that there will be none.
    fn note(&mut self, news: Result<News, Option<u64>>) {
        match news {
            Ok(News::Happened(Happening::Event(happened))) => {
                let told = told(&self.tenant.pod.world(), &happened);
                self.out.push_back(event("event", None, &told));
            }
            Ok(News::Happened(Happening::Receipt { message, user })) => {
                let user = username(&self.tenant.pod.world(), user);
                let receipt = json!({ "messageId": message.to_string(), "user": user });
                self.out.push_back(event("receipt", None, &receipt));
            }
            Ok(News::Presence) => self.out.push_back(event("presence", None, &json!({}))),
            Ok(News::Restored) => {
                let clock = json!({ "clock": clock::reading(&self.tenant.pod.clock) });
                self.out.push_back(event("restored", None, &clock));
            }
            Ok(News::Over) | Err(None) => {
                self.out.push_back(event("over", None, &json!({})));
                self.over = true;
            }
            Err(Some(missed)) => {
                let missed = json!({ "what": "events", "missed": missed });
                self.out.push_back(event("lagged", None, &missed));
            }
        }
    }
}

/// What a listener is told of what feeds tell of.
fn told(world: &World, happened: &Event) -> Value {
    let mut told = json!({
        "type": happened.event_type().name(),
        "timestamp": happened.timestamp.as_millis(),
        "initiator": username(world, happened.initiator),
        "streamId": happened.stream().map(|stream| stream.id.to_string()),
    });
    let affected = match &happened.payload {
        Payload::MessageSent { message, .. } | Payload::SharedPost { message, .. } => {
            // As it is now: it may have been replaced while it was on its way.
            let message = world.messages.by_id(message.id).unwrap_or(message);
            told["message"] = seen(world, message);
            None
        }
        Payload::MessageSuppressed { message, .. } => {
            told["messageId"] = message.to_string().into();
            None
        }
        Payload::SymphonyElementsAction(action) => {
            told["messageId"] = action.form_message.to_string().into();
            told["form"] = action.form_id.as_str().into();
            None
        }
        Payload::UserJoinedRoom { affected, .. }
        | Payload::UserLeftRoom { affected, .. }
        | Payload::RoomMemberPromotedToOwner { affected, .. }
        | Payload::RoomMemberDemotedFromOwner { affected, .. } => Some(*affected),
        Payload::ConnectionRequested { to: user } | Payload::ConnectionAccepted { from: user } => {
            Some(*user)
        }
        _ => None,
    };
    if let Some(affected) = affected {
        told["affected"] = json!(username(world, affected));
    }
    told
}

fn username(world: &World, user: UserId) -> Option<String> {
    world.users.by_id(user).map(|user| user.username.clone())
}

/// An event as it goes over the wire. JSON as it is written here has no line breaks.
fn event(name: &str, id: Option<u64>, data: &Value) -> String {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("event: {name}\n{id}data: {data}\n\n")
}
