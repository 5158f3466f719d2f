//! Nobody can make a review unreadable, or keep it from being decided.

use aws_sdk_dynamodb::types::AttributeValue;
use local::emulator;
use serde_json::{Value, json};
use shared::review::{MAX_ASSIGNMENTS, MAX_ESCALATIONS, MAX_REOPENINGS, MAX_VERSIONS};
use shared::store::REVIEW_LIMIT;
use tests::{REVIEW, TestApp, endpoint};

/// Text that hardly compresses, four bytes a character.
fn astral(seed: u64, characters: u32) -> String {
    let mixed = |index: u32| (seed * 7919 + u64::from(index)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    (0..characters)
        .filter_map(|index| char::from_u32(0x1_0000 + u32::try_from(mixed(index)).unwrap() % 0xF_0000))
        .collect()
}

async fn escalate(app: &TestApp, stamp: u64) -> tests::Answer {
    let (reason, to) = (astral(stamp, 2000), astral(stamp + 1, 200));
    let body = json!({ "verdict": "escalated", "version_stamp": stamp, "reason": reason, "escalate_to": to });
    app.post("dana", "decision", body).await
}

#[tokio::test]
async fn a_review_that_everybody_filled_as_far_as_they_could_is_read_and_decided() {
    let app = TestApp::new().await;
    app.open().await;
    let mut stamp = 0;
    for _ in 0..MAX_ESCALATIONS {
        let answer = escalate(&app, stamp).await;
        assert_eq!(answer.status, 200, "{:?}", answer.text.chars().take(500).collect::<String>());
        stamp += 1;
    }
    let detail = escalate(&app, stamp).await.error(409, "too_many_escalations");
    assert_eq!(detail["details"], json!({ "rev": stamp, "status": "awaiting_review", "limit": 50 }));
    for round in 0..=MAX_REOPENINGS {
        let reason = astral(stamp, 2000);
        let reject = json!({ "verdict": "rejected", "version_stamp": stamp, "reason": reason });
        assert_eq!(app.post("dana", "decision", reject).await.status, 200, "{round}");
        let reopen = json!({ "version_stamp": stamp + 1, "reason": astral(stamp + 2, 2000) });
        let reopened = app.post("ben", "reopen", reopen).await;
        if round < MAX_REOPENINGS {
            assert_eq!(
                reopened.status,
                200,
                "{round}: {:?}",
                reopened.text.chars().take(500).collect::<String>()
            );
            stamp += 2;
        } else {
            let detail = reopened.error(409, "too_many_reopenings");
            assert_eq!(detail["details"], json!({ "rev": stamp + 1, "status": "rejected", "limit": 50 }));
        }
    }
    let mut request = app.request("dana", "GET", REVIEW, lambda_http::Body::Empty);
    request.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    let answer = app.send(request).await;
    // Versions may take REVIEW_LIMIT of what Lambda carries, compressed and as base64; all this comes on top.
    let carried = (6 * 1024 * 1024 - 16 * 1024) / 4 * 3;
    println!("decisions and reopenings: {} bytes, compressed {}", answer.text.len(), answer.carried_bytes);
    assert!(answer.carried_bytes > 100_000 && answer.carried_bytes + REVIEW_LIMIT <= carried);
    let overlay = answer.ok();
    assert_eq!(overlay["decisions"].as_array().unwrap().len(), MAX_ESCALATIONS + MAX_REOPENINGS + 1);
    let ids: Vec<&Value> =
        overlay["decisions"].as_array().unwrap().iter().map(|decision| &decision["decision_id"]).collect();
    let mut distinct: Vec<String> = ids.iter().map(ToString::to_string).collect();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len());
}

#[tokio::test]
async fn a_review_takes_500_versions_and_is_then_approved_as_it_is() {
    let app = TestApp::new().await;
    app.open().await;
    // As if so many corrections had been made: META is what counts, so that the test need not make them.
    let edit = |stamp: u64| json!({ "snapshot": {}, "version_stamp": stamp });
    for stamp in 0..3 {
        app.post("dana", "versions", edit(stamp)).await.ok();
    }
    let client = emulator::client(endpoint());
    let table = app.inner.store.table();
    let pk = AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into());
    let version = |seq: u32| AttributeValue::S(format!("VERSION#{seq:010}#00000"));
    let get = client.get_item().table_name(table).key("pk", pk.clone()).key("sk", version(3));
    let item = get.send().await.unwrap().item.unwrap();
    for seq in 4..MAX_VERSIONS - 1 {
        let mut copy = item.clone();
        copy.insert("sk".into(), version(seq));
        copy.insert("seq".into(), AttributeValue::N(seq.to_string()));
        client.put_item().table_name(table).set_item(Some(copy)).send().await.unwrap();
    }
    let update =
        client.update_item().table_name(table).key("pk", pk).key("sk", AttributeValue::S("#META".into()));
    let update = update.update_expression("SET head_seq = :head");
    let head = AttributeValue::N((MAX_VERSIONS - 2).to_string());
    update.expression_attribute_values(":head", head).send().await.unwrap();

    app.post("dana", "versions", edit(3)).await.ok();
    let detail = app.post("dana", "versions", edit(4)).await.error(409, "too_many_versions");
    assert_eq!(detail["details"], json!({ "rev": 4, "status": "awaiting_review", "limit": 500 }));
    let edited = json!({ "verdict": "approved", "version_stamp": 4, "edited_output": {} });
    app.post("dana", "decision", edited).await.error(409, "too_many_versions");
    let mut superseding = tests::opening("run_abc123", "block_extract", 0);
    superseding["snapshot"] = json!({ "new": true });
    superseding["if_exists"] = json!("supersede");
    app.call("agent", "POST", tests::REVIEWS, Some(superseding)).await.error(409, "too_many_versions");
    let decided = app.approve("dana", 4).await.ok();
    assert_eq!(decided["overlay"]["versions"].as_array().unwrap().len(), 500);
}

/// What an older build has left on AUDIT pages, which have neither DECISIONS nor RECEIPTs.
#[tokio::test]
async fn pages_of_an_older_build_are_read_whole() {
    for old_pages in [false, true] {
        let app = TestApp::new().await;
        app.open().await;
        let escalate = json!({
            "verdict": "escalated", "version_stamp": 0, "reason": "?", "escalate_to": "legal", "command_id": "e-1",
        });
        app.post("dana", "decision", escalate.clone()).await.ok();
        let second =
            json!({ "verdict": "escalated", "version_stamp": 1, "reason": "?", "escalate_to": "finance" });
        app.post("dana", "decision", second).await.ok();
        for stamp in 2..260 {
            app.claim("ben", stamp, 900).await.ok();
        }
        let client = emulator::client(endpoint());
        let table = app.inner.store.table();
        if old_pages {
            let pk = AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into());
            let query = client.query().table_name(table).key_condition_expression("pk = :pk");
            let items = query.expression_attribute_values(":pk", pk.clone()).send().await.unwrap();
            let mut removed = 0;
            for item in items.items() {
                let sk = item["sk"].as_s().unwrap();
                if sk.starts_with("VERDICTS#") || sk.starts_with("~RECEIPT#") {
                    removed += 1;
                    let delete = client.delete_item().table_name(table).key("pk", pk.clone());
                    delete.key("sk", item["sk"].clone()).send().await.unwrap();
                }
            }
            assert_eq!(removed, 2, "the decision's and the command's");
            let update = client.update_item().table_name(table).key("pk", pk);
            let update = update.key("sk", AttributeValue::S("#META".into()));
            update.update_expression("REMOVE indexed_pages").send().await.unwrap();
        }
        let overlay = app.get().await.ok();
        assert_eq!(overlay["decisions"].as_array().unwrap().len(), 2, "old: {old_pages}");
        assert_eq!(overlay["audit"].as_array().unwrap().len(), 200);
        assert_eq!(app.claim("ben", 260, 900).await.ok()["decisions"], overlay["decisions"]);
        // The command is found, whatever the stamp, and so is another request under its name.
        let again = app.post("dana", "decision", escalate).await.ok();
        assert_eq!(
            (&again["submission_status"], &again["overlay"]["rev"]),
            (&json!("already_applied"), &json!(261))
        );
        let edit = json!({ "snapshot": {}, "version_stamp": 261, "command_id": "e-1" });
        app.post("dana", "versions", edit).await.error(409, "command_id_reused");
        let mut claim = app.request(
            "dana",
            "POST",
            &format!("{REVIEW}/claim"),
            lambda_http::Body::Text(json!({ "version_stamp": 261 }).to_string()),
        );
        claim.headers_mut().insert("idempotency-key", "e-1".parse().unwrap());
        app.send(claim).await.error(409, "command_id_reused");
    }
}

/// However many of its entries have left META meanwhile. An escalation is still possible, and a decision.
#[tokio::test]
async fn a_review_is_handed_over_in_one_write_and_a_repeated_call_is_no_other() {
    let app = TestApp::new().await;
    app.open().await;
    app.post("dana", "claim", json!({ "version_stamp": 0 })).await.ok();
    let hand_over =
        json!({ "version_stamp": 1, "actors": ["user_17"], "reason": "I am away.", "hand_over": true });
    let given = app.post("dana", "assign", hand_over.clone()).await.ok();
    assert_eq!((&given["rev"], &given["claim"]), (&json!(2), &json!(null)));
    let entry = given["audit"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (
            &entry["event"],
            &entry["detail"]["reason"],
            &entry["detail"]["handed_over"],
            &entry["detail"]["actors"]
        ),
        (&json!("assigned"), &json!("I am away."), &json!(true), &json!(["user_17"]))
    );
    assert_eq!(app.post("dana", "assign", hand_over).await.ok()["rev"], 2, "its answer was lost");
    // Read from the table, and claimed by who got it.
    assert_eq!(app.get().await.ok()["claim"], json!(null));
    app.post("ben", "claim", json!({ "version_stamp": 2 })).await.ok();
    // Another's claim stays.
    let again = json!({ "version_stamp": 3, "actors": ["user_42"], "hand_over": true });
    assert_eq!(app.post("dana", "assign", again).await.ok()["claim"]["holder"]["id"], "user_17");
}

#[tokio::test]
async fn an_assignment_of_more_than_512_bytes_and_the_51st_are_refused_and_a_decision_is_not() {
    let app = TestApp::new().await;
    app.open().await;
    let assign = async |stamp: u64| {
        let body = json!({ "version_stamp": stamp, "actors": [format!("user_{stamp}")] });
        app.post("dana", "assign", body).await
    };
    let long: Vec<String> = (0..9).map(|nth| format!("{nth}{}", "a".repeat(63))).collect();
    let refused = app.post("dana", "assign", json!({ "version_stamp": 0, "actors": long })).await;
    let detail = refused.error(422, "validation_error");
    assert_eq!(detail["details"]["errors"][0]["loc"], json!(["body", "groups"]), "576 bytes: {detail}");
    let limit = u64::from(MAX_ASSIGNMENTS);
    for stamp in 0..limit {
        assign(stamp).await.ok();
    }
    assert_eq!(assign(limit - 1).await.ok()["rev"], limit, "the last one again is no other one");
    let detail = assign(limit).await.error(409, "too_many_assignments");
    assert_eq!(detail["details"], json!({ "rev": limit, "status": "awaiting_review", "limit": limit }));
    let escalate =
        json!({ "verdict": "escalated", "version_stamp": limit, "reason": "?", "escalate_to": "user_42" });
    let overlay = app.post("dana", "decision", escalate).await.ok()["overlay"].clone();
    assert_eq!(overlay["assigned_to"]["actors"], json!(["user_42"]));
    let reject = json!({ "verdict": "rejected", "version_stamp": limit + 1, "reason": "no" });
    app.post("dana", "decision", reject).await.ok();
}
