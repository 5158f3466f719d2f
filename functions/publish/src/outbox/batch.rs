//! One batch of the table's stream.
//!
//! Its reviews are handled side by side; so are, for each review, the callback, the events for each target, what people are told,
//! and the leases: none of them waits for the others' receivers. The events of one review reach a target in order.

use super::callback::resume_or_schedule;
use super::context::{BatchContext, Services};
use super::deliver::deliver_to;
use super::keep::{Cause, Fate, Trouble, keep_of_batch};
use super::leases;
use super::notify::tell;
use super::record::{Record, Records};
use crate::notices::relevance::News;
use futures_util::future::join_all;
use futures_util::join;
use serde::Serialize;
use shared::event::{EventType, ReviewEvent};
use shared::metrics::{Metric, Unit};
use shared::review::{AuditEntry, Review, Timestamp};
use shared::store::{ReviewChange, StoreError, StreamChange};
use std::collections::{BTreeMap, HashMap};

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
    /// How many records were kept, because they can never be published.
    #[serde(skip)]
    pub kept: usize,
    /// How many calls to the event bus failed.
    #[serde(skip)]
    pub bus_failures: u64,
}

impl Batch {
    /// As metrics.
    pub fn metrics(&self) -> Vec<Metric> {
        vec![
            ("Events", Unit::Count, self.events as u64),
            ("ResumeFailed", Unit::Count, self.resume_failed as u64),
            ("RecordsFailed", Unit::Count, self.batch_item_failures.len() as u64),
            ("RecordsKept", Unit::Count, self.kept as u64),
            ("BusFailures", Unit::Count, self.bus_failures),
        ]
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.batch_item_failures.extend(other.batch_item_failures);
        self.events += other.events;
        self.resume_failed += other.resume_failed;
        self.kept += other.kept;
        self.bus_failures += other.bus_failures;
    }
}

/// A record that failed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// Its sequence number.
    pub item_identifier: String,
}

/// One record, decoded. `index` is its place in its partition's part of the batch.
struct Step {
    index: usize,
    news: StreamChange,
    /// When it happened.
    at: Timestamp,
}

/// Handles a batch of the stream. A record that fails ends its review's part of the batch; the others go on.
pub(crate) async fn publish(services: &Services, records: Records) -> Batch {
    publish_in(&BatchContext::of_stream(services), records).await
}

/// As [`publish`], in this context.
pub(crate) async fn publish_in(context: &BatchContext<'_>, records: Records) -> Batch {
    // A batch has at most 100 records; what is done at once is bounded by the context.
    let parts = by_partition(&records.0).into_iter();
    let parts = parts.map(|records| async move { Box::pin(publish_part(context, &records)).await });
    let mut done = Batch::default();
    join_all(parts).await.into_iter().for_each(|part| done.add(part));
    done.bus_failures = context.bus_failures();
    done
}

/// The records of one partition.
async fn publish_part(context: &BatchContext<'_>, records: &[&Record]) -> Batch {
    let (steps, mut troubles) = read_part(context, records);
    let (events, unmade) = events_of(&steps);
    let (resumed, delivered, told, leased) = join!(
        resume_part(context, &steps),
        deliver_part(context, &events),
        tell_part(context, &steps, &events),
        follow_claims(context, &steps)
    );
    let later = [unmade, resumed, delivered, told, leased].into_iter().flatten();
    troubles.extend(later.map(|trouble| {
        let happened = records[trouble.index].happened();
        trouble.aged(happened, context.now())
    }));
    let (kept, failed) = keep_or_fail(context, records, &troubles).await;
    let is_done =
        |index: usize| failed.as_ref().is_none_or(|(failed, _)| index < *failed) && !kept.contains(&index);
    let resume_failed = |step: &&Step| matches!(&step.news, StreamChange::Review(news) if news.resume_failed);
    Batch {
        batch_item_failures: failed.iter().map(|(index, text)| failure(records[*index], text)).collect(),
        events: events.iter().filter(|(index, _)| is_done(*index)).count(),
        resume_failed: steps.iter().filter(|step| is_done(step.index)).filter(resume_failed).count(),
        kept: kept.len(),
        bus_failures: 0,
    }
}

/// Keeps what can never be published, up to the first record that is given back, and returns the places of both. Lambda gives that
/// one again with all that follow, so they are not kept now.
async fn keep_or_fail(
    context: &BatchContext<'_>,
    records: &[&Record],
    troubles: &[Trouble],
) -> (Vec<usize>, Option<(usize, String)>) {
    // The first trouble of each record, and of those one to retry first.
    let mut first: BTreeMap<usize, &Trouble> = BTreeMap::new();
    for trouble in troubles {
        let known = first.entry(trouble.index).or_insert(trouble);
        if known.fate == Fate::Keep && trouble.fate == Fate::Retry {
            *known = trouble;
        }
    }
    let mut kept = Vec::new();
    for (index, trouble) in first {
        if trouble.fate == Fate::Retry || !context.keeps {
            return (kept, Some((index, trouble.text.clone())));
        }
        match keep_of_batch(context, records[index], trouble).await {
            Ok(()) => kept.push(index),
            Err(text) => return (kept, Some((index, text))),
        }
    }
    (kept, None)
}

/// The records that are readable, and why the others are not. What follows an unreadable one is read all the same: each record has both
/// images, so its events are those of its own change. What is to be retried ends the part.
fn read_part(context: &BatchContext<'_>, records: &[&Record]) -> (Vec<Step>, Vec<Trouble>) {
    let (mut steps, mut troubles) = (Vec::new(), Vec::new());
    for (index, record) in records.iter().enumerate() {
        // The stream's clock, where there is one, bounds ours: a clock of ours that runs fast must not end an active claim.
        let now = context.now();
        let at = record.happened().map_or(now, |happened| now.min(happened));
        let trouble = match record.images().map(|images| images.decode()) {
            Some(Ok(news)) => {
                steps.push(Step { index, news, at });
                continue;
            }
            Some(Err(error)) => Trouble::new(index, Cause::CorruptImage, &error),
            None => Trouble::new(index, Cause::NotARecord, &StoreError::Corrupt("it is no record".into())),
        };
        let trouble = trouble.aged(record.happened(), now);
        let ends = trouble.fate == Fate::Retry;
        troubles.push(trouble);
        if ends {
            break;
        }
    }
    (steps, troubles)
}

/// The callback. The images may be old, so META as it is now decides what is due, once for all of them.
async fn resume_part(context: &BatchContext<'_>, steps: &[Step]) -> Vec<Trouble> {
    let due = steps.iter().find_map(|step| match &step.news {
        StreamChange::Review(news) => {
            news.review.begin_resume(context.now()).map(|_| (step.index, &news.review))
        }
        _ => None,
    });
    let Some((index, review)) = due else { return Vec::new() };
    let resumed = resume_or_schedule(context, review).await;
    resumed.err().map(|error| Trouble::of(index, &error)).into_iter().collect()
}

/// A review's new events, to each target independently: a slow one holds up no other.
async fn deliver_part(context: &BatchContext<'_>, events: &[(usize, ReviewEvent)]) -> Vec<Trouble> {
    let Some((index, first)) = events.first() else { return Vec::new() };
    let targets = match context.targets_of(&first.review.organization).await {
        Ok(targets) => targets,
        Err(error) => return undelivered(events, *index, &error),
    };
    let delivered = join_all(targets.iter().map(|target| deliver_to(context, target, events))).await;
    delivered.into_iter().flatten().flat_map(|(index, error)| undelivered(events, index, &error)).collect()
}

/// What people are told of a review's new events.
async fn tell_part(
    context: &BatchContext<'_>,
    steps: &[Step],
    events: &[(usize, ReviewEvent)],
) -> Vec<Trouble> {
    let news: Vec<(usize, News<'_>)> = steps.iter().flat_map(|step| news_of(step, events)).collect();
    if news.is_empty() {
        return Vec::new();
    }
    let told = tell(context, &news).await;
    let places = news.iter().map(|(index, _)| *index);
    told.map(|(from, error)| troubles(places, from, &error)).unwrap_or_default()
}

/// The news of a step, each with the step's index.
fn news_of<'a>(step: &'a Step, events: &[(usize, ReviewEvent)]) -> Vec<(usize, News<'a>)> {
    let StreamChange::Review(change) = &step.news else { return Vec::new() };
    let ReviewChange { review, entries, resume_failed, approvers, .. } = &**change;
    let of_entries = entries.iter().filter_map(|(_, entry)| News::of_entry(review, entry, approvers));
    let of_callback = events.iter().find(|(index, event)| {
        *resume_failed && *index == step.index && event.event_type == EventType::ResumeFailed
    });
    let of_callback = of_callback.map(|(_, event)| News::resume_failed(review, event.id, event.at));
    of_entries.chain(of_callback).map(|news| (step.index, news)).collect()
}

/// The trouble of an event that a target did not get, and of all that follow: it got none of them, so that they stay in order.
fn undelivered(events: &[(usize, ReviewEvent)], from: usize, error: &StoreError) -> Vec<Trouble> {
    troubles(events.iter().map(|(index, _)| *index), from, error)
}

/// The same trouble of all records from one on.
fn troubles(places: impl Iterator<Item = usize>, from: usize, error: &StoreError) -> Vec<Trouble> {
    let mut places: Vec<usize> = places.filter(|index| *index >= from).collect();
    places.dedup();
    places.into_iter().map(|index| Trouble::of(index, error)).collect()
}

/// The leases, record by record, up to one that is to be retried.
async fn follow_claims(context: &BatchContext<'_>, steps: &[Step]) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for step in steps {
        let followed = match &step.news {
            StreamChange::Review(news) => leases::follow_claims(context, news, step.at).await,
            StreamChange::LeaseEnded(id) => leases::expire(context, id, step.at).await,
            StreamChange::None => Ok(()),
        };
        if let Err(error) = followed {
            troubles.push(Trouble::of(step.index, &error));
            if troubles.last().is_some_and(|trouble| trouble.fate == Fate::Retry) {
                break;
            }
        }
    }
    troubles
}

/// The events of these steps, each with its step's index. A step has all of its events, or none and a trouble.
fn events_of(steps: &[Step]) -> (Vec<(usize, ReviewEvent)>, Vec<Trouble>) {
    let (mut events, mut troubles) = (Vec::new(), Vec::new());
    for step in steps {
        let StreamChange::Review(news) = &step.news else { continue };
        let ReviewChange { review, entries, resume_failed, .. } = &**news;
        let of_entries = entries.iter().map(|(ordinal, entry)| {
            log_entry(review, entry);
            ReviewEvent::new(review, *ordinal, entry)
        });
        let of_callback = resume_failed.then(|| ReviewEvent::resume_failed(review));
        match of_entries.chain(of_callback).collect::<Result<Vec<_>, _>>() {
            Ok(made) => events.extend(made.into_iter().map(|event| (step.index, event))),
            Err(error) => {
                let error = StoreError::Corrupt(error.to_string());
                troubles.push(Trouble::new(step.index, Cause::EventNotMade, &error));
            }
        }
    }
    (events, troubles)
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

fn failure(record: &Record, cause: &str) -> BatchItemFailure {
    let item_identifier = record.sequence_number();
    tracing::error!(
        target: "holdpoint",
        function = "publish",
        sequence_number = item_identifier,
        cause,
        "a record failed"
    );
    // Without a number it is the whole batch, as far as Lambda is concerned.
    BatchItemFailure { item_identifier }
}

/// The records of each partition, in their order. What is no record is a part by itself.
fn by_partition(records: &[Record]) -> Vec<Vec<&Record>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut parts: Vec<Vec<&Record>> = Vec::new();
    for record in records {
        let place = record.partition().map(|partition| *places.entry(partition).or_insert(parts.len()));
        match place.and_then(|place| parts.get_mut(place)) {
            Some(part) => part.push(record),
            None => parts.push(vec![record]),
        }
    }
    parts
}
