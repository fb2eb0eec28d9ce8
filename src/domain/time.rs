use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

/// A moment on the pod's clock, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// What was to be a moment is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a moment like 2030-01-31T12:00:00Z, or milliseconds since 1970")]
pub struct NotATimestamp;

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    /// Reads a moment in RFC 3339, or in milliseconds since 1970.
    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        if let Ok(millis) = text.parse() {
            return Ok(Self(millis));
        }
        let moment = humantime::parse_rfc3339(text).map_err(|_| NotATimestamp)?;
        let since_epoch = moment.duration_since(UNIX_EPOCH).map_err(|_| NotATimestamp)?;
        Ok(Self(0).plus(since_epoch))
    }
}

impl Timestamp {
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, as JWT's `exp` counts them.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000
    }

    /// The moment `duration` later; the end of time where the sum does not fit.
    pub fn plus(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// The moment `duration` earlier; the epoch where there is none.
    pub fn minus(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// RFC 3339 in UTC with milliseconds, whose last year is 9999: what is later is told as its end.
    pub fn iso(self) -> String {
        const LAST: u64 = 253_402_300_799_999;
        let moment = UNIX_EPOCH + Duration::from_millis(self.0.min(LAST));
        humantime::format_rfc3339_millis(moment).to_string()
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_moment_that_has_a_text_stands_for_all_after_it() {
        for (millis, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "9999-12-31T23:59:59.999Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).iso(), expected);
        }
    }
}
