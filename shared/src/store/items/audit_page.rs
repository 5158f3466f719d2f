//! AUDIT pages, and the DECISIONS of each, with which decisions are found without reading old pages.
//!
//! An older build takes DECISIONS, RECEIPTs and rejected stale writes for AUDIT pages that META does not count, and ignores
//! them. That is why all of them have `entries`.

use crate::review::{AuditEntry, Claim, Decision};
use crate::store::error::StoreError;
use crate::store::items::entry::StoredEntry;
use crate::store::items::meta::{JOURNAL_KEEPS, JOURNAL_LIMIT};
use crate::store::items::values::{StoredClaim, StoredDecision};
use serde::{Deserialize, Serialize};

/// How many entries an AUDIT page holds.
#[allow(clippy::cast_possible_truncation)] // two small constants
pub(in crate::store) const ENTRIES_OF_A_PAGE: u32 = (JOURNAL_LIMIT - JOURNAL_KEEPS) as u32;

/// A page of audit entries that have left META, with the decisions that have left it with them.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AuditPageItem {
    pub(in crate::store::items) pk: String,
    pub(in crate::store) sk: String,
    pub(in crate::store::items) entries: Vec<StoredEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::store) decisions: Vec<StoredDecision>,
    /// The claim before the first entry, so that a page can be read without the pages before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store::items) claim: Option<StoredClaim>,
}

impl AuditPageItem {
    /// The claim before its first entry.
    pub(in crate::store) fn claim_before(&self) -> Result<Option<Claim>, StoreError> {
        self.claim.clone().map(StoredClaim::decode).transpose()
    }

    /// The page's entries and decisions, given the claim before it. Sets `claim` to the claim after it.
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

/// The decisions of one AUDIT page once more: they are few, and each answer has all of them.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct DecisionsItem {
    pub(in crate::store::items) pk: String,
    pub(in crate::store) sk: String,
    pub(in crate::store::items) entries: Vec<StoredEntry>,
    pub(in crate::store::items) decisions: Vec<StoredDecision>,
}

impl DecisionsItem {
    pub(in crate::store) fn decode(self) -> Result<Vec<Decision>, StoreError> {
        decisions(self.decisions)
    }
}
