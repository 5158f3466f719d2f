//! `POST /v1/workflows/gate`: whether an output needs a person.

use jsonschema::validator_for;
use lambda_http::Body;
use serde_json::{Value, json};
use tests::{Answer, REVIEW, REVIEWS, TestApp, gating, opening};

const GATE: &str = "/v1/workflows/gate";

async fn ask(app: &TestApp, body: Value) -> Answer {
    app.call("agent", "POST", GATE, Some(body)).await
}

fn body(predicate: Value) -> Value {
    gating("run_abc123", "block_extract", predicate)
}

fn low_total(threshold: f64) -> Value {
    json!({ "kind": "field_confidence_lt", "path": "total", "threshold": threshold })
}

#[tokio::test]
async fn what_is_held_is_opened_as_open_would_with_the_first_predicate_that_fired() {
    let app = TestApp::new().await;
    let mut asked = body(json!({ "kind": "any_of", "predicates": [
        { "kind": "field_confidence_lt", "path": "vendor", "threshold": 0.9 }, low_total(0.9), { "kind": "always" },
    ] }));
    asked["likelihoods"] = json!({ "total": 0.71, "vendor": 0.99 });
    let answer = ask(&app, asked.clone()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let (mut held, evaluation) = (answer.body["overlay"].clone(), answer.body["evaluation"].clone());
    assert_eq!((&answer.body["held"], &held["has_evaluation"]), (&json!(true), &json!(true)));
    assert_eq!(held["triggered_by"], low_total(0.9));
    let leaf = |path: &str, actual: f64, fired: bool, reason: &str| {
        json!({
            "kind": "field_confidence_lt", "path": path, "operator": "is_less_than", "expected": 0.9, "actual": actual,
            "fired": fired, "outcome": if fired { "met" } else { "not_met" }, "place": format!("/{path}"), "count": 1,
            "reason": reason, "evaluations": [],
        })
    };
    let always = json!({
        "kind": "always", "path": null, "operator": null, "expected": null, "actual": null, "fired": true,
        "outcome": "met", "reason": "every run is reviewed", "evaluations": [],
    });
    let expected = json!([{
        "kind": "any_of", "path": null, "operator": "or", "expected": null, "actual": null, "fired": true,
        "outcome": "met", "reason": "2 of 3 fired",
        "evaluations": [
            leaf("vendor", 0.99, false, "the likelihood of /vendor is 0.99, not below 0.9"),
            leaf("total", 0.71, true, "the likelihood of /total is 0.71, below 0.9"),
            always,
        ],
    }]);
    assert_eq!(evaluation, expected);

    // It is stored with the review, and returned with the evidence alone.
    let evidence = app.call("dana", "GET", &format!("{REVIEW}/evidence"), None).await.ok();
    assert_eq!((&evidence["evaluation"], &evidence["likelihoods"]), (&expected, &asked["likelihoods"]));
    let read = app.get().await.ok();
    assert_eq!(read, held);
    let rows = app.call("dana", "GET", REVIEWS, None).await.ok();
    assert_eq!((&rows["data"][0]["has_evaluation"], rows["data"][0].get("evaluation")), (&json!(true), None));

    // Nothing else tells it from what `open` opens.
    let other = TestApp::new().await;
    let mut same = opening("run_abc123", "block_extract", 0);
    (same["triggered_by"], same["likelihoods"]) = (low_total(0.9), asked["likelihoods"].clone());
    let mut opened = other.call("agent", "POST", REVIEWS, Some(same)).await.body;
    for overlay in [&mut held, &mut opened] {
        overlay["audit"][0]["entry_id"].take();
        overlay.as_object_mut().unwrap().remove("has_evaluation");
    }
    assert_eq!(held, opened);
    let evidence = other.call("dana", "GET", &format!("{REVIEW}/evidence"), None).await.ok();
    assert_eq!(evidence["evaluation"], json!([]));
}

#[tokio::test]
async fn what_is_not_held_and_a_dry_run_store_nothing() {
    let app = TestApp::new().await;
    let mut passed = body(low_total(0.5));
    passed["likelihoods"] = json!({ "total": 0.71, "vendor": 0.99 });
    // An upload that does not exist is looked for only where a review would name it.
    let source = json!({ "kind": "upload", "document_id": "doc_none" });
    passed["documents"] =
        json!([{ "id": "a", "filename": "a.pdf", "mime_type": "application/pdf", "source": source }]);
    let answer = ask(&app, passed.clone()).await.ok();
    assert_eq!(
        (&answer["held"], &answer["overlay"], &answer["evaluation"][0]["fired"]),
        (&json!(false), &Value::Null, &json!(false))
    );
    passed["dry_run"] = json!(true);
    assert_eq!(ask(&app, passed.clone()).await.ok(), answer);
    passed["predicate"] = low_total(0.9);
    let dry = ask(&app, passed.clone()).await.ok();
    assert_eq!(
        (&dry["held"], &dry["overlay"], &dry["evaluation"][0]["fired"]),
        (&json!(true), &Value::Null, &json!(true))
    );
    app.get().await.error(404, "review_not_found");
    assert_eq!(app.call("dana", "GET", REVIEWS, None).await.ok()["data"], json!([]));
    passed["dry_run"] = json!(false);
    let faults = ask(&app, passed).await.faults();
    assert_eq!(faults, [("body.documents.0.source.document_id".to_owned(), "invalid_value".to_owned())]);
}

#[tokio::test]
async fn the_same_request_is_the_same_review_with_the_evaluation_that_is_stored() {
    let app = TestApp::new().await;
    let any_of = |second: Value| json!({ "kind": "any_of", "predicates": [{ "kind": "always" }, second] });
    let first = ask(&app, body(any_of(low_total(0.9)))).await;
    assert_eq!(first.status, 201);
    app.clock.advance_seconds(5);
    let again = ask(&app, body(any_of(low_total(0.9)))).await;
    assert_eq!((again.status.as_u16(), &again.body), (200, &first.body));
    let claimed = app.claim("dana", 0, 900).await.ok();
    let again = ask(&app, body(any_of(low_total(0.9)))).await.ok();
    assert_eq!((&again["overlay"], &again["evaluation"]), (&claimed, &first.body["evaluation"]));
    // A predicate that did not decide is no part of the review's content: what is answered is what is stored.
    let other = ask(&app, body(any_of(json!({ "kind": "sample", "percent": 0 })))).await.ok();
    assert_eq!(other["evaluation"], first.body["evaluation"]);
    // The one that did is.
    let detail = ask(&app, body(low_total(0.9))).await.error(409, "review_exists");
    assert_eq!(detail["details"]["differs"], json!(["triggered_by"]));
    // What `open` opened for the same reason is the same review; it has no evaluation, so the answer has its own.
    app.call("agent", "POST", REVIEWS, Some(opening("run_2", "block_extract", 0))).await;
    let answer = ask(&app, gating("run_2", "block_extract", json!({ "kind": "always" }))).await;
    assert_eq!((answer.status.as_u16(), &answer.body["evaluation"][0]["kind"]), (200, &json!("always")));
    assert_eq!(answer.body["overlay"].get("has_evaluation"), None);
}

/// The run and the block are the key of an opening; it has no other. `1.0` and `1.00` are other digits, and another predicate.
#[tokio::test]
async fn an_idempotency_key_does_not_replace_the_run_and_the_block() {
    let app = TestApp::new().await;
    let ask = async |path: &str, body: &Value| {
        let mut request = app.request("agent", "POST", path, Body::Text(body.to_string()));
        request.headers_mut().insert("idempotency-key", "once".parse().unwrap());
        app.send(request).await
    };
    let mut asked = body(json!({ "kind": "always" }));
    assert_eq!(ask(GATE, &asked).await.status, 201);
    assert_eq!(ask(GATE, &asked).await.status, 200);
    asked["snapshot"] = json!({ "total": 13 });
    ask(GATE, &asked).await.error(409, "review_exists");
    let mut opened = opening("run_2", "block_extract", 0);
    assert_eq!(ask(REVIEWS, &opened).await.status, 201);
    opened["snapshot"] = json!({ "total": 13 });
    ask(REVIEWS, &opened).await.error(409, "review_exists");
}

#[tokio::test]
async fn another_output_is_refused_adopted_or_supersedes_as_with_open() {
    let app = TestApp::new().await;
    let first = ask(&app, body(json!({ "kind": "always" }))).await.body;
    let other = |if_exists: &str| {
        let mut other = body(json!({ "kind": "always" }));
        (other["snapshot"], other["if_exists"]) = (json!({ "total": 13 }), json!(if_exists));
        other
    };
    ask(&app, other("reject")).await.error(409, "review_exists");
    assert_eq!(ask(&app, other("adopt")).await.ok()["overlay"], first["overlay"]);
    let superseded = ask(&app, other("supersede")).await.ok();
    assert_eq!((&superseded["held"], &superseded["overlay"]["head_seq"]), (&json!(true), &json!(1)));
    let evidence = app.call("dana", "GET", &format!("{REVIEW}/evidence"), None).await.ok();
    assert_eq!(evidence["evaluation"], first["evaluation"], "it never changes");
    app.approve("dana", 1).await.ok();
    ask(&app, other("supersede")).await.ok();
    let mut third = other("supersede");
    third["snapshot"] = json!({ "total": 14 });
    ask(&app, third).await.error(409, "review_not_open");
}

#[tokio::test]
async fn a_key_that_may_not_read_gets_what_it_has_opened() {
    let app = TestApp::new().await;
    let runtime = app.key_for("org_a", "agent", "runner", &[shared::store::Scope::Runtime]).await;
    let ask = async |predicate: Value| {
        let request = lambda_http::http::Request::post(GATE).header("api-key", &runtime);
        app.send(request.body(body(predicate).to_string().into()).unwrap()).await
    };
    let held = ask(json!({ "kind": "always" })).await;
    assert_eq!(held.status, 201, "{}", held.text);
    app.claim("dana", 0, 900).await.ok();
    let again = ask(json!({ "kind": "always" })).await.ok();
    assert_eq!(again["overlay"]["audit"].as_array().map(Vec::len), Some(1), "nothing of what others did");
    assert_eq!(again["evaluation"], held.body["evaluation"]);
}

#[tokio::test]
async fn a_predicate_is_required_and_the_error_says_what_to_do() {
    let app = TestApp::new().await;
    let mut asked = body(json!({}));
    asked.as_object_mut().unwrap().remove("predicate");
    let detail = ask(&app, asked).await.error(422, "validation_error");
    let error = &detail["details"]["errors"][0];
    assert_eq!((&error["loc"], &error["code"]), (&json!(["body", "predicate"]), &json!("missing")));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("no policy") && message.contains("always"), "{message}");
    let faults = ask(&app, body(Value::Null)).await.faults();
    assert_eq!(faults, [("body.predicate".to_owned(), "missing".to_owned())]);
}

#[tokio::test]
async fn all_faults_of_a_predicate_are_said_at_once_each_at_its_place() {
    let app = TestApp::new().await;
    let condition = |condition: Value| json!({ "kind": "json_condition", "condition": { "logical_operator": "and", "sub_conditions": [condition] } });
    let below = "body.predicate.condition.sub_conditions.0";
    for (predicate, faults) in [
        (json!([]), vec![("body.predicate", "wrong_type")]),
        (json!({}), vec![("body.predicate.kind", "missing")]),
        (json!({ "kind": "never" }), vec![("body.predicate.kind", "invalid_value")]),
        (
            json!({ "kind": "always", "threshold": 1, "x": 1 }),
            vec![("body.predicate.threshold", "unknown_field"), ("body.predicate.x", "unknown_field")],
        ),
        (json!({ "kind": "confidence_lt" }), vec![("body.predicate.threshold", "missing")]),
        (
            json!({ "kind": "confidence_lt", "threshold": 1.01 }),
            vec![("body.predicate.threshold", "out_of_range")],
        ),
        (
            json!({ "kind": "confidence_lt", "threshold": "0.9" }),
            vec![("body.predicate.threshold", "wrong_type")],
        ),
        (
            json!({ "kind": "field_confidence_lt", "path": "a..b", "threshold": -1 }),
            vec![("body.predicate.path", "invalid_value"), ("body.predicate.threshold", "out_of_range")],
        ),
        (json!({ "kind": "sample", "percent": 101 }), vec![("body.predicate.percent", "out_of_range")]),
        (
            json!({ "kind": "category_in", "categories": [] }),
            vec![("body.predicate.kind", "not_allowed"), ("body.predicate.categories", "out_of_range")],
        ),
        (
            json!({ "kind": "split_count_neq", "expected": 1.5 }),
            vec![("body.predicate.kind", "not_allowed"), ("body.predicate.expected", "wrong_type")],
        ),
        (json!({ "kind": "any_of", "predicates": [] }), vec![("body.predicate.predicates", "out_of_range")]),
        (
            json!({ "kind": "all_of", "predicates": [7, { "kind": "x" }, { "kind": "top_margin_lt", "margin": 2 }, { "kind": "any_of" }] }),
            vec![
                ("body.predicate.predicates.0", "wrong_type"),
                ("body.predicate.predicates.1.kind", "invalid_value"),
                ("body.predicate.predicates.2.kind", "not_allowed"),
                ("body.predicate.predicates.2.margin", "out_of_range"),
                ("body.predicate.predicates.3.predicates", "missing"),
            ],
        ),
        (
            condition(json!({ "path": "", "operator": "is", "value": null, "x": 1 })),
            vec![
                (&format!("{below}.path"), "out_of_range"),
                (&format!("{below}.operator"), "invalid_value"),
                (&format!("{below}.x"), "unknown_field"),
            ],
        ),
        (
            condition(json!({ "path": "a", "operator": "is_less_than" })),
            vec![(&format!("{below}.value"), "missing")],
        ),
        (
            condition(json!({ "path": "a", "operator": "exists", "value": 1 })),
            vec![(&format!("{below}.value"), "not_allowed")],
        ),
        (
            condition(json!({ "path": "a", "operator": "is_after", "value": "soon" })),
            vec![(&format!("{below}.value"), "invalid_value")],
        ),
        (
            condition(json!({ "path": "a", "operator": "matches_regex", "value": "(?=x)" })),
            vec![(&format!("{below}.value"), "invalid_value")],
        ),
        (
            condition(json!({ "path": "a", "operator": "is_equal_to", "value": "x".repeat(1023) })),
            vec![(&format!("{below}.value"), "out_of_range")],
        ),
    ] {
        let mut asked = body(predicate.clone());
        asked["dry_run"] = json!("yes");
        let found = ask(&app, asked).await.faults();
        let mut expected: Vec<(String, String)> =
            faults.into_iter().map(|(place, code)| (place.to_owned(), code.to_owned())).collect();
        expected.push(("body.dry_run".into(), "wrong_type".into()));
        assert_eq!(found, expected, "{predicate}");
    }
    let mut asked = body(json!({ "kind": "always" }));
    asked["triggered_by"] = json!({ "kind": "always" });
    assert_eq!(
        ask(&app, asked).await.faults(),
        [("body.triggered_by".to_owned(), "unknown_field".to_owned())]
    );
}

#[tokio::test]
async fn predicates_have_bounds() {
    let app = TestApp::new().await;
    let always = || json!({ "kind": "always" });
    let nested = |levels: usize| {
        (1..levels).fold(always(), |inner, _| json!({ "kind": "any_of", "predicates": [inner] }))
    };
    let many = |count: usize| json!({ "kind": "any_of", "predicates": vec![always(); count] });
    let dry = async |predicate: Value| {
        let mut asked = body(predicate);
        asked["dry_run"] = json!(true);
        ask(&app, asked).await
    };
    for predicate in [nested(8), many(49)] {
        assert_eq!(dry(predicate).await.ok()["held"], true);
    }
    let place = "body.predicate.".to_owned() + &"predicates.0.".repeat(8) + "kind";
    assert_eq!(dry(nested(9)).await.faults(), [(place, "out_of_range".to_owned())]);
    assert_eq!(
        dry(many(50)).await.faults(),
        [("body.predicate.predicates.49.kind".to_owned(), "out_of_range".to_owned())]
    );
    // Conditions count; and so do all levels together.
    let exists = json!({ "path": "a", "operator": "exists" });
    let condition = |count: usize| json!({ "kind": "json_condition", "condition": { "logical_operator": "or", "sub_conditions": vec![exists.clone(); count] } });
    assert_eq!(dry(condition(49)).await.ok()["held"], false);
    let found = dry(condition(50)).await.faults();
    assert_eq!(
        found,
        [("body.predicate.condition.sub_conditions.49.path".to_owned(), "out_of_range".to_owned())]
    );
    let wide = json!({ "kind": "any_of", "predicates": vec![many(30); 40] });
    assert_eq!(dry(wide).await.faults().len(), 1, "it is said once");
    // What fired is the review's `triggered_by`, which is bounded.
    let long = |count: usize| {
        json!({ "kind": "json_condition", "condition": { "logical_operator": "or", "sub_conditions":
        vec![json!({ "path": "vendor", "operator": "is_not_equal_to", "value": "x".repeat(900) }); count] } })
    };
    assert_eq!(dry(long(3)).await.ok()["held"], true);
    assert_eq!(dry(long(5)).await.faults(), [("body.predicate.kind".to_owned(), "out_of_range".to_owned())]);
    let in_all = json!({ "kind": "any_of", "predicates": vec![long(3); 6] });
    assert_eq!(dry(in_all).await.faults(), [("body.predicate".to_owned(), "out_of_range".to_owned())]);
    // Such a predicate opens a review all the same.
    let held = ask(&app, body(long(4))).await;
    assert_eq!(held.status, 201, "{}", held.text);
}

/// The examples of the description: each is what its schema says, and what the gate takes.
#[tokio::test]
async fn each_example_of_a_predicate_is_taken_for_its_blocks() {
    let app = TestApp::new().await;
    let document: Value = serde_json::from_str(docs::PAGES[0].text).unwrap();
    let schema = json!({ "$ref": "#/components/schemas/Predicate", "components": document["components"] });
    let validator = validator_for(&schema).unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for (name, example) in endpoints::named("gate").unwrap().schema_examples {
        let predicate: Value = serde_json::from_str(example).unwrap();
        assert!(validator.is_valid(&predicate), "{name}");
        assert!(
            document["components"]["schemas"][name]["examples"].as_array().unwrap().contains(&predicate),
            "{name}"
        );
        let mut taken = 0;
        for block in ["extract", "classifier", "split", "conditional"] {
            let mut asked = body(predicate.clone());
            (asked["block_type"], asked["dry_run"]) = (json!(block), json!(true));
            let answer = ask(&app, asked).await;
            assert!([200, 422].contains(&answer.status.as_u16()), "{name}: {}", answer.text);
            taken += usize::from(answer.status == 200);
        }
        assert!(taken > 0, "{name}");
        kinds.insert(predicate["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds.len(), 15);
    for (predicate, is_valid) in [
        (json!({ "kind": "any_of", "predicates": [] }), false),
        (json!({ "kind": "always", "x": 1 }), false),
        (
            json!({ "kind": "all_of", "predicates": [{ "kind": "any_of", "predicates": [{ "kind": "always" }] }] }),
            true,
        ),
        (
            json!({ "kind": "all_of", "predicates": [{ "kind": "any_of", "predicates": [{ "kind": "x" }] }] }),
            false,
        ),
    ] {
        assert_eq!(validator.is_valid(&predicate), is_valid, "{predicate}");
    }
}

/// What hostile content an output has comes back bounded, as JSON.
#[tokio::test]
async fn what_was_there_is_bounded_in_the_answer() {
    let app = TestApp::new().await;
    let condition = |operator: &str| json!({ "path": "text", "operator": operator });
    let mut asked =
        body(json!({ "kind": "json_condition", "condition": { "logical_operator": "or", "sub_conditions":
        vec![condition("is_not_empty"), condition("exists"), condition("is_true")] } }));
    asked["snapshot"] = json!({ "text": "\u{202e}<script>\"".repeat(100_000) });
    let answer = ask(&app, asked).await;
    assert_eq!(answer.status, 201);
    let evaluation = answer.body["evaluation"].to_string();
    assert!(evaluation.len() < 10_000, "{}", evaluation.len());
    let wide: Vec<Value> = (0..10_000).map(|row| json!({ "amount": row, "text": "x" })).collect();
    let mut asked = gating(
        "run_2",
        "block",
        json!({ "kind": "all_of", "predicates": [
        { "kind": "field_confidence_lt", "path": "rows.*.amount", "threshold": 0.9 }, { "kind": "confidence_lt", "threshold": 0.9 },
    ] }),
    );
    asked["snapshot"] = json!({ "rows": wide });
    let answer = ask(&app, asked).await;
    assert_eq!(answer.status, 201);
    let reason = "no likelihood was sent for /rows/0/amount, and 9999 more, which counts as below 0.9";
    assert_eq!(answer.body["evaluation"][0]["evaluations"][0]["reason"], reason);
}
