//! What API Gateway does on AWS: finds the function of a request and decodes the path's parameters.

use lambda_http::http::header::Entry;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::{Body, Request, RequestExt, Response};
use percent_encoding::percent_decode_str;
use shared::api::{App, Function, StaticPage, serve, serve_page, serve_site, unrouted};
use std::collections::HashMap;

/// Combines what comes more than once under one name with commas, as the gateway's payload of version 2.0 has it: nobody may
/// find one of two keys and overlook the other.
fn combine(headers: &mut HeaderMap) {
    let repeated: Vec<HeaderName> =
        headers.keys().filter(|name| headers.get_all(*name).iter().nth(1).is_some()).cloned().collect();
    for name in repeated {
        let values: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        // Parts of valid values, joined by a comma, are a valid value.
        if let Ok(combined) = HeaderValue::from_bytes(&values.join(&b','))
            && let Entry::Occupied(mut entry) = headers.entry(&name)
        {
            entry.insert(combined);
        }
    }
}

/// All endpoints.
pub const FUNCTIONS: [Function; 21] = [
    open::FUNCTION,
    list::FUNCTION,
    get::FUNCTION,
    get_version::FUNCTION,
    list_audit::FUNCTION,
    claim::FUNCTION,
    claim_next::FUNCTION,
    release::FUNCTION,
    edit::FUNCTION,
    decide::FUNCTION,
    reopen::FUNCTION,
    resume::FUNCTION,
    get_decision::FUNCTION,
    acknowledge::FUNCTION,
    create_webhook::FUNCTION,
    list_webhooks::FUNCTION,
    delete_webhook::FUNCTION,
    enable_webhook::FUNCTION,
    list_deliveries::FUNCTION,
    rotate_webhook_secret::FUNCTION,
    test_webhook::FUNCTION,
];

/// All pages.
pub const PAGES: [StaticPage; 2] = docs::PAGES;

/// Answers a request with the function whose route it takes.
pub async fn dispatch(app: &App, mut request: Request) -> Response<Body> {
    combine(request.headers_mut());
    let path = request.uri().path().to_owned();
    if let Some(page) = PAGES.iter().find(|page| page.route.path == path && request.method() == "GET") {
        return serve_page(page.route.name, &PAGES, request, app.now(), app.https);
    }
    if inbox::SITE.is_at(&path) {
        return serve_site(app, &inbox::SITE, request).await;
    }
    for function in &FUNCTIONS {
        if function.route.method != request.method().as_str() {
            continue;
        }
        if let Some(captured) = function.route.captures(&path) {
            let decoded: HashMap<String, String> = captured
                .into_iter()
                .map(|(name, value)| {
                    (name.to_owned(), percent_decode_str(value).decode_utf8_lossy().into_owned())
                })
                .collect();
            return serve(app, function, request.with_path_parameters(decoded)).await;
        }
    }
    unrouted(app, request)
}
