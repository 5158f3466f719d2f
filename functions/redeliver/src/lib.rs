//! Each minute, pending deliveries are retried. The code is in `publish`, which knows the targets.

pub use publish::{Bounds, Publisher, Redelivered, Request};
