//! Reviews that an actor has decided.
//!
//! No index names who decided, so a page looks through a bounded number of decided reviews, newest first.

use crate::review::Timestamp;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::queue::cursor::{Cursor, Page, place_of};
use crate::store::queue::filter::{QueueFilter, matches};

/// How many rows are read at once, and how many such reads one call makes.
const ROWS: usize = 100;
const ROUNDS: usize = 5;

impl Store {
    /// One page of the reviews of `filter`'s status that its actor has decided, newest first. A page may be shorter than `limit`, or
    /// empty, and still have a next one: then there are more to look through.
    pub(in crate::store) async fn list_decided(
        &self,
        filter: &QueueFilter,
        limit: usize,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let mut rows = Vec::new();
        let mut next = cursor.cloned();
        for _ in 0..ROUNDS {
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
