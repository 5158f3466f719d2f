//! The pages: the queue and one review, and what all pages have in common.

pub(crate) mod frame;
pub(crate) mod labels;
pub(crate) mod queue;
pub(crate) mod raw;
pub(crate) mod reason;
pub(crate) mod review;
