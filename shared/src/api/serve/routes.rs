//! Requests that no route takes.

use super::respond::{RequestLog, respond};
use crate::api::app::App;
use crate::api::endpoint::Route;
use crate::api::errors::Error;
use crate::api::requests::Call;
use crate::store::Usage;
use lambda_http::{Body, Request, Response};
use std::time::Instant;

/// Why no route takes this call: there is no such path, or not with this method. `page_paths` are those of static pages.
pub(super) fn unmatched(call: &Call, routes: &[Route], page_paths: &[&str]) -> Error {
    let here = routes.iter().filter(|route| route.captures(call.path()).is_some());
    let pages = page_paths.iter().filter(|path| **path == call.path());
    let methods: Vec<&str> = here.map(|route| route.method).chain(pages.map(|_| "GET")).collect();
    if methods.is_empty() {
        Error::RouteNotFound
    } else if let (Some(path), true) = (call.path().strip_suffix('/'), methods.contains(&call.method())) {
        // A gateway that takes the two paths for different ones.
        Error::TrailingSlash { location: path.to_owned() }
    } else {
        Error::MethodNotAllowed { allow: methods.join(", ") }
    }
}

/// Answers a request that no route takes.
pub fn unrouted(app: &App, routes: &[Route], page_paths: &[&str], request: Request) -> Response<Body> {
    let started = Instant::now();
    let call = Call::new(request, app.now());
    let error = unmatched(&call, routes, page_paths);
    let log = RequestLog {
        name: "none",
        route: "$default",
        caller: None,
        https: app.https,
        started,
        usage: Usage::default(),
    };
    respond(&call, &log, Err((error.reply(), error)))
}
