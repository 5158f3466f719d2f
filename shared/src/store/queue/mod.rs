//! The queue: reviews in the order in which they are to be looked at.

mod count;
pub(in crate::store) mod cursor;
pub(in crate::store) mod filter;
mod index;
mod list;
mod matching;
mod newest;
mod rows;
