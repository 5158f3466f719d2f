//! One attempt at a delivery: whom it calls, what is sent, how it went.

use shared::event::DeliveryTarget;
use shared::review::{Delivery, OrganizationId, ReviewId, Timestamp};
use std::time::Duration;

/// For how long what was seen of a receiver's speed holds, in milliseconds.
pub(crate) const SPEED_MILLIS: i64 = 600_000;

/// Whom a call goes to. An origin that two organizations use is two receivers: neither affects the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Receiver {
    pub(crate) organization: OrganizationId,
    pub(crate) id: ReceiverId,
}

/// Which of its organization's receivers one is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ReceiverId {
    /// A target of events.
    Target(DeliveryTarget),
    /// Where runs wait: `step_functions`, or an origin.
    Callback(String),
}

/// What is sent.
pub(crate) struct Message<'a> {
    /// Identifies duplicates: each attempt has the same.
    pub(crate) id: String,
    /// An event's type, or that this is a test or a decision.
    pub(crate) kind: &'a str,
    /// When what it reports happened.
    pub(crate) at: Timestamp,
    /// The review it is about; none of a test.
    pub(crate) review: Option<&'a ReviewId>,
    /// JSON.
    pub(crate) body: &'a str,
    /// Which attempt this is, from 1.
    pub(crate) number: u32,
}

/// How an attempt went.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// The result. `Refused` means that a retry is of no use.
    pub(crate) delivery: Delivery,
    /// The HTTP status, if there was one.
    pub(crate) status: Option<u16>,
    /// When it began.
    pub(crate) at: Timestamp,
    pub(crate) took: Duration,
    /// How fast the receiver was; none for services of AWS, which are not timed.
    pub(crate) speed: Option<Speed>,
    /// When the receiver asks to be called again, if it does.
    pub(crate) retry_at: Option<Timestamp>,
}

impl Attempt {
    /// An attempt at a service that is not timed.
    pub(crate) const fn untimed(at: Timestamp, delivery: Delivery) -> Self {
        Self { delivery, status: None, at, took: Duration::ZERO, speed: None, retry_at: None }
    }

    /// Why it failed, if it did.
    pub(crate) fn error(&self) -> Option<&str> {
        match &self.delivery {
            Delivery::Done => None,
            Delivery::Refused(error) | Delivery::Failed { error, .. } => Some(error),
        }
    }

    /// Whether more calls at once may be made to this receiver.
    pub(crate) fn is_quick(&self) -> bool {
        self.speed.map_or(self.delivery == Delivery::Done, |speed| speed == Speed::Quick)
    }
}

/// How fast a receiver was, as far as it matters to the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speed {
    /// It accepted the message at once.
    Quick,
    /// It answered at once, with an error. Or it was not called at all.
    Refusing,
    /// It accepted the message, slowly.
    Slow,
    /// It did not answer, or answered slowly and with an error.
    Silent,
}
