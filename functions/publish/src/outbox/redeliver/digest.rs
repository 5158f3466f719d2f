//! What a subscription has to tell: one message of all that has come up, with the same content however often it is tried.

use super::report::Redelivered;
use crate::notices::quiet::{held_until, quiet_until};
use crate::notices::recipients::is_still_told;
use crate::outbox::attempt::{Sent, may_call, receiver_of};
use crate::outbox::context::BatchContext;
use crate::outbox::notify::send_notices;
use crate::pacing::backoff;
use shared::event::{DeliveryTarget, SubscriptionId};
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
    let subscription = store.subscription(organization, id).await?;
    // A receiver that is gone is told nothing, also not of what happened before.
    let told = match subscription {
        Some(subscription) if is_still_told(store, organization, &subscription).await? => Some(subscription),
        _ => None,
    };
    let Some(subscription) = told else {
        if let Some(digest) = store.take_digest(due, now).await? {
            store.drop_digest(&digest, now).await?;
        }
        return Ok(done);
    };
    let receiver = receiver_of(organization, &DeliveryTarget::Subscription(id.clone()));
    let since = subscription.failing_since.unwrap_or(context.started_at);
    let later = quiet_until(&subscription, now)
        .or_else(|| (!may_call(context, &receiver)).then(|| backoff::not_called(since, now)));
    if let Some(later) = later {
        done.postponed += u64::from(store.postpone(due, later).await?);
        return Ok(done);
    }
    let Some(digest) = store.take_digest(due, now).await? else { return Ok(done) };
    let message = ((organization, &subscription), digest.id(), (digest.notices.as_slice(), digest.more));
    let ((whose, id, notices), at) = (message, (digest.fixed_at, digest.attempts + 1));
    match send_notices(context, whose, id, notices, at).await? {
        Sent::Delivered => {
            done.delivered += 1;
            let now = context.now();
            store.end_digest(&digest, (now, held_until(&subscription, now).unwrap_or(now))).await?;
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
