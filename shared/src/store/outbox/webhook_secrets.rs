//! Rotation of a webhook's secret: the ones before also sign for a while.

use crate::event::WebhookId;
use crate::review::{Actor, OrganizationId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::outbox::webhook::{PreviousSecret, Webhook, webhook_entry};
use crate::store::table::calls::Change;
use crate::store::table::transaction::Transacted;
use crate::store::table::{codec, expressions, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// How often a change is tried because the webhook changed between being read and written.
const ATTEMPTS: usize = 4;

impl Store {
    /// Replaces a webhook's secret; those before stay valid for a while. `None` if there is no such webhook.
    pub async fn rotate_secret(
        &self,
        organization: &OrganizationId,
        webhook_id: &WebhookId,
        secret: &str,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(webhook) = self.webhook(organization, webhook_id).await? else { return Ok(None) };
            // The SDK's own retry, after an answer was lost, finds its own secret.
            if webhook.signing_secret == secret {
                return Ok(Some(webhook));
            }
            let replaced = PreviousSecret {
                secret: webhook.signing_secret.clone(),
                until: now.plus_millis(Webhook::ROTATION_MILLIS).millis(),
            };
            let valid = webhook.previous_secrets.iter().filter(|it| now.millis() < it.until).cloned();
            let previous: Vec<PreviousSecret> =
                std::iter::once(replaced).chain(valid).take(Webhook::PREVIOUS_LIMIT).collect();
            let values = HashMap::from([
                (":seen".to_owned(), AttributeValue::S(webhook.signing_secret.clone())),
                (":secret".to_owned(), AttributeValue::S(secret.to_owned())),
                (":previous".to_owned(), codec::encode(&previous)?),
            ]);
            let condition = Some(expressions::SAME_SECRET);
            let change = Change { condition, ..Change::new(expressions::ROTATE, values) };
            let writes = vec![
                self.transact_update((keys::webhooks(organization), webhook_id.to_string()), change)?,
                self.transact_create(
                    webhook_entry(by, now, "secret_rotated", webhook_id).item(organization)?,
                )?,
            ];
            if let Transacted::Written = self.transact(writes).await? {
                let signing_secret = secret.to_owned();
                return Ok(Some(Webhook { signing_secret, previous_secrets: previous, ..webhook }));
            }
        }
        Err(StoreError::Unavailable("the webhook's secret kept changing".into()))
    }
}
