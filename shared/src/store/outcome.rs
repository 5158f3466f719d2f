//! What the store answers: a review with all beside it, and what became of a call that changes one.

use crate::review::{Actor, AuditEntry, Decision, OutputVersion, Refusal, Review, StaleWrite};
use crate::store::error::TooLarge;

/// A review with all that is kept beside it: what `get` answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// The review.
    pub review: Review,
    /// All versions, ascending.
    pub versions: Vec<OutputVersion>,
    /// Audit entries that have left the journal, oldest first: the newest ones, as many as an answer shows, or more.
    pub older_audit: Vec<AuditEntry>,
    /// All decisions that have left the journal, oldest first.
    pub older_decisions: Vec<Decision>,
    /// The newest stale writes that were rejected, by their stamps.
    pub stale: Vec<StaleWrite>,
    /// What the versions take in the table, in bytes.
    pub(crate) stored_bytes: usize,
}

impl Overlay {
    /// Who opened it, if its first audit entry is among those at hand.
    pub(in crate::store) fn opened_by_at_hand(&self) -> Option<&Actor> {
        let entries = self.older_audit.iter().chain(&self.review.journal);
        entries.take(1).find(|entry| entry.is_opening()).map(|entry| &entry.actor)
    }
}

/// What became of a mutating call.
#[must_use]
#[derive(Debug)]
pub enum Outcome {
    /// It is done, now or by an earlier try of the same request.
    Done {
        /// The overlay as it stands.
        overlay: Box<Overlay>,
        /// Whether an earlier request had done it.
        replayed: bool,
    },
    /// It is not done; the review as it stood when it was refused.
    Refused(Refusal, Box<Review>),
    /// It is not done: the gate fired again with other content; the review as it stood, and the fields that differ.
    Exists(Box<Review>, Vec<&'static str>),
    /// It is not done: its snapshot does not fit.
    TooLarge(TooLarge),
    /// There is no such review in this organization.
    Missing,
}

impl Outcome {
    pub(crate) fn done(overlay: Overlay, replayed: bool) -> Self {
        Self::Done { overlay: Box::new(overlay), replayed }
    }
}
