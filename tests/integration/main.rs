//! The handlers on a real DynamoDB API, as a client sees them. One binary: linking is the slow part.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authentication;
mod budgets;
mod claims;
mod contention;
mod lost_answers;
mod opening;
mod queue;
mod requests;
mod secrecy;
mod tenants;
