//! The outbox: new entries in the table's stream become events, delivered to the organization's targets; decisions resume the
//! runs that wait for them.
//!
//! Delivery is at least once, and in order for each review and target. What fails is pending (`store::backlog`), and what
//! follows it waits behind it. So a target that is down holds up only its own events of that review.
//!
//! - [`Publisher::publish`]: a batch of the stream.
//! - [`Publisher::redeliver`]: retries, each minute (`functions/redeliver`).
//!
//! `outbox` decides what is delivered when; `pacing` whether a receiver is called now; `targets` how. Each imports only those
//! after it.

mod outbox;
mod pacing;
mod targets;

pub use outbox::batch::Batch;
pub use outbox::redeliver::{Bounds, Redelivered, Request};
pub use targets::event_bus::{Bus, SOURCE, event_bus_at};
pub use targets::outbound::{Answered, CallFault, Outbound, Resolve};
pub use targets::step_functions::{OUTPUT_LIMIT, REJECTED, step_functions_at};

use aws_lambda_events::event::dynamodb::Event;
use outbox::context::Services;
use outbox::{batch, redeliver};
use pacing::breaker::CircuitBreaker;
use shared::api::{Clock, system_time};
use shared::runtime::config::Config;
use shared::store::Store;
use std::sync::Arc;
use targets::Targets;

/// Delivers events and decisions.
pub struct Publisher {
    services: Services,
}

impl Publisher {
    /// A publisher made of these parts. Without a bus, events go to webhooks only; without Step Functions, its tasks are not resumed.
    pub fn new(
        store: Store,
        clock: Clock,
        event_bus: Option<Bus>,
        step_functions: Option<aws_sdk_sfn::Client>,
        outbound: Outbound,
    ) -> Self {
        let targets = Targets { store: store.clone(), event_bus, step_functions, outbound };
        Self { services: Services { store, clock, targets, breaker: CircuitBreaker::default() } }
    }

    /// As configured by the environment of a Lambda function. Opens no connection yet.
    pub fn from_config(config: Config) -> Self {
        let sdk = config.sdk();
        let event_bus = config.event_bus.as_ref();
        let event_bus =
            event_bus.map(|name| Bus::new(event_bus_at(&sdk, config.event_bus_endpoint.clone()), name));
        let step_functions = Some(step_functions_at(&sdk, config.step_functions_endpoint.clone()));
        let outbound = Outbound::new(config.egress);
        Self::new(config.store(), Arc::new(system_time), event_bus, step_functions, outbound)
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        self.services.store.table()
    }

    /// Handles a batch of the stream. A record that fails ends its review's part of the batch; the others go on.
    pub async fn publish(&self, batch: Event) -> Batch {
        batch::publish(&self.services, batch).await
    }

    /// Retries what is due, within `bounds`; the rest is left to the next run. Several runs at once do no harm.
    pub async fn redeliver(&self, request: Request, bounds: Bounds) -> Redelivered {
        redeliver::redeliver(&self.services, request, bounds).await
    }
}
