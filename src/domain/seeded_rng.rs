use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The pod's only source of chance: ids, tokens and injected faults all draw from it.
///
/// It is seeded, so that a test run can be repeated to the byte. It protects nothing: a mock pod's
/// tokens only have to be distinct and unguessable by accident.
#[derive(Debug, Clone)]
pub struct SeededRng(ChaCha8Rng);

impl SeededRng {
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

    /// `N` random letters and digits.
    pub fn alphanumerics<const N: usize>(&mut self) -> [u8; N] {
        const ALPHABET: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        // The lowest letters come a little more often than the others, which harms nobody.
        self.bytes::<N>().map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()])
    }

    /// A random number from 0 up to, and not including, 1.
    pub fn fraction(&mut self) -> f64 {
        // As many bits as such a number can tell apart.
        const BITS: u32 = f64::MANTISSA_DIGITS;
        (u64::from_be_bytes(self.bytes()) >> (u64::BITS - BITS)) as f64 / (1_u64 << BITS) as f64
    }

    /// A random (version 4) UUID.
    pub fn uuid(&mut self) -> String {
        let mut bytes: [u8; 16] = self.bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut hex = String::with_capacity(32);
        self::hex(&mut hex, &bytes);
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }

    /// `N` random bytes in lower-case hex.
    pub fn hex<const N: usize>(&mut self) -> String {
        let mut text = String::with_capacity(2 * N);
        hex(&mut text, &self.bytes::<N>());
        text
    }
}

/// Appends `bytes` in lower-case hex.
pub(super) fn hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // Piece by piece: a digit at a time, each would be checked for room and for its length.
    for bytes in bytes.chunks(64) {
        let mut digits = [0; 128];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        // Digits are text.
        text.push_str(std::str::from_utf8(&digits[..2 * bytes.len()]).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let mut one = SeededRng::from_seed(7);
        let mut same = SeededRng::from_seed(7);
        let mut other = SeededRng::from_seed(8);
        assert_eq!(one.bytes::<32>(), same.bytes::<32>());
        assert_ne!(one.bytes::<32>(), other.bytes::<32>());
    }
}
