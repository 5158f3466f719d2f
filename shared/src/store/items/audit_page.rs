//! What leaves META when its journal is full: an AUDIT page, and two kinds of items that find what is on old pages without
//! reading them: DECISIONS of a page, and a RECEIPT for each command.
//!
//! A build that does not know DECISIONS, RECEIPTs or rejected stale writes takes each for an AUDIT page that META does not
//! count, and leaves it alone. That is why all of them have `entries`.

use crate::review::{
    Actor, Attempt, AuditEntry, Claim, CommandId, Decision, Rev, ReviewId, StaleWrite, Timestamp,
};
use crate::store::StoreError;
use crate::store::items::entry::{StoredActor, StoredClaim, StoredDecision, StoredEntry};
use crate::store::items::meta as item;
use crate::store::items::meta::{Attributes, JOURNAL_KEEPS, JOURNAL_LIMIT, MetaItem};
use crate::store::table::keys;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many entries an AUDIT page holds.
#[allow(clippy::cast_possible_truncation)] // two small constants
pub(in crate::store) const ENTRIES_OF_A_PAGE: u32 = (JOURNAL_LIMIT - JOURNAL_KEEPS) as u32;

/// A page of audit entries that have left META, with the decisions that have left it with them.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AuditPageItem {
    pk: String,
    pub(in crate::store) sk: String,
    entries: Vec<StoredEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::store) decisions: Vec<StoredDecision>,
    /// The claim that stood before the first entry, so that a page is read without those before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim: Option<StoredClaim>,
}

impl AuditPageItem {
    /// The claim that stood before its first entry.
    pub(in crate::store) fn claim_before(&self) -> Result<Option<Claim>, StoreError> {
        self.claim.clone().map(StoredClaim::decode).transpose()
    }

    /// The page's entries and decisions, after `claim`, which the entries may change.
    pub(in crate::store) fn decode(
        self,
        claim: &mut Option<Claim>,
    ) -> Result<(Vec<AuditEntry>, Vec<Decision>), StoreError> {
        let entries = self.entries.into_iter().map(|entry| entry.decode(claim)).collect::<Result<_, _>>()?;
        Ok((entries, decisions(self.decisions)?))
    }
}

fn decisions(stored: Vec<StoredDecision>) -> Result<Vec<Decision>, StoreError> {
    stored.into_iter().map(StoredDecision::decode).collect()
}

/// The decisions of one AUDIT page once more: they are few, and every answer has all of them.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct DecisionsItem {
    pk: String,
    pub(in crate::store) sk: String,
    entries: Vec<StoredEntry>,
    decisions: Vec<StoredDecision>,
}

impl DecisionsItem {
    pub(in crate::store) fn decode(self) -> Result<Vec<Decision>, StoreError> {
        decisions(self.decisions)
    }
}

/// That a command was carried out, for when its entry has left the journal.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ReceiptItem {
    pk: String,
    sk: String,
    entries: Vec<StoredEntry>,
}

impl ReceiptItem {
    /// The entry of the command, as far as it tells one request from another: what a claim meant is not known here.
    pub(in crate::store) fn decode(self) -> Result<Option<AuditEntry>, StoreError> {
        self.entries.into_iter().next().map(|entry| entry.decode(&mut None)).transpose()
    }
}

/// What a full journal leaves behind, in the transaction of the write that filled it.
pub(in crate::store) struct Spill {
    page: AuditPageItem,
    decisions: Option<DecisionsItem>,
    /// By their sort keys: an item may occur once in a transaction.
    receipts: BTreeMap<String, ReceiptItem>,
}

impl Spill {
    /// The items of which none may exist yet, and those that may.
    pub(in crate::store) fn items(&self) -> Result<(Vec<Attributes>, Vec<Attributes>), StoreError> {
        let mut new = vec![item::encode_item(&self.page)?];
        new.extend(self.decisions.as_ref().map(item::encode_item).transpose()?);
        let receipts = self.receipts.values().map(item::encode_item).collect::<Result<_, _>>()?;
        Ok((new, receipts))
    }

    #[cfg(test)]
    pub(in crate::store) fn into_page(self) -> AuditPageItem {
        self.page
    }
}

impl MetaItem {
    /// Moves all but the newest entries of a full journal, and all decisions but the last, out of META.
    pub(in crate::store) fn spill(&mut self) -> Result<Spill, StoreError> {
        let staying = self.journal.split_off(JOURNAL_LIMIT - JOURNAL_KEEPS);
        let entries = std::mem::replace(&mut self.journal, staying);
        let claim_before = self.journal_claim.take();
        let mut claim = claim_before.clone().map(StoredClaim::decode).transpose()?;
        for entry in &entries {
            entry.clone().decode(&mut claim)?;
        }
        self.journal_claim = claim.as_ref().map(StoredClaim::from);
        let last = self.decisions.split_off(self.decisions.len().saturating_sub(1));
        let decisions = std::mem::replace(&mut self.decisions, last);
        let pk = &self.pk;
        let receipts = entries.iter().filter_map(|entry| {
            let sk = keys::receipt_of(&entry.actor, entry.command_id.as_deref()?);
            Some((sk.clone(), ReceiptItem { pk: pk.clone(), sk, entries: vec![entry.clone()] }))
        });
        let receipts = receipts.collect();
        let decisions_item = (!decisions.is_empty()).then(|| DecisionsItem {
            pk: pk.clone(),
            sk: keys::decisions(self.pages),
            entries: Vec::new(),
            decisions: decisions.clone(),
        });
        if self.indexed_pages == self.pages {
            self.indexed_pages += 1;
        }
        let sk = keys::audit_page(self.pages);
        self.pages += 1;
        self.older_entries += u32::try_from(entries.len()).unwrap_or_default();
        let page = AuditPageItem { pk: self.pk.clone(), sk, entries, decisions, claim: claim_before };
        Ok(Spill { page, decisions: decisions_item, receipts })
    }

    /// Whether every AUDIT page has its DECISIONS and RECEIPTs: an older build writes pages without them.
    pub(in crate::store) const fn is_indexed(&self) -> bool {
        self.indexed_pages == self.pages
    }
}

/// A stale write that was rejected.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StaleWriteItem {
    pk: String,
    pub(in crate::store) sk: String,
    entries: Vec<StoredEntry>,
    actor: StoredActor,
    at: i64,
    stamp: u64,
    met: u64,
    attempt: String,
    /// Seconds since 1970, as DynamoDB's TTL wants them.
    ttl: i64,
}

/// For how long a rejected stale write is kept, in milliseconds: 90 days.
const STALE_WRITES_KEPT_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;

impl StaleWriteItem {
    pub(in crate::store) fn new(id: &ReviewId, write: &StaleWrite) -> Self {
        Self {
            pk: keys::review(id),
            sk: keys::stale_write(write.stamp, &write.actor),
            entries: Vec::new(),
            actor: StoredActor::from(&write.actor),
            at: write.at.millis(),
            stamp: write.stamp.0,
            met: write.met.0,
            attempt: write.attempt.as_str().to_owned(),
            ttl: write.at.plus_millis(STALE_WRITES_KEPT_MILLIS).seconds_rounded_up(),
        }
    }

    pub(in crate::store) fn decode(self, id: &ReviewId) -> Result<StaleWrite, StoreError> {
        let (actor, stamp): (Actor, Rev) = (self.actor.decode()?, Rev(self.stamp));
        Ok(StaleWrite {
            entry_id: StaleWrite::entry_id(id, stamp, &actor),
            actor,
            at: Timestamp::from_millis(self.at),
            stamp,
            met: Rev(self.met),
            attempt: Attempt::parse(&self.attempt).ok_or_else(item::corrupt("attempt"))?,
        })
    }
}

/// Sort key of the receipt of an actor's command.
pub(in crate::store) fn receipt(actor: &Actor, command: &CommandId) -> String {
    keys::receipt_of(&StoredActor::from(actor), command.as_str())
}
