//! Records that can never be published: kept in a bucket, whole, so that they hold up no others and are not lost.
//!
//! Whether a record is kept or given back to Lambda follows from the error alone ([`fate`]): kept if a repeat would fail in the same way
//! however long it is repeated, given back if it is the world that fails. A record that cannot be kept is given back, too.

use super::context::BatchContext;
use super::record::Record;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::bucket::{Bucket, BucketError};
use shared::review::Timestamp;
use shared::store::StoreError;
use std::borrow::Cow;
use std::time::Duration;

/// What the keys of kept records begin with.
pub(crate) const UNREADABLE: &str = "unreadable/";

/// What becomes of a record that could not be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is kept, and what follows goes on.
    Keep,
    /// It is given back, with what follows.
    Retry,
}

/// What becomes of a record after such an error.
pub(crate) const fn fate(error: &StoreError) -> Fate {
    match error {
        // - Throttled, Unavailable: the table, with what is written there about receivers, is not available. That passes.
        // - Denied: it is the same for all records, until somebody puts it right. To keep them all one by one would lose their order.
        // - Newer: during a gradual release some batches come to the old build. The next try may come to the new one, which reads it;
        //   for a quarter of an hour ([`Trouble::aged`]).
        StoreError::Throttled(_)
        | StoreError::Unavailable(_)
        | StoreError::Denied(_)
        | StoreError::Newer(_) => Fate::Retry,
        // This record, or an item that it needs, is broken, or DynamoDB does not take what we make of it.
        StoreError::Rejected(_) | StoreError::Corrupt(_) => Fate::Keep,
    }
}

/// Why a record is kept: a code for whoever looks at the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It is no record of a stream.
    NotARecord,
    /// One of its images does not decode.
    CorruptImage,
    /// An event of it cannot be made.
    EventNotMade,
    /// An item that it needs does not decode: a webhook, a backlog, a lease, the callback's target.
    CorruptItem,
    /// DynamoDB refuses what is written because of it.
    Refused,
    /// A newer build has written it, and none has come for [`NEWER_BUILD_WITHIN`].
    NewerBuild,
    /// It was tried for as long as records are.
    RetriesUsedUp,
}

/// For how long a record waits for the build that can read it. A gradual release takes five minutes. Longer, and a release that was
/// taken back would hold up the shard, and have the other reviews' events of the batch delivered again at each try.
const NEWER_BUILD_WITHIN: Duration = Duration::from_mins(15);

impl Cause {
    /// Of an error after the record was read.
    pub(crate) const fn of(error: &StoreError) -> Self {
        match error {
            StoreError::Rejected(_) => Self::Refused,
            StoreError::Newer(_) => Self::NewerBuild,
            _ => Self::CorruptItem,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NotARecord => "not_a_record",
            Self::CorruptImage => "corrupt_image",
            Self::EventNotMade => "event_not_made",
            Self::CorruptItem => "corrupt_item",
            Self::Refused => "refused",
            Self::NewerBuild => "newer_build",
            Self::RetriesUsedUp => "retries_used_up",
        }
    }
}

/// Why one record of a part could not be published.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// Its place in the part.
    pub(crate) index: usize,
    pub(crate) fate: Fate,
    pub(crate) cause: Cause,
    /// For the log.
    pub(crate) text: String,
}

impl Trouble {
    pub(crate) fn new(index: usize, cause: Cause, error: &StoreError) -> Self {
        let cause = if matches!(error, StoreError::Newer(_)) { Cause::NewerBuild } else { cause };
        Self { index, fate: fate(error), cause, text: error.to_string() }
    }

    /// As it is for a record that happened then: one that no build has read for too long is kept.
    pub(crate) fn aged(mut self, happened: Option<Timestamp>, now: Timestamp) -> Self {
        let waited = happened.map_or(0, |happened| now.millis().saturating_sub(happened.millis()));
        if self.cause == Cause::NewerBuild
            && i128::from(waited) > NEWER_BUILD_WITHIN.as_millis().cast_signed()
        {
            self.fate = Fate::Keep;
        }
        self
    }

    /// Of an error after the record was read.
    pub(crate) fn of(index: usize, error: &StoreError) -> Self {
        Self::new(index, Cause::of(error), error)
    }
}

/// A kept record, as it is stored.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept<'a> {
    version: u32,
    /// The code of a [`Cause`].
    cause: Cow<'a, str>,
    #[serde(rename = "kept_at")]
    at: Cow<'a, str>,
    /// As Lambda sent it.
    pub(crate) record: Cow<'a, RawValue>,
}

/// Keeps a record. Keeping it again overwrites it with the same.
pub(crate) async fn keep(
    bucket: &Bucket,
    record: &Record,
    (cause, now): (Cause, Timestamp),
) -> Result<String, BucketError> {
    let key = format!("{UNREADABLE}{}.json", record.name());
    let kept = Kept {
        version: 1,
        cause: cause.as_str().into(),
        at: now.to_string().into(),
        record: Cow::Borrowed(&*record.raw),
    };
    let unmade = |error: serde_json::Error| BucketError::Refused(error.to_string());
    let content = serde_json::to_vec(&kept).map_err(unmade)?;
    bucket.put(&key, "application/json", &content).await?;
    Ok(key)
}

/// Keeps a record of a batch; the error says why it is given back instead.
pub(crate) async fn keep_of_batch(
    context: &BatchContext<'_>,
    record: &Record,
    trouble: &Trouble,
) -> Result<(), String> {
    let Some(bucket) = &context.services.failed_records else {
        return Err(format!("{}; there is no bucket to keep it in", trouble.text));
    };
    if !context.has_time_to_keep() {
        return Err(format!("{}; there was no time left to keep it", trouble.text));
    }
    let kept = context.with_kept(keep(bucket, record, (trouble.cause, context.now()))).await;
    let key = kept.map_err(|error| format!("{}; it could not be kept: {error}", trouble.text))?;
    tracing::error!(
        target: "holdpoint",
        function = context.function,
        sequence_number = record.sequence_number(),
        key,
        code = trouble.cause.as_str(),
        cause = trouble.text,
        "a record was kept"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_builds_record_waits_for_a_quarter_of_an_hour_and_others_as_before() {
        let at = |minutes: i64| Some(Timestamp::from_millis(minutes * 60_000));
        let now = Timestamp::from_millis(60 * 60_000);
        let fate = |error: &StoreError, happened| Trouble::of(0, error).aged(happened, now).fate;
        let newer = StoreError::Newer("v".into());
        assert_eq!((fate(&newer, at(44)), fate(&newer, at(45))), (Fate::Keep, Fate::Retry));
        assert_eq!((fate(&newer, None), fate(&newer, at(61))), (Fate::Retry, Fate::Retry));
        assert_eq!(fate(&StoreError::Throttled("t".into()), at(0)), Fate::Retry);
    }

    /// A new variant does not compile here until somebody decides.
    #[test]
    fn each_error_of_the_store_is_kept_or_retried() {
        let text = || "text".to_owned();
        let errors = [
            StoreError::Throttled(text()),
            StoreError::Unavailable(text()),
            StoreError::Denied(text()),
            StoreError::Rejected(text()),
            StoreError::Corrupt(text()),
            StoreError::Newer(text()),
        ];
        for error in errors {
            let (expected, cause) = match &error {
                StoreError::Throttled(_)
                | StoreError::Unavailable(_)
                | StoreError::Denied(_)
                | StoreError::Newer(_) => (Fate::Retry, None),
                StoreError::Rejected(_) => (Fate::Keep, Some("refused")),
                StoreError::Corrupt(_) => (Fate::Keep, Some("corrupt_item")),
            };
            let trouble = Trouble::of(0, &error);
            assert_eq!(trouble.fate, expected, "{error}");
            assert!(cause.is_none_or(|cause| trouble.cause.as_str() == cause), "{error}");
        }
    }
}
