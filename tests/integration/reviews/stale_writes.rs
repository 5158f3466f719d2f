//! Stale writes that were rejected are in the audit: once for each stamp and actor, beside the answer.

use aws_sdk_dynamodb::types::AttributeValue;
use local::emulator;
use serde_json::{Value, json};
use std::collections::HashMap;
use tests::faults::{Fault, Faults};
use tests::leases;
use tests::outbox::Ways;
use tests::stub_servers::StubServer;
use tests::{Answer, REVIEW, TestApp, audit, endpoint, written};

fn rejected(overlay: &Value) -> Vec<Value> {
    let audit = overlay["audit"].as_array().unwrap().iter();
    audit.filter(|entry| entry["event"] == "stale_write_rejected").cloned().collect()
}

async fn stale(app: &TestApp, who: &str, call: &str, stamp: u64) -> Answer {
    match call {
        "claim" => app.claim(who, stamp, 777).await,
        "release" => app.release(who, stamp).await,
        "edit" => app.post(who, "versions", json!({ "snapshot": {}, "version_stamp": stamp })).await,
        "decide" => app.approve(who, stamp).await,
        _ => app.post(who, "reopen", json!({ "version_stamp": stamp })).await,
    }
}

#[tokio::test]
async fn each_call_with_a_stale_stamp_is_recorded_once_for_stamp_and_actor() {
    for call in ["claim", "release", "edit", "decide", "reopen"] {
        let app = TestApp::new().await;
        app.open().await;
        app.claim("ben", 0, 900).await.ok();
        let before = app.claim("ben", 1, 900).await.ok();
        app.clock.advance_seconds(1);
        for _ in 0..3 {
            stale(&app, "dana", call, 0).await.error(409, "version_conflict");
            app.clock.advance_seconds(1);
        }
        let overlay = app.get().await.ok();
        let entries = rejected(&overlay);
        assert_eq!(
            entries,
            [json!({
                "entry_id": entries[0]["entry_id"],
                "event": "stale_write_rejected",
                "action": "stale_write_rejected",
                "actor": { "kind": "human", "id": "user_42", "display_name": "Dana Rivera" },
                "at": "2026-05-13T08:55:01.000Z",
                "rev_observed": 0,
                "rev_result": null,
                "detail": { "attempted": call, "rev": 2 },
            })]
        );
        assert_eq!(written(&overlay), before, "{call}: nothing of the review has changed");
        // What is written afterwards comes after it.
        let after = app.claim("ben", 2, 900).await.ok();
        let events: Vec<&str> =
            after["audit"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect();
        assert_eq!(events, ["overlay_created", "claimed", "claimed", "stale_write_rejected", "claimed"]);
        assert_eq!(app.get().await.ok(), after, "{call}: what was answered is what is stored");
        // Another stamp, and another actor, is another entry.
        stale(&app, "dana", call, 1).await.error(409, "version_conflict");
        stale(&app, "agent", call, 0).await.error(409, "version_conflict");
        assert_eq!(rejected(&app.get().await.ok()).len(), 3, "{call}");
        // The last page of the audit has each beside the rev it was made on.
        let revs: Vec<(Value, Value)> = audit(&app, REVIEW, 2)
            .await
            .iter()
            .map(|entry| (entry["event"].clone(), entry["rev_observed"].clone()))
            .collect();
        let expected = [
            ("claimed", 2),
            ("stale_write_rejected", 1),
            ("claimed", 1),
            ("stale_write_rejected", 0),
            ("stale_write_rejected", 0),
            ("claimed", 0),
            ("overlay_created", 0),
        ];
        assert_eq!(revs, expected.map(|(event, rev)| (json!(event), json!(rev))), "{call}");
    }
}

#[tokio::test]
async fn what_is_no_stale_write_is_not_recorded() {
    let app = TestApp::new().await;
    app.open().await;
    let claimed = app.claim("dana", 0, 900).await.ok();
    // A replay, a stamp that the review has not had, a review that is not there, a race for the next review.
    app.claim("dana", 0, 900).await.ok();
    app.claim("ben", 99, 900).await.error(409, "version_conflict");
    let none = "/v1/workflows/reviews/none/none/claim";
    app.call("ben", "POST", none, Some(json!({ "version_stamp": 0 }))).await.error(404, "review_not_found");
    assert_eq!(app.get().await.ok(), claimed);
    assert_eq!(leases(&app).await.len(), 2, "Dana's, and a refused claim's of Ben, which is a hint");
}

#[tokio::test]
async fn a_record_that_fails_fails_no_answer() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    app.open().await;
    app.claim("ben", 0, 900).await.ok();
    for fault in [Fault::Fail, Fault::Throttle, Fault::Refuse] {
        faults.plan("PutItem", fault, 4);
        app.approve("dana", 0).await.error(409, "version_conflict");
        faults.clear();
    }
    assert_eq!(rejected(&app.get().await.ok()), Vec::<Value>::new());
}

#[tokio::test]
async fn a_record_is_kept_for_90_days_is_no_event_and_an_older_build_takes_it_for_a_page() {
    let app = TestApp::with_stream().await;
    let bus = StubServer::start();
    let outbox = app.outbox(Ways { bus: Some(bus.url()), ..Ways::default() }).await;
    app.open().await;
    app.claim("ben", 0, 900).await.ok();
    app.approve("dana", 0).await.error(409, "version_conflict");
    outbox.publish().await;
    assert_eq!(bus.received().len(), 2, "the opening and the claim");
    let found =
        emulator::client(&app.endpoint).scan().table_name(app.inner.store.table()).send().await.unwrap();
    let is_record =
        |item: &&HashMap<String, AttributeValue>| item["sk"].as_s().unwrap().starts_with("STALE#");
    let items = found.items();
    let records: Vec<_> = items.iter().filter(is_record).collect();
    assert_eq!(records.len(), 1);
    let end = app.clock.now().millis() / 1000 + 90 * 24 * 60 * 60;
    assert_eq!(records[0]["ttl"], AttributeValue::N(end.to_string()));
    // A build that does not know it reads what has `entries` as an AUDIT page, and cuts those that META does not count.
    assert_eq!(records[0]["entries"], AttributeValue::L(Vec::new()));
}

/// A few actors whose writes are always stale: what is shown is bounded, all of it can be listed.
#[tokio::test]
async fn an_overlay_shows_the_newest_50_and_the_list_all() {
    let app = TestApp::new().await;
    app.open().await;
    for stamp in 0..40 {
        app.claim("ben", stamp, 900).await.ok();
        app.clock.advance_seconds(1);
    }
    for stamp in 0..39 {
        for who in ["dana", "agent"] {
            app.release(who, stamp).await.error(409, "version_conflict");
        }
    }
    let overlay = app.get().await.ok();
    assert_eq!((rejected(&overlay).len(), &overlay["audit_truncated"]), (50, &json!(true)));
    assert_eq!(overlay["audit"].as_array().unwrap().len(), 41 + 50);
    for limit in [7, 200] {
        let all = audit(&app, REVIEW, limit).await;
        assert_eq!(all.len(), 41 + 78, "in pages of {limit}");
        let mut ids: Vec<String> = all.iter().map(|entry| entry["entry_id"].to_string()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
    }
}

#[tokio::test]
async fn the_audit_in_small_pages_has_each_stale_write_in_its_place() {
    let app = TestApp::new().await;
    app.open().await;
    for stamp in 0..3 {
        app.claim("ben", stamp, 900).await.ok();
        for who in ["dana", "ben", "agent", "reviewer"] {
            app.claim(who, stamp, 777).await.error(409, "version_conflict");
        }
    }
    let all = audit(&app, REVIEW, 200).await;
    assert_eq!(all.len(), 4 + 12);
    for limit in 1..=5 {
        assert_eq!(audit(&app, REVIEW, limit).await, all, "in pages of {limit}");
    }
}
