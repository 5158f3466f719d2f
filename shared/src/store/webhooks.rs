//! An organization's webhooks, and the log of what was delivered to them.

use super::access::Change;
use super::commit::number;
use super::item;
use super::stored::StoredActor;
use super::{SdkResult, Store, StoreError, expressions, keys, meter};
use crate::event::EventType;
use crate::review::{Actor, OrganizationId, ReviewId, Timestamp};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Where an organization wants to be told of events.
#[derive(Clone)]
pub struct Webhook {
    /// `wh_` and 16 hexadecimal digits.
    pub webhook_id: String,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Where.
    pub url: String,
    /// Signs each delivery (Standard Webhooks): `whsec_` and base64. Shown once, when the webhook is created.
    pub signing_secret: String,
    /// Which events, by their words; empty means all.
    pub events: Vec<String>,
    /// What its owner calls it.
    pub description: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Actor,
    /// Since when no delivery has succeeded, if the last one failed.
    pub failing_since: Option<Timestamp>,
    /// When it was given up, if it was.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_reason: Option<String>,
}

impl Webhook {
    /// How many an organization can have.
    pub const LIMIT: usize = 20;

    /// Whether it wants to be told of that.
    pub fn wants(&self, event_type: EventType) -> bool {
        self.disabled_at.is_none()
            && (self.events.is_empty() || self.events.iter().any(|word| word == event_type.word()))
    }
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Webhook({})", self.webhook_id)
    }
}

#[derive(Serialize, Deserialize)]
struct WebhookItem {
    pk: String,
    sk: String,
    url: String,
    signing_secret: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    created_at: i64,
    created_by: StoredActor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
}

impl WebhookItem {
    fn new(webhook: &Webhook) -> Self {
        Self {
            pk: keys::webhooks(&webhook.organization),
            sk: webhook.webhook_id.clone(),
            url: webhook.url.clone(),
            signing_secret: webhook.signing_secret.clone(),
            events: webhook.events.clone(),
            description: webhook.description.clone(),
            created_at: webhook.created_at.millis(),
            created_by: StoredActor::from(&webhook.created_by),
            failing_since: webhook.failing_since.map(Timestamp::millis),
            disabled_at: webhook.disabled_at.map(Timestamp::millis),
            disabled_reason: webhook.disabled_reason.clone(),
        }
    }

    fn understand(self, organization: &OrganizationId) -> Result<Webhook, StoreError> {
        Ok(Webhook {
            webhook_id: self.sk,
            organization: organization.clone(),
            url: self.url,
            signing_secret: self.signing_secret,
            events: self.events,
            description: self.description,
            created_at: Timestamp::from_millis(self.created_at),
            created_by: self.created_by.understand()?,
            failing_since: self.failing_since.map(Timestamp::from_millis),
            disabled_at: self.disabled_at.map(Timestamp::from_millis),
            disabled_reason: self.disabled_reason,
        })
    }
}

/// One try at delivering an event to a webhook.
#[derive(Clone, Debug)]
pub struct DeliveryAttempt {
    /// When.
    pub at: Timestamp,
    /// Which event.
    pub event_id: String,
    /// What happened.
    pub event_type: String,
    /// Of which review.
    pub review: ReviewId,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// What the receiver answered, if it did.
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
}

impl DeliveryAttempt {
    /// How long the log keeps it, in milliseconds: a week.
    const KEPT_MILLIS: i64 = 7 * 86_400_000;
}

#[derive(Serialize, Deserialize)]
struct AttemptItem {
    pk: String,
    sk: String,
    at: i64,
    event_id: String,
    event_type: String,
    run: String,
    block: String,
    attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    duration_ms: u64,
    ttl: i64,
}

impl Store {
    /// Creates a webhook; its id must be new.
    pub async fn create_webhook(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&WebhookItem::new(webhook))?))
            .condition_expression(expressions::ABSENT)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::written(output.consumed_capacity());
        Ok(())
    }

    /// All webhooks of an organization, by id. There are at most [`Webhook::LIMIT`]; one query.
    pub async fn webhooks(&self, organization: &OrganizationId) -> Result<Vec<Webhook>, StoreError> {
        let mut webhooks = Vec::new();
        for attributes in self.partition(keys::webhooks(organization)).await? {
            webhooks.push(item::decode_item::<WebhookItem>(attributes)?.understand(organization)?);
        }
        Ok(webhooks)
    }

    /// One webhook; `None` if there is none.
    pub async fn webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &str,
    ) -> Result<Option<Webhook>, StoreError> {
        let item = self.get(keys::webhooks(organization), webhook_id.to_owned()).await?;
        item.map(|item| item::decode_item::<WebhookItem>(item)?.understand(organization)).transpose()
    }

    /// Deletes a webhook; says whether there was one. What it is still owed is dropped by who would deliver it.
    pub async fn delete_webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &str,
    ) -> Result<bool, StoreError> {
        let key = (keys::webhooks(organization), webhook_id.to_owned());
        self.delete(key, Some(expressions::PRESENT), HashMap::new()).await
    }

    /// Takes note that a delivery failed.
    pub async fn webhook_fails(&self, webhook: &Webhook, now: Timestamp) -> Result<(), StoreError> {
        let values = HashMap::from([(":now".to_owned(), number(now.millis()))]);
        // Should it have been deleted meanwhile, it must not come back as a stump.
        let condition = Some(expressions::PRESENT);
        let change = Change { condition, ..Change::new(expressions::FAILING, values) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await?;
        Ok(())
    }

    /// Takes note that a delivery succeeded.
    pub async fn webhook_works(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let condition = Some(expressions::PRESENT);
        let change = Change { condition, ..Change::new(expressions::WORKING, HashMap::new()) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await?;
        Ok(())
    }

    /// Has a webhook told again, whatever it did; `None` if there is none.
    pub async fn enable_webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &str,
    ) -> Result<Option<Webhook>, StoreError> {
        let condition = Some(expressions::PRESENT);
        let change = Change { condition, ..Change::new(expressions::ENABLE, HashMap::new()) };
        self.change_webhook(organization, webhook_id, change).await
    }

    /// Gives a webhook up until somebody enables it: it wants no more.
    pub async fn webhook_is_gone(
        &self,
        webhook: &Webhook,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.disable(webhook, reason, now, (expressions::PRESENT, None)).await
    }

    /// Gives a webhook up until somebody enables it: nothing has succeeded `since`, unless something has meanwhile.
    pub async fn give_webhook_up(
        &self,
        webhook: &Webhook,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let reason = format!("no delivery has succeeded since {since}");
        self.disable(webhook, &reason, now, (expressions::STILL_FAILING, Some(since))).await
    }

    async fn disable(
        &self,
        webhook: &Webhook,
        reason: &str,
        now: Timestamp,
        (condition, since): (&str, Option<Timestamp>),
    ) -> Result<(), StoreError> {
        let mut values = HashMap::from([
            (":now".to_owned(), number(now.millis())),
            (":reason".to_owned(), AttributeValue::S(reason.to_owned())),
        ]);
        values.extend(since.map(|since| (":since".to_owned(), number(since.millis()))));
        let change = Change { condition: Some(condition), ..Change::new(expressions::DISABLE, values) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await?;
        Ok(())
    }

    /// Changes a webhook; `None` when the change's condition does not hold.
    async fn change_webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &str,
        change: Change<'_>,
    ) -> Result<Option<Webhook>, StoreError> {
        let item = self.update((keys::webhooks(organization), webhook_id.to_owned()), change).await?;
        item.map(|item| item::decode_item::<WebhookItem>(item)?.understand(organization)).transpose()
    }

    /// Writes one try into a webhook's log, which keeps it for a week.
    pub async fn log_delivery(&self, webhook: &Webhook, attempt: &DeliveryAttempt) -> Result<(), StoreError> {
        let item = AttemptItem {
            pk: keys::delivery_log(&webhook.organization, &webhook.webhook_id),
            sk: keys::delivery(attempt.at, &attempt.event_id, attempt.attempt),
            at: attempt.at.millis(),
            event_id: attempt.event_id.clone(),
            event_type: attempt.event_type.clone(),
            run: attempt.review.run.to_string(),
            block: attempt.review.block.to_string(),
            attempt: attempt.attempt,
            status: attempt.status,
            error: attempt.error.clone(),
            duration_ms: attempt.duration_ms,
            ttl: attempt.at.plus_millis(DeliveryAttempt::KEPT_MILLIS).seconds_rounded_up(),
        };
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&item)?))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::written(output.consumed_capacity());
        Ok(())
    }

    /// The last tries of a webhook, newest first, at most `limit`.
    pub async fn deliveries(
        &self,
        organization: &OrganizationId,
        webhook_id: &str,
        limit: usize,
    ) -> Result<Vec<DeliveryAttempt>, StoreError> {
        let pk = keys::delivery_log(organization, webhook_id);
        let items = self.newest(pk, limit).await?;
        items
            .into_iter()
            .map(|attributes| {
                let item: AttemptItem = item::decode_item(attributes)?;
                Ok(DeliveryAttempt {
                    at: Timestamp::from_millis(item.at),
                    event_id: item.event_id,
                    event_type: item.event_type,
                    review: keys::parse_review(&format!(
                        "REVIEW#{organization}#{}#{}",
                        item.run, item.block
                    ))?,
                    attempt: item.attempt,
                    status: item.status,
                    error: item.error,
                    duration_ms: item.duration_ms,
                })
            })
            .collect()
    }
}
