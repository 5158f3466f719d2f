//! Rejected stale writes, which the audit of a review shows (contract: `stale_write_rejected`).
//!
//! Such an entry is not a write of the review: `rev` stays, and no event is sent.

use super::{Actor, CommandContext, EntryId, Rev, ReviewId, Timestamp};
use sha2::{Digest, Sha256};

/// The call that came with a stale stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// `POST …/claim`.
    Claim,
    /// `POST …/release`.
    Release,
    /// `POST …/versions`.
    Edit,
    /// `POST …/decision`.
    Decide,
    /// `POST …/reopen`.
    Reopen,
    /// `POST …/assign`.
    Assign,
}

impl Attempt {
    /// All calls that can be refused for their stamp.
    pub const ALL: [Self; 6] =
        [Self::Claim, Self::Release, Self::Edit, Self::Decide, Self::Reopen, Self::Assign];

    /// The API's name for the call.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Release => "release",
            Self::Edit => "edit",
            Self::Decide => "decide",
            Self::Reopen => "reopen",
            Self::Assign => "assign",
        }
    }

    /// The call of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attempt| attempt.as_str() == text)
    }
}

/// A write that was refused because its stamp was stale. One for each stamp and actor: the first one.
#[derive(Clone, Debug, PartialEq)]
pub struct StaleWrite {
    /// Derived from the review, the stamp and the actor, so that a retry has the same one.
    pub entry_id: EntryId,
    /// The caller.
    pub actor: Actor,
    /// When it was refused.
    pub at: Timestamp,
    /// The stamp it came with.
    pub stamp: Rev,
    /// The `rev` it met.
    pub met: Rev,
    /// The call that was refused.
    pub attempt: Attempt,
}

impl StaleWrite {
    /// The record of an attempt on `stamp` when the review's `rev` was `met`. `None` for a stamp that the review has not had yet: that
    /// is a mistake of the caller, not a write that came too late.
    pub fn of(
        id: &ReviewId,
        context: &CommandContext,
        attempt: Attempt,
        stamp: Rev,
        met: Rev,
    ) -> Option<Self> {
        let entry_id = Self::entry_id(id, stamp, &context.actor);
        (stamp < met).then(|| Self {
            entry_id,
            actor: context.actor.clone(),
            at: context.at,
            stamp,
            met,
            attempt,
        })
    }

    /// The id of the entry for one stamp and actor.
    pub fn entry_id(id: &ReviewId, stamp: Rev, actor: &Actor) -> EntryId {
        let kind = actor.kind.as_str();
        let stamp = stamp.0.to_string();
        // `#` occurs in no identifier.
        let parts = ["stale", id.organization.as_str(), id.run.as_str(), id.block.as_str(), &stamp, kind];
        let digest = Sha256::digest(format!("{}#{}", parts.join("#"), actor.id));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        EntryId::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::{context, review_and_version};

    #[test]
    fn a_stale_write_is_one_entry_for_each_stamp_and_actor() {
        let (review, _) = review_and_version();
        let entry = |who, stamp| {
            StaleWrite::of(
                &review.id,
                &context(who, review.created_at, ""),
                Attempt::Edit,
                Rev(stamp),
                Rev(9),
            )
            .map(|entry| entry.entry_id)
        };
        assert_eq!(entry(0, 3), entry(0, 3));
        assert_ne!(entry(0, 3), entry(0, 4));
        assert_ne!(entry(0, 3), entry(1, 3));
        assert_eq!((entry(0, 9), entry(0, 10)), (None, None), "a stamp that is not stale");
    }
}
