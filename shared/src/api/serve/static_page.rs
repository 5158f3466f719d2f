//! Static pages: fixed texts that need no key and no table.

use super::respond::{RequestLog, respond};
use super::routes::unmatched;
use crate::api::endpoint::Route;
use crate::api::requests::Call;
use crate::api::responses::Reply;
use crate::review::Timestamp;
use crate::store::Usage;
use lambda_http::http::header;
use lambda_http::{Body, Request, Response};
use std::time::Instant;

/// One page.
#[derive(Clone, Copy, Debug)]
pub struct StaticPage {
    /// Its path; its method is GET.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// Its Content-Security-Policy.
    pub policy: &'static str,
    /// Its content.
    pub text: &'static str,
}

/// Answers a request for one of the `pages` of the function called `name`; and each request that neither they nor the API's `routes`
/// take. `https`: whether browsers reach it over https only.
pub fn serve_page(
    name: &'static str,
    pages: &[StaticPage],
    routes: &[Route],
    request: Request,
    now: Timestamp,
    https: bool,
) -> Response<Body> {
    let started = Instant::now();
    let call = Call::new(request, now);
    let page = pages.iter().find(|page| page.path == call.path());
    let unmatched = || {
        let paths: Vec<&str> = pages.iter().map(|page| page.path).collect();
        unmatched(&call, routes, &paths)
    };
    let result = page.ok_or_else(unmatched).map(|page| {
        Reply::public(page.content_type, page.text)
            .with_header(header::CONTENT_SECURITY_POLICY, page.policy)
            .tagged_by_content(&call)
    });
    let result = result.map_err(|error| (error.reply(), error));
    let route = page.map_or("$default", |page| page.path);
    let log = RequestLog { name, route, caller: None, https, started, usage: Usage::default() };
    respond(&call, &log, result)
}
