//! What comes with an output: documents, schema, likelihoods, sources, evidence.

use lambda_http::Body;
use lambda_http::http::{StatusCode, header};
use serde_json::{Value, json};
use shared::store::{Meter, Usage};
use tests::{Answer, REVIEW, REVIEWS, TestApp, opening};

/// An opening with all that can come with an output.
fn opening_with_all() -> Value {
    let mut body = opening("run_abc123", "block_extract", 0);
    let more = json!({
        "documents": [
            {
                "id": "invoice",
                "filename": "Rechnung Nr. 7 – Müller.pdf",
                "mime_type": "application/pdf",
                "source": { "kind": "upload", "document_id": "doc_1" },
            },
            {
                "id": "terms",
                "filename": "terms.tiff",
                "mime_type": "image/tiff",
                "source": { "kind": "s3", "bucket": "eu.inbox", "key": "2026/05/terms (1).tiff", "version_id": "v7" },
            },
        ],
        "json_schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": { "money": { "type": "number", "minimum": 0 } },
            "properties": { "total": { "$ref": "#/$defs/money", "title": "Total" } },
        },
        "likelihoods": { "total": 0.58, "vendor": null },
        "sources": {
            "total": {
                "value": 12.5,
                "source": {
                    "content": "12,50",
                    "anchor": {
                        "kind": "pdf_bbox", "document_id": "invoice",
                        "page": 1, "left": 0.5, "top": 0.25, "width": 0.125, "height": 0.0625,
                    },
                },
            },
        },
        "evidence": [
            {
                "path": "/total", "confidence": 0.58, "document_id": "invoice", "page": 1,
                "box": { "left": 0, "top": 0.25, "width": 1, "height": 1e-2 }, "text": "12,50",
            },
            { "path": "/vendor" },
        ],
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

const FIELDS: [&str; 5] = ["documents", "json_schema", "likelihoods", "sources", "evidence"];

async fn open(app: &TestApp, body: &Value) -> Answer {
    app.call("agent", "POST", REVIEWS, Some(body.clone())).await
}

async fn open_text(app: &TestApp, body: String) -> Answer {
    app.send(app.request("agent", "POST", REVIEWS, Body::Text(body))).await
}

async fn evidence(app: &TestApp) -> Answer {
    app.call("dana", "GET", &format!("{REVIEW}/evidence"), None).await
}

/// An opening that differs from a plain one in one field.
fn opening_with(field: &str, value: Value) -> Value {
    let mut body = opening("run_abc123", "block_extract", 0);
    body[field] = value;
    body
}

#[tokio::test]
async fn evidence_is_read_back_and_the_overlay_says_that_it_is_there() {
    let app = TestApp::new().await;
    let body = opening_with_all();
    let opened = open(&app, &body).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let labels = json!([
        { "id": "invoice", "filename": "Rechnung Nr. 7 – Müller.pdf", "mime_type": "application/pdf" },
        { "id": "terms", "filename": "terms.tiff", "mime_type": "image/tiff" },
    ]);
    app.claim("dana", 0, 900).await.ok();
    let listed = app.call("dana", "GET", REVIEWS, None).await.ok()["data"][0].clone();
    for shown in [opened.body, app.get().await.ok(), listed] {
        assert_eq!(shown["documents"], labels);
        assert_eq!((&shown["has_schema"], &shown["has_evidence"]), (&json!(true), &json!(true)));
        assert!(!shown.to_string().contains("likelihoods") && !shown.to_string().contains("doc_1"));
    }
    let read = evidence(&app).await.ok();
    for field in FIELDS {
        assert_eq!(read[field], body[field], "{field}");
    }
}

#[tokio::test]
async fn evidence_is_kept_as_the_text_that_came() {
    let app = TestApp::new().await;
    let likelihoods = r#"{"z": 1.0, "a":5e-1,  "n":{"b":[ ]}, "u":{"\u00e9é":0.50}}"#;
    let entries = r#"[ {"path" : "/a", "confidence":1.0E-1},{"text":"\u00e9é","path":"/b"} ]"#;
    let sources = r#"{"a":{"value":12345678901234567890.123456789,"source":null}}"#;
    let schema = r#"{"title":"x" , "minimum":1.00}"#;
    let body = opening("run_abc123", "block_extract", 0).to_string();
    let more = format!(
        r#","likelihoods":{likelihoods},"evidence":{entries},"sources":{sources},"json_schema":{schema}}}"#
    );
    let answer = open_text(&app, body.strip_suffix('}').unwrap().to_owned() + &more).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let read = evidence(&app).await;
    let whole = format!(
        r#"{{"documents":[],"json_schema":{schema},"likelihoods":{likelihoods},"sources":{sources},"evidence":{entries},"evaluation":[]}}"#
    );
    assert_eq!((read.status, read.text.as_str()), (StatusCode::OK, whole.as_str()));
}

#[tokio::test]
async fn a_review_without_evidence_says_nothing_of_it_and_has_an_empty_one() {
    let app = TestApp::new().await;
    let mut body = opening("run_abc123", "block_extract", 0);
    for field in ["documents", "evidence"] {
        body[field] = json!([]);
    }
    for field in ["json_schema", "likelihoods", "sources"] {
        body[field] = Value::Null;
    }
    let opened = open(&app, &body).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    for name in ["documents", "has_schema", "has_evidence", "has_evaluation"] {
        assert_eq!(opened.body.get(name), None);
    }
    // It is the same content as without these fields.
    assert_eq!(open(&app, &opening("run_abc123", "block_extract", 0)).await.status, 200);
    let empty = json!({
        "documents": [], "json_schema": null, "likelihoods": null, "sources": null, "evidence": [],
        "evaluation": [],
    });
    assert_eq!(evidence(&app).await.ok(), empty);
}

#[tokio::test]
async fn evidence_of_another_organization_or_of_no_review_is_not_found() {
    let app = TestApp::new().await;
    open(&app, &opening_with_all()).await;
    let path = format!("{REVIEW}/evidence");
    app.call("other", "GET", &path, None).await.error(404, "review_not_found");
    app.call("dana", "GET", &format!("{REVIEWS}/run_2/block/evidence"), None)
        .await
        .error(404, "review_not_found");
    app.call("runtime", "GET", &path, None).await.error(403, "forbidden");
    app.call("reader", "GET", &path, None).await.ok();
    let faults = app.call("dana", "GET", &format!("{path}?page=1"), None).await.faults();
    assert_eq!(faults, [("query.page".to_owned(), "unknown_field".to_owned())]);
}

#[tokio::test]
async fn evidence_never_changes_and_is_304_for_one_unit() {
    let app = TestApp::new().await;
    open(&app, &opening_with_all()).await;
    let first = evidence(&app).await;
    let tag = first.headers[header::ETAG].clone();
    app.claim("dana", 0, 900).await.ok();
    app.post("dana", "versions", json!({ "version_stamp": 1, "snapshot": { "total": 13 } })).await.ok();
    app.approve("dana", 2).await.ok();
    let mut request = app.request("dana", "GET", &format!("{REVIEW}/evidence"), Body::Empty);
    request.headers_mut().insert(header::IF_NONE_MATCH, tag);
    let (answer, usage) = Meter::measure(app.send(request)).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!((usage.calls, usage.read_units), (1, 1.0));
    assert_eq!(evidence(&app).await.text, first.text);
}

#[tokio::test]
async fn the_same_evidence_again_is_a_replay_and_other_evidence_is_named() {
    let app = TestApp::new().await;
    let body = opening_with_all();
    let opened = open(&app, &body).await.body;
    let respelled = body.to_string().replace(':', " : ");
    // Spacing inside texts is content.
    let respelled = respelled.replace("https : ", "https:");
    assert_eq!(open_text(&app, respelled).await.ok(), opened);
    let mut changes = vec![
        ("documents", "/documents/0/filename", json!("other.pdf")),
        ("documents", "/documents/0/source/document_id", json!("doc_2")),
        ("documents", "/documents/1/source/version_id", Value::Null),
        ("documents", "/documents/1/mime_type", json!("image/png")),
        ("json_schema", "/json_schema/properties/total/title", json!("Sum")),
        ("likelihoods", "/likelihoods/total", json!(0.580_000_1)),
        ("sources", "/sources/total/source/anchor/page", json!(2)),
        ("evidence", "/evidence/0/box/left", json!(0.5)),
    ];
    changes.extend(FIELDS[1..].iter().map(|field| (*field, "", Value::Null)));
    for (field, place, value) in changes {
        for if_exists in ["reject", "supersede"] {
            let mut other = body.clone();
            other["if_exists"] = json!(if_exists);
            if place.is_empty() {
                other.as_object_mut().unwrap().remove(field);
                if if_exists == "supersede" {
                    continue;
                }
            } else {
                *other.pointer_mut(place).unwrap() = value.clone();
            }
            let detail = open(&app, &other).await.error(409, "review_exists");
            assert_eq!(detail["details"]["differs"], json!([field]), "{if_exists} {place}");
        }
    }
    assert_eq!(app.get().await.ok(), opened);
}

#[tokio::test]
async fn adding_evidence_to_a_review_that_has_none_is_other_content() {
    let app = TestApp::new().await;
    app.open().await;
    let detail = open(&app, &opening_with_all()).await.error(409, "review_exists");
    assert_eq!(detail["details"]["differs"], json!(FIELDS));
    assert_eq!(evidence(&app).await.ok()["documents"], json!([]));
}

#[tokio::test]
async fn a_later_output_keeps_the_evidence_and_cannot_bring_its_own() {
    let app = TestApp::new().await;
    let body = opening_with_all();
    open(&app, &body).await;
    let before = evidence(&app).await.ok();
    let again = |mut body: Value, if_exists: &str| {
        body["snapshot"] = json!({ "total": 99, "vendor": "Northwind" });
        body["if_exists"] = json!(if_exists);
        body
    };
    // With other likelihoods: they would be those of another output than the documents are shown for.
    let mut other = again(body.clone(), "supersede");
    other["likelihoods"]["total"] = json!(0.99);
    other["documents"][0]["id"] = json!("letter");
    other["evidence"][0]["document_id"] = json!("letter");
    other["sources"]["total"]["source"]["anchor"]["document_id"] = json!("letter");
    let detail = open(&app, &other).await.error(409, "review_exists");
    let differs = json!(["documents", "likelihoods", "sources", "evidence"]);
    assert_eq!(detail["details"]["differs"], differs);
    assert_eq!(app.get().await.ok()["head_seq"], 0);
    // Adopting changes nothing, whatever comes.
    let adopted = open(&app, &again(other.clone(), "adopt")).await.ok();
    assert_eq!(adopted["documents"][0]["id"], "invoice");
    // With the same, or with none.
    assert_eq!(open(&app, &again(body, "supersede")).await.ok()["head_seq"], 1);
    let mut plain = again(opening("run_abc123", "block_extract", 0), "supersede");
    plain["snapshot"]["total"] = json!(100);
    let superseded = open(&app, &plain).await.ok();
    assert_eq!((&superseded["head_seq"], &superseded["has_evidence"]), (&json!(2), &json!(true)));
    assert_eq!(evidence(&app).await.ok(), before);
}

#[tokio::test]
async fn all_faults_of_the_evidence_are_listed_each_with_its_place() {
    let app = TestApp::new().await;
    let mut body = opening_with_all();
    body["documents"][0]["filename"] = json!("../../etc/passwd");
    body["documents"][0]["mime_type"] = json!("text/html; charset=utf-8");
    body["documents"][1]["id"] = json!("invoice");
    body["documents"][1]["source"]["bucket"] = json!("Not_A_Bucket");
    body["json_schema"]["properties"]["total"]["$ref"] = json!("https://example.com/money.json");
    body["likelihoods"] = json!({ "a": [0.5, 1.5, "0.5"], "b": { "c/d": true } });
    body["sources"]["total"]["source"]["anchor"]["left"] = json!(-0.1);
    body["sources"]["total"]["source"]["anchor"]["document_id"] = json!("terms");
    body["evidence"][0]["confidence"] = json!(1.0001);
    body["evidence"][0]["page"] = json!(0);
    body["evidence"][0]["document_id"] = json!("terms");
    body["evidence"][0]["box"] = json!({ "left": "0", "top": 2, "width": 1, "depth": 1 });
    body["evidence"][1]["path"] = json!("vendor");
    body["evidence"][1]["likelihood"] = json!(1);
    body["evidence"].as_array_mut().unwrap().extend([json!(null), json!([]), json!({})]);
    let faults = open(&app, &body).await.faults();
    let expected = [
        ("body.documents.0.filename", "invalid_value"),
        ("body.documents.0.mime_type", "invalid_value"),
        ("body.documents.1.id", "duplicate_field"),
        ("body.documents.1.source.bucket", "invalid_value"),
        ("body.json_schema./properties/total/$ref", "invalid_value"),
        ("body.likelihoods./a/1", "invalid_value"),
        ("body.likelihoods./a/2", "invalid_value"),
        ("body.likelihoods./b/c~1d", "invalid_value"),
        ("body.sources./total/source/anchor/document_id", "invalid_value"),
        ("body.sources./total/source/anchor/left", "invalid_value"),
        ("body.evidence.0.confidence", "out_of_range"),
        ("body.evidence.0.page", "out_of_range"),
        ("body.evidence.0.document_id", "invalid_value"),
        ("body.evidence.0.box.left", "wrong_type"),
        ("body.evidence.0.box.top", "out_of_range"),
        ("body.evidence.0.box.height", "missing"),
        ("body.evidence.0.box.depth", "unknown_field"),
        ("body.evidence.1.path", "invalid_value"),
        ("body.evidence.1.likelihood", "unknown_field"),
        ("body.evidence.2", "wrong_type"),
        ("body.evidence.3", "wrong_type"),
        ("body.evidence.4.path", "missing"),
    ];
    let faults: Vec<(&str, &str)> =
        faults.iter().map(|(place, code)| (place.as_str(), code.as_str())).collect();
    assert_eq!(faults, expected);
    app.get().await.error(404, "review_not_found");
}

fn document(id: &str, filename: &str) -> Value {
    json!({
        "id": id, "filename": filename, "mime_type": "application/pdf",
        "source": { "kind": "upload", "document_id": "doc_1" },
    })
}

#[tokio::test]
async fn documents_are_few_and_their_names_short() {
    let app = TestApp::new().await;
    let fault = async |documents: Value| open(&app, &opening_with("documents", documents)).await.faults();
    let many: Vec<Value> = (0..21).map(|index| document(&format!("d{index}"), "a.pdf")).collect();
    assert_eq!(fault(json!(many)).await, [("body.documents".to_owned(), "out_of_range".to_owned())]);
    let long: Vec<Value> = (0..17).map(|index| document(&format!("d{index}"), &"x".repeat(255))).collect();
    assert_eq!(fault(json!(long)).await, [("body.documents".to_owned(), "out_of_range".to_owned())]);
    for filename in ["..", ".", "a/b", "a\\b", "a\0b", "a\r\nb", "  ", ""] {
        let place = "body.documents.0.filename".to_owned();
        let faults = fault(json!([document("d", filename)])).await;
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].0, place, "{filename:?}");
    }
    for (changed, value, place) in [
        ("id", json!(".."), "id"),
        ("id", json!("x".repeat(65)), "id"),
        ("source", json!({ "kind": "upload" }), "source.document_id"),
        ("source", json!({ "kind": "ftp" }), "source.kind"),
        ("source", json!({ "kind": "upload", "document_id": "../x" }), "source.document_id"),
        ("source", json!({ "kind": "s3", "bucket": "abc", "key": "" }), "source.key"),
        ("source", json!({ "kind": "upload", "document_id": "d", "key": "k" }), "source.key"),
        ("source", json!("doc_1"), "source"),
        ("source", Value::Null, "source"),
    ] {
        let mut document = document("d", "a.pdf");
        document[changed] = value;
        let faults = fault(json!([document])).await;
        assert_eq!(faults[0].0, format!("body.documents.0.{place}"), "{document}");
    }
    let twenty: Vec<Value> = (0..20).map(|index| document(&format!("d{index}"), "a.pdf")).collect();
    assert_eq!(open(&app, &opening_with("documents", json!(twenty))).await.status, 201);
}

/// As large as all of these can be for Lambda's event to hold them: their quotation marks take two bytes each.
const LARGE: usize = 4 * 1024 * 1024;

#[tokio::test]
async fn evidence_that_is_a_bomb_is_refused_and_named() {
    let app = TestApp::new().await;
    let body = opening("run_abc123", "block_extract", 0).to_string();
    let body = body.strip_suffix('}').unwrap();
    let deep =
        |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    let wrong_leaves = format!("{{\"a\":[{}]}}", vec!["2"; LARGE / 2 - 100].join(","));
    let entries = |count: usize| format!("[{}]", vec!["{\"path\":\"/a\"}"; count].join(","));
    let boxes = format!("[{}]", vec!["{\"box\":7}"; 10_000].join(","));
    for (field, value, place, code) in [
        ("likelihoods", deep("{\"a\":", "}", LARGE / 6), "body.likelihoods", "invalid_value"),
        ("likelihoods", deep("{\"a\":", "}", 128), "body.likelihoods", "invalid_value"),
        ("sources", format!("{{\"a\":{}}}", deep("[", "]", 127)), "body.sources", "invalid_value"),
        ("json_schema", deep("{\"not\":", "}", 130), "body.json_schema", "invalid_value"),
        (
            "json_schema",
            format!("{{\"title\":\"{}\"}}", "x".repeat(300_000)),
            "body.json_schema",
            "out_of_range",
        ),
        ("json_schema", "[]".into(), "body.json_schema", "wrong_type"),
        ("json_schema", "{\"a\":1,\"a\":2}".into(), "body.json_schema", "invalid_value"),
        ("likelihoods", "{\"a\":NaN}".into(), "body", "invalid_json"),
        ("likelihoods", "{\"a\":1e400}".into(), "body.likelihoods", "invalid_value"),
        ("likelihoods", "[0.5]".into(), "body.likelihoods", "wrong_type"),
        ("likelihoods", wrong_leaves, "body.likelihoods./a/0", "invalid_value"),
        ("sources", "7".into(), "body.sources", "wrong_type"),
        ("evidence", entries(20_000), "body.evidence", "out_of_range"),
        ("evidence", format!("[{}]", vec!["1"; LARGE / 2 - 100].join(",")), "body.evidence", "out_of_range"),
        ("evidence", boxes, "body.evidence.0.path", "missing"),
        ("evidence", "{}".into(), "body.evidence", "wrong_type"),
        ("evidence", "[{\"path\":\"/a\",\"page\":1e9}]".into(), "body.evidence.0.page", "wrong_type"),
        (
            "evidence",
            "[{\"path\":\"/a\",\"text\":\"\\ud800\"}]".into(),
            "body.evidence.0.text",
            "invalid_value",
        ),
        ("documents", "{}".into(), "body.documents", "wrong_type"),
    ] {
        let answer = open_text(&app, format!("{body},\"{field}\":{value}}}")).await;
        assert!(answer.text.len() < 40_000, "{place}: {} bytes", answer.text.len());
        let faults = answer.faults();
        assert_eq!((faults[0].0.as_str(), faults[0].1.as_str()), (place, code), "{field}");
        assert!(faults.len() <= 100);
    }
    app.get().await.error(404, "review_not_found");
    // As much as there can be.
    assert_eq!(open_text(&app, format!("{body},\"evidence\":{}}}", entries(10_000))).await.status, 201);
    assert_eq!(evidence(&app).await.ok()["evidence"].as_array().unwrap().len(), 10_000);
}

/// Text that hardly compresses.
fn noise(seed: u64, bytes: usize) -> String {
    let mut state = seed;
    let mut text = String::with_capacity(bytes);
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(char::from(b'0' + u8::try_from((state >> 33) % 64).unwrap()).to_ascii_lowercase());
    }
    text.replace('\\', "_")
}

#[tokio::test]
async fn a_large_output_and_its_evidence_fit_one_transaction_or_are_refused() {
    let app = TestApp::new().await;
    let mut body = opening("run_abc123", "block_extract", 0);
    body["snapshot"] = json!({ "text": noise(1, 1_900_000) });
    body["sources"] = json!({ "text": { "value": noise(2, 1_900_000), "source": null } });
    let opened = open(&app, &body).await;
    assert_eq!(opened.status, 201, "{}", opened.text.chars().take(500).collect::<String>());
    assert_eq!(evidence(&app).await.ok()["sources"], body["sources"]);
    assert_eq!(app.get().await.ok()["versions"][0]["snapshot"], body["snapshot"]);
    body["run_id"] = json!("run_2");
    body["sources"] = json!({ "text": { "value": noise(2, 3_200_000), "source": null } });
    let detail = open(&app, &body).await.error(413, "snapshot_too_large");
    assert!(detail["message"].as_str().unwrap().contains("what came with it"), "{detail}");
}

#[tokio::test]
async fn no_evidence_costs_nothing_and_with_some_reads_stay_as_cheap() {
    let app = TestApp::new().await;
    let costs = async |body: Value| {
        let path =
            format!("{REVIEWS}/{}/{}", body["run_id"].as_str().unwrap(), body["block_id"].as_str().unwrap());
        let mut usages = Vec::new();
        let (opened, usage) = app.metered("agent", "POST", REVIEWS, Some(body)).await;
        assert_eq!(opened.status, 201, "{}", opened.text);
        usages.push(usage);
        let claim = json!({ "version_stamp": 0 });
        for (method, verb, body) in
            [("POST", "/claim", Some(claim)), ("GET", "", None), ("GET", "/evidence", None)]
        {
            let (answer, usage) = app.metered("dana", method, &format!("{path}{verb}"), body).await;
            answer.ok();
            usages.push(usage);
        }
        usages
    };
    let usage =
        |calls, round_trips, write_units, read_units| Usage { calls, round_trips, read_units, write_units };
    let plain = costs(opening("run_plain", "block", 0)).await;
    assert_eq!(
        plain,
        [usage(2, 2, 6.0, 1.0), usage(3, 1, 3.0, 0.5), usage(1, 1, 0.0, 1.0), usage(1, 1, 0.0, 1.0)]
    );
    let mut body = opening_with_all();
    body["sources"]["notes"] = json!(noise(3, 300_000));
    let with = costs(body).await;
    println!("with evidence: {with:?}");
    // EVIDENCE is read by nobody but who asks for it.
    assert_eq!(with[1], usage(3, 1, 3.0, 0.5));
    assert_eq!((with[2].calls, with[2].read_units), (1, 1.0));
    assert_eq!((with[3].calls, with[3].round_trips), (2, 2));
    assert!(with[3].read_units > 40.0);
}
