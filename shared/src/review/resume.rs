//! Telling whoever waits for a review that it is decided: pending, resumed or failed.
//!
//! What is delivered, and how, is `publish`'s business. Here is what may happen when, so that a run is resumed for the
//! decision that stands, and a review is not opened again behind the back of a run that has gone on.

use super::{Refusal, Review, Status, Timestamp, words};
use schemars::JsonSchema;
use serde::Serialize;

words! {
    /// How a waiting run gets its decision.
    pub enum ResumeKind {
        /// An AWS Step Functions task that waits for its token.
        StepFunctions = "step_functions",
        /// A URL that is called.
        Webhook = "webhook",
        /// No call: the run reads `GET …/decision`, and acknowledges the decision.
        Poll = "poll",
    }
}

words! {
    /// Whether the decision has been delivered to the run (contract: `resume.status`).
    pub enum ResumeStatus {
        /// There is no decision yet, or it is not delivered yet.
        Pending = "pending",
        /// The decision is delivered.
        Resumed = "resumed",
        /// Delivery failed and is retried only on request.
        Failed = "failed",
    }
}

/// What is to be told when a decision lands, and how that went (contract: `resume`). Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Resume {
    /// Who waits: `step_functions`, `poll`, or the origin of a webhook's URL. Never the token or the whole URL.
    pub target: String,
    /// How it stands.
    pub status: ResumeStatus,
    /// How often delivery of the standing decision was tried.
    pub attempts: u32,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// A try is under way, or died, if this is past.
    #[serde(skip)]
    pub(crate) trying_until: Option<Timestamp>,
    /// Not before this is the next try.
    #[serde(skip)]
    pub(crate) next_at: Option<Timestamp>,
    /// The answer of a try got lost: the run may know.
    #[serde(skip)]
    pub(crate) in_doubt: bool,
    /// How often this has changed; what a write of it is conditioned on.
    #[serde(skip)]
    pub(crate) changes: u64,
}

/// Who waits for a decision: the run's own address.
#[derive(Clone, PartialEq, Eq)]
pub enum ResumeTarget {
    /// A state of an AWS Step Functions execution that waits for its task token.
    StepFunctions {
        /// 1 to 2,048 characters; whoever has it can resume the run.
        task_token: String,
    },
    /// A URL that takes a signed POST.
    Webhook {
        /// Where; it may hold secrets.
        url: String,
        /// The URL's scheme, host and port: what may be shown.
        origin: String,
        /// Signs the request (Standard Webhooks), if there is one.
        signing_secret: Option<String>,
    },
    /// Nobody is called: the run asks, and acknowledges the decision itself.
    Poll,
}

impl ResumeTarget {
    /// How a run that asks is shown. No origin of a URL looks like that.
    const POLL: &str = ResumeKind::Poll.as_str();

    /// What may be shown of it.
    pub fn label(&self) -> String {
        match self {
            Self::StepFunctions { .. } => ResumeKind::StepFunctions.as_str().into(),
            Self::Webhook { origin, .. } => origin.clone(),
            Self::Poll => Self::POLL.into(),
        }
    }
}

impl std::fmt::Debug for ResumeTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ResumeTarget({})", self.label())
    }
}

/// How one try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The run knows.
    Done,
    /// It was refused for good.
    Refused(String),
    /// It may succeed later.
    Failed {
        /// Why.
        error: String,
        /// Whether the request may have arrived all the same.
        in_doubt: bool,
    },
}

impl Resume {
    /// How long a try may take before it counts as dead, in milliseconds: longer than the function has.
    pub const TRY_MILLIS: i64 = 120_000;
    /// How long after one try that was asked for the next can be, in milliseconds.
    pub const COOLDOWN_MILLIS: i64 = 60_000;

    /// Whether the run asks for the decision itself, so that nobody calls it.
    pub fn is_polled(&self) -> bool {
        self.target == ResumeTarget::POLL
    }

    /// Somebody waits, and nothing is decided yet.
    pub fn waiting(target: String) -> Self {
        Self {
            target,
            status: ResumeStatus::Pending,
            attempts: 0,
            last_error: None,
            trying_until: None,
            next_at: None,
            in_doubt: false,
            changes: 0,
        }
    }

    /// How often it has changed.
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// As at first, for the next decision or another target.
    pub(crate) fn anew(&self, target: String) -> Self {
        Self { changes: self.changes + 1, ..Self::waiting(target) }
    }

    /// Whether the run has been told of a decision, or may have been.
    pub fn may_be_told(&self) -> bool {
        self.status == ResumeStatus::Resumed || self.in_doubt || self.trying_until.is_some()
    }

    /// Whether an earlier try may have got through.
    pub const fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Asks at `now` for another try at once; `None` when there is nothing to ask for: the run knows, or somebody is at it.
    /// What waits for nothing is asked for all the same, because nobody may know of it: what is written tells them again.
    pub fn retry(&self, now: Timestamp) -> Option<Self> {
        match self.status {
            ResumeStatus::Resumed => None,
            ResumeStatus::Pending if self.trying_until.is_some_and(|until| now < until) => None,
            ResumeStatus::Pending | ResumeStatus::Failed => Some(Self {
                status: ResumeStatus::Pending,
                next_at: None,
                changes: self.changes + 1,
                ..self.clone()
            }),
        }
    }

    /// Whether a try is due at once, and nobody has begun it.
    fn is_asked_for(&self) -> bool {
        self.status == ResumeStatus::Pending && self.trying_until.is_none() && self.next_at.is_none()
    }

    /// Begins a try at `now`; `None` when none is due.
    pub fn begin(&self, now: Timestamp) -> Option<Self> {
        let waits = |until: Option<Timestamp>| until.is_some_and(|until| now < until);
        let is_over = self.status != ResumeStatus::Pending || self.is_polled();
        if is_over || waits(self.trying_until) || waits(self.next_at) {
            return None;
        }
        Some(Self {
            attempts: self.attempts.saturating_add(1),
            trying_until: Some(now.plus_millis(Self::TRY_MILLIS)),
            next_at: None,
            // A try that never ended may have got through.
            in_doubt: self.may_be_told(),
            changes: self.changes + 1,
            ..self.clone()
        })
    }

    /// Ends the try that [`Resume::begin`] began. `next_at` is when to try again, should it be worth it; `None` gives up.
    #[must_use]
    pub fn end(&self, delivery: Delivery, next_at: Option<Timestamp>) -> Self {
        let ended = Self { trying_until: None, changes: self.changes + 1, ..self.clone() };
        match delivery {
            Delivery::Done => {
                Self { status: ResumeStatus::Resumed, last_error: None, in_doubt: false, ..ended }
            }
            Delivery::Refused(error) => {
                Self { status: ResumeStatus::Failed, last_error: Some(bounded(&error)), ..ended }
            }
            Delivery::Failed { error, in_doubt } => Self {
                status: if next_at.is_some() { ResumeStatus::Pending } else { ResumeStatus::Failed },
                last_error: Some(bounded(&error)),
                next_at,
                in_doubt: ended.in_doubt || in_doubt,
                ..ended
            },
        }
    }
}

impl Review {
    /// The try that is due at `now`: the review is decided and somebody waits to be told.
    pub fn begin_resume(&self, now: Timestamp) -> Option<Resume> {
        let decided = self.status != Status::AwaitingReview;
        self.resume.as_ref().filter(|_| decided).and_then(|resume| resume.begin(now))
    }

    /// Asks at `now` for another try at once: how the callback stands then, or `None` where nothing is to be written, because a try
    /// is under way or asked for already. Once in a while only, so that nobody has a receiver called in a loop.
    pub fn retry_resume(&self, now: Timestamp) -> Result<Option<Resume>, Refusal> {
        let decided = self.status != Status::AwaitingReview;
        let resume = self.resume.as_ref().filter(|resume| decided && !resume.is_polled());
        let resume = resume.ok_or(Refusal::NothingToResume)?;
        if resume.status == ResumeStatus::Resumed {
            return Err(Refusal::NothingToResume);
        }
        let Some(next) = resume.retry(now) else { return Ok(None) };
        match self.may_restart_callback(now) {
            Ok(()) => Ok(Some(next)),
            Err(_) if resume.is_asked_for() => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Whether another call may be asked for at `now`: not within a while of the last one that was, so that nobody has a receiver
    /// called in a loop.
    pub fn may_restart_callback(&self, now: Timestamp) -> Result<(), Refusal> {
        let retry_at = self.resume_asked_at.map(|asked| asked.plus_millis(Resume::COOLDOWN_MILLIS));
        match retry_at.filter(|retry_at| now < *retry_at) {
            None => Ok(()),
            Some(retry_at) => Err(Refusal::ResumeTooSoon { retry_at }),
        }
    }

    /// The run that asks has the decision with this id: how the callback stands then, or `None` where that is known already.
    pub fn acknowledge(&self, decision_id: &str) -> Result<Option<Resume>, Refusal> {
        let resume = self.resume.as_ref().filter(|resume| resume.is_polled());
        let resume = resume.ok_or(Refusal::NothingToAcknowledge)?;
        let stands = self.status != Status::AwaitingReview
            && self.decisions.last().is_some_and(|decision| decision.decision_id == decision_id);
        if !stands {
            return Err(Refusal::DecisionSuperseded);
        }
        if resume.status == ResumeStatus::Resumed {
            return Ok(None);
        }
        Ok(Some(Resume { status: ResumeStatus::Resumed, changes: resume.changes + 1, ..resume.clone() }))
    }

    /// When the next try is, or was, due, if there is to be one; long ago, if nothing stands in its way.
    pub fn next_resume(&self) -> Option<Timestamp> {
        let decided = self.status != Status::AwaitingReview;
        let pending =
            |resume: &&Resume| decided && resume.status == ResumeStatus::Pending && !resume.is_polled();
        let resume = self.resume.as_ref().filter(pending)?;
        Some(resume.trying_until.max(resume.next_at).unwrap_or_default())
    }
}

/// Longest `last_error`, in characters: what a receiver or a service says is its own, and each read of the review carries it.
const MAX_ERROR: usize = 500;

fn bounded(error: &str) -> String {
    error.chars().take(MAX_ERROR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn waiting() -> Resume {
        Resume::waiting("step_functions".into())
    }

    #[test]
    fn one_try_at_a_time_and_a_dead_one_leaves_a_doubt() {
        let trying = waiting().begin(NOW).unwrap();
        assert_eq!((trying.attempts, trying.in_doubt, trying.may_be_told()), (1, false, true));
        assert_eq!(trying.begin(NOW.plus_millis(Resume::TRY_MILLIS - 1)), None);
        let again = trying.begin(NOW.plus_millis(Resume::TRY_MILLIS)).unwrap();
        assert_eq!((again.attempts, again.in_doubt), (2, true));
        assert!(again.end(Delivery::Refused("no such task".into()), None).may_be_told());
    }

    #[test]
    fn a_failed_try_waits_for_its_time_and_a_retry_does_not() {
        let failed = Delivery::Failed { error: "500".into(), in_doubt: false };
        let later = NOW.plus_millis(60_000);
        let pending = waiting().begin(NOW).unwrap().end(failed.clone(), Some(later));
        assert_eq!((pending.status, pending.may_be_told()), (ResumeStatus::Pending, false));
        assert_eq!(pending.begin(NOW), None);
        assert!(pending.begin(later).is_some());
        assert!(pending.retry(NOW).unwrap().begin(NOW).is_some());
        let given_up = pending.begin(later).unwrap().end(failed, None);
        assert_eq!((given_up.status, given_up.begin(later)), (ResumeStatus::Failed, None));
        assert!(given_up.retry(NOW).unwrap().begin(later).is_some());
    }

    #[test]
    fn what_nobody_is_at_can_be_asked_for_and_keeps_its_doubt() {
        assert_eq!(waiting().retry(NOW), Some(Resume { changes: 1, ..waiting() }));
        let trying = waiting().begin(NOW).unwrap();
        assert_eq!(trying.retry(NOW.plus_millis(Resume::TRY_MILLIS - 1)), None);
        let dead = NOW.plus_millis(Resume::TRY_MILLIS);
        assert!(trying.retry(dead).unwrap().begin(dead).unwrap().in_doubt);
    }

    #[test]
    fn an_error_is_kept_up_to_its_limit() {
        let long = || "é".repeat(10 * MAX_ERROR);
        for delivery in [Delivery::Refused(long()), Delivery::Failed { error: long(), in_doubt: false }] {
            let ended = waiting().begin(NOW).unwrap().end(delivery, None);
            assert_eq!(ended.last_error.unwrap().chars().count(), MAX_ERROR);
        }
    }

    #[test]
    fn what_is_known_of_a_try_is_how_it_ended() {
        let failed = |in_doubt| Delivery::Failed { error: "500".into(), in_doubt };
        let later = NOW.plus_millis(60_000);
        let pending = waiting().begin(NOW).unwrap().end(failed(true), Some(later));
        assert_eq!((pending.last_error.as_deref(), pending.next_at), (Some("500"), Some(later)));
        let again = pending.begin(later).unwrap();
        assert_eq!((again.next_at, again.is_in_doubt()), (None, true));
        assert!(
            again.end(failed(false), Some(later)).is_in_doubt(),
            "the first try may still have got through"
        );
        assert!(!waiting().begin(NOW).unwrap().is_in_doubt());

        let refused = again.end(Delivery::Refused("no such task".into()), None);
        assert_eq!(
            (refused.status, refused.last_error.as_deref()),
            (ResumeStatus::Failed, Some("no such task"))
        );
        let done = again.end(Delivery::Done, None);
        assert_eq!((done.status, done.last_error.as_deref()), (ResumeStatus::Resumed, None));
        assert!(!done.is_in_doubt());
    }

    #[test]
    fn each_change_is_counted() {
        let trying = waiting().begin(NOW).unwrap();
        let ended = trying.end(Delivery::Done, None);
        let anew = ended.anew("other".into());
        assert_eq!([&waiting(), &trying, &ended, &anew].map(Resume::changes), [0, 1, 2, 3]);
        assert_eq!(anew, Resume { changes: 3, ..Resume::waiting("other".into()) });
    }

    #[test]
    fn nothing_secret_of_a_target_is_shown() {
        let token = ResumeTarget::StepFunctions { task_token: "secret".into() };
        let webhook = ResumeTarget::Webhook {
            url: "https://example.com/secret".into(),
            origin: "https://example.com".into(),
            signing_secret: Some("secret".into()),
        };
        assert_eq!((token.label(), webhook.label()), ("step_functions".into(), "https://example.com".into()));
        assert_eq!(
            format!("{token:?} {webhook:?}"),
            "ResumeTarget(step_functions) ResumeTarget(https://example.com)"
        );
    }

    #[test]
    fn nobody_begins_to_call_a_run_that_asks() {
        let polled = Resume::waiting(ResumeTarget::Poll.label());
        assert!(polled.is_polled() && !waiting().is_polled());
        assert_eq!(polled.begin(NOW), None);
    }

    #[test]
    fn what_is_resumed_is_not_retried() {
        let resumed = waiting().begin(NOW).unwrap().end(Delivery::Done, None);
        assert_eq!(
            (resumed.status, resumed.retry(NOW), resumed.begin(NOW)),
            (ResumeStatus::Resumed, None, None)
        );
        assert!(resumed.may_be_told());
    }
}
