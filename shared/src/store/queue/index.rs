//! Queries of the queue's indexes.

use crate::review::{Review, ReviewId, Status};
use crate::store::error::{SdkResult, StoreError};
use crate::store::handle::Store;
use crate::store::queue::cursor::{Cursor, Place, cut};
use crate::store::queue::filter::QueueFilter;
use crate::store::table::codec::{Attributes, text};
use crate::store::table::{expressions, keys, meter};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures_util::future::try_join_all;
use std::collections::{HashMap, HashSet};

fn place(index_keys: &Attributes, status: Status) -> Result<(Place, ReviewId), StoreError> {
    let position = text(index_keys, "queue_sk")?.to_owned();
    Ok((
        Place { decided: status != Status::AwaitingReview, position },
        keys::parse_review(text(index_keys, keys::PK)?)?,
    ))
}

impl Store {
    /// The query of the reviews with a status, in order. Of `filter`, only organization and workflow count.
    pub(in crate::store) fn query_queue(
        &self,
        filter: &QueueFilter,
        status: Status,
        condition: &'static str,
    ) -> QueryFluentBuilder {
        let (index, partition_key) = filter.index();
        self.client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", partition_key)
            .expression_attribute_values(":pk", AttributeValue::S(filter.partition(status)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// The first `count` places after `after` with their reviews, and where the next page starts. A place has no review if META
    /// does not exist.
    pub(in crate::store) async fn page_of_rows(
        &self,
        filter: &QueueFilter,
        count: usize,
        after: Option<&Place>,
        consistent: bool,
    ) -> Result<(Vec<(Place, Option<Review>)>, Option<Place>), StoreError> {
        let (places, next) = self.page_of_places(filter, count, after).await?;
        let ids = places.iter().map(|(_, id)| id.clone()).collect();
        let found = self.reviews(ids, consistent).await?.into_iter();
        let mut found: HashMap<ReviewId, Review> = found.map(|review| (review.id.clone(), review)).collect();
        Ok((
            places.into_iter().map(|(place, id)| (place, found.remove(&id))).collect(),
            next.map(|next| next.0),
        ))
    }

    /// The first `count` places after `after`, and where the next page starts, if there are more.
    pub(in crate::store) async fn page_of_places(
        &self,
        filter: &QueueFilter,
        count: usize,
        after: Option<&Place>,
    ) -> Result<(Vec<(Place, ReviewId)>, Option<Cursor>), StoreError> {
        let mut places = self.places(filter, count + 1, after).await?;
        let next = cut(&mut places, count, |(place, _)| place);
        Ok((places, next))
    }

    /// The first `count` places after `after`, in order, by the index alone.
    async fn places(
        &self,
        filter: &QueueFilter,
        count: usize,
        after: Option<&Place>,
    ) -> Result<Vec<(Place, ReviewId)>, StoreError> {
        let statuses = match filter.status {
            Some(status) => vec![status],
            None => vec![Status::AwaitingReview, Status::Approved, Status::Rejected],
        };
        let queries = statuses.into_iter().filter_map(|status| {
            let decided = status != Status::AwaitingReview;
            let from = match after {
                Some(place) if place.decided && !decided => return None,
                Some(place) if place.decided == decided => place.position.as_str(),
                _ => "",
            };
            Some(self.places_with(filter, status, from, count))
        });
        let mut places = try_join_all(queries).await?.concat();
        places.sort();
        // While a decision moves a row, two partitions may both show it for a moment; the first one counts.
        let mut seen = HashSet::new();
        places.retain(|(_, id)| seen.insert(id.clone()));
        places.truncate(count);
        Ok(places)
    }

    async fn places_with(
        &self,
        filter: &QueueFilter,
        status: Status,
        after: &str,
        count: usize,
    ) -> Result<Vec<(Place, ReviewId)>, StoreError> {
        // A sort key may not be compared with the empty text; every position sorts after a space.
        let after = if after.is_empty() { " " } else { after };
        let request = self
            .query_queue(filter, status, expressions::QUEUE_AFTER)
            .expression_attribute_values(":after", AttributeValue::S(after.into()))
            .limit(i32::try_from(count).unwrap_or(i32::MAX));
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        output.items.unwrap_or_default().iter().map(|keys| place(keys, status)).collect()
    }
}
