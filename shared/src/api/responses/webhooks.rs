//! Webhooks and their deliveries, as answers show them.

use crate::review::{Actor, EntryId, ReviewId, Timestamp};
use crate::store::{DeliveryAttempt, Webhook};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;

/// A webhook. Its secret is shown only when it is created or rotated.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub struct WebhookView<'a> {
    /// Its id.
    webhook_id: &'a str,
    /// The URL that events are posted to.
    url: &'a str,
    /// The event types that it gets; an empty list means all.
    events: &'a [String],
    /// For people to read.
    description: Option<&'a str>,
    /// Whether it gets events.
    #[schemars(extend("enum" = ["enabled", "disabled"]))]
    status: &'static str,
    /// When it was disabled.
    disabled_at: Option<Timestamp>,
    /// Why it was disabled.
    disabled_reason: Option<&'a str>,
    /// Since when all deliveries have failed.
    failing_since: Option<Timestamp>,
    /// When it was created.
    created_at: Timestamp,
    /// Who created it.
    created_by: &'a Actor,
}

impl<'a> From<&'a Webhook> for WebhookView<'a> {
    fn from(webhook: &'a Webhook) -> Self {
        Self {
            webhook_id: webhook.webhook_id.as_str(),
            url: &webhook.url,
            events: &webhook.events,
            description: webhook.description.as_deref(),
            status: if webhook.disabled_at.is_some() { "disabled" } else { "enabled" },
            disabled_at: webhook.disabled_at,
            disabled_reason: webhook.disabled_reason.as_deref(),
            failing_since: webhook.failing_since,
            created_at: webhook.created_at,
            created_by: &webhook.created_by,
        }
    }
}

/// One attempt to deliver an event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct DeliveryView<'a> {
    /// The id of the event.
    event_id: &'a str,
    /// The type of the event.
    event_type: &'a str,
    /// The review; null for a test.
    block_run_id: Option<String>,
    /// The number of the attempt, from 1.
    attempt: u32,
    /// When it was made.
    attempted_at: Timestamp,
    /// Whether the receiver accepted it.
    #[schemars(extend("enum" = ["delivered", "failed"]))]
    status: &'static str,
    /// The HTTP status of the answer; null if there was none.
    http_status: Option<u16>,
    /// Why it failed; null if it did not.
    error: Option<&'a str>,
    /// How long it took, in milliseconds.
    duration_ms: u64,
}

impl<'a> From<&'a DeliveryAttempt> for DeliveryView<'a> {
    fn from(attempt: &'a DeliveryAttempt) -> Self {
        Self {
            event_id: &attempt.event_id,
            event_type: &attempt.event_type,
            block_run_id: attempt.review.as_ref().map(ReviewId::block_run_id),
            attempt: attempt.attempt,
            attempted_at: attempt.at,
            status: if attempt.error.is_none() { "delivered" } else { "failed" },
            http_status: attempt.status,
            error: attempt.error.as_deref(),
            duration_ms: attempt.duration_ms,
        }
    }
}

/// A webhook with its new secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedWebhook")]
pub struct CreatedView<'a> {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookView<'a>,
    /// The secret that deliveries are signed with (Standard Webhooks). No other call shows it.
    pub signing_secret: &'a str,
}

/// A test delivery that will be sent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TestDelivery")]
pub struct TestDeliveryView {
    /// The id of its event: the deliveries show it.
    pub event_id: EntryId,
    /// The type of its event.
    #[schemars(extend("const" = crate::event::TEST_EVENT))]
    pub event_type: &'static str,
    /// When it was requested.
    pub asked_at: Timestamp,
}

/// An organization's webhooks.
#[derive(Serialize, JsonSchema)]
pub struct Webhooks<'a> {
    /// The organization's webhooks.
    pub data: Vec<WebhookView<'a>>,
}

/// The latest delivery attempts of a webhook.
#[derive(Serialize, JsonSchema)]
pub struct Deliveries<'a> {
    /// The attempts, newest first.
    pub data: Vec<DeliveryView<'a>>,
}

/// A new secret to sign with: `whsec_` and the base64 of 32 bytes.
pub fn new_signing_secret(random: [u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(random))
}
