//! The callback of a review: its target is the item RESUME, its delivery state is part of META.

use crate::review::{Refusal, Resume, ResumeTarget, Review, ReviewId, Status, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::resume::ResumeItem;
use crate::store::items::values::StoredResume;
use crate::store::reviews::commit::callback_names;
use crate::store::reviews::read::image::Image;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, number};
use crate::store::table::transaction::{Condition, Transacted};
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::types::TransactWriteItem;
use std::collections::HashMap;

/// How often a write is tried because the review changed between being read and written.
const ATTEMPTS: usize = 4;

/// The condition that stamp and delivery state are still those of `review`.
fn unchanged(review: &Review) -> Condition {
    let mut values = HashMap::from([(":stamp".to_owned(), number(review.rev.0))]);
    let before = review.resume.as_ref();
    values.extend(before.map(|before| (":changes".to_owned(), number(before.changes()))));
    let expression = if before.is_some() { expressions::SAME_RESUME } else { expressions::NO_RESUME };
    Condition { expression, names: callback_names(before.is_some()), values }
}

/// The update that sets the delivery state to `resume`, under that condition.
fn resume_change(
    update: &'static str,
    review: &Review,
    resume: &Resume,
    now: Timestamp,
) -> Result<Change<'static>, StoreError> {
    let Condition { expression, names, mut values } = unchanged(review);
    values.insert(":resume".into(), codec::encode(&StoredResume::from(resume))?);
    values.insert(":now".into(), number(now.millis()));
    Ok(Change { update, condition: Some(expression), names, values })
}

impl Store {
    /// The put of RESUME, in the transaction that opens a review.
    pub(in crate::store) fn put_resume(
        &self,
        id: &ReviewId,
        target: &ResumeTarget,
    ) -> Result<TransactWriteItem, StoreError> {
        self.transact_put(codec::encode_item(&ResumeItem::new(id, target))?)
    }

    /// Replaces the callback's target, because the gate fired again with the same content: a state of the workflow was retried. A
    /// decision that exists already is delivered to the new target, but at most one in [`Resume::COOLDOWN_MILLIS`]: otherwise
    /// naming one target after the other would send the decision without end.
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
            if is_decided && let Err(refusal) = image.review.may_restart_callback(now) {
                return Ok(Err((refusal, Box::new(image.review))));
            }
            let resume = match &image.review.resume {
                Some(resume) => resume.restarted(target.label()),
                None => Resume::pending(target.label()),
            };
            let (update, at) = if is_decided {
                (expressions::SET_RESUME_ON_REQUEST, now)
            } else {
                (expressions::SET_RESUME, image.review.updated_at)
            };
            let change = resume_change(update, &image.review, &resume, at)?;
            let key = (keys::review(&id), keys::META.to_owned());
            let writes = vec![self.transact_update(key, change)?, self.put_resume(&id, target)?];
            let written = matches!(self.transact(writes).await?, Transacted::Written);
            let Some(current) = self.load_image(&id).await? else {
                return Err(StoreError::Unavailable("an existing review has disappeared".into()));
            };
            image = current;
            if written {
                return Ok(Ok(image));
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its callback was replaced".into()))
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
        let change = resume_change(update, review, resume, now)?;
        let key = (keys::review(&review.id), keys::META.to_owned());
        self.update(key, change).await?.map(Image::decode).transpose()
    }
}
