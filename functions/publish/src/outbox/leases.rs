//! Leases in step with claims: one for each active claim, none for one that has ended.

use super::context::BatchContext;
use shared::review::{AuditEvent, ReviewId, Timestamp};
use shared::store::{ReviewChange, StoreError};

/// A claim that a decision or another actor has ended leaves its lease behind. It is removed here to save work: the sweep finds
/// what is left at the claim's end. A new claim must have a lease: without one its end would not be noticed.
pub(crate) async fn follow_claims(
    context: &BatchContext<'_>,
    news: &ReviewChange,
    at: Timestamp,
) -> Result<(), StoreError> {
    let ReviewChange { review, entries, ended, .. } = news;
    if let Some(ended) = ended.as_ref().filter(|_| context.has_time())
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
    let (_, review) = context.store().expire(id, at).await?;
    if let Some(review) = review {
        context.store().recreate_lease(&review, at).await?;
    }
    Ok(())
}
