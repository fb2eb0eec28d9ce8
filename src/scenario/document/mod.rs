//! The seed document, section by section.

mod company;
mod people;
mod streams;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use company::{
    AuditSeed, BarrierGroupSeed, BarrierPolicySeed, ConnectCompanySeed, ConnectSeed,
    ConnectTenantSeed, ConnectTenantUserSeed, DisclaimerSeed, ExportFileSeed, PartnerSeed,
};
pub use people::{
    AppSeed, ConnectionSeed, ConnectionState, FollowSeed, GroupSeed, HistorySeed, KeysSeed,
    SuspensionSeed, UserSeed,
};
pub use streams::{
    AttachmentSeed, ConversationSeed, KeywordSeed, MessageSeed, OriginSeed, ReceiptSeed,
    RoomGroupSeed, RoomSeed, SignalSeed,
};

use super::SeedTime;
use super::dlp::{DlpDictionarySeed, DlpPolicySeed};
use crate::domain::{Instrument, Settings, SsoConfiguration};

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

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}
