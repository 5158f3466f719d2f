//! Bad requests: each has its exact answer, and changes nothing.

use lambda_http::Body;
use lambda_http::http::{Request, header};
use serde_json::{Value, json};
use tests::{Answer, REVIEW, REVIEWS, TestApp, opening};

const CLAIM: &str = "/v1/workflows/reviews/run_abc123/block_extract/claim";

fn fault(loc: &str, code: &str) -> Vec<(String, String)> {
    vec![(loc.to_owned(), code.to_owned())]
}

async fn claim_text(app: &TestApp, body: &str) -> Answer {
    app.send(app.request("dana", "POST", CLAIM, Body::Text(body.to_owned()))).await
}

#[tokio::test]
async fn ttl_seconds_is_an_integer_from_30_to_86400() {
    let app = TestApp::new().await;
    app.open().await;
    for (ttl, code) in [
        ("29", "out_of_range"),
        ("86401", "out_of_range"),
        ("-1", "out_of_range"),
        ("99999999999999999999", "out_of_range"),
        ("\"900\"", "wrong_type"),
        ("1.5", "wrong_type"),
        ("900.0", "wrong_type"),
        ("true", "wrong_type"),
        ("[]", "wrong_type"),
    ] {
        let answer = claim_text(&app, &format!(r#"{{"version_stamp": 0, "ttl_seconds": {ttl}}}"#)).await;
        assert_eq!(answer.faults(), fault("body.ttl_seconds", code), "{ttl}");
    }
    let detail = app.claim("dana", 0, 29).await.error(422, "validation_error");
    assert_eq!(
        detail,
        json!({
            "code": "validation_error",
            "message": "body.ttl_seconds: must be from 30 to 86400.",
            "details": { "errors": [{
                "loc": ["body", "ttl_seconds"],
                "code": "out_of_range",
                "message": "must be from 30 to 86400",
            }] },
        })
    );
    for (stamp, (ttl, expires_at)) in [
        (r#", "ttl_seconds": 30"#, "2026-05-13T08:55:30.000Z"),
        (r#", "ttl_seconds": 86400"#, "2026-05-14T08:55:00.000Z"),
        ("", "2026-05-13T09:10:00.000Z"),
        (r#", "ttl_seconds": null"#, "2026-05-13T09:10:00.000Z"),
    ]
    .into_iter()
    .enumerate()
    {
        let overlay = claim_text(&app, &format!(r#"{{"version_stamp": {stamp}{ttl}}}"#)).await.ok();
        assert_eq!(overlay["claim"]["expires_at"], expires_at, "{ttl}");
    }
}

#[tokio::test]
async fn version_stamp_is_a_required_integer_from_0() {
    let app = TestApp::new().await;
    app.open().await;
    for (body, code) in [
        (r#"{"version_stamp": -1}"#, "out_of_range"),
        (r#"{"version_stamp": 18446744073709551616}"#, "out_of_range"),
        (r#"{"version_stamp": "0"}"#, "wrong_type"),
        (r#"{"version_stamp": 0.0}"#, "wrong_type"),
        (r#"{"version_stamp": null}"#, "wrong_type"),
        ("{}", "missing"),
        (r#"{"version_stamp": 0, "version_stamp": 0}"#, "duplicate_field"),
    ] {
        assert_eq!(claim_text(&app, body).await.faults(), fault("body.version_stamp", code), "{body}");
        let release = app.request("dana", "POST", &format!("{REVIEW}/release"), Body::Text(body.into()));
        assert_eq!(app.send(release).await.faults(), fault("body.version_stamp", code), "{body}");
    }
    // 2^53 is an integer like any other: valid, and stale.
    let detail =
        claim_text(&app, r#"{"version_stamp": 9007199254740992}"#).await.error(409, "version_conflict");
    assert_eq!(detail["details"]["version_stamp"], json!(9_007_199_254_740_992_u64));
    assert_eq!(app.get().await.ok()["rev"], 0);
}

#[tokio::test]
async fn every_fault_is_reported_at_once() {
    let app = TestApp::new().await;
    let body = r#"{"ttl_seconds": 29, "force": true, "holder": {}}"#;
    let path = "/v1/workflows/reviews/a%20b/caf%C3%A9/claim";
    let answer = app.send(app.request("dana", "POST", path, Body::Text(body.into()))).await;
    let expected = [
        ("path.run_id", "invalid_identifier"),
        ("path.block_id", "invalid_identifier"),
        ("body.version_stamp", "missing"),
        ("body.ttl_seconds", "out_of_range"),
        ("body.force", "unknown_field"),
        ("body.holder", "unknown_field"),
    ];
    let mut faults = answer.faults();
    faults.sort();
    let mut expected: Vec<_> = expected.map(|(loc, code)| (loc.to_owned(), code.to_owned())).into();
    expected.sort();
    assert_eq!(faults, expected);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let app = TestApp::new().await;
    for (body, code) in [
        ("", "missing"),
        ("  \n", "missing"),
        ("{", "invalid_json"),
        (r#"{"version_stamp": 0,}"#, "invalid_json"),
        (r#"{"version_stamp": 0} x"#, "invalid_json"),
        ("NaN", "invalid_json"),
        ("[]", "wrong_type"),
        ("null", "wrong_type"),
        ("7", "wrong_type"),
        (r#""{}""#, "wrong_type"),
    ] {
        assert_eq!(claim_text(&app, body).await.faults(), fault("body", code), "{body:?}");
    }
    let not_utf8 = app.request("dana", "POST", CLAIM, Body::Binary(b"{\"a\": \"\xff\"}".to_vec()));
    assert_eq!(app.send(not_utf8).await.faults(), fault("body", "invalid_json"));
}

#[tokio::test]
async fn the_content_type_is_json_or_not_said() {
    let app = TestApp::new().await;
    app.open().await;
    let send = async |content_type: Option<&str>| {
        let mut request = app.request("dana", "POST", CLAIM, Body::Text(r#"{"version_stamp": 0}"#.into()));
        request.headers_mut().remove(header::CONTENT_TYPE);
        if let Some(value) = content_type {
            request.headers_mut().insert(header::CONTENT_TYPE, value.parse().unwrap());
        }
        app.send(request).await
    };
    for wrong in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""] {
        assert_eq!(send(Some(wrong)).await.faults(), fault("header.content-type", "wrong_type"), "{wrong}");
    }
    for right in [
        None,
        Some("application/json"),
        Some("Application/JSON; charset=utf-8"),
        Some("application/problem+json"),
    ] {
        assert_eq!(send(right).await.ok()["rev"], 1, "{right:?}");
    }
}

#[tokio::test]
async fn a_body_of_6_mb_is_refused_with_the_limit_and_its_size() {
    let app = TestApp::new().await;
    let size = 6_000_000;
    let body = || Body::Binary(vec![b' '; size]);
    let detail = app.send(app.request("dana", "POST", CLAIM, body())).await.error(413, "body_too_large");
    assert_eq!(detail["details"], json!({ "limit_bytes": 65_536, "size_bytes": size }));
    let detail =
        app.send(app.request("agent", "POST", REVIEWS, body())).await.error(413, "snapshot_too_large");
    assert_eq!(detail["details"], json!({ "limit_bytes": 5_242_880, "size_bytes": size }));
}

#[tokio::test]
async fn identifiers_in_paths_are_1_to_256_characters_of_a_path_segment() {
    let app = TestApp::new().await;
    let long = "x".repeat(257);
    for id in [
        "a%2Fb",
        "a%23b",
        "%00",
        "caf%C3%A9",
        "%E2%80%8B",
        "a%20b",
        "%ff",
        "%zz",
        "%2E%2E",
        "%2e",
        "a%252Fb",
        long.as_str(),
    ] {
        for (method, tail, body) in
            [("GET", "", None), ("POST", "/claim", Some(json!({ "version_stamp": 0 })))]
        {
            let path = format!("{REVIEWS}/{id}/block{tail}");
            let answer = app.call("dana", method, &path, body.clone()).await;
            assert_eq!(answer.faults(), fault("path.run_id", "invalid_identifier"), "{id}");
            let path = format!("{REVIEWS}/run/{id}{tail}");
            let answer = app.call("dana", method, &path, body).await;
            assert_eq!(answer.faults(), fault("path.block_id", "invalid_identifier"), "{id}");
        }
    }
    let longest = "x".repeat(256);
    let path = format!("{REVIEWS}/{longest}/{longest}");
    app.call("dana", "GET", &path, None).await.error(404, "review_not_found");
}

#[tokio::test]
async fn what_opens_a_review_is_checked_field_by_field() {
    let app = TestApp::new().await;
    let too_large = json!({ "kind": "x".repeat(4 * 1024) });
    for (field, value, loc, code) in [
        ("run_id", json!("a/b"), "body.run_id", "invalid_identifier"),
        ("run_id", json!(7), "body.run_id", "wrong_type"),
        ("block_id", json!(""), "body.block_id", "invalid_identifier"),
        ("workflow_id", json!("a b"), "body.workflow_id", "invalid_identifier"),
        ("workflow_version_id", json!(null), "body.workflow_version_id", "wrong_type"),
        ("block_type", json!("extractor"), "body.block_type", "invalid_value"),
        ("triggered_by", json!("always"), "body.triggered_by", "wrong_type"),
        ("triggered_by", json!({}), "body.triggered_by", "invalid_value"),
        ("triggered_by", json!({ "kind": 7 }), "body.triggered_by", "invalid_value"),
        ("triggered_by", too_large, "body.triggered_by", "out_of_range"),
        ("snapshot", json!([]), "body.snapshot", "wrong_type"),
        ("snapshot", json!("{}"), "body.snapshot", "wrong_type"),
        ("priority", json!(2_147_483_648_i64), "body.priority", "out_of_range"),
        ("priority", json!(0.5), "body.priority", "wrong_type"),
        ("author", json!("me"), "body.author", "wrong_type"),
        (
            "author",
            json!({ "kind": "robot", "id": "r", "display_name": "R" }),
            "body.author.kind",
            "invalid_value",
        ),
        ("author", json!({ "kind": "model", "id": "m" }), "body.author.display_name", "missing"),
        (
            "author",
            json!({ "kind": "model", "id": "m", "display_name": "" }),
            "body.author.display_name",
            "out_of_range",
        ),
        (
            "author",
            json!({ "kind": "model", "id": "m", "display_name": "M", "x": 1 }),
            "body.author.x",
            "unknown_field",
        ),
        ("rev", json!(0), "body.rev", "unknown_field"),
    ] {
        let mut body = opening("run_abc123", "block_extract", 0);
        body[field] = value.clone();
        let answer = app.call("agent", "POST", REVIEWS, Some(body)).await;
        assert_eq!(answer.faults(), fault(loc, code), "{field}: {value}");
    }
    let faults = app.call("agent", "POST", REVIEWS, Some(json!({}))).await.faults();
    assert_eq!(faults.len(), 7, "all that is required is reported missing at once: {faults:?}");
    app.get().await.error(404, "review_not_found");
}

#[tokio::test]
async fn the_query_of_a_list_is_checked_parameter_by_parameter() {
    let app = TestApp::new().await;
    for (query, loc, code) in [
        ("limit=0", "query.limit", "out_of_range"),
        ("limit=201", "query.limit", "out_of_range"),
        ("limit=-1", "query.limit", "out_of_range"),
        ("limit=ten", "query.limit", "wrong_type"),
        ("limit=05", "query.limit", "wrong_type"),
        ("limit=%2B5", "query.limit", "wrong_type"),
        ("limit=", "query.limit", "wrong_type"),
        ("limit=5&limit=6", "query.limit", "duplicate_field"),
        ("status=open", "query.status", "invalid_value"),
        ("mine=yes", "query.mine", "wrong_type"),
        ("workflow_id=a%2Fb", "query.workflow_id", "invalid_identifier"),
        ("cursor=nonsense", "query.cursor", "invalid_value"),
        ("state=approved", "query.state", "unknown_field"),
    ] {
        let answer = app.call("dana", "GET", &format!("{REVIEWS}?{query}"), None).await;
        assert_eq!(answer.faults(), fault(loc, code), "{query}");
    }
    let both = app.call("dana", "GET", &format!("{REVIEWS}?limit=0&mine=1"), None).await;
    assert_eq!(both.faults().len(), 2);
}

#[tokio::test]
async fn a_path_or_method_that_is_no_route_says_so() {
    let app = TestApp::new().await;
    for path in [
        "/v1",
        "/v1/workflows",
        "/v1/workflows/reviews//",
        "/v1/workflows/reviews/r",
        "/v2/workflows/reviews",
    ] {
        app.call("dana", "GET", path, None).await.error(404, "route_not_found");
    }
    app.call("dana", "POST", &format!("{REVIEW}/claims"), None).await.error(404, "route_not_found");
    for (method, path, allow) in [
        ("PUT", REVIEWS, "POST, GET"),
        ("DELETE", REVIEW, "GET"),
        ("GET", CLAIM, "POST"),
        ("HEAD", REVIEW, "GET"),
    ] {
        let answer = app.call("dana", method, path, None).await;
        assert_eq!(answer.headers[header::ALLOW], allow);
        assert_eq!(answer.error(405, "method_not_allowed")["details"], json!({ "allow": allow }));
    }
}

#[tokio::test]
async fn an_identifier_is_the_same_percent_encoded_or_not() {
    let app = TestApp::new().await;
    let (run, block) = ("manual__2026-05-13T08:55:00+00:00", "a!$&'()*+,;=:@-._~");
    app.open_at("agent", run, block, 0).await;
    let encoded = |text: &str| text.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    for path in [
        format!("{REVIEWS}/{run}/{block}"),
        format!("{REVIEWS}/{}/{}", encoded(run), encoded(block)),
        format!("{REVIEWS}/{}/{block}/", run.replace(':', "%3a").replace('+', "%2b")),
    ] {
        let overlay = app.call("dana", "GET", &path, None).await.ok();
        assert_eq!(
            (&overlay["workflow_run_id"], &overlay["block_id"]),
            (&json!(run), &json!(block)),
            "{path}"
        );
    }
    let claimed = app
        .call("dana", "POST", &format!("{REVIEWS}/{run}/{block}/claim"), Some(json!({ "version_stamp": 0 })))
        .await;
    claimed.ok();
    let mine = app.call("dana", "GET", &format!("{REVIEWS}?mine=true"), None).await.ok();
    assert_eq!(mine["data"][0]["block_id"], block, "the lease's key is read back");
}

#[tokio::test]
async fn a_slash_at_the_end_is_the_same_route() {
    let app = TestApp::new().await;
    let opened = app.call("agent", "POST", &format!("{REVIEWS}/"), Some(opening("run", "block", 0))).await;
    assert_eq!(opened.status, 201);
    assert_eq!(
        app.call("dana", "GET", &format!("{REVIEWS}/"), None).await.ok()["data"][0]["block_id"],
        "block"
    );
    app.call("dana", "POST", &format!("{REVIEWS}/run/block/claim/"), Some(json!({ "version_stamp": 0 })))
        .await
        .ok();
    app.call("dana", "DELETE", &format!("{REVIEWS}/run/block/"), None).await.error(405, "method_not_allowed");
}

#[tokio::test]
async fn a_wrong_field_is_told_with_the_fields_there_are() {
    let app = TestApp::new().await;
    app.open().await;
    let answer =
        app.call("dana", "POST", CLAIM, Some(json!({ "version_stamp": 0, "ttl": 60, "force": true }))).await;
    let detail = answer.error(422, "validation_error");
    let errors = detail["details"]["errors"].as_array().unwrap();
    assert_eq!(errors[0]["message"], "is not a field here; the fields are version_stamp, ttl_seconds");
    assert_eq!(errors[1]["message"], "is not a field here", "the list is said once");
    let body = json!({ "version_stamp": 0, "verdict": "rejected", "reason": "x", "because": "y" });
    let detail = app.post("dana", "decision", body).await.error(422, "validation_error");
    let message = detail["details"]["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("reason") && message.contains("on_seq"), "{message}");
}

#[tokio::test]
async fn a_conflict_says_what_it_is_to_whom_it_is() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("dana", 0, 900).await.ok();
    let said = async |who: &str, stamp: u64| {
        let detail = app.claim(who, stamp, 900).await.error(409, "version_conflict");
        detail["message"].as_str().unwrap().to_owned()
    };
    // Not the same request as the one that took the stamp: that would be a replay.
    let stale = app.claim("dana", 0, 60).await.error(409, "version_conflict");
    assert!(
        stale["message"].as_str().unwrap().contains("moved on")
            && stale["message"].as_str().unwrap().contains(" You are reviewing it")
    );
    assert!(said("ben", 0).await.contains(" Dana Rivera is reviewing it"));
    let ahead = said("ben", 99).await;
    assert!(ahead.contains("only at rev 1") && !ahead.contains("moved on"), "{ahead}");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_it() {
    let app = TestApp::new().await;
    app.open().await;
    let nobody = Request::get(REVIEWS).body(Body::Empty).unwrap();
    let page = |path: &str| Request::get(path).body(Body::Empty).unwrap();
    for answer in [
        app.get().await,
        app.call("dana", "GET", "/nowhere", None).await,
        app.send(nobody).await,
        app.send(page("/docs")).await,
        app.send(page("/openapi.json")).await,
        app.send(page("/inbox")).await,
        app.send(page("/inbox/sign-in")).await,
    ] {
        let header = |name: &str| answer.headers[name].to_str().unwrap();
        assert!(header("strict-transport-security").starts_with("max-age=63072000"));
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(["no-referrer", "same-origin"].contains(&header("referrer-policy")));
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_is_no_business_of_caches() {
    let app = TestApp::new().await;
    app.open().await;
    let nobody = Request::get(REVIEWS).body(Body::Empty).unwrap();
    let answers = [
        app.get().await,
        app.claim("dana", 9, 900).await,
        app.call("dana", "GET", "/nowhere", None).await,
        app.send(nobody).await,
    ];
    let mut ids: Vec<String> = Vec::new();
    for answer in answers {
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["content-type"], "application/json");
        ids.push(answer.headers["x-request-id"].to_str().unwrap().to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert_eq!(app.get().await.body["detail"], Value::Null);
}

#[tokio::test]
async fn a_body_of_ten_thousand_faults_gets_a_short_answer() {
    let app = TestApp::new().await;
    let fields: Vec<String> = (0..10_000).map(|index| format!(r#""field_{index}": 0"#)).collect();
    let body = Body::Text(format!("{{{}}}", fields.join(",")));
    let detail = app.send(app.request("agent", "POST", REVIEWS, body)).await.error(422, "validation_error");
    assert_eq!(detail["details"]["errors"].as_array().unwrap().len(), 100);
    assert_eq!(detail["details"]["omitted"], 10_007 - 100);
}
