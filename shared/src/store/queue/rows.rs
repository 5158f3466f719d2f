//! META of many reviews at once.

use crate::review::{Review, ReviewId};
use crate::store::error::{SdkResult, StoreError};
use crate::store::handle::Store;
use crate::store::items::meta::MetaItem;
use crate::store::table::codec::{self, Attributes};
use crate::store::table::{keys, meter};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use futures_util::future::try_join_all;
use std::collections::HashMap;

impl Store {
    /// The reviews, in the order of `ids`; those that do not exist are left out.
    pub(in crate::store) async fn reviews(
        &self,
        ids: Vec<ReviewId>,
        consistent: bool,
    ) -> Result<Vec<Review>, StoreError> {
        /// `BatchGetItem`'s own limit.
        const BATCH: usize = 100;
        let batches = try_join_all(ids.chunks(BATCH).map(|batch| self.batch(batch, consistent))).await?;
        let mut found: HashMap<ReviewId, Review> =
            batches.into_iter().flatten().map(|review| (review.id.clone(), review)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    async fn batch(&self, ids: &[ReviewId], consistent: bool) -> Result<Vec<Review>, StoreError> {
        /// How often keys that DynamoDB left unprocessed are asked for again.
        const ROUNDS: usize = 5;
        let key = |id: &ReviewId| {
            HashMap::from([
                (keys::PK.to_owned(), AttributeValue::S(keys::review(id))),
                (keys::SK.to_owned(), AttributeValue::S(keys::META.to_owned())),
            ])
        };
        let mut keys: Vec<Attributes> = ids.iter().map(key).collect();
        let mut reviews = Vec::with_capacity(ids.len());
        for round in 0..ROUNDS {
            if round > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(25 << round)).await;
            }
            let wanted =
                KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build();
            let request = self
                .client
                .batch_get_item()
                .set_request_items(wanted.ok().map(|wanted| HashMap::from([(self.table.clone(), wanted)])))
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let output = meter::call(request.send()).await.or_store_error()?;
            meter::read(output.consumed_capacity());
            for attributes in output.responses.unwrap_or_default().into_values().flatten() {
                reviews.push(codec::decode_item::<MetaItem>(attributes)?.decode()?);
            }
            keys = output
                .unprocessed_keys
                .unwrap_or_default()
                .into_values()
                .flat_map(|unprocessed| unprocessed.keys)
                .collect();
            if keys.is_empty() {
                return Ok(reviews);
            }
        }
        Err(StoreError::Throttled("keys of a batch stayed unprocessed".into()))
    }
}
