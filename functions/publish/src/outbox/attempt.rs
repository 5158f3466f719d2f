//! One attempt: a call to one receiver, when it is its turn and it is worth calling.

use super::context::BatchContext;
use crate::pacing::turns::{Purpose, Turn};
use crate::targets::attempt::{Attempt, Message, Receiver, ReceiverId};
use crate::targets::{Call, EventTarget, Target};
use shared::event::{DeliveryTarget, ReviewEvent, TEST_EVENT, test_body};
use shared::review::{Delivery, OrganizationId, Timestamp};
use shared::store::{StoreError, WebhookTest};

/// What became of an attempt at an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Delivered,
    /// It was not made, and does not count.
    NotCalled,
    /// It failed; whether a retry may succeed, and before when the receiver asks not to be called.
    Failed {
        may_retry: bool,
        not_before: Timestamp,
    },
}

/// Waits for the turn of a call to `receiver`; `None` if it is not worth calling by then.
pub(crate) async fn admit(
    context: &BatchContext<'_>,
    receiver: &Receiver,
    (purpose, is_limited): (Purpose, bool),
) -> Option<Turn> {
    let turn = context.turns.wait(receiver, purpose).await;
    (!is_limited || may_call(context, receiver)).then_some(turn)
}

/// Whether a call to that receiver is worth waiting for, and there is time left to begin one.
pub(crate) fn may_call(context: &BatchContext<'_>, receiver: &Receiver) -> bool {
    let (breaker, now) = (&context.services.breaker, context.now());
    context.has_time()
        && if context.is_stream {
            breaker.may_delay_the_stream(receiver, now)
        } else {
            !breaker.is_silent(receiver, now)
        }
}

/// Makes one call in its turn, and notes how fast it was.
pub(crate) async fn call(
    context: &BatchContext<'_>,
    turn: Turn,
    receiver: &Receiver,
    target: &dyn Target,
    message: &Message<'_>,
) -> Attempt {
    let call = Call { at: context.now(), is_in_stream: context.is_stream };
    let attempt = target.send(message, call).await;
    if let Some(speed) = attempt.speed {
        context.services.breaker.note(receiver, speed, attempt.took, call.at);
    }
    if let Some(until) = attempt.retry_at {
        context.services.breaker.note_request_to_wait(receiver, until);
    }
    if attempt.is_quick() {
        turn.was_quick();
    }
    attempt
}

/// The receiver of an organization's events at one target.
pub(crate) fn receiver_of(organization: &OrganizationId, id: &DeliveryTarget) -> Receiver {
    Receiver { organization: organization.clone(), id: ReceiverId::Target(id.clone()) }
}

/// Sends one event, and logs if that fails. `number` counts its attempts, from 1.
pub(crate) async fn send_event(
    context: &BatchContext<'_>,
    target: &EventTarget<'_>,
    event: &ReviewEvent,
    number: u32,
) -> Result<Sent, StoreError> {
    let message = Message {
        id: event.id.to_string(),
        kind: event.event_type.as_str(),
        at: event.at,
        review: Some(&event.review),
        body: &event.body,
        number,
    };
    let organization = &event.review.organization;
    let Some(attempt) = send(context, organization, target, &message).await? else {
        return Ok(Sent::NotCalled);
    };
    if let Some(error) = attempt.error() {
        tracing::warn!(
            target: "holdpoint",
            function = context.function,
            delivery_target = target.id.as_str(),
            organization = organization.as_str(),
            event_id = %event.id,
            attempt = number,
            error,
            "a delivery failed"
        );
    }
    Ok(sent(&attempt))
}

/// Sends a test to a webhook, once: it is never retried, and the log of deliveries says how it went.
pub(crate) async fn send_test(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    target: &EventTarget<'_>,
    test: &WebhookTest,
) -> Result<Sent, StoreError> {
    let DeliveryTarget::Webhook(webhook_id) = &target.id else {
        return Ok(Sent::Failed { may_retry: false, not_before: test.asked_at });
    };
    let body = test_body(test.event_id, test.asked_at, organization, webhook_id);
    let message = Message {
        id: test.event_id.to_string(),
        kind: TEST_EVENT,
        at: test.asked_at,
        review: None,
        body: &body,
        number: 1,
    };
    let attempt = send(context, organization, target, &message).await?;
    Ok(attempt.as_ref().map_or(Sent::NotCalled, sent))
}

/// One attempt, recorded at the target; `None` if none was made.
pub(crate) async fn send(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    target: &EventTarget<'_>,
    message: &Message<'_>,
) -> Result<Option<Attempt>, StoreError> {
    let receiver = receiver_of(organization, &target.id);
    let limits = (Purpose::Event, target.target.is_limited());
    let Some(turn) = admit(context, &receiver, limits).await else { return Ok(None) };
    // What was found out while this waited for its turn counts.
    if context.is_stream && context.has_failed(&receiver) {
        return Ok(None);
    }
    let attempt = call(context, turn, &receiver, &*target.target, message).await;
    if attempt.delivery != Delivery::Done {
        context.note_failure(receiver);
        if target.id == DeliveryTarget::EventBus {
            context.note_bus_failure();
        }
    }
    target.target.record(message, &attempt, context.now()).await?;
    Ok(Some(attempt))
}

/// What became of an attempt that was made.
pub(crate) fn sent(attempt: &Attempt) -> Sent {
    let not_before = attempt.retry_at.unwrap_or_default();
    match attempt.delivery {
        Delivery::Done => Sent::Delivered,
        Delivery::Failed { .. } => Sent::Failed { may_retry: true, not_before },
        Delivery::Refused(_) => Sent::Failed { may_retry: false, not_before },
    }
}
