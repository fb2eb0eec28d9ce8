//! The rules of policies, as version 3 of the API writes and reads them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    DictionaryRef, Dlp, DlpAction, DlpDataType, DlpFileType, DlpPolicyPart, DlpRule, DlpRuleKind,
    PasswordCriterion, Refusal,
};

/// `V3DLPPolicyAppliesTo` of the agent API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppliesTo {
    data_type: DlpDataType,
    #[serde(default)]
    action: DlpAction,
    rules: Vec<WireRule>,
}

/// `V3DLPRule` of the agent API: of the configurations it has the one of its type.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "type")]
    kind: WireKind,
    #[serde(default)]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_match_config: Option<TextMatch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_size_config: Option<FileSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_extension_config: Option<FileExtension>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_password_config: Option<FilePassword>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_classifier_config: Option<FileClassifier>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum WireKind {
    #[default]
    Unknown,
    TextMatch,
    FileExtension,
    FileSize,
    FilePassword,
    FileClassifier,
}

/// `V3DLPTextMatchConfig` of the agent API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextMatch {
    #[serde(default)]
    dictionaries: Vec<DictionaryMeta>,
    count_unique_occurrences: Option<u32>,
    #[serde(default)]
    applicable_file_types: Vec<DlpFileType>,
}

/// `V3DLPDictionaryMeta` of the agent API. The id alone says which it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DictionaryMeta {
    dict_id: String,
    version: Option<String>,
    name: Option<String>,
}

/// `V3DLPFileSizeConfig` of the agent API, in megabytes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileSize {
    size_limit: Option<u32>,
}

/// `V3DLPFileExtensionConfig` of the agent API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileExtension {
    #[serde(default)]
    allow_lists: Vec<String>,
    #[serde(default)]
    block_lists: Vec<String>,
}

/// `V3DLPFilePasswordConfig` of the agent API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilePassword {
    #[serde(default)]
    applicable_file_types: Vec<DlpFileType>,
    match_criteria: Option<PasswordCriterion>,
}

/// `V3DLPFileClassifierConfig` of the agent API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileClassifier {
    classifiers: BTreeMap<String, String>,
    #[serde(default)]
    applicable_file_types: Vec<DlpFileType>,
}

impl AppliesTo {
    pub fn resolve(self, dlp: &Dlp) -> Result<DlpPolicyPart, Refusal> {
        let rules = self.rules.into_iter().map(|rule| rule.resolve(dlp));
        let rules = rules.collect::<Result<_, _>>()?;
        Ok(DlpPolicyPart { data_type: self.data_type, action: self.action, rules })
    }
}

impl WireRule {
    fn resolve(self, dlp: &Dlp) -> Result<DlpRule, Refusal> {
        const SIZE_LIMIT: u32 = 20;
        let configurations = [
            self.text_match_config.is_some(),
            self.file_size_config.is_some(),
            self.file_extension_config.is_some(),
            self.file_password_config.is_some(),
            self.file_classifier_config.is_some(),
        ];
        let count = configurations.into_iter().filter(|there| *there).count();
        if count != 1 {
            let what = format!("A rule has {count} configurations, expected the one of its type");
            return Err(Refusal::Malformed { what });
        }
        let (kind, resolved) = if let Some(config) = self.text_match_config {
            let ids = config.dictionaries.iter().map(|dictionary| &*dictionary.dict_id);
            let kind = DlpRuleKind::TextMatch {
                dictionaries: dlp.dictionary_refs(ids)?,
                unique: config.count_unique_occurrences.unwrap_or(1),
                file_types: config.applicable_file_types,
            };
            (WireKind::TextMatch, kind)
        } else if let Some(config) = self.file_size_config {
            let limit = config.size_limit.unwrap_or(SIZE_LIMIT);
            (WireKind::FileSize, DlpRuleKind::FileSize { limit })
        } else if let Some(config) = self.file_extension_config {
            let (allowed, blocked) = (config.allow_lists, config.block_lists);
            (WireKind::FileExtension, DlpRuleKind::FileExtension { allowed, blocked })
        } else if let Some(config) = self.file_password_config {
            let criterion = config.match_criteria.unwrap_or_default();
            let file_types = config.applicable_file_types;
            (WireKind::FilePassword, DlpRuleKind::FilePassword { file_types, criterion })
        } else {
            let config = self.file_classifier_config.ok_or(Refusal::Bug)?;
            let FileClassifier { classifiers, applicable_file_types: file_types } = config;
            (WireKind::FileClassifier, DlpRuleKind::FileClassifier { classifiers, file_types })
        };
        if self.kind != kind {
            let what = format!(
                "A rule's type is {:?} and its configuration is that of {kind:?}",
                self.kind
            );
            return Err(Refusal::Malformed { what });
        }
        let id = self.id.filter(|id| !id.is_empty());
        Ok(DlpRule { id, name: self.name, kind: resolved })
    }
}

impl From<&DlpPolicyPart> for AppliesTo {
    fn from(part: &DlpPolicyPart) -> Self {
        Self {
            data_type: part.data_type,
            action: part.action,
            rules: part.rules.iter().map(WireRule::from).collect(),
        }
    }
}

impl From<&DlpRule> for WireRule {
    fn from(rule: &DlpRule) -> Self {
        let empty = Self { id: rule.id.clone(), name: rule.name.clone(), ..Self::default() };
        match &rule.kind {
            DlpRuleKind::TextMatch { dictionaries, unique, file_types } => Self {
                kind: WireKind::TextMatch,
                text_match_config: Some(TextMatch {
                    dictionaries: dictionaries.iter().map(DictionaryMeta::from).collect(),
                    count_unique_occurrences: Some(*unique),
                    applicable_file_types: file_types.clone(),
                }),
                ..empty
            },
            DlpRuleKind::FileSize { limit } => Self {
                kind: WireKind::FileSize,
                file_size_config: Some(FileSize { size_limit: Some(*limit) }),
                ..empty
            },
            DlpRuleKind::FileExtension { allowed, blocked } => Self {
                kind: WireKind::FileExtension,
                file_extension_config: Some(FileExtension {
                    allow_lists: allowed.clone(),
                    block_lists: blocked.clone(),
                }),
                ..empty
            },
            DlpRuleKind::FilePassword { file_types, criterion } => Self {
                kind: WireKind::FilePassword,
                file_password_config: Some(FilePassword {
                    applicable_file_types: file_types.clone(),
                    match_criteria: Some(*criterion),
                }),
                ..empty
            },
            DlpRuleKind::FileClassifier { classifiers, file_types } => Self {
                kind: WireKind::FileClassifier,
                file_classifier_config: Some(FileClassifier {
                    classifiers: classifiers.clone(),
                    applicable_file_types: file_types.clone(),
                }),
                ..empty
            },
        }
    }
}

impl From<&DictionaryRef> for DictionaryMeta {
    fn from(named: &DictionaryRef) -> Self {
        Self {
            dict_id: named.id.to_string(),
            version: Some(named.version.to_string()),
            name: Some(named.name.clone()),
        }
    }
}
