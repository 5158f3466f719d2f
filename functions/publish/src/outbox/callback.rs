//! The callback: the decision of a review, for the run that waits for it.

use super::attempt::{admit, call};
use super::context::BatchContext;
use crate::pacing::backoff;
use crate::pacing::turns::{Purpose, Turn};
use crate::targets::attempt::{Message, Receiver, ReceiverId};
use crate::targets::step_functions::OUTPUT_LIMIT;
use shared::review::{Decision, Delivery, Resume, ResumePayload, Review, Timestamp};
use shared::store::{ResumeAttempt, StoreError};

/// What became of a callback that may be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resumed {
    /// An attempt was made.
    Tried,
    /// None was due.
    NotDue,
    /// The receiver is not called now, which counts as no attempt. Since when the run waits.
    NotCalled(Timestamp),
}

/// Makes the callback, or leaves it to `redeliver`. `review` is the image that says that it may be due.
pub(crate) async fn resume_or_schedule(
    context: &BatchContext<'_>,
    review: &Review,
) -> Result<(), StoreError> {
    let resumed = if context.has_time() {
        resume(context, review).await?
    } else {
        Resumed::NotCalled(context.started_at)
    };
    if let Resumed::NotCalled(_) = resumed {
        context.store().schedule_resume(&review.id, context.now()).await?;
    }
    Ok(())
}

/// Makes the callback, if it is due. `review` may be old: META as it is now decides.
pub(crate) async fn resume(context: &BatchContext<'_>, review: &Review) -> Result<Resumed, StoreError> {
    let (store, id) = (context.store(), &review.id);
    let label = review.resume.as_ref().map(|resume| resume.target.clone()).unwrap_or_default();
    let receiver = Receiver { organization: id.organization.clone(), id: ReceiverId::Callback(label) };
    // Its turn first: an attempt that has begun must not wait for others.
    let Some(turn) = admit(context, &receiver, (Purpose::Callback, true)).await else {
        return Ok(Resumed::NotCalled(review.decided_at.unwrap_or(context.started_at)));
    };
    let Some(begun) = store.begin_resume(id, context.now()).await? else { return Ok(Resumed::NotDue) };
    let sent = send(context, turn, &receiver, &begun).await;
    let (delivery, not_before) = sent.unwrap_or_else(|error| (unreadable(context, &error), None));
    let now = context.now();
    let attempts = begun.review.resume.as_ref().map_or(1, |resume| resume.attempts);
    let next_at = match &delivery {
        Delivery::Failed { .. } => {
            backoff::next_try(attempts, now).map(|next| next.max(not_before.unwrap_or(next)))
        }
        Delivery::Done | Delivery::Refused(_) => None,
    };
    let ended = store.end_resume(&begun, delivery, next_at, now).await?;
    log(context, &begun, attempts, ended.as_ref());
    Ok(Resumed::Tried)
}

/// One attempt, and when the receiver asks to be called again, if it does. An error means that nothing was sent.
async fn send(
    context: &BatchContext<'_>,
    turn: Turn,
    receiver: &Receiver,
    begun: &ResumeAttempt,
) -> Result<(Delivery, Option<Timestamp>), StoreError> {
    let missing = || StoreError::Corrupt("a decided review has no decision".into());
    let decision = begun.review.decisions.last().ok_or_else(missing)?;
    let body = context.with_snapshot(payload(context, &begun.review, decision)).await?;
    let Some(target) = context.services.targets.callback(begun, decision) else {
        // No attempt begins for a run that polls.
        return Ok((Delivery::Refused("the run polls for its decision".into()), None));
    };
    let message = Message {
        id: decision.decision_id.clone(),
        kind: "decision",
        at: decision.decided_at,
        review: Some(&begun.review.id),
        body: &body,
        number: begun.review.resume.as_ref().map_or(1, |resume| resume.attempts),
    };
    let attempt = call(context, turn, receiver, &*target, &message).await;
    Ok((attempt.delivery, attempt.retry_at))
}

async fn payload(
    context: &BatchContext<'_>,
    review: &Review,
    decision: &Decision,
) -> Result<String, StoreError> {
    let effective = match review.effective_seq {
        None => None,
        Some(seq) => {
            let missing = || StoreError::Corrupt("a decided review has no effective version".into());
            Some(context.store().load_version(&review.id, seq).await?.ok_or_else(missing)?)
        }
    };
    let payload = ResumePayload::new(review, decision, effective.as_ref());
    payload.json(OUTPUT_LIMIT).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The decision could not be read, so nothing was sent. That ends the attempt as any other failure does: an attempt that is never
/// ended counts as dead, and leaves it in doubt whether the run was resumed.
fn unreadable(context: &BatchContext<'_>, error: &StoreError) -> Delivery {
    let function = context.function;
    tracing::error!(target: "holdpoint", function, cause = %error, "could not read a decision");
    match error {
        StoreError::Corrupt(_) => Delivery::Refused("the decision is not readable".into()),
        _ => Delivery::Failed { error: "the decision could not be read".into(), in_doubt: false },
    }
}

fn log(context: &BatchContext<'_>, begun: &ResumeAttempt, attempts: u32, ended: Option<&Resume>) {
    let id = &begun.review.id;
    tracing::info!(
        target: "holdpoint",
        function = context.function,
        run = id.run.as_str(),
        block = id.block.as_str(),
        organization = id.organization.as_str(),
        target_kind = begun.target.label(),
        attempts,
        status = ended.map(|resume| format!("{:?}", resume.status)),
        error = ended.and_then(|resume| resume.last_error.as_deref()),
        "resume"
    );
}
