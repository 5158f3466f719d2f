//! The notice of a webhook that was disabled, which is no review's.

use super::quiet::held_until;
use super::recipients::Recipients;
use shared::event::{Notice, NotificationKind};
use shared::review::Timestamp;
use shared::store::{Store, StoreError, Webhook};

/// Keeps the notice for who has subscribed to it; `redeliver` sends it. Once for each time that the webhook is disabled.
pub(crate) async fn webhook_disabled(
    store: &Store,
    webhook: &Webhook,
    now: Timestamp,
) -> Result<(), StoreError> {
    let kind = NotificationKind::WebhookDisabled;
    let recipients = Recipients::of(store, &webhook.organization).await?;
    let notice = Notice::of_webhook(
        kind,
        webhook.webhook_id.as_str(),
        &webhook.url,
        webhook.disabled_at.unwrap_or(now),
    );
    for subscription in recipients.of_kind(store, kind).await? {
        let due_at = held_until(subscription, now).unwrap_or(now);
        store.add_notice(&webhook.organization, &subscription.id, &notice, (0, due_at, now)).await?;
    }
    Ok(())
}
