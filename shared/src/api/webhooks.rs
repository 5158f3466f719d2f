//! Webhooks, as the wire has them.

use super::{Call, Error, FieldErrors, ValueError, parse};
use crate::egress::Egress;
use crate::event::{EventType, WebhookId};
use crate::review::{Actor, EntryId, ReviewId, RunId, Timestamp};
use crate::store::{DeliveryAttempt, Webhook};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use url::Url;

/// A webhook. Its secret is shown by the call that makes it, and by no other.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub struct WebhookView<'a> {
    /// Its name.
    webhook_id: &'a str,
    /// What is called.
    url: &'a str,
    /// The event types that it is told of; none means all.
    events: &'a [String],
    /// For people to read.
    description: Option<&'a str>,
    /// Whether it is told anything.
    #[schemars(extend("enum" = ["enabled", "disabled"]))]
    status: &'static str,
    /// Since when it is told no more.
    disabled_at: Option<Timestamp>,
    /// Why.
    disabled_reason: Option<&'a str>,
    /// Since when no delivery has worked.
    failing_since: Option<Timestamp>,
    /// When it was made.
    created_at: Timestamp,
    /// By whom.
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

/// One try at delivering an event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct DeliveryView<'a> {
    /// The event.
    event_id: &'a str,
    /// What happened.
    event_type: &'a str,
    /// To which review; null for a test.
    block_run_id: Option<String>,
    /// Which try it was, from 1.
    attempt: u32,
    /// When.
    attempted_at: Timestamp,
    /// How it ended.
    #[schemars(extend("enum" = ["delivered", "failed"]))]
    status: &'static str,
    /// What the receiver answered, if it did.
    http_status: Option<u16>,
    /// Why it failed.
    error: Option<&'a str>,
    /// How long it took.
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

/// A webhook, and, this once, its secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedWebhook")]
pub struct CreatedView<'a> {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookView<'a>,
    /// What its deliveries are signed with (Standard Webhooks). No other call shows it.
    pub signing_secret: &'a str,
}

/// A test delivery that is to be sent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TestDelivery")]
pub struct TestDeliveryView {
    /// The id of its event, by which it is found among the deliveries.
    pub event_id: EntryId,
    /// What it is.
    #[schemars(extend("const" = crate::event::TEST_EVENT))]
    pub event_type: &'static str,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

/// All webhooks of an organization: there are few.
#[derive(Serialize, JsonSchema)]
pub struct Webhooks<'a> {
    /// Them.
    pub data: Vec<WebhookView<'a>>,
}

/// The last tries of a webhook.
#[derive(Serialize, JsonSchema)]
pub struct Deliveries<'a> {
    /// Them, newest first.
    pub data: Vec<DeliveryView<'a>>,
}

/// The webhook that the call's path names. What has the shape of our identifiers and not of a webhook's id is one that does not
/// exist.
pub fn webhook_id(call: &Call) -> Result<WebhookId, Error> {
    let mut faults = FieldErrors::new();
    let parse = |text: &str| RunId::parse(text).map(|_| WebhookId::parse(text));
    let id = call.path_parameter("webhook_id", parse, &mut faults);
    faults.finish(id)?.ok_or(Error::WebhookNotFound)
}

/// A new secret to sign with: `whsec_` and the base64 of 32 bytes.
pub fn new_signing_secret(random: [u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(random))
}

/// A URL that may be called.
pub fn callable_url(egress: Egress) -> impl FnOnce(&RawValue) -> Result<Url, ValueError> {
    move |value| {
        let text = parse::text(1..=Egress::URL_LIMIT)(value)?;
        egress.parse(&text).map_err(|fault| ValueError::new("invalid_value", fault.to_string()))
    }
}

/// A secret to sign with: `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks).
pub fn signing_secret(value: &RawValue) -> Result<String, ValueError> {
    let text = parse::text(1..=200)(value)?;
    let bytes = text.strip_prefix("whsec_").and_then(|secret| STANDARD.decode(secret).ok());
    if bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len())) {
        Ok(text)
    } else {
        Err(ValueError::new("invalid_value", "must be whsec_ and the base64 of 24 to 64 bytes"))
    }
}

/// The words of some event types, each once.
pub fn event_types(value: &RawValue) -> Result<Vec<String>, ValueError> {
    let words: Vec<String> = serde_json::from_str(value.get())
        .map_err(|_| ValueError::new("wrong_type", "must be a list of event types"))?;
    if words.is_empty() {
        return Err(ValueError::new("out_of_range", "must not be empty; leave it out for all events"));
    }
    for (index, word) in words.iter().enumerate() {
        if EventType::parse(word).is_none() {
            let known: Vec<&str> = EventType::ALL.into_iter().map(EventType::as_str).collect();
            return Err(ValueError::new("invalid_value", format!("must be some of {}", known.join(", "))));
        }
        if words[..index].contains(word) {
            return Err(ValueError::new("duplicate_field", "must name each event type once"));
        }
    }
    Ok(words)
}
