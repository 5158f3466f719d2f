//! What the run that waits gets to read: how its review stands, and the decision, if there is one. Not the review itself: what others
//! have written into it is none of its business.

use super::{Error, Reply};
use crate::review::{Resume, ResumePayload, Rev, Status, Timestamp};
use crate::store::{Outcome, Overlay};
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

/// How a review stands, for the run that waits for it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RunDecision")]
pub struct DecisionView<'a> {
    /// Where the review stands.
    status: Status,
    /// Its `rev`.
    rev: Rev,
    /// Who is told of the decision, and how that went; null when nobody is.
    resume: Option<&'a Resume>,
    /// The decision that stands; null while the review awaits one.
    decision: Option<ResumePayload<'a>>,
}

/// A run has its decision.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Acknowledged")]
pub struct AcknowledgedView<'a> {
    /// Where the review stands.
    status: Status,
    /// Its `rev`; acknowledging does not advance it.
    rev: Rev,
    /// How telling the run went: `resumed`.
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
        // An acknowledgement opens nothing and adds no version; should it ever, the answer is the same as elsewhere.
        Outcome::Exists(review, differs) => Err(Error::ReviewExists { review, differs }),
        Outcome::TooLarge(fault) => Err(fault.into()),
        Outcome::Missing => Err(Error::ReviewNotFound),
    }
}
