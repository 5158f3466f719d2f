//! What a subscription has to tell: one message of all that has come up, with the same content however often it is tried.

use super::report::Redelivered;
use crate::notices::quiet::{held_until, quiet_until};
use crate::notices::recipients::is_still_told;
use crate::notices::text::Telling;
use crate::outbox::attempt::{Sent, may_call, receiver_of};
use crate::outbox::context::BatchContext;
use crate::outbox::notify::send_telling;
use crate::pacing::backoff;
use shared::event::{DeliveryTarget, Subscription, SubscriptionId};
use shared::review::{OrganizationId, Timestamp};
use shared::store::{Digest, DueItem, StoreError};

/// Sends a digest that is due.
pub(super) async fn deliver_digest(
    context: &BatchContext<'_>,
    due: &DueItem,
    (organization, id): (&OrganizationId, &SubscriptionId),
) -> Result<Redelivered, StoreError> {
    let mut done = Redelivered::default();
    let (store, now) = (context.store(), context.now());
    // A receiver that is gone is told nothing, also not of what happened before.
    let Some(subscription) = context.with_table(told_now(context, organization, id)).await? else {
        let dropped = async {
            if let Some(digest) = store.take_digest(due, now).await? {
                store.drop_digest(&digest, now).await?;
            }
            Ok(done)
        };
        return context.with_table(dropped).await;
    };
    let receiver = receiver_of(organization, &DeliveryTarget::Subscription(id.clone()));
    let since = subscription.failing_since.unwrap_or(context.started_at);
    let later = quiet_until(&subscription, now)
        .or_else(|| (!may_call(context, &receiver)).then(|| backoff::not_called(since, now)));
    if let Some(later) = later {
        done.postponed += u64::from(store.postpone(due, later).await?);
        return Ok(done);
    }
    let taken = context.with_table(store.take_digest(due, now)).await?;
    let Some(digest) = taken else { return Ok(done) };
    let ended = async || {
        let now = context.now();
        let next = held_until(&subscription, now).unwrap_or(now);
        context.with_table(store.end_digest(&digest, (now, next))).await
    };
    // A run that died after it had sent it has left that to be noted.
    if digest.is_told() {
        ended().await?;
        return Ok(done);
    }
    let (whose, notices) = ((organization, &subscription), (digest.notices.as_slice(), digest.more));
    let (id, at) = (digest.id(), (digest.fixed_at, digest.attempts + 1));
    let what = |base: Option<&str>| Telling::new(id, notices, digest.fixed_at, base);
    match send_telling(context, whose, what(context.base_url()), at).await? {
        Sent::Delivered => {
            done.delivered += 1;
            ended().await?;
        }
        Sent::NotCalled => {
            done.postponed += 1;
            let later = backoff::not_called(since, context.now());
            store.retry_digest_at(&digest, digest.attempts, later).await?;
        }
        Sent::Failed { may_retry, not_before } => {
            let attempts = digest.attempts + 1;
            let next = backoff::next_try(attempts, context.now()).filter(|_| may_retry);
            failed(
                context,
                organization,
                &digest,
                (attempts, next.map(|next| next.max(not_before))),
                &mut done,
            )
            .await?;
        }
    }
    Ok(done)
}

/// A subscription whose receiver may still be told anything.
async fn told_now(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    id: &SubscriptionId,
) -> Result<Option<Subscription>, StoreError> {
    let store = context.store();
    match store.subscription(organization, id).await? {
        Some(subscription) if is_still_told(store, organization, &subscription).await? => {
            Ok(Some(subscription))
        }
        _ => Ok(None),
    }
}

/// Sends a test that somebody has asked for, once, also to a subscription that is paused.
pub(super) async fn test_message(
    context: &BatchContext<'_>,
    due: &DueItem,
    (organization, id): (&OrganizationId, &SubscriptionId),
) -> Result<Redelivered, StoreError> {
    let mut done = Redelivered::default();
    let store = context.store();
    let Some(test) = store.take_test(due, context.now()).await? else { return Ok(done) };
    let subscription = context.with_table(store.subscription(organization, id)).await?;
    let subscription = subscription.map(|subscription| Subscription { paused: false, ..subscription });
    if let Some(subscription) = subscription
        && is_still_told(store, organization, &subscription).await?
    {
        let telling = Telling::test(test.event_id.to_string(), context.base_url());
        match send_telling(context, (organization, &subscription), telling, (test.asked_at, 1)).await? {
            Sent::Delivered => done.delivered += 1,
            Sent::Failed { .. } => {}
            // It stays, and is due again when its two minutes are over.
            Sent::NotCalled => {
                done.postponed += 1;
                return Ok(done);
            }
        }
    }
    store.delete_test(due).await?;
    Ok(done)
}

/// A try failed, the `attempts`-th: the next one is at `next`, if there is one.
async fn failed(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    digest: &Digest,
    (attempts, next): (u32, Option<Timestamp>),
    done: &mut Redelivered,
) -> Result<(), StoreError> {
    if let Some(next) = next {
        done.failed += 1;
        return context.store().retry_digest_at(digest, attempts, next).await;
    }
    tracing::error!(
        target: "holdpoint",
        function = context.function,
        organization = organization.as_str(),
        digest = digest.id(),
        attempts,
        "dead letter"
    );
    done.dead_letters += 1;
    context.store().dead_letter_digest(digest, attempts, context.now()).await
}
