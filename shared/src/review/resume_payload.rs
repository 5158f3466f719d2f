//! The decision as a run receives it: a task's output, the cause of its failure, a webhook's body, or an answer.

use super::{Actor, ContentHash, Decision, JsonText, OutputVersion, Review, Seq, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

/// The decision of a review, for the run that waits for it.
#[derive(Serialize, JsonSchema)]
pub struct ResumePayload<'a> {
    /// What was decided: `approved` or `rejected`.
    verdict: Verdict,
    /// The organization.
    organization_id: &'a str,
    /// The workflow.
    workflow_id: &'a str,
    /// The version of the workflow that resumes.
    workflow_version_id: &'a str,
    /// The workflow run that is held.
    workflow_run_id: &'a str,
    /// The block whose output was reviewed.
    block_id: &'a str,
    /// Which decision it is; acknowledged by this id.
    decision_id: &'a str,
    /// Who decided. The policy itself, where a review was overdue, is the agent `holdpoint`.
    decided_by: &'a Actor,
    /// Why.
    reason: Option<&'a str>,
    /// The version that downstream consumes; null unless approved.
    effective_seq: Option<Seq>,
    /// SHA-256 of that version's RFC 8785 form.
    content_sha256: Option<ContentHash>,
    /// That version, digit for digit; null unless approved, and where it is too large for a call.
    snapshot: Option<&'a JsonText>,
    /// Where to read that version, where it is too large for a call.
    snapshot_url: Option<String>,
}

impl<'a> ResumePayload<'a> {
    /// The payload of a review's current decision, with the effective version, if there is one.
    pub fn new(review: &'a Review, decision: &'a Decision, effective: Option<&'a OutputVersion>) -> Self {
        let id = &review.id;
        Self {
            verdict: decision.verdict,
            organization_id: id.organization.as_str(),
            workflow_id: review.workflow_id.as_str(),
            workflow_version_id: review.workflow_version_id.as_str(),
            workflow_run_id: id.run.as_str(),
            block_id: id.block.as_str(),
            decision_id: &decision.decision_id,
            decided_by: &decision.decided_by,
            reason: decision.reason.as_deref(),
            effective_seq: review.effective_seq,
            content_sha256: effective.map(|version| version.content_sha256),
            snapshot: effective.map(|version| &version.snapshot),
            snapshot_url: None,
        }
    }

    /// As JSON of at most `limit` bytes: with the snapshot, or with a pointer to it.
    pub fn json(mut self, limit: usize) -> Result<String, serde_json::Error> {
        let whole = serde_json::to_string(&self)?;
        if whole.len() <= limit || self.snapshot.is_none() {
            return Ok(whole);
        }
        let seq = self.effective_seq.unwrap_or_default().0;
        self.snapshot = None;
        self.snapshot_url =
            Some(format!("/v1/workflows/reviews/{}/{}/versions/{seq}", self.workflow_run_id, self.block_id));
        serde_json::to_string(&self)
    }
}
