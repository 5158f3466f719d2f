//! The HTTP edge: who may call, what is refused and how, what is logged and counted.

mod authentication;
mod description;
mod error_table;
mod hostile;
mod log;
mod metrics;
mod payload;
mod requests;
mod tenants;
