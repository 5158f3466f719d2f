//! Creating and deleting webhooks, in one transaction with their count, so that the limit holds however many are created at once.
//!
//! An organization whose webhooks an earlier build created has no count until it creates or deletes the next one; then they are
//! counted by a query.

use crate::event::{DeliveryTarget, WebhookId};
use crate::review::{Actor, OrganizationId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::outbox::webhook::{Webhook, webhook_entry, webhook_item};
use crate::store::table::calls::Change;
use crate::store::table::codec::number;
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};
use serde_json::json;
use std::collections::HashMap;

/// How often a change is tried because the count was missing, or wrong.
const ATTEMPTS: usize = 4;

/// The outcome of creating a webhook.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreatedWebhook {
    /// It exists, by this request or by an earlier attempt of it.
    Created,
    /// The organization has as many webhooks as it can have.
    TooMany,
}

impl Store {
    /// Creates a webhook; its id must be new. The retry of a request whose answer was lost finds its own webhook.
    pub async fn create_webhook(&self, webhook: &Webhook) -> Result<CreatedWebhook, StoreError> {
        let organization = &webhook.organization;
        for _ in 0..ATTEMPTS {
            let values = HashMap::from([
                (":one".to_owned(), number(1)),
                (":limit".to_owned(), number(Webhook::LIMIT)),
            ]);
            let room = Some(expressions::ROOM_FOR_WEBHOOK);
            let count = Change { condition: room, ..Change::new(expressions::ONE_WEBHOOK_MORE, values) };
            let entry =
                webhook_entry(&webhook.created_by, webhook.created_at, "created", &webhook.webhook_id)
                    .with_detail(&json!({ "url": webhook.url, "events": (!webhook.events.is_empty()).then_some(&webhook.events) }));
            let writes = vec![
                self.transact_create(webhook_item(webhook)?)?,
                self.transact_update(count_key(organization), count)?,
                self.transact_create(entry.item(organization)?)?,
            ];
            let cancelled = match self.transact(writes).await {
                Ok(Transacted::Written) => return Ok(CreatedWebhook::Created),
                Ok(Transacted::Refused(cancelled)) => cancelled,
                // The SDK does not retry when an answer is cut off, and the transaction may have succeeded.
                Err(error @ StoreError::Unavailable(_)) if self.exists(webhook).await? => {
                    tracing::warn!(target: "holdpoint", cause = %error, "a webhook was created all the same");
                    return Ok(CreatedWebhook::Created);
                }
                Err(error) => return Err(error),
            };
            // The SDK's own retry, after an answer was lost, finds what it has created.
            if cancelled.failed(0) {
                let taken = || StoreError::Unavailable("the webhook's id is taken".into());
                return if self.exists(webhook).await? { Ok(CreatedWebhook::Created) } else { Err(taken()) };
            }
            if !self.recount(organization).await? {
                return Ok(CreatedWebhook::TooMany);
            }
        }
        Err(StoreError::Unavailable("the count of webhooks kept changing".into()))
    }

    /// Whether this very webhook, with this secret, exists.
    async fn exists(&self, webhook: &Webhook) -> Result<bool, StoreError> {
        let there = self.webhook(&webhook.organization, &webhook.webhook_id).await?;
        Ok(there.is_some_and(|there| there.signing_secret == webhook.signing_secret))
    }

    /// Deletes a webhook; returns whether there was one. Its pending events are due at once: `redeliver` finds no webhook, and drops
    /// them.
    pub async fn delete_webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &WebhookId,
        by: &Actor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            let values = HashMap::from([(":one".to_owned(), number(1)), (":none".to_owned(), number(0))]);
            let some = Some(expressions::HAS_WEBHOOK);
            let count = Change { condition: some, ..Change::new(expressions::ONE_WEBHOOK_LESS, values) };
            let webhook = (keys::webhooks(organization), webhook_id.to_string());
            let target = DeliveryTarget::Webhook(webhook_id.clone());
            let writes = vec![
                self.transact_delete(webhook, expressions::PRESENT)?,
                self.transact_update(count_key(organization), count)?,
                self.request_redrive(organization, &target, now)?,
                self.transact_create(webhook_entry(by, now, "deleted", webhook_id).item(organization)?)?,
            ];
            let Transacted::Refused(cancelled) = self.transact(writes).await? else { return Ok(true) };
            if cancelled.failed(0) {
                return Ok(false);
            }
            self.recount(organization).await?;
        }
        Err(StoreError::Unavailable("the count of webhooks kept changing".into()))
    }

    /// Counts an organization's webhooks, if there is no count or an earlier build has created or deleted some without it. Returns
    /// whether the count has changed, or there is room.
    async fn recount(&self, organization: &OrganizationId) -> Result<bool, StoreError> {
        let key = count_key(organization);
        // The count first: creating one meanwhile changes it, and then the write below is refused.
        let item = self.get(key.0.clone(), key.1.clone()).await?;
        let seen = item.as_ref().and_then(|item| item.get("webhooks")?.as_n().ok()?.parse::<usize>().ok());
        let webhooks = self.webhooks(organization).await?.len();
        if seen == Some(webhooks) {
            return Ok(webhooks < Webhook::LIMIT);
        }
        let mut values = HashMap::from([(":count".to_owned(), number(webhooks))]);
        values.extend(seen.map(|seen| (":seen".to_owned(), number(seen))));
        let condition = if seen.is_some() { expressions::SAME_COUNT } else { expressions::ABSENT };
        let change =
            Change { condition: Some(condition), ..Change::new(expressions::COUNT_WEBHOOKS, values) };
        // Refused if another call was faster. Either way the caller tries again.
        self.update(key, change).await?;
        Ok(true)
    }
}

fn count_key(organization: &OrganizationId) -> (String, String) {
    (keys::webhook_count(organization), keys::COUNT.to_owned())
}
