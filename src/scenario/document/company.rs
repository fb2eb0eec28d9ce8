//! Seeds of what companies and their administrators have beside accounts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{is_yes, yes};
use crate::domain::{BarrierPolicyType, JobType};
use crate::scenario::SeedTime;

/// Something that somebody did by a role of his.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditSeed {
    /// In words: `Profile info update`.
    pub action: String,
    /// By default made of the words: `profileInfoUpdate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_name: Option<String>,
    /// Username of whoever did it.
    pub initiator: String,
    /// Username of whoever it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affected: Option<String>,
    /// Ids of the roles by which he did it; by default `SUPER_ADMINISTRATOR` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// By default now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<SeedTime>,
    /// What else is told of it, under the API's names: `attribute`, `oldValue`, `newValue`,
    /// `appId`, `threadId`, ...
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// A notice that messages to people outside the company carry. Nothing of the API creates one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisclaimerSeed {
    /// 24 digits in hex; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Unique on the pod.
    pub name: String,
    /// The text that is shown.
    pub content: String,
    /// How often a stream sees it of one author; 0 for with every message.
    #[serde(default = "daily")]
    pub frequency_in_hours: u32,
    /// Whether it is that of everybody who was given no other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// Whether it applies at all.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// By default when it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<SeedTime>,
}

/// A file of a content export: its text, or its bytes in base64.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportFileSeed {
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Unique among these files.
    pub name: String,
    /// By default `application/pgp-encrypted` where the name ends in `.pgp`, else
    /// `application/octet-stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Its content, where that is a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its content, where that is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// When it came; by default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded: Option<SeedTime>,
    /// Id of the key with which it is encrypted. The pod encrypts nothing: the content is served as it
    /// is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
    /// How it is encrypted; by default `AES256-GCM` where there is a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<String>,
    /// What had it made.
    #[serde(default)]
    pub job_type: JobType,
    /// `ACTIANCE`, `SYMPHONY` or `EML`, told in the letter case in which it is given.
    #[serde(default = "symphony")]
    pub file_format: String,
    /// From when on it has what was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<SeedTime>,
    /// Until when it has what was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<SeedTime>,
    /// The day on which it was made, `2025-05-12` for one; by default that on which it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<String>,
}

/// Community Connect: people of companies without a pod of their own share one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ConnectSeed {
    /// Number of the pod that they share.
    pub pod: u32,
    /// Those who may bring people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<PartnerSeed>,
    /// The companies that they brought.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub companies: Vec<ConnectCompanySeed>,
    /// The companies that they sponsor by Connect v2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<ConnectTenantSeed>,
}

/// A partner of Symphony's. `POST /oauth/token` gives him access tokens, and so does `POST
/// /_mock/partners/NAME/token`, which makes a partner of whoever is none.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartnerSeed {
    /// Unique.
    pub name: String,
    /// By default his name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// With which he asks about people's accounts without a token; by default he has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}

/// A company without a pod of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectCompanySeed {
    /// By default the next free number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is called.
    pub name: String,
    /// What the e-mail addresses of its people end in: `acme.example`.
    pub domain: String,
    /// Name of the partner who brought it.
    pub partner: String,
    /// Usernames of its people, who are users of the pod that companies share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
}

/// A company of Connect v2.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectTenantSeed {
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is called.
    pub name: String,
    /// What its URL begins with.
    pub vanity_name: String,
    /// What the e-mail addresses of its people end in.
    pub email_domains: Vec<String>,
    /// Name of the partner who sponsors it.
    pub partner: String,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// When it was changed; by default when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<SeedTime>,
    /// When it is ready for users; by default from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<SeedTime>,
    /// Its people, who are users of the pod that companies share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<ConnectTenantUserSeed>,
}

/// Somebody of such a company.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectTenantUserSeed {
    /// Connect's own; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Username.
    pub user: String,
}

/// Users whom information barriers are about.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BarrierGroupSeed {
    /// 24 digits in hex; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Unique among these groups.
    pub name: String,
    /// Whether policies about it apply.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// Usernames, of people and bots of the pod itself.
    #[serde(default)]
    pub members: Vec<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// By default when it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<SeedTime>,
}

/// An information barrier between two groups.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BarrierPolicySeed {
    /// 24 digits in hex; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `BLOCK` keeps those of the one group out of conversations and rooms of the other's.
    #[serde(default, rename = "type")]
    pub kind: BarrierPolicyType,
    /// Whether it applies.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// Names or ids of two groups.
    pub groups: Vec<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// By default when it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<SeedTime>,
}

fn symphony() -> String {
    "SYMPHONY".to_owned()
}

fn daily() -> u32 {
    24
}
