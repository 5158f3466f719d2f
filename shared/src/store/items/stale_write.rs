//! A rejected stale write, as it is stored.

use crate::review::{Actor, Attempt, Rev, ReviewId, StaleWrite, Timestamp};
use crate::store::error::StoreError;
use crate::store::items::entry::StoredEntry;
use crate::store::items::values::StoredActor;
use crate::store::table::{codec, keys};
use serde::{Deserialize, Serialize};

/// A stale write that was rejected.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StaleWriteItem {
    pk: String,
    pub(in crate::store) sk: String,
    entries: Vec<StoredEntry>,
    actor: StoredActor,
    at: i64,
    stamp: u64,
    met: u64,
    attempt: String,
    /// Seconds since 1970, as DynamoDB's TTL wants them.
    ttl: i64,
}

/// For how long a rejected stale write is kept, in milliseconds: 90 days.
const STALE_WRITES_KEPT_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

impl StaleWriteItem {
    pub(in crate::store) fn new(id: &ReviewId, write: &StaleWrite) -> Self {
        Self {
            pk: keys::review(id),
            sk: keys::stale_write(write.stamp, &write.actor),
            entries: Vec::new(),
            actor: StoredActor::from(&write.actor),
            at: write.at.millis(),
            stamp: write.stamp.0,
            met: write.met.0,
            attempt: write.attempt.as_str().to_owned(),
            ttl: write.at.plus_millis(STALE_WRITES_KEPT_MILLIS).seconds_rounded_up(),
        }
    }

    pub(in crate::store) fn decode(self, id: &ReviewId) -> Result<StaleWrite, StoreError> {
        let (actor, stamp): (Actor, Rev) = (self.actor.decode()?, Rev(self.stamp));
        Ok(StaleWrite {
            entry_id: StaleWrite::entry_id(id, stamp, &actor),
            actor,
            at: Timestamp::from_millis(self.at),
            stamp,
            met: Rev(self.met),
            attempt: Attempt::parse(&self.attempt).ok_or_else(codec::corrupt("attempt"))?,
        })
    }
}
