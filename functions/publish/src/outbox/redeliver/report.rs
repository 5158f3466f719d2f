//! What one run of `redeliver` did: for its metrics, its log, and whoever invoked it.

use serde::Serialize;
use shared::metrics::{Metric, Unit};
use shared::runtime::lambda::RunTimes;
use shared::store::DueItem;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redelivered {
    /// Backlogs, callbacks and tests that were due.
    pub due: u64,
    /// Events that were delivered.
    pub delivered: u64,
    /// Attempts that failed and will be retried.
    pub failed: u64,
    /// Attempts that were postponed because the receiver gives no answer.
    pub postponed: u64,
    /// Backlogs that became dead letters.
    pub dead_letters: u64,
    /// Backlogs made due at once: dead letters, and those that waited for a retry.
    pub redriven: u64,
    /// Calls to the event bus that failed.
    pub bus_failures: u64,
    /// Items that could not be handled.
    pub errors: u64,
    /// Whether it stopped at its bounds, with more to do.
    pub more: bool,
    /// How long the oldest had been due, in milliseconds, also if it was left; at least the age of a late tick.
    pub oldest_lag_ms: u64,
}

impl Redelivered {
    /// As metrics.
    pub fn metrics(&self) -> Vec<Metric> {
        vec![
            ("DeliveriesDue", Unit::Count, self.due),
            ("EventsRedelivered", Unit::Count, self.delivered),
            ("DeliveriesFailed", Unit::Count, self.failed),
            ("DeliveriesPostponed", Unit::Count, self.postponed),
            ("DeadLetters", Unit::Count, self.dead_letters),
            ("BusFailures", Unit::Count, self.bus_failures),
            ("RedeliverFailures", Unit::Count, self.errors),
            ("DeliveryLag", Unit::Milliseconds, self.oldest_lag_ms),
        ]
    }

    pub(super) fn add(&mut self, other: Self) {
        self.due += other.due;
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.postponed += other.postponed;
        self.dead_letters += other.dead_letters;
        self.redriven += other.redriven;
        self.errors += other.errors;
        self.more |= other.more;
        self.oldest_lag_ms = self.oldest_lag_ms.max(other.oldest_lag_ms);
    }

    /// These are left to the next run.
    pub(super) fn leave(&mut self, items: &[DueItem], times: RunTimes) {
        self.more |= !items.is_empty();
        let lag = items.iter().map(|due| times.lag_ms(due.due_at)).max();
        self.oldest_lag_ms = self.oldest_lag_ms.max(lag.unwrap_or_default());
    }

    /// As one line of the log, if there is anything to say.
    pub(super) fn log(&self) {
        let done = self;
        if *done == Redelivered::default() {
            return;
        }
        tracing::info!(
            target: "holdpoint",
            function = "redeliver",
            due = done.due,
            delivered = done.delivered,
            failed = done.failed,
            postponed = done.postponed,
            dead_letters = done.dead_letters,
            redriven = done.redriven,
            bus_failures = done.bus_failures,
            errors = done.errors,
            more = done.more,
            oldest_lag_ms = done.oldest_lag_ms,
            "redelivered"
        );
    }
}
