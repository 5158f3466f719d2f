//! Events: what the world is told of each new audit entry, and of a run that could not be resumed. Ids, the actor, the rev
//! and pointers; never a snapshot.

use crate::review::{
    Actor, AuditEntry, BlockType, EntryId, Event, OrganizationId, Priority, RequestDigest, Rev, Review,
    ReviewId, Seq, Status, Timestamp, Verdict,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// A webhook's id: `wh_` and 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WebhookId(String);

impl WebhookId {
    /// As a regular expression.
    pub const PATTERN: &str = "^wh_[0-9a-f]{16}$";

    /// The id with these 8 bytes.
    pub fn new(bytes: [u8; 8]) -> Self {
        Self(bytes.iter().fold("wh_".to_owned(), |id, byte| format!("{id}{byte:02x}")))
    }

    /// Parses an id; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("wh_")?;
        let is_hex = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (digits.len() == 16 && is_hex).then(|| Self(text.to_owned()))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for WebhookId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whom events are delivered to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeliveryTarget {
    /// The deployment's `EventBridge` bus.
    EventBus,
    /// One of the organization's webhooks.
    Webhook(WebhookId),
}

impl DeliveryTarget {
    const EVENT_BUS: &str = "event-bus";

    /// Its name in keys and in the log.
    pub fn as_str(&self) -> &str {
        match self {
            Self::EventBus => Self::EVENT_BUS,
            Self::Webhook(id) => id.as_str(),
        }
    }

    /// The target with that name; `None` if there is none.
    pub fn parse(name: &str) -> Option<Self> {
        if name == Self::EVENT_BUS { Some(Self::EventBus) } else { WebhookId::parse(name).map(Self::Webhook) }
    }
}

/// Where an event stands among those of its review. Events of one review are delivered in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The place in the audit, from 0, of the entry that it is news of, or that came before it.
    pub ordinal: u64,
    /// 0 for an entry's own event; else which change of the callback's state came after that entry.
    pub change: u64,
}

impl Place {
    /// Of the event of an audit entry.
    pub const fn of_entry(ordinal: u64) -> Self {
        Self { ordinal, change: 0 }
    }
}

impl std::fmt::Display for Place {
    /// Texts are in the order of the places.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:010}", self.ordinal)?;
        if self.change == 0 { Ok(()) } else { write!(f, ".{:010}", self.change) }
    }
}

impl std::str::FromStr for Place {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (ordinal, change) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self { ordinal: ordinal.parse()?, change: change.parse()? })
    }
}

/// What happened, in the words that subscribers filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// The gate fired.
    Opened,
    /// A claim was taken, renewed or taken over.
    Claimed,
    /// A claim was dropped.
    Released,
    /// A claim ran out.
    ClaimExpired,
    /// A version was appended, without a decision.
    VersionAppended,
    /// The review was approved or rejected.
    Decided,
    /// The review was escalated.
    Escalated,
    /// A decided review was opened again.
    Reopened,
    /// The run could not be resumed with the decision, and nobody tries any more.
    ResumeFailed,
}

impl EventType {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::Opened,
        Self::Claimed,
        Self::Released,
        Self::ClaimExpired,
        Self::VersionAppended,
        Self::Decided,
        Self::Escalated,
        Self::Reopened,
        Self::ResumeFailed,
    ];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "review.opened",
            Self::Claimed => "review.claimed",
            Self::Released => "review.released",
            Self::ClaimExpired => "review.claim_expired",
            Self::VersionAppended => "review.version_appended",
            Self::Decided => "review.decided",
            Self::Escalated => "review.escalated",
            Self::Reopened => "review.reopened",
            Self::ResumeFailed => "review.resume_failed",
        }
    }

    /// What it says, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Opened => "The gate of a workflow fired: a review awaits somebody.",
            Self::Claimed => "A claim was taken, renewed or taken over.",
            Self::Released => "A claim was dropped.",
            Self::ClaimExpired => "A claim ran out.",
            Self::VersionAppended => "A version was appended, without a decision.",
            Self::Decided => "The review was approved or rejected.",
            Self::Escalated => "The review was escalated to somebody else; it stays open.",
            Self::Reopened => "A decided review was opened again.",
            Self::ResumeFailed => {
                "The waiting run could not be resumed with the decision, and nobody tries any more. This is no entry of the \
                 audit: `entry_id`, `actor` and `rev_result` are null, `sequence` is that of the entry before it, and `detail` \
                 holds `target`, `attempts`, `last_error` and `decision_id`."
            }
        }
    }

    /// The type of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }

    /// What an audit entry is news of.
    pub const fn of(event: &Event) -> Self {
        match event {
            Event::OverlayCreated { .. } => Self::Opened,
            Event::Claimed { .. } => Self::Claimed,
            Event::Released { .. } => Self::Released,
            Event::ClaimExpired { .. } => Self::ClaimExpired,
            Event::VersionAppended { .. } => Self::VersionAppended,
            Event::DecisionSubmitted { verdict, .. } => match verdict {
                Verdict::Approved | Verdict::Rejected => Self::Decided,
                Verdict::Escalated => Self::Escalated,
            },
            Event::Reopened { .. } => Self::Reopened,
        }
    }
}

/// One event, ready to be sent: to a bus, to a webhook. Delivered at least once; the same event always has the same id.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewEvent {
    /// Tells duplicates: the audit entry's id, or one that always comes out the same.
    pub id: EntryId,
    /// What happened.
    pub event_type: EventType,
    /// To which review.
    pub review: ReviewId,
    /// Where it stands among the review's events.
    pub place: Place,
    /// When it happened.
    pub at: Timestamp,
    /// The JSON that is sent.
    pub body: String,
}

/// What is sent: the shape that Standard Webhooks recommends (`type`, `timestamp`, `data`), with the id in it for targets that
/// have no header for one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub struct EventBody<'a> {
    /// Tells duplicates: the same event always has the same id. It is `webhook-id`, too.
    id: EntryId,
    /// What happened.
    r#type: &'a str,
    /// When it happened.
    timestamp: Timestamp,
    /// To which review, and how that stands since.
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
    /// The audit entry; null where there is none.
    entry_id: Option<EntryId>,
    /// The entry's place in the review's audit, from 0. The events of one review come in this order.
    sequence: u64,
    /// Who did it; null where nobody did.
    actor: Option<&'a Actor>,
    /// The `rev` that it was done on.
    rev_observed: Rev,
    /// The `rev` that it led to; null where the `rev` did not advance.
    rev_result: Option<Rev>,
    /// What is special to this type of event.
    #[schemars(with = "serde_json::Map<String, Value>")]
    detail: Value,
    /// Where the review stands since.
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

/// What an event is news of.
struct News<'a> {
    id: EntryId,
    event_type: EventType,
    place: Place,
    at: Timestamp,
    entry: Option<&'a AuditEntry>,
    detail: Value,
}

impl ReviewEvent {
    /// The event of the entry at place `ordinal` of the audit of `review`, which is as the entry left it.
    pub fn new(review: &Review, ordinal: u64, entry: &AuditEntry) -> Result<Self, serde_json::Error> {
        let news = News {
            id: entry.entry_id,
            event_type: EventType::of(&entry.event),
            place: Place::of_entry(ordinal),
            at: entry.at,
            entry: Some(entry),
            detail: serde_json::to_value(entry.detail())?,
        };
        Self::of(review, news)
    }

    /// The event that the run of `review` could not be resumed, of the image in which that is first said. It is derived from
    /// that change of META and is no audit entry: nobody did anything to the review, and its `rev` stays.
    pub fn resume_failed(review: &Review) -> Result<Self, serde_json::Error> {
        let resume = review.resume.as_ref();
        let change = resume.map_or(1, |resume| resume.changes().max(1));
        let entries = u64::from(review.older_entries) + review.journal.len() as u64;
        let news = News {
            id: derived_id(&review.id, change),
            event_type: EventType::ResumeFailed,
            place: Place { ordinal: entries.saturating_sub(1), change },
            at: review.updated_at,
            entry: None,
            detail: json!({
                "target": resume.map(|resume| &resume.target),
                "attempts": resume.map(|resume| resume.attempts),
                "last_error": resume.and_then(|resume| resume.last_error.as_ref()),
                "decision_id": review.decisions.last().map(|decision| &decision.decision_id),
            }),
        };
        Self::of(review, news)
    }

    fn of(review: &Review, news: News<'_>) -> Result<Self, serde_json::Error> {
        let News { id: event_id, event_type, place, at, entry, detail } = news;
        let id = &review.id;
        let body = EventBody {
            id: event_id,
            r#type: event_type.word(),
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

/// The id of an event that no audit entry names: always the same for the same change of the same review.
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

/// The type of the event that a test delivery sends.
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
    use super::*;

    #[test]
    fn places_sort_as_their_texts_do_and_read_back() {
        let places = [(0, 0), (2, 0), (2, 1), (2, 10), (3, 0), (10, 0), (10, 2)];
        let places = places.map(|(ordinal, change)| Place { ordinal, change });
        let texts = places.map(|place| place.to_string());
        assert!(places.is_sorted() && texts.is_sorted(), "{texts:?}");
        assert!(places.iter().zip(&texts).all(|(place, text)| text.parse() == Ok(*place)));
        assert!(["", "x", "1.x", "1.", "-1"].iter().all(|text| text.parse::<Place>().is_err()));
    }

    #[test]
    fn a_target_is_the_bus_or_a_webhook_and_nothing_else() {
        let id = WebhookId::new([0, 1, 2, 3, 4, 5, 6, 0xff]);
        assert_eq!(id.as_str(), "wh_00010203040506ff");
        for target in [DeliveryTarget::EventBus, DeliveryTarget::Webhook(id)] {
            assert_eq!(DeliveryTarget::parse(target.as_str()), Some(target));
        }
        for text in ["", "event-bus", "wh_", "wh_1", "wh_00010203040506FF", "wh_00010203040506ff0", "x"] {
            assert_eq!(WebhookId::parse(text), None, "{text}");
        }
    }
}
