//! What leaves: events to the bus and to webhooks, decisions to waiting runs.

mod events;
mod kept;
mod notices;
mod resume;
mod webhooks;
