//! The log of a webhook's deliveries, for people.

use crate::event::{TEST_EVENT, WebhookId};
use crate::review::{OrganizationId, ReviewId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::outbox::webhook::Webhook;
use crate::store::table::{codec, keys};
use serde::{Deserialize, Serialize};

/// One attempt to deliver an event to a webhook.
#[derive(Clone, Debug)]
pub struct DeliveryAttempt {
    /// When it was made.
    pub at: Timestamp,
    /// The event.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// The review; none for a test.
    pub review: Option<ReviewId>,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// The receiver's HTTP status, if it answered.
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
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
    /// Adds an attempt to a webhook's log, which keeps it for a week.
    pub async fn log_delivery(&self, webhook: &Webhook, attempt: &DeliveryAttempt) -> Result<(), StoreError> {
        let item = AttemptItem {
            pk: keys::delivery_log(&webhook.organization, webhook.webhook_id.as_str()),
            sk: keys::delivery(attempt.at, &attempt.event_id, attempt.attempt),
            at: attempt.at.millis(),
            event_id: attempt.event_id.clone(),
            event_type: attempt.event_type.clone(),
            // A test has no review, but older builds require one.
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
        self.put(codec::encode_item(&item)?).await
    }

    /// A webhook's last attempts, newest first, at most `limit`.
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
                let item: AttemptItem = codec::decode_item(attributes)?;
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
