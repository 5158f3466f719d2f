//! The callback's delivery state: pending, resumed or failed.
//!
//! `publish` delivers. The rules here say when an attempt may begin, so that a run is resumed with the current decision, and a
//! review is not reopened unnoticed after its run has continued.

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

/// The callback of a review and its delivery state (contract: `resume`). Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Resume {
    /// The target: `step_functions`, `poll`, or the origin of a webhook's URL. Never the token or the whole URL.
    pub target: String,
    /// State of the delivery.
    pub status: ResumeStatus,
    /// How often delivery of the current decision was attempted.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Until when an attempt is in progress; if that is past, it died.
    #[serde(skip)]
    pub(crate) trying_until: Option<Timestamp>,
    /// The time of the next attempt.
    #[serde(skip)]
    pub(crate) next_at: Option<Timestamp>,
    /// The answer to an attempt was lost: the decision may have arrived.
    #[serde(skip)]
    pub(crate) in_doubt: bool,
    /// How often the state has changed; writes are conditioned on it.
    #[serde(skip)]
    pub(crate) changes: u64,
}

/// The target of a callback.
#[derive(Clone, PartialEq, Eq)]
pub enum ResumeTarget {
    /// A state of an AWS Step Functions execution that waits for its task token.
    StepFunctions {
        /// 1 to 2,048 characters. Who has it can resume the run.
        task_token: String,
    },
    /// A URL that takes a signed POST.
    Webhook {
        /// The URL; it may contain secrets.
        url: String,
        /// The URL's scheme, host and port: what may be shown.
        origin: String,
        /// Signs the request (Standard Webhooks), if there is one.
        signing_secret: Option<String>,
    },
    /// None is called: the run polls, and acknowledges the decision itself.
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

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was delivered.
    Done,
    /// It was refused permanently.
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
    /// How long an attempt may take before it counts as dead, in milliseconds: longer than the function's time-out.
    pub const TRY_MILLIS: i64 = 120_000;
    /// Shortest time between two requested attempts, in milliseconds.
    pub const COOLDOWN_MILLIS: i64 = 60_000;

    /// Whether the run polls, so that no call is made.
    pub fn is_polled(&self) -> bool {
        self.target == ResumeTarget::POLL
    }

    /// A callback before any attempt.
    pub fn pending(target: String) -> Self {
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

    /// The callback before any attempt, for the next decision or another target.
    pub(crate) fn restarted(&self, target: String) -> Self {
        Self { changes: self.changes + 1, ..Self::pending(target) }
    }

    /// Whether a decision was delivered, or may have been.
    pub fn may_have_arrived(&self) -> bool {
        self.status == ResumeStatus::Resumed || self.in_doubt || self.trying_until.is_some()
    }

    /// Whether an earlier attempt may have succeeded.
    pub const fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Requests another attempt at once; `None` if the decision was delivered, or if an attempt is in progress. A pending attempt is
    /// requested, too: the write triggers it, should the first trigger have been lost.
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

    /// Whether an attempt is due at once, and has not begun.
    fn is_requested(&self) -> bool {
        self.status == ResumeStatus::Pending && self.trying_until.is_none() && self.next_at.is_none()
    }

    /// Begins an attempt at `now`; `None` if none is due.
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
            // An attempt that never ended may have succeeded.
            in_doubt: self.may_have_arrived(),
            changes: self.changes + 1,
            ..self.clone()
        })
    }

    /// Ends the attempt that [`Resume::begin`] began. `next_at` is the time of the next one; `None` if there is to be none.
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
    /// Begins an attempt at `now`, if the review is decided and one is due.
    pub fn begin_resume(&self, now: Timestamp) -> Option<Resume> {
        let decided = self.status != Status::AwaitingReview;
        self.resume.as_ref().filter(|_| decided).and_then(|resume| resume.begin(now))
    }

    /// Requests another attempt at `now`. Returns the new state; `None` if an attempt is in progress or requested already. Refused
    /// within the cooldown, so that requests cannot have a receiver called in a loop.
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
            Err(_) if resume.is_requested() => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// Refuses a requested attempt within the cooldown of the one before.
    pub fn may_restart_callback(&self, now: Timestamp) -> Result<(), Refusal> {
        let retry_at = self.resume_asked_at.map(|asked| asked.plus_millis(Resume::COOLDOWN_MILLIS));
        match retry_at.filter(|retry_at| now < *retry_at) {
            None => Ok(()),
            Some(retry_at) => Err(Refusal::ResumeTooSoon { retry_at }),
        }
    }

    /// Records that a polling run has the decision with this id. Returns the new state; `None` if that is recorded already.
    pub fn acknowledge(&self, decision_id: &str) -> Result<Option<Resume>, Refusal> {
        let resume = self.resume.as_ref().filter(|resume| resume.is_polled());
        let resume = resume.ok_or(Refusal::NothingToAcknowledge)?;
        let is_current = self.status != Status::AwaitingReview
            && self.decisions.last().is_some_and(|decision| decision.decision_id == decision_id);
        if !is_current {
            return Err(Refusal::DecisionSuperseded);
        }
        if resume.status == ResumeStatus::Resumed {
            return Ok(None);
        }
        Ok(Some(Resume { status: ResumeStatus::Resumed, changes: resume.changes + 1, ..resume.clone() }))
    }

    /// When the next attempt is due, if there is to be one; the earliest time if it is due at once.
    pub fn next_resume(&self) -> Option<Timestamp> {
        let decided = self.status != Status::AwaitingReview;
        let pending =
            |resume: &&Resume| decided && resume.status == ResumeStatus::Pending && !resume.is_polled();
        let resume = self.resume.as_ref().filter(pending)?;
        Some(resume.trying_until.max(resume.next_at).unwrap_or_default())
    }
}

/// Longest `last_error`, in characters. Receivers determine its text, and each read of the review includes it.
const MAX_ERROR: usize = 500;

fn bounded(error: &str) -> String {
    error.chars().take(MAX_ERROR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn waiting() -> Resume {
        Resume::pending("step_functions".into())
    }

    #[test]
    fn one_try_at_a_time_and_a_dead_one_leaves_a_doubt() {
        let trying = waiting().begin(NOW).unwrap();
        assert_eq!((trying.attempts, trying.in_doubt, trying.may_have_arrived()), (1, false, true));
        assert_eq!(trying.begin(NOW.plus_millis(Resume::TRY_MILLIS - 1)), None);
        let again = trying.begin(NOW.plus_millis(Resume::TRY_MILLIS)).unwrap();
        assert_eq!((again.attempts, again.in_doubt), (2, true));
        assert!(again.end(Delivery::Refused("no such task".into()), None).may_have_arrived());
    }

    #[test]
    fn a_failed_try_waits_for_its_time_and_a_retry_does_not() {
        let failed = Delivery::Failed { error: "500".into(), in_doubt: false };
        let later = NOW.plus_millis(60_000);
        let pending = waiting().begin(NOW).unwrap().end(failed.clone(), Some(later));
        assert_eq!((pending.status, pending.may_have_arrived()), (ResumeStatus::Pending, false));
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
        let restarted = ended.restarted("other".into());
        assert_eq!([&waiting(), &trying, &ended, &restarted].map(Resume::changes), [0, 1, 2, 3]);
        assert_eq!(restarted, Resume { changes: 3, ..Resume::pending("other".into()) });
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
        let polled = Resume::pending(ResumeTarget::Poll.label());
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
        assert!(resumed.may_have_arrived());
    }
}
