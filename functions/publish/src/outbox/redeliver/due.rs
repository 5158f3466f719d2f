//! Finding what is due.

use super::report::Redelivered;
use crate::outbox::context::BatchContext;
use shared::store::{Due, DueItem, DuePages, DueWork, StoreError};

/// Keys that one query reads.
pub(super) const PAGE: usize = 500;
/// Keys of one shard that a run reads: what is due after that many others waits until they are fewer.
const KEYS_OF_SHARD: usize = 2000;
/// For how long an item is left alone that cannot be handled, in milliseconds.
const SET_ASIDE_MILLIS: i64 = 10 * 60 * 1000;

/// What is due now, oldest first in each shard.
pub(super) async fn find(context: &BatchContext<'_>, done: &mut Redelivered) -> Vec<(DueItem, DueWork)> {
    let mut due = Vec::new();
    let mut pages = DuePages::new(Due::Deliveries, context.started_at).limited_to(KEYS_OF_SHARD);
    while pages.has_next() {
        let items = match pages.next(context.store(), PAGE).await {
            Ok(items) => items,
            Err(error) => {
                done.errors += 1;
                let function = context.function;
                tracing::error!(target: "holdpoint", function, shard = error.shard, cause = %error.error, "a shard is not readable");
                continue;
            }
        };
        for item in items {
            match item.work() {
                Ok(work) => due.push((item, work)),
                Err(error) => {
                    done.errors += 1;
                    set_aside(context, &item, &error).await;
                }
            }
        }
    }
    done.more |= pages.is_cut;
    due
}

/// Logs an item that cannot be handled, and leaves it alone for a while if that will not pass by itself.
pub(super) async fn set_aside(context: &BatchContext<'_>, due: &DueItem, error: &StoreError) {
    let function = context.function;
    tracing::error!(target: "holdpoint", function, cause = %error, "a due item could not be handled");
    if error.is_permanent() {
        let _ = context.store().postpone_unreadable(due, context.now().plus_millis(SET_ASIDE_MILLIS)).await;
    }
}
