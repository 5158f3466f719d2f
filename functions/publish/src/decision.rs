//! The run is told: the decision of a review reaches who waits for it.

use crate::outbound::CallFault;
use crate::silence::{NOT_CALLED, Silence};
use crate::{Publisher, backoff, webhook};
use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use serde::Serialize;
use shared::review::{
    ContentHash, Decision, Delivery, JsonText, OutputVersion, ResumeTarget, Review, ReviewId, Seq, Verdict,
};
use shared::store::{BegunResume, StoreError};
use std::time::Instant;

/// The largest output of a Step Functions task, in bytes of UTF-8 (its quota). Larger snapshots are pointed to.
pub const OUTPUT_LIMIT: usize = 262_144;

/// The error that a state machine catches when a review is rejected.
pub const REJECTED: &str = "ReviewRejected";

/// What the run is told: a task's output, the cause of its failure, or a webhook's body.
#[derive(Serialize)]
struct Told<'a> {
    verdict: Verdict,
    organization_id: &'a str,
    workflow_id: &'a str,
    workflow_version_id: &'a str,
    workflow_run_id: &'a str,
    block_id: &'a str,
    decision_id: &'a str,
    reason: Option<&'a str>,
    effective_seq: Option<Seq>,
    content_sha256: Option<ContentHash>,
    snapshot: Option<&'a JsonText>,
    snapshot_url: Option<String>,
}

impl<'a> Told<'a> {
    fn new(review: &'a Review, decision: &'a Decision, effective: Option<&'a OutputVersion>) -> Self {
        let id = &review.id;
        Self {
            verdict: decision.verdict,
            organization_id: id.organization.as_str(),
            workflow_id: review.workflow_id.as_str(),
            workflow_version_id: review.workflow_version_id.as_str(),
            workflow_run_id: id.run.as_str(),
            block_id: id.block.as_str(),
            decision_id: &decision.decision_id,
            reason: decision.reason.as_deref(),
            effective_seq: review.effective_seq,
            content_sha256: effective.map(|version| version.content_sha256),
            snapshot: effective.map(|version| &version.snapshot),
            snapshot_url: None,
        }
    }

    /// As JSON of at most `limit` bytes: with the snapshot, or with a pointer to it.
    fn json(mut self, limit: usize) -> Result<String, serde_json::Error> {
        let whole = serde_json::to_string(&self)?;
        if whole.len() <= limit || self.snapshot.is_none() {
            return Ok(whole);
        }
        let seq = self.effective_seq.unwrap_or_default().0;
        self.snapshot = None;
        self.snapshot_url =
            Some(format!("/v1/workflows/reviews/{}/{}/versions/{seq}", self.workflow_run_id, self.block_id));
        serde_json::to_string(&self)
    }
}

impl Publisher {
    /// Tells the run of the decision that stands, if that is due; says whether it was.
    pub(crate) async fn tell_run(&self, silence: &Silence, id: &ReviewId) -> Result<bool, StoreError> {
        let Some(begun) = self.store.begin_resume(id, self.now()).await? else { return Ok(false) };
        let delivery = self.tell(silence, &begun).await.unwrap_or_else(|error| of_unreadable(&error));
        let now = self.now();
        let attempts = begun.review.resume.as_ref().map_or(1, |resume| resume.attempts);
        let next_at = match &delivery {
            Delivery::Failed { .. } => backoff::next_try(attempts, now),
            Delivery::Done | Delivery::Refused(_) => None,
        };
        let ended = self.store.end_resume(&begun, delivery, next_at, now).await?;
        tracing::info!(
            target: "holdpoint",
            function = "publish",
            run = id.run.as_str(),
            block = id.block.as_str(),
            organization = id.organization.as_str(),
            target_kind = begun.target.label(),
            attempts,
            status = ended.as_ref().map(|resume| format!("{:?}", resume.status)),
            error = ended.as_ref().and_then(|resume| resume.last_error.as_deref()),
            "resume"
        );
        Ok(true)
    }

    /// One try. An error means that nothing was sent.
    async fn tell(&self, silence: &Silence, begun: &BegunResume) -> Result<Delivery, StoreError> {
        let review = &begun.review;
        let corrupt = |what: &str| StoreError::Corrupt(format!("a decided review has no {what}"));
        let decision = review.decisions.last().ok_or_else(|| corrupt("decision"))?;
        let effective = match review.effective_seq {
            None => None,
            Some(seq) => {
                let version = self.store.load_version(&review.id, seq).await?;
                Some(version.ok_or_else(|| corrupt("effective version"))?)
            }
        };
        let told = Told::new(review, decision, effective.as_ref());
        let body = told.json(OUTPUT_LIMIT).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(match &begun.target {
            ResumeTarget::StepFunctions { task_token } => {
                self.tell_step_functions(task_token, decision.verdict, body, begun).await
            }
            ResumeTarget::Webhook { url, origin, signing_secret } => {
                // Who else is served at that origin is another organization's business.
                let receiver = format!("{} {origin}", review.id.organization);
                if silence.of(&receiver) {
                    return Ok(Delivery::Failed { error: NOT_CALLED.into(), in_doubt: false });
                }
                let (secret, started) = (signing_secret.as_deref(), Instant::now());
                let id = &decision.decision_id;
                let answer = webhook::post(&self.outbound, url, secret, id, body, self.now()).await;
                silence.note(&receiver, &answer, started.elapsed());
                of_webhook(answer)
            }
        })
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
        if verdict == Verdict::Approved {
            let request = step_functions.send_task_success().task_token(task_token).output(body);
            request
                .send()
                .await
                .map_or_else(|error| of_step_functions(&error, was_in_doubt), |_| Delivery::Done)
        } else {
            let request = step_functions.send_task_failure().task_token(task_token);
            let sent = request.error(REJECTED).cause(body).send().await;
            sent.map_or_else(|error| of_step_functions(&error, was_in_doubt), |_| Delivery::Done)
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

fn of_webhook(answer: Result<u16, CallFault>) -> Delivery {
    match answer {
        Ok(200..=299) => Delivery::Done,
        Ok(410) => Delivery::Refused("answered 410: gone".into()),
        Ok(status) => Delivery::Failed {
            error: format!("answered {status}"),
            // What failed inside the receiver may have had its effect.
            in_doubt: status >= 500,
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
