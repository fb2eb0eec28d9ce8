//! The audit trail as Audit Trail 2 tells it: by categories, each for those who may see it.
//!
//! Of the categories the documentation (symphony-chayst/restAPIsReference,
//! docs/.gitbook/assets/audit-trail-api-public.yaml) has `login` and `malwarescan` in an example. The
//! names of the others are made like them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Refusal, Timestamp, UserId, World};
use super::{Action, AuditEntry};

/// What entries are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuditCategory {
    Application,
    Certificate,
    Conversation,
    Disclaimer,
    ExpressionFilter,
    InfoBarrier,
    /// Of which nothing is recorded: those who log in change nothing.
    Login,
    MalwareScan,
    Message,
    /// What else is done in the administrators' portal.
    Privileged,
    Settings,
    User,
}

/// One entry, as it is told.
#[derive(Debug, Clone, Copy)]
pub struct AuditEvent<'a> {
    /// Unique in this pod's trail: its time, and the count of entries before it.
    pub id: (Timestamp, u64),
    pub category: AuditCategory,
    pub entry: &'a AuditEntry,
}

/// By what entries are narrowed down: all of it must fit.
#[derive(Debug, Clone, Default)]
pub struct AuditEventFilter {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub categories: BTreeSet<AuditCategory>,
    pub initiator: Option<UserId>,
    pub affected: Option<UserId>,
    pub action: Option<String>,
    pub role: Option<String>,
    /// In any of the spellings of base64.
    pub stream: Option<String>,
    /// Values of details, each under one of these names.
    pub details: Vec<(&'static [&'static str], String)>,
}

/// Who may see what scanners told: VIEW_MALWARE_SCAN_AUDIT_TRAIL is of this role
/// (SymphonyPlatformSolutions/symphony-developers-documentation,
/// bots/overview-of-rest-api/bot-permissions.md).
const SCAN_MANAGER: &str = "MALWARE_SCAN_MANAGER";

impl AuditCategory {
    pub const ALL: [Self; 12] = [
        Self::Application,
        Self::Certificate,
        Self::Conversation,
        Self::Disclaimer,
        Self::ExpressionFilter,
        Self::InfoBarrier,
        Self::Login,
        Self::MalwareScan,
        Self::Message,
        Self::Privileged,
        Self::Settings,
        Self::User,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Certificate => "certificate",
            Self::Conversation => "conversation",
            Self::Disclaimer => "disclaimer",
            Self::ExpressionFilter => "expressionfilter",
            Self::InfoBarrier => "infobarrier",
            Self::Login => "login",
            Self::MalwareScan => "malwarescan",
            Self::Message => "message",
            Self::Privileged => "privileged",
            Self::Settings => "settings",
            Self::User => "user",
        }
    }

    /// That of actions of this name. What is done in the administrators' portal has any name.
    fn of(action: &str) -> Self {
        Action::category_of(action).unwrap_or(Self::Privileged)
    }
}

impl AuditEventFilter {
    fn fits(&self, event: &AuditEvent) -> bool {
        let entry = event.entry;
        let detail = |names: &[&str], wanted: &str| {
            names.iter().any(|name| entry.details.get(*name).is_some_and(|held| held == wanted))
        };
        let is_in = |wanted: &String| {
            entry.details.get("threadId").is_some_and(|held| plain(held) == plain(wanted))
        };
        self.categories.contains(&event.category)
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at <= until)
            && self.initiator.is_none_or(|user| entry.initiator == user)
            && self.affected.is_none_or(|user| entry.affected == Some(user))
            && self.action.as_ref().is_none_or(|action| entry.action_name == *action)
            && self.role.as_ref().is_none_or(|role| entry.roles.contains(role))
            && self.stream.as_ref().is_none_or(is_in)
            && self.details.iter().all(|(names, wanted)| detail(names, wanted))
    }
}

impl World {
    /// The categories, and whether somebody may see the entries in them.
    pub fn audit_categories(&self, caller: UserId) -> BTreeMap<AuditCategory, bool> {
        let scans = self.check_role(caller, SCAN_MANAGER).is_ok();
        let may_see = |category| category != AuditCategory::MalwareScan || scans;
        AuditCategory::ALL.map(|category| (category, may_see(category))).into()
    }

    /// The entries that somebody asks for, the newest first.
    pub fn audit_events(
        &self,
        caller: UserId,
        filter: &AuditEventFilter,
    ) -> Result<Vec<AuditEvent<'_>>, Refusal> {
        let allowed = self.audit_categories(caller);
        let is_closed = |category: &AuditCategory| !allowed.get(category).copied().unwrap_or(false);
        if filter.categories.iter().any(is_closed) {
            return Err(Refusal::RoleMissing { role: SCAN_MANAGER });
        }
        let events = self.audit.newest_first().map(|(id, entry)| {
            let category = AuditCategory::of(&entry.action_name);
            AuditEvent { id, category, entry }
        });
        Ok(events.filter(|event| filter.fits(event)).collect())
    }
}

/// A stream's id without what its spellings differ in.
fn plain(id: &str) -> String {
    let id = id.replace("%2B", "-").replace("%2F", "_").replace("%3D", "");
    id.replace('+', "-").replace('/', "_").replace('=', "")
}
