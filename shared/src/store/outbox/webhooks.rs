//! An organization's webhooks, and the log of what was delivered to them.

use crate::event::{DeliveryTarget, EventType, TEST_EVENT, WebhookId};
use crate::review::{Actor, OrganizationId, ReviewId, Timestamp};
use crate::store::items::entry::StoredActor;
use crate::store::items::meta as item;
use crate::store::items::meta::Attributes;
use crate::store::outbox::webhook_secrets::PreviousSecret;
use crate::store::reviews::commit::{Transacted, number};
use crate::store::table::calls::Change;
use crate::store::table::{expressions, keys, meter};
use crate::store::{SdkResult, Store, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, TransactWriteItem};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Where an organization wants to be told of events.
#[derive(Clone)]
pub struct Webhook {
    /// Its id.
    pub webhook_id: WebhookId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Where.
    pub url: String,
    /// Signs each delivery (Standard Webhooks): `whsec_` and base64. Shown once, when the webhook is created.
    pub signing_secret: String,
    /// Secrets of before, newest first, that sign beside it for a while.
    pub previous_secrets: Vec<PreviousSecret>,
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
    /// Until when it counts as slow: the stream does not wait for it.
    pub slow_until: Option<Timestamp>,
    /// When it was given up, if it was.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_reason: Option<String>,
}

impl Webhook {
    /// How many an organization can have.
    pub const LIMIT: usize = 20;
    /// For how long a secret that was replaced stays valid, in milliseconds: 24 hours.
    pub const ROTATION_MILLIS: i64 = 24 * 3_600_000;
    /// How many replaced secrets stay valid at most; of more, the oldest ends early.
    pub const PREVIOUS_LIMIT: usize = 3;

    /// Its target in backlogs.
    pub fn target(&self) -> DeliveryTarget {
        DeliveryTarget::Webhook(self.webhook_id.clone())
    }

    /// The secrets that deliveries are signed with at `now`, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous_secrets.iter().filter(move |it| now.millis() < it.until);
        std::iter::once(self.signing_secret.as_str()).chain(previous.map(|it| it.secret.as_str()))
    }

    /// Whether it wants to be told of that.
    pub fn wants(&self, event_type: EventType) -> bool {
        self.disabled_at.is_none()
            && (self.events.is_empty() || self.events.iter().any(|word| word == event_type.as_str()))
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
    previous_secrets: Vec<PreviousSecret>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    created_at: i64,
    created_by: StoredActor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slow_until: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
}

impl WebhookItem {
    fn new(webhook: &Webhook) -> Self {
        Self {
            pk: keys::webhooks(&webhook.organization),
            sk: webhook.webhook_id.to_string(),
            url: webhook.url.clone(),
            signing_secret: webhook.signing_secret.clone(),
            previous_secrets: webhook.previous_secrets.clone(),
            events: webhook.events.clone(),
            description: webhook.description.clone(),
            created_at: webhook.created_at.millis(),
            created_by: StoredActor::from(&webhook.created_by),
            failing_since: webhook.failing_since.map(Timestamp::millis),
            slow_until: webhook.slow_until.map(Timestamp::millis),
            disabled_at: webhook.disabled_at.map(Timestamp::millis),
            disabled_reason: webhook.disabled_reason.clone(),
        }
    }

    fn decode(self, organization: &OrganizationId) -> Result<Webhook, StoreError> {
        Ok(Webhook {
            webhook_id: WebhookId::parse(&self.sk).ok_or_else(item::corrupt("a webhook's id"))?,
            organization: organization.clone(),
            url: self.url,
            signing_secret: self.signing_secret,
            previous_secrets: self.previous_secrets,
            events: self.events,
            description: self.description,
            created_at: Timestamp::from_millis(self.created_at),
            created_by: self.created_by.decode()?,
            failing_since: self.failing_since.map(Timestamp::from_millis),
            slow_until: self.slow_until.map(Timestamp::from_millis),
            disabled_at: self.disabled_at.map(Timestamp::from_millis),
            disabled_reason: self.disabled_reason,
        })
    }
}

/// The item of a webhook.
pub(in crate::store) fn webhook_item(webhook: &Webhook) -> Result<Attributes, StoreError> {
    item::encode_item(&WebhookItem::new(webhook))
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
    /// Of which review; none of a test.
    pub review: Option<ReviewId>,
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
    /// All webhooks of an organization, by id. There are at most [`Webhook::LIMIT`]; one query.
    pub async fn webhooks(&self, organization: &OrganizationId) -> Result<Vec<Webhook>, StoreError> {
        let mut webhooks = Vec::new();
        for attributes in self.partition(keys::webhooks(organization)).await? {
            webhooks.push(item::decode_item::<WebhookItem>(attributes)?.decode(organization)?);
        }
        Ok(webhooks)
    }

    /// One webhook; `None` if there is none.
    pub async fn webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &WebhookId,
    ) -> Result<Option<Webhook>, StoreError> {
        let item = self.get(keys::webhooks(organization), webhook_id.to_string()).await?;
        item.map(|item| item::decode_item::<WebhookItem>(item)?.decode(organization)).transpose()
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

    /// Takes note that a delivery succeeded, `quickly` or not.
    pub async fn webhook_works(&self, webhook: &Webhook, quickly: bool) -> Result<(), StoreError> {
        let condition = Some(expressions::PRESENT);
        let update = if quickly { expressions::WORKING_QUICKLY } else { expressions::WORKING };
        let change = Change { condition, ..Change::new(update, HashMap::new()) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await?;
        Ok(())
    }

    /// Takes note that a webhook is slow: until then the stream does not wait for it.
    pub async fn webhook_is_slow(&self, webhook: &Webhook, until: Timestamp) -> Result<(), StoreError> {
        let values = HashMap::from([(":until".to_owned(), number(until.millis()))]);
        let condition = Some(expressions::PRESENT);
        let change = Change { condition, ..Change::new(expressions::SLOW, values) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await?;
        Ok(())
    }

    /// Has events delivered to a webhook again, whatever it did; `None` if there is none. What it is owed is due at once.
    pub async fn enable_webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &WebhookId,
        now: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        let condition = Some(expressions::PRESENT);
        let change = Change { condition, ..Change::new(expressions::ENABLE, HashMap::new()) };
        let enabled = self.change_webhook(organization, webhook_id, change).await?;
        if enabled.is_some() {
            // Should this be lost, the call fails, and its retry asks again.
            let target = DeliveryTarget::Webhook(webhook_id.clone());
            let asked = TransactWriteItem::builder().set_update(self.ask_redrive(organization, &target, now));
            let Transacted::Written = self.transact_items(vec![asked.build()]).await? else {
                return Err(StoreError::Rejected("a redrive was refused".into()));
            };
        }
        Ok(enabled)
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
    pub(in crate::store) async fn change_webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &WebhookId,
        change: Change<'_>,
    ) -> Result<Option<Webhook>, StoreError> {
        let item = self.update((keys::webhooks(organization), webhook_id.to_string()), change).await?;
        item.map(|item| item::decode_item::<WebhookItem>(item)?.decode(organization)).transpose()
    }

    /// Writes one try into a webhook's log, which keeps it for a week.
    pub async fn log_delivery(&self, webhook: &Webhook, attempt: &DeliveryAttempt) -> Result<(), StoreError> {
        let item = AttemptItem {
            pk: keys::delivery_log(&webhook.organization, webhook.webhook_id.as_str()),
            sk: keys::delivery(attempt.at, &attempt.event_id, attempt.attempt),
            at: attempt.at.millis(),
            event_id: attempt.event_id.clone(),
            event_type: attempt.event_type.clone(),
            // A test is of no review; a build that knows no tests wants to read one all the same.
            run: attempt.review.as_ref().map_or_else(|| "test".to_owned(), |review| review.run.to_string()),
            block: attempt
                .review
                .as_ref()
                .map_or_else(|| "test".to_owned(), |review| review.block.to_string()),
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
        webhook_id: &WebhookId,
        limit: usize,
    ) -> Result<Vec<DeliveryAttempt>, StoreError> {
        let pk = keys::delivery_log(organization, webhook_id.as_str());
        let items = self.newest(pk, limit).await?;
        items
            .into_iter()
            .map(|attributes| {
                let item: AttemptItem = item::decode_item(attributes)?;
                let review = format!("REVIEW#{organization}#{}#{}", item.run, item.block);
                let is_test = item.event_type == TEST_EVENT;
                Ok(DeliveryAttempt {
                    at: Timestamp::from_millis(item.at),
                    event_id: item.event_id,
                    event_type: item.event_type,
                    review: if is_test { None } else { Some(keys::parse_review(&review)?) },
                    attempt: item.attempt,
                    status: item.status,
                    error: item.error,
                    duration_ms: item.duration_ms,
                })
            })
            .collect()
    }
}
