//! A request whose answer got lost: retried by the SDK inside, or by the client outside, it is done once.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::join;
use local::emulator;
use local::gateway::dispatch;
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;
use tests::faults::{Fault, Faults};
use tests::{REVIEW, TestApp, endpoint};

async fn app_with_faults() -> (TestApp, Faults) {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    (app, faults)
}

#[tokio::test]
async fn a_client_that_retries_the_same_claim_gets_the_same_answer() {
    let app = TestApp::new().await;
    app.open().await;
    let first = app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(5);
    assert_eq!(app.claim("dana", 0, 900).await.ok(), first);
    assert_eq!(app.get().await.ok(), first, "no second audit entry");
    assert_eq!(first["audit"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn another_request_from_the_same_stamp_is_no_retry() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.claim("dana", 0, 901).await.error(409, "version_conflict");
    app.claim("ben", 0, 900).await.error(409, "version_conflict");
    app.release("dana", 0).await.error(409, "version_conflict");
}

#[tokio::test]
async fn after_somebody_elses_write_a_retry_is_a_conflict() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.claim("ben", 1, 900).await.ok();
    let detail = app.claim("dana", 0, 900).await.error(409, "version_conflict");
    assert_eq!(detail["details"]["claim"]["holder"]["id"], "user_17");
}

#[tokio::test]
async fn a_client_that_retries_the_same_release_gets_the_same_answer() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    let released = app.release("dana", 1).await.ok();
    assert_eq!(app.release("dana", 1).await.ok(), released);
}

#[tokio::test]
async fn the_sdks_own_retry_after_a_lost_answer_is_our_own_write() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    faults.plan("UpdateItem", Fault::LoseAnswer, 1);
    let overlay = app.claim("dana", 0, 900).await.ok();
    assert_eq!(faults.left(), 0, "the fault happened");
    assert_eq!((&overlay["rev"], overlay["audit"].as_array().unwrap().len()), (&json!(1), 2));
    faults.plan("UpdateItem", Fault::LoseAnswer, 1);
    let released = app.release("dana", 1).await.ok();
    assert_eq!(faults.left(), 0);
    assert_eq!((&released["rev"], released["audit"].as_array().unwrap().len()), (&json!(2), 3));
}

#[tokio::test]
async fn a_decision_whose_own_retry_found_it_done_is_accepted_and_not_a_replay() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    faults.plan("PutItem", Fault::LoseAnswer, 1);
    let decided = app.approve("dana", 0).await.ok();
    assert_eq!((faults.left(), &decided["submission_status"]), (0, &json!("accepted")));
    assert_eq!(app.approve("dana", 0).await.ok()["submission_status"], "already_applied");
}

#[tokio::test]
async fn the_sdks_own_retry_of_an_opening_is_our_own_write() {
    let (app, faults) = app_with_faults().await;
    faults.plan("TransactWriteItems", Fault::LoseAnswer, 1);
    let opened = app.open().await;
    assert_eq!(faults.left(), 0);
    assert_eq!(app.get().await.ok(), opened.body);
}

#[tokio::test]
async fn when_every_answer_is_lost_the_client_is_told_to_retry_and_its_retry_succeeds() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    faults.plan("UpdateItem", Fault::LoseAnswer, 4);
    let answer = app.claim("dana", 0, 900).await;
    assert_eq!(answer.headers["retry-after"], "1");
    let detail = answer.error(503, "unavailable");
    assert!(!detail["message"].as_str().unwrap().contains("reset"), "the cause is for the log only");
    assert_eq!(faults.left(), 0);
    let overlay = app.claim("dana", 0, 900).await.ok();
    assert_eq!((&overlay["rev"], overlay["audit"].as_array().unwrap().len()), (&json!(1), 2));
}

#[tokio::test]
async fn a_claim_whose_lease_was_not_written_is_retried_until_it_is() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    faults.plan("PutItem", Fault::LoseRequest, 4);
    app.claim("dana", 0, 900).await.error(503, "unavailable");
    let mine = async || app.call("dana", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
    assert_eq!(mine().await["data"], json!([]));
    app.clock.advance_seconds(1);
    app.claim("dana", 0, 900).await.ok();
    assert_eq!(mine().await["data"][0]["rev"], 1);
}

/// Found by killing the call at each of its requests (`tests/faults/killed_handlers.rs`).
#[tokio::test]
async fn a_command_that_claimed_but_wrote_no_lease_is_retried_until_it_has() {
    for (path, body) in [
        (format!("{REVIEW}/claim"), json!({ "version_stamp": 0 })),
        ("/v1/workflows/reviews/claim-next".to_owned(), json!({})),
    ] {
        let (app, faults) = app_with_faults().await;
        app.open().await;
        let send = || {
            let body = lambda_http::Body::Text(body.to_string());
            let mut request = app.request("dana", "POST", &path, body);
            request.headers_mut().insert("idempotency-key", "once".parse().unwrap());
            app.send(request)
        };
        // claim-next tries the lease once more: without a command its own retry would claim another review.
        let tries = if path.ends_with("claim-next") { 8 } else { 4 };
        faults.plan("PutItem", Fault::LoseRequest, tries);
        send().await.error(503, "unavailable");
        assert_eq!((lease(&app).await, faults.left()), (None, 0));
        app.clock.advance_seconds(1);
        assert_eq!(send().await.ok()["rev"], 1, "{path}");
        let found = lease(&app).await.unwrap();
        let end = tests::START.millis() + 900_000;
        assert_eq!(found["expires_at"], AttributeValue::N(end.to_string()), "as the claim says, {path}");
    }
}

#[tokio::test]
async fn throttling_past_our_retries_is_429_and_nothing_is_written() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    let before = app.get().await.ok();
    faults.plan("UpdateItem", Fault::Throttle, 4);
    let answer = app.claim("dana", 0, 900).await;
    assert_eq!(answer.headers["retry-after"], "1");
    answer.error(429, "throttled");
    assert_eq!(faults.left(), 0, "it was tried four times");
    assert_eq!(app.get().await.ok(), before);
    faults.plan("UpdateItem", Fault::Throttle, 2);
    assert_eq!(app.claim("dana", 0, 900).await.ok()["rev"], 1, "short throttling is not seen by clients");
}

#[tokio::test]
async fn our_own_write_is_recognised_even_if_somebody_else_has_written_since() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    let other_app = app.another_app(emulator::client(endpoint()));
    let body = lambda_http::Body::Text(r#"{"version_stamp": 1}"#.into());
    let bens = app.request("ben", "POST", &format!("{REVIEW}/claim"), body);
    faults.plan("UpdateItem", Fault::LoseAnswer, 1);
    faults.between(async move { assert_eq!(dispatch(&other_app, bens).await.status(), 200) });
    let overlay = app.claim("dana", 0, 900).await.ok();
    assert_eq!(faults.left(), 0);
    assert_eq!(
        (&overlay["rev"], &overlay["claim"]["holder"]["id"]),
        (&json!(2), &json!("user_17")),
        "as it stands"
    );
    assert_eq!(overlay["audit"][1]["actor"]["id"], "user_42", "Dana's claim was written, once");
}

#[tokio::test]
async fn what_failed_for_another_transaction_only_is_tried_again() {
    let (app, faults) = app_with_faults().await;
    faults.plan("TransactWriteItems", Fault::Conflict, 2);
    app.open().await;
    faults.plan("UpdateItem", Fault::Conflict, 2);
    app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(1);
    faults.plan("DeleteItem", Fault::Conflict, 2);
    app.release("dana", 1).await.ok();
    assert_eq!((faults.left(), lease(&app).await), (0, None));
    faults.plan("PutItem", Fault::Conflict, 2);
    app.approve("dana", 2).await.ok();
    assert_eq!(faults.left(), 0);
    assert_eq!(app.get().await.ok()["rev"], 3);
}

#[tokio::test]
async fn a_history_read_too_early_is_read_again() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    faults.plan("Query", Fault::FindNothing, 2);
    let overlay = app.claim("dana", 0, 900).await.ok();
    assert_eq!(overlay["versions"].as_array().unwrap().len(), 1);
    assert_eq!(faults.left(), 0);
    // Read three times more, after ever longer pauses; what the fourth and last time finds counts.
    faults.plan("Query", Fault::FindNothing, 1 + 3 * 3);
    let overlay = app.claim("dana", 1, 900).await.ok();
    assert_eq!((overlay["versions"].as_array().unwrap().len(), faults.left()), (1, 0));
}

#[tokio::test]
async fn a_claim_next_whose_lease_got_lost_writes_it_once_more() {
    for command in [None, Some("once")] {
        let (app, faults) = app_with_faults().await;
        app.open().await;
        let body = lambda_http::Body::Text("{}".into());
        let mut request = app.request("dana", "POST", "/v1/workflows/reviews/claim-next", body);
        if let Some(command) = command {
            request.headers_mut().insert("idempotency-key", command.parse().unwrap());
        }
        faults.plan("PutItem", Fault::LoseRequest, 4);
        app.send(request).await.ok();
        assert!(faults.left() == 0 && lease(&app).await.is_some(), "{command:?}");
    }
}

#[tokio::test]
async fn a_review_whose_version_does_not_show_is_unavailable_and_not_half_shown() {
    let app = TestApp::new().await;
    app.open().await;
    let client = emulator::client(endpoint());
    let key = |sk: &str| {
        let pk = AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into());
        HashMap::from([("pk".to_owned(), pk), ("sk".to_owned(), AttributeValue::S(sk.into()))])
    };
    let version = key("VERSION#0000000000#00000");
    let table = app.inner.store.table();
    let taken = client.delete_item().table_name(table).set_key(Some(version)).return_values("ALL_OLD".into());
    let taken = taken.send().await.unwrap().attributes.unwrap();
    app.get().await.error(503, "unavailable");
    // A transaction that is seen half-way shows the rest a moment later.
    let (overlay, ()) = join!(app.get(), async {
        tokio::time::sleep(Duration::from_millis(15)).await;
        client.put_item().table_name(table).set_item(Some(taken)).send().await.unwrap();
    });
    assert_eq!(overlay.ok()["head_seq"], 0);
}

#[tokio::test]
async fn no_part_of_a_review_may_be_missing_anywhere() {
    let app = TestApp::new().await;
    app.open().await;
    let noise = |index: u64| index.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let text: String = (0..180_000_u64).flat_map(noise).map(|byte| char::from(b'#' + byte % 57)).collect();
    app.post("dana", "versions", json!({ "snapshot": { "text": text }, "version_stamp": 0 })).await.ok();
    app.post("dana", "versions", json!({ "snapshot": {}, "version_stamp": 1 })).await.ok();
    for stamp in 2..40 {
        app.claim("ben", stamp, 900).await.ok();
    }
    let whole = app.get().await.ok();
    let client = emulator::client(endpoint());
    let table = app.inner.store.table();
    for sk in [
        "VERSION#0000000001#00000", // the first of several chunks
        "VERSION#0000000001#00001", // the second
        "VERSION#0000000000#00000", // a version before the newest
        "AUDIT#0000000000",         // a page before the last
    ] {
        let pk = AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into());
        let taken =
            client.delete_item().table_name(table).key("pk", pk).key("sk", AttributeValue::S(sk.into()));
        let taken = taken.return_values("ALL_OLD".into()).send().await.unwrap().attributes;
        assert!(taken.is_some(), "{sk} was there");
        app.get().await.error(503, "unavailable");
        if sk.starts_with("VERSION#0000000001") {
            app.call("dana", "GET", &format!("{REVIEW}/versions/1"), None).await.error(503, "unavailable");
        }
        client.put_item().table_name(table).set_item(taken).send().await.unwrap();
        assert_eq!(app.get().await.ok(), whole, "{sk}");
    }
}

#[tokio::test]
async fn a_throttled_transaction_is_tried_again_and_then_429() {
    let (app, faults) = app_with_faults().await;
    faults.plan("TransactWriteItems", Fault::CancelThrottled, 2);
    app.open().await;
    faults.plan("TransactWriteItems", Fault::CancelThrottled, 4);
    let edit = json!({ "snapshot": {}, "version_stamp": 0 });
    app.post("dana", "versions", edit.clone()).await.error(429, "throttled");
    assert_eq!(faults.left(), 0);
    assert_eq!(app.post("dana", "versions", edit).await.ok()["rev"], 1);
}

#[tokio::test]
async fn an_emulator_that_sends_no_image_along_is_asked_for_it() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    let claimed = app.claim("dana", 0, 900).await.ok();
    faults.plan("UpdateItem", Fault::ForgetImage, 1);
    let conflict = app.claim("ben", 0, 900).await.error(409, "version_conflict");
    assert_eq!(conflict["details"]["claim"], claimed["claim"]);
    faults.plan("TransactWriteItems", Fault::ForgetImage, 1);
    let body = tests::opening("run_abc123", "block_extract", 0);
    let opened = app.call("agent", "POST", tests::REVIEWS, Some(body)).await.ok();
    assert_eq!(tests::written(&opened), claimed);
    assert_eq!(faults.left(), 0);
}

#[tokio::test]
async fn rows_that_a_batch_left_unprocessed_are_asked_for_again() {
    let (app, faults) = app_with_faults().await;
    app.open().await;
    faults.plan("BatchGetItem", Fault::LeaveUnprocessed, 2);
    let list = app.call("dana", "GET", tests::REVIEWS, None).await.ok();
    assert_eq!((list["data"].as_array().unwrap().len(), faults.left()), (1, 0));
    faults.plan("BatchGetItem", Fault::LeaveUnprocessed, 5);
    app.call("dana", "GET", tests::REVIEWS, None).await.error(429, "throttled");
}

/// The LEASE of Dana's claim on [`REVIEW`].
async fn lease(app: &TestApp) -> Option<HashMap<String, AttributeValue>> {
    let request = emulator::client(endpoint()).get_item().table_name(app.inner.store.table());
    let request = request.key("pk", AttributeValue::S("HOLDER#org_a#human#user_42".into()));
    request.key("sk", AttributeValue::S("LEASE#run_abc123#block_extract".into())).send().await.unwrap().item
}

#[tokio::test]
async fn a_claim_leaves_a_lease_that_ends_with_it_and_a_release_takes_it_away() {
    let app = TestApp::new().await;
    app.open().await;
    app.clock.advance_millis(1);
    app.claim("dana", 0, 900).await.ok();
    let found = lease(&app).await.unwrap();
    let end = app.clock.now().millis() + 900_000;
    assert_eq!(found["expires_at"], AttributeValue::N(end.to_string()));
    assert_eq!(
        found["ttl"],
        AttributeValue::N((end / 1000 + 1).to_string()),
        "in seconds, and never too early"
    );
    let shard = found["due_shard"].as_s().unwrap();
    assert!(
        shard
            .strip_prefix("LEASES#")
            .and_then(|shard| shard.parse::<u8>().ok())
            .is_some_and(|shard| shard < 8)
    );
    // In the same millisecond nobody knows which was later: the lease stays, and the sweep finds it stale.
    app.release("dana", 1).await.ok();
    assert!(lease(&app).await.is_some());
    app.claim("dana", 2, 900).await.ok();
    app.clock.advance_millis(1);
    app.release("dana", 3).await.ok();
    assert_eq!(lease(&app).await, None);
}

/// One call of a first tab is held up on its way to the LEASE, while a second tab of the same person goes on.
#[tokio::test]
async fn a_lease_call_that_was_held_up_undoes_no_later_one() {
    for (operation, first_stamp) in [("DeleteItem", 1), ("PutItem", 0)] {
        let (app, faults) = app_with_faults().await;
        app.open().await;
        if operation == "DeleteItem" {
            app.claim("dana", 0, 900).await.ok();
        }
        faults.plan(operation, Fault::HoldUp, 1);
        let first = async {
            match operation {
                "DeleteItem" => app.release("dana", first_stamp).await.ok(),
                _ => app.claim("dana", first_stamp, 30).await.ok(),
            }
        };
        let second = async {
            while app.get().await.ok()["rev"] != json!(first_stamp + 1) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            app.clock.advance_seconds(1);
            let overlay = app.claim("dana", first_stamp + 1, 86_400).await.ok();
            faults.let_go();
            overlay
        };
        let (_, overlay) = join!(first, second);
        let end = app.clock.now().millis() + 86_400_000;
        assert_eq!(
            lease(&app).await.unwrap()["expires_at"],
            AttributeValue::N(end.to_string()),
            "{operation}"
        );
        app.clock.advance_seconds(3600);
        let mine = app.call("dana", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
        assert_eq!(mine["data"][0]["claim"], overlay["claim"], "{operation}");
    }
}
