//! What people are told of a review's events: each subscription once of each event, at once or with its digest.

use super::attempt::{Sent, receiver_of, send};
use super::context::BatchContext;
use crate::notices::quiet::held_until;
use crate::notices::relevance::News;
use crate::notices::text::Telling;
use crate::pacing::backoff;
use crate::targets::attempt::Message;
use crate::targets::subscription::body;
use futures_util::future::join_all;
use shared::event::{DeliveryTarget, Notice, Subscription};
use shared::review::{OrganizationId, Timestamp};
use shared::store::StoreError;

/// How old an event may be that people are still told, in milliseconds: a day. What they were told is not remembered much longer, and it
/// is no news.
const OLDEST: i64 = 86_400_000;

/// Tells a review's news, each with its record's index. Returns the first that could be neither told nor kept.
pub(crate) async fn tell(
    context: &BatchContext<'_>,
    news: &[(usize, News<'_>)],
) -> Option<(usize, StoreError)> {
    let oldest = context.started_at.plus_millis(-OLDEST);
    for (index, news) in news.iter().filter(|(_, news)| news.at >= oldest) {
        if let Err(error) = tell_one(context, news).await {
            return Some((*index, error));
        }
    }
    None
}

async fn tell_one(context: &BatchContext<'_>, news: &News<'_>) -> Result<(), StoreError> {
    let organization = &news.review.id.organization;
    let recipients = context.recipients_of(organization).await?;
    let told = context.with_table(recipients.of_news(context.store(), news)).await?;
    let told = told.iter().map(|(subscription, notice)| tell_to(context, organization, subscription, notice));
    let told: Vec<_> = told.collect();
    join_all(told).await.into_iter().collect()
}

/// Tells one subscription: now, or later.
async fn tell_to(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    subscription: &Subscription,
    notice: &Notice,
) -> Result<(), StoreError> {
    let store = context.store();
    let (attempts, due_at) = if let Some(due_at) = held_until(subscription, context.now()) {
        (0, due_at)
    } else {
        let known = store.has_notice(organization, &subscription.id, &notice.id);
        if context.with_table(known).await? {
            return Ok(());
        }
        match try_at_once(context, organization, subscription, notice).await? {
            Sent::Delivered => {
                let noted = store.note_told(organization, &subscription.id, notice, context.now());
                // It has arrived. If the record were given again because of this, it would arrive twice for certain.
                if let Err(error) = context.with_table(noted).await {
                    tracing::warn!(target: "holdpoint", cause = %error, "could not note that somebody was told");
                }
                return Ok(());
            }
            Sent::NotCalled => (0, context.started_at),
            Sent::Failed { not_before, .. } => {
                let now = context.now();
                (1, backoff::next_try(1, now).unwrap_or(now).max(not_before))
            }
        }
    };
    let when = (attempts, due_at, context.now());
    // An event may be told 200 subscriptions. What a batch has no time for is given back, and goes on where it ended.
    let add = async {
        if !context.has_time_to_keep() {
            return Err(StoreError::Throttled("there is no time left to tell people".into()));
        }
        store.add_notice(organization, &subscription.id, notice, when).await
    };
    context.with_table(add).await
}

/// The first try, unless it would be of no use, or make others wait.
async fn try_at_once(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    subscription: &Subscription,
    notice: &Notice,
) -> Result<Sent, StoreError> {
    let id = DeliveryTarget::Subscription(subscription.id.clone());
    let is_failing = context.has_failed(&receiver_of(organization, &id));
    if subscription.failing_since.is_some() || is_failing || !context.has_time() {
        return Ok(Sent::NotCalled);
    }
    let (notices, now) = ((std::slice::from_ref(notice), 0), context.now());
    let telling = Telling::new(notice.id.clone(), notices, now, context.base_url());
    send_telling(context, (organization, subscription), telling, (now, 1)).await
}

/// Sends one message to a subscription's channel, as of `at`. `number` counts its tries, from 1.
pub(crate) async fn send_telling(
    context: &BatchContext<'_>,
    (organization, subscription): (&OrganizationId, &Subscription),
    telling: Telling,
    (at, number): (Timestamp, u32),
) -> Result<Sent, StoreError> {
    let id = telling.id.clone();
    let body = body(&subscription.channel, telling);
    let target = context.services.targets.subscription(organization, subscription);
    let message = Message { id, kind: "notification", at, review: None, body: &body, number };
    let attempt = send(context, organization, &target, &message).await?;
    if let Some(error) = attempt.as_ref().and_then(|attempt| attempt.error()) {
        tracing::warn!(
            target: "holdpoint",
            function = context.function,
            delivery_target = subscription.id.as_str(),
            organization = organization.as_str(),
            attempt = number,
            error,
            "a notification failed"
        );
    }
    Ok(attempt.as_ref().map_or(Sent::NotCalled, super::attempt::sent))
}
