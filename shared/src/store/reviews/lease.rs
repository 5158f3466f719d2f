//! The LEASE beside a claim: a hint, written in good faith and put right by what META says.

use crate::review::{
    Actor, ActorId, ActorKind, Claim, CommandContext, EntryId, RequestDigest, Review, ReviewId, Timestamp,
};
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

/// What the product itself does to a review.
pub(in crate::store) fn expiry(now: Timestamp) -> Result<CommandContext, StoreError> {
    let id = ActorId::parse("holdpoint").map_err(|fault| StoreError::Corrupt(fault.to_string()))?;
    Ok(CommandContext {
        actor: Actor { kind: ActorKind::Agent, id, display_name: "Holdpoint".into() },
        at: now,
        entry_id: EntryId::new(),
        request: RequestDigest::of("expire", &[]),
        command_id: None,
    })
}

/// The time of a call, which fences what it writes.
fn at(context: &CommandContext) -> Attributes {
    HashMap::from([(":at".to_owned(), number(context.at.millis()))])
}

impl Store {
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
        let item = codec::encode_item(&LeaseItem::new(id, context, expires_at))?;
        // One that a later call has written stays.
        self.put_if(item, expressions::NOT_NEWER, at(context)).await?;
        Ok(())
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

    pub(in crate::store) async fn delete_lease(
        &self,
        id: &ReviewId,
        context: &CommandContext,
    ) -> Result<(), StoreError> {
        let key = (keys::holder(&id.organization, &context.actor), keys::lease(id));
        self.delete(key, Some(expressions::OLDER), at(context)).await?;
        Ok(())
    }

    /// Gives the claim that stands at `now` its lease again, if it has none: a lease that went before its time, because a
    /// renewal's lease was lost, leaves a claim whose end nobody would notice.
    pub async fn recreate_lease(&self, review: &Review, now: Timestamp) -> Result<(), StoreError> {
        let Some(claim) = review.claim_at(now) else { return Ok(()) };
        let context =
            CommandContext { actor: claim.holder.clone(), at: review.claim_written_at(), ..expiry(now)? };
        // Fenced as every lease: one that a later call wrote stays.
        self.put_lease(&review.id, &context, claim.expires_at).await
    }

    /// Gives a claim that was taken, as `review` says, its lease again, if it has none or one that says another end: that write may
    /// have got lost, and then the claim's end would be noticed late or never. One read; META's word decides. `now` is when it was
    /// taken, so a claim that has run out since gets its lease, too, for the sweep to find.
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

    /// Removes the lease of a claim that was ended at `at` by a decision or by another actor, unless a later call of its holder
    /// has written it. What it leaves, the sweep finds.
    pub async fn remove_lease(&self, id: &ReviewId, ended: &Claim, at: Timestamp) -> Result<(), StoreError> {
        let values = HashMap::from([
            (":expires_at".to_owned(), number(ended.expires_at.millis())),
            (":at".to_owned(), number(at.millis())),
        ]);
        let key = (keys::holder(&id.organization, &ended.holder), keys::lease(id));
        self.delete(key, Some(expressions::LEASE_OF_ENDED), values).await?;
        Ok(())
    }

    pub(in crate::store) async fn remove(&self, lease: &DueItem) -> Result<(), StoreError> {
        let values = HashMap::from([(":due_at".to_owned(), number(lease.due_at.millis()))]);
        let key = (lease.pk.clone(), lease.sk.clone());
        self.delete(key, Some(expressions::STILL_DUE), values).await?;
        Ok(())
    }

    pub(in crate::store) async fn mend(
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
            update: expressions::MEND_LEASE,
            condition: Some(expressions::STILL_DUE),
            names: &[("#ttl", "ttl")],
            values,
        };
        self.update((lease.pk.clone(), lease.sk.clone()), change).await?;
        Ok(())
    }
}
