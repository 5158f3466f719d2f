//! What is to be told by a subscription: notices, and the digest that takes them.
//!
//! A subscription has one DIGEST at a time, which is due when it is to be sent next, and an item for each NOTICE. A notice that was told
//! stays for two days without its text, so that a batch of the stream that is given again tells nothing twice. Before its first try a
//! digest fixes which notices it tells: each retry sends the same. What comes later waits for the next one.

use crate::event::{DeliveryTarget, Notice, SubscriptionId};
use crate::review::{OrganizationId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::outbox::backlog_items::LEASE_MILLIS;
use crate::store::outbox::notice_items::{Digest, DigestItem, NoticeItem};
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::expressions;
use crate::store::table::keys::{self, Due};
use crate::store::table::transaction::Transacted;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;

/// Most notices that are kept with their text for one digest. It counts those beyond.
pub const MAX_NOTICES: usize = 100;
/// How often a digest is fixed anew because a notice came meanwhile.
const ATTEMPTS: usize = 4;
/// Notices that are marked as told in parallel.
const AT_ONCE: usize = 8;

impl Store {
    /// Whether a subscription has told of an event, or has it pending. Read consistently.
    pub async fn has_notice(
        &self,
        organization: &OrganizationId,
        subscription: &SubscriptionId,
        event: &str,
    ) -> Result<bool, StoreError> {
        let pk = pk(organization, subscription);
        Ok(self.get(pk, keys::notice(event)).await?.is_some())
    }

    /// Records that a notice was told outside any digest.
    pub async fn note_told(
        &self,
        organization: &OrganizationId,
        subscription: &SubscriptionId,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put_told(pk(organization, subscription), &notice.id, now).await
    }

    async fn put_told(&self, pk: String, event: &str, now: Timestamp) -> Result<(), StoreError> {
        self.put(codec::encode_item(&NoticeItem::told(pk, event, now))?).await
    }

    /// Adds a notice to a subscription's digest; if there is none, to a new one, due at `due_at` after `attempts` tries. A notice that was
    /// told or is pending is not added again.
    pub async fn add_notice(
        &self,
        organization: &OrganizationId,
        subscription: &SubscriptionId,
        notice: &Notice,
        (attempts, due_at, now): (u32, Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let pk = pk(organization, subscription);
        let values = HashMap::from([
            (":shard".to_owned(), AttributeValue::S(Due::Deliveries.shard_of_key(&pk))),
            (":due_at".to_owned(), number(due_at.millis())),
            (":attempts".to_owned(), number(attempts)),
            (":one".to_owned(), number(1)),
        ]);
        let room = HashMap::from([(":most".to_owned(), number(MAX_NOTICES))]);
        let key = (pk.clone(), keys::DIGEST.to_owned());
        let counted = |condition: Option<&'static str>, more: Attributes| {
            let values = values.clone().into_iter().chain(more).collect();
            let change = Change { condition, ..Change::new(expressions::ADD_NOTICE, values) };
            self.transact_update(key.clone(), change)
        };
        let kept = codec::encode_item(&NoticeItem::pending(pk.clone(), notice)?)?;
        let writes = vec![counted(Some(expressions::ROOM_FOR_NOTICE), room)?, self.transact_create(kept)?];
        match self.transact(writes).await? {
            Transacted::Written => return Ok(()),
            Transacted::Refused(cancelled) if cancelled.failed(1) => return Ok(()),
            Transacted::Refused(_) => {}
        }
        // There is no room for its text: it is counted.
        let told = codec::encode_item(&NoticeItem::told(pk, &notice.id, now))?;
        let writes = vec![counted(None, Attributes::new())?, self.transact_create(told)?];
        let (Transacted::Written | Transacted::Refused(_)) = self.transact(writes).await?;
        Ok(())
    }

    /// Takes up a due digest for two minutes, with the notices that it tells, which stay the same however often it is tried; `None` if
    /// another process has, or if there is nothing to tell any more.
    pub async fn take_digest(&self, due: &DueItem, now: Timestamp) -> Result<Option<Digest>, StoreError> {
        if !self.postpone(due, now.plus_millis(LEASE_MILLIS)).await? {
            return Ok(None);
        }
        let key = (due.pk.clone(), due.sk.clone());
        for _ in 0..ATTEMPTS {
            let Some(item) = self.get(key.0.clone(), key.1.clone()).await? else { return Ok(None) };
            let item: DigestItem = codec::decode_item(item)?;
            let notices = self.pending_notices(&due.pk).await?;
            if item.fixed_at.is_some() {
                return Ok(Some(Digest::of(item, notices)?));
            }
            let ids: Vec<String> = notices.iter().map(|notice| notice.id.clone()).collect();
            let values = HashMap::from([
                (":ids".to_owned(), codec::encode(&ids)?),
                (":now".to_owned(), number(now.millis())),
                (":count".to_owned(), number(item.notices)),
                (":due_at".to_owned(), number(item.due_at)),
            ]);
            let condition = Some(expressions::SAME_DIGEST);
            let change = Change { condition, ..Change::new(expressions::FIX_DIGEST, values) };
            if let Some(fixed) = self.update(key.clone(), change).await? {
                return Ok(Some(Digest::of(codec::decode_item(fixed)?, notices)?));
            }
        }
        Err(StoreError::Unavailable("notices kept coming".into()))
    }

    /// The pending notices, in the order in which they happened.
    async fn pending_notices(&self, pk: &str) -> Result<Vec<Notice>, StoreError> {
        let query = self
            .part(pk.to_owned(), expressions::BEGINS_WITH)
            .expression_attribute_values(":prefix", AttributeValue::S(keys::NOTICES.into()))
            .filter_expression(expressions::IS_PENDING_NOTICE);
        let found = self.gather(query, None).await?.into_iter();
        let read = found.map(|item| codec::decode_item::<NoticeItem>(item)?.notice());
        // One that is not readable is counted, and holds up no other.
        let mut notices: Vec<Notice> = read.filter_map(|read| read.ok().flatten()).collect();
        notices.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok(notices)
    }

    /// A digest was sent: its notices are told. If more came meanwhile, the next one is due at `next`.
    pub async fn end_digest(
        &self,
        digest: &Digest,
        (now, next): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let told: Vec<_> = digest.ids.iter().map(|id| self.put_told(digest.pk(), id, now)).collect();
        stream::iter(told).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        let values = HashMap::from([(":count".to_owned(), number(digest.count))]);
        if self.delete(digest.key(), Some(expressions::SAME_NOTICES), values).await? {
            return Ok(());
        }
        let values = HashMap::from([
            (":told".to_owned(), number(digest.count)),
            (":due_at".to_owned(), number(digest.due_at.millis())),
            (":later".to_owned(), number(next.millis())),
            (":attempts".to_owned(), number(0)),
        ]);
        let condition = Some(expressions::STILL_DUE);
        let change = Change { condition, ..Change::new(expressions::NEXT_DIGEST, values) };
        self.update(digest.key(), change).await?;
        Ok(())
    }

    /// Tells nothing of what is pending: there is nobody to tell any more.
    pub async fn drop_digest(&self, digest: &Digest, now: Timestamp) -> Result<(), StoreError> {
        self.end_digest(digest, (now, now)).await
    }

    /// The `attempts`-th try failed: the next one is at `later`.
    pub async fn retry_digest_at(
        &self,
        digest: &Digest,
        attempts: u32,
        later: Timestamp,
    ) -> Result<(), StoreError> {
        self.move_digest(digest, Due::Deliveries, attempts, later).await
    }

    /// Moves a digest to the dead-letter queue.
    pub async fn dead_letter_digest(
        &self,
        digest: &Digest,
        attempts: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.move_digest(digest, Due::DeadLetters, attempts, now).await
    }

    async fn move_digest(
        &self,
        digest: &Digest,
        to: Due,
        attempts: u32,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let values = HashMap::from([
            (":shard".to_owned(), AttributeValue::S(to.shard_of_key(&digest.pk()))),
            (":due_at".to_owned(), number(digest.due_at.millis())),
            (":later".to_owned(), number(at.millis())),
            (":attempts".to_owned(), number(attempts)),
        ]);
        let condition = Some(expressions::STILL_DUE);
        let change = Change { condition, ..Change::new(expressions::RESCHEDULE, values) };
        self.update(digest.key(), change).await?;
        Ok(())
    }
}

/// The partition of what a subscription is to tell.
fn pk(organization: &OrganizationId, subscription: &SubscriptionId) -> String {
    keys::backlog(organization, &DeliveryTarget::Subscription(subscription.clone()))
}
