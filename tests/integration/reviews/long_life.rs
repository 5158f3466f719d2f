//! A review that lives long: its audit leaves META page by page; its reads and its writes cost the same.

use serde_json::{Value, json};
use shared::store::{AUDIT_SHOWN, Usage};
use tests::{Answer, REVIEW, TestApp, audit};

/// How many mutations; `HOLDPOINT_LONG_LIFE` makes it longer.
fn mutations() -> u64 {
    std::env::var("HOLDPOINT_LONG_LIFE").ok().and_then(|number| number.parse().ok()).unwrap_or(600)
}

/// All kinds at first; later, when no more escalations and reopenings are allowed, claims and releases.
fn mutation(stamp: u64) -> (&'static str, &'static str, Value) {
    let only = json!({ "version_stamp": stamp });
    match stamp % 8 {
        3 | 4 if stamp < 200 => {
            let to = if stamp % 8 == 3 { "y" } else { "z" };
            let body =
                json!({ "version_stamp": stamp, "verdict": "escalated", "reason": "x", "escalate_to": to });
            ("ben", "decision", body)
        }
        5 if stamp < 200 => {
            ("dana", "decision", json!({ "version_stamp": stamp, "verdict": "rejected", "reason": "no" }))
        }
        6 if stamp < 200 => ("dana", "reopen", only),
        1 | 4 => ("ben", "claim", only),
        2 | 5 => ("dana", "release", only),
        3 => ("agent", "claim", only),
        _ => ("dana", "claim", only),
    }
}

async fn get(app: &TestApp) -> (Answer, Usage) {
    app.metered("dana", "GET", REVIEW, None).await
}

#[tokio::test]
async fn nothing_of_a_long_life_is_lost_and_its_reads_and_writes_stay_as_cheap() {
    let app = TestApp::new().await;
    app.open().await;
    let total = mutations();
    let mut costs: Vec<Usage> = Vec::new();
    let mut reads = Vec::new();
    for stamp in 0..total {
        if [0, 24, 96, 300, 600, 1_500, 5_000, 10_000].contains(&stamp) {
            reads.push((stamp, get(&app).await.1.read_units));
        }
        let (who, verb, body) = mutation(stamp);
        let (answer, usage) = app.metered(who, "POST", &format!("{REVIEW}/{verb}"), Some(body)).await;
        assert_eq!(answer.status, 200, "{stamp}: {}", answer.text.chars().take(500).collect::<String>());
        costs.push(usage);
        app.clock.advance_seconds(1);
    }
    let (answer, usage) = get(&app).await;
    reads.push((total, usage.read_units));
    let overlay = answer.ok();
    let shown = overlay["audit"].as_array().unwrap();
    assert_eq!((shown.len(), &overlay["audit_truncated"]), (AUDIT_SHOWN, &json!(true)));
    let mut audit = audit(&app, REVIEW, 170).await;
    audit.reverse();
    assert_eq!(audit.len() as u64, total + 1);
    assert_eq!(shown[..], audit[audit.len() - AUDIT_SHOWN..]);
    for (index, entry) in audit.iter().enumerate().skip(1) {
        assert_eq!((&entry["rev_observed"], &entry["rev_result"]), (&json!(index - 1), &json!(index)));
    }
    let decided: Vec<&Value> = audit
        .iter()
        .filter(|entry| entry["event"] == "decision_submitted")
        .map(|entry| &entry["entry_id"])
        .collect();
    let decisions: Vec<&Value> =
        overlay["decisions"].as_array().unwrap().iter().map(|decision| &decision["decision_id"]).collect();
    assert_eq!((decisions.len(), &decisions), (75, &decided), "every decision is there once, in order");

    let average =
        |part: &[Usage]| part.iter().map(|usage| usage.write_units).sum::<f64>() / part.len() as f64;
    let (first, last) = (average(&costs[300..396]), average(&costs[costs.len() - 96..]));
    println!("{total} mutations: {first:.2} write units each from the 300th on, {last:.2} at last");
    println!("read units of a GET after so many mutations: {reads:?}");
    println!("read units of the last claim or release: {}", costs.last().unwrap().read_units);
    assert!(last <= first * 1.05, "{first} {last}");
    // After 300 mutations as many AUDIT pages are read as ever will be.
    let after_300 = reads.iter().find(|(stamp, _)| *stamp == 300).unwrap().1;
    assert!(reads.iter().all(|(_, units)| *units <= after_300 + 2.0) && after_300 <= 30.0, "{reads:?}");
    assert!(costs.iter().skip(300).all(|usage| usage.read_units <= costs[300].read_units + 2.0));
}

#[tokio::test]
async fn a_page_of_the_audit_is_of_one_review_and_says_what_it_is_told_wrong() {
    let app = TestApp::new().await;
    app.open().await;
    for stamp in 0..40 {
        app.claim("dana", stamp, 900).await.ok();
    }
    let all = audit(&app, REVIEW, 200).await;
    for limit in [1, 7, 12, 41] {
        assert_eq!(audit(&app, REVIEW, limit).await, all, "in pages of {limit}");
    }
    let first = app.call("dana", "GET", &format!("{REVIEW}/audit?limit=5"), None).await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    // Entries that come meanwhile are newer than the cursor, and a renewal is told as one wherever its page begins.
    app.claim("ben", 40, 900).await.ok();
    let next = format!("{REVIEW}/audit?limit=200&cursor={cursor}");
    assert_eq!(app.call("dana", "GET", &next, None).await.ok()["data"].as_array().unwrap()[..], all[5..]);
    assert!(all[..39].iter().all(|entry| entry["detail"]["renewed"] == true));

    app.open_at("agent", "other", "block", 0).await;
    for (query, code) in [
        (format!("cursor={cursor}"), "invalid_value"),
        ("cursor=".to_owned(), "invalid_value"),
        ("limit=0".to_owned(), "out_of_range"),
        ("limit=201".to_owned(), "out_of_range"),
        ("limit=x".to_owned(), "wrong_type"),
        ("page=2".to_owned(), "unknown_field"),
    ] {
        let path = format!("/v1/workflows/reviews/other/block/audit?{query}");
        let faults = app.call("dana", "GET", &path, None).await.faults();
        assert_eq!(faults.first().map(|(_, code)| code.as_str()), Some(code), "{query}");
    }
    app.call("dana", "GET", "/v1/workflows/reviews/none/block/audit", None)
        .await
        .error(404, "review_not_found");
    app.call("other", "GET", &format!("{REVIEW}/audit"), None).await.error(404, "review_not_found");
}
