//! The product under fire: faults between the SDK and DynamoDB, killed processes, a full disk, a database that goes away,
//! clocks that jump. What clients were told is held against what is there in the end. `docs/guarantees.md` says how.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod checker;
mod clock;
mod deadlines;
mod doctored;
mod driver;
mod full_disk;
mod history;
mod http;
mod killed_handlers;
mod killed_product;
mod lost_database;
mod storm;
mod table;
mod terms;
