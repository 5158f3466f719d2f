//! What is stored: the items of the table, and their way to the domain and back.

pub(in crate::store) mod audit_page;
pub(in crate::store) mod due;
pub(in crate::store) mod due_pages;
pub(in crate::store) mod entry;
pub(in crate::store) mod evidence;
pub(in crate::store) mod lease;
pub(in crate::store) mod meta;
pub(in crate::store) mod naming;
mod packed;
pub(in crate::store) mod receipt;
pub(in crate::store) mod resume;
pub(in crate::store) mod spill;
pub(in crate::store) mod stale_write;
pub(in crate::store) mod terms;
pub(in crate::store) mod values;
pub(in crate::store) mod version;
