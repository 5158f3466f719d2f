//! A decided review is opened again.

use super::{Act, Event, Recorded, Refusal, Review, Status, Written};

impl Review {
    /// Back to awaiting review, from now on. Its decisions stay; the next one supersedes the last.
    pub fn reopen(&self, reason: Option<String>, act: &Act) -> Result<Written, Refusal> {
        if self.status == Status::AwaitingReview {
            return Err(Refusal::NotDecided);
        }
        let mut next = self.clone();
        next.status = Status::AwaitingReview;
        next.awaiting_since = act.at;
        next.decided_at = None;
        next.effective_seq = None;
        next.advance(act, Recorded::Plain(Event::Reopened { reason }));
        Ok(Written { review: next, version: None })
    }
}
