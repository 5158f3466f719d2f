//! The outbox: new entries in the table's stream become events, delivered to the organization's targets; decisions resume the
//! runs that wait for them.
//!
//! Delivery is at least once, and in order for each review and target. What fails is pending (`store::backlog`), and what
//! follows it waits behind it. So a target that is down holds up only its own events of that review.
//!
//! - [`Publisher::handle`]: what `publish` is invoked with. [`Publisher::publish`]: a batch of the stream. [`Publisher::replay`]: records that
//!   could not be published, once more.
//! - [`Publisher::redeliver`]: retries, each minute (`functions/redeliver`).
//!
//! `outbox` decides what is delivered when; `pacing` whether a receiver is called now; `targets` how; `notices` who is told of what.
//! Each imports only those after it.

mod notices;
mod outbox;
mod pacing;
mod targets;

pub use outbox::batch::Batch;
pub use outbox::record::Records;
pub use outbox::redeliver::{Bounds, Redelivered, Request};
pub use outbox::replay::{Replay, ReplayError, Replayed};
pub use shared::egress::outbound::{Answered, CallFault, Outbound, Resolve};
pub use targets::event_bus::{Bus, SOURCE, event_bus_at};
pub use targets::step_functions::{OUTPUT_LIMIT, REJECTED, step_functions_at};

use aws_lambda_events::event::dynamodb::EventRecord;
use outbox::context::Services;
use outbox::keep::{Cause, keep};
use outbox::{batch, redeliver, replay};
use pacing::breaker::CircuitBreaker;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::api::{Clock, system_time};
use shared::bucket::{Bucket, BucketError};
use shared::runtime::config::Config;
use shared::store::Store;
use std::sync::Arc;
use targets::Targets;

/// What `publish` is invoked with: a batch of the stream, or, by an operator, `{"replay": true}`.
#[derive(Debug, Default, Deserialize)]
pub struct Invocation {
    #[serde(rename = "Records")]
    records: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    replay: bool,
    prefix: Option<String>,
    after: Option<String>,
    limit: Option<u64>,
}

/// What `publish` answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To a batch.
    Batch(Batch),
    /// To a replay.
    Replayed(Replayed),
}

impl Answer {
    /// What was done, for its metrics.
    pub const fn batch(&self) -> &Batch {
        match self {
            Self::Batch(batch) => batch,
            Self::Replayed(replayed) => &replayed.batch,
        }
    }
}

/// Why an invocation has no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// It is none that we know.
    #[error("neither a batch of the stream nor a replay")]
    Unknown,
    /// The replay failed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

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
        let breaker = CircuitBreaker::default();
        Self { services: Services { store, clock, targets, breaker, failed_records: None, base_url: None } }
    }

    /// As configured by the environment of a Lambda function. Opens no connection yet.
    pub fn from_config(config: Config) -> Self {
        let sdk = config.sdk();
        let event_bus = config.event_bus.as_ref();
        let event_bus =
            event_bus.map(|name| Bus::new(event_bus_at(&sdk, config.event_bus_endpoint.clone()), name));
        let step_functions = Some(step_functions_at(&sdk, config.step_functions_endpoint.clone()));
        let (outbound, base_url) = (Outbound::new(config.egress), config.base_url.clone());
        Self::new(config.store(), Arc::new(system_time), event_bus, step_functions, outbound)
            .with_pages_at(base_url)
    }

    /// As [`Publisher::from_config`]; what can never be published is kept in the bucket that the environment names. The function
    /// `redeliver` links no client of S3.
    pub fn from_config_with_bucket(config: Config) -> Self {
        let bucket = config.failed_records();
        Self::from_config(config).keeping_in(bucket)
    }

    /// Keeps there what can never be published; gives it back, if it is `None`.
    #[must_use]
    pub fn keeping_in(mut self, bucket: Option<Bucket>) -> Self {
        self.services.failed_records = bucket;
        self
    }

    /// Links in messages lead to pages at this address, such as `https://reviews.example.com`.
    #[must_use]
    pub fn with_pages_at(mut self, base_url: Option<String>) -> Self {
        self.services.base_url = base_url;
        self
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        self.services.store.table()
    }

    /// Handles whatever the function is invoked with.
    pub async fn handle(&self, invocation: Invocation) -> Result<Answer, InvocationError> {
        let Invocation { records, replay, prefix, after, limit } = invocation;
        match records {
            Some(records) => Ok(Answer::Batch(self.publish(Records::read(records)).await)),
            None if replay => {
                let all = Replay::default();
                let prefix = prefix.unwrap_or(all.prefix);
                let (after, limit) = (after.unwrap_or(all.after), limit.unwrap_or(all.limit));
                Ok(Answer::Replayed(self.replay(Replay { prefix, after, limit, ..Replay::default() }).await?))
            }
            None => Err(InvocationError::Unknown),
        }
    }

    /// Handles a batch of the stream. A record that fails ends its review's part of the batch; the others go on. One that can never be
    /// published is kept.
    pub async fn publish(&self, records: impl Into<Records>) -> Batch {
        batch::publish(&self.services, records.into()).await
    }

    /// Publishes what was kept, with this build. Several runs at once do no harm.
    pub async fn replay(&self, replay: Replay) -> Result<Replayed, ReplayError> {
        replay::replay(&self.services, replay).await
    }

    /// Keeps a record that is not tried any more; returns its key, or `None` if there is no bucket.
    pub async fn keep(&self, record: EventRecord) -> Result<Option<String>, BucketError> {
        let Some(bucket) = &self.services.failed_records else { return Ok(None) };
        let why = (Cause::RetriesUsedUp, (self.services.clock)());
        keep(bucket, &record.into(), why).await.map(Some)
    }

    /// Retries what is due, within `bounds`; the rest is left to the next run. Several runs at once do no harm.
    pub async fn redeliver(&self, request: Request, bounds: Bounds) -> Redelivered {
        redeliver::redeliver(&self.services, request, bounds).await
    }
}
