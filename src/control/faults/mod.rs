//! What a test plans to go wrong: which calls it hits, how often, and what becomes of them.
//!
//! This is the book that is kept of it. What a fault does on the wire is the server's part.

mod call;
mod check;
mod document;
mod guard;
mod packs;
mod plan;
mod requests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tokio::sync::watch;

pub use call::Call;
pub use check::PlanError;
#[cfg(test)]
pub use document::FaultDocument;
pub use guard::FaultGuard;
pub use plan::{BodyFault, Changes, Effects, FaultPlan, KeptOut, Replacement, Withhold};
pub use requests::{clear, inject, list, packs, remove};

use crate::clock::Clock;
use crate::domain::{FeedId, SeededRng, Withheld};
use crate::operation::{Catalogue, Context};
use crate::pod::Pod;
use crate::transport::{ListenerId, Listeners};
use check::{Checked, Surroundings};

/// The faults of one pod.
pub struct Faults {
    /// How many there are that may still hit. While there is none, a request asks no more.
    armed: AtomicUsize,
    catalogue: Arc<Catalogue>,
    listeners: Arc<Listeners>,
    /// Whether they are the main pod's, which connections belong to before a request names another.
    of_main: bool,
    seed: u64,
    /// How many there may be.
    most: usize,
    book: Mutex<Book>,
    /// Counts the changes of the book, tallies included.
    changes: watch::Sender<u64>,
}

/// A fault that hits a call.
#[derive(Debug)]
pub struct Hit {
    pub name: Arc<str>,
    pub id: u64,
    pub effects: Arc<Effects>,
    /// Turns true when the fault is removed, which ends what it makes wait.
    removed: watch::Receiver<bool>,
}

/// How far a fault has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Calls that it was meant for, until it was over.
    pub matched: u64,
    /// Calls that it hit.
    pub fired: u64,
}

struct Book {
    faults: Vec<Fault>,
    /// Of its own: a planned fault changes no id and no token.
    rng: SeededRng,
    last_id: u64,
}

struct Fault {
    id: u64,
    /// The fault that it goes with.
    with: Option<u64>,
    checked: Checked,
    effects: Arc<Effects>,
    tally: Tally,
    /// How often it has hit since it last passed a call by.
    in_a_row: u64,
    removed: watch::Sender<bool>,
    /// The feeds whose events it keeps back.
    withheld: Vec<FeedId>,
}

impl std::fmt::Debug for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Faults").field("armed", &self.armed).finish_non_exhaustive()
    }
}

impl Faults {
    /// None planned yet, and never more than `most`. `seed` is the pod's, from which it draws chance
    /// of its own.
    pub fn new(
        catalogue: Arc<Catalogue>,
        listeners: Arc<Listeners>,
        seed: u64,
        most: usize,
        of_main: bool,
    ) -> Self {
        let book = Mutex::new(Book { faults: Vec::new(), rng: rng(seed), last_id: 0 });
        let (armed, changes) = (AtomicUsize::new(0), watch::Sender::new(0));
        Self { armed, catalogue, listeners, of_main, seed, most, book, changes }
    }

    /// Whether any fault may hit a call. Costs next to nothing.
    pub fn armed(&self) -> bool {
        self.armed.load(Ordering::Acquire) > 0
    }

    /// Plans a fault. Gives its id.
    ///
    /// Reads of feeds that wait at this moment end, empty, if the fault is meant for reads: a
    /// client that is always in a read would meet it late otherwise. Connections to a listener that
    /// it closes end for the same reason.
    pub fn plan(&self, plan: FaultPlan, pod: &Pod) -> Result<u64, PlanError> {
        let mut plans = Vec::new();
        unfold(plan, &mut plans);
        self.check_room(self.book().faults.len() + plans.len())?;
        let checked = {
            let world = pod.world();
            let Self { catalogue, listeners, of_main, .. } = self;
            let around = Surroundings { catalogue, listeners, of_main: *of_main, world: &world };
            let check = |plan| Checked::new(plan, &around);
            plans.into_iter().map(check).collect::<Result<Vec<_>, _>>()?
        };
        let of_reads = checked.iter().filter(|checked| checked.means_reads(&self.catalogue));
        let readers: Vec<_> = of_reads.map(|checked| checked.who.as_ref()?.user()).collect();
        let closed: Vec<_> = checked.iter().filter_map(Checked::closes).collect();
        let id = {
            let mut book = self.book();
            self.check_room(book.faults.len() + checked.len())?;
            let id = book.last_id + 1;
            let faults = (id..)
                .zip(checked)
                .map(|(each, checked)| Fault::new(each, (each != id).then_some(id), checked));
            let faults: Vec<_> = faults.collect();
            book.last_id += faults.len() as u64;
            // One fault hits a call: what goes with another is the more particular one.
            book.faults.extend(faults.into_iter().rev());
            self.count(&book);
            id
        };
        self.tell_change();
        readers.into_iter().for_each(|reader| pod.end_reads(reader));
        for (which, how) in closed {
            let ids = self.listeners.ids().filter(|id| which.is_none_or(|which| which == *id));
            ids.for_each(|id| self.listeners.get(id).cut(how.of_open()));
        }
        Ok(id)
    }

    /// Whether so many faults may be planned.
    fn check_room(&self, faults: usize) -> Result<(), PlanError> {
        match faults <= self.most {
            true => Ok(()),
            false => Err(PlanError::whole(format!(
                "the pod has {} faults, which is the most (--max-faults): remove some (DELETE \
                 /_mock/faults)",
                self.most
            ))),
        }
    }

    /// Removes a fault, with those that go with it. What it made wait goes on, as if it had never been. False if there is
    /// none.
    pub fn remove(&self, id: u64, pod: &Pod) -> bool {
        self.remove_those(|fault| fault.id == id || fault.with == Some(id), pod) > 0
    }

    /// Removes all faults. Gives how many there were.
    pub fn clear(&self, pod: &Pod) -> usize {
        self.remove_those(|_| true, pod)
    }

    /// Removes all faults, and makes the chance of those to come what it was at first.
    pub fn reset(&self, pod: &Pod) {
        self.clear(pod);
        self.book().rng = rng(self.seed);
    }

    /// Tells of every change: a fault planned or removed, and a call that one was meant for.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// How often a fault matched and hit; none if there is no such fault (any more).
    pub fn tally(&self, id: u64) -> Option<Tally> {
        self.book().faults.iter().find(|fault| fault.id == id).map(|fault| fault.tally)
    }

    /// All faults, as the control port shows them.
    pub fn list(&self) -> Vec<Value> {
        let book = self.book();
        let mut faults: Vec<_> = book.faults.iter().collect();
        faults.sort_by_key(|fault| fault.id);
        faults.into_iter().map(Fault::document).collect()
    }

    /// One fault, as the control port shows it.
    pub fn show(&self, id: u64) -> Option<Value> {
        self.book().faults.iter().find(|fault| fault.id == id).map(Fault::document)
    }

    /// Reads what is asked, if a fault may hit it. The request is as it was afterwards.
    pub async fn read(
        &self,
        context: Context,
        request: Request<Body>,
    ) -> (Option<Call>, Request<Body>) {
        let whose = self.book().faults.iter().any(|fault| fault.checked.who.is_some());
        Call::read(context, request, whose).await
    }

    /// The fault that hits a call before it is answered.
    pub fn hit(&self, call: &Call, pod: &Pod) -> Option<Hit> {
        let hit = self.decide(|fault| !fault.effects.on_events() && fault.checked.matches(call))?;
        if let Some(withhold) = hit.effects.withhold_events {
            self.withhold(&hit, withhold, call, pod);
        }
        Some(hit)
    }

    /// Whether it depends on the events that a call is answered with if it is hit.
    pub fn awaits_events(&self, call: &Call) -> bool {
        let book = self.book();
        book.faults.iter().any(|fault| {
            fault.effects.on_events() && !fault.is_spent() && fault.checked.matches(call)
        })
    }

    /// The fault that hits a call that is answered with so many events.
    pub fn hit_events(&self, call: &Call, events: usize) -> Option<Hit> {
        self.decide(|fault| {
            let effects = &fault.effects;
            effects.on_events() && events >= effects.events_needed() && fault.checked.matches(call)
        })
    }

    /// The fault that hits a connection which has just come to a listener.
    pub fn hit_connection(&self, listener: ListenerId) -> Option<Hit> {
        self.decide(|fault| fault.checked.keeps_out(listener))
    }

    /// The fault that hits a `CONNECT` which has just come to the forward proxy.
    pub fn hit_tunnel(&self) -> Option<Hit> {
        self.decide(|fault| fault.checked.of_proxy)
    }

    /// Every fault that means the call or the connection counts it; the first one that is due hits it.
    fn decide(&self, means_it: impl Fn(&Fault) -> bool) -> Option<Hit> {
        let mut book = self.book();
        let Book { faults, rng, .. } = &mut *book;
        let (mut hit, mut counted) = (None, false);
        for fault in faults {
            if !fault.is_spent() && means_it(fault) {
                counted = true;
                fault.tally.matched += 1;
                if hit.is_none() && fault.is_due(rng) {
                    fault.tally.fired += 1;
                    hit = Some(fault.hit());
                }
            }
        }
        self.count(&book);
        drop(book);
        if counted {
            self.tell_change();
        }
        hit
    }

    fn withhold(&self, hit: &Hit, withhold: Withhold, call: &Call, pod: &Pod) {
        let withheld = match withhold {
            Withhold::For(time) => Withheld::Until(pod.clock.now().plus(time)),
            Withhold::Reads(reads) => Withheld::Reads(reads),
        };
        {
            let mut world = pod.world();
            for feed in &call.feeds {
                world.withhold_events(feed, withheld);
            }
        }
        let mut book = self.book();
        match book.faults.iter_mut().find(|fault| fault.id == hit.id) {
            Some(fault) => fault.withheld.extend(call.feeds.iter().cloned()),
            // Removed in this very moment.
            None => {
                drop(book);
                release(&call.feeds, pod);
            }
        }
    }

    fn remove_those(&self, which: impl Fn(&Fault) -> bool, pod: &Pod) -> usize {
        let removed: Vec<Fault> = {
            let mut book = self.book();
            let removed = book.faults.extract_if(.., |fault| which(fault)).collect();
            self.count(&book);
            removed
        };
        if !removed.is_empty() {
            self.tell_change();
        }
        for fault in &removed {
            fault.removed.send_replace(true);
            release(&fault.withheld, pod);
        }
        removed.len()
    }

    fn count(&self, book: &Book) {
        let armed = book.faults.iter().filter(|fault| !fault.is_spent()).count();
        self.armed.store(armed, Ordering::Release);
        if self.of_main {
            for id in self.listeners.ids() {
                let closes = |fault: &Fault| !fault.is_spent() && fault.checked.keeps_out(id);
                self.listeners.get(id).set_down(book.faults.iter().any(closes));
            }
        }
    }

    fn tell_change(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Counters and a list: a panic elsewhere cannot half-write them.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hit {
    /// Waits as long as the fault says. False if it was removed meanwhile, and no longer counts.
    pub async fn delay(&mut self, clock: &Clock) -> bool {
        let Some(delay) = self.effects.delay else { return true };
        let until = clock.now().plus(delay);
        tokio::select! {
            () = self.removed() => false,
            () = clock.sleep_until(until) => true,
        }
    }

    /// Returns when the fault is removed.
    pub async fn removed(&mut self) {
        // The sender goes only after it has said so, or with the pod.
        drop(self.removed.wait_for(|removed| *removed).await);
    }
}

impl Fault {
    fn new(id: u64, with: Option<u64>, checked: Checked) -> Self {
        let effects = Arc::new(checked.plan.effects.clone());
        let tally = Tally { matched: 0, fired: 0 };
        let removed = watch::Sender::new(false);
        Self { id, with, checked, effects, tally, in_a_row: 0, removed, withheld: Vec::new() }
    }

    /// Whether it hits the call that was just counted.
    fn is_due(&mut self, rng: &mut SeededRng) -> bool {
        let probability = self.checked.plan.probability.unwrap_or(1.0);
        let due = self.tally.matched >= self.checked.first
            && (probability >= 1.0 || rng.fraction() < probability)
            && self.checked.in_a_row.is_none_or(|most| self.in_a_row < most);
        self.in_a_row = if due { self.in_a_row + 1 } else { 0 };
        due
    }

    fn is_spent(&self) -> bool {
        self.checked.times.is_some_and(|times| self.tally.fired >= times)
    }

    fn hit(&self) -> Hit {
        Hit {
            name: Arc::clone(&self.checked.name),
            id: self.id,
            effects: Arc::clone(&self.effects),
            removed: self.removed.subscribe(),
        }
    }

    fn document(&self) -> Value {
        let mut document = document::write(&self.checked.plan);
        let times = self.checked.times;
        document.insert("name".into(), json!(&*self.checked.name));
        let mut shown = serde_json::Map::new();
        shown.insert("id".into(), json!(self.id.to_string()));
        if let Some(with) = self.with {
            shown.insert("with".into(), json!(with.to_string()));
        }
        shown.append(&mut document);
        if let Some(times) = times {
            shown.insert("times".into(), json!(times));
        }
        if let Some(in_a_row) = self.checked.in_a_row {
            shown.insert("inARow".into(), json!(in_a_row));
        }
        shown.insert("matched".into(), json!(self.tally.matched));
        shown.insert("fired".into(), json!(self.tally.fired));
        Value::Object(shown)
    }
}

/// What faults draw from: not what the pod draws its ids from.
fn rng(seed: u64) -> SeededRng {
    const APART: u64 = 0x6661_756c_7473;
    SeededRng::from_seed(seed ^ APART)
}

/// A plan and those that go with it, each after the one it goes with, whose user and listener it means unless it
/// says otherwise.
fn unfold(mut plan: FaultPlan, plans: &mut Vec<FaultPlan>) {
    let others = std::mem::take(&mut plan.also);
    let (user, lenient, listener) = (plan.user.clone(), plan.lenient, plan.listener.clone());
    plans.push(plan);
    for mut other in others {
        if other.user.is_none() {
            (other.user, other.lenient) = (user.clone(), lenient);
        }
        other.listener = other.listener.or_else(|| listener.clone());
        unfold(other, plans);
    }
}

fn release(feeds: &[FeedId], pod: &Pod) {
    let mut world = pod.world();
    for feed in feeds {
        world.release_events(feed);
    }
}
