//! One review: opened, claimed, corrected, decided, expired, read.

mod claims;
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
mod polling;
mod stale_writes;
pub(crate) mod terms;
