//! What could not be told at once, later: events that are owed, decisions whose run did not answer.
//!
//! What is due is looked for first, and dealt out to organizations (`share`). All of them are served side by side, each within its
//! own share of calls (`context`), each of its receivers in a lane of its own: a receiver that hangs holds up nobody else.

use crate::Publisher;
use crate::outbox::callback::Resumed;
use crate::outbox::context::BatchContext;
use crate::outbox::deliver::Sent;
use crate::outbox::redelivered::{Redelivered, lag};
use crate::pacing::backoff;
use crate::pacing::share::{Lane, Share, deal};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use shared::event::WebhookId;
use shared::review::{OrganizationId, ReviewId};
use shared::runtime::lambda::Tick;
use shared::store::{Due, DueItem, DueWork, StoreError};
use std::time::Duration;

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

/// Keys that one query reads.
const PAGE: usize = 500;
/// Keys of one shard that a run looks at: what is due behind so many others waits until they are fewer.
const KEYS_OF_SHARD: usize = 2000;
/// Organizations that are served at once.
const ORGANIZATIONS_AT_ONCE: usize = 32;
/// What is taken up at once for one receiver, or for the runs of one organization.
const AT_ONCE: usize = 8;
/// Steps of making a target's backlogs due in one run: 100 items each.
const REDRIVE_STEPS: usize = 20;
/// For how long what cannot be looked at is left alone, in milliseconds.
const SET_ASIDE_MILLIS: i64 = 10 * 60 * 1000;

impl Publisher {
    /// Tries what is due. Bounded; what is left is done by the next run. Many at once are harmless.
    pub async fn redeliver(&self, request: Request, bounds: Bounds) -> Redelivered {
        let mut done = Redelivered::default();
        let now = request.tick.now(self.now());
        let context = BatchContext::of_redeliver(now, bounds.time);
        if request.redrive {
            self.redrive(&context, &mut done).await;
        }
        let mut due = self.look(&context, &mut done).await;
        let asked: Vec<DueItem> = due
            .extract_if(.., |(_, work)| matches!(work, DueWork::Redrive(..)))
            .map(|(item, _)| item)
            .collect();
        if !asked.is_empty() {
            for item in &asked {
                self.redrive_target(&context, item, &mut done).await;
            }
            due = self.look(&context, &mut done).await;
            due.retain(|(_, work)| !matches!(work, DueWork::Redrive(..)));
        }
        let (shares, left) = deal(due, bounds.deliveries);
        done.leave(&left, now);
        let shares: Vec<_> = shares.into_iter().map(|share| self.serve(&context, share)).collect();
        let mut served = stream::iter(shares).buffer_unordered(ORGANIZATIONS_AT_ONCE);
        while let Some(outcome) = served.next().await {
            done.add(outcome);
        }
        done.log();
        done
    }

    /// What is due now, oldest first in each shard.
    async fn look(&self, context: &BatchContext, done: &mut Redelivered) -> Vec<(DueItem, DueWork)> {
        let mut due = Vec::new();
        for shard in Due::shards_from(context.now) {
            let (mut after, mut seen) = (None, 0);
            loop {
                let page = match self.store.due(Due::Deliveries, shard, context.now, PAGE, after).await {
                    Ok(page) => page,
                    Err(error) => {
                        done.errors += 1;
                        tracing::error!(target: "holdpoint", function = context.function, shard, cause = %error, "a shard is not readable");
                        break;
                    }
                };
                seen += page.items.len();
                for item in page.items {
                    match item.work() {
                        Ok(work) => due.push((item, work)),
                        Err(error) => {
                            done.errors += 1;
                            self.set_aside(context, &item, &error).await;
                        }
                    }
                }
                after = page.next;
                done.more |= after.is_some() && seen >= KEYS_OF_SHARD;
                if after.is_none() || seen >= KEYS_OF_SHARD {
                    break;
                }
            }
        }
        due
    }

    /// One organization's share: its lanes side by side.
    async fn serve(&self, context: &BatchContext, share: Share) -> Redelivered {
        let Share { organization, lanes } = share;
        let lanes = lanes.into_iter().map(|(lane, items)| {
            let organization = &organization;
            async move {
                let items =
                    items.into_iter().map(|due| self.deliver_in_time(context, organization, &lane, due));
                let mut outcomes = stream::iter(items.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
                let mut done = Redelivered::default();
                while let Some(outcome) = outcomes.next().await {
                    done.add(outcome);
                }
                done
            }
        });
        let mut done = Redelivered::default();
        join_all(lanes).await.into_iter().for_each(|outcome| done.add(outcome));
        done
    }

    /// One thing that is due, if there is time left.
    async fn deliver_in_time(
        &self,
        context: &BatchContext,
        organization: &OrganizationId,
        lane: &Lane,
        due: DueItem,
    ) -> Redelivered {
        let mut done = Redelivered::default();
        if !context.has_time() {
            done.leave(&[due], context.now);
            return done;
        }
        (done.due, done.oldest_lag_ms) = (1, lag(&due, context.now));
        let delivered = match lane {
            Lane::Runs => Box::pin(self.resume_due(context, &due)).await,
            Lane::Target(target) => match due.work() {
                Ok(DueWork::Test(_, id)) => self.test(context, organization, &id, &due).await,
                Ok(_) => Box::pin(self.deliver_backlog(context, &due, (organization, target))).await,
                Err(error) => Err(error),
            },
        };
        match delivered {
            Ok(delivered) => done.add(delivered),
            Err(error) => {
                done.errors += 1;
                self.set_aside(context, &due, &error).await;
            }
        }
        done
    }

    /// A run that may be due.
    async fn resume_due(&self, context: &BatchContext, due: &DueItem) -> Result<Redelivered, StoreError> {
        let mut done = Redelivered::default();
        let Ok(DueWork::Run(id)) = due.work() else { return Ok(done) };
        let review = self.store.peek(&id).await?;
        let resumed = match review.filter(|review| review.begin_resume(self.now()).is_some()) {
            None => Resumed::NotDue,
            Some(review) => self.resume_run(context, &review).await?,
        };
        match resumed {
            Resumed::Tried => {}
            Resumed::NotDue => self.not_due(&id, due).await?,
            Resumed::NotCalled(since) => {
                let later = backoff::not_called(since, self.now());
                done.postponed += u64::from(self.store.postpone(due, later).await?);
            }
        }
        Ok(done)
    }

    async fn not_due(&self, id: &ReviewId, due: &DueItem) -> Result<(), StoreError> {
        self.store.resume_is_not_due(id, due, self.now()).await
    }

    /// A test delivery that was asked for.
    async fn test(
        &self,
        context: &BatchContext,
        organization: &OrganizationId,
        id: &WebhookId,
        due: &DueItem,
    ) -> Result<Redelivered, StoreError> {
        let mut done = Redelivered::default();
        let Some(test) = self.store.take_test(due, self.now()).await? else { return Ok(done) };
        if let Some(webhook) = self.store.webhook(organization, id).await? {
            match self.send_test(context, &webhook, &test).await {
                Sent::Delivered => done.delivered += 1,
                Sent::Failed(_) => {}
                // It stays, and is looked at again when its two minutes are over.
                Sent::NotCalled => {
                    done.postponed += 1;
                    return Ok(done);
                }
            }
        }
        self.store.test_is_over(due).await?;
        Ok(done)
    }

    /// Logs what cannot be looked at, and leaves it alone for a while if that will not pass.
    async fn set_aside(&self, context: &BatchContext, due: &DueItem, error: &StoreError) {
        tracing::error!(target: "holdpoint", function = context.function, cause = %error, "what is due could not be looked at");
        if error.is_permanent() {
            let _ = self.store.set_aside(due, self.now().plus_millis(SET_ASIDE_MILLIS)).await;
        }
    }

    /// Makes due what a target is owed, because somebody asked for it; what is left is done by the next run.
    async fn redrive_target(&self, context: &BatchContext, asked: &DueItem, done: &mut Redelivered) {
        for _ in 0..REDRIVE_STEPS {
            match self.store.redrive_step(asked, context.now).await {
                Ok(step) => {
                    done.redriven += step.moved;
                    if !step.more || !context.has_time() {
                        done.more |= step.more;
                        return;
                    }
                }
                Err(error) => {
                    done.errors += 1;
                    self.set_aside(context, asked, &error).await;
                    return;
                }
            }
        }
        done.more = true;
    }

    /// Takes dead letters out of the dead-letter queue.
    async fn redrive(&self, context: &BatchContext, done: &mut Redelivered) {
        for shard in 0..Due::SHARDS {
            let mut after = None;
            while context.has_time() {
                let Ok(page) = self.store.due(Due::DeadLetters, shard, context.now, PAGE, after).await else {
                    done.errors += 1;
                    break;
                };
                for dead in &page.items {
                    match self.store.redrive(dead, context.now).await {
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
