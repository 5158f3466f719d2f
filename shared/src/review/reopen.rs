//! Reopening a decided review.

use super::{AuditEvent, CommandContext, RecordedEvent, Refusal, Resume, Review, Status, Written};

impl Review {
    /// Sets the review back to awaiting review. Its decisions stay; the next one supersedes the last. If the decision was delivered, or
    /// may have been, this needs `force`.
    pub fn reopen(
        &self,
        reason: Option<String>,
        force: bool,
        context: &CommandContext,
    ) -> Result<Written, Refusal> {
        if self.status == Status::AwaitingReview {
            return Err(Refusal::NotDecided);
        }
        self.must_be_assigned_to(context)?;
        let delivered = self.resume.as_ref().is_some_and(Resume::may_have_arrived);
        if delivered && !force {
            return Err(Refusal::AlreadyResumed);
        }
        let mut next = self.clone();
        next.status = Status::AwaitingReview;
        next.awaiting_since = context.at;
        next.decided_at = None;
        next.effective_seq = None;
        next.resume = self.resume.as_ref().map(|resume| resume.restarted(resume.target.clone()));
        next.resume_asked_at = None;
        next.terms.deadline = self.terms.deadline.as_ref().map(|deadline| deadline.restarted(context.at));
        if let Some(approvals) = &mut next.terms.approvals {
            approvals.given.clear();
        }
        next.advance(context, RecordedEvent::Plain(AuditEvent::Reopened { reason, forced: delivered }));
        Ok(Written { review: next, version: None })
    }
}
