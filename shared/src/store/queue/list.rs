//! Lists of reviews: keys from the index first, then META of each row, so that each row is current.

use crate::review::{Actor, OrganizationId, Review, ReviewId, Status, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::queue::cursor::{Cursor, Page, Place, cut, place_of};
use crate::store::queue::filter::{QueueFilter, matches};
use crate::store::queue::matching::{DECIDED_ROUNDS, OPEN_ROUNDS};
use crate::store::table::codec::text;
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::AttributeValue;

impl Store {
    /// One page of at most `limit` rows after `cursor`. Two round trips, whatever the number of reviews.
    ///
    /// Open ones come by priority descending, then those with a deadline by their due time, then longest waiting first; decided ones
    /// newest first.
    /// Paging neither skips nor repeats a row that did not move. A row that no longer matches when its META is
    /// read is left out, so a page may be shorter than `limit` and still not be the last.
    pub async fn list(
        &self,
        filter: &QueueFilter,
        limit: usize,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        if filter.claimed_by.is_some() {
            return if filter.is_decided() {
                self.list_matching(filter, limit, cursor, now, DECIDED_ROUNDS).await
            } else {
                self.list_claimed(filter, limit, cursor, now).await
            };
        }
        if filter.overdue && filter.is_decided() {
            return Ok(Page { rows: Vec::new(), next: None });
        }
        if filter.overdue {
            let open = QueueFilter { status: Some(Status::AwaitingReview), ..filter.clone() };
            return self.list_matching(&open, limit, cursor, now, OPEN_ROUNDS).await;
        }
        if filter.assigned.is_some() {
            return self.list_matching(filter, limit, cursor, now, OPEN_ROUNDS).await;
        }
        let (places, next) = self.page_of_places(filter, limit, cursor.map(Cursor::place)).await?;
        let ids = places.into_iter().map(|(_, id)| id).collect();
        let mut rows = self.reviews(ids, true).await?;
        rows.retain(|review| matches(review, filter, now));
        Ok(Page { rows, next })
    }

    /// Claimed reviews, by their holder's leases. Leases are hints: META decides.
    async fn list_claimed(
        &self,
        filter: &QueueFilter,
        limit: usize,
        cursor: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let ids = self.leased(filter, now).await?;
        let mut rows: Vec<(Place, Review)> = self
            .reviews(ids, true)
            .await?
            .into_iter()
            .filter(|review| matches(review, filter, now))
            .map(|review| (place_of(&review), review))
            .filter(|(place, _)| cursor.is_none_or(|cursor| *place > cursor.0))
            .collect();
        rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        let next = cut(&mut rows, limit, |(place, _)| place);
        Ok(Page { rows: rows.into_iter().map(|(_, review)| review).collect(), next })
    }

    /// The reviews that somebody holds at `now`. Two round trips.
    pub async fn held_by(
        &self,
        organization: &OrganizationId,
        holder: &Actor,
        now: Timestamp,
    ) -> Result<Vec<Review>, StoreError> {
        let filter = QueueFilter {
            organization: organization.clone(),
            workflow: None,
            status: None,
            claimed_by: Some(holder.clone()),
            assigned: None,
            overdue: false,
        };
        let ids = self.leased(&filter, now).await?;
        let mut held = self.reviews(ids, true).await?;
        held.retain(|review| review.claim_at(now).is_some_and(|claim| claim.holder.is(holder)));
        Ok(held)
    }

    async fn leased(&self, filter: &QueueFilter, now: Timestamp) -> Result<Vec<ReviewId>, StoreError> {
        let Some(holder) = &filter.claimed_by else { return Ok(Vec::new()) };
        let query = self
            .part(keys::holder(&filter.organization, holder), expressions::LEASES)
            .filter_expression(expressions::UNEXPIRED)
            .expression_attribute_values(":leases", AttributeValue::S(keys::LEASES.into()))
            .expression_attribute_values(":now", AttributeValue::N(now.millis().to_string()));
        let leases = self.gather(query, None).await?;
        leases.iter().map(|lease| keys::parse_lease(&filter.organization, text(lease, keys::SK)?)).collect()
    }
}
