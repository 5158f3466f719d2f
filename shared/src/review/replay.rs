//! Replays: a request whose answer got lost must not look like a conflict with oneself.

use super::{Act, AuditEntry, Refusal, Rev, Review};

/// How a request stands to a review, before its own rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The stamp is the current `rev`.
    Current,
    /// This very try has been done already: an inner retry met its own write.
    Own,
    /// An earlier try of this request has been done already.
    Replay,
}

impl Review {
    /// Compares `stamp` and `act` with what was written (contract: *Replay*, then *stamp*). `older` are the entries
    /// that have left the journal, as far as they are at hand.
    pub fn standing(&self, stamp: Rev, act: &Act, older: &[AuditEntry]) -> Result<Standing, Refusal> {
        if self.journal.iter().any(|entry| entry.entry_id == act.entry_id) {
            return Ok(Standing::Own);
        }
        if let Some(entry) = self.command(act, older) {
            return if entry.request == act.request {
                Ok(Standing::Replay)
            } else {
                Err(Refusal::CommandIdReused)
            };
        }
        if stamp == self.rev {
            Ok(Standing::Current)
        } else if act.command_id.is_none() && self.is_last_write(stamp, act) {
            Ok(Standing::Replay)
        } else {
            Err(Refusal::VersionConflict)
        }
    }

    /// The entry that this actor wrote under the command id of `act`.
    pub fn command<'a>(&'a self, act: &Act, older: &'a [AuditEntry]) -> Option<&'a AuditEntry> {
        let command = act.command_id.as_ref()?;
        let mut entries = self.journal.iter().rev().chain(older.iter().rev());
        entries.find(|entry| entry.command_id.as_ref() == Some(command) && entry.actor.is(&act.actor))
    }

    /// Whether the last write is this actor's same request on the same stamp. An expiry recorded since does
    /// not count: it changes nothing that anybody could see.
    fn is_last_write(&self, stamp: Rev, act: &Act) -> bool {
        let last = self.journal.iter().rev().find(|entry| entry.rev_result().is_some());
        let same = |entry: &AuditEntry| {
            entry.rev_observed == stamp && entry.actor.is(&act.actor) && entry.request == act.request
        };
        self.rev == stamp.next() && last.is_some_and(same)
    }
}
