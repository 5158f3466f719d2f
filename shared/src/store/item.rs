//! The items as the table holds them, and their way to the domain and back.
//!
//! The names of attributes are the table's schema: changing one is a migration. Entries of the journal have
//! one-letter names, because every write of a review pays for all of them by the kilobyte.

use super::{StoreError, keys};
use crate::review::{
    Act, Actor, ActorId, ActorKind, AuditEntry, BlockType, Claim, CommandId, Decision, EntryId, Event,
    JsonText, Origin, Priority, Recorded, RequestDigest, Resume, Rev, Review, ReviewId, Seq, Status,
    Timestamp, Verdict, WorkflowId, WorkflowVersionId,
};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::HashMap;

/// How many audit entries META holds at most before the older ones move to an AUDIT page.
///
/// 16 typical entries are about 1.6 KB: with them a claim writes 3 units of META, without them 1.
pub const JOURNAL_LIMIT: usize = 16;
/// How many entries stay in META when the others move: what a conflict can still tell about what happened since.
pub(super) const JOURNAL_KEEPS: usize = 4;

pub(super) type Attributes = HashMap<String, AttributeValue>;

/// Encodes an item or a value of an expression.
pub(super) fn encode<T: Serialize, U: From<serde_dynamo::AttributeValue>>(
    value: &T,
) -> Result<U, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Encodes a whole item.
pub(super) fn encode_item<T: Serialize>(item: &T) -> Result<Attributes, StoreError> {
    serde_dynamo::to_item(item).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Decodes a whole item.
pub(super) fn decode_item<T: DeserializeOwned>(attributes: Attributes) -> Result<T, StoreError> {
    // Not the error's own text: it can quote what it could not read.
    serde_dynamo::from_item(attributes)
        .map_err(|_| StoreError::Corrupt(format!("it does not decode as {}", std::any::type_name::<T>())))
}

fn corrupt(what: &'static str) -> impl Fn() -> StoreError {
    move || StoreError::Corrupt(format!("{what} is not valid"))
}

/// META: everything small and mutable about a review.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct MetaItem {
    pub(super) pk: String,
    pub(super) sk: String,
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
    pub(super) rev: u64,
    head_seq: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effective_seq: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escalated_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resume: Option<StoredResume>,
    /// When the claim that the journal records ends; absent when it records none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim_expires_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<StoredDecision>,
    pub(super) journal: Vec<StoredEntry>,
    /// The claim that stood before the journal's first entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journal_claim: Option<StoredClaim>,
    /// How many AUDIT pages there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) pages: u32,
    /// How many entries are on them.
    #[serde(default, skip_serializing_if = "is_zero")]
    older_entries: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl MetaItem {
    /// META of a review none of whose entries has left the journal.
    pub(super) fn new(review: &Review) -> Self {
        let id = &review.id;
        Self {
            pk: keys::review(id),
            sk: keys::META.to_owned(),
            queue_pk: keys::queue(&id.organization, review.status),
            queue_sk: keys::queue_position(
                id,
                review.status,
                review.priority.0,
                review.awaiting_since,
                review.decided_at,
            ),
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
            claim_expires_at: review.recorded_claim().map(|claim| claim.expires_at.millis()),
            decisions: review.decisions.iter().map(StoredDecision::from).collect(),
            journal: review.journal.iter().map(StoredEntry::from).collect(),
            journal_claim: None,
            pages: 0,
            older_entries: review.older_entries,
        }
    }

    /// META after a transition that led from `self` to `next`, and the AUDIT page that it overflows into, if it does:
    /// a full journal keeps its newest entries and the last decision, the others move to the page.
    pub(super) fn advance(&self, next: &Review) -> Result<(Self, Option<AuditPageItem>), StoreError> {
        let mut item =
            Self { pages: self.pages, journal_claim: self.journal_claim.clone(), ..Self::new(next) };
        if self.journal.len() < JOURNAL_LIMIT {
            return Ok((item, None));
        }
        let staying = item.journal.split_off(self.journal.len() - JOURNAL_KEEPS);
        let entries = std::mem::replace(&mut item.journal, staying);
        let mut claim = item.journal_claim.take().map(StoredClaim::understand).transpose()?;
        for entry in &entries {
            entry.clone().understand(&mut claim)?;
        }
        item.journal_claim = claim.as_ref().map(StoredClaim::from);
        let last = item.decisions.split_off(item.decisions.len().saturating_sub(1));
        let decisions = std::mem::replace(&mut item.decisions, last);
        let page =
            AuditPageItem { pk: self.pk.clone(), sk: keys::audit_page(self.pages), entries, decisions };
        item.pages += 1;
        item.older_entries += u32::try_from(page.entries.len()).unwrap_or_default();
        Ok((item, Some(page)))
    }

    /// The review it holds.
    pub(super) fn understand(self) -> Result<Review, StoreError> {
        let id = keys::parse_review(&self.pk)?;
        let mut claim = self.journal_claim.map(StoredClaim::understand).transpose()?;
        let journal =
            self.journal.into_iter().map(|entry| entry.understand(&mut claim)).collect::<Result<_, _>>()?;
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
            resume: self.resume.map(StoredResume::understand),
            decisions: self
                .decisions
                .into_iter()
                .map(StoredDecision::understand)
                .collect::<Result<_, _>>()?,
            journal,
            older_entries: self.older_entries,
            claim,
        })
    }
}

/// A page of audit entries that have left META, with the decisions that have left it with them.
#[derive(Serialize, Deserialize)]
pub(super) struct AuditPageItem {
    pk: String,
    sk: String,
    entries: Vec<StoredEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<StoredDecision>,
}

impl AuditPageItem {
    /// The page's entries and decisions, after `claim`, which the entries may change.
    pub(super) fn understand(
        self,
        claim: &mut Option<Claim>,
    ) -> Result<(Vec<AuditEntry>, Vec<Decision>), StoreError> {
        let entries =
            self.entries.into_iter().map(|entry| entry.understand(claim)).collect::<Result<_, _>>()?;
        let decisions =
            self.decisions.into_iter().map(StoredDecision::understand).collect::<Result<_, _>>()?;
        Ok((entries, decisions))
    }
}

/// A hint that a holder has a claim on a review that ends at `expires_at`. META's own word decides.
#[derive(Serialize, Deserialize)]
pub(super) struct LeaseItem {
    pub(super) pk: String,
    pub(super) sk: String,
    lease_shard: String,
    /// When the call came that wrote it.
    written_at: i64,
    expires_at: i64,
    /// Seconds since 1970, as DynamoDB's TTL wants them; never before `expires_at`.
    ttl: i64,
}

impl LeaseItem {
    /// The lease that `act` writes.
    pub(super) fn new(id: &ReviewId, act: &Act, expires_at: Timestamp) -> Self {
        Self {
            pk: keys::holder(&id.organization, &act.actor),
            written_at: act.at.millis(),
            sk: keys::lease(id),
            lease_shard: keys::lease_shard(id),
            expires_at: expires_at.millis(),
            ttl: expires_at.seconds_rounded_up(),
        }
    }
}

/// Which review a command of claim-next went to.
#[derive(Serialize, Deserialize)]
pub(super) struct CommandItem {
    pub(super) pk: String,
    pub(super) sk: String,
    /// The review's partition.
    pub(super) review: String,
}

/// An audit entry as recorded: what it meant follows from the entries before it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredEntry {
    /// Entry id.
    #[serde(rename = "i", with = "serde_bytes")]
    entry_id: [u8; 16],
    /// Event.
    #[serde(rename = "e")]
    event: StoredEvent,
    /// Actor.
    #[serde(rename = "a")]
    actor: StoredActor,
    /// Time, in milliseconds.
    #[serde(rename = "t")]
    at: i64,
    /// `rev` observed.
    #[serde(rename = "o")]
    rev_observed: u64,
    /// Digest of the request.
    #[serde(rename = "h", with = "serde_bytes")]
    request: [u8; 8],
    /// Command id.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    command_id: Option<String>,
}

/// What was recorded.
#[derive(Clone, Serialize, Deserialize)]
enum StoredEvent {
    #[serde(rename = "o")]
    OverlayCreated(i32),
    #[serde(rename = "c")]
    Claimed(i64),
    #[serde(rename = "r")]
    Released,
    #[serde(rename = "x")]
    ClaimExpired,
    #[serde(rename = "v")]
    VersionAppended { s: u32, o: StoredOrigin },
    #[serde(rename = "d")]
    DecisionSubmitted {
        d: String,
        v: StoredVerdict,
        o: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        e: Option<u32>,
        /// The version appended with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        a: Option<u32>,
        /// The priority raised to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p: Option<i32>,
    },
    #[serde(rename = "p")]
    Reopened { r: Option<String> },
}

impl StoredEntry {
    /// The entry of `act`, done on `rev_observed`.
    pub(super) fn recorded(act: &Act, rev_observed: Rev, recorded: Recorded) -> Self {
        let event = match recorded {
            Recorded::Claimed { expires_at } => StoredEvent::Claimed(expires_at.millis()),
            Recorded::Released => StoredEvent::Released,
            Recorded::ClaimExpired => StoredEvent::ClaimExpired,
            Recorded::Plain(event) => StoredEvent::from(&event),
        };
        Self {
            entry_id: act.entry_id.to_bytes(),
            event,
            actor: StoredActor::from(&act.actor),
            at: act.at.millis(),
            rev_observed: rev_observed.0,
            request: act.request.0,
            command_id: act.command_id.as_ref().map(ToString::to_string),
        }
    }

    /// The entry it is, after `claim`, which it may change.
    pub(super) fn understand(self, claim: &mut Option<Claim>) -> Result<AuditEntry, StoreError> {
        let command_id = self.command_id.as_deref().map(CommandId::parse).transpose();
        let act = Act {
            actor: self.actor.understand()?,
            at: Timestamp::from_millis(self.at),
            entry_id: EntryId::from_bytes(self.entry_id),
            request: RequestDigest(self.request),
            command_id: command_id.map_err(|_| corrupt("command_id")())?,
        };
        Ok(AuditEntry::after(claim, &act, Rev(self.rev_observed), self.event.into()))
    }
}

impl From<&AuditEntry> for StoredEntry {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            entry_id: entry.entry_id.to_bytes(),
            event: StoredEvent::from(&entry.event),
            actor: StoredActor::from(&entry.actor),
            at: entry.at.millis(),
            rev_observed: entry.rev_observed.0,
            request: entry.request.0,
            command_id: entry.command_id.as_ref().map(ToString::to_string),
        }
    }
}

impl From<&Event> for StoredEvent {
    fn from(event: &Event) -> Self {
        match event {
            Event::OverlayCreated { priority } => Self::OverlayCreated(priority.0),
            Event::Claimed { expires_at, .. } => Self::Claimed(expires_at.millis()),
            Event::Released { .. } => Self::Released,
            Event::ClaimExpired { .. } => Self::ClaimExpired,
            Event::VersionAppended { seq, origin } => Self::VersionAppended { s: seq.0, o: (*origin).into() },
            Event::DecisionSubmitted {
                decision_id,
                verdict,
                on_seq,
                effective_seq,
                appended_seq,
                priority,
            } => Self::DecisionSubmitted {
                d: decision_id.clone(),
                v: (*verdict).into(),
                o: on_seq.0,
                e: effective_seq.map(|seq| seq.0),
                a: appended_seq.map(|seq| seq.0),
                p: priority.map(|priority| priority.0),
            },
            Event::Reopened { reason } => Self::Reopened { r: reason.clone() },
        }
    }
}

impl From<StoredEvent> for Recorded {
    fn from(event: StoredEvent) -> Self {
        Self::Plain(match event {
            StoredEvent::Claimed(expires_at) => {
                return Self::Claimed { expires_at: Timestamp::from_millis(expires_at) };
            }
            StoredEvent::Released => return Self::Released,
            StoredEvent::ClaimExpired => return Self::ClaimExpired,
            StoredEvent::OverlayCreated(priority) => Event::OverlayCreated { priority: Priority(priority) },
            StoredEvent::VersionAppended { s, o } => Event::VersionAppended { seq: Seq(s), origin: o.into() },
            StoredEvent::DecisionSubmitted { d, v, o, e, a, p } => Event::DecisionSubmitted {
                decision_id: d,
                verdict: v.into(),
                on_seq: Seq(o),
                effective_seq: e.map(Seq),
                appended_seq: a.map(Seq),
                priority: p.map(Priority),
            },
            StoredEvent::Reopened { r } => Event::Reopened { reason: r },
        })
    }
}

/// An actor, in a few bytes.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredActor {
    k: StoredActorKind,
    i: String,
    n: String,
}

impl StoredActor {
    pub(super) fn understand(self) -> Result<Actor, StoreError> {
        let id = ActorId::parse(&self.i).map_err(|_| corrupt("an actor's id")())?;
        Ok(Actor { kind: self.k.into(), id, display_name: self.n })
    }
}

impl From<&Actor> for StoredActor {
    fn from(actor: &Actor) -> Self {
        Self { k: actor.kind.into(), i: actor.id.to_string(), n: actor.display_name.clone() }
    }
}

/// A claim with its history folded in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredClaim {
    holder: StoredActor,
    claimed_at: i64,
    expires_at: i64,
}

impl StoredClaim {
    fn understand(self) -> Result<Claim, StoreError> {
        Ok(Claim {
            holder: self.holder.understand()?,
            claimed_at: Timestamp::from_millis(self.claimed_at),
            expires_at: Timestamp::from_millis(self.expires_at),
        })
    }
}

impl From<&Claim> for StoredClaim {
    fn from(claim: &Claim) -> Self {
        Self {
            holder: StoredActor::from(&claim.holder),
            claimed_at: claim.claimed_at.millis(),
            expires_at: claim.expires_at.millis(),
        }
    }
}

/// A decision.
#[derive(Clone, Serialize, Deserialize)]
struct StoredDecision {
    decision_id: String,
    verdict: StoredVerdict,
    decided_by: StoredActor,
    decided_at: i64,
    on_seq: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effective_seq: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escalate_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    supersedes_decision_id: Option<String>,
}

impl StoredDecision {
    fn understand(self) -> Result<Decision, StoreError> {
        Ok(Decision {
            decision_id: self.decision_id,
            verdict: self.verdict.into(),
            decided_by: self.decided_by.understand()?,
            decided_at: Timestamp::from_millis(self.decided_at),
            on_seq: Seq(self.on_seq),
            effective_seq: self.effective_seq.map(Seq),
            reason: self.reason,
            escalate_to: self.escalate_to,
            supersedes_decision_id: self.supersedes_decision_id,
        })
    }
}

impl From<&Decision> for StoredDecision {
    fn from(decision: &Decision) -> Self {
        Self {
            decision_id: decision.decision_id.clone(),
            verdict: decision.verdict.into(),
            decided_by: StoredActor::from(&decision.decided_by),
            decided_at: decision.decided_at.millis(),
            on_seq: decision.on_seq.0,
            effective_seq: decision.effective_seq.map(|seq| seq.0),
            reason: decision.reason.clone(),
            escalate_to: decision.escalate_to.clone(),
            supersedes_decision_id: decision.supersedes_decision_id.clone(),
        }
    }
}

/// Who is told of the decision.
#[derive(Clone, Serialize, Deserialize)]
struct StoredResume {
    target: String,
    status: String,
    attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

impl StoredResume {
    fn understand(self) -> Resume {
        Resume {
            target: self.target,
            status: self.status,
            attempts: self.attempts,
            last_error: self.last_error,
        }
    }
}

impl From<&Resume> for StoredResume {
    fn from(resume: &Resume) -> Self {
        Self {
            target: resume.target.clone(),
            status: resume.status.clone(),
            attempts: resume.attempts,
            last_error: resume.last_error.clone(),
        }
    }
}

/// Gives a domain enum its spelling in items, which stays when the wire's changes.
macro_rules! stored_words {
    ($stored:ident for $domain:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        #[derive(Clone, Copy, Serialize, Deserialize)]
        pub(super) enum $stored { $(#[serde(rename = $word)] $variant),* }

        impl From<$domain> for $stored {
            fn from(value: $domain) -> Self {
                match value { $($domain::$variant => Self::$variant),* }
            }
        }

        impl From<$stored> for $domain {
            fn from(value: $stored) -> Self {
                match value { $($stored::$variant => Self::$variant),* }
            }
        }
    };
}

stored_words!(StoredActorKind for ActorKind { Model = "m", Agent = "a", Human = "h" });
stored_words!(StoredOrigin for Origin { ModelOutput = "m", HumanEdit = "h", AgentEdit = "a", Revert = "r" });
stored_words!(StoredVerdict for Verdict { Approved = "a", Rejected = "r", Escalated = "e" });
stored_words!(StoredBlockType for BlockType {
    Extract = "extract", Classifier = "classifier", Split = "split", Conditional = "conditional",
});
stored_words!(StoredStatus for Status {
    AwaitingReview = "awaiting_review", Approved = "approved", Rejected = "rejected",
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::TtlSeconds;
    use crate::review::properties::histories;
    use proptest::prelude::*;

    proptest! {
        /// Entries are stored as recorded; what they meant must come back all the same, spilled or not.
        #[test]
        fn what_is_stored_reads_back_as_what_it_was(review in histories()) {
            let item = MetaItem::new(&review);
            let stored: Attributes = encode_item(&item).unwrap();
            let item: MetaItem = decode_item(stored).unwrap();
            prop_assert_eq!(&item.clone().understand().unwrap(), &review);

            // One more write, whether or not it overflows.
            let act = Act {
                actor: review.journal[0].actor.clone(),
                at: review.updated_at,
                entry_id: EntryId::new(),
                request: review.opened_as,
                command_id: None,
            };
            let next = review.claim(TtlSeconds::default(), &act).unwrap();
            let (item, page) = item.advance(&next).unwrap();
            prop_assert_eq!(page.is_some(), review.journal.len() >= JOURNAL_LIMIT);
            let mut claim = None;
            let (older, _) = page.map_or_else(|| Ok((vec![], vec![])), |page| page.understand(&mut claim)).unwrap();
            let kept = item.understand().unwrap();
            prop_assert_eq!([older, kept.journal].concat(), next.journal.clone());
            prop_assert_eq!(kept.claim, next.claim);
        }
    }
}
