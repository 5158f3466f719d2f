//! What the waiting run may read: the status of its review, and the decision. Not the review itself, which holds what reviewers wrote.

use super::Reply;
use crate::api::errors::Error;
use crate::review::{Resume, ResumePayload, Rev, Status, Timestamp};
use crate::store::{Outcome, Overlay};
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

/// The status and the decision of a review, for the run that waits for it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RunDecision")]
pub struct DecisionView<'a> {
    /// The status of the review.
    status: Status,
    /// Its `rev`.
    rev: Rev,
    /// How the decision is delivered; null when no run waits.
    resume: Option<&'a Resume>,
    /// The current decision; null while the review awaits one.
    decision: Option<ResumePayload<'a>>,
}

/// The answer to an acknowledgement.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Acknowledged")]
pub struct AcknowledgedView<'a> {
    /// The status of the review.
    status: Status,
    /// Its `rev`; acknowledging does not advance it.
    rev: Rev,
    /// How the decision is delivered; its status is `resumed`.
    resume: Option<&'a Resume>,
}

impl<'a> DecisionView<'a> {
    /// Of a review with its versions.
    pub fn of(overlay: &'a Overlay) -> Self {
        let review = &overlay.review;
        let decision = review.decisions.last().filter(|_| review.status != Status::AwaitingReview);
        let effective = overlay.versions.iter().find(|version| Some(version.seq) == review.effective_seq);
        Self {
            status: review.status,
            rev: review.rev,
            resume: review.resume.as_ref(),
            decision: decision.map(|decision| ResumePayload::new(review, decision, effective)),
        }
    }
}

/// The answer to an acknowledgement.
pub fn acknowledged(outcome: Outcome, now: Timestamp) -> Result<Reply, Error> {
    match outcome {
        Outcome::Done { overlay, .. } => {
            let review = &overlay.review;
            let body =
                AcknowledgedView { status: review.status, rev: review.rev, resume: review.resume.as_ref() };
            Ok(Reply::json(StatusCode::OK, &body).at_rev(review.rev))
        }
        Outcome::Refused(refusal, review) => {
            Err(Error::Refused { refusal, stamp: review.rev, review, now, caller: None })
        }
        // An acknowledgement opens nothing and adds no version, so these two do not happen.
        Outcome::Exists(review, differs) => Err(Error::ReviewExists { review, differs }),
        Outcome::TooLarge(fault) => Err(fault.into()),
        Outcome::Missing => Err(Error::ReviewNotFound),
    }
}
