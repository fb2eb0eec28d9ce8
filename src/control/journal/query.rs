//! Which entries somebody wants to see.

use serde::Deserialize;

use super::{Journal, Record, Selection};
use crate::control::ControlRefusal;
use crate::control::extract::Expected;
use crate::domain::Timestamp;
use crate::operation::Catalogue;

/// Filters of `GET /_mock/requests`, as they are written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    operation: Option<String>,
    user: Option<String>,
    status: Option<String>,
    refused: Option<bool>,
    since: Option<String>,
    limit: Option<usize>,
}

impl Expected for Query {
    const EXPECTED: &'static str =
        "any of the filters operation, user, status, refused, since and limit";
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

    /// Reads `401` or `4xx`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(hundreds) = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
            let first = 100 * hundreds.parse::<u16>().ok().filter(|hundreds| *hundreds < 10)?;
            return Some(Self { first, last: first + 99 });
        }
        Some(Self::one(text.parse().ok()?))
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
    pub fn run(&self, journal: &Journal) -> Result<(Vec<Record>, u64), ControlRefusal> {
        let catalogue = &journal.catalogue;
        let operation = self.operation(catalogue)?;
        let status = match &self.status {
            None => None,
            Some(text) => Some(StatusPattern::parse(text).ok_or_else(|| {
                ControlRefusal::field("status", "expected a status like 401, or 4xx")
            })?),
        };
        let since = match &self.since {
            None => Since::Id(0),
            Some(text) => {
                Since::parse(text).ok_or_else(|| ControlRefusal::field("since", Since::EXPECTED))?
            }
        };
        let wanted = |record: &Record| {
            operation.is_none_or(|operation| record.operation == Some(operation))
                && self.user.as_ref().is_none_or(|user| record.caller.is_called(user))
                && status.is_none_or(|status| status.matches(record.status))
                && self.refused.is_none_or(|refused| record.is_refused() == refused)
        };
        let Selection { entries, dropped, .. } = journal.since(since);
        let records = entries.iter().rev().map(|(id, entry)| Record::of(*id, entry, catalogue));
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
        for bad in ["", "x", "xx", "99xx", "4x", "-1"] {
            assert_eq!(StatusPattern::parse(bad), None, "{bad}");
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
