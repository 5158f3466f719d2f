//! The local API Gateway: refuses what would not fit into an event of Lambda's, finds the endpoint of a request and decodes the
//! path's parameters.

use lambda_http::http::header::{self, Entry};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use shared::api::{
    App, DeclaredSize, EVENT_LIMIT, serve, serve_page, serve_site, size_as_base64, size_as_text, unrouted,
};
use std::collections::HashMap;

/// The size of the event that API Gateway's HTTP API would make of a request (payload version 2.0), in bytes. Ids and addresses
/// have other lengths on AWS; that is a few dozen bytes.
pub fn event_size(request: &Request) -> usize {
    let body: &[u8] = request.body();
    let unread = request.extensions().get::<DeclaredSize>().map_or(0, |size| size.0);
    let body = match (is_text(request.headers()), unread > body.len()) {
        (true, false) => size_as_text(body),
        // What was not read is at least as long as a string.
        (true, true) => unread,
        (false, _) => size_as_base64(unread.max(body.len())),
    };
    without_body(request).to_string().len() + body
}

/// Whether a body is put into the event as text. The documentation says that a binary one is base64, and not which ones are: these
/// are the types that were seen to be text (ministackorg/ministack#766). A form is not, nor is a body without a type.
fn is_text(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(essence.as_str(), "application/json" | "application/xml" | "application/javascript")
}

/// The event without its body.
fn without_body(request: &Request) -> Value {
    let (uri, path) = (request.uri(), request.uri().path());
    let query = uri.query().unwrap_or_default();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers().iter();
    let mut headers: Map<String, Value> =
        headers.map(|(name, value)| (name.as_str().to_owned(), text(value).into())).collect();
    let cookies: Option<Vec<String>> = headers
        .remove("cookie")
        .and_then(|cookie| Some(cookie.as_str()?.split(';').map(|it| it.trim().to_owned()).collect()));
    for (name, value) in [
        ("content-length", "5000000"),
        ("host", "abcdefghij.execute-api.eu-west-1.amazonaws.com"),
        ("x-amzn-trace-id", "Root=1-69244b40-0123456789abcdef01234567"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ] {
        headers.entry(name).or_insert_with(|| value.into());
    }
    let agent = headers.get("user-agent").cloned();
    let parameters: Map<String, Value> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect();
    let (method, endpoint) = (request.method().as_str(), endpoints::at(request.method().as_str(), path));
    let route = endpoint.map_or_else(|| "$default".to_owned(), |it| format!("{method} {}", it.route.path));
    let captured = endpoint.and_then(|endpoint| endpoint.route.captures(path)).unwrap_or_default();
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "cookies": cookies,
        "headers": headers,
        "queryStringParameters": parameters,
        "requestContext": request_context(method, path, &route, agent.as_ref().and_then(Value::as_str)),
        "pathParameters": decode(captured),
        "body": "",
        "isBase64Encoded": false,
    })
}

/// What API Gateway says of a request besides the request itself, in its payload of version 2.0. Names, address and time are made up.
pub fn request_context(method: &str, path: &str, route: &str, agent: Option<&str>) -> Value {
    json!({
        "accountId": "123456789012",
        "apiId": "abcdefghij",
        "domainName": "abcdefghij.execute-api.eu-west-1.amazonaws.com",
        "domainPrefix": "abcdefghij",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": agent,
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": route,
        "stage": "$default",
        "time": "24/Nov/2026:10:00:00 +0000",
        "timeEpoch": 1_795_514_400_000_i64,
    })
}

/// Whether API Gateway could not hand a request to Lambda, because the event would be too large.
fn is_too_large(request: &Request) -> bool {
    /// A body of less is never the cause: not even if each of its bytes took six.
    const SMALL: usize = EVENT_LIMIT / 8;
    let unread = request.extensions().get::<DeclaredSize>().map_or(0, |size| size.0);
    request.body().len().max(unread) > SMALL && event_size(request) > EVENT_LIMIT
}

/// What API Gateway answers to a request that Lambda refuses for its size. AWS documents neither status nor body; REST APIs were seen
/// to answer 413 with a message.
fn too_large() -> Response<Body> {
    let mut response = Response::new(Body::from(r#"{"message":"Request Entity Too Large"}"#));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Joins headers of one name with commas, as the gateway's payload of version 2.0 does: of two keys, none may be ignored.
fn combine(headers: &mut HeaderMap) {
    let repeated: Vec<HeaderName> =
        headers.keys().filter(|name| headers.get_all(*name).iter().nth(1).is_some()).cloned().collect();
    for name in repeated {
        let values: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        // Valid values joined by a comma are a valid value.
        if let Ok(combined) = HeaderValue::from_bytes(&values.join(&b','))
            && let Entry::Occupied(mut entry) = headers.entry(&name)
        {
            entry.insert(combined);
        }
    }
}

/// Answers a request with the endpoint or the page that its route names.
pub async fn dispatch(app: &App, mut request: Request) -> Response<Body> {
    combine(request.headers_mut());
    if is_too_large(&request) {
        return too_large();
    }
    let path = request.uri().path().to_owned();
    if docs::PAGES.iter().any(|page| page.path == path) && request.method() == "GET" {
        return serve_page(docs::NAME, &docs::PAGES, endpoints::ROUTES, request, app.now(), app.https);
    }
    if let Some(captured) = page::SITE.captures(&path) {
        let request = request.with_path_parameters(decode(captured));
        return serve_site(app, &page::SITE, request).await;
    }
    if sign_in::SITE.is_at(&path) {
        return serve_site(app, &sign_in::SITE, request).await;
    }
    if administration::SITE.is_at(&path) {
        return serve_site(app, &administration::SITE, request).await;
    }
    if inbox::SITE.is_at(&path) {
        return serve_site(app, &inbox::SITE, request).await;
    }
    let Some(endpoint) = endpoints::at(request.method().as_str(), &path) else {
        return unrouted(app, endpoints::ROUTES, &docs::PATHS, request);
    };
    let captured = endpoint.route.captures(&path).unwrap_or_default();
    serve(app, &endpoint.handler, request.with_path_parameters(decode(captured))).await
}

/// A path's parameters, decoded.
fn decode(captured: Vec<(&str, &str)>) -> HashMap<String, String> {
    captured
        .into_iter()
        .map(|(name, value)| (name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api;

    const JSON: Option<&str> = Some("application/json");
    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    fn request(kind: Option<&str>, body: Vec<u8>) -> Request {
        let mut builder = lambda_http::http::Request::post("/v1/workflows/reviews?a=1&b=%C3%A9");
        builder = builder.header("api-key", "hp_x").header("cookie", "one=1; two=2");
        if let Some(kind) = kind {
            builder = builder.header("content-type", kind);
        }
        builder.body(Body::Binary(body)).unwrap()
    }

    /// The longest body of that byte that is still handed on.
    fn longest(kind: Option<&str>, byte: u8) -> usize {
        let (mut fits, mut too_long) = (0, 2 * EVENT_LIMIT);
        while fits + 1 < too_long {
            let middle = usize::midpoint(fits, too_long);
            if is_too_large(&request(kind, vec![byte; middle])) { too_long = middle } else { fits = middle }
        }
        fits
    }

    #[test]
    fn an_event_is_as_large_as_the_json_that_lambda_would_get() {
        for (kind, text, is_text) in [
            (JSON, "{\"a\": \"b\\\\\n\t\u{1}é\"}", true),
            (Some("Application/JSON; charset=utf-8"), "{}", true),
            (Some("text/plain"), "a\"b", true),
            (FORM, "a=b&c=%22", false),
            (Some("application/problem+json"), "{}", false),
            (Some("application/octet-stream"), "{}", false),
            (None, "{}", false),
        ] {
            let request = request(kind, text.into());
            let mut event = without_body(&request);
            event["body"] = if is_text {
                text.into()
            } else {
                base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text).into()
            };
            assert_eq!(event_size(&request), event.to_string().len(), "{kind:?}");
            assert_eq!(event["cookies"], json!(["one=1", "two=2"]));
            assert_eq!(event["queryStringParameters"], json!({ "a": "1", "b": "é" }));
            assert_eq!(event["routeKey"], "POST /v1/workflows/reviews");
        }
    }

    #[test]
    fn what_lambda_cannot_take_is_refused_to_the_byte() {
        let empty = event_size(&request(JSON, Vec::new()));
        assert!((900..1500).contains(&empty), "{empty}");
        assert_eq!(longest(JSON, b'x'), EVENT_LIMIT - empty);
        assert_eq!(longest(JSON, b'"'), (EVENT_LIMIT - empty) / 2);
        assert_eq!(longest(JSON, b'\n'), (EVENT_LIMIT - empty) / 2);
        assert_eq!(longest(JSON, 0), (EVENT_LIMIT - empty) / 6);
        let empty = event_size(&request(FORM, Vec::new()));
        assert_eq!(longest(FORM, b'x'), (EVENT_LIMIT - empty) / 4 * 3);
    }

    #[test]
    fn a_body_that_was_not_read_is_refused_by_its_size() {
        for (kind, size, is_refused) in [
            (JSON, 4_000_000, false),
            (JSON, EVENT_LIMIT, true),
            (FORM, 4_600_000, false),
            (FORM, 4_800_000, true),
        ] {
            let mut request = request(kind, Vec::new());
            request.extensions_mut().insert(DeclaredSize(size));
            assert_eq!(is_too_large(&request), is_refused, "{kind:?} {size}");
        }
    }

    /// So that who sends too much is told so in our words, unless it is much too much.
    #[test]
    fn our_limits_are_below_lambdas_with_as_many_headers_as_there_can_be() {
        // Each header twice: the request line and a cookie are in the event once more, as other fields.
        const HEADERS: usize = 2 * 10_240;
        let form = longest(FORM, b'x') - HEADERS;
        assert!(form > api::FormLimit::PAGE.bytes + 100_000, "{form}");
        // One byte of six is written as two.
        let json = (longest(JSON, b'x') - HEADERS) / 7 * 6;
        assert!(json > api::Body::WITH_SNAPSHOT + 100_000, "{json}");
        // A JSON body of another type is base64.
        let other = longest(None, b'x') - HEADERS;
        assert!(
            other < api::Body::WITH_SNAPSHOT,
            "{other}: say in docs/api.md that the type does not matter"
        );
    }
}
