//! One batch of the table's stream.
//!
//! All its reviews side by side; of each review the decision for the run, the events for each target, and the leases side by side,
//! too, so that none of them waits for the others' receivers. To one target, the events of one review go in their order.

use crate::Publisher;
use crate::outbox::context::BatchContext;
use crate::outbox::deliver::Target;
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use futures_util::future::join_all;
use futures_util::join;
use serde::Serialize;
use shared::event::{EventType, ReviewEvent};
use shared::metrics::{Metric, Unit};
use shared::review::{self, AuditEntry, Review, Timestamp};
use shared::store::{ReviewNews, StoreError, StreamNews, StreamRecord};
use std::collections::HashMap;

/// What Lambda is told of a batch: the records to give again (`ReportBatchItemFailures`). It gives again what follows the
/// first of them, too.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// Records that are not done.
    pub batch_item_failures: Vec<BatchItemFailure>,
    /// How many events were told of, or are owed now.
    #[serde(skip)]
    pub events: usize,
    /// How many runs could not be resumed, and nobody tries any more.
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

/// A record that is not done.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// Its sequence number.
    pub item_identifier: String,
}

/// Who deletes what TTL has ended.
const SERVICE: &str = "dynamodb.amazonaws.com";

/// What a record says, and which of its partition's it is.
struct Step {
    index: usize,
    news: StreamNews,
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

/// The first record that is not done, and why.
type Undone = Option<(usize, StoreError)>;

impl Publisher {
    /// Tells what a batch says. A record that cannot be dealt with ends its review's part of the batch; the others go on.
    pub async fn publish(&self, batch: Event) -> Batch {
        let context = BatchContext::of_stream(self.now());
        // A batch has at most 100 records; what is done at once is bounded by the context.
        let parts = by_partition(&batch.records).into_iter().map(|records| {
            let context = &context;
            async move { Box::pin(self.publish_part(context, &records)).await }
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
    async fn publish_part(&self, context: &BatchContext, records: &[&EventRecord]) -> Part {
        let (steps, unread) = self.read_part(records);
        let (events, unmade) = events_of(&steps);
        let (resumed, delivered, leased) = join!(
            self.resume_part(context, &steps),
            self.deliver_part(context, &events),
            self.keep_leases(context, &steps),
        );
        let undone = [unread, unmade, resumed, delivered, leased].into_iter().flatten();
        let undone = undone.min_by_key(|(index, _)| *index);
        let before = |index: usize| undone.as_ref().is_none_or(|(undone, _)| index < *undone);
        let resume_failed =
            |step: &&Step| matches!(&step.news, StreamNews::Review(news) if news.resume_failed);
        Part {
            events: events.iter().filter(|(index, _)| before(*index)).count(),
            resume_failed: steps.iter().filter(|step| before(step.index)).filter(resume_failed).count(),
            failure: undone.as_ref().map(|(index, error)| not_done(records[*index], error)),
        }
    }

    /// What the records say, as far as they are readable, and the first that is not.
    fn read_part(&self, records: &[&EventRecord]) -> (Vec<Step>, Undone) {
        let mut steps = Vec::new();
        for (index, record) in records.iter().enumerate() {
            // The stream's clock bounds ours, where it is told: a step of ours cannot end what still stands.
            let happened: Timestamp = record.change.approximate_creation_date_time.into();
            let at = if happened == Timestamp::default() { self.now() } else { self.now().min(happened) };
            match read(record).decode() {
                Ok(news) => steps.push(Step { index, news, at }),
                Err(error) => return (steps, Some((index, error))),
            }
        }
        (steps, None)
    }

    /// The images may be old: what is due is asked of META as it is now, once for all of them.
    async fn resume_part(&self, context: &BatchContext, steps: &[Step]) -> Undone {
        let due = steps.iter().find_map(|step| match &step.news {
            StreamNews::Review(news) => {
                news.review.begin_resume(self.now()).map(|_| (step.index, &news.review))
            }
            _ => None,
        });
        let (index, review) = due?;
        let resumed = self.resume_or_schedule(context, review).await;
        resumed.err().map(|error| (index, error))
    }

    /// A review's new events, to each target for itself: one that is slow holds up no other.
    async fn deliver_part(&self, context: &BatchContext, events: &[(usize, ReviewEvent)]) -> Undone {
        let (index, first) = events.first()?;
        let webhooks = match context.webhooks_of(&self.store, &first.review.organization).await {
            Ok(webhooks) => webhooks,
            Err(error) => return Some((*index, error)),
        };
        let targets = self.bus.iter().map(Target::Bus).chain(webhooks.iter().map(Target::Webhook));
        let delivered = join_all(targets.map(|target| self.deliver_to(context, target, events))).await;
        delivered.into_iter().flatten().min_by_key(|(index, _)| *index)
    }

    /// A claim that a decision or another actor has ended leaves its lease. Nobody depends on its going: what is left here, the
    /// sweep finds at the claim's end. A claim that was taken must have one: without it nobody would notice its end.
    async fn keep_leases(&self, context: &BatchContext, steps: &[Step]) -> Undone {
        for step in steps {
            let kept = match &step.news {
                StreamNews::Review(news) => self.keep_leases_of(context, news, step.at).await,
                StreamNews::LeaseEnded(id) => self.expire(id, step.at).await,
                StreamNews::None => Ok(()),
            };
            if let Err(error) = kept {
                return Some((step.index, error));
            }
        }
        None
    }

    async fn keep_leases_of(
        &self,
        context: &BatchContext,
        news: &ReviewNews,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let ReviewNews { review, entries, ended, .. } = news;
        if let Some(ended) = ended.as_ref().filter(|_| context.has_time())
            && let Err(error) = self.store.remove_lease(&review.id, ended, review.updated_at).await
        {
            tracing::warn!(target: "holdpoint", function = context.function, cause = %error, "a lease is left to the sweep");
        }
        if entries.iter().any(|(_, entry)| matches!(entry.event, review::AuditEvent::Claimed { .. })) {
            self.store.ensure_lease(review, at).await?;
        }
        Ok(())
    }

    async fn expire(&self, id: &review::ReviewId, at: Timestamp) -> Result<(), StoreError> {
        let (_, review) = self.store.expire(id, at).await?;
        if let Some(review) = review {
            self.store.recreate_lease(&review, at).await?;
        }
        Ok(())
    }
}

/// The events of these steps, each with its step's index, and the first step whose events cannot be made.
fn events_of(steps: &[Step]) -> (Vec<(usize, ReviewEvent)>, Undone) {
    let mut events = Vec::new();
    for step in steps {
        let StreamNews::Review(news) = &step.news else { continue };
        let ReviewNews { review, entries, resume_failed, .. } = &**news;
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

fn not_done(record: &EventRecord, error: &StoreError) -> BatchItemFailure {
    tracing::error!(
        target: "holdpoint",
        function = "publish",
        sequence_number = record.change.sequence_number,
        cause = %error,
        "a record is not done"
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
