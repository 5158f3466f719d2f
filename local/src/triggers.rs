//! What triggers functions on AWS: schedules, the table's stream, and DynamoDB's own TTL.

use crate::Error;
use crate::emulator::Emulator;
use crate::stream::StreamReader;
use publish::{Publisher, Replay, ReplayError};
use shared::api::system_time;
use shared::runtime::lambda::Tick;
use shared::store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval};

/// How often the sweep runs: each minute on AWS, more often here, where a person is watching.
const SWEEP: Duration = Duration::from_secs(5);
/// How often pending deliveries are retried.
const REDELIVER: Duration = Duration::from_secs(10);
/// How often the stream is read when there was nothing new.
const POLL: Duration = Duration::from_millis(300);
/// The longest pause before a failed record is retried.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often expired items are deleted (TTL).
const TIME_TO_LIVE: Duration = Duration::from_mins(1);

/// How long a batch in progress may take to end when all stops.
const GRACE: Duration = Duration::from_secs(5);

/// Runs the triggered functions until it is stopped or dropped.
pub struct Triggers {
    _tasks: JoinSet<()>,
    stream: Option<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Triggers {
    /// Starts them all. `emulator` must be asked to delete expired items; another DynamoDB does so itself.
    pub fn start(
        store: Store,
        publisher: Arc<Publisher>,
        stream: Option<StreamReader>,
        emulator: Option<&Emulator>,
    ) -> Self {
        let mut tasks = JoinSet::new();
        tasks.spawn(sweep(store));
        tasks.spawn(redeliver(publisher.clone()));
        tasks.spawn(replay(publisher.clone()));
        let (stop, stopped) = watch::channel(false);
        let stream = stream.map(|stream| tokio::spawn(publish(publisher, stream, stopped)));
        if let Some(emulator) = emulator {
            tasks.spawn(time_to_live(emulator.time_to_live()));
        }
        Self { _tasks: tasks, stream, stop }
    }

    /// Stops them; a batch in progress ends first, so that the next start does not publish it again.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if let Some(stream) = self.stream.take() {
            let _ = tokio::time::timeout(GRACE, stream).await;
        }
    }
}

async fn sweep(store: Store) {
    let mut ticks = every(SWEEP);
    loop {
        ticks.tick().await;
        sweep::sweep(&store, system_time(), sweep::Bounds::default()).await;
    }
}

async fn redeliver(publisher: Arc<Publisher>) {
    let mut ticks = every(REDELIVER);
    loop {
        ticks.tick().await;
        let request = publish::Request { redrive: false, tick: Tick::default() };
        publisher.redeliver(request, publish::Bounds::default()).await;
    }
}

/// What earlier starts could not publish. On AWS an operator invokes this; here each start is perhaps a newer build.
async fn replay(publisher: Arc<Publisher>) {
    let mut after = String::new();
    loop {
        match Box::pin(publisher.replay(Replay { after, ..Replay::default() })).await {
            Ok(done) => {
                if done.taken > 0 {
                    tracing::info!(
                        target: "holdpoint",
                        taken = done.taken,
                        published = done.published,
                        left = done.left,
                        "replayed kept records"
                    );
                }
                match done.after.filter(|_| done.more) {
                    Some(last) => after = last,
                    None => return,
                }
            }
            Err(ReplayError::NoBucket) => return,
            Err(error) => {
                tracing::error!(target: "holdpoint", cause = %error, "kept records could not be replayed");
                return;
            }
        }
    }
}

async fn publish(publisher: Arc<Publisher>, mut stream: StreamReader, mut stopped: watch::Receiver<bool>) {
    // An error means that `Triggers` was dropped, which also stops it.
    while stopped.has_changed().is_ok_and(|changed| !changed) {
        let pause = match Box::pin(stream.publish(&publisher)).await {
            Ok(0) => POLL,
            Ok(_) => pause_after(stream.failed()),
            Err(error) => {
                tracing::error!(target: "holdpoint", cause = %error, "the stream is not readable");
                SWEEP
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopped.changed() => return,
        }
    }
}

/// How long to wait before a record that has failed so often is retried; zero if none has. Longer each time, so that a temporary
/// failure has time to pass.
fn pause_after(failed: u32) -> Duration {
    failed
        .checked_sub(1)
        .map_or(Duration::ZERO, |before| (POLL * 2_u32.pow(before.min(10))).min(LONGEST_PAUSE))
}

async fn time_to_live(delete: impl Fn() -> Result<usize, Error> + Send + Sync + 'static) {
    let delete = Arc::new(delete);
    let mut ticks = every(TIME_TO_LIVE);
    loop {
        ticks.tick().await;
        let delete = delete.clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || delete()).await {
            tracing::error!(target: "holdpoint", cause = %error, "could not delete expired items");
        }
    }
}

/// Ticks, the first at once; missed ones are skipped.
fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_at_a_record_take_most_of_a_minute() {
        assert_eq!(pause_after(0), Duration::ZERO, "nothing has failed");
        let pauses: Vec<Duration> = (1..10).map(pause_after).collect();
        assert!(pauses.is_sorted() && pauses[0] == POLL, "{pauses:?}");
        assert_eq!(pauses.iter().sum::<Duration>(), Duration::from_millis(48_900));
    }
}
