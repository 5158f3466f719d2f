//! Opening: META, version 0 and EVIDENCE are created in one transaction.

use crate::review::{
    Actor, AuditEntry, AuditEvent, CommandContext, Correction, IfExists, Opening, Origin, OutputVersion,
    Priority, Refusal, ResumeTarget, Review, Seq,
};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::audit_page::AuditPageItem;
use crate::store::items::evidence::PackedOpening;
use crate::store::items::meta::MetaItem;
use crate::store::items::naming;
use crate::store::outcome::{Outcome, Overlay};
use crate::store::reviews::commit::Committed;
use crate::store::reviews::read::image::Image;
use crate::store::reviews::read::load::Loaded;
use crate::store::table::codec::{self, Attributes};
use crate::store::table::transaction::{Condition, Transacted};
use crate::store::table::{expressions, keys};

/// How often superseding is tried while others change the review.
const ATTEMPTS: usize = 4;

impl Store {
    /// Creates a review, its version 0 and what came with it (contract: `POST /workflows/reviews`). If it exists with the same content, this is a replay,
    /// but its callback replaces the one before. If it exists with other content, `if_exists` decides. `context.request` must be the
    /// opening's digest.
    pub async fn open(
        &self,
        opening: Opening,
        packed: &PackedOpening,
        if_exists: IfExists,
        context: &CommandContext,
    ) -> Result<Outcome, StoreError> {
        let callback = opening.resume.as_ref();
        let (review, version) = opening.clone().open(context);
        let meta = Condition::of(expressions::ABSENT, Attributes::new());
        let mut writes = vec![self.transact_replace(codec::encode_item(&MetaItem::new(&review))?, meta)?];
        let version_items = packed.snapshot.items(&review.id, &version)?;
        for item in version_items.into_iter().chain(packed.evidence_items(&review.id)?) {
            writes.push(self.transact_create(item)?);
        }
        for item in naming::items(&review.id, &opening.evidence.documents)? {
            writes.push(self.transact_put(item)?);
        }
        if let Some(target) = callback {
            writes.push(self.put_resume(&review.id, target)?);
        }
        match self.transact(writes).await? {
            Transacted::Written => {
                let overlay = Overlay {
                    review,
                    versions: vec![version],
                    older_audit: Vec::new(),
                    older_decisions: Vec::new(),
                    stale: Vec::new(),
                    stored_bytes: packed.snapshot.stored_bytes(),
                };
                Ok(Outcome::done(overlay, false))
            }
            Transacted::Refused(cancelled) => {
                let refused = self.refused(&review.id, cancelled.image(0)).await?;
                let Committed::Refused(Some(image)) = refused else {
                    return Err(StoreError::Unavailable("an existing review has disappeared".into()));
                };
                if image.review.opened_as == review.opened_as {
                    return self.adopt(*image, callback, context).await;
                }
                self.open_other_content(*image, &opening, packed, if_exists, context).await
            }
        }
    }

    /// The outcome if the review exists with other content.
    async fn open_other_content(
        &self,
        image: Image,
        opening: &Opening,
        packed: &PackedOpening,
        if_exists: IfExists,
        context: &CommandContext,
    ) -> Result<Outcome, StoreError> {
        let callback = opening.resume.as_ref();
        let may_set_callback = callback.is_none() || {
            let first = self.first_entry(&image.review).await?;
            first.is_some_and(|entry| entry.actor.is(&context.actor))
        };
        match if_exists {
            // Only who opened it, or knows its content, may have its decision sent to another target.
            _ if !may_set_callback => {
                let mut differs = self.differences(&image, opening).await?;
                differs.push("resume");
                Ok(Outcome::Exists(Box::new(image.review), differs))
            }
            IfExists::Adopt if opening.names_another_block(&image.review).is_empty() => {
                self.adopt(image, callback, context).await
            }
            IfExists::Supersede => Box::pin(self.supersede(opening, packed, context)).await,
            IfExists::Reject | IfExists::Adopt => {
                let differs = self.differences(&image, opening).await?;
                Ok(Outcome::Exists(Box::new(image.review), differs))
            }
        }
    }

    /// The existing review as it is, with the new callback if there is one.
    async fn adopt(
        &self,
        image: Image,
        callback: Option<&ResumeTarget>,
        context: &CommandContext,
    ) -> Result<Outcome, StoreError> {
        let image = match callback {
            Some(target) => match self.retarget(image, target, context.at).await? {
                Ok(image) => image,
                Err((refusal, review)) => return Ok(Outcome::Refused(refusal, review)),
            },
            None => image,
        };
        let history = self.history(&image.review.id, image.review.rev).await?;
        Ok(Outcome::done(self.complete(image.review, &image.spilled, history).await?, true))
    }

    /// The output of `opening` becomes the newest version of an open review. The workflow must be the same, and what comes with the
    /// output must be what came with the first one, or be left out: it never changes. An output that equals the model's last one is
    /// not appended again.
    async fn supersede(
        &self,
        opening: &Opening,
        packed: &PackedOpening,
        context: &CommandContext,
    ) -> Result<Outcome, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(Loaded { image, overlay }) = self.load_with_image(&opening.id).await? else {
                return Err(StoreError::Unavailable("an existing review has disappeared".into()));
            };
            let mut differs = opening.names_another_block(&image.review);
            differs.extend(self.contradictions(&image.review, opening).await?);
            if !differs.is_empty() {
                return Ok(Outcome::Exists(Box::new(image.review), differs));
            }
            // Only the newest one counts: the model may return to an earlier output.
            let of_model = overlay.versions.iter().rev().find(|it| it.origin == Origin::ModelOutput);
            if of_model.is_some_and(|version| opening.is_output(version)) {
                return self.adopt(image, opening.resume.as_ref(), context).await;
            }
            let transition = |review: &Review| {
                let snapshot = opening.snapshot.clone();
                let output = Correction { snapshot, origin: Origin::ModelOutput, note: None };
                review.supersede(output, opening.author.clone(), context)
            };
            match Box::pin(self.apply(
                &opening.id,
                image.review.rev,
                context,
                Some(&packed.snapshot),
                transition,
            ))
            .await?
            {
                Outcome::Refused(Refusal::VersionConflict, _) => {}
                Outcome::Done { replayed, .. } if opening.resume.is_some() => {
                    let Some(image) = self.load_image(&opening.id).await? else {
                        return Ok(Outcome::Missing);
                    };
                    return Ok(match self.adopt(image, opening.resume.as_ref(), context).await? {
                        Outcome::Done { overlay, .. } => Outcome::Done { overlay, replayed },
                        refused => refused,
                    });
                }
                outcome => return Ok(outcome),
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its output was superseded".into()))
    }

    /// The fields in which `opening` differs from what the review was opened with.
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
        if review.has_anything_beside() || !opening.evidence.is_empty() {
            differs.extend(self.evidence_of(review).await?.differences(&opening.evidence));
        }
        Ok(differs)
    }

    /// The fields of what comes with an output that `opening` has otherwise than the review. What it leaves out is not compared.
    async fn contradictions(
        &self,
        review: &Review,
        opening: &Opening,
    ) -> Result<Vec<&'static str>, StoreError> {
        if opening.evidence.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.evidence_of(review).await?.contradicted_by(&opening.evidence))
    }

    /// The priority that a review was asked to be opened with: none where its policy has set it.
    async fn first_priority(&self, image: &Image) -> Result<Option<Priority>, StoreError> {
        if image.review.is_priority_of_policy {
            return Ok(Some(Priority::default()));
        }
        let first = self.first_entry(&image.review).await?;
        Ok(first.and_then(|entry| match entry.event {
            AuditEvent::OverlayCreated { priority } => Some(priority),
            _ => None,
        }))
    }

    /// Whether `actor` opened the review. Costs a read if its first audit entry has not been read.
    pub async fn is_opener(&self, overlay: &Overlay, actor: &Actor) -> Result<bool, StoreError> {
        if let Some(opener) = overlay.opener() {
            return Ok(opener.is(actor));
        }
        let first = self.first_entry(&overlay.review).await?;
        Ok(first.is_some_and(|entry| entry.is_opening() && entry.actor.is(actor)))
    }

    /// The first audit entry of a review: its opening.
    async fn first_entry(&self, review: &Review) -> Result<Option<AuditEntry>, StoreError> {
        if review.older_entries == 0 {
            return Ok(review.journal.first().cloned());
        }
        let page = self.get(keys::review(&review.id), keys::audit_page(0)).await?;
        let page = page.map(codec::decode_item::<AuditPageItem>).transpose()?;
        let entries = page.map(|page| page.decode(&mut None)).transpose()?;
        Ok(entries.and_then(|(entries, _)| entries.into_iter().next()))
    }
}

impl Opening {
    /// Whether a version has this opening's output and author.
    fn is_output(&self, version: &OutputVersion) -> bool {
        version.origin == Origin::ModelOutput
            && version.author == self.author
            && self.snapshot.is_text(&version.snapshot)
    }
}
