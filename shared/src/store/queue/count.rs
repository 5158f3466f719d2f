//! The queue's length, by its index alone.

use crate::review::Status;
use crate::store::error::{SdkResult, StoreError};
use crate::store::handle::Store;
use crate::store::queue::filter::QueueFilter;
use crate::store::table::{expressions, meter};
use aws_sdk_dynamodb::types::Select;

impl Store {
    /// How many reviews of an organization, or of one of its workflows, have that status; counts up to `most`.
    /// Eventually consistent. A read unit counts about 50. Of `filter`, only organization and workflow count.
    pub async fn count(
        &self,
        filter: &QueueFilter,
        status: Status,
        most: usize,
    ) -> Result<usize, StoreError> {
        let query = self.query_queue(filter, status, expressions::QUEUE);
        let request = query.select(Select::Count).set_limit(i32::try_from(most).ok());
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        Ok(usize::try_from(output.count()).unwrap_or_default())
    }
}
