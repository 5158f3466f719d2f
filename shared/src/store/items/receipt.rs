//! A RECEIPT of a command whose entry has left the journal.

use crate::review::{Actor, AuditEntry, CommandId};
use crate::store::error::StoreError;
use crate::store::items::entry::StoredEntry;
use crate::store::table::keys;
use serde::{Deserialize, Serialize};

/// The entry of a command, found by its id.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ReceiptItem {
    pub(in crate::store::items) pk: String,
    pub(in crate::store::items) sk: String,
    pub(in crate::store::items) entries: Vec<StoredEntry>,
}

impl ReceiptItem {
    /// Sort key of the receipt of an actor's command.
    pub(in crate::store) fn sort_key(actor: &Actor, command: &CommandId) -> String {
        keys::receipt(actor.kind, actor.id.as_str(), command.as_str())
    }

    /// The command's entry. Whether a claim was a renewal or a take-over is not known from it alone.
    pub(in crate::store) fn decode(self) -> Result<Option<AuditEntry>, StoreError> {
        self.entries.into_iter().next().map(|entry| entry.decode(&mut None)).transpose()
    }
}
