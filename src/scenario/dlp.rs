//! Dictionaries and policies, as a document tells of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SeedTime;
use crate::domain::{
    DictionaryKind, DlpAction, DlpDataType, DlpFileType, DlpScope, DlpVersion, PasswordCriterion,
};

/// A list of words or expressions that policies look for.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DlpDictionarySeed {
    /// 24 digits in hex; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Unique on the pod, 30 characters at most.
    pub name: String,
    /// What it lists: by default words, which are found whole and in any letter case.
    #[serde(default, rename = "type")]
    pub kind: DictionaryKind,
    /// The words or expressions.
    #[serde(default)]
    pub terms: Vec<String>,
    /// By default `1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<DlpVersion>,
    /// Username of whoever made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// When the version was made; by default when the dictionary was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<SeedTime>,
}

/// What is looked for in what people and bots send, and what becomes of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DlpPolicySeed {
    /// 24 digits in hex; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Unique on the pod, 30 characters at most.
    pub name: String,
    /// Whether it is enforced.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// Where it holds; by default everywhere.
    #[serde(default = "everywhere")]
    pub scopes: Vec<DlpScope>,
    /// What it does about which type of data.
    pub applies_to: Vec<DlpPolicyPartSeed>,
    /// By default `3.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<DlpVersion>,
    /// Username of whoever made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// When the version was made; by default when the policy was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<SeedTime>,
    /// When it was disabled last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_disabled: Option<SeedTime>,
}

/// What a policy does about one type of data.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DlpPolicyPartSeed {
    /// What is looked at: by default the texts of messages.
    #[serde(default)]
    pub data_type: DlpDataType,
    /// What becomes of what something is found in; by default it is refused.
    #[serde(default = "block")]
    pub action: DlpAction,
    /// Names of dictionaries, one of whose terms is enough: short for a rule with a `textMatch`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dictionaries: Vec<String>,
    /// What is looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<DlpRuleSeed>,
}

/// What is looked for: one of `textMatch`, `fileSize`, `fileExtension`, `filePassword` and
/// `fileClassifier`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DlpRuleSeed {
    /// A UUID; by default a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What people call it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Terms of dictionaries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_match: Option<DlpTextMatchSeed>,
    /// Files that are larger than so many megabytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u32>,
    /// Files by the ends of their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_extension: Option<DlpFileExtensionSeed>,
    /// Files that have a password, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_password: Option<DlpFilePasswordSeed>,
    /// Files with certain properties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_classifier: Option<DlpFileClassifierSeed>,
}

/// Terms of dictionaries.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DlpTextMatchSeed {
    /// Names of dictionaries.
    pub dictionaries: Vec<String>,
    /// How many different terms have to be found; by default one.
    #[serde(default = "one")]
    pub count_unique_occurrences: u32,
    /// With `FileContent`: the files that are looked into; by default all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applicable_file_types: Vec<DlpFileType>,
}

/// Files by the ends of their names.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DlpFileExtensionSeed {
    /// Where there are some, all others are found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// These are found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<String>,
}

/// Files that have a password, or none.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DlpFilePasswordSeed {
    /// Which of the two are found; by default those without.
    pub match_criteria: PasswordCriterion,
    /// The files that are looked at; by default all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applicable_file_types: Vec<DlpFileType>,
}

/// Files with certain properties.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DlpFileClassifierSeed {
    /// Names of properties and their values, in any letter case; one of them is enough.
    pub classifiers: BTreeMap<String, String>,
    /// The files that are looked into; by default all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applicable_file_types: Vec<DlpFileType>,
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn one() -> u32 {
    1
}

fn block() -> DlpAction {
    DlpAction::Block
}

fn everywhere() -> Vec<DlpScope> {
    vec![DlpScope::Internal, DlpScope::External]
}
