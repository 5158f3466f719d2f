//! Deliveries of decisions to callbacks.
//!
//! The target (a task token, a URL) is the item RESUME, in a partition that only the functions that deliver can read. The delivery
//! state is part of META. It is written without changing `rev`, because no reviewer depends on it; so each write of META that is
//! computed from an image demands that it has not changed either.

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

/// An attempt to deliver a decision, which has begun.
#[derive(Debug)]
pub struct ResumeAttempt {
    /// The decided review.
    pub review: Review,
    /// The callback's target.
    pub target: ResumeTarget,
}

/// How often a write is tried because the review changed between being read and written.
const ATTEMPTS: usize = 4;

impl Store {
    /// Begins an attempt to deliver the decision, if one is due at `now`. It is to be ended with [`Store::end_resume`]; if it is not,
    /// another attempt may begin after [`Resume::TRY_MILLIS`].
    pub async fn begin_resume(
        &self,
        id: &ReviewId,
        now: Timestamp,
    ) -> Result<Option<ResumeAttempt>, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(image) = self.load_image(id).await? else { return Ok(None) };
            let Some(resume) = image.review.begin_resume(now) else { return Ok(None) };
            // First, so that an attempt that dies right after it began is followed by another.
            let Some(item) = self.schedule_resume(id, now.plus_millis(Resume::TRY_MILLIS)).await? else {
                return Err(StoreError::Corrupt("the review has a callback, but no RESUME item".into()));
            };
            let target = codec::decode_item::<ResumeItem>(item)?.decode()?;
            if let Some(begun) = self.set_resume(&image.review, &resume, now).await? {
                return Ok(Some(ResumeAttempt { review: begun.review, target }));
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its decision was to be delivered".into()))
    }

    /// Records how an attempt ended. `next_at` is the time of the next one, if there is to be one.
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
        // Refused if the review was reopened by force, or has another callback now: then this attempt does not count.
        let Some(ended) = self.set_resume(review, &resume, now).await? else { return Ok(None) };
        if let Some(at) = next_at {
            self.schedule_resume(&review.id, at).await?;
        } else {
            self.unschedule_resume(&review.id).await?;
        }
        Ok(ended.review.resume)
    }

    /// Makes another attempt due at once, if the last one failed or none is in progress (ours: `POST …/resume`).
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

    /// Records that a polling run has its decision (ours: `POST …/acknowledge`). `Missing` if `actor` did not open the review.
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

    /// Writes the delivery state that `change` returns; nothing if it returns `None`.
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
        Err(StoreError::Unavailable("the review kept changing while its decision was to be delivered".into()))
    }

    /// Makes RESUME due at `at`, and returns it; `None` if there is none.
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

    /// Moves a RESUME that is due, although by META no attempt is, to the next attempt, or off the index if there is none. Its time is
    /// written after META, so it may be late or missing.
    pub async fn reschedule_resume(
        &self,
        id: &ReviewId,
        due: &DueItem,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match self.peek(id).await?.and_then(|review| review.next_resume()) {
            None => self.remove_from_due(due).await,
            Some(later) if later > now => self.postpone(due, later).await.map(drop),
            // An attempt has become due meanwhile.
            Some(_) => Ok(()),
        }
    }

    /// Removes RESUME from the index of due items.
    async fn unschedule_resume(&self, id: &ReviewId) -> Result<(), StoreError> {
        let change = Change {
            condition: Some(expressions::PRESENT),
            ..Change::new(expressions::REMOVE_FROM_DUE, HashMap::new())
        };
        self.update((keys::resume(id), keys::RESUME.into()), change).await?;
        Ok(())
    }
}
