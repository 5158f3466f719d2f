//! The document as a page for people: no script, and nothing from other hosts. It looks like the inbox.

mod calls;
mod guide;
mod schema;

use calls::{Call, calls, section};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use schema::{array, described, fields, object, prose, text};
use serde_json::{Map, Value};

const STYLE: &str = include_str!("page.css");

/// The inbox's mark.
const MARK: &str = r#"<svg class="mark" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true"><circle cx="8" cy="8" r="7"/><path d="M5.6 5v6M10.4 5v6"/></svg>"#;

/// The page.
pub fn page(document: &Value) -> String {
    let info = &document["info"];
    let calls: Vec<Call<'_>> = calls(document);
    let schemas = object(&document["components"]["schemas"]);
    let called = object(&document["webhooks"]);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (text(&info["title"])) " API" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header.bar {
                    span.brand { (PreEscaped(MARK)) (text(&info["title"])) " API" }
                    span.muted { (text(&info["version"])) }
                }
                div.page {
                    (navigation(document, &calls, called, schemas))
                    main id="content" {
                        h1 { (text(&info["title"])) " API" }
                        (prose(text(&info["description"])))
                        p { "For programs, this page is " a href="/openapi.json" { "an OpenAPI 3.1 document" } "." }
                        (guide::first_call())
                        (guide::life())
                        (guide::scopes())
                        (guide::errors())
                        @for call in &calls { (section(document, call)) }
                        (guide::events(called))
                        section id="schemas" { h2 { "Schemas" } }
                        @for (name, schema) in schemas {
                            section id=(name) {
                                h3 { (name) }
                                (described(schema))
                                (fields(schema))
                            }
                        }
                    }
                }
            }
        }
    };
    page.into_string() + "\n"
}

/// The list of contents: beside the page where there is room, else before it, folded.
fn navigation(
    document: &Value,
    calls: &[Call<'_>],
    called: &Map<String, Value>,
    schemas: &Map<String, Value>,
) -> Markup {
    let guide = [
        ("first-call", "The first call"),
        ("life", "The life of a review"),
        ("scopes", "Scopes"),
        ("errors", "Errors"),
    ];
    html! {
        nav aria-label="Contents" {
            ul { @for (id, title) in guide { li { a href={ "#" (id) } { (title) } } } }
            @for tag in array(&document["tags"]).iter().filter(|tag| tag["name"] != "Events") {
                h2 { (text(&tag["name"])) }
                ul {
                    @for call in calls.iter().filter(|call| call.tag == text(&tag["name"])) {
                        li { a href={ "#" (call.name) } { (text(&call.operation["summary"])) } }
                    }
                }
            }
            h2 { "Events" }
            ul {
                li { a href="#events" { "How they are delivered" } }
                @for name in called.keys() { li { a href={ "#on-" (name) } { (name) } } }
            }
            details {
                summary { "Schemas" }
                ul { @for name in schemas.keys() { li { a href={ "#" (name) } { (name) } } } }
            }
        }
    }
}
