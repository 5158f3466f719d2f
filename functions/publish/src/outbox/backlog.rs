//! What one target is owed of one review: delivered in order, tried later, or buried.

use crate::Publisher;
use crate::outbox::context::BatchContext;
use crate::outbox::deliver::{Sent, Target};
use crate::outbox::redelivered::Redelivered;
use crate::pacing::backoff;
use crate::pacing::breaker::Receiver;
use shared::event::DeliveryTarget;
use shared::review::{OrganizationId, Timestamp};
use shared::store::{Backlog, DueItem, StoreError, Webhook};

/// How many owed events are read at once.
const EVENTS: i32 = 25;
/// For how long no delivery of a webhook must have succeeded before it is given up, in milliseconds: a day.
const DISABLE_AFTER_MILLIS: i64 = 86_400_000;

impl Publisher {
    /// Delivers what a target is owed of one review, in order, as far as it goes. What is not readable counts as a try that
    /// failed: one looks again ever later, and in the end no more.
    pub(crate) async fn deliver_backlog(
        &self,
        context: &BatchContext,
        due: &DueItem,
        (organization, target): (&OrganizationId, &DeliveryTarget),
    ) -> Result<Redelivered, StoreError> {
        let mut done = Redelivered::default();
        if let DeliveryTarget::Webhook(id) = target {
            let receiver = Receiver { organization: organization.clone(), name: id.to_string() };
            if !self.may_call(context, &receiver) {
                let webhooks = context.webhooks_of(&self.store, organization).await?;
                let webhook = webhooks.iter().find(|webhook| webhook.webhook_id == *id);
                // What nobody calls any more is looked at, all the same.
                if let Some(since) = webhook.filter(|it| it.disabled_at.is_none()).map(|it| it.failing_since)
                {
                    let later = backoff::not_called(since.unwrap_or(context.now), self.now());
                    done.postponed += u64::from(self.store.postpone(due, later).await?);
                    return Ok(done);
                }
            }
        }
        let Some(backlog) = self.store.take_backlog(due, self.now()).await? else { return Ok(done) };
        match self.deliver_owed(context, &backlog, &mut done).await {
            Err(error) if error.is_permanent() => {
                tracing::error!(target: "holdpoint", function = context.function, cause = %error, "what is owed is not readable");
                done.errors += 1;
                let next = backoff::next_try(backlog.attempts + 1, self.now());
                self.try_later(context, &backlog, None, (backlog.attempts + 1, next), &mut done).await?;
            }
            delivered => delivered?,
        }
        Ok(done)
    }

    async fn deliver_owed(
        &self,
        context: &BatchContext,
        backlog: &Backlog,
        done: &mut Redelivered,
    ) -> Result<(), StoreError> {
        let webhook = match &backlog.target {
            DeliveryTarget::EventBus => None,
            DeliveryTarget::Webhook(id) => self.store.webhook(&backlog.review.organization, id).await?,
        };
        let target = match (&self.bus, &webhook) {
            (_, Some(webhook)) if webhook.disabled_at.is_some() => {
                return self.bury(context, backlog, backlog.attempts, done).await;
            }
            (_, Some(webhook)) => Some(Target::Webhook(webhook)),
            (Some(bus), None) if backlog.target == DeliveryTarget::EventBus => Some(Target::Bus(bus)),
            // The webhook is deleted, or there is no bus any more: nobody is owed anything.
            _ => None,
        };
        let mut attempts = backlog.attempts;
        let mut settled = backlog.last_owed;
        while context.has_time() {
            let events = self.store.owed(backlog, EVENTS).await?;
            if events.is_empty() {
                if self.store.close_backlog(backlog, settled).await? {
                    return Ok(());
                }
                // More was owed meanwhile, and perhaps settled by somebody else: what there is shows in the next round.
                let Some(head) = self.store.backlog(&backlog.target, &backlog.review).await? else {
                    return Ok(());
                };
                settled = head.last_owed;
            }
            for event in events {
                if !context.has_time() {
                    break;
                }
                if let Some(target) = target {
                    match self.send(context, target, &event, attempts + 1).await? {
                        Sent::Delivered => done.delivered += 1,
                        Sent::NotCalled => {
                            let since = webhook.as_ref().and_then(|webhook| webhook.failing_since);
                            let later = backoff::not_called(since.unwrap_or(context.now), self.now());
                            done.postponed += 1;
                            return self.store.try_backlog_later(backlog, attempts, later).await;
                        }
                        Sent::Failed(failure) => {
                            attempts += 1;
                            let next = backoff::next_try(attempts, self.now()).filter(|_| !failure.gone);
                            let tried = (attempts, next);
                            return self.try_later(context, backlog, webhook.as_ref(), tried, done).await;
                        }
                    }
                }
                self.store.settle(backlog, event.place).await?;
                (settled, attempts) = (event.place, 0);
            }
        }
        // No time left: the next run goes on from here.
        self.store.try_backlog_later(backlog, attempts, self.now()).await?;
        done.more = true;
        Ok(())
    }

    /// A try failed, the `attempts`-th: the next one is at `next`, if there is to be one.
    async fn try_later(
        &self,
        context: &BatchContext,
        backlog: &Backlog,
        webhook: Option<&Webhook>,
        (attempts, next): (u32, Option<Timestamp>),
        done: &mut Redelivered,
    ) -> Result<(), StoreError> {
        let Some(next) = next else { return self.give_up(context, backlog, webhook, attempts, done).await };
        done.failed += 1;
        self.store.try_backlog_later(backlog, attempts, next).await
    }

    /// The last try failed. A webhook for which nothing at all has succeeded for a day is given up with it.
    async fn give_up(
        &self,
        context: &BatchContext,
        backlog: &Backlog,
        webhook: Option<&Webhook>,
        attempts: u32,
        done: &mut Redelivered,
    ) -> Result<(), StoreError> {
        let now = self.now();
        if let Some(webhook) = webhook
            && let Some(since) = webhook.failing_since
            && now.millis() - since.millis() >= DISABLE_AFTER_MILLIS
        {
            self.store.give_webhook_up(webhook, since, now).await?;
        }
        self.bury(context, backlog, attempts, done).await
    }

    async fn bury(
        &self,
        context: &BatchContext,
        backlog: &Backlog,
        attempts: u32,
        done: &mut Redelivered,
    ) -> Result<(), StoreError> {
        tracing::error!(
            target: "holdpoint",
            function = context.function,
            delivery_target = backlog.target.as_str(),
            organization = backlog.review.organization.as_str(),
            run = backlog.review.run.as_str(),
            block = backlog.review.block.as_str(),
            attempts,
            "dead letter"
        );
        done.buried += 1;
        self.store.bury_backlog(backlog, attempts, self.now()).await
    }
}
