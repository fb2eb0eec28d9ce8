//! Which schemes links in messages may have.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::audit::Action;
use super::{Refusal, Timestamp, UserId, World};

/// Schemes beside `http` and `https`, which every pod lets through, in the order in which they were
/// added. Letter case does not count, as since 25.5 of the agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schemars(with = "Vec<String>")]
pub struct Protocols(Arc<[String]>);

impl Protocols {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether links may have the scheme.
    pub fn allow(&self, scheme: &str) -> bool {
        let mut allowed = ["http", "https"].into_iter().chain(self.iter());
        allowed.any(|allowed| allowed.eq_ignore_ascii_case(scheme))
    }

    fn has(&self, scheme: &str) -> bool {
        self.iter().any(|known| known.eq_ignore_ascii_case(scheme))
    }
}

impl TryFrom<Vec<String>> for Protocols {
    type Error = String;

    fn try_from(schemes: Vec<String>) -> Result<Self, String> {
        let mut protocols = Self::default();
        for scheme in schemes {
            check_scheme(&scheme)?;
            if protocols.has(&scheme) {
                return Err(format!("{scheme:?} is there twice"));
            }
            protocols.0 = protocols.0.iter().cloned().chain([scheme]).collect();
        }
        Ok(protocols)
    }
}

impl From<Protocols> for Vec<String> {
    fn from(protocols: Protocols) -> Self {
        protocols.0.to_vec()
    }
}

impl World {
    /// Lets links with a scheme through, for somebody who administers the pod. One that is there
    /// already stays.
    ///
    /// # Errors
    /// It is no scheme.
    pub fn add_protocol(
        &mut self,
        by: UserId,
        scheme: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        check_scheme(scheme).map_err(|what| Refusal::Malformed { what })?;
        let known = &mut self.settings.protocols;
        if !known.has(scheme) {
            known.0 = known.0.iter().cloned().chain([scheme.to_owned()]).collect();
            self.record_deed(by, Action::ProtocolAdded.deed().with("scheme", scheme), now);
        }
        Ok(())
    }

    /// Lets them through no more. `http` and `https` stay.
    pub fn remove_protocol(&mut self, by: UserId, scheme: &str, now: Timestamp) {
        let known = &mut self.settings.protocols;
        if known.has(scheme) {
            let others = known.0.iter().filter(|known| !known.eq_ignore_ascii_case(scheme));
            known.0 = others.cloned().collect();
            self.record_deed(by, Action::ProtocolRemoved.deed().with("scheme", scheme), now);
        }
    }
}

/// The form of a scheme in RFC 3986 (3.1), which "Create Protocol" of the REST API documentation has
/// too.
fn check_scheme(scheme: &str) -> Result<(), String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ['+', '-', '.'].contains(&c);
    if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_part) {
        return Ok(());
    }
    Err(format!(
        "{scheme:?} is no scheme, expected a letter, then letters, digits, \"-\", \".\" and \"+\""
    ))
}
