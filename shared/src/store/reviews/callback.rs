//! Who waits for the decision: written with the review, and how telling them goes is part of META.

use crate::review::{Refusal, Resume, ResumeTarget, Review, ReviewId, Status, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::resume::ResumeItem;
use crate::store::items::values::StoredResume;
use crate::store::reviews::commit::{Committed, resume_names};
use crate::store::reviews::read::image::Image;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::transaction::Transacted;
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use std::collections::HashMap;

/// How often a write starts anew because the review changed between being read and written.
const ATTEMPTS: usize = 4;

/// A write of how telling the run goes, if that and the stamp are still as in `review`.
struct SetResume {
    condition: &'static str,
    names: HashMap<String, String>,
    values: Attributes,
}

impl SetResume {
    fn new(review: &Review, resume: &Resume) -> Result<Self, StoreError> {
        let mut values = HashMap::from([
            (":stamp".to_owned(), number(review.rev.0)),
            (":resume".to_owned(), codec::encode(&StoredResume::from(resume))?),
        ]);
        let before = review.resume.as_ref();
        values.extend(before.map(|before| (":changes".to_owned(), number(before.changes))));
        let condition = if before.is_some() { expressions::SAME_RESUME } else { expressions::NO_RESUME };
        Ok(Self { condition, names: resume_names(before.is_some()), values })
    }
}

impl Store {
    /// The put of RESUME, in the transaction that opens a review.
    pub(in crate::store) fn put_resume(
        &self,
        id: &ReviewId,
        target: &ResumeTarget,
    ) -> Result<Put, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(codec::encode_item(&ResumeItem::new(id, target))?))
            .build();
        put.map_err(|error| StoreError::Rejected(error.to_string()))
    }

    /// The gate fired again with the same content, by a state of the workflow that was retried: who waits now takes the
    /// place of who waited before, and is told of a decision that stands already.
    /// Of a review that is decided, at most once in [`Resume::COOLDOWN_MILLIS`]: each other target is told at once, and whoever
    /// names one after the other could have the decision sent without end.
    pub(in crate::store) async fn retarget(
        &self,
        image: Image,
        target: &ResumeTarget,
        now: Timestamp,
    ) -> Result<Result<Image, (Refusal, Box<Review>)>, StoreError> {
        let mut image = image;
        for _ in 0..ATTEMPTS {
            let id = image.review.id.clone();
            let item = self.get(keys::resume(&id), keys::RESUME.into()).await?;
            let before = item.map(codec::decode_item::<ResumeItem>).transpose()?.map(ResumeItem::decode);
            if before.transpose()?.as_ref() == Some(target) && image.review.resume.is_some() {
                return Ok(Ok(image));
            }
            let is_decided = image.review.status != Status::AwaitingReview;
            if is_decided && let Err(refusal) = image.review.may_be_told_again(now) {
                return Ok(Err((refusal, Box::new(image.review))));
            }
            let resume = match &image.review.resume {
                Some(resume) => resume.anew(target.label()),
                None => Resume::waiting(target.label()),
            };
            let SetResume { condition, names, mut values } = SetResume::new(&image.review, &resume)?;
            let (update, at) = if is_decided {
                (expressions::ASK_RESUME, now)
            } else {
                (expressions::SET_RESUME, image.review.updated_at)
            };
            values.insert(":now".into(), number(at.millis()));
            let meta = Update::builder()
                .table_name(&self.table)
                .key(keys::PK, AttributeValue::S(keys::review(&id)))
                .key(keys::SK, AttributeValue::S(keys::META.into()))
                .update_expression(update)
                .condition_expression(condition)
                .set_expression_attribute_names(Some(names))
                .set_expression_attribute_values(Some(values))
                .build();
            let items = vec![
                TransactWriteItem::builder().set_update(meta.ok()).build(),
                TransactWriteItem::builder().put(self.put_resume(&id, target)?).build(),
            ];
            let written = matches!(self.transact_items(items).await?, Transacted::Written);
            let Committed::Refused(Some(current)) = self.refused(&id, None).await? else {
                return Err(StoreError::Unavailable("a review that was there is gone".into()));
            };
            image = *current;
            if written {
                return Ok(Ok(image));
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its run was renamed".into()))
    }

    pub(in crate::store) async fn set_resume(
        &self,
        review: &Review,
        resume: &Resume,
        now: Timestamp,
    ) -> Result<Option<Image>, StoreError> {
        self.set_resume_by(expressions::SET_RESUME, review, resume, now).await
    }

    pub(in crate::store) async fn set_resume_by(
        &self,
        update: &'static str,
        review: &Review,
        resume: &Resume,
        now: Timestamp,
    ) -> Result<Option<Image>, StoreError> {
        let SetResume { condition, names, mut values } = SetResume::new(review, resume)?;
        values.insert(":now".into(), number(now.millis()));
        let names: Vec<(&str, &str)> =
            names.iter().map(|(key, name)| (key.as_str(), name.as_str())).collect();
        let change = Change { update, condition: Some(condition), names: &names, values };
        let key = (keys::review(&review.id), keys::META.to_owned());
        self.update(key, change).await?.map(Image::decode).transpose()
    }
}
