//! HEADs and pending events, as they are stored.

use crate::event::{DeliveryTarget, EventType, Place, ReviewEvent};
use crate::review::{EntryId, ReviewId, Timestamp};
use crate::store::error::StoreError;
use crate::store::items::due::DueItem;
use crate::store::table::codec;
use crate::store::table::keys::{self, Due, Layout};
use serde::{Deserialize, Serialize};

/// For how long a process has a backlog to itself once it has taken it up, in milliseconds: longer than `redeliver` runs.
pub(in crate::store) const LEASE_MILLIS: i64 = 120_000;

/// The pending events of one review for one target.
#[derive(Clone, Debug)]
pub struct Backlog {
    /// The target.
    pub target: DeliveryTarget,
    /// The review.
    pub review: ReviewId,
    /// How often the first one was attempted.
    pub attempts: u32,
    /// The place of the last one.
    pub last_pending: Place,
    /// Whether it is a dead letter.
    pub is_dead: bool,
    /// When the next attempt is.
    pub due_at: Timestamp,
    pub(in crate::store) layout: Layout,
}

impl Backlog {
    pub(in crate::store) fn pk(&self) -> String {
        keys::backlog(&self.review.organization, &self.target)
    }

    pub(in crate::store) fn head(&self) -> (String, String) {
        (self.pk(), keys::backlog_head(&self.review, self.layout))
    }

    pub(in crate::store) fn due(&self) -> DueItem {
        let (pk, sk) = self.head();
        DueItem { pk, sk, due_at: self.due_at }
    }
}

#[derive(Deserialize)]
pub(in crate::store) struct HeadItem {
    pk: String,
    sk: String,
    due_shard: String,
    due_at: i64,
    last_owed: u64,
    /// An older build does not advance it.
    #[serde(default)]
    last_place: Option<String>,
    attempts: u32,
}

impl HeadItem {
    pub(in crate::store) fn decode(self) -> Result<Backlog, StoreError> {
        let (organization, target) = keys::parse_backlog(&self.pk)?;
        let (review, layout) = keys::parse_backlog_head(&organization, &self.sk)?;
        let place = self.last_place.map(|place| place.parse::<Place>()).transpose();
        let place = place.map_err(|_| codec::corrupt("last_place")())?.unwrap_or_default();
        Ok(Backlog {
            review,
            target,
            attempts: self.attempts,
            last_pending: place.max(Place::of_entry(self.last_owed)),
            is_dead: Due::DeadLetters.has_shard(&self.due_shard),
            due_at: Timestamp::from_millis(self.due_at),
            layout,
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct PendingItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    pub(in crate::store) ordinal: u64,
    /// Only of an event without an audit entry.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::store) change: u64,
    #[serde(with = "serde_bytes")]
    pub(in crate::store) event_id: [u8; 16],
    pub(in crate::store) event_type: String,
    pub(in crate::store) at: i64,
    pub(in crate::store) body: String,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl PendingItem {
    pub(in crate::store) fn decode(self, review: &ReviewId) -> Result<ReviewEvent, StoreError> {
        Ok(ReviewEvent {
            id: EntryId::from_bytes(self.event_id),
            event_type: EventType::parse(&self.event_type)
                .ok_or_else(codec::corrupt("a pending event's type"))?,
            review: review.clone(),
            place: Place { ordinal: self.ordinal, change: self.change },
            at: Timestamp::from_millis(self.at),
            body: self.body,
        })
    }
}
