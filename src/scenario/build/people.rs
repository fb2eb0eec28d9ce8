//! What accounts have to do with each other, and the disclaimers that they refer to.

use super::{Builder, Built};
use crate::domain::{Disclaimer, DocumentId, UserId};
use crate::scenario::document::{DisclaimerSeed, FollowSeed, Scenario, UserSeed};
use crate::scenario::{contradiction, export};

impl Builder<'_> {
    /// Before the users, who refer to them.
    pub(super) fn add_disclaimers(&mut self, scenario: &Scenario) -> Built<()> {
        for (n, seed) in scenario.disclaimers.iter().enumerate() {
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
        }
        Ok(())
    }

    fn disclaimer(&mut self, at: &str, seed: &DisclaimerSeed) -> Built<Disclaimer> {
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        let id = document_id(at, seed.id.as_deref())?;
        Ok(Disclaimer {
            id: id.unwrap_or_else(|| DocumentId::new(created, &mut self.world.chance)),
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
            contradiction(format!("{at}.disclaimer"), format!("there is no disclaimer {name:?}"))
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
        let follower = self.member(&format!("{at}.follower"), &seed.follower)?;
        let followed = self.member(&format!("{at}.followed"), &seed.followed)?;
        self.world.following.add(followed, follower);
        Ok(())
    }
}

pub(super) fn document_id(at: &str, id: Option<&str>) -> Built<Option<DocumentId>> {
    let read = |id: &str| {
        let problem = || contradiction(format!("{at}.id"), format!("{id:?} is no 24 hex digits"));
        id.parse().map_err(|_| problem())
    };
    id.map(read).transpose()
}
