//! What enabled policies say of something that somebody wants to send.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::super::{DocumentId, Feature, Refusal, UserId, World};
use super::files::{Examined, ExtensionFault, OF_PROPERTIES, ScreenedFile};
use super::matching::{Enforced, Found, Hit, Left, Matchers};
use super::text::Text;
use super::{DictionaryRef, DlpAction, DlpDataType, DlpRule, DlpRuleKind, DlpScope, DlpVersion};
use crate::domain::refusal::shorten;

/// What policies found in something.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// In the order of the parts; of each those in which something was found. Where very much was
    /// found not all of it is told.
    pub parts: Vec<PartVerdict>,
}

/// How much a verdict tells yet.
struct Telling {
    /// In bytes.
    left: usize,
    /// The strictest action that was told of. A policy with a stricter one is told of in any case.
    strictest: Option<DlpAction>,
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
        hits: Arc<[Hit]>,
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
        let mut telling = Telling { left: Verdict::MOST_TOLD, strictest: None };
        let mut left = Left::default();
        if matchers.looks_at(data_type) {
            let found = matchers.look_into(&text, &mut left);
            // What has no file has nothing but its words.
            if !found.is_empty() {
                let rules = |rule: &DlpRule| text_findings(rule, &found);
                parts.push(matchers.judge(DlpPart::Text, (scope, data_type), &mut telling, rules));
            }
        }
        let left_of_files = Cell::new(OF_PROPERTIES);
        for (n, file) in files.iter().enumerate() {
            let file = Examined::new(file, &left_of_files);
            for (data_type, part) in [
                (DlpDataType::FileMeta, DlpPart::FileMeta(n)),
                (DlpDataType::FileContent, DlpPart::FileContent(n)),
            ] {
                if !matchers.looks_at(data_type) {
                    continue;
                }
                let text = match data_type {
                    DlpDataType::FileMeta => &file.name,
                    _ => file.text(),
                };
                let found = matchers.look_into(&Text::plain(text), &mut left);
                let rules = |rule: &DlpRule| file_findings(rule, &file, &found);
                parts.push(matchers.judge(part, (scope, data_type), &mut telling, rules));
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
        (scope, data_type): (DlpScope, DlpDataType),
        telling: &mut Telling,
        findings: impl Fn(&DlpRule) -> Vec<FindingKind>,
    ) -> PartVerdict {
        let judged = |Enforced { id, content }: &Enforced| {
            let of_type = content.parts.iter().find(|part| part.data_type == data_type)?;
            let told = telling.strictest >= Some(of_type.action) && telling.left == 0;
            if !content.scopes.contains(&scope) || told {
                return None;
            }
            let finding = |rule: &DlpRule, found| Finding {
                rule: rule.id.clone().unwrap_or_default(),
                rule_name: rule.name.clone(),
                found,
            };
            let found = of_type
                .rules
                .iter()
                .flat_map(|rule| findings(rule).into_iter().map(move |found| finding(rule, found)));
            let found = telling.of(of_type.action, found);
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

impl Telling {
    /// What is told of what a policy found.
    fn of(&mut self, action: DlpAction, found: impl Iterator<Item = Finding>) -> Vec<Finding> {
        let mut told = Vec::new();
        for finding in found {
            let bytes = finding.bytes();
            if bytes > self.left && self.strictest >= Some(action) {
                self.left = 0;
                break;
            }
            self.left = self.left.saturating_sub(bytes);
            self.strictest = self.strictest.max(Some(action));
            told.push(finding);
        }
        told
    }
}

impl Finding {
    /// What it takes to keep and to tell it.
    fn bytes(&self) -> usize {
        let texts = match &self.found {
            FindingKind::Text { dictionary, hits } => {
                let texts: usize = hits.iter().map(|hit| hit.term.len() + hit.text.len()).sum();
                dictionary.name.len() + size_of_val(&**hits) + texts
            }
            FindingKind::FileClassifier(pairs) => {
                pairs.iter().map(|(name, value)| name.len() + value.len()).sum()
            }
            FindingKind::FileExtension(fault) => fault.supplied().len(),
            FindingKind::FileSize { .. } | FindingKind::FilePassword { .. } => 0,
        };
        size_of::<Self>() + self.rule.len() + self.rule_name.len() + texts
    }
}

/// What a rule about terms says of what was found of all dictionaries.
fn text_findings(rule: &DlpRule, found: &Found) -> Vec<FindingKind> {
    let DlpRuleKind::TextMatch { dictionaries, unique, .. } = &rule.kind else { return Vec::new() };
    let of_rule =
        || dictionaries.iter().filter_map(|it| found.get(&it.id).map(|found| (it, found)));
    let mut different = HashSet::new();
    let mut terms = of_rule().flat_map(|(_, found)| found.different());
    let wanted = *unique as usize;
    if different.len() < wanted
        && !terms.any(|term| different.insert(term) && different.len() == wanted)
    {
        return Vec::new();
    }
    let finding = |(dictionary, found): (&DictionaryRef, &super::matching::Matches)| {
        FindingKind::Text { dictionary: dictionary.clone(), hits: Arc::clone(&found.hits) }
    };
    of_rule().map(finding).collect()
}

fn file_findings(rule: &DlpRule, file: &Examined<'_>, found: &Found) -> Vec<FindingKind> {
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
    /// How many bytes of findings are told.
    const MOST_TOLD: usize = 1 << 20;

    /// What it takes to keep and to tell it.
    pub fn bytes(&self) -> usize {
        let policies = self.parts.iter().flat_map(|part| &part.policies);
        let bytes = |policy: &PolicyVerdict| {
            let findings: usize = policy.findings.iter().map(Finding::bytes).sum();
            size_of::<PolicyVerdict>() + policy.name.len() + findings
        };
        policies.map(bytes).sum()
    }

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
        let mut known = HashSet::new();
        let mut terms: Vec<&str> = Vec::new();
        for finding in &self.findings {
            let FindingKind::Text { hits, .. } = &finding.found else { continue };
            terms.extend(hits.iter().map(|hit| &*hit.term).filter(|term| known.insert(*term)));
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
