//! One backlog: what is pending of one review at one target, delivered in order, retried later, or dead.

use super::report::Redelivered;
use crate::outbox::attempt::{Sent, may_call, receiver_of, send_event};
use crate::outbox::context::BatchContext;
use crate::pacing::backoff;
use crate::targets::EventTarget;
use shared::event::DeliveryTarget;
use shared::review::{OrganizationId, Timestamp};
use shared::store::{Backlog, DueItem, StoreError};

/// How many pending events are read at once.
const EVENTS: i32 = 25;

/// Delivers a backlog as far as possible. An unreadable one counts as a failed attempt: it is retried ever later, and in the end
/// becomes a dead letter.
pub(super) async fn deliver_backlog(
    context: &BatchContext<'_>,
    due: &DueItem,
    (organization, id): (&OrganizationId, &DeliveryTarget),
) -> Result<Redelivered, StoreError> {
    let mut done = Redelivered::default();
    let store = context.store();
    if let Some(since) = waits_for_its_receiver(context, organization, id).await? {
        let later = backoff::not_called(since, context.now());
        done.postponed += u64::from(store.postpone(due, later).await?);
        return Ok(done);
    }
    let Some(backlog) = store.take_backlog(due, context.now()).await? else { return Ok(done) };
    match deliver_events(context, &backlog, &mut done).await {
        Err(error) if error.is_permanent() => {
            let function = context.function;
            tracing::error!(target: "holdpoint", function, cause = %error, "a backlog is not readable");
            done.errors += 1;
            let next = backoff::next_try(backlog.attempts + 1, context.now());
            failed(context, &backlog, None, (backlog.attempts + 1, next), &mut done).await?;
        }
        delivered => delivered?,
    }
    Ok(done)
}

/// Since when the receiver fails, if it is not worth calling now. A disabled target, which is not called anyway, does not wait.
async fn waits_for_its_receiver(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    id: &DeliveryTarget,
) -> Result<Option<Timestamp>, StoreError> {
    if may_call(context, &receiver_of(organization, id)) {
        return Ok(None);
    }
    let targets = context.targets_of(organization).await?;
    let target = targets.iter().find(|target| target.id == *id && target.target.is_limited());
    let health = target.map(|target| target.target.health()).filter(|health| !health.is_disabled);
    Ok(health.map(|health| health.failing_since.unwrap_or(context.started_at)))
}

async fn deliver_events(
    context: &BatchContext<'_>,
    backlog: &Backlog,
    done: &mut Redelivered,
) -> Result<(), StoreError> {
    let store = context.store();
    // None, if it was deleted, or if this function is not configured for it: then its events are dropped.
    let target = context.services.targets.find(&backlog.review.organization, &backlog.target).await?;
    if target.as_ref().is_some_and(|target| target.target.health().is_disabled) {
        return dead_letter(context, backlog, backlog.attempts, done).await;
    }
    let mut attempts = backlog.attempts;
    let mut last_done = backlog.last_pending;
    while context.has_time() {
        let events = store.pending_events(backlog, EVENTS).await?;
        if events.is_empty() {
            if store.close_backlog(backlog, last_done).await? {
                return Ok(());
            }
            // More events came meanwhile, and perhaps another run has delivered them: the next round finds out.
            let Some(head) = store.backlog(&backlog.target, &backlog.review).await? else { return Ok(()) };
            last_done = head.last_pending;
        }
        for event in events {
            if !context.has_time() {
                break;
            }
            if let Some(target) = &target {
                match send_event(context, target, &event, attempts + 1).await? {
                    Sent::Delivered => done.delivered += 1,
                    Sent::NotCalled => {
                        let since = target.target.health().failing_since.unwrap_or(context.started_at);
                        let later = backoff::not_called(since, context.now());
                        done.postponed += 1;
                        return store.retry_backlog_at(backlog, attempts, later).await;
                    }
                    Sent::Failed { may_retry, not_before } => {
                        attempts += 1;
                        let next = backoff::next_try(attempts, context.now()).filter(|_| may_retry);
                        let next = next.map(|next| next.max(not_before));
                        return failed(context, backlog, Some(target), (attempts, next), done).await;
                    }
                }
            }
            store.ack(backlog, event.place).await?;
            (last_done, attempts) = (event.place, 0);
        }
    }
    // No time left: the next run continues from here.
    store.retry_backlog_at(backlog, attempts, context.now()).await?;
    done.more = true;
    Ok(())
}

/// An attempt failed, the `attempts`-th: the retry is at `next`, if there is one.
async fn failed(
    context: &BatchContext<'_>,
    backlog: &Backlog,
    target: Option<&EventTarget<'_>>,
    (attempts, next): (u32, Option<Timestamp>),
    done: &mut Redelivered,
) -> Result<(), StoreError> {
    if let Some(next) = next {
        done.failed += 1;
        return context.store().retry_backlog_at(backlog, attempts, next).await;
    }
    if let Some(target) = target {
        target.target.retries_used_up(context.now()).await?;
    }
    dead_letter(context, backlog, attempts, done).await
}

async fn dead_letter(
    context: &BatchContext<'_>,
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
    done.dead_letters += 1;
    context.store().dead_letter_backlog(backlog, attempts, context.now()).await
}
