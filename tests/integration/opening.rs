//! The gate fires.

use lambda_http::Body;
use serde_json::{Value, json};
use tests::faults::{Fault, Faults};
use tests::{Desk, REVIEW, REVIEWS, endpoint, opening};

#[tokio::test]
async fn the_overlay_is_whole_from_the_start() {
    let desk = Desk::new().await;
    let mut opened = desk.open().await.body;
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
    let desk = Desk::new().await;
    let opened = desk.open().await.body;
    desk.clock.advance_seconds(5);
    let body = opening("run_abc123", "block_extract", 0);
    assert_eq!(desk.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok(), opened);
    let claimed = desk.claim("dana", 0, 900).await.ok();
    assert_eq!(desk.call("agent", "POST", REVIEWS, Some(body)).await.ok(), claimed, "as it stands now");
}

#[tokio::test]
async fn opening_again_spaced_otherwise_is_the_same_content() {
    let desk = Desk::new().await;
    let opened = desk.open().await.body;
    let respelled = opening("run_abc123", "block_extract", 0).to_string().replace(':', " : ");
    let answer = desk.send(desk.request("agent", "POST", REVIEWS, Body::Text(respelled))).await;
    assert_eq!(answer.ok(), opened);
}

#[tokio::test]
async fn opening_again_with_other_content_is_refused_and_changes_nothing() {
    let desk = Desk::new().await;
    let opened = desk.open().await.body;
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
        let detail = desk.call("agent", "POST", REVIEWS, Some(body)).await.error(409, "review_exists");
        let details = json!({
            "rev": 0, "status": "awaiting_review", "head_seq": 0, "resume": null, "differs": [field],
        });
        assert_eq!(detail["details"], details, "{field}");
    }
    assert_eq!(desk.get().await.ok(), opened);
}

#[tokio::test]
async fn author_and_priority_may_be_left_out() {
    let desk = Desk::new().await;
    let mut body = opening("run_1", "block", 0);
    body.as_object_mut().unwrap().retain(|name, _| name != "author" && name != "priority");
    body["resume"] = Value::Null;
    let opened = desk.call("agent", "POST", REVIEWS, Some(body)).await.body;
    assert_eq!(
        opened["versions"][0]["author"],
        json!({ "kind": "model", "id": "model", "display_name": "Model" })
    );
    assert_eq!(opened["priority"], 0);
}

#[tokio::test]
async fn a_snapshot_is_kept_as_the_text_that_came() {
    let desk = Desk::new().await;
    let snapshot =
        r#"{"z": 12345678901234567890.123456789, "a":-0.0,  "e":1E2, "u":"\u00e9é", "n":{"b":[ ]}}"#;
    let body = opening("run_abc123", "block_extract", 0)
        .to_string()
        .replace(r#"{"total":12.5,"vendor":"Northwind"}"#, snapshot);
    assert!(body.contains(snapshot));
    let answer = desk.send(desk.request("agent", "POST", REVIEWS, Body::Text(body))).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let whole = format!(r#""snapshot":{snapshot},"#);
    assert!(answer.text.contains(&whole), "{}", answer.text);
    assert!(desk.call("dana", "GET", REVIEW, None).await.text.contains(&whole));
    assert!(desk.claim("dana", 0, 900).await.text.contains(&whole));
}

#[tokio::test]
async fn a_snapshot_without_a_canonical_form_is_refused_with_the_reason() {
    let desk = Desk::new().await;
    let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    for snapshot in [r#"{"a":1e400}"#, r#"{"a":"\ud800"}"#, deep.as_str()] {
        let body = opening("run_abc123", "block_extract", 0)
            .to_string()
            .replace(r#"{"total":12.5,"vendor":"Northwind"}"#, snapshot);
        let answer = desk.send(desk.request("agent", "POST", REVIEWS, Body::Text(body))).await;
        assert_eq!(answer.faults(), [("body.snapshot".to_owned(), "invalid_value".to_owned())], "{snapshot}");
    }
    desk.get().await.error(404, "review_not_found");
}

#[tokio::test]
async fn numbers_that_differ_beyond_a_double_are_other_content() {
    let desk = Desk::new().await;
    let open = async |number: &str| {
        let body = opening("run_abc123", "block_extract", 0).to_string().replace("12.5", number);
        desk.send(desk.request("agent", "POST", REVIEWS, Body::Text(body))).await
    };
    assert_eq!(open("9007199254740993").await.status, 201);
    open("9007199254740992").await.error(409, "review_exists");
    assert_eq!(open("9007199254740993").await.status, 200);
}

#[tokio::test]
async fn a_key_that_only_opens_reads_back_only_what_was_opened() {
    let desk = Desk::new().await;
    desk.open().await;
    let correction = json!({ "version_stamp": 0, "snapshot": { "total": 99 }, "note": "secret" });
    desk.post("dana", "versions", correction).await.ok();
    let escalation =
        json!({ "version_stamp": 1, "verdict": "escalated", "reason": "secret", "escalate_to": "Ada" });
    desk.post("dana", "decision", escalation).await.ok();
    let again = Some(opening("run_abc123", "block_extract", 0));
    let seen = desk.call("runtime", "POST", REVIEWS, again.clone()).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert!(!seen.text.contains("secret") && !seen.text.contains("99"), "{}", seen.text);
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
    let whole = desk.call("agent", "POST", REVIEWS, again).await.ok();
    assert_eq!(whole["versions"].as_array().unwrap().len(), 2);
    desk.call("runtime", "GET", REVIEW, None).await.error(403, "forbidden");
    desk.call("runtime", "GET", REVIEWS, None).await.error(403, "forbidden");
}

#[tokio::test]
async fn nobody_can_be_named_as_the_author_but_a_model_and_the_calling_agent() {
    let desk = Desk::new().await;
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
        let answer = desk.call("agent", "POST", REVIEWS, with("run", author)).await;
        assert_eq!(answer.faults(), [(place.to_owned(), code.to_owned())]);
    }
    for (run, author) in
        [("run_1", named("agent", "agent_1")), ("run_2", named("model", "openai/gpt-4o@2026-05-13"))]
    {
        let answer = desk.call("agent", "POST", REVIEWS, with(run, author.clone())).await;
        assert_eq!((answer.status.as_u16(), &answer.body["versions"][0]["author"]), (201, &author));
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
    let desk = Desk::new().await;
    desk.open().await;
    let escalate =
        json!({ "verdict": "escalated", "version_stamp": 0, "reason": "?", "escalate_to": "legal" });
    desk.post("dana", "decision", escalate).await.ok();
    for stamp in 1..30 {
        desk.claim("ben", stamp, 900).await.ok();
    }
    let again = opening("run_abc123", "block_extract", 0);
    assert_eq!(desk.call("agent", "POST", REVIEWS, Some(again)).await.ok()["rev"], 30);
    for (priority, differs) in
        [(0, json!(["snapshot", "author"])), (10, json!(["snapshot", "author", "priority"]))]
    {
        let mut body = extracted_again("reject");
        body["priority"] = json!(priority);
        let detail = desk.call("agent", "POST", REVIEWS, Some(body)).await.error(409, "review_exists");
        assert_eq!(detail["details"]["differs"], differs);
        assert_eq!((&detail["details"]["rev"], &detail["details"]["head_seq"]), (&json!(30), &json!(0)));
    }
    let mut body = extracted_again("maybe");
    assert_eq!(
        desk.call("agent", "POST", REVIEWS, Some(body.clone())).await.faults(),
        [("body.if_exists".to_owned(), "invalid_value".to_owned())]
    );
    body["if_exists"] = Value::Null;
    desk.call("agent", "POST", REVIEWS, Some(body)).await.error(409, "review_exists");
}

#[tokio::test]
async fn an_opening_that_adopts_is_answered_with_the_review_as_it_is() {
    let desk = Desk::new().await;
    assert_eq!(desk.call("agent", "POST", REVIEWS, Some(extracted_again("adopt"))).await.status, 201);
    desk.approve("dana", 0).await.ok();
    let before = desk.get().await.ok();
    let mut body = opening("run_abc123", "block_extract", 7);
    body["if_exists"] = json!("adopt");
    assert_eq!(desk.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok(), before);
    // Whoever adopts it may wait for it.
    body["resume"] = json!({ "kind": "step_functions", "task_token": "token" });
    let adopted = desk.call("agent", "POST", REVIEWS, Some(body)).await.ok();
    assert_eq!((&adopted["resume"]["status"], &adopted["rev"]), (&json!("pending"), &before["rev"]));
}

#[tokio::test]
async fn an_opening_that_supersedes_appends_its_output_as_a_version_of_the_model() {
    let desk = Desk::new().await;
    desk.open().await;
    desk.claim("dana", 0, 900).await.ok();
    let mut body = extracted_again("supersede");
    body["resume"] = json!({ "kind": "step_functions", "task_token": "token" });
    let overlay = desk.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok();
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
    assert_eq!(desk.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok(), overlay);
    desk.claim("ben", 2, 900).await.ok();
    assert_eq!(desk.call("agent", "POST", REVIEWS, Some(body.clone())).await.ok()["rev"], 3);
    // Dana had seen the version before: her stamp is stale now.
    desk.approve("dana", 1).await.error(409, "version_conflict");
    // Another workflow's output, or another kind of block's, supersedes nothing.
    for (field, value) in [("workflow_id", json!("wf_2")), ("block_type", json!("split"))] {
        let mut other = extracted_again("supersede");
        other[field] = value;
        let detail = desk.call("agent", "POST", REVIEWS, Some(other)).await.error(409, "review_exists");
        assert_eq!(detail["details"]["differs"], json!([field]));
    }
    desk.approve("dana", 3).await.ok();
    let mut late = extracted_again("supersede");
    late["snapshot"] = json!({ "total": 100 });
    desk.call("agent", "POST", REVIEWS, Some(late)).await.error(409, "review_not_open");
    // What is a version already is answered all the same.
    assert_eq!(desk.call("agent", "POST", REVIEWS, Some(body)).await.ok()["status"], "approved");
}

#[tokio::test]
async fn an_output_that_supersedes_while_others_write_is_appended_once() {
    let faults = Faults::default();
    let desk = Desk::with_client(faults.client(endpoint())).await;
    desk.open().await;
    let app = desk.another_app(local::emulator::client(endpoint()));
    let claim =
        desk.request("ben", "POST", &format!("{REVIEW}/claim"), Body::Text(r#"{"version_stamp":0}"#.into()));
    // The refused opening, then the appending write, whose answer gets lost and before whose retry Ben claims.
    faults.spare("TransactWriteItems", 1);
    faults.plan("TransactWriteItems", Fault::LoseRequest, 1);
    faults.between(async move {
        assert_eq!(local::gateway::dispatch(&app, claim).await.status(), 200);
    });
    let overlay = desk.call("agent", "POST", REVIEWS, Some(extracted_again("supersede"))).await.ok();
    assert_eq!(faults.left(), 0);
    assert_eq!((&overlay["head_seq"], overlay["versions"].as_array().unwrap().len()), (&json!(1), 2));
}
