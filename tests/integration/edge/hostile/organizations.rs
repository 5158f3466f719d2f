//! The same names in two organizations: runs, blocks, actors, commands.

use lambda_http::Body;
use serde_json::{Value, json};
use tests::{Answer, REVIEW, REVIEWS, TestApp, opening};

async fn commanded(app: &TestApp, who: &str, path: &str, body: Value) -> Answer {
    let mut request = app.request(who, "POST", path, Body::Text(body.to_string()));
    request.headers_mut().insert("idempotency-key", "the-same-command".parse().unwrap());
    app.send(request).await
}

/// `agent` and `other` are both the agent `agent_1`, each of an organization.
#[tokio::test]
async fn a_command_of_one_organization_is_no_replay_in_another() {
    let app = TestApp::new().await;
    for who in ["agent", "other"] {
        app.open_at(who, "run_abc123", "block_extract", 0).await;
    }
    let edit = |total: u64| json!({ "version_stamp": 0, "snapshot": { "total": total } });
    let ours = commanded(&app, "agent", &format!("{REVIEW}/versions"), edit(1)).await.ok();
    // Neither a replay of ours, nor a reuse of our command for something else.
    let theirs = commanded(&app, "other", &format!("{REVIEW}/versions"), edit(2)).await.ok();
    assert_eq!(
        (&ours["versions"][1]["snapshot"], &theirs["versions"][1]["snapshot"]),
        (&json!({ "total": 1 }), &json!({ "total": 2 }))
    );
    assert_ne!(ours["audit"][1]["entry_id"], theirs["audit"][1]["entry_id"]);
    assert_eq!(commanded(&app, "agent", &format!("{REVIEW}/versions"), edit(1)).await.ok(), ours);
    assert_eq!(commanded(&app, "other", &format!("{REVIEW}/versions"), edit(2)).await.ok(), theirs);
}

#[tokio::test]
async fn a_claim_next_of_one_organization_is_no_receipt_in_another() {
    let app = TestApp::new().await;
    let path = format!("{REVIEWS}/claim-next");
    app.open_at("agent", "run_ours", "block", 0).await;
    assert_eq!(commanded(&app, "agent", &path, json!({})).await.ok()["workflow_run_id"], "run_ours");
    assert_eq!(commanded(&app, "other", &path, json!({})).await.status, 204, "they have none");
    app.open_at("other", "run_theirs", "block", 0).await;
    let theirs = commanded(&app, "other", &path, json!({})).await.ok();
    assert_eq!(
        (&theirs["workflow_run_id"], &theirs["organization_id"]),
        (&json!("run_theirs"), &json!("org_b"))
    );
    assert_eq!(commanded(&app, "agent", &path, json!({})).await.ok()["workflow_run_id"], "run_ours");
}

#[tokio::test]
async fn an_opening_of_one_organization_is_no_replay_in_another() {
    let app = TestApp::new().await;
    let body = opening("run_abc123", "block_extract", 0);
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body.clone())).await.status, 201);
    let theirs = app.call("other", "POST", REVIEWS, Some(body.clone())).await;
    assert_eq!((theirs.status.as_u16(), &theirs.body["organization_id"]), (201, &json!("org_b")));
    assert_eq!(app.call("other", "POST", REVIEWS, Some(body)).await.status, 200);
}
