//! What to know before the first call: the life of a review, the first call itself, scopes, errors and events.

use super::schema::{array, kind, prose, text};
use crate::webhooks;
use maud::{Markup, PreEscaped, html};
use serde_json::{Map, Value};
use shared::api::Code;
use shared::store::Scope;

/// The life of a review, as a picture.
const LIFE: &str = include_str!("life.svg");
const CURL: &str = include_str!("first_call.sh");
const PYTHON: &str = include_str!("first_call.py");

/// How to make the first call.
pub(super) fn first_call() -> Markup {
    html! {
        section id="first-call" {
            h2 { "The first call" }
            p {
                "A key starts with " code { "hp_" } ". Send it in the header " code { "Api-Key" } ", or as "
                code { "Authorization: Bearer" } ". " code { "cargo run" } " starts Holdpoint on your machine and prints keys; take the \
                    one with the scopes " code { "runtime" } " and " code { "review" } ". This opens a review, and approves it:"
            }
            h3 { "curl" }
            pre { (CURL) }
            h3 { "Python" }
            pre { (PYTHON) }
        }
    }
}

/// The life of a review.
pub(super) fn life() -> Markup {
    html! {
        section id="life" {
            h2 { "The life of a review" }
            figure { (PreEscaped(LIFE)) }
            p {
                "Each change sends the " code { "rev" } " that you last saw as " code { "version_stamp" } ", and advances it by one. If \
                somebody else was faster, the answer is " a href="#error-version_conflict" { "409" } " with what has changed."
            }
        }
    }
}

/// What each scope allows.
pub(super) fn scopes() -> Markup {
    let about = |scope: Scope| match scope {
        Scope::Read => "List and read reviews. For dashboards and reports.",
        Scope::Review => "Work on reviews. It includes `read`. For reviewers and reviewing agents.",
        Scope::Runtime => "Open reviews and read their decisions. It does not include `read`. For workflows.",
        Scope::Admin => "Manage webhooks. For administrators.",
    };
    html! {
        section id="scopes" {
            h2 { "Scopes" }
            p { "A key has one or more scopes. Each call needs one:" }
            table {
                @for scope in Scope::ALL {
                    tr {
                        th { code { (scope.as_str()) } }
                        td { (prose(about(scope))) }
                        td {
                            @for endpoint in endpoints::ALL.iter().filter(|it| it.handler.scope == scope) {
                                a href={ "#" (endpoint.name()) } { (endpoint.summary) } br;
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The errors, and what to do about each.
pub(super) fn errors() -> Markup {
    html! {
        section id="errors" {
            h2 { "Errors" }
            p {
                "Every error has this body. Programs read " code { "code" } " and " code { "details" } "; the message is for people, and \
                can change. Report the header " code { "x-request-id" } " with a question."
            }
            pre { (ERROR) }
            table {
                @for code in Code::ALL {
                    tr id={ "error-" (code.as_str()) } {
                        th { (code.status().as_u16()) " " code { (code.as_str()) } }
                        td { (prose(code.meaning())) }
                        td { (prose(code.advice())) }
                    }
                }
            }
        }
    }
}

/// An error's body.
const ERROR: &str = r#"{
  "detail": {
    "code": "validation_error",
    "message": "body.ttl_seconds: must be from 30 to 86400.",
    "details": {
      "errors": [
        { "loc": ["body", "ttl_seconds"], "code": "out_of_range", "message": "must be from 30 to 86400" }
      ]
    }
  }
}"#;

/// The calls that we make.
pub(super) fn events(calls: &Map<String, Value>) -> Markup {
    html! {
        section id="events" {
            h2 { "Events" }
            (prose(webhooks::GUIDE))
            h3 { "A receiver in Python" }
            pre { (webhooks::RECEIVER) }
        }
        @for (name, called) in calls {
            @let operation = &called["post"];
            section id={ "on-" (name) } {
                h2 { code { (name) } }
                (prose(text(&operation["description"])))
                table {
                    @for header in array(&operation["parameters"]) {
                        tr {
                            th { code { (text(&header["name"])) } " " small { (text(&header["in"])) } }
                            td { (prose(text(&header["description"]))) }
                        }
                    }
                }
                h3 { "Body" }
                p { (body(&operation["requestBody"]["content"]["application/json"]["schema"])) }
            }
        }
    }
}

/// The body of a call that we make: a schema, without the type that it has there.
fn body(schema: &Value) -> Markup {
    let whole = schema["allOf"].get(0).unwrap_or(schema);
    html! { (kind(whole)) }
}
