//! Leases in step with claims: one for each active claim, none for one that has ended.

use super::context::BatchContext;
use shared::review::{AuditEvent, ReviewId, Timestamp};
use shared::store::{ReviewChange, StoreError};

/// A claim that a decision or another actor has ended leaves its lease behind. It is removed here to save work: the sweep finds
/// what is left at the claim's end. A new claim must have a lease: without one its end would not be noticed.
///
/// Of an old record, the lease is left to the sweep, too: a later claim may use it.
pub(crate) async fn follow_claims(
    context: &BatchContext<'_>,
    news: &ReviewChange,
    at: Timestamp,
) -> Result<(), StoreError> {
    let ReviewChange { review, entries, ended, .. } = news;
    if let Some(ended) = ended.as_ref().filter(|_| context.has_time() && !context.is_replay)
        && let Err(error) = context.store().remove_lease(&review.id, ended, review.updated_at).await
    {
        let function = context.function;
        tracing::warn!(target: "holdpoint", function, cause = %error, "could not remove a lease; the sweep will");
    }
    if entries.iter().any(|(_, entry)| matches!(entry.event, AuditEvent::Claimed { .. })) {
        context.store().ensure_lease(review, at).await?;
    }
    Ok(())
}

/// TTL has deleted a lease: its claim is over, unless META says otherwise; then its lease is recreated.
pub(crate) async fn expire(
    context: &BatchContext<'_>,
    id: &ReviewId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let store = context.store();
    let recorded_at = if context.is_replay {
        // The claim must have ended by the record's time, as ever. But its end is not written into the past of later changes.
        match store.peek(id).await?.filter(|review| review.claim_at(at).is_none()) {
            Some(review) => at.max(review.updated_at).min(context.now()),
            None => at,
        }
    } else {
        at
    };
    let (_, review) = store.expire(id, recorded_at).await?;
    if let Some(review) = review {
        store.recreate_lease(&review, at).await?;
    }
    Ok(())
}
