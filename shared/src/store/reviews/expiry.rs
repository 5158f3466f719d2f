//! The end of claims: what has run out by META's own word is recorded as such, and its lease removed.
//!
//! Idempotent, and safe to race with everything: the record is one conditional write on META, the lease goes only if it
//! is still the one that was seen. Nothing that anybody can see waits for it.

use crate::review::{
    Actor, ActorId, ActorKind, Claim, CommandContext, EntryId, RequestDigest, Review, ReviewId, Timestamp,
    Written,
};
use crate::store::items::due::DueItem;
use crate::store::items::meta as item;
use crate::store::items::meta::LeaseItem;
use crate::store::reviews::commit::{Committed, number};
use crate::store::table::calls::Change;
use crate::store::table::{expressions, keys};
use crate::store::{Store, StoreError};
use std::collections::HashMap;

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
        let lease = lease.map(item::decode_item::<LeaseItem>).transpose()?;
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

    async fn remove(&self, lease: &DueItem) -> Result<(), StoreError> {
        let values = HashMap::from([(":due_at".to_owned(), number(lease.due_at.millis()))]);
        let key = (lease.pk.clone(), lease.sk.clone());
        self.delete(key, Some(expressions::STILL_DUE), values).await?;
        Ok(())
    }

    async fn mend(&self, lease: &DueItem, expires_at: Timestamp) -> Result<(), StoreError> {
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

/// What the product itself does to a review.
fn expiry(now: Timestamp) -> Result<CommandContext, StoreError> {
    let id = ActorId::parse("holdpoint").map_err(|fault| StoreError::Corrupt(fault.to_string()))?;
    Ok(CommandContext {
        actor: Actor { kind: ActorKind::Agent, id, display_name: "Holdpoint".into() },
        at: now,
        entry_id: EntryId::new(),
        request: RequestDigest::of("expire", &[]),
        command_id: None,
    })
}
