//! Approve, reject, escalate, reopen.

use serde_json::{Value, json};
use tests::{REVIEWS, TestApp};

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|row| row["workflow_run_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_approval_makes_the_newest_version_effective_and_ends_the_claim() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("ben", 0, 900).await.ok();
    app.clock.advance_seconds(60);
    let answer = app.approve("dana", 1).await.ok();
    assert_eq!(answer["submission_status"], "accepted");
    let overlay = &answer["overlay"];
    let dana = json!({ "kind": "human", "id": "user_42", "display_name": "Dana Rivera" });
    for (field, value) in [
        ("status", json!("approved")),
        ("rev", json!(2)),
        ("claim", Value::Null),
        ("effective_seq", json!(0)),
        ("decided_at", json!("2026-05-13T08:56:00.000Z")),
        ("updated_at", json!("2026-05-13T08:56:00.000Z")),
        ("awaiting_since", json!("2026-05-13T08:55:00.000Z")),
    ] {
        assert_eq!(overlay[field], value, "{field}");
    }
    let id = overlay["decisions"][0]["decision_id"].clone();
    assert_eq!(
        overlay["decisions"],
        json!([{
            "decision_id": id,
            "verdict": "approved",
            "decided_by": dana,
            "decided_at": "2026-05-13T08:56:00.000Z",
            "on_seq": 0,
            "effective_seq": 0,
            "reason": null,
            "escalate_to": null,
            "supersedes_decision_id": null,
        }])
    );
    assert_eq!(overlay["audit"][2]["event"], "decision_submitted");
    assert_eq!(
        overlay["audit"][2]["detail"],
        json!({ "decision_id": id, "verdict": "approved", "on_seq": 0, "effective_seq": 0 })
    );
    assert_eq!(app.get().await.ok(), *overlay);
    let mine = app.call("ben", "GET", "/v1/workflows/reviews?mine=true", None).await.ok();
    assert_eq!(mine["data"], json!([]));
}

#[tokio::test]
async fn an_edited_approval_is_one_write_with_its_own_version() {
    let app = TestApp::new().await;
    app.open().await;
    for (who, origin, stamp) in [("dana", "human_edit", 0), ("agent", "agent_edit", 2)] {
        let output = json!({ "total": stamp, "by": who });
        let body = json!({ "verdict": "approved", "version_stamp": stamp, "edited_output": output });
        let overlay = app.post(who, "decision", body).await.ok()["overlay"].clone();
        let head = overlay["head_seq"].as_u64().unwrap();
        assert_eq!(overlay["rev"], json!(stamp + 1), "one write");
        assert_eq!((&overlay["effective_seq"], &overlay["status"]), (&json!(head), &json!("approved")));
        let version = overlay["versions"].as_array().unwrap().last().unwrap();
        assert_eq!((&version["origin"], &version["snapshot"]), (&json!(origin), &output));
        assert_eq!((&version["seq"], &version["parent_seq"]), (&json!(head), &json!(head - 1)));
        let entry = overlay["audit"].as_array().unwrap().last().unwrap();
        assert_eq!(entry["detail"]["appended_seq"], json!(head));
        assert_eq!(app.get().await.ok(), overlay);
        app.post("dana", "reopen", json!({ "version_stamp": stamp + 1 })).await.ok();
    }
}

#[tokio::test]
async fn a_decision_may_be_on_any_version_there_is_and_make_any_effective() {
    let app = TestApp::new().await;
    app.open().await;
    app.post("dana", "versions", json!({ "snapshot": { "a": 1 }, "version_stamp": 0 })).await.ok();
    let body = |on: Value, effective: Value| json!({ "verdict": "approved", "version_stamp": 1, "on_seq": on, "effective_seq": effective });
    for (on, effective, field) in [(json!(2), json!(0), "on_seq"), (json!(0), json!(2), "effective_seq")] {
        let answer = app.post("dana", "decision", body(on, effective)).await;
        assert_eq!(answer.faults(), [(format!("body.{field}"), "out_of_range".to_owned())]);
    }
    let overlay = app.post("dana", "decision", body(json!(0), Value::Null)).await.ok()["overlay"].clone();
    assert_eq!((&overlay["effective_seq"], &overlay["decisions"][0]["on_seq"]), (&json!(0), &json!(0)));
    app.post("dana", "reopen", json!({ "version_stamp": 2 })).await.ok();
    let mut both = body(json!(1), json!(0));
    both["version_stamp"] = json!(3);
    let overlay = app.post("dana", "decision", both).await.ok()["overlay"].clone();
    assert_eq!((&overlay["effective_seq"], &overlay["decisions"][1]["on_seq"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn a_rejection_says_why_and_makes_nothing_effective() {
    let app = TestApp::new().await;
    app.open().await;
    let body = json!({ "verdict": "rejected", "version_stamp": 0, "reason": "Wrong vendor" });
    let overlay = app.post("dana", "decision", body).await.ok()["overlay"].clone();
    assert_eq!((&overlay["status"], &overlay["effective_seq"]), (&json!("rejected"), &Value::Null));
    assert_eq!(overlay["decisions"][0]["reason"], "Wrong vendor");
    assert_eq!(overlay["decided_at"], "2026-05-13T08:55:00.000Z");
}

#[tokio::test]
async fn an_escalation_keeps_the_review_open_names_whom_and_moves_it_up_the_queue() {
    let app = TestApp::new().await;
    app.open_at("agent", "run_hot", "block", 9).await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    let body = json!({ "verdict": "escalated", "version_stamp": 1, "reason": "Above my limit", "escalate_to": "finance" });
    let overlay = app.post("dana", "decision", body).await.ok()["overlay"].clone();
    for (field, value) in [
        ("status", json!("awaiting_review")),
        ("escalated_to", json!("finance")),
        ("priority", json!(10)),
        ("claim", Value::Null),
        ("decided_at", Value::Null),
        ("effective_seq", Value::Null),
    ] {
        assert_eq!(overlay[field], value, "{field}");
    }
    assert_eq!(overlay["decisions"][0]["escalate_to"], "finance");
    assert_eq!(overlay["audit"][2]["detail"]["priority"], 10);
    let list = app.call("dana", "GET", REVIEWS, None).await.ok();
    assert_eq!(ids(&list), ["run_abc123", "run_hot"]);
    let overlay = app.approve("ben", 2).await.ok()["overlay"].clone();
    assert_eq!(
        overlay["decisions"][1]["supersedes_decision_id"],
        Value::Null,
        "an escalation decides nothing"
    );
}

#[tokio::test]
async fn what_a_verdict_needs_it_must_have_and_what_is_anothers_it_may_not() {
    let app = TestApp::new().await;
    app.open().await;
    let output = json!({ "a": 1 });
    for (verdict, fields, expected) in [
        ("rejected", json!({}), vec![("reason", "missing")]),
        ("rejected", json!({ "reason": null }), vec![("reason", "wrong_type")]),
        ("rejected", json!({ "reason": " \t\n" }), vec![("reason", "invalid_value")]),
        ("rejected", json!({ "reason": "x".repeat(2001) }), vec![("reason", "out_of_range")]),
        (
            "rejected",
            json!({ "reason": "x", "edited_output": output, "effective_seq": 0, "escalate_to": "y" }),
            vec![
                ("edited_output", "not_allowed"),
                ("effective_seq", "not_allowed"),
                ("escalate_to", "not_allowed"),
            ],
        ),
        ("escalated", json!({}), vec![("reason", "missing"), ("escalate_to", "missing")]),
        ("escalated", json!({ "reason": "x", "escalate_to": " " }), vec![("escalate_to", "invalid_value")]),
        ("rejected", json!({ "reason": "\u{200b}\u{202e}" }), vec![("reason", "invalid_value")]),
        (
            "escalated",
            json!({ "reason": "x", "escalate_to": "y", "edited_output": output }),
            vec![("edited_output", "not_allowed")],
        ),
        ("approved", json!({ "escalate_to": "y" }), vec![("escalate_to", "not_allowed")]),
        ("approved", json!({ "edited_output": [] }), vec![("edited_output", "wrong_type")]),
        ("approved", json!({ "on_seq": -1 }), vec![("on_seq", "out_of_range")]),
        ("approved", json!({ "effective_seq": "0" }), vec![("effective_seq", "wrong_type")]),
        ("approved", json!({ "note": "x" }), vec![("note", "unknown_field")]),
        (
            "maybe",
            json!({ "reason": 5, "zzz": 1 }),
            vec![("verdict", "invalid_value"), ("reason", "wrong_type"), ("zzz", "unknown_field")],
        ),
    ] {
        let mut body = fields.clone();
        body["verdict"] = json!(verdict);
        body["version_stamp"] = json!(0);
        let faults = app.post("dana", "decision", body).await.faults();
        let expected: Vec<_> =
            expected.iter().map(|(field, code)| (format!("body.{field}"), (*code).to_owned())).collect();
        assert_eq!(faults, expected, "{verdict} {fields}");
    }
    let nulls = json!({
        "verdict": "rejected", "version_stamp": 0, "reason": "x",
        "edited_output": null, "on_seq": null, "effective_seq": null, "escalate_to": null, "command_id": null,
    });
    assert_eq!(app.post("dana", "decision", nulls).await.ok()["overlay"]["rev"], 1, "as the client sends it");
}

#[tokio::test]
async fn a_decided_review_takes_nothing_but_a_reopening() {
    let app = TestApp::new().await;
    app.open().await;
    app.approve("dana", 0).await.ok();
    let before = app.get().await.ok();
    for (verb, body) in [
        ("claim", json!({ "version_stamp": 1 })),
        ("versions", json!({ "version_stamp": 1, "snapshot": {} })),
        ("decision", json!({ "version_stamp": 1, "verdict": "rejected", "reason": "x" })),
    ] {
        let detail = app.post("ben", verb, body).await.error(409, "review_not_open");
        assert_eq!(detail["details"], json!({ "rev": 1, "status": "approved" }), "{verb}");
    }
    assert_eq!(app.release("ben", 1).await.ok(), before, "there is no claim to drop, and that is fine");
    assert_eq!(app.get().await.ok(), before);
}

#[tokio::test]
async fn a_reopened_review_waits_again_and_its_next_decision_supersedes_the_last() {
    let app = TestApp::new().await;
    app.open().await;
    app.post("dana", "reopen", json!({ "version_stamp": 0 })).await.error(409, "review_not_decided");
    let first = app.approve("dana", 0).await.ok()["overlay"]["decisions"][0]["decision_id"].clone();
    app.clock.advance_seconds(60);
    let body = json!({ "version_stamp": 1, "reason": "The vendor called" });
    let overlay = app.post("ben", "reopen", body).await.ok();
    for (field, value) in [
        ("status", json!("awaiting_review")),
        ("rev", json!(2)),
        ("effective_seq", Value::Null),
        ("decided_at", Value::Null),
        ("awaiting_since", json!("2026-05-13T08:56:00.000Z")),
    ] {
        assert_eq!(overlay[field], value, "{field}");
    }
    assert_eq!(overlay["decisions"].as_array().unwrap().len(), 1, "its decisions stay");
    assert_eq!(overlay["audit"][2]["event"], "reopened");
    assert_eq!(overlay["audit"][2]["detail"], json!({ "reason": "The vendor called" }));
    let list = app.call("dana", "GET", "/v1/workflows/reviews?status=awaiting_review", None).await.ok();
    assert_eq!(ids(&list), ["run_abc123"]);
    let body = json!({ "verdict": "rejected", "version_stamp": 2, "reason": "Indeed" });
    let overlay = app.post("dana", "decision", body).await.ok()["overlay"].clone();
    assert_eq!(overlay["decisions"][1]["supersedes_decision_id"], first);
}

#[tokio::test]
async fn the_queue_has_open_ones_hottest_first_then_decided_ones_newest_first() {
    let app = TestApp::new().await;
    for (run, priority) in [("a", 0), ("b", 5), ("c", 0), ("d", 0), ("e", 0)] {
        app.open_at("agent", run, "block", priority).await;
        app.clock.advance_seconds(1);
    }
    for (run, verdict) in [("a", "approved"), ("c", "rejected"), ("e", "approved")] {
        let path = format!("{REVIEWS}/{run}/block/decision");
        let body = json!({ "verdict": verdict, "version_stamp": 0, "reason": "x" });
        app.call("dana", "POST", &path, Some(body)).await.ok();
        app.clock.advance_seconds(1);
    }
    for (query, expected) in [
        ("", vec!["b", "d"]),
        ("?status=all", vec!["b", "d", "e", "c", "a"]),
        ("?status=awaiting_review", vec!["b", "d"]),
        ("?status=approved", vec!["e", "a"]),
        ("?status=rejected&workflow_id=wf_1", vec!["c"]),
    ] {
        let list = app.call("dana", "GET", &format!("{REVIEWS}{query}"), None).await.ok();
        assert_eq!(ids(&list), expected, "{query}");
    }
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    for _ in 0..5 {
        let page = app.call("dana", "GET", &format!("{REVIEWS}?status=all&limit=1{cursor}"), None).await.ok();
        walked.extend(ids(&page).into_iter().map(str::to_owned));
        cursor = page["next_cursor"].as_str().map_or_else(String::new, |next| format!("&cursor={next}"));
    }
    assert_eq!((walked.join(""), cursor), ("bdeca".into(), String::new()));
}

#[tokio::test]
async fn paging_goes_on_while_rows_are_decided_and_escalated() {
    let app = TestApp::new().await;
    for index in 0..8 {
        app.open_at("agent", &format!("run_{index}"), "block", 0).await;
        app.clock.advance_millis(1);
    }
    let first = app.call("dana", "GET", &format!("{REVIEWS}?limit=3"), None).await.ok();
    let decide = async |run: &str, body: Value| {
        app.call("dana", "POST", &format!("{REVIEWS}/{run}/block/decision"), Some(body)).await.ok();
    };
    decide("run_2", json!({ "verdict": "approved", "version_stamp": 0 })).await;
    decide("run_4", json!({ "verdict": "approved", "version_stamp": 0 })).await;
    decide("run_6", json!({ "verdict": "escalated", "version_stamp": 0, "reason": "x", "escalate_to": "y" }))
        .await;
    let next = first["next_cursor"].as_str().unwrap();
    let second = app.call("dana", "GET", &format!("{REVIEWS}?limit=3&cursor={next}"), None).await.ok();
    assert_eq!(ids(&first), ["run_0", "run_1", "run_2"]);
    assert_eq!(ids(&second), ["run_3", "run_5", "run_7"], "those that did not move, each once");
}
