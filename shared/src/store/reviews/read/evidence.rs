//! What came with an output. Nothing reads it but who shows it.

use crate::review::{Evidence, Review, ReviewId};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::evidence;
use crate::store::reviews::read::load::{ATTEMPTS, missing_part, pause_before};
use crate::store::table::keys;

impl Store {
    /// What came with the output of a review, read consistently; empty if nothing did. `None` when there is no review in this
    /// organization. A round trip more than [`Store::evidence_of`].
    pub async fn evidence(&self, id: &ReviewId) -> Result<Option<Evidence>, StoreError> {
        let Some(review) = self.peek(id).await? else { return Ok(None) };
        self.evidence_of(&review).await.map(Some)
    }

    /// What came with the output of a review. Reads nothing if nothing did.
    pub async fn evidence_of(&self, review: &Review) -> Result<Evidence, StoreError> {
        if !review.has_anything_beside() {
            return Ok(Evidence::default());
        }
        for attempt in 0..ATTEMPTS {
            pause_before(attempt).await;
            let items = self.gather(self.range(&review.id, keys::EVIDENCE, keys::EVIDENCE_END), None).await?;
            if let Some(evidence) = evidence::decode(items)? {
                return Ok(evidence);
            }
        }
        Err(missing_part())
    }
}
