//! Where deliveries go.

pub(crate) mod event_bus;
pub(crate) mod outbound;
pub(crate) mod signature;
