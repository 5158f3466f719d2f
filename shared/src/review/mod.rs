//! The review domain: what a review is and how it may change.
//!
//! Pure. It must not know the clock, HTTP or DynamoDB: `now`, ids and the caller's [`Actor`] are passed in. Every rule of the wire
//! contract that can be stated without a database is stated here.
//!
//! # Invariants
//! - `rev` is the number of mutating writes since the gate fired; each is one audit entry.
//! - At most one claim is active, and only while the review awaits a decision.
//! - The entries of the journal are in the order in which they were written.

mod actor;
mod assign;
mod audit;
mod audit_row;
mod claim;
mod comment;
mod decision;
mod display;
mod documents;
mod due;
mod edit;
mod evidence;
pub mod gate;
mod ids;
mod invisible;
mod limits;
mod open;
mod policy;
mod reopen;
mod replay;
mod reserved;
mod resume;
mod resume_payload;
mod stale;
mod terms;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod time;
mod title;
#[cfg(feature = "validation")]
mod validation;
mod version;
mod words;

pub use actor::{Actor, ActorKind};
pub use audit::{AuditEntry, AuditEvent, CommandContext, RecordedEvent, RequestDigest};
pub use audit_row::AuditRow;
pub use claim::{Claim, ClaimKind};
pub use comment::{CommentText, MAX_COMMENT, MAX_COMMENTS, MAX_MENTIONS};
pub use decision::{Decision, DecisionRequest, ESCALATION_STEP, Verdict};
pub use display::{MAX_DISPLAY, MAX_DISPLAY_PATH};
pub use documents::{
    BUCKET_PATTERN, Document, DocumentLabel, DocumentSource, DocumentSourceKind, MAX_DOCUMENTS, MAX_FILENAME,
    MAX_LABELS, MAX_MIME_TYPE, MEDIA_TYPE_PATTERN, file_name_fault, is_bucket_name, is_media_type,
};
pub use due::{Followed, PolicyStep};
pub use edit::{Correction, Written};
pub use evidence::{
    ContentFault, Evidence, MAX_ENTRIES, MAX_PAGE, MAX_SCHEMA, POINTER_PATTERN, is_pointer,
    likelihood_faults, schema_faults, source_faults,
};
pub use ids::{
    ActorId, BlockId, CommandId, DocumentId, EntryId, GroupId, Identifier, IdentifierError, OrganizationId,
    ReviewId, RunId, UploadId, WorkflowId, WorkflowVersionId,
};
pub use invisible::{characters, has_invisible, is_blank, is_invisible, short, visible};
pub use limits::{MAX_ASSIGNMENTS, MAX_ESCALATIONS, MAX_REOPENINGS, MAX_UNFINISHED_APPROVALS, MAX_VERSIONS};
pub use open::{IfExists, Opening};
pub use policy::{ApprovalRule, DueRule, Policy, Rule};
pub use replay::StampCheck;
pub use reserved::Reserved;
pub use resume::{Delivery, Resume, ResumeKind, ResumeStatus, ResumeTarget};
pub use resume_payload::ResumePayload;
pub use stale::{Attempt, StaleWrite};
pub use terms::{
    Addressee, Approval, Approvals, Assignment, Deadline, DeadlineStep, MAX_APPROVALS, MAX_ASSIGNEES,
    MAX_DUE_SECONDS, MAX_GROUPS, MAX_REMINDERS, MAX_STAND_INS, OnOverdue, OutputCheck, OverdueAction,
    Standing, Terms, is_same_name,
};
pub use text::{CanonicalError, ContentHash, HashedJson, JsonText};
pub use time::{Timestamp, TtlSeconds};
pub use title::{Title, thousands};
#[cfg(feature = "validation")]
pub use validation::{NotChecked, Violation, violations};
pub use version::{Origin, OutputVersion};
pub(crate) use words::words;
pub use words::{FromWord, Word, with_meanings, words_schema};

use schemars::JsonSchema;
use serde::Serialize;

/// The compare-and-swap token of a review: 0 when the gate fires, +1 on every mutating write (seed: `rev`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Rev(pub u64);

impl Rev {
    /// The token after one more mutating write.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The number of a version: 0 is the model's own output, then ascending (seed: `seq`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Seq(pub u32);

/// How urgent a review is; higher sorts first in the queue (seed: `priority`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Priority(pub i32);

words! {
    /// What kind of workflow block produced the output (seed: `block_type`).
    pub enum BlockType {
        /// A data extraction.
        Extract = "extract",
        /// A classification.
        Classifier = "classifier",
        /// A split of one document into several.
        Split = "split",
        /// A branch decision.
        Conditional = "conditional",
    }
}

words! {
    /// The status of a review (seed: `status`).
    pub enum Status {
        /// Open: it awaits a decision.
        AwaitingReview = "awaiting_review",
        /// Decided: the run resumes with the effective version.
        Approved = "approved",
        /// Decided: the run does not resume with this output.
        Rejected = "rejected",
    }
    default AwaitingReview
}

/// Why a transition did not happen. Each is one row of the contract's table of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The stamp is not the current `rev`.
    #[error("the version stamp is not the current rev")]
    VersionConflict,
    /// The stamp is current, but the review is decided.
    #[error("the review is already decided")]
    NotOpen,
    /// The same command id came with another request.
    #[error("the command id was used for another request")]
    CommandIdReused,
    /// The stamp is current, but the review is not decided, so that it cannot be reopened.
    #[error("the review is not decided")]
    NotDecided,
    /// A decision names a version that does not exist.
    #[error("{field} names a version that does not exist")]
    NoSuchVersion {
        /// Which field.
        field: &'static str,
        /// The newest version it could have named.
        newest: Seq,
    },
    /// The decision was delivered, or may have been; reopening must be forced.
    #[error("the run has been resumed, or may have been")]
    AlreadyResumed,
    /// There is no delivery that could be attempted again.
    #[error("there is no failed delivery to attempt again")]
    NothingToResume,
    /// Another attempt was requested a moment ago.
    #[error("another attempt was requested a moment ago")]
    ResumeTooSoon {
        /// When one can be requested again.
        retry_at: Timestamp,
    },
    /// The run does not poll, so that there is nothing to acknowledge.
    #[error("the run does not poll for its decision")]
    NothingToAcknowledge,
    /// It is not the current decision.
    #[error("it is not the current decision")]
    DecisionSuperseded,
    /// The claim that an earlier attempt of this command took has ended.
    #[error("the claim that this command took has ended")]
    ClaimEnded,
    /// The review has as many versions as it can have.
    #[error("the review has {MAX_VERSIONS} versions, which is the limit")]
    TooManyVersions,
    /// The review was escalated as often as it can be.
    #[error("the review was escalated {MAX_ESCALATIONS} times, which is the limit")]
    TooManyEscalations,
    /// The review has as many comments as it can have.
    #[error("the review has {MAX_COMMENTS} comments, which is the limit")]
    TooManyComments,
    /// It is assigned to others, and only they may work on it.
    #[error("the review is assigned to others")]
    NotAssigned,
    /// Who made a version may not approve it.
    #[error("who made the version may not approve it")]
    OwnVersion,
    /// The actor has approved this version before.
    #[error("the actor has approved this version before")]
    AlreadyApproved,
    /// Where several must approve, only the newest version can be approved.
    #[error("{field} does not name the newest version")]
    NotNewestVersion {
        /// Which field.
        field: &'static str,
        /// The newest version.
        newest: Seq,
    },
    /// The addressee of an escalation is not known, and only those that it is assigned to may work on it.
    #[error("the addressee is not known")]
    UnknownAddressee,
    /// What is approved does not fit its schema, and the policy asks that it does.
    #[error("the output does not fit its schema")]
    OutputInvalid,
    /// The review has as many approvals that did not decide it as it can have, and a new version would discard more.
    #[error("the review has {MAX_UNFINISHED_APPROVALS} approvals that did not decide it, which is the limit")]
    TooManyApprovals,
    /// The review was assigned as often as it can be.
    #[error("the review was assigned {MAX_ASSIGNMENTS} times, which is the limit")]
    TooManyAssignments,
    /// The review was reopened as often as it can be.
    #[error("the review was reopened {MAX_REOPENINGS} times, which is the limit")]
    TooManyReopenings,
}

/// One review: everything small and mutable about one gated block run. Versions are stored beside it.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own, as META stores it
pub struct Review {
    /// The organization, and the block run that it gates.
    pub id: ReviewId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// Pinned when the gate fired; resuming runs this version.
    pub workflow_version_id: WorkflowVersionId,
    /// What kind of block produced the output.
    pub block_type: BlockType,
    /// The predicate that fired the gate, as given.
    pub triggered_by: JsonText,
    /// Digest of its opening, to tell the same one from another.
    pub opened_as: RequestDigest,
    /// Its state.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Since when it waits.
    pub awaiting_since: Timestamp,
    /// When the last terminal decision landed.
    pub decided_at: Option<Timestamp>,
    /// When the gate fired.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The compare-and-swap token.
    pub rev: Rev,
    /// The newest version.
    pub head_seq: Seq,
    /// The version downstream consumes; set by an approval only.
    pub effective_seq: Option<Seq>,
    /// To whom it was escalated.
    pub escalated_to: Option<String>,
    /// The callback, and its delivery state.
    pub resume: Option<Resume>,
    /// When another delivery attempt was last requested.
    pub resume_asked_at: Option<Timestamp>,
    /// What it is called in a list, by the model's output.
    pub title: Title,
    /// What names it in the queue, where its policy says which values of its first output do.
    pub shown_as: Option<String>,
    /// Whether the policy has set the priority that it was opened with, because who opened it sent none.
    pub is_priority_of_policy: bool,
    /// The documents that its output was read from.
    pub documents: Vec<DocumentLabel>,
    /// Whether it came with the schema of its output.
    pub has_schema: bool,
    /// Whether anything came that says where its values stand, or how likely they are.
    pub has_evidence: bool,
    /// Whether the gate evaluated a predicate: EVIDENCE says what it found.
    pub has_evaluation: bool,
    /// What a policy demanded when it opened, as far as that has been met.
    pub terms: Terms,
    /// How often it was assigned, by a call of its own.
    pub assignments: u8,
    /// The newest decisions, oldest first.
    pub decisions: Vec<Decision>,
    /// The newest audit entries, oldest first. Older ones, and their decisions, are stored beside the review.
    pub journal: Vec<AuditEntry>,
    /// How many audit entries have left the journal.
    pub older_entries: u32,
    /// How many comments it has.
    pub comments: u32,
    /// The last recorded claim. It may have expired: see [`Review::claim_at`].
    pub(crate) claim: Option<Claim>,
}

impl Review {
    /// Whether anything is stored beside it of what came with its output, or what the gate found: [`Evidence`].
    pub const fn has_anything_beside(&self) -> bool {
        !self.documents.is_empty() || self.has_schema || self.has_evidence || self.has_evaluation
    }

    /// The claim that is active at `now`; none if it has expired, recorded or not.
    pub fn claim_at(&self, now: Timestamp) -> Option<&Claim> {
        self.claim.as_ref().filter(|claim| claim.is_active_at(now))
    }

    /// The last recorded claim, expired or not.
    pub fn recorded_claim(&self) -> Option<&Claim> {
        self.claim.as_ref()
    }

    /// The audit entries written at or after `stamp`, newest last, as far as the journal reaches.
    pub fn changes_since(&self, stamp: Rev) -> impl Iterator<Item = &AuditEntry> {
        self.journal.iter().filter(move |entry| match entry.rev_result() {
            Some(result) => result > stamp,
            None => entry.rev_observed >= stamp,
        })
    }

    /// Appends an entry to the journal, and applies it to the claim.
    pub(crate) fn record(&mut self, context: &CommandContext, recorded: RecordedEvent) {
        let entry = AuditEntry::after(&mut self.claim, context, self.rev, recorded);
        self.journal.push(entry);
    }

    /// As [`Review::record`], for a write that advances `rev`.
    pub(crate) fn advance(&mut self, context: &CommandContext, recorded: RecordedEvent) {
        self.record(context, recorded);
        self.rev = self.rev.next();
        self.updated_at = context.at;
    }

    /// Refuses unless the review still awaits a decision.
    pub(crate) fn must_be_open(&self) -> Result<(), Refusal> {
        if self.status == Status::AwaitingReview { Ok(()) } else { Err(Refusal::NotOpen) }
    }
}
