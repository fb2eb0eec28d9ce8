//! What is written in one of two ways, told apart by its form. Each reads itself: serde's own way
//! with such types tries one after the other, and cannot say what is wrong with the one that was
//! meant.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as Reads, Serialize};

use super::SeedTime;

/// Somebody in a stream: his username, or that and since when he is in it, by default from its
/// beginning.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum MemberSeed {
    Name(String),
    Joined {
        /// Username.
        user: String,
        /// Since when, or when he left where it is about the past.
        joined: SeedTime,
    },
}

/// Where a message is: a room's name, a stream's id, or the usernames of those who talk.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum StreamSeed {
    Named(String),
    Between(Vec<String>),
}

/// Somebody who is subscribed to a signal: his username, or that, whether he may not leave it, and
/// since when he is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum SubscriberSeed {
    Name(String),
    Subscribed {
        /// Username.
        user: String,
        /// Whether he may not leave it.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        pushed: bool,
        /// By default since the signal was made.
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<SeedTime>,
    },
}

impl MemberSeed {
    pub(super) fn user(&self) -> &str {
        match self {
            Self::Name(user) | Self::Joined { user, .. } => user,
        }
    }

    pub(super) fn joined(&self) -> Option<SeedTime> {
        match self {
            Self::Name(_) => None,
            Self::Joined { joined, .. } => Some(*joined),
        }
    }
}

impl<'de> Deserialize<'de> for MemberSeed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Reads)]
        #[serde(deny_unknown_fields)]
        struct Joined {
            user: String,
            joined: SeedTime,
        }
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = MemberSeed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a username, or an object with `user` and `joined`")
            }

            fn visit_str<E>(self, name: &str) -> Result<MemberSeed, E> {
                Ok(MemberSeed::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<MemberSeed, A::Error> {
                let joined = Joined::deserialize(MapAccessDeserializer::new(fields));
                joined.map(|Joined { user, joined }| MemberSeed::Joined { user, joined })
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for SubscriberSeed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Reads)]
        #[serde(deny_unknown_fields)]
        struct Subscribed {
            user: String,
            #[serde(default)]
            pushed: bool,
            #[serde(default)]
            since: Option<SeedTime>,
        }
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = SubscriberSeed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a username, or an object with `user`, `pushed` and `since`")
            }

            fn visit_str<E>(self, name: &str) -> Result<SubscriberSeed, E> {
                Ok(SubscriberSeed::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<SubscriberSeed, A::Error> {
                let subscribed = Subscribed::deserialize(MapAccessDeserializer::new(fields))?;
                let Subscribed { user, pushed, since } = subscribed;
                Ok(SubscriberSeed::Subscribed { user, pushed, since })
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for StreamSeed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = StreamSeed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a room's name, a stream's id, or a list of usernames")
            }

            fn visit_str<E>(self, name: &str) -> Result<StreamSeed, E> {
                Ok(StreamSeed::Named(name.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<StreamSeed, A::Error> {
                let mut between = Vec::new();
                while let Some(name) = names.next_element()? {
                    between.push(name);
                }
                Ok(StreamSeed::Between(between))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
