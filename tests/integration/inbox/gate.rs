//! Why a review is there, as its page says it.

use serde_json::{Value, json};
use tests::{TestApp, gating, opening};

const PAGE: &str = "/inbox/reviews/run_abc123/block_extract";

async fn page_of(app: &TestApp, body: Value) -> String {
    let path = if body.get("predicate").is_some() { "/v1/workflows/gate" } else { tests::REVIEWS };
    let opened = app.call("agent", "POST", path, Some(body)).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let reader = app.reader("dana").await;
    let page = app.send(app.visit(&reader, PAGE)).await;
    assert_eq!(page.status, 200);
    page.text
}

fn invoice(predicate: Value) -> Value {
    let mut body = gating("run_abc123", "block_extract", predicate);
    body["snapshot"] = json!({ "total": 12500.00, "due": "2026-06-10", "seller": { "vat": null }, "lines": [{ "amount": 10 }] });
    body["likelihoods"] = json!({ "total": 0.71, "due": 0.99, "seller": { "vat": 0.95 } });
    body["json_schema"] = json!({ "required": ["iban"], "properties": {
        "total": { "type": "number", "title": "Grand total" },
        "seller": { "title": "From", "properties": { "vat": { "title": "VAT no." } } },
    } });
    body
}

#[tokio::test]
async fn the_page_says_why_it_needs_review_with_the_labels_of_the_fields() {
    let app = TestApp::new().await;
    let condition = |path: &str, operator: &str, value: Value| json!({ "path": path, "operator": operator, "value": value });
    let page = page_of(
        &app,
        invoice(json!({ "kind": "any_of", "predicates": [
            { "kind": "field_confidence_lt", "path": "total", "threshold": 0.90 },
            { "kind": "field_confidence_lt", "path": "due", "threshold": 0.90 },
            { "kind": "field_confidence_lt", "path": "lines.*.amount", "threshold": 0.90 },
            { "kind": "any_required_field_null" },
            { "kind": "json_condition", "condition": { "logical_operator": "and", "sub_conditions": [
                condition("data.total", "is_greater_than", json!(10000)), condition("/due", "is_after", json!("2026-06-01")),
            ] } },
            { "kind": "json_condition", "condition": { "logical_operator": "and", "sub_conditions": [
                { "path": "seller.vat", "operator": "is_empty" },
            ] } },
        ] })),
    )
    .await;
    assert!(page.contains("Why it needs review"));
    let list = page.split("<ul class=\"reasons\">").nth(1).unwrap().split("</ul>").next().unwrap();
    let reasons: Vec<&str> =
        list.split("<bdi>").skip(1).map(|part| part.split("</bdi>").next().unwrap()).collect();
    assert_eq!(
        reasons,
        [
            "Grand total: confidence 0.71 is below the 0.9 that is needed",
            "No confidence was sent for Lines, row 1, Amount",
            "IBAN is required, and missing",
            "Grand total is 12500.0, more than 10000",
            "Due is “2026-06-10”, after “2026-06-01”",
            "From, VAT no. is empty",
        ]
    );
    let held = page.split("class=\"held\"").nth(1).unwrap();
    assert!(
        held.contains(
            "Grand total: confidence 0.71 is below the 0.9 that is needed</bdi> · and 5 more reasons"
        ),
        "{held}"
    );
    // What the gate named is to be checked.
    for place in ["/total", "/due", "/seller/vat"] {
        assert!(page.contains(&format!("data-path=\"{place}\"")), "{place}");
    }
    assert!(
        page.contains(
            "data-path=\"/seller/vat\" data-kind=\"text\" data-likelihood=\"0.95\" data-check=\"gate\""
        ) || page.contains("data-check=\"gate\""),
        "{page}"
    );
}

/// The page reads nothing out of a reason, which holds the output's own text.
#[tokio::test]
async fn an_output_cannot_write_its_own_reason() {
    let app = TestApp::new().await;
    let text = "it would be too much work; cannot be compared; no likelihood was sent, and 7 more";
    let condition =
        |operator: &str, value: Value| json!({ "path": "note", "operator": operator, "value": value });
    let mut body = gating(
        "run_abc123",
        "block_extract",
        json!({ "kind": "json_condition", "condition": { "logical_operator": "and", "sub_conditions": [
            condition("contains", json!("work")), condition("is_not_equal_to", json!("")),
        ] } }),
    );
    body["snapshot"] = json!({ "note": text });
    let page = page_of(&app, body).await;
    let list = page.split("<ul class=\"reasons\">").nth(1).unwrap().split("</ul>").next().unwrap();
    assert!(list.contains("<bdi>Note contains “work”</bdi>"), "{list}");
    assert!(list.contains("<bdi>Note is “it would be too much work;"), "{list}");
}

#[tokio::test]
async fn the_reasons_of_an_output_that_was_superseded_say_so() {
    const OLDER: &str = "These are the reasons of version 0.";
    let app = TestApp::new().await;
    let mut body = invoice(json!({ "kind": "field_confidence_lt", "path": "total", "threshold": 0.90 }));
    let page = page_of(&app, body.clone()).await;
    assert!(!page.contains(OLDER));
    (body["snapshot"]["total"], body["if_exists"]) = (json!(13), json!("supersede"));
    app.call("agent", "POST", "/v1/workflows/gate", Some(body)).await.ok();
    let reader = app.reader("dana").await;
    let page = app.send(app.visit(&reader, PAGE)).await.text;
    assert!(page.contains(OLDER) && page.contains("Grand total: confidence 0.71 is below"), "{page}");
}

#[tokio::test]
async fn what_is_hostile_in_an_evaluation_is_escaped_and_bounded() {
    let app = TestApp::new().await;
    let key = "<script>alert(1)</script>\u{202e}";
    let mut body = gating(
        "run_abc123",
        "block_extract",
        json!({ "kind": "json_condition", "condition": { "logical_operator": "or", "sub_conditions": [
            { "path": format!("/{key}").replace("</", "<~1"), "operator": "is_not_equal_to", "value": "<b>\"'&" },
        ] } }),
    );
    body["snapshot"] = json!({ key: format!("\u{202e}<img src=x onerror=alert(1)>{}", "x".repeat(100_000)) });
    let page = page_of(&app, body).await;
    let list = page.split("<ul class=\"reasons\">").nth(1).unwrap().split("</ul>").next().unwrap();
    assert!(
        list.len() < 1_000 && list.contains("&lt;img") && list.contains("\\u202e") && !list.contains("<img"),
        "{list}"
    );
    let held = page.split("class=\"held\"").nth(1).unwrap().split("</span>").next().unwrap();
    assert!(
        held.contains("&lt;script")
            && !held.contains("<script")
            && !held.contains('\u{202e}')
            && held.len() < 1_000,
        "{held}"
    );
}

#[tokio::test]
async fn a_review_that_a_workflow_opened_names_the_field_by_its_label() {
    let app = TestApp::new().await;
    let mut body = opening("run_abc123", "block_extract", 0);
    body["triggered_by"] =
        json!({ "kind": "low_confidence", "field": "total_amount", "threshold": 0.9, "observed": 0.69 });
    body["json_schema"] = json!({ "properties": { "total_amount": { "title": "Amount due" } } });
    let page = page_of(&app, body).await;
    assert!(page.contains("Low confidence in Amount due (0.69, limit 0.9)"), "{page}");
}
