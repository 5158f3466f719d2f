#![no_main]
//! A text as API Gateway's event (HTTP API, payload 2.0), to a function of the API and to the inbox: nobody gets in, nothing
//! fails, and a page sends nobody to another site.

use holdpoint_fuzz::{Empty, NOW};
use lambda_http::{Body, Request, Response, request};
use libfuzzer_sys::fuzz_target;
use shared::http::{Call, Faults, serve, serve_site, unrouted};
use std::panic;
use std::sync::LazyLock;

static EMPTY: LazyLock<Empty> = LazyLock::new(Empty::default);

fn check(answer: &Response<Body>) {
    let status = answer.status().as_u16();
    assert!(status < 500, "{status}");
    assert!(answer.headers().contains_key("x-request-id"));
}

/// The request, unless `lambda_http` panics at its event: at Base64 that is none, and at a host, a path or a query that no URI
/// may have. Its runtime catches that (`docs/fuzzing.md`); it is none of ours, so here it counts as no request.
fn request(text: &str) -> Option<Request> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let request = panic::catch_unwind(|| request::from_str(text).ok());
    panic::set_hook(hook);
    request.ok().flatten()
}

fuzz_target!(|text: &str| {
    // Requests cannot be copied; each is made anew.
    let again = || request(text).expect("it was one before");
    let Some(one) = request(text) else { return };
    let answer = EMPTY.wait(serve(&EMPTY.app, &claim::FUNCTION, one));
    check(&answer);
    assert!(answer.status().is_client_error(), "somebody got in");
    if let Body::Text(body) = answer.body() {
        let body: serde_json::Value = serde_json::from_str(body).expect("an error is JSON");
        assert!(body["detail"]["code"].is_string());
    }

    let call = Call::new(again(), NOW);
    let _ = (call.method(), call.path(), call.header("accept"), call.is_conditional(), call.has("\"tag\""));
    assert!(call.target().starts_with(call.path()));
    if let Some(cookie) = call.cookie("holdpoint") {
        assert!(!cookie.contains(';'));
    }
    let mut faults = Faults::new();
    let query = call.query(&["return", "done", "limit"], &mut faults);
    assert!(query.len() <= 3);
    let _ =
        (call.seq(&mut faults), call.idempotency_key(&mut faults), call.form().map(|fields| fields.len()));

    let answer = EMPTY.wait(serve_site(&EMPTY.app, &inbox::SITE, again()));
    check(&answer);
    if let Some(to) = answer.headers().get("location") {
        let to = to.to_str().expect("an address is ASCII");
        assert!(to.starts_with("/inbox") && !to.contains("//") && !to.contains('\\'), "{to}");
    }
    assert!(!answer.headers().contains_key("set-cookie"), "somebody got in");

    check(&unrouted(&EMPTY.app, again()));
});
