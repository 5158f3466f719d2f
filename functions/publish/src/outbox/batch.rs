//! One batch of the table's stream.
//!
//! Its reviews are handled side by side; so are, for each review, the callback, the events for each target, and the leases:
//! none of them waits for the others' receivers. The events of one review reach a target in order.

use super::callback::resume_or_schedule;
use super::context::{BatchContext, Services};
use super::deliver::deliver_to;
use super::leases;
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use futures_util::future::join_all;
use futures_util::join;
use serde::Serialize;
use shared::event::{EventType, ReviewEvent};
use shared::metrics::{Metric, Unit};
use shared::review::{AuditEntry, Review, Timestamp};
use shared::store::{ReviewChange, StoreError, StreamChange, StreamRecord};
use std::collections::HashMap;

/// The answer to Lambda: the records that failed (`ReportBatchItemFailures`). It retries the first of them and all that follow.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// Records that failed.
    pub batch_item_failures: Vec<BatchItemFailure>,
    /// How many events were delivered or are pending.
    #[serde(skip)]
    pub events: usize,
    /// How many callbacks have failed for good.
    #[serde(skip)]
    pub resume_failed: usize,
}

impl Batch {
    /// As metrics.
    pub fn metrics(&self) -> Vec<Metric> {
        vec![
            ("Events", Unit::Count, self.events as u64),
            ("ResumeFailed", Unit::Count, self.resume_failed as u64),
            ("RecordsFailed", Unit::Count, self.batch_item_failures.len() as u64),
        ]
    }
}

/// A record that failed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// Its sequence number.
    pub item_identifier: String,
}

/// Who deletes items whose TTL has passed.
const SERVICE: &str = "dynamodb.amazonaws.com";

/// One record, decoded. `index` is its place in its partition's part of the batch.
struct Step {
    index: usize,
    news: StreamChange,
    /// When it happened.
    at: Timestamp,
}

/// What became of one partition's records.
#[derive(Default)]
struct Part {
    events: usize,
    resume_failed: usize,
    failure: Option<BatchItemFailure>,
}

/// The first record that failed, and why.
type Undone = Option<(usize, StoreError)>;

/// Handles a batch. A record that fails ends its review's part of the batch; the others go on.
pub(crate) async fn publish(services: &Services, batch: Event) -> Batch {
    let context = BatchContext::of_stream(services);
    // A batch has at most 100 records; what is done at once is bounded by the context.
    let parts = by_partition(&batch.records).into_iter().map(|records| {
        let context = &context;
        async move { Box::pin(publish_part(context, &records)).await }
    });
    let mut done = Batch::default();
    for part in join_all(parts).await {
        done.events += part.events;
        done.resume_failed += part.resume_failed;
        done.batch_item_failures.extend(part.failure);
    }
    done
}

/// The records of one partition.
async fn publish_part(context: &BatchContext<'_>, records: &[&EventRecord]) -> Part {
    let (steps, unread) = read_part(context, records);
    let (events, unmade) = events_of(&steps);
    let (resumed, delivered, leased) =
        join!(resume_part(context, &steps), deliver_part(context, &events), follow_claims(context, &steps),);
    let undone = [unread, unmade, resumed, delivered, leased].into_iter().flatten();
    let undone = undone.min_by_key(|(index, _)| *index);
    let before = |index: usize| undone.as_ref().is_none_or(|(undone, _)| index < *undone);
    let resume_failed = |step: &&Step| matches!(&step.news, StreamChange::Review(news) if news.resume_failed);
    Part {
        events: events.iter().filter(|(index, _)| before(*index)).count(),
        resume_failed: steps.iter().filter(|step| before(step.index)).filter(resume_failed).count(),
        failure: undone.as_ref().map(|(index, error)| failure(records[*index], error)),
    }
}

/// The records, as far as they are readable, and the first that is not.
fn read_part(context: &BatchContext<'_>, records: &[&EventRecord]) -> (Vec<Step>, Undone) {
    let mut steps = Vec::new();
    for (index, record) in records.iter().enumerate() {
        // The stream's clock, where there is one, bounds ours: a clock of ours that runs fast must not end an active claim.
        let happened: Timestamp = record.change.approximate_creation_date_time.into();
        let now = context.now();
        let at = if happened == Timestamp::default() { now } else { now.min(happened) };
        match read(record).decode() {
            Ok(news) => steps.push(Step { index, news, at }),
            Err(error) => return (steps, Some((index, error))),
        }
    }
    (steps, None)
}

/// The callback. The images may be old, so META as it is now decides what is due, once for all of them.
async fn resume_part(context: &BatchContext<'_>, steps: &[Step]) -> Undone {
    let due = steps.iter().find_map(|step| match &step.news {
        StreamChange::Review(news) => {
            news.review.begin_resume(context.now()).map(|_| (step.index, &news.review))
        }
        _ => None,
    });
    let (index, review) = due?;
    let resumed = resume_or_schedule(context, review).await;
    resumed.err().map(|error| (index, error))
}

/// A review's new events, to each target independently: a slow one holds up no other.
async fn deliver_part(context: &BatchContext<'_>, events: &[(usize, ReviewEvent)]) -> Undone {
    let (index, first) = events.first()?;
    let targets = match context.targets_of(&first.review.organization).await {
        Ok(targets) => targets,
        Err(error) => return Some((*index, error)),
    };
    let delivered = join_all(targets.iter().map(|target| deliver_to(context, target, events))).await;
    delivered.into_iter().flatten().min_by_key(|(index, _)| *index)
}

/// The leases, record by record.
async fn follow_claims(context: &BatchContext<'_>, steps: &[Step]) -> Undone {
    for step in steps {
        let followed = match &step.news {
            StreamChange::Review(news) => leases::follow_claims(context, news, step.at).await,
            StreamChange::LeaseEnded(id) => leases::expire(context, id, step.at).await,
            StreamChange::None => Ok(()),
        };
        if let Err(error) = followed {
            return Some((step.index, error));
        }
    }
    None
}

/// The events of these steps, each with its step's index, and the first step whose events cannot be made.
fn events_of(steps: &[Step]) -> (Vec<(usize, ReviewEvent)>, Undone) {
    let mut events = Vec::new();
    for step in steps {
        let StreamChange::Review(news) = &step.news else { continue };
        let ReviewChange { review, entries, resume_failed, .. } = &**news;
        let of_entries = entries.iter().map(|(ordinal, entry)| {
            log_entry(review, entry);
            ReviewEvent::new(review, *ordinal, entry)
        });
        let of_callback = resume_failed.then(|| ReviewEvent::resume_failed(review));
        for event in of_entries.chain(of_callback) {
            match event {
                Ok(event) => events.push((step.index, event)),
                Err(error) => return (events, Some((step.index, StoreError::Corrupt(error.to_string())))),
            }
        }
    }
    (events, None)
}

fn log_entry(review: &Review, entry: &AuditEntry) {
    tracing::info!(
        target: "holdpoint",
        function = "publish",
        event = EventType::of(&entry.event).as_str(),
        event_id = %entry.entry_id,
        organization = review.id.organization.as_str(),
        run = review.id.run.as_str(),
        block = review.id.block.as_str(),
        actor = entry.actor.id.as_str(),
        rev = entry.rev_result().unwrap_or(entry.rev_observed).0,
        "event"
    );
}

fn failure(record: &EventRecord, error: &StoreError) -> BatchItemFailure {
    tracing::error!(
        target: "holdpoint",
        function = "publish",
        sequence_number = record.change.sequence_number,
        cause = %error,
        "a record failed"
    );
    // Without a number it is the whole batch, as far as Lambda is concerned.
    BatchItemFailure { item_identifier: record.change.sequence_number.clone().unwrap_or_default() }
}

fn read(record: &EventRecord) -> StreamRecord<'_> {
    StreamRecord {
        keys: &record.change.keys,
        old: &record.change.old_image,
        new: &record.change.new_image,
        by_service: record.user_identity.as_ref().is_some_and(|identity| identity.principal_id == SERVICE),
    }
}

/// The records of each partition, in their order.
fn by_partition(records: &[EventRecord]) -> Vec<Vec<&EventRecord>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut parts: Vec<Vec<&EventRecord>> = Vec::new();
    for record in records {
        let place = *places.entry(read(record).partition().to_owned()).or_insert_with(|| {
            parts.push(Vec::new());
            parts.len() - 1
        });
        parts[place].push(record);
    }
    parts
}
