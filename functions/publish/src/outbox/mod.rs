//! What is done with a batch of the stream, and later with what could not be delivered at once.

pub(crate) mod backlog;
pub(crate) mod batch;
pub(crate) mod callback;
pub(crate) mod context;
pub(crate) mod deliver;
pub(crate) mod redeliver;
pub(crate) mod redelivered;
