//! Policies: what is looked for, where, and what becomes of what has it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::audit::Action;
use super::super::{DocumentId, Refusal, Timestamp, UserId, World};
use super::{Dlp, DlpVersion, EF_POLICY_MANAGEMENT, Versions, checked_name};

/// Where a policy holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum DlpScope {
    /// Where the pod's own users alone are.
    Internal,
    /// Where users of other pods are too.
    External,
}

/// What a policy looks at.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum DlpDataType {
    /// The texts of messages.
    #[default]
    Messages,
    /// Names and descriptions of rooms.
    RoomMeta,
    /// Names of signals.
    SignalMeta,
    /// What is in attachments.
    FileContent,
    /// What attachments are called, and how large they are.
    FileMeta,
}

/// What becomes of what a policy found something in.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
pub enum DlpAction {
    /// Nothing; what was found is recorded.
    #[default]
    LogOnly,
    /// A person may send it all the same, a service user may not.
    Warn,
    /// It is refused.
    Block,
}

/// The files that a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum DlpFileType {
    Pdf,
    Word,
    Excel,
    #[serde(rename = "POWERPOINT")]
    PowerPoint,
    Zip,
    Csv,
    Txt,
}

/// Which files a rule about passwords means.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PasswordCriterion {
    PasswordProtected,
    #[default]
    NotPasswordProtected,
}

/// A policy.
#[derive(Debug, Clone)]
pub struct DlpPolicy {
    pub id: DocumentId,
    /// None where a seed does not say.
    pub creator: Option<UserId>,
    pub created: Timestamp,
    /// Whether it is enforced.
    pub active: bool,
    pub last_disabled: Option<Timestamp>,
    versions: Versions<Arc<DlpPolicyContent>>,
}

/// A version of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct DlpPolicyContent {
    pub version: DlpVersion,
    pub name: String,
    pub scopes: BTreeSet<DlpScope>,
    /// For each type of data one at most.
    pub parts: Vec<DlpPolicyPart>,
    pub updated: Timestamp,
}

/// What a policy does about one type of data.
#[derive(Debug, Clone, PartialEq)]
pub struct DlpPolicyPart {
    pub data_type: DlpDataType,
    pub action: DlpAction,
    pub rules: Vec<DlpRule>,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct DlpRule {
    /// A UUID; none until the policy has it.
    pub id: Option<String>,
    pub name: String,
    pub kind: DlpRuleKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum DlpRuleKind {
    TextMatch {
        dictionaries: Vec<DictionaryRef>,
        /// How many different terms have to be found.
        unique: u32,
        /// With the content of files only; none means all.
        file_types: Vec<DlpFileType>,
    },
    /// A file that is larger than so many megabytes.
    FileSize {
        limit: u32,
    },
    FileExtension {
        allowed: Vec<String>,
        blocked: Vec<String>,
    },
    FilePassword {
        file_types: Vec<DlpFileType>,
        criterion: PasswordCriterion,
    },
    /// A file that has one of these properties.
    FileClassifier {
        classifiers: BTreeMap<String, String>,
        file_types: Vec<DlpFileType>,
    },
}

/// A dictionary as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryRef {
    pub id: DocumentId,
    pub name: String,
    pub version: DlpVersion,
}

/// A policy as it is wished. The whole of it: what is absent is not there afterwards.
#[derive(Debug, Clone)]
pub struct DlpPolicyRequest {
    pub name: String,
    pub scopes: Vec<DlpScope>,
    pub parts: Vec<DlpPolicyPart>,
}

impl DlpAction {
    /// As refusals and violations name it. What they call the last is not published.
    pub fn status(self) -> &'static str {
        match self {
            Self::Block => "BLOCK",
            Self::Warn => "WARN",
            Self::LogOnly => "LOG_ONLY",
        }
    }
}

impl DlpPolicy {
    /// The version that a new one has, by the version of the API that makes it.
    pub const FIRST_V1: DlpVersion = DlpVersion::new(1, 0);
    pub const FIRST_V3: DlpVersion = DlpVersion::new(3, 0);

    pub fn new(
        id: DocumentId,
        creator: Option<UserId>,
        created: Timestamp,
        content: DlpPolicyContent,
    ) -> Self {
        Self {
            id,
            creator,
            created,
            active: false,
            last_disabled: None,
            versions: Versions::new(Arc::new(content)),
        }
    }

    pub fn latest(&self) -> &Arc<DlpPolicyContent> {
        self.versions.latest()
    }

    /// The version called so, or the latest where none is called.
    pub fn version(&self, version: Option<&str>) -> Result<&Arc<DlpPolicyContent>, Refusal> {
        let Some(version) = version else { return Ok(self.latest()) };
        let mut kept = self.versions.iter();
        let wanted = version.parse().ok();
        kept.find(|content| Some(content.version) == wanted).ok_or_else(|| Refusal::Malformed {
            what: format!("The policy has no version {version:?}"),
        })
    }

    /// Adds a version after the latest. Without anything to look for the policy is disabled.
    pub fn change(&mut self, now: Timestamp, change: impl FnOnce(&mut DlpPolicyContent)) {
        let mut content = DlpPolicyContent::clone(self.latest());
        content.version = content.version.next();
        content.updated = now;
        change(&mut content);
        if self.active && !content.looks_for_something() {
            self.active = false;
            self.last_disabled = Some(now);
        }
        self.versions.push(Arc::new(content));
    }
}

impl DlpPolicyContent {
    pub fn looks_for_something(&self) -> bool {
        let mut rules = self.parts.iter().flat_map(|part| &part.rules);
        rules.any(|rule| match &rule.kind {
            DlpRuleKind::TextMatch { dictionaries, .. } => !dictionaries.is_empty(),
            _ => true,
        })
    }

    /// Whether it names a dictionary.
    fn names(&self, id: DocumentId) -> bool {
        let mut rules = self.parts.iter().flat_map(|part| &part.rules);
        rules.any(|rule| match &rule.kind {
            DlpRuleKind::TextMatch { dictionaries, .. } => {
                dictionaries.iter().any(|it| it.id == id)
            }
            _ => false,
        })
    }

    /// The dictionaries that it names, each once.
    pub fn dictionaries(&self) -> Vec<&DictionaryRef> {
        let mut known = HashSet::new();
        let mut named: Vec<&DictionaryRef> = Vec::new();
        for rule in self.parts.iter().flat_map(|part| &part.rules) {
            let DlpRuleKind::TextMatch { dictionaries, .. } = &rule.kind else { continue };
            named.extend(dictionaries.iter().filter(|dictionary| known.insert(dictionary.id)));
        }
        named
    }
}

impl DlpPolicyPart {
    /// One that looks for the terms of dictionaries.
    pub fn of_terms(
        data_type: DlpDataType,
        action: DlpAction,
        dictionaries: Vec<DictionaryRef>,
    ) -> Self {
        let kind = DlpRuleKind::TextMatch { dictionaries, unique: 1, file_types: Vec::new() };
        Self { data_type, action, rules: vec![DlpRule { id: None, name: String::new(), kind }] }
    }

    /// That its rules are for its type of data.
    fn check(&self) -> Result<(), String> {
        const MOST_UNIQUE: u32 = super::matching::COUNTED as u32;
        let of_files = matches!(self.data_type, DlpDataType::FileContent | DlpDataType::FileMeta);
        self.rules.iter().try_for_each(|rule| match &rule.kind {
            DlpRuleKind::TextMatch { unique, .. } if !(1..=MOST_UNIQUE).contains(unique) => Err(
                format!("countUniqueOccurrences is {unique}, expected 1 to {MOST_UNIQUE}"),
            ),
            DlpRuleKind::TextMatch { file_types, .. } => {
                match self.data_type == DlpDataType::FileContent || file_types.is_empty() {
                    true => Ok(()),
                    false => Err("applicableFileTypes is for the dataType FileContent".into()),
                }
            }
            _ if !of_files => Err(format!(
                "The rule is about files, and the dataType is {:?}, expected FileContent or FileMeta",
                self.data_type
            )),
            DlpRuleKind::FileSize { limit: 0 } => {
                Err("sizeLimit is 0, expected a number of megabytes from 1 on".into())
            }
            DlpRuleKind::FileClassifier { classifiers, .. } => check_classifiers(classifiers),
            _ => Ok(()),
        })
    }
}

fn check_classifiers(classifiers: &BTreeMap<String, String>) -> Result<(), String> {
    const MOST: usize = 30;
    if !(1..=MOST).contains(&classifiers.len()) {
        return Err(format!("There are {} classifiers, expected 1 to {MOST}", classifiers.len()));
    }
    let fits = |text: &str| (1..=MOST).contains(&text.chars().count());
    match classifiers.iter().find(|(name, value)| !fits(name) || !fits(value)) {
        None => Ok(()),
        Some((name, value)) => Err(format!(
            "The classifier {name:?}: {value:?} is too long or empty: expected 1 to {MOST} characters"
        )),
    }
}

impl Dlp {
    /// The dictionaries with these ids, as policies name them, each once.
    pub fn dictionary_refs<'i>(
        &self,
        ids: impl IntoIterator<Item = &'i str>,
    ) -> Result<Vec<DictionaryRef>, Refusal> {
        let mut named = HashSet::new();
        let mut refs = Vec::new();
        for id in ids {
            let dictionary = id.trim().parse().ok().and_then(|id| self.dictionary(id));
            let unknown = || Refusal::DictionaryUnknown { id: id.to_owned() };
            let dictionary = dictionary.ok_or_else(unknown)?;
            if named.insert(dictionary.id) {
                refs.push(dictionary.latest().named(dictionary.id));
            }
        }
        Ok(refs)
    }

    /// Says of the policies that name a dictionary what has become of it: they have new versions.
    pub(super) fn follow_dictionary(&mut self, id: DocumentId, now: Timestamp) {
        self.matchers = None;
        let dictionary = self.dictionary(id).map(|it| it.latest().named(id));
        let naming = self.policies().filter(|policy| policy.latest().names(id));
        for mut policy in naming.cloned().collect::<Vec<_>>() {
            policy.change(now, |content| {
                for rule in content.parts.iter_mut().flat_map(|part| &mut part.rules) {
                    let DlpRuleKind::TextMatch { dictionaries, .. } = &mut rule.kind else {
                        continue;
                    };
                    match &dictionary {
                        None => dictionaries.retain(|named| named.id != id),
                        Some(latest) => {
                            let named = dictionaries.iter_mut().find(|named| named.id == id);
                            named.into_iter().for_each(|named| named.clone_from(latest));
                        }
                    }
                }
            });
            self.policies.put(policy);
        }
    }
}

impl super::DictionaryContent {
    /// As policies name it.
    pub fn named(&self, id: DocumentId) -> DictionaryRef {
        DictionaryRef { id, name: self.name.clone(), version: self.version }
    }
}

impl World {
    /// A policy, for somebody who manages them.
    pub fn dlp_policy(&self, id: &str) -> Result<&DlpPolicy, Refusal> {
        let known = id.trim().parse().ok().and_then(|id| self.dlp.policy(id));
        known.ok_or_else(|| Refusal::DlpPolicyUnknown { id: id.to_owned() })
    }

    /// Makes a policy, which is not enforced before it is enabled.
    pub fn create_policy(
        &mut self,
        by: UserId,
        wish: DlpPolicyRequest,
        first: DlpVersion,
        now: Timestamp,
    ) -> Result<&DlpPolicy, Refusal> {
        let content = self.checked_policy(wish, None, first, now)?;
        let id = DocumentId::new(now, &mut self.rng);
        self.dlp.put_policy(DlpPolicy::new(id, Some(by), now, content));
        self.record_policy(by, Action::EfPolicyCreated, id, now);
        self.dlp.policy(id).ok_or(Refusal::Bug)
    }

    /// Writes a policy anew. It stays enabled, unless there is nothing left to look for.
    pub fn update_policy(
        &mut self,
        by: UserId,
        id: &str,
        wish: DlpPolicyRequest,
        now: Timestamp,
    ) -> Result<&DlpPolicy, Refusal> {
        let mut policy = self.dlp_policy(id)?.clone();
        let id = policy.id;
        let wished = self.checked_policy(wish, Some(id), policy.latest().version, now)?;
        policy.change(now, |content| {
            *content = DlpPolicyContent { version: content.version, ..wished };
        });
        self.dlp.try_change(|dlp| dlp.put_policy(policy))?;
        self.record_policy(by, Action::EfPolicyUpdated, id, now);
        self.dlp.policy(id).ok_or(Refusal::Bug)
    }

    /// Has a policy enforced, or no longer. What it is already it stays.
    pub fn enforce_policy(
        &mut self,
        by: UserId,
        id: &str,
        active: bool,
        now: Timestamp,
    ) -> Result<&DlpPolicy, Refusal> {
        let mut policy = self.dlp_policy(id)?.clone();
        let id = policy.id;
        if active && !policy.latest().looks_for_something() {
            let what = "The policy has no dictionary and no other rule to be enforced".into();
            return Err(Refusal::Malformed { what });
        }
        if policy.active != active {
            policy.active = active;
            if !active {
                policy.last_disabled = Some(now);
            }
            self.dlp.try_change(|dlp| dlp.put_policy(policy))?;
            let action = match active {
                true => Action::EnabledEfEnforcement,
                false => Action::DisabledEfEnforcement,
            };
            self.record_policy(by, action, id, now);
        }
        self.dlp.policy(id).ok_or(Refusal::Bug)
    }

    /// Takes a policy away, which is disabled.
    pub fn delete_policy(
        &mut self,
        by: UserId,
        id: &str,
        now: Timestamp,
    ) -> Result<DlpPolicy, Refusal> {
        let policy = self.dlp_policy(id)?.clone();
        if policy.active {
            let what = "The policy is enabled: disable it before it is deleted".into();
            return Err(Refusal::Malformed { what });
        }
        self.record_policy(by, Action::EfPolicyDeleted, policy.id, now);
        self.dlp.matchers = None;
        self.dlp.policies.remove(&policy.id);
        Ok(policy)
    }

    /// The first version of a policy, where everything is as it should be. Rules get ids.
    pub fn checked_policy(
        &mut self,
        wish: DlpPolicyRequest,
        of: Option<DocumentId>,
        version: DlpVersion,
        now: Timestamp,
    ) -> Result<DlpPolicyContent, Refusal> {
        let refused = |what: String| Err(Refusal::Malformed { what });
        let DlpPolicyRequest { name, scopes, parts } = wish;
        let name = checked_name("policy", &name)?;
        if self.dlp.policy_called(&name).is_some_and(|other| Some(other.id) != of) {
            return refused(format!("There is a policy {name:?}"));
        }
        if scopes.is_empty() {
            return refused("scopes is empty, expected Internal, External or both".into());
        }
        if parts.is_empty() {
            return refused("The policy applies to no type of data".into());
        }
        for (n, part) in parts.iter().enumerate() {
            if parts[..n].iter().any(|other| other.data_type == part.data_type) {
                return refused(format!("The data type {:?} is there twice", part.data_type));
            }
            part.check().map_err(|what| Refusal::Malformed { what })?;
        }
        let scopes = scopes.into_iter().collect();
        let mut content = DlpPolicyContent { version, name, scopes, parts, updated: now };
        content.check_size()?;
        for rule in content.parts.iter_mut().flat_map(|part| &mut part.rules) {
            rule.id.get_or_insert_with(|| self.rng.uuid());
        }
        Ok(content)
    }

    fn record_policy(&mut self, by: UserId, action: Action, id: DocumentId, now: Timestamp) {
        let name = self.dlp.policy(id).map(|it| it.latest().name.clone()).unwrap_or_default();
        let deed = action.deed().by(EF_POLICY_MANAGEMENT).with("policyName", name);
        self.record_deed(by, deed, now);
    }
}
