//! `GET /openapi.json` and `GET /docs`: the API's description, for programs and for people.
//!
//! Both files are generated, from the types that the API reads and writes: `cargo run -p openapi`.

use shared::api::{StaticPage, routes};

/// The name of the function.
pub const NAME: &str = routes::DOCS.name;

/// What it serves.
pub const PAGES: [StaticPage; 2] = [
    StaticPage {
        route: routes::OPENAPI,
        content_type: "application/json",
        policy: "default-src 'none'; frame-ancestors 'none'",
        text: include_str!("../openapi.json"),
    },
    StaticPage {
        route: routes::DOCS,
        content_type: "text/html; charset=utf-8",
        // No script, and nothing from anywhere: it reads well offline, too.
        policy: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        text: include_str!("../docs.html"),
    },
];
