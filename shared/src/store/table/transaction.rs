//! Transactions: several writes, all or none.

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::calls::{Change, Names, attribute_names};
use crate::store::table::client::TRY_AGAIN;
use crate::store::table::codec::{Attributes, number};
use crate::store::table::{expressions, keys, meter};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

/// What became of a transaction.
#[must_use]
pub(in crate::store) enum Transacted {
    Written,
    /// A condition failed.
    Refused(Cancelled),
}

/// Why a transaction was refused, by the place of each write in it.
pub(in crate::store) struct Cancelled(Vec<CancellationReason>);

impl Cancelled {
    const CONDITION_FAILED: &'static str = "ConditionalCheckFailed";

    /// Whether the condition of that write failed.
    pub(in crate::store) fn failed(&self, write: usize) -> bool {
        self.0.get(write).and_then(CancellationReason::code) == Some(Self::CONDITION_FAILED)
    }

    /// The item that the condition of that write was checked on, where the write asked for it.
    pub(in crate::store) fn image(&self, write: usize) -> Option<&Attributes> {
        self.0.get(write).and_then(CancellationReason::item)
    }
}

/// A condition with its names and values.
pub(in crate::store) struct Condition {
    pub(in crate::store) expression: &'static str,
    pub(in crate::store) names: Names,
    pub(in crate::store) values: Attributes,
}

impl Condition {
    /// Without names.
    pub(in crate::store) fn of(expression: &'static str, values: Attributes) -> Self {
        Self { expression, names: &[], values }
    }

    /// Nobody has changed an item with a `rev` since it was read.
    pub(in crate::store) fn same_rev(seen: u64) -> Self {
        Self::of(expressions::SAME_REV, Attributes::from([(":seen".to_owned(), number(seen))]))
    }
}

impl Store {
    /// The put of an item, whatever was there.
    pub(in crate::store) fn transact_put(&self, item: Attributes) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The put of an item that does not exist yet.
    pub(in crate::store) fn transact_create(
        &self,
        item: Attributes,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        Ok(TransactWriteItem::builder().put(put.condition_expression(expressions::ABSENT).build()?).build())
    }

    /// The put of an item under a condition; if that fails, the item as it is comes with the refusal.
    pub(in crate::store) fn transact_replace(
        &self,
        item: Attributes,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let Condition { expression, names, values } = condition;
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(expression)
            .set_expression_attribute_names(attribute_names(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The update of an item.
    pub(in crate::store) fn transact_update(
        &self,
        (pk, sk): (String, String),
        change: Change<'_>,
    ) -> Result<TransactWriteItem, StoreError> {
        let Change { update, condition, names, values } = change;
        let update = Update::builder()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
            .update_expression(update)
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(attribute_names(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build()?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The put of an item with a `rev`, as changed on `seen`; none for one that does not exist yet.
    pub(in crate::store) fn transact_put_at(
        &self,
        item: Attributes,
        seen: Option<u64>,
    ) -> Result<TransactWriteItem, StoreError> {
        match seen {
            None => self.transact_create(item),
            Some(seen) => self.transact_replace(item, Condition::same_rev(seen)),
        }
    }

    /// The check that a condition holds on an item, which stays as it is.
    pub(in crate::store) fn transact_check(
        &self,
        (pk, sk): (String, String),
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let Condition { expression, names, values } = condition;
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
            .condition_expression(expression)
            .set_expression_attribute_names(attribute_names(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build()?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// The deletion of an item.
    pub(in crate::store) fn transact_delete(
        &self,
        key: (String, String),
        condition: &'static str,
    ) -> Result<TransactWriteItem, StoreError> {
        self.transact_delete_if(key, Condition::of(condition, Attributes::new()))
    }

    /// The deletion of an item under a condition with values.
    pub(in crate::store) fn transact_delete_if(
        &self,
        (pk, sk): (String, String),
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let Condition { expression, names, values } = condition;
        let delete = Delete::builder()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
            .condition_expression(expression)
            .set_expression_attribute_names(attribute_names(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build()?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Writes all or nothing. A failed condition is an answer; everything else that cancels a transaction is an error.
    pub(in crate::store) async fn transact(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Transacted, StoreError> {
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::call(request.send()).await {
            Ok(output) => {
                meter::written(output.consumed_capacity());
                Ok(Transacted::Written)
            }
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let reasons = cancelled.cancellation_reasons();
                    let failed = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
                    if failed(Cancelled::CONDITION_FAILED) {
                        Ok(Transacted::Refused(Cancelled(reasons.to_vec())))
                    } else if TRY_AGAIN.into_iter().any(failed) {
                        Err(StoreError::Throttled("the transaction was cancelled".into()))
                    } else {
                        let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason.code()).collect();
                        Err(StoreError::Rejected(format!(
                            "the transaction was cancelled: {}",
                            codes.join(", ")
                        )))
                    }
                }
                _ => Err(StoreError::from_sdk(&error)),
            },
        }
    }
}
