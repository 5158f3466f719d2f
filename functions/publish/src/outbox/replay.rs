//! Records that were kept, published by today's build.
//!
//! Two kinds are in the bucket: single records that `keep` has put there, and whole batches that Lambda has, after it had tried them for
//! as long as the mapping says. They are taken one after the other, in the order of their keys, by the code that publishes the stream.
//!
//! An old record says what was so once. So what is done because of it is what is harmless whenever it is done: its events have the ids
//! that they always have; META as it is now decides about the callback and about each claim; and no lease is removed (`leases`).

use super::batch::{self, Batch};
use super::context::{BatchContext, Services};
use super::keep::{Kept, UNREADABLE};
use super::record::Records;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::bucket::{Bucket, BucketError};
use std::time::{Duration, Instant};

/// What the keys of Lambda's invocation records begin with.
const LAMBDA: &str = "aws/lambda/";
/// The largest object that is read. Lambda's payloads have at most 6 MB, before they are escaped as a JSON string.
const LARGEST: u64 = 24 * 1024 * 1024;
/// How long one object's calls are made; later events are left to `redeliver`.
const OBJECT_TIME: Duration = Duration::from_secs(10);

/// What is replayed, and how much of it in one run.
#[derive(Clone, Debug)]
pub struct Replay {
    /// What the keys begin with; all, if it is empty.
    pub prefix: String,
    /// The key to begin after; the first one, if it is empty.
    pub after: String,
    /// How many objects are looked at.
    pub limit: u64,
    /// Time after which no further object is begun.
    pub time: Duration,
}

impl Default for Replay {
    /// All of it, within the function's minute (`template.yaml`), with time for the last object's calls.
    fn default() -> Self {
        Self { prefix: String::new(), after: String::new(), limit: 1000, time: Duration::from_secs(20) }
    }
}

/// What one run did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Kept records and batches that were taken.
    pub taken: u64,
    /// Those that are published, and deleted.
    pub published: u64,
    /// Those that are left: the log says why.
    pub left: u64,
    /// Other objects, which are left as they are.
    pub skipped: u64,
    /// Whether it stopped at its bounds, with more to do.
    pub more: bool,
    /// Then, the last key that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What publishing them did.
    #[serde(skip)]
    pub batch: Batch,
}

/// Why nothing could be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no bucket.
    #[error("there is no bucket of failed records: HOLDPOINT_FAILED_RECORDS_BUCKET is not set")]
    NoBucket,
    /// It could not be listed.
    #[error("the bucket of failed records could not be listed: {0}")]
    Bucket(#[from] BucketError),
}

/// What one object is.
enum Taken {
    /// A record that we have kept.
    Record(Records),
    /// A batch that Lambda has.
    Batch(Records),
}

/// What became of one object.
enum Outcome {
    Published,
    Left,
    Skipped,
}

/// Replays what is kept.
pub(crate) async fn replay(services: &Services, replay: Replay) -> Result<Replayed, ReplayError> {
    let bucket = services.failed_records.as_ref().ok_or(ReplayError::NoBucket)?;
    let (end, mut done, mut after) = (Instant::now() + replay.time, Replayed::default(), replay.after);
    loop {
        let listed = bucket.list_after(&replay.prefix, &after).await?;
        for key in listed.items {
            if done.taken + done.skipped >= replay.limit || Instant::now() >= end {
                (done.more, done.after) = (true, Some(after).filter(|after| !after.is_empty()));
                return Ok(done);
            }
            let outcome = Box::pin(replay_one(services, bucket, &key, &mut done.batch)).await;
            done.taken += u64::from(!matches!(outcome, Outcome::Skipped));
            match outcome {
                Outcome::Published => done.published += 1,
                Outcome::Left => done.left += 1,
                Outcome::Skipped => done.skipped += 1,
            }
            after = key;
        }
        if !listed.more {
            return Ok(done);
        }
    }
}

/// One object: published and deleted, or left.
async fn replay_one(services: &Services, bucket: &Bucket, key: &str, done: &mut Batch) -> Outcome {
    let left = |cause: &dyn std::fmt::Display| {
        tracing::warn!(target: "holdpoint", function = "publish", key, cause = %cause, "a kept record is left");
        Outcome::Left
    };
    if !key.starts_with(UNREADABLE) && !key.starts_with(LAMBDA) {
        return Outcome::Skipped;
    }
    let bytes = match bucket.get(key, LARGEST).await {
        Ok(bytes) => bytes,
        Err(BucketError::TooLarge { .. }) => return Outcome::Skipped,
        // Also one that is gone: another run has published it. S3 says the same of one that we may not read.
        Err(error) => return left(&error),
    };
    let Some(taken) = read(key, &bytes, services.store.table()) else { return Outcome::Skipped };
    drop(bytes);
    let (records, keeps) = match taken {
        // What is still not readable stays where it is.
        Taken::Record(records) => (records, false),
        // Of a batch, it is kept by itself, so that the others are not published again and again.
        Taken::Batch(records) => (records, true),
    };
    let context = BatchContext::of_replay(services, OBJECT_TIME, keeps);
    let mut batch = batch::publish_in(&context, records).await;
    let failed = std::mem::take(&mut batch.batch_item_failures).len();
    done.add(batch);
    if failed > 0 {
        return left(&format!("{failed} of its records could not be published"));
    }
    match bucket.delete(key).await {
        Ok(()) => Outcome::Published,
        Err(error) => left(&format!("it is published, and could not be deleted: {error}")),
    }
}

/// What an object is; `None` if it is nothing of ours.
fn read(key: &str, content: &[u8], table: &str) -> Option<Taken> {
    /// Lambda's invocation record, in a bucket. Its other fields are not used.
    #[derive(Deserialize)]
    struct Invocation {
        payload: Box<RawValue>,
    }
    #[derive(Deserialize)]
    struct Payload {
        #[serde(rename = "Records")]
        records: Vec<Box<RawValue>>,
    }
    let taken = if key.starts_with(LAMBDA) {
        let Invocation { payload } = object(content)?;
        // The whole event, as a string that holds JSON.
        let payload: String = serde_json::from_str(payload.get()).ok()?;
        let Payload { records } = object(payload.as_bytes())?;
        Taken::Batch(Records::read(records))
    } else {
        let kept: Kept<'_> = object(content)?;
        Taken::Record(Records::read(vec![kept.record.into_owned()]))
    };
    let (Taken::Record(records) | Taken::Batch(records)) = &taken;
    let is_ours = !records.0.is_empty() && !records.0.iter().any(|it| it.is_of_another_table(table));
    is_ours.then_some(taken)
}

/// A JSON object. Serde would take the fields from an array, too.
fn object<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    let is_object = text.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(text).ok()).flatten()
}
