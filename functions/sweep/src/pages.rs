//! Due items of one kind, page by page, within the bounds of a run.

use futures_util::{StreamExt, stream};
use shared::runtime::lambda::RunTimes;
use shared::store::{Due, DueItem, DuePages, ShardError, Store, StoreError};

/// How many are read at once.
const PAGE: usize = 100;

/// The limits of one kind in a run.
#[derive(Clone, Copy)]
pub(crate) struct Share {
    /// Which kind.
    pub(crate) what: Due,
    /// Most items.
    pub(crate) items: usize,
    /// How many at once.
    pub(crate) at_once: usize,
}

/// What happened to the items of one kind.
pub(crate) struct Handled<T> {
    /// What was done with each.
    pub(crate) done: Vec<T>,
    /// Items that could not be handled, and shards that could not be read.
    pub(crate) failed: u64,
    /// Items that could not be handled.
    pub(crate) failed_items: u64,
    /// Whether it stopped at its bounds.
    pub(crate) more: bool,
    /// How long the oldest had been due, in milliseconds.
    pub(crate) oldest_lag_ms: u64,
}

/// Handles what is due, a page of each shard in turn. An item that fails does not affect the others.
pub(crate) async fn handle_due<T, F: Future<Output = Result<T, StoreError>>>(
    store: &Store,
    times: RunTimes,
    share: Share,
    in_time: impl Fn() -> bool + Copy,
    handle: impl Fn(DueItem) -> F,
) -> Handled<T> {
    let mut handled = Handled {
        done: Vec::new(),
        failed: 0,
        failed_items: 0,
        more: false,
        oldest_lag_ms: times.least_lag_ms(),
    };
    let mut pages = DuePages::new(share.what, times.now);
    let mut left = share.items;
    while pages.has_next() {
        if left == 0 || !in_time() {
            handled.more = true;
            break;
        }
        match pages.next(store, left.min(PAGE)).await {
            Ok(items) => {
                let one = |item: DueItem| {
                    let (lag, handled) = (times.lag_ms(item.due_at), handle(item));
                    // A future that is not polled does nothing.
                    async move { (lag, if in_time() { Some(handled.await) } else { None }) }
                };
                let outcomes: Vec<_> = items.into_iter().map(one).collect();
                let mut outcomes = stream::iter(outcomes).buffer_unordered(share.at_once.max(1));
                while let Some((lag, outcome)) = outcomes.next().await {
                    handled.oldest_lag_ms = handled.oldest_lag_ms.max(lag);
                    match outcome {
                        None => {
                            handled.more = true;
                            continue;
                        }
                        Some(Ok(done)) => handled.done.push(done),
                        Some(Err(_)) => {
                            handled.failed += 1;
                            handled.failed_items += 1;
                        }
                    }
                    left = left.saturating_sub(1);
                }
            }
            Err(ShardError { shard, error }) => {
                handled.failed += 1;
                tracing::error!(target: "holdpoint", function = "sweep", shard, cause = %error, "a shard is not readable");
            }
        }
    }
    handled
}
