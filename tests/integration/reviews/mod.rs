//! One review: opened, claimed, corrected, decided, expired, read.

mod claims;
mod comments;
mod deadlines;
mod decisions;
mod deletion;
pub(crate) mod documents;
mod edits;
mod evidence;
mod expiry;
mod gate;
mod idempotency;
mod limits;
mod long_life;
mod newer_schema;
mod opening;
mod pages;
mod policies;
mod policy_terms;
mod polling;
mod stale_writes;
pub(crate) mod terms;
