//! What requests count: one line in `CloudWatch`'s embedded metric format for each that did something.

use lambda_http::Body;
use serde_json::{Value, json};
use std::cell::RefCell;
use tests::{REVIEW, REVIEWS, START, TestApp};

thread_local! {
    static LINES: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

/// The names and numbers of all lines since the last look, without the time and the names' definitions.
fn counted() -> Vec<(String, Value)> {
    let numbers = |mut line: Value| {
        let defined: Vec<String> = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| metric["Name"].as_str().unwrap().to_owned())
            .collect();
        let fields = line.as_object_mut().unwrap();
        fields.remove("_aws");
        assert!(fields.remove("table").unwrap().is_string());
        let function = fields.remove("function").unwrap().as_str().unwrap().to_owned();
        let mut names: Vec<String> = fields.keys().cloned().collect();
        names.sort();
        let mut expected = defined;
        expected.sort();
        assert_eq!(names, expected, "each number is defined, and nothing else is there");
        (function, line)
    };
    LINES.take().into_iter().map(numbers).collect()
}

async fn app() -> TestApp {
    let mut app = TestApp::new().await;
    app.inner.metrics = Some(|line| LINES.with_borrow_mut(|lines| lines.push(line.clone())));
    app
}

#[tokio::test]
async fn the_gate_counts_what_it_held_and_what_it_let_pass() {
    let app = app().await;
    let gate = async |kind: &str, is_dry: bool| {
        let mut body = tests::gating("run_abc123", "block_extract", json!({ "kind": kind }));
        (body["dry_run"], body["json_schema"]) = (json!(is_dry), json!({}));
        app.call("agent", "POST", "/v1/workflows/gate", Some(body)).await;
        counted()
    };
    assert_eq!(gate("validation_failed", false).await, [("gate".to_owned(), json!({ "GatePassed": 1 }))]);
    for kind in ["always", "validation_failed"] {
        assert_eq!(gate(kind, true).await, [], "a dry run is not counted");
    }
    let held = json!({ "Mutations": 1, "Opened": 1, "GateHeld": 1 });
    assert_eq!(gate("always", false).await, [("gate".to_owned(), held)]);
    assert_eq!(gate("always", false).await, [], "a replay is not counted");
}

#[tokio::test]
async fn each_thing_done_is_counted_once_with_how_long_it_had_waited() {
    let app = app().await;
    app.open().await;
    assert_eq!(counted(), [("open".to_owned(), json!({ "Mutations": 1, "Opened": 1 }))]);
    app.call("agent", "POST", REVIEWS, Some(tests::opening("run_abc123", "block_extract", 0))).await.ok();
    app.get().await.ok();
    assert_eq!(counted(), [], "neither a replay nor a read is counted");

    app.clock.advance_seconds(90);
    app.claim("dana", 0, 900).await.ok();
    app.claim("dana", 0, 900).await.ok();
    let claim = json!({ "Mutations": 1, "Claims": 1, "TimeToClaim": 90_000 });
    assert_eq!(counted(), [("claim".to_owned(), claim)], "the second is the first again");
    app.claim("dana", 1, 900).await.ok();
    app.claim("ben", 2, 900).await.ok();
    app.claim("dana", 1, 60).await.error(409, "version_conflict");
    let numbers: Vec<Value> = counted().into_iter().map(|(_, numbers)| numbers).collect();
    assert_eq!(
        numbers,
        [
            json!({ "Mutations": 1, "Renewals": 1 }),
            json!({ "Mutations": 1, "Claims": 1, "Takeovers": 1 }),
            json!({ "Conflicts": 1 }),
        ]
    );
    app.release("ben", 3).await.ok();
    app.release("ben", 4).await.ok();
    let released = ("release".to_owned(), json!({ "Mutations": 1, "Releases": 1 }));
    assert_eq!(counted(), [released], "nothing to drop, nothing to count");

    app.post("dana", "versions", json!({ "version_stamp": 4, "snapshot": {} })).await.ok();
    let escalation =
        json!({ "version_stamp": 5, "verdict": "escalated", "reason": "?", "escalate_to": "Ada" });
    app.post("dana", "decision", escalation).await.ok();
    app.clock.advance_seconds(10);
    app.approve("dana", 6).await.ok();
    app.approve("dana", 6).await.ok();
    app.post("dana", "reopen", json!({ "version_stamp": 7 })).await.ok();
    let numbers: Vec<Value> = counted().into_iter().map(|(_, numbers)| numbers).collect();
    assert_eq!(
        numbers,
        [
            json!({ "Mutations": 1, "Corrections": 1 }),
            json!({ "Mutations": 1, "Escalations": 1 }),
            json!({ "Mutations": 1, "Decisions": 1, "TimeToDecision": 100_000 }),
            json!({ "Mutations": 1, "Reopened": 1 }),
        ]
    );
    app.clock.advance_seconds(7);
    app.call("ben", "POST", &format!("{REVIEWS}/claim-next"), Some(json!({}))).await.ok();
    let next = json!({ "Mutations": 1, "Claims": 1, "TimeToClaim": 7000 });
    assert_eq!(counted(), [("claim-next".to_owned(), next)], "it waits since it was opened again");
}

#[tokio::test]
async fn a_line_names_its_time_its_units_and_the_deployment() {
    let app = app().await;
    app.open().await;
    let line = LINES.take().pop().unwrap();
    assert_eq!(line["table"], app.inner.store.table());
    assert_eq!(
        line["_aws"],
        json!({ "Timestamp": START.millis(), "CloudWatchMetrics": [{
            "Namespace": "Holdpoint",
            "Dimensions": [["table"]],
            "Metrics": [{ "Name": "Mutations", "Unit": "Count" }, { "Name": "Opened", "Unit": "Count" }],
        }] })
    );
}

#[tokio::test]
async fn a_trace_is_in_the_log_and_what_is_no_trace_is_not() {
    tests::log::capture();
    let app = TestApp::new().await;
    let root = "1-67891233-abcdef012345678912345678";
    let headers = [
        ("x-amzn-trace-id", format!("Self=1-0-0;Root={root};Sampled=1"), json!(root)),
        ("traceparent", format!("00-{}-00f067aa0ba902b7-01", "4bf9".repeat(8)), json!("4bf9".repeat(8))),
        ("x-amzn-trace-id", "Root=hp_secret".into(), Value::Null),
        ("traceparent", "00-hp_secret-1-01".into(), Value::Null),
        ("x-request", "none".into(), Value::Null),
    ];
    for (name, value, expected) in headers {
        let mut request = app.request("dana", "GET", REVIEW, Body::Empty);
        request.headers_mut().insert(name, value.parse().unwrap());
        app.send(request).await.error(404, "review_not_found");
        let log = tests::log::logged();
        let line: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        assert_eq!(line["trace_id"], expected, "{name}: {value}");
    }
}

#[tokio::test]
async fn refused_keys_and_scopes_are_counted_at_the_api_and_at_sign_in() {
    let app = app().await;
    let nobody = lambda_http::http::Request::get(REVIEWS).body(Body::Empty).unwrap();
    app.send(nobody).await.error(401, "unauthenticated");
    app.call("reader", "POST", &format!("{REVIEW}/claim"), Some(json!({ "version_stamp": 0 })))
        .await
        .error(403, "forbidden");
    let wrong = lambda_http::http::Request::post("/inbox/sign-in")
        .header("sec-fetch-site", "same-origin")
        .body(Body::Text("key=hp_wrong".into()));
    assert_eq!(app.send(wrong.unwrap()).await.status, 401);
    assert_eq!(
        counted(),
        [
            ("list".to_owned(), json!({ "Unauthenticated": 1 })),
            ("claim".to_owned(), json!({ "Forbidden": 1 })),
            ("inbox".to_owned(), json!({ "Unauthenticated": 1 })),
        ]
    );
}
