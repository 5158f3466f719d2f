//! Backlogs: pending events, kept in order until they are delivered.
//!
//! For each target and review there is one HEAD, which is due at the next attempt, and one item for each pending event. As long as
//! there is a HEAD, new events of that review are enqueued behind it, so that a target gets a review's events in order; other
//! reviews do not wait. When a HEAD is no longer attempted, it is in the dead-letter queue, with its events.
//!
//! Backlogs that an earlier build began keep their keys ([`keys::Layout::First`]) until they are empty: new events of the same
//! review and target join them, so that the order holds.

use crate::event::{DeliveryTarget, Place, ReviewEvent};
use crate::review::{OrganizationId, ReviewId, Timestamp};
use crate::store::error::{SdkResult, StoreError};
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::outbox::backlog_items::{Backlog, HeadItem, LEASE_MILLIS, PendingItem};
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, number};
use crate::store::table::keys::{self, Due, Layout};
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, meter};
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::try_join;
use std::collections::HashMap;

impl Store {
    /// A target's backlog of a review; `None` if nothing is pending. Read consistently, in both layouts at once.
    pub async fn backlog(
        &self,
        target: &DeliveryTarget,
        review: &ReviewId,
    ) -> Result<Option<Backlog>, StoreError> {
        let pk = || keys::backlog(&review.organization, target);
        let head = |layout| self.get(pk(), keys::backlog_head(review, layout));
        let (first, second) = try_join!(head(Layout::First), head(Layout::Second))?;
        first.or(second).map(|item| codec::decode_item::<HeadItem>(item)?.decode()).transpose()
    }

    /// Enqueues an event for a target: `behind` its backlog or, if there is none, due at `due_at` after `attempts` attempts.
    /// Enqueuing an event again changes nothing.
    pub async fn enqueue(
        &self,
        target: &DeliveryTarget,
        event: &ReviewEvent,
        (attempts, due_at): (u32, Timestamp),
        behind: Option<&Backlog>,
    ) -> Result<(), StoreError> {
        let layout = behind.map_or(Layout::Second, |backlog| backlog.layout);
        let pk = keys::backlog(&event.review.organization, target);
        let pending = PendingItem {
            pk: pk.clone(),
            sk: keys::backlog_event(&event.review, event.place, layout),
            ordinal: event.place.ordinal,
            change: event.place.change,
            event_id: event.id.to_bytes(),
            event_type: event.event_type.as_str().to_owned(),
            at: event.at.millis(),
            body: event.body.clone(),
        };
        let values = HashMap::from([
            (":shard".to_owned(), AttributeValue::S(Due::Deliveries.shard_of(&event.review))),
            (":due_at".to_owned(), number(due_at.millis())),
            (":ordinal".to_owned(), number(event.place.ordinal)),
            (":place".to_owned(), AttributeValue::S(event.place.to_string())),
            (":attempts".to_owned(), number(attempts)),
        ]);
        let head = (pk, keys::backlog_head(&event.review, layout));
        let writes = vec![
            self.transact_update(head, Change::new(expressions::ENQUEUE, values))?,
            self.transact_put(codec::encode_item(&pending)?)?,
        ];
        match self.transact(writes).await? {
            Transacted::Written => Ok(()),
            Transacted::Refused(_) => Err(StoreError::Rejected("a pending event was refused".into())),
        }
    }

    /// Takes up a due backlog for two minutes; `None` if another process has.
    pub async fn take_backlog(&self, due: &DueItem, now: Timestamp) -> Result<Option<Backlog>, StoreError> {
        let until = now.plus_millis(LEASE_MILLIS);
        let values = HashMap::from([
            (":due_at".to_owned(), number(due.due_at.millis())),
            (":later".to_owned(), number(until.millis())),
        ]);
        let change =
            Change { condition: Some(expressions::STILL_DUE), ..Change::new(expressions::DUE_AT, values) };
        let item = self.update((due.pk.clone(), due.sk.clone()), change).await?;
        item.map(|item| codec::decode_item::<HeadItem>(item)?.decode()).transpose()
    }

    /// The first pending events, in order, at most `limit`.
    pub async fn pending_events(
        &self,
        backlog: &Backlog,
        limit: i32,
    ) -> Result<Vec<ReviewEvent>, StoreError> {
        let (from, to) = keys::backlog_events(&backlog.review, backlog.layout);
        let request = self
            .part(backlog.pk(), expressions::RANGE)
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .limit(limit);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        let events = output.items.unwrap_or_default().into_iter();
        events
            .map(|attributes| codec::decode_item::<PendingItem>(attributes)?.decode(&backlog.review))
            .collect()
    }

    /// Removes an event that was delivered, or that is not to be delivered any more.
    pub async fn ack(&self, backlog: &Backlog, place: Place) -> Result<(), StoreError> {
        let key = (backlog.pk(), keys::backlog_event(&backlog.review, place, backlog.layout));
        self.delete(key, None, HashMap::new()).await?;
        Ok(())
    }

    /// Removes the HEAD after all events up to `place` were removed, unless more were enqueued meanwhile; returns whether it did.
    pub async fn close_backlog(&self, backlog: &Backlog, place: Place) -> Result<bool, StoreError> {
        let values = HashMap::from([
            (":ordinal".to_owned(), number(place.ordinal)),
            (":place".to_owned(), AttributeValue::S(place.to_string())),
        ]);
        self.delete(backlog.head(), Some(expressions::NOTHING_PENDING_AFTER), values).await
    }

    /// The `attempts`-th attempt failed; the next one is at `later`.
    pub async fn retry_backlog_at(
        &self,
        backlog: &Backlog,
        attempts: u32,
        later: Timestamp,
    ) -> Result<(), StoreError> {
        self.move_backlog(backlog, Due::Deliveries, attempts, later).await
    }

    /// Moves the backlog to the dead-letter queue.
    pub async fn dead_letter_backlog(
        &self,
        backlog: &Backlog,
        attempts: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.move_backlog(backlog, Due::DeadLetters, attempts, now).await
    }

    async fn move_backlog(
        &self,
        backlog: &Backlog,
        to: Due,
        attempts: u32,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let values = HashMap::from([
            (":shard".to_owned(), AttributeValue::S(to.shard_of(&backlog.review))),
            (":due_at".to_owned(), number(backlog.due_at.millis())),
            (":later".to_owned(), number(at.millis())),
            (":attempts".to_owned(), number(attempts)),
        ]);
        let change = Change {
            condition: Some(expressions::STILL_DUE),
            ..Change::new(expressions::RESCHEDULE, values)
        };
        self.update(backlog.head(), change).await?;
        Ok(())
    }

    /// Makes a dead letter due at `now`, with no attempts counted.
    pub async fn redrive(&self, dead: &DueItem, now: Timestamp) -> Result<bool, StoreError> {
        let (organization, _) = keys::parse_backlog(&dead.pk)?;
        let shard = if dead.sk == keys::DIGEST {
            Due::Deliveries.shard_of_key(&dead.pk)
        } else {
            Due::Deliveries.shard_of(&keys::parse_backlog_head(&organization, &dead.sk)?.0)
        };
        let values = HashMap::from([
            (":shard".to_owned(), AttributeValue::S(shard)),
            (":due_at".to_owned(), number(dead.due_at.millis())),
            (":later".to_owned(), number(now.millis())),
            (":attempts".to_owned(), number(0)),
        ]);
        let change = Change {
            condition: Some(expressions::STILL_DUE),
            ..Change::new(expressions::RESCHEDULE, values)
        };
        Ok(self.update((dead.pk.clone(), dead.sk.clone()), change).await?.is_some())
    }

    /// All backlogs of a target. For tests: it reads the whole partition.
    pub async fn backlogs(
        &self,
        organization: &OrganizationId,
        target: &DeliveryTarget,
    ) -> Result<Vec<Backlog>, StoreError> {
        let pk = keys::backlog(organization, target);
        let mut backlogs = Vec::new();
        for attributes in self.partition(pk).await? {
            if attributes.contains_key("last_owed") {
                backlogs.push(codec::decode_item::<HeadItem>(attributes)?.decode()?);
            }
        }
        Ok(backlogs)
    }
}
