//! The calls of the API, by subject.

pub(crate) mod away;
pub(crate) mod disabling;
pub(crate) mod fields;
pub(crate) mod groups;
pub(crate) mod invites;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod members;
pub(crate) mod sign_in;
pub(crate) mod subscriptions;
