//! The callback of a run that waits at a URL: a signed POST of the decision.

use super::attempt::{Attempt, Message};
use super::signed_post::{Posted, post};
use super::{Call, Target};
use futures_util::future::BoxFuture;
use shared::egress::outbound::{Answered, CallFault, Outbound};
use shared::review::{Delivery, RequestDigest};

/// A URL at which a run waits for its decision.
pub(crate) struct CallbackUrl<'a> {
    pub(crate) url: &'a str,
    pub(crate) secret: Option<&'a str>,
    pub(crate) outbound: &'a Outbound,
}

impl Target for CallbackUrl<'_> {
    fn send<'a>(&'a self, message: &'a Message<'a>, call: Call) -> BoxFuture<'a, Attempt> {
        Box::pin(async move {
            let id = webhook_id(&message.id, self.url);
            let signed = (id.as_str(), self.secret.into_iter());
            let posted = post(self.outbound, self.url, signed, message, call).await;
            let Posted { answer, took, speed, retry_at } = posted;
            let status = answer.as_ref().ok().map(|answer| answer.status);
            Attempt { delivery: delivery(answer), status, at: call.at, took, speed: Some(speed), retry_at }
        })
    }
}

/// The `webhook-id` of a callback: the same for each attempt at the same URL, and no event's. A retried state of the workflow waits
/// at another URL for the same decision, and must not take it for a duplicate.
fn webhook_id(decision_id: &str, url: &str) -> String {
    let address = RequestDigest::of("resume", &[url.as_bytes()]).0;
    address.iter().fold(format!("resume_{decision_id}_"), |id, byte| format!("{id}{byte:02x}"))
}

fn delivery(answer: Result<Answered, CallFault>) -> Delivery {
    match answer {
        Ok(answer) if answer.is_success() => Delivery::Done,
        Ok(Answered { status: 410, .. }) => Delivery::Refused("answered 410: gone".into()),
        Ok(answer) => Delivery::Failed {
            error: answer.fault(),
            // A request that failed inside the receiver may have had its effect.
            in_doubt: answer.status >= 500,
        },
        Err(fault @ CallFault::NotAllowed(_)) => Delivery::Refused(fault.to_string()),
        Err(fault @ CallFault::NotSent(_)) => Delivery::Failed { error: fault.to_string(), in_doubt: false },
        Err(fault @ CallFault::Lost(_)) => Delivery::Failed { error: fault.to_string(), in_doubt: true },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resume_call_has_an_id_of_its_own_for_each_address() {
        let id = webhook_id("0123", "https://example.com/a");
        assert_eq!(id, webhook_id("0123", "https://example.com/a"), "each try has the same");
        assert!(id.starts_with("resume_0123_") && id.len() == "resume_0123_".len() + 16, "{id}");
        assert_ne!(id, webhook_id("0123", "https://example.com/b"));
        assert_ne!(id, webhook_id("0124", "https://example.com/a"));
    }
}
