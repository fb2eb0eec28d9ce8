//! A local Symphony pod for integration tests: real mutual TLS, real logins, unmodified SDKs.
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use symphony_mock_pod::MockPod;
//!
//! let pod = MockPod::start().await?;
//! let bot = pod.bot("bot")?;
//! println!("log in at {} with {}", bot.url(), bot.identity_pem());
//!
//! // ... the bot logs in, and somebody writes to it:
//! pod.user("alice").send("Test Room", "hello")?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod api;
mod clock;
mod control;
mod decode;
mod domain;
mod extract;
mod operation;
mod pod;
mod scenario;
mod sdk;
mod server;
mod transport;

/// MessageML, which is a crate of its own: `symphony-messageml`.
pub use symphony_messageml as messageml;

pub use clock::Clock;
pub use control::{Expectation, FaultGuard, FaultPlan, PlanError};
pub use domain::{
    AccountType, AppPermission, AuthenticateBody, DeprecatedOperations, DictionaryKind,
    DisclaimerScope, DlpAction, DlpDataType, DlpFileType, DlpScope, DlpVersion, FeedDeleted,
    Instrument, JwtClock, MalwareScan, NotACertificate, NotATimestamp, PasswordCriterion,
    PresenceCategory, RefusalStatus, RequestBodies, ScanResult, Settings, Timestamp,
    UniqueRoomNames,
};
pub use pod::Snapshot;
pub use scenario::{
    AppSeed, AttachmentSeed, AuditSeed, ClockSeed, ConnectionSeed, ConnectionState,
    ConversationSeed, DisclaimerSeed, DlpDictionarySeed, DlpFileClassifierSeed,
    DlpFileExtensionSeed, DlpFilePasswordSeed, DlpPolicyPartSeed, DlpPolicySeed, DlpRuleSeed,
    DlpTextMatchSeed, FollowSeed, ForeignPodSeed, GroupSeed, HistorySeed, KeysSeed, KeywordSeed,
    MemberSeed, MessageSeed, OriginSeed, PodSeed, ReceiptSeed, RoomGroupSeed, RoomSeed, Scenario,
    ScenarioError, SeedTime, SignalSeed, StreamSeed, SubscriberSeed, SuspensionSeed, UserSeed,
};
pub use sdk::{LoadBalancing, Login, ProxyCredentials, Sdk, SdkConfig, SdkConfigError, SdkProxy};
pub use server::{
    Answer, Bot, Builder, ChatMessage, Error, FormInput, MockPod, Person, PodHandle, StartError,
    Wording,
};
pub use transport::{
    CertificateError, Certificates, Defect, Identity, KeyAlgorithm, LeafRequest, Listen,
    ListenError, Listener, ListenerRole, PASSWORD, Usage,
};

/// What came to a pod, and why it said no: what [`PodHandle::requests`], [`PodHandle::expect`] and
/// [`PodHandle::why`] give.
pub mod journal {
    pub use crate::control::{
        Caller, Content, Explanation, Miss, NearMiss, Part, Record, RecordedBody, ShownCertificate,
        ShownRefusal, Side, Step, Tunnel, Unmet,
    };
}

/// The operations of Symphony's public API, and how much of each this pod models.
pub mod catalogue {
    pub use crate::api::{documented, operations};
    pub use crate::operation::Operation;
}
