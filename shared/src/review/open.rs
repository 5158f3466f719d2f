//! Opening a review, because a gate fires.

use super::{
    Actor, AuditEvent, BlockType, CommandContext, Evidence, HashedJson, Origin, OutputVersion, Priority,
    RecordedEvent, RequestDigest, Resume, ResumeTarget, Rev, Review, ReviewId, Seq, Status, Terms, Title,
    WorkflowId, WorkflowVersionId, display, words,
};

/// What a gate sends when it fires (contract: `POST /workflows/reviews`).
#[derive(Clone, Debug)]
pub struct Opening {
    /// The organization and the block run that it gates.
    pub id: ReviewId,
    /// The workflow.
    pub workflow_id: WorkflowId,
    /// The version that resumes.
    pub workflow_version_id: WorkflowVersionId,
    /// What kind of block produced the output.
    pub block_type: BlockType,
    /// The predicate that fired.
    pub triggered_by: HashedJson,
    /// The output.
    pub snapshot: HashedJson,
    /// Who produced it.
    pub author: Actor,
    /// How urgent it is, by who opens it; 0 if they do not say.
    pub priority: Priority,
    /// The callback, if there is one.
    pub resume: Option<ResumeTarget>,
    /// What came with the output.
    pub evidence: Evidence,
    /// What the policy demands. No part of its digest, and neither is the rest of this: the policy may change before a retry.
    pub terms: Terms,
    /// How urgent it is by the policy, where who opens it does not say.
    pub priority_of_policy: Option<Priority>,
    /// What names it in the queue by the policy: paths in its output.
    pub display: Vec<String>,
}

words! {
    /// What `open` does where the run and block already have a review with other content.
    pub enum IfExists {
        /// It answers 409 and changes nothing.
        Reject = "reject",
        /// It answers with the existing review and changes nothing.
        Adopt = "adopt",
        /// It appends the output as the newest version, unless the review is decided.
        Supersede = "supersede",
    }
    default Reject
}

impl Opening {
    /// The fields in which it names another block than `review`: then its output cannot supersede the review's.
    pub fn names_another_block(&self, review: &Review) -> Vec<&'static str> {
        let workflow = (self.workflow_id != review.workflow_id).then_some("workflow_id");
        let block = (self.block_type != review.block_type).then_some("block_type");
        workflow.into_iter().chain(block).collect()
    }

    /// Digest of everything but the callback: tells it from another opening with the same run and block. A retried state of a workflow
    /// fires the same gate with another task token.
    pub fn digest(&self) -> RequestDigest {
        let kinds = [self.block_type as u8, self.author.kind as u8];
        let priority = self.priority.0.to_be_bytes();
        // Only where there is any: digests are stored, and those of older builds do not know of it.
        let evidence = (!self.evidence.is_empty()).then(|| self.evidence.digest());
        let mut parts: Vec<&[u8]> = vec![
            self.workflow_id.as_str().as_bytes(),
            self.workflow_version_id.as_str().as_bytes(),
            &kinds,
            &self.triggered_by.digest,
            &self.snapshot.digest,
            self.author.id.as_str().as_bytes(),
            self.author.display_name.as_bytes(),
            &priority,
        ];
        parts.extend(evidence.as_ref().map(<[u8; 32]>::as_slice));
        RequestDigest::of("open", &parts)
    }

    /// The review at `rev` 0 and its version 0. `context.request` must be [`Opening::digest`].
    pub fn open(self, context: &CommandContext) -> (Review, OutputVersion) {
        let title = Title::of(&self.snapshot.text);
        let shown_as = display::shown(&self.snapshot.text, &self.display);
        let version = OutputVersion {
            seq: Seq(0),
            parent_seq: None,
            author: self.author,
            origin: Origin::ModelOutput,
            content_sha256: self.snapshot.hash,
            snapshot: self.snapshot.text,
            note: None,
            created_at: context.at,
        };
        let mut terms = self.terms;
        if let Some(approvals) = &mut terms.approvals {
            approvals.made_by = version.makers(&context.actor);
        }
        let mut review = Review {
            id: self.id,
            workflow_id: self.workflow_id,
            workflow_version_id: self.workflow_version_id,
            block_type: self.block_type,
            triggered_by: self.triggered_by.text,
            opened_as: context.request,
            status: Status::AwaitingReview,
            priority: self.priority_of_policy.unwrap_or(self.priority),
            awaiting_since: context.at,
            decided_at: None,
            created_at: context.at,
            updated_at: context.at,
            rev: Rev(0),
            head_seq: Seq(0),
            effective_seq: None,
            escalated_to: None,
            resume: self.resume.map(|target| Resume::pending(target.label())),
            resume_asked_at: None,
            title,
            shown_as,
            is_priority_of_policy: self.priority_of_policy.is_some(),
            documents: self.evidence.labels(),
            has_schema: self.evidence.has_schema(),
            has_evidence: self.evidence.has_evidence(),
            has_evaluation: self.evidence.evaluation.is_some(),
            terms,
            assignments: 0,
            decisions: Vec::new(),
            journal: Vec::new(),
            older_entries: 0,
            comments: 0,
            claim: None,
        };
        review
            .record(context, RecordedEvent::Plain(AuditEvent::OverlayCreated { priority: review.priority }));
        (review, version)
    }
}
