use std::fmt;

/// Number of a pod; 27 bits of it fit into a user id that JSON numbers carry safely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodId(pub u32);

/// A user's id: the pod's number in the high bits, the user's own in the low 36.
///
/// Real pods number their users so (pod 130's user 8933531975687 is `130 << 36 | 7`), and the
/// Python BDK recovers the pod from the id in `user_util.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(u64);

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
}
