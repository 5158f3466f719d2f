//! An organization's webhooks: reading them, their health, enabling and disabling.

use crate::event::{DeliveryTarget, WebhookId};
use crate::review::{Actor, OrganizationId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::outbox::webhook::{Webhook, WebhookItem, webhook_entry};
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, number};
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

impl Store {
    /// All webhooks of an organization, by id. There are at most [`Webhook::LIMIT`]; one query.
    pub async fn webhooks(&self, organization: &OrganizationId) -> Result<Vec<Webhook>, StoreError> {
        let mut webhooks = Vec::new();
        for attributes in self.partition(keys::webhooks(organization)).await? {
            webhooks.push(codec::decode_item::<WebhookItem>(attributes)?.decode(organization)?);
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
        item.map(|item| codec::decode_item::<WebhookItem>(item)?.decode(organization)).transpose()
    }

    /// Records that a delivery failed.
    pub async fn record_webhook_failure(&self, webhook: &Webhook, now: Timestamp) -> Result<(), StoreError> {
        let values = HashMap::from([(":now".to_owned(), number(now.millis()))]);
        // A webhook that was deleted meanwhile must not come back as a fragment.
        let condition = Some(expressions::PRESENT);
        let change = Change { condition, ..Change::new(expressions::FAILING, values) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await?;
        Ok(())
    }

    /// Records that a delivery succeeded, `quickly` or not.
    pub async fn record_webhook_success(&self, webhook: &Webhook, quickly: bool) -> Result<(), StoreError> {
        let condition = Some(expressions::PRESENT);
        let update = if quickly { expressions::WORKING_QUICKLY } else { expressions::WORKING };
        let change = Change { condition, ..Change::new(update, HashMap::new()) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await?;
        Ok(())
    }

    /// Records that a webhook is slow: until then `publish` does not call it.
    pub async fn mark_webhook_slow(&self, webhook: &Webhook, until: Timestamp) -> Result<(), StoreError> {
        let values = HashMap::from([(":until".to_owned(), number(until.millis()))]);
        let condition = Some(expressions::PRESENT);
        let change = Change { condition, ..Change::new(expressions::SLOW, values) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await?;
        Ok(())
    }

    /// Enables a webhook, whatever it was disabled for; `None` if there is none. Its pending events are due at once. One transaction,
    /// and a read of the webhook as it then is.
    pub async fn enable_webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &WebhookId,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        let condition = Some(expressions::PRESENT);
        let change = Change { condition, ..Change::new(expressions::ENABLE, HashMap::new()) };
        let target = DeliveryTarget::Webhook(webhook_id.clone());
        let writes = vec![
            self.transact_update((keys::webhooks(organization), webhook_id.to_string()), change)?,
            self.request_redrive(organization, &target, now)?,
            self.transact_create(webhook_entry(by, now, "enabled", webhook_id).item(organization)?)?,
        ];
        match self.transact(writes).await? {
            Transacted::Written => self.webhook(organization, webhook_id).await,
            Transacted::Refused(_) => Ok(None),
        }
    }

    /// Disables a webhook until somebody enables it; returns it as it then is.
    pub async fn disable_webhook(
        &self,
        webhook: &Webhook,
        reason: &str,
        now: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        self.disable(webhook, reason, now, (expressions::PRESENT, None)).await
    }

    /// Disables a webhook whose deliveries have all failed `since` then, unless one has succeeded meanwhile; returns it if it is disabled now.
    pub async fn disable_failing_webhook(
        &self,
        webhook: &Webhook,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        let reason = format!("no delivery has succeeded since {since}");
        self.disable(webhook, &reason, now, (expressions::STILL_FAILING, Some(since))).await
    }

    async fn disable(
        &self,
        webhook: &Webhook,
        reason: &str,
        now: Timestamp,
        (condition, since): (&str, Option<Timestamp>),
    ) -> Result<Option<Webhook>, StoreError> {
        let mut values = HashMap::from([
            (":now".to_owned(), number(now.millis())),
            (":reason".to_owned(), AttributeValue::S(reason.to_owned())),
        ]);
        values.extend(since.map(|since| (":since".to_owned(), number(since.millis()))));
        let change = Change { condition: Some(condition), ..Change::new(expressions::DISABLE, values) };
        self.change_webhook(&webhook.organization, &webhook.webhook_id, change).await
    }

    /// Changes a webhook; `None` when the change's condition does not hold.
    pub(in crate::store) async fn change_webhook(
        &self,
        organization: &OrganizationId,
        webhook_id: &WebhookId,
        change: Change<'_>,
    ) -> Result<Option<Webhook>, StoreError> {
        let item = self.update((keys::webhooks(organization), webhook_id.to_string()), change).await?;
        item.map(|item| codec::decode_item::<WebhookItem>(item)?.decode(organization)).transpose()
    }
}
