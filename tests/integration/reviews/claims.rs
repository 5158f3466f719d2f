//! Claim and release as the contract has them.

use serde_json::{Value, json};
use shared::store::JOURNAL_LIMIT;
use tests::faults::{Fault, Faults};
use tests::leases;
use tests::{REVIEW, TestApp, endpoint};

fn words(overlay: &Value) -> Vec<&str> {
    overlay["audit"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_fresh_claim_names_its_holder_and_its_end() {
    let app = TestApp::new().await;
    app.open().await;
    let overlay = app.claim("dana", 0, 900).await.ok();
    assert_eq!(
        overlay["claim"],
        json!({
            "holder": { "kind": "human", "id": "user_42", "display_name": "Dana Rivera" },
            "claimed_at": "2026-05-13T08:55:00.000Z",
            "expires_at": "2026-05-13T09:10:00.000Z",
        })
    );
    assert_eq!(overlay["rev"], 1);
    assert_eq!(words(&overlay), ["overlay_created", "claimed"]);
    let entry = &overlay["audit"][1];
    assert_eq!((&entry["rev_observed"], &entry["rev_result"]), (&json!(0), &json!(1)));
    assert_eq!(entry["action"], "claimed");
    assert_eq!(app.get().await.ok(), overlay, "what was answered is what is stored");
}

#[tokio::test]
async fn a_renewal_keeps_claimed_at_and_moves_the_end() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(600);
    app.claim("dana", 1, 900).await.ok();
    app.clock.advance_seconds(600);
    let overlay = app.claim("dana", 2, 60).await.ok();
    assert_eq!(overlay["claim"]["claimed_at"], "2026-05-13T08:55:00.000Z");
    assert_eq!(overlay["claim"]["expires_at"], "2026-05-13T09:16:00.000Z");
    assert_eq!(
        overlay["audit"][3]["detail"],
        json!({ "expires_at": "2026-05-13T09:16:00.000Z", "renewed": true })
    );
    assert_eq!(app.get().await.ok(), overlay);
}

#[tokio::test]
async fn a_take_over_is_recorded_with_whom_it_was_taken_from() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(10);
    let overlay = app.claim("ben", 1, 900).await.ok();
    assert_eq!(overlay["claim"]["holder"]["id"], "user_17");
    assert_eq!(overlay["claim"]["claimed_at"], "2026-05-13T08:55:10.000Z");
    assert_eq!(overlay["audit"][2]["detail"]["took_over_from"]["id"], "user_42");
    assert_eq!(app.get().await.ok(), overlay);
}

#[tokio::test]
async fn claiming_what_somebody_else_let_run_out_is_fresh() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    app.clock.advance_seconds(30);
    let overlay = app.claim("ben", 1, 900).await.ok();
    assert_eq!(overlay["audit"][2]["detail"], json!({ "expires_at": "2026-05-13T09:10:30.000Z" }));
    assert_eq!(app.get().await.ok(), overlay);
}

#[tokio::test]
async fn claiming_again_what_one_let_run_out_starts_anew() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    app.clock.advance_seconds(31);
    let overlay = app.claim("dana", 1, 900).await.ok();
    assert_eq!(overlay["claim"]["claimed_at"], "2026-05-13T08:55:31.000Z");
    assert_eq!(overlay["audit"][2]["detail"].get("renewed"), None);
}

#[tokio::test]
async fn an_expired_claim_reads_as_null_the_moment_it_expires() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    let list = async || app.call("dana", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
    app.clock.advance_millis(29_999);
    assert_eq!(app.get().await.ok()["claim"]["holder"]["id"], "user_42");
    assert_eq!(list().await["data"][0]["claim"]["holder"]["id"], "user_42");
    app.clock.advance_millis(1);
    let overlay = app.get().await.ok();
    assert_eq!((&overlay["claim"], &overlay["rev"]), (&Value::Null, &json!(1)));
    assert_eq!(list().await["data"], json!([]));
    let all = app.call("dana", "GET", "/v1/workflows/reviews", None).await.ok();
    assert_eq!(all["data"][0]["claim"], Value::Null);
    let conflict = app.claim("ben", 0, 900).await.error(409, "version_conflict");
    assert_eq!(conflict["details"]["claim"], Value::Null);
}

#[tokio::test]
async fn releasing_drops_the_claim_and_records_whose_it_was() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    let overlay = app.release("ben", 1).await.ok();
    assert_eq!((&overlay["claim"], &overlay["rev"]), (&Value::Null, &json!(2)));
    assert_eq!(overlay["audit"][2]["event"], "released");
    assert_eq!(overlay["audit"][2]["actor"]["id"], "user_17");
    assert_eq!(overlay["audit"][2]["detail"]["holder"]["id"], "user_42");
    assert_eq!(app.get().await.ok(), overlay);
}

#[tokio::test]
async fn releasing_nothing_is_fine_and_writes_nothing() {
    let app = TestApp::new().await;
    app.open().await;
    let before = app.get().await.ok();
    assert_eq!(app.release("dana", 0).await.ok(), before);
    app.claim("dana", 0, 30).await.ok();
    app.clock.advance_seconds(30);
    let expired = app.get().await.ok();
    assert_eq!(app.release("dana", 1).await.ok(), expired, "an expired claim is nothing to drop");
}

#[tokio::test]
async fn a_stale_stamp_is_refused_with_all_that_changed_since() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(1);
    let overlay = app.release("dana", 1).await.ok();
    app.clock.advance_seconds(1);
    let overlay_now = app.claim("ben", 2, 900).await.ok();
    let detail = app.claim("dana", 1, 900).await.error(409, "version_conflict");
    assert_eq!(
        detail["details"],
        json!({
            "version_stamp": 1,
            "rev": 3,
            "status": "awaiting_review",
            "claim": overlay_now["claim"],
            "head_seq": 0,
            "changes": [overlay["audit"][2], overlay_now["audit"][3]],
        })
    );
    assert_eq!(
        detail["message"],
        "The review has moved on: version_stamp is 1, its rev is 3. Ben Okafor is reviewing it until \
         2026-05-13T09:10:02.000Z. Read it again and retry."
    );
    let ahead = app.release("dana", 4).await.error(409, "version_conflict");
    assert_eq!((&ahead["details"]["rev"], &ahead["details"]["changes"]), (&json!(3), &json!([])));
}

#[tokio::test]
async fn a_review_that_is_not_there_is_not_found() {
    let app = TestApp::new().await;
    for answer in [app.claim("dana", 0, 900).await, app.release("dana", 0).await, app.get().await] {
        let detail = answer.error(404, "review_not_found");
        assert_eq!(detail["details"], Value::Null);
    }
    assert_eq!(leases(&app).await, [], "the claim that found nothing left no lease behind");
}

/// A lease of the same instant that another call wrote is not taken away with it.
#[tokio::test]
async fn a_claim_of_a_missing_review_takes_away_no_lease_but_its_own() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    // The claim finds nothing, and is held up before it takes its lease back.
    faults.plan("DeleteItem", Fault::HoldUp, 1);
    let opened = async {
        faults.happened().await;
        app.open().await;
        app.claim("dana", 0, 900).await.ok();
        faults.let_go();
    };
    let (missing, ()) = futures_util::join!(app.claim("dana", 0, 900), opened);
    missing.error(404, "review_not_found");
    assert_eq!(leases(&app).await.len(), 1);
}

#[tokio::test]
async fn the_older_entries_leave_the_journal_and_nothing_of_the_audit_is_lost() {
    let app = TestApp::new().await;
    app.open().await;
    let rounds = u64::try_from(3 * JOURNAL_LIMIT).unwrap();
    let mut expected = vec!["overlay_created".to_owned()];
    for stamp in 0..rounds {
        app.clock.advance_seconds(1);
        let (answer, word) = match stamp % 3 {
            0 => (app.claim("dana", stamp, 900).await, "claimed"),
            1 => (app.claim("ben", stamp, 900).await, "claimed"),
            _ => (app.release("dana", stamp).await, "released"),
        };
        expected.push(word.to_owned());
        let overlay = answer.ok();
        assert_eq!(words(&overlay), expected);
        assert_eq!(app.get().await.ok(), overlay, "after rev {stamp}");
    }
    let overlay = app.get().await.ok();
    let audit = overlay["audit"].as_array().unwrap();
    for (index, entry) in audit.iter().enumerate().skip(1) {
        assert_eq!((&entry["rev_observed"], &entry["rev_result"]), (&json!(index - 1), &json!(index)));
        let took_over_from = entry["detail"].get("took_over_from").map(|actor| actor["id"].clone());
        assert_eq!(took_over_from, (index % 3 == 2).then(|| json!("user_42")), "entry {index}");
    }
    let list = app.call("dana", "GET", "/v1/workflows/reviews", None).await.ok();
    assert_eq!(list["data"][0]["claim"], overlay["claim"]);
}

#[tokio::test]
async fn a_claim_whose_beginning_has_left_the_journal_is_still_the_same_claim() {
    let app = TestApp::new().await;
    app.open().await;
    let rounds = u64::try_from(2 * JOURNAL_LIMIT).unwrap();
    for stamp in 0..rounds {
        app.claim("dana", stamp, 900).await.ok();
        app.clock.advance_seconds(60);
    }
    let overlay = app.get().await.ok();
    assert_eq!(overlay["claim"]["claimed_at"], "2026-05-13T08:55:00.000Z");
    let list = app.call("dana", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
    assert_eq!(list["data"][0]["claim"], overlay["claim"]);
    let conflict = app.claim("ben", 0, 900).await.error(409, "version_conflict");
    assert_eq!(conflict["details"]["claim"], overlay["claim"]);
    let known = conflict["details"]["changes"].as_array().unwrap();
    assert!(known.len() >= 4 && known.len() <= JOURNAL_LIMIT, "{}", known.len());
    assert_eq!(known.last().unwrap()["rev_result"], json!(rounds));
}

#[tokio::test]
async fn a_refused_claim_does_not_cost_the_holder_the_claim_it_has() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 86_400).await.ok();
    app.claim("dana", 7, 30).await.error(409, "version_conflict");
    app.release("dana", 7).await.error(409, "version_conflict");
    app.clock.advance_seconds(3600);
    let mine = app.call("dana", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
    assert_eq!(mine["data"][0]["workflow_run_id"], "run_abc123");
    assert_eq!(app.call("dana", "GET", REVIEW, None).await.ok()["claim"], mine["data"][0]["claim"]);
}
