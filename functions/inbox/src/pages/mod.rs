//! The pages: the queue, one review, signing in; and what all of them have in common.
//!
//! `frame` is around every page; `elements` are its small parts; `labels` what a person reads for the domain's values; `reason`
//! why a gate fired, by the workflow's own word, and `why` by what `gate` found; `title` what a review is called. A page knows nothing of the actions that led to it.

pub(crate) mod assets;
pub(crate) mod elements;
pub(crate) mod frame;
pub(crate) mod labels;
pub(crate) mod policies;
pub(crate) mod queue;
pub(crate) mod raw;
mod reason;
pub(crate) mod review;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod title;
mod why;
