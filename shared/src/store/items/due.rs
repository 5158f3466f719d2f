//! The index `due`: leases that expire, deliveries to be attempted, dead letters.
//!
//! It holds keys only and is eventually consistent, so what it says is a hint: each write is conditioned on the item itself.

use crate::event::{DeliveryTarget, SubscriptionId, WebhookId};
use crate::review::{OrganizationId, ReviewId, Timestamp};
use crate::store::error::{SdkResult, StoreError};
use crate::store::handle::Store;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::keys::{self, Due};
use crate::store::table::{expressions, meter};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde::Deserialize;
use std::collections::HashMap;

/// An item that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    /// Since when it is due.
    pub due_at: Timestamp,
}

/// What a due item asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueWork {
    /// A decision is to be delivered to a review's callback.
    Callback(ReviewId),
    /// Pending events of one review are to be delivered to a target.
    Backlog(OrganizationId, DeliveryTarget),
    /// All of a target's backlogs are to be made due.
    Redrive(OrganizationId, DeliveryTarget),
    /// A webhook is to be sent a test.
    Test(OrganizationId, WebhookId),
    /// What a subscription has to tell is to be sent.
    Digest(OrganizationId, SubscriptionId),
    /// A subscription's channel is to be sent a test.
    TestMessage(OrganizationId, SubscriptionId),
}

impl DueWork {
    /// The organization that it belongs to.
    pub const fn organization(&self) -> &OrganizationId {
        match self {
            Self::Callback(id) => &id.organization,
            Self::Backlog(organization, _)
            | Self::Redrive(organization, _)
            | Self::Test(organization, _)
            | Self::Digest(organization, _)
            | Self::TestMessage(organization, _) => organization,
        }
    }
}

impl DueItem {
    /// From an item's attributes, of which there may be others.
    pub(in crate::store) fn decode(attributes: Attributes) -> Result<Self, StoreError> {
        let Key { pk, sk, due_at } = codec::decode_item(attributes)?;
        Ok(Self { pk, sk, due_at: Timestamp::from_millis(due_at) })
    }

    /// What it asks for.
    pub fn work(&self) -> Result<DueWork, StoreError> {
        if self.sk == keys::RESUME {
            return Ok(DueWork::Callback(keys::parse_resume(&self.pk)?));
        }
        let (organization, target) = keys::parse_backlog(&self.pk)?;
        match (self.sk.as_str(), target) {
            (keys::REDRIVE, target) => Ok(DueWork::Redrive(organization, target)),
            (keys::TEST, DeliveryTarget::Webhook(id)) => Ok(DueWork::Test(organization, id)),
            (keys::TEST, DeliveryTarget::Subscription(id)) => Ok(DueWork::TestMessage(organization, id)),
            (keys::DIGEST, DeliveryTarget::Subscription(id)) => Ok(DueWork::Digest(organization, id)),
            (sk, target) => {
                keys::parse_backlog_head(&organization, sk)?;
                Ok(DueWork::Backlog(organization, target))
            }
        }
    }
}

/// Due items of one shard, longest due first.
#[derive(Debug)]
pub struct DuePage {
    /// The items.
    pub items: Vec<DueItem>,
    /// Where the next page begins, if there is one.
    pub next: Option<DuePosition>,
}

/// A place in one shard.
#[derive(Clone, Debug)]
pub struct DuePosition(Attributes);

#[derive(Deserialize)]
struct Key {
    pk: String,
    sk: String,
    due_at: i64,
}

impl Store {
    /// The items of one shard (0 to [`Due::SHARDS`] − 1) that are due at `until`, at most `limit`. One query.
    pub async fn due(
        &self,
        what: Due,
        shard: u8,
        until: Timestamp,
        limit: usize,
        after: Option<DuePosition>,
    ) -> Result<DuePage, StoreError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::DUE)
            .key_condition_expression(expressions::DUE_UNTIL)
            .expression_attribute_values(":shard", AttributeValue::S(what.shard(shard)))
            .expression_attribute_values(":until", number(until.millis()))
            .limit(i32::try_from(limit.clamp(1, 1000)).unwrap_or(1000))
            .set_exclusive_start_key(after.map(|position| position.0))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        let items = output.items.unwrap_or_default().into_iter().map(DueItem::decode);
        Ok(DuePage {
            items: items.collect::<Result<_, StoreError>>()?,
            next: output.last_evaluated_key.map(DuePosition),
        })
    }

    /// Makes an item due later, unless its `due_at` has changed; returns whether it did. Of several callers at once, one succeeds.
    pub async fn postpone(&self, due: &DueItem, later: Timestamp) -> Result<bool, StoreError> {
        let values = HashMap::from([
            (":due_at".to_owned(), number(due.due_at.millis())),
            (":later".to_owned(), number(later.millis())),
        ]);
        let key = (due.pk.clone(), due.sk.clone());
        let change =
            Change { condition: Some(expressions::STILL_DUE), ..Change::new(expressions::DUE_AT, values) };
        Ok(self.update(key, change).await?.is_some())
    }

    /// Makes an item that is not readable due later, even if its `due_at` has changed: taking it up changes that.
    pub async fn postpone_unreadable(&self, due: &DueItem, later: Timestamp) -> Result<(), StoreError> {
        let values = HashMap::from([(":later".to_owned(), number(later.millis()))]);
        let key = (due.pk.clone(), due.sk.clone());
        let condition = Some(expressions::IS_DUE);
        self.update(key, Change { condition, ..Change::new(expressions::DUE_AT, values) }).await?;
        Ok(())
    }

    /// Removes an item from the index, unless its `due_at` has changed.
    pub(in crate::store) async fn remove_from_due(&self, due: &DueItem) -> Result<(), StoreError> {
        let values = HashMap::from([(":due_at".to_owned(), number(due.due_at.millis()))]);
        let key = (due.pk.clone(), due.sk.clone());
        let condition = Some(expressions::STILL_DUE);
        self.update(key, Change { condition, ..Change::new(expressions::REMOVE_FROM_DUE, values) }).await?;
        Ok(())
    }
}
