//! The journal: every request that came to a pod and what it was answered, and every handshake that
//! failed. It is bounded, and says how much it forgot.
//!
//! A request is in it from its end on, before the client has the whole answer. Those under way, long
//! polls above all, are only counted: they have no answer yet to judge them by.

mod body;
mod counts;
mod deadly_deletion;
mod entry;
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

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::Request;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

pub use body::{Body as RecordedBody, Content, Part};
use counts::{Counts, kind};
pub(super) use entry::{Entry, Event};
use exchange::Captured;
pub use exchange::{Arrival, Exchange};
pub use hints::of_handshake as handshake_hint;
pub use log::{control as log_control, logged_path};
pub use query::{Since, StatusPattern};
pub use record::{Caller, Record, ShownCertificate, ShownRefusal, Side};
pub use redact::{json as redact, text as redacted};
pub use tunnel::{Tunnel, TunnelOutcome, TunnelRefusal};

pub use why::{Explanation, Step};

use super::pods::MAIN;
use crate::clock::Clock;
use crate::domain::{Timestamp, unknown_name};
use crate::operation::Catalogue;
use crate::transport::{Listener, ListenerId, Listeners};

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
        let is_proxy = self.listeners.are_behind_proxy() && name == Listeners::PROXY;
        let known = is_proxy || self.listeners.named(name).is_some();
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

/// What to say of a name that no listener has.
pub fn no_listener(listeners: &Listeners, name: &str) -> String {
    let known = || listeners.all().iter().map(Listener::name);
    let near = unknown_name("listener", name, known());
    format!("{near}; there are {}", known().collect::<Vec<_>>().join(", "))
}

fn operation_name(catalogue: &Catalogue, place: Option<u16>) -> Option<&'static str> {
    catalogue.at(place?).map(|operation| operation.name)
}
