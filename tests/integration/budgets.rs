//! What calls cost, counted by DynamoDB's own report: capacity units, calls, sequential round trips.

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;
use shared::store::Usage;
use tests::{Answer, Desk, REVIEW, REVIEWS};

async fn post(desk: &Desk, who: &str, verb: &str, rev: u64) -> (Answer, Usage) {
    desk.metered(who, "POST", &format!("{REVIEW}/{verb}"), Some(json!({ "version_stamp": rev }))).await
}

#[tokio::test]
async fn claim_renewal_take_over_and_release_cost_4_write_units_and_one_round_trip() {
    let desk = Desk::new().await;
    desk.open().await;
    let steps = [
        ("dana", "claim"),
        ("dana", "claim"),
        ("ben", "claim"),
        ("ben", "release"),
        ("dana", "claim"),
        ("dana", "release"),
    ];
    for (rev, (who, verb)) in steps.into_iter().enumerate() {
        let (answer, usage) = post(&desk, who, verb, rev as u64).await;
        answer.ok();
        println!("{verb} by {who} at rev {rev}: {usage:?}");
        assert!(usage.write_units <= 4.0, "{who} {verb} at rev {rev}: {usage:?}");
        assert!(usage.read_units <= 3.0, "2, and 1 for 4 KB of snapshots: {usage:?}");
        assert_eq!((usage.calls, usage.round_trips), (3, 1), "{who} {verb} at rev {rev}: {usage:?}");
        desk.clock.advance_seconds(1);
    }
}

#[tokio::test]
async fn a_conflict_costs_no_further_read() {
    let desk = Desk::new().await;
    desk.open().await;
    desk.claim("ben", 0, 900).await.ok();
    for verb in ["claim", "release"] {
        let (answer, usage) = post(&desk, "dana", verb, 0).await;
        answer.error(409, "version_conflict");
        println!("conflict of {verb}: {usage:?}");
        assert_eq!((usage.calls, usage.round_trips), (3, 1), "{verb}: {usage:?}");
        assert!(usage.read_units <= 1.0, "{verb}: the history's query, which ran beside: {usage:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_not_cached_costs_one_round_trip_more() {
    let desk = Desk::new().await;
    desk.open().await;
    let call = desk.call("dana", "GET", REVIEW, None);
    let (answer, usage) = shared::store::Meter::measure(call).await;
    answer.ok();
    assert_eq!((usage.calls, usage.round_trips, usage.read_units), (2, 2, 2.0));
}

#[tokio::test]
async fn get_is_one_query() {
    let desk = Desk::new().await;
    desk.open().await;
    let (answer, usage) = desk.metered("dana", "GET", REVIEW, None).await;
    answer.ok();
    let expected = Usage { calls: 1, round_trips: 1, read_units: 1.0, write_units: 0.0 };
    assert_eq!(usage, expected);
}

/// Opens `count` reviews, 16 at a time.
async fn fill(desk: &Desk, from: usize, count: usize) {
    let opened = stream::iter(from..from + count).map(|index| {
        let run = format!("run_{index}");
        async move { desk.open_at("agent", &run, "block", i32::try_from(index % 7).unwrap()).await }
    });
    opened.buffer_unordered(16).for_each(|_| std::future::ready(())).await;
}

#[tokio::test]
async fn listing_50_of_10_000_reads_as_much_as_50_of_100() {
    let desk = Desk::new().await;
    let queries = ["limit=50", "limit=50&status=awaiting_review", "limit=50&workflow_id=wf_1"];
    let measure = async || {
        let mut usages = Vec::new();
        for query in queries {
            let (answer, usage) = desk.metered("dana", "GET", &format!("{REVIEWS}?{query}"), None).await;
            assert_eq!(answer.ok()["data"].as_array().unwrap().len(), 50);
            usages.push(usage);
        }
        usages
    };
    fill(&desk, 0, 100).await;
    let of_100 = measure().await;
    fill(&desk, 100, 9_900).await;
    let of_10_000 = measure().await;
    for (query, (small, large)) in queries.iter().zip(of_100.iter().zip(&of_10_000)) {
        println!("list {query}: of 100 {small:?}, of 10,000 {large:?}");
        assert_eq!(
            (small.read_units.to_bits(), small.calls),
            (large.read_units.to_bits(), large.calls),
            "{query}"
        );
        assert_eq!((small.round_trips, large.round_trips), (2, 2), "{query}");
        assert_eq!(large.write_units.to_bits(), 0.0_f64.to_bits());
    }
}
