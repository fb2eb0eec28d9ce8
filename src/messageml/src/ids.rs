//! Random ids, from the seed the caller passes.

/// A source of short ids: the same seed gives the same ids in the same order.
#[derive(Debug)]
pub(super) struct Ids {
    /// The state of a SplitMix64 generator. Ids have to differ from each other and look like Symphony's; nobody has to be
    /// kept from guessing them.
    state: u64,
}

impl Ids {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// An id of eleven characters out of `[0-9A-Za-z_-]`.
    pub fn next(&mut self) -> String {
        const ALPHABET: &[u8; 64] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (0..11)
            .map(|position| char::from(ALPHABET[(bits >> (position * 6) & 63) as usize]))
            .collect()
    }
}
