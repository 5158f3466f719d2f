//! What Lambda's event source mapping does on AWS: reads the table's stream, gives it to `publish` batch by batch, and
//! keeps its place.

use crate::Error;
use crate::emulator::write_private;
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, ShardIteratorType};
use publish::Publisher;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// How many records a batch has at most (`template.yaml`).
const BATCH: i32 = 100;
/// How many attempts a record gets before it is kept and skipped. On AWS it gets 20 hours (`template.yaml`), and its whole batch is kept.
const TRIES: u32 = 10;

/// The position in the stream, by shard: the sequence number of the last record that was handled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Positions {
    stream: String,
    shards: BTreeMap<String, String>,
}

/// Reads one table's stream.
pub struct StreamReader {
    client: Client,
    positions: Positions,
    iterators: HashMap<String, String>,
    /// By shard: the record that failed, and how often.
    failing: HashMap<String, (String, u32)>,
    /// Where the position is stored between runs, if it is.
    file: Option<PathBuf>,
}

/// A client for the streams of a DynamoDB that checks no credentials.
pub fn client(endpoint: &str) -> Client {
    let (url, access_key) = crate::emulator::url_and_access_key(endpoint);
    let builder = aws_sdk_dynamodbstreams::config::Builder::from(&crate::emulator::sdk_with(access_key));
    Client::from_conf(builder.endpoint_url(url).build())
}

impl StreamReader {
    /// Reads the stream of `table` from where `file` says that it was left, or from its beginning; `None` when the table has
    /// no stream.
    pub async fn open(client: Client, table: &str, file: Option<PathBuf>) -> Result<Option<Self>, Error> {
        let streams = client.list_streams().table_name(table).send().await.map_err(failed)?;
        let Some(stream) = streams.streams().iter().rev().find_map(|stream| stream.stream_arn()) else {
            return Ok(None);
        };
        let kept: Option<Positions> = file
            .as_ref()
            .and_then(|file| std::fs::read(file).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let positions = kept
            .filter(|positions| positions.stream == stream)
            .unwrap_or_else(|| Positions { stream: stream.to_owned(), ..Positions::default() });
        Ok(Some(Self { client, positions, iterators: HashMap::new(), failing: HashMap::new(), file }))
    }

    /// Reads to the end of the stream without publishing anything.
    pub async fn skip(&mut self) -> Result<(), Error> {
        while self.read(|_| async { Vec::new() }).await? > 0 {}
        Ok(())
    }

    /// Publishes what is there, up to one batch of each shard; returns the number of records.
    pub async fn publish(&mut self, publisher: &Publisher) -> Result<usize, Error> {
        let handle = |batch: Event| async {
            let done = publisher.publish(batch).await;
            done.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
        };
        self.read_with(handle, Some(publisher)).await
    }

    /// How often the record has failed that will be retried; 0 if there is none.
    pub fn failed(&self) -> u32 {
        self.failing.values().map(|(_, times)| *times).max().unwrap_or_default()
    }

    /// Reads a batch of each shard; returns the number of records. `handle` returns the sequence numbers of those that failed:
    /// reading continues at the first of them.
    pub async fn read<F: Future<Output = Vec<String>>>(
        &mut self,
        handle: impl Fn(Event) -> F,
    ) -> Result<usize, Error> {
        self.read_with(handle, None).await
    }

    /// As [`StreamReader::read`]; `publisher` keeps each record that is not tried any more.
    async fn read_with<F: Future<Output = Vec<String>>>(
        &mut self,
        handle: impl Fn(Event) -> F,
        publisher: Option<&Publisher>,
    ) -> Result<usize, Error> {
        let mut count = 0;
        for shard in self.shards().await? {
            let Some(iterator) = self.iterator(&shard).await? else { continue };
            let output = self.client.get_records().shard_iterator(iterator).limit(BATCH).send().await;
            let output = output.inspect_err(|_| drop(self.iterators.remove(&shard))).map_err(failed)?;
            let records = output.records.unwrap_or_default();
            match output.next_shard_iterator {
                Some(next) => drop(self.iterators.insert(shard.clone(), next)),
                None => drop(self.iterators.remove(&shard)),
            }
            if records.is_empty() {
                continue;
            }
            count += records.len();
            let batch = lambda_event(&records)?;
            let failures = handle(batch).await;
            if let Some(publisher) = publisher
                && let Some(skipped) = self.first_to_skip(&shard, &records, &failures)
            {
                for record in lambda_event(&records[skipped..=skipped])?.records {
                    keep(publisher, record).await;
                }
            }
            self.advance(&shard, &records, &failures)?;
        }
        Ok(count)
    }

    /// The first record that failed, if that was its last attempt.
    fn first_to_skip(&self, shard: &str, records: &[Record], failures: &[String]) -> Option<usize> {
        let index = first_failure(records, failures)?;
        let (failing, times) = self.failing.get(shard)?;
        (failing == number(&records[index]) && times + 1 >= TRIES).then_some(index)
    }

    /// Moves the position to before the first record that failed; one that has failed too often is skipped.
    fn advance(&mut self, shard: &str, records: &[Record], failures: &[String]) -> Result<(), Error> {
        let numbers: Vec<&str> = records.iter().map(number).collect();
        let done = match first_failure(records, failures) {
            None => {
                self.failing.remove(shard);
                numbers.last().copied()
            }
            Some(index) => {
                let number = numbers[index];
                // Read again from the stored position.
                self.iterators.remove(shard);
                if self.fails(shard, number) < TRIES {
                    index.checked_sub(1).map(|before| numbers[before])
                } else {
                    self.failing.remove(shard);
                    Some(number)
                }
            }
        };
        if let Some(done) = done {
            self.positions.shards.insert(shard.to_owned(), done.to_owned());
        }
        if let Some(file) = &self.file {
            let kept =
                |error: String| Error::Emulator(format!("could not save the stream's position: {error}"));
            let text = serde_json::to_vec(&self.positions).map_err(|error| kept(error.to_string()))?;
            let new = file.with_extension("new");
            write_private(&new, &text)
                .and_then(|()| std::fs::rename(&new, file))
                .map_err(|error| kept(error.to_string()))?;
        }
        Ok(())
    }

    /// Notes that a record failed; returns how often it has.
    fn fails(&mut self, shard: &str, number: &str) -> u32 {
        let (failing, times) = self.failing.entry(shard.to_owned()).or_default();
        if failing != number {
            (*failing, *times) = (number.to_owned(), 0);
        }
        *times += 1;
        *times
    }

    /// The stream's shards; asked for once, and again when one has ended.
    async fn shards(&self) -> Result<Vec<String>, Error> {
        if !self.iterators.is_empty() {
            return Ok(self.iterators.keys().cloned().collect());
        }
        let output = self.client.describe_stream().stream_arn(&self.positions.stream).send().await;
        let output = output.map_err(failed)?;
        let shards = output
            .stream_description()
            .map(aws_sdk_dynamodbstreams::types::StreamDescription::shards)
            .unwrap_or_default();
        Ok(shards.iter().filter_map(|shard| shard.shard_id().map(str::to_owned)).collect())
    }

    async fn iterator(&mut self, shard: &str) -> Result<Option<String>, Error> {
        if let Some(iterator) = self.iterators.get(shard) {
            return Ok(Some(iterator.clone()));
        }
        let request = self.client.get_shard_iterator().stream_arn(&self.positions.stream).shard_id(shard);
        let request = match self.positions.shards.get(shard) {
            Some(done) => {
                request.shard_iterator_type(ShardIteratorType::AfterSequenceNumber).sequence_number(done)
            }
            None => request.shard_iterator_type(ShardIteratorType::TrimHorizon),
        };
        Ok(request.send().await.map_err(failed)?.shard_iterator)
    }
}

/// Keeps a record that is not tried any more, as far as that is possible.
async fn keep(publisher: &Publisher, record: EventRecord) {
    match publisher.keep(record).await {
        Ok(Some(key)) => tracing::error!(target: "holdpoint", key, "a record was kept"),
        Ok(None) => {
            tracing::error!(target: "holdpoint", "a record was skipped: there is no bucket to keep it in");
        }
        Err(error) => {
            tracing::error!(target: "holdpoint", cause = %error, "a record was skipped, and could not be kept");
        }
    }
}

fn number(record: &Record) -> &str {
    record.dynamodb().and_then(|change| change.sequence_number()).unwrap_or_default()
}

/// The place of the first record that failed.
fn first_failure(records: &[Record], failures: &[String]) -> Option<usize> {
    records.iter().position(|record| failures.iter().any(|failure| failure == number(record)))
}

fn failed<E: std::error::Error + 'static>(error: E) -> Error {
    Error::Emulator(aws_sdk_dynamodbstreams::error::DisplayErrorContext(error).to_string())
}

/// Records of the stream's API, as Lambda hands them to a function.
fn lambda_event(records: &[Record]) -> Result<Event, Error> {
    let records: Vec<Value> = records.iter().map(lambda_record).collect();
    serde_json::from_value(json!({ "Records": records })).map_err(|error| Error::Emulator(error.to_string()))
}

fn lambda_record(record: &Record) -> Value {
    let change = record.dynamodb();
    let item = |item: Option<&HashMap<String, AttributeValue>>| -> Value {
        let item: serde_dynamo::Item = item.cloned().unwrap_or_default().into();
        serde_json::to_value(item).unwrap_or_default()
    };
    let seconds = change
        .and_then(|change| change.approximate_creation_date_time())
        .map(aws_sdk_dynamodb::primitives::DateTime::secs);
    json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(aws_sdk_dynamodbstreams::types::OperationType::as_str),
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "local",
        // The emulator names the fields of the identity differently from AWS; that there is one is enough.
        "userIdentity": record.user_identity().map(|_| json!({
            "type": "Service", "principalId": "dynamodb.amazonaws.com",
        })),
        "dynamodb": {
            "ApproximateCreationDateTime": seconds,
            "Keys": item(change.and_then(|change| change.keys())),
            "NewImage": item(change.and_then(|change| change.new_image())),
            "OldImage": item(change.and_then(|change| change.old_image())),
            "SequenceNumber": change.and_then(|change| change.sequence_number()),
            "SizeBytes": change.and_then(aws_sdk_dynamodbstreams::types::StreamRecord::size_bytes).unwrap_or_default(),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}
