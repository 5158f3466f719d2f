//! What the log holds, and what it must not.

use serde_json::json;
use shared::store::Scope;
use tests::faults::{Fault, Faults};
use tests::log::{capture, logged};
use tests::outbox::Ways;
use tests::stub_servers::{Answer, StubServer};
use tests::{PEOPLE, REVIEW, REVIEWS, TestApp, endpoint};

#[tokio::test]
async fn the_log_has_one_line_a_request_and_no_key_body_or_snapshot_in_it() {
    capture();
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    app.claim("ben", 0, 900).await.error(409, "version_conflict");
    app.call("reader", "POST", REVIEWS, None).await.error(403, "forbidden");
    app.call("dana", "GET", &format!("{REVIEWS}?cursor=hp_secret"), None).await.faults();
    faults.plan("Query", Fault::LoseRequest, 4);
    app.call("dana", "GET", REVIEW, None).await.error(503, "unavailable");

    let log = logged();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["target"] == "holdpoint")
        .collect();
    let codes: Vec<&str> = lines.iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        ["ok", "ok", "version_conflict", "forbidden", "validation_error", "unavailable", "unavailable"],
        "one line a request; before a 5xx its cause, once"
    );
    assert_eq!(lines[5]["message"], "failed");
    assert!(lines[5]["cause"].as_str().unwrap().contains("reset"));
    let claimed = &lines[1];
    for (field, value) in [("function", "claim"), ("organization", "org_a"), ("actor", "user_42")] {
        assert_eq!(claimed[field], value);
    }
    assert_eq!((&claimed["status"], &claimed["rev"]), (&200.into(), &1.into()));
    assert!(claimed["write_units"].as_f64().is_some_and(|units| units > 0.0));
    for (who, ..) in PEOPLE {
        assert!(!log.contains(&app.key(who)[3..]), "{who}'s key is in the log");
    }
    for secret in ["Northwind", "12.5", "hp_secret"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn what_is_told_leaves_no_secret_in_the_log_or_in_any_answer() {
    capture();
    let mut app = TestApp::with_stream().await;
    let key = app.key_for("org_a", "human", "user_2", &[Scope::Read, Scope::Admin]).await;
    app.add_key("lead", key);
    let (service, receiver) = (StubServer::start(), StubServer::start());
    let outbox = app.outbox(Ways { step_functions: Some(service.url()), ..Ways::default() }).await;
    let url = format!("{}/path-secret?query-secret", receiver.url());
    let hook = app.call("admin", "POST", "/v1/webhooks", Some(json!({ "url": url }))).await.body;
    let group = json!({ "group": "finance", "events": ["waiting"], "channel": "teams", "url": format!("{}/channel-secret", receiver.url()) });
    let subscribed = app.call("lead", "POST", "/v1/subscriptions", Some(group)).await;
    assert_eq!(subscribed.status, 201, "{}", subscribed.text);
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let waiting = [
        json!({ "kind": "step_functions", "task_token": "token-secret" }),
        json!({ "kind": "webhook", "url": url, "signing_secret": key }),
    ];
    // Both fail at first, so that their errors are logged and shown, too.
    service.then([
        Answer::Say(400, json!({ "__type": "ThrottlingException", "message": "later" })),
        Answer::Cut,
    ]);
    receiver.always(Answer::Say(500, json!({ "echo": key })));
    let mut shown = String::new();
    for (run, resume) in ["run_1", "run_2"].into_iter().zip(waiting) {
        let mut opening = tests::opening(run, "block", 0);
        opening["resume"] = resume;
        shown += &app.call("agent", "POST", REVIEWS, Some(opening)).await.text;
        let path = format!("{REVIEWS}/{run}/block/decision");
        let approval = json!({ "verdict": "approved", "version_stamp": 0 });
        app.call("dana", "POST", &path, Some(approval)).await.ok();
    }
    outbox.publish().await;
    for _ in 0..3 {
        app.clock.advance_seconds(3600);
        outbox.redeliver().await;
    }
    shown += &app.call("dana", "GET", REVIEWS, None).await.text;
    let log = logged();
    assert!(log.contains("\"resume\"") && log.contains("a delivery failed"), "{log}");
    assert!(log.contains("a notification failed"), "{log}");
    shown += &app.call("lead", "GET", "/v1/subscriptions", None).await.text;
    assert!(shown.contains("answered 500") && subscribed.text.contains("127.0.0.1"), "{shown}");
    shown += &subscribed.text;
    let id = hook["webhook_id"].as_str().unwrap();
    let listed = app.call("admin", "GET", "/v1/webhooks", None).await.text;
    let deliveries = app.call("admin", "GET", &format!("/v1/webhooks/{id}/deliveries"), None).await.text;
    let hook_secret = hook["signing_secret"].as_str().unwrap();
    for secret in
        ["token-secret", "path-secret", "query-secret", "channel-secret", key, hook_secret, "Northwind"]
    {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!deliveries.contains(secret), "{secret} is in the list of deliveries");
        assert!(secret == "Northwind" || !shown.contains(secret), "{secret} is shown");
    }
    // Where it leads, an administrator may see; how it signs, nobody.
    assert!(listed.contains("path-secret") && !listed.contains(hook_secret));
}
