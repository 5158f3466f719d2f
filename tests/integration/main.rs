//! The handlers on a real DynamoDB API, as a client sees them. One binary: linking is the slow part.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::needless_pass_by_value, clippy::too_many_lines, clippy::cast_precision_loss)]

mod adversary;
mod authentication;
mod budgets;
mod claim_next;
mod claims;
mod contention;
mod decisions;
mod docs;
mod edits;
mod error_table;
mod events;
mod expiry;
mod expiry_races;
mod idempotency;
mod inbox;
mod inbox_edge;
mod inbox_merge;
mod inbox_typed;
mod limits;
mod long_life;
mod lost_answers;
mod metrics;
mod model;
mod opening;
mod polling;
mod queue;
mod requests;
mod resume;
mod schema;
mod secrecy;
mod stale_writes;
mod tenants;
mod webhooks;
