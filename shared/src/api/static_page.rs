//! Pages that anybody may read: fixed texts, without a key and without the table.

use super::{Answer, Call, PageRoute, Reply, respond, route};
use crate::review::Timestamp;
use crate::store::Usage;
use lambda_http::http::header;
use lambda_http::{Body, Request, Response};
use std::time::Instant;

/// One page.
#[derive(Clone, Copy, Debug)]
pub struct StaticPage {
    /// Where it is.
    pub route: PageRoute,
    /// Its media type.
    pub content_type: &'static str,
    /// What a browser may do with it (CSP, level 3).
    pub policy: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// Answers a request for one of the `pages` of the function called `name`. `https`: whether browsers reach it over https alone.
pub fn serve_page(
    name: &'static str,
    pages: &[StaticPage],
    request: Request,
    now: Timestamp,
    https: bool,
) -> Response<Body> {
    let started = Instant::now();
    let call = Call::new(request, now);
    let page = pages.iter().find(|page| page.route.path == call.path());
    let result = page.ok_or_else(|| route::unmatched(&call)).map(|page| {
        Reply::public(page.content_type, page.text)
            .with_header(header::CONTENT_SECURITY_POLICY, page.policy)
            .tagged_by_content(&call)
    });
    let result = result.map_err(|error| (error.reply(), error));
    let route = page.map_or("$default", |page| page.route.path);
    let answered = Answer { name, route, caller: None, https, started, usage: Usage::default() };
    respond(&call, &answered, result)
}
