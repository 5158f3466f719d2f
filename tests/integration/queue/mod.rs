//! The queue: its order and pages, and the next review to claim.

mod claim_next;
mod list;
