//! What one keyword costs at one value, without what is in it: `cost` adds it up.

use serde_json::Value;

/// What keywords cost that look at a text, or calculate.
pub(super) fn of_text(keyword: &str, of: &Value, value: &Value) -> u64 {
    match (keyword, value) {
        ("pattern", Value::String(text)) => matching(of.as_str().unwrap_or_default(), text),
        (
            "format" | "minLength" | "maxLength" | "contentEncoding" | "contentMediaType",
            Value::String(text),
        ) => 1 + text.len() as u64 / 16,
        // By fractions of any length.
        ("multipleOf", Value::Number(_)) => 16,
        _ => 0,
    }
}

/// What it costs to compare a value, or to copy it.
pub(super) fn size_of(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
        Value::String(text) => 1 + text.len() as u64 / 16,
        Value::Array(items) => 1 + items.iter().map(size_of).sum::<u64>(),
        Value::Object(entries) => {
            1 + entries.iter().map(|(key, value)| 1 + key.len() as u64 / 16 + size_of(value)).sum::<u64>()
        }
    }
}

/// What it costs to look for a regular expression in a text.
pub(super) const fn matching(pattern: &str, text: &str) -> u64 {
    1 + (pattern.len() as u64 * text.len() as u64) / 32
}
