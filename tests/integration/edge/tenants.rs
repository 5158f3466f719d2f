//! Another organization's review does not exist.

use serde_json::{Value, json};
use tests::{REVIEW, REVIEWS, TestApp, opening};

#[tokio::test]
async fn another_organization_sees_touches_and_disturbs_nothing() {
    let app = TestApp::new().await;
    app.open().await;
    let ours = app.claim("dana", 0, 900).await.ok();

    let missing = "/v1/workflows/reviews/run_none/block_none";
    for (method, tail, body) in [
        ("GET", "", None),
        ("POST", "/claim", Some(json!({ "version_stamp": 1 }))),
        ("POST", "/release", Some(json!({ "version_stamp": 1 }))),
    ] {
        let there = app.call("other", method, &format!("{REVIEW}{tail}"), body.clone()).await;
        let nowhere = app.call("other", method, &format!("{missing}{tail}"), body).await;
        assert_eq!(there.text, nowhere.text, "what is another's and what is nobody's look the same");
        there.error(404, "review_not_found");
    }
    for query in ["", "?mine=true", "?workflow_id=wf_1", "?status=awaiting_review"] {
        let list = app.call("other", "GET", &format!("{REVIEWS}{query}"), None).await.ok();
        assert_eq!(list, json!({ "data": [], "has_more": false, "next_cursor": null }), "{query}");
    }

    let mut body = opening("run_abc123", "block_extract", 5);
    body["snapshot"] = json!({ "theirs": true });
    let theirs = app.call("other", "POST", REVIEWS, Some(body)).await;
    assert_eq!(theirs.status, 201, "the same ids are free in another organization");
    assert_eq!(theirs.body["organization_id"], "org_b");
    assert_eq!(app.get().await.ok(), ours);
    assert_eq!(app.call("other", "GET", REVIEW, None).await.ok(), theirs.body);
    let list = app.call("dana", "GET", REVIEWS, None).await.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);

    // The same kind and id in another organization is another actor: `other` and `agent` are both agent_1.
    let mine = app.call("agent", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
    assert_eq!(mine["data"], json!([]));
    app.call("other", "POST", &format!("{REVIEW}/claim"), Some(json!({ "version_stamp": 0 }))).await.ok();
    let mine = app.call("agent", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
    assert_eq!(mine["data"], json!([]));
}

#[tokio::test]
async fn a_cursor_of_another_organization_is_refused() {
    let app = TestApp::new().await;
    for index in 0..3 {
        app.open_at("agent", &format!("run_{index}"), "block", 0).await;
        app.open_at("other", &format!("run_{index}"), "block", 0).await;
    }
    let page = app.call("dana", "GET", "/v1/workflows/reviews?limit=1", None).await.ok();
    let Value::String(cursor) = &page["next_cursor"] else { panic!("no cursor") };
    let answer = app.call("other", "GET", &format!("{REVIEWS}?limit=1&cursor={cursor}"), None).await;
    assert_eq!(answer.faults(), [("query.cursor".to_owned(), "invalid_value".to_owned())]);
}
