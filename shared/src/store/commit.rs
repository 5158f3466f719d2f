//! The one way in which a review changes: a conditional write on `rev`.
//!
//! The smallest write that holds the change: `UpdateItem` when only META changes, `TransactWriteItems` when the
//! journal's older entries move to an AUDIT page with it. A refused write answers from its own losing image.

use super::item::{self, Attributes, AuditPageItem, JOURNAL_LIMIT, StoredEntry};
use super::load::Image;
use super::{SdkResult, Store, StoreError, expressions, keys, meter};
use crate::review::{Act, Recorded, Rev, ReviewId, Standing, Status, Timestamp};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnConsumedCapacity, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use std::collections::HashMap;

/// One mutation of a review.
pub(super) struct Mutation<'a> {
    pub(super) id: &'a ReviewId,
    /// The `rev` the caller last saw.
    pub(super) stamp: Rev,
    pub(super) act: &'a Act,
    pub(super) effect: Effect,
}

/// What a mutation does to META besides its audit entry.
#[derive(Clone, Copy)]
pub(super) enum Effect {
    Claim { expires_at: Timestamp },
    Release,
}

/// What became of a mutation.
#[must_use]
pub(super) enum Committed {
    /// It is written; META as it was before.
    Written(Box<Image>),
    /// It is not; META as it is, if there is any.
    Refused(Option<Box<Image>>),
}

impl Effect {
    const fn update(self) -> &'static str {
        match self {
            Self::Claim { .. } => expressions::CLAIM,
            Self::Release => expressions::RELEASE,
        }
    }

    const fn update_and_spill(self) -> &'static str {
        match self {
            Self::Claim { .. } => expressions::CLAIM_AND_SPILL,
            Self::Release => expressions::RELEASE_AND_SPILL,
        }
    }

    const fn condition(self) -> &'static str {
        match self {
            Self::Claim { .. } => expressions::MAY_CLAIM,
            Self::Release => expressions::MAY_RELEASE,
        }
    }

    /// Whether the conditions besides the stamp and the journal's room hold for an image.
    fn allowed_on(self, image: &Image, now: Timestamp) -> bool {
        match self {
            Self::Claim { .. } => image.review.status == Status::AwaitingReview,
            Self::Release => image.review.claim_at(now).is_some(),
        }
    }
}

impl Mutation<'_> {
    fn entry(&self) -> StoredEntry {
        let recorded = match self.effect {
            Effect::Claim { expires_at } => Recorded::Claimed { expires_at },
            Effect::Release => Recorded::Released,
        };
        StoredEntry::recorded(self.act, self.stamp, recorded)
    }

    /// The values that every update of this mutation needs.
    fn values(&self) -> Attributes {
        let number = |number: u64| AttributeValue::N(number.to_string());
        let mut values = HashMap::from([
            (":stamp".to_owned(), number(self.stamp.0)),
            (":next".to_owned(), number(self.stamp.next().0)),
            (":now".to_owned(), AttributeValue::N(self.act.at.millis().to_string())),
        ]);
        if let Effect::Claim { expires_at } = self.effect {
            values.insert(":expires_at".into(), AttributeValue::N(expires_at.millis().to_string()));
        }
        values
    }

    /// Whether a refusal was for want of room in the journal only.
    fn lacks_room(&self, image: &Image) -> bool {
        image.item.journal.len() >= JOURNAL_LIMIT
            && image.review.standing(self.stamp, self.act) == Ok(Standing::Current)
            && self.effect.allowed_on(image, self.act.at)
    }
}

impl Store {
    /// Writes `mutation` if its stamp is current and its own conditions hold.
    pub(super) async fn commit(&self, mutation: &Mutation<'_>) -> Result<Committed, StoreError> {
        match self.update(mutation).await? {
            Committed::Refused(Some(image)) if mutation.lacks_room(&image) => {
                self.update_and_spill(mutation, image).await
            }
            committed => Ok(committed),
        }
    }

    async fn update(&self, mutation: &Mutation<'_>) -> Result<Committed, StoreError> {
        let mut values = mutation.values();
        values.insert(":entry".into(), item::encode(&[mutation.entry()])?);
        values.insert(":journal_limit".into(), AttributeValue::N(JOURNAL_LIMIT.to_string()));
        let mut names = HashMap::new();
        if let Effect::Claim { .. } = mutation.effect {
            values.insert(
                ":awaiting".into(),
                AttributeValue::S(keys::status_word(Status::AwaitingReview).into()),
            );
            names.insert("#status".to_owned(), "status".to_owned());
        }
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(meta_key(mutation.id)))
            .update_expression(mutation.effect.update())
            .condition_expression(mutation.effect.condition())
            .set_expression_attribute_values(Some(values))
            .set_expression_attribute_names(Some(names).filter(|names| !names.is_empty()))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::call(request.send()).await {
            Ok(output) => {
                meter::written(output.consumed_capacity());
                let before = Image::decode(output.attributes.unwrap_or_default())?;
                Ok(Committed::Written(Box::new(before)))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    self.refused(mutation.id, failed.item()).await
                }
                _ => Err(StoreError::from_sdk(&error)),
            },
        }
    }

    /// As `update`, for a journal that is full: all but its newest entries move to an AUDIT page in the same write.
    async fn update_and_spill(
        &self,
        mutation: &Mutation<'_>,
        image: Box<Image>,
    ) -> Result<Committed, StoreError> {
        let split = image.item.split_journal()?;
        let page = AuditPageItem {
            pk: image.item.pk.clone(),
            sk: keys::audit_page(image.item.pages),
            entries: split.moving,
        };
        let mut journal = split.staying;
        journal.push(mutation.entry());
        let mut values = mutation.values();
        values.remove(":entry");
        values.insert(":journal".into(), item::encode(&journal)?);
        values.insert(":journal_claim".into(), item::encode(&split.claim)?);
        values.insert(":pages".into(), AttributeValue::N((image.item.pages + 1).to_string()));
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(meta_key(mutation.id)))
            .update_expression(mutation.effect.update_and_spill())
            .condition_expression(expressions::CURRENT)
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&page)?))
            .condition_expression(expressions::ABSENT)
            .build();
        let items = [
            TransactWriteItem::builder().set_update(update.ok()).build(),
            TransactWriteItem::builder().set_put(put.ok()).build(),
        ];
        match self.transact(items.into()).await? {
            Transacted::Written => Ok(Committed::Written(image)),
            Transacted::Refused(reasons) => {
                self.refused(mutation.id, reasons.first().and_then(CancellationReason::item)).await
            }
        }
    }

    /// One transaction. A failed condition is an answer; everything else that cancels it is an error.
    pub(super) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Transacted, StoreError> {
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
                    } else if failed("TransactionConflict") || failed("ThrottlingError") {
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

    /// The losing image; read, where an emulator does not send it along or there is none to send.
    async fn refused(&self, id: &ReviewId, image: Option<&Attributes>) -> Result<Committed, StoreError> {
        let image = match image.filter(|attributes| !attributes.is_empty()) {
            Some(attributes) => Some(Image::decode(attributes.clone())?),
            None => self.load_image(id).await?,
        };
        Ok(Committed::Refused(image.map(Box::new)))
    }

    /// Puts one item, whatever is there.
    pub(super) async fn put(&self, attributes: Attributes) -> Result<(), StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(attributes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::written(output.consumed_capacity());
        Ok(())
    }

    /// Deletes one item, if it is there.
    pub(super) async fn delete(&self, pk: String, sk: String) -> Result<(), StoreError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(pk))
            .key(keys::SK, AttributeValue::S(sk))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = meter::call(request.send()).await.or_store_error()?;
        meter::written(output.consumed_capacity());
        Ok(())
    }
}

/// What became of a transaction.
#[must_use]
pub(super) enum Transacted {
    Written,
    /// A condition failed: the reasons, in the order of the items.
    Refused(Vec<CancellationReason>),
}

fn meta_key(id: &ReviewId) -> Attributes {
    HashMap::from([
        (keys::PK.to_owned(), AttributeValue::S(keys::review(id))),
        (keys::SK.to_owned(), AttributeValue::S(keys::META.to_owned())),
    ])
}
