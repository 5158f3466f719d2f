//! What is owed: events that could not be delivered at once, kept in order until they are.
//!
//! For each target and review there is one HEAD, which is due when the next try is, and one item for each owed event. As
//! long as there is a HEAD, new events of that review queue up behind it, so that a target is told of a review's events in
//! their order; other reviews are not held up. A HEAD that nobody tries any more is in the dead-letter queue, with its events.

use super::access::Change;
use super::commit::{Transacted, number};
use super::due::DueItem;
use super::item;
use super::keys::{self, Due};
use super::{SdkResult, Store, StoreError, expressions, meter};
use crate::event::{EventType, ReviewEvent};
use crate::review::{EntryId, OrganizationId, ReviewId, Timestamp};
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnConsumedCapacity, TransactWriteItem, Update};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// For how long a backlog is nobody else's once it is taken up, in milliseconds: longer than a run of `redeliver`.
const TAKEN_MILLIS: i64 = 120_000;

/// How many backlogs are moved side by side: whoever asked for it waits.
const AT_ONCE: usize = 16;

/// The events of one review that one target is owed.
#[derive(Clone, Debug)]
pub struct Backlog {
    /// `event-bus`, or a webhook's id.
    pub target: String,
    /// Of which review.
    pub review: ReviewId,
    /// How often the first of them was tried.
    pub attempts: u32,
    /// The place of the last event that is owed.
    pub last_owed: u64,
    /// Whether nobody tries any more.
    pub is_dead: bool,
    /// When the next try is.
    pub due_at: Timestamp,
}

#[derive(Deserialize)]
struct HeadItem {
    pk: String,
    sk: String,
    due_shard: String,
    due_at: i64,
    last_owed: u64,
    attempts: u32,
}

impl HeadItem {
    fn understand(self) -> Result<Backlog, StoreError> {
        let (organization, target) = keys::parse_backlog(&self.pk)?;
        Ok(Backlog {
            review: keys::parse_backlog_head(&organization, &self.sk)?,
            target,
            attempts: self.attempts,
            last_owed: self.last_owed,
            is_dead: self.due_shard.starts_with("DEAD#"),
            due_at: Timestamp::from_millis(self.due_at),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct OwedItem {
    pk: String,
    sk: String,
    ordinal: u64,
    #[serde(with = "serde_bytes")]
    event_id: [u8; 16],
    event_type: String,
    at: i64,
    body: String,
}

impl Backlog {
    fn pk(&self) -> String {
        keys::backlog(&self.review.organization, &self.target)
    }

    fn head(&self) -> (String, String) {
        (self.pk(), keys::backlog_head(&self.review))
    }

    fn due(&self) -> DueItem {
        let (pk, sk) = self.head();
        DueItem { pk, sk, due_at: self.due_at }
    }
}

impl Store {
    /// What a target is owed of a review; `None` if nothing. Read consistently.
    pub async fn backlog(&self, target: &str, review: &ReviewId) -> Result<Option<Backlog>, StoreError> {
        let pk = keys::backlog(&review.organization, target);
        let item = self.get(pk, keys::backlog_head(review)).await?;
        item.map(|item| item::decode_item::<HeadItem>(item)?.understand()).transpose()
    }

    /// Owes an event to a target: behind what it is owed already, or, if that is nothing, due at `due_at` after
    /// `attempts` tries. What is owed already is owed once.
    pub async fn owe(
        &self,
        target: &str,
        event: &ReviewEvent,
        attempts: u32,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let pk = keys::backlog(&event.review.organization, target);
        let owed = OwedItem {
            pk: pk.clone(),
            sk: keys::backlog_event(&event.review, event.ordinal),
            ordinal: event.ordinal,
            event_id: event.id.to_bytes(),
            event_type: event.event_type.word().to_owned(),
            at: event.at.millis(),
            body: event.body.clone(),
        };
        let put = Put::builder().table_name(&self.table).set_item(Some(item::encode_item(&owed)?)).build();
        let shard = Due::Deliveries.shard_of(&event.review);
        let head = Update::builder()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(keys::backlog_head(&event.review)))
            .update_expression(expressions::OWE)
            .expression_attribute_values(":shard", AttributeValue::S(shard))
            .expression_attribute_values(":due_at", number(due_at.millis()))
            .expression_attribute_values(":ordinal", number(event.ordinal))
            .expression_attribute_values(":attempts", number(attempts))
            .build();
        let items = vec![
            TransactWriteItem::builder().set_update(head.ok()).build(),
            TransactWriteItem::builder().set_put(put.ok()).build(),
        ];
        match self.transact_items(items).await? {
            Transacted::Written => Ok(()),
            Transacted::Refused(_) => Err(StoreError::Rejected("an owed event was refused".into())),
        }
    }

    /// Takes up what is due, for two minutes, unless somebody else has; `None` if so.
    pub async fn take_backlog(&self, due: &DueItem, now: Timestamp) -> Result<Option<Backlog>, StoreError> {
        let until = now.plus_millis(TAKEN_MILLIS);
        let values = HashMap::from([
            (":due_at".to_owned(), number(due.due_at.millis())),
            (":later".to_owned(), number(until.millis())),
        ]);
        let change =
            Change { condition: Some(expressions::STILL_DUE), ..Change::new(expressions::DUE_AT, values) };
        let item = self.update((due.pk.clone(), due.sk.clone()), change).await?;
        item.map(|item| item::decode_item::<HeadItem>(item)?.understand()).transpose()
    }

    /// The first owed events, in order, at most `limit`.
    pub async fn owed(&self, backlog: &Backlog, limit: i32) -> Result<Vec<ReviewEvent>, StoreError> {
        let (from, to) =
            (keys::backlog_event(&backlog.review, 0), keys::backlog_event(&backlog.review, 9_999_999_999));
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(expressions::PART)
            .expression_attribute_values(":pk", AttributeValue::S(backlog.pk()))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .limit(limit)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        let events = output.items.unwrap_or_default().into_iter().map(|attributes| {
            let item: OwedItem = item::decode_item(attributes)?;
            Ok(ReviewEvent {
                id: EntryId::from_bytes(item.event_id),
                event_type: EventType::parse(&item.event_type)
                    .ok_or_else(item::corrupt("an owed event's type"))?,
                review: backlog.review.clone(),
                ordinal: item.ordinal,
                at: Timestamp::from_millis(item.at),
                body: item.body,
            })
        });
        events.collect()
    }

    /// An owed event is delivered, or not owed any more.
    pub async fn settle(&self, backlog: &Backlog, ordinal: u64) -> Result<(), StoreError> {
        let key = (backlog.pk(), keys::backlog_event(&backlog.review, ordinal));
        self.delete(key, None, HashMap::new()).await?;
        Ok(())
    }

    /// All is settled up to `ordinal`: the backlog ends, unless more was owed meanwhile; says whether it did.
    pub async fn close_backlog(&self, backlog: &Backlog, ordinal: u64) -> Result<bool, StoreError> {
        let values = HashMap::from([(":ordinal".to_owned(), number(ordinal))]);
        self.delete(backlog.head(), Some(expressions::LAST_OWED), values).await
    }

    /// A try at the first owed event failed, the `attempts`-th: the next one is at `later`.
    pub async fn try_backlog_later(
        &self,
        backlog: &Backlog,
        attempts: u32,
        later: Timestamp,
    ) -> Result<(), StoreError> {
        self.move_backlog(backlog, Due::Deliveries, attempts, later).await
    }

    /// Nobody tries any more: into the dead-letter queue.
    pub async fn bury_backlog(
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
        let change =
            Change { condition: Some(expressions::STILL_DUE), ..Change::new(expressions::TRIED, values) };
        self.update(backlog.head(), change).await?;
        Ok(())
    }

    /// Takes a dead letter out of the dead-letter queue: it is due at `now`, as if for the first time.
    pub async fn redrive(&self, dead: &DueItem, now: Timestamp) -> Result<bool, StoreError> {
        let review = keys::parse_backlog(&dead.pk)
            .and_then(|(organization, _)| keys::parse_backlog_head(&organization, &dead.sk))?;
        let values = HashMap::from([
            (":shard".to_owned(), AttributeValue::S(Due::Deliveries.shard_of(&review))),
            (":due_at".to_owned(), number(dead.due_at.millis())),
            (":later".to_owned(), number(now.millis())),
            (":attempts".to_owned(), number(0)),
        ]);
        let change =
            Change { condition: Some(expressions::STILL_DUE), ..Change::new(expressions::TRIED, values) };
        Ok(self.update((dead.pk.clone(), dead.sk.clone()), change).await?.is_some())
    }

    /// All that a target is owed, one for each review.
    pub async fn backlogs(
        &self,
        organization: &OrganizationId,
        target: &str,
    ) -> Result<Vec<Backlog>, StoreError> {
        let pk = keys::backlog(organization, target);
        let mut backlogs = Vec::new();
        for attributes in self.partition(pk).await? {
            if attributes.contains_key("last_owed") {
                backlogs.push(item::decode_item::<HeadItem>(attributes)?.understand()?);
            }
        }
        Ok(backlogs)
    }

    /// Makes all that a target is owed due at `now`, dead letters and what waits for a later try; says for how many
    /// reviews. What is due within two minutes may be at work just now, and is left alone.
    pub async fn redrive_target(
        &self,
        organization: &OrganizationId,
        target: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let soon = now.plus_millis(TAKEN_MILLIS);
        let mut waiting = self.backlogs(organization, target).await?;
        waiting.retain(|backlog| backlog.is_dead || backlog.due_at > soon);
        let moves: Vec<_> = waiting.iter().map(|backlog| self.make_due(backlog, now)).collect();
        let moves = stream::iter(moves).buffer_unordered(AT_ONCE);
        moves.try_fold(0, async |count, moved| Ok(count + usize::from(moved))).await
    }

    async fn make_due(&self, backlog: &Backlog, now: Timestamp) -> Result<bool, StoreError> {
        self.redrive(&backlog.due(), now).await
    }
}
