//! Notices: who is told of an event, and what.
//!
//! - `relevance`: from a review's event to whom it concerns, and why.
//! - `recipients`: an organization's subscriptions, and which of them takes what.
//! - `text`: the words of a message, the same in every channel.
//! - `quiet`: until when a message is held: a digest's time, and quiet hours.
//!
//! - `webhook`: the notice of a webhook that was disabled, which is no review's.
//!
//! Nothing here knows how a message is sent; `targets` do.

pub(crate) mod quiet;
pub(crate) mod recipients;
pub(crate) mod relevance;
pub(crate) mod text;
mod webhook;

pub(crate) use webhook::webhook_disabled;
