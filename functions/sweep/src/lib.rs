//! The sweep: each minute, claims that have run out are recorded as such and their leases removed.
//!
//! It reads the index of due leases and lets META decide (`Store::expire_lease`). A run is bounded in leases and time;
//! since what is done leaves the index, the next run goes on where this one stopped. Many at once are harmless.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use shared::metrics::{Metric, Unit};
use shared::review::Timestamp;
use shared::store::{Due, DueItem, Expiry, Store, StoreError};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What one run may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Leases it looks at.
    pub leases: usize,
    /// Time after which it takes up no further one.
    pub time: Duration,
    /// Leases it works on side by side.
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
    /// Leases that were due and looked at.
    pub due: u64,
    /// Claims recorded as run out.
    pub expired: u64,
    /// Leases that said less, or other, than META: the claim stands, was dropped, or its end was recorded already.
    pub stale: u64,
    /// Leases that could not be dealt with, and shards that could not be read.
    pub failed: u64,
    /// Whether it stopped at its bounds, with more to do.
    pub more: bool,
    /// How long the oldest had been due, in milliseconds.
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
/// For how long a lease is left alone that cannot be made sense of: it must not stand in the way of the others.
const SET_ASIDE_MILLIS: i64 = 10 * 60 * 1000;

/// Expires what is due at `now`, shard by shard, a page of each in turn.
pub async fn sweep(store: &Store, now: Timestamp, bounds: Bounds) -> Swept {
    let started = Instant::now();
    let mut swept = Swept::default();
    let mut shards: VecDeque<_> = Due::shards_from(now).map(|shard| (shard, None)).collect();
    while let Some((shard, after)) = shards.pop_front() {
        let room = bounds.leases.saturating_sub(usize::try_from(swept.due).unwrap_or(usize::MAX));
        if room == 0 || started.elapsed() >= bounds.time {
            swept.more = true;
            break;
        }
        match store.due(Due::Leases, shard, now, room.min(PAGE), after).await {
            Ok(page) => {
                let in_time = || started.elapsed() < bounds.time;
                swept.more |= expire(store, page.items, now, bounds.at_once, in_time, &mut swept).await;
                shards.extend(page.next.map(|next| (shard, Some(next))));
            }
            Err(error) => {
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

/// Deals with one page; says whether time ran out before its end. One lease's failure is its own.
async fn expire(
    store: &Store,
    leases: Vec<DueItem>,
    now: Timestamp,
    at_once: usize,
    in_time: impl Fn() -> bool,
    swept: &mut Swept,
) -> bool {
    let outcomes: Vec<_> = leases.into_iter().map(|lease| expire_one(store, lease, now, &in_time)).collect();
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

/// One lease: how long it has been due, and what became of it; `None` when time has run out.
async fn expire_one(
    store: &Store,
    lease: DueItem,
    now: Timestamp,
    in_time: impl Fn() -> bool,
) -> (u64, Option<Result<Expiry, StoreError>>) {
    let lag = u64::try_from(now.millis() - lease.due_at.millis()).unwrap_or_default();
    if !in_time() {
        return (lag, None);
    }
    let result = store.expire_lease(&lease, now).await;
    if let Err(error) = &result {
        set_aside(store, &lease, error, now).await;
    }
    (lag, Some(result))
}

/// What cannot be made sense of is looked at later, so that it does not fill each run. What failed for a while only
/// (a throttle, an outage) keeps its place.
async fn set_aside(store: &Store, lease: &DueItem, error: &StoreError, now: Timestamp) {
    tracing::error!(target: "holdpoint", function = "sweep", cause = %error, "a lease could not be dealt with");
    if error.is_permanent() {
        // Should this fail too, it just keeps its place.
        let _ = store.postpone(lease, now.plus_millis(SET_ASIDE_MILLIS)).await;
    }
}
