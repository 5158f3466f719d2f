//! Who waits for a decision, and how telling them goes.
//!
//! The address (a task token, a URL) is an item in a partition of its own, RESUME, which only those functions can read
//! that use it. How telling goes is part of META. It is written without the stamp, because it changes nothing that a
//! reviewer decides on, and so each write of META that is computed from an image demands that it has not changed either.

use crate::review::{Actor, Delivery, Refusal, Resume, ResumeTarget, Rev, Review, ReviewId, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::items::resume::ResumeItem;
use crate::store::outcome::{Outcome, Overlay};
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, number};
use crate::store::table::expressions;
use crate::store::table::keys::{self, Due};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// A try at telling the run that has begun.
#[derive(Debug)]
pub struct ResumeAttempt {
    /// The decided review.
    pub review: Review,
    /// Who waits.
    pub target: ResumeTarget,
}

/// How often a write starts anew because the review changed between being read and written.
const ATTEMPTS: usize = 4;

impl Store {
    /// Begins to tell the run of the decision that stands, if that is due at `now`. Whoever begins must end it with
    /// [`Store::end_resume`]; should it die, the try counts as dead after [`Resume::TRY_MILLIS`], and the next one begins.
    pub async fn begin_resume(
        &self,
        id: &ReviewId,
        now: Timestamp,
    ) -> Result<Option<ResumeAttempt>, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(image) = self.load_image(id).await? else { return Ok(None) };
            let Some(resume) = image.review.begin_resume(now) else { return Ok(None) };
            // First, so that a try that dies right after it began is taken up again.
            let Some(item) = self.schedule_resume(id, now.plus_millis(Resume::TRY_MILLIS)).await? else {
                return Err(StoreError::Corrupt("the review has a callback, but no RESUME item".into()));
            };
            let target = codec::decode_item::<ResumeItem>(item)?.decode()?;
            if let Some(begun) = self.set_resume(&image.review, &resume, now).await? {
                return Ok(Some(ResumeAttempt { review: begun.review, target }));
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its run was to be told".into()))
    }

    /// Writes down how a try ended. `next_at` is when to try again, should it be worth it.
    pub async fn end_resume(
        &self,
        begun: &ResumeAttempt,
        delivery: Delivery,
        next_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Resume>, StoreError> {
        let review = &begun.review;
        let Some(resume) = review.resume.as_ref().map(|resume| resume.end(delivery, next_at)) else {
            return Ok(None);
        };
        // Refused, if the review was opened again by force, or somebody else waits now: then this try counts no more.
        let Some(ended) = self.set_resume(review, &resume, now).await? else { return Ok(None) };
        if let Some(at) = next_at {
            self.schedule_resume(&review.id, at).await?;
        } else {
            self.unschedule_resume(&review.id).await?;
        }
        Ok(ended.review.resume)
    }

    /// Has a delivery that failed, or that nobody is at, tried again at once (ours: `POST …/resume`).
    pub async fn retry_resume(
        &self,
        id: &ReviewId,
        stamp: Rev,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let ask = |overlay: &Overlay| {
            if overlay.review.rev != stamp {
                return Err(Refusal::VersionConflict);
            }
            overlay.review.retry_resume(now)
        };
        self.update_resume(id, (expressions::SET_RESUME_ON_REQUEST, now), ask).await
    }

    /// The run that asks has its decision (ours: `POST …/acknowledge`). For `actor` a review that somebody else opened is not there.
    pub async fn acknowledge(
        &self,
        id: &ReviewId,
        actor: &Actor,
        decision_id: &str,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let acknowledge = |overlay: &Overlay| overlay.review.acknowledge(decision_id);
        let Some(overlay) = self.load(id).await? else { return Ok(Outcome::Missing) };
        if !self.is_opener(&overlay, actor).await? {
            return Ok(Outcome::Missing);
        }
        self.update_resume(id, (expressions::SET_RESUME, now), acknowledge).await
    }

    /// Writes what `change` makes of how telling the run goes; nothing, where it makes nothing of it.
    async fn update_resume(
        &self,
        id: &ReviewId,
        (update, now): (&'static str, Timestamp),
        change: impl Fn(&Overlay) -> Result<Option<Resume>, Refusal>,
    ) -> Result<Outcome, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(loaded) = self.load_with_image(id).await? else { return Ok(Outcome::Missing) };
            let next = match change(&loaded.overlay) {
                Ok(Some(next)) => next,
                Ok(None) => return Ok(Outcome::done(loaded.overlay, true)),
                Err(refusal) => return Ok(Outcome::Refused(refusal, Box::new(loaded.overlay.review))),
            };
            if let Some(image) = self.set_resume_by(update, &loaded.overlay.review, &next, now).await? {
                let overlay = Overlay { review: image.review, ..loaded.overlay };
                return Ok(Outcome::done(overlay, false));
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its run was to be told".into()))
    }

    /// Makes RESUME due at `at`; the item as it is then, `None` if there is none.
    pub async fn schedule_resume(
        &self,
        id: &ReviewId,
        at: Timestamp,
    ) -> Result<Option<HashMap<String, AttributeValue>>, StoreError> {
        let values = HashMap::from([
            (":shard".to_owned(), AttributeValue::S(Due::Deliveries.shard_of(id))),
            (":later".to_owned(), number(at.millis())),
        ]);
        let condition = Some(expressions::PRESENT);
        let key = (keys::resume(id), keys::RESUME.into());
        self.update(key, Change { condition, ..Change::new(expressions::DUE_IN, values) }).await
    }

    /// A RESUME item was due, but by META's word no try was. It is moved to when the next one is, or off the index, if there
    /// is to be none: its time is written after META's, and of the two writes the second may be late, or not happen at all.
    pub async fn reschedule_resume(
        &self,
        id: &ReviewId,
        due: &DueItem,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match self.peek(id).await?.and_then(|review| review.next_resume()) {
            None => self.remove_from_due(due).await,
            Some(later) if later > now => self.postpone(due, later).await.map(drop),
            // It has become due meanwhile, and keeps its place.
            Some(_) => Ok(()),
        }
    }

    /// Takes RESUME off the index.
    async fn unschedule_resume(&self, id: &ReviewId) -> Result<(), StoreError> {
        let change = Change {
            condition: Some(expressions::PRESENT),
            ..Change::new(expressions::REMOVE_FROM_DUE, HashMap::new())
        };
        self.update((keys::resume(id), keys::RESUME.into()), change).await?;
        Ok(())
    }
}
