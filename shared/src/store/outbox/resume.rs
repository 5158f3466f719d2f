//! Who waits for a decision, and how telling them goes.
//!
//! The address (a task token, a URL) is an item in a partition of its own, RESUME, which only those functions can read
//! that use it. How telling goes is part of META. It is written without the stamp, because it changes nothing that a
//! reviewer decides on, and so each write of META that is computed from an image demands that it has not changed either.

use crate::review::{
    Actor, Delivery, Refusal, Resume, ResumeTarget, Rev, Review, ReviewId, Status, Timestamp,
};
use crate::store::items::due::DueItem;
use crate::store::items::entry::StoredResume;
use crate::store::items::meta as item;
use crate::store::items::meta::Attributes;
use crate::store::reviews::commit::{Committed, Transacted, number, resume_names};
use crate::store::reviews::load::Image;
use crate::store::table::calls::Change;
use crate::store::table::expressions;
use crate::store::table::keys::{self, Due};
use crate::store::{Outcome, Overlay, Store, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// RESUME: who waits.
#[derive(Serialize, Deserialize)]
struct ResumeItem {
    pk: String,
    sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signing_secret: Option<String>,
    /// The run asks by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    poll: bool,
}

impl ResumeItem {
    fn new(id: &ReviewId, target: &ResumeTarget) -> Self {
        let nobody = Self {
            pk: keys::resume(id),
            sk: keys::RESUME.into(),
            task_token: None,
            url: None,
            origin: None,
            signing_secret: None,
            poll: false,
        };
        match target.clone() {
            ResumeTarget::Poll => Self { poll: true, ..nobody },
            ResumeTarget::StepFunctions { task_token } => Self { task_token: Some(task_token), ..nobody },
            ResumeTarget::Webhook { url, origin, signing_secret } => {
                Self { url: Some(url), origin: Some(origin), signing_secret, ..nobody }
            }
        }
    }

    fn decode(self) -> Result<ResumeTarget, StoreError> {
        match (self.task_token, self.url, self.origin) {
            (None, None, None) if self.poll => Ok(ResumeTarget::Poll),
            (Some(task_token), None, None) => Ok(ResumeTarget::StepFunctions { task_token }),
            (None, Some(url), Some(origin)) => {
                Ok(ResumeTarget::Webhook { url, origin, signing_secret: self.signing_secret })
            }
            _ => Err(item::corrupt("a RESUME item")()),
        }
    }
}

/// A try at telling the run that has begun.
#[derive(Debug)]
pub struct BegunResume {
    /// The decided review.
    pub review: Review,
    /// Who waits.
    pub target: ResumeTarget,
}

/// How often a write starts anew because the review changed between being read and written.
const ATTEMPTS: usize = 4;

impl Store {
    /// The put of RESUME, in the transaction that opens a review.
    pub(in crate::store) fn put_resume(
        &self,
        id: &ReviewId,
        target: &ResumeTarget,
    ) -> Result<Put, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&ResumeItem::new(id, target))?))
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
            let before = item.map(item::decode_item::<ResumeItem>).transpose()?.map(ResumeItem::decode);
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

    /// Begins to tell the run of the decision that stands, if that is due at `now`. Whoever begins must end it with
    /// [`Store::end_resume`]; should it die, the try counts as dead after [`Resume::TRY_MILLIS`], and the next one begins.
    pub async fn begin_resume(
        &self,
        id: &ReviewId,
        now: Timestamp,
    ) -> Result<Option<BegunResume>, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(image) = self.load_image(id).await? else { return Ok(None) };
            let Some(resume) = image.review.begin_resume(now) else { return Ok(None) };
            // First, so that a try that dies right after it began is taken up again.
            let Some(item) = self.schedule_resume(id, now.plus_millis(Resume::TRY_MILLIS)).await? else {
                return Err(StoreError::Corrupt("somebody waits, but there is no RESUME item".into()));
            };
            let target = item::decode_item::<ResumeItem>(item)?.decode()?;
            if let Some(begun) = self.set_resume(&image.review, &resume, now).await? {
                return Ok(Some(BegunResume { review: begun.review, target }));
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its run was to be told".into()))
    }

    /// Writes down how a try ended. `next_at` is when to try again, should it be worth it.
    pub async fn end_resume(
        &self,
        begun: &BegunResume,
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
            self.resume_is_over(&review.id).await?;
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
        self.change_resume(id, (expressions::ASK_RESUME, now), ask).await
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
        self.change_resume(id, (expressions::SET_RESUME, now), acknowledge).await
    }

    /// Writes what `change` makes of how telling the run goes; nothing, where it makes nothing of it.
    async fn change_resume(
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
    pub async fn resume_is_not_due(
        &self,
        id: &ReviewId,
        due: &DueItem,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match self.peek(id).await?.and_then(|review| review.next_resume()) {
            None => self.due_no_more(due).await,
            Some(later) if later > now => self.postpone(due, later).await.map(drop),
            // It has become due meanwhile, and keeps its place.
            Some(_) => Ok(()),
        }
    }

    /// Takes RESUME off the index.
    async fn resume_is_over(&self, id: &ReviewId) -> Result<(), StoreError> {
        let change = Change {
            condition: Some(expressions::PRESENT),
            ..Change::new(expressions::NOT_DUE_ANY_MORE, HashMap::new())
        };
        self.update((keys::resume(id), keys::RESUME.into()), change).await?;
        Ok(())
    }

    async fn set_resume(
        &self,
        review: &Review,
        resume: &Resume,
        now: Timestamp,
    ) -> Result<Option<Image>, StoreError> {
        self.set_resume_by(expressions::SET_RESUME, review, resume, now).await
    }

    async fn set_resume_by(
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
            (":resume".to_owned(), item::encode(&StoredResume::from(resume))?),
        ]);
        let before = review.resume.as_ref();
        values.extend(before.map(|before| (":changes".to_owned(), number(before.changes))));
        let condition = if before.is_some() { expressions::SAME_RESUME } else { expressions::NO_RESUME };
        Ok(Self { condition, names: resume_names(before.is_some()), values })
    }
}
