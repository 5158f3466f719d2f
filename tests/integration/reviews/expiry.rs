//! The end of claims: the sweep, and DynamoDB's TTL behind it.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use shared::review::Timestamp;
use shared::store::{Due, Meter, Store};
use std::time::Duration;
use sweep::{Bounds, Swept, sweep};
use tests::faults::{Fault, Faults};
use tests::killed::{Killed, killed_at_each_point};
use tests::leases;
use tests::outbox::Ways;
use tests::stub_servers::StubServer;
use tests::{REVIEW, START, TestApp, endpoint};

async fn swept(app: &TestApp) -> Swept {
    Box::pin(sweep(&app.inner.store, app.clock.now(), Bounds::default())).await
}

fn words(overlay: &Value) -> Vec<&str> {
    overlay["audit"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_claim_that_ends_is_recorded_once_told_once_and_its_lease_removed() {
    let app = TestApp::with_stream().await;
    let bus = StubServer::start();
    let outbox = app.outbox(Ways { bus: Some(bus.url()), ..Ways::default() }).await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    app.clock.advance_seconds(29);
    assert_eq!(swept(&app).await, Swept::default(), "a second before its end it is not even due");
    let before = app.get().await.ok();
    app.clock.advance_seconds(1);
    let done = swept(&app).await;
    assert_eq!((done.due, done.expired, done.stale, done.failed), (1, 1, 0, 0));

    let after = app.get().await.ok();
    assert_eq!((&after["claim"], &after["rev"]), (&Value::Null, &before["rev"]));
    assert_eq!(words(&after), ["overlay_created", "claimed", "claim_expired"]);
    let entry = &after["audit"][2];
    assert_eq!((&entry["rev_observed"], &entry["rev_result"]), (&json!(1), &Value::Null));
    assert_eq!(entry["detail"]["holder"]["id"], "user_42");
    assert_eq!(leases(&app).await, []);

    assert_eq!(swept(&app).await, Swept::default());
    outbox.publish().await;
    let told: Vec<Value> = bus.received().iter().map(|put| put.json()["Entries"][0].clone()).collect();
    let types: Vec<&str> = told.iter().map(|entry| entry["DetailType"].as_str().unwrap()).collect();
    assert_eq!(types, ["review.opened", "review.claimed", "review.claim_expired"]);

    // Ben has read it while Dana had it: his stamp is as good as it was.
    let edit = json!({ "version_stamp": before["rev"], "snapshot": { "total": 1 } });
    let edited = app.post("ben", "versions", edit).await.ok();
    assert_eq!(edited["rev"], 2);
}

#[tokio::test]
async fn what_happened_just_before_the_sweep_is_never_touched() {
    for (what, who, ttl) in [("renewed", "dana", 60), ("taken over", "ben", 60)] {
        let app = TestApp::new().await;
        app.open().await;
        app.claim("dana", 0, 30).await.ok();
        app.clock.advance_seconds(29);
        let live = app.claim(who, 1, ttl).await.ok();
        // As if the lease's write had been lost: the old lease says that it is over.
        let mut stale = leases(&app).await.remove(0);
        let due = app.clock.now().millis() - 1;
        stale.insert("due_at".into(), AttributeValue::N(due.to_string()));
        stale.insert("pk".into(), AttributeValue::S("HOLDER#org_a#human#user_42".into()));
        let put = app.inner.store.client().put_item().table_name(app.inner.store.table());
        put.set_item(Some(stale)).send().await.unwrap();

        app.clock.advance_seconds(2);
        let done = swept(&app).await;
        assert_eq!((done.due, done.expired, done.stale), (1, 0, 1), "{what}");
        assert_eq!(app.get().await.ok()["claim"], live["claim"], "{what}");
        // The holder's own lease is put right: not due any more, so that it is looked at when the claim ends.
        assert_eq!(swept(&app).await.due, 0, "{what}");
        app.clock.advance_seconds(60);
        assert_eq!(swept(&app).await.expired, 1, "{what}");
        assert_eq!(leases(&app).await, [], "{what}");
    }
    for verb in ["approved", "escalated", "released"] {
        let app = TestApp::new().await;
        app.open().await;
        app.claim("dana", 0, 30).await.ok();
        app.clock.advance_seconds(29);
        match verb {
            "approved" => app.approve("ben", 1).await.ok(),
            "escalated" => {
                let body =
                    json!({ "verdict": verb, "version_stamp": 1, "reason": "?", "escalate_to": "legal" });
                app.post("ben", "decision", body).await.ok()
            }
            _ => app.release("ben", 1).await.ok(),
        };
        let before = app.get().await.ok();
        app.clock.advance_seconds(2);
        let done = swept(&app).await;
        assert_eq!((done.due, done.expired, done.stale), (1, 0, 1), "{verb}");
        assert_eq!(app.get().await.ok(), before, "{verb}");
        assert_eq!(leases(&app).await, [], "{verb}");
    }
}

#[tokio::test]
async fn a_step_of_our_own_clock_ends_no_live_claim() {
    let app = TestApp::new().await;
    app.open().await;
    let live = app.claim("dana", 0, 900).await.ok();
    // The function's clock is an hour ahead; the schedule's is not.
    let schedule =
        serde_json::from_value::<shared::runtime::lambda::Tick>(json!({ "time": "2026-05-13T08:56:00Z" }));
    let ahead = app.clock.now().plus_millis(3_600_000);
    let done = Box::pin(sweep(&app.inner.store, schedule.unwrap().now(ahead), Bounds::default())).await;
    assert_eq!(done, Swept::default());
    assert_eq!(app.get().await.ok()["claim"], live["claim"]);
}

#[tokio::test]
async fn a_late_tick_does_its_own_times_work_and_says_how_late_it_is() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 60).await.ok();
    app.open_at("agent", "run_2", "block", 0).await;
    let claim = json!({ "version_stamp": 0, "ttl_seconds": 300 });
    app.call("dana", "POST", "/v1/workflows/reviews/run_2/block/claim", Some(claim)).await.ok();
    let tick: shared::runtime::lambda::Tick =
        serde_json::from_value(json!({ "time": "2026-05-13T08:57:00Z" })).unwrap();
    // It runs ten minutes after its time, which is two minutes after the claims.
    app.clock.advance_seconds(12 * 60);
    let times = tick.times("sweep", app.clock.now());
    assert_eq!((times.age_ms(), times.now), (600_000, START.plus_millis(120_000)));
    let done = Box::pin(sweep(&app.inner.store, times, Bounds::default())).await;
    assert_eq!((done.expired, done.oldest_lag_ms), (1, 660_000), "eleven minutes, not one");
    // Nothing more was due by then. That the other claim has ended since, it does not know.
    let done = Box::pin(sweep(&app.inner.store, times, Bounds::default())).await;
    assert_eq!((done.due, done.oldest_lag_ms), (0, 600_000), "all is not well");
    assert_eq!(swept(&app).await.expired, 1, "the next tick's");
}

#[tokio::test]
async fn with_the_sweep_off_ttl_ends_claims_and_with_both_they_end_once() {
    for sweeps in [false, true] {
        let (app, emulator) = TestApp::alone().await;
        let outbox = app.outbox(Ways::default()).await;
        app.open().await;
        app.claim("dana", 0, 30).await.ok();
        app.clock.advance_seconds(31);
        if sweeps {
            // The lease is found by both.
            let (done, deleted) = (swept(&app), async { emulator.delete_expired().unwrap() });
            let (done, _) = futures_util::join!(done, deleted);
            assert!(done.failed == 0, "{done:?}");
        } else {
            assert_eq!(emulator.delete_expired().unwrap(), 1);
        }
        outbox.publish().await;
        let after = app.get().await.ok();
        assert_eq!(words(&after), ["overlay_created", "claimed", "claim_expired"], "sweeps: {sweeps}");
        assert_eq!(after["rev"], 1);
    }
}

#[tokio::test]
async fn a_lease_that_went_before_its_time_is_given_again() {
    let (app, emulator) = TestApp::alone().await;
    let outbox = app.outbox(Ways::default()).await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    let early = leases(&app).await.remove(0);
    app.clock.advance_seconds(29);
    let live = app.claim("dana", 1, 900).await.ok();
    // As if the renewal's lease had been lost.
    let put = app.inner.store.client().put_item().table_name(app.inner.store.table());
    put.set_item(Some(early)).send().await.unwrap();
    app.clock.advance_seconds(2);
    assert_eq!(emulator.delete_expired().unwrap(), 1);
    outbox.publish().await;
    assert_eq!(app.get().await.ok()["claim"], live["claim"]);
    let again = leases(&app).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0]["pk"], AttributeValue::S("HOLDER#org_a#human#user_42".into()));
    // As old as the renewal, so that no later call of the holder is fenced off.
    assert_eq!(again[0]["written_at"], AttributeValue::N((START.millis() + 29_000).to_string()));
    app.clock.advance_seconds(900);
    assert_eq!(swept(&app).await.expired, 1);
}

#[tokio::test]
async fn a_claim_on_a_review_that_a_run_waits_for_ends_as_any_other() {
    let app = TestApp::new().await;
    let mut opening = tests::opening("run_abc123", "block_extract", 0);
    opening["resume"] = json!({ "kind": "step_functions", "task_token": "token" });
    let opened = app.call("agent", "POST", tests::REVIEWS, Some(opening)).await.body;
    app.claim("dana", 0, 30).await.ok();
    app.clock.advance_seconds(31);
    assert_eq!(swept(&app).await.expired, 1);
    assert_eq!(app.get().await.ok()["resume"], opened["resume"]);
}

#[tokio::test]
async fn a_lease_that_is_released_is_no_end_of_a_claim() {
    let (app, _emulator) = TestApp::alone().await;
    let outbox = app.outbox(Ways::default()).await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    app.release("dana", 1).await.ok();
    app.claim("ben", 2, 30).await.ok();
    app.clock.advance_seconds(31);
    outbox.publish().await;
    assert_eq!(words(&app.get().await.ok()).len(), 4, "only TTL's deletions say that something has ended");
}

#[tokio::test]
async fn a_claim_that_somebody_else_ends_leaves_no_lease_to_the_sweep() {
    let app = TestApp::with_stream().await;
    let outbox = app.outbox(Ways::default()).await;
    let escalate = |stamp| json!({ "verdict": "escalated", "version_stamp": stamp, "reason": "?", "escalate_to": "legal" });
    app.open().await;
    let mut rev = 0;
    for (what, left) in
        [("approved", 0), ("approved by its holder", 0), ("escalated", 0), ("released", 0), ("taken over", 1)]
    {
        app.claim("dana", rev, 900).await.ok();
        app.clock.advance_seconds(1);
        match what {
            "approved" => app.approve("ben", rev + 1).await.ok(),
            "approved by its holder" => app.approve("dana", rev + 1).await.ok(),
            "escalated" => app.post("ben", "decision", escalate(rev + 1)).await.ok(),
            "released" => app.release("ben", rev + 1).await.ok(),
            _ => app.claim("ben", rev + 1, 900).await.ok(),
        };
        rev += 2;
        assert_eq!(leases(&app).await.len(), 1 + left, "{what}: until the stream is read");
        outbox.publish().await;
        let whose = leases(&app).await.into_iter().map(|lease| lease["pk"].as_s().unwrap().clone());
        assert_eq!(whose.collect::<Vec<_>>(), vec!["HOLDER#org_a#human#user_17"; left], "{what}");
        if what.starts_with("approved") {
            app.post("dana", "reopen", json!({ "version_stamp": rev })).await.ok();
            rev += 1;
        }
    }
    app.clock.advance_seconds(900);
    let done = swept(&app).await;
    assert_eq!((done.due, done.expired, done.stale), (1, 1, 0), "what stands, and nothing else");
}

#[tokio::test]
async fn the_lease_of_a_later_claim_outlives_the_end_of_an_earlier_one() {
    let app = TestApp::with_stream().await;
    let outbox = app.outbox(Ways::default()).await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(1);
    app.release("ben", 1).await.ok();
    app.clock.advance_seconds(1);
    // It ends at the very moment at which the first would have.
    let live = app.claim("dana", 2, 898).await.ok();
    outbox.publish().await;
    assert_eq!((leases(&app).await.len(), &app.get().await.ok()["claim"]), (1, &live["claim"]));
    // Another end, in the moment of its beginning: which of the two came first, the lease does not say.
    app.release("ben", 3).await.ok();
    outbox.publish().await;
    assert_eq!(leases(&app).await.len(), 1, "left to the sweep");
    app.clock.advance_seconds(898);
    assert_eq!(swept(&app).await.stale, 1);
}

#[tokio::test]
async fn a_lease_that_cannot_be_removed_keeps_no_event_back() {
    let app = TestApp::with_stream().await;
    let (bus, faults) = (StubServer::start(), Faults::default());
    let table = Some(faults.client(&app.endpoint));
    let outbox = app.outbox(Ways { bus: Some(bus.url()), table, ..Ways::default() }).await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(1);
    app.approve("ben", 1).await.ok();
    faults.plan("DeleteItem", Fault::Fail, 4);
    for batch in outbox.take().await {
        assert_eq!(outbox.publisher.publish(batch).await.batch_item_failures, []);
    }
    assert_eq!((faults.left(), bus.received().len(), leases(&app).await.len()), (0, 3, 1));
    app.clock.advance_seconds(900);
    assert_eq!(swept(&app).await.stale, 1);
}

/// Dana claims, the LEASE's write gets lost, and she does not try again.
async fn claim_without_lease(app: &TestApp, rev: u64, ttl: u64) {
    let faults = Faults::default();
    faults.plan("PutItem", Fault::LoseRequest, 4);
    let other_app = app.another_app(faults.client(&app.endpoint));
    let body = lambda_http::Body::Text(json!({ "version_stamp": rev, "ttl_seconds": ttl }).to_string());
    let request = app.request("dana", "POST", &format!("{REVIEW}/claim"), body);
    assert_eq!(Box::pin(local::gateway::dispatch(&other_app, request)).await.status(), 503);
    assert_eq!(faults.left(), 0);
}

/// The stream finds what nobody retried: a claim that is there without its lease.
#[tokio::test]
async fn a_claim_whose_lease_got_lost_and_was_never_retried_gets_it_by_the_stream() {
    let app = TestApp::with_stream().await;
    let outbox = app.outbox(Ways::default()).await;
    app.open().await;
    // An earlier lease of hers is there, of a claim that Ben has ended; and a first one is not.
    for (rev, before) in [(2, true), (4, false)] {
        if before {
            app.claim("dana", 0, 900).await.ok();
            app.clock.advance_seconds(1);
            app.release("ben", 1).await.ok();
        }
        app.clock.advance_seconds(1);
        claim_without_lease(&app, rev, 60).await;
        outbox.publish().await;
        assert_eq!(leases(&app).await.len(), 1);
        app.clock.advance_seconds(60);
        assert_eq!(swept(&app).await.expired, 1);
        app.claim("ben", rev + 1, 60).await.ok();
        app.clock.advance_seconds(60);
        swept(&app).await;
        assert_eq!(leases(&app).await, []);
    }
}

/// A renewal that shortens a claim loses its lease's write: the old lease says a later end.
#[tokio::test]
async fn a_lease_that_says_another_end_than_its_claim_is_put_right_by_the_stream() {
    let app = TestApp::with_stream().await;
    let outbox = app.outbox(Ways::default()).await;
    app.open().await;
    app.claim("dana", 0, 86_400).await.ok();
    app.clock.advance_seconds(1);
    // Once more, so that the lease is younger than the claim.
    app.claim("dana", 1, 80_000).await.ok();
    app.clock.advance_seconds(1);
    claim_without_lease(&app, 2, 60).await;
    outbox.publish().await;
    app.clock.advance_seconds(60);
    assert_eq!(swept(&app).await.expired, 1);
    assert_eq!(leases(&app).await, []);
}

#[tokio::test]
async fn a_lost_lease_is_given_again_also_where_the_stream_is_read_after_the_claims_end() {
    let (app, _emulator) = TestApp::alone().await;
    let outbox = app.outbox(Ways::default()).await;
    app.open().await;
    claim_without_lease(&app, 0, 30).await;
    app.clock.advance_seconds(3600);
    outbox.publish().await;
    assert_eq!(swept(&app).await.expired, 1);
    assert_eq!(leases(&app).await, []);
}

#[tokio::test]
async fn a_claim_that_is_dropped_before_the_stream_is_read_gets_no_lease_by_it() {
    let app = TestApp::with_stream().await;
    let outbox = app.outbox(Ways::default()).await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(1);
    app.release("dana", 1).await.ok();
    outbox.publish().await;
    assert_eq!(leases(&app).await, []);
}

/// Opens and claims reviews whose claims all end at once.
async fn claimed(app: &TestApp, count: usize) {
    let each = stream::iter((0..count).map(|index| async move {
        let run = format!("run_{index}");
        app.open_at("agent", &run, "block", 0).await;
        let path = format!("/v1/workflows/reviews/{run}/block/claim");
        app.call("dana", "POST", &path, Some(json!({ "version_stamp": 0, "ttl_seconds": 30 }))).await.ok();
    }));
    each.buffer_unordered(16).collect::<Vec<()>>().await;
    app.clock.advance_seconds(30);
}

#[tokio::test]
async fn one_that_cannot_be_dealt_with_does_not_stop_the_others() {
    let app = TestApp::new().await;
    claimed(&app, 12).await;
    let client = app.inner.store.client();
    // One whose META is not readable.
    let update = client.update_item().table_name(app.inner.store.table());
    let update = update.key("pk", AttributeValue::S("REVIEW#org_a#run_3#block".into()));
    let update = update.key("sk", AttributeValue::S("#META".into()));
    let update = update.update_expression("SET head_seq = :text");
    update.expression_attribute_values(":text", AttributeValue::S("?".into())).send().await.unwrap();
    // One that is throttled past all retries.
    let faults = Faults::default();
    faults.plan("PutItem", Fault::Throttle, 4);
    let store = Store::new(faults.client(endpoint()), app.inner.store.table());
    let bounds = Bounds { at_once: 1, ..Bounds::default() };
    let done = Box::pin(sweep(&store, app.clock.now(), bounds)).await;
    assert_eq!((done.due, done.expired, done.failed, done.more), (12, 10, 2, false));
    // What was throttled is done next time; what is not readable is out of the way for a while.
    let done = swept(&app).await;
    assert_eq!((done.due, done.expired, done.failed), (1, 1, 0));
    assert_eq!(swept(&app).await, Swept::default());
    app.clock.advance_seconds(601);
    assert_eq!((swept(&app).await.failed, leases(&app).await.len()), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_is_no_second_end() {
    let app = TestApp::new().await;
    claimed(&app, 1).await;
    let faults = Faults::default();
    faults.plan("PutItem", Fault::LoseAnswer, 1);
    let store = Store::new(faults.client(endpoint()), app.inner.store.table());
    let done = Box::pin(sweep(&store, app.clock.now(), Bounds::default())).await;
    assert_eq!((done.expired, done.failed), (1, 0));
    let path = "/v1/workflows/reviews/run_0/block";
    let overlay = app.call("dana", "GET", path, None).await.ok();
    assert_eq!(words(&overlay), ["overlay_created", "claimed", "claim_expired"]);
}

#[tokio::test]
async fn a_full_journal_makes_room_for_the_end_of_a_claim() {
    let app = TestApp::new().await;
    app.open().await;
    for stamp in 0..15 {
        app.clock.advance_seconds(1);
        app.claim("dana", stamp, 30).await.ok();
    }
    app.clock.advance_seconds(30);
    assert_eq!(swept(&app).await.expired, 1);
    let after = app.get().await.ok();
    assert_eq!(words(&after).len(), 17);
    assert_eq!(
        (words(&after)[16], &after["rev"], &after["claim"]),
        ("claim_expired", &json!(15), &Value::Null)
    );
}

#[tokio::test]
async fn an_end_that_is_recorded_while_a_full_journal_makes_room_refuses_nobody() {
    let app = TestApp::new().await;
    app.open().await;
    for stamp in 0..15 {
        app.clock.advance_seconds(1);
        app.claim("dana", stamp, 30).await.ok();
    }
    app.clock.advance_seconds(30);
    let faults = Faults::default();
    let other_app = app.another_app(faults.client(endpoint()));
    faults.plan("TransactWriteItems", Fault::HoldUp, 1);
    let body = lambda_http::Body::Text(json!({ "version_stamp": 15, "ttl_seconds": 60 }).to_string());
    let request = app.request("ben", "POST", &format!("{REVIEW}/claim"), body);
    let claim = Box::pin(local::gateway::dispatch(&other_app, request));
    let sweep = async {
        while faults.left() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(swept(&app).await.expired, 1);
        faults.let_go();
    };
    let (answer, ()) = futures_util::join!(claim, sweep);
    assert_eq!(answer.status(), 200);
    let after = app.get().await.ok();
    assert_eq!(words(&after)[15..], ["claimed", "claim_expired", "claimed"]);
    assert_eq!(after["claim"]["holder"]["id"], "user_17");
}

/// `HOLDPOINT_LEASES=10000` for the number the issue asks for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_leases_due_at_once_are_cleaned_by_sweeps_that_keep_their_bound() {
    let count: usize =
        std::env::var("HOLDPOINT_LEASES").map_or(tests::amount(200, 1000), |count| count.parse().unwrap());
    let app = TestApp::new().await;
    claimed(&app, count).await;
    let bounds = Bounds { leases: count / 4, ..Bounds::default() };
    let (mut runs, mut expired, mut calls, mut read, mut written) = (0, 0, 0, 0.0, 0.0);
    loop {
        let (done, usage) = Meter::measure(sweep(&app.inner.store, app.clock.now(), bounds)).await;
        assert!(done.due <= u64::try_from(bounds.leases).unwrap() && done.failed == 0, "{done:?}");
        (runs, expired) = (runs + 1, expired + done.expired);
        (calls, read, written) = (calls + usage.calls, read + usage.read_units, written + usage.write_units);
        if !done.more {
            break;
        }
    }
    assert_eq!(expired, u64::try_from(count).unwrap());
    let each = |number: f64| number / count as f64;
    println!(
        "{count} leases in {runs} sweeps: each {:.2} calls, {:.2} read units, {:.2} write units",
        each(calls as f64),
        each(read),
        each(written)
    );
    // Besides, each sweep asks each shard of both kinds once.
    let asks = f64::from(runs * 2 * i32::from(Due::SHARDS));
    assert!(each(calls as f64 - asks) < 3.1 && each(read - asks) < 1.6 && each(written) < 4.1);
    assert!((4..=6).contains(&runs), "{runs}");
    assert_eq!(swept(&app).await, Swept::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sweeps_at_once_do_each_thing_once() {
    let app = TestApp::new().await;
    claimed(&app, 40).await;
    let (store, now) = (&app.inner.store, app.clock.now());
    let sweeps = (0..4).map(|_| Box::pin(sweep(store, now, Bounds::default())));
    let done = futures_util::future::join_all(sweeps).await;
    assert_eq!(done.iter().map(|done| done.expired).sum::<u64>(), 40, "{done:?}");
    assert_eq!(done.iter().map(|done| done.failed).sum::<u64>(), 0, "{done:?}");
    for index in 0..40 {
        let path = format!("/v1/workflows/reviews/run_{index}/block");
        let overlay = app.call("dana", "GET", &path, None).await.ok();
        assert_eq!(words(&overlay), ["overlay_created", "claimed", "claim_expired"]);
    }
}

#[tokio::test]
async fn a_run_that_has_no_time_leaves_the_rest_to_the_next() {
    let app = TestApp::new().await;
    claimed(&app, 3).await;
    let bounds = Bounds { time: Duration::ZERO, ..Bounds::default() };
    let done = Box::pin(sweep(&app.inner.store, app.clock.now(), bounds)).await;
    assert_eq!((done.due, done.expired, done.more), (0, 0, true));
    assert_eq!(swept(&app).await.expired, 3);
}

#[tokio::test]
async fn a_sweep_that_is_killed_at_any_point_is_finished_by_the_next() {
    let killed_at = killed_at_each_point(async |killed_at| {
        let app = TestApp::new().await;
        claimed(&app, 2).await;
        let run = sweep(&app.inner.store, app.clock.now(), Bounds::default());
        let was_killed = Killed::after(killed_at, run).await.is_none();
        assert_eq!(swept(&app).await.failed, 0);
        for run in ["run_0", "run_1"] {
            let path = format!("/v1/workflows/reviews/{run}/block");
            let overlay = app.call("dana", "GET", &path, None).await.ok();
            let expected = ["overlay_created", "claimed", "claim_expired"];
            assert_eq!(words(&overlay), expected, "{run}, killed at {killed_at}");
        }
        assert_eq!(leases(&app).await, [], "killed at {killed_at}");
        was_killed
    })
    .await;
    assert!(killed_at > 8, "{killed_at}");
}

#[tokio::test]
async fn a_claim_past_its_end_can_be_taken_whatever_the_sweep_does() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    app.clock.advance_seconds(31);
    let live = app.claim("dana", 1, 30).await.ok();
    let done = Box::pin(sweep(
        &app.inner.store,
        Timestamp::from_millis(app.clock.now().millis()),
        Bounds::default(),
    ))
    .await;
    assert_eq!(done, Swept::default(), "the lease is the new claim's");
    let overlay = app.call("dana", "GET", REVIEW, None).await.ok();
    assert_eq!(overlay["claim"], live["claim"]);
}

/// A release that was refused had deleted the lease in good faith, of a claim of the same millisecond.
#[tokio::test]
async fn a_refused_release_takes_no_lease_from_a_claim_of_its_own_moment() {
    let app = TestApp::new().await;
    app.open().await;
    let faults = Faults::default();
    let other_app = app.another_app(faults.client(endpoint()));
    faults.plan("DeleteItem", Fault::HoldUp, 1);
    let body = lambda_http::Body::Text(json!({ "version_stamp": 7 }).to_string());
    let request = app.request("dana", "POST", &format!("{REVIEW}/release"), body);
    let release = Box::pin(local::gateway::dispatch(&other_app, request));
    let claim = async {
        while faults.left() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        app.claim("dana", 0, 30).await.ok();
        faults.let_go();
    };
    let (refused, ()) = futures_util::join!(release, claim);
    assert_eq!((refused.status().as_u16(), leases(&app).await.len()), (409, 1));
    app.clock.advance_seconds(30);
    assert_eq!(swept(&app).await.expired, 1);
}

#[tokio::test]
async fn what_is_gone_when_it_is_set_aside_does_not_come_back() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    let (store, later) = (&app.inner.store, app.clock.now().plus_millis(600_000));
    let mut due = Vec::new();
    for shard in Due::shards_from(app.clock.now()) {
        due.extend(store.due(Due::Leases, shard, later, 100, None).await.unwrap().items);
    }
    assert_eq!(due.len(), 1);
    store.postpone_unreadable(&due[0], later).await.unwrap();
    assert_eq!(leases(&app).await[0]["due_at"].as_n().unwrap(), &later.millis().to_string());
    app.clock.advance_seconds(1);
    app.release("dana", 1).await.ok();
    store.postpone_unreadable(&due[0], later).await.unwrap();
    assert_eq!(leases(&app).await, []);
}
