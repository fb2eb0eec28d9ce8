use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::dlp::{DlpDictionarySeed, DlpPolicySeed};
use super::{MemberSeed, SeedTime, StreamSeed, SubscriberSeed};
use crate::domain::{
    AccountType, AppPermission, BarrierPolicyType, ConnectionStatus, GroupLimits, GroupProfile,
    GroupStatus, Instrument, JobType, Manifest, PresenceCategory, Product, Profile, ScanResult,
    Settings, SsoConfiguration,
};

/// A pod, described. Every part may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Scenario {
    /// What the pod is: its number, name and company.
    pub pod: PodSeed,
    /// How it behaves where real pods differ.
    pub settings: Settings,
    /// Where the pod's clock begins; by default it runs from the machine's time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockSeed>,
    /// Other pods, whose users this pod knows.
    pub foreign_pods: Vec<ForeignPodSeed>,
    /// People and service users, of this pod and of foreign ones.
    pub users: Vec<UserSeed>,
    /// Groups: distribution lists, which are accounts too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupSeed>,
    /// Applications that act for users.
    pub apps: Vec<AppSeed>,
    /// Chat rooms.
    pub rooms: Vec<RoomSeed>,
    /// IMs and MIMs. Those that a message names need not be here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<ConversationSeed>,
    /// Connections between users of different pods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<ConnectionSeed>,
    /// In the order in which the following began.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<FollowSeed>,
    /// What stands under the messages of those to whom they apply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disclaimers: Vec<DisclaimerSeed>,
    /// Groups of users whom policies of information barriers are about. Nothing of the API creates
    /// any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub information_barrier_groups: Vec<BarrierGroupSeed>,
    /// Which of these groups are kept apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub information_barrier_policies: Vec<BarrierPolicySeed>,
    /// Standing searches that people subscribe to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<SignalSeed>,
    /// Lists of words and expressions that policies look for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dlp_dictionaries: Vec<DlpDictionarySeed>,
    /// What must not be said, and what becomes of it (data loss prevention).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dlp_policies: Vec<DlpPolicySeed>,
    /// Financial instruments, which `<tag isin="…"/>` and the like find.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instruments: Vec<Instrument>,
    /// Files in which what was said was exported. Nothing of the API makes any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub content_exports: Vec<ExportFileSeed>,
    /// Partners who bring people of companies without a pod, and those companies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub community_connect: Option<ConnectSeed>,
    /// How people log in: single sign-on, as far as it is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sso: Option<SsoConfiguration>,
    /// What people did by their roles before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audit_trail: Vec<AuditSeed>,
    /// In the order in which they were sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageSeed>,
}

/// What the pod calls itself.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PodSeed {
    /// Number of the pod, from 1 to 131071: the high bits of its users' ids.
    pub id: u32,
    /// Name shown to people.
    pub name: String,
    /// Company of every own user who does not name another.
    pub company: String,
    /// Version that the extended health check reports for the pod. Says nothing about what it does.
    pub version: String,
    /// Version that `GET /agent/v1/info` reports; the BDKs look for `Agent-<major>.<minor>.` in it. By
    /// default one that does what this pod does: 26.3 put generic system events into the datahose.
    pub agent_version: String,
}

/// The pod's clock as it is when the pod starts, and again after a reset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ClockSeed {
    /// By default the machine's time at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<SeedTime>,
    /// Whether it stands still. Then the same seed and calls give the same ids, times and tokens.
    pub frozen: bool,
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

/// A group that was added to a room.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomGroupSeed {
    /// Name of the group, or the id of its account.
    pub group: String,
    /// By default the room's creator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by: Option<String>,
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

/// A chat room.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoomSeed {
    /// Unique on the pod, letter case and white space aside.
    pub name: String,
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the room is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Pairs by which it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keywords: Option<Vec<KeywordSeed>>,
    /// Whether every member may add others, or owners alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_can_invite: Option<bool>,
    /// Whether those who are not in it find it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discoverable: Option<bool>,
    /// Whether everybody on the pod may go in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// Whether owners alone may send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether clients keep people from copying what is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_protected: Option<bool>,
    /// Whether users of other pods may be in it; by default whether one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cross_pod: Option<bool>,
    /// Whether new members see what was said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_history: Option<bool>,
    /// Whether several companies may be in it, of a cross-pod room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multilateral: Option<bool>,
    /// Whether it belongs to a meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_meeting: Option<bool>,
    /// Whether only datafeeds hear of it that were made with `includeInvisible`, as of the rooms of
    /// AI assistants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invisible: Option<bool>,
    /// By default the first owner. He need not be in it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// While it is not, no messages can be sent and the membership is locked.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// Users; at least one unless there is a creator. Owners are members.
    #[serde(default)]
    pub owners: Vec<MemberSeed>,
    /// Everybody else in it.
    #[serde(default)]
    pub members: Vec<MemberSeed>,
    /// The groups that were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<RoomGroupSeed>,
    /// Those of its members who came with a group and by no other way. By default the members of its
    /// groups who are named nowhere else: they are in the room too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_by_group: Option<Vec<String>>,
    /// Those who left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_members: Vec<MemberSeed>,
    /// When the membership last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<SeedTime>,
    /// Key or id of the message that is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeywordSeed {
    /// What the keyword is about.
    pub key: String,
    /// The keyword.
    pub value: String,
}

/// An IM, or a MIM where it has more than two members.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConversationSeed {
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Usernames, at least two.
    pub members: Vec<String>,
    /// By default the first member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// While it is not, no messages can be sent.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub active: bool,
    /// Key or id of the message that is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
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

/// A standing search that users subscribe to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignalSeed {
    /// 24 digits in hex; by default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What people call it.
    pub name: String,
    /// `HASHTAG:gold AND (AUTHOR:68719476737 OR CASHTAG:xau)` for one.
    pub query: String,
    /// Username of whoever made it.
    pub owner: String,
    /// Whether everybody of the pod has it, and nobody may leave it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub company_wide: bool,
    /// Whether it is shown on its owner's profile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub visible_on_profile: bool,
    /// By default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<SeedTime>,
    /// Those who are subscribed besides its owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subscribers: Vec<SubscriberSeed>,
}

/// A message.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageSeed {
    /// What other parts of the documents call it. Its id does too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it was said.
    pub stream: StreamSeed,
    /// Username of the author.
    pub from: String,
    /// When it was sent; by default when the pod starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<SeedTime>,
    /// What it says, as somebody types it into a client; or MessageML, root and all. One of
    /// `message`, `messageML` and `presentationML` is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// MessageML, as bots send it.
    #[serde(default, rename = "messageML", skip_serializing_if = "Option::is_none")]
    pub message_ml: Option<String>,
    /// What is stored exactly so, checked by nobody: clients and agents send more than their rules
    /// allow.
    #[serde(default, rename = "presentationML", skip_serializing_if = "Option::is_none")]
    pub presentation_ml: Option<String>,
    /// EntityJSON: an object, or the text of one. Beside `presentationML` any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Of the MessageML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentSeed>,
    /// Key or id of the message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Key or id of the message that it passes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwards: Option<String>,
    /// Key or id of the message that it is the next version of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// Whether such a version comes as already read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    /// When its content was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<SeedTime>,
    /// The disclaimer that it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclaimer: Option<String>,
    /// Of an imported message: where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginSeed>,
    /// Who got and read it, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<ReceiptSeed>,
}

/// Where an imported message comes from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OriginSeed {
    /// The `originatingSystemId` of the import.
    pub system: String,
    /// The `originalMessageId`, by which a repeated import is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A file that came with a message: its text, or its bytes in base64.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachmentSeed {
    /// By default a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name of the file.
    pub name: String,
    /// By default `application/octet-stream`, or `text/plain` where there is a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Its content, where that is a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its content, where that is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// A smaller image of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Box<AttachmentSeed>>,
    /// What a malware scanner told of it. By default nothing yet: what that means says the setting
    /// `malwareScan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malware_scan: Option<ScanResult>,
}

/// Who got a message, and who read it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptSeed {
    /// Username.
    pub user: String,
    /// When it reached the user's client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<SeedTime>,
    /// When the user looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<SeedTime>,
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
            version: "26.3.1".into(),
            agent_version: "Agent-26.3.1-1-Linux-mock".into(),
        }
    }
}

fn symphony() -> String {
    "SYMPHONY".to_owned()
}

fn daily() -> u32 {
    24
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn normal() -> AccountType {
    AccountType::Normal
}

fn all_permissions() -> Vec<String> {
    AppPermission::ALL.map(|permission| permission.as_str().to_owned()).into()
}
