//! What calls cost, counted by DynamoDB's own report: capacity units, calls, sequential round trips.

use crate::reviews::terms::{assigned, needs};
use futures_util::StreamExt;
use futures_util::stream;
use local::gateway::dispatch;
use serde_json::json;
use shared::review::{Evidence, JsonText, OutputCheck, Terms};
use shared::store::{Meter, Usage};
use tests::{Answer, REVIEW, REVIEWS, TestApp};

async fn post(app: &TestApp, who: &str, verb: &str, rev: u64) -> (Answer, Usage) {
    app.metered(who, "POST", &format!("{REVIEW}/{verb}"), Some(json!({ "version_stamp": rev }))).await
}

/// Calls, round trips, write units, read units: exactly, as docs/costs.md has them.
#[track_caller]
fn costs(what: &str, usage: Usage, calls: usize, round_trips: usize, write_units: f64, read_units: f64) {
    println!("{what}: {usage:?}");
    assert_eq!(usage, Usage { calls, round_trips, read_units, write_units }, "{what}");
}

#[tokio::test]
async fn claim_renewal_take_over_and_release_cost_3_or_4_write_units_and_one_round_trip() {
    let app = TestApp::new().await;
    app.open().await;
    let steps = [
        ("first claim", "dana", "claim", 3.0),
        ("renewal", "dana", "claim", 4.0),
        ("take-over", "ben", "claim", 3.0),
        ("release", "ben", "release", 3.0),
        // META is larger than a kilobyte by now.
        ("claim of an older review", "dana", "claim", 4.0),
        ("release of an older review", "dana", "release", 3.0),
    ];
    for (rev, (what, who, verb, write_units)) in steps.into_iter().enumerate() {
        let (answer, usage) = post(&app, who, verb, rev as u64).await;
        answer.ok();
        costs(what, usage, 3, 1, write_units, 0.5);
        app.clock.advance_seconds(1);
    }
}

/// Who may claim is in the write's own condition: no read, no round trip more.
#[tokio::test]
async fn a_claim_under_an_enforced_assignment_costs_what_every_claim_costs() {
    let app = TestApp::new().await;
    app.open_with("run_1", assigned(&["finance"], &["user_42"], true)).await;
    let claim = format!("{REVIEWS}/run_1/block_extract/claim");
    let stamp = |rev: u64| Some(json!({ "version_stamp": rev }));
    let (answer, usage) = app.metered("dana", "POST", &claim, stamp(0)).await;
    answer.ok();
    costs("claim by who is assigned", usage, 3, 1, 3.0, 0.5);
    let (answer, usage) = app.metered("ben", "POST", &claim, stamp(1)).await;
    answer.error(403, "not_assigned");
    // The lease was written beside; the sweep removes it.
    costs("claim by others", usage, 3, 1, 2.0, 0.5);
}

/// An approval under terms reads what any decision reads; the schema only where the terms ask for it.
#[tokio::test]
async fn an_approval_reads_the_schema_only_where_it_is_asked_for() {
    let app = TestApp::new().await;
    let schema = JsonText::parse(r#"{"type":"object"}"#.into()).unwrap();
    let evidence = Evidence { json_schema: Some(schema), ..Evidence::default() };
    let output = Some(OutputCheck::Enforce);
    for (run, terms, calls) in [
        ("run_1", Terms::default(), 2),
        ("run_2", needs(2, true), 2),
        ("run_3", Terms { output, ..Terms::default() }, 3),
    ] {
        app.open_with_evidence(run, terms, evidence.clone()).await;
        let path = format!("{REVIEWS}/{run}/block_extract/decision");
        let body = json!({ "verdict": "approved", "version_stamp": 0 });
        let (answer, usage) = app.metered("dana", "POST", &path, Some(body)).await;
        answer.ok();
        println!("{run}: {usage:?}");
        assert_eq!((usage.calls, usage.round_trips), (calls, calls), "{run}");
    }
}

/// As a review gets older its META gets larger, up to the bound of its journal: what a write costs then.
#[tokio::test]
async fn an_old_review_costs_at_most_11_units_a_write_and_5_point_2_on_average() {
    let app = TestApp::new().await;
    app.open().await;
    let (mut units, mut most) = (0.0, 0.0_f64);
    for rev in 0..48 {
        let (answer, usage) = post(&app, "dana", "claim", rev).await;
        answer.ok();
        let trips = if usage.write_units > 5.0 { 2 } else { 1 };
        assert_eq!(usage.round_trips, trips, "one, and a second only where the journal overflows: {usage:?}");
        app.clock.advance_seconds(1);
        units += usage.write_units;
        most = most.max(usage.write_units);
    }
    println!("48 renewals: {:.1} write units on average, {most} at most", units / 48.0);
    assert_eq!((most, format!("{:.1}", units / 48.0).as_str()), (11.0, "5.2"));
}

#[tokio::test]
async fn a_conflict_of_the_holder_mends_its_lease_in_a_second_round_trip() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.claim("dana", 1, 600).await.ok();
    app.clock.advance_seconds(1);
    let (answer, usage) = post(&app, "dana", "claim", 0).await;
    answer.error(409, "version_conflict");
    costs("conflict of the holder, recorded", usage, 5, 2, 7.0, 0.5);
    // A stamp that the review has not had yet is not recorded.
    let (answer, usage) = post(&app, "dana", "claim", 7).await;
    answer.error(409, "version_conflict");
    costs("conflict of the holder", usage, 4, 2, 6.0, 0.5);
}

#[tokio::test]
async fn decide_is_5_or_6_write_units_and_edit_of_4_kb_is_6_in_two_round_trips() {
    let app = TestApp::new().await;
    app.open().await;
    let words: Vec<String> = (0..400).map(|index| format!("{:x}", index * 7919)).collect();
    let snapshot = json!({ "lines": words, "text": "x".repeat(4096 - 3000) });
    let size = snapshot.to_string().len();
    assert!((3500..=4600).contains(&size), "{size}");
    let edit = json!({ "snapshot": snapshot, "version_stamp": 0 });
    let approve = json!({ "verdict": "approved", "version_stamp": 1 });
    let reopen = json!({ "version_stamp": 2 });
    let escalate = json!({ "verdict": "escalated", "version_stamp": 3, "reason": "x", "escalate_to": "y" });
    let reject = json!({ "verdict": "rejected", "version_stamp": 4, "reason": "x" });
    for (name, verb, body, write_units) in [
        ("edit of 4 KB", "versions", edit, 6.0),
        ("approve", "decision", approve, 5.0),
        ("reopen", "reopen", reopen, 5.0),
        ("escalate", "decision", escalate, 6.0),
        ("reject", "decision", reject, 6.0),
    ] {
        let (answer, usage) = app.metered("dana", "POST", &format!("{REVIEW}/{verb}"), Some(body)).await;
        answer.ok();
        // An escalation looks for its addressee among the members, then among the keys.
        let more = 2 * usize::from(name == "escalate");
        costs(name, usage, 2 + more, 2 + more, write_units, if name == "escalate" { 3.0 } else { 1.0 });
    }
    let decide = async |stamp| {
        let body = json!({ "verdict": "approved", "version_stamp": stamp });
        let (answer, usage) = app.metered("dana", "POST", &format!("{REVIEW}/decision"), Some(body)).await;
        answer.error(409, "version_conflict");
        usage
    };
    costs("stale decision", decide(1).await, 2, 2, 1.0, 1.0);
    costs("the same again, recorded already", decide(1).await, 2, 2, 0.0, 1.0);
    costs("a stamp that was never", decide(99).await, 1, 1, 0.0, 1.0);
}

#[tokio::test]
async fn opening_is_a_read_of_the_policy_and_one_transaction() {
    let app = TestApp::new().await;
    let body = tests::opening("run_1", "block", 0);
    let (answer, usage) = app.metered("agent", "POST", REVIEWS, Some(body)).await;
    assert_eq!(answer.status, 201);
    costs("open", usage, 2, 2, 6.0, 1.0);
}

/// By the id of a member nothing is looked for among the keys, however many there are.
#[tokio::test]
async fn an_escalation_to_a_member_reads_that_member_and_no_key() {
    let app = TestApp::new().await;
    app.open().await;
    let (member, _) = app.member("org_a", "lee", &[]).await;
    let to = member.actor.id.as_str();
    let escalate = json!({ "verdict": "escalated", "version_stamp": 0, "reason": "x", "escalate_to": to });
    let (answer, usage) = app.metered("dana", "POST", &format!("{REVIEW}/decision"), Some(escalate)).await;
    assert_eq!(answer.ok()["overlay"]["assigned_to"]["actors"], json!([to]));
    costs("escalate to a member", usage, 3, 3, 5.0, 2.0);
}

/// A policy that is as large as one can be in what META keeps of it.
#[tokio::test]
async fn what_the_largest_policy_adds_to_the_writes_of_its_reviews_is_bounded() {
    let app = TestApp::new().await;
    // 512 bytes of ids, and texts of four bytes a character.
    let mut actors: Vec<String> = (0..7).map(|nth| format!("{nth}{}", "a".repeat(63))).collect();
    actors.extend(["user_42".to_owned(), "b".repeat(57)]);
    let wide = |characters: usize| "\u{1F4C4}".repeat(characters);
    let rule = json!({
        "assign": { "actors": actors, "enforce": true },
        "due_in_seconds": 31_000_000,
        "remind_before_seconds": [30_000_000, 20_000_000, 10_000_000, 9_000_000, 8_000_000],
        "on_overdue": { "action": "escalate", "escalate_to": wide(200), "reason": wide(200) },
        "approvals": { "required": 5, "four_eyes": true },
        "output": { "validation": "enforce" },
    });
    let policy = json!({ "version_stamp": 0, "blocks": { "*": rule } });
    let put = app.call("admin", "PUT", "/v1/workflows/wf_1/policy", Some(policy)).await;
    assert_eq!(put.status, 201, "{}", put.text);
    app.open().await;
    let decide = json!({ "verdict": "approved", "version_stamp": 2 });
    for (name, verb, body, calls, trips, write_units, read_units) in [
        ("claim", "claim", json!({ "version_stamp": 0 }), 3, 1, 6.0, 0.5),
        ("release", "release", json!({ "version_stamp": 1 }), 3, 1, 4.0, 0.5),
        ("decide", "decision", decide, 2, 2, 4.0, 1.0),
    ] {
        let (answer, usage) = app.metered("dana", "POST", &format!("{REVIEW}/{verb}"), Some(body)).await;
        answer.ok();
        costs(&format!("{name}, largest policy"), usage, calls, trips, write_units, read_units);
    }
}

/// What the gate found is an item of its own where nothing else came with the output: two units. No call but its own pays for it.
#[tokio::test]
async fn the_gate_costs_what_open_costs_and_its_evaluation_or_nothing() {
    const GATE: &str = "/v1/workflows/gate";
    let app = TestApp::new().await;
    let always = json!({ "kind": "always" });
    let held = tests::gating("run_1", "block", always.clone());
    let (answer, usage) = app.metered("agent", "POST", GATE, Some(held.clone())).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    costs("gate, held", usage, 2, 2, 8.0, 1.0);
    let (again, usage) = app.metered("agent", "POST", GATE, Some(held)).await;
    assert_eq!(again.ok(), answer.body);
    costs("gate, held, again", usage, 4, 4, 0.0, 2.5);
    let with_likelihoods = |run: &str| {
        let mut body = tests::gating(run, "block", always.clone());
        body["likelihoods"] = json!({ "total": 0.5, "vendor": 0.9 });
        body
    };
    let (answer, usage) = app.metered("agent", "POST", GATE, Some(with_likelihoods("run_2"))).await;
    assert_eq!(answer.status, 201);
    costs("gate, held, with likelihoods", usage, 2, 2, 8.0, 1.0);
    let mut opening = tests::opening("run_3", "block", 0);
    opening["likelihoods"] = json!({ "total": 0.5, "vendor": 0.9 });
    let (_, usage) = app.metered("agent", "POST", REVIEWS, Some(opening)).await;
    costs("open, with likelihoods", usage, 2, 2, 8.0, 1.0);
    let mut passed = with_likelihoods("run_4");
    passed["predicate"] = json!({ "kind": "confidence_lt", "threshold": 0.5 });
    let (answer, usage) = app.metered("agent", "POST", GATE, Some(passed.clone())).await;
    assert_eq!(answer.ok()["held"], false);
    costs("gate, not held", usage, 0, 0, 0.0, 0.0);
    let mut by_policy = passed.clone();
    by_policy.as_object_mut().unwrap().remove("predicate");
    let blocks = json!({ "*": { "predicate": { "kind": "confidence_lt", "threshold": 0.5 } } });
    let policy = json!({ "version_stamp": 0, "blocks": blocks });
    let (answer, usage) = app.metered("admin", "PUT", "/v1/workflows/wf_1/policy", Some(policy)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    costs("put-policy", usage, 2, 2, 6.0, 1.0);
    let (answer, usage) = app.metered("agent", "POST", GATE, Some(by_policy)).await;
    assert_eq!(answer.ok()["held"], false);
    costs("gate, not held, by the policy", usage, 1, 1, 0.0, 1.0);
    let mut dry = with_likelihoods("run_5");
    dry["dry_run"] = json!(true);
    let (answer, usage) = app.metered("agent", "POST", GATE, Some(dry)).await;
    assert_eq!(answer.ok()["held"], true);
    costs("gate, dry run", usage, 0, 0, 0.0, 0.0);
    // Claims and reads of such a review are those of any other.
    let review = format!("{REVIEWS}/run_1/block");
    let (answer, usage) =
        app.metered("dana", "POST", &format!("{review}/claim"), Some(json!({ "version_stamp": 0 }))).await;
    answer.ok();
    costs("claim of a review of the gate", usage, 3, 1, 3.0, 0.5);
    let (_, usage) = app.metered("dana", "GET", &review, None).await;
    costs("get of a review of the gate", usage, 1, 1, 0.0, 1.0);
}

#[tokio::test]
async fn claim_next_is_an_index_a_batch_and_a_claim() {
    let app = TestApp::new().await;
    app.open().await;
    let (answer, usage) =
        app.metered("dana", "POST", &format!("{REVIEWS}/claim-next"), Some(json!({}))).await;
    answer.ok();
    costs("claim-next", usage, 5, 3, 3.0, 1.5);
}

/// However long the queue is: the few rows at its hottest end, and the claim.
#[tokio::test]
async fn claim_next_looks_at_20_rows_where_one_of_them_is_free() {
    let app = TestApp::new().await;
    fill(&app, 0, 100).await;
    let next = format!("{REVIEWS}/claim-next");
    for nth in 0..20 {
        // 5 seconds later nothing is remembered of the last look.
        app.clock.advance_seconds(5);
        let (answer, usage) = app.metered("dana", "POST", &next, Some(json!({}))).await;
        answer.ok();
        costs(&format!("claim-next {nth}"), usage, 5, 3, 3.0, 11.0);
    }
    app.clock.advance_seconds(5);
    let (answer, usage) = app.metered("dana", "POST", &next, Some(json!({}))).await;
    answer.ok();
    costs("claim-next behind 20 claims", usage, 7, 5, 3.0, 42.0);
}

/// A process that has looked from the top a moment ago goes on from there, and does not say "none" because of it.
#[tokio::test]
async fn claim_next_behind_650_claims_reads_at_most_40_units_in_a_warm_process() {
    let app = TestApp::new().await;
    fill(&app, 0, 660).await;
    let next = format!("{REVIEWS}/claim-next");
    let mut most = 0.0_f64;
    for _ in 0..650 {
        let (answer, usage) = app.metered("dana", "POST", &next, Some(json!({}))).await;
        answer.ok();
        most = most.max(usage.read_units);
    }
    println!("650 times claim-next: {most} read units at most");
    assert!(most <= 12.0);
    let (answer, warm) = app.metered("ben", "POST", &next, Some(json!({}))).await;
    answer.ok();
    println!("behind 650 claims, warm: {warm:?}");
    assert!(warm.read_units <= 12.0 && warm.round_trips == 3, "{warm:?}");
    app.clock.advance_seconds(5);
    let (answer, cold) = app.metered("ben", "POST", &next, Some(json!({}))).await;
    answer.ok();
    println!("behind 650 claims, 5 seconds later: {cold:?}");
    assert!(cold.read_units <= 360.0, "{cold:?}");
}

#[tokio::test]
async fn a_conflict_costs_its_record_and_no_further_read() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("ben", 0, 900).await.ok();
    for verb in ["claim", "release"] {
        let (answer, usage) = post(&app, "dana", verb, 0).await;
        answer.error(409, "version_conflict");
        // The stamp's first refusal is recorded, one unit, the second is not; the history's query ran beside.
        let write_units = if verb == "claim" { 3.0 } else { 0.0 };
        costs(&format!("conflict of {verb}"), usage, 4, 2, write_units, 0.5);
    }
}

#[tokio::test]
async fn a_key_that_is_not_cached_costs_one_round_trip_more() {
    let app = TestApp::new().await;
    app.open().await;
    let call = app.call("dana", "GET", REVIEW, None);
    let (answer, usage) = shared::store::Meter::measure(call).await;
    answer.ok();
    // The lookup, and beside the call itself that the key was used.
    costs("get, key looked up, use noted", usage, 3, 2, 1.0, 2.0);
}

#[tokio::test]
async fn get_is_one_query() {
    let app = TestApp::new().await;
    app.open().await;
    let (answer, usage) = app.metered("dana", "GET", REVIEW, None).await;
    answer.ok();
    let expected = Usage { calls: 1, round_trips: 1, read_units: 1.0, write_units: 0.0 };
    assert_eq!(usage, expected);
}

/// Opens `count` reviews, 16 at a time.
async fn fill(app: &TestApp, from: usize, count: usize) {
    let opened = stream::iter(from..from + count).map(|index| {
        let run = format!("run_{index}");
        async move { app.open_at("agent", &run, "block", i32::try_from(index % 7).unwrap()).await }
    });
    opened.buffer_unordered(16).for_each(|_| std::future::ready(())).await;
}

#[tokio::test]
async fn listing_50_reads_as_much_among_thousands_as_among_100() {
    let app = TestApp::new().await;
    let queries = ["limit=50", "limit=50&status=awaiting_review", "limit=50&workflow_id=wf_1"];
    let measure = async || {
        let mut usages = Vec::new();
        for query in queries {
            let (answer, usage) = app.metered("dana", "GET", &format!("{REVIEWS}?{query}"), None).await;
            assert_eq!(answer.ok()["data"].as_array().unwrap().len(), 50);
            usages.push(usage);
        }
        usages
    };
    fill(&app, 0, 100).await;
    let of_100 = measure().await;
    let count = tests::amount(2_000, 10_000);
    fill(&app, 100, count - 100).await;
    let of_many = measure().await;
    for (query, (small, large)) in queries.iter().zip(of_100.iter().zip(&of_many)) {
        println!("list {query}: of 100 {small:?}, of {count} {large:?}");
        assert_eq!(
            (small.read_units.to_bits(), small.calls),
            (large.read_units.to_bits(), large.calls),
            "{query}"
        );
        assert_eq!((small.round_trips, large.round_trips), (2, 2), "{query}");
        assert_eq!(large.write_units.to_bits(), 0.0_f64.to_bits());
    }
}

/// In a process that has not looked the key up yet. That a key was used is one unit, in parallel with the call, once a day; a claim
/// does not pay it.
#[tokio::test]
async fn a_key_that_is_looked_up_costs_a_round_trip_and_its_use_a_unit_but_not_beside_a_claim() {
    let app = TestApp::new().await;
    app.open().await;
    let fresh = async |verb: &str, rev: u64| {
        let process = app.another_app(local::emulator::client(tests::endpoint()));
        let body = json!({ "version_stamp": rev }).to_string().into();
        let request = app.request("dana", "POST", &format!("{REVIEW}/{verb}"), body);
        let (answer, usage) = Meter::measure(Box::pin(dispatch(&process, request))).await;
        assert_eq!(answer.status(), 200);
        usage
    };
    costs("claim, key looked up", fresh("claim", 0).await, 4, 2, 3.0, 1.5);
    app.clock.advance_seconds(1);
    costs("release, key looked up, use noted", fresh("release", 1).await, 5, 2, 4.0, 1.5);
}
