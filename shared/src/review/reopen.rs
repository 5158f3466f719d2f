//! A decided review is opened again.

use super::{AuditEvent, CommandContext, RecordedEvent, Refusal, Resume, Review, Status, Written};

impl Review {
    /// Back to awaiting review, from now on. Its decisions stay; the next one supersedes the last. A review whose run has
    /// been told, or may have been, is opened again only with `force`.
    pub fn reopen(
        &self,
        reason: Option<String>,
        force: bool,
        context: &CommandContext,
    ) -> Result<Written, Refusal> {
        if self.status == Status::AwaitingReview {
            return Err(Refusal::NotDecided);
        }
        let told = self.resume.as_ref().is_some_and(Resume::may_be_told);
        if told && !force {
            return Err(Refusal::AlreadyResumed);
        }
        let mut next = self.clone();
        next.status = Status::AwaitingReview;
        next.awaiting_since = context.at;
        next.decided_at = None;
        next.effective_seq = None;
        next.resume = self.resume.as_ref().map(|resume| resume.anew(resume.target.clone()));
        next.resume_asked_at = None;
        next.advance(context, RecordedEvent::Plain(AuditEvent::Reopened { reason, forced: told }));
        Ok(Written { review: next, version: None })
    }
}
