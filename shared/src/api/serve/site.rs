//! A function that answers with pages. It routes its own paths and authenticates the caller itself.

use super::respond::{RequestLog, count, respond};
use crate::api::app::App;
use crate::api::caller::Caller;
use crate::api::endpoint::survive;
use crate::api::errors::Error;
use crate::api::requests::Call;
use crate::api::responses::Reply;
use crate::store::Meter;
use futures_util::future::BoxFuture;
use lambda_http::{Body, Request, Response};
use std::time::Instant;

/// Who called, if that is known, and what is answered.
pub type Answered = (Option<Caller>, Result<Reply, Error>);

/// Such a function.
#[derive(Clone, Copy)]
pub struct Site {
    /// Its name: as in the folder, the binary and the template.
    pub name: &'static str,
    /// Where it is, with any method, as API Gateway spells it: `{proxy+}` at the end is whatever follows.
    pub paths: &'static [&'static str],
    /// What it does.
    pub handle: for<'a> fn(&'a App, &'a Call) -> BoxFuture<'a, Answered>,
    /// How it says what went wrong.
    pub failed: fn(&Error) -> Reply,
}

impl Site {
    /// Whether a path is one of its own.
    pub fn is_at(&self, path: &str) -> bool {
        self.paths.iter().any(|own| Self::matches(own, path))
    }

    fn matches(own: &str, path: &str) -> bool {
        match own.strip_suffix("{proxy+}") {
            Some(start) => path.len() > start.len() && path.starts_with(start),
            // A slash at the end is the same route, as on API Gateway's HTTP APIs, which take none in a route's key.
            None => path == own || path.strip_suffix('/') == Some(own),
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
        ] {
            assert_eq!(Site::matches(own, path), matches, "{own} {path}");
        }
    }
}
