use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The pod's only source of chance: ids, tokens and injected faults all draw from it.
///
/// It is seeded, so that a test run can be repeated to the byte. It protects nothing: a mock pod's
/// tokens only have to be distinct and unguessable by accident.
#[derive(Debug, Clone)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    pub fn from_seed(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let mut one = Chance::from_seed(7);
        let mut same = Chance::from_seed(7);
        let mut other = Chance::from_seed(8);
        assert_eq!(one.bytes::<32>(), same.bytes::<32>());
        assert_ne!(one.bytes::<32>(), other.bytes::<32>());
    }
}
