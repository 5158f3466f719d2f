//! What the store returns: a whole review, and the outcome of a call that changes one.

use crate::review::{Actor, AuditEntry, Decision, OutputVersion, Refusal, Review, StaleWrite};
use crate::store::error::TooLarge;

/// A review with everything stored beside it: what `get` answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// The review.
    pub review: Review,
    /// All versions, ascending.
    pub versions: Vec<OutputVersion>,
    /// Audit entries that have left the journal, oldest first: at least the newest ones that an answer shows.
    pub older_audit: Vec<AuditEntry>,
    /// All decisions that have left the journal, oldest first.
    pub older_decisions: Vec<Decision>,
    /// The newest rejected stale writes, by their stamps.
    pub stale: Vec<StaleWrite>,
    /// Size of the versions as stored, in bytes.
    pub(crate) stored_bytes: usize,
}

impl Overlay {
    /// Who opened it, if its first audit entry has been read.
    pub(in crate::store) fn opener(&self) -> Option<&Actor> {
        let entries = self.older_audit.iter().chain(&self.review.journal);
        entries.take(1).find(|entry| entry.is_opening()).map(|entry| &entry.actor)
    }
}

/// The outcome of a mutating call.
#[must_use]
#[derive(Debug)]
pub enum Outcome {
    /// It is done, by this request or by an earlier attempt of it.
    Done {
        /// The overlay as it is now.
        overlay: Box<Overlay>,
        /// Whether an earlier attempt had done it.
        replayed: bool,
    },
    /// It is refused; the review as it was then.
    Refused(Refusal, Box<Review>),
    /// It is refused: the gate fired again with other content. The review as it was then, and the fields that differ.
    Exists(Box<Review>, Vec<&'static str>),
    /// It is refused: its snapshot is too large.
    TooLarge(TooLarge),
    /// There is no such review in this organization.
    Missing,
}

impl Outcome {
    pub(crate) fn done(overlay: Overlay, replayed: bool) -> Self {
        Self::Done { overlay: Box::new(overlay), replayed }
    }
}
