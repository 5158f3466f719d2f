//! The items as the table holds them, and their way to the domain and back.
//!
//! The names of attributes are the table's schema: changing one is a migration.

use crate::review::{
    CommandContext, JsonText, Priority, RequestDigest, Rev, Review, ReviewId, Seq, Timestamp, WorkflowId,
    WorkflowVersionId,
};
use crate::store::StoreError;
use crate::store::items::audit_page::Spill;
use crate::store::items::entry::{
    StoredBlockType, StoredClaim, StoredDecision, StoredEntry, StoredResume, StoredStatus,
};
use crate::store::table::keys::{self, Due};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How many audit entries META holds at most before the older ones move to an AUDIT page.
///
/// 16 typical entries are about 1.6 KB: with them a claim writes 3 units of META, without them 1.
pub const JOURNAL_LIMIT: usize = 16;
/// How many entries stay in META when the others move: what a conflict can still tell about what happened since.
pub(in crate::store) const JOURNAL_KEEPS: usize = 4;

pub(in crate::store) type Attributes = HashMap<String, AttributeValue>;

/// Encodes an item or a value of an expression.
pub(in crate::store) fn encode<T: Serialize, U: From<serde_dynamo::AttributeValue>>(
    value: &T,
) -> Result<U, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Encodes a whole item.
pub(in crate::store) fn encode_item<T: Serialize>(item: &T) -> Result<Attributes, StoreError> {
    serde_dynamo::to_item(item).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Decodes a whole item.
pub(in crate::store) fn decode_item<T: DeserializeOwned>(attributes: Attributes) -> Result<T, StoreError> {
    // Not the error's own text: it can quote what it could not read.
    serde_dynamo::from_item(attributes)
        .map_err(|_| StoreError::Corrupt(format!("it does not decode as {}", std::any::type_name::<T>())))
}

/// An attribute that holds what it must not.
pub(in crate::store) fn corrupt(what: &'static str) -> impl Fn() -> StoreError {
    move || StoreError::Corrupt(format!("{what} is not valid"))
}

/// META: everything small and mutable about a review.
#[derive(Clone, Serialize, Deserialize)]
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
    /// Beside `resume` and not in it: a build that does not know it carries it along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resume_asked_at: Option<i64>,
    /// When the claim that the journal records ends; absent when it records none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim_expires_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::store) decisions: Vec<StoredDecision>,
    pub(in crate::store) journal: Vec<StoredEntry>,
    /// The claim that stood before the journal's first entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) journal_claim: Option<StoredClaim>,
    /// How many AUDIT pages there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::store) pages: u32,
    /// How many of the first of them have their DECISIONS and RECEIPTs: all, unless an older build wrote some.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::store) indexed_pages: u32,
    /// How many entries are on them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::store) older_entries: u32,
    /// The schema it is written in, where that is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<u32>,
}

/// How the items of a review are written. What an older build may leave unread (and carries along) does not change it; what
/// it would misunderstand does. A build reads all schemas up to its own, writes its own, and touches nothing newer.
pub const SCHEMA_VERSION: u32 = 1;

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl MetaItem {
    /// META of a review none of whose entries has left the journal.
    pub(in crate::store) fn new(review: &Review) -> Self {
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
            resume_asked_at: review.resume_asked_at.map(Timestamp::millis),
            claim_expires_at: review.recorded_claim().map(|claim| claim.expires_at.millis()),
            decisions: review.decisions.iter().map(StoredDecision::from).collect(),
            journal: review.journal.iter().map(StoredEntry::from).collect(),
            journal_claim: None,
            pages: 0,
            indexed_pages: 0,
            older_entries: review.older_entries,
            v: None,
        }
    }

    /// META after a transition that led from `self` to `next`, and what it overflows into, if it does: a full journal keeps its
    /// newest entries and the last decision.
    pub(in crate::store) fn advance(&self, next: &Review) -> Result<(Self, Option<Spill>), StoreError> {
        let mut item = Self {
            pages: self.pages,
            indexed_pages: self.indexed_pages,
            journal_claim: self.journal_claim.clone(),
            ..Self::new(next)
        };
        let spill = if self.journal.len() < JOURNAL_LIMIT { None } else { Some(item.spill()?) };
        Ok((item, spill))
    }

    /// The review it holds.
    pub(in crate::store) fn decode(self) -> Result<Review, StoreError> {
        if let Some(newer) = self.v.filter(|schema| *schema > SCHEMA_VERSION) {
            let text = format!("the review is of schema {newer}; this build knows {SCHEMA_VERSION}");
            return Err(StoreError::Corrupt(text));
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
            decisions: self.decisions.into_iter().map(StoredDecision::decode).collect::<Result<_, _>>()?,
            journal,
            older_entries: self.older_entries,
            claim,
        })
    }
}

/// A hint that a holder has a claim on a review that ends at `expires_at`. META's own word decides.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct LeaseItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    due_shard: String,
    /// When the sweep looks at it: when it ends, or later, if the sweep could not make sense of it.
    due_at: i64,
    /// When the call came that wrote it.
    written_at: i64,
    /// The context that wrote it: the one call that may take it back.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    written_by: Option<Vec<u8>>,
    pub(in crate::store) expires_at: i64,
    /// Seconds since 1970, as DynamoDB's TTL wants them; never before `expires_at`.
    ttl: i64,
}

impl LeaseItem {
    /// The lease that `context` writes.
    pub(in crate::store) fn new(id: &ReviewId, context: &CommandContext, expires_at: Timestamp) -> Self {
        Self {
            pk: keys::holder(&id.organization, &context.actor),
            written_at: context.at.millis(),
            written_by: Some(context.entry_id.to_bytes().to_vec()),
            sk: keys::lease(id),
            due_shard: Due::Leases.shard_of(id),
            due_at: expires_at.millis(),
            expires_at: expires_at.millis(),
            ttl: expires_at.seconds_rounded_up(),
        }
    }
}

/// Which review a command of claim-next went to.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct CommandItem {
    pk: String,
    sk: String,
    /// The review's partition.
    pub(in crate::store) review: String,
}

impl CommandItem {
    /// That the command of `context`, if it has one, went to that review.
    pub(in crate::store) fn new(id: &ReviewId, context: &CommandContext) -> Option<Self> {
        let sk = keys::command(context.command_id.as_ref()?);
        Some(Self { pk: keys::holder(&id.organization, &context.actor), sk, review: keys::review(id) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::{histories, review_and_version};
    use crate::review::{EntryId, TtlSeconds};
    use proptest::prelude::*;

    #[test]
    fn a_review_of_a_newer_schema_is_not_guessed_at() {
        let item = MetaItem::new(&review_and_version().0);
        assert!(MetaItem { v: Some(SCHEMA_VERSION), ..item.clone() }.decode().is_ok());
        for newer in [SCHEMA_VERSION + 1, SCHEMA_VERSION + 2] {
            assert!(MetaItem { v: Some(newer), ..item.clone() }.decode().is_err());
        }
    }

    proptest! {
        /// Entries are stored as recorded; what they meant must come back all the same, spilled or not.
        #[test]
        fn what_is_stored_reads_back_as_what_it_was(review in histories()) {
            let item = MetaItem::new(&review);
            let stored: Attributes = encode_item(&item).unwrap();
            let item: MetaItem = decode_item(stored).unwrap();
            prop_assert_eq!(&item.clone().decode().unwrap(), &review);

            // One more write, whether or not it overflows.
            let context = CommandContext {
                actor: review.journal[0].actor.clone(),
                at: review.updated_at,
                entry_id: EntryId::new(),
                request: review.opened_as,
                command_id: None,
            };
            let next = review.claim(TtlSeconds::default(), &context).unwrap();
            let (item, page) = item.advance(&next).unwrap();
            prop_assert_eq!(page.is_some(), review.journal.len() >= JOURNAL_LIMIT);
            let mut claim = None;
            let (older, _) = page.map_or_else(|| Ok((vec![], vec![])), |spill| spill.into_page().decode(&mut claim)).unwrap();
            let kept = item.decode().unwrap();
            prop_assert_eq!([older, kept.journal].concat(), next.journal.clone());
            prop_assert_eq!(kept.claim, next.claim);
        }
    }
}
