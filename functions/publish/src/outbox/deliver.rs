//! One event to one target: at once, or owed.

use crate::outbox::context::{BatchContext, Purpose};
use crate::pacing::backoff;
use crate::pacing::breaker::{Receiver, SPEED_MILLIS, Speed};
use crate::targets::outbound::Answered;
use crate::targets::signature;
use crate::{Bus, Publisher};
use shared::event::{DeliveryTarget, ReviewEvent, TEST_EVENT, test_body};
use shared::review::ReviewId;
use shared::store::{DeliveryAttempt, StoreError, Webhook, WebhookTest};
use std::time::Instant;

/// Who wants to hear.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    Bus(&'a Bus),
    Webhook(&'a Webhook),
}

impl Target<'_> {
    pub(crate) fn id(&self) -> DeliveryTarget {
        match self {
            Self::Bus(_) => DeliveryTarget::EventBus,
            Self::Webhook(webhook) => webhook.target(),
        }
    }

    fn wants(&self, event: &ReviewEvent) -> bool {
        match self {
            Self::Bus(_) => true,
            Self::Webhook(webhook) => webhook.wants(event.event_type),
        }
    }
}

/// Why a delivery failed.
pub(crate) struct Failure {
    pub(crate) error: String,
    /// The receiver says that it wants no more.
    pub(crate) gone: bool,
}

/// What became of a try.
pub(crate) enum Sent {
    Delivered,
    /// It was not made: it counts as none.
    NotCalled,
    Failed(Failure),
}

/// What is posted to a webhook.
struct Post<'a> {
    id: String,
    event_type: &'a str,
    review: Option<&'a ReviewId>,
    body: &'a str,
    attempt: u32,
}

impl Publisher {
    /// A review's new events to one target, in order; what cannot be delivered now is owed. The place of the first that is neither.
    pub(crate) async fn deliver_to(
        &self,
        context: &BatchContext,
        target: Target<'_>,
        events: &[(usize, ReviewEvent)],
    ) -> Option<(usize, StoreError)> {
        for (index, event) in events.iter().filter(|(_, event)| target.wants(event)) {
            if let Err(error) = self.deliver_or_owe(context, target, event).await {
                return Some((*index, error));
            }
        }
        None
    }

    async fn deliver_or_owe(
        &self,
        context: &BatchContext,
        target: Target<'_>,
        event: &ReviewEvent,
    ) -> Result<(), StoreError> {
        let id = target.id();
        let backlog = context.with_table(self.store.backlog(&id, &event.review)).await?;
        let owed = match &backlog {
            // Up to the last one owed, all are told or owed: this record was seen before.
            Some(backlog) if event.place <= backlog.last_owed => return Ok(()),
            Some(_) => (0, self.now()),
            None => match self.try_at_once(context, target, event).await? {
                Sent::Delivered => return Ok(()),
                Sent::NotCalled => (0, context.now),
                Sent::Failed(_) => {
                    let now = self.now();
                    (1, backoff::next_try(1, now).unwrap_or(now))
                }
            },
        };
        context.with_table(self.store.owe(&id, event, owed, backlog.as_ref())).await
    }

    /// A first try, unless that would be of no use, or make others wait.
    async fn try_at_once(
        &self,
        context: &BatchContext,
        target: Target<'_>,
        event: &ReviewEvent,
    ) -> Result<Sent, StoreError> {
        let organization = &event.review.organization;
        let was_failing = match target {
            Target::Bus(_) => false,
            Target::Webhook(webhook) => {
                webhook.failing_since.is_some() || webhook.slow_until.is_some_and(|until| self.now() < until)
            }
        };
        if was_failing || context.has_failed(organization, &target.id()) || !context.has_time() {
            return Ok(Sent::NotCalled);
        }
        self.send(context, target, event, 1).await
    }

    /// One try, noted where its receiver's owner can see it.
    pub(crate) async fn send(
        &self,
        context: &BatchContext,
        target: Target<'_>,
        event: &ReviewEvent,
        attempt: u32,
    ) -> Result<Sent, StoreError> {
        let sent = match target {
            Target::Bus(bus) => self.put_on_bus(context, bus, event).await,
            Target::Webhook(webhook) => {
                let (id, event_type, review) =
                    (event.id.to_string(), event.event_type.as_str(), Some(&event.review));
                let post = Post { id, event_type, review, body: &event.body, attempt };
                let (sent, speed) = self.post_to_webhook(context, webhook, post).await;
                match &sent {
                    Sent::Failed(failure) => self.webhook_failed(webhook, failure).await?,
                    Sent::Delivered => self.webhook_works(webhook, speed).await?,
                    Sent::NotCalled => {}
                }
                sent
            }
        };
        if let Sent::Failed(failure) = &sent {
            tracing::warn!(
                target: "holdpoint",
                function = context.function,
                delivery_target = target.id().as_str(),
                organization = event.review.organization.as_str(),
                event_id = %event.id,
                attempt,
                error = failure.error,
                "a delivery failed"
            );
        }
        Ok(sent)
    }

    async fn put_on_bus(&self, context: &BatchContext, bus: &Bus, event: &ReviewEvent) -> Sent {
        let organization = event.review.organization.clone();
        let receiver = Receiver { organization, name: DeliveryTarget::EventBus.as_str().to_owned() };
        let turn = context.turn(&receiver, Purpose::Event).await;
        if context.is_stream && context.has_failed(&receiver.organization, &DeliveryTarget::EventBus) {
            return Sent::NotCalled;
        }
        match bus.put(event).await {
            Ok(()) => {
                turn.was_quick();
                Sent::Delivered
            }
            Err(error) => {
                context.fails(&receiver.organization, DeliveryTarget::EventBus);
                Sent::Failed(Failure { error, gone: false })
            }
        }
    }

    /// A test delivery, once, whatever comes of it: the log of deliveries says. It is no sign of how the webhook does.
    pub(crate) async fn send_test(
        &self,
        context: &BatchContext,
        webhook: &Webhook,
        test: &WebhookTest,
    ) -> Sent {
        let body = test_body(test.event_id, test.asked_at, &webhook.organization, &webhook.webhook_id);
        let id = test.event_id.to_string();
        let post = Post { id, event_type: TEST_EVENT, review: None, body: &body, attempt: 1 };
        self.post_to_webhook(context, webhook, post).await.0
    }

    async fn post_to_webhook(
        &self,
        context: &BatchContext,
        webhook: &Webhook,
        post: Post<'_>,
    ) -> (Sent, Speed) {
        let receiver =
            Receiver { organization: webhook.organization.clone(), name: webhook.webhook_id.to_string() };
        // What was found out while this waited for its turn counts.
        let turn = context.turn(&receiver, Purpose::Event).await;
        let has_failed = context.is_stream && context.has_failed(&receiver.organization, &webhook.target());
        if has_failed || !self.may_call(context, &receiver) {
            return (Sent::NotCalled, Speed::Refusing);
        }
        self.outbound.prepare();
        let (at, started) = (self.now(), Instant::now());
        let answer = match signature::headers(webhook.secrets(at), &post.id, post.body, at) {
            Err(fault) => Err(fault),
            Ok(headers) if context.is_stream => {
                self.outbound.post_first(&webhook.url, headers, post.body.to_owned()).await
            }
            Ok(headers) => self.outbound.post(&webhook.url, headers, post.body.to_owned()).await,
        };
        let took = started.elapsed();
        let speed = Speed::of(&answer, took, self.outbound.slow_after);
        self.breaker.note(&receiver, speed, took, at);
        if speed == Speed::Quick {
            turn.was_quick();
        }
        if !answer.as_ref().is_ok_and(Answered::is_success) {
            context.fails(&receiver.organization, webhook.target());
        }
        drop(turn);
        let (status, error) = match answer {
            Ok(answer) if answer.is_success() => (Some(answer.status), None),
            Ok(answer) => (Some(answer.status), Some(answer.fault())),
            Err(fault) => (None, Some(fault.to_string())),
        };
        let noted = DeliveryAttempt {
            at,
            event_id: post.id,
            event_type: post.event_type.to_owned(),
            review: post.review.cloned(),
            attempt: post.attempt,
            status,
            error: error.clone(),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        };
        // The log is for people; that it cannot be written is no reason to deliver again.
        if let Err(error) = self.store.log_delivery(webhook, &noted).await {
            tracing::warn!(target: "holdpoint", function = context.function, cause = %error, "a delivery is not logged");
        }
        let sent = match error {
            None => Sent::Delivered,
            Some(error) => Sent::Failed(Failure { error, gone: status == Some(410) }),
        };
        (sent, speed)
    }

    /// Whether a call to that receiver is worth waiting for, and there is time left to begin one.
    pub(crate) fn may_call(&self, context: &BatchContext, receiver: &Receiver) -> bool {
        let now = self.now();
        context.has_time()
            && if context.is_stream {
                self.breaker.may_delay_the_stream(receiver, now)
            } else {
                !self.breaker.is_silent(receiver, now)
            }
    }

    async fn webhook_works(&self, webhook: &Webhook, speed: Speed) -> Result<(), StoreError> {
        let now = self.now();
        let is_marked = webhook.slow_until.is_some_and(|until| now.plus_millis(SPEED_MILLIS / 2) < until);
        if speed == Speed::Slow && !is_marked {
            self.store.webhook_is_slow(webhook, now.plus_millis(SPEED_MILLIS)).await?;
        }
        let was_slow = speed == Speed::Quick && webhook.slow_until.is_some();
        if webhook.failing_since.is_some() || was_slow {
            self.store.webhook_works(webhook, speed == Speed::Quick).await?;
        }
        Ok(())
    }

    async fn webhook_failed(&self, webhook: &Webhook, failure: &Failure) -> Result<(), StoreError> {
        if webhook.failing_since.is_none() {
            self.store.webhook_fails(webhook, self.now()).await?;
        }
        if failure.gone {
            self.store.webhook_is_gone(webhook, "it answered 410 Gone", self.now()).await?;
        }
        Ok(())
    }
}
