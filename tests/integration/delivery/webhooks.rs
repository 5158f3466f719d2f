//! Webhooks: how they are set up, what they are sent, and where they may never lead.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::join;
use lambda_http::Body;
use lambda_http::http::{HeaderMap, StatusCode};
use local::gateway::dispatch;
use publish::{Bounds, CallFault, Outbound, Request, Resolve};
use serde_json::{Value, json};
use shared::api::App;
use shared::egress::{Egress, PrivateReceivers};
use shared::event::{DeliveryTarget, WebhookId};
use shared::review::{Deadline, OnOverdue, OrganizationId, Terms};
use shared::store::{Backlog, Due};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tests::faults::{Fault, Faults};
use tests::outbox::Ways;
use tests::outbox::webhook;
use tests::stub_servers::{Answer, Received, StubServer};
use tests::{REVIEWS, TestApp, endpoint};

use crate::reviews::documents;

const WEBHOOKS: &str = "/v1/webhooks";

#[tokio::test]
async fn a_webhook_is_created_listed_and_deleted_and_its_secret_shown_once() {
    let app = TestApp::new().await;
    let body = json!({
        "url": "https://hooks.example.com/a?b=c",
        "events": ["review.decided", "review.escalated"],
        "description": "The ledger",
    });
    let created = app.call("admin", "POST", WEBHOOKS, Some(body)).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let created = created.body;
    let secret = created["signing_secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44, "32 bytes");
    let mut shown = created.clone();
    shown.as_object_mut().unwrap().remove("signing_secret");
    assert_eq!(
        shown,
        json!({
            "webhook_id": created["webhook_id"],
            "url": "https://hooks.example.com/a?b=c",
            "events": ["review.decided", "review.escalated"],
            "description": "The ledger",
            "status": "enabled",
            "disabled_at": null,
            "disabled_reason": null,
            "failing_since": null,
            "created_at": "2026-05-13T08:55:00.000Z",
            "created_by": { "kind": "human", "id": "user_1", "display_name": "Ada Admin" },
        })
    );
    let listed = app.call("admin", "GET", WEBHOOKS, None).await;
    assert!(!listed.text.contains(&secret));
    assert_eq!(listed.ok(), json!({ "data": [shown] }));

    let one = format!("{WEBHOOKS}/{}", created["webhook_id"].as_str().unwrap());
    // Another organization's webhook does not exist.
    for (method, path) in
        [("DELETE", one.clone()), ("POST", format!("{one}/enable")), ("GET", format!("{one}/deliveries"))]
    {
        app.call("other_admin", method, &path, None).await.error(404, "webhook_not_found");
    }
    assert_eq!(app.call("other_admin", "GET", WEBHOOKS, None).await.ok(), json!({ "data": [] }));
    assert_eq!(
        app.call("admin", "GET", &format!("{one}/deliveries"), None).await.ok(),
        json!({ "data": [] })
    );
    assert_eq!(app.call("admin", "POST", &format!("{one}/enable"), None).await.ok(), shown);
    let deleted = app.call("admin", "DELETE", &one, None).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (StatusCode::NO_CONTENT, ""));
    app.call("admin", "DELETE", &one, None).await.error(404, "webhook_not_found");
}

#[tokio::test]
async fn only_administrators_see_webhooks() {
    let app = TestApp::new().await;
    for (method, path) in [
        ("POST", WEBHOOKS),
        ("GET", WEBHOOKS),
        ("DELETE", "/v1/webhooks/wh_1"),
        ("POST", "/v1/webhooks/wh_1/enable"),
        ("GET", "/v1/webhooks/wh_1/deliveries"),
    ] {
        for who in ["dana", "agent", "reader"] {
            let detail = app.call(who, method, path, Some(json!({}))).await.error(403, "forbidden");
            assert_eq!(detail["details"]["scope"], "admin");
        }
    }
    app.call("admin", "GET", tests::REVIEWS, None).await.error(403, "forbidden");
}

#[tokio::test]
async fn what_cannot_be_a_webhook_is_refused_with_its_place() {
    let mut app = TestApp::new().await;
    app.inner.egress = Egress::Public;
    let good = json!({ "url": "https://hooks.example.com/" });
    let cases: Vec<(Value, &str, &str)> = vec![
        (json!({}), "body.url", "missing"),
        (json!({ "url": 5 }), "body.url", "wrong_type"),
        (json!({ "url": "" }), "body.url", "out_of_range"),
        (json!({ "url": "http://hooks.example.com/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://u:p@hooks.example.com/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://127.0.0.1/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://2130706433/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://0x7f000001/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://0177.0.0.1/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://[::ffff:127.0.0.1]/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://[fd00:ec2::254]/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://169.254.169.254/latest/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://localhost:8080/" }), "body.url", "invalid_value"),
        (json!({ "url": "https://e.com/", "events": [] }), "body.events", "out_of_range"),
        (json!({ "url": "https://e.com/", "events": "review.decided" }), "body.events", "wrong_type"),
        (json!({ "url": "https://e.com/", "events": ["review.eaten"] }), "body.events", "invalid_value"),
        (
            json!({ "url": "https://e.com/", "events": ["review.opened", "review.opened"] }),
            "body.events",
            "duplicate_field",
        ),
        (json!({ "url": "https://e.com/", "description": " " }), "body.description", "invalid_value"),
        (json!({ "url": "https://e.com/", "secret": "mine" }), "body.secret", "unknown_field"),
    ];
    for (body, place, code) in cases {
        let faults = app.call("admin", "POST", WEBHOOKS, Some(body.clone())).await.faults();
        assert_eq!(faults, [(place.to_owned(), code.to_owned())], "{body}");
    }
    let faults = app.call("admin", "DELETE", "/v1/webhooks/a%20b", None).await.faults();
    assert_eq!(faults, [("path.webhook_id".to_owned(), "invalid_identifier".to_owned())]);
    assert_eq!(app.call("admin", "GET", WEBHOOKS, None).await.ok(), json!({ "data": [] }));
    for _ in 0..20 {
        assert_eq!(app.call("admin", "POST", WEBHOOKS, Some(good.clone())).await.status, StatusCode::CREATED);
    }
    app.call("admin", "POST", WEBHOOKS, Some(good)).await.error(409, "too_many_webhooks");
}

#[tokio::test]
async fn deliveries_are_signed_filtered_and_logged() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    let body = json!({ "url": format!("{}/hook", receiver.url()), "events": ["review.claimed"] });
    let created = app.call("admin", "POST", WEBHOOKS, Some(body)).await.body;
    let id = created["webhook_id"].as_str().unwrap();
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    receiver.then([Answer::Say(503, json!({}))]);
    outbox.publish().await;
    let listed = app.call("admin", "GET", WEBHOOKS, None).await.ok();
    assert_eq!(listed["data"][0]["failing_since"], "2026-05-13T08:55:00.000Z");
    app.clock.advance_seconds(30);
    outbox.redeliver().await;
    let listed = app.call("admin", "GET", WEBHOOKS, None).await.ok();
    assert_eq!(listed["data"][0]["failing_since"], Value::Null);

    let told = receiver.received();
    assert_eq!(told.len(), 2, "nothing of the opening");
    let secret = created["signing_secret"].as_str().unwrap();
    let verifier = standardwebhooks::Webhook::new(secret).unwrap();
    for delivery in &told {
        assert_eq!(delivery.header("content-type"), "application/json");
        assert_eq!(delivery.header("webhook-id"), delivery.json()["id"].as_str().unwrap());
        let seconds: i64 = delivery.header("webhook-timestamp").parse().unwrap();
        let signature = verifier.sign(delivery.header("webhook-id"), seconds, delivery.body.as_bytes());
        assert_eq!(delivery.header("webhook-signature"), signature.unwrap());
    }
    assert_eq!(told[0].body, told[1].body);
    assert_ne!(told[0].header("webhook-timestamp"), told[1].header("webhook-timestamp"));

    let log = app.call("admin", "GET", &format!("{WEBHOOKS}/{id}/deliveries"), None).await.ok();
    let attempt = |index: usize| {
        let mut attempt = log["data"][index].clone();
        attempt.as_object_mut().unwrap().remove("duration_ms").unwrap();
        attempt
    };
    let event_id = told[0].json()["id"].clone();
    let expected = |number: u32, at: &str, status: &str, http: u16, error: Value| {
        json!({
            "event_id": event_id, "event_type": "review.claimed", "block_run_id": "run_abc123:block_extract",
            "attempt": number, "attempted_at": at, "status": status, "http_status": http, "error": error,
        })
    };
    assert_eq!(attempt(0), expected(2, "2026-05-13T08:55:30.000Z", "delivered", 200, Value::Null));
    assert_eq!(attempt(1), expected(1, "2026-05-13T08:55:00.000Z", "failed", 503, json!("answered 503")));
}

#[tokio::test]
async fn a_receiver_that_says_gone_is_told_no_more() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    receiver.then([Answer::Say(410, json!({}))]);
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    outbox.publish().await;
    let listed = app.call("admin", "GET", WEBHOOKS, None).await.ok();
    assert_eq!(listed["data"][0]["status"], "disabled");
    assert_eq!(listed["data"][0]["disabled_reason"], "it answered 410 Gone");
    app.clock.advance_seconds(3600);
    outbox.redeliver().await;
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_deleted_webhook_is_owed_nothing() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    let id = webhook(&app, "admin", &receiver).await;
    receiver.then([Answer::Say(500, json!({}))]);
    app.open().await;
    outbox.publish().await;
    app.call("admin", "DELETE", &format!("{WEBHOOKS}/{id}"), None).await;
    app.clock.advance_seconds(3600);
    let done = outbox.redeliver().await;
    assert_eq!((done.due, done.delivered, done.failed, done.errors), (1, 0, 0, 0));
    assert_eq!((outbox.redeliver().await.due, receiver.received().len()), (0, 1));
}

#[tokio::test]
async fn a_receiver_that_hangs_costs_one_time_out_and_holds_up_nobody() {
    let app = TestApp::with_stream().await;
    let (hanging, good) = (StubServer::start(), StubServer::start());
    hanging.always(Answer::Hang);
    let outbound = Outbound::new(Egress::PublicAndLoopback).with_timeout(Duration::from_secs(1));
    let outbox = app.outbox(Ways { outbound: Some(outbound), ..Ways::default() }).await;
    let id = webhook(&app, "admin", &hanging).await;
    webhook(&app, "admin", &good).await;
    app.open().await;
    outbox.publish().await;
    for stamp in 0..9 {
        app.claim("dana", stamp, 900 + u32::try_from(stamp).unwrap()).await.ok();
    }
    for run in ["run_1", "run_2", "run_3"] {
        app.open_at("agent", run, "block", 0).await;
    }
    outbox.publish().await;
    assert_eq!((good.received().len(), hanging.received().len()), (13, 1));
    let log = app.call("admin", "GET", &format!("{WEBHOOKS}/{id}/deliveries"), None).await.ok();
    assert_eq!(log["data"][0]["error"], "no answer: timed out after 1000 ms");
}

/// A way out that waits for an answer for one second.
fn impatient() -> Outbound {
    let outbound = Outbound::new(Egress::PublicAndLoopback).with_timeout(Duration::from_secs(1));
    outbound.with_slow_after(Duration::from_secs(10))
}

/// A webhook as its administrator sees it.
async fn shown(app: &TestApp, id: &str) -> Value {
    let listed = app.call("admin", "GET", WEBHOOKS, None).await.ok();
    listed["data"].as_array().unwrap().iter().find(|it| it["webhook_id"] == id).unwrap().clone()
}

#[tokio::test]
async fn all_that_is_owed_to_a_receiver_that_hangs_costs_redeliver_one_time_out() {
    let app = TestApp::with_stream().await;
    let (hanging, other) = (StubServer::start(), StubServer::start());
    hanging.always(Answer::Hang);
    other.then([Answer::Say(500, json!({}))]);
    let outbox = app.outbox(Ways { outbound: Some(impatient()), ..Ways::default() }).await;
    let id = webhook(&app, "admin", &hanging).await;
    webhook(&app, "other_admin", &other).await;
    for number in 0..40 {
        app.open_at("agent", &format!("run_{number}"), "block", 0).await;
    }
    app.open_at("other", "run_other", "block", 0).await;
    outbox.publish().await;
    let first = hanging.received().len();
    assert!((1..=2).contains(&first), "{first}");
    for attempts in 2..4 {
        app.clock.advance_seconds(600);
        let before = hanging.received().len();
        let done = outbox.redeliver().await;
        let calls = hanging.received().len() - before;
        assert!(
            (1..=2).contains(&calls),
            "{calls} at {attempts}: those that were called before it was known"
        );
        let failed = u64::try_from(calls).unwrap();
        assert_eq!((done.failed, done.postponed, done.more), (failed, 40 - failed, false), "{attempts}");
    }
    assert_eq!(other.received().len(), 2, "another organization's is told");
    // Only the calls that were made count as tries.
    let tries: u32 = backlogs(&app, &id).await.iter().map(|backlog| backlog.attempts).sum();
    assert_eq!(usize::try_from(tries).unwrap(), hanging.received().len());
    hanging.always(Answer::Say(200, json!({})));
    app.clock.advance_seconds(3600);
    assert_eq!(outbox.redeliver().await.delivered, 40);
}

#[tokio::test]
async fn a_run_that_meets_its_bounds_begins_with_another_shard_each_minute() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    receiver.then([Answer::Say(500, json!({}))]);
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    for number in 0..60 {
        app.open_at("agent", &format!("run_{number}"), "block", 0).await;
    }
    outbox.publish().await;
    app.clock.advance_seconds(30);
    let due = async || {
        let mut counts = Vec::new();
        for shard in 0..Due::SHARDS {
            let page = app.inner.store.due(Due::Deliveries, shard, app.clock.now(), 100, None).await.unwrap();
            counts.push(page.items.len());
        }
        counts
    };
    let before = due().await;
    assert!(before.iter().all(|count| *count > 1), "{before:?}");
    let run = async |deliveries| {
        let bounds = Bounds { deliveries, ..Bounds::default() };
        Box::pin(outbox.publisher.redeliver(Request::default(), bounds)).await
    };
    for _ in 0..Due::SHARDS {
        app.clock.advance_seconds(60);
        let done = run(1).await;
        assert_eq!((done.due, done.more), (1, true));
    }
    assert_eq!(due().await, before.iter().map(|count| count - 1).collect::<Vec<_>>());
    // What it does not come to is late all the same.
    let lag = |done: publish::Redelivered| (done.due, done.more, done.oldest_lag_ms >= 8 * 60_000);
    assert_eq!(lag(run(0).await), (0, true, true));
}

#[tokio::test]
async fn a_webhook_that_works_is_not_given_up_by_a_try_that_began_before_it_did() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    receiver.always(Answer::Say(500, json!({})));
    let outbox = app.outbox(Ways { outbound: Some(impatient()), ..Ways::default() }).await;
    let id = webhook(&app, "admin", &receiver).await;
    app.open_at("agent", "run_1", "block", 0).await;
    outbox.publish().await;
    while receiver.received().len() < 8 {
        app.clock.advance_seconds(600);
        outbox.redeliver().await;
    }
    // The last try hangs; while it does, another review's event is delivered.
    receiver.always(Answer::Hang);
    app.clock.advance_seconds(36_000);
    let works = async {
        while receiver.received().len() < 9 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let organization = OrganizationId::parse("org_a").unwrap();
        let id = WebhookId::parse(&id).unwrap();
        let webhook = app.inner.store.webhook(&organization, &id).await.unwrap().unwrap();
        app.inner.store.record_webhook_success(&webhook, true).await.unwrap();
    };
    let (done, ()) = join!(outbox.redeliver(), works);
    assert_eq!(done.dead_letters, 1);
    let shown = shown(&app, &id).await;
    assert_eq!((&shown["status"], &shown["failing_since"]), (&json!("enabled"), &Value::Null), "{shown}");
}

#[tokio::test]
async fn a_delivery_that_succeeds_enables_no_webhook_that_was_given_up_meanwhile() {
    let app = TestApp::with_stream().await;
    let (receiver, faults) = (StubServer::start(), Faults::default());
    receiver.always(Answer::Say(500, json!({})));
    let outbox = app.outbox(Ways::default()).await;
    let slow = app.outbox(Ways { table: Some(faults.client(endpoint())), ..Ways::default() }).await;
    let id = webhook(&app, "admin", &receiver).await;
    app.open_at("agent", "run_1", "block", 0).await;
    app.open_at("agent", "run_2", "block", 0).await;
    outbox.publish().await;
    app.clock.advance_seconds(30);
    let before = receiver.received().len();
    receiver.then([Answer::Say(200, json!({})), Answer::Say(410, json!({}))]);
    // One is delivered, but that is not written down yet when the other is answered 410.
    faults.plan("PutItem", Fault::HoldUp, 1);
    let bounds = Bounds { deliveries: 1, ..Bounds::default() };
    let gone = async {
        faults.happened().await;
        outbox.redeliver().await;
        assert_eq!(shown(&app, &id).await["status"], "disabled");
        faults.let_go();
    };
    let (done, ()) = join!(Box::pin(slow.publisher.redeliver(Request::default(), bounds)), gone);
    assert_eq!((done.delivered, receiver.received().len()), (1, before + 2));
    let disabled = shown(&app, &id).await;
    assert_eq!(
        (&disabled["status"], &disabled["disabled_reason"]),
        (&json!("disabled"), &json!("it answered 410 Gone"))
    );
    let enabled = app.call("admin", "POST", &format!("{WEBHOOKS}/{id}/enable"), None).await.ok();
    assert_eq!((&enabled["status"], &enabled["disabled_reason"]), (&json!("enabled"), &Value::Null));
}

/// What a webhook of `org_a` is owed.
async fn backlogs(app: &TestApp, id: &str) -> Vec<Backlog> {
    let target = DeliveryTarget::parse(id).unwrap();
    app.inner.store.backlogs(&OrganizationId::parse("org_a").unwrap(), &target).await.unwrap()
}

#[tokio::test]
async fn a_deletion_is_done_whole_or_not_at_all() {
    let app = TestApp::with_stream().await;
    let (receiver, faults) = (StubServer::start(), Faults::default());
    receiver.always(Answer::Say(410, json!({})));
    let outbox = app.outbox(Ways::default()).await;
    let id = webhook(&app, "admin", &receiver).await;
    for number in 0..20 {
        app.open_at("agent", &format!("run_{number}"), "block", 0).await;
    }
    outbox.publish().await;
    app.clock.advance_seconds(30);
    assert!(outbox.redeliver().await.dead_letters >= 18, "nobody tries any more");
    let path = format!("{WEBHOOKS}/{id}");
    let other_app = app.another_app(faults.client(endpoint()));
    let delete =
        async || Box::pin(dispatch(&other_app, app.request("admin", "DELETE", &path, Body::Empty))).await;
    faults.plan("TransactWriteItems", Fault::Refuse, 1);
    assert_eq!(delete().await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(shown(&app, &id).await["status"], "disabled", "it is still there");
    faults.take_sent();
    assert_eq!(delete().await.status(), StatusCode::NO_CONTENT);
    let calls = faults.take_sent().len();
    assert!(calls <= 2, "{calls} calls, however much is owed");
    let told = receiver.received().len();
    outbox.redeliver().await;
    assert_eq!((backlogs(&app, &id).await.len(), receiver.received().len()), (0, told));
}

#[tokio::test]
async fn what_waits_for_a_later_try_is_made_due_and_what_may_be_at_work_is_left_alone() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    receiver.always(Answer::Say(500, json!({})));
    let outbox = app.outbox(Ways::default()).await;
    let id = webhook(&app, "admin", &receiver).await;
    app.open_at("agent", "run_1", "block", 0).await;
    app.open_at("agent", "run_2", "block", 0).await;
    outbox.publish().await;
    let enable = async || {
        app.call("admin", "POST", &format!("{WEBHOOKS}/{id}/enable"), None).await.ok();
        outbox.redeliver().await
    };
    // Two minutes is what a try may take.
    for (seconds, redriven) in [(30, 0), (120, 2)] {
        app.clock.advance_seconds(seconds);
        assert_eq!(outbox.redeliver().await.failed, 2);
        let done = enable().await;
        assert_eq!((done.redriven, done.due), (redriven, redriven), "after {seconds} s");
    }
    let id = WebhookId::parse(&id).unwrap();
    let organization = OrganizationId::parse("org_a").unwrap();
    let last = async |limit| app.inner.store.deliveries(&organization, &id, limit).await.unwrap().len();
    assert_eq!((last(1).await, last(100).await), (1, receiver.received().len()));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let app = TestApp::with_stream().await;
    let (receiver, inside) = (StubServer::start(), StubServer::start());
    receiver.always(Answer::Redirect(inside.url().to_owned()));
    let outbox = app.outbox(Ways::default()).await;
    let id = webhook(&app, "admin", &receiver).await;
    app.open().await;
    outbox.publish().await;
    assert_eq!((receiver.received().len(), inside.received().len()), (1, 0));
    let log = app.call("admin", "GET", &format!("{WEBHOOKS}/{id}/deliveries"), None).await.ok();
    assert_eq!(log["data"][0]["error"], "answered 302, a redirect to 127.0.0.1, which is not followed");
    // Only the host is noted, and no more of it than a host can have.
    for (location, noted) in [
        ("https://user:secret@else.example/secret?secret".to_owned(), " to else.example,"),
        ("/secret".to_owned(), " to 127.0.0.1,"),
        (format!("https://{}.example/", "a".repeat(3000)), "answered 302"),
    ] {
        receiver.always(Answer::Redirect(location));
        let outbound = Outbound::new(Egress::PublicAndLoopback);
        let answer = outbound.post(receiver.url(), HeaderMap::new(), "{}".into()).await;
        let fault = answer.unwrap().fault();
        assert!(fault.contains(noted) && !fault.contains("secret") && fault.len() < 300, "{fault}");
    }
}

/// A resolver that answers with the next of these, and then with the last.
fn resolver(answers: Vec<Vec<&'static str>>) -> (Resolve, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let resolve: Resolve = Arc::new(move |_| {
        let index = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let addresses: Vec<IpAddr> = answers[index].iter().map(|text| text.parse().unwrap()).collect();
        Box::pin(async move { Ok(addresses) })
    });
    (resolve, asked)
}

/// Posts to a name at the receiver's port.
async fn post_to_name(
    egress: Egress,
    answers: Vec<Vec<&'static str>>,
    receiver: &StubServer,
) -> Result<u16, CallFault> {
    let (resolve, asked) = resolver(answers);
    let port = receiver.url().rsplit(':').next().unwrap();
    let scheme = if egress == Egress::Public { "https" } else { "http" };
    let url = format!("{scheme}://hooks.example.com:{port}/");
    let answer = Outbound::with_resolver(egress, resolve).post(&url, HeaderMap::new(), "{}".into()).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1, "it is resolved once, and that answer is used");
    answer.map(|answered| answered.status)
}

#[tokio::test]
async fn a_name_leads_only_where_it_may_whatever_dns_says() {
    let receiver = StubServer::start();
    for addresses in [
        vec!["127.0.0.1"],
        vec!["::1"],
        vec!["::ffff:127.0.0.1"],
        vec!["169.254.169.254"],
        vec!["10.0.0.1"],
        vec!["fd00:ec2::254"],
        vec!["64:ff9b::7f00:1"],
        // One good address does not make the other good.
        vec!["93.184.215.14", "127.0.0.1"],
        vec![],
    ] {
        let answer = post_to_name(Egress::Public, vec![addresses.clone()], &receiver).await;
        let text = "the name does not resolve to public addresses only";
        assert_eq!(answer, Err(CallFault::NotSent(text.into())), "{addresses:?}");
    }
    assert!(receiver.received().is_empty());
    // The same way is open where it may be: the guard is what closed it.
    let answer = post_to_name(Egress::PublicAndLoopback, vec![vec!["127.0.0.1"]], &receiver).await;
    assert_eq!((answer, receiver.received().len()), (Ok(200), 1));
    let answer = post_to_name(Egress::PublicAndLoopback, vec![vec!["169.254.169.254"]], &receiver).await;
    assert!(matches!(answer, Err(CallFault::NotSent(_))));
}

#[tokio::test]
async fn a_stored_url_is_checked_again_when_it_is_called() {
    let receiver = StubServer::start();
    let outbound = Outbound::new(Egress::Public);
    let port = receiver.url().rsplit(':').next().unwrap();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://[::ffff:7f00:1]:{port}/"),
        format!("https://localhost:{port}/"),
    ] {
        let answer = outbound.post(&url, HeaderMap::new(), "{}".into()).await;
        assert!(matches!(answer, Err(CallFault::NotAllowed(_))), "{url}: {answer:?}");
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn on_aws_only_https_is_taken() {
    let app = TestApp::new().await;
    let other_app = App::new(app.inner.store.clone());
    let body = Body::Text(json!({ "url": "http://127.0.0.1:9/" }).to_string());
    let request = app.request("admin", "POST", WEBHOOKS, body);
    let answer = Box::pin(dispatch(&other_app, request)).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

/// Whether one of a delivery's signatures is made with that secret.
fn is_signed_with(delivery: &Received, secret: &str) -> bool {
    let seconds = delivery.header("webhook-timestamp").parse().unwrap();
    let webhook = standardwebhooks::Webhook::new(secret).unwrap();
    let signature = webhook.sign(delivery.header("webhook-id"), seconds, delivery.body.as_bytes()).unwrap();
    delivery.header("webhook-signature").split(' ').any(|it| it == signature)
}

/// Decides a review whose run waits at `receiver`.
async fn decide_for(app: &TestApp, who: &str, run: &str, receiver: &StubServer) {
    let mut opening = tests::opening(run, "block", 0);
    opening["resume"] = json!({ "kind": "webhook", "url": receiver.url() });
    app.call(who, "POST", tests::REVIEWS, Some(opening)).await;
    let decision = json!({ "version_stamp": 0, "verdict": "approved" });
    let path = format!("{}/{run}/block/decision", tests::REVIEWS);
    app.call(who, "POST", &path, Some(decision)).await.ok();
}

/// A way out that waits for an answer as long as it takes, and calls none slow.
fn endless() -> Outbound {
    let outbound = Outbound::new(Egress::PublicAndLoopback).with_timeout(Duration::from_mins(10));
    outbound.with_slow_after(Duration::from_mins(10))
}

/// Runs `work` until `enough` holds, and fails if it never does. Nobody ends `work`: what hangs in it hangs on.
async fn until(work: impl Future<Output = ()>, enough: impl Fn() -> bool, message: &str) {
    let seen = async {
        while !enough() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let both = async {
        tokio::select! { () = seen => {}, () = async { work.await; std::future::pending().await } => {} }
    };
    assert!(tokio::time::timeout(Duration::from_secs(20), both).await.is_ok(), "{message}");
}

#[tokio::test]
async fn while_one_receiver_hangs_the_stream_serves_all_others() {
    let app = TestApp::with_stream().await;
    let (hanging, good, run, other_run) =
        (StubServer::start(), StubServer::start(), StubServer::start(), StubServer::start());
    hanging.always(Answer::Hang);
    // So long that nothing here could wait for it.
    let outbound = endless();
    let outbox = app.outbox(Ways { outbound: Some(outbound), ..Ways::default() }).await;
    webhook(&app, "admin", &hanging).await;
    webhook(&app, "admin", &good).await;
    // All in one batch.
    for number in 0..25 {
        app.open_at("agent", &format!("run_{number}"), "block", 0).await;
    }
    // Its two events follow each other, to the good one without waiting for the other.
    decide_for(&app, "agent", "run_last", &run).await;
    decide_for(&app, "other", "run_other", &other_run).await;
    let served =
        || good.received().len() == 27 && run.received().len() == 1 && other_run.received().len() == 1;
    until(outbox.publish(), served, "events or decisions wait for a receiver that hangs").await;
    assert!(hanging.received().len() <= 2, "{}", hanging.received().len());
}

#[tokio::test]
async fn while_one_receiver_hangs_redeliver_serves_all_others() {
    let app = TestApp::with_stream().await;
    let (hanging, good, run, other) =
        (StubServer::start(), StubServer::start(), StubServer::start(), StubServer::start());
    for receiver in [&hanging, &good, &run, &other] {
        receiver.always(Answer::Say(500, json!({})));
    }
    let outbound = endless();
    let outbox = app.outbox(Ways { outbound: Some(outbound), ..Ways::default() }).await;
    webhook(&app, "admin", &hanging).await;
    webhook(&app, "admin", &good).await;
    webhook(&app, "other_admin", &other).await;
    for number in 0..40 {
        app.open_at("agent", &format!("run_{number}"), "block", 0).await;
    }
    app.open_at("other", "run_other", "block", 0).await;
    decide_for(&app, "agent", "run_last", &run).await;
    outbox.publish().await;
    hanging.always(Answer::Hang);
    for receiver in [&good, &run, &other] {
        receiver.always(Answer::Say(200, json!({})));
    }
    let before = [&hanging, &good, &run, &other].map(|receiver| receiver.received().len());
    app.clock.advance_seconds(60);
    let more = |receiver: &StubServer, place: usize| receiver.received().len() - before[place];
    let served = || more(&good, 1) == 42 && more(&run, 2) == 1 && more(&other, 3) == 1;
    let work = async { assert!(!outbox.redeliver().await.more) };
    until(work, served, "what is owed to others waits for a receiver that hangs").await;
    assert!(more(&hanging, 0) <= 2, "{}", more(&hanging, 0));
}

#[tokio::test]
async fn a_receiver_that_is_slow_is_called_by_redeliver_and_by_the_stream_no_more() {
    let app = TestApp::with_stream().await;
    let (slow, run) = (StubServer::start(), StubServer::start());
    slow.always(Answer::Late(200, Duration::from_millis(300)));
    let outbound = Outbound::new(Egress::PublicAndLoopback).with_slow_after(Duration::from_millis(100));
    let outbox = app.outbox(Ways { outbound: Some(outbound), ..Ways::default() }).await;
    webhook(&app, "admin", &slow).await;
    for number in 0..30 {
        app.open_at("agent", &format!("run_{number}"), "block", 0).await;
    }
    outbox.publish().await;
    let first = slow.received().len();
    assert!((1..=2).contains(&first), "{first}: those that were called before it was known");
    // Another process knows it, too.
    let another = app.outbox(Ways::default()).await;
    drop(another.take().await);
    app.open_at("agent", "run_30", "block", 0).await;
    decide_for(&app, "other", "run_other", &run).await;
    another.publish().await;
    assert_eq!((slow.received().len(), run.received().len()), (first, 1));
    // It is delivered all the same, and counts as working.
    let done = outbox.redeliver().await;
    assert_eq!((done.delivered, slow.received().len()), (31 - first as u64, 31));
    assert_eq!(outbox.redeliver().await.due, 0);
    // When it has become quick, the stream calls it again.
    drop(outbox.take().await);
    slow.always(Answer::Say(200, json!({})));
    app.clock.advance_seconds(700);
    app.open_at("agent", "run_31", "block", 0).await;
    outbox.publish().await;
    assert_eq!(slow.received().len(), 32);
}

#[tokio::test]
async fn however_much_one_organization_is_owed_another_gets_its_turn() {
    let app = TestApp::with_stream().await;
    let (large, small) = (StubServer::start(), StubServer::start());
    large.then([Answer::Say(500, json!({}))]);
    small.then([Answer::Say(500, json!({}))]);
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &large).await;
    webhook(&app, "other_admin", &small).await;
    for number in 0..60 {
        app.open_at("agent", &format!("run_{number}"), "block", 0).await;
    }
    outbox.publish().await;
    app.clock.advance_seconds(1);
    app.open_at("other", "run_other", "block", 0).await;
    outbox.publish().await;
    app.clock.advance_seconds(60);
    let before = large.received().len();
    let bounds = Bounds { deliveries: 4, ..Bounds::default() };
    let done = Box::pin(outbox.publisher.redeliver(Request::default(), bounds)).await;
    assert_eq!(
        (done.due, done.more, large.received().len() - before, small.received().len()),
        (4, true, 3, 2)
    );
}

#[tokio::test]
async fn forty_creations_at_once_make_as_many_webhooks_as_there_can_be() {
    let app = TestApp::new().await;
    let create = async || {
        let body = json!({ "url": "https://hooks.example.com/" });
        app.call("admin", "POST", WEBHOOKS, Some(body)).await
    };
    let answers = futures_util::future::join_all((0..40).map(|_| create())).await;
    let listed =
        async || app.call("admin", "GET", WEBHOOKS, None).await.ok()["data"].as_array().unwrap().clone();
    let created = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    assert_eq!(created, listed().await.len());
    assert!(created <= 20, "{created}");
    for answer in answers.into_iter().filter(|answer| answer.status != StatusCode::CREATED) {
        let busy = answer.status == StatusCode::TOO_MANY_REQUESTS;
        assert!(busy || answer.body["detail"]["code"] == "too_many_webhooks", "{}", answer.text);
    }
    while listed().await.len() < 20 {
        assert_eq!(create().await.status, StatusCode::CREATED);
    }
    create().await.error(409, "too_many_webhooks");
    // What is deleted makes room for as many again.
    for webhook in &listed().await[..2] {
        let path = format!("{WEBHOOKS}/{}", webhook["webhook_id"].as_str().unwrap());
        assert_eq!(app.call("admin", "DELETE", &path, None).await.status, StatusCode::NO_CONTENT);
        app.call("admin", "DELETE", &path, None).await.error(404, "webhook_not_found");
    }
    for _ in 0..2 {
        assert_eq!(create().await.status, StatusCode::CREATED);
    }
    create().await.error(409, "too_many_webhooks");
}

#[tokio::test]
async fn webhooks_that_nobody_has_counted_yet_are_counted_once() {
    let app = TestApp::new().await;
    let client = app.inner.store.client().clone();
    let table = app.inner.store.table().to_owned();
    let text = |text: &str| AttributeValue::S(text.into());
    let forget = async || {
        let delete = client.delete_item().table_name(&table).key("pk", text("WEBHOOK-COUNT#org_a"));
        delete.key("sk", text("COUNT")).send().await.unwrap();
    };
    let create = async || {
        let body = json!({ "url": "https://hooks.example.com/" });
        app.call("admin", "POST", WEBHOOKS, Some(body)).await
    };
    for _ in 0..19 {
        assert_eq!(create().await.status, StatusCode::CREATED);
    }
    // As an earlier build has left it: to the one that creates, and to the one that deletes.
    forget().await;
    assert_eq!(create().await.status, StatusCode::CREATED);
    create().await.error(409, "too_many_webhooks");
    forget().await;
    let listed = app.call("admin", "GET", WEBHOOKS, None).await.ok();
    let path = format!("{WEBHOOKS}/{}", listed["data"][0]["webhook_id"].as_str().unwrap());
    assert_eq!(app.call("admin", "DELETE", &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(create().await.status, StatusCode::CREATED);
    create().await.error(409, "too_many_webhooks");
    // An earlier build deletes one beside the count, which is put right when it stands in the way.
    let id = listed["data"][1]["webhook_id"].as_str().unwrap();
    let delete =
        client.delete_item().table_name(&table).key("pk", text("WEBHOOKS#org_a")).key("sk", text(id));
    delete.send().await.unwrap();
    assert_eq!(create().await.status, StatusCode::CREATED);
    create().await.error(409, "too_many_webhooks");
}

#[tokio::test]
async fn a_creation_whose_answer_got_lost_is_answered_with_its_secret() {
    let app = TestApp::with_stream().await;
    let (receiver, faults) = (StubServer::start(), Faults::default());
    let outbox = app.outbox(Ways::default()).await;
    let mut other_app = app.another_app(faults.client(endpoint()));
    other_app.egress = Egress::PublicAndLoopback;
    let create = async || {
        let body = Body::Text(json!({ "url": receiver.url() }).to_string());
        let request = app.request("admin", "POST", WEBHOOKS, body);
        let (parts, body) = Box::pin(dispatch(&other_app, request)).await.into_parts();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(parts.status, StatusCode::CREATED, "{body}");
        body
    };
    // The first of an organization finds no count.
    drop(create().await);
    let mut secrets = Vec::new();
    for fault in [Fault::LoseAnswer, Fault::FailDone, Fault::CutAnswer] {
        faults.plan("TransactWriteItems", fault, 1);
        secrets.push(create().await["signing_secret"].as_str().unwrap().to_owned());
        assert_eq!(faults.left(), 0);
    }
    let listed = app.call("admin", "GET", WEBHOOKS, None).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 4);
    app.open().await;
    outbox.publish().await;
    for secret in secrets {
        let signed = receiver.received().iter().filter(|delivery| is_signed_with(delivery, &secret)).count();
        assert_eq!(signed, 1);
    }
    // Each of them was counted once: there is room for the others.
    for _ in 0..16 {
        drop(create().await);
    }
    let body = json!({ "url": receiver.url() });
    app.call("admin", "POST", WEBHOOKS, Some(body)).await.error(409, "too_many_webhooks");
}

#[tokio::test]
async fn for_a_day_deliveries_are_signed_with_the_secret_before_too() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    let body = json!({ "url": receiver.url() });
    let created = app.call("admin", "POST", WEBHOOKS, Some(body)).await.body;
    let path = format!("{WEBHOOKS}/{}/rotate-secret", created["webhook_id"].as_str().unwrap());
    let rotate = async || app.call("admin", "POST", &path, None).await.ok();
    let secret = |webhook: &Value| webhook["signing_secret"].as_str().unwrap().to_owned();
    let mut secrets = vec![secret(&created)];
    let mut rotated = rotate().await;
    secrets.push(secret(&rotated));
    rotated.as_object_mut().unwrap().remove("signing_secret");
    let listed = app.call("admin", "GET", WEBHOOKS, None).await;
    assert!(secrets.iter().all(|secret| !listed.text.contains(secret.as_str())) && secrets[0] != secrets[1]);
    assert_eq!(listed.ok()["data"][0], rotated);
    app.call("other_admin", "POST", &path, None).await.error(404, "webhook_not_found");
    app.call("agent", "POST", &path, None).await.error(403, "forbidden");

    let signed = async |run: &str, secrets: &[String]| {
        app.open_at("agent", run, "block", 0).await;
        outbox.publish().await;
        let delivery = receiver.received().pop().unwrap();
        let count = delivery.header("webhook-signature").split(' ').count();
        (count, secrets.iter().map(|secret| is_signed_with(&delivery, secret)).collect::<Vec<_>>())
    };
    assert_eq!(signed("run_1", &secrets).await, (2, vec![true, true]));
    app.clock.advance_seconds(86_399);
    assert_eq!(signed("run_2", &secrets).await, (2, vec![true, true]));
    app.clock.advance_seconds(1);
    assert_eq!(signed("run_3", &secrets).await, (1, vec![false, true]));
    // Rotated once more and again, by somebody whose answers got lost: what receivers may know stays valid, within bounds.
    for _ in 0..4 {
        secrets.push(secret(&rotate().await));
    }
    assert_eq!(signed("run_4", &secrets).await, (4, vec![false, false, true, true, true, true]));
}

#[tokio::test]
async fn a_rotation_whose_answer_got_lost_happens_once() {
    let app = TestApp::new().await;
    let faults = Faults::default();
    let body = json!({ "url": "https://hooks.example.com/" });
    let created = app.call("admin", "POST", WEBHOOKS, Some(body)).await.body;
    let other_app = app.another_app(faults.client(endpoint()));
    faults.plan("UpdateItem", Fault::LoseAnswer, 1);
    let id = created["webhook_id"].as_str().unwrap();
    let path = format!("{WEBHOOKS}/{id}/rotate-secret");
    let rotated = Box::pin(dispatch(&other_app, app.request("admin", "POST", &path, Body::Empty))).await;
    let rotated: Value = serde_json::from_slice(rotated.body()).unwrap();
    let organization = OrganizationId::parse("org_a").unwrap();
    let stored =
        app.inner.store.webhook(&organization, &WebhookId::parse(id).unwrap()).await.unwrap().unwrap();
    let secrets: Vec<&str> = stored.secrets(app.clock.now()).collect();
    assert_eq!(
        secrets,
        [&rotated["signing_secret"], &created["signing_secret"]].map(|it| it.as_str().unwrap())
    );
}

#[tokio::test]
async fn a_test_is_sent_once_signed_and_logged_and_says_nothing_of_how_the_webhook_does() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    let outbox = app.outbox(Ways::default()).await;
    let body = json!({ "url": receiver.url(), "events": ["review.decided"] });
    let created = app.call("admin", "POST", WEBHOOKS, Some(body)).await.body;
    let id = created["webhook_id"].as_str().unwrap();
    let path = format!("{WEBHOOKS}/{id}");
    let ask = async || app.call("admin", "POST", &format!("{path}/test"), None).await;
    app.call("other_admin", "POST", &format!("{path}/test"), None).await.error(404, "webhook_not_found");
    app.call("dana", "POST", &format!("{path}/test"), None).await.error(403, "forbidden");
    let asked = ask().await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    for _ in 0..40 {
        assert_eq!(ask().await.body, asked.body, "one at a time");
    }
    receiver.then([Answer::Say(500, json!({}))]);
    outbox.redeliver().await;
    let sent = receiver.received();
    assert_eq!((sent.len(), sent[0].header("webhook-id")), (1, asked.body["event_id"].as_str().unwrap()));
    assert!(is_signed_with(&sent[0], created["signing_secret"].as_str().unwrap()));
    let expected = json!({
        "id": asked.body["event_id"], "type": "webhook.test", "timestamp": "2026-05-13T08:55:00.000Z",
        "data": { "organization_id": "org_a", "webhook_id": id },
    });
    assert_eq!(sent[0].json(), expected);
    let log = app.call("admin", "GET", &format!("{path}/deliveries"), None).await.ok();
    let logged = &log["data"][0];
    assert_eq!((&logged["event_type"], &logged["block_run_id"]), (&json!("webhook.test"), &Value::Null));
    assert_eq!((&logged["status"], &logged["http_status"]), (&json!("failed"), &json!(500)));
    assert_eq!(shown(&app, id).await["failing_since"], Value::Null);
    app.clock.advance_seconds(3600);
    assert_eq!((outbox.redeliver().await.due, receiver.received().len()), (0, 1), "it is not tried again");
    assert_ne!(ask().await.body["event_id"], asked.body["event_id"]);
    // Deleted with its webhook.
    app.call("admin", "DELETE", &path, None).await;
    outbox.redeliver().await;
    assert_eq!((outbox.redeliver().await.due, receiver.received().len()), (0, 1));
}

#[tokio::test]
async fn what_is_no_webhooks_id_reaches_no_other_target() {
    let app = TestApp::with_stream().await;
    let bus = StubServer::start();
    let outbox = app.outbox(Ways { bus: Some(bus.url()), ..Ways::default() }).await;
    bus.always(Answer::Say(500, json!({})));
    app.open().await;
    outbox.publish().await;
    while outbox.redeliver().await.dead_letters == 0 {
        app.clock.advance_seconds(36_000);
    }
    let before = bus.received().len();
    for (method, path) in [
        ("DELETE", ""),
        ("POST", "/enable"),
        ("POST", "/test"),
        ("POST", "/rotate-secret"),
        ("GET", "/deliveries"),
    ] {
        let path = format!("{WEBHOOKS}/event-bus{path}");
        app.call("admin", method, &path, None).await.error(404, "webhook_not_found");
    }
    app.clock.advance_seconds(36_000);
    let done = outbox.redeliver().await;
    assert_eq!((done.due, done.redriven, bus.received().len()), (0, 0, before), "its dead letter stays one");
}

/// Moves what a target is owed to where an earlier build kept it.
async fn as_before(app: &TestApp, id: &str) {
    let client = app.inner.store.client();
    let (table, pk) = (app.inner.store.table(), AttributeValue::S(format!("BACKLOG#org_a#{id}")));
    let query = client.query().table_name(table).key_condition_expression("pk = :pk");
    for mut item in query.expression_attribute_values(":pk", pk.clone()).send().await.unwrap().items.unwrap()
    {
        let sk = item["sk"].clone();
        let parts: Vec<&str> = sk.as_s().unwrap().split('#').collect();
        let before = match parts[..] {
            ["", "HEAD", run, block] => format!("{run}#{block}#HEAD"),
            ["", "EVENT", run, block, place] => format!("{run}#{block}#EVENT#{place}"),
            _ => panic!("{parts:?}"),
        };
        let delete = client.delete_item().table_name(table).key("pk", pk.clone()).key("sk", sk.clone());
        delete.send().await.unwrap();
        item.insert("sk".into(), AttributeValue::S(before));
        item.remove("last_place");
        client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }
}

#[tokio::test]
async fn what_an_earlier_build_owed_is_delivered_in_its_order_and_made_due_with_the_rest() {
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    receiver.always(Answer::Say(410, json!({})));
    let outbox = app.outbox(Ways::default()).await;
    let id = webhook(&app, "admin", &receiver).await;
    app.open_at("agent", "HEAD", "block", 0).await;
    app.open_at("agent", "run_2", "block", 0).await;
    outbox.publish().await;
    app.clock.advance_seconds(60);
    // Both are in the dead-letter queue.
    outbox.redeliver().await;
    assert!(backlogs(&app, &id).await.iter().all(|backlog| backlog.is_dead));
    as_before(&app, &id).await;
    receiver.always(Answer::Say(500, json!({})));
    app.call("admin", "POST", &format!("{WEBHOOKS}/{id}/enable"), None).await.ok();
    assert_eq!(outbox.redeliver().await.redriven, 2);
    // What happens now joins what was owed before.
    let claim = json!({ "version_stamp": 0 });
    let path = format!("{}/HEAD/block/claim", tests::REVIEWS);
    app.call("dana", "POST", &path, Some(claim)).await.ok();
    outbox.publish().await;
    app.open_at("agent", "run_3", "block", 0).await;
    outbox.publish().await;
    assert_eq!(backlogs(&app, &id).await.len(), 3);
    receiver.always(Answer::Say(200, json!({})));
    let before = receiver.received().len();
    app.clock.advance_seconds(3600);
    let done = outbox.redeliver().await;
    assert_eq!((done.delivered, done.errors), (4, 0));
    let of = |run: &str| -> Vec<Value> {
        let told = receiver.received()[before..].iter().map(Received::json).collect::<Vec<_>>();
        let told = told.into_iter().filter(|event| event["data"]["workflow_run_id"] == run);
        told.map(|event| event["type"].clone()).collect()
    };
    assert_eq!(of("HEAD"), ["review.opened", "review.claimed"]);
    assert_eq!((of("run_2").len(), of("run_3").len(), backlogs(&app, &id).await.len()), (1, 1, 0));
}

#[tokio::test]
async fn enabling_costs_the_same_however_much_is_owed_and_redeliver_pages() {
    let app = TestApp::with_stream().await;
    let (receiver, faults) = (StubServer::start(), Faults::default());
    receiver.always(Answer::Say(500, json!({})));
    let outbox = app.outbox(Ways { table: Some(faults.client(endpoint())), ..Ways::default() }).await;
    let id = webhook(&app, "admin", &receiver).await;
    for number in 0..130 {
        app.open_at("agent", &format!("run_{number}"), "block", 0).await;
    }
    outbox.publish().await;
    receiver.always(Answer::Say(410, json!({})));
    app.clock.advance_seconds(60);
    outbox.redeliver().await;
    let owed = backlogs(&app, &id).await.len();
    assert!(owed >= 128, "{owed}");
    let path = format!("{WEBHOOKS}/{id}/enable");
    let (answer, usage) = app.metered("admin", "POST", &path, None).await;
    answer.ok();
    assert!(usage.calls <= 2 && usage.read_units <= 1.0, "{usage:?}");
    receiver.always(Answer::Say(200, json!({})));
    faults.take_sent();
    let done = outbox.redeliver().await;
    assert_eq!((done.redriven, done.delivered), (owed as u64, owed as u64));
    // Pages of heads alone: no event with its body is read to find them.
    let pages = faults.take_sent().into_iter().filter(|(operation, sent)| {
        operation == "Query" && sent["KeyConditionExpression"].as_str().unwrap().contains(":after")
    });
    let limits: Vec<Value> = pages.map(|(_, sent)| sent["Limit"].clone()).collect();
    assert_eq!(limits, [json!(100), json!(100)]);
    assert_eq!(backlogs(&app, &id).await.len(), 0);
}

#[tokio::test]
async fn a_settled_event_that_a_transaction_touches_is_deleted_by_the_sdks_retry() {
    let app = TestApp::with_stream().await;
    let (receiver, faults) = (StubServer::start(), Faults::default());
    receiver.then([Answer::Say(500, json!({}))]);
    let outbox = app.outbox(Ways { table: Some(faults.client(endpoint())), ..Ways::default() }).await;
    webhook(&app, "admin", &receiver).await;
    app.open().await;
    outbox.publish().await;
    app.clock.advance_seconds(60);
    faults.plan("DeleteItem", Fault::Conflict, 1);
    let done = outbox.redeliver().await;
    assert_eq!((done.delivered, done.errors, faults.left(), receiver.received().len()), (1, 0, 0, 2));
    assert_eq!(outbox.redeliver().await.due, 0);
}

#[tokio::test]
async fn a_private_receiver_is_called_where_the_operator_allows_it() {
    let receivers =
        |list: &str| Egress::PublicAnd(Box::leak(Box::new(PrivateReceivers::parse(list).unwrap())));
    // The way to 10.1.2.3 is not there; that the connection is tried, and not refused by us, is what matters.
    let refused = "the name does not resolve to public addresses only";
    for (list, is_refused) in [
        ("", true),
        ("10.2.0.0/16", true),
        ("else.example.com", true),
        ("10.1.0.0/16", false),
        ("hooks.example.com", false),
    ] {
        let (resolve, _) = resolver(vec![vec!["10.1.2.3"]]);
        let outbound =
            Outbound::with_resolver(receivers(list), resolve).with_timeout(Duration::from_millis(200));
        let answer = outbound.post("https://hooks.example.com:9/", HeaderMap::new(), "{}".into()).await;
        assert_eq!(answer == Err(CallFault::NotSent(refused.into())), is_refused, "{list}: {answer:?}");
        assert!(answer.is_err());
    }
    // What the operator lists is still called over https alone, and leads nowhere on this machine.
    let receiver = StubServer::start();
    let port = receiver.url().rsplit(':').next().unwrap();
    for url in [format!("http://hooks.example.com:{port}/"), format!("https://hooks.example.com:{port}/")] {
        let (resolve, _) = resolver(vec![vec!["127.0.0.1"]]);
        let outbound = Outbound::with_resolver(receivers("hooks.example.com"), resolve);
        outbound.post(&url, HeaderMap::new(), "{}".into()).await.unwrap_err();
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn what_is_sent_is_what_the_description_says() {
    let app = TestApp::with_stream().await;
    let (receiver, run) = (StubServer::start(), StubServer::start());
    let outbox = app.outbox(Ways::default()).await;
    let id = webhook(&app, "admin", &receiver).await;
    app.open().await;
    app.claim("dana", 0, 30).await.ok();
    app.release("dana", 1).await.ok();
    app.post("dana", "versions", json!({ "version_stamp": 2, "snapshot": { "x": 1 } })).await.ok();
    let escalation =
        json!({ "version_stamp": 3, "verdict": "escalated", "reason": "?", "escalate_to": "legal" });
    app.post("dana", "decision", escalation).await.ok();
    app.claim("dana", 4, 30).await.ok();
    app.clock.advance_seconds(31);
    Box::pin(sweep::sweep(&app.inner.store, app.clock.now(), sweep::Bounds::default())).await;
    app.approve("dana", 5).await.ok();
    app.post("dana", "reopen", json!({ "version_stamp": 6 })).await.ok();
    app.post("dana", "assign", json!({ "version_stamp": 7, "groups": ["legal"] })).await.ok();
    assert_eq!(app.post("dana", "comments", json!({ "text": "?" })).await.status, 201);
    app.open_with("run_t", crate::reviews::terms::needs(2, false)).await;
    let approve = format!("{REVIEWS}/run_t/block_extract/decision");
    let approval = json!({ "verdict": "approved", "version_stamp": 0 });
    app.call("dana", "POST", &approve, Some(approval)).await.ok();
    let deadline = Deadline::starting(app.clock.now(), 60, vec![30], OnOverdue::default());
    app.open_with("run_d", Terms { deadline: Some(deadline), ..Terms::default() }).await;
    for _ in 0..2 {
        app.clock.advance_seconds(31);
        Box::pin(sweep::sweep(&app.inner.store, app.clock.now(), sweep::Bounds::default())).await;
    }
    run.always(Answer::Say(410, json!({})));
    decide_for(&app, "agent", "run_2", &run).await;
    let upload = documents::uploaded(&app, "agent", documents::PDF).await;
    let mut named = tests::opening("run_3", "block", 0);
    let source = documents::upload(&upload);
    named["documents"] =
        json!([{ "id": "scan", "filename": "a.pdf", "mime_type": "application/pdf", "source": source }]);
    app.call("agent", "POST", REVIEWS, Some(named)).await;
    app.call("admin", "DELETE", &format!("/v1/documents/{upload}"), None).await.ok();
    outbox.publish().await;
    app.call("admin", "POST", &format!("{WEBHOOKS}/{id}/test"), None).await;
    outbox.redeliver().await;

    let described: Value = serde_json::from_str(docs::PAGES[0].text).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    let sent = receiver.received().into_iter().map(|it| (it.json()["type"].as_str().unwrap().to_owned(), it));
    for (name, delivery) in sent.chain(run.received().into_iter().map(|it| ("resume".to_owned(), it))) {
        let post = &described["webhooks"][&name]["post"];
        let content = &post["requestBody"]["content"]["application/json"]["schema"];
        let mut schema = content.clone();
        schema["components"] = described["components"].clone();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&delivery.json()).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
        for header in post["parameters"].as_array().unwrap().iter().filter(|it| it["required"] == true) {
            assert!(delivery.headers.contains_key(header["name"].as_str().unwrap()), "{name}");
        }
        // No field that the description does not name.
        let schema = if name == "resume" { "ResumePayload" } else { "Event" };
        let named = |schema: &str, body: &Value| {
            let named = described["components"]["schemas"][schema]["properties"].as_object().unwrap();
            body.as_object().unwrap().keys().all(|field| named.contains_key(field))
        };
        assert!(name == "webhook.test" || named(schema, &delivery.json()), "{name}");
        assert!(schema != "Event" || name == "webhook.test" || named("EventData", &delivery.json()["data"]));
        seen.insert(name);
    }
    let all: std::collections::BTreeSet<String> =
        described["webhooks"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(seen, all, "each of them was sent");
}

#[tokio::test]
async fn nobody_waits_for_another_organizations_list_of_webhooks() {
    let app = TestApp::with_stream().await;
    let (receiver, faults) = (StubServer::start(), Faults::default());
    let outbox = app.outbox(Ways { table: Some(faults.client(endpoint())), ..Ways::default() }).await;
    webhook(&app, "other_admin", &receiver).await;
    app.open_at("agent", "run_1", "block", 0).await;
    app.open_at("other", "run_2", "block", 0).await;
    // The first that is asked for.
    faults.plan("Query", Fault::HoldUp, 1);
    faults.take_sent();
    until(outbox.publish(), || receiver.received().len() == 1, "it waits for the other's query").await;
    // The SDK has not even asked again: that is not what has let it go.
    let asked = faults.take_sent().into_iter().filter(|(operation, sent)| {
        operation == "Query" && sent["ExpressionAttributeValues"][":pk"]["S"] == "WEBHOOKS#org_a"
    });
    assert_eq!(asked.count(), 1);
}

#[tokio::test]
async fn a_target_that_cannot_be_dealt_with_cancels_no_delivery_to_another() {
    let app = TestApp::with_stream().await;
    let (one, other, faults) = (StubServer::start(), StubServer::start(), Faults::default());
    let outbox = app.outbox(Ways { table: Some(faults.client(endpoint())), ..Ways::default() }).await;
    let ids = [webhook(&app, "admin", &one).await, webhook(&app, "admin", &other).await];
    for receiver in [&one, &other] {
        receiver.always(Answer::Late(200, Duration::from_millis(300)));
    }
    app.open().await;
    let batches = outbox.take().await;
    // What one of the two is owed cannot be read.
    faults.plan("GetItem", Fault::Refuse, 1);
    let mut failures = 0;
    for batch in batches {
        failures += Box::pin(outbox.publisher.publish(batch)).await.batch_item_failures.len();
    }
    let mut logged = 0;
    for id in &ids {
        let log = app.call("admin", "GET", &format!("{WEBHOOKS}/{id}/deliveries"), None).await.ok();
        logged += log["data"].as_array().unwrap().len();
    }
    assert_eq!((failures, one.received().len() + other.received().len(), logged), (1, 1, 1));
}

#[tokio::test]
async fn a_line_of_the_log_names_the_function_that_wrote_it() {
    tests::log::capture();
    let app = TestApp::with_stream().await;
    let receiver = StubServer::start();
    receiver.always(Answer::Redirect("https://else.example/secret".into()));
    let outbox = app.outbox(Ways::default()).await;
    webhook(&app, "admin", &receiver).await;
    decide_for(&app, "agent", "run_1", &receiver).await;
    let functions = || -> std::collections::BTreeSet<String> {
        let lines = tests::log::logged();
        let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let of_delivery =
            lines.filter(|line| line["message"] == "a delivery failed" || line["message"] == "resume");
        of_delivery
            .map(|line| {
                let error = line["error"].as_str().unwrap();
                assert!(error.ends_with("a redirect to else.example, which is not followed"), "{error}");
                format!("{}: {}", line["function"].as_str().unwrap(), line["message"].as_str().unwrap())
            })
            .collect()
    };
    outbox.publish().await;
    assert_eq!(functions(), ["publish: a delivery failed", "publish: resume"].map(str::to_owned).into());
    app.clock.advance_seconds(60);
    outbox.redeliver().await;
    assert_eq!(functions(), ["redeliver: a delivery failed", "redeliver: resume"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_write_that_dynamodb_refuses_is_no_webhook_that_is_missing() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    let body = json!({ "url": "https://hooks.example.com/a" });
    let created = app.call("admin", "POST", WEBHOOKS, Some(body)).await.body;
    let one = format!("{WEBHOOKS}/{}", created["webhook_id"].as_str().unwrap());
    for (operation, verb, status) in [("TransactWriteItems", "enable", 200), ("PutItem", "test", 202)] {
        let path = format!("{one}/{verb}");
        faults.plan(operation, Fault::Refuse, 1);
        app.call("admin", "POST", &path, None).await.error(500, "internal");
        assert_eq!(faults.left(), 0);
        assert_eq!(app.call("admin", "POST", &path, None).await.status, status);
    }
}

#[tokio::test]
async fn a_webhook_that_is_deleted_meanwhile_does_not_come_back() {
    let app = TestApp::new().await;
    let body = json!({ "url": "https://hooks.example.com/a" });
    let created = app.call("admin", "POST", WEBHOOKS, Some(body)).await.body;
    let id = created["webhook_id"].as_str().unwrap();
    let organization = OrganizationId::parse("org_a").unwrap();
    let (store, now) = (&app.inner.store, app.clock.now());
    let webhook = store.webhook(&organization, &WebhookId::parse(id).unwrap()).await.unwrap().unwrap();
    assert_eq!(format!("{webhook:?}"), format!("Webhook({id})"), "and not its secret");
    let deleted = app.call("admin", "DELETE", &format!("{WEBHOOKS}/{id}"), None).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    store.record_webhook_failure(&webhook, now).await.unwrap();
    store.record_webhook_success(&webhook, true).await.unwrap();
    store.record_webhook_success(&webhook, false).await.unwrap();
    store.mark_webhook_slow(&webhook, now).await.unwrap();
    store.disable_webhook(&webhook, "410", now).await.unwrap();
    store.disable_failing_webhook(&webhook, now, now).await.unwrap();
    assert_eq!(app.call("admin", "GET", WEBHOOKS, None).await.ok(), json!({ "data": [] }));
}

#[tokio::test]
async fn a_creation_that_did_not_happen_is_not_answered_with_a_secret() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    let create = async || {
        let body = json!({ "url": "https://hooks.example.com/a" });
        app.call("admin", "POST", WEBHOOKS, Some(body)).await
    };
    assert_eq!(create().await.status, StatusCode::CREATED);
    faults.plan("TransactWriteItems", Fault::Fail, 4);
    create().await.error(503, "unavailable");
    assert_eq!(faults.left(), 0);
    let listed = app.call("admin", "GET", WEBHOOKS, None).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}
