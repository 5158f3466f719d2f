//! One event to all who want to hear of it.

use crate::silence::{NOT_CALLED, Silence};
use crate::{Bus, Publisher, backoff, webhook};
use futures_util::future::try_join_all;
use shared::event::ReviewEvent;
use shared::review::{OrganizationId, Timestamp};
use shared::store::{DeliveryAttempt, StoreError, Webhook};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What the bus is called in backlogs.
pub(crate) const BUS: &str = "event-bus";

/// How long a batch tries; what comes later is owed at once, and tried by `redeliver`. With the longest call it stays
/// within the function's minute.
const PATIENCE: Duration = Duration::from_secs(25);

/// Who wants to hear.
pub(crate) enum Target<'a> {
    Bus(&'a Bus),
    Webhook(&'a Webhook),
}

impl Target<'_> {
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Bus(_) => BUS,
            Self::Webhook(webhook) => &webhook.webhook_id,
        }
    }
}

/// Why a delivery failed.
pub(crate) struct Failure {
    pub(crate) error: String,
    /// The receiver says that it wants no more.
    pub(crate) gone: bool,
}

/// One batch: what has been learnt while it is worked on.
pub(crate) struct Run {
    started: Instant,
    now: Timestamp,
    webhooks: tokio::sync::Mutex<HashMap<OrganizationId, Arc<Vec<Webhook>>>>,
    failing: Mutex<HashSet<String>>,
    pub(crate) silence: Silence,
}

impl Run {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            started: Instant::now(),
            now,
            webhooks: tokio::sync::Mutex::default(),
            failing: Mutex::default(),
            silence: Silence::default(),
        }
    }

    pub(crate) fn has_time(&self) -> bool {
        self.started.elapsed() < PATIENCE
    }

    /// Whether it is of use to try that target now. One that has failed in this batch, or was failing before, would make
    /// all others wait for its time-out.
    fn may_try(&self, target: &Target<'_>) -> bool {
        let failing_before = match target {
            Target::Bus(_) => false,
            Target::Webhook(webhook) => webhook.failing_since.is_some(),
        };
        let failed = self.failing.lock().is_ok_and(|failing| failing.contains(target.id()));
        !failing_before && !failed && self.has_time()
    }

    fn has_failed(&self, target: &Target<'_>) {
        if let Ok(mut failing) = self.failing.lock() {
            failing.insert(target.id().to_owned());
        }
    }
}

impl Publisher {
    /// Tells all who want to hear; whoever cannot be told now is owed it.
    pub(crate) async fn tell_all(&self, run: &Run, event: &ReviewEvent) -> Result<(), StoreError> {
        let webhooks = self.webhooks_of(run, &event.review.organization).await?;
        let wanting = webhooks.iter().filter(|webhook| webhook.wants(event.event_type)).map(Target::Webhook);
        let targets = self.bus.iter().map(Target::Bus).chain(wanting);
        try_join_all(targets.map(|target| self.tell_or_owe(run, target, event))).await?;
        Ok(())
    }

    /// One query for each organization in a batch: a webhook hears of what happens after it was created, at once.
    async fn webhooks_of(
        &self,
        run: &Run,
        organization: &OrganizationId,
    ) -> Result<Arc<Vec<Webhook>>, StoreError> {
        let mut known = run.webhooks.lock().await;
        if let Some(webhooks) = known.get(organization) {
            return Ok(webhooks.clone());
        }
        let webhooks = Arc::new(self.store.webhooks(organization).await?);
        known.insert(organization.clone(), webhooks.clone());
        Ok(webhooks)
    }

    async fn tell_or_owe(
        &self,
        run: &Run,
        target: Target<'_>,
        event: &ReviewEvent,
    ) -> Result<(), StoreError> {
        if let Some(backlog) = self.store.backlog(target.id(), &event.review).await? {
            // Up to the last one owed, all are told or owed: this record was seen before.
            if event.ordinal > backlog.last_owed {
                self.store.owe(target.id(), event, 0, self.now()).await?;
            }
            return Ok(());
        }
        if !run.may_try(&target) {
            return self.store.owe(target.id(), event, 0, run.now).await;
        }
        if self.send(&run.silence, &target, event, 1).await?.is_none() {
            return Ok(());
        }
        run.has_failed(&target);
        let now = self.now();
        self.store.owe(target.id(), event, 1, backoff::next_try(1, now).unwrap_or(now)).await
    }

    /// One try, noted where its receiver's owner can see it. `None`: it is delivered.
    pub(crate) async fn send(
        &self,
        silence: &Silence,
        target: &Target<'_>,
        event: &ReviewEvent,
        attempt: u32,
    ) -> Result<Option<Failure>, StoreError> {
        let failure = match target {
            Target::Bus(bus) => bus.put(event).await.err().map(|error| Failure { error, gone: false }),
            Target::Webhook(webhook) if silence.of(&webhook.webhook_id) => {
                Some(Failure { error: NOT_CALLED.into(), gone: false })
            }
            Target::Webhook(webhook) => self.send_to_webhook(silence, webhook, event, attempt).await?,
        };
        if let Some(failure) = &failure {
            tracing::warn!(
                target: "holdpoint",
                function = "publish",
                delivery_target = target.id(),
                event_id = %event.id,
                attempt,
                error = failure.error,
                "a delivery failed"
            );
        }
        Ok(failure)
    }

    async fn send_to_webhook(
        &self,
        silence: &Silence,
        webhook: &Webhook,
        event: &ReviewEvent,
        attempt: u32,
    ) -> Result<Option<Failure>, StoreError> {
        let (at, started) = (self.now(), Instant::now());
        let id = event.id.to_string();
        let secret = Some(webhook.signing_secret.as_str());
        let answer = webhook::post(&self.outbound, &webhook.url, secret, &id, event.body.clone(), at).await;
        silence.note(&webhook.webhook_id, &answer, started.elapsed());
        let (status, error) = match &answer {
            Ok(status @ 200..=299) => (Some(*status), None),
            Ok(status) => (Some(*status), Some(format!("answered {status}"))),
            Err(fault) => (None, Some(fault.to_string())),
        };
        let noted = DeliveryAttempt {
            at,
            event_id: id,
            event_type: event.event_type.word().to_owned(),
            review: event.review.clone(),
            attempt,
            status,
            error: error.clone(),
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        // The log is for people; that it cannot be written is no reason to deliver again.
        if let Err(error) = self.store.log_delivery(webhook, &noted).await {
            tracing::warn!(target: "holdpoint", function = "publish", cause = %error, "a delivery is not logged");
        }
        let Some(error) = error else {
            if webhook.failing_since.is_some() {
                self.store.webhook_works(webhook).await?;
            }
            return Ok(None);
        };
        if webhook.failing_since.is_none() {
            self.store.webhook_fails(webhook, at).await?;
        }
        let gone = status == Some(410);
        if gone {
            self.store.webhook_is_gone(webhook, "it answered 410 Gone", at).await?;
        }
        Ok(Some(Failure { error, gone }))
    }
}
