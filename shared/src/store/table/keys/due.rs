//! The index of what is due, in shards.

use crate::review::{ReviewId, Timestamp};
use crate::store::table::keys::review::review;

/// Index: what is due, by shard and time.
pub(crate) const DUE: &str = "due";

/// The kinds of items in the index `due`, each in shards of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Leases, by expiry.
    Leases,
    /// Reviews with a deadline, by the time at which something is to be done.
    Reviews,
    /// Deliveries, by the time of the next attempt.
    Deliveries,
    /// Dead letters: deliveries that are no longer attempted, by when that was decided.
    DeadLetters,
}

impl Due {
    /// Shards of each kind. They spread the index's writes, and the work.
    pub const SHARDS: u8 = 8;

    /// All shards, beginning with another one each minute, so that no shard is always last when a run reaches its limits.
    pub fn shards_from(now: Timestamp) -> impl Iterator<Item = u8> {
        let minute = now.millis().div_euclid(60_000).rem_euclid(Self::SHARDS.into());
        let first = u8::try_from(minute).unwrap_or_default();
        (0..Self::SHARDS).map(move |number| (first + number) % Self::SHARDS)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Leases => "LEASES",
            Self::Reviews => "REVIEWS",
            Self::Deliveries => "DELIVERIES",
            Self::DeadLetters => "DEAD",
        }
    }

    /// The name of one shard.
    pub(crate) fn shard(self, number: u8) -> String {
        format!("{}#{number}", self.word())
    }

    /// Whether that is the name of one of its shards.
    pub(crate) fn has_shard(self, name: &str) -> bool {
        name.strip_prefix(self.word()).is_some_and(|rest| rest.starts_with('#'))
    }

    /// The shard of an item of a review.
    pub(crate) fn shard_of(self, id: &ReviewId) -> String {
        self.shard_of_key(&review(id))
    }

    /// The shard of an item in a partition.
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
