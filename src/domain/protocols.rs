//! Which schemes links in messages may have.

use imbl::{OrdSet, Vector};
use serde::{Deserialize, Serialize};

use super::audit::Action;
use super::{Refusal, Timestamp, UserId, World};

/// Schemes beside `http` and `https`, which every pod lets through, in the order in which they were
/// added. Letter case does not count, as since 25.5 of the agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schemars(with = "Vec<String>")]
pub struct Protocols {
    schemes: Vector<String>,
    /// The same in lower case.
    known: OrdSet<String>,
}

impl Protocols {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.schemes.iter().map(String::as_str)
    }

    /// Whether links may have the scheme.
    pub fn allow(&self, scheme: &str) -> bool {
        let always = ["http", "https"].iter().any(|always| always.eq_ignore_ascii_case(scheme));
        always || self.has(scheme)
    }

    fn has(&self, scheme: &str) -> bool {
        self.known.contains(&scheme.to_ascii_lowercase())
    }

    /// Gives whether it is new.
    fn add(&mut self, scheme: String) -> bool {
        let is_new = self.known.insert(scheme.to_ascii_lowercase()).is_none();
        if is_new {
            self.schemes.push_back(scheme);
        }
        is_new
    }

    /// Gives whether it was there.
    fn remove(&mut self, scheme: &str) -> bool {
        let was_there = self.known.remove(&scheme.to_ascii_lowercase()).is_some();
        if was_there {
            self.schemes.retain(|known| !known.eq_ignore_ascii_case(scheme));
        }
        was_there
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
            protocols.add(scheme);
        }
        Ok(protocols)
    }
}

impl From<Protocols> for Vec<String> {
    fn from(protocols: Protocols) -> Self {
        protocols.schemes.into_iter().collect()
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
        if self.settings.protocols.add(scheme.to_owned()) {
            self.record_deed(by, Action::ProtocolAdded.deed().with("scheme", scheme), now);
        }
        Ok(())
    }

    /// Lets them through no more. `http` and `https` stay.
    pub fn remove_protocol(&mut self, by: UserId, scheme: &str, now: Timestamp) {
        if self.settings.protocols.remove(scheme) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_counts_for_nothing_but_what_is_told() {
        let mut protocols =
            Protocols::try_from(vec!["MailTo".to_owned(), "tel".to_owned()]).unwrap();
        assert!(protocols.allow("mailto") && protocols.allow("TEL") && protocols.allow("HTTPS"));
        assert!(!protocols.add("MAILTO".to_owned()) && protocols.add("Sip".to_owned()));
        assert!(protocols.remove("mailTO") && !protocols.remove("mailto"));
        assert!(!protocols.allow("mailto"));
        assert_eq!(protocols.iter().collect::<Vec<_>>(), ["tel", "Sip"]);
        let twice = Protocols::try_from(vec!["tel".to_owned(), "TEL".to_owned()]).unwrap_err();
        assert_eq!(twice, "\"TEL\" is there twice");
    }
}
