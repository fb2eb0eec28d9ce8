use std::fmt;
use std::str::FromStr;

use super::{NotAnId, SeededRng, Timestamp};

/// The id of a disclaimer or signal: 24 digits in lower-case hex, the second it was made in and 8
/// random bytes. Those of real pods are the ids of a document store: `571d2052…` of the API file's
/// disclaimer is the second of its `createdDate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId([u8; 12]);

impl DocumentId {
    pub(super) const MIN: Self = Self([0; 12]);
    pub(super) const MAX: Self = Self([u8::MAX; 12]);

    pub fn new(moment: Timestamp, rng: &mut SeededRng) -> Self {
        let mut id = [0; 12];
        // Until the year 2106.
        id[..4].copy_from_slice(&(moment.as_secs() as u32).to_be_bytes());
        id[4..].copy_from_slice(&rng.bytes::<8>());
        Self(id)
    }
}

impl FromStr for DocumentId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != 24 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAnId);
        }
        let mut id = [0; 12];
        for (n, byte) in id.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).map_err(|_| NotAnId)?;
        }
        Ok(Self(id))
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_begins_with_its_second_and_reads_back() {
        let moment = Timestamp::from_millis(1_461_526_610_846);
        let id = DocumentId::new(moment, &mut SeededRng::from_seed(1));
        let text = id.to_string();
        assert!(text.starts_with("571d2052") && text.len() == 24, "{text}");
        assert_eq!(text.parse(), Ok(id));
        for no_id in ["", "571d2052", "571d2052e4b042aaf06d2e7x", "571d2052e4b042aaf06d2é7"] {
            assert_eq!(no_id.parse::<DocumentId>(), Err(NotAnId));
        }
    }
}
