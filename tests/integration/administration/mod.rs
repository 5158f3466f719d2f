//! Administration: members, invites, groups, API keys, the audit, and the pages for it.

mod audit;
mod away;
mod invites;
mod keys;
mod matrix;
mod members;
mod notifications;
mod pages;
mod subscriptions;
