//! The sweep: each minute, records that claims have expired, and removes their leases.
//!
//! It reads the index of due leases and lets META decide (`Store::expire_lease`). A run is limited in leases and time;
//! handled leases leave the index, so the next run continues where this one stopped. Several runs at once do no harm.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use shared::metrics::{Metric, Unit};
use shared::review::Timestamp;
use shared::runtime::lambda::RunTimes;
use shared::store::{Due, DueItem, DuePages, Expiry, ShardError, Store, StoreError};
use std::time::{Duration, Instant};

/// The limits of one run.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Leases it handles.
    pub leases: usize,
    /// Time after which it starts no further one.
    pub time: Duration,
    /// Leases it handles at once.
    pub at_once: usize,
}

impl Default for Bounds {
    /// Within the function's minute (`template.yaml`), with time for the last calls' own time-outs.
    fn default() -> Self {
        Self { leases: 4000, time: Duration::from_secs(40), at_once: 16 }
    }
}

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Due leases that were handled.
    pub due: u64,
    /// Claims recorded as expired.
    pub expired: u64,
    /// Leases that were out of date: by META the claim is active, was released, or is recorded as expired.
    pub stale: u64,
    /// Leases that could not be handled, and shards that could not be read.
    pub failed: u64,
    /// Whether it stopped at its bounds, with more to do.
    pub more: bool,
    /// How long the oldest had been due, in milliseconds; at least the age of a late tick.
    pub oldest_lag_ms: u64,
}

impl Swept {
    /// As metrics.
    pub fn metrics(&self) -> Vec<Metric> {
        vec![
            ("LeasesDue", Unit::Count, self.due),
            ("ClaimsExpired", Unit::Count, self.expired),
            ("LeasesStale", Unit::Count, self.stale),
            ("SweepFailures", Unit::Count, self.failed),
            ("SweepLag", Unit::Milliseconds, self.oldest_lag_ms),
        ]
    }
}

/// How many leases are read at once.
const PAGE: usize = 100;
/// For how long an unreadable lease is left alone, so that it does not hold up the others.
const SET_ASIDE_MILLIS: i64 = 10 * 60 * 1000;

/// Expires the claims whose leases are due by then, a page of each shard in turn.
pub async fn sweep(store: &Store, times: impl Into<RunTimes>, bounds: Bounds) -> Swept {
    let (started, times) = (Instant::now(), times.into());
    let now = times.now;
    let mut swept = Swept { oldest_lag_ms: times.least_lag_ms(), ..Swept::default() };
    let mut pages = DuePages::new(Due::Leases, now);
    while pages.has_next() {
        let room = bounds.leases.saturating_sub(usize::try_from(swept.due).unwrap_or(usize::MAX));
        if room == 0 || started.elapsed() >= bounds.time {
            swept.more = true;
            break;
        }
        match pages.next(store, room.min(PAGE)).await {
            Ok(leases) => {
                let in_time = || started.elapsed() < bounds.time;
                swept.more |= expire(store, leases, times, bounds.at_once, in_time, &mut swept).await;
            }
            Err(ShardError { shard, error }) => {
                swept.failed += 1;
                tracing::error!(target: "holdpoint", function = "sweep", shard, cause = %error, "a shard is not readable");
            }
        }
    }
    if swept != Swept::default() {
        tracing::info!(
            target: "holdpoint",
            function = "sweep",
            due = swept.due,
            expired = swept.expired,
            stale = swept.stale,
            failed = swept.failed,
            more = swept.more,
            oldest_lag_ms = swept.oldest_lag_ms,
            "swept"
        );
    }
    swept
}

/// Handles one page; returns whether time ran out before its end. A lease that fails does not affect the others.
async fn expire(
    store: &Store,
    leases: Vec<DueItem>,
    times: RunTimes,
    at_once: usize,
    in_time: impl Fn() -> bool,
    swept: &mut Swept,
) -> bool {
    let outcomes: Vec<_> =
        leases.into_iter().map(|lease| expire_one(store, lease, times, &in_time)).collect();
    let mut outcomes = stream::iter(outcomes).buffer_unordered(at_once.max(1));
    let mut cut_short = false;
    while let Some((lag, outcome)) = outcomes.next().await {
        swept.oldest_lag_ms = swept.oldest_lag_ms.max(lag);
        match outcome {
            None => {
                cut_short = true;
                continue;
            }
            Some(Ok(Expiry::Expired)) => swept.expired += 1,
            Some(Ok(Expiry::Stale)) => swept.stale += 1,
            Some(Err(_)) => swept.failed += 1,
        }
        swept.due += 1;
    }
    cut_short
}

/// Handles one lease. Returns how long it has been due and the result; `None` when time has run out.
async fn expire_one(
    store: &Store,
    lease: DueItem,
    times: RunTimes,
    in_time: impl Fn() -> bool,
) -> (u64, Option<Result<Expiry, StoreError>>) {
    let (lag, now) = (times.lag_ms(lease.due_at), times.now);
    if !in_time() {
        return (lag, None);
    }
    let result = store.expire_lease(&lease, now).await;
    if let Err(error) = &result {
        set_aside(store, &lease, error, now).await;
    }
    (lag, Some(result))
}

/// An unreadable lease is postponed, so that it does not take up every run. After a failure that will pass (throttling, an
/// outage) it stays due.
async fn set_aside(store: &Store, lease: &DueItem, error: &StoreError, now: Timestamp) {
    tracing::error!(target: "holdpoint", function = "sweep", cause = %error, "a lease could not be handled");
    if error.is_permanent() {
        // If this fails too, it stays due.
        let _ = store.postpone(lease, now.plus_millis(SET_ASIDE_MILLIS)).await;
    }
}
