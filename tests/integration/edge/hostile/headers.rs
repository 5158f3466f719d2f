//! Headers, cookies and queries that somebody hopes are read as something else.

use lambda_http::Body;
use lambda_http::http::{HeaderValue, Request, header};
use serde_json::json;
use tests::{REVIEW, REVIEWS, TestApp};

#[tokio::test]
async fn of_two_keys_neither_counts() {
    let app = TestApp::new().await;
    let (dana, other) = (app.key("dana"), app.key("other"));
    let unknown = format!("hp_{}", "A".repeat(43));
    for keys in [[dana, &unknown], [&unknown, dana], [dana, other], [other, dana], [dana, dana], [dana, ""]] {
        let request = Request::get(REVIEWS).header("api-key", keys[0]).header("API-KEY", keys[1]);
        app.send(request.body(Body::Empty).unwrap()).await.error(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_key_anywhere_but_in_its_header_is_no_key() {
    let app = TestApp::new().await;
    let key = app.key("dana");
    for query in ["api-key", "Api-Key", "api_key", "apikey", "key", "access_token"] {
        let request = Request::get(format!("{REVIEWS}?{query}={key}")).body(Body::Empty).unwrap();
        app.send(request).await.error(401, "unauthenticated");
    }
    for (name, value) in [
        ("cookie", format!("Api-Key={key}; api_key={key}")),
        ("authorization", key.to_owned()),
        ("authorization", format!("Basic {key}")),
        ("authorization", format!("Bearer{key}")),
        ("authorization", format!("Bearer {key}, Bearer {key}")),
        ("proxy-authorization", format!("Bearer {key}")),
        ("x-api-key", key.to_owned()),
        ("api_key", key.to_owned()),
        ("x-forwarded-api-key", key.to_owned()),
    ] {
        let request = Request::get(REVIEWS).header(name, value).body(Body::Empty).unwrap();
        app.send(request).await.error(401, "unauthenticated");
    }
    // And beside a good one, it changes nothing.
    let mut request = app.request("dana", "GET", REVIEWS, Body::Empty);
    request.headers_mut().insert(header::COOKIE, format!("Api-Key={}", app.key("other")).parse().unwrap());
    app.send(request).await.ok();
}

#[tokio::test]
async fn a_bearer_token_is_the_same_key_and_two_that_differ_are_none() {
    let app = TestApp::new().await;
    let (dana, ben) = (app.key("dana"), app.key("ben"));
    let send = async |headers: &[(&str, String)]| {
        let request =
            headers.iter().fold(Request::get(REVIEWS), |request, (name, value)| request.header(*name, value));
        app.send(request.body(Body::Empty).unwrap()).await
    };
    for scheme in ["Bearer ", "bearer ", "BEARER "] {
        send(&[("authorization", format!("{scheme}{dana}"))]).await.ok();
    }
    send(&[("authorization", format!("Bearer {dana}")), ("api-key", dana.into())]).await.ok();
    // Another scheme is somebody else's business: a proxy's, say.
    send(&[("authorization", "Basic dXNlcjpwYXNz".into()), ("api-key", dana.into())]).await.ok();
    for (bearer, api_key) in [(dana, ben), (dana, ""), ("", dana), ("hp_short", dana)] {
        let answer =
            send(&[("authorization", format!("Bearer {bearer}")), ("api-key", api_key.into())]).await;
        answer.error(401, "unauthenticated");
    }
    let mut request = app.request("dana", "GET", REVIEWS, Body::Empty);
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_bytes(b"Bearer \xff").unwrap());
    app.send(request).await.error(401, "unauthenticated");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_no_key_and_harm_no_other_header() {
    let app = TestApp::new().await;
    app.open().await;
    let key = app.key("dana").as_bytes();
    for bytes in
        [&b"\xff\xfe"[..], "schlüssel".as_bytes(), &[key, b"\x80"].concat(), &[b"\xef\xbb\xbf", key].concat()]
    {
        let mut request = Request::get(REVIEWS).body(Body::Empty).unwrap();
        request.headers_mut().insert("api-key", HeaderValue::from_bytes(bytes).unwrap());
        app.send(request).await.error(401, "unauthenticated");
    }
    for name in ["if-none-match", "accept-encoding", "traceparent", "x-amzn-trace-id", "user-agent", "cookie"]
    {
        for bytes in [&b"\xff\xfe\xfd"[..], "e\u{301}\u{202e}".as_bytes(), &b"x".repeat(200_000)] {
            let mut request = app.request("dana", "GET", REVIEW, Body::Empty);
            let value = HeaderValue::from_bytes(bytes).unwrap();
            request.headers_mut().insert(header::HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
            assert_eq!(app.send(request).await.ok()["rev"], 0, "{name}");
        }
    }
}

#[tokio::test]
async fn two_idempotency_keys_are_no_key_and_two_content_types_are_no_json() {
    let app = TestApp::new().await;
    app.open().await;
    let body = || Body::Text(json!({ "version_stamp": 0 }).to_string());
    let path = format!("{REVIEW}/claim");
    let mut request = app.request("dana", "POST", &path, body());
    request.headers_mut().append("idempotency-key", "one".parse().unwrap());
    request.headers_mut().append("idempotency-key", "two".parse().unwrap());
    let faults = app.send(request).await.faults();
    assert_eq!(faults, [("header.idempotency-key".to_owned(), "invalid_identifier".to_owned())]);
    let mut request = app.request("dana", "POST", &path, body());
    request.headers_mut().append(header::CONTENT_TYPE, "text/plain".parse().unwrap());
    let faults = app.send(request).await.faults();
    assert_eq!(faults, [("header.content-type".to_owned(), "wrong_type".to_owned())]);
    assert_eq!(app.get().await.ok()["rev"], 0);
}

#[tokio::test]
async fn a_tag_among_ten_thousand_in_several_headers_is_found() {
    let app = TestApp::new().await;
    app.open().await;
    let tag = app.get().await.headers[header::ETAG].clone();
    let mut request = app.request("dana", "GET", REVIEW, Body::Empty);
    let others: Vec<String> = (0..10_000).map(|number| format!("\"{number}\"")).collect();
    request.headers_mut().append(header::IF_NONE_MATCH, others.join(", ").parse().unwrap());
    request.headers_mut().append(header::IF_NONE_MATCH, tag);
    assert_eq!(app.send(request).await.status, 304);
}

#[tokio::test]
async fn a_path_or_a_query_without_end_gets_a_short_answer() {
    let app = TestApp::new().await;
    let long = "x".repeat(60_000);
    let faults = app.call("dana", "GET", &format!("{REVIEWS}/{long}/block"), None).await;
    assert!(faults.text.len() < 1000);
    assert_eq!(faults.faults(), [("path.run_id".to_owned(), "invalid_identifier".to_owned())]);
    app.call("dana", "GET", &format!("/{}", "a/".repeat(30_000)), None).await.error(404, "route_not_found");
    for query in
        [format!("cursor={long}"), format!("{long}=1"), "a=1&".repeat(15_000), format!("workflow_id={long}")]
    {
        let answer = app.call("dana", "GET", &format!("{REVIEWS}?{query}"), None).await;
        assert!(answer.text.len() < 50_000, "{}", answer.text.len());
        answer.error(422, "validation_error");
    }
}
