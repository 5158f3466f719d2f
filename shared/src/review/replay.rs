//! Replays: a request whose answer got lost must not look like a conflict with oneself.

use super::{Act, AuditEntry, Refusal, Rev, Review};

/// How a request stands to a review, before its own rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The stamp is the current `rev`.
    Current,
    /// This very request has been done already.
    Replay,
}

impl Review {
    /// Compares `stamp` and `act` with what the journal holds (contract: *Replay*, then *stamp*).
    pub fn standing(&self, stamp: Rev, act: &Act) -> Result<Standing, Refusal> {
        if let Some(command) = &act.command_id {
            let mut mine = self.journal.iter().rev().filter(|entry| entry.actor.is(&act.actor));
            if let Some(entry) = mine.find(|entry| entry.command_id.as_ref() == Some(command)) {
                return if entry.request == act.request {
                    Ok(Standing::Replay)
                } else {
                    Err(Refusal::CommandIdReused)
                };
            }
        }
        if stamp == self.rev {
            Ok(Standing::Current)
        } else if self.holds_entry(act) || self.is_last_write(stamp, act) {
            Ok(Standing::Replay)
        } else {
            Err(Refusal::VersionConflict)
        }
    }

    /// Whether the very entry of this act is in the journal: the SDK retried a write whose answer got lost.
    fn holds_entry(&self, act: &Act) -> bool {
        self.journal.iter().any(|entry| entry.entry_id == act.entry_id)
    }

    /// Whether the last write is this actor's same request on the same stamp. An expiry recorded since does
    /// not count: it changes nothing that anybody could see.
    fn is_last_write(&self, stamp: Rev, act: &Act) -> bool {
        let last = self.journal.iter().rev().find(|entry| entry.rev_result().is_some());
        let same = |entry: &AuditEntry| {
            entry.rev_observed == stamp && entry.actor.is(&act.actor) && entry.request == act.request
        };
        self.rev == stamp.next() && act.command_id.is_none() && last.is_some_and(same)
    }
}
