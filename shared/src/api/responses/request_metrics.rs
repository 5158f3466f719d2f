//! The metrics of a request: what was done to reviews, how long they had waited, and conflicts.

use crate::metrics::{Metric, Unit};
use crate::review::{AuditEntry, AuditEvent, ClaimKind, Rev, Review, Verdict};

/// A stale `version_stamp`.
pub(in crate::api) const CONFLICT: Metric = ("Conflicts", Unit::Count, 1);

/// A missing or invalid key, at the API or at the inbox's sign-in.
pub(in crate::api) const UNAUTHENTICATED: Metric = ("Unauthenticated", Unit::Count, 1);

/// A key without the needed scope, or a form from another site.
pub(in crate::api) const FORBIDDEN: Metric = ("Forbidden", Unit::Count, 1);

/// An output that the gate held.
pub(in crate::api) const GATE_HELD: Metric = ("GateHeld", Unit::Count, 1);

/// An output that the gate let pass.
pub(in crate::api) const GATE_PASSED: Metric = ("GatePassed", Unit::Count, 1);

/// The metrics of a request on `stamp` that led to `review`. There are none if it was a repeat, or if there was nothing to do.
pub(in crate::api) fn of(review: &Review, replayed: bool, stamp: Rev) -> Vec<Metric> {
    match review.journal.last() {
        Some(entry) if !replayed && entry.rev_observed == stamp && entry.rev_result() == Some(review.rev) => {
            done(review, entry)
        }
        _ => Vec::new(),
    }
}

fn done(review: &Review, entry: &AuditEntry) -> Vec<Metric> {
    let count = |name| (name, Unit::Count, 1);
    let waited = |name| {
        let millis = entry.at.millis().saturating_sub(review.awaiting_since.millis());
        (name, Unit::Milliseconds, u64::try_from(millis).unwrap_or_default())
    };
    let mut metrics = vec![count("Mutations")];
    match &entry.event {
        AuditEvent::OverlayCreated { .. } => metrics.push(count("Opened")),
        AuditEvent::Claimed { kind: ClaimKind::Fresh, .. } => {
            metrics.extend([count("Claims"), waited("TimeToClaim")]);
        }
        AuditEvent::Claimed { kind: ClaimKind::Renewed, .. } => metrics.push(count("Renewals")),
        AuditEvent::Claimed { kind: ClaimKind::TookOver(_), .. } => {
            metrics.extend([count("Claims"), count("Takeovers")]);
        }
        AuditEvent::Released { .. } => metrics.push(count("Releases")),
        AuditEvent::VersionAppended { .. } => metrics.push(count("Corrections")),
        AuditEvent::DecisionSubmitted { verdict: Verdict::Escalated, .. } => {
            metrics.push(count("Escalations"));
        }
        AuditEvent::DecisionSubmitted { verdict: Verdict::Approved, effective_seq: None, .. } => {
            metrics.push(count("ApprovalsGiven"));
        }
        AuditEvent::DecisionSubmitted { .. } => {
            metrics.extend([count("Decisions"), waited("TimeToDecision")]);
        }
        AuditEvent::Reopened { .. } => metrics.push(count("Reopened")),
        AuditEvent::Assigned { .. } => metrics.push(count("Assignments")),
        AuditEvent::ClaimExpired { .. }
        | AuditEvent::DocumentDeleted { .. }
        | AuditEvent::DueSoon { .. }
        | AuditEvent::Overdue { .. }
        | AuditEvent::Commented { .. } => {}
    }
    metrics
}
