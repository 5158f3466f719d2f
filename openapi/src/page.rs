//! The document as a page for people: no script, nothing from anywhere else.

use crate::webhooks;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Map, Value};
use std::sync::LazyLock;

const STYLE: &str = include_str!("page.css");

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
                nav {
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
                        li { a href="#events" { "How they come" } }
                        @for name in called.keys() { li { a href={ "#on-" (name) } { (name) } } }
                    }
                    h2 { "Schemas" }
                    ul { @for name in schemas.keys() { li { a href={ "#" (name) } { (name) } } } }
                }
                main {
                    h1 { (text(&info["title"])) " API " small { (text(&info["version"])) } }
                    (prose(text(&info["description"])))
                    p {
                        "Send your key in the header " code { "Api-Key" } ". For programs, this page is "
                        a href=("/openapi.json") { "an OpenAPI 3.1 document" } "."
                    }
                    @for call in &calls { (section(document, call)) }
                    (events(called))
                    h2 { "Schemas" }
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
    };
    page.into_string() + "\n"
}

/// One call and where it is.
struct Call<'a> {
    path: &'a str,
    method: String,
    name: &'a str,
    tag: &'a str,
    operation: &'a Value,
}

fn calls(document: &Value) -> Vec<Call<'_>> {
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
    // In the order of the list of endpoints.
    calls.sort_by_key(|call| endpoints::ALL.iter().position(|endpoint| endpoint.name() == call.name));
    calls
}

fn section(document: &Value, call: &Call<'_>) -> Markup {
    let Call { path, method, name, operation, .. } = call;
    let content = &operation["requestBody"]["content"]["application/json"];
    html! {
        section id=(name) {
            h2 { (text(&operation["summary"])) }
            p.route { b { (method) } " " code { (path) } }
            (prose(text(&operation["description"])))
            @if !array(&operation["parameters"]).is_empty() {
                h4 { "Parameters" }
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
                h4 { "Body" }
                p { (kind(&content["schema"])) }
                pre { (format!("{:#}", content["example"])) }
            }
            h4 { "Answers" }
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
        }
    }
}

/// What we call.
fn events(calls: &Map<String, Value>) -> Markup {
    html! {
        section id="events" {
            h2 { "Events" }
            (prose(webhooks::GUIDE))
            h4 { "A receiver" }
            pre { (webhooks::RECEIVER) }
        }
        @for (name, called) in calls {
            @let operation = &called["post"];
            section id={ "on-" (name) } {
                h2 { (name) }
                (prose(text(&operation["description"])))
                table {
                    @for header in array(&operation["parameters"]) {
                        tr {
                            th { code { (text(&header["name"])) } " " small { (text(&header["in"])) } }
                            td { (prose(text(&header["description"]))) }
                        }
                    }
                }
                h4 { "Body" }
                p { (body(&operation["requestBody"]["content"]["application/json"]["schema"])) }
            }
        }
    }
}

/// A body of a call of ours: a schema, perhaps with the type that it has there.
fn body(schema: &Value) -> Markup {
    let whole = schema["allOf"].get(0).unwrap_or(schema);
    html! { (kind(whole)) }
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
                code { (text(code)) } " "
            }
        }
    }
}

/// The fields of an object, those that must be there first; of each of its variants, if it has some.
fn fields(schema: &Value) -> Markup {
    let required = array(&schema["required"]);
    let (must, may): (Vec<_>, Vec<_>) = object(&schema["properties"])
        .iter()
        .partition(|(name, _)| required.iter().any(|it| it == name.as_str()));
    html! {
        @for variant in array(&schema["oneOf"]) { (described(variant)) (fields(variant)) }
        @if !must.is_empty() || !may.is_empty() {
            table {
                @for (name, field) in must { (row(name, field, false)) }
                @for (name, field) in may { (row(name, field, true)) }
            }
        }
        @if schema["properties"].is_null() && schema["oneOf"].is_null() { p { (kind(schema)) } }
    }
}

fn row(name: &str, field: &Value, optional: bool) -> Markup {
    html! {
        tr {
            th { code { (name) } @if optional { " " small { "optional" } } }
            td { (kind(field)) }
            td { (described(field)) }
        }
    }
}

/// What kind of value it is, in a few words.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return html! { a href={ "#" (name) } { (name) } };
    }
    let variants = array(&schema["anyOf"]);
    if !variants.is_empty() {
        return html! { @for (index, variant) in variants.iter().enumerate() { @if index > 0 { " or " } (kind(variant)) } };
    }
    if let Some(word) = schema["const"].as_str() {
        return html! { code { (word) } };
    }
    if schema["type"] == "array" {
        return html! { "list of " (kind(&schema["items"])) };
    }
    let types = schema["type"]
        .as_array()
        .map_or_else(|| vec![text(&schema["type"])], |it| it.iter().map(text).collect());
    let range = |from: &str, to: &str| -> Option<String> {
        match (schema[from].as_i64(), schema[to].as_i64()) {
            (None, None) => None,
            (from, to) => Some(format!("{} to {}", shown(from), shown(to))),
        }
    };
    html! {
        (types.join(" or "))
        @if let Some(format) = schema["format"].as_str() { ", " (format) }
        @if let Some(range) = range("minimum", "maximum") { ", " (range) }
        @if let Some(range) = range("minLength", "maxLength") { ", " (range) " characters" }
        @if !schema["default"].is_null() { ", default " code { (schema["default"].to_string().trim_matches('"')) } }
        @for word in array(&schema["enum"]) { " " code { (text(word)) } }
    }
}

fn shown(bound: Option<i64>) -> String {
    bound.map_or_else(|| "…".into(), |bound| bound.to_string())
}

fn described(schema: &Value) -> Markup {
    prose(text(&schema["description"]))
}

/// Paragraphs; what stands between backticks is code.
fn prose(text: &str) -> Markup {
    html! {
        @for paragraph in text.split("\n\n").filter(|it| !it.is_empty()) {
            p {
                @for (index, part) in paragraph.split('`').enumerate() {
                    @if index % 2 == 1 { code { (part) } } @else { (part) }
                }
            }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn object(value: &Value) -> &Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}
