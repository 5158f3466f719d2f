//! Documents: uploaded, named by a review, downloaded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tests::{Answer, REVIEW, REVIEWS, TestApp, opening};

pub(crate) const PDF: &[u8] = b"%PDF-1.7 hello";
/// The SHA-256 of [`PDF`].
const PDF_SHA256: &str = "2a916d83fa20d97c7c3c04cf07b2d3f8d18ea47f59c841a221dd3a81f15fc347";

fn sha256(content: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    shared::hex::hex(&Sha256::digest(content))
}

fn agent() -> ureq::Agent {
    // Each hop is looked at by itself.
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

fn document(filename: &str, content: &[u8]) -> Value {
    json!({ "filename": filename, "mime_type": "application/pdf", "size": content.len(), "sha256": sha256(content) })
}

async fn create(app: &TestApp, who: &str, body: Value) -> Answer {
    app.call(who, "POST", "/v1/documents", Some(body)).await
}

/// Sends a file as the answer says; the status.
fn send(upload: &Value, content: &[u8]) -> u16 {
    let headers = upload["headers"].as_object().unwrap();
    let mut request = agent().put(upload["url"].as_str().unwrap());
    // Clients write the length themselves.
    for (name, value) in headers.iter().filter(|(name, _)| *name != "content-length") {
        request = request.header(name, value.as_str().unwrap());
    }
    request.send(content).unwrap().status().as_u16()
}

/// Uploads a file; its id.
pub(crate) async fn uploaded(app: &TestApp, who: &str, content: &[u8]) -> String {
    let answer = create(app, who, document("a.pdf", content)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(send(&answer.body["upload"], content), 200);
    answer.body["document_id"].as_str().unwrap().to_owned()
}

/// An opening with these documents: name, file name, type, source.
fn opening_with(documents: &[(&str, &str, &str, Value)]) -> Value {
    let documents = documents.iter().map(|(id, filename, mime_type, source)| {
        json!({ "id": id, "filename": filename, "mime_type": mime_type, "source": source })
    });
    let mut body = opening("run_abc123", "block_extract", 0);
    body["documents"] = documents.collect();
    body
}

pub(crate) fn upload(id: &str) -> Value {
    json!({ "kind": "upload", "document_id": id })
}

pub(super) async fn download(app: &TestApp, who: &str, id: &str) -> Answer {
    app.call(who, "GET", &format!("{REVIEW}/documents/{id}"), None).await
}

/// The answer at the end of a redirect: status, type, disposition, content.
fn follow(answer: &Answer) -> (u16, String, String, Vec<u8>) {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let mut response = agent().get(answer.headers["location"].to_str().unwrap()).call().unwrap();
    let header = |name: &str| response.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
    let (kind, disposition) = (header("content-type"), header("content-disposition"));
    let status = response.status().as_u16();
    let content = response.body_mut().read_to_vec().unwrap();
    (status, kind.unwrap_or_default(), disposition.unwrap_or_default(), content)
}

#[tokio::test]
async fn a_document_goes_from_upload_to_download() {
    let app = TestApp::new().await;
    let id = uploaded(&app, "agent", PDF).await;
    let body = opening_with(&[("invoice", "Rechnung März.pdf", "application/pdf", upload(&id))]);
    let opened = app.call("agent", "POST", REVIEWS, Some(body.clone())).await;
    assert_eq!(opened.status, 201, "{}", opened.text);

    let answer = download(&app, "reader", "invoice").await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let name = "attachment; filename=\"Rechnung M_rz.pdf\"; filename*=UTF-8''Rechnung%20M%C3%A4rz.pdf";
    assert_eq!(follow(&answer), (200, "application/pdf".into(), name.into(), PDF.to_vec()));

    let path = format!("{REVIEW}/documents/invoice");
    let (_, usage) = app.metered("reader", "GET", &path, None).await;
    assert_eq!((usage.calls, usage.round_trips, usage.write_units), (2, 2, 0.0));
    let (_, usage) = app.metered("agent", "POST", "/v1/documents", Some(document("a.pdf", PDF))).await;
    assert_eq!(usage.calls, 0);

    // The upload may be gone when the call is repeated: the review has a copy.
    tests::bucket().delete(&format!("uploads/org_a/{id}")).await.unwrap();
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body)).await.status, 200);
    assert_eq!(follow(&download(&app, "reader", "invoice").await).0, 200);

    // Its age, for instance.
    tests::bucket().delete(&format!("documents/org_a/{id}/original")).await.unwrap();
    download(&app, "reader", "invoice").await.error(404, "document_not_found");
    download(&app, "reader", "other").await.error(404, "document_not_found");
    app.call("reader", "GET", &format!("{REVIEWS}/run_abc123/other/documents/invoice"), None)
        .await
        .error(404, "review_not_found");
    download(&app, "other", "invoice").await.error(404, "review_not_found");
}

#[tokio::test]
async fn the_bucket_takes_only_the_file_that_was_announced() {
    let app = TestApp::new().await;
    let answer = create(&app, "agent", document("a.pdf", PDF)).await;
    let upload = &answer.body["upload"];
    assert_eq!((answer.status.as_u16(), upload["method"].as_str()), (201, Some("PUT")));
    let length = upload["headers"]["content-length"].as_str().unwrap();
    assert_eq!(length, PDF.len().to_string());
    assert_eq!(send(upload, b"%PDF-1.7 hellO"), 400, "other content");
    assert_eq!(send(upload, b"%PDF-1.7 hello "), 403, "another length");
    let id = answer.body["document_id"].as_str().unwrap();
    let body = opening_with(&[("invoice", "a.pdf", "application/pdf", self::upload(id))]);
    let refused = app.call("agent", "POST", REVIEWS, Some(body.clone())).await.faults();
    let fault = ("body.documents.0.source.document_id".to_owned(), "invalid_value".to_owned());
    assert_eq!(refused, [fault]);
    assert_eq!(app.get().await.status, 404, "nothing was opened");
    assert_eq!(send(upload, PDF), 200);
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body)).await.status, 201);
}

#[tokio::test]
async fn documents_of_another_organization_do_not_exist() {
    let app = TestApp::new().await;
    let (theirs, ours) = (uploaded(&app, "other", PDF).await, uploaded(&app, "agent", PDF).await);
    let body = opening_with(&[
        ("one", "a.pdf", "application/pdf", upload(&ours)),
        ("two", "a.pdf", "application/pdf", upload(&theirs)),
    ]);
    let faults = app.call("agent", "POST", REVIEWS, Some(body)).await.faults();
    assert_eq!(faults, [("body.documents.1.source.document_id".to_owned(), "invalid_value".to_owned())]);
    // Nor does a path lead there.
    for id in [format!("..%2Forg_b%2F{theirs}"), "..".into()] {
        let body = opening_with(&[("one", "a.pdf", "application/pdf", upload(&id))]);
        app.call("agent", "POST", REVIEWS, Some(body)).await.error(422, "validation_error");
    }
}

#[tokio::test]
async fn only_objects_of_the_deployments_list_are_named() {
    let app = TestApp::new().await;
    let source = |bucket: &str, key: &str| json!({ "kind": "s3", "bucket": bucket, "key": key });
    for (bucket, key) in [
        ("holdpoint", "documents/org_b/doc_1/original"),
        ("elsewhere", "a.pdf"),
        ("scans", "../holdpoint/documents/org_b/doc_1/original"),
    ] {
        let body = opening_with(&[("one", "a.pdf", "application/pdf", source(bucket, key))]);
        let faults = app.call("agent", "POST", REVIEWS, Some(body)).await.faults();
        assert_eq!(faults, [("body.documents.0.source".to_owned(), "invalid_value".to_owned())], "{bucket}");
    }
    let body = opening_with(&[("one", "a.html", "text/html", source("scans", "in/a b&c.html"))]);
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body)).await.status, 201);
    download(&app, "reader", "one").await.error(404, "document_not_found");
}

#[tokio::test]
async fn no_browser_shows_what_it_downloads() {
    let app = TestApp::new().await;
    let id = uploaded(&app, "agent", b"<script>alert(1)</script>").await;
    let hostile = "x\"; filename=\"y.exe \u{202e}lmth.html";
    let body = opening_with(&[
        ("page", hostile, "text/html", upload(&id)),
        ("image", "a.svg", "image/svg+xml", upload(&id)),
    ]);
    let opened = app.call("agent", "POST", REVIEWS, Some(body)).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    for document in ["page", "image"] {
        let (status, kind, disposition, _) = follow(&download(&app, "reader", document).await);
        assert_eq!((status, kind.as_str()), (200, "application/octet-stream"), "{document}");
        assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
        assert!(!disposition.contains("%E2%80%AE"), "{disposition}");
    }
}

#[tokio::test]
async fn an_announcement_is_checked_field_by_field() {
    let app = TestApp::new().await;
    let right = document("a.pdf", PDF);
    for (field, values) in [
        ("filename", vec![json!("a/b.pdf"), json!("a\nb"), json!(""), json!("x".repeat(256)), json!("..")]),
        ("mime_type", vec![json!("pdf"), json!("text/html; charset=utf-8"), json!("a/b\r\nx: y")]),
        ("size", vec![json!(0), json!(100 * 1024 * 1024 + 1), json!(-1), json!("5")]),
        (
            "sha256",
            vec![
                json!("abc"),
                json!(PDF_SHA256.to_uppercase()),
                json!("g".repeat(64)),
                json!("é".repeat(32)),
            ],
        ),
    ] {
        for value in values {
            let mut body = right.clone();
            body[field] = value.clone();
            let faults = create(&app, "agent", body).await.faults();
            assert_eq!(faults[0].0, format!("body.{field}"), "{value}");
        }
    }
    let answer = create(&app, "agent", right).await;
    let checksum = answer.body["upload"]["headers"]["x-amz-checksum-sha256"].as_str().unwrap().to_owned();
    assert_eq!(shared::hex::hex(&STANDARD.decode(checksum).unwrap()), sha256(PDF));
}

#[tokio::test]
async fn without_a_bucket_documents_are_refused_and_nothing_else() {
    let mut app = TestApp::new().await;
    app.inner.bucket = None;
    create(&app, "agent", document("a.pdf", PDF)).await.error(503, "unavailable");
    app.open().await;
    let mut body = opening_with(&[("one", "a.pdf", "application/pdf", upload("doc_1"))]);
    body["block_id"] = json!("other");
    app.call("agent", "POST", REVIEWS, Some(body)).await.error(503, "unavailable");
}
