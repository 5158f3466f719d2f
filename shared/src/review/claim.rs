//! The advisory claim: a lease, not a lock. Any actor with the current stamp may take, renew or release it.

use super::{Actor, AuditEvent, CommandContext, RecordedEvent, Refusal, Review, Timestamp, TtlSeconds};
use schemars::JsonSchema;
use serde::Serialize;

/// The claim on a review: who works on it, and until when (seed: `ReviewClaim`). Serializes to the wire's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Claim {
    /// The actor who holds it.
    pub holder: Actor,
    /// When it was taken; a renewal does not change it.
    pub claimed_at: Timestamp,
    /// When it expires; at this instant it is no longer active.
    pub expires_at: Timestamp,
}

/// What a claim meant for the claim before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// There was no active claim.
    Fresh,
    /// The same actor held it.
    Renewed,
    /// Another actor held it, and it had not expired.
    TookOver(Actor),
}

impl ClaimKind {
    /// The actor that it was taken from.
    pub const fn from(&self) -> Option<&Actor> {
        match self {
            Self::TookOver(holder) => Some(holder),
            Self::Fresh | Self::Renewed => None,
        }
    }
}

impl Claim {
    /// Whether it is active at `now`.
    pub fn is_active_at(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// The claim of `holder` from `at` to `expires_at`, and its kind, given the claim before it.
    pub(crate) fn take(
        previous: Option<&Self>,
        holder: &Actor,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> (Self, ClaimKind) {
        let (claimed_at, kind) = match previous.filter(|claim| claim.is_active_at(at)) {
            None => (at, ClaimKind::Fresh),
            Some(claim) if claim.holder.is(holder) => (claim.claimed_at, ClaimKind::Renewed),
            Some(claim) => (at, ClaimKind::TookOver(claim.holder.clone())),
        };
        (Self { holder: holder.clone(), claimed_at, expires_at }, kind)
    }
}

impl Review {
    /// Claims the review for the actor, whoever holds it: takes, renews or takes over.
    pub fn claim(&self, ttl: TtlSeconds, context: &CommandContext) -> Result<Self, Refusal> {
        self.must_be_open()?;
        self.must_be_assigned_to(context)?;
        let mut next = self.clone();
        next.advance(context, RecordedEvent::Claimed { expires_at: context.at.plus(ttl) });
        Ok(next)
    }

    /// When the recorded claim was last taken or renewed; when it was first taken, if that entry has left the journal.
    pub fn claim_written_at(&self) -> Timestamp {
        let taken = self.journal.iter().rev().find(|entry| matches!(entry.event, AuditEvent::Claimed { .. }));
        let since = self.claim.as_ref().map(|claim| claim.claimed_at);
        taken.map(|entry| entry.at).or(since).unwrap_or_default()
    }

    /// The claim in `before` that a decision or another actor ended by the one change between `before` and this review. `None` if its
    /// holder released it, or if its expiry was recorded.
    pub fn claim_ended_since(&self, before: &Self) -> Option<Claim> {
        let claim = before.claim.as_ref()?;
        let goes_on = self.claim.as_ref().is_some_and(|now| now.holder.is(&claim.holder));
        let dropped_or_ran_out = self.journal.last().is_some_and(|entry| match &entry.event {
            AuditEvent::Released { .. } => entry.actor.is(&claim.holder),
            event => matches!(event, AuditEvent::ClaimExpired { .. }),
        });
        (!goes_on && !dropped_or_ran_out).then(|| claim.clone())
    }

    /// Ends the claim, whoever holds it; `None` if there is none, and so nothing to write.
    pub fn release(&self, context: &CommandContext) -> Option<Self> {
        self.claim_at(context.at)?;
        let mut next = self.clone();
        next.advance(context, RecordedEvent::Released);
        Some(next)
    }

    /// Records that the claim has expired; `None` if it has not, or if that is recorded. `rev` stays.
    pub fn expire(&self, context: &CommandContext) -> Option<Self> {
        self.claim.as_ref().filter(|claim| !claim.is_active_at(context.at))?;
        let mut next = self.clone();
        next.record(context, RecordedEvent::ClaimExpired);
        next.updated_at = context.at;
        Some(next)
    }
}
