//! Tags that somebody, or some cache, holds for another resource.

use lambda_http::Body;
use lambda_http::http::header;
use serde_json::json;
use tests::{Answer, Desk, REVIEW, REVIEWS};

async fn known(desk: &Desk, who: &str, path: &str, tag: &str) -> Answer {
    let mut request = desk.request(who, "GET", path, Body::Empty);
    request.headers_mut().insert(header::IF_NONE_MATCH, tag.parse().unwrap());
    desk.send(request).await
}

async fn tag(desk: &Desk, who: &str, path: &str) -> String {
    let answer = desk.call(who, "GET", path, None).await;
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

/// Two reviews of one organization and one of another, all with the same history; the last even of the same name.
#[tokio::test]
async fn no_reviews_tag_is_any_others_however_alike_they_are() {
    let desk = Desk::new().await;
    let twin = format!("{REVIEWS}/run_twin/block_extract");
    let places = [("agent", REVIEW), ("agent", twin.as_str()), ("other", REVIEW)];
    for (who, path) in places {
        desk.open_at(who, path.split('/').nth(4).unwrap(), "block_extract", 0).await;
    }
    for stamp in 0..3 {
        let mut tags = Vec::new();
        for (who, path) in places {
            tags.push(tag(&desk, who, path).await);
        }
        for (place, (who, path)) in places.into_iter().enumerate() {
            for (of, tag) in tags.iter().enumerate() {
                let status = known(&desk, who, path, tag).await.status.as_u16();
                assert_eq!(status, if of == place { 304 } else { 200 }, "{who} {path} with {tag}");
            }
            let claim = json!({ "version_stamp": stamp });
            desk.call(who, "POST", &format!("{path}/claim"), Some(claim)).await.ok();
        }
    }
}

#[tokio::test]
async fn no_lists_tag_is_another_organizations() {
    let desk = Desk::new().await;
    for who in ["agent", "other"] {
        desk.open_at(who, "run_abc123", "block_extract", 0).await;
    }
    let ours = tag(&desk, "agent", REVIEWS).await;
    assert_eq!(known(&desk, "agent", REVIEWS, &ours).await.status, 304);
    assert_eq!(known(&desk, "other", REVIEWS, &ours).await.ok()["data"][0]["organization_id"], "org_b");
    let reviews = tag(&desk, "agent", REVIEW).await;
    known(&desk, "agent", REVIEWS, &reviews).await.ok();
    known(&desk, "agent", REVIEW, &ours).await.ok();
}

/// A tag says nothing to who may not read: not even that it is the right one.
#[tokio::test]
async fn the_right_tag_opens_nothing_without_the_right_key() {
    let desk = Desk::new().await;
    desk.open().await;
    let tag = tag(&desk, "dana", REVIEW).await;
    for asked in [tag.as_str(), "*"] {
        known(&desk, "other", REVIEW, asked).await.error(404, "review_not_found");
        known(&desk, "admin", REVIEW, asked).await.error(403, "forbidden");
        let mut request = desk.request("dana", "GET", REVIEW, Body::Empty);
        request.headers_mut().remove("api-key");
        request.headers_mut().insert(header::IF_NONE_MATCH, asked.parse().unwrap());
        desk.send(request).await.error(401, "unauthenticated");
    }
}
