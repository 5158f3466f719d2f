//! Which subschemas apply to one value, and what of them is not understood.

use super::{allows, kind_of};
use crate::review::gate::values::json::Json;
use crate::review::gate::work::Work;
use serde_json::{Map, Value};

/// How many subschemas are looked at for one value, how many choices there can be, and how far references lead.
const MOST: usize = 64;

/// Keywords by which fields may be required in ways that are not followed.
const NOT_FOLLOWED: [&str; 9] = [
    "$dynamicRef",
    "$recursiveRef",
    "patternProperties",
    "if",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords that `not` can hold without requiring anything.
const HARMLESS: [&str; 12] = [
    "const",
    "enum",
    "type",
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "required",
    "title",
    "description",
];

/// All subschemas that surely apply to the same value: by references, `allOf`, and where only null is the other choice.
pub(super) struct Members<'a> {
    pub(super) all: Vec<&'a Map<String, Value>>,
    /// Some of what applies is not understood.
    pub(super) is_unknown: bool,
}

impl<'a> Members<'a> {
    pub(super) fn of(root: &'a Value, schemas: &[&'a Value], work: &mut Work) -> Self {
        let mut members = Self { all: Vec::new(), is_unknown: false };
        let mut open: Vec<&'a Value> = schemas.iter().rev().copied().collect();
        while let Some(schema) = open.pop() {
            work.spend(1);
            let keywords = match schema {
                Value::Object(keywords) => keywords,
                // All, or nothing, may stand there: neither requires a field.
                Value::Bool(_) => continue,
                _ => {
                    members.is_unknown = true;
                    continue;
                }
            };
            if members.all.iter().any(|known| std::ptr::eq(*known, keywords)) {
                continue;
            }
            if members.all.len() == MOST || work.is_used_up() {
                members.is_unknown = true;
                return members;
            }
            work.spend(keywords.len() as u64);
            members.is_unknown |= !is_understood(keywords);
            members.all.push(keywords);
            for choice in choices(keywords) {
                if let [only] = others(choice)[..] {
                    open.push(only);
                }
            }
            if let Some(Value::Array(all)) = keywords.get("allOf") {
                members.is_unknown |= all.len() > MOST;
                open.extend(all.iter().take(MOST).rev());
            }
            if let Some(target) = keywords.get("$ref") {
                match resolved(root, target) {
                    Some(schema) => open.push(schema),
                    None => members.is_unknown = true,
                }
            }
        }
        members
    }
}

/// The choices of each `anyOf` and `oneOf` that has several, without those that are of another type; with how many were looked at.
pub(super) fn alternatives<'a>(
    members: &[&'a Map<String, Value>],
    value: &Json,
) -> Vec<(Vec<&'a Value>, u64)> {
    let kind = kind_of(value);
    let all = members.iter().flat_map(|member| choices(member));
    all.filter_map(|choice| {
        let others = others(choice);
        let is_of_kind = |schema: &&Value| match schema {
            Value::Object(keywords) => !keywords.contains_key("type") || allows(keywords, kind),
            _ => true,
        };
        let count = others.len();
        let of_kind: Vec<&Value> = others.iter().copied().filter(is_of_kind).collect();
        // One that is of no type that may stand there is for the schema to refuse.
        (count > 1).then_some((if of_kind.is_empty() { others } else { of_kind }, count as u64))
    })
    .collect()
}

/// The lists of `anyOf` and `oneOf`.
fn choices(keywords: &Map<String, Value>) -> impl Iterator<Item = &Vec<Value>> {
    ["anyOf", "oneOf"].into_iter().filter_map(|name| keywords.get(name)?.as_array())
}

/// The choices that are not null.
fn others(choice: &[Value]) -> Vec<&Value> {
    choice.iter().take(MOST).filter(|schema| !is_null(schema)).collect()
}

/// Whether a subschema lets nothing but null pass.
fn is_null(schema: &Value) -> bool {
    let only = |of: Option<&Value>, null: &dyn Fn(&Value) -> bool| match of {
        Some(Value::Array(several)) => !several.is_empty() && several.iter().all(null),
        Some(one) => null(one),
        None => false,
    };
    only(schema.get("type"), &|it| it == "null")
        || only(schema.get("enum").filter(|it| it.is_array()), &Value::is_null)
        || schema.get("const").is_some_and(Value::is_null)
}

/// Whether all keywords of a subschema have the shape that they should, and require fields in no other way than is followed.
fn is_understood(keywords: &Map<String, Value>) -> bool {
    keywords.iter().all(|(keyword, value)| match keyword.as_str() {
        "required" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
        "properties" => value.is_object(),
        "items" => is_schema(value) || value.is_array(),
        "prefixItems" => value.is_array(),
        "additionalProperties" | "additionalItems" => is_schema(value),
        "type" => value.is_string() || value.as_array().is_some_and(|it| it.iter().all(Value::is_string)),
        "allOf" | "anyOf" | "oneOf" => {
            value.as_array().is_some_and(|it| !it.is_empty() && it.len() <= MOST && it.iter().all(is_schema))
        }
        "not" => match value {
            Value::Object(not) => not.keys().all(|it| HARMLESS.contains(&it.as_str())),
            value => value.is_boolean(),
        },
        // Without either, nothing follows from it.
        "if" => !keywords.contains_key("then") && !keywords.contains_key("else"),
        "unevaluatedItems" | "unevaluatedProperties" => value.is_boolean(),
        keyword => !NOT_FOLLOWED.contains(&keyword),
    })
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

fn resolved<'a>(root: &'a Value, target: &Value) -> Option<&'a Value> {
    let pointer = target.as_str()?.strip_prefix('#')?;
    root.pointer(&percent_encoding::percent_decode_str(pointer).decode_utf8().ok()?)
}
