//! Bodies around the limits: ours, which say what is too large, and Lambda's, beyond which API Gateway answers.

use lambda_http::Body;
use lambda_http::http::{StatusCode, header};
use serde_json::json;
use shared::api::{self, FormLimit};
use tests::{Answer, REVIEWS, TestApp};

/// Asserts that API Gateway refused it itself.
fn refused_by_the_gateway(answer: &Answer) {
    let said = (answer.status.as_u16(), &answer.body, answer.headers.contains_key("x-request-id"));
    assert_eq!(said, (413, &json!({ "message": "Request Entity Too Large" }), false), "{:.300}", answer.text);
}

/// An opening of that many bytes, whose snapshot consists of `filler`.
fn opening_of(bytes: usize, filler: &str) -> Body {
    let mut body = tests::opening("run_abc123", "block_extract", 0);
    body["snapshot"] = json!({ "text": "" });
    let rest = bytes - body.to_string().len();
    body["snapshot"]["text"] = json!("<>");
    let text = format!("{}{}", filler.repeat(rest / filler.len()), "x".repeat(rest % filler.len()));
    let body = body.to_string().replace("<>", &text);
    assert_eq!(body.len(), bytes);
    Body::Text(body)
}

#[tokio::test]
async fn the_largest_json_is_taken_and_one_byte_more_is_refused_by_us() {
    let app = TestApp::new().await;
    let limit = api::Body::WITH_SNAPSHOT;
    let open = async |bytes, filler| {
        app.send(app.request("agent", "POST", REVIEWS, opening_of(bytes, filler))).await
    };
    let detail = open(limit + 1, "a").await.error(413, "snapshot_too_large");
    assert_eq!(detail["details"], json!({ "limit_bytes": limit, "size_bytes": limit + 1 }));
    let opened = open(limit, "a").await;
    assert_eq!(opened.status, StatusCode::CREATED, "{:.300}", opened.text);
    // Each `\"` in it is four bytes of the event: Lambda would never see it.
    refused_by_the_gateway(&open(limit, "\\\"").await);
    refused_by_the_gateway(&open(3_200_000, "\\\"").await);
    assert_eq!(
        open(3_000_000, "\\\"").await.error(409, "review_exists")["details"]["differs"],
        json!(["snapshot"])
    );
    refused_by_the_gateway(&open(6_300_000, "a").await);
}

#[tokio::test]
async fn json_that_does_not_say_so_is_base64_on_its_way() {
    let app = TestApp::new().await;
    for (kind, bytes, is_taken) in [
        (Some("application/problem+json"), 4_700_000, true),
        (Some("application/problem+json"), 4_800_000, false),
        (None, 4_700_000, true),
        (None, 4_800_000, false),
    ] {
        let mut request = app.request("agent", "POST", REVIEWS, opening_of(bytes, "a"));
        request.headers_mut().remove(header::CONTENT_TYPE);
        if let Some(kind) = kind {
            request.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        }
        let answer = app.send(request).await;
        if is_taken {
            assert!(answer.status.is_success(), "{kind:?} {:.300}", answer.text);
        } else {
            refused_by_the_gateway(&answer);
        }
    }
}

#[tokio::test]
async fn the_largest_form_is_read_and_one_byte_more_is_refused_by_us() {
    let app = TestApp::new().await;
    app.open().await;
    let dana = app.reader("dana").await;
    let post = async |bytes: usize| {
        // What is in a field that the page does not have changes nothing.
        let path = "/inbox/reviews/run_abc123/block_extract/save";
        let mut request = app.send_form(&dana, path, &[("version_stamp", "0"), ("unknown", "")]);
        let form = String::from_utf8(request.body().to_vec()).unwrap();
        let form = format!("{form}{}", "a".repeat(bytes - form.len()));
        *request.body_mut() = Body::Text(form);
        app.send(request).await
    };
    let limit = FormLimit::PAGE.bytes;
    let read = post(limit).await;
    assert!(read.status.is_success() || read.status.is_redirection(), "{} {:.500}", read.status, read.text);
    let refused = post(limit + 1).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.text.contains("4500000"), "{:.2000}", refused.text);
    assert!(refused.headers.contains_key("x-request-id"));
    refused_by_the_gateway(&post(4_800_000).await);
}
