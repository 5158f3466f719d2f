//! Reviews that an actor has decided, that are assigned to an actor, or that are overdue.
//!
//! No index names any of them, so a page looks through a bounded number of reviews, in the order of the queue. Positions say what may
//! be due, so that of what is not due nothing is read but its position.

use crate::review::Timestamp;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::queue::cursor::{Cursor, Page, place_of};
use crate::store::queue::filter::{QueueFilter, matches};
use crate::store::table::keys;

/// How many rows are read at once, and how many such reads one call makes.
const ROWS: usize = 100;
pub(in crate::store) const DECIDED_ROUNDS: usize = 5;
pub(in crate::store) const OPEN_ROUNDS: usize = 10;

impl Store {
    /// One page of the reviews that match, in the order of the queue, looked for in at most `rounds` times 100 reviews. A page may be
    /// shorter than `limit`, or empty, and still have a next one: then there are more to look through.
    pub(in crate::store) async fn list_matching(
        &self,
        filter: &QueueFilter,
        limit: usize,
        cursor: Option<&Cursor>,
        now: Timestamp,
        rounds: usize,
    ) -> Result<Page, StoreError> {
        let mut rows = Vec::new();
        let mut next = cursor.cloned();
        for _ in 0..rounds {
            let mut places;
            (places, next) = self.page_of_places(filter, ROWS, next.as_ref().map(Cursor::place)).await?;
            places.retain(|(place, _)| !filter.overdue || keys::may_be_due(&place.position, now));
            let ids = places.into_iter().map(|(_, id)| id).collect();
            let reviews = self.reviews(ids, filter.overdue).await?;
            for review in reviews.into_iter().filter(|review| matches(review, filter, now)) {
                if rows.len() == limit {
                    let last = rows.last().map(|review| Cursor::after(place_of(review)));
                    return Ok(Page { rows, next: last });
                }
                rows.push(review);
            }
            if next.is_none() {
                break;
            }
        }
        Ok(Page { rows, next })
    }
}
