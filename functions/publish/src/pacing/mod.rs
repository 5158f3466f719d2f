//! When to call, and whom first.

pub(crate) mod backoff;
pub(crate) mod breaker;
pub(crate) mod share;
