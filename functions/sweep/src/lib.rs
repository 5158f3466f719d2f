//! The sweep: each minute, records that claims have expired and removes their leases, and follows the deadlines of reviews.
//!
//! It reads the index of what is due and lets META decide (`Store::expire_lease`, `Store::follow_deadline`). A run is limited in items
//! and time; what is handled leaves the index, so the next run continues where this one stopped. Several runs at once do no harm.

mod deadlines;
mod leases;
mod pages;

use serde::Serialize;
use shared::metrics::{Metric, Unit};
use shared::runtime::lambda::RunTimes;
use shared::store::Store;
use std::time::{Duration, Instant};

/// The limits of one run. Leases and deadlines are handled side by side, each within limits of its own, so that neither starves.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Leases it handles.
    pub leases: usize,
    /// Reviews whose deadlines it follows.
    pub deadlines: usize,
    /// Time after which it starts no further one.
    pub time: Duration,
    /// How many of each it handles at once.
    pub at_once: usize,
}

impl Default for Bounds {
    /// Within the function's minute (`template.yaml`), with time for the last calls' own time-outs.
    fn default() -> Self {
        Self { leases: 4000, deadlines: 4000, time: Duration::from_secs(40), at_once: 16 }
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
    /// Whether it stopped at its bounds, with more leases to handle.
    pub more: bool,
    /// How long the oldest lease had been due, in milliseconds; at least the age of a late tick.
    pub oldest_lag_ms: u64,
    /// Of deadlines.
    pub deadlines: FollowedDeadlines,
}

/// What one run did with the deadlines of reviews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FollowedDeadlines {
    /// Due reviews that were handled.
    pub due: u64,
    /// Reminders that were recorded.
    pub reminders: u64,
    /// Reviews that were recorded as overdue.
    pub overdue: u64,
    /// Overdue reviews that a policy decided or escalated.
    pub actions: u64,
    /// Actions of a policy that the review does not allow. They are not tried again.
    pub refused: u64,
    /// Reviews with nothing to do: decided meanwhile, or handled by another run.
    pub stale: u64,
    /// Reviews that could not be handled, and shards that could not be read.
    pub failed: u64,
    /// Whether it stopped at its bounds, with more to do.
    pub more: bool,
    /// How long the oldest had been due, in milliseconds; at least the age of a late tick.
    pub oldest_lag_ms: u64,
}

impl Swept {
    /// As metrics. `SweepLag` is of leases and deadlines: what is done about it is the same.
    pub fn metrics(&self) -> Vec<Metric> {
        let deadlines = &self.deadlines;
        vec![
            ("LeasesDue", Unit::Count, self.due),
            ("ClaimsExpired", Unit::Count, self.expired),
            ("LeasesStale", Unit::Count, self.stale),
            ("SweepFailures", Unit::Count, self.failed),
            ("DeadlinesDue", Unit::Count, deadlines.due),
            ("Reminders", Unit::Count, deadlines.reminders),
            ("Overdue", Unit::Count, deadlines.overdue),
            ("OverdueActions", Unit::Count, deadlines.actions),
            ("DeadlineFailures", Unit::Count, deadlines.failed),
            ("SweepLag", Unit::Milliseconds, self.oldest_lag_ms.max(deadlines.oldest_lag_ms)),
        ]
    }
}

/// Expires the claims whose leases are due by then, and follows the deadlines that are, a page of each shard in turn.
pub async fn sweep(store: &Store, times: impl Into<RunTimes>, bounds: Bounds) -> Swept {
    let (started, times) = (Instant::now(), times.into());
    let in_time = move || started.elapsed() < bounds.time;
    let (leases, deadlines) = futures_util::join!(
        Box::pin(leases::expire_all(store, times, bounds, in_time)),
        Box::pin(deadlines::follow_all(store, times, bounds, in_time))
    );
    let swept = Swept { deadlines, ..leases };
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
            deadlines_due = deadlines.due,
            reminders = deadlines.reminders,
            overdue = deadlines.overdue,
            overdue_actions = deadlines.actions,
            overdue_actions_refused = deadlines.refused,
            deadlines_failed = deadlines.failed,
            deadlines_more = deadlines.more,
            deadlines_lag_ms = deadlines.oldest_lag_ms,
            "swept"
        );
    }
    swept
}
