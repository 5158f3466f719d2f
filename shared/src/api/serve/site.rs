//! A function that answers with pages. It routes its own paths and authenticates the caller itself.

use super::respond::{RequestLog, count, respond};
use crate::api::app::App;
use crate::api::caller::Caller;
use crate::api::endpoint::{Route, survive};
use crate::api::errors::Error;
use crate::api::requests::Call;
use crate::api::responses::Reply;
use crate::store::Meter;
use futures_util::future::BoxFuture;
use lambda_http::{Body, Request, Response};
use std::time::Instant;

/// The caller, if that is known, and the answer.
pub type Answered = (Option<Caller>, Result<Reply, Error>);

/// A function that answers with pages.
#[derive(Clone, Copy)]
pub struct Site {
    /// Its name, as in the folder, the binary and the template.
    pub name: &'static str,
    /// Its paths, for any method, as API Gateway spells them: `{name}` matches a segment, `{proxy+}` at the end the rest.
    pub paths: &'static [&'static str],
    /// What it does.
    pub handle: for<'a> fn(&'a App, &'a Call) -> BoxFuture<'a, Answered>,
    /// Its answer to an error.
    pub failed: fn(&Error) -> Reply,
}

impl Site {
    /// Whether it takes a path.
    pub fn is_at(&self, path: &str) -> bool {
        self.paths.iter().any(|own| Self::matches(own, path))
    }

    /// The parameters in a path of its own, still percent-encoded.
    pub fn captures<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        self.paths.iter().find_map(|own| Route { method: "GET", path: own }.captures(path))
    }

    fn matches(own: &'static str, path: &str) -> bool {
        match own.strip_suffix("{proxy+}") {
            Some(start) => path.len() > start.len() && path.starts_with(start),
            // A slash at the end changes nothing, as on API Gateway's HTTP APIs.
            None if path == own => true,
            None => Route { method: "GET", path: own }.captures(path).is_some(),
        }
    }
}

/// Answers one request, whatever happens, and logs one line about it.
pub async fn serve_site(app: &App, site: &Site, request: Request) -> Response<Body> {
    let started = Instant::now();
    let call = Call::new(request, app.now());
    let handled = survive((site.handle)(app, &call), || (None, Err(Error::Panicked)));
    let ((caller, result), usage) = Meter::measure(handled).await;
    count(app, site.name, &call, &result);
    let result = result.map_err(|error| ((site.failed)(&error), error));
    let route = site.paths.iter().find(|path| Site::matches(path, call.path())).copied().unwrap_or_default();
    let log =
        RequestLog { name: site.name, route, caller: caller.as_ref(), https: app.https, started, usage };
    respond(&call, &log, result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_its_paths_slash_or_not_and_all_below_a_proxy() {
        for (own, path, matches) in [
            ("/inbox", "/inbox", true),
            ("/inbox", "/inbox/", true),
            ("/inbox", "/inboxes", false),
            ("/inbox", "/inbox//", false),
            ("/inbox/{proxy+}", "/inbox/next", true),
            ("/inbox/{proxy+}", "/inbox/reviews/run/block", true),
            ("/inbox/{proxy+}", "/inbox/", false),
            ("/inbox/{proxy+}", "/inbox", false),
            ("/inbox/{a}/pages/{b}", "/inbox/x/pages/1", true),
            ("/inbox/{a}/pages/{b}", "/inbox/x/pages/1/words", false),
            ("/inbox/{a}/pages/{b}", "/inbox//pages/1", false),
        ] {
            assert_eq!(Site::matches(own, path), matches, "{own} {path}");
        }
    }
}
