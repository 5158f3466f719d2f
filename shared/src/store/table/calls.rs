//! Calls on one item or one partition. Writes of several items are in `transaction`.

use crate::store::error::{SdkResult, StoreError};
use crate::store::handle::Store;
use crate::store::table::codec::Attributes;
use crate::store::table::{expressions, keys, meter};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use std::collections::HashMap;

/// An update of one item.
pub(in crate::store) struct Change<'a> {
    pub(in crate::store) update: &'a str,
    pub(in crate::store) condition: Option<&'a str>,
    pub(in crate::store) names: Names,
    pub(in crate::store) values: Attributes,
}

/// Placeholders for attribute names that are reserved words.
pub(in crate::store) type Names = &'static [(&'static str, &'static str)];

/// The placeholders in the SDK's form.
pub(in crate::store) fn attribute_names(names: Names) -> Option<HashMap<String, String>> {
    let names = names.iter().map(|(key, name)| ((*key).to_owned(), (*name).to_owned()));
    Some(names.collect()).filter(|names: &HashMap<_, _>| !names.is_empty())
}

impl<'a> Change<'a> {
    /// An update without a condition.
    pub(in crate::store) const fn new(update: &'a str, values: Attributes) -> Self {
        Self { update, condition: None, names: &[], values }
    }
}

/// The answer to a conditional write; `None` when its condition does not hold.
fn unless_refused<T, E: ProvideErrorMetadata, R>(
    answer: Result<T, SdkError<E, R>>,
) -> Result<Option<T>, StoreError> {
    match answer {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.code() == Some(CONDITION_FAILED) => Ok(None),
        Err(error) => Err(StoreError::from_sdk(&error)),
    }
}

/// DynamoDB's code of a single write whose condition does not hold.
const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

impl Store {
    /// Updates one item and returns it; `None` when the condition does not hold.
    pub(in crate::store) async fn update(
        &self,
        (pk, sk): (String, String),
        change: Change<'_>,
    ) -> Result<Option<Attributes>, StoreError> {
        let Change { update, condition, names, values } = change;
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
            .update_expression(update)
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(attribute_names(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Some(output) = unless_refused(meter::call(request.send()).await)? else { return Ok(None) };
        meter::written(output.consumed_capacity());
        Ok(Some(output.attributes.unwrap_or_default()))
    }

    /// Puts one item, whatever was there.
    pub(in crate::store) async fn put(&self, item: Attributes) -> Result<(), StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::written(output.consumed_capacity());
        Ok(())
    }

    /// Puts one item if `condition` holds; returns whether it did.
    pub(in crate::store) async fn put_if(
        &self,
        item: Attributes,
        condition: &str,
        values: Attributes,
    ) -> Result<bool, StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Some(output) = unless_refused(meter::call(request.send()).await)? else { return Ok(false) };
        meter::written(output.consumed_capacity());
        Ok(true)
    }

    /// One item, read consistently.
    pub(in crate::store) async fn get(
        &self,
        pk: String,
        sk: String,
    ) -> Result<Option<Attributes>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::read(output.consumed_capacity());
        Ok(output.item)
    }

    /// Deletes one item if `condition` holds; returns whether it did.
    pub(in crate::store) async fn delete(
        &self,
        (pk, sk): (String, String),
        condition: Option<&str>,
        values: Attributes,
    ) -> Result<bool, StoreError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Some(output) = unless_refused(meter::call(request.send()).await)? else { return Ok(false) };
        meter::written(output.consumed_capacity());
        Ok(true)
    }

    /// Deletes one item and returns it as it was; `None` if it was not there.
    pub(in crate::store) async fn take(
        &self,
        pk: String,
        sk: String,
    ) -> Result<Option<Attributes>, StoreError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
            .condition_expression(expressions::PRESENT)
            .return_values(ReturnValue::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Some(output) = unless_refused(meter::call(request.send()).await)? else { return Ok(None) };
        meter::written(output.consumed_capacity());
        Ok(output.attributes)
    }

    /// A consistent query of a partition, restricted by `condition`.
    pub(in crate::store) fn part(&self, pk: String, condition: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .key_condition_expression(condition)
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// All results of a query, page by page, or until there are `enough`.
    pub(in crate::store) async fn gather(
        &self,
        query: QueryFluentBuilder,
        enough: Option<usize>,
    ) -> Result<Vec<Attributes>, StoreError> {
        self.gather_after(query, None, enough).await
    }

    /// As [`Store::gather`], after the key that an earlier page ended with.
    pub(in crate::store) async fn gather_after(
        &self,
        query: QueryFluentBuilder,
        mut start: Option<Attributes>,
        enough: Option<usize>,
    ) -> Result<Vec<Attributes>, StoreError> {
        let mut items = Vec::new();
        loop {
            let request = query.clone().set_exclusive_start_key(start);
            let output = meter::call(request.send()).await.or_store_error()?;
            meter::read(output.consumed_capacity());
            items.extend(output.items.unwrap_or_default());
            start = output.last_evaluated_key;
            if start.is_none() || enough.is_some_and(|enough| items.len() >= enough) {
                return Ok(items);
            }
        }
    }

    /// All items of a partition, ascending.
    pub(in crate::store) async fn partition(&self, pk: String) -> Result<Vec<Attributes>, StoreError> {
        self.gather(self.part(pk, expressions::PARTITION), None).await
    }

    /// The last items of a partition, descending.
    pub(in crate::store) async fn newest(
        &self,
        pk: String,
        limit: usize,
    ) -> Result<Vec<Attributes>, StoreError> {
        let query = self.part(pk, expressions::PARTITION).scan_index_forward(false);
        self.gather(query.set_limit(i32::try_from(limit).ok()), Some(limit)).await
    }
}
