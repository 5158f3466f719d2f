//! Events: one for each new audit entry, and for each callback whose delivery has failed. They contain ids, the actor, the rev and
//! pointers, never a snapshot.

mod notice;
mod place;
mod subscription;
mod target;

pub use notice::{MAX_NOTICE_TITLE, Notice};
pub use place::Place;
pub use subscription::{
    Channel, ChannelKind, NotificationKind, QuietHours, Receiver, Subscription, SubscriptionId,
};
pub use target::{DeliveryTarget, WebhookId};

use crate::review::{
    Actor, AuditEntry, AuditEvent, BlockType, EntryId, OrganizationId, Priority, RequestDigest, Rev, Review,
    ReviewId, Seq, Status, Timestamp, Verdict,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// The types of events, by which subscribers filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// The gate fired.
    Opened,
    /// A claim was taken, renewed or taken over.
    Claimed,
    /// A claim was released.
    Released,
    /// A claim expired.
    ClaimExpired,
    /// A version was appended, without a decision.
    VersionAppended,
    /// The review was approved or rejected.
    Decided,
    /// The review was escalated.
    Escalated,
    /// A decided review was opened again.
    Reopened,
    /// A document that the review names was deleted.
    DocumentDeleted,
    /// One of several approvals was given; the review stays open.
    ApprovalGiven,
    /// The review was assigned to others.
    Assigned,
    /// The review is due soon.
    DueSoon,
    /// The review is overdue.
    Overdue,
    /// Somebody commented on the review.
    Commented,
    /// The decision could not be delivered to the callback, and delivery is no longer attempted.
    ResumeFailed,
}

impl EventType {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Opened,
        Self::Claimed,
        Self::Released,
        Self::ClaimExpired,
        Self::VersionAppended,
        Self::Decided,
        Self::Escalated,
        Self::Reopened,
        Self::DocumentDeleted,
        Self::ApprovalGiven,
        Self::Assigned,
        Self::DueSoon,
        Self::Overdue,
        Self::Commented,
        Self::ResumeFailed,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "review.opened",
            Self::Claimed => "review.claimed",
            Self::Released => "review.released",
            Self::ClaimExpired => "review.claim_expired",
            Self::VersionAppended => "review.version_appended",
            Self::Decided => "review.decided",
            Self::Escalated => "review.escalated",
            Self::Reopened => "review.reopened",
            Self::DocumentDeleted => "review.document_deleted",
            Self::ApprovalGiven => "review.approval_given",
            Self::Assigned => "review.assigned",
            Self::DueSoon => "review.due_soon",
            Self::Overdue => "review.overdue",
            Self::Commented => "review.commented",
            Self::ResumeFailed => "review.resume_failed",
        }
    }

    /// Its meaning, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Opened => "The gate of a workflow fired: a review awaits a decision.",
            Self::Claimed => "A claim was taken, renewed or taken over.",
            Self::Released => "A claim was released.",
            Self::ClaimExpired => "A claim expired.",
            Self::VersionAppended => "A version was appended, without a decision.",
            Self::Decided => "The review was approved or rejected.",
            Self::Escalated => "The review was escalated to somebody else; it stays open.",
            Self::Reopened => "A decided review was opened again.",
            Self::DocumentDeleted => "A document that the review names was deleted.",
            Self::ApprovalGiven => "One of the approvals that the review needs was given; it stays open.",
            Self::Assigned => "The review was assigned to others.",
            Self::DueSoon => "The review is due soon: a reminder of its policy.",
            Self::Overdue => "The review is overdue. What the policy does then is an event of its own.",
            Self::Commented => {
                "Somebody commented on the review. `detail.mentions` are the members whom the comment mentions; its text is in the audit alone."
            }
            Self::ResumeFailed => {
                "The decision could not be delivered to the waiting run, and delivery is no longer attempted. This is not an entry of \
                 the audit: `entry_id`, `actor` and `rev_result` are null, `sequence` is that of the entry before it, and `detail` \
                 contains `target`, `attempts`, `last_error` and `decision_id`."
            }
        }
    }

    /// The type of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// The type of an audit entry's event.
    pub const fn of(event: &AuditEvent) -> Self {
        match event {
            AuditEvent::OverlayCreated { .. } => Self::Opened,
            AuditEvent::Claimed { .. } => Self::Claimed,
            AuditEvent::Released { .. } => Self::Released,
            AuditEvent::ClaimExpired { .. } => Self::ClaimExpired,
            AuditEvent::VersionAppended { .. } => Self::VersionAppended,
            // Short of the approvals that it needs.
            AuditEvent::DecisionSubmitted { verdict: Verdict::Approved, effective_seq: None, .. } => {
                Self::ApprovalGiven
            }
            AuditEvent::DecisionSubmitted { verdict, .. } => match verdict {
                Verdict::Approved | Verdict::Rejected => Self::Decided,
                Verdict::Escalated => Self::Escalated,
            },
            AuditEvent::Reopened { .. } => Self::Reopened,
            AuditEvent::DocumentDeleted { .. } => Self::DocumentDeleted,
            AuditEvent::Assigned { .. } => Self::Assigned,
            AuditEvent::DueSoon { .. } => Self::DueSoon,
            AuditEvent::Overdue { .. } => Self::Overdue,
            AuditEvent::Commented { .. } => Self::Commented,
        }
    }
}

/// An event, ready to be sent to the event bus or a webhook. Delivered at least once; the same event always has the same id.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewEvent {
    /// Identifies duplicates: the audit entry's id, or one that is derived.
    pub id: EntryId,
    /// What happened.
    pub event_type: EventType,
    /// The review.
    pub review: ReviewId,
    /// Its place in the order of the review's events.
    pub place: Place,
    /// When it happened.
    pub at: Timestamp,
    /// The JSON that is sent.
    pub body: String,
}

/// The body of an event, in the form that Standard Webhooks recommends (`type`, `timestamp`, `data`), with the id for targets that
/// have no header for it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub struct EventBody<'a> {
    /// Identifies duplicates: the same event always has the same id. Also sent as `webhook-id`.
    id: EntryId,
    /// What happened.
    r#type: &'a str,
    /// When it happened.
    timestamp: Timestamp,
    /// The review, and its state after the event.
    data: EventData<'a>,
}

/// Ids, the actor, the rev and pointers; never a snapshot.
#[derive(Serialize, JsonSchema)]
pub struct EventData<'a> {
    /// The organization.
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
    /// The audit entry; null if there is none.
    entry_id: Option<EntryId>,
    /// The entry's place in the review's audit, from 0. The events of one review come in this order.
    sequence: u64,
    /// Who did it; null if nobody did.
    actor: Option<&'a Actor>,
    /// The `rev` that it was done on.
    rev_observed: Rev,
    /// The `rev` that it led to; null if the `rev` did not advance.
    rev_result: Option<Rev>,
    /// Fields of this type of event.
    #[schemars(with = "serde_json::Map<String, Value>")]
    detail: Value,
    /// The review's status after the event.
    status: Status,
    /// How urgent it is.
    priority: Priority,
    /// The newest version.
    head_seq: Seq,
    /// The version that downstream consumes; null unless approved.
    effective_seq: Option<Seq>,
    /// To whom it was escalated.
    escalated_to: Option<&'a str>,
    /// Where to read the review.
    review_url: String,
}

/// What an event says.
struct Change<'a> {
    id: EntryId,
    event_type: EventType,
    place: Place,
    at: Timestamp,
    entry: Option<&'a AuditEntry>,
    detail: Value,
}

impl ReviewEvent {
    /// The event of the entry with number `ordinal` of the audit of `review`, as it was after the entry.
    pub fn new(review: &Review, ordinal: u64, entry: &AuditEntry) -> Result<Self, serde_json::Error> {
        let change = Change {
            id: entry.entry_id,
            event_type: EventType::of(&entry.event),
            place: Place::of_entry(ordinal),
            at: entry.at,
            entry: Some(entry),
            detail: serde_json::to_value(entry.detail())?,
        };
        Self::of(review, change)
    }

    /// The event that delivery to the callback has failed, from the first image of META that says so. It has no audit entry: nobody
    /// changed the review, and its `rev` stays.
    pub fn resume_failed(review: &Review) -> Result<Self, serde_json::Error> {
        let resume = review.resume.as_ref();
        let changes = resume.map_or(1, |resume| resume.changes().max(1));
        let entries = u64::from(review.older_entries) + review.journal.len() as u64;
        let change = Change {
            id: derived_id(&review.id, changes),
            event_type: EventType::ResumeFailed,
            place: Place { ordinal: entries.saturating_sub(1), change: changes },
            at: review.updated_at,
            entry: None,
            detail: json!({
                "target": resume.map(|resume| &resume.target),
                "attempts": resume.map(|resume| resume.attempts),
                "last_error": resume.and_then(|resume| resume.last_error.as_ref()),
                "decision_id": review.decisions.last().map(|decision| &decision.decision_id),
            }),
        };
        Self::of(review, change)
    }

    fn of(review: &Review, change: Change<'_>) -> Result<Self, serde_json::Error> {
        let Change { id: event_id, event_type, place, at, entry, detail } = change;
        let id = &review.id;
        let body = EventBody {
            id: event_id,
            r#type: event_type.as_str(),
            timestamp: at,
            data: EventData {
                organization_id: id.organization.as_str(),
                workflow_id: review.workflow_id.as_str(),
                workflow_version_id: review.workflow_version_id.as_str(),
                workflow_run_id: id.run.as_str(),
                block_id: id.block.as_str(),
                block_run_id: id.block_run_id(),
                block_type: review.block_type,
                entry_id: entry.map(|entry| entry.entry_id),
                sequence: place.ordinal,
                actor: entry.map(|entry| &entry.actor),
                rev_observed: entry.map_or(review.rev, |entry| entry.rev_observed),
                rev_result: entry.and_then(AuditEntry::rev_result),
                detail,
                status: review.status,
                priority: review.priority,
                head_seq: review.head_seq,
                effective_seq: review.effective_seq,
                escalated_to: review.escalated_to.as_deref(),
                review_url: format!("/v1/workflows/reviews/{}/{}", id.run, id.block),
            },
        };
        let body = serde_json::to_string(&body)?;
        Ok(Self { id: event_id, event_type, review: id.clone(), place, at, body })
    }
}

/// The id of an event without an audit entry: always the same for the same change of the same review.
fn derived_id(id: &ReviewId, change: u64) -> EntryId {
    let ReviewId { organization, run, block } = id;
    let parts = [organization.as_str().as_bytes(), run.as_str().as_bytes(), block.as_str().as_bytes()];
    let change = change.to_be_bytes();
    let half = |call: &str| RequestDigest::of(call, &[parts[0], parts[1], parts[2], &change]).0;
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&half("review.resume_failed"));
    bytes[8..].copy_from_slice(&half("review.resume_failed, second half"));
    EntryId::from_bytes(bytes)
}

/// The event type of a test delivery.
pub const TEST_EVENT: &str = "webhook.test";

/// The body of a test delivery to a webhook.
pub fn test_body(id: EntryId, at: Timestamp, organization: &OrganizationId, webhook: &WebhookId) -> String {
    json!({
        "id": id,
        "type": TEST_EVENT,
        "timestamp": at,
        "data": { "organization_id": organization, "webhook_id": webhook.as_str() },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::EventType;

    /// A new type does not compile here until it is named; then the count says that it must be listed, too.
    #[test]
    fn every_event_type_is_listed() {
        use EventType::{
            ApprovalGiven, Assigned, ClaimExpired, Claimed, Commented, Decided, DocumentDeleted, DueSoon,
            Escalated, Opened, Overdue, Released, Reopened, ResumeFailed, VersionAppended,
        };
        for event in EventType::ALL {
            let count = match event {
                Opened | Claimed | Released | ClaimExpired | VersionAppended | Decided | Escalated
                | Reopened | DocumentDeleted | ApprovalGiven | Assigned | DueSoon | Overdue | Commented
                | ResumeFailed => 15,
            };
            assert_eq!((EventType::ALL.len(), EventType::parse(event.as_str())), (count, Some(event)));
        }
    }
}
