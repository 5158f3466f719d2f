//! The calls of the API, one section each.

use super::schema::{array, kind, object, prose, text};
use maud::{Markup, html};
use serde_json::Value;

/// One call and where it is.
pub(super) struct Call<'a> {
    pub(super) path: &'a str,
    pub(super) method: String,
    pub(super) name: &'a str,
    pub(super) tag: &'a str,
    pub(super) operation: &'a Value,
}

/// The calls, in the order of the list of endpoints.
pub(super) fn calls(document: &Value) -> Vec<Call<'_>> {
    let mut calls: Vec<Call<'_>> = object(&document["paths"])
        .iter()
        .flat_map(|(path, methods)| {
            object(methods).iter().map(move |(method, operation)| (path, method, operation))
        })
        .map(|(path, method, operation)| Call {
            path,
            method: method.to_ascii_uppercase(),
            name: text(&operation["operationId"]),
            tag: text(&operation["tags"][0]),
            operation,
        })
        .collect();
    calls.sort_by_key(|call| endpoints::ALL.iter().position(|endpoint| endpoint.name() == call.name));
    calls
}

/// What there is to know about one call.
pub(super) fn section(document: &Value, call: &Call<'_>) -> Markup {
    let Call { path, method, name, operation, .. } = call;
    let content = &operation["requestBody"]["content"]["application/json"];
    html! {
        section id=(name) {
            h2 { (text(&operation["summary"])) }
            p.route { b { (method) } " " code { (path) } }
            (prose(text(&operation["description"])))
            @if !array(&operation["parameters"]).is_empty() {
                h3 { "Parameters" }
                table {
                    @for parameter in array(&operation["parameters"]) {
                        tr {
                            th { code { (text(&parameter["name"])) } " " small { (text(&parameter["in"])) } }
                            td { (kind(&parameter["schema"])) }
                            td { (prose(text(&parameter["description"]))) }
                        }
                    }
                }
            }
            @if !content.is_null() {
                h3 { "Body" }
                p { (kind(&content["schema"])) }
                pre { (format!("{:#}", content["example"])) }
            }
            h3 { "Answers" }
            table {
                @for (status, answer) in object(&operation["responses"]) {
                    @let answer = resolved(document, answer);
                    @let schema = &answer["content"]["application/json"]["schema"];
                    tr {
                        th { (status) }
                        td { @if is_error(status) { (codes(schema)) } @else { (kind(schema)) } }
                        td { (text(&answer["description"])) }
                    }
                }
            }
            @for (status, answer) in object(&operation["responses"]) {
                @let example = &answer["content"]["application/json"]["example"];
                @if !example.is_null() {
                    details {
                        summary { "Example of the answer " (status) }
                        pre { (format!("{example:#}")) }
                    }
                }
            }
        }
    }
}

/// What a reference refers to; all else is itself.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

fn is_error(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

/// The codes that an error can have.
fn codes(schema: &Value) -> Markup {
    let variants =
        schema["anyOf"].as_array().map_or_else(|| vec![schema], |variants| variants.iter().collect());
    html! {
        @for variant in variants {
            @for code in array(&variant["properties"]["detail"]["properties"]["code"]["enum"]) {
                a href={ "#error-" (text(code)) } { code { (text(code)) } } " "
            }
        }
    }
}
