//! What a person reads for the values of the domain: a status, a verdict, an entry of the audit trail, a duration.

use crate::document::key_label::label;
use shared::review::{
    ActorId, AuditEntry, AuditEvent, BlockType, ClaimKind, DocumentId, GroupId, Origin, Resume, ResumeStatus,
    Status, Timestamp, Verdict, visible,
};

pub(crate) const fn block_type(kind: BlockType) -> &'static str {
    match kind {
        BlockType::Extract => "Extraction",
        BlockType::Classifier => "Classification",
        BlockType::Split => "Split",
        BlockType::Conditional => "Branch decision",
    }
}

pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::AwaitingReview => "Awaiting review",
        Status::Approved => "Approved",
        Status::Rejected => "Rejected",
    }
}

/// A status in addresses and classes.
pub(crate) const fn slug(status: Status) -> &'static str {
    match status {
        Status::AwaitingReview => "open",
        Status::Approved => "approved",
        Status::Rejected => "rejected",
    }
}

pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    verdict.as_str()
}

pub(crate) const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::ModelOutput => "the model's output",
        Origin::HumanEdit => "corrected by a person",
        Origin::AgentEdit => "corrected by an agent",
        Origin::Revert => "taken back",
    }
}

/// What one entry of the audit trail says, without who and when.
pub(crate) fn event(event: &AuditEvent) -> String {
    match event {
        AuditEvent::OverlayCreated { .. } => "opened the review".into(),
        AuditEvent::Claimed { kind: ClaimKind::Fresh, .. } => "began to review".into(),
        AuditEvent::Claimed { kind: ClaimKind::Renewed, .. } => "went on reviewing".into(),
        AuditEvent::Claimed { kind: ClaimKind::TookOver(from), .. } => {
            format!("took over from {}", visible(&from.display_name))
        }
        AuditEvent::Released { .. } => "released the review".into(),
        AuditEvent::ClaimExpired { holder } => {
            format!("the claim of {} ended", visible(&holder.display_name))
        }
        AuditEvent::VersionAppended { seq, .. } => format!("saved version {}", seq.0),
        AuditEvent::DecisionSubmitted { verdict: decided, on_seq, appended_seq, effective_seq, .. } => {
            let corrected = if appended_seq.is_some() { ", with corrections" } else { "" };
            let is_partial = *decided == Verdict::Approved && effective_seq.is_none();
            let partial = if is_partial { ": one of the approvals it needs" } else { "" };
            format!("{} version {}{corrected}{partial}", verdict(*decided), on_seq.0)
        }
        AuditEvent::Reopened { reason, forced } => {
            let forced = if *forced { ", although the decision had been delivered" } else { "" };
            reason.as_ref().map_or_else(
                || format!("reopened it{forced}"),
                |why| format!("reopened it{forced}: {}", visible(why)),
            )
        }
        AuditEvent::DocumentDeleted { documents } => {
            let names: Vec<&str> = documents.iter().map(DocumentId::as_str).collect();
            format!("deleted the document {}", visible(&names.join(", ")))
        }
        AuditEvent::Assigned { groups, actors, reason, hands_over } => {
            let groups = groups.iter().map(GroupId::as_str);
            let names: Vec<&str> = groups.chain(actors.iter().map(ActorId::as_str)).collect();
            let to = if names.is_empty() { "nobody".into() } else { visible(&names.join(", ")).into_owned() };
            let did = if *hands_over { "handed it over to" } else { "assigned it to" };
            reason
                .as_ref()
                .map_or_else(|| format!("{did} {to}"), |why| format!("{did} {to}: {}", visible(why)))
        }
        AuditEvent::Commented { .. } => "commented".into(),
        AuditEvent::DueSoon { .. } => "reminded that it is due soon".into(),
        AuditEvent::Overdue { .. } => "recorded that it is overdue".into(),
    }
}

/// What a workflow is called: what follows the usual prefix of its id.
pub(crate) fn workflow(id: &str) -> String {
    match id.strip_prefix("wf_").or_else(|| id.strip_prefix("wf-")) {
        Some(word) if word.starts_with(|first: char| first.is_alphabetic()) => label(word),
        Some(number) if !number.is_empty() => format!("Workflow {number}"),
        _ => id.to_owned(),
    }
}

/// Whether an entry is only about who worked on the review, by when, or what was said of it, not about what was done.
pub(crate) const fn is_claim_or_due(entry: &AuditEntry) -> bool {
    matches!(
        entry.event,
        AuditEvent::Claimed { .. }
            | AuditEvent::Released { .. }
            | AuditEvent::ClaimExpired { .. }
            | AuditEvent::DueSoon { .. }
            | AuditEvent::Overdue { .. }
            | AuditEvent::Commented { .. }
    )
}

/// The delivery state of the callback.
pub(crate) fn resume(resume: &Resume) -> String {
    match (resume.status, resume.attempts) {
        (ResumeStatus::Pending, 0) => "waits for the decision".into(),
        (ResumeStatus::Pending, tries) => format!("delivery pending ({tries} attempts so far)"),
        (ResumeStatus::Resumed, _) => "has received the decision".into(),
        (ResumeStatus::Failed, _) => "delivery failed".into(),
    }
}

/// How long from one time to another, in one or two units.
pub(crate) fn duration(from: Timestamp, to: Timestamp) -> String {
    let minutes = (to.millis() - from.millis()).max(0) / 60_000;
    match minutes {
        0 => "less than a minute".into(),
        1..60 => format!("{minutes} min"),
        60..1440 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", minutes / 1440, minutes % 1440 / 60),
    }
}

/// By when, in one unit: the browser says the same (`dom.js`).
pub(crate) fn due(at: Timestamp, now: Timestamp) -> String {
    let millis = at.millis().saturating_sub(now.millis());
    let minutes = (millis.saturating_abs() / 60_000).max(1);
    let rough = match minutes {
        ..60 => format!("{minutes} min"),
        60..1440 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    };
    if millis > 0 { format!("due in {rough}") } else { format!("overdue by {rough}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_is_called_by_its_word() {
        assert_eq!(
            ["wf_invoice_intake", "wf_1", "intake", "wf_"].map(workflow),
            ["Invoice intake", "Workflow 1", "intake", "wf_"]
        );
    }

    #[test]
    fn what_is_due_is_said_in_one_unit() {
        let due = |minutes: i64| due(Timestamp::from_millis(minutes * 60_000), Timestamp::from_millis(0));
        assert_eq!(
            [1500, 150, 59, 1].map(due),
            ["due in 1 d", "due in 2 h", "due in 59 min", "due in 1 min"]
        );
        assert_eq!(
            [0, -1, -60, -5000].map(due),
            ["overdue by 1 min", "overdue by 1 min", "overdue by 1 h", "overdue by 3 d"]
        );
    }

    #[test]
    fn durations_are_short() {
        let after =
            |minutes: i64| duration(Timestamp::from_millis(0), Timestamp::from_millis(minutes * 60_000));
        assert_eq!([0, 59, 61, 1500].map(after), ["less than a minute", "59 min", "1 h 1 min", "1 d 1 h"]);
    }
}
