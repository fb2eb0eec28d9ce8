use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{AccountType, AppPermission, Settings};

/// A pod, described. Every part may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Scenario {
    pub pod: PodSeed,
    pub settings: Settings,
    /// Other pods, whose users this pod knows.
    pub foreign_pods: Vec<ForeignPodSeed>,
    pub users: Vec<UserSeed>,
    pub apps: Vec<AppSeed>,
    pub rooms: Vec<RoomSeed>,
}

/// What the pod calls itself.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PodSeed {
    /// Number of the pod, from 1 to 131071: the high bits of its users' ids.
    pub id: u32,
    pub name: String,
    /// Company of every own user who does not name another.
    pub company: String,
    /// Version that the extended health check reports for the pod.
    pub version: String,
    /// Version that `GET /agent/v1/info` reports; the BDKs look for `Agent-<major>.<minor>.` in it.
    pub agent_version: String,
}

/// Another pod.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ForeignPodSeed {
    /// Number of the pod, from 1 to 131071.
    pub id: u32,
    /// Company of its users who do not name another.
    pub company: String,
}

/// A person or a service user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserSeed {
    /// Unique on the user's pod. A client certificate's Common Name must equal it.
    pub username: String,
    /// The whole id, `podId << 36 | n`; by default the next free `n`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Number of the user's pod; by default this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<u32>,
    /// `SYSTEM` for a bot's service user, `NORMAL` for a person.
    #[serde(default = "normal")]
    pub account_type: AccountType,
    /// Whether the account is active.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether a service user may log in with a client certificate.
    #[serde(default = "yes")]
    pub certificate_login: bool,
    /// By default first and last name, or the username where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// RSA public key of the account's JWT logins, in PEM; by default that of its identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Role ids as a pod spells them; by default `INDIVIDUAL` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Feature entitlements by name, `canCreatePublicRoom: false` for one; by default all are on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, bool>,
}

/// An application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppSeed {
    /// The `appGroupId`: letters, digits, `_` and `-`.
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is enabled on the pod.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Whether its manifest carries a certificate. Such an app claims its id as a name: a service
    /// user called the same cannot log in by certificate.
    #[serde(default = "yes")]
    pub certificate_login: bool,
    /// Whether every user has it.
    #[serde(default = "yes")]
    pub installed_for_all: bool,
    /// What it may do in its users' names; by default everything an app can be allowed.
    #[serde(default = "all_permissions")]
    pub permissions: Vec<AppPermission>,
    /// RSA public key of the app's JWT logins, in PEM; by default that of its identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

/// A chat room.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomSeed {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Usernames; at least one. Owners are members.
    pub owners: Vec<String>,
    /// Usernames of everybody else in it.
    #[serde(default)]
    pub members: Vec<String>,
}

impl UserSeed {
    pub(super) fn display_name(&self) -> String {
        if let Some(name) = &self.display_name {
            return name.clone();
        }
        let names: Vec<_> =
            [&self.first_name, &self.last_name].into_iter().flatten().cloned().collect();
        if names.is_empty() { self.username.clone() } else { names.join(" ") }
    }
}

impl Default for PodSeed {
    fn default() -> Self {
        Self {
            id: 1,
            name: "Mock Pod".into(),
            company: "Mock Company".into(),
            version: "25.8.1".into(),
            agent_version: "Agent-25.8.1-1-Linux-mock".into(),
        }
    }
}

fn yes() -> bool {
    true
}

fn normal() -> AccountType {
    AccountType::Normal
}

fn all_permissions() -> Vec<AppPermission> {
    AppPermission::ALL.into()
}
