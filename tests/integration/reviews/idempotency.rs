//! `command_id` and `Idempotency-Key`: the audit is the record.

use futures_util::future::join_all;
use lambda_http::Body;
use serde_json::{Value, json};
use shared::store::JOURNAL_LIMIT;
use std::collections::BTreeSet;
use tests::faults::{Fault, Faults};
use tests::{Answer, REVIEW, REVIEWS, TestApp, endpoint};

async fn with_header(app: &TestApp, who: &str, path: &str, key: &str, body: Value) -> Answer {
    let mut request = app.request(who, "POST", path, Body::Text(body.to_string()));
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    app.send(request).await
}

fn edit(stamp: u64, total: u64, command: &str) -> Value {
    json!({ "snapshot": { "total": total }, "version_stamp": stamp, "command_id": command })
}

#[tokio::test]
async fn a_command_is_done_once_whatever_the_stamp_of_its_retries() {
    let app = TestApp::new().await;
    app.open().await;
    let first = app.post("dana", "versions", edit(0, 1, "cmd-1")).await.ok();
    for stamp in [0, 1, 7] {
        assert_eq!(app.post("dana", "versions", edit(stamp, 1, "cmd-1")).await.ok(), first, "{stamp}");
    }
    let detail = app.post("dana", "versions", edit(1, 2, "cmd-1")).await.error(409, "command_id_reused");
    assert_eq!(detail["details"], json!({ "rev": 1, "status": "awaiting_review" }));
    assert_eq!(
        app.post("ben", "versions", edit(1, 1, "cmd-1")).await.ok()["rev"],
        2,
        "commands are each actor's own"
    );
    assert_eq!(first["audit"][1]["detail"]["command_id"], "cmd-1");
}

#[tokio::test]
async fn a_command_is_remembered_after_any_number_of_later_writes() {
    let app = TestApp::new().await;
    app.open().await;
    app.post("dana", "versions", edit(0, 1, "cmd-1")).await.ok();
    let later = u64::try_from(2 * JOURNAL_LIMIT).unwrap();
    for stamp in 1..=later {
        app.claim("ben", stamp, 900).await.ok();
        app.clock.advance_seconds(1);
    }
    let now = app.get().await.ok();
    assert_eq!(app.post("dana", "versions", edit(0, 1, "cmd-1")).await.ok(), now);
    app.post("dana", "versions", edit(later + 1, 2, "cmd-1")).await.error(409, "command_id_reused");
    assert_eq!(app.get().await.ok(), now);
}

#[tokio::test]
async fn a_decision_submitted_again_is_already_applied() {
    let app = TestApp::new().await;
    app.open().await;
    let body = json!({ "verdict": "approved", "version_stamp": 0, "command_id": "cmd-1" });
    let first = app.post("dana", "decision", body.clone()).await.ok();
    assert_eq!(first["submission_status"], "accepted");
    let again = app.post("dana", "decision", body).await.ok();
    assert_eq!(
        (&again["submission_status"], &again["overlay"]),
        (&json!("already_applied"), &first["overlay"])
    );
    // Without a command id, while nothing has happened since, the same.
    let app = TestApp::new().await;
    app.open().await;
    let first = app.approve("dana", 0).await.ok();
    let again = app.approve("dana", 0).await.ok();
    assert_eq!(
        (&again["submission_status"], &again["overlay"]),
        (&json!("already_applied"), &first["overlay"])
    );
    app.approve("ben", 0).await.error(409, "version_conflict");
}

#[tokio::test]
async fn the_header_means_the_same_as_the_field() {
    let app = TestApp::new().await;
    app.open().await;
    let path = format!("{REVIEW}/versions");
    let first = app.post("dana", "versions", edit(0, 1, "cmd-1")).await.ok();
    let body = json!({ "snapshot": { "total": 1 }, "version_stamp": 0 });
    assert_eq!(with_header(&app, "dana", &path, "cmd-1", body).await.ok(), first);
    assert_eq!(with_header(&app, "dana", &path, "cmd-1", edit(0, 1, "cmd-1")).await.ok(), first);
    let differ = with_header(&app, "dana", &path, "cmd-2", edit(1, 1, "cmd-1")).await;
    assert_eq!(differ.faults(), [("header.idempotency-key".to_owned(), "invalid_value".to_owned())]);
    for bad in ["", "a b", &"x".repeat(257), "one,two"] {
        let answer =
            with_header(&app, "dana", &path, bad, json!({ "snapshot": {}, "version_stamp": 1 })).await;
        assert_eq!(answer.faults(), [("header.idempotency-key".to_owned(), "invalid_identifier".to_owned())]);
    }
}

#[tokio::test]
async fn claims_and_releases_and_reopenings_have_command_ids_too() {
    let app = TestApp::new().await;
    app.open().await;
    let claim = format!("{REVIEW}/claim");
    let claimed = with_header(&app, "dana", &claim, "c-1", json!({ "version_stamp": 0 })).await.ok();
    let edited = app.post("ben", "versions", edit(1, 1, "e-1")).await.ok();
    assert_eq!(claimed["rev"], 1);
    let again = with_header(&app, "dana", &claim, "c-1", json!({ "version_stamp": 0 })).await.ok();
    assert_eq!(again, edited, "done before: answered with the overlay as it stands");
    let other = json!({ "version_stamp": 2, "ttl_seconds": 30 });
    with_header(&app, "dana", &claim, "c-1", other).await.error(409, "command_id_reused");
    let release = format!("{REVIEW}/release");
    with_header(&app, "dana", &release, "c-1", json!({ "version_stamp": 2 }))
        .await
        .error(409, "command_id_reused");
    let released = with_header(&app, "dana", &release, "r-1", json!({ "version_stamp": 2 })).await.ok();
    assert_eq!(
        with_header(&app, "dana", &release, "r-1", json!({ "version_stamp": 2 })).await.ok(),
        released
    );
    app.approve("dana", 3).await.ok();
    let body = json!({ "version_stamp": 4, "command_id": "o-1" });
    let reopened = app.post("dana", "reopen", body.clone()).await.ok();
    app.claim("ben", 5, 900).await.ok();
    let again = app.post("dana", "reopen", body).await.ok();
    assert_eq!((&reopened["rev"], &again["rev"]), (&json!(5), &json!(6)));
}

#[tokio::test]
async fn a_retried_claim_next_is_the_same_review() {
    let app = TestApp::new().await;
    for run in ["a", "b", "c"] {
        app.open_at("agent", run, "block", 0).await;
        app.clock.advance_millis(1);
    }
    let path = format!("{REVIEWS}/claim-next");
    let first = with_header(&app, "dana", &path, "n-1", json!({})).await.ok();
    assert_eq!(with_header(&app, "dana", &path, "n-1", json!({})).await.ok(), first);
    let second = with_header(&app, "dana", &path, "n-2", json!({})).await.ok();
    assert_eq!((&first["workflow_run_id"], &second["workflow_run_id"]), (&json!("a"), &json!("b")));
    let other = json!({ "ttl_seconds": 30 });
    with_header(&app, "dana", &path, "n-1", other).await.error(409, "command_id_reused");

    // The claim that it took is over: released, somebody else's, the review decided, the entry gone from the journal.
    let at_a = format!("{REVIEWS}/a/block");
    app.call("ben", "POST", &format!("{at_a}/release"), Some(json!({ "version_stamp": 1 }))).await.ok();
    let over = with_header(&app, "dana", &path, "n-1", json!({})).await.error(409, "claim_ended");
    let details =
        json!({ "rev": 2, "status": "awaiting_review", "workflow_run_id": "a", "block_id": "block" });
    assert_eq!(over["details"], details);
    for stamp in 2..40 {
        app.call("ben", "POST", &format!("{at_a}/claim"), Some(json!({ "version_stamp": stamp }))).await.ok();
        app.clock.advance_seconds(1);
    }
    let approve = json!({ "version_stamp": 40, "verdict": "approved" });
    app.call("ben", "POST", &format!("{at_a}/decision"), Some(approve)).await.ok();
    let over = with_header(&app, "dana", &path, "n-1", json!({})).await.error(409, "claim_ended");
    assert_eq!((&over["details"]["rev"], &over["details"]["status"]), (&json!(41), &json!("approved")));
    // The command of the second, whose claim stands.
    assert_eq!(with_header(&app, "dana", &path, "n-2", json!({})).await.ok(), second);
    let left = with_header(&app, "ben", &path, "n-1", json!({})).await.ok();
    assert_eq!(left["workflow_run_id"], "c", "commands are each actor's own");
    let mine = app.call("dana", "GET", &format!("{REVIEWS}?mine=true"), None).await.ok();
    assert_eq!(mine["data"].as_array().unwrap().len(), 1, "b alone: a command is not a lease");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_claim_next_command_sent_many_times_at_once_claims_one_review() {
    const ROUNDS: usize = 8;
    let app = TestApp::new().await;
    for index in 0..4 * ROUNDS {
        app.open_at("agent", &format!("run_{index:02}"), "block", 0).await;
        app.clock.advance_millis(1);
    }
    let path = format!("{REVIEWS}/claim-next");
    for round in 0..ROUNDS {
        let command = format!("n-{round}");
        let same = (0..8).map(|_| with_header(&app, "dana", &path, &command, json!({})));
        let others = (0..3).map(|_| app.call("ben", "POST", &path, Some(json!({}))));
        let (same, others) = futures_util::future::join(join_all(same), join_all(others)).await;
        for answer in others {
            answer.ok();
        }
        let runs: BTreeSet<String> =
            same.into_iter().map(|answer| answer.ok()["block_run_id"].to_string()).collect();
        assert_eq!(runs.len(), 1, "{runs:?}");
    }
    let mine = app.call("dana", "GET", &format!("{REVIEWS}?mine=true"), None).await.ok();
    assert_eq!(mine["data"].as_array().unwrap().len(), ROUNDS, "one review a command");
    let bens = app.call("ben", "GET", &format!("{REVIEWS}?mine=true"), None).await.ok();
    assert_eq!(bens["data"].as_array().unwrap().len(), 3 * ROUNDS);
}

#[tokio::test]
async fn a_correction_whose_answers_get_lost_is_written_once() {
    for operation in ["TransactWriteItems", "PutItem"] {
        let faults = Faults::default();
        let app = TestApp::with_client(faults.client(endpoint())).await;
        app.open().await;
        let post = async || match operation {
            "PutItem" => app.approve("dana", 0).await,
            _ => app.post("dana", "versions", json!({ "snapshot": {}, "version_stamp": 0 })).await,
        };
        faults.plan(operation, Fault::LoseAnswer, 1);
        let answer = post().await.ok();
        assert_eq!(faults.left(), 0, "{operation}");
        if operation == "PutItem" {
            assert_eq!(answer["submission_status"], "accepted", "the first time, however often it was sent");
        }
        let overlay = app.get().await.ok();
        assert_eq!(
            (&overlay["rev"], overlay["audit"].as_array().unwrap().len()),
            (&json!(1), 2),
            "{operation}"
        );

        let app = TestApp::with_client(faults.client(endpoint())).await;
        app.open().await;
        let post = async || match operation {
            "PutItem" => app.approve("dana", 0).await,
            _ => app.post("dana", "versions", json!({ "snapshot": {}, "version_stamp": 0 })).await,
        };
        faults.plan(operation, Fault::LoseAnswer, 4);
        post().await.error(503, "unavailable");
        post().await.ok();
        assert_eq!(app.get().await.ok()["rev"], 1, "{operation}");
    }
}
