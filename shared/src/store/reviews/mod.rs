//! One review: opened, read, and changed by one conditional write.

pub(in crate::store) mod audit;
pub(in crate::store) mod change;
pub(in crate::store) mod claim;
pub(in crate::store) mod claim_next;
pub(in crate::store) mod commit;
pub(in crate::store) mod expiry;
pub(in crate::store) mod history;
pub(in crate::store) mod load;
pub(in crate::store) mod open;
pub(in crate::store) mod stale_write;
