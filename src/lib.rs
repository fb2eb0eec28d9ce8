//! A local Symphony pod for integration tests: real mutual TLS, real logins, unmodified SDKs.
//!
//! ```
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! use symphony_mock_pod::MockPod;
//!
//! let pod = MockPod::start().await?;
//! let bot = pod.identity("bot")?;
//! println!("log in at {} with {}", pod.url(), bot.certificate_pem());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod api;
mod clock;
mod control;
mod domain;
pub mod messageml;
mod operation;
mod pod;
mod scenario;
mod sdk;
mod server;
mod transport;

pub use clock::Clock;
pub use control::{FaultGuard, FaultPlan, PlanError};
pub use domain::{
    AccountType, AppPermission, AuthenticateBody, NotACertificate, RefusalStatus, Settings,
    Timestamp,
};
pub use pod::Snapshot;
pub use scenario::{
    AppSeed, AttachmentSeed, ConnectionSeed, ConnectionState, ConversationSeed, ForeignPodSeed,
    HistorySeed, KeysSeed, KeywordSeed, MemberSeed, MessageSeed, Moment, PodSeed, ReceiptSeed,
    RoomSeed, Scenario, ScenarioError, StreamSeed, SuspensionSeed, UserSeed,
};
pub use sdk::{Login, Sdk, SdkConfig, SdkConfigError};
pub use server::{Builder, MockPod, StartError};
pub use transport::{
    CertificateError, Certificates, Defect, Identity, KeyAlgorithm, LeafRequest, PASSWORD, Usage,
};

/// The operations of Symphony's public API, and how much of each this pod models.
pub mod catalogue {
    pub use crate::api::operations;
    pub use crate::operation::{Depth, Operation};
}
