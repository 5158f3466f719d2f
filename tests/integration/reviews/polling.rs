//! Cheap polling: `ETag`, 304, gzip.

use lambda_http::Body;
use lambda_http::http::{HeaderName, StatusCode, header};
use serde_json::json;
use tests::{Answer, REVIEW, REVIEWS, TestApp};

async fn get(app: &TestApp, path: &str, name: HeaderName, value: &str) -> Answer {
    let mut request = app.request("dana", "GET", path, Body::Empty);
    request.headers_mut().insert(name, value.parse().unwrap());
    app.send(request).await
}

fn tag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_unchanged_overlay_is_304_and_costs_one_unit_and_a_half() {
    let app = TestApp::new().await;
    app.open().await;
    let body = json!({ "snapshot": { "text": "word ".repeat(20_000) }, "version_stamp": 0 });
    app.post("dana", "versions", body).await.ok();
    let known = tag(&app.get().await);
    for asked in
        [known.clone(), known.trim_start_matches("W/").to_owned(), format!("\"x\", {known}"), "*".to_owned()]
    {
        let call = get(&app, REVIEW, header::IF_NONE_MATCH, &asked);
        let (answer, usage) = shared::store::Meter::measure(call).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{asked}");
        assert_eq!(tag(&answer), known);
        assert_eq!((usage.calls, usage.read_units, usage.write_units), (2, 1.5, 0.0));
    }
    let changed = get(&app, REVIEW, header::IF_NONE_MATCH, "\"x\"").await;
    assert_eq!(tag(&changed), known);
    changed.ok();
}

#[tokio::test]
async fn the_tag_changes_whenever_the_body_would() {
    let app = TestApp::new().await;
    app.open().await;
    let mut tags = vec![tag(&app.get().await)];
    let mut changed = async || {
        let known = tags.last().unwrap().clone();
        let answer = get(&app, REVIEW, header::IF_NONE_MATCH, &known).await;
        assert_eq!(answer.status, StatusCode::OK);
        tags.push(tag(&answer));
        let again = get(&app, REVIEW, header::IF_NONE_MATCH, tags.last().unwrap()).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    };
    app.claim("dana", 0, 30).await.ok();
    changed().await;
    app.claim("ben", 0, 30).await.error(409, "version_conflict");
    changed().await; // A stale write was rejected: the audit shows it, and nothing else has changed.
    app.clock.advance_seconds(30);
    changed().await; // The claim has run out; nothing was written.
    app.post("dana", "versions", json!({ "snapshot": {}, "version_stamp": 1 })).await.ok();
    changed().await;
    app.approve("dana", 2).await.ok();
    changed().await;
    app.post("dana", "reopen", json!({ "version_stamp": 3 })).await.ok();
    changed().await;
    // The gate fires again, and now a run waits; and then another.
    for token in ["one", "two"] {
        let mut opening = tests::opening("run_abc123", "block_extract", 0);
        opening["resume"] = json!({ "kind": "step_functions", "task_token": token });
        app.call("agent", "POST", tests::REVIEWS, Some(opening)).await.ok();
        changed().await;
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 9, "no tag came back");
}

#[tokio::test]
async fn an_unchanged_list_is_304() {
    let app = TestApp::new().await;
    app.open().await;
    let known = tag(&app.call("dana", "GET", REVIEWS, None).await);
    let answer = get(&app, REVIEWS, header::IF_NONE_MATCH, &known).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    app.claim("ben", 0, 30).await.ok();
    let answer = get(&app, REVIEWS, header::IF_NONE_MATCH, &known).await;
    let claimed = tag(&answer);
    answer.ok();
    app.clock.advance_seconds(30);
    get(&app, REVIEWS, header::IF_NONE_MATCH, &claimed).await.ok();
}

#[tokio::test]
async fn another_organizations_tag_opens_nothing() {
    let app = TestApp::new().await;
    app.open().await;
    let known = tag(&app.get().await);
    let mut request = app.request("other", "GET", REVIEW, Body::Empty);
    request.headers_mut().insert(header::IF_NONE_MATCH, known.parse().unwrap());
    app.send(request).await.error(404, "review_not_found");
}

#[tokio::test]
async fn who_accepts_gzip_gets_it_and_the_same_content() {
    let app = TestApp::new().await;
    app.open().await;
    let body = json!({ "snapshot": { "text": "word ".repeat(2_000) }, "version_stamp": 0 });
    app.post("dana", "versions", body).await.ok();
    let plain = app.get().await;
    assert!(!plain.headers.contains_key(header::CONTENT_ENCODING));
    let packed = get(&app, REVIEW, header::ACCEPT_ENCODING, "gzip, deflate").await;
    assert_eq!(packed.headers[header::CONTENT_ENCODING], "gzip");
    assert!(
        packed.carried_bytes * 5 < plain.carried_bytes,
        "{} of {}",
        packed.carried_bytes,
        plain.carried_bytes
    );
    assert!(packed.headers[header::VARY].to_str().unwrap().contains("accept-encoding"));
    assert_eq!((tag(&packed), &packed.text), (tag(&plain), &plain.text));
    let again = get(&app, REVIEW, header::IF_NONE_MATCH, &tag(&packed)).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let small = get(&app, "/nowhere", header::ACCEPT_ENCODING, "gzip").await;
    assert!(!small.headers.contains_key(header::CONTENT_ENCODING), "a few bytes are not worth it");
}

/// One canonical form, two texts, by two people.
#[tokio::test]
async fn a_versions_tag_is_no_other_versions() {
    let app = TestApp::new().await;
    let mut opening = tests::opening("run_abc123", "block_extract", 0);
    opening["snapshot"] = json!({ "n": 9_007_199_254_740_993_u64 });
    app.call("agent", "POST", tests::REVIEWS, Some(opening)).await;
    let edit = json!({ "snapshot": { "n": 9_007_199_254_740_992_u64 }, "version_stamp": 0 });
    let overlay = app.post("dana", "versions", edit).await.ok();
    assert_eq!(overlay["versions"][0]["content_sha256"], overlay["versions"][1]["content_sha256"]);
    let version = |seq| format!("{REVIEW}/versions/{seq}");
    let first = tag(&app.call("dana", "GET", &version(0), None).await);
    let again = get(&app, &version(0), header::IF_NONE_MATCH, &first).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(get(&app, &version(1), header::IF_NONE_MATCH, &first).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_run_reads_no_more_than_a_reader_when_entries_are_on_pages() {
    let app = TestApp::new().await;
    app.open().await;
    for stamp in 0..30 {
        app.claim("dana", stamp, 900).await.ok();
    }
    let (_, read) = app.metered("dana", "GET", REVIEW, None).await;
    let (asked, cost) = app.metered("agent", "GET", &format!("{REVIEW}/decision"), None).await;
    asked.ok();
    assert_eq!(cost, read, "who opened the review is known from what was read");
}
