//! What is in the partition of a holder: LEASEs, and COMMANDs of claim-next.

use crate::review::{CommandContext, ReviewId, Timestamp};
use crate::store::table::keys::{self, Due};
use serde::{Deserialize, Serialize};

/// A hint that a holder has a claim on a review that ends at `expires_at`. META's own word decides.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct LeaseItem {
    pub(in crate::store) pk: String,
    pub(in crate::store) sk: String,
    due_shard: String,
    /// When the sweep looks at it: when it ends, or later, if the sweep could not make sense of it.
    due_at: i64,
    /// When the call came that wrote it.
    written_at: i64,
    /// The context that wrote it: the one call that may take it back.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    written_by: Option<Vec<u8>>,
    pub(in crate::store) expires_at: i64,
    /// Seconds since 1970, as DynamoDB's TTL wants them; never before `expires_at`.
    ttl: i64,
}

impl LeaseItem {
    /// The lease that `context` writes.
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

/// Which review a command of claim-next went to.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct CommandItem {
    pk: String,
    sk: String,
    /// The review's partition.
    pub(in crate::store) review: String,
}

impl CommandItem {
    /// That the command of `context`, if it has one, went to that review.
    pub(in crate::store) fn new(id: &ReviewId, context: &CommandContext) -> Option<Self> {
        let sk = keys::command(context.command_id.as_ref()?);
        Some(Self { pk: keys::holder(&id.organization, &context.actor), sk, review: keys::review(id) })
    }
}
