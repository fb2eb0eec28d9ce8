//! The journal: every request that came to a pod and what it was answered, and every handshake that
//! failed. It is bounded, and says how much it forgot.
//!
//! A request is in it from its end on, before the client has the whole answer. Those under way, long
//! polls above all, are only counted: they have no answer yet to judge them by.

mod body;
mod deadly_deletion;
mod exchange;
mod har;
mod head;
mod hints;
mod log;
mod query;
mod record;
mod redact;
pub mod routes;
mod tunnel;
mod why;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Method, Request, Version};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

pub use body::{Body as RecordedBody, Content, Part};
use exchange::{Answer, Captured};
pub use exchange::{Arrival, Exchange};
use head::Head;
pub use hints::of_handshake as handshake_hint;
pub use log::{control as log_control, logged_path};
pub use query::{Since, StatusPattern};
pub use record::{Caller, Record, ShownCertificate, ShownRefusal, Side};
pub use redact::{json as redact, text as redacted};
pub use tunnel::{Tunnel, TunnelOutcome, TunnelRefusal};

pub use why::{Explanation, Step};

use super::pods::MAIN;
use crate::clock::Clock;
use crate::domain::{Refusal, Timestamp, unknown_name};
use crate::operation::Catalogue;
use crate::transport::{ClientCertificate, Listener, ListenerId, Listeners};

/// What came to a pod, the newest of it.
#[derive(Debug)]
pub struct Journal {
    /// What requests call the pod.
    pod: Arc<str>,
    catalogue: Arc<Catalogue>,
    listeners: Arc<Listeners>,
    /// How many bytes it may take; none are taken before the first entry.
    capacity: usize,
    state: Mutex<State>,
    under_way: AtomicU64,
    handshakes: AtomicU64,
    /// Tells of every new entry, and of the end.
    written: Notify,
    /// Whether nobody should wait for an entry any more: the server is stopping.
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Arc<Entry>>,
    /// How many entries there were before the first of `entries`: ids count from 1.
    gone: u64,
    /// The id of the last entry that was there when somebody had everything forgotten.
    cleared: u64,
    /// How often somebody had.
    clears: u64,
    /// What `entries` take.
    bytes: usize,
    /// Entries that were forgotten to make room.
    dropped: u64,
    /// Id and time of the last of these.
    last_dropped: Option<(u64, Timestamp)>,
    /// Counted for ever, whatever is forgotten.
    counts: Counts,
}

/// How often something happened since the pod began.
#[derive(Debug, Default)]
struct Counts {
    /// By operation (its place in the catalogue) and status; 0 where the client did not wait.
    requests: BTreeMap<(Option<u16>, u16), u64>,
    /// By the name of the reason.
    refusals: BTreeMap<String, u64>,
    failed_handshakes: u64,
    /// Requests to the forward proxy by status; 0 where a fault left them without an answer.
    tunnels: BTreeMap<u16, u64>,
}

/// A journal in numbers.
#[derive(Debug)]
pub struct Measures {
    /// By operation and status; 0 where the client did not wait.
    pub requests: BTreeMap<(Option<&'static str>, u16), u64>,
    /// By the name of the reason.
    pub refusals: BTreeMap<String, u64>,
    pub under_way: u64,
    pub handshakes: u64,
    pub failed_handshakes: u64,
    /// Requests to the forward proxy by status; 0 where a fault left them without an answer.
    pub tunnels: BTreeMap<u16, u64>,
    pub entries: usize,
    pub bytes: usize,
    /// Entries that were forgotten to make room.
    pub dropped: u64,
}

/// One thing that happened.
#[derive(Debug)]
pub(super) struct Entry {
    /// When it began, on the pod's clock.
    pub at: Timestamp,
    /// How long it took the machine.
    micros: u64,
    listener: ListenerId,
    certificate: Option<Arc<ClientCertificate>>,
    /// The tunnel through the forward proxy that it came through, or was to be.
    tunnel: Option<Arc<Tunnel>>,
    /// The forward proxy's port where it came there, and to no listener.
    proxy: Option<u16>,
    pub event: Event,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "almost all are requests, and a box is an allocation")]
pub(super) enum Event {
    Request {
        method: Method,
        version: Version,
        operation: Option<u16>,
        head: Head,
        body: Captured,
        /// None where the client left before it came.
        answer: Option<Answer>,
    },
    /// A TLS handshake that failed.
    Handshake { reason: String },
    /// What could not be read as a request, and what it was told.
    Unreadable { status: u16, why: &'static str },
    /// What came to the forward proxy.
    Tunnel { method: Method, version: Version, head: Head, outcome: TunnelOutcome },
}

/// Some of a journal's entries.
pub(super) struct Selection {
    /// By id, in their order.
    pub entries: Vec<(u64, Arc<Entry>)>,
    pub dropped: u64,
    /// Id and time of the last entry that was forgotten to make room.
    pub last_dropped: Option<(u64, Timestamp)>,
}

/// What came into a journal since somebody last looked.
pub(super) struct News {
    /// How often everything was forgotten on purpose so far, and the last entry that was.
    pub clears: u64,
    pub cleared: u64,
    /// How many entries were forgotten to make room before anybody looked.
    pub missed: u64,
    /// How many there were before the first that is kept.
    pub gone: u64,
    /// By id, in their order.
    pub entries: Vec<(u64, Arc<Entry>)>,
}

impl Journal {
    /// A journal of so many bytes. With none it only counts.
    pub fn new(
        pod: Arc<str>,
        catalogue: Arc<Catalogue>,
        listeners: Arc<Listeners>,
        capacity: usize,
    ) -> Self {
        Self {
            pod,
            catalogue,
            listeners,
            capacity,
            state: Mutex::default(),
            under_way: AtomicU64::new(0),
            handshakes: AtomicU64::new(0),
            written: Notify::new(),
            closed: AtomicBool::new(false),
        }
    }

    /// Notes a request, which is in the journal when what this gives has ended.
    pub fn begin(
        self: &Arc<Self>,
        clock: &Arc<Clock>,
        arrival: Arrival,
        request: &mut Request<Body>,
    ) -> Exchange {
        Exchange::begin(self, clock, arrival, request)
    }

    /// Notes a handshake that went well.
    pub fn handshake_done(&self) {
        self.handshakes.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes a handshake that failed.
    pub fn handshake_failed(
        &self,
        clock: &Clock,
        listener: ListenerId,
        tunnel: Option<Arc<Tunnel>>,
        reason: String,
    ) {
        let event = Event::Handshake { reason };
        let entry = Entry { tunnel, ..Entry::now(clock, listener, event) };
        self.write(entry);
    }

    /// Notes what could not be read as a request.
    pub fn unreadable(
        &self,
        clock: &Clock,
        listener: ListenerId,
        tunnel: Option<Arc<Tunnel>>,
        status: u16,
        why: &'static str,
    ) {
        let event = Event::Unreadable { status, why };
        let entry = Entry { tunnel, ..Entry::now(clock, listener, event) };
        self.write(entry);
    }

    /// Forgets everything. What is counted stays counted.
    pub fn clear(&self) {
        let mut state = self.state();
        state.gone += state.entries.len() as u64;
        state.cleared = state.gone;
        state.clears += 1;
        state.bytes = 0;
        state.dropped = 0;
        state.last_dropped = None;
        let forgotten = std::mem::take(&mut state.entries);
        drop(state);
        drop(forgotten);
        self.written.notify_waiters();
    }

    /// How many requests are being answered now.
    pub fn under_way(&self) -> u64 {
        self.under_way.load(Ordering::Relaxed)
    }

    pub fn measure(&self) -> Measures {
        let state = self.state();
        let requests = state.counts.requests.iter();
        let named = |(operation, status)| (operation_name(&self.catalogue, operation), status);
        Measures {
            requests: requests.map(|(key, count)| (named(*key), *count)).collect(),
            refusals: state.counts.refusals.clone(),
            under_way: self.under_way(),
            handshakes: self.handshakes.load(Ordering::Relaxed),
            failed_handshakes: state.counts.failed_handshakes,
            tunnels: state.counts.tunnels.clone(),
            entries: state.entries.len(),
            bytes: state.bytes,
            dropped: state.dropped,
        }
    }

    /// Whether it keeps anything.
    pub(super) fn is_on(&self) -> bool {
        self.capacity > 0
    }

    /// How many bytes of a body are kept.
    fn longest_body(&self) -> usize {
        (16 << 10).min(self.capacity / 8)
    }

    fn opened(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    fn closed(&self, entry: Entry) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        self.write(entry);
    }

    fn write(&self, entry: Entry) {
        let size = entry.size();
        let entry = Arc::new(entry);
        let mut forgotten = None;
        let mut state = self.state();
        state.counts.count(&entry.event);
        if self.is_on() {
            let shared = state.entries.back().is_some_and(|last| last.shares_certificate(&entry));
            state.bytes += if shared { size } else { size + entry.certificate_size() };
            state.entries.push_back(entry);
            while state.bytes > self.capacity {
                forgotten = state.drop_first();
            }
        }
        drop(state);
        // A full journal forgets one entry for each new one: not while others wait.
        drop(forgotten);
        self.written.notify_waiters();
    }

    /// All entries after this id.
    pub(super) fn after(&self, id: u64) -> Selection {
        let state = self.state();
        let skipped = usize::try_from(id.saturating_sub(state.gone)).unwrap_or(usize::MAX);
        let entries = (state.gone + 1..).zip(state.entries.iter().cloned()).skip(skipped).collect();
        Selection { entries, dropped: state.dropped, last_dropped: state.last_dropped }
    }

    /// What is new since the entry with this id, at most so much of it.
    pub(super) fn news(&self, after: u64, most: usize) -> News {
        let state = self.state();
        let from = after.max(state.cleared);
        let skipped = usize::try_from(from.saturating_sub(state.gone)).unwrap_or(usize::MAX);
        let entries = (state.gone + 1..).zip(state.entries.iter().cloned());
        let entries = entries.skip(skipped).take(most).collect();
        let missed = state.gone.saturating_sub(from);
        let State { clears, cleared, gone, .. } = *state;
        News { clears, cleared, missed, gone, entries }
    }

    /// The id of the newest entry.
    pub(super) fn last(&self) -> u64 {
        let state = self.state();
        state.gone + state.entries.len() as u64
    }

    /// All entries from there on.
    pub(super) fn since(&self, since: Since) -> Selection {
        match since {
            Since::Id(id) => self.after(id),
            Since::Time(time) => {
                let mut all = self.after(0);
                all.entries.retain(|(_, entry)| entry.at >= time);
                all
            }
        }
    }

    /// Lets nobody wait for an entry any more.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.written.notify_waiters();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Completes with the next entry, or with the end of waiting for one.
    pub(super) fn written(&self) -> Notified<'_> {
        self.written.notified()
    }

    pub(super) fn written_down(&self, id: u64, entry: &Entry) -> Record {
        Record::of(id, entry, self)
    }

    pub(super) fn listener_of(&self, entry: &Entry) -> &Listener {
        self.listeners.get(entry.listener)
    }

    /// Whether a listener is called so.
    ///
    /// # Errors
    /// Says that none is, with the nearest name.
    pub(super) fn check_listener(&self, name: &str) -> Result<(), String> {
        let known = self.listeners.named(name).is_some();
        known.then_some(()).ok_or_else(|| no_listener(&self.listeners, name))
    }

    /// The name of an operation that somebody wrote down.
    pub(super) fn operation(&self, written: &str) -> Result<&'static str, String> {
        self.catalogue.named(written).map(|operation| operation.name)
    }

    pub(super) fn operation_of(&self, entry: &Entry) -> Option<&'static str> {
        match &entry.event {
            Event::Request { operation, .. } => operation_name(&self.catalogue, *operation),
            Event::Handshake { .. } | Event::Unreadable { .. } | Event::Tunnel { .. } => None,
        }
    }

    fn by_id(&self, id: u64) -> Option<Arc<Entry>> {
        let state = self.state();
        let place = usize::try_from(id.checked_sub(state.gone + 1)?).ok()?;
        state.entries.get(place).cloned()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drop_first(&mut self) -> Option<Arc<Entry>> {
        let entry = self.entries.pop_front()?;
        self.gone += 1;
        self.dropped += 1;
        self.last_dropped = Some((self.gone, entry.at));
        self.bytes = self.bytes.saturating_sub(entry.size());
        if !self.entries.front().is_some_and(|next| next.shares_certificate(&entry)) {
            self.bytes = self.bytes.saturating_sub(entry.certificate_size());
        }
        if self.entries.is_empty() {
            self.bytes = 0;
        }
        Some(entry)
    }
}

impl Entry {
    /// What happens now, and takes no time.
    fn now(clock: &Clock, listener: ListenerId, event: Event) -> Self {
        let (at, micros) = (clock.now(), 0);
        Self { at, micros, listener, certificate: None, tunnel: None, proxy: None, event }
    }

    /// How much memory it takes, but for the certificate.
    fn size(&self) -> usize {
        /// The counts of an `Arc`, the place in the queue, and what an allocator adds.
        const AROUND: usize = 16 + 8 + 4 * 16;
        let inside = match &self.event {
            Event::Handshake { reason } => reason.capacity(),
            Event::Unreadable { .. } => 0,
            Event::Tunnel { head, .. } => head.size(),
            Event::Request { head, body, answer, .. } => {
                let answer = answer.as_ref().map_or(0, |answer| {
                    let refusal = answer.refusal.as_ref();
                    let refusal = refusal.map_or(0, |it| size_of::<Refusal>() + it.why().len());
                    answer.body.size() + refusal
                });
                head.size() + body.size() + answer
            }
        };
        // Those that came through it share it, and outlive each other.
        let tunnel = self.tunnel.as_ref().map_or(0, |tunnel| tunnel.size());
        size_of::<Self>() + AROUND + inside + tunnel
    }

    /// A connection's requests have one certificate in common. It is counted with the last of
    /// them that stand next to each other.
    fn certificate_size(&self) -> usize {
        self.certificate.as_ref().map_or(0, |certificate| {
            size_of::<ClientCertificate>()
                + certificate.der.len()
                + certificate.subject.len()
                + certificate.issuer.len()
                + 64
        })
    }

    fn shares_certificate(&self, other: &Self) -> bool {
        match (&self.certificate, &other.certificate) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }

    pub fn status(&self) -> Option<u16> {
        match &self.event {
            Event::Unreadable { status, .. } => Some(*status),
            Event::Tunnel { outcome, .. } => outcome.status().map(|status| status.as_u16()),
            _ => self.answer().map(|answer| answer.status.as_u16()),
        }
    }

    /// What is kept of the request's body.
    pub fn request_body(&self) -> Cow<'_, [u8]> {
        match &self.event {
            Event::Request { body, .. } => body.bytes(),
            Event::Handshake { .. } | Event::Unreadable { .. } | Event::Tunnel { .. } => {
                Cow::Borrowed(&[])
            }
        }
    }

    fn refusal(&self) -> Option<&Refusal> {
        self.answer().and_then(|answer| answer.refusal.as_deref())
    }

    fn answer(&self) -> Option<&Answer> {
        match &self.event {
            Event::Request { answer, .. } => answer.as_ref(),
            Event::Handshake { .. } | Event::Unreadable { .. } | Event::Tunnel { .. } => None,
        }
    }

    /// Why the forward proxy refused.
    fn tunnel_refusal(&self) -> Option<&TunnelRefusal> {
        match &self.event {
            Event::Tunnel { outcome, .. } => outcome.refusal(),
            _ => None,
        }
    }
}

impl Counts {
    fn count(&mut self, event: &Event) {
        match event {
            Event::Handshake { .. } => self.failed_handshakes += 1,
            Event::Unreadable { status, .. } => {
                *self.requests.entry((None, *status)).or_default() += 1;
            }
            Event::Tunnel { outcome, .. } => {
                let status = outcome.status().map_or(0, |status| status.as_u16());
                *self.tunnels.entry(status).or_default() += 1;
                if let Some(refusal) = outcome.refusal() {
                    *self.refusals.entry(kind(refusal)).or_default() += 1;
                }
            }
            Event::Request { operation, answer, .. } => {
                let status = answer.as_ref().map_or(0, |answer| answer.status.as_u16());
                *self.requests.entry((*operation, status)).or_default() += 1;
                if let Some(refusal) = answer.as_ref().and_then(|answer| answer.refusal.as_ref()) {
                    *self.refusals.entry(kind(refusal)).or_default() += 1;
                }
            }
        }
    }
}

/// What to say of a name that no listener has.
pub fn no_listener(listeners: &Listeners, name: &str) -> String {
    let known = || listeners.all().iter().map(Listener::name);
    let near = unknown_name("listener", name, known());
    format!("{near}; there are {}", known().collect::<Vec<_>>().join(", "))
}

fn operation_name(catalogue: &Catalogue, place: Option<u16>) -> Option<&'static str> {
    catalogue.at(place?).map(|operation| operation.name)
}

/// The name of a refusal's reason.
fn kind(refusal: &impl std::fmt::Debug) -> String {
    use std::fmt::Write;
    /// Takes a name and nothing after it.
    struct Name(String);
    impl Write for Name {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            let end = text.find(|c: char| !c.is_alphanumeric());
            self.0.push_str(&text[..end.unwrap_or(text.len())]);
            end.map_or(Ok(()), |_| Err(std::fmt::Error))
        }
    }
    let mut name = Name(String::new());
    // It stops at the end of the name, with an error.
    write!(name, "{refusal:?}").ok();
    name.0
}
