//! META, and its conversion to a review and back.
//!
//! The names of attributes are the table's schema: changing one is a migration.

use crate::review::{
    Assignment, JsonText, Priority, RequestDigest, Rev, Review, Seq, Timestamp, WorkflowId, WorkflowVersionId,
};
use crate::store::error::StoreError;
use crate::store::items::entry::StoredEntry;
use crate::store::items::terms::StoredTerms;
use crate::store::items::values::{
    StoredBlockType, StoredClaim, StoredDecision, StoredLabel, StoredResume, StoredStatus, StoredTitle,
};
use crate::store::table::codec::corrupt;
use crate::store::table::keys::{self, Due};
use serde::{Deserialize, Serialize};

/// How many audit entries META holds at most before the older ones move to an AUDIT page.
///
/// 16 typical entries are about 1.6 KB: with them a claim writes 3 units of META, without them 1.
pub const JOURNAL_LIMIT: usize = 16;
/// How many older entries stay in META, beside the new one, when the others move: a conflict can still say what happened.
pub(in crate::store) const JOURNAL_KEEPS: usize = 4;

/// META: everything small and mutable about a review.
#[derive(Clone, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // each is an attribute of its own
pub(in crate::store) struct MetaItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    queue_pk: String,
    queue_sk: String,
    workflow_queue_pk: String,
    workflow_id: String,
    workflow_version_id: String,
    block_type: StoredBlockType,
    triggered_by: String,
    #[serde(with = "serde_bytes")]
    opened_as: [u8; 8],
    status: StoredStatus,
    priority: i32,
    awaiting_since: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
    pub(in crate::store) rev: u64,
    head_seq: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effective_seq: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escalated_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) resume: Option<StoredResume>,
    /// Beside `resume`, not in it, so that an older build keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resume_asked_at: Option<i64>,
    /// By what people know it: a row of the queue has no output at hand.
    #[serde(default, skip_serializing_if = "StoredTitle::is_empty")]
    title: StoredTitle,
    /// By what it is known as its policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown_as: Option<String>,
    /// The priority that it was opened with was the policy's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    priority_of_policy: bool,
    /// What EVIDENCE holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    documents: Vec<StoredLabel>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_schema: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_evidence: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_evaluation: bool,
    #[serde(default, skip_serializing_if = "StoredTerms::is_empty")]
    terms: StoredTerms,
    /// How often it was assigned. Beside `terms`, not in it, so that an older build keeps it.
    #[serde(default, skip_serializing_if = "is_zero")]
    assignments: u8,
    /// The only ones who may work on it, where that is enforced: what the condition of a claim compares. It follows from `terms`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    only_for: Vec<String>,
    /// In the index `due` while something is to be done by its deadline. It follows from `terms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
    /// When the claim that the journal records expires; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim_expires_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::store) decisions: Vec<StoredDecision>,
    pub(in crate::store) journal: Vec<StoredEntry>,
    /// The claim before the journal's first entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) journal_claim: Option<StoredClaim>,
    /// How many AUDIT pages there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::store) pages: u32,
    /// How many of the first ones have their DECISIONS and RECEIPTs: all, unless an older build wrote some.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::store) indexed_pages: u32,
    /// How many entries are on them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::store) older_entries: u32,
    /// How many comments it has. Builds that do not know it write none.
    #[serde(default, skip_serializing_if = "is_zero")]
    comments: u32,
    /// The schema that it is written in; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<u32>,
}

/// The schema of a review's items. An attribute that older builds may ignore (and keep) does not change it; one that they would
/// misunderstand does. A build reads all schemas up to its own, writes its own, and refuses newer ones.
///
/// 2: terms that a build must know, because it would let pass what they refuse. Other reviews are written without a version.
pub const SCHEMA_VERSION: u32 = 2;

fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// What a build says of META of a newer schema.
pub(in crate::store) fn newer_schema(newer: u32) -> StoreError {
    StoreError::Newer(format!("the review is of schema {newer}; this build knows {SCHEMA_VERSION}"))
}

/// Who alone may work on it, in the words of [`keys::assigned_actor`] and [`keys::assigned_group`].
fn only_for(review: &Review) -> Vec<String> {
    let enforced = review.terms.assignment.as_ref().filter(|assignment| assignment.enforce);
    let Some(assignment) = enforced else { return Vec::new() };
    if assignment.is_to_nobody() {
        return vec![keys::ASSIGNED_TO_NOBODY.to_owned()];
    }
    let Assignment { groups, actors, .. } = assignment;
    let groups = groups.iter().map(keys::assigned_group);
    groups.chain(actors.iter().map(keys::assigned_actor)).collect()
}

impl MetaItem {
    /// META of a review whose entries are all in the journal.
    pub(in crate::store) fn new(review: &Review) -> Self {
        let id = &review.id;
        let due_at = review.next_due_at();
        Self {
            pk: keys::review(id),
            sk: keys::META.to_owned(),
            queue_pk: keys::queue(&id.organization, review.status),
            queue_sk: keys::queue_position(review),
            workflow_queue_pk: keys::workflow_queue(&id.organization, &review.workflow_id, review.status),
            workflow_id: review.workflow_id.to_string(),
            workflow_version_id: review.workflow_version_id.to_string(),
            block_type: review.block_type.into(),
            triggered_by: review.triggered_by.as_str().to_owned(),
            opened_as: review.opened_as.0,
            status: review.status.into(),
            priority: review.priority.0,
            awaiting_since: review.awaiting_since.millis(),
            decided_at: review.decided_at.map(Timestamp::millis),
            created_at: review.created_at.millis(),
            updated_at: review.updated_at.millis(),
            rev: review.rev.0,
            head_seq: review.head_seq.0,
            effective_seq: review.effective_seq.map(|seq| seq.0),
            escalated_to: review.escalated_to.clone(),
            resume: review.resume.as_ref().map(StoredResume::from),
            resume_asked_at: review.resume_asked_at.map(Timestamp::millis),
            title: StoredTitle::from(&review.title),
            shown_as: review.shown_as.clone(),
            priority_of_policy: review.is_priority_of_policy,
            documents: review.documents.iter().map(StoredLabel::from).collect(),
            has_schema: review.has_schema,
            has_evidence: review.has_evidence,
            has_evaluation: review.has_evaluation,
            terms: StoredTerms::from(&review.terms),
            assignments: review.assignments,
            only_for: only_for(review),
            due_shard: due_at.map(|_| Due::Reviews.shard_of(id)),
            due_at: due_at.map(Timestamp::millis),
            claim_expires_at: review.recorded_claim().map(|claim| claim.expires_at.millis()),
            decisions: review.decisions.iter().map(StoredDecision::from).collect(),
            journal: review.journal.iter().map(StoredEntry::from).collect(),
            journal_claim: None,
            pages: 0,
            indexed_pages: 0,
            older_entries: review.older_entries,
            comments: review.comments,
            v: review.terms.must_be_known().then_some(2),
        }
    }

    /// The review it holds.
    pub(in crate::store) fn decode(self) -> Result<Review, StoreError> {
        if let Some(newer) = self.v.filter(|schema| *schema > SCHEMA_VERSION) {
            return Err(newer_schema(newer));
        }
        let id = keys::parse_review(&self.pk)?;
        let mut claim = self.journal_claim.map(StoredClaim::decode).transpose()?;
        let journal =
            self.journal.into_iter().map(|entry| entry.decode(&mut claim)).collect::<Result<_, _>>()?;
        if claim.as_ref().map(|claim| claim.expires_at.millis()) != self.claim_expires_at {
            return Err(corrupt("claim_expires_at")());
        }
        Ok(Review {
            id,
            workflow_id: WorkflowId::parse(&self.workflow_id).map_err(|_| corrupt("workflow_id")())?,
            workflow_version_id: WorkflowVersionId::parse(&self.workflow_version_id)
                .map_err(|_| corrupt("workflow_version_id")())?,
            block_type: self.block_type.into(),
            triggered_by: JsonText::parse(self.triggered_by).map_err(|_| corrupt("triggered_by")())?,
            opened_as: RequestDigest(self.opened_as),
            status: self.status.into(),
            priority: Priority(self.priority),
            awaiting_since: Timestamp::from_millis(self.awaiting_since),
            decided_at: self.decided_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
            rev: Rev(self.rev),
            head_seq: Seq(self.head_seq),
            effective_seq: self.effective_seq.map(Seq),
            escalated_to: self.escalated_to,
            resume: self.resume.map(StoredResume::decode),
            resume_asked_at: self.resume_asked_at.map(Timestamp::from_millis),
            title: self.title.decode(),
            shown_as: self.shown_as,
            is_priority_of_policy: self.priority_of_policy,
            documents: self.documents.into_iter().map(StoredLabel::decode).collect::<Result<_, _>>()?,
            has_schema: self.has_schema,
            has_evidence: self.has_evidence,
            has_evaluation: self.has_evaluation,
            terms: self.terms.decode()?,
            assignments: self.assignments,
            decisions: self.decisions.into_iter().map(StoredDecision::decode).collect::<Result<_, _>>()?,
            journal,
            older_entries: self.older_entries,
            comments: self.comments,
            claim,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::review_and_version;

    #[test]
    fn a_review_of_a_newer_schema_is_not_guessed_at() {
        let item = MetaItem::new(&review_and_version().0);
        assert!(MetaItem { v: Some(SCHEMA_VERSION), ..item.clone() }.decode().is_ok());
        for newer in [SCHEMA_VERSION + 1, SCHEMA_VERSION + 2] {
            let decoded = MetaItem { v: Some(newer), ..item.clone() }.decode();
            assert!(matches!(decoded, Err(StoreError::Newer(_))));
        }
    }
}
