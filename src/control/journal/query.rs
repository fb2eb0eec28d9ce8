//! Which entries somebody wants to see.

use serde::Deserialize;

use super::{Record, Selection};
use crate::control::callers::check_caller;
use crate::control::extract::Expected;
use crate::control::{ControlRefusal, Tenant};
use crate::domain::Timestamp;
use crate::operation::Catalogue;

/// Filters of `GET /_mock/requests`, as they are written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    operation: Option<String>,
    user: Option<String>,
    strict: Option<bool>,
    status: Option<String>,
    listener: Option<String>,
    refused: Option<bool>,
    since: Option<String>,
    limit: Option<usize>,
}

impl Expected for Query {
    const EXPECTED: &'static str =
        "any of the filters operation, user, strict, status, listener, refused, since and limit";
}

/// A status, or all of a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusPattern {
    first: u16,
    last: u16,
}

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// After this entry.
    Id(u64),
    /// With what began at this moment or later, on the pod's clock.
    Time(Timestamp),
}

impl StatusPattern {
    pub fn one(status: u16) -> Self {
        Self { first: status, last: status }
    }

    /// Whether an answer can have it.
    ///
    /// # Errors
    /// Says in words what is expected.
    pub fn check(self) -> Result<Self, String> {
        match (100..=599).contains(&self.first) && self.last <= 599 {
            true => Ok(self),
            false => Err(format!("{self} is no status of an answer; {}", Self::EXPECTED)),
        }
    }

    pub const EXPECTED: &str = "expected one like 401 or 4xx, from 100 to 599";

    /// Reads `401` or `4xx`.
    ///
    /// # Errors
    /// Says in words what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let hundreds = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX"));
        let read = match hundreds {
            Some(hundreds) => hundreds.parse::<u16>().ok().filter(|it| *it < 10).map(|hundreds| {
                let first = 100 * hundreds;
                Self { first, last: first + 99 }
            }),
            None => text.parse().ok().map(Self::one),
        };
        read.ok_or_else(|| format!("{text:?} is no status; {}", Self::EXPECTED))?.check()
    }

    pub fn matches(self, status: Option<u16>) -> bool {
        status.is_some_and(|status| (self.first..=self.last).contains(&status))
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.first == self.last {
            true => write!(f, "{}", self.first),
            false => write!(f, "{}xx", self.first / 100),
        }
    }
}

impl Since {
    /// Reads an id, a moment in RFC 3339, or one in milliseconds since 1970.
    pub fn parse(text: &str) -> Option<Self> {
        /// No journal counts as far, and no moment before 1973 is meant.
        const MOMENTS: u64 = 100_000_000_000;
        if let Ok(number) = text.parse::<u64>() {
            return Some(match number < MOMENTS {
                true => Self::Id(number),
                false => Self::Time(Timestamp::from_millis(number)),
            });
        }
        let moment = humantime::parse_rfc3339(text).ok()?;
        let since_epoch = moment.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(Self::Time(Timestamp::from_millis(0).plus(since_epoch)))
    }

    pub const EXPECTED: &str =
        "expected the id of an entry, or a moment like 2030-01-31T12:00:00Z or in milliseconds";
}

impl Query {
    /// The records that are wanted, the newest of them where a limit says how many; and how many
    /// entries were forgotten.
    pub fn run(&self, tenant: &Tenant) -> Result<(Vec<Record>, u64), ControlRefusal> {
        let journal = &tenant.journal;
        let catalogue = &journal.catalogue;
        let operation = self.operation(catalogue)?;
        if let Some(user) = &self.user
            && self.strict != Some(false)
        {
            check_caller(&tenant.pod.world(), user)
                .map_err(|error| ControlRefusal::field("user", error))?;
        }
        let status = self.status.as_deref().map(StatusPattern::parse).transpose();
        let status = status.map_err(|error| ControlRefusal::field("status", error))?;
        let since = match &self.since {
            None => Since::Id(0),
            Some(text) => {
                Since::parse(text).ok_or_else(|| ControlRefusal::field("since", Since::EXPECTED))?
            }
        };
        if let Some(listener) = &self.listener {
            journal
                .check_listener(listener)
                .map_err(|error| ControlRefusal::field("listener", error))?;
        }
        let wanted = |record: &Record| {
            operation.is_none_or(|operation| record.operation == Some(operation))
                && self.user.as_ref().is_none_or(|user| record.caller.is_called(user))
                && status.is_none_or(|status| status.matches(record.status))
                && self.listener.as_ref().is_none_or(|listener| record.listener == *listener)
                && self.refused.is_none_or(|refused| record.is_refused() == refused)
        };
        let Selection { entries, dropped, .. } = journal.since(since);
        let records = entries.iter().rev().map(|(id, entry)| Record::of(*id, entry, journal));
        let mut records: Vec<_> =
            records.filter(wanted).take(self.limit.unwrap_or(usize::MAX)).collect();
        records.reverse();
        Ok((records, dropped))
    }

    fn operation(&self, catalogue: &Catalogue) -> Result<Option<&'static str>, ControlRefusal> {
        let Some(wanted) = &self.operation else {
            return Ok(None);
        };
        let named = catalogue.named(wanted);
        named
            .map(|operation| Some(operation.name))
            .map_err(|error| ControlRefusal::field("operation", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_one_or_a_hundred() {
        let pattern = |text| StatusPattern::parse(text).unwrap();
        assert!(pattern("4xx").matches(Some(499)) && !pattern("4xx").matches(Some(500)));
        assert!(pattern("401").matches(Some(401)) && !pattern("401").matches(None));
        for bad in ["", "x", "xx", "99xx", "4x", "-1", "9xx", "0xx", "6xx", "99", "600"] {
            assert!(StatusPattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn since_is_an_id_or_a_moment() {
        let moment = Timestamp::from_millis(1_750_000_000_000);
        assert_eq!(Since::parse("7"), Some(Since::Id(7)));
        assert_eq!(Since::parse("1750000000000"), Some(Since::Time(moment)));
        assert_eq!(Since::parse("2025-06-15T15:06:40Z"), Some(Since::Time(moment)));
        assert_eq!(Since::parse("yesterday"), None);
    }
}
