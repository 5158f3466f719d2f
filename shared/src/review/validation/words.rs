//! What does not fit a schema, in words for a reviewer.

use crate::review::{short, visible};
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

/// Characters of a value of the schema that is shown.
const VALUE: usize = 60;
/// Values that are listed.
const FEW: usize = 5;

/// What is wrong, to be read after the name of a field: "must be a number".
pub(super) fn of(error: &ValidationError<'_>) -> String {
    within(error, 4)
}

fn within(error: &ValidationError<'_>, levels: usize) -> String {
    match error.kind() {
        Kind::Type { kind } => format!("must be {}", types(kind)),
        Kind::Enum { options } => one_of(options),
        Kind::Constant { expected_value } => format!("must be {}", value(expected_value)),
        Kind::Format { format } => format_text(format),
        Kind::Pattern { pattern } => format!("does not have the form {}", text(pattern)),
        Kind::Minimum { limit } => format!("must be at least {}", value(limit)),
        Kind::Maximum { limit } => format!("must be at most {}", value(limit)),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {}", value(limit)),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {}", value(limit)),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("is too short: {limit} characters at least"),
        Kind::MaxLength { limit } => format!("is too long: {limit} characters at most"),
        Kind::MinItems { limit } => format!("must have {limit} rows at least"),
        Kind::MaxItems { limit } => format!("must have {limit} rows at most"),
        Kind::AdditionalItems { limit } => format!("must have {limit} rows at most"),
        Kind::MinProperties { limit } => format!("must have {limit} entries at least"),
        Kind::MaxProperties { limit } => format!("must have {limit} entries at most"),
        Kind::UniqueItems => "has the same row twice".into(),
        Kind::Contains => "lacks a row that the schema asks for".into(),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let names: Vec<String> = unexpected.iter().take(FEW).map(|name| text(name)).collect();
            let more = if unexpected.len() > FEW { " and more" } else { "" };
            format!("holds what the schema does not name: {}{more}", names.join(", "))
        }
        Kind::Required { property } => format!("lacks {}", value(property)),
        Kind::FalseSchema => "is not in the schema".into(),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } if levels > 0 => {
            alternatives(error, context, levels)
        }
        Kind::OneOfMultipleValid { .. } => "fits more than one form of the schema".into(),
        _ => format!("does not fit the schema ({})", error.kind().keyword()),
    }
}

/// Of something that may also be null, or of one of several forms: what is wrong with the form that comes nearest.
fn alternatives(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    levels: usize,
) -> String {
    let is_of_type = |of: &[ValidationError<'_>]| {
        let path = error.instance_path().as_str();
        of.iter().any(|it| matches!(it.kind(), Kind::Type { .. }) && it.instance_path().as_str() == path)
    };
    let nearest = context
        .iter()
        .filter(|branch| !branch.is_empty() && !is_of_type(branch))
        .min_by_key(|branch| branch.len());
    if let Some(first) = nearest.and_then(|branch| branch.first()) {
        return within(first, levels - 1);
    }
    let types: Vec<String> = context
        .iter()
        .flatten()
        .filter_map(|it| if let Kind::Type { kind } = it.kind() { Some(types(kind)) } else { None })
        .filter(|name| name != "no value")
        .take(FEW)
        .collect();
    if types.is_empty() {
        "does not fit the schema".into()
    } else {
        format!("must be {}", types.join(" or "))
    }
}

fn one_of(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    if options.is_empty() || options.len() > FEW {
        return "is none of the choices".into();
    }
    let names: Vec<String> = options.iter().map(value).collect();
    format!("must be one of {}", names.join(", "))
}

fn types(kind: &TypeKind) -> String {
    let name = |name: &str| match name {
        "null" => "no value",
        "boolean" => "yes or no",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text",
        "array" => "a list",
        "object" => "a group of fields",
        _ => "of another type",
    };
    match kind {
        TypeKind::Single(one) => name(&one.to_string()).into(),
        TypeKind::Multiple(several) => {
            let names: Vec<&str> =
                several.iter().map(|one| name(&one.to_string())).filter(|it| *it != "no value").collect();
            if names.is_empty() { "no value".into() } else { names.join(" or ") }
        }
    }
}

fn format_text(format: &str) -> String {
    match format {
        "date" => "must be a date, such as 2026-05-11".into(),
        "date-time" => "must be a date and a time, such as 2026-05-11T09:30:00Z".into(),
        "time" => "must be a time, such as 09:30:00Z".into(),
        "email" | "idn-email" => "must be an e-mail address".into(),
        "uri" | "iri" => "must be a web address, such as https://example.com".into(),
        "uuid" => "must be a UUID".into(),
        other => format!("must be a valid {}", text(other)),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "no value".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(of) => text(of),
        Value::Number(number) => number.to_string(),
        other => text(&other.to_string()),
    }
}

/// A text as it can be shown: short, with all that cannot be seen made visible.
fn text(text: &str) -> String {
    let beginning: String = text.chars().take(VALUE + 1).collect();
    short(&visible(&beginning), VALUE)
}
