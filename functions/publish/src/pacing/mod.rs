//! Whether and when a receiver is called: none may hold up another, nor one organization another.

pub(crate) mod backoff;
pub(crate) mod breaker;
pub(crate) mod turns;
