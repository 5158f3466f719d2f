//! Corrections, and snapshots of all sizes.

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::Body;
use lambda_http::http::header;
use serde_json::{Value, json};
use std::collections::HashMap;
use tests::{Answer, REVIEW, REVIEWS, TestApp, opening};

#[tokio::test]
async fn a_correction_is_a_new_version_on_top_of_the_newest() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("ben", 0, 900).await.ok();
    let body = json!({ "snapshot": { "total": 13 }, "version_stamp": 1, "note": "Misread digit" });
    let overlay = app.post("dana", "versions", body).await.ok();
    assert_eq!((&overlay["rev"], &overlay["head_seq"]), (&json!(2), &json!(1)));
    assert_eq!(overlay["status"], "awaiting_review");
    assert_eq!(overlay["claim"]["holder"]["id"], "user_17", "nobody's claim is touched");
    assert_eq!(
        overlay["versions"][1],
        json!({
            "seq": 1,
            "parent_seq": 0,
            "author": { "kind": "human", "id": "user_42", "display_name": "Dana Rivera" },
            "origin": "human_edit",
            "snapshot": { "total": 13 },
            // echo -n '{"total":13}' | sha256sum
            "content_sha256": "c3a655bcfcf2c823509ad128764983545662c4160a1383de2a812a4216067582",
            "note": "Misread digit",
            "created_at": "2026-05-13T08:55:00.000Z",
        })
    );
    assert_eq!(overlay["audit"][2]["detail"], json!({ "seq": 1, "origin": "human_edit" }));
    assert_eq!(app.get().await.ok(), overlay);
    let body = json!({ "snapshot": {}, "version_stamp": 2, "origin": "agent_edit" });
    let overlay = app.post("agent", "versions", body).await.ok();
    assert_eq!(
        (&overlay["versions"][2]["origin"], &overlay["versions"][2]["parent_seq"]),
        (&json!("agent_edit"), &json!(1))
    );
}

#[tokio::test]
async fn a_correction_is_checked_field_by_field() {
    let app = TestApp::new().await;
    app.open().await;
    for (body, loc, code) in [
        (json!({ "version_stamp": 0 }), "body.snapshot", "missing"),
        (json!({ "version_stamp": 0, "snapshot": [] }), "body.snapshot", "wrong_type"),
        (json!({ "snapshot": {} }), "body.version_stamp", "missing"),
        (
            json!({ "version_stamp": 0, "snapshot": {}, "origin": "model_output" }),
            "body.origin",
            "invalid_value",
        ),
        (
            json!({ "version_stamp": 0, "snapshot": {}, "note": "x".repeat(4001) }),
            "body.note",
            "out_of_range",
        ),
        (
            json!({ "version_stamp": 0, "snapshot": {}, "command_id": "a b" }),
            "body.command_id",
            "invalid_identifier",
        ),
        (json!({ "version_stamp": 0, "snapshot": {}, "seq": 1 }), "body.seq", "unknown_field"),
    ] {
        let answer = app.post("dana", "versions", body).await;
        assert_eq!(answer.faults(), [(loc.to_owned(), code.to_owned())]);
    }
    assert_eq!(app.get().await.ok()["rev"], 0);
}

#[tokio::test]
async fn one_version_can_be_read_alone() {
    let app = TestApp::new().await;
    app.open().await;
    let overlay =
        app.post("dana", "versions", json!({ "snapshot": { "b": 2 }, "version_stamp": 0 })).await.ok();
    for seq in [0, 1] {
        let answer = app.call("dana", "GET", &format!("{REVIEW}/versions/{seq}"), None).await;
        assert!(answer.headers.contains_key(header::ETAG));
        assert_eq!(answer.ok(), overlay["versions"][seq]);
    }
    for missing in ["2", "4294967295"] {
        let path = format!("{REVIEW}/versions/{missing}");
        app.call("dana", "GET", &path, None).await.error(404, "version_not_found");
    }
    for wrong in ["-1", "x", "4294967296", "1.0", "+0", "00"] {
        let answer = app.call("dana", "GET", &format!("{REVIEW}/versions/{wrong}"), None).await;
        assert_eq!(answer.faults(), [("path.seq".to_owned(), "invalid_identifier".to_owned())], "{wrong}");
    }
    app.call("other", "GET", &format!("{REVIEW}/versions/0"), None).await.error(404, "review_not_found");
}

/// A snapshot of so many bytes; of noise, it compresses to three quarters, of words, to next to nothing.
fn snapshot(bytes: usize, noise: bool) -> Value {
    let mut text = String::with_capacity(bytes);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    while text.len() < bytes - r#"{"t":""}"#.len() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // From `#` on, so that no letter needs an escape.
        let letter = if noise { state.to_be_bytes()[3] % 57 } else { text.len().to_be_bytes()[7] % 7 };
        text.push(char::from(b'#' + letter));
    }
    json!({ "t": text })
}

async fn gzipped(app: &TestApp, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let body = body.map_or(Body::Empty, |body| Body::Text(body.to_string()));
    let mut request = app.request("agent", method, path, body);
    request.headers_mut().insert(header::ACCEPT_ENCODING, "gzip".parse().unwrap());
    app.send(request).await
}

#[tokio::test]
async fn snapshots_from_1_kb_to_5_mb_are_edited_read_and_approved() {
    for (bytes, noise) in
        [(1_000, true), (100_000, true), (1_000_000, true), (4_000_000, true), (5_000_000, false)]
    {
        let app = TestApp::new().await;
        app.open().await;
        let output = snapshot(bytes, noise);
        let body = json!({ "snapshot": output, "version_stamp": 0 });
        let edited = gzipped(&app, "POST", &format!("{REVIEW}/versions"), Some(&body)).await.ok();
        assert_eq!(edited["versions"][1]["snapshot"], output);
        assert_eq!(gzipped(&app, "GET", REVIEW, None).await.ok(), edited);
        let body = json!({ "verdict": "approved", "version_stamp": 1 });
        let decided = gzipped(&app, "POST", &format!("{REVIEW}/decision"), Some(&body)).await.ok();
        assert_eq!(decided["overlay"]["versions"], edited["versions"]);
        let alone = gzipped(&app, "GET", &format!("{REVIEW}/versions/1"), None).await.ok();
        assert_eq!(alone, edited["versions"][1]);
    }
}

#[tokio::test]
async fn a_snapshot_that_no_transaction_can_hold_is_refused_with_its_size_and_the_limit() {
    let app = TestApp::new().await;
    let mut body = opening("run_abc123", "block_extract", 0);
    body["snapshot"] = snapshot(5_000_000, true);
    let detail = app.call("agent", "POST", REVIEWS, Some(body)).await.error(413, "snapshot_too_large");
    let (limit, size) =
        (&detail["details"]["limit_bytes"], detail["details"]["size_bytes"].as_u64().unwrap());
    assert_eq!(*limit, json!(shared::store::SNAPSHOT_LIMIT));
    assert!(size > limit.as_u64().unwrap() && size < 5_000_000, "as stored: {size}");
    app.get().await.error(404, "review_not_found");

    app.open().await;
    let body = json!({ "snapshot": snapshot(5_000_000, true), "version_stamp": 0 });
    app.post("dana", "versions", body).await.error(413, "snapshot_too_large");
    let body =
        json!({ "edited_output": snapshot(5_000_000, true), "version_stamp": 0, "verdict": "approved" });
    app.post("dana", "decision", body).await.error(413, "snapshot_too_large");
    assert_eq!(app.get().await.ok()["rev"], 0);
}

#[tokio::test]
async fn a_review_whose_versions_no_answer_could_carry_takes_no_more() {
    let app = TestApp::new().await;
    app.open().await;
    let body = |stamp: u64| json!({ "snapshot": snapshot(2_400_000, true), "version_stamp": stamp });
    assert_eq!(gzipped(&app, "POST", &format!("{REVIEW}/versions"), Some(&body(0))).await.status, 200);
    let path = format!("{REVIEW}/versions");
    let answer = gzipped(&app, "POST", &path, Some(&body(1))).await;
    assert_eq!(answer.status, 200, "{}", answer.text.chars().take(500).collect::<String>());
    let detail = gzipped(&app, "POST", &path, Some(&body(2))).await.error(413, "snapshot_too_large");
    assert_eq!(detail["details"]["limit_bytes"], json!(shared::store::REVIEW_LIMIT));
    assert_eq!(gzipped(&app, "GET", REVIEW, None).await.ok()["rev"], 2, "what is there can be read");
}

#[tokio::test]
async fn a_review_whose_versions_no_memory_could_hold_takes_no_more() {
    let app = TestApp::new().await;
    app.open().await;
    for stamp in 0..5 {
        let body = json!({ "snapshot": snapshot(5_000_000, false), "version_stamp": stamp });
        let answer = app.post("dana", "versions", body).await;
        if stamp < 4 {
            assert_eq!(answer.status, 200, "{stamp}");
        } else {
            let detail = answer.error(413, "snapshot_too_large");
            assert_eq!(detail["details"]["limit_bytes"], json!(shared::store::REVIEW_TEXT_LIMIT));
        }
    }
    assert_eq!(app.approve("dana", 4).await.ok()["overlay"]["rev"], 5, "it can still be decided");
}

#[tokio::test]
async fn notes_count_towards_what_an_answer_can_carry() {
    let app = TestApp::new().await;
    app.open().await;
    let big = json!({ "snapshot": snapshot(4_500_000, true), "version_stamp": 0 });
    gzipped(&app, "POST", &format!("{REVIEW}/versions"), Some(&big)).await.ok();
    let mut stamp = 1;
    let refused = loop {
        let note: String = (0..4000)
            .map(|index| char::from_u32(0x4E00 + (index * 7919 + stamp) % 20_000).unwrap())
            .collect();
        let body = json!({ "snapshot": {}, "note": note, "version_stamp": stamp });
        let answer = gzipped(&app, "POST", &format!("{REVIEW}/versions"), Some(&body)).await;
        if answer.status != 200 {
            break answer;
        }
        stamp += 1;
    };
    refused.error(413, "snapshot_too_large");
    let escalate =
        json!({ "verdict": "escalated", "version_stamp": stamp, "reason": "x", "escalate_to": "y" });
    let path = format!("{REVIEW}/decision");
    assert_eq!(gzipped(&app, "POST", &path, Some(&escalate)).await.status, 200, "it can still be decided");
    assert_eq!(gzipped(&app, "GET", REVIEW, None).await.status, 200, "and read");
}

#[tokio::test]
async fn an_answer_that_lambda_cannot_carry_names_the_way_out() {
    let app = TestApp::new().await;
    app.open().await;
    for stamp in 0..2 {
        let body = json!({ "snapshot": snapshot(4_000_000, false), "version_stamp": stamp });
        app.post("dana", "versions", body).await.ok();
    }
    let mut request = app.request("dana", "GET", REVIEW, Body::Empty);
    request.headers_mut().insert(header::ACCEPT_ENCODING, "identity".parse().unwrap());
    let detail = app.send(request).await.error(413, "response_too_large");
    assert!(detail["message"].as_str().unwrap().contains("GET …/versions/{seq}"), "{detail}");
    assert!(detail["details"]["size_bytes"].as_u64() > detail["details"]["limit_bytes"].as_u64());
    let unsaid = app.get().await;
    assert_eq!(
        unsaid.headers[header::CONTENT_ENCODING],
        "gzip",
        "who says nothing of encodings gets what fits"
    );
    assert_eq!(unsaid.ok()["head_seq"], 2);
    assert_eq!(app.call("dana", "GET", &format!("{REVIEW}/versions/2"), None).await.ok()["seq"], 2);
}

#[tokio::test]
async fn what_a_later_version_wrote_is_kept() {
    let app = TestApp::new().await;
    app.open().await;
    let key = |name: &str, value: &str| (name.to_owned(), AttributeValue::S(value.to_owned()));
    let meta = HashMap::from([key("pk", "REVIEW#org_a#run_abc123#block_extract"), key("sk", "#META")]);
    let (client, table) = (app.inner.store.client(), app.inner.store.table());
    let update = client.update_item().table_name(table).set_key(Some(meta.clone()));
    let update = update.update_expression("SET from_the_future = :value");
    update.expression_attribute_values(":value", AttributeValue::S("1".into())).send().await.unwrap();
    app.post("dana", "versions", json!({ "version_stamp": 0, "snapshot": { "x": 1 } })).await.ok();
    app.approve("dana", 1).await.ok();
    let found = client.get_item().table_name(table).set_key(Some(meta)).send().await.unwrap().item.unwrap();
    assert_eq!(found["from_the_future"], AttributeValue::S("1".into()));
}

#[tokio::test]
async fn an_edit_is_called_by_who_makes_it() {
    let app = TestApp::new().await;
    app.open().await;
    let edit = |stamp: u64, origin: Option<&str>| {
        let mut body = json!({ "version_stamp": stamp, "snapshot": { "total": stamp } });
        if let Some(origin) = origin {
            body["origin"] = json!(origin);
        }
        body
    };
    let mut stamp = 0;
    for (who, said, stored) in [
        ("dana", None, "human_edit"),
        ("dana", Some("human_edit"), "human_edit"),
        ("agent", None, "agent_edit"),
        ("agent", Some("agent_edit"), "agent_edit"),
        // The published client says this of everybody.
        ("agent", Some("human_edit"), "agent_edit"),
    ] {
        let overlay = app.post(who, "versions", edit(stamp, said)).await.ok();
        stamp += 1;
        assert_eq!(overlay["versions"][usize::try_from(stamp).unwrap()]["origin"], stored, "{who} {said:?}");
    }
    let answer = app.post("dana", "versions", edit(stamp, Some("agent_edit"))).await;
    assert_eq!(answer.faults(), [("body.origin".to_owned(), "invalid_value".to_owned())]);
}
