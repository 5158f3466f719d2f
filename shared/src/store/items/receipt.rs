//! A RECEIPT: that a command was carried out, for when its entry has left the journal.

use crate::review::{Actor, AuditEntry, CommandId};
use crate::store::error::StoreError;
use crate::store::items::entry::StoredEntry;
use crate::store::table::keys;
use serde::{Deserialize, Serialize};

/// That a command was carried out, for when its entry has left the journal.
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

    /// The entry of the command, as far as it tells one request from another: what a claim meant is not known here.
    pub(in crate::store) fn decode(self) -> Result<Option<AuditEntry>, StoreError> {
        self.entries.into_iter().next().map(|entry| entry.decode(&mut None)).transpose()
    }
}
