//! The gate fires: META and version 0 come to be in one transaction.

use super::commit::Transacted;
use super::item::{self, MetaItem, VersionItem};
use super::load::Image;
use super::{Outcome, Overlay, Store, StoreError, expressions};
use crate::review::{OutputVersion, Refusal, Review};
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};

/// What became of an opening.
#[must_use]
#[derive(Debug)]
pub enum Opened {
    /// The review came to be.
    Created(Box<Overlay>),
    /// It was there already, or is refused: [`Outcome::Done`] when the content is the same.
    There(Outcome),
}

impl Store {
    /// Creates a review and its version 0, both or neither (contract: `POST /workflows/reviews`).
    pub async fn open(&self, review: Review, version: OutputVersion) -> Result<Opened, StoreError> {
        let meta = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&MetaItem::new(&review))?))
            .condition_expression(expressions::ABSENT)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let snapshot = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&VersionItem::new(&review.id, &version))?))
            .build();
        let items = [meta, snapshot].map(|put| TransactWriteItem::builder().set_put(put.ok()).build());
        match self.transact(items.into()).await? {
            Transacted::Written => {
                let overlay = Overlay { review, versions: vec![version], older_audit: Vec::new() };
                Ok(Opened::Created(Box::new(overlay)))
            }
            Transacted::Refused(reasons) => {
                let image = reasons.first().and_then(|reason| reason.item()).filter(|item| !item.is_empty());
                let image = match image {
                    Some(attributes) => Some(Image::decode(attributes.clone())?),
                    None => self.load_image(&review.id).await?,
                };
                self.already_there(&review, image).await.map(Opened::There)
            }
        }
    }

    async fn already_there(&self, review: &Review, image: Option<Image>) -> Result<Outcome, StoreError> {
        match image {
            Some(image) if image.review.opened_as == review.opened_as => {
                let history = self.history(&review.id).await?;
                Ok(Outcome::Done(self.complete(image.review, &image.item, history).await?))
            }
            Some(image) => Ok(Outcome::Refused(Refusal::Exists, Box::new(image.review))),
            None => Ok(Outcome::Missing),
        }
    }
}
