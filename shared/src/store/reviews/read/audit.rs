//! The whole audit of a review, page by page, newest first.
//!
//! Entries are numbered from 0: the newest are in META's journal, the others on AUDIT pages of fixed size.
//! Rejected stale writes are listed next to the `rev` that they were made on.

use crate::review::{AuditEntry, AuditRow, ReviewId, StaleWrite};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::audit_page::ENTRIES_OF_A_PAGE;
use crate::store::items::stale_write::StaleWriteItem;
use crate::store::reviews::read::audit_cursor::AuditCursor;
use crate::store::reviews::read::history::decode;
use crate::store::reviews::read::image::Image;
use crate::store::table::{codec, keys};
use futures_util::try_join;
use std::borrow::Cow;

/// One page of an audit.
#[derive(Debug)]
pub struct AuditPage {
    /// The rows, newest first.
    pub rows: Vec<AuditRow<'static>>,
    /// Where the next page starts; none when this is the last.
    pub next: Option<AuditCursor>,
}

impl Store {
    /// One page of at most `limit` rows of a review's audit after `cursor`, newest first; `None` when there is no such review. Reads
    /// META, and no more AUDIT pages and stale writes than the page needs.
    pub async fn audit(
        &self,
        id: &ReviewId,
        limit: usize,
        cursor: Option<&AuditCursor>,
    ) -> Result<Option<AuditPage>, StoreError> {
        let Some(image) = self.load_image(id).await? else { return Ok(None) };
        let older = u64::from(image.review.older_entries);
        let total = older + image.review.journal.len() as u64;
        let end = cursor.map_or(total, |cursor| cursor.entries.min(total));
        let stale_end = cursor.map_or("", |cursor| cursor.stale.as_str());
        let from = end.saturating_sub(limit as u64);
        let (entries, mut stale) =
            try_join!(self.entries(&image, from, end), self.stale_before(id, stale_end, limit + 1))?;
        let (mut end, mut stale_end) = (end, stale_end.to_owned());
        let mut rows = Vec::with_capacity(limit);
        let mut entries = entries.into_iter().rev().peekable();
        while rows.len() < limit {
            // The stale write came after the entry that advanced the rev it was made on.
            let by_stale = match (entries.peek(), stale.last()) {
                (Some(entry), Some((_, write))) => write.stamp >= entry.rev_observed,
                (None, Some(_)) => end == 0,
                _ => false,
            };
            if let (true, Some((key, write))) = (by_stale, stale.pop_if(|_| by_stale)) {
                stale_end = key;
                rows.push(AuditRow::Stale(Cow::Owned(write)));
            } else if let Some(entry) = entries.next() {
                end -= 1;
                rows.push(AuditRow::Entry(Cow::Owned(entry)));
            } else {
                break;
            }
        }
        let more = end > 0 || !stale.is_empty();
        Ok(Some(AuditPage { rows, next: more.then_some(AuditCursor { entries: end, stale: stale_end }) }))
    }

    /// The entries from one place to before another, oldest first.
    async fn entries(&self, image: &Image, from: u64, end: u64) -> Result<Vec<AuditEntry>, StoreError> {
        if from >= end {
            // A cursor comes from the caller: there may be nothing before it.
            return Ok(Vec::new());
        }
        let older = u64::from(image.review.older_entries);
        let place = |place: u64| usize::try_from(place.saturating_sub(older)).unwrap_or(usize::MAX);
        let newest = image.review.journal.get(place(from)..place(end)).unwrap_or_default();
        if from >= older {
            return Ok(newest.to_vec());
        }
        let size = u64::from(ENTRIES_OF_A_PAGE);
        if older != u64::from(image.spilled.pages) * size {
            return Err(StoreError::Corrupt("AUDIT pages are not of the size that they should be".into()));
        }
        let page = |place: u64| u32::try_from(place / size).unwrap_or(u32::MAX);
        // One page more, from whose entries the claim before the others follows: pages of older builds do not hold it.
        let first = page(from).saturating_sub(1);
        let last = page(end.min(older) - 1);
        let range = self.range(&image.review.id, &keys::audit_page(first), &keys::audit_page(last));
        let pages =
            self.gather(range, None).await?.into_iter().map(codec::decode_item).collect::<Result<_, _>>()?;
        let (entries, _) = decode(pages)?;
        let start = u64::from(first) * size;
        if entries.len() as u64 != u64::from(last + 1 - first) * size {
            return Err(StoreError::Unavailable("an audit page is missing".into()));
        }
        let index = |place: u64| usize::try_from(place - start).unwrap_or(usize::MAX);
        let mut entries = entries.get(index(from)..index(end.min(older))).unwrap_or_default().to_vec();
        entries.extend_from_slice(newest);
        Ok(entries)
    }

    /// At most `count` rejected stale writes before a sort key, the newest last.
    async fn stale_before(
        &self,
        id: &ReviewId,
        end: &str,
        count: usize,
    ) -> Result<Vec<(String, StaleWrite)>, StoreError> {
        // The range's end is included: one more is read, and left out.
        let range = self.range(id, keys::STALE, if end.is_empty() { keys::STALE_END } else { end });
        let items = self.gather_newest(range, count + 1).await?.into_iter();
        let items = items.map(codec::decode_item::<StaleWriteItem>);
        let decoded = items.map(|item| {
            let item = item?;
            Ok((item.sk.clone(), item.decode(id)?))
        });
        let mut writes = decoded.collect::<Result<Vec<_>, StoreError>>()?;
        writes.retain(|(key, _)| key != end);
        let surplus = writes.len().saturating_sub(count);
        Ok(writes.split_off(surplus))
    }
}
