//! `GET /openapi.json` and `GET /docs`: the API's description, for programs and for people.
//!
//! Both files are generated from the endpoints' declarations and the types of their answers: `cargo run -p openapi`. The function also
//! answers every path and method that is no route: it needs no key for that, and may do nothing.

use shared::api::StaticPage;

/// The name of the function.
pub const NAME: &str = "docs";
/// Where the description for programs is.
pub const OPENAPI_PATH: &str = "/openapi.json";
/// Where the description for people is.
pub const DOCS_PATH: &str = "/docs";
/// The paths of both.
pub const PATHS: [&str; 2] = [OPENAPI_PATH, DOCS_PATH];

/// What it serves.
pub const PAGES: [StaticPage; 2] = [
    StaticPage {
        path: OPENAPI_PATH,
        content_type: "application/json",
        policy: "default-src 'none'; frame-ancestors 'none'",
        text: include_str!("../openapi.json"),
    },
    StaticPage {
        path: DOCS_PATH,
        content_type: "text/html; charset=utf-8",
        // No script, and nothing from other hosts.
        policy: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        text: include_str!("../docs.html"),
    },
];
