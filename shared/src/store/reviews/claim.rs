//! Claim and release: one round trip deep. META's write, the history's read and the LEASE go side by side.

use crate::review::{
    Attempt, CommandContext, Refusal, Rev, Review, ReviewId, StampCheck, Timestamp, TtlSeconds, Written,
};
use crate::store::items::meta as item;
use crate::store::items::meta::LeaseItem;
use crate::store::reviews::commit::{Committed, Effect, UnreadUpdate};
use crate::store::reviews::history::History;
use crate::store::reviews::load::Image;
use crate::store::table::{expressions, keys, meter};
use crate::store::{Outcome, Store, StoreError};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, ReturnConsumedCapacity};
use futures_util::join;
use std::collections::HashMap;

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

    /// As [`Store::claim`], without looking for an earlier try. A stale stamp is recorded as a rejected `attempt`, if it is one: a
    /// race for the next review that is lost is none.
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
        let (committed, history, lease) = join!(
            self.update_or_rewrite(mutation, transition),
            self.history(id),
            self.put_lease(id, context, expires_at)
        );
        let committed = committed?;
        if matches!(committed, Committed::Refused(None)) {
            self.retract_lease(id, context).await?;
        }
        let lease = match (&committed, lease, attempt) {
            // Whoever repeats this call claims another review, so no replay would mend the lease.
            (Committed::Written(_), Err(_), None) => self.put_lease(id, context, expires_at).await,
            (_, lease, _) => lease,
        };
        self.outcome_of(mutation, attempt, committed, (lease, history?), transition).await
    }

    /// Drops a review's claim, whoever holds it (contract: `POST …/release`).
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
            self.history(id),
            self.delete_lease(id, context)
        );
        self.outcome_of(mutation, Some(Attempt::Release), committed?, (lease, history?), transition).await
    }

    /// A blind write cannot see old command ids, so a request that has one looks first. One round trip more.
    async fn answered_before(
        &self,
        id: &ReviewId,
        context: &CommandContext,
    ) -> Result<Option<Outcome>, StoreError> {
        if context.command_id.is_none() {
            return Ok(None);
        }
        let Some(overlay) = self.load(id).await? else { return Ok(Some(Outcome::Missing)) };
        Ok(match self.command(&overlay, context).await?.first() {
            None => None,
            Some(entry) if entry.request == context.request => {
                // Its LEASE may be what got lost the first time.
                self.restore_lease(&overlay.review, context).await?;
                Some(Outcome::done(overlay, true))
            }
            Some(_) => Some(Outcome::Refused(Refusal::CommandIdReused, Box::new(overlay.review))),
        })
    }

    /// Writes blind; where only the journal's room is wanting, computes the write from the image, which moves the
    /// older entries out. That write may lose to the recording of an expiry, which leaves the stamp as it is, and may
    /// have made room itself: then it is computed anew.
    async fn update_or_rewrite(
        &self,
        mutation: UnreadUpdate<'_>,
        transition: impl Fn(&Review) -> Result<Option<Review>, Refusal>,
    ) -> Result<Committed, StoreError> {
        /// How often the write starts anew because an expiry was recorded in between.
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

    /// Turns what became of the write into what is answered. `transition` is the domain's: `None` means that
    /// there was nothing to do. What became of the LEASE matters only if the write is done: a claim without its lease
    /// would never be swept, so the client is told to retry, and the retry is a replay that mends it. A refusal for a stale stamp is
    /// recorded as a rejected `attempt`, beside the mending.
    async fn outcome_of(
        &self,
        mutation: UnreadUpdate<'_>,
        attempt: Option<Attempt>,
        committed: Committed,
        (lease, history): (Result<(), StoreError>, History),
        transition: impl Fn(&Review) -> Result<Option<Review>, Refusal>,
    ) -> Result<Outcome, StoreError> {
        let unexplained = || StoreError::Unavailable("a write was refused that its own image allows".into());
        let (image, review, replayed) = match committed {
            Committed::Written(before) => {
                lease?;
                let after = transition(&before.review).ok().flatten().ok_or_else(unexplained)?;
                (before.item, after, false)
            }
            Committed::Refused(None) => return Ok(Outcome::Missing),
            Committed::Refused(Some(image)) => {
                let (mended, ()) = join!(
                    self.restore_lease(&image.review, mutation.context),
                    self.note_if_stale(&image, mutation.context, attempt, mutation.stamp)
                );
                mended?;
                let verdict = match image.review.standing(mutation.stamp, mutation.context, &[]) {
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
                    Ok(replayed) => (image.item, image.review, replayed),
                    Err(refusal) => return Ok(Outcome::Refused(refusal, Box::new(image.review))),
                }
            }
        };
        Ok(Outcome::done(self.complete(review, &image, history).await?, replayed))
    }

    /// After a refused write, beside which the LEASE was written or deleted in good faith, and before a replay is answered,
    /// whose first try may have got no further than META: if the actor does hold a claim, the LEASE is put back to what META
    /// says. Costs nothing when the actor holds none.
    pub(in crate::store) async fn restore_lease(
        &self,
        review: &Review,
        context: &CommandContext,
    ) -> Result<(), StoreError> {
        match review.claim_at(context.at).filter(|claim| claim.holder.is(&context.actor)) {
            Some(claim) => self.put_lease(&review.id, context, claim.expires_at).await,
            None => Ok(()),
        }
    }

    pub(in crate::store) async fn put_lease(
        &self,
        id: &ReviewId,
        context: &CommandContext,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::encode_item(&LeaseItem::new(id, context, expires_at))?))
            .condition_expression(expressions::NOT_NEWER)
            .expression_attribute_values(":at", AttributeValue::N(context.at.millis().to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let written = meter::call(request.send()).await;
        unless_newer(
            written.map(|output| output.consumed_capacity),
            PutItemError::is_conditional_check_failed_exception,
        )
    }

    /// Takes back the LEASE that this very context wrote, of a review that is not there.
    pub(in crate::store) async fn retract_lease(
        &self,
        id: &ReviewId,
        context: &CommandContext,
    ) -> Result<(), StoreError> {
        let by = AttributeValue::B(Blob::new(context.entry_id.to_bytes()));
        let key = (keys::holder(&id.organization, &context.actor), keys::lease(id));
        self.delete(key, Some(expressions::WRITTEN_BY), HashMap::from([(":by".to_owned(), by)])).await?;
        Ok(())
    }

    async fn delete_lease(&self, id: &ReviewId, context: &CommandContext) -> Result<(), StoreError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(keys::PK, AttributeValue::S(keys::holder(&id.organization, &context.actor)))
            .key(keys::SK, AttributeValue::S(keys::lease(id)))
            .condition_expression(expressions::OLDER)
            .expression_attribute_values(":at", AttributeValue::N(context.at.millis().to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let written = meter::call(request.send()).await;
        unless_newer(
            written.map(|output| output.consumed_capacity),
            DeleteItemError::is_conditional_check_failed_exception,
        )
    }
}

/// What became of a fenced write of a LEASE: that a later call has written it is as good as done.
fn unless_newer<E: ProvideErrorMetadata, R>(
    written: Result<Option<ConsumedCapacity>, SdkError<E, R>>,
    is_fenced: impl FnOnce(&E) -> bool,
) -> Result<(), StoreError> {
    match written {
        Ok(consumed) => meter::written(consumed.as_ref()),
        Err(error) if error.as_service_error().is_some_and(is_fenced) => {}
        Err(error) => return Err(StoreError::from_sdk(&error)),
    }
    Ok(())
}

impl UnreadUpdate<'_> {
    /// Whether the stamp is current: then either the review's own state refuses the write, or the journal was full.
    fn is_current(&self, image: &Image) -> bool {
        image.review.standing(self.stamp, self.context, &[]) == Ok(StampCheck::Current)
    }
}
