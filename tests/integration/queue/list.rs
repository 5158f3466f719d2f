//! The queue: order, filters, paging.

use crate::queue::runs;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use tests::{REVIEWS, TestApp, opening};

async fn list(app: &TestApp, who: &str, query: &str) -> Value {
    app.call(who, "GET", &format!("{REVIEWS}?{query}"), None).await.ok()
}

/// All runs of a query, page by page, and how many rows each page had.
async fn walk(app: &TestApp, query: &str) -> (Vec<String>, Vec<usize>) {
    let (mut all, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = list(app, "dana", &format!("{query}{cursor}")).await;
        all.extend(runs(&page).into_iter().map(str::to_owned));
        sizes.push(runs(&page).len());
        assert_eq!(page["has_more"], json!(page["next_cursor"].is_string()));
        match &page["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return (all, sizes),
        }
    }
}

#[tokio::test]
async fn the_hottest_come_first_and_among_equals_the_longest_waiting() {
    let app = TestApp::new().await;
    for (run, priority) in [("low", -5), ("first", 0), ("urgent", 20), ("second", 0), ("warm", 5)] {
        app.open_at("agent", run, "block", priority).await;
        app.clock.advance_millis(1);
    }
    assert_eq!(runs(&list(&app, "dana", "").await), ["urgent", "warm", "first", "second", "low"]);
}

#[tokio::test]
async fn a_row_is_the_overlay_without_versions_decisions_and_audit() {
    let app = TestApp::new().await;
    app.open().await;
    let mut overlay = app.claim("ben", 0, 900).await.ok();
    for heavy in ["versions", "decisions", "audit"] {
        assert!(overlay.as_object_mut().unwrap().remove(heavy).is_some());
    }
    assert_eq!(list(&app, "dana", "").await["data"], json!([overlay]));
}

#[tokio::test]
async fn filters_combine() {
    let app = TestApp::new().await;
    for (index, workflow) in ["wf_1", "wf_2", "wf_1", "wf_3"].into_iter().enumerate() {
        let mut body = opening(&format!("run_{index}"), "block", 0);
        body["workflow_id"] = json!(workflow);
        assert_eq!(app.call("agent", "POST", REVIEWS, Some(body)).await.status, StatusCode::CREATED);
        app.clock.advance_millis(1);
    }
    let claim = async |who: &str, run: &str| {
        let path = format!("{REVIEWS}/{run}/block/claim");
        app.call(who, "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok()
    };
    claim("dana", "run_2").await;
    claim("dana", "run_1").await;
    claim("ben", "run_0").await;
    for (who, query, expected) in [
        ("dana", "workflow_id=wf_1", vec!["run_0", "run_2"]),
        ("dana", "workflow_id=wf_9", vec![]),
        ("dana", "status=awaiting_review", vec!["run_0", "run_1", "run_2", "run_3"]),
        ("dana", "status=approved", vec![]),
        ("dana", "status=rejected&workflow_id=wf_1", vec![]),
        ("dana", "mine=true", vec!["run_1", "run_2"]),
        ("dana", "mine=false", vec!["run_0", "run_1", "run_2", "run_3"]),
        ("dana", "mine=true&workflow_id=wf_1&status=awaiting_review", vec!["run_2"]),
        ("dana", "mine=true&status=approved", vec![]),
        ("ben", "mine=true", vec!["run_0"]),
        ("reader", "mine=true", vec![]),
    ] {
        assert_eq!(runs(&list(&app, who, query).await), expected, "{who} {query}");
    }
}

#[tokio::test]
async fn mine_follows_the_claim_and_not_the_lease() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.claim("ben", 1, 900).await.ok();
    assert_eq!(runs(&list(&app, "dana", "mine=true").await), Vec::<&str>::new(), "taken over");
    app.claim("dana", 2, 900).await.ok();
    app.release("ben", 3).await.ok();
    assert_eq!(runs(&list(&app, "dana", "mine=true").await), Vec::<&str>::new(), "released by somebody else");
}

#[tokio::test]
async fn pages_join_without_gap_or_overlap_at_every_boundary() {
    let app = TestApp::new().await;
    let mut expected = Vec::new();
    assert_eq!(walk(&app, "limit=3").await, (vec![], vec![0]));
    for index in 0..7 {
        let run = format!("run_{index}");
        app.open_at("agent", &run, "block", 0).await;
        app.clock.advance_millis(1);
        expected.push(run);
    }
    for (limit, sizes) in [(1, vec![1; 7]), (3, vec![3, 3, 1]), (6, vec![6, 1]), (7, vec![7]), (8, vec![7])] {
        for filter in ["", "&status=awaiting_review", "&workflow_id=wf_1"] {
            let query = format!("limit={limit}{filter}");
            assert_eq!(walk(&app, &query).await, (expected.clone(), sizes.clone()), "{query}");
        }
    }
    for run in &expected {
        let path = format!("{REVIEWS}/{run}/block/claim");
        app.call("dana", "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok();
    }
    assert_eq!(walk(&app, "mine=true&limit=3").await, (expected, vec![3, 3, 1]));
}

#[tokio::test]
async fn decided_reviews_follow_open_ones_and_no_page_goes_back() {
    let app = TestApp::new().await;
    for run in ["open_1", "open_2", "decided_2", "decided_1"] {
        app.open_at("agent", run, "block", 0).await;
        app.clock.advance_millis(1);
        if run.starts_with("decided") {
            let decision = json!({ "verdict": "approved", "version_stamp": 0 });
            let path = format!("{REVIEWS}/{run}/block/decision");
            app.call("ben", "POST", &path, Some(decision)).await.ok();
        }
    }
    let mut page = list(&app, "dana", "status=all&limit=1").await;
    for run in ["open_1", "open_2", "decided_1"] {
        assert_eq!(runs(&page), [run]);
        page = list(
            &app,
            "dana",
            &format!("status=all&limit=1&cursor={}", page["next_cursor"].as_str().unwrap()),
        )
        .await;
    }
    assert_eq!((runs(&page), &page["has_more"]), (vec!["decided_2"], &json!(false)));
}

#[tokio::test]
async fn paging_neither_skips_nor_repeats_while_others_arrive_and_are_claimed() {
    let app = TestApp::new().await;
    for index in 0..6 {
        app.open_at("agent", &format!("run_{index}"), "block", 0).await;
        app.clock.advance_millis(1);
    }
    let first = list(&app, "dana", "limit=3").await;
    app.open_at("agent", "hot", "block", 9).await;
    app.call("ben", "POST", &format!("{REVIEWS}/run_3/block/claim"), Some(json!({ "version_stamp": 0 })))
        .await
        .ok();
    let next = first["next_cursor"].as_str().unwrap();
    let second = list(&app, "dana", &format!("limit=3&cursor={next}")).await;
    assert_eq!(runs(&first), ["run_0", "run_1", "run_2"]);
    assert_eq!(runs(&second), ["run_3", "run_4", "run_5"]);
    assert_eq!(second["data"][0]["claim"]["holder"]["id"], "user_17", "the row is as fresh as the read");
    assert_eq!(second["has_more"], false);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_filter() {
    let app = TestApp::new().await;
    for index in 0..3 {
        app.open_at("agent", &format!("run_{index}"), "block", 0).await;
    }
    let page = list(&app, "dana", "limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    for query in ["status=all", "workflow_id=wf_1", "mine=true", "status=approved"] {
        let answer = app.call("dana", "GET", &format!("{REVIEWS}?{query}&cursor={cursor}"), None).await;
        assert_eq!(answer.faults(), [("query.cursor".to_owned(), "invalid_value".to_owned())], "{query}");
    }
    list(&app, "dana", &format!("limit=200&cursor={cursor}")).await;
}

#[tokio::test]
async fn what_one_has_decided_is_found_again() {
    let app = TestApp::new().await;
    let mut expected = Vec::new();
    for index in 0..12 {
        let run = format!("run_{index:02}");
        app.open_at("agent", &run, "block", 0).await;
        let who = if index % 3 == 0 { "dana" } else { "ben" };
        let path = format!("{REVIEWS}/{run}/block");
        let body = json!({ "verdict": "approved", "version_stamp": 0 });
        app.call(who, "POST", &format!("{path}/decision"), Some(body)).await.ok();
        if who == "dana" {
            expected.insert(0, run);
        }
        app.clock.advance_seconds(1);
    }
    let list = async |who: &str, query: String| {
        let page =
            app.call(who, "GET", &format!("{REVIEWS}?mine=true&status=approved{query}"), None).await.ok();
        let rows = page["data"].as_array().unwrap().iter();
        let runs: Vec<String> = rows.map(|row| row["workflow_run_id"].as_str().unwrap().to_owned()).collect();
        (runs, page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(list("dana", String::new()).await, (expected.clone(), None), "newest first");
    let (mut runs, mut cursor) = list("dana", "&limit=3".into()).await;
    assert_eq!(runs.len(), 3);
    while let Some(next) = cursor {
        let (more, after) = list("dana", format!("&limit=3&cursor={next}")).await;
        runs.extend(more);
        cursor = after;
    }
    assert_eq!(runs, expected, "page by page");
    assert_eq!(list("agent", String::new()).await.0, Vec::<String>::new());
    let rejected = app.call("dana", "GET", &format!("{REVIEWS}?mine=true&status=rejected"), None).await.ok();
    assert_eq!(rejected["data"], json!([]));
    // Reopened, and decided by somebody else: that is Ben's now.
    let path = format!("{REVIEWS}/{}/block", expected[0]);
    app.call("ben", "POST", &format!("{path}/reopen"), Some(json!({ "version_stamp": 1 }))).await.ok();
    let body = json!({ "verdict": "approved", "version_stamp": 2 });
    app.call("ben", "POST", &format!("{path}/decision"), Some(body)).await.ok();
    assert_eq!(list("dana", String::new()).await.0, expected[1..]);
}
