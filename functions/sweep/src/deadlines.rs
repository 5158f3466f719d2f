//! Reviews whose deadlines demand something.

use crate::pages::{Handled, Share, handle_due};
use crate::{Bounds, FollowedDeadlines};
use shared::review::{PolicyStep, Timestamp};
use shared::runtime::lambda::RunTimes;
use shared::store::{DeadlineOutcome, Due, DueItem, Store, StoreError};

/// For how long an unreadable review is left alone. Longer than a lease: this is a write of META, so the stream tells of it each time.
const SET_ASIDE_MILLIS: i64 = 60 * 60 * 1000;

/// Follows the deadlines that are due.
pub(crate) async fn follow_all(
    store: &Store,
    times: RunTimes,
    bounds: Bounds,
    in_time: impl Fn() -> bool + Copy,
) -> FollowedDeadlines {
    let share = Share { what: Due::Reviews, items: bounds.deadlines, at_once: bounds.at_once };
    let handled = handle_due(store, times, share, in_time, |due| follow_one(store, due, times.now));
    let Handled { done, failed, failed_items, more, oldest_lag_ms } = handled.await;
    let mut followed = FollowedDeadlines {
        due: done.len() as u64 + failed_items,
        failed,
        more,
        oldest_lag_ms,
        ..FollowedDeadlines::default()
    };
    for outcome in done {
        match outcome {
            DeadlineOutcome::Stale => followed.stale += 1,
            DeadlineOutcome::Followed { reminded, overdue, policy } => {
                followed.reminders += u64::from(reminded);
                followed.overdue += u64::from(overdue);
                followed.actions += u64::from(policy == PolicyStep::Acted);
                let refused = matches!(policy, PolicyStep::Refused(_) | PolicyStep::MayNotApprove);
                followed.refused += u64::from(refused);
            }
        }
    }
    followed
}

async fn follow_one(store: &Store, due: DueItem, now: Timestamp) -> Result<DeadlineOutcome, StoreError> {
    let result = store.follow_deadline(&due, now).await;
    match &result {
        Err(error) => set_aside(store, &due, error, now).await,
        Ok(DeadlineOutcome::Followed { policy: PolicyStep::Refused(refusal), .. }) => {
            tracing::warn!(target: "holdpoint", function = "sweep", cause = %refusal, "a policy's action was refused");
        }
        Ok(DeadlineOutcome::Followed { policy: PolicyStep::MayNotApprove, .. }) => {
            let cause = "it may not approve what needs several approvals, or must fit its schema";
            tracing::warn!(target: "holdpoint", function = "sweep", cause, "a policy's action was refused");
        }
        Ok(_) => {}
    }
    result
}

/// An unreadable review is postponed, so that it does not take up every run. After a failure that will pass it stays due; so does one
/// that a newer build has written: that build is being released.
async fn set_aside(store: &Store, due: &DueItem, error: &StoreError, now: Timestamp) {
    tracing::error!(target: "holdpoint", function = "sweep", cause = %error, "a deadline could not be followed");
    if error.is_permanent() && !matches!(error, StoreError::Newer(_)) {
        // If this fails too, it stays due.
        let _ = store.postpone(due, now.plus_millis(SET_ASIDE_MILLIS)).await;
    }
}
