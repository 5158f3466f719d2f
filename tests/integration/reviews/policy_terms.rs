//! `open` and `gate` follow the policy of their workflow.

use super::policies::{done, put};
use serde_json::{Value, json};
use tests::{REVIEWS, TestApp, gating, opening};

const GATE: &str = "/v1/workflows/gate";

fn demanding() -> Value {
    json!({
        "block_a": {
            "predicate": { "kind": "field_confidence_lt", "path": "total", "threshold": 0.9 },
            "priority": 7,
            "assign": { "groups": ["finance"], "enforce": true },
            "due_in_seconds": 3600,
            "approvals": { "required": 2 },
            "display": ["vendor", "total"],
        },
        "*": { "priority": 3 },
    })
}

/// A body of `open` that names no priority.
fn bare(run: &str, block: &str) -> Value {
    let mut body = opening(run, block, 0);
    body.as_object_mut().unwrap().remove("priority");
    body["snapshot"] = json!({ "vendor": "Northwind", "total": 12.50 });
    body
}

#[tokio::test]
async fn a_review_opens_under_the_rule_of_its_block_else_of_the_others() {
    let app = TestApp::new().await;
    done(put(&app, 0, &demanding()).await);
    let opened = app.call("agent", "POST", REVIEWS, Some(bare("run_1", "block_a"))).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let overlay = &opened.body;
    assert_eq!(overlay["assigned_to"], json!({ "groups": ["finance"], "actors": [], "enforce": true }));
    assert_eq!(overlay["approvals"], json!({ "required": 2, "four_eyes": false, "given": [] }));
    let due = tests::START.plus_millis(3_600_000).to_string();
    assert_eq!((&overlay["due_at"], &overlay["priority"]), (&json!(due), &json!(7)));
    assert_eq!(overlay["title"], "Northwind · 12.5");
    let row = app.call("dana", "GET", REVIEWS, None).await.ok();
    assert_eq!(
        (&row["data"][0]["title"], &row["data"][0]["priority"]),
        (&json!("Northwind · 12.5"), &json!(7))
    );
    // Rules are not merged, and what a body says counts.
    let other = app.call("agent", "POST", REVIEWS, Some(bare("run_1", "block_b"))).await.body;
    assert_eq!((&other["priority"], other.get("due_at"), other.get("title")), (&json!(3), None, None));
    let mut said = bare("run_2", "block_a");
    said["priority"] = json!(0);
    assert_eq!(app.call("agent", "POST", REVIEWS, Some(said)).await.body["priority"], 0);
    let mut elsewhere = bare("run_3", "block_a");
    elsewhere["workflow_id"] = json!("wf_2");
    let elsewhere = app.call("agent", "POST", REVIEWS, Some(elsewhere)).await.body;
    assert_eq!((&elsewhere["priority"], elsewhere.get("approvals")), (&json!(0), None));
}

#[tokio::test]
async fn a_retry_after_the_policy_has_changed_is_the_same_review() {
    let app = TestApp::new().await;
    let held = gating("run_2", "block_a", json!({ "kind": "always" }));
    // Opened without a policy, and with one.
    let before = app.call("agent", "POST", REVIEWS, Some(bare("run_0", "block_a"))).await;
    done(put(&app, 0, &demanding()).await);
    let with = app.call("agent", "POST", REVIEWS, Some(bare("run_1", "block_a"))).await;
    let gated = app.call("agent", "POST", GATE, Some(held.clone())).await;
    assert_eq!([before.status, with.status, gated.status].map(|it| it.as_u16()), [201; 3]);
    let again = app.call("agent", "POST", REVIEWS, Some(bare("run_0", "block_a"))).await;
    assert_eq!((again.status.as_u16(), &again.body), (200, &before.body));
    done(put(&app, 1, &json!({ "*": { "priority": 9, "due_in_seconds": 60 } })).await);
    let again = app.call("agent", "POST", REVIEWS, Some(bare("run_1", "block_a"))).await;
    assert_eq!((again.status.as_u16(), &again.body), (200, &with.body));
    let again = app.call("agent", "POST", GATE, Some(held)).await;
    assert_eq!((again.status.as_u16(), &again.body["overlay"]), (200, &gated.body["overlay"]));

    // Also where the predicate is the policy's, and another one fires now.
    let by_policy = |run: &str| {
        let mut body = gating(run, "block_a", json!(null));
        body.as_object_mut().unwrap().remove("predicate");
        body
    };
    done(put(&app, 2, &json!({ "*": { "predicate": { "kind": "confidence_lt", "threshold": 0.9 } } })).await);
    let first = app.call("agent", "POST", GATE, Some(by_policy("run_3"))).await;
    assert_eq!(first.status, 201, "{}", first.text);
    done(put(&app, 3, &json!({ "*": { "predicate": { "kind": "always" } } })).await);
    let again = app.call("agent", "POST", GATE, Some(by_policy("run_3"))).await;
    assert_eq!((again.status.as_u16(), &again.body), (200, &first.body));
    let mut other = by_policy("run_3");
    other["snapshot"] = json!({ "vendor": "Southwind" });
    let detail = app.call("agent", "POST", GATE, Some(other)).await.error(409, "review_exists");
    assert_eq!(detail["details"]["differs"], json!(["triggered_by", "snapshot"]));

    // Nor does the policy count among what differs.
    let mut other = bare("run_1", "block_a");
    other["snapshot"] = json!({ "vendor": "Southwind" });
    let detail = app.call("agent", "POST", REVIEWS, Some(other.clone())).await.error(409, "review_exists");
    assert_eq!(detail["details"]["differs"], json!(["snapshot"]));
    other["priority"] = json!(7);
    let detail = app.call("agent", "POST", REVIEWS, Some(other.clone())).await.error(409, "review_exists");
    assert_eq!(detail["details"]["differs"], json!(["snapshot", "priority"]));
    // Superseded or adopted, it keeps its terms.
    other.as_object_mut().unwrap().remove("priority");
    for if_exists in ["adopt", "supersede"] {
        other["if_exists"] = json!(if_exists);
        let kept = app.call("agent", "POST", REVIEWS, Some(other.clone())).await.ok();
        for name in ["assigned_to", "due_at", "priority", "title"] {
            assert_eq!(kept[name], with.body[name], "{if_exists}: {name}");
        }
        assert_eq!(kept["approvals"]["required"], 2);
    }
}

#[tokio::test]
async fn the_gate_asks_the_policy_where_the_body_has_no_predicate() {
    let app = TestApp::new().await;
    let without = |run: &str, block: &str, likelihood: f64| {
        let mut body = gating(run, block, Value::Null);
        body.as_object_mut().unwrap().retain(|name, _| name != "predicate" && name != "priority");
        body["snapshot"] = json!({ "vendor": "Northwind", "total": 12.50 });
        body["likelihoods"] = json!({ "total": likelihood });
        body
    };
    let ask = async |body: Value| app.call("agent", "POST", GATE, Some(body)).await;
    let missing = [("body.predicate".to_owned(), "missing".to_owned())];
    let detail = ask(without("run_1", "block_a", 0.5)).await.error(422, "validation_error");
    let message = detail["details"]["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("wf_1") && message.contains("block_a"), "{message}");
    done(put(&app, 0, &demanding()).await);
    let held = ask(without("run_1", "block_a", 0.5)).await;
    assert_eq!(held.status, 201, "{}", held.text);
    let overlay = &held.body["overlay"];
    assert_eq!(overlay["triggered_by"]["kind"], "field_confidence_lt");
    assert_eq!((&overlay["priority"], &overlay["title"]), (&json!(7), &json!("Northwind · 12.5")));
    assert_eq!(ask(without("run_2", "block_a", 0.95)).await.ok()["held"], false);
    // The rule of the others has none.
    assert_eq!(ask(without("run_1", "block_b", 0.5)).await.faults(), missing);
    // A predicate of the body counts, and the policy's demands hold all the same.
    let mut with = without("run_3", "block_a", 0.95);
    with["predicate"] = json!({ "kind": "always" });
    assert_eq!(ask(with).await.body["overlay"]["approvals"]["required"], 2);
    // One that cannot be asked of the block is the policy's fault, and is said so.
    done(put(&app, 1, &json!({ "*": { "predicate": { "kind": "branch_in", "branches": ["a"] } } })).await);
    let detail = ask(without("run_4", "block_a", 0.5)).await.error(422, "validation_error");
    let fault = &detail["details"]["errors"][0];
    assert_eq!((&fault["loc"], &fault["code"]), (&json!(["body", "predicate"]), &json!("not_allowed")));
    assert!(fault["message"].as_str().unwrap().contains("policy of workflow wf_1"), "{fault}");
}
