//! Comments: appended to the audit, whatever the review's state, and nobody's work becomes stale by them.

use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use shared::store::Role;
use tests::{Answer, REVIEW, TestApp};

const COMMENTS: &str = "/v1/workflows/reviews/run_abc123/block_extract/comments";

async fn comment(app: &TestApp, who: &str, body: Value) -> Answer {
    app.call(who, "POST", COMMENTS, Some(body)).await
}

/// The comments of a review's audit, oldest first.
async fn recorded(app: &TestApp) -> Vec<Value> {
    let overlay = app.call("dana", "GET", REVIEW, None).await.ok();
    let entries = overlay["audit"].as_array().unwrap().iter();
    entries.filter(|entry| entry["event"] == "commented").cloned().collect()
}

#[tokio::test]
async fn a_comment_is_in_the_audit_and_keeps_rev_and_claim() {
    let app = TestApp::new().await;
    app.open().await;
    let (member, _) = app.member("org_a", "mia", &[Role::Reviewer]).await;
    let held = app.claim("dana", 0, 900).await.ok();
    let said = comment(&app, "ben", json!({ "text": "Why?", "mentions": [member.actor.id] })).await;
    assert_eq!(said.status, StatusCode::CREATED, "{}", said.text);
    assert_eq!((&said.body["rev"], &said.body["comments"]), (&json!(1), &json!(1)));

    let overlay = app.call("dana", "GET", REVIEW, None).await.ok();
    assert_eq!((&overlay["rev"], &overlay["claim"]), (&json!(1), &held["claim"]));
    let [entry]: [Value; 1] = recorded(&app).await.try_into().unwrap();
    assert_eq!(entry["detail"], json!({ "text": "Why?", "mentions": [member.actor.id] }));
    assert_eq!(
        (&entry["action"], &entry["rev_observed"], &entry["rev_result"]),
        (&json!("commented"), &json!(1), &Value::Null)
    );
    let page = app.call("dana", "GET", &format!("{REVIEW}/audit"), None).await.ok();
    assert_eq!(page["data"][0]["detail"]["text"], "Why?");

    // The stamp of before it still decides; and a decided review can be commented on.
    let decision = json!({ "version_stamp": 1, "verdict": "approved" });
    app.call("dana", "POST", &format!("{REVIEW}/decision"), Some(decision)).await.ok();
    assert_eq!(comment(&app, "ben", json!({ "text": "Thanks." })).await.status, StatusCode::CREATED);
    let overlay = app.call("dana", "GET", REVIEW, None).await.ok();
    assert_eq!((&overlay["rev"], &overlay["status"]), (&json!(2), &json!("approved")));
    assert_eq!(recorded(&app).await.len(), 2);
}

#[tokio::test]
async fn a_command_is_one_comment_also_after_its_entry_has_left_the_journal() {
    let app = TestApp::new().await;
    app.open().await;
    let first = json!({ "text": "Why?", "command_id": "c1" });
    assert_eq!(comment(&app, "dana", first.clone()).await.body["replayed"], false);
    assert_eq!(comment(&app, "dana", first.clone()).await.body["replayed"], true);
    let other = json!({ "text": "Who?", "command_id": "c1" });
    comment(&app, "dana", other.clone()).await.error(409, "command_id_reused");
    // Another actor's command of that name is another.
    assert_eq!(comment(&app, "ben", other.clone()).await.body["comments"], 2);
    for number in 0..20 {
        comment(&app, "dana", json!({ "text": format!("{number}") })).await;
    }
    let again = comment(&app, "dana", first).await;
    assert_eq!((&again.body["replayed"], &again.body["comments"]), (&json!(true), &json!(22)));
    comment(&app, "dana", other).await.error(409, "command_id_reused");
    assert_eq!(recorded(&app).await.len(), 22);
}

#[tokio::test]
async fn a_review_has_200_comments_and_a_read_of_it_stays_bounded() {
    let app = TestApp::new().await;
    app.open().await;
    for number in 0..200 {
        let said = comment(&app, "dana", json!({ "text": format!("{number}: {}", "x".repeat(500)) })).await;
        assert_eq!(said.status, StatusCode::CREATED, "{}", said.text);
    }
    let refused = comment(&app, "dana", json!({ "text": "one more" })).await;
    assert_eq!(refused.error(409, "too_many_comments")["details"]["limit"], 200);
    let (overlay, usage) = app.metered("dana", "GET", REVIEW, None).await;
    assert_eq!(overlay.ok()["audit"].as_array().unwrap().len(), 200);
    // META and its first items, then what META says is needed, in three queries.
    assert!(usage.calls <= 4, "{usage:?}");
    // Still claimed and decided as any other.
    let claimed = app.claim("dana", 0, 900).await.ok();
    assert_eq!(claimed["rev"], 1);
    let decision = json!({ "version_stamp": 1, "verdict": "approved" });
    app.call("dana", "POST", &format!("{REVIEW}/decision"), Some(decision)).await.ok();
}

#[tokio::test]
async fn what_a_comment_must_not_be_is_refused_by_its_field() {
    let app = TestApp::new().await;
    app.open().await;
    let (gone, _) = app.member("org_a", "gone", &[Role::Reviewer]).await;
    app.call(
        "admin",
        "POST",
        &format!("/v1/members/{}/disable", gone.actor.id),
        Some(json!({ "version_stamp": 0 })),
    )
    .await
    .ok();
    let (theirs, _) = app.member("org_b", "theirs", &[Role::Reviewer]).await;
    let many: Vec<String> = (0..11).map(|number| format!("user_{number}")).collect();
    let rows = [
        (json!({}), json!(["body", "text"])),
        (json!({ "text": " \u{200b}\n" }), json!(["body", "text"])),
        (json!({ "text": "x".repeat(2001) }), json!(["body", "text"])),
        (json!({ "text": "a", "mentions": many }), json!(["body", "mentions"])),
        (json!({ "text": "a", "mentions": ["user_none"] }), json!(["body", "mentions", "0"])),
        (json!({ "text": "a", "mentions": [gone.actor.id] }), json!(["body", "mentions", "0"])),
        (json!({ "text": "a", "mentions": [theirs.actor.id] }), json!(["body", "mentions", "0"])),
    ];
    for (body, loc) in rows {
        let refused = comment(&app, "dana", body.clone()).await.error(422, "validation_error");
        assert_eq!(refused["details"]["errors"][0]["loc"], loc, "{body}");
    }
    assert_eq!(recorded(&app).await, Vec::<Value>::new());
    let elsewhere = COMMENTS.replace("run_abc123", "run_none");
    app.call("dana", "POST", &elsewhere, Some(json!({ "text": "a" }))).await.error(404, "review_not_found");
}

#[tokio::test]
async fn two_comments_at_once_are_both_there() {
    let app = TestApp::new().await;
    app.open().await;
    let (one, two, claim) = futures_util::join!(
        comment(&app, "dana", json!({ "text": "one" })),
        comment(&app, "ben", json!({ "text": "two" })),
        app.claim("dana", 0, 900)
    );
    assert_eq!((one.status, two.status), (StatusCode::CREATED, StatusCode::CREATED));
    claim.ok();
    assert_eq!(recorded(&app).await.len(), 2);
}
