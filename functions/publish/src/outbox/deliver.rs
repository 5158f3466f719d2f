//! A review's new events to one target, in order: each delivered at once, or pending behind those before it.

use super::attempt::{Sent, receiver_of, send_event};
use super::context::BatchContext;
use crate::pacing::backoff;
use crate::targets::EventTarget;
use shared::event::ReviewEvent;
use shared::store::StoreError;

/// Delivers events, each with its record's index, or makes them pending. Returns the first that is neither.
pub(crate) async fn deliver_to(
    context: &BatchContext<'_>,
    target: &EventTarget<'_>,
    events: &[(usize, ReviewEvent)],
) -> Option<(usize, StoreError)> {
    for (index, event) in events.iter().filter(|(_, event)| target.target.wants(event.event_type)) {
        if let Err(error) = deliver_or_enqueue(context, target, event).await {
            return Some((*index, error));
        }
    }
    None
}

async fn deliver_or_enqueue(
    context: &BatchContext<'_>,
    target: &EventTarget<'_>,
    event: &ReviewEvent,
) -> Result<(), StoreError> {
    let store = context.store();
    let backlog = context.with_table(store.backlog(&target.id, &event.review)).await?;
    let (attempts, due_at) = match &backlog {
        // All up to the last pending one are delivered or pending: this record was seen before. Of a record that was kept, nobody knows.
        Some(backlog) if event.place <= backlog.last_pending && !context.is_replay => return Ok(()),
        Some(_) => (0, context.now()),
        None => match try_at_once(context, target, event).await? {
            Sent::Delivered => return Ok(()),
            Sent::NotCalled => (0, context.started_at),
            Sent::Failed { not_before, .. } => {
                let now = context.now();
                (1, backoff::next_try(1, now).unwrap_or(now).max(not_before))
            }
        },
    };
    context.with_table(store.enqueue(&target.id, event, (attempts, due_at), backlog.as_ref())).await
}

/// The first attempt, unless it would be of no use, or make others wait.
async fn try_at_once(
    context: &BatchContext<'_>,
    target: &EventTarget<'_>,
    event: &ReviewEvent,
) -> Result<Sent, StoreError> {
    let health = target.target.health();
    let is_slow = health.slow_until.is_some_and(|until| context.now() < until);
    let receiver = receiver_of(&event.review.organization, &target.id);
    if health.failing_since.is_some() || is_slow || context.has_failed(&receiver) || !context.has_time() {
        return Ok(Sent::NotCalled);
    }
    send_event(context, target, event, 1).await
}
