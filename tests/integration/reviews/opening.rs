//! The gate fires.

use lambda_http::Body;
use serde_json::{Value, json};
use tests::faults::{Fault, Faults};
use tests::{REVIEW, REVIEWS, TestApp, endpoint, opening};

#[tokio::test]
async fn the_overlay_is_whole_from_the_start() {
    let app = TestApp::new().await;
    let mut opened = app.open().await.body;
    let entry_id = opened["audit"][0]["entry_id"].take();
    assert_eq!(entry_id.as_str().map(str::len), Some(32));
    let agent = json!({ "kind": "agent", "id": "agent_1", "display_name": "Ledger Agent" });
    assert_eq!(
        opened,
        json!({
            "_id": "run_abc123:block_extract",
            "organization_id": "org_a",
            "workflow_id": "wf_1",
            "workflow_version_id": "wfv_1",
            "workflow_run_id": "run_abc123",
            "block_id": "block_extract",
            "block_run_id": "run_abc123:block_extract",
            "block_type": "extract",
            "triggered_by": { "kind": "always" },
            "status": "awaiting_review",
            "priority": 0,
            "rev": 0,
            "head_seq": 0,
            "effective_seq": null,
            "claim": null,
            "escalated_to": null,
            "resume": null,
            "awaiting_since": "2026-05-13T08:55:00.000Z",
            "decided_at": null,
            "created_at": "2026-05-13T08:55:00.000Z",
            "updated_at": "2026-05-13T08:55:00.000Z",
            "versions": [{
                "seq": 0,
                "parent_seq": null,
                "author": { "kind": "model", "id": "model_1", "display_name": "Extractor" },
                "origin": "model_output",
                "snapshot": { "total": 12.5, "vendor": "Northwind" },
                // echo -n '{"total":12.5,"vendor":"Northwind"}' | sha256sum
                "content_sha256": "0fafafa9321d8e2801c4c564ed1de58e5624e1f938265c95a664e979a2f8eff6",
                "note": null,
                "created_at": "2026-05-13T08:55:00.000Z",
            }],
            "decisions": [],
            "audit": [{
                "entry_id": null,
                "event": "overlay_created",
                "action": "gate_fired",
                "actor": agent,
                "at": "2026-05-13T08:55:00.000Z",
                "rev_observed": 0,
                "rev_result": 0,
                "detail": { "priority": 0 },
            }],
        })
    );
}

#[tokio::test]
async fn opening_again_with_the_same_content_is_the_same_overlay() {
    let app = TestApp::new().await;
    let opened = app.open().await.body;
    app.clock.advance_seconds(5);
    let body = opening("run_abc123", "block_extract", 0);
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok(), opened);
    let claimed = app.claim("dana", 0, 900).await.ok();
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body)).await.ok(), claimed, "as it stands now");
}

#[tokio::test]
async fn opening_again_spaced_otherwise_is_the_same_content() {
    let app = TestApp::new().await;
    let opened = app.open().await.body;
    let respelled = opening("run_abc123", "block_extract", 0).to_string().replace(':', " : ");
    let answer = app.send(app.request("agent", "POST", REVIEWS, Body::Text(respelled))).await;
    assert_eq!(answer.ok(), opened);
}

#[tokio::test]
async fn opening_again_with_other_content_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let opened = app.open().await.body;
    let changes = [
        ("workflow_id", json!("wf_2")),
        ("workflow_version_id", json!("wfv_2")),
        ("block_type", json!("split")),
        ("triggered_by", json!({ "kind": "never" })),
        ("snapshot", json!({ "total": 12.6, "vendor": "Northwind" })),
        ("snapshot", json!({ "vendor": "Northwind", "total": 12.5, "x": null })),
        ("author", json!({ "kind": "model", "id": "model_2", "display_name": "Extractor" })),
        ("priority", json!(1)),
    ];
    for (field, value) in changes {
        let mut body = opening("run_abc123", "block_extract", 0);
        body[field] = value;
        let detail = app.call("agent", "POST", REVIEWS, Some(body)).await.error(409, "review_exists");
        let details = json!({
            "rev": 0, "status": "awaiting_review", "head_seq": 0, "resume": null, "differs": [field],
        });
        assert_eq!(detail["details"], details, "{field}");
    }
    assert_eq!(app.get().await.ok(), opened);
}

#[tokio::test]
async fn author_and_priority_may_be_left_out() {
    let app = TestApp::new().await;
    let mut body = opening("run_1", "block", 0);
    body.as_object_mut().unwrap().retain(|name, _| name != "author" && name != "priority");
    body["resume"] = Value::Null;
    let opened = app.call("agent", "POST", REVIEWS, Some(body)).await.body;
    assert_eq!(
        opened["versions"][0]["author"],
        json!({ "kind": "model", "id": "model", "display_name": "Model" })
    );
    assert_eq!(opened["priority"], 0);
}

#[tokio::test]
async fn a_snapshot_is_kept_as_the_text_that_came() {
    let app = TestApp::new().await;
    let snapshot =
        r#"{"z": 12345678901234567890.123456789, "a":-0.0,  "e":1E2, "u":"\u00e9é", "n":{"b":[ ]}}"#;
    let body = opening("run_abc123", "block_extract", 0)
        .to_string()
        .replace(r#"{"total":12.5,"vendor":"Northwind"}"#, snapshot);
    assert!(body.contains(snapshot));
    let answer = app.send(app.request("agent", "POST", REVIEWS, Body::Text(body))).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let whole = format!(r#""snapshot":{snapshot},"#);
    assert!(answer.text.contains(&whole), "{}", answer.text);
    assert!(app.call("dana", "GET", REVIEW, None).await.text.contains(&whole));
    assert!(app.claim("dana", 0, 900).await.text.contains(&whole));
}

#[tokio::test]
async fn a_snapshot_without_a_canonical_form_is_refused_with_the_reason() {
    let app = TestApp::new().await;
    let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    for snapshot in [r#"{"a":1e400}"#, r#"{"a":"\ud800"}"#, deep.as_str()] {
        let body = opening("run_abc123", "block_extract", 0)
            .to_string()
            .replace(r#"{"total":12.5,"vendor":"Northwind"}"#, snapshot);
        let answer = app.send(app.request("agent", "POST", REVIEWS, Body::Text(body))).await;
        assert_eq!(answer.faults(), [("body.snapshot".to_owned(), "invalid_value".to_owned())], "{snapshot}");
    }
    app.get().await.error(404, "review_not_found");
}

#[tokio::test]
async fn numbers_that_differ_beyond_a_double_are_other_content() {
    let app = TestApp::new().await;
    let open = async |number: &str| {
        let body = opening("run_abc123", "block_extract", 0).to_string().replace("12.5", number);
        app.send(app.request("agent", "POST", REVIEWS, Body::Text(body))).await
    };
    assert_eq!(open("9007199254740993").await.status, 201);
    open("9007199254740992").await.error(409, "review_exists");
    assert_eq!(open("9007199254740993").await.status, 200);
}

#[tokio::test]
async fn a_key_that_only_opens_reads_back_only_what_was_opened() {
    let app = TestApp::new().await;
    app.open().await;
    let correction = json!({ "version_stamp": 0, "snapshot": { "total": 99 }, "note": "secret" });
    app.post("dana", "versions", correction).await.ok();
    let escalation =
        json!({ "version_stamp": 1, "verdict": "escalated", "reason": "secret", "escalate_to": "Ada" });
    app.post("dana", "decision", escalation).await.ok();
    let again = Some(opening("run_abc123", "block_extract", 0));
    let seen = app.call("runtime", "POST", REVIEWS, again.clone()).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert!(!seen.text.contains("secret") && !seen.text.contains(r#""total":99"#), "{}", seen.text);
    let overlay = &seen.body;
    assert_eq!((&overlay["rev"], &overlay["status"]), (&json!(2), &json!("awaiting_review")));
    assert_eq!(
        (overlay["versions"].as_array().unwrap().len(), &overlay["versions"][0]["seq"]),
        (1, &json!(0))
    );
    assert_eq!(
        (&overlay["decisions"], &overlay["audit"][0]["event"]),
        (&json!([]), &json!("overlay_created"))
    );
    assert_eq!(overlay["audit"].as_array().unwrap().len(), 1);
    // With `read` beside it, the whole.
    let whole = app.call("agent", "POST", REVIEWS, again).await.ok();
    assert_eq!(whole["versions"].as_array().unwrap().len(), 2);
    app.call("runtime", "GET", REVIEW, None).await.error(403, "forbidden");
    app.call("runtime", "GET", REVIEWS, None).await.error(403, "forbidden");
}

#[tokio::test]
async fn nobody_can_be_named_as_the_author_but_a_model_and_the_calling_agent() {
    let app = TestApp::new().await;
    let with = |run: &str, author: Value| {
        let mut body = opening(run, "block", 0);
        body["author"] = author;
        Some(body)
    };
    let named = |kind: &str, id: &str| json!({ "kind": kind, "id": id, "display_name": "Somebody" });
    for (author, place, code) in [
        (named("human", "user_42"), "body.author.kind", "invalid_value"),
        (named("agent", "agent_2"), "body.author.id", "invalid_value"),
        (named("agent", "user_42"), "body.author.id", "invalid_value"),
    ] {
        let answer = app.call("agent", "POST", REVIEWS, with("run", author)).await;
        assert_eq!(answer.faults(), [(place.to_owned(), code.to_owned())]);
    }
    for (run, author) in
        [("run_1", named("agent", "agent_1")), ("run_2", named("model", "openai/gpt-4o@2026-05-13"))]
    {
        let answer = app.call("agent", "POST", REVIEWS, with(run, author.clone())).await;
        let stored = &answer.body["versions"][0]["author"];
        assert_eq!(
            (answer.status.as_u16(), &stored["kind"], &stored["id"]),
            (201, &author["kind"], &author["id"])
        );
        let name = if author["kind"] == "agent" { "Ledger Agent" } else { "Somebody" };
        assert_eq!(stored["display_name"], name, "an agent's name is its key's");
    }
}

/// The gate fires again, with another output.
fn extracted_again(if_exists: &str) -> Value {
    let mut body = opening("run_abc123", "block_extract", 0);
    body["snapshot"] = json!({ "total": 99, "vendor": "Northwind" });
    body["author"] = json!({ "kind": "model", "id": "model_2", "display_name": "Extractor 2" });
    body["if_exists"] = json!(if_exists);
    body
}

#[tokio::test]
async fn what_differs_is_named_also_when_priority_and_audit_have_moved_on() {
    let app = TestApp::new().await;
    app.open().await;
    let escalate =
        json!({ "verdict": "escalated", "version_stamp": 0, "reason": "?", "escalate_to": "legal" });
    app.post("dana", "decision", escalate).await.ok();
    for stamp in 1..30 {
        app.claim("ben", stamp, 900).await.ok();
    }
    let again = opening("run_abc123", "block_extract", 0);
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(again)).await.ok()["rev"], 30);
    for (priority, differs) in
        [(0, json!(["snapshot", "author"])), (10, json!(["snapshot", "author", "priority"]))]
    {
        let mut body = extracted_again("reject");
        body["priority"] = json!(priority);
        let detail = app.call("agent", "POST", REVIEWS, Some(body)).await.error(409, "review_exists");
        assert_eq!(detail["details"]["differs"], differs);
        assert_eq!((&detail["details"]["rev"], &detail["details"]["head_seq"]), (&json!(30), &json!(0)));
    }
    let mut body = extracted_again("maybe");
    assert_eq!(
        app.call("agent", "POST", REVIEWS, Some(body.clone())).await.faults(),
        [("body.if_exists".to_owned(), "invalid_value".to_owned())]
    );
    body["if_exists"] = Value::Null;
    app.call("agent", "POST", REVIEWS, Some(body)).await.error(409, "review_exists");
}

#[tokio::test]
async fn an_opening_that_adopts_is_answered_with_the_review_as_it_is() {
    let app = TestApp::new().await;
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(extracted_again("adopt"))).await.status, 201);
    app.approve("dana", 0).await.ok();
    let before = app.get().await.ok();
    let mut body = opening("run_abc123", "block_extract", 7);
    body["if_exists"] = json!("adopt");
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok(), before);
    // Whoever adopts it may wait for it.
    body["resume"] = json!({ "kind": "step_functions", "task_token": "token" });
    let adopted = app.call("agent", "POST", REVIEWS, Some(body)).await.ok();
    assert_eq!((&adopted["resume"]["status"], &adopted["rev"]), (&json!("pending"), &before["rev"]));
}

#[tokio::test]
async fn an_opening_that_supersedes_appends_its_output_as_a_version_of_the_model() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    let mut body = extracted_again("supersede");
    body["resume"] = json!({ "kind": "step_functions", "task_token": "token" });
    let overlay = app.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok();
    let version = &overlay["versions"][1];
    for (field, value) in [
        ("seq", json!(1)),
        ("parent_seq", json!(0)),
        ("author", body["author"].clone()),
        ("origin", json!("model_output")),
        ("snapshot", body["snapshot"].clone()),
    ] {
        assert_eq!(version[field], value, "{field}");
    }
    assert_eq!((&overlay["rev"], &overlay["claim"]["holder"]["id"]), (&json!(2), &json!("user_42")));
    assert_eq!(overlay["audit"][2]["actor"]["id"], "agent_1");
    assert_eq!(overlay["resume"]["status"], "pending");
    // Sent again, at once or later, it is the same output.
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok(), overlay);
    app.claim("ben", 2, 900).await.ok();
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok()["rev"], 3);
    // Dana had seen the version before: her stamp is stale now.
    app.approve("dana", 1).await.error(409, "version_conflict");
    // Another workflow's output, or another kind of block's, supersedes nothing.
    for (field, value) in [("workflow_id", json!("wf_2")), ("block_type", json!("split"))] {
        let mut other = extracted_again("supersede");
        other[field] = value;
        let detail = app.call("agent", "POST", REVIEWS, Some(other)).await.error(409, "review_exists");
        assert_eq!(detail["details"]["differs"], json!([field]));
    }
    app.approve("dana", 3).await.ok();
    let mut late = extracted_again("supersede");
    late["snapshot"] = json!({ "total": 100 });
    app.call("agent", "POST", REVIEWS, Some(late)).await.error(409, "review_not_open");
    // What is a version already is answered all the same.
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(body)).await.ok()["status"], "approved");
}

#[tokio::test]
async fn an_output_that_supersedes_while_others_write_is_appended_once() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    app.open().await;
    let other_app = app.another_app(local::emulator::client(endpoint()));
    let claim =
        app.request("ben", "POST", &format!("{REVIEW}/claim"), Body::Text(r#"{"version_stamp":0}"#.into()));
    // The refused opening, then the appending write, whose answer gets lost and before whose retry Ben claims.
    faults.spare("TransactWriteItems", 1);
    faults.plan("TransactWriteItems", Fault::LoseRequest, 1);
    faults.between(async move {
        assert_eq!(local::gateway::dispatch(&other_app, claim).await.status(), 200);
    });
    let overlay = app.call("agent", "POST", REVIEWS, Some(extracted_again("supersede"))).await.ok();
    assert_eq!(faults.left(), 0);
    assert_eq!((&overlay["head_seq"], overlay["versions"].as_array().unwrap().len()), (&json!(1), 2));
}

/// An opening by the runtime whose key may do nothing else.
fn waiting(run: &str, resume: Value) -> Value {
    let mut body = opening(run, "block", 0);
    body["resume"] = resume;
    body
}

#[tokio::test]
async fn who_opened_a_review_is_known_however_long_it_lives() {
    let app = TestApp::new().await;
    let opened = app.call("runtime", "POST", REVIEWS, Some(waiting("run", json!({ "kind": "poll" })))).await;
    assert_eq!(opened.status, 201);
    let path = format!("{REVIEWS}/run/block");
    for stamp in 0..260 {
        let body = json!({ "version_stamp": stamp, "ttl_seconds": 60 });
        app.call("ben", "POST", &format!("{path}/claim"), Some(body)).await.ok();
    }
    let shown = app.call("reader", "GET", &path, None).await.ok();
    assert_eq!((&shown["audit_truncated"], &shown["audit"][0]["event"]), (&json!(true), &json!("claimed")));
    // A key that only opens is shown its own opening, or nothing, never another's entry.
    let again = Some(waiting("run", json!({ "kind": "poll" })));
    let seen = app.call("runtime", "POST", REVIEWS, again).await.ok();
    assert_eq!(seen["audit"], json!([]));
    let approval = json!({ "version_stamp": 260, "verdict": "approved" });
    let decided = app.call("dana", "POST", &format!("{path}/decision"), Some(approval)).await.ok();
    let decision = app.call("runtime", "GET", &format!("{path}/decision"), None).await.ok();
    assert_eq!(decision["decision"]["decision_id"], decided["overlay"]["decisions"][0]["decision_id"]);
    // Who did the oldest entry at hand has not opened it.
    app.call("agent", "GET", &format!("{path}/decision"), None).await.error(404, "review_not_found");
    let acknowledgement = json!({ "decision_id": decision["decision"]["decision_id"] });
    app.call("runtime", "POST", &format!("{path}/acknowledge"), Some(acknowledgement)).await.ok();
}

#[tokio::test]
async fn nobody_has_a_decision_sent_elsewhere_who_neither_opened_the_review_nor_knows_its_content() {
    let app = TestApp::new().await;
    let theirs = json!({ "kind": "step_functions", "task_token": "theirs" });
    let mine = json!({ "kind": "step_functions", "task_token": "mine" });
    app.call("runtime", "POST", REVIEWS, Some(waiting("run", theirs))).await;
    let before = app.call("reader", "GET", &format!("{REVIEWS}/run/block"), None).await.ok();
    for if_exists in ["adopt", "supersede"] {
        let mut other = waiting("run", mine.clone());
        other["snapshot"] = json!({ "anything": 1 });
        other["if_exists"] = json!(if_exists);
        let detail = app.call("agent", "POST", REVIEWS, Some(other)).await.error(409, "review_exists");
        assert_eq!(detail["details"]["differs"], json!(["snapshot", "resume"]), "{if_exists}");
    }
    let mut another_workflow = opening("run", "block", 0);
    another_workflow["workflow_id"] = json!("wf_2");
    another_workflow["if_exists"] = json!("adopt");
    let detail = app.call("agent", "POST", REVIEWS, Some(another_workflow)).await.error(409, "review_exists");
    assert_eq!(detail["details"]["differs"], json!(["workflow_id"]));
    assert_eq!(app.call("reader", "GET", &format!("{REVIEWS}/run/block"), None).await.ok(), before);
    // Its opener may wait anew for what the review has become.
    let mut own = waiting("run", mine);
    own["snapshot"] = json!({ "anything": 1 });
    own["if_exists"] = json!("adopt");
    app.call("runtime", "POST", REVIEWS, Some(own)).await.ok();
}

#[tokio::test]
async fn a_decided_review_is_sent_to_another_target_once_a_minute() {
    let app = TestApp::new().await;
    let token = |token: &str| Some(waiting("run", json!({ "kind": "step_functions", "task_token": token })));
    app.call("agent", "POST", REVIEWS, token("1")).await;
    // As long as nothing is decided, nothing is sent.
    for other in ["2", "3", "4"] {
        app.call("agent", "POST", REVIEWS, token(other)).await.ok();
    }
    let approval = json!({ "version_stamp": 0, "verdict": "approved" });
    app.call("dana", "POST", &format!("{REVIEWS}/run/block/decision"), Some(approval)).await.ok();
    app.call("agent", "POST", REVIEWS, token("5")).await.ok();
    let refused = app.call("agent", "POST", REVIEWS, token("6")).await;
    assert_eq!(refused.headers["retry-after"], "60");
    refused.error(429, "resume_too_soon");
    app.call("agent", "POST", REVIEWS, token("5")).await.ok();
    app.clock.advance_seconds(60);
    app.call("agent", "POST", REVIEWS, token("6")).await.ok();
}
