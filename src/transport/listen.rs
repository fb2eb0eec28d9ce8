//! What a pod is told to listen on besides its two TLS ports.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use super::{ClientAuth, Listeners};

/// The part of a Symphony installation that a listener serves.
///
/// Which paths go to which host is what SDKs configure: `ApiClientFactory` of
/// finos/symphony-bdk-java has the logins by JWT on the pod's host and on the key manager's, and
/// symphonyoss/hubot-symphony (8c9b7e6) had to learn that the pod's paths are not the agent's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListenerRole {
    /// Everything, as behind one load balancer.
    All,
    /// All that no other has: `/pod`, `/login`, `/profile-manager` and so on.
    Pod,
    /// `/agent`.
    Agent,
    /// `/keyauth` and `/relay`.
    KeyManager,
    /// `/sessionauth`.
    SessionAuth,
}

/// A TLS port that a pod is to have besides its two.
///
/// ```
/// use symphony_mock_pod::{Listen, ListenerRole};
///
/// let agent: Listen = "agent=agent-1@127.0.0.1:8451".parse()?;
/// assert_eq!(agent, Listen::new(ListenerRole::Agent).named("agent-1").host([127, 0, 0, 1].into()).port(8451));
/// # Ok::<_, symphony_mock_pod::ListenError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    pub(super) role: ListenerRole,
    pub(super) name: Option<String>,
    pub(super) host: Option<IpAddr>,
    pub(super) port: u16,
    pub(super) client_auth: ClientAuth,
}

/// Why a pod cannot listen so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    #[error(
        "{0:?} is no role of a listener; expected pod, agent, key-manager, session-auth or all"
    )]
    Role(String),
    #[error("{0:?} is no address to listen on; expected a port, or an IP address and a port")]
    Address(String),
    #[error("{0:?} is no name of a listener; expected from 1 to 50 letters, digits and any of -_.")]
    Name(String),
    #[error("two listeners are called {0:?}")]
    Twice(String),
    #[error("no listener is called {proxy:?}: faults call the forward proxy so", proxy = Listeners::PROXY)]
    Reserved,
    #[error("{0} listeners are too many; expected {most} at most", most = Listeners::MOST)]
    TooMany(usize),
}

impl ListenerRole {
    pub(crate) const ALL: [Self; 5] =
        [Self::All, Self::Pod, Self::Agent, Self::KeyManager, Self::SessionAuth];

    /// What it is called in flags and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Pod => "pod",
            Self::Agent => "agent",
            Self::KeyManager => "key-manager",
            Self::SessionAuth => "session-auth",
        }
    }

    /// The part that a path belongs to.
    pub(crate) fn of_path(path: &str) -> Self {
        match path.split('/').nth(1).unwrap_or_default() {
            "agent" => Self::Agent,
            "keyauth" | "relay" => Self::KeyManager,
            "sessionauth" => Self::SessionAuth,
            _ => Self::Pod,
        }
    }

    pub(crate) fn serves(self, path: &str) -> bool {
        self == Self::All || self == Self::of_path(path)
    }
}

impl fmt::Display for ListenerRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ListenerRole {
    type Err = ListenError;

    fn from_str(name: &str) -> Result<Self, ListenError> {
        let named = Self::ALL.into_iter().find(|role| role.name() == name);
        named.ok_or_else(|| ListenError::Role(name.to_owned()))
    }
}

impl Listen {
    /// On any free port of the pod's host, with the client certificate optional.
    pub fn new(role: ListenerRole) -> Self {
        Self { role, name: None, host: None, port: 0, client_auth: ClientAuth::Optional }
    }

    /// What faults, journal and log call it; by default its role, with a number where several have
    /// that role.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Address to listen on; by default that of the pod's two TLS ports.
    pub fn host(self, host: IpAddr) -> Self {
        Self { host: Some(host), ..self }
    }

    /// Port to listen on; 0 is any free one.
    pub fn port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// A client certificate is demanded in the handshake.
    pub fn demand_client_certificate(self) -> Self {
        Self { client_auth: ClientAuth::Required, ..self }
    }

    /// The part that it serves.
    pub fn role(&self) -> ListenerRole {
        self.role
    }

    /// The port that was asked for.
    pub fn wanted_port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Listen {
    type Err = ListenError;

    /// Reads `ROLE[=NAME][@[ADDRESS:]PORT][+mtls]`.
    fn from_str(text: &str) -> Result<Self, ListenError> {
        let (rest, client_auth) = match text.strip_suffix("+mtls") {
            Some(rest) => (rest, ClientAuth::Required),
            None => (text, ClientAuth::Optional),
        };
        let (who, address) = match rest.split_once('@') {
            Some((who, address)) => (who, Some(address)),
            None => (rest, None),
        };
        let (role, name) = match who.split_once('=') {
            Some((role, name)) => {
                check_name(name)?;
                (role, Some(name.to_owned()))
            }
            None => (who, None),
        };
        let (host, port) = match address {
            None => (None, 0),
            Some(address) => match (address.parse::<u16>(), address.parse::<SocketAddr>()) {
                (Ok(port), _) => (None, port),
                (_, Ok(address)) => (Some(address.ip()), address.port()),
                _ => return Err(ListenError::Address(address.to_owned())),
            },
        };
        Ok(Self { role: role.parse()?, name, host, port, client_auth })
    }
}

pub(super) fn check_name(name: &str) -> Result<(), ListenError> {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || b"-_.".contains(&c);
    let good = (1..=50).contains(&name.len()) && name.bytes().all(allowed);
    good.then_some(()).ok_or_else(|| ListenError::Name(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_written_as_role_name_and_address() {
        let read = |text: &str| text.parse::<Listen>();
        let agent = || Listen::new(ListenerRole::Agent);
        assert_eq!(read("agent"), Ok(agent()));
        assert_eq!(read("agent=a.1"), Ok(agent().named("a.1")));
        assert_eq!(read("agent@8451"), Ok(agent().port(8451)));
        assert_eq!(
            read("key-manager=km@[::1]:0+mtls"),
            Ok(Listen::new(ListenerRole::KeyManager)
                .named("km")
                .host([0, 0, 0, 0, 0, 0, 0, 1].into())
                .demand_client_certificate())
        );
        assert_eq!(read("agnt"), Err(ListenError::Role("agnt".into())));
        for address in ["", "x", "65536", "localhost:1", "127.0.0.1"] {
            let text = format!("pod@{address}");
            assert_eq!(read(&text), Err(ListenError::Address(address.into())), "{text}");
        }
        for name in ["", "a b", "a/b", "ä"] {
            assert_eq!(read(&format!("pod={name}")), Err(ListenError::Name(name.into())));
        }
    }

    #[test]
    fn a_path_belongs_to_one_part() {
        for (path, role) in [
            ("/agent/v1/anything", ListenerRole::Agent),
            ("/keyauth/v1/anything", ListenerRole::KeyManager),
            ("/relay/anything", ListenerRole::KeyManager),
            ("/sessionauth/v1/anything", ListenerRole::SessionAuth),
            ("/login/anything", ListenerRole::Pod),
            ("/pod/v2/anything", ListenerRole::Pod),
            ("/agents", ListenerRole::Pod),
            ("/", ListenerRole::Pod),
        ] {
            assert_eq!(ListenerRole::of_path(path), role, "{path}");
            assert!(ListenerRole::All.serves(path) && role.serves(path));
        }
        assert!(!ListenerRole::Agent.serves("/pod/v2/anything"));
    }
}
