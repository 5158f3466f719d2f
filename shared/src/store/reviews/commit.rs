//! The conditional write on `rev` with which a review changes.
//!
//! Claims and releases are updates without a read (`unread_update`). All other changes are computed from an image of META and
//! replace it, in a transaction with a version's chunks or an AUDIT page if there are any. If the write is refused, the image
//! that comes with the refusal explains why.

use crate::review::{ReviewId, Written};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::meta::MetaItem;
use crate::store::items::version::PackedSnapshot;
use crate::store::reviews::read::image::Image;
use crate::store::table::calls::{Names, attribute_names};
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::transaction::{Condition, Transacted};
use crate::store::table::{expressions, meter};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use std::collections::HashMap;

/// The outcome of a write.
#[must_use]
pub(in crate::store) enum Committed {
    /// It is written. META as it was before.
    Written(Box<Image>),
    /// It is refused. META as it is, if it exists.
    Refused(Option<Box<Image>>),
}

/// The condition that META is still the image.
fn current(image: &Image) -> Condition {
    let review = &image.review;
    let mut values = HashMap::from([
        (":stamp".to_owned(), number(review.rev.0)),
        (":entries".to_owned(), number(review.journal.len())),
    ]);
    let resume = review.resume.as_ref();
    values.extend(resume.map(|resume| (":changes".to_owned(), number(resume.changes()))));
    let expression = if resume.is_some() { expressions::CURRENT_AND_RESUME } else { expressions::CURRENT };
    Condition { expression, names: callback_names(resume.is_some()), values }
}

/// META as it will be, with what newer builds have stored in it.
fn with_unknown(image: &Image, meta: &MetaItem) -> Result<Attributes, StoreError> {
    let mut meta = codec::encode_item(meta)?;
    for (name, value) in image.unknown()? {
        meta.entry(name).or_insert(value);
    }
    Ok(meta)
}

/// The attribute names in conditions on the callback: with its counter of changes, if there is a callback.
pub(in crate::store) const fn callback_names(has_callback: bool) -> Names {
    if has_callback { &[("#resume", "resume"), ("#changes", "changes")] } else { &[("#resume", "resume")] }
}

impl Store {
    /// Writes the result of a transition of `image`, if META is still that image. `packed` is the snapshot of the version that the
    /// transition appends, if any.
    pub(in crate::store) async fn commit(
        &self,
        image: Box<Image>,
        written: &Written,
        packed: Option<&PackedSnapshot>,
    ) -> Result<Committed, StoreError> {
        self.commit_beside(image, written, packed, Vec::new()).await
    }

    /// As [`Store::commit`], with further new items in the same transaction. It is refused, too, if one of them exists.
    pub(in crate::store) async fn commit_beside(
        &self,
        image: Box<Image>,
        written: &Written,
        packed: Option<&PackedSnapshot>,
        mut beside: Vec<Attributes>,
    ) -> Result<Committed, StoreError> {
        let id = &image.review.id;
        let (meta, spill) = image.spilled.advance(&written.review)?;
        let meta = with_unknown(&image, &meta)?;
        let (new, receipts) = spill.map(|spill| spill.items()).transpose()?.unwrap_or_default();
        beside.extend(new);
        if let (Some(version), Some(packed)) = (&written.version, packed) {
            beside.extend(packed.items(id, version)?);
        }
        if beside.is_empty() {
            self.replace(image, meta).await
        } else {
            let writes = self.replacement(&image, meta, beside, receipts)?;
            self.replace_by(image, writes).await
        }
    }

    /// As [`Store::commit`], with the deletion of an item in the same transaction. It is refused, too, if that item is gone.
    pub(in crate::store) async fn commit_and_remove(
        &self,
        image: Box<Image>,
        written: &Written,
        key: (String, String),
    ) -> Result<Committed, StoreError> {
        let (meta, spill) = image.spilled.advance(&written.review)?;
        let meta = with_unknown(&image, &meta)?;
        let (new, receipts) = spill.map(|spill| spill.items()).transpose()?.unwrap_or_default();
        let mut writes = self.replacement(&image, meta, new, receipts)?;
        writes.push(self.transact_delete(key, expressions::PRESENT)?);
        self.replace_by(image, writes).await
    }

    async fn replace(&self, image: Box<Image>, meta: Attributes) -> Result<Committed, StoreError> {
        let Condition { expression, names, values } = current(&image);
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(meta))
            .condition_expression(expression)
            .set_expression_attribute_names(attribute_names(names))
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::call(request.send()).await {
            Ok(output) => {
                meter::written(output.consumed_capacity());
                Ok(Committed::Written(image))
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    self.refused(&image.review.id, failed.item()).await
                }
                _ => Err(StoreError::from_sdk(&error)),
            },
        }
    }

    /// The writes of a transaction: META first.
    fn replacement(
        &self,
        image: &Image,
        meta: Attributes,
        beside: Vec<Attributes>,
        receipts: Vec<Attributes>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut writes = vec![self.transact_replace(meta, current(image))?];
        for item in beside {
            writes.push(self.transact_create(item)?);
        }
        for receipt in receipts {
            // No condition: the write must not fail because a receipt exists already.
            writes.push(self.transact_put(receipt)?);
        }
        Ok(writes)
    }

    async fn replace_by(
        &self,
        image: Box<Image>,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Committed, StoreError> {
        match self.transact(writes).await? {
            Transacted::Written => Ok(Committed::Written(image)),
            Transacted::Refused(cancelled) => self.refused(&image.review.id, cancelled.image(0)).await,
        }
    }

    /// The refusal with META as it is: the image that came with it, or, if none came, a read.
    pub(in crate::store) async fn refused(
        &self,
        id: &ReviewId,
        image: Option<&Attributes>,
    ) -> Result<Committed, StoreError> {
        let image = match image.filter(|attributes| !attributes.is_empty()) {
            Some(attributes) => Some(Image::decode(attributes.clone())?),
            None => self.load_image(id).await?,
        };
        Ok(Committed::Refused(image.map(Box::new)))
    }
}
