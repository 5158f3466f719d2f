//! The routes of the API. `template.yaml` says the same to API Gateway; a test holds the two together.

use super::{Call, Error};
use crate::store::Scope;

/// Where a function is and what a key must be allowed to do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The verb: the function's name everywhere.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path, with parameters in braces, as API Gateway spells it.
    pub path: &'static str,
    /// What a key must be allowed to do.
    pub scope: Scope,
}

/// Where a page is that anybody may read with GET, without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRoute {
    /// The name of the function that serves it.
    pub name: &'static str,
    /// The path.
    pub path: &'static str,
}

/// All routes there are, by name.
pub mod routes {
    use super::{PageRoute, Route, Scope};

    /// The API's description, for programs.
    pub const OPENAPI: PageRoute = PageRoute { name: "docs", path: "/openapi.json" };
    /// The API's description, for people.
    pub const DOCS: PageRoute = PageRoute { name: "docs", path: "/docs" };
    /// All pages.
    pub const PAGES: [PageRoute; 2] = [OPENAPI, DOCS];

    const REVIEWS: &str = "/v1/workflows/reviews";

    /// The gate fires.
    pub const OPEN: Route = Route { name: "open", method: "POST", path: REVIEWS, scope: Scope::Runtime };
    /// The queue.
    pub const LIST: Route = Route { name: "list", method: "GET", path: REVIEWS, scope: Scope::Read };
    /// One overlay.
    pub const GET: Route = Route {
        name: "get",
        method: "GET",
        path: "/v1/workflows/reviews/{run_id}/{block_id}",
        scope: Scope::Read,
    };
    /// Take the advisory claim.
    pub const CLAIM: Route = Route {
        name: "claim",
        method: "POST",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/claim",
        scope: Scope::Review,
    };
    /// Drop it.
    pub const RELEASE: Route = Route {
        name: "release",
        method: "POST",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/release",
        scope: Scope::Review,
    };
    /// Take the claim of the hottest review that nobody has.
    pub const CLAIM_NEXT: Route = Route {
        name: "claim-next",
        method: "POST",
        path: "/v1/workflows/reviews/claim-next",
        scope: Scope::Review,
    };
    /// Append a version.
    pub const EDIT: Route = Route {
        name: "edit",
        method: "POST",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/versions",
        scope: Scope::Review,
    };
    /// One version.
    pub const GET_VERSION: Route = Route {
        name: "get-version",
        method: "GET",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/versions/{seq}",
        scope: Scope::Read,
    };
    /// The whole audit trail.
    pub const LIST_AUDIT: Route = Route {
        name: "list-audit",
        method: "GET",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/audit",
        scope: Scope::Read,
    };
    /// Approve, reject or escalate.
    pub const DECIDE: Route = Route {
        name: "decide",
        method: "POST",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/decision",
        scope: Scope::Review,
    };
    /// Open a decided review again.
    pub const REOPEN: Route = Route {
        name: "reopen",
        method: "POST",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/reopen",
        scope: Scope::Review,
    };
    /// Tell the waiting run again.
    pub const RESUME: Route = Route {
        name: "resume",
        method: "POST",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/resume",
        scope: Scope::Review,
    };
    /// How a review stands for the run that waits, and its decision.
    pub const GET_DECISION: Route = Route {
        name: "get-decision",
        method: "GET",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/decision",
        scope: Scope::Runtime,
    };
    /// The run that asks has its decision.
    pub const ACKNOWLEDGE: Route = Route {
        name: "acknowledge",
        method: "POST",
        path: "/v1/workflows/reviews/{run_id}/{block_id}/acknowledge",
        scope: Scope::Runtime,
    };
    /// Be told of events.
    pub const CREATE_WEBHOOK: Route =
        Route { name: "create-webhook", method: "POST", path: "/v1/webhooks", scope: Scope::Admin };
    /// Who is told of events.
    pub const LIST_WEBHOOKS: Route =
        Route { name: "list-webhooks", method: "GET", path: "/v1/webhooks", scope: Scope::Admin };
    /// Be told no more.
    pub const DELETE_WEBHOOK: Route = Route {
        name: "delete-webhook",
        method: "DELETE",
        path: "/v1/webhooks/{webhook_id}",
        scope: Scope::Admin,
    };
    /// Be told again, after a webhook was given up.
    pub const ENABLE_WEBHOOK: Route = Route {
        name: "enable-webhook",
        method: "POST",
        path: "/v1/webhooks/{webhook_id}/enable",
        scope: Scope::Admin,
    };
    /// The last deliveries.
    pub const LIST_DELIVERIES: Route = Route {
        name: "list-deliveries",
        method: "GET",
        path: "/v1/webhooks/{webhook_id}/deliveries",
        scope: Scope::Admin,
    };
    /// Another secret for a webhook.
    pub const ROTATE_WEBHOOK_SECRET: Route = Route {
        name: "rotate-webhook-secret",
        method: "POST",
        path: "/v1/webhooks/{webhook_id}/rotate-secret",
        scope: Scope::Admin,
    };
    /// A test delivery.
    pub const TEST_WEBHOOK: Route = Route {
        name: "test-webhook",
        method: "POST",
        path: "/v1/webhooks/{webhook_id}/test",
        scope: Scope::Admin,
    };
    /// All calls.
    pub const ALL: [Route; 21] = [
        OPEN,
        LIST,
        GET,
        CLAIM,
        RELEASE,
        CLAIM_NEXT,
        EDIT,
        GET_VERSION,
        LIST_AUDIT,
        DECIDE,
        REOPEN,
        RESUME,
        GET_DECISION,
        ACKNOWLEDGE,
        CREATE_WEBHOOK,
        LIST_WEBHOOKS,
        DELETE_WEBHOOK,
        ENABLE_WEBHOOK,
        LIST_DELIVERIES,
        ROTATE_WEBHOOK_SECRET,
        TEST_WEBHOOK,
    ];
}

impl Route {
    /// The path's parameters in a request's path, still percent-encoded; `None` when the path is another. One slash at the end
    /// changes nothing, as on API Gateway's HTTP APIs.
    pub fn captures<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut captured = Vec::new();
        let mut segments = path.split('/');
        for pattern in self.path.split('/') {
            let segment = segments.next()?;
            match pattern.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !segment.is_empty() => captured.push((name, segment)),
                None if pattern == segment => {}
                _ => return None,
            }
        }
        segments.next().is_none().then_some(captured)
    }
}

/// Why no route takes this call: no such path, or not with this method.
pub(super) fn unmatched(call: &Call) -> Error {
    let here = routes::ALL.iter().filter(|route| route.captures(call.path()).is_some());
    let pages = routes::PAGES.iter().filter(|page| page.path == call.path());
    let methods: Vec<&str> = here.map(|route| route.method).chain(pages.map(|_| "GET")).collect();
    if methods.is_empty() {
        Error::RouteNotFound
    } else if let (Some(path), true) = (call.path().strip_suffix('/'), methods.contains(&call.method())) {
        // A gateway that tells the two paths apart; the client finds the one that is routed.
        Error::TrailingSlash { location: path.to_owned() }
    } else {
        Error::MethodNotAllowed { allow: methods.join(", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_captured_whole_or_not_at_all() {
        let claim = routes::CLAIM;
        assert_eq!(
            claim.captures("/v1/workflows/reviews/run%2F1/b/claim"),
            Some(vec![("run_id", "run%2F1"), ("block_id", "b")])
        );
        for path in [
            "/v1/workflows/reviews/r/b",
            "/v1/workflows/reviews//b/claim",
            "/v1/workflows/reviews/r/b/claim//",
            "/",
            "",
        ] {
            assert_eq!(claim.captures(path), None, "{path}");
        }
        assert_eq!(
            claim.captures("/v1/workflows/reviews/r/b/claim/"),
            Some(vec![("run_id", "r"), ("block_id", "b")])
        );
        assert_eq!(routes::OPEN.captures("/v1/workflows/reviews/"), Some(vec![]));
    }
}
