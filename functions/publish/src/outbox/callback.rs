//! The run is told: the decision of a review reaches who waits for it.

use crate::Publisher;
use crate::outbox::context::{BatchContext, Purpose, Turn};
use crate::pacing::backoff;
use crate::pacing::breaker::{Receiver, Speed};
use crate::targets::outbound::{Answered, CallFault};
use crate::targets::signature;
use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use lambda_http::http::HeaderMap;
use shared::review::{
    Decision, Delivery, RequestDigest, ResumePayload, ResumeTarget, Review, Timestamp, Verdict,
};
use shared::store::{BegunResume, StoreError};
use std::time::Instant;

/// The largest output of a Step Functions task, in bytes of UTF-8 (its quota). Larger snapshots are pointed to.
pub const OUTPUT_LIMIT: usize = 262_144;

/// The error that a state machine catches when a review is rejected.
pub const REJECTED: &str = "ReviewRejected";

/// What became of a due callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resumed {
    /// A try was made.
    Tried,
    /// None was due.
    NotDue,
    /// The receiver is not called now, which counts as no try. Since when the run waits.
    NotCalled(Timestamp),
}

impl Publisher {
    /// Tells the run of the decision that stands, or leaves it to `redeliver`. `review` is the image that says that it may be due.
    pub(crate) async fn resume_or_schedule(
        &self,
        context: &BatchContext,
        review: &Review,
    ) -> Result<(), StoreError> {
        let resumed = if context.has_time() {
            self.resume_run(context, review).await?
        } else {
            Resumed::NotCalled(context.now)
        };
        if let Resumed::NotCalled(_) = resumed {
            self.store.schedule_resume(&review.id, self.now()).await?;
        }
        Ok(())
    }

    /// Tells the run of the decision that stands, if that is due. `review` may be old: META as it is decides.
    pub(crate) async fn resume_run(
        &self,
        context: &BatchContext,
        review: &Review,
    ) -> Result<Resumed, StoreError> {
        let id = &review.id;
        let name = review.resume.as_ref().map(|resume| resume.target.clone()).unwrap_or_default();
        let receiver = Receiver { organization: id.organization.clone(), name };
        // Its turn first: a try that has begun must not wait for others.
        let turn = context.turn(&receiver, Purpose::Run).await;
        if !self.may_call(context, &receiver) {
            return Ok(Resumed::NotCalled(review.decided_at.unwrap_or(context.now)));
        }
        let Some(begun) = self.store.begin_resume(id, self.now()).await? else { return Ok(Resumed::NotDue) };
        let delivery = self.tell(context, &turn, &begun).await.unwrap_or_else(|error| of_unreadable(&error));
        drop(turn);
        let now = self.now();
        let attempts = begun.review.resume.as_ref().map_or(1, |resume| resume.attempts);
        let next_at = match &delivery {
            Delivery::Failed { .. } => backoff::next_try(attempts, now),
            Delivery::Done | Delivery::Refused(_) => None,
        };
        let ended = self.store.end_resume(&begun, delivery, next_at, now).await?;
        tracing::info!(
            target: "holdpoint",
            function = context.function,
            run = id.run.as_str(),
            block = id.block.as_str(),
            organization = id.organization.as_str(),
            target_kind = begun.target.label(),
            attempts,
            status = ended.as_ref().map(|resume| format!("{:?}", resume.status)),
            error = ended.as_ref().and_then(|resume| resume.last_error.as_deref()),
            "resume"
        );
        Ok(Resumed::Tried)
    }

    /// One try. An error means that nothing was sent.
    async fn tell(
        &self,
        context: &BatchContext,
        turn: &Turn,
        begun: &BegunResume,
    ) -> Result<Delivery, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("a decided review has no {what}"));
        let decision = begun.review.decisions.last().ok_or_else(|| corrupt("decision"))?;
        let body = context.with_snapshot(self.payload(&begun.review, decision)).await?;
        Ok(match &begun.target {
            ResumeTarget::StepFunctions { task_token } => {
                let delivery = self.tell_step_functions(task_token, decision.verdict, body, begun).await;
                if delivery == Delivery::Done {
                    turn.was_quick();
                }
                delivery
            }
            ResumeTarget::Webhook { url, origin, signing_secret } => {
                let id = webhook_id(&decision.decision_id, url);
                let now = self.now();
                match signature::headers(signing_secret.as_deref().into_iter(), &id, &body, now) {
                    Err(fault) => of_webhook(Err(fault)),
                    Ok(headers) => {
                        let organization = begun.review.id.organization.clone();
                        let receiver = Receiver { organization, name: origin.clone() };
                        self.post_decision(context, turn, &receiver, (url, headers, body)).await
                    }
                }
            }
            // Nobody begins such a try.
            ResumeTarget::Poll => Delivery::Refused("the run asks for its decision".into()),
        })
    }

    async fn payload(&self, review: &Review, decision: &Decision) -> Result<String, StoreError> {
        let effective = match review.effective_seq {
            None => None,
            Some(seq) => {
                let missing = || StoreError::Corrupt("a decided review has no effective version".into());
                Some(self.store.load_version(&review.id, seq).await?.ok_or_else(missing)?)
            }
        };
        let payload = ResumePayload::new(review, decision, effective.as_ref());
        payload.json(OUTPUT_LIMIT).map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    async fn post_decision(
        &self,
        context: &BatchContext,
        turn: &Turn,
        receiver: &Receiver,
        (url, headers, body): (&str, HeaderMap, String),
    ) -> Delivery {
        self.outbound.prepare();
        let started = Instant::now();
        let answer = if context.is_stream {
            self.outbound.post_first(url, headers, body).await
        } else {
            self.outbound.post(url, headers, body).await
        };
        let took = started.elapsed();
        let speed = Speed::of(&answer, took, self.outbound.slow_after);
        self.breaker.note(receiver, speed, took, self.now());
        if speed == Speed::Quick {
            turn.was_quick();
        }
        of_webhook(answer)
    }

    async fn tell_step_functions(
        &self,
        task_token: &str,
        verdict: Verdict,
        body: String,
        begun: &BegunResume,
    ) -> Delivery {
        let Some(step_functions) = &self.step_functions else {
            return Delivery::Refused("Step Functions is not set up here".into());
        };
        let was_in_doubt = begun.review.resume.as_ref().is_some_and(shared::review::Resume::is_in_doubt);
        match verdict {
            Verdict::Approved => {
                let request = step_functions.send_task_success().task_token(task_token).output(body);
                let sent = request.send().await;
                sent.map_or_else(|error| of_step_functions(&error, was_in_doubt), |_| Delivery::Done)
            }
            Verdict::Rejected => {
                let request = step_functions.send_task_failure().task_token(task_token);
                let sent = request.error(REJECTED).cause(body).send().await;
                sent.map_or_else(|error| of_step_functions(&error, was_in_doubt), |_| Delivery::Done)
            }
            // It leaves a review open. Should one be decided all the same, its run is not told what nobody has decided.
            Verdict::Escalated => Delivery::Refused("the last decision decides nothing".into()),
        }
    }
}

/// What was to be told could not be read, so that nothing was sent. It ends the try as any other failure does: a try that is
/// never ended counts as dead, and leaves a doubt.
fn of_unreadable(error: &StoreError) -> Delivery {
    tracing::error!(target: "holdpoint", function = "publish", cause = %error, "a decision is not readable");
    match error {
        StoreError::Corrupt(_) => Delivery::Refused("the decision is not readable".into()),
        _ => Delivery::Failed { error: "the decision could not be read".into(), in_doubt: false },
    }
}

/// The `webhook-id` of a resume call: the same for each try at the same address, and no event's. A state of the workflow that is
/// retried waits at another address for the same decision, and is not to be taken for a duplicate.
fn webhook_id(decision_id: &str, url: &str) -> String {
    let address = RequestDigest::of("resume", &[url.as_bytes()]).0;
    address.iter().fold(format!("resume_{decision_id}_"), |id, byte| format!("{id}{byte:02x}"))
}

fn of_webhook(answer: Result<Answered, CallFault>) -> Delivery {
    match answer {
        Ok(answer) if answer.is_success() => Delivery::Done,
        Ok(Answered { status: 410, .. }) => Delivery::Refused("answered 410: gone".into()),
        Ok(answer) => Delivery::Failed {
            error: answer.fault(),
            // What failed inside the receiver may have had its effect.
            in_doubt: answer.status >= 500,
        },
        Err(fault @ CallFault::NotAllowed(_)) => Delivery::Refused(fault.to_string()),
        Err(fault @ CallFault::NotSent(_)) => Delivery::Failed { error: fault.to_string(), in_doubt: false },
        Err(fault @ CallFault::Lost(_)) => Delivery::Failed { error: fault.to_string(), in_doubt: true },
    }
}

/// The SDK does not retry these calls by itself: after a lost answer, the retry would be told that the task is over, and
/// nobody would know that it is over because of us.
fn of_step_functions<E, R>(error: &SdkError<E, R>, was_in_doubt: bool) -> Delivery
where
    E: ProvideErrorMetadata,
{
    const FOR_GOOD: [&str; 4] = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken", "InvalidOutput"];
    let failed = |error: String, in_doubt| Delivery::Failed { error, in_doubt };
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("unknown");
            let text = format!("{code}: {}", service.err().message().unwrap_or("no message"));
            if FOR_GOOD.contains(&code) {
                let text = if was_in_doubt {
                    format!("{text} (the answer of an earlier try got lost: the run may have been resumed)")
                } else {
                    text
                };
                Delivery::Refused(text)
            } else {
                failed(text, !code.contains("Throttl") && !code.contains("AccessDenied"))
            }
        }
        SdkError::DispatchFailure(failure) => {
            let refused = failure.as_connector_error().is_some_and(|error| connection_refused(error));
            let text = if refused { "could not connect" } else { "no answer: the connection failed" };
            failed(text.into(), !refused)
        }
        SdkError::TimeoutError(_) => failed("no answer: timed out".into(), true),
        SdkError::ConstructionFailure(_) => Delivery::Refused("the request could not be built".into()),
        _ => failed("no answer: it was cut off or unreadable".into(), true),
    }
}

/// Whether nothing was sent because nobody listens.
fn connection_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
    })
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
