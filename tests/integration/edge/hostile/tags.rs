//! Tags that somebody, or some cache, holds for another resource.

use lambda_http::Body;
use lambda_http::http::header;
use serde_json::json;
use tests::{Answer, REVIEW, REVIEWS, TestApp};

async fn known(app: &TestApp, who: &str, path: &str, tag: &str) -> Answer {
    let mut request = app.request(who, "GET", path, Body::Empty);
    request.headers_mut().insert(header::IF_NONE_MATCH, tag.parse().unwrap());
    app.send(request).await
}

async fn tag(app: &TestApp, who: &str, path: &str) -> String {
    let answer = app.call(who, "GET", path, None).await;
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

/// Two reviews of one organization and one of another, all with the same history; the last even of the same name.
#[tokio::test]
async fn no_reviews_tag_is_any_others_however_alike_they_are() {
    let app = TestApp::new().await;
    let twin = format!("{REVIEWS}/run_twin/block_extract");
    let places = [("agent", REVIEW), ("agent", twin.as_str()), ("other", REVIEW)];
    for (who, path) in places {
        app.open_at(who, path.split('/').nth(4).unwrap(), "block_extract", 0).await;
    }
    for stamp in 0..3 {
        let mut tags = Vec::new();
        for (who, path) in places {
            tags.push(tag(&app, who, path).await);
        }
        for (place, (who, path)) in places.into_iter().enumerate() {
            for (of, tag) in tags.iter().enumerate() {
                let status = known(&app, who, path, tag).await.status.as_u16();
                assert_eq!(status, if of == place { 304 } else { 200 }, "{who} {path} with {tag}");
            }
            let claim = json!({ "version_stamp": stamp });
            app.call(who, "POST", &format!("{path}/claim"), Some(claim)).await.ok();
        }
    }
}

#[tokio::test]
async fn no_lists_tag_is_another_organizations() {
    let app = TestApp::new().await;
    for who in ["agent", "other"] {
        app.open_at(who, "run_abc123", "block_extract", 0).await;
    }
    let ours = tag(&app, "agent", REVIEWS).await;
    assert_eq!(known(&app, "agent", REVIEWS, &ours).await.status, 304);
    assert_eq!(known(&app, "other", REVIEWS, &ours).await.ok()["data"][0]["organization_id"], "org_b");
    let reviews = tag(&app, "agent", REVIEW).await;
    known(&app, "agent", REVIEWS, &reviews).await.ok();
    known(&app, "agent", REVIEW, &ours).await.ok();
}

/// A tag says nothing to who may not read: not even that it is the right one.
#[tokio::test]
async fn the_right_tag_opens_nothing_without_the_right_key() {
    let app = TestApp::new().await;
    app.open().await;
    let tag = tag(&app, "dana", REVIEW).await;
    for asked in [tag.as_str(), "*"] {
        known(&app, "other", REVIEW, asked).await.error(404, "review_not_found");
        known(&app, "admin", REVIEW, asked).await.error(403, "forbidden");
        let mut request = app.request("dana", "GET", REVIEW, Body::Empty);
        request.headers_mut().remove("api-key");
        request.headers_mut().insert(header::IF_NONE_MATCH, asked.parse().unwrap());
        app.send(request).await.error(401, "unauthenticated");
    }
}
