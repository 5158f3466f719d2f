//! Records of the stream that can never be published: kept whole, holding up nothing, and published later.

use crate::delivery::events::entries;
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use aws_sdk_dynamodb::types::AttributeValue;
use publish::{Batch, Invocation, Publisher, Replay, Replayed};
use serde_json::{Value, json};
use shared::bucket::Bucket;
use std::collections::HashMap;
use tests::faults::{Fault, Faults};
use tests::outbox::{Outbox, Ways, webhook};
use tests::stub_servers::{Answer, StubServer};
use tests::{FailedRecords, REVIEW, TestApp, failed_records, leases};

const BLOCK: &str = "block";

/// An app with one webhook, a publisher that keeps what it cannot read, and where.
async fn app() -> (TestApp, StubServer, Outbox, FailedRecords) {
    let app = TestApp::with_stream().await;
    let (receiver, kept) = (StubServer::start(), failed_records());
    webhook(&app, "admin", &receiver).await;
    let outbox = app.outbox(Ways { failed_records: Some(kept.bucket.clone()), ..Ways::default() }).await;
    (app, receiver, outbox, kept)
}

/// A review of that run with its opening, a claim and a release.
async fn three_changes(app: &TestApp, run: &str) {
    app.open_at("agent", run, BLOCK, 0).await;
    let path = |verb: &str| format!("/v1/workflows/reviews/{run}/{BLOCK}/{verb}");
    app.call("dana", "POST", &path("claim"), Some(json!({ "version_stamp": 0 }))).await.ok();
    app.call("dana", "POST", &path("release"), Some(json!({ "version_stamp": 1 }))).await.ok();
}

fn is_meta(record: &EventRecord, run: &str) -> bool {
    let keys = serde_json::to_value(&record.change.keys).unwrap();
    keys["sk"]["S"] == "#META" && keys["pk"]["S"].as_str().unwrap().contains(run)
}

/// The records of a review's META, in order.
fn of_run(batches: &[Event], run: &str) -> Vec<EventRecord> {
    batches.iter().flat_map(|batch| batch.records.clone()).filter(|record| is_meta(record, run)).collect()
}

/// The records of three changes each to the reviews of `run_1` and `run_2`.
async fn two_reviews(app: &TestApp, outbox: &Outbox) -> (Vec<EventRecord>, Vec<EventRecord>) {
    for run in ["run_1", "run_2"] {
        three_changes(app, run).await;
    }
    let batches = outbox.take().await;
    (of_run(&batches, "run_1"), of_run(&batches, "run_2"))
}

/// A batch of these records, as Lambda sends it.
fn batch(records: &[EventRecord]) -> Value {
    json!({ "Records": records })
}

fn event(records: &[EventRecord]) -> Event {
    serde_json::from_value(batch(records)).unwrap()
}

/// A record whose new image nobody can read.
fn broken(record: &EventRecord) -> EventRecord {
    let mut broken = record.clone();
    let image = json!({ "pk": { "S": "REVIEW#org_a#run_2#block" }, "sk": { "S": "#META" } });
    broken.change.new_image = serde_json::from_value(image).unwrap();
    broken
}

async fn publish(publisher: &Publisher, records: &[EventRecord]) -> Batch {
    Box::pin(publisher.publish(event(records))).await
}

async fn replay(publisher: &Publisher) -> Replayed {
    Box::pin(publisher.replay(Replay::default())).await.unwrap()
}

fn counts(done: &Replayed) -> (u64, u64, u64, u64, bool) {
    (done.taken, done.published, done.left, done.skipped, done.more)
}

fn failures(batch: &Batch) -> Vec<&str> {
    batch.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
}

async fn keys(bucket: &Bucket) -> Vec<String> {
    bucket.list("").await.unwrap().items
}

async fn read(bucket: &Bucket, key: &str) -> Value {
    serde_json::from_slice(&bucket.get(key, 1_000_000).await.unwrap()).unwrap()
}

/// Puts a record there as `publish` keeps it.
async fn put(bucket: &Bucket, key: &str, record: &EventRecord) {
    let kept = json!({ "version": 1, "cause": "corrupt_image", "kept_at": "2026-11-27T00:00:00.000Z", "record": record });
    bucket.put(key, "application/json", kept.to_string().as_bytes()).await.unwrap();
}

/// What Lambda writes into a bucket when it gives up a batch ("Retain discarded records for a DynamoDB event source in Lambda").
fn invocation_record(records: &[EventRecord]) -> Value {
    json!({
        "requestContext": {
            "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
            "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1
        },
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "version": "1.0",
        "timestamp": "2019-11-14T00:13:49.717Z",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001573689847184-864758bb",
            "startSequenceNumber": "800000000003126276362",
            "endSequenceNumber": "800000000003126276362",
            "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
            "approximateArrivalOfLastRecord": "2019-11-14T00:13:19Z",
            "batchSize": 1,
            "streamArn": "arn:aws:dynamodb:us-east-2:123456789012:table/mytable/stream/2019-11-14T00:04:06.388"
        },
        "payload": batch(records).to_string()
    })
}

const LAMBDA_KEY: &str = "aws/lambda/5c2c9d3e-0000-4000-8000-000000000000/shardId-1/2026/11/27/2026-11-27T03.00.00-1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";

#[tokio::test]
async fn an_unreadable_record_is_kept_whole_and_holds_up_nothing() {
    let (app, receiver, outbox, kept) = app().await;
    let (one, two) = two_reviews(&app, &outbox).await;
    // Of the second review, the claim. The release after it has the claim's image as its old one, which is readable.
    let records =
        [one[0].clone(), two[0].clone(), broken(&two[1]), one[1].clone(), two[2].clone(), one[2].clone()];
    let done = publish(&outbox.publisher, &records).await;
    assert_eq!((failures(&done), done.kept, done.events), (vec![], 1, 5));
    assert!(done.metrics().contains(&("RecordsKept", shared::metrics::Unit::Count, 1)));
    let ids = entries(&app, "run_2", BLOCK).await;
    let told: Vec<String> = receiver.events().into_iter().filter(|id| ids.contains(id)).collect();
    assert_eq!(told, [ids[0].clone(), ids[2].clone()], "what follows is told, in order");
    assert_eq!(receiver.events().len(), 5, "and of the other review all");

    let names = keys(&kept.bucket).await;
    let number = two[1].change.sequence_number.clone().unwrap();
    assert!(
        names.len() == 1 && names[0].starts_with("unreadable/") && names[0].contains(&number),
        "{names:?}"
    );
    let object = read(&kept.bucket, &names[0]).await;
    assert_eq!((&object["version"], &object["cause"]), (&json!(1), &json!("corrupt_image")));
    assert_eq!(object["record"], serde_json::to_value(&records[2]).unwrap(), "whole");
    assert!(object["kept_at"].as_str().unwrap().starts_with("2026-"), "{object}");
    // Again: Lambda repeats a batch whose answer was lost. It is the same object.
    app.clock.advance_seconds(100_000);
    publish(&outbox.publisher, &records).await;
    assert_eq!(keys(&kept.bucket).await, names);
}

#[tokio::test]
async fn what_is_no_record_at_all_is_kept_as_it_came() {
    let (app, receiver, outbox, kept) = app().await;
    three_changes(&app, "run_1").await;
    let records = of_run(&outbox.take().await, "run_1");
    let mut sent = batch(&records);
    sent["Records"][1]["dynamodb"]["NewImage"]["journal"] = json!({ "X": "a type of tomorrow" });
    let text = sent.to_string();
    let invocation: Invocation = serde_json::from_str(&text).unwrap();
    let answer = Box::pin(outbox.publisher.handle(invocation)).await.unwrap();
    assert_eq!(serde_json::to_value(&answer).unwrap(), json!({ "batchItemFailures": [] }));
    assert_eq!((answer.batch().kept, receiver.events().len()), (1, 2));
    let names = keys(&kept.bucket).await;
    let object = kept.bucket.get(&names[0], 1_000_000).await.unwrap();
    let whole = sent["Records"][1].to_string();
    assert!(String::from_utf8(object).unwrap().contains("\"cause\":\"not_a_record\""));
    assert!(text.contains(&whole));
    assert_eq!(read(&kept.bucket, &names[0]).await["record"].to_string(), whole);

    for unknown in ["{}", r#"{"replay": false}"#] {
        let invocation: Invocation = serde_json::from_str(unknown).unwrap();
        assert!(Box::pin(outbox.publisher.handle(invocation)).await.is_err(), "{unknown}");
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_given_back_with_what_follows() {
    let (app, _, outbox, kept) = app().await;
    three_changes(&app, "run_2").await;
    let records = of_run(&outbox.take().await, "run_2");
    let records = [records[0].clone(), broken(&records[1]), broken(&records[2])];
    let number = records[1].change.sequence_number.clone().unwrap();
    let nowhere = local::files::bucket(
        "http://127.0.0.1:9",
        "key",
        "secret",
        "none",
        shared::bucket::Sources::default(),
    );
    for bucket in [Some(nowhere), None] {
        let other = app.outbox(Ways { failed_records: bucket, ..Ways::default() }).await;
        let done = publish(&other.publisher, &records).await;
        assert_eq!((failures(&done), done.kept), (vec![number.as_str()], 0), "the first, once");
    }
    let done = publish(&outbox.publisher, &records[1..]).await;
    assert_eq!((failures(&done), done.kept, keys(&kept.bucket).await.len()), (vec![], 2, 2));
}

#[tokio::test]
async fn a_record_of_a_newer_build_waits_for_that_build() {
    let (app, receiver, outbox, kept) = app().await;
    three_changes(&app, "run_2").await;
    let records = of_run(&outbox.take().await, "run_2");
    let mut newer = records.clone();
    let mut image = serde_json::to_value(&newer[1].change.new_image).unwrap();
    image["v"] = json!({ "N": (shared::store::SCHEMA_VERSION + 1).to_string() });
    // Whatever else is in it.
    image["journal"] = json!({ "S": "of another form" });
    newer[1].change.new_image = serde_json::from_value(image.clone()).unwrap();
    newer[2].change.old_image = serde_json::from_value(image).unwrap();
    let done = publish(&outbox.publisher, &newer).await;
    let number = records[1].change.sequence_number.clone().unwrap();
    assert_eq!((failures(&done), done.kept, keys(&kept.bucket).await), (vec![number.as_str()], 0, vec![]));
    assert_eq!(receiver.events().len(), 1);
    publish(&outbox.publisher, &records[1..]).await;
    assert_eq!(receiver.events(), entries(&app, "run_2", BLOCK).await, "the newer build's turn");
}

/// A release that was taken back: nobody will read it for now.
#[tokio::test]
async fn a_record_of_a_newer_build_that_does_not_come_is_kept_and_holds_up_nobody() {
    let (app, receiver, outbox, kept) = app().await;
    three_changes(&app, "run_2").await;
    three_changes(&app, "run_3").await;
    let records = outbox.take().await;
    let mut old = [of_run(&records, "run_2"), of_run(&records, "run_3")].concat();
    let mut image = serde_json::to_value(&old[1].change.new_image).unwrap();
    image["v"] = json!({ "N": (shared::store::SCHEMA_VERSION + 1).to_string() });
    old[1].change.new_image = serde_json::from_value(image).unwrap();
    let long_ago = app.clock.now().millis() - 16 * 60_000;
    old[1].change.approximate_creation_date_time = chrono::DateTime::from_timestamp_millis(long_ago).unwrap();
    let done = publish(&outbox.publisher, &old).await;
    assert_eq!((failures(&done), done.kept, keys(&kept.bucket).await.len()), (vec![], 1, 1));
    // All others of both reviews: what follows it, too.
    assert_eq!(receiver.events().len(), 5);
}

#[tokio::test]
async fn what_passes_is_retried_and_a_broken_item_of_a_receiver_is_no_reason_to_wait() {
    let (app, receiver, _, kept) = app().await;
    let faults = Faults::default();
    let table = Some(faults.client(&app.endpoint));
    let bucket = Some(kept.bucket.clone());
    let outbox = app.outbox(Ways { table, failed_records: bucket, ..Ways::default() }).await;
    three_changes(&app, "run_2").await;
    let records = of_run(&outbox.take().await, "run_2");
    let first = records[0].change.sequence_number.clone().unwrap();
    // Neither webhooks nor subscriptions can be read: for now, or until somebody gives us back the permission.
    for (fault, times) in [(Fault::Throttle, 2 * 4), (Fault::Fail, 2 * 4), (Fault::Refuse, 2)] {
        faults.plan("Query", fault, times);
        let done = publish(&outbox.publisher, &records).await;
        assert_eq!((failures(&done), done.kept), (vec![first.as_str()], 0), "{fault:?}");
    }
    // What was delivered to one webhook cannot be looked up, because its backlog's HEAD is broken: the other one gets all.
    let other = StubServer::start();
    let id = webhook(&app, "admin", &other).await;
    let item = HashMap::from([
        ("pk".to_owned(), AttributeValue::S(format!("BACKLOG#org_a#{id}"))),
        ("sk".to_owned(), AttributeValue::S("#HEAD#run_2#block".into())),
    ]);
    let put = app.inner.store.client().put_item().table_name(app.inner.store.table());
    put.set_item(Some(item)).send().await.unwrap();
    let done = publish(&outbox.publisher, &records).await;
    assert_eq!((failures(&done), done.kept, done.events), (vec![], 3, 0));
    assert_eq!((receiver.events().len(), other.received().len()), (3, 0));
    let causes: Vec<Value> = {
        let mut causes = Vec::new();
        for key in keys(&kept.bucket).await {
            causes.push(read(&kept.bucket, &key).await["cause"].clone());
        }
        causes
    };
    assert_eq!(causes, ["corrupt_item"; 3]);
    // Put right, it gets them, in order.
    let delete = app.inner.store.client().delete_item().table_name(app.inner.store.table());
    let delete = delete.key("pk", AttributeValue::S(format!("BACKLOG#org_a#{id}")));
    delete.key("sk", AttributeValue::S("#HEAD#run_2#block".into())).send().await.unwrap();
    assert_eq!(counts(&replay(&outbox.publisher).await), (3, 3, 0, 0, false));
    assert_eq!(other.events(), entries(&app, "run_2", BLOCK).await);
}

#[tokio::test]
async fn a_kept_record_is_published_by_the_build_that_reads_it() {
    let (app, receiver, outbox, kept) = app().await;
    let (one, two) = two_reviews(&app, &outbox).await;
    let records =
        [one[0].clone(), broken(&one[1]), one[2].clone(), two[0].clone(), broken(&two[1]), two[2].clone()];
    assert_eq!(publish(&outbox.publisher, &records).await.kept, 2);
    let names = keys(&kept.bucket).await;
    assert_eq!(counts(&replay(&outbox.publisher).await), (2, 0, 2, 0, false), "this build reads neither");
    assert_eq!((keys(&kept.bucket).await, receiver.events().len()), (names.clone(), 4));
    // As if this build read the one.
    let number = one[1].change.sequence_number.clone().unwrap();
    let key = names.iter().find(|name| name.contains(&number)).unwrap();
    put(&kept.bucket, key, &one[1]).await;
    let done = replay(&outbox.publisher).await;
    assert_eq!((counts(&done), done.batch.events, done.batch.kept), ((2, 1, 1, 0, false), 1, 0));
    let ids = entries(&app, "run_1", BLOCK).await;
    let told: Vec<String> = receiver.events().into_iter().filter(|id| ids.contains(id)).collect();
    assert_eq!(told, [ids[0].clone(), ids[2].clone(), ids[1].clone()], "late, with its own id");
    assert_eq!(keys(&kept.bucket).await.len(), 1);
    assert_eq!(counts(&replay(&outbox.publisher).await), (1, 0, 1, 0, false));
}

#[tokio::test]
async fn a_batch_that_lambda_gave_up_is_published_in_order() {
    let (app, receiver, _, kept) = app().await;
    let faults = Faults::default();
    let table = Some(faults.client(&app.endpoint));
    let bucket = Some(kept.bucket.clone());
    let outbox = app.outbox(Ways { table, failed_records: bucket, ..Ways::default() }).await;
    three_changes(&app, "run_2").await;
    let records = of_run(&outbox.take().await, "run_2");
    let sent = [records[0].clone(), broken(&records[1]), records[2].clone()];
    let content = invocation_record(&sent).to_string();
    kept.bucket.put(LAMBDA_KEY, "application/json", content.as_bytes()).await.unwrap();
    faults.plan("Query", Fault::Throttle, 2 * 4);
    assert_eq!(counts(&replay(&outbox.publisher).await), (1, 0, 1, 0, false), "the table is still not there");
    assert_eq!(keys(&kept.bucket).await, [LAMBDA_KEY]);
    // Its unreadable record is kept by itself, so that the others are not published again and again.
    let done = replay(&outbox.publisher).await;
    assert_eq!((done.published, done.batch.kept), (1, 1));
    let names = keys(&kept.bucket).await;
    assert!(names.len() == 1 && names[0].starts_with("unreadable/"), "{names:?}");
    let ids = entries(&app, "run_2", BLOCK).await;
    assert_eq!(receiver.events(), [ids[0].clone(), ids[2].clone()]);
    let told = receiver.received().len();
    assert_eq!(counts(&replay(&outbox.publisher).await), (1, 0, 1, 0, false));
    assert_eq!(receiver.received().len(), told, "nothing twice");
}

#[tokio::test]
async fn a_replay_has_bounds_and_says_where_to_go_on() {
    let (app, receiver, outbox, kept) = app().await;
    three_changes(&app, "run_1").await;
    for (number, record) in of_run(&outbox.take().await, "run_1").iter().enumerate() {
        put(&kept.bucket, &format!("unreadable/2026-11-27/{number}.json"), record).await;
    }
    let ask = async |text: &str| -> Value {
        let invocation: Invocation = serde_json::from_str(text).unwrap();
        serde_json::to_value(Box::pin(outbox.publisher.handle(invocation)).await.unwrap()).unwrap()
    };
    let done = ask(r#"{"replay": true, "prefix": "aws/"}"#).await;
    assert_eq!(done, json!({ "taken": 0, "published": 0, "left": 0, "skipped": 0, "more": false }));
    let key = "unreadable/2026-11-27/0.json";
    let done = ask(r#"{"replay": true, "limit": 1}"#).await;
    assert_eq!(
        done,
        json!({ "taken": 1, "published": 1, "left": 0, "skipped": 0, "more": true, "after": key })
    );
    let done =
        ask(r#"{"replay": true, "prefix": "unreadable/", "after": "unreadable/2026-11-27/1.json"}"#).await;
    assert_eq!(done["published"], 1);
    assert_eq!(keys(&kept.bucket).await, ["unreadable/2026-11-27/1.json"]);
    let none = Replay { time: std::time::Duration::ZERO, ..Replay::default() };
    let done = Box::pin(outbox.publisher.replay(none)).await.unwrap();
    assert_eq!(counts(&done), (0, 0, 0, 0, true), "no time");
    assert_eq!(receiver.received().len(), 2);

    let without = app.outbox(Ways::default()).await;
    let error = Box::pin(without.publisher.replay(Replay::default())).await.unwrap_err().to_string();
    assert!(error.contains("HOLDPOINT_FAILED_RECORDS_BUCKET"), "{error}");
}

#[tokio::test]
async fn foreign_and_hostile_objects_are_skipped_and_left() {
    let (app, receiver, outbox, kept) = app().await;
    three_changes(&app, "run_1").await;
    let records = of_run(&outbox.take().await, "run_1");
    let mut elsewhere = records[0].clone();
    elsewhere.event_source_arn = Some("arn:aws:dynamodb:eu-west-1:1:table/other/stream/2026".into());
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let put = async |key: &str, content: String| {
        kept.bucket.put(key, "application/json", content.as_bytes()).await.unwrap();
    };
    let record = json!({ "record": &records[0], "cause": "x", "kept_at": "x", "version": 1 });
    put("notes.json", record.to_string()).await;
    put("aws/other/1", invocation_record(&records).to_string()).await;
    for (number, content) in [
        String::new(),
        "not JSON".into(),
        "{}".into(),
        deep.clone(),
        json!({ "payload": batch(&records) }).to_string(),
        json!({ "payload": "{" }).to_string(),
        json!({ "payload": deep }).to_string(),
        json!({ "payload": "{\"Records\": []}" }).to_string(),
        json!({ "payload": "{\"replay\": true}" }).to_string(),
        invocation_record(&[records[0].clone(), elsewhere.clone()]).to_string(),
    ]
    .into_iter()
    .enumerate()
    {
        put(&format!("aws/lambda/{number}"), content).await;
    }
    let of_another = json!({ "record": elsewhere, "cause": "x", "kept_at": "x", "version": 1 });
    put("unreadable/2026-11-27/1.json", of_another.to_string()).await;
    put("unreadable/2026-11-27/2.json", "[]".into()).await;
    // Larger than is ever read, and else in order.
    let large = format!("{record}{}", " ".repeat(24 * 1024 * 1024));
    put("unreadable/2026-11-27/3.json", large).await;
    let names = keys(&kept.bucket).await;
    assert_eq!(names.len(), 15);
    assert_eq!(counts(&replay(&outbox.publisher).await), (0, 0, 0, 15, false));
    assert_eq!((keys(&kept.bucket).await, receiver.received().len()), (names, 0));
}

/// It is behind an event that is pending, in front of one that came after it.
#[tokio::test]
async fn a_replayed_event_finds_its_place_in_what_is_pending() {
    let (app, receiver, outbox, kept) = app().await;
    receiver.then([Answer::Say(500, json!({}))]);
    three_changes(&app, "run_2").await;
    let records = of_run(&outbox.take().await, "run_2");
    let sent = [records[0].clone(), broken(&records[1]), records[2].clone()];
    assert_eq!(publish(&outbox.publisher, &sent).await.kept, 1);
    assert_eq!(receiver.received().len(), 1, "two are pending");
    put(&kept.bucket, &keys(&kept.bucket).await[0], &records[1]).await;
    assert_eq!(counts(&replay(&outbox.publisher).await), (1, 1, 0, 0, false));
    app.clock.advance_seconds(31);
    assert_eq!(outbox.redeliver().await.delivered, 3);
    assert_eq!(receiver.events(), entries(&app, "run_2", BLOCK).await, "in order");
    assert_eq!(receiver.received().len(), 4);
    app.clock.advance_seconds(86_400);
    assert_eq!(outbox.redeliver().await.due, 0, "nothing is left");
}

#[tokio::test]
async fn an_old_decision_resumes_no_run_again() {
    let (app, _, _, kept) = app().await;
    let service = StubServer::start();
    let bucket = Some(kept.bucket.clone());
    let ways = Ways { step_functions: Some(service.url()), failed_records: bucket, ..Ways::default() };
    let outbox = app.outbox(ways).await;
    let mut opening = tests::opening("run_abc123", "block_extract", 0);
    opening["resume"] = json!({ "kind": "step_functions", "task_token": "token" });
    app.call("agent", "POST", tests::REVIEWS, Some(opening)).await;
    app.approve("dana", 0).await.ok();
    let records = of_run(&outbox.take().await, "run_abc123");
    for (number, record) in records.iter().enumerate() {
        put(&kept.bucket, &format!("unreadable/2026-11-27/{number}.json"), record).await;
    }
    publish(&outbox.publisher, &records).await;
    assert_eq!(service.received().len(), 1);
    let before = app.get().await.ok()["resume"].clone();
    assert_eq!(before["status"], "resumed");
    app.clock.advance_seconds(10 * 86_400);
    assert_eq!(counts(&replay(&outbox.publisher).await), (2, 2, 0, 0, false));
    assert_eq!((service.received().len(), &app.get().await.ok()["resume"]), (1, &before));
    // Reopened and decided otherwise, it is META as it is now that counts.
    app.post("dana", "reopen", json!({ "version_stamp": 1, "force": true })).await.ok();
    for (number, record) in records.iter().enumerate() {
        put(&kept.bucket, &format!("unreadable/2026-11-27/{number}.json"), record).await;
    }
    replay(&outbox.publisher).await;
    assert_eq!(service.received().len(), 1);
}

/// The record of a claim's end is found late, when its holder has claimed again, up to the same moment.
#[tokio::test]
async fn an_old_end_of_a_claim_takes_no_lease_away_from_a_later_one() {
    let (app, _, outbox, kept) = app().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    outbox.publish().await;
    app.clock.advance_seconds(100);
    app.release("ben", 1).await.ok();
    let ended = of_run(&outbox.take().await, "run_abc123");
    app.clock.advance_seconds(100);
    // Her second claim's lease is lost, and the first one's serves it: it ends at the same moment.
    let faults = Faults::default();
    faults.plan("PutItem", Fault::LoseRequest, 4);
    let other_app = app.another_app(faults.client(&app.endpoint));
    let body = lambda_http::Body::Text(json!({ "version_stamp": 2, "ttl_seconds": 700 }).to_string());
    let request = app.request("dana", "POST", &format!("{REVIEW}/claim"), body);
    Box::pin(local::gateway::dispatch(&other_app, request)).await;
    outbox.publish().await;
    assert_eq!((leases(&app).await.len(), app.get().await.ok()["claim"].is_object()), (1, true));
    put(&kept.bucket, "unreadable/2026-11-27/1.json", &ended[0]).await;
    assert_eq!(replay(&outbox.publisher).await.published, 1);
    assert_eq!(leases(&app).await.len(), 1, "it is the later claim's");
    app.clock.advance_seconds(701);
    let swept = Box::pin(sweep::sweep(&app.inner.store, app.clock.now(), sweep::Bounds::default())).await;
    assert_eq!(swept.expired, 1);
}

#[tokio::test]
async fn an_old_claim_gets_a_lease_only_if_there_is_a_claim_now() {
    let (app, _, outbox, kept) = app().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    let claimed = of_run(&outbox.take().await, "run_abc123").remove(1);
    let again = async || {
        put(&kept.bucket, "unreadable/2026-11-27/1.json", &claimed).await;
        app.clock.advance_seconds(1);
        assert_eq!(replay(&outbox.publisher).await.published, 1);
    };
    app.clock.advance_seconds(1);
    app.release("dana", 1).await.ok();
    again().await;
    assert_eq!(leases(&app).await, [], "it was released");
    app.claim("ben", 2, 900).await.ok();
    // Who wrote it last is of no interest.
    let of_claim = async || -> Vec<AttributeValue> {
        let leases = leases(&app).await.into_iter();
        leases
            .flat_map(|lease| ["pk", "due_at", "expires_at", "ttl", "written_at"].map(|it| lease[it].clone()))
            .collect()
    };
    let before = of_claim().await;
    again().await;
    assert_eq!((of_claim().await, before.len()), (before, 5), "Ben has it");
    app.approve("ben", 3).await.ok();
    outbox.publish().await;
    again().await;
    assert_eq!(leases(&app).await, [], "it is decided");
}

#[tokio::test]
async fn an_old_deletion_of_a_lease_ends_no_live_claim_and_is_not_written_into_the_past() {
    let (app, emulator) = TestApp::alone().await;
    let kept = failed_records();
    let outbox = app.outbox(Ways { failed_records: Some(kept.bucket.clone()), ..Ways::default() }).await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    drop(outbox.take().await);
    app.clock.advance_seconds(31);
    assert_eq!(emulator.delete_expired().unwrap(), 1);
    let deleted: Vec<EventRecord> = outbox
        .take()
        .await
        .into_iter()
        .flat_map(|batch| batch.records)
        .filter(|it| it.event_name == "REMOVE")
        .collect();
    let again = async || {
        put(&kept.bucket, "unreadable/2026-11-27/1.json", &deleted[0]).await;
        assert_eq!(replay(&outbox.publisher).await.published, 1);
        app.get().await.ok()
    };
    let last = |overlay: &Value| overlay["audit"].as_array().unwrap().last().unwrap().clone();
    // An hour later she has it again.
    app.clock.advance_seconds(3600);
    let live = app.claim("dana", 1, 30).await.ok();
    assert_eq!(again().await["claim"], live["claim"]);
    // That claim has ended, too, since. But that is not what the record says: the sweep's turn.
    app.clock.advance_seconds(3600);
    let after = again().await;
    assert_eq!((&last(&after)["event"], leases(&app).await.len()), (&json!("claimed"), 1));
    let swept = Box::pin(sweep::sweep(&app.inner.store, app.clock.now(), sweep::Bounds::default())).await;
    assert_eq!(swept.expired, 1);

    // The end of the first claim is recorded by nobody, and a correction comes after it. Then the record is found.
    let (app, emulator) = TestApp::alone().await;
    let outbox = app.outbox(Ways { failed_records: Some(kept.bucket.clone()), ..Ways::default() }).await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    app.clock.advance_seconds(31);
    assert_eq!(emulator.delete_expired().unwrap(), 1);
    let deleted: Vec<EventRecord> = outbox
        .take()
        .await
        .into_iter()
        .flat_map(|batch| batch.records)
        .filter(|it| it.event_name == "REMOVE")
        .collect();
    app.clock.advance_seconds(100);
    app.post("ben", "versions", json!({ "version_stamp": 1, "snapshot": { "x": 1 } })).await.ok();
    app.clock.advance_seconds(86_400);
    put(&kept.bucket, "unreadable/2026-11-27/1.json", &deleted[0]).await;
    assert_eq!(replay(&outbox.publisher).await.published, 1);
    let after = app.get().await.ok();
    let times: Vec<&str> =
        after["audit"].as_array().unwrap().iter().map(|it| it["at"].as_str().unwrap()).collect();
    assert_eq!(last(&after)["event"], "claim_expired");
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn each_failed_call_to_the_bus_is_counted_wherever_it_is_made() {
    let app = TestApp::with_stream().await;
    let bus = StubServer::start();
    let outbox = app.outbox(Ways { bus: Some(bus.url()), ..Ways::default() }).await;
    let refused = json!({ "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "ThrottlingException", "ErrorMessage": "?" }] });
    three_changes(&app, "run_1").await;
    let records = of_run(&outbox.take().await, "run_1");
    // An entry that fails in a call that does not.
    bus.then([Answer::Say(200, refused.clone())]);
    let done = publish(&outbox.publisher, &records).await;
    assert_eq!((failures(&done), done.bus_failures, done.events), (vec![], 1, 3));
    let count = shared::metrics::Unit::Count;
    assert!(done.metrics().contains(&("BusFailures", count, 1)));
    app.clock.advance_seconds(31);
    bus.then([Answer::Say(400, json!({ "__type": "AccessDeniedException" }))]);
    let done = outbox.redeliver().await;
    assert_eq!((done.failed, done.bus_failures), (1, 1));
    assert!(done.metrics().contains(&("BusFailures", count, 1)));
    app.clock.advance_seconds(121);
    let done = outbox.redeliver().await;
    assert_eq!((done.delivered, done.bus_failures), (3, 0));
}

/// What the local server does with a record that fails again and again.
#[tokio::test]
async fn the_local_stream_keeps_what_it_does_not_try_any_more() {
    let (app, receiver, _, kept) = app().await;
    let faults = Faults::default();
    let table = Some(faults.client(&app.endpoint));
    let bucket = Some(kept.bucket.clone());
    let outbox = app.outbox(Ways { table, failed_records: bucket, ..Ways::default() }).await;
    app.open().await;
    // Each of ten attempts fails, at its first two calls and their retries: for the webhooks, and for the subscriptions.
    faults.plan("Query", Fault::Throttle, 10 * 2 * 4);
    outbox.publish().await;
    let names = keys(&kept.bucket).await;
    assert_eq!((names.len(), receiver.received().len()), (1, 0));
    assert_eq!(read(&kept.bucket, &names[0]).await["cause"], "retries_used_up");
    assert_eq!(counts(&replay(&outbox.publisher).await), (1, 1, 0, 0, false));
    assert_eq!(receiver.events(), entries(&app, "run_abc123", "block_extract").await);
}
