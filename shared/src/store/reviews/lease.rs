//! The LEASE beside a claim: a hint that is written in parallel with META, and corrected to what META says.

use crate::review::{Actor, Claim, CommandContext, RequestDigest, Review, ReviewId, Standing, Timestamp};
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::items::due::DueItem;
use crate::store::items::lease::LeaseItem;
use crate::store::table::calls::Change;
use crate::store::table::codec::{self, Attributes, number};
use crate::store::table::{expressions, keys};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// The command with which the product itself records an expiry.
pub(in crate::store) fn expiry_command(now: Timestamp) -> CommandContext {
    CommandContext {
        actor: Actor::product("Holdpoint"),
        at: now,
        entry_id: crate::new_id::entry_id(),
        request: RequestDigest::of("expire", &[]),
        command_id: None,
        standing: Standing::default(),
    }
}

/// The time of the call, on which the conditions of its writes depend.
fn at(context: &CommandContext) -> Attributes {
    HashMap::from([(":at".to_owned(), number(context.at.millis()))])
}

impl Store {
    /// Restores the actor's LEASE to what META says, if the actor holds a claim: after a refused write, because the LEASE was changed
    /// in parallel, and before a replay is answered, because the first attempt may have written META only. Costs nothing if the
    /// actor holds no claim.
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
        let item = codec::encode_item(&LeaseItem::new(id, context, expires_at))?;
        // A later call's lease stays.
        self.put_if(item, expressions::NOT_NEWER, at(context)).await?;
        Ok(())
    }

    /// Deletes the LEASE that this very call wrote, of a review that does not exist.
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

    pub(in crate::store) async fn delete_lease(
        &self,
        id: &ReviewId,
        context: &CommandContext,
    ) -> Result<(), StoreError> {
        let key = (keys::holder(&id.organization, &context.actor), keys::lease(id));
        self.delete(key, Some(expressions::OLDER), at(context)).await?;
        Ok(())
    }

    /// Recreates a missing LEASE for the claim that is active at `now`. A lease may be deleted too early if the lease of a renewal
    /// was lost; without one the claim's expiry would not be recorded.
    pub async fn recreate_lease(&self, review: &Review, now: Timestamp) -> Result<(), StoreError> {
        let Some(claim) = review.claim_at(now) else { return Ok(()) };
        let context = CommandContext {
            actor: claim.holder.clone(),
            at: review.claim_written_at(),
            ..expiry_command(now)
        };
        // Under the same condition as every lease: a later call's stays.
        self.put_lease(&review.id, &context, claim.expires_at).await
    }

    /// Recreates the LEASE of the claim in `review` if it is missing or has another expiry: its write may have been lost, and then
    /// the expiry would be recorded late or never. One read if the lease is right. `now` is when the claim was taken, so that a claim
    /// that has expired since gets its lease, too, for the sweep to find.
    pub async fn ensure_lease(&self, review: &Review, now: Timestamp) -> Result<(), StoreError> {
        let Some(claim) = review.claim_at(now) else { return Ok(()) };
        let key = keys::holder(&review.id.organization, &claim.holder);
        let lease = self.get(key, keys::lease(&review.id)).await?;
        let lease = lease.map(codec::decode_item::<LeaseItem>).transpose()?;
        if lease.is_some_and(|lease| lease.expires_at == claim.expires_at.millis()) {
            return Ok(());
        }
        match self.peek(&review.id).await? {
            Some(review) => self.recreate_lease(&review, now).await,
            None => Ok(()),
        }
    }

    /// Removes the lease of a claim that a decision or another actor ended at `at`, unless a later call of its holder has written
    /// it. A lease that is left is removed by the sweep.
    pub async fn remove_lease(&self, id: &ReviewId, ended: &Claim, at: Timestamp) -> Result<(), StoreError> {
        let values = HashMap::from([
            (":expires_at".to_owned(), number(ended.expires_at.millis())),
            (":at".to_owned(), number(at.millis())),
        ]);
        let key = (keys::holder(&id.organization, &ended.holder), keys::lease(id));
        self.delete(key, Some(expressions::LEASE_OF_ENDED), values).await?;
        Ok(())
    }

    pub(in crate::store) async fn remove_due_lease(&self, lease: &DueItem) -> Result<(), StoreError> {
        let values = HashMap::from([(":due_at".to_owned(), number(lease.due_at.millis()))]);
        let key = (lease.pk.clone(), lease.sk.clone());
        self.delete(key, Some(expressions::STILL_DUE), values).await?;
        Ok(())
    }

    pub(in crate::store) async fn correct_lease(
        &self,
        lease: &DueItem,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let values = HashMap::from([
            (":due_at".to_owned(), number(lease.due_at.millis())),
            (":expires_at".to_owned(), number(expires_at.millis())),
            (":ttl".to_owned(), number(expires_at.seconds_rounded_up())),
        ]);
        let change = Change {
            update: expressions::CORRECT_LEASE,
            condition: Some(expressions::STILL_DUE),
            names: &[("#ttl", "ttl")],
            values,
        };
        self.update((lease.pk.clone(), lease.sk.clone()), change).await?;
        Ok(())
    }
}
