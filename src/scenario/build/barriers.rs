//! How the information barriers of a document are made.

use super::people::document_id;
use super::{Builder, Built, Kind, Mistakes};
use crate::domain::{BarrierGroup, BarrierPolicy, DocumentId};
use crate::scenario::document::{BarrierGroupSeed, BarrierPolicySeed, Scenario};
use crate::scenario::{contradiction, export};

impl Builder<'_> {
    pub(super) fn add_barriers(&mut self, scenario: &Scenario) {
        for (n, seed) in scenario.information_barrier_groups.iter().enumerate() {
            let added = self.add_barrier_group(n, seed);
            let names = [Some(&*seed.name), seed.id.as_deref()];
            self.note_named(added, Kind::BarrierGroup, &names);
        }
        for (n, seed) in scenario.information_barrier_policies.iter().enumerate() {
            let added = self.add_barrier_policy(n, seed);
            self.note(added);
        }
    }

    fn add_barrier_group(&mut self, n: usize, seed: &BarrierGroupSeed) -> Built<()> {
        const SECTION: &str = "informationBarrierGroups";
        let at = format!("{SECTION}[{n}]");
        let known = self.world.barriers.group_called(&seed.name).cloned();
        let group = match known {
            Some(known) if self.change.is_some() => {
                let current = export::barrier_group(&self.world, &known);
                let changed = self.changed(SECTION, Some(n), current)?;
                BarrierGroup { id: known.id, ..self.barrier_group(&at, &changed)? }
            }
            Some(_) => {
                let problem = format!("there is a group {:?} already", seed.name);
                return Err(contradiction(format!("{at}.name"), problem));
            }
            None => self.barrier_group(&at, seed)?,
        };
        self.world.barriers.put_group(group);
        Ok(())
    }

    fn barrier_group(&mut self, at: &str, seed: &BarrierGroupSeed) -> Built<BarrierGroup> {
        if seed.name.trim().is_empty() {
            return Err(contradiction(format!("{at}.name"), "is empty".into()));
        }
        let mut mistakes = Mistakes::default();
        let members = self.members(&format!("{at}.members"), &seed.members);
        let members = mistakes.note(members).unwrap_or_default();
        if let Some(stranger) = members.iter().find(|it| it.pod() != self.world.identity.id) {
            let problem = format!(
                "{stranger} belongs to pod {}, and barriers are between users of the pod itself",
                stranger.pod().0
            );
            mistakes.note::<()>(Err(contradiction(format!("{at}.members"), problem)));
        }
        let id = mistakes.note(document_id(at, seed.id.as_deref())).flatten();
        mistakes.unless_any(())?;
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        Ok(BarrierGroup {
            id: id.unwrap_or_else(|| DocumentId::new(created, &mut self.world.rng)),
            name: seed.name.clone(),
            active: seed.active,
            members: members.into_iter().collect(),
            created,
            modified: seed.modified.map_or(created, |modified| modified.resolve(self.now)),
        })
    }

    fn add_barrier_policy(&mut self, n: usize, seed: &BarrierPolicySeed) -> Built<()> {
        const SECTION: &str = "informationBarrierPolicies";
        let at = format!("{SECTION}[{n}]");
        let group = |name: &String| self.barrier_group_called(&format!("{at}.groups"), name);
        let groups: Vec<_> = super::all(seed.groups.iter().map(group))?;
        let Ok(groups) = <[DocumentId; 2]>::try_from(groups) else {
            let problem = format!("has {} groups, expected two", seed.groups.len());
            return Err(contradiction(format!("{at}.groups"), problem));
        };
        let known = self.world.barriers.policy_between(seed.kind, groups).cloned();
        let policy = match known {
            Some(known) if self.change.is_some() => {
                let current = export::barrier_policy(&self.world, &known);
                let changed = self.changed(SECTION, Some(n), current)?;
                BarrierPolicy { id: known.id, ..self.barrier_policy(&at, &changed, groups)? }
            }
            Some(_) => return Err(contradiction(at, "is there already".into())),
            None => self.barrier_policy(&at, seed, groups)?,
        };
        self.world.barriers.put_policy(policy);
        Ok(())
    }

    fn barrier_policy(
        &mut self,
        at: &str,
        seed: &BarrierPolicySeed,
        groups: [DocumentId; 2],
    ) -> Built<BarrierPolicy> {
        let created = seed.created.map_or(self.now, |created| created.resolve(self.now));
        let id = document_id(at, seed.id.as_deref())?;
        Ok(BarrierPolicy {
            id: id.unwrap_or_else(|| DocumentId::new(created, &mut self.world.rng)),
            kind: seed.kind,
            active: seed.active,
            groups,
            created,
            modified: seed.modified.map_or(created, |modified| modified.resolve(self.now)),
        })
    }

    /// The group that a document calls by its name or id.
    fn barrier_group_called(&self, at: &str, name: &str) -> Built<DocumentId> {
        let barriers = &self.world.barriers;
        let by_id = || name.parse().ok().and_then(|id| barriers.group(id));
        let known = barriers.group_called(name).or_else(by_id);
        known.map(|known| known.id).ok_or_else(|| {
            let problem = format!("there is no group {name:?} of information barriers");
            self.unknown(Kind::BarrierGroup, name, at.to_owned(), problem)
        })
    }
}
