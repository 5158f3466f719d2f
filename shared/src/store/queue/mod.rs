//! The queue: its order, its pages, its length.

pub(in crate::store) mod count;
pub(in crate::store) mod decided;
pub(in crate::store) mod list;
pub(in crate::store) mod memory;
