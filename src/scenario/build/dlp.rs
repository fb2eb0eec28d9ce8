//! How the dictionaries and policies of a document are made.

use super::people::document_id;
use super::{Builder, Built, Kind};
use crate::domain::{
    Dictionary, DictionaryContent, DictionaryRef, DlpPolicy, DlpPolicyPart, DlpPolicyRequest,
    DlpRule, DlpRuleKind, DocumentId,
};
use crate::scenario::dlp::{DlpDictionarySeed, DlpPolicyPartSeed, DlpPolicySeed, DlpRuleSeed};
use crate::scenario::document::Scenario;
use crate::scenario::{SeedTime, contradiction, export};

impl Builder<'_> {
    /// Dictionaries, and the policies that refer to them.
    pub(super) fn add_dlp(&mut self, scenario: &Scenario) {
        for (n, seed) in scenario.dlp_dictionaries.iter().enumerate() {
            let added = self.add_dictionary(n, seed);
            self.note_named(added, Kind::Dictionary, &[Some(&*seed.name)]);
        }
        for (n, seed) in scenario.dlp_policies.iter().enumerate() {
            let added = self.add_policy(n, seed);
            self.note(added);
        }
        let enabled = self.world.dlp.check_enabled();
        self.note(enabled.map_err(|no| contradiction("dlpPolicies".into(), no.why())));
    }

    fn add_dictionary(&mut self, n: usize, seed: &DlpDictionarySeed) -> Built<()> {
        let at = format!("dlpDictionaries[{n}]");
        let known = self.world.dlp.dictionary_called(&seed.name).cloned();
        let Some(known) = known else {
            let dictionary = self.dictionary(&at, seed)?;
            self.world.dlp.put_dictionary(dictionary);
            return Ok(());
        };
        if self.change.is_none() {
            let problem = format!("there is a dictionary {:?} already", seed.name);
            return Err(contradiction(format!("{at}.name"), problem));
        }
        let current = export::dictionary(&self.world, &known);
        let changed = self.changed("dlpDictionaries", Some(n), current)?;
        let wanted = self.dictionary(&at, &changed)?;
        if wanted.kind != known.kind {
            return Err(contradiction(format!("{at}.type"), "the type stays what it is".into()));
        }
        let terms = wanted.latest().terms.clone();
        self.world.set_terms(known.id, terms, self.now);
        Ok(())
    }

    fn dictionary(&mut self, at: &str, seed: &DlpDictionarySeed) -> Built<Dictionary> {
        let created = self.moment(seed.created);
        let id = document_id(at, seed.id.as_deref())?;
        let id = id.unwrap_or_else(|| DocumentId::new(created, &mut self.world.rng));
        let creator = self.creator(at, seed.creator.as_deref())?;
        let terms = seed.kind.check(seed.terms.iter().map(String::as_str));
        let terms = terms.map_err(|no| contradiction(format!("{at}.terms"), no.why()))?;
        let name = self.world.checked_dictionary_name(&seed.name, Some(id));
        let content = DictionaryContent {
            version: seed.version.unwrap_or(Dictionary::FIRST),
            name: name.map_err(|no| contradiction(format!("{at}.name"), no.why()))?,
            terms,
            updated: seed.updated.map_or(created, |updated| updated.resolve(self.now)),
        };
        Ok(Dictionary::new(id, seed.kind, creator, created, content))
    }

    fn add_policy(&mut self, n: usize, seed: &DlpPolicySeed) -> Built<()> {
        let at = format!("dlpPolicies[{n}]");
        let known = self.world.dlp.policy_called(&seed.name).cloned();
        let policy = match known {
            Some(known) if self.change.is_some() => {
                let current = export::policy(&self.world, &known);
                let changed = self.changed("dlpPolicies", Some(n), current)?;
                let mut wanted = self.policy(&at, &changed, Some(known.id))?;
                let mut policy = known;
                let content = (**wanted.latest()).clone();
                policy.change(self.now, |latest| {
                    *latest =
                        crate::domain::DlpPolicyContent { version: latest.version, ..content };
                });
                policy.active = wanted.active;
                policy.last_disabled = wanted.last_disabled.take();
                policy
            }
            Some(_) => {
                let problem = format!("there is a policy {:?} already", seed.name);
                return Err(contradiction(format!("{at}.name"), problem));
            }
            None => self.policy(&at, seed, None)?,
        };
        self.world.dlp.put_policy(policy);
        Ok(())
    }

    fn policy(
        &mut self,
        at: &str,
        seed: &DlpPolicySeed,
        of: Option<DocumentId>,
    ) -> Built<DlpPolicy> {
        let created = self.moment(seed.created);
        let id = document_id(at, seed.id.as_deref())?;
        let id = id.or(of).unwrap_or_else(|| DocumentId::new(created, &mut self.world.rng));
        let creator = self.creator(at, seed.creator.as_deref())?;
        let parts = seed.applies_to.iter().enumerate();
        let parts = parts.map(|(n, part)| self.policy_part(&format!("{at}.appliesTo[{n}]"), part));
        let parts = super::all(parts)?;
        let wish = DlpPolicyRequest { name: seed.name.clone(), scopes: seed.scopes.clone(), parts };
        let updated = seed.updated.map_or(created, |updated| updated.resolve(self.now));
        let version = seed.version.unwrap_or(DlpPolicy::FIRST_V3);
        let content = self.world.checked_policy(wish, of, version, updated);
        let content = content.map_err(|no| contradiction(at.to_owned(), no.why()))?;
        if seed.enabled && !content.looks_for_something() {
            let problem = "is enabled and looks for nothing".into();
            return Err(contradiction(at.to_owned(), problem));
        }
        let mut policy = DlpPolicy::new(id, creator, created, content);
        policy.active = seed.enabled;
        policy.last_disabled = seed.last_disabled.map(|at| at.resolve(self.now));
        Ok(policy)
    }

    fn policy_part(&self, at: &str, seed: &DlpPolicyPartSeed) -> Built<DlpPolicyPart> {
        let (data_type, action) = (seed.data_type, seed.action);
        let named = self.dictionaries_called(&format!("{at}.dictionaries"), &seed.dictionaries)?;
        let mut part = DlpPolicyPart::of_terms(data_type, action, named);
        if seed.dictionaries.is_empty() {
            part.rules.clear();
        }
        let rules = seed.rules.iter().enumerate();
        let rules = rules.map(|(n, rule)| self.rule(&format!("{at}.rules[{n}]"), rule));
        part.rules.extend(super::all::<_, Vec<_>>(rules)?);
        Ok(part)
    }

    fn rule(&self, at: &str, seed: &DlpRuleSeed) -> Built<DlpRule> {
        let DlpRuleSeed {
            text_match,
            file_size,
            file_extension,
            file_password,
            file_classifier,
            ..
        } = seed;
        let mut kinds = Vec::new();
        if let Some(text) = text_match {
            kinds.push(DlpRuleKind::TextMatch {
                dictionaries: self.dictionaries_called(at, &text.dictionaries)?,
                unique: text.count_unique_occurrences,
                file_types: text.applicable_file_types.clone(),
            });
        }
        kinds.extend(file_size.map(|limit| DlpRuleKind::FileSize { limit }));
        kinds.extend(file_extension.as_ref().map(|it| DlpRuleKind::FileExtension {
            allowed: it.allowed.clone(),
            blocked: it.blocked.clone(),
        }));
        kinds.extend(file_password.as_ref().map(|it| DlpRuleKind::FilePassword {
            file_types: it.applicable_file_types.clone(),
            criterion: it.match_criteria,
        }));
        kinds.extend(file_classifier.as_ref().map(|it| DlpRuleKind::FileClassifier {
            classifiers: it.classifiers.clone(),
            file_types: it.applicable_file_types.clone(),
        }));
        match <[DlpRuleKind; 1]>::try_from(kinds) {
            Ok([kind]) => Ok(DlpRule { id: seed.id.clone(), name: seed.name.clone(), kind }),
            Err(kinds) => {
                let problem = format!(
                    "has {} of textMatch, fileSize, fileExtension, filePassword and \
                     fileClassifier, expected one",
                    kinds.len()
                );
                Err(contradiction(at.to_owned(), problem))
            }
        }
    }

    fn dictionaries_called(&self, at: &str, names: &[String]) -> Built<Vec<DictionaryRef>> {
        let mut named = std::collections::HashSet::new();
        let names = names.iter().filter(|name| named.insert(*name));
        super::all(names.map(|name| {
            let known = self.world.dlp.dictionary_called(name);
            known.map(|it| it.latest().named(it.id)).ok_or_else(|| {
                let problem = format!("there is no dictionary {name:?}");
                self.unknown(Kind::Dictionary, name, at.to_owned(), problem)
            })
        }))
    }

    fn creator(&self, at: &str, name: Option<&str>) -> Built<Option<crate::domain::UserId>> {
        name.map(|name| self.member(&format!("{at}.creator"), name)).transpose()
    }

    fn moment(&self, moment: Option<SeedTime>) -> crate::domain::Timestamp {
        moment.map_or(self.now, |moment| moment.resolve(self.now))
    }
}
