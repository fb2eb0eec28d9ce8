//! What enabled policies say of something that somebody wants to send.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{DocumentId, Feature, Refusal, UserId, World};
use super::files::{ExtensionFault, ScreenedFile};
use super::matching::{Enforced, Found, Hit, Matchers, Text};
use super::{DictionaryRef, DlpAction, DlpDataType, DlpRule, DlpRuleKind, DlpScope, DlpVersion};
use crate::domain::refusal::shorten;

/// What policies found in something.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// In the order of the parts; of each those in which something was found.
    pub parts: Vec<PartVerdict>,
}

/// What policies found in a part of something.
#[derive(Debug, Clone, PartialEq)]
pub struct PartVerdict {
    pub part: DlpPart,
    pub policies: Vec<PolicyVerdict>,
}

/// A part that is looked at by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DlpPart {
    /// The text of a message, the name and description of a room, the name of a signal.
    Text,
    /// Name and size of a file, by its number.
    FileMeta(usize),
    /// The content of a file, by its number.
    FileContent(usize),
}

/// What a policy found.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyVerdict {
    pub id: DocumentId,
    pub version: DlpVersion,
    pub name: String,
    pub action: DlpAction,
    pub scopes: BTreeSet<DlpScope>,
    pub findings: Vec<Finding>,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Id of the rule.
    pub rule: String,
    pub rule_name: String,
    pub found: FindingKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FindingKind {
    /// Terms of a dictionary.
    Text {
        dictionary: DictionaryRef,
        hits: Vec<Hit>,
    },
    /// A file of more megabytes than so many.
    FileSize {
        limit: u32,
        found: f32,
    },
    FileExtension(ExtensionFault),
    FilePassword {
        protected: bool,
    },
    FileClassifier(BTreeMap<String, String>),
}

/// What a refusal tells of a part: what the policies that refuse it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// The name of the file; none for the text.
    pub file: Option<String>,
    pub policies: Vec<DetectedBy>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedBy {
    pub name: String,
    pub action: DlpAction,
    pub scopes: BTreeSet<DlpScope>,
    /// The terms, or the file where it is about a file.
    pub reasons: Vec<String>,
}

/// What was to be done when policies found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screened {
    Message,
    RoomCreation,
    RoomUpdate,
    Signal,
}

impl Screened {
    /// As answers name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::RoomCreation => "room creation",
            Self::RoomUpdate => "room update",
            Self::Signal => "signal",
        }
    }
}

impl World {
    /// What the enabled policies found in a text and files that somebody wants to send; nothing
    /// where there is nothing to be found, or nobody looks at what he sends.
    pub(in crate::domain) fn screen(
        &mut self,
        author: UserId,
        external: bool,
        text: (DlpDataType, &str, &[String]),
        files: &[ScreenedFile],
    ) -> Option<Verdict> {
        if !self.is_screened(author) {
            return None;
        }
        let scope = if external { DlpScope::External } else { DlpScope::Internal };
        let matchers = self.dlp.matchers();
        let (data_type, text, mentions) = text;
        let text = match data_type {
            DlpDataType::Messages => Text::of_message(text, mentions),
            _ => Text::plain(text),
        };
        let mut parts = Vec::new();
        if matchers.looks_at(data_type) {
            let found = matchers.look_into(&text);
            let rules = |rule: &DlpRule| text_findings(rule, &found);
            parts.push(matchers.judge(DlpPart::Text, scope, data_type, rules));
        }
        for (n, file) in files.iter().enumerate() {
            for (data_type, part) in [
                (DlpDataType::FileMeta, DlpPart::FileMeta(n)),
                (DlpDataType::FileContent, DlpPart::FileContent(n)),
            ] {
                if !matchers.looks_at(data_type) {
                    continue;
                }
                let text = match data_type {
                    DlpDataType::FileMeta => file.name.clone(),
                    _ => file.text(),
                };
                let found = matchers.look_into(&Text::plain(&text));
                let rules = |rule: &DlpRule| file_findings(rule, file, &found);
                parts.push(matchers.judge(part, scope, data_type, rules));
            }
        }
        parts.retain(|part| !part.policies.is_empty());
        (!parts.is_empty()).then_some(Verdict { parts })
    }

    /// Whether policies are enforced on somebody.
    pub(in crate::domain) fn is_screened(&self, author: UserId) -> bool {
        let bypasses = || {
            let author = self.users.by_id(author);
            author.is_some_and(|author| author.features.has(Feature::BypassDlp))
        };
        !self.dlp.is_idle() && !bypasses()
    }
}

impl Matchers {
    fn looks_at(&self, data_type: DlpDataType) -> bool {
        let mut parts = self.policies.iter().flat_map(|policy| &policy.content.parts);
        parts.any(|part| part.data_type == data_type)
    }

    fn judge(
        &self,
        part: DlpPart,
        scope: DlpScope,
        data_type: DlpDataType,
        findings: impl Fn(&DlpRule) -> Vec<FindingKind>,
    ) -> PartVerdict {
        let judged = |Enforced { id, content }: &Enforced| {
            let of_type = content.parts.iter().find(|part| part.data_type == data_type)?;
            if !content.scopes.contains(&scope) {
                return None;
            }
            let mut found = Vec::new();
            for rule in &of_type.rules {
                found.extend(findings(rule).into_iter().map(|kind| Finding {
                    rule: rule.id.clone().unwrap_or_default(),
                    rule_name: rule.name.clone(),
                    found: kind,
                }));
            }
            (!found.is_empty()).then(|| PolicyVerdict {
                id: *id,
                version: content.version,
                name: content.name.clone(),
                action: of_type.action,
                scopes: content.scopes.clone(),
                findings: found,
            })
        };
        PartVerdict { part, policies: self.policies.iter().filter_map(judged).collect() }
    }
}

/// What a rule about terms says of what was found of all dictionaries.
fn text_findings(rule: &DlpRule, found: &Found) -> Vec<FindingKind> {
    let DlpRuleKind::TextMatch { dictionaries, unique, .. } = &rule.kind else { return Vec::new() };
    let of_rule =
        || dictionaries.iter().filter_map(|it| found.get(&it.id).map(|found| (it, found)));
    let different: BTreeSet<_> = of_rule().flat_map(|(_, found)| found.different()).collect();
    if different.len() < *unique as usize {
        return Vec::new();
    }
    let finding = |(dictionary, found): (&DictionaryRef, &super::matching::Matches)| {
        FindingKind::Text { dictionary: dictionary.clone(), hits: found.hits.clone() }
    };
    of_rule().map(finding).collect()
}

fn file_findings(rule: &DlpRule, file: &ScreenedFile, found: &Found) -> Vec<FindingKind> {
    let one = |finding: Option<FindingKind>| finding.into_iter().collect();
    match &rule.kind {
        DlpRuleKind::TextMatch { file_types, .. } if file.is_one_of(file_types) => {
            text_findings(rule, found)
        }
        DlpRuleKind::FileSize { limit } => {
            let size = file.megabytes();
            one((size > *limit as f32)
                .then_some(FindingKind::FileSize { limit: *limit, found: size }))
        }
        DlpRuleKind::FileExtension { allowed, blocked } => {
            one(file.extension_fault(allowed, blocked).map(FindingKind::FileExtension))
        }
        DlpRuleKind::FilePassword { file_types, criterion } if file.is_one_of(file_types) => {
            let protected = file.password(*criterion);
            one(protected.map(|protected| FindingKind::FilePassword { protected }))
        }
        DlpRuleKind::FileClassifier { classifiers, file_types } if file.is_one_of(file_types) => {
            let had = file.classified(classifiers);
            one((!had.is_empty()).then_some(FindingKind::FileClassifier(had)))
        }
        _ => Vec::new(),
    }
}

impl Verdict {
    /// The strictest of the actions.
    pub fn action(&self) -> DlpAction {
        let policies = self.parts.iter().flat_map(|part| &part.policies);
        policies.map(|policy| policy.action).max().unwrap_or_default()
    }

    /// Whether it is sent in spite of all: for somebody who ignores warnings or does not.
    pub fn lets_pass(&self, ignores_warnings: bool) -> bool {
        match self.action() {
            DlpAction::LogOnly => true,
            DlpAction::Warn => ignores_warnings,
            DlpAction::Block => false,
        }
    }

    /// The refusal of what does not pass.
    pub fn refusal(&self, screened: Screened, files: &[ScreenedFile]) -> Refusal {
        let detection = |part: &PartVerdict| {
            let file = match part.part {
                DlpPart::Text => None,
                DlpPart::FileMeta(n) | DlpPart::FileContent(n) => {
                    Some(files.get(n).map(|file| file.name.clone()).unwrap_or_default())
                }
            };
            let refusing = part.policies.iter().filter(|it| it.action != DlpAction::LogOnly);
            let policies: Vec<_> = refusing.map(|it| it.detected(file.as_deref())).collect();
            (!policies.is_empty()).then_some(Detection { file, policies })
        };
        let details = self.parts.iter().filter_map(detection).collect();
        Refusal::ComplianceIssues { screened, details }
    }
}

impl PolicyVerdict {
    /// The terms that were found, each once.
    pub fn terms(&self) -> Vec<&str> {
        let mut terms: Vec<&str> = Vec::new();
        for finding in &self.findings {
            let FindingKind::Text { hits, .. } = &finding.found else { continue };
            for hit in hits {
                if !terms.contains(&&*hit.term) {
                    terms.push(&hit.term);
                }
            }
        }
        terms
    }

    fn detected(&self, file: Option<&str>) -> DetectedBy {
        const MOST: usize = 20;
        const LONGEST: usize = 200;
        let reasons = match file {
            Some(file) => vec![file],
            None => self.terms().into_iter().take(MOST).collect(),
        };
        let short = |text: &str| {
            let mut text = text.to_owned();
            shorten(&mut text, LONGEST);
            text
        };
        DetectedBy {
            name: self.name.clone(),
            action: self.action,
            scopes: self.scopes.clone(),
            reasons: reasons.into_iter().map(short).collect(),
        }
    }
}
