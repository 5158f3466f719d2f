//! The local API Gateway: finds the endpoint of a request and decodes the path's parameters.

use lambda_http::http::header::Entry;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::{Body, Request, RequestExt, Response};
use percent_encoding::percent_decode_str;
use shared::api::{App, serve, serve_page, serve_site, unrouted};
use std::collections::HashMap;

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
    let path = request.uri().path().to_owned();
    if docs::PAGES.iter().any(|page| page.path == path) && request.method() == "GET" {
        return serve_page(docs::NAME, &docs::PAGES, endpoints::ROUTES, request, app.now(), app.https);
    }
    if let Some(captured) = page::SITE.captures(&path) {
        let request = request.with_path_parameters(decode(captured));
        return serve_site(app, &page::SITE, request).await;
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
