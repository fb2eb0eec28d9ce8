//! How much policies may look for together: everything that is said is held against all of it.
//!
//! Real pods' limits are not published, but for those of classifiers.

use std::collections::BTreeMap;

use super::super::Refusal;
use super::Dlp;
use super::dictionaries::{Dictionary, DictionaryKind};
use super::policies::{DlpPolicyContent, DlpRule, DlpRuleKind};

/// How many policies are enabled at most.
const ENABLED: usize = 100;

/// How many different dictionaries they name at most.
const DICTIONARIES: usize = 100;

/// How many bytes the words of these have at most. The first thing that is said once they changed waits
/// while all of them are made ready: 1 MB took up to 0.4 s.
const WORDS: usize = 512 << 10;

/// How much they look for at most, and how much one of them does: each of its rules, and each
/// dictionary, file extension and classifier that they list.
const LOOKED_FOR: usize = 5_000;
const LOOKED_FOR_BY_ONE: usize = 500;

/// How many types of files there are for rules to name.
const FILE_TYPES: usize = 7;

/// How long a rule's id and name are at most, and a file extension, in characters.
const LONGEST_NAME: usize = 100;
const LONGEST_EXTENSION: usize = 30;

impl DlpPolicyContent {
    /// That it looks for no more than a policy may.
    pub(super) fn check_size(&self) -> Result<(), Refusal> {
        let count = self.looked_for();
        if count > LOOKED_FOR_BY_ONE {
            return refused(format!(
                "The policy has {count} rules and dictionaries, file extensions and classifiers in \
                 them, expected {LOOKED_FOR_BY_ONE} at most"
            ));
        }
        let mut rules = self.parts.iter().flat_map(|part| &part.rules);
        rules.try_for_each(DlpRule::check_lengths)
    }

    fn looked_for(&self) -> usize {
        let rules = self.parts.iter().flat_map(|part| &part.rules);
        rules.map(|rule| 1 + rule.listed()).sum()
    }
}

impl DlpRule {
    fn listed(&self) -> usize {
        match &self.kind {
            DlpRuleKind::TextMatch { dictionaries, .. } => dictionaries.len(),
            DlpRuleKind::FileExtension { allowed, blocked } => allowed.len() + blocked.len(),
            DlpRuleKind::FileClassifier { classifiers, .. } => classifiers.len(),
            DlpRuleKind::FileSize { .. } | DlpRuleKind::FilePassword { .. } => 0,
        }
    }

    fn check_lengths(&self) -> Result<(), Refusal> {
        let file_types = match &self.kind {
            DlpRuleKind::TextMatch { file_types, .. }
            | DlpRuleKind::FilePassword { file_types, .. }
            | DlpRuleKind::FileClassifier { file_types, .. } => file_types.len(),
            DlpRuleKind::FileSize { .. } | DlpRuleKind::FileExtension { .. } => 0,
        };
        if file_types > FILE_TYPES {
            return refused(format!("A rule has {file_types} file types, expected each once"));
        }
        let mut texts = vec![("id", self.id.as_deref().unwrap_or_default(), LONGEST_NAME)];
        texts.push(("name", &self.name, LONGEST_NAME));
        if let DlpRuleKind::FileExtension { allowed, blocked } = &self.kind {
            let extensions = allowed.iter().chain(blocked);
            texts.extend(extensions.map(|it| ("file extension", &**it, LONGEST_EXTENSION)));
        }
        for (what, text, most) in texts {
            let length = text.chars().count();
            if length > most {
                return refused(format!(
                    "A rule's {what} has {length} characters, expected {most} at most"
                ));
            }
        }
        Ok(())
    }
}

impl Dlp {
    /// That the enabled policies look for no more together than is found in a moment.
    pub fn check_enabled(&self) -> Result<(), Refusal> {
        let enabled: Vec<_> = self.policies().filter(|policy| policy.active).collect();
        let limited = |what: &str, count: usize, most: usize| match count > most {
            true => {
                refused(format!("The enabled policies {what}: {count}, expected {most} at most"))
            }
            false => Ok(()),
        };
        limited("are too many", enabled.len(), ENABLED)?;
        let looked_for = enabled.iter().map(|policy| policy.latest().looked_for()).sum();
        limited(
            "have too many rules and dictionaries, file extensions and classifiers in them",
            looked_for,
            LOOKED_FOR,
        )?;
        let named = enabled.iter().flat_map(|policy| policy.latest().dictionaries());
        let named: BTreeMap<_, _> = named.map(|it| (it.id, self.dictionary(it.id))).collect();
        limited("name too many dictionaries", named.len(), DICTIONARIES)?;
        let weight = |kind: DictionaryKind| {
            let of_kind = named.values().flatten().filter(|it| it.kind == kind);
            of_kind.map(|it| it.latest().terms.weight()).sum()
        };
        let (words, expressions) = (weight(DictionaryKind::Word), weight(DictionaryKind::Regex));
        limited("look for too many bytes of words", words, WORDS)?;
        let most = Dictionary::LARGEST_EXPRESSIONS;
        limited("look for expressions that are too large together", expressions, most)
    }
}

fn refused(what: String) -> Result<(), Refusal> {
    Err(Refusal::Malformed { what })
}
