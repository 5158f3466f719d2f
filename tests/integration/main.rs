//! The handlers on a real DynamoDB API, as a client sees them. One binary: linking is the slow part.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::needless_pass_by_value, clippy::too_many_lines, clippy::cast_precision_loss)]

mod administration;
mod delivery;
mod edge;
mod guarantees;
mod inbox;
mod queue;
mod reviews;
