//! Leases that are due.

use crate::pages::{Handled, Share, handle_due};
use crate::{Bounds, Swept};
use shared::review::Timestamp;
use shared::runtime::lambda::RunTimes;
use shared::store::{Due, DueItem, Expiry, Store, StoreError};

/// For how long an unreadable lease is left alone, so that it does not hold up the others.
const SET_ASIDE_MILLIS: i64 = 10 * 60 * 1000;

/// Expires the claims whose leases are due.
pub(crate) async fn expire_all(
    store: &Store,
    times: RunTimes,
    bounds: Bounds,
    in_time: impl Fn() -> bool + Copy,
) -> Swept {
    let share = Share { what: Due::Leases, items: bounds.leases, at_once: bounds.at_once };
    let handled = handle_due(store, times, share, in_time, |lease| expire_one(store, lease, times.now));
    let Handled { done, failed, failed_items, more, oldest_lag_ms } = handled.await;
    let count = |wanted: Expiry| done.iter().filter(|expiry| **expiry == wanted).count() as u64;
    Swept {
        due: done.len() as u64 + failed_items,
        expired: count(Expiry::Expired),
        stale: count(Expiry::Stale),
        failed,
        more,
        oldest_lag_ms,
        ..Swept::default()
    }
}

async fn expire_one(store: &Store, lease: DueItem, now: Timestamp) -> Result<Expiry, StoreError> {
    let result = store.expire_lease(&lease, now).await;
    if let Err(error) = &result {
        set_aside(store, &lease, error, now).await;
    }
    result
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
