//! How long the queue is, by its index alone.

use super::{QueueFilter, SdkResult, Store, StoreError, expressions, keys, meter};
use crate::review::Status;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, Select};

impl Store {
    /// How many reviews of an organization, or of one workflow of it, stand at `status`; more than `most` are not counted.
    /// Eventually consistent. A read unit counts about 50; nothing else of `filter` is looked at.
    pub async fn count(
        &self,
        filter: &QueueFilter,
        status: Status,
        most: usize,
    ) -> Result<usize, StoreError> {
        let organization = &filter.organization;
        let (index, condition, partition) = match &filter.workflow {
            None => (keys::QUEUE, expressions::IN_QUEUE, keys::queue(organization, status)),
            Some(workflow) => (
                keys::QUEUE_BY_WORKFLOW,
                expressions::IN_WORKFLOW_QUEUE,
                keys::workflow_queue(organization, workflow, status),
            ),
        };
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .key_condition_expression(condition)
            .expression_attribute_values(":pk", AttributeValue::S(partition))
            .select(Select::Count)
            .set_limit(i32::try_from(most).ok())
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        Ok(usize::try_from(output.count()).unwrap_or_default())
    }
}
