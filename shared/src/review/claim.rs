//! The advisory claim: a lease, never a lock. Whoever presents the current stamp may take it, renew it, drop it.

use super::{Actor, AuditEvent, CommandContext, RecordedEvent, Refusal, Review, Timestamp, TtlSeconds};
use schemars::JsonSchema;
use serde::Serialize;

/// Who works on a review and until when (seed: `ReviewClaim`). Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Claim {
    /// Who.
    pub holder: Actor,
    /// Since when; a renewal keeps it.
    pub claimed_at: Timestamp,
    /// Until when, exclusive: at this instant it has run out.
    pub expires_at: Timestamp,
}

/// What a claim meant for the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// Nobody had it.
    Fresh,
    /// The same actor had it.
    Renewed,
    /// Another actor had it, and had time left.
    TookOver(Actor),
}

impl ClaimKind {
    /// Whom it was taken from.
    pub const fn from(&self) -> Option<&Actor> {
        match self {
            Self::TookOver(holder) => Some(holder),
            Self::Fresh | Self::Renewed => None,
        }
    }
}

impl Claim {
    /// Whether it still holds at `now`.
    pub fn stands_at(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// The claim of `holder` from `at` to `expires_at`, and what it means after `previous`.
    pub(crate) fn take(
        previous: Option<&Self>,
        holder: &Actor,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> (Self, ClaimKind) {
        let (claimed_at, taking) = match previous.filter(|claim| claim.stands_at(at)) {
            None => (at, ClaimKind::Fresh),
            Some(claim) if claim.holder.is(holder) => (claim.claimed_at, ClaimKind::Renewed),
            Some(claim) => (at, ClaimKind::TookOver(claim.holder.clone())),
        };
        (Self { holder: holder.clone(), claimed_at, expires_at }, taking)
    }
}

impl Review {
    /// Claims the review for the actor, whoever has it now: fresh, renewed or taken over.
    pub fn claim(&self, ttl: TtlSeconds, context: &CommandContext) -> Result<Self, Refusal> {
        self.must_be_open()?;
        let mut next = self.clone();
        next.advance(context, RecordedEvent::Claimed { expires_at: context.at.plus(ttl) });
        Ok(next)
    }

    /// When the call came that took or renewed the recorded claim, as far as the journal reaches; else since when it is held.
    pub fn claim_written_at(&self) -> Timestamp {
        let taken = self.journal.iter().rev().find(|entry| matches!(entry.event, AuditEvent::Claimed { .. }));
        let since = self.claim.as_ref().map(|claim| claim.claimed_at);
        taken.map(|entry| entry.at).or(since).unwrap_or_default()
    }

    /// The claim of `before` that a decision or another actor ended, if this review was made of it by one change that did.
    /// `None` for what its holder dropped, and for what was recorded as run out.
    pub fn claim_ended_since(&self, before: &Self) -> Option<Claim> {
        let claim = before.claim.as_ref()?;
        let goes_on = self.claim.as_ref().is_some_and(|now| now.holder.is(&claim.holder));
        let dropped_or_ran_out = self.journal.last().is_some_and(|entry| match &entry.event {
            AuditEvent::Released { .. } => entry.actor.is(&claim.holder),
            event => matches!(event, AuditEvent::ClaimExpired { .. }),
        });
        (!goes_on && !dropped_or_ran_out).then(|| claim.clone())
    }

    /// Drops the claim, whoever holds it; `None` when there is none to drop, and so nothing to write.
    pub fn release(&self, context: &CommandContext) -> Option<Self> {
        self.claim_at(context.at)?;
        let mut next = self.clone();
        next.advance(context, RecordedEvent::Released);
        Some(next)
    }

    /// Records that the claim has run out, if it has; `None` when there is nothing to record. `rev` stays.
    pub fn expire(&self, context: &CommandContext) -> Option<Self> {
        self.claim.as_ref().filter(|claim| !claim.stands_at(context.at))?;
        let mut next = self.clone();
        next.record(context, RecordedEvent::ClaimExpired);
        next.updated_at = context.at;
        Some(next)
    }
}
