//! One batch of the stream, or one run of `redeliver`: its end, and each organization's share of it.
//!
//! What one organization can wait for because of another, all of it:
//! - a batch of the stream, which ends when its last call does: the first try waits [`crate::targets::outbound::FIRST_TIMEOUT`], and
//!   what an organization's slow receivers take of batches has a budget (`breaker`);
//! - DynamoDB's own time for the other's reads and writes (the permits `table` and `loading` are held for nothing else);
//! - one of the [`IN_FLIGHT`] connections, of which an organization takes at most [`EVENTS`] and [`RUNS`] at once;
//! - in `redeliver`: where more organizations are owed something than are served at once, the ones before it.

use crate::pacing::breaker::Receiver;
use shared::event::DeliveryTarget;
use shared::review::{OrganizationId, Timestamp};
use shared::store::{Store, StoreError, Webhook};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

/// Events of one organization that are on their way at once.
pub(crate) const AT_ONCE: u32 = 12;
const EVENTS: usize = AT_ONCE as usize;
/// Decisions of one organization that are on their way at once: they wait for no event.
const RUNS: usize = 4;
/// Calls to one receiver at once that nobody knows yet …
const UNKNOWN: usize = 2;
/// … and how many more once it has answered quickly.
const MORE: usize = 6;
/// Calls at once, of all organizations together: well below the files that a Lambda function can have open.
const IN_FLIGHT: usize = 256;
/// Reads and writes for events at once.
const TABLE: usize = 16;
/// Snapshots in memory at once: one may take 6 MiB. What is sent of one is at most 256 KiB.
const LOADING: usize = 4;

/// How long a batch of the stream makes calls; what comes later is owed at once, and tried by `redeliver`. With the longest call
/// it stays within the function's minute. What an organization's slow receivers take of it has a bound of its own, far below.
const PATIENCE: Duration = Duration::from_secs(25);

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Event,
    Run,
}

/// The right to make one call, until it is dropped.
pub(crate) struct Turn {
    lane: Arc<Lane>,
    _permits: [Option<OwnedSemaphorePermit>; 3],
}

impl Turn {
    /// The receiver has answered quickly: it may be called more often at once.
    pub(crate) fn was_quick(&self) {
        if !self.lane.widened.swap(true, Ordering::Relaxed) {
            self.lane.calls.add_permits(MORE);
        }
    }
}

struct Lane {
    calls: Arc<Semaphore>,
    widened: AtomicBool,
}

/// What one organization may do at once.
struct Share {
    events: Arc<Semaphore>,
    runs: Arc<Semaphore>,
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
}

impl Share {
    fn new() -> Self {
        Self {
            events: Arc::new(Semaphore::new(EVENTS)),
            runs: Arc::new(Semaphore::new(RUNS)),
            lanes: Mutex::default(),
        }
    }

    fn lane(&self, name: &str) -> Arc<Lane> {
        let new =
            || Arc::new(Lane { calls: Arc::new(Semaphore::new(UNKNOWN)), widened: AtomicBool::new(false) });
        lock(&self.lanes).entry(name.to_owned()).or_insert_with(new).clone()
    }
}

type Webhooks = Arc<OnceCell<Arc<Vec<Webhook>>>>;

/// One batch or run.
pub(crate) struct BatchContext {
    /// Which function it is, for the log.
    pub(crate) function: &'static str,
    /// When it began.
    pub(crate) now: Timestamp,
    /// Whether it is a batch of the stream, which all organizations wait for.
    pub(crate) is_stream: bool,
    end: Instant,
    webhooks: Mutex<HashMap<OrganizationId, Webhooks>>,
    failing: Mutex<HashSet<(OrganizationId, DeliveryTarget)>>,
    shares: Mutex<HashMap<OrganizationId, Arc<Share>>>,
    in_flight: Arc<Semaphore>,
    table: Semaphore,
    loading: Semaphore,
}

impl BatchContext {
    /// A batch of the stream.
    pub(crate) fn of_stream(now: Timestamp) -> Self {
        Self::new("publish", true, now, PATIENCE)
    }

    /// A run of `redeliver` that takes up nothing after `time`.
    pub(crate) fn of_redeliver(now: Timestamp, time: Duration) -> Self {
        Self::new("redeliver", false, now, time)
    }

    fn new(function: &'static str, is_stream: bool, now: Timestamp, time: Duration) -> Self {
        Self {
            function,
            now,
            is_stream,
            end: Instant::now() + time,
            webhooks: Mutex::default(),
            failing: Mutex::default(),
            shares: Mutex::default(),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
            table: Semaphore::new(TABLE),
            loading: Semaphore::new(LOADING),
        }
    }

    /// Whether there is time left to take up anything.
    pub(crate) fn has_time(&self) -> bool {
        Instant::now() < self.end
    }

    /// Waits for its turn to call `receiver`: behind other calls to it, then behind its organization's, then behind all.
    pub(crate) async fn turn(&self, receiver: &Receiver, purpose: Purpose) -> Turn {
        let share = lock(&self.shares)
            .entry(receiver.organization.clone())
            .or_insert_with(|| Arc::new(Share::new()))
            .clone();
        let lane = share.lane(&receiver.name);
        let own = match purpose {
            Purpose::Event => &share.events,
            Purpose::Run => &share.runs,
        };
        // None of them is ever closed.
        let permits = [
            lane.calls.clone().acquire_owned().await.ok(),
            own.clone().acquire_owned().await.ok(),
            self.in_flight.clone().acquire_owned().await.ok(),
        ];
        Turn { lane, _permits: permits }
    }

    /// Reads or writes of the table, a few at once.
    pub(crate) async fn with_table<T>(&self, work: impl Future<Output = T>) -> T {
        let _permit = self.table.acquire().await;
        work.await
    }

    /// Work on a whole snapshot, a few at once.
    pub(crate) async fn with_snapshot<T>(&self, work: impl Future<Output = T>) -> T {
        let _permit = self.loading.acquire().await;
        work.await
    }

    /// An organization's webhooks: one query in a batch, for which nobody else waits.
    pub(crate) async fn webhooks_of(
        &self,
        store: &Store,
        organization: &OrganizationId,
    ) -> Result<Arc<Vec<Webhook>>, StoreError> {
        let cell = lock(&self.webhooks).entry(organization.clone()).or_default().clone();
        let webhooks =
            cell.get_or_try_init(async || store.webhooks(organization).await.map(Arc::new)).await?;
        Ok(webhooks.clone())
    }

    /// Whether a target has failed in this batch.
    pub(crate) fn has_failed(&self, organization: &OrganizationId, target: &DeliveryTarget) -> bool {
        lock(&self.failing).contains(&(organization.clone(), target.clone()))
    }

    /// A target fails: its other events of this batch are owed at once.
    pub(crate) fn fails(&self, organization: &OrganizationId, target: DeliveryTarget) {
        lock(&self.failing).insert((organization.clone(), target));
    }
}

/// Locks what no panic can leave half-made.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
