//! Transactions: several writes, all or none.

use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::table::client::TRY_AGAIN;
use crate::store::table::meter;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Put, ReturnConsumedCapacity, TransactWriteItem};

/// What became of a transaction.
#[must_use]
pub(in crate::store) enum Transacted {
    Written,
    /// A condition failed: the reasons, in the order of the items.
    Refused(Vec<CancellationReason>),
}

impl Store {
    /// One transaction of puts. A failed condition is an answer; everything else that cancels it is an error.
    pub(in crate::store) async fn transact<E>(
        &self,
        puts: impl IntoIterator<Item = Result<Put, E>>,
    ) -> Result<Transacted, StoreError> {
        let items = puts.into_iter().map(|put| TransactWriteItem::builder().set_put(put.ok()).build());
        self.transact_items(items.collect()).await
    }

    /// As [`Store::transact`], of any actions.
    pub(in crate::store) async fn transact_items(
        &self,
        items: Vec<TransactWriteItem>,
    ) -> Result<Transacted, StoreError> {
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
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
                    if failed("ConditionalCheckFailed") {
                        Ok(Transacted::Refused(reasons.to_vec()))
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
