//! Each row of the contract's table of errors, the body compared whole.

use lambda_http::Body;
use lambda_http::http::Request;
use serde_json::{Value, json};
use shared::api::{Handler, serve};
use tests::faults::{Fault, Faults};
use tests::{REVIEW, REVIEWS, TestApp, endpoint, opening};

#[tokio::test]
async fn every_row_has_its_status_its_code_and_its_words() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    app.open().await;
    let claimed = app.claim("dana", 0, 900).await.ok();
    let decided = format!("{REVIEWS}/run_2/block");
    app.open_at("agent", "run_2", "block", 0).await;
    let approve = json!({ "verdict": "approved", "version_stamp": 0, "command_id": "cmd-1" });
    app.call("dana", "POST", &format!("{decided}/decision"), Some(approve)).await.ok();
    let stamp = |rev: u64| Some(json!({ "version_stamp": rev }));

    let rows: Vec<(u16, Value, tests::Answer)> = vec![
        (
            401,
            json!({
                "code": "unauthenticated",
                "message": "The API key is missing or not valid. Send one that is neither revoked nor expired, as Api-Key or Authorization: Bearer.",
                "details": null,
            }),
            app.send(Request::get(REVIEW).body(Body::Empty).unwrap()).await,
        ),
        (
            403,
            json!({
                "code": "forbidden",
                "message": "This API key lacks the scope `review`. Use a key that has it, or ask an administrator for one.",
                "details": { "scope": "review" },
            }),
            app.call("reader", "POST", &format!("{REVIEW}/claim"), stamp(1)).await,
        ),
        (
            404,
            json!({
                "code": "review_not_found",
                "message": "There is no review here. The workflow may not have reached its gate yet, or run_id or block_id is wrong.",
                "details": null,
            }),
            app.call("other", "GET", REVIEW, None).await,
        ),
        (
            404,
            json!({
                "code": "document_not_found",
                "message": "There is no document with this id here. It may have been deleted, on request or because of its age.",
                "details": null,
            }),
            app.call("dana", "GET", &format!("{REVIEW}/documents/invoice"), None).await,
        ),
        (
            404,
            json!({
                "code": "route_not_found",
                "message": "There is nothing at this path. Reviews are below /v1/workflows/reviews.",
                "details": null,
            }),
            app.call("dana", "GET", "/v1/reviews", None).await,
        ),
        (
            405,
            json!({
                "code": "method_not_allowed",
                "message": "This path does not take that method; it takes GET.",
                "details": { "allow": "GET" },
            }),
            app.call("dana", "DELETE", REVIEW, None).await,
        ),
        (
            409,
            json!({
                "code": "version_conflict",
                "message": "The review has moved on: version_stamp is 0, its rev is 1. Dana Rivera is reviewing it until \
                            2026-05-13T09:10:00.000Z. Read it again and retry.",
                "details": {
                    "version_stamp": 0,
                    "rev": 1,
                    "status": "awaiting_review",
                    "claim": claimed["claim"],
                    "head_seq": 0,
                    "changes": [claimed["audit"][1]],
                },
            }),
            app.call("ben", "POST", &format!("{REVIEW}/claim"), stamp(0)).await,
        ),
        (
            409,
            json!({
                "code": "review_not_open",
                "message": "The review is already decided; this needs one that awaits review.",
                "details": { "rev": 1, "status": "approved" },
            }),
            app.call("ben", "POST", &format!("{decided}/claim"), stamp(1)).await,
        ),
        (
            409,
            json!({
                "code": "review_not_decided",
                "message": "The review is not decided, so there is nothing to reopen.",
                "details": { "rev": 1, "status": "awaiting_review" },
            }),
            app.call("ben", "POST", &format!("{REVIEW}/reopen"), stamp(1)).await,
        ),
        (
            409,
            json!({
                "code": "command_id_reused",
                "message": "This command_id was used for a different request. Use a new one.",
                "details": { "rev": 1, "status": "approved" },
            }),
            app.call(
                "dana",
                "POST",
                &format!("{decided}/decision"),
                Some(json!({ "verdict": "rejected", "reason": "x", "version_stamp": 1, "command_id": "cmd-1" })),
            )
            .await,
        ),
        (
            409,
            json!({
                "code": "review_exists",
                "message": "A review of this run and block exists, and priority is different. Opening is not updating. Append a \
                    version to correct the output; or send if_exists: adopt to be answered with the review as it is, or if_exists: \
                    supersede to append this output as a version of the model.",
                "details": {
                    "rev": 1, "status": "awaiting_review", "head_seq": 0, "resume": null, "differs": ["priority"],
                },
            }),
            app.call("agent", "POST", REVIEWS, Some(opening("run_abc123", "block_extract", 1))).await,
        ),
        (
            413,
            json!({
                "code": "snapshot_too_large",
                "message": "The request body takes 5242881 bytes; the limit is 5242880.",
                "details": { "limit_bytes": 5_242_880, "size_bytes": 5_242_881 },
            }),
            app.send(app.request("agent", "POST", REVIEWS, Body::Binary(vec![b' '; 5_242_881]))).await,
        ),
        (
            422,
            json!({
                "code": "validation_error",
                "message": "body.version_stamp: version_stamp is required; and 1 more, see details.errors.",
                "details": { "errors": [
                    { "loc": ["body", "version_stamp"], "code": "missing", "message": "version_stamp is required" },
                    { "loc": ["body", "stamp"], "code": "unknown_field", "message": "is not a field here; the fields are version_stamp, ttl_seconds" },
                ] },
            }),
            app.call("dana", "POST", &format!("{REVIEW}/claim"), Some(json!({ "stamp": 1 }))).await,
        ),
    ];
    for (status, detail, answer) in rows {
        assert_eq!((answer.status.as_u16(), answer.body), (status, json!({ "detail": detail })));
    }

    for (fault, status, code, message, retry_after) in [
        (
            Fault::Throttle,
            429,
            "throttled",
            "Too many requests for the database right now. Retry after a moment.",
            true,
        ),
        (
            Fault::LoseRequest,
            503,
            "unavailable",
            "The service is unavailable right now. Retry: a request that was already carried out is not repeated.",
            true,
        ),
        (Fault::Refuse, 500, "internal", "Something went wrong on our side. It has been logged.", false),
    ] {
        faults.plan("Query", fault, 4);
        let answer = app.get().await;
        let detail = json!({ "code": code, "message": message, "details": null });
        assert_eq!(answer.headers.contains_key("retry-after"), retry_after, "{code}");
        assert_eq!((answer.status.as_u16(), answer.body), (status, json!({ "detail": detail })));
        faults.clear();
    }
}

#[tokio::test]
async fn a_handler_that_panics_costs_one_answer_and_nothing_else() {
    let app = TestApp::new().await;
    app.open().await;
    let broken = Handler {
        handle: |_, _, _| Box::pin(async { panic!("the snapshot is Northwind") }),
        ..endpoints::named("get").unwrap().handler
    };
    let request = || app.request("dana", "GET", REVIEW, Body::Empty);
    let answer = Box::pin(serve(&app.inner, &broken, request())).await;
    assert_eq!(answer.status(), 500);
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    let detail = json!({
        "code": "internal",
        "message": "Something went wrong on our side. It has been logged.",
        "details": null,
    });
    assert_eq!(body, json!({ "detail": detail }));
    assert!(answer.headers().contains_key("x-request-id"));
    app.get().await.ok();
}
