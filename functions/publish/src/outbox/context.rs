//! What one batch of the stream, or one run of `redeliver`, shares: its end, and what is read or found out once.
//!
//! What one organization can wait for because of another, all of it:
//! - a batch of the stream, which ends when its last call does: a first attempt has a short time-out (`targets::outbound`), and
//!   what an organization's slow receivers take of batches has a budget (`pacing::breaker`);
//! - DynamoDB's own time for the other's reads and writes (the permits `table` and `loading` are held for nothing else);
//! - one of the connections, of which an organization takes only a part at once (`pacing::turns`);
//! - in `redeliver`: if more organizations have something pending than are served at once, the ones before it.

use crate::pacing::breaker::CircuitBreaker;
use crate::pacing::turns::Turns;
use crate::targets::attempt::Receiver;
use crate::targets::{EventTarget, Targets};
use shared::api::Clock;
use shared::review::{OrganizationId, Timestamp};
use shared::store::{Store, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OnceCell, Semaphore};

/// Reads and writes for events at once.
const TABLE: usize = 16;
/// Snapshots in memory at once: one may take 6 MiB. What is sent of one is at most 256 KiB.
const LOADING: usize = 4;

/// How long a batch of the stream makes calls; later events are left to `redeliver`. With the longest call it stays within the
/// function's minute. What an organization's slow receivers take of it has a limit of its own, far below.
const STREAM_TIME: Duration = Duration::from_secs(25);

/// What outlives a batch: the table, the clock, the targets, and what is known about them.
pub(crate) struct Services {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) targets: Targets,
    pub(crate) breaker: CircuitBreaker,
}

type CachedTargets<'a> = Arc<OnceCell<Arc<Vec<EventTarget<'a>>>>>;

/// One batch or run.
pub(crate) struct BatchContext<'a> {
    pub(crate) services: &'a Services,
    /// Which function it is, for the log.
    pub(crate) function: &'static str,
    /// When it began.
    pub(crate) started_at: Timestamp,
    /// Whether it is a batch of the stream, which all organizations wait for.
    pub(crate) is_stream: bool,
    pub(crate) turns: Turns,
    end: Instant,
    targets: Mutex<HashMap<OrganizationId, CachedTargets<'a>>>,
    failed: Mutex<HashSet<Receiver>>,
    table: Semaphore,
    loading: Semaphore,
}

impl<'a> BatchContext<'a> {
    /// A batch of the stream.
    pub(crate) fn of_stream(services: &'a Services) -> Self {
        Self::new(services, ("publish", true), (services.clock)(), STREAM_TIME)
    }

    /// A run of `redeliver`, which starts nothing after `time`.
    pub(crate) fn of_redeliver(services: &'a Services, now: Timestamp, time: Duration) -> Self {
        Self::new(services, ("redeliver", false), now, time)
    }

    fn new(
        services: &'a Services,
        (function, is_stream): (&'static str, bool),
        started_at: Timestamp,
        time: Duration,
    ) -> Self {
        Self {
            services,
            function,
            started_at,
            is_stream,
            turns: Turns::new(),
            end: Instant::now() + time,
            targets: Mutex::default(),
            failed: Mutex::default(),
            table: Semaphore::new(TABLE),
            loading: Semaphore::new(LOADING),
        }
    }

    /// The table.
    pub(crate) const fn store(&self) -> &'a Store {
        &self.services.store
    }

    /// The time by the clock.
    pub(crate) fn now(&self) -> Timestamp {
        (self.services.clock)()
    }

    /// Whether there is time left to start anything.
    pub(crate) fn has_time(&self) -> bool {
        Instant::now() < self.end
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

    /// The targets of an organization's events, read once in a batch; nobody else waits for that.
    pub(crate) async fn targets_of(
        &self,
        organization: &OrganizationId,
    ) -> Result<Arc<Vec<EventTarget<'a>>>, StoreError> {
        let cell = lock(&self.targets).entry(organization.clone()).or_default().clone();
        let targets = &self.services.targets;
        let read = async || targets.of_organization(organization).await.map(Arc::new);
        Ok(cell.get_or_try_init(read).await?.clone())
    }

    /// Whether a delivery to this receiver has failed in this batch.
    pub(crate) fn has_failed(&self, receiver: &Receiver) -> bool {
        lock(&self.failed).contains(receiver)
    }

    /// A delivery to this receiver has failed: its other events of this batch are left to `redeliver`.
    pub(crate) fn note_failure(&self, receiver: Receiver) {
        lock(&self.failed).insert(receiver);
    }
}

/// Locks what no panic can leave half-made.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
