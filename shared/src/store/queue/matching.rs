//! Reviews that an actor has decided, or that are assigned to an actor.
//!
//! No index names either, so a page looks through a bounded number of reviews, in the order of the queue.

use crate::review::Timestamp;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::queue::cursor::{Cursor, Page, place_of};
use crate::store::queue::filter::{QueueFilter, matches};

/// How many rows are read at once, and how many such reads one call makes.
const ROWS: usize = 100;
pub(in crate::store) const DECIDED_ROUNDS: usize = 5;
pub(in crate::store) const ASSIGNED_ROUNDS: usize = 10;

impl Store {
    /// One page of the reviews that match, in the order of the queue, looked for in at most `rounds` times 100 reviews. A page may be shorter than `limit`, or
    /// empty, and still have a next one: then there are more to look through.
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
            let places;
            (places, next) = self.page_of_places(filter, ROWS, next.as_ref().map(Cursor::place)).await?;
            let reviews = self.reviews(places.into_iter().map(|(_, id)| id).collect(), false).await?;
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
