//! LEASEs and COMMANDs, the items in an actor's partition.

use crate::review::{CommandContext, ReviewId, Timestamp};
use crate::store::table::keys::{self, Due};
use serde::{Deserialize, Serialize};

/// A hint that an actor has a claim on a review that expires at `expires_at`. META decides.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct LeaseItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    due_shard: String,
    /// When the sweep looks at it: when it expires, or later if META was not readable.
    due_at: i64,
    /// The time of the call that wrote it.
    written_at: i64,
    /// The entry id of the call that wrote it: only that call may retract it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    written_by: Option<Vec<u8>>,
    pub(in crate::store) expires_at: i64,
    /// Seconds since 1970, as DynamoDB's TTL wants them; never before `expires_at`.
    ttl: i64,
}

impl LeaseItem {
    /// The lease of a claim by `context`.
    pub(in crate::store) fn new(id: &ReviewId, context: &CommandContext, expires_at: Timestamp) -> Self {
        Self {
            pk: keys::holder(&id.organization, &context.actor),
            written_at: context.at.millis(),
            written_by: Some(context.entry_id.to_bytes().to_vec()),
            sk: keys::lease(id),
            due_shard: Due::Leases.shard_of(id),
            due_at: expires_at.millis(),
            expires_at: expires_at.millis(),
            ttl: expires_at.seconds_rounded_up(),
        }
    }
}

/// Which review a claim-next command claimed.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct CommandItem {
    pk: String,
    sk: String,
    /// The review's partition.
    pub(in crate::store) review: String,
}

impl CommandItem {
    /// The COMMAND of a claim of that review; `None` if the call has no command id.
    pub(in crate::store) fn new(id: &ReviewId, context: &CommandContext) -> Option<Self> {
        let sk = keys::command(context.command_id.as_ref()?);
        Some(Self { pk: keys::holder(&id.organization, &context.actor), sk, review: keys::review(id) })
    }
}
