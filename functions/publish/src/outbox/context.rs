//! What one batch of the stream, or one run of `redeliver`, shares: its end, and what is read or found out once.
//!
//! What one organization can wait for because of another, all of it:
//! - a batch of the stream, which ends when its last call does: a first attempt has a short time-out (`targets::outbound`), and
//!   what an organization's slow receivers take of batches has a budget (`pacing::breaker`);
//! - DynamoDB's own time for the other's reads and writes (the permits `table` and `loading` are held for nothing else);
//! - one of the connections, of which an organization takes only a part at once (`pacing::turns`);
//! - in `redeliver`: if more organizations have something pending than are served at once, the ones before it.

use crate::notices::recipients::Recipients;
use crate::pacing::breaker::CircuitBreaker;
use crate::pacing::turns::Turns;
use crate::targets::attempt::Receiver;
use crate::targets::{EventTarget, Targets};
use shared::api::Clock;
use shared::bucket::Bucket;
use shared::review::{OrganizationId, Timestamp};
use shared::runtime::lambda::RunTimes;
use shared::store::{Store, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
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

/// Records that are kept at once.
const KEEPING: usize = 8;
/// How much longer than calls are made, records are kept: with the longest call of S3 it stays within the minute.
const KEEPING_TIME: Duration = Duration::from_secs(10);

/// What outlives a batch: the table, the clock, the targets, and what is known about them.
pub(crate) struct Services {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) targets: Targets,
    pub(crate) breaker: CircuitBreaker,
    /// Where records are kept that can never be published. Without it, they are given back.
    pub(crate) failed_records: Option<Bucket>,
    /// The address of the deployment's pages, such as `https://reviews.example.com`. Without it, messages have no link.
    pub(crate) base_url: Option<String>,
}

type CachedTargets<'a> = Arc<OnceCell<Arc<Vec<EventTarget<'a>>>>>;
type CachedRecipients = Arc<OnceCell<Arc<Recipients>>>;

/// One batch or run.
pub(crate) struct BatchContext<'a> {
    pub(crate) services: &'a Services,
    /// Which function it is, for the log.
    pub(crate) function: &'static str,
    /// When it began.
    pub(crate) started_at: Timestamp,
    /// By what lags are measured.
    pub(crate) times: RunTimes,
    /// Whether it is a batch of the stream, which all organizations wait for.
    pub(crate) is_stream: bool,
    /// Whether the records are old: what came after them has been published.
    pub(crate) is_replay: bool,
    /// Whether records that can never be published are kept. Else they are given back.
    pub(crate) keeps: bool,
    pub(crate) turns: Turns,
    end: Instant,
    targets: Mutex<HashMap<OrganizationId, CachedTargets<'a>>>,
    recipients: Mutex<HashMap<OrganizationId, CachedRecipients>>,
    failed: Mutex<HashSet<Receiver>>,
    bus_failures: AtomicU64,
    table: Semaphore,
    loading: Semaphore,
    keeping: Semaphore,
}

impl<'a> BatchContext<'a> {
    /// A batch of the stream.
    pub(crate) fn of_stream(services: &'a Services) -> Self {
        Self { is_stream: true, ..Self::new(services, "publish", (services.clock)().into(), STREAM_TIME) }
    }

    /// Records that were kept. They are treated as those of the stream, but for what follows from their age.
    pub(crate) fn of_replay(services: &'a Services, time: Duration, keeps: bool) -> Self {
        let replay = Self::new(services, "publish", (services.clock)().into(), time);
        Self { is_stream: true, is_replay: true, keeps, ..replay }
    }

    /// A run of `redeliver`, which starts nothing after `time`.
    pub(crate) fn of_redeliver(services: &'a Services, times: RunTimes, time: Duration) -> Self {
        Self::new(services, "redeliver", times, time)
    }

    fn new(services: &'a Services, function: &'static str, times: RunTimes, time: Duration) -> Self {
        Self {
            services,
            function,
            started_at: times.now,
            times,
            is_stream: false,
            is_replay: false,
            keeps: true,
            turns: Turns::new(),
            end: Instant::now() + time,
            targets: Mutex::default(),
            recipients: Mutex::default(),
            failed: Mutex::default(),
            bus_failures: AtomicU64::new(0),
            table: Semaphore::new(TABLE),
            loading: Semaphore::new(LOADING),
            keeping: Semaphore::new(KEEPING),
        }
    }

    /// The table.
    pub(crate) const fn store(&self) -> &'a Store {
        &self.services.store
    }

    /// Where links in messages lead.
    pub(crate) fn base_url(&self) -> Option<&'a str> {
        self.services.base_url.as_deref()
    }

    /// The time by the clock.
    pub(crate) fn now(&self) -> Timestamp {
        (self.services.clock)()
    }

    /// Whether there is time left to start anything.
    pub(crate) fn has_time(&self) -> bool {
        Instant::now() < self.end
    }

    /// Whether there is time left to keep a record.
    pub(crate) fn has_time_to_keep(&self) -> bool {
        Instant::now() < self.end + KEEPING_TIME
    }

    /// Records to be kept, a few at once.
    pub(crate) async fn with_kept<T>(&self, work: impl Future<Output = T>) -> T {
        let _permit = self.keeping.acquire().await;
        work.await
    }

    /// A call to the event bus has failed.
    pub(crate) fn note_bus_failure(&self) {
        self.bus_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls to the event bus have failed.
    pub(crate) fn bus_failures(&self) -> u64 {
        self.bus_failures.load(Ordering::Relaxed)
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

    /// Whom an organization's events may be told, read once in a batch, and only if there is anything to tell.
    pub(crate) async fn recipients_of(
        &self,
        organization: &OrganizationId,
    ) -> Result<Arc<Recipients>, StoreError> {
        let cell = lock(&self.recipients).entry(organization.clone()).or_default().clone();
        let read = async || Recipients::of(&self.services.store, organization).await.map(Arc::new);
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
