//! Records that claims have expired, and removes their leases.
//!
//! Idempotent, and safe to run at any time: the record is one conditional write on META, and a lease is removed only if it has
//! not changed. No answer depends on it: an expired claim reads as null by the clock.

use crate::review::{Review, ReviewId, Timestamp, Written};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::reviews::commit::Committed;
use crate::store::reviews::lease::expiry_command;
use crate::store::table::keys;

/// What [`Store::expire`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The claim had expired; now that is recorded.
    Expired,
    /// There was nothing to record: the claim is active, was released, or its expiry is recorded already.
    Stale,
}

/// How often an expiry is tried because the review changed between its read and its write.
const ATTEMPTS: usize = 8;

impl Store {
    /// Records that a review's claim has expired, if META says so (contract: `claim_expired`); `rev` stays.
    /// Returns the review as it is then.
    pub async fn expire(
        &self,
        id: &ReviewId,
        now: Timestamp,
    ) -> Result<(Expiry, Option<Review>), StoreError> {
        let context = expiry_command(now);
        for _ in 0..ATTEMPTS {
            let Some(image) = self.load_image(id).await? else { return Ok((Expiry::Stale, None)) };
            // The SDK repeats a call whose answer was lost; then the entry exists already.
            if image.review.journal.iter().any(|entry| entry.entry_id == context.entry_id) {
                return Ok((Expiry::Expired, Some(image.review)));
            }
            let Some(review) = image.review.expire(&context) else {
                return Ok((Expiry::Stale, Some(image.review)));
            };
            let written = Written { review, version: None };
            match self.commit(Box::new(image), &written, None).await? {
                Committed::Written(_) => return Ok((Expiry::Expired, Some(written.review))),
                Committed::Refused(_) => {}
            }
        }
        Err(StoreError::Unavailable("the review kept changing while its claim's end was recorded".into()))
    }

    /// As [`Store::expire`], for a lease that is due; then removes the lease, or corrects it if META has a later expiry.
    pub async fn expire_lease(&self, lease: &DueItem, now: Timestamp) -> Result<Expiry, StoreError> {
        let organization = keys::parse_holder(&lease.pk)?;
        let id = keys::parse_lease(&organization, &lease.sk)?;
        let (expiry, review) = self.expire(&id, now).await?;
        let active = review.as_ref().and_then(|review| review.claim_at(now));
        match active.filter(|claim| keys::holder(&organization, &claim.holder) == lease.pk) {
            Some(claim) => self.correct_lease(lease, claim.expires_at).await?,
            None => self.remove_due_lease(lease).await?,
        }
        Ok(expiry)
    }
}
