//! Deadlines under fire: a sweep that is killed before and after each of its requests, clocks that jump, and people in between.

use crate::checker;
use serde_json::{Value, json};
use shared::review::{Deadline, OnOverdue, OverdueAction, Terms};
use shared::store::Store;
use sweep::{Bounds, sweep};
use tests::fault_plan::Dice;
use tests::faults::{Fault, Faults};
use tests::{REVIEWS, TestApp, endpoint};

/// Due after ten minutes, with reminders after five and after nine.
const DUE: i64 = 600_000;
const REMINDERS: [i64; 2] = [300_000, 60_000];

async fn open(app: &TestApp, run: &str, action: OverdueAction) {
    let escalate_to = (action == OverdueAction::Escalate).then(|| "leads".to_owned());
    let on_overdue = OnOverdue { action, escalate_to, reason: None };
    let deadline = Deadline::starting(app.clock.now(), 600, vec![300, 60], on_overdue);
    app.open_with(run, Terms { deadline: Some(deadline), ..Terms::default() }).await;
}

fn path(run: &str) -> String {
    format!("{REVIEWS}/{run}/block_extract")
}

async fn read(app: &TestApp, run: &str) -> Value {
    app.call("dana", "GET", &path(run), None).await.ok()
}

fn millis(time: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).unwrap().timestamp_millis()
}

/// Reads the audit by the contract alone: each step once for each time that the review waited, none too early, none after a decision.
/// Returns how many steps there were, and whether the last wait saw its end.
fn check(overlay: &Value, seed: &str) -> (usize, bool) {
    assert_eq!(checker::whole(overlay), [""; 0], "{seed}");
    let overlay = tests::written(overlay);
    let (mut due, mut reminded, mut overdue, mut acted) = (None, 0, false, false);
    let (mut steps, mut before) = (0, String::new());
    for entry in overlay["audit"].as_array().unwrap() {
        let (event, at) = (entry["event"].as_str().unwrap(), millis(&entry["at"]));
        let is_policy = entry["actor"]["display_name"] == "Holdpoint policy";
        match event {
            "overlay_created" | "reopened" => {
                (due, reminded, overdue, acted) = (Some(at + DUE), 0, false, false);
            }
            "due_soon" => {
                let due = due.unwrap_or_else(|| panic!("{seed}: it is decided: {overlay}"));
                assert!(at >= due - REMINDERS[reminded] && at < due && !overdue, "{seed}: {entry}");
                assert_eq!(millis(&entry["detail"]["due_at"]), due, "{seed}");
                (reminded, steps) = (reminded + 1, steps + 1);
            }
            "overdue" => {
                let due = due.unwrap_or_else(|| panic!("{seed}: it is decided: {overlay}"));
                assert!(at >= due && !overdue && is_policy, "{seed}: {entry}");
                (overdue, steps) = (true, steps + 1);
            }
            "decision_submitted" => {
                if is_policy {
                    assert!(before == "overdue" && !acted, "{seed}: {overlay}");
                    (acted, steps) = (true, steps + 1);
                }
                if entry["detail"]["verdict"] != "escalated" {
                    due = None;
                }
            }
            _ => {}
        }
        event.clone_into(&mut before);
    }
    (steps, due.is_none() || overdue)
}

/// Before each of its requests to the table, and after each whose answer has not come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_killed_at_any_request_is_finished_by_the_next_and_nothing_is_done_twice() {
    for fault in [Fault::Stop, Fault::StopDone] {
        let mut points = 0;
        for nth in 0.. {
            let app = TestApp::new().await;
            for (run, action) in [("run_e", OverdueAction::Escalate), ("run_r", OverdueAction::Reject)] {
                open(&app, run, action).await;
            }
            app.clock.advance_millis(DUE);
            let faults = Faults::default();
            faults.plan_nth(nth, fault);
            let store = Store::new(faults.client(endpoint()), app.inner.store.table());
            let killed = tokio::select! {
                _ = Box::pin(sweep(&store, app.clock.now(), Bounds::default())) => false,
                () = faults.stopped() => true,
            };
            let done = Box::pin(sweep(&app.inner.store, app.clock.now(), Bounds::default())).await;
            assert_eq!((done.deadlines.failed, done.deadlines.more), (0, false));
            for run in ["run_e", "run_r"] {
                let (steps, is_over) = check(&read(&app, run).await, &format!("{fault:?} {nth}"));
                assert_eq!((steps, is_over), (2, true), "{run}, {fault:?} {nth}");
            }
            if !killed {
                break;
            }
            points += 1;
        }
        println!("{fault:?}: at {points} requests");
        assert!(points >= 20, "two reads, two writes, and a look at each shard of both kinds: {points}");
    }
}

#[tokio::test]
async fn when_clocks_jump_and_people_decide_each_step_comes_once_and_in_its_time() {
    const JUMPS: [i64; 10] = [-900_000, -61_000, -1, 0, 1, 59_000, 61_000, 240_000, 300_000, 1_200_000];
    let seed = Dice::seed(19);
    let mut dice = Dice::new(seed);
    let app = TestApp::new().await;
    let actions =
        [OverdueAction::None, OverdueAction::Escalate, OverdueAction::Reject, OverdueAction::Approve];
    let runs = ["run_n", "run_e", "run_r", "run_a"];
    for (run, action) in runs.into_iter().zip(actions) {
        open(&app, run, action).await;
    }
    for step in 0..tests::amount(100, 400) {
        app.clock.advance_millis(dice.pick(&JUMPS));
        let run = dice.pick(&runs);
        let rev = read(&app, run).await["rev"].clone();
        let (verb, mut body) = match dice.below(8) {
            0 => ("decision", json!({ "verdict": "approved" })),
            1 => ("decision", json!({ "verdict": "rejected", "reason": "no" })),
            2..=4 => ("reopen", json!({})),
            _ => ("claim", json!({})),
        };
        body["version_stamp"] = rev;
        // Each by a clock of its own.
        let other = app.clock.now().plus_millis(dice.pick(&JUMPS));
        let sweeps =
            [app.clock.now(), other].map(|now| Box::pin(sweep(&app.inner.store, now, Bounds::default())));
        let path = format!("{}/{verb}", path(run));
        let people = app.call("dana", "POST", &path, Some(body));
        let (answer, done) = futures_util::join!(Box::pin(people), futures_util::future::join_all(sweeps));
        assert!(matches!(answer.status.as_u16(), 200 | 409), "seed {seed}, step {step}: {}", answer.text);
        assert!(done.iter().all(|done| done.deadlines.failed == 0), "seed {seed}, step {step}: {done:?}");
    }
    app.clock.advance_seconds(86_400);
    Box::pin(sweep(&app.inner.store, app.clock.now(), Bounds::default())).await;
    let mut all = 0;
    for run in runs {
        let mut overlay = read(&app, run).await;
        overlay = tests::whole_audit(&app, &path(run), overlay).await;
        let (steps, is_over) = check(&overlay, &format!("seed {seed}"));
        assert!(is_over, "seed {seed}: {run} is open and late, and nothing says so");
        all += steps;
    }
    println!("seed {seed}: {all} steps");
    assert!(all > 10, "{all}");
}
