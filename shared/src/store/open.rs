//! The gate fires: META and version 0 come to be in one transaction.

use super::commit::{Committed, Transacted};
use super::item::{self, MetaItem};
use super::load::{Image, Loaded};
use super::pages::AuditPageItem;
use super::snapshot::PackedSnapshot;
use super::{Outcome, Overlay, Store, StoreError, expressions, keys};
use crate::review::{
    Act, Correction, Event, IfExists, Opening, Origin, OutputVersion, Priority, Refusal, ResumeTarget,
    Review, Seq,
};
use aws_sdk_dynamodb::types::{CancellationReason, Put, ReturnValuesOnConditionCheckFailure};

/// How often a superseding output is tried on a review that others change meanwhile.
const ATTEMPTS: usize = 4;

impl Store {
    /// Creates a review and its version 0, both or neither (contract: `POST /workflows/reviews`). What is there
    /// already with the same content counts as replayed; but who waits now takes the place of who waited before. What becomes of
    /// other content, `if_exists` says. `act.request` must be the opening's digest.
    pub async fn open(
        &self,
        opening: Opening,
        packed: &PackedSnapshot,
        if_exists: IfExists,
        act: &Act,
    ) -> Result<Outcome, StoreError> {
        let waiting = opening.resume.as_ref();
        let (review, version) = opening.clone().open(act);
        let meta = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&MetaItem::new(&review))?))
            .condition_expression(expressions::ABSENT)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let chunks = packed.items(&review.id, &version)?.into_iter().map(|attributes| {
            let put = Put::builder().table_name(&self.table).set_item(Some(attributes));
            put.condition_expression(expressions::ABSENT).build()
        });
        let resume = waiting.map(|target| self.put_resume(&review.id, target)).transpose()?.map(Ok);
        match self.transact(std::iter::once(meta).chain(chunks).chain(resume)).await? {
            Transacted::Written => {
                let overlay = Overlay {
                    review,
                    versions: vec![version],
                    older_audit: Vec::new(),
                    older_decisions: Vec::new(),
                    stale: Vec::new(),
                    stored_bytes: packed.stored_bytes(),
                };
                Ok(Outcome::done(overlay, false))
            }
            Transacted::Refused(reasons) => {
                let image = reasons.first().and_then(CancellationReason::item);
                let Committed::Refused(Some(image)) = self.refused(&review.id, image).await? else {
                    return Err(StoreError::Unavailable("a review that was in the way is gone".into()));
                };
                if image.review.opened_as == review.opened_as || if_exists == IfExists::Adopt {
                    return self.adopt(*image, waiting).await;
                }
                match if_exists {
                    IfExists::Supersede => Box::pin(self.supersede(&opening, packed, act)).await,
                    IfExists::Reject | IfExists::Adopt => {
                        let differs = self.differences(&image, &opening).await?;
                        Ok(Outcome::Exists(Box::new(image.review), differs))
                    }
                }
            }
        }
    }

    /// The review that is there, as it is, for whoever waits now.
    async fn adopt(&self, image: Image, waiting: Option<&ResumeTarget>) -> Result<Outcome, StoreError> {
        let image = match waiting {
            Some(target) => self.retarget(image, target).await?,
            None => image,
        };
        let history = self.history(&image.review.id).await?;
        Ok(Outcome::done(self.complete(image.review, &image.item, history).await?, true))
    }

    /// The output of `opening` becomes the newest version of a review that is there and not decided, made by its author. What
    /// names the workflow must be the same. Content that is a version already is not appended again.
    async fn supersede(
        &self,
        opening: &Opening,
        packed: &PackedSnapshot,
        act: &Act,
    ) -> Result<Outcome, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(Loaded { image, overlay }) = self.load_with_image(&opening.id).await? else {
                return Err(StoreError::Unavailable("a review that was in the way is gone".into()));
            };
            let differs = opening.names_another_block(&image.review);
            if !differs.is_empty() {
                return Ok(Outcome::Exists(Box::new(image.review), differs));
            }
            if overlay.versions.iter().any(|version| opening.is_output(version)) {
                return self.adopt(image, opening.resume.as_ref()).await;
            }
            let transition = |review: &Review| {
                let snapshot = opening.snapshot.clone();
                let output = Correction { snapshot, origin: Origin::ModelOutput, note: None };
                review.supersede(output, opening.author.clone(), act)
            };
            match Box::pin(self.apply(&opening.id, image.review.rev, act, Some(packed), transition)).await? {
                Outcome::Refused(Refusal::VersionConflict, _) => {}
                Outcome::Done { replayed, .. } if opening.resume.is_some() => {
                    let Some(image) = self.load_image(&opening.id).await? else {
                        return Ok(Outcome::Missing);
                    };
                    let Outcome::Done { overlay, .. } = self.adopt(image, opening.resume.as_ref()).await?
                    else {
                        return Ok(Outcome::Missing);
                    };
                    return Ok(Outcome::Done { overlay, replayed });
                }
                outcome => return Ok(outcome),
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its output was superseded".into()))
    }

    /// In which fields the content of `opening` is another than what the review of `image` was opened with.
    async fn differences(&self, image: &Image, opening: &Opening) -> Result<Vec<&'static str>, StoreError> {
        let review = &image.review;
        let mut differs = opening.names_another_block(review);
        if opening.workflow_version_id != review.workflow_version_id {
            differs.push("workflow_version_id");
        }
        if !opening.triggered_by.is_text(&review.triggered_by) {
            differs.push("triggered_by");
        }
        if let Some(version) = self.load_version(&review.id, Seq(0)).await? {
            if !opening.snapshot.is_text(&version.snapshot) {
                differs.push("snapshot");
            }
            if opening.author != version.author {
                differs.push("author");
            }
        }
        if self.first_priority(image).await?.is_some_and(|priority| priority != opening.priority) {
            differs.push("priority");
        }
        Ok(differs)
    }

    /// The priority that a review was opened with, by its first audit entry.
    async fn first_priority(&self, image: &Image) -> Result<Option<Priority>, StoreError> {
        let first = if image.item.pages == 0 {
            image.review.journal.first().cloned()
        } else {
            let page = self.get(keys::review(&image.review.id), keys::audit_page(0)).await?;
            let page = page.map(item::decode_item::<AuditPageItem>).transpose()?;
            let entries = page.map(|page| page.understand(&mut None)).transpose()?;
            entries.and_then(|(entries, _)| entries.into_iter().next())
        };
        Ok(first.and_then(|entry| match entry.event {
            Event::OverlayCreated { priority } => Some(priority),
            _ => None,
        }))
    }
}

impl Opening {
    /// Whether a version is this opening's output, by the same author.
    fn is_output(&self, version: &OutputVersion) -> bool {
        version.origin == Origin::ModelOutput
            && version.author == self.author
            && self.snapshot.is_text(&version.snapshot)
    }
}
