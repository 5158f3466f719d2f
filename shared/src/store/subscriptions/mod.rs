//! An organization's subscriptions to notifications. They are in a partition of their own, with their count, so that the limit holds
//! however many are made at once.

mod item;

use crate::event::{Subscription, SubscriptionId};
use crate::review::{OrganizationId, Timestamp};
use crate::store::access::administration::AdministrationEntry;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use item::{SubscriptionItem, subscription_item};

/// What became of storing a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum SubscriptionStored {
    /// It is stored.
    Stored,
    /// Somebody has changed, made or removed it meanwhile.
    Changed,
    /// The organization has [`Subscription::LIMIT`] of them.
    TooMany,
}

impl Store {
    /// All subscriptions of an organization, by id: at most [`Subscription::LIMIT`]. One query; a read unit if there are none.
    pub async fn subscriptions(
        &self,
        organization: &OrganizationId,
    ) -> Result<Vec<Subscription>, StoreError> {
        let query = self
            .part(keys::subscriptions(organization), expressions::BEGINS_WITH)
            .expression_attribute_values(":prefix", AttributeValue::S(SubscriptionId::PREFIX.into()));
        let found = self.gather(query, None).await?.into_iter();
        let read = found.map(codec::decode_item::<SubscriptionItem>);
        // To a channel of a later build this one sends nothing, and the others go on.
        let known = read.filter(|item| item.as_ref().is_ok_and(SubscriptionItem::is_known) || item.is_err());
        known.map(|item| item?.decode(organization)).collect()
    }

    /// One subscription, as it is now.
    pub async fn subscription(
        &self,
        organization: &OrganizationId,
        id: &SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let found = self.get(keys::subscriptions(organization), id.to_string()).await?;
        found.map(|item| codec::decode_item::<SubscriptionItem>(item)?.decode(organization)).transpose()
    }

    /// Stores a subscription as changed on `seen`, none for a new one, with the entry that says so. `subscription.rev` must be the next one.
    pub async fn put_subscription(
        &self,
        subscription: &Subscription,
        seen: Option<u64>,
        entry: &AdministrationEntry,
    ) -> Result<SubscriptionStored, StoreError> {
        let organization = &subscription.organization;
        let put = self.transact_put_at(subscription_item(subscription)?, seen)?;
        let mut writes = vec![put, self.transact_create(entry.item(organization)?)?];
        if seen.is_none() {
            writes.push(self.count_subscription(organization, 1)?);
        }
        Ok(match self.transact(writes).await? {
            Transacted::Written => SubscriptionStored::Stored,
            Transacted::Refused(why) if !why.failed(0) && why.failed(2) => SubscriptionStored::TooMany,
            Transacted::Refused(_) => SubscriptionStored::Changed,
        })
    }

    /// Removes a subscription, with the entry that says so; returns whether it was there. What waits to be sent to it is not sent.
    pub async fn delete_subscription(
        &self,
        organization: &OrganizationId,
        id: &SubscriptionId,
        entry: &AdministrationEntry,
    ) -> Result<bool, StoreError> {
        let writes = vec![
            self.transact_delete((keys::subscriptions(organization), id.to_string()), expressions::PRESENT)?,
            self.transact_create(entry.item(organization)?)?,
            self.count_subscription(organization, -1)?,
        ];
        Ok(matches!(self.transact(writes).await?, Transacted::Written))
    }

    /// Records how a message went: what it failed for, or that it did not. After a message that went well, another one costs nothing.
    pub async fn record_told(
        &self,
        organization: &OrganizationId,
        subscription: &Subscription,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let change = match error {
            None if subscription.failing_since.is_none() => return Ok(()),
            None => Change::new(expressions::TOLD, Attributes::new()),
            Some(error) => {
                let error = error.chars().take(Subscription::ERROR_LIMIT).collect();
                let values = Attributes::from([
                    (":now".to_owned(), number(now.millis())),
                    (":error".to_owned(), AttributeValue::S(error)),
                ]);
                Change::new(expressions::NOT_TOLD, values)
            }
        };
        // A subscription that was removed meanwhile must not come back as a fragment.
        let change = Change { condition: Some(expressions::PRESENT), ..change };
        let key = (keys::subscriptions(organization), subscription.id.to_string());
        self.update(key, change).await?;
        Ok(())
    }

    fn count_subscription(
        &self,
        organization: &OrganizationId,
        by: i64,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut values = Attributes::from([(":one".to_owned(), number(by))]);
        let is_more = by > 0;
        if is_more {
            values.insert(":limit".to_owned(), number(Subscription::LIMIT));
        }
        let condition = is_more.then_some(expressions::ROOM_FOR_SUBSCRIPTION);
        let change = Change { condition, ..Change::new(expressions::COUNT_SUBSCRIPTION, values) };
        self.transact_update((keys::subscriptions(organization), keys::COUNT_OF_SUBSCRIPTIONS.into()), change)
    }
}
