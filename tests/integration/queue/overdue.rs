//! The queue by due times: its order, the filter `overdue`, and what claim-next takes.

use crate::queue::{run, runs};
use serde_json::{Value, json};
use shared::review::{Deadline, OnOverdue, Terms};
use shared::store::Meter;
use tests::{REVIEWS, TestApp};

async fn due(app: &TestApp, run: &str, seconds: u32) {
    let deadline = Deadline::starting(app.clock.now(), seconds, Vec::new(), OnOverdue::default());
    app.open_with(run, Terms { deadline: Some(deadline), ..Terms::default() }).await;
}

async fn list(app: &TestApp, query: &str) -> Value {
    app.call("dana", "GET", &format!("{REVIEWS}?{query}"), None).await.ok()
}

#[tokio::test]
async fn within_a_priority_the_earliest_due_come_first_and_claim_next_takes_them_so() {
    let app = TestApp::new().await;
    app.open_at("agent", "waiting", "block_extract", 0).await;
    app.clock.advance_seconds(1);
    for (run, seconds) in [("late", 900), ("soon", 60), ("later", 1800)] {
        due(&app, run, seconds).await;
    }
    app.open_at("agent", "urgent", "block_extract", 1).await;
    let expected = ["urgent", "soon", "late", "later", "waiting"];
    let page = list(&app, "").await;
    assert_eq!(runs(&page), expected);
    assert_eq!(page["data"][1]["due_at"], "2026-05-13T08:56:01.000Z");
    let mut cursor = String::new();
    for run in expected {
        let page = list(&app, &format!("limit=1{cursor}")).await;
        assert_eq!(runs(&page), [run]);
        cursor = page["next_cursor"].as_str().map_or(String::new(), |next| format!("&cursor={next}"));
    }
    for expected in expected {
        let next = app.call("dana", "POST", &format!("{REVIEWS}/claim-next"), Some(json!({}))).await.ok();
        assert_eq!(run(&next), expected);
    }
}

#[tokio::test]
async fn a_reopened_review_takes_the_place_of_its_new_due_time() {
    let app = TestApp::new().await;
    due(&app, "run_abc123", 60).await;
    due(&app, "other", 100).await;
    assert_eq!(runs(&list(&app, "").await), ["run_abc123", "other"]);
    app.approve("dana", 0).await.ok();
    app.clock.advance_seconds(50);
    app.post("dana", "reopen", json!({ "version_stamp": 1 })).await.ok();
    assert_eq!(runs(&list(&app, "").await), ["other", "run_abc123"]);
}

#[tokio::test]
async fn the_filter_shows_what_is_due_and_open_and_nothing_else() {
    let app = TestApp::new().await;
    app.open_at("agent", "waiting", "block_extract", 0).await;
    for (run, seconds) in [("one", 60), ("two", 120), ("run_abc123", 61), ("much_later", 900)] {
        due(&app, run, seconds).await;
    }
    app.clock.advance_millis(59_999);
    assert_eq!(runs(&list(&app, "overdue=true").await), Vec::<&str>::new());
    app.clock.advance_millis(1);
    assert_eq!(runs(&list(&app, "overdue=true").await), ["one"]);
    app.clock.advance_seconds(60);
    assert_eq!(runs(&list(&app, "overdue=true").await), ["one", "run_abc123", "two"]);
    assert_eq!(runs(&list(&app, "overdue=true&status=all").await), ["one", "run_abc123", "two"]);
    app.approve("dana", 0).await.ok();
    assert_eq!(runs(&list(&app, "overdue=true").await), ["one", "two"]);
    for query in
        ["overdue=true&status=approved", "overdue=true&workflow_id=wf_other", "overdue=true&mine=true"]
    {
        assert_eq!(runs(&list(&app, query).await), Vec::<&str>::new(), "{query}");
    }
    let claim = json!({ "version_stamp": 0 });
    for run in ["two", "much_later"] {
        let path = format!("{REVIEWS}/{run}/block_extract/claim");
        app.call("dana", "POST", &path, Some(claim.clone())).await.ok();
    }
    assert_eq!(runs(&list(&app, "overdue=true&mine=true").await), ["two"]);
    let first = list(&app, "overdue=true&limit=1").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = list(&app, &format!("overdue=true&limit=1&cursor={cursor}")).await;
    assert_eq!((runs(&second), second["has_more"].as_bool()), (vec!["two"], Some(false)));
    let other = app.call("dana", "GET", &format!("{REVIEWS}?cursor={cursor}"), None).await;
    assert_eq!(other.faults()[0].0, "query.cursor", "a cursor is bound to its filter");
}

/// What is not due costs a call almost nothing, and its number is bounded.
#[tokio::test]
async fn a_call_looks_through_a_thousand_and_says_where_it_stopped() {
    let app = TestApp::new().await;
    let many = tests::amount(120, 1_150);
    for index in 0..many {
        app.open_at("agent", &format!("run_{index:04}"), "block_extract", 5).await;
    }
    due(&app, "overdue", 1).await;
    app.clock.advance_seconds(1);
    let (page, usage) = Meter::measure(list(&app, "overdue=true")).await;
    println!("{many} that are not due: {usage:?}");
    assert!(usage.read_units < 40.0, "{usage:?}");
    if many <= 1_000 {
        assert_eq!((runs(&page), page["has_more"].as_bool()), (vec!["overdue"], Some(false)));
    } else {
        assert_eq!((runs(&page).len(), page["has_more"].as_bool()), (0, Some(true)));
        let next = page["next_cursor"].as_str().unwrap();
        assert_eq!(runs(&list(&app, &format!("overdue=true&cursor={next}")).await), ["overdue"]);
    }
}
