//! Events: what the stream says reaches the bus and the webhooks, at least once, in order, whatever fails.

use aws_lambda_events::event::dynamodb::Event;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::http::StatusCode;
use local::stream::StreamReader;
use publish::{Outbound, Publisher};
use serde_json::{Value, json};
use shared::egress::Egress;
use shared::review::{BlockId, OrganizationId, ReviewId, RunId};
use shared::store::{Meter, Store};
use std::sync::Arc;
use tests::faults::{Fault, Faults};
use tests::killed::Killed;
use tests::outbox::webhook;
use tests::outbox::{Outbox, Ways};
use tests::stub_servers::{Answer, Received, StubServer};
use tests::{REVIEW, REVIEWS, TestApp, endpoint};

/// The audit's entry ids of a review, in order: what its events must be.
pub(super) async fn entries(app: &TestApp, run: &str, block: &str) -> Vec<String> {
    let overlay = app.call("dana", "GET", &format!("/v1/workflows/reviews/{run}/{block}"), None).await.ok();
    let ids = overlay["audit"].as_array().unwrap().iter();
    ids.map(|entry| entry["entry_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_audit_entry_becomes_its_event_with_pointers_and_no_snapshot() {
    let app = TestApp::with_stream().await;
    let (bus, receiver, other) = (StubServer::start(), StubServer::start(), StubServer::start());
    let outbox = app.outbox(Ways { bus: Some(bus.url()), ..Ways::default() }).await;
    webhook(&app, "admin", &receiver).await;
    webhook(&app, "other_admin", &other).await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.claim("ben", 1, 900).await.ok();
    app.release("ben", 2).await.ok();
    let secret = "confidential-words";
    app.post("dana", "versions", json!({ "version_stamp": 3, "snapshot": { "note": secret } })).await.ok();
    let escalation =
        json!({ "version_stamp": 4, "verdict": "escalated", "reason": "?", "escalate_to": "legal" });
    app.post("dana", "decision", escalation).await.ok();
    let approval =
        json!({ "version_stamp": 5, "verdict": "approved", "edited_output": { "note": secret, "x": 1 } });
    app.post("agent", "decision", approval).await.ok();
    app.post("dana", "reopen", json!({ "version_stamp": 6 })).await.ok();
    outbox.publish().await;

    let told: Vec<Value> = receiver.received().iter().map(Received::json).collect();
    let types: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let expected = [
        "review.opened",
        "review.claimed",
        "review.claimed",
        "review.released",
        "review.version_appended",
        "review.escalated",
        "review.decided",
        "review.reopened",
    ];
    assert_eq!(types, expected);
    assert_eq!(receiver.events(), entries(&app, "run_abc123", "block_extract").await);
    let overlay = app.get().await.ok();
    for (index, event) in told.iter().enumerate() {
        let (data, entry) = (&event["data"], &overlay["audit"][index]);
        assert_eq!(event["timestamp"], entry["at"]);
        assert_eq!(data["sequence"], json!(index));
        for field in ["entry_id", "actor", "rev_observed", "rev_result", "detail"] {
            assert_eq!(data[field], entry[field], "{field}");
        }
        for field in ["organization_id", "workflow_id", "workflow_version_id", "workflow_run_id", "block_id"]
        {
            assert_eq!(data[field], overlay[field], "{field}");
        }
        assert_eq!(data["review_url"], REVIEW);
        assert!(!event.to_string().contains(secret) && !event.to_string().contains("Northwind"), "{event}");
    }
    assert_eq!(told[2]["data"]["detail"]["took_over_from"]["id"], "user_42");
    assert_eq!(
        (&told[6]["data"]["status"], &told[6]["data"]["effective_seq"]),
        (&json!("approved"), &json!(2))
    );

    let put: Vec<Value> = bus.received().iter().map(|request| request.json()["Entries"][0].clone()).collect();
    for (entry, event) in put.iter().zip(&told) {
        assert_eq!((&entry["Source"], &entry["DetailType"]), (&json!("holdpoint"), &event["type"]));
        assert_eq!(serde_json::from_str::<Value>(entry["Detail"].as_str().unwrap()).unwrap(), *event);
    }
    assert_eq!((put.len(), bus.received()[0].header("x-amz-target")), (8, "AWSEvents.PutEvents"));
    assert!(other.received().is_empty(), "another organization hears nothing");
}

#[tokio::test]
async fn a_journal_that_overflows_tells_each_entry_once() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    app.open().await;
    for stamp in 0..40 {
        app.clock.advance_seconds(1);
        app.claim("dana", stamp, 900).await.ok();
    }
    outbox.publish().await;
    assert_eq!(receiver.events(), entries(&app, "run_abc123", "block_extract").await);
    let sequences: Vec<u64> =
        receiver.received().iter().map(|it| it.json()["data"]["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, (0..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn killed_at_any_point_of_a_batch_publish_loses_nothing_and_keeps_the_order() {
    let app = TestApp::with_stream().await;
    let outbox = app.outbox(Ways::default()).await;
    for run in ["run_a", "run_b", "run_c"] {
        app.open_at("agent", run, "block", 0).await;
        for stamp in 0..3 {
            let path = format!("/v1/workflows/reviews/{run}/block/claim");
            let body = json!({ "version_stamp": stamp, "ttl_seconds": 900 + stamp });
            app.call("dana", "POST", &path, Some(body)).await.ok();
        }
    }
    let batches = outbox.take().await;
    assert!(!batches.is_empty());
    let mut expected = Vec::new();
    for run in ["run_a", "run_b", "run_c"] {
        expected.push(entries(&app, run, "block").await);
    }
    let (mut killed_at, mut kills, mut retold) = (1, 0, 0);
    loop {
        let receiver = StubServer::start();
        // It fails now and then, so that there is something owed, too.
        receiver.then([
            Answer::Say(200, json!({})),
            Answer::Say(500, json!({})),
            Answer::Say(200, json!({})),
        ]);
        let id = webhook(&app, "admin", &receiver).await;
        let mut was_killed = false;
        for batch in &batches {
            let done = Killed::after(killed_at, outbox.publisher.publish(batch.clone())).await;
            was_killed |= done.is_none();
        }
        for batch in &batches {
            let done = Box::pin(outbox.publisher.publish(batch.clone())).await;
            assert_eq!(done.batch_item_failures, []);
        }
        for _ in 0..4 {
            app.clock.advance_seconds(121);
            outbox.redeliver().await;
        }
        let told = receiver.events();
        for review in &expected {
            let of_review: Vec<&String> = told.iter().filter(|id| review.contains(id)).collect();
            assert_eq!(of_review, review.iter().collect::<Vec<_>>(), "killed at {killed_at}");
        }
        retold += receiver.received().len() - told.len();
        let path = format!("/v1/webhooks/{id}");
        assert_eq!(app.call("admin", "DELETE", &path, None).await.status, StatusCode::NO_CONTENT);
        if !was_killed {
            break;
        }
        (kills, killed_at) = (kills + 1, killed_at + 1);
    }
    println!("killed at {kills} points; {retold} events came twice, with the same id");
    assert!(kills > 10, "{kills}");
}

#[tokio::test]
async fn killed_at_any_point_redeliver_loses_nothing_and_keeps_the_order() {
    let (mut killed_at, mut retold) = (1, 0);
    loop {
        let (app, receiver, outbox, _) = owing().await;
        app.open_at("agent", "run_2", "block", 0).await;
        for stamp in 0..3 {
            let path = format!("{REVIEWS}/run_1/block/claim");
            let body = json!({ "version_stamp": stamp, "ttl_seconds": 900 + stamp });
            app.call("dana", "POST", &path, Some(body)).await.ok();
        }
        outbox.publish().await;
        assert_eq!(receiver.received().len(), 1, "all is owed");
        app.clock.advance_seconds(31);
        let was_killed = Killed::after(killed_at, outbox.redeliver()).await.is_none();
        // Whoever was at work has had its time.
        for _ in 0..3 {
            app.clock.advance_seconds(600);
            outbox.redeliver().await;
        }
        let told = receiver.events();
        for run in ["run_1", "run_2"] {
            let expected = entries(&app, run, "block").await;
            let of_review: Vec<&String> = told.iter().filter(|id| expected.contains(id)).collect();
            assert_eq!(of_review, expected.iter().collect::<Vec<_>>(), "{run}, killed at {killed_at}");
        }
        app.clock.advance_seconds(86_400);
        assert_eq!(outbox.redeliver().await.due, 0, "nothing is owed, killed at {killed_at}");
        retold += receiver.received().len() - 1 - told.len();
        if !was_killed {
            break;
        }
        killed_at += tests::amount(4, 1);
    }
    println!("killed at up to {killed_at} points; {retold} events came twice, with the same id");
    assert!(killed_at > 20, "{killed_at}");
}

#[tokio::test]
async fn a_target_that_always_fails_is_given_up_and_holds_up_no_other() {
    let app = TestApp::with_stream().await;
    let (broken, good, poisoned) = (StubServer::start(), StubServer::start(), StubServer::start());
    broken.always(Answer::Say(500, json!({})));
    poisoned.refuse("run_b");
    let outbox = app.outbox(Ways::default()).await;
    let broken_id = webhook(&app, "admin", &broken).await;
    webhook(&app, "admin", &good).await;
    let poisoned_id = webhook(&app, "admin", &poisoned).await;
    for run in ["run_a", "run_b"] {
        app.open_at("agent", run, "block", 0).await;
        let path = format!("/v1/workflows/reviews/{run}/block/claim");
        app.call("dana", "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok();
    }
    outbox.publish().await;
    let (a, b) = (entries(&app, "run_a", "block").await, entries(&app, "run_b", "block").await);
    let of = |told: &[Received], run: &str| -> Vec<String> {
        let events = told.iter().map(Received::json).filter(|event| event["data"]["workflow_run_id"] == run);
        events.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    };
    let told = good.received();
    assert_eq!((told.len(), of(&told, "run_a"), of(&told, "run_b")), (4, a.clone(), b.clone()));

    // 28 hours of tries, each minute's run among them.
    let mut buried = 0;
    for minutes in 0..200 {
        // Somebody else's review comes by, so that the poisoned one is seen to work.
        if minutes == 100 {
            app.open_at("agent", "run_c", "block", 0).await;
            outbox.publish().await;
        }
        buried += outbox.redeliver().await.dead_letters;
        app.clock.advance_seconds(10 * 60);
    }
    assert_eq!(buried, 3, "two reviews of the broken one, one of the poisoned one");
    let tries = |receiver: &StubServer, id: &str| {
        receiver.received().iter().filter(|it| it.json()["id"] == id).count()
    };
    // When the first of its reviews is given up, the webhook is, and the other with it.
    assert!((8..=9).contains(&tries(&broken, &a[0])) && tries(&broken, &a[1]) == 0);
    assert_eq!(tries(&poisoned, &b[0]), 9);
    assert_eq!(good.received().len(), 5);
    // The poisoned one's other review went through.
    assert!(a.iter().all(|id| poisoned.events().contains(id)));

    let listed = app.call("admin", "GET", "/v1/webhooks", None).await.ok();
    let status = |id: &str| {
        let webhooks = listed["data"].as_array().unwrap();
        webhooks.iter().find(|it| it["webhook_id"] == id).unwrap()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!((status(&broken_id).as_str(), status(&poisoned_id).as_str()), ("disabled", "enabled"));

    // Disabled, it is told nothing new; enabled again, it is told what it is owed, in order, and then what is new.
    let before = broken.received().len();
    let claim = json!({ "version_stamp": 1 });
    app.call("ben", "POST", "/v1/workflows/reviews/run_a/block/claim", Some(claim)).await.ok();
    outbox.publish().await;
    assert_eq!(broken.received().len(), before);
    broken.always(Answer::Say(200, json!({})));
    let path = format!("/v1/webhooks/{broken_id}/enable");
    assert_eq!(app.call("admin", "POST", &path, None).await.ok()["status"], "enabled");
    outbox.redeliver().await;
    let told = &broken.received()[before..];
    assert_eq!((of(told, "run_a"), of(told, "run_b")), (a.clone(), b.clone()));

    // An operator takes the poisoned one's dead letters out of the queue.
    poisoned.refuse("nothing");
    let before = poisoned.received().len();
    let request = serde_json::from_value(json!({ "redrive": true })).unwrap();
    let done = Box::pin(outbox.publisher.redeliver(request, publish::Bounds::default())).await;
    assert_eq!((done.redriven, done.delivered), (1, 2));
    assert_eq!(of(&poisoned.received()[before..], "run_b"), b);
}

#[tokio::test]
async fn events_queue_up_behind_one_that_is_owed() {
    let app = TestApp::with_stream().await;
    let bus = StubServer::start();
    let outbox = app.outbox(Ways { bus: Some(bus.url()), ..Ways::default() }).await;
    let failed = json!({ "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "ThrottlingException", "ErrorMessage": "?" }] });
    bus.then([Answer::Say(200, failed)]);
    app.open().await;
    outbox.publish().await;
    app.claim("dana", 0, 900).await.ok();
    app.open_at("agent", "run_2", "block", 0).await;
    outbox.publish().await;
    let details = || -> Vec<String> {
        let puts = bus.received();
        let bodies = puts.iter().map(|put| put.json()["Entries"][0]["Detail"].as_str().unwrap().to_owned());
        bodies
            .map(|body| serde_json::from_str::<Value>(&body).unwrap()["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = entries(&app, "run_abc123", "block_extract").await;
    let second = entries(&app, "run_2", "block").await;
    assert_eq!(
        details(),
        [first[0].clone(), second[0].clone()],
        "the claim waits for the opening, the other review does not"
    );
    assert_eq!(outbox.redeliver().await.due, 0, "not before its time");
    app.clock.advance_seconds(30);
    let done = outbox.redeliver().await;
    assert_eq!((done.due, done.delivered, done.failed), (1, 2, 0));
    assert_eq!(details()[2..], first[..]);
    assert_eq!(outbox.redeliver().await.due, 0);
    app.release("dana", 1).await.ok();
    outbox.publish().await;
    assert_eq!(details().len(), 5, "nothing is owed any more, so it goes at once");
}

#[tokio::test]
async fn a_late_tick_of_redeliver_measures_lags_by_our_clock() {
    let (app, _receiver, outbox, _) = owing().await;
    // It was for a minute after the opening, and runs eleven minutes later.
    app.clock.advance_seconds(720);
    let tick = async || {
        let request = serde_json::from_value(json!({ "time": "2026-05-13T08:56:00Z" })).unwrap();
        Box::pin(outbox.publisher.redeliver(request, publish::Bounds::default())).await
    };
    let done = tick().await;
    assert_eq!((done.due, done.delivered, done.oldest_lag_ms), (1, 1, 690_000), "due for 690 s, not 30");
    let done = tick().await;
    assert_eq!((done.due, done.oldest_lag_ms), (0, 660_000), "nothing was due by then, and it is late");
    assert_eq!(outbox.redeliver().await.oldest_lag_ms, 0);
}

#[tokio::test]
async fn redeliveries_at_once_tell_each_event_once() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    receiver.then([Answer::Say(503, json!({}))]);
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    app.open().await;
    for stamp in 0..5 {
        app.claim("dana", stamp, 900 + u32::try_from(stamp).unwrap()).await.ok();
    }
    outbox.publish().await;
    app.clock.advance_seconds(30);
    let all = futures_util::future::join_all((0..4).map(|_| outbox.redeliver())).await;
    assert_eq!(all.iter().map(|done| done.delivered).sum::<u64>(), 6, "{all:?}");
    assert_eq!(receiver.received().len(), 7);
    assert_eq!(receiver.events(), entries(&app, "run_abc123", "block_extract").await);
}

#[tokio::test]
async fn a_record_that_cannot_be_dealt_with_is_given_back_and_stops_no_other() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    app.open_at("agent", "run_1", "block", 0).await;
    app.open_at("agent", "run_2", "block", 0).await;
    app.open_at("agent", "run_3", "block", 0).await;
    let mut batches = outbox.take().await;
    let mut broken = None;
    for record in batches.iter_mut().flat_map(|batch| &mut batch.records) {
        let is_meta = |text: &str| format!("{:?}", record.change.keys).contains(text);
        if is_meta("run_2") && is_meta("#META") {
            let unreadable = json!({ "pk": { "S": "REVIEW#org_a#run_2#block" }, "sk": { "S": "#META" } });
            record.change.new_image = serde_json::from_value(unreadable).unwrap();
            broken = record.change.sequence_number.clone();
        }
    }
    let mut failures = Vec::new();
    for batch in batches {
        failures.extend(Box::pin(outbox.publisher.publish(batch)).await.batch_item_failures);
    }
    let failures: Vec<Option<String>> = failures.into_iter().map(|it| Some(it.item_identifier)).collect();
    assert_eq!(failures, [broken]);
    let told = receiver.received();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|event| !event.body.contains("run_2")));
    let wire = serde_json::to_value(publish::Batch::default()).unwrap();
    assert_eq!(wire, json!({ "batchItemFailures": [] }), "as Lambda reads it");
}

#[tokio::test]
async fn what_dynamodb_refuses_is_given_back() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    app.open().await;
    let batches: Vec<Event> = outbox.take().await;
    let faults = Faults::default();
    let store = Store::new(faults.client(endpoint()), app.inner.store.table());
    let clock = app.clock.clone();
    let outbound = Outbound::new(Egress::PublicAndLoopback);
    let publisher = Publisher::new(store, Arc::new(move || clock.now()), None, None, outbound);
    // For the webhooks, and for the subscriptions.
    faults.plan("Query", Fault::Throttle, 2 * 4);
    let mut failures = 0;
    for batch in &batches {
        failures += Box::pin(publisher.publish(batch.clone())).await.batch_item_failures.len();
    }
    assert_eq!((failures, receiver.received().len()), (1, 0));
    for batch in &batches {
        assert_eq!(Box::pin(publisher.publish(batch.clone())).await.batch_item_failures, []);
    }
    assert_eq!(receiver.events(), entries(&app, "run_abc123", "block_extract").await);
}

/// An app with a pending event for its one webhook, the opening of `run_1`, and the webhook's id.
async fn owing() -> (TestApp, StubServer, Outbox, String) {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    receiver.then([Answer::Say(500, json!({}))]);
    let outbox = app.outbox(Ways::default()).await;
    let id = webhook(&app, "admin", &receiver).await;
    app.open_at("agent", "run_1", "block", 0).await;
    outbox.publish().await;
    (app, receiver, outbox, id)
}

/// Sets one attribute of an item to what it cannot be.
async fn damage(app: &TestApp, pk: &str, sk: &str, name: &str) {
    let update = app.inner.store.client().update_item().table_name(app.inner.store.table());
    let update = update.key("pk", AttributeValue::S(pk.into())).key("sk", AttributeValue::S(sk.into()));
    let update = update.update_expression("SET #name = :damage").expression_attribute_names("#name", name);
    update.expression_attribute_values(":damage", AttributeValue::S("damage".into())).send().await.unwrap();
}

#[tokio::test]
async fn an_owed_event_that_is_not_readable_is_given_up_as_any_other() {
    let (app, receiver, outbox, id) = owing().await;
    damage(&app, &format!("BACKLOG#org_a#{id}"), "#EVENT#run_1#block#0000000000", "event_type").await;
    let (mut looked_at, mut errors, mut buried) = (0, 0, 0);
    for _ in 0..200 {
        app.clock.advance_seconds(600);
        let done = outbox.redeliver().await;
        (looked_at, errors, buried) =
            (looked_at + done.due, errors + done.errors, buried + done.dead_letters);
    }
    assert_eq!((looked_at, errors, buried, receiver.received().len()), (8, 8, 1, 1));
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_left_alone_for_ten_minutes() {
    let (app, receiver, outbox, id) = owing().await;
    damage(&app, &format!("BACKLOG#org_a#{id}"), "#HEAD#run_1#block", "attempts").await;
    let mut opening = tests::opening("run_2", "block", 0);
    opening["resume"] = json!({ "kind": "webhook", "url": receiver.url() });
    app.call("agent", "POST", tests::REVIEWS, Some(opening)).await;
    damage(&app, "RESUME#org_a#run_2#block", "RESUME", "task_token").await;
    let decision = json!({ "version_stamp": 0, "verdict": "approved" });
    app.call("dana", "POST", "/v1/workflows/reviews/run_2/block/decision", Some(decision)).await.ok();
    drop(outbox.take().await);
    app.inner.store.schedule_resume(&review("run_2"), app.clock.now()).await.unwrap();
    for _ in 0..3 {
        app.clock.advance_seconds(30);
        let done = outbox.redeliver().await;
        assert_eq!((done.due, done.errors), (2, 2));
        app.clock.advance_seconds(570);
        assert_eq!(outbox.redeliver().await.due, 0, "not before its time");
    }
}

/// The review of a run.
fn review(run: &str) -> ReviewId {
    ReviewId {
        organization: OrganizationId::parse("org_a").unwrap(),
        run: RunId::parse(run).unwrap(),
        block: BlockId::parse("block").unwrap(),
    }
}

#[tokio::test]
async fn the_local_stream_counts_how_often_a_record_was_given_until_it_is_done_or_left_out() {
    let app = TestApp::with_stream().await;
    let client = local::stream::client(endpoint());
    let mut reader = StreamReader::open(client, app.inner.store.table(), None).await.unwrap().unwrap();
    reader.skip().await.unwrap();
    app.open().await;
    let first = |batch: &Event| batch.records[0].change.sequence_number.clone().unwrap();
    let fail = async |batch: Event| vec![first(&batch)];
    for times in 1..4 {
        assert!(reader.read(fail).await.unwrap() > 0);
        assert_eq!(reader.failed(), times);
    }
    reader.skip().await.unwrap();
    assert_eq!(reader.failed(), 0, "it is done");
    app.claim("dana", 0, 900).await.ok();
    for times in (1..10).chain([0]) {
        assert!(reader.read(fail).await.unwrap() > 0);
        assert_eq!(reader.failed(), times, "after the tenth time it is left out");
    }
}

/// The DynamoDB units of telling, for small reviews: as docs/costs.md has them.
#[tokio::test]
async fn what_telling_costs() {
    let app = TestApp::with_stream().await;
    let (receiver, service) = (StubServer::start(), StubServer::start());
    let outbox = app.outbox(Ways { step_functions: Some(service.url()), ..Ways::default() }).await;
    let cost = async |what: &str| {
        let mut total = (0, 0.0, 0.0);
        for batch in outbox.take().await {
            let (done, usage) = Meter::measure(Box::pin(outbox.publisher.publish(batch))).await;
            assert_eq!(done.batch_item_failures, []);
            total = (total.0 + usage.calls, total.1 + usage.read_units, total.2 + usage.write_units);
        }
        println!("{what}: {} calls, {} read units, {} write units", total.0, total.1, total.2);
        total
    };
    let mut opening = tests::opening("run_abc123", "block_extract", 0);
    opening["resume"] = json!({ "kind": "step_functions", "task_token": "token" });
    app.call("agent", "POST", tests::REVIEWS, Some(opening)).await;
    let opened = cost("an event nobody wants, and whether anybody has subscribed").await;
    assert_eq!(opened, (2, 2.0, 0.0));
    webhook(&app, "admin", &receiver).await;
    app.claim("dana", 0, 900).await.ok();
    assert_eq!(cost("a claim, as an event for one webhook").await, (5, 4.0, 1.0));
    receiver.then([Answer::Say(500, json!({}))]);
    app.release("dana", 1).await.ok();
    assert_eq!(cost("an event that one webhook does not take").await, (6, 3.0, 7.0));
    app.clock.advance_seconds(30);
    let (done, usage) = Meter::measure(outbox.redeliver()).await;
    println!("its delivery half a minute later: {usage:?}");
    assert_eq!((done.delivered, usage.write_units), (1, 8.0));
    app.approve("dana", 2).await.ok();
    let (calls, read, written) = cost("a decision, with an event for one webhook and a run to tell").await;
    assert!(calls <= 11 && read <= 6.0 && written <= 12.0, "{calls} {read} {written}");
    // How telling went is written to META, and comes by on the stream, too: two records more.
    assert_eq!(cost("what telling wrote").await, (0, 0.0, 0.0));
    app.open_at("agent", "run_2", "block", 0).await;
    let opened = cost("an event for one webhook, and whether anybody has subscribed").await;
    assert_eq!(opened, (5, 4.0, 1.0));
    let path = |verb: &str| format!("{REVIEWS}/run_2/block/{verb}");
    app.call("dana", "POST", &path("claim"), Some(json!({ "version_stamp": 0 }))).await.ok();
    cost("a claim").await;
    app.clock.advance_seconds(1);
    app.call("ben", "POST", &path("release"), Some(json!({ "version_stamp": 1 }))).await.ok();
    let ended = cost("an event for one webhook, and the lease of a claim that another has ended").await;
    assert_eq!(ended, (5, 3.0, 3.0));
}
