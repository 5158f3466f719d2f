//! The newest reviews of a workflow, open and decided.

use crate::review::{OrganizationId, Review, ReviewId, Status, WorkflowId};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::queue::cursor::Place;
use crate::store::queue::filter::QueueFilter;
use crate::store::table::keys;
use futures_util::future::try_join_all;

impl Store {
    /// At most `limit` reviews of a workflow, newest first: by when they were decided or, of open ones, since when they wait. No index
    /// has open ones by time, so of those the first `limit` of the queue count. Three queries of an index, and a batch for each 100
    /// reviews, eventually consistent.
    pub async fn newest_reviews(
        &self,
        organization: &OrganizationId,
        workflow: &WorkflowId,
        limit: usize,
    ) -> Result<Vec<Review>, StoreError> {
        let of = |status| {
            let filter = QueueFilter {
                organization: organization.clone(),
                workflow: Some(workflow.clone()),
                status: Some(status),
                claimed_by: None,
                assigned: None,
                overdue: false,
            };
            async move { self.page_of_places(&filter, limit, None).await.map(|(places, _)| places) }
        };
        let places =
            try_join_all([Status::AwaitingReview, Status::Approved, Status::Rejected].map(of)).await?;
        let places = places.into_iter().flatten();
        let mut dated: Vec<(i64, ReviewId)> = places.map(|(place, id)| (time(&place), id)).collect();
        dated.sort_by(|(one, _), (other, _)| other.cmp(one));
        let mut ids: Vec<ReviewId> = Vec::with_capacity(limit);
        for (_, id) in dated {
            // While a decision moves a row, two partitions may both show it for a moment.
            if ids.len() < limit && !ids.contains(&id) {
                ids.push(id);
            }
        }
        self.reviews(ids, false).await
    }
}

/// When a review was decided, or since when it waits, in milliseconds.
fn time(place: &Place) -> i64 {
    let mut parts = place.position.split('#');
    if place.decided {
        return parts.next().and_then(keys::decided_at_of_position).unwrap_or_default();
    }
    parts.nth(1).and_then(|since| since.parse().ok()).unwrap_or_default()
}
