//! A review whose output came with a schema and likelihoods, without JavaScript: what its page says, and what is saved.

use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use shared::store::Meter;
use tests::reader::Reader;
use tests::{Answer, TestApp, opening};

const PAGE: &str = "/inbox/reviews/run_abc123/block_extract";

async fn opened(app: &TestApp) -> Reader {
    let mut body = opening("run_abc123", "block_extract", 0);
    body["snapshot"] = json!({
        "due_date": "2026-06-10", "vat_number": null, "total": 12.5,
        "lines": [{ "amount": 10 }, { "amount": 2.5 }],
    });
    body["json_schema"] = json!({
        "type": "object", "required": ["due_date", "order_number"],
        "properties": {
            "due_date": { "anyOf": [{ "type": "string", "format": "date" }, { "type": "null" }], "title": "Pay by" },
            "vat_number": { "type": ["string", "null"] }, "order_number": { "type": "string", "pattern": "^PO-[0-9]+$" },
            "total": { "type": "number" },
        },
    });
    body["likelihoods"] = json!({ "due_date": 0.83, "lines": [{}, { "amount": 0.4 }] });
    app.call("agent", "POST", tests::REVIEWS, Some(body)).await;
    app.reader("dana").await
}

async fn send(app: &TestApp, reader: &Reader, action: &str, stamp: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = [&[("version_stamp", stamp), ("base_seq", stamp)], fields].concat();
    app.send(app.send_form(reader, &format!("{PAGE}/{action}"), &fields)).await
}

async fn newest(app: &TestApp) -> Value {
    app.get().await.ok()["versions"].as_array().unwrap().last().unwrap().clone()
}

#[tokio::test]
async fn the_page_says_what_to_check_and_only_reviews_with_evidence_cost_a_read_more() {
    let app = TestApp::new().await;
    let reader = opened(&app).await;
    let (page, usage) = Meter::measure(app.send(app.visit(&reader, PAGE))).await;
    assert_eq!((page.status, usage.calls), (StatusCode::OK, 4), "{usage:?}");
    for shown in [
        "data-path=\"/due_date\" data-kind=\"date\" data-likelihood=\"0.83\" data-check=\"likelihood\"",
        ">Pay by",
        "data-path=\"/lines/1/amount\" data-kind=\"number\" data-likelihood=\"0.40\" data-check=\"likelihood\"",
        "is required, and missing",
        "adds up to Total",
    ] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let to_check = app.send(app.visit(&reader, &format!("{PAGE}?show=check"))).await;
    assert!(to_check.text.contains("data-path=\"/total\" data-kind=\"number\" hidden"), "{}", to_check.text);
}

#[tokio::test]
async fn values_are_saved_as_the_schema_has_them_and_reasons_go_into_the_note() {
    let app = TestApp::new().await;
    let reader = opened(&app).await;
    let doubtful = [("f/due_date", "11/05/2026"), ("k/due_date", "as-date")];
    let asked = send(&app, &reader, "save", "0", &doubtful).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.text.contains("could be 11 May 2026 or 5 November 2026"), "{}", asked.text);
    let typed = [
        ("f/due_date", "11.05.26"),
        ("k/due_date", "as-date"),
        ("f/vat_number", ""),
        ("k/vat_number", "illegible"),
        ("n/order_number", "4711"),
        ("k/order_number", "as-text"),
        ("note", "by phone"),
    ];
    send(&app, &reader, "save", "0", &typed).await.goes_to(&format!("{PAGE}?done=saved"));
    let saved = newest(&app).await;
    assert_eq!(
        (
            &saved["snapshot"]["due_date"],
            &saved["snapshot"]["vat_number"],
            &saved["snapshot"]["order_number"]
        ),
        (&json!("2026-05-11"), &json!(null), &json!("4711"))
    );
    assert_eq!(saved["note"], "by phone\nVAT number: illegible");
    // What does not fit the schema is saved, and said.
    let page = app.send(app.visit(&reader, PAGE)).await;
    assert!(page.text.contains("does not have the form ^PO-[0-9]+$"), "{}", page.text);
}

#[tokio::test]
async fn a_change_is_taken_back_without_a_script() {
    let app = TestApp::new().await;
    let reader = opened(&app).await;
    let typed = [("f/total", "13"), ("f/due_date", "2026-06-11"), ("k/due_date", "as-date")];
    let form = send(&app, &reader, "form", "0", &typed).await;
    assert!(form.text.contains("name=\"undo\" value=\"/total\""), "{}", form.text);
    let undone = send(&app, &reader, "form", "0", &[&typed[..], &[("undo", "/total")]].concat()).await;
    assert!(undone.text.contains("name=\"f/total\" value=\"12.5\""), "{}", undone.text);
    assert!(undone.text.contains("name=\"f/due_date\" value=\"2026-06-11\""), "{}", undone.text);
    send(&app, &reader, "save", "0", &[("f/total", "13")]).await.goes_to(&format!("{PAGE}?done=saved"));
    // What the model said can be had back after saving, too.
    let page = app.send(app.visit(&reader, PAGE)).await;
    assert!(page.text.contains("name=\"back\" value=\"6:/total12.5\""), "{}", page.text);
    let back = send(&app, &reader, "save", "1", &[("f/total", "13"), ("back", "6:/total12.5")]).await;
    back.goes_to(&format!("{PAGE}?done=saved"));
    assert_eq!(newest(&app).await["snapshot"]["total"], json!(12.5));
}
