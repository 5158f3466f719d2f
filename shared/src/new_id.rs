//! New ids. The domain makes none: they are passed in.

use crate::review::EntryId;

/// A new entry id (UUID version 7, RFC 9562).
pub fn entry_id() -> EntryId {
    EntryId::from_bytes(uuid::Uuid::now_v7().into_bytes())
}
