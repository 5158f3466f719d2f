//! Claim and release: one round trip deep. META's write, the history's read and the LEASE go side by side.

use super::commit::{Committed, Effect, Mutation};
use super::item::{self, LeaseItem};
use super::load::History;
use super::{Outcome, Store, StoreError, keys};
use crate::review::{Act, Refusal, Rev, Review, ReviewId, Standing, Timestamp, TtlSeconds};
use futures_util::join;

impl Store {
    /// Claims a review for the actor (contract: `POST …/claim`).
    pub async fn claim(
        &self,
        id: &ReviewId,
        stamp: Rev,
        ttl: TtlSeconds,
        act: &Act,
    ) -> Result<Outcome, StoreError> {
        let expires_at = act.at.plus(ttl);
        let mutation = Mutation { id, stamp, act, effect: Effect::Claim { expires_at } };
        let (committed, history, lease) =
            join!(self.commit(&mutation), self.history(id), self.put_lease(id, act, expires_at));
        let committed = committed?;
        if matches!(committed, Committed::Refused(None)) {
            self.delete_lease(id, act).await?;
        }
        lease?; // A claim without its lease would never be swept: the client retries, the retry is a replay.
        self.conclude(&mutation, committed, history?, |review| review.claim(ttl, act).map(Some)).await
    }

    /// Drops a review's claim, whoever holds it (contract: `POST …/release`).
    pub async fn release(&self, id: &ReviewId, stamp: Rev, act: &Act) -> Result<Outcome, StoreError> {
        let mutation = Mutation { id, stamp, act, effect: Effect::Release };
        let (committed, history, lease) =
            join!(self.commit(&mutation), self.history(id), self.delete_lease(id, act));
        let committed = committed?;
        lease?;
        self.conclude(&mutation, committed, history?, |review| Ok(review.release(act))).await
    }

    /// Turns what became of the write into what is answered. `transition` is the domain's: `None` means that
    /// there was nothing to do.
    async fn conclude(
        &self,
        mutation: &Mutation<'_>,
        committed: Committed,
        history: History,
        transition: impl FnOnce(&Review) -> Result<Option<Review>, Refusal>,
    ) -> Result<Outcome, StoreError> {
        let unexplained = || StoreError::Unavailable("a write was refused that its own image allows".into());
        let (image, review) = match committed {
            Committed::Written(before) => {
                let after = transition(&before.review).ok().flatten().ok_or_else(unexplained)?;
                (before.item, after)
            }
            Committed::Refused(None) => return Ok(Outcome::Missing),
            Committed::Refused(Some(image)) => {
                self.mend_lease(&image.review, mutation.act).await?;
                let verdict = match image.review.standing(mutation.stamp, mutation.act) {
                    Ok(Standing::Replay) => Ok(None),
                    Ok(Standing::Current) => transition(&image.review),
                    Err(refusal) => Err(refusal),
                };
                match verdict {
                    Ok(None) => (image.item, image.review),
                    Ok(Some(_)) => return Err(unexplained()),
                    Err(refusal) => return Ok(Outcome::Refused(refusal, Box::new(image.review))),
                }
            }
        };
        Ok(Outcome::Done(self.complete(review, &image, history).await?))
    }

    /// After a refused write: the LEASE was written or deleted beside it in good faith, so if the actor does hold
    /// a claim, the LEASE is put back to what META says. Costs nothing when the actor holds none.
    async fn mend_lease(&self, review: &Review, act: &Act) -> Result<(), StoreError> {
        match review.claim_at(act.at).filter(|claim| claim.holder.is(&act.actor)) {
            Some(claim) => self.put_lease(&review.id, act, claim.expires_at).await,
            None => Ok(()),
        }
    }

    async fn put_lease(&self, id: &ReviewId, act: &Act, expires_at: Timestamp) -> Result<(), StoreError> {
        self.put(item::encode_item(&LeaseItem::new(id, &act.actor, expires_at))?).await
    }

    async fn delete_lease(&self, id: &ReviewId, act: &Act) -> Result<(), StoreError> {
        self.delete(keys::holder(&id.organization, &act.actor), keys::lease(id)).await
    }
}
