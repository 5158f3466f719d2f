//! One batch of the table's stream.

use crate::Publisher;
use crate::deliver::Run;
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use shared::event::ReviewEvent;
use shared::metrics::{Metric, Unit};
use shared::review::{self, Review, Timestamp};
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
}

impl Batch {
    /// As metrics.
    pub fn metrics(&self) -> Vec<Metric> {
        vec![
            ("Events", Unit::Count, self.events as u64),
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

/// How many reviews are worked on side by side.
const AT_ONCE: usize = 16;

/// Who deletes what TTL has ended.
const SERVICE: &str = "dynamodb.amazonaws.com";

impl Publisher {
    /// Tells what a batch says: reviews side by side, each review's records in order. A record that cannot be dealt with
    /// ends its review's part of the batch; the others go on.
    pub async fn publish(&self, batch: Event) -> Batch {
        let run = Run::new(self.now());
        let parts: Vec<_> =
            by_partition(&batch.records).into_iter().map(|records| self.tell_part(&run, records)).collect();
        let mut parts = stream::iter(parts).buffer_unordered(AT_ONCE);
        let mut done = Batch::default();
        while let Some((events, failure)) = parts.next().await {
            done.events += events;
            done.batch_item_failures
                .extend(failure.map(|item_identifier| BatchItemFailure { item_identifier }));
        }
        done
    }

    /// The records of one partition, in order: how many events they were, and the first that is not done.
    async fn tell_part(&self, run: &Run, records: Vec<&EventRecord>) -> (usize, Option<String>) {
        let mut events = 0;
        for record in records {
            match Box::pin(self.tell_of(run, record)).await {
                Ok(told) => events += told,
                Err(error) => {
                    tracing::error!(
                        target: "holdpoint",
                        function = "publish",
                        sequence_number = record.change.sequence_number,
                        cause = %error,
                        "a record is not done"
                    );
                    // Without a number it is the whole batch, as far as Lambda is concerned.
                    return (events, Some(record.change.sequence_number.clone().unwrap_or_default()));
                }
            }
        }
        (events, None)
    }

    async fn tell_of(&self, run: &Run, record: &EventRecord) -> Result<usize, StoreError> {
        // The stream's clock bounds ours, where it is told: a step of ours cannot end what still stands.
        let happened: Timestamp = record.change.approximate_creation_date_time.into();
        let now = if happened == Timestamp::default() { self.now() } else { self.now().min(happened) };
        match read(record).understand()? {
            StreamNews::Review(news) => self.tell_of_review(run, *news, now).await,
            StreamNews::LeaseEnded(id) => {
                let (_, review) = self.store.expire(&id, now).await?;
                if let Some(review) = review {
                    self.store.lease_again(&review, now).await?;
                }
                Ok(0)
            }
            StreamNews::None => Ok(0),
        }
    }

    /// The run that waits is told whatever becomes of the events: should they be given up, nobody would look again.
    /// `now` is when it happened.
    async fn tell_of_review(&self, run: &Run, news: ReviewNews, now: Timestamp) -> Result<usize, StoreError> {
        let told = self.tell_entries(run, &news).await;
        let resumed = self.resume_run(run, &news.review).await;
        let leased = self.keep_leases(run, &news, now).await;
        told.and(leased).and(resumed).map(|()| news.entries.len())
    }

    /// A claim that a decision or another actor has ended leaves its lease. Nobody depends on its going: what is left here, the
    /// sweep finds at the claim's end. A claim that was taken must have one: without it nobody would notice its end.
    async fn keep_leases(&self, run: &Run, news: &ReviewNews, now: Timestamp) -> Result<(), StoreError> {
        let ReviewNews { review, entries, ended } = news;
        if let Some(ended) = ended.as_ref().filter(|_| run.has_time())
            && let Err(error) = self.store.remove_lease(&review.id, ended, review.updated_at).await
        {
            tracing::warn!(target: "holdpoint", function = "publish", cause = %error, "a lease is left to the sweep");
        }
        if entries.iter().any(|(_, entry)| matches!(entry.event, review::Event::Claimed { .. })) {
            self.store.ensure_lease(review, now).await?;
        }
        Ok(())
    }

    async fn tell_entries(&self, run: &Run, news: &ReviewNews) -> Result<(), StoreError> {
        let ReviewNews { review, entries, .. } = news;
        for (ordinal, entry) in entries {
            let event = ReviewEvent::new(review, *ordinal, entry)
                .map_err(|error| StoreError::Corrupt(error.to_string()))?;
            tracing::info!(
                target: "holdpoint",
                function = "publish",
                event = event.event_type.word(),
                event_id = %event.id,
                organization = review.id.organization.as_str(),
                run = review.id.run.as_str(),
                block = review.id.block.as_str(),
                actor = entry.actor.id.as_str(),
                rev = entry.rev_result().unwrap_or(entry.rev_observed).0,
                "event"
            );
            self.tell_all(run, &event).await?;
        }
        Ok(())
    }

    /// The image may be old: what is due is asked of META as it is now.
    async fn resume_run(&self, run: &Run, review: &Review) -> Result<(), StoreError> {
        if review.begin_resume(self.now()).is_some() {
            if run.has_time() {
                self.tell_run(&run.silence, &review.id).await?;
            } else {
                self.store.schedule_resume(&review.id, self.now()).await?;
            }
        }
        Ok(())
    }
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
