//! The one list of the API's endpoints. The local gateway, the API's description, the function that answers unknown paths and the tests
//! take the endpoints from here.

use shared::api::{Endpoint, Route};

/// A list of crates as a list of their endpoints, in the order in which the documentation shows them.
macro_rules! endpoints {
    ($($endpoint:ident),+ $(,)?) => {
        /// All endpoints.
        pub const ALL: &[Endpoint] = &[$($endpoint::ENDPOINT),+];
        /// Their routes. It refers to no handler, so that a binary which routes does not carry them.
        pub const ROUTES: &[Route] = &[$($endpoint::ENDPOINT.route),+];
    };
}

endpoints! {
    open,
    list,
    get,
    claim,
    release,
    claim_next,
    edit,
    get_version,
    list_audit,
    decide,
    reopen,
    resume,
    get_decision,
    acknowledge,
    create_webhook,
    list_webhooks,
    delete_webhook,
    enable_webhook,
    list_deliveries,
    rotate_webhook_secret,
    test_webhook,
}

/// The endpoint of a name.
pub fn named(name: &str) -> Option<&'static Endpoint> {
    ALL.iter().find(|endpoint| endpoint.name() == name)
}

/// The endpoint that takes a method and a path.
pub fn at(method: &str, path: &str) -> Option<&'static Endpoint> {
    let takes = |route: &Route| route.method == method && route.captures(path).is_some();
    ALL.iter().find(|endpoint| takes(&endpoint.route))
}
