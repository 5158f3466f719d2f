//! Schemas as tables, and texts as paragraphs.

use maud::{Markup, html};
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The fields of an object, those that must be there first; of each of its variants, if it has some.
pub(super) fn fields(schema: &Value) -> Markup {
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
        @for example in array(&schema["examples"]) { pre { (format!("{example:#}")) } }
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
pub(super) fn kind(schema: &Value) -> Markup {
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

pub(super) fn described(schema: &Value) -> Markup {
    prose(text(&schema["description"]))
}

/// Paragraphs; what stands between backticks is code.
pub(super) fn prose(text: &str) -> Markup {
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

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn object(value: &Value) -> &Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}
