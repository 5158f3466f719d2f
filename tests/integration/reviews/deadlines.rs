//! Deadlines: reminders, overdue reviews, and what a policy does with them.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::review::{
    Approvals, Assignment, Deadline, GroupId, OnOverdue, OutputCheck, OverdueAction, Terms, Timestamp,
};
use shared::runtime::lambda::Tick;
use shared::store::{Due, Meter, Scope, Store};
use std::time::Duration;
use sweep::{Bounds, FollowedDeadlines, Swept, sweep};
use tests::faults::{Fault, Faults};
use tests::killed::{Killed, killed_at_each_point};
use tests::outbox::Ways;
use tests::stub_servers::StubServer;
use tests::{REVIEW, START, TestApp, audit, endpoint, leases};

/// Due in ten minutes; a reminder after five, and after nine.
const DUE: u32 = 600;

fn terms(app: &TestApp, action: OverdueAction) -> Terms {
    let escalate_to = (action == OverdueAction::Escalate).then(|| "leads".to_owned());
    let on_overdue = OnOverdue { action, escalate_to, reason: Some("Nobody came.".into()) };
    let deadline = Deadline::starting(app.clock.now(), DUE, vec![300, 60], on_overdue);
    Terms { deadline: Some(deadline), ..Terms::default() }
}

async fn due_in(app: &TestApp, run: &str, action: OverdueAction) {
    app.open_with(run, terms(app, action)).await;
}

async fn swept(app: &TestApp) -> FollowedDeadlines {
    Box::pin(sweep(&app.inner.store, app.clock.now(), Bounds::default())).await.deadlines
}

fn words(overlay: &Value) -> Vec<&str> {
    overlay["audit"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect()
}

async fn overlay_of(app: &TestApp, run: &str) -> Value {
    app.call("dana", "GET", &format!("/v1/workflows/reviews/{run}/block_extract"), None).await.ok()
}

/// What the index of due reviews holds, whenever it is due.
async fn indexed(app: &TestApp) -> Vec<Timestamp> {
    let mut due = Vec::new();
    for shard in 0..Due::SHARDS {
        let later = app.clock.now().plus_millis(1_000_000_000);
        let page = app.inner.store.due(Due::Reviews, shard, later, 100, None).await.unwrap();
        due.extend(page.items.into_iter().map(|item| item.due_at));
    }
    due
}

#[tokio::test]
async fn reminders_and_the_escalation_come_in_their_time_are_told_once_and_end_the_claim() {
    let app = TestApp::with_stream().await;
    let bus = StubServer::start();
    let outbox = app.outbox(Ways { bus: Some(bus.url()), ..Ways::default() }).await;
    due_in(&app, "run_abc123", OverdueAction::Escalate).await;
    for (seconds, reminders) in [(299, 0), (1, 1), (239, 0), (1, 1), (59, 0)] {
        app.clock.advance_seconds(seconds);
        let done = swept(&app).await;
        assert_eq!((done.due, done.reminders, done.failed), (reminders, reminders, 0));
    }
    app.claim("dana", 0, 900).await.ok();
    app.clock.advance_seconds(1);
    let done = swept(&app).await;
    assert_eq!((done.due, done.overdue, done.actions, done.refused), (1, 1, 1, 0));
    app.clock.advance_seconds(86_400);
    assert_eq!(swept(&app).await, FollowedDeadlines::default());
    assert_eq!(indexed(&app).await, []);

    let after = app.get().await.ok();
    assert_eq!((&after["status"], &after["rev"]), (&json!("awaiting_review"), &json!(2)));
    assert_eq!((&after["claim"], &after["escalated_to"]), (&Value::Null, &json!("leads")));
    let expected = ["overlay_created", "due_soon", "due_soon", "claimed", "overdue", "decision_submitted"];
    assert_eq!(words(&after), expected);
    let entries = after["audit"].as_array().unwrap();
    for (entry, revs) in [(&entries[1], (0, None)), (&entries[4], (1, None)), (&entries[5], (1, Some(2)))] {
        let actor = json!({ "kind": "agent", "id": "holdpoint", "display_name": "Holdpoint policy" });
        assert_eq!(entry["actor"], actor);
        assert_eq!((entry["rev_observed"].as_u64(), entry["rev_result"].as_u64()), (Some(revs.0), revs.1));
    }
    assert_eq!(entries[4]["detail"]["due_at"], after["due_at"]);
    assert_eq!(after["decisions"][0]["reason"], "Nobody came.");

    outbox.publish().await;
    let told = bus.received().into_iter().flat_map(|put| put.json()["Entries"].as_array().unwrap().clone());
    let told: Vec<(String, Value)> = told
        .map(|entry| {
            let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            (entry["DetailType"].as_str().unwrap().to_owned(), detail)
        })
        .collect();
    let types: Vec<&str> = told.iter().map(|(word, _)| word.as_str()).collect();
    let expected = ["opened", "due_soon", "due_soon", "claimed", "overdue", "escalated"]
        .map(|it| format!("review.{it}"));
    assert_eq!(types, expected);
    for (index, (_, body)) in told.iter().enumerate() {
        assert_eq!(body["data"]["sequence"], json!(index));
        assert_eq!(body["data"]["entry_id"], entries[index]["entry_id"]);
    }
    assert_eq!(leases(&app).await, [], "the policy's decision has ended the claim");
}

#[tokio::test]
async fn the_policy_rejects_or_approves_and_a_reopening_starts_the_time_again() {
    for (action, status) in [(OverdueAction::Reject, "rejected"), (OverdueAction::Approve, "approved")] {
        let app = TestApp::new().await;
        due_in(&app, "run_abc123", action).await;
        app.clock.advance_seconds(600);
        assert_eq!(swept(&app).await.actions, 1);
        let after = app.get().await.ok();
        assert_eq!((after["status"].as_str(), after["rev"].as_u64()), (Some(status), Some(1)));
        assert_eq!(words(&after), ["overlay_created", "overdue", "decision_submitted"], "no late reminder");
        app.clock.advance_seconds(100);
        let reopened = app.post("dana", "reopen", json!({ "version_stamp": 1 })).await.ok();
        assert_eq!(reopened["due_at"], "2026-05-13T09:16:40.000Z");
        assert_eq!(swept(&app).await, FollowedDeadlines::default());
        app.clock.advance_seconds(300);
        assert_eq!(swept(&app).await.reminders, 1);
        app.approve("dana", 2).await.ok();
        assert_eq!(indexed(&app).await, []);
        app.clock.advance_seconds(3600);
        assert_eq!(swept(&app).await, FollowedDeadlines::default(), "somebody has decided");
    }
}

#[tokio::test]
async fn no_clock_of_ours_alone_makes_a_review_overdue() {
    let app = TestApp::new().await;
    due_in(&app, "run_abc123", OverdueAction::Reject).await;
    let before = app.get().await.ok();
    // The function's clock jumps forth; the schedule's does not. Then the schedule's is ahead, and the function's is not.
    let tick = |time: &str| serde_json::from_value::<Tick>(json!({ "time": time })).unwrap();
    let ahead = app.clock.now().plus_millis(3_600_000);
    for (schedule, own) in [("2026-05-13T08:56:00Z", ahead), ("2026-05-13T09:56:00Z", app.clock.now())] {
        let times = tick(schedule).times("sweep", own);
        let done = Box::pin(sweep(&app.inner.store, times, Bounds::default())).await.deadlines;
        assert_eq!((done.due, done.overdue), (0, 0), "{schedule}");
    }
    assert_eq!(app.get().await.ok(), before);
    // A tick of long ago does its own time's work, and says how late it is.
    app.clock.advance_seconds(1200);
    let times = tick("2026-05-13T09:00:00Z").times("sweep", app.clock.now());
    let done = Box::pin(sweep(&app.inner.store, times, Bounds::default())).await;
    assert_eq!((done.deadlines.reminders, done.deadlines.overdue), (1, 0));
    assert_eq!(done.deadlines.oldest_lag_ms, 900_000, "the reminder was due fifteen minutes ago");
    let lag = done.metrics().into_iter().find(|(name, ..)| *name == "SweepLag").unwrap();
    assert_eq!(lag.2, 900_000);
}

#[tokio::test]
async fn a_clock_that_jumps_forth_and_back_takes_no_step_twice() {
    let app = TestApp::new().await;
    due_in(&app, "run_abc123", OverdueAction::Escalate).await;
    let mut all = FollowedDeadlines::default();
    for millis in [0, 310_000, 299_000, 310_000, 0, 545_000, 300_000, 600_000, 0, 600_000, 5_000_000, 545_000]
    {
        let now = START.plus_millis(millis);
        let done = Box::pin(sweep(&app.inner.store, now, Bounds::default())).await.deadlines;
        all.reminders += done.reminders;
        all.overdue += done.overdue;
        all.actions += done.actions;
    }
    assert_eq!((all.reminders, all.overdue, all.actions), (2, 1, 1));
    let expected = ["overlay_created", "due_soon", "due_soon", "overdue", "decision_submitted"];
    assert_eq!(words(&app.get().await.ok()), expected);
}

/// The sweep's write, or the reviewer's, waits until the other is done: both computed from the same state, in the same millisecond.
#[tokio::test]
async fn of_a_decision_and_the_time_out_in_the_same_millisecond_the_first_write_counts() {
    for first in ["reviewer", "sweep"] {
        let app = TestApp::new().await;
        due_in(&app, "run_abc123", OverdueAction::Reject).await;
        app.clock.advance_seconds(600);
        let faults = Faults::default();
        faults.plan("PutItem", Fault::HoldUp, 1);
        let held = faults.client(endpoint());
        let is_held = async || {
            while faults.left() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let body = json!({ "verdict": "approved", "version_stamp": 0 });
        if first == "reviewer" {
            let store = Store::new(held, app.inner.store.table());
            let late = Box::pin(sweep(&store, app.clock.now(), Bounds::default()));
            let approve = async {
                is_held().await;
                app.post("dana", "decision", body).await.ok();
                faults.let_go();
            };
            let (done, ()) = futures_util::join!(late, approve);
            let done = done.deadlines;
            assert_eq!((done.stale, done.overdue, done.actions, done.failed), (1, 0, 0, 0));
        } else {
            let other_app = app.another_app(held);
            let text = lambda_http::Body::Text(body.to_string());
            let request = app.request("dana", "POST", &format!("{REVIEW}/decision"), text);
            let late = Box::pin(local::gateway::dispatch(&other_app, request));
            let time_out = async {
                is_held().await;
                assert_eq!(swept(&app).await.actions, 1);
                faults.let_go();
            };
            let (answer, ()) = futures_util::join!(late, time_out);
            assert_eq!(answer.status().as_u16(), 409);
        }
        let after = app.get().await.ok();
        let expected = if first == "reviewer" { "approved" } else { "rejected" };
        assert_eq!(
            (after["status"].as_str(), after["decisions"].as_array().unwrap().len()),
            (Some(expected), 1)
        );
        assert_eq!(indexed(&app).await, []);
    }
}

/// A stamp that was read before the reminder is as good as it was: a reminder refuses nobody.
#[tokio::test]
async fn a_reminder_in_the_middle_of_a_decision_refuses_nobody() {
    let app = TestApp::new().await;
    due_in(&app, "run_abc123", OverdueAction::Reject).await;
    app.clock.advance_seconds(300);
    let faults = Faults::default();
    faults.plan("PutItem", Fault::HoldUp, 1);
    let other_app = app.another_app(faults.client(endpoint()));
    let text = json!({ "verdict": "approved", "version_stamp": 0 }).to_string();
    let request = app.request("dana", "POST", &format!("{REVIEW}/decision"), lambda_http::Body::Text(text));
    let decide = Box::pin(local::gateway::dispatch(&other_app, request));
    let remind = async {
        while faults.left() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(swept(&app).await.reminders, 1);
        faults.let_go();
    };
    let (answer, ()) = futures_util::join!(decide, remind);
    assert_eq!(answer.status(), 200);
    assert_eq!(words(&app.get().await.ok()), ["overlay_created", "due_soon", "decision_submitted"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sweeps_at_once_act_once_on_each() {
    let app = TestApp::new().await;
    for index in 0..40 {
        due_in(&app, &format!("run_{index}"), OverdueAction::Escalate).await;
    }
    app.clock.advance_seconds(600);
    let sweeps = (0..4).map(|_| Box::pin(sweep(&app.inner.store, app.clock.now(), Bounds::default())));
    let done = futures_util::future::join_all(sweeps).await;
    let sum = |of: fn(&FollowedDeadlines) -> u64| done.iter().map(|done| of(&done.deadlines)).sum::<u64>();
    assert_eq!((sum(|it| it.overdue), sum(|it| it.actions), sum(|it| it.failed)), (40, 40, 0), "{done:?}");
    for index in 0..40 {
        let overlay = overlay_of(&app, &format!("run_{index}")).await;
        assert_eq!(words(&overlay), ["overlay_created", "overdue", "decision_submitted"]);
    }
}

#[tokio::test]
async fn a_sweep_that_is_killed_at_any_point_is_finished_by_the_next() {
    let killed_at = killed_at_each_point(async |killed_at| {
        let app = TestApp::new().await;
        for run in ["run_0", "run_1"] {
            due_in(&app, run, OverdueAction::Reject).await;
        }
        app.clock.advance_seconds(600);
        let run = sweep(&app.inner.store, app.clock.now(), Bounds::default());
        let was_killed = Killed::after(killed_at, run).await.is_none();
        assert_eq!(swept(&app).await.failed, 0);
        for run in ["run_0", "run_1"] {
            let expected = ["overlay_created", "overdue", "decision_submitted"];
            assert_eq!(words(&overlay_of(&app, run).await), expected, "{run}, killed at {killed_at}");
        }
        assert_eq!(indexed(&app).await, [], "killed at {killed_at}");
        was_killed
    })
    .await;
    assert!(killed_at > 8, "{killed_at}");
}

#[tokio::test]
async fn a_lost_answer_is_no_second_step() {
    for fault in [Fault::LoseAnswer, Fault::FailDone, Fault::CutAnswer] {
        let app = TestApp::new().await;
        due_in(&app, "run_abc123", OverdueAction::Escalate).await;
        app.clock.advance_seconds(600);
        let faults = Faults::default();
        faults.plan("PutItem", fault, 1);
        let store = Store::new(faults.client(endpoint()), app.inner.store.table());
        let done = Box::pin(sweep(&store, app.clock.now(), Bounds::default())).await.deadlines;
        // The SDK does not repeat a call whose answer was cut off: what was done is found by the next run.
        let told = if matches!(fault, Fault::CutAnswer) { (0, 0, 1) } else { (1, 1, 0) };
        assert_eq!((done.overdue, done.actions, done.failed), told);
        assert_eq!(swept(&app).await, FollowedDeadlines::default());
        assert_eq!(words(&app.get().await.ok()), ["overlay_created", "overdue", "decision_submitted"]);
    }
}

/// Overdue and the decision are two entries of one write: a full journal makes room for both.
#[tokio::test]
async fn a_full_journal_makes_room_for_both_entries_and_both_are_told() {
    for claims in 13..=15 {
        let app = TestApp::with_stream().await;
        let bus = StubServer::start();
        let outbox = app.outbox(Ways { bus: Some(bus.url()), ..Ways::default() }).await;
        due_in(&app, "run_abc123", OverdueAction::Reject).await;
        for stamp in 0..claims {
            app.clock.advance_seconds(1);
            app.claim("dana", stamp, 900).await.ok();
        }
        app.clock.advance_seconds(600);
        assert_eq!(swept(&app).await.actions, 1);
        let rows = audit(&app, REVIEW, 200).await;
        assert_eq!(rows.len(), usize::try_from(claims).unwrap() + 3);
        assert_eq!((&rows[0]["event"], &rows[1]["event"]), (&json!("decision_submitted"), &json!("overdue")));
        outbox.publish().await;
        let told =
            bus.received().into_iter().flat_map(|put| put.json()["Entries"].as_array().unwrap().clone());
        let told: Vec<Value> =
            told.map(|entry| serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap()).collect();
        let ids: Vec<&Value> = told.iter().map(|body| &body["data"]["entry_id"]).collect();
        assert_eq!(ids, rows.iter().rev().map(|row| &row["entry_id"]).collect::<Vec<_>>());
        let sequences: Vec<Option<u64>> = told.iter().map(|body| body["data"]["sequence"].as_u64()).collect();
        assert_eq!(sequences, (0..claims + 3).map(Some).collect::<Vec<_>>());
    }
}

/// The escalations that have left META count, too.
#[tokio::test]
async fn an_escalation_too_many_is_recorded_as_overdue_and_not_tried_again() {
    let app = TestApp::new().await;
    due_in(&app, "run_abc123", OverdueAction::Escalate).await;
    for stamp in 0..50 {
        let body =
            json!({ "verdict": "escalated", "version_stamp": stamp, "reason": "?", "escalate_to": "legal" });
        app.post("ben", "decision", body).await.ok();
    }
    app.clock.advance_seconds(600);
    let done = swept(&app).await;
    assert_eq!((done.overdue, done.actions, done.refused, done.failed), (1, 0, 1, 0));
    assert_eq!(swept(&app).await, FollowedDeadlines::default());
    let after = app.get().await.ok();
    assert_eq!((&after["rev"], &after["escalated_to"]), (&json!(50), &json!("legal")));
    assert_eq!(words(&after).last(), Some(&"overdue"));
}

#[tokio::test]
async fn the_policy_approves_nothing_that_several_must_approve_or_that_must_fit() {
    let app = TestApp::new().await;
    let approvals = Approvals { required: 2, four_eyes: false, given: Vec::new(), made_by: Vec::new() };
    let approve = || terms(&app, OverdueAction::Approve);
    app.open_with("run_0", Terms { approvals: Some(approvals), ..approve() }).await;
    app.open_with("run_1", Terms { output: Some(OutputCheck::Enforce), ..approve() }).await;
    app.clock.advance_seconds(600);
    let done = swept(&app).await;
    assert_eq!((done.overdue, done.actions, done.refused), (2, 0, 2));
    for run in ["run_0", "run_1"] {
        let after = overlay_of(&app, run).await;
        assert_eq!(
            (after["status"].as_str(), after["decisions"].as_array()),
            (Some("awaiting_review"), Some(&vec![]))
        );
    }
    assert_eq!(swept(&app).await, FollowedDeadlines::default());
}

#[tokio::test]
async fn an_escalation_by_time_out_reaches_its_group_under_enforcement_too() {
    let app = TestApp::new().await;
    let group = |name: &str| GroupId::parse(name).unwrap();
    let assignment = Assignment { groups: vec![group("clerks")], actors: Vec::new(), enforce: true };
    let terms = Terms { assignment: Some(assignment), ..terms(&app, OverdueAction::Escalate) };
    app.open_with("run_abc123", terms).await;
    app.clock.advance_seconds(600);
    assert_eq!(swept(&app).await.actions, 1);
    let after = app.get().await.ok();
    // Whether that is a group or a person, the policy did not say.
    assert_eq!(after["assigned_to"], json!({ "groups": ["leads"], "actors": ["leads"], "enforce": true }));
    // What the condition of a claim compares says the same.
    let client = app.inner.store.client();
    let meta = client.get_item().table_name(app.inner.store.table());
    let meta = meta.key("pk", AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into()));
    let meta = meta.key("sk", AttributeValue::S("#META".into())).send().await.unwrap().item.unwrap();
    let expected = ["g:leads", "a:leads"].map(|name| AttributeValue::S(name.into()));
    assert_eq!(meta["only_for"], AttributeValue::L(expected.to_vec()));
    for groups in [&[][..], &["leads"]] {
        let id = if groups.is_empty() { "leads" } else { "user_80" };
        let key = app.key_in("org_a", "human", id, &[Scope::Read, Scope::Review], groups).await;
        let rev = app.get().await.ok()["rev"].clone();
        let body = json!({ "version_stamp": rev }).to_string();
        let mut claim = app.request("dana", "POST", &format!("{REVIEW}/claim"), body.into());
        claim.headers_mut().insert("api-key", key.parse().unwrap());
        app.send(claim).await.ok();
    }
}

/// An older build decides without knowing of deadlines, and leaves META where it was in the index.
#[tokio::test]
async fn what_is_in_the_index_without_need_is_put_right() {
    let app = TestApp::new().await;
    due_in(&app, "run_abc123", OverdueAction::Reject).await;
    let place = async |due_at: i64| {
        let update = app.inner.store.client().update_item().table_name(app.inner.store.table());
        let update = update.key("pk", AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into()));
        let update = update.key("sk", AttributeValue::S("#META".into()));
        let update = update.update_expression("SET due_shard = :shard, due_at = :due_at");
        let update = update.expression_attribute_values(":shard", AttributeValue::S("REVIEWS#3".into()));
        update
            .expression_attribute_values(":due_at", AttributeValue::N(due_at.to_string()))
            .send()
            .await
            .unwrap();
    };
    // Too early a place is put right, and nothing else happens.
    place(START.millis()).await;
    let before = app.get().await.ok();
    let done = swept(&app).await;
    assert_eq!((done.due, done.stale, done.reminders), (1, 1, 0));
    assert_eq!((indexed(&app).await, app.get().await.ok()), (vec![START.plus_millis(300_000)], before));
    app.approve("dana", 0).await.ok();
    place(START.millis()).await;
    assert_eq!(swept(&app).await.stale, 1);
    assert_eq!(indexed(&app).await, []);
    assert_eq!(app.get().await.ok()["status"], "approved");
}

#[tokio::test]
async fn one_that_is_not_readable_is_set_aside_and_does_not_stop_the_others() {
    let app = TestApp::new().await;
    for index in 0..6 {
        due_in(&app, &format!("run_{index}"), OverdueAction::None).await;
    }
    app.clock.advance_seconds(600);
    let update = app.inner.store.client().update_item().table_name(app.inner.store.table());
    let update = update.key("pk", AttributeValue::S("REVIEW#org_a#run_3#block_extract".into()));
    let update =
        update.key("sk", AttributeValue::S("#META".into())).update_expression("SET head_seq = :text");
    update.expression_attribute_values(":text", AttributeValue::S("?".into())).send().await.unwrap();
    let done = swept(&app).await;
    assert_eq!((done.due, done.overdue, done.failed, done.more), (6, 5, 1, false));
    assert_eq!(swept(&app).await, FollowedDeadlines::default());
    app.clock.advance_seconds(3601);
    assert_eq!(swept(&app).await.failed, 1);
}

/// Neither waits for the other, whatever there is of it.
#[tokio::test]
async fn leases_and_deadlines_have_shares_of_their_own() {
    for (leases, deadlines) in [(1, 100), (100, 1)] {
        let app = TestApp::new().await;
        for index in 0..4 {
            due_in(&app, &format!("run_{index}"), OverdueAction::None).await;
            let claim = json!({ "version_stamp": 0, "ttl_seconds": 30 });
            let path = format!("/v1/workflows/reviews/run_{index}/block_extract/claim");
            app.call("dana", "POST", &path, Some(claim)).await.ok();
        }
        app.clock.advance_seconds(600);
        let bounds = Bounds { leases, deadlines, ..Bounds::default() };
        let done = Box::pin(sweep(&app.inner.store, app.clock.now(), bounds)).await;
        let expected = if leases == 1 { (1, true, 4, false) } else { (4, false, 1, true) };
        assert_eq!((done.expired, done.more, done.deadlines.overdue, done.deadlines.more), expected);
        let none = Bounds { time: Duration::ZERO, ..Bounds::default() };
        let done = Box::pin(sweep(&app.inner.store, app.clock.now(), none)).await;
        assert_eq!((done.deadlines.due, done.deadlines.more), (0, true));
    }
}

/// 2,500 where thorough; `HOLDPOINT_LEASES` says another number. What each costs is printed, and at most what docs/costs.md says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_reviews_due_at_once_are_followed_by_sweeps_that_keep_their_bound() {
    let count: usize =
        std::env::var("HOLDPOINT_LEASES").map_or(tests::amount(200, 2_500), |count| count.parse().unwrap());
    for (action, most) in [(OverdueAction::None, 2.1), (OverdueAction::Reject, 6.1)] {
        let app = TestApp::new().await;
        let opened: Vec<_> = (0..count).map(|index| (index, &app)).collect();
        for batch in opened.chunks(50) {
            let each = batch.iter().map(|(index, app)| {
                Box::pin(async move {
                    let run = format!("run_{index}");
                    due_in(app, &run, action).await;
                })
            });
            futures_util::future::join_all(each).await;
        }
        app.clock.advance_seconds(600);
        let bounds = Bounds { deadlines: count / 4, ..Bounds::default() };
        let (mut runs, mut overdue, mut actions, mut calls, mut read, mut written) = (0, 0, 0, 0, 0.0, 0.0);
        loop {
            let (done, usage) = Meter::measure(sweep(&app.inner.store, app.clock.now(), bounds)).await;
            let done = done.deadlines;
            assert!(done.due <= u64::try_from(bounds.deadlines).unwrap() && done.failed == 0, "{done:?}");
            (runs, overdue, actions) = (runs + 1, overdue + done.overdue, actions + done.actions);
            (calls, read, written) =
                (calls + usage.calls, read + usage.read_units, written + usage.write_units);
            if !done.more {
                break;
            }
        }
        let count = u64::try_from(count).unwrap();
        assert_eq!((overdue, actions), (count, if action == OverdueAction::None { 0 } else { count }));
        let each = |number: f64| number / count as f64;
        println!(
            "{count} reviews in {runs} sweeps, {action:?}: each {:.2} calls, {:.2} read units, {:.2} write units",
            each(calls as f64),
            each(read),
            each(written)
        );
        // Besides, each sweep asks each shard of both kinds once.
        let asks = f64::from(runs * 2 * i32::from(Due::SHARDS));
        assert!(each(calls as f64 - asks) < 2.1 && each(read - asks) < 1.1 && each(written) < most);
        assert!((4..=6).contains(&runs), "{runs}");
        assert_eq!(Box::pin(sweep(&app.inner.store, app.clock.now(), bounds)).await, Swept::default());
        // Each has acted once.
        for index in [0, count / 2, count - 1] {
            let events = if action == OverdueAction::None { 2 } else { 3 };
            assert_eq!(words(&overlay_of(&app, &format!("run_{index}")).await).len(), events);
        }
    }
}

/// A claim costs what it always did, and does not touch the index of what is due.
#[tokio::test]
async fn a_claim_of_a_review_with_a_deadline_costs_no_more() {
    let app = TestApp::new().await;
    due_in(&app, "run_abc123", OverdueAction::Reject).await;
    let claim = json!({ "version_stamp": 0, "ttl_seconds": 900 });
    let (answer, usage) = app.metered("dana", "POST", &format!("{REVIEW}/claim"), Some(claim)).await;
    answer.ok();
    assert_eq!((usage.round_trips, usage.write_units.to_bits()), (1, 3.0_f64.to_bits()), "{usage:?}");
    assert_eq!(indexed(&app).await, [START.plus_millis(300_000)]);
}
