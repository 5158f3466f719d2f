//! Reviews that are overdue.
//!
//! Positions in the queue say when a review is due, so a page looks through a bounded number of them and reads those that may be.

use crate::review::{Status, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::queue::cursor::{Cursor, Page, place_of};
use crate::store::queue::filter::{QueueFilter, matches};
use crate::store::table::keys;

/// How many rows of the index are read at once, and how many such reads one call makes.
const ROWS: usize = 100;
const ROUNDS: usize = 10;

impl Store {
    /// One page of the open reviews of `filter` that are due at `now`, in the queue's order. A page may be shorter than `limit`, or
    /// empty, and still have a next one: then there are more to look through.
    pub(in crate::store) async fn list_overdue(
        &self,
        filter: &QueueFilter,
        limit: usize,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        if filter.is_decided() {
            return Ok(Page { rows: Vec::new(), next: None });
        }
        let open = QueueFilter { status: Some(Status::AwaitingReview), ..filter.clone() };
        let mut rows = Vec::new();
        let mut next = cursor.cloned();
        for _ in 0..ROUNDS {
            let mut places;
            (places, next) = self.page_of_places(&open, ROWS, next.as_ref().map(Cursor::place)).await?;
            places.retain(|(place, _)| keys::may_be_due(&place.position, now));
            let reviews = self.reviews(places.into_iter().map(|(_, id)| id).collect(), true).await?;
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
