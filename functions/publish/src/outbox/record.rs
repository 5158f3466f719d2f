//! Records of the stream: as they came, and as they read.

use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};
use shared::hex::hex;
use shared::review::Timestamp;
use shared::store::StreamRecord;

/// Who deletes items whose TTL has passed.
const SERVICE: &str = "dynamodb.amazonaws.com";
/// How many digits a sequence number has at most (the API of DynamoDB Streams, `StreamRecord`).
const LONGEST_NUMBER: usize = 40;

/// Records in the order of the stream.
pub struct Records(pub(crate) Vec<Record>);

/// One record.
pub(crate) struct Record {
    /// As Lambda sent it.
    pub(crate) raw: Box<RawValue>,
    /// As it reads; `None` if it is no record at all.
    pub(crate) event: Option<EventRecord>,
}

impl Records {
    /// Each is read by itself: one that is no record does not make the others unreadable.
    pub(crate) fn read(records: Vec<Box<RawValue>>) -> Self {
        let read = |raw: Box<RawValue>| Record { event: serde_json::from_str(raw.get()).ok(), raw };
        Self(records.into_iter().map(read).collect())
    }
}

impl From<Event> for Records {
    fn from(batch: Event) -> Self {
        Self(batch.records.into_iter().map(Record::from).collect())
    }
}

impl From<EventRecord> for Record {
    fn from(event: EventRecord) -> Self {
        let raw = to_raw_value(&event).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self { raw, event: Some(event) }
    }
}

impl Record {
    /// Its images.
    pub(crate) fn images(&self) -> Option<StreamRecord<'_>> {
        let event = self.event.as_ref()?;
        Some(StreamRecord {
            keys: &event.change.keys,
            old: &event.change.old_image,
            new: &event.change.new_image,
            by_service: event.user_identity.as_ref().is_some_and(|identity| identity.principal_id == SERVICE),
        })
    }

    /// Its partition: what changes in one is in order. `None` if it is no record.
    pub(crate) fn partition(&self) -> Option<String> {
        self.images().map(|images| images.partition().to_owned())
    }

    /// When it happened, if it says so.
    pub(crate) fn happened(&self) -> Option<Timestamp> {
        let happened = self.event.as_ref()?.change.approximate_creation_date_time.into();
        (happened != Timestamp::default()).then_some(happened)
    }

    /// Its number in the stream; empty if it has none.
    pub(crate) fn sequence_number(&self) -> String {
        match &self.event {
            Some(event) => event.change.sequence_number.clone().unwrap_or_default(),
            None => self.said(&["dynamodb", "SequenceNumber"]).unwrap_or_default(),
        }
    }

    /// Whether it is of another table's stream. Without an ARN it is not, as far as is known.
    pub(crate) fn is_of_another_table(&self, table: &str) -> bool {
        let of_table =
            |arn: &str| arn.split_once(":table/").and_then(|(_, rest)| rest.split('/').next()) == Some(table);
        self.said(&["eventSourceARN"]).is_some_and(|arn| !of_table(&arn))
    }

    /// What it is called where it is kept: the day, its number, which sorts as the stream does, and its id. The same record is always
    /// called the same. Lambda does not say which shard it is from; the id is unique in all of them.
    pub(crate) fn name(&self) -> String {
        let day = self.happened().map(|at| at.to_string().chars().take(10).collect::<String>());
        let number = self.sequence_number();
        let is_number =
            (1..=LONGEST_NUMBER).contains(&number.len()) && number.bytes().all(|it| it.is_ascii_digit());
        let number = if is_number { number } else { String::new() };
        let is_plain =
            |id: &String| (1..=128).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_alphanumeric());
        let id = self.said(&["eventID"]).filter(is_plain);
        let id = id.unwrap_or_else(|| hex(&Sha256::digest(self.raw.get())));
        format!("{}/{number:0>LONGEST_NUMBER$}-{id}", day.as_deref().unwrap_or("undated"))
    }

    /// A text of the record as it came.
    fn said(&self, path: &[&str]) -> Option<String> {
        let value: serde_json::Value = serde_json::from_str(self.raw.get()).ok()?;
        let text = path.iter().try_fold(&value, |value, name| value.get(name))?;
        text.as_str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn record(value: &Value) -> Record {
        Records::read(vec![to_raw_value(value).unwrap()]).0.remove(0)
    }

    fn plain() -> Value {
        json!({
            "eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": "MODIFY", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/holdpoint/stream/2026-11-24T09:00:00.000",
            "dynamodb": { "ApproximateCreationDateTime": 1_795_514_400.0, "Keys": {}, "SequenceNumber": "4000", "SizeBytes": 26 },
        })
    }

    #[test]
    fn a_record_is_always_called_the_same_and_sorts_as_the_stream_does() {
        let name = |number: &str| {
            let mut value = plain();
            value["dynamodb"]["SequenceNumber"] = json!(number);
            record(&value).name()
        };
        assert_eq!(
            name("4000"),
            "2026-11-24/0000000000000000000000000000000000004000-c4ca4238a0b923820dcc509a6f75849b"
        );
        assert_eq!(name("4000"), name("4000"));
        assert!(name("999") < name("1000") && name("1000") < name("4000"));
    }

    #[test]
    fn no_record_breaks_out_of_its_folder() {
        let mut hostile = plain();
        hostile["eventID"] = json!("../../aws/lambda/x");
        hostile["dynamodb"]["SequenceNumber"] = json!("../1");
        for value in [hostile, json!(null), json!({ "eventID": 7 }), json!([])] {
            let name = record(&value).name();
            let parts: Vec<&str> = name.split('/').collect();
            assert!(parts.len() == 2 && !name.contains(".."), "{name}");
            assert_eq!(name.len(), parts[0].len() + 1 + 40 + 1 + 64, "{name}");
        }
    }

    #[test]
    fn what_is_no_record_has_its_number_all_the_same() {
        let mut value = plain();
        value["dynamodb"]["Keys"] = json!({ "pk": { "X": "of a new type" } });
        let unreadable = record(&value);
        assert!(unreadable.event.is_none() && unreadable.images().is_none());
        assert_eq!(unreadable.sequence_number(), "4000");
        assert_eq!(unreadable.raw.get(), value.to_string());
        assert_eq!(record(&json!(7)).sequence_number(), "");
    }

    #[test]
    fn a_record_of_another_table_is_known_by_its_stream() {
        assert!(!record(&plain()).is_of_another_table("holdpoint"));
        for other in ["holdpoint-2", "hold", ""] {
            assert!(record(&plain()).is_of_another_table(other), "{other}");
        }
        assert!(!record(&json!({ "eventID": "1" })).is_of_another_table("holdpoint"));
        assert!(record(&json!({ "eventSourceARN": "x" })).is_of_another_table("holdpoint"));
    }
}
