//! Correct, decide, reopen: changes that depend on the review. Two round trips: read it whole, write.

use crate::review::{Attempt, CommandContext, Refusal, Rev, Review, ReviewId, StampCheck, Written};
use crate::store::error::{StoreError, TooLarge};
use crate::store::handle::Store;
use crate::store::items::version::{PackedSnapshot, REVIEW_LIMIT, REVIEW_TEXT_LIMIT};
use crate::store::outcome::{Outcome, Overlay};
use crate::store::reviews::commit::Committed;
use crate::store::reviews::read::history::AUDIT_SHOWN;
use crate::store::reviews::read::image::Image;
use crate::store::reviews::read::load::Loaded;

/// How often a change is tried because an expiry or a callback was written between its read and its write.
const ATTEMPTS: usize = 4;

/// What is looked at before a transition is written, where that takes more than the review.
pub trait Check: Sync {
    /// Whether `written` may be written over `overlay`. It is written only if the review is still that one, so that what was looked at is
    /// what the write is conditioned on.
    fn check(
        &self,
        store: &Store,
        overlay: &Overlay,
        written: &Written,
    ) -> impl Future<Output = Result<Result<(), Refusal>, StoreError>> + Send;
}

/// No check.
struct Unchecked;

impl Check for Unchecked {
    async fn check(&self, _: &Store, _: &Overlay, _: &Written) -> Result<Result<(), Refusal>, StoreError> {
        Ok(Ok(()))
    }
}

impl Store {
    /// Applies a transition of the domain to a review, if `stamp` is its `rev` (contract: *Order of checks*).
    ///
    /// `packed` is the snapshot of the version that the transition appends, if any. A stale stamp is recorded as a rejected
    /// `attempt`.
    pub async fn change(
        &self,
        id: &ReviewId,
        stamp: Rev,
        context: &CommandContext,
        attempt: Attempt,
        packed: Option<&PackedSnapshot>,
        transition: impl Fn(&Review) -> Result<Written, Refusal>,
    ) -> Result<Outcome, StoreError> {
        self.change_checked(id, stamp, context, attempt, packed, transition, &Unchecked).await
    }

    /// As [`Store::change`], where `check` has the last word on what is about to be written.
    #[allow(clippy::too_many_arguments)] // one more than `change`
    pub async fn change_checked(
        &self,
        id: &ReviewId,
        stamp: Rev,
        context: &CommandContext,
        attempt: Attempt,
        packed: Option<&PackedSnapshot>,
        transition: impl Fn(&Review) -> Result<Written, Refusal>,
        check: &impl Check,
    ) -> Result<Outcome, StoreError> {
        let outcome = Box::pin(self.apply_checked(id, stamp, context, packed, transition, check)).await?;
        if let Outcome::Refused(Refusal::VersionConflict, review) = &outcome {
            self.record_stale_write(review, context, attempt, stamp).await;
        }
        Ok(outcome)
    }

    /// As [`Store::change`], without recording a stale stamp.
    pub(in crate::store) async fn apply(
        &self,
        id: &ReviewId,
        stamp: Rev,
        context: &CommandContext,
        packed: Option<&PackedSnapshot>,
        transition: impl Fn(&Review) -> Result<Written, Refusal>,
    ) -> Result<Outcome, StoreError> {
        self.apply_checked(id, stamp, context, packed, transition, &Unchecked).await
    }

    async fn apply_checked(
        &self,
        id: &ReviewId,
        stamp: Rev,
        context: &CommandContext,
        packed: Option<&PackedSnapshot>,
        transition: impl Fn(&Review) -> Result<Written, Refusal>,
        check: &impl Check,
    ) -> Result<Outcome, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(Loaded { image, overlay }) = self.load_with_image(id).await? else {
                return Ok(Outcome::Missing);
            };
            let earlier = self.command(&overlay.review, &overlay.older_audit, context).await?;
            let written = match overlay.review.check_stamp(stamp, context, &earlier) {
                Ok(StampCheck::Current) => transition(&overlay.review),
                Ok(StampCheck::Own | StampCheck::Replay) => return Ok(Outcome::done(overlay, true)),
                Err(refusal) => Err(refusal),
            };
            let limited =
                |written: Written| written.within_limits(&overlay.older_decisions).map(|()| written);
            let written = match written.and_then(limited) {
                Ok(written) => written,
                Err(refusal) => return Ok(Outcome::Refused(refusal, Box::new(overlay.review))),
            };
            if let Some(fault) = packed.and_then(|packed| overlay.excess_with(packed, &written)) {
                return Ok(Outcome::TooLarge(fault));
            }
            if let Err(refusal) = check.check(self, &overlay, &written).await? {
                return Ok(Outcome::Refused(refusal, Box::new(overlay.review)));
            }
            match self.commit(Box::new(image), &written, packed).await? {
                Committed::Written(_) => return Ok(Outcome::done(overlay.after(written), false)),
                Committed::Refused(None) => return Ok(Outcome::Missing),
                Committed::Refused(Some(image)) => {
                    if let Some(outcome) = self.refused_change(*image, stamp, context).await? {
                        return Ok(outcome);
                    }
                }
            }
        }
        Err(StoreError::Unavailable("the review kept changing between reading and writing it".into()))
    }

    /// The outcome if the write was refused: done by this call, done before, or refused. `None` if the stamp is still current: then
    /// the change is tried again.
    async fn refused_change(
        &self,
        image: Image,
        stamp: Rev,
        context: &CommandContext,
    ) -> Result<Option<Outcome>, StoreError> {
        let replayed = match image.review.check_stamp(stamp, context, &[]) {
            Ok(StampCheck::Current) => return Ok(None),
            Ok(StampCheck::Own) => false,
            Ok(StampCheck::Replay) => true,
            Err(refusal) => return Ok(Some(Outcome::Refused(refusal, Box::new(image.review)))),
        };
        let history = self.history(&image.review.id, image.review.rev).await?;
        let overlay = self.complete(image.review, &image.spilled, history).await?;
        Ok(Some(Outcome::done(overlay, replayed)))
    }
}

impl Overlay {
    /// Why the overlay would be too large for an answer with one more version, if it would.
    fn excess_with(&self, packed: &PackedSnapshot, written: &Written) -> Option<TooLarge> {
        /// Size of an audit entry in a compressed answer, in bytes; measured: 33.
        const ENTRY: usize = 40;
        /// Size of a version in it besides snapshot and note: mostly the hash, which does not compress.
        const VERSION: usize = 120;
        let words = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let versions = || self.versions.iter().chain(&written.version);
        let decisions = self.older_decisions.iter().chain(&written.review.decisions);
        let entries = AUDIT_SHOWN.min(self.older_audit.len() + written.review.journal.len());
        let stored = self.stored_bytes
            + packed.stored_bytes()
            + versions().map(|version| words(&version.note)).sum::<usize>()
            + decisions.map(|decision| words(&decision.reason)).sum::<usize>()
            + versions().count() * VERSION
            + entries * ENTRY;
        let text = versions().map(|version| version.snapshot.as_str().len()).sum();
        let over = |what, limit, size| (size > limit).then_some(TooLarge { what, limit, size });
        over("The review with all its versions, compressed,", REVIEW_LIMIT, stored)
            .or_else(|| over("The review with all its versions", REVIEW_TEXT_LIMIT, text))
    }

    fn after(self, written: Written) -> Self {
        let mut versions = self.versions;
        versions.extend(written.version);
        Self { review: written.review, versions, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::{context, review_and_version};
    use crate::review::{Correction, DecisionRequest, HashedJson, JsonText, Origin};

    #[test]
    fn a_review_has_room_to_the_last_byte_of_all_that_is_kept() {
        let (review, version) = review_and_version();
        let context = context(0, review.created_at, "");
        let request =
            DecisionRequest::Escalate { on_seq: None, reason: "why".into(), escalate_to: "who".into() };
        let escalated = review.decide(request, &context).unwrap().review;
        let snapshot = HashedJson::try_from(JsonText::parse("{}".into()).unwrap()).unwrap();
        let packed = PackedSnapshot::pack(&snapshot.text).unwrap();
        let correction = Correction { snapshot, origin: Origin::HumanEdit, note: Some("note".into()) };
        let written = escalated.edit(correction, &context).unwrap();

        // The snapshot, the note, two reasons, four entries, two versions.
        let beside = "{}".len() + "note".len() + 2 * "why".len() + 4 * 40 + 2 * 120;
        let fault = |stored_bytes| {
            let overlay = Overlay {
                review: escalated.clone(),
                versions: vec![version.clone()],
                older_audit: review.journal.clone(),
                older_decisions: escalated.decisions.clone(),
                stale: Vec::new(),
                stored_bytes,
            };
            overlay.excess_with(&packed, &written).map(|fault| (fault.limit, fault.size))
        };
        assert_eq!(fault(REVIEW_LIMIT - beside), None);
        assert_eq!(fault(REVIEW_LIMIT - beside + 1), Some((REVIEW_LIMIT, REVIEW_LIMIT + 1)));
    }
}
