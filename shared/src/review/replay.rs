//! Replays: the retry of a request whose answer was lost must not be a conflict.

use super::{AuditEntry, CommandContext, Refusal, Rev, Review};

/// The result of comparing a request with a review, before the rules of the call itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StampCheck {
    /// The stamp is the current `rev`.
    Current,
    /// This very call was carried out already: a retry by the SDK met its own write.
    Own,
    /// An earlier attempt of this request was carried out already.
    Replay,
}

impl Review {
    /// Compares a request with the review (contract: *Replay*, then *stamp*). `older` are the entries that have left the journal, as
    /// far as they were read.
    pub fn check_stamp(
        &self,
        stamp: Rev,
        context: &CommandContext,
        older: &[AuditEntry],
    ) -> Result<StampCheck, Refusal> {
        if self.journal.iter().any(|entry| entry.entry_id == context.entry_id) {
            return Ok(StampCheck::Own);
        }
        if let Some(entry) = self.command(context, older) {
            return if entry.request == context.request {
                Ok(StampCheck::Replay)
            } else {
                Err(Refusal::CommandIdReused)
            };
        }
        if stamp == self.rev {
            Ok(StampCheck::Current)
        } else if context.command_id.is_none() && self.is_last_write(stamp, context) {
            Ok(StampCheck::Replay)
        } else {
            Err(Refusal::VersionConflict)
        }
    }

    /// The entry that this actor wrote with the same command id.
    pub fn command<'a>(
        &'a self,
        context: &CommandContext,
        older: &'a [AuditEntry],
    ) -> Option<&'a AuditEntry> {
        let command = context.command_id.as_ref()?;
        let mut entries = self.journal.iter().rev().chain(older.iter().rev());
        entries.find(|entry| entry.command_id.as_ref() == Some(command) && entry.actor.is(&context.actor))
    }

    /// Whether the last write is this actor's same request on the same stamp. An expiry that was recorded since does not count,
    /// because it changes nothing that is visible.
    fn is_last_write(&self, stamp: Rev, context: &CommandContext) -> bool {
        let last = self.journal.iter().rev().find(|entry| entry.rev_result().is_some());
        let same = |entry: &AuditEntry| {
            entry.rev_observed == stamp && entry.actor.is(&context.actor) && entry.request == context.request
        };
        self.rev == stamp.next() && last.is_some_and(same)
    }
}
