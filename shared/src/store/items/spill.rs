//! What moves out of META when its journal is full.

use crate::review::Review;
use crate::store::error::StoreError;
use crate::store::items::audit_page::{AuditPageItem, DecisionsItem};
use crate::store::items::meta::{JOURNAL_KEEPS, JOURNAL_LIMIT, MetaItem};
use crate::store::items::receipt::ReceiptItem;
use crate::store::items::values::StoredClaim;
use crate::store::table::codec::{self, Attributes};
use crate::store::table::keys;
use std::collections::BTreeMap;

/// The items that take what moves out, written in the same transaction as META.
pub(in crate::store) struct Spill {
    page: AuditPageItem,
    decisions: Option<DecisionsItem>,
    /// By sort key, because a transaction may name an item only once.
    receipts: BTreeMap<String, ReceiptItem>,
}

impl Spill {
    /// The items that must not exist yet, and those that may.
    pub(in crate::store) fn items(&self) -> Result<(Vec<Attributes>, Vec<Attributes>), StoreError> {
        let mut new = vec![codec::encode_item(&self.page)?];
        new.extend(self.decisions.as_ref().map(codec::encode_item).transpose()?);
        let receipts = self.receipts.values().map(codec::encode_item).collect::<Result<_, _>>()?;
        Ok((new, receipts))
    }

    #[cfg(test)]
    pub(in crate::store) fn into_page(self) -> AuditPageItem {
        self.page
    }
}

/// What META says of the entries that have left its journal.
#[derive(Clone)]
pub(in crate::store) struct Spilled {
    /// How many AUDIT pages there are.
    pub(in crate::store) pages: u32,
    indexed_pages: u32,
    journal_claim: Option<StoredClaim>,
}

impl Spilled {
    pub(in crate::store) fn of(item: &MetaItem) -> Self {
        let MetaItem { pages, indexed_pages, ref journal_claim, .. } = *item;
        Self { pages, indexed_pages, journal_claim: journal_claim.clone() }
    }

    /// Whether every AUDIT page has its DECISIONS and RECEIPTs: an older build writes pages without them.
    pub(in crate::store) const fn is_indexed(&self) -> bool {
        self.indexed_pages == self.pages
    }

    /// META after a transition to `next`, and what moves out of it, if its journal is full.
    pub(in crate::store) fn advance(&self, next: &Review) -> Result<(MetaItem, Option<Spill>), StoreError> {
        let mut item = MetaItem::new(next);
        item.pages = self.pages;
        item.indexed_pages = self.indexed_pages;
        item.journal_claim.clone_from(&self.journal_claim);
        let spill = if item.journal.len() > JOURNAL_LIMIT { Some(item.spill()?) } else { None };
        Ok((item, spill))
    }
}

impl MetaItem {
    /// Moves all but the newest entries of a full journal, and all decisions but the last, out of META.
    fn spill(&mut self) -> Result<Spill, StoreError> {
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
            let sk = entry.actor.receipt_key(entry.command_id.as_deref()?);
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::histories;
    use crate::review::{CommandContext, TtlSeconds};
    use crate::store::table::codec::{decode_item, encode_item};
    use proptest::prelude::*;

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
                entry_id: crate::new_id::entry_id(),
                request: review.opened_as,
                command_id: None,
                standing: crate::review::Standing::default(),
            };
            let next = review.claim(TtlSeconds::default(), &context).unwrap();
            let (item, page) = Spilled::of(&item).advance(&next).unwrap();
            prop_assert_eq!(page.is_some(), review.journal.len() >= JOURNAL_LIMIT);
            let mut claim = None;
            let (older, _) = page.map_or_else(|| Ok((vec![], vec![])), |spill| spill.into_page().decode(&mut claim)).unwrap();
            let kept = item.decode().unwrap();
            prop_assert_eq!([older, kept.journal].concat(), next.journal.clone());
            prop_assert_eq!(kept.claim, next.claim);
        }
    }
}
