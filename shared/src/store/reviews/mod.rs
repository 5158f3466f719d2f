//! One review: opened, read, and changed by one conditional write.

pub(in crate::store) mod callback;
pub(in crate::store) mod change;
mod claim;
mod claim_next;
pub(in crate::store) mod comment;
pub(in crate::store) mod commit;
pub(in crate::store) mod deadline;
pub(in crate::store) mod deletion;
pub(in crate::store) mod expiry;
mod lease;
mod open;
pub(in crate::store) mod read;
mod stale_write;
mod unread_update;
