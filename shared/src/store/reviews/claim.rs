//! Claim and release, in one round trip: META's update, the read of what is beside META, and the LEASE's write run in parallel.

use crate::review::{
    Attempt, CommandContext, Refusal, Rev, Review, ReviewId, StampCheck, Timestamp, TtlSeconds, Written,
};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::outcome::Outcome;
use crate::store::reviews::commit::Committed;
use crate::store::reviews::read::history::History;
use crate::store::reviews::unread_update::{Effect, UnreadUpdate};
use futures_util::join;

impl Store {
    /// Claims a review for the actor (contract: `POST …/claim`).
    pub async fn claim(
        &self,
        id: &ReviewId,
        stamp: Rev,
        ttl: TtlSeconds,
        context: &CommandContext,
    ) -> Result<Outcome, StoreError> {
        if let Some(outcome) = self.answered_before(id, context).await? {
            return Ok(outcome);
        }
        self.claim_at(id, stamp, ttl, context, Some(Attempt::Claim)).await
    }

    /// As [`Store::claim`], without looking for an earlier attempt of the same command. A stale stamp is recorded as a rejected
    /// `attempt`, if there is one: claim-next, when it loses a race, has none.
    pub(in crate::store) async fn claim_at(
        &self,
        id: &ReviewId,
        stamp: Rev,
        ttl: TtlSeconds,
        context: &CommandContext,
        attempt: Option<Attempt>,
    ) -> Result<Outcome, StoreError> {
        let expires_at = context.at.plus(ttl);
        let mutation = UnreadUpdate { id, stamp, context, effect: Effect::Claim { expires_at } };
        let transition = |review: &Review| review.claim(ttl, context).map(Some);
        let write = self.update_or_rewrite(mutation, transition);
        let claimed = self.claim_with_lease(id, stamp, context, expires_at, attempt.is_none(), write).await?;
        let (committed, history, lease) = claimed;
        self.outcome_of(mutation, attempt, committed, (lease, history?), transition).await
    }

    /// Runs a write that claims a review in parallel with the LEASE's write and the read of what is beside META. If the review does not
    /// exist, deletes the lease. With `retry_lease`, a failed write of the lease is repeated at once, because no
    /// retry of the call would repeat this very claim.
    pub(in crate::store) async fn claim_with_lease(
        &self,
        id: &ReviewId,
        rev: Rev,
        context: &CommandContext,
        expires_at: Timestamp,
        retry_lease: bool,
        write: impl Future<Output = Result<Committed, StoreError>>,
    ) -> Result<(Committed, Result<History, StoreError>, Result<(), StoreError>), StoreError> {
        let (committed, history, mut lease) =
            join!(write, self.history(id, rev), self.put_lease(id, context, expires_at));
        let committed = committed?;
        match &committed {
            Committed::Written(_) if retry_lease && lease.is_err() => {
                lease = self.put_lease(id, context, expires_at).await;
            }
            Committed::Refused(None) => self.retract_lease(id, context).await?,
            _ => {}
        }
        Ok((committed, history, lease))
    }

    /// Ends a review's claim, whoever holds it (contract: `POST …/release`).
    pub async fn release(
        &self,
        id: &ReviewId,
        stamp: Rev,
        context: &CommandContext,
    ) -> Result<Outcome, StoreError> {
        if let Some(outcome) = self.answered_before(id, context).await? {
            return Ok(outcome);
        }
        let mutation = UnreadUpdate { id, stamp, context, effect: Effect::Release };
        let transition = |review: &Review| Ok(review.release(context));
        let (committed, history, lease) = join!(
            self.update_or_rewrite(mutation, transition),
            self.history(id, stamp),
            self.delete_lease(id, context)
        );
        self.outcome_of(mutation, Some(Attempt::Release), committed?, (lease, history?), transition).await
    }

    /// The answer to an earlier attempt of the same command, if there was one. The update cannot see command ids that have left
    /// the journal, so a request with a command id looks first. One round trip more.
    async fn answered_before(
        &self,
        id: &ReviewId,
        context: &CommandContext,
    ) -> Result<Option<Outcome>, StoreError> {
        if context.command_id.is_none() {
            return Ok(None);
        }
        let Some(overlay) = self.load(id).await? else { return Ok(Some(Outcome::Missing)) };
        Ok(match self.command(&overlay.review, &overlay.older_audit, context).await?.first() {
            None => None,
            Some(entry) if entry.request == context.request => {
                // The earlier attempt may have failed to write its LEASE.
                self.restore_lease(&overlay.review, context).await?;
                Some(Outcome::done(overlay, true))
            }
            Some(_) => Some(Outcome::Refused(Refusal::CommandIdReused, Box::new(overlay.review))),
        })
    }

    /// Updates META without a read. If that is refused only because the journal is full, computes the write from the image, which
    /// moves older entries out of META. If an expiry is recorded in between, which does not change the stamp, computes it again.
    async fn update_or_rewrite(
        &self,
        mutation: UnreadUpdate<'_>,
        transition: impl Fn(&Review) -> Result<Option<Review>, Refusal>,
    ) -> Result<Committed, StoreError> {
        /// How often the write is computed because an expiry was recorded in between.
        const ATTEMPTS: usize = 4;
        let mut committed = self.commit_unread(mutation).await?;
        for _ in 0..ATTEMPTS {
            let image = match committed {
                Committed::Refused(Some(image)) if mutation.is_current(&image) => image,
                committed => return Ok(committed),
            };
            let Ok(Some(review)) = transition(&image.review) else {
                return Ok(Committed::Refused(Some(image)));
            };
            committed = self.commit(image, &Written { review, version: None }, None).await?;
        }
        Ok(committed)
    }

    /// The outcome of a claim or release. `transition` is the domain's; it returns `None` if there was nothing to do. A failed write
    /// of the LEASE fails the call only if META was written: a claim without a lease would not expire, so the client is to retry,
    /// and the replay writes the lease. A refusal for a stale stamp is recorded as a rejected `attempt`, while the lease is restored.
    async fn outcome_of(
        &self,
        mutation: UnreadUpdate<'_>,
        attempt: Option<Attempt>,
        committed: Committed,
        (lease, history): (Result<(), StoreError>, History),
        transition: impl Fn(&Review) -> Result<Option<Review>, Refusal>,
    ) -> Result<Outcome, StoreError> {
        let unexplained = || StoreError::Unavailable("a write was refused that its own image allows".into());
        let (spilled, review, replayed) = match committed {
            Committed::Written(before) => {
                lease?;
                let after = transition(&before.review).ok().flatten().ok_or_else(unexplained)?;
                (before.spilled, after, false)
            }
            Committed::Refused(None) => return Ok(Outcome::Missing),
            Committed::Refused(Some(image)) => {
                let (restored, ()) = join!(
                    self.restore_lease(&image.review, mutation.context),
                    self.record_if_stale(&image, mutation.context, attempt, mutation.stamp)
                );
                restored?;
                let verdict = match image.review.check_stamp(mutation.stamp, mutation.context, &[]) {
                    Ok(StampCheck::Own) => Ok(false),
                    Ok(StampCheck::Replay) => Ok(true),
                    Ok(StampCheck::Current) => match transition(&image.review) {
                        Ok(None) => Ok(false),
                        Ok(Some(_)) => return Err(unexplained()),
                        Err(refusal) => Err(refusal),
                    },
                    Err(refusal) => Err(refusal),
                };
                match verdict {
                    Ok(replayed) => (image.spilled, image.review, replayed),
                    Err(refusal) => return Ok(Outcome::Refused(refusal, Box::new(image.review))),
                }
            }
        };
        Ok(Outcome::done(self.complete(review, &spilled, history).await?, replayed))
    }
}
