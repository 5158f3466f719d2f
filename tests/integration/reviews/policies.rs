//! Policies: put, read, deleted, their audit, their register; and tried before they are put.

use serde_json::{Value, json};
use tests::{Answer, REVIEWS, TestApp, gating, opening};

pub(super) const POLICY: &str = "/v1/workflows/wf_1/policy";

pub(super) async fn put(app: &TestApp, stamp: u64, blocks: &Value) -> Answer {
    app.call("admin", "PUT", POLICY, Some(json!({ "version_stamp": stamp, "blocks": blocks }))).await
}

/// What a change that was made answers with.
pub(super) fn done(answer: Answer) -> Value {
    assert!([200, 201].contains(&answer.status.as_u16()), "{}", answer.text);
    answer.body
}

async fn delete(app: &TestApp, stamp: u64) -> Answer {
    app.call("admin", "DELETE", &format!("{POLICY}?version_stamp={stamp}"), None).await
}

async fn audit(app: &TestApp) -> Vec<Value> {
    let page = app.call("reader", "GET", &format!("{POLICY}/audit"), None).await.ok();
    page["data"].as_array().unwrap().clone()
}

/// Of 64 bytes each.
fn vec_of_ids(count: usize) -> Vec<String> {
    (0..count).map(|nth| format!("{nth}{}", "a".repeat(63))).collect()
}

fn sample(percent: f64) -> Value {
    json!({ "*": { "predicate": { "kind": "sample", "percent": percent } } })
}

#[tokio::test]
async fn a_policy_is_put_replaced_and_deleted_and_each_change_is_in_its_audit() {
    let app = TestApp::new().await;
    app.call("reader", "GET", POLICY, None).await.error(404, "policy_not_found");
    let whole = json!({
        "block_a": {
            "predicate": { "kind": "confidence_lt", "threshold": 0.85 },
            "priority": 5,
            "assign": { "groups": ["finance"], "actors": ["user_42"], "enforce": true },
            "due_in_seconds": 14400,
            "remind_before_seconds": [3600, 600],
            "on_overdue": { "action": "escalate", "escalate_to": "lead", "reason": "late" },
            "approvals": { "required": 2, "four_eyes": true },
            "output": { "validation": "enforce" },
            "display": ["seller.name"],
        },
        "*": { "predicate": { "kind": "always" } },
    });
    let mut created = done(put(&app, 0, &whole).await);
    let warnings = created.as_object_mut().unwrap().remove("warnings").unwrap();
    assert_eq!(warnings[0]["field"], "body.blocks.block_a.on_overdue.escalate_to", "nobody is called lead");
    assert_eq!(
        (&created["rev"], &created["blocks"], &created["workflow_id"]),
        (&json!(1), &whole, &json!("wf_1"))
    );
    assert_eq!(created["updated_by"]["id"], "user_1");
    assert_eq!(app.call("reader", "GET", POLICY, None).await.ok(), created);
    app.clock.advance_seconds(60);
    let replaced = done(put(&app, 1, &sample(2.0)).await);
    assert_eq!((&replaced["rev"], &replaced["blocks"]), (&json!(2), &sample(2.0)));
    assert_eq!(delete(&app, 2).await.status, 204);
    app.call("reader", "GET", POLICY, None).await.error(404, "policy_not_found");
    // Its rev goes on: a stamp of before is never current again.
    let again = done(put(&app, 0, &sample(3.0)).await);
    assert_eq!(again["rev"], 4);
    let changes = audit(&app).await;
    let said: Vec<_> = changes.iter().map(|it| (it["rev"].as_u64().unwrap(), it["blocks"].clone())).collect();
    assert_eq!(said, [(4, sample(3.0)), (3, Value::Null), (2, sample(2.0)), (1, whole)]);
    assert!(changes.iter().all(|it| it["actor"]["display_name"] == "Ada Admin"));
    assert_eq!(changes[3]["at"], created["updated_at"]);
}

#[tokio::test]
async fn a_stale_change_is_refused_and_a_repeated_one_is_done_once() {
    let app = TestApp::new().await;
    done(put(&app, 0, &sample(1.0)).await);
    done(put(&app, 1, &sample(2.0)).await);
    let detail = put(&app, 1, &sample(9.0)).await.error(409, "version_conflict");
    let details = &detail["details"];
    assert_eq!(
        (&details["rev"], &details["version_stamp"], &details["exists"]),
        (&json!(2), &json!(1), &json!(true))
    );
    assert_eq!(details["updated_by"]["id"], "user_1");
    put(&app, 0, &sample(9.0)).await.error(409, "version_conflict");
    put(&app, 7, &sample(9.0)).await.error(409, "version_conflict");
    delete(&app, 1).await.error(409, "version_conflict");
    // The same request again, whose answer was lost.
    assert_eq!(done(put(&app, 1, &sample(2.0)).await)["rev"], 2);
    assert_eq!(delete(&app, 2).await.status, 204);
    assert_eq!(delete(&app, 2).await.status, 204);
    delete(&app, 3).await.error(404, "policy_not_found");
    let detail = put(&app, 2, &sample(9.0)).await.error(409, "version_conflict");
    assert_eq!((&detail["details"]["rev"], &detail["details"]["exists"]), (&json!(3), &json!(false)));
    assert_eq!(audit(&app).await.len(), 3);
    let never = "/v1/workflows/wf_never/policy";
    app.call("admin", "DELETE", &format!("{never}?version_stamp=0"), None)
        .await
        .error(404, "policy_not_found");
    let body = json!({ "version_stamp": 3, "blocks": sample(1.0) });
    let detail = app.call("admin", "PUT", never, Some(body)).await.error(409, "version_conflict");
    assert_eq!(detail["details"]["rev"], 0);
}

#[tokio::test]
async fn of_changes_on_one_stamp_one_is_made() {
    let app = TestApp::new().await;
    done(put(&app, 0, &sample(1.0)).await);
    let blocks: Vec<Value> = (2..8).map(|percent| sample(f64::from(percent))).collect();
    let answers = futures_util::future::join_all(blocks.iter().map(|blocks| put(&app, 1, blocks))).await;
    let statuses: Vec<u16> = answers.iter().map(|it| it.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert_eq!(audit(&app).await.len(), 2);
}

#[tokio::test]
async fn the_audit_is_read_page_by_page_and_the_register_lists_who_has_a_policy() {
    let app = TestApp::new().await;
    for stamp in 0..12_u32 {
        done(put(&app, stamp.into(), &sample(stamp.into())).await);
    }
    let first = app.call("reader", "GET", &format!("{POLICY}/audit"), None).await.ok();
    let revs = |page: &Value| -> Vec<u64> {
        page["data"].as_array().unwrap().iter().map(|it| it["rev"].as_u64().unwrap()).collect()
    };
    assert_eq!(revs(&first), (3..=12).rev().collect::<Vec<_>>());
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = app.call("reader", "GET", &format!("{POLICY}/audit?cursor={cursor}"), None).await.ok();
    assert_eq!(
        (revs(&last), &last["has_more"], &last["next_cursor"]),
        (vec![2, 1], &json!(false), &Value::Null)
    );
    let elsewhere = format!("/v1/workflows/wf_2/policy/audit?cursor={cursor}");
    let faults = app.call("reader", "GET", &elsewhere, None).await.faults();
    assert_eq!(faults, [("query.cursor".to_owned(), "invalid_value".to_owned())]);

    let other = json!({ "version_stamp": 0, "blocks": { "a": {}, "b": {} } });
    app.call("admin", "PUT", "/v1/workflows/wf_0/policy", Some(other)).await;
    let listed = app.call("reader", "GET", "/v1/workflows/policies", None).await.ok();
    let rows: Vec<_> = listed["data"].as_array().unwrap().iter().collect();
    let said: Vec<_> =
        rows.iter().map(|it| (it["workflow_id"].as_str().unwrap(), &it["rules"], &it["rev"])).collect();
    assert_eq!(said, [("wf_0", &json!(2), &json!(1)), ("wf_1", &json!(1), &json!(12))]);
    let after = app.call("reader", "GET", "/v1/workflows/policies?cursor=wf_0", None).await.ok();
    assert_eq!(after["data"].as_array().unwrap().len(), 1);
    assert_eq!(delete(&app, 12).await.status, 204);
    let listed = app.call("reader", "GET", "/v1/workflows/policies", None).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    // Another organization has none of it.
    let theirs = app.call("other", "GET", "/v1/workflows/policies", None).await.ok();
    assert_eq!(theirs["data"], json!([]));
    app.call("other", "GET", "/v1/workflows/wf_0/policy", None).await.error(404, "policy_not_found");
    let theirs = app.call("other", "GET", &format!("{POLICY}/audit"), None).await.ok();
    assert_eq!(theirs["data"], json!([]));
}

#[tokio::test]
async fn every_fault_of_a_policy_is_named_with_its_place() {
    let app = TestApp::new().await;
    let faults_of = async |rule: Value| {
        let faults = put(&app, 0, &json!({ "b": rule })).await.faults();
        faults
            .into_iter()
            .map(|(place, code)| format!("{} {code}", place.trim_start_matches("body.blocks.")))
            .collect::<Vec<_>>()
    };
    let due = |more: Value| {
        let mut rule = json!({ "due_in_seconds": 600 });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    for (rule, expected) in [
        (json!({ "quorum": 2 }), "b.quorum unknown_field"),
        (json!({ "predicate": { "kind": "confidence_lt" } }), "b.predicate.threshold missing"),
        (json!({ "predicate": { "kind": "never" } }), "b.predicate.kind invalid_value"),
        (json!({ "priority": 1.5 }), "b.priority wrong_type"),
        (json!({ "assign": {} }), "b.assign.groups missing"),
        (json!({ "assign": { "groups": ["a b"] } }), "b.assign.groups invalid_identifier"),
        (json!({ "assign": { "groups": ["a", "a"] } }), "b.assign.groups duplicate_field"),
        (json!({ "assign": { "actors": vec!["a"; 11] } }), "b.assign.actors out_of_range"),
        (json!({ "assign": { "actors": vec_of_ids(9) } }), "b.assign.groups out_of_range"),
        (
            due(json!({ "on_overdue": { "action": "reject", "reason": "r".repeat(201) } })),
            "b.on_overdue.reason out_of_range",
        ),
        (json!({ "due_in_seconds": 0 }), "b.due_in_seconds out_of_range"),
        (json!({ "due_in_seconds": 366 * 86_400 + 1 }), "b.due_in_seconds out_of_range"),
        (json!({ "remind_before_seconds": [60] }), "b.remind_before_seconds not_allowed"),
        (json!({ "on_overdue": { "action": "none" } }), "b.on_overdue not_allowed"),
        (due(json!({ "remind_before_seconds": [60, 600] })), "b.remind_before_seconds out_of_range"),
        (due(json!({ "remind_before_seconds": [1, 2, 3, 4, 5, 6] })), "b.remind_before_seconds out_of_range"),
        (due(json!({ "on_overdue": { "action": "escalate" } })), "b.on_overdue.escalate_to missing"),
        (due(json!({ "on_overdue": { "action": "reject" } })), "b.on_overdue.reason missing"),
        (
            due(json!({ "on_overdue": { "action": "reject", "reason": "r", "escalate_to": "x" } })),
            "b.on_overdue.escalate_to not_allowed",
        ),
        (
            due(json!({ "on_overdue": { "action": "approve" }, "approvals": { "required": 2 } })),
            "b.on_overdue not_allowed",
        ),
        (
            due(json!({ "on_overdue": { "action": "approve" }, "approvals": { "four_eyes": true } })),
            "b.on_overdue not_allowed",
        ),
        (
            due(json!({ "on_overdue": { "action": "approve" }, "output": { "validation": "enforce" } })),
            "b.on_overdue not_allowed",
        ),
        (json!({ "approvals": { "required": 6 } }), "b.approvals.required out_of_range"),
        (json!({ "output": {} }), "b.output.validation missing"),
        (json!({ "display": vec!["a"; 6] }), "b.display out_of_range"),
        (json!({ "display": ["x".repeat(201)] }), "b.display out_of_range"),
        (json!({ "display": [" "] }), "b.display invalid_value"),
    ] {
        assert_eq!(faults_of(rule.clone()).await, [expected], "{rule}");
    }
    // What is fine: to approve what needs nobody else, to warn, a predicate of any block's type.
    for rule in [
        due(
            json!({ "on_overdue": { "action": "approve" }, "approvals": { "required": 1 }, "output": { "validation": "advise" } }),
        ),
        json!({ "predicate": { "kind": "branch_in", "branches": ["a"] }, "output": { "validation": "enforce" } }),
    ] {
        let stamp = app.call("reader", "GET", POLICY, None).await.body["rev"].as_u64().unwrap_or(0);
        done(put(&app, stamp, &json!({ "b": rule })).await);
    }
    let faults = put(&app, 0, &json!({})).await.faults();
    assert_eq!(faults, [("body.blocks".to_owned(), "out_of_range".to_owned())]);
    let many: serde_json::Map<String, Value> = (0..51).map(|it| (format!("b{it}"), json!({}))).collect();
    assert_eq!(
        put(&app, 0, &many.into()).await.faults(),
        [("body.blocks".to_owned(), "out_of_range".to_owned())]
    );
    let faults = put(&app, 0, &json!({ "a b": {}, "c": 7 })).await.faults();
    let expected = [("body.blocks.a b", "invalid_identifier"), ("body.blocks.c", "wrong_type")];
    assert_eq!(faults, expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    let twice = r#"{"version_stamp": 0, "blocks": {"a": {}, "a": {}}}"#;
    let request = app.request("admin", "PUT", POLICY, twice.into());
    assert_eq!(
        app.send(request).await.faults(),
        [("body.blocks.a".to_owned(), "duplicate_field".to_owned())]
    );
    put(&app, 0, &json!({ "a": { "display": ["x".repeat(70_000)] } })).await.error(413, "body_too_large");
    // A hundred regular expressions in all are compiled, and no more.
    let condition = json!({ "path": "a", "operator": "matches_regex", "value": "a" });
    let conditions =
        |count| json!({ "logical_operator": "or", "sub_conditions": vec![condition.clone(); count] });
    let rule = |count| json!({ "predicate": { "kind": "json_condition", "condition": conditions(count) } });
    let faults = put(&app, 0, &json!({ "a": rule(49), "b": rule(49), "c": rule(3) })).await.faults();
    let place = "body.blocks.c.predicate.condition.sub_conditions.2.operator";
    assert_eq!(faults, [(place.to_owned(), "out_of_range".to_owned())]);
    // The path of its audit would be that of a review.
    let body = json!({ "version_stamp": 0, "blocks": { "*": {} } });
    let faults = app.call("admin", "PUT", "/v1/workflows/reviews/policy", Some(body)).await.faults();
    assert_eq!(faults, [("path.workflow_id".to_owned(), "not_allowed".to_owned())]);
}

/// Six reviews, `total` 0 to 5 with likelihoods of 0.5 to 1.0; one is decided.
async fn six_reviews(app: &TestApp) {
    for index in 0..6 {
        app.clock.advance_seconds(1);
        let mut body = gating(&format!("run_{index}"), "block_a", json!({ "kind": "always" }));
        body["snapshot"] = json!({ "total": index });
        body["likelihoods"] = json!({ "total": 0.5 + f64::from(index) / 10.0 });
        assert_eq!(app.call("agent", "POST", "/v1/workflows/gate", Some(body)).await.status, 201);
    }
    let decision = json!({ "version_stamp": 0, "verdict": "approved" });
    app.call("dana", "POST", &format!("{REVIEWS}/run_1/block_a/decision"), Some(decision)).await.ok();
}

#[tokio::test]
async fn a_policy_is_tried_on_the_newest_reviews_and_nothing_changes() {
    let app = TestApp::new().await;
    six_reviews(&app).await;
    app.call("agent", "POST", REVIEWS, Some(opening("run_x", "block_x", 0))).await;
    let attempt = async |blocks: Value, limit: u32| {
        let body = json!({ "blocks": blocks, "limit": limit });
        app.call("admin", "POST", &format!("{POLICY}/dry-run"), Some(body)).await.ok()
    };
    let rule = json!({ "block_a": { "predicate": { "kind": "confidence_lt", "threshold": 0.75 } } });
    let found = attempt(rule.clone(), 200).await;
    let count = |found: &Value| {
        ["looked_at", "held", "not_held", "without_predicate", "not_fitting"]
            .map(|name| found[name].as_u64().unwrap())
    };
    assert_eq!(count(&found), [7, 3, 3, 1, 0]);
    assert_eq!(found["is_complete"], true);
    let of_block =
        json!([{ "block_id": "block_a", "looked_at": 6, "held": 3, "not_held": 3, "not_fitting": 0 }]);
    assert_eq!(found["by_block"], of_block);
    let examples = found["examples"].as_array().unwrap();
    let held: Vec<_> = examples.iter().filter(|it| it["held"] == true).collect();
    assert_eq!(held.len(), 3);
    assert!(held.iter().all(|it| it["reason"].as_str().unwrap().contains("below 0.75")), "{held:?}");
    assert!(examples.iter().any(|it| it["workflow_run_id"] == "run_1" && it["status"] == "approved"));
    let other = json!({ "block_a": { "predicate": { "kind": "branch_in", "branches": ["a"] } }, "*": { "predicate": { "kind": "always" } } });
    assert_eq!(count(&attempt(other, 200).await), [7, 1, 0, 0, 6]);
    assert_eq!(count(&attempt(rule, 2).await)[0], 2);
    app.call("reader", "GET", POLICY, None).await.error(404, "policy_not_found");
    let faults = app
        .call(
            "admin",
            "POST",
            &format!("{POLICY}/dry-run"),
            Some(json!({ "blocks": { "a": { "x": 1 } }, "limit": 201 })),
        )
        .await
        .faults();
    let expected = [("body.blocks.a.x", "unknown_field"), ("body.limit", "out_of_range")];
    assert_eq!(faults, expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
}

/// Enforced for nobody who is there, a review waits for an administrator: the answer says so, and the policy is put.
#[tokio::test]
async fn a_rule_that_is_enforced_for_nobody_who_is_there_is_put_with_a_warning() {
    let app = TestApp::new().await;
    let rule = |actor: &str, enforce: bool, to: &str| {
        let on_overdue = json!({ "action": "escalate", "escalate_to": to });
        json!({
            "assign": { "groups": ["nobodies"], "actors": [actor], "enforce": enforce },
            "due_in_seconds": 600, "on_overdue": on_overdue,
        })
    };
    for (stamp, (rule, fields)) in [
        (rule("user_42", true, "user_17"), vec![]),
        (rule("nobody", false, "nobody"), vec![]),
        (rule("nobody", true, "user_17"), vec!["b.assign"]),
        (rule("user_42", true, "nobody"), vec!["b.on_overdue.escalate_to"]),
        (rule("nobody", true, "nobodies"), vec!["b.assign", "b.on_overdue.escalate_to"]),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = done(put(&app, stamp as u64, &json!({ "b": rule })).await);
        let warnings = answer["warnings"].as_array().cloned().unwrap_or_default();
        let named: Vec<&str> = warnings.iter().map(|it| it["field"].as_str().unwrap()).collect();
        let fields: Vec<String> = fields.iter().map(|it| format!("body.blocks.{it}")).collect();
        assert_eq!(named, fields, "{rule}");
        assert_eq!(answer["rev"], stamp as u64 + 1);
    }
    // A member counts, who may have no key.
    let (member, _) = app.member("org_a", "lee", &[]).await;
    let id = member.actor.id.as_str();
    let answer = done(put(&app, 5, &json!({ "b": rule(id, true, id) })).await);
    assert_eq!(answer.get("warnings"), None);
}
