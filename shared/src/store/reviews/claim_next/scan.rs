//! One scan of the queue, page by page.

use crate::review::{CommandContext, Reserved, Review, ReviewId, Status, Timestamp, TtlSeconds};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::queue::cursor::Place;
use crate::store::queue::filter::QueueFilter;
use crate::store::queue_memory::PastScan;
use crate::store::reviews::claim_next::race::{Found, Race, is_free};
use std::collections::HashSet;

/// Rows of the first page. It is small because most often one of the first rows is free; each further page is three times as large.
const FIRST_ROWS: usize = 20;
/// Most rows of a page.
const MOST_ROWS: usize = 100;

/// How many reviews that are escalated or assigned to others are kept for the case that nothing else is free.
const SET_ASIDE: usize = 20;

/// A scan of the queue from a place on.
pub(in crate::store) struct Scan {
    /// When the scan from the top began that it continues.
    pub(in crate::store) began_at: Timestamp,
    /// It begins after this place; every review up to it is claimed.
    pub(in crate::store) start: Option<Place>,
    /// Whether META is read consistently.
    pub(in crate::store) consistent: bool,
    /// Most pages that it reads.
    pub(in crate::store) pages: usize,
}

/// What a scan has found so far.
pub(in crate::store) struct Seen {
    /// Every review up to here is claimed.
    pub(in crate::store) taken_to: Option<Place>,
    /// Whether that is true of all rows so far.
    pub(in crate::store) unbroken: bool,
    /// Reviews that are free, but escalated or assigned to others.
    pub(in crate::store) set_aside: Vec<Review>,
    /// Whether there were any rows.
    pub(in crate::store) any: bool,
}

impl Seen {
    /// Adds a page, of which the rows `gone` were tried and lost.
    fn extend(
        &mut self,
        page: &[(Place, Option<Review>)],
        context: &CommandContext,
        gone: &HashSet<ReviewId>,
    ) {
        for (place, review) in page {
            let free = review.as_ref().is_some_and(|it| is_free(it, context) && !gone.contains(&it.id));
            self.unbroken &= !free;
            if !self.unbroken {
                return;
            }
            self.taken_to = Some(place.clone());
        }
    }
}

impl Store {
    pub(in crate::store) async fn scan(
        &self,
        open: &QueueFilter,
        scan: &Scan,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<(Found, Seen), StoreError> {
        let begin =
            || Seen { taken_to: scan.start.clone(), unbroken: true, set_aside: Vec::new(), any: false };
        let (mut after, mut rows, mut crowded, mut missed) = (scan.start.clone(), FIRST_ROWS, false, false);
        let mut seen = begin();
        for _ in 0..scan.pages {
            let (page, next) = self.page_of_rows(open, rows, after.as_ref(), scan.consistent).await?;
            seen.any |= !page.is_empty();
            let free = page.iter().filter_map(|(_, review)| review.as_ref());
            let free: Vec<&Review> = free.filter(|review| is_free(review, context)).collect();
            let of = |reserved| {
                let reserved_for = |review: &Review| review.reserved_for(&context.actor, &context.standing);
                let rows = free.iter().filter(move |review| reserved_for(review) == reserved);
                rows.map(|review| (*review).clone())
            };
            let mut gone = HashSet::new();
            let race = Race { crowded, in_order: false, reserved: false };
            let found =
                Box::pin(self.claim_one(of(Reserved::No).collect(), race, ttl, context, &mut gone)).await?;
            let room = SET_ASIDE.saturating_sub(seen.set_aside.len());
            seen.set_aside.extend(of(Reserved::ForAnother).take(room));
            seen.extend(&page, context, &gone);
            match found {
                Found::Nothing => {}
                Found::Crowded => {
                    (after, rows, crowded, seen) = (scan.start.clone(), MOST_ROWS, true, begin());
                    continue;
                }
                Found::Missed => missed = true,
                found => {
                    self.remember(open, scan, &seen);
                    return Ok((found, seen));
                }
            }
            (after, rows) = (next, (3 * rows).min(MOST_ROWS));
            if after.is_none() {
                break;
            }
        }
        self.remember(open, scan, &seen);
        Ok((if missed { Found::Missed } else { Found::Nothing }, seen))
    }

    fn remember(&self, open: &QueueFilter, scan: &Scan, seen: &Seen) {
        if let Some(place) = &seen.taken_to {
            let past = PastScan { at: scan.began_at, taken_to: place.position.clone() };
            self.queues.remember(&open.partition(Status::AwaitingReview), past);
        }
    }
}
