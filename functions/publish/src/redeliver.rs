//! What could not be told at once, later: events that are owed, decisions whose run did not answer.

use crate::Publisher;
use crate::silence::Silence;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use shared::lambda::Tick;
use shared::metrics::{Metric, Unit};
use shared::review::Timestamp;
use shared::store::{Due, DueItem, StoreError};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What one run may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Backlogs and runs it takes up.
    pub deliveries: usize,
    /// Time after which it takes up no further one.
    pub time: Duration,
}

impl Default for Bounds {
    /// Within the function's minute (`template.yaml`), with time for the last call's own time-out.
    fn default() -> Self {
        Self { deliveries: 1000, time: Duration::from_secs(40) }
    }
}

/// What `redeliver` is called with: by its schedule, or by an operator with `{"redrive": true}`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Request {
    /// Take all dead letters out of the dead-letter queue, and try them again.
    #[serde(default)]
    pub redrive: bool,
    /// When.
    #[serde(flatten)]
    pub tick: Tick,
}

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redelivered {
    /// Backlogs and runs that were due.
    pub due: u64,
    /// Events that were delivered.
    pub delivered: u64,
    /// Tries that failed and will be made again.
    pub failed: u64,
    /// Backlogs that went into the dead-letter queue.
    pub buried: u64,
    /// Dead letters taken out of it again.
    pub redriven: u64,
    /// What could not be looked at.
    pub errors: u64,
    /// Whether it stopped at its bounds, with more to do.
    pub more: bool,
    /// How long the oldest had been due, in milliseconds, also if it was left.
    pub oldest_lag_ms: u64,
}

impl Redelivered {
    /// As metrics.
    pub fn metrics(&self) -> Vec<Metric> {
        vec![
            ("DeliveriesDue", Unit::Count, self.due),
            ("EventsRedelivered", Unit::Count, self.delivered),
            ("DeliveriesFailed", Unit::Count, self.failed),
            ("DeadLetters", Unit::Count, self.buried),
            ("RedeliverFailures", Unit::Count, self.errors),
            ("DeliveryLag", Unit::Milliseconds, self.oldest_lag_ms),
        ]
    }

    fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.buried += other.buried;
        self.errors += other.errors;
    }

    /// These are left to the next run.
    fn leave(&mut self, items: &[DueItem], round: &Round) {
        self.more |= !items.is_empty();
        let lag = items.iter().map(|due| round.lag(due)).max();
        self.oldest_lag_ms = self.oldest_lag_ms.max(lag.unwrap_or_default());
    }
}

const PAGE: usize = 50;
const AT_ONCE: usize = 8;
/// For how long what cannot be looked at is left alone, in milliseconds.
const SET_ASIDE_MILLIS: i64 = 10 * 60 * 1000;

/// One run: when it is, when it ends, and what it has learnt.
pub(crate) struct Round {
    now: Timestamp,
    end: Instant,
    pub(crate) silence: Silence,
}

impl Round {
    /// Whether there is no time left to take up anything.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// For how long something has been due, in milliseconds.
    fn lag(&self, due: &DueItem) -> u64 {
        u64::try_from(self.now.millis() - due.due_at.millis()).unwrap_or_default()
    }
}

impl Publisher {
    /// Tries what is due. Bounded; what is left is done by the next run. Many at once are harmless.
    pub async fn redeliver(&self, request: Request, bounds: Bounds) -> Redelivered {
        let mut done = Redelivered::default();
        let now = request.tick.now(self.now());
        let round = Round { now, end: Instant::now() + bounds.time, silence: Silence::default() };
        if request.redrive {
            self.redrive(&round, &mut done).await;
        }
        let mut shards: VecDeque<_> = Due::shards_from(now).map(|shard| (shard, None)).collect();
        while let Some((shard, after)) = shards.pop_front() {
            let room = bounds.deliveries.saturating_sub(usize::try_from(done.due).unwrap_or(usize::MAX));
            // What it does not come to any more is looked at all the same, for how long it has been due.
            let is_full = room == 0 || round.is_over();
            let limit = if is_full { 1 } else { room.min(PAGE) };
            match self.store.due(Due::Deliveries, shard, now, limit, after).await {
                Ok(page) if is_full => done.leave(&page.items, &round),
                Ok(page) => {
                    self.deliver_page(page.items, &round, &mut done).await;
                    shards.extend(page.next.map(|next| (shard, Some(next))));
                }
                Err(error) => {
                    done.errors += 1;
                    tracing::error!(target: "holdpoint", function = "redeliver", shard, cause = %error, "a shard is not readable");
                    if is_full {
                        break;
                    }
                }
            }
        }
        if done != Redelivered::default() {
            tracing::info!(
                target: "holdpoint",
                function = "redeliver",
                due = done.due,
                delivered = done.delivered,
                failed = done.failed,
                buried = done.buried,
                redriven = done.redriven,
                errors = done.errors,
                more = done.more,
                oldest_lag_ms = done.oldest_lag_ms,
                "redelivered"
            );
        }
        done
    }

    async fn deliver_page(&self, items: Vec<DueItem>, round: &Round, done: &mut Redelivered) {
        let outcomes: Vec<_> = items.into_iter().map(|due| self.deliver_in_time(due, round)).collect();
        let mut outcomes = stream::iter(outcomes).buffer_unordered(AT_ONCE);
        while let Some((due, outcome)) = outcomes.next().await {
            let Some(outcome) = outcome else {
                done.leave(&[due], round);
                continue;
            };
            done.due += 1;
            done.oldest_lag_ms = done.oldest_lag_ms.max(round.lag(&due));
            match outcome {
                Ok(delivered) => done.add(delivered),
                Err(_) => done.errors += 1,
            }
        }
    }

    /// One thing that is due, and what became of it; `None` when time has run out.
    async fn deliver_in_time(
        &self,
        due: DueItem,
        round: &Round,
    ) -> (DueItem, Option<Result<Redelivered, StoreError>>) {
        if round.is_over() {
            return (due, None);
        }
        let delivered = Box::pin(self.deliver(&due, round)).await;
        (due, Some(delivered))
    }

    async fn deliver(&self, due: &DueItem, round: &Round) -> Result<Redelivered, StoreError> {
        let result = match self.store.due_resume(due) {
            Some(Ok(id)) => match self.tell_run(&round.silence, &id).await {
                Ok(true) => Ok(Redelivered::default()),
                Ok(false) => {
                    let moved = self.store.resume_is_not_due(&id, due, self.now()).await;
                    moved.map(|()| Redelivered::default())
                }
                Err(error) => Err(error),
            },
            Some(Err(error)) => Err(error),
            None => self.deliver_backlog(due, round).await,
        };
        if let Err(error) = &result {
            tracing::error!(target: "holdpoint", function = "redeliver", cause = %error, "what is due could not be looked at");
            if error.lasts() {
                let _ = self.store.set_aside(due, self.now().plus_millis(SET_ASIDE_MILLIS)).await;
            }
        }
        result
    }

    /// Takes dead letters out of the dead-letter queue.
    async fn redrive(&self, round: &Round, done: &mut Redelivered) {
        for shard in 0..Due::SHARDS {
            let mut after = None;
            while !round.is_over() {
                let Ok(page) = self.store.due(Due::DeadLetters, shard, round.now, PAGE, after).await else {
                    done.errors += 1;
                    break;
                };
                for dead in &page.items {
                    match self.store.redrive(dead, round.now).await {
                        Ok(redriven) => done.redriven += u64::from(redriven),
                        Err(_) => done.errors += 1,
                    }
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
    }
}
