//! The hottest review that nobody has.

use crate::queue::run;
use futures_util::future::join_all;
use lambda_http::Body;
use lambda_http::http::StatusCode;
use local::gateway::dispatch;
use serde_json::{Value, json};
use shared::store::Meter;
use std::collections::BTreeSet;
use tests::faults::{Fault, Faults};
use tests::{Answer, REVIEWS, TestApp, endpoint, opening};

const PATH: &str = "/v1/workflows/reviews/claim-next";

async fn next(app: &TestApp, who: &str, body: Value) -> Answer {
    app.call(who, "POST", PATH, Some(body)).await
}

#[tokio::test]
async fn the_hottest_unclaimed_comes_next_and_then_none() {
    let app = TestApp::new().await;
    for (run, priority) in [("cold", -1), ("hot", 9), ("first", 0), ("second", 0), ("decided", 20)] {
        app.open_at("agent", run, "block", priority).await;
        app.clock.advance_millis(1);
    }
    let decided = format!("{REVIEWS}/decided/block/decision");
    app.call("ben", "POST", &decided, Some(json!({ "verdict": "approved", "version_stamp": 0 }))).await.ok();
    app.call(
        "ben",
        "POST",
        &format!("{REVIEWS}/first/block/claim"),
        Some(json!({ "version_stamp": 0, "ttl_seconds": 30 })),
    )
    .await
    .ok();
    let overlay = next(&app, "dana", json!({})).await.ok();
    assert_eq!((run(&overlay), &overlay["rev"]), ("hot", &json!(1)));
    assert_eq!(overlay["claim"]["holder"]["id"], "user_42");
    assert_eq!(overlay["versions"].as_array().unwrap().len(), 1, "the whole overlay, ready to work on");
    let overlay = next(&app, "dana", json!({ "ttl_seconds": 60 })).await.ok();
    assert_eq!(run(&overlay), "second", "Ben has the first");
    app.clock.advance_seconds(30);
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "first", "Ben's claim has run out");
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "cold");
    let none = next(&app, "dana", json!({})).await;
    assert_eq!((none.status, none.text.as_str()), (StatusCode::NO_CONTENT, ""));
}

#[tokio::test]
async fn it_looks_in_one_workflow_if_told_and_checks_what_it_is_told() {
    let app = TestApp::new().await;
    for (run, workflow) in [("a", "wf_1"), ("b", "wf_2")] {
        let mut body = opening(run, "block", 0);
        body["workflow_id"] = json!(workflow);
        app.call("agent", "POST", REVIEWS, Some(body)).await;
    }
    assert_eq!(run(&next(&app, "dana", json!({ "workflow_id": "wf_2" })).await.ok()), "b");
    assert_eq!(next(&app, "dana", json!({ "workflow_id": "wf_2" })).await.status, StatusCode::NO_CONTENT);
    for (body, loc) in [
        (json!({ "ttl_seconds": 29 }), "body.ttl_seconds"),
        (json!({ "workflow_id": 7 }), "body.workflow_id"),
        (json!({ "version_stamp": 0 }), "body.version_stamp"),
    ] {
        assert_eq!(next(&app, "dana", body).await.faults()[0].0, loc);
    }
    assert_eq!(next(&app, "other", json!({})).await.status, StatusCode::NO_CONTENT, "another organization");
    next(&app, "reader", json!({})).await.error(403, "forbidden");
}

#[tokio::test]
async fn it_goes_past_pages_of_claimed_reviews() {
    let app = TestApp::new().await;
    for index in 0..61 {
        app.open_at("agent", &format!("run_{index:02}"), "block", 0).await;
        app.clock.advance_millis(1);
        if index < 60 {
            let path = format!("{REVIEWS}/run_{index:02}/block/claim");
            app.call("ben", "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok();
        }
    }
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "run_60");
}

#[tokio::test]
async fn a_review_that_is_escalated_while_the_queue_is_gone_through_is_still_found() {
    let app = TestApp::new().await;
    for index in 0..21 {
        let run = format!("run_{index:02}");
        app.open_at("agent", &run, "block", if index < 20 { 5 } else { 0 }).await;
        if index < 20 {
            let path = format!("{REVIEWS}/{run}/block/claim");
            app.call("ben", "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok();
        }
    }
    // So that the second page is not empty without it.
    app.open_at("agent", "cold", "block", -1).await;
    let path = format!("{REVIEWS}/cold/block/claim");
    app.call("ben", "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok();
    let faults = Faults::default();
    let other_app = app.another_app(faults.client(endpoint()));
    // Its first page is read, its second is not, when the one that is free moves to the front.
    faults.plan("BatchGetItem", Fault::HoldUp, 1);
    let body = Body::Text("{}".into());
    let claim =
        Box::pin(dispatch(&other_app, app.request("dana", "POST", &format!("{REVIEWS}/claim-next"), body)));
    let escalate = async {
        faults.happened().await;
        let body =
            json!({ "version_stamp": 0, "verdict": "escalated", "reason": "?", "escalate_to": "legal" });
        app.call("ben", "POST", &format!("{REVIEWS}/run_20/block/decision"), Some(body)).await.ok();
        faults.let_go();
    };
    let (answer, ()) = futures_util::join!(claim, escalate);
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(run(&serde_json::from_slice(answer.body()).unwrap()), "run_20");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_32_reviewers_at_once_each_gets_another_review_without_a_stampede() {
    const REVIEWERS: usize = 32;
    let app = TestApp::new().await;
    for index in 0..40 {
        app.open_at("agent", &format!("run_{index:02}"), "block", 0).await;
        app.clock.advance_millis(1);
    }
    let people = ["dana", "ben", "agent"];
    let calls = (0..REVIEWERS).map(|index| Meter::measure(next(&app, people[index % 3], json!({}))));
    let (answers, usages): (Vec<_>, Vec<_>) = join_all(calls).await.into_iter().unzip();
    let runs: BTreeSet<String> = answers.into_iter().map(|answer| run(&answer.ok()).to_owned()).collect();
    assert_eq!(runs.len(), REVIEWERS);
    // A call without a lost race is 8: key, index, rows, and the five of a claim. Each lost race is 5 more.
    let calls: usize = usages.iter().map(|usage| usage.calls).sum();
    let races = (calls - 8 * REVIEWERS) / 5;
    println!("32 reviewers lost {races} races in all");
    assert!(races < 3 * REVIEWERS, "a stampede would be {}", REVIEWERS * (REVIEWERS - 1) / 2);
    assert!(runs.contains("run_00"), "the hottest went to somebody");
}

#[tokio::test]
async fn a_review_that_is_edited_before_every_try_is_not_passed_over_as_none() {
    let app = TestApp::new().await;
    app.open_at("agent", "busy", "block", 0).await;
    let faults = Faults::default();
    let other_app = app.another_app(faults.client(endpoint()));
    let edits = async {
        // Three times through the queue, four tries each.
        for stamp in 0..12 {
            faults.plan("UpdateItem", Fault::HoldUp, 1);
            faults.happened().await;
            let body = json!({ "snapshot": { "total": stamp }, "version_stamp": stamp });
            app.call("ben", "POST", &format!("{REVIEWS}/busy/block/versions"), Some(body)).await.ok();
            faults.let_go();
        }
        std::future::pending::<()>().await;
    };
    let request = app.request("dana", "POST", PATH, Body::Text("{}".into()));
    let answer = tokio::select! {
        answer = Box::pin(dispatch(&other_app, request)) => answer,
        () = edits => unreachable!(),
    };
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "busy");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_that_others_keep_editing_is_still_the_next() {
    for round in 0..10 {
        let app = TestApp::new().await;
        app.open_at("agent", "busy", "block", 0).await;
        let edits = async {
            for stamp in 0..30 {
                let body = json!({ "snapshot": { "round": round }, "version_stamp": stamp });
                let path = format!("{REVIEWS}/busy/block/versions");
                if app.call("ben", "POST", &path, Some(body)).await.status != StatusCode::OK {
                    break; // Dana's claim came between.
                }
            }
        };
        let (answer, ()) = futures_util::future::join(next(&app, "dana", json!({})), edits).await;
        // Whoever edits faster than one can claim may win each of the tries; then that is said, and never "none".
        assert_ne!(answer.status, StatusCode::NO_CONTENT, "round {round}");
        if answer.status != StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(run(&answer.ok()), "busy");
        }
    }
}

async fn escalate(app: &TestApp, who: &str, overlay: &Value, to: &str) -> Value {
    let path = format!("{REVIEWS}/{}/block/decision", run(overlay));
    let stamp = &overlay["rev"];
    let body = json!({ "verdict": "escalated", "version_stamp": stamp, "reason": "?", "escalate_to": to });
    app.call(who, "POST", &path, Some(body)).await.ok()["overlay"].clone()
}

#[tokio::test]
async fn what_is_escalated_goes_to_its_addressee_and_to_others_only_when_nothing_else_waits() {
    for to in ["user_17", " Ben OKAFOR "] {
        let app = TestApp::new().await;
        for run in ["first", "second", "third"] {
            app.open_at("agent", run, "block", 0).await;
            app.clock.advance_millis(1);
        }
        let first = next(&app, "dana", json!({})).await.ok();
        escalate(&app, "dana", &first, to).await;
        // It is the hottest now. Who escalated it gets the others, and never this one.
        assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "second", "{to}");
        let third = next(&app, "dana", json!({})).await.ok();
        assert_eq!(run(&third), "third", "{to}");
        assert_eq!(next(&app, "dana", json!({})).await.status, StatusCode::NO_CONTENT, "{to}");
        // Others get it when nothing else waits.
        app.open_at("agent", "cold", "block", -5).await;
        assert_eq!(run(&next(&app, "agent", json!({})).await.ok()), "cold", "{to}");
        app.open_at("agent", "colder", "block", -6).await;
        app.clock.advance_seconds(5);
        assert_eq!(
            run(&next(&app, "ben", json!({})).await.ok()),
            "first",
            "{to}: its addressee, before all else"
        );
        let path = format!("{REVIEWS}/first/block/release");
        app.call("ben", "POST", &path, Some(json!({ "version_stamp": 3 }))).await.ok();
        assert_eq!(run(&next(&app, "agent", json!({})).await.ok()), "colder", "{to}");
        assert_eq!(run(&next(&app, "agent", json!({})).await.ok()), "first", "{to}: nothing else waits");
    }
}

#[tokio::test]
async fn who_claims_and_escalates_in_a_loop_is_given_each_review_once() {
    let app = TestApp::new().await;
    for run in ["a", "b", "c"] {
        app.open_at("agent", run, "block", 0).await;
        app.clock.advance_millis(1);
    }
    let mut runs = Vec::new();
    for _ in 0..3 {
        let overlay = next(&app, "dana", json!({})).await.ok();
        runs.push(run(&overlay).to_owned());
        assert_eq!(escalate(&app, "dana", &overlay, "legal").await["priority"], 10);
    }
    assert_eq!(runs, ["a", "b", "c"]);
    assert_eq!(next(&app, "dana", json!({})).await.status, StatusCode::NO_CONTENT);
    // "legal" is nobody who has a key: anybody else may have them, and escalate them on.
    let overlay = next(&app, "ben", json!({})).await.ok();
    assert_eq!(escalate(&app, "ben", &overlay, " LEGAL ").await["priority"], 10, "the same addressee again");
    // Escalated by Ben now: Dana may have it, as long as nobody else wants it.
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), run(&overlay));
}

#[tokio::test]
async fn a_reopened_review_is_kept_for_nobody() {
    let app = TestApp::new().await;
    let opened = app.open_at("agent", "a", "block", 0).await.body;
    let escalated = escalate(&app, "dana", &opened, "legal").await;
    let path = format!("{REVIEWS}/a/block");
    let reject = json!({ "verdict": "rejected", "version_stamp": escalated["rev"], "reason": "no" });
    app.call("ben", "POST", &format!("{path}/decision"), Some(reject)).await.ok();
    app.call("ben", "POST", &format!("{path}/reopen"), Some(json!({ "version_stamp": 2 }))).await.ok();
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "a");
}

/// A process that has looked a moment ago begins where it found the end of what is taken; for 5 seconds, and not to say "none".
#[tokio::test]
async fn the_hottest_is_known_to_within_five_seconds_and_none_is_never_said_from_memory() {
    let app = TestApp::new().await;
    for index in 0..4 {
        app.open_at("agent", &format!("run_{index}"), "block", 0).await;
        app.clock.advance_millis(1);
    }
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "run_0");
    app.open_at("agent", "hot", "block", 9).await;
    app.clock.advance_millis(4_999);
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "run_1", "what was free behind the last look");
    app.clock.advance_millis(1);
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "hot", "five seconds later");
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "run_2");
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "run_3");
    app.call("ben", "POST", &format!("{REVIEWS}/run_0/block/release"), Some(json!({ "version_stamp": 1 })))
        .await
        .ok();
    assert_eq!(run(&next(&app, "dana", json!({})).await.ok()), "run_0", "nothing behind: so from the top");
    // Another workflow's queue is another memory.
    let mut other = opening("other", "block", 0);
    other["workflow_id"] = json!("wf_2");
    app.call("agent", "POST", REVIEWS, Some(other)).await;
    assert_eq!(run(&next(&app, "dana", json!({ "workflow_id": "wf_2" })).await.ok()), "other");
    assert_eq!(next(&app, "dana", json!({})).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_is_escalated_to_another_is_found_behind_pages_of_claims() {
    let app = TestApp::new().await;
    for index in 0..21 {
        let run = format!("run_{index:02}");
        app.open_at("agent", &run, "block", 50).await;
        let path = format!("{REVIEWS}/{run}/block/claim");
        app.call("ben", "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok();
    }
    let opened = app.open_at("agent", "escalated", "block", 0).await.body;
    escalate(&app, "dana", &opened, "legal").await;
    assert_eq!(run(&next(&app, "agent", json!({})).await.ok()), "escalated", "nothing else waits");
}

#[tokio::test]
async fn what_is_escalated_while_it_is_being_claimed_is_left_to_its_addressee() {
    for command in [None, Some("n-1")] {
        let app = TestApp::new().await;
        let first = app.open_at("agent", "first", "block", 1).await.body;
        app.open_at("agent", "second", "block", 0).await;
        let faults = Faults::default();
        let other_app = app.another_app(faults.client(endpoint()));
        let mut request = app.request("dana", "POST", PATH, Body::Text("{}".into()));
        if let Some(command) = command {
            request.headers_mut().insert("idempotency-key", command.parse().unwrap());
            // The key's and the command's; the next is the review's.
            faults.spare("GetItem", 2);
            faults.plan("GetItem", Fault::HoldUp, 1);
        } else {
            faults.plan("UpdateItem", Fault::HoldUp, 1);
        }
        let claim = Box::pin(dispatch(&other_app, request));
        let escalated = async {
            faults.happened().await;
            escalate(&app, "agent", &first, "user_17").await;
            faults.let_go();
        };
        let (answer, ()) = futures_util::join!(claim, escalated);
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(run(&serde_json::from_slice(answer.body()).unwrap()), "second", "{command:?}");
        assert_eq!(run(&next(&app, "ben", json!({})).await.ok()), "first", "{command:?}");
    }
}
