//! The inbox, when two people have changed one output: rows, conflicts, types.

use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use tests::reader::Reader;
use tests::{Answer, TestApp};

const PAGE: &str = "/inbox/reviews/run_abc123/block_extract";

fn rows(rows: &[(&str, i64)]) -> Value {
    let rows: Vec<Value> = rows.iter().map(|(sku, n)| json!({ "sku": sku, "n": n, "unit": "pc" })).collect();
    json!({ "rows": rows })
}

const ABCD: [(&str, i64); 4] = [("a", 1), ("b", 2), ("c", 3), ("d", 4)];

/// A review with this output, that somebody has corrected to the other while the reader had it open.
async fn met(first: Value, theirs: Value) -> (TestApp, Reader) {
    let app = TestApp::new().await;
    app.open().await;
    for (stamp, snapshot) in [(0, first), (1, theirs)] {
        app.post("ben", "versions", json!({ "version_stamp": stamp, "snapshot": snapshot })).await.ok();
    }
    let reader = app.reader("dana").await;
    (app, reader)
}

async fn save(app: &TestApp, reader: &Reader, seq: &str, fields: &[(&str, &str)]) -> Answer {
    let all = [&[("version_stamp", seq), ("base_seq", seq)], fields].concat();
    app.send(app.send_form(reader, &format!("{PAGE}/save"), &all)).await
}

async fn newest(app: &TestApp) -> Value {
    app.get().await.ok()["versions"].as_array().unwrap().last().unwrap()["snapshot"].clone()
}

#[tokio::test]
async fn a_deleted_row_shifts_nobodys_correction() {
    let (app, dana) = met(rows(&ABCD), rows(&[ABCD[0], ABCD[2], ABCD[3]])).await;
    let page = save(&app, &dana, "1", &[("f/rows/2/n", "33")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(!page.text.contains("Both of you changed"), "{}", page.text);
    assert!(page.text.contains("name=\"f/rows/1/n\" value=\"33\""), "{}", page.text);
    assert_eq!(save(&app, &dana, "2", &[("f/rows/1/n", "33")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(newest(&app).await, rows(&[("a", 1), ("c", 33), ("d", 4)]));
}

#[tokio::test]
async fn both_deletions_hold_and_both_new_rows_stand() {
    let theirs = rows(&[ABCD[1], ABCD[2], ABCD[3], ("theirs", 9)]);
    let (app, dana) = met(rows(&ABCD), theirs).await;
    let typed = [("x/rows/3", "1"), ("n/rows/sku", "mine"), ("n/rows/n", "8"), ("n/rows/unit", "pc")];
    let page = save(&app, &dana, "1", &typed).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    for shown in ["name=\"x/rows/2\" value=\"1\" checked", "name=\"n/rows/4.0/sku\" value=\"mine\""] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let shown = [
        ("x/rows/2", "1"),
        ("n/rows/4.0/sku", "mine"),
        ("k/rows/4.0/sku", "text"),
        ("n/rows/4.0/n", "8"),
        ("k/rows/4.0/n", "number"),
        ("n/rows/4.0/unit", "pc"),
        ("n/rows/sku", ""),
    ];
    assert_eq!(save(&app, &dana, "2", &shown).await.status, StatusCode::SEE_OTHER);
    assert_eq!(newest(&app).await, rows(&[("b", 2), ("c", 3), ("theirs", 9), ("mine", 8)]));
}

#[tokio::test]
async fn whose_value_it_shall_be_is_chosen_at_the_field() {
    let changed = [ABCD[0], ("b", 22), ABCD[2], ABCD[3]];
    let (app, dana) = met(rows(&ABCD), rows(&changed)).await;
    let page = save(&app, &dana, "1", &[("f/rows/1/n", "23"), ("f/rows/0/n", "10")]).await;
    assert_eq!(page.text.matches("Both of you changed: ").count(), 1);
    assert!(page.text.contains("name=\"t/rows/1/n\" value=\"mine\" checked"), "{}", page.text);
    assert!(!page.text.contains("name=\"t/rows/0/n\""));
    let (_, theirs) = page.text.split_once("name=\"t/rows/1/n\" value=\"theirs").unwrap();
    let theirs = format!("theirs{}", theirs.split('"').next().unwrap());
    // Theirs, but typed into after all: that is asked again, and saves nothing.
    let fields = |typed: &'static str| [("f/rows/0/n", "10"), ("f/rows/1/n", typed)];
    let both = [&fields("24")[..], &[("t/rows/1/n", theirs.as_str())]].concat();
    let asked = save(&app, &dana, "2", &both).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.text.contains("choose yours or theirs") && asked.text.contains("value=\"24\""));
    let chosen = [&fields("23")[..], &[("t/rows/1/n", theirs.as_str())]].concat();
    assert_eq!(save(&app, &dana, "2", &chosen).await.status, StatusCode::SEE_OTHER);
    assert_eq!(newest(&app).await, rows(&[("a", 10), ("b", 22), ("c", 3), ("d", 4)]));
}

#[tokio::test]
async fn a_row_that_was_taken_out_and_corrected_is_asked() {
    let (app, dana) = met(rows(&ABCD), rows(&[ABCD[0], ABCD[1], ABCD[3]])).await;
    let page = save(&app, &dana, "1", &[("f/rows/2/n", "33")]).await;
    assert!(page.text.contains("somebody else took it out"), "{}", page.text);
    assert!(
        page.text.contains("name=\"n/rows/2.0/n\" value=\"33\"") && page.text.contains("name=\"x/rows/2.0\"")
    );
    let mine = [("n/rows/2.0/sku", "c"), ("n/rows/2.0/n", "33"), ("n/rows/2.0/unit", "pc")];
    let theirs = [&mine[..], &[("x/rows/2.0", "1"), ("f/rows/0/n", "5")]].concat();
    save(&app, &dana, "2", &theirs).await;
    assert_eq!(newest(&app).await, rows(&[("a", 5), ("b", 2), ("d", 4)]));
    save(&app, &dana, "3", &mine).await;
    assert_eq!(newest(&app).await, rows(&[("a", 5), ("b", 2), ("c", 33), ("d", 4)]));
}

#[tokio::test]
async fn what_is_typed_into_a_null_has_a_type_and_null_can_be_chosen_again() {
    let app = TestApp::new().await;
    app.open().await;
    let first = json!({ "total_amount": null, "paid": null, "note": "x" });
    app.post("ben", "versions", json!({ "version_stamp": 0, "snapshot": first })).await.ok();
    let dana = app.reader("dana").await;
    let typed = [("f/total_amount", "8554.62"), ("f/paid", "true"), ("f/note", ""), ("k/note", "null")];
    let page = app
        .send(app.send_form(
            &dana,
            &format!("{PAGE}/merge"),
            &[&typed[..], &[("base_seq", "1"), ("version_stamp", "1")]].concat(),
        ))
        .await;
    assert!(page.text.contains("Will be saved as number 8554.62."), "{}", page.text);
    save(&app, &dana, "1", &typed).await;
    assert_eq!(newest(&app).await, json!({ "total_amount": 8554.62, "paid": true, "note": null }));
    save(&app, &dana, "2", &[("f/total_amount", ""), ("f/paid", ""), ("f/note", "12"), ("k/note", "text")])
        .await;
    assert_eq!(newest(&app).await, json!({ "total_amount": null, "paid": null, "note": "12" }));
}

#[tokio::test]
async fn a_mistake_in_json_names_its_line() {
    let app = TestApp::new().await;
    app.open().await;
    let dana = app.reader("dana").await;
    let wrong =
        save(&app, &dana, "0", &[("snapshot", "{\r\n  \"total\": 1,\r\n  \"vendor\" \"x\"\r\n}")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("is not valid JSON. Line 3, column"), "{}", wrong.text);
    let large = save(&app, &dana, "0", &[("snapshot", "{\"total\": 1e400}")]).await;
    assert!(large.text.contains("1e400, which is too large"), "{}", large.text);
}

#[tokio::test]
async fn a_version_can_be_had_as_it_was_stored() {
    let app = TestApp::new().await;
    app.open().await;
    let dana = app.reader("dana").await;
    let raw = app.send(app.visit(&dana, &format!("{PAGE}/versions/0"))).await;
    assert_eq!(
        (raw.status, serde_json::from_str::<Value>(&raw.text).unwrap()),
        (StatusCode::OK, newest(&app).await)
    );
    assert_eq!(raw.headers.get_all("content-type").iter().count(), 1);
    assert_eq!(raw.headers["content-type"], "application/json");
    assert!(raw.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(raw.headers["cache-control"], "no-store");
    for path in ["versions/1", "versions/x", "versions/-1"] {
        assert_eq!(app.send(app.visit(&dana, &format!("{PAGE}/{path}"))).await.status, StatusCode::NOT_FOUND);
    }
    let other = app.reader("other").await;
    let hidden = app.send(app.visit(&other, &format!("{PAGE}/versions/0"))).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_new_row_stays_one_when_something_else_is_done() {
    let app = TestApp::new().await;
    app.open().await;
    app.post("ben", "versions", json!({ "version_stamp": 0, "snapshot": rows(&ABCD) })).await.ok();
    let dana = app.reader("dana").await;
    let typed = [
        ("version_stamp", "1"),
        ("base_seq", "1"),
        ("n/rows/sku", "e"),
        ("n/rows/n", "5"),
        ("x/rows/0", "1"),
    ];
    let page = app.send(app.send_form(&dana, &format!("{PAGE}/claim"), &typed)).await;
    assert_eq!(page.status, StatusCode::OK);
    for shown in ["name=\"n/rows/sku\" value=\"e\"", "name=\"x/rows/0\" value=\"1\" checked"] {
        assert!(
            page.text.contains(shown) && !page.text.contains("id=\"snapshot\""),
            "{shown}: {}",
            page.text
        );
    }
}
