//! What accounts have to do with each other, and the disclaimers that they refer to.

use super::{Builder, Built, Kind, Mistakes};
use crate::domain::{
    Disclaimer, DocumentId, IDENTIFYING, Instrument, Signal, SignalRequest, Subscription, UserId,
};
use crate::scenario::document::{DisclaimerSeed, FollowSeed, Scenario, SignalSeed, UserSeed};
use crate::scenario::{SubscriberSeed, contradiction, export};

impl Builder<'_> {
    /// Before the users, who refer to them.
    pub(super) fn add_disclaimers(&mut self, scenario: &Scenario) {
        for (n, seed) in scenario.disclaimers.iter().enumerate() {
            let added = self.add_disclaimer(n, seed);
            let names = [Some(&*seed.name), seed.id.as_deref()];
            self.note_named(added, Kind::Disclaimer, &names);
        }
    }

    fn add_disclaimer(&mut self, n: usize, seed: &DisclaimerSeed) -> Built<()> {
        let at = format!("disclaimers[{n}]");
        let known = self.world.disclaimers.called(&seed.name).cloned();
        let disclaimer = match known {
            Some(known) if self.change.is_some() => {
                let current = export::disclaimer(&known);
                let changed = self.changed("disclaimers", Some(n), current)?;
                Disclaimer { id: known.id, ..self.disclaimer(&at, &changed)? }
            }
            Some(_) => {
                let problem = format!("there is a disclaimer {:?} already", seed.name);
                return Err(contradiction(format!("{at}.name"), problem));
            }
            None => self.disclaimer(&at, seed)?,
        };
        self.world.disclaimers.put(disclaimer);
        Ok(())
    }

    pub(super) fn add_instruments(&mut self, scenario: &Scenario) {
        for (n, seed) in scenario.instruments.iter().enumerate() {
            let added = self.add_instrument(n, seed);
            self.note(added);
        }
    }

    fn add_instrument(&mut self, n: usize, seed: &Instrument) -> Built<()> {
        let at = format!("instruments[{n}]");
        if !seed.is_identified() {
            let problem = format!("has none of {}", IDENTIFYING.join(", "));
            return Err(contradiction(at, problem));
        }
        let instrument = match self.world.instruments.same_as(seed) {
            Some(known) if self.change.is_some() => {
                self.changed("instruments", Some(n), known.clone())?
            }
            Some(_) => return Err(contradiction(at, "is there already".into())),
            None => seed.clone(),
        };
        if instrument.root_bbg_comp_ticker.trim().is_empty() {
            let at = format!("{at}.rootBbgCompTicker");
            return Err(contradiction(at, "is empty".into()));
        }
        self.world.instruments.put(instrument);
        Ok(())
    }

    fn disclaimer(&mut self, at: &str, seed: &DisclaimerSeed) -> Built<Disclaimer> {
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        let id = document_id(at, seed.id.as_deref())?;
        Ok(Disclaimer {
            id: id.unwrap_or_else(|| DocumentId::new(created, &mut self.world.rng)),
            name: seed.name.clone(),
            content: seed.content.as_str().into(),
            frequency_in_hours: seed.frequency_in_hours,
            is_default: seed.default,
            is_active: seed.active,
            created,
            modified: seed.modified.map_or(created, |modified| modified.resolve(self.now)),
        })
    }

    /// The disclaimer that a document calls by its id or name.
    pub(super) fn disclaimer_called(&self, at: &str, name: &str) -> Built<DocumentId> {
        let disclaimers = &self.world.disclaimers;
        let by_id = || name.parse().ok().and_then(|id| disclaimers.by_id(id));
        let known = disclaimers.called(name).or_else(by_id);
        known.map(|known| known.id).ok_or_else(|| {
            let problem = format!("there is no disclaimer {name:?}");
            self.unknown(Kind::Disclaimer, name, format!("{at}.disclaimer"), problem)
        })
    }

    /// Once everybody is there.
    pub(super) fn name_delegates(&mut self, n: usize, seed: &UserSeed, id: UserId) -> Built<()> {
        let sets_them = |change: &serde_json::Value| change["users"][n].get("delegates").is_some();
        if self.change.is_some_and(|change| !sets_them(change)) {
            return Ok(());
        }
        let at = format!("users[{n}].delegates");
        let delegates = self.members(&at, &seed.delegates)?;
        if delegates.contains(&id) {
            return Err(contradiction(at, "nobody is his own delegate".into()));
        }
        if let Some(user) = self.world.users.by_id_mut(id) {
            user.delegates = delegates;
        }
        Ok(())
    }

    pub(super) fn add_follow(&mut self, at: &str, seed: &FollowSeed) -> Built<()> {
        let (follower, followed) = self.two(
            (&format!("{at}.follower"), &seed.follower),
            (&format!("{at}.followed"), &seed.followed),
        )?;
        self.world.following.add(followed, follower);
        Ok(())
    }
}

impl Builder<'_> {
    pub(super) fn add_signal(&mut self, n: usize, seed: &SignalSeed) -> Built<()> {
        let at = format!("signals[{n}]");
        let id = document_id(&at, seed.id.as_deref())?;
        let known = id.and_then(|id| self.world.signals.by_id(id)).cloned();
        let signal = match known {
            Some(known) if self.change.is_some() => {
                let current = export::signal(&self.world, &known);
                let changed = self.changed("signals", Some(n), current)?;
                self.signal(&at, &changed)?
            }
            Some(_) => {
                let problem = "there is a signal of this id already".into();
                return Err(contradiction(format!("{at}.id"), problem));
            }
            None => self.signal(&at, seed)?,
        };
        self.world.signals.put(signal);
        Ok(())
    }

    fn signal(&mut self, at: &str, seed: &SignalSeed) -> Built<Signal> {
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        let id = document_id(at, seed.id.as_deref())?;
        let id = id.unwrap_or_else(|| DocumentId::new(created, &mut self.world.rng));
        let owner = self.member(&format!("{at}.owner"), &seed.owner)?;
        let request = SignalRequest {
            name: seed.name.clone(),
            query: seed.query.clone(),
            visible_on_profile: seed.visible_on_profile,
            company_wide: seed.company_wide,
        };
        let signal = Signal::new(id, owner, &request, created);
        let mut signal = signal.map_err(|no| contradiction(at.to_owned(), no.why()))?;
        let mut mistakes = Mistakes::default();
        for subscriber in &seed.subscribers {
            let (user, pushed, since) = match subscriber {
                SubscriberSeed::Name(user) => (user, false, None),
                SubscriberSeed::Subscribed { user, pushed, since } => (user, *pushed, *since),
            };
            let user = self.member(&format!("{at}.subscribers"), user);
            let Some(user) = mistakes.note(user) else { continue };
            let since = since.map_or(created, |since| since.resolve(self.now));
            signal.subscribe(Subscription { user, pushed, since });
        }
        mistakes.unless_any(signal)
    }
}

pub(super) fn document_id(at: &str, id: Option<&str>) -> Built<Option<DocumentId>> {
    let read = |id: &str| {
        let problem = || contradiction(format!("{at}.id"), format!("{id:?} is no 24 hex digits"));
        id.parse().map_err(|_| problem())
    };
    id.map(read).transpose()
}
