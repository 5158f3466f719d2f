//! A webhook, and its item.

use crate::event::{DeliveryTarget, EventType, WebhookId};
use crate::review::{Actor, OrganizationId, Timestamp};
use crate::store::access::administration::AdministrationEntry;
use crate::store::error::StoreError;
use crate::store::items::values::StoredActor;
use crate::store::table::codec::{self, Attributes};
use crate::store::table::keys;
use serde::{Deserialize, Serialize};

/// A webhook: where an organization receives events.
#[derive(Clone)]
pub struct Webhook {
    /// Its id.
    pub webhook_id: WebhookId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// Where events are sent.
    pub url: String,
    /// Signs each delivery (Standard Webhooks): `whsec_` and base64. Shown once, when the webhook is created.
    pub signing_secret: String,
    /// Replaced secrets, newest first, which also sign for a while.
    pub previous_secrets: Vec<PreviousSecret>,
    /// The types of events that it receives; empty means all.
    pub events: Vec<String>,
    /// What its owner calls it.
    pub description: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Actor,
    /// Since when all deliveries have failed, if the last one did.
    pub failing_since: Option<Timestamp>,
    /// Until when it counts as slow: `publish` does not call it.
    pub slow_until: Option<Timestamp>,
    /// When it was disabled, if it was.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_reason: Option<String>,
}

impl Webhook {
    /// How many webhooks an organization can have.
    pub const LIMIT: usize = 20;
    /// How long a replaced secret stays valid, in milliseconds: 24 hours.
    pub const ROTATION_MILLIS: i64 = 24 * 3_600_000;
    /// How many replaced secrets stay valid at most; the oldest ends early if there are more.
    pub const PREVIOUS_LIMIT: usize = 3;

    /// It as a target of deliveries.
    pub fn target(&self) -> DeliveryTarget {
        DeliveryTarget::Webhook(self.webhook_id.clone())
    }

    /// The secrets that deliveries are signed with at `now`, the newest first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous_secrets.iter().filter(move |it| now.millis() < it.until);
        std::iter::once(self.signing_secret.as_str()).chain(previous.map(|it| it.secret.as_str()))
    }

    /// Whether it receives events of that type.
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
pub(in crate::store) struct WebhookItem {
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

    pub(in crate::store) fn decode(self, organization: &OrganizationId) -> Result<Webhook, StoreError> {
        Ok(Webhook {
            webhook_id: WebhookId::parse(&self.sk).ok_or_else(codec::corrupt("a webhook's id"))?,
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
    codec::encode_item(&WebhookItem::new(webhook))
}

/// A secret that was replaced.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The secret.
    pub secret: String,
    /// Until when deliveries are also signed with it, in milliseconds since 1970.
    pub until: i64,
}

/// What the audit of administration says of a webhook.
pub(in crate::store) fn webhook_entry(
    by: &Actor,
    at: Timestamp,
    what: &str,
    webhook_id: &WebhookId,
) -> AdministrationEntry {
    AdministrationEntry::new(by, at, &format!("webhook_{what}"), webhook_id.as_str())
}
