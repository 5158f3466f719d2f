//! Clocks that jump back and forward by hours, from one request to the next and between processes.

use crate::checker;
use futures_util::future::join_all;
use lambda_http::Body;
use lambda_http::http::Request;
use local::gateway::dispatch;
use serde_json::{Value, json};
use shared::api::App;
use std::sync::{Arc, Mutex};
use tests::fault_plan::Dice;
use tests::{REVIEWS, START, TestApp};

/// How far a clock jumps, in milliseconds: on the whole, forward.
const JUMPS: [i64; 10] =
    [-26 * 3_600_000, -3_600_000, -61_000, -1, 0, 0, 1, 31_000, 3_600_000, 27 * 3_600_000];
const RUNS: [&str; 3] = ["run_a", "run_b", "run_c"];
const PEOPLE: [&str; 3] = ["dana", "ben", "agent"];

/// One call that changes a review: its verb and its body.
fn change(dice: &mut Dice, stamp: u64) -> (&'static str, Value) {
    let (verb, mut body) = match dice.below(9) {
        0..=3 => ("claim", json!({ "ttl_seconds": dice.pick(&[30, 900, 86_400]) })),
        4 => ("release", json!({})),
        5 => ("versions", json!({ "snapshot": { "total": dice.below(9) } })),
        6 => ("decision", json!({ "verdict": "approved" })),
        7 => ("decision", json!({ "verdict": "escalated", "reason": "?", "escalate_to": "legal" })),
        _ => ("reopen", json!({})),
    };
    body["version_stamp"] = json!(stamp);
    (verb, body)
}

/// The overlay or the `rev` of a conflict that an answer holds.
fn rev(body: &Value) -> Option<u64> {
    [&body["rev"], &body["overlay"]["rev"], &body["detail"]["details"]["rev"]]
        .iter()
        .find_map(|it| it.as_u64())
}

fn millis(time: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).unwrap().timestamp_millis()
}

/// No claim was ended before its time, by its own word; and when the clocks are right again, each has an end.
async fn each_claim_ended_in_its_time(app: &TestApp) {
    app.clock.advance_seconds(400 * 86_400);
    let swept = sweep::sweep(&app.inner.store, app.clock.now(), sweep::Bounds::default()).await;
    assert_eq!((swept.failed, swept.more), (0, false));
    for run in RUNS {
        let overlay = app.call("dana", "GET", &format!("{REVIEWS}/{run}/block"), None).await.ok();
        assert_eq!(checker::whole(&overlay), [""; 0]);
        assert_eq!(claimed_until(&overlay), None, "{run}: {overlay}");
    }
}

/// When the claim ends that the entries leave standing, if they do.
fn claimed_until(overlay: &Value) -> Option<i64> {
    let mut end = None;
    for entry in overlay["audit"].as_array().unwrap() {
        match entry["event"].as_str().unwrap() {
            "claimed" => end = Some(millis(&entry["detail"]["expires_at"])),
            "claim_expired" => assert!(end.take().is_some_and(|end| millis(&entry["at"]) >= end), "{entry}"),
            "released" | "decision_submitted" => end = None,
            _ => {}
        }
    }
    end
}

#[tokio::test]
async fn when_the_clock_jumps_the_chain_is_one_and_no_claim_outlives_its_own_end() {
    let seed = Dice::seed(11);
    let mut dice = Dice::new(seed);
    let app = TestApp::new().await;
    let mut revs = [0; 3];
    for run in RUNS {
        app.open_at("agent", run, "block", 0).await;
    }
    let mut expired = 0;
    for step in 0..700 {
        app.clock.advance_millis(dice.pick(&JUMPS));
        if dice.below(6) == 0 {
            let swept = sweep::sweep(&app.inner.store, app.clock.now(), sweep::Bounds::default()).await;
            assert_eq!(swept.failed, 0, "seed {seed}, step {step}");
            expired += swept.expired;
            app.clock.advance_millis(dice.pick(&JUMPS));
        }
        let which = usize::try_from(dice.below(3)).unwrap();
        let (verb, body) = change(&mut dice, revs[which]);
        let path = format!("{REVIEWS}/{}/block/{verb}", RUNS[which]);
        let answer = app.call(dice.pick(&PEOPLE), "POST", &path, Some(body)).await;
        assert!(matches!(answer.status.as_u16(), 200 | 409), "seed {seed}, step {step}: {}", answer.text);
        revs[which] = rev(&answer.body).unwrap();
        let overlay = if verb == "decision" { &answer.body["overlay"] } else { &answer.body };
        if answer.status == 200 {
            assert_eq!(checker::whole(overlay), [""; 0], "seed {seed}, step {step}");
            let end = &overlay["claim"]["expires_at"];
            assert!(
                end.is_null() || millis(end) > app.clock.now().millis(),
                "seed {seed}, step {step}: {end}"
            );
        }
    }
    println!("seed {seed}: {expired} claims ran out in between");
    each_claim_ended_in_its_time(&app).await;
}

/// Eight functions whose clocks are hours apart, each of which jumps at each request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_that_do_not_agree_on_the_time_still_write_one_chain() {
    let seed = Dice::seed(12);
    let app = TestApp::new().await;
    for run in RUNS {
        app.open_at("agent", run, "block", 0).await;
    }
    let function = |number: u64| {
        let jumps = Mutex::new(Dice::new(seed * 100 + number));
        let clock = move || START.plus_millis(jumps.lock().unwrap().pick(&JUMPS));
        let other_app = App::with_clock(app.inner.store.clone(), Arc::new(clock));
        let mut dice = Dice::new(seed * 1000 + number);
        let app = &app;
        async move {
            let mut revs = [0; 3];
            for _ in 0..60 {
                let which = usize::try_from(dice.below(3)).unwrap();
                let (verb, body) = change(&mut dice, revs[which]);
                let path = format!("{REVIEWS}/{}/block/{verb}", RUNS[which]);
                let request: Request<Body> =
                    app.request(dice.pick(&PEOPLE), "POST", &path, Body::Text(body.to_string()));
                let answer = Box::pin(dispatch(&other_app, request)).await;
                let body: Value = serde_json::from_slice(answer.body()).unwrap();
                assert!(matches!(answer.status().as_u16(), 200 | 409), "seed {seed}: {body}");
                revs[which] = rev(&body).unwrap();
            }
        }
    };
    join_all((0..8).map(function)).await;
    each_claim_ended_in_its_time(&app).await;
}
