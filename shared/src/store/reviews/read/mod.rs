//! Reading one review: META alone, or all that an answer shows.

pub(in crate::store) mod audit;
pub(in crate::store) mod audit_cursor;
mod evidence;
pub(in crate::store) mod history;
pub(in crate::store) mod image;
pub(in crate::store) mod load;
