//! The keys of all items. All but API keys and sessions begin with the organization; `#` occurs in no identifier.

mod access;
mod due;
mod holder;
mod outbox;
mod queue;
mod review;

pub(crate) use access::*;
pub(crate) use due::DUE;
pub use due::Due;
pub(crate) use holder::*;
pub(crate) use outbox::*;
pub(crate) use queue::*;
pub(crate) use review::*;

/// The table's partition key.
pub(crate) const PK: &str = "pk";

/// The table's sort key.
pub(crate) const SK: &str = "sk";
