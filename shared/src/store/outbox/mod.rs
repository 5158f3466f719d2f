//! What is to be delivered: events to webhooks and the event bus, decisions to callbacks.

pub(in crate::store) mod backlog;
pub(in crate::store) mod backlog_items;
pub(in crate::store) mod delivery_log;
pub(in crate::store) mod notice_items;
pub(in crate::store) mod notices;
pub(in crate::store) mod redrive;
pub(in crate::store) mod resume;
pub(in crate::store) mod stream;
pub(in crate::store) mod webhook;
pub(in crate::store) mod webhook_count;
pub(in crate::store) mod webhook_secrets;
pub(in crate::store) mod webhook_tests;
pub(in crate::store) mod webhooks;
