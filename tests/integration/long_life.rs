//! A review that lives long: its audit leaves META page by page, its writes cost the same.

use serde_json::{Value, json};
use shared::store::Usage;
use tests::{Desk, REVIEW};

/// How many mutations; `HOLDPOINT_LONG_LIFE` makes it longer.
fn mutations() -> u64 {
    std::env::var("HOLDPOINT_LONG_LIFE").ok().and_then(|number| number.parse().ok()).unwrap_or(400)
}

fn mutation(stamp: u64) -> (&'static str, &'static str, Value) {
    match stamp % 8 {
        0 => ("dana", "claim", json!({ "version_stamp": stamp })),
        1 => ("ben", "claim", json!({ "version_stamp": stamp })),
        2 => ("dana", "release", json!({ "version_stamp": stamp })),
        3 | 4 => {
            let body =
                json!({ "version_stamp": stamp, "verdict": "escalated", "reason": "x", "escalate_to": "y" });
            ("ben", "decision", body)
        }
        5 => ("dana", "decision", json!({ "version_stamp": stamp, "verdict": "rejected", "reason": "no" })),
        6 => ("dana", "reopen", json!({ "version_stamp": stamp })),
        _ => ("agent", "claim", json!({ "version_stamp": stamp })),
    }
}

#[tokio::test]
async fn nothing_of_a_long_life_is_lost_and_its_writes_stay_as_cheap() {
    let desk = Desk::new().await;
    desk.open().await;
    let total = mutations();
    let mut costs: Vec<Usage> = Vec::new();
    for stamp in 0..total {
        let (who, verb, body) = mutation(stamp);
        let (answer, usage) = desk.metered(who, "POST", &format!("{REVIEW}/{verb}"), Some(body)).await;
        assert_eq!(answer.status, 200, "{stamp}: {:.500}", answer.text);
        costs.push(usage);
        desk.clock.advance_seconds(1);
    }
    let overlay = desk.get().await.ok();
    let audit = overlay["audit"].as_array().unwrap();
    assert_eq!(audit.len() as u64, total + 1);
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
    assert_eq!(decisions, decided, "every decision is there once, in order");

    // Rounds of 96 mutations: 8 kinds, 12 entries a page.
    let round = |part: &[Usage]| part.iter().map(|usage| usage.write_units).sum::<f64>() / part.len() as f64;
    let (first, last) = (round(&costs[96..192]), round(&costs[costs.len() - 96..]));
    println!("{total} mutations: {first:.2} write units each at first, {last:.2} at last");
    for (stamp, usage) in costs.iter().enumerate().filter(|(stamp, _)| [24, 96, 504, 1496].contains(stamp)) {
        println!("claim after {stamp} mutations: {} read units", usage.read_units);
    }
    assert!(last <= first * 1.05, "{first} {last}");
}
