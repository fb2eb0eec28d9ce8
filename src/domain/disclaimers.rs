//! Notices that a company puts under what its people write to those outside.

use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use super::register::{Register, Registered};
use super::{DocumentId, Refusal, StreamId, Timestamp, UserId, World};

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclaimer {
    pub id: DocumentId,
    pub name: String,
    pub content: Arc<str>,
    /// How often those in a stream see it of one author; 0 for with every message.
    pub frequency_in_hours: u32,
    /// Whether it is that of everybody who has no other.
    pub is_default: bool,
    pub is_active: bool,
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// All disclaimers in the order of their creation, and when they were shown last. Nothing of the
/// public API creates any.
#[derive(Debug, Clone, Default)]
pub struct Disclaimers {
    all: Register<Disclaimer>,
    /// What was shown last of an author in a stream, and when.
    shown: OrdMap<(UserId, StreamId), (Arc<str>, Timestamp)>,
}

/// Where messages carry the disclaimers of their authors.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum DisclaimerScope {
    /// Where users of other pods are, as the administrators' guide says.
    #[default]
    External,
    /// In all streams.
    All,
}

impl Registered for Disclaimer {
    type Id = DocumentId;
    type Name = String;

    fn id(&self) -> DocumentId {
        self.id
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Disclaimers {
    pub fn iter(&self) -> impl Iterator<Item = &Disclaimer> {
        self.all.iter()
    }

    pub fn by_id(&self, id: DocumentId) -> Option<&Disclaimer> {
        self.all.by_id(&id)
    }

    pub fn called(&self, name: &str) -> Option<&Disclaimer> {
        self.all.called(name)
    }

    /// Adds one, or puts it in the place of the one that has its id.
    pub fn put(&mut self, disclaimer: Disclaimer) {
        self.all.put(disclaimer);
    }

    /// Says that a message showed one.
    pub(super) fn note(
        &mut self,
        author: UserId,
        stream: StreamId,
        content: Arc<str>,
        at: Timestamp,
    ) {
        self.shown.insert((author, stream), (content, at));
    }
}

impl World {
    /// The disclaimer that a client names.
    pub fn disclaimer(&self, id: &str) -> Result<&Disclaimer, Refusal> {
        let known = id.trim().parse().ok().and_then(|id| self.disclaimers.by_id(id));
        known.ok_or_else(|| Refusal::DisclaimerUnknown { id: id.to_owned() })
    }

    /// The disclaimer of one of the pod's own users: the one he was given, else the pod's default.
    pub fn disclaimer_of(&self, user: UserId) -> Result<Option<&Disclaimer>, Refusal> {
        let given = self.own_user(user)?.disclaimer;
        let is_default = |disclaimer: &&Disclaimer| disclaimer.is_default && disclaimer.is_active;
        Ok(match given {
            Some(given) => self.disclaimers.by_id(given),
            None => self.disclaimers.iter().find(is_default),
        })
    }

    /// Gives a user a disclaimer in the place of the one that he has, or takes it from him.
    pub fn set_disclaimer(
        &mut self,
        user: UserId,
        disclaimer: Option<DocumentId>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let user = self.own_user_mut(user)?;
        user.disclaimer = disclaimer;
        user.history.updated = Some(now);
        Ok(())
    }

    /// Those who were given a disclaimer, in the order of their ids. Whoever has it because it is
    /// the pod's default is not among them.
    pub fn users_with_disclaimer(&self, id: DocumentId) -> impl Iterator<Item = UserId> + '_ {
        self.own_users().filter(move |user| user.disclaimer == Some(id)).map(|user| user.id)
    }

    /// What a message that is sent now says under it: its author's disclaimer, unless he showed it
    /// in the stream not long ago.
    pub(super) fn disclaimer_due(
        &mut self,
        author: UserId,
        stream: StreamId,
        now: Timestamp,
    ) -> Option<Arc<str>> {
        let external = self.streams.by_id(stream)?.is_external();
        if !external && self.settings.disclaimer_scope == DisclaimerScope::External {
            return None;
        }
        let disclaimer = self.disclaimer_of(author).ok()?.filter(|it| it.is_active)?;
        let content = Arc::clone(&disclaimer.content);
        let every = u64::from(disclaimer.frequency_in_hours) * 3_600_000;
        let shown = self.disclaimers.shown.get(&(author, stream));
        let fresh = shown.is_some_and(|(text, at)| {
            *text == content && now.as_millis() < at.as_millis().saturating_add(every)
        });
        if fresh {
            return None;
        }
        self.disclaimers.note(author, stream, Arc::clone(&content), now);
        Some(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeededRng;

    #[test]
    fn one_that_is_put_in_the_place_of_another_goes_by_its_own_name() {
        let (now, mut rng) = (Timestamp::from_millis(0), SeededRng::from_seed(1));
        let mut named = |name: &str, id: Option<DocumentId>| Disclaimer {
            id: id.unwrap_or_else(|| DocumentId::new(now, &mut rng)),
            name: name.to_owned(),
            content: "x".into(),
            frequency_in_hours: 0,
            is_default: false,
            is_active: true,
            created: now,
            modified: now,
        };
        let (first, second) = (named("a", None), named("a", None));
        let mut disclaimers = Disclaimers::default();
        disclaimers.put(first.clone());
        disclaimers.put(second.clone());
        assert_eq!(disclaimers.called("a"), Some(&first));
        disclaimers.put(named("b", Some(first.id)));
        assert_eq!(disclaimers.called("a"), Some(&second));
        assert_eq!(disclaimers.called("b").map(|it| it.id), Some(first.id));
        disclaimers.put(first.clone());
        assert_eq!((disclaimers.called("a"), disclaimers.called("b")), (Some(&first), None));
        assert_eq!(disclaimers.iter().count(), 2);
    }
}
