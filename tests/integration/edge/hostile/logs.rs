//! What somebody would like to see in our log.

use lambda_http::Body;
use lambda_http::http::{HeaderName, HeaderValue, Request};
use serde_json::{Value, json};
use tests::log::{capture, logged};
use tests::{REVIEW, REVIEWS, TestApp};

/// A line of a log that never was, the words that end a terminal's colours, and what ends a JSON string.
const FORGERY: &str = "x\",\"status\":200}\n{\"target\":\"holdpoint\",\"message\":\"forged\",\"code\":\"ok\"}\r\n\u{1b}[2J\u{1b}[31mforged\u{202e}\u{0}";

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02x}"))
}

#[tokio::test]
async fn nothing_that_is_sent_becomes_a_line_or_a_field_of_the_log() {
    capture();
    let app = TestApp::new().await;
    app.open().await;
    logged();
    let forgery = percent(FORGERY);
    let mut sent = 0;
    for path in [
        format!("{REVIEWS}/{forgery}/block"),
        format!("{REVIEWS}/run/{forgery}"),
        format!("{REVIEWS}/run/block/versions/{forgery}"),
        format!("{REVIEWS}?{forgery}=1&cursor={forgery}&workflow_id={forgery}"),
        format!("/{forgery}"),
        format!("/v1/webhooks/{forgery}/deliveries"),
    ] {
        for who in ["dana", "admin"] {
            app.call(who, "GET", &path, None).await;
            sent += 1;
        }
    }
    // In a header there can be neither line ends nor other control characters but the tab.
    let header: String = FORGERY.chars().filter(|it| !it.is_control()).collect::<String>() + "\tforged";
    for name in [
        "api-key",
        "traceparent",
        "x-amzn-trace-id",
        "x-request-id",
        "user-agent",
        "idempotency-key",
        "if-none-match",
        "host",
    ] {
        let mut request = app.request(
            "dana",
            "POST",
            &format!("{REVIEW}/release"),
            Body::Text(r#"{"version_stamp":9}"#.into()),
        );
        let value = HeaderValue::from_bytes(header.as_bytes()).unwrap();
        request.headers_mut().insert(HeaderName::from_static(name), value);
        app.send(request).await;
        sent += 1;
    }
    for (name, value) in
        [("x-amzn-trace-id", "Root=1-forged"), ("traceparent", "00-forgedforgedforgedforgedforgedfor-1-01")]
    {
        let request = Request::get(REVIEWS).header(name, value).body(Body::Empty).unwrap();
        app.send(request).await;
        sent += 1;
    }
    for (verb, body) in [
        ("versions", json!({ "version_stamp": 0, "snapshot": { FORGERY: FORGERY }, "note": FORGERY })),
        (
            "decision",
            json!({ "version_stamp": 1, "verdict": "escalated", "reason": FORGERY, "escalate_to": FORGERY }),
        ),
        ("decision", json!({ "version_stamp": 2, "verdict": FORGERY, FORGERY: 1, "command_id": FORGERY })),
        ("claim", json!(FORGERY)),
    ] {
        app.post("dana", verb, body).await;
        sent += 1;
    }
    let log = logged();
    assert!(!log.contains("forged") && !log.contains('\u{1b}'), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().filter(|line| line["target"] == "holdpoint").count(), sent, "one line a request");
    for line in &lines {
        let text = line["request_id"].as_str().unwrap_or_default();
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
    }
}

/// The fields of the log's last line.
async fn line_of(request: Request<Body>, app: &TestApp) -> Value {
    logged();
    app.send(request).await;
    serde_json::from_str(logged().lines().last().unwrap()).unwrap()
}

#[tokio::test]
async fn a_line_says_which_route_which_review_and_what_was_refused() {
    capture();
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    let stale = Body::Text(r#"{"version_stamp":0,"ttl_seconds":60}"#.into());
    let line = line_of(app.request("ben", "POST", &format!("{REVIEW}/claim"), stale), &app).await;
    assert_eq!(line["route"], "/v1/workflows/reviews/{run_id}/{block_id}/claim");
    assert_eq!((&line["run"], &line["block"]), (&json!("run_abc123"), &json!("block_extract")));
    assert_eq!((&line["code"], &line["rev"]), (&json!("version_conflict"), &json!(1)));

    // Calls that name no review in their path lead to one, too.
    let opening = Body::Text(tests::opening("run_abc123", "block_extract", 7).to_string());
    let line = line_of(app.request("agent", "POST", REVIEWS, opening), &app).await;
    assert_eq!(
        (&line["code"], &line["run"], &line["rev"]),
        (&json!("review_exists"), &json!("run_abc123"), &json!(1))
    );
    app.open_at("agent", "run_free", "block", 0).await;
    let next = Body::Text("{}".into());
    let line = line_of(app.request("ben", "POST", &format!("{REVIEWS}/claim-next"), next), &app).await;
    assert_eq!((&line["run"], &line["block"]), (&json!("run_free"), &json!("block")));

    let line = line_of(app.request("dana", "GET", REVIEWS, Body::Empty), &app).await;
    assert_eq!((&line["route"], &line["run"]), (&json!(REVIEWS), &Value::Null));

    let form = Request::post("/inbox/reviews/run_abc123/block_extract/claim").body(Body::Empty).unwrap();
    let line = line_of(form, &app).await;
    assert_eq!((&line["route"], &line["block"]), (&json!("/inbox/{proxy+}"), &json!("block_extract")));

    let wrong = Request::post("/inbox/sign-in")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::Text("key=hp_wrong".into()));
    let line = line_of(wrong.unwrap(), &app).await;
    assert_eq!((&line["status"], &line["code"]), (&json!(401), &json!("unauthenticated")));
}
