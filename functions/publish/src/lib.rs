//! The outbox: what the table's stream says is told to the world.
//!
//! - [`Publisher::publish`]: a batch of the stream. Each new audit entry becomes one event, for the bus and the webhooks; a
//!   decision is told to the run that waits for it; a lease that TTL deleted ends its claim.
//! - [`Publisher::redeliver`]: what could not be told at once, again, later (`functions/redeliver`).
//!
//! At least once, and in order for each review and target: what fails is owed (`store::backlog`), and what follows it queues
//! up behind it. So a target that fails holds up nothing but its own events of the same review.

mod outbox;
mod pacing;
mod targets;

pub use outbox::batch::Batch;
pub use outbox::callback::{OUTPUT_LIMIT, REJECTED};
pub use outbox::redeliver::{Bounds, Request};
pub use outbox::redelivered::Redelivered;
pub use targets::event_bus::{Bus, SOURCE};
pub use targets::outbound::{Answered, CallFault, Outbound, Resolve};

use aws_types::SdkConfig;
use pacing::breaker::CircuitBreaker;
use shared::api::{Clock, system_time};
use shared::review::Timestamp;
use shared::runtime::config::Config;
use shared::store::Store;
use std::sync::Arc;

/// All that telling needs: the table, the clock, and the ways out.
pub struct Publisher {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) bus: Option<Bus>,
    pub(crate) step_functions: Option<aws_sdk_sfn::Client>,
    pub(crate) outbound: Outbound,
    pub(crate) breaker: CircuitBreaker,
}

impl Publisher {
    /// The table, by name.
    pub fn table(&self) -> &str {
        self.store.table()
    }

    /// Of these parts. Without a bus, events go to webhooks only; without Step Functions, its tasks are not told.
    pub fn new(
        store: Store,
        clock: Clock,
        bus: Option<Bus>,
        step_functions: Option<aws_sdk_sfn::Client>,
        outbound: Outbound,
    ) -> Self {
        Self { store, clock, bus, step_functions, outbound, breaker: CircuitBreaker::default() }
    }

    /// As the environment of a Lambda function says. Opens no connection yet.
    pub fn from_config(config: Config) -> Self {
        let clock: Clock = Arc::new(system_time);
        let bus = config.event_bus.as_ref().map(|name| Bus::new(event_bus_client(&config), name));
        let step_functions = Some(step_functions_client(&config));
        let outbound = Outbound::new(config.egress);
        Self::new(config.store(), clock, bus, step_functions, outbound)
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// A client for EventBridge, as the environment says (`AWS_ENDPOINT_URL_EVENTBRIDGE`).
fn event_bus_client(config: &Config) -> aws_sdk_eventbridge::Client {
    event_bus_at(&config.sdk(), config.event_bus_endpoint.clone())
}

/// A client for Step Functions, as the environment says (`AWS_ENDPOINT_URL_SFN`).
fn step_functions_client(config: &Config) -> aws_sdk_sfn::Client {
    step_functions_at(&config.sdk(), config.step_functions_endpoint.clone())
}

/// A client for EventBridge, at its own or another endpoint.
pub fn event_bus_at(sdk: &SdkConfig, endpoint: Option<String>) -> aws_sdk_eventbridge::Client {
    let mut builder = aws_sdk_eventbridge::config::Builder::from(sdk);
    builder.set_endpoint_url(endpoint);
    aws_sdk_eventbridge::Client::from_conf(builder.build())
}

/// A client for Step Functions, at its own or another endpoint. It does not retry (see `decision`).
pub fn step_functions_at(sdk: &SdkConfig, endpoint: Option<String>) -> aws_sdk_sfn::Client {
    let mut builder = aws_sdk_sfn::config::Builder::from(sdk);
    builder.set_retry_config(Some(aws_sdk_sfn::config::retry::RetryConfig::disabled()));
    builder.set_endpoint_url(endpoint);
    aws_sdk_sfn::Client::from_conf(builder.build())
}
