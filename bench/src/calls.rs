//! Records a handler's requests to DynamoDB, and sends them again without the handler: the same requests, in parallel where they
//! were in parallel.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use futures_util::future::{BoxFuture, join_all};
use local::emulator;
use std::sync::{Arc, Mutex};

/// One request.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Get(GetItemInput),
    Query(QueryInput),
    Batch(BatchGetItemInput),
    Update(UpdateItemInput),
    Put(PutItemInput),
    Delete(DeleteItemInput),
    Transact(TransactWriteItemsInput),
}

/// A handler's requests: sequential stages of parallel requests.
pub(crate) type Stages = Vec<Vec<Call>>;

/// A client's requests, as they are made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<RecordedEvent>>);

#[derive(Debug, Default)]
struct RecordedEvent {
    stages: Stages,
    under_way: usize,
}

impl Recorder {
    /// A client of the emulator whose requests are recorded here.
    pub(crate) fn client(&self, endpoint: &str) -> Client {
        let config = emulator::config(endpoint);
        Client::from_conf(config.interceptor(self.clone()).build())
    }

    /// What was recorded since the last time.
    pub(crate) fn take(&self) -> Stages {
        std::mem::take(&mut self.0.lock().unwrap().stages)
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut recorded = self.0.lock().unwrap();
        if recorded.under_way == 0 {
            recorded.stages.push(Vec::new());
        }
        recorded.under_way += 1;
        let call = Call::of(context.input()).ok_or("a request that no suite expects")?;
        assert!(call.comes_back_whole(), "{call:?}");
        recorded.stages.last_mut().unwrap().push(call);
        Ok(())
    }

    fn read_after_execution(
        &self,
        _: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.lock().unwrap().under_way -= 1;
        Ok(())
    }
}

impl Call {
    fn of(input: &Input) -> Option<Self> {
        let get = input.downcast_ref().cloned().map(Self::Get);
        get.or_else(|| input.downcast_ref().cloned().map(Self::Query))
            .or_else(|| input.downcast_ref().cloned().map(Self::Batch))
            .or_else(|| input.downcast_ref().cloned().map(Self::Update))
            .or_else(|| input.downcast_ref().cloned().map(Self::Put))
            .or_else(|| input.downcast_ref().cloned().map(Self::Delete))
            .or_else(|| input.downcast_ref().cloned().map(Self::Transact))
    }

    /// Whether it can be sent again unchanged. The SDK cannot turn a request back into the builder that sends it, so the code below
    /// does, and must not lose anything.
    fn comes_back_whole(&self) -> bool {
        match self.clone() {
            Self::Get(input) => builders::get(input.clone()).build().unwrap() == input,
            Self::Query(input) => builders::query(input.clone()).build().unwrap() == input,
            Self::Batch(input) => builders::batch(input.clone()).build().unwrap() == input,
            Self::Update(input) => builders::update(input.clone()).build().unwrap() == input,
            Self::Put(input) => builders::put(input.clone()).build().unwrap() == input,
            Self::Delete(input) => builders::delete(input.clone()).build().unwrap() == input,
            Self::Transact(input) => builders::transact(input.clone()).build().unwrap() == input,
        }
    }

    /// The same request to another table.
    pub(crate) fn of_table(mut self, table: &str) -> Self {
        let name = || Some(table.to_owned());
        match &mut self {
            Self::Get(input) => input.table_name = name(),
            Self::Query(input) => input.table_name = name(),
            Self::Update(input) => input.table_name = name(),
            Self::Put(input) => input.table_name = name(),
            Self::Delete(input) => input.table_name = name(),
            Self::Batch(input) => {
                let keys = input.request_items.take().unwrap_or_default().into_values();
                input.request_items = Some(keys.map(|keys| (table.to_owned(), keys)).collect());
            }
            Self::Transact(input) => {
                // Another transaction, so the SDK gives it another token.
                input.client_request_token = None;
                for item in input.transact_items.iter_mut().flatten() {
                    item.put.iter_mut().for_each(|put| table.clone_into(&mut put.table_name));
                    item.update.iter_mut().for_each(|update| table.clone_into(&mut update.table_name));
                    item.delete.iter_mut().for_each(|delete| table.clone_into(&mut delete.table_name));
                }
            }
        }
        self
    }

    /// The same, with the capacity reported for each index.
    pub(crate) fn by_index(mut self) -> Self {
        let by_index = Some(ReturnConsumedCapacity::Indexes);
        match &mut self {
            Self::Get(input) => input.return_consumed_capacity = by_index,
            Self::Query(input) => input.return_consumed_capacity = by_index,
            Self::Batch(input) => input.return_consumed_capacity = by_index,
            Self::Update(input) => input.return_consumed_capacity = by_index,
            Self::Put(input) => input.return_consumed_capacity = by_index,
            Self::Delete(input) => input.return_consumed_capacity = by_index,
            Self::Transact(input) => input.return_consumed_capacity = by_index,
        }
        self
    }

    /// Sends it by the SDK alone; it must succeed. Returns what it consumed.
    pub(crate) fn send(self, client: &Client) -> BoxFuture<'_, Vec<ConsumedCapacity>> {
        Box::pin(async move {
            match self {
                Self::Get(input) => {
                    one(builders::get(input).send_with(client).await.unwrap().consumed_capacity)
                }
                Self::Query(input) => {
                    one(builders::query(input).send_with(client).await.unwrap().consumed_capacity)
                }
                Self::Update(input) => {
                    one(builders::update(input).send_with(client).await.unwrap().consumed_capacity)
                }
                Self::Put(input) => {
                    one(builders::put(input).send_with(client).await.unwrap().consumed_capacity)
                }
                Self::Delete(input) => {
                    one(builders::delete(input).send_with(client).await.unwrap().consumed_capacity)
                }
                Self::Batch(input) => {
                    let output = builders::batch(input).send_with(client).await.unwrap();
                    output.consumed_capacity.unwrap_or_default()
                }
                Self::Transact(input) => {
                    let output = builders::transact(input).send_with(client).await.unwrap();
                    output.consumed_capacity.unwrap_or_default()
                }
            }
        })
    }
}

fn one(consumed: Option<ConsumedCapacity>) -> Vec<ConsumedCapacity> {
    consumed.into_iter().collect()
}

/// The recorded requests, for another table.
pub(crate) fn of_table(stages: Stages, table: &str) -> Stages {
    stages.into_iter().map(|stage| stage.into_iter().map(|call| call.of_table(table)).collect()).collect()
}

/// Sends all of them again, stage by stage. Returns what they consumed.
pub(crate) async fn replay(stages: Stages, client: &Client) -> Vec<ConsumedCapacity> {
    let mut consumed = Vec::new();
    for stage in stages {
        consumed
            .extend(join_all(stage.into_iter().map(|call| call.send(client))).await.into_iter().flatten());
    }
    consumed
}

/// Turns requests back into the builders that send them.
mod builders {
    use super::{
        BatchGetItemInput, DeleteItemInput, GetItemInput, PutItemInput, QueryInput, TransactWriteItemsInput,
        UpdateItemInput,
    };
    use aws_sdk_dynamodb::operation::batch_get_item::builders::BatchGetItemInputBuilder;
    use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemInputBuilder;
    use aws_sdk_dynamodb::operation::get_item::builders::GetItemInputBuilder;
    use aws_sdk_dynamodb::operation::put_item::builders::PutItemInputBuilder;
    use aws_sdk_dynamodb::operation::query::builders::QueryInputBuilder;
    use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsInputBuilder;
    use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;

    pub(super) fn get(input: GetItemInput) -> GetItemInputBuilder {
        GetItemInput::builder()
            .set_table_name(input.table_name)
            .set_key(input.key)
            .set_consistent_read(input.consistent_read)
            .set_return_consumed_capacity(input.return_consumed_capacity)
            .set_projection_expression(input.projection_expression)
            .set_expression_attribute_names(input.expression_attribute_names)
    }

    pub(super) fn query(input: QueryInput) -> QueryInputBuilder {
        QueryInput::builder()
            .set_table_name(input.table_name)
            .set_index_name(input.index_name)
            .set_limit(input.limit)
            .set_consistent_read(input.consistent_read)
            .set_exclusive_start_key(input.exclusive_start_key)
            .set_return_consumed_capacity(input.return_consumed_capacity)
            .set_filter_expression(input.filter_expression)
            .set_key_condition_expression(input.key_condition_expression)
            .set_expression_attribute_names(input.expression_attribute_names)
            .set_expression_attribute_values(input.expression_attribute_values)
    }

    pub(super) fn batch(input: BatchGetItemInput) -> BatchGetItemInputBuilder {
        BatchGetItemInput::builder()
            .set_request_items(input.request_items)
            .set_return_consumed_capacity(input.return_consumed_capacity)
    }

    pub(super) fn update(input: UpdateItemInput) -> UpdateItemInputBuilder {
        UpdateItemInput::builder()
            .set_table_name(input.table_name)
            .set_key(input.key)
            .set_return_values(input.return_values)
            .set_return_consumed_capacity(input.return_consumed_capacity)
            .set_update_expression(input.update_expression)
            .set_condition_expression(input.condition_expression)
            .set_expression_attribute_names(input.expression_attribute_names)
            .set_expression_attribute_values(input.expression_attribute_values)
            .set_return_values_on_condition_check_failure(input.return_values_on_condition_check_failure)
    }

    pub(super) fn put(input: PutItemInput) -> PutItemInputBuilder {
        PutItemInput::builder()
            .set_table_name(input.table_name)
            .set_item(input.item)
            .set_return_values(input.return_values)
            .set_return_consumed_capacity(input.return_consumed_capacity)
            .set_condition_expression(input.condition_expression)
            .set_expression_attribute_names(input.expression_attribute_names)
            .set_expression_attribute_values(input.expression_attribute_values)
            .set_return_values_on_condition_check_failure(input.return_values_on_condition_check_failure)
    }

    pub(super) fn delete(input: DeleteItemInput) -> DeleteItemInputBuilder {
        DeleteItemInput::builder()
            .set_table_name(input.table_name)
            .set_key(input.key)
            .set_return_values(input.return_values)
            .set_return_consumed_capacity(input.return_consumed_capacity)
            .set_condition_expression(input.condition_expression)
            .set_expression_attribute_names(input.expression_attribute_names)
            .set_expression_attribute_values(input.expression_attribute_values)
            .set_return_values_on_condition_check_failure(input.return_values_on_condition_check_failure)
    }

    pub(super) fn transact(input: TransactWriteItemsInput) -> TransactWriteItemsInputBuilder {
        TransactWriteItemsInput::builder()
            .set_transact_items(input.transact_items)
            .set_return_consumed_capacity(input.return_consumed_capacity)
            .set_client_request_token(input.client_request_token)
    }
}
