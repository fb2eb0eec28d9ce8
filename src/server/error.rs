use std::path::PathBuf;

use super::StartError;
use crate::control::{FactoryError, PlanError, Unmet};
use crate::scenario::ScenarioError;
use crate::sdk::SdkConfigError;
use crate::transport::CertificateError;

/// Whatever a test that uses a pod may be told: all other errors of this crate become one.
///
/// ```
/// use symphony_mock_pod::{Error, MockPod};
///
/// async fn arrange() -> Result<MockPod, Error> {
///     let pod = MockPod::start().await?;
///     pod.user("alice").send("Test Room", "hello")?;
///     Ok(pod)
/// }
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let pod = arrange().await?;
/// let error = pod.user("nobody").send("Test Room", "hello").unwrap_err();
/// assert_eq!(error.to_string(), "there is no user \"nobody\"");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pod did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Certificates that the client's side of TLS does not take.
    #[error("the client's side of TLS: {0}")]
    Tls(String),
    /// A fault that can hit nothing.
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    SdkConfig(#[from] SdkConfigError),
    /// The calls that were expected did not come, or too many of them did.
    #[error(transparent)]
    Unmet(#[from] Box<Unmet>),
    /// An expectation that nothing can meet: no such operation, or the pod keeps no journal.
    #[error("{0}")]
    Expectation(String),
    /// A bot that was waited for reads no feed, or is none.
    #[error("{0}")]
    NotListening(String),
    /// Nobody is called so.
    #[error("{0}")]
    NoUser(String),
    /// No feed that is alive is called so.
    #[error("{0}")]
    NoFeed(String),
    /// No account that logs in by itself is called so.
    #[error("{0}")]
    NoBot(String),
    /// Who was asked for as a bot is a person.
    #[error("{0:?} is a person, not a service user: pod.user({0:?}) acts as one")]
    PersonIsNoBot(String),
    /// No room is called so, or several are, and no stream has this id.
    #[error("{0}")]
    NoStream(String),
    #[error("{0:?} is no message id")]
    NoMessageId(String),
    /// The pod does not do it.
    #[error("{user}: {why}")]
    Refused {
        /// Who wanted it.
        user: String,
        /// The reason in words.
        why: String,
    },
    /// No pod can be called so.
    #[error("{0}")]
    PodName(String),
    /// A file or folder that cannot be written.
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
    /// The server of this pod was stopped.
    #[error("the pod has stopped")]
    Stopped,
}

impl From<FactoryError> for Error {
    fn from(error: FactoryError) -> Self {
        match error {
            FactoryError::Scenario(error) => Self::Scenario(error),
            FactoryError::Certificates(error) => Self::Certificate(error),
            other => Self::Tls(other.to_string()),
        }
    }
}

impl From<Unmet> for Error {
    fn from(unmet: Unmet) -> Self {
        Self::Unmet(Box::new(unmet))
    }
}
