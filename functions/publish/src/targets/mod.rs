//! Where deliveries go: everything that is called implements one trait, [`Target`].
//!
//! | | file | whose |
//! |---|---|---|
//! | events | `event_bus` | the deployment's |
//! | events | `webhook` | an organization's |
//! | what people are told | `subscription`, in the form of `slack` or `teams` | a member's or a group's |
//! | a decision, for the run that waits | `step_functions`, `callback_url` | the run's |
//!
//! A new target of events is a variant of [`DeliveryTarget`], a file in this folder, and a line in [`KINDS`]. Nothing here knows
//! about batches, backlogs, retries or the circuit breaker; they are in `outbox` and `pacing`.

pub(crate) mod attempt;
pub(crate) mod callback_url;
pub(crate) mod event_bus;
pub(crate) mod signed_post;
mod slack;
pub(crate) mod step_functions;
pub(crate) mod subscription;
mod teams;
pub(crate) mod webhook;

use attempt::{Attempt, Message};
use event_bus::Bus;
use futures_util::future::BoxFuture;
use shared::egress::outbound::Outbound;
use shared::event::{DeliveryTarget, EventType, Subscription};
use shared::review::{Decision, OrganizationId, ResumeTarget, Timestamp};
use shared::store::{ResumeAttempt, Store, StoreError};
use subscription::SubscriptionTarget;

/// Every kind of event target.
const KINDS: [Find; 2] = [event_bus::find, webhook::find];

/// Finds an organization's targets of one kind: all of them, or the one with that id.
type Find = for<'a> fn(&'a Targets, OrganizationId, Option<DeliveryTarget>) -> Found<'a>;
/// What [`Find`] returns.
pub(crate) type Found<'a> = BoxFuture<'a, Result<Vec<EventTarget<'a>>, StoreError>>;

/// Something that can be called.
pub(crate) trait Target: Send + Sync {
    /// Makes one call.
    fn send<'a>(&'a self, message: &'a Message<'a>, call: Call) -> BoxFuture<'a, Attempt>;

    /// Whether the circuit breaker and its organization's time budget decide if it is called now. They do unless it is a
    /// service of AWS in this account, which does not hang.
    fn is_limited(&self) -> bool {
        true
    }

    /// Whether it subscribes to such events.
    fn wants(&self, _: EventType) -> bool {
        true
    }

    /// What earlier deliveries say about it.
    fn health(&self) -> Health {
        Health::default()
    }

    /// Records an attempt where the target's owner can see it.
    fn record<'a>(
        &'a self,
        _message: &'a Message<'a>,
        _attempt: &'a Attempt,
        _now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    /// The retries of an event are used up.
    fn retries_used_up(&self, _now: Timestamp) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

/// When and how one call is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// When it begins.
    pub(crate) at: Timestamp,
    /// Whether a batch of the stream waits for it: then it has a shorter time-out.
    pub(crate) is_in_stream: bool,
}

/// What earlier deliveries say about a target.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Health {
    /// Since when all deliveries have failed, if the last one did.
    pub(crate) failing_since: Option<Timestamp>,
    /// Until when it counts as slow: the stream does not wait for it.
    pub(crate) slow_until: Option<Timestamp>,
    /// Whether it is disabled: nothing is sent to it.
    pub(crate) is_disabled: bool,
}

/// A target of an organization's events.
pub(crate) struct EventTarget<'a> {
    /// Its id, which is also its backlog's.
    pub(crate) id: DeliveryTarget,
    pub(crate) target: Box<dyn Target + 'a>,
}

impl<'a> EventTarget<'a> {
    fn new(id: DeliveryTarget, target: impl Target + 'a) -> Self {
        Self { id, target: Box::new(target) }
    }
}

/// All targets there are, and what they need to be called.
pub(crate) struct Targets {
    pub(crate) store: Store,
    /// Without a bus, events go to webhooks only.
    pub(crate) event_bus: Option<Bus>,
    /// Without Step Functions, callbacks to its tasks are refused.
    pub(crate) step_functions: Option<aws_sdk_sfn::Client>,
    pub(crate) outbound: Outbound,
}

impl Targets {
    /// All targets of an organization's events, disabled ones included.
    pub(crate) async fn of_organization(
        &self,
        organization: &OrganizationId,
    ) -> Result<Vec<EventTarget<'_>>, StoreError> {
        let mut targets = Vec::new();
        for find in KINDS {
            targets.extend(find(self, organization.clone(), None).await?);
        }
        Ok(targets)
    }

    /// One target, as it is now; `None` if it does not exist any more.
    pub(crate) async fn find(
        &self,
        organization: &OrganizationId,
        id: &DeliveryTarget,
    ) -> Result<Option<EventTarget<'_>>, StoreError> {
        for find in KINDS {
            let mut found = find(self, organization.clone(), Some(id.clone())).await?;
            if let Some(target) = found.pop() {
                return Ok(Some(target));
            }
        }
        Ok(None)
    }

    /// A subscription's channel.
    pub(crate) fn subscription<'a>(
        &'a self,
        organization: &'a OrganizationId,
        subscription: &'a Subscription,
    ) -> EventTarget<'a> {
        let id = DeliveryTarget::Subscription(subscription.id.clone());
        let Self { store, outbound, .. } = self;
        EventTarget::new(id, SubscriptionTarget { organization, subscription, store, outbound })
    }

    /// How the run that waits for `decision` is called; `None` if it polls.
    pub(crate) fn callback<'a>(
        &'a self,
        begun: &'a ResumeAttempt,
        decision: &Decision,
    ) -> Option<Box<dyn Target + 'a>> {
        match &begun.target {
            ResumeTarget::StepFunctions { task_token } => Some(Box::new(step_functions::Task {
                client: self.step_functions.as_ref(),
                token: task_token,
                verdict: decision.verdict,
                is_in_doubt: begun.review.resume.as_ref().is_some_and(shared::review::Resume::is_in_doubt),
            })),
            ResumeTarget::Webhook { url, signing_secret, .. } => {
                let secret = signing_secret.as_deref();
                Some(Box::new(callback_url::CallbackUrl { url, secret, outbound: &self.outbound }))
            }
            ResumeTarget::Poll => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::event_bus::event_bus_at;
    use super::step_functions::step_functions_at;
    use aws_sdk_eventbridge::config::interceptors::BeforeTransmitInterceptorContextRef;
    use aws_sdk_eventbridge::config::{ConfigBag, Credentials, Intercept, Region, RuntimeComponents};
    use aws_sdk_eventbridge::error::BoxError;
    use shared::store::{EndpointKind, Roots, sdk};
    use std::sync::{Arc, Mutex};

    /// Sees where a request would go, and stops it there.
    #[derive(Clone, Debug, Default)]
    struct Destination(Arc<Mutex<String>>);

    impl Intercept for Destination {
        fn name(&self) -> &'static str {
            "destination"
        }

        fn read_before_transmit(
            &self,
            context: &BeforeTransmitInterceptorContextRef<'_>,
            _: &RuntimeComponents,
            _: &mut ConfigBag,
        ) -> Result<(), BoxError> {
            context.request().uri().clone_into(&mut self.0.lock().unwrap());
            Err("not sent".into())
        }
    }

    #[tokio::test]
    async fn services_are_called_at_the_endpoint_of_the_kind_asked_for() {
        let region = Region::new("us-west-2");
        let credentials = Credentials::new("id", "secret", None, None, "test");
        let sdk = sdk(region, credentials, Roots::Amazon);
        for (is_fips, is_dual_stack, own, [events, states]) in [
            (false, false, None, ["events.us-west-2.amazonaws.com", "states.us-west-2.amazonaws.com"]),
            (
                true,
                false,
                None,
                ["events-fips.us-west-2.amazonaws.com", "states-fips.us-west-2.amazonaws.com"],
            ),
            (false, true, None, ["events.us-west-2.api.aws", "states.us-west-2.api.aws"]),
            (true, true, None, ["events-fips.us-west-2.api.aws", "states-fips.us-west-2.api.aws"]),
            (true, true, Some("https://own.example"), ["own.example", "own.example"]),
        ] {
            let sdk = EndpointKind { is_fips, is_dual_stack }.of_all(&sdk);
            let own = own.map(str::to_owned);
            let (event_bus, step_functions) = (event_bus_at(&sdk, own.clone()), step_functions_at(&sdk, own));
            let (to_bus, to_task) = (Destination::default(), Destination::default());
            let request = event_bus.list_rules().customize().interceptor(to_bus.clone());
            request.send().await.unwrap_err();
            let request = step_functions.send_task_heartbeat().task_token("t");
            request.customize().interceptor(to_task.clone()).send().await.unwrap_err();
            assert_eq!(*to_bus.0.lock().unwrap(), format!("https://{events}/"));
            assert_eq!(*to_task.0.lock().unwrap(), format!("https://{states}/"));
        }
    }
}
