//! What happened while the world was locked, for those who watch the pod from outside.

use std::sync::Arc;

use super::{Event, MessageId, UserId};

/// Notes what happens, as long as somebody watches; otherwise nothing is kept.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    watched: bool,
    noted: Vec<Happening>,
}

/// Something that changed what people see.
#[derive(Debug, Clone)]
pub enum Happening {
    /// What feeds tell of, to whomever.
    Event(Arc<Event>),
    /// Somebody got or read a message.
    Receipt { message: MessageId, user: UserId },
}

impl Witness {
    /// From now on whatever happens is noted, or nothing is.
    pub fn watch(&mut self, watched: bool) {
        self.watched = watched;
    }

    /// What happened since the last call.
    pub fn take(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.noted)
    }

    pub(super) fn note(&mut self, happening: impl FnOnce() -> Happening) {
        if self.watched {
            self.noted.push(happening());
        }
    }
}
