//! An organization's webhook: signed POSTs of events and tests, a log of them, and what they say about its health.

use super::attempt::{Attempt, Message, SPEED_MILLIS, Speed};
use super::signed_post::{Posted, post};
use super::{Call, EventTarget, Found, Health, Target, Targets};
use crate::notices;
use futures_util::future::BoxFuture;
use shared::egress::outbound::{Answered, CallFault, Outbound};
use shared::event::{DeliveryTarget, EventType};
use shared::review::{Delivery, OrganizationId, Timestamp};
use shared::store::{DeliveryAttempt, Store, StoreError, Webhook};

/// For how long all deliveries must have failed before a webhook is disabled, in milliseconds: a day.
const DISABLE_AFTER_MILLIS: i64 = 86_400_000;

/// A webhook, and what it takes to call it.
pub(crate) struct WebhookTarget<'a> {
    webhook: Webhook,
    store: &'a Store,
    outbound: &'a Outbound,
}

/// All webhooks of an organization with one query, or one webhook with one read.
pub(super) fn find(
    targets: &Targets,
    organization: OrganizationId,
    only: Option<DeliveryTarget>,
) -> Found<'_> {
    let Targets { store, outbound, .. } = targets;
    Box::pin(async move {
        let webhooks = match only {
            None => store.webhooks(&organization).await?,
            Some(DeliveryTarget::Webhook(id)) => {
                store.webhook(&organization, &id).await?.into_iter().collect()
            }
            Some(_) => Vec::new(),
        };
        let target =
            |webhook: Webhook| EventTarget::new(webhook.target(), WebhookTarget { webhook, store, outbound });
        Ok(webhooks.into_iter().map(target).collect())
    })
}

impl Target for WebhookTarget<'_> {
    fn send<'a>(&'a self, message: &'a Message<'a>, call: Call) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let signed = (message.id.as_str(), self.webhook.secrets(call.at));
            let posted = post(self.outbound, &self.webhook.url, signed, message, call).await;
            let Posted { answer, took, speed, retry_at } = posted;
            let status = answer.as_ref().ok().map(|answer| answer.status);
            Attempt { delivery: delivery(answer), status, at: call.at, took, speed: Some(speed), retry_at }
        })
    }

    fn wants(&self, event_type: EventType) -> bool {
        self.webhook.wants(event_type)
    }

    fn health(&self) -> Health {
        let Webhook { failing_since, slow_until, disabled_at, .. } = self.webhook;
        Health { failing_since, slow_until, is_disabled: disabled_at.is_some() }
    }

    fn record<'a>(
        &'a self,
        message: &'a Message<'a>,
        attempt: &'a Attempt,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.log(message, attempt).await;
            // A test says nothing about the webhook's health.
            if message.review.is_none() {
                return Ok(());
            }
            match &attempt.delivery {
                Delivery::Done => self.record_success(attempt, now).await,
                Delivery::Failed { .. } => self.record_failure(now).await,
                Delivery::Refused(_) => {
                    self.record_failure(now).await?;
                    let gone = self.store.disable_webhook(&self.webhook, "it answered 410 Gone", now);
                    self.tell_disabled(gone.await?, now).await
                }
            }
        })
    }

    fn retries_used_up(&self, now: Timestamp) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            match self.webhook.failing_since {
                Some(since) if now.millis() - since.millis() >= DISABLE_AFTER_MILLIS => {
                    let failing = self.store.disable_failing_webhook(&self.webhook, since, now);
                    self.tell_disabled(failing.await?, now).await
                }
                _ => Ok(()),
            }
        })
    }
}

impl WebhookTarget<'_> {
    /// Writes the log of deliveries. It is for people: if it cannot be written, that is no reason to deliver again.
    async fn log(&self, message: &Message<'_>, attempt: &Attempt) {
        let entry = DeliveryAttempt {
            at: attempt.at,
            event_id: message.id.clone(),
            event_type: message.kind.to_owned(),
            review: message.review.cloned(),
            attempt: message.number,
            status: attempt.status,
            error: attempt.error().map(str::to_owned),
            duration_ms: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
        };
        if let Err(error) = self.store.log_delivery(&self.webhook, &entry).await {
            tracing::warn!(target: "holdpoint", cause = %error, "could not log a delivery");
        }
    }

    /// Tells who has subscribed to that. It is disabled already: if that cannot be kept, nobody is told, and its page says so all the same.
    async fn tell_disabled(&self, disabled: Option<Webhook>, now: Timestamp) -> Result<(), StoreError> {
        let Some(webhook) = disabled else { return Ok(()) };
        if let Err(error) = notices::webhook_disabled(self.store, &webhook, now).await {
            tracing::warn!(target: "holdpoint", cause = %error, "could not tell that a webhook was disabled");
        }
        Ok(())
    }

    async fn record_success(&self, attempt: &Attempt, now: Timestamp) -> Result<(), StoreError> {
        let (webhook, speed) = (&self.webhook, attempt.speed);
        let is_marked = webhook.slow_until.is_some_and(|until| now.plus_millis(SPEED_MILLIS / 2) < until);
        if speed == Some(Speed::Slow) && !is_marked {
            self.store.mark_webhook_slow(webhook, now.plus_millis(SPEED_MILLIS)).await?;
        }
        let is_quick = speed == Some(Speed::Quick);
        if webhook.failing_since.is_some() || (is_quick && webhook.slow_until.is_some()) {
            self.store.record_webhook_success(webhook, is_quick).await?;
        }
        Ok(())
    }

    async fn record_failure(&self, now: Timestamp) -> Result<(), StoreError> {
        if self.webhook.failing_since.is_none() {
            self.store.record_webhook_failure(&self.webhook, now).await?;
        }
        Ok(())
    }
}

/// A URL that is not allowed is retried: another deployment of ours may allow it. Only 410 means that a retry is of no use.
fn delivery(answer: Result<Answered, CallFault>) -> Delivery {
    match answer {
        Ok(answer) if answer.is_success() => Delivery::Done,
        Ok(answer @ Answered { status: 410, .. }) => Delivery::Refused(answer.fault()),
        Ok(answer) => Delivery::Failed { error: answer.fault(), in_doubt: answer.status >= 500 },
        Err(fault) => {
            let in_doubt = matches!(fault, CallFault::Lost(_));
            Delivery::Failed { error: fault.to_string(), in_doubt }
        }
    }
}
