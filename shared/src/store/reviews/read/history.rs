//! Versions, decisions, AUDIT pages and rejected stale writes: the items beside META. Only as much is read as an answer shows, so
//! that a read costs the same however many writes a review has had.

use crate::review::{AuditEntry, AuditRow, Decision, Rev, Review, ReviewId, Seq, StaleWrite};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::audit_page::{AuditPageItem, DecisionsItem, ENTRIES_OF_A_PAGE};
use crate::store::items::meta::JOURNAL_KEEPS;
use crate::store::items::spill::Spilled;
use crate::store::items::stale_write::StaleWriteItem;
use crate::store::items::version::Unpacker;
use crate::store::outcome::Overlay;
use crate::store::table::codec::{self, Attributes, sort_key};
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::try_join;
use std::borrow::Cow;

/// How many audit entries an answer shows at most, the newest.
pub const AUDIT_SHOWN: usize = 200;
/// How many rejected stale writes it shows at most: those on the newest stamps. One more is read, to know whether there are more.
const STALE_SHOWN: usize = 50;
/// How many AUDIT pages hold what an answer shows, if the journal has as few entries as it can.
#[allow(clippy::cast_possible_truncation)] // small constants
const PAGES_SHOWN: u32 = (AUDIT_SHOWN - JOURNAL_KEEPS).div_ceil(ENTRIES_OF_A_PAGE as usize) as u32;
/// How many are read while META is not known: one may be written in between.
const PAGES_READ: u32 = PAGES_SHOWN + 1;

/// Up to this `rev` a review is young: it has so few AUDIT pages that an answer shows them all, and one query reads them with
/// all else. A write adds one entry, each claim may add a second one when it expires, and a deadline six each time that the review
/// waits: 167 entries are at most 14 pages.
const YOUNG: Rev = Rev(40);
/// How many items of a young review are read at once. Without AUDIT pages it has at most 17 versions, and 51 stale writes are
/// enough for an answer. A caller's stamp may be wrong: then this bounds what is read in vain.
const YOUNG_ITEMS: usize = 100;

/// The items of a review beside META, as far as a read saw them.
#[derive(Default)]
pub(in crate::store) struct History {
    /// The last sort key of a query of everything, from the newest version down, if it stopped before the end.
    stopped_at: Option<String>,
    unpacker: Unpacker,
    pages: Vec<AuditPageItem>,
    decisions: Vec<DecisionsItem>,
    stale: Vec<StaleWriteItem>,
}

impl History {
    /// Takes the next item; items come in the order of their keys.
    pub(in crate::store) fn take(&mut self, attributes: Attributes) -> Result<(), StoreError> {
        let is = |prefix| sort_key(&attributes).starts_with(prefix);
        if is(keys::AUDIT) {
            self.pages.push(codec::decode_item(attributes)?);
        } else if is(keys::DECISIONS) {
            self.decisions.push(codec::decode_item(attributes)?);
        } else if is(keys::STALE) {
            self.stale.push(codec::decode_item(attributes)?);
        } else {
            self.unpacker.take(attributes)?;
        }
        Ok(())
    }

    fn take_all(&mut self, items: Vec<Attributes>) -> Result<(), StoreError> {
        items.into_iter().try_for_each(|attributes| self.take(attributes))
    }

    /// Whether it has, without a gap, all that an answer shows of what META knows. A query in parallel with a write may have seen
    /// less.
    pub(in crate::store) fn covers(&self, spilled: &Spilled, head: Seq) -> bool {
        let seqs = self.unpacker.versions.iter().map(|version| version.seq);
        let needed = first_page(spilled)..spilled.pages;
        let (from, to) = (keys::audit_page(needed.start), keys::audit_page(needed.end));
        let pages = self.pages.iter().map(|page| &page.sk).filter(|sk| **sk >= from && **sk < to);
        let is_read = match &self.stopped_at {
            None => true,
            Some(sk) if sk.starts_with(keys::AUDIT) => true,
            Some(sk) => sk.starts_with(keys::STALE) && needed.is_empty() && self.stale.len() > STALE_SHOWN,
        };
        is_read
            && seqs.take(head.0 as usize + 1).eq((0..=head.0).map(Seq))
            && pages.cloned().eq(needed.map(keys::audit_page))
    }

    /// The overlay of `review`; what was written after META was read is left out.
    pub(in crate::store) fn overlay(self, review: Review, spilled: &Spilled) -> Result<Overlay, StoreError> {
        let stored_bytes = self.unpacker.stored_bytes;
        let end = keys::audit_page(spilled.pages);
        let pages: Vec<AuditPageItem> = self.pages.into_iter().filter(|page| page.sk < end).collect();
        let first =
            pages.first().map(|page| page.sk.strip_prefix(keys::AUDIT).unwrap_or_default().to_owned());
        let mut older_decisions = Vec::new();
        for decisions in self.decisions {
            let page = decisions.sk.strip_prefix(keys::DECISIONS).unwrap_or_default();
            if first.as_deref().is_some_and(|first| page < first) {
                older_decisions.extend(decisions.decode()?);
            }
        }
        let (older_audit, decisions) = decode(pages)?;
        older_decisions.extend(decisions);
        let id = review.id.clone();
        let stale = self.stale.into_iter().map(|item| item.decode(&id)).collect::<Result<_, _>>()?;
        let mut versions = self.unpacker.versions;
        versions.retain(|version| version.seq <= review.head_seq);
        Ok(Overlay { review, versions, older_audit, older_decisions, stale, stored_bytes })
    }
}

/// The entries of consecutive pages, and their decisions.
pub(in crate::store) fn decode(
    pages: Vec<AuditPageItem>,
) -> Result<(Vec<AuditEntry>, Vec<Decision>), StoreError> {
    // Pages of older builds do not hold the claim before them: the first entries of the first page may then not show that they
    // renewed a claim, or whose it was.
    let mut claim = pages.first().map(AuditPageItem::claim_before).transpose()?.flatten();
    let (mut entries, mut decisions) = (Vec::new(), Vec::new());
    for page in pages {
        let (of_page, decided) = page.decode(&mut claim)?;
        entries.extend(of_page);
        decisions.extend(decided);
    }
    Ok((entries, decisions))
}

/// The oldest AUDIT page that an answer needs. Decisions of older pages are read from their DECISIONS; if a page has none,
/// because an older build wrote it, all pages are read.
const fn first_page(spilled: &Spilled) -> u32 {
    if spilled.is_indexed() { spilled.pages.saturating_sub(PAGES_SHOWN) } else { 0 }
}

impl Overlay {
    /// The newest rows of the audit, oldest first, with rejected stale writes in order of time, and whether there are older ones. At
    /// most [`AUDIT_SHOWN`].
    pub fn audit(&self) -> (Vec<AuditRow<'_>>, bool) {
        let mut entries = self.older_audit.iter().chain(&self.review.journal).peekable();
        let unseen = self.stale.len().saturating_sub(STALE_SHOWN);
        let mut stale: Vec<&StaleWrite> = self.stale.iter().skip(unseen).collect();
        stale.sort_by_key(|write| (write.met, write.at));
        let mut rows = Vec::new();
        for write in stale {
            // The write that was made on the `rev` that the stale one met came after it, and so did all that follow.
            let before = |entry: &&AuditEntry| {
                entry.rev_observed < write.met || (entry.rev_result().is_none() && entry.at <= write.at)
            };
            while let Some(entry) = entries.next_if(before) {
                rows.push(AuditRow::Entry(Cow::Borrowed(entry)));
            }
            rows.push(AuditRow::Stale(Cow::Borrowed(write)));
        }
        rows.extend(entries.map(|entry| AuditRow::Entry(Cow::Borrowed(entry))));
        let surplus = rows.len().saturating_sub(AUDIT_SHOWN);
        let truncated =
            surplus > 0 || unseen > 0 || self.older_audit.len() < self.review.older_entries as usize;
        (rows.split_off(surplus), truncated)
    }
}

impl Store {
    /// The items beside META, read in parallel with an update of META. `rev` is the review's by the caller's stamp. They need not be
    /// consistent: [`Store::complete`] leaves out what is too new, and reads what is missing. One query for a young review, three for
    /// an older one.
    pub(in crate::store) async fn history(&self, id: &ReviewId, rev: Rev) -> Result<History, StoreError> {
        if rev <= YOUNG {
            return self.young_history(id).await;
        }
        let versions = self.range(id, keys::DECISIONS, keys::VERSION_END).consistent_read(false);
        let pages = self.range(id, keys::AUDIT, keys::AUDIT_END).consistent_read(false);
        let (versions, pages, stale) = try_join!(
            self.gather(versions, None),
            self.gather_newest(pages, PAGES_READ as usize),
            self.newest_stale(id)
        )?;
        let mut history = History::default();
        history.take_all(pages)?;
        history.take_all(stale)?;
        history.take_all(versions)?;
        Ok(history)
    }

    async fn young_history(&self, id: &ReviewId) -> Result<History, StoreError> {
        let all = self.range(id, keys::AUDIT, keys::VERSION_END).consistent_read(false);
        let items = self.gather_newest(all, YOUNG_ITEMS).await?;
        let mut history = History::default();
        if items.len() >= YOUNG_ITEMS {
            history.stopped_at = items.first().map(|oldest| sort_key(oldest).to_owned());
        }
        history.take_all(items)?;
        Ok(history)
    }

    /// The items beside META that an answer needs, by META.
    pub(in crate::store) async fn history_of(
        &self,
        id: &ReviewId,
        spilled: &Spilled,
    ) -> Result<History, StoreError> {
        let versions = self.range(id, keys::DECISIONS, keys::VERSION_END);
        let pages = self.range(id, &keys::audit_page(first_page(spilled)), keys::AUDIT_END);
        let (versions, pages, stale) =
            try_join!(self.gather(versions, None), self.gather(pages, None), self.newest_stale(id))?;
        let mut history = History::default();
        history.take_all(pages)?;
        history.take_all(stale)?;
        history.take_all(versions)?;
        Ok(history)
    }

    /// The newest rejected stale writes of a review, as an overlay shows them. Half a unit.
    pub async fn stale_writes(&self, id: &ReviewId) -> Result<Vec<StaleWrite>, StoreError> {
        let items = self.newest_stale(id).await?.into_iter();
        items.map(|attributes| codec::decode_item::<StaleWriteItem>(attributes)?.decode(id)).collect()
    }

    async fn newest_stale(&self, id: &ReviewId) -> Result<Vec<Attributes>, StoreError> {
        let stale = self.range(id, keys::STALE, keys::STALE_END).consistent_read(false);
        self.gather_newest(stale, STALE_SHOWN + 1).await
    }

    /// The last `count` items of a range, ascending.
    pub(in crate::store) async fn gather_newest(
        &self,
        query: QueryFluentBuilder,
        count: usize,
    ) -> Result<Vec<Attributes>, StoreError> {
        let query = query.scan_index_forward(false).set_limit(i32::try_from(count).ok());
        let mut items = self.gather(query, Some(count)).await?;
        items.reverse();
        Ok(items)
    }

    /// A query of a range of sort keys of a review, both ends included.
    pub(in crate::store) fn range(&self, id: &ReviewId, from: &str, to: &str) -> QueryFluentBuilder {
        self.part(keys::review(id), expressions::RANGE)
            .expression_attribute_values(":from", AttributeValue::S(from.into()))
            .expression_attribute_values(":to", AttributeValue::S(to.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::{context, review_and_version};
    use crate::review::{Attempt, StaleWrite};
    use crate::store::items::meta::MetaItem;
    use crate::store::items::version::PackedSnapshot;

    #[test]
    fn a_query_that_stopped_early_is_enough_only_if_nothing_shown_is_missing() {
        let (review, version) = review_and_version();
        let spilled = Spilled::of(&MetaItem::new(&review));
        let packed = PackedSnapshot::pack(&version.snapshot).unwrap();
        let context = context(0, review.created_at, "");
        let is_enough = |stopped_at: Option<&str>, stale_writes: u64| {
            let mut history = History { stopped_at: stopped_at.map(str::to_owned), ..History::default() };
            history.take_all(packed.items(&review.id, &version).unwrap()).unwrap();
            for stamp in 0..stale_writes {
                let (stamp, met) = (Rev(stamp), Rev(stamp + 1));
                let write = StaleWrite::of(&review.id, &context, Attempt::Edit, stamp, met).unwrap();
                history.stale.push(StaleWriteItem::new(&review.id, &write));
            }
            history.covers(&spilled, review.head_seq)
        };
        assert!(is_enough(None, 0) && is_enough(Some("AUDIT#0000000003"), 0));
        assert!(is_enough(Some("STALE#0"), STALE_SHOWN as u64 + 1));
        assert!(!is_enough(Some("STALE#0"), STALE_SHOWN as u64));
        assert!(
            !is_enough(Some("VERDICTS#0000000000"), 0) && !is_enough(Some("VERSION#0000000000#00000"), 0)
        );
    }
}
