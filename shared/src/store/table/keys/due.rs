//! The index of what is due, in shards.

use crate::review::{ReviewId, Timestamp};
use crate::store::table::keys::review::review;

/// Index: what is due, by shard and time.
pub(crate) const DUE: &str = "due";

/// What the index of due things holds, each kind in shards of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Leases, by when they end.
    Leases,
    /// Deliveries to be tried, by when.
    Deliveries,
    /// Deliveries that nobody tries any more, by when that was decided: the dead-letter queue.
    DeadLetters,
}

impl Due {
    /// How many shards each kind has: they spread the index's writes and the work on them.
    pub const SHARDS: u8 = 8;

    /// All shards, beginning with another one each minute: should a run's bounds always be met, no shard is always last.
    pub fn shards_from(now: Timestamp) -> impl Iterator<Item = u8> {
        let minute = now.millis().div_euclid(60_000).rem_euclid(Self::SHARDS.into());
        let first = u8::try_from(minute).unwrap_or_default();
        (0..Self::SHARDS).map(move |number| (first + number) % Self::SHARDS)
    }

    /// The name of one shard.
    pub(crate) fn shard(self, number: u8) -> String {
        let kind = match self {
            Self::Leases => "LEASES",
            Self::Deliveries => "DELIVERIES",
            Self::DeadLetters => "DEAD",
        };
        format!("{kind}#{number}")
    }

    /// The shard of what belongs to a review.
    pub(crate) fn shard_of(self, id: &ReviewId) -> String {
        self.shard_of_key(&review(id))
    }

    /// The shard of what belongs to a partition.
    pub(crate) fn shard_of_key(self, pk: &str) -> String {
        let sum = pk.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        self.shard(sum % Self::SHARDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_begins_with_another_shard_each_minute_and_leaves_out_none() {
        let from = |millis| Due::shards_from(Timestamp::from_millis(millis)).collect::<Vec<u8>>();
        assert_eq!(from(0), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(from(11 * 60_000 + 59_999), [3, 4, 5, 6, 7, 0, 1, 2]);
    }
}
