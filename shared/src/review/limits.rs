//! Limits that keep a review readable: how many versions, escalations, reopenings and unfinished approvals it can have.
//!
//! An approval without a correction and a rejection are always possible.

use super::{AuditEvent, Decision, Refusal, Review, Seq, Verdict, Written};

/// Most versions of a review, the model's own included: an answer holds all of them.
pub const MAX_VERSIONS: u32 = 500;
/// Most escalations of a review: an answer holds all decisions.
pub const MAX_ESCALATIONS: usize = 50;
/// Most assignments of a review: each is an audit entry.
pub const MAX_ASSIGNMENTS: u8 = 50;
/// Most reopenings of a review: each allows one more decision.
pub const MAX_REOPENINGS: usize = 50;
/// Most approvals that did not decide the review, before a new version is refused, which would discard them and ask for more: an answer
/// holds all decisions.
pub const MAX_UNFINISHED_APPROVALS: usize = 100;

impl Review {
    /// Refuses one more version where there are [`MAX_VERSIONS`].
    pub(super) fn has_room_for_a_version(&self) -> Result<(), Refusal> {
        if self.head_seq < Seq(MAX_VERSIONS - 1) { Ok(()) } else { Err(Refusal::TooManyVersions) }
    }
}

impl Written {
    /// Refuses an escalation, a reopening or a version above its limit. `older` are the decisions that are not in the review itself.
    pub fn within_limits(&self, older: &[Decision]) -> Result<(), Refusal> {
        let decisions = || older.iter().chain(&self.review.decisions);
        let escalations = || decisions().filter(|decision| decision.verdict == Verdict::Escalated).count();
        match self.review.last_entry().map(|entry| &entry.event) {
            Some(AuditEvent::DecisionSubmitted { verdict: Verdict::Escalated, .. })
                if escalations() > MAX_ESCALATIONS =>
            {
                Err(Refusal::TooManyEscalations)
            }
            // Each final decision was followed by a reopening, this one included.
            Some(AuditEvent::Reopened { .. })
                if decisions().filter(|decision| decision.is_final()).count() > MAX_REOPENINGS =>
            {
                Err(Refusal::TooManyReopenings)
            }
            Some(
                AuditEvent::VersionAppended { .. }
                | AuditEvent::DecisionSubmitted { appended_seq: Some(_), effective_seq: None, .. },
            ) if decisions().filter(|decision| decision.is_partial()).count() > MAX_UNFINISHED_APPROVALS => {
                Err(Refusal::TooManyApprovals)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::{context, review_and_version};
    use crate::review::{CommandContext, DecisionRequest, RequestDigest};

    fn escalate(review: &Review, context: &CommandContext) -> Written {
        let request =
            DecisionRequest::Escalate { on_seq: None, reason: "?".into(), escalate_to: "legal".into() };
        review.decide(request, context).unwrap()
    }

    fn reject(review: &Review, context: &CommandContext) -> Written {
        review.decide(DecisionRequest::Reject { on_seq: None, reason: "no".into() }, context).unwrap()
    }

    fn another(review: &Review) -> CommandContext {
        CommandContext { request: RequestDigest::of("", &[]), ..context(0, review.updated_at, "") }
    }

    #[test]
    fn the_51st_escalation_is_refused_and_a_rejection_is_not() {
        let mut review = review_and_version().0;
        for _ in 0..MAX_ESCALATIONS {
            let written = escalate(&review, &another(&review));
            assert_eq!(written.within_limits(&[]), Ok(()));
            review = written.review;
        }
        let context = another(&review);
        assert_eq!(escalate(&review, &context).within_limits(&[]), Err(Refusal::TooManyEscalations));
        assert_eq!(reject(&review, &context).within_limits(&[]), Ok(()));
        // Those that are not held in the review count, too.
        let older = review.decisions.split_off(1);
        assert_eq!(escalate(&review, &context).within_limits(&older), Err(Refusal::TooManyEscalations));
        assert_eq!(escalate(&review, &context).within_limits(&older[1..]), Ok(()));
    }

    #[test]
    fn the_51st_reopening_is_refused_and_each_decision_before_it_is_not() {
        let mut review = escalate(&review_and_version().0, &another(&review_and_version().0)).review;
        for _ in 0..MAX_REOPENINGS {
            let rejected = reject(&review, &another(&review));
            assert_eq!(rejected.within_limits(&[]), Ok(()));
            let reopened = rejected.review.reopen(None, false, &another(&review)).unwrap();
            assert_eq!(reopened.within_limits(&[]), Ok(()));
            review = reopened.review;
        }
        let rejected = reject(&review, &another(&review));
        assert_eq!(rejected.within_limits(&[]), Ok(()));
        let reopened = rejected.review.reopen(None, false, &another(&review)).unwrap();
        assert_eq!(reopened.within_limits(&[]), Err(Refusal::TooManyReopenings));
    }
}
