//! What somebody did by a role, as documents and the control port say it.

use std::collections::BTreeMap;

use super::AuditSeed;
use crate::domain::{AuditEntry, Role, Timestamp, UserId, World};

/// By which role people did what a document says, unless it says: only those who may do everything
/// in the administrators' portal need none of its special ones.
const DEFAULT_ROLE: &str = "SUPER_ADMINISTRATOR";

impl AuditSeed {
    /// What somebody did now, in words; all else is as [the scenario](crate::Scenario) has it by
    /// default.
    pub fn new(action: impl Into<String>, initiator: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            action_name: None,
            initiator: initiator.into(),
            affected: None,
            roles: None,
            at: None,
            details: BTreeMap::new(),
        }
    }

    /// The entry, or the field that is wrong and why.
    pub(crate) fn resolve(
        &self,
        world: &World,
        now: Timestamp,
    ) -> Result<AuditEntry, (&'static str, String)> {
        let user = |field: &'static str, name: &str| -> Result<UserId, _> {
            let user = world.user_called(name);
            user.ok_or_else(|| (field, format!("there is no user {name:?}")))
        };
        if self.action.trim().is_empty() {
            return Err(("action", "is empty".into()));
        }
        self.check_lengths()?;
        let roles = self.roles.clone().unwrap_or_else(|| vec![DEFAULT_ROLE.into()]);
        for role in &roles {
            Role::called(role, &world.settings).map_err(|no| ("roles", no.why()))?;
        }
        Ok(AuditEntry {
            at: self.at.map_or(now, |at| at.resolve(now)),
            action: self.action.clone(),
            action_name: self.action_name.clone().unwrap_or_else(|| camel_case(&self.action)),
            initiator: user("initiator", &self.initiator)?,
            affected: self.affected.as_deref().map(|name| user("affected", name)).transpose()?,
            roles,
            details: self.details.clone(),
        })
    }

    /// Entries are kept by the thousand, and as long as those that the pod makes itself.
    fn check_lengths(&self) -> Result<(), (&'static str, String)> {
        const LONGEST: usize = 1_000;
        const MOST: usize = 100;
        let names = self.action_name.as_deref().map(|name| ("actionName", name));
        let details = self.details.iter().flat_map(|(name, value)| [name, value]);
        let details = details.map(|text| ("details", text.as_str()));
        let texts = [("action", self.action.as_str())].into_iter().chain(names).chain(details);
        for (field, text) in texts {
            let length = text.chars().count();
            if length > LONGEST {
                return Err((
                    field,
                    format!("has {length} characters, expected {LONGEST} at most"),
                ));
            }
        }
        let roles = self.roles.as_ref().map_or(0, Vec::len);
        for (field, count) in [("roles", roles), ("details", self.details.len())] {
            if count > MOST {
                return Err((field, format!("are {count}, expected {MOST} at most")));
            }
        }
        Ok(())
    }
}

fn camel_case(words: &str) -> String {
    let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.enumerate().map(|(n, word)| {
        let word = word.to_lowercase();
        let mut rest = word.chars();
        match rest.next() {
            Some(first) if n > 0 => first.to_uppercase().chain(rest).collect(),
            _ => word,
        }
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_named_by_its_words() {
        assert_eq!(camel_case("Profile info update"), "profileInfoUpdate");
        assert_eq!(camel_case("RSA Key  Added!"), "rsaKeyAdded");
    }
}
