//! Going through the queue once, page by page.

use crate::review::{CommandContext, Reserved, Review, ReviewId, Status, Timestamp, TtlSeconds};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::queue::cursor::Place;
use crate::store::queue::filter::QueueFilter;
use crate::store::queue_memory::Look;
use crate::store::reviews::claim_next::race::{Found, Race, is_free};
use std::collections::HashSet;

/// How many rows are looked at together: few at first, because most often one of the first is free, then three times as many.
const FIRST_ROWS: usize = 20;

const MOST_ROWS: usize = 100;

/// How many reviews that are escalated to others are kept in mind for when nothing else waits.
const SET_ASIDE: usize = 20;

/// Going through a queue once, from a place on.
pub(in crate::store) struct Walk {
    /// When the look from the top was that it goes on from.
    pub(in crate::store) looked_at: Timestamp,
    /// Everything up to here is taken; the walk begins after it.
    pub(in crate::store) start: Option<Place>,
    /// Whether META is read consistently.
    pub(in crate::store) consistent: bool,
    /// How many pages it reads at most.
    pub(in crate::store) pages: usize,
}

/// What a walk has seen.
pub(in crate::store) struct Seen {
    /// Everything up to here is taken.
    pub(in crate::store) taken_to: Option<Place>,
    /// Whether that goes on to where the walk is.
    pub(in crate::store) unbroken: bool,
    /// Free, but escalated to others: for when nothing else waits.
    pub(in crate::store) set_aside: Vec<Review>,
    /// Whether there were any rows.
    pub(in crate::store) any: bool,
}

impl Seen {
    /// Goes on through `page`, of which `gone` were tried.
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
    pub(in crate::store) async fn walk(
        &self,
        open: &QueueFilter,
        walk: &Walk,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<(Found, Seen), StoreError> {
        let begin =
            || Seen { taken_to: walk.start.clone(), unbroken: true, set_aside: Vec::new(), any: false };
        let (mut after, mut rows, mut crowded, mut missed) = (walk.start.clone(), FIRST_ROWS, false, false);
        let mut seen = begin();
        for _ in 0..walk.pages {
            let (page, next) = self.look(open, rows, after.as_ref(), walk.consistent).await?;
            seen.any |= !page.is_empty();
            let free = page.iter().filter_map(|(_, review)| review.as_ref());
            let free: Vec<&Review> = free.filter(|review| is_free(review, context)).collect();
            let of = |reserved| {
                let rows = free.iter().filter(move |review| review.reserved_for(&context.actor) == reserved);
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
                    (after, rows, crowded, seen) = (walk.start.clone(), MOST_ROWS, true, begin());
                    continue;
                }
                Found::Missed => missed = true,
                found => {
                    self.remember(open, walk, &seen);
                    return Ok((found, seen));
                }
            }
            (after, rows) = (next, (3 * rows).min(MOST_ROWS));
            if after.is_none() {
                break;
            }
        }
        self.remember(open, walk, &seen);
        Ok((if missed { Found::Missed } else { Found::Nothing }, seen))
    }

    fn remember(&self, open: &QueueFilter, walk: &Walk, seen: &Seen) {
        if let Some(place) = &seen.taken_to {
            let look = Look { at: walk.looked_at, taken_to: place.position.clone() };
            self.queues.remember(&open.partition(Status::AwaitingReview), look);
        }
    }
}
