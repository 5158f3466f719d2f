//! The end of claims: what has run out by META's own word is recorded as such, and its lease removed.
//!
//! Idempotent, and safe to race with everything: the record is one conditional write on META, the lease goes only if it
//! is still the one that was seen. Nothing that anybody can see waits for it.

use crate::review::{Review, ReviewId, Timestamp, Written};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::reviews::commit::Committed;
use crate::store::reviews::lease::expiry;
use crate::store::table::keys;

/// What an expiry found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The claim had run out; now it is recorded.
    Expired,
    /// There was nothing to record: the claim stands, was dropped, or its end is recorded already.
    Stale,
}

/// How often an expiry starts anew because the review changed between its read and its write.
const ATTEMPTS: usize = 8;

impl Store {
    /// Records that a review's claim has run out, if by META's own word it has (contract: `claim_expired`); `rev` stays.
    /// Returns the review as it was found, or as it is then.
    pub async fn expire(
        &self,
        id: &ReviewId,
        now: Timestamp,
    ) -> Result<(Expiry, Option<Review>), StoreError> {
        let context = expiry(now)?;
        for _ in 0..ATTEMPTS {
            let Some(image) = self.load_image(id).await? else { return Ok((Expiry::Stale, None)) };
            // The SDK repeats a call whose answer got lost; then the entry is there already.
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

    /// As [`Store::expire`], for a lease that is due; then removes it. A lease that says less than META is put right.
    pub async fn expire_lease(&self, lease: &DueItem, now: Timestamp) -> Result<Expiry, StoreError> {
        let organization = keys::parse_holder(&lease.pk)?;
        let id = keys::parse_lease(&organization, &lease.sk)?;
        let (expiry, review) = self.expire(&id, now).await?;
        let standing = review.as_ref().and_then(|review| review.claim_at(now));
        match standing.filter(|claim| keys::holder(&organization, &claim.holder) == lease.pk) {
            Some(claim) => self.mend(lease, claim.expires_at).await?,
            None => self.remove(lease).await?,
        }
        Ok(expiry)
    }
}
