use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{SeededRng, Timestamp};

/// Number of a pod; 27 bits of it fit into a user id that JSON numbers carry safely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodId(pub u32);

/// A user's id: the pod's number in the high bits, the user's own in the low 36.
///
/// Real pods number their users so (pod 130's user 8933531975687 is `130 << 36 | 7`), and the
/// Python BDK recovers the pod from the id in `user_util.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(u64);

/// The id of something that was made at a moment: 16 random bytes, the moment, and what it is.
///
/// On the wire it is URL-safe base64 without padding, 34 characters. The moment counts backwards
/// from the end of time (`2^63 - 1 - milliseconds`, big-endian), which is why every real id has
/// `___` in its middle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId<const KIND: u8> {
    random: [u8; 16],
    moment: Timestamp,
}

/// Id of an IM, MIM or room; ends in `dA` on the wire.
pub type StreamId = ObjectId<b't'>;

/// Id of a message; ends in `bQ` on the wire.
pub type MessageId = ObjectId<b'm'>;

/// What stands in for the message id of an event that is about no message; ends in `bw`.
pub type SystemMessageId = ObjectId<b'o'>;

/// Not an id of the kind wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl PodId {
    /// Above this, `podId << 36` leaves the integers that JavaScript represents exactly.
    pub const MAX: u32 = (1 << 17) - 1;
}

impl UserId {
    const NUMBER_BITS: u32 = 36;

    /// The `number`th user of `pod`. Bits above the 36th of `number` are dropped.
    pub fn new(pod: PodId, number: u64) -> Self {
        Self(u64::from(pod.0) << Self::NUMBER_BITS | number & ((1 << Self::NUMBER_BITS) - 1))
    }

    /// The id as it is written on the wire.
    pub const fn from_wire(id: u64) -> Self {
        Self(id)
    }

    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The pod whose user this is.
    pub fn pod(self) -> PodId {
        PodId((self.0 >> Self::NUMBER_BITS) as u32)
    }

    /// The user's number on its pod.
    pub fn number(self) -> u64 {
        self.0 & ((1 << Self::NUMBER_BITS) - 1)
    }
}

impl<const KIND: u8> ObjectId<KIND> {
    const END_OF_TIME: u64 = i64::MAX as u64;

    /// A new id of something made at `moment`.
    pub fn new(moment: Timestamp, rng: &mut SeededRng) -> Self {
        Self { random: rng.bytes(), moment }
    }

    /// The id in standard base64 with padding, 36 characters, as client UIs and a few answers of
    /// real pods show it.
    pub fn in_standard_base64(self) -> String {
        self.to_string().replace('-', "+").replace('_', "/") + "=="
    }

    /// When what it names was made.
    #[cfg(test)]
    pub const fn moment(self) -> Timestamp {
        self.moment
    }
}

impl<const KIND: u8> FromStr for ObjectId<KIND> {
    type Err = NotAnId;

    /// Takes URL-safe and standard base64, padded or not: client UIs and some payloads of real
    /// pods show the standard form, the APIs answer with the other and accept both.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let url_safe = |c| match c {
            '+' => '-',
            '/' => '_',
            other => other,
        };
        let text: String = text.trim_end_matches('=').chars().map(url_safe).collect();
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAnId)?;
        let bytes = <[u8; 25]>::try_from(bytes).map_err(|_| NotAnId)?;
        let (random, rest) = bytes.split_first_chunk::<16>().ok_or(NotAnId)?;
        let (moment, kind) = rest.split_first_chunk::<8>().ok_or(NotAnId)?;
        let moment = Self::END_OF_TIME.checked_sub(u64::from_be_bytes(*moment)).ok_or(NotAnId)?;
        if kind != [KIND] {
            return Err(NotAnId);
        }
        Ok(Self { random: *random, moment: Timestamp::from_millis(moment) })
    }
}

impl<const KIND: u8> fmt::Display for ObjectId<KIND> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 25];
        bytes[..16].copy_from_slice(&self.random);
        let moment = Self::END_OF_TIME.saturating_sub(self.moment.as_millis());
        bytes[16..24].copy_from_slice(&moment.to_be_bytes());
        bytes[24] = KIND;
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl<const KIND: u8> fmt::Debug for ObjectId<KIND> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_seen_on_a_real_pod_splits_into_pod_and_number() {
        let id = UserId::from_wire(8_933_531_975_687);
        assert_eq!((id.pod(), id.number()), (PodId(130), 7));
        assert_eq!(UserId::new(PodId(130), 7), id);
    }

    #[test]
    fn a_message_id_seen_on_a_real_pod_holds_its_moment() {
        let seen = "Fd4Pc8xO5Vg6hVfzabFe2X___oyM1eXobQ";
        let id: MessageId = seen.parse().unwrap();
        assert_eq!(id.moment(), Timestamp::from_millis(1_595_365_005_847));
        assert_eq!(id.to_string(), seen);
        assert_eq!(seen.parse::<StreamId>(), Err(NotAnId), "a message is no stream");
    }

    #[test]
    fn both_spellings_name_the_same_stream() {
        let url_safe: StreamId = "usnBKBkH_BVrGOiVpaupEH___okFfE7QdA".parse().unwrap();
        for other in ["usnBKBkH/BVrGOiVpaupEH///okFfE7QdA==", "usnBKBkH/BVrGOiVpaupEH///okFfE7QdA"]
        {
            assert_eq!(other.parse(), Ok(url_safe));
        }
        assert_eq!(url_safe.in_standard_base64(), "usnBKBkH/BVrGOiVpaupEH///okFfE7QdA==");
        for no_id in ["", "dA", "usnBKBkH_BVrGOiVpaupEH___okFfE7Qd", "ä"] {
            assert_eq!(no_id.parse::<StreamId>(), Err(NotAnId));
        }
    }

    #[test]
    fn a_new_id_reads_back() {
        let made =
            StreamId::new(Timestamp::from_millis(1_750_000_000_000), &mut SeededRng::from_seed(1));
        let text = made.to_string();
        assert!(text.len() == 34 && text.contains("___") && text.ends_with("dA"), "{text}");
        assert_eq!(text.parse(), Ok(made));
    }
}
