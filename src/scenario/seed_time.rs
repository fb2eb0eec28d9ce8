use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::domain::Timestamp;

/// When something was, in a document: a moment, or how long before the pod starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedTime {
    /// `2025-06-15T15:06:40.000Z`, or milliseconds since 1970.
    At(Timestamp),
    /// `-2h`.
    Ago(Duration),
}

/// The last millisecond that can be written as a date: the end of the year 9999.
const LAST_DATE: u64 = 253_402_300_799_999;

impl SeedTime {
    /// The moment on a pod that starts at `now`.
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.minus(ago),
        }
    }

    fn read(text: &str) -> Result<Self, String> {
        let expected =
            "expected a moment like 2025-06-15T15:06:40Z, or how long ago it was, like -2h";
        if let Some(ago) = text.strip_prefix('-') {
            let ago = humantime::parse_duration(ago).map_err(|_| expected)?;
            return Ok(Self::Ago(ago));
        }
        let moment = humantime::parse_rfc3339(text).map_err(|_| expected)?;
        let since_epoch = moment.duration_since(UNIX_EPOCH).map_err(|_| expected)?;
        Ok(Self::At(Timestamp::from_millis(0).plus(since_epoch)))
    }
}

impl From<Timestamp> for SeedTime {
    fn from(at: Timestamp) -> Self {
        Self::At(at)
    }
}

impl Serialize for SeedTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(at) if at.as_millis() > LAST_DATE => serializer.serialize_u64(at.as_millis()),
            Self::At(at) => {
                let moment = UNIX_EPOCH + Duration::from_millis(at.as_millis());
                serializer.collect_str(&humantime::format_rfc3339_millis(moment))
            }
            Self::Ago(ago) => {
                serializer.collect_str(&format_args!("-{}", humantime::format_duration(*ago)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for SeedTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = SeedTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a moment, or how long ago it was")
            }

            fn visit_u64<E: Error>(self, millis: u64) -> Result<SeedTime, E> {
                Ok(SeedTime::At(Timestamp::from_millis(millis)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<SeedTime, E> {
                SeedTime::read(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl JsonSchema for SeedTime {
    fn schema_name() -> Cow<'static, str> {
        "SeedTime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A moment like 2025-06-15T15:06:40Z, milliseconds since 1970, or how \
                            long before the start of the pod it was, like -2h",
            "type": ["string", "integer"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_it_is_read() {
        for text in ["\"2025-06-15T15:06:40.123Z\"", "\"-2h 5m\"", "253402300800000"] {
            let moment: SeedTime = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&moment).unwrap(), text);
        }
        let now = Timestamp::from_millis(10_000);
        let ago: SeedTime = serde_json::from_str("\"-4s\"").unwrap();
        assert_eq!(ago.resolve(now), Timestamp::from_millis(6_000));
        for bad in ["\"2h\"", "\"yesterday\"", "-5", "true", "\"1960-01-01T00:00:00Z\""] {
            assert!(serde_json::from_str::<SeedTime>(bad).is_err(), "{bad}");
        }
    }
}
