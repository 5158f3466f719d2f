//! What one target is owed of one review: delivered in order, tried later, or buried.

use crate::deliver::{BUS, Target};
use crate::redeliver::{Redelivered, Round};
use crate::{Publisher, backoff};
use shared::review::Timestamp;
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
        due: &DueItem,
        round: &Round,
    ) -> Result<Redelivered, StoreError> {
        let mut done = Redelivered::default();
        let Some(backlog) = self.store.take_backlog(due, self.now()).await? else { return Ok(done) };
        match self.deliver_owed(&backlog, round, &mut done).await {
            Err(error) if error.lasts() => {
                tracing::error!(target: "holdpoint", function = "redeliver", cause = %error, "what is owed is not readable");
                done.errors += 1;
                let next = backoff::next_try(backlog.attempts + 1, self.now());
                self.try_later(&backlog, None, (backlog.attempts + 1, next), &mut done).await?;
            }
            delivered => delivered?,
        }
        Ok(done)
    }

    async fn deliver_owed(
        &self,
        backlog: &Backlog,
        round: &Round,
        done: &mut Redelivered,
    ) -> Result<(), StoreError> {
        let webhook = match backlog.target.as_str() {
            BUS => None,
            id => self.store.webhook(&backlog.review.organization, id).await?,
        };
        let target = match (&self.bus, &webhook) {
            (_, Some(webhook)) if webhook.disabled_at.is_some() => {
                return self.bury(backlog, backlog.attempts, done).await;
            }
            (_, Some(webhook)) => Some(Target::Webhook(webhook)),
            (Some(bus), None) if backlog.target == BUS => Some(Target::Bus(bus)),
            // The webhook is deleted, or there is no bus any more: nobody is owed anything.
            _ => None,
        };
        let mut attempts = backlog.attempts;
        let mut settled = backlog.last_owed;
        while !round.is_over() {
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
                if round.is_over() {
                    break;
                }
                if let Some(target) = &target {
                    attempts += 1;
                    if let Some(failure) = self.send(&round.silence, target, &event, attempts).await? {
                        let next = backoff::next_try(attempts, self.now()).filter(|_| !failure.gone);
                        return self.try_later(backlog, webhook.as_ref(), (attempts, next), done).await;
                    }
                    done.delivered += 1;
                }
                self.store.settle(backlog, event.ordinal).await?;
                (settled, attempts) = (event.ordinal, 0);
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
        backlog: &Backlog,
        webhook: Option<&Webhook>,
        (attempts, next): (u32, Option<Timestamp>),
        done: &mut Redelivered,
    ) -> Result<(), StoreError> {
        let Some(next) = next else { return self.give_up(backlog, webhook, attempts, done).await };
        done.failed += 1;
        self.store.try_backlog_later(backlog, attempts, next).await
    }

    /// The last try failed. A webhook for which nothing at all has succeeded for a day is given up with it.
    async fn give_up(
        &self,
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
        self.bury(backlog, attempts, done).await
    }

    async fn bury(&self, backlog: &Backlog, attempts: u32, done: &mut Redelivered) -> Result<(), StoreError> {
        tracing::error!(
            target: "holdpoint",
            function = "redeliver",
            delivery_target = backlog.target,
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
