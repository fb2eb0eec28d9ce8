//! Seeds of accounts, apps, and what people have to do with each other.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{is_yes, yes};
use crate::domain::{
    AccountType, AppPermission, ConnectionStatus, GroupLimits, GroupProfile, GroupStatus, Manifest,
    PresenceCategory, Product, Profile,
};
use crate::scenario::{MemberSeed, SeedTime};

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
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// Whether a service user may log in with a client certificate.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub certificate_login: bool,
    /// By default first and last name, or the username where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// First name in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Address of mail; mentions and look-ups go by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// By default that of the user's pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Job title in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Department in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Where the user works, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// RSA public key of the account's JWT logins, in PEM; by default that of its identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The keys in full, where there is more to say than `publicKey` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysSeed>,
    /// Role ids as a pod spells them; by default `INDIVIDUAL` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Feature entitlements by name, `canCreatePublicRoom: false` for one; by default all are on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub features: BTreeMap<String, bool>,
    /// How present the user is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence: Option<PresenceCategory>,
    /// Since when the presence is so; by default since the pod's start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_since: Option<SeedTime>,
    /// Where the account is out of use for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<SuspensionSeed>,
    /// What else the directory has, under the API's names: `division`, `workPhoneNumber`, ...
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "Profile")]
    pub profile: Map<String, Value>,
    /// The account's picture: a PNG, JPEG or GIF in base64, of 2 MB at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Usernames of those who may act for the user in Symphony's clients.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegates: Vec<String>,
    /// Name or id of the disclaimer under what the user writes; by default the pod's default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclaimer: Option<String>,
    /// The commands that clients offer of a bot: a JSON document, or the text of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Value>,
    /// When the account was made and used.
    #[serde(default, skip_serializing_if = "HistorySeed::is_empty")]
    pub history: HistorySeed,
}

/// The RSA keys of an account's JWT logins.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct KeysSeed {
    /// In PEM. An account whose keys are given without a current one has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// The key that it replaced, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Until when the previous key is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_expires: Option<SeedTime>,
    /// Every key that the account ever had and may not have again, by its id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub used: Vec<String>,
}

/// An account out of use for a while.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SuspensionSeed {
    /// In seconds or milliseconds since 1970, as the API takes it; forever, where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// In the administrator's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// When what happened to an account; by default it was opened when the pod started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct HistorySeed {
    /// When the account was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// Username of the administrator who opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// When it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<SeedTime>,
    /// When the user last logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login: Option<SeedTime>,
    /// When it was switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deactivated: Option<SeedTime>,
}

/// A group of accounts: a distribution list.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupSeed {
    /// Unique among the groups that are not deleted.
    pub name: String,
    /// The whole id of its account, `podId << 36 | n`; by default the next free `n` above the users'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What the profile manager calls it; by default base64url of `[pod][SDL][name]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
    /// Whether it is active or deleted.
    #[serde(default)]
    pub status: GroupStatus,
    /// The version of it; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
    /// Users. `joined` is when they were added.
    #[serde(default)]
    pub members: Vec<MemberSeed>,
    /// What the directory tells of it, under the API's names: `displayName`, `email`, ...
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "GroupProfile")]
    pub profile: Map<String, Value>,
    /// Who sees it, is connected with it and gets what it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<GroupLimits>,
    /// Its picture: a PNG, JPEG or GIF in base64, of 2 MB at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// Username of who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// By default when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<SeedTime>,
    /// Username of who changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
}

/// An application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppSeed {
    /// The `appGroupId`: letters, digits, `_` and `-`.
    pub id: String,
    /// Shown in the store; by default the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is enabled on the pod.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// Whether its manifest carries a certificate. Such an app claims its id as a name: a service
    /// user called the same cannot log in by certificate.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub certificate_login: bool,
    /// Whether every user has it.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub installed_for_all: bool,
    /// What it may do in its users' names, `SEND_MESSAGES` for one; by default everything that
    /// operations ask for. Permissions that this pod does not know are kept.
    #[serde(default = "all_permissions")]
    pub permissions: Vec<String>,
    /// RSA public key of the app's JWT logins, in PEM; by default that of its identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The keys in full, where there is more to say than `publicKey` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysSeed>,
    /// The users for whom it is otherwise than `installedForAll` says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub installed: BTreeMap<String, bool>,
    /// Whether every user sees it in the store.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub listed_for_all: bool,
    /// The users for whom it is otherwise than `listedForAll` says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub listed: BTreeMap<String, bool>,
    /// What users bought of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub products: BTreeMap<String, Vec<Product>>,
    /// What the app says of itself, under the names of the pod API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Manifest>,
}

/// A connection between users of different pods.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionSeed {
    /// Who asked.
    pub from: String,
    /// Who was asked.
    pub to: String,
    /// What came of it.
    #[serde(default)]
    pub status: ConnectionState,
    /// When it was first asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_asked: Option<SeedTime>,
    /// When its status last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<SeedTime>,
    /// How often it was asked for; by default once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConnectionState {
    Pending,
    #[default]
    Accepted,
    Rejected,
}

/// Somebody follows somebody.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FollowSeed {
    /// Username of who follows.
    pub follower: String,
    /// Username of who is followed.
    pub followed: String,
}

impl HistorySeed {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<ConnectionStatus> for ConnectionState {
    fn from(status: ConnectionStatus) -> Self {
        match status {
            ConnectionStatus::PendingIncoming | ConnectionStatus::PendingOutgoing => Self::Pending,
            ConnectionStatus::Accepted => Self::Accepted,
            ConnectionStatus::Rejected => Self::Rejected,
        }
    }
}

impl From<ConnectionState> for ConnectionStatus {
    fn from(state: ConnectionState) -> Self {
        match state {
            ConnectionState::Pending => Self::PendingOutgoing,
            ConnectionState::Accepted => Self::Accepted,
            ConnectionState::Rejected => Self::Rejected,
        }
    }
}

impl UserSeed {
    pub(in crate::scenario) fn display_name(&self) -> String {
        if let Some(name) = &self.display_name {
            return name.clone();
        }
        let names: Vec<_> =
            [&self.first_name, &self.last_name].into_iter().flatten().cloned().collect();
        if names.is_empty() { self.username.clone() } else { names.join(" ") }
    }
}

fn normal() -> AccountType {
    AccountType::Normal
}

fn all_permissions() -> Vec<String> {
    AppPermission::ALL.map(|permission| permission.as_str().to_owned()).into()
}
