//! Each minute: retries of pending events and callbacks, tests, and redrives.
//!
//! `due` finds what is due, `fair_share` shares it out to organizations. All of them are served side by side, each within its own
//! limits (`pacing::turns`), each of its receivers in a lane of its own: a receiver that hangs holds up nobody else. `backlog`
//! delivers what is pending of one review at one target; `digest` what a subscription has to tell;
//! `redrive` makes dead letters due; `report` counts.

mod backlog;
mod digest;
mod due;
mod fair_share;
mod redrive;
mod report;

pub use report::Redelivered;

use super::attempt::{Sent, send_test};
use super::callback::{Resumed, resume};
use super::context::{BatchContext, Services};
use crate::pacing::backoff;
use backlog::deliver_backlog;
use digest::{deliver_digest, test_message};
use fair_share::{Lane, Share, share_out};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use shared::event::{DeliveryTarget, WebhookId};
use shared::review::OrganizationId;
use shared::runtime::lambda::Tick;
use shared::store::{DueItem, DueWork, StoreError};
use std::time::Duration;

/// The limits of one run.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Backlogs, callbacks and tests it handles.
    pub deliveries: usize,
    /// Time after which it starts no further one.
    pub time: Duration,
}

impl Default for Bounds {
    /// Within the function's minute (`template.yaml`), with time for the last call's own time-out.
    fn default() -> Self {
        Self { deliveries: 1000, time: Duration::from_secs(40) }
    }
}

/// The input of `redeliver`: from its schedule, or from an operator with `{"redrive": true}`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Request {
    /// Retry all dead letters.
    #[serde(default)]
    pub redrive: bool,
    /// When.
    #[serde(flatten)]
    pub tick: Tick,
}

/// Organizations that are served at once.
const ORGANIZATIONS_AT_ONCE: usize = 32;
/// Items that are handled at once for one receiver, or for the callbacks of one organization.
const AT_ONCE: usize = 8;

/// Handles what is due, within `bounds`; the rest is left to the next run. Several runs at once do no harm.
pub(crate) async fn redeliver(services: &Services, request: Request, bounds: Bounds) -> Redelivered {
    let times = request.tick.times("redeliver", (services.clock)());
    let mut done = Redelivered { oldest_lag_ms: times.least_lag_ms(), ..Redelivered::default() };
    let context = BatchContext::of_redeliver(services, times, bounds.time);
    if request.redrive {
        redrive::all_dead_letters(&context, &mut done).await;
    }
    let mut due = due::find(&context, &mut done).await;
    let is_redrive = |work: &DueWork| matches!(work, DueWork::Redrive(..));
    let asked: Vec<DueItem> =
        due.extract_if(.., |(_, work)| is_redrive(work)).map(|(item, _)| item).collect();
    if !asked.is_empty() {
        for item in &asked {
            redrive::one_target(&context, item, &mut done).await;
        }
        due = due::find(&context, &mut done).await;
        due.retain(|(_, work)| !is_redrive(work));
    }
    let (shares, left) = share_out(due, bounds.deliveries);
    done.leave(&left, times);
    let shares: Vec<_> = shares.into_iter().map(|share| serve(&context, share)).collect();
    let mut served = stream::iter(shares).buffer_unordered(ORGANIZATIONS_AT_ONCE);
    while let Some(outcome) = served.next().await {
        done.add(outcome);
    }
    done.bus_failures = context.bus_failures();
    done.log();
    done
}

/// One organization's share: its lanes side by side.
async fn serve(context: &BatchContext<'_>, share: Share) -> Redelivered {
    let Share { organization, lanes } = share;
    let lanes = lanes.into_iter().map(|(lane, items)| {
        let organization = &organization;
        async move {
            let items = items.into_iter().map(|due| handle_in_time(context, organization, &lane, due));
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

/// One due item, if there is time left.
async fn handle_in_time(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    lane: &Lane,
    due: DueItem,
) -> Redelivered {
    let mut done = Redelivered::default();
    if !context.has_time() {
        done.leave(&[due], context.times);
        return done;
    }
    (done.due, done.oldest_lag_ms) = (1, context.times.lag_ms(due.due_at));
    let handled = match lane {
        Lane::Callbacks => Box::pin(resume_due(context, &due)).await,
        Lane::Target(target) => match due.work() {
            Ok(DueWork::Test(_, id)) => test(context, organization, id, &due).await,
            Ok(DueWork::TestMessage(_, id)) => test_message(context, &due, (organization, &id)).await,
            Ok(DueWork::Digest(_, id)) => Box::pin(deliver_digest(context, &due, (organization, &id))).await,
            Ok(_) => Box::pin(deliver_backlog(context, &due, (organization, target))).await,
            Err(error) => Err(error),
        },
    };
    match handled {
        Ok(handled) => done.add(handled),
        Err(error) => {
            done.errors += 1;
            due::set_aside(context, &due, &error).await;
        }
    }
    done
}

/// A callback that may be due.
async fn resume_due(context: &BatchContext<'_>, due: &DueItem) -> Result<Redelivered, StoreError> {
    let mut done = Redelivered::default();
    let Ok(DueWork::Callback(id)) = due.work() else { return Ok(done) };
    let store = context.store();
    let review = store.peek(&id).await?;
    let resumed = match review.filter(|review| review.begin_resume(context.now()).is_some()) {
        None => Resumed::NotDue,
        Some(review) => resume(context, &review).await?,
    };
    match resumed {
        Resumed::Tried => {}
        Resumed::NotDue => store.reschedule_resume(&id, due, context.now()).await?,
        Resumed::NotCalled(since) => {
            let later = backoff::not_called(since, context.now());
            done.postponed += u64::from(store.postpone(due, later).await?);
        }
    }
    Ok(done)
}

/// A test delivery that somebody has asked for.
async fn test(
    context: &BatchContext<'_>,
    organization: &OrganizationId,
    id: WebhookId,
    due: &DueItem,
) -> Result<Redelivered, StoreError> {
    let mut done = Redelivered::default();
    let store = context.store();
    let Some(test) = store.take_test(due, context.now()).await? else { return Ok(done) };
    let id = DeliveryTarget::Webhook(id);
    if let Some(target) = context.services.targets.find(organization, &id).await? {
        match send_test(context, organization, &target, &test).await? {
            Sent::Delivered => done.delivered += 1,
            Sent::Failed { .. } => {}
            // It stays, and is due again when its two minutes are over.
            Sent::NotCalled => {
                done.postponed += 1;
                return Ok(done);
            }
        }
    }
    store.delete_test(due).await?;
    Ok(done)
}
