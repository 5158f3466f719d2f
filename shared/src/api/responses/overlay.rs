//! Overlays and rows of the queue, as answers show them.

use super::evidence::Evaluations;
use super::output_findings::{OutputFindings, OutputViolation};
use super::{Reply, request_metrics};
use crate::api::caller::Caller;
use crate::api::errors::Error;
use crate::review::{
    Approvals, Assignment, AuditRow, Claim, Decision, DocumentLabel, JsonText, OutputVersion, Refusal,
    Resume, ResumeStatus, Review, ReviewId, StaleWrite, Timestamp,
};
use crate::review::{BlockType, Priority, Rev, Seq, Status};
use crate::store::{AuditPage, Outcome, Overlay, Page, QueueFilter, Scope};
use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// One row of the queue: a review without its versions, decisions and audit trail.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "QueueRow")]
struct Row<'a> {
    /// The same as `block_run_id`.
    _id: String,
    /// The organization it belongs to.
    organization_id: &'a str,
    /// The workflow.
    workflow_id: &'a str,
    /// The workflow's version.
    workflow_version_id: &'a str,
    /// The workflow run that is held.
    workflow_run_id: &'a str,
    /// The block whose output is reviewed.
    block_id: &'a str,
    /// `workflow_run_id:block_id`.
    block_run_id: String,
    /// What kind of block it is.
    block_type: BlockType,
    /// Why the review is needed, as it was given.
    triggered_by: &'a JsonText,
    /// The status of the review.
    status: Status,
    /// How urgent it is.
    priority: Priority,
    /// What the next change must echo as `version_stamp`.
    rev: Rev,
    /// The newest version.
    head_seq: Seq,
    /// The version that downstream consumes; null until approved.
    effective_seq: Option<Seq>,
    /// The active claim; null if there is none.
    claim: Option<&'a Claim>,
    /// The addressee of the last escalation.
    escalated_to: Option<&'a str>,
    /// How the decision is delivered; null when no run waits.
    resume: Option<&'a Resume>,
    /// Since when it has awaited review.
    awaiting_since: Timestamp,
    /// When it was decided; null while it awaits review.
    decided_at: Option<Timestamp>,
    /// When it was opened.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
    /// The documents that its output was read from; absent if there are none.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    documents: &'a [DocumentLabel],
    /// True if it came with the schema of its output, which `GET …/evidence` answers; else absent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_schema: bool,
    /// True if it came with likelihoods, sources or evidence, which `GET …/evidence` answers; else absent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_evidence: bool,
    /// True if the gate held it by a predicate, whose evaluation `GET …/evidence` answers; else absent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_evaluation: bool,
    /// Who is to review it; absent if it is assigned to nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<&'a Assignment>,
    /// When it is due; absent if it has no deadline.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    /// How many must approve it, and who has; absent if one decision is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals: Option<&'a Approvals>,
    /// What names it, by its policy's `display`: values of its first output; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

/// Everything about one review.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Overlay")]
pub struct WholeOverlay<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    /// All versions, the model's output first.
    versions: &'a [OutputVersion],
    /// All decisions, oldest first.
    decisions: Vec<&'a Decision>,
    /// The audit trail, oldest first: its newest 200 entries.
    audit: Vec<AuditRow<'a>>,
    /// True if `audit` leaves out older entries, which `GET …/audit` lists.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    audit_truncated: bool,
}

/// One page of a review's audit trail.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditPage")]
pub struct AuditPageView<'a> {
    /// The entries, newest first. A rejected stale write is placed at the `rev` that it was made on.
    data: &'a [AuditRow<'static>],
    /// Whether there are older ones.
    has_more: bool,
    /// The `cursor` of the next page; null on the last page.
    next_cursor: Option<String>,
}

/// The answer to a decision (client: `SubmitDecisionResponse`).
#[derive(Serialize, JsonSchema)]
pub struct Decided<'a> {
    /// `accepted` the first time. For a repeated request: `already_received` while the decision is not yet delivered to the run, else
    /// `already_applied`.
    #[schemars(extend("enum" = ["accepted", "already_applied", "already_received"]))]
    submission_status: &'static str,
    /// What in the approved output does not fit its schema, where the policy asks that this be said; else absent. At most 100.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [OutputViolation],
    /// The review after the decision.
    overlay: WholeOverlay<'a>,
}

/// One page of the queue.
#[derive(Serialize, JsonSchema)]
pub struct QueuePage<'a> {
    /// The rows, in the order of the queue.
    data: Vec<Row<'a>>,
    /// Whether there are more.
    has_more: bool,
    /// The `cursor` of the next page, for the same filter; null on the last page.
    next_cursor: Option<String>,
}

impl<'a> Row<'a> {
    fn of(review: &'a Review, now: Timestamp) -> Self {
        Self {
            _id: review.id.block_run_id(),
            organization_id: review.id.organization.as_str(),
            workflow_id: review.workflow_id.as_str(),
            workflow_version_id: review.workflow_version_id.as_str(),
            workflow_run_id: review.id.run.as_str(),
            block_id: review.id.block.as_str(),
            block_run_id: review.id.block_run_id(),
            block_type: review.block_type,
            triggered_by: &review.triggered_by,
            status: review.status,
            priority: review.priority,
            rev: review.rev,
            head_seq: review.head_seq,
            effective_seq: review.effective_seq,
            claim: review.claim_at(now),
            escalated_to: review.escalated_to.as_deref(),
            resume: review.resume.as_ref(),
            awaiting_since: review.awaiting_since,
            decided_at: review.decided_at,
            created_at: review.created_at,
            updated_at: review.updated_at,
            documents: &review.documents,
            has_schema: review.has_schema,
            has_evidence: review.has_evidence,
            has_evaluation: review.has_evaluation,
            assigned_to: review.terms.assignment.as_ref(),
            due_at: review.terms.deadline.as_ref().map(|deadline| deadline.due_at),
            approvals: review.terms.approvals.as_ref(),
            title: review.shown_as.as_deref(),
        }
    }
}

impl<'a> WholeOverlay<'a> {
    fn of(overlay: &'a Overlay, now: Timestamp) -> Self {
        let review = &overlay.review;
        let (audit, audit_truncated) = overlay.audit();
        Self {
            row: Row::of(review, now),
            versions: &overlay.versions,
            decisions: overlay.older_decisions.iter().chain(&review.decisions).collect(),
            audit,
            audit_truncated,
        }
    }
}

impl WholeOverlay<'_> {
    /// Removes what others have done: version 0, its entry and the status remain.
    fn keep_what_was_opened(&mut self) {
        self.versions = self.versions.get(..1).unwrap_or_default();
        self.decisions.clear();
        self.audit.retain(|row| matches!(row, AuditRow::Entry(entry) if entry.is_opening()));
    }
}

/// The whole overlay, with the claim that is active at `now`.
pub fn overlay(status: StatusCode, overlay: &Overlay, now: Timestamp) -> Reply {
    Reply::json(status, &WholeOverlay::of(overlay, now)).at_rev(overlay.review.rev).about(&overlay.review.id)
}

/// The `ETag` of an overlay. It changes whenever the body does, also when a claim expires or the delivery to the run proceeds. Each
/// write adds an entry, and the ids of entries are unique.
pub fn overlay_tag(review: &Review, now: Timestamp) -> String {
    let newest = review.journal.last().map_or_else(String::new, |entry| entry.entry_id.to_string());
    let claimed_until = review.claim_at(now).map_or(0, |claim| claim.expires_at.millis());
    // A waiting run is a change, too.
    let delivery = review.resume.as_ref().map_or(0, |resume| resume.changes() + 1);
    format!("\"{}.{newest}.{claimed_until}.{delivery}\"", review.rev.0)
}

/// As [`overlay_tag`], for an overlay that shows the rejected `stale` writes, which are not part of META.
pub fn overlay_tag_with(review: &Review, stale: &[StaleWrite], now: Timestamp) -> String {
    let tag = overlay_tag(review, now);
    if stale.is_empty() {
        return tag;
    }
    let mut hasher = Sha256::new();
    for write in stale {
        hasher.update(write.entry_id.to_bytes());
    }
    let hash = hasher.finalize()[..8].iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("{}.{hash}\"", tag.trim_end_matches('"'))
}

/// One version.
pub fn version(version: &OutputVersion) -> Reply {
    Reply::json(StatusCode::OK, version)
}

/// The answer to `open`: 201 when the review is new. A key that may not read gets only what `open` itself said.
pub fn opened(outcome: Outcome, caller: &Caller, now: Timestamp) -> Result<Reply, Error> {
    let (done, replayed) = done(outcome, Rev(0), now)?;
    let (status, body) = open_overlay(&done, replayed, caller, now);
    let reply = Reply::json(status, &body).at_rev(done.review.rev).about(&done.review.id);
    Ok(reply.measured(request_metrics::of(&done.review, replayed, Rev(0))))
}

fn open_overlay<'a>(
    done: &'a Overlay,
    replayed: bool,
    caller: &Caller,
    now: Timestamp,
) -> (StatusCode, WholeOverlay<'a>) {
    // `if_exists: supersede` appends a version to an existing review.
    let is_new = !replayed && done.review.rev == Rev(0);
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let mut body = WholeOverlay::of(done, now);
    if !caller.may(Scope::Read) {
        body.keep_what_was_opened();
    }
    (status, body)
}

/// The answer to `gate`.
#[derive(Serialize, JsonSchema)]
pub struct Gated<'a> {
    /// Whether the output is held for review.
    held: bool,
    /// What each predicate was found to be.
    evaluation: Evaluations<'a>,
    /// The review; null where the output is not held, and in a dry run.
    overlay: Option<WholeOverlay<'a>>,
}

/// The answer to `gate` where the output is held: as [`opened`].
pub fn held(
    outcome: Outcome,
    evaluation: &JsonText,
    caller: &Caller,
    now: Timestamp,
) -> Result<Reply, Error> {
    let (done, replayed) = done(outcome, Rev(0), now)?;
    let (status, overlay) = open_overlay(&done, replayed, caller, now);
    let body = Gated { held: true, evaluation: Evaluations(Some(evaluation)), overlay: Some(overlay) };
    let reply = Reply::json(status, &body).at_rev(done.review.rev).about(&done.review.id);
    let mut metrics = request_metrics::of(&done.review, replayed, Rev(0));
    metrics.extend((!replayed).then_some(request_metrics::GATE_HELD));
    Ok(reply.measured(metrics))
}

/// The answer to `gate` where nothing is stored: the output is not held, or it was a dry run, which is not counted.
pub fn not_opened(held: bool, evaluation: &JsonText, id: &ReviewId, is_dry_run: bool) -> Reply {
    let body = Gated { held, evaluation: Evaluations(Some(evaluation)), overlay: None };
    let reply = Reply::json(StatusCode::OK, &body).about(id);
    if is_dry_run { reply } else { reply.measured(vec![request_metrics::GATE_PASSED]) }
}

/// The answer to a mutating call: the overlay after it, or the error.
pub fn mutated(outcome: Outcome, stamp: Rev, now: Timestamp) -> Result<Reply, Error> {
    let (done, replayed) = done(outcome, stamp, now)?;
    Ok(overlay(StatusCode::OK, &done, now).measured(request_metrics::of(&done.review, replayed, stamp)))
}

/// As [`mutated`], for a decision. `findings` are what in the approved output does not fit its schema, if that was looked at.
pub fn decided(
    outcome: Outcome,
    findings: OutputFindings,
    stamp: Rev,
    now: Timestamp,
) -> Result<Reply, Error> {
    let outcome = match outcome {
        Outcome::Refused(Refusal::OutputInvalid, review) => {
            return Err(Error::OutputInvalid { review, findings });
        }
        outcome => outcome,
    };
    let (done, replayed) = done(outcome, stamp, now)?;
    let pending = done.review.resume.as_ref().is_some_and(|resume| resume.status == ResumeStatus::Pending);
    let submission_status = match (replayed, pending) {
        (false, _) => "accepted",
        (true, true) => "already_received",
        (true, false) => "already_applied",
    };
    let warnings = if replayed { &[] } else { findings.violations.as_slice() };
    let body = Decided { submission_status, warnings, overlay: WholeOverlay::of(&done, now) };
    let metrics = request_metrics::of(&done.review, replayed, stamp);
    Ok(Reply::json(StatusCode::OK, &body).at_rev(done.review.rev).measured(metrics))
}

fn done(outcome: Outcome, stamp: Rev, now: Timestamp) -> Result<(Box<Overlay>, bool), Error> {
    match outcome {
        Outcome::Done { overlay, replayed } => Ok((overlay, replayed)),
        Outcome::Refused(refusal, review) => {
            Err(Error::Refused { refusal, review, stamp, now, caller: None })
        }
        Outcome::Exists(review, differs) => Err(Error::ReviewExists { review, differs }),
        Outcome::TooLarge(fault) => Err(fault.into()),
        Outcome::Missing => Err(Error::ReviewNotFound),
    }
}

/// One page of the audit of the review `id`.
pub fn audit_page(page: &AuditPage, id: &ReviewId) -> Reply {
    let next_cursor = page.next.as_ref().map(|cursor| cursor.encode(id));
    let body = AuditPageView { data: &page.rows, has_more: next_cursor.is_some(), next_cursor };
    Reply::json(StatusCode::OK, &body)
}

/// One page of the queue, with the claims that are active at `now`.
pub fn queue_page(page: &Page, filter: &QueueFilter, now: Timestamp) -> Reply {
    let body = QueuePage {
        data: page.rows.iter().map(|review| Row::of(review, now)).collect(),
        has_more: page.next.is_some(),
        next_cursor: page.next.as_ref().map(|cursor| cursor.encode(filter)),
    };
    Reply::json(StatusCode::OK, &body)
}
