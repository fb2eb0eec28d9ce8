//! What came of an expectation, and what came nearest to it.

use std::sync::Arc;

use serde_json::Value;

use super::{Expectation, Miss, NEAREST, NearMiss, Unmet};
use crate::control::journal::{Caller, Entry, Event, Journal, Record, Since};

/// What of an expectation has come so far.
pub(super) struct Tally<'a> {
    journal: &'a Journal,
    expectation: &'a Expectation,
    /// The name of the operation; none that there is no such.
    operation: Option<&'static str>,
    /// Up to this id it was looked at.
    seen: u64,
    matched: Vec<(u64, Arc<Entry>)>,
    /// Whether entries were forgotten before they were looked at.
    forgotten: bool,
}

impl<'a> Tally<'a> {
    pub(super) fn new(journal: &'a Journal, expectation: &'a Expectation) -> Self {
        let seen = match expectation.since {
            Since::Id(id) => id,
            Since::Time(_) => 0,
        };
        let operation = journal.operation(&expectation.operation).ok();
        Self { journal, expectation, operation, seen, matched: Vec::new(), forgotten: false }
    }

    /// Returns once nothing that may still come changes the outcome.
    pub(super) async fn decide(&mut self) {
        loop {
            let mut written = std::pin::pin!(self.journal.written());
            // From here on: whatever is written while this looks is not missed.
            written.as_mut().enable();
            self.look();
            let (count, found) = (self.expectation.count, self.matched.len() as u64);
            let enough = count.at_least > 0 && found >= count.at_least;
            let decided = enough || count.at_most.is_some_and(|at_most| found > at_most);
            if decided || self.journal.is_closed() {
                return;
            }
            written.await;
        }
    }

    pub(super) fn look(&mut self) {
        let new = self.journal.after(self.seen);
        let in_range = |at| match self.expectation.since {
            Since::Id(_) => true,
            Since::Time(since) => at >= since,
        };
        self.forgotten |= new.last_dropped.is_some_and(|(id, at)| id > self.seen && in_range(at));
        for (id, entry) in new.entries {
            self.seen = id;
            if in_range(entry.at) && self.is_met_by(&entry) {
                self.matched.push((id, entry));
            }
        }
    }

    pub(super) fn conclude(self) -> Result<Vec<Record>, Unmet> {
        let (count, found) = (self.expectation.count, self.matched.len() as u64);
        let too_few = found < count.at_least;
        let too_many = count.at_most.is_some_and(|at_most| found > at_most);
        let matched = self.matched.iter();
        let matched = matched.map(|(id, entry)| self.journal.written_down(*id, entry)).collect();
        let untold = self.forgotten && count.at_most.is_some();
        if !(too_few || too_many || untold) {
            return Ok(matched);
        }
        let forgotten = match self.forgotten {
            true => {
                "; older entries were forgotten, which may have been among them: empty the \
                 journal before (DELETE /_mock/requests), or give it room (--journal-bytes)"
            }
            false => "",
        };
        let message = format!("{}, and there were {found}{forgotten}", self.expectation.in_words());
        let near = if too_few { self.nearest() } else { Vec::new() };
        Err(Unmet { message, matched, near, hints: Vec::new(), too_few })
    }

    fn nearest(&self) -> Vec<NearMiss> {
        let all = self.journal.since(self.expectation.since);
        let mut near: Vec<_> = all
            .entries
            .iter()
            .map(|(id, entry)| (self.missed(entry), *id, entry))
            .filter(|(missed, ..)| !missed.is_empty())
            .collect();
        near.sort_by_key(|(missed, id, _)| {
            (missed.contains(&Condition::Operation), missed.len(), std::cmp::Reverse(*id))
        });
        // Told is what those few missed, for there may be thousands of them.
        near.into_iter()
            .take(NEAREST)
            .map(|(missed, id, entry)| NearMiss {
                missed: missed.into_iter().map(|missed| self.miss(missed, entry)).collect(),
                request: self.journal.written_down(id, entry),
            })
            .collect()
    }

    fn is_met_by(&self, entry: &Entry) -> bool {
        Condition::ALL.into_iter().all(|condition| self.meets(condition, entry))
    }

    /// The conditions that a call does not meet.
    fn missed(&self, entry: &Entry) -> Vec<Condition> {
        let all = Condition::ALL.into_iter();
        all.filter(|condition| !self.meets(*condition, entry)).collect()
    }

    fn meets(&self, condition: Condition, entry: &Entry) -> bool {
        let wanted = self.expectation;
        match condition {
            Condition::Operation => {
                self.operation.is_some() && self.journal.operation_of(entry) == self.operation
            }
            Condition::User => {
                wanted.user.as_ref().is_none_or(|user| Caller::of(entry).is_called(user))
            }
            Condition::Listener => {
                let wanted = wanted.listener.as_ref();
                wanted.is_none_or(|wanted| wanted == self.journal.listener_of(entry).name())
            }
            Condition::Status => wanted.status.is_none_or(|it| it.matches(entry.status())),
            Condition::Body => {
                wanted.body.as_ref().is_none_or(|it| it.matches(&entry.request_body()))
            }
        }
    }

    /// What a condition asks for that a call does not meet, and what the call has in its place.
    fn miss(&self, condition: Condition, entry: &Entry) -> Miss {
        let wanted = self.expectation;
        let (name, expected, actual): (_, Value, Value) = match condition {
            Condition::Operation => {
                let actual = match &entry.event {
                    Event::Handshake { reason } => format!("a TLS handshake that failed: {reason}"),
                    Event::Unreadable { why, .. } => format!("no request: {why}"),
                    Event::Tunnel { method, .. } => format!("{method} on the forward proxy"),
                    Event::Request { .. } => {
                        let operation = self.journal.operation_of(entry);
                        operation.unwrap_or("none that is known").to_owned()
                    }
                };
                ("operation", wanted.operation.as_str().into(), actual.into())
            }
            Condition::User => {
                let caller = Caller::of(entry);
                ("user", wanted.user.as_deref().into(), caller.user.or(caller.app).into())
            }
            Condition::Listener => {
                let listener = self.journal.listener_of(entry).name();
                ("listener", wanted.listener.as_deref().into(), listener.into())
            }
            Condition::Status => {
                let pattern = wanted.status.map(|pattern| pattern.to_string());
                ("status", pattern.into(), entry.status().into())
            }
            Condition::Body => {
                let pattern = wanted.body.as_ref();
                let difference = pattern.and_then(|it| it.difference(&entry.request_body()));
                let (expected, actual) = difference.unwrap_or_default();
                ("body", expected, actual)
            }
        };
        Miss { condition: name, expected, actual }
    }
}

/// What an expectation may ask of a call. In the order in which it is looked at: what costs most
/// comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Operation,
    User,
    Listener,
    Status,
    Body,
}

impl Condition {
    const ALL: [Self; 5] = [Self::Operation, Self::User, Self::Listener, Self::Status, Self::Body];
}
