//! The held run is told: Step Functions tasks and webhooks, what fails, what is in doubt, and opening again after it.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::join;
use lambda_http::http::StatusCode;
use local::gateway::dispatch;
use publish::Outbound;
use serde_json::{Value, json};
use shared::egress::Egress;
use shared::review::{Resume, ResumeStatus};
use shared::store::Scope;
use std::time::Duration;
use tests::faults::{Fault, Faults};
use tests::outbox::webhook;
use tests::outbox::{Outbox, Ways};
use tests::stub_servers::{Answer, Received, StubServer};
use tests::{REVIEW, REVIEWS, TestApp, endpoint};

const TOKEN: &str = "AAAAKgAAAAIAAAAAAAAAATokenOfTheTask";

/// A snapshot whose numbers and order would not survive a parser.
const SNAPSHOT: &str = r#"{"z": 1.10, "a": 12345678901234567890, "deep": {"é": [1e2, null]}}"#;

async fn app() -> (TestApp, StubServer, Outbox) {
    let app = TestApp::with_stream().await;
    let service = StubServer::start();
    let outbox = app.outbox(Ways { step_functions: Some(service.url()), ..Ways::default() }).await;
    (app, service, outbox)
}

fn opening(resume: Value) -> Value {
    let mut opening = tests::opening("run_abc123", "block_extract", 0);
    opening["resume"] = resume;
    opening
}

async fn open(app: &TestApp, resume: Value) -> Value {
    let answer = app.call("agent", "POST", REVIEWS, Some(opening(resume))).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.body
}

async fn open_with_token(app: &TestApp) -> Value {
    open(app, json!({ "kind": "step_functions", "task_token": TOKEN })).await
}

fn action(received: &Received) -> &str {
    received.header("x-amz-target").strip_prefix("AWSStepFunctions.").unwrap()
}

fn fault(name: &str) -> Answer {
    Answer::Say(400, json!({ "__type": name, "message": "says the stub server" }))
}

async fn resume_of(app: &TestApp) -> Value {
    app.get().await.ok()["resume"].clone()
}

#[tokio::test]
async fn an_approval_succeeds_the_task_with_exactly_the_effective_snapshot() {
    let (app, service, outbox) = app().await;
    let opened = open_with_token(&app).await;
    let pending =
        json!({ "target": "step_functions", "status": "pending", "attempts": 0, "last_error": null });
    assert_eq!(opened["resume"], pending);
    outbox.publish().await;
    assert!(service.received().is_empty(), "nothing is decided yet");

    let body = format!(r#"{{"version_stamp": 0, "verdict": "approved", "edited_output": {SNAPSHOT}}}"#);
    let request = app.request("dana", "POST", &format!("{REVIEW}/decision"), lambda_http::Body::Text(body));
    let decided = app.send(request).await.ok();
    assert_eq!(decided["submission_status"], "accepted");
    outbox.publish().await;

    let received = service.received();
    assert_eq!((received.len(), action(&received[0])), (1, "SendTaskSuccess"));
    let sent = received[0].json();
    assert_eq!(sent["taskToken"], TOKEN);
    let output = sent["output"].as_str().unwrap();
    assert!(output.contains(SNAPSHOT), "to the last digit: {output}");
    let version = &decided["overlay"]["versions"][1];
    let told: Value = serde_json::from_str(output).unwrap();
    assert_eq!(
        told,
        json!({
            "verdict": "approved",
            "organization_id": "org_a",
            "workflow_id": "wf_1",
            "workflow_version_id": "wfv_1",
            "workflow_run_id": "run_abc123",
            "block_id": "block_extract",
            "decision_id": decided["overlay"]["decisions"][0]["decision_id"],
            "decided_by": decided["overlay"]["decisions"][0]["decided_by"],
            "reason": null,
            "effective_seq": 1,
            "content_sha256": version["content_sha256"],
            "snapshot": version["snapshot"],
            "snapshot_url": null,
        })
    );
    let resumed =
        json!({ "target": "step_functions", "status": "resumed", "attempts": 1, "last_error": null });
    assert_eq!(resume_of(&app).await, resumed);
    assert_eq!(app.get().await.ok()["rev"], 1, "telling the run is no change of the review");
    outbox.publish().await;
    app.clock.advance_seconds(3600);
    outbox.redeliver().await;
    assert_eq!(service.received().len(), 1, "told once");
}

#[tokio::test]
async fn the_version_that_was_approved_is_told_not_the_newest() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    app.post("dana", "versions", json!({ "version_stamp": 0, "snapshot": { "newest": true } })).await.ok();
    let approval = json!({ "version_stamp": 1, "verdict": "approved", "on_seq": 1, "effective_seq": 0 });
    app.post("dana", "decision", approval).await.ok();
    outbox.publish().await;
    let told: Value = serde_json::from_str(service.received()[0].json()["output"].as_str().unwrap()).unwrap();
    assert_eq!((&told["effective_seq"], &told["snapshot"]["vendor"]), (&json!(0), &json!("Northwind")));
}

#[tokio::test]
async fn a_rejection_fails_the_task_with_its_reason() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    let rejection = json!({ "version_stamp": 0, "verdict": "rejected", "reason": "Not an invoice" });
    app.post("dana", "decision", rejection).await.ok();
    outbox.publish().await;
    let received = service.received();
    assert_eq!(action(&received[0]), "SendTaskFailure");
    let sent = received[0].json();
    assert_eq!((&sent["taskToken"], &sent["error"]), (&json!(TOKEN), &json!("ReviewRejected")));
    let cause: Value = serde_json::from_str(sent["cause"].as_str().unwrap()).unwrap();
    assert_eq!((&cause["reason"], &cause["effective_seq"]), (&json!("Not an invoice"), &Value::Null));
    assert_eq!((&cause["verdict"], &cause["workflow_version_id"]), (&json!("rejected"), &json!("wfv_1")));
    assert_eq!(resume_of(&app).await["status"], "resumed");
}

#[tokio::test]
async fn an_escalation_tells_nobody() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    let body = json!({ "version_stamp": 0, "verdict": "escalated", "reason": "?", "escalate_to": "legal" });
    app.post("dana", "decision", body).await.ok();
    outbox.publish().await;
    assert!(service.received().is_empty());
    assert_eq!(resume_of(&app).await["status"], "pending");
}

#[tokio::test]
async fn a_snapshot_that_is_too_large_for_step_functions_is_pointed_to() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    let large = json!({ "text": "é".repeat(140_000) });
    let approval = json!({ "version_stamp": 0, "verdict": "approved", "edited_output": large });
    let decided = app.post("dana", "decision", approval).await.ok();
    outbox.publish().await;
    let output = service.received()[0].json()["output"].as_str().unwrap().to_owned();
    assert!(output.len() < publish::OUTPUT_LIMIT);
    let told: Value = serde_json::from_str(&output).unwrap();
    let url = told["snapshot_url"].as_str().unwrap();
    assert_eq!((&told["snapshot"], url), (&Value::Null, format!("{REVIEW}/versions/1").as_str()));
    let version = app.call("dana", "GET", url, None).await.ok();
    assert_eq!(version["content_sha256"], told["content_sha256"]);
    assert_eq!(version, decided["overlay"]["versions"][1]);
}

#[tokio::test]
async fn an_endpoint_that_fails_three_times_and_then_answers() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    service.then([fault("ThrottlingException"), Answer::Say(500, json!({})), Answer::Cut]);
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    let after = resume_of(&app).await;
    assert_eq!((&after["status"], &after["attempts"]), (&json!("pending"), &json!(1)));
    assert_eq!(after["last_error"], "ThrottlingException: says the stub server");
    assert_eq!(app.approve("dana", 0).await.ok()["submission_status"], "already_received");
    for (attempts, seconds) in [(2, 30), (3, 120), (4, 600)] {
        outbox.redeliver().await;
        outbox.publish().await;
        assert_eq!(service.received().len() + 1, attempts, "not before its time");
        app.clock.advance_seconds(seconds);
        outbox.redeliver().await;
        assert_eq!(resume_of(&app).await["attempts"], attempts);
    }
    let after = resume_of(&app).await;
    assert_eq!((&after["status"], &after["last_error"]), (&json!("resumed"), &Value::Null));
    assert_eq!(app.approve("dana", 0).await.ok()["submission_status"], "already_applied");
    let bodies: Vec<String> = service.received().into_iter().map(|it| it.body).collect();
    assert_eq!(bodies, vec![bodies[0].clone(); 4]);
}

#[tokio::test]
async fn a_task_that_timed_out_is_a_failure_that_can_be_retried_by_a_call() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    app.post("dana", "resume", json!({ "version_stamp": 0 })).await.error(409, "nothing_to_resume");
    service.then([fault("TaskTimedOut")]);
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    let failed = json!({
        "target": "step_functions", "status": "failed", "attempts": 1,
        "last_error": "TaskTimedOut: says the stub server",
    });
    assert_eq!(resume_of(&app).await, failed);
    app.clock.advance_seconds(86_400);
    assert_eq!((outbox.redeliver().await.due, service.received().len()), (0, 1), "nobody tries any more");

    app.post("dana", "resume", json!({ "version_stamp": 0 })).await.error(409, "version_conflict");
    app.post("reader", "resume", json!({ "version_stamp": 1 })).await.error(403, "forbidden");
    app.post("other", "resume", json!({ "version_stamp": 1 })).await.error(404, "review_not_found");
    let faults = app.post("dana", "resume", json!({ "again": true })).await.faults();
    let codes: Vec<&str> = faults.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(codes, ["missing", "unknown_field"]);

    let asked = app.post("ben", "resume", json!({ "version_stamp": 1 })).await.ok();
    assert_eq!((&asked["resume"]["status"], &asked["rev"]), (&json!("pending"), &json!(1)));
    assert_eq!(app.post("ben", "resume", json!({ "version_stamp": 1 })).await.ok(), asked, "asked once more");
    outbox.publish().await;
    let resumed = resume_of(&app).await;
    assert_eq!((&resumed["status"], &resumed["attempts"]), (&json!("resumed"), &json!(2)));
    app.post("dana", "resume", json!({ "version_stamp": 1 })).await.error(409, "nothing_to_resume");
}

#[tokio::test]
async fn nine_tries_and_then_it_has_failed() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    service.always(Answer::Say(500, json!({})));
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    for _ in 0..200 {
        outbox.redeliver().await;
        app.clock.advance_seconds(600);
    }
    let after = resume_of(&app).await;
    assert_eq!(
        (&after["status"], &after["attempts"], service.received().len()),
        (&json!("failed"), &json!(9), 9)
    );
}

#[tokio::test]
async fn a_run_that_is_told_is_not_reviewed_again_unless_forced() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    let detail = app.post("ben", "reopen", json!({ "version_stamp": 1 })).await.error(409, "already_resumed");
    assert_eq!(detail["details"]["resume"]["status"], "resumed");
    let faults = app.post("ben", "reopen", json!({ "version_stamp": 1, "force": "yes" })).await.faults();
    assert_eq!(faults, [("body.force".to_owned(), "wrong_type".to_owned())]);
    let forced = json!({ "version_stamp": 1, "force": true, "reason": "Wrong total" });
    let reopened = app.post("ben", "reopen", forced.clone()).await.ok();
    assert_eq!(reopened["audit"][2]["detail"], json!({ "reason": "Wrong total", "forced": true }));
    let waiting =
        json!({ "target": "step_functions", "status": "pending", "attempts": 0, "last_error": null });
    assert_eq!(reopened["resume"], waiting);
    assert_eq!(app.post("ben", "reopen", forced).await.ok(), reopened, "the same call again");
    outbox.publish().await;
    assert_eq!(service.received().len(), 1);
    // The next decision is told, too; what the service thinks of it is shown.
    service.then([fault("TaskTimedOut")]);
    app.approve("dana", 2).await.ok();
    outbox.publish().await;
    assert_eq!(resume_of(&app).await["status"], "failed");
    let again = app.post("ben", "reopen", json!({ "version_stamp": 3 })).await.ok();
    assert_eq!(again["audit"][4]["detail"], json!({}), "the run was not told: nothing to force");
}

#[tokio::test]
async fn a_run_that_may_have_been_told_is_not_reviewed_again_unless_forced() {
    // The answer gets lost, or the try dies with its process.
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    service.then([Answer::Cut, fault("TaskTimedOut")]);
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    assert_eq!(resume_of(&app).await["status"], "pending");
    app.post("ben", "reopen", json!({ "version_stamp": 1 })).await.error(409, "already_resumed");
    app.clock.advance_seconds(30);
    outbox.redeliver().await;
    let after = resume_of(&app).await;
    assert_eq!(after["status"], "failed");
    assert!(after["last_error"].as_str().unwrap().ends_with("the run may have been resumed)"), "{after}");
    app.post("ben", "reopen", json!({ "version_stamp": 1 })).await.error(409, "already_resumed");
    app.post("ben", "reopen", json!({ "version_stamp": 1, "force": true })).await.ok();
}

#[tokio::test]
async fn a_try_that_dies_is_taken_up_again() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    app.approve("dana", 0).await.ok();
    let id = app.inner.store.begin_resume(&review_id(), app.clock.now()).await.unwrap();
    drop(id.unwrap());
    outbox.publish().await;
    assert!(service.received().is_empty(), "somebody is at it");
    app.post("ben", "reopen", json!({ "version_stamp": 1 })).await.error(409, "already_resumed");
    app.clock.advance_seconds(120);
    outbox.redeliver().await;
    let after = resume_of(&app).await;
    assert_eq!(
        (&after["status"], &after["attempts"], service.received().len()),
        (&json!("resumed"), &json!(2), 1)
    );
}

fn review_id() -> shared::review::ReviewId {
    use shared::review::{BlockId, OrganizationId, ReviewId, RunId};
    ReviewId {
        organization: OrganizationId::parse("org_a").unwrap(),
        run: RunId::parse("run_abc123").unwrap(),
        block: BlockId::parse("block_extract").unwrap(),
    }
}

#[tokio::test]
async fn two_at_once_tell_the_run_once() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    app.approve("dana", 0).await.ok();
    let batches = outbox.take().await;
    let publish = async |_: usize| {
        for batch in &batches {
            Box::pin(outbox.publisher.publish(batch.clone())).await;
        }
    };
    join!(publish(1), publish(2), publish(3), outbox.redeliver());
    assert_eq!(service.received().len(), 1);
    assert_eq!(resume_of(&app).await["attempts"], 1);
}

#[tokio::test]
async fn a_retried_state_takes_the_place_of_the_one_before() {
    let (app, service, outbox) = app().await;
    let opened = open_with_token(&app).await;
    let again = |token: &str| opening(json!({ "kind": "step_functions", "task_token": token }));
    let same = app.call("agent", "POST", REVIEWS, Some(again(TOKEN))).await.ok();
    assert_eq!(same, opened);
    app.call("agent", "POST", REVIEWS, Some(again("second"))).await.ok();
    service.then([fault("TaskTimedOut")]);
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    assert_eq!(service.received()[0].json()["taskToken"], "second");
    assert_eq!(resume_of(&app).await["status"], "failed");
    // The state was retried while a person was at it: its new token is told at once.
    let third = app.call("agent", "POST", REVIEWS, Some(again("third"))).await.ok();
    assert_eq!((&third["resume"]["status"], &third["status"]), (&json!("pending"), &json!("approved")));
    outbox.publish().await;
    assert_eq!(service.received()[1].json()["taskToken"], "third");
    assert_eq!(resume_of(&app).await["status"], "resumed");
    // Who says nothing of it changes nothing of it; other content is another review.
    let silent = app.call("agent", "POST", REVIEWS, Some(opening(Value::Null))).await.ok();
    assert_eq!(silent["resume"]["status"], "resumed");
    let mut other = again("fourth");
    other["priority"] = json!(9);
    app.call("agent", "POST", REVIEWS, Some(other)).await.error(409, "review_exists");
}

#[tokio::test]
async fn a_run_without_an_address_can_be_given_one() {
    let (app, service, outbox) = app().await;
    assert_eq!(open(&app, Value::Null).await["resume"], Value::Null);
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    app.post("dana", "resume", json!({ "version_stamp": 1 })).await.error(409, "nothing_to_resume");
    let late = opening(json!({ "kind": "step_functions", "task_token": "late" }));
    app.call("agent", "POST", REVIEWS, Some(late)).await.ok();
    outbox.publish().await;
    assert_eq!((service.received().len(), resume_of(&app).await["status"].as_str()), (1, Some("resumed")));
}

#[tokio::test]
async fn a_webhook_is_told_with_a_signature_and_shown_by_its_origin_only() {
    let (app, _, outbox) = app().await;
    let receiver = StubServer::start();
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let url = format!("{}/secret-path", receiver.url());
    let resume = json!({ "kind": "webhook", "url": url, "signing_secret": secret });
    let opened = open(&app, resume).await;
    assert_eq!(opened["resume"]["target"], receiver.url());
    assert!(!opened.to_string().contains("secret"), "{opened}");
    receiver.then([Answer::Say(404, json!({}))]);
    let rejection = json!({ "version_stamp": 0, "verdict": "rejected", "reason": "No" });
    let decided = app.post("dana", "decision", rejection).await.ok();
    outbox.publish().await;
    assert_eq!(resume_of(&app).await["last_error"], "answered 404");
    app.clock.advance_seconds(30);
    outbox.redeliver().await;
    assert_eq!(resume_of(&app).await["status"], "resumed");
    let told = receiver.received();
    assert_eq!((told.len(), told[1].path.as_str()), (2, "/secret-path"));
    assert_eq!(told[1].json()["reason"], "No");
    let id = decided["overlay"]["decisions"][0]["decision_id"].as_str().unwrap();
    let seconds = told[1].header("webhook-timestamp").parse().unwrap();
    let verifier = standardwebhooks::Webhook::new(secret).unwrap();
    let called_by = told[1].header("webhook-id");
    let signature = verifier.sign(called_by, seconds, told[1].body.as_bytes()).unwrap();
    assert_eq!(told[1].header("webhook-signature"), signature.as_str());
    assert_eq!((told[0].header("webhook-id"), told[1].json()["decision_id"].as_str()), (called_by, Some(id)));
    let event = decided["overlay"]["audit"][1]["entry_id"].as_str().unwrap();
    assert_ne!(called_by, event, "who deduplicates events and calls in one store drops neither");
}

#[tokio::test]
async fn who_waits_must_be_named_properly() {
    let app = TestApp::new().await;
    let token = "x".repeat(2049);
    for (resume, place, code) in [
        (json!("step_functions"), "body.resume", "wrong_type"),
        (json!({}), "body.resume.kind", "missing"),
        (json!({ "kind": "carrier_pigeon" }), "body.resume.kind", "invalid_value"),
        (json!({ "kind": "poll", "url": "https://e.com/" }), "body.resume.url", "unknown_field"),
        (json!({ "kind": "step_functions" }), "body.resume.task_token", "missing"),
        (json!({ "kind": "step_functions", "task_token": "" }), "body.resume.task_token", "out_of_range"),
        (json!({ "kind": "step_functions", "task_token": token }), "body.resume.task_token", "out_of_range"),
        (
            json!({ "kind": "step_functions", "task_token": "t", "url": "u" }),
            "body.resume.url",
            "unknown_field",
        ),
        (json!({ "kind": "webhook" }), "body.resume.url", "missing"),
        (json!({ "kind": "webhook", "url": "https://10.0.0.1/" }), "body.resume.url", "invalid_value"),
        (
            json!({ "kind": "webhook", "url": "https://e.com/", "signing_secret": "short" }),
            "body.resume.signing_secret",
            "invalid_value",
        ),
    ] {
        let faults = app.call("agent", "POST", REVIEWS, Some(opening(resume.clone()))).await.faults();
        assert_eq!(faults, [(place.to_owned(), code.to_owned())], "{resume}");
    }
    app.get().await.error(404, "review_not_found");
}

#[tokio::test]
async fn a_change_made_beside_the_telling_loses_neither() {
    // Telling the run writes META without the stamp, in between a reopening's read and write.
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    app.approve("dana", 0).await.ok();
    let reopen = app.post("ben", "reopen", json!({ "version_stamp": 1 }));
    let (reopened, ()) = join!(reopen, outbox.publish());
    match reopened.status {
        // Opened first: then nobody was told. Told first: then it is refused.
        StatusCode::OK => assert!(service.received().is_empty(), "{}", reopened.text),
        _ => drop(reopened.error(409, "already_resumed")),
    }
}

/// As [`app`], where faults happen to what the publisher asks of the table.
async fn app_with_faults() -> (TestApp, StubServer, Outbox, Faults) {
    let (app, service, faults) = (TestApp::with_stream().await, StubServer::start(), Faults::default());
    let table = Some(faults.client(endpoint()));
    let ways = Ways { step_functions: Some(service.url()), table, ..Ways::default() };
    let outbox = app.outbox(ways).await;
    (app, service, outbox, faults)
}

#[tokio::test]
async fn a_try_whose_end_is_half_written_is_followed_by_the_next_at_its_time() {
    // What becomes of the two writes that end a try: META's answer gets lost, or RESUME's request does, for good.
    for (spared, fault, times) in [(2, Fault::LoseAnswer, 1), (3, Fault::LoseRequest, 4)] {
        let (app, service, outbox, faults) = app_with_faults().await;
        open_with_token(&app).await;
        service.then([Answer::Say(500, json!({})), Answer::Say(500, json!({})), Answer::Say(500, json!({}))]);
        app.approve("dana", 0).await.ok();
        outbox.publish().await;
        app.clock.advance_seconds(30);
        outbox.redeliver().await;
        app.clock.advance_seconds(120);
        faults.spare("UpdateItem", spared);
        faults.plan("UpdateItem", fault, times);
        outbox.redeliver().await;
        assert_eq!((faults.left(), service.received().len()), (0, 3), "{fault:?}");
        let after = resume_of(&app).await;
        assert_eq!((&after["status"], &after["attempts"]), (&json!("pending"), &json!(3)), "{fault:?}");
        // By RESUME's own entry the try is dead now; META knows better.
        app.clock.advance_seconds(120);
        outbox.redeliver().await;
        assert_eq!(service.received().len(), 3, "{fault:?}: not before its time");
        app.clock.advance_seconds(480);
        outbox.redeliver().await;
        assert_eq!((service.received().len(), &resume_of(&app).await["status"]), (4, &json!("resumed")));
    }
}

#[tokio::test]
async fn a_try_that_is_due_too_early_is_made_at_its_time() {
    // A batch that is given again, or a rival that was slow, puts RESUME on the index by what it saw long ago.
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    service.then([Answer::Say(500, json!({}))]);
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    app.inner.store.schedule_resume(&review_id(), app.clock.now()).await.unwrap();
    assert_eq!((outbox.redeliver().await.due, service.received().len()), (1, 1));
    assert_eq!(outbox.redeliver().await.due, 0, "it was moved");
    app.clock.advance_seconds(30);
    outbox.redeliver().await;
    assert_eq!((service.received().len(), &resume_of(&app).await["status"]), (2, &json!("resumed")));
    // Of what is told already, an entry is only taken away.
    app.inner.store.schedule_resume(&review_id(), app.clock.now()).await.unwrap();
    assert_eq!(outbox.redeliver().await.due, 1);
    app.clock.advance_seconds(86_400);
    assert_eq!((outbox.redeliver().await.due, service.received().len()), (0, 2));
}

#[tokio::test]
async fn a_run_that_gets_its_address_while_somebody_decides_is_told() {
    let (app, service, outbox) = app().await;
    open(&app, Value::Null).await;
    let faults = Faults::default();
    let other_app = app.another_app(faults.client(endpoint()));
    faults.plan("PutItem", Fault::HoldUp, 1);
    let decision = json!({ "version_stamp": 0, "verdict": "approved" }).to_string();
    let decide = app.request("dana", "POST", &format!("{REVIEW}/decision"), decision.into());
    let address = async {
        faults.happened().await;
        let late = opening(json!({ "kind": "step_functions", "task_token": "late" }));
        app.call("agent", "POST", REVIEWS, Some(late)).await.ok();
        faults.let_go();
    };
    let (decided, ()) = join!(Box::pin(dispatch(&other_app, decide)), address);
    assert_eq!(decided.status(), StatusCode::OK);
    assert_eq!(resume_of(&app).await["status"], "pending");
    outbox.publish().await;
    assert_eq!((service.received().len(), &resume_of(&app).await["status"]), (1, &json!("resumed")));
}

#[tokio::test]
async fn an_address_that_the_review_does_not_know_of_is_written_again() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    let forget = app.inner.store.client().update_item().table_name(app.inner.store.table());
    let forget = forget.key("pk", AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into()));
    let forget = forget.key("sk", AttributeValue::S("#META".into())).update_expression("REMOVE #resume");
    forget.expression_attribute_names("#resume", "resume").send().await.unwrap();
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    assert_eq!((service.received().len(), resume_of(&app).await), (0, Value::Null));
    let again = opening(json!({ "kind": "step_functions", "task_token": TOKEN }));
    let again = app.call("agent", "POST", REVIEWS, Some(again)).await.ok();
    assert_eq!(again["resume"]["status"], "pending");
    outbox.publish().await;
    assert_eq!((service.received().len(), &resume_of(&app).await["status"]), (1, &json!("resumed")));
}

#[tokio::test]
async fn a_decision_that_the_stream_has_lost_is_told_when_somebody_asks() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    app.approve("dana", 0).await.ok();
    drop(outbox.take().await);
    // Her key is known by now: nothing is written for its use.
    let ask = async || app.post("dana", "resume", json!({ "version_stamp": 1 })).await.ok();
    // As long as somebody is at it, there is nothing to ask for; after that there is.
    let begun = app.inner.store.begin_resume(&review_id(), app.clock.now()).await.unwrap();
    drop((begun.unwrap(), outbox.take().await));
    ask().await;
    assert_eq!(outbox.take().await.len(), 0, "nothing was written");
    app.clock.advance_seconds(120);
    assert_eq!(ask().await["resume"]["status"], "pending");
    outbox.publish().await;
    let resumed = resume_of(&app).await;
    assert_eq!((service.received().len(), &resumed["status"]), (1, &json!("resumed")));

    app.post("ben", "reopen", json!({ "version_stamp": 1, "force": true })).await.ok();
    app.approve("dana", 2).await.ok();
    drop(outbox.take().await);
    app.post("ben", "resume", json!({ "version_stamp": 3 })).await.ok();
    outbox.publish().await;
    let resumed = resume_of(&app).await;
    assert_eq!((service.received().len(), &resumed["status"]), (2, &json!("resumed")));
}

#[tokio::test]
async fn a_run_is_told_though_its_events_cannot_be() {
    let (app, service, outbox, faults) = app_with_faults().await;
    let receiver = StubServer::start();
    webhook(&app, "admin", &receiver).await;
    open_with_token(&app).await;
    outbox.publish().await;
    app.approve("dana", 0).await.ok();
    let batches = outbox.take().await;
    // The webhooks are asked for first.
    faults.plan("Query", Fault::Refuse, 1);
    for failures in [1, 0] {
        let mut failed = 0;
        for batch in &batches {
            failed += Box::pin(outbox.publisher.publish(batch.clone())).await.batch_item_failures.len();
        }
        assert_eq!((failed, service.received().len()), (failures, 1), "the record is given again");
    }
    assert_eq!((receiver.received().len(), &resume_of(&app).await["status"]), (2, &json!("resumed")));
}

/// How telling the run of [`REVIEW`] goes, whatever else of the review is readable.
async fn peek(app: &TestApp) -> Resume {
    app.inner.store.peek(&review_id()).await.unwrap().unwrap().resume.unwrap()
}

#[tokio::test]
async fn a_decision_that_cannot_be_read_is_tried_once_and_leaves_no_doubt() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    app.approve("dana", 0).await.ok();
    let delete = app.inner.store.client().delete_item().table_name(app.inner.store.table());
    let delete = delete.key("pk", AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into()));
    delete.key("sk", AttributeValue::S("VERSION#0000000000#00000".into())).send().await.unwrap();
    outbox.publish().await;
    for _ in 0..3 {
        app.clock.advance_seconds(600);
        outbox.redeliver().await;
    }
    let after = peek(&app).await;
    assert_eq!((after.status, after.attempts, after.may_have_arrived()), (ResumeStatus::Failed, 1, false));
    assert_eq!(after.last_error.as_deref(), Some("the decision is not readable"));
    assert!(service.received().is_empty());
}

#[tokio::test]
async fn a_decision_that_could_not_be_read_for_a_moment_is_told_later_and_leaves_no_doubt() {
    let (app, service, outbox, faults) = app_with_faults().await;
    open_with_token(&app).await;
    outbox.publish().await;
    app.approve("dana", 0).await.ok();
    // The webhooks are asked for first.
    faults.spare("Query", 1);
    faults.plan("Query", Fault::Throttle, 4);
    outbox.publish().await;
    assert_eq!((faults.left(), service.received().len()), (0, 0));
    let after = peek(&app).await;
    assert_eq!((after.status, after.attempts, after.may_have_arrived()), (ResumeStatus::Pending, 1, false));
    app.clock.advance_seconds(30);
    outbox.redeliver().await;
    assert_eq!((service.received().len(), &resume_of(&app).await["status"]), (1, &json!("resumed")));
}

#[tokio::test]
async fn who_waits_at_an_address_that_does_not_answer_makes_nobody_else_wait() {
    let app = TestApp::with_stream().await;
    let (hanging, other) = (StubServer::start(), StubServer::start());
    hanging.always(Answer::Hang);
    let outbound = Outbound::new(Egress::PublicAndLoopback).with_timeout(Duration::from_secs(1));
    let outbox = app.outbox(Ways { outbound: Some(outbound), ..Ways::default() }).await;
    let decide = async |who: &str, run: &str, receiver: &StubServer| {
        let mut opening = tests::opening(run, "block", 0);
        opening["resume"] = json!({ "kind": "webhook", "url": format!("{}/{run}", receiver.url()) });
        app.call(who, "POST", REVIEWS, Some(opening)).await;
        let decision = json!({ "version_stamp": 0, "verdict": "approved" });
        app.call(who, "POST", &format!("{REVIEWS}/{run}/block/decision"), Some(decision)).await.ok();
    };
    for number in 0..40 {
        decide("agent", &format!("run_{number}"), &hanging).await;
    }
    decide("agent", "run_other", &other).await;
    for batch in outbox.take().await {
        Box::pin(outbox.publisher.publish(batch)).await;
    }
    let first = hanging.received().len();
    assert!((1..=2).contains(&first), "{first}: those that were called before it was known");
    assert_eq!(other.received().len(), 1);
    app.clock.advance_seconds(60);
    let done = outbox.redeliver().await;
    let second = hanging.received().len() - first;
    let postponed = 40 - u64::try_from(second).unwrap();
    assert_eq!((done.due, done.postponed, done.more), (40, postponed, false));
    assert!((1..=2).contains(&second), "{second}");
    // Only the calls that were made count as tries.
    let mut attempts = 0;
    for number in 0..40 {
        let overlay = app.call("dana", "GET", &format!("{REVIEWS}/run_{number}/block"), None).await.ok();
        assert_eq!(overlay["resume"]["status"], "pending");
        attempts += overlay["resume"]["attempts"].as_u64().unwrap();
    }
    assert_eq!(attempts, u64::try_from(hanging.received().len()).unwrap());
    hanging.always(Answer::Say(200, json!({})));
    app.clock.advance_seconds(120);
    assert_eq!(outbox.redeliver().await.due, 40);
    assert_eq!(hanging.received().len(), first + second + 40);
}

#[tokio::test]
async fn a_try_can_be_asked_for_once_a_minute_and_counts() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    service.always(fault("ThrottlingException"));
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    let ask = async || app.post("dana", "resume", json!({ "version_stamp": 1 })).await;
    let mut refused = 0;
    for _ in 0..40 {
        let answer = ask().await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused += 1;
            assert_eq!(answer.headers["retry-after"], "60");
            let detail = answer.error(429, "resume_too_soon");
            assert_eq!(detail["details"]["resume"]["attempts"], 2);
        }
        outbox.publish().await;
    }
    assert_eq!(
        (refused, service.received().len()),
        (39, 2),
        "one try of the stream's, one that was asked for"
    );
    app.clock.advance_millis(59_001);
    let answer = ask().await;
    assert_eq!(answer.headers["retry-after"], "1");
    answer.error(429, "resume_too_soon");
    app.clock.advance_millis(999);
    ask().await.ok();
    // Asked for and not tried yet: asking again changes nothing, and is no fault.
    ask().await.ok();
    outbox.publish().await;
    let resume = resume_of(&app).await;
    assert_eq!((&resume["attempts"], service.received().len()), (&json!(3), 3));
    // Asked for at once by many, it is tried once.
    app.clock.advance_seconds(60);
    let (one, two, three) = join!(ask(), ask(), ask());
    assert!([one, two, three].iter().all(|answer| answer.status.as_u16() != 500));
    outbox.publish().await;
    assert_eq!(service.received().len(), 4);
}

#[tokio::test]
async fn the_cooldown_outlives_a_write_of_a_build_that_does_not_know_it() {
    let (app, service, outbox) = app().await;
    open_with_token(&app).await;
    service.always(fault("TaskTimedOut"));
    app.approve("dana", 0).await.ok();
    outbox.publish().await;
    app.post("dana", "resume", json!({ "version_stamp": 1 })).await.ok();
    outbox.publish().await;
    // What such a build does to the review at the end of its try: it replaces `resume` alone.
    let get = app.inner.store.client().get_item().table_name(app.inner.store.table());
    let get = get.key("pk", AttributeValue::S("REVIEW#org_a#run_abc123#block_extract".into()));
    let item = get.key("sk", AttributeValue::S("#META".into())).send().await.unwrap().item.unwrap();
    assert!(item.contains_key("resume_asked_at"));
    assert!(!item["resume"].as_m().unwrap().keys().any(|name| name.contains("asked")));
    app.post("dana", "resume", json!({ "version_stamp": 1 })).await.error(429, "resume_too_soon");
}

#[tokio::test]
async fn a_run_that_cannot_be_resumed_is_an_event_and_is_counted_once() {
    let (app, service, outbox) = app().await;
    let receiver = StubServer::start();
    webhook(&app, "admin", &receiver).await;
    open_with_token(&app).await;
    service.always(fault("TaskTimedOut"));
    let decided = app.approve("dana", 0).await.ok();
    let publish = async || {
        let mut done = (0, 0);
        loop {
            let batches = outbox.take().await;
            if batches.is_empty() {
                return done;
            }
            for batch in batches {
                let batch = Box::pin(outbox.publisher.publish(batch)).await;
                assert_eq!(batch.batch_item_failures, []);
                done = (done.0 + batch.events, done.1 + batch.resume_failed);
                let counted = batch.metrics().into_iter().find(|metric| metric.0 == "ResumeFailed").unwrap();
                assert_eq!(counted.2, batch.resume_failed as u64);
            }
        }
    };
    assert_eq!(publish().await, (3, 1), "opened, decided, not resumed");
    let told: Vec<Value> = receiver.received().iter().map(Received::json).collect();
    assert_eq!((told.len(), &told[2]["type"]), (3, &json!("review.resume_failed")));
    let data = &told[2]["data"];
    assert_eq!(
        data["detail"],
        json!({
            "target": "step_functions",
            "attempts": 1,
            "last_error": "TaskTimedOut: says the stub server",
            "decision_id": decided["overlay"]["decisions"][0]["decision_id"],
        })
    );
    assert_eq!(
        (&data["entry_id"], &data["actor"], &data["rev_result"]),
        (&json!(null), &json!(null), &json!(null))
    );
    assert_eq!(
        (&data["sequence"], &data["rev_observed"], &data["status"]),
        (&json!(1), &json!(1), &json!("approved"))
    );
    let audit = app.get().await.ok()["audit"].as_array().unwrap().len();
    assert_eq!(audit, 2, "it is no entry of the audit");
    // Asked for, and failed again: another event, with another id.
    app.post("dana", "resume", json!({ "version_stamp": 1 })).await.ok();
    assert_eq!(publish().await, (1, 1));
    let told = receiver.received();
    assert_eq!((told.len(), &told[3].json()["type"]), (4, &json!("review.resume_failed")));
    assert_ne!(told[3].header("webhook-id"), told[2].header("webhook-id"));
    assert_eq!(told[3].header("webhook-id"), told[3].json()["id"]);
}

#[tokio::test]
async fn what_is_owed_of_a_run_that_was_not_resumed_keeps_its_place_and_its_id() {
    let (app, service, outbox) = app().await;
    let receiver = StubServer::start();
    webhook(&app, "admin", &receiver).await;
    open_with_token(&app).await;
    outbox.publish().await;
    service.always(fault("TaskTimedOut"));
    receiver.then([Answer::Say(500, json!({}))]);
    app.approve("dana", 0).await.ok();
    let batches = outbox.take().await;
    for batch in &batches {
        Box::pin(outbox.publisher.publish(batch.clone())).await;
    }
    let failed = outbox.take().await;
    // Given again, it is owed once.
    for batch in failed.iter().chain(&failed) {
        Box::pin(outbox.publisher.publish(batch.clone())).await;
    }
    app.post("dana", "reopen", json!({ "version_stamp": 1 })).await.ok();
    outbox.publish().await;
    app.clock.advance_seconds(30);
    assert_eq!(outbox.redeliver().await.delivered, 3);
    let types: Vec<Value> = receiver.received().iter().map(|it| it.json()["type"].clone()).collect();
    let expected =
        ["review.opened", "review.decided", "review.decided", "review.resume_failed", "review.reopened"];
    assert_eq!(types, expected);
    app.clock.advance_seconds(86_400);
    assert_eq!(outbox.redeliver().await.due, 0, "nothing is left");
}

#[tokio::test]
async fn a_run_that_asks_reads_its_decision_and_acknowledges_it() {
    let (app, service, outbox) = app().await;
    let opened = open(&app, json!({ "kind": "poll" })).await;
    assert_eq!(
        opened["resume"],
        json!({ "target": "poll", "status": "pending", "attempts": 0, "last_error": null })
    );
    let path = format!("{REVIEW}/decision");
    let read = async |who: &str| app.call(who, "GET", &path, None).await;
    let open = read("agent").await.ok();
    assert_eq!((&open["status"], &open["decision"]), (&json!("awaiting_review"), &Value::Null));
    let acknowledge =
        async |who: &str, id: &Value| app.post(who, "acknowledge", json!({ "decision_id": id })).await;
    acknowledge("agent", &json!("none")).await.error(409, "decision_superseded");

    let approval = json!({ "version_stamp": 0, "verdict": "approved", "edited_output": { "total": 1.10 } });
    app.post("dana", "decision", approval.clone()).await.ok();
    outbox.publish().await;
    app.clock.advance_seconds(86_400);
    assert_eq!((outbox.redeliver().await.due, service.received().len()), (0, 0), "nobody is called");
    app.post("dana", "resume", json!({ "version_stamp": 1 })).await.error(409, "nothing_to_resume");
    let answer = read("agent").await;
    let tag = answer.headers["etag"].clone();
    assert!(answer.text.contains(r#""snapshot":{"total":1.1}"#), "{}", answer.text);
    let read_decision = answer.ok();
    let decision = &read_decision["decision"];
    assert_eq!((&decision["verdict"], &decision["effective_seq"]), (&json!("approved"), &json!(1)));
    let again = |tag: &lambda_http::http::HeaderValue| {
        let mut request = app.request("agent", "GET", &path, lambda_http::Body::Empty);
        request.headers_mut().insert("if-none-match", tag.clone());
        app.send(request)
    };
    assert_eq!(again(&tag).await.status, StatusCode::NOT_MODIFIED);

    // Not acknowledged, it can be opened again; then the decision does not stand any more.
    app.post("dana", "reopen", json!({ "version_stamp": 1 })).await.ok();
    acknowledge("agent", &decision["decision_id"]).await.error(409, "decision_superseded");
    app.post("dana", "decision", json!({ "version_stamp": 2, "verdict": "rejected", "reason": "No" }))
        .await
        .ok();
    acknowledge("agent", &decision["decision_id"]).await.error(409, "decision_superseded");
    assert_eq!(again(&tag).await.status, StatusCode::OK, "it has changed");
    let rejected = read("agent").await.ok()["decision"].clone();
    assert_eq!((&rejected["reason"], &rejected["snapshot"]), (&json!("No"), &Value::Null));

    let acknowledged = acknowledge("agent", &rejected["decision_id"]).await.ok();
    assert_eq!((&acknowledged["resume"]["status"], &acknowledged["rev"]), (&json!("resumed"), &json!(3)));
    assert!(acknowledged.get("versions").is_none(), "what others wrote is not shown");
    assert_eq!(
        acknowledge("agent", &rejected["decision_id"]).await.ok(),
        acknowledged,
        "the same call again"
    );
    app.post("dana", "reopen", json!({ "version_stamp": 3 })).await.error(409, "already_resumed");
    let forced = json!({ "version_stamp": 3, "force": true });
    assert_eq!(app.post("dana", "reopen", forced).await.ok()["resume"]["status"], "pending");
}

#[tokio::test]
async fn only_who_opened_a_review_reads_and_acknowledges_its_decision() {
    let app = TestApp::new().await;
    open(&app, json!({ "kind": "poll" })).await;
    let path = format!("{REVIEW}/decision");
    app.approve("dana", 0).await.ok();
    let decision = app.call("agent", "GET", &path, None).await;
    let tag = decision.headers["etag"].clone();
    let id = decision.ok()["decision"]["decision_id"].clone();
    let acknowledgement = || Some(json!({ "decision_id": id }));
    app.call("dana", "GET", &path, None).await.error(403, "forbidden");
    app.call("other", "GET", &path, None).await.error(404, "review_not_found");
    let rival = app.key_for("org_a", "agent", "rival", &[Scope::Runtime]).await;
    for (method, path, body) in
        [("GET", path.clone(), None), ("POST", format!("{REVIEW}/acknowledge"), acknowledgement())]
    {
        let body = body.map_or(lambda_http::Body::Empty, |body: Value| body.to_string().into());
        let mut request = app.request("agent", method, &path, body);
        request.headers_mut().insert("api-key", rival.parse().unwrap());
        request.headers_mut().insert("if-none-match", tag.clone());
        app.send(request).await.error(404, "review_not_found");
    }
    // A review with a long life: its first entry is on a page.
    for round in 0..20 {
        let rev = 1 + round * 2;
        app.post("dana", "reopen", json!({ "version_stamp": rev })).await.ok();
        app.approve("dana", rev + 1).await.ok();
    }
    let id = app.call("agent", "GET", &path, None).await.ok()["decision"]["decision_id"].clone();
    let acknowledged = app.post("agent", "acknowledge", json!({ "decision_id": id })).await.ok();
    assert_eq!(acknowledged["resume"]["status"], "resumed");
    // Who is called has nothing to acknowledge.
    let mut called = tests::opening("run_2", "block", 0);
    called["resume"] = json!({ "kind": "webhook", "url": "https://example.com/" });
    app.call("agent", "POST", REVIEWS, Some(called)).await;
    let path = format!("{REVIEWS}/run_2/block/acknowledge");
    let detail =
        app.call("agent", "POST", &path, acknowledgement()).await.error(409, "nothing_to_acknowledge");
    assert_eq!(detail["details"]["resume"]["target"], "https://example.com");
    let faults = app.post("agent", "acknowledge", json!({ "decision": 1 })).await.faults();
    let codes: Vec<&str> = faults.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(codes, ["missing", "unknown_field"]);
}

#[tokio::test]
async fn an_acknowledgement_beside_a_reopening_loses_neither() {
    let app = TestApp::new().await;
    open(&app, json!({ "kind": "poll" })).await;
    app.approve("dana", 0).await.ok();
    let path = format!("{REVIEW}/decision");
    let id = app.call("agent", "GET", &path, None).await.ok()["decision"]["decision_id"].clone();
    let acknowledge = app.post("agent", "acknowledge", json!({ "decision_id": id }));
    let (acknowledged, reopened) =
        join!(acknowledge, app.post("dana", "reopen", json!({ "version_stamp": 1 })));
    match reopened.status {
        StatusCode::OK => drop(acknowledged.error(409, "decision_superseded")),
        _ => drop((acknowledged.ok(), reopened.error(409, "already_resumed"))),
    }
}
