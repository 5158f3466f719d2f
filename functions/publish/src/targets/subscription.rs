//! A subscription's channel: where people are told, in the channel's own form.

use super::attempt::{Attempt, Message};
use super::signed_post::{Posted, post};
use super::{Call, Health, Target, slack, teams};
use crate::notices::text::Telling;
use futures_util::future::BoxFuture;
use shared::egress::outbound::{Answered, CallFault, Outbound};
use shared::event::{Channel, Subscription};
use shared::review::{Delivery, OrganizationId, Timestamp};
use shared::store::{Store, StoreError};

/// A subscription, and what it takes to reach its channel.
pub(crate) struct SubscriptionTarget<'a> {
    pub(crate) organization: &'a OrganizationId,
    pub(crate) subscription: &'a Subscription,
    pub(crate) store: &'a Store,
    pub(crate) outbound: &'a Outbound,
}

/// What is posted to a channel: JSON in its own form.
pub(crate) fn body(channel: &Channel, message: Telling) -> String {
    match channel {
        Channel::Slack { .. } => slack::body(message),
        Channel::Teams { .. } => teams::body(message),
    }
}

impl Target for SubscriptionTarget<'_> {
    fn send<'a>(&'a self, message: &'a Message<'a>, call: Call) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let (Channel::Slack { url } | Channel::Teams { url }) = &self.subscription.channel;
            let unsigned = (message.id.as_str(), std::iter::empty());
            let Posted { answer, took, speed, retry_at } =
                post(self.outbound, url, unsigned, message, call).await;
            let status = answer.as_ref().ok().map(|answer| answer.status);
            Attempt { delivery: delivery(answer), status, at: call.at, took, speed: Some(speed), retry_at }
        })
    }

    fn health(&self) -> Health {
        Health { failing_since: self.subscription.failing_since, ..Health::default() }
    }

    fn record<'a>(
        &'a self,
        _: &'a Message<'a>,
        attempt: &'a Attempt,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.store.record_told(self.organization, self.subscription, attempt.error(), now))
    }
}

/// 404 and 410 say that there is no such webhook any more, in Slack and in Teams: a retry is of no use.
fn delivery(answer: Result<Answered, CallFault>) -> Delivery {
    match answer {
        Ok(answer) if answer.is_success() => Delivery::Done,
        Ok(answer @ Answered { status: 404 | 410, .. }) => Delivery::Refused(answer.fault()),
        Ok(answer) => Delivery::Failed { error: answer.fault(), in_doubt: answer.status >= 500 },
        Err(fault) => {
            let in_doubt = matches!(fault, CallFault::Lost(_));
            Delivery::Failed { error: fault.to_string(), in_doubt }
        }
    }
}
