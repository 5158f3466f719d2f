#![no_main]
//! A text as API Gateway's event (HTTP API, payload 2.0), for a function of the API and for the inbox: access is denied, nothing
//! fails, and no page redirects to another site.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdpoint_fuzz::{Empty, NOW};
use lambda_http::{Body, Request, Response};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::api::{Call, FieldErrors, FormLimit, serve, serve_site, unrouted};
use std::sync::LazyLock;

static EMPTY: LazyLock<Empty> = LazyLock::new(Empty::default);

fn check(answer: &Response<Body>) {
    let status = answer.status().as_u16();
    assert!(status < 500, "{status}");
    assert!(answer.headers().contains_key("x-request-id"));
}

/// The request, unless the event's body is marked as Base64 but is not: `lambda_http` panics at that, and only API Gateway itself
/// could send it.
fn request(text: &str) -> Option<Request> {
    let event: Value = serde_json::from_str(text).ok()?;
    let body = event["body"].as_str().unwrap_or_default();
    let readable = event["isBase64Encoded"] != true || STANDARD.decode(body).is_ok();
    readable.then(|| shared::fuzzing::request(text)).flatten()
}

fuzz_target!(|text: &str| {
    // Requests cannot be cloned, so each is made separately.
    let again = || request(text).expect("it was one before");
    let Some(one) = request(text) else { return };
    let answer = EMPTY.wait(serve(&EMPTY.app, &claim::ENDPOINT.handler, one));
    check(&answer);
    assert!(answer.status().is_client_error(), "access was granted");
    if let Body::Text(body) = answer.body() {
        let body: Value = serde_json::from_str(body).expect("an error is JSON");
        assert!(body["detail"]["code"].is_string());
    }

    let call = Call::new(again(), NOW);
    let _ = (call.method(), call.path(), call.header("accept"), call.is_conditional(), call.has("\"tag\""));
    assert!(call.target().starts_with(call.path()));
    if let Some(cookie) = call.cookie("holdpoint") {
        assert!(!cookie.contains(';'));
    }
    let mut faults = FieldErrors::new();
    let query = call.query(&["return", "done", "limit"], &mut faults);
    assert!(query.len() <= 3);
    let _ = (
        call.seq(&mut faults),
        call.idempotency_key(&mut faults),
        call.form(FormLimit::PAGE).map(|fields| fields.len()),
    );

    let answer = EMPTY.wait(serve_site(&EMPTY.app, &inbox::SITE, again()));
    check(&answer);
    if let Some(to) = answer.headers().get("location") {
        let to = to.to_str().expect("an address is ASCII");
        assert!(to.starts_with("/inbox") && !to.contains("//") && !to.contains('\\'), "{to}");
    }
    assert!(!answer.headers().contains_key("set-cookie"), "access was granted");

    check(&unrouted(&EMPTY.app, &[claim::ENDPOINT.route], &[], again()));
});
