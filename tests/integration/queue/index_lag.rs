//! Indexes are eventually consistent: what they say may be late. Nothing that is decided rests on it.

use crate::queue::{run, runs};
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use shared::review::{OrganizationId, Status};
use shared::store::QueueFilter;
use std::collections::{BTreeMap, BTreeSet};
use sweep::{Bounds, Swept, sweep};
use tests::fault_plan::Dice;
use tests::outbox::{Ways, webhook};
use tests::stub_servers::{Answer as Say, StubServer};
use tests::{Answer, REVIEWS, TestApp, leases};

async fn next(app: &TestApp, who: &str) -> Answer {
    app.call(who, "POST", &format!("{REVIEWS}/claim-next"), Some(json!({}))).await
}

/// Asserts that there is nothing to claim.
async fn none_is_free(app: &TestApp) {
    assert_eq!(next(app, "dana").await.status, StatusCode::NO_CONTENT);
}

async fn list(app: &TestApp, query: &str) -> Value {
    app.call("dana", "GET", &format!("{REVIEWS}?{query}"), None).await.ok()
}

async fn act(app: &TestApp, who: &str, run: &str, verb: &str, body: Value) -> Value {
    app.call(who, "POST", &format!("{REVIEWS}/{run}/block/{verb}"), Some(body)).await.ok()
}

async fn approve(app: &TestApp, run: &str, stamp: u64) {
    act(app, "ben", run, "decision", json!({ "verdict": "approved", "version_stamp": stamp })).await;
}

/// How many reviews the index has in that status.
async fn count(app: &TestApp, status: Status) -> usize {
    let organization = OrganizationId::parse("org_a").unwrap();
    let filter = QueueFilter {
        organization,
        workflow: None,
        status: None,
        claimed_by: None,
        overdue: false,
        assigned: None,
    };
    app.inner.store.count(&filter, status, 100).await.unwrap()
}

async fn swept(app: &TestApp) -> Swept {
    Box::pin(sweep(&app.inner.store, app.clock.now(), Bounds::default())).await
}

#[tokio::test]
async fn claim_next_gives_out_nothing_that_only_the_index_takes_for_free() {
    let (app, lag) = TestApp::with_index_lag().await;
    for (run, priority) in [("decided", 9), ("claimed", 8), ("escalated", 7), ("free", 0)] {
        app.open_at("agent", run, "block", priority).await;
    }
    lag.hold().await;
    approve(&app, "decided", 0).await;
    act(&app, "ben", "claimed", "claim", json!({ "version_stamp": 0 })).await;
    let away = json!({ "verdict": "escalated", "version_stamp": 0, "reason": "?", "escalate_to": "legal" });
    act(&app, "dana", "escalated", "decision", away).await;
    assert_eq!(count(&app, Status::AwaitingReview).await, 4, "the index does not know it yet");
    assert_eq!(run(&next(&app, "dana").await.ok()), "free");
    none_is_free(&app).await;
    // Who escalated it does not get it, wherever the index has it; somebody else does.
    assert_eq!(run(&next(&app, "ben").await.ok()), "escalated");
    assert_eq!(next(&app, "ben").await.status, StatusCode::NO_CONTENT);
    lag.catch_up().await;
    assert_eq!(count(&app, Status::AwaitingReview).await, 3);
    none_is_free(&app).await;
}

#[tokio::test]
async fn what_the_index_lacks_is_found_as_soon_as_the_index_has_it() {
    let (app, lag) = TestApp::with_index_lag().await;
    app.open_at("agent", "taken", "block", 0).await;
    act(&app, "ben", "taken", "claim", json!({ "version_stamp": 0 })).await;
    // From here on this process remembers that all up to that place are taken.
    none_is_free(&app).await;
    lag.hold().await;
    app.open_at("agent", "hotter", "block", 9).await;
    app.open_at("agent", "colder", "block", -9).await;
    none_is_free(&app).await;
    assert_eq!(runs(&list(&app, "").await), ["taken"]);
    assert_eq!(count(&app, Status::AwaitingReview).await, 1);
    lag.catch_up().await;
    assert_eq!(runs(&list(&app, "").await), ["hotter", "taken", "colder"]);
    assert_eq!(count(&app, Status::AwaitingReview).await, 3);
    let claimed = [next(&app, "dana").await.ok(), next(&app, "dana").await.ok()];
    assert_eq!(BTreeSet::from([run(&claimed[0]), run(&claimed[1])]), BTreeSet::from(["colder", "hotter"]));
    none_is_free(&app).await;
    // One that is opened to review again comes back, too.
    approve(&app, "taken", 1).await;
    none_is_free(&app).await;
    lag.hold().await;
    act(&app, "ben", "taken", "reopen", json!({ "version_stamp": 2 })).await;
    none_is_free(&app).await;
    lag.catch_up().await;
    assert_eq!(run(&next(&app, "dana").await.ok()), "taken");
}

#[tokio::test]
async fn a_list_has_rows_as_they_are_and_pages_go_on_past_those_that_have_left() {
    let (app, lag) = TestApp::with_index_lag().await;
    for (index, run) in ["a", "b", "c", "d", "e", "f"].into_iter().enumerate() {
        app.open_at("agent", run, "block", -i32::try_from(index).unwrap()).await;
    }
    lag.hold().await;
    for run in ["a", "b", "d"] {
        approve(&app, run, 0).await;
        app.clock.advance_millis(1);
    }
    act(&app, "ben", "e", "claim", json!({ "version_stamp": 0 })).await;
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = list(&app, &format!("limit=2{cursor}")).await;
        pages.push(runs(&page).join(" "));
        for row in page["data"].as_array().unwrap() {
            let overlay = app.call("dana", "GET", &format!("{REVIEWS}/{}/block", run(row)), None).await.ok();
            assert_eq!((&row["status"], &row["rev"]), (&json!("awaiting_review"), &overlay["rev"]));
            assert_eq!(row["claim"], overlay["claim"]);
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(pages, ["", "c", "e f"], "the index still has a, b and d");
    assert_eq!(runs(&list(&app, "status=approved").await), Vec::<&str>::new(), "and has them nowhere else");
    let all = list(&app, "status=all").await;
    let statuses: Vec<&str> =
        all["data"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(runs(&all), ["a", "b", "c", "d", "e", "f"], "where the index has them");
    assert_eq!(statuses[..4], ["approved", "approved", "awaiting_review", "approved"], "but as they are");
    lag.catch_up().await;
    assert_eq!(runs(&list(&app, "status=approved").await), ["d", "b", "a"]);
    assert_eq!(runs(&list(&app, "").await), ["c", "e", "f"]);
}

#[tokio::test]
async fn a_claim_that_was_renewed_is_not_ended_by_what_the_index_still_says() {
    let (app, lag) = TestApp::with_index_lag().await;
    app.open_at("agent", "run", "block", 0).await;
    let claim = |stamp: u64| json!({ "version_stamp": stamp, "ttl_seconds": 30 });
    act(&app, "dana", "run", "claim", claim(0)).await;
    app.clock.advance_seconds(20);
    lag.hold().await;
    act(&app, "dana", "run", "claim", claim(1)).await;
    app.clock.advance_seconds(15);
    let done = swept(&app).await;
    assert_eq!((done.due, done.expired, done.stale), (1, 0, 1), "by the index it was due");
    let kept = leases(&app).await;
    assert_eq!(kept.len(), 1, "its lease stays, or its end would never be recorded");
    assert_eq!(kept[0]["due_at"], kept[0]["expires_at"]);
    lag.catch_up().await;
    assert_eq!(swept(&app).await, Swept::default());
    app.clock.advance_seconds(20);
    assert_eq!(swept(&app).await.expired, 1);
}

#[tokio::test]
async fn the_end_of_a_claim_is_recorded_once_however_often_the_index_shows_it() {
    let (app, lag) = TestApp::with_index_lag().await;
    app.open_at("agent", "run", "block", 0).await;
    let claim = json!({ "version_stamp": 0, "ttl_seconds": 30 });
    act(&app, "dana", "run", "claim", claim).await;
    app.clock.advance_seconds(30);
    lag.hold().await;
    let first = swept(&app).await;
    assert_eq!((first.due, first.expired, first.stale, first.failed), (1, 1, 0, 0));
    let again = swept(&app).await;
    assert_eq!((again.due, again.expired, again.stale, again.failed), (1, 0, 1, 0), "the index still has it");
    assert_eq!(leases(&app).await, [], "and nothing was put where the lease was");
    let overlay = list(&app, "").await["data"][0].clone();
    assert_eq!((&overlay["rev"], &overlay["claim"]), (&json!(1), &Value::Null));
    // The next claim of the same reviewer has the same keys, and stays.
    act(&app, "dana", "run", "claim", json!({ "version_stamp": 1, "ttl_seconds": 60 })).await;
    assert_eq!(swept(&app).await.expired, 0);
    assert_eq!(leases(&app).await.len(), 1);
    lag.catch_up().await;
    assert_eq!(swept(&app).await, Swept::default());
    let overlay = app.call("dana", "GET", &format!("{REVIEWS}/run/block"), None).await.ok();
    let events = overlay["audit"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap());
    let events: Vec<&str> = events.collect();
    assert_eq!(events, ["overlay_created", "claimed", "claim_expired", "claimed"]);
}

#[tokio::test]
async fn a_delivery_is_made_once_however_often_the_index_shows_it() {
    let (app, lag) = TestApp::with_index_lag().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    receiver.then([Say::Say(503, json!({}))]);
    lag.hold().await;
    app.open_at("agent", "run", "block", 0).await;
    outbox.publish().await;
    app.clock.advance_seconds(30);
    let done = outbox.redeliver().await;
    assert_eq!((done.due, done.delivered), (0, 0), "the index does not have it yet");
    lag.catch_up().await;
    lag.hold().await;
    let done = outbox.redeliver().await;
    assert_eq!((done.due, done.delivered), (1, 1));
    let again = outbox.redeliver().await;
    assert_eq!(
        (again.due, again.delivered, again.failed, again.errors),
        (1, 0, 0, 0),
        "the index still has it"
    );
    assert_eq!(receiver.received().len(), 2);
    lag.catch_up().await;
    assert_eq!(outbox.redeliver().await.due, 0);
}

#[tokio::test]
async fn a_redrive_is_made_once_however_often_the_index_shows_it() {
    let (app, lag) = TestApp::with_index_lag().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    let id = webhook(&app, "admin", &receiver).await;
    receiver.then([Say::Say(500, json!({})), Say::Say(500, json!({})), Say::Say(500, json!({}))]);
    app.open_at("agent", "run", "block", 0).await;
    outbox.publish().await;
    // The try after these two would be ten minutes later.
    for seconds in [30, 120] {
        app.clock.advance_seconds(seconds);
        assert_eq!(outbox.redeliver().await.failed, 1);
    }
    app.call("admin", "POST", &format!("/v1/webhooks/{id}/enable"), None).await.ok();
    lag.hold().await;
    let done = outbox.redeliver().await;
    assert_eq!((done.redriven, done.delivered), (1, 0), "what it made due is not in the index yet");
    let again = outbox.redeliver().await;
    assert_eq!((again.redriven, again.delivered, again.errors), (0, 0, 0), "the request is still in it");
    lag.catch_up().await;
    assert_eq!(outbox.redeliver().await.delivered, 1);
    assert_eq!((outbox.redeliver().await.due, receiver.received().len()), (0, 4));
}

#[tokio::test]
async fn a_run_is_resumed_once_however_often_the_index_shows_it() {
    let (app, lag) = TestApp::with_index_lag().await;
    let service = StubServer::start();
    let outbox = app.outbox(Ways { step_functions: Some(service.url()), ..Ways::default() }).await;
    let mut opening = tests::opening("run", "block", 0);
    opening["resume"] =
        json!({ "kind": "step_functions", "task_token": "AAAAKgAAAAIAAAAAAAAAATokenOfTheTask" });
    let opened = app.call("agent", "POST", REVIEWS, Some(opening)).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text);
    approve(&app, "run", 0).await;
    service.then([Say::Say(400, json!({ "__type": "ThrottlingException", "message": "later" }))]);
    outbox.publish().await;
    app.clock.advance_seconds(30);
    lag.hold().await;
    assert_eq!(outbox.redeliver().await.due, 1);
    assert_eq!(service.received().len(), 2);
    let again = outbox.redeliver().await;
    assert_eq!((again.due, again.errors, service.received().len()), (1, 0, 2), "the index still has it");
    let overlay = app.call("dana", "GET", &format!("{REVIEWS}/run/block"), None).await.ok();
    assert_eq!(overlay["resume"]["status"], "resumed", "{}", overlay["resume"]);
    lag.catch_up().await;
    assert_eq!(outbox.redeliver().await.due, 0);
}

#[tokio::test]
async fn under_a_changing_lag_each_review_is_claimed_by_one_and_decided_once() {
    let (app, lag) = TestApp::with_index_lag().await;
    let mut dice = Dice::new(18);
    let (mut opened, mut held) = (0, BTreeMap::<String, (&str, u64)>::new());
    let mut decided = BTreeSet::new();
    while decided.len() < 24 {
        lag.stay_behind(usize::try_from(dice.below(12)).unwrap()).await;
        if opened < 24 {
            app.open_at("agent", &format!("run_{opened}"), "block", i32::try_from(dice.below(5)).unwrap())
                .await;
            opened += 1;
        } else if dice.below(3) == 0 {
            lag.catch_up().await;
        }
        app.clock.advance_millis(i64::try_from(dice.below(2000)).unwrap());
        let who = dice.pick(&["dana", "ben", "agent"]);
        let answer = next(&app, who).await;
        if answer.status != StatusCode::NO_CONTENT {
            let overlay = answer.ok();
            let run = run(&overlay).to_owned();
            assert!(!decided.contains(&run), "{run} is decided");
            assert_eq!(overlay["audit"].as_array().unwrap().len(), 2, "opened and claimed: {overlay}");
            let before = held.insert(run.clone(), (who, overlay["rev"].as_u64().unwrap()));
            assert_eq!(before, None, "{run} was claimed");
        }
        if !held.is_empty() && dice.below(2) == 0 {
            let (run, (who, stamp)) = held.pop_first().unwrap();
            let approval = json!({ "verdict": "approved", "version_stamp": stamp });
            act(&app, who, &run, "decision", approval).await;
            decided.insert(run);
        }
        for row in list(&app, "").await["data"].as_array().unwrap() {
            assert!(!decided.contains(run(row)), "{row}");
            assert_eq!(row["claim"].is_null(), !held.contains_key(run(row)), "{row}");
        }
    }
    lag.catch_up().await;
    assert_eq!(list(&app, "").await["data"], json!([]));
    assert_eq!((count(&app, Status::Approved).await, count(&app, Status::AwaitingReview).await), (24, 0));
}
