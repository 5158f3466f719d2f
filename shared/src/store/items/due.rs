//! The index of what is due: leases to be looked at, deliveries to be tried, deliveries nobody tries any more.
//!
//! It holds keys only and is read eventually consistently, so whatever it says is a hint: every act on it is conditioned
//! on the item itself.

use crate::event::{DeliveryTarget, WebhookId};
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

/// One thing that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    /// Since when it is due.
    pub due_at: Timestamp,
}

/// What one thing that is due asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueWork {
    /// A run is to be resumed.
    Callback(ReviewId),
    /// A target is owed events of one review.
    Backlog(OrganizationId, DeliveryTarget),
    /// All that a target is owed is to be made due.
    Redrive(OrganizationId, DeliveryTarget),
    /// A webhook is to be sent a test.
    Test(OrganizationId, WebhookId),
}

impl DueWork {
    /// Whose work it is.
    pub const fn organization(&self) -> &OrganizationId {
        match self {
            Self::Callback(id) => &id.organization,
            Self::Backlog(organization, _) | Self::Redrive(organization, _) | Self::Test(organization, _) => {
                organization
            }
        }
    }
}

impl DueItem {
    /// What it asks for.
    pub fn work(&self) -> Result<DueWork, StoreError> {
        if self.sk == keys::RESUME {
            return Ok(DueWork::Callback(keys::parse_resume(&self.pk)?));
        }
        let (organization, target) = keys::parse_backlog(&self.pk)?;
        match (self.sk.as_str(), target) {
            (keys::REDRIVE, target) => Ok(DueWork::Redrive(organization, target)),
            (keys::TEST, DeliveryTarget::Webhook(id)) => Ok(DueWork::Test(organization, id)),
            (sk, target) => {
                keys::parse_backlog_head(&organization, sk)?;
                Ok(DueWork::Backlog(organization, target))
            }
        }
    }
}

/// Some of what is due in one shard, longest due first.
#[derive(Debug)]
pub struct DuePage {
    /// What is due.
    pub items: Vec<DueItem>,
    /// Where the next page begins, if there is one.
    pub next: Option<DuePosition>,
}

/// A place in one shard of what is due.
#[derive(Clone, Debug)]
pub struct DuePosition(Attributes);

#[derive(Deserialize)]
struct Key {
    pk: String,
    sk: String,
    due_at: i64,
}

impl Store {
    /// What is due in one shard (0 to [`Due::SHARDS`] − 1) until `until`, at most `limit` at once. One query.
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
        let items = output.items.unwrap_or_default().into_iter().map(|attributes| {
            let Key { pk, sk, due_at } = codec::decode_item(attributes)?;
            Ok(DueItem { pk, sk, due_at: Timestamp::from_millis(due_at) })
        });
        Ok(DuePage {
            items: items.collect::<Result<_, StoreError>>()?,
            next: output.last_evaluated_key.map(DuePosition),
        })
    }

    /// Makes something due later, if it is still due when it was seen to be; says whether it was. Of many that take it
    /// up at once, one succeeds.
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

    /// Makes what cannot be made sense of due later, also if it has been moved since it was seen: taking it up moves it.
    pub async fn postpone_unreadable(&self, due: &DueItem, later: Timestamp) -> Result<(), StoreError> {
        let values = HashMap::from([(":later".to_owned(), number(later.millis()))]);
        let key = (due.pk.clone(), due.sk.clone());
        let condition = Some(expressions::IS_DUE);
        self.update(key, Change { condition, ..Change::new(expressions::DUE_AT, values) }).await?;
        Ok(())
    }

    /// Takes something off the index, if it is still due when it was seen to be.
    pub(in crate::store) async fn due_no_more(&self, due: &DueItem) -> Result<(), StoreError> {
        let values = HashMap::from([(":due_at".to_owned(), number(due.due_at.millis()))]);
        let key = (due.pk.clone(), due.sk.clone());
        let condition = Some(expressions::STILL_DUE);
        self.update(key, Change { condition, ..Change::new(expressions::NOT_DUE_ANY_MORE, values) }).await?;
        Ok(())
    }
}
