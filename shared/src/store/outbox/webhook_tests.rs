//! Tests of webhooks and of subscriptions: requested by one write, sent by `redeliver`, like pending events.

use crate::event::{DeliveryTarget, SubscriptionId, WebhookId};
use crate::review::{EntryId, OrganizationId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::outbox::backlog_items::LEASE_MILLIS;
use crate::store::table::keys::{self, Due};
use crate::store::table::{codec, expressions};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How often a request is tried because the test before was sent meanwhile.
const ATTEMPTS: usize = 4;

/// A test delivery that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookTest {
    /// Its event's id.
    pub event_id: EntryId,
    /// When it was requested.
    pub asked_at: Timestamp,
}

/// The outcome of requesting a test.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedTest {
    /// It will be sent.
    Accepted,
    /// Another one is still to be sent.
    Pending(WebhookTest),
}

#[derive(Serialize, Deserialize)]
struct TestItem {
    pk: String,
    sk: String,
    due_shard: String,
    due_at: i64,
    asked_at: i64,
    #[serde(with = "serde_bytes")]
    event_id: [u8; 16],
}

impl Store {
    /// Requests a test delivery, unless one is pending: there is one at a time.
    pub async fn request_test(
        &self,
        organization: &OrganizationId,
        webhook_id: &WebhookId,
        test: WebhookTest,
    ) -> Result<RequestedTest, StoreError> {
        self.request_test_of(organization, &DeliveryTarget::Webhook(webhook_id.clone()), test).await
    }

    /// Requests a test message to a subscription's channel, unless one is pending: there is one at a time.
    pub async fn request_test_message(
        &self,
        organization: &OrganizationId,
        subscription: &SubscriptionId,
        test: WebhookTest,
    ) -> Result<RequestedTest, StoreError> {
        self.request_test_of(organization, &DeliveryTarget::Subscription(subscription.clone()), test).await
    }

    async fn request_test_of(
        &self,
        organization: &OrganizationId,
        target: &DeliveryTarget,
        test: WebhookTest,
    ) -> Result<RequestedTest, StoreError> {
        let pk = keys::backlog(organization, target);
        let item = codec::encode_item(&TestItem {
            due_shard: Due::Deliveries.shard_of_key(&pk),
            pk: pk.clone(),
            sk: keys::TEST.into(),
            due_at: test.asked_at.millis(),
            asked_at: test.asked_at.millis(),
            event_id: test.event_id.to_bytes(),
        })?;
        for _ in 0..ATTEMPTS {
            if self.put_if(item.clone(), expressions::ABSENT, HashMap::new()).await? {
                return Ok(RequestedTest::Accepted);
            }
            // If it no longer exists, it was sent, and this one is requested again.
            if let Some(pending) = self.test_at((pk.clone(), keys::TEST.into())).await? {
                return Ok(RequestedTest::Pending(pending));
            }
        }
        Err(StoreError::Unavailable("tests of the target kept coming and going".into()))
    }

    /// Takes up a due test for two minutes; `None` if another process has.
    pub async fn take_test(&self, due: &DueItem, now: Timestamp) -> Result<Option<WebhookTest>, StoreError> {
        let later = now.plus_millis(LEASE_MILLIS);
        if !self.postpone(due, later).await? {
            return Ok(None);
        }
        self.test_at((due.pk.clone(), due.sk.clone())).await
    }

    /// Removes a test that was sent, or whose target no longer exists.
    pub async fn delete_test(&self, due: &DueItem) -> Result<(), StoreError> {
        self.delete((due.pk.clone(), due.sk.clone()), None, HashMap::new()).await?;
        Ok(())
    }

    async fn test_at(&self, (pk, sk): (String, String)) -> Result<Option<WebhookTest>, StoreError> {
        let item = self.get(pk, sk).await?.map(codec::decode_item::<TestItem>).transpose()?;
        Ok(item.map(|item| WebhookTest {
            event_id: EntryId::from_bytes(item.event_id),
            asked_at: Timestamp::from_millis(item.asked_at),
        }))
    }
}
