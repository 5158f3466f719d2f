//! Documents that are deleted before their time, and what the reviews that name them say then.

use super::documents::{PDF, download, upload, uploaded};
use serde_json::{Value, json};
use shared::review::{
    Actor, ActorId, ActorKind, CommandContext, OrganizationId, RequestDigest, Standing, UploadId,
};
use shared::store::DeletionRecorded;
use tests::faults::{Fault, Faults};
use tests::outbox::{Ways, webhook};
use tests::stub_servers::{Received, StubServer};
use tests::{Answer, REVIEW, REVIEWS, TestApp, endpoint, opening};

/// A review of `run` whose documents are the upload, by these names.
async fn opened(app: &TestApp, run: &str, names: &[&str], id: &str) -> String {
    let labels = names.iter().map(|name| {
        json!({ "id": name, "filename": "a.pdf", "mime_type": "application/pdf", "source": upload(id) })
    });
    let mut body = opening(run, "block_extract", 0);
    body["documents"] = labels.collect();
    let answer = app.call("agent", "POST", REVIEWS, Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    format!("{REVIEWS}/{run}/block_extract")
}

async fn delete(app: &TestApp, id: &str) -> Answer {
    app.call("admin", "DELETE", &format!("/v1/documents/{id}"), None).await
}

fn done(id: &str, reviews: usize) -> Value {
    json!({ "document_id": id, "deleted": true, "reviews": reviews, "more": false })
}

async fn overlay(app: &TestApp, review: &str) -> Value {
    app.call("dana", "GET", review, None).await.ok()
}

/// The deletions that a review's audit records.
fn recorded(overlay: &Value) -> Vec<Value> {
    let entries = overlay["audit"].as_array().unwrap().iter();
    entries.filter(|entry| entry["event"] == "document_deleted").cloned().collect()
}

async fn keys(prefix: &str) -> Vec<String> {
    tests::bucket().list(prefix).await.unwrap().items
}

#[tokio::test]
async fn a_deleted_document_is_gone_and_each_review_that_names_it_says_so() {
    let app = TestApp::new().await;
    let id = uploaded(&app, "agent", PDF).await;
    let second = opened(&app, "run_2", &["scan", "copy"], &id).await;
    let first = opened(&app, "run_abc123", &["invoice"], &id).await;
    assert_eq!(first, REVIEW);
    let other = opened(&app, "run_3", &["invoice"], &uploaded(&app, "agent", PDF).await).await;
    let claimed = app.claim("dana", 0, 900).await.ok();
    let (bucket, place) = (tests::bucket(), format!("documents/org_a/{id}/"));
    bucket.put(&format!("{place}pages/1-800.webp"), "image/webp", b"RIFF").await.unwrap();
    bucket.put(&format!("{place}words/1.json"), "application/json", b"{}").await.unwrap();
    // What only looks like it: another organization's, and another document's whose name begins so.
    let theirs = [format!("documents/org_b/{id}/original"), format!("documents/org_a/{id}0/original")];
    let uploads = [format!("uploads/org_b/{id}"), format!("uploads/org_a/{id}0")];
    for key in theirs.iter().chain(&uploads) {
        bucket.put(key, "application/pdf", PDF).await.unwrap();
    }
    assert_eq!((keys(&place).await.len(), keys(&format!("uploads/org_a/{id}")).await.len()), (3, 2));

    let (answer, usage) = app.metered("admin", "DELETE", &format!("/v1/documents/{id}"), None).await;
    assert_eq!(answer.ok(), done(&id, 2));
    // The query, and for each review a read and a transaction.
    assert_eq!((usage.calls, usage.write_units), (5, 8.0));
    assert_eq!(keys(&place).await, Vec::<String>::new());
    assert_eq!(keys(&format!("uploads/org_a/{id}")).await, [uploads[1].clone()]);
    for key in theirs.iter().chain(&uploads) {
        assert!(bucket.head(key, None).await.is_ok(), "{key}");
    }

    for (review, names, rev) in [(&first, json!(["invoice"]), 1), (&second, json!(["scan", "copy"]), 0)] {
        let said = overlay(&app, review).await;
        let [entry]: [Value; 1] = recorded(&said).try_into().unwrap();
        assert_eq!((&said["rev"], &entry["rev_observed"]), (&json!(rev), &json!(rev)));
        assert_eq!((&entry["action"], &entry["rev_result"]), (&json!("document_deleted"), &Value::Null));
        assert_eq!(
            (&entry["actor"]["id"], &entry["detail"]),
            (&json!("user_1"), &json!({ "documents": names }))
        );
    }
    assert_eq!(recorded(&overlay(&app, &other).await), Vec::<Value>::new());
    for path in ["invoice", "invoice/pages/1", "invoice/pages/1/words"] {
        download(&app, "reader", path).await.error(404, "document_not_found");
    }
    let page =
        app.send(app.visit(&app.reader("dana").await, "/inbox/reviews/run_abc123/block_extract")).await;
    assert!(page.text.contains("deleted the document invoice"), "{}", page.text);

    assert_eq!(delete(&app, &id).await.ok(), done(&id, 0), "a second time there is nothing to do");
    assert_eq!(recorded(&overlay(&app, &first).await).len(), 1);
    let now = overlay(&app, &first).await;
    assert_eq!(now["claim"], claimed["claim"]);
    let edit = json!({ "version_stamp": claimed["rev"], "snapshot": { "total": 1 } });
    assert_eq!(app.post("dana", "versions", edit).await.ok()["rev"], 2, "the stamp is as good as it was");
    assert_eq!(app.approve("dana", 2).await.ok()["overlay"]["status"], "approved");
}

#[tokio::test]
async fn only_an_administrator_deletes_and_only_what_is_theirs() {
    let app = TestApp::new().await;
    let id = uploaded(&app, "agent", PDF).await;
    let review = opened(&app, "run_abc123", &["invoice"], &id).await;
    let path = format!("/v1/documents/{id}");
    for who in ["agent", "dana", "reader"] {
        app.call(who, "DELETE", &path, None).await.error(403, "forbidden");
    }
    assert_eq!(app.call("other_admin", "DELETE", &path, None).await.ok(), done(&id, 0));
    assert_eq!(download(&app, "reader", "invoice").await.status, 302);
    assert_eq!(recorded(&overlay(&app, &review).await), Vec::<Value>::new());
    let faults = app.call("admin", "DELETE", &format!("{path}?force=1"), None).await.faults();
    assert_eq!(faults, [("query.force".to_owned(), "unknown_field".to_owned())]);
    app.call("admin", "DELETE", "/v1/documents/..%2Forg_b", None).await.error(422, "validation_error");
}

#[tokio::test]
async fn a_deletion_that_breaks_off_goes_on_and_is_recorded_once() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    let id = uploaded(&app, "agent", PDF).await;
    let mut reviews = Vec::new();
    for run in ["run_1", "run_2", "run_3"] {
        reviews.push(opened(&app, run, &["invoice"], &id).await);
    }
    // The first is written and its answer lost, which the SDK's own retry finds out; the second fails.
    faults.spare("TransactWriteItems", 1);
    faults.plan("TransactWriteItems", Fault::LoseRequest, 4);
    delete(&app, &id).await.error(503, "unavailable");
    assert_eq!(keys(&format!("documents/org_a/{id}/")).await, Vec::<String>::new(), "files go first");
    let mut counts = Vec::new();
    for review in &reviews {
        counts.push(recorded(&overlay(&app, review).await).len());
    }
    assert_eq!(counts, [1, 0, 0]);
    faults.clear();
    faults.plan("TransactWriteItems", Fault::LoseAnswer, 1);
    assert_eq!(delete(&app, &id).await.ok(), done(&id, 2));
    assert_eq!(faults.left(), 0, "the fault happened");
    for review in &reviews {
        assert_eq!(recorded(&overlay(&app, review).await).len(), 1, "{review}");
    }
}

#[tokio::test]
async fn a_review_that_changes_meanwhile_loses_neither() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    let id = uploaded(&app, "agent", PDF).await;
    opened(&app, "run_abc123", &["invoice"], &id).await;
    faults.plan("TransactWriteItems", Fault::HoldUp, 1);
    let meanwhile = async {
        faults.happened().await;
        app.claim("dana", 0, 900).await.ok();
        // Another administrator has the same idea.
        assert_eq!(delete(&app, &id).await.ok(), done(&id, 1));
        app.claim("dana", 1, 800).await.ok();
        faults.let_go();
    };
    let (first, ()) = futures_util::join!(delete(&app, &id), meanwhile);
    assert_eq!(first.ok(), done(&id, 0), "the other one was faster");
    let said = app.get().await.ok();
    assert_eq!(
        (&said["rev"], recorded(&said).len(), said["audit"].as_array().unwrap().len()),
        (&json!(2), 1, 4)
    );
}

#[tokio::test]
async fn a_full_journal_and_many_reviews_and_files_are_no_obstacle() {
    let app = TestApp::new().await;
    let id = uploaded(&app, "agent", PDF).await;
    let review = opened(&app, "run_abc123", &["invoice"], &id).await;
    opened(&app, "run_2", &["invoice"], &id).await;
    for stamp in 0..15 {
        app.claim("dana", stamp, 900).await.ok();
    }
    let (organization, upload) = (OrganizationId::parse("org_a").unwrap(), UploadId::parse(&id).unwrap());
    let context = CommandContext {
        actor: Actor { kind: ActorKind::Human, id: ActorId::parse("a").unwrap(), display_name: "A".into() },
        at: app.clock.now(),
        entry_id: shared::new_id::entry_id(),
        request: RequestDigest::of("delete-document", &[]),
        command_id: None,
        standing: Standing::default(),
    };
    let bucket = tests::bucket();
    for page in 1..=4 {
        bucket.put(&format!("documents/org_a/{id}/pages/{page}-800.webp"), "image/webp", b"R").await.unwrap();
    }
    // The upload, the original, four pages.
    for (objects, more) in [(4, true), (2, false), (0, false)] {
        let erased = bucket.erase(&organization, &upload, 4).await.unwrap();
        assert_eq!((erased.objects, erased.more), (objects, more));
    }
    for (reviews, more) in [(1, true), (1, false), (0, false)] {
        let recorded = app.inner.store.record_deleted_document(&organization, &upload, &context, 1).await;
        assert_eq!(recorded.unwrap(), DeletionRecorded { reviews, more });
    }
    let said = overlay(&app, &review).await;
    assert_eq!(
        (&said["rev"], recorded(&said).len(), said["audit"].as_array().unwrap().len()),
        (&json!(15), 1, 17)
    );
    app.release("dana", 15).await.ok();
}

#[tokio::test]
async fn a_deletion_is_told_like_any_other_entry() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    let id = uploaded(&app, "agent", PDF).await;
    opened(&app, "run_abc123", &["invoice"], &id).await;
    app.claim("dana", 0, 900).await.ok();
    delete(&app, &id).await.ok();
    app.release("dana", 1).await.ok();
    outbox.publish().await;
    let told: Vec<Value> = receiver.received().iter().map(Received::json).collect();
    let types: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["review.opened", "review.claimed", "review.document_deleted", "review.released"]);
    let data = &told[2]["data"];
    assert_eq!((&data["detail"], &data["rev_result"]), (&json!({ "documents": ["invoice"] }), &Value::Null));
    assert_eq!((&data["sequence"], &data["status"]), (&json!(2), &json!("awaiting_review")));
}
