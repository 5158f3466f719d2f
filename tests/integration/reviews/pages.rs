//! Pages of documents: rendered at the first view, read from the bucket later.

use serde_json::{Value, json};
use tests::{Answer, REVIEW, REVIEWS, TestApp, opening};

/// A page of 300 by 200 points that says `Total 1,249.90`.
fn invoice() -> Vec<u8> {
    let content = "BT /F 20 Tf 30 150 Td (Total 1,249.90) Tj ET 0 0 100 50 re f";
    format!(
        "%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Kids [3 0 R] /Count 1>>\nendobj\n\
        3 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources <</Font <</F <</Type /Font \
        /Subtype /Type1 /BaseFont /Helvetica>>>>>>>>\nendobj\n4 0 obj\n<</Length {}>>\nstream\n{content}\nendstream\nendobj\n\
        trailer <</Root 1 0 R /Size 5>>\n%%EOF\n",
        content.len()
    )
    .into_bytes()
}

/// Puts a document where an upload lies that a review has named, and opens a review that names it; its key.
async fn opened(app: &TestApp, file: &[u8], mime_type: &str) -> String {
    let id = format!("doc_{}", shared::new_id::entry_id());
    let key = format!("documents/org_a/{id}/original");
    tests::bucket().put(&key, mime_type, file).await.unwrap();
    open(app, &json!({ "kind": "upload", "document_id": id }), mime_type).await;
    key
}

async fn open(app: &TestApp, source: &Value, mime_type: &str) {
    let mut body = opening("run_abc123", "block_extract", 0);
    body["documents"] =
        json!([{ "id": "invoice", "filename": "invoice.pdf", "mime_type": mime_type, "source": source }]);
    let answer = app.call("agent", "POST", REVIEWS, Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

async fn get(app: &TestApp, path: &str) -> Answer {
    app.call("reader", "GET", &format!("{REVIEW}/documents/invoice/{path}"), None).await
}

fn render_with_the_real_child() {
    page::use_program(env!("CARGO_BIN_EXE_page-child").into());
}

#[tokio::test]
async fn a_page_is_rendered_once_and_then_kept() {
    render_with_the_real_child();
    let app = TestApp::new().await;
    let key = opened(&app, &invoice(), "application/pdf").await;
    let first = get(&app, "pages/1?width=800").await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.headers["content-type"], "image/webp");
    // A width between two is the larger one.
    let tags = [get(&app, "pages/1?width=801").await, get(&app, "pages/1").await];
    assert_eq!(tags[0].headers["etag"], tags[1].headers["etag"]);
    assert_eq!(first.headers["cache-control"], "private, max-age=31536000, immutable");
    assert_eq!(first.headers["x-content-type-options"], "nosniff");
    let words = get(&app, "pages/1/words").await.ok();
    assert_eq!((&words["page"], &words["pages"], &words["has_text"]), (&json!(1), &json!(1), &json!(true)));
    assert_eq!((&words["width"], &words["height"]), (&json!(300.0), &json!(200.0)));
    assert_eq!(words["words"][1]["text"], "1,249.90");
    let left = words["words"][0]["box"][0].as_f64().unwrap();
    assert!((left - 0.1).abs() < 0.01, "{left}");

    // The original is gone: what was made of it is still there.
    tests::bucket().delete(&key).await.unwrap();
    assert_eq!(get(&app, "pages/1?width=800").await.headers["etag"], first.headers["etag"]);
    assert_eq!(get(&app, "pages/1/words").await.ok(), words);
    get(&app, "pages/1?width=1600").await.error(404, "document_not_found");
}

#[tokio::test]
async fn an_object_that_was_replaced_is_shown_as_it_is_now() {
    render_with_the_real_child();
    let app = TestApp::new().await;
    let key = format!("pages/{}", shared::new_id::entry_id());
    let source = tests::bucket().source("scans", &key).unwrap();
    source.put(&key, "application/pdf", &invoice()).await.unwrap();
    open(&app, &json!({ "kind": "s3", "bucket": "scans", "key": key }), "application/pdf").await;
    let first = get(&app, "pages/1?width=800").await;
    assert_eq!(
        (first.status.as_u16(), &first.headers["cache-control"]),
        (200, &"private, no-cache".parse().unwrap())
    );
    assert_eq!(get(&app, "pages/1/words").await.ok()["words"][1]["text"], "1,249.90");

    let other = String::from_utf8(invoice()).unwrap().replace("1,249.90", "9,249.90");
    source.put(&key, "application/pdf", other.as_bytes()).await.unwrap();
    assert_eq!(get(&app, "pages/1/words").await.ok()["words"][1]["text"], "9,249.90");
    let path = format!("{REVIEW}/documents/invoice/pages/1?width=800");
    let mut request = app.request("reader", "GET", &path, lambda_http::Body::Empty);
    request.headers_mut().insert("if-none-match", first.headers["etag"].clone());
    assert_eq!(app.send(request).await.status, 200);
}

#[tokio::test]
async fn an_unchanged_page_is_not_sent_again() {
    render_with_the_real_child();
    let app = TestApp::new().await;
    opened(&app, &invoice(), "application/pdf").await;
    for path in ["pages/1", "pages/1/words"] {
        let path = format!("{REVIEW}/documents/invoice/{path}");
        let first = app.call("reader", "GET", &path, None).await;
        let mut request = app.request("reader", "GET", &path, lambda_http::Body::Empty);
        request.headers_mut().insert("if-none-match", first.headers["etag"].clone());
        let again = app.send(request).await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""), "{path}");
        assert_eq!(again.headers["etag"], first.headers["etag"]);
    }
}

#[tokio::test]
async fn what_cannot_be_shown_says_why() {
    render_with_the_real_child();
    for (file, mime_type, path, reason) in [
        (&b"%PDF-1.7 nothing"[..], "application/pdf", "pages/1", "unreadable"),
        (b"%PDF-1.7 nothing", "application/pdf", "pages/1/words", "unreadable"),
        (&invoice(), "application/pdf", "pages/2", "no_such_page"),
        (&invoice(), "image/png", "pages/1", "unsupported_type"),
        (b"<script>alert(1)</script>", "text/html", "pages/1", "unsupported_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "pages/1", "unsupported_type"),
    ] {
        let app = TestApp::new().await;
        opened(&app, file, mime_type).await;
        // The second time it is known.
        for _ in 0..2 {
            let detail = get(&app, path).await.error(422, "page_unavailable");
            assert_eq!(detail["details"]["reason"], reason, "{mime_type} {path}");
        }
    }
}

#[tokio::test]
async fn a_text_is_plain_text_whatever_it_holds() {
    let app = TestApp::new().await;
    opened(&app, b"a,b\n<script>,2\n", "text/csv").await;
    let answer = get(&app, "pages/1").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "a,b\n<script>,2\n"));
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(get(&app, "pages/1/words").await.ok()["words"], json!([]));
    get(&app, "pages/0").await.error(422, "validation_error");
    for width in ["799", "2401", "x"] {
        get(&app, &format!("pages/1?width={width}")).await.error(422, "validation_error");
    }
}

#[tokio::test]
async fn those_who_are_signed_in_see_pages_and_nobody_else() {
    let app = TestApp::new().await;
    opened(&app, b"a text", "text/plain").await;
    let reader = app.reader("reader").await;
    let document = "/inbox/reviews/run_abc123/block_extract/documents/invoice";
    for (path, status) in [("/pages/1", 200), ("/pages/1/words", 200), ("", 302), ("/pages/2", 422)] {
        let answer = app.send(app.visit(&reader, &format!("{document}{path}"))).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
    let nobody =
        lambda_http::http::Request::get(format!("{document}/pages/1")).body(lambda_http::Body::Empty);
    app.send(nobody.unwrap()).await.error(401, "unauthenticated");
}
