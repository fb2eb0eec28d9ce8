//! The audit trail: what people did by their roles, for those who watch over them.
//!
//! What of the public API leaves an entry is every change that somebody makes by one of the roles
//! that `GET /agent/v1/audittrail/privilegeduser` names: USER_PROVISIONING, CONTENT_MANAGEMENT and
//! so on. Who manages groups (GROUP_MANAGER) is not among them, logins, reads and calls that leave
//! everything as it was are no changes, and nobody needs a role for what is his own.

mod actions;
mod events;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imbl::OrdMap;

pub(super) use actions::Action;
pub use events::{AuditCategory, AuditEvent, AuditEventFilter};

use super::messages::STATE_USER;
use super::refusal::shorten;
use super::rooms::USER_PROVISIONING;
use super::{
    CompanyCertificates, Feature, PublicKey, Refusal, Role, Settings, StreamId, StreamKind,
    Timestamp, User, UserId, World,
};

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// In words: `Profile info update`.
    pub action: String,
    /// `profileInfoUpdate`.
    pub action_name: String,
    pub initiator: UserId,
    /// Whose account it was done to.
    pub affected: Option<UserId>,
    /// Ids of the roles by which he did it.
    pub roles: Vec<String>,
    /// What is told of actions of this kind, by the names of the API: `attribute`, `oldValue`, …
    pub details: BTreeMap<String, String>,
}

/// What was done, by the time at which it was done. The eldest are forgotten.
#[derive(Debug, Clone, Default)]
pub struct AuditTrail {
    entries: OrdMap<(Timestamp, u64), Arc<AuditEntry>>,
    counted: u64,
}

/// Which entries are asked for.
#[derive(Debug, Clone)]
pub struct AuditFilter {
    pub since: Timestamp,
    pub until: Timestamp,
    pub initiator: Option<UserId>,
    pub role: Option<String>,
}

/// Something that was done, and what there is to tell of it.
pub(super) struct Deed {
    action: Action,
    role: &'static str,
    affected: Option<UserId>,
    details: BTreeMap<String, String>,
}

impl Action {
    /// By that of user administrators, unless it is said otherwise.
    pub fn deed(self) -> Deed {
        Deed { action: self, role: USER_PROVISIONING, affected: None, details: BTreeMap::new() }
    }
}

impl Deed {
    /// By another role than that of user administrators.
    pub fn by(self, role: &'static str) -> Self {
        Self { role, ..self }
    }

    pub fn to(self, affected: UserId) -> Self {
        Self { affected: Some(affected), ..self }
    }

    /// What is empty is not told, and of a value 1,000 characters at most.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        const LONGEST: usize = 1_000;
        let mut value = value.into();
        if value.chars().nth(LONGEST).is_some() {
            let places = value.char_indices().map(|(place, _)| place);
            let kept = places.take(LONGEST).last().unwrap_or_default();
            shorten(&mut value, kept);
        }
        if !value.is_empty() {
            self.details.insert(name.to_owned(), value);
        }
        self
    }
}

impl AuditTrail {
    /// How many entries are kept.
    pub const CAPACITY: usize = 10_000;

    pub fn put(&mut self, entry: AuditEntry) {
        self.entries.insert((entry.at, self.counted), Arc::new(entry));
        self.counted += 1;
        if self.entries.len() > Self::CAPACITY
            && let Some((eldest, _)) = self.entries.get_min()
        {
            let eldest = *eldest;
            self.entries.remove(&eldest);
        }
    }

    /// With what each is found by: its time, and the count of entries before it.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = ((Timestamp, u64), &AuditEntry)> {
        self.entries.iter().rev().map(|(id, entry)| (*id, &**entry))
    }

    /// The eldest first.
    pub fn iter(&self) -> impl Iterator<Item = &AuditEntry> {
        self.entries.values().map(Arc::as_ref)
    }
}

impl World {
    /// The entries that somebody who manages the audit trail asks for, the newest first.
    pub fn audit_trail(
        &self,
        caller: UserId,
        filter: &AuditFilter,
    ) -> Result<Vec<&AuditEntry>, Refusal> {
        self.check_role(caller, "AUDIT_TRAIL_MANAGEMENT")?;
        if filter.since > filter.until {
            return Ok(Vec::new());
        }
        let range = self.audit.entries.range((filter.since, 0)..=(filter.until, u64::MAX));
        let entries = range.rev().map(|(_, entry)| &**entry);
        // The roles that the operation tells of are listed, and those who scan are not among them.
        let scans = |entry: &AuditEntry| entry.roles.iter().all(|role| role == STATE_USER);
        let fits = |entry: &&AuditEntry| {
            (entry.roles.is_empty() || !scans(entry))
                && filter.initiator.is_none_or(|initiator| entry.initiator == initiator)
                && filter.role.as_ref().is_none_or(|role| entry.roles.contains(role))
        };
        Ok(entries.filter(fits).collect())
    }

    /// Makes a change of an account for somebody who administers accounts, and records what
    /// changed.
    pub fn administer_user<T>(
        &mut self,
        by: UserId,
        id: UserId,
        now: Timestamp,
        change: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let before = self.users.by_id(id).cloned();
        let done = change(self)?;
        if let (Some(before), Some(after)) = (before, self.users.by_id(id).cloned()) {
            self.record_changes(by, &before, &after, now);
        }
        Ok(done)
    }

    pub(super) fn record_deed(&mut self, by: UserId, deed: Deed, now: Timestamp) {
        let (name, words) = deed.action.names();
        self.audit.put(AuditEntry {
            at: now,
            action: words.to_owned(),
            action_name: name.to_owned(),
            initiator: by,
            affected: deed.affected,
            roles: vec![deed.role.to_owned()],
            details: deed.details,
        });
    }

    /// Records what was done in a stream, if it was done by a role: in which, of what kind it is,
    /// and whether others than the pod's own users are in it.
    pub(super) fn record_in_stream(
        &mut self,
        by: UserId,
        role: Option<&'static str>,
        action: Action,
        id: StreamId,
        affected: Option<UserId>,
        now: Timestamp,
    ) {
        let (Some(role), Some(stream)) = (role, self.streams.by_id(id)) else { return };
        let thread = id.in_standard_base64().replace('+', "%2B").replace('/', "%2F");
        let kind = match stream.kind() {
            StreamKind::Room => "Room",
            StreamKind::Mim => "MIM",
            StreamKind::Im => "IM",
            StreamKind::Post => "Post",
        };
        let deed = Deed { role, affected, ..action.deed() }
            .with("threadId", thread.replace('=', "%3D"))
            .with("conversationType", kind)
            .with("scope", if stream.is_external() { "External" } else { "Internal" });
        self.record_deed(by, deed, now);
    }

    /// Records that somebody who administers users ended sessions of one of them.
    pub(crate) fn record_ended_sessions(&mut self, by: UserId, of: UserId, now: Timestamp) {
        self.record_deed(by, Action::UserSessionsEnded.deed().to(of), now);
    }

    /// Records what became of the company's certificates.
    pub fn record_certificates(
        &mut self,
        by: UserId,
        before: &CompanyCertificates,
        now: Timestamp,
    ) {
        let known = |certificates: &CompanyCertificates| -> BTreeMap<_, _> {
            let known = certificates.iter();
            known.map(|it| (it.certificate.fingerprint, it.attributes.clone())).collect()
        };
        let (before, after) = (known(before), known(&self.company_certificates));
        let mut deeds = Vec::new();
        for fingerprint in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let (action, attributes) = match (before.get(fingerprint), after.get(fingerprint)) {
                (None, Some(new)) => (Action::CompanyCertAdded, new),
                (Some(old), None) => (Action::CompanyCertRemoved, old),
                (Some(old), Some(new)) if old != new => (Action::CompanyCertUpdated, new),
                _ => continue,
            };
            let deed = action.deed().with("fingerPrint", fingerprint.to_string());
            deeds.push(deed.with("certificateName", attributes.name.clone()));
        }
        for deed in deeds {
            self.record_deed(by, deed, now);
        }
    }

    /// An entry for each attribute, key, delegate and disclaimer.
    fn record_changes(&mut self, by: UserId, before: &User, after: &User, now: Timestamp) {
        let mut deeds = Vec::new();
        let held = attributes(before, &self.settings);
        for (name, new) in attributes(after, &self.settings) {
            let old = held.get(&name).cloned().unwrap_or_default();
            if old != new {
                let deed = Action::ProfileInfoUpdate.deed().with("attribute", name);
                deeds.push(deed.with("oldValue", old).with("newValue", new));
            }
        }
        let current = |user: &User| user.keys.current().map(PublicKey::id);
        let previous = |user: &User| user.keys.previous().map(|(key, _)| key.id());
        // The previous key takes the place of one that is revoked.
        match (current(before), current(after)) {
            (old, new) if old == new => {
                if previous(before).is_some() && previous(after).is_none() {
                    deeds.push(Action::RsaKeyRevoked.deed());
                }
            }
            (_, Some(new)) if previous(before) != Some(new) => {
                deeds.push(Action::RsaKeyAdded.deed());
            }
            _ => deeds.push(Action::RsaKeyRevoked.deed()),
        }
        let name = |world: &Self, id: &UserId| {
            world.users.by_id(*id).map(|user| user.username.clone()).unwrap_or_default()
        };
        for (action, here, there) in
            [(Action::DelegateAdded, after, before), (Action::DelegateRemoved, before, after)]
        {
            for delegate in here.delegates.iter().filter(|it| !there.delegates.contains(it)) {
                deeds.push(action.deed().with("delegate", name(self, delegate)));
            }
        }
        if before.disclaimer != after.disclaimer {
            let called = |id| self.disclaimers.by_id(id).map(|it| it.name.clone());
            let (action, disclaimer) = match after.disclaimer {
                Some(id) => (Action::DisclaimerAssigned, called(id)),
                None => (Action::DisclaimerRemoved, before.disclaimer.and_then(called)),
            };
            deeds.push(action.deed().with("disclaimer", disclaimer.unwrap_or_default()));
        }
        for deed in deeds {
            self.record_deed(by, deed.to(after.id), now);
        }
    }
}

/// What an account's administrator can change of it, as texts; features by their names.
fn attributes(user: &User, settings: &Settings) -> BTreeMap<String, String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let roles = user
        .roles
        .iter()
        .map(|id| Role::called(id, settings).map_or(id.as_str(), |role| role.name));
    let roles = roles.collect::<Vec<_>>().join(",");
    let suspension = user.suspension.as_ref();
    let mut attributes: BTreeMap<String, String> = [
        ("userName", user.username.clone()),
        ("displayName", user.display_name.clone()),
        ("firstName", text(&user.first_name)),
        ("lastName", text(&user.last_name)),
        ("emailAddress", text(&user.email)),
        ("companyName", user.company.clone()),
        ("title", text(&user.title)),
        ("department", text(&user.department)),
        ("location", text(&user.location)),
        ("status", user.status.as_str().to_owned()),
        ("suspended", suspension.is_some().to_string()),
        (
            "suspendedUntil",
            suspension.and_then(|it| it.until).map(|end| end.0.to_string()).unwrap_or_default(),
        ),
        ("suspensionReason", suspension.and_then(|it| it.reason.clone()).unwrap_or_default()),
        // As the samples have them: names, without blanks between them.
        ("roles", format!("[{roles}]")),
        ("avatar", user.avatar.as_ref().map(|it| it.file_name()).unwrap_or_default()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    attributes.extend(
        Feature::ALL
            .map(|feature| (feature.as_str().to_owned(), user.features.has(feature).to_string())),
    );
    if let Ok(serde_json::Value::Object(profile)) = serde_json::to_value(&user.profile) {
        attributes.extend(profile.into_iter().map(|(name, value)| match value {
            serde_json::Value::String(text) => (name, text),
            other => (name, other.to_string()),
        }));
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PodId;

    #[test]
    fn the_eldest_entries_are_forgotten_and_a_late_one_stands_where_it_belongs() {
        let entry = |at| AuditEntry {
            at: Timestamp::from_millis(at),
            action: "A".into(),
            action_name: "a".into(),
            initiator: UserId::new(PodId(1), 1),
            affected: None,
            roles: Vec::new(),
            details: BTreeMap::new(),
        };
        let mut trail = AuditTrail::default();
        for at in 1..=AuditTrail::CAPACITY as u64 {
            trail.put(entry(at * 10));
        }
        trail.put(entry(25));
        let times: Vec<_> = trail.iter().map(|entry| entry.at.as_millis()).collect();
        assert_eq!(times.len(), AuditTrail::CAPACITY);
        assert_eq!(times[..3], [20, 25, 30]);
    }
}
